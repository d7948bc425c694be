/*
 * engine.c - the frame clock and its one job in the pool.
 * Owns the picture that the job draws into.  Never knows what its clients do with a frame.
 * A source with a clock of its own (source.h, live) has no grid: each picture is a shot at the instant it was caught.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/xalloc.h"
#include "camera/engine.h"

#define FPS_SLOTS 64
#define KEPT_US 1000000
#define BLANK_US 500000		/* a live source that says nothing for that long: whoever waits is told that there is none */
#define LOST_US 5000000		/* ... that it is lost */

struct engine {
	struct loop *loop;
	struct source *source;
	struct engine_fns fns;
	void *arg;
	struct { const struct engine_client *client; void *arg; bool takes_part; } clients[ENGINE_CLIENTS];
	int client_count;
	struct loop_timer *timer;
	struct picture picture;
	struct shot shot;
	struct err trouble;		/* of the shot in flight */
	bool is_busy, is_stopped;
	loop_fn *stopped;
	void *stopped_arg;
	int width_px, height_px;
	double rate;
	int64_t grid_us, grid_frame;	/* a grid instant and its frame number; moved when the rate changes */
	int64_t last_us;		/* capture of the newest shot */
	int64_t kept_us;		/* the instant that is not dropped; done with once last_us is there */
	int64_t caught;			/* live: the newest picture that was looked at; */
	int64_t due_us;			/* no earlier one is wanted at this rate; */
	int64_t numbered_us;		/* where the newest frame's number stands in time; */
	int64_t waiting_us;		/* since when they wait for a picture: the last one, or the first wish; 0: nobody waits */
	int64_t blank_us;		/* the last time there was none */
	int64_t made_us[FPS_SLOTS];	/* capture times, a ring */
	unsigned made;
};

static void engine_plan(struct engine *e);
static void engine_tick(void *arg);
static void live_caught(void *arg);

struct engine *
engine_new(struct loop *loop, struct source *source, const struct engine_fns *fns, void *arg)
{
	struct engine *e = xcalloc(1, sizeof *e);

	e->loop = loop;
	e->source = source;
	e->fns = *fns;
	e->arg = arg;
	e->width_px = 1280;
	e->height_px = 720;
	e->rate = 30;
	e->grid_us = loop_now_us(loop);
	e->grid_frame = 1;
	e->last_us = e->grid_us - 1;
	e->timer = loop_timer_new(loop, engine_tick, e);
	if (source->live != NULL)
		source->live->start(source, loop, live_caught, e);
	return e;
}

void
engine_free(struct engine *e)
{
	if (e == NULL)
		return;
	XASSERT(!e->is_busy);
	if (e->source->live != NULL)
		e->source->live->stop(e->source);
	loop_timer_free(e->loop, e->timer);
	picture_fini(&e->picture);
	free(e);
}

void
engine_add(struct engine *e, const struct engine_client *client, void *arg)
{
	XASSERT(e->client_count < ENGINE_CLIENTS);
	e->clients[e->client_count].client = client;
	e->clients[e->client_count++].arg = arg;
}

/* ---- the grid ---- */

static int64_t
grid_at(const struct engine *e, int64_t index)
{
	return e->grid_us + llround((double)index * 1e6 / e->rate);
}

/* Index of the first grid instant at or after us. */
static int64_t
grid_index(const struct engine *e, int64_t us)
{
	int64_t index = (int64_t)floor((double)(us - e->grid_us) * e->rate / 1e6);

	while (grid_at(e, index) < us)
		index++;
	return index;
}

void
engine_format(struct engine *e, int width_px, int height_px, double rate)
{
	int64_t index = e->source->live == NULL ? grid_index(e, e->last_us + 1) : 0;

	e->grid_frame += index;
	e->grid_us = grid_at(e, index);
	e->width_px = width_px;
	e->height_px = height_px;
	e->rate = rate;
	engine_plan(e);
}

void
engine_align(struct engine *e, int64_t mono_us)
{
	if (mono_us <= e->last_us || e->source->live != NULL)
		return;
	e->grid_frame += grid_index(e, mono_us);
	e->grid_us = e->kept_us = mono_us;
	engine_plan(e);
}

/* ---- a shot ---- */

