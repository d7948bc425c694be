/*
 * paint_sixel.c - pictures as DEC sixels, only what changed: pixels over the old ones where the terminal keeps what is
 * not painted, else rectangles of whole cells.
 * Owns what the terminal shows at one place.  No diffusion: it would turn noise into bytes.
 */
#include "ui/paint.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "ui/paint_fit.h"
#include "ui/sixel_palette.h"
#include "ui/sixel_pen.h"
#include "ui/sixel_rects.h"
#include "ui/sixel_thin.h"

#define HEAL_ROUNDS 60			/* then one row of cells is sent again at least, whatever it shows: it may be lost */

/*
 * What counts as a change, and what error a byte is worth: where little moves, what moves is seen and noise is not to
 * be sent; where all moves, nothing stays long enough to be mended later.
 */
struct mood { int noise, keep, byte_worth; };
static const struct { int percent; struct mood mood; } moods[] = {	/* by how much of the picture moves */
	{ 9, { 6, 1800, 2500 } }, { 16, { 3, 400, 1200 } }, { 28, { 1, 30, 20 } },
};
#define MOODS (int)(sizeof moods / sizeof moods[0])

#define MOVED 400			/* error of a changed colour that is to be painted again: 5 levels of luma */
#define STRICT_PART 64			/* of the worth, where a band is looked at closely */
#define SHARED_COLOUR_BYTES 8
#define PRIVATE_COLOUR_BYTES 20
#define CELL_BYTES 30			/* what a cell takes besides its colours */
#define PX_PER_BYTE 3			/* a guess, for pieces */

struct sixel {
	struct paint_screen screen;
	struct sixel_palette *colours, *own;
	uint8_t known[SIXEL_PALETTE_COLOURS][3];	/* the colours that the plane was painted with */
	unsigned serial;
	struct sixel_plane plane;
	struct sixel_thin thin;
	struct sixel_pen pen;
	struct sixel_rects rects;
	struct thumb fitted;		/* only where a picture comes in another size */
	int next;			/* band or row of cells where the next piece begins */
	int left;			/* of them until all have had their turn: the pieces of one picture, or of as much; 0: it is over */
	int rounds;
	int heal_row;			/* whose turn it is */
};

/* One call of draw. */
struct job {
	struct sixel *s;
	struct buf *out;
	const struct paint_place *place;
	const struct thumb *t;
	size_t before, max_bytes;
	int level;
	struct mood mood;
	int origin_col;			/* overlays: cells from the place's left edge */
	int at_band;			/* overlays: where the open sixel picture stands; -1: none is open */
};

static void *
sixel_open(const struct paint_screen *screen)
{
	struct sixel *s = xcalloc(1, sizeof *s);

	s->screen = *screen;
	s->colours = screen->palette;
	if (s->colours == NULL) {
		s->colours = s->own = xcalloc(1, sizeof *s->own);
		sixel_palette_init(s->own);
		sixel_palette_fit(s->own, screen->colours);
	}
	memcpy(s->known, s->colours->rgb, sizeof s->known);
	s->serial = s->colours->serial;
	sixel_plane_init(&s->plane);
	sixel_thin_init(&s->thin);
	sixel_pen_init(&s->pen, s->colours, screen->shared_palette);
	sixel_rects_init(&s->rects);
	if (screen->shared_palette)
		sixel_pen_knows_all(&s->pen);		/* begin() has told them */
	return s;
}

static void
sixel_close(void *self)
{
	struct sixel *s = self;

	if (s == NULL)
		return;
	sixel_plane_fini(&s->plane);
	sixel_thin_fini(&s->thin);
	sixel_pen_fini(&s->pen);
	sixel_rects_fini(&s->rects);
	thumb_fini(&s->fitted);
	free(s->own);
	free(s);
}

static void
sixel_forget(void *self)
{
	struct sixel *s = self;

	sixel_plane_forget(&s->plane);
	sixel_pen_forget(&s->pen);
}

