/*
 * ssehub.c - event stream with resume.
 * Owns the ring and each listener's unsent bytes.  A listener too slow to take them is let go: it
 * comes back and resumes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/list.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/ssehub.h"

#define COMMENT_US 4000000		/* the contract: at least each 5 s */
#define LISTENER_BYTES (1024 * 1024)

struct listener {
	struct list link;
	struct ssehub *hub;
	struct httpd_stream *stream;
	struct buf unsent;
	bool is_over;
};

struct ssehub {
	struct loop *loop;
	ssehub_hello_fn *hello;
	void *arg;
	struct list listeners;
	int count;
	struct loop_timer *comments;
	int64_t first_id, last_id;	/* ids run from first_id + 1 to last_id */
	char *ring[MAX_SSE_RING];	/* texts; id at id % MAX_SSE_RING */
	bool is_silent, is_closing;
};

static void hub_comment(void *arg);

struct ssehub *
ssehub_new(struct loop *loop, int64_t first_id, ssehub_hello_fn *hello, void *arg)
{
	struct ssehub *h = xcalloc(1, sizeof *h);

	h->loop = loop;
	h->hello = hello;
	h->arg = arg;
	h->first_id = h->last_id = first_id;
	list_init(&h->listeners);
	h->comments = loop_timer_new(loop, hub_comment, h);
	loop_timer_start(loop, h->comments, COMMENT_US, COMMENT_US);
	return h;
}

void
ssehub_free(struct ssehub *h)
{
	if (h == NULL)
		return;
	XASSERT(list_is_empty(&h->listeners));
	loop_timer_free(h->loop, h->comments);
	for (int i = 0; i < MAX_SSE_RING; i++)
		free(h->ring[i]);
	free(h);
}

/* ---- listeners ---- */

static long
listener_fill(void *arg, char *out, size_t room)
{
	struct listener *l = arg;
	size_t part = l->unsent.len < room ? l->unsent.len : room;

	if (l->hub->is_silent)
		return 0;
	if (part == 0)
		return l->is_over ? -1 : 0;
	memcpy(out, l->unsent.data, part);
	buf_drop_front(&l->unsent, part);
	return (long)part;
}

static void
listener_gone(void *arg)
{
	struct listener *l = arg;

	list_remove(&l->link);
	l->hub->count--;
	buf_fini(&l->unsent);
	free(l);
}

static const struct httpd_stream_fns listener_fns = { listener_fill, listener_gone };

static void
listener_say(struct listener *l, const char *text)
{
	if (l->is_over)
		return;
	if (!buf_add_text(&l->unsent, text))
		l->is_over = true;
	httpd_stream_wake(l->stream);
}

static void
hub_comment(void *arg)
{
	struct ssehub *h = arg;

	if (h->is_silent)
		return;
	LIST_EACH(it, &h->listeners)
		listener_say(LIST_ENTRY(it, struct listener, link), ":\n\n");
}

/* ---- what is said ---- */

/* id 0: not numbered. */
static char *
event_text(const char *event, int64_t id, const char *json)
{
	if (id > 0)
		return xasprintf("id: %lld\nevent: %s\ndata: %s\n\n", (long long)id, event, json);
	return xasprintf("event: %s\ndata: %s\n\n", event, json);
}

void
ssehub_say(struct ssehub *h, const char *event, bool numbered, struct jdoc *data)
{
	char *json = jdoc_print(data);

	jdoc_free(data);
	ssehub_say_text(h, event, numbered, json);
	free(json);
}

void
ssehub_say_text(struct ssehub *h, const char *event, bool numbered, const char *json)
{
	char *text = event_text(event, numbered ? ++h->last_id : 0, json);
	char **slot = &h->ring[h->last_id % MAX_SSE_RING];

	LIST_EACH(it, &h->listeners)
		listener_say(LIST_ENTRY(it, struct listener, link), text);
	if (!numbered) {
		free(text);
		return;
	}
	free(*slot);
	*slot = text;
}

static int64_t
oldest_kept(const struct ssehub *h)
{
	return h->last_id - h->first_id > MAX_SSE_RING ? h->last_id - MAX_SSE_RING : h->first_id;
}

/* Where a client resumes; *missed: the ring does not reach back to it, or it speaks of another run. */
static int64_t
resume_after(const struct ssehub *h, const char *last_event_id, bool *missed)
{
	int64_t id;

	*missed = false;
	if (last_event_id == NULL)
		return h->last_id;
	if (str_int(last_event_id, 0, INT64_MAX, &id) && id >= oldest_kept(h) && id <= h->last_id)
		return id;
	*missed = true;
	return oldest_kept(h);
}

void
ssehub_join(struct ssehub *h, struct httpd_request *rq)
{
	const struct httpd_extra extra[] = { { "Cache-Control", "no-store" }, { NULL, NULL } };
	struct listener *l = xcalloc(1, sizeof *l);
	bool missed;
	int64_t after = resume_after(h, httpd_header(rq, "Last-Event-ID"), &missed);
	struct jdoc *data = h->hello(h->arg, missed);
	char *json = jdoc_print(data), *hello = event_text("hello", 0, json);

	l->hub = h;
	l->is_over = h->is_closing;
	buf_init(&l->unsent, LISTENER_BYTES);
	buf_add_text(&l->unsent, "retry: 1000\n");
	buf_add_text(&l->unsent, hello);
	free(hello);
	free(json);
	jdoc_free(data);
	while (++after <= h->last_id)
		buf_add_text(&l->unsent, h->ring[after % MAX_SSE_RING]);
	list_insert_tail(&h->listeners, &l->link);
	h->count++;
	l->stream = httpd_reply_stream(rq, "text/event-stream", extra, &listener_fns, l);
}

int
ssehub_listeners(const struct ssehub *h)
{
	return h->count;
}

void
ssehub_silence(struct ssehub *h, bool is_silent)
{
	h->is_silent = is_silent;
	if (is_silent)
		return;
	LIST_EACH(it, &h->listeners)
		httpd_stream_wake(LIST_ENTRY(it, struct listener, link)->stream);
}

void
ssehub_close(struct ssehub *h)
{
	h->is_closing = true;
	LIST_EACH(it, &h->listeners) {
		struct listener *l = LIST_ENTRY(it, struct listener, link);

		l->is_over = true;
		httpd_stream_wake(l->stream);
	}
}
