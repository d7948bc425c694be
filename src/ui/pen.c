/*
 * pen.c - long lists, line by line, folded to the width there is.  Owns nothing; never leaves its rows and columns.
 */
#include "ui/pen.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define LEAST_FOLD 8			/* narrower, and folding makes a column of syllables: it is cut */
#define PIECE_BYTES 1200		/* a line of the widest screen */

int
pen_row(const struct pen *p)
{
	const int row = p->top + p->at - p->scroll;

	return p->c != NULL && row >= p->top && row < p->bottom ? row : -1;
}

void
pen_put(const struct pen *p, int col, int width, enum theme_role role, const char *text)
{
	const int row = pen_row(p), room = p->cols - 1 - col;

	if (row >= 0 && room > 0)
		canvas_put_cut(p->c, row, col, width < room ? width : room, role, text);
}

void
pen_putf(const struct pen *p, int col, int width, enum theme_role role, const char *format, ...)
{
	char text[PIECE_BYTES];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	pen_put(p, col, width, role, text);
}

void
pen_put_right(const struct pen *p, int col, int width, enum theme_role role, const char *text)
{
	const int row = pen_row(p);

	if (row >= 0 && col + width <= p->cols - 1)
		canvas_put_right(p->c, row, col + width, width, role, text);
}

bool
pen_is_wider(const char *text, int cells)
{
	return strlen(text) > (size_t)(cells > 0 ? cells : 0) && str_cells(text) > cells;
}

size_t
pen_piece(const char *text, int room)
{
	const size_t len = strlen(text);
	size_t at = 0, blank = 0;
	int cells = 0;

	while (at < len) {
		uint32_t cp;
		const size_t n = str_next(text + at, len - at, &cp);

		cells += str_char_cells(cp);
		if (text[at] == ' ' && at > 0)
			blank = at;
		if (cells > room)
			break;
		at += n;
	}
	if (at == len || (blank == 0 && at == 0))
		return len;		/* all of it; or not even one character fits, and nothing more can be done with it */
	return blank > 0 ? blank : at;
}

void
pen_fold_here(struct pen *p, int col, enum theme_role role, const char *text)
{
	const int room = p->cols - 1 - col;

	while (room > LEAST_FOLD && pen_is_wider(text, room)) {
		const size_t len = pen_piece(text, room);

		if (pen_row(p) >= 0)
			pen_putf(p, col, room, role, "%.*s", (int)len, text);
		p->at++;
		text += len;
		text += *text == ' ';
	}
	pen_put(p, col, room, role, text);
}

void
pen_fold(struct pen *p, int col, enum theme_role role, const char *text)
{
	pen_fold_here(p, col, role, text);
	p->at++;
}

void
pen_head(struct pen *p, const char *title, const char *hint)
{
	const int col = 3 + str_cells(title);
	char cut[PIECE_BYTES], *end;

	pen_put(p, 1, p->cols - 2, ROLE_HEAD, title);
	str_copy(cut, sizeof cut, hint);
	while (pen_is_wider(cut, p->cols - 1 - col) && (end = strrchr(cut, ';')) != NULL)
		*end = '\0';
	pen_put(p, col, p->cols, ROLE_DIM, cut);
	p->at++;
}

void
pen_zone(const struct pen *p, const char *node, int lines)
{
	int first = p->top + p->at - lines - p->scroll, last = p->top + p->at - p->scroll;

	if (p->c == NULL)
		return;
	first = first > p->top ? first : p->top;
	last = last < p->bottom ? last : p->bottom;
	if (last > first)
		canvas_zone(p->c, node, first, 0, last - first, p->cols);
}
