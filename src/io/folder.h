/*
 * folder.h - folders made with their parents, and where this program keeps what belongs to no Sphere.
 */
#ifndef IO_FOLDER_H
#define IO_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

/* As mkdir -p; what is there already stays as it is.  False: errno says why. */
bool folder_make(const char *path, unsigned mode);
/* ${XDG_STATE_HOME:-~/.local/state}/livedirector, made with its parents, for nobody else to read. */
bool folder_state(char *out, size_t out_size, struct err *e);
/* ${XDG_RUNTIME_DIR:-/run/user/UID}/livedirector, of this user and for nobody else; is_made: made, if it is not there. */
bool folder_runtime(char *out, size_t out_size, bool is_made, struct err *e);

#endif
