/*
 * doorway_path.h - names of Unix sockets that may be longer than a socket's address: shared by doorway*.c only.
 */
#ifndef IO_DOORWAY_PATH_H
#define IO_DOORWAY_PATH_H

#include <stdbool.h>

/* bind(2) and connect(2) with a path of any length.  False: errno says why. */
bool doorway_path_bind(int fd, const char *path);
bool doorway_path_connect(int fd, const char *path);

#endif
