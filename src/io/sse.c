/*
 * sse.c - push parser of text/event-stream, WHATWG HTML section 9.2.6.
 * Owns the line and the event that are not complete yet.
 * Never cleans text and never reads JSON: bytes come out as they came in.
 */
#include "io/sse.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"

#define MAX_RETRY_MS (24 * 3600 * 1000)

struct sse {
	sse_event_fn *event;
	sse_comment_fn *comment;
	void *arg;
	struct buf line, data, name, id, last_id;
	int retry_ms;
	int bom_bytes;		/* of the byte order mark seen so far; -1: past the stream's begin */
	bool after_cr;		/* an LF would belong to the line end before */
	bool feeding, dead;	/* freed from inside a callback */
};

static const char bom[] = "\xef\xbb\xbf";

struct sse *
sse_new(sse_event_fn *event, sse_comment_fn *comment, void *arg)
{
	struct sse *s = xcalloc(1, sizeof *s);

	s->event = event;
	s->comment = comment;
	s->arg = arg;
	s->retry_ms = -1;
	buf_init(&s->line, MAX_SSE_LINE);
	buf_init(&s->data, MAX_SSE_EVENT);
	buf_init(&s->name, MAX_SSE_LINE);
	buf_init(&s->id, MAX_SSE_LINE);
	buf_init(&s->last_id, MAX_SSE_LINE);
	return s;
}

void
sse_free(struct sse *s)
{
	if (s == NULL)
		return;
	s->dead = true;
	if (s->feeding)
		return;
	buf_fini(&s->line);
	buf_fini(&s->data);
	buf_fini(&s->name);
	buf_fini(&s->id);
	buf_fini(&s->last_id);
	free(s);
}

static bool
set_buf(struct buf *b, const char *value, size_t len)
{
	buf_clear(b);
	return buf_add(b, value, len);
}

static bool
dispatch(struct sse *s)
{
	const char *name = s->name.len > 0 ? buf_text(&s->name) : "message";

	/* The id counts even when nothing is dispatched. */
	if (!set_buf(&s->last_id, buf_text(&s->id), s->id.len))
		return false;
	if (s->data.len > 0) {
		s->data.data[--s->data.len] = '\0';	/* the LF after its last line */
		s->event(s->arg, name, buf_text(&s->data), s->data.len, buf_text(&s->last_id));
	}
	buf_clear(&s->data);
	buf_clear(&s->name);
	return true;
}

static void
set_retry(struct sse *s, const char *value, size_t len)
{
	int64_t ms;

	/* Digits only; str_int() alone would take a sign. */
	if (len == 0 || strspn(value, "0123456789") != len)
		return;
	s->retry_ms = str_int(value, 0, MAX_RETRY_MS, &ms) ? (int)ms : MAX_RETRY_MS;
}

static bool
is_field(const char *line, size_t len, const char *name)
{
	return len == strlen(name) && memcmp(line, name, len) == 0;
}

/* value is NUL-terminated (it ends its line). */
static bool
take_field(struct sse *s, size_t name_len, const char *value, size_t len)
{
	const char *line = s->line.data;

	if (is_field(line, name_len, "data"))
		return buf_add(&s->data, value, len) && buf_add(&s->data, "\n", 1);
	if (is_field(line, name_len, "event"))
		return set_buf(&s->name, value, len);
	if (is_field(line, name_len, "id") && memchr(value, '\0', len) == NULL)
		return set_buf(&s->id, value, len);
	if (is_field(line, name_len, "retry"))
		set_retry(s, value, len);
	return true;
}

static bool
take_line(struct sse *s)
{
	const char *line = buf_text(&s->line), *colon, *value;
	size_t len = s->line.len;

	if (len == 0)
		return dispatch(s);
	colon = memchr(line, ':', len);
	if (colon == line) {
		if (s->comment != NULL)
			s->comment(s->arg);
		return true;
	}
	if (colon == NULL)
		return take_field(s, len, line + len, 0);
	value = colon + 1;
	if (*value == ' ')
		value++;
	return take_field(s, (size_t)(colon - line), value, (size_t)(line + len - value));
}

static bool
end_line(struct sse *s, struct err *e)
{
	bool fits = take_line(s);

	buf_clear(&s->line);
	return fits || err_set(e, ERR_TOO_BIG, "an event larger than %d KiB", MAX_SSE_EVENT / 1024);
}

static bool
add_to_line(struct sse *s, const char *data, size_t len, struct err *e)
{
	return buf_add(&s->line, data, len)
	    || err_set(e, ERR_TOO_BIG, "an event line longer than %d KiB", MAX_SSE_LINE / 1024);
}

/* Passes over a byte order mark at the stream's begin, which may come in pieces. */
static bool
pass_bom(struct sse *s, const char **data, const char *end, struct err *e)
{
	while (s->bom_bytes >= 0 && *data < end) {
		int seen = s->bom_bytes;

		if (**data == bom[seen]) {
			(*data)++;
			s->bom_bytes = seen == 2 ? -1 : seen + 1;
			continue;
		}
		s->bom_bytes = -1;
		return add_to_line(s, bom, (size_t)seen, e);
	}
	return true;
}

static const char *
find_line_end(const char *data, const char *end)
{
	while (data < end && *data != '\n' && *data != '\r')
		data++;
	return data;
}

static bool
feed(struct sse *s, const char *data, const char *end, struct err *e)
{
	if (!pass_bom(s, &data, end, e))
		return false;
	while (data < end && !s->dead) {
		const char *stop;

		if (s->after_cr && *data == '\n')
			data++;
		s->after_cr = false;
		stop = find_line_end(data, end);
		if (!add_to_line(s, data, (size_t)(stop - data), e))
			return false;
		if (stop == end)
			break;
		s->after_cr = *stop == '\r';
		if (!end_line(s, e))
			return false;
		data = stop + 1;
	}
	return true;
}

bool
sse_feed(struct sse *s, const char *data, size_t len, struct err *e)
{
	bool fine;

	s->feeding = true;
	fine = feed(s, data, data + len, e);
	s->feeding = false;
	if (!s->dead)
		return fine;
	sse_free(s);
	return err_set(e, ERR_REFUSED, "the reader left");
}

const char *
sse_last_id(const struct sse *s)
{
	return buf_text(&s->last_id);
}

int
sse_retry_ms(const struct sse *s)
{
	return s->retry_ms;
}
