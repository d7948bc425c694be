/*
 * columns.h - which columns of a table fit a width, and where they stand.  The least important give way first; one
 * column may take what is left.  Pure.
 */
#ifndef UI_COLUMNS_H
#define UI_COLUMNS_H

#include <stdbool.h>

#define COLUMNS_MAX 16

struct columns_def {
	const char *title;
	int cells;			/* its least width */
	int most;			/* it may grow to this; 0: it does not */
	int rank;			/* 0 stands always; the highest gives way first */
	bool right;			/* right-aligned */
};

struct columns {
	int count;
	bool shown[COLUMNS_MAX];
	int at[COLUMNS_MAX], cells[COLUMNS_MAX];
};

/* From column first up to, not including, end; two blanks between, one where it is narrow. */
struct columns columns_fit(const struct columns_def *defs, int count, int first, int end);

#endif
