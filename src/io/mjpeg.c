/*
 * mjpeg.c - push parser of multipart/x-mixed-replace (RFC 2046 section 5.1.1).
 * Owns the bytes of the part that is not complete yet, never more than one.
 * Never decodes: a part is handed on as it came, once its end is certain.
 */
#include "io/mjpeg.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "io/mjpeg_private.h"

#define SLICE_BYTES (64 * 1024)
#define SHORT_SLICE_BYTES 512		/* of lines: what follows them need not be kept */
#define MAX_DELIMITER_LINE 512		/* blanks after a boundary end somewhere */

enum where {
	IN_PREAMBLE,		/* before the first delimiter */
	IN_HEADERS,
	IN_COUNTED,		/* a body of known length */
	IN_SEARCHED,		/* a body up to the next delimiter */
	AT_END,			/* right behind a counted body that was handed on already */
	LOST			/* skipping to the next delimiter */
};

enum step { STEP_ON, STEP_WAIT, STEP_FAIL };

struct mjpeg {
	mjpeg_part_fn *part;
	void *arg;
	char delimiter[MJPEG_DELIMITER_BYTES];
	size_t delimiter_len;
	struct buf in;		/* what came before and is not done with */
	const char *bytes;	/* what is looked at: in, or what comes just now while in is empty */
	size_t len;
	size_t start;		/* the first byte not done with */
	size_t looked;		/* no delimiter begins before this */
	bool at_line_start;	/* start follows a line feed */
	enum where where;
	struct mjpeg_head head;
	size_t head_bytes, passed_bytes;
	bool distrusts_lengths;	/* a Content-Length was wrong once */
	bool feeding, dead;	/* freed from inside the callback */
};

struct mjpeg *
mjpeg_new(const char *content_type, mjpeg_part_fn *part, void *arg, struct err *e)
{
	char delimiter[MJPEG_DELIMITER_BYTES];
	struct mjpeg *m;

	if (!mjpeg_head_delimiter(content_type, delimiter, e))
		return NULL;
	m = xcalloc(1, sizeof *m);
	m->part = part;
	m->arg = arg;
	m->delimiter_len = strlen(delimiter);
	memcpy(m->delimiter, delimiter, m->delimiter_len + 1);
	m->at_line_start = true;
	mjpeg_head_init(&m->head);
	buf_init(&m->in, MAX_JPEG_FRAME + 4 * SLICE_BYTES);
	return m;
}

void
mjpeg_free(struct mjpeg *m)
{
	if (m == NULL)
		return;
	m->dead = true;
	if (m->feeding)
		return;
	buf_fini(&m->in);
	free(m);
}

static size_t
bytes_left(const struct mjpeg *m)
{
	return m->len - m->start;
}

static void
go(struct mjpeg *m, enum where to, size_t start)
{
	m->where = to;
	m->start = m->looked = start;
	m->at_line_start = true;
	m->head_bytes = m->passed_bytes = 0;
}

/* ---- Delimiters ---- */

struct delimiter { size_t begin, end; bool is_last; };

/* A delimiter begins a line; right behind a JPEG's own end is accepted, too. */
static bool
can_begin_at(const struct mjpeg *m, size_t at)
{
	const char *d = m->bytes;

	if (at == m->start)
		return m->at_line_start;
	return d[at - 1] == '\n' || (at >= m->start + 2 && memcmp(d + at - 2, "\xff\xd9", 2) == 0);
}

