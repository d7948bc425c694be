/*
 * sixel_plane.c - which pixels have really changed.
 * A pixel is looked at when it has left the noise around the value it was last judged by, and every band is looked at
 * closely in turn, so that what drifts slowly arrives and nothing stays behind a moving subject.  It changes colour
 * only where another is better by a margin: noise between two colours is no change.
 */
#include "ui/sixel_plane.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_PX 16
#define BLOCK_BYTES (3 * BLOCK_PX)	/* six words */
#define RED_BLUE 2			/* how much more they may move: their noise is larger, their weight is not */
#define ACTIVE 4			/* green that moves more than a sensor's noise, as a rule */
#define ALIKE 2			/* of the margin: a neighbour's colour that is so little worse makes areas calm */
#define STRICT_KEEP 2			/* of the margin, where a band is looked at closely */
#define MARGIN 128			/* how far apart two colours are whose margin is the one told; 32 levels of luma */
#define LEAST 2				/* of what is kept: wrong by so little is not wrong */
#define ISLAND 12			/* of the same, where it is flat and another colour fits */
#define FITS 3				/* so many times better */
#define LIKE 4			/* levels of green that pixels of an area differ by */
#define MOVING_LIKE 5			/* where all of the picture moves */
#define MOVING_NOISE 3			/* told there */
#define ABOUT 1200			/* error of a neighbour's colour that is still about right */
#define MOVING 64			/* bits of a block that are marked where all of it moves: a sixth */
#define STRICT_TURNS 30			/* all bands are looked at closely in so many pictures */

/* One row of the picture while it is judged; kept in registers, which is why it repeats what the plane has. */
struct judge {
	struct sixel_palette *colours;
	int level;
	uint8_t *want;
	const uint8_t *shown, *above, *rgb;
	uint8_t *judged;
	int noise, like;
	int least;			/* error that is nothing */
	int island;			/* error that is not left in an area whose own colour fits well */
	int moving_level;		/* the colours of what moves */
	int up;				/* bytes of the picture to the row above; 0: there is none */
	float keep, alike;		/* squares of margins */
	int first, end;			/* what differs; none when end is 0 */
	int sampled, active;		/* pixels, one of each block; those that moved more than noise does */
};

void
sixel_plane_init(struct sixel_plane *p)
{
	memset(p, 0, sizeof *p);
}

void
sixel_plane_fini(struct sixel_plane *p)
{
	free(p->shown);
	free(p->want);
	free(p->spans);
	free(p->judged);
	memset(p, 0, sizeof *p);
}

static size_t
plane_bytes(const struct sixel_plane *p)
{
	return (size_t)p->stride * (size_t)p->bands * SIXEL_BAND;
}

bool
sixel_plane_resize(struct sixel_plane *p, int width_px, int height_px)
{
	if (width_px == p->width_px && height_px == p->height_px)
		return true;
	sixel_plane_fini(p);
	if (width_px < 1 || height_px < 1 || width_px > SIXEL_SIDE_PX || height_px > SIXEL_SIDE_PX)
		return false;
	p->stride = (width_px + BLOCK_PX - 1) / BLOCK_PX * BLOCK_PX;
	p->bands = (height_px + SIXEL_BAND - 1) / SIXEL_BAND;
	p->shown = calloc(plane_bytes(p), 1);
	p->want = calloc(plane_bytes(p), 1);
	p->spans = calloc((size_t)p->bands, sizeof p->spans[0]);
	if (p->shown == NULL || p->want == NULL || p->spans == NULL) {
		sixel_plane_fini(p);
		return false;
	}
	p->width_px = width_px;
	p->height_px = height_px;
	sixel_plane_forget(p);
	return true;
}

static void
widen(struct sixel_plane *p, int band, int first, int end)
{
	struct sixel_span *s = &p->spans[band];

	if (s->end == 0 || first < s->first)
		s->first = first;
	if (end > s->end)
		s->end = end;
}

void
sixel_plane_lose(struct sixel_plane *p, int first_row, int end_row)
{
	for (int y = first_row; y < end_row && y < p->height_px; y++) {
		memset(p->shown + (size_t)y * (size_t)p->stride, SIXEL_PALETTE_NONE, (size_t)p->width_px);
		widen(p, y / SIXEL_BAND, 0, p->width_px);
	}
}

