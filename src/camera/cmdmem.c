/*
 * cmdmem.c - a node's memory of commands.
 * Owns the answers for ten minutes, at most MAX_COMMAND_MEMORY of them (the oldest go first).
 * Never runs a command.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/ceilings.h"
#include "base/list.h"
#include "base/map.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/cmdmem.h"
#include "domain/ids.h"

#define MEMORY_US (600LL * 1000000)

struct asker {
	struct list link;
	struct httpd_request *rq;
};

struct entry {
	struct list link;		/* oldest first */
	struct cmdmem *mem;
	char id[ID_BYTES];
	int64_t born_us;
	int status;			/* 0: not decided yet */
	int retry_s;
	char *body;
	bool is_sent;			/* answers go out at once from here on */
	struct loop_timer *timer;
	struct list askers;
};

struct cmdmem {
	struct loop *loop;
	struct map *by_id;
	struct list entries;
};

struct cmdmem *
cmdmem_new(struct loop *loop)
{
	struct cmdmem *m = xcalloc(1, sizeof *m);

	m->loop = loop;
	m->by_id = map_new();
	list_init(&m->entries);
	return m;
}

static void
entry_drop_askers(struct entry *en)
{
	LIST_EACH_SAFE(it, tmp, &en->askers) {
		struct asker *a = LIST_ENTRY(it, struct asker, link);

		httpd_drop(a->rq);
		list_remove(&a->link);
		free(a);
	}
}

static void
entry_free(struct entry *en)
{
	entry_drop_askers(en);
	map_take(en->mem->by_id, en->id);
	list_remove(&en->link);
	loop_timer_free(en->mem->loop, en->timer);
	free(en->body);
	free(en);
}

void
cmdmem_free(struct cmdmem *m)
{
	if (m == NULL)
		return;
	LIST_EACH_SAFE(it, tmp, &m->entries)
		entry_free(LIST_ENTRY(it, struct entry, link));
	map_free(m->by_id);
	free(m);
}

static void
forget_old(struct cmdmem *m)
{
	int64_t now_us = loop_now_us(m->loop);

	LIST_EACH_SAFE(it, tmp, &m->entries) {
		struct entry *en = LIST_ENTRY(it, struct entry, link);

		if (now_us - en->born_us < MEMORY_US && map_count(m->by_id) < MAX_COMMAND_MEMORY)
			return;
		entry_free(en);
	}
}

static void
entry_send(void *arg)
{
	struct entry *en = arg;
	char retry[16];
	const struct httpd_extra extra[] = { { "Retry-After", retry }, { NULL, NULL } };

	snprintf(retry, sizeof retry, "%d", en->retry_s);
	en->is_sent = true;
	LIST_EACH_SAFE(it, tmp, &en->askers) {
		struct asker *a = LIST_ENTRY(it, struct asker, link);

		httpd_reply(a->rq, en->status, "application/json", en->body, strlen(en->body),
		    en->retry_s > 0 ? extra : NULL);
		list_remove(&a->link);
		free(a);
	}
	if (str_has_prefix(en->id, CMDMEM_NAMELESS))
		entry_free(en);
}

bool
cmdmem_open(struct cmdmem *m, const char *command_id, struct httpd_request *rq)
{
	struct entry *en;
	struct asker *a;
	bool is_new;

	forget_old(m);
	en = map_get(m->by_id, command_id);
	is_new = en == NULL;
	if (is_new) {
		en = xcalloc(1, sizeof *en);
		en->mem = m;
		en->born_us = loop_now_us(m->loop);
		str_copy(en->id, sizeof en->id, command_id);
		en->timer = loop_timer_new(m->loop, entry_send, en);
		list_init(&en->askers);
		list_insert_tail(&m->entries, &en->link);
		map_put(m->by_id, en->id, en);
	}
	a = xcalloc(1, sizeof *a);
	a->rq = rq;
	list_insert_tail(&en->askers, &a->link);
	if (en->is_sent)
		entry_send(en);
	return is_new;
}

void
cmdmem_answer(struct cmdmem *m, const char *command_id, int status, const char *body, int retry_s, int64_t delay_us)
{
	struct entry *en = map_get(m->by_id, command_id);

	if (en == NULL || en->status != 0)
		return;
	en->status = status;
	en->retry_s = retry_s;
	en->body = xstrdup(body);
	if (delay_us > 0)
		loop_timer_start(m->loop, en->timer, delay_us, 0);
	else
		entry_send(en);
}

void
cmdmem_drop_waiting(struct cmdmem *m, const char *command_id)
{
	struct entry *en = map_get(m->by_id, command_id);

	if (en != NULL)
		entry_drop_askers(en);
}

void
cmdmem_drop_all(struct cmdmem *m)
{
	LIST_EACH(it, &m->entries)
		entry_drop_askers(LIST_ENTRY(it, struct entry, link));
}
