/*
 * range.c - byte ranges and entity tags.
 * Owns nothing.  Never trusts a number to fit.
 */
#include <string.h>
#include <strings.h>
#include "camera/range.h"

/* Digits; past 2^64 it stays at the largest.  NULL: there were none. */
static const char *
read_number(const char *p, uint64_t *out)
{
	const char *begin = p;
	uint64_t n = 0, digit;

	for (; *p >= '0' && *p <= '9'; p++) {
		digit = (uint64_t)(*p - '0');
		n = n > (UINT64_MAX - digit) / 10 ? UINT64_MAX : n * 10 + digit;
	}
	*out = n;
	return p > begin ? p : NULL;
}

static const char *
skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

static enum range_kind
last_bytes(struct range *out, uint64_t count, uint64_t size)
{
	if (count == 0 || size == 0)
		return RANGE_NONE;
	out->len = count < size ? count : size;
	out->from = size - out->len;
	return RANGE_PART;
}

enum range_kind
range_read(struct range *out, const char *header, uint64_t size)
{
	uint64_t first = 0, last = UINT64_MAX;
	const char *p;
	bool is_suffix;

	out->from = 0;
	out->len = size;
	if (header == NULL || strncasecmp(header, "bytes=", 6) != 0)
		return RANGE_WHOLE;
	p = skip_blanks(header + 6);
	is_suffix = *p == '-';
	if (!is_suffix && (p = read_number(p, &first)) == NULL)
		return RANGE_WHOLE;
	if (*p++ != '-')
		return RANGE_WHOLE;
	if (*p >= '0' && *p <= '9')
		p = read_number(p, &last);
	else if (is_suffix)
		return RANGE_WHOLE;
	if (*skip_blanks(p) != '\0')
		return RANGE_WHOLE;
	if (is_suffix)
		return last_bytes(out, last, size);
	if (last < first)
		return RANGE_WHOLE;
	if (first >= size)
		return RANGE_NONE;
	out->from = first;
	out->len = (last < size ? last + 1 : size) - first;
	return RANGE_PART;
}

bool
range_is_current(const char *if_range, const char *etag)
{
	return if_range == NULL || (etag[0] != '\0' && strcmp(skip_blanks(if_range), etag) == 0);
}

bool
range_is_known(const char *if_none_match, const char *etag)
{
	const char *p;

	if (if_none_match == NULL || etag[0] == '\0')
		return false;
	p = skip_blanks(if_none_match);
	return strcmp(p, "*") == 0 || strstr(p, etag) != NULL;
}
