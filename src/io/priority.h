/*
 * priority.h - who comes first on a busy processor: a thread that answers at once, or one that works behind it.
 * Each call is about the calling thread.  Needs no privilege; where the kernel knows no such thing nothing changes.
 */
#ifndef IO_PRIORITY_H
#define IO_PRIORITY_H

/*
 * Short turns, and soon after a wake-up (sched_setattr(2), sched_runtime of SCHED_OTHER, Linux 6.12).  It is meant for a
 * thread that sleeps most of the time.  Threads and programs that it starts later have turns as everybody's.
 */
void priority_prompt(void);
/* Behind whatever is not so (nice(2) of this thread).  Once is enough; it cannot be taken back. */
void priority_behind(void);

#endif
