/*
 * canvas.c - the grid that views draw on.  Owns the cells; never emits a byte.
 */
#include "ui/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

void
canvas_init(struct canvas *c, int rows, int cols)
{
	memset(c, 0, sizeof *c);
	c->rows = rows > 0 ? rows : 1;
	c->cols = cols > 0 ? cols : 1;
	c->cell = xcalloc((size_t)c->rows * (size_t)c->cols, sizeof c->cell[0]);
	canvas_clear(c);
}

void
canvas_fini(struct canvas *c)
{
	free(c->cell);
	c->cell = NULL;
}

void
canvas_clear(struct canvas *c)
{
	for (int i = 0; i < c->rows * c->cols; i++)
		c->cell[i] = (struct canvas_cell){ .text = " ", .cells = 1, .role = ROLE_TEXT };
	c->picture_count = 0;
	c->zone_count = 0;
	c->cursor_row = c->cursor_col = -1;
}

static struct canvas_cell *
at(struct canvas *c, int row, int col)
{
	return &c->cell[row * c->cols + col];
}

static void
set_blank(struct canvas_cell *cell, enum theme_role role)
{
	cell->text[0] = ' ';
	cell->text[1] = '\0';
	cell->cells = 1;
	cell->role = (unsigned char)role;
}

/* A write over half of a wide character leaves a blank in its other half. */
static void
mend(struct canvas *c, int row, int col)
{
	struct canvas_cell *cell = at(c, row, col);

	if (cell->cells == 0 && col > 0)
		set_blank(at(c, row, col - 1), at(c, row, col - 1)->role);
	if (cell->cells == 2 && col + 1 < c->cols)
		set_blank(at(c, row, col + 1), cell->role);
}

static void
put_char(struct canvas *c, int row, int col, enum theme_role role, const char *bytes, size_t len, int cells)
{
	struct canvas_cell *cell = at(c, row, col);

	if (cell->picture || (cells == 2 && at(c, row, col + 1)->picture))
		return;
	mend(c, row, col);
	if (cells == 2)
		mend(c, row, col + 1);
	memcpy(cell->text, bytes, len);
	cell->text[len] = '\0';
	cell->cells = (unsigned char)cells;
	cell->role = (unsigned char)role;
	if (cells == 2) {
		cell[1].text[0] = '\0';
		cell[1].cells = 0;
		cell[1].role = (unsigned char)role;
	}
}

/* A mark joins the character before it, as far as the cell holds it. */
static void
add_mark(struct canvas *c, int row, int col, const char *bytes, size_t len)
{
	struct canvas_cell *cell = at(c, row, col);
	size_t have = strlen(cell->text);

	if (!cell->picture && have + len < sizeof cell->text) {
		memcpy(cell->text + have, bytes, len);
		cell->text[have + len] = '\0';
	}
}

/*
 * Characters that some terminals melt into the one before and others do not: nobody could say how wide the two are.
 * A joiner or a variation selector is left out; a skin tone becomes blanks, a flag's half its letter.
 */
static bool
is_melting_mark(uint32_t cp)
{
	return cp == 0x200D || (cp >= 0xFE00 && cp <= 0xFE0F);
}

static const char *
plain_of(uint32_t cp, char letter[2])
{
	const bool is_flag = cp >= 0x1F1E6 && cp <= 0x1F1FF;

	letter[0] = is_flag ? (char)('A' + (int)(cp - 0x1F1E6)) : ' ';
	letter[1] = '\0';
	return is_flag || (cp >= 0x1F3FB && cp <= 0x1F3FF) ? letter : NULL;
}

static int
put_any(struct canvas *c, int row, int col, int width, enum theme_role role, const char *text)
{
	char clean[1024];
	size_t len = str_clean_drawn(clean, sizeof clean, text, strlen(text), width > 0 ? width : 0);
	int used = 0, last = -1;

	if (row < 0 || row >= c->rows)
		return 0;
	for (size_t i = 0; i < len;) {
		uint32_t cp;
		size_t n = str_next(clean + i, len - i, &cp);
		int cells = str_char_cells(cp), x = col + used;
		char letter[2];
		const char *plain = plain_of(cp, letter);

		if (cells == 0 && last >= 0 && !is_melting_mark(cp))
			add_mark(c, row, last, clean + i, n);
		if (cells > 0 && used + cells > width)
			break;
		if (cells > 0 && x >= 0 && x + cells <= c->cols) {
			put_char(c, row, x, role, plain != NULL ? plain : clean + i, plain != NULL ? 1 : n, plain != NULL ? 1 : cells);
			if (plain != NULL && cells == 2)
				put_char(c, row, x + 1, role, " ", 1, 1);
			last = plain == NULL ? x : -1;
		} else if (cells > 0) {
			last = -1;	/* its marks are not those of the last that is on the grid */
		}
		used += cells;
		i += n;
	}
	return used;
}

int
canvas_putf(struct canvas *c, int row, int col, int width, enum theme_role role, const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	return canvas_put(c, row, col, width, role, text);
}

