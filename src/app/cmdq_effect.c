/*
 * cmdq_effect.c - hears when a scheduled command took effect: its event carries the node's true time.
 * Events are matched by kind, node, the command's id where the node says it, and nearness to the command; never delays a command
 * that had no planned instant.
 */
#include "app/cmdq_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

#define MAX_EFFECTS 4096		/* of one command: more are somebody's flood */
#define EARLY_US 100000LL		/* an event this long before the command's start is another's */

static bool
effect_is_kind(enum cmd_effect effect, enum node_event_kind kind)
{
	switch (effect) {
	case CMD_ON_RECORD:
		return kind == NODE_EV_RECORDING;
	case CMD_ON_CAMERA:
		return kind == NODE_EV_CAMERA || kind == NODE_EV_FORMAT || kind == NODE_EV_LENS;
	case CMD_ON_ZOOM:
		return kind == NODE_EV_ZOOM;
	case CMD_ON_TALLY:
		return kind == NODE_EV_TALLY;
	case CMD_ON_MARKER:
		return kind == NODE_EV_MARKER;
	case CMD_ON_NOTHING:
	case CMD_ON_STATE:
		break;
	}
	return false;
}

static bool
is_record_stop(const struct cmdq_ticket *t)
{
	return t->def->effect == CMD_ON_RECORD && t->line.count > 1 && strcmp(t->line.words[1], "stop") == 0;
}

/* The instant that the event tells of, node's clock; 0 = none. */
static int64_t
effect_time(const struct cmdq_ticket *t, const struct node_event *ev)
{
	if (ev->kind != NODE_EV_RECORDING)
		return ev->time_us;
	if (is_record_stop(t))
		return ev->recording.state >= NODE_REC_STOPPING && ev->recording.state <= NODE_REC_SAVING ? ev->time_us : 0;
	return ev->recording.state == NODE_REC_RECORDING ? ev->recording.since_us : 0;
}

/* Where one of the two is not known they may be the same. */
static bool
is_same_command(const char *a, const char *b)
{
	return a[0] == '\0' || b[0] == '\0' || strcmp(a, b) == 0;
}

static struct cmdq_effect *
effect_of(const struct cmdq_ticket *t, const struct ledger_line *line)
{
	for (int i = 0; i < t->effect_count; i++)
		if (strcmp(t->effects[i].node, line->node) == 0 && is_same_command(t->effects[i].command_id, line->command_id))
			return &t->effects[i];
	return NULL;
}

/* Of that node and that very command, when it was heard before its answer. */
static struct cmdq_effect *
effect_find(const struct cmdq_ticket *t, const char *node, const char *command_id)
{
	for (int i = 0; i < t->effect_count; i++)
		if (strcmp(t->effects[i].node, node) == 0 && strcmp(t->effects[i].command_id, command_id) == 0)
			return &t->effects[i];
	return NULL;
}

static void
effect_heard(void *arg, const struct bus_event *ev)
{
	struct cmdq_ticket *t = arg;
	const struct node_event *said = ev->data;
	struct cmdq_effect *effect;
	int64_t at_us;

	if (ev->node == NULL || said == NULL || !effect_is_kind(t->def->effect, said->kind))
		return;
	effect = effect_find(t, ev->node, said->command_id);
	at_us = effect_time(t, said);
	if (at_us == 0 || (effect != NULL && t->at_us != 0))
		return;		/* without an instant yet, the newest counts */
	if (crew_to_console(t->q->deck->crew, ev->node, at_us) < (t->at_us != 0 ? t->at_us : t->begun_utc_us) - EARLY_US)
		return;
	if (effect == NULL && t->effect_count == MAX_EFFECTS)
		return;
	if (effect == NULL) {
		t->effects = xreallocarray(t->effects, (size_t)t->effect_count + 1, sizeof *t->effects);
		effect = &t->effects[t->effect_count++];
		str_copy(effect->node, sizeof effect->node, ev->node);
		str_copy(effect->command_id, sizeof effect->command_id, said->command_id);
	}
	effect->effect_us = at_us;
	if (t->finished)
		cmdq_ticket_look(t);
}

void
cmdq_effect_listen(struct cmdq_ticket *t)
{
	if (t->def->effect == CMD_ON_NOTHING || t->def->effect == CMD_ON_STATE)
		return;
	bus_listen(t->q->deck->bus, EV_NODE_EVENT, effect_heard, t);
	t->listening = true;
}

void
cmdq_effect_forget(struct cmdq_ticket *t)
{
	if (t->listening)
		bus_unlisten(t->q->deck->bus, effect_heard, t);
	t->listening = false;
}

void
cmdq_effect_since(struct cmdq_ticket *t, int64_t at_us)
{
	int kept = 0;

	for (int i = 0; i < t->effect_count; i++)
		if (crew_to_console(t->q->deck->crew, t->effects[i].node, t->effects[i].effect_us) >= at_us - EARLY_US)
			t->effects[kept++] = t->effects[i];
	t->effect_count = kept;
}

static bool
effect_is_owed(const struct ledger_line *line)
{
	return line->answered && line->result == NODE_OK && line->scheduled;
}

/* A change that takes its time is told when it is complete. */
static int64_t
ramp_us(const struct cmdq_ticket *t)
{
	int64_t long_us = t->not_before_us - t->planned_us;

	return t->not_before_us != 0 && t->at_us != 0 && long_us > 0 ? long_us : 0;
}

/* When it began: a node that tells a ramp's end says so later than its middle. */
static int64_t
effect_began(const struct cmdq_ticket *t, const struct cmdq_effect *effect)
{
	int64_t after_us = crew_to_console(t->q->deck->crew, effect->node, effect->effect_us) - t->at_us;

	return after_us > ramp_us(t) / 2 ? effect->effect_us - ramp_us(t) : effect->effect_us;
}

int64_t
cmdq_effect_wait_until(const struct cmdq_ticket *t)
{
	int64_t planned_us = t->planned_us + ramp_us(t);
	int owed = 0, told = 0;

	if (t->at_us == 0 || !t->listening || !t->has_ledger)
		return 0;
	for (int i = 0; i < t->ledger.count; i++) {
		if (!effect_is_owed(&t->ledger.lines[i]))
			continue;
		owed++;
		told += effect_of(t, &t->ledger.lines[i]) != NULL;
	}
	if (told == owed)
		return 0;
	return planned_us + (told > 0 ? CMDQ_EFFECT_GRACE_US : CMDQ_EFFECT_WAIT_US);
}

void
cmdq_effect_fill(struct cmdq_ticket *t)
{
	for (int i = 0; t->has_ledger && i < t->ledger.count; i++) {
		struct ledger_line *line = &t->ledger.lines[i];
		const struct cmdq_effect *effect = effect_of(t, line);

		if (!effect_is_owed(line))
			continue;
		line->effect_us = effect != NULL ? effect_began(t, effect) : 0;
	}
}
