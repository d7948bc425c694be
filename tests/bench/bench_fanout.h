/*
 * bench_fanout.h - what the parts of bench_fanout share: the nodes (bench_fanout_sink.c), the other clients
 * (bench_fanout_peers.c), and what a round of any of them is.
 */
#ifndef TESTS_BENCH_FANOUT_H
#define TESTS_BENCH_FANOUT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define BENCH_MOST_NODES 1000
#define BENCH_BODY "{\"commandId\":\"5f0c2f6e-0d35-4b8e-9d0a-3c1f5a9be001\",\"name\":\"clap\",\"sound\":false}"

struct bench_board {			/* shared with the nodes' process */
	_Atomic int64_t at_ns[BENCH_MOST_NODES];	/* when the node had a whole command; 0 = not yet */
	_Atomic int silent;		/* so many of the first nodes hear and do not answer */
};

int64_t bench_now_ns(void);		/* CLOCK_MONOTONIC: one clock for both sides */
_Noreturn void bench_die(const char *what);
void bench_host(int node, char out[static 32]);
/* Forks the nodes; they end with us. */
struct bench_board *bench_sink_start(int node_count, int *port, pid_t *pid);

/* A client that is measured beside the console.  Each round is one POST /marker to all. */
struct bench_peer {
	const char *name;
	bool (*open)(int node_count, int port);		/* warms up; false: not here */
	/* start_ns: when the first of its work began, if later than called.  False: something went wrong. */
	bool (*round)(int node_count, int port, int64_t *start_ns);
};
extern const struct bench_peer bench_peers[];
enum { BENCH_PEERS = 4 };

#endif
