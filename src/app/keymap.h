/*
 * keymap.h - keys are command text: the sets of keys, built in and from files, with the help that `?` prints.
 * Built in: atem (the default), voctomix, nle.  A file changes or adds to one of them.  Pure.
 *
 * What guards a key follows from its command, never from its name: a cut is a cut on whatever key it is.
 * File (livedirector-keys(5)): one `KEY COMMAND`, `KEY ACTION`, `unbind KEY` or `base SET` a line; # comments.
 */
#ifndef APP_KEYMAP_H
#define APP_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

enum keymap_guard {
	KEY_FREE,		/* may repeat: preview, zoom, views */
	KEY_TWICE,		/* record start: within 3 s; while a take rolls it asks whether to stop */
	KEY_UI,			/* handled by the screen itself: command is the action's name */
	KEY_ONCE,		/* a held key does it once */
	KEY_CUT,		/* once; rests after the prompt, after Esc, amid noise; refused: the same key again forces it */
	KEY_BACK,		/* cut back: once; again within 3 s strikes */
	KEY_HOT			/* cut straight to a camera: as KEY_CUT, and only while the hot cuts are switched on */
};

struct keymap_entry {
	const char *key;		/* "space" "1" "ctrl-r" "enter" "backspace" "esc" "!" */
	/* "%p" the preview source shown, "%3" camera 3 as shown, "%f" the camera in focus, "%+" "%-" the next zoom, "%a" how many alarms it showed */
	const char *command;
	enum keymap_guard guard;
	bool while_locked;
	const char *words;		/* for the key line at the bottom; NULL: not there */
	const char *brief;		/* the same where the line is short; NULL: words */
	const char *help;		/* one sentence; NULL: a twin of one that has it (2 to 0, f2 to f10, w to p) */
};

struct keymap;				/* immutable once made */

/* "atem" "voctomix" "nle"; NULL: no such set.  Never freed. */
const struct keymap *keymap_builtin(const char *name);
const char *keymap_builtin_name(int index);	/* NULL past the last */
/* A file's text.  NULL: e says FILE:LINE: what was expected.  Refuses what no single key may do. */
struct keymap *keymap_parse(const char *file, const char *text, size_t len, struct err *e);
void keymap_free(struct keymap *k);		/* NULL is fine; never a built-in one */
const char *keymap_name(const struct keymap *k);
/* The set by another name: a file's own, without its folder. */
void keymap_set_name(struct keymap *k, const char *name);
/* Those with help, in the order of the help screen. */
int keymap_count(const struct keymap *k);
const struct keymap_entry *keymap_at(const struct keymap *k, int index);
/* What the key does; hot: while the hot cuts are on.  NULL: nothing. */
const struct keymap_entry *keymap_find(const struct keymap *k, const char *key, bool hot);
/* What must stand before a key with this command acts. */
enum keymap_guard keymap_guard_of(const char *command);
/* An action of the screen: NULL past the last. */
struct keymap_action { const char *name; bool while_locked, once; const char *help; };
const struct keymap_action *keymap_action_at(int index);
const struct keymap_action *keymap_action_find(const char *command);
/* "Ctrl-R" for "ctrl-r": as people write it. */
void keymap_key_words(char *out, size_t out_size, const char *key);

#endif
