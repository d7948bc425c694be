/*
 * scribe.c - what must stay is written here: ten journals, the manifest, the takes' proofs.
 * Owner of the open journals.  Never waits for the disk; who asked is told when it is done.
 */
#include "app/scribe_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/list.h"
#include "base/log.h"
#include "base/xalloc.h"

static const char *const scribe_names[SCRIBE_COUNT] = {
#define SCRIBE_NAME(id, name) [SCRIBE_##id] = name,
	SCRIBE_JOURNALS(SCRIBE_NAME)
#undef SCRIBE_NAME
};

/* ---- Answers of the disk ---- */

struct scribe_owed {			/* one write on its way */
	struct scribe_mood *mood;
	const char *journal;		/* "cuts"; NULL: a whole file, which its error names itself */
	char *path;			/* that one's */
	diskq_done_fn *done;		/* NULL: nobody waits */
	void *arg;
};

static void
mood_unref(struct scribe_mood *m)
{
	if (--m->refs > 0)
		return;
	free(m->failing);
	free(m);
}

/* The disk's trouble is news once, not with each line: it is over when what failed first is written again. */
static void
mood_hear(struct scribe_mood *m, const char *what, const struct err *e)
{
	bool fails = e->kind != ERR_NONE;

	if (fails ? m->failing != NULL : m->failing == NULL || strcmp(m->failing, what) != 0)
		return;
	free(m->failing);
	m->failing = fails ? xstrdup(what) : NULL;
	if (m->refused != NULL)
		*m->refused = fails;
	if (m->bus == NULL)
		return;
	if (fails)
		bus_tell(m->bus, EV_NOTICE, NULL, "the disk does not take what happens: %s; make room or mend it", e->text);
	else
		bus_tell(m->bus, EV_NOTICE, NULL, "the disk takes what happens again");
}

static void
scribe_written(void *arg, const struct err *e)
{
	struct scribe_owed *owed = arg;
	struct err named = *e;

	if (e->kind != ERR_NONE && owed->journal != NULL)
		err_prefix(&named, "%s.jsonl", owed->journal);
	mood_hear(owed->mood, owed->journal != NULL ? owed->journal : owed->path, &named);
	if (owed->done != NULL)
		owed->done(owed->arg, &named);
	mood_unref(owed->mood);
	free(owed->path);
	free(owed);
}

static struct scribe_owed *
owed_new(struct scribe *s, const char *journal, const char *path, diskq_done_fn *done, void *arg)
{
	struct scribe_owed *owed = xmalloc(sizeof *owed);

	*owed = (struct scribe_owed){ .mood = s->mood, .journal = journal, .done = done, .arg = arg };
	owed->path = path != NULL ? xstrdup(path) : NULL;
	s->mood->refs++;
	return owed;
}

void
scribe_replace(struct scribe *s, const char *path, const char *text, diskq_done_fn *done, void *arg)
{
	diskq_replace(s->queue, path, text, strlen(text), scribe_written, owed_new(s, NULL, path, done, arg));
}

void
scribe_watch(struct scribe *s, bool *refused)
{
	s->mood->refused = refused;
	*refused = s->mood->failing != NULL;
}

/* ---- Journals ---- */

/* Body poses and gestures come in floods and may lose their last second; a cut waits for nothing but its own flush. */
static enum journal_kind
kind_of(enum scribe_journal which)
{
	if (which == SCRIBE_POSE || which == SCRIBE_GESTURE)
		return JOURNAL_FLOOD;
	return which == SCRIBE_CUTS ? JOURNAL_URGENT : JOURNAL_DURABLE;
}

static bool
open_journals(struct scribe *s, void (*torn)(void *arg, const char *sentence), void *arg, struct err *e)
{
	char folder[4096], sentence[512];
	int64_t began_ns = clk_mono_ns(s->clk);

	sphere_path(s->sphere, folder, sizeof folder, "sidecars");
	for (int i = 0; i < SCRIBE_COUNT; i++) {
		s->journals[i] = journal_open(s->queue, folder, scribe_names[i], s->run, s->clk, began_ns,
		    kind_of((enum scribe_journal)i), sentence, sizeof sentence, e);
		if (s->journals[i] == NULL)
			return false;
		if (sentence[0] != '\0')
			log_line(LOG_DISK, "%s", sentence);
		if (sentence[0] != '\0' && torn != NULL)
			torn(arg, sentence);
	}
	return true;
}

int64_t
scribe_add(struct scribe *s, enum scribe_journal which, const char *type, int64_t time_us, struct jdoc *line,
    diskq_done_fn *done, void *arg)
{
	struct journal *j = s->journals[which];

	if (s->rehearses && (which == SCRIBE_CUTS || which == SCRIBE_MARKERS))
		jdoc_set_bool(line, "rehearsal", true);
	if (done != NULL)
		return journal_add(j, type, time_us, line, scribe_written, owed_new(s, scribe_names[which], NULL, done, arg));
	if (kind_of(which) == JOURNAL_FLOOD)
		return journal_note(j, type, time_us, line, NULL, NULL);
	return journal_note(j, type, time_us, line, scribe_written, owed_new(s, scribe_names[which], NULL, NULL, NULL));
}

void
scribe_add_flood(struct scribe *s, enum scribe_journal which, const char *type, int64_t time_us, const char *members)
{
	journal_note_text(s->journals[which], type, time_us, members, NULL, NULL);
}

