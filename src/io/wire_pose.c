/*
 * wire_pose.c - what a node says of bodies, kept as text: the numbers as they stand, of the members that the contract
 * names and of nothing else, within a ceiling.
 * Owns the walk through the text: 500 of them a second are not made into documents.  What it keeps is good JSON whatever
 * came, for it is put together here of brackets, names of ours and numbers that were looked at (RFC 8259 section 6).
 */
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/str.h"
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
	while (w->at < w->end && (*w->at == ' ' || *w->at == '\t' || *w->at == '\r' || *w->at == '\n'))
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

static bool
is_mark(char c)
{
	return c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':' || c == '"';
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
		if (depth == 0 && (c == '}' || c == ']' || c == ',' || c == ':'))
			return;		/* nothing stands there */
		depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		w->at++;
		while (!is_mark(c) && w->at < w->end && !is_mark(*w->at))
			w->at++;
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

static size_t
digits(const char *at, const char *end)
{
	const char *begun = at;

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return (size_t)(at - begun);
}

/* The length of the number that stands there; 0: there is none (RFC 8259 section 6). */
static size_t
number_length(const char *at, const char *end)
{
	const char *begun = at;
	size_t len;

	at += at < end && *at == '-';
	len = digits(at, end);
	if (len == 0 || (len > 1 && *at == '0'))
		return 0;
	at += len;
	if (at < end && *at == '.') {
		if ((len = digits(at + 1, end)) == 0)
			return 0;
		at += 1 + len;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		at += at + 1 < end && (at[1] == '+' || at[1] == '-') ? 2 : 1;
		if ((len = digits(at, end)) == 0)
			return 0;
		at += len;
	}
	return (size_t)(at - begun);
}

static bool
copy_number(struct walk *w)
{
	size_t len = walk_peek(w) != '\0' ? number_length(w->at, w->end) : 0;
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
	do {
		if (count++ == most || !copy_comma(w, count - 1) || !copy_number(w))
			return false;
	} while (walk_takes(w, ','));
	return walk_takes(w, ']') && buf_add_text(&w->out, "]") && count >= least;
}

/* One that is none, and those past the ceiling, are left out. */
static bool
copy_joints(struct walk *w)
{
	int count = 0;

	if (!walk_takes(w, '[') || !buf_add_text(&w->out, "["))
		return false;
	do {
		const size_t mark = w->out.len;
		const char *begun = w->at;

		if (count < MAX_POSE_JOINTS && copy_comma(w, count) && copy_numbers(w, 2, 4))
			count++;
		else
			walk_skip(w, begun, mark);
	} while (walk_takes(w, ','));
	return walk_takes(w, ']') && buf_add_text(&w->out, "]");
}

static bool
copy_box(struct walk *w)
{
	return copy_numbers(w, 4, 4);
}

static bool
is_key(const char *key, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(key, word, len) == 0;
}

/* The member of that name, when it is one we keep and none before had it: its key and its value. */
static bool
copy_member(struct walk *w, const char *key, size_t len, unsigned *seen)
{
	static const struct { const char *key; bool (*copy)(struct walk *w); } members[] = {
		{ "confidence", copy_number }, { "coverage", copy_number }, { "box", copy_box }, { "joints", copy_joints } };

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		if (!is_key(key, len, members[i].key) || (*seen & 1u << i) != 0)
			continue;
		if (!copy_comma(w, *seen != 0) || !buf_add_format(&w->out, "\"%s\":", members[i].key) || !members[i].copy(w))
			return false;
		*seen |= 1u << i;
		return true;
	}
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
	unsigned seen = 0;
	size_t len;

	if (!walk_takes(w, '{') || !buf_add_text(&w->out, "{"))
		return false;
	while (walk_peek(w) == '"') {
		const char *key = walk_key(w, &len), *begun = w->at;
		const size_t mark = w->out.len;

		if (!copy_member(w, key, len, &seen))
			walk_skip(w, begun, mark);
		if (!walk_takes(w, ','))
			break;
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
	while (walk_peek(w) != ']') {
		const size_t mark = w->out.len;
		const char *begun = w->at;

		if (count < MAX_POSE_PEOPLE && copy_comma(w, count) && copy_person(w) && has_room(w)) {
			count++;
		} else {
			walk_skip(w, begun, mark);
			omitted++;
		}
		if (!walk_takes(w, ','))
			break;
	}
	return walk_takes(w, ']') && buf_add_text(&w->out, "]") &&
	    (omitted == 0 || buf_add_format(&w->out, ",\"peopleOmitted\":%d", omitted));
}

static bool
copy_motion(struct walk *w)
{
	return buf_add_text(&w->out, "\"motion\":") && copy_number(w);
}

/* timeUs, which is not kept: the event has it. */
static void
read_time(struct walk *w, int64_t *time_us)
{
	size_t len = walk_peek(w) != '\0' ? number_length(w->at, w->end) : 0;
	char text[MAX_NUMBER + 1];

	if (len > 0 && len <= MAX_NUMBER) {
		memcpy(text, w->at, len);
		text[len] = '\0';
		if (!str_int(text, 0, INT64_MAX, time_us))
			*time_us = 0;
	}
}

/* Each once: a second one of a name would make a line that no strict reader takes. */
static bool
keep_members(struct walk *w, int64_t *time_us)
{
	bool has_people = false, has_motion = false;

	while (walk_peek(w) == '"') {
		size_t key_len;
		const char *key = walk_key(w, &key_len), *begun = w->at;
		const size_t mark = w->out.len;
		const bool comma = copy_comma(w, has_people || has_motion);

		if (is_key(key, key_len, "timeUs"))
			read_time(w, time_us);
		if (comma && !has_people && is_key(key, key_len, "people") && copy_people(w))
			has_people = true;
		else if (comma && !has_motion && is_key(key, key_len, "motion") && copy_motion(w))
			has_motion = true;
		else
			walk_skip(w, begun, mark);
		if (!walk_takes(w, ','))
			break;
	}
	return has_people || has_motion;
}

bool
wire_read_pose(struct node_event *out, const char *text, size_t len, struct err *e)
{
	struct walk w = { .at = text, .end = text + len };
	bool is_object, has_some;

	buf_init(&w.out, MAX_KEPT_POSE);
	is_object = walk_takes(&w, '{');
	has_some = is_object && keep_members(&w, &out->time_us);
	is_object = is_object && walk_takes(&w, '}') && walk_peek(&w) == '\0';
	if (is_object && has_some)
		out->pose_json = buf_steal(&w.out, &len);
	buf_fini(&w.out);
	return is_object || err_set(e, ERR_FORMAT, "event pose is no JSON object");
}
