/*
 * keyname.c - owns the list of keys that have names.  Never knows what a key does, nor which may do something.
 */
#include "app/keyname.h"

#include <ctype.h>
#include <string.h>
#include "base/nearest.h"
#include "base/str.h"

static const char *const names[] = {
	"space", "enter", "backspace", "tab", "back-tab", "up", "down", "left", "right", "home", "end", "insert", "delete",
	"page-up", "page-down", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12", "ctrl-space", "esc",
};
static const struct { const char *written, *key; } twins[] = {
	{ "escape", "esc" }, { "bksp", "backspace" }, { "return", "enter" }, { "hash", "#" }, { "quote", "\"" },
};

static bool
is_named(const char *key)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i], key) == 0)
			return true;
	return false;
}

static bool
unknown(const char *word, struct err *e)
{
	const char *best = NULL;
	int least = nearest_limit(word);
	char clean[48];

	str_clean(clean, sizeof clean, word, strlen(word), 24);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		nearest_try(word, names[i], &least, &best);
	if (best != NULL)
		return err_set(e, ERR_USAGE, "`%s` is no key; the nearest is `%s`", clean, best);
	return err_set(e, ERR_USAGE, "`%s` is no key; expected a character, ctrl-x, alt-x, f1 to f12, or space, enter, up, page-down ...", clean);
}

static bool
is_one_character(const char *word)
{
	uint32_t cp;
	size_t len = strlen(word);

	return len > 0 && str_next(word, len, &cp) == len && cp > 0x20 && cp != 0x7f && cp != 0xfffd && (cp < 0x80 || cp >= 0xa0);
}

bool
keyname_is_ctrl(const char *key)
{
	return str_has_prefix(key, "ctrl-") && key[5] >= 'a' && key[5] <= 'z' && key[6] == '\0';
}

bool
keyname_read(char key[static KEYNAME_BYTES], const char *word, struct err *e)
{
	char lower[KEYNAME_BYTES];

	if (is_one_character(word))
		return str_copy(key, KEYNAME_BYTES, word) || unknown(word, e);
	if (!str_copy(lower, sizeof lower, word))
		return unknown(word, e);
	for (char *p = lower; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++)
		if (strcmp(lower, twins[i].written) == 0)
			return str_copy(key, KEYNAME_BYTES, twins[i].key);
	str_copy(key, KEYNAME_BYTES, lower);
	if (str_has_prefix(lower, "alt-") && strlen(lower) == 5 && is_one_character(word + 4)) {
		key[4] = word[4];	/* alt-z and alt-Z are two keys */
		return true;
	}
	return keyname_is_ctrl(key) || strcmp(key, "ctrl-\\") == 0 || is_named(key) || unknown(word, e);
}
