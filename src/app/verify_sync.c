/*
 * verify_sync.c - claps found in a take's proof and in markers.jsonl, each measured in each file.
 * Owns the measuring.  Never corrects anything by what it finds.
 */
#include "app/verify_sync.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/av_angle.h"
#include "io/jdoc.h"
#include "io/journal.h"

#define PROOF_CEILING ((size_t)16 * 1024 * 1024)
#define SAME_CLAP_US 1000000		/* markers of one clap are never so far apart */
#define LOOK_US 1000000			/* around the place where it ought to be */
#define ONE_MARKER_US 1000		/* the file and the journal tell of the same one */
#define ROUNDING_US 1000		/* of a file's time stamps, and of the instant of a frame */

struct mark {				/* a marker of one camera */
	char node[ID_BYTES], name[NODE_WORD];
	int64_t node_us, console_us, bound_us;
};

struct measuring {			/* one angle of one clap */
	struct verify_sync *s;
	int clap, angle;
	char *path;
	int64_t place_us;		/* where in the file it ought to be */
	struct av_angle found;
	struct err err;
};

struct verify_sync {
	struct loop *loop;
	char *folder;
	struct jdoc *proof;
	struct av_angle_library *av;
	verify_sync_done_fn *done;
	void *arg;
	struct verify_sync_report report;
	int mark_count;
	struct mark *marks;
	int silent_count;
	int64_t *silent_us;		/* claps that were asked for without a sound, console UTC */
	int measuring_count, open;
	struct measuring *measurings;
};

/* ---- Markers ---- */

static struct mark *
mark_add(struct verify_sync *s, const char *node, const char *name, int64_t node_us, int64_t console_us, int64_t bound_us)
{
	struct mark *m;

	s->marks = xreallocarray(s->marks, (size_t)s->mark_count + 1, sizeof *s->marks);
	m = &s->marks[s->mark_count++];
	*m = (struct mark){ .node_us = node_us, .console_us = console_us, .bound_us = bound_us };
	str_copy(m->node, sizeof m->node, node);
	str_copy(m->name, sizeof m->name, name);
	return m;
}

static void
silent_of_line(struct verify_sync *s, const struct jdoc *line)
{
	if (jdoc_bool(line, "sound", true))
		return;
	s->silent_us = xreallocarray(s->silent_us, (size_t)s->silent_count + 1, sizeof *s->silent_us);
	s->silent_us[s->silent_count++] = jdoc_int(line, "timeUs", 0);
}

/* What the node told when it happened, with the clock's offset of that instant. */
static void
mark_of_line(void *arg, int64_t seq, const struct jdoc *line)
{
	struct verify_sync *s = arg;
	const char *node = jdoc_text(line, "node", NULL), *take = jdoc_text(line, "take", "");

	(void)seq;
	if (strcmp(jdoc_text(line, "type", ""), "clap") == 0)
		silent_of_line(s, line);
	if (strcmp(jdoc_text(line, "type", ""), "marker") != 0 || strcmp(take, s->report.take) != 0 || node == NULL)
		return;
	if (!jdoc_has(line, "nodeUs") || !jdoc_has(line, "offsetUs"))
		return;
	mark_add(s, node, jdoc_text(line, "name", ""), jdoc_int(line, "nodeUs", 0), jdoc_int(line, "nodeUs", 0) - jdoc_int(line, "offsetUs", 0),
	    jdoc_has(line, "boundUs") ? jdoc_int(line, "boundUs", 0) : -1);
}

static bool
mark_is_known(const struct verify_sync *s, const char *node, int64_t node_us)
{
	for (int i = 0; i < s->mark_count; i++)
		if (strcmp(s->marks[i].node, node) == 0 && llabs(s->marks[i].node_us - node_us) <= ONE_MARKER_US)
			return true;
	return false;
}