/* The delimiter line whose text stands at `at`: STEP_ON it is one, STEP_WAIT its end is not here yet, STEP_FAIL it is none. */
static enum step
read_delimiter(const struct mjpeg *m, size_t at, struct delimiter *out)
{
	const char *d = m->bytes, *lf;
	size_t tail = at + m->delimiter_len;
	size_t left = m->len - tail;

	/* A boundary declared with its dashes has two more. */
	out->begin = at >= m->start + 2 && memcmp(d + at - 2, "--", 2) == 0 ? at - 2 : at;
	if (!can_begin_at(m, out->begin))
		return STEP_FAIL;
	if (left > 0 && memchr("-\r\n \t", d[tail], 5) == NULL)
		return STEP_FAIL;
	out->is_last = left >= 2 && memcmp(d + tail, "--", 2) == 0;
	if (left >= 2 && d[tail] == '-' && !out->is_last)
		return STEP_FAIL;
	lf = memchr(d + tail, '\n', left < MAX_DELIMITER_LINE ? left : MAX_DELIMITER_LINE);
	if (lf == NULL)
		return left >= MAX_DELIMITER_LINE ? STEP_FAIL : STEP_WAIT;
	out->end = (size_t)(lf + 1 - d);
	return STEP_ON;
}

/* The next one from m->looked on.  STEP_WAIT: none yet, and m->looked has moved on. */
static enum step
find_delimiter(struct mjpeg *m, struct delimiter *out)
{
	while (m->len >= m->looked + m->delimiter_len) {
		const char *d = m->bytes;
		const char *hit = memmem(d + m->looked, m->len - m->looked, m->delimiter, m->delimiter_len);
		enum step step;

		if (hit == NULL) {
			m->looked = m->len - m->delimiter_len + 1;
			return STEP_WAIT;
		}
		m->looked = (size_t)(hit - d);
		step = read_delimiter(m, m->looked, out);
		if (step != STEP_FAIL)
			return step;
		m->looked++;
	}
	return STEP_WAIT;
}

static enum step
pass_delimiter(struct mjpeg *m, const struct delimiter *found)
{
	/* After the last one nothing should come; a camera that goes on is taken up again. */
	go(m, found->is_last ? LOST : IN_HEADERS, found->end);
	mjpeg_head_init(&m->head);
	return STEP_ON;
}

/* Whether a delimiter follows at `at`, but for line ends. */
static enum step
expect_delimiter(const struct mjpeg *m, size_t at, struct delimiter *found)
{
	const char *d = m->bytes;
	size_t dashes = 0, declared = strspn(m->delimiter, "-"), have;

	while (at < m->len && (d[at] == '\r' || d[at] == '\n'))
		at++;
	while (at + dashes < m->len && d[at + dashes] == '-' && dashes < declared + 3)
		dashes++;
	if (dashes > declared + 2)
		return STEP_FAIL;
	have = m->len - at;
	if (dashes == have)
		return STEP_WAIT;
	if (dashes == declared + 2) {
		at += 2;
		have -= 2;
	}
	if (memcmp(d + at, m->delimiter, have < m->delimiter_len ? have : m->delimiter_len) != 0)
		return STEP_FAIL;
	return have < m->delimiter_len ? STEP_WAIT : read_delimiter(m, at, found);
}

/* ---- Parts ---- */

static void
hand_on(struct mjpeg *m, size_t len)
{
	const char *bytes = m->bytes + m->start;
	bool looks_like_jpeg = len >= 2 && memcmp(bytes, "\xff\xd8", 2) == 0;

	if (len > 0 && (m->head.has_type ? m->head.is_image : looks_like_jpeg))
		m->part(m->arg, bytes, len, m->head.timestamp_us, m->head.frame);
}

static bool
is_skipped(const struct mjpeg *m)
{
	return m->head.has_type && !m->head.is_image;
}

static bool
ends_as_jpeg(const char *bytes, size_t len)
{
	return len >= 4 && memcmp(bytes, "\xff\xd8", 2) == 0 && memcmp(bytes + len - 2, "\xff\xd9", 2) == 0;
}

static enum step
step_preamble(struct mjpeg *m, struct err *e)
{
	struct delimiter found;
	enum step step;
	size_t left;

	while (bytes_left(m) > 0 && memchr("\r\n", m->bytes[m->start], 2) != NULL)
		go(m, IN_PREAMBLE, m->start + 1);
	left = bytes_left(m);
	/* Some begin with the first part's headers at once. */
	if (left > 0 && strncasecmp(m->bytes + m->start, "content-", left < 8 ? left : 8) == 0) {
		if (left >= 8)
			go(m, IN_HEADERS, m->start);
		return left >= 8 ? STEP_ON : STEP_WAIT;
	}
	step = find_delimiter(m, &found);
	if ((step == STEP_ON ? found.begin - m->start : left) <= MAX_MULTIPART_HEADER)
		return step == STEP_ON ? pass_delimiter(m, &found) : STEP_WAIT;
	err_set(e, ERR_FORMAT, "no boundary \"%.40s\" in the first %d KiB", m->delimiter, MAX_MULTIPART_HEADER / 1024);
	return STEP_FAIL;
}

