/*
 * vt.c - a terminal in memory.  Owns the cells; keeps no colours.
 */
#include "support/vt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROUND, ESC_SEEN, CSI, STRING, STRING_ESC, CHARSET };

#define CELL_W_PX 9
#define CELL_H_PX 19

static void
blank(struct vt *v, int row, int from, int to)
{
	for (int x = from < 0 ? 0 : from; x < to && x < v->cols; x++)
		v->cell[row * v->cols + x] = L' ';
}

void
vt_init(struct vt *v, enum vt_kind kind, int rows, int cols, const struct vt_fns *fns, void *arg)
{
	memset(v, 0, sizeof *v);
	v->kind = kind;
	v->fns = *fns;
	v->arg = arg;
	v->rows = rows;
	v->cols = cols;
	v->bottom = rows - 1;
	v->cell = calloc((size_t)rows * (size_t)cols, sizeof v->cell[0]);
	if (v->cell == NULL)
		abort();
	for (int y = 0; y < rows; y++)
		blank(v, y, 0, cols);
}

void
vt_fini(struct vt *v)
{
	free(v->cell);
}

static void
answer(struct vt *v, const char *text)
{
	if (v->kind != VT_DUMB && v->fns.answer != NULL)
		v->fns.answer(v->arg, text, strlen(text));
}

/* Rows from..to move up by n (down: n < 0). */
static void
scroll(struct vt *v, int from, int to, int n)
{
	int count = to - from + 1;

	v->scrolls++;
	v->scrolled_row = v->row;
	v->scrolled_col = v->col;
	if (n > count || n < -count)
		n = n > 0 ? count : -count;
	for (int i = 0; i < count; i++) {
		int y = n > 0 ? from + i : to - i, source = y + n;

		if (source >= from && source <= to)
			memcpy(&v->cell[y * v->cols], &v->cell[source * v->cols], (size_t)v->cols * sizeof v->cell[0]);
		else
			blank(v, y, 0, v->cols);
	}
}

static void
line_feed(struct vt *v)
{
	if (v->row == v->bottom)
		scroll(v, v->top, v->bottom, 1);
	else if (v->row < v->rows - 1)
		v->row++;
	v->wraps = false;
}

static void
put(struct vt *v, wchar_t c)
{
	int width = wcwidth(c);

	if (width == 0)
		return;			/* a mark on the character before */
	width = width < 0 ? 1 : width;
	if (v->wraps || v->col + width > v->cols) {
		v->col = 0;
		line_feed(v);
	}
	v->cell[v->row * v->cols + v->col] = c;
	if (width == 2)
		v->cell[v->row * v->cols + v->col + 1] = 0;
	v->last = c;
	v->col += width;
	if (v->col >= v->cols) {
		v->col = v->cols - 1;
		v->wraps = true;
	}
}

static void
go(struct vt *v, int row, int col)
{
	v->row = row < 0 ? 0 : row >= v->rows ? v->rows - 1 : row;
	v->col = col < 0 ? 0 : col >= v->cols ? v->cols - 1 : col;
	v->wraps = false;
}

static void
erase_display(struct vt *v, int how)
{
	int from = how == 0 ? v->row + 1 : 0, to = how == 1 ? v->row : v->rows;

	for (int y = from; y < to; y++)
		blank(v, y, 0, v->cols);
	if (how == 0)
		blank(v, v->row, v->col, v->cols);
	if (how == 1)
		blank(v, v->row, 0, v->col + 1);
}

static void
shift(struct vt *v, int n)
{
	wchar_t *row = &v->cell[v->row * v->cols];
	int rest = v->cols - v->col;

	if (n > rest || n < -rest)
		n = n > 0 ? rest : -rest;
	if (n > 0) {
		memmove(row + v->col + n, row + v->col, (size_t)(rest - n) * sizeof row[0]);
		blank(v, v->row, v->col, v->col + n);
	} else {
		memmove(row + v->col, row + v->col - n, (size_t)(rest + n) * sizeof row[0]);
		blank(v, v->row, v->cols + n, v->cols);
	}
}

