/*
 * hooks_say.c - an event as a hook reads it: the members that --json prints, and what is on, on preview and pending by then.
 * Owns nothing, changes nothing.
 */
#include <stdlib.h>
#include <string.h>
#include "app/hooks_private.h"
#include "io/jdoc.h"

static const struct registry_node *
find_node(const struct hooks *h, const char *id)
{
	return id != NULL && id[0] != '\0' ? registry_find(crew_registry(h->parts.crew), id) : NULL;
}

/* Its members, into an object of its own or beside others. */
static void
set_node(struct jdoc *j, const struct hooks *h, const char *id)
{
	const struct registry_node *n = find_node(h, id);

	jdoc_set_text(j, "node", id);
	jdoc_set_text(j, "name", n != NULL ? registry_name(n) : NULL);
	if (n != NULL && n->number > 0)
		jdoc_set_int(j, "number", n->number);
	else
		jdoc_set_null(j, "number");
}

static void
set_bus(struct jdoc *j, const char *key, const struct hooks *h, const char *id)
{
	struct jdoc *source;

	if (id == NULL) {
		jdoc_set_null(j, key);
		return;
	}
	source = jdoc_object();
	set_node(source, h, id);
	jdoc_set(j, key, source);
}

/* The cut that waits for its beat, so that whoever follows can be ready. */
static void
set_pending(struct jdoc *j, const struct hooks *h)
{
	struct director_pending p;
	struct jdoc *cut;

	if (h->parts.director == NULL || !director_pending(h->parts.director, &p)) {
		jdoc_set_null(j, "pending");
		return;
	}
	cut = jdoc_object();
	set_node(cut, h, p.to[0] != '\0' ? p.to : NULL);
	jdoc_set_int(cut, "atUs", p.at_us);
	jdoc_set_real(cut, "beat", p.beat);
	jdoc_set(j, "pending", cut);
}

char *
hooks_say(const struct hooks *h, const struct hooks_news *news)
{
	const struct director *d = h->parts.director;
	struct jdoc *j = jdoc_object();
	char *text;

	jdoc_set_text(j, "event", news->event);
	jdoc_set_text(j, "hook", news->hook);
	set_node(j, h, news->node);
	jdoc_set_text(j, "text", news->text != NULL ? news->text : "");
	jdoc_set_text(j, "by", news->by);
	jdoc_set_int(j, "timeUs", news->time_us);
	set_bus(j, "program", h, d != NULL ? director_program(d) : NULL);
	set_bus(j, "preview", h, d != NULL ? director_preview(d) : NULL);
	set_pending(j, h);
	jdoc_set_text(j, "sphere", h->sphere);
	jdoc_set_bool(j, "rehearsal", h->parts.is_rehearsal);
	text = jdoc_print(j);
	jdoc_free(j);
	return text;
}
