/*
 * cmd_zoom.c - zoom to a factor, at once, over a time or over beats of the clock; a signed factor is a step from where the node is.
 * It ends when its ramp is over.
 */
#include "app/cmd_kit.h"

#include "app/ramps.h"
#include "base/str.h"

#define MAX_RAMP_US 60000000LL
#define MAX_FACTOR 1000.0	/* the node knows its own range; this only catches slips */

struct zoom_words {
	double factor;
	bool is_step;
	int64_t ramp_us;
	int64_t start_us;		/* loop time */
	double beats;			/* the ramp is so many, at the tempo it begins with; 0: ramp_us */
};

/* N beats, from word 3. */
static bool
zoom_beats(struct zoom_words *w, const struct cmdline *line, int *column, struct err *e)
{
	if (!str_double(line->words[3], 0.01, 999, &w->beats))
		return cmd_kit_bad(line, 3, column, e, "expected over N beats, with N above 0");
	return line->count == 5 || cmd_kit_bad(line, 5, column, e, "expected nothing more");
}

static bool
zoom_words(struct zoom_words *w, const struct cmdline *line, int *column, struct err *e)
{
	const char *text = line->words[1];

	*w = (struct zoom_words){ .is_step = text[0] == '+' || text[0] == '-' };
	if (!str_double(w->is_step && text[0] == '+' ? text + 1 : text, w->is_step ? -MAX_FACTOR : 0.1, MAX_FACTOR, &w->factor))
		return cmd_kit_bad(line, 1, column, e, "expected a zoom factor from 0.1 to 1000, such as 2.0, or a step such as +0.5");
	if (line->count == 2)
		return true;
	if (!cmd_kit_is(line, 2, "over"))
		return cmd_kit_bad(line, 2, column, e, "expected over TIME, over N beats or nothing more");
	if (cmd_kit_is(line, 4, "beats") || cmd_kit_is(line, 4, "beat"))
		return zoom_beats(w, line, column, e);
	if (!cmd_kit_time(line, 3, MAX_RAMP_US, &w->ramp_us, column, e))
		return false;
	if (line->count > 4)
		return cmd_kit_bad(line, 4, column, e, "expected nothing more");
	return true;
}

static bool
zoom_check(const struct cmdline *line, int *column, struct err *e)
{
	struct zoom_words w;

	return zoom_words(&w, line, column, e);
}

/* The range of the camera that the node has on; false: not told. */
static bool
zoom_range(const struct crew_member *m, double *min, double *max)
{
	const struct node_info *info = &m->node->info;

	for (int i = 0; i < info->camera_count; i++) {
		const struct node_camera *c = &info->cameras[i];

		if (c->zoom_max <= 0 || (m->track.last.camera[0] != '\0' && !str_equal_nocase(c->position, m->track.last.camera)))
			continue;
		*min = c->zoom_min;
		*max = c->zoom_max;
		return true;
	}
	return false;
}

/* A step goes from where the node is and stays within its range. */
static void
zoom_step(const struct crew_member *m, double from, const struct zoom_words *w, struct node_request *r)
{
	double min, max;

	r->factor = from + w->factor;
	if (m == NULL || !zoom_range(m, &min, &max)) {
		min = 1.0;
		max = MAX_FACTOR;
	}
	r->factor = r->factor < min ? min : r->factor > max ? max : r->factor;
}

static void
zoom_tailor(void *arg, const char *node, struct node_request *r)
{
	const struct cmd_fan *fan = arg;
	const struct zoom_words *w = fan->own;
	const struct crew_member *m = crew_find(fan->deck->crew, node);
	const double from = ramps_factor(fan->deck->ramps, node, m != NULL && m->track.last.has_zoom ? m->track.last.zoom : 1.0);

	if (w->is_step)
		zoom_step(m, from, w, r);
	if (fan->deck->ramps != NULL)
		ramps_began(fan->deck->ramps, node, &(struct ramps_leg){ from, r->factor, w->start_us, w->ramp_us });
}

/* Beats are a time once it begins.  False + cx->err: no clock tells how long they are. */
static bool
zoom_ramp(struct cmd_ctx *cx, struct zoom_words *w)
{
	double long_us;

	if (w->beats <= 0)
		return true;
	if (!metro_check(cx->deck->metro, cx->err))
		return false;
	long_us = w->beats * beat_long_us(&metro_grid(cx->deck->metro)->line);
	if (long_us > (double)MAX_RAMP_US)
		return err_set(cx->err, ERR_REFUSED, "%g beats take longer than a ramp may, which is %lld s", w->beats, MAX_RAMP_US / 1000000);
	w->ramp_us = (int64_t)long_us;
	return true;
}

static enum cmd_result
zoom_run(struct cmd_ctx *cx)
{
	struct zoom_words *w = cmdq_ticket_hold(cx->ticket, sizeof *w);
	struct node_request r = { .verb = NODE_ZOOM };
	int64_t end_us = 0;
	int column;

	if (!zoom_words(w, cx->line, &column, cx->err) || !zoom_ramp(cx, w) || !cmd_kit_may(cx, false, true))
		return CMD_ERROR;
	r.factor = w->factor;
	r.ramp_ms = w->ramp_us / 1000;
	w->start_us = loop_now_us(cx->deck->loop) + (cx->at_us != 0 ? cx->at_us - clk_utc_us(cx->deck->clk) : 0);
	if (w->ramp_us > 0) {
		end_us = w->start_us + w->ramp_us;
	}
	return cmd_kit_send(cx, &r, zoom_tailor, w, end_us);
}

static bool
zoom_carries_at(const struct cmdline *line)
{
	return line->words[1][0] != '+' && line->words[1][0] != '-';
}

const struct cmd_def cmd_zoom_def = {
	.name = "zoom", .usage = "zoom [-t T] FACTOR|+STEP|-STEP [over 500ms|over N beats] [--force]", .group = "cameras",
	.help = "Zooms to a factor, or by a step, at once or as a ramp. The program camera needs --force.",
	.min_words = 1, .max_words = 4, .target = CMD_TARGET_PREVIEW, .flags = CMD_LOGGED, .effect = CMD_ON_ZOOM,
	.carries_at = zoom_carries_at, .check = zoom_check, .run = zoom_run,
};
