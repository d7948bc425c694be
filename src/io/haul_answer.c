/*
 * haul_answer.c - what a server's answer means for a file in the making: these bytes belong here, begin anew, again later,
 * or the end of it.  Owns the rules (RFC 9110 sections 13 to 15) and their sentences.  Never waits, never writes bytes.
 */
#include "io/haul_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/str.h"
#include "io/jdoc.h"

#define RETRY_AFTER_MAX_S 60
#define MAX_FILE_BYTES (INT64_MAX / 16)

/* ---- What it says ---- */

static const char *
header(const struct haul_wish *w, const char *name)
{
	struct curl_header *h;

	return curl_easy_header(w->x.easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value : NULL;
}

static bool
number(const char **at, int64_t *out)
{
	int64_t value = 0;
	const char *p = *at;

	while (*p >= '0' && *p <= '9' && value < MAX_FILE_BYTES)
		value = value * 10 + (*p++ - '0');
	if (p == *at || value >= MAX_FILE_BYTES)
		return false;
	*at = p;
	*out = value;
	return true;
}

/* "bytes 5-9/10", "bytes 5-9/" and a star, "bytes" star "/10"; what is not said stays -1. */
static bool
content_range(const char *text, int64_t *from, int64_t *total)
{
	int64_t to;

	*from = *total = -1;
	if (text == NULL || strncasecmp(text, "bytes ", 6) != 0)
		return false;
	text += 6;
	if (*text == '*')
		text++;
	else if (!number(&text, from) || *text++ != '-' || !number(&text, &to))
		return false;
	if (*text++ != '/')
		return false;
	return *text == '*' || number(&text, total);
}

static int64_t
content_length(const struct haul_wish *w)
{
	curl_off_t len = -1;

	curl_easy_getinfo(w->x.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &len);
	return len;
}

static long
status_of(const struct haul_wish *w)
{
	long status = 0;

	curl_easy_getinfo(w->x.easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* ---- Bytes of the file ---- */

static bool
anew(struct haul_wish *w)
{
	struct err e = { 0 };
	bool ok;
	int why;

	haul_work_unstage(w->worker);
	ok = haul_part_restart(&w->part, &e);
	why = errno;
	w->x.marked_bytes = 0;
	atomic_store(&w->bytes, 0);
	atomic_store(&w->durable, 0);
	if (!ok)
		haul_net_result(w, haul_part_heals(&w->part, why) ? HAUL_RESULT_FULL : HAUL_RESULT_ENDED, HAUL_WHY_DISK, ERR_DISK, "%s", e.text);
	return ok;
}

static bool
anew_later(struct haul_wish *w, const char *why)
{
	if (anew(w))
		haul_net_result(w, HAUL_RESULT_ANEW, HAUL_WHY_NONE, ERR_FORMAT, "%s", why);
	return false;
}

/* The size that the server tells, against the node's promise. */
static bool
size_fits(struct haul_wish *w, int64_t total)
{
	if (total < 0)
		return true;
	if (w->promised_bytes >= 0 && total < w->promised_bytes)
		haul_net_result(w, HAUL_RESULT_ENDED, HAUL_WHY_SHORT, ERR_REFUSED,
		    "the node has %lld bytes of the %lld it promised", (long long)total, (long long)w->promised_bytes);
	else if (w->promised_bytes >= 0 && total > w->promised_bytes)
		haul_net_result(w, HAUL_RESULT_ENDED, HAUL_WHY_SIZE, ERR_REFUSED,
		    "the node has %lld bytes, and promised %lld", (long long)total, (long long)w->promised_bytes);
	else {
		w->total_bytes = total;
		atomic_store(&w->total_seen, total);
	}
	return !w->x.has_result;
}

static bool
take_etag(struct haul_wish *w)
{
	const char *etag = header(w, "ETag");

	if (etag == NULL || etag[0] == '\0')
		return true;
	if (w->part.bytes > 0 && w->part.etag[0] != '\0' && strcmp(w->part.etag, etag) != 0)
		return false;
	if (!str_copy(w->part.etag, sizeof w->part.etag, etag))
		w->part.etag[0] = '\0';		/* cut, it would be another */
	return true;
}

static bool
judge_whole(struct haul_wish *w)
{
	if (w->part.bytes > 0 && !anew(w))
		return false;
	if (content_length(w) < 0 && w->promised_bytes < 0) {
		haul_net_result(w, HAUL_RESULT_ENDED, HAUL_WHY_ANSWER, ERR_FORMAT, "the node does not say how large the file is");
		return false;
	}
	return take_etag(w) && size_fits(w, content_length(w));
}

static bool
judge_part(struct haul_wish *w)
{
	int64_t from, total;

	if (!content_range(header(w, "Content-Range"), &from, &total) || from != w->part.bytes) {
		haul_net_result(w, HAUL_RESULT_ENDED, HAUL_WHY_ANSWER, ERR_FORMAT, "the node sends another part of the file than was asked for");
		return false;
	}
	if (!take_etag(w))
		return anew_later(w, "the file has changed on the node");
	return size_fits(w, total);
}

/* 416: nothing of the file lies where ours ends. */
static bool
judge_no_part(struct haul_wish *w)
{
	int64_t from, total;

	content_range(header(w, "Content-Range"), &from, &total);
	if (total >= 0 && total == w->part.bytes && size_fits(w, total)) {
		haul_net_result(w, HAUL_RESULT_DONE, HAUL_WHY_NONE, ERR_NONE, "%s", "");
		return false;
	}
	if (w->x.has_result || (total >= 0 && w->promised_bytes >= 0 && !size_fits(w, total)))
		return false;
	return anew_later(w, "the node has no such part of the file");
}

/* ---- Refusals ---- */

/* The node's own sentence, where its body has one. */
static void
refusal(struct haul_wish *w, char *out, size_t out_size)
{
	struct jdoc *j = jdoc_parse(w->x.body, w->x.body_len, sizeof w->x.body, NULL);
	const struct jdoc *error = j != NULL ? jdoc_get(j, "error") : NULL;

	out[0] = '\0';
	if (error != NULL)
		jdoc_clean(error, "message", out, out_size);
	jdoc_free(j);
}

static int64_t
retry_after_us(const struct haul_wish *w)
{
	const char *text = header(w, "Retry-After");
	int64_t seconds;

	if (text == NULL || !number(&text, &seconds))
		return 0;
	return (seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S) * 1000000;
}

static bool
is_busy(long status)
{
	return status >= 500 || status == 429 || status == 408 || status == 425;
}

static void
end_refused(struct haul_wish *w, long status)
{
	char said[200];

	refusal(w, said, sizeof said);
	if (is_busy(status)) {
		haul_net_result(w, HAUL_RESULT_AGAIN, HAUL_WHY_NONE, ERR_REFUSED, "the node answers %ld%s%s", status, said[0] ? ": " : "", said);
		w->x.note.wait_us = retry_after_us(w);
	} else if (status == 404 || status == 410)
		haul_net_result(w, HAUL_RESULT_ENDED, HAUL_WHY_GONE, ERR_NOT_FOUND, "the node has this recording no more%s%s", said[0] ? ": " : "", said);
	else if (status == 401 || status == 403)
		haul_net_result(w, HAUL_RESULT_ENDED, HAUL_WHY_REFUSED, ERR_REFUSED, "the node refuses the file (%ld)%s%s", status, said[0] ? ": " : "", said);
	else
		haul_net_result(w, HAUL_RESULT_ENDED, HAUL_WHY_ANSWER, ERR_FORMAT, "the node answers %ld%s%s%s", status,
		    status >= 300 && status < 400 ? ", and redirects are not followed" : "", said[0] ? ": " : "", said);
}

/* ---- Head and end ---- */

static bool
is_encoded(const struct haul_wish *w)
{
	const char *coding = header(w, "Content-Encoding");

	return coding != NULL && strcasecmp(coding, "identity") != 0;
}

bool
haul_answer_judge(struct haul_wish *w)
{
	long status = status_of(w);

	w->x.is_judged = true;
	if ((status == 200 || status == 206) && is_encoded(w)) {
		haul_net_result(w, HAUL_RESULT_ENDED, HAUL_WHY_ANSWER, ERR_FORMAT, "the node sends the file encoded, which was not asked for");
		return false;
	}
	if (status == 200)
		return judge_whole(w);
	if (status == 206)
		return judge_part(w);
	if (status == 416)
		return judge_no_part(w);
	w->x.is_error = true;
	return true;
}

static int64_t
wanted_bytes(const struct haul_wish *w)
{
	return w->total_bytes >= 0 ? w->total_bytes : w->promised_bytes;
}

bool
haul_answer_fits(struct haul_wish *w, size_t len)
{
	const struct haul_worker *k = w->worker;
	int64_t want = wanted_bytes(w), have = w->part.bytes + (k->staged == w ? (int64_t)k->stage_len : 0);

	if (want >= 0 && have + (int64_t)len > want)
		haul_net_result(w, HAUL_RESULT_ENDED, HAUL_WHY_SIZE, ERR_REFUSED, "the node sends more than the %lld bytes it promised", (long long)want);
	return !w->x.has_result;
}

/* The orderly end of a body: is it all? */
static void
end_whole(struct haul_wish *w)
{
	int64_t want = wanted_bytes(w);

	haul_work_unstage(w->worker);
	if (want >= 0 && w->part.bytes < want)
		haul_net_result(w, HAUL_RESULT_ENDED, HAUL_WHY_SHORT, ERR_REFUSED,
		    "the node sent %lld bytes of the %lld it promised", (long long)w->part.bytes, (long long)want);
	else
		haul_net_result(w, HAUL_RESULT_DONE, HAUL_WHY_NONE, ERR_NONE, "%s", "");
}

static void
end_dropped(struct haul_wish *w, CURLcode result)
{
	const char *said = w->x.error[0] != '\0' ? w->x.error : curl_easy_strerror(result);
	char clean[200];

	str_clean(clean, sizeof clean, said, strlen(said), 200);
	haul_net_result(w, HAUL_RESULT_AGAIN, HAUL_WHY_NONE, result == CURLE_OPERATION_TIMEDOUT ? ERR_TIMEOUT : ERR_NETWORK, "%s", clean);
	w->x.note.was_answered = result == CURLE_PARTIAL_FILE && status_of(w) / 100 == 2;
}

void
haul_answer_end(struct haul_wish *w, CURLcode result)
{
	if (result == CURLE_OK && !w->x.is_judged)
		(void)haul_answer_judge(w);
	if (w->x.has_result)
		return;
	if (w->x.is_error)
		end_refused(w, status_of(w));
	else if (result == CURLE_OK)
		end_whole(w);
	else if (result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL)
		haul_net_result(w, HAUL_RESULT_ENDED, HAUL_WHY_ANSWER, ERR_USAGE, "%.200s is no address", w->url);
	else
		end_dropped(w, result);
}
