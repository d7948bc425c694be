/*
 * preview_ask.c - what a node is asked for, so that none encodes or sends what nobody sees.
 * Owns the ladder of widths and the patience before less is asked for.  Never looks at a picture.
 */
#include "app/preview_private.h"

#define QUALITY 60			/* of the JPEG stream asked for: a tile shows no more */
#define MAX_WIDTH_PX 1920
#define WATCH_WIDTH_PX 160
#define WATCH_FPS 2			/* twice in the time after which pictures that stand still are frozen, and more */
#define OLD_THUMB_US 10000000		/* unseen for longer, the picture from before is not shown again */

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

	if (s->width_px > 0)
		slot_size(s);
	else if (s->left_us == 0) {
		s->asked_width_px = s->is_watched ? WATCH_WIDTH_PX : 0;
		s->asked_fps = s->is_watched ? WATCH_FPS : 0;
	}
	if (conn != NULL)
		conn_preview(conn, s->asked_width_px, s->asked_fps, s->asked_width_px > 0 ? QUALITY : 0);
}

void
preview_ask_leave(struct preview_slot *s)
{
	struct preview *p = s->preview;

	if (s->asked_width_px == 0)
		return;
	s->left_us = loop_now_us(p->loop);
	s->lower_us = 0;
	if (!p->is_leave_timed)
		loop_timer_start(p->loop, p->leave_timer, PREVIEW_LEAVE_AFTER_US, 0);
	p->is_leave_timed = true;
}

int64_t
preview_ask_left(struct preview_slot *s, int64_t now_us)
{
	if (s->left_us == 0 || s->left_us + PREVIEW_LEAVE_AFTER_US > now_us)
		return s->left_us != 0 ? s->left_us + PREVIEW_LEAVE_AFTER_US : 0;
	s->left_us = 0;
	preview_held_drop(&s->preview->held_bytes, &s->waiting);
	preview_ask(s);
	return 0;
}

/* Looked at again after a while: what it showed then is no picture of now.  A stream that is still open goes on. */
void
preview_ask_wake(struct preview_slot *s)
{
	if (loop_now_us(s->preview->loop) - s->came_us > OLD_THUMB_US)
		thumb_fini(&s->thumb);
	if (s->left_us == 0)
		s->asked_width_px = s->asked_fps = 0;
	s->left_us = s->lower_us = 0;
}
