/*
 * bench_beat_limit.c - what the machine itself allows: sleeps until an instant, each half a second, and says how late it woke, in ms.
 * Ends with SIGTERM.  The least that any light on a beat can be late by, on this machine with its other work.
 */
#include <stdio.h>
#include <time.h>

#define APART_NS 500000000L

int
main(void)
{
	struct timespec next, now;

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (;;) {
		next.tv_nsec += APART_NS;
		if (next.tv_nsec >= 1000000000L) {
			next.tv_nsec -= 1000000000L;
			next.tv_sec++;
		}
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) != 0)
			;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (printf("%.3f\n", (double)(now.tv_sec - next.tv_sec) * 1e3 + (double)(now.tv_nsec - next.tv_nsec) / 1e6) < 0 || fflush(stdout) != 0)
			return 1;
	}
}
