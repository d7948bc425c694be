/*
 * crew_seen.c - owns the asking of candidates: opens a conn for whoever's turn it is (domain/seen.h), ends it when
 * nobody answers, answers look-ups.  Never decides who answered (crew_same.c).
 */
#include "app/crew_private.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"

/* ---- Turns ---- */

static void
let_go(struct seen_place *p)
{
	if (p->owner != NULL)
		crew_link_bury(p->owner);
}

static void
ask(struct crew *c, struct seen_place *p)
{
	struct crew_link *l = crew_link_open(c);

	l->place = p;
	p->owner = l;
	conn_set_addresses(l->conn, &p->address, 1);
}

void
crew_seen_pump(void *arg)
{
	struct crew *c = arg;
	const int64_t now_us = crew_now_us(c);
	struct seen_place *p;
	int64_t wake_us;

	do {
		while ((p = seen_overdue(c->seen, now_us)) != NULL) {
			let_go(p);
			seen_end_turn(c->seen, p);
		}
		while ((p = seen_next(c->seen, now_us)) != NULL)
			ask(c, p);
	} while (seen_overdue(c->seen, now_us) != NULL);
	wake_us = seen_wake_us(c->seen, now_us);
	if (wake_us == INT64_MAX)
		loop_timer_stop(c->loop, c->try_timer);
	else
		loop_timer_start(c->loop, c->try_timer, wake_us - now_us, 0);
}

/* Never inside a conn's callback: the next one's conn would be made in the midst of it. */
static void
pump_soon(struct crew *c)
{
	loop_timer_start(c->loop, c->try_timer, 0, 0);
}

/* ---- Sightings ---- */

void
crew_seen_sight(struct crew *c, const struct registry_address *a, const char *node, const char *name)
{
	struct seen_place *p = seen_find(c->seen, a);
	struct crew_link *l = p != NULL ? p->owner : NULL;

	if (l != NULL)
		conn_nudge(l->conn);
	if (seen_sight(c->seen, a, node, name, crew_now_us(c)) == NULL) {
		log_line(LOG_DISC, "%s not tried: too many unanswered addresses", a->host);
		return;
	}
	crew_seen_pump(c);
}

void
crew_seen_apart(struct crew *c, const struct registry_address *a)
{
	struct registry_address place = *a;
	struct seen_place *p;

	if (registry_by_address(c->reg, a->host, a->port, a->url) != NULL)
		return;		/* one more member was told to be there: its own conn asks */
	place.via &= ~(unsigned)VIA_REMEMBERED;
	place.in_use = false;
	place.answered_us = 0;
	place.failures = 0;
	p = seen_sight(c->seen, &place, NULL, NULL, crew_now_us(c));
	if (p != NULL)
		p->apart_us = crew_now_us(c);
	pump_soon(c);
}

void
crew_seen_forget(struct crew *c, struct seen_place *p)
{
	let_go(p);
	seen_drop(c->seen, p);
	pump_soon(c);
}

bool
crew_forget_address(struct crew *c, const struct registry_address *a)
{
	struct seen_place *p = seen_find(c->seen, a);

	if (p == NULL)
		return false;
	crew_seen_forget(c, p);
	bus_tell(c->bus, EV_CREW_CHANGED, NULL, "forgotten");
	return true;
}

void
crew_seen_goodbye(struct crew *c, enum registry_via via, const struct registry_address *a)
{
	struct seen_place *p = seen_find(c->seen, a);

	if (p == NULL)
		return;
	p->address.via &= ~(unsigned)via;
	if (p->address.via == 0)
		crew_seen_forget(c, p);
}

void
crew_seen_network_changed(struct crew *c)
{
	LIST_EACH(it, &c->links) {
		struct crew_link *l = LIST_ENTRY(it, struct crew_link, link);

		if (l->place != NULL)
			conn_nudge(l->conn);
	}
	seen_refresh(c->seen, crew_now_us(c));
	crew_seen_pump(c);
}

/* ---- Failures ---- */

static void
describe(const struct seen_place *p, char *out, size_t out_size)
{
	const struct registry_address *a = &p->address;
	const char *why = p->why[0] != '\0' ? p->why : p->state == SEEN_TRYING ? "being tried" : "not tried yet";
	char place[sizeof a->url];

	registry_place(a, place, sizeof place);
	if (strncmp(why, place, strlen(place)) == 0)
		str_copy(out, out_size, why);
	else
		snprintf(out, out_size, "%s: %s", place, why);
}

