/*
 * preview.c - owns one slot per watched node: the newest JPEG that waits, the decode that runs, the thumb that is
 * shown.  Newest frame wins, chosen before it is decoded; the same bytes again are not decoded again.
 * Never queues pictures, never draws.  Buffers go round within a slot: nothing is allocated per frame.
 */
#include "app/preview_private.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jpg.h"

#define SLOW_US 40000			/* a decode that takes so much of a processor is followed by a rest */
#define SLOW_REST 4			/* ... so many times as long: a camera made to cost gets a fifth of one at most */

struct preview_job {			/* one decode: the pool's while it runs */
	struct list link;		/* preview->jobs */
	struct preview *preview;	/* NULL: nobody waits for it any more */
	char node[ID_BYTES];
	struct jpg_decoder *decoder;
	struct preview_held jpeg;
	int width_px, height_px;
	struct thumb thumb;
	bool ok, is_damaged;
	int64_t cost_us;		/* of a processor */
	struct err err;
};

/* ---- Slots ---- */

static struct preview_slot *
slot_find(const struct preview *p, const char *node)
{
	return node != NULL ? map_get(p->slots, node) : NULL;
}

/* Nobody looks: nothing is kept but the thumb, for whoever looks again soon. */
static void
slot_rest(struct preview_slot *s)
{
	preview_held_drop(&s->preview->held_bytes, &s->waiting);
	preview_held_drop(&s->preview->held_bytes, &s->last);
	thumb_fini(&s->spare);
}

static void
slot_free(struct preview_slot *s)
{
	slot_rest(s);
	thumb_fini(&s->thumb);
	free(s);
}

static struct preview_slot *
slot_of(struct preview *p, const char *node)
{
	struct preview_slot *s = slot_find(p, node);

	if (s != NULL)
		return s;
	s = xcalloc(1, sizeof *s);
	s->preview = p;
	str_copy(s->node, sizeof s->node, node);
	map_put(p->slots, s->node, s);
	return s;
}

static int64_t
slot_interval_us(const struct preview_slot *s)
{
	return 1000000 / preview_ask_fps(s);
}

/* ---- Decoding ---- */

static void slot_go_on(struct preview_slot *s);

static int64_t
thread_cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
job_run(void *arg)	/* in the pool */
{
	struct preview_job *job = arg;
	const int64_t began_us = thread_cpu_us();

	job->ok = jpg_decoder_read(job->decoder, &job->thumb, job->jpeg.bytes, job->jpeg.len, job->width_px, job->height_px,
	    NULL, NULL, &job->err);
	job->is_damaged = job->ok && jpg_decoder_saw_damage(job->decoder);
	job->cost_us = thread_cpu_us() - began_us;
}

static void
job_free(struct preview_job *job)
{
	list_remove(&job->link);
	thumb_fini(&job->thumb);
	jpg_decoder_free(job->decoder);
	free(job->jpeg.bytes);
	free(job);
}

static struct jpg_decoder *
take_decoder(struct preview *p)
{
	return p->decoder_count > 0 ? p->decoders[--p->decoder_count] : jpg_decoder_new();
}

static void
give_decoder(struct preview *p, struct preview_job *job)
{
	if (p->decoder_count == PREVIEW_KEPT_DECODERS)
		return;
	p->decoders[p->decoder_count++] = job->decoder;
	job->decoder = NULL;
}

/* The new thumb is shown, the one before becomes the next one's pixels. */
static void
slot_show(struct preview_slot *s, struct preview_job *job)
{
	thumb_fini(&s->spare);
	s->spare = s->thumb;
	s->thumb = job->thumb;
	job->thumb = (struct thumb){ .rgb = NULL };
	s->taken_us = job->jpeg.taken_us;
	s->came_us = job->jpeg.came_us;
	s->serial++;
	s->preview->decoded++;
}

