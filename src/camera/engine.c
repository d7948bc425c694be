/*
 * engine.c - the frame clock and its one job in the pool.
 * Owns the picture that the job draws into.  Never knows what its clients do with a frame.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/xalloc.h"
#include "camera/engine.h"

#define FPS_SLOTS 64
#define KEPT_US 1000000

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
	int64_t made_us[FPS_SLOTS];	/* capture times, a ring */
	unsigned made;
};

static void engine_plan(struct engine *e);
static void engine_tick(void *arg);

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
	return e;
}

void
engine_free(struct engine *e)
{
	if (e == NULL)
		return;
	XASSERT(!e->is_busy);
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
	int64_t index = grid_index(e, e->last_us + 1);

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
	if (mono_us <= e->last_us)
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

static void
shot_work(void *arg)
{
	struct engine *e = arg;

	e->shot.is_lost = !source_draw(e->source, &e->shot.scene, &e->picture, &e->trouble);
	for (int i = 0; i < e->client_count; i++)
		if (e->clients[i].takes_part)
			e->clients[i].client->work(e->clients[i].arg, &e->shot, e->shot.is_lost ? NULL : &e->picture, e->source);
}

static void
shot_done(void *arg)
{
	struct engine *e = arg;

	e->is_busy = false;
	if (e->shot.is_lost)
		e->fns.source_failed(e->arg, e->trouble.text);
	else
		e->made_us[e->made++ % FPS_SLOTS] = e->shot.mono_us;
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

static void
engine_shoot(struct engine *e, int64_t index)
{
	int width, height;

	memset(&e->shot, 0, sizeof e->shot);
	e->shot.mono_us = e->last_us = grid_at(e, index);
	e->fns.scene(e->arg, &e->shot.scene, e->shot.mono_us);
	e->shot.scene.frame = e->grid_frame + index;
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
	int64_t period_us = (int64_t)(1e6 / e->rate), oldest_us = loop_now_us(e->loop) - period_us;
	int64_t from_us = wanted_us > e->last_us ? wanted_us : e->last_us + 1;
	bool is_kept = e->kept_us >= from_us && e->kept_us < oldest_us && e->kept_us > oldest_us - KEPT_US;

	return grid_index(e, is_kept ? e->kept_us : from_us > oldest_us ? from_us : oldest_us);
}

static void
engine_plan(struct engine *e)
{
	int64_t wanted_us = next_wanted_us(e);

	if (e->is_busy || e->is_stopped)
		return;
	if (wanted_us == ENGINE_NEVER)
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
	index = next_index(e, wanted_us);
	if (grid_at(e, index) > loop_now_us(e->loop))	/* the loop was held up past its time */
		engine_plan(e);
	else
		engine_shoot(e, index);
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

struct source *
engine_source(const struct engine *e)
{
	return e->source;
}
