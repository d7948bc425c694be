/*
 * keys.c - what a key press may do now: holds, double presses, the stop question, the lock.
 * Owns the little state of the operator's fingers; never runs a command, never reads a clock.
 */
#include "ui/keys.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/keymap.h"
#include "base/str.h"
#include "base/xalloc.h"

#define TWICE_US 3000000		/* Ctrl-R Ctrl-R, BackSpace BackSpace, the same key for --force */
#define STOP_QUESTION_US 5000000
#define QUIET_US 400000			/* after the prompt closed */
#define NOISE_US 300000
#define REPEAT_US 130000		/* slower than any keyboard's own repetition */
#define FIRST_REPEAT_US 750000		/* the longest wait before a keyboard begins to repeat */
#define DIGITS_US 2000000
#define ZOOM_STEP 1.25
#define CHOSEN_US 1500000		/* a digit typed this lately stands for what the screen has not shown yet */

struct keys {
	keys_fn *fn;
	void *arg;
	const struct keymap *map;
	bool locked, hot;
	int64_t quiet_until_us, noise_until_us, noise_told_us;
	char last[16];			/* last guarded key */
	int64_t last_us;
	bool held;
	bool waiting;			/* a second press that may be the first repetition of a held key */
	struct input_event waiting_ev;
	int64_t waiting_us;
	char twice[16];
	int64_t twice_until_us;
	int64_t refused_until_us;
	char refused_key[16];
	bool stop_asked, stop_armed;
	int64_t stop_until_us;
	bool digits;
	int digit_count, digit_value;
	int64_t digits_until_us;
	int64_t unlock_until_us;
	char chosen[ID_BYTES];		/* put on preview by this hand, perhaps not shown yet */
	int64_t chosen_us;
	int alarms;
	char zoom_node[ID_BYTES];
	double zoom;
	int64_t zoom_us;
	char question[160];
};

struct keys *
keys_new(keys_fn *fn, void *arg)
{
	struct keys *k = xcalloc(1, sizeof *k);

	k->map = keymap_builtin("atem");
	k->fn = fn;
	k->arg = arg;
	k->last_us = INT64_MIN / 2;
	k->zoom_us = k->chosen_us = INT64_MIN / 2;
	k->noise_told_us = INT64_MIN / 2;
	return k;
}

void
keys_set_map(struct keys *k, const struct keymap *map)
{
	k->map = map;
}

void
keys_free(struct keys *k)
{
	free(k);
}

static void __attribute__((format(printf, 4, 5)))
emit(struct keys *k, enum keys_act act, int64_t now_us, const char *format, ...)
{
	struct keys_result r = { .act = act, .pressed_us = now_us };
	va_list ap;

	va_start(ap, format);
	vsnprintf(r.text, sizeof r.text, format, ap);
	va_end(ap);
	k->fn(k->arg, &r);
}

static const struct show_tile *
tile_by_id(const struct show *show, const char *id)
{
	for (int i = 0; i < show->tile_count; i++)
		if (strcmp(show->tiles[i].id, id) == 0)
			return &show->tiles[i];
	return NULL;
}

static const struct show_tile *
tile_by_number(const struct show *show, int number)
{
	for (int i = 0; i < show->tile_count; i++)
		if (show->tiles[i].number == number)
			return &show->tiles[i];
	return NULL;
}

static void
preview_number(struct keys *k, int number, const struct show *show, int64_t now_us)
{
	const struct show_tile *t = tile_by_number(show, number);

	if (t == NULL)
		emit(k, KEYS_SAY, now_us, "no camera has number %d", number);
	else {
		str_copy(k->chosen, sizeof k->chosen, t->id);
		k->chosen_us = now_us;
		emit(k, KEYS_SUBMIT, now_us, "preview \"%s\"", t->id);
	}
}

/* What was seen is what is cut; a digit just typed by the same hand counts as seen, however slow the screen. */
static const struct show_tile *
preview_tile(struct keys *k, const struct show *show, int64_t now_us)
{
	if (now_us - k->chosen_us < CHOSEN_US)
		return tile_by_id(show, k->chosen);
	return tile_by_id(show, show->preview);
}

/* The zoom it has, or the one just asked for while its answer is under way. */
static double
next_zoom(struct keys *k, const struct show_tile *t, bool in, int64_t now_us)
{
	double from = t->zoom > 0 ? t->zoom : 1.0;

	if (strcmp(k->zoom_node, t->id) == 0 && now_us - k->zoom_us < 2000000)
		from = k->zoom;
	str_copy(k->zoom_node, sizeof k->zoom_node, t->id);
	k->zoom = in ? from * ZOOM_STEP : from / ZOOM_STEP;
	k->zoom = k->zoom < 1.0 ? 1.0 : k->zoom;
	k->zoom_us = now_us;
	return k->zoom;
}

