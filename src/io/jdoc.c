/*
 * jdoc.c - JSON documents on jansson.
 * Owns the ceilings of parsing: size, nesting, duplicate keys, numbers.
 * Never lets a jansson type out and never keeps a document for itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jdoc.h"

#define READ_STEP (64 * 1024)
/* 15 digits survive any decimal a person wrote: 29.97 stays 29.97. */
#define REAL_DIGITS JSON_REAL_PRECISION(15)

static const json_t *
inner(const struct jdoc *j)
{
	return (const json_t *)(const void *)j;
}

static json_t *
inner_mut(struct jdoc *j)
{
	return (json_t *)(void *)j;
}

static struct jdoc *
outer(json_t *v)
{
	return (struct jdoc *)(void *)v;
}

/* A value we made ourselves; NULL can only mean that memory is gone. */
static struct jdoc *
made(json_t *v)
{
	XASSERT(v != NULL);
	return outer(v);
}

/* jansson recurses once a bracket: count them first, outside of strings. */
static bool
depth_is_fine(const char *text, size_t len)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '[' || c == '{') {
			if (++depth > MAX_JSON_DEPTH)
				return false;
		} else if ((c == ']' || c == '}') && depth > 0) {
			depth--;
		}
	}
	return true;
}

static struct jdoc *
refuse(struct err *e, enum err_kind kind, const char *why, const json_error_t *at)
{
	char said[160];

	str_clean(said, sizeof said, why, strlen(why), 120);
	if (at == NULL)
		err_set(e, kind, "%s", said);
	else
		err_set(e, kind, "not good JSON: line %d, column %d: %s", at->line, at->column, said);
	return NULL;
}

struct jdoc *
jdoc_parse(const char *text, size_t len, size_t ceiling, struct err *e)
{
	json_error_t at;
	json_t *v;

	if (len > ceiling) {
		err_set(e, ERR_TOO_BIG, "JSON of %zu bytes, and at most %zu are taken", len, ceiling);
		return NULL;
	}
	if (len == 0)
		return refuse(e, ERR_FORMAT, "no JSON at all, the text is empty", NULL);
	if (!depth_is_fine(text, len)) {
		err_set(e, ERR_FORMAT, "JSON nested deeper than %d", MAX_JSON_DEPTH);
		return NULL;
	}
	v = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &at);
	if (v == NULL)
		return refuse(e, ERR_FORMAT, at.text, &at);
	return outer(v);
}

/* Everything in the file, or false with e set. */
static bool
read_all(int fd, struct buf *b, struct err *e)
{
	char *piece = xmalloc(READ_STEP);
	ssize_t n;
	bool fine = true;

	while (fine && (n = read(fd, piece, READ_STEP)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fine = err_errno(e, ERR_DISK, errno, "cannot be read");
		else if (!buf_add(b, piece, (size_t)n))
			fine = err_set(e, ERR_TOO_BIG, "larger than %zu bytes", b->ceiling);
	}
	free(piece);
	return fine;
}

struct jdoc *
jdoc_load(const char *path, size_t ceiling, struct err *e)
{
	struct jdoc *j = NULL;
	struct buf b;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		err_errno(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_DISK, errno, "%s", path);
		return NULL;
	}
	buf_init(&b, ceiling);
	if (read_all(fd, &b, e))
		j = jdoc_parse(buf_text(&b), b.len, ceiling, e);
	if (j == NULL && e != NULL)
		err_prefix(e, "%s", path);
	buf_fini(&b);
	close(fd);
	return j;
}

void
jdoc_free(struct jdoc *root)
{
	json_decref(inner_mut(root));
}

struct jdoc *
jdoc_object(void)
{
	return made(json_object());
}

struct jdoc *
jdoc_array(void)
{
	return made(json_array());
}

bool
jdoc_is_object(const struct jdoc *j)
{
	return json_is_object(inner(j));
}

bool
jdoc_is_array(const struct jdoc *j)
{
	return json_is_array(inner(j));
}

struct jdoc *
jdoc_get(const struct jdoc *j, const char *key)
{
	json_t *v = json_object_get(inner(j), key);

	return json_is_null(v) ? NULL : outer(v);
}

char
jdoc_kind(const struct jdoc *j, const char *key)
{
	const json_t *v = json_object_get(inner(j), key);

	if (v == NULL)
		return '-';
	switch (json_typeof(v)) {
	case JSON_STRING: return 's';
	case JSON_INTEGER: return 'i';
	case JSON_REAL: return 'n';
	case JSON_OBJECT: return 'o';
	case JSON_ARRAY: return 'a';
	case JSON_NULL: return '0';
	case JSON_TRUE: case JSON_FALSE: break;
	}
	return 'b';
}

bool
jdoc_has(const struct jdoc *j, const char *key)
{
	return jdoc_get(j, key) != NULL;
}

