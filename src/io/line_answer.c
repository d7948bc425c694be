/*
 * line_answer.c - reads one HTTP/1.x answer: status line, fields, a body by length, by chunks or to the end.
 * Owns the framing and its ceilings.  Never guesses: what it does not understand ends the connection, and the request goes
 * out once more on another one.
 */
#include "io/line_answer.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/ceilings.h"

#define KEPT_BODY_BYTES (64 * 1024)	/* more is given back after the answer */

void
line_answer_init(struct line_answer *a)
{
	memset(a, 0, sizeof *a);
	buf_init(&a->line, MAX_HTTP_HEADERS);
	buf_init(&a->body, MAX_JSON_BODY);
}

void
line_answer_fini(struct line_answer *a)
{
	buf_fini(&a->line);
	buf_fini(&a->body);
}

void
line_answer_again(struct line_answer *a)
{
	if (a->body.room > KEPT_BODY_BYTES) {
		buf_fini(&a->body);
		buf_init(&a->body, MAX_JSON_BODY);
	}
	buf_clear(&a->line);
	buf_clear(&a->body);
	a->head_bytes = 0;
	a->step = LINE_STATUS;
	a->status = 0;
	a->why.kind = ERR_NONE;
}

bool
line_answer_has_begun(const struct line_answer *a)
{
	return a->head_bytes > 0 || a->line.len > 0;
}

static void
bad(struct line_answer *a)
{
	a->step = LINE_BAD;
	err_set(&a->why, ERR_FORMAT, "the answer is no HTTP");
}

static void
too_big(struct line_answer *a)
{
	a->step = LINE_BAD;
	err_set(&a->why, ERR_TOO_BIG, "the answer is larger than %d KiB", MAX_JSON_BODY / 1024);
}

static void
head_too_big(struct line_answer *a)
{
	a->step = LINE_BAD;
	err_set(&a->why, ERR_TOO_BIG, "the answer's headers are larger than %d KiB", MAX_HTTP_HEADERS / 1024);
}

/* ---- The head ---- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "HTTP/1.1 200 OK"; the reason may be missing, and its blank with it. */
static void
read_status(struct line_answer *a, const char *s)
{
	if (strncmp(s, "HTTP/1.", 7) != 0 || !is_digit(s[7]) || s[8] != ' ' || !is_digit(s[9]) || !is_digit(s[10]) || !is_digit(s[11])
	    || (s[12] != '\0' && s[12] != ' ') || s[9] == '0') {
		bad(a);
		return;
	}
	a->status = (s[9] - '0') * 100 + (s[10] - '0') * 10 + (s[11] - '0');
	a->keeps = s[7] != '0';
	a->has_length = a->is_chunked = false;
	a->step = LINE_FIELD;
}

static void
read_length(struct line_answer *a, const char *value)
{
	uint64_t n = 0;
	const char *p = value;

	for (; is_digit(*p) && n <= MAX_JSON_BODY; p++)
		n = n * 10 + (uint64_t)(*p - '0');
	if (n > MAX_JSON_BODY)
		too_big(a);
	else if (p == value || *p != '\0' || (a->has_length && n != a->left))
		bad(a);
	a->has_length = true;
	a->left = n;
}

/* One word of a list separated by commas. */
static bool
has_word(const char *list, const char *word)
{
	const size_t len = strlen(word);

	for (const char *p = list; *p != '\0'; p += strcspn(p, ",")) {
		p += strspn(p, ", \t");
		if (strncasecmp(p, word, len) == 0 && strchr(", \t", p[len]) != NULL)
			return true;
	}
	return false;
}

static void
read_field(struct line_answer *a, const char *name, size_t name_len, const char *value)
{
	if (name_len == 14 && strncasecmp(name, "Content-Length", 14) == 0) {
		read_length(a, value);
	} else if (name_len == 17 && strncasecmp(name, "Transfer-Encoding", 17) == 0) {
		if (strcasecmp(value, "chunked") == 0 && !a->is_chunked)
			a->is_chunked = true;
		else
			bad(a);
	} else if (name_len == 10 && strncasecmp(name, "Connection", 10) == 0) {
		if (has_word(value, "close"))
			a->keeps = false;
		else if (has_word(value, "keep-alive"))
			a->keeps = true;
	}
}

