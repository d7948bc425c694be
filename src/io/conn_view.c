/*
 * conn_view.c - an address that is fetched exactly as it was written, once, with no probe before: motion JPEG
 * becomes a view-only source on that same connection, JSON becomes a node at that host and port.
 * Never asks such a source for anything else, and never shows the password a URL may hold.
 */
#include "io/conn_private.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clk.h"
#include "base/str.h"
#include "io/jdoc.h"
#include "io/wire.h"

#define DRIPS_US 5000000		/* so long for one picture is no stream of pictures */
#define PAUSE_US 2000000		/* after so long without a byte another one begins */

#define VIEW_HEAD_TIMEOUT_US 5000000

/* 64-bit FNV-1a: an id that is the same each time this URL is added. */
static uint64_t
hash_of(const char *text)
{
	uint64_t h = 14695981039346656037u;

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211u;
	return h;
}

static void
make_info(const struct registry_address *at, struct node_info *info)
{
	char shown[1024];
	const char *name;

	registry_place(at, shown, sizeof shown);
	name = strstr(shown, "://");
	name = name != NULL ? name + 3 : shown;
	memset(info, 0, sizeof *info);
	snprintf(info->id, sizeof info->id, "view-%012llx", (unsigned long long)(hash_of(at->url) & 0xffffffffffffu));
	str_clean(info->device_name, sizeof info->device_name, name, strcspn(name, "?#"), MAX_NAME_CELLS);
	info->camera_count = -1;
}

static void
on_part(void *arg, const char *jpeg, size_t len, int64_t timestamp_us, int64_t frame)
{
	struct conn *c = arg;

	if (c->view.call == NULL)
		return;
	conn_heard(c);
	c->view.arrives_us = 0;
	if (!conn_is_dead(c))
		conn_picture_trouble(c, "");
	if (c->fns.frame != NULL && c->view.call != NULL)
		c->fns.frame(c->arg, c, jpeg, len, timestamp_us, frame);
}

/* The source is named even when its stream cannot be read, so that its tile can say why. */
static bool
start_viewing(struct conn *c, const char *content_type)
{
	struct node_info info;
	struct err e;

	c->view.mjpeg = mjpeg_new(content_type, on_part, c, &e);
	if (c->view.mjpeg == NULL)
		str_copy(c->view.broken, sizeof c->view.broken, e.text);
	make_info(&c->at, &info);
	conn_identify(c, &info, true);
	if (c->view.mjpeg == NULL)
		return false;
	conn_go(c, CONN_VIEWING, "");
	return c->view.call != NULL;
}

static void
refuse_type(struct conn *c, const char *content_type)
{
	char type[80], shown[1024];

	str_clean(type, sizeof type, content_type, strcspn(content_type, ";"), 60);
	registry_place(&c->at, shown, sizeof shown);
	snprintf(c->view.broken, sizeof c->view.broken, "%.400s answered %s: neither a camera node nor an MJPEG stream",
	    shown, type[0] != '\0' ? type : "no content type");
	str_copy(c->view.verdict, sizeof c->view.verdict, c->view.broken);
}

static bool
on_head(void *arg, int status, const char *content_type)
{
	struct conn *c = arg;
	const char *type = content_type != NULL ? content_type : "";
	char shown[1024];
	bool go_on = false;

	conn_enter(c);
	c->view.verdict[0] = '\0';
	if (status != 200) {
		registry_place(&c->at, shown, sizeof shown);
		snprintf(c->view.broken, sizeof c->view.broken, "%.400s answered %d", shown, status);
	} else if (strncasecmp(type, "multipart/", 10) == 0) {
		go_on = start_viewing(c, type);
	} else if (strncasecmp(type, "application/json", 16) == 0) {
		go_on = c->view.is_json = true;
	} else {
		refuse_type(c, type);
	}
	conn_leave(c);
	return go_on;
}