static enum step
begin_body(struct mjpeg *m, size_t start)
{
	go(m, m->head.length >= 0 && !m->distrusts_lengths ? IN_COUNTED : IN_SEARCHED, start);
	return STEP_ON;
}

static enum step
step_headers(struct mjpeg *m, struct err *e)
{
	const char *line = m->bytes + m->start;
	const char *lf = bytes_left(m) > 0 ? memchr(line, '\n', bytes_left(m)) : NULL;
	size_t len, next;

	if (m->head_bytes + (lf == NULL ? bytes_left(m) : (size_t)(lf - line)) > MAX_MULTIPART_HEADER) {
		err_set(e, ERR_TOO_BIG, "a part's headers are larger than %d KiB", MAX_MULTIPART_HEADER / 1024);
		return STEP_FAIL;
	}
	if (lf == NULL)
		return STEP_WAIT;
	next = (size_t)(lf + 1 - m->bytes);
	m->head_bytes += (size_t)(lf + 1 - line);
	len = (size_t)(lf - line);
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len == 0)
		return begin_body(m, next);
	m->start = m->looked = next;
	return mjpeg_head_line(&m->head, line, len, e) ? STEP_ON : STEP_FAIL;
}

/* The length was a lie.  Nothing is lost: the body is searched from its begin. */
static enum step
distrust(struct mjpeg *m)
{
	m->distrusts_lengths = true;
	go(m, IN_SEARCHED, m->start);
	return STEP_ON;
}

static enum step
step_counted(struct mjpeg *m)
{
	size_t len = (size_t)m->head.length;
	struct delimiter found;
	enum step step;

	if (bytes_left(m) < len)
		return STEP_WAIT;
	/* A whole JPEG is handed on at once: the next delimiter may come a frame later. */
	if (len == 0 || is_skipped(m) || ends_as_jpeg(m->bytes + m->start, len)) {
		hand_on(m, len);
		go(m, AT_END, m->start + len);
		return STEP_ON;
	}
	step = expect_delimiter(m, m->start + len, &found);
	if (step == STEP_FAIL)
		return distrust(m);
	if (step == STEP_WAIT)
		return STEP_WAIT;
	hand_on(m, len);
	return pass_delimiter(m, &found);
}

static enum step
step_end(struct mjpeg *m)
{
	struct delimiter found;
	enum step step;

	/* Not kept until the next part comes: that one could not be handed on from where it is. */
	while (bytes_left(m) > 0 && memchr("\r\n", m->bytes[m->start], 2) != NULL)
		go(m, AT_END, m->start + 1);
	step = expect_delimiter(m, m->start, &found);
	if (step == STEP_ON)
		return pass_delimiter(m, &found);
	if (step == STEP_FAIL) {
		m->distrusts_lengths = true;
		m->where = LOST;
		m->at_line_start = false;
	}
	return step == STEP_FAIL ? STEP_ON : STEP_WAIT;
}

static enum step
step_searched(struct mjpeg *m, struct err *e)
{
	struct delimiter found;
	size_t end;

	if (find_delimiter(m, &found) == STEP_ON) {
		end = found.begin;
		if (end > m->start && m->bytes[end - 1] == '\n')
			end--;
		if (end > m->start && m->bytes[end - 1] == '\r')
			end--;
		hand_on(m, end - m->start);
		return pass_delimiter(m, &found);
	}
	if (bytes_left(m) <= MAX_JPEG_FRAME)
		return STEP_WAIT;
	err_set(e, ERR_TOO_BIG, "a picture larger than %d MiB, or its boundary never came", MAX_JPEG_FRAME / (1024 * 1024));
	return STEP_FAIL;
}