const char *
jdoc_text(const struct jdoc *j, const char *key, const char *def)
{
	return jdoc_self_text(jdoc_get(j, key), def);
}

int64_t
jdoc_int(const struct jdoc *j, const char *key, int64_t def)
{
	return jdoc_self_int(jdoc_get(j, key), def);
}

double
jdoc_real(const struct jdoc *j, const char *key, double def)
{
	return jdoc_self_real(jdoc_get(j, key), def);
}

bool
jdoc_bool(const struct jdoc *j, const char *key, bool def)
{
	const json_t *v = inner(jdoc_get(j, key));

	return json_is_boolean(v) ? json_is_true(v) : def;
}

void
jdoc_clean(const struct jdoc *j, const char *key, char *out, size_t out_size)
{
	const json_t *v = inner(jdoc_get(j, key));

	out[0] = '\0';
	if (json_is_string(v))
		str_clean(out, out_size, json_string_value(v), json_string_length(v), (int)out_size);
}

const char *
jdoc_key(const struct jdoc *j, size_t index)
{
	json_t *v = (json_t *)(uintptr_t)inner(j);	/* jansson's iterators are not const, but do not write */
	void *at = json_object_iter(v);

	while (at != NULL && index-- > 0)
		at = json_object_iter_next(v, at);
	return at == NULL ? NULL : json_object_iter_key(at);
}

size_t
jdoc_count(const struct jdoc *j)
{
	return json_array_size(inner(j));
}

struct jdoc *
jdoc_at(const struct jdoc *j, size_t index)
{
	return outer(json_array_get(inner(j), index));
}

const char *
jdoc_self_text(const struct jdoc *j, const char *def)
{
	return json_is_string(inner(j)) ? json_string_value(inner(j)) : def;
}

int64_t
jdoc_self_int(const struct jdoc *j, int64_t def)
{
	const json_t *v = inner(j);
	double real;

	if (json_is_integer(v))
		return (int64_t)json_integer_value(v);
	if (!json_is_real(v))
		return def;
	real = json_real_value(v);
	/* 2^63 itself is a double and no int64. */
	return real >= -9223372036854775808.0 && real < 9223372036854775808.0 ? (int64_t)real : def;
}

double
jdoc_self_real(const struct jdoc *j, double def)
{
	return json_is_number(inner(j)) ? json_number_value(inner(j)) : def;
}

/* Text with every bad byte replaced; free() it. */
static char *
repaired(const char *text)
{
	size_t len = strlen(text), used = 0;
	char *out = xmalloc(len * 3 + 1);

	for (size_t at = 0; at < len;) {
		uint32_t cp;

		at += str_next(text + at, len - at, &cp);
		used += str_put(out + used, cp);
	}
	out[used] = '\0';
	return out;
}

static json_t *
text_value(const char *value)
{
	json_t *v;
	char *good;

	if (value == NULL)
		return json_null();
	v = json_string(value);
	if (v != NULL)
		return v;
	good = repaired(value);
	v = json_string(good);
	free(good);
	return v;
}

static void
put(struct jdoc *j, const char *key, json_t *v)
{
	int failed;

	XASSERT(v != NULL);
	if (key == NULL)
		failed = json_array_append_new(inner_mut(j), v);
	else
		failed = json_object_set_new(inner_mut(j), key, v);
	XASSERT(failed == 0);
}

void
jdoc_set_text(struct jdoc *j, const char *key, const char *value)
{
	put(j, key, text_value(value));
}

void
jdoc_set_int(struct jdoc *j, const char *key, int64_t value)
{
	put(j, key, json_integer((json_int_t)value));
}

void
jdoc_set_real(struct jdoc *j, const char *key, double value)
{
	put(j, key, isfinite(value) ? json_real(value) : json_null());
}

void
jdoc_set_bool(struct jdoc *j, const char *key, bool value)
{
	put(j, key, json_boolean(value));
}

void
jdoc_set_null(struct jdoc *j, const char *key)
{
	put(j, key, json_null());
}

void
jdoc_set(struct jdoc *j, const char *key, struct jdoc *value)
{
	put(j, key, inner_mut(value));
}

/* Most texts are a line of a journal: printed at once, where jansson would let a buffer grow from 16 bytes. */
static char *
print(const struct jdoc *j, size_t flags)
{
	const size_t all_flags = flags | JSON_ENCODE_ANY | JSON_PRESERVE_ORDER | REAL_DIGITS;
	char line[1024], *text;
	size_t len = json_dumpb(inner(j), line, sizeof line, all_flags);

	if (len > 0 && len <= sizeof line)
		return xstrndup(line, len);
	text = json_dumps(inner(j), all_flags);
	XASSERT(text != NULL);
	return text;
}

char *
jdoc_print(const struct jdoc *j)
{
	return print(j, JSON_COMPACT);
}

char *
jdoc_print_pretty(const struct jdoc *j)
{
	return print(j, JSON_INDENT(2));
}
