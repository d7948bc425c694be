/*
 * keys.c - what a key press may do now: holds, double presses, the stop question, the lock.
 * Owns the little state of the operator's fingers; never runs a command, never reads a clock.
 */
#include "ui/keys_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

#define TWICE_US 3000000		/* Ctrl-R Ctrl-R, BackSpace BackSpace, the same key for --force */
#define STOP_QUESTION_US 5000000
#define QUIET_US 400000			/* after the prompt closed */
#define NOISE_US 300000
#define REPEAT_US 130000		/* slower than any keyboard's own repetition */
#define FIRST_REPEAT_US 750000		/* the longest wait before a keyboard begins to repeat */
#define UNLOCK_US 1500000
#define CAPS_US 2000000			/* capitals further apart than this are no row of them */
#define CAPS_RUN 3			/* so many are none that is meant; two, where one of them is no key */

struct keys *
keys_new(keys_fn *fn, void *arg)
{
	struct keys *k = xcalloc(1, sizeof *k);

	k->map = keymap_builtin("atem");
	k->quiet_after = "the prompt";
	k->fn = fn;
	k->arg = arg;
	k->last_us = k->caps_us = INT64_MIN / 2;
	k->zoom_us = k->chosen_us = INT64_MIN / 2;
	k->noise_told_us = INT64_MIN / 2;
	return k;
}

static void
close_question(struct keys *k)
{
	k->stop_asked = k->stop_armed = k->digits = false;
	k->twice[0] = '\0';
	k->question[0] = '\0';
}

void
keys_set_map(struct keys *k, const struct keymap *map)
{
	/* What was half done with the old keys is not finished by the new ones. */
	if (k->map != map)
		k->hot = false;
	k->map = map;
	k->waiting = false;
	close_question(k);
}

void
keys_free(struct keys *k)
{
	free(k);
}

/* The key that does this; for sentences. */
static const char *
key_of(const struct keys *k, const char *command, char *out, size_t out_size)
{
	str_copy(out, out_size, "");
	for (int i = 0; i < keymap_count(k->map); i++)
		if (strcmp(keymap_at(k->map, i)->command, command) == 0)
			keymap_key_words(out, out_size, keymap_at(k->map, i)->key);
	return out;
}

static void
say_locked(struct keys *k, int64_t now_us)
{
	char key[16];

	key_of(k, "lock-keys", key, sizeof key);
	keys_emit(k, KEYS_SAY, now_us, "locked: %s %s unlocks", key, key);
}

/* Held, it does its work once; amid noise it does nothing. */
static bool
is_guarded(const struct keymap_entry *e)
{
	const struct keymap_action *action;

	if (e == NULL)
		return false;
	action = e->guard == KEY_UI ? keymap_action_find(e->command) : NULL;
	return (action != NULL && action->once) || (e->guard != KEY_UI && e->guard != KEY_FREE);
}

/* It changes what is on program. */
static bool
cuts(const struct keymap_entry *e)
{
	return e != NULL && (e->guard == KEY_CUT || e->guard == KEY_BACK || e->guard == KEY_HOT);
}

/* Fingers still on what closed the prompt, or sent Esc, must not reach these. */
static bool
rests(const struct keymap_entry *e, const char *key)
{
	return cuts(e) || strcmp(key, "space") == 0 || strcmp(key, "enter") == 0;
}

static void
ask_stop(struct keys *k, const struct show *show, int64_t now_us)
{
	k->twice[0] = '\0';
	if (k->stop_asked)
		return;			/* repetition neither stops nor prolongs the question */
	k->stop_asked = true;
	k->stop_armed = false;
	k->stop_until_us = now_us + STOP_QUESTION_US;
	snprintf(k->question, sizeof k->question, "STOP take %s on %d camera%s? s Enter stops, Esc rolls on",
	    show->take, show->rolling_asked, show->rolling_asked == 1 ? "" : "s");
}

static void
press_record(struct keys *k, const struct keymap_entry *e, const struct show *show, int64_t now_us)
{
	bool is_all = strcmp(e->command, "record start") == 0;
	char key[16];

	if (show->rolling || show->starting || show->stopping) {
		ask_stop(k, show, now_us);
		return;
	}
	if (strcmp(k->twice, e->key) == 0 && now_us < k->twice_until_us) {
		close_question(k);
		keys_command(k, e, show, now_us);
		return;
	}
	str_copy(k->twice, sizeof k->twice, e->key);
	k->twice_rolls = true;
	k->twice_until_us = now_us + TWICE_US;
	keymap_key_words(key, sizeof key, e->key);
	snprintf(k->question, sizeof k->question, "ROLL %.60s? %s again within 3 s rolls, Esc does not",
	    is_all ? "all cameras" : e->command, key);
}

