/*
 * inbox.c - a chain whose head is exchanged: put in front by whoever has something, taken away whole, and turned round.
 * Taking all at once knows no ABA: nobody ever looks at the item behind the head while others may take it.
 */
#include "io/inbox.h"

#include <stdatomic.h>
#include <stddef.h>

bool
inbox_put(struct inbox *b, struct inbox_item *item)
{
	struct inbox_item *before = atomic_load_explicit(&b->newest, memory_order_relaxed);

	do
		item->next = before;
	while (!atomic_compare_exchange_weak_explicit(&b->newest, &before, item, memory_order_release, memory_order_relaxed));
	return before == NULL;		/* the item itself may be somebody else's by now */
}

struct inbox_item *
inbox_take(struct inbox *b)
{
	struct inbox_item *newest = atomic_exchange_explicit(&b->newest, NULL, memory_order_acquire), *first = NULL;

	while (newest != NULL) {
		struct inbox_item *older = newest->next;

		newest->next = first;
		first = newest;
		newest = older;
	}
	return first;
}

bool
inbox_is_empty(const struct inbox *b)
{
	return atomic_load_explicit(&b->newest, memory_order_acquire) == NULL;
}
