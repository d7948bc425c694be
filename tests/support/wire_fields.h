/*
 * wire_fields.h - every member of the wire records by name, for comparing them.
 * For tests/support only.
 */
#ifndef TESTS_WIRE_FIELDS_H
#define TESTS_WIRE_FIELDS_H

#include <stddef.h>

enum wire_field_type { FIELD_BOOL, FIELD_INT, FIELD_INT64, FIELD_REAL, FIELD_TEXT, FIELD_POINTER,
	FIELD_REC, FIELD_TALLY, FIELD_RESULT, FIELD_KIND, FIELD_VERB, FIELD_RECORD };

struct wire_field {
	const char *name;			/* NULL ends a table */
	enum wire_field_type type;
	size_t offset;
	const struct wire_field *inner;		/* FIELD_RECORD */
};

const struct wire_field *wire_fields_of(const char *kind);

#endif
