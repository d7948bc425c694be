/*
 * spawn.h - starts a program in a session of its own: neither a Ctrl-C at our terminal nor our end is its end, and a signal
 * to -pid reaches all that it started.  Any thread; blocks for as long as the kernel takes, so not on the loop.
 */
#ifndef IO_SPAWN_H
#define IO_SPAWN_H

#include <sys/types.h>

/*
 * program is looked for in PATH when it has no '/'.  Standard input is empty; standard output goes to the descriptor out (-1:
 * nowhere), standard error nowhere; no other descriptor of ours is inherited that is close-on-exec.  Signals are as a program
 * expects them: none blocked, those that we handle or ignore at their defaults.  Returns 0, or errno's number.
 */
int spawn_program(pid_t *pid, const char *program, char *const argv[], int out);

#endif
