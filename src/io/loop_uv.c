/*
 * loop_uv.c - the real event loop; the only file that knows libuv.
 * Owns its timers (one timerfd and a heap, since libuv's own are whole milliseconds), its
 * posted and deferred calls.  Never closes a descriptor that it was given to watch.
 */
#include "io/loop_uv.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/list.h"
#include "base/log.h"
#include "base/timerq.h"
#include "base/xalloc.h"
#include "io/inbox.h"
#include "io/pool.h"
#include "io/priority.h"

#define POOL_THREADS 4
#define PLAIN_FILE_POLL_US 2000		/* regular files are always ready, but epoll refuses them */

struct call {
	union { struct list link; struct inbox_item item; };	/* first */
	loop_fn *fn;
	void *arg;
};

struct loop_uv {
	struct loop base;
	uv_loop_t uv;
	uv_prepare_t turn_end;
	uv_idle_t awake;		/* active: do not sleep, deferred calls wait */
	uv_poll_t timer_poll, nudge_poll;
	int timer_fd, nudge_fd;
	int64_t armed_us;		/* what timer_fd is set to */
	struct timerq timers;
	struct list watches, signals, deferred;
	struct inbox posted;
	atomic_int posting;		/* threads between their call and its nudge */
	struct pool *pool;
	size_t working;
	bool closing;			/* timers, watches and signals are silent from here on */
};

struct loop_watch {
	uv_poll_t poll;			/* first: libuv hands it back */
	struct list link;
	struct loop_uv *loop;
	loop_watch_fn *fn;
	void *arg;
	int fd;
	unsigned events;
	bool dead;
	bool displaced;			/* its descriptor was closed under it and is somebody else's now */
	struct loop_timer *plain;	/* in place of poll, for a regular file */
};

struct signal_hook {
	uv_signal_t handle;
	struct list link;
	struct loop_uv *loop;
	loop_fn *fn;
	void *arg;
};

struct job {
	struct loop_uv *loop;
	loop_fn *run, *done;
	void *arg;
};

