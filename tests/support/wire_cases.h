/*
 * wire_cases.h - the wire cases (tests/wire/<kind>.json) and how a record is held against one.
 * One set for everybody: t_wire runs them through io/wire; a fake node or a real one can be fed
 * the same inputs and its records compared here.
 *
 * A file is an array of cases:
 *   name    what the case shows
 *   input   the message as JSON, or "text": its raw text
 *   event   SSE event name (kind "event");  path: "/tally" (kind "request");  status: HTTP status (kind "answer")
 *   expect  members of the record with their values ("recording.state": "idle"); others are not looked at
 *   error   instead of expect: reading fails with a sentence that holds this
 *   writes  kind "request": the exact body written for the record that was read
 */
#ifndef TESTS_WIRE_CASES_H
#define TESTS_WIRE_CASES_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "io/jdoc.h"

struct wire_case {
	const char *kind, *name;
	const char *event, *path;	/* "" when not given */
	int status;			/* 0 when not given */
	char *input;
	size_t input_len;
	const struct jdoc *expect;	/* NULL when an error is expected */
	const char *error;		/* NULL when it must be read */
	char *writes;			/* NULL when not given */
};

struct wire_cases {
	struct jdoc *root;
	struct wire_case *cases;
	size_t count;
};

/* "info" "health" "file" "time" "answer" "event" "request"; NULL ends. */
extern const char *const wire_case_kinds[];

/* Where the cases lie: $srcdir/tests/wire, else beside this source. */
void wire_cases_dir(char *out, size_t out_size);
bool wire_cases_load(struct wire_cases *out, const char *dir, const char *kind, struct err *e);
void wire_cases_free(struct wire_cases *c);

/* The record is a struct node_info, node_health, node_file, node_answer, node_event, node_request
 * (for "time": struct wire_case_time). */
struct wire_case_time { int64_t received_us, sent_us; char epoch[64]; };
bool wire_case_matches(const char *kind, const void *record, const struct jdoc *expect, struct err *why);
bool wire_case_same(const char *kind, const void *a, const void *b, struct err *why);
/* Reads the input with io/wire, compares, writes it again, reads that and compares the meaning. */
bool wire_case_run(const struct wire_case *c, struct err *why);

#endif
