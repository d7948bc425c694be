/*
 * fuzz_txt.c - any bytes as a TXT record of DNS-SD.  Aborts when what is read of it is not printable, not what an
 * independent reading finds, or when a record written here is not read back.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/dnssd_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const keys[] = { "deviceName", "model", "role", "id", "apiPort", "contract", "x" };

/* As RFC 6763 section 6.4 says it: the first whole string that is "KEY=...", any case.  Its value; NULL: none. */
static const uint8_t *
look_for(const uint8_t *txt, size_t len, const char *key, size_t *value_len)
{
	for (size_t at = 0; at < len;) {
		size_t item_len = txt[at++];
		const uint8_t *equals;

		if (item_len > len - at)
			return NULL;
		equals = memchr(txt + at, '=', item_len);
		if (equals != NULL && (size_t)(equals - (txt + at)) == strlen(key) &&
		    strncasecmp((const char *)txt + at, key, strlen(key)) == 0) {
			*value_len = item_len - strlen(key) - 1;
			return equals + 1;
		}
		at += item_len;
	}
	return NULL;
}

static void
check_printable(const char *text, size_t room)
{
	XASSERT(memchr(text, '\0', room) != NULL);
	XASSERT(str_is_utf8(text, strlen(text)));
	XASSERT(str_cells(text) <= MAX_NAME_CELLS);
	for (const char *p = text; *p != '\0'; p++)
		XASSERT((unsigned char)*p >= 0x20 && *p != 0x7f);
}

static void
try_key(const uint8_t *txt, size_t len, const char *key)
{
	char got[MAX_NAME_BYTES] = "untouched", expected[MAX_NAME_BYTES];
	size_t value_len = 0;
	const uint8_t *value = look_for(txt, len, key, &value_len);
	bool is_there = dnssd_txt_get(txt, len, key, got, sizeof got);

	XASSERT(is_there == (value != NULL));
	if (value == NULL) {
		XASSERT(strcmp(got, "untouched") == 0);
		return;
	}
	str_clean(expected, sizeof expected, (const char *)value, value_len, MAX_NAME_CELLS);
	XASSERT(strcmp(got, expected) == 0);
	check_printable(got, sizeof got);
}

/* What was read can be written, and is then read as it was. */
static void
write_back(const struct dnssd_found *f)
{
	unsigned char txt[MAX_TXT_BYTES];
	struct dnssd_found again = { .api_port = 0 };
	size_t len = 0;

	XASSERT(dnssd_txt_add(txt, &len, "ID", f->id) && dnssd_txt_add(txt, &len, "id", "later"));
	XASSERT(dnssd_txt_add(txt, &len, "model", f->model) && dnssd_txt_add(txt, &len, "role", f->role));
	XASSERT(dnssd_txt_add(txt, &len, "DEVICENAME", f->device_name) && len <= sizeof txt);
	dnssd_txt_read(&again, txt, len);
	XASSERT(strcmp(again.id, f->id) == 0 && again.api_port == 0);
	/* Up to 255 bytes fit into one string; only a longer text is cut. */
	XASSERT(str_has_prefix(f->model, again.model) && str_has_prefix(f->role, again.role));
	XASSERT(str_has_prefix(f->device_name, again.device_name));
	XASSERT(strlen(f->device_name) > 240 || strcmp(again.device_name, f->device_name) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dnssd_found f;
	uint8_t *txt = xmalloc(size > 0 ? size : 1);	/* a block of its own, so that reading past it is seen */

	if (size > 0)
		memcpy(txt, data, size);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		try_key(txt, size, keys[i]);
	memset(&f, 0x55, sizeof f);
	dnssd_txt_read(&f, txt, size);
	check_printable(f.device_name, sizeof f.device_name);
	check_printable(f.model, sizeof f.model);
	check_printable(f.role, sizeof f.role);
	check_printable(f.id, sizeof f.id);
	XASSERT(f.api_port >= 0 && f.api_port <= 65535);
	write_back(&f);
	free(txt);
	return 0;
}
