/*
 * keymap.c - the table of keys.  Keys are command text; the help screen is printed from here.
 */
#include "app/keymap.h"

#include <string.h>

#define DIGIT(d) { .key = d, .command = "preview %n", .help = "put this camera on preview" }

static const struct keymap_entry atem_keys[] = {
	{ .key = "1", .command = "preview %n", .words = "1-9,0 preview",
	  .help = "put camera 1-10 on preview; ; and two digits: any number" },
	DIGIT("2"), DIGIT("3"), DIGIT("4"), DIGIT("5"), DIGIT("6"), DIGIT("7"), DIGIT("8"), DIGIT("9"), DIGIT("0"),
	{ .key = ";", .guard = KEY_UI, .help = "then two digits: put that camera number on preview" },
	{ .key = "space", .command = "cut %p", .words = "SPACE cut", .help = "cut to the preview source; the two swap" },
	{ .key = "enter", .command = "cut %p on bar", .help = "cut on the next bar (refused while no clock runs)" },
	{ .key = "backspace", .command = "cut back", .words = "BKSP cut back",
	  .help = "cut back to the source before; again within 3 s: strike the cut from the cut list" },
	{ .key = "esc", .command = "cancel", .help = "cancel the pending cut; close what is open" },
	{ .key = "ctrl-r", .command = "record start", .guard = KEY_TWICE, .words = "^R ^R roll", .while_locked = false,
	  .help = "twice within 3 s: roll all cameras; while rolling: asks whether to stop" },
	{ .key = "m", .command = "tag mark", .words = "m mark", .help = "mark this moment" },
	{ .key = "M", .guard = KEY_UI, .help = "mark this moment and type its text" },
	{ .key = "f", .command = "flip -t %p", .words = "f flip", .help = "flip the preview camera front/back" },
	{ .key = "z", .command = "zoom -t %p %+", .words = "z/Z zoom", .repeats = true, .help = "zoom the preview camera in" },
	{ .key = "Z", .command = "zoom -t %p %-", .repeats = true, .help = "zoom the preview camera out" },
	{ .key = "i", .command = "identify -t %p", .help = "the preview camera flashes for 3 s" },
	{ .key = "a", .command = "seen %a", .help = "mark the alarms on the screen as seen" },
	{ .key = "g", .command = "graphics next", .help = "next kind of picture: sixel, symbols, none" },
	{ .key = "v", .guard = KEY_UI, .help = "next view: sheet, health, takes, mesh, log" },
	{ .key = "page-down", .guard = KEY_UI, .while_locked = true, .help = "next page" },
	{ .key = "page-up", .guard = KEY_UI, .while_locked = true, .help = "page before" },
	{ .key = "H", .guard = KEY_UI, .help = "hot-cut row on or off: then q w e r t y u i o p cut to camera 1-10 at once" },
	{ .key = "L", .guard = KEY_UI, .while_locked = true, .help = "lock the keys; L L unlocks" },
	{ .key = ":", .guard = KEY_UI, .words = ": command", .help = "type a command" },
	{ .key = "?", .guard = KEY_UI, .while_locked = true, .words = "? keys", .help = "this help; again: back to the pictures" },
	{ .key = "ctrl-l", .guard = KEY_UI, .while_locked = true, .help = "draw the screen anew" },
};

struct keymap {
	const char *name;
	const struct keymap_entry *entries;
	int count;
};

static const struct keymap builtins[] = {
	{ "atem", atem_keys, (int)(sizeof atem_keys / sizeof atem_keys[0]) },
};

const struct keymap *
keymap_builtin(const char *name)
{
	for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; i++)
		if (strcmp(builtins[i].name, name) == 0)
			return &builtins[i];
	return NULL;
}

const char *
keymap_name(const struct keymap *k)
{
	return k->name;
}

int
keymap_count(const struct keymap *k)
{
	return k->count;
}

const struct keymap_entry *
keymap_at(const struct keymap *k, int index)
{
	return index >= 0 && index < k->count ? &k->entries[index] : NULL;
}

const struct keymap_entry *
keymap_find(const struct keymap *k, const char *key)
{
	for (int i = 0; i < k->count; i++)
		if (strcmp(k->entries[i].key, key) == 0)
			return &k->entries[i];
	return NULL;
}
