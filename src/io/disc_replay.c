/*
 * disc_replay.c - sightings read from a file, for tests and rehearsals of odd networks.  JSON Lines:
 *	{"afterMs":0,"sighted":"127.0.0.1:8081","via":"bonjour","id":"...","name":"..."}
 *	{"afterMs":500,"goodbye":"127.0.0.1:8081","id":"..."}
 *	{"state":"no daemon","working":false}
 * afterMs counts from the line before.  Never checks that anybody answers there.
 */
#include "io/disc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "io/jdoc.h"

#define LINE_BYTES 4096

struct replay {
	struct loop *loop;
	struct disc_fns fns;
	void *arg;
	struct loop_timer *timer;
	FILE *file;			/* NULL: it cannot be read */
	char path[512];
	int line;
	struct jdoc *next;		/* waits for its time */
};

static enum registry_via
read_via(const struct jdoc *j)
{
	const char *word = jdoc_text(j, "via", "bonjour");

	for (unsigned via = VIA_BONJOUR; via <= VIA_REMEMBERED; via *= 2)
		if (strcmp(registry_via_name((enum registry_via)via), word) == 0)
			return (enum registry_via)via;
	return VIA_BONJOUR;
}

static void
tell_state(struct replay *r, enum registry_via via, bool working, const char *sentence)
{
	if (r->fns.state != NULL)
		r->fns.state(r->arg, via, working, sentence);
}

static void
tell_address(struct replay *r, const struct jdoc *j, const char *address, bool goodbye)
{
	struct disc_sighting s;
	struct err e;

	memset(&s, 0, sizeof s);
	if (!disc_parse_address(&s.address, address, &e)) {
		err_prefix(&e, "%s:%d", r->path, r->line);
		tell_state(r, VIA_BONJOUR, false, e.text);
		return;
	}
	s.address.via = read_via(j);
	s.address.seen_us = loop_now_us(r->loop);
	if (!ids_copy(s.id, jdoc_text(j, "id", "")))
		s.id[0] = '\0';
	jdoc_clean(j, "name", s.name, sizeof s.name);
	if (goodbye && r->fns.goodbye != NULL)
		r->fns.goodbye(r->arg, read_via(j), &s.address, s.id);
	else if (!goodbye && r->fns.sighted != NULL)
		r->fns.sighted(r->arg, &s);
}

static void
tell(struct replay *r, const struct jdoc *j)
{
	char sentence[MAX_TEXT_FIELD];

	if (jdoc_has(j, "sighted")) {
		tell_address(r, j, jdoc_text(j, "sighted", ""), false);
	} else if (jdoc_has(j, "goodbye")) {
		tell_address(r, j, jdoc_text(j, "goodbye", ""), true);
	} else {
		jdoc_clean(j, "state", sentence, sizeof sentence);
		tell_state(r, read_via(j), jdoc_bool(j, "working", true), sentence);
	}
}

/* The end, or a line that is no JSON (told), ends the replay. */
static void
read_next(struct replay *r)
{
	char line[LINE_BYTES], sentence[MAX_TEXT_FIELD];
	struct err e;

	do {
		if (fgets(line, sizeof line, r->file) == NULL)
			return;
		r->line++;
	} while (line[0] == '\n' || line[0] == '#');
	r->next = jdoc_parse(line, strlen(line), sizeof line, &e);
	if (r->next != NULL) {
		loop_timer_start(r->loop, r->timer, jdoc_int(r->next, "afterMs", 0) * 1000, 0);
		return;
	}
	snprintf(sentence, sizeof sentence, "%s:%d: %s", r->path, r->line, e.text);
	tell_state(r, VIA_BONJOUR, false, sentence);
}

/* Alternately reads a line and, when its time has come, tells it: last, since that may close this source. */
static void
on_timer(void *arg)
{
	struct replay *r = arg;
	struct jdoc *now = r->next;
	char sentence[MAX_TEXT_FIELD];

	if (r->file == NULL) {
		snprintf(sentence, sizeof sentence, "%s: cannot be read", r->path);
		tell_state(r, VIA_BONJOUR, false, sentence);
		return;
	}
	if (now == NULL) {
		read_next(r);
		return;
	}
	r->next = NULL;
	loop_timer_start(r->loop, r->timer, 0, 0);
	tell(r, now);
	jdoc_free(now);
}

static void *
replay_open(struct loop *loop, const char *conf, const struct disc_fns *fns, void *arg)
{
	struct replay *r;

	if (conf == NULL || conf[0] == '\0' || strcmp(conf, "off") == 0)
		return NULL;
	r = xcalloc(1, sizeof *r);
	r->loop = loop;
	r->fns = *fns;
	r->arg = arg;
	str_copy(r->path, sizeof r->path, conf);
	r->file = fopen(conf, "re");
	r->timer = loop_timer_new(loop, on_timer, r);
	loop_timer_start(loop, r->timer, 0, 0);
	return r;
}

static void
replay_close(void *self)
{
	struct replay *r = self;

	if (r == NULL)
		return;
	loop_timer_free(r->loop, r->timer);
	jdoc_free(r->next);
	if (r->file != NULL)
		fclose(r->file);
	free(r);
}

const struct disc_source disc_replay = {
	.name = "replay", .via = VIA_BONJOUR, .open = replay_open, .close = replay_close,
};
