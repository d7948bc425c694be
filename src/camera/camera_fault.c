/*
 * camera_fault.c - a bad day, rehearsed: what --fault asks of a node happens, and is over when it is taken back.
 * Owns the timers of it.  Reads no specification: domain/fault does.
 */
#include <string.h>
#include "base/str.h"
#include "camera/camera_private.h"
#include "camera/camera_state.h"

#define COOL_US 20000000

/* ---- heat ---- */

static void
set_thermal(struct camera *c, const char *word)
{
	if (strcmp(c->stance.thermal, word) == 0)
		return;
	str_copy(c->stance.thermal, sizeof c->stance.thermal, word);
	recorder_thermal(c->recorder, word);
	camera_state_say_health(c);
}

/* Half way fair, then serious, at the end critical: and the recording is over. */
static void
heat_rises(void *arg)
{
	struct camera *c = arg;
	int64_t all_us = c->conf.fault.heat_stop_after_us;

	if (!recorder_is_rolling(c->recorder)) {
		set_thermal(c, "nominal");
		return;
	}
	if (strcmp(c->stance.thermal, "nominal") == 0) {
		set_thermal(c, "fair");
		loop_timer_start(c->loop, c->heat, all_us * 3 / 10, 0);
	} else if (strcmp(c->stance.thermal, "fair") == 0) {
		set_thermal(c, "serious");
		loop_timer_start(c->loop, c->heat, all_us - all_us / 2 - all_us * 3 / 10, 0);
	} else {
		set_thermal(c, "critical");
		recorder_break(c->recorder, "heat");
		loop_timer_start(c->loop, c->heat, COOL_US, 0);
	}
}

void
camera_fault_heat(struct camera *c)
{
	if (c->conf.fault.heat_stop_after_us == 0)
		return;
	set_thermal(c, "nominal");
	loop_timer_start(c->loop, c->heat, c->conf.fault.heat_stop_after_us / 2, 0);
}

/* A recording that runs gets hot from now on; with nothing to fear it is cool at once. */
static void
heat_changed(struct camera *c)
{
	loop_timer_stop(c->loop, c->heat);
	set_thermal(c, "nominal");
	if (recorder_is_rolling(c->recorder))
		camera_fault_heat(c);
}

/* ---- picture, silence, death ---- */

static void
freeze(void *arg)
{
	viewers_freeze(((struct camera *)arg)->viewers, true);
}

static void
set_silent(struct camera *c, bool is_silent)
{
	c->is_silent = is_silent;
	viewers_silence(c->viewers, is_silent);
	ssehub_silence(c->hub, is_silent);
}

static void
fall_silent(void *arg)
{
	set_silent(arg, true);
}

static void
die(void *arg)
{
	struct camera *c = arg;

	c->died(c->died_arg, c);
}

/* ---- changes while it runs ---- */

/* True: it will happen; false: it is off. */
static bool
arm(struct camera *c, struct loop_timer *t, int64_t after_us)
{
	loop_timer_stop(c->loop, t);
	if (after_us > 0)
		loop_timer_start(c->loop, t, after_us, 0);
	return after_us > 0;
}

static void
change_disk(struct camera *c)
{
	store_set_quota(c->store, c->conf.fault.disk_bytes);
	recorder_room(c->recorder);
	camera_state_say_health(c);
}

/* What is planned stays planned for the node's own time, whatever that is now. */
static void
change_clock(struct camera *c)
{
	nodeclk_rehearse(&c->clk, c->conf.fault.clock_us, c->conf.fault.drift_ppm);
	schedule_rearm(c->schedule);
}

static void
change_bitrate(struct camera *c)
{
	camera_set_bitrate(c);
	camera_state_say_format(c, nodeclk_now_us(&c->clk), "");
}

static void
change(struct camera *c, enum fault_id id)
{
	const struct fault *f = &c->conf.fault;

	switch (id) {
	case FAULT_FREEZE:
		if (!arm(c, c->freeze, f->freeze_after_us))
			viewers_freeze(c->viewers, false);
		break;
	case FAULT_SILENT:
		if (!arm(c, c->silence, f->silent_after_us) && c->is_silent)
			set_silent(c, false);
		break;
	case FAULT_DIE:
		arm(c, c->die, f->die_after_us);
		break;
	case FAULT_HEAT:
		heat_changed(c);
		break;
	case FAULT_DISK:
		change_disk(c);
		break;
	case FAULT_CLOCK:
	case FAULT_DRIFT:
		change_clock(c);
		break;
	case FAULT_BITRATE:
		change_bitrate(c);
		break;
	default:
		break;		/* looked at where it matters */
	}
}

void
camera_fault(struct camera *c, const struct fault *f, unsigned named)
{
	c->conf.fault = *f;
	for (int id = 0; id < FAULT_IDS && !c->is_dead && !c->is_closing; id++)
		if ((named & 1U << id) != 0)
			change(c, (enum fault_id)id);
}

void
camera_fault_begin(struct camera *c)
{
	c->heat = loop_timer_new(c->loop, heat_rises, c);
	c->freeze = loop_timer_new(c->loop, freeze, c);
	c->silence = loop_timer_new(c->loop, fall_silent, c);
	c->die = loop_timer_new(c->loop, die, c);
	arm(c, c->freeze, c->conf.fault.freeze_after_us);
	arm(c, c->silence, c->conf.fault.silent_after_us);
	arm(c, c->die, c->conf.fault.die_after_us);
}