static int64_t
now_us(struct loop *loop)
{
	struct timespec ts;

	(void)loop;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* ---- Queues of calls ---- */

static struct call *
call_new(loop_fn *fn, void *arg)
{
	struct call *c = xmalloc(sizeof *c);

	c->fn = fn;
	c->arg = arg;
	return c;
}

static void
list_move_all(struct list *to, struct list *from)
{
	list_init(to);
	if (list_is_empty(from))
		return;
	*to = *from;
	to->next->prev = to;
	to->prev->next = to;
	list_init(from);
}

/* What is added meanwhile waits for the next batch. */
static void
call_all(struct list *batch)
{
	while (!list_is_empty(batch)) {
		struct call c = *LIST_ENTRY(batch->next, struct call, link);
		struct call *spent = LIST_ENTRY(batch->next, struct call, link);

		list_remove(&spent->link);
		free(spent);
		c.fn(c.arg);
	}
}

static void
run_deferred(struct loop_uv *l)
{
	struct list batch;

	list_move_all(&batch, &l->deferred);
	call_all(&batch);
}

static void
run_posted(struct loop_uv *l)
{
	for (struct inbox_item *item = inbox_take(&l->posted), *next; item != NULL; item = next) {
		struct call *spent = (struct call *)item, c = *spent;

		next = item->next;
		free(spent);
		c.fn(c.arg);
	}
}

static bool
has_posted(struct loop_uv *l)
{
	return !inbox_is_empty(&l->posted);
}

static void
queue_defer(struct loop *loop, loop_fn *fn, void *arg)
{
	list_insert_tail(&((struct loop_uv *)loop)->deferred, &call_new(fn, arg)->link);
}

static void
queue_post(struct loop *loop, loop_fn *fn, void *arg)
{
	struct loop_uv *l = (struct loop_uv *)loop;

	atomic_fetch_add(&l->posting, 1);
	if (inbox_put(&l->posted, &call_new(fn, arg)->item))
		XASSERT(eventfd_write(l->nudge_fd, 1) == 0);
	atomic_fetch_sub(&l->posting, 1);
}

static void
on_nudge(uv_poll_t *handle, int status, int events)
{
	struct loop_uv *l = handle->data;
	eventfd_t nudges;

	(void)status;
	(void)events;
	(void)eventfd_read(l->nudge_fd, &nudges);
	run_posted(l);
}

/* ---- Timers ---- */

static struct loop_timer *
timer_new(struct loop *loop, loop_fn *fn, void *arg)
{
	return timerq_new(&((struct loop_uv *)loop)->timers, fn, arg);
}

/* Once a turn, not once a start: most timers are moved many times before they fire. */
static void
timers_arm(struct loop_uv *l)
{
	int64_t at_us = timerq_next_us(&l->timers);
	struct itimerspec when = { 0 };

	if (at_us == l->armed_us || l->closing)
		return;
	l->armed_us = at_us;
	if (at_us != TIMERQ_NEVER) {
		at_us = at_us > 0 ? at_us : 1;	/* zero would disarm */
		when.it_value.tv_sec = at_us / 1000000;
		when.it_value.tv_nsec = at_us % 1000000 * 1000;
	}
	timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void
on_timer_fd(uv_poll_t *handle, int status, int events)
{
	struct loop_uv *l = handle->data;
	uint64_t expirations;

	(void)status;
	(void)events;
	if (read(l->timer_fd, &expirations, sizeof expirations) > 0)
		l->armed_us = TIMERQ_NEVER;
	timerq_fire(&l->timers, now_us(&l->base));
}

/* ---- Watches ---- */

static void watch_apply(struct loop_watch *w);

static void
on_watch(uv_poll_t *handle, int status, int events)
{
	struct loop_watch *w = (struct loop_watch *)handle;
	unsigned ready = 0;

	if (w->dead)
		return;
	if (events & UV_READABLE)
		ready |= LOOP_READ;
	if (events & UV_WRITABLE)
		ready |= LOOP_WRITE;
	if (status < 0)		/* an error waits on it: reading or writing will tell */
		ready = w->events;
	w->fn(w->arg, ready);
	/* libuv stops a handle when it reports an error; w is freed no sooner than in on_watch_closed(). */
	if (status < 0 && !w->dead)
		watch_apply(w);
}

static void
on_plain_file(void *arg)
{
	struct loop_watch *w = arg;

	w->fn(w->arg, w->events);
}

static void
on_watch_closed(uv_handle_t *handle)
{
	free((struct loop_watch *)handle);
}

/* Somebody closed a watched descriptor and its number came back: the newer watch is the true one. */
static void
watch_displace(struct loop_uv *l, int fd)
{
	LIST_EACH(it, &l->watches) {
		struct loop_watch *w = LIST_ENTRY(it, struct loop_watch, link);

		if (w->fd != fd || w->plain != NULL || w->displaced)
			continue;
		log_line(LOG_LOOP, "descriptor %d was closed while it was watched", fd);
		uv_poll_stop(&w->poll);
		w->displaced = true;
	}
}

static struct loop_watch *
watch_new(struct loop *loop, int fd, loop_watch_fn *fn, void *arg)
{
	struct loop_uv *l = (struct loop_uv *)loop;
	struct loop_watch *w = xcalloc(1, sizeof *w);
	int flags = fcntl(fd, F_GETFL), failed;

	w->loop = l;
	w->fd = fd;
	w->fn = fn;
	w->arg = arg;
	watch_displace(l, fd);
	list_insert_tail(&l->watches, &w->link);
	failed = uv_poll_init(&l->uv, &w->poll, fd);
	if (failed == UV_EPERM)
		w->plain = timer_new(loop, on_plain_file, w);
	else if (failed != 0)
		xbug(__FILE__, __LINE__, uv_strerror(failed));
	/* The descriptor is the caller's, and so is its mode (a terminal shares it with the shell). */
	if (flags >= 0 && (flags & O_NONBLOCK) == 0)
		fcntl(fd, F_SETFL, flags);
	return w;
}

static void
watch_apply(struct loop_watch *w)
{
	int events = 0;

	if (w->loop->closing || w->displaced)
		return;
	if (w->plain != NULL) {
		if (w->events != 0)
			timerq_start(w->plain, 0, PLAIN_FILE_POLL_US);
		else
			timerq_stop(w->plain);
		return;
	}
	if (w->events & LOOP_READ)
		events |= UV_READABLE;
	if (w->events & LOOP_WRITE)
		events |= UV_WRITABLE;
	if (events != 0)
		uv_poll_start(&w->poll, events, on_watch);
	else
		uv_poll_stop(&w->poll);
}

/* Closing a displaced handle took the descriptor out of epoll, for its new owner too. */
static void
watch_reclaim(struct loop_uv *l, int fd)
{
	LIST_EACH(it, &l->watches) {
		struct loop_watch *w = LIST_ENTRY(it, struct loop_watch, link);

		if (w->fd == fd && !w->displaced)
			watch_apply(w);
	}
}

static void
watch_set(struct loop_watch *w, unsigned events)
{
	if (events == w->events)
		return;
	w->events = events;
	watch_apply(w);
}

static void
watch_free(struct loop_watch *w)
{
	w->dead = true;
	list_remove(&w->link);
	if (w->plain != NULL) {
		timerq_free(w->plain);
		free(w);
		return;
	}
	uv_poll_stop(&w->poll);
	uv_close((uv_handle_t *)&w->poll, on_watch_closed);
	if (w->displaced)
		watch_reclaim(w->loop, w->fd);
}

/* ---- Pool and signals ---- */

static void
job_done(void *arg)
{
	struct job *j = arg;

	j->loop->working--;
	j->done(j->arg);
	free(j);
}

static void
job_run(void *arg)
{
	struct job *j = arg;

	j->run(j->arg);
	queue_post(&j->loop->base, job_done, j);
}

static void
pool_work(struct loop *loop, loop_fn *run, loop_fn *done, void *arg)
{
	struct job *j = xcalloc(1, sizeof *j);

	j->loop = (struct loop_uv *)loop;
	j->run = run;
	j->done = done;
	j->arg = arg;
	j->loop->working++;
	pool_add(j->loop->pool, job_run, j);
}

static void
on_signal(uv_signal_t *handle, int signo)
{
	struct signal_hook *h = (struct signal_hook *)handle;

	(void)signo;
	if (!h->loop->closing)
		h->fn(h->arg);
}

static void
on_signal_closed(uv_handle_t *handle)
{
	free((struct signal_hook *)handle);
}

static bool
signal_drop(struct loop_uv *l, int signo, const void *arg)
{
	LIST_EACH(it, &l->signals) {
		struct signal_hook *h = LIST_ENTRY(it, struct signal_hook, link);

		if (h->handle.signum != signo || h->arg != arg)
			continue;
		list_remove(it);
		uv_close((uv_handle_t *)&h->handle, on_signal_closed);
		return true;
	}
	return false;
}

static bool
signal_hear(struct loop *loop, int signo, loop_fn *fn, void *arg)
{
	struct loop_uv *l = (struct loop_uv *)loop;
	struct signal_hook *h;

	if (fn == NULL)
		return signal_drop(l, signo, arg);
	h = xcalloc(1, sizeof *h);
	h->loop = l;
	h->fn = fn;
	h->arg = arg;
	if (uv_signal_init(&l->uv, &h->handle) != 0) {
		free(h);
		return false;
	}
	if (uv_signal_start(&h->handle, on_signal, signo) != 0) {
		uv_close((uv_handle_t *)&h->handle, on_signal_closed);
		return false;
	}
	list_insert_tail(&l->signals, &h->link);
	return true;
}

/* ---- Turns, life and end ---- */

static void
on_awake(uv_idle_t *handle)
{
	(void)handle;	/* being active is all it is for: the poll does not sleep */
}

/* Last before the loop sleeps: deferred calls, then the timer for the next wake-up. */
static void
on_turn_end(uv_prepare_t *handle)
{
	struct loop_uv *l = handle->data;

	run_deferred(l);
	if (list_is_empty(&l->deferred))
		uv_idle_stop(&l->awake);
	else
		uv_idle_start(&l->awake, on_awake);
	timers_arm(l);
}

static void
loop_go(struct loop *loop)
{
	struct loop_uv *l = (struct loop_uv *)loop;

	uv_run(&l->uv, UV_RUN_DEFAULT);
	run_deferred(l);	/* the stopping turn ends like any other */
}

static void
loop_halt(struct loop *loop)
{
	uv_stop(&((struct loop_uv *)loop)->uv);
}

/* Silences everything but the pool and the queues; memory stays, since owners may still free theirs. */
static void
loop_silence(struct loop_uv *l)
{
	l->closing = true;
	uv_poll_stop(&l->timer_poll);
	LIST_EACH(it, &l->watches) {
		struct loop_watch *w = LIST_ENTRY(it, struct loop_watch, link);

		if (w->plain == NULL)
			uv_poll_stop(&w->poll);
	}
}

static void
loop_drain(struct loop_uv *l)
{
	while (l->working > 0 || has_posted(l) || !list_is_empty(&l->deferred)) {
		run_posted(l);
		run_deferred(l);
		if (l->working > 0)
			uv_run(&l->uv, list_is_empty(&l->deferred) && !has_posted(l) ? UV_RUN_ONCE : UV_RUN_NOWAIT);
	}
}

static void
loop_close_handles(struct loop_uv *l)
{
	LIST_EACH_SAFE(it, tmp, &l->watches)
		watch_free(LIST_ENTRY(it, struct loop_watch, link));
	LIST_EACH_SAFE(it, tmp, &l->signals)
		uv_close((uv_handle_t *)&LIST_ENTRY(it, struct signal_hook, link)->handle, on_signal_closed);
	uv_close((uv_handle_t *)&l->timer_poll, NULL);
	uv_close((uv_handle_t *)&l->turn_end, NULL);
	uv_close((uv_handle_t *)&l->awake, NULL);
	uv_close((uv_handle_t *)&l->nudge_poll, NULL);
	while (uv_run(&l->uv, UV_RUN_DEFAULT) != 0)
		;	/* a loop_stop() nobody consumed ends the first round */
}

static void
loop_end(struct loop *loop)
{
	struct loop_uv *l = (struct loop_uv *)loop;

	loop_silence(l);
	loop_drain(l);
	pool_free(l->pool);
	while (atomic_load(&l->posting) > 0)
		sched_yield();
	loop_close_handles(l);
	XASSERT(uv_loop_close(&l->uv) == 0);
	close(l->timer_fd);
	close(l->nudge_fd);
	timerq_fini(&l->timers);
	free(l);
}

static const struct loop_ops loop_uv_ops = {
	.now_us = now_us,
	.timer_new = timer_new, .timer_start = timerq_start, .timer_stop = timerq_stop, .timer_free = timerq_free,
	.watch_new = watch_new, .watch_set = watch_set, .watch_free = watch_free,
	.defer = queue_defer, .post = queue_post, .work = pool_work, .signal = signal_hear,
	.run = loop_go, .stop = loop_halt, .free = loop_end,
};

static void
loop_open_handles(struct loop_uv *l)
{
	bool ok = uv_loop_init(&l->uv) == 0 && uv_prepare_init(&l->uv, &l->turn_end) == 0 &&
	    uv_idle_init(&l->uv, &l->awake) == 0;

	XASSERT(ok);
	l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	l->nudge_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	XASSERT(l->timer_fd >= 0 && l->nudge_fd >= 0);
	ok = uv_poll_init(&l->uv, &l->timer_poll, l->timer_fd) == 0 && uv_poll_init(&l->uv, &l->nudge_poll, l->nudge_fd) == 0;
	XASSERT(ok);
	l->turn_end.data = l->nudge_poll.data = l->timer_poll.data = l;
	uv_prepare_start(&l->turn_end, on_turn_end);
	uv_poll_start(&l->timer_poll, UV_READABLE, on_timer_fd);
	uv_poll_start(&l->nudge_poll, UV_READABLE, on_nudge);
}

struct loop *
loop_uv_new(int threads)
{
	struct loop_uv *l = xcalloc(1, sizeof *l);

	priority_prompt();
	l->base.ops = &loop_uv_ops;
	l->pool = pool_new(threads > 0 ? threads : POOL_THREADS);
	l->armed_us = TIMERQ_NEVER;
	timerq_init(&l->timers);
	list_init(&l->watches);
	list_init(&l->signals);
	list_init(&l->deferred);
	loop_open_handles(l);
	return &l->base;
}
