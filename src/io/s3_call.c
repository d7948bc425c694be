/*
 * s3_call.c - one signed request to object storage.  Owns the options of the transfer and what is read of the answer.
 * Never follows a redirect, never sends an empty header (it would be signed and not sent), never prints a key.
 */
#include "io/s3_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

#define USER_AGENT "livedirector"
#define CONNECT_MS 10000L
#define SILENT_S 30L
#define CONTINUE_MS 1000L
#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct flight {				/* what the callbacks need */
	struct s3_call *c;
	CURL *easy;
	size_t at;			/* of the body */
};

static size_t
on_read(char *out, size_t size, size_t count, void *arg)
{
	struct flight *f = arg;
	size_t left = f->c->body_len - f->at, len = size * count < left ? size * count : left;

	memcpy(out, (const char *)f->c->body + f->at, len);
	f->at += len;
	return len;
}

static int
on_seek(void *arg, curl_off_t offset, int origin)
{
	struct flight *f = arg;

	if (origin != SEEK_SET || offset < 0 || (size_t)offset > f->c->body_len)
		return CURL_SEEKFUNC_FAIL;
	f->at = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

static size_t
on_write(char *data, size_t size, size_t count, void *arg)
{
	struct flight *f = arg;
	long status = 0;

	curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
	if (f->c->into != NULL && status == 200) {
		digest_add(f->c->into, data, size * count);
		f->c->hashed += (int64_t)(size * count);
		return size * count;
	}
	return buf_add(&f->c->answer, data, size * count) ? size * count : 0;
}

static int
on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct flight *f = arg;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return f->c->stop != NULL && atomic_load(f->c->stop);
}

static void
add_header(struct curl_slist **list, const char *name, const char *value)
{
	char *line = xasprintf("%s: %s", name, value);
	struct curl_slist *longer = curl_slist_append(*list, line);

	XASSERT(longer != NULL);
	*list = longer;
	free(line);
}

static void
hash_body(const struct s3_call *c, char out[static 65])
{
	struct digest *d;

	if (c->body_len == 0) {
		str_copy(out, 65, EMPTY_SHA256);
		return;
	}
	d = digest_new();
	digest_add(d, c->body, c->body_len);
	digest_hex(d, out);
	digest_free(d);
}

/* libcurl signs what it is given here, but does not add the hash of the body by itself. */
static struct curl_slist *
headers_of(const struct s3 *s, const struct s3_call *c)
{
	struct curl_slist *list = NULL;
	char sha256[65];

	hash_body(c, sha256);
	add_header(&list, "x-amz-content-sha256", sha256);
	if (s->keys.token[0] != '\0')
		add_header(&list, "x-amz-security-token", s->keys.token);
	if (c->meta_sha256 != NULL)
		add_header(&list, "x-amz-meta-sha256", c->meta_sha256);
	if (c->body != NULL)
		add_header(&list, "Content-Type", "application/octet-stream");
	return list;
}

static char *
url_of(const struct s3 *s, const struct s3_call *c)
{
	char key[3 * S3_KEY_BYTES], prefix[3 * sizeof s->place.prefix];

	s3_place_escape(c->key, true, key, sizeof key);
	s3_place_escape(s->place.prefix, true, prefix, sizeof prefix);
	return xasprintf("%s/%s/%s%s%s%s%s", s->place.endpoint, s->place.bucket, prefix, prefix[0] != '\0' ? "/" : "", key,
	    c->query != NULL ? "?" : "", c->query != NULL ? c->query : "");
}

static void
set_method(CURL *easy, struct flight *f)
{
	const struct s3_call *c = f->c;

	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(easy, CURLOPT_READDATA, f);
	curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
	curl_easy_setopt(easy, CURLOPT_SEEKDATA, f);
	if (strcmp(c->method, "HEAD") == 0)
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else if (strcmp(c->method, "PUT") == 0) {
		curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)c->body_len);
	} else if (strcmp(c->method, "POST") == 0) {
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->body_len);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, c->body != NULL ? c->body : "");
	} else if (strcmp(c->method, "GET") != 0)
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, c->method);
}

static void
set_limits(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, USER_AGENT);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, SILENT_S);
	curl_easy_setopt(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, CONTINUE_MS);
