/*
 * wire_pose.c - what a node says of bodies, kept as text: the numbers as they stand, of the members that the contract
 * names and of nothing else, within a ceiling.
 * Owns the walk through a text that the parser has found to be good JSON.  Never makes a number of its own.
 */
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/ceilings.h"
#include "io/wire_private.h"

#define MAX_NUMBER 24			/* characters; longer is no measurement */

struct walk {
	const char *at, *end;
	struct buf out;
};

/* ---- Reading on ---- */

static void
walk_blank(struct walk *w)
{
	while (w->at < w->end && strchr(" \t\r\n", *w->at) != NULL)
		w->at++;
}

/* The next that counts; 0 at the end. */
static char
walk_peek(struct walk *w)
{
	walk_blank(w);
	return w->at < w->end ? *w->at : '\0';
}

static bool
walk_takes(struct walk *w, char c)
{
	if (walk_peek(w) != c)
		return false;
	w->at++;
	return true;
}

static void
walk_over_text(struct walk *w)
{
	for (w->at++; w->at < w->end && *w->at != '"'; w->at++)
		if (*w->at == '\\' && w->at + 1 < w->end)
			w->at++;
	if (w->at < w->end)
		w->at++;
}

/* A value, whatever it is. */
static void
walk_over(struct walk *w)
{
	int depth = 0;

	do {
		char c = walk_peek(w);

		if (c == '\0')
			return;
		if (c == '"') {
			walk_over_text(w);
			continue;
		}
		depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		if (strchr("{}[],:", c) != NULL)
			w->at++;
		else
			w->at += strcspn(w->at, " \t\r\n{}[],:\"");
	} while (depth > 0);
}

/* ---- Copying: false when it is not as the contract has it, or there is no room ---- */

/* What was begun there is taken back, and the value passed over. */
static void
walk_skip(struct walk *w, const char *begun, size_t mark)
{
	w->out.len = mark;
	if (w->out.data != NULL)
		w->out.data[mark] = '\0';
	w->at = begun;
	walk_over(w);
}

static bool
copy_comma(struct walk *w, int count)
{
	return count == 0 || buf_add_text(&w->out, ",");
}

static bool
copy_number(struct walk *w)
{
	size_t len = walk_peek(w) != '\0' ? strspn(w->at, "+-.0123456789eE") : 0;
	const char *begun = w->at;

	w->at += len;
	return len > 0 && len <= MAX_NUMBER && buf_add(&w->out, begun, len);
}

static bool
copy_numbers(struct walk *w, int least, int most)
{
	int count = 0;

	if (!walk_takes(w, '[') || !buf_add_text(&w->out, "["))
		return false;
	while (walk_peek(w) != ']') {
		if (count++ == most || !copy_comma(w, count - 1) || !copy_number(w))
			return false;
		(void)walk_takes(w, ',');
	}
	return walk_takes(w, ']') && buf_add_text(&w->out, "]") && count >= least;
}

/* One that is none, and those past the ceiling, are left out. */
static bool
copy_joints(struct walk *w)
{
	int count = 0;

	if (!walk_takes(w, '[') || !buf_add_text(&w->out, "["))
		return false;
	while (walk_peek(w) != ']' && walk_peek(w) != '\0') {
		const size_t mark = w->out.len;
		const char *begun = w->at;

		if (count < MAX_POSE_JOINTS && copy_comma(w, count) && copy_numbers(w, 2, 4))
			count++;
		else
			walk_skip(w, begun, mark);
		(void)walk_takes(w, ',');
	}
	return walk_takes(w, ']') && buf_add_text(&w->out, "]");
}

static bool
copy_box(struct walk *w)
{
	return copy_numbers(w, 4, 4);
}

/* The member of that name, when it is one we keep: its key and its value. */
static bool
copy_member(struct walk *w, const char *key, size_t len, int count)
{
	static const struct { const char *key; bool (*copy)(struct walk *w); } members[] = {
		{ "confidence", copy_number }, { "coverage", copy_number }, { "box", copy_box }, { "joints", copy_joints } };

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (strlen(members[i].key) == len && memcmp(members[i].key, key, len) == 0)
			return copy_comma(w, count) && buf_add_format(&w->out, "\"%s\":", members[i].key) && members[i].copy(w);
	return false;
}

/* At a key: where it stands, and the walk after its colon. */
static const char *
walk_key(struct walk *w, size_t *len)
{
	const char *key = w->at + 1;

	walk_over_text(w);
	*len = (size_t)(w->at - 1 - key);
	(void)walk_takes(w, ':');
	return key;
}

static bool
copy_person(struct walk *w)
{
	int count = 0;
	size_t len;

	if (!walk_takes(w, '{') || !buf_add_text(&w->out, "{"))
		return false;
	while (walk_peek(w) == '"') {
		const char *key = walk_key(w, &len), *begun = w->at;
		const size_t mark = w->out.len;

		if (copy_member(w, key, len, count))
			count++;
		else
			walk_skip(w, begun, mark);
		(void)walk_takes(w, ',');
	}
	return walk_takes(w, '}') && buf_add_text(&w->out, "}");
}

/* Room is kept for what ends the text. */
static bool
has_room(const struct walk *w)
{
	return w->out.len < MAX_KEPT_POSE - 128;
}

static bool
copy_people(struct walk *w)
{
	int count = 0, omitted = 0;

	if (!walk_takes(w, '[') || !buf_add_text(&w->out, "\"people\":["))
		return false;
	while (walk_peek(w) != ']' && walk_peek(w) != '\0') {
		const size_t mark = w->out.len;
		const char *begun = w->at;

		if (count < MAX_POSE_PEOPLE && copy_comma(w, count) && copy_person(w) && has_room(w)) {
			count++;
		} else {
			walk_skip(w, begun, mark);
			omitted++;
		}
		(void)walk_takes(w, ',');
	}
	return walk_takes(w, ']') && buf_add_text(&w->out, "]") &&
	    (omitted == 0 || buf_add_format(&w->out, ",\"peopleOmitted\":%d", omitted));
}

static bool
copy_motion(struct walk *w)
{
	return buf_add_text(&w->out, "\"motion\":") && copy_number(w);
}

static bool
is_key(const char *key, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(key, word, len) == 0;
}

char *
wire_keep_pose(const char *text, size_t len)
{
	struct walk w = { .at = text, .end = text + len };
	int count = 0;

	buf_init(&w.out, MAX_KEPT_POSE);
	(void)walk_takes(&w, '{');
	while (walk_peek(&w) == '"') {
		size_t key_len;
		const char *key = walk_key(&w, &key_len), *begun = w.at;
		const size_t mark = w.out.len;

		if (copy_comma(&w, count) && ((is_key(key, key_len, "people") && copy_people(&w)) ||
		    (is_key(key, key_len, "motion") && copy_motion(&w))))
			count++;
		else
			walk_skip(&w, begun, mark);
		(void)walk_takes(&w, ',');
	}
	if (count > 0)
		return buf_steal(&w.out, &len);
	buf_fini(&w.out);
	return NULL;
}