/* True when the standing stop question took the key. */
static bool
answer_stop(struct keys *k, const char *key, int64_t now_us)
{
	const struct keymap_entry *e = keymap_find(k->map, key, k->hot);

	if (strcmp(key, "s") == 0) {
		k->stop_armed = true;
		str_copy(k->question, sizeof k->question, "STOP: Enter stops all cameras, Esc rolls on");
		return true;
	}
	if (strcmp(key, "esc") == 0) {
		close_question(k);
		keys_emit(k, KEYS_SAY, now_us, "rolls on");
		return true;
	}
	if (strcmp(key, "enter") != 0)
		return false;
	if (k->stop_armed) {
		close_question(k);
		k->quiet_after = "the answer";
		k->quiet_until_us = now_us + QUIET_US;	/* a second, nervous Enter is no cut */
		keys_emit(k, KEYS_SUBMIT, now_us, "record stop");
		return true;
	}
	if (e != NULL && e->guard == KEY_CUT && strstr(e->command, " on ") == NULL)
		return false;		/* where Enter cuts, cutting goes on */
	keys_emit(k, KEYS_SAY, now_us, "nothing stopped: s first, then Enter");
	return true;
}

static void
press_back(struct keys *k, const struct keymap_entry *e, const struct show *show, int64_t now_us)
{
	if (!k->twice_rolls && strcmp(k->twice, e->key) == 0 && now_us < k->twice_until_us) {
		k->twice[0] = '\0';
		keys_emit(k, KEYS_SUBMIT, now_us, "strike");
		return;
	}
	keys_command(k, e, show, now_us);
	str_copy(k->twice, sizeof k->twice, e->key);
	k->twice_rolls = false;
	k->twice_until_us = now_us + TWICE_US;
}

static void
press_lock(struct keys *k, int64_t now_us)
{
	if (!k->locked) {
		k->locked = true;
		k->unlock_until_us = 0;
		say_locked(k, now_us);
	} else if (now_us < k->unlock_until_us) {
		k->locked = false;
		keys_emit(k, KEYS_SAY, now_us, "unlocked");
	} else
		k->unlock_until_us = now_us + UNLOCK_US;
}

/* "q w e r ..." of this set: the keys that cut straight to a camera. */
static void
hot_keys(const struct keys *k, char *out, size_t out_size)
{
	static const char order[] = "1234567890qwertyuiopasdfghjklzxcvbnm";
	size_t len = 0;

	out[0] = '\0';
	for (const char *p = order; *p != '\0' && len + 3 < out_size; p++) {
		const struct keymap_entry *e = keymap_find(k->map, (char[2]){ *p, '\0' }, true);

		if (e != NULL && e->guard == KEY_HOT)
			len += (size_t)snprintf(out + len, out_size - len, "%c ", *p);
	}
}

static void
press_hot(struct keys *k, int64_t now_us)
{
	char list[80];

	k->hot = !k->hot;
	hot_keys(k, list, sizeof list);
	if (k->hot)
		keys_emit(k, KEYS_SAY, now_us, "hot cuts ON: %scut to a camera at once", list);
	else
		keys_emit(k, KEYS_SAY, now_us, "hot cuts off");
}

static void
press_ui(struct keys *k, const struct keymap_entry *e, int64_t now_us)
{
	if (strcmp(e->command, "lock-keys") == 0)
		press_lock(k, now_us);
	else if (strcmp(e->command, "hot") == 0)
		press_hot(k, now_us);
	else if (strcmp(e->command, "camera-number") == 0)
		keys_number_open(k, now_us);
	else
		keys_emit(k, KEYS_UI, now_us, "%s", e->command);
}

static void
say_how_to_quit(struct keys *k, int64_t now_us)
{
	keys_emit(k, KEYS_SAY, now_us, "this key does not stop a show: type :quit and Enter to leave");
}

/* Another key than the one whose second press is awaited; true: Esc took the question back. */
static bool
drop_twice(struct keys *k, const char *key)
{
	bool was_roll = k->twice[0] != '\0' && k->twice_rolls;

	if (strcmp(k->twice, key) == 0)
		return false;
	k->twice[0] = '\0';
	if (!was_roll || k->stop_asked)
		return false;
	k->question[0] = '\0';
	return strcmp(key, "esc") == 0;
}

