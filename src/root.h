/*
 * root.h - the composition root's common words: exit statuses, the subcommands, one sentence on standard error.
 * Included by livedirector.c and root_*.c only.
 */
#ifndef ROOT_H
#define ROOT_H

#include "base/err.h"

#ifndef VERSION_TEXT
#define VERSION_TEXT "0.1.0"
#endif

enum root_status {
	ROOT_OK = 0,
	ROOT_FAILED = 1,		/* an expectation failed, or a command ended partial or failed */
	ROOT_USAGE = 2,			/* usage, configuration or cue sheet error */
	ROOT_NOBODY = 3,		/* no node found, or no console runs */
	ROOT_ENVIRONMENT = 4		/* disk, terminal, network */
};

struct root_opts;

/* "livedirector: sentence" */
void root_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The exit status that a failure to begin has. */
int root_status_of(const struct err *e);

/* The subcommands; each returns its exit status. */
int root_console(const struct root_opts *o);
int root_run(const struct root_opts *o);
int root_do(const struct root_opts *o);
int root_nodes(const struct root_opts *o);
int root_rehearse(const struct root_opts *o);
int root_fetch(const struct root_opts *o);
int root_verify(const struct root_opts *o);
int root_status(const struct root_opts *o);
int root_cues(const struct root_opts *o);

#endif
