/*
 * dnssd_txt.c - TXT records of DNS-SD (RFC 6763 section 6): strings with a length byte, "key=value" in each.
 * Owns nothing.  Never trusts a length.
 */
#include "io/dnssd_private.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

#define TXT_STRING_BYTES 255

bool
dnssd_txt_get(const unsigned char *txt, size_t len, const char *key, char *out, size_t out_size)
{
	size_t key_len = strlen(key);

	for (size_t at = 0; at < len; at += 1 + (size_t)txt[at]) {
		const char *item = (const char *)txt + at + 1;
		size_t item_len = txt[at];

		if (at + 1 + item_len > len)
			return false;
		if (item_len <= key_len || item[key_len] != '=' || strncasecmp(item, key, key_len) != 0)
			continue;
		str_clean(out, out_size, item + key_len + 1, item_len - key_len - 1, MAX_NAME_CELLS);
		return true;
	}
	return false;
}

void
dnssd_cut(char *out, size_t out_size, const char *text, size_t max)
{
	size_t len = strlen(text), at = 0;
	uint32_t cp;

	if (max > out_size - 1)
		max = out_size - 1;
	while (at < len) {
		size_t step = str_next(text + at, len - at, &cp);

		if (at + step > max)
			break;
		at += step;
	}
	memcpy(out, text, at);
	out[at] = '\0';
}

bool
dnssd_txt_add(unsigned char *txt, size_t *len, const char *key, const char *value)
{
	char cut[TXT_STRING_BYTES + 1];
	size_t key_len = strlen(key), value_len;

	if (key_len + 1 > TXT_STRING_BYTES)
		return false;
	dnssd_cut(cut, sizeof cut, value, TXT_STRING_BYTES - key_len - 1);
	value_len = strlen(cut);
	if (*len + 1 + key_len + 1 + value_len > MAX_TXT_BYTES)
		return false;
	txt[(*len)++] = (unsigned char)(key_len + 1 + value_len);
	memcpy(txt + *len, key, key_len);
	txt[*len + key_len] = '=';
	memcpy(txt + *len + key_len + 1, cut, value_len);
	*len += key_len + 1 + value_len;
	return true;
}

void
dnssd_txt_read(struct dnssd_found *out, const unsigned char *txt, size_t len)
{
	char port[MAX_NAME_BYTES];
	int64_t number;

	out->device_name[0] = out->model[0] = out->role[0] = out->id[0] = '\0';
	out->api_port = 0;
	dnssd_txt_get(txt, len, "deviceName", out->device_name, sizeof out->device_name);
	dnssd_txt_get(txt, len, "model", out->model, sizeof out->model);
	dnssd_txt_get(txt, len, "role", out->role, sizeof out->role);
	dnssd_txt_get(txt, len, "id", out->id, sizeof out->id);
	if (dnssd_txt_get(txt, len, "apiPort", port, sizeof port) && strlen(port) <= 5 && str_int(port, 1, 65535, &number))
		out->api_port = (int)number;
}
