/*
 * offset.c - how far a node's clock is from ours, and how wrong that may be.
 * Owns a window of samples.  Never claims more than the round trip allows (RFC 5905 section 8).
 */
#include "domain/offset.h"

#include <string.h>

#include "base/str.h"

#define DRIFT_PPM 15
#define MAX_SANE_US 100000000000000000LL	/* some year after 5000 */
#define WINDOW ((int)(sizeof((struct offset_filter *)0)->window / sizeof(struct offset_sample)))

void
offset_init(struct offset_filter *f)
{
	*f = (struct offset_filter){ 0 };
}

static int64_t
drift_us(int64_t age_us)
{
	return (age_us < 0 ? -age_us : age_us) / 1000000 * DRIFT_PPM;
}

static bool
is_sane(int64_t us)
{
	return us >= 0 && us <= MAX_SANE_US;
}

static int64_t
sample_rtt_us(const struct offset_sample *s)
{
	return (s->received_us - s->sent_us) - (s->node_sent_us - s->node_received_us);
}

static struct offset_estimate
sample_estimate(const struct offset_sample *s)
{
	struct offset_estimate e = { .known = true, .rtt_us = sample_rtt_us(s), .at_us = s->received_us };

	e.offset_us = ((s->node_received_us - s->sent_us) + (s->node_sent_us - s->received_us)) / 2;
	e.bound_us = (e.rtt_us + 1) / 2;
	return e;
}

/* Two words that cannot both be true: a clock has stepped, and the newer word counts. */
static bool
estimates_clash(const struct offset_estimate *a, const struct offset_estimate *b)
{
	int64_t apart = a->offset_us - b->offset_us;
	int64_t room = a->bound_us + b->bound_us + drift_us(a->at_us - b->at_us) + 1;

	return apart > room || apart < -room;
}

/* The least bound as of now; within one burst that is the least round trip. */
static void
filter_choose(struct offset_filter *f, int64_t now_us)
{
	f->best.known = false;
	for (int i = 0; i < f->count; i++) {
		struct offset_estimate e = sample_estimate(&f->window[i]);

		if (!f->best.known || offset_bound_now(&e, now_us) < offset_bound_now(&f->best, now_us))
			f->best = e;
	}
	f->best.samples = f->count;
}

bool
offset_add(struct offset_filter *f, const struct offset_sample *s, const char *epoch)
{
	struct offset_estimate e;

	if (!is_sane(s->sent_us) || !is_sane(s->received_us) || !is_sane(s->node_received_us) || !is_sane(s->node_sent_us))
		return false;
	if (s->received_us < s->sent_us || s->node_sent_us < s->node_received_us || sample_rtt_us(s) < 0)
		return false;
	e = sample_estimate(s);
	if (epoch == NULL)
		epoch = "";
	if (strcmp(f->epoch, epoch) != 0 || (f->best.known && estimates_clash(&e, &f->best))) {
		offset_init(f);
		str_copy(f->epoch, sizeof f->epoch, epoch);
	}
	f->window[f->next] = *s;
	f->next = (f->next + 1) % WINDOW;
	if (f->count < WINDOW)
		f->count++;
	filter_choose(f, s->received_us);
	return true;
}

int64_t
offset_bound_now(const struct offset_estimate *e, int64_t now_us)
{
	if (!e->known)
		return INT64_MAX;
	return e->bound_us + drift_us(now_us - e->at_us);
}

int64_t
offset_to_node(const struct offset_estimate *e, int64_t console_us)
{
	return e->known ? console_us + e->offset_us : console_us;
}

int64_t
offset_to_console(const struct offset_estimate *e, int64_t node_us)
{
	return e->known ? node_us - e->offset_us : node_us;
}
