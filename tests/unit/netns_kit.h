/*
 * netns_kit.h - two private networks for one test process: "here", where the code under test runs, and "there", joined by a
 * pair of virtual Ethernet interfaces vA (here) and vB (there).  Needs the right to make them; a test that has it not skips.
 */
#ifndef UNIT_NETNS_KIT_H
#define UNIT_NETNS_KIT_H

#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define NETNS_KIT_WHY "needs the right to make network namespaces, and ip(8)"

/* The kernel says a little later that a link runs. */
#define NETNS_KIT_RUNNING "for i in $(seq 250); do ip -br link show %s | grep -q ' UP ' && exit 0; sleep 0.02; done; exit 1"

struct netns_kit { int outside, here, there, lock; };

/* Runs a command in one of the two. */
__attribute__((format(printf, 3, 4))) static inline bool
netns_kit_run(const struct netns_kit *k, int where, const char *format, ...)
{
	char line[1024];
	va_list ap;
	bool ok;

	va_start(ap, format);
	vsnprintf(line, sizeof line, format, ap);
	va_end(ap);
	if (setns(where, CLONE_NEWNET) != 0)
		return false;
	ok = system(line) == 0;
	return setns(k->here, CLONE_NEWNET) == 0 && ok;
}

static inline int
netns_kit_make(void)
{
	if (unshare(CLONE_NEWNET) != 0)
		return -1;
	if (system("ip link set lo up >/dev/null 2>&1") != 0)
		return -1;
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

/*
 * All networks of a machine share one ARP table: a test that fills it would disturb those that run at the same time.
 * Each holds this lock with others, and one that fills the table by itself (LOCK_EX).
 */
static inline int
netns_kit_lock_open(void)
{
	return open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);	/* a folder can be locked, too, and nothing is left behind */
}

static inline void
netns_kit_lock(const struct netns_kit *k, int how)
{
	if (k->lock >= 0 && flock(k->lock, how) != 0)
		perror("flock");
}

static inline void
netns_kit_free(struct netns_kit *k)
{
	if (k == NULL)
		return;
	if (setns(k->outside, CLONE_NEWNET) != 0)
		abort();
	if (k->here >= 0)
		close(k->here);
	if (k->there >= 0)
		close(k->there);
	close(k->outside);
	if (k->lock >= 0)
		close(k->lock);
	free(k);
}

/* NULL: not permitted. */
static inline struct netns_kit *
netns_kit_new(void)
{
	struct netns_kit *k = calloc(1, sizeof *k);

	k->here = k->there = -1;
	k->lock = netns_kit_lock_open();
	netns_kit_lock(k, LOCK_SH);
	k->outside = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if ((k->there = netns_kit_make()) >= 0 && (k->here = netns_kit_make()) >= 0 &&
	    netns_kit_run(k, k->here, "ip link add vA type veth peer name vB netns /proc/%d/fd/%d && ip link set vA up",
	    (int)getpid(), k->there) && netns_kit_run(k, k->there, "ip link set vB up") && netns_kit_run(k, k->here, NETNS_KIT_RUNNING, "vA"))
		return k;
	netns_kit_free(k);
	return NULL;
}

#endif
