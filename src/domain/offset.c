/*
 * offset.c - how far a node's clock is from ours, and how wrong that may be.
 * Owns an hour of samples, as cells of one burst each; old ones are joined.  Never claims more than the round trips allow.
 */
#include "domain/offset.h"

#include <math.h>
#include <string.h>

#include "base/str.h"

#define LEAST_AGEING_PPM 15.0			/* RFC 5905's tolerance of a clock that is looked after (PHI) */
#define MAX_SANE_US 100000000000000000LL	/* some year after 5000 */
#define CELL_US 1000000				/* samples nearer than that are one burst */
#define HOUR_US 3600000000LL
#define JOIN_US 10000000			/* what is that young counts as of that age: recent cells stay apart */
#define COARSE_US 1000
#define DRIFT_COUNTS_US 86400000000LL		/* how a clock ran further away than a day, nobody knows */

void
offset_init(struct offset_filter *f)
{
	*f = (struct offset_filter){ 0 };
}

/* ---- Samples ---- */

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

static bool
sample_is_sane(const struct offset_sample *s)
{
	return is_sane(s->sent_us) && is_sane(s->received_us) && is_sane(s->node_received_us) && is_sane(s->node_sent_us) &&
	    s->received_us >= s->sent_us && s->node_sent_us >= s->node_received_us && sample_rtt_us(s) >= 0;
}

static bool
sample_is_fine(const struct offset_sample *s)
{
	return s->node_received_us % COARSE_US != 0 || s->node_sent_us % COARSE_US != 0;
}

/* ---- Cells ---- */

/* The two clocks need not run alike while the exchange lasts, either. */
static struct offset_cell
cell_of(const struct offset_sample *s)
{
	int64_t slack_us = (int64_t)((double)(s->received_us - s->sent_us) * OFFSET_FIT_MOST_PPM * 1e-6);

	return (struct offset_cell){
		.start_us = s->received_us, .end_us = s->received_us,
		.ceiling_us = s->node_received_us - s->sent_us + slack_us, .ceiling_at_us = s->received_us,
		.floor_us = s->node_sent_us - s->received_us - slack_us, .floor_at_us = s->received_us,
		.rtt_us = sample_rtt_us(s), .samples = 1,
	};
}

/* Of both the one that says more, seen with this drift. */
static void
cell_join(struct offset_cell *to, const struct offset_cell *from, double ppm)
{
	double ceiling_us = (double)(from->ceiling_us - to->ceiling_us) - ppm * 1e-6 * (double)(from->ceiling_at_us - to->ceiling_at_us);
	double floor_us = (double)(from->floor_us - to->floor_us) - ppm * 1e-6 * (double)(from->floor_at_us - to->floor_at_us);

	if (ceiling_us < 0) {
		to->ceiling_us = from->ceiling_us;
		to->ceiling_at_us = from->ceiling_at_us;
	}
	if (floor_us > 0) {
		to->floor_us = from->floor_us;
		to->floor_at_us = from->floor_at_us;
	}
	if (from->rtt_us < to->rtt_us)
		to->rtt_us = from->rtt_us;
	if (from->end_us > to->end_us)
		to->end_us = from->end_us;
	to->samples += from->samples;
}

static void
filter_drop(struct offset_filter *f, int index, int count)
{
	f->count -= count;
	memmove(&f->cells[index], &f->cells[index + count], (size_t)(f->count - index) * sizeof f->cells[0]);
}

/* Joins two neighbours, rather old ones and near to each other. */
static void
filter_make_room(struct offset_filter *f, int64_t now_us)
{
	double least = INFINITY;
	int at = 0;

	for (int i = 0; i + 1 < f->count; i++) {
		double span = (double)(f->cells[i + 1].start_us - f->cells[i].start_us);
		double share = span / (double)(now_us - f->cells[i + 1].start_us + JOIN_US);

		if (share < least) {
			least = share;
			at = i;
		}
	}
	cell_join(&f->cells[at], &f->cells[at + 1], f->best.drift_ppm);
	filter_drop(f, at + 1, 1);
}

static void
filter_keep(struct offset_filter *f, const struct offset_sample *s)
{
	struct offset_cell cell = cell_of(s), *newest = f->count > 0 ? &f->cells[f->count - 1] : NULL;
	bool is_same_burst = newest != NULL && s->received_us - newest->start_us < CELL_US;

	if (!is_same_burst || cell.rtt_us < newest->rtt_us)
		f->winner = *s;
	f->is_fine = f->is_fine || sample_is_fine(s);
	if (is_same_burst) {
		cell_join(newest, &cell, f->best.drift_ppm);
		return;
	}
	while (f->count > 1 && s->received_us - f->cells[0].end_us > HOUR_US)
		filter_drop(f, 0, 1);
	if (f->count == OFFSET_CELLS)
		filter_make_room(f, s->received_us);
	f->cells[f->count++] = cell;
}

