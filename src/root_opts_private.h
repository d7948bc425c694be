/*
 * root_opts_private.h - the table of options, shared by root_opts*.c only.
 */
#ifndef ROOT_OPTS_PRIVATE_H
#define ROOT_OPTS_PRIVATE_H

#include <stddef.h>
#include "root_opts.h"

enum root_opt_type { ROOT_FLAG, ROOT_TEXT, ROOT_MANY, ROOT_TIME, ROOT_COUNT, ROOT_NUMBER };

struct root_opt {
	const char *name;		/* without its dashes */
	char letter;			/* short form, 0 = none */
	enum root_opt_type type;
	const char *arg;		/* its value's name; NULL for a flag */
	unsigned subs;			/* enum root_sub, or-ed */
	bool command_line_only;		/* not for the configuration file */
	size_t at;			/* where its value is */
	bool (*check)(const char *value, struct err *e);
	const char *help;
};

struct root_sub_words {
	enum root_sub sub;
	const char *name, *usage, *help;
};

extern const struct root_opt root_opts_table[];		/* ends with name NULL */
extern const struct root_sub_words root_opts_subs[];	/* ends with usage NULL; the console first */

/* One OPTION=VALUE of --set. */
bool root_opts_check_setting(const char *value, struct err *e);
const struct root_opt *root_opts_find(const char *name, size_t len);
/* Puts a value where it belongs; e->kind is ERR_USAGE on failure. */
bool root_opts_take(struct root_opts *o, const struct root_opt *opt, const char *value, struct err *e);
/* root_opts_conf.c: --config, else the user's own file. */
bool root_opts_read_conf(struct root_opts *o, int argc, char **argv, struct err *e);

#endif
