/*
 * stage_pictures.c - live pictures to the terminal, paced by its answers.  Newest picture wins: a place that could
 * not be painted in time is painted with what is newest when its turn comes, never with a queue.
 */
#include "ui/stage_pictures.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define BATCH_US 100000			/* a batch is what the line carries in this time */
#define MAX_BATCH_BYTES (2 * 1024 * 1024)

struct slot {
	struct canvas_picture at;
	void *painter;
	unsigned serial;		/* of the thumb shown */
	bool dirty;
	int64_t painted_us;
};

struct stage_pictures {
	struct loop *loop;
	struct preview *preview;
	struct tty *tty;
	const struct paint_ops *ops;
	struct paint_screen screen;
	int fps;
	struct term_caps caps;
	struct slot slots[CANVAS_PICTURES];
	int count;
	struct loop_timer *timer;
	struct pacing pacing;
	struct buf out;			/* a batch being made */
	int64_t shown;			/* pictures painted so far */
};

static void
on_timer(void *arg)
{
	struct stage_pictures *p = arg;

	pacing_tick(&p->pacing, loop_now_us(p->loop));
	stage_pictures_pump(p);
}

struct stage_pictures *
stage_pictures_new(struct loop *loop, struct preview *preview, struct tty *tty)
{
	struct stage_pictures *p = xcalloc(1, sizeof *p);

	p->loop = loop;
	p->preview = preview;
	p->tty = tty;
	p->timer = loop_timer_new(loop, on_timer, p);
	pacing_init(&p->pacing);
	buf_init(&p->out, MAX_BATCH_BYTES);
	return p;
}

static void
drop_slot(struct stage_pictures *p, struct slot *s)
{
	if (s->painter != NULL && p->ops != NULL)
		p->ops->close(s->painter);
	memset(s, 0, sizeof *s);
}

static void
drop_all(struct stage_pictures *p)
{
	for (int i = 0; i < p->count; i++) {
		preview_want(p->preview, p->slots[i].at.node, 0, 0, 0);
		drop_slot(p, &p->slots[i]);
	}
	p->count = 0;
}

void
stage_pictures_free(struct stage_pictures *p)
{
	if (p == NULL)
		return;
	drop_all(p);
	loop_timer_free(p->loop, p->timer);
	buf_fini(&p->out);
	free(p);
}

void
stage_pictures_use(struct stage_pictures *p, const struct paint_ops *painter,
    const struct paint_screen *screen, const struct term_caps *caps, int fps)
{
	drop_all(p);
	p->ops = painter;
	p->screen = *screen;
	p->caps = *caps;
	p->fps = fps;
}

static bool
is_same_place(const struct canvas_picture *a, const struct canvas_picture *b)
{
	return a->awaited == b->awaited && a->row == b->row && a->col == b->col && a->rows == b->rows && a->cols == b->cols &&
	    strcmp(a->node, b->node) == 0;
}

static const struct canvas_picture *
find_place(const struct canvas *c, const struct canvas_picture *at)
{
	for (int i = 0; i < c->picture_count; i++)
		if (is_same_place(&c->pictures[i], at))
			return &c->pictures[i];
	return NULL;
}

static bool
has_node(const struct canvas *c, const char *node)
{
	for (int i = 0; i < c->picture_count; i++)
		if (strcmp(c->pictures[i].node, node) == 0)
			return true;
	return false;
}

static struct slot *
find_slot(struct stage_pictures *p, const struct canvas_picture *at)
{
	for (int i = 0; i < p->count; i++)
		if (is_same_place(&p->slots[i].at, at))
			return &p->slots[i];
	return NULL;
}

static struct paint_place
place_of(const struct stage_pictures *p, const struct canvas_picture *at)
{
	return (struct paint_place){ at->row, at->col, at->rows, at->cols, p->caps.cell_w_px, p->caps.cell_h_px };
}

static void
remove_gone(struct stage_pictures *p, const struct canvas *c, void (*erased)(void *arg, int row, int rows), void *arg)
{
	int kept = 0;

	for (int i = 0; i < p->count; i++) {
		struct slot *s = &p->slots[i];

		if (p->ops != NULL && find_place(c, &s->at) != NULL) {
			p->slots[kept++] = *s;
			continue;
		}
		erased(arg, s->at.row, s->at.rows);
		if (!has_node(c, s->at.node))
			preview_want(p->preview, s->at.node, 0, 0, 0);
		/* A row written anew takes its other pictures with it. */
		for (int k = 0; k < p->count; k++)
			if (p->slots[k].painter != NULL && p->slots[k].at.row < s->at.row + s->at.rows &&
			    s->at.row < p->slots[k].at.row + p->slots[k].at.rows) {
				p->slots[k].dirty = true;
				p->ops->forget(p->slots[k].painter);
			}
		drop_slot(p, s);
	}
	p->count = kept;
}

