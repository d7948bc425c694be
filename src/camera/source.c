/*
 * source.c - picks a source by its name, and lays over it what every source shows alike.
 * Owns nothing.  Never knows how a source makes its pictures.
 */
#include <math.h>
#include <string.h>
#include "base/str.h"
#include "camera/source.h"
#include "camera/v4l2dev.h"

#define BEEP_US 200000
#define BEEP_HZ 2000.0
#define BEEP_GAIN 0.7F
#define LAMP_SHARE 24	/* of the width */

struct source *
source_open(const struct camera_conf *conf, int64_t now_us, struct err *e)
{
	if (str_has_prefix(conf->source, "file:"))
		return source_file_open(conf->source + 5, now_us, e);
	if (str_has_prefix(conf->source, "v4l2:"))
		return source_v4l2_open(conf, conf->source + 5, &v4l2dev_system, e);
	if (str_has_prefix(conf->source, "mjpeg:"))
		return source_mjpeg_open(conf, conf->source + 6, e);
	return source_pattern_open(conf);
}

void
source_close(struct source *s)
{
	if (s != NULL)
		s->ops->free(s);
}

static void
draw_message(struct picture *p, const char *text)
{
	int scale = p->width_px / 213 > 0 ? p->width_px / 213 : 1;
	int width = picture_text_width(scale, text);

	picture_text(p, width < p->width_px ? (p->width_px - width) / 2 : 0, p->height_px - 2 * picture_text_height(scale), scale, text);
}

static void
draw_lamp(struct picture *p, enum node_tally tally)
{
	int side = p->width_px / LAMP_SHARE;
	struct colour c = tally == NODE_TALLY_PROGRAM ? picture_colour(230, 20, 20) : picture_colour(20, 200, 60);

	picture_fill(p, p->width_px - 2 * side, side, side, side, c);
}

bool
source_draw(struct source *s, const struct scene *scene, struct picture *out, struct err *e)
{
	if (scene->is_flash) {
		picture_fill(out, 0, 0, out->width_px, out->height_px, (struct colour){ 255, 128, 128 });
		return true;
	}
	if (!s->ops->draw(s, scene, out, e))
		return false;
	if (scene->tally != NODE_TALLY_OFF)
		draw_lamp(out, scene->tally);
	if (scene->message[0] != '\0')
		draw_message(out, scene->message);
	if (scene->is_identify && scene->time_us / 250000 % 2 == 0)
		picture_frame(out, out->width_px / 20, picture_colour(255, 220, 0));
	return true;
}

void
source_sound(struct source *s, const struct scene *scene, int64_t from_us, float *out, int count)
{
	s->ops->sound(s, from_us, out, count);
	if (scene->beep_us == 0 || from_us > scene->beep_us + BEEP_US)
		return;
	for (int i = 0; i < count; i++) {
		double since = (double)(from_us - scene->beep_us) * 1e-6 + (double)i / SOURCE_SAMPLE_RATE;

		if (since >= 0 && since < BEEP_US * 1e-6)
			out[i] = BEEP_GAIN * (float)sin(2 * M_PI * BEEP_HZ * since);
	}
}
