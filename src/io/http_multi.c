/*
 * http_multi.c - curl's sockets and its one timer on our loop.
 * Owns the watches (one per socket that a transfer is using) and the connection cache's size.
 * Never keeps a transfer: what ended is handed to http.c.
 */
#include "io/http_private.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/xalloc.h"

#define CACHED_CONNECTIONS 1024L

struct sock {
	struct list link;
	struct http *http;
	curl_socket_t fd;
	struct loop_watch *watch;
};

static void
collect_ended(struct http *h)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
		struct http_call *c = NULL;
		CURLcode result = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &c);
		http_note_end(c, result);	/* takes the handle out of the multi: m is void from here */
	}
	http_tell(h);
}

static void
on_ready(void *arg, unsigned events)
{
	struct sock *s = arg;
	struct http *h = s->http;
	int running, mask = 0;

	if (events & LOOP_READ)
		mask |= CURL_CSELECT_IN;
	if (events & LOOP_WRITE)
		mask |= CURL_CSELECT_OUT;
	curl_multi_socket_action(h->multi, s->fd, mask, &running);	/* may free s */
	collect_ended(h);
}

static void
on_timer(void *arg)
{
	struct http *h = arg;
	int running;

	curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect_ended(h);
}

static void
sock_free(struct sock *s)
{
	loop_watch_free(s->http->loop, s->watch);
	list_remove(&s->link);
	free(s);
}

static unsigned
wanted_events(int what)
{
	return (what & CURL_POLL_IN ? LOOP_READ : 0u) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0u);
}

/* curl: tell me when this socket can be read, written; or no longer (it is about to be closed). */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *assigned)
{
	struct http *h = arg;
	struct sock *s = assigned;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s != NULL)
			sock_free(s);
		curl_multi_assign(h->multi, fd, NULL);
		return 0;
	}
	if (s != NULL) {
		loop_watch_set(h->loop, s->watch, wanted_events(what));
		return 0;
	}
	s = xcalloc(1, sizeof *s);
	s->http = h;
	s->fd = fd;
	list_insert_tail(&h->socks, &s->link);
	s->watch = loop_watch_new(h->loop, fd, wanted_events(what), on_ready, s);
	curl_multi_assign(h->multi, fd, s);
	return 0;
}

static int
on_timeout(CURLM *multi, long timeout_ms, void *arg)
{
	struct http *h = arg;

	(void)multi;
	if (timeout_ms < 0)
		loop_timer_stop(h->loop, h->timer);
	else
		loop_timer_start(h->loop, h->timer, (int64_t)timeout_ms * 1000, 0);
	return 0;
}

void
http_multi_open(struct http *h)
{
	XASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	if ((curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_ASYNCHDNS) == 0)
		log_line(LOG_HTTP, "this libcurl looks names up on the calling thread: a slow name server stops the show");
	h->multi = curl_multi_init();
	XASSERT(h->multi != NULL);
	h->timer = loop_timer_new(h->loop, on_timer, h);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, CACHED_CONNECTIONS);
	curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
}

/* Watches go first: curl closes its sockets in the clean-up. */
void
http_multi_close(struct http *h)
{
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, NULL);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, NULL);
	while (!list_is_empty(&h->socks))
		sock_free(LIST_ENTRY(h->socks.next, struct sock, link));
	curl_multi_cleanup(h->multi);
	loop_timer_free(h->loop, h->timer);
	curl_global_cleanup();
}
