/*
 * settings.h - the table of the console's options (command line, configuration file, `set`).
 */
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include "base/opt.h"

/* Options of `set`: ack-timeout stale-after lost-after record-lead roll-policy growth-time auto-fetch
 * fetch-while-rolling cut-guard program-lost claim sweep-rate bell preview-fps ... */
extern const struct opt_def settings_table[];

#endif