/* What stands in the file only: told while nobody listened. */
static void
marks_of_part(struct verify_sync *s, const char *node, const struct jdoc *part)
{
	const struct jdoc *markers = jdoc_get(jdoc_get(part, "recording"), "markers");

	for (size_t i = 0; i < jdoc_count(markers); i++) {
		int64_t node_us = jdoc_int(jdoc_at(markers, i), "timeUs", 0);

		if (node_us != 0 && jdoc_has(part, "startUs") && !mark_is_known(s, node, node_us))
			mark_add(s, node, jdoc_text(jdoc_at(markers, i), "name", ""), node_us, node_us - jdoc_int(part, "offsetUs", 0),
			    jdoc_int(part, "boundUs", -1));
	}
}

static int
by_console_time(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	return (x->console_us > y->console_us) - (x->console_us < y->console_us);
}

static void
marks_find(struct verify_sync *s)
{
	const struct jdoc *devices = jdoc_get(s->proof, "devices");
	char *path = xasprintf("%s/sidecars/markers.jsonl", s->folder);

	(void)journal_read(path, mark_of_line, s, NULL);
	free(path);
	for (size_t d = 0; d < jdoc_count(devices); d++) {
		const struct jdoc *parts = jdoc_get(jdoc_at(devices, d), "parts");

		for (size_t p = 0; p < jdoc_count(parts); p++)
			marks_of_part(s, jdoc_text(jdoc_at(devices, d), "node", ""), jdoc_at(parts, p));
	}
	if (s->mark_count > 1)
		qsort(s->marks, (size_t)s->mark_count, sizeof *s->marks, by_console_time);
}

/* ---- Claps and their angles ---- */

/* The part of a device in which that instant lies. */
static const struct jdoc *
part_at(const struct jdoc *device, int64_t node_us)
{
	const struct jdoc *parts = jdoc_get(device, "parts");

	for (size_t i = 0; i < jdoc_count(parts); i++) {
		const struct jdoc *recording = jdoc_get(jdoc_at(parts, i), "recording");
		int64_t start_us = jdoc_int(recording, "startUs", 0), end_us = jdoc_int(recording, "endUs", 0);

		if (end_us == 0)
			end_us = start_us + jdoc_int(recording, "durationMs", 0) * 1000;
		if (start_us != 0 && node_us >= start_us && node_us <= end_us)
			return jdoc_at(parts, i);
	}
	return NULL;
}

static const struct jdoc *
device_of(const struct verify_sync *s, const char *node)
{
	const struct jdoc *devices = jdoc_get(s->proof, "devices");

	for (size_t i = 0; i < jdoc_count(devices); i++)
		if (strcmp(jdoc_text(jdoc_at(devices, i), "node", ""), node) == 0)
			return jdoc_at(devices, i);
	return NULL;
}

static bool
clap_has(const struct verify_sync_clap *c, const char *node)
{
	for (int i = 0; i < c->angle_count; i++)
		if (strcmp(c->angles[i].node, node) == 0)
			return true;
	return false;
}

static struct verify_sync_clap *
clap_of(struct verify_sync *s, const struct mark *m)
{
	struct verify_sync_report *r = &s->report;
	struct verify_sync_clap *last = r->clap_count > 0 ? &r->claps[r->clap_count - 1] : NULL;

	if (last != NULL && m->console_us - last->at_us < SAME_CLAP_US && !clap_has(last, m->node))
		return last;
	r->claps = xreallocarray(r->claps, (size_t)r->clap_count + 1, sizeof *r->claps);
	last = &r->claps[r->clap_count++];
	*last = (struct verify_sync_clap){ .at_us = m->console_us, .flash_apart_us = -1, .beep_apart_us = -1 };
	str_copy(last->name, sizeof last->name, m->name);
	return last;
}

static void
measuring_add(struct verify_sync *s, int clap, int angle, const char *file, int64_t place_us)
{
	const char *archive = jdoc_text(s->proof, "archive", "");
	struct measuring *m;

	s->measurings = xreallocarray(s->measurings, (size_t)s->measuring_count + 1, sizeof *s->measurings);
	m = &s->measurings[s->measuring_count++];
	*m = (struct measuring){ .s = s, .clap = clap, .angle = angle, .place_us = place_us };
	if (archive[0] == '/')
		m->path = xasprintf("%s/%s", archive, file);
	else
		m->path = xasprintf("%s/takes/%s/%s", s->folder, s->report.take, file);
}

