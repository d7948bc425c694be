/*
 * manifest.c - the Sphere's one live object as plain values: its names and its takes.
 * Knows no file and no JSON.
 */
#include "domain/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

void
manifest_init(struct manifest *m, const char *sphere, const char *host, const char *name, int64_t now_us)
{
	memset(m, 0, sizeof(*m));
	str_copy(m->sphere, sizeof(m->sphere), sphere);
	str_copy(m->host, sizeof(m->host), host);
	str_copy(m->name, sizeof(m->name), name);
	str_copy(m->archive_target, sizeof(m->archive_target), "takes");
	m->created_us = now_us;
}

void
manifest_fini(struct manifest *m)
{
	if (m == NULL)
		return;
	free(m->takes);
	memset(m, 0, sizeof(*m));
}

unsigned
manifest_next_take(const struct manifest *m)
{
	unsigned long highest = 0, number;

	for (int i = 0; i < m->take_count; i++) {
		number = strtoul(m->takes[i].take, NULL, 10);
		if (number > highest && number < 1000000000)
			highest = number;
	}
	return (unsigned)highest + 1;
}

struct manifest_take *
manifest_take(struct manifest *m, const char *take)
{
	for (int i = 0; i < m->take_count; i++)
		if (strcmp(m->takes[i].take, take) == 0)
			return &m->takes[i];
	return NULL;
}

struct manifest_take *
manifest_add_take(struct manifest *m, const char *take, const char *slate)
{
	struct manifest_take *t = manifest_take(m, take);

	if (t != NULL)
		return t;
	m->takes = xreallocarray(m->takes, (size_t)m->take_count + 1, sizeof(m->takes[0]));
	t = &m->takes[m->take_count++];
	memset(t, 0, sizeof(*t));
	str_copy(t->take, sizeof(t->take), take);
	str_copy(t->slate, sizeof(t->slate), slate != NULL ? slate : "");
	return t;
}

int
manifest_slate_count(const struct manifest *m, const char *slate)
{
	int count = 0;

	for (int i = 0; slate[0] != '\0' && i < m->take_count; i++)
		if (strcmp(m->takes[i].slate, slate) == 0)
			count++;
	return count;
}
