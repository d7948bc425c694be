/*
 * sixel_thin.c - fewer colours in a strip of sixels.
 * A colour is dropped when the bytes it would take are worth more than the error of going without it.  What is left
 * wrong by this is looked at again when the plane is strict with that band, at a lower price.
 */
#include "ui/sixel_thin.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define WORST 12000			/* error that no pixel is given for any saving: it would be seen */
#define NEAR 4			/* other colours that are tried for a rare one */

struct census {
	int count[SIXEL_PALETTE_COLOURS];	/* changed pixels of each colour */
	int head[SIXEL_PALETTE_COLOURS];	/* the first of its spots */
	int spots;
	uint8_t used[SIXEL_PALETTE_COLOURS];	/* rarest first */
	int used_count;
};

struct strip {
	struct sixel_plane *p;
	struct sixel_palette *colours;
	const struct thumb *t;
	struct sixel_spot *spots;
	struct census c;
	bool kept[SIXEL_PALETTE_COLOURS];	/* stays, or is not decided yet */
	uint8_t near[NEAR];
	int near_count;
};

void
sixel_thin_init(struct sixel_thin *s)
{
	*s = (struct sixel_thin){ NULL, NULL, 0 };
}

void
sixel_thin_fini(struct sixel_thin *s)
{
	free(s->spots);
	free(s->instead);
	*s = (struct sixel_thin){ NULL, NULL, 0 };
}

static void
add_spot(struct strip *s, unsigned c, int x, int y)
{
	if (s->c.count[c]++ == 0) {
		s->c.used[s->c.used_count++] = (uint8_t)c;
		s->c.head[c] = -1;
	}
	s->spots[s->c.spots] = (struct sixel_spot){ (uint16_t)x, (uint16_t)y, s->c.head[c] };
	s->c.head[c] = s->c.spots++;
}

static void
add_row(struct strip *s, int y)
{
	const struct sixel_span *span = &s->p->spans[y / SIXEL_BAND];
	const uint8_t *want = s->p->want + (size_t)y * (size_t)s->p->stride;
	const uint8_t *shown = s->p->shown + (size_t)y * (size_t)s->p->stride;

	for (int x = span->first / 8 * 8; x < span->end; x += 8) {
		if (memcmp(want + x, shown + x, 8) == 0)
			continue;
		for (int i = x; i < x + 8; i++)
			if (want[i] != shown[i])
				add_spot(s, want[i], i, y);
	}
}

static void
take_census(struct strip *s, int y0, int y1)
{
	struct census *c = &s->c;

	memset(c->count, 0, sizeof c->count);
	c->spots = c->used_count = 0;
	for (int y = y0; y < y1; y++)
		add_row(s, y);
	for (int i = 1; i < c->used_count; i++) {
		uint8_t colour = c->used[i];
		int k = i;

		for (; k > 0 && c->count[c->used[k - 1]] > c->count[colour]; k--)
			c->used[k] = c->used[k - 1];
		c->used[k] = colour;
	}
}

static bool
is_bar(const struct sixel_plane *p, const struct sixel_spot *at)
{
	return at->x < p->left || at->x >= p->left + p->inner_w || at->y < p->top || at->y >= p->top + p->inner_h;
}

/* Up to NEAR colours like c that the strip has, the likest first. */
static void
find_near(struct strip *s, unsigned c)
{
	const uint8_t *near = sixel_palette_near(s->colours, c);

	s->near_count = 0;
	for (int i = 0; i < SIXEL_PALETTE_NEAR && near[i] != SIXEL_PALETTE_NONE && s->near_count < NEAR; i++)
		if (s->kept[near[i]])
			s->near[s->near_count++] = near[i];
}

/* The least error of the shown and the near colours, and which has it. */
static int
next_best(const struct strip *s, const struct sixel_tone *tone, unsigned shown, unsigned *best)
{
	int least = INT_MAX;

	if (shown != SIXEL_PALETTE_NONE) {
		least = sixel_palette_error(s->colours, tone, shown);
		*best = shown;
	}
	for (int i = 0; i < s->near_count; i++) {
		int e = sixel_palette_error(s->colours, tone, s->near[i]);

		if (e < least) {
			least = e;
			*best = s->near[i];
		}
	}
	return least;
}

/* Finds what every pixel of the colour would be without it; false: it would cost more than room. */
static bool
is_cheap(const struct strip *s, unsigned c, int room, uint8_t *instead)
{
	int cost = 0, n = 0;

	for (int i = s->c.head[c]; i >= 0; i = s->spots[i].next) {
		const struct sixel_spot *spot = &s->spots[i];
		size_t in_plane = (size_t)spot->y * (size_t)s->p->stride + spot->x;
		unsigned best = c;

		if (is_bar(s->p, spot))
			return false;
		size_t in_thumb = (size_t)(spot->y - s->p->top) * (size_t)s->t->width_px + (size_t)(spot->x - s->p->left);
		struct sixel_tone tone = sixel_palette_tone(s->t->rgb + in_thumb * 3);
		int more = next_best(s, &tone, s->p->shown[in_plane], &best) - sixel_palette_error(s->colours, &tone, c);

		if (more > room - cost || more > WORST)
			return false;
		cost += more > 0 ? more : 0;
		instead[n++] = (uint8_t)best;
	}
	return true;
}

/* Its pixels become those of other colours, and go with them should these be dropped too. */
static void
drop_colour(struct strip *s, unsigned c, const uint8_t *instead)
{
	int next;

	for (int i = s->c.head[c], n = 0; i >= 0; i = next, n++) {
		struct sixel_spot *spot = &s->spots[i];
		size_t at = (size_t)spot->y * (size_t)s->p->stride + spot->x;

		next = spot->next;
		s->p->want[at] = instead[n];
		if (instead[n] == s->p->shown[at])
			continue;
		spot->next = s->c.head[instead[n]];
		s->c.head[instead[n]] = i;
		s->c.count[instead[n]]++;
	}
	s->kept[c] = false;
}

static void
make_room(struct sixel_thin *s, size_t spots)
{
	if (spots <= s->room)
		return;
	s->spots = xreallocarray(s->spots, spots, sizeof s->spots[0]);
	s->instead = xreallocarray(s->instead, spots, 1);
	s->room = spots;
}

void
sixel_thin_rows(struct sixel_thin *scratch, struct sixel_plane *p, struct sixel_palette *colours,
    const struct thumb *t, int y0, int y1, const struct sixel_price *price)
{
	struct strip s;

	make_room(scratch, (size_t)(y1 - y0) * (size_t)p->stride);
	s.p = p;
	s.colours = colours;
	s.t = t;
	s.spots = scratch->spots;
	take_census(&s, y0, y1);
	memset(s.kept, false, sizeof s.kept);
	for (int i = 0; i < s.c.used_count; i++)
		s.kept[s.c.used[i]] = true;
	for (int i = 0; i < s.c.used_count; i++) {
		unsigned c = s.c.used[i];

		find_near(&s, c);
		if (is_cheap(&s, c, price->byte * (price->colour_bytes + s.c.count[c]), scratch->instead))
			drop_colour(&s, c, scratch->instead);
	}
}
