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

#include "app/keymap.h"
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
backspace_again_after_a_refusal_strikes_nothing(void **state)
{
	struct desk *d = *state;

	press(d, "backspace", S);
	keys_back_refused(d->keys);
	press(d, "backspace", 2 * S);
	settle(d, 3 * S);
	assert_int_equal(count(d, "submit:cut back"), 2);
	assert_int_equal(count(d, "submit:strike"), 0);
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
two_digits_are_never_one_camera(void **state)
{
	struct desk *d = *state;

	press(d, ";", S);
	assert_true(strstr(keys_question(d->keys), "camera number: ;_") != NULL);
	press(d, "1", 2 * S + 900000);
	settle(d, 4 * S);
	assert_true(strstr(keys_question(d->keys), "camera number: ;1_") != NULL);
	press(d, "1", 4 * S);
	assert_string_equal(keys_question(d->keys), "");
	settle(d, 20 * S);
	assert_string_equal(d->said, "say:no camera has number 11|");
}

static void
one_digit_alone_is_that_camera_after_a_while(void **state)
{
	struct desk *d = *state;

	press(d, ";", S);
	press(d, "1", S + 1);
	assert_int_equal(count(d, "submit"), 0);
	settle(d, 4 * S);
	assert_string_equal(d->said, "submit:preview \"a\"|");
	press(d, ";", 5 * S);
	settle(d, 9 * S);
	assert_string_equal(keys_question(d->keys), "");
	assert_int_equal(count(d, "submit"), 1);
}

static void
unknown_alt_key_is_told_and_what_cuts_rests(void **state)
{
	struct desk *d = *state;

	press(d, "H", S);
	press(d, "alt-y", 2 * S);
	assert_int_equal(count(d, "say:Alt-y is no key here"), 1);
	press(d, "space", 2 * S + 100000);
	press(d, "enter", 2 * S + 200000);
	press(d, "q", 2 * S + 300000);
	assert_int_equal(count(d, "submit"), 0);
	assert_int_equal(count(d, "rests for 0.4 s after Alt"), 3);
	press(d, "1", 2 * S + 350000);
	press(d, "q", 4 * S);
	assert_int_equal(count(d, "submit:preview"), 1);
	assert_int_equal(count(d, "submit:cut"), 1);
}

static void
after_the_prompt_harmful_keys_rest(void **state)
{
	struct desk *d = *state;

	keys_prompt_closed(d->keys, NULL, S);
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

/* What was typed quickly comes in one read over a slow line. */
static void
prompt_opens_amid_a_read_behind_what_closed_it(void **state)
{
	static const struct input_event colon = { .kind = INPUT_KEY, .key = ":", .text = ":", .burst = true };
	struct input_event behind_esc = colon;
	struct desk *d = *state;

	keys_press(d->keys, &colon, d->show, S);
	assert_int_equal(count(d, "ui:prompt"), 0);
	keys_prompt_closed(d->keys, "enter", S);
	keys_press(d->keys, &colon, d->show, S);
	assert_int_equal(count(d, "ui:prompt"), 1);
	keys_press(d->keys, &colon, d->show, S);
	assert_int_equal(count(d, "ui:prompt"), 1);
	behind_esc.is_behind_esc = true;
	keys_press(d->keys, &behind_esc, d->show, 2 * S);
	assert_int_equal(count(d, "ui:prompt"), 2);
	keys_prompt_closed(d->keys, "enter", 3 * S);
	press_marked(d, "space", 3 * S, true, false);
	keys_press(d->keys, &colon, d->show, 3 * S);
	assert_int_equal(count(d, "ui:prompt"), 2);
	assert_int_equal(count(d, "submit"), 0);
	/* The prompt closed by itself. */
	keys_prompt_closed(d->keys, NULL, 4 * S);
	keys_press(d->keys, &colon, d->show, 4 * S);
	assert_int_equal(count(d, "ui:prompt"), 2);
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
	settle(d, 4 * S);
	assert_false(keys_is_locked(d->keys));
}

static void
panic_works_locked_and_amid_a_question_and_once_when_held(void **state)
{
	struct desk *d = *state;
	int64_t t = S;

	keys_set_locked(d->keys, true);
	press(d, "!", t);
	assert_string_equal(d->said, "submit:panic|");
	for (int i = 0; i < 30; i++) {
		press(d, "!", t += 40000);
		settle(d, t);
	}
	settle(d, t += 2 * S);
	assert_int_equal(count(d, "submit:panic"), 1);
	press(d, "G", t);
	assert_int_equal(count(d, "submit:cue go"), 0);
	keys_set_locked(d->keys, false);
	d->show->rolling = true;
	press(d, "ctrl-r", t += 2 * S);
	assert_true(keys_question(d->keys)[0] != '\0');
	press(d, "!", t += S);
	assert_int_equal(count(d, "submit:panic"), 2);
	assert_string_equal(keys_question(d->keys), "");
	press_marked(d, "!", t += 2 * S, true, true);
	assert_int_equal(count(d, "submit:panic"), 2);
}

static void
held_go_is_one_go_and_two_are_two(void **state)
{
	struct desk *d = *state;
	int64_t t = S;

	press(d, "G", t);
	t += 500000;
	for (int i = 0; i < 30; i++, t += 40000) {
		settle(d, t);
		press(d, "G", t);
	}
	settle(d, t += 2 * S);
	assert_int_equal(count(d, "submit:cue go"), 1);
	press(d, "G", t);
	press(d, "G", t += 400000);
	settle(d, t + S);
	assert_int_equal(count(d, "submit:cue go"), 3);
}

/* Each tap tells the tempo: none may be taken for a held key, and each has the time of its press. */
static void
taps_at_180_bpm_are_all_told_with_their_time(void **state)
{
	struct desk *d = *state;

	for (int i = 0; i < 12; i++) {
		press(d, "b", S + i * 333333);
		settle(d, S + i * 333333 + 200000);
		assert_int_equal(d->pressed_us, S + i * 333333);
	}
	assert_int_equal(count(d, "submit:tempo tap"), 12);
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

static void
press_that_waited_cuts_to_what_was_shown_when_it_came(void **state)
{
	struct desk *d = *state;

	press(d, "space", S);
	press(d, "space", S + 300000);
	strcpy(d->show->preview, "a");		/* somebody else's doing, before it is sure that this was no hold */
	settle(d, 2 * S);
	assert_string_equal(d->said, "submit:cut \"b\"|submit:cut \"b\"|");
	press(d, "space", 5 * S);
	assert_int_equal(count(d, "submit:cut \"a\"|"), 1);
}

static void
typed_capital(struct desk *d, const char *key, int64_t now)
{
	press(d, key, now);
	settle(d, now + 200000);
}

static void
a_key_that_does_nothing_says_so(void **state)
{
	struct desk *d = *state;
	struct input_event rest = { .kind = INPUT_KEY, .key = "x", .after_esc = true };

	press(d, "x", S);
	assert_string_equal(d->said, "say:x is no key here: ? shows the keys|");
	d->said[0] = '\0';
	/* But not for each letter of a sequence that came broken, nor for keys that many terminals send by themselves. */
	keys_press(d->keys, &rest, d->show, 3 * S);
	press(d, "f24", 5 * S);
	press(d, "esc", 7 * S);
	assert_int_equal(count(d, "no key"), 0);
}

static void
unbound_capital_and_another_are_a_lock_nobody_meant(void **state)
{
	struct desk *d = *state;

	press(d, "F", S);			/* f with the lock on, or a slip */
	assert_false(keys_has_caps(d->keys));
	assert_int_equal(count(d, "say:CAPS LOCK?"), 1);
	typed_capital(d, "H", 2 * S);
	assert_true(keys_has_caps(d->keys));
	assert_false(keys_is_hot(d->keys));
	typed_capital(d, "Z", 3 * S);
	typed_capital(d, "M", 4 * S);
	assert_int_equal(count(d, "submit") + count(d, "ui:"), 0);
	press(d, "x", 5 * S);
	assert_false(keys_has_caps(d->keys));
	typed_capital(d, "Z", 6 * S);
	assert_int_equal(count(d, "submit:zoom"), 1);
}

static void
capitals_of_a_broken_sequence_are_no_lock(void **state)
{
	struct desk *d = *state;
	struct input_event ev = { .kind = INPUT_KEY, .after_drop = true };

	for (int i = 0; i < 6; i++) {
		snprintf(ev.key, sizeof ev.key, "%c", "XTSFGJ"[i]);
		ev.after_drop = i % 2 == 0;
		ev.after_esc = !ev.after_drop;
		keys_press(d->keys, &ev, d->show, S + i * 300000);
	}
	assert_false(keys_has_caps(d->keys));
}

static void
capitals_in_a_row_are_a_lock_nobody_meant(void **state)
{
	struct desk *d = *state;

	typed_capital(d, "Z", S);
	typed_capital(d, "M", S + 400000);
	assert_false(keys_has_caps(d->keys));
	typed_capital(d, "H", S + 800000);
	assert_true(keys_has_caps(d->keys));
	assert_false(keys_is_hot(d->keys));
}

static void
held_capital_is_no_row_of_them(void **state)
{
	struct desk *d = *state;

	for (int i = 0; i < 30; i++)
		press(d, "Z", S + i * 33000);
	assert_false(keys_has_caps(d->keys));
	assert_int_equal(count(d, "submit:zoom"), 30);
}

static void
locked_keys_can_be_unlocked_with_the_capitals_lock_on(void **state)
{
	struct desk *d = *state;

	press(d, "L", S);
	press(d, "Q", 3 * S);
	assert_true(keys_has_caps(d->keys));
	typed_capital(d, "L", 5 * S);
	typed_capital(d, "L", 5 * S + 500000);
	assert_false(keys_is_locked(d->keys));
}

static void
capitals_typed_into_the_prompt_end_with_a_small_letter(void **state)
{
	struct input_event ev = { .kind = INPUT_KEY, .key = "t", .text = "t" };
	struct desk *d = *state;

	press(d, "F", S);
	press(d, "G", S + 500000);
	assert_true(keys_has_caps(d->keys));
	keys_typed(d->keys, &ev);
	assert_false(keys_has_caps(d->keys));
}

static void
space_soon_after_escape_rests(void **state)
{
	struct input_event ev = { .kind = INPUT_KEY, .key = "space", .text = " ", .after_esc = true };
	struct desk *d = *state;

	keys_press(d->keys, &ev, d->show, S);
	assert_int_equal(count(d, "submit"), 0);
	assert_int_equal(count(d, "say:space rests"), 1);
	strcpy(ev.key, "backspace");
	keys_press(d->keys, &ev, d->show, 2 * S);
	assert_int_equal(count(d, "submit"), 0);
	press(d, "space", 4 * S);
	assert_int_equal(count(d, "submit:cut"), 1);
}

/* BackSpace held in the prompt until that closes goes on coming. */
static void
key_that_closed_the_prompt_is_still_held(void **state)
{
	struct desk *d = *state;
	int64_t t = S;

	keys_prompt_closed(d->keys, "backspace", t);
	for (int i = 0; i < 60; i++) {
		t += 33000;
		settle(d, t);
		press(d, "backspace", t);
	}
	settle(d, t + S);
	assert_int_equal(count(d, "submit"), 0);
	press(d, "backspace", t + 2 * S);
	assert_int_equal(count(d, "submit:cut back"), 1);
}

static void
second_enter_after_the_stop_is_no_cut(void **state)
{
	struct desk *d = *state;

	keys_set_map(d->keys, keymap_builtin("voctomix"));
	d->show->rolling = true;
	press(d, "ctrl-r", S);
	press(d, "s", S + 300000);
	press(d, "enter", S + 600000);
	assert_int_equal(count(d, "submit:record stop"), 1);
	press(d, "enter", S + 800000);
	settle(d, 4 * S);
	assert_int_equal(count(d, "submit:cut"), 0);
}

static void
where_enter_cuts_it_cuts_also_while_the_stop_question_stands(void **state)
{
	struct desk *d = *state;

	keys_set_map(d->keys, keymap_builtin("voctomix"));
	d->show->rolling = true;
	press(d, "ctrl-r", S);
	press(d, "enter", S + 300000);
	assert_int_equal(count(d, "submit:cut \"b\"|"), 1);
	assert_string_equal(keys_question(d->keys), "");
	press(d, "ctrl-r", 9 * S);
	press(d, "s", 9 * S + 300000);
	press(d, "enter", 9 * S + 600000);
	assert_int_equal(count(d, "submit:record stop"), 1);
	assert_int_equal(count(d, "submit:cut"), 1);
}

static void
digits_of_the_editors_set_cut_only_when_hot(void **state)
{
	struct desk *d = *state;

	keys_set_map(d->keys, keymap_builtin("nle"));
	press(d, "1", S);
	assert_string_equal(d->said, "submit:preview \"a\"|");
	press(d, "H", 2 * S);
	assert_true(keys_is_hot(d->keys));
	for (int i = 0; i < 40; i++)
		press(d, "1", 3 * S + i * 33000);	/* held */
	settle(d, 9 * S);
	assert_int_equal(count(d, "submit:cut \"a\"|"), 1);
	keys_refused(d->keys, 10 * S);
	press(d, "1", 11 * S);
	assert_int_equal(count(d, "submit:cut \"a\" --force"), 1);
	keys_prompt_closed(d->keys, NULL, 20 * S);
	press(d, "1", 20 * S + 200000);
	settle(d, 22 * S);
	assert_int_equal(count(d, "submit:cut"), 2);
}

static void
another_set_of_keys_finishes_nothing_half_done(void **state)
{
	struct desk *d = *state;

	press(d, "H", S);
	press(d, "ctrl-r", 2 * S);
	keys_set_map(d->keys, keymap_builtin("nle"));
	assert_false(keys_is_hot(d->keys));
	assert_string_equal(keys_question(d->keys), "");
	press(d, "ctrl-r", 2 * S + 500000);
	settle(d, 3 * S);
	assert_int_equal(count(d, "submit:record"), 0);
}

static void
keys_of_a_file_have_the_same_guards(void **state)
{
	static const char text[] = "F8 record start\nx cut\nb cut back\nk cut 12\nd flip\nc cut %f\n";
	struct desk *d = *state;
	struct err e = { 0 };
	struct keymap *k = keymap_parse("mine", text, sizeof text - 1, &e);
	int64_t t = 60 * S;

	assert_non_null(k);
	keys_set_map(d->keys, k);
	press(d, "f8", S);
	assert_non_null(strstr(keys_question(d->keys), "F8 again within 3 s"));
	press(d, "f8", 2 * S);
	assert_int_equal(count(d, "submit:record start"), 1);
	for (int i = 0; i < 60; i++, t += 33000)
		press(d, i < 20 ? "x" : i < 40 ? "b" : "d", t);	/* each held */
	settle(d, t + S);
	assert_int_equal(count(d, "submit:cut \"b\"|"), 1);
	assert_int_equal(count(d, "submit:cut back"), 1);
	assert_int_equal(count(d, "submit:flip"), 1);
	press(d, "b", t + 2 * S);
	press(d, "b", t + 3 * S);
	settle(d, t + 4 * S);
	assert_int_equal(count(d, "submit:strike"), 1);
	press(d, "k", t + 9 * S);
	press(d, "c", t + 9 * S);
	assert_int_equal(count(d, "submit:cut \"b\"|"), 1);	/* straight to a camera: hot cuts are off */
	d->said[0] = '\0';
	press(d, "H", t + 10 * S);
	settle(d, t + 11 * S);
	press(d, "c", t + 12 * S);
	assert_int_equal(count(d, "say:no camera is in focus"), 1);
	keys_set_focus(d->keys, "a");
	press(d, "c", t + 14 * S);
	press(d, "k", t + 16 * S);
	assert_int_equal(count(d, "submit:cut \"a\"|submit:cut \"b\"|"), 1);
	keys_set_map(d->keys, keymap_builtin("atem"));
	keymap_free(k);
}

static void
held_switches_turn_once(void **state)
{
	struct desk *d = *state;

	for (int i = 0; i < 31; i++)
		press(d, "H", S + i * 33000);
	settle(d, 4 * S);
	assert_true(keys_is_hot(d->keys));
	for (int i = 0; i < 31; i++)
		press(d, "L", 5 * S + i * 33000);
	settle(d, 9 * S);
	assert_true(keys_is_locked(d->keys));
	for (int i = 0; i < 31; i++)
		press(d, "m", 20 * S + i * 33000);
	settle(d, 30 * S);
	assert_int_equal(count(d, "submit:tag"), 0);
}

static void
preview_by_hand_is_what_is_cut_next(void **state)
{
	struct desk *d = *state;

	keys_preview(d->keys, "a", S);
	press(d, "space", S + 300000);
	assert_string_equal(d->said, "submit:preview \"a\"|submit:cut \"a\"|");
	keys_set_locked(d->keys, true);
	keys_preview(d->keys, "b", 5 * S);
	assert_int_equal(count(d, "submit:preview \"b\""), 0);
}

/* ---- bytes from the worst of terminals, through the decoder, into every set ---- */

struct harm { struct desk *d; int64_t now; struct input *in; };

static void
harm_event(void *arg, const struct input_event *ev)
{
	struct harm *h = arg;

	if (ev->kind == INPUT_KEY) {
		const bool is_asked = keys_question(h->d->keys)[0] != '\0';

		keys_press(h->d->keys, ev, h->d->show, h->now);
		if (strcmp(ev->key, "esc") == 0 && is_asked && keys_question(h->d->keys)[0] == '\0')
			strcat(h->d->said, "escaped|");
	} else if (ev->kind == INPUT_NOISE || ev->kind == INPUT_PASTE)
		keys_noise(h->d->keys, h->now);
}

static void
harm_wait(struct harm *h, int64_t us)
{
	int64_t end = h->now + us;

	for (int i = 0; i < 1000; i++) {
		int64_t a = input_deadline(h->in), b = keys_deadline(h->d->keys), at = a < 0 || (b >= 0 && b < a) ? b : a;

		if (at < 0 || at > end)
			break;
		h->now = at > h->now ? at : h->now;
		input_tick(h->in, h->now);
		keys_tick(h->d->keys, h->d->show, h->now);
	}
	h->now = end;
}

static void
harm_send(struct harm *h, const char *bytes, size_t len, int64_t wait_us)
{
	input_feed(h->in, bytes, len, h->now);
	harm_wait(h, wait_us);
}

/* No cut, no roll, no stop, no flip; no Esc either, but where one was sent.  Then the log of what was said is empty again. */
static void
assert_harmless(struct desk *d, const char *what, size_t number, bool with_esc)
{
	static const char *const deeds[] = { "submit:cut", "submit:record", "submit:strike", "submit:flip", "submit:quit", "submit:panic", "submit:amend" };

	for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++)
		if (count(d, deeds[i]) > 0)
			fail_msg("%s %zu: %s", what, number, d->said);
	if (!with_esc && count(d, "submit:cancel") + count(d, "escaped|") > 0)
		fail_msg("%s %zu is taken for Esc: %s", what, number, d->said);
	d->said[0] = '\0';
}

/* fn for each set, hot or not, idle or rolling, with the stop question standing or not. */
static void
in_every_state(struct desk *d, void (*fn)(struct harm *h))
{
	for (int n = 0; keymap_builtin_name(n) != NULL; n++)
		for (int mode = 0; mode < 4; mode++) {
			struct harm h = { .d = d, .now = 100 * S };

			h.in = input_new(harm_event, &h);
			input_want_mouse(h.in, (mode & 1) != 0);
			keys_free(d->keys);
			d->keys = keys_new(result, d);
			keys_set_map(d->keys, keymap_builtin(keymap_builtin_name(n)));
			d->show->rolling = (mode & 2) != 0;
			if (mode & 1)
				harm_send(&h, "H", 1, 5 * S);
			if (mode & 2)
				harm_send(&h, "\x12", 1, 200000);
			d->said[0] = '\0';
			fn(&h);
			input_free(h.in);
		}
}

static const char *const sequences[] = {
	"\x1b[A", "\x1bOA", "\x1b[3~", "\x1b[1;5C", "\x1b[24~", "\x1b[<0;20;10M", "\x1b[<64;20;10M", "\x1b[M !!", "\x1b[?62;4c", "\x1b[0n", "\x1b[6;19;9t",
	"\x1bP>|XTerm(379)\x1b\\", "\x1bP1$r \x12\x12 s\r\x1b\\", "\x1b]0; 1 s\r\x07", "\x1b]11;rgb: \r\x12\x1b\\", "\x1b_G \r \x1b\\", "\x1b^ \r\x1b\\", "\x1bX \r\x1b\\",
	"\x1b[200~record stop\r :cut 2\r \x12\x12\x1b[201~", "\x1b[ q", "\x1b[27;5;32~", "\x1b[32;5u", "\x1b[13;2u", "\x1b F", "\x1b#8", "\x1b(B", "\x1b\r", "\x1b ",
	"\x1b[?2026;2$y", "\x1b[?1;2;4S", "\x1b[I", "\x1b[O", ("\xc2\x9b" "32 q"), "\x1b[[A", "\x1bO5Q", "\x1b[1;2 \x12", "\x1b\x1b[A", "\x1b[999999999999999999999 ",
};

/* Nothing but an Esc and other keys, for whoever gets its bytes one by one. */
static bool
begins_with_esc_key(const char *sequence)
{
	return sequence[0] == '\x1b' && strchr("[OP]_^X", sequence[1]) == NULL;
}

/* Longer than a string nobody asked for may last, its end is an Esc. */
static bool
outlasts_a_string(const char *sequence)
{
	return strchr("P]_^X", sequence[1]) != NULL && sequence[2] != '>';
}

static void
send_cut_sequences(struct harm *h, bool due)
{
	input_expect(h->in, due, due);
	for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++) {
		size_t len = strlen(sequences[i]);

		for (size_t cut = 0; cut <= len; cut++) {
			harm_send(h, sequences[i], cut, 500000);
			harm_send(h, sequences[i] + cut, len - cut, 500000);
			harm_wait(h, 4 * S);
			assert_harmless(h->d, "sequence", i, !due || begins_with_esc_key(sequences[i]));
		}
		for (size_t at = 0; at < len; at++)
			harm_send(h, sequences[i] + at, 1, 500000);	/* every byte apart */
		harm_wait(h, 4 * S);
		assert_harmless(h->d, "sequence in bytes", i, !due || begins_with_esc_key(sequences[i]) || outlasts_a_string(sequences[i]));
	}
}

static void
send_cut_answers(struct harm *h)
{
	send_cut_sequences(h, true);
}

static void
send_cut_keys(struct harm *h)
{
	send_cut_sequences(h, false);
}

static void
sequences_cut_at_every_byte_do_no_harm(void **state)
{
	in_every_state(*state, send_cut_keys);
	in_every_state(*state, send_cut_answers);
}

static uint32_t
next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

static void
send_noise_in(struct harm *h, size_t least, size_t most, size_t total)
{
	static const char worst[] = " \r\n\x12\x7f\x08sf!12\x1b[:\x1a\x03qwH";
	uint64_t seed = 7;
	char bytes[64];

	/* Half of it from what would do most harm. */
	for (size_t sent = 0; sent < total;) {
		size_t len = least + next_random(&seed) % (most - least + 1);
		bool bad = next_random(&seed) % 2 == 0;

		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)(bad && next_random(&seed) % 4 != 0 ? (unsigned char)worst[next_random(&seed) % (sizeof worst - 1)] :
			    next_random(&seed) % 256);
		harm_send(h, bytes, len, next_random(&seed) % 20000);
		assert_harmless(h->d, "noise", sent, false);
		sent += len;
	}
}

