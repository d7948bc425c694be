/*
 * stage_pictures.c - live pictures to the terminal, as far as its line carries them.  Newest picture wins: a place that
 * could not be painted in time is painted with what is newest when its turn comes, never with a queue.
 */
#include "ui/stage_pictures_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define MAX_BATCH_BYTES (2 * 1024 * 1024)	/* one piece of the largest picture fits many times */
#define MOST_GRANT_BYTES 65536		/* a batch on the widest line: its answer must come often */
#define SYNC_BYTES 8192			/* small batches are shown at once, where the terminal can */
#define DRAWS_A_TURN 8			/* encoded in one turn of the loop, */
#define TURN_US 6000			/* and none begun after so long: keys wait, and answers would be heard late */
#define PLAN_US 250000
#define LONG_US 2000000			/* for one picture */
#define SAY_US 1000000			/* figures for the log */
#define ALL_THERE_US 8000000		/* after that one without a picture keeps no others waiting for better colours */
#define SLOWER_US 1000000		/* fewer pictures are asked for after so long */

static void
start_timer(struct stage_pictures *p, int64_t at_us)
{
	p->due_us = at_us;
	loop_timer_start_at(p->loop, p->timer, at_us);
}

static void
on_timer(void *arg)
{
	struct stage_pictures *p = arg;

	governor_late(&p->line->governor, loop_now_us(p->loop) - p->due_us);
	stage_line_tend(p->line);
	stage_pictures_pump(p);
}

/* ---- Colours ---- */

/* Every third pixel each way, or as many as there is room for; not while the line is too narrow for the best colours. */
static bool
add_samples(void *arg, struct sixel_learn *l)
{
	const struct stage_pictures *p = arg;
	const struct thumb *thumbs[CANVAS_PICTURES];
	size_t pixels = 0, step = 3;
	unsigned serial;

	if (p->line->governor.level > 0 || p->line->governor.size > 0)
		return false;
	for (int i = 0; i < p->count; i++)	/* all have come, and are on the screen */
		if (p->slots[i].is_fresh && loop_now_us(p->loop) - p->laid_out_us < ALL_THERE_US)
			return false;
	for (int i = 0; i < p->count; i++) {
		thumbs[i] = preview_thumb(p->preview, p->slots[i].at.node, &serial);
		if (thumbs[i] != NULL && thumbs[i]->rgb != NULL)
			pixels += (size_t)thumbs[i]->width_px * (size_t)thumbs[i]->height_px;
	}
	while (pixels / (step * step) > SIXEL_LEARN_SAMPLES * 9 / 10)
		step++;
	for (int i = 0; i < p->count; i++)
		if (thumbs[i] != NULL && thumbs[i]->rgb != NULL)
			sixel_learn_add(l, thumbs[i], (int)step);
	return true;
}

static void
mark_uses(void *arg, bool *marks)
{
	const struct stage_pictures *p = arg;

	for (int i = 0; i < p->count && p->use.painter != NULL && p->use.painter->uses != NULL; i++)
		p->use.painter->uses(p->slots[i].painter, marks);
}

static void
on_colours(void *arg)
{
	struct stage_pictures *p = arg;

	p->needs_renew = true;
	for (int i = 0; i < p->count; i++)
		p->slots[i].is_dirty = p->slots[i].has_more = true;	/* a still picture is another one */
	start_timer(p, loop_now_us(p->loop));
}

static bool
has_palette(const struct stage_pictures *p)
{
	return p->use.painter != NULL && p->use.painter->renew != NULL;
}

/* What the terminal does not know yet of the painter's colours, before anything is painted with them. */
static void
add_colours(struct stage_pictures *p)
{
	if (p->needs_begin && p->use.painter->begin != NULL)
		(void)p->use.painter->begin(&p->body, &p->use.screen);
	if (p->needs_renew && has_palette(p))
		(void)p->use.painter->renew(&p->body, &p->use.screen);
	p->needs_begin = p->needs_renew = false;
}

