/*
 * keymap.h - keys are command text: the sets of keys, built in and from files, with the help that `?` prints.
 * Built in: atem (the default), voctomix, nle.  A file changes or adds to one of them.  Pure.
 */
#ifndef APP_KEYMAP_H
#define APP_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

enum keymap_guard { KEY_FREE, KEY_TWICE, KEY_UI };	/* TWICE: within 3 s; UI: handled by the screen itself */

struct keymap_entry {
	const char *key;		/* "space" "1" "ctrl-r" "enter" "backspace" "esc" "!" */
	/* "%n" the node this digit's tile showed, "%p" the preview source shown, "%+" "%-" its next zoom, "%a" how many alarms it showed; NULL for KEY_UI */
	const char *command;
	enum keymap_guard guard;
	bool repeats;			/* a held key goes on (z, Z) */
	bool while_locked;
	const char *words;		/* for the key line at the bottom; NULL: not there */
	const char *help;		/* one sentence */
};

struct keymap;				/* immutable once made */

/* "atem" "voctomix" "nle"; NULL: no such set.  Never freed. */
const struct keymap *keymap_builtin(const char *name);
const char *keymap_name(const struct keymap *k);
int keymap_count(const struct keymap *k);
const struct keymap_entry *keymap_at(const struct keymap *k, int index);
const struct keymap_entry *keymap_find(const struct keymap *k, const char *key);

#endif
