/*
 * disc_names_of.c - which host names are worth asking for: what a device's name becomes, and what unnamed devices have.
 * Owns nothing.  Never asks.
 */
#include "io/disc_names.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"

#define LABEL_BYTES 63			/* RFC 1035 section 2.3.4 */

const char *
disc_names_patterns(void)
{
	return "iPhone.local,iPhone-2.local,iPhone-3.local,iPhone-4.local,iPhone-5.local,iPad.local,iPad-2.local,iPad-3.local,"
	    "Android.local";
}

/* U+00C0 to U+017F without their accents; '-': no letter of the alphabet is in it. */
static const char bare_letters[] =
    "AAAAAA-CEEEEIIIIDNOOOOO-OUUUUY--aaaaaa-ceeeeiiii-nooooo-ouuuuy-y"
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi--JjKk-LlLlLlL"
    "lLlNnNnNn---OoOoOo--RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZz-";

static char
host_char(uint32_t cp)
{
	if ((cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') || (cp >= '0' && cp <= '9'))
		return (char)cp;
	return cp >= 0xc0 && cp < 0xc0 + sizeof bare_letters - 1 ? bare_letters[cp - 0xc0] : '-';
}

/* Apostrophes straight and curly, and accents that stand as characters of their own. */
static bool
is_left_out(uint32_t cp)
{
	return cp == '\'' || cp == 0x2019 || (cp >= 0x300 && cp < 0x370);
}

bool
disc_names_of_device(char *out, size_t out_size, const char *device_name)
{
	char label[LABEL_BYTES + sizeof ".local"];
	size_t size = strlen(device_name), len = 0;
	uint32_t cp;

	for (size_t at = 0; at < size && len < LABEL_BYTES;) {
		at += str_next(device_name + at, size - at, &cp);
		char c = host_char(cp);

		if (!is_left_out(cp) && (c != '-' || (len > 0 && label[len - 1] != '-')))
			label[len++] = c;
	}
	while (len > 0 && label[len - 1] == '-')
		len--;
	memcpy(label + len, ".local", sizeof ".local");
	return len > 0 && str_copy(out, out_size, label);
}
