/*
 * bench_fanout.c - trigger to last request received: one POST to N nodes, as the console sends it (crew, fanout, conn,
 * line; connections warm), beside other ways to send it, in turn in one run (bench_fanout_peers.c).  The nodes are one
 * process of real sockets on 127.1.0.1 ... and share CLOCK_MONOTONIC with us.  Asserts nothing.
 *
 *	bench_fanout [NODES [ROUNDS [SILENT]]]
 *
 * Beyond 256 nodes, the most that a console keeps, the links are asked without crew and fanout.  SILENT: so many of the nodes
 * do not answer in every second round, and what is told is how the others fare.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "app/fanout.h"
#include "app/settings.h"
#include "base/xalloc.h"
#include "bench/bench_fanout.h"
#include "io/loop_uv.h"

#define MOST_ROUNDS 99
#define KINDS (1 + BENCH_PEERS)		/* the console, and the others */
#define SETTLE_US 3000000
#define SETTLE_NODE_US 12000LL		/* each compares its clock eight times and asks who is at the end of its line */
#define REST_US 120000			/* between rounds: everything settles, keep-alives stay warm */

struct result { int64_t last_ns, skew_ns, answer_ns; };

struct run {
	struct loop *loop;
	struct http *http;
	struct registry *reg;
	struct bus *bus;
	struct opt_set *settings;
	struct crew *crew;
	struct fanout *fanout;
	struct loop_timer *timer;
	struct target_set targets;
	struct conn_conf conf;
	struct conn *links[BENCH_MOST_NODES];	/* beyond what a console keeps */
	struct bench_board *board;
	int nodes, port, rounds, round, kind, silent, bad;
	int live, answers;
	bool is_here[KINDS];
	int64_t start_ns, began_ns, answer_ns;	/* the last answer of a node that is not silent */
	struct result results[KINDS][MOST_ROUNDS];
};

/* ---- One round ---- */

static void
board_clear(struct run *r)
{
	for (int i = 0; i < r->nodes; i++)
		atomic_store(&r->board->at_ns[i], 0);
}

/* Of all nodes but the first so many.  False: somebody was not asked. */
static bool
board_read(const struct run *r, int64_t start_ns, struct result *out)
{
	int64_t first_ns = INT64_MAX, last_ns = 0;

	for (int i = r->silent; i < r->nodes; i++) {
		const int64_t at_ns = atomic_load(&r->board->at_ns[i]);

		if (at_ns == 0)
			return false;
		first_ns = at_ns < first_ns ? at_ns : first_ns;
		last_ns = at_ns > last_ns ? at_ns : last_ns;
	}
	out->last_ns = last_ns - start_ns;
	out->skew_ns = last_ns - first_ns;
	return true;
}

static void
next_round(struct run *r, bool ok)
{
	if (!ok)
		r->bad++;
	do {
		r->kind = (r->kind + 1) % KINDS;
		if (r->kind == 0)
			r->round++;
	} while (!r->is_here[r->kind]);
	loop_timer_start(r->loop, r->timer, REST_US, 0);
}

/* ---- The console ---- */

static void
console_over(struct run *r, bool ok)
{
	/* With silent nodes, kind 1 is the console again, with them. */
	struct result *out = &r->results[r->silent > 0 ? r->kind : 0][r->round];

	out->answer_ns = r->answer_ns - r->start_ns;
	next_round(r, board_read(r, r->start_ns, out) && ok);
}

static void
console_ack(void *arg, const struct ledger_line *line)
{
	struct run *r = arg;

	if (atoi(line->node + strlen("bench-")) >= r->silent)
		r->answer_ns = bench_now_ns();
}

static void
console_done(void *arg, const struct ledger *l, int64_t took_us)
{
	struct run *r = arg;

	(void)took_us;
	console_over(r, ledger_acked(l) == r->nodes - atomic_load(&r->board->silent));
}

static void
link_answered(void *arg, const char *node, const struct node_answer *a, int64_t took_us, int tries)
{
	struct run *r = arg;

	(void)node;
	(void)took_us;
	(void)tries;
	r->bad += a->result != NODE_OK;
	r->answer_ns = bench_now_ns();
	if (++r->answers == r->nodes)
		console_over(r, true);
}

