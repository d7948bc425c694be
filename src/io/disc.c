/*
 * disc.c - an address as somebody types it: "HOST[:PORT]", "[v6]:PORT" or a URL.
 * Owns nothing.  Never looks a name up.
 */
#include "io/disc.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define NODE_PORT 8081		/* camera-node contract */

/* Letters of any script, digits, and what names and numeric addresses are made of. */
static bool
is_host(const char *text, size_t len)
{
	if (len == 0 || !str_is_utf8(text, len))
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c <= ' ' || c == 0x7f || strchr("/\\?#@\"'<>[]{}|^`,;=&*!$()+~", c) != NULL)
			return false;
	}
	return true;
}

static bool
refuse(struct err *e, const char *text)
{
	char shown[200];

	str_clean(shown, sizeof shown, text, strlen(text), MAX_NAME_CELLS);
	return err_set(e, ERR_USAGE, "\"%s\" is no address; write HOST, HOST:PORT, [IPV6]:PORT or http://HOST:PORT/PATH", shown);
}

/* "10.77.1.300" is a slip of the hand, no host name: a resolver would only take its time to say so. */
static bool
is_slip(const char *host)
{
	unsigned char bytes[16];
	char bare[256];

	if (strchr(host, ':') != NULL) {
		str_copy(bare, sizeof bare, host);
		bare[strcspn(bare, "%")] = '\0';
		return inet_pton(AF_INET6, bare, bytes) != 1;
	}
	return strspn(host, "0123456789.") == strlen(host) && inet_pton(AF_INET, host, bytes) != 1;
}

static bool
set_host(struct registry_address *out, const char *host, size_t len)
{
	if (!is_host(host, len) || len >= sizeof out->host)
		return false;
	memcpy(out->host, host, len);
	out->host[len] = '\0';
	return true;
}

/* ":8081" or nothing. */
static bool
set_port(struct registry_address *out, const char *rest, int def)
{
	int64_t port;

	out->port = def;
	if (*rest == '\0')
		return true;
	if (*rest != ':' || !str_int(rest + 1, 1, 65535, &port))
		return false;
	out->port = (int)port;
	return true;
}

/* In a URL the scope's '%' is itself escaped (RFC 6874 section 2). */
static void
unescape_scope(char *host)
{
	char *mark = strstr(host, "%25");

	if (mark != NULL && mark[3] != '\0')
		memmove(mark + 1, mark + 3, strlen(mark + 3) + 1);
}

static bool
parse_authority(struct registry_address *out, const char *text, int def_port)
{
	const char *end;

	if (text[0] == '[') {
		end = strchr(text, ']');
		if (end == NULL || strchr(text, ':') == NULL || !set_host(out, text + 1, (size_t)(end - text - 1)))
			return false;
		unescape_scope(out->host);
		return set_port(out, end + 1, def_port);
	}
	end = strchr(text, ':');
	if (end != NULL && strchr(end + 1, ':') != NULL) {	/* a bare IPv6 address */
		out->port = def_port;
		return set_host(out, text, strlen(text));
	}
	if (end == NULL)
		end = text + strlen(text);
	return set_host(out, text, (size_t)(end - text)) && set_port(out, end, def_port);
}

/* User and password belong to the URL, not to the host. */
static bool
parse_url(struct registry_address *out, const char *text, const char *rest, int def_port)
{
	char authority[512];
	size_t len = strcspn(rest, "/?#");
	const char *at;

	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	if (len >= sizeof authority || !str_copy(out->url, sizeof out->url, text))
		return false;
	memcpy(authority, rest, len);
	authority[len] = '\0';
	at = strrchr(authority, '@');
	out->kind = PATH_URL;
	return parse_authority(out, at != NULL ? at + 1 : authority, def_port);
}

bool
disc_parse_address(struct registry_address *out, const char *text, struct err *e)
{
	bool ok;

	memset(out, 0, sizeof *out);
	out->via = VIA_MANUAL;
	out->rtt_us = -1;
	if (strncasecmp(text, "http://", 7) == 0) {
		ok = parse_url(out, text, text + 7, 80);
	} else if (strncasecmp(text, "https://", 8) == 0) {
		ok = parse_url(out, text, text + 8, 443);
	} else {
		ok = parse_authority(out, text, NODE_PORT);
		if (ok)
			out->kind = registry_path_of(out->host);
	}
	return ok && !is_slip(out->host) ? true : refuse(e, text);
}
