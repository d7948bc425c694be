/*
 * preview_held.h - a JPEG that preview.c holds, in room that is used again, and how much all of them may hold together.
 * Not for anybody else.
 */
#ifndef APP_PREVIEW_HELD_H
#define APP_PREVIEW_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PREVIEW_HELD_KEPT_BYTES (1024 * 1024)	/* a larger room is given back after use */

struct preview_held {
	char *bytes;
	size_t len, room;		/* len 0: none, though there may be room */
	int64_t taken_us;		/* the node's clock; 0: not told */
	int64_t came_us;		/* loop time */
};

/* all_bytes: the room of all that are held.  False: too much is held already, or there is no memory; h is empty then. */
bool preview_held_set(size_t *all_bytes, struct preview_held *h, const char *bytes, size_t len);
void preview_held_drop(size_t *all_bytes, struct preview_held *h);
/* It is not wanted any more; its room is, unless that is large. */
void preview_held_empty(size_t *all_bytes, struct preview_held *h);
void preview_held_swap(struct preview_held *a, struct preview_held *b);

#endif
