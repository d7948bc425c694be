/*
 * str_quote.c - text as a file name, as a JSON string, as a word of a guarded line.
 * Owns nothing.  Never lets through what could move a terminal or leave a folder.
 */
#include "base/str.h"

#include <stdio.h>
#include <string.h>

#include "base/str_private.h"

#define MAX_SLUG_BYTES 80

static bool
is_slug_char(uint32_t cp)
{
	return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') || (cp >= '0' && cp <= '9') ||
	    cp == '.' || cp == '_' || cp == '-';
}

/* Names that an old file system takes for a device, whatever follows the dot. */
static bool
is_reserved(const char *slug)
{
	static const char *const names[] = { "con", "prn", "aux", "nul" };
	size_t stem = strcspn(slug, ".");
	char word[8];

	if (stem < 3 || stem > 4)
		return false;
	snprintf(word, sizeof word, "%.*s", (int)stem, slug);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_equal_nocase(word, names[i]))
			return true;
	if (stem != 4 || word[3] < '1' || word[3] > '9')
		return false;
	word[3] = '\0';
	return str_equal_nocase(word, "com") || str_equal_nocase(word, "lpt");
}

void
str_slug(char *out, size_t out_size, const char *text)
{
	char slug[MAX_SLUG_BYTES + 1];
	size_t len = strlen(text), used = 0;
	uint32_t cp;

	for (size_t i = 0; i < len && used < MAX_SLUG_BYTES;) {
		i += str_next(text + i, len - i, &cp);
		if (!is_slug_char(cp))
			cp = '-';
		if (used == 0 && (cp == '.' || cp == '-'))
			continue;
		if (cp == '-' && slug[used - 1] == '-')
			continue;
		slug[used++] = (char)cp;
	}
	while (used > 0 && (slug[used - 1] == '-' || slug[used - 1] == '.'))
		used--;
	slug[used] = '\0';
	if (used == 0)
		snprintf(slug, sizeof slug, "node");
	if (is_reserved(slug)) {
		slug[MAX_SLUG_BYTES - 1] = '\0';
		snprintf(out, out_size, "_%s", slug);
	} else {
		str_copy(out, out_size, slug);
	}
}

/* One character as it stands inside a JSON string; returns its bytes. */
static size_t
json_char(char out[16], uint32_t cp)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *found = cp != 0 && cp < 0x80 ? strchr(plain, (int)cp) : NULL;

	if (found != NULL) {
		out[0] = '\\';
		out[1] = letters[found - plain];
		return 2;
	}
	if (!str_is_harmful(cp))
		return str_put(out, cp);
	if (cp < 0x10000)
		return (size_t)snprintf(out, 16, "\\u%04x", cp);
	cp -= 0x10000;
	return (size_t)snprintf(out, 16, "\\u%04x\\u%04x", 0xd800 + (cp >> 10), 0xdc00 + (cp & 0x3ff));
}

void
str_json(char *out, size_t out_size, const char *text)
{
	size_t len = strlen(text), used = 0, bytes;
	char one[16];
	uint32_t cp;

	if (out_size < 3) {
		if (out_size > 0)
			out[0] = '\0';
		return;
	}
	out[used++] = '"';
	for (size_t i = 0; i < len;) {
		i += str_next(text + i, len - i, &cp);
		bytes = json_char(one, cp);
		if (used + bytes + 2 > out_size)
			break;
		memcpy(out + used, one, bytes);
		used += bytes;
	}
	out[used++] = '"';
	out[used] = '\0';
}

void
str_word(char *out, size_t out_size, const char *text)
{
	size_t len = strlen(text);
	bool plain = len > 0 && str_is_utf8(text, len);
	uint32_t cp;

	for (size_t i = 0; plain && i < len;) {
		i += str_next(text + i, len - i, &cp);
		if (cp == ' ' || cp == '"' || cp == 0xa0 || cp == 0x3000 || str_is_harmful(cp))
			plain = false;
	}
	if (plain)
		str_copy(out, out_size, text);
	else
		str_json(out, out_size, text);
}
