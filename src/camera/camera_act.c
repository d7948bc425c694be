/*
 * camera_act.c - what an accepted command does to the node, and the event that tells it.
 * Owns nothing.  Never asks whether the command may: that is decided before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "camera/camera_private.h"
#include "camera/camera_state.h"

#define FLASH_US 120000			/* four frames of 30 */
#define MESSAGE_MS 10000

static void
act_record_start(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	struct recorder_setup setup = { .format = c->stance.format, .camera = camera_state_position(c),
		.thermal = c->stance.thermal, .title = c->conf.name, .from_us = loop_now_us(c->loop) };
	struct node_recording r;

	if (rq->at_us != 0 && nodeclk_mono_us(&c->clk, rq->at_us) > setup.from_us - SCHEDULE_LATE_US)
		setup.from_us = nodeclk_mono_us(&c->clk, rq->at_us);
	switch (recorder_start(c->recorder, rq, &setup)) {
	case RECORDER_OTHER_TAKE:
		recorder_state(c->recorder, &r);
		camera_command_refuse(v, 409, "already_recording", "Take %s is being recorded; stop it first.", r.take);
		break;
	case RECORDER_NO_ROOM:
		camera_command_refuse(v, 507, "storage_full", "There is no room left for a recording on this camera; delete some first.");
		break;
	default:
		break;
	}
}

/* A take that is stopped before it began must not begin any more. */
static void
act_record_stop(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	const struct node_request *start = schedule_pending(c->schedule, NODE_RECORD_START);

	(void)v;
	if (start != NULL && strcmp(start->take, rq->take) == 0 && strcmp(start->sphere, rq->sphere) == 0)
		schedule_cancel(c->schedule, NODE_RECORD_START);
	recorder_stop(c->recorder, rq);
}

static void
zoom_to(struct camera *c, double factor, int64_t ramp_ms, const char *command_id)
{
	int64_t now_us = loop_now_us(c->loop);
	struct zoom_ramp *z = &c->stance.zoom;

	z->from = camera_state_zoom(c, now_us);
	z->to = factor;
	z->start_us = now_us;
	z->length_us = ramp_ms * 1000;
	str_copy(z->command_id, sizeof z->command_id, command_id);
	if (z->length_us > 0)
		loop_timer_start(c->loop, c->zoom_end, z->length_us, 0);
	else
		loop_timer_stop(c->loop, c->zoom_end);
}

static void
act_flip(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	double max;

	c->stance.is_front = rq->position[0] == '\0' ? !c->stance.is_front : strcmp(rq->position, "front") == 0;
	camera_state_say_camera(c, v->time_us, rq->command_id);
	max = camera_state_zoom_max(c->stance.is_front);
	if (c->stance.zoom.to <= max)
		return;
	zoom_to(c, max, 0, "");
	camera_state_say_zoom(c, v->time_us, "");
}

/* A ramp is told when it is there, by zoom_ended(); /health says where it is meanwhile. */
static void
act_zoom(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	zoom_to(c, rq->factor, rq->ramp_ms, rq->command_id);
	if (rq->ramp_ms == 0)
		camera_state_say_zoom(c, v->time_us, rq->command_id);
}

static void
act_format(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	camera_set_format(c, rq->width, rq->height, rq->rate > 0 ? rq->rate : c->stance.format.rate);
	camera_state_say_format(c, v->time_us, rq->command_id);
}

static void
act_lens(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	c->stance.exposure_locked = rq->exposure;
	c->stance.focus_locked = rq->focus;
	c->stance.white_balance_locked = rq->white_balance;
	camera_state_say_lens(c, v->time_us, rq->command_id);
}

/* An event when the light changed, or when its sender waits for the moment it did. */
static void
act_tally(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	bool changed = tally_apply(c->tally, rq);

	if (changed || rq->at_us != 0)
		camera_state_say_tally(c, v->time_us, rq->command_id);
}

static void
act_marker(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	struct jdoc *j = jdoc_object();

	c->stance.flash_from_us = nodeclk_mono_us(&c->clk, v->time_us);
	c->stance.flash_until_us = c->stance.flash_from_us + FLASH_US;
	if (rq->sound)
		c->stance.beep_us = v->time_us;
	recorder_mark(c->recorder, rq->name, v->time_us);
	jdoc_set_int(j, "timeUs", v->time_us);
	jdoc_set_text(j, "name", rq->name);
	jdoc_set_text(j, "commandId", rq->command_id[0] != '\0' ? rq->command_id : NULL);
	ssehub_say(c->hub, "marker", true, j);
}

static void
act_message(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	int64_t for_ms = rq->for_ms > 0 ? rq->for_ms : MESSAGE_MS;
	const char *before = strcmp(rq->level, "urgent") == 0 ? "!! " : strcmp(rq->level, "standby") == 0 ? "STANDBY " : "";

	(void)v;
	snprintf(c->stance.message, sizeof c->stance.message, "%s%.100s", before, rq->text);
	c->stance.message_until_us = loop_now_us(c->loop) + for_ms * 1000;
}

static void
act_release(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	(void)rq;
	(void)v;
	claim_release(&c->claim);
}

typedef void act_fn(struct camera *c, const struct node_request *rq, struct verdict *v);

static act_fn *const act_table[NODE_VERBS] = {
	[NODE_RECORD_START] = act_record_start, [NODE_RECORD_STOP] = act_record_stop, [NODE_FLIP] = act_flip,
	[NODE_ZOOM] = act_zoom, [NODE_FORMAT] = act_format, [NODE_LENS] = act_lens, [NODE_TALLY] = act_tally,
	[NODE_MARKER] = act_marker, [NODE_MESSAGE] = act_message, [NODE_RELEASE] = act_release,
};

void
camera_act(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	if (act_table[rq->verb] != NULL)
		act_table[rq->verb](c, rq, v);
}
