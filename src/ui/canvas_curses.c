/*
 * canvas_curses.c - the canvas as bytes for a terminal, through ncursesw.  Owns curses; reads no keys, and
 * touches no terminal: curses writes to a file in memory, because its own writes would block.
 */
#define NCURSES_WIDECHAR 1
#include "ui/canvas_curses.h"

#include <langinfo.h>
#include <ncurses.h>
#include <term.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "ui/term.h"

/*
 * A paste comes in brackets; and what is written stays in the cell it was written to (BDSM, ECMA-48): a terminal that
 * turns right-to-left text round by itself would carry it, border and number between, into the neighbour's tile.
 */
#define BEGIN "\x1b[8l\x1b[?2004h"
#define END "\x1b[8h\x1b[?2004l"

struct canvas_curses {
	SCREEN *screen;
	FILE *memory, *nothing;	/* what curses writes to, and reads from */
	bool utf8;
	int colours;
	attr_t attrs[THEME_ROLE_COUNT];
	short pairs[THEME_ROLE_COUNT];
	int paper;		/* background of plain text: a colour, or -1 */
	/* What curses was given last, so that it is given only what differs: looking at a cell costs far less than writing it. */
	struct canvas_cell *shown;
	uint64_t *hashes;	/* of its rows */
	int shown_rows, shown_cols;
};

/* Past curses, into the same stream of bytes. */
static void
add_bytes(struct canvas_curses *cc, const char *text)
{
	ssize_t n = write(fileno(cc->memory), text, strlen(text));
	(void)n;		/* memory: a few bytes */
}

/* Red, green, blue of one of the 256 colours above the first 16: the 6x6x6 cube and the grey ramp. */
static void
cube_colour(int colour, int rgb[static 3])
{
	static const int steps[] = { 0, 95, 135, 175, 215, 255 };

	for (int i = 0; i < 3; i++)
		rgb[i] = colour >= 232 ? 8 + (colour - 232) * 10 : steps[(colour - 16) / (i == 0 ? 36 : i == 1 ? 6 : 1) % 6];
}

/* A theme's colour on a terminal with fewer: the nearest of the eight, and never black text. */
static int
clamp_colour(const struct canvas_curses *cc, int colour, bool is_text)
{
	int rgb[3], high = 0, out = 0;

	if (colour < cc->colours)
		return colour;		/* also -1, the terminal's own */
	if (colour < 16)
		return colour % 8;
	cube_colour(colour, rgb);
	for (int i = 0; i < 3; i++)
		high = rgb[i] > high ? rgb[i] : high;
	for (int i = 0; i < 3; i++)
		out |= rgb[i] * 3 > high * 2 && high > 0 ? 1 << i : 0;
	return is_text && (high < 48 || out == 0) ? 7 : out;
}

/* Greys of a theme that are one colour here: ink is black or white then, whichever is not the paper's. */
static short
ink_on(const struct canvas_curses *cc, const struct theme_style *s, int paper)
{
	const int ink = clamp_colour(cc, s->fg, s->bg < 0);

	if (ink < 0 || ink != paper || s->fg == s->bg)
		return (short)ink;
	return paper == 0 || paper == 4 ? 7 : 0;
}

void
canvas_curses_set_theme(struct canvas_curses *cc, const struct theme *theme)
{
	for (int i = 0; i < THEME_ROLE_COUNT; i++) {
		const struct theme_style *s = &theme->styles[i];
		attr_t a = A_NORMAL;

		a |= (s->attrs & THEME_BOLD) ? A_BOLD : 0;
		a |= (s->attrs & THEME_REVERSE) ? A_REVERSE : 0;
		a |= (s->attrs & THEME_UNDERLINE) ? A_UNDERLINE : 0;
		a |= (s->attrs & THEME_DIM) ? A_DIM : 0;
		cc->attrs[i] = a;
		cc->pairs[i] = 0;
		if (cc->colours >= 8) {
			const int paper = clamp_colour(cc, s->bg, false);
			const short ink = ink_on(cc, s, paper);

			/* Where there are 8 colours, bold black is a pale grey. */
			if (ink == 0 && cc->colours < 16)
				cc->attrs[i] &= ~A_BOLD;
			init_pair((short)(i + 1), ink, (short)paper);
			cc->pairs[i] = (short)(i + 1);
		}
	}
	cc->paper = cc->colours >= 8 ? clamp_colour(cc, theme->styles[ROLE_TEXT].bg, false) : -1;
	cc->shown_rows = 0;		/* cells of the same role look different now */
}

