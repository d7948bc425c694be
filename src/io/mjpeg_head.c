/*
 * mjpeg_head.c - the header lines of a multipart stream and of its parts, as real cameras write them.
 * Owns the leniency: any case, padding, quotes, dashes in the declared boundary.
 * Never sees a picture's bytes.
 */
#include "io/mjpeg_private.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define MAX_HEADER_VALUE 256

void
mjpeg_head_init(struct mjpeg_head *h)
{
	*h = (struct mjpeg_head){ .length = -1, .frame = -1 };
}

/* Seconds with a fraction, as ustreamer and mjpg-streamer write them. */
static int64_t
seconds_us(const char *text)
{
	double seconds;

	return str_double(text, 0.0, 1e11, &seconds) ? (int64_t)(seconds * 1e6 + 0.5) : 0;
}

static bool
take_length(struct mjpeg_head *h, const char *value, struct err *e)
{
	size_t digits = strspn(value, "0123456789");
	int64_t n;

	/* What is no number says nothing: the boundary will end the part. */
	if (digits == 0 || value[digits] != '\0')
		return true;
	if (!str_int(value, 0, MAX_JPEG_FRAME, &n))
		return err_set(e, ERR_TOO_BIG, "a picture of %.20s bytes is announced, and at most %d MiB are taken",
		    value, MAX_JPEG_FRAME / (1024 * 1024));
	h->length = n;
	return true;
}

static bool
take_header(struct mjpeg_head *h, const char *name, const char *value, struct err *e)
{
	if (strcasecmp(name, "Content-Length") == 0)
		return take_length(h, value, e);
	if (strcasecmp(name, "Content-Type") == 0) {
		h->has_type = true;
		h->is_image = strncasecmp(value, "image/", 6) == 0;
	} else if (strcasecmp(name, "X-Timestamp-Us") == 0) {
		if (!str_int(value, 0, INT64_MAX, &h->timestamp_us))
			h->timestamp_us = 0;
	} else if (strcasecmp(name, "X-Timestamp") == 0 && h->timestamp_us == 0) {
		h->timestamp_us = seconds_us(value);
	} else if (strcasecmp(name, "X-Frame") == 0) {
		if (!str_int(value, 0, INT64_MAX, &h->frame))
			h->frame = -1;
	}
	return true;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* text[0..len) without blanks at either end; false when it does not fit. */
static bool
trimmed(char *out, size_t out_size, const char *text, size_t len)
{
	while (len > 0 && is_blank(text[0])) {
		text++;
		len--;
	}
	while (len > 0 && is_blank(text[len - 1]))
		len--;
	if (len >= out_size || memchr(text, '\0', len) != NULL)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

bool
mjpeg_head_line(struct mjpeg_head *h, const char *line, size_t len, struct err *e)
{
	char name[64], value[MAX_HEADER_VALUE];
	const char *colon = memchr(line, ':', len);

	if (colon == NULL || !trimmed(name, sizeof name, line, (size_t)(colon - line))
	    || !trimmed(value, sizeof value, colon + 1, (size_t)(line + len - colon - 1)))
		return true;
	return take_header(h, name, value, e);
}

/* ---- The boundary ---- */

/* Copies a parameter's value; returns what follows it. */
static const char *
copy_value(const char *at, char *out, size_t out_size)
{
	bool quoted = *at == '"';
	size_t used = 0;

	if (quoted)
		at++;
	while (*at != '\0' && (quoted ? *at != '"' : *at != ';')) {
		if (quoted && *at == '\\' && at[1] != '\0')
			at++;
		if (used < out_size - 1)
			out[used++] = *at;
		at++;
	}
	if (quoted && *at == '"')
		at++;
	while (!quoted && used > 0 && is_blank(out[used - 1]))
		used--;
	out[used] = '\0';
	return at;
}

/* The value of ;boundary=, or "". */
static void
find_boundary(const char *content_type, char *out, size_t out_size)
{
	const char *at = strchr(content_type, ';');

	out[0] = '\0';
	while (at != NULL && *at != '\0') {
		bool is_boundary;

		at += strspn(at, "; \t");
		is_boundary = strncasecmp(at, "boundary", 8) == 0;
		at += strcspn(at, "=;");
		if (*at != '=')
			continue;
		at++;
		at += strspn(at, " \t");
		at = copy_value(at, out, out_size);
		if (is_boundary)
			return;
		out[0] = '\0';
		at += strcspn(at, ";");
	}
}

static bool
is_printable(const char *text)
{
	while (isprint((unsigned char)*text))
		text++;
	return *text == '\0';
}

bool
mjpeg_head_delimiter(const char *content_type, char out[static MJPEG_DELIMITER_BYTES], struct err *e)
{
	char boundary[MAX_BOUNDARY + 2], shown[64];
	const char *name = boundary;

	content_type += strspn(content_type, " \t");
	if (strncasecmp(content_type, "multipart/", 10) != 0) {
		str_clean(shown, sizeof shown, content_type, strlen(content_type), 40);
		return err_set(e, ERR_FORMAT, "no motion JPEG: the content type is \"%s\"", shown);
	}
	find_boundary(content_type, boundary, sizeof boundary);
	if (strlen(boundary) > MAX_BOUNDARY)
		return err_set(e, ERR_TOO_BIG, "the multipart boundary is longer than %d bytes", MAX_BOUNDARY);
	if (strncmp(name, "--", 2) == 0)	/* some declare the delimiter instead */
		name += 2;
	if (*name == '\0' || !is_printable(name))
		return err_set(e, ERR_FORMAT, "no multipart boundary is declared");
	snprintf(out, MJPEG_DELIMITER_BYTES, "--%s", name);
	return true;
}
