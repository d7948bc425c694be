/*
 * http_easy.c - one transfer on a curl handle: its options, and what curl calls while it runs.
 * Owns what goes into a request and the ceilings on what comes back.
 * Never calls a user: everything is noted for http.c to tell later.
 */
#include "io/http_private.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/ceilings.h"
#include "base/xalloc.h"

/* A dead peer is noticed on an idle connection too: probes after 30 s of rest, given up 6 s after one went unanswered. */
#define KEEPALIVE_IDLE_S 30
#define DIALLED_IDLE_S 5	/* what is kept for a cut must not be found dead by it */
#define KEEPALIVE_EVERY_S 2
#define UNANSWERED_MS 6000
#define CACHED_CONNECTION_S 3600
#define MAX_HEADER_VALUE 1024
#define STREAM_READ_BYTES (64 * 1024)	/* a hundred of them, what curl reads at most in one go, stay below MAX_JPEG_FRAME */

static int
on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	unsigned unanswered_ms = UNANSWERED_MS;

	(void)arg;
	if (purpose == CURLSOCKTYPE_IPCXN)
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered_ms, sizeof unanswered_ms);
	return CURL_SOCKOPT_OK;
}

/*
 * The connection stands and the request is about to be written.  Read before the write, as received_us is
 * read after the arrival: the true way there and back lies between them, so half of it bounds a clock's offset.
 */
static int
on_sending(void *arg, char *remote, char *local, int remote_port, int local_port)
{
	struct http_call *c = arg;

	(void)remote;
	(void)local;
	(void)remote_port;
	(void)local_port;
	c->sent_us = clk_utc_us(clk_system());
	return CURL_PREREQFUNC_OK;
}

static size_t
on_header(char *data, size_t size, size_t count, void *arg)
{
	struct http_call *c = arg;
	size_t len = size * count;
	long status = 0;

	if (c->received_us == 0)
		c->received_us = clk_utc_us(clk_system());
	c->header_bytes += len;
	if (c->header_bytes > MAX_HTTP_HEADERS) {
		c->too_big = true;
		return 0;
	}
	if (c->head_in || len == 0 || (data[0] != '\r' && data[0] != '\n'))
		return len;
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200)
		http_note_head(c);
	return len;
}

static size_t
on_body(char *data, size_t size, size_t count, void *arg)
{
	struct http_call *c = arg;
	size_t len = size * count;

	if (!buf_add(&c->body, data, len)) {
		c->too_big = true;
		return 0;
	}
	http_note_bytes(c);
	return len;
}

/* A header whose value came from outside; one that could break out of its line is left out. */
static void
add_header(struct http_call *c, const char *name, const char *value)
{
	char line[MAX_HEADER_VALUE + 64];
	struct curl_slist *longer;

	if (value == NULL || strlen(value) > MAX_HEADER_VALUE)
		return;
	for (const char *p = value; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return;
	snprintf(line, sizeof line, "%s: %s", name, value);
	longer = curl_slist_append(c->headers, line);
	XASSERT(longer != NULL);
	c->headers = longer;
}

static void
set_headers(struct http_call *c, const struct http_request *r)
{
	char bearer[MAX_HEADER_VALUE];
	struct curl_slist *longer;

	add_header(c, "Accept", r->accept);
	add_header(c, "Last-Event-ID", r->last_event_id);
	if (r->bearer != NULL && snprintf(bearer, sizeof bearer, "Bearer %s", r->bearer) < (int)sizeof bearer)
		add_header(c, "Authorization", bearer);
	if (r->body != NULL)
		add_header(c, "Content-Type", "application/json");
	/* A name without a value takes the header out.  Waiting for "100 Continue" would cost a round trip. */
	longer = curl_slist_append(c->headers, "Expect:");
	XASSERT(longer != NULL);
	c->headers = longer;
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
}

static void
set_method(struct http_call *c, const struct http_request *r)
{
	const char *method = r->method != NULL ? r->method : r->body != NULL ? "POST" : "GET";

	if (r->body != NULL || strcmp(method, "POST") == 0) {
		curl_easy_setopt(c->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE, (long)(r->body != NULL ? strlen(r->body) : 0));
		curl_easy_setopt(c->easy, CURLOPT_COPYPOSTFIELDS, r->body != NULL ? r->body : "");
	}
	if (strcmp(method, "HEAD") == 0)
		curl_easy_setopt(c->easy, CURLOPT_NOBODY, 1L);
	else if (strcmp(method, "GET") != 0 && strcmp(method, "POST") != 0)
		curl_easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, method);
}

/* What no transfer of ours may do, whatever the other side says. */
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
	curl_easy_setopt(easy, CURLOPT_USERAGENT, HTTP_USER_AGENT);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Else giving up a call waits for its name look-up, 5 s and more for a name nobody has. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static void
set_connection(CURL *easy, const struct http_request *r, bool is_dial)
{
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, is_dial ? (long)DIALLED_IDLE_S : (long)KEEPALIVE_IDLE_S);
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, is_dial ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_EVERY_S);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)CACHED_CONNECTION_S);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, r->fresh ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, r->once ? 1L : 0L);
}

static void
set_callbacks(struct http_call *c)
{
	curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
	curl_easy_setopt(c->easy, CURLOPT_PREREQFUNCTION, on_sending);
	curl_easy_setopt(c->easy, CURLOPT_PREREQDATA, c);
	curl_easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
}

void
http_easy_open(struct http_call *c, const struct http_request *r)
{
	struct http *h = c->http;

	c->easy = h->spare_count > 0 ? h->spare[--h->spare_count] : curl_easy_init();
	XASSERT(c->easy != NULL);
	set_limits(c->easy);
	set_connection(c->easy, r, c->is_dial);
	set_callbacks(c);
	set_method(c, r);
	set_headers(c, r);
	curl_easy_setopt(c->easy, CURLOPT_URL, r->url);
	/* A stream may announce any length; some cameras say 9999999.  A picture comes in few readings. */
	if (c->is_stream)
		curl_easy_setopt(c->easy, CURLOPT_BUFFERSIZE, (long)STREAM_READ_BYTES);
	else
		curl_easy_setopt(c->easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)c->ceiling);
}

void
http_easy_close(struct http_call *c)
{
	struct http *h = c->http;

	if (c->easy != NULL && !c->is_stream && h->spare_count < HTTP_SPARE_EASIES) {
		curl_easy_reset(c->easy);
		h->spare[h->spare_count++] = c->easy;
	} else {
		curl_easy_cleanup(c->easy);
	}
	curl_slist_free_all(c->headers);
	c->easy = NULL;
	c->headers = NULL;
}
