/*
 * wire_event.c - a node's SSE events read into domain values.
 * Owns which field of which event goes where.
 * Never judges: an event of an unknown name is read as NODE_EV_UNKNOWN, for others to ignore.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/wire.h"
#include "io/wire_private.h"

typedef bool read_fn(struct node_event *out, const struct jdoc *j, struct err *e);

/* C1 controls as text (U+0080 to U+009F): a terminal may obey them, and JSON does not escape them. */
static bool
has_c1(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
		if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)
			return true;
	return false;
}

char *
wire_keep_health(const char *text, size_t len)
{
	char *kept = len <= MAX_KEPT_HEALTH ? xstrndup(text, len) : NULL;

	if (kept == NULL || !has_c1(kept))
		return kept;
	free(kept);
	return NULL;
}

/* Only hello has it inside something greater. */
static char *
keep_inner_health(const struct jdoc *health)
{
	char *text = jdoc_print(health), *kept = wire_keep_health(text, strlen(text));

	free(text);
	return kept;
}

static bool
read_hello(struct node_event *out, const struct jdoc *j, struct err *e)
{
	struct err ignored;

	(void)e;
	/* A node that says less is still there: without a name `info` stays blank. */
	wire_read_info(&out->info, jdoc_get(j, "info"), &ignored);
	if (wire_read_health(&out->health, jdoc_get(j, "health")))
		out->health_json = keep_inner_health(jdoc_get(j, "health"));
	out->missed = jdoc_bool(j, "missed", false);
	return true;
}

static bool
read_health(struct node_event *out, const struct jdoc *j, struct err *e)
{
	(void)e;
	if (!wire_read_health(&out->health, j))
		return false;
	out->time_us = out->health.time_us;
	return true;
}

static bool
read_recording(struct node_event *out, const struct jdoc *j, struct err *e)
{
	(void)e;
	return wire_read_recording(&out->recording, j);
}

static bool
read_saved(struct node_event *out, const struct jdoc *j, struct err *e)
{
	if (!wire_read_file(&out->file, j))
		return err_set(e, ERR_FORMAT, "event saved names no recording");
	out->file_json = jdoc_print(j);
	return true;
}

static bool
read_text_value(struct node_event *out, const struct jdoc *j, struct err *e)
{
	(void)e;
	wire_text(j, "value", out->text, sizeof out->text);
	return true;
}

static bool
read_zoom(struct node_event *out, const struct jdoc *j, struct err *e)
{
	if (!wire_is_number(j, "value"))
		return err_set(e, ERR_FORMAT, "event zoom has no factor");
	out->value = wire_real(j, "value", 0.0, 1e6, 0.0);
	return true;
}

static bool
read_tally(struct node_event *out, const struct jdoc *j, struct err *e)
{
	enum node_tally tally;
	const char *word = jdoc_text(j, "value", "");

	if (!node_tally_parse(word, &tally))
		return err_set(e, ERR_FORMAT, "event tally has no known state");
	str_copy(out->text, sizeof out->text, word);
	return true;
}

static bool
read_format(struct node_event *out, const struct jdoc *j, struct err *e)
{
	if (!wire_read_format(&out->format, jdoc_get(j, "value")))
		return err_set(e, ERR_FORMAT, "event format has no value");
	return true;
}

static bool
read_lens(struct node_event *out, const struct jdoc *j, struct err *e)
{
	if (!wire_read_lens(&out->health, jdoc_get(j, "value")))
		return err_set(e, ERR_FORMAT, "event lens has no value");
	return true;
}

static bool
read_audio(struct node_event *out, const struct jdoc *j, struct err *e)
{
	(void)e;
	return wire_read_audio(&out->audio, j);
}

static bool
read_named(struct node_event *out, const struct jdoc *j, struct err *e)
{
	(void)e;
	wire_name(j, "name", out->text, sizeof out->text);
	return true;
}

static bool
read_gesture(struct node_event *out, const struct jdoc *j, struct err *e)
{
	out->has_confidence = wire_is_number(j, "confidence");
	out->confidence = wire_real(j, "confidence", 0.0, 1.0, 0.0);
	return read_named(out, j, e);
}

static bool
read_reply(struct node_event *out, const struct jdoc *j, struct err *e)
{
	(void)e;
	wire_text(j, "text", out->text, sizeof out->text);
	return true;
}

static bool
read_bye(struct node_event *out, const struct jdoc *j, struct err *e)
{
	(void)e;
	wire_text(j, "reason", out->text, sizeof out->text);
	return true;
}

/* Kinds without a line have nothing but timeUs and commandId. */
static read_fn *const read_table[NODE_EV_UNKNOWN + 1] = {
	[NODE_EV_HELLO] = read_hello,
	[NODE_EV_HEALTH] = read_health,
	[NODE_EV_RECORDING] = read_recording,
	[NODE_EV_SAVED] = read_saved,
	[NODE_EV_CAMERA] = read_text_value,
	[NODE_EV_ZOOM] = read_zoom,
	[NODE_EV_TALLY] = read_tally,
	[NODE_EV_FORMAT] = read_format,
	[NODE_EV_LENS] = read_lens,
	[NODE_EV_AUDIO] = read_audio,
	[NODE_EV_GESTURE] = read_gesture,
	[NODE_EV_MARKER] = read_named,
	[NODE_EV_REPLY] = read_reply,
	[NODE_EV_BYE] = read_bye,
};

static bool
read_body(struct node_event *out, const struct jdoc *j, struct err *e)
{
	if (!jdoc_is_object(j))
		return err_set(e, ERR_FORMAT, "event %s is no JSON object", node_event_name(out->kind));
	out->time_us = wire_time(j, "timeUs");
	wire_id(j, "commandId", out->command_id);
	return read_table[out->kind] == NULL || read_table[out->kind](out, j, e);
}

bool
wire_read_event(struct node_event *out, const char *name, const char *data, size_t len, struct err *e)
{
	struct jdoc *j;
	bool fine;

	memset(out, 0, sizeof *out);
	out->health.minutes_left = -1;
	out->info.camera_count = -1;
	out->kind = node_event_parse(name);
	if (out->kind == NODE_EV_UNKNOWN)
		return true;
	if (out->kind == NODE_EV_POSE)
		return wire_read_pose(out, data, len, e);
	j = jdoc_parse(data, len, MAX_SSE_EVENT, e);
	if (j == NULL && e != NULL)
		err_prefix(e, "event %s", node_event_name(out->kind));
	if (j == NULL)
		return false;
	fine = read_body(out, j, e);
	if (fine && out->kind == NODE_EV_HEALTH)
		out->health_json = wire_keep_health(data, len);
	jdoc_free(j);
	return fine;
}

void
wire_event_fini(struct node_event *ev)
{
	if (ev == NULL)
		return;
	free(ev->file_json);
	free(ev->health_json);
	free(ev->pose_json);
	ev->file_json = ev->health_json = ev->pose_json = NULL;
}
