/*
 * map.c - string -> pointer hash map that remembers the order of insertion.
 * Owns copies of the keys.  Never touches the values.
 */
#include "base/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/prefetch.h"
#include "base/xalloc.h"

#define USUAL_KEY 40

struct map_entry {
	struct list order;
	struct map_entry *next;		/* in the same bucket */
	uint32_t hash;
	void *value;
	char key[];
};

struct map {
	struct list order;
	struct map_entry **buckets;
	size_t bucket_count;		/* a power of two */
	size_t count;
};

/* FNV-1a: keys are ids and names, few and short. */
static uint32_t
map_hash(const char *key)
{
	uint32_t hash = 2166136261u;

	for (const unsigned char *p = (const unsigned char *)key; *p != '\0'; p++)
		hash = (hash ^ *p) * 16777619u;
	return hash;
}

struct map *
map_new(void)
{
	struct map *m = xcalloc(1, sizeof *m);

	list_init(&m->order);
	m->bucket_count = 16;
	m->buckets = xcalloc(m->bucket_count, sizeof(struct map_entry *));
	return m;
}

void
map_free(struct map *m)
{
	if (m == NULL)
		return;
	LIST_EACH_SAFE(it, tmp, &m->order)
		free(LIST_ENTRY(it, struct map_entry, order));
	free(m->buckets);
	free(m);
}

/* The link that points at the entry of key, or at the NULL that ends its bucket. */
static struct map_entry **
map_link(const struct map *m, const char *key, uint32_t hash)
{
	struct map_entry **link = &m->buckets[hash & (m->bucket_count - 1)];

	while (*link != NULL && ((*link)->hash != hash || strcmp((*link)->key, key) != 0))
		link = &(*link)->next;
	return link;
}

void *
map_get(const struct map *m, const char *key)
{
	struct map_entry *entry = *map_link(m, key, map_hash(key));

	return entry != NULL ? entry->value : NULL;
}

void
map_prefetch(const struct map *m, const char *key)
{
	prefetch(m->buckets[map_hash(key) & (m->bucket_count - 1)], sizeof(struct map_entry) + USUAL_KEY);
}

static void
map_grow(struct map *m)
{
	free(m->buckets);
	m->bucket_count *= 2;
	m->buckets = xcalloc(m->bucket_count, sizeof(struct map_entry *));
	LIST_EACH(it, &m->order) {
		struct map_entry *entry = LIST_ENTRY(it, struct map_entry, order);
		struct map_entry **head = &m->buckets[entry->hash & (m->bucket_count - 1)];

		entry->next = *head;
		*head = entry;
	}
}

void
map_put(struct map *m, const char *key, void *value)
{
	uint32_t hash = map_hash(key);
	struct map_entry **link = map_link(m, key, hash), *entry = *link;
	size_t key_bytes = strlen(key) + 1;

	if (entry != NULL) {
		entry->value = value;
		return;
	}
	entry = xmalloc(sizeof *entry + key_bytes);
	memcpy(entry->key, key, key_bytes);
	entry->hash = hash;
	entry->value = value;
	entry->next = NULL;
	*link = entry;
	list_insert_tail(&m->order, &entry->order);
	if (++m->count > m->bucket_count)
		map_grow(m);
}

void *
map_take(struct map *m, const char *key)
{
	struct map_entry **link = map_link(m, key, map_hash(key)), *entry = *link;
	void *value;

	if (entry == NULL)
		return NULL;
	*link = entry->next;
	list_remove(&entry->order);
	value = entry->value;
	free(entry);
	m->count--;
	return value;
}

size_t
map_count(const struct map *m)
{
	return m->count;
}

void
map_each(const struct map *m, void (*fn)(void *arg, const char *key, void *value), void *arg)
{
	LIST_EACH(it, &m->order) {
		struct map_entry *entry = LIST_ENTRY(it, struct map_entry, order);

		fn(arg, entry->key, entry->value);
	}
}
