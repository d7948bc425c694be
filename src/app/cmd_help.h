/*
 * cmd_help.h - the command table as words for people: help screen, manual.  No pointers into the app.
 */
#ifndef APP_CMD_HELP_H
#define APP_CMD_HELP_H

struct cmd_help { const char *name, *usage, *help, *group; };

/* The i-th command; NULL past the end. */
const struct cmd_help *cmd_help_at(int index);

#endif