static void
sixel_size(const struct paint_place *p, int *w_px, int *h_px)
{
	*w_px = p->cols * p->cell_w_px;
	*h_px = p->rows * p->cell_h_px;
}

static void
heal(struct sixel *s, const struct paint_place *p, int rows)
{
	if (s->left == 0)
		rows += s->rounds++ % HEAL_ROUNDS == HEAL_ROUNDS - 1;
	for (int n = 0; n < rows && n < p->rows; n++) {
		int row = s->heal_row % p->rows;

		sixel_plane_lose(&s->plane, row * p->cell_h_px, (row + 1) * p->cell_h_px);
		s->heal_row = row + 1;
	}
}

/* Where the palette was changed, what looks otherwise now is not known to be there; the rest may find a better colour. */
static void
follow_palette(struct sixel *s)
{
	bool moved[SIXEL_PALETTE_COLOURS];

	if (s->serial == s->colours->serial)
		return;
	for (unsigned c = 0; c < SIXEL_PALETTE_COLOURS; c++) {
		struct sixel_tone before = sixel_palette_tone(s->known[c]);

		moved[c] = sixel_palette_error(s->colours, &before, c) > MOVED;
		if (moved[c])
			memcpy(s->known[c], s->colours->rgb[c], 3);
	}
	sixel_plane_recolour(&s->plane, moved);
	s->serial = s->colours->serial;
}

/* Where registers are each picture's own, what is painted keeps its colours whatever comes. */
static void
sixel_uses(const void *self, bool *marks)
{
	const struct sixel *s = self;

	if (s->screen.shared_palette)
		sixel_plane_uses(&s->plane, marks);
}

static int
between(int from, int to, int part, int whole)
{
	return from + (to - from) * part / whole;
}

static struct mood
mood_of(const struct sixel_plane *p)
{
	int percent = p->sampled > 0 ? p->active * 100 / p->sampled : 0, i = 1;

	while (i < MOODS - 1 && percent > moods[i].percent)
		i++;
	const struct mood *from = &moods[i - 1].mood, *to = &moods[i].mood;
	int whole = moods[i].percent - moods[i - 1].percent, part = percent - moods[i - 1].percent;

	part = part < 0 ? 0 : part > whole ? whole : part;
	return (struct mood){ between(from->noise, to->noise, part, whole), between(from->keep, to->keep, part, whole),
	    between(from->byte_worth, to->byte_worth, part, whole) };
}

static bool
prepare(struct job *j, const struct thumb *t, int heal_rows)
{
	struct sixel *s = j->s;
	const struct paint_place *p = j->place;
	int w, h, level = sixel_palette_level_for(s->screen.colours);

	if (p->rows < 1 || p->cols < 1 || p->cell_w_px < 1 || p->cell_h_px < 1 || p->cols > SIXEL_SIDE_PX / p->cell_w_px ||
	    p->rows > SIXEL_SIDE_PX / p->cell_h_px || t == NULL || t->rgb == NULL)
		return false;
	sixel_size(p, &w, &h);
	if (!sixel_plane_resize(&s->plane, w, h) || !sixel_pen_resize(&s->pen, w) || (j->t = paint_fit(&s->fitted, t, w, h)) == NULL)
		return false;
	j->level = j->level > level ? j->level : level;
	follow_palette(s);
	heal(s, p, heal_rows);
	j->mood = mood_of(&s->plane);
	return sixel_plane_take(&s->plane, s->colours, j->t,
	    &(struct sixel_taste){ j->level, j->mood.noise, j->mood.keep << j->level, s->left == 0 });
}

static struct sixel_price
price_of(const struct job *j, bool strict, int colour_bytes)
{
	int worth = j->mood.byte_worth << j->level;

	return (struct sixel_price){ strict ? worth / STRICT_PART : worth, colour_bytes };
}

static bool
has_work(const struct sixel_plane *p)
{
	for (int b = 0; b < p->bands; b++)
		if (p->spans[b].end > 0)
			return true;
	return false;
}

