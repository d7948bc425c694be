/*
 * camera_command.c - is a command accepted, when does it act, and what is answered.
 * Owns the checks of ranges and conflicts.  What a command then does is camera_act.c's.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "camera/camera_private.h"
#include "camera/camera_state.h"

#define HOUR_MS (3600 * 1000)
#define RAMP_MAX_MS 60000

void
camera_command_refuse(struct verdict *v, int status, const char *code, const char *format, ...)
{
	va_list ap;

	v->status = status;
	v->code = code;
	va_start(ap, format);
	vsnprintf(v->message, sizeof v->message, format, ap);
	va_end(ap);
}

static bool
check_between(struct verdict *v, const char *what, double value, double min, double max)
{
	if (value >= min && value <= max)
		return true;
	camera_command_refuse(v, 422, "out_of_range", "%s %g is out of range: this camera takes %g to %g.", what, value, min, max);
	v->has_range = true;
	v->min = min;
	v->max = max;
	return false;
}

/* ---- per verb: true when it may go on ---- */

/* What runs now need not run then: a stop may be due before. */
static bool
ends_before(const struct camera *c, const struct node_request *rq)
{
	const struct node_request *stop = schedule_pending(c->schedule, NODE_RECORD_STOP);

	return rq->at_us != 0 && stop != NULL && stop->at_us <= rq->at_us;
}

static void
nothing_done(struct camera *c, struct verdict *v)
{
	struct node_recording r;

	recorder_state(c->recorder, &r);
	v->is_settled = true;
	v->time_us = r.state == NODE_REC_RECORDING && r.since_us > 0 ? r.since_us : nodeclk_now_us(&c->clk);
}

static bool
check_record_start(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	struct node_recording r;

	recorder_state(c->recorder, &r);
	switch (recorder_judge(c->recorder, rq)) {
	case RECORDER_OK:
		return true;
	case RECORDER_NO_ROOM:
		camera_command_refuse(v, 507, "storage_full", "There is no room left for a recording on this camera; delete some first.");
		return false;
	case RECORDER_NOTHING_TO_DO:
		if (ends_before(c, rq))
			return true;
		schedule_cancel(c->schedule, NODE_RECORD_START);
		nothing_done(c, v);
		return false;
	case RECORDER_OTHER_TAKE:
		if (ends_before(c, rq))
			return true;
		camera_command_refuse(v, 409, "already_recording", "Take %s is being recorded; stop it first.", r.take);
		return false;
	}
	return false;
}

static bool
begins_before(const struct camera *c, const struct node_request *rq)
{
	const struct node_request *start = schedule_pending(c->schedule, NODE_RECORD_START);

	return start != NULL && strcmp(start->take, rq->take) == 0 && strcmp(start->sphere, rq->sphere) == 0;
}

static bool
check_record_stop(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	struct node_recording r;

	recorder_state(c->recorder, &r);
	if (begins_before(c, rq))
		return true;
	switch (recorder_judge(c->recorder, rq)) {
	case RECORDER_NOTHING_TO_DO:
		schedule_cancel(c->schedule, NODE_RECORD_STOP);
		nothing_done(c, v);
		return false;
	case RECORDER_OTHER_TAKE:
		camera_command_refuse(v, 409, "other_take", "Take %s is being recorded, not take %s.", r.take, rq->take);
		return false;
	default:
		return true;
	}
}

static bool
check_flip(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	(void)c;
	if (rq->position[0] == '\0' || strcmp(rq->position, "back") == 0 || strcmp(rq->position, "front") == 0)
		return true;
	camera_command_refuse(v, 422, "out_of_range", "This device has a back and a front camera, no \"%.32s\".", rq->position);
	return false;
}

static bool
check_zoom(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	return check_between(v, "Zoom", rq->factor, ZOOM_MIN, camera_state_zoom_max(c->stance.is_front)) &&
	    check_between(v, "rampMs", (double)rq->ramp_ms, 0, RAMP_MAX_MS);
}

static bool
check_format(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	if (!check_between(v, "Width", rq->width, 160, 3840) || !check_between(v, "Height", rq->height, 90, 2160) ||
	    (rq->rate != 0 && !check_between(v, "Rate", rq->rate, 1, 60)))
		return false;
	if (rq->width % 2 != 0 || rq->height % 2 != 0) {
		camera_command_refuse(v, 422, "out_of_range", "Width and height must be even.");
		return false;
	}
	if (!recorder_is_rolling(c->recorder) || ends_before(c, rq))
		return true;
	camera_command_refuse(v, 409, "already_recording", "The format cannot change while the camera records; stop first.");
	return false;
}

static bool
check_tally(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	(void)c;
	return check_between(v, "leaseMs", (double)rq->lease_ms, 0, HOUR_MS);
}

static bool
check_message(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	(void)c;
	return check_between(v, "forMs", (double)rq->for_ms, 0, HOUR_MS);
}

