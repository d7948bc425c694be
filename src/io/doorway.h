/*
 * doorway.h - the control socket: a Unix socket where other programs of the same user come in, write lines and read lines.
 * Loop thread only; never blocks.  Each client has ceilings of its own: whoever never reads, floods or never ends a line
 * is let go, and nobody else notices.  Credentials: SO_PEERCRED, descriptors: SCM_RIGHTS (unix(7)).
 */
#ifndef IO_DOORWAY_H
#define IO_DOORWAY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "base/err.h"
#include "base/loop.h"

#define DOORWAY_CLIENTS 128		/* at once; the next one is told so and let go */
#define DOORWAY_UNSENT_BYTES (1024 * 1024)	/* lines that a client has not read; past it it is let go */
#define DOORWAY_FDS 3			/* descriptors that may come with a line */

struct doorway;
struct doorway_client;

struct doorway_peer {
	pid_t pid;
	char name[32];			/* of its program, as the kernel has it: [A-Za-z0-9._+-], "" = not known */
};

struct doorway_fns {
	/* Somebody has come in; what is returned is given to the others. */
	void *(*came)(void *arg, struct doorway_client *c, const struct doorway_peer *peer);
	/* One line, without its end.  False: that is enough for now; nothing more is read of it until doorway_ready(). */
	bool (*line)(void *who, const char *line);
	/* A line that is no text, or too long: the sentence for it.  After one that is too long the client is let go. */
	void (*bad_line)(void *who, const char *why);
	/* It says nothing more, but may still read: doorway_dismiss() it when all is answered. */
	void (*over)(void *who);
	/* It has left, or was let go; its client is no more after this call. */
	void (*gone)(void *who);
};

/*
 * path is made with mode 0600, its folder must be there.  A socket of that name that nobody serves is replaced; one that
 * somebody serves is ERR_REFUSED.
 */
struct doorway *doorway_open(struct loop *loop, const char *path, const struct doorway_fns *fns, void *arg, struct err *e);
/* Everybody is let go, with what was said to them as far as they take it at once; gone() is not called.  The socket is removed. */
void doorway_free(struct doorway *d);	/* NULL is fine */

/* Whole lines, line feeds included.  Copied.  To one who is being let go nothing is said. */
void doorway_say(struct doorway_client *c, const char *lines, size_t len);
/* Lines may be given again. */
void doorway_ready(struct doorway_client *c);
/* The descriptors that came with the newest bytes become the caller's; returns how many (at most DOORWAY_FDS). */
int doorway_take_fds(struct doorway_client *c, int fds[static DOORWAY_FDS]);
/* Nothing more is heard of it; what was said to it goes out, for two seconds at most.  gone() comes later. */
void doorway_dismiss(struct doorway_client *c);

#endif
