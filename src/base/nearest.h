/*
 * nearest.h - "unknown word, did you mean": the nearest of some names.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

/* Counts insertions, deletions, changes and swapped neighbours.  Words past 63 bytes are far from everything. */
int nearest_distance(const char *a, const char *b);
/* Keep the better one: *least starts at nearest_limit(word), *best at NULL. */
int nearest_limit(const char *word);
void nearest_try(const char *word, const char *name, int *least, const char **best);

#endif
