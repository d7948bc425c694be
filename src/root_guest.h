/*
 * root_guest.h - lends this process's terminal to a console that runs already, and waits as its foreground.
 */
#ifndef ROOT_GUEST_H
#define ROOT_GUEST_H

struct doorway_call;
struct root_opts;

/*
 * Blocks until the console gives the terminal back: it has ended, this terminal went away, or SIGTERM asked for it.  Closes call.
 * Returns the exit status.
 */
int root_guest_wait(struct doorway_call *call, const struct root_opts *o, const char *folder);

#endif
