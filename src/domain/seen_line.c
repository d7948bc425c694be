/*
 * seen_line.c - who is asked next, and for how long: hosts in turn, new places first, nobody longer than a fair share
 * while others wait.  Owns the queues and the heap of those that rest.  Never decides who is a camera.
 */
#include "domain/seen_private.h"

#define STAYING_VIAS (VIA_MANUAL | VIA_REMEMBERED)	/* somebody wished for these */
#define LATER_EVERY 8		/* among so many turns one is for somebody who was asked before, in the thickest flood */
#define MOST_TURNS 6		/* 50 ms doubled so often is longer than any asking lasts */

void
seen_line_init(struct seen *s)
{
	for (int q = 0; q < SEEN_QUEUES; q++)
		list_init(&s->rings[q]);
	list_init(&s->asked);
	list_init(&s->waiting);
	list_init(&s->failed);
}

void
seen_line_host(struct seen_host *h)
{
	for (int q = 0; q < SEEN_QUEUES; q++) {
		list_init(&h->rings[q]);
		list_init(&h->queues[q]);
	}
}

/* ---- Those that rest: a binary heap by time ---- */

static void
due_put(struct seen *s, int at, struct seen_place *p)
{
	s->due[at] = p;
	p->due = at;
}

static void
due_up(struct seen *s, int at, struct seen_place *p)
{
	for (; at > 0 && s->due[(at - 1) / 2]->next_us > p->next_us; at = (at - 1) / 2)
		due_put(s, at, s->due[(at - 1) / 2]);
	due_put(s, at, p);
}

static void
due_down(struct seen *s, int at, struct seen_place *p)
{
	for (int child = 2 * at + 1; child < s->due_count; child = 2 * at + 1) {
		if (child + 1 < s->due_count && s->due[child + 1]->next_us < s->due[child]->next_us)
			child++;
		if (s->due[child]->next_us >= p->next_us)
			break;
		due_put(s, at, s->due[child]);
		at = child;
	}
	due_put(s, at, p);
}

static void
due_take(struct seen *s, struct seen_place *p)
{
	struct seen_place *last;
	const int at = p->due;

	if (at < 0)
		return;
	p->due = -1;
	last = s->due[--s->due_count];
	if (last == p)
		return;
	due_down(s, at, last);
	due_up(s, last->due, last);
}

/* ---- Queues ---- */

/* Puts the host into the rings, or takes it out, as things stand. */
static void
host_look(struct seen *s, struct seen_host *h)
{
	for (int q = 0; q < SEEN_QUEUES; q++) {
		const bool may = !list_is_empty(&h->queues[q]) && h->asked < MAX_TRIES_PER_HOST;

		if (may && list_is_empty(&h->rings[q]))
			list_insert_tail(&s->rings[q], &h->rings[q]);
		else if (!may)
			list_remove(&h->rings[q]);
	}
}

static void
rank(struct list *who, struct seen_place *p)
{
	list_remove(&p->rank);
	if ((p->address.via & STAYING_VIAS) == 0)
		list_insert_tail(who, &p->rank);
}

void
seen_line_spare(struct seen *s, struct seen_place *p)
{
	(void)s;
	if ((p->address.via & STAYING_VIAS) != 0 && p->state != SEEN_TRYING)
		list_remove(&p->rank);
}

void
seen_line_leave(struct seen *s, struct seen_place *p)
{
	list_remove(&p->line);
	list_remove(&p->rank);
	due_take(s, p);
	if (p->is_kept)
		return;
	if (p->state == SEEN_WAITING && p->failures == 0)
		s->eager_count--;
	if (p->state == SEEN_TRYING) {
		s->asked_count--;
		p->host->asked--;
	}
	host_look(s, p->host);
}

void
seen_line_wait(struct seen *s, struct seen_place *p)
{
	p->state = SEEN_WAITING;
	if (p->is_kept) {
		list_insert_tail(&s->kept, &p->line);
		return;
	}
	list_insert_tail(&p->host->queues[p->tried_us == 0 ? SEEN_EARLY : SEEN_LATER], &p->line);
	rank(&s->waiting, p);
	s->eager_count += p->failures == 0;
	host_look(s, p->host);
}

