/*
 * canvas_curses.c - the canvas on a terminal through ncursesw.  Owns the terminal's modes; reads no keys.
 */
#define NCURSES_WIDECHAR 1
#include "ui/canvas_curses.h"

#include <langinfo.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "base/str.h"
#include "base/xalloc.h"

struct canvas_curses {
	SCREEN *screen;
	bool utf8;
	int colours;
	attr_t attrs[THEME_ROLE_COUNT];
	short pairs[THEME_ROLE_COUNT];
};

static void
write_all(const char *text)
{
	/* Terminal modes, before curses' first byte and after its last: a lost one does no harm. */
	ssize_t n = write(STDOUT_FILENO, text, strlen(text));
	(void)n;
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
		return colour;
	if (colour < 16)
		return colour % 8;
	cube_colour(colour, rgb);
	for (int i = 0; i < 3; i++)
		high = rgb[i] > high ? rgb[i] : high;
	for (int i = 0; i < 3; i++)
		out |= rgb[i] * 3 > high * 2 && high > 0 ? 1 << i : 0;
	return is_text && (high < 48 || out == 0) ? 7 : out;
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
			init_pair((short)(i + 1), (short)clamp_colour(cc, s->fg, s->bg < 0), (short)clamp_colour(cc, s->bg, false));
			cc->pairs[i] = (short)(i + 1);
		}
	}
}

struct canvas_curses *
canvas_curses_new(const struct theme *theme, struct err *e)
{
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
	struct canvas_curses *cc;
	SCREEN *screen;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(e, ERR_ENVIRONMENT, "the console needs a terminal on standard input and output; "
		    "without one use `livedirector run CUESHEET`");
		return NULL;
	}
	if (term == NULL || term[0] == '\0' || (screen = newterm(NULL, stdout, stdin)) == NULL) {
		err_set(e, ERR_ENVIRONMENT, "the terminal type TERM=%s is not known here; try TERM=xterm-256color "
		    "or install ncurses-term", term != NULL ? term : "(unset)");
		return NULL;
	}
	cc = xcalloc(1, sizeof *cc);
	cc->screen = screen;
	cc->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	raw();
	noecho();
	nonl();
	curs_set(0);
	leaveok(stdscr, FALSE);
	if (has_colors() && (no_colour == NULL || no_colour[0] == '\0')) {
		start_color();
		use_default_colors();
		cc->colours = COLORS;
	}
	canvas_curses_set_theme(cc, theme);
	write_all("\x1b[?2004h");
	return cc;
}

void
canvas_curses_free(struct canvas_curses *cc)
{
	if (cc == NULL)
		return;
	write_all("\x1b[?2004l");
	endwin();
	delscreen(cc->screen);
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

void
canvas_curses_show(struct canvas_curses *cc, const struct canvas *c)
{
	for (int y = 0; y < c->rows && y < LINES; y++)
		for (int x = 0; x < c->cols && x < COLS; x++) {
			const struct canvas_cell *cell = &c->cell[y * c->cols + x];

			/* addch on the very last cell would scroll or fail: it stays blank. */
			if (cell->cells == 0 || (y == LINES - 1 && x + cell->cells >= COLS))
				continue;
			move(y, x);
			put_cell(cc, cell);
		}
	if (c->cursor_row >= 0) {
		curs_set(1);
		move(c->cursor_row, c->cursor_col);
	} else {
		curs_set(0);
		move(0, 0);
	}
	refresh();
}

void
canvas_curses_forget_rows(struct canvas_curses *cc, int row, int rows)
{
	(void)cc;
	if (row < LINES)
		wredrawln(stdscr, row, row + rows > LINES ? LINES - row : rows);
}

void
canvas_curses_redraw(struct canvas_curses *cc)
{
	(void)cc;
	clearok(curscr, TRUE);
}

void
canvas_curses_resize(struct canvas_curses *cc, int rows, int cols)
{
	(void)cc;
	resizeterm(rows, cols);
	clearok(curscr, TRUE);
}
