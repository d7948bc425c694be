/*
 * control.c - clients of the control socket: their lines into the queue, its answers back to them.
 * Owns the clients and what they have asked.  Decides nothing about a show.
 */
#include "app/control_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

/* ---- Answers ---- */

/* Whoever ended its input waits for its answers, and for nothing else. */
static void
client_look(struct control_client *c)
{
	if (c->is_over && c->open == 0 && c->control->terminal != c)
		doorway_dismiss(c->door);
}

static void
client_was_wrong(struct control_client *c, bool wrong)
{
	c->wrong = wrong ? c->wrong + 1 : 0;
	if (c->wrong >= CONTROL_WRONG)
		doorway_dismiss(c->door);
}

void
control_end(struct control_client *c, int64_t took_us, const struct err *e)
{
	const struct reply *to = stage_text_reply(c->text);
	struct reply_end end = { .result = e->kind != ERR_NONE ? REPLY_ERROR : REPLY_OK, .took_us = took_us, .err = *e };

	to->end(to->arg, 0, &end);
	client_was_wrong(c, e->kind == ERR_USAGE);
}

static void
ask_begin(void *arg, int n, const char *text)
{
	struct control_ask *a = arg;
	const struct reply *to = a->client != NULL ? stage_text_reply(a->client->text) : NULL;

	a->n = n;
	if (to != NULL)
		to->begin(to->arg, n, text);
}

static void
ask_ack(void *arg, int n, const char *node, const char *name, const struct ledger_line *line)
{
	struct control_ask *a = arg;
	const struct reply *to = a->client != NULL ? stage_text_reply(a->client->text) : NULL;

	if (to != NULL)
		to->ack(to->arg, n, node, name, line);
}

static void
ask_say(void *arg, int n, const char *text)
{
	struct control_ask *a = arg;
	const struct reply *to = a->client != NULL ? stage_text_reply(a->client->text) : NULL;

	if (to != NULL)
		to->say(to->arg, n, text);
}

static void
ask_end(void *arg, int n, const struct reply_end *end)
{
	struct control_ask *a = arg;
	struct control_client *c = a->client;

	list_remove(&a->link);
	free(a);
	if (c == NULL)
		return;
	stage_text_reply(c->text)->end(stage_text_reply(c->text)->arg, n, end);
	c->open--;
	client_was_wrong(c, end->result == REPLY_ERROR && end->err.kind == ERR_USAGE);
	doorway_ready(c->door);
	client_look(c);
}

/* ---- Lines ---- */

static void
client_submit(struct control_client *c, const char *line)
{
	struct control_ask *a = xcalloc(1, sizeof *a);
	const struct reply reply = { .begin = ask_begin, .ack = ask_ack, .say = ask_say, .end = ask_end, .arg = a };
	/* As `do`: who writes here does not see the preview, and forces with --force, not by saying it twice. */
	const struct cmdq_ask ask = { .text = line, .by = c->by, .from_cue = true, .reply = &reply };

	a->client = c;
	list_insert_tail(&c->asks, &a->link);
	c->open++;
	cmdq_submit(c->control->parts.cmdq, &ask);
}

static bool
client_line(void *who, const char *line)
{
	struct control_client *c = who;

	line += strspn(line, " \t");
	if (line[0] != '\0' && line[0] != '#' && !control_word(c, line))
		client_submit(c, line);
	return c->open < (c->is_sync ? 1 : CONTROL_OPEN);
}

static void
client_bad_line(void *who, const char *why)
{
	struct err e = { .kind = ERR_NONE };

	err_set(&e, ERR_USAGE, "%s", why);
	control_end(who, 0, &e);
}

/* ---- Coming and going ---- */

static void
client_put(void *arg, const char *lines, size_t len)
{
	doorway_say(((struct control_client *)arg)->door, lines, len);
}

static void
client_quit(void *arg, int status)
{
	(void)arg;			/* commands ask the console's own stage */
	(void)status;
}

void
control_speak(struct control_client *c)
{
	const struct stage_text_out out = { .put = client_put, .arg = c };
	const struct control_parts *parts = &c->control->parts;

	stage_text_free(c->text);
	c->text = stage_text_new(&out, c->is_json, c->is_quiet ? NULL : parts->bus, parts->crew, client_quit, c);
}

