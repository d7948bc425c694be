/*
 * target.h - "-t left,@guest,-top" turned into nodes.
 * Grammar: all | number | label | device name | beginning of an id | @role | @program | @preview;
 * commas join, a leading '-' excludes, names with blanks are quoted.
 */
#ifndef DOMAIN_TARGET_H
#define DOMAIN_TARGET_H

#include "base/err.h"
#include "domain/registry.h"

struct target_context {
	struct registry *registry;
	const char *program, *preview;	/* node ids or NULL */
};

struct target_set {
	int count;
	char ids[MAX_NODES][ID_BYTES];	/* in order of camera number, each once */
};

/*
 * "all" leaves out nodes that are out of the show, view-only or merely known; a role those that are out or
 * merely known; naming one takes it.  Only exclusions ("-left"): all but these.  Nothing left over is a failure.
 * Names match, in this order: number, label, device name or whole id, beginning of an id (4 characters or more),
 * then label or device name in any case.  The beginning of a name is never enough: it might be another camera tomorrow.
 */
bool target_resolve(struct target_set *out, const char *text, const struct target_context *cx, struct err *e);
/* Exactly one node: NODE of the command table; an ambiguous name lists the candidates. */
bool target_one(char id[static ID_BYTES], const char *text, const struct target_context *cx, struct err *e);
/* The grammar alone, for cue sheets: the nodes of the day are not looked at.  *column is 1-based, in bytes. */
bool target_check(const char *text, int *column, struct err *e);
bool target_has(const struct target_set *set, const char *id);

#endif
