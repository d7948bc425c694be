/*
 * root_fleet.h - rehearsal cameras: an mmcamd that this program starts, and ends with itself.
 */
#ifndef ROOT_FLEET_H
#define ROOT_FLEET_H

#include <sys/types.h>
#include "base/ceilings.h"
#include "base/err.h"
#include "domain/ids.h"
#include "root_opts.h"

struct root_fleet {
	pid_t pid;			/* 0: none runs */
	int fd, to_fd;			/* its standard output and input */
	int count;
	char ids[MAX_FLEET][ID_BYTES];	/* of its cameras, in its own order */
};

/*
 * Starts it and waits for its ready line (at most 15 s; blocking: before the loop runs); adds the cameras'
 * addresses to nodes.  recordings: its folder.
 */
bool root_fleet_start(struct root_fleet *f, int cameras, const char *recordings, struct root_list *nodes, struct err *e);
/* A line to it (domain/fault.h), without its line feed; arg: the struct.  Never blocks; false + e: it does not listen any more. */
bool root_fleet_tell(void *arg, const char *line, struct err *e);
/* SIGTERM, then waits up to 5 s, then SIGKILL. */
void root_fleet_stop(struct root_fleet *f);
/* The folder of this executable; false: not known. */
bool root_fleet_own_folder(char *out, size_t out_size);

#endif