/* What was decoded is kept to compare with, if anybody still looks; the one kept so far makes room for the next frame. */
static void
slot_keep(struct preview_slot *s, struct preview_job *job)
{
	if (s->width_px == 0) {
		thumb_fini(&s->spare);
		return;
	}
	preview_held_swap(&s->last, &job->jpeg);
	s->last_width_px = job->width_px;
	s->last_height_px = job->height_px;
	if (s->last.room > PREVIEW_HELD_KEPT_BYTES)
		preview_held_drop(&s->preview->held_bytes, &s->last);
	if (s->waiting.room == 0) {
		preview_held_swap(&s->waiting, &job->jpeg);
		s->waiting.len = 0;
	}
}

/* A picture may be small to send and long to decode. */
static void
slot_recover(struct preview_slot *s, int64_t cost_us)
{
	const int64_t rest_until_us = loop_now_us(s->preview->loop) + SLOW_REST * cost_us;

	if (cost_us >= SLOW_US && s->due_us < rest_until_us)
		s->due_us = rest_until_us;
}

/* A decode ended; whoever is told may forget the node. */
static void
slot_end(struct preview_slot *s, struct preview_job *job)
{
	struct preview *p = s->preview;
	const bool was_told = s->is_bad || s->is_damaged;

	s->job = NULL;
	s->is_bad = !job->ok;
	s->is_damaged = job->is_damaged;
	if (job->ok)
		slot_show(s, job);
	else
		s->is_near = true;	/* its turn was not used */
	slot_keep(s, job);
	slot_recover(s, job->cost_us);
	if (was_told || !job->ok || job->is_damaged)
		crew_picture_trouble(p->crew, job->node, !job->ok ? job->err.text : job->is_damaged ? "pictures come damaged" : "");
	if (job->ok)
		bus_tell(p->bus, EV_TILE_DIRTY, job->node, "picture");
}

/* On the loop's thread.  The node may have left, and the view may have looked away, meanwhile. */
static void
job_done(void *arg)
{
	struct preview_job *job = arg;
	struct preview *p = job->preview;
	struct preview_slot *s;

	if (p == NULL) {
		job_free(job);
		return;
	}
	give_decoder(p, job);
	s = slot_find(p, job->node);
	if (s != NULL && s->job == job) {
		slot_end(s, job);
		s = slot_find(p, job->node);
		if (s != NULL)
			slot_go_on(s);
	}
	preview_held_drop(&p->held_bytes, &job->jpeg);
	job_free(job);
}

/*
 * The same bytes for the same box: what came of them is here already.  Looked at before they are copied: where nothing
 * changes this is all that a frame costs, and where something does it ends within the first kilobyte.
 */
static bool
slot_has_it(struct preview_slot *s, const char *jpeg, size_t len)
{
	return s->last.len == len && s->job == NULL && s->last_width_px == s->width_px && s->last_height_px == s->height_px &&
	    memcmp(s->last.bytes, jpeg, len) == 0;
}

/* It came once more.  What waits is older. */
static void
slot_came_again(struct preview_slot *s, int64_t taken_us, int64_t now_us)
{
	if (!s->is_bad) {
		s->taken_us = taken_us;
		s->came_us = now_us;
	}
	s->waiting.len = 0;
	s->preview->same++;
}

static void
slot_decode(struct preview_slot *s, int64_t now_us)
{
	struct preview *p = s->preview;
	struct preview_job *job;

	s->is_near = false;
	/* From due to due, so that 30 frames a second give 10 thumbs and not 7.5; after a pause, from now. */
	s->due_us = (s->due_us > now_us - slot_interval_us(s) ? s->due_us : now_us) + slot_interval_us(s);
	job = xcalloc(1, sizeof *job);
	job->preview = p;
	str_copy(job->node, sizeof job->node, s->node);
	job->decoder = take_decoder(p);
	preview_held_swap(&job->jpeg, &s->waiting);
	job->thumb = s->spare;
	s->spare = (struct thumb){ .rgb = NULL };
	job->width_px = s->width_px;
	job->height_px = s->height_px;
	s->job = job;
	list_insert_tail(&p->jobs, &job->link);
	loop_work(p->loop, job_run, job_done, job);
}

static void
sleep_until(struct preview *p, int64_t at_us, int64_t now_us)
{
	if (p->timer_us != 0 && p->timer_us <= at_us)
		return;
	p->timer_us = at_us;
	loop_timer_start(p->loop, p->timer, at_us - now_us, 0);
}

