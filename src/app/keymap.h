/*
 * keymap.h - keys are command text: the table of keys, with the help that `?` prints.
 */
#ifndef APP_KEYMAP_H
#define APP_KEYMAP_H

#include <stdbool.h>

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

extern const struct keymap_entry keymap_table[];	/* ends with key NULL */
const struct keymap_entry *keymap_find(const char *key);

#endif
