/*
 * keymap_private.h - inside of a set of keys, shared by keymap*.c only.
 */
#ifndef APP_KEYMAP_PRIVATE_H
#define APP_KEYMAP_PRIVATE_H

#include "app/keymap.h"

#define KEYMAP_ENTRIES 512

struct keymap {
	char name[64];
	const struct keymap_entry *entries;
	int count;			/* all of them, twins too */
	struct keymap_entry *own;	/* from a file: entries, with their texts on the heap */
};

extern const struct keymap keymap_sets[];	/* ends with name "" */

#endif
