/*
 * disc_sweep_private.h - what disc_sweep*.c share: which networks a round asks, and what was said of them.
 */
#ifndef IO_DISC_SWEEP_PRIVATE_H
#define IO_DISC_SWEEP_PRIVATE_H

#include "base/map.h"
#include "io/disc.h"
#include "io/sweep.h"

#define DISC_SWEEP_HOSTS_SAID 8		/* of hosts without an open port, a line each */
#define DISC_SWEEP_KNOWN 32
#define DISC_SWEEP_TOPIC_BYTES 64

struct disc_sweep_topic { char text[DISC_SWEEP_TOPIC_BYTES]; unsigned round; };
struct disc_sweep_totals { uint32_t asked, open, there; int nets; };

struct disc_sweep_run {
	struct loop *loop;
	struct disc_fns fns;
	void *arg;
	int depth;			/* of callbacks; freed at the end of the outermost */
	bool dead;

	struct sweep_conf conf;
	char trouble[sizeof((struct err *)0)->text];	/* the option text makes no sense: "" it does */
	struct loop_timer *timer, *change;
	struct netif_watch *watch;
	int64_t opened_us, round_us;	/* round_us: when the last round began; 0: none yet */

	/* The round under way. */
	bool is_running;
	struct sweep_net nets[MAX_SWEEP_NETWORKS];
	int net_count, net_at;
	struct sweep *net_sweep, *host_sweep;
	struct disc_sweep_totals totals;
	bool has_news;			/* something answered that never did */
	int hosts_said;

	/* All rounds. */
	unsigned round;
	int quiet;			/* rounds in a row without news or change */
	bool changed, has_finished;
	uint64_t place;			/* a sum over the networks this machine is on */
	struct sweep_net known[DISC_SWEEP_KNOWN];	/* swept at least once */
	int known_count;
	struct map *found;		/* "HOST PORT" */
	int topic_count;
	struct disc_sweep_topic topics[MAX_WHY_LINES];
};

/* disc_sweep_nets.c */
/* The networks of a round, small ones first; too large ones are told. */
void disc_sweep_gather(struct disc_sweep_run *r);
/* Since it was asked last: is this machine on other networks? */
bool disc_sweep_has_moved(struct disc_sweep_run *r);
bool disc_sweep_is_known(const struct disc_sweep_run *r, const struct sweep_net *net);
void disc_sweep_know(struct disc_sweep_run *r, const struct sweep_net *net);

/* disc_sweep_say.c */
void disc_sweep_say(struct disc_sweep_run *r, const char *topic, const char *sentence);
/* What this round did not say again is taken away. */
void disc_sweep_unsay(struct disc_sweep_run *r);
void disc_sweep_say_progress(struct disc_sweep_run *r, const char *topic, const struct sweep_counts *c);
void disc_sweep_say_counts(struct disc_sweep_run *r, const char *topic, const struct sweep_counts *c);
void disc_sweep_say_host(struct disc_sweep_run *r, const struct sweep_host *h);
void disc_sweep_say_state(struct disc_sweep_run *r, bool working, const char *sentence);
void disc_sweep_say_round(struct disc_sweep_run *r, int64_t next_us);

#endif
