/*
 * weights.h - how much each camera is worth to the auto director: "left=2,wide=0.5,@guest=2,desk=0,all=1".
 * WHO=WEIGHT, commas between; WHO is a number, a name, a role (@guest) or all; 0 leaves it out.  Pure.
 * What names a camera counts before its roles, a role before all; of the same rank the last.  Who is not in it is worth 1.
 */
#ifndef APP_WEIGHTS_H
#define APP_WEIGHTS_H

#include "base/err.h"
#include "domain/registry.h"

#define WEIGHTS_MOST 1000.0

/* The shape alone: cameras of the day are not looked at.  False + e: what was expected, and where. */
bool weights_check(const char *text, struct err *e);
/* Of a text that was checked. */
double weights_of(const char *text, struct registry *reg, const struct registry_node *n);
/* A name in it that no camera has now, or that could be several: for a sentence; false: all are found. */
bool weights_stranger(const char *text, struct registry *reg, char *name, size_t name_size);

#endif
