/*
 * sixel_learn.c - k-means from the colours there are: each becomes the mean of its pixels, so that what is on a screen
 * stays about right; one that has none goes where the error is largest.
 * Owns its samples only.
 */
#include "ui/sixel_learn.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define ROUNDS 12
#define SEED_ROUNDS 9			/* in the last ones colours only settle */
#define SEEDS 32			/* new ones a round, so that each finds its pixels before the next are sought */
#define FINE 500				/* mean error below which a group is not split: noise, and steps nobody sees */
#define WORTH 8000			/* one in so many parts of all samples' FINE: what a group is wrong by to be split */

/* Samples of nearly one colour. */
struct spot {
	struct sixel_tone tone;
	uint8_t rgb[3];
	unsigned count;
};

/* The samples of one colour of the palette. */
struct group {
	uint64_t count, sum[3], error;
	uint64_t worst;			/* of a spot of it */
	const struct spot *worst_spot;
};

struct work {
	struct sixel_learn *l;
	struct spot *spots;
	size_t count;
	struct sixel_order order;
	struct group groups[SIXEL_PALETTE_COLOURS];
	uint64_t error;			/* of all */
};

void
sixel_learn_init(struct sixel_learn *l, const struct sixel_palette *p)
{
	memset(l, 0, sizeof *l);
	memcpy(l->rgb, p->rgb, sizeof l->rgb);
	memcpy(l->was, p->rgb, sizeof l->was);
	for (unsigned c = 0; c < SIXEL_PALETTE_COLOURS; c++) {
		l->is_fixed[c] = sixel_palette_is_fixed(p, c);
		l->is_there[c] = p->number[c] < p->registers;
	}
	for (unsigned number = 0; number < SIXEL_PALETTE_COLOURS; number++)
		for (unsigned c = 0; c < SIXEL_PALETTE_COLOURS; c++)
			if (p->number[c] == number && !l->is_fixed[c])
				l->by_number[l->may_change++] = (uint8_t)c;
}

void
sixel_learn_fini(struct sixel_learn *l)
{
	free(l->samples);
	memset(l, 0, sizeof *l);
}

void
sixel_learn_add(struct sixel_learn *l, const struct thumb *t, int step)
{
	if (l->samples == NULL)
		l->samples = xcalloc(SIXEL_LEARN_SAMPLES, sizeof l->samples[0]);
	for (int y = step / 2; y < t->height_px; y += step)
		for (int x = step / 2; x < t->width_px && l->count < SIXEL_LEARN_SAMPLES; x += step)
			memcpy(l->samples[l->count++], t->rgb + ((size_t)y * (size_t)t->width_px + (size_t)x) * 3, 3);
}

static int
compare_spots(const void *a, const void *b)
{
	const uint8_t *p = a, *q = b;
	unsigned m = sixel_palette_cell(p), n = sixel_palette_cell(q);

	return m != n ? (m > n) - (m < n) : memcmp(p, q, 3);
}

static void
end_spot(struct spot *s, const uint64_t *sum)
{
	for (int i = 0; i < 3; i++)
		s->rgb[i] = (uint8_t)((sum[i] + s->count / 2) / s->count);
	s->tone = sixel_palette_tone(s->rgb);
}

/* Samples of one cell of the palette's are one spot. */
static void
find_spots(struct work *w)
{
	struct sixel_learn *l = w->l;
	uint64_t sum[3] = { 0 };

	qsort(l->samples, l->count, sizeof l->samples[0], compare_spots);
	w->spots = xcalloc(l->count + 1, sizeof w->spots[0]);
	for (size_t i = 0; i < l->count; i++) {
		if (i == 0 || sixel_palette_cell(l->samples[i]) != sixel_palette_cell(l->samples[i - 1])) {
			if (w->count > 0)
				end_spot(&w->spots[w->count - 1], sum);
			memset(sum, 0, sizeof sum);
			w->count++;
		}
		for (int k = 0; k < 3; k++)
			sum[k] += l->samples[i][k];
		w->spots[w->count - 1].count++;
	}
	if (w->count > 0)
		end_spot(&w->spots[w->count - 1], sum);
}

