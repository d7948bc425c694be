/*
 * take.c - the Record All proof as a state machine: every step passes take_go() or the node's own word.
 * Never believes that a command sent is a state; never lets a count shrink.
 */
#include "domain/take_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

#define TAKE_MAX_HISTORY 256		/* a node that flaps must not fill the disk */

#define TAKE_STEPS_AGAIN (TAKE_STEP(ASKED) | TAKE_STEP(STARTING) | TAKE_STEP(RECORDING))	/* another part begins */

static const unsigned take_steps[TAKE_STATES] = {
	[TAKE_ASKED] = TAKE_STEP(STARTING) | TAKE_STEP(RECORDING) | TAKE_STEP(STOPPING) | TAKE_STEP(SAVED) |
	    TAKE_STEP(FAILED),
	[TAKE_STARTING] = TAKE_STEP(RECORDING) | TAKE_STEP(STOPPING) | TAKE_STEP(SAVED) | TAKE_STEP(FAILED),
	[TAKE_RECORDING] = TAKE_STEP(STOPPING) | TAKE_STEP(SAVED) | TAKE_STEP(FAILED),
	[TAKE_STOPPING] = TAKE_STEP(RECORDING) | TAKE_STEP(SAVED) | TAKE_STEP(FAILED),
	[TAKE_SAVED] = TAKE_STEP(FETCHING) | TAKE_STEP(FAILED) | TAKE_STEPS_AGAIN,
	[TAKE_FETCHING] = TAKE_STEP(SAVED) | TAKE_STEP(FETCHED) | TAKE_STEP(FAILED) | TAKE_STEPS_AGAIN,
	[TAKE_FETCHED] = TAKE_STEP(FETCHING) | TAKE_STEP(SAVED) | TAKE_STEP(VERIFIED) | TAKE_STEP(FAILED) |
	    TAKE_STEPS_AGAIN,
	[TAKE_VERIFIED] = TAKE_STEP(FETCHING) | TAKE_STEP(SAVED) | TAKE_STEPS_AGAIN,
	[TAKE_FAILED] = TAKE_STEPS_AGAIN,
};

static const char *const take_state_names[TAKE_STATES] = { "asked", "starting", "recording", "stopping", "saved",
	"fetching", "fetched", "verified", "failed" };

/* ---- A take and its devices ---- */

void
take_init(struct take *t, const char *number, const char *slate, int slate_take, const char *sphere,
    enum take_policy policy, int64_t now_us)
{
	memset(t, 0, sizeof(*t));
	str_copy(t->take, sizeof(t->take), number);
	str_copy(t->slate, sizeof(t->slate), slate != NULL ? slate : "");
	t->slate_take = slate_take;
	str_copy(t->sphere, sizeof(t->sphere), sphere);
	t->policy = policy;
	t->started_us = now_us;
}

void
take_fini(struct take *t)
{
	if (t == NULL)
		return;
	for (int i = 0; i < t->device_count; i++) {
		struct take_device *d = &t->devices[i];

		for (int p = 0; p < d->part_count; p++)
			free(d->parts[p].meta_json);
		free(d->parts);
		free(d->history);
	}
	free(t->devices);
	memset(t, 0, sizeof(*t));
}

struct take_device *
take_device(struct take *t, const char *node)
{
	for (int i = 0; i < t->device_count; i++)
		if (strcmp(t->devices[i].node, node) == 0)
			return &t->devices[i];
	return NULL;
}

/* Past the ceiling the beginning is kept, and the newest; what is lost is the middle. */
static void
take_remember(struct take_device *d, enum take_state state, int64_t now_us)
{
	if (d->history_count == TAKE_MAX_HISTORY) {
		memmove(&d->history[TAKE_MAX_HISTORY / 2], &d->history[TAKE_MAX_HISTORY / 2 + 1],
		    (TAKE_MAX_HISTORY / 2 - 1) * sizeof(d->history[0]));
		d->history_count--;
	}
	d->history = xreallocarray(d->history, (size_t)d->history_count + 1, sizeof(d->history[0]));
	d->history[d->history_count++] = (struct take_history){ .state = state, .time_us = now_us };
}

struct take_device *
take_ask(struct take *t, const char *node, int number, const char *label, int64_t now_us)
{
	struct take_device *d = take_device(t, node);

	if (d != NULL)
		return d;
	t->devices = xreallocarray(t->devices, (size_t)t->device_count + 1, sizeof(t->devices[0]));
	d = &t->devices[t->device_count++];
	memset(d, 0, sizeof(*d));
	str_copy(d->node, sizeof(d->node), node);
	d->number = number;
	str_copy(d->label, sizeof(d->label), label != NULL ? label : "");
	d->reached[TAKE_ASKED] = true;
	take_remember(d, TAKE_ASKED, now_us);
	return d;
}

/* ---- Steps ---- */

void
take_reach(struct take_device *d, enum take_state state)
{
	d->reached[state] = true;
	if (state < TAKE_SAVED || state > TAKE_VERIFIED)
		return;
	d->reached[TAKE_RECORDING] = d->reached[TAKE_SAVED] = true;
	if (state == TAKE_VERIFIED)
		d->reached[TAKE_FETCHED] = true;
}

void
take_enter(struct take_device *d, enum take_state to, const char *reason, int64_t now_us)
{
	const char *why = "";

	if (to == TAKE_FAILED)
		why = reason != NULL && reason[0] != '\0' ? reason : "no reason was given";
	d->state = to;
	str_copy(d->reason, sizeof(d->reason), why);
	if (to == TAKE_STOPPING)
		d->stop_asked = true;
	else if (to == TAKE_ASKED)
		d->stop_asked = false;
	take_reach(d, to);
	take_remember(d, to, now_us);
}

