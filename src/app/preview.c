/*
 * preview.c - owns one slot per watched node: the newest JPEG that waits, the decode that runs, the thumb that is
 * shown.  Newest frame wins; workers get copies and give back values.  Never queues pictures, never draws.
 */
#include "app/preview.h"

#include <stdlib.h>
#include <string.h>
#include "base/list.h"
#include "base/map.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jpg.h"

#define QUALITY 60			/* of the JPEG stream asked for: a tile shows no more */
#define MAX_WAITING_BYTES (96 * 1024 * 1024)	/* all JPEGs held at once, waiting and in work */
#define MAX_WIDTH_PX 1920

struct preview_job {			/* one decode: the pool's while it runs */
	struct list link;		/* preview->jobs */
	struct preview *preview;	/* NULL: nobody waits for it any more */
	char node[ID_BYTES];
	char *jpeg;
	size_t len;
	int width_px, height_px;
	struct thumb thumb;
	bool ok;
	struct err err;
};

struct slot {
	struct preview *preview;
	char node[ID_BYTES];
	int width_px, height_px, fps;	/* what the view wants; width 0: nothing */
	int asked_width_px, asked_fps;	/* what the node was asked for */
	char *jpeg;			/* the newest, waiting; NULL: none */
	size_t len;
	struct preview_job *job;	/* the decode that runs; NULL: none */
	int64_t due_us;			/* no decode before this */
	struct thumb thumb;
	unsigned serial;
	bool is_bad;			/* the last one could not be decoded */
};

struct preview {
	struct loop *loop;
	struct crew *crew;
	struct bus *bus;
	const struct opt_set *settings;
	struct map *slots;		/* node id -> struct slot */
	struct list jobs;
	size_t held_bytes;
	int64_t decoded;
	struct loop_timer *timer;	/* the earliest due_us of a slot that has a JPEG waiting */
	int64_t timer_us;		/* when it fires; 0: stopped */
};

/* ---- Slots ---- */

static struct slot *
slot_find(const struct preview *p, const char *node)
{
	return node != NULL ? map_get(p->slots, node) : NULL;
}

static void
slot_drop_waiting(struct slot *s)
{
	if (s->jpeg == NULL)
		return;
	s->preview->held_bytes -= s->len;
	free(s->jpeg);
	s->jpeg = NULL;
	s->len = 0;
}

static void
slot_free(struct slot *s)
{
	slot_drop_waiting(s);
	thumb_fini(&s->thumb);
	free(s);
}

static struct slot *
slot_of(struct preview *p, const char *node)
{
	struct slot *s = slot_find(p, node);

	if (s != NULL)
		return s;
	s = xcalloc(1, sizeof *s);
	s->preview = p;
	str_copy(s->node, sizeof s->node, node);
	map_put(p->slots, s->node, s);
	return s;
}

static int
slot_fps(const struct slot *s)
{
	const int most = (int)opt_int(s->preview->settings, "preview-fps");
	const int fps = s->fps > 0 && s->fps < most ? s->fps : most;

	return fps > 0 ? fps : 1;
}

static int64_t
slot_interval_us(const struct slot *s)
{
	return 1000000 / slot_fps(s);
}

/* ---- Decoding ---- */

static void preview_wake(struct preview *p);

static void
job_run(void *arg)	/* in the pool */
{
	struct preview_job *job = arg;
	int full_w, full_h;

	job->ok = jpg_thumb(&job->thumb, job->jpeg, job->len, job->width_px, job->height_px, &full_w, &full_h, &job->err);
}

static void
job_free(struct preview_job *job)
{
	list_remove(&job->link);
	thumb_fini(&job->thumb);
	free(job->jpeg);
	free(job);
}

static void
slot_show(struct slot *s, struct preview_job *job)
{
	struct preview *p = s->preview;

	thumb_fini(&s->thumb);
	s->thumb = job->thumb;
	job->thumb = (struct thumb){ .rgb = NULL };
	s->serial++;
	p->decoded++;
	if (s->is_bad) {
		s->is_bad = false;
		crew_picture_trouble(p->crew, job->node, "");
	}
	bus_tell(p->bus, EV_TILE_DIRTY, job->node, "picture");
}