/* A source that draws small as gladly as large is spared what nobody would see. */
static int
wanted_width(const struct engine *e)
{
	int widest = 0, width;

	if (!e->source->draws_any_size)
		return e->width_px;
	for (int i = 0; i < e->client_count; i++) {
		if (!e->clients[i].takes_part)
			continue;
		width = e->clients[i].client->width_px(e->clients[i].arg);
		if (width == 0 || width >= e->width_px)
			return e->width_px;
		widest = width > widest ? width : widest;
	}
	return widest > 0 ? widest : e->width_px;
}

static int64_t
period_us(const struct engine *e)
{
	return (int64_t)(1e6 / e->rate);
}

/* One damaged picture is no loss of the camera: a while without a good one is. */
static void
live_done(struct engine *e)
{
	int64_t now_us = loop_now_us(e->loop);

	if (!e->shot.is_lost)
		e->waiting_us = now_us;
	else if (e->waiting_us > 0 && now_us - e->waiting_us >= LOST_US)
		e->fns.source_failed(e->arg, "the camera has given no picture for 5 s");
}

static void
shot_work(void *arg)
{
	struct engine *e = arg;

	e->shot.is_lost = e->shot.is_blank || !source_draw(e->source, &e->shot.scene, &e->picture, &e->trouble);
	for (int i = 0; i < e->client_count; i++)
		if (e->clients[i].takes_part)
			e->clients[i].client->work(e->clients[i].arg, &e->shot, e->shot.is_lost ? NULL : &e->picture, e->source);
}

static void
shot_done(void *arg)
{
	struct engine *e = arg;

	e->is_busy = false;
	if (e->shot.is_lost && e->source->live == NULL)
		e->fns.source_failed(e->arg, e->trouble.text);
	else if (!e->shot.is_lost)
		e->made_us[e->made++ % FPS_SLOTS] = e->shot.mono_us;
	if (e->source->live != NULL)
		live_done(e);
	for (int i = 0; i < e->client_count; i++)
		if (e->clients[i].takes_part)
			e->clients[i].client->done(e->clients[i].arg, &e->shot);
	if (e->is_stopped && e->stopped != NULL)
		e->stopped(e->stopped_arg);
	else
		engine_plan(e);
}

static bool
shot_begin(struct engine *e)
{
	bool any = false;

	for (int i = 0; i < e->client_count; i++) {
		e->clients[i].takes_part = e->clients[i].client->begin(e->clients[i].arg, &e->shot);
		any = any || e->clients[i].takes_part;
	}
	return any;
}

/* caught 0: of a source that draws, or a live one's blank. */
static void
engine_shoot(struct engine *e, int64_t mono_us, int64_t frame, int64_t caught)
{
	int width, height;

	memset(&e->shot, 0, sizeof e->shot);
	e->shot.mono_us = e->last_us = mono_us;
	e->fns.scene(e->arg, &e->shot.scene, mono_us);
	e->shot.scene.frame = frame;
	e->shot.scene.caught = caught;
	e->shot.is_blank = e->source->live != NULL && caught == 0;
	if (!shot_begin(e)) {
		engine_plan(e);
		return;
	}
	width = wanted_width(e);
	height = width == e->width_px ? e->height_px : width * e->height_px / e->width_px / 2 * 2;
	picture_resize(&e->picture, width, height > 2 ? height : 2);
	e->is_busy = true;
	loop_work(e->loop, shot_work, shot_done, e);
}

/* ---- when ---- */

static int64_t
next_wanted_us(const struct engine *e)
{
	int64_t soonest = ENGINE_NEVER, us;

	for (int i = 0; i < e->client_count; i++) {
		us = e->clients[i].client->next_us(e->clients[i].arg, e->last_us);
		soonest = us < soonest ? us : soonest;
	}
	return soonest;
}

/* Up to one period late a frame is still made for its own instant, as from a camera's buffer; later it is dropped. */
static int64_t
next_index(const struct engine *e, int64_t wanted_us)
{
	int64_t oldest_us = loop_now_us(e->loop) - period_us(e);
	int64_t from_us = wanted_us > e->last_us ? wanted_us : e->last_us + 1;
	bool is_kept = e->kept_us >= from_us && e->kept_us < oldest_us && e->kept_us > oldest_us - KEPT_US;

	return grid_index(e, is_kept ? e->kept_us : from_us > oldest_us ? from_us : oldest_us);
}

/* ---- a source that has a clock of its own ---- */

/* Half a period early is on time: pictures that come unevenly are not thinned out, twice as many are. */
static bool
live_is_due(const struct engine *e, int64_t mono_us, int64_t wanted_us)
{
	return mono_us > e->last_us && mono_us >= wanted_us && mono_us >= e->due_us - period_us(e) / 2;
}