/*
 * Curses asks the environment for the size, since it has no terminal to ask.  (Told afterwards, by resizeterm(), it is taken,
 * but a vt100 of 132 columns then has words in the wrong rows.)  By then name look-ups on other threads read the environment: its
 * table of names never changes after canvas_curses_reserve(), only what three of them say.
 */
static SCREEN *
new_screen(const char *term, FILE *memory, FILE *nothing, int rows, int cols)
{
	char text[16];
	SCREEN *screen;

	snprintf(text, sizeof text, "%d", rows);
	setenv("LINES", text, 1);
	snprintf(text, sizeof text, "%d", cols);
	setenv("COLUMNS", text, 1);
	setenv("NCURSES_NO_PADDING", "1", 1);
	screen = newterm(term, memory, nothing);
	setenv("LINES", "", 1);		/* as good as unset */
	setenv("COLUMNS", "", 1);
	return screen;
}

void
canvas_curses_reserve(void)
{
	setenv("LINES", "", 1);
	setenv("COLUMNS", "", 1);
	setenv("NCURSES_NO_PADDING", "1", 1);
}

static void
start_colours(struct canvas_curses *cc, bool no_colour)
{
	if (!has_colors() || no_colour)
		return;
	start_color();
	use_default_colors();
	cc->colours = COLORS;
}

struct canvas_curses *
canvas_curses_new(const struct theme *theme, int rows, int cols, struct err *e)
{
	struct term_environment own;

	term_environment(&own);
	return canvas_curses_new_on(theme, own.term, own.no_colour, rows, cols, e);
}

struct canvas_curses *
canvas_curses_new_on(const struct theme *theme, const char *term, bool no_colour, int rows, int cols, struct err *e)
{
	struct canvas_curses *cc = xcalloc(1, sizeof *cc);
	int fd = memfd_create("screen", MFD_CLOEXEC);

	cc->memory = fd >= 0 ? fdopen(fd, "w") : NULL;
	cc->nothing = fopen("/dev/null", "re");
	if (cc->memory == NULL || cc->nothing == NULL) {
		err_set(e, ERR_ENVIRONMENT, "no memory file for the screen can be made here");
		canvas_curses_free(cc);
		return NULL;
	}
	if (term != NULL && term[0] != '\0')
		cc->screen = new_screen(term, cc->memory, cc->nothing, rows, cols);
	if (cc->screen == NULL) {
		err_set(e, ERR_ENVIRONMENT, "the terminal type TERM=%s is not known here; try TERM=xterm-256color "
		    "or install ncurses-term", term != NULL && term[0] != '\0' ? term : "(unset)");
		canvas_curses_free(cc);
		return NULL;
	}
	if (tigetstr("cup") == NULL || tigetstr("cup") == (char *)-1) {
		err_set(e, ERR_ENVIRONMENT, "the terminal type TERM=%s cannot place the cursor: the console needs a screen; "
		    "try TERM=xterm-256color, or `livedirector run CUESHEET` without one", term);
		endwin();
		canvas_curses_free(cc);
		return NULL;
	}
	cc->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	nonl();
	curs_set(0);
	leaveok(stdscr, FALSE);
	start_colours(cc, no_colour);
	canvas_curses_set_theme(cc, theme);
	add_bytes(cc, BEGIN);
	return cc;
}

void
canvas_curses_take(struct canvas_curses *cc, struct buf *out)
{
	int fd = fileno(cc->memory);
	char bytes[16384];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, bytes, sizeof bytes, at)) > 0) {
		(void)buf_add(out, bytes, (size_t)n);
		at += n;
	}
	if (at > 0 && ftruncate(fd, 0) == 0)
		lseek(fd, 0, SEEK_SET);
}