static bool
check_claim(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	int64_t now_us = loop_now_us(c->loop);

	switch (claim_ask(&c->claim, rq, now_us)) {
	case CLAIM_OK:
		return true;
	case CLAIM_BAD_TOKEN:
		camera_command_refuse(v, 400, "bad_request", "The token must be 256 random bits in base64url (43 characters).");
		break;
	case CLAIM_TAKEN:
		camera_command_refuse(v, 409, "claimed", "This camera is held by \"%.100s\" (%.100s); release it there first.", c->claim.held.name,
		    c->claim.held.director[0] != '\0' ? c->claim.held.director : "no name of a director");
		break;
	case CLAIM_TOKEN_REQUIRED:
		camera_command_refuse(v, 401, "token_required", "This Sphere holds the camera by another token; use that one.");
		break;
	case CLAIM_PIN_REQUIRED:
		camera_command_refuse(v, 403, "pin_required", "%s; it is shown on the device.", rq->pin[0] != '\0' ?
		    "That is not this camera's pin" : "This camera asks for its pin");
		break;
	case CLAIM_PIN_LOCKED:
		v->retry_s = claim_retry_s(&c->claim, now_us);
		camera_command_refuse(v, 429, "pin_required", "Too many wrong pins; try again in %d s.", v->retry_s);
		break;
	}
	return false;
}

typedef bool check_fn(struct camera *c, const struct node_request *rq, struct verdict *v);

static check_fn *const check_table[NODE_VERBS] = {
	[NODE_RECORD_START] = check_record_start, [NODE_RECORD_STOP] = check_record_stop, [NODE_FLIP] = check_flip,
	[NODE_ZOOM] = check_zoom, [NODE_FORMAT] = check_format, [NODE_TALLY] = check_tally,
	[NODE_MESSAGE] = check_message, [NODE_CLAIM] = check_claim,
};

/* ---- all verbs ---- */

static bool
check(struct camera *c, const struct node_request *rq, struct verdict *v)
{
	if (fault_refuses(&c->conf.fault, node_verb_path(rq->verb))) {
		camera_command_refuse(v, 503, "busy", "This camera rehearses a refusal (--fault refuse); try another one.");
		return false;
	}
	if (c->is_closing) {
		camera_command_refuse(v, 503, "busy", "This camera is shutting down.");
		return false;
	}
	if (schedule_judge(c->schedule, rq) == SCHEDULE_TOO_FAR) {
		camera_command_refuse(v, 422, "out_of_range", "The time in atUs is more than 10 s ahead of this camera's clock; send it later.");
		return false;
	}
	return check_table[rq->verb] == NULL || check_table[rq->verb](c, rq, v);
}

/* An older tally is answered ok and ignored; a renewal and a flash act at once and leave what is pending alone. */
static bool
settle_tally(struct camera *c, const struct node_request *rq, const char *sender)
{
	if (rq->verb != NODE_TALLY)
		return false;
	if (!tally_hear(c->tally, rq, sender))
		return true;
	if (!rq->renew && !(rq->identify && rq->at_us == 0))
		return false;
	tally_apply(c->tally, rq);
	return true;
}

void
camera_command_judge(struct camera *c, const struct node_request *rq, const char *sender, struct verdict *v)
{
	schedule_catch_up(c->schedule);
	memset(v, 0, sizeof *v);
	v->status = 200;
	v->time_us = nodeclk_now_us(&c->clk);
	if (!check(c, rq, v) || v->is_settled || settle_tally(c, rq, sender))
		return;
	switch (schedule_put(c->schedule, rq)) {
	case SCHEDULE_LATER:
		v->scheduled = true;
		v->time_us = rq->at_us;
		if (rq->verb == NODE_RECORD_START && !recorder_is_busy(c->recorder))
			engine_align(c->engine, nodeclk_mono_us(&c->clk, rq->at_us));
		return;
	case SCHEDULE_LATE:
		v->late = true;
		break;
	default:
		break;
	}
	camera_act(c, rq, v);
}

/* Accepted then, impossible now: nobody waits for an answer any more, so its event says it. */
static void
say_refused(struct camera *c, const struct node_request *rq, const struct verdict *v)
{
	struct jdoc *j = jdoc_object(), *e = jdoc_object();

	log_line(LOG_CAMERA, "scheduled %s refused: %s", node_verb_words(rq->verb), v->message);
	jdoc_set_text(e, "code", v->code);
	jdoc_set_text(e, "message", v->message);
	jdoc_set_text(j, "commandId", rq->command_id[0] != '\0' ? rq->command_id : NULL);
	jdoc_set_int(j, "timeUs", nodeclk_now_us(&c->clk));
	jdoc_set(j, "error", e);
	ssehub_say(c->hub, "superseded", true, j);
}

void
camera_command_due(void *arg, const struct node_request *rq)
{
	struct camera *c = arg;
	struct node_request now = *rq;
	struct verdict v;

	memset(&v, 0, sizeof v);
	v.time_us = nodeclk_now_us(&c->clk);
	if (rq->verb == NODE_RECORD_START && recorder_is_busy(c->recorder) && v.time_us < rq->at_us) {
		schedule_put_back(c->schedule, rq);	/* what runs may be over by then */
		return;
	}
	if (rq->verb == NODE_MARKER)
		v.time_us = rq->at_us;	/* seen and heard from then on, however late this turn comes: camera_state_scene() */
	now.at_us = 0;
	if (check(c, &now, &v))
		camera_act(c, rq, &v);
	if (v.code != NULL)
		say_refused(c, rq, &v);
}

void
camera_command_superseded(void *arg, const char *command_id)
{
	struct camera *c = arg;
	struct jdoc *j = jdoc_object();

	jdoc_set_text(j, "commandId", command_id[0] != '\0' ? command_id : NULL);
	ssehub_say(c->hub, "superseded", true, j);
}