static void
run_console(struct run *r)
{
	static const struct fanout_fns fns = { .ack = console_ack, .done = console_done };
	static uint8_t random[BENCH_MOST_NODES][16];
	struct node_request request = { .verb = NODE_MARKER };

	strcpy(request.name, "clap");
	r->answers = 0;
	r->start_ns = bench_now_ns();
	if (r->fanout != NULL) {
		fanout_send(r->fanout, &request, &r->targets, NULL, &fns, r);
		return;
	}
	conn_batch(r->links, r->nodes);
	ids_random(random, (size_t)r->nodes * sizeof random[0]);
	for (int i = 0; i < r->nodes; i++) {
		ids_uuid(request.command_id, random[i]);
		conn_command(r->links[i], &request, link_answered, r);
	}
	conn_batch_send(r->links, r->nodes);
}

static void
run_peer(struct run *r)
{
	struct result *out = &r->results[r->kind][r->round];
	int64_t start_ns = 0;
	bool ok = bench_peers[r->kind - 1].round(r->nodes, r->port, &start_ns);

	out->answer_ns = bench_now_ns() - start_ns;
	next_round(r, board_read(r, start_ns, out) && ok);
}

static void
step(void *arg)
{
	struct run *r = arg;

	if (r->round == r->rounds || r->bad > 3) {
		loop_stop(r->loop);
		return;
	}
	board_clear(r);
	atomic_store(&r->board->silent, r->kind == 1 ? r->silent : 0);
	if (r->kind == 0 || r->silent > 0)
		run_console(r);
	else
		run_peer(r);
}

/* ---- A show of N nodes ---- */

static int
live_count(const struct run *r)
{
	return r->crew != NULL ? crew_live_count(r->crew) : r->live;
}

/* All connected and compared clocks: what a show looks like before the press. */
static void
wait_ready(void *arg)
{
	struct run *r = arg;

	if (live_count(r) < r->nodes) {
		if (bench_now_ns() - r->began_ns > 60000000000LL) {
			fprintf(stderr, "bench_fanout: only %d of %d nodes are live\n", live_count(r), r->nodes);
			r->bad = 99;
			loop_stop(r->loop);
		}
		return;
	}
	for (int i = 0; i < BENCH_PEERS; i++)
		r->is_here[1 + i] = r->silent > 0 ? i == 0 : bench_peers[i].open(r->nodes, r->port);
	loop_timer_free(r->loop, r->timer);
	r->timer = loop_timer_new(r->loop, step, r);
	loop_timer_start(r->loop, r->timer, SETTLE_US + r->nodes * SETTLE_NODE_US, 0);
}

static struct registry_address
address_of(const struct run *r, int node)
{
	struct registry_address a = { .port = r->port, .via = VIA_MANUAL, .rtt_us = -1 };

	bench_host(node, a.host);
	a.kind = registry_path_of(a.host);
	return a;
}

static void
link_state(void *arg, struct conn *c, enum conn_state state, const char *why)
{
	(void)c;
	(void)why;
	((struct run *)arg)->live += state == CONN_LIVE;
}

static void
build_links(struct run *r)
{
	static const struct conn_fns fns = { .state = link_state };

	r->conf = (struct conn_conf){ .ack_timeout_us = 2000000, .idle_us = 6000000, .clock_every_us = 10000000 };
	for (int i = 0; i < r->nodes; i++) {
		const struct registry_address a = address_of(r, i);

		r->links[i] = conn_new(r->loop, r->http, &r->conf, &fns, r);
		conn_set_addresses(r->links[i], &a, 1);
	}
}

static void
build_crew(struct run *r)
{
	struct err e;

	r->reg = registry_new();
	r->bus = bus_new();
	r->settings = opt_set_new(settings_table);
	if (r->silent > 0 && !opt_assign(r->settings, "ack-timeout", "400ms", &e))
		bench_die(e.text);
	r->crew = crew_new(r->loop, r->http, r->reg, r->bus, clk_system(), r->settings);
	r->fanout = fanout_new(r->loop, r->crew, r->bus);
	r->targets.count = r->nodes;
	for (int i = 0; i < r->nodes; i++) {
		const struct registry_address a = address_of(r, i);

		crew_add_address(r->crew, &a);
		snprintf(r->targets.ids[i], ID_BYTES, "bench-%03d", i);
	}
}