/* "%p" and its kin replaced by what the screen showed. */
static void
submit_entry(struct keys *k, const struct keymap_entry *e, const struct show *show, int64_t now_us)
{
	const struct show_tile *pvw = preview_tile(k, show, now_us);
	bool forced = strcmp(k->refused_key, e->key) == 0 && now_us < k->refused_until_us;
	char text[400] = "";
	size_t len = 0;

	for (const char *p = e->command; *p != '\0' && len < sizeof text - 100; p++) {
		if (*p != '%') {
			text[len++] = *p;
			continue;
		}
		p++;
		if (*p == 'a') {
			len += (size_t)snprintf(text + len, sizeof text - len, "%d", k->alarms > 0 ? k->alarms : 1);
			continue;
		}
		if (pvw == NULL) {
			emit(k, KEYS_SAY, now_us, "nothing is on preview: press a camera's number first");
			return;
		}
		if (*p == 'p')
			len += (size_t)snprintf(text + len, sizeof text - len, "\"%s\"", pvw->id);
		else
			len += (size_t)snprintf(text + len, sizeof text - len, "%.2f over 200ms",
			    next_zoom(k, pvw, *p == '+', now_us));
	}
	text[len] = '\0';
	k->refused_until_us = 0;
	if (str_has_prefix(text, "cut"))
		k->chosen_us = INT64_MIN / 2;	/* the buses swap: the screen knows better from here on */
	emit(k, KEYS_SUBMIT, now_us, "%s%s", text, forced ? " --force" : "");
}

static bool
is_hot(const struct keys *k, const char *key)
{
	return k->hot && key[0] != '\0' && key[1] == '\0' && strchr("qwertyuiop", key[0]) != NULL;
}

static bool
is_guarded(const struct keys *k, const char *key)
{
	static const char *const guarded[] = { "space", "enter", "backspace", "ctrl-r", "f", "esc" };

	for (size_t i = 0; i < sizeof guarded / sizeof guarded[0]; i++)
		if (strcmp(guarded[i], key) == 0)
			return true;
	return is_hot(k, key);
}

static bool
rests_after_prompt(const struct keys *k, const char *key)
{
	return strcmp(key, "space") == 0 || strcmp(key, "enter") == 0 || is_hot(k, key);
}

static void
close_question(struct keys *k)
{
	k->stop_asked = k->stop_armed = false;
	k->twice[0] = '\0';
	k->question[0] = '\0';
}

static void
press_record(struct keys *k, const struct keymap_entry *e, const struct show *show, int64_t now_us)
{
	if (show->rolling || show->starting || show->stopping) {
		k->twice[0] = '\0';
		if (k->stop_asked)
			return;		/* repetition neither stops nor prolongs the question */
		k->stop_asked = true;
		k->stop_armed = false;
		k->stop_until_us = now_us + STOP_QUESTION_US;
		snprintf(k->question, sizeof k->question, "STOP take %s on %d camera%s? s Enter stops, Esc rolls on",
		    show->take, show->rolling_asked, show->rolling_asked == 1 ? "" : "s");
		return;
	}
	if (strcmp(k->twice, "ctrl-r") == 0 && now_us < k->twice_until_us) {
		close_question(k);
		submit_entry(k, e, show, now_us);
		return;
	}
	str_copy(k->twice, sizeof k->twice, "ctrl-r");
	k->twice_until_us = now_us + TWICE_US;
	snprintf(k->question, sizeof k->question, "ROLL all cameras? Ctrl-R again within 3 s rolls, Esc does not");
}

/* True when the standing stop question took the key. */
static bool
answer_stop(struct keys *k, const char *key, int64_t now_us)
{
	if (strcmp(key, "s") == 0) {
		k->stop_armed = true;
		str_copy(k->question, sizeof k->question, "STOP: Enter stops all cameras, Esc rolls on");
		return true;
	}
	if (strcmp(key, "esc") == 0) {
		close_question(k);
		emit(k, KEYS_SAY, now_us, "rolls on");
		return true;
	}
	if (strcmp(key, "enter") == 0) {
		bool armed = k->stop_armed;

		if (!armed) {
			emit(k, KEYS_SAY, now_us, "nothing stopped: s first, then Enter");
			return true;
		}
		close_question(k);
		emit(k, KEYS_SUBMIT, now_us, "record stop");
		return true;
	}
	return false;
}

