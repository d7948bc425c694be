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
#define CHEAP 60		/* bytes worth no more are not counted: it would take longer than sending them */
#define COMMON 64		/* pixels of a colour from which on order is found by comparing */
#define SURE_PX 4		/* a colour's first pixels may cost so many times their share, further ones must not */

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
	const struct sixel_price *price;
	bool kept[SIXEL_PALETTE_COLOURS];	/* stays, or is not decided yet */
	bool has_bar[SIXEL_PALETTE_COLOURS];	/* some of it is not the picture's, but a black bar beside it */
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

static inline void
add_spot(struct strip *s, unsigned c, int x, int y)
{
	if (s->c.count[c]++ == 0) {
		s->c.used[s->c.used_count++] = (uint8_t)c;
		s->c.head[c] = -1;
	}
	s->spots[s->c.spots] = (struct sixel_spot){ (uint16_t)x, (uint16_t)y, s->c.head[c] };
	s->c.head[c] = s->c.spots++;
}

/* Only lost ones change: most pictures need not look. */
static void
find_bars(struct strip *s, const uint8_t *want, const uint8_t *shown, int first, int end)
{
	for (int x = first; x < end; x++)
		if (want[x] != shown[x])
			s->has_bar[want[x]] = true;
}

static void
add_row(struct strip *s, int y)
{
	const struct sixel_plane *p = s->p;
	const struct sixel_span *span = &p->spans[y / SIXEL_BAND];
	const uint8_t *want = p->want + (size_t)y * (size_t)p->stride;
	const uint8_t *shown = p->shown + (size_t)y * (size_t)p->stride;
	const bool is_bar = y < p->top || y >= p->top + p->inner_h;

	for (int x = span->first / 8 * 8; x < span->end; x += 8) {
		if (memcmp(want + x, shown + x, 8) == 0)
			continue;
		for (int i = x; i < x + 8; i++)
			if (want[i] != shown[i])
				add_spot(s, want[i], i, y);
	}
	find_bars(s, want, shown, 0, is_bar ? p->width_px : p->left);
	find_bars(s, want, shown, p->left + p->inner_w, p->width_px);
}

/* The rarest first, of as many as they came.  Few are COMMON. */
static void
sort_used(struct census *c)
{
	int start[COMMON + 1] = { 0 }, rare;
	uint8_t came[SIXEL_PALETTE_COLOURS];

	memcpy(came, c->used, (size_t)c->used_count);
	for (int i = 0; i < c->used_count; i++)
		if (c->count[came[i]] < COMMON)
			start[c->count[came[i]] + 1]++;
	for (int i = 1; i <= COMMON; i++)
		start[i] += start[i - 1];
	rare = start[COMMON];
	for (int i = 0, end = rare; i < c->used_count; i++) {
		const uint8_t colour = came[i];
		int k = end;

		if (c->count[colour] < COMMON) {
			c->used[start[c->count[colour]]++] = colour;
			continue;
		}
		for (; k > rare && c->count[c->used[k - 1]] > c->count[colour]; k--)
			c->used[k] = c->used[k - 1];
		c->used[k] = colour;
		end++;
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
	sort_used(c);
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

/* The error that is cheaper than the bytes of a colour, or of a part of it so large. */
static inline int
room_for(const struct strip *s, int pixels)
{
	return s->price->byte * (s->price->colour_bytes + pixels);
}

/* Finds what every pixel of the colour would be without it; false: it would cost more than its bytes are worth. */
static bool
is_cheap(const struct strip *s, unsigned c, uint8_t *instead)
{
	const int count = s->c.count[c];
	int cost = 0, n = 0;

	for (int i = s->c.head[c]; i >= 0; i = s->spots[i].next) {
		const struct sixel_spot *spot = &s->spots[i];
		size_t in_plane = (size_t)spot->y * (size_t)s->p->stride + spot->x;
		size_t in_thumb = (size_t)(spot->y - s->p->top) * (size_t)s->t->width_px + (size_t)(spot->x - s->p->left);
		struct sixel_tone tone = sixel_palette_tone(s->t->rgb + in_thumb * 3);
		unsigned best = c;
		int more = next_best(s, &tone, s->p->shown[in_plane], &best) - sixel_palette_error(s->colours, &tone, c);
		int far = n + SURE_PX;

		if (more > WORST || (more > 0 && more > room_for(s, far < count ? far : count) - cost))
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

	if (price->byte <= CHEAP)
		return;
	make_room(scratch, (size_t)(y1 - y0) * (size_t)p->stride);
	s.p = p;
	s.colours = colours;
	s.t = t;
	s.spots = scratch->spots;
	s.price = price;
	memset(s.has_bar, false, sizeof s.has_bar);
	take_census(&s, y0, y1);
	memset(s.kept, false, sizeof s.kept);
	for (int i = 0; i < s.c.used_count; i++)
		s.kept[s.c.used[i]] = true;
	for (int i = 0; i < s.c.used_count; i++) {
		unsigned c = s.c.used[i];

		if (s.has_bar[c])
			continue;
		find_near(&s, c);
		if (is_cheap(&s, c, scratch->instead))
			drop_colour(&s, c, scratch->instead);
	}
}
