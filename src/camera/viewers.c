/*
 * viewers.c - who watches, in which size, and what they are sent.
 * Owns the variants (one encoder each) and the newest part of each.  Never queues pictures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/list.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "camera/still.h"
#include "camera/viewers.h"

#define VARIANTS 8
#define DEFAULT_WIDTH_PX 640
#define DEFAULT_QUALITY 60
#define DEFAULT_FPS 10.0
#define STEP_PX 16		/* nearly equal wishes share one encoder */
#define LEAST_PX 2

/* One encoded frame as it goes on the wire: "--boundary", head, JPEG, line end. */
struct part {
	int refs;
	struct buf bytes;
	size_t jpeg_at, jpeg_len;
};

struct variant {
	struct list link, viewers;
	int width_px, height_px, quality;
	struct still *still;
	bool is_due;			/* in the shot in flight: the worker has its encoder */
	bool is_kept;			/* the picture stands still: nothing to encode */
	struct part *made;		/* by the worker */
	struct part *newest;
	int snapshots;			/* waiting for it */
};

struct viewer {
	struct list link;		/* of its variant */
	struct viewers *all;
	struct variant *variant;
	struct httpd_stream *stream;
	int64_t period_us, due_us;
	struct part *now, *next;	/* being sent; to be sent then */
	size_t sent;
};

struct snapshot {
	struct list link;
	struct variant *variant;
	struct httpd_request *rq;
};

struct viewers {
	struct loop *loop;
	struct engine *engine;
	struct list variants, snapshots;
	int variant_count, count;
	int width_px, height_px;
	double rate;
	bool is_frozen, is_silent, is_closing;
	int64_t told_frame, told_us;	/* of the newest picture; a frozen camera's are those it had, whoever looks anew */
	struct variant *due[VARIANTS];	/* of the shot in flight; the worker looks at these only */
	int due_count;
};

static const struct engine_client viewers_client;

struct viewers *
viewers_new(struct loop *loop, struct engine *engine)
{
	struct viewers *v = xcalloc(1, sizeof *v);

	v->loop = loop;
	v->engine = engine;
	list_init(&v->variants);
	list_init(&v->snapshots);
	engine_add(engine, &viewers_client, v);
	return v;
}

static void
part_unref(struct part *p)
{
	if (p == NULL || --p->refs > 0)
		return;
	buf_fini(&p->bytes);
	free(p);
}

static struct part *
part_ref(struct part *p)
{
	p->refs++;
	return p;
}

/* ---- variants ---- */

/* Encoders of the shot in flight must stay: the rest go when nobody wants them. */
static void
variant_drop_if_idle(struct viewers *v, struct variant *a)
{
	if (!list_is_empty(&a->viewers) || a->snapshots > 0 || a->is_due)
		return;
	list_remove(&a->link);
	v->variant_count--;
	still_free(a->still);
	part_unref(a->made);
	part_unref(a->newest);
	free(a);
}

void
viewers_free(struct viewers *v)
{
	if (v == NULL)
		return;
	XASSERT(v->count == 0 && list_is_empty(&v->snapshots));
	LIST_EACH_SAFE(it, tmp, &v->variants)
		variant_drop_if_idle(v, LIST_ENTRY(it, struct variant, link));
	XASSERT(list_is_empty(&v->variants));
	free(v);
}

void
viewers_format(struct viewers *v, int width_px, int height_px, double rate)
{
	v->width_px = width_px;
	v->height_px = height_px;
	v->rate = rate;
}

/* Hints are ceilings, taken in steps. */
static int
floor_to(int width, int own_width)
{
	if (width == own_width)
		return width;
	width = width >= STEP_PX ? width / STEP_PX * STEP_PX : width / 2 * 2;
	return width > LEAST_PX ? width : LEAST_PX;
}

