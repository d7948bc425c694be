/*
 * root_console.h - the console on a screen, for the plain call and for `rehearse`.
 */
#ifndef ROOT_CONSOLE_H
#define ROOT_CONSOLE_H

#include <stdbool.h>
#include "root_discover.h"
#include "root_opts.h"

/* Are --theme and --keys such, if they were given?  False: complained of; nothing should be started. */
bool root_console_looks_good(const struct root_opts *o);
/* Can a screen be drawn here?  False: complained of; nothing should be made. */
bool root_console_terminal_is_there(void);
/* Runs until `quit` or SIGTERM; returns the exit status. */
int root_console_show(const struct root_opts *o, const char *folder, enum root_discover_how how);

#endif
