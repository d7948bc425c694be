/*
 * stage_text.c - headless: replies and public events as guarded lines, JSON Lines or TAP.
 * Never draws, never asks; one record is one line, given away at once.
 */
#include "app/stage_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jdoc.h"

#define MAX_LINE (64 * 1024)
#define MAX_WORD (8 * MAX_TEXT_FIELD)

enum text_form { TEXT_LINES, TEXT_JSON, TEXT_TAP };

struct stage_text {
	struct stage_text_out out;
	enum text_form form;
	struct bus *bus;
	struct crew *crew;
	void (*quit)(void *arg, int status);
	void *arg;
	struct stage stage;
	struct reply reply;
	int test_n;			/* TAP: number of the wait or expect that is open; 0 = none */
	int test_count;
	char test_text[MAX_COMMAND_LINE];
};

/* ---- Writing ---- */

/* A line as it stands, with its line feed; b is over. */
static void
text_put(struct stage_text *s, struct buf *b)
{
	s->out.put(s->out.arg, buf_text(b), b->len);
	buf_fini(b);
}

static void
text_line(struct stage_text *s, const char *line)
{
	struct buf b;

	buf_init(&b, strlen(line) + 3);
	buf_add_format(&b, "%s%s\n", s->form == TEXT_TAP ? "# " : "", line);
	text_put(s, &b);
}

static void
text_buf(struct stage_text *s, struct buf *b)
{
	text_line(s, buf_text(b));
	buf_fini(b);
}

/* Takes j over. */
static void
text_json(struct stage_text *s, struct jdoc *j)
{
	char *line = jdoc_print(j);

	text_line(s, line);
	free(line);
	jdoc_free(j);
}

static void
add_word(struct buf *b, const char *text)
{
	char word[MAX_WORD];

	str_word(word, sizeof word, text);
	buf_add_text(b, word);
}

static void
add_string(struct buf *b, const char *text)
{
	char word[MAX_WORD];

	str_json(word, sizeof word, text);
	buf_add_text(b, word);
}

/* 4.1ms, 41ms, 2000ms */
static void
add_ms(struct buf *b, int64_t us)
{
	buf_add_format(b, us < 9950 ? "%.1fms" : "%.0fms", (double)us / 1000);
}

/* A whole number where it is one: JSON readers like 2000 better than 2000.0. */
static void
set_ms(struct jdoc *j, int64_t us)
{
	if (us % 1000 == 0)
		jdoc_set_int(j, "ms", us / 1000);
	else
		jdoc_set_real(j, "ms", (double)us / 1000);
}

static struct jdoc *
record(const char *name, int n)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_text(j, "record", name);
	if (n > 0)
		jdoc_set_int(j, "n", n);
	return j;
}

static void
set_or_null(struct jdoc *j, const char *key, const char *text)
{
	jdoc_set_text(j, key, text[0] != '\0' ? text : NULL);
}

/* ---- Replies ---- */

/* `when`: an event that did not come within its time. */
static bool
is_test(const char *text)
{
	return str_has_prefix(text, "wait ") || str_has_prefix(text, "expect ") || str_has_prefix(text, "when ");
}

/* What a shell, a log and a terminal can take: the text with its control characters escaped. */
static void
add_text(struct buf *b, const char *text)
{
	char clean[MAX_COMMAND_LINE];

	str_clean(clean, sizeof clean, text, strlen(text), MAX_COMMAND_LINE);
	buf_add_text(b, clean);
}

static void
text_begin(void *arg, int n, const char *text)
{
	struct stage_text *s = arg;
	struct buf b;

	if (is_test(text)) {
		s->test_n = n;
		str_copy(s->test_text, sizeof s->test_text, text);
	}
	if (s->form == TEXT_JSON) {
		struct jdoc *j = record("begin", n);

		jdoc_set_text(j, "text", text);
		text_json(s, j);
		return;
	}
	buf_init(&b, MAX_LINE);
	buf_add_format(&b, "begin %d ", n);
	add_text(&b, text);
	text_buf(s, &b);
}

static void
text_ack(void *arg, int n, const char *node, const char *name, const struct ledger_line *line)
{
	struct stage_text *s = arg;
	struct buf b;

	if (s->form == TEXT_JSON) {
		struct jdoc *j = record("ack", n);

		jdoc_set_text(j, "node", node);
		jdoc_set_text(j, "name", name);
		jdoc_set_text(j, "result", node_result_name(line->result));
		set_ms(j, line->ms_us);
		set_or_null(j, "code", line->code);
		set_or_null(j, "message", line->message);
		text_json(s, j);
		return;
	}
	buf_init(&b, MAX_LINE);
	buf_add_format(&b, "ack %d ", n);
	add_word(&b, name);
	buf_add_format(&b, " %s ", node_result_name(line->result));
	add_ms(&b, line->ms_us);
	if (line->message[0] != '\0' && line->result != NODE_OK) {
		buf_add_text(&b, " ");
		add_string(&b, line->message);
	}
	text_buf(s, &b);
}

