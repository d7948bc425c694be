/*
 * take_heard.c - what a node says about its recording, and what that proves about a take.
 * Never moves a device further than the words do; words overtaken on their way count for nothing.
 */
#include "domain/take_private.h"

#include <stdio.h>
#include <string.h>

bool
take_is_stale(const struct take_device *d, int64_t since_us)
{
	return since_us != 0 && since_us < d->node_since_us - TAKE_SAME_RECORDING_US;
}

static bool
take_is_newer(const struct take_device *d, int64_t since_us)
{
	return since_us != 0 && since_us > d->node_since_us + TAKE_SAME_RECORDING_US;
}

static void
take_note_since(struct take_device *d, int64_t since_us, int64_t now_us)
{
	d->node_since_us = since_us;
	d->rec_since_us = since_us != 0 ? since_us : now_us;
}

/* May a word on a recording mean another one than the one that is saved already? */
static bool
take_begins_again(const struct take_device *d, int64_t since_us)
{
	if (d->state == TAKE_FAILED)
		return true;		/* the evidence is stronger than our verdict */
	return take_is_newer(d, since_us) || (since_us == 0 && !d->stop_asked);
}

static bool
take_heard_starting(struct take_device *d, const struct node_recording *r, int64_t now_us)
{
	if (d->state == TAKE_STARTING || d->state == TAKE_RECORDING || d->state == TAKE_STOPPING)
		return false;
	if (d->state != TAKE_ASKED && !take_begins_again(d, r->since_us))
		return false;
	if (d->state != TAKE_ASKED && d->state != TAKE_FAILED)
		d->stop_asked = false;
	take_enter(d, TAKE_STARTING, NULL, now_us);
	return true;
}

static bool
take_heard_recording(struct take_device *d, const struct node_recording *r, int64_t now_us)
{
	bool is_newer = take_is_newer(d, r->since_us);

	if (!take_is_stale(d, r->since_us))
		d->heard_us = now_us;
	if (d->state == TAKE_RECORDING) {
		if (is_newer)
			take_note_since(d, r->since_us, now_us);
		return is_newer;
	}
	if (d->state == TAKE_STOPPING && !is_newer)
		return false;		/* the stop is on its way */
	if (d->state >= TAKE_SAVED && !take_begins_again(d, r->since_us))
		return false;
	/* Another part, that nobody asked to stop; a stop sent before we knew of any recording still stands. */
	if ((d->state >= TAKE_SAVED && d->state != TAKE_FAILED) || (d->state == TAKE_STOPPING && d->node_since_us != 0))
		d->stop_asked = false;
	take_note_since(d, r->since_us, now_us);
	take_enter(d, TAKE_RECORDING, NULL, now_us);
	return true;
}

/* stopping, saving: on its way to a file. */
static bool
take_heard_ending(struct take_device *d, const struct node_recording *r, int64_t now_us)
{
	if (d->state == TAKE_FAILED)
		return take_learn_reason(d, r->error);
	if (d->state >= TAKE_STOPPING || take_is_stale(d, r->since_us))
		return false;
	if (d->state != TAKE_RECORDING)
		take_enter(d, TAKE_RECORDING, NULL, now_us);	/* it had begun, we were not told */
	if (d->stop_asked)
		take_enter(d, TAKE_STOPPING, NULL, now_us);
	else
		take_fail_by_itself(d, r->error, now_us);
	return true;
}

/* No file is left behind. */
static bool
take_heard_failed(struct take_device *d, const struct node_recording *r, int64_t now_us)
{
	if (d->state == TAKE_FAILED)
		return take_learn_reason(d, r->error);
	if (d->state >= TAKE_SAVED || take_is_stale(d, r->since_us))
		return false;
	if (d->state == TAKE_RECORDING && !d->stop_asked)
		take_fail_by_itself(d, r->error, now_us);
	else
		take_enter(d, TAKE_FAILED, r->error[0] != '\0' ? r->error : "no playable file is left", now_us);
	return true;
}

static bool
take_heard_idle(struct take_device *d, const struct node_recording *r, int64_t now_us)
{
	if (d->state == TAKE_FAILED)
		return take_learn_reason(d, r->error);
	if (d->state > TAKE_RECORDING || take_is_stale(d, r->since_us))
		return false;
	if (d->state == TAKE_RECORDING)
		return take_heard_ending(d, r, now_us);
	/* Not begun yet.  An error that stays from an earlier part says nothing about this one. */
	if (r->error[0] == '\0' || r->take[0] == '\0' || d->reached[TAKE_RECORDING])
		return false;
	take_enter(d, TAKE_FAILED, r->error, now_us);
	return true;
}

static bool
take_heard_own(struct take_device *d, const struct node_recording *r, int64_t now_us)
{
	switch (r->state) {
	case NODE_REC_STARTING: return take_heard_starting(d, r, now_us);
	case NODE_REC_RECORDING: return take_heard_recording(d, r, now_us);
	case NODE_REC_STOPPING:
	case NODE_REC_SAVING: return take_heard_ending(d, r, now_us);
	case NODE_REC_FAILED: return take_heard_failed(d, r, now_us);
	case NODE_REC_IDLE: return take_heard_idle(d, r, now_us);
	case NODE_REC_UNKNOWN: break;
	}
	return false;
}

/* A node that runs another take does not run ours any more. */
static bool
take_heard_other(struct take_device *d, const struct node_recording *r, int64_t now_us)
{
	char error[TAKE_BYTES + 32];

	if (d->state != TAKE_RECORDING || take_is_stale(d, r->since_us) ||
	    (r->state != NODE_REC_STARTING && r->state != NODE_REC_RECORDING))
		return false;
	snprintf(error, sizeof(error), "the camera records take %s now", r->take);
	if (d->stop_asked)
		take_enter(d, TAKE_STOPPING, NULL, now_us);
	else
		take_fail_by_itself(d, error, now_us);
	return true;
}

bool
take_heard(struct take_device *d, const struct node_recording *r, const char *take, const char *sphere, int64_t now_us)
{
	bool is_nameless = r->take[0] == '\0' && r->sphere[0] == '\0';
	bool is_own = strcmp(r->take, take) == 0 && (r->sphere[0] == '\0' || strcmp(r->sphere, sphere) == 0);

	/* A node need not name the take; then its word counts only while we know that ours is on. */
	if (is_nameless)
		is_own = d->state == TAKE_STARTING || d->state == TAKE_RECORDING || d->state == TAKE_STOPPING ||
		    (d->state == TAKE_FAILED && r->state == NODE_REC_IDLE);
	if (is_own)
		return take_heard_own(d, r, now_us);
	return !is_nameless && take_heard_other(d, r, now_us);
}
