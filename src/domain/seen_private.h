/*
 * seen_private.h - what seen.c (places, sightings, results) and seen_line.c (who is next) share.  Nobody else includes it.
 */
#ifndef DOMAIN_SEEN_PRIVATE_H
#define DOMAIN_SEEN_PRIVATE_H

#include "base/map.h"
#include "domain/seen.h"

enum { SEEN_EARLY, SEEN_LATER, SEEN_QUEUES };	/* never asked yet; asked before */

struct seen_host {
	struct list rings[SEEN_QUEUES];		/* in seen->rings while somebody waits here and may be asked */
	struct list queues[SEEN_QUEUES];	/* of places, by line */
	int places, asked;
};

struct seen {
	struct map *places, *hosts;
	struct list order, kept;		/* all; typed ones that wait for their conn, by line */
	struct list rings[SEEN_QUEUES];		/* hosts whose turn it may be */
	struct list asked, waiting, failed;	/* places by rank, longest first; the last two are who makes room */
	int count, kept_count, asked_count, eager_count;
	unsigned picks;
	int due_count;
	struct seen_place *due[MAX_SIGHTINGS];	/* a heap, the soonest first */
	struct seen_cursor { struct list *at; int index; } cursor, fit_cursor;	/* where look-ups came last; at NULL: nowhere */
	bool (*fit)(const struct seen_place *p);
};

void seen_line_init(struct seen *s);
void seen_line_host(struct seen_host *h);
void seen_line_leave(struct seen *s, struct seen_place *p);	/* whatever it waits in or is asked in */
void seen_line_wait(struct seen *s, struct seen_place *p);
void seen_line_ask(struct seen *s, struct seen_place *p);
void seen_line_rest(struct seen *s, struct seen_place *p, int64_t until_us);	/* one that failed */
void seen_line_spare(struct seen *s, struct seen_place *p);	/* somebody wished for it: it never makes room */

#endif
