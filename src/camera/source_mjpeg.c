/*
 * source_mjpeg.c - the picture of another node, or of any camera with an MJPEG address.
 * Owns the connection, and asks again when it breaks off.  Never decodes on the loop, never follows the other's clock
 * further than the network shook its pictures: they are caught when they came, less what they were held up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/caught.h"
#include "camera/source.h"
#include "io/http.h"
#include "io/mjpeg.h"

#define AGAIN_US 1000000
#define IDLE_US 5000000
#define HEAD_US 5000000
#define WINDOW_US 5000000	/* the least delay of the last one or two of these is taken for the way's own */
#define SHAKEN_US 1000000	/* held up longer than that: the other's clock was stepped, or is none */

struct mjpeg_source {
	struct source base;
	char url[CAMOPT_PATH], shown[CAMOPT_PATH];	/* shown: without a name and password */
	char name[MAX_NAME_BYTES];
	void (*say)(const char *sentence);
	struct loop *loop;
	struct http *http;
	struct http_call *call;
	struct mjpeg *parser;
	struct loop_timer *again;
	struct caught *caught;
	loop_fn *tell;
	void *tell_arg;
	int64_t window_us, least_us, least_before_us;	/* arrival less the other's time stamp */
	int64_t last_us, frame;		/* of the newest picture; frame -1: not told */
	bool is_shown, is_missed;	/* a picture came on this connection; its absence was told */
};

static void ask(void *arg);

/* ---- when a picture was caught ---- */

static int64_t
caught_us(struct mjpeg_source *m, int64_t now_us, int64_t stamp_us)
{
	int64_t delay_us = now_us - stamp_us, least_us;

	if (stamp_us == 0)
		return now_us;
	if (m->window_us == 0 || delay_us < m->least_us - SHAKEN_US || delay_us > m->least_us + SHAKEN_US) {
		m->window_us = now_us;
		m->least_us = m->least_before_us = delay_us;
	} else if (now_us - m->window_us > WINDOW_US) {
		m->window_us = now_us;
		m->least_before_us = m->least_us;
		m->least_us = delay_us;
	} else if (delay_us < m->least_us) {
		m->least_us = delay_us;
	}
	least_us = m->least_us < m->least_before_us ? m->least_us : m->least_before_us;
	return stamp_us + least_us;
}

/* ---- the stream ---- */

static void
say(const struct mjpeg_source *m, const char *what, const char *why)
{
	char text[CAMOPT_PATH + 400];

	snprintf(text, sizeof text, "%s: %s %s%s%s", m->name, what, m->shown, why[0] != '\0' ? ": " : "", why);
	log_line(LOG_CAMERA, "%s", text);
	if (m->say != NULL)
		m->say(text);
}

static void
came(void *arg, const char *jpeg, size_t len, int64_t stamp_us, int64_t frame)
{
	struct mjpeg_source *m = arg;
	int64_t us;

	if (frame >= 0 && frame == m->frame)	/* a picture that stands still is no new one, however often it is sent */
		return;
	m->frame = frame;
	us = caught_us(m, loop_now_us(m->loop), stamp_us);
	us = us > m->last_us ? us : m->last_us + 1;
	if (!caught_put(m->caught, jpeg, len, us))
		return;
	m->last_us = us;
	if (m->is_missed)
		say(m, "pictures come again from", "");
	m->is_shown = true;
	m->is_missed = false;
	m->tell(m->tell_arg);
}

static bool
head(void *arg, int status, const char *content_type)
{
	struct mjpeg_source *m = arg;
	struct err e = { 0 };

	if (status != 200)
		return false;
	m->frame = -1;
	mjpeg_free(m->parser);
	m->parser = mjpeg_new(content_type != NULL ? content_type : "", came, m, &e);
	return m->parser != NULL;
}

static bool
bytes(void *arg, const char *data, size_t len)
{
	struct mjpeg_source *m = arg;
	struct err e = { 0 };

	return mjpeg_feed(m->parser, data, len, &e);
}

/* Told once for each time that it is gone, not for each try. */
static void
closed(void *arg, const struct err *why)
{
	struct mjpeg_source *m = arg;

	m->call = NULL;
	if (m->is_shown || !m->is_missed)
		say(m, "no picture from", why->kind == ERR_NONE ? "it ended its stream; asked again each second" : why->text);
	m->is_missed = true;
	m->is_shown = false;
	m->window_us = 0;
	loop_timer_start(m->loop, m->again, AGAIN_US, 0);
}

static void
ask(void *arg)
{
	struct mjpeg_source *m = arg;
	const struct http_request rq = { .url = m->url, .timeout_us = HEAD_US, .idle_us = IDLE_US, .once = true };

	m->call = http_stream(m->http, &rq, head, bytes, closed, m);
}

/* ---- a live source ---- */

static void
mjpeg_start(struct source *s, struct loop *loop, loop_fn *tell, void *arg)
{
	struct mjpeg_source *m = (struct mjpeg_source *)s;

	m->loop = loop;
	m->tell = tell;
	m->tell_arg = arg;
	m->http = http_new(loop);
	m->again = loop_timer_new(loop, ask, m);
	ask(m);
}

static void
mjpeg_stop(struct source *s)
{
	struct mjpeg_source *m = (struct mjpeg_source *)s;

	if (m->http == NULL)
		return;
	http_cancel(m->call);
	m->call = NULL;
	loop_timer_free(m->loop, m->again);
	http_free(m->http);
	m->http = NULL;
}

static bool
mjpeg_next(struct source *s, int64_t after, int64_t *number, int64_t *mono_us)
{
	return caught_next(((struct mjpeg_source *)s)->caught, after, number, mono_us);
}

static bool
mjpeg_draw(struct source *s, const struct scene *scene, struct picture *out, struct err *e)
{
	return caught_draw(((struct mjpeg_source *)s)->caught, scene, out, e);
}

static void
mjpeg_source_free(struct source *s)
{
	struct mjpeg_source *m = (struct mjpeg_source *)s;

	mjpeg_stop(s);
	mjpeg_free(m->parser);
	caught_free(m->caught);
	free(m);
}

static const struct source_ops mjpeg_ops = { .draw = mjpeg_draw, .free = mjpeg_source_free };
static const struct source_live mjpeg_live = { mjpeg_start, mjpeg_stop, mjpeg_next };

/* RFC 3986 section 3.2.1: what stands before an @ in the authority is nobody else's. */
static void
without_password(char *out, size_t size, const char *url)
{
	const char *host = strstr(url, "://") + 3, *end = host + strcspn(host, "/?#");

	for (const char *at = host; at < end; at++)
		if (*at == '@')
			host = at + 1;
	snprintf(out, size, "%.*s%s", (int)(strstr(url, "://") + 3 - url), url, host);
}

struct source *
source_mjpeg_open(const struct camera_conf *conf, const char *url, struct err *e)
{
	struct mjpeg_source *m;

	if (!str_has_prefix(url, "http://") && !str_has_prefix(url, "https://")) {
		err_set(e, ERR_USAGE, "--source mjpeg:%s: expected an address that begins with http:// or https://", url);
		return NULL;
	}
	m = xcalloc(1, sizeof *m);
	m->base.ops = &mjpeg_ops;
	m->base.live = &mjpeg_live;
	str_copy(m->url, sizeof m->url, url);
	without_password(m->shown, sizeof m->shown, url);
	str_copy(m->name, sizeof m->name, conf->name);
	m->say = conf->say;
	m->caught = caught_new();
	return &m->base;
}