/* What a terminal of that kind says of itself; sizes as measured on the real ones. */
static void
question(struct vt *v, char final, const char *seq)
{
	const bool is_sixel = v->kind == VT_XTERM || v->kind == VT_JS || v->kind == VT_FENCELESS;
	char text[64];

	if (final == 'n' && strcmp(seq, "5") == 0 && v->kind != VT_FENCELESS)
		answer(v, "\x1b[0n");
	else if (final == 'c' && (seq[0] == '\0' || strcmp(seq, "0") == 0))
		answer(v, is_sixel ? "\x1b[?62;4;9;22c" : "\x1b[?62;9;22c");
	else if (final == 'q' && v->kind == VT_XTERM)
		answer(v, "\x1bP>|XTerm(379)\x1b\\");
	else if (final == 't' && strcmp(seq, "16") == 0 && is_sixel) {
		snprintf(text, sizeof text, "\x1b[6;%d;%dt", CELL_H_PX, CELL_W_PX);
		answer(v, text);
	} else if (final == 't' && strcmp(seq, "14") == 0 && is_sixel) {
		snprintf(text, sizeof text, "\x1b[4;%d;%dt", CELL_H_PX * v->rows, CELL_W_PX * v->cols);
		answer(v, text);
	} else if (final == 'S' && strncmp(seq, "?1", 2) == 0 && is_sixel)
		answer(v, "\x1b[?1;0;256S");
	else if (final == 'p' && strcmp(seq, "?2026$") == 0)
		answer(v, v->kind == VT_JS ? "\x1b[?2026;2$y" : "\x1b[?2026;0$y");
}

static void
not_known(struct vt *v, char final)
{
	v->unknown++;
	snprintf(v->unknown_text, sizeof v->unknown_text, "%.50s%c", v->seq, final);
}

static bool
edit(struct vt *v, char final, int a, int n)
{
	switch (final) {
	case 'J':
		erase_display(v, a);
		return true;
	case 'K':
		blank(v, v->row, a == 0 ? v->col : 0, a == 1 ? v->col + 1 : v->cols);
		return true;
	case 'X':
		blank(v, v->row, v->col, v->col + n);
		return true;
	case '@':
		shift(v, n);
		return true;
	case 'P':
		shift(v, -n);
		return true;
	case 'L':
	case 'M':
		if (v->row >= v->top && v->row <= v->bottom)
			scroll(v, v->row, v->bottom, final == 'L' ? -n : n);
		return true;
	case 'S':
	case 'T':
		scroll(v, v->top, v->bottom, final == 'S' ? n : -n);
		return true;
	case 'b':
		for (int i = 0; i < n && i < v->rows * v->cols; i++)
			put(v, v->last);
		return true;
	}
	return false;
}

static bool
move(struct vt *v, char final, int a, int b, int n)
{
	switch (final) {
	case 'H':
	case 'f':
		go(v, a - 1, b - 1);
		return true;
	case 'A':
		go(v, v->row - n, v->col);
		return true;
	case 'B':
		go(v, v->row + n, v->col);
		return true;
	case 'C':
		go(v, v->row, v->col + n);
		return true;
	case 'D':
		go(v, v->row, v->col - n);
		return true;
	case 'G':
		go(v, v->row, a - 1);
		return true;
	case 'd':
		go(v, a - 1, v->col);
		return true;
	case 'r':
		v->top = a > 0 ? a - 1 : 0;
		v->bottom = b > 0 && b <= v->rows ? b - 1 : v->rows - 1;
		go(v, 0, 0);
		return true;
	}
	return false;
}

static void
control(struct vt *v, char final)
{
	int a = 0, b = 0;

	v->seq[v->seq_len] = '\0';
	if (strchr("cqp", final) != NULL || (final == 'n' && v->seq[0] != '?') || (final == 'S' && v->seq[0] == '?') || final == 't') {
		question(v, final, v->seq);
		return;
	}
	if (final == 'm' || final == 'h' || final == 'l')
		return;			/* looks and modes */
	if (v->seq[0] >= '<' && v->seq[0] <= '?') {
		not_known(v, final);
		return;
	}
	sscanf(v->seq, "%d;%d", &a, &b);
	if (v->seq[0] == ';')
		sscanf(v->seq, ";%d", &b);
	int n = a > 0 ? a : 1;

	if (final == 'H' || final == 'f' || final == 'G' || final == 'd') {
		a = n;
		b = b > 0 ? b : 1;
	}
	if (!move(v, final, a, b, n) && !edit(v, final, a, n))
		not_known(v, final);
}