/* A picture in pieces is looked at closely once, and heals once: else each piece could make as much work as it does. */
static void
go_on_at(struct sixel *s, int next, int done, int all)
{
	int left = (s->left > 0 ? s->left : all) - done;

	s->next = next;
	s->left = left > 0 ? left : 0;
}

static bool
is_spent(const struct job *j)
{
	return j->out->len - j->before >= j->max_bytes;
}

static bool
go_to(struct job *j, int row, int col)
{
	return buf_add_format(j->out, "\x1b[%d;%dH", j->place->row + row + 1, j->place->col + col + 1);
}

/* ---- overlays ---- */

static int
leftmost_col(const struct job *j)
{
	const struct sixel_plane *p = &j->s->plane;
	int first = p->width_px - 1;

	for (int b = 0; b < p->bands; b++)
		if (p->spans[b].end > 0 && p->spans[b].first < first)
			first = p->spans[b].first;
	return first / j->place->cell_w_px;
}

static bool
close_overlay(struct job *j)
{
	bool open = j->at_band >= 0;

	j->at_band = -1;
	return !open || buf_add_text(j->out, "\x1b\\");
}

/* Opens a sixel picture whose unpainted pixels stay (P2 = 1, square pixels), or goes down in it. */
static bool
reach_band(struct job *j, int band)
{
	if (j->at_band < 0) {
		if (!go_to(j, 0, j->origin_col) || !buf_add_text(j->out, "\x1bP9;1q"))
			return false;
		j->at_band = 0;
	}
	for (; j->at_band < band; j->at_band++)
		if (!buf_add(j->out, "-", 1))
			return false;
	return true;
}

static struct sixel_strip
strip_of_band(const struct job *j, int band)
{
	const struct sixel_plane *p = &j->s->plane;
	struct sixel_strip strip = { .first = p->spans[band].first, .end = p->spans[band].end };

	strip.origin = j->origin_col * j->place->cell_w_px;
	strip.rows = p->height_px - band * SIXEL_BAND < SIXEL_BAND ? p->height_px - band * SIXEL_BAND : SIXEL_BAND;
	for (int k = 0; k < strip.rows; k++) {
		size_t at = (size_t)(band * SIXEL_BAND + k) * (size_t)p->stride;

		strip.want[k] = p->want + at;
		strip.shown[k] = p->shown + at;
	}
	return strip;
}

static bool
paint_band(struct job *j, int band)
{
	struct sixel *s = j->s;
	struct sixel_span *span = &s->plane.spans[band];
	bool strict = sixel_plane_is_strict(&s->plane, band);
	struct sixel_price price = price_of(j, strict, s->screen.shared_palette ? SHARED_COLOUR_BYTES : PRIVATE_COLOUR_BYTES);

	if (span->end == 0)
		return true;
	struct sixel_strip strip = strip_of_band(j, band);
	int top = band * SIXEL_BAND, end = top + strip.rows;

	sixel_thin_rows(&s->thin, &s->plane, s->colours, j->t, top, end, &price);
	if (j->at_band < 0)
		sixel_pen_begin(&s->pen);
	if (sixel_pen_strip(&s->pen, &strip)) {
		if (!reach_band(j, band) || !buf_add(j->out, s->pen.bytes, s->pen.len))
			return false;
		sixel_plane_sent(&s->plane, span->first, top, span->end, end);
	}
	*span = (struct sixel_span){ 0, 0 };
	return true;
}

static enum paint_result
draw_overlays(struct job *j)
{
	struct sixel *s = j->s;
	int bands = s->plane.bands, start = s->next < bands ? s->next : 0;

	j->at_band = -1;
	j->origin_col = leftmost_col(j);
	s->next = 0;
	for (int n = 0; n < bands; n++) {
		int band = (start + n) % bands;

		if ((band == 0 && !close_overlay(j)) || !paint_band(j, band))
			return PAINT_NO_ROOM;
		if (is_spent(j) && has_work(&s->plane)) {
			go_on_at(s, (band + 1) % bands, n + 1, bands);
			return close_overlay(j) ? PAINT_MORE : PAINT_NO_ROOM;
		}
	}
	return close_overlay(j) ? PAINT_DONE : PAINT_NO_ROOM;
}

