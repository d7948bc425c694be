/*
 * t_keys.c - keys that can do no harm: holds, double presses, the stop question, noise, the lock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ui/keys.h"

#define S 1000000LL

struct desk {
	struct keys *keys;
	struct show *show;
	char said[8192];		/* "submit:cut \"b\"|say:..." */
	int64_t pressed_us;
};

static void
result(void *arg, const struct keys_result *r)
{
	struct desk *d = arg;
	static const char *const acts[] = { "nothing", "submit", "ui", "say" };

	snprintf(d->said + strlen(d->said), sizeof d->said - strlen(d->said), "%s:%s|", acts[r->act], r->text);
	d->pressed_us = r->pressed_us;
}

static int
setup(void **state)
{
	struct desk *d = calloc(1, sizeof *d);

	d->show = calloc(1, sizeof *d->show);
	d->keys = keys_new(result, d);
	d->show->tile_count = 2;
	strcpy(d->show->tiles[0].id, "a");
	d->show->tiles[0].number = 1;
	strcpy(d->show->tiles[1].id, "b");
	d->show->tiles[1].number = 12;
	strcpy(d->show->program, "a");
	strcpy(d->show->preview, "b");
	*state = d;
	return 0;
}

static int
teardown(void **state)
{
	struct desk *d = *state;

	keys_free(d->keys);
	free(d->show);
	free(d);
	return 0;
}

static void
press_marked(struct desk *d, const char *key, int64_t now, bool burst, bool noisy)
{
	struct input_event ev = { .kind = INPUT_KEY, .burst = burst, .noisy = noisy };

	snprintf(ev.key, sizeof ev.key, "%s", key);
	keys_press(d->keys, &ev, d->show, now);
}

static void
press(struct desk *d, const char *key, int64_t now)
{
	press_marked(d, key, now, false, false);
}

/* Runs the timers up to now. */
static void
settle(struct desk *d, int64_t now)
{
	for (int i = 0; i < 10; i++) {
		int64_t at = keys_deadline(d->keys);

		if (at < 0 || at > now)
			return;
		keys_tick(d->keys, d->show, at);
	}
}