/* On the loop's thread.  The node may have left, and the view may have looked away, meanwhile. */
static void
job_done(void *arg)
{
	struct preview_job *job = arg;
	struct preview *p = job->preview;
	struct slot *s;

	if (p == NULL) {
		job_free(job);
		return;
	}
	p->held_bytes -= job->len;
	s = slot_find(p, job->node);
	if (s == NULL || s->job != job) {
		job_free(job);
		return;
	}
	s->job = NULL;
	if (job->ok) {
		slot_show(s, job);
	} else {
		s->is_bad = true;
		crew_picture_trouble(p->crew, job->node, job->err.text);
	}
	job_free(job);
	preview_wake(p);
}

static void
slot_decode(struct slot *s, int64_t now_us)
{
	struct preview *p = s->preview;
	struct preview_job *job = xcalloc(1, sizeof *job);

	job->preview = p;
	str_copy(job->node, sizeof job->node, s->node);
	job->jpeg = s->jpeg;
	job->len = s->len;
	job->width_px = s->width_px;
	job->height_px = s->height_px;
	s->jpeg = NULL;
	s->len = 0;
	s->job = job;
	/* From due to due, so that 30 frames a second give 10 thumbs and not 7.5; after a pause, from now. */
	s->due_us = (s->due_us > now_us - slot_interval_us(s) ? s->due_us : now_us) + slot_interval_us(s);
	list_insert_tail(&p->jobs, &job->link);
	loop_work(p->loop, job_run, job_done, job);
}

struct wake {
	struct slot *slots[MAX_NODES];
	int count;
};

static void
collect_ready(void *arg, const char *key, void *value)
{
	struct wake *w = arg;
	struct slot *s = value;

	(void)key;
	if (s->jpeg != NULL && s->job == NULL && s->width_px > 0 && w->count < MAX_NODES)
		w->slots[w->count++] = s;
}

static void
sleep_until(struct preview *p, int64_t at_us, int64_t now_us)
{
	if (at_us == p->timer_us)
		return;
	p->timer_us = at_us;
	if (at_us == 0)
		loop_timer_stop(p->loop, p->timer);
	else
		loop_timer_start(p->loop, p->timer, at_us - now_us, 0);
}

/* Starts what is due and sleeps until the next: one timer for all slots. */
static void
preview_wake(struct preview *p)
{
	const int64_t now_us = loop_now_us(p->loop);
	int64_t next_us = 0;
	struct wake w;

	w.count = 0;
	map_each(p->slots, collect_ready, &w);
	for (int i = 0; i < w.count; i++) {
		struct slot *s = w.slots[i];

		if (s->due_us <= now_us)
			slot_decode(s, now_us);
		else if (next_us == 0 || s->due_us < next_us)
			next_us = s->due_us;
	}
	sleep_until(p, next_us, now_us);
}

static void
timer_fired(void *arg)
{
	struct preview *p = arg;

	p->timer_us = 0;
	preview_wake(p);
}

/* A frame came.  It replaces the one that waits; it is decoded when its node's turn has come. */
static void
frame_came(void *arg, const char *node, const char *jpeg, size_t len)
{
	struct preview *p = arg;
	struct slot *s = slot_find(p, node);
	const int64_t now_us = loop_now_us(p->loop);

	if (s == NULL || s->width_px == 0)
		return;
	slot_drop_waiting(s);
	if (len == 0 || len > MAX_WAITING_BYTES - p->held_bytes)
		return;		/* too much is held already; the next one may fit */
	s->jpeg = malloc(len);
	if (s->jpeg == NULL)
		return;
	memcpy(s->jpeg, jpeg, len);
	s->len = len;
	p->held_bytes += len;
	/* A little early is on time: most streams come at the very rate that is wanted. */
	if (s->job == NULL && s->due_us - now_us <= slot_interval_us(s) / 4)
		slot_decode(s, now_us);
	else if (s->job == NULL && (p->timer_us == 0 || s->due_us < p->timer_us))
		sleep_until(p, s->due_us, now_us);
}

/* ---- Asking the nodes ---- */

/* Widths a node is asked for: few, so that small changes of the layout do not reopen its stream. */
static int
ladder_px(int width_px)
{
	static const int steps[] = { 160, 240, 320, 480, 640, 960, 1280 };

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (width_px <= steps[i])
			return steps[i];
	return MAX_WIDTH_PX;
}