void
sixel_plane_forget(struct sixel_plane *p)
{
	if (p->shown == NULL)
		return;
	sixel_plane_lose(p, 0, p->height_px);
	for (int y = 0; y < p->height_px; y++)		/* bars stay black; the rest is decided anew */
		memset(p->want + (size_t)y * (size_t)p->stride, 0, (size_t)p->width_px);
	for (int y = p->top; y < p->top + p->inner_h; y++)
		memset(p->want + (size_t)y * (size_t)p->stride + p->left, SIXEL_PALETTE_NONE, (size_t)p->inner_w);
	p->fresh = true;
}

void
sixel_plane_recolour(struct sixel_plane *p, const bool *moved)
{
	if (p->shown == NULL)
		return;
	for (int y = 0; y < p->height_px; y++) {
		uint8_t *shown = p->shown + (size_t)y * (size_t)p->stride;

		for (int x = 0; x < p->width_px; x++)
			if (shown[x] != SIXEL_PALETTE_NONE && moved[shown[x]]) {
				shown[x] = SIXEL_PALETTE_NONE;
				widen(p, y / SIXEL_BAND, x, x + 1);
			}
	}
	p->fresh = true;
}

void
sixel_plane_uses(const struct sixel_plane *p, bool *marks)
{
	for (int y = 0; p->shown != NULL && y < p->height_px; y++) {
		const size_t at = (size_t)y * (size_t)p->stride;

		for (int x = 0; x < p->width_px; x++) {
			const uint8_t shown = p->shown[at + (size_t)x], want = p->want[at + (size_t)x];

			if (shown != SIXEL_PALETTE_NONE)
				marks[shown] = true;
			else if (want != SIXEL_PALETTE_NONE)
				marks[want] = true;
		}
	}
}

void
sixel_plane_sent(struct sixel_plane *p, int x0, int y0, int x1, int y1)
{
	for (int y = y0; y < y1; y++) {
		size_t at = (size_t)y * (size_t)p->stride + (size_t)x0;

		memcpy(p->shown + at, p->want + at, (size_t)(x1 - x0));
	}
}

/* Where the picture lies; a picture of another shape begins with black bars elsewhere. */
static bool
place_inner(struct sixel_plane *p, const struct thumb *t)
{
	int w = t->width_px, h = t->height_px;

	if (w == p->inner_w && h == p->inner_h)
		return true;
	if (t->rgb == NULL || w < 1 || h < 1 || w > p->width_px || h > p->height_px)
		return false;
	free(p->judged);
	p->judged = malloc((size_t)w * (size_t)h * 3);
	p->inner_w = p->judged != NULL ? w : 0;
	p->inner_h = p->judged != NULL ? h : 0;
	p->left = (p->width_px - w) / 2;
	p->top = (p->height_px - h) / 2;
	sixel_plane_forget(p);
	return p->judged != NULL;
}

/* The index in memory of the first byte that is not 0. */
static inline int
first_marked(uint64_t marks)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_ctzll(marks) / 8;
#else
	return __builtin_clzll(marks) / 8;
#endif
}

static inline uint64_t
without_first(uint64_t marks, int bytes)
{
	if (bytes >= 8)
		return 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return marks & ~UINT64_C(0) << 8 * bytes;
#else
	return marks & ~UINT64_C(0) >> 8 * bytes;
#endif
}

/*
 * Is colour c, which is more wrong by so much than the best one, hardly so?  `nothing` is never an error.  A tone between two
 * colours must be beyond their middle by a margin, the same for like and unlike ones: so noise moves it no oftener between
 * like ones.
 */
static inline bool
is_hardly_worse(const struct judge *j, unsigned c, unsigned best, int more, int nothing, float margin)
{
	float m = (float)more;

	return more <= nothing || m * m <= margin * (float)sixel_palette_distance(&j->colours->tone[c], &j->colours->tone[best]);
}

/* A neighbour's colour may be of a finer level than the one in force: what is uncovered then looks like what is beside it. */
static inline void
try_colour(const struct judge *j, const struct sixel_tone *tone, unsigned c, unsigned *best, int *least)
{
	if (c == SIXEL_PALETTE_NONE || c == *best)
		return;
	int e = sixel_palette_error(j->colours, tone, c);

	if (is_hardly_worse(j, c, *best, e - *least, j->least < j->island ? j->least : j->island, j->alike)) {
		*least = e < *least ? e : *least;
		*best = c;
	}
}

static inline bool
is_like(const uint8_t *a, const uint8_t *b, int by)
{
	return abs(a[1] - b[1]) <= by && abs(a[0] - b[0]) <= RED_BLUE * by && abs(a[2] - b[2]) <= RED_BLUE * by;
}