static struct variant *
variant_for(struct viewers *v, const struct viewers_hints *hints)
{
	int width = hints->width_px > 0 ? hints->width_px : DEFAULT_WIDTH_PX;
	int quality = hints->quality > 0 ? hints->quality : DEFAULT_QUALITY;
	struct variant *a;

	width = floor_to(width > v->width_px ? v->width_px : width, v->width_px);
	quality = quality > 100 ? 100 : quality < 10 ? 10 : quality / 5 * 5;
	LIST_EACH(it, &v->variants) {
		a = LIST_ENTRY(it, struct variant, link);
		if (a->width_px == width && a->quality == quality)
			return a;
	}
	if (v->variant_count == VARIANTS)
		return NULL;
	a = xcalloc(1, sizeof *a);
	a->width_px = width;
	a->height_px = width == v->width_px ? v->height_px : width * v->height_px / v->width_px / 2 * 2;
	a->height_px = a->height_px > LEAST_PX ? a->height_px : LEAST_PX;
	a->quality = quality;
	a->still = still_new(a->width_px, a->height_px, quality);
	list_init(&a->viewers);
	list_insert_tail(&v->variants, &a->link);
	v->variant_count++;
	return a;
}

static void
refuse_variant(struct httpd_request *rq)
{
	static const char text[] = "{\"ok\":false,\"commandId\":null,\"error\":{\"code\":\"busy\",\"message\":"
	    "\"This camera encodes eight picture sizes at once already; ask for one of those or try later.\"}}\n";
	const struct httpd_extra extra[] = { { "Retry-After", "5" }, { NULL, NULL } };

	httpd_reply(rq, 503, "application/json", text, sizeof text - 1, extra);
}

/* ---- streams ---- */

static long
viewer_fill(void *arg, char *out, size_t room)
{
	struct viewer *w = arg;
	size_t left;

	if (w->all->is_closing)
		return -1;
	if (w->all->is_silent)
		return 0;
	if (w->now == NULL) {
		w->now = w->next;
		w->next = NULL;
		w->sent = 0;
	}
	if (w->now == NULL)
		return 0;
	left = w->now->bytes.len - w->sent;
	if (left > room)
		left = room;
	memcpy(out, w->now->bytes.data + w->sent, left);
	w->sent += left;
	if (w->sent == w->now->bytes.len) {
		part_unref(w->now);
		w->now = NULL;
	}
	return (long)left;
}

static void
viewer_gone(void *arg)
{
	struct viewer *w = arg;

	list_remove(&w->link);
	w->all->count--;
	part_unref(w->now);
	part_unref(w->next);
	variant_drop_if_idle(w->all, w->variant);
	engine_poke(w->all->engine);
	free(w);
}

static const struct httpd_stream_fns viewer_fns = { viewer_fill, viewer_gone };

void
viewers_stream(struct viewers *v, struct httpd_request *rq, const struct viewers_hints *hints)
{
	const struct httpd_extra extra[] = { { "Cache-Control", "no-store" }, { NULL, NULL } };
	struct variant *a = variant_for(v, hints);
	double fps = hints->fps > 0 ? hints->fps : DEFAULT_FPS;
	struct viewer *w;

	if (a == NULL) {
		refuse_variant(rq);
		return;
	}
	w = xcalloc(1, sizeof *w);
	w->all = v;
	w->variant = a;
	w->period_us = (int64_t)(1e6 / (fps > v->rate ? v->rate : fps));
	w->due_us = loop_now_us(v->loop);
	list_insert_tail(&a->viewers, &w->link);
	v->count++;
	w->stream = httpd_reply_stream(rq, VIEWERS_CONTENT_TYPE, extra, &viewer_fns, w);
	engine_poke(v->engine);
}

void
viewers_snapshot(struct viewers *v, struct httpd_request *rq, const struct viewers_hints *hints)
{
	struct variant *a = variant_for(v, hints);
	struct snapshot *s;

	if (a == NULL) {
		refuse_variant(rq);
		return;
	}
	s = xcalloc(1, sizeof *s);
	s->variant = a;
	s->rq = rq;
	a->snapshots++;
	list_insert_tail(&v->snapshots, &s->link);
	engine_poke(v->engine);
}