/* ---- rectangles of cells ---- */

static bool
paint_rect(struct job *j, const struct sixel_rect *r)
{
	struct sixel *s = j->s;
	const struct sixel_plane *p = &s->plane;
	int cw = j->place->cell_w_px, ch = j->place->cell_h_px;
	struct sixel_strip strip = { .first = r->col * cw, .end = r->end_col * cw, .origin = r->col * cw };
	int top = r->row * ch, end = r->end_row * ch;

	if (!go_to(j, r->row, r->col) || !buf_add_format(j->out, "\x1bPq\"1;1;%d;%d", strip.end - strip.first, end - top))
		return false;
	sixel_pen_begin(&s->pen);
	for (int y = top; y < end; y += SIXEL_BAND) {
		strip.rows = end - y < SIXEL_BAND ? end - y : SIXEL_BAND;
		for (int k = 0; k < strip.rows; k++)
			strip.want[k] = p->want + (size_t)(y + k) * (size_t)p->stride;
		sixel_pen_strip(&s->pen, &strip);
		if ((y > top && !buf_add(j->out, "-", 1)) || !buf_add(j->out, s->pen.bytes, s->pen.len))
			return false;
	}
	sixel_plane_sent(&s->plane, strip.first, top, strip.end, end);
	return buf_add_text(j->out, "\x1b\\");
}

/* Finds the rectangles, row after row from the one whose turn it is. */
static void
find_rects(struct job *j)
{
	struct sixel *s = j->s;
	const struct paint_place *p = j->place;
	int start = s->next < p->rows ? s->next : 0;

	sixel_rects_begin(&s->rects, p->cols, p->cell_w_px, p->cell_h_px, s->screen.uneven_cells);
	for (int n = 0; n < p->rows; n++) {
		int row = (start + n) % p->rows, top = row * p->cell_h_px, end = top + p->cell_h_px;
		bool strict = sixel_plane_is_strict(&s->plane, top / SIXEL_BAND);
		struct sixel_price price = price_of(j, strict, PRIVATE_COLOUR_BYTES);

		sixel_thin_rows(&s->thin, &s->plane, s->colours, j->t, top, end, &price);
		if (!sixel_rects_add_row(&s->rects, &s->plane, s->colours, row, price.byte * CELL_BYTES))
			break;
	}
}

/* As many rows of the rectangle as what is left of the grant may hold, one at least. */
static struct sixel_rect
piece_of(const struct job *j, const struct sixel_rect *r, int row)
{
	size_t spent = j->out->len - j->before, left = j->max_bytes > spent ? j->max_bytes - spent : 0;
	size_t row_bytes = (size_t)(r->end_col - r->col) * (size_t)(j->place->cell_w_px * j->place->cell_h_px) / PX_PER_BYTE + 1;
	size_t rows = left / row_bytes + 1;
	struct sixel_rect piece = { row, r->end_row, r->col, r->end_col };

	if (rows < (size_t)(r->end_row - row))
		piece.end_row = row + (int)rows;
	return piece;
}

static enum paint_result
draw_rects(struct job *j)
{
	struct sixel *s = j->s;
	struct sixel_rects *rects = &s->rects;
	int rows = j->place->rows, start = s->next < rows ? s->next : 0;

	find_rects(j);
	s->next = 0;
	for (int n = 0; n < rects->count; n++)
		for (int row = rects->list[n].row; row < rects->list[n].end_row;) {
			struct sixel_rect piece = piece_of(j, &rects->list[n], row);

			if (j->out->len > j->before + 2 && is_spent(j)) {	/* more than the saved cursor */
				go_on_at(s, row, (row - start + rows) % rows, rows);
				return PAINT_MORE;
			}
			if (!paint_rect(j, &piece))
				return PAINT_NO_ROOM;
			row = piece.end_row;
		}
	if (rects->full) {
		go_on_at(s, rects->list[SIXEL_RECTS - 1].row, (rects->list[SIXEL_RECTS - 1].row - start + rows) % rows, rows);
		return PAINT_MORE;
	}
	memset(s->plane.spans, 0, (size_t)s->plane.bands * sizeof s->plane.spans[0]);
	return PAINT_DONE;
}

