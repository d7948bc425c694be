/*
 * haul_net.c - one request for one file: its options and headers, and what curl calls while it runs.
 * Owns the easy handle.  Never keeps a connection for another request, so that every byte of a socket has its owner.
 */
#include "io/haul_private.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"

#define RECEIVE_BYTES (256 * 1024L)
#define CONNECT_MS 4000L
#define UNANSWERED_MS 6000U
#define USER_AGENT "livedirector"

void
haul_net_result(struct haul_wish *w, enum haul_result result, enum haul_why why, enum err_kind kind, const char *format, ...)
{
	char text[sizeof w->x.note.err.text];
	va_list ap;

	if (w->x.has_result)
		return;		/* the first cause is the cause */
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	w->x.has_result = true;
	w->x.note.result = result;
	w->x.note.why = result == HAUL_RESULT_ENDED ? why : HAUL_WHY_NONE;
	if (kind != ERR_NONE)
		err_set(&w->x.note.err, kind, "%s", text);
}

static void
heard(struct haul_wish *w, size_t len)
{
	atomic_fetch_add(&w->live, (int64_t)len);
	atomic_store(&w->heard_us, haul_now_us());
}

static bool
may_go_on(const struct haul_wish *w)
{
	return !w->x.is_paced || w->x.allowed_bytes > 0;
}

static size_t
on_header(char *data, size_t size, size_t count, void *arg)
{
	struct haul_wish *w = arg;

	(void)data;
	heard(w, size * count);
	return atomic_load(&w->live) > MAX_HTTP_HEADERS && !w->x.is_judged ? 0 : size * count;
}

static size_t
on_body(char *data, size_t size, size_t count, void *arg)
{
	struct haul_wish *w = arg;
	struct haul_xfer *x = &w->x;
	size_t len = size * count;

	if (!may_go_on(w)) {
		x->is_held = true;
		return CURL_WRITEFUNC_PAUSE;	/* it comes again */
	}
	heard(w, len);
	x->allowed_bytes -= (int64_t)len;
	if (!x->is_judged && !haul_answer_judge(w))
		return 0;
	if (!x->is_error) {
		if (haul_answer_fits(w, len))
			haul_work_stage(w->worker, w, data, len);
		return x->has_result ? 0 : len;
	}
	if (len > sizeof x->body - 1 - x->body_len)
		len = sizeof x->body - 1 - x->body_len;
	memcpy(x->body + x->body_len, data, len);
	x->body_len += len;
	return len == size * count ? len : 0;
}

static int
on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	unsigned unanswered_ms = UNANSWERED_MS;

	(void)arg;
	if (purpose == CURLSOCKTYPE_IPCXN)
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered_ms, sizeof unanswered_ms);
	return CURL_SOCKOPT_OK;
}

/* The kernel's own count: also of what lay in the socket unread. */
static int
on_close_socket(void *arg, curl_socket_t fd)
{
	struct haul_wish *w = arg;
	int64_t bytes = atomic_exchange(&w->live, 0);
#ifdef TCP_INFO
	struct tcp_info info;
	socklen_t len = sizeof info;

	memset(&info, 0, sizeof info);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 && (int64_t)info.tcpi_bytes_received > bytes)
		bytes = (int64_t)info.tcpi_bytes_received;
#endif
	atomic_fetch_add(&w->received, bytes);
	atomic_fetch_add(&w->haul->received, bytes);
	return close(fd);
}

static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* A value that could break out of its line is left out. */
static void
add_header(struct haul_xfer *x, const char *name, const char *value)
{
	struct curl_slist *longer;
	char *line;

	if (!is_printable(value))
		return;
	line = xasprintf("%s: %s", name, value);
	longer = curl_slist_append(x->headers, line);
	XASSERT(longer != NULL);
	x->headers = longer;
	free(line);
}

static void
set_headers(struct haul_wish *w)
{
	struct haul_xfer *x = &w->x;
	char range[40];

	add_header(x, "Accept-Encoding", "identity");
	if (w->token != NULL) {
		char *bearer = xasprintf("Bearer %s", w->token);

		add_header(x, "Authorization", bearer);
		free(bearer);
	}
	if (x->asked_from > 0) {
		snprintf(range, sizeof range, "bytes=%lld-", (long long)x->asked_from);
		add_header(x, "Range", range);
		/* Only a strong tag may stand here (RFC 9110 section 13.1.5); a weak one is compared with the answer's. */
		if (w->part.etag[0] == '"')
			add_header(x, "If-Range", w->part.etag);
	}
	curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers);
}

static void
set_limits(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, USER_AGENT);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, RECEIVE_BYTES);
#if LIBCURL_VERSION_NUM >= 0x075700
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static void
set_callbacks(struct haul_wish *w)
{
	CURL *easy = w->x.easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, w);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, w->x.error);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, w);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, w);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, w);
}

bool
haul_net_open(struct haul_wish *w)
{
	struct haul_xfer *x = &w->x;
	CURL *easy = curl_easy_init();

	XASSERT(easy != NULL);
	memset(x, 0, sizeof *x);
	x->easy = easy;
	x->asked_from = w->part.bytes;
	x->began_us = x->marked_us = x->paced_us = haul_now_us();
	x->marked_bytes = w->part.bytes;
	atomic_store(&w->heard_us, x->began_us);
	set_limits(easy);
	set_callbacks(w);
	set_headers(w);
	if (curl_easy_setopt(easy, CURLOPT_URL, w->url) == CURLE_OK)
		return true;
	haul_net_result(w, HAUL_RESULT_ENDED, HAUL_WHY_ANSWER, ERR_USAGE, "%.200s is no address", w->url);
	haul_net_close(w);
	return false;
}

void
haul_net_close(struct haul_wish *w)
{
	curl_easy_cleanup(w->x.easy);
	w->x.easy = NULL;
	curl_slist_free_all(w->x.headers);
	w->x.headers = NULL;
}

/* A tenth of a second may be caught up at once.  (curl's own limit looks back over seconds, and lets bursts pass.) */
void
haul_net_pace(struct haul_wish *w, int64_t bytes_a_second, int64_t now_us)
{
	struct haul_xfer *x = &w->x;
	int64_t since_us = now_us - x->paced_us, most = bytes_a_second / 10 + 1;

	x->paced_us = now_us;
	x->is_paced = bytes_a_second > 0;
	if (x->is_paced) {
		x->allowed_bytes += (int64_t)((double)bytes_a_second * (double)since_us / 1e6);
		if (x->allowed_bytes > most)
			x->allowed_bytes = most;
	}
	if (x->is_held && may_go_on(w)) {
		x->is_held = false;
		atomic_store(&w->heard_us, now_us);	/* it was we who were silent */
		curl_easy_pause(x->easy, CURLPAUSE_CONT);
	}
}
