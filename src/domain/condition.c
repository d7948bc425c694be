/*
 * condition.c - the grammar of what `wait` and `expect` can ask.
 * Never judges, never looks a node up: names stay as they were written.
 */
#include "domain/condition.h"

#include <string.h>

#include "base/str.h"
#include "domain/event.h"

#define CONDITION_MAX_CUTS 1000000

struct condition_scan {
	const struct cmdline *c;
	int at;			/* next word */
	int *column;
	struct condition *out;
	struct err *e;
};

static const char *const condition_take_states[] = { "recording", "saved", "fetched", "verified", "failed", NULL };
static const char *const condition_node_states[] = { "live", "stale", "lost", "recording", "idle", NULL };

/* Where word `index` begins, or would begin when there is none. */
static int
condition_column(const struct cmdline *c, int index)
{
	int last = c->count - 1;

	if (index < c->count)
		return c->column[index];
	if (last < 0)
		return 1;
	return c->column[last] + (int)strlen(c->words[last]) + (c->quoted[last] ? 2 : 0) + 1;
}

/* Fails at the next word. */
static bool
condition_expected(struct condition_scan *s, const char *what)
{
	char word[64];

	*s->column = condition_column(s->c, s->at);
	if (s->at >= s->c->count)
		return err_set(s->e, ERR_USAGE, "expected %s", what);
	str_clean(word, sizeof(word), s->c->words[s->at], strlen(s->c->words[s->at]), 32);
	return err_set(s->e, ERR_USAGE, "expected %s, not \"%s\"", what, word);
}

/* The next word if it is an unquoted one; NULL else. */
static const char *
condition_word(const struct condition_scan *s)
{
	return s->at < s->c->count && !s->c->quoted[s->at] ? s->c->words[s->at] : NULL;
}

static bool
condition_take_word(struct condition_scan *s, const char *want)
{
	const char *word = condition_word(s);

	if (word == NULL || strcmp(word, want) != 0)
		return false;
	s->at++;
	return true;
}

static bool
condition_count(struct condition_scan *s, int64_t max, bool can_be_all)
{
	const char *word = condition_word(s);
	int64_t n = 0;

	if (can_be_all && condition_take_word(s, "all")) {
		s->out->count = -1;
		return true;
	}
	if (word == NULL || !str_int(word, 0, max, &n))
		return condition_expected(s, can_be_all ? "a count or all" : "a count");
	s->out->count = (int)n;
	s->at++;
	return true;
}

static bool
condition_time(struct condition_scan *s, const char *word, const char *what, int64_t *us)
{
	if (word == NULL || !str_time(word, us))
		return condition_expected(s, what);
	s->at++;
	return true;
}

static bool
condition_node(struct condition_scan *s)
{
	if (s->at >= s->c->count)
		return condition_expected(s, "a camera: its number, label or device name");
	if (s->c->words[s->at][0] == '\0' || !str_copy(s->out->node, sizeof(s->out->node), s->c->words[s->at]))
		return condition_expected(s, "a camera's name of 1 to 255 bytes");
	s->at++;
	return true;
}

/* One of the words, into out->word. */
static bool
condition_choice(struct condition_scan *s, const char *const *choices, const char *what)
{
	for (; *choices != NULL; choices++)
		if (condition_take_word(s, *choices)) {
			str_copy(s->out->word, sizeof(s->out->word), *choices);
			return true;
		}
	return condition_expected(s, what);
}

static bool
condition_event_name(struct condition_scan *s)
{
	const char *word = condition_word(s);
	enum event_kind kind;

	if (word == NULL || !event_parse_public(word, &kind))
		return condition_expected(s, "an event such as node-live, node-lost, recording, saved, cut or alarm");
	str_copy(s->out->word, sizeof(s->out->word), event_name(kind));
	s->at++;
	return true;
}

static bool
condition_nodes(struct condition_scan *s)
{
	return condition_count(s, MAX_NODES, true);
}

static bool
condition_take(struct condition_scan *s)
{
	return condition_choice(s, condition_take_states, "recording, saved, fetched, verified or failed") &&
	    condition_count(s, MAX_NODES, true);
}

static bool
condition_event(struct condition_scan *s)
{
	const char *word;

	if (!condition_event_name(s))
		return false;
	word = condition_word(s);
	if (s->at >= s->c->count || (word != NULL && strcmp(word, "within") == 0))
		return true;
	return condition_node(s);
}

static bool
condition_node_state(struct condition_scan *s)
{
	return condition_node(s) && condition_choice(s, condition_node_states, "live, stale, lost, recording or idle");
}

static bool
condition_nothing(struct condition_scan *s)
{
	(void)s;
	return true;
}

/* -40dB */
static bool
condition_level(struct condition_scan *s)
{
	const char *word = condition_word(s);
	char number[32];
	size_t len = word != NULL ? strlen(word) : 0;

	if (len < 3 || len >= sizeof(number) || !str_equal_nocase(word + len - 2, "dB"))
		return condition_expected(s, "a level such as -40dB");
	memcpy(number, word, len - 2);
	number[len - 2] = '\0';
	if (!str_double(number, -200, 20, &s->out->level_dbfs))
		return condition_expected(s, "a level from -200dB to 20dB");
	s->at++;
	return true;
}

