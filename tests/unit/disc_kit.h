/*
 * disc_kit.h - whoever listens to a discovery source under test: keeps all it is told as lines of text, and can close the
 * source inside any callback.  Include it in one file of a test only.
 */
#ifndef TESTS_DISC_KIT_H
#define TESTS_DISC_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "io/disc.h"

struct heard {
	struct loop *loop;
	char text[32768];
	int told, sighted;
	int stop_at;			/* so many words end loop_run(); 0: never */
	int close_at;			/* so many words close the source; 0: never */
	const struct disc_source *source;
	void *self;
};

static void
hear(struct heard *h, const char *word, const char *text)
{
	size_t at = strlen(h->text);

	assert_true(str_is_utf8(text, strlen(text)));
	for (const char *c = text; *c != '\0'; c++)
		assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
	snprintf(h->text + at, sizeof h->text - at, "%s%s%s\n", word, text[0] != '\0' ? " " : "", text);
	h->told++;
	assert_true(h->close_at == 0 || h->told <= h->close_at);	/* nothing is told once it is closed */
	if (h->told == h->close_at) {
		h->source->close(h->self);
		h->self = NULL;
	}
	if (h->told == h->stop_at)
		loop_stop(h->loop);
}

static void
hear_sighted(void *arg, const struct disc_sighting *s)
{
	struct heard *h = arg;
	char text[1024];

	h->sighted++;
	assert_string_equal(s->address.url, "");
	assert_int_equal(s->address.rtt_us, -1);
	assert_int_equal(s->address.kind, registry_path_of(s->address.host));
	assert_true(s->address.seen_us > 0);
	snprintf(text, sizeof text, "%s:%d %s id=%s name=%s via=%s", s->address.host, s->address.port,
	    registry_path_name(s->address.kind), s->id, s->name, registry_via_name((enum registry_via)s->address.via));
	hear(h, "sighted", text);
}

static void
hear_goodbye(void *arg, enum registry_via via, const struct registry_address *a, const char *id)
{
	char text[512];

	snprintf(text, sizeof text, "%s:%d id=%s via=%s", a->host, a->port, id, registry_via_name(via));
	hear(arg, "goodbye", text);
}

static void
hear_state(void *arg, enum registry_via via, bool working, const char *sentence)
{
	struct heard *h = arg;

	assert_int_equal(via, h->source->via);
	hear(h, working ? "working" : "failing", sentence);
}

static void
hear_line(void *arg, const char *topic, const char *sentence)
{
	char text[1024];

	snprintf(text, sizeof text, "%s: %s", topic, sentence != NULL ? sentence : "-");
	hear(arg, "line", text);
}

static void
hear_answered(void *arg, const char *host)
{
	hear(arg, "answered", host);
}

static void
hear_service(void *arg, const char *host, const char *type)
{
	char text[256];

	snprintf(text, sizeof text, "%s %s", host, type);
	hear(arg, "service", text);
}

static void
hear_absent(void *arg)
{
	hear(arg, "absent", "");
}

static void
hear_finished(void *arg)
{
	hear(arg, "finished", "");
}

static const struct disc_fns heard_fns = { .sighted = hear_sighted, .goodbye = hear_goodbye, .state = hear_state, .absent = hear_absent,
	.line = hear_line, .answered = hear_answered, .service = hear_service, .finished = hear_finished };

/* Opens it; nothing may be told from inside. */
static void
heard_open(struct heard *h, struct loop *loop, const struct disc_source *source, const char *conf)
{
	memset(h, 0, sizeof *h);
	h->loop = loop;
	h->source = source;
	h->self = source->open(loop, conf, &heard_fns, h);
	assert_non_null(h->self);
	assert_int_equal(h->told, 0);
}

/* Exactly these lines since the last look. */
static void
heard_is(struct heard *h, const char *text)
{
	assert_string_equal(h->text, text);
	h->text[0] = '\0';
}

#endif