/* Where the neighbours are alike, another colour than theirs shows. */
static inline bool
is_flat(const struct judge *j, int x)
{
	const uint8_t *rgb = j->rgb + 3 * x;

	return is_like(rgb, rgb - (x > 0 ? 3 : 0), j->like) && is_like(rgb, rgb - j->up, j->like);
}

static inline __attribute__((always_inline)) void
judge_pixel(struct judge *j, int x)
{
	const uint8_t *rgb = j->rgb + 3 * x;
	unsigned best = sixel_palette_nearest(j->colours, j->level, rgb);
	unsigned shown = j->shown[x], now = shown != SIXEL_PALETTE_NONE ? shown : j->want[x];

	if (best != now) {
		struct sixel_tone tone = sixel_palette_tone(rgb);
		int least = sixel_palette_error(j->colours, &tone, best);

		if (x > 0 && is_like(rgb, rgb - 3, j->like))
			try_colour(j, &tone, j->want[x - 1], &best, &least);
		if (is_like(rgb, rgb - j->up, j->like))
			try_colour(j, &tone, j->above[x], &best, &least);
		if (now != SIXEL_PALETTE_NONE && now != best) {
			int more = sixel_palette_error(j->colours, &tone, now) - least;

			if (is_hardly_worse(j, now, best, more, j->least, j->keep) && !(more > j->island && more > FITS * least && is_flat(j, x)))
				best = now;
		}
	}
	j->want[x] = (uint8_t)best;
	if (best != shown) {
		j->first = x < j->first ? x : j->first;
		j->end = x >= j->end ? x + 1 : j->end;
	}
}

/* A neighbour may itself be wrong still: what it has is taken only where it is about right here too. */
static inline bool
is_about(const struct judge *j, unsigned c, unsigned best)
{
	return c != SIXEL_PALETTE_NONE && sixel_palette_distance(&j->colours->tone[c], &j->colours->tone[best]) <= ABOUT;
}

/*
 * What moves altogether is not compared with what is shown: a pixel takes its colour, or that of the one to the left or above
 * when its source is like the one which that was chosen for.
 */
static inline void
judge_moving(struct judge *j, int first, int end)
{
	const int level = j->moving_level;
	const uint8_t *run = j->rgb + 3 * first;
	unsigned best = sixel_palette_nearest(j->colours, level, run);

	if (first > 0 && is_like(run, run - 3, j->like) && is_about(j, j->want[first - 1], best))
		best = j->want[first - 1];
	memcpy(j->judged + 3 * first, run, (size_t)(end - first) * 3);
	for (int x = first; x < end; x++) {
		const uint8_t *rgb = j->rgb + 3 * x;

		if (!is_like(rgb, run, j->like)) {
			run = rgb;
			best = sixel_palette_nearest(j->colours, level, rgb);
			if (best != j->above[x] && is_like(rgb, rgb - j->up, j->like) && is_about(j, j->above[x], best))
				best = j->above[x];
		}
		j->want[x] = (uint8_t)best;
		if (best != j->shown[x]) {
			j->first = x < j->first ? x : j->first;
			j->end = x >= j->end ? x + 1 : j->end;
		}
	}
}

static inline void
judge_all(struct judge *j, int width)
{
	memcpy(j->judged, j->rgb, (size_t)width * 3);
	for (int x = 0; x < width; x++)
		judge_pixel(j, x);
}

/* Which bytes left the noise: fixed length, so that it becomes a few vector instructions. */
static inline void
compare_block(const uint8_t *restrict a, const uint8_t *restrict b, const uint8_t *restrict noise, uint8_t *restrict out)
{
	for (int i = 0; i < BLOCK_BYTES; i++) {
		uint8_t over = (uint8_t)(a[i] > b[i] ? a[i] - b[i] : b[i] - a[i]);

		out[i] = over > noise[i] ? 0xff : 0;
	}
}

static inline bool
is_far(const uint8_t *a, const uint8_t *b, int noise)
{
	return abs(a[0] - b[0]) > RED_BLUE * noise || abs(a[1] - b[1]) > noise || abs(a[2] - b[2]) > RED_BLUE * noise;
}

static inline void
judge_now(struct judge *j, int x)
{
	memcpy(j->judged + 3 * x, j->rgb + 3 * x, 3);
	judge_pixel(j, x);
}

