/*
 * line.h - one connection to one node, kept warm for small requests: opened by libcurl (its addresses, limits and
 * keep-alive probes), written to by ourselves, so that requests to many nodes leave in one go, one send() each.
 * One request at a time, HTTP/1.1 (RFC 9112), no pipelining, http:// only.  Says nothing of who is there: its user asks.
 * All on the loop's thread; callbacks come from the loop, never from inside a call.
 */
#ifndef IO_LINE_H
#define IO_LINE_H

#include "io/http.h"

struct line;

struct line_fns {
	/*
	 * The answer, exactly once for each line_ask().  status 0: none came (err: ERR_NETWORK the connection is gone,
	 * ERR_FORMAT, ERR_TOO_BIG, ERR_TIMEOUT never connected), and the line is dead.  Its body is valid until the next
	 * line_ask() or the end of the callback.
	 */
	void (*answered)(void *arg, const struct http_answer *a);
	/* The other side hung up, was never reached or spoke unasked, with nothing asked: the line is dead.  At most once. */
	void (*lost)(void *arg, const struct err *why);
};

struct line_ask { const char *method, *path, *body, *bearer; };	/* body, bearer: NULL none */

/* Never fails here; what is asked before it stands goes out then.  connect_us: the longest time for that. */
struct line *line_open(struct loop *loop, struct http *http, const char *host, int port, int64_t connect_us,
    const struct line_fns *fns, void *arg);
/*
 * Its bytes leave at the end of this turn of the loop, behind those of the lines asked before it.  Only on a line that is
 * open and not busy.  Nothing of r is kept.
 */
void line_ask(struct line *l, const struct line_ask *r);
/* The same, but the bytes wait for line_flush(), which has to follow in this turn. */
void line_write(struct line *l, const struct line_ask *r);
/* They leave now, if they have not: the turn may have other work left. */
void line_flush(struct line *l);
/* A request is about to be asked on it: brings near what that touches, in two steps, each over all lines (base/prefetch.h). */
void line_warm(const struct line *l);
void line_warm_bytes(const struct line *l);
bool line_is_open(const struct line *l);	/* takes a request, now or when the answer under way is in */
bool line_is_busy(const struct line *l);
/* Hangs up; no callback after this.  NULL is fine; from inside a callback too. */
void line_close(struct line *l);

#endif
