/*
 * loop_fake.c - an event loop with virtual time.
 * Owns its timers and queues.  Never sleeps, never starts a thread (loop_post() may come from one).
 */
#include "support/loop_fake.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/list.h"
#include "base/timerq.h"
#include "base/xalloc.h"

struct fake {
	struct loop base;
	int64_t now_us;
	struct timerq timers;
	struct list watches, deferred, work, hooks;
	pthread_mutex_t lock;
	struct list posted;
	bool stopped;
};

struct loop_watch {
	struct list link;
	struct fake *fake;
	int fd;
	unsigned events, ready;
	loop_watch_fn *fn;
	void *arg;
};

struct call {
	struct list link;
	loop_fn *fn, *done;	/* done: work only */
	void *arg;
};

struct hook {
	struct list link;
	int signo, raised;
	loop_fn *fn;
	void *arg;
};

static struct fake *
fake_of(struct loop *loop)
{
	return (struct fake *)loop;
}

static void
call_add(struct list *queue, loop_fn *fn, loop_fn *done, void *arg)
{
	struct call *c = xmalloc(sizeof *c);

	c->fn = fn;
	c->done = done;
	c->arg = arg;
	list_insert_tail(queue, &c->link);
}

static int
list_count(const struct list *head)
{
	int count = 0;

	LIST_EACH(it, head)
		count++;
	return count;
}

static int
posted_count(struct fake *f)
{
	int count;

	pthread_mutex_lock(&f->lock);
	count = list_count(&f->posted);
	pthread_mutex_unlock(&f->lock);
	return count;
}

/* Makes as many calls as there are now; those added meanwhile wait for the next turn. */
static void
calls_make(struct fake *f, struct list *queue, bool locked)
{
	for (int left = locked ? posted_count(f) : list_count(queue); left > 0; left--) {
		struct call *c;
		struct call now;

		if (locked)
			pthread_mutex_lock(&f->lock);
		c = LIST_ENTRY(queue->next, struct call, link);
		list_remove(&c->link);
		if (locked)
			pthread_mutex_unlock(&f->lock);
		now = *c;
		free(c);
		now.fn(now.arg);
		if (now.done != NULL)
			now.done(now.arg);
	}
}

/* One that is ready, and takes the readiness off it; a callback may free any of them. */
static struct loop_watch *
watch_next(struct fake *f, unsigned *events)
{
	LIST_EACH(it, &f->watches) {
		struct loop_watch *w = LIST_ENTRY(it, struct loop_watch, link);

		*events = w->ready & w->events;
		w->ready = 0;
		if (*events != 0)
			return w;
	}
	return NULL;
}

static struct hook *
hook_next(struct fake *f)
{
	LIST_EACH(it, &f->hooks) {
		struct hook *h = LIST_ENTRY(it, struct hook, link);

		if (h->raised > 0) {
			h->raised--;
			return h;
		}
	}
	return NULL;
}

void
loop_fake_turn(struct loop *loop)
{
	struct fake *f = fake_of(loop);
	struct loop_watch *w;
	struct hook *h;
	unsigned events;

	calls_make(f, &f->work, false);
	calls_make(f, &f->posted, true);
	while ((h = hook_next(f)) != NULL)
		h->fn(h->arg);
	while ((w = watch_next(f, &events)) != NULL)
		w->fn(w->arg, events);
	timerq_fire(&f->timers, f->now_us);
	calls_make(f, &f->deferred, false);
}

static bool
is_pending(struct fake *f)
{
	return !list_is_empty(&f->work) || !list_is_empty(&f->deferred) || posted_count(f) > 0;
}

/* Turns until nothing is left at this instant; a test that never settles is told. */
static void
fake_settle(struct fake *f)
{
	int turns = 0;

	do {
		loop_fake_turn(&f->base);
		XASSERT(++turns < 100000);
	} while (is_pending(f) || timerq_next_us(&f->timers) <= f->now_us);
}

void
loop_fake_advance(struct loop *loop, int64_t us)
{
	struct fake *f = fake_of(loop);
	int64_t until_us = f->now_us + us;

	fake_settle(f);
	while (timerq_next_us(&f->timers) <= until_us) {
		if (timerq_next_us(&f->timers) > f->now_us)
			f->now_us = timerq_next_us(&f->timers);
		fake_settle(f);
	}
	f->now_us = until_us;
}

int
loop_fake_alive(struct loop *loop)
{
	struct fake *f = fake_of(loop);

	return timerq_count(&f->timers) + list_count(&f->watches) + list_count(&f->deferred) +
	    list_count(&f->work) + posted_count(f);
}

bool
loop_fake_is_asleep(struct loop *loop)
{
	return timerq_next_us(&fake_of(loop)->timers) == TIMERQ_NEVER;
}

void
loop_fake_ready(struct loop *loop, int fd, unsigned events)
{
	LIST_EACH(it, &fake_of(loop)->watches) {
		struct loop_watch *w = LIST_ENTRY(it, struct loop_watch, link);

		if (w->fd == fd)
			w->ready |= events;
	}
}

void
loop_fake_raise(struct loop *loop, int signo)
{
	LIST_EACH(it, &fake_of(loop)->hooks) {
		struct hook *h = LIST_ENTRY(it, struct hook, link);

		if (h->signo == signo)
			h->raised++;
	}
}

