/*
 * conn_lines.h - a link's own connections for commands (conn_line.c): one stands idle while the link is up, and whoever is
 * at its other end has said on that very connection that it is this node.  Included by conn_private.h only.
 */
#ifndef IO_CONN_LINES_H
#define IO_CONN_LINES_H

#include "base/list.h"
#include "io/conn_ways.h"
#include "io/line.h"

struct conn_lines {
	struct list all;
	struct loop_timer *timer;	/* the next try, or how long this one may take */
	int failures;			/* of making one, without one that was good between */
};

/* One request on its way; its answer is told once. */
struct conn_line;

/*
 * status 0: no answer, and a->err says why; ERR_REFUSED: somebody else is there, and nothing was sent to him.  The line is
 * its user's no more when this is called.
 */
typedef void conn_line_fn(void *arg, const struct http_answer *a);

/*
 * Sends r to the address in use: at once where a line stands idle, or on one that is being made as soon as its other end is
 * known.  fresh: on a new one.  What r points to stays until fn is called or the line given up.
 */
struct conn_line *conn_line_send(struct conn *c, bool fresh, const struct line_ask *r, conn_line_fn *fn, void *arg);
/* No callback after this: the connection is closed, since its answer may still come.  NULL is fine. */
void conn_line_give_up(struct conn_line *n);

void conn_lines_open(struct conn *c);		/* once, for conn_new() */
void conn_lines_keep(struct conn *c);		/* the link is up, or has moved: one should stand idle there */
void conn_lines_doubt(struct conn *c);		/* those without a request may be dead: made anew */
void conn_lines_drop(struct conn *c);		/* the link is down: those without a request are closed */
void conn_lines_close(struct conn *c);		/* all of them are, with their requests; conn_free() */

#endif
