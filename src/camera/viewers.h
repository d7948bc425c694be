/*
 * viewers.h - MJPEG streams and snapshots.  A frame is encoded once for each size and quality that
 * somebody watches, and shared; a slow viewer gets the newest one next, nobody waits for it.  A client
 * of the engine: with no viewers nothing is drawn and nothing encoded.
 */
#ifndef CAMERA_VIEWERS_H
#define CAMERA_VIEWERS_H

#include <stdbool.h>
#include "base/loop.h"
#include "camera/engine.h"
#include "io/httpd.h"

#define VIEWERS_BOUNDARY "mmcam-frame"
#define VIEWERS_CONTENT_TYPE "multipart/x-mixed-replace; boundary=" VIEWERS_BOUNDARY

struct viewers;

struct viewers_hints {		/* 0: not said */
	int width_px, quality;
	double fps;
};

struct viewers *viewers_new(struct loop *loop, struct engine *engine);
/* After engine_stop() and httpd_free(): all streams are gone by then. */
void viewers_free(struct viewers *v);
/* The camera's own size; streams keep the size they were asked for, at most this. */
void viewers_format(struct viewers *v, int width_px, int height_px, double rate);
/* Answers rq with a stream; 503 when too many different sizes are watched already. */
void viewers_stream(struct viewers *v, struct httpd_request *rq, const struct viewers_hints *hints);
/* Answers rq with the next frame. */
void viewers_snapshot(struct viewers *v, struct httpd_request *rq, const struct viewers_hints *hints);
int viewers_count(const struct viewers *v);
/* Rehearsal: the picture stands still (the same frame again and again), or nothing comes; false: that is over. */
void viewers_freeze(struct viewers *v, bool is_frozen);
void viewers_silence(struct viewers *v, bool is_silent);
/* Ends the streams, drops the waiting snapshots. */
void viewers_close(struct viewers *v);

#endif
