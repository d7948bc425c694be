/*
 * pathrank.c - which way to a camera is the better one.
 * Owns the order of the kinds of paths and what a move must gain.  Never measures, never moves anything.
 */
#include "domain/pathrank.h"

#include <string.h>

enum { CLASS_LOOPBACK, CLASS_WIRED, CLASS_WIRELESS, CLASS_TAILSCALE, CLASS_URL };

/* Tailscale's own interface has no cable of its own: what carries it is not known here. */
int
pathrank_class(const struct registry_address *a)
{
	switch (a->kind) {
	case PATH_LOOPBACK:
		return CLASS_LOOPBACK;
	case PATH_LAN:
		return a->wireless ? CLASS_WIRELESS : CLASS_WIRED;
	case PATH_TAILSCALE:
		return CLASS_TAILSCALE;
	case PATH_URL:
		break;
	}
	return CLASS_URL;
}

static int
compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Unmeasured is slower than anything measured. */
static int64_t
rtt_or_longest(const struct registry_address *a)
{
	return a->rtt_us > 0 ? a->rtt_us : INT64_MAX;
}

static bool
is_tired(const struct registry_address *a)
{
	return a->failures >= PATHRANK_TIRED_FAILURES;
}

static bool
does_answer(const struct registry_address *a)
{
	return a->answered_us > 0 && a->failures == 0;
}

int
pathrank_order(const struct registry_address *a, const struct registry_address *b)
{
	int order = compare(is_tired(a), is_tired(b));

	if (order == 0)
		order = compare(pathrank_class(a), pathrank_class(b));
	if (order == 0)
		order = compare(a->failures > 0, b->failures > 0);
	if (order == 0)
		order = compare(rtt_or_longest(a), rtt_or_longest(b));
	if (order == 0)
		order = compare(b->answered_us, a->answered_us);
	return order;
}

/* Both measured, and the difference is worth the trouble of a move. */
static bool
is_much_faster(const struct registry_address *a, const struct registry_address *than)
{
	if (a->rtt_us <= 0 || than->rtt_us <= 0 || a->rtt_us >= than->rtt_us)
		return false;
	return than->rtt_us - a->rtt_us >= PATHRANK_FASTER_US &&
	    a->rtt_us / 100 * 100 <= than->rtt_us / 100 * (100 - PATHRANK_FASTER_PERCENT);
}

bool
pathrank_is_worth_moving(const struct registry_address *used, const struct registry_address *other,
    int64_t proven_since_us, int64_t now_us)
{
	int order = compare(pathrank_class(other), pathrank_class(used));

	if (!does_answer(other) || now_us - other->answered_us > PATHRANK_FRESH_US)
		return false;
	if (proven_since_us <= 0 || now_us - proven_since_us < PATHRANK_PROVEN_US)
		return false;
	return order < 0 || (order == 0 && is_much_faster(other, used));
}

static bool
is_same_place(const struct registry_address *a, const struct registry_address *b)
{
	return a->port == b->port && strcmp(a->host, b->host) == 0 && strcmp(a->url, b->url) == 0;
}

static const char *
why_better(const struct registry_address *used, const struct registry_address *than)
{
	if (used->kind == than->kind)
		return "wired before Wi-Fi";
	if (used->kind == PATH_LOOPBACK)
		return "on this machine";
	if (used->kind == PATH_LAN && than->kind == PATH_TAILSCALE)
		return "LAN before Tailscale";
	return "a camera's own address before a URL";
}

static const char *
why_this(const struct registry_address *used, const struct registry_address *than)
{
	int order = compare(pathrank_class(used), pathrank_class(than));

	if (order < 0)
		return why_better(used, than);
	if (order > 0)
		return "the better one has yet to prove itself";
	if (is_much_faster(than, used))
		return "the faster one has yet to prove itself";
	return used->rtt_us > 0 && rtt_or_longest(than) >= used->rtt_us ? "the fastest" : "no other is much faster";
}

const char *
pathrank_why(const struct registry_address *used, const struct registry_address *all, int count)
{
	const struct registry_address *best = NULL;
	bool has_others = false;

	for (int i = 0; i < count; i++) {
		if (is_same_place(used, &all[i]))
			continue;
		has_others = true;
		if (does_answer(&all[i]) && (best == NULL || pathrank_order(&all[i], best) < 0))
			best = &all[i];
	}
	if (!has_others)
		return "the only address";
	return best != NULL ? why_this(used, best) : "the others do not answer";
}
