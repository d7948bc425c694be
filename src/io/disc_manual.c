/*
 * disc_manual.c - addresses somebody typed, one a line.  Each is sighted once; a bad one is told as this
 * source's state.  Never probes.
 */
#include "io/disc.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

struct manual {
	struct loop *loop;
	struct disc_fns fns;
	void *arg;
	struct loop_timer *start;
	char *text, *rest;		/* rest: lines not told yet; NULL: all told */
};

static void
tell_line(struct manual *m, const char *line)
{
	struct disc_sighting s;
	struct err e;

	memset(&s, 0, sizeof s);
	if (!disc_parse_address(&s.address, line, &e)) {
		if (m->fns.state != NULL)
			m->fns.state(m->arg, VIA_MANUAL, false, e.text);
		return;
	}
	s.address.seen_us = loop_now_us(m->loop);
	str_clean(s.name, sizeof s.name, line, strlen(line), MAX_NAME_CELLS);
	if (m->fns.sighted != NULL)
		m->fns.sighted(m->arg, &s);
}

/* One line a turn: the callback may close this source. */
static void
on_start(void *arg)
{
	struct manual *m = arg;
	char *line = strsep(&m->rest, "\n");

	if (m->rest != NULL)
		loop_timer_start(m->loop, m->start, 0, 0);
	line += strspn(line, " \t\r");
	line[strcspn(line, " \t\r")] = '\0';
	if (*line != '\0' && *line != '#')
		tell_line(m, line);
}

static void *
manual_open(struct loop *loop, const char *conf, const struct disc_fns *fns, void *arg)
{
	struct manual *m;

	if (conf == NULL || conf[0] == '\0' || strcmp(conf, "off") == 0)
		return NULL;
	m = xcalloc(1, sizeof *m);
	m->loop = loop;
	m->fns = *fns;
	m->arg = arg;
	m->text = m->rest = xstrdup(conf);
	m->start = loop_timer_new(loop, on_start, m);
	loop_timer_start(loop, m->start, 0, 0);
	return m;
}

static void
manual_close(void *self)
{
	struct manual *m = self;

	if (m == NULL)
		return;
	loop_timer_free(m->loop, m->start);
	free(m->text);
	free(m);
}

const struct disc_source disc_manual = {
	.name = "manual", .via = VIA_MANUAL, .open = manual_open, .close = manual_close,
};
