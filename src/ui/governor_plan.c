/*
 * governor_plan.c - who gets how much of the line: program and preview first, then the focus, then the rest, each its share,
 * and what one does not need goes to the others.  First the rate gives, then the colours, then the size.
 */
#include "ui/governor.h"

#define LIMITED_US 2000000		/* pictures waited for room within this time: the line is the limit */
#define LEAST_BUS_MFPS 4000		/* below this on program or preview, colours go */
#define LEAST_REST_MFPS 250		/* or below this on any other */
#define RICH_BUS_MFPS 7000		/* with this in sight, they come back */
#define RICH_REST_MFPS 700
#define POOR_US 1000000
#define STEP_US 1500000			/* between two steps: the pictures must show what the last one did */
#define MOST_PATIENCE_US 80000000
#define RELAPSE_US 15000000		/* colours that had to go again so soon came back too early */
#define NEAR_US 15000
#define NEAR_BPS 12000
#define GUESS_BYTES 4000

static const int shares[] = { 35, 25, 10, 30 };		/* program, preview, focus; the rest together */

static int64_t
budget_bps(const struct governor *g, int64_t now_us)
{
	int64_t bps = (g->rate_bps - g->text_bps) * 9 / 10;

	if (g->is_silent)
		return governor_silent_bps(g);
	if (g->rate_bps == 0 || g->blocked_us == 0 || now_us - g->blocked_us > LIMITED_US)
		return INT64_MAX / 4000;	/* nothing waits */
	return bps > g->rate_bps / 3 ? bps : g->rate_bps / 3;
}

static int64_t
cost_of(const struct governor_tile *tiles, int count, int i)
{
	int64_t sum = 0;
	int known = 0;

	if (tiles[i].cost_bytes > 0)
		return tiles[i].cost_bytes;
	for (int k = 0; k < count; k++) {
		sum += tiles[k].cost_bytes;
		known += tiles[k].cost_bytes > 0;
	}
	return known > 0 ? sum / known : GUESS_BYTES;
}

static int
weight_of(const struct governor_tile *tiles, int count, int i)
{
	int rest = 0;

	if (tiles[i].priority < 3)
		return shares[tiles[i].priority] * 100;
	for (int k = 0; k < count; k++)
		rest += tiles[k].priority >= 3;
	return shares[3] * 100 / rest;
}

/* What is left for those who are not full yet: thousandths of a byte for each hundredth of a weight, since a line may be narrow. */
static int64_t
left_per_weight(const struct governor_tile *tiles, int count, int most_mfps, int64_t bps)
{
	int64_t weights = 0;

	for (int i = 0; i < count; i++)
		if (tiles[i].milli_fps >= most_mfps)
			bps -= cost_of(tiles, count, i) * most_mfps / 1000;
		else
			weights += weight_of(tiles, count, i);
	return weights > 0 && bps > 0 ? bps * 1000 / weights : 0;
}

/* Fills the shares up: who needs less than his leaves it to the others. */
static void
share_out(struct governor_tile *tiles, int count, int most_mfps, int64_t bps)
{
	bool has_changed = true;

	for (int i = 0; i < count; i++)
		tiles[i].milli_fps = 0;
	while (has_changed) {
		int64_t each = left_per_weight(tiles, count, most_mfps, bps);

		has_changed = false;
		for (int i = 0; i < count; i++) {
			int64_t mfps = each * weight_of(tiles, count, i) / cost_of(tiles, count, i);

			if (tiles[i].milli_fps >= most_mfps)
				continue;
			has_changed = has_changed || mfps >= most_mfps;
			tiles[i].milli_fps = mfps < most_mfps ? (int)mfps : most_mfps;
		}
	}
}

static int
slowest(const struct governor_tile *tiles, int count, bool is_bus)
{
	int slow = INT32_MAX;

	for (int i = 0; i < count; i++)
		if ((tiles[i].priority < 2) == is_bus && tiles[i].milli_fps < slow)
			slow = tiles[i].milli_fps;
	return slow;
}

static bool
is_below(const struct governor_tile *tiles, int count, int most_mfps, int bus_mfps, int rest_mfps)
{
	bus_mfps = bus_mfps < most_mfps ? bus_mfps : most_mfps;
	rest_mfps = rest_mfps < most_mfps ? rest_mfps : most_mfps;
	return slowest(tiles, count, true) < bus_mfps || slowest(tiles, count, false) < rest_mfps;
}

static void
step_down(struct governor *g, int64_t now_us)
{
	if (g->level < GOVERNOR_LEVELS - 1)
		g->level++;
	else if (g->size < GOVERNOR_SIZES - 1)
		g->size++;
	else
		return;
	if (g->raised_us != 0 && now_us - g->raised_us < RELAPSE_US)
		g->patience_us = g->patience_us * 2 < MOST_PATIENCE_US ? g->patience_us * 2 : MOST_PATIENCE_US;
	g->stepped_us = now_us;
	g->poor_since_us = g->rich_since_us = 0;
}

static void
step_up(struct governor *g, int64_t now_us)
{
	if (g->size > 0)
		g->size--;
	else
		g->level--;
	g->stepped_us = g->raised_us = now_us;
	g->poor_since_us = g->rich_since_us = 0;
}

/* How long a state has lasted, kept in *since. */
static int64_t
lasts_us(int64_t *since, bool is_so, int64_t now_us)
{
	if (!is_so)
		*since = 0;
	else if (*since == 0)
		*since = now_us;
	return is_so ? now_us - *since : -1;
}

/* Would it still do well if every picture took twice the bytes? */
static bool
is_rich(const struct governor_tile *tiles, int count, int most_mfps, int64_t bps)
{
	struct governor_tile dear[GOVERNOR_TILES];

	for (int i = 0; i < count; i++) {
		dear[i] = tiles[i];
		dear[i].cost_bytes = cost_of(tiles, count, i) * 2;
	}
	share_out(dear, count, most_mfps, bps);
	return !is_below(dear, count, most_mfps, RICH_BUS_MFPS, RICH_REST_MFPS);
}

/* A terminal beside us that is slow is slow at drawing: fewer bytes would not help it, fewer pictures do. */
static bool
is_far(const struct governor *g)
{
	return g->rtt_us > NEAR_US || g->rate_bps < NEAR_BPS;
}

void
governor_plan(struct governor *g, struct governor_tile *tiles, int count, int most_fps, int64_t now_us)
{
	int64_t bps = budget_bps(g, now_us), poor_us, rich_us;
	const int most_mfps = most_fps * 1000;

	count = count < GOVERNOR_TILES ? count : GOVERNOR_TILES;
	if (count < 1 || most_fps < 1)
		return;
	share_out(tiles, count, most_mfps, bps);
	poor_us = lasts_us(&g->poor_since_us, is_far(g) && is_below(tiles, count, most_mfps, LEAST_BUS_MFPS, LEAST_REST_MFPS), now_us);
	rich_us = lasts_us(&g->rich_since_us, is_rich(tiles, count, most_mfps, bps), now_us);
	/* Who stopped answering may go on as before: nothing is given up for that. */
	if (now_us - g->stepped_us < STEP_US || (g->is_silent && g->answers > 0 && !g->is_fenceless))
		return;
	if (poor_us >= POOR_US)
		step_down(g, now_us);
	else if (rich_us >= g->patience_us && g->level + g->size > 0)
		step_up(g, now_us);
}
