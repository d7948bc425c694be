/*
 * take_part.c - the files of a device: each saved recording is a part, and the device follows its parts home.
 * Never reads a file; what is fetched and verified it is told.
 */
#include "domain/take_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

#define TAKE_MAX_PARTS 64
#define TAKE_TOO_MANY "it offers more than 64 files of this take: the others stay on the camera"
#define TAKE_MAX_PART_NUMBER 9999	/* what a node may call one; ours go on from there */

static const unsigned take_part_steps[TAKE_STATES] = {
	[TAKE_SAVED] = TAKE_STEP(FETCHING) | TAKE_STEP(FAILED),
	[TAKE_FETCHING] = TAKE_STEP(SAVED) | TAKE_STEP(FETCHED) | TAKE_STEP(FAILED),
	[TAKE_FETCHED] = TAKE_STEP(VERIFIED) | TAKE_STEP(FETCHING) | TAKE_STEP(FAILED),
	[TAKE_FAILED] = TAKE_STEP(FETCHING),
};

enum take_state
take_parts_state(const struct take_device *d)
{
	int verified = 0, fetched = 0, moving = 0;

	for (int i = 0; i < d->part_count; i++) {
		enum take_state state = d->parts[i].state;

		if (state == TAKE_FAILED)
			return TAKE_FAILED;
		verified += state == TAKE_VERIFIED;
		fetched += state == TAKE_VERIFIED || state == TAKE_FETCHED;
		moving += state != TAKE_SAVED;
	}
	if (d->part_count > 0 && verified == d->part_count)
		return TAKE_VERIFIED;
	if (d->part_count > 0 && fetched == d->part_count)
		return TAKE_FETCHED;
	return moving > 0 ? TAKE_FETCHING : TAKE_SAVED;
}

/* A camera that made its list anew may call the same part otherwise: the same bytes, begun in the same microsecond. */
static bool
take_is_same_file(const struct node_file *a, const struct node_file *b)
{
	return a->part == b->part && a->sha256[0] != '\0' && str_equal_nocase(a->sha256, b->sha256) && a->bytes == b->bytes && a->start_us != 0 &&
	    a->start_us == b->start_us;
}

/* A camera that counts anew after a restart calls another recording the same: what was saved, or proven, stays what it is. */
static bool
take_is_other_file(const struct take_part *p, const struct node_file *f)
{
	const struct node_file *known = &p->meta;

	if (known->sha256[0] == '\0' || f->sha256[0] == '\0' || str_equal_nocase(known->sha256, f->sha256))
		return false;
	return p->state == TAKE_VERIFIED || (known->start_us != 0 && f->start_us != 0 &&
	    (f->start_us > known->start_us + TAKE_SAME_RECORDING_US || f->start_us < known->start_us - TAKE_SAME_RECORDING_US));
}

static struct take_part *
take_part_of(struct take_device *d, const struct node_file *f)
{
	for (int i = 0; i < d->part_count; i++)
		if (strcmp(d->parts[i].meta.id, f->id) == 0 && !take_is_other_file(&d->parts[i], f))
			return &d->parts[i];
	for (int i = 0; i < d->part_count; i++)
		if (take_is_same_file(&d->parts[i].meta, f))
			return &d->parts[i];
	return NULL;
}

/* The node's own number of the part, or the next that is free. */
static int
take_part_number(const struct take_device *d, int wanted)
{
	int highest = 0;
	bool is_taken = wanted < 1 || wanted > TAKE_MAX_PART_NUMBER;

	for (int i = 0; i < d->part_count; i++) {
		is_taken = is_taken || d->parts[i].part == wanted;
		if (d->parts[i].part > highest)
			highest = d->parts[i].part;
	}
	return is_taken ? highest + 1 : wanted;
}

static struct take_part *
take_add_part(struct take_device *d, int wanted)
{
	struct take_part *p;
	int number = take_part_number(d, wanted);

	if (d->part_count == TAKE_MAX_PARTS)
		return NULL;
	d->parts = xreallocarray(d->parts, (size_t)d->part_count + 1, sizeof(d->parts[0]));
	p = &d->parts[d->part_count++];
	memset(p, 0, sizeof(*p));
	p->part = number;
	p->state = TAKE_SAVED;
	return p;
}

/* The offset known first is kept: it was measured nearest to the recording. */
static void
take_place_part(struct take_part *p, const struct offset_estimate *offset)
{
	if (p->start_us != 0 || p->meta.start_us == 0 || offset == NULL || !offset->known)
		return;
	p->start_us = offset_to_console(offset, p->meta.start_us);
	p->offset_us = p->meta.start_us - p->start_us;
	p->bound_us = offset_bound_now(offset, p->start_us);
}

/* Of bytes that are proven nothing else is believed than what the proof was of. */
static bool
take_contradicts(const struct take_part *p, const struct node_file *f)
{
	return p->state == TAKE_VERIFIED && (f->bytes != p->meta.bytes || !str_equal_nocase(f->sha256, p->meta.sha256));
}

static bool
take_fill_part(struct take_part *p, const struct node_file *f, const char *json, const struct offset_estimate *offset)
{
	bool same_json = p->meta_json != NULL && json != NULL && strcmp(p->meta_json, json) == 0;
	bool is_placed = p->start_us != 0;

	if (!same_json && take_contradicts(p, f))
		return false;
	if (!same_json) {
		p->meta = *f;
		if (json != NULL) {
			free(p->meta_json);
			p->meta_json = xstrdup(json);
		}
	}
	take_place_part(p, offset);
	return !same_json || is_placed != (p->start_us != 0);
}

