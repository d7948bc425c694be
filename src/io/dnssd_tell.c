/*
 * dnssd_tell.c - what whoever browses is told: gathered, and told a few at a time from the loop's next turn on, so
 * that a thousand at once hold nothing up and any callback may close the browse.  Decides nothing.
 */
#include "io/dnssd_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

#define TOLD_PER_TURN 64

struct farewell {
	struct list link;
	unsigned serial;
	bool goodbye;
};

void
dnssd_tell_found(struct dnssd_browse *b, struct dnssd_service *s)
{
	const struct dnssd_host *h = s->host;

	if (h == NULL || !list_is_empty(&s->to_tell) || (h->address_count == 0 && (!s->is_told || !h->had_address)))
		return;
	list_insert_tail(&b->to_tell, &s->to_tell);
	loop_timer_start(b->loop, b->teller, 0, 0);
}

void
dnssd_tell_gone(struct dnssd_browse *b, struct dnssd_service *s, bool goodbye)
{
	struct farewell *f;

	list_remove(&s->to_tell);
	if (!s->is_told)
		return;
	f = xcalloc(1, sizeof *f);
	f->serial = s->serial;
	f->goodbye = goodbye;
	list_insert_tail(&b->gone, &f->link);
	loop_timer_start(b->loop, b->teller, 0, 0);
}

static void
tell_farewell(struct dnssd_browse *b)
{
	struct farewell f = *LIST_ENTRY(b->gone.next, struct farewell, link);
	struct farewell *spent = LIST_ENTRY(b->gone.next, struct farewell, link);

	list_remove(&spent->link);
	free(spent);
	if (b->fns.gone != NULL)
		b->fns.gone(b->arg, f.serial, f.goodbye);
}

static void
tell_service(struct dnssd_browse *b)
{
	struct dnssd_service *s = LIST_ENTRY(b->to_tell.next, struct dnssd_service, to_tell);
	struct dnssd_found f = { .serial = s->serial, .interface_index = s->interface_index, .port = s->port };

	list_remove(&s->to_tell);
	str_clean(f.instance, sizeof f.instance, s->instance, strlen(s->instance), MAX_NAME_CELLS);
	dnssd_txt_read(&f, s->txt, s->txt_len);
	dnssd_host_addresses(s->host, &f);
	s->is_told = true;
	if (b->fns.found != NULL)
		b->fns.found(b->arg, &f);
}

/* False: nothing is left to tell. */
static bool
tell_one(struct dnssd_browse *b)
{
	if (!list_is_empty(&b->gone))
		tell_farewell(b);
	else if (!list_is_empty(&b->to_tell))
		tell_service(b);
	else
		return false;
	return true;
}

void
dnssd_tell(void *browse)
{
	struct dnssd_browse *b = browse;

	b->is_telling = true;
	for (int i = 0; i < TOLD_PER_TURN && tell_one(b); i++)
		;		/* closed meanwhile: nothing is left to tell */
	b->is_telling = false;
	if (b->is_closed)
		free(b);
	else if (!list_is_empty(&b->gone) || !list_is_empty(&b->to_tell))
		loop_timer_start(b->loop, b->teller, 0, 0);
}

void
dnssd_tell_fini(struct dnssd_browse *b)
{
	LIST_EACH_SAFE(it, tmp, &b->gone)
		free(LIST_ENTRY(it, struct farewell, link));
	list_init(&b->gone);
}