static bool
is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/* One cell for each byte, nothing to measure or to clean: most of a screen is that. */
static int
put_plain(struct canvas *c, int row, int col, int width, enum theme_role role, const char *text)
{
	int used = 0;

	for (; text[used] != '\0' && used < width; used++) {
		const int x = col + used;

		if (x >= 0 && x < c->cols)
			put_char(c, row, x, role, text + used, 1, 1);
	}
	return used;
}

int
canvas_put(struct canvas *c, int row, int col, int width, enum theme_role role, const char *text)
{
	if (row >= 0 && row < c->rows && is_plain(text))
		return put_plain(c, row, col, width, role, text);
	return put_any(c, row, col, width, role, text);
}

int
canvas_put_cut(struct canvas *c, int row, int col, int width, enum theme_role role, const char *text)
{
	char cut[1024];
	int used;

	if (width < 1 || str_cells(text) <= width)
		return canvas_put(c, row, col, width, role, text);
	used = str_cut(cut, sizeof cut, text, width - 1);
	for (size_t len = strlen(cut); len > 0 && cut[len - 1] == ' '; used--)
		cut[--len] = '\0';
	canvas_put(c, row, col, used, role, cut);
	return used + canvas_put(c, row, col + used, 1, role, "…");
}

int
canvas_put_right(struct canvas *c, int row, int end, int width, enum theme_role role, const char *text)
{
	char cut[1024];
	int cells = str_cut(cut, sizeof cut, text, width);

	return canvas_put(c, row, end - cells, cells, role, cut);
}

void
canvas_fill(struct canvas *c, int row, int col, int width, enum theme_role role, const char *text)
{
	const size_t len = strlen(text);
	uint32_t cp;
	const bool is_one = len > 0 && str_next(text, len, &cp) == len && cp >= ' ' && cp != 0x7F && str_char_cells(cp) == 1;

	for (int i = 0; i < width; i++)
		if (is_one && row >= 0 && row < c->rows && col + i >= 0 && col + i < c->cols)
			put_char(c, row, col + i, role, text, len, 1);
		else if (!is_one)
			canvas_put(c, row, col + i, 1, role, text);
}

static struct canvas_picture *
add_place(struct canvas *c, const char *node, int row, int col, int rows, int cols, int priority)
{
	struct canvas_picture *p;

	/* A picture that touches the last row makes many terminals scroll. */
	if (c->picture_count == CANVAS_PICTURES || rows < 1 || cols < 1 || row < 0 || col < 0 ||
	    row + rows > c->rows - 1 || col + cols > c->cols)
		return NULL;
	p = &c->pictures[c->picture_count++];
	*p = (struct canvas_picture){ .row = row, .col = col, .rows = rows, .cols = cols, .priority = priority };
	str_copy(p->node, sizeof p->node, node);
	return p;
}

bool
canvas_picture(struct canvas *c, const char *node, int row, int col, int rows, int cols, int priority)
{
	if (add_place(c, node, row, col, rows, cols, priority) == NULL)
		return false;
	for (int y = row; y < row + rows; y++)
		for (int x = col; x < col + cols; x++) {
			mend(c, y, x);
			set_blank(at(c, y, x), ROLE_TEXT);
			at(c, y, x)->picture = true;
		}
	return true;
}

bool
canvas_await_picture(struct canvas *c, const char *node, int row, int col, int rows, int cols, int priority)
{
	struct canvas_picture *p = add_place(c, node, row, col, rows, cols, priority);

	if (p != NULL)
		p->awaited = true;
	return p != NULL;
}

bool
canvas_has_picture(const struct canvas *c, const char *node)
{
	for (int i = 0; i < c->picture_count; i++)
		if (strcmp(c->pictures[i].node, node) == 0)
			return true;
	return false;
}

void
canvas_row_text(const struct canvas *c, int row, char *out, size_t out_size)
{
	size_t len = 0, last = 0;

	out[0] = '\0';
	for (int x = 0; x < c->cols && row >= 0 && row < c->rows; x++) {
		const char *text = c->cell[row * c->cols + x].text;
		size_t n = strlen(text);

		if (len + n + 1 > out_size)
			break;
		memcpy(out + len, text, n + 1);
		len += n;
		if (strcmp(text, " ") != 0)
			last = len;
	}
	out[last] = '\0';
}

void
canvas_zone(struct canvas *c, const char *node, int row, int col, int rows, int cols)
{
	struct canvas_zone *z;

	/* What is beside the grid nobody can click on. */
	rows -= row < 0 ? -row : 0;
	cols -= col < 0 ? -col : 0;
	row = row > 0 ? row : 0;
	col = col > 0 ? col : 0;
	rows = rows < c->rows - row ? rows : c->rows - row;
	cols = cols < c->cols - col ? cols : c->cols - col;
	if (c->zone_count == CANVAS_ZONES || rows <= 0 || cols <= 0)
		return;
	z = &c->zones[c->zone_count++];
	*z = (struct canvas_zone){ .row = row, .col = col, .rows = rows, .cols = cols };
	str_copy(z->node, sizeof z->node, node);
}

const char *
canvas_node_at(const struct canvas *c, int row, int col)
{
	for (int i = c->zone_count - 1; i >= 0; i--) {
		const struct canvas_zone *z = &c->zones[i];

		if (row >= z->row && row < z->row + z->rows && col >= z->col && col < z->col + z->cols)
			return z->node;
	}
	return NULL;
}
