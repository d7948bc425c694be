/*
 * schema.h - checks a JSON text against one of the project's JSON Schemas (doc/schemas, draft 2020-12): the
 * part of it that they use.  A keyword it does not know fails the check, so that no rule is silently skipped.
 * Known: type required properties additionalProperties items minItems enum const oneOf $ref (#/$defs/...)
 * minimum maximum minLength pattern (POSIX extended).
 */
#ifndef SUPPORT_SCHEMA_H
#define SUPPORT_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

/*
 * name: "sphere" for doc/schemas/sphere.json, found from $srcdir, this source file's place, or the current folder upwards.
 * False: why has the first place that is wrong, "/devices/0/number: ...".
 */
bool schema_accepts(const char *name, const char *text, size_t len, char *why, size_t why_size);
/* Every line of a JSON Lines file; an empty file has none and is accepted. */
bool schema_accepts_lines(const char *name, const char *path, char *why, size_t why_size);

#endif
