/*
 * disc_sweep.c - cameras that answer on their port though nothing announces them: rounds of sweeps (io/sweep).
 * Owns when a round is due and how fast it goes.  An open port is only a place to look at: the crew asks who is there.
 */
#include "io/disc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "io/disc_place.h"
#include "io/disc_sweep_private.h"

#define START_US 1500000		/* known addresses, Bonjour and names come first */
#define EVERY_US 60000000
#define QUIET_US 120000000		/* after QUIET_ROUNDS rounds without news ... */
#define STILL_US 300000000		/* ... and after as many again */
#define QUIET_ROUNDS 5
#define CHANGE_US 1000000		/* after an interface change */
#define UNBROKEN_US 5000000		/* a round goes on so long whatever changes */
#define BURST_PREFIX 24			/* so small a network may be asked at once, the first time */
#define DEFAULT_RATE 500
#define NEIGHBOURS_TOPIC "IPv6 neighbours"

/* ---- Whoever is told may close this source ---- */

static void
destroy(struct disc_sweep_run *r)
{
	sweep_free(r->net_sweep);
	sweep_free(r->host_sweep);
	netif_watch_free(r->watch);
	loop_timer_free(r->loop, r->timer);
	loop_timer_free(r->loop, r->change);
	map_free(r->found);
	free(r);
}

static void
enter(struct disc_sweep_run *r)
{
	r->depth++;
}

static void
leave(struct disc_sweep_run *r)
{
	if (--r->depth == 0 && r->dead)
		destroy(r);
}

/* ---- What answers ---- */

static void
note_found(struct disc_sweep_run *r, const char *host, int port)
{
	char key[SWEEP_HOST_BYTES + 8];

	snprintf(key, sizeof key, "%s %d", host, port);
	if (map_get(r->found, key) != NULL)
		return;
	r->has_news = true;
	if (map_count(r->found) < MAX_SIGHTINGS)
		map_put(r->found, key, r);
}

static void
on_open(void *arg, const char *host, int port)
{
	struct disc_sweep_run *r = arg;
	struct disc_sighting s;

	enter(r);
	memset(&s, 0, sizeof s);
	disc_place_fill(&s.address, VIA_SWEEP, host, port, loop_now_us(r->loop));
	note_found(r, host, port);
	if (r->fns.sighted != NULL)
		r->fns.sighted(r->arg, &s);
	leave(r);
}

static void
on_host(void *arg, const struct sweep_host *h)
{
	struct disc_sweep_run *r = arg;

	enter(r);
	if (h->verdict != SWEEP_UNREACHABLE || h->arp) {
		r->totals.there++;
		if (r->fns.answered != NULL)
			r->fns.answered(r->arg, h->host);
	}
	disc_sweep_say_host(r, h);
	leave(r);
}

/* ---- A round ---- */

static void end_round(struct disc_sweep_run *r);
static void next_net(struct disc_sweep_run *r);

static int
rate_of(struct disc_sweep_run *r)
{
	int64_t rate = r->fns.setting != NULL ? r->fns.setting(r->arg, "sweep-rate") : DEFAULT_RATE;

	if (rate <= 0)
		return 0;
	return rate < 1000000 ? (int)rate : 1000000;
}

static struct sweep_ask
make_ask(struct disc_sweep_run *r, bool may_burst)
{
	struct sweep_ask ask = { .port_count = r->conf.port_count, .rate = may_burst ? 0 : rate_of(r) };

	memcpy(ask.ports, r->conf.ports, sizeof ask.ports);
	return ask;
}

static void
add_totals(struct disc_sweep_run *r, const struct sweep_counts *c)
{
	r->totals.asked += c->asked;
	r->totals.open += c->verdicts[SWEEP_OPEN];
}

