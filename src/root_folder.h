/*
 * root_folder.h - which folder a subcommand works in when none was named.
 */
#ifndef ROOT_FOLDER_H
#define ROOT_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

/* ./sphere-YYYYMMDD-HHMM, with -2, -3 ... when that is there already.  Not made. */
void root_folder_fresh(char *out, size_t out_size);
/* A folder in the state folder with the time in its name, that was not there yet: made, empty, and nobody else's. */
bool root_folder_state_fresh(char *out, size_t out_size, const char *stem, struct err *e);
bool root_folder_is_there(const char *path);

#endif
