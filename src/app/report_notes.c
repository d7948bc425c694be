/*
 * report_notes.c - what people noted and cut, read from the journals: tags, marks, claps; the cuts that stand.
 * Only reads.  A line that makes no sense is left out here; verify names it.
 */
#include "app/report_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jdoc.h"
#include "io/journal.h"

struct cuts { int64_t *seqs, *struck; size_t count, struck_count; };

/* ---- Markers ---- */

static void
copy_member(const struct jdoc *line, const char *key, char *out, size_t out_size)
{
	jdoc_clean(line, key, out, out_size);
}

static void
hear_note(void *arg, int64_t seq, const struct jdoc *line)
{
	static const struct { const char *type, *text; enum report_note_kind kind; } kinds[] = {
		{ "tag", "text", REPORT_TAG }, { "mark", "text", REPORT_MARK }, { "clap", "name", REPORT_CLAP },
	};
	const char *type = jdoc_text(line, "type", "");
	struct report *r = arg;

	(void)seq;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct report_note *n;

		if (strcmp(type, kinds[i].type) != 0)
			continue;
		r->notes = xreallocarray(r->notes, (size_t)r->note_count + 1, sizeof *r->notes);
		n = &r->notes[r->note_count++];
		memset(n, 0, sizeof *n);
		n->kind = kinds[i].kind;
		n->time_us = jdoc_int(line, "timeUs", 0);
		copy_member(line, "take", n->take, sizeof n->take);
		copy_member(line, "verdict", n->verdict, sizeof n->verdict);
		copy_member(line, kinds[i].text, n->text, sizeof n->text);
	}
}

/* A note's time is the key press: a late one may stand behind an earlier one.  Those of one instant stay as they were written. */
static void
sort_notes(struct report *r)
{
	for (int i = 1; i < r->note_count; i++) {
		struct report_note moved = r->notes[i];
		int at = i;

		for (; at > 0 && r->notes[at - 1].time_us > moved.time_us; at--)
			r->notes[at] = r->notes[at - 1];
		r->notes[at] = moved;
	}
}

/* ---- Cuts ---- */

static void
add_seq(int64_t **list, size_t *count, int64_t seq)
{
	if ((*count & (*count - 1)) == 0)	/* 0, 1, 2, 4, ...: the room is used up */
		*list = xreallocarray(*list, *count > 0 ? *count * 2 : 1, sizeof **list);
	(*list)[(*count)++] = seq;
}

static void
hear_cut(void *arg, int64_t seq, const struct jdoc *line)
{
	const char *type = jdoc_text(line, "type", "");
	const struct jdoc *of = jdoc_get(line, "of");
	struct cuts *c = arg;

	if (strcmp(type, "cut") == 0)
		add_seq(&c->seqs, &c->count, seq);
	for (size_t i = 0; strcmp(type, "strike") == 0 && i < jdoc_count(of); i++)
		add_seq(&c->struck, &c->struck_count, jdoc_self_int(jdoc_at(of, i), 0));
}

static int
by_seq(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int
standing(struct cuts *c)
{
	int left = 0;

	if (c->struck_count > 1)
		qsort(c->struck, c->struck_count, sizeof *c->struck, by_seq);
	for (size_t i = 0; i < c->count; i++)
		left += c->struck_count == 0 || bsearch(&c->seqs[i], c->struck, c->struck_count, sizeof *c->struck, by_seq) == NULL;
	return left;
}

void
report_notes_read(struct report *r)
{
	char *markers = xasprintf("%s/sidecars/markers.jsonl", r->folder), *cuts = xasprintf("%s/sidecars/cuts.jsonl", r->folder);
	struct cuts c = { .count = 0 };

	(void)journal_read(markers, hear_note, r, NULL);
	sort_notes(r);
	(void)journal_read(cuts, hear_cut, &c, NULL);
	r->cuts = standing(&c);
	free(c.seqs);
	free(c.struck);
	free(markers);
	free(cuts);
}