static void
press_back(struct keys *k, const struct keymap_entry *e, const struct show *show, int64_t now_us)
{
	if (strcmp(k->twice, "backspace") == 0 && now_us < k->twice_until_us) {
		k->twice[0] = '\0';
		emit(k, KEYS_SUBMIT, now_us, "strike");
		return;
	}
	submit_entry(k, e, show, now_us);
	str_copy(k->twice, sizeof k->twice, "backspace");
	k->twice_until_us = now_us + TWICE_US;
}

static void
press_lock(struct keys *k, int64_t now_us)
{
	if (!k->locked) {
		k->locked = true;
		k->unlock_until_us = 0;
		emit(k, KEYS_SAY, now_us, "locked: L L unlocks");
	} else if (now_us < k->unlock_until_us) {
		k->locked = false;
		emit(k, KEYS_SAY, now_us, "unlocked");
	} else
		k->unlock_until_us = now_us + 1500000;
}

static void
press_ui(struct keys *k, const struct keymap_entry *e, int64_t now_us)
{
	if (strcmp(e->key, "L") == 0)
		press_lock(k, now_us);
	else if (strcmp(e->key, "H") == 0) {
		k->hot = !k->hot;
		emit(k, KEYS_SAY, now_us, k->hot ? "hot-cut row ON: q w e r t y u i o p cut to camera 1-10 at once" :
		    "hot-cut row off");
	} else if (strcmp(e->key, ";") == 0) {
		k->digits = true;
		k->digit_count = k->digit_value = 0;
		k->digits_until_us = now_us + DIGITS_US;
		str_copy(k->question, sizeof k->question, "camera number: two digits");
	} else
		emit(k, KEYS_UI, now_us, "%s", e->key);
}

static bool
take_digit(struct keys *k, const char *key, const struct show *show, int64_t now_us)
{
	if (!k->digits || key[0] < '0' || key[0] > '9' || key[1] != '\0') {
		if (k->digits)
			k->question[0] = '\0';
		k->digits = false;
		return false;
	}
	k->digit_value = k->digit_value * 10 + (key[0] - '0');
	if (++k->digit_count == 2) {
		k->digits = false;
		k->question[0] = '\0';
		preview_number(k, k->digit_value, show, now_us);
	}
	return true;
}

static void
hot_cut(struct keys *k, char key, const struct show *show, int64_t now_us)
{
	const struct show_tile *t = tile_by_number(show, (int)(strchr("qwertyuiop", key) - "qwertyuiop") + 1);
	char name[2] = { key, '\0' };
	bool forced = strcmp(k->refused_key, name) == 0 && now_us < k->refused_until_us;

	k->refused_until_us = 0;
	if (t == NULL)
		emit(k, KEYS_SAY, now_us, "no camera has that number");
	else
		emit(k, KEYS_SUBMIT, now_us, "cut \"%s\"%s", t->id, forced ? " --force" : "");
}

static void
say_how_to_quit(struct keys *k, int64_t now_us)
{
	emit(k, KEYS_SAY, now_us, "this key does not stop a show: type :quit and Enter to leave");
}

/* The press has passed every guard: do it. */
static void
act(struct keys *k, const struct input_event *ev, const struct show *show, int64_t now_us)
{
	const char *key = ev->key;
	const struct keymap_entry *e = keymap_find(k->map, key);

	if (strcmp(key, "backspace") != 0 && strcmp(key, "ctrl-r") != 0) {
		bool was_roll = strcmp(k->twice, "ctrl-r") == 0;

		k->twice[0] = '\0';
		if (was_roll && !k->stop_asked) {
			k->question[0] = '\0';
			if (strcmp(key, "esc") == 0)
				return;
		}
	}
	if (is_hot(k, key))
		hot_cut(k, key[0], show, now_us);
	else if (e == NULL)
		return;
	else if (e->guard == KEY_UI)
		press_ui(k, e, now_us);
	else if (e->guard == KEY_TWICE)
		press_record(k, e, show, now_us);
	else if (strcmp(key, "backspace") == 0)
		press_back(k, e, show, now_us);
	else if (key[0] >= '0' && key[0] <= '9')
		preview_number(k, key[0] == '0' ? 10 : key[0] - '0', show, now_us);
	else
		submit_entry(k, e, show, now_us);
	if (strcmp(key, "space") == 0 || is_hot(k, key))
		str_copy(k->refused_key, sizeof k->refused_key, key);
}

/* True: this press is, or may be, the keyboard repeating a held key. */
static bool
is_hold(struct keys *k, const struct input_event *ev, int64_t now_us)
{
	bool same = strcmp(k->last, ev->key) == 0;
	int64_t gap_us = now_us - k->last_us;

	str_copy(k->last, sizeof k->last, ev->key);
	k->last_us = now_us;
	if (!same || gap_us > FIRST_REPEAT_US) {
		k->held = false;
		return false;
	}
	if (k->held || gap_us < REPEAT_US) {
		k->held = true;
		k->waiting = false;
		return true;
	}
	/* A second press, or the first repetition of a held key: the next moments tell. */
	k->waiting = true;
	k->waiting_ev = *ev;
	k->waiting_us = now_us;
	return true;
}