/* Whoever typed an address is told once that nobody answers there. */
static void
tell_failed(struct crew_link *l)
{
	char what[MAX_TEXT_FIELD];

	if (l->failed_told || (l->place->address.via & VIA_MANUAL) == 0)
		return;
	l->failed_told = true;
	describe(l->place, what, sizeof what);
	bus_tell(l->crew->bus, EV_NOTICE, NULL, "%s; it is tried again", what);
}

/* By the conn's own words (io/conn.c): somebody spoke HTTP, and it was no camera node; one that is in trouble may be. */
static bool
is_strangers(const char *why)
{
	return strstr(why, "/info makes no sense") != NULL ||
	    (strstr(why, "/info answered ") != NULL && strstr(why, "/info answered 5") == NULL);
}

void
crew_seen_failed(struct crew_link *l)
{
	struct crew *c = l->crew;
	struct seen_place *p = l->place;
	const char *why = conn_why(l->conn);

	crew_same_end(l);
	if (is_strangers(why) && !p->is_kept)
		seen_stranger(c->seen, p, why, crew_now_us(c));
	else
		seen_silent(c->seen, p, why, crew_now_us(c));
	tell_failed(l);
	if (p->is_kept)
		return;		/* somebody typed it: its conn goes on trying */
	crew_link_bury(l);
	pump_soon(c);
}

/* ---- Look-ups ---- */

int
crew_pending_count(const struct crew *c)
{
	return seen_count(c->seen);
}

bool
crew_pending_at(const struct crew *c, int index, char *out, size_t out_size)
{
	const struct seen_place *p = seen_at(c->seen, index);

	if (p != NULL)
		describe(p, out, out_size);
	return p != NULL;
}

static bool
is_typed(const struct seen_place *p)
{
	return (p->address.via & VIA_MANUAL) != 0;
}

int
crew_typed_count(const struct crew *c, char *why, size_t why_size)
{
	const struct seen_place *first = seen_fit_at(c->seen, 0, is_typed);
	int count = 0;

	if (why != NULL)
		why[0] = '\0';
	if (why != NULL && first != NULL)
		describe(first, why, why_size);
	while (seen_fit_at(c->seen, count, is_typed) != NULL)
		count++;
	return count + crew_typed_waiting(c);
}

/* An address that was only guessed at and is nobody's is no failure; one that was typed or announced is. */
static bool
is_failure(const struct seen_place *p)
{
	return p->failures > 0 && (p->address.via & (VIA_MANUAL | VIA_BONJOUR)) != 0;
}

bool
crew_failed_at(const struct crew *c, int index, char *out, size_t out_size)
{
	const struct seen_place *p = seen_fit_at(c->seen, index, is_failure);

	if (p != NULL)
		describe(p, out, out_size);
	return p != NULL;
}

int
crew_seen_count(const struct crew *c)
{
	return seen_count(c->seen);
}

static enum crew_seen_state
state_of(const struct seen_place *p)
{
	switch (p->state) {
	case SEEN_STRANGER: return CREW_SEEN_STRANGER;
	case SEEN_SILENT: return CREW_SEEN_SILENT;
	case SEEN_TRYING: return p->is_kept && p->failures > 0 ? CREW_SEEN_SILENT : CREW_SEEN_TRYING;
	case SEEN_WAITING: break;
	}
	return p->failures > 0 ? CREW_SEEN_SILENT : CREW_SEEN_WAITING;
}

bool
crew_seen_at(const struct crew *c, int index, struct crew_seen *out)
{
	const struct seen_place *p = seen_at(c->seen, index);

	if (p == NULL)
		return false;
	*out = (struct crew_seen){ .address = p->address, .state = state_of(p), .seen_us = p->address.seen_us };
	str_copy(out->id, sizeof out->id, p->id);
	str_copy(out->name, sizeof out->name, p->name);
	if (out->state == CREW_SEEN_SILENT || out->state == CREW_SEEN_STRANGER)
		str_copy(out->why, sizeof out->why, p->why);
	return true;
}
