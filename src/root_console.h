/*
 * root_console.h - the console on a screen, for the plain call and for `rehearse`.
 */
#ifndef ROOT_CONSOLE_H
#define ROOT_CONSOLE_H

#include "root_opts.h"

/* Runs until `quit` or SIGTERM; returns the exit status. */
int root_console_show(const struct root_opts *o, const char *folder, bool bonjour, bool rehearsal);

#endif
