/*
 * str_clean.c - a stranger's bytes made printable (CWE-150).
 * Owns the list of harmful characters.  Never drops silently: tampering leaves a mark.
 */
#include "base/str.h"

#include <string.h>

#include "base/str_private.h"

#define MARK 0xfffdu		/* stands where something was taken away */
#define MAX_MARKS 4		/* combining marks on one base */
#define JOINER 0x200du

static const struct {
	uint32_t first, last;
} harmful[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f },	/* C0, DEL, C1 */
	{ 0x00ad, 0x00ad },			/* soft hyphen */
	{ 0x034f, 0x034f },			/* invisible joiner */
	{ 0x061c, 0x061c },			/* bidi control */
	{ 0x115f, 0x1160 },			/* blank letters */
	{ 0x180e, 0x180e },
	{ 0x200b, 0x200f },			/* zero width, bidi marks */
	{ 0x2028, 0x202e },			/* separators, bidi controls */
	{ 0x2060, 0x206f },			/* zero width, bidi isolates */
	{ 0x3164, 0x3164 },			/* blank letter */
	{ 0xd800, 0xdfff },
	{ 0xfdd0, 0xfdef },			/* noncharacters */
	{ 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 },
	{ 0xfff0, 0xfffc },			/* annotation, object replacement */
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },	/* invisible controls */
	{ 0xe0000, 0xe007f },			/* tags */
	{ 0x10eeee, 0x10eeee },			/* a terminal's picture placeholder */
};

bool
str_is_harmful(uint32_t cp)
{
	if (cp > 0x10ffff || (cp & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < sizeof harmful / sizeof harmful[0]; i++)
		if (cp >= harmful[i].first && cp <= harmful[i].last)
			return true;
	return false;
}

/*
 * What screens are drawn with: in a stranger's name it would be a border, a bar or a meter of ours.  Such text could
 * put a camera on the screen that is not there, or a word of state beside the wrong one.
 */
static bool
is_for_drawing(uint32_t cp)
{
	static const struct { uint32_t first, last; } drawing[] = {
		{ 0x239b, 0x23b3 }, { 0x23b7, 0x23cc }, { 0x23d0, 0x23d0 },	/* pieces of brackets, scan lines */
		{ 0x2500, 0x25af },		/* boxes, blocks, filled squares and bars */
		{ 0x2800, 0x2800 },		/* a blank letter of Braille */
		{ 0xe000, 0xf8ff }, { 0xf0000, 0xffffd }, { 0x100000, 0x10fffd },	/* private: any sign at all */
		{ 0x1fb00, 0x1fbff },		/* blocks in smaller pieces */
	};

	for (size_t i = 0; i < sizeof drawing / sizeof drawing[0]; i++)
		if (cp >= drawing[i].first && cp <= drawing[i].last)
			return true;
	return false;
}

static bool
is_pictograph(uint32_t cp)
{
	return (cp >= 0x1f000 && cp <= 0x1faff) || (cp >= 0x2300 && cp <= 0x23ff) ||
	    (cp >= 0x2600 && cp <= 0x27bf) || (cp >= 0x2b00 && cp <= 0x2bff);
}

size_t
str_joiner_bytes(const char *text, size_t len)
{
	return len >= 3 && memcmp(text + len - 3, "\xe2\x80\x8d", 3) == 0 ? 3 : 0;
}

struct clean {
	char *out;
	size_t room, used;
	int cells, max_cells;
	int marks;		/* on the present base; MAX_MARKS + 1: the surplus has been told */
	bool has_base, may_draw;
	uint32_t base, last;
};

static bool
clean_put(struct clean *c, uint32_t cp)
{
	char bytes[4];
	size_t count = str_put(bytes, cp);
	int cells = str_char_cells(cp);

	if (c->used + count > c->room || cells > c->max_cells - c->cells)
		return false;
	memcpy(c->out + c->used, bytes, count);
	c->used += count;
	c->cells += cells;
	return true;
}

/* One decoded character in; false: no more fits. */
static bool
clean_take(struct clean *c, uint32_t cp, uint32_t following)
{
	bool joins = cp == JOINER && c->has_base && c->last != JOINER && is_pictograph(c->base) && is_pictograph(following);

	if ((str_is_harmful(cp) && !joins) || (!c->may_draw && is_for_drawing(cp)))
		cp = MARK;
	c->last = cp;
	if (str_char_cells(cp) == 0) {
		if (c->has_base && c->marks < MAX_MARKS) {
			c->marks++;
			return clean_put(c, cp);
		}
		if (c->has_base && c->marks > MAX_MARKS)
			return true;
		/* The surplus of marks is told once, then swallowed up to the next base. */
		c->marks = MAX_MARKS + 1;
		c->base = MARK;
		c->has_base = true;
		return clean_put(c, MARK);
	}
	c->base = cp;
	c->has_base = true;
	c->marks = 0;
	return clean_put(c, cp);
}

static size_t
clean_all(struct clean c, size_t out_size, const char *in, size_t in_len)
{
	char *out = c.out;
	uint32_t cp, following;
	size_t step;

	if (out_size == 0)
		return 0;
	c.room = out_size - 1;
	for (size_t i = 0; i < in_len; i += step) {
		step = str_next(in + i, in_len - i, &cp);
		following = 0;
		if (i + step < in_len)
			str_next(in + i + step, in_len - i - step, &following);
		if (!clean_take(&c, cp, following))
			break;
	}
	c.used -= str_joiner_bytes(out, c.used);
	out[c.used] = '\0';
	return c.used;
}

size_t
str_clean(char *out, size_t out_size, const char *in, size_t in_len, int max_cells)
{
	return clean_all((struct clean){ .out = out, .max_cells = max_cells }, out_size, in, in_len);
}

size_t
str_clean_drawn(char *out, size_t out_size, const char *in, size_t in_len, int max_cells)
{
	return clean_all((struct clean){ .out = out, .max_cells = max_cells, .may_draw = true }, out_size, in, in_len);
}
