/*
 * keys_private.h - the state of the operator's fingers, shared by keys.c and keys_command.c only.
 */
#ifndef UI_KEYS_PRIVATE_H
#define UI_KEYS_PRIVATE_H

#include "app/keymap.h"
#include "ui/keys.h"

struct keys {
	keys_fn *fn;
	void *arg;
	const struct keymap *map;
	bool locked, hot;
	const char *quiet_after;	/* what it rests for, in a sentence */
	int64_t quiet_until_us, noise_until_us, noise_told_us;
	char last[16];			/* last guarded key */
	int64_t last_us;
	bool held;
	bool waiting;			/* a second press that may be the first repetition of a held key */
	struct input_event waiting_ev;
	int64_t waiting_us;
	bool was_seen;			/* it is being done now: what counts is what was shown when it came */
	char seen[ID_BYTES];		/* the preview source then */
	char twice[16];			/* the key whose second press means more */
	bool twice_rolls;		/* it rolls; else it strikes */
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
	char focus[ID_BYTES];
	int alarms;
	char zoom_node[ID_BYTES];
	double zoom;
	int64_t zoom_us;
	bool caps;			/* capitals come that nobody means */
	int caps_run, caps_unbound;	/* different ones in a row; those of them that are no keys */
	char caps_last[16];
	int64_t caps_us;
	bool is_row_over;		/* the key before closed the prompt: on a slow line the next one's ':' comes in the same read */
	char question[160];
};

/* One result to whoever listens. */
void keys_emit(struct keys *k, enum keys_act act, int64_t now_us, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* What the entry says, its placeholders replaced by what the screen showed. */
void keys_command(struct keys *k, const struct keymap_entry *e, const struct show *show, int64_t now_us);
/* `;` and its digits. */
void keys_number_open(struct keys *k, int64_t now_us);
bool keys_number_digit(struct keys *k, const char *key, const struct show *show, int64_t now_us);
void keys_number_late(struct keys *k, const struct show *show, int64_t now_us);
void keys_command_number(struct keys *k, int number, const struct show *show, int64_t now_us);

#endif