struct stage_pictures *
stage_pictures_new(struct loop *loop, struct preview *preview, struct stage_line *line, const struct stage_pictures_fns *fns,
    void *arg)
{
	struct stage_pictures *p = xcalloc(1, sizeof *p);

	p->loop = loop;
	p->preview = preview;
	p->line = line;
	p->fns = *fns;
	p->arg = arg;
	p->timer = loop_timer_new(loop, on_timer, p);
	p->colours = stage_colours_new(loop, &(struct stage_colours_fns){ mark_uses, add_samples, on_colours }, p);
	buf_init(&p->body, MAX_BATCH_BYTES);
	buf_init(&p->out, 2 * MAX_BATCH_BYTES);
	return p;
}

/* ---- Places ---- */

static void
drop_slot(struct stage_pictures *p, struct stage_slot *s)
{
	if (s->painter != NULL)
		p->use.painter->close(s->painter);
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
	stage_colours_free(p->colours);
	buf_fini(&p->body);
	buf_fini(&p->out);
	free(p);
}

void
stage_pictures_use(struct stage_pictures *p, const struct stage_pictures_use *use, const struct term_caps *caps, struct buf *out)
{
	const struct paint_ops *before = p->use.painter;

	drop_all(p);
	if (before != NULL && before->end != NULL)
		(void)before->end(out, &p->use.screen);
	p->use = *use;
	p->caps = *caps;
	p->needs_begin = true;
	stage_colours_fit(p->colours, use->screen.colours);
	p->use.screen.palette = has_palette(p) ? stage_colours_palette(p->colours) : NULL;
}

static bool
is_same_place(const struct canvas_picture *a, const struct canvas_picture *b)
{
	return a->awaited == b->awaited && a->row == b->row && a->col == b->col && a->rows == b->rows && a->cols == b->cols &&
	    strcmp(a->node, b->node) == 0;
}

static bool
has_place(const struct canvas *c, const struct canvas_picture *at)
{
	for (int i = 0; i < c->picture_count; i++)
		if (is_same_place(&c->pictures[i], at))
			return true;
	return false;
}

static bool
has_node(const struct canvas *c, const char *node)
{
	for (int i = 0; i < c->picture_count; i++)
		if (strcmp(c->pictures[i].node, node) == 0)
			return true;
	return false;
}

static struct stage_slot *
find_slot(struct stage_pictures *p, const struct canvas_picture *at)
{
	for (int i = 0; i < p->count; i++)
		if (is_same_place(&p->slots[i].at, at))
			return &p->slots[i];
	return NULL;
}

/* Where size was given up, the picture stands in the middle of its place. */
static struct paint_place
place_of(const struct stage_pictures *p, const struct canvas_picture *at)
{
	static const struct { int of, parts; } sizes[GOVERNOR_SIZES] = { { 1, 1 }, { 3, 4 }, { 1, 2 } };
	int rows = at->rows * sizes[p->size].of / sizes[p->size].parts, cols = at->cols * sizes[p->size].of / sizes[p->size].parts;

	rows = rows < 2 ? at->rows : rows;
	cols = cols < 4 ? at->cols : cols;
	return (struct paint_place){ at->row + (at->rows - rows) / 2, at->col + (at->cols - cols) / 2, rows, cols,
		p->caps.cell_w_px, p->caps.cell_h_px };
}

/* True: there were any. */
static bool
remove_gone(struct stage_pictures *p, const struct canvas *c)
{
	const int before = p->count, size = p->line->governor.size;
	int kept = 0;

	for (int i = 0; i < before; i++) {
		struct stage_slot *s = &p->slots[i];

		if (size == p->size && has_place(c, &s->at)) {
			if (kept != i)
				p->slots[kept] = *s;
			kept++;
			continue;
		}
		p->fns.erase(p->arg, s->at.row, s->at.col, s->at.rows, s->at.cols);
		if (!has_node(c, s->at.node))
			preview_want(p->preview, s->at.node, 0, 0, 0);
		drop_slot(p, s);
	}
	for (int i = kept; i < before; i++)
		memset(&p->slots[i], 0, sizeof p->slots[i]);
	p->count = kept;
	p->size = size;
	return kept != before;
}

