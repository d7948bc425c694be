/*
 * sweep_pace.c - how fast a sweep may go: its own rate, and the room in the kernel's ARP table.
 * Owns no descriptor.  Never sends; it is told what was sent.
 */
#include <stdlib.h>

#include "base/xalloc.h"
#include "io/sweep_parts.h"

#define BATCH_US 10000			/* paced packets leave in small groups, not one a wake-up */
#define SAVED_US 20000			/* so much of its allowance may be spent late */
#define ROUNDS 3

/*
 * The kernel keeps 1024 hosts (gc_thresh3) and an unanswered one for 3 s.  500 at once, then so few that never more than
 * 920 are unanswered, wherever the three seconds begin.
 */
#define TOLL_BURST 500
#define TOLL_BURST_LIFE_US 3200000
#define TOLL_FIRST_RATE 130
#define TOLL_RATE 280
#define TABLE_HOSTS 1024		/* of them, looked at */
#define LOOK_US 2000000

/* Some of the rate is left for what the kernel sends by itself: handshakes, resets, its own ARP. */
static int64_t
price_us(const struct sweep *s, int packets)
{
	return (int64_t)packets * 1000000 * 16 / ((int64_t)s->ask.rate * 15);
}

int
sweep_pace_budget(struct sweep *s, int64_t now_us)
{
	int64_t packets;

	if (now_us < s->pause_us)
		return 0;
	if (s->ask.rate <= 0)
		return SWEEP_SLICE;
	if (s->paid_us < now_us - SAVED_US)
		s->paid_us = now_us - SAVED_US;
	if (s->paid_us > now_us)
		return 0;
	packets = (now_us - s->paid_us) * s->ask.rate / 1000000 + 1;
	return packets < SWEEP_SLICE ? (int)packets : SWEEP_SLICE;
}

void
sweep_pace_pay(struct sweep *s, int packets)
{
	if (s->ask.rate > 0)
		s->paid_us += price_us(s, packets);
}

int64_t
sweep_pace_next_us(const struct sweep *s, int64_t now_us)
{
	int64_t next = s->ask.rate > 0 ? s->paid_us : now_us;

	if (next > now_us && next < now_us + BATCH_US)
		next = now_us + BATCH_US;
	return next > s->pause_us ? next : s->pause_us;
}

/* ---- The ARP table ---- */

/* How many may have left so long after the first of a round. */
static uint32_t
tolls_by(int64_t age_us)
{
	if (age_us < TOLL_BURST_LIFE_US)
		return TOLL_BURST + (uint32_t)(age_us * TOLL_FIRST_RATE / 1000000);
	return TOLL_BURST + (uint32_t)((TOLL_BURST_LIFE_US * TOLL_FIRST_RATE + (age_us - TOLL_BURST_LIFE_US) * TOLL_RATE) / 1000000);
}

bool
sweep_pace_toll(struct sweep *s, int64_t now_us)
{
	return s->tolls == 0 || s->tolls < tolls_by(now_us - s->toll_us);
}

void
sweep_pace_toll_pay(struct sweep *s, int64_t now_us)
{
	if (s->tolls++ == 0)
		s->toll_us = s->looked_us = now_us;
	s->toll_last_us = now_us;
}

int64_t
sweep_pace_toll_next_us(const struct sweep *s)
{
	int64_t more = (int64_t)s->tolls - TOLL_BURST + 1, first = TOLL_BURST_LIFE_US * TOLL_FIRST_RATE / 1000000;

	if (more <= 0)
		return 0;
	if (more <= first)
		return s->toll_us + more * 1000000 / TOLL_FIRST_RATE + BATCH_US;
	return s->toll_us + TOLL_BURST_LIFE_US + (more - first) * 1000000 / TOLL_RATE + BATCH_US;
}

/* Whom the kernel resolved is there, also where no question of our own was asked. */
static void
read_table(struct sweep *s)
{
	struct netif_arp_host *all = xcalloc(TABLE_HOSTS, sizeof *all);
	int count = netif_arp_hosts(all, TABLE_HOSTS);

	for (int i = 0; i < count && s->hosts == NULL; i++) {
		const unsigned char *b = all[i].bytes;
		uint32_t address = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
		uint32_t at = address - s->ask.net.base;

		if (at < s->count && s->ones[at].link < SWEEP_LINKS && s->links[s->ones[at].link].index == all[i].index &&
		    (s->ones[at].flags & (HOST_ASKED | HOST_THERE)) == HOST_ASKED)
			sweep_judge_there(s, at);
	}
	free(all);
}

void
sweep_pace_look(struct sweep *s, int64_t now_us)
{
	if (s->tolls == 0 || now_us - s->looked_us < LOOK_US)
		return;
	s->looked_us = now_us;
	read_table(s);
}

void
sweep_pace_begin(struct sweep *s)
{
	struct netif_arp_table t;

	s->tolls = 0;
	if (s->link_count == 0)
		return;
	s->knows_fulls = netif_arp_table(&t);
	s->fulls = t.fulls;
}

/* Where the kernel does not say whether it lost some, those that went beyond the burst are asked twice. */
static bool
has_lost_some(const struct sweep *s)
{
	struct netif_arp_table t;

	if (s->knows_fulls && netif_arp_table(&t))
		return t.fulls != s->fulls;
	return s->counts.repeats == 0 && s->tolls > TOLL_BURST;
}

/* An ARP question may be lost, too: who is asked by a stranger needs room for it, and may live in this very kernel. */
bool
sweep_pace_repeat(struct sweep *s, int64_t now_us)
{
	if (s->link_count == 0)
		return false;
	if (s->tolls > 0)
		read_table(s);
	if ((s->held == 0 && s->counts.verdicts[SWEEP_ABSENT] == 0) || s->counts.repeats >= ROUNDS || !has_lost_some(s))
		return false;
	s->again_us = s->toll_last_us + TOLL_BURST_LIFE_US;
	if (s->again_us < now_us)
		s->again_us = now_us + TOLL_BURST_LIFE_US;
	s->counts.repeats++;
	return true;
}
