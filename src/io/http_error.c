/*
 * http_error.c - why an HTTP call failed, as one sentence; and URLs put together.
 * Owns the wording.  Never shows a URL (it may hold a password) or a remote byte.
 */
#include "io/http_private.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/ceilings.h"
#include "base/str.h"

static void
too_big(struct err *e, const struct http_call *c)
{
	if (c->header_bytes > MAX_HTTP_HEADERS)
		err_set(e, ERR_TOO_BIG, "the answer's headers are larger than %d KiB", MAX_HTTP_HEADERS / 1024);
	else if (c->ceiling % 1024 == 0)
		err_set(e, ERR_TOO_BIG, "the answer is larger than %zu KiB", c->ceiling / 1024);
	else
		err_set(e, ERR_TOO_BIG, "the answer is larger than %zu bytes", c->ceiling);
}

static void
network(struct err *e, const struct http_call *c, const char *what)
{
	long errnum = 0;

	curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &errnum);
	if (errnum != 0)
		err_errno(e, ERR_NETWORK, (int)errnum, "%s", what);
	else
		err_set(e, ERR_NETWORK, "%s", what);
}

static const struct {
	CURLcode code;
	enum err_kind kind;
	const char *text;
} sentence_table[] = {
	{ CURLE_URL_MALFORMAT, ERR_USAGE, "the address is no good URL" },
	{ CURLE_UNSUPPORTED_PROTOCOL, ERR_FORMAT, "only HTTP/1.x is spoken here" },
	{ CURLE_WEIRD_SERVER_REPLY, ERR_FORMAT, "the answer is no HTTP" },
	{ CURLE_BAD_CONTENT_ENCODING, ERR_FORMAT, "the answer's encoding makes no sense" },
	{ CURLE_COULDNT_RESOLVE_HOST, ERR_NETWORK, "nobody has that name" },
	{ CURLE_GOT_NOTHING, ERR_NETWORK, "the connection was closed without an answer" },
	{ CURLE_PARTIAL_FILE, ERR_NETWORK, "the answer broke off" },
	{ CURLE_PEER_FAILED_VERIFICATION, ERR_NETWORK, "its TLS certificate is not trusted" },
	{ CURLE_SSL_CONNECT_ERROR, ERR_NETWORK, "no TLS connection" },
};

void
http_error(struct err *e, const struct http_call *c, CURLcode result)
{
	if (c->too_big || result == CURLE_FILESIZE_EXCEEDED) {
		too_big(e, c);
		return;
	}
	for (size_t i = 0; i < sizeof sentence_table / sizeof *sentence_table; i++) {
		if (sentence_table[i].code != result)
			continue;
		err_set(e, sentence_table[i].kind, "%s", sentence_table[i].text);
		return;
	}
	if (result == CURLE_COULDNT_CONNECT)
		network(e, c, "no connection");
	else if (result == CURLE_RECV_ERROR || result == CURLE_SEND_ERROR)
		network(e, c, "the connection broke");
	else
		err_set(e, ERR_NETWORK, "%s", curl_easy_strerror(result));
}

void
http_error_late(struct err *e, const struct http_call *c)
{
	char words[32];
	curl_off_t connected_us = 0;
	bool is_idle = c->is_stream && c->head_in;

	str_time_words(words, sizeof words, is_idle ? c->idle_us : c->timeout_us);
	curl_easy_getinfo(c->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
	if (is_idle)
		err_set(e, ERR_TIMEOUT, "silent for %s", words);
	else if (c->received_us != 0)
		err_set(e, ERR_TIMEOUT, "the answer was not complete within %s", words);
	else if (connected_us > 0)
		err_set(e, ERR_TIMEOUT, "no answer within %s", words);
	else
		err_set(e, ERR_TIMEOUT, "no connection within %s", words);
}

/* Whatever could end the host part or start another one is escaped; so "%eth0" becomes "%25eth0". */
static void
add_host(struct buf *b, const char *host)
{
	for (const char *p = host; *p != '\0'; p++) {
		if (isalnum((unsigned char)*p) || strchr("-._~:", *p) != NULL)
			buf_add(b, p, 1);
		else
			buf_add_format(b, "%%%02X", (unsigned char)*p);
	}
}

void
http_url(char *out, size_t out_size, const char *host, int port, const char *path)
{
	bool is_ipv6 = strchr(host, ':') != NULL;
	struct buf b;

	buf_init(&b, 4096);
	buf_add_text(&b, is_ipv6 ? "http://[" : "http://");
	add_host(&b, host);
	buf_add_format(&b, "%s:%d", is_ipv6 ? "]" : "", port);
	/* Half a URL would be another one: none at all fails with a sentence. */
	if (!buf_add_text(&b, path) || !str_copy(out, out_size, buf_text(&b)))
		out[0] = '\0';
	buf_fini(&b);
}

void
http_authority(char *out, size_t out_size, const char *host, int port)
{
	bool is_ipv6 = strchr(host, ':') != NULL;
	struct buf b;

	buf_init(&b, 4096);
	buf_add_text(&b, is_ipv6 ? "[" : "");
	for (const char *p = host; *p != '\0' && *p != '%'; p++)
		if (isalnum((unsigned char)*p) || strchr("-._~:", *p) != NULL)
			buf_add(&b, p, 1);
	buf_add_format(&b, "%s:%d", is_ipv6 ? "]" : "", port);
	str_copy(out, out_size, buf_text(&b));
	buf_fini(&b);
}