/* Where each camera's picture has to be: for whoever has only a picture of the screen to look at. */
static void
log_places(const struct stage_pictures *p)
{
	log_line(LOG_UI, "screen %d rows %d cols, %d pictures", p->rows, p->cols, p->count);
	for (int i = 0; i < p->count; i++) {
		const struct canvas_picture *at = &p->slots[i].at;
		const struct paint_place *place = &p->slots[i].place;

		log_line(LOG_UI, "picture %s row %d col %d rows %d cols %d of %d %d %d %d", at->node, place->row, place->col,
		    place->rows, place->cols, at->row, at->col, at->rows, at->cols);
	}
}

/* Awaited pictures are asked for too: without that the first would never come. */
static void
want(struct stage_pictures *p, const struct paint_place *place, const char *node, int fps)
{
	int w, h;

	p->use.painter->size(place, &w, &h);
	preview_want(p->preview, node, w, h, fps);
}

static void
add_slot(struct stage_pictures *p, const struct canvas_picture *at)
{
	struct stage_slot *s = &p->slots[p->count++];

	*s = (struct stage_slot){ .at = *at, .place = place_of(p, at), .painter = p->use.painter->open(&p->use.screen), .is_dirty = true,
		.is_fresh = true, .asked_fps = p->use.most_fps };
}

static int
priority_of(const struct canvas_picture *at, const char *focus)
{
	if (at->priority < 2)
		return at->priority;
	return focus[0] != '\0' && strcmp(at->node, focus) == 0 ? 2 : 3;
}

void
stage_pictures_layout(struct stage_pictures *p, const struct canvas *c, const char *focus)
{
	bool has_changed = remove_gone(p, c) || p->told != p->count || p->rows != c->rows || p->cols != c->cols;

	p->is_held = false;
	p->rows = c->rows;
	p->cols = c->cols;
	p->awaited_count = 0;
	for (int i = 0; i < c->picture_count && p->use.painter != NULL; i++) {
		const struct canvas_picture *at = &c->pictures[i];
		struct stage_slot *s = find_slot(p, at);

		if (at->awaited) {
			const struct paint_place place = place_of(p, at);

			want(p, &place, at->node, p->use.most_fps);
			str_copy(p->awaited[p->awaited_count++], ID_BYTES, at->node);
			continue;
		}
		if (s == NULL) {
			add_slot(p, at);
			s = &p->slots[p->count - 1];
			has_changed = true;
		}
		s->at.priority = priority_of(at, focus);
		want(p, &s->place, at->node, s->asked_fps);	/* again: the node may have been away */
	}
	p->told = p->count;
	if (!has_changed)
		return;
	log_places(p);
	p->laid_out_us = loop_now_us(p->loop);
	if (p->count > 0 && has_palette(p))
		stage_colours_laid_out(p->colours);
}

void
stage_pictures_forget(struct stage_pictures *p)
{
	p->needs_begin = true;
	for (int i = 0; i < p->count; i++) {
		struct stage_slot *s = &p->slots[i];

		s->is_dirty = s->is_fresh = true;
		s->serial = 0;
		s->run_bytes = 0;
		p->use.painter->forget(s->painter);
	}
}

void
stage_pictures_hold(struct stage_pictures *p)
{
	p->is_held = true;
}

void
stage_pictures_dirty(struct stage_pictures *p, const char *node)
{
	bool is_shown = false;

	for (int i = 0; i < p->awaited_count; i++)
		if (strcmp(p->awaited[i], node) == 0)
			p->fns.relayout(p->arg);
	for (int i = 0; i < p->count; i++) {
		if (strcmp(p->slots[i].at.node, node) != 0)
			continue;
		p->slots[i].renewed_by_us = 0;
		p->slots[i].dirty_us = loop_now_us(p->loop);
		is_shown = p->slots[i].is_dirty = true;
	}
	if (is_shown && has_palette(p))
		stage_colours_stir(p->colours);
	if (is_shown)
		start_timer(p, loop_now_us(p->loop));
}

/* ---- The plan ---- */

/* Nobody encodes or decodes what nobody sees: more at once, fewer when it lasts.  (A stream is opened anew at half only.) */
static void
ask_rate(struct stage_pictures *p, struct stage_slot *s, int64_t now_us)
{
	int fps = (s->milli_fps * 5 / 4 + 999) / 1000;

	fps = fps < 1 ? 1 : fps > p->use.most_fps ? p->use.most_fps : fps;
	if (fps * 4 / 3 >= s->asked_fps)
		s->slow_since_us = 0;
	else if (s->slow_since_us == 0)
		s->slow_since_us = now_us;
	if (fps <= s->asked_fps && (s->slow_since_us == 0 || now_us - s->slow_since_us < SLOWER_US))
		return;
	s->asked_fps = fps;
	s->slow_since_us = 0;
	want(p, &s->place, s->at.node, fps);
}

