/*
 * spawn.h - starts a program in a session of its own: neither a Ctrl-C at our terminal nor our end is its end, and a signal
 * to -pid reaches all that it started.  Any thread; blocks for as long as the kernel takes, so not on the loop.
 */
#ifndef IO_SPAWN_H
#define IO_SPAWN_H

#include <sys/types.h>

/* Descriptors that become the program's own and stay the caller's besides; -1: standard input is empty, the others go nowhere. */
struct spawn_ends {
	int in, out, err;
};

/*
 * program is looked for in PATH when it has no '/'.  No descriptor of ours but these is inherited that is close-on-exec.
 * Signals are as a program expects them: none blocked, those that we handle or ignore at their defaults.  Returns 0, or errno's
 * number.
 */
int spawn_program(pid_t *pid, const char *program, char *const argv[], struct spawn_ends ends);

#endif