int
viewers_count(const struct viewers *v)
{
	return v->count;
}

void
viewers_freeze(struct viewers *v, bool is_frozen)
{
	v->is_frozen = is_frozen;
}

void
viewers_silence(struct viewers *v, bool is_silent)
{
	v->is_silent = is_silent;
	engine_poke(v->engine);
}

void
viewers_close(struct viewers *v)
{
	v->is_closing = true;
	LIST_EACH_SAFE(it, tmp, &v->snapshots) {
		struct snapshot *s = LIST_ENTRY(it, struct snapshot, link);

		httpd_drop(s->rq);
		s->variant->snapshots--;
		list_remove(&s->link);
		free(s);
	}
	LIST_EACH(it, &v->variants) {
		struct variant *a = LIST_ENTRY(it, struct variant, link);

		LIST_EACH(at, &a->viewers)
			httpd_stream_wake(LIST_ENTRY(at, struct viewer, link)->stream);
	}
}

/* ---- the engine's client ---- */

/* Half a grid period early is on time: 10 of 30 frames are every third, not every third or fourth. */
static bool
viewer_is_due(const struct viewers *v, const struct viewer *w, int64_t mono_us)
{
	return w->due_us <= mono_us + (int64_t)(5e5 / v->rate);
}

static int64_t
viewers_next_us(void *arg, int64_t after_us)
{
	struct viewers *v = arg;
	int64_t soonest = ENGINE_NEVER;

	if (v->is_silent || v->is_closing)
		return ENGINE_NEVER;
	if (!list_is_empty(&v->snapshots))
		return after_us + 1;
	LIST_EACH(it, &v->variants) {
		struct variant *a = LIST_ENTRY(it, struct variant, link);

		LIST_EACH(at, &a->viewers) {
			struct viewer *w = LIST_ENTRY(at, struct viewer, link);

			soonest = w->due_us < soonest ? w->due_us : soonest;
		}
	}
	return soonest == ENGINE_NEVER ? soonest : soonest - (int64_t)(5e5 / v->rate);
}

static int
viewers_width_px(void *arg)
{
	struct viewers *v = arg;
	int widest = 0;

	for (int i = 0; i < v->due_count; i++)
		widest = v->due[i]->width_px > widest ? v->due[i]->width_px : widest;
	return widest;
}

static bool
variant_is_due(const struct viewers *v, const struct variant *a, int64_t mono_us)
{
	if (a->snapshots > 0)
		return true;
	LIST_EACH(at, &a->viewers)
		if (viewer_is_due(v, LIST_ENTRY(at, struct viewer, link), mono_us))
			return true;
	return false;
}

static bool
viewers_begin(void *arg, const struct shot *shot)
{
	struct viewers *v = arg;

	v->due_count = 0;
	if (v->is_silent || v->is_closing)
		return false;
	LIST_EACH(it, &v->variants) {
		struct variant *a = LIST_ENTRY(it, struct variant, link);

		a->is_due = variant_is_due(v, a, shot->mono_us);
		a->is_kept = v->is_frozen && a->newest != NULL;
		if (a->is_due)
			v->due[v->due_count++] = a;
	}
	if (v->due_count > 0 && (!v->is_frozen || v->told_us == 0)) {
		v->told_frame = shot->scene.frame;
		v->told_us = shot->scene.time_us;
	}
	return v->due_count > 0;
}

