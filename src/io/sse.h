/*
 * sse.h - push parser of text/event-stream (WHATWG HTML, section 9.2).  Ceilings: MAX_SSE_LINE,
 * MAX_SSE_EVENT; past one of them the feed fails and the stream should be dropped.
 */
#ifndef IO_SSE_H
#define IO_SSE_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

struct sse;
/* name "message" when none was given; id "" when never given.  data has no trailing LF. */
typedef void sse_event_fn(void *arg, const char *name, const char *data, size_t len, const char *id);
typedef void sse_comment_fn(void *arg);	/* a sign of life; may be NULL */

struct sse *sse_new(sse_event_fn *event, sse_comment_fn *comment, void *arg);
void sse_free(struct sse *s);
bool sse_feed(struct sse *s, const char *data, size_t len, struct err *e);
const char *sse_last_id(const struct sse *s);
int sse_retry_ms(const struct sse *s);	/* -1: not told */

#endif
