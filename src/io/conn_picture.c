/*
 * conn_picture.c - a node's pictures (GET /stream) while somebody wants them: opened, re-opened with
 * back-off, closed.  Owns the stream and its parser.  Never decodes, never keeps a frame.
 */
#include "io/conn_private.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define SILENT_US 4000000		/* nobody is asked for less than a picture a second */

void
conn_picture_trouble(struct conn *c, const char *why)
{
	if (strcmp(c->picture.trouble, why) == 0)
		return;
	str_copy(c->picture.trouble, sizeof c->picture.trouble, why);
	if (c->fns.picture_trouble != NULL)
		c->fns.picture_trouble(c->arg, c, c->picture.trouble);
}

static void
on_part(void *arg, const char *jpeg, size_t len, int64_t timestamp_us, int64_t frame)
{
	struct conn *c = arg;

	if (c->picture.call == NULL)
		return;		/* the part before this one, in the same bytes, made somebody close it */
	c->picture.failures = 0;
	conn_picture_trouble(c, "");
	if (c->fns.frame != NULL && c->picture.call != NULL)
		c->fns.frame(c->arg, c, jpeg, len, timestamp_us, frame);
}

static bool
on_head(void *arg, int status, const char *content_type)
{
	struct conn *c = arg;
	struct conn_picture *p = &c->picture;
	struct err e;

	if (status == 404 || status == 405 || status == 501) {
		p->not_offered = true;
		return false;
	}
	if (status != 200) {
		snprintf(p->broken, sizeof p->broken, "/stream answered %d", status);
		return false;
	}
	p->mjpeg = mjpeg_new(content_type != NULL ? content_type : "", on_part, c, &e);
	if (p->mjpeg == NULL)
		snprintf(p->broken, sizeof p->broken, "/stream: %s", e.text);
	return p->mjpeg != NULL;
}

static bool
on_bytes(void *arg, const char *data, size_t len)
{
	struct conn *c = arg;
	struct mjpeg *mjpeg = c->picture.mjpeg;
	struct err e;
	bool ok;

	conn_enter(c);
	ok = mjpeg_feed(mjpeg, data, len, &e);
	if (!ok && c->picture.mjpeg == mjpeg)	/* else the stream was closed by one of its own pictures */
		snprintf(c->picture.broken, sizeof c->picture.broken, "/stream: %s", e.text);
	conn_leave(c);
	return ok;
}

static void
close_stream(struct conn *c)
{
	http_cancel(c->picture.call);
	c->picture.call = NULL;
	mjpeg_free(c->picture.mjpeg);
	c->picture.mjpeg = NULL;
	loop_timer_stop(c->loop, c->picture.timer);
}

static void
on_closed(void *arg, const struct err *why)
{
	struct conn *c = arg;
	struct conn_picture *p = &c->picture;
	char text[MAX_TEXT_FIELD];

	conn_enter(c);
	p->call = NULL;
	close_stream(c);
	p->failures++;
	if (!p->not_offered)
		loop_timer_start(c->loop, p->timer, conn_picture_backoff_us(c, p->failures), 0);
	if (p->not_offered)
		str_copy(text, sizeof text, "no picture offered");
	else if (p->broken[0] != '\0')
		str_copy(text, sizeof text, p->broken);
	else if (why->kind == ERR_NONE)
		str_copy(text, sizeof text, "the picture stream ended; opening it again");
	else if (why->kind == ERR_TIMEOUT && conn_is_up(c))
		str_copy(text, sizeof text, "no picture: its stream is silent, tried again");	/* its age stands beside */
	else
		snprintf(text, sizeof text, "no picture: %s", why->text);
	conn_picture_trouble(c, text);
	if (why->kind == ERR_NETWORK && conn_is_up(c))
		conn_paths_check(c);	/* perhaps it is not at this address any more */
	conn_leave(c);
}

static void
open_stream(struct conn *c)
{
	struct conn_picture *p = &c->picture;
	char path[128], url[640];
	struct http_request r = { .url = url, .timeout_us = CONN_PROBE_TIMEOUT_US, .idle_us = SILENT_US,
		.fresh = conn_distrusts(c) };

	close_stream(c);
	p->have = p->want;
	p->broken[0] = '\0';
	snprintf(path, sizeof path, "/stream?width=%d&fps=%d&quality=%d", p->want.width_px, p->want.fps, p->want.quality);
	conn_url(&c->at, path, url, sizeof url);
	p->call = http_stream(c->http, &r, on_head, on_bytes, on_closed, c);
}

static void
on_again(void *arg)
{
	struct conn *c = arg;

	conn_enter(c);
	conn_picture_refresh(c);
	conn_leave(c);
}

void
conn_picture_refresh(struct conn *c)
{
	struct conn_picture *p = &c->picture;

	if (p->timer == NULL)
		p->timer = loop_timer_new(c->loop, on_again, c);
	if (p->want.width_px <= 0) {
		close_stream(c);
		if (!p->not_offered && !c->no_camera)
			conn_picture_trouble(c, "");	/* nobody looks: what was wrong when somebody did is no state of now */
		return;
	}
	if (!conn_is_up(c))
		return;
	if (p->not_offered || c->no_camera) {
		conn_picture_trouble(c, "no picture offered");
		return;
	}
	if (p->call == NULL || memcmp(&p->want, &p->have, sizeof p->want) != 0)
		open_stream(c);
}

/* At another address, before the link is up there: the eye should miss as little as can be. */
void
conn_picture_restart(struct conn *c)
{
	struct conn_picture *p = &c->picture;

	p->not_offered = false;
	p->failures = 0;
	if (p->timer != NULL && p->want.width_px > 0 && !c->no_camera)
		open_stream(c);
}

void
conn_picture_stop(struct conn *c)
{
	close_stream(c);
}

void
conn_preview(struct conn *c, int width_px, int fps, int quality)
{
	struct conn_wish want = { width_px > 0 ? width_px : 0, fps, quality };

	if (memcmp(&want, &c->picture.want, sizeof want) == 0)
		return;
	c->picture.want = want;
	conn_enter(c);
	if (!c->view_only)
		conn_picture_refresh(c);
	conn_leave(c);
}
