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

static struct manifest_take *
find_take(const struct manifest *m, const char *take)
{
	for (int i = 0; i < m->take_count; i++)
		if (strcmp(m->takes[i].take, take) == 0)
			return &m->takes[i];
	return NULL;
}

/* Numbers past the bound are somebody's mistake: nothing is counted on from there. */
static unsigned
highest_take(const struct manifest *m)
{
	unsigned long highest = 0, number;

	for (int i = 0; i < m->take_count; i++) {
		number = strtoul(m->takes[i].take, NULL, 10);
		if (number > highest && number <= MANIFEST_TAKE_MAX)
			highest = number;
	}
	return (unsigned)highest;
}

unsigned
manifest_next_take(const struct manifest *m)
{
	unsigned next = highest_take(m);
	char number[TAKE_BYTES];

	do {
		ids_take(number, ++next);
	} while (find_take(m, number) != NULL);
	return next;
}

bool
manifest_may_be_take(const struct manifest *m, const char *text)
{
	unsigned long number = strtoul(text, NULL, 10), bound = highest_take(m) + MANIFEST_TAKE_AHEAD;
	char ours[TAKE_BYTES];

	if (number == 0 || number > bound || number > MANIFEST_TAKE_MAX)
		return false;
	ids_take(ours, (unsigned)number);
	return strcmp(ours, text) == 0;
}

struct manifest_take *
manifest_take(struct manifest *m, const char *take)
{
	return find_take(m, take);
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
