/*
 * keymap.h - keys are command text: the table of keys, with the help that `?` prints.
 */
#ifndef APP_KEYMAP_H
#define APP_KEYMAP_H

#include <stdbool.h>

enum keymap_guard { KEY_FREE, KEY_TWICE, KEY_STOPS, KEY_UI };	/* TWICE: within 3 s (Ctrl-R); UI: handled by the screen */

struct keymap_entry {
	const char *key;		/* "space" "1" "ctrl-r" "enter" "backspace" "esc" "!" */
	const char *command;		/* text; "%n" = the id the key's tile showed; NULL for KEY_UI */
	enum keymap_guard guard;
	bool repeats;			/* a held key goes on (z, Z) */
	bool while_locked;
	const char *words;		/* short: "preview", for the key line; NULL: not there */
	const char *help;		/* one sentence */
};

extern const struct keymap_entry keymap_table[];	/* ends with key NULL */
const struct keymap_entry *keymap_find(const char *key);

#endif