static void
text_say(void *arg, int n, const char *text)
{
	struct stage_text *s = arg;
	struct buf b;

	if (s->form == TEXT_JSON) {
		struct jdoc *j = record("say", n);

		jdoc_set_text(j, "text", text);
		text_json(s, j);
		return;
	}
	buf_init(&b, MAX_LINE);
	buf_add_format(&b, "say %d ", n);
	add_string(&b, text);
	text_buf(s, &b);
}

static void
json_end(struct stage_text *s, int n, const struct reply_end *end)
{
	struct jdoc *j = record("end", n);

	jdoc_set_text(j, "result", reply_result_name(end->result));
	jdoc_set_int(j, "acked", end->acked);
	jdoc_set_int(j, "asked", end->asked);
	set_ms(j, end->took_us);
	if (end->err.kind != ERR_NONE)
		jdoc_set_text(j, "message", end->err.text);
	text_json(s, j);
}

/* The TAP line of a wait or an expect. */
static void
tap_end(struct stage_text *s, const struct reply_end *end)
{
	struct buf b;

	s->test_count++;
	buf_init(&b, MAX_LINE);
	buf_add_format(&b, "%s %d - ", end->result == REPLY_OK ? "ok" : "not ok", s->test_count);
	for (const char *c = s->test_text; *c != '\0'; c++)
		buf_add_format(&b, *c == '#' ? "\\%c" : "%c", *c);	/* '#' would begin a directive */
	buf_add_text(&b, "\n");
	text_put(s, &b);
}

static void
text_end(void *arg, int n, const struct reply_end *end)
{
	struct stage_text *s = arg;
	struct buf b;

	if (s->form == TEXT_TAP && n == s->test_n)
		tap_end(s, end);
	if (s->form == TEXT_JSON) {
		json_end(s, n, end);
		return;
	}
	buf_init(&b, MAX_LINE);
	buf_add_format(&b, "end %d %s ", n, reply_result_name(end->result));
	if (end->asked > 0)
		buf_add_format(&b, "%d/%d ", end->acked, end->asked);
	add_ms(&b, end->took_us);
	if (end->err.kind != ERR_NONE) {
		buf_add_text(&b, " ");
		add_string(&b, end->err.text);
	}
	text_buf(s, &b);
}

/* ---- Events ---- */

/* Their text is made of words already: FILE:LINE scheduled=..., 003 left,wide. */
static bool
is_words(enum event_kind kind)
{
	return kind == EV_CUE || kind == EV_CUE_LATE || kind == EV_STILL_ROLLING;
}

static void
json_event(struct stage_text *s, const struct bus_event *ev)
{
	struct jdoc *j = record("event", 0);

	jdoc_set_text(j, "event", event_name(ev->kind));
	jdoc_set_text(j, "node", ev->node);
	jdoc_set_text(j, "text", ev->text != NULL ? ev->text : "");
	jdoc_set_int(j, "timeUs", ev->time_us);
	text_json(s, j);
}

static void
text_event(void *arg, const struct bus_event *ev)
{
	struct stage_text *s = arg;
	const struct registry_node *n;
	struct buf b;

	if (!event_is_public(ev->kind))
		return;
	if (s->form == TEXT_JSON) {
		json_event(s, ev);
		return;
	}
	buf_init(&b, MAX_LINE);
	buf_add_format(&b, "event %s", event_name(ev->kind));
	if (ev->node != NULL) {
		n = registry_find(crew_registry(s->crew), ev->node);
		buf_add_text(&b, " ");
		add_word(&b, n != NULL ? registry_name(n) : ev->node);
	}
	if (ev->text != NULL && ev->text[0] != '\0') {
		buf_add_text(&b, " ");
		if (is_words(ev->kind))
			add_text(&b, ev->text);
		else
			add_string(&b, ev->text);
	}
	text_buf(s, &b);
}

/* ---- The stage ---- */

static bool
is_listed(const char *const *list, const char *name)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

