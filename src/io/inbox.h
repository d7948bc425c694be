/*
 * inbox.h - what threads hand to another, without a lock: one that is put off in the middle of it holds up nobody.
 * Any thread puts.  Takers exclude each other by means of their own.
 */
#ifndef IO_INBOX_H
#define IO_INBOX_H

#include <stdbool.h>

struct inbox_item {			/* part of what is handed over */
	struct inbox_item *next;
};

struct inbox {				/* all zero: empty */
	struct inbox_item *_Atomic newest;
};

/* True: it was empty.  The item is the inbox's until it is taken. */
bool inbox_put(struct inbox *b, struct inbox_item *item);
/* All that is in it, by next, the one put first at the front; NULL: nothing. */
struct inbox_item *inbox_take(struct inbox *b);
bool inbox_is_empty(const struct inbox *b);

#endif
