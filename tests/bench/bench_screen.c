/*
 * bench_screen.c - the text half of the benches' terminal: ECMA-48 as far as ncurses uses it with TERM=xterm-256color.
 * Owns what the screen shows; what it does not know it counts and never guesses.
 */
#include "bench_screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/str.h"
#include "base/xalloc.h"

#define MOST_STRING_BYTES (8 * 1024 * 1024)
#define MOST_ARGS 16

enum { AT_TEXT, AT_ESCAPE, AT_SEQUENCE, AT_STRING, AT_STRING_ESCAPE, AT_CHARSET };

struct csi { char prefix, between, final; int args[MOST_ARGS], count; };

int
bench_screen_width_px(const struct bench_screen *s)
{
	return s->cols * s->cell_w_px;
}

int
bench_screen_height_px(const struct bench_screen *s)
{
	return s->rows * s->cell_h_px;
}

void
bench_screen_init(struct bench_screen *s, int rows, int cols, int cell_w_px, int cell_h_px, bool draws)
{
	*s = (struct bench_screen){ .rows = rows, .cols = cols, .cell_w_px = cell_w_px, .cell_h_px = cell_h_px, .bottom = rows - 1 };
	s->cells = xcalloc((size_t)rows * (size_t)cols, sizeof *s->cells);
	for (int i = 0; i < rows * cols; i++)
		s->cells[i][0] = ' ';
	if (draws)
		s->rgb = xcalloc((size_t)bench_screen_width_px(s) * (size_t)bench_screen_height_px(s), 3);
	buf_init(&s->answers, 1 << 20);
	buf_init(&s->string, MOST_STRING_BYTES);
}

void
bench_screen_fini(struct bench_screen *s)
{
	free(s->cells);
	free(s->rgb);
	buf_fini(&s->answers);
	buf_fini(&s->string);
}

/* Text takes the place of what a picture has drawn there. */
static void
blank_pixels(struct bench_screen *s, int row, int col, int cols)
{
	if (s->rgb == NULL)
		return;
	for (int y = row * s->cell_h_px; y < (row + 1) * s->cell_h_px; y++)
		memset(s->rgb + ((size_t)y * (size_t)bench_screen_width_px(s) + (size_t)(col * s->cell_w_px)) * 3, 0,
		    (size_t)(cols * s->cell_w_px) * 3);
}

static void
blank(struct bench_screen *s, int row, int col, int cols)
{
	cols = cols > s->cols - col ? s->cols - col : cols;
	if (row < 0 || row >= s->rows || col < 0 || cols <= 0)
		return;
	for (int i = 0; i < cols; i++)
		snprintf(s->cells[row * s->cols + col + i], BENCH_CELL_BYTES, " ");
	blank_pixels(s, row, col, cols);
}

/* Lines [top, bottom] up (or down) by one. */
static void
roll(struct bench_screen *s, int top, int bottom, bool up)
{
	const size_t row_bytes = (size_t)s->cols * sizeof *s->cells, row_px = (size_t)bench_screen_width_px(s) * (size_t)s->cell_h_px * 3;
	const size_t count = (size_t)(bottom - top), from = (size_t)(up ? top + 1 : top), to = (size_t)(up ? top : top + 1);

	memmove((char *)s->cells + to * row_bytes, (char *)s->cells + from * row_bytes, count * row_bytes);
	if (s->rgb != NULL)
		memmove(s->rgb + to * row_px, s->rgb + from * row_px, count * row_px);
	blank(s, up ? bottom : top, 0, s->cols);
	s->rolls++;
}

static void
line_feed(struct bench_screen *s)
{
	if (s->row == s->bottom)
		roll(s, s->top, s->bottom, true);
	else if (s->row < s->rows - 1)
		s->row++;
}