void
stage_pictures_layout(struct stage_pictures *p, const struct canvas *c, void (*erased)(void *arg, int row, int rows), void *arg)
{
	remove_gone(p, c, erased, arg);
	for (int i = 0; i < c->picture_count && p->ops != NULL; i++) {
		const struct canvas_picture *at = &c->pictures[i];
		struct paint_place place = place_of(p, at);
		struct slot *s = find_slot(p, at);
		int w, h;

		if (s == NULL && !at->awaited) {
			s = &p->slots[p->count++];
			*s = (struct slot){ .at = *at, .painter = p->ops->open(&p->screen), .dirty = true };
		}
		if (s != NULL)
			s->at.priority = at->priority;
		p->ops->size(&place, &w, &h);
		preview_want(p->preview, at->node, w, h, p->fps);
	}
}

void
stage_pictures_forget(struct stage_pictures *p)
{
	for (int i = 0; i < p->count; i++) {
		p->slots[i].dirty = true;
		p->slots[i].serial = 0;
		p->ops->forget(p->slots[i].painter);
	}
}

void
stage_pictures_dirty(struct stage_pictures *p, const char *node)
{
	for (int i = 0; i < p->count; i++)
		if (strcmp(p->slots[i].at.node, node) == 0)
			p->slots[i].dirty = true;
	if (tty_is_idle(p->tty) && pacing_may_send(&p->pacing, loop_now_us(p->loop)))
		loop_timer_start(p->loop, p->timer, 0, 0);
}

/* Program and preview first, then whoever waited longest. */
static struct slot *
next_slot(struct stage_pictures *p)
{
	struct slot *best = NULL;

	for (int i = 0; i < p->count; i++) {
		struct slot *s = &p->slots[i];

		if (!s->dirty)
			continue;
		if (best == NULL || s->at.priority < best->at.priority ||
		    (s->at.priority == best->at.priority && s->painted_us < best->painted_us))
			best = s;
	}
	return best;
}

static void
paint_slot(struct stage_pictures *p, struct slot *s, int64_t now_us)
{
	unsigned serial = 0;
	const struct thumb *t = preview_thumb(p->preview, s->at.node, &serial);
	struct paint_place place = place_of(p, &s->at);
	const struct paint_grant grant = { .max_bytes = MAX_BATCH_BYTES };

	s->dirty = false;
	s->painted_us = now_us;
	if (t == NULL || t->rgb == NULL || (serial == s->serial && serial != 0))
		return;
	s->serial = serial;
	if (p->ops->draw(s->painter, &p->out, &place, t, &grant) == PAINT_DONE && ++p->shown % 10 == 0)
		log_line(LOG_UI, "pictures shown %lld", (long long)p->shown);
}

void
stage_pictures_pump(struct stage_pictures *p)
{
	int64_t now_us = loop_now_us(p->loop), budget;
	struct slot *s;

	if (p->ops == NULL || !tty_is_idle(p->tty))
		return;
	if (!pacing_may_send(&p->pacing, now_us)) {
		int64_t at = pacing_deadline(&p->pacing);

		loop_timer_start_at(p->loop, p->timer, at >= 0 ? at : p->pacing.next_us);
		return;
	}
	budget = pacing_budget_bytes(&p->pacing, BATCH_US);
	if (p->caps.synchronized_output)
		buf_add_text(&p->out, "\x1b[?2026h");
	size_t empty = p->out.len;
	while ((int64_t)p->out.len < budget && (s = next_slot(p)) != NULL)
		paint_slot(p, s, now_us);
	if (p->out.len == empty) {
		buf_clear(&p->out);
		return;
	}
	if (p->caps.synchronized_output)
		buf_add_text(&p->out, "\x1b[?2026l");
	buf_add_text(&p->out, pacing_fence);
	pacing_sent(&p->pacing, (int64_t)p->out.len, now_us);
	tty_send(p->tty, p->out.data, p->out.len);
	buf_clear(&p->out);
	int64_t at = pacing_deadline(&p->pacing);
	loop_timer_start_at(p->loop, p->timer, at >= 0 ? at : p->pacing.next_us);
}

void
stage_pictures_answered(struct stage_pictures *p)
{
	pacing_answered(&p->pacing, loop_now_us(p->loop));
	loop_timer_start_at(p->loop, p->timer, p->pacing.next_us);
}