/* ---- */

static enum paint_result
sixel_draw(void *self, struct buf *out, const struct paint_place *p, const struct thumb *t, const struct paint_grant *g)
{
	struct sixel *s = self;
	struct job j = { .s = s, .out = out, .place = p, .before = out->len, .max_bytes = g->max_bytes };
	enum paint_result result = PAINT_NO_ROOM;

	j.level = g->level < 0 ? 0 : g->level < PAINT_LEVELS ? g->level : PAINT_LEVELS - 1;
	if (!prepare(&j, t, g->heal_rows))
		return PAINT_NO_ROOM;
	if (!has_work(&s->plane)) {
		s->left = 0;
		return PAINT_NOTHING;
	}
	if (buf_add_text(out, "\x1b" "7")) {
		size_t empty = out->len;

		result = s->screen.overlays ? draw_overlays(&j) : draw_rects(&j);
		if (result == PAINT_DONE && out->len == empty) {
			out->len = j.before;
			return PAINT_NOTHING;
		}
		if (result != PAINT_NO_ROOM && !buf_add_text(out, "\x1b" "8"))
			result = PAINT_NO_ROOM;
	}
	if (result == PAINT_NO_ROOM) {
		out->len = j.before;		/* half a picture would swallow the text after it */
		sixel_forget(s);
	}
	s->left = result == PAINT_MORE ? s->left : 0;
	return result;
}

/* Registers of the whole screen that do not hold what they should, told by a sixel picture without pixels. */
static bool
tell_registers(struct buf *out, struct sixel_palette *p)
{
	const size_t before = out->len;
	char text[32];
	size_t empty;
	bool ok = buf_add_text(out, "\x1b" "7\x1b[H\x1bP9;1q");

	empty = out->len;
	for (int c = 0; ok && c < SIXEL_PALETTE_COLOURS; c++)
		if (p->number[c] < p->registers && (!p->is_told[c] || memcmp(p->told[c], p->rgb[c], 3) != 0))
			ok = buf_add(out, text, (size_t)(sixel_pen_define(text, p->number[c], p->rgb[c]) - text));
	if (ok && out->len > empty && buf_add_text(out, "\x1b\\\x1b" "8")) {
		memcpy(p->told, p->rgb, sizeof p->told);
		memset(p->is_told, true, sizeof p->is_told);
		return true;
	}
	ok = ok && out->len == empty;
	out->len = before;
	return ok;
}

static bool
sixel_renew(struct buf *out, const struct paint_screen *screen)
{
	return !screen->shared_palette || screen->palette == NULL || tell_registers(out, screen->palette);
}

/* Whatever the terminal had before, it is told all. */
static bool
sixel_begin(struct buf *out, const struct paint_screen *screen)
{
	struct sixel_palette *p = screen->palette;
	const size_t before = out->len;
	bool ok;

	if (!screen->shared_palette)
		return true;
	if (p == NULL) {
		p = xcalloc(1, sizeof *p);
		sixel_palette_init(p);
		sixel_palette_fit(p, screen->colours);
	}
	memset(p->is_told, false, sizeof p->is_told);
	ok = buf_add_text(out, "\x1b[?1070l") && tell_registers(out, p);
	out->len = ok ? out->len : before;
	if (p != screen->palette)
		free(p);
	return ok;
}

static bool
sixel_end(struct buf *out, const struct paint_screen *screen)
{
	return !screen->shared_palette || buf_add_text(out, "\x1b[?1070h");
}

const struct paint_ops paint_sixel = {
	.name = "sixel", .open = sixel_open, .close = sixel_close, .size = sixel_size,
	.draw = sixel_draw, .forget = sixel_forget, .uses = sixel_uses, .begin = sixel_begin, .end = sixel_end, .renew = sixel_renew,
};
