/*
 * columns.c - columns of a table for a width.  Owns nothing, draws nothing.
 */
#include "ui/columns.h"

#define WIDE 100

static int
width_of(const struct columns *k, int gap)
{
	int width = -gap;

	for (int i = 0; i < k->count; i++)
		if (k->shown[i])
			width += k->cells[i] + gap;
	return width;
}

/* The shown one that is least important; -1: the rest stand always. */
static int
least(const struct columns *k, const struct columns_def *defs)
{
	int which = -1;

	for (int i = 0; i < k->count; i++)
		if (k->shown[i] && defs[i].rank > 0 && (which < 0 || defs[i].rank > defs[which].rank))
			which = i;
	return which;
}

/* What is left goes to those that can use it, in order. */
static void
grow(struct columns *k, const struct columns_def *defs, int spare)
{
	for (int i = 0; i < k->count && spare > 0; i++) {
		const int more = k->shown[i] && defs[i].most > k->cells[i] ? defs[i].most - k->cells[i] : 0;
		const int take = more < spare ? more : spare;

		k->cells[i] += take;
		spare -= take;
	}
}

struct columns
columns_fit(const struct columns_def *defs, int count, int first, int end)
{
	const int room = end - first, gap = room >= WIDE ? 2 : 1;
	struct columns k = { .count = count < COLUMNS_MAX ? count : COLUMNS_MAX };
	int out, at = first;

	for (int i = 0; i < k.count; i++) {
		k.shown[i] = true;
		k.cells[i] = defs[i].cells;
	}
	while (width_of(&k, gap) > room && (out = least(&k, defs)) >= 0)
		k.shown[out] = false;
	grow(&k, defs, room - width_of(&k, gap));
	for (int i = 0; i < k.count; i++) {
		k.at[i] = at;
		at += k.shown[i] ? k.cells[i] + gap : 0;
	}
	return k;
}