static bool
condition_audio(struct condition_scan *s)
{
	if (!condition_node(s))
		return false;
	if (!condition_take_word(s, "above"))
		return condition_expected(s, "above LEVEL, such as above -40dB");
	return condition_level(s);
}

static bool
condition_cuts(struct condition_scan *s)
{
	return condition_count(s, CONDITION_MAX_CUTS, false);
}

static bool
condition_ack(struct condition_scan *s)
{
	const char *word;

	if (!condition_take_word(s, "all"))
		return condition_expected(s, "all");
	s->out->count = -1;
	word = condition_word(s);
	if (word == NULL || strcmp(word, "within") != 0)
		return condition_expected(s, "within TIME");
	return true;
}

/* "± 40ms", "±40ms"; "+-" where the sign cannot be typed. */
static bool
condition_tolerance(struct condition_scan *s)
{
	static const char *const signs[] = { "\xc2\xb1", "+-", NULL };
	const char *word = condition_word(s);

	for (int i = 0; word != NULL && signs[i] != NULL; i++) {
		if (!str_has_prefix(word, signs[i]))
			continue;
		word += strlen(signs[i]);
		if (*word == '\0') {
			s->at++;
			word = condition_word(s);
		}
		return condition_time(s, word, "a tolerance such as 40ms", &s->out->tolerance_us);
	}
	return condition_expected(s, "\xc2\xb1 TIME, such as \xc2\xb1 40ms");
}

static bool
condition_cut_at(struct condition_scan *s)
{
	if (!condition_count(s, CONDITION_MAX_CUTS, false))
		return false;
	if (s->out->count == 0) {
		s->at--;
		return condition_expected(s, "the number of a cut, from 1");
	}
	if (!condition_take_word(s, "at"))
		return condition_expected(s, "at TIME");
	return condition_time(s, condition_word(s), "a time such as 1.5s or 00:00:12.500", &s->out->at_us) &&
	    condition_tolerance(s);
}

struct condition_form {
	const char *word;
	enum condition_kind kind;
	bool expect_only;		/* judges what is past: nothing to wait for */
	bool (*parse)(struct condition_scan *s);
};

static const struct condition_form condition_table[] = {
	{ "nodes", COND_NODES, false, condition_nodes },
	{ "take", COND_TAKE, false, condition_take },
	{ "event", COND_EVENT, false, condition_event },
	{ "node", COND_NODE, false, condition_node_state },
	{ "program", COND_PROGRAM, false, condition_node },
	{ "preview", COND_PREVIEW, false, condition_node },
	{ "armed", COND_ARMED, false, condition_nothing },
	{ "audio", COND_AUDIO, false, condition_audio },
	{ "cuts", COND_CUTS, false, condition_cuts },
	{ "no", COND_NO_EVENT, false, condition_event_name },
	{ "ack", COND_ACK, true, condition_ack },
	{ "cut", COND_CUT_AT, true, condition_cut_at },
};

static const struct condition_form *
condition_find(const struct condition_scan *s)
{
	const char *word = condition_word(s);

	for (size_t i = 0; word != NULL && i < sizeof(condition_table) / sizeof(condition_table[0]); i++)
		if (strcmp(condition_table[i].word, word) == 0)
			return &condition_table[i];
	return NULL;
}

/* [within T], then nothing more. */
static bool
condition_end(struct condition_scan *s)
{
	bool has_within = condition_take_word(s, "within");

	if (has_within && !condition_time(s, condition_word(s), "a time such as 10s or 500ms after within",
	    &s->out->within_us))
		return false;
	if (s->at < s->c->count)
		return condition_expected(s, has_within ? "nothing more" : "within TIME or nothing more");
	return true;
}

static bool
condition_form(struct condition_scan *s)
{
	const struct condition_form *form = condition_find(s);

	if (form == NULL)
		return condition_expected(s,
		    "nodes, take, event, node, program, preview, armed, audio, cuts, no, ack or cut");
	if (form->expect_only && strcmp(s->c->words[0], "wait") == 0) {
		*s->column = condition_column(s->c, s->at);
		return err_set(s->e, ERR_USAGE, "`%s` is judged, never waited for; expected `expect %s ...`",
		    form->word, form->word);
	}
	s->out->kind = form->kind;
	s->at++;
	return form->parse(s) && condition_end(s);
}

bool
condition_parse(struct condition *out, const struct cmdline *c, int first, int *column, struct err *e)
{
	int unused;
	struct condition_scan s = { .c = c, .at = first, .column = column != NULL ? column : &unused, .out = out, .e = e };

	memset(out, 0, sizeof(*out));
	out->within_us = -1;
	if (c->target != NULL || c->force) {
		*s.column = 1;
		return err_set(e, ERR_USAGE, "a condition takes neither -t nor --force");
	}
	return condition_form(&s);
}
