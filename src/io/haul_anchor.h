/*
 * haul_anchor.h - the mark of a Sphere in an archive folder elsewhere: by it the folder is known as this Sphere's, and a
 * disk that is not mounted as missing; else its files would land on the disk below, unnoticed.
 * Blocking (the disk may be across a network): for worker threads.
 */
#ifndef IO_HAUL_ANCHOR_H
#define IO_HAUL_ANCHOR_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

/* The mark's own path in that folder. */
void haul_anchor_path(const char *folder, char *out, size_t out_size);
/*
 * ROOT/NAME is made, with ROOT if only that is missing, and marked; durable.  False: it is another Sphere's
 * (ERR_REFUSED), or the disk says no (ERR_DISK).
 */
bool haul_anchor_begin(const char *root, const char *folder, const char *sphere, struct err *e);
/* The mark is there and this Sphere's.  False: as above; ERR_NOT_FOUND: there is none. */
bool haul_anchor_look(const char *folder, const char *sphere, struct err *e);

#endif