unsigned
loop_fake_watched(struct loop *loop, int fd)
{
	unsigned events = 0;

	LIST_EACH(it, &fake_of(loop)->watches) {
		struct loop_watch *w = LIST_ENTRY(it, struct loop_watch, link);

		if (w->fd == fd)
			events |= w->events;
	}
	return events;
}

static int64_t
fake_utc_us(void *arg)
{
	return LOOP_FAKE_UTC_US + ((struct fake *)arg)->now_us - LOOP_FAKE_MONO_US;
}

static int64_t
fake_mono_ns(void *arg)
{
	return ((struct fake *)arg)->now_us * 1000;
}

struct clk
loop_fake_clk(struct loop *loop)
{
	return (struct clk){ .utc_us = fake_utc_us, .mono_ns = fake_mono_ns, .arg = loop };
}

/* ---- What every loop does ---- */

static int64_t
fake_now_us(struct loop *loop)
{
	return fake_of(loop)->now_us;
}

static struct loop_timer *
fake_timer_new(struct loop *loop, loop_fn *fn, void *arg)
{
	return timerq_new(&fake_of(loop)->timers, fn, arg);
}

static struct loop_watch *
fake_watch_new(struct loop *loop, int fd, loop_watch_fn *fn, void *arg)
{
	struct loop_watch *w = xcalloc(1, sizeof *w);

	w->fake = fake_of(loop);
	w->fd = fd;
	w->fn = fn;
	w->arg = arg;
	list_insert_tail(&w->fake->watches, &w->link);
	return w;
}

static void
fake_watch_set(struct loop_watch *w, unsigned events)
{
	w->events = events;
}

static void
fake_watch_free(struct loop_watch *w)
{
	list_remove(&w->link);
	free(w);
}

static void
fake_defer(struct loop *loop, loop_fn *fn, void *arg)
{
	call_add(&fake_of(loop)->deferred, fn, NULL, arg);
}

static void
fake_post(struct loop *loop, loop_fn *fn, void *arg)
{
	struct fake *f = fake_of(loop);

	pthread_mutex_lock(&f->lock);
	call_add(&f->posted, fn, NULL, arg);
	pthread_mutex_unlock(&f->lock);
}

static void
fake_work(struct loop *loop, loop_fn *run, loop_fn *done, void *arg)
{
	call_add(&fake_of(loop)->work, run, done, arg);
}

static bool
hook_drop(struct fake *f, int signo, const void *arg)
{
	LIST_EACH(it, &f->hooks) {
		struct hook *h = LIST_ENTRY(it, struct hook, link);

		if (h->signo != signo || h->arg != arg)
			continue;
		list_remove(it);
		free(h);
		return true;
	}
	return false;
}

static bool
fake_signal(struct loop *loop, int signo, loop_fn *fn, void *arg)
{
	struct hook *h;

	if (fn == NULL)
		return hook_drop(fake_of(loop), signo, arg);
	h = xcalloc(1, sizeof *h);
	h->signo = signo;
	h->fn = fn;
	h->arg = arg;
	list_insert_tail(&fake_of(loop)->hooks, &h->link);
	return true;
}

static void
fake_run(struct loop *loop)
{
	struct fake *f = fake_of(loop);

	fake_settle(f);
	while (!f->stopped) {
		XASSERT(timerq_next_us(&f->timers) != TIMERQ_NEVER);	/* a real loop would wait for ever */
		f->now_us = timerq_next_us(&f->timers);
		fake_settle(f);
	}
	f->stopped = false;
}

static void
fake_stop(struct loop *loop)
{
	fake_of(loop)->stopped = true;
}

static void
fake_free(struct loop *loop)
{
	struct fake *f = fake_of(loop);

	while (is_pending(f)) {
		calls_make(f, &f->work, false);
		calls_make(f, &f->posted, true);
		calls_make(f, &f->deferred, false);
	}
	LIST_EACH_SAFE(it, tmp, &f->watches)
		fake_watch_free(LIST_ENTRY(it, struct loop_watch, link));
	LIST_EACH_SAFE(it, tmp, &f->hooks)
		free(LIST_ENTRY(it, struct hook, link));
	timerq_fini(&f->timers);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

static const struct loop_ops loop_fake_ops = {
	.now_us = fake_now_us,
	.timer_new = fake_timer_new, .timer_start = timerq_start, .timer_stop = timerq_stop, .timer_free = timerq_free,
	.watch_new = fake_watch_new, .watch_set = fake_watch_set, .watch_free = fake_watch_free,
	.defer = fake_defer, .post = fake_post, .work = fake_work, .signal = fake_signal,
	.run = fake_run, .stop = fake_stop, .free = fake_free,
};

struct loop *
loop_fake_new(void)
{
	struct fake *f = xcalloc(1, sizeof *f);

	f->base.ops = &loop_fake_ops;
	f->now_us = LOOP_FAKE_MONO_US;
	timerq_init(&f->timers);
	list_init(&f->watches);
	list_init(&f->deferred);
	list_init(&f->work);
	list_init(&f->hooks);
	list_init(&f->posted);
	pthread_mutex_init(&f->lock, NULL);
	return &f->base;
}
