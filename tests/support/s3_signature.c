/*
 * s3_signature.c - the canonical request, the string to sign, the key, the signature; compared with what was sent.
 */
#include "support/s3_signature.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include "support/s3_server.h"

#define TEXT (64 * 1024)
#define SKEW_S 900
#define HEADERS 64

static void
hex(const unsigned char *bytes, unsigned len, char *out)
{
	for (unsigned i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static void
sha256_hex(const void *bytes, size_t len, char out[static 65])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	EVP_Digest(bytes, len, sum, &n, EVP_sha256(), NULL);
	hex(sum, n, out);
}

static unsigned
hmac(const void *key, size_t key_len, const char *text, unsigned char out[static EVP_MAX_MD_SIZE])
{
	unsigned len = 0;

	HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text), out, &len);
	return len;
}

void
s3_signature_make(const char *secret, const char *date, const char *region, const char *to_sign, char out[static 65])
{
	unsigned char a[EVP_MAX_MD_SIZE], b[EVP_MAX_MD_SIZE];
	char first[256];
	unsigned len;

	snprintf(first, sizeof first, "AWS4%s", secret);
	len = hmac(first, strlen(first), date, a);
	len = hmac(a, len, region, b);
	len = hmac(b, len, "s3", a);
	len = hmac(a, len, "aws4_request", b);
	len = hmac(b, len, to_sign, a);
	hex(a, len, out);
}

void
s3_signature_decode(const char *text, char *out, size_t out_size)
{
	size_t len = 0;

	for (; *text != '\0' && len + 1 < out_size; text++) {
		char pair[3] = { text[0] == '%' ? text[1] : '\0', text[0] == '%' && text[1] != '\0' ? text[2] : '\0', '\0' };

		if (text[0] == '%' && isxdigit((unsigned char)pair[0]) && isxdigit((unsigned char)pair[1])) {
			out[len++] = (char)strtol(pair, NULL, 16);
			text += 2;
		} else
			out[len++] = *text;
	}
	out[len] = '\0';
}

/* UriEncode() of the rules. */
static void
encode(const char *text, bool keeps_slash, char *out, size_t out_size)
{
	size_t len = 0;

	for (; *text != '\0' && len + 4 < out_size; text++) {
		unsigned char c = (unsigned char)*text;

		if (isalnum(c) || strchr("-._~", c) != NULL || (keeps_slash && c == '/'))
			out[len++] = (char)c;
		else
			len += (size_t)snprintf(out + len, out_size - len, "%%%02X", c);
	}
	out[len] = '\0';
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct pairs {
	char *lines[HEADERS];
	int count;
};

static enum MHD_Result
add_argument(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct pairs *p = arg;
	char plain[2048], left[4096], right[6144], *line;

	(void)kind;
	s3_signature_decode(name, plain, sizeof plain);
	encode(plain, false, left, sizeof left);
	s3_signature_decode(value != NULL ? value : "", plain, sizeof plain);
	encode(plain, false, right, sizeof right);
	if (p->count == HEADERS)
		return MHD_NO;
	line = malloc(strlen(left) + strlen(right) + 2);
	memcpy(line, left, strlen(left));
	line[strlen(left)] = '=';
	memcpy(line + strlen(left) + 1, right, strlen(right) + 1);
	p->lines[p->count++] = line;
	return MHD_YES;
}

static void
canonical_query(struct MHD_Connection *c, char *out, size_t out_size)
{
	struct pairs p = { .count = 0 };
	size_t len = 0;

	MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, add_argument, &p);
	qsort(p.lines, (size_t)p.count, sizeof *p.lines, by_text);
	out[0] = '\0';
	for (int i = 0; i < p.count; i++) {
		len += (size_t)snprintf(out + len, out_size - len, "%s%s", i > 0 ? "&" : "", p.lines[i]);
		free(p.lines[i]);
	}
}

/* Every x-amz- header that came must be among the signed ones. */
static enum MHD_Result
look_for_unsigned(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	char **signed_list = arg, lower[128], *at;
	size_t len;

	(void)kind;
	(void)value;
	if (signed_list[1] != NULL || strncasecmp(name, "x-amz-", 6) != 0)
		return MHD_YES;
	for (len = 0; name[len] != '\0' && len + 1 < sizeof lower; len++)
		lower[len] = (char)tolower((unsigned char)name[len]);
	lower[len] = '\0';
	for (at = strstr(signed_list[0], lower); at != NULL; at = strstr(at + 1, lower))
		if ((at == signed_list[0] || at[-1] == ';') && (at[len] == ';' || at[len] == '\0'))
			return MHD_YES;
	signed_list[1] = (char *)(intptr_t)name;
	return MHD_YES;
}

