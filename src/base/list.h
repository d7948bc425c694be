/*
 * list.h - intrusive doubly linked list.
 * Owns nothing: the link lives inside the element.  Never allocates.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *prev, *next;
};

#define LIST_ENTRY(link, type, member) \
	((type *)(void *)((char *)(link) - offsetof(type, member)))
#define LIST_EACH(it, head) \
	for (struct list *it = (head)->next; it != (head); it = it->next)
/* Safe against removal of the current element only. */
#define LIST_EACH_SAFE(it, tmp, head) \
	for (struct list *it = (head)->next, *tmp = it->next; it != (head); \
	     it = tmp, tmp = it->next)

static inline void
list_init(struct list *head)
{
	head->prev = head->next = head;
}

static inline bool
list_is_empty(const struct list *head)
{
	return head->next == head;
}

static inline void
list_insert_tail(struct list *head, struct list *link)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

/* Leaves the link self-linked, so removing twice does no harm. */
static inline void
list_remove(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}

#endif