void
scribe_set_rehearsal(struct scribe *s, bool is_rehearsal)
{
	s->rehearses = is_rehearsal;
}

/* ---- The manifest ---- */

struct waiter {
	struct list link;
	diskq_done_fn *done;
	void *arg;
};

static void
manifest_written(void *arg, const struct err *e)
{
	struct list *waiters = arg;

	LIST_EACH_SAFE(it, tmp, waiters) {
		struct waiter *w = LIST_ENTRY(it, struct waiter, link);

		list_remove(it);
		w->done(w->arg, e);
		free(w);
	}
	free(waiters);
}

/* What the node itself last said; the source, where there is one, knows better. */
static void
manifest_live(void *arg, const char *node, struct sphere_live *out)
{
	const struct scribe *s = arg;
	const struct crew_member *m = crew_find(s->crew, node);
	const char *state = s->state != NULL ? s->state(s->state_arg, node) : NULL;

	if (m != NULL && m->track.last.has_recording)
		out->recording_state = node_rec_name(m->track.last.recording.state);
	if (m != NULL)
		out->pose_eligible = m->track.last.pose_eligible;
	if (state != NULL)
		out->recording_state = state;
}

static void
manifest_write(void *arg)
{
	struct scribe *s = arg;
	struct list *waiters = xmalloc(sizeof *waiters);
	char path[4096], *text;

	s->manifest_dirty = false;
	list_init(waiters);
	LIST_EACH_SAFE(it, tmp, &s->manifest_waiters) {
		list_remove(it);
		list_insert_tail(waiters, it);
	}
	text = sphere_print_manifest(sphere_manifest(s->sphere), crew_registry(s->crew), manifest_live, s);
	sphere_path(s->sphere, path, sizeof path, "sphere.json");
	scribe_again_forget(s, path);
	if (list_is_empty(waiters)) {
		free(waiters);
		scribe_again_replace(s, path, text);
	} else {
		scribe_replace(s, path, text, manifest_written, waiters);
	}
	free(text);
}

void
scribe_manifest(struct scribe *s, diskq_done_fn *done, void *arg)
{
	struct waiter *w;

	if (done != NULL) {
		w = xmalloc(sizeof *w);
		*w = (struct waiter){ .done = done, .arg = arg };
		list_insert_tail(&s->manifest_waiters, &w->link);
	}
	if (!s->manifest_dirty)
		loop_timer_start(s->loop, s->manifest_timer, 0, 0);
	s->manifest_dirty = true;
}

void
scribe_set_state_source(struct scribe *s, const char *(*fn)(void *arg, const char *node), void *arg)
{
	s->state = fn;
	s->state_arg = arg;
}

bool
scribe_is_refused(const struct scribe *s)
{
	return s->mood->failing != NULL;
}

/* ---- Takes ---- */

void
scribe_take(struct scribe *s, const struct take *t, diskq_done_fn *done, void *arg)
{
	char path[4096], relative[64], *text = sphere_print_take(t);

	snprintf(relative, sizeof relative, "takes/%s/take.json", t->take);
	sphere_path(s->sphere, path, sizeof path, relative);
	scribe_again_forget(s, path);
	if (done != NULL)
		scribe_replace(s, path, text, done, arg);
	else
		scribe_again_replace(s, path, text);
	free(text);
}

/* ---- Life ---- */

/* Enough to make a lost manifest anew. */
static void
write_sphere(struct scribe *s)
{
	const struct manifest *m = sphere_manifest(s->sphere);
	struct jdoc *line = jdoc_object();

	jdoc_set_text(line, "sphere", m->sphere);
	jdoc_set_text(line, "name", m->name);
	scribe_add(s, SCRIBE_SOURCES, "sphere", 0, line, NULL, NULL);
}

struct scribe *
scribe_new(struct loop *loop, struct diskq *q, struct sphere *sphere, struct crew *crew, struct bus *bus,
    const struct clk *clk, void (*torn)(void *arg, const char *sentence), void *arg, struct err *e)
{
	struct scribe *s = xcalloc(1, sizeof *s);

	s->loop = loop;
	s->queue = q;
	s->sphere = sphere;
	s->crew = crew;
	s->bus = bus;
	s->clk = clk;
	s->mood = xcalloc(1, sizeof *s->mood);
	s->mood->refs = 1;
	s->mood->bus = bus;
	list_init(&s->manifest_waiters);
	s->manifest_timer = loop_timer_new(loop, manifest_write, s);
	ids_uuid_new(s->run);
	scribe_again_open(s);
	scribe_news_open(s);
	if (sphere_notice(sphere)[0] != '\0' && torn != NULL)
		torn(arg, sphere_notice(sphere));
	if (!open_journals(s, torn, arg, e)) {
		scribe_free(s);
		return NULL;
	}
	write_sphere(s);
	return s;
}

void
scribe_free(struct scribe *s)
{
	if (s == NULL)
		return;
	scribe_news_close(s);
	if (s->manifest_dirty)
		manifest_write(s);
	scribe_again_close(s);
	loop_timer_free(s->loop, s->manifest_timer);
	for (int i = 0; i < SCRIBE_COUNT; i++)
		journal_close(s->journals[i]);
	s->mood->bus = NULL;
	mood_unref(s->mood);
	free(s);
}

struct diskq *
scribe_queue(struct scribe *s)
{
	return s->queue;
}