static void
put_symbol(struct bench_screen *s, const char *symbol)
{
	uint32_t point = ' ';
	int width;

	str_next(symbol, strlen(symbol), &point);
	width = wcwidth((wchar_t)point);
	width = width < 0 ? 1 : width;
	if (width == 0)
		return;			/* combines with what stands there */
	if (s->wrap_waits || s->col + width > s->cols) {
		s->col = 0;
		line_feed(s);
	}
	s->wrap_waits = false;
	blank(s, s->row, s->col, width);
	snprintf(s->cells[s->row * s->cols + s->col], BENCH_CELL_BYTES, "%s", symbol);
	if (width == 2)
		s->cells[s->row * s->cols + s->col + 1][0] = '\0';
	snprintf(s->last, sizeof s->last, "%s", symbol);
	s->col += width;
	if (s->col >= s->cols) {
		s->col = s->cols - 1;
		s->wrap_waits = true;
	}
}

static void
answer(struct bench_screen *s, const char *text)
{
	(void)buf_add_text(&s->answers, text);
}

static int
limit(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

static void
go(struct bench_screen *s, int row, int col)
{
	s->row = limit(row, 0, s->rows - 1);
	s->col = limit(col, 0, s->cols - 1);
	s->wrap_waits = false;
}

static void
erase_display(struct bench_screen *s, int how)
{
	for (int y = 0; y < s->rows; y++) {
		if (how == 2 || how == 3 || (how == 0 && y > s->row) || (how == 1 && y < s->row))
			blank(s, y, 0, s->cols);
	}
	if (how == 0)
		blank(s, s->row, s->col, s->cols);
	else if (how == 1)
		blank(s, s->row, 0, s->col + 1);
}

static void
erase_line(struct bench_screen *s, int how)
{
	const int from = how == 0 ? s->col : 0, to = how == 1 ? s->col + 1 : s->cols;

	blank(s, s->row, from, to - from);
}

/* Cells of the row right of the cursor: n taken out, or n blanks put in. */
static void
shift_cells(struct bench_screen *s, int n, bool out)
{
	char (*row)[BENCH_CELL_BYTES] = s->cells + s->row * s->cols;
	const int right = s->cols - s->col;

	n = limit(n, 0, right);
	blank_pixels(s, s->row, s->col, right);
	if (out)
		memmove(row + s->col, row + s->col + n, (size_t)(right - n) * sizeof *row);
	else
		memmove(row + s->col + n, row + s->col, (size_t)(right - n) * sizeof *row);
	for (int i = 0; i < n; i++)
		snprintf(row[out ? s->cols - n + i : s->col + i], BENCH_CELL_BYTES, " ");
}

/* What xterm -ti vt340 answers with 256 registers and window operations allowed. */
static bool
report(struct bench_screen *s, const struct csi *q)
{
	const int w = bench_screen_width_px(s), h = bench_screen_height_px(s);

	if (q->final == 'c' && q->prefix == 0)
		answer(s, "\x1b[?63;1;2;4;6;9;15;16;22;28c");
	else if (q->final == 'q' && q->prefix == '>')
		answer(s, "\x1bP>|XTerm(379)\x1b\\");
	else if (q->final == 't' && q->args[0] == 16)
		(void)buf_add_format(&s->answers, "\x1b[6;%d;%dt", s->cell_h_px, s->cell_w_px);
	else if (q->final == 't' && q->args[0] == 14)
		(void)buf_add_format(&s->answers, "\x1b[4;%d;%dt", h, w);
	else if (q->final == 't' && q->args[0] == 18)
		(void)buf_add_format(&s->answers, "\x1b[8;%d;%dt", s->rows, s->cols);
	else if (q->final == 'S' && q->prefix == '?' && q->args[0] == 1)
		answer(s, "\x1b[?1;0;256S");
	else if (q->final == 'S' && q->prefix == '?')
		(void)buf_add_format(&s->answers, "\x1b[?2;0;%d;%dS", w, h);
	else if (q->final == 'p' && q->between == '$')
		(void)buf_add_format(&s->answers, "\x1b[?%d;%d$y", q->args[0], q->args[0] == 1070 ? s->shares_registers ? 2 : 1 : 0);
	else if (q->final == 'n' && q->args[0] == 6)
		(void)buf_add_format(&s->answers, "\x1b[%d;%dR", s->row + 1, s->col + 1);
	else if (q->final == 'n' && q->args[0] == 5) {
		s->fences++;
		answer(s, "\x1b[0n");
	} else
		return false;
	return true;
}

static void
roll_lines(struct bench_screen *s, int n, int top, bool up)
{
	for (int i = 0; i < n && i < s->rows && top <= s->bottom; i++)
		roll(s, top, s->bottom, up);
}

static void
repeat(struct bench_screen *s, int n)
{
	char symbol[BENCH_CELL_BYTES];

	memcpy(symbol, s->last, sizeof symbol);
	for (int i = 0; i < n && symbol[0] != '\0'; i++)
		put_symbol(s, symbol);
}

/* n: the first argument, at least 1, as most of them mean it. */
static bool
move_or_edit(struct bench_screen *s, const struct csi *q, int n)
{
	switch (q->final) {
	case 'A': go(s, s->row - n, s->col); return true;
	case 'B': case 'e': go(s, s->row + n, s->col); return true;
	case 'C': case 'a': go(s, s->row, s->col + n); return true;
	case 'D': go(s, s->row, s->col - n); return true;
	case 'G': case '`': go(s, s->row, n - 1); return true;
	case 'd': go(s, n - 1, s->col); return true;
	case 'H': case 'f': go(s, n - 1, q->count > 1 && q->args[1] > 0 ? q->args[1] - 1 : 0); return true;
	case 'J': erase_display(s, q->args[0]); return true;
	case 'K': erase_line(s, q->args[0]); return true;
	case 'X': blank(s, s->row, s->col, n); return true;
	case 'P': shift_cells(s, n, true); return true;
	case '@': shift_cells(s, n, false); return true;
	case 'L': roll_lines(s, n, s->row, false); return true;
	case 'M': roll_lines(s, n, s->row, true); return true;
	case 'S': roll_lines(s, n, s->top, true); return true;
	case 'T': roll_lines(s, n, s->top, false); return true;
	case 'b': repeat(s, n); return true;
	case 'm': case 'l': case 'h': case 't': case 'q': return true;	/* colours and modes show nothing here */
	default: return false;
	}
}

static void
set_margins(struct bench_screen *s, const struct csi *q)
{
	s->top = limit(q->args[0] - 1, 0, s->rows - 1);
	s->bottom = q->count > 1 && q->args[1] > 0 ? limit(q->args[1] - 1, s->top, s->rows - 1) : s->rows - 1;
	go(s, 0, 0);
}

static void
run_sequence(struct bench_screen *s)
{
	const char *at = s->sequence, *end = at + s->sequence_len - 1;
	struct csi q = { .final = *end };

	if (at < end && strchr("?><=", *at) != NULL)
		q.prefix = *at++;
	for (q.count = 1; at < end; at++) {
		if (*at >= '0' && *at <= '9' && q.args[q.count - 1] < 100000)
			q.args[q.count - 1] = q.args[q.count - 1] * 10 + *at - '0';
		else if ((*at == ';' || *at == ':') && q.count < MOST_ARGS)
			q.count++;
		else
			q.between = *at;
	}
	if (q.prefix == '?' && (q.final == 'h' || q.final == 'l') && q.args[0] == 1070)
		s->shares_registers = q.final == 'l';
	if (report(s, &q) || (q.prefix != 0 && strchr("hlmtu", q.final) != NULL) || (q.between != 0 && strchr("pq", q.final) != NULL))
		return;
	if (q.final == 'r' && q.prefix == 0)
		set_margins(s, &q);
	else if (q.prefix != 0 || !move_or_edit(s, &q, q.args[0] > 0 ? q.args[0] : 1)) {
		if (s->unknown++ == 0)
			snprintf(s->unknown_text, sizeof s->unknown_text, "CSI %.*s", (int)s->sequence_len, s->sequence);
	}
}

static void
run_escape(struct bench_screen *s, char c)
{
	s->state = AT_TEXT;
	switch (c) {
	case '[': s->state = AT_SEQUENCE; s->sequence_len = 0; break;
	case 'P': case ']': case '_': case '^': case 'X':
		s->state = AT_STRING;
		buf_clear(&s->string);
		(void)buf_add(&s->string, &c, 1);
		break;
	case '(': case ')': case '*': case '+': s->state = AT_CHARSET; break;
	case '7': s->saved_row = s->row; s->saved_col = s->col; break;
	case '8': go(s, s->saved_row, s->saved_col); break;
	case 'M':
		if (s->row == s->top)
			roll(s, s->top, s->bottom, false);
		else if (s->row > 0)
			s->row--;
		break;
	case '=': case '>': case '\\': break;
	default: s->unknown++; break;
	}
}

static void
run_string(struct bench_screen *s)
{
	if (s->string.len == 0 || s->string.data[0] != 'P')
		return;
	buf_drop_front(&s->string, 1);
	s->pictures++;
	s->picture_bytes += (int64_t)s->string.len;
	bench_sixel_draw(s);
}

static void
run_text(struct bench_screen *s, char c)
{
	const unsigned char u = (unsigned char)c;

	if (s->symbol_len > 0 && (u & 0xc0) == 0x80) {
		s->symbol[s->symbol_len++] = c;
	} else if (u >= 0xc0) {
		s->symbol[0] = c;
		s->symbol_len = 1;
		s->symbol_want = u >= 0xf0 ? 4 : u >= 0xe0 ? 3 : 2;
	} else if (c == '\r') {
		go(s, s->row, 0);
	} else if (c == '\n') {
		line_feed(s);
	} else if (c == '\b') {
		go(s, s->row, s->col - 1);
	} else if (u >= ' ' && u < 0x7f) {
		put_symbol(s, (char[]){ c, '\0' });
	}
	if (s->symbol_len > 0 && s->symbol_len == s->symbol_want) {
		s->symbol[s->symbol_len] = '\0';
		s->symbol_len = 0;
		put_symbol(s, s->symbol);
	}
}

static void
feed_one(struct bench_screen *s, char c)
{
	switch (s->state) {
	case AT_TEXT:
		if (c == '\x1b')
			s->state = AT_ESCAPE;
		else
			run_text(s, c);
		break;
	case AT_ESCAPE:
		run_escape(s, c);
		break;
	case AT_CHARSET:
		s->state = AT_TEXT;
		break;
	case AT_SEQUENCE:
		if (s->sequence_len < sizeof s->sequence)
			s->sequence[s->sequence_len++] = c;
		if (c >= 0x40 && c <= 0x7e) {
			s->state = AT_TEXT;
			run_sequence(s);
		}
		break;
	case AT_STRING:
		if (c == '\x1b')
			s->state = AT_STRING_ESCAPE;
		else if (c == '\a')
			s->state = AT_TEXT;
		else
			(void)buf_add(&s->string, &c, 1);
		break;
	default:
		s->state = AT_TEXT;
		run_string(s);
		break;
	}
}

/* Of a picture's bytes only the end matters to the text: they are taken together. */
static size_t
feed_string(struct bench_screen *s, const char *bytes, size_t len)
{
	const char *stop = memchr(bytes, '\x1b', len);
	const size_t take = stop != NULL ? (size_t)(stop - bytes) : len;

	(void)buf_add(&s->string, bytes, take);
	return take;
}

void
bench_screen_feed(struct bench_screen *s, const char *bytes, size_t len)
{
	const int64_t before = s->picture_bytes;

	for (size_t i = 0; i < len;) {
		if (s->state == AT_STRING && s->string.len > 0 && s->string.data[0] == 'P' && bytes[i] != '\x1b')
			i += feed_string(s, bytes + i, len - i);
		else
			feed_one(s, bytes[i++]);
	}
	s->text_bytes += (int64_t)len - (s->picture_bytes - before);
}

void
bench_screen_row(const struct bench_screen *s, int row, char *text, size_t size)
{
	size_t len = 0, kept = 0;

	for (int x = 0; x < s->cols; x++) {
		const char *cell = s->cells[row * s->cols + x];
		const size_t n = strlen(cell);

		if (len + n + 1 > size)
			break;
		memcpy(text + len, cell, n);
		len += n;
		if (n > 0 && cell[0] != ' ')
			kept = len;
	}
	text[kept] = '\0';
}
