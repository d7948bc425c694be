/*
 * senses_made.c - bodies, gestures and levels that nobody has.
 * Owns how they move.  Never random, never a clock: the same node at the same moment is sensed alike, so that two runs
 * can be compared.
 */
#include <math.h>
#include <stddef.h>
#include "camera/senses_private.h"

#define SECOND_US 1000000
#define AWAY_EVERY_US 30000000	/* nobody is there for a while, */
#define AWAY_US 4000000		/* as it happens */
#define STEP_S 1.1		/* a pair of steps */
#define CROSS_S 17.0		/* to and fro */
#define CLIP_EVERY_US 20000000
#define MUTED_EVERY_US 60000000
#define MUTED_US 2000000

/* Standing straight, x from the middle in heights, y from the top: nose, eyes, ears, shoulders ... ankles (the order of COCO). */
static const struct joint {
	double x, y, swing;		/* swing: how far it goes with each step */
} body[] = {
	{ 0, 0.07, 0 }, { 0.015, 0.05, 0 }, { -0.015, 0.05, 0 }, { 0.04, 0.06, 0 }, { -0.04, 0.06, 0 },
	{ 0.11, 0.19, 0 }, { -0.11, 0.19, 0 }, { 0.14, 0.34, 0.04 }, { -0.14, 0.34, -0.04 }, { 0.15, 0.48, 0.1 },
	{ -0.15, 0.48, -0.1 }, { 0.07, 0.52, 0 }, { -0.07, 0.52, 0 }, { 0.08, 0.75, -0.06 }, { -0.08, 0.75, 0.06 },
	{ 0.08, 0.98, -0.12 }, { -0.08, 0.98, 0.12 },
};
#define JOINTS (sizeof body / sizeof body[0])

static double
clamp(double v)
{
	return v < 0 ? 0 : v > 1 ? 1 : v;
}

static double
wave(double seconds, double period_s)
{
	return sin(2 * M_PI * seconds / period_s);
}

/* Joints first into the air, then on paper: the box is around what is seen. */
static void
add_person(struct buf *b, int number, int person, double s)
{
	double tall = 0.62 + 0.05 * person, step = wave(s, STEP_S);
	double middle = 0.5 + 0.3 * wave(s + 3.1 * number + 5.3 * person, CROSS_S), top = 0.2 + 0.01 * fabs(step);
	double left = 1, right = 0, low = 1, high = 0;
	char separator = '[';

	buf_add_format(b, "{\"confidence\":%.2f,\"joints\":", 0.9 + 0.05 * wave(s, 7.0));
	for (size_t i = 0; i < JOINTS; i++) {
		double x = clamp(middle + (body[i].x + body[i].swing * step) * tall * 0.6), y = clamp(top + body[i].y * tall);

		buf_add_format(b, "%c[%.4f,%.4f,%.2f]", separator, x, y, 0.8 + 0.15 * wave(s + (double)i, 3.0));
		separator = ',';
		left = fmin(left, x);
		right = fmax(right, x);
		low = fmin(low, y);
		high = fmax(high, y);
	}
	buf_add_format(b, "],\"coverage\":%.3f,\"box\":[%.4f,%.4f,%.4f,%.4f]}", (right - left) * (high - low), left, low,
	    right - left, high - low);
}

void
senses_made_pose(struct buf *members, int number, int64_t into_us)
{
	double s = (double)into_us / SECOND_US;
	bool is_away = (into_us + number * SECOND_US) % AWAY_EVERY_US >= AWAY_EVERY_US - AWAY_US;
	int people = is_away ? 0 : number % 3 == 0 ? 2 : 1;

	buf_add_text(members, "\"people\":[");
	for (int i = 0; i < people; i++) {
		if (i > 0)
			buf_add_text(members, ",");
		add_person(members, number, i, s);
	}
	buf_add_format(members, "],\"motion\":%.3f", people == 0 ? 0.0 : 0.3 + 0.2 * fabs(wave(s, STEP_S)));
}

void
senses_made_gesture(struct buf *members, int number, int64_t into_us)
{
	static const char *const names[] = { "chest-flex", "wave", "thumbs-up" };

	buf_add_format(members, "\"name\":\"%s\",\"confidence\":%.2f", names[(into_us / (10 * SECOND_US) + number) % 3],
	    0.85 + 0.1 * wave((double)into_us / SECOND_US, 70.0));
}

/* Somebody talks: syllables, breath, now and then too loud, and a moment with the microphone off. */
void
senses_made_audio(struct node_audio *out, int number, int64_t into_us)
{
	double s = (double)into_us / SECOND_US + 0.7 * number;
	double syllable = fabs(wave(s, 0.5)), breath = wave(s, 5.0) > -0.6 ? 1.0 : 0.0;
	bool is_clip = into_us % CLIP_EVERY_US < SENSES_AUDIO_US && into_us >= CLIP_EVERY_US;

	out->muted = into_us % MUTED_EVERY_US >= MUTED_EVERY_US - MUTED_US;
	out->peak_dbfs = out->muted ? -96.0 : is_clip ? 0.0 : round((-46.0 + 38.0 * syllable * breath) * 10) / 10;
	out->rms_dbfs = out->muted ? -96.0 : out->peak_dbfs - 11.0;
	out->clips = into_us / CLIP_EVERY_US;
}

void
senses_audio_members(struct buf *members, const struct node_audio *a)
{
	buf_add_format(members, "\"peakDbfs\":%.1f,\"rmsDbfs\":%.1f,\"clips\":%lld,\"muted\":%s", a->peak_dbfs, a->rms_dbfs,
	    (long long)a->clips, a->muted ? "true" : "false");
}
