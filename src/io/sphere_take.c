/*
 * sphere_take.c - take.json, the proof of one take, to values and back.
 * Owns the names of its members.  Never touches a file; never moves a state.
 */
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/sphere_private.h"
#include "io/wire.h"

#define MAX_TAKE_DEVICES MAX_NODES
#define MAX_DEVICE_PARTS 1000
#define MAX_DEVICE_HISTORY 10000

/* ---- Printing ---- */

static void
set_text_or_null(struct jdoc *j, const char *key, const char *text)
{
	jdoc_set_text(j, key, text[0] != '\0' ? text : NULL);
}

static void
set_time_or_null(struct jdoc *j, const char *key, int64_t time_us)
{
	if (time_us != 0)
		jdoc_set_int(j, key, time_us);
	else
		jdoc_set_null(j, key);
}

/* The node's own words; what we understood of them when the words themselves are not at hand. */
static struct jdoc *
print_recording(const struct take_part *p)
{
	struct jdoc *j = NULL;

	if (p->meta_json != NULL)
		j = jdoc_parse(p->meta_json, strlen(p->meta_json), SPHERE_FILE_CEILING, NULL);
	return j != NULL ? j : wire_file(&p->meta);
}

/* A file that stays here, and is proven to be elsewhere too. */
static struct jdoc *
print_copy(const struct take_copy *c)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_text(j, "where", c->where);
	jdoc_set_int(j, "timeUs", c->time_us);
	jdoc_set_text(j, "proof", c->proof);
	return j;
}

static void
read_copy(struct take_copy *c, const struct jdoc *j)
{
	if (!jdoc_is_object(j))
		return;
	jdoc_clean(j, "where", c->where, sizeof c->where);
	jdoc_clean(j, "proof", c->proof, sizeof c->proof);
	c->time_us = jdoc_int(j, "timeUs", 0);
}

static struct jdoc *
print_part(const struct take_part *p)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_int(j, "part", p->part);
	jdoc_set_text(j, "state", take_state_name(p->state));
	set_text_or_null(j, "reason", p->reason);
	set_text_or_null(j, "file", p->file);
	set_time_or_null(j, "startUs", p->start_us);
	jdoc_set_int(j, "offsetUs", p->offset_us);
	jdoc_set_int(j, "boundUs", p->bound_us);
	if (p->copy.where[0] != '\0')
		jdoc_set(j, "archived", print_copy(&p->copy));
	jdoc_set(j, "recording", print_recording(p));
	return j;
}

static struct jdoc *
print_device(const struct take_device *d)
{
	struct jdoc *j = jdoc_object(), *parts = jdoc_array(), *history = jdoc_array();

	jdoc_set_text(j, "node", d->node);
	if (d->number > 0)
		jdoc_set_int(j, "number", d->number);
	else
		jdoc_set_null(j, "number");
	set_text_or_null(j, "label", d->label);
	jdoc_set_text(j, "state", take_state_name(d->state));
	set_text_or_null(j, "reason", d->reason);
	if (d->not_armed[0] != '\0')
		jdoc_set_text(j, "notArmed", d->not_armed);
	if (d->node_since_us != 0)
		jdoc_set_int(j, "nodeSinceUs", d->node_since_us);	/* after a restart it tells one recording from the next */
	for (int i = 0; i < d->part_count; i++)
		jdoc_set(parts, NULL, print_part(&d->parts[i]));
	for (int i = 0; i < d->history_count; i++) {
		struct jdoc *step = jdoc_object();

		jdoc_set_text(step, "state", take_state_name(d->history[i].state));
		jdoc_set_int(step, "timeUs", d->history[i].time_us);
		jdoc_set(history, NULL, step);
	}
	jdoc_set(j, "parts", parts);
	jdoc_set(j, "history", history);
	return j;
}

static struct jdoc *
print_counts(const struct take *t)
{
	struct take_counts c;
	struct jdoc *j = jdoc_object();

	take_counts(t, &c);
	jdoc_set_int(j, "asked", c.asked);
	jdoc_set_int(j, "recording", c.recording);
	jdoc_set_int(j, "recorded", c.recorded);
	jdoc_set_int(j, "saved", c.saved);
	jdoc_set_int(j, "failed", c.failed);
	jdoc_set_int(j, "fetched", c.fetched);
	jdoc_set_int(j, "verified", c.verified);
	return j;
}

