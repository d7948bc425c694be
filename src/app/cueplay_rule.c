/*
 * cueplay_rule.c - standing rules: `whenever EVENT [NODE] COMMAND`, from the sheet's beginning to its finally lines.
 * Never sets off itself: not by what its own command causes while that runs, and not again and again.
 */
#include "app/cueplay_private.h"

#include <stdlib.h>
#include "app/vitals.h"
#include "base/xalloc.h"

#define OFTEN_US 1000000LL
#define TOO_OFTEN 20			/* in that time: it feeds itself */

void
cueplay_rules_open(struct cueplay *p)
{
	p->rules = xcalloc(p->sheet->count + 1, sizeof *p->rules);
	for (size_t i = 0; i < p->sheet->count; i++)
		if (p->sheet->cues[i].standing)
			p->rules[p->rule_count++].cue = &p->sheet->cues[i];
}

/* That event may come from such a command. */
static bool
rule_causes(enum cmd_effect effect, enum event_kind kind)
{
	switch (kind) {
	case EV_CUT:
	case EV_CUT_PENDING:
	case EV_CUT_REPLACED:
	case EV_CUT_REFUSED:
		return effect == CMD_ON_TALLY;
	case EV_RECORDING:
	case EV_STOPPED:
	case EV_SAVED:
		return effect == CMD_ON_RECORD;
	case EV_MARKER:
		return effect == CMD_ON_MARKER;
	case EV_CUE:
	case EV_CUE_LATE:
		return true;
	default:
		break;
	}
	return false;
}

static void
rule_off(struct cueplay *p, struct cueplay_rule *rule)
{
	rule->is_off = true;
	vitals_alarm(p->deck->vitals, NULL, "%s:%d: this rule ran %d times within a second: it stands no more", rule->cue->file,
	    rule->cue->line, TOO_OFTEN);
}

static bool
rule_is_fit(struct cueplay *p, struct cueplay_rule *rule)
{
	const int64_t now_us = loop_now_us(p->deck->loop);

	if (rule->count == 0 || now_us - rule->since_us > OFTEN_US) {
		rule->since_us = now_us;
		rule->count = 0;
	}
	if (++rule->count > TOO_OFTEN)
		rule_off(p, rule);
	return !rule->is_off;
}

static void
rule_fire(struct cueplay *p, struct cueplay_rule *rule)
{
	struct cueplay_item *item = cueplay_item_new(p, rule->cue);

	item->rule = rule;
	rule->effect = item->effect;
	rule->running++;
	cueplay_when_now(item);
	item->send_us = item->scheduled_us;
	item->state = ITEM_PLANNED;
	p->ahead++;
	cueplay_look_soon(p);
}

static bool
rule_hears(struct cueplay *p, const struct cueplay_rule *rule, const struct bus_event *ev)
{
	if (rule->is_off || rule->cue->event != ev->kind || (rule->running > 0 && rule_causes(rule->effect, ev->kind)))
		return false;
	return rule->cue->node[0] == '\0' || (ev->node != NULL && judge_names(p->judge, rule->cue->node, ev->node));
}

void
cueplay_rules_heard(struct cueplay *p, const struct bus_event *ev)
{
	if (p->phase != PLAY_SHEET || p->held || !event_is_public(ev->kind))
		return;
	for (size_t i = 0; i < p->rule_count; i++)
		if (rule_hears(p, &p->rules[i], ev) && rule_is_fit(p, &p->rules[i]))
			rule_fire(p, &p->rules[i]);
}
