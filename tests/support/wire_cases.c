/*
 * wire_cases.c - loads the wire cases and runs them through io/wire in both directions.
 * Owns no knowledge of the JSON messages but the case files: records are compared member by
 * member from the tables of wire_fields.c.  Never touches the network.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "domain/node.h"
#include "io/wire.h"
#include "support/wire_cases.h"
#include "support/wire_fields.h"

#define MAX_CASE_FILE (1024 * 1024)

const char *const wire_case_kinds[] = { "info", "health", "file", "time", "answer", "event", "request", NULL };

void
wire_cases_dir(char *out, size_t out_size)
{
	const char *srcdir = getenv("srcdir");
	const char *here = __FILE__, *cut = strstr(here, "support/wire_cases.c");

	if (srcdir != NULL)
		snprintf(out, out_size, "%s/tests/wire", srcdir);
	else
		snprintf(out, out_size, "%.*swire", (int)(cut - here), here);
}

static void
fill_case(struct wire_case *c, const char *kind, const struct jdoc *j)
{
	c->kind = kind;
	c->name = jdoc_text(j, "name", "?");
	c->event = jdoc_text(j, "event", "");
	c->path = jdoc_text(j, "path", "");
	c->status = (int)jdoc_int(j, "status", 0);
	c->input = jdoc_has(j, "text") ? xstrdup(jdoc_text(j, "text", ""))
	    : jdoc_has(j, "input") ? jdoc_print(jdoc_get(j, "input")) : xstrdup("");
	c->input_len = strlen(c->input);
	c->expect = jdoc_get(j, "expect");
	c->error = jdoc_text(j, "error", NULL);
	c->writes = jdoc_has(j, "writes") ? jdoc_print(jdoc_get(j, "writes")) : NULL;
}

bool
wire_cases_load(struct wire_cases *out, const char *dir, const char *kind, struct err *e)
{
	char path[1024];

	memset(out, 0, sizeof *out);
	snprintf(path, sizeof path, "%s/%s.json", dir, kind);
	out->root = jdoc_load(path, MAX_CASE_FILE, e);
	if (out->root == NULL)
		return false;
	out->count = jdoc_count(out->root);
	if (out->count == 0)
		return err_set(e, ERR_FORMAT, "%s: no cases", path);
	out->cases = xcalloc(out->count, sizeof *out->cases);
	for (size_t i = 0; i < out->count; i++)
		fill_case(&out->cases[i], kind, jdoc_at(out->root, i));
	return true;
}

void
wire_cases_free(struct wire_cases *c)
{
	for (size_t i = 0; i < c->count && c->cases != NULL; i++) {
		free(c->cases[i].input);
		free(c->cases[i].writes);
	}
	free(c->cases);
	jdoc_free(c->root);
	memset(c, 0, sizeof *c);
}

/* ---- Reading and writing by kind ---- */

/* Room for any kind's record. */
union record {
	struct node_info info;
	struct node_health health;
	struct node_file file;
	struct node_answer answer;
	struct node_event event;
	struct node_request request;
	struct wire_case_time time;
};

static enum node_verb
verb_of(const char *path)
{
	int v = 0;

	while (v < NODE_VERBS && strcmp(node_verb_path((enum node_verb)v), path) != 0)
		v++;
	XASSERT(v < NODE_VERBS);
	return (enum node_verb)v;
}

static bool
read_doc(const struct wire_case *c, union record *r, const struct jdoc *j, struct err *e)
{
	if (strcmp(c->kind, "info") == 0)
		return wire_read_info(&r->info, j, e);
	if (strcmp(c->kind, "health") == 0)
		return wire_read_health(&r->health, j) || err_set(e, ERR_FORMAT, "no health");
	return wire_read_file(&r->file, j) || err_set(e, ERR_FORMAT, "no recording");
}

static bool
read_record(const struct wire_case *c, const char *text, size_t len, union record *r, struct err *e)
{
	struct jdoc *j;
	bool fine;

	memset(r, 0, sizeof *r);
	if (strcmp(c->kind, "time") == 0)
		return wire_read_time(text, len, &r->time.received_us, &r->time.sent_us, r->time.epoch, e);
	if (strcmp(c->kind, "event") == 0)
		return wire_read_event(&r->event, c->event, text, len, e);
	if (strcmp(c->kind, "request") == 0)
		return wire_read_request(&r->request, verb_of(c->path), text, len, e);
	if (strcmp(c->kind, "answer") == 0) {
		wire_read_answer(&r->answer, c->status, text, len);
		return true;
	}
	j = jdoc_parse(text, len, MAX_CASE_FILE, e);
	fine = j != NULL && read_doc(c, r, j, e);
	jdoc_free(j);
	return fine;
}

static char *
print_and_free(struct jdoc *j)
{
	char *text = jdoc_print(j);

	jdoc_free(j);
	return text;
}

/* NULL: this kind is only ever read. */
static char *
write_record(const char *kind, const union record *r)
{
	if (strcmp(kind, "info") == 0)
		return print_and_free(wire_info(&r->info));
	if (strcmp(kind, "health") == 0)
		return print_and_free(wire_health(&r->health));
	if (strcmp(kind, "file") == 0)
		return print_and_free(wire_file(&r->file));
	if (strcmp(kind, "request") == 0)
		return wire_request(&r->request);
	return NULL;
}

static bool
check_back(const struct wire_case *c, const union record *first, struct err *why)
{
	union record *again = xcalloc(1, sizeof *again);
	char *text = write_record(c->kind, first);
	bool fine = true;

	if (text != NULL)
		fine = read_record(c, text, strlen(text), again, why) && wire_case_same(c->kind, first, again, why);
	if (fine && c->writes != NULL && strcmp(text, c->writes) != 0)
		fine = err_set(why, ERR_FORMAT, "wrote %s", text);
	free(text);
	free(again);
	return fine;
}

static bool
check_read(const struct wire_case *c, bool was_read, const union record *r, struct err *why)
{
	if (c->error != NULL && was_read)
		return err_set(why, ERR_FORMAT, "was read, and should not be");
	if (c->error != NULL)
		return strstr(why->text, c->error) != NULL
		    || err_set(why, ERR_FORMAT, "the sentence has no '%s'", c->error);
	if (!was_read)
		return false;
	if (c->expect == NULL)
		return err_set(why, ERR_FORMAT, "the case expects nothing");
	return wire_case_matches(c->kind, r, c->expect, why) && check_back(c, r, why);
}

bool
wire_case_run(const struct wire_case *c, struct err *why)
{
	union record *r = xcalloc(1, sizeof *r);
	bool was_read, fine;

	err_clear(why);
	was_read = read_record(c, c->input, c->input_len, r, why);
	fine = check_read(c, was_read, r, why);
	if (strcmp(c->kind, "event") == 0)
		wire_event_fini(&r->event);
	free(r);
	if (!fine)
		err_prefix(why, "%s, %s", c->kind, c->name);
	return fine;
}
