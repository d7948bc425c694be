/*
 * str.c - UTF-8 taken apart and put together, measured, cut and compared.
 * Owns nothing.  Never asks the locale.
 */
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str_private.h"

#define BAD 0xfffdu

/* What the lead byte promises: length, its own bits, and the least second byte and the greatest (RFC 3629 section 4). */
static size_t
str_lead(unsigned char lead, uint32_t *bits, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xbf;
	if (lead >= 0xc2 && lead <= 0xdf) {
		*bits = lead & 0x1fu;
		return 2;
	}
	if (lead >= 0xe0 && lead <= 0xef) {
		*bits = lead & 0x0fu;
		if (lead == 0xe0)
			*low = 0xa0;
		if (lead == 0xed)	/* surrogates */
			*high = 0x9f;
		return 3;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		*bits = lead & 0x07u;
		if (lead == 0xf0)
			*low = 0x90;
		if (lead == 0xf4)
			*high = 0x8f;
		return 4;
	}
	return 0;
}

size_t
str_next(const char *text, size_t len, uint32_t *cp)
{
	const unsigned char *p = (const unsigned char *)text;
	unsigned char low, high;
	uint32_t bits;
	size_t want;

	*cp = BAD;
	if (len == 0)
		return 1;
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	want = str_lead(p[0], &bits, &low, &high);
	if (want == 0)
		return 1;
	for (size_t i = 1; i < want; i++) {
		if (i >= len || p[i] < low || p[i] > high)
			return i;
		bits = bits << 6 | (p[i] & 0x3fu);
		low = 0x80;
		high = 0xbf;
	}
	*cp = bits;
	return want;
}

size_t
str_put(char out[4], uint32_t cp)
{
	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		cp = BAD;
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

bool
str_is_utf8(const char *text, size_t len)
{
	char again[4];
	uint32_t cp;

	for (size_t i = 0, step; i < len; i += step) {
		step = str_next(text + i, len - i, &cp);
		if (cp == BAD && (step != 3 || str_put(again, cp) != step || memcmp(again, text + i, step) != 0))
			return false;
	}
	return true;
}

int
str_cells(const char *text)
{
	size_t len = strlen(text);
	uint32_t cp;
	int cells = 0;

	for (size_t i = 0; i < len;) {
		i += str_next(text + i, len - i, &cp);
		cells += str_char_cells(cp);
	}
	return cells;
}

int
str_cut(char *out, size_t out_size, const char *text, int cells)
{
	size_t len = strlen(text), used = 0, bytes;
	uint32_t cp;
	int columns = 0;

	if (out_size == 0)
		return 0;
	for (size_t i = 0; i < len;) {
		char one[4];
		int width;

		i += str_next(text + i, len - i, &cp);
		bytes = str_put(one, cp);
		width = str_char_cells(cp);
		if (used + bytes >= out_size || columns + width > cells)
			break;
		memcpy(out + used, one, bytes);
		used += bytes;
		columns += width;
	}
	used -= str_joiner_bytes(out, used);
	out[used] = '\0';
	return columns;
}

bool
str_copy(char *out, size_t out_size, const char *text)
{
	size_t len = strlen(text), keep = len, i = 0, step;
	uint32_t cp;

	if (out_size == 0)
		return false;
	if (len >= out_size) {
		/* Whole characters only: half of one is not text any more. */
		for (keep = 0; i < len; i += step, keep = i) {
			step = str_next(text + i, len - i, &cp);
			if (i + step >= out_size)
				break;
		}
	}
	memmove(out, text, keep);
	out[keep] = '\0';
	return keep == len;
}

bool
str_has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static char
str_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
str_equal_nocase(const char *a, const char *b)
{
	while (*a != '\0' && str_lower(*a) == str_lower(*b))
		a++, b++;
	return str_lower(*a) == str_lower(*b);
}

bool
str_at_home(char *out, size_t out_size, const char *path)
{
	const char *home = getenv("HOME");
	const bool is_there = str_has_prefix(path, "~/") && home != NULL && home[0] == '/';
	const int len = snprintf(out, out_size, "%s%s", is_there ? home : "", path + is_there);

	return len >= 0 && (size_t)len < out_size;
}