/* The pixels with a byte marked in out; one on the seam of two words may be judged twice. */
static inline void
judge_marked(struct judge *j, const uint8_t *out, int x)
{
	uint64_t words[BLOCK_BYTES / 8];
	int marked = 0;

	memcpy(words, out, sizeof words);
	if ((words[0] | words[1] | words[2] | words[3] | words[4] | words[5]) == 0)
		return;
	for (int word = 0; word < BLOCK_BYTES / 8; word++)
		marked += __builtin_popcountll(words[word]);
	if (marked > MOVING) {
		judge_moving(j, x, x + BLOCK_PX);
		return;
	}
	for (int word = 0; word < BLOCK_BYTES / 8; word++) {
		uint64_t marks = words[word];

		while (marks != 0) {
			int px = (word * 8 + first_marked(marks)) / 3;

			judge_now(j, x + px);
			marks = without_first(marks, 3 * px + 3 - word * 8);
		}
	}
}

static inline void
judge_changed(struct judge *j, int width)
{
	uint8_t out[BLOCK_BYTES], noise[BLOCK_BYTES];
	int x = 0;

	for (int i = 0; i < BLOCK_BYTES; i++)
		noise[i] = (uint8_t)(i % 3 == 1 ? j->noise : RED_BLUE * j->noise);
	for (; x + BLOCK_PX <= width; x += BLOCK_PX) {
		j->sampled++;
		j->active += abs(j->rgb[3 * x + 1] - j->judged[3 * x + 1]) > ACTIVE;
		compare_block(j->rgb + 3 * x, j->judged + 3 * x, noise, out);
		judge_marked(j, out, x);
	}
	for (; x < width; x++)
		if (is_far(j->rgb + 3 * x, j->judged + 3 * x, j->noise))
			judge_now(j, x);
}

bool
sixel_plane_is_strict(const struct sixel_plane *p, int band)
{
	int turns = (p->bands + STRICT_TURNS - 1) / STRICT_TURNS;

	return (band - p->strict + p->bands) % p->bands < turns;
}

static void
judge_row(struct sixel_plane *p, struct sixel_palette *colours, const struct thumb *t, const struct sixel_taste *taste, int y)
{
	int band = (p->top + y) / SIXEL_BAND;
	bool strict = taste->closely && sixel_plane_is_strict(p, band);
	size_t in_plane = (size_t)(p->top + y) * (size_t)p->stride + (size_t)p->left;
	size_t in_thumb = (size_t)y * (size_t)p->inner_w * 3;
	const float keep = (float)taste->keep / (strict ? STRICT_KEEP * MARGIN : MARGIN);
	const float alike = (float)taste->keep / (ALIKE * MARGIN);
	const bool all_moves = taste->noise <= MOVING_NOISE;
	struct judge j = {
		.colours = colours, .level = taste->level,
		.want = p->want + in_plane, .shown = p->shown + in_plane,
		.above = p->want + in_plane - (y > 0 ? (size_t)p->stride : 0), .rgb = t->rgb + in_thumb, .judged = p->judged + in_thumb,
		.noise = taste->noise, .least = taste->keep / LEAST, .island = strict ? taste->keep / ISLAND : INT_MAX,
		.like = all_moves ? MOVING_LIKE : LIKE,
		.moving_level = all_moves && taste->level == 0 ? SIXEL_PALETTE_MOVING : taste->level,
		.up = y > 0 ? p->inner_w * 3 : 0, .keep = keep * keep, .alike = alike * alike,
		.first = p->inner_w,
	};

	if (p->fresh || strict)
		judge_all(&j, p->inner_w);
	else
		judge_changed(&j, p->inner_w);
	p->active += j.active;
	p->sampled += j.sampled;
	if (j.end > 0)
		widen(p, band, p->left + j.first, p->left + j.end);
}

bool
sixel_plane_take(struct sixel_plane *p, struct sixel_palette *colours, const struct thumb *t, const struct sixel_taste *taste)
{
	if (!place_inner(p, t))
		return false;
	if (taste->closely)
		p->strict = (p->strict + (p->bands + STRICT_TURNS - 1) / STRICT_TURNS) % p->bands;
	p->active = p->sampled = 0;
	p->fresh = p->fresh || taste->level < p->level;		/* what was painted with fewer colours is to be mended now */
	p->level = taste->level;
	for (int y = 0; y < p->inner_h; y++)
		judge_row(p, colours, t, taste, y);
	p->fresh = false;
	return true;
}
