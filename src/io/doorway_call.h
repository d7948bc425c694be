/*
 * doorway_call.h - the other side of the control socket: a program that asks a running console.  Blocking, with a time limit:
 * for programs without a loop (do, status, a terminal that is lent), never inside the console.
 */
#ifndef IO_DOORWAY_CALL_H
#define IO_DOORWAY_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

struct doorway_call;

enum doorway_call_word { CALL_LINE, CALL_LATE, CALL_WOKEN, CALL_GONE };

/* NULL with e->kind ERR_NOT_FOUND: nobody serves there; other kinds: it cannot be asked, or lets nobody in for two seconds. */
struct doorway_call *doorway_call_open(const char *path, struct err *e);
void doorway_call_close(struct doorway_call *c);	/* NULL is fine */
/* A line feed is added.  fds go along (SCM_RIGHTS), at most three.  False: it is gone, or takes nothing for two seconds. */
bool doorway_call_say(struct doorway_call *c, const char *line, const int *fds, int fd_count);
/*
 * The next line, without its end: *line is good until the next call.  CALL_LATE: none within for_us (< 0: no limit);
 * CALL_WOKEN: wake_fd (-1: none) can be read; CALL_GONE: the console has closed.
 */
enum doorway_call_word doorway_call_hear(struct doorway_call *c, int64_t for_us, int wake_fd, const char **line);
/* What stands in quotes at the end of a line, `say 0 "TEXT"`, as it was before it became one word; "": nothing does. */
void doorway_call_text(const char *line, char *out, size_t out_size);

#endif
