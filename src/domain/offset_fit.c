/*
 * offset_fit.c - the line through the intervals.
 * For a given drift every interval, carried to now, leaves a band; its width is a concave function of the drift (a least of
 * straight lines less a greatest of others), so its widest place and the ends of what is possible at all are found by
 * halving.  Owns nothing.
 */
#include "domain/offset_fit.h"

#include <math.h>
#include <stddef.h>

#define GOLDEN 0.6180339887498949
#define SEARCH_STEPS 26			/* 1000 ppm to a hundredth of one */
#define HALVINGS 20
#define PLAIN_PPM 100.0			/* crystals; a fit that wants more than that has to earn it */
#define LEAST_NOISE_US 20.0
#define LEAST_NOISE_SHARE 20	/* of the least interval: two bursts that happen to be equally wide prove nothing */
#define STEADY_PPM 0.2			/* how a clock wanders that is as good as most */

struct fit {
	const struct offset_cell *cells;
	int count;
	int64_t now_us, base_us, grain_us;
	double noise_us, wander_ppm;
};

struct band { double low_us, high_us; };

/* What all cells leave for the offset now, if the node drifts so; low above high: nothing. */
static struct band
fit_band(const struct fit *f, double ppm)
{
	struct band b = { -INFINITY, INFINITY };

	for (int i = 0; i < f->count; i++) {
		const struct offset_cell *c = &f->cells[i];
		double high_age_s = (double)(f->now_us - c->ceiling_at_us) * 1e-6;
		double low_age_s = (double)(f->now_us - c->floor_at_us) * 1e-6;
		double high_us = (double)(c->ceiling_us - f->base_us + f->grain_us) + (ppm + f->wander_ppm) * high_age_s;
		double low_us = (double)(c->floor_us - f->base_us - f->grain_us) + (ppm - f->wander_ppm) * low_age_s;

		b.high_us = high_us < b.high_us ? high_us : b.high_us;
		b.low_us = low_us > b.low_us ? low_us : b.low_us;
	}
	return b;
}

static double
fit_width(const struct fit *f, double ppm)
{
	struct band b = fit_band(f, ppm);

	return b.high_us - b.low_us;
}

/* Two bursts a second apart would "show" any drift: what is less than the noise is no sign of one. */
static double
fit_merit(const struct fit *f, double ppm)
{
	return fit_width(f, ppm) - f->noise_us * (ppm / PLAIN_PPM) * (ppm / PLAIN_PPM);
}

/* How much wider than the least a cell's interval is, in the mean: about twice what the network's jitter leaves of error. */
static double
fit_noise(const struct fit *f)
{
	int64_t least_us = INT64_MAX, sum_us = 0;

	for (int i = 0; i < f->count; i++) {
		int64_t wide_us = f->cells[i].ceiling_us - f->cells[i].floor_us;

		least_us = wide_us < least_us ? wide_us : least_us;
		sum_us += wide_us;
	}
	return LEAST_NOISE_US + ((double)sum_us / f->count - (double)least_us) / 2 + (double)least_us / LEAST_NOISE_SHARE;
}

/* The drift of the greatest merit. */
static double
fit_best(const struct fit *f)
{
	double low = -OFFSET_FIT_MOST_PPM, high = OFFSET_FIT_MOST_PPM;
	double a = high - GOLDEN * (high - low), b = low + GOLDEN * (high - low);
	double at_a = fit_merit(f, a), at_b = fit_merit(f, b);

	for (int i = 0; i < SEARCH_STEPS; i++) {
		if (at_a >= at_b) {
			high = b;
			b = a;
			at_b = at_a;
			a = high - GOLDEN * (high - low);
			at_a = fit_merit(f, a);
		} else {
			low = a;
			a = b;
			at_a = at_b;
			b = low + GOLDEN * (high - low);
			at_b = fit_merit(f, b);
		}
	}
	/* None at all, where that is as good: a single burst says nothing of it. */
	return fit_merit(f, 0) >= fit_merit(f, (low + high) / 2) ? 0 : (low + high) / 2;
}

/* The last drift between a possible one and an end that leaves room; rounded outwards. */
static double
fit_edge(const struct fit *f, double inside, double end)
{
	double outside = end;

	if (fit_width(f, end) >= 0)
		return end;
	for (int i = 0; i < HALVINGS; i++) {
		double middle = (inside + outside) / 2;

		if (fit_width(f, middle) >= 0)
			inside = middle;
		else
			outside = middle;
	}
	return outside;
}

/*
 * The middle of the band at the drift of the most merit.  First of a clock that hardly wanders: only so do old cells tell the
 * drift; then of one that wanders as much as we allow for; then without regard for noise.
 */
static bool
fit_line(struct fit *f, struct offset_fit *out)
{
	const struct { double wander_ppm, noise_us; } tries[] = { { STEADY_PPM, f->noise_us },
		{ OFFSET_FIT_WANDER_PPM, f->noise_us }, { OFFSET_FIT_WANDER_PPM, 0 } };

	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		struct band b;

		f->wander_ppm = tries[i].wander_ppm;
		f->noise_us = tries[i].noise_us;
		out->drift_ppm = fit_best(f);
		b = fit_band(f, out->drift_ppm);
		out->offset_us = (b.low_us + b.high_us) / 2;
		if (b.low_us <= b.high_us)
			return true;
	}
	return false;
}

bool
offset_fit(struct offset_fit *out, const struct offset_cell *cells, int count, int64_t now_us, int64_t base_us, int64_t grain_us)
{
	struct fit f = { cells, count, now_us, base_us, grain_us, 0, 0 };

	f.noise_us = fit_noise(&f);
	if (!fit_line(&f, out))
		return false;
	f.wander_ppm = OFFSET_FIT_WANDER_PPM;
	out->low_ppm = fit_edge(&f, out->drift_ppm, -OFFSET_FIT_MOST_PPM);
	out->high_ppm = fit_edge(&f, out->drift_ppm, OFFSET_FIT_MOST_PPM);
	/* Ages are not below 0: the band's upper end rises with the drift, and so does its lower one. */
	out->high_us = fit_band(&f, out->high_ppm).high_us;
	out->low_us = fit_band(&f, out->low_ppm).low_us;
	return true;
}
