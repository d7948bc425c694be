/*
 * map.h - string -> pointer hash map.  Owns copies of the keys, never the values.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct map;

struct map *map_new(void);
void map_free(struct map *m);
/* map_get() of this key is about to come (base/prefetch.h). */
void map_prefetch(const struct map *m, const char *key);
void *map_get(const struct map *m, const char *key);
void map_put(struct map *m, const char *key, void *value);	/* replaces */
void *map_take(struct map *m, const char *key);			/* removes; NULL if absent */
size_t map_count(const struct map *m);
/* Insertion order.  Do not add or remove meanwhile. */
void map_each(const struct map *m, void (*fn)(void *arg, const char *key, void *value), void *arg);

#endif