void
take_fail_by_itself(struct take_device *d, const char *error, int64_t now_us)
{
	char reason[MAX_TEXT_FIELD];

	snprintf(reason, sizeof(reason), "%s%s%s", TAKE_BY_ITSELF, error[0] != '\0' ? ": " : "", error);
	take_enter(d, TAKE_FAILED, reason, now_us);
}

bool
take_learn_reason(struct take_device *d, const char *error)
{
	if (error[0] == '\0' || strcmp(d->reason, TAKE_BY_ITSELF) != 0)
		return false;
	snprintf(d->reason, sizeof(d->reason), "%s: %s", TAKE_BY_ITSELF, error);
	return true;
}

bool
take_go(struct take_device *d, enum take_state to, const char *reason, int64_t now_us)
{
	enum take_state parts;

	if ((unsigned)to >= TAKE_STATES || (take_steps[d->state] & (1u << to)) == 0)
		return false;
	parts = take_parts_state(d);
	if (to == TAKE_VERIFIED && parts != TAKE_VERIFIED)
		return false;
	if (to == TAKE_FETCHED && parts != TAKE_FETCHED && parts != TAKE_VERIFIED)
		return false;
	take_enter(d, to, reason, now_us);
	return true;
}

/* ---- Questions ---- */

enum take_state
take_failed_in(const struct take_device *d)
{
	if (d->history_count > 1 && d->history[d->history_count - 1].state == TAKE_FAILED)
		return d->history[d->history_count - 2].state;
	return d->reached[TAKE_RECORDING] ? TAKE_RECORDING : TAKE_ASKED;
}

bool
take_stopped_unasked(const struct take_device *d)
{
	return d->state == TAKE_FAILED && !d->stop_asked && take_failed_in(d) == TAKE_RECORDING &&
	    str_has_prefix(d->reason, TAKE_BY_ITSELF);
}

bool
take_did_not_roll(const struct take_device *d)
{
	return d->state == TAKE_FAILED && !d->stop_asked && take_failed_in(d) <= TAKE_STARTING;
}

int64_t
take_ran_us(const struct take_device *d)
{
	for (int i = d->part_count - 1; i >= 0; i--) {
		const struct node_file *f = &d->parts[i].meta;

		if (f->duration_ms > 0 && (f->start_us == 0 || !take_is_stale(d, f->start_us)))
			return f->duration_ms * 1000;
	}
	return d->rec_since_us > 0 && d->heard_us >= d->rec_since_us ? d->heard_us - d->rec_since_us : -1;
}

const char *
take_cause(const struct take_device *d)
{
	const size_t len = strlen(TAKE_BY_ITSELF);

	if (!str_has_prefix(d->reason, TAKE_BY_ITSELF))
		return d->reason;
	return str_has_prefix(d->reason + len, ": ") ? d->reason + len + 2 : "";
}

void
take_counts(const struct take *t, struct take_counts *out)
{
	memset(out, 0, sizeof(*out));
	out->asked = t->device_count;
	for (int i = 0; i < t->device_count; i++) {
		const struct take_device *d = &t->devices[i];

		out->recording += d->state == TAKE_RECORDING;
		out->recorded += d->reached[TAKE_RECORDING];
		out->saved += d->reached[TAKE_SAVED];
		out->failed += d->reached[TAKE_FAILED];
		out->fetched += d->reached[TAKE_FETCHED];
		out->verified += d->reached[TAKE_VERIFIED];
	}
}

bool
take_is_over(const struct take *t)
{
	return !take_is_rolling(t);
}

bool
take_is_rolling(const struct take *t)
{
	for (int i = 0; i < t->device_count; i++)
		if (t->devices[i].state < TAKE_SAVED)
			return true;
	return false;
}

/* When its last recording ended; 0: it never recorded. */
static int64_t
take_device_end_us(const struct take_device *d)
{
	int64_t end_us = 0;

	for (int i = 0; i + 1 < d->history_count; i++)
		if (d->history[i].state == TAKE_RECORDING)
			end_us = d->history[i + 1].time_us;
	return end_us;
}

bool
take_span(const struct take *t, int64_t *from_us, int64_t *to_us)
{
	bool rolls_on = false;

	*from_us = *to_us = 0;
	for (int i = 0; i < t->device_count; i++) {
		const struct take_device *d = &t->devices[i];
		const int64_t end_us = take_device_end_us(d);

		rolls_on = rolls_on || d->state <= TAKE_RECORDING;
		*to_us = end_us > *to_us ? end_us : *to_us;
		if (d->history_count > 0 && (*from_us == 0 || d->history[0].time_us < *from_us))
			*from_us = d->history[0].time_us;
	}
	if (!rolls_on)
		return *to_us != 0 && *from_us != 0;
	*to_us = 0;
	return *from_us != 0;
}

const char *
take_state_name(enum take_state s)
{
	return (unsigned)s < TAKE_STATES ? take_state_names[s] : "unknown";
}

bool
take_state_parse(const char *word, enum take_state *out)
{
	for (int i = 0; i < TAKE_STATES; i++)
		if (strcmp(take_state_names[i], word) == 0) {
			*out = (enum take_state)i;
			return true;
		}
	return false;
}

const char *
take_policy_name(enum take_policy p)
{
	static const char *const names[] = { "willing", "must", "all" };

	return (size_t)p < sizeof(names) / sizeof(names[0]) ? names[p] : "willing";
}