static void
log_rates(struct stage_pictures *p, int64_t now_us)
{
	struct governor *g = &p->line->governor;
	const int64_t span_us = now_us - p->said_us;
	int done = 0, least = INT32_MAX, bus[2] = { 0, 0 };

	if (span_us < SAY_US)
		return;
	if (p->said_us == 0) {
		p->said_us = now_us;	/* nothing to tell yet */
		return;
	}
	for (int i = 0; i < p->count; i++) {
		struct stage_slot *s = &p->slots[i];

		if (s->at.priority < 2)
			bus[s->at.priority] = s->done;
		least = s->done < least ? s->done : least;
		done += s->done;
		s->done = 0;
	}
	log_line(LOG_UI, "pictures in %lld ms: %d, program %d preview %d, least %d, decoded %lld, %lld bytes; line %lld bytes/s, %lld us empty, "
	    "%lld us queued at worst, colours %d size %d%s", (long long)span_us / 1000, done, bus[0], bus[1],
	    p->count > 0 ? least : 0, (long long)(preview_decoded_count(p->preview) - p->decoded), (long long)p->sent_bytes, (long long)g->rate_bps, (long long)g->rtt_us,
	    (long long)governor_worst_us(g), g->level, g->size, !g->is_silent ? "" : g->answers > 0 ? ", answers no more" : ", never answers");
	p->said_us = now_us;
	p->sent_bytes = 0;
	p->decoded = preview_decoded_count(p->preview);
}

/* A picture that takes for ever is dear, though nobody knows yet how dear. */
static int64_t
cost_of(const struct stage_slot *s, int64_t now_us)
{
	if (s->has_more && now_us - s->begun_us > LONG_US && s->run_bytes > s->cost_bytes)
		return s->run_bytes;
	return s->cost_bytes;
}

static void
plan(struct stage_pictures *p, int64_t now_us)
{
	struct governor_tile tiles[CANVAS_PICTURES];

	if (now_us - p->planned_us < PLAN_US || p->count == 0)
		return;
	p->planned_us = now_us;
	for (int i = 0; i < p->count; i++)
		tiles[i] = (struct governor_tile){ .priority = p->slots[i].at.priority, .cost_bytes = cost_of(&p->slots[i], now_us) };
	governor_plan(&p->line->governor, tiles, p->count, p->use.most_fps, now_us);
	for (int i = 0; i < p->count; i++) {
		/* With other colours a still picture is another one. */
		if (p->line->governor.level != p->level)
			p->slots[i].is_dirty = p->slots[i].has_more = true;
		p->slots[i].milli_fps = tiles[i].milli_fps > 0 ? tiles[i].milli_fps : 1;
		ask_rate(p, &p->slots[i], now_us);
	}
	p->level = p->line->governor.level;
	if (p->line->governor.size != p->size)
		p->fns.relayout(p->arg);
	log_rates(p, now_us);
}

/* ---- Painting ---- */

static void
picture_done(struct stage_slot *s)
{
	if (s->is_fresh || s->cost_bytes == 0)
		s->cost_bytes = s->is_fresh ? s->cost_bytes : s->run_bytes + 1;
	else
		s->cost_bytes = (s->cost_bytes * 3 + s->run_bytes) / 4 + 1;
	s->is_fresh = false;
	s->run_bytes = 0;
	s->done++;
}

