/*
 * ssehub.h - a node's event stream: everybody who listens, and a ring of what was said, for those who
 * come back (Last-Event-ID; WHATWG HTML, "Server-sent events").  Numbered events count up and are kept; hello, the
 * periodic health and what comes in floods (audio, pose) are not.  A comment every few seconds keeps each connection
 * provably alive.
 */
#ifndef CAMERA_SSEHUB_H
#define CAMERA_SSEHUB_H

#include <stdbool.h>
#include <stdint.h>
#include "base/loop.h"
#include "io/httpd.h"
#include "io/jdoc.h"

struct ssehub;

/* The data of hello, for one who has missed events or not; a new root, taken over. */
typedef struct jdoc *ssehub_hello_fn(void *arg, bool missed);

/* first_id: ids start above it; greater than any id of an earlier run, so that its listeners know they missed something. */
struct ssehub *ssehub_new(struct loop *loop, int64_t first_id, ssehub_hello_fn *hello, void *arg);
void ssehub_free(struct ssehub *h);	/* after httpd_free() */
/* Answers rq with the stream: hello, what was missed, then what comes. */
void ssehub_join(struct ssehub *h, struct httpd_request *rq);
/* Takes data over.  Numbered events are kept for those who come back. */
void ssehub_say(struct ssehub *h, const char *event, bool numbered, struct jdoc *data);
/* The same of data that is JSON text already, in one line. */
void ssehub_say_text(struct ssehub *h, const char *event, bool numbered, const char *json);
int ssehub_listeners(const struct ssehub *h);
/* Rehearsal: not a byte, on open connections; false: what was said meanwhile comes now, as behind a radio that came back. */
void ssehub_silence(struct ssehub *h, bool is_silent);
/* Ends every stream once all that was said is sent. */
void ssehub_close(struct ssehub *h);

#endif