static void
take_archive(const char *take, char *out, size_t out_size)
{
	str_copy(out, out_size, "takes/");
	str_copy(out + strlen(out), out_size - strlen(out), take);
}

char *
sphere_print_take(const struct take *t)
{
	struct jdoc *j = jdoc_object(), *devices = jdoc_array();
	char archive[32 + TAKE_BYTES], *text;

	take_archive(t->take, archive, sizeof archive);
	jdoc_set_int(j, "format", SPHERE_FORMAT);
	jdoc_set_text(j, "take", t->take);
	set_text_or_null(j, "slate", t->slate);
	jdoc_set_int(j, "slateTake", t->slate_take);
	jdoc_set_text(j, "sphere", t->sphere);
	jdoc_set_text(j, "policy", take_policy_name(t->policy));
	jdoc_set_bool(j, "rehearsal", t->rehearsal);
	set_time_or_null(j, "startedUs", t->started_us);
	set_time_or_null(j, "stoppedUs", t->stopped_us);
	jdoc_set(j, "counts", print_counts(t));
	if (t->not_armed[0] != '\0')
		jdoc_set_text(j, "notArmed", t->not_armed);
	jdoc_set_text(j, "archive", t->archive[0] != '\0' ? t->archive : archive);
	for (int i = 0; i < t->device_count; i++)
		jdoc_set(devices, NULL, print_device(&t->devices[i]));
	jdoc_set(j, "devices", devices);
	text = jdoc_print_pretty(j);
	jdoc_free(j);
	return text;
}

/* ---- Reading ---- */

static enum take_policy
read_policy(const char *word)
{
	for (int p = TAKE_WILLING; p <= TAKE_ALL; p++)
		if (strcmp(word, take_policy_name((enum take_policy)p)) == 0)
			return (enum take_policy)p;
	return TAKE_WILLING;
}

static enum take_state
read_state(const struct jdoc *j, enum take_state def)
{
	enum take_state state;

	return take_state_parse(jdoc_text(j, "state", ""), &state) ? state : def;
}

static void
read_part(struct take_part *p, const struct jdoc *j)
{
	const struct jdoc *recording = jdoc_get(j, "recording");

	p->part = (int)jdoc_int(j, "part", 1);
	p->state = read_state(j, TAKE_SAVED);
	jdoc_clean(j, "reason", p->reason, sizeof p->reason);
	jdoc_clean(j, "file", p->file, sizeof p->file);
	p->start_us = jdoc_int(j, "startUs", 0);
	p->offset_us = jdoc_int(j, "offsetUs", 0);
	p->bound_us = jdoc_int(j, "boundUs", 0);
	read_copy(&p->copy, jdoc_get(j, "archived"));
	if (jdoc_is_object(recording)) {
		(void)wire_read_file(&p->meta, recording);
		p->meta_json = jdoc_print(recording);
	}
}

static void
read_parts(struct take_device *d, const struct jdoc *list)
{
	size_t count = jdoc_count(list);

	if (count == 0)
		return;
	if (count > MAX_DEVICE_PARTS)
		count = MAX_DEVICE_PARTS;
	d->parts = xcalloc(count, sizeof *d->parts);
	d->part_count = (int)count;
	for (size_t i = 0; i < count; i++)
		read_part(&d->parts[i], jdoc_at(list, i));
}

/* One that failed keeps its state while its files come home: they say it alone. */
static void
read_reached_by_parts(struct take_device *d)
{
	int fetched = 0, verified = 0;

	for (int i = 0; i < d->part_count; i++) {
		fetched += d->parts[i].state == TAKE_FETCHED;
		verified += d->parts[i].state == TAKE_VERIFIED;
	}
	if (d->part_count > 0 && fetched + verified == d->part_count)
		d->reached[TAKE_FETCHED] = true;
	if (d->part_count > 0 && verified == d->part_count)
		d->reached[TAKE_VERIFIED] = true;
}