/* 1 MB over all the states. */
static void
send_noise(struct harm *h)
{
	send_noise_in(h, 24, 63, 100000);
}

/* A single byte is a key: it takes one that no keyboard makes to know what has begun. */
static void
send_noise_in_small_pieces(struct harm *h)
{
	harm_send(h, "\xff", 1, 1000);
	send_noise_in(h, 1, 5, 30000);
}

static void
a_megabyte_of_noise_does_no_harm(void **state)
{
	in_every_state(*state, send_noise);
}

static void
noise_in_small_pieces_does_no_harm(void **state)
{
	in_every_state(*state, send_noise_in_small_pieces);
}

static void
send_pastes(struct harm *h)
{
	static const char *const texts[] = { "record stop\rcut 2\r   \x12\x12 s\r:cut 2\r", "cut 1\nrecord start\n", "1 2 3 4 space enter", "\x12\x12sss\r\r\r", "q w e r t\n" };
	char text[128];

	for (size_t i = 0; i < 100; i++) {
		snprintf(text, sizeof text, "%s%s%s", i % 2 == 0 ? "\x1b[200~" : "", texts[i % 5], i % 2 == 0 ? "\x1b[201~" : "");
		harm_send(h, text, strlen(text), (int64_t)(i % 7) * 100000);
		assert_harmless(h->d, "paste", i, false);
	}
}

