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
add_note(struct report *r, enum report_note_kind kind, int64_t seq, const struct jdoc *line, const char *text_key)
{
	char text[MAX_TEXT_FIELD];
	struct report_note *n;

	if ((r->note_count & (r->note_count - 1)) == 0)		/* 0, 1, 2, 4, ...: the room is used up */
		r->notes = xreallocarray(r->notes, r->note_count > 0 ? (size_t)r->note_count * 2 : 1, sizeof *r->notes);
	n = &r->notes[r->note_count++];
	memset(n, 0, sizeof *n);
	n->kind = kind;
	n->seq = seq;
	n->time_us = jdoc_int(line, "timeUs", 0);
	jdoc_clean(line, "take", n->take, sizeof n->take);
	jdoc_clean(line, "verdict", n->verdict, sizeof n->verdict);
	jdoc_clean(line, text_key, text, sizeof text);
	n->text = xstrdup(text);
}

static void
hear_note(void *arg, int64_t seq, const struct jdoc *line)
{
	static const struct { const char *type, *text; enum report_note_kind kind; } kinds[] = {
		{ "tag", "text", REPORT_TAG }, { "mark", "text", REPORT_MARK }, { "clap", "name", REPORT_CLAP },
	};
	const char *type = jdoc_text(line, "type", "");

	if (jdoc_bool(line, "rehearsal", false))
		return;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(type, kinds[i].type) == 0)
			add_note(arg, kinds[i].kind, seq, line, kinds[i].text);
}

/* By take, then by time, which is the key press: a late one may stand behind an earlier one. */
static int
by_take_and_time(const void *a, const void *b)
{
	const struct report_note *x = a, *y = b;
	const int take = strcmp(x->take, y->take);

	if (take != 0)
		return take;
	if (x->time_us != y->time_us)
		return x->time_us < y->time_us ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

static int
note_before(const struct report *r, const char *take)
{
	int low = 0, high = r->note_count;

	while (low < high) {
		const int middle = low + (high - low) / 2;

		if (strcmp(r->notes[middle].take, take) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct report_note *
report_notes_of(const struct report *r, const char *take, int *count)
{
	const int first = note_before(r, take);

	*count = 0;
	while (first + *count < r->note_count && strcmp(r->notes[first + *count].take, take) == 0)
		++*count;
	return r->notes + first;
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

	if (strcmp(type, "cut") == 0 && !jdoc_bool(line, "rehearsal", false))
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
	if (r->note_count > 1)
		qsort(r->notes, (size_t)r->note_count, sizeof *r->notes, by_take_and_time);
	(void)journal_read(cuts, hear_cut, &c, NULL);
	r->cuts = standing(&c);
	free(c.seqs);
	free(c.struck);
	free(markers);
	free(cuts);
}
