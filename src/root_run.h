/*
 * root_run.h - playing a cue sheet headless, for `run` and `rehearse --cue`.
 */
#ifndef ROOT_RUN_H
#define ROOT_RUN_H

#include <stdbool.h>
#include "domain/cue.h"
#include "root_discover.h"
#include "root_opts.h"

/* Plays it on the folder; returns the exit status. */
int root_run_show(const struct root_opts *o, const struct cue_sheet *sheet, const char *folder,
    enum root_discover_how how);

#endif