/* The next picture that somebody wants, if it is there; those before it are done with. */
static bool
live_find(struct engine *e, int64_t wanted_us, int64_t *mono_us)
{
	int64_t number;

	while (e->source->live->next(e->source, e->caught, &number, mono_us)) {
		if (live_is_due(e, *mono_us, wanted_us))
			return true;
		e->caught = number;
	}
	return false;
}

/* Frames that should have come between two that came count in the numbers: so it is seen that they are missing. */
static void
live_number(struct engine *e, int64_t mono_us)
{
	int64_t period = period_us(e), steps = llround((double)(mono_us - e->numbered_us) / (double)period);

	steps = steps < 1 || e->numbered_us == 0 ? 1 : steps;
	e->grid_frame += steps;
	e->numbered_us = e->numbered_us == 0 ? mono_us : e->numbered_us + steps * period;
	e->numbered_us += (mono_us - e->numbered_us) / 8;	/* follows a clock that is a little slow or fast */
	e->due_us = e->due_us + period < mono_us ? mono_us + period : e->due_us + period;
}

static void
live_plan(struct engine *e, int64_t wanted_us)
{
	int64_t mono_us, now_us = loop_now_us(e->loop), from_us;

	if (wanted_us == ENGINE_NEVER) {
		e->waiting_us = 0;
		loop_timer_stop(e->loop, e->timer);
		return;
	}
	if (e->waiting_us == 0)
		e->waiting_us = e->blank_us = now_us;
	from_us = e->waiting_us > e->blank_us ? e->waiting_us : e->blank_us;
	if (live_find(e, wanted_us, &mono_us))
		from_us = now_us;
	else
		from_us = from_us + BLANK_US > wanted_us ? from_us + BLANK_US : wanted_us;
	loop_timer_start_at(e->loop, e->timer, from_us);
}

static void
live_tick(struct engine *e, int64_t wanted_us)
{
	int64_t mono_us, now_us = loop_now_us(e->loop);

	if (live_find(e, wanted_us, &mono_us)) {
		live_number(e, mono_us);
		e->source->live->next(e->source, e->caught, &e->caught, &mono_us);
		engine_shoot(e, mono_us, e->grid_frame, e->caught);
	} else if (wanted_us <= now_us && now_us - e->blank_us >= BLANK_US && now_us - e->waiting_us >= BLANK_US) {
		e->blank_us = now_us;
		engine_shoot(e, now_us, e->grid_frame, 0);
	} else {
		engine_plan(e);
	}
}

static void
live_caught(void *arg)
{
	engine_plan(arg);
}

static void
engine_plan(struct engine *e)
{
	int64_t wanted_us = next_wanted_us(e);

	if (e->is_busy || e->is_stopped)
		return;
	if (e->source->live != NULL)
		live_plan(e, wanted_us);
	else if (wanted_us == ENGINE_NEVER)
		loop_timer_stop(e->loop, e->timer);
	else
		loop_timer_start_at(e->loop, e->timer, grid_at(e, next_index(e, wanted_us)));
}

static void
engine_tick(void *arg)
{
	struct engine *e = arg;
	int64_t wanted_us = next_wanted_us(e), index;

	if (e->is_busy || e->is_stopped || wanted_us == ENGINE_NEVER)
		return;
	if (e->source->live != NULL) {
		live_tick(e, wanted_us);
		return;
	}
	index = next_index(e, wanted_us);
	if (grid_at(e, index) > loop_now_us(e->loop))	/* the loop was held up past its time */
		engine_plan(e);
	else
		engine_shoot(e, grid_at(e, index), e->grid_frame + index, 0);
}

void
engine_poke(struct engine *e)
{
	engine_plan(e);
}

void
engine_stop(struct engine *e, loop_fn *stopped, void *arg)
{
	e->is_stopped = true;
	e->stopped = stopped;
	e->stopped_arg = arg;
	loop_timer_stop(e->loop, e->timer);
	if (e->source->live != NULL)
		e->source->live->stop(e->source);
	if (!e->is_busy)
		stopped(arg);
}

double
engine_fps(const struct engine *e)
{
	int64_t since_us = loop_now_us(e->loop) - 1000000;
	int count = 0;

	if (next_wanted_us(e) == ENGINE_NEVER)
		return -1;
	for (unsigned i = 0; i < FPS_SLOTS && i < e->made; i++)
		count += e->made_us[i] > since_us;
	return count;
}