/* ---- The estimate ---- */

/* One that happens to be round proves nothing; a second one follows soon. */
static int64_t
filter_grain_us(const struct offset_filter *f)
{
	return f->is_fine || (f->count == 1 && f->cells[0].samples == 1) ? 0 : COARSE_US;
}

static bool
filter_fit(const struct offset_filter *f, struct offset_fit *fit, int64_t base_us, int64_t now_us)
{
	return offset_fit(fit, f->cells, f->count, now_us, base_us, filter_grain_us(f));
}

static void
filter_say(struct offset_filter *f, const struct offset_fit *fit, int64_t base_us, int64_t now_us)
{
	struct offset_estimate *e = &f->best;
	double above_us = fit->high_us - fit->offset_us, below_us = fit->offset_us - fit->low_us;
	double above_ppm = fit->high_ppm - fit->drift_ppm, below_ppm = fit->drift_ppm - fit->low_ppm;

	e->known = true;
	e->offset_us = base_us + llround(fit->offset_us);
	e->bound_us = (int64_t)ceil(above_us > below_us ? above_us : below_us) + 1;
	e->drift_ppm = fit->drift_ppm;
	e->drift_bound_ppm = (above_ppm > below_ppm ? above_ppm : below_ppm) + OFFSET_FIT_WANDER_PPM;
	e->at_us = now_us;
	e->rtt_us = f->cells[f->count - 1].rtt_us;
	e->samples = 0;
	for (int i = 0; i < f->count; i++)
		e->samples += f->cells[i].samples;
}

/* Words that cannot all be true: a clock has stepped, or was slewed, and the newer word counts. */
static void
filter_settle(struct offset_filter *f, const struct offset_sample *s)
{
	int64_t base_us = s->node_received_us - s->sent_us, now_us = f->cells[f->count - 1].end_us;
	struct offset_fit fit;

	while (!filter_fit(f, &fit, base_us, now_us)) {
		if (f->count == 1)
			f->cells[0] = cell_of(s);	/* it stepped within the burst; alone it contradicts nobody */
		else
			filter_drop(f, 0, 1);
	}
	if (f->count == 1 && f->cells[0].samples == 1)
		f->winner = *s;
	filter_say(f, &fit, base_us, now_us);
}

bool
offset_add(struct offset_filter *f, const struct offset_sample *s, const char *epoch)
{
	if (!sample_is_sane(s))
		return false;
	if (epoch == NULL)
		epoch = "";
	/* Also when our own clock was set back: an age below 0 says nothing. */
	if (strcmp(f->epoch, epoch) != 0 || (f->count > 0 && s->received_us < f->cells[f->count - 1].start_us)) {
		offset_init(f);
		str_copy(f->epoch, sizeof f->epoch, epoch);
	}
	filter_keep(f, s);
	filter_settle(f, s);
	return true;
}

/* ---- Questions ---- */

/* How far it has drifted since the newest sample, or had still to drift then. */
static double
drifted_us(int64_t since_us, double ppm)
{
	double us = (double)since_us;

	us = us > DRIFT_COUNTS_US ? DRIFT_COUNTS_US : us < -DRIFT_COUNTS_US ? -DRIFT_COUNTS_US : us;
	return us * ppm * 1e-6;
}

static int64_t
ahead_us(const struct offset_estimate *e, int64_t console_us)
{
	return e->offset_us + llround(drifted_us(console_us - e->at_us, e->drift_ppm));
}

int64_t
offset_bound_now(const struct offset_estimate *e, int64_t now_us)
{
	double ppm = e->drift_bound_ppm > LEAST_AGEING_PPM ? e->drift_bound_ppm : LEAST_AGEING_PPM;

	if (!e->known)
		return INT64_MAX;
	return e->bound_us + (int64_t)ceil(fabs((double)(now_us - e->at_us)) * ppm * 1e-6);
}

struct offset_word
offset_at(const struct offset_estimate *e, int64_t console_us)
{
	struct offset_word w = { .known = e->known, .bound_us = offset_bound_now(e, console_us) };

	if (!e->known)
		return w;
	w.offset_us = ahead_us(e, console_us);
	w.age_us = console_us > e->at_us ? console_us - e->at_us : 0;
	w.drift_ppm = e->drift_ppm;
	w.drift_bound_ppm = e->drift_bound_ppm;
	return w;
}

int64_t
offset_to_node(const struct offset_estimate *e, int64_t console_us)
{
	return e->known ? console_us + ahead_us(e, console_us) : console_us;
}

int64_t
offset_to_console(const struct offset_estimate *e, int64_t node_us)
{
	int64_t since_us = node_us - e->offset_us - e->at_us;	/* by the node's clock */

	if (!e->known)
		return node_us;
	return e->at_us + since_us - llround(drifted_us(since_us, e->drift_ppm) / (1 + e->drift_ppm * 1e-6));
}
