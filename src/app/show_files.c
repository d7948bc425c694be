/*
 * show_files.c - the files of takes as a screen may show them: how far each is, how fast, how long still, and why not.
 * Owns nothing; what a file's state is, the proof says, and the engine how it moves.
 */
#include "app/show_private.h"

#include <stdio.h>
#include <string.h>
#include "base/str.h"

static struct show_file *
add(struct show *out, const struct take *t, const struct take_device *d, const struct shower *s)
{
	const struct registry_node *n = registry_find(crew_registry(s->deck->crew), d->node);
	struct show_file *f;

	out->file_total++;
	if (out->file_count == SHOW_FILES)
		return NULL;
	f = &out->files[out->file_count++];
	memset(f, 0, sizeof *f);
	str_copy(f->take, sizeof f->take, t->take);
	str_copy(f->name, sizeof f->name, d->label[0] != '\0' ? d->label : n != NULL ? registry_name(n) : d->node);
	f->number = n != NULL && n->number > 0 ? n->number : d->number;
	f->bytes = f->total_bytes = f->left_us = -1;
	return f;
}

/* The engine's word where there is one: it is newer than the proof. */
static void
moving(struct show_file *f, const struct haul_news *news, bool is_paused)
{
	static const char *const words[] = {
		[HAUL_WAITING] = "waiting", [HAUL_MOVING] = "fetching", [HAUL_RETRYING] = "retrying", [HAUL_FULL] = "no room",
		[HAUL_FETCHED] = "fetched", [HAUL_VERIFIED] = "verified", [HAUL_FAILED] = "failed",
	};

	f->bytes = news->bytes;
	f->total_bytes = news->total_bytes;
	f->rate_bytes = news->rate_bytes;
	f->left_us = news->left_us;
	f->moves = news->state == HAUL_MOVING && !is_paused;
	str_copy(f->word, sizeof f->word, is_paused && news->state <= HAUL_RETRYING ? "paused" : words[news->state]);
	if (news->err.kind != ERR_NONE)
		str_cut(f->why, sizeof f->why, news->err.text, (int)sizeof f->why);
	else if (news->state == HAUL_FETCHED)
		str_copy(f->why, sizeof f->why, "its SHA-256 is not told by the camera yet");
}

static void
add_part(struct show *out, const struct shower *s, const struct take *t, const struct take_device *d, const struct take_part *p)
{
	const struct haul_news *news = s->deck->rushes != NULL ? rushes_news(s->deck->rushes, t->take, d->node, p->part) : NULL;
	struct show_file *f = add(out, t, d, s);

	if (f == NULL)
		return;
	f->part = p->part;
	f->state = p->state;
	f->total_bytes = p->meta.bytes > 0 ? p->meta.bytes : -1;
	str_copy(f->word, sizeof f->word, p->state == TAKE_SAVED ? "on camera" : take_state_name(p->state));
	str_copy(f->file, sizeof f->file, p->file[0] != '\0' ? p->file : p->meta.file_name);
	str_cut(f->why, sizeof f->why, p->reason, (int)sizeof f->why);
	if (news != NULL)
		moving(f, news, out->fetch.paused);
}

/* What it has written so far, by its own word. */
static void
add_growth(struct show_file *f, const struct shower *s, const struct take *t, const char *node)
{
	const struct crew_member *m = crew_find(s->deck->crew, node);
	const struct node_recording *r = m != NULL ? &m->track.last.recording : NULL;

	if (r != NULL && m->track.last.has_recording && strcmp(r->take, t->take) == 0 && r->bytes > 0)
		f->bytes = r->bytes;
}

/* What the take knows of it is as old as its last word. */
static bool
is_silent(const struct shower *s, const struct take_device *d)
{
	const struct crew_member *m = crew_find(s->deck->crew, d->node);

	return d->state <= TAKE_STOPPING && (m == NULL || m->link != HEALTH_LIVE);
}

