/*
 * preview_ask.c - what a node is asked for, so that none encodes or sends what nobody sees.
 * Owns the ladder of widths and the patience before less is asked for.  Never looks at a picture.
 */
#include "app/preview_private.h"

#define QUALITY 60			/* of the JPEG stream asked for: a tile shows no more */
#define MAX_WIDTH_PX 1920
#define OLD_THUMB_US 1000000		/* unseen for longer, the picture from before is not shown again */

/* Widths a node is asked for: few, so that small changes of the layout do not reopen its stream. */
static int
ladder_px(int width_px)
{
	static const int steps[] = { 160, 240, 320, 480, 640, 960, 1280 };

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (width_px <= steps[i])
			return steps[i];
	return MAX_WIDTH_PX;
}

int
preview_ask_fps(const struct preview_slot *s)
{
	const int most = (int)opt_int(s->preview->settings, "preview-fps");
	const int fps = s->fps > 0 && s->fps < most ? s->fps : most;

	return fps > 0 ? fps : 1;
}

/*
 * More at once, less only when half would do, and for some time: what the terminal's line allows goes up and down, and
 * each change opens the stream anew.
 */
static void
slot_size(struct preview_slot *s)
{
	const int width_px = ladder_px(s->width_px), fps = preview_ask_fps(s);
	const bool less = width_px * 2 <= s->asked_width_px || fps * 2 <= s->asked_fps;
	const int64_t now_us = loop_now_us(s->preview->loop);

	if (s->width_px > s->asked_width_px)
		s->asked_width_px = width_px;
	if (fps > s->asked_fps)
		s->asked_fps = fps;
	if (!less) {
		s->lower_us = 0;
	} else if (s->lower_us == 0) {
		s->lower_us = now_us;
	} else if (now_us - s->lower_us >= PREVIEW_LOWER_AFTER_US) {
		s->asked_width_px = width_px < s->asked_width_px ? width_px : s->asked_width_px;
		s->asked_fps = fps < s->asked_fps ? fps : s->asked_fps;
		s->lower_us = 0;
	}
}

/* A node may have got another conn since; the same wish again costs nothing. */
void
preview_ask(struct preview_slot *s)
{
	struct conn *conn = crew_conn(s->preview->crew, s->node);

	if (s->width_px == 0)
		s->asked_width_px = s->asked_fps = 0;
	else
		slot_size(s);
	if (conn != NULL)
		conn_preview(conn, s->asked_width_px, s->asked_fps, s->asked_width_px > 0 ? QUALITY : 0);
}

/* Looked at again after a while: what it showed then is no picture of now. */
void
preview_ask_wake(struct preview_slot *s)
{
	if (loop_now_us(s->preview->loop) - s->came_us > OLD_THUMB_US)
		thumb_fini(&s->thumb);
	s->asked_width_px = s->asked_fps = 0;
	s->lower_us = 0;
}

