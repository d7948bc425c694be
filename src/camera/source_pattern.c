/*
 * source_pattern.c - a picture nobody has to film: bars, a moving bar, the camera's name, the node's
 * clock to the millisecond and the frame's number; and a tone of its own with a blip each second.
 * Owns one ready background.  Never reads a clock: all it shows comes with the scene.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/xalloc.h"
#include "camera/source.h"

#define SWEEP_US 4000000	/* the moving bar's way across */
#define SECOND_US 1000000
#define BLIP_US 60000
#define TONE_GAIN 0.1		/* -20 dBFS */
#define BLIP_GAIN 0.5		/* -6 dBFS */
#define BLIP_HZ 1000.0
#define BARS_END 0.62		/* of the height */
#define RAMP_END 0.74
#define CHECKS 18

struct pattern {
	struct source base;
	int number;
	double tone_hz;
	struct picture background;	/* for the look below */
	double zoom;
	bool is_front;
	double phase;			/* of the tone, radians */
};

/* What is seen at (x, y), 0..1 each, of the unzoomed field. */
static struct colour
field_colour(const struct pattern *p, double x, double y)
{
	static const uint8_t bars[8][3] = { { 200, 200, 200 }, { 200, 200, 20 }, { 20, 190, 190 }, { 20, 190, 20 },
		{ 190, 20, 190 }, { 190, 30, 30 }, { 30, 40, 200 }, { 40, 40, 40 } };
	static const uint8_t own[6][3] = { { 220, 120, 40 }, { 60, 140, 220 }, { 120, 200, 80 }, { 200, 80, 160 },
		{ 90, 90, 200 }, { 200, 190, 90 } };
	const uint8_t *rgb;
	int grey;

	if (p->is_front)
		x = 1 - x;
	if (y < BARS_END) {
		rgb = bars[(int)(x * 8) & 7];
		return picture_colour(rgb[0], rgb[1], rgb[2]);
	}
	if (y < RAMP_END) {
		grey = (int)(x * 255);
		return picture_colour(grey, grey, grey);
	}
	rgb = own[(p->number - 1) % 6];
	grey = ((int)(x * 32) + (int)(y * CHECKS)) % 2 * 40;
	return picture_colour(rgb[0] - grey / 2, rgb[1] - grey / 2, rgb[2] - grey / 2);
}

static double
zoomed(int at, int size, double zoom)
{
	double v = 0.5 + (((double)at + 0.5) / size - 0.5) / zoom;

	return v < 0 ? 0 : v > 0.999999 ? 0.999999 : v;
}

/* Rows of one band look alike. */
static int
band_of(double y)
{
	return y < BARS_END ? 0 : y < RAMP_END ? 1 : 2 + (int)(y * CHECKS);
}

/* In blocks of 2x2, as chroma has no finer detail. */
static void
background_row(struct pattern *p, int row, double y)
{
	struct picture *b = &p->background;
	uint8_t *luma = b->y + (size_t)row * 2 * (size_t)b->stride;
	size_t chroma = (size_t)row * (size_t)b->chroma_stride;

	for (int column = 0; column < b->width_px / 2; column++) {
		struct colour c = field_colour(p, zoomed(column, b->width_px / 2, p->zoom), y);

		luma[2 * column] = luma[2 * column + 1] = c.y;
		b->u[chroma + (size_t)column] = c.u;
		b->v[chroma + (size_t)column] = c.v;
	}
	memcpy(luma + b->stride, luma, (size_t)b->width_px);
}

static void
background_repeat_row(struct picture *b, int row)
{
	size_t luma = (size_t)row * 2 * (size_t)b->stride, chroma = (size_t)row * (size_t)b->chroma_stride;

	memcpy(b->y + luma, b->y + luma - 2 * (size_t)b->stride, 2 * (size_t)b->stride);
	memcpy(b->u + chroma, b->u + chroma - b->chroma_stride, (size_t)b->chroma_stride);
	memcpy(b->v + chroma, b->v + chroma - b->chroma_stride, (size_t)b->chroma_stride);
}

/* A zoom ramp draws this for every frame: only the first row of each band is worked out. */
static void
background_draw(struct pattern *p)
{
	int rows = p->background.height_px / 2, band, before = -1;

	for (int row = 0; row < rows; row++, before = band) {
		double y = zoomed(row, rows, p->zoom);

		band = band_of(y);
		if (band == before)
			background_repeat_row(&p->background, row);
		else
			background_row(p, row, y);
	}
}