/* Its own word, not what it was told: one that was lost before it confirmed the stop was recording when last heard. */
static void
silent_words(char *out, size_t out_size, const struct shower *s, const struct take *t, const struct take_device *d)
{
	const struct crew_member *m = crew_find(s->deck->crew, d->node);
	const struct node_recording *r = m != NULL && m->track.last.has_recording ? &m->track.last.recording : NULL;
	const char *word = take_state_name(d->state);

	if (r != NULL && strcmp(r->take, t->take) == 0 && r->state != NODE_REC_UNKNOWN)
		word = node_rec_name(r->state);
	else if (d->state == TAKE_STOPPING)
		word = take_state_name(d->reached[TAKE_RECORDING] ? TAKE_RECORDING : TAKE_STARTING);
	snprintf(out, out_size, "no word from it; it was %s when last heard%s", word,
	    d->state == TAKE_STOPPING ? ", and may roll on" : "");
}

static void
device_words(struct show_file *f, const struct shower *s, const struct take *t, const struct take_device *d)
{
	str_copy(f->word, sizeof f->word, take_state_name(f->state));
	if (d->state == TAKE_RECORDING || d->state == TAKE_STOPPING)
		add_growth(f, s, t, d->node);
	if (is_silent(s, d)) {
		str_copy(f->word, sizeof f->word, "silent");
		silent_words(f->why, sizeof f->why, s, t, d);
	} else if (d->reason[0] == '\0' && d->not_armed[0] != '\0') {
		snprintf(f->why, sizeof f->why, "rolled, not armed: %.150s", d->not_armed);
	} else {
		str_cut(f->why, sizeof f->why, d->reason, (int)sizeof f->why);
	}
}

/* A camera that failed says so itself: what became of its files is another line. */
static void
add_device(struct show *out, const struct shower *s, const struct take *t, const struct take_device *d, bool is_newest)
{
	const bool has_failed = d->state == TAKE_FAILED || d->reached[TAKE_FAILED];
	struct show_file *f;

	if (!is_newest && !has_failed && d->state == TAKE_VERIFIED)
		return;
	if ((d->part_count == 0 || has_failed || d->state <= TAKE_STOPPING) && (f = add(out, t, d, s)) != NULL) {
		f->state = has_failed && d->state > TAKE_STOPPING ? TAKE_FAILED : d->state;
		device_words(f, s, t, d);
	}
	for (int i = 0; i < d->part_count; i++)
		if (is_newest || d->parts[i].state != TAKE_VERIFIED)
			add_part(out, s, t, d, &d->parts[i]);
}

void
show_files_fill(const struct shower *s, struct show *out)
{
	const struct take *newest = recordall_newest(s->deck->recordall);

	out->file_count = out->file_total = 0;
	for (int i = 0; i < out->take_count; i++) {
		const struct take *t = newest != NULL && strcmp(out->takes[i].take, newest->take) == 0 ? newest :
		    recordall_take(s->deck->recordall, out->takes[i].take);

		for (int k = 0; t != NULL && k < t->device_count; k++)
			add_device(out, s, t, &t->devices[k], t == newest);
	}
}

void
show_fetch_fill(const struct shower *s, struct show *out, struct show_moment *at)
{
	struct haul_totals t;

	out->fetch = (struct show_fetch){ .left_us = -1 };
	if (s->deck->rushes == NULL)
		return;
	rushes_total(s->deck->rushes, &t);
	out->fetch.files = t.wishes - t.ended;
	out->fetch.moving = t.moving;
	out->fetch.bytes = t.bytes;
	out->fetch.total_bytes = t.total_bytes;
	out->fetch.rate_bytes = t.rate_bytes;
	out->fetch.left_us = t.left_us;
	out->fetch.paused = out->fetch.files > 0 && rushes_is_paused(s->deck->rushes);
	if (t.moving > 0 && !out->fetch.paused)
		show_elapsed_of(at, 0);		/* its figures are others in a second */
}
