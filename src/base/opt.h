/*
 * opt.h - typed, ranged options.  Knows no option by name: tables are given to it.
 * Values are plain and copyable; one struct opt_set holds the values of one table.
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

enum opt_type { OPT_BOOL, OPT_INT, OPT_TIME, OPT_CHOICE, OPT_TEXT };

struct opt_def {
	const char *name;	/* "ack-timeout" */
	enum opt_type type;
	int64_t min, max;	/* OPT_INT; OPT_TIME in microseconds; ignored else */
	const char *def;	/* as the user would write it */
	const char *choices;	/* OPT_CHOICE: "ask|safe|stay" */
	const char *text;	/* one sentence for the manual and help */
	bool (*check)(const char *value, struct err *e);	/* OPT_TEXT that is more than text; NULL: any will do */
};

struct opt_set;

/* Table ends with name == NULL and outlives the set. */
struct opt_set *opt_set_new(const struct opt_def *table);
void opt_set_free(struct opt_set *s);
const struct opt_def *opt_find(const struct opt_set *s, const char *name);
/* Parses, checks the range; an unknown name lists the nearest one. */
bool opt_assign(struct opt_set *s, const char *name, const char *value, struct err *e);
int64_t opt_int(const struct opt_set *s, const char *name);	/* ms or us: OPT_TIME is in us; OPT_BOOL 0/1; OPT_CHOICE: index */
const char *opt_text(const struct opt_set *s, const char *name);	/* as written; any type */

#endif
