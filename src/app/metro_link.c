/*
 * metro_link.c - the beat shared with others: listens until a session is there, joins it as the newest of all, follows its line.
 * Changes the session only as metro.c was asked to.
 */
#include "app/metro_private.h"

#include <math.h>
#include <string.h>
#include "base/log.h"

#define LOOK_US 250000LL		/* phases move unannounced */
#define FORSAKEN_US 10000000LL
#define MOVED_US 100.0			/* less is two clocks read together */
#define MOVED_BPM 1e-4

/* A line with the session's phase, counted on from ours. */
static void
follow(struct metro *m, const char *why)
{
	const struct beat_line theirs = link_line(m->link, m->grid.quantum);
	const double ours = beat_at(&m->grid.line, theirs.at_us), now = beat_match(ours, theirs.beat, 1);
	const double downbeat = m->is_downbeat_told ? m->grid.downbeat :
	    beat_match(m->grid.downbeat, round(now - theirs.beat), m->grid.quantum);
	const bool has_moved = fabs(now - ours) * beat_long_us(&theirs) > MOVED_US || fabs(theirs.bpm - m->grid.line.bpm) > MOVED_BPM;

	if (!has_moved && downbeat == m->grid.downbeat)
		return;
	log_line(LOG_CUE, "beat: %s: %.3f BPM, moved by %.0f us", why, theirs.bpm, (now - ours) * beat_long_us(&theirs));
	if (has_moved)
		m->grid.line = (struct beat_line){ .at_us = theirs.at_us, .beat = now, .bpm = theirs.bpm };
	m->grid.downbeat = downbeat;
	metro_changed(m, why, NULL);
}

/* The first peers: their clock is the show's from here on, and the bar that is under way is bar 1. */
static void
adopt(struct metro *m)
{
	struct beat_line theirs = link_line(m->link, m->grid.quantum);

	theirs.beat -= floor(theirs.beat / m->grid.quantum) * m->grid.quantum;
	m->runs = true;
	m->grid.line = theirs;
	m->grid.downbeat = 0;
}

static void
peers_changed(struct metro *m, unsigned peers)
{
	const unsigned before = m->peers;

	m->peers = peers;
	m->peers_changed_us = loop_now_us(m->loop);
	if (before > 0)
		m->peers_seen_us = m->peers_changed_us;
	if (peers > 0 && !m->runs)
		adopt(m);
	if (peers == 0)
		bus_tell(m->bus, EV_CLOCK_LOST, NULL, "the last Link peer left: the beat runs on at %.1f", m->grid.line.bpm);
	else if (before == 0)
		bus_tell(m->bus, EV_NOTICE, NULL, "the beat is shared with %u by Link: %.1f", peers, m->grid.line.bpm);
	metro_changed(m, "peers", NULL);
}

void
metro_look(struct metro *m)
{
	unsigned peers;

	if (m == NULL || m->link == NULL)
		return;
	peers = link_peers(m->link);
	if (peers != m->peers)
		peers_changed(m, peers);
	if (m->runs)
		follow(m, "session");
}

static void
link_told(void *arg)
{
	metro_look(arg);
}

static void link_settle(struct metro *m);

/* Whoever was heard is gone before we met: the next to come shall not find a session of ours that nobody asked for. */
static bool
is_forsaken(const struct metro *m)
{
	return m->link != NULL && !m->runs && m->peers == 0 && loop_now_us(m->loop) - m->joined_us > FORSAKEN_US;
}

static void
look_again(void *arg)
{
	struct metro *m = arg;

	metro_look(m);
	if (is_forsaken(m)) {
		link_free(m->link);
		m->link = NULL;
		link_settle(m);
	}
	if (metro_journal_is_due(m))
		metro_journal_write(m, "sample", NULL);
}

static void
session_join(struct metro *m)
{
	struct err e = { .kind = ERR_NONE };

	link_ear_free(m->ear);
	m->ear = NULL;
	if (m->link != NULL)
		return;
	m->joined_us = loop_now_us(m->loop);
	loop_timer_start(m->loop, m->look_timer, LOOK_US, LOOK_US);
	m->link = link_new(m->loop, m->grid.line.bpm, link_told, m, &e);
	if (m->link == NULL)
		bus_tell(m->bus, EV_NOTICE, NULL, "%s", e.text);
}

static void
someone_heard(void *arg)
{
	session_join(arg);
}

static bool
is_wanted(const struct metro *m)
{
	return link_is_built() && opt_int(m->settings, "link") != 0 && fabs(m->speed - 1) < 1e-9;
}

/* At a speed of its own the clock joins nobody; it is only known that they are there. */
static void
someone_overheard(void *arg)
{
	struct metro *m = arg;

	if (m->overheard)
		return;
	m->overheard = true;
	bus_tell(m->bus, EV_BEAT, NULL, "others share a clock by Link");
}

static bool
is_overhearing(const struct metro *m)
{
	return link_is_built() && opt_int(m->settings, "link") != 0 && !is_wanted(m);
}

bool
metro_is_overrun(const struct metro *m)
{
	return m != NULL && m->overheard;
}

/* By our own wish: whoever was there is there still, and the beat runs on. */
static void
link_left(struct metro *m)
{
	if (m->peers == 0)
		return;
	m->peers = 0;
	m->peers_changed_us = m->peers_seen_us = loop_now_us(m->loop);
	metro_changed(m, "peers", NULL);
}

/* As the option and the clock want it. */
static void
link_settle(struct metro *m)
{
	if (!is_wanted(m)) {
		link_ear_free(m->ear);
		link_free(m->link);
		m->ear = is_overhearing(m) ? link_ear_new(m->loop, someone_overheard, m) : NULL;
		m->link = NULL;
		link_left(m);
	} else if (m->runs) {
		session_join(m);
	} else if (m->link == NULL && m->ear == NULL) {
		m->ear = link_ear_new(m->loop, someone_heard, m);
	}
}

void
metro_link_start(struct metro *m)
{
	link_settle(m);
	loop_timer_start(m->loop, m->look_timer, LOOK_US, LOOK_US);
	metro_link_tell_tempo(m);
	metro_link_tell_beat(m, m->grid.line.beat);
}

void
metro_link_tell_tempo(struct metro *m)
{
	if (m->link != NULL)
		link_set_tempo(m->link, m->grid.line.bpm);
}

/* The session's bars begin where ours do. */
void
metro_link_tell_beat(struct metro *m, double beat)
{
	if (m->link != NULL)
		link_set_beat(m->link, beat_when(&m->grid.line, beat), beat - m->grid.downbeat, m->grid.quantum);
}

static void
setting_changed(void *arg, const struct bus_event *ev)
{
	struct metro *m = arg;

	if (ev->text != NULL && strcmp(ev->text, "link") == 0)
		link_settle(m);
}

void
metro_link_open(struct metro *m)
{
	m->look_timer = loop_timer_new(m->loop, look_again, m);
	bus_listen(m->bus, EV_SETTING_CHANGED, setting_changed, m);
	link_settle(m);
}

void
metro_link_close(struct metro *m)
{
	bus_unlisten(m->bus, setting_changed, m);
	loop_timer_free(m->loop, m->look_timer);
	link_ear_free(m->ear);
	link_free(m->link);
}
