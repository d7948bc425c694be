/*
 * engine.h - the camera's frame clock.  Frames stand on a fixed grid of instants; one is made only when
 * somebody wants it, in the pool, one job at a time.  Late workers cost frames, never wrong time stamps.
 * Clients: the recorder (every frame) and the viewers (some).
 */
#ifndef CAMERA_ENGINE_H
#define CAMERA_ENGINE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/loop.h"
#include "camera/source.h"

#define ENGINE_NEVER INT64_MAX
#define ENGINE_CLIENTS 2

/* One frame, from the decision to make it until everybody is done with it. */
struct shot {
	struct scene scene;
	int64_t mono_us;		/* capture, monotonic */
	bool is_lost;			/* the source gave no picture: work() is called with p NULL */
	bool is_blank;			/* ... and will give none for this instant: a live source is silent */
};

struct engine_client {
	/* Loop: monotonic instant from which on it wants its next frame, after the one at after_us; ENGINE_NEVER. */
	int64_t (*next_us)(void *arg, int64_t after_us);
	/* Loop: the widest picture it can use, 0: the camera's own size. */
	int (*width_px)(void *arg);
	/* Loop: does it take part in this frame? */
	bool (*begin)(void *arg, const struct shot *shot);
	/* Pool. */
	void (*work)(void *arg, const struct shot *shot, const struct picture *p, struct source *source);
	/* Loop: after work(). */
	void (*done)(void *arg, const struct shot *shot);
};

struct engine_fns {
	/* Fills all of scene but frame; mono_us is the capture time. */
	void (*scene)(void *arg, struct scene *scene, int64_t mono_us);
	void (*source_failed)(void *arg, const char *why);
};

struct engine;

/* The source stays the caller's, who closes it after engine_free(). */
struct engine *engine_new(struct loop *loop, struct source *source, const struct engine_fns *fns, void *arg);
/* Before loop_free(); no job may be in flight: see engine_stop(). */
void engine_free(struct engine *e);
/* Makes no more frames; stopped() once no job is in flight (perhaps at once). */
void engine_stop(struct engine *e, loop_fn *stopped, void *arg);
void engine_add(struct engine *e, const struct engine_client *client, void *arg);
/* The camera's own size and grid.  Between jobs it takes effect at once, else after the one in flight. */
void engine_format(struct engine *e, int width_px, int height_px, double rate);
/*
 * Moves the grid so that a frame falls on this instant, if it is later than the newest one.  It may be long ahead: the frames
 * before it stand on the new grid already.  Numbers go on.  That one frame is made however late the loop is (within a second),
 * if anybody wants it then.  A live source keeps its own time.
 */
void engine_align(struct engine *e, int64_t mono_us);
/* Somebody's wishes changed. */
void engine_poke(struct engine *e);
/* Frames made in the last second; below 0: none are wanted. */
double engine_fps(const struct engine *e);

#endif
