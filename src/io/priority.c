/*
 * priority.c - the turns that the kernel gives a thread.
 * Owns nothing, never asks for real time: that needs a privilege, and would let a mistake of ours stop a machine.
 */
#include "io/priority.h"

#include <linux/sched.h>
#include <linux/sched/types.h>	/* not <sched.h>: in Debian 12 both define sched_param */
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROMPT_NS 100000ULL	/* the shortest turn that the kernel gives */
#define BEHIND_NICE 4		/* 0.4 of a processor that another wants as well: a picture is late, none is lost for long */

void
priority_prompt(void)
{
	struct sched_attr attr = { .size = sizeof attr };

	if (syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0) != 0 || attr.sched_policy != SCHED_NORMAL)
		return;			/* whoever started it has said otherwise (chrt) */
	attr.sched_flags |= SCHED_FLAG_RESET_ON_FORK;
	attr.sched_runtime = PROMPT_NS;
	(void)syscall(SYS_sched_setattr, 0, &attr, 0);
}

void
priority_behind(void)
{
	if (getpriority(PRIO_PROCESS, 0) < BEHIND_NICE)
		(void)setpriority(PRIO_PROCESS, 0, BEHIND_NICE);
}