static void
background_ready(struct pattern *p, const struct scene *scene, const struct picture *like)
{
	double change = scene->zoom - p->zoom;
	bool same_look = change > -1e-9 && change < 1e-9 && p->is_front == scene->is_front;

	if (same_look && p->background.width_px == like->width_px && p->background.height_px == like->height_px)
		return;
	p->zoom = scene->zoom;
	p->is_front = scene->is_front;
	picture_resize(&p->background, like->width_px, like->height_px);
	background_draw(p);
}

static void
draw_texts(struct picture *out, const struct scene *scene)
{
	int scale = out->width_px / 213 > 0 ? out->width_px / 213 : 1, line = picture_text_height(scale) + scale;
	int top = out->height_px / 12;
	time_t second = (time_t)(scene->time_us / SECOND_US);
	struct tm utc;
	char text[64];

	gmtime_r(&second, &utc);
	picture_text(out, 2 * scale, top, scale, scene->name);
	snprintf(text, sizeof text, "%02d:%02d:%02d.%03d", utc.tm_hour, utc.tm_min, utc.tm_sec,
	    (int)(scene->time_us % SECOND_US / 1000));
	picture_text(out, 2 * scale, top + line, 2 * scale, text);
	snprintf(text, sizeof text, "FRAME %06lld", (long long)scene->frame);
	picture_text(out, 2 * scale, top + 3 * line, scale, text);
	snprintf(text, sizeof text, "%s %.2fX", scene->is_front ? "FRONT" : "BACK", scene->zoom);
	picture_text(out, 2 * scale, top + 4 * line, scale, text);
}

static bool
pattern_draw(struct source *s, const struct scene *scene, struct picture *out, struct err *e)
{
	struct pattern *p = (struct pattern *)s;
	int width = out->width_px, bar = width / 40 > 2 ? width / 40 : 2;
	int64_t into = scene->time_us % SWEEP_US;

	(void)e;
	background_ready(p, scene, out);
	picture_copy(out, &p->background);
	picture_fill(out, (int)((int64_t)(width - bar) * into / SWEEP_US), 0, bar, out->height_px, picture_colour(250, 250, 250));
	picture_fill(out, (int)((int64_t)width * (scene->time_us % SECOND_US) / SECOND_US), out->height_px * 9 / 10, 2 * bar, 2 * bar,
	    picture_colour(10, 10, 10));
	draw_texts(out, scene);
	return true;
}

static void
pattern_sound(struct source *s, int64_t from_us, float *out, int count)
{
	struct pattern *p = (struct pattern *)s;
	double step = 2 * M_PI * p->tone_hz / SOURCE_SAMPLE_RATE;
	double turn_x = cos(step), turn_y = sin(step), x = TONE_GAIN * cos(p->phase), y = TONE_GAIN * sin(p->phase), before;

	for (int i = 0; i < count; i++) {
		double into_us = (double)(from_us % SECOND_US) + i * (1e6 / SOURCE_SAMPLE_RATE);

		while (into_us >= SECOND_US)
			into_us -= SECOND_US;
		out[i] = into_us < BLIP_US ? (float)(BLIP_GAIN * sin(2 * M_PI * BLIP_HZ * into_us * 1e-6)) : (float)y;
		before = x;	/* a hand that turns: a sine for each sample of 64 cameras would be felt */
		x = x * turn_x - y * turn_y;
		y = before * turn_y + y * turn_x;
	}
	p->phase = fmod(p->phase + count * step, 2 * M_PI);
}

static bool
pattern_level(const struct source *s, int64_t time_us, double *peak_dbfs, double *rms_dbfs)
{
	double gain = time_us % SECOND_US < 250000 ? BLIP_GAIN : TONE_GAIN;	/* a meter holds its peak for a moment */

	(void)s;
	*peak_dbfs = 20 * log10(gain);
	*rms_dbfs = *peak_dbfs - 3.01;
	return true;
}

static void
pattern_free(struct source *s)
{
	struct pattern *p = (struct pattern *)s;

	picture_fini(&p->background);
	free(p);
}

static const struct source_ops pattern_ops = { pattern_draw, pattern_sound, pattern_level, pattern_free };

struct source *
source_pattern_open(const struct camera_conf *conf)
{
	struct pattern *p = xcalloc(1, sizeof *p);

	p->base.ops = &pattern_ops;
	p->base.has_sound = true;
	p->base.draws_any_size = true;
	p->number = conf->number > 0 ? conf->number : 1;
	p->tone_hz = 440 + 55 * ((p->number - 1) % 16);
	return &p->base;
}