static enum step
step_lost(struct mjpeg *m, struct err *e)
{
	struct delimiter found;
	size_t passed;

	if (find_delimiter(m, &found) == STEP_ON)
		return pass_delimiter(m, &found);
	/* Four bytes stay: what may stand before a delimiter's text. */
	passed = m->looked > m->start + 4 ? m->looked - m->start - 4 : 0;
	m->start += passed;
	m->passed_bytes += passed;
	if (passed > 0)
		m->at_line_start = false;
	if (m->passed_bytes <= MAX_JPEG_FRAME)
		return STEP_WAIT;
	err_set(e, ERR_FORMAT, "no boundary for %d MiB", MAX_JPEG_FRAME / (1024 * 1024));
	return STEP_FAIL;
}

static enum step
step_on(struct mjpeg *m, struct err *e)
{
	switch (m->where) {
	case IN_PREAMBLE:
		return step_preamble(m, e);
	case IN_HEADERS:
		return step_headers(m, e);
	case IN_COUNTED:
		return step_counted(m);
	case IN_SEARCHED:
		return step_searched(m, e);
	case AT_END:
		return step_end(m);
	case LOST:
		return step_lost(m, e);
	}
	return STEP_WAIT;
}

/* Walks through these bytes as far as it goes. */
static bool
walk(struct mjpeg *m, const char *bytes, size_t len, struct err *e)
{
	enum step step = STEP_ON;

	m->bytes = bytes;
	m->len = len;
	while (step == STEP_ON && !m->dead)
		step = step_on(m, e);
	m->looked -= m->start < m->looked ? m->start : m->looked;
	return step != STEP_FAIL;
}

static bool
keep(struct mjpeg *m, const char *data, size_t len, struct err *e)
{
	return buf_add(&m->in, data, len)
	    || err_set(e, ERR_TOO_BIG, "a picture larger than %d MiB", MAX_JPEG_FRAME / (1024 * 1024));
}

/* Nothing is kept from before: whole parts are handed on from where they are, and only the rest is kept. */
static bool
feed_through(struct mjpeg *m, const char *data, size_t len, struct err *e)
{
	size_t passed;

	if (!walk(m, data, len, e))
		return false;
	passed = m->start;
	m->start = 0;
	return m->dead || keep(m, data + passed, len - passed, e);
}

/* How much of what comes goes behind what is kept: just the rest of the part, if that is known. */
static size_t
slice_of(const struct mjpeg *m, size_t len)
{
	size_t most = SLICE_BYTES;

	if (m->where == IN_COUNTED && m->in.len < (size_t)m->head.length)
		most = (size_t)m->head.length - m->in.len;
	else if (m->where != IN_SEARCHED && m->where != LOST)
		most = SHORT_SLICE_BYTES;
	return len < most ? len : most;
}

static bool
feed_behind(struct mjpeg *m, const char *data, size_t len, struct err *e)
{
	if (!keep(m, data, len, e) || !walk(m, m->in.data, m->in.len, e))
		return false;
	buf_drop_front(&m->in, m->start);
	m->start = 0;
	return true;
}

static bool
feed(struct mjpeg *m, const char *data, size_t len, struct err *e)
{
	while (len > 0 && !m->dead) {
		const bool through = m->in.len == 0 && len <= MAX_JPEG_FRAME;
		const size_t n = through ? len : slice_of(m, len);

		if (!(through ? feed_through(m, data, n, e) : feed_behind(m, data, n, e)))
			return false;
		data += n;
		len -= n;
	}
	return true;
}

bool
mjpeg_feed(struct mjpeg *m, const char *data, size_t len, struct err *e)
{
	bool fine;

	m->feeding = true;
	fine = feed(m, data, len, e);
	m->feeding = false;
	if (!m->dead)
		return fine;
	mjpeg_free(m);
	return err_set(e, ERR_REFUSED, "the reader left");
}
