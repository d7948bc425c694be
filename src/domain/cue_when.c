/*
 * cue_when.c - the WHEN of a cue, and the event of a standing rule.
 * Knows the forms of the language, never a clock.
 */
#include "domain/cue_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "domain/beat.h"

#define CUE_MAX_BARS 1000000
#define CUE_MAX_BEATS 100000.0
#define DAY_US (24 * 3600 * INT64_C(1000000))

/* ---- Values ---- */

static bool
when_time(struct cue_reader *r, const char *sentence, int64_t *us)
{
	struct cue_word w = cue_word_at(r, &r->at);
	char text[64];

	if (w.len == 0 || !cue_word_copy(&w, text, sizeof(text)) || !str_time(text, us))
		return cue_fail(r, w.begin, "%s", sentence);
	return true;
}

static bool
when_at(struct cue_reader *r, struct cue *cue)
{
	cue->when = CUE_AT;
	return when_time(r, "expected a time after `at`, such as 1.5s, 2m or 00:01:02.500, or clock or bar", &cue->time_us);
}

/* HH:MM:SS[.mmm] of the day; HH:MM too.  str_time() alone would take 20:00 for twenty minutes, and 5s for a clock. */
static bool
when_at_clock(struct cue_reader *r, struct cue *cue)
{
	struct cue_word w = cue_word_at(r, &r->at);
	char text[64];
	int colons = 0;

	cue->when = CUE_AT_CLOCK;
	snprintf(text, sizeof(text), "%.*s%s", w.len < 32 ? (int)w.len : 0, w.text, w.len == strlen("HH:MM") ? ":00" : "");
	for (const char *p = text; *p != '\0'; p++)
		colons += *p == ':';
	if (colons != 2 || !str_time(text, &cue->time_us) || cue->time_us >= DAY_US)
		return cue_fail(r, w.begin, "expected a time of the day after `at clock`, such as 20:15:00");
	return true;
}

/* 17 or 17.3: the third beat of bar 17. */
static bool
when_at_bar(struct cue_reader *r, struct cue *cue)
{
	struct cue_word w = cue_word_at(r, &r->at);
	int64_t beat = 1;
	char text[32], *dot;

	cue->when = CUE_AT_BAR;
	if (!cue_word_copy(&w, text, sizeof(text)))
		text[0] = '\0';
	dot = strchr(text, '.');
	if (dot != NULL)
		*dot++ = '\0';
	if (!str_int(text, 1, CUE_MAX_BARS, &cue->bar) || (dot != NULL && !str_int(dot, 1, BEAT_QUANTUM_MAX, &beat)))
		return cue_fail(r, w.begin, "expected a bar after `at bar`, such as 17, or 17.3 for its third beat; both count from 1");
	cue->beats = (double)beat;
	return true;
}

static bool
when_after(struct cue_reader *r, struct cue *cue)
{
	cue->when = CUE_AFTER;
	return when_time(r, "expected a time after `after`, such as 500ms, 2s or 00:00:30, or so many beats or bars", &cue->time_us);
}

/* after N beats, after N bars; halves too. */
static bool
when_after_count(struct cue_reader *r, struct cue *cue)
{
	struct cue_word n = cue_word_at(r, &r->at), unit = cue_word_at(r, &r->at);
	char text[32];

	cue->when = cue_word_is(&unit, "beat*") ? CUE_AFTER_BEATS : CUE_AFTER_BARS;
	if (!cue_word_copy(&n, text, sizeof(text)) || !str_double(text, 0, CUE_MAX_BEATS, &cue->beats) || cue->beats <= 0)
		return cue_fail(r, n.begin, "expected a number above 0 after `after`, such as 4 %s",
		    cue->when == CUE_AFTER_BEATS ? "beats" : "bars");
	return true;
}

static bool
when_with(struct cue_reader *r, struct cue *cue)
{
	size_t begin = r->at - strlen("with");

	cue->when = CUE_WITH;
	if (!r->has_anchor)
		return cue_fail(r, begin, "`with` needs a cue before it; expected another WHEN or a command");
	return true;
}

static bool
when_on_beat(struct cue_reader *r, struct cue *cue)
{
	(void)r;
	cue->when = CUE_ON_BEAT;
	return true;
}

static bool
when_on_bar(struct cue_reader *r, struct cue *cue)
{
	(void)r;
	cue->when = CUE_ON_BAR;
	return true;
}

/* Quotes that editors make of straight ones, and single ones. */
static bool
when_is_odd_quote(const char *text, size_t len)
{
	return len > 0 && (text[0] == '\'' || (len > 3 && memcmp(text, "\xe2\x80", 2) == 0 && strchr("\x98\x99\x9a\x9c\x9d\x9e", text[2]) != NULL));
}

/* on go ["text"] */
static bool
when_on_go(struct cue_reader *r, struct cue *cue)
{
	cue->when = CUE_ON_GO;
	cue_skip_blanks(r);
	if (when_is_odd_quote(r->text + r->at, r->len - r->at))
		return cue_fail(r, r->at, "expected straight double quotes around the text: on go \"text\"");
	if (r->at >= r->len || r->text[r->at] != '"')
		return true;
	cue->go_text = cue_read_string(r);
	return cue->go_text != NULL || cue_fail(r, r->at, "expected a closing quote: this string has no end");
}

static bool
when_on(struct cue_reader *r, struct cue *cue)
{
	(void)cue;
	cue_skip_blanks(r);
	return cue_fail(r, r->at, "expected beat, bar or go after `on`");
}

/* ---- Events ---- */