static void
fire_waiting(struct keys *k, const struct show *show)
{
	struct input_event ev = k->waiting_ev;

	if (!k->waiting)
		return;
	k->waiting = false;
	if (k->stop_asked && answer_stop(k, ev.key, k->waiting_us))
		return;
	act(k, &ev, show, k->waiting_us);
}

static bool
refuse_for_noise(struct keys *k, const struct input_event *ev, int64_t now_us)
{
	bool harmful = is_guarded(k, ev->key) || (k->stop_asked && strcmp(ev->key, "s") == 0);

	if (!ev->noisy && !(ev->burst && (harmful || strcmp(ev->key, ":") != 0 || !ev->is_first)) &&
	    !(harmful && now_us < k->noise_until_us))
		return false;
	if (now_us - k->noise_told_us > 1000000) {
		k->noise_told_us = now_us;
		emit(k, KEYS_SAY, now_us, "that was no keyboard: ignored (: opens the prompt for pasted text)");
	}
	return true;
}

void
keys_press(struct keys *k, const struct input_event *ev, const struct show *show, int64_t now_us)
{
	const struct keymap_entry *e = keymap_find(k->map, ev->key);

	keys_tick(k, show, now_us);
	if (refuse_for_noise(k, ev, now_us))
		return;
	if (strcmp(ev->key, "ctrl-c") == 0 || strcmp(ev->key, "ctrl-z") == 0 || strcmp(ev->key, "ctrl-\\") == 0) {
		say_how_to_quit(k, now_us);
		return;
	}
	if (k->locked && (e == NULL || !e->while_locked)) {
		emit(k, KEYS_SAY, now_us, "locked: L L unlocks");
		return;
	}
	if (now_us < k->quiet_until_us && rests_after_prompt(k, ev->key)) {
		emit(k, KEYS_SAY, now_us, "%s rests for 0.4 s after the prompt: press it again", ev->key);
		return;
	}
	if (k->waiting && strcmp(k->waiting_ev.key, ev->key) != 0)
		fire_waiting(k, show);
	if (take_digit(k, ev->key, show, now_us))
		return;
	if (is_guarded(k, ev->key)) {
		if (is_hold(k, ev, now_us))
			return;
	} else if (strcmp(k->last, ev->key) != 0)
		k->last[0] = '\0';
	if (k->stop_asked && answer_stop(k, ev->key, now_us))
		return;
	if (k->stop_asked && strcmp(ev->key, "ctrl-r") != 0)
		close_question(k);
	act(k, ev, show, now_us);
}

void
keys_refused(struct keys *k, int64_t now_us)
{
	k->refused_until_us = now_us + TWICE_US;
}

void
keys_noise(struct keys *k, int64_t now_us)
{
	k->noise_until_us = now_us + NOISE_US;
}

void
keys_prompt_closed(struct keys *k, int64_t now_us)
{
	k->quiet_until_us = now_us + QUIET_US;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

int64_t
keys_deadline(const struct keys *k)
{
	int64_t at = -1;

	if (k->waiting)
		at = earlier(at, k->waiting_us + REPEAT_US);
	if (k->stop_asked)
		at = earlier(at, k->stop_until_us);
	if (k->digits)
		at = earlier(at, k->digits_until_us);
	if (strcmp(k->twice, "ctrl-r") == 0)
		at = earlier(at, k->twice_until_us);
	return at;
}

void
keys_tick(struct keys *k, const struct show *show, int64_t now_us)
{
	if (k->waiting && now_us >= k->waiting_us + REPEAT_US)
		fire_waiting(k, show);
	if (k->stop_asked && now_us >= k->stop_until_us) {
		close_question(k);
		emit(k, KEYS_SAY, now_us, "rolls on");
	}
	if (k->digits && now_us >= k->digits_until_us) {
		k->digits = false;
		k->question[0] = '\0';
	}
	if (strcmp(k->twice, "ctrl-r") == 0 && now_us >= k->twice_until_us)
		close_question(k);
}

const char *
keys_question(const struct keys *k)
{
	return k->question;
}

bool
keys_is_locked(const struct keys *k)
{
	return k->locked;
}

bool
keys_is_hot(const struct keys *k)
{
	return k->hot;
}

void
keys_alarms_shown(struct keys *k, int count)
{
	k->alarms = count;
}

void
keys_set_locked(struct keys *k, bool locked)
{
	k->locked = locked;
}
