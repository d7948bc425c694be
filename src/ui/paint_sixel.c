/*
 * paint_sixel.c - pictures as DEC sixels through libsixel; the only file that knows it.
 * Owns one picture's kept palette.  No diffusion: it would turn noise into bytes.
 */
#include "ui/paint.h"

#include <sixel.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define PALETTE_DRAWS 25		/* a palette lives this many pictures */

struct sixel {
	int colours;
	sixel_dither_t *dither;
	int draws;
};

struct sink { struct buf *out; bool full; };

static void *
sixel_open(const struct paint_screen *screen)
{
	struct sixel *s = xcalloc(1, sizeof *s);

	s->colours = screen->colours < 64 ? 16 : 64;
	return s;
}

static void
drop_palette(struct sixel *s)
{
	if (s->dither != NULL)
		sixel_dither_unref(s->dither);
	s->dither = NULL;
}

static void
sixel_close(void *self)
{
	if (self != NULL)
		drop_palette(self);
	free(self);
}

static void
sixel_forget(void *self)
{
	(void)self;		/* every draw sends the whole picture */
}

/* Whole sixel bands only, so that no pixel reaches the row below the place. */
static void
sixel_size(const struct paint_place *p, int *w_px, int *h_px)
{
	*w_px = p->cols * p->cell_w_px;
	*h_px = p->rows * p->cell_h_px / 6 * 6;
	*h_px = *h_px < 6 ? 6 : *h_px;
}

static int
to_buf(char *data, int size, void *arg)
{
	struct sink *sink = arg;

	if (size > 0 && !buf_add(sink->out, data, (size_t)size))
		sink->full = true;
	return size;
}

static bool
choose_palette(struct sixel *s, const struct thumb *t)
{
	if (s->dither != NULL && s->draws++ % PALETTE_DRAWS != 0)
		return true;
	drop_palette(s);
	if (SIXEL_FAILED(sixel_dither_new(&s->dither, s->colours, NULL)))
		return false;
	if (SIXEL_FAILED(sixel_dither_initialize(s->dither, t->rgb, t->width_px, t->height_px, SIXEL_PIXELFORMAT_RGB888,
	    SIXEL_LARGE_AUTO, SIXEL_REP_AUTO, SIXEL_QUALITY_LOW))) {
		drop_palette(s);
		return false;
	}
	sixel_dither_set_diffusion_type(s->dither, SIXEL_DIFFUSE_NONE);
	return true;
}

static bool
encode(struct sixel *s, struct sink *sink, struct thumb *t)
{
	sixel_output_t *output = NULL;
	bool ok = false;

	if (!choose_palette(s, t) || SIXEL_FAILED(sixel_output_new(&output, to_buf, sink, NULL)))
		return false;
	/* libsixel may write into the pixels it is given: t is our own copy. */
	ok = SIXEL_SUCCEEDED(sixel_encode(t->rgb, t->width_px, t->height_px, 3, s->dither, output));
	sixel_output_unref(output);
	return ok && !sink->full;
}

static enum paint_result
sixel_draw(void *self, struct buf *out, const struct paint_place *p, const struct thumb *t, const struct paint_grant *g)
{
	struct sink sink = { out, false };
	struct thumb fitted;
	size_t before = out->len;
	int w, h;

	(void)g;
	sixel_size(p, &w, &h);
	if (!thumb_init(&fitted, w, h))
		return PAINT_NO_ROOM;
	thumb_fit(&fitted, t);
	bool ok = buf_add_format(out, "\x1b" "7\x1b[%d;%dH", p->row + 1, p->col + 1) &&
	    encode(self, &sink, &fitted) && buf_add_text(out, "\x1b" "8");
	thumb_fini(&fitted);
	if (!ok)
		out->len = before;	/* half a picture would swallow the text after it */
	return ok ? PAINT_DONE : PAINT_NO_ROOM;
}

const struct paint_ops paint_sixel = {
	.name = "sixel", .open = sixel_open, .close = sixel_close, .size = sixel_size,
	.draw = sixel_draw, .forget = sixel_forget,
};