void
seen_line_ask(struct seen *s, struct seen_place *p)
{
	p->state = SEEN_TRYING;
	if (p->is_kept)
		return;
	list_insert_tail(&s->asked, &p->rank);
	s->asked_count++;
	p->host->asked++;
	host_look(s, p->host);
}

void
seen_line_rest(struct seen *s, struct seen_place *p, int64_t until_us)
{
	due_take(s, p);
	p->next_us = until_us;
	due_up(s, s->due_count++, p);
	if (list_is_empty(&p->rank))
		rank(&s->failed, p);
}

/* ---- Turns ---- */

static void
wake_rested(struct seen *s, int64_t now_us)
{
	while (s->due_count > 0 && s->due[0]->next_us <= now_us) {
		struct seen_place *p = s->due[0];

		due_take(s, p);
		list_remove(&p->rank);
		seen_line_wait(s, p);
	}
}

static struct seen_place *
pick(struct seen *s)
{
	int q = ++s->picks % LATER_EVERY == 0 ? SEEN_LATER : SEEN_EARLY;
	struct seen_host *h;

	if (!list_is_empty(&s->kept))
		return LIST_ENTRY(s->kept.next, struct seen_place, line);
	if (s->asked_count >= MAX_TRIES_AT_ONCE)
		return NULL;
	if (list_is_empty(&s->rings[q]))
		q = q == SEEN_LATER ? SEEN_EARLY : SEEN_LATER;
	if (list_is_empty(&s->rings[q]))
		return NULL;
	h = LIST_ENTRY(s->rings[q].next - q, struct seen_host, rings);
	list_remove(&h->rings[q]);	/* its next turn comes after everybody else's */
	return LIST_ENTRY(h->queues[q].next, struct seen_place, line);
}

struct seen_place *
seen_next(struct seen *s, int64_t now_us)
{
	struct seen_place *p;

	wake_rested(s, now_us);
	p = pick(s);
	if (p == NULL)
		return NULL;
	seen_line_leave(s, p);
	p->tried_us = now_us;
	seen_line_ask(s, p);
	return p;
}

/* The more wait, the shorter a turn; who was sent away before gets a longer one. */
static int64_t
share_us(const struct seen *s, const struct seen_place *p)
{
	const int64_t least_us = (int64_t)SEEN_SHARE_LEAST_US << p->turns;
	int64_t us = (int64_t)SEEN_SHARE_US * MAX_TRIES_AT_ONCE / (s->eager_count > 0 ? s->eager_count : 1);

	if (us > SEEN_SHARE_US)
		us = SEEN_SHARE_US;
	return us > least_us ? us : least_us;
}

/* When its turn ends for the sake of others; INT64_MAX: nobody would have anything of it. */
static int64_t
ends_us(const struct seen *s, const struct seen_place *p)
{
	const struct seen_host *h = p->host;
	const bool is_full = s->asked_count >= MAX_TRIES_AT_ONCE &&
	    (!list_is_empty(&s->rings[SEEN_EARLY]) || !list_is_empty(&s->rings[SEEN_LATER]));
	const bool is_host_full = h->asked >= MAX_TRIES_PER_HOST &&
	    (!list_is_empty(&h->queues[SEEN_EARLY]) || !list_is_empty(&h->queues[SEEN_LATER]));

	if (p->is_held || s->eager_count == 0 || !(is_full || is_host_full))
		return INT64_MAX;
	return p->tried_us + share_us(s, p);
}

struct seen_place *
seen_overdue(const struct seen *s, int64_t now_us)
{
	LIST_EACH(it, &s->asked) {
		struct seen_place *p = LIST_ENTRY(it, struct seen_place, rank);

		if (ends_us(s, p) <= now_us)
			return p;
	}
	return NULL;
}

void
seen_end_turn(struct seen *s, struct seen_place *p)
{
	seen_line_leave(s, p);
	if (p->turns < MOST_TURNS)
		p->turns++;
	seen_line_wait(s, p);
}

int64_t
seen_wake_us(const struct seen *s, int64_t now_us)
{
	int64_t at_us = s->due_count > 0 ? s->due[0]->next_us : INT64_MAX;

	LIST_EACH(it, &s->asked) {
		const int64_t ends = ends_us(s, LIST_ENTRY(it, struct seen_place, rank));

		at_us = ends < at_us ? ends : at_us;
	}
	return at_us > now_us || at_us == INT64_MAX ? at_us : now_us;
}
