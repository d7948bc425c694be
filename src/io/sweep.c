/*
 * sweep.c - one sweep from its beginning to its end: its turns on the loop.
 * Owns the sweep's memory and its one descriptor on the loop.  Knows no packet and no verdict by itself.
 */
#include "io/sweep.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "io/sweep_parts.h"

#define EVENTS_AT_ONCE 128
#define PROGRESS_US 200000

static void
destroy(struct sweep *s)
{
	sweep_connect_close(s);
	sweep_arp_close(s);
	loop_timer_free(s->loop, s->timer);
	loop_watch_free(s->loop, s->watch);
	if (s->epoll >= 0)
		close(s->epoll);
	free(s->hosts);
	free(s->ones);
	free(s->queue);
	free(s);
}

void
sweep_free(struct sweep *s)
{
	if (s == NULL)
		return;
	s->dead = true;
	if (s->depth == 0)
		destroy(s);
}

/* Whoever is called back may free the sweep: these two stand around everything that may call. */
static void
enter(struct sweep *s)
{
	s->depth++;
}

static bool
leave(struct sweep *s)
{
	if (--s->depth > 0 || !s->dead)
		return true;
	destroy(s);
	return false;
}

/* ---- Turns ---- */

static void
tell_progress(struct sweep *s, int64_t now_us)
{
	s->counts.took_us = now_us - s->begun_us;
	if (s->fns.progress == NULL || now_us - s->told_us < PROGRESS_US)
		return;
	s->told_us = now_us;
	s->fns.progress(s->arg, &s->counts);
}

static void
begin_repeat(struct sweep *s)
{
	s->again_us = 0;
	sweep_pace_begin(s);
	sweep_judge_again(s);
	sweep_arp_again(s);
}

static bool
is_round_over(const struct sweep *s)
{
	return !sweep_connect_has_work(s) && s->live_count == 0 && sweep_arp_is_over(s);
}

static void
finish(struct sweep *s, int64_t now_us)
{
	sweep_judge_held(s);
	if (s->dead)
		return;
	s->counts.took_us = now_us - s->begun_us;
	loop_timer_stop(s->loop, s->timer);
	if (s->watch != NULL)
		loop_watch_set(s->loop, s->watch, 0);
	if (s->fns.done != NULL)
		s->fns.done(s->arg, &s->counts);
}

static void
send_some(struct sweep *s, int64_t now_us)
{
	int budget = sweep_pace_budget(s, now_us);

	if (budget > 0)
		budget -= sweep_connect_send(s, budget, now_us);
	if (budget > 0 && !s->dead)
		sweep_arp_send(s, budget, now_us);
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When there is something to send and what it waits for has come; an answer that comes earlier wakes by itself. */
static int64_t
next_send_us(const struct sweep *s, int64_t now_us)
{
	int64_t next = sweep_pace_next_us(s, now_us), at = INT64_MAX, arp = sweep_arp_next_us(s);
	bool free_socket = !list_is_empty(&s->idle);

	if (sweep_connect_has_work(s) && free_socket) {
		bool toll = s->now.one < s->count && s->now.port == 0 && (s->ones[s->now.one].flags & HOST_ON_LINK) != 0;

		at = toll && s->tolls > 0 ? sweep_pace_toll_next_us(s) : now_us;
	}
	if (s->arp_ask < s->count)
		at = now_us;
	at = sooner(at, arp);
	return at == INT64_MAX || at > next ? at : next;
}

static int64_t
next_us(const struct sweep *s, int64_t now_us)
{
	int64_t at;

	if (s->again_us != 0)
		return sooner(s->again_us, now_us + PROGRESS_US);
	at = next_send_us(s, now_us);
	if (!list_is_empty(&s->live))
		at = sooner(at, LIST_ENTRY(s->live.next, struct sweep_probe, link)->end_us);
	return sooner(at, now_us + PROGRESS_US);
}

static void
turn(struct sweep *s)
{
	int64_t now_us = loop_now_us(s->loop);

	if (s->again_us != 0 && now_us >= s->again_us)
		begin_repeat(s);
	if (s->again_us == 0) {
		send_some(s, now_us);
		if (!s->dead)
			sweep_arp_expire(s, now_us);
		if (!s->dead)
			sweep_connect_expire(s, now_us);
	}
	if (s->dead)
		return;
	sweep_pace_look(s, now_us);
	if (s->again_us == 0 && is_round_over(s) && !sweep_pace_repeat(s, now_us)) {
		finish(s, now_us);
		return;
	}
	tell_progress(s, now_us);
	if (!s->dead)
		loop_timer_start_at(s->loop, s->timer, next_us(s, now_us));
}

static void
on_timer(void *arg)
{
	struct sweep *s = arg;

	enter(s);
	turn(s);
	leave(s);
}

static void
on_ready(void *arg, unsigned events)
{
	struct epoll_event ready[EVENTS_AT_ONCE];
	struct sweep *s = arg;
	int count = epoll_wait(s->epoll, ready, EVENTS_AT_ONCE, 0);

	(void)events;
	enter(s);
	for (int i = 0; i < count && !s->dead; i++) {
		if (ready[i].data.u64 < SWEEP_LINKS)
			sweep_arp_heard(s, (int)ready[i].data.u64);
		else
			sweep_connect_ready(s, ready[i].data.ptr);
	}
	if (!s->dead)
		loop_timer_start(s->loop, s->timer, 0, 0);
	leave(s);
}

/* ---- Beginning ---- */

static void
copy_ask(struct sweep *s, const struct sweep_ask *ask)
{
	size_t bytes = ask->host_count > 0 ? (size_t)ask->host_count * sizeof *ask->hosts : 0;

	s->ask = *ask;
	if (ask->hosts != NULL) {
		s->hosts = xmalloc(bytes + 1);
		memcpy(s->hosts, ask->hosts, bytes);
	}
	s->ask.hosts = NULL;
	if (s->ask.timeout_us <= 0)
		s->ask.timeout_us = s->ask.rate > 0 ? SWEEP_PACED_US : SWEEP_QUICK_US;
}

struct sweep *
sweep_new(struct loop *loop, const struct sweep_ask *ask, const struct sweep_fns *fns, void *arg)
{
	struct sweep *s = xcalloc(1, sizeof *s);

	XASSERT(ask->port_count > 0 && ask->port_count <= SWEEP_PORTS);
	s->loop = loop;
	s->fns = *fns;
	s->arg = arg;
	copy_ask(s, ask);
	list_init(&s->idle);
	list_init(&s->live);
	s->begun_us = s->told_us = s->paid_us = loop_now_us(loop);
	s->timer = loop_timer_new(loop, on_timer, s);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll >= 0) {
		s->watch = loop_watch_new(loop, s->epoll, LOOP_READ, on_ready, s);
		sweep_prepare(s);
		sweep_pace_begin(s);
		sweep_connect_open(s);
	} else {
		log_line(LOG_DISC, "no sweep: no descriptor to be had");
	}
	loop_timer_start(loop, s->timer, 0, 0);
	return s;
}