/* Of what was asked before, a round of a second is over before anybody has read that it goes on. */
static void
on_net_progress(void *arg, const struct sweep_counts *c)
{
	struct disc_sweep_run *r = arg;
	const struct sweep_net *net = &r->nets[r->net_at];
	char topic[SWEEP_NET_BYTES];

	if (disc_sweep_is_known(r, net) && c->took_us < EVERY_US / 30)
		return;
	enter(r);
	sweep_net_text(net, topic);
	disc_sweep_say_progress(r, topic, c);
	leave(r);
}

static void
on_net_done(void *arg, const struct sweep_counts *c)
{
	struct disc_sweep_run *r = arg;
	const struct sweep_net *net = &r->nets[r->net_at];
	char topic[SWEEP_NET_BYTES];

	enter(r);
	sweep_net_text(net, topic);
	disc_sweep_say_counts(r, topic, c);
	disc_sweep_know(r, net);
	add_totals(r, c);
	sweep_free(r->net_sweep);
	r->net_sweep = NULL;
	r->net_at++;
	if (!r->dead)
		next_net(r);
	leave(r);
}

static void
on_hosts_done(void *arg, const struct sweep_counts *c)
{
	struct disc_sweep_run *r = arg;

	enter(r);
	disc_sweep_say_counts(r, NEIGHBOURS_TOPIC, c);
	add_totals(r, c);
	sweep_free(r->host_sweep);
	r->host_sweep = NULL;
	if (!r->dead)
		next_net(r);
	leave(r);
}

static void
next_net(struct disc_sweep_run *r)
{
	static const struct sweep_fns fns = { .open = on_open, .host = on_host, .progress = on_net_progress, .done = on_net_done };
	const struct sweep_net *net = &r->nets[r->net_at];
	struct sweep_ask ask;

	if (r->net_sweep != NULL)
		return;
	if (r->net_at == r->net_count) {
		if (r->host_sweep == NULL)
			end_round(r);
		return;
	}
	ask = make_ask(r, net->prefix >= BURST_PREFIX && !disc_sweep_is_known(r, net));
	ask.net = *net;
	r->net_sweep = sweep_new(r->loop, &ask, &fns, r);
}

/* Hosts that this machine has spoken with over IPv6: too few to need a pace the first time. */
static void
ask_neighbours(struct disc_sweep_run *r)
{
	static const struct sweep_fns fns = { .open = on_open, .host = on_host, .done = on_hosts_done };
	struct netif_neighbour hosts[MAX_NEIGHBOURS];
	int count = netif_neighbours(hosts, MAX_NEIGHBOURS);
	struct sweep_ask ask = make_ask(r, r->round == 1);

	if (count == 0)
		return;
	ask.hosts = hosts;
	ask.host_count = count;
	r->host_sweep = sweep_new(r->loop, &ask, &fns, r);
}

static void
begin_round(struct disc_sweep_run *r)
{
	r->round++;
	r->round_us = loop_now_us(r->loop);
	r->is_running = true;
	r->has_news = false;
	r->changed = false;
	r->hosts_said = 0;
	memset(&r->totals, 0, sizeof r->totals);
	disc_sweep_gather(r);
	if (r->dead)
		return;
	if (r->round == 1)
		disc_sweep_say_state(r, true, "sweep: the first round goes on");
	if (r->dead)
		return;
	ask_neighbours(r);
	next_net(r);
}

/* ---- When ---- */

static int64_t
interval_us(const struct disc_sweep_run *r)
{
	if (r->quiet < QUIET_ROUNDS)
		return EVERY_US;
	return r->quiet < 2 * QUIET_ROUNDS ? QUIET_US : STILL_US;
}

static void
tell_finished(struct disc_sweep_run *r)
{
	if (r->has_finished || r->dead)
		return;
	r->has_finished = true;
	if (r->fns.finished != NULL)
		r->fns.finished(r->arg);
}