static int
count(const struct desk *d, const char *what)
{
	int n = 0;

	for (const char *p = d->said; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

static void
space_cuts_to_what_the_screen_showed(void **state)
{
	struct desk *d = *state;

	press(d, "space", S);
	assert_string_equal(d->said, "submit:cut \"b\"|");
	assert_int_equal(d->pressed_us, S);
}

static void
space_without_preview_says_so(void **state)
{
	struct desk *d = *state;

	d->show->preview[0] = '\0';
	press(d, "space", S);
	assert_int_equal(count(d, "submit:"), 0);
	assert_int_equal(count(d, "say:nothing is on preview"), 1);
}

static void
held_space_cuts_once(void **state)
{
	struct desk *d = *state;
	int64_t t = S;

	press(d, "space", t);
	t += 500000;
	for (int i = 0; i < 60; i++, t += 40000) {
		settle(d, t);
		press(d, "space", t);
	}
	settle(d, t + 2 * S);
	assert_int_equal(count(d, "submit:cut"), 1);
}

static void
slowly_repeating_keyboard_still_cuts_once(void **state)
{
	struct desk *d = *state;
	int64_t t = S;

	press(d, "space", t);
	t += 660000;
	for (int i = 0; i < 20; i++, t += 95000) {
		settle(d, t);
		press(d, "space", t);
	}
	settle(d, t + 2 * S);
	assert_int_equal(count(d, "submit:cut"), 1);
}

static void
two_deliberate_presses_cut_twice(void **state)
{
	struct desk *d = *state;

	press(d, "space", S);
	press(d, "space", S + 400000);
	settle(d, 3 * S);
	assert_int_equal(count(d, "submit:cut"), 2);
	assert_int_equal(d->pressed_us, S + 400000);
}

static void
roll_needs_two_presses_within_three_seconds(void **state)
{
	struct desk *d = *state;

	press(d, "ctrl-r", S);
	assert_int_equal(count(d, "submit"), 0);
	assert_true(strstr(keys_question(d->keys), "ROLL") != NULL);
	settle(d, 5 * S);
	assert_string_equal(keys_question(d->keys), "");
	press(d, "ctrl-r", 6 * S);
	press(d, "ctrl-r", 7 * S);
	assert_int_equal(count(d, "submit:record start"), 1);
}

static void
held_ctrl_r_neither_rolls_nor_stops(void **state)
{
	struct desk *d = *state;
	int64_t t = S;

	for (int rolling = 0; rolling < 2; rolling++) {
		d->show->rolling = rolling == 1;
		press(d, "ctrl-r", t);
		t += 450000;
		for (int i = 0; i < 50; i++, t += 33000) {
			settle(d, t);
			press(d, "ctrl-r", t);
		}
		settle(d, t + 200000);
		t += 8 * S;
		settle(d, t);
	}
	assert_int_equal(count(d, "submit"), 0);
}

static void
stop_asks_for_s_and_enter(void **state)
{
	struct desk *d = *state;

	d->show->rolling = true;
	d->show->rolling_asked = 4;
	strcpy(d->show->take, "003");
	press(d, "ctrl-r", S);
	assert_string_equal(keys_question(d->keys), "STOP take 003 on 4 cameras? s Enter stops, Esc rolls on");
	press(d, "ctrl-r", S + 900000);
	press(d, "enter", S + 1000000);
	assert_int_equal(count(d, "submit"), 0);
	press(d, "s", S + 1200000);
	press(d, "enter", S + 2000000);
	assert_int_equal(count(d, "submit:record stop"), 1);
	assert_string_equal(keys_question(d->keys), "");
}

static void
stop_question_closes_by_itself(void **state)
{
	struct desk *d = *state;

	d->show->rolling = true;
	press(d, "ctrl-r", S);
	press(d, "s", S + 100000);
	settle(d, 6 * S + 1);
	press(d, "enter", 7 * S);
	assert_int_equal(count(d, "submit:record stop"), 0);
}

static void
escape_rolls_on(void **state)
{
	struct desk *d = *state;

	d->show->rolling = true;
	press(d, "ctrl-r", S);
	press(d, "s", S + 100000);
	press(d, "esc", S + 200000);
	press(d, "enter", S + 1000000);
	assert_int_equal(count(d, "submit:record"), 0);
}

static void
cutting_goes_on_while_the_stop_question_stands(void **state)
{
	struct desk *d = *state;

	d->show->rolling = true;
	press(d, "ctrl-r", S);
	press(d, "space", S + 200000);
	assert_int_equal(count(d, "submit:cut \"b\""), 1);
	assert_string_equal(keys_question(d->keys), "");
}

static void
backspace_again_strikes(void **state)
{
	struct desk *d = *state;

	press(d, "backspace", S);
	press(d, "backspace", 2 * S);
	assert_string_equal(d->said, "submit:cut back|submit:strike|");
	press(d, "backspace", 9 * S);
	assert_int_equal(count(d, "submit:cut back"), 2);
}

static void
digits_name_the_camera_shown(void **state)
{
	struct desk *d = *state;

	press(d, "1", S);
	press(d, "2", S + 1);
	press(d, ";", 2 * S);
	press(d, "1", 2 * S + 1);
	press(d, "2", 2 * S + 2);
	assert_string_equal(d->said, "submit:preview \"a\"|say:no camera has number 2|submit:preview \"b\"|");
}

static void
after_the_prompt_harmful_keys_rest(void **state)
{
	struct desk *d = *state;

	keys_prompt_closed(d->keys, S);
	press(d, "space", S + 100000);
	press(d, "enter", S + 300000);
	assert_int_equal(count(d, "submit"), 0);
	press(d, "1", S + 350000);
	assert_int_equal(count(d, "submit:preview"), 1);
	press(d, "space", S + 1200000);
	assert_int_equal(count(d, "submit:cut"), 1);
}

static void
noise_and_bursts_never_act(void **state)
{
	static const char *const keys[] = { "space", "enter", "backspace", "ctrl-r", "ctrl-r", "s", "enter", "1", "f", "z", ":" };
	struct desk *d = *state;

	for (int rolling = 0; rolling < 2; rolling++) {
		d->show->rolling = rolling == 1;
		for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
			press_marked(d, keys[i], S + rolling * 10 * S, true, false);
		for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
			press_marked(d, keys[i], 2 * S + rolling * 10 * S, false, true);
	}
	assert_int_equal(count(d, "submit"), 0);
	assert_int_equal(count(d, "ui"), 0);
}

static void
harmful_keys_rest_after_noise(void **state)
{
	struct desk *d = *state;

	keys_noise(d->keys, S);
	press(d, "space", S + 100000);
	assert_int_equal(count(d, "submit"), 0);
	press(d, "space", 3 * S);
	assert_int_equal(count(d, "submit:cut"), 1);
}

static void
refused_cut_is_forced_by_the_same_key(void **state)
{
	struct desk *d = *state;

	press(d, "space", S);
	keys_refused(d->keys, S + 10000);
	press(d, "space", 2 * S);
	assert_int_equal(count(d, "submit:cut \"b\" --force"), 1);
	press(d, "space", 3 * S);
	assert_int_equal(count(d, "--force"), 1);
	keys_refused(d->keys, 3 * S + 1);
	press(d, "space", 7 * S);
	assert_int_equal(count(d, "--force"), 1);
}

static void
locked_desk_does_nothing_until_unlocked(void **state)
{
	struct desk *d = *state;

	press(d, "L", S);
	press(d, "space", 2 * S);
	press(d, "1", 2 * S);
	assert_int_equal(count(d, "submit"), 0);
	press(d, "L", 3 * S);
	press(d, "L", 3 * S + 400000);
	assert_false(keys_is_locked(d->keys));
}

static void
hot_row_is_off_until_switched_on(void **state)
{
	struct desk *d = *state;

	press(d, "q", S);
	assert_int_equal(count(d, "submit"), 0);
	press(d, "H", 2 * S);
	press(d, "q", 3 * S);
	assert_int_equal(count(d, "submit:cut \"a\"|"), 1);
}

static void
other_keys_than_the_refused_one_are_never_forced(void **state)
{
	struct desk *d = *state;

	press(d, "H", S);
	press(d, "q", 2 * S);
	keys_refused(d->keys, 2 * S + 1000);
	press(d, "f", 3 * S);
	press(d, "space", 4 * S);
	assert_int_equal(count(d, "--force"), 0);
}

static void
digit_and_space_in_one_breath_cut_to_that_digit(void **state)
{
	struct desk *d = *state;

	press(d, "1", S);			/* the screen still shows b on preview */
	press(d, "space", S + 20000);
	assert_int_equal(count(d, "submit:cut \"a\"|"), 1);
	press(d, "space", 5 * S);		/* later the screen's word counts again */
	assert_int_equal(count(d, "submit:cut \"b\"|"), 1);
}

static void
alarms_on_the_screen_are_those_seen(void **state)
{
	struct desk *d = *state;

	keys_alarms_shown(d->keys, 2);
	press(d, "a", S);
	assert_string_equal(d->said, "submit:seen 2|");
}

static void
control_c_says_how_to_quit(void **state)
{
	struct desk *d = *state;

	press(d, "ctrl-c", S);
	press(d, "ctrl-z", S);
	press(d, "ctrl-\\", S);
	assert_int_equal(count(d, ":quit"), 3);
	assert_int_equal(count(d, "submit"), 0);
}

static void
held_zoom_goes_on(void **state)
{
	struct desk *d = *state;

	for (int i = 0; i < 3; i++)
		press(d, "z", S + i * 40000);
	assert_int_equal(count(d, "submit:zoom -t \"b\""), 3);
	assert_int_equal(count(d, "1.95"), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(space_cuts_to_what_the_screen_showed), T(space_without_preview_says_so), T(held_space_cuts_once),
		T(slowly_repeating_keyboard_still_cuts_once), T(two_deliberate_presses_cut_twice),
		T(roll_needs_two_presses_within_three_seconds), T(held_ctrl_r_neither_rolls_nor_stops),
		T(stop_asks_for_s_and_enter), T(stop_question_closes_by_itself), T(escape_rolls_on),
		T(cutting_goes_on_while_the_stop_question_stands), T(backspace_again_strikes),
		T(digits_name_the_camera_shown), T(after_the_prompt_harmful_keys_rest), T(noise_and_bursts_never_act),
		T(harmful_keys_rest_after_noise), T(refused_cut_is_forced_by_the_same_key),
		T(locked_desk_does_nothing_until_unlocked), T(hot_row_is_off_until_switched_on),
		T(other_keys_than_the_refused_one_are_never_forced), T(digit_and_space_in_one_breath_cut_to_that_digit), T(alarms_on_the_screen_are_those_seen),
		T(control_c_says_how_to_quit), T(held_zoom_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
