/*
 * cmd_help.h - the command table as words for people: help screen, manual.  No pointers into the app.
 */
#ifndef APP_CMD_HELP_H
#define APP_CMD_HELP_H

#include <stdbool.h>
#include "base/err.h"

struct cmd_help { const char *name, *usage, *help, *group; };

/* The i-th command; NULL past the end. */
const struct cmd_help *cmd_help_at(int index);
/* The one that a text begins with; NULL: none. */
const struct cmd_help *cmd_help_of(const char *text);
/* A command's text as it may be shown, journaled and remembered: without what is secret; free() it. */
char *cmd_shown(const char *text);
/* Shape of a whole command text; e names what was expected. */
bool cmd_check(const char *text, int *column, struct err *e);

#endif