void
canvas_curses_end(struct canvas_curses *cc, struct buf *out)
{
	add_bytes(cc, END);
	endwin();
	canvas_curses_take(cc, out);
}

void
canvas_curses_free(struct canvas_curses *cc)
{
	if (cc == NULL)
		return;
	if (cc->screen != NULL)
		delscreen(cc->screen);
	if (cc->memory != NULL)
		fclose(cc->memory);
	if (cc->nothing != NULL)
		fclose(cc->nothing);
	free(cc->shown);
	free(cc->hashes);
	free(cc);
}

int
canvas_curses_colours(const struct canvas_curses *cc)
{
	return cc->colours;
}

void
canvas_curses_bell(struct canvas_curses *cc, bool audible)
{
	(void)cc;
	if (audible)
		beep();
	else
		flash();
}

/* Where the locale has no UTF-8, what ASCII can show. */
static void
put_ascii(const struct canvas_cell *cell)
{
	static const struct { const char *utf8, *ascii; } same[] = {
		{ "█", "#" }, { "▓", "#" }, { "▒", "+" }, { "░", "." }, { "─", "-" }, { "│", "|" }, { "·", "." },
		{ "┌", "+" }, { "┐", "+" }, { "└", "+" }, { "┘", "+" }, { "…", "." }, { "→", ">" }, { "●", "*" },
	};
	const char *text = "?";

	if ((unsigned char)cell->text[0] < 0x80)
		text = cell->text;
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		if (strcmp(cell->text, same[i].utf8) == 0)
			text = same[i].ascii;
	addnstr(text, 1);
	if (cell->cells == 2)
		addch(' ');
}

static void
put_cell(struct canvas_curses *cc, const struct canvas_cell *cell)
{
	wchar_t wide[CANVAS_CELL_BYTES] = L"";
	size_t n = 0, len = strlen(cell->text);
	cchar_t cchar;

	/*
	 * Under a picture stands a blank of a kind of its own: curses clears to the end of a row that ends in common blanks, and
	 * a picture there would be wiped off with them.
	 */
	if (cell->picture) {
		attr_set(cc->attrs[ROLE_TEXT] | A_INVIS, cc->pairs[ROLE_TEXT], NULL);
		addch(' ');
		attr_set(A_NORMAL, 0, NULL);
		return;
	}
	if (!cc->utf8) {
		attr_set(cc->attrs[cell->role], cc->pairs[cell->role], NULL);
		put_ascii(cell);
		return;
	}
	for (size_t i = 0; i < len && n < CCHARW_MAX - 1;) {
		uint32_t cp;

		i += str_next(cell->text + i, len - i, &cp);
		wide[n++] = (wchar_t)cp;
	}
	/* The C library's idea of a width must be ours, or the rest of the row would shift. */
	if (wcwidth(wide[0]) != cell->cells) {
		wide[0] = cell->cells == 2 ? L'〓' : L'?';
		n = 1;
	}
	wide[n] = L'\0';
	setcchar(&cchar, wide, cc->attrs[cell->role], cc->pairs[cell->role], NULL);
	add_wch(&cchar);
}

/* Nothing of what curses holds is known to be so: it gets everything. */
static void
show_all(struct canvas_curses *cc, const struct canvas *c)
{
	free(cc->shown);
	free(cc->hashes);
	cc->hashes = xcalloc((size_t)c->rows, sizeof cc->hashes[0]);
	cc->shown = xcalloc((size_t)c->rows * (size_t)c->cols, sizeof cc->shown[0]);
	cc->shown_rows = c->rows;
	cc->shown_cols = c->cols;
	erase();
}

static bool
is_shown(const struct canvas_curses *cc, const struct canvas *c, int y)
{
	return memcmp(&c->cell[y * c->cols], &cc->shown[y * c->cols], (size_t)c->cols * sizeof c->cell[0]) == 0;
}