static void
string_over(struct vt *v)
{
	v->state = GROUND;
	if (v->string_kind != 'P')
		return;
	v->pictures++;
	if (v->fns.picture != NULL)
		v->fns.picture(v->arg, v->string_row, v->string_col, v->string_len);
}

static void
escape(struct vt *v, unsigned char c)
{
	v->state = GROUND;
	switch (c) {
	case '[':
		v->state = CSI;
		v->seq_len = 0;
		break;
	case 'P':
	case ']':
	case '_':
	case '^':
		v->state = STRING;
		v->string_kind = (char)c;
		v->string_len = 0;
		v->string_row = v->row;
		v->string_col = v->col;
		break;
	case '(':
	case ')':
		v->state = CHARSET;
		break;
	case '7':
		v->saved_row = v->row;
		v->saved_col = v->col;
		break;
	case '8':
		go(v, v->saved_row, v->saved_col);
		break;
	case 'M':
		if (v->row == v->top)
			scroll(v, v->top, v->bottom, -1);
		else
			go(v, v->row - 1, v->col);
		break;
	case '=':
	case '>':
		break;
	default:
		v->seq[0] = '\0';
		not_known(v, (char)c);
	}
}

static void
character(struct vt *v, unsigned char c)
{
	static const int lead[] = { 0, 0, 0x1f, 0x0f, 0x07 };
	wchar_t cp;

	if (v->utf8_want == 0 || (c & 0xc0) != 0x80) {
		v->utf8_have = 0;
		v->utf8_want = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
	}
	v->utf8[v->utf8_have++] = c;
	if (v->utf8_have < v->utf8_want)
		return;
	cp = v->utf8_want == 1 ? (wchar_t)c : (wchar_t)(v->utf8[0] & lead[v->utf8_want]);
	for (int i = 1; i < v->utf8_want; i++)
		cp = cp << 6 | (v->utf8[i] & 0x3f);
	v->utf8_want = 0;
	put(v, cp);
}

static void
ground(struct vt *v, unsigned char c)
{
	switch (c) {
	case 0x1b:
		v->state = ESC_SEEN;
		break;
	case '\r':
		go(v, v->row, 0);
		break;
	case '\n':
		line_feed(v);
		break;
	case '\b':
		go(v, v->row, v->col - 1);
		break;
	case '\t':
		go(v, v->row, (v->col / 8 + 1) * 8);
		break;
	default:
		if (c >= 0x20 && c != 0x7f)
			character(v, c);
	}
}

static void
one(struct vt *v, unsigned char c)
{
	switch (v->state) {
	case GROUND:
		ground(v, c);
		break;
	case ESC_SEEN:
		escape(v, c);
		break;
	case CHARSET:
		v->state = GROUND;
		break;
	case CSI:
		if (c >= 0x40 && c <= 0x7e) {
			v->state = GROUND;
			control(v, (char)c);
		} else if (v->seq_len < sizeof v->seq - 1)
			v->seq[v->seq_len++] = (char)c;
		break;
	case STRING:
		v->string_len++;
		if (c == 0x1b)
			v->state = STRING_ESC;
		else if (c == 0x07 && v->string_kind == ']')
			string_over(v);
		break;
	case STRING_ESC:
		v->state = STRING;
		if (c == '\\')
			string_over(v);
		break;
	}
}

void
vt_feed(struct vt *v, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		one(v, (unsigned char)bytes[i]);
}

void
vt_row(const struct vt *v, int row, char *out, size_t out_size)
{
	mbstate_t state = { 0 };
	size_t len = 0, last = 0;
	char mb[16];

	for (int x = 0; x < v->cols && len + sizeof mb < out_size; x++) {
		wchar_t c = v->cell[row * v->cols + x];
		size_t n = c == 0 ? 0 : wcrtomb(mb, c, &state);

		if (n == (size_t)-1) {
			mb[0] = '?';
			n = 1;
		}
		memcpy(out + len, mb, n);
		len += n;
		if (n > 0 && c != L' ')
			last = len;
	}
	out[last] = '\0';
}

bool
vt_shows(const struct vt *v, const char *text)
{
	char row[8192];

	for (int y = 0; y < v->rows; y++) {
		vt_row(v, y, row, sizeof row);
		if (strstr(row, text) != NULL)
			return true;
	}
	return false;
}
