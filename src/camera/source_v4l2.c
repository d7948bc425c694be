/*
 * source_v4l2.c - the picture of a camera of this machine.
 * Owns the device, and opens it again when it was pulled out and comes back.  Never blocks the loop: a device is opened and
 * closed by a worker, but for the first time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/caught.h"
#include "camera/source.h"
#include "camera/v4l2dev.h"

#define AGAIN_US 1000000
#define OLD_US 2000000		/* a time stamp that far back, or ahead, is none */

struct v4l2_source {
	struct source base;
	const struct v4l2_kernel *kernel;
	char path[CAMOPT_PATH], name[MAX_NAME_BYTES];
	void (*say)(const char *sentence);
	struct v4l2dev_wish wish;
	struct v4l2dev *dev;		/* NULL: a worker has it, or there is none */
	struct loop *loop;
	struct loop_watch *watch;
	struct loop_timer *again;
	struct caught *caught;
	struct reopen *job;
	loop_fn *tell;
	void *tell_arg;
	int64_t last_us;
	bool is_gone;
};

/* A worker closes what is left of a device and opens it anew. */
struct reopen {
	struct v4l2_source *owner;	/* the loop's; NULL: it has gone meanwhile */
	const struct v4l2_kernel *kernel;
	char path[CAMOPT_PATH];
	struct v4l2dev_wish wish;
	struct v4l2dev *old, *dev;
};

static void
say(const struct v4l2_source *v, const char *what)
{
	char text[CAMOPT_PATH + MAX_NAME_BYTES + 100];

	snprintf(text, sizeof text, "%s: %s %s", v->name, v->path, what);
	log_line(LOG_CAMERA, "%s", text);
	if (v->say != NULL)
		v->say(text);
}

/* ---- pictures ---- */

static void
keep(struct v4l2_source *v, const struct v4l2dev_picture *p)
{
	int64_t now_us = loop_now_us(v->loop), us = p->mono_us;

	if (us > now_us || us < now_us - OLD_US)
		us = now_us;
	us = us > v->last_us ? us : v->last_us + 1;
	if (!caught_put(v->caught, p->bytes, p->len, us))
		return;
	v->last_us = us;
	if (v->is_gone)
		say(v, "is back");
	v->is_gone = false;
	v->tell(v->tell_arg);
}

static void
lose(struct v4l2_source *v)
{
	loop_watch_free(v->loop, v->watch);
	v->watch = NULL;
	if (!v->is_gone)
		say(v, "is gone; looked for again each second");
	v->is_gone = true;
	loop_timer_start(v->loop, v->again, AGAIN_US, 0);
}

static void
ready(void *arg, unsigned events)
{
	struct v4l2_source *v = arg;
	struct v4l2dev_picture p;
	enum v4l2dev_taken taken;

	(void)events;
	while ((taken = v4l2dev_take(v->dev, &p)) == V4L2DEV_PICTURE || taken == V4L2DEV_DAMAGED) {
		if (taken == V4L2DEV_DAMAGED)
			continue;
		keep(v, &p);
		v4l2dev_give_back(v->dev);
	}
	if (taken == V4L2DEV_GONE)
		lose(v);
}

static void
watch(struct v4l2_source *v)
{
	v4l2dev_tell_format(v->dev, v->caught);
	v->watch = loop_watch_new(v->loop, v4l2dev_fd(v->dev), LOOP_READ, ready, v);
}

/* ---- coming back ---- */

static void
reopen_run(void *arg)
{
	struct reopen *job = arg;
	struct err e = { 0 };

	v4l2dev_close(job->old);
	job->dev = v4l2dev_open(job->kernel, job->path, &job->wish, &e);
	if (job->dev == NULL)
		log_line(LOG_CAMERA, "%s", e.text);
}

static void
reopen_done(void *arg)
{
	struct reopen *job = arg;
	struct v4l2_source *v = job->owner;

	if (v == NULL) {
		v4l2dev_close(job->dev);
	} else {
		v->job = NULL;
		v->dev = job->dev;
		if (v->dev != NULL)
			watch(v);
		else
			loop_timer_start(v->loop, v->again, AGAIN_US, 0);
	}
	free(job);
}

static void
reopen(void *arg)
{
	struct v4l2_source *v = arg;
	struct reopen *job = v->job = xcalloc(1, sizeof *job);

	job->owner = v;
	job->kernel = v->kernel;
	str_copy(job->path, sizeof job->path, v->path);
	job->wish = v->wish;
	job->old = v->dev;
	v->dev = NULL;
	loop_work(v->loop, reopen_run, reopen_done, job);
}

/* ---- a live source ---- */

static void
v4l2_start(struct source *s, struct loop *loop, loop_fn *tell, void *arg)
{
	struct v4l2_source *v = (struct v4l2_source *)s;

	v->loop = loop;
	v->tell = tell;
	v->tell_arg = arg;
	v->again = loop_timer_new(loop, reopen, v);
	watch(v);
}

static void
v4l2_stop(struct source *s)
{
	struct v4l2_source *v = (struct v4l2_source *)s;

	if (v->again == NULL)
		return;
	if (v->watch != NULL)
		loop_watch_free(v->loop, v->watch);
	v->watch = NULL;
	loop_timer_free(v->loop, v->again);
	v->again = NULL;
	if (v->job != NULL)
		v->job->owner = NULL;
	v->job = NULL;
}

static bool
v4l2_next(struct source *s, int64_t after, int64_t *number, int64_t *mono_us)
{
	return caught_next(((struct v4l2_source *)s)->caught, after, number, mono_us);
}

static bool
v4l2_draw(struct source *s, const struct scene *scene, struct picture *out, struct err *e)
{
	return caught_draw(((struct v4l2_source *)s)->caught, scene, out, e);
}

static void
v4l2_free(struct source *s)
{
	struct v4l2_source *v = (struct v4l2_source *)s;

	v4l2_stop(s);
	v4l2dev_close(v->dev);
	caught_free(v->caught);
	free(v);
}

static const struct source_ops v4l2_ops = { .draw = v4l2_draw, .free = v4l2_free };
static const struct source_live v4l2_live = { v4l2_start, v4l2_stop, v4l2_next };

struct source *
source_v4l2_open(const struct camera_conf *conf, const char *path, const struct v4l2_kernel *kernel, struct err *e)
{
	const struct v4l2dev_wish wish = { conf->width, conf->height, conf->rate };
	struct v4l2dev *dev = v4l2dev_open(kernel, path, &wish, e);
	struct v4l2_source *v;

	if (dev == NULL)
		return NULL;
	v = xcalloc(1, sizeof *v);
	v->base.ops = &v4l2_ops;
	v->base.live = &v4l2_live;
	v->kernel = kernel;
	v->dev = dev;
	v->base.rate = v4l2dev_rate(dev);
	v->wish = wish;
	str_copy(v->path, sizeof v->path, path);
	str_copy(v->name, sizeof v->name, conf->name);
	v->say = conf->say;
	v->caught = caught_new();
	return &v->base;
}