/* Is a decode wanted at all?  One ahead is enough, but of another size what is there is of no use. */
static bool
slot_is_near(const struct preview_slot *s)
{
	return !s->is_pulled || s->is_near || s->last_width_px != s->width_px || s->last_height_px != s->height_px;
}

/* Something waits: decoded now if it is due, within early_us, else when it is. */
static void
slot_try(struct preview_slot *s, int64_t early_us)
{
	const int64_t now_us = loop_now_us(s->preview->loop);

	if (s->waiting.len == 0 || s->job != NULL || s->width_px == 0 || !slot_is_near(s))
		return;
	if (s->due_us - now_us <= early_us)
		slot_decode(s, now_us);
	else
		sleep_until(s->preview, s->due_us, now_us);
}

/* The newest picture once more where the box has changed: the next frame may be long in coming. */
static void
slot_go_on(struct preview_slot *s)
{
	if (s->waiting.len == 0 && s->job == NULL && s->last.len > 0 &&
	    (s->last_width_px != s->width_px || s->last_height_px != s->height_px))
		preview_held_swap(&s->waiting, &s->last);
	slot_try(s, 0);
}

struct due {
	struct preview_slot *slots[MAX_NODES];
	int count;
};

static void
collect_waiting(void *arg, const char *key, void *value)
{
	struct due *due = arg;
	struct preview_slot *s = value;

	(void)key;
	if (s->waiting.len > 0 && due->count < MAX_NODES)
		due->slots[due->count++] = s;
}

/* One timer for all slots. */
static void
timer_fired(void *arg)
{
	struct preview *p = arg;
	struct due due;

	p->timer_us = 0;
	due.count = 0;
	map_each(p->slots, collect_waiting, &due);
	for (int i = 0; i < due.count; i++)
		slot_go_on(due.slots[i]);
}

/* ---- What is wanted ---- */

struct leaving {
	struct preview *preview;
	int64_t now_us, next_us;	/* next 0: nobody is left any more */
};

static void
leave_slot(void *arg, const char *key, void *value)
{
	struct leaving *l = arg;
	const int64_t at_us = preview_ask_left(value, l->now_us);

	(void)key;
	if (at_us != 0 && (l->next_us == 0 || at_us < l->next_us))
		l->next_us = at_us;
}

static void
leave_timer_fired(void *arg)
{
	struct preview *p = arg;
	struct leaving l = { p, loop_now_us(p->loop), 0 };

	map_each(p->slots, leave_slot, &l);
	p->is_leave_timed = l.next_us != 0;
	if (p->is_leave_timed)
		loop_timer_start(p->loop, p->leave_timer, l.next_us - l.now_us, 0);
}

void
preview_want(struct preview *p, const char *node, int width_px, int height_px, int fps)
{
	struct preview_slot *s = width_px > 0 ? slot_of(p, node) : slot_find(p, node);

	if (s == NULL || (s->width_px == width_px && s->height_px == height_px && s->fps == fps))
		return;
	if (s->width_px == 0)
		preview_ask_wake(s);
	s->width_px = width_px > 0 ? width_px : 0;
	s->height_px = height_px > 0 ? height_px : 1;
	s->fps = fps;
	if (s->width_px == 0) {
		s->is_pulled = false;
		slot_rest(s);
		preview_ask_leave(s);
	} else {
		slot_go_on(s);
	}
	preview_ask(s);
}

void
preview_watch(struct preview *p, const char *node, bool is_watched)
{
	struct preview_slot *s = is_watched ? slot_of(p, node) : slot_find(p, node);

	if (s == NULL)
		return;
	s->is_watched = is_watched;
	if (s->width_px == 0)
		preview_ask(s);		/* again: the node may have been away */
}

void
preview_pull(struct preview *p, const char *node)
{
	struct preview_slot *s = slot_find(p, node);

	if (s == NULL)
		return;
	s->is_pulled = s->is_near = true;
	slot_go_on(s);
}