/* Whoever pressed a wrong key learns it; of what may be the rest of a sequence nothing is said. */
static void
say_unbound(struct keys *k, const struct input_event *ev, int64_t now_us)
{
	const bool is_one = ev->key[0] > ' ' && ev->key[0] < 0x7f && ev->key[1] == '\0';
	char help[16];

	if (!is_one || ev->after_esc || ev->after_drop || ev->burst)
		return;
	key_of(k, "show-help", help, sizeof help);
	keys_emit(k, KEYS_SAY, now_us, "%s is no key here%s%s%s", ev->key, help[0] != '\0' ? ": " : "", help, help[0] != '\0' ? " shows the keys" : "");
}

/* The press has passed every guard: do it. */
static void
act(struct keys *k, const struct input_event *ev, const struct show *show, int64_t now_us)
{
	const struct keymap_entry *e = keymap_find(k->map, ev->key, k->hot);

	if (drop_twice(k, ev->key))
		return;
	if (e == NULL) {
		say_unbound(k, ev, now_us);
		return;
	}
	if (e->guard == KEY_UI)
		press_ui(k, e, now_us);
	else if (e->guard == KEY_TWICE)
		press_record(k, e, show, now_us);
	else if (e->guard == KEY_BACK)
		press_back(k, e, show, now_us);
	else
		keys_command(k, e, show, now_us);
	if (e->guard == KEY_CUT || e->guard == KEY_HOT)
		str_copy(k->refused_key, sizeof k->refused_key, ev->key);
}

/* True: this press is, or may be, the keyboard repeating a held key. */
static bool
is_hold(struct keys *k, const struct input_event *ev, const struct show *show, int64_t now_us)
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
	str_copy(k->seen, sizeof k->seen, show->preview);
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
	k->was_seen = true;
	act(k, &ev, show, k->waiting_us);
	k->was_seen = false;
}

/* Of many keys in one read, the one that opens the prompt for all behind it. */
static bool
opens_for_rest(struct keys *k, const struct input_event *ev, const struct keymap_entry *e)
{
	const bool begins = ev->is_first || ev->is_behind_esc || k->is_row_over;

	k->is_row_over = false;
	return begins && e != NULL && e->guard == KEY_UI && strcmp(e->command, "prompt") == 0;
}

static bool
refuse_for_noise(struct keys *k, const struct input_event *ev, const struct keymap_entry *e, int64_t now_us)
{
	bool harmful = is_guarded(e) || (k->stop_asked && strcmp(ev->key, "s") == 0), opens = opens_for_rest(k, ev, e);

	if (!ev->noisy && !(ev->burst && (harmful || !opens)) && !(harmful && now_us < k->noise_until_us))
		return false;
	if (now_us - k->noise_told_us > 1000000) {
		k->noise_told_us = now_us;
		keys_emit(k, KEYS_SAY, now_us, "that was no keyboard: ignored (: opens the prompt for pasted text)");
	}
	return true;
}

/* ---- capitals lock ---- */

static bool
is_letter(const char *key, char from, char to)
{
	return key[0] >= from && key[0] <= to && key[1] == '\0';
}

void
keys_typed(struct keys *k, const struct input_event *ev)
{
	if (!is_letter(ev->key, 'a', 'z'))
		return;
	k->caps = false;
	k->caps_run = k->caps_unbound = 0;
	k->caps_last[0] = '\0';
}

/* Several capitals in a row are a lock nobody meant, two already when one of them is no key.  True: the key must do nothing. */
static bool
watch_capitals(struct keys *k, const struct input_event *ev, const struct keymap_entry *e, int64_t now_us)
{
	bool was = k->caps;

	keys_typed(k, ev);
	if (!is_letter(ev->key, 'A', 'Z'))
		return false;
	/* What may be the rest of a sequence says nothing about a lock. */
	if (!was && (ev->after_esc || ev->after_drop || ev->burst))
		return false;
	if (now_us - k->caps_us > CAPS_US)
		k->caps_run = k->caps_unbound = 0;
	if (strcmp(k->caps_last, ev->key) != 0) {
		k->caps_run++;
		k->caps_unbound += e == NULL;
	}
	str_copy(k->caps_last, sizeof k->caps_last, ev->key);
	k->caps_us = now_us;
	if (!was && k->caps_run < (k->caps_unbound > 0 ? CAPS_RUN - 1 : CAPS_RUN)) {
		if (e == NULL)
			keys_emit(k, KEYS_SAY, now_us, "CAPS LOCK? %s is no key here", ev->key);
		return e == NULL;
	}
	k->caps = true;
	if (e != NULL && e->while_locked)
		return false;		/* harmless, and the only way out of the lock */
	if (!was || e != NULL)
		keys_emit(k, KEYS_SAY, now_us, "CAPS LOCK? %s does nothing: a lower-case letter shows that it is off", ev->key);
	return true;
}

/* ---- a press ---- */