static void
paint_slot(struct stage_pictures *p, struct stage_slot *s, size_t room, int64_t now_us)
{
	struct paint_grant grant = { .max_bytes = room, .level = p->line->governor.level };
	const size_t before = p->body.len;
	unsigned serial = 0;
	const struct thumb *t = preview_thumb(p->preview, s->at.node, &serial);

	if (t == NULL || t->rgb == NULL || (serial == s->serial && serial != 0 && !s->has_more)) {
		s->is_dirty = false;
		return;
	}
	if (stage_pictures_turn_renews(p, s, now_us))
		return;
	grant.heal_rows = stage_pictures_turn_heals(p, s, now_us);
	if (!s->has_more)
		s->begun_us = now_us;
	if (serial != s->serial) {
		s->pulled_us = 0;
		s->is_renewed = false;
	}
	s->serial = serial;
	const enum paint_result result = p->use.painter->draw(s->painter, &p->body, &s->place, t, &grant);

	s->run_bytes += (int64_t)(p->body.len - before);
	s->has_more = s->is_dirty = result == PAINT_MORE;
	if (result == PAINT_DONE || result == PAINT_NOTHING) {
		picture_done(s);
		if (++p->shown % 10 == 0)
			log_line(LOG_UI, "pictures shown %lld", (long long)p->shown);
	} else if (s->run_bytes > s->cost_bytes && !s->is_fresh)
		s->cost_bytes = s->run_bytes;	/* it is dear, and not even done */
}

/* One batch of as many pieces as there is room for; false: nothing to paint, or no room. */
static bool
send_batch(struct stage_pictures *p, int *draws, int64_t now_us)
{
	size_t room = governor_room(&p->line->governor, now_us);
	struct stage_slot *s = stage_pictures_turn_next(p, now_us);
	int pieces = 0;

	if (s == NULL)
		return false;
	if (room == 0) {
		governor_blocked(&p->line->governor, now_us);
		return false;
	}
	room = room < MOST_GRANT_BYTES ? room : MOST_GRANT_BYTES;
	add_colours(p);
	for (; s != NULL && (pieces == 0 || p->body.len < room) && *draws < DRAWS_A_TURN; s = stage_pictures_turn_next(p, now_us)) {
		const size_t before = p->body.len;

		paint_slot(p, s, room > before ? room - before : 1, now_us);
		pieces += p->body.len > before;
		*draws = loop_now_us(p->loop) - now_us < TURN_US ? *draws + 1 : DRAWS_A_TURN;
	}
	const bool is_synced = p->caps.synchronized_output && pieces > 1 && p->body.len <= SYNC_BYTES;

	if (is_synced)
		(void)buf_add_text(&p->out, "\x1b[?2026h");
	if (p->use.is_wrapped)
		(void)term_wrap(&p->out, p->body.data, p->body.len);
	else
		(void)buf_add(&p->out, p->body.data, p->body.len);
	if (is_synced)
		(void)buf_add_text(&p->out, "\x1b[?2026l");
	buf_clear(&p->body);
	p->sent_bytes += (int64_t)p->out.len;
	stage_line_send(p->line, GOVERNOR_PICTURES, &p->out);
	return true;
}

static void
sleep_until_useful(struct stage_pictures *p, int64_t pull_us, bool is_blocked, int64_t now_us)
{
	int64_t at = governor_deadline(&p->line->governor, now_us), due = is_blocked ? -1 : stage_pictures_turn_due(p);

	if (at < 0 || (due >= 0 && due < at))
		at = due;
	if (at < 0 || (pull_us >= 0 && pull_us < at))
		at = pull_us;
	if (at >= 0)
		start_timer(p, at > now_us ? at : now_us);
	else
		loop_timer_stop(p->loop, p->timer);
}

void
stage_pictures_pump(struct stage_pictures *p)
{
	const int64_t now_us = loop_now_us(p->loop);
	int64_t pull_us = -1;
	int draws = 0;

	if (p->is_held || p->line->tty == NULL) {
		loop_timer_stop(p->loop, p->timer);
		return;
	}
	if (p->use.painter != NULL) {
		plan(p, now_us);
		while (draws < DRAWS_A_TURN && tty_is_idle(p->line->tty) && send_batch(p, &draws, now_us))
			;
		pull_us = stage_pictures_turn_pull(p, now_us);
	}
	if (!tty_is_idle(p->line->tty))
		loop_timer_stop(p->loop, p->timer);	/* on when it has taken what is under way */
	else if (draws == DRAWS_A_TURN)
		start_timer(p, now_us);
	else
		sleep_until_useful(p, pull_us, governor_room(&p->line->governor, now_us) == 0, now_us);
}
