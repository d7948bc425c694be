/*
 * wire.h - the contract's messages: domain values <-> JSON bytes, both directions, for console and
 * node alike (contract version 1).  Texts from outside are cleaned here.  Pure: no I/O.
 */
#ifndef IO_WIRE_H
#define IO_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "base/buf.h"
#include "base/ceilings.h"
#include "domain/node.h"
#include "io/jdoc.h"

/* Reading (both sides; a console reads infos, a node reads requests). */
bool wire_read_info(struct node_info *out, const struct jdoc *j, struct err *e);
bool wire_read_health(struct node_health *out, const struct jdoc *j);
bool wire_read_time(const char *text, size_t len, int64_t *received_us, int64_t *sent_us,
    char epoch[static ID_BYTES], struct err *e);
bool wire_read_file(struct node_file *out, const struct jdoc *j);
/* An HTTP answer to a command: any status, any body. */
void wire_read_answer(struct node_answer *out, int status, const char *body, size_t len);
/* An SSE event; *out is overwritten; free with wire_event_fini().  False: bad JSON (told in e), event to be ignored. */
bool wire_read_event(struct node_event *out, const char *name, const char *data, size_t len, struct err *e);
void wire_event_fini(struct node_event *ev);
/* The text of a health object, which is good JSON, as it was sent; NULL when it is longer than MAX_KEPT_HEALTH or holds controls that JSON
 * leaves as they are.  free() it. */
char *wire_keep_health(const char *text, size_t len);
/* A command's body for verb; e->text is the contract's one sentence.  Type errors and missing fields: false. */
bool wire_read_request(struct node_request *out, enum node_verb verb, const char *body, size_t len, struct err *e);

/* Writing.  Each returns a new jdoc (root). */
struct jdoc *wire_info(const struct node_info *info);
struct jdoc *wire_health(const struct node_health *h);
void wire_put_rate(struct jdoc *j, const char *key, double rate);	/* a whole one as an integer; key NULL appends */
struct jdoc *wire_recording(const struct node_recording *r);
struct jdoc *wire_file(const struct node_file *f);
/* Body of a request as compact text, in place of what is in b (ceiling: WIRE_REQUEST_MOST); or on the heap, free() it. */
#define WIRE_REQUEST_MOST ((size_t)2 * MAX_REQUEST_BODY)
void wire_say(struct buf *b, const struct node_request *r);
char *wire_request(const struct node_request *r);

#endif
