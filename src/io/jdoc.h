/*
 * jdoc.h - JSON documents; the only file that knows jansson.
 * Parsing has ceilings (size, depth MAX_JSON_DEPTH, checked before jansson recurses) and refuses
 * duplicate keys and bad UTF-8.  Getters never fail: a missing or mistyped member gives the default.
 */
#ifndef IO_JDOC_H
#define IO_JDOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

struct jdoc;				/* any JSON value; a child is borrowed from its root */

struct jdoc *jdoc_parse(const char *text, size_t len, size_t ceiling, struct err *e);
struct jdoc *jdoc_load(const char *path, size_t ceiling, struct err *e);
void jdoc_free(struct jdoc *root);	/* roots only; NULL is fine */
struct jdoc *jdoc_object(void);
struct jdoc *jdoc_array(void);
bool jdoc_is_object(const struct jdoc *j);
bool jdoc_is_array(const struct jdoc *j);
/* A member's kind, as one letter: s text, i integer, n real, b true or false, a array, o object, 0 null; '-': there is none. */
char jdoc_kind(const struct jdoc *j, const char *key);
/* Members. */
struct jdoc *jdoc_get(const struct jdoc *j, const char *key);		/* borrowed; NULL: absent or null */
bool jdoc_has(const struct jdoc *j, const char *key);			/* present and not null */
const char *jdoc_text(const struct jdoc *j, const char *key, const char *def);
int64_t jdoc_int(const struct jdoc *j, const char *key, int64_t def);	/* a real number is truncated */
double jdoc_real(const struct jdoc *j, const char *key, double def);
bool jdoc_bool(const struct jdoc *j, const char *key, bool def);
/* Copies and cleans (str_clean) a text member; "" when absent. */
void jdoc_clean(const struct jdoc *j, const char *key, char *out, size_t out_size);
const char *jdoc_key(const struct jdoc *j, size_t index);		/* an object's index-th name; NULL past the end */
size_t jdoc_count(const struct jdoc *j);				/* array */
struct jdoc *jdoc_at(const struct jdoc *j, size_t index);		/* borrowed */
const char *jdoc_self_text(const struct jdoc *j, const char *def);	/* the value itself */
int64_t jdoc_self_int(const struct jdoc *j, int64_t def);
double jdoc_self_real(const struct jdoc *j, double def);
/* Building; key NULL appends to an array. */
void jdoc_set_text(struct jdoc *j, const char *key, const char *value);	/* NULL value: null; bad UTF-8 becomes U+FFFD */
void jdoc_set_int(struct jdoc *j, const char *key, int64_t value);
void jdoc_set_real(struct jdoc *j, const char *key, double value);	/* not finite: null */
void jdoc_set_bool(struct jdoc *j, const char *key, bool value);
void jdoc_set_null(struct jdoc *j, const char *key);
void jdoc_set(struct jdoc *j, const char *key, struct jdoc *value);	/* takes value over */
/* Compact text, members in the order they were set; free() it. */
char *jdoc_print(const struct jdoc *j);
char *jdoc_print_pretty(const struct jdoc *j);

#endif