/* Listed while it is still being written: no file yet. */
static bool
take_is_unfinished(const struct node_file *f)
{
	return !f->complete && f->sha256[0] == '\0' && f->end_us == 0 && f->duration_ms == 0;
}

/* Does the file end the recording that we believe runs, or is it an earlier part, told late? */
static bool
take_file_ends(const struct take_device *d, const struct node_file *f)
{
	/* Asked anew, and not begun: a file of before says nothing about that. */
	if (d->state <= TAKE_STARTING && d->node_since_us != 0 && f->start_us != 0 &&
	    f->start_us <= d->node_since_us + TAKE_SAME_RECORDING_US)
		return false;
	return d->state != TAKE_RECORDING || d->stop_asked || f->start_us == 0 ||
	    !take_is_stale(d, f->start_us);
}

/*
 * Given up while it should have stopped (lost, or it listed nothing), and now its file is there: the file knows better than we did.
 * True: the device has its answer.
 */
static bool
take_heals(struct take_device *d, const struct node_file *f, bool was_cut_short, int64_t now_us)
{
	if (!d->stop_asked || take_failed_in(d) != TAKE_STOPPING || !take_file_ends(d, f))
		return false;
	if (!was_cut_short)
		take_enter(d, TAKE_SAVED, NULL, now_us);
	else if (str_copy(d->reason, sizeof(d->reason), TAKE_BY_ITSELF))
		take_learn_reason(d, f->error);		/* it had failed; now we know why */
	return true;
}

/* What a new file says about the device. */
static void
take_judge_file(struct take_device *d, const struct node_file *f, int64_t now_us)
{
	const bool was_cut_short = f->error[0] != '\0';	/* by heat just before its planned stop: its file may be complete */

	take_reach(d, TAKE_SAVED);
	if (d->state == TAKE_FAILED) {
		if (!take_heals(d, f, was_cut_short, now_us))
			take_learn_reason(d, f->error);
		return;
	}
	if (!take_file_ends(d, f))
		return;
	if (d->state <= TAKE_STARTING)
		take_enter(d, TAKE_RECORDING, NULL, now_us);
	if (d->state <= TAKE_STOPPING && (!d->stop_asked || was_cut_short))
		take_fail_by_itself(d, f->error, now_us);
	else if (d->state != TAKE_SAVED)
		take_enter(d, TAKE_SAVED, NULL, now_us);
}

/*
 * The device follows its parts, unless it records again or failed as a camera: then only what it reached counts.  A failure
 * on the way home alone is over when the file comes after all.
 */
static void
take_follow_parts(struct take_device *d, const char *reason, int64_t now_us)
{
	enum take_state parts = take_parts_state(d);

	if (d->has_more && parts != TAKE_FAILED) {
		take_reach(d, parts);		/* those that have a place: it counts, as with one that failed as a camera */
		if (d->state >= TAKE_SAVED && d->state != TAKE_FAILED)
			take_enter(d, TAKE_FAILED, TAKE_TOO_MANY, now_us);
		return;
	}
	if (d->state == TAKE_FAILED && parts != TAKE_FAILED && take_failed_in(d) < TAKE_SAVED)
		take_reach(d, parts);
	else if (d->state >= TAKE_SAVED && d->state != parts)
		take_enter(d, parts, reason, now_us);
}

/* What has no place is named, not dropped: the proof must not say that all of it is home. */
static bool
take_leave_out(struct take_device *d, int64_t now_us)
{
	if (d->has_more)
		return false;
	d->has_more = true;
	take_follow_parts(d, NULL, now_us);
	return true;
}

bool
take_saved(struct take_device *d, const struct node_file *f, const char *json,
    const struct offset_estimate *offset, int64_t now_us)
{
	struct take_part *p = take_part_of(d, f);

	if (p != NULL)
		return take_fill_part(p, f, json, offset);
	if (take_is_unfinished(f))
		return false;
	p = take_add_part(d, f->part);
	if (p == NULL)
		return take_leave_out(d, now_us);
	take_fill_part(p, f, json, offset);
	str_copy(p->reason, sizeof(p->reason), f->error);
	take_judge_file(d, f, now_us);
	return true;
}

struct take_part *
take_part(struct take_device *d, int part)
{
	for (int i = 0; i < d->part_count; i++)
		if (d->parts[i].part == part)
			return &d->parts[i];
	return NULL;
}

bool
take_is_home(const struct take *t)
{
	for (int i = 0; i < t->device_count; i++)
		for (int k = 0; k < t->devices[i].part_count; k++)
			if (t->devices[i].parts[k].state != TAKE_VERIFIED && t->devices[i].parts[k].state != TAKE_FAILED)
				return false;
	return true;
}

bool
take_part_go(struct take_device *d, int part, enum take_state to, const char *reason, int64_t now_us)
{
	struct take_part *p = take_part(d, part);

	if (p == NULL || (unsigned)to >= TAKE_STATES || (take_part_steps[p->state] & (1u << to)) == 0)
		return false;
	p->state = to;
	str_copy(p->reason, sizeof(p->reason), to == TAKE_FAILED && reason != NULL ? reason : "");
	take_follow_parts(d, reason, now_us);
	return true;
}