/* Bytes come without end and never a picture: a stranger's way to be neither here nor silent. */
static void
tell_dripping(struct conn *c)
{
	const int64_t now_us = loop_now_us(c->loop);
	struct conn_view *v = &c->view;
	char text[80] = "";
	time_t began;
	struct tm tm;

	if (v->arrives_us == 0 || now_us - v->bytes_us > PAUSE_US)
		v->arrives_us = now_us;
	v->bytes_us = now_us;
	if (now_us - v->arrives_us < DRIPS_US || c->picture.trouble[0] != '\0')
		return;
	began = (time_t)((clk_utc_us(clk_system()) - (now_us - v->arrives_us)) / 1000000);
	if (localtime_r(&began, &tm) != NULL)
		(void)strftime(text, sizeof text, "a picture has been arriving since %H:%M:%S", &tm);
	conn_picture_trouble(c, text);
}

static bool
feed_picture(struct conn *c, const char *data, size_t len)
{
	struct mjpeg *mjpeg = c->view.mjpeg;
	struct err e;
	bool ok = mjpeg_feed(mjpeg, data, len, &e);

	if (!ok && c->view.mjpeg == mjpeg)	/* else it was closed by one of its own pictures */
		str_copy(c->view.broken, sizeof c->view.broken, e.text);
	else if (ok && c->view.mjpeg == mjpeg)
		tell_dripping(c);
	return ok;
}

static bool
on_bytes(void *arg, const char *data, size_t len)
{
	struct conn *c = arg;
	bool ok;

	conn_enter(c);
	if (c->view.is_json) {
		ok = buf_add(&c->view.body, data, len);
		if (!ok)
			str_copy(c->view.broken, sizeof c->view.broken, "its JSON is too big");
	} else {
		ok = feed_picture(c, data, len);
	}
	conn_leave(c);
	return ok;
}

/* The whole JSON is in: a node answers at that host and port, under the contract's own paths. */
static bool
become_node(struct conn *c, struct err *e)
{
	struct jdoc *j = jdoc_parse(buf_text(&c->view.body), c->view.body.len, MAX_JSON_BODY, e);
	struct node_info info;
	bool ok;

	if (j == NULL)
		return false;
	ok = wire_read_info(&info, j, e);
	jdoc_free(j);
	if (!ok)
		return false;
	c->view.is_node = true;
	c->epoch[0] = '\0';
	c->known_us = loop_now_us(c->loop);
	c->at.url[0] = '\0';
	c->at.kind = registry_path_of(c->at.host);
	conn_identify(c, &info, false);
	if (c->state == CONN_PROBING)
		conn_go(c, CONN_OPENING, "");
	return true;
}

static void
give_up(struct conn *c, const struct err *why)
{
	char text[MAX_TEXT_FIELD];

	if (c->view.broken[0] != '\0')
		str_copy(text, sizeof text, c->view.broken);
	else if (why->kind == ERR_NONE)
		str_copy(text, sizeof text, "the stream ended");
	else if (c->view.verdict[0] != '\0')	/* a server of one answer is gone, and its answer still tells why */
		snprintf(text, sizeof text, "%.700s; now %.200s", c->view.verdict, why->text);
	else
		str_copy(text, sizeof text, why->text);
	if (c->view_only)
		conn_picture_trouble(c, text);
	if (c->state == CONN_VIEWING)
		conn_lost(c, text);
	else
		conn_fail(c, text);
}

static void
on_closed(void *arg, const struct err *why)
{
	struct conn *c = arg;
	struct err e = *why;
	bool whole = c->view.is_json && c->view.broken[0] == '\0' && why->kind == ERR_NONE;

	conn_enter(c);
	c->view.call = NULL;
	if (!whole || !become_node(c, &e))
		give_up(c, &e);
	conn_leave(c);
}

void
conn_view_open(struct conn *c, const struct registry_address *a)
{
	struct http_request r = { .url = a->url, .timeout_us = VIEW_HEAD_TIMEOUT_US, .idle_us = CONN_PICTURE_IDLE_US };

	conn_view_close(c);
	c->at = *a;
	c->at.in_use = true;
	c->has_at = true;
	c->view.is_json = false;
	c->view.arrives_us = 0;
	c->view.broken[0] = '\0';
	buf_clear(&c->view.body);
	c->view.call = http_stream(c->http, &r, on_head, on_bytes, on_closed, c);
}

void
conn_view_close(struct conn *c)
{
	http_cancel(c->view.call);
	c->view.call = NULL;
	mjpeg_free(c->view.mjpeg);
	c->view.mjpeg = NULL;
}
