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
highest_take(const struct manifest *m, bool of_rehearsals)
{
	unsigned long highest = 0, number;

	for (int i = 0; i < m->take_count; i++) {
		const char *take = m->takes[i].take;
		const bool is_rehearsed = take[0] == 'R';

		number = strtoul(take + is_rehearsed, NULL, 10);
		if (is_rehearsed == of_rehearsals && number > highest && number <= MANIFEST_TAKE_MAX)
			highest = number;
	}
	return (unsigned)highest;
}

static void
print_take(char out[static TAKE_BYTES], unsigned number, bool is_rehearsed)
{
	if (is_rehearsed)
		ids_take_rehearsed(out, number);
	else
		ids_take(out, number);
}

static unsigned
next_take(const struct manifest *m, bool is_rehearsed)
{
	unsigned next = highest_take(m, is_rehearsed);
	char number[TAKE_BYTES];

	do {
		print_take(number, ++next, is_rehearsed);
	} while (find_take(m, number) != NULL);
	return next;
}

unsigned
manifest_next_take(const struct manifest *m)
{
	return next_take(m, false);
}

unsigned
manifest_next_rehearsal(const struct manifest *m)
{
	return next_take(m, true);
}

bool
manifest_may_be_take(const struct manifest *m, const char *text)
{
	bool is_rehearsed;
	unsigned number;

	return ids_take_read(text, &number, &is_rehearsed) && number <= MANIFEST_TAKE_MAX &&
	    number <= highest_take(m, is_rehearsed) + MANIFEST_TAKE_AHEAD;
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
manifest_slate_count(const struct manifest *m, const char *slate, bool of_rehearsals)
{
	int count = 0;

	for (int i = 0; slate[0] != '\0' && i < m->take_count; i++)
		if (strcmp(m->takes[i].slate, slate) == 0 && (m->takes[i].take[0] == 'R') == of_rehearsals)
			count++;
	return count;
}
