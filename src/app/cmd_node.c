/*
 * cmd_node.c - node add ADDRESS, node forget NODE.
 */
#include "app/cmd_kit.h"

#include <stdio.h>
#include <string.h>
#include "base/str.h"
#include "io/jdoc.h"

#define NODE_PROBERS 8			/* sources that ask for host names, at most; each has sockets of its own */

static bool
node_check(const struct cmdline *line, int *column, struct err *e)
{
	struct registry_address a;
	struct err why = { .kind = ERR_NONE };

	if (cmd_kit_is(line, 1, "forget"))
		return true;
	if (!cmd_kit_is(line, 1, "add"))
		return cmd_kit_bad(line, 1, column, e, "expected add or forget");
	return disc_parse_address(&a, line->words[2], &why) || cmd_kit_bad(line, 2, column, e, "%s", why.text);
}

static bool
is_local_name(const struct registry_address *a)
{
	const size_t len = strlen(a->host);

	return a->url[0] == '\0' && len > 6 && str_equal_nocase(a->host + len - 6, ".local");
}

/*
 * A NAME.local is asked for by mDNS too: few resolvers know such names.  A prober takes its names when it is opened, so
 * each of these has one of its own; past a few the resolver has to do.
 */
static bool
node_probe(struct crew *crew, const struct registry_address *a)
{
	int probers = 0;
	char conf[sizeof a->host + 16];

	for (int i = 0; i < crew_source_count(crew); i++)
		probers += crew_source_at(crew, i)->via == VIA_MDNS_NAME;
	if (probers >= NODE_PROBERS)
		return false;
	snprintf(conf, sizeof conf, "%s:%d", a->host, a->port);
	crew_add_source(crew, &disc_names, conf);
	return true;
}

static enum cmd_result
node_add(struct cmd_ctx *cx)
{
	struct registry_address a;
	const char *how = "";

	if (!disc_parse_address(&a, cx->line->words[2], cx->err))
		return CMD_ERROR;
	crew_add_address(cx->deck->crew, &a);
	if (is_local_name(&a))
		how = node_probe(cx->deck->crew, &a) ? ", and asking for its name by mDNS" : " by the resolver; --probe at the start asks by mDNS";
	cmdq_say(cx->ticket, "trying %s%s", cx->line->words[2], how);
	return CMD_DONE;
}

/* The running take that this camera is in, by the take's number; NULL: none. */
static const char *
node_rolls_in(const struct cmd_ctx *cx, const char *id)
{
	const char *take = recordall_running(cx->deck->recordall);
	const struct take *t = recordall_newest(cx->deck->recordall);

	if (take == NULL || t == NULL || strcmp(t->take, take) != 0)
		return NULL;
	for (int i = 0; i < t->device_count; i++)
		if (strcmp(t->devices[i].node, id) == 0 && t->devices[i].state <= TAKE_STOPPING)
			return t->take;
	return NULL;
}

/* Its address is forgotten with it: said once more, for whoever regrets it. */
static void
node_tell_rolling(const struct cmd_ctx *cx, const struct registry_node *n, const char *take)
{
	char place[sizeof n->addresses[0].url] = "";

	for (int i = n->address_count - 1; i >= 0; i--)
		if (place[0] == '\0' || n->addresses[i].in_use)
			registry_place(&n->addresses[i], place, sizeof place);
	bus_tell(cx->deck->bus, EV_NOTICE, NULL, "%s is forgotten while take %s rolls, and may roll on; to have it again: node add %s",
	    registry_name(n), take, place[0] != '\0' ? place : "ADDRESS");
}

static enum cmd_result
node_forget(struct cmd_ctx *cx)
{
	struct registry_address place;
	const struct registry_node *n;
	const char *program = director_program(cx->deck->director), *take;
	struct jdoc *line;
	char id[ID_BYTES];

	/* An address that never became a camera can be taken back as it was typed. */
	if (disc_parse_address(&place, cx->line->words[2], NULL) && crew_forget_address(cx->deck->crew, &place)) {
		cmdq_say(cx->ticket, "%s is tried no more", cx->line->words[2]);
		return CMD_DONE;
	}
	n = cmd_kit_node(cx, 2);
	if (n == NULL)
		return CMD_ERROR;
	if (program != NULL && strcmp(program, n->id) == 0 && !cx->line->force) {
		err_set(cx->err, ERR_UNFORCED, "%s is on program; --force forgets it all the same", registry_name(n));
		return CMD_ERROR;
	}
	take = node_rolls_in(cx, n->id);
	if (take != NULL && !cx->line->force) {
		err_set(cx->err, ERR_UNFORCED, "%s is in take %s, which rolls: it would roll on unseen; --force forgets it all the same",
		    registry_name(n), take);
		return CMD_ERROR;
	}
	if (take != NULL)
		node_tell_rolling(cx, n, take);
	str_copy(id, sizeof id, n->id);		/* n dies with crew_forget() */
	line = jdoc_object();
	jdoc_set_text(line, "node", id);
	crew_forget(cx->deck->crew, id);
	return cmd_kit_write(cx, "forget", line, id);
}

static enum cmd_result
node_run(struct cmd_ctx *cx)
{
	return cmd_kit_is(cx->line, 1, "add") ? node_add(cx) : node_forget(cx);
}

const struct cmd_def cmd_node_def = {
	.name = "node", .usage = "node add HOST[:PORT]|URL | node forget NODE|ADDRESS", .group = "crew",
	.help = "Adds a camera by its address, or forgets one with its number, label and roles; an address that never answered, too.",
	.min_words = 2, .max_words = 2, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .check = node_check, .run = node_run,
};