/* "name:value\n" for each signed header, in the order of the list, which must be sorted. */
static bool
canonical_headers(struct MHD_Connection *c, const char *list, char *out, size_t out_size)
{
	char copy[2048], *rest = NULL, last[256] = "";
	size_t len = 0;

	snprintf(copy, sizeof copy, "%s", list);
	out[0] = '\0';
	for (char *name = strtok_r(copy, ";", &rest); name != NULL; name = strtok_r(NULL, ";", &rest)) {
		const char *value = MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
		size_t n;

		if (value == NULL || strcmp(last, name) >= 0)
			return false;
		value += strspn(value, " \t");
		for (n = strlen(value); n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'); n--)
			;
		len += (size_t)snprintf(out + len, out_size - len, "%s:%.*s\n", name, (int)n, value);
		snprintf(last, sizeof last, "%s", name);
	}
	return true;
}

static bool
field(const char *authorization, const char *name, char *out, size_t out_size)
{
	const char *at = strstr(authorization, name);

	if (at == NULL)
		return false;
	at += strlen(name);
	snprintf(out, out_size, "%.*s", (int)strcspn(at, ", "), at);
	return true;
}

static bool
no(char *why, size_t why_size, const char *text)
{
	snprintf(why, why_size, "%s", text);
	return false;
}

static bool
is_recent(const char *date)
{
	struct tm tm = { 0 };
	time_t then;

	if (strlen(date) != 16 || sscanf(date, "%4d%2d%2dT%2d%2d%2dZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	then = timegm(&tm);
	return labs((long)(time(NULL) - then)) <= SKEW_S;
}

struct claim {				/* what the request says of itself */
	char credential[256], signed_headers[2048], signature[128], scope[128];
	const char *date, *payload;
};

static bool
read_claim(struct MHD_Connection *c, struct claim *k, char *why, size_t why_size)
{
	const char *authorization = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Authorization");

	k->date = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "x-amz-date");
	k->payload = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "x-amz-content-sha256");
	if (authorization == NULL || strncmp(authorization, "AWS4-HMAC-SHA256 ", 17) != 0)
		return no(why, why_size, "AccessDenied: Access Denied");
	if (!field(authorization, "Credential=", k->credential, sizeof k->credential) ||
	    !field(authorization, "SignedHeaders=", k->signed_headers, sizeof k->signed_headers) ||
	    !field(authorization, "Signature=", k->signature, sizeof k->signature))
		return no(why, why_size, "AuthorizationHeaderMalformed: The authorization header is malformed");
	if (k->date == NULL || !is_recent(k->date))
		return no(why, why_size, "RequestTimeTooSkewed: The difference between the request time and the current time is too large");
	if (k->payload == NULL)
		return no(why, why_size, "InvalidRequest: Missing required header for this request: x-amz-content-sha256");
	snprintf(k->scope, sizeof k->scope, "%.8s/%s/s3/aws4_request", k->date, S3_SERVER_REGION);
	if (strncmp(k->credential, S3_SERVER_ID "/", strlen(S3_SERVER_ID) + 1) != 0)
		return no(why, why_size, "InvalidAccessKeyId: The AWS access key Id you provided does not exist in our records.");
	if (strcmp(k->credential + strlen(S3_SERVER_ID) + 1, k->scope) != 0)
		return no(why, why_size, "AuthorizationHeaderMalformed: the region or the date of the credential is wrong");
	return true;
}

static bool
signs_all(struct MHD_Connection *c, struct claim *k, char *why, size_t why_size)
{
	char *look[2] = { k->signed_headers, NULL };

	MHD_get_connection_values(c, MHD_HEADER_KIND, look_for_unsigned, look);
	if (look[1] != NULL || strstr(k->signed_headers, "host") == NULL || strstr(k->signed_headers, "x-amz-date") == NULL)
		return no(why, why_size, "AccessDenied: There were headers present in the request which were not signed");
	return true;
}

bool
s3_signature_check(struct MHD_Connection *c, const char *method, const char *path, const void *body, size_t len, char *why, size_t why_size)
{
	static const char empty[] = "";
	char plain[4096], uri[8192], want[65], sum[65], to_sign[512];
	char *query = malloc(TEXT), *headers = malloc(TEXT), *canonical = malloc(4 * TEXT);
	struct claim k;
	bool ok = read_claim(c, &k, why, why_size) && signs_all(c, &k, why, why_size);

	if (ok && !canonical_headers(c, k.signed_headers, headers, TEXT))
		ok = no(why, why_size, "SignatureDoesNotMatch: a signed header was not sent, or the list is not sorted");
	if (ok) {
		s3_signature_decode(path, plain, sizeof plain);
		encode(plain, true, uri, sizeof uri);
		canonical_query(c, query, TEXT);
		snprintf(canonical, 4 * TEXT, "%s\n%s\n%s\n%s\n%s\n%s", method, uri, query, headers, k.signed_headers, k.payload);
		sha256_hex(canonical, strlen(canonical), sum);
		snprintf(to_sign, sizeof to_sign, "AWS4-HMAC-SHA256\n%s\n%s\n%s", k.date, k.scope, sum);
		s3_signature_make(S3_SERVER_SECRET, (char[]){ k.date[0], k.date[1], k.date[2], k.date[3], k.date[4], k.date[5], k.date[6], k.date[7], '\0' },
		    S3_SERVER_REGION, to_sign, want);
		if (strcmp(want, k.signature) != 0)
			ok = no(why, why_size, "SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided.");
	}
	if (ok) {
		sha256_hex(len > 0 ? body : empty, len, sum);
		if (strcmp(sum, k.payload) != 0)
			ok = no(why, why_size, "XAmzContentSHA256Mismatch: The provided x-amz-content-sha256 header does not match what was computed.");
	}
	free(query);
	free(headers);
	free(canonical);
	return ok;
}