/* It rolls, or was lost before it told what it has. */
static bool
has_no_end(const struct jdoc *device)
{
	const char *state = jdoc_text(device, "state", "");

	return strcmp(state, "starting") == 0 || strcmp(state, "recording") == 0 || strcmp(state, "stopping") == 0;
}

static void
angle_add(struct verify_sync *s, const struct mark *m)
{
	const struct jdoc *device = device_of(s, m->node), *part = part_at(device, m->node_us);
	const char *file = jdoc_text(part, "file", "");
	struct verify_sync_clap *c;
	struct verify_sync_angle *a;

	if (device == NULL)
		return;
	c = clap_of(s, m);
	c->angles = xreallocarray(c->angles, (size_t)c->angle_count + 1, sizeof *c->angles);
	a = &c->angles[c->angle_count++];
	*a = (struct verify_sync_angle){ .number = (int)jdoc_int(device, "number", 0), .part = (int)jdoc_int(part, "part", 0),
	    .clock_us = m->console_us, .bound_us = m->bound_us };
	str_copy(a->node, sizeof a->node, m->node);
	jdoc_clean(device, "label", a->name, sizeof a->name);
	s->report.angles++;
	if (part == NULL)
		str_copy(a->why, sizeof a->why, has_no_end(device) ? "its file is not home" : "it did not record then");
	else if (file[0] == '\0' || strchr(file, '/') != NULL)
		str_copy(a->why, sizeof a->why, "its file is not home");
	else
		measuring_add(s, s->report.clap_count - 1, c->angle_count - 1, file, m->node_us - jdoc_int(jdoc_get(part, "recording"), "startUs", 0));
}

/* ---- The judgement ---- */

/* The span of what the clocks do not explain. */
static int64_t
apart(const struct verify_sync_clap *c, bool beeps)
{
	int64_t least = INT64_MAX, most = INT64_MIN;
	int count = 0;

	for (int i = 0; i < c->angle_count; i++) {
		const struct verify_sync_angle *a = &c->angles[i];
		int64_t off_us = (beeps ? a->beep_us : a->flash_us) - a->clock_us;

		if (beeps ? !a->has_beep : !a->has_flash)
			continue;
		count++;
		least = off_us < least ? off_us : least;
		most = off_us > most ? off_us : most;
	}
	return count > 1 ? most - least : -1;
}

static int
by_number(const void *a, const void *b)
{
	const struct verify_sync_angle *x = a, *y = b;

	return x->number != y->number ? (x->number > y->number) - (x->number < y->number) : strcmp(x->node, y->node);
}

static void
clap_judge(struct verify_sync_clap *c)
{
	bool all = c->angle_count > 1;

	for (int i = 0; i < c->angle_count; i++) {
		all = all && c->angles[i].has_flash;
		if (c->angles[i].frame_us > c->frame_us)
			c->frame_us = c->angles[i].frame_us;
	}
	c->flash_apart_us = apart(c, false);
	c->beep_apart_us = apart(c, true);
	c->is_measured = all;
	c->is_good = all && c->flash_apart_us <= c->frame_us + ROUNDING_US;
	if (c->angle_count > 1)
		qsort(c->angles, (size_t)c->angle_count, sizeof *c->angles, by_number);
}

static void
sync_tell(struct verify_sync *s)
{
	for (int i = 0; i < s->report.clap_count; i++)
		clap_judge(&s->report.claps[i]);
	s->done(s->arg, &s->report);
}

/* ---- Work ---- */

static void
measure_work(void *arg)
{
	struct measuring *m = arg;

	if (access(m->path, R_OK) != 0)
		err_set(&m->err, ERR_NOT_FOUND, "its file is not here");
	else
		(void)av_angle_measure(m->s->av, m->path, m->place_us, LOOK_US, &m->found, &m->err);
}

