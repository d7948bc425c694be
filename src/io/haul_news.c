/*
 * haul_news.c - what is told of a wish, how often, and the sums of all.  On the loop's thread; only reads what the threads
 * count.  Never tells anything twice, and nothing while nothing changes.
 */
#include "io/haul_private.h"

#include <string.h>

#define RATE_OVER_US 2000000

const char *
haul_state_name(enum haul_state s)
{
	static const char *const names[] = {
		[HAUL_WAITING] = "waiting", [HAUL_MOVING] = "moving", [HAUL_RETRYING] = "retrying", [HAUL_FULL] = "disk full",
		[HAUL_FETCHED] = "fetched", [HAUL_VERIFIED] = "verified", [HAUL_FAILED] = "failed",
	};

	return names[s];
}

bool
haul_news_is_last(const struct haul_wish *w)
{
	return w->state == HAUL_VERIFIED || w->state == HAUL_FAILED;
}

static void
rate(struct haul_wish *w, int64_t now_us)
{
	int64_t bytes = atomic_load(&w->bytes), since_us = now_us - w->rated_us;
	double fresh, weight;

	if (w->state != HAUL_MOVING || w->rated_us == 0 || bytes < w->rated_bytes) {
		w->rate = w->state == HAUL_MOVING ? w->rate : 0;
		w->rated_us = now_us;
		w->rated_bytes = bytes;
		return;
	}
	if (since_us < HAUL_TICK_US)
		return;
	if (now_us - atomic_load(&w->heard_us) >= RATE_OVER_US)
		w->rate = 0;
	fresh = (double)(bytes - w->rated_bytes) * 1e6 / (double)since_us;
	weight = (double)since_us / (double)(since_us + RATE_OVER_US);
	w->rate = w->rate > 0 ? w->rate + (fresh - w->rate) * weight : fresh;
	w->rated_us = now_us;
	w->rated_bytes = bytes;
}

void
haul_look(const struct haul_wish *w, struct haul_news *n)
{
	int64_t now_us = haul_now_us(), seen = atomic_load(&w->total_seen);

	memset(n, 0, sizeof *n);
	n->state = w->state;
	n->why = w->why;
	if (w->state == HAUL_RETRYING || w->state == HAUL_FULL || w->state == HAUL_FAILED)
		n->err = w->err;
	n->bytes = atomic_load(&w->bytes);
	n->durable_bytes = atomic_load(&w->durable);
	n->total_bytes = w->next_bytes >= 0 ? w->next_bytes : seen;
	if (w->state == HAUL_FETCHED || w->state == HAUL_VERIFIED)
		n->total_bytes = n->bytes;
	n->rate_bytes = w->state == HAUL_MOVING ? (int64_t)w->rate : 0;
	n->left_us = n->rate_bytes > 0 && n->total_bytes >= 0 ?
	    (int64_t)((double)(n->total_bytes - n->bytes) * 1e6 / (double)n->rate_bytes) : -1;
	if ((w->state == HAUL_RETRYING || w->state == HAUL_FULL) && w->due_us > now_us)
		n->retry_in_us = w->due_us - now_us;
	n->received_bytes = atomic_load(&w->received) + atomic_load(&w->live);
	n->bad_tries = atomic_load(&w->bad_tries);
	if (w->state == HAUL_FETCHED || w->state == HAUL_VERIFIED) {
		memcpy(n->sha256, w->sha256, sizeof n->sha256);
		n->was_here = w->was_here;
	}
}

static bool
is_new(const struct haul_wish *w, const struct haul_news *n)
{
	return !w->is_told || w->is_news_due || n->bytes != w->told.bytes || n->durable_bytes != w->told.durable_bytes ||
	    n->rate_bytes != w->told.rate_bytes;
}

/* When it may be told at the earliest; the ends and FETCHED do not wait. */
int64_t
haul_news_due_us(const struct haul_wish *w)
{
	return w->is_news_due && (haul_news_is_last(w) || w->state == HAUL_FETCHED) ? 0 : w->told_us + HAUL_TICK_US;
}

void
haul_news_tell(struct haul_wish *w, int64_t now_us)
{
	struct haul_news n;

	if (w->is_dropped || (haul_news_is_last(w) && (w->step != HAUL_STEP_IDLE || !w->is_news_due)))
		return;
	rate(w, now_us);
	haul_look(w, &n);
	if (!is_new(w, &n) || haul_news_due_us(w) > now_us)
		return;
	w->is_told = true;
	w->is_news_due = false;
	w->told = n;
	w->told_us = now_us;
	w->news(w->arg, w, &n);
}

static void
count(struct haul_totals *t, const struct haul_news *n, double *rates)
{
	t->wishes++;
	t->moving += n->state == HAUL_MOVING;
	t->waiting += n->state == HAUL_WAITING || n->state == HAUL_FETCHED;
	t->retrying += n->state == HAUL_RETRYING;
	t->full += n->state == HAUL_FULL;
	t->ended += n->state == HAUL_VERIFIED || n->state == HAUL_FAILED;
	if (n->state == HAUL_FAILED)
		return;
	t->bytes += n->bytes;
	t->total_bytes += n->total_bytes >= 0 ? n->total_bytes : n->bytes;
	*rates += (double)n->rate_bytes;
}

void
haul_total(const struct haul *h, struct haul_totals *t)
{
	struct haul_news n;
	double rates = 0;

	memset(t, 0, sizeof *t);
	t->received_bytes = atomic_load(&h->received);
	LIST_EACH(it, &h->wishes) {
		const struct haul_wish *w = LIST_ENTRY(it, struct haul_wish, link);

		t->received_bytes += atomic_load(&w->live);
		if (w->is_dropped)
			continue;
		haul_look(w, &n);
		count(t, &n, &rates);
	}
	t->rate_bytes = (int64_t)rates;
	t->left_us = t->rate_bytes > 0 ? (int64_t)((double)(t->total_bytes - t->bytes) * 1e6 / rates) : t->total_bytes == t->bytes ? 0 : -1;
}