static void
build(struct run *r)
{
	r->loop = loop_uv_new(2);
	r->http = http_new(r->loop);
	r->is_here[0] = true;
	r->began_ns = bench_now_ns();
	if (r->nodes > MAX_NODES)
		build_links(r);
	else
		build_crew(r);
	r->timer = loop_timer_new(r->loop, wait_ready, r);
	loop_timer_start(r->loop, r->timer, 0, 50000);
}

static void
tear_down(struct run *r)
{
	loop_timer_free(r->loop, r->timer);
	fanout_free(r->fanout);
	crew_free(r->crew);
	opt_set_free(r->settings);
	bus_free(r->bus);
	registry_free(r->reg);
	for (int i = 0; i < r->nodes; i++)
		conn_free(r->links[i]);
	http_free(r->http);
	loop_free(r->loop);
}

/* ---- The report ---- */

static int
by_size(const void *left, const void *right)
{
	const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

static double
median_ms(const struct run *r, int kind, size_t field)
{
	int64_t values[MOST_ROUNDS];

	for (int i = 0; i < r->rounds; i++)
		memcpy(&values[i], (const char *)&r->results[kind][i] + field, sizeof values[i]);
	qsort(values, (size_t)r->rounds, sizeof values[0], by_size);
	return (double)values[r->rounds / 2] / 1e6;
}

static void
report_line(const struct run *r, int kind, const char *name, const char *goal)
{
	const double last_ms = median_ms(r, kind, offsetof(struct result, last_ns)), own_ms = median_ms(r, 0, offsetof(struct result, last_ns));

	printf("%-24s %12.3f %14.3f %12.3f", name, last_ms, median_ms(r, kind, offsetof(struct result, skew_ns)),
	    median_ms(r, kind, offsetof(struct result, answer_ns)));
	if (kind > 0)
		printf("   %5.2f of it (%s)", own_ms / last_ms, goal);
	putchar('\n');
}

static void
report(const struct run *r)
{
	static const char *const goals[BENCH_PEERS] = { "goal 1.1", "goal 0.6", "goal 0.4", "goal 0.1" };

	printf("one POST to %d nodes on loopback, %d rounds of each in turn, medians in ms%s\n", r->nodes, r->rounds,
	    r->crew == NULL ? " (links without a crew)" : "");
	printf("%-24s %12s %14s %12s\n", "", "last request", "first to last", "last answer");
	report_line(r, 0, r->silent > 0 ? "all answer" : "livedirector, warm", "");
	if (r->silent > 0) {
		printf("with %d silent ones, the others:\n", r->silent);
		report_line(r, 1, "livedirector, warm", "goal 0.98 to 1.02");
		return;
	}
	for (int i = 0; i < BENCH_PEERS; i++)
		if (r->is_here[1 + i])
			report_line(r, 1 + i, bench_peers[i].name, goals[i]);
	printf("first to last: %.2f of the bare one's (goal 1.1)\n",
	    median_ms(r, 0, offsetof(struct result, skew_ns)) / median_ms(r, 1, offsetof(struct result, skew_ns)));
}

int
main(int argc, char **argv)
{
	struct run *r = xcalloc(1, sizeof *r);
	struct rlimit files;
	pid_t sinks;
	int bad;

	r->nodes = argc > 1 ? atoi(argv[1]) : 64;
	r->rounds = argc > 2 ? atoi(argv[2]) : 9;
	r->silent = argc > 3 ? atoi(argv[3]) : 0;
	if (r->nodes < 1 || r->nodes > BENCH_MOST_NODES || r->rounds < 1 || r->rounds > MOST_ROUNDS || r->silent < 0
	    || r->silent >= r->nodes || (r->silent > 0 && r->nodes > MAX_NODES)) {
		fprintf(stderr, "usage: bench_fanout [NODES [ROUNDS [SILENT]]], at most %d and %d\n", BENCH_MOST_NODES, MOST_ROUNDS);
		return 2;
	}
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max < 65536 ? files.rlim_max : 65536;
	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGPIPE, SIG_IGN);
	xalloc_keep();		/* as livedirector does */
	r->board = bench_sink_start(r->nodes, &r->port, &sinks);
	build(r);
	loop_run(r->loop);
	bad = r->bad;
	tear_down(r);
	kill(sinks, SIGKILL);
	waitpid(sinks, NULL, 0);
	if (bad > 0)
		fprintf(stderr, "bench_fanout: %d rounds were not complete\n", bad);
	else
		report(r);
	free(r);
	return bad > 0;
}
