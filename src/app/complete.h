/*
 * complete.h - what a word at the prompt may become: verbs, options, cameras, roles, settings, views, themes, key sets.
 * Pure: reads a snapshot and two lists of names, changes nothing.
 */
#ifndef APP_COMPLETE_H
#define APP_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>
#include "app/show.h"

#define COMPLETE_WORDS 128
#define COMPLETE_BYTES (2 * MAX_NAME_BYTES)

/* What can be named now. */
struct complete_world {
	const struct show *show;
	const char *const *themes, *const *key_sets, *const *orders;	/* end with NULL; orders: of `view health` */
	const char *const *hooks, *const *files;	/* the same, or NULL; files: what complete_wants_files() asked for */
};

struct complete {
	size_t from;				/* where the word in question begins, in bytes */
	char common[COMPLETE_BYTES];		/* what may stand there from now on; "" = nothing fits */
	bool is_whole;				/* one candidate, and this is all of it: no folder, whose files come next */
	int count;
	char words[COMPLETE_WORDS][COMPLETE_BYTES];	/* as they would be typed, quotes included; in order */
	const char *usage;			/* the command's, or NULL */
};

/* A file's name stands there: it is completed with the names that begin so, to be found first. */
bool complete_wants_files(const char *text, size_t cursor, char word[static COMPLETE_BYTES]);
/* The word that ends at the cursor.  False: nothing fits. */
bool complete_word(struct complete *out, const char *text, size_t cursor, const struct complete_world *world);

#endif
