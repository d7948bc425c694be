/*
 * alarms.c - owns the list of alarms, oldest first, until somebody has seen them.
 * Never finds a trouble and never words one; only says when the list is another.
 */
#include "app/alarms.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

#define AGAIN_US 10000000		/* what comes back sooner is the same alarm */

struct alarm {
	struct alarms_one pub;
	int cause;
	int64_t told_us;		/* monotonic, when its cause last came */
};

struct alarms {
	struct bus *bus;
	const struct clk *clk;
	int count;
	struct alarm list[ALARMS_KEPT];
};

struct alarms *
alarms_new(struct bus *bus, const struct clk *clk)
{
	struct alarms *a = xcalloc(1, sizeof *a);

	a->bus = bus;
	a->clk = clk;
	return a;
}

void
alarms_free(struct alarms *a)
{
	free(a);
}

static void
tell_changed(struct alarms *a, const char *node)
{
	bus_tell(a->bus, EV_ALARMS_CHANGED, node, "%d", a->count);
}

static void
take_out(struct alarms *a, int index)
{
	memmove(&a->list[index], &a->list[index + 1], (size_t)(a->count - index - 1) * sizeof a->list[0]);
	a->count--;
}

/* A full list loses its oldest alarm that is over, else its oldest. */
static void
make_room(struct alarms *a)
{
	int drop = 0;

	if (a->count < ALARMS_KEPT)
		return;
	for (int i = ALARMS_KEPT - 1; i >= 0; i--)
		if (a->list[i].pub.over)
			drop = i;
	take_out(a, drop);
}

static void
set_words(struct alarm *to, const char *text, const char *brief)
{
	str_copy(to->pub.text, sizeof to->pub.text, text);
	str_copy(to->pub.brief, sizeof to->pub.brief, brief);
}

void
alarms_say(struct alarms *a, const char *node, const char *text)
{
	const struct bus_event ev = { .kind = EV_ALARM, .node = node, .text = text, .time_us = clk_utc_us(a->clk) };

	bus_say(a->bus, &ev);
}

void
alarms_put(struct alarms *a, const char *node, int cause, int64_t time_us, const char *text, const char *brief)
{
	struct alarm *to;

	make_room(a);
	to = &a->list[a->count++];
	*to = (struct alarm){ .cause = cause, .told_us = clk_mono_us(a->clk) };
	to->pub.time_us = time_us > 0 ? time_us : clk_utc_us(a->clk);
	str_copy(to->pub.node, sizeof to->pub.node, node != NULL ? node : "");
	set_words(to, text, brief);
	tell_changed(a, node);
}

void
alarms_add(struct alarms *a, const char *node, int cause, const char *text, const char *brief)
{
	alarms_put(a, node, cause, 0, text, brief);
	alarms_say(a, node, text);
}

/* The newest of that trouble; -1: none. */
static int
find(const struct alarms *a, const char *node, int cause, bool is_over)
{
	for (int i = a->count - 1; i >= 0; i--)
		if (a->list[i].cause == cause && a->list[i].pub.over == is_over && strcmp(a->list[i].pub.node, node) == 0)
			return i;
	return -1;
}

/* The alarm at that place, over until now, stands again as the newest. */
static void
stand_again(struct alarms *a, int at, const char *text, const char *brief)
{
	struct alarm again = a->list[at];

	take_out(a, at);
	again.pub.over = false;
	again.told_us = clk_mono_us(a->clk);
	set_words(&again, text, brief);
	a->list[a->count++] = again;
	tell_changed(a, again.pub.node);
}

bool
alarms_renew(struct alarms *a, const char *node, int cause, const char *text, const char *brief)
{
	const int at = find(a, node, cause, true);

	if (at < 0 || clk_mono_us(a->clk) - a->list[at].told_us > AGAIN_US)
		return false;
	stand_again(a, at, text, brief);
	return true;
}

bool
alarms_again(struct alarms *a, const char *node, int cause, const char *text, const char *brief)
{
	const int at = find(a, node, cause, true);

	if (at >= 0)
		stand_again(a, at, text, brief);
	return at >= 0;
}

bool
alarms_retell(struct alarms *a, const char *node, int cause, const char *text, const char *brief)
{
	const int at = find(a, node, cause, false);

	if (at < 0)
		return false;
	set_words(&a->list[at], text, brief);
	tell_changed(a, node);
	return true;
}

bool
alarms_stands(const struct alarms *a, const char *node, int cause)
{
	return find(a, node, cause, false) >= 0;
}

void
alarms_over(struct alarms *a, const char *node, int cause)
{
	int at, any = 0;

	for (; (at = find(a, node, cause, false)) >= 0; any++)
		a->list[at].pub.over = true;
	if (any > 0)
		tell_changed(a, node);
}

int64_t
alarms_drop(struct alarms *a, const char *node, int cause)
{
	const int at = find(a, node, cause, false);
	int64_t time_us = 0;

	if (at < 0)
		return 0;
	time_us = a->list[at].pub.time_us;
	take_out(a, at);
	return time_us;
}

int
alarms_count(const struct alarms *a)
{
	return a->count;
}

const struct alarms_one *
alarms_at(const struct alarms *a, int index)
{
	return index >= 0 && index < a->count ? &a->list[index].pub : NULL;
}

void
alarms_seen(struct alarms *a, int count)
{
	if (a->count == 0 || count == 0)
		return;
	a->count -= count < 0 || count > a->count ? a->count : count;
	tell_changed(a, NULL);
}