/* A long round is followed by a rest of half its interval at least. */
static void
end_round(struct disc_sweep_run *r)
{
	int64_t now_us = loop_now_us(r->loop), next_us;

	r->is_running = false;
	r->quiet = r->has_news || r->changed ? 0 : r->quiet + 1;
	next_us = r->round_us + interval_us(r) - now_us;
	if (next_us < interval_us(r) / 2)
		next_us = interval_us(r) / 2;
	if (r->changed)
		next_us = CHANGE_US;
	loop_timer_start(r->loop, r->timer, next_us, 0);
	disc_sweep_unsay(r);
	disc_sweep_say_round(r, next_us);
	tell_finished(r);
}

/* Where nobody is missing a look now and then is enough.  What was asked for by name is asked at once in any case. */
static bool
can_wait(struct disc_sweep_run *r)
{
	int64_t since_us = r->round_us != 0 ? r->round_us : r->opened_us;

	if (r->conf.mode == SWEEP_NETS && r->round == 0)
		return false;
	return r->fns.is_complete != NULL && r->fns.is_complete(r->arg) && loop_now_us(r->loop) - since_us < STILL_US;
}

static void
on_round(void *arg)
{
	struct disc_sweep_run *r = arg;

	enter(r);
	if (r->conf.mode == SWEEP_OFF) {	/* it could not be understood */
		disc_sweep_say_state(r, false, r->trouble);
		tell_finished(r);
	} else if (can_wait(r)) {
		loop_timer_start(r->loop, r->timer, EVERY_US, 0);
		disc_sweep_say_state(r, true, "sweep waits: every camera that is remembered is live");
		tell_finished(r);
	} else if (!r->dead) {
		begin_round(r);
	}
	leave(r);
}

static void
break_off(struct disc_sweep_run *r)
{
	sweep_free(r->net_sweep);
	sweep_free(r->host_sweep);
	r->net_sweep = r->host_sweep = NULL;
	r->is_running = false;
}

/* Changes come in flocks: the second is counted from the last one. */
static void
on_change(void *arg)
{
	struct disc_sweep_run *r = arg;

	if (!disc_sweep_has_moved(r))
		return;
	r->changed = true;
	r->quiet = 0;
	loop_timer_start(r->loop, r->change, CHANGE_US, 0);
}

static void
on_change_over(void *arg)
{
	struct disc_sweep_run *r = arg;

	/* The very first round is due soon; one that has just begun goes on, and is followed by another. */
	if ((r->round == 0 && !r->has_finished) || (r->is_running && loop_now_us(r->loop) - r->round_us < UNBROKEN_US))
		return;
	break_off(r);
	loop_timer_start(r->loop, r->timer, 0, 0);
}

/* ---- Life ---- */

static void *
sweeper_open(struct loop *loop, const char *conf, const struct disc_fns *fns, void *arg)
{
	struct disc_sweep_run *r;
	struct sweep_conf asked;
	struct err e;
	bool ok = sweep_parse_conf(&asked, conf != NULL ? conf : "", &e);

	if (ok && asked.mode == SWEEP_OFF)
		return NULL;
	r = xcalloc(1, sizeof *r);
	r->loop = loop;
	r->fns = *fns;
	r->arg = arg;
	r->opened_us = loop_now_us(loop);
	r->found = map_new();
	r->timer = loop_timer_new(loop, on_round, r);
	r->change = loop_timer_new(loop, on_change_over, r);
	if (ok) {
		r->conf = asked;
		r->watch = netif_watch_new(loop, on_change, r);
		disc_sweep_has_moved(r);
	} else {
		r->conf.mode = SWEEP_OFF;
		str_copy(r->trouble, sizeof r->trouble, e.text);
	}
	loop_timer_start(loop, r->timer, r->conf.mode == SWEEP_AUTO ? START_US : 0, 0);
	return r;
}

static void
sweeper_close(void *self)
{
	struct disc_sweep_run *r = self;

	if (r == NULL)
		return;
	r->dead = true;
	if (r->depth == 0)
		destroy(r);
}

const struct disc_source disc_sweep = {
	.name = "sweep", .via = VIA_SWEEP, .open = sweeper_open, .close = sweeper_close,
};