/* In the pool.  The JPEG's length is known last, but stands first. */
static struct part *
part_make(const struct viewers *v, struct variant *a, const struct picture *p)
{
	struct part *part = xcalloc(1, sizeof *part);
	struct buf jpeg;
	struct err e;

	buf_init(&jpeg, MAX_JPEG_FRAME);
	buf_init(&part->bytes, MAX_JPEG_FRAME + 512);
	part->refs = 1;
	if (!still_encode(a->still, p, &jpeg, &e)) {
		log_line(LOG_CAMERA, "%s", e.text);
		part_unref(part);
		part = NULL;
	} else {
		buf_add_format(&part->bytes, "--" VIEWERS_BOUNDARY "\r\nContent-Type: image/jpeg\r\nContent-Length: %zu\r\n"
		    "X-Timestamp-Us: %lld\r\nX-Frame: %lld\r\n\r\n", jpeg.len, (long long)v->told_us,
		    (long long)v->told_frame);
		part->jpeg_at = part->bytes.len;
		part->jpeg_len = jpeg.len;
		buf_add(&part->bytes, jpeg.data, jpeg.len);
		buf_add_text(&part->bytes, "\r\n");
	}
	buf_fini(&jpeg);
	return part;
}

static void
viewers_work(void *arg, const struct shot *shot, const struct picture *p, struct source *source)
{
	struct viewers *v = arg;

	(void)shot;
	(void)source;
	for (int i = 0; p != NULL && i < v->due_count; i++)
		if (!v->due[i]->is_kept)
			v->due[i]->made = part_make(v, v->due[i], p);
}

static void
variant_show(struct viewers *v, struct variant *a, int64_t mono_us)
{
	LIST_EACH(at, &a->viewers) {
		struct viewer *w = LIST_ENTRY(at, struct viewer, link);

		if (!viewer_is_due(v, w, mono_us))
			continue;
		w->due_us += w->period_us;
		if (w->due_us < mono_us)	/* frames were lost, or nothing was drawn for a while */
			w->due_us = mono_us + w->period_us;
		part_unref(w->next);
		w->next = part_ref(a->newest);
		httpd_stream_wake(w->stream);
	}
}

static void
snapshot_answer(const struct snapshot *s, bool is_lost)
{
	static const char lost[] = "{\"ok\":false,\"commandId\":null,\"error\":{\"code\":\"busy\",\"message\":"
	    "\"The camera gives no picture at the moment; try again.\"}}\n";
	const struct httpd_extra extra[] = { { "Cache-Control", "no-store" }, { NULL, NULL } };
	const struct part *newest = s->variant->newest;

	if (newest == NULL || is_lost)
		httpd_reply(s->rq, 503, "application/json", lost, sizeof lost - 1, NULL);
	else
		httpd_reply(s->rq, 200, "image/jpeg", newest->bytes.data + newest->jpeg_at, newest->jpeg_len, extra);
}

static void
snapshots_answer(struct viewers *v, const struct variant *of, bool is_lost)
{
	LIST_EACH_SAFE(it, tmp, &v->snapshots) {
		struct snapshot *s = LIST_ENTRY(it, struct snapshot, link);

		if (s->variant != of)
			continue;
		snapshot_answer(s, is_lost);
		list_remove(&s->link);
		s->variant->snapshots--;
		free(s);
	}
}

static void
variant_take_made(struct variant *a)
{
	a->is_due = false;
	if (a->made == NULL)
		return;
	part_unref(a->newest);
	a->newest = a->made;
	a->made = NULL;
}

static void
viewers_done(void *arg, const struct shot *shot)
{
	struct viewers *v = arg;

	for (int i = 0; i < v->due_count; i++) {
		struct variant *a = v->due[i];

		variant_take_made(a);
		if (a->newest != NULL && !shot->is_lost)	/* no picture is no news of the old one */
			variant_show(v, a, shot->mono_us);
		snapshots_answer(v, a, shot->is_lost);
		variant_drop_if_idle(v, a);
	}
	v->due_count = 0;
}

static const struct engine_client viewers_client = {
	viewers_next_us, viewers_width_px, viewers_begin, viewers_work, viewers_done
};
