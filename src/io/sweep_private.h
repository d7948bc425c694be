/*
 * sweep_private.h - one sweep as sweep*.c see it: its hosts, its sockets, its pace.
 */
#ifndef IO_SWEEP_PRIVATE_H
#define IO_SWEEP_PRIVATE_H

#include <sys/socket.h>

#include "base/list.h"
#include "io/sweep.h"

#define SWEEP_SLICE 32			/* packets between two turns of the loop */
#define SWEEP_LINKS 8			/* networks of this machine's own that one sweep may touch */

enum sweep_flags {
	HOST_LEFT_OUT = 1,		/* own, network or broadcast address */
	HOST_ARP = 2,			/* is asked by ARP first */
	HOST_ON_LINK = 4,		/* a connect needs room in the kernel's ARP table */
	HOST_ASKED = 8,
	HOST_THERE = 16,		/* answered ARP */
	HOST_HELD = 32,			/* silent, but the question may have been lost */
	HOST_JUDGED = 64
};

struct sweep_one {			/* an address */
	uint32_t asked_ticks;		/* by ARP, first; ticks of 100 us since the sweep began */
	uint8_t flags, link, pending, best, best_port;	/* pending: ports not judged yet */
};

struct sweep_link {			/* a network of this machine's own */
	uint32_t base, mask, own;
	unsigned index;
	unsigned char mac[6];
	int fd;				/* packet socket, -1: none */
};

struct sweep_probe {
	struct list link;		/* of free or of live, oldest first */
	int fd;
	uint32_t one;
	uint8_t port;
	int64_t end_us;
};

struct sweep_cursor { uint32_t one; uint8_t port; };

struct sweep {
	struct loop *loop;
	struct sweep_ask ask;
	struct sweep_fns fns;
	void *arg;
	int depth;			/* of callbacks; freed at the end of the outermost */
	bool dead;

	uint32_t count;
	struct sweep_one *ones;
	struct netif_neighbour *hosts;	/* NULL: a network */
	int link_count;
	struct sweep_link links[SWEEP_LINKS];

	int epoll;
	struct loop_watch *watch;
	struct loop_timer *timer;
	int64_t begun_us, told_us;

	/* Connects. */
	struct sweep_cursor now;	/* the host under way; one == count: none */
	uint32_t plain;			/* next of those that are not asked by ARP */
	uint32_t *queue;		/* hosts that come first: they answered ARP, or are repeated */
	uint32_t queue_head, queue_len;
	struct sweep_probe *probes;
	struct list idle, live;
	int live_count, window;
	int64_t pause_us;		/* no descriptor, no memory: not before this */

	/* ARP. */
	uint32_t arp_ask, arp_again, arp_judge;	/* cursors: asked once, twice, judged */

	/* Pace. */
	int64_t paid_us;		/* rate: what was sent is paid for until here */
	int64_t toll_us;		/* when the first connect to an on-link host of this round left; 0: none yet */
	int64_t toll_last_us;
	uint32_t tolls;			/* of this round */
	unsigned long fulls;		/* the kernel's count of lost ones, as the round began */
	bool knows_fulls;
	int64_t looked_us;		/* into the kernel's ARP table */
	int64_t again_us;		/* a repeat begins then; 0: none */
	uint32_t held;

	struct sweep_counts counts;
};

#endif
