/*
 * loop.c - calls through to whichever event loop is in use.
 * Owns nothing.  Never decides anything: what a loop does is its implementation's affair.
 */
#include "base/loop.h"

#include <stddef.h>

int64_t
loop_now_us(struct loop *loop)
{
	return loop->ops->now_us(loop);
}

struct loop_timer *
loop_timer_new(struct loop *loop, loop_fn *fn, void *arg)
{
	return loop->ops->timer_new(loop, fn, arg);
}

void
loop_timer_start(struct loop *loop, struct loop_timer *t, int64_t delay_us, int64_t repeat_us)
{
	loop->ops->timer_start(t, loop->ops->now_us(loop) + (delay_us > 0 ? delay_us : 0), repeat_us);
}

void
loop_timer_start_at(struct loop *loop, struct loop_timer *t, int64_t at_us)
{
	loop->ops->timer_start(t, at_us, 0);
}

void
loop_timer_stop(struct loop *loop, struct loop_timer *t)
{
	if (t != NULL)
		loop->ops->timer_stop(t);
}

void
loop_timer_free(struct loop *loop, struct loop_timer *t)
{
	if (t != NULL)
		loop->ops->timer_free(t);
}

struct loop_watch *
loop_watch_new(struct loop *loop, int fd, unsigned events, loop_watch_fn *fn, void *arg)
{
	struct loop_watch *w = loop->ops->watch_new(loop, fd, fn, arg);

	loop->ops->watch_set(w, events);
	return w;
}

void
loop_watch_set(struct loop *loop, struct loop_watch *w, unsigned events)
{
	loop->ops->watch_set(w, events);
}

void
loop_watch_free(struct loop *loop, struct loop_watch *w)
{
	if (w != NULL)
		loop->ops->watch_free(w);
}

void
loop_defer(struct loop *loop, loop_fn *fn, void *arg)
{
	loop->ops->defer(loop, fn, arg);
}

void
loop_post(struct loop *loop, loop_fn *fn, void *arg)
{
	loop->ops->post(loop, fn, arg);
}

void
loop_work(struct loop *loop, loop_fn *run, loop_fn *done, void *arg)
{
	loop->ops->work(loop, run, done, arg);
}

bool
loop_signal(struct loop *loop, int signo, loop_fn *fn, void *arg)
{
	return loop->ops->signal(loop, signo, fn, arg);
}

void
loop_run(struct loop *loop)
{
	loop->ops->run(loop);
}

void
loop_stop(struct loop *loop)
{
	loop->ops->stop(loop);
}

void
loop_free(struct loop *loop)
{
	if (loop != NULL)
		loop->ops->free(loop);
}
