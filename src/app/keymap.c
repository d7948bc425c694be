/*
 * keymap.c - sets of keys looked up, and what guards a command that a key gives.  Owns no key's state.
 */
#include "app/keymap_private.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "base/str.h"

static const struct keymap_action actions[] = {
	{ "prompt", false, false, "opens the prompt; text behind it stands there already" },
	{ "mark-text", false, true, "opens the prompt for the text of a mark whose time is now" },
	{ "camera-number", false, false, "two digits follow: that camera goes on preview; one alone does after 2 s" },
	{ "next-layout", false, false, "the next layout of the pictures" },
	{ "next-view", false, false, "the next view" },
	{ "page-next", true, false, "the next page" },
	{ "page-back", true, false, "the page before" },
	{ "more-tiles", true, false, "more cameras a page" },
	{ "fewer-tiles", true, false, "fewer cameras a page" },
	{ "focus-left", true, false, "the focus goes to the camera on the left" },
	{ "focus-right", true, false, "the focus goes to the camera on the right" },
	{ "focus-up", true, false, "the focus goes up; lists scroll" },
	{ "focus-down", true, false, "the focus goes down; lists scroll" },
	{ "hot", false, true, "switches the hot cuts on and off" },
	{ "lock-keys", true, true, "locks the keys; twice unlocks them" },
	{ "show-help", true, false, "shows the keys and commands, and goes back" },
	{ "redraw", true, false, "draws the screen anew" },
	{ .name = NULL },
};

const struct keymap_action *
keymap_action_at(int index)
{
	return index >= 0 && index < (int)(sizeof actions / sizeof actions[0]) - 1 ? &actions[index] : NULL;
}

const struct keymap_action *
keymap_action_find(const char *command)
{
	size_t len = strcspn(command, " ");

	for (const struct keymap_action *a = actions; a->name != NULL; a++)
		if (strlen(a->name) == len && strncmp(a->name, command, len) == 0)
			return a;
	return NULL;
}

static bool
is_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	return strncmp(text, word, len) == 0 && (text[len] == ' ' || text[len] == '\0');
}

static bool
is_one_of(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (is_word(text, *words))
			return true;
	return false;
}

/* What stands behind "cut ": the preview source or no camera of its own is a cut, any other camera a hot cut. */
static enum keymap_guard
guard_of_cut(const char *rest)
{
	static const char *const cuts[] = { "%p", "@preview", "now", "on", "after", "black", "safe", NULL };

	rest += strspn(rest, " ");
	if (is_word(rest, "back"))
		return KEY_BACK;
	return rest[0] == '\0' || is_one_of(rest, cuts) ? KEY_CUT : KEY_HOT;
}

enum keymap_guard
keymap_guard_of(const char *command)
{
	static const char *const free_words[] = { "preview", "zoom", "view", "layout", "graphics", "theme", "keys", "help", "echo", NULL };

	if (keymap_action_find(command) != NULL)
		return KEY_UI;
	if (is_word(command, "record"))
		return KEY_TWICE;
	if (is_word(command, "cut"))
		return guard_of_cut(command + strlen("cut"));
	return is_one_of(command, free_words) ? KEY_FREE : KEY_ONCE;
}

const struct keymap *
keymap_builtin(const char *name)
{
	for (const struct keymap *k = keymap_sets; k->name[0] != '\0'; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

const char *
keymap_builtin_name(int index)
{
	int i = 0;

	for (const struct keymap *k = keymap_sets; k->name[0] != '\0'; k++)
		if (i++ == index)
			return k->name;
	return NULL;
}

const char *
keymap_name(const struct keymap *k)
{
	return k->name;
}

void
keymap_set_name(struct keymap *k, const char *name)
{
	str_clean(k->name, sizeof k->name, name, strlen(name), 16);
}

int
keymap_count(const struct keymap *k)
{
	int count = 0;

	for (int i = 0; i < k->count; i++)
		count += k->entries[i].help != NULL;
	return count;
}

const struct keymap_entry *
keymap_at(const struct keymap *k, int index)
{
	for (int i = 0; i < k->count; i++)
		if (k->entries[i].help != NULL && index-- == 0)
			return &k->entries[i];
	return NULL;
}

const struct keymap_entry *
keymap_find(const struct keymap *k, const char *key, bool hot)
{
	const struct keymap_entry *found = NULL;

	for (int i = 0; i < k->count; i++) {
		bool is_hot = k->entries[i].guard == KEY_HOT;

		if (strcmp(k->entries[i].key, key) != 0)
			continue;
		if (is_hot && hot)
			return &k->entries[i];
		if (!is_hot)
			found = &k->entries[i];
	}
	return found;
}

void
keymap_key_words(char *out, size_t out_size, const char *key)
{
	bool starts = true;

	if (strlen(key) == 1 || (unsigned char)key[0] >= 0x80) {
		str_copy(out, out_size, key);
		return;
	}
	str_copy(out, out_size, key);
	/* The letter behind alt- stays what it is: alt-z and alt-Z are two keys. */
	if (str_has_prefix(key, "alt-") && out_size > 0) {
		out[0] = 'A';
		return;
	}
	for (char *p = out; *p != '\0'; p++) {
		if (starts)
			*p = (char)toupper((unsigned char)*p);
		starts = *p == '-';
	}
}