static void
add_spot(struct group *g, const struct spot *s, int error)
{
	const uint64_t wrong = (uint64_t)error * s->count;

	g->count += s->count;
	for (int i = 0; i < 3; i++)
		g->sum[i] += (uint64_t)s->rgb[i] * s->count;
	g->error += wrong;
	if (wrong > g->worst) {
		g->worst = wrong;
		g->worst_spot = s;
	}
}

/* Each spot goes to the colour that is nearest to it. */
static void
assign(struct work *w)
{
	struct sixel_tone tones[SIXEL_PALETTE_COLOURS];

	memset(w->groups, 0, sizeof w->groups);
	w->error = 0;
	for (unsigned c = 0; c < SIXEL_PALETTE_COLOURS; c++)
		tones[c] = sixel_palette_tone(w->l->rgb[c]);
	sixel_palette_sort(&w->order, tones, w->l->is_there);
	for (size_t i = 0; i < w->count; i++) {
		int error;
		unsigned c = sixel_palette_seek(&w->order, &w->spots[i].tone, &error);

		add_spot(&w->groups[c], &w->spots[i], error);
		w->error += (uint64_t)error * w->spots[i].count;
	}
}

static void
settle(struct work *w)
{
	for (unsigned c = 0; c < SIXEL_PALETTE_COLOURS; c++) {
		const struct group *g = &w->groups[c];

		uint8_t mean[3];

		if (g->count == 0 || w->l->is_fixed[c])
			continue;
		for (int i = 0; i < 3; i++)
			mean[i] = (uint8_t)((g->sum[i] + g->count / 2) / g->count);
		if (!w->l->is_used[c] || !sixel_palette_jumps(w->l->was[c], mean))
			memcpy(w->l->rgb[c], mean, 3);
	}
}

/* The group that is most wrong and worth a colour more; NULL: none is. */
static struct group *
worst_group(struct work *w)
{
	struct group *worst = NULL;

	for (unsigned c = 0; c < SIXEL_PALETTE_COLOURS; c++) {
		struct group *g = &w->groups[c];

		if (g->worst_spot != NULL && g->error > g->count * FINE && g->error > w->l->count * FINE / WORTH &&
		    (worst == NULL || g->error > worst->error))
			worst = g;
	}
	return worst;
}

/* Colours that nothing needs become the worst spots of the worst groups. */
static void
seed(struct work *w)
{
	struct sixel_learn *l = w->l;
	int left = SEEDS;

	for (int i = 0; i < l->may_change && left > 0; i++) {
		struct group *from;

		if (w->groups[l->by_number[i]].count > 0 || l->is_used[l->by_number[i]])
			continue;
		if ((from = worst_group(w)) == NULL)
			return;
		memcpy(l->rgb[l->by_number[i]], from->worst_spot->rgb, 3);
		from->worst_spot = NULL;
		left--;
	}
}

static double
mean_error(const struct work *w)
{
	return w->l->count > 0 ? (double)w->error / (double)w->l->count : 0;
}

void
sixel_learn_weigh(struct sixel_learn *l)
{
	struct work w = { .l = l };

	find_spots(&w);
	assign(&w);
	l->before = l->after = mean_error(&w);
	free(w.spots);
}

void
sixel_learn_run(struct sixel_learn *l)
{
	struct work w = { .l = l };

	find_spots(&w);
	for (int round = 0; round < ROUNDS; round++) {
		assign(&w);
		if (round == 0)
			l->before = mean_error(&w);
		settle(&w);
		if (round < SEED_ROUNDS)
			seed(&w);
	}
	for (unsigned c = 0; c < SIXEL_PALETTE_COLOURS; c++)
		if (!l->is_fixed[c])
			sixel_palette_round(l->rgb[c]);
	assign(&w);
	l->after = mean_error(&w);
	free(w.spots);
}
