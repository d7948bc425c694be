/*
 * root_opts.h - the command line and the configuration file as plain values, from one table.
 */
#ifndef ROOT_OPTS_H
#define ROOT_OPTS_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

enum root_sub { ROOT_CONSOLE = 1, ROOT_RUN = 2, ROOT_DO = 4, ROOT_NODES = 8, ROOT_REHEARSE = 16,
	ROOT_VERIFY = 32, ROOT_FETCH = 64, ROOT_STATUS = 128, ROOT_CUES = 256, ROOT_ANY = 511, ROOT_SUBS = 9 };

struct root_list {
	char **items;
	int count;
};

struct root_opts {
	enum root_sub sub;
	/* all */
	char *sphere, *name, *probe, *sweep, *graphics, *theme, *keys, *archive, *config, *log, *log_file;
	struct root_list nodes;		/* --node: addresses that disc_parse_address() takes */
	struct root_list settings;	/* --set: OPTION=VALUE */
	struct root_list hooks, ons;	/* --hook, --on: lines that app/hooks takes */
	bool no_bonjour, json, help, version;
	/* run */
	bool dry_run, tap;
	double speed;
	int64_t seed;
	char *go;			/* "auto" or seconds */
	/* nodes */
	int64_t for_us;			/* 0: not given */
	bool explain;
	/* rehearse */
	int64_t cameras;
	char *cue;
	bool tour, with_cameras;
	struct root_fleet *fleet;	/* root_rehearse.c's; NULL: this is no rehearsal */
	/* status */
	char *format;			/* NULL: the usual line */
	/* verify */
	char *sync;			/* a take's number; NULL: not asked */
	struct root_list words;		/* what is no option: SPHERE, CUESHEET, COMMAND... */
};

/*
 * argv[0] is the program.  Reads the configuration file (--config, else the one in the user's folder, if it is there)
 * and then the command line, which wins.  Free with root_opts_fini() also after failure.
 */
bool root_opts_read(struct root_opts *o, int argc, char **argv, struct err *e);
void root_opts_fini(struct root_opts *o);
void root_list_add(struct root_list *l, const char *text);

/* --help of the whole, or of one subcommand. */
void root_opts_help(enum root_sub sub);
/* Tab-separated: name, usage, help; for the manual.  False: no such topic. */
bool root_opts_print(const char *topic);

/* root_conf.c: lines `option value`, # comments; take gets them in order (ERR_NOT_FOUND: no such option).  optional: a missing file is no failure. */
bool root_conf_read(const char *path, bool optional, bool (*take)(void *arg, const char *name, const char *value,
    struct err *e), void *arg, struct err *e);

#endif