/* A sheet made for a screen plays without one; a word that no screen knows is refused here too. */
static bool
text_view(void *arg, const char *name, const char *words, struct err *e)
{
	(void)words;
	static const char *const names[] = { "sheet", "health", "takes", "mesh", "log", "help", NULL };

	(void)arg;
	return is_listed(names, name) ||
	    err_set(e, ERR_USAGE, "there is no view \"%s\"; expected sheet, health, takes, mesh, log or help", name);
}

static bool
text_layout(void *arg, const char *words, struct err *e)
{
	static const char *const names[] = { "sheet", "sheet 1", "sheet 4", "sheet 9", "sheet 16", "sheet 25", "switch", "quad", "single", NULL };

	(void)arg;
	return is_listed(names, words) || err_set(e, ERR_USAGE,
	    "there is no layout \"%s\"; expected sheet with 1, 4, 9, 16 or 25 cameras a page, switch, quad or single", words);
}

static bool
text_graphics(void *arg, const char *name, struct err *e)
{
	static const char *const names[] = { "next", "auto", "sixel", "symbols", "none", NULL };

	(void)arg;
	return is_listed(names, name) ||
	    err_set(e, ERR_USAGE, "\"%s\" is none of next, auto, sixel, symbols, none", name);
}

/* Colours and keys: nothing here has any. */
static bool
text_theme(void *arg, const char *name, struct err *e)
{
	(void)arg;
	(void)name;
	(void)e;
	return true;
}

static bool
text_lock(void *arg, bool on, struct err *e)
{
	(void)arg;
	(void)on;
	(void)e;
	return true;
}

static bool
text_seen(void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	return true;
}

static void
text_quit(void *arg, int status)
{
	struct stage_text *s = arg;

	if (s->quit != NULL)
		s->quit(s->arg, status);
}

struct stage_text *
stage_text_new(const struct stage_text_out *out, bool json, struct bus *bus, struct crew *crew,
    void (*quit)(void *arg, int status), void *arg)
{
	struct stage_text *s = xcalloc(1, sizeof *s);

	s->out = *out;
	s->form = json ? TEXT_JSON : TEXT_LINES;
	s->bus = bus;
	s->crew = crew;
	s->quit = quit;
	s->arg = arg;
	s->stage = (struct stage){ .arg = s, .view = text_view, .layout = text_layout, .theme = text_theme, .keys = text_theme,
		.graphics = text_graphics, .lock = text_lock, .seen = text_seen, .quit = text_quit };
	s->reply = (struct reply){ .begin = text_begin, .ack = text_ack, .say = text_say, .end = text_end, .arg = s };
	if (bus != NULL)
		bus_listen(bus, EV_KINDS, text_event, s);
	return s;
}

void
stage_text_tap(struct stage_text *s)
{
	static const char version[] = "TAP version 13\n";

	s->form = TEXT_TAP;
	s->out.put(s->out.arg, version, sizeof version - 1);
}

void
stage_text_free(struct stage_text *s)
{
	if (s == NULL)
		return;
	if (s->bus != NULL)
		bus_unlisten(s->bus, text_event, s);
	free(s);
}

const struct stage *
stage_text_stage(struct stage_text *s)
{
	return &s->stage;
}

const struct reply *
stage_text_reply(struct stage_text *s)
{
	return &s->reply;
}

void
stage_text_lost(struct stage_text *s, unsigned long lines, int64_t now_us)
{
	char text[128];
	const struct bus_event ev = { .kind = EV_ALARM, .text = text, .time_us = now_us };

	snprintf(text, sizeof text, "%lu lines are missing here: whoever reads them took nothing for too long", lines);
	text_event(s, &ev);
}

void
stage_text_receipt(struct stage_text *s, const char *take, const char *line)
{
	struct jdoc *j;

	if (s->form != TEXT_JSON) {
		text_line(s, line);
		return;
	}
	j = record("receipt", 0);
	jdoc_set_text(j, "take", take);
	jdoc_set_text(j, "text", line);
	text_json(s, j);
}

void
stage_text_summary(struct stage_text *s, int passed, int failed)
{
	struct buf b;

	if (s->form == TEXT_JSON) {
		struct jdoc *j = record("summary", 0);
		char text[64];

		snprintf(text, sizeof text, "%d passed, %d failed", passed, failed);
		jdoc_set_text(j, "text", text);
		jdoc_set_int(j, "passed", passed);
		jdoc_set_int(j, "failed", failed);
		text_json(s, j);
		return;
	}
	buf_init(&b, MAX_LINE);
	if (s->form == TEXT_TAP)
		buf_add_format(&b, "1..%d\n# ", s->test_count);
	buf_add_format(&b, "%d passed, %d failed\n", passed, failed);
	text_put(s, &b);
}