static bool
when_event(struct cue_reader *r, struct cue *cue, const char *behind)
{
	struct cue_word w = cue_word_at(r, &r->at);
	const char *best;
	char name[64] = "";

	if (w.len > 0 && cue_word_copy(&w, name, sizeof(name)) && event_parse_public(name, &cue->event))
		return true;
	best = event_nearest(name);
	if (best != NULL)
		return cue_fail(r, w.begin, "expected an event after `%s`; the nearest to \"%s\" is %s", behind, name, best);
	return cue_fail(r, w.begin, "expected an event after `%s`, such as node-lost, program-lost, gesture or saved", behind);
}

/*
 * [NODE]: a string, or a word that means nothing in the language, with something behind it.  Labels are none of its words; a device that is called
 * like one stands in quotes.
 */
static bool
when_node(struct cue_reader *r, struct cue *cue)
{
	size_t at = r->at;
	struct cue_word w = cue_word_at(r, &at);
	bool fits = true;
	char *name;

	cue_skip_blanks(r);
	if (r->at < r->len && r->text[r->at] == '"') {
		at = r->at;
		name = cue_read_string(r);
		if (name == NULL)
			return cue_fail(r, at, "expected a closing quote: this string has no end");
		fits = name[0] != '\0' && str_copy(cue->node, sizeof(cue->node), name);
		free(name);
		return fits || cue_fail(r, at, "expected a camera's name of 1 to 255 bytes");
	}
	if (at >= r->len || !cue_word_copy(&w, cue->node, sizeof(cue->node)) || cmdline_is_word(cue->node))
		cue->node[0] = '\0';
	else
		r->at = at;
	return true;
}

/* when EVENT [NODE] [within T] */
static bool
when_when(struct cue_reader *r, struct cue *cue)
{
	struct cue_word w;
	size_t at;

	cue->when = CUE_WHEN;
	cue->time_us = -1;
	if (!when_event(r, cue, "when") || !when_node(r, cue))
		return false;
	at = r->at;
	w = cue_word_at(r, &at);
	if (!cue_word_is(&w, "within"))
		return true;
	r->at = at;
	return when_time(r, "expected a time after `within`, such as 10s", &cue->time_us);
}

static bool
when_whenever(struct cue_reader *r, struct cue *cue)
{
	struct cue_word w;
	size_t at;

	cue->standing = true;
	if (!when_event(r, cue, "whenever") || !when_node(r, cue))
		return false;
	at = r->at;
	w = cue_word_at(r, &at);
	return !cue_word_is(&w, "within") || cue_fail(r, w.begin, "`whenever` stands for the whole sheet; `within` goes with when");
}

/* ---- Forms ---- */

/* First fit counts.  parse NULL: it is no WHEN, and stands first on its line.  parse begins behind the `skip` first words. */
struct cue_form {
	const char *words[3];
	const char *shown;
	int skip;
	bool (*parse)(struct cue_reader *r, struct cue *cue);
};

static const struct cue_form cue_forms[] = {
	{ { "at", "clock" }, "at clock", 2, when_at_clock },
	{ { "at", "bar" }, "at bar", 2, when_at_bar },
	{ { "at" }, "at", 1, when_at },
	{ { "after", "*", "beat" }, "after N beats", 1, when_after_count },
	{ { "after", "*", "beats" }, "after N beats", 1, when_after_count },
	{ { "after", "*", "bar" }, "after N bars", 1, when_after_count },
	{ { "after", "*", "bars" }, "after N bars", 1, when_after_count },
	{ { "after" }, "after", 1, when_after },
	{ { "with" }, "with", 1, when_with },
	{ { "on", "beat" }, "on beat", 2, when_on_beat },
	{ { "on", "bar" }, "on bar", 2, when_on_bar },
	{ { "on", "go" }, "on go", 2, when_on_go },
	{ { "on" }, "on", 1, when_on },
	{ { "when" }, "when", 1, when_when },
	{ { "whenever" }, "whenever", 1, when_whenever },
	{ { "repeat" }, "repeat", 0, NULL },
	{ { "end" }, "end", 0, NULL },
	{ { "include" }, "include", 0, NULL },
};

static bool
form_fits(const struct cue_reader *r, const struct cue_form *form)
{
	size_t at = r->at;
	struct cue_word w;

	for (int i = 0; i < 3 && form->words[i] != NULL; i++) {
		w = cue_word_at(r, &at);
		if (w.len == 0 || !cue_word_is(&w, form->words[i]))
			return false;
	}
	return true;
}

static const struct cue_form *
form_at(const struct cue_reader *r)
{
	for (size_t i = 0; i < sizeof(cue_forms) / sizeof(cue_forms[0]); i++)
		if (form_fits(r, &cue_forms[i]))
			return &cue_forms[i];
	return NULL;
}

const char *
cue_form_shown(const struct cue_reader *r)
{
	const struct cue_form *form = form_at(r);

	return form != NULL ? form->shown : NULL;
}

bool
cue_read_when(struct cue_reader *r, struct cue *cue)
{
	const struct cue_form *form;
	size_t begin, end;

	cue_skip_blanks(r);
	form = form_at(r);
	if (form == NULL || form->parse == NULL)
		return true;
	begin = r->at;
	for (int i = 0; i < form->skip; i++)
		cue_word_at(r, &r->at);
	if (!form->parse(r, cue))
		return false;
	for (end = r->at; r->text[end - 1] == ' ' || r->text[end - 1] == '\t'; end--)
		;
	cue->when_text = xstrndup(r->text + begin, end - begin);
	return true;
}