/* Then what is loudest there is no beep. */
static bool
is_silent(const struct verify_sync *s, int64_t clap_us)
{
	for (int i = 0; i < s->silent_count; i++)
		if (llabs(s->silent_us[i] - clap_us) < SAME_CLAP_US / 2)
			return true;
	return false;
}

static void
measure_done(void *arg)
{
	struct measuring *m = arg;
	struct verify_sync *s = m->s;
	struct verify_sync_angle *a = &s->report.claps[m->clap].angles[m->angle];
	const int64_t begin_us = a->clock_us - m->place_us;	/* the file's first frame, by the clock as it was at the clap */

	a->has_flash = m->found.has_flash;
	a->has_beep = m->found.has_beep && !is_silent(s, s->report.claps[m->clap].at_us);
	a->flash_us = begin_us + m->found.flash_us;
	a->beep_us = begin_us + m->found.beep_us;
	a->frame_us = m->found.frame_us;
	if (m->err.kind != ERR_NONE)
		str_copy(a->why, sizeof a->why, m->err.text);
	else if (!a->has_flash)
		snprintf(a->why, sizeof a->why, "no flash in the %d frames around it", m->found.frames);
	s->report.measured += a->has_flash;
	if (--s->open == 0)
		sync_tell(s);
}

/* ---- Life ---- */

static bool
sync_load(struct verify_sync *s, const char *take, struct err *e)
{
	char *path;
	int64_t number;

	if (!str_int(take + (take[0] == 'R'), 1, 99999, &number))
		return err_set(e, ERR_USAGE, "\"%s\" is no take's number", take);
	if (take[0] == 'R')
		ids_take_rehearsed(s->report.take, (unsigned)number);
	else
		ids_take(s->report.take, (unsigned)number);
	path = xasprintf("%s/takes/%s/take.json", s->folder, s->report.take);
	if (access(path, F_OK) != 0 && errno == ENOENT)
		err_set(e, ERR_NOT_FOUND, "no take %s in %.200s", s->report.take, s->folder);
	else
		s->proof = jdoc_load(path, PROOF_CEILING, e);
	free(path);
	if (s->proof == NULL)
		return false;
	marks_find(s);
	for (int i = 0; i < s->mark_count; i++)
		angle_add(s, &s->marks[i]);
	if (s->report.clap_count == 0)
		return err_set(e, ERR_NOT_FOUND, "take %s has no clap: nothing to measure it by", s->report.take);
	return s->measuring_count > 0 ||
	    err_set(e, ERR_NOT_FOUND, "take %s: none of its files is home: livedirector fetch %.120s", s->report.take, s->folder);
}

struct verify_sync *
verify_sync_open(struct loop *loop, const char *folder, const char *take, verify_sync_done_fn *done, void *arg, struct err *e)
{
	struct verify_sync *s = xcalloc(1, sizeof *s);

	s->loop = loop;
	s->folder = xstrdup(folder);
	s->done = done;
	s->arg = arg;
	if (!sync_load(s, take, e) || (s->av = av_angle_load(e)) == NULL) {
		verify_sync_close(s);
		return NULL;
	}
	s->open = s->measuring_count;
	for (int i = 0; i < s->measuring_count; i++)
		loop_work(loop, measure_work, measure_done, &s->measurings[i]);
	return s;
}

void
verify_sync_close(struct verify_sync *s)
{
	if (s == NULL)
		return;
	for (int i = 0; i < s->measuring_count; i++)
		free(s->measurings[i].path);
	for (int i = 0; i < s->report.clap_count; i++)
		free(s->report.claps[i].angles);
	free(s->report.claps);
	free(s->measurings);
	free(s->marks);
	free(s->silent_us);
	av_angle_unload(s->av);
	jdoc_free(s->proof);
	free(s->folder);
	free(s);
}
