/*
 * preview_held.c - JPEGs held for the tiles: copied once, into room from before.
 * Owns the ceiling on all of them together.  Never looks into one.
 */
#include "app/preview_held.h"

#include <stdlib.h>
#include <string.h>

#define MOST_BYTES (96 * 1024 * 1024)	/* waiting, in work, to compare with */

void
preview_held_drop(size_t *all_bytes, struct preview_held *h)
{
	*all_bytes -= h->room;
	free(h->bytes);
	*h = (struct preview_held){ .bytes = NULL };
}

void
preview_held_empty(size_t *all_bytes, struct preview_held *h)
{
	if (h->room > PREVIEW_HELD_KEPT_BYTES)
		preview_held_drop(all_bytes, h);
	h->len = 0;
}

/* A little more than asked for: the next picture may be larger. */
static bool
make_room(size_t *all_bytes, struct preview_held *h, size_t len)
{
	size_t room = len + len / 8;

	preview_held_drop(all_bytes, h);
	if (len > MOST_BYTES - *all_bytes)
		return false;
	room = room <= MOST_BYTES - *all_bytes ? room : len;
	h->bytes = malloc(room);
	if (h->bytes == NULL)
		return false;
	h->room = room;
	*all_bytes += room;
	return true;
}

bool
preview_held_set(size_t *all_bytes, struct preview_held *h, const char *bytes, size_t len)
{
	if (len > h->room && !make_room(all_bytes, h, len))
		return false;
	memcpy(h->bytes, bytes, len);
	h->len = len;
	return true;
}

void
preview_held_swap(struct preview_held *a, struct preview_held *b)
{
	const struct preview_held was = *a;

	*a = *b;
	*b = was;
}