/* A name is a token, and nothing stands between it and the colon (RFC 9112 section 5.1). */
static void
read_field_line(struct line_answer *a, char *s, size_t len)
{
	size_t name_len = strcspn(s, ":"), from;

	if (s[name_len] != ':' || name_len == 0 || strcspn(s, " \t") < name_len) {
		bad(a);
		return;
	}
	while (len > name_len + 1 && (s[len - 1] == ' ' || s[len - 1] == '\t'))
		s[--len] = '\0';
	from = name_len + 1 + strspn(s + name_len + 1, " \t");
	read_field(a, s, name_len, s + from);
}

/* The head is over: what follows it.  A length beside chunks is a trap for one of two readers (section 6.3). */
static void
begin_body(struct line_answer *a)
{
	if (a->status == 101) {
		bad(a);
	} else if (a->status < 200) {
		a->step = LINE_STATUS;
	} else if (a->status == 204 || a->status == 304) {
		a->step = LINE_DONE;
	} else if (a->is_chunked) {
		a->keeps = a->keeps && !a->has_length;
		a->step = LINE_CHUNK_SIZE;
	} else if (a->has_length) {
		a->step = a->left > 0 ? LINE_BODY : LINE_DONE;
	} else {
		a->keeps = false;
		a->step = LINE_REST;
	}
}

/* "1a4;name=value" */
static void
read_chunk_size(struct line_answer *a, const char *s)
{
	uint64_t n = 0;
	const char *p = s;

	for (; isxdigit((unsigned char)*p) && n <= MAX_JSON_BODY; p++)
		n = n * 16 + (uint64_t)(is_digit(*p) ? *p - '0' : (*p | 0x20) - 'a' + 10);
	if (n > MAX_JSON_BODY)
		too_big(a);
	else if (p == s || (*p != '\0' && strchr("; \t", *p) == NULL))
		bad(a);
	else
		a->step = n > 0 ? LINE_CHUNK : LINE_TRAILER;
	a->left = n;
}

static void
read_line(struct line_answer *a, char *s, size_t len)
{
	switch (a->step) {
	case LINE_STATUS:
		read_status(a, s);
		break;
	case LINE_FIELD:
		if (len == 0)
			begin_body(a);
		else
			read_field_line(a, s, len);
		break;
	case LINE_CHUNK_SIZE:
		read_chunk_size(a, s);
		break;
	case LINE_CHUNK_END:
		if (len == 0)
			a->step = LINE_CHUNK_SIZE;
		else
			bad(a);
		break;
	default:		/* LINE_TRAILER: read and not used */
		if (len == 0)
			a->step = LINE_DONE;
		break;
	}
}

/* A line is whole with its line feed; a carriage return before that belongs to it (section 2.2). */
static size_t
feed_line(struct line_answer *a, const char *data, size_t len)
{
	const char *lf = memchr(data, '\n', len);
	size_t used = lf != NULL ? (size_t)(lf - data) + 1 : len, text_len;

	a->head_bytes += used;
	if (a->head_bytes > MAX_HTTP_HEADERS || !buf_add(&a->line, data, used)) {
		head_too_big(a);
		return used;
	}
	if (lf == NULL)
		return used;
	text_len = a->line.len - 1;
	if (text_len > 0 && a->line.data[text_len - 1] == '\r')
		text_len--;
	a->line.data[text_len] = '\0';
	if (strlen(a->line.data) != text_len || strchr(a->line.data, '\r') != NULL)
		bad(a);
	else
		read_line(a, a->line.data, text_len);
	buf_clear(&a->line);
	return used;
}

/* ---- The body ---- */

static size_t
feed_body(struct line_answer *a, const char *data, size_t len)
{
	size_t used = a->step == LINE_REST || len < a->left ? len : (size_t)a->left;

	if (!buf_add(&a->body, data, used)) {
		too_big(a);
		return used;
	}
	if (a->step == LINE_REST)
		return used;
	a->left -= used;
	if (a->left == 0)
		a->step = a->step == LINE_CHUNK ? LINE_CHUNK_END : LINE_DONE;
	return used;
}

size_t
line_answer_feed(struct line_answer *a, const char *data, size_t len)
{
	size_t used = 0;

	while (used < len && a->step < LINE_DONE) {
		bool is_body = a->step == LINE_BODY || a->step == LINE_REST || a->step == LINE_CHUNK;

		used += is_body ? feed_body(a, data + used, len - used) : feed_line(a, data + used, len - used);
	}
	return used;
}

bool
line_answer_end(struct line_answer *a)
{
	if (a->step == LINE_REST)
		a->step = LINE_DONE;
	return a->step == LINE_DONE;
}
