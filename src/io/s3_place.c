/*
 * s3_place.c - which bucket, which keys: the target's text, the environment, a credentials file.
 * Owns nothing.  Never says a secret in an error.
 */
#include "io/s3_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"

#define PART_MIB 16
#define MIB (1024 * 1024LL)

/* RFC 3986 section 2.3; what is signed must be spelt as the server spells it again. */
void
s3_place_escape(const char *text, bool keeps_slash, char *out, size_t out_size)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	size_t len = 0;

	for (; *text != '\0' && len + 4 < out_size; text++) {
		if (strchr(plain, *text) != NULL || (keeps_slash && *text == '/'))
			out[len++] = *text;
		else
			len += (size_t)snprintf(out + len, out_size - len, "%%%02X", (unsigned char)*text);
	}
	out[len] = '\0';
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void
unescape(char *text)
{
	char *out = text;

	for (; *text != '\0'; text++)
		if (text[0] == '%' && hex_digit(text[1]) >= 0 && hex_digit(text[2]) >= 0) {
			*out++ = (char)(hex_digit(text[1]) << 4 | hex_digit(text[2]));
			text += 2;
		} else
			*out++ = *text;
	*out = '\0';
}

static bool
is_clean(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return false;
	return true;
}

static bool
take_endpoint(struct s3_place *p, const char *value, struct err *e)
{
	size_t len = strlen(value);

	if ((!str_has_prefix(value, "https://") && !str_has_prefix(value, "http://")) || !is_clean(value) || strpbrk(value, "?#@") != NULL)
		return err_set(e, ERR_USAGE, "endpoint \"%.100s\" of the archive is no http:// or https:// address", value);
	if (!str_copy(p->endpoint, sizeof p->endpoint, value))
		return err_set(e, ERR_USAGE, "the endpoint of the archive is too long");
	while (len > 0 && p->endpoint[len - 1] == '/')
		p->endpoint[--len] = '\0';
	return true;
}

static bool
take_option(struct s3_place *p, const char *name, const char *value, struct err *e)
{
	int64_t mib;

	if (strcmp(name, "endpoint") == 0)
		return take_endpoint(p, value, e);
	if (strcmp(name, "region") == 0 && value[0] != '\0' && is_clean(value) && strpbrk(value, ":/") == NULL && str_copy(p->region, sizeof p->region, value))
		return true;
	if (strcmp(name, "verify") == 0 && (strcmp(value, "get") == 0 || strcmp(value, "head") == 0)) {
		p->reads_back = value[0] == 'g';
		return true;
	}
	if (strcmp(name, "part") == 0 && str_int(value, 5, 256, &mib)) {
		p->part_bytes = mib * MIB;
		return true;
	}
	return err_set(e, ERR_USAGE, "\"%.40s=%.80s\" of the archive: expected endpoint=URL, region=NAME, verify=get|head or part=MIB (5 to 256)", name, value);
}

static bool
take_options(struct s3_place *p, char *text, struct err *e)
{
	char *rest = NULL;

	for (char *word = strtok_r(text, "&", &rest); word != NULL; word = strtok_r(NULL, "&", &rest)) {
		char *value = strchr(word, '=');

		if (value == NULL)
			return err_set(e, ERR_USAGE, "\"%.80s\" of the archive has no value", word);
		*value++ = '\0';
		unescape(value);
		if (!take_option(p, word, value, e))
			return false;
	}
	return true;
}