bool
preview_is_behind(const struct preview *p, const char *node, int64_t by_us)
{
	const struct preview_slot *s = slot_find(p, node);
	int64_t newest_us = 0;

	if (s == NULL || s->thumb.rgb == NULL)
		return false;
	if (s->waiting.len > 0)
		newest_us = s->waiting.came_us;
	else if (s->job != NULL)
		newest_us = s->job->jpeg.came_us;
	return newest_us - s->came_us > by_us;
}

/* A frame came.  It replaces the one that waits; it is decoded when its node's turn has come. */
static void
frame_came(void *arg, const char *node, const char *jpeg, size_t len)
{
	struct preview *p = arg;
	struct preview_slot *s = slot_find(p, node);
	const struct crew_member *m = crew_find(p->crew, node);
	const int64_t now_us = loop_now_us(p->loop), taken_us = m != NULL ? m->track.frame_capture_us : 0;

	if (s == NULL || (s->width_px == 0 && s->left_us == 0))
		return;
	if (slot_has_it(s, jpeg, len)) {
		slot_came_again(s, taken_us, now_us);
	} else if (len > 0 && preview_held_set(&p->held_bytes, &s->waiting, jpeg, len)) {
		s->waiting.taken_us = taken_us;
		s->waiting.came_us = now_us;
		/* A little early is on time: most streams come at the very rate that is wanted. */
		slot_try(s, slot_interval_us(s) / 4);
	} else {
		preview_held_empty(&p->held_bytes, &s->waiting);	/* too much is held already; the next one may fit */
	}
	if (s->width_px > 0 && s->lower_us != 0 && now_us - s->lower_us >= PREVIEW_LOWER_AFTER_US)
		preview_ask(s);
}

bool
preview_is_wanted(const struct preview *p, const char *node)
{
	const struct preview_slot *s = slot_find(p, node);

	return s != NULL && (s->width_px > 0 || s->is_watched);
}

/* Somebody set something by hand: it counts at once. */
static void
ask_anew(void *arg, const char *key, void *value)
{
	struct preview_slot *s = value;

	(void)arg;
	(void)key;
	s->asked_width_px = s->asked_fps = 0;
	preview_ask(s);
}

static void
news(void *arg, const struct bus_event *ev)
{
	struct preview *p = arg;
	struct preview_slot *s = slot_find(p, ev->node);

	if (ev->kind == EV_SETTING_CHANGED) {
		map_each(p->slots, ask_anew, NULL);
	} else if (s != NULL && ev->kind == EV_NODE_GONE) {
		map_take(p->slots, ev->node);
		slot_free(s);
	} else if (s != NULL) {
		preview_ask(s);
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
	p->leave_timer = loop_timer_new(loop, leave_timer_fired, p);
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
	loop_timer_free(p->loop, p->leave_timer);
	LIST_EACH(it, &p->jobs)
		LIST_ENTRY(it, struct preview_job, link)->preview = NULL;
	/* The jobs' list head dies with p: each job keeps only itself. */
	while (!list_is_empty(&p->jobs))
		list_remove(p->jobs.next);
	map_each(p->slots, free_each, NULL);
	map_free(p->slots);
	while (p->decoder_count > 0)
		jpg_decoder_free(p->decoders[--p->decoder_count]);
	free(p);
}

const struct thumb *
preview_thumb(const struct preview *p, const char *node, unsigned *serial)
{
	const struct preview_slot *s = slot_find(p, node);

	if (s == NULL || s->thumb.rgb == NULL)
		return NULL;
	if (serial != NULL)
		*serial = s->serial;
	return &s->thumb;
}

bool
preview_is_bad(const struct preview *p, const char *node)
{
	const struct preview_slot *s = slot_find(p, node);

	return s != NULL && s->is_bad;
}

int64_t
preview_taken_us(const struct preview *p, const char *node)
{
	const struct preview_slot *s = slot_find(p, node);

	return s != NULL && s->thumb.rgb != NULL ? s->taken_us : 0;
}

int64_t
preview_came_us(const struct preview *p, const char *node)
{
	const struct preview_slot *s = slot_find(p, node);

	return s != NULL && s->thumb.rgb != NULL ? s->came_us : 0;
}

int64_t
preview_same_count(const struct preview *p)
{
	return p->same;
}

int64_t
preview_decoded_count(const struct preview *p)
{
	return p->decoded;
}