static void
count_changed(struct control *c)
{
	if (c->parts.shower != NULL)
		shower_clients(c->parts.shower, control_clients(c));
	bus_say(c->parts.bus, &(struct bus_event){ .kind = EV_CLIENTS_CHANGED });
}

static void *
client_came(void *arg, struct doorway_client *door, const struct doorway_peer *peer)
{
	struct control *c = arg;
	struct control_client *who = xcalloc(1, sizeof *who);

	who->control = c;
	who->door = door;
	snprintf(who->by, sizeof who->by, "control:%s%s%d", peer->name, peer->name[0] != '\0' ? "/" : "", (int)peer->pid);
	list_init(&who->asks);
	list_insert_tail(&c->clients, &who->link);
	control_speak(who);
	count_changed(c);
	return who;
}

static void
client_over(void *who)
{
	struct control_client *c = who;

	c->is_over = true;
	if (c->control->terminal == c)
		c->control->fns.detach(c->control->arg);
	client_look(c);
}

/* What it asked for goes on without it. */
static void
client_free(struct control_client *c)
{
	LIST_EACH_SAFE(it, tmp, &c->asks) {
		LIST_ENTRY(it, struct control_ask, link)->client = NULL;
		list_remove(it);
		list_insert_tail(&c->control->orphans, it);
	}
	list_remove(&c->link);
	stage_text_free(c->text);
	free(c);
}

static void
client_gone(void *who)
{
	struct control_client *c = who;
	struct control *control = c->control;
	const bool lent = control->terminal == c;

	if (lent)
		control->terminal = NULL;
	client_free(c);
	if (lent)
		control->fns.detach(control->arg);
	count_changed(control);
}

/* ---- The whole ---- */

struct control *
control_new(const struct control_parts *parts, const struct control_fns *fns, void *arg)
{
	struct control *c = xcalloc(1, sizeof *c);

	c->parts = *parts;
	c->arg = arg;
	c->has_screen_fns = fns != NULL;
	if (fns != NULL)
		c->fns = *fns;
	list_init(&c->clients);
	list_init(&c->orphans);
	return c;
}

bool
control_open(struct control *c, const char *path, struct err *e)
{
	static const struct doorway_fns fns = { .came = client_came, .line = client_line, .bad_line = client_bad_line,
		.over = client_over, .gone = client_gone };

	c->door = doorway_open(c->parts.loop, path, &fns, c, e);
	return c->door != NULL;
}

void
control_screen(struct control *c, const char *where)
{
	str_copy(c->where, sizeof c->where, where != NULL ? where : "");
}

void
control_release(struct control *c, const char *why)
{
	struct control_client *who = c != NULL ? c->terminal : NULL;
	struct err e = { .kind = ERR_NONE };

	if (c == NULL)
		return;
	c->terminal = NULL;
	c->where[0] = '\0';
	if (who == NULL)
		return;
	if (why != NULL)
		err_set(&e, ERR_REFUSED, "%s", why);
	control_end(who, loop_now_us(c->parts.loop) - who->attached_us, &e);
	doorway_dismiss(who->door);
}

int
control_clients(const struct control *c)
{
	int count = 0;

	LIST_EACH(it, &c->clients)
		count++;
	return count;
}

/* Whoever asked was muted: it is told here. */
static void
ask_drop(struct control_ask *a)
{
	struct reply_end end = { .result = REPLY_FAILED };

	err_set(&end.err, ERR_REFUSED, "the console ended before this was over");
	if (a->client != NULL && a->n > 0)
		stage_text_reply(a->client->text)->end(stage_text_reply(a->client->text)->arg, a->n, &end);
	list_remove(&a->link);
	free(a);
}

void
control_free(struct control *c)
{
	if (c == NULL)
		return;
	LIST_EACH(it, &c->clients) {
		struct control_client *who = LIST_ENTRY(it, struct control_client, link);

		LIST_EACH_SAFE(at, tmp, &who->asks)
			ask_drop(LIST_ENTRY(at, struct control_ask, link));
	}
	LIST_EACH_SAFE(it, tmp, &c->orphans)
		ask_drop(LIST_ENTRY(it, struct control_ask, link));
	doorway_free(c->door);
	LIST_EACH_SAFE(it, tmp, &c->clients)
		client_free(LIST_ENTRY(it, struct control_client, link));
	free(c->show);
	free(c);
}