static bool
take_bucket(struct s3_place *p, char *text, struct err *e)
{
	char *prefix = strchr(text, '/');
	size_t len;

	if (prefix != NULL)
		*prefix++ = '\0';
	if (text[0] == '\0' || !str_copy(p->bucket, sizeof p->bucket, text) ||
	    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_") != strlen(text))
		return err_set(e, ERR_USAGE, "\"%.80s\" is no name of a bucket", text);
	if (prefix == NULL)
		return true;
	unescape(prefix);
	if (!str_copy(p->prefix, sizeof p->prefix, prefix) || strstr(prefix, "..") != NULL || !str_is_utf8(prefix, strlen(prefix)))
		return err_set(e, ERR_USAGE, "\"%.80s\" is no prefix for an archive", prefix);
	for (len = strlen(p->prefix); len > 0 && p->prefix[len - 1] == '/'; len--)
		p->prefix[len - 1] = '\0';
	return true;
}

bool
s3_parse(struct s3_place *p, const char *text, struct err *e)
{
	char *copy, *options;
	bool ok;

	memset(p, 0, sizeof *p);
	str_copy(p->region, sizeof p->region, "us-east-1");
	p->reads_back = true;
	p->part_bytes = PART_MIB * MIB;
	if (!str_has_prefix(text, "s3://"))
		return err_set(e, ERR_USAGE, "\"%.80s\" does not begin with s3://", text);
	copy = xstrdup(text + strlen("s3://"));
	options = strchr(copy, '?');
	if (options != NULL)
		*options++ = '\0';
	ok = take_bucket(p, copy, e) && (options == NULL || take_options(p, options, e));
	free(copy);
	if (ok && p->endpoint[0] == '\0')
		snprintf(p->endpoint, sizeof p->endpoint, "https://s3.%s.amazonaws.com", p->region);
	return ok;
}

/* ---- Keys ---- */

static bool
take_line(struct s3_keys *k, char *line)
{
	static const struct { const char *name; size_t at, size; } fields[] = {
		{ "aws_access_key_id", offsetof(struct s3_keys, id), sizeof k->id },
		{ "aws_secret_access_key", offsetof(struct s3_keys, secret), sizeof k->secret },
		{ "aws_session_token", offsetof(struct s3_keys, token), sizeof k->token },
	};
	char *value = strchr(line, '='), *end;

	if (value == NULL)
		return true;
	for (end = value; end > line && (end[-1] == ' ' || end[-1] == '\t'); end--)
		;
	*end = '\0';
	value += 1 + strspn(value + 1, " \t");
	value[strcspn(value, " \t\r\n")] = '\0';
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (strcmp(line, fields[i].name) == 0)
			return str_copy((char *)k + fields[i].at, fields[i].size, value);
	return true;
}

static void
take_text(struct s3_keys *k, char *text)
{
	char *rest = NULL;
	bool is_ours = true;		/* before any section, and in [default] */

	for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		line += strspn(line, " \t");
		if (line[0] == '[')
			is_ours = str_has_prefix(line, "[default]");
		else if (is_ours && line[0] != '#' && line[0] != ';' && !take_line(k, line))
			memset(k, 0, sizeof *k);	/* cut, they would be others */
	}
}

static bool
read_keys(struct s3_keys *k, const char *file, struct err *e)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	char text[16 * 1024];
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return err_errno(e, ERR_ENVIRONMENT, errno, "no credentials for the archive: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and %s", file);
	if (fstat(fd, &st) != 0 || (st.st_mode & 077) != 0) {
		close(fd);
		return err_set(e, ERR_ENVIRONMENT, "others can read %s; chmod 600 it", file);
	}
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	take_text(k, text);
	explicit_bzero(text, sizeof text);
	return (k->id[0] != '\0' && k->secret[0] != '\0') || err_set(e, ERR_ENVIRONMENT,
	    "%s has no aws_access_key_id and aws_secret_access_key", file);
}

bool
s3_keys_find(struct s3_keys *k, const char *file, struct err *e)
{
	const char *id = getenv("AWS_ACCESS_KEY_ID"), *secret = getenv("AWS_SECRET_ACCESS_KEY"), *token = getenv("AWS_SESSION_TOKEN");

	memset(k, 0, sizeof *k);
	if (id != NULL && id[0] != '\0' && secret != NULL && secret[0] != '\0') {
		if (str_copy(k->id, sizeof k->id, id) && str_copy(k->secret, sizeof k->secret, secret) &&
		    str_copy(k->token, sizeof k->token, token != NULL ? token : ""))
			return true;
		return err_set(e, ERR_ENVIRONMENT, "the credentials of the archive in the environment are too long");
	}
	if (file == NULL)
		return err_set(e, ERR_ENVIRONMENT, "no credentials for the archive: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
	return read_keys(k, file, e);
}
