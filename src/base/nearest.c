/*
 * nearest.c - how far two words are from each other (Damerau-Levenshtein, neighbours swapped once).
 * Owns nothing, never guesses for the user: it only finds what a sentence may offer.
 */
#include "base/nearest.h"

#include <stddef.h>
#include <string.h>

#define MAX_WORD 63
#define FAR 1000

static int
nearest_min(int a, int b)
{
	return a < b ? a : b;
}

int
nearest_distance(const char *a, const char *b)
{
	int rows[3][MAX_WORD + 2];
	int *before = rows[0], *above = rows[1], *row = rows[2], *spare;
	int rows_count = (int)strlen(a), len = (int)strlen(b);

	if (rows_count > MAX_WORD || len > MAX_WORD)
		return FAR;
	for (int j = 0; j <= len; j++) {
		before[j] = 0;
		above[j] = j;
	}
	for (int i = 1; i <= rows_count; i++) {
		row[0] = i;
		for (int j = 1; j <= len; j++) {
			row[j] = nearest_min(above[j] + 1, row[j - 1] + 1);
			row[j] = nearest_min(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = nearest_min(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[len];
}

int
nearest_limit(const char *word)
{
	size_t len = strlen(word);

	return len < 3 ? 2 : len < 6 ? 3 : 4;	/* that far is no longer near */
}

void
nearest_try(const char *word, const char *name, int *least, const char **best)
{
	int distance = nearest_distance(word, name);

	if (distance >= *least)
		return;
	*least = distance;
	*best = name;
}
