/*
 * ids.c - identifiers: nodes, Spheres, takes, commands.
 * Owns nothing.  Never trusts the shape of an id that came from outside.
 */
#include "domain/ids.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/xalloc.h"

void
ids_uuid(char out[static 37], const uint8_t random[static 16])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t b[16];
	size_t at = 0;

	memcpy(b, random, sizeof b);
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);	/* version 4 */
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);	/* variant of RFC 4122 */
	for (size_t i = 0; i < sizeof b; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[at++] = '-';
		out[at++] = digits[b[i] >> 4];
		out[at++] = digits[b[i] & 15];
	}
	out[at] = '\0';
}

void
ids_random(void *out, size_t bytes)
{
	char *at = out;
	ssize_t got;

	for (; bytes > 0; bytes -= (size_t)got, at += got) {
		do
			got = getrandom(at, bytes, 0);
		while (got < 0 && errno == EINTR);
		XASSERT(got > 0);
	}
}

void
ids_uuid_new(char out[static 37])
{
	uint8_t random[16];

	ids_random(random, sizeof random);
	ids_uuid(out, random);
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool
ids_is_uuid(const char *text)
{
	for (int i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !is_hex(text[i]))
			return false;
	}
	return text[36] == '\0';
}

bool
ids_copy(char out[static ID_BYTES], const char *text)
{
	size_t len = 0;

	for (; text[len] != '\0' && len < ID_BYTES - 1; len++) {
		char c = text[len];
		bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '.' || c == '_' || c == ':' || c == '-';

		out[len] = kept ? c : '_';
	}
	out[len] = '\0';
	return len > 0;
}

bool
ids_copy_own(char out[static ID_BYTES], const char *text)
{
	const char *mark = strrchr(text, '#');
	const size_t at = mark != NULL ? (size_t)(mark - text) : 0;
	const bool is_stand_in = at > 0 && at < ID_BYTES - 1 && mark[1] >= '1' && mark[1] <= '9' &&
	    mark[1 + strspn(mark + 1, "0123456789")] == '\0' && strlen(mark) < 5;

	if (!ids_copy(out, text))
		return false;
	if (is_stand_in)
		out[at] = '#';
	return true;
}

void
ids_take(char out[static TAKE_BYTES], unsigned number)
{
	snprintf(out, TAKE_BYTES, "%03u", number);
}

void
ids_take_rehearsed(char out[static TAKE_BYTES], unsigned number)
{
	snprintf(out, TAKE_BYTES, "R%03u", number);
}

bool
ids_take_read(const char *take, unsigned *number, bool *is_rehearsed)
{
	const char *digits = take + (take[0] == 'R');
	const size_t len = strlen(digits);
	unsigned value = 0;

	if (len < 3 || len > 9 || (len > 3 && digits[0] == '0') || digits[strspn(digits, "0123456789")] != '\0')
		return false;
	for (size_t i = 0; i < len; i++)
		value = value * 10 + (unsigned)(digits[i] - '0');
	if (number != NULL)
		*number = value;
	if (is_rehearsed != NULL)
		*is_rehearsed = digits != take;
	return value > 0;
}

bool
ids_take_is_rehearsed(const char *take)
{
	bool is_rehearsed = false;

	return ids_take_read(take, NULL, &is_rehearsed) && is_rehearsed;
}