/* Of a row's characters; 0: blank. */
static uint64_t
row_hash(const struct canvas_cell *cell, int cols)
{
	uint64_t hash = 0;

	for (int x = 0; x < cols; x++) {
		const char *p = cell[x].text;

		if (p[0] == ' ' && p[1] == '\0')
			continue;
		for (hash ^= (uint64_t)x << 8; *p != '\0'; p++)
			hash = (hash ^ (uint64_t)(unsigned char)*p) * 0x100000001b3;
	}
	return hash;
}

/*
 * Does a row have the text that another one had?  Curses would then scroll a part of the screen, which nobody can forbid it,
 * and pictures would move with it.  (Not so while only one row differs.)
 */
static bool
has_moved_rows(const struct canvas_curses *cc, const uint64_t *after, const int *rows, int count)
{
	for (int i = 0; i < count; i++)
		for (int k = 0; k < count; k++)
			if (i != k && after[i] != 0 && after[i] == cc->hashes[rows[k]])
				return true;
	return false;
}

static void
show_row(struct canvas_curses *cc, const struct canvas *c, int y)
{
	const struct canvas_cell *row = &c->cell[y * c->cols];
	struct canvas_cell *shown = &cc->shown[y * c->cols];

	for (int x = 0; x < c->cols && x < COLS; x++) {
		const struct canvas_cell *cell = &row[x];

		if (memcmp(cell, &shown[x], sizeof *cell) == 0)
			continue;
		shown[x] = *cell;
		if (cell->cells == 0)
			continue;
		move(y, x);
		put_cell(cc, cell);	/* the very last one too: curses has a way to it that never scrolls, or leaves it */
	}
}

/* The rows that differ. */
static void
show_rows(struct canvas_curses *cc, const struct canvas *c)
{
	uint64_t after[MAX_SCREEN_ROWS];
	int rows[MAX_SCREEN_ROWS], count = 0;
	bool row_by_row;

	for (int y = 0; y < c->rows && y < LINES && count < MAX_SCREEN_ROWS; y++)
		if (!is_shown(cc, c, y)) {
			after[count] = row_hash(&c->cell[y * c->cols], c->cols);
			rows[count++] = y;
		}
	row_by_row = has_moved_rows(cc, after, rows, count);
	for (int i = 0; i < count; i++) {
		cc->hashes[rows[i]] = after[i];
		show_row(cc, c, rows[i]);
		if (row_by_row)
			refresh();
	}
}

void
canvas_curses_show(struct canvas_curses *cc, const struct canvas *c)
{
	if (c->rows != cc->shown_rows || c->cols != cc->shown_cols)
		show_all(cc, c);
	show_rows(cc, c);
	if (c->cursor_row >= 0) {
		leaveok(stdscr, FALSE);
		curs_set(1);
		move(c->cursor_row, c->cursor_col);
	} else {
		curs_set(0);
		leaveok(stdscr, TRUE);	/* nobody sees where it is */
	}
	refresh();
}

void
canvas_curses_erase(struct canvas_curses *cc, struct buf *out, int row, int col, int rows, int cols)
{
	/* Written, not cleared: some terminals take a picture away only for characters. */
	(void)buf_add_text(out, "\x1b" "7\x1b[0m");
	if (cc->paper >= 0 && set_a_background != NULL)
		(void)buf_add_text(out, tiparm(set_a_background, cc->paper));
	for (int y = row; y < row + rows; y++)
		(void)buf_add_format(out, "\x1b[%d;%dH%*s", y + 1, col + 1, cols, "");
	(void)buf_add_text(out, "\x1b" "8");
}

void
canvas_curses_redraw(struct canvas_curses *cc)
{
	(void)cc;
	clearok(curscr, TRUE);
}

void
canvas_curses_again(struct canvas_curses *cc)
{
	add_bytes(cc, BEGIN);
	if (enter_ca_mode != NULL)
		add_bytes(cc, enter_ca_mode);
	canvas_curses_redraw(cc);
}

void
canvas_curses_resize(struct canvas_curses *cc, int rows, int cols)
{
	resizeterm(rows, cols);
	clearok(curscr, TRUE);
	cc->shown_rows = 0;
}