/* What a device reached is what its history and its parts tell. */
static void
read_reached(struct take_device *d)
{
	d->reached[TAKE_ASKED] = true;
	d->reached[d->state] = true;
	for (int i = 0; i < d->history_count; i++) {
		d->reached[d->history[i].state] = true;
		if (d->history[i].state == TAKE_RECORDING)
			d->rec_since_us = d->history[i].time_us;
	}
	read_reached_by_parts(d);
	for (int state = TAKE_SAVED; state <= TAKE_VERIFIED; state++)
		if (d->reached[state] || d->part_count > 0)
			d->reached[TAKE_RECORDING] = d->reached[TAKE_SAVED] = true;
	if (d->reached[TAKE_VERIFIED])
		d->reached[TAKE_FETCHED] = true;
	d->stop_asked = d->reached[TAKE_STOPPING] && d->state != TAKE_RECORDING && d->state != TAKE_STARTING;
}

static void
read_history(struct take_device *d, const struct jdoc *list)
{
	size_t count = jdoc_count(list);

	free(d->history);
	d->history = NULL;
	d->history_count = 0;
	if (count > MAX_DEVICE_HISTORY)
		count = MAX_DEVICE_HISTORY;
	if (count == 0)
		return;
	d->history = xcalloc(count, sizeof *d->history);
	for (size_t i = 0; i < count; i++) {
		const struct jdoc *step = jdoc_at(list, i);
		enum take_state state;

		if (!take_state_parse(jdoc_text(step, "state", ""), &state))
			continue;
		d->history[d->history_count++] = (struct take_history){ .state = state, .time_us = jdoc_int(step, "timeUs", 0) };
	}
}

static void
read_device(struct take *t, const struct jdoc *j)
{
	char id[ID_BYTES], label[MAX_NAME_BYTES];
	struct take_device *d;

	if (!ids_copy_own(id, jdoc_text(j, "node", "")) || take_device(t, id) != NULL)
		return;
	jdoc_clean(j, "label", label, sizeof label);
	d = take_ask(t, id, (int)jdoc_int(j, "number", 0), label, 0);
	d->state = read_state(j, TAKE_ASKED);
	jdoc_clean(j, "reason", d->reason, sizeof d->reason);
	d->node_since_us = jdoc_int(j, "nodeSinceUs", 0);
	jdoc_clean(j, "notArmed", d->not_armed, sizeof d->not_armed);
	read_parts(d, jdoc_get(j, "parts"));
	read_history(d, jdoc_get(j, "history"));
	read_reached(d);
}

static void
read_head(struct take *t, const char *number, const struct jdoc *j)
{
	char slate[MAX_NAME_BYTES], sphere[ID_BYTES], usual[32 + TAKE_BYTES];

	jdoc_clean(j, "slate", slate, sizeof slate);
	if (!ids_copy(sphere, jdoc_text(j, "sphere", "")))
		sphere[0] = '\0';
	take_init(t, number, slate, (int)jdoc_int(j, "slateTake", 1), sphere, read_policy(jdoc_text(j, "policy", "")), 0);
	t->rehearsal = jdoc_bool(j, "rehearsal", false);
	jdoc_clean(j, "notArmed", t->not_armed, sizeof t->not_armed);
	jdoc_clean(j, "archive", t->archive, sizeof t->archive);
	take_archive(t->take, usual, sizeof usual);
	if (strcmp(t->archive, usual) == 0)
		t->archive[0] = '\0';
	t->started_us = jdoc_int(j, "startedUs", 0);
	t->stopped_us = jdoc_int(j, "stoppedUs", 0);
}

bool
sphere_read_take(struct take *t, const char *text, size_t len, struct err *e)
{
	struct jdoc *j = jdoc_parse(text, len, SPHERE_FILE_CEILING, e);
	const struct jdoc *devices = jdoc_get(j, "devices");
	char number[TAKE_BYTES];
	bool ok;

	if (j == NULL)
		return false;
	jdoc_clean(j, "take", number, sizeof number);
	ok = jdoc_int(j, "format", 0) == SPHERE_FORMAT && number[0] != '\0';
	if (!ok)
		err_set(e, ERR_FORMAT, "it is no proof of a take that this program can read");
	if (ok)
		read_head(t, number, j);
	for (size_t i = 0; ok && i < jdoc_count(devices) && i < MAX_TAKE_DEVICES; i++)
		read_device(t, jdoc_at(devices, i));
	jdoc_free(j);
	return ok;
}