static void
a_thousand_pastes_do_no_harm(void **state)
{
	in_every_state(*state, send_pastes);
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
		T(backspace_again_after_a_refusal_strikes_nothing), T(digits_name_the_camera_shown), T(two_digits_are_never_one_camera), T(one_digit_alone_is_that_camera_after_a_while),
		T(unknown_alt_key_is_told_and_what_cuts_rests), T(after_the_prompt_harmful_keys_rest), T(noise_and_bursts_never_act),
		T(prompt_opens_amid_a_read_behind_what_closed_it),
		T(harmful_keys_rest_after_noise), T(refused_cut_is_forced_by_the_same_key),
		T(locked_desk_does_nothing_until_unlocked), T(panic_works_locked_and_amid_a_question_and_once_when_held),
		T(held_go_is_one_go_and_two_are_two), T(taps_at_180_bpm_are_all_told_with_their_time), T(hot_row_is_off_until_switched_on),
		T(other_keys_than_the_refused_one_are_never_forced), T(digit_and_space_in_one_breath_cut_to_that_digit), T(alarms_on_the_screen_are_those_seen),
		T(control_c_says_how_to_quit), T(held_zoom_goes_on),
		T(press_that_waited_cuts_to_what_was_shown_when_it_came), T(a_key_that_does_nothing_says_so), T(unbound_capital_and_another_are_a_lock_nobody_meant), T(capitals_of_a_broken_sequence_are_no_lock), T(capitals_in_a_row_are_a_lock_nobody_meant), T(held_capital_is_no_row_of_them),
		T(locked_keys_can_be_unlocked_with_the_capitals_lock_on), T(capitals_typed_into_the_prompt_end_with_a_small_letter),
		T(space_soon_after_escape_rests), T(key_that_closed_the_prompt_is_still_held), T(second_enter_after_the_stop_is_no_cut),
		T(where_enter_cuts_it_cuts_also_while_the_stop_question_stands), T(digits_of_the_editors_set_cut_only_when_hot),
		T(another_set_of_keys_finishes_nothing_half_done), T(keys_of_a_file_have_the_same_guards), T(held_switches_turn_once),
		T(preview_by_hand_is_what_is_cut_next), T(sequences_cut_at_every_byte_do_no_harm), T(a_megabyte_of_noise_does_no_harm), T(noise_in_small_pieces_does_no_harm),
		T(a_thousand_pastes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