#if LIBCURL_VERSION_NUM >= 0x075700
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static void
set_all(struct s3 *s, struct flight *f, const char *url, struct curl_slist *headers, char error[static CURL_ERROR_SIZE])
{
	CURL *easy = s->easy;
	char *provider = xasprintf("aws:amz:%s:s3", s->place.region);

	curl_easy_reset(easy);
	set_limits(easy);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, provider);
	/* Apart, not joined by a colon: an id may have one. */
	curl_easy_setopt(easy, CURLOPT_USERNAME, s->keys.id);
	curl_easy_setopt(easy, CURLOPT_PASSWORD, s->keys.secret);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, f);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	set_method(easy, f);
	free(provider);
}

static void
take_header(const struct s3 *s, const char *name, char *out, size_t out_size)
{
	struct curl_header *h;

	out[0] = '\0';
	if (curl_easy_header(s->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK && !str_copy(out, out_size, h->value))
		out[0] = '\0';
}

static void
take_answer(const struct s3 *s, struct s3_call *c)
{
	curl_off_t length = -1;
	long status = 0;

	curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(s->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	c->status = (int)status;
	c->length = length;
	take_header(s, "ETag", c->etag, sizeof c->etag);
	take_header(s, "x-amz-meta-sha256", c->meta, sizeof c->meta);
}

enum s3_result
s3_call_do(struct s3 *s, struct s3_call *c, struct err *e)
{
	struct flight f = { .c = c, .easy = s->easy };
	char error[CURL_ERROR_SIZE] = "", clean[200], *url = url_of(s, c);
	struct curl_slist *headers = headers_of(s, c);
	CURLcode result;

	buf_init(&c->answer, S3_ANSWER_BYTES);
	set_all(s, &f, url, headers, error);
	result = curl_easy_perform(s->easy);
	take_answer(s, c);
	curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	free(url);
	if (result == CURLE_ABORTED_BY_CALLBACK)
		return S3_STOPPED;
	if (result != CURLE_OK && c->status < 400) {
		str_clean(clean, sizeof clean, error[0] != '\0' ? error : curl_easy_strerror(result), strlen(error[0] != '\0' ? error : curl_easy_strerror(result)), 200);
		err_set(e, ERR_NETWORK, "the archive at %s: %s", s->place.endpoint, clean);
		return S3_AGAIN;
	}
	if (c->status < 500 && c->status != 429)
		return S3_DONE;
	(void)s3_call_refused(s, c, e);
	return S3_AGAIN;
}

void
s3_call_fini(struct s3_call *c)
{
	buf_fini(&c->answer);
}

static void
resolve_entities(char *text)
{
	static const struct { const char *name; char is; } entities[] = {
		{ "&quot;", '"' }, { "&#34;", '"' }, { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&apos;", '\'' },
	};
	char *out = text;

	while (*text != '\0') {
		size_t i;

		for (i = 0; i < sizeof entities / sizeof *entities; i++)
			if (str_has_prefix(text, entities[i].name))
				break;
		if (i < sizeof entities / sizeof *entities) {
			*out++ = entities[i].is;
			text += strlen(entities[i].name);
		} else
			*out++ = *text++;
	}
	*out = '\0';
}

bool
s3_call_word(const struct s3_call *c, const char *name, char *out, size_t out_size)
{
	const char *text = buf_text(&c->answer), *begin, *end;
	char open[64];

	snprintf(open, sizeof open, "<%s>", name);
	begin = strstr(text, open);
	if (begin == NULL)
		return false;
	begin += strlen(open);
	snprintf(open, sizeof open, "</%s>", name);
	end = strstr(begin, open);
	if (end == NULL || (size_t)(end - begin) >= out_size)
		return false;
	memcpy(out, begin, (size_t)(end - begin));
	out[end - begin] = '\0';
	resolve_entities(out);
	return true;
}

enum s3_result
s3_call_refused(const struct s3 *s, const struct s3_call *c, struct err *e)
{
	char code[64] = "", message[160] = "", clean[160];

	if (s3_call_word(c, "Code", message, sizeof message))
		str_clean(code, sizeof code, message, strlen(message), 60);
	if (!s3_call_word(c, "Message", message, sizeof message))
		message[0] = '\0';
	str_clean(clean, sizeof clean, message, strlen(message), 150);
	err_set(e, ERR_REFUSED, "the archive at %s answers %d%s%s%s%s", s->place.endpoint, c->status, code[0] ? " " : "", code, clean[0] ? ": " : "", clean);
	return S3_ENDED;
}