/* Up at once when the picture would be too coarse, down only when half would do. */
static void
slot_size_up(struct slot *s)
{
	const int width_px = ladder_px(s->width_px), fps = slot_fps(s);

	if (s->width_px > s->asked_width_px || width_px * 2 <= s->asked_width_px)
		s->asked_width_px = width_px;
	if (fps > s->asked_fps || fps * 2 <= s->asked_fps)
		s->asked_fps = fps;
}

/* A node may have got another conn since; the same wish again costs nothing. */
static void
slot_ask(struct slot *s)
{
	struct conn *conn = crew_conn(s->preview->crew, s->node);

	if (s->width_px == 0)
		s->asked_width_px = s->asked_fps = 0;
	else
		slot_size_up(s);
	if (conn != NULL)
		conn_preview(conn, s->asked_width_px, s->asked_fps, s->asked_width_px > 0 ? QUALITY : 0);
}

void
preview_want(struct preview *p, const char *node, int width_px, int height_px, int fps)
{
	struct slot *s = width_px > 0 ? slot_of(p, node) : slot_find(p, node);

	if (s == NULL || (s->width_px == width_px && s->height_px == height_px && s->fps == fps))
		return;
	s->width_px = width_px > 0 ? width_px : 0;
	s->height_px = height_px > 0 ? height_px : 1;
	s->fps = fps;
	if (s->width_px == 0)
		slot_drop_waiting(s);
	slot_ask(s);
}

bool
preview_is_wanted(const struct preview *p, const char *node)
{
	const struct slot *s = slot_find(p, node);

	return s != NULL && s->width_px > 0;
}

static void
ask_again(void *arg, const char *key, void *value)
{
	(void)arg;
	(void)key;
	slot_ask(value);
}

static void
news(void *arg, const struct bus_event *ev)
{
	struct preview *p = arg;
	struct slot *s = slot_find(p, ev->node);

	if (ev->kind == EV_SETTING_CHANGED) {
		map_each(p->slots, ask_again, NULL);
	} else if (s != NULL && ev->kind == EV_NODE_GONE) {
		map_take(p->slots, ev->node);
		slot_free(s);
	} else if (s != NULL) {
		slot_ask(s);
	}
}

/* ---- Birth and death ---- */

static const enum event_kind news_kinds[] = { EV_NODE_GONE, EV_NODE_STATE, EV_NODE_INFO, EV_SETTING_CHANGED };

struct preview *
preview_new(struct loop *loop, struct crew *crew, struct bus *bus, const struct opt_set *settings)
{
	struct preview *p = xcalloc(1, sizeof *p);

	p->loop = loop;
	p->crew = crew;
	p->bus = bus;
	p->settings = settings;
	p->slots = map_new();
	list_init(&p->jobs);
	p->timer = loop_timer_new(loop, timer_fired, p);
	for (size_t i = 0; i < sizeof news_kinds / sizeof *news_kinds; i++)
		bus_listen(bus, news_kinds[i], news, p);
	crew_set_frame_sink(crew, frame_came, p);
	return p;
}

static void
free_each(void *arg, const char *key, void *value)
{
	(void)arg;
	(void)key;
	slot_free(value);
}

void
preview_free(struct preview *p)
{
	if (p == NULL)
		return;
	crew_set_frame_sink(p->crew, NULL, NULL);
	bus_unlisten(p->bus, news, p);
	loop_timer_free(p->loop, p->timer);
	LIST_EACH(it, &p->jobs)
		LIST_ENTRY(it, struct preview_job, link)->preview = NULL;
	/* The jobs' list head dies with p: each job keeps only itself. */
	while (!list_is_empty(&p->jobs))
		list_remove(p->jobs.next);
	map_each(p->slots, free_each, NULL);
	map_free(p->slots);
	free(p);
}

const struct thumb *
preview_thumb(const struct preview *p, const char *node, unsigned *serial)
{
	const struct slot *s = slot_find(p, node);

	if (s == NULL || s->thumb.rgb == NULL)
		return NULL;
	if (serial != NULL)
		*serial = s->serial;
	return &s->thumb;
}

int64_t
preview_decoded_count(const struct preview *p)
{
	return p->decoded;
}