/* True: the key rests just now, and that was said. */
static bool
refuse_for_rest(struct keys *k, const struct input_event *ev, const struct keymap_entry *e, int64_t now_us)
{
	bool after_prompt = now_us < k->quiet_until_us, after_esc = ev->after_esc;
	bool after_drop = ev->after_drop && (rests(e, ev->key) || is_guarded(e)) && (e == NULL || strcmp(e->command, "panic") != 0);

	if (!after_drop && ((!after_prompt && !after_esc) || !rests(e, ev->key)))
		return false;
	/* The finger may stay on it until the rest is over: that is then a hold. */
	str_copy(k->last, sizeof k->last, ev->key);
	k->last_us = now_us;
	k->held = false;
	if (after_prompt)
		keys_emit(k, KEYS_SAY, now_us, "%s rests for 0.4 s after %s: press it again", ev->key, k->quiet_after);
	else if (after_drop)
		keys_emit(k, KEYS_SAY, now_us, "%s rests until no key came for 0.7 s: something broken came before it", ev->key);
	else
		keys_emit(k, KEYS_SAY, now_us, "%s rests for 0.7 s after Esc: press it again", ev->key);
	return true;
}

/* Alt-x that nothing is bound to may be Esc and a word typed in haste: what would come of its letters rests too. */
static bool
refuse_for_alt(struct keys *k, const struct input_event *ev, const struct keymap_entry *e, int64_t now_us)
{
	if (e != NULL || !str_has_prefix(ev->key, "alt-"))
		return false;
	k->quiet_until_us = now_us + QUIET_US;
	k->quiet_after = "Alt";
	keys_emit(k, KEYS_SAY, now_us, "Alt%s is no key here", ev->key + strlen("alt"));
	return true;
}

static bool
is_for_shells(const char *key)
{
	return strcmp(key, "ctrl-c") == 0 || strcmp(key, "ctrl-z") == 0 || strcmp(key, "ctrl-\\") == 0;
}

void
keys_press(struct keys *k, const struct input_event *ev, const struct show *show, int64_t now_us)
{
	const struct keymap_entry *e = keymap_find(k->map, ev->key, k->hot);
	bool answers = k->stop_asked && (strcmp(ev->key, "enter") == 0 || strcmp(ev->key, "s") == 0);

	keys_tick(k, show, now_us);
	if (refuse_for_noise(k, ev, e, now_us) || watch_capitals(k, ev, e, now_us))
		return;
	if (is_for_shells(ev->key)) {
		say_how_to_quit(k, now_us);
		return;
	}
	if (k->locked && (e == NULL || !e->while_locked)) {
		say_locked(k, now_us);
		return;
	}
	if (refuse_for_rest(k, ev, e, now_us) || refuse_for_alt(k, ev, e, now_us))
		return;
	if (k->waiting && strcmp(k->waiting_ev.key, ev->key) != 0)
		fire_waiting(k, show);
	if (keys_number_digit(k, ev->key, show, now_us))
		return;
	if (is_guarded(e) || answers) {
		if (is_hold(k, ev, show, now_us))
			return;
	} else if (strcmp(k->last, ev->key) != 0)
		k->last[0] = '\0';
	if (k->stop_asked && answer_stop(k, ev->key, now_us))
		return;
	if (k->stop_asked && (e == NULL || e->guard != KEY_TWICE))
		close_question(k);
	act(k, ev, show, now_us);
}

void
keys_refused(struct keys *k, int64_t now_us)
{
	k->refused_until_us = now_us + TWICE_US;
}

void
keys_back_refused(struct keys *k)
{
	if (!k->twice_rolls)
		k->twice[0] = '\0';
}

void
keys_noise(struct keys *k, int64_t now_us)
{
	k->noise_until_us = now_us + NOISE_US;
}

void
keys_prompt_closed(struct keys *k, const char *key, int64_t now_us)
{
	k->quiet_until_us = now_us + QUIET_US;
	k->quiet_after = "the prompt";
	k->is_row_over = key != NULL;
	/* Held down, it goes on coming: nothing of that is a press. */
	str_copy(k->last, sizeof k->last, key != NULL ? key : "");
	k->last_us = now_us;
	k->held = false;
	k->waiting = false;
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
	if (k->twice[0] != '\0' && k->twice_rolls)
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
		keys_emit(k, KEYS_SAY, now_us, "rolls on");
	}
	if (k->digits && now_us >= k->digits_until_us)
		keys_number_late(k, show, now_us);
	if (k->twice[0] != '\0' && k->twice_rolls && now_us >= k->twice_until_us)
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

void
keys_set_focus(struct keys *k, const char *node)
{
	str_copy(k->focus, sizeof k->focus, node);
}

bool
keys_has_caps(const struct keys *k)
{
	return k->caps;
}
