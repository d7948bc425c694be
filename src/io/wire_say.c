/*
 * wire_say.c - a request's body as the contract has it, no member more.
 * Owns the member names and their order.  Written straight into bytes, without a document between: it stands between a cut
 * and its light, once for each camera (doc/decisions/warm.md).
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/wire.h"

#define REAL_BYTES 40
#define USUAL_BYTES 200

/* ---- Members ---- */

/* Bytes that are no characters become one that says so, as everywhere (io/jdoc). */
static void
say_odd(struct buf *b, const char *p, size_t bytes, uint32_t cp)
{
	if (*p == '"' || *p == '\\')
		buf_add_format(b, "\\%c", *p);
	else if (cp < ' ')
		buf_add_format(b, "\\u%04x", (unsigned)cp);
	else if (cp == 0xfffd)
		buf_add_text(b, "\xef\xbf\xbd");
	else
		buf_add(b, p, bytes);
}

/* Neither a quote, nor a backslash, nor anything beyond printable ASCII: one look-up, for this is done for each character. */
static const bool say_plain[256] = {
	[' '] = true, ['!'] = true, ['#' ... '['] = true, [']' ... '~'] = true,
};

static bool
is_plain(char c)
{
	return say_plain[(unsigned char)c];
}

static void
say_quoted(struct buf *b, const char *text)
{
	size_t left = strlen(text);
	uint32_t cp;

	buf_need(b, left + 2);
	buf_add(b, "\"", 1);
	while (left > 0) {
		size_t n = 0;

		while (is_plain(text[n]))	/* its end is not */
			n++;
		buf_add(b, text, n);
		if (n < left) {
			size_t bytes = str_next(text + n, left - n, &cp);

			say_odd(b, text + n, bytes, cp);
			n += bytes;
		}
		text += n;
		left -= n;
	}
	buf_add(b, "\"", 1);
}

/* key as it stands in the text: ours, nothing to escape. */
static void
say_key(struct buf *b, const char *key)
{
	if (b->len > 1)
		buf_add(b, ",\"", 2);
	else
		buf_add(b, "\"", 1);
	buf_add_text(b, key);
	buf_add(b, "\":", 2);
}

static void
say_text(struct buf *b, const char *key, const char *value)
{
	say_key(b, key);
	say_quoted(b, value);
}

static void
say_known_text(struct buf *b, const char *key, const char *value)
{
	if (value[0] != '\0')
		say_text(b, key, value);
}

static void
say_int(struct buf *b, const char *key, int64_t value)
{
	char digits[24];
	size_t at = sizeof digits;
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do
		digits[--at] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (value < 0)
		digits[--at] = '-';
	say_key(b, key);
	buf_add(b, digits + at, sizeof digits - at);
}

static void
say_known_int(struct buf *b, const char *key, int64_t value)
{
	if (value > 0)
		say_int(b, key, value);
}

static void
say_bool(struct buf *b, const char *key, bool value)
{
	say_key(b, key);
	buf_add_text(b, value ? "true" : "false");
}

/* With a point, whatever the locale has, and so that it stays a real number. */
static void
say_real(struct buf *b, const char *key, double value)
{
	char digits[REAL_BYTES];
	char *comma;

	say_key(b, key);
	if (!isfinite(value)) {
		buf_add_text(b, "null");
		return;
	}
	snprintf(digits, sizeof digits, "%.15g", value);
	comma = strchr(digits, ',');
	if (comma != NULL)
		*comma = '.';
	buf_add_text(b, digits);
	if (strpbrk(digits, ".e") == NULL)
		buf_add_text(b, ".0");
}

static void
say_rate(struct buf *b, const char *key, double rate)
{
	if (rate >= 0.0 && rate <= 1e6 && rate == floor(rate))
		say_int(b, key, (int64_t)rate);
	else
		say_real(b, key, rate);
}

/* ---- Bodies ---- */

static void
say_record(struct buf *b, const struct node_request *r)
{
	say_text(b, "take", r->take);
	say_text(b, "sphere", r->sphere);
	if (r->verb == NODE_RECORD_START)
		say_known_text(b, "label", r->label);
}

static void
say_flip(struct buf *b, const struct node_request *r)
{
	say_known_text(b, "position", r->position);
}

static void
say_zoom(struct buf *b, const struct node_request *r)
{
	say_real(b, "factor", r->factor);
	say_known_int(b, "rampMs", r->ramp_ms);
}

static void
say_format(struct buf *b, const struct node_request *r)
{
	say_int(b, "width", r->width);
	say_int(b, "height", r->height);
	if (r->rate > 0.0)
		say_rate(b, "rate", r->rate);
}

static void
say_lens(struct buf *b, const struct node_request *r)
{
	say_bool(b, "exposure", r->exposure);
	say_bool(b, "focus", r->focus);
	say_bool(b, "whiteBalance", r->white_balance);
}

static void
say_tally(struct buf *b, const struct node_request *r)
{
	if (!r->renew)		/* prolongs whatever state there is */
		say_text(b, "state", node_tally_name(r->tally));
	say_known_int(b, "leaseMs", r->lease_ms);
	if (r->has_order)
		say_int(b, "order", r->order);
	if (r->identify)
		say_bool(b, "identify", true);
	if (r->renew)
		say_bool(b, "renew", true);
}

static void
say_marker(struct buf *b, const struct node_request *r)
{
	say_text(b, "name", r->name);
	say_bool(b, "sound", r->sound);
}

static void
say_message(struct buf *b, const struct node_request *r)
{
	say_text(b, "text", r->text);
	say_known_text(b, "level", r->level);
	say_known_int(b, "forMs", r->for_ms);
	say_key(b, "replies");
	buf_add_text(b, "[\"ok\",\"no\"]");
}

static void
say_claiming(struct buf *b, const struct node_request *r)
{
	say_text(b, "sphere", r->sphere);
	say_known_text(b, "name", r->text);
	say_known_text(b, "director", r->director);
	say_text(b, "token", r->token);
	say_known_text(b, "pin", r->pin);
}

typedef void say_fn(struct buf *b, const struct node_request *r);

static say_fn *const say_table[NODE_VERBS] = {
	[NODE_RECORD_START] = say_record,
	[NODE_RECORD_STOP] = say_record,
	[NODE_FLIP] = say_flip,
	[NODE_ZOOM] = say_zoom,
	[NODE_FORMAT] = say_format,
	[NODE_LENS] = say_lens,
	[NODE_TALLY] = say_tally,
	[NODE_MARKER] = say_marker,
	[NODE_MESSAGE] = say_message,
	[NODE_CLAIM] = say_claiming,
};

void
wire_say(struct buf *b, const struct node_request *r)
{
	buf_clear(b);
	buf_need(b, USUAL_BYTES);
	buf_add(b, "{", 1);
	say_known_text(b, "commandId", r->command_id);
	if (say_table[r->verb] != NULL)
		say_table[r->verb](b, r);
	say_known_int(b, "atUs", r->at_us);
	buf_add(b, "}", 1);
}

char *
wire_request(const struct node_request *r)
{
	struct buf b;

	buf_init(&b, WIRE_REQUEST_MOST);
	wire_say(&b, r);
	return buf_steal(&b, NULL);
}
