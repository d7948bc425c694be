/*
 * source.h - where pictures and sound come from: a const struct of functions per kind.
 * A source is drawn from in the worker pool, by one job at a time; what it has to show comes in as
 * plain values.  The capture time is given, so a late worker never makes a wrong time stamp.
 */
#ifndef CAMERA_SOURCE_H
#define CAMERA_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "base/loop.h"
#include "camera/camopt.h"
#include "camera/picture.h"
#include "domain/node.h"

#define SOURCE_SAMPLE_RATE 48000

/* What the camera looks like at one instant. */
struct scene {
	int64_t time_us;		/* capture, node's clock */
	int64_t steady_us;		/* capture, on a clock that is never stepped: for time stamps in files */
	int64_t frame;			/* counter, from 1 */
	int64_t caught;			/* of a live source: the number of its picture */
	const char *name;		/* outlives the scene */
	double zoom;
	bool is_front;
	enum node_tally tally;
	bool is_flash;			/* a marker: the whole picture is white */
	bool is_identify;
	int64_t beep_us;		/* node's clock: a marker's sound began; 0 never */
	char message[128];		/* for whoever holds the camera; "" none */
};

struct source;
struct source_ops {
	/* Fills all of out, in out's size.  False: this source has no picture any more (e says why). */
	bool (*draw)(struct source *s, const struct scene *scene, struct picture *out, struct err *e);
	/* Mono samples -1..1 from the node's time from_us on. */
	void (*sound)(struct source *s, int64_t from_us, float *out, int count);
	/* Any thread.  Level at the node's time: false when it is not known without decoding. */
	bool (*level)(const struct source *s, int64_t time_us, double *peak_dbfs, double *rms_dbfs);
	void (*free)(struct source *s);
};
/* A source that has its own clock, as a real camera has: its pictures come when they come.  All on the loop's thread. */
struct source_live {
	/* Begins; caught() whenever there is a new picture, never from inside a call of ours. */
	void (*start)(struct source *s, struct loop *loop, loop_fn *caught, void *arg);
	void (*stop)(struct source *s);		/* caught() is not called any more; may be called again */
	/* The oldest picture it still has with a number above that, and when it was caught (monotonic). */
	bool (*next)(struct source *s, int64_t after, int64_t *number, int64_t *mono_us);
};
struct source {
	const struct source_ops *ops;	/* embed first */
	const struct source_live *live;	/* NULL: it makes a picture for any instant */
	bool has_sound;
	double rate;			/* of a live source, as far as it tells: it has no more; 0: not told */
	bool draws_any_size;		/* as cheap small as large: no need to draw large and scale */
};

/* By conf->source; blocking.  now_us: the node's clock. */
struct source *source_open(const struct camera_conf *conf, int64_t now_us, struct err *e);
void source_close(struct source *s);
/* The source's picture, with what lies over it: flash, message, identify, tally lamp. */
bool source_draw(struct source *s, const struct scene *scene, struct picture *out, struct err *e);
/* The source's sound, with a marker's beep in it. */
void source_sound(struct source *s, const struct scene *scene, int64_t from_us, float *out, int count);

struct source *source_pattern_open(const struct camera_conf *conf);
struct source *source_file_open(const char *path, int64_t now_us, struct err *e);
struct v4l2_kernel;
/* A camera of this machine, which must be there; it may go and come back afterwards. */
struct source *source_v4l2_open(const struct camera_conf *conf, const char *path, const struct v4l2_kernel *kernel, struct err *e);
/* The stream of another node, or of anything that sends multipart/x-mixed-replace; asked for again when it breaks off. */
struct source *source_mjpeg_open(const struct camera_conf *conf, const char *url, struct err *e);

#endif
