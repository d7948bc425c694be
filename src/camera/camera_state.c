/*
 * camera_state.c - how the node stands, as the contract words it: /info, /health, events of one value,
 * and as the picture shows it.  Owns nothing; never changes the node.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "camera/camera_private.h"
#include "camera/camera_state.h"
#include "camera/paths.h"
#include "io/wire.h"

#ifndef VERSION_TEXT
#define VERSION_TEXT "0.1.0"
#endif

#define BEEP_OVER_US 500000		/* a marker's sound is over */
#define BACK_ZOOM_MAX 8.0
#define FRONT_ZOOM_MAX 3.0

double
camera_state_zoom_max(bool is_front)
{
	return is_front ? FRONT_ZOOM_MAX : BACK_ZOOM_MAX;
}

const char *
camera_state_position(const struct camera *c)
{
	return c->stance.is_front ? "front" : "back";
}

/* Even to the eye: equal steps are equal ratios. */
double
camera_state_zoom(const struct camera *c, int64_t mono_us)
{
	const struct zoom_ramp *z = &c->stance.zoom;
	int64_t into_us = mono_us - z->start_us;

	if (z->length_us == 0 || into_us >= z->length_us)
		return z->to;
	if (into_us <= 0)
		return z->from;
	return z->from * pow(z->to / z->from, (double)into_us / (double)z->length_us);
}

/* Two decimals are what a person reads and JSON carries. */
static double
rounded(double v, double steps)
{
	return round(v * steps) / steps;
}

static void
put_audio(struct camera *c, struct node_health *h)
{
	h->has_audio = senses_has_audio(c->senses) ? senses_audio(c->senses, &h->audio) : c->source->has_sound &&
	    c->source->ops->level(c->source, h->time_us, &h->audio.peak_dbfs, &h->audio.rms_dbfs);
	h->audio.peak_dbfs = rounded(h->audio.peak_dbfs, 10);
	h->audio.rms_dbfs = rounded(h->audio.rms_dbfs, 10);
}

/* While nobody needs every frame the camera still stands at its rate. */
static double
measured_fps(const struct camera *c, const struct node_recording *r, int64_t now_us)
{
	double made = engine_fps(c->engine);

	if (r->state != NODE_REC_RECORDING || now_us - r->since_us < 1500000 || made < 0)
		return c->stance.format.rate;
	return made < c->stance.format.rate ? made : c->stance.format.rate;
}

void
camera_state_health(struct camera *c, struct node_health *h)
{
	int64_t total, now_us = loop_now_us(c->loop);

	memset(h, 0, sizeof *h);
	h->time_us = nodeclk_now_us(&c->clk);
	h->has_recording = h->has_format = h->has_zoom = h->has_lens = h->has_fps = h->has_dropped = true;
	recorder_state(c->recorder, &h->recording);
	h->format = c->stance.format;
	str_copy(h->camera, sizeof h->camera, camera_state_position(c));
	h->zoom = rounded(camera_state_zoom(c, now_us), 1000);
	h->exposure_locked = c->stance.exposure_locked;
	h->focus_locked = c->stance.focus_locked;
	h->white_balance_locked = c->stance.white_balance_locked;
	h->fps = rounded(measured_fps(c, &h->recording, h->time_us), 100);
	h->dropped_frames = recorder_dropped(c->recorder);
	put_audio(c, h);
	str_copy(h->thermal, sizeof h->thermal, c->stance.thermal);
	h->has_storage = true;
	store_room(c->store, &total, &h->free_bytes);
	if (c->conf.fault.disk_bytes > 0 && recorder_is_rolling(c->recorder))
		h->free_bytes -= h->recording.bytes < h->free_bytes ? h->recording.bytes : h->free_bytes;
	str_copy(h->network, sizeof h->network, c->network);
	str_copy(h->auto_lock, sizeof h->auto_lock, "off");
	h->pose_eligible = senses_has_pose(c->senses);
	h->has_tally = true;
	h->tally = tally_state(c->tally);
}

struct jdoc *
camera_state_health_json(struct camera *c)
{
	struct node_health h;

	camera_state_health(c, &h);
	return wire_health(&h);
}

/* ---- /info ---- */

static void
put_camera(struct node_camera *out, const char *position, double zoom_max)
{
	str_copy(out->position, sizeof out->position, position);
	out->zoom_min = ZOOM_MIN;
	out->zoom_max = zoom_max;
}

/* The largest is the one it was started with. */
static struct jdoc *
sizes_json(const struct camera_conf *conf)
{
	static const int common[][2] = { { 1920, 1080 }, { 1280, 720 }, { 640, 360 } };
	struct jdoc *j = jdoc_array();
	char text[32];

	snprintf(text, sizeof text, "%dx%d", conf->width, conf->height);
	jdoc_set_text(j, NULL, text);
	for (unsigned i = 0; i < sizeof common / sizeof common[0]; i++) {
		if (common[i][0] == conf->width && common[i][1] == conf->height)
			continue;
		snprintf(text, sizeof text, "%dx%d", common[i][0], common[i][1]);
		jdoc_set_text(j, NULL, text);
	}
	return j;
}

static struct jdoc *
rates_json(const struct camera_conf *conf)
{
	static const double common[] = { 24, 25, 30, 50, 60 };
	struct jdoc *j = jdoc_array();

	wire_put_rate(j, NULL, conf->rate);
	for (unsigned i = 0; i < sizeof common / sizeof common[0]; i++)
		if (fabs(common[i] - conf->rate) > 0.005)
			wire_put_rate(j, NULL, common[i]);
	return j;
}

static struct jdoc *
paths_json(const char *bound)
{
	struct path paths[PATHS_MAX];
	int count = paths_read(paths, bound);
	struct jdoc *list = jdoc_array(), *j;

	for (int i = 0; i < count; i++) {
		j = jdoc_object();
		jdoc_set_text(j, "kind", paths[i].kind);
		jdoc_set_text(j, "address", paths[i].address);
		jdoc_set(list, NULL, j);
	}
	return list;
}

struct jdoc *
camera_state_info_json(struct camera *c)
{
	struct node_info info;
	struct jdoc *j, *cameras;

	memset(&info, 0, sizeof info);
	info.contract = 1;
	str_copy(info.id, sizeof info.id, store_id(c->store));
	str_copy(info.device_name, sizeof info.device_name, c->conf.name);
	str_copy(info.model, sizeof info.model, c->conf.model);
	str_copy(info.role, sizeof info.role, "camera");
	str_copy(info.software, sizeof info.software, "mmcamd " VERSION_TEXT);
	info.camera_count = 2;
	put_camera(&info.cameras[0], "back", BACK_ZOOM_MAX);
	put_camera(&info.cameras[1], "front", FRONT_ZOOM_MAX);
	info.mic = c->source->has_sound || senses_has_audio(c->senses);
	info.pose = senses_has_pose(c->senses);
	info.screen = true;		/* what is said to its operator stands in the picture */
	info.has_storage = true;
	store_room(c->store, &info.storage_total_bytes, &info.storage_free_bytes);
	info.claim = c->claim.held;
	j = wire_info(&info);
	cameras = jdoc_get(j, "cameras");
	for (size_t i = 0; i < jdoc_count(cameras); i++) {
		jdoc_set(jdoc_at(cameras, i), "sizes", sizes_json(&c->conf));
		jdoc_set(jdoc_at(cameras, i), "rates", rates_json(&c->conf));
	}
	jdoc_set(j, "paths", paths_json(c->conf.bind));
	return j;
}

struct jdoc *
camera_state_hello(void *arg, bool missed)
{
	struct camera *c = arg;
	struct jdoc *j = jdoc_object();

	jdoc_set(j, "info", camera_state_info_json(c));
	jdoc_set(j, "health", camera_state_health_json(c));
	if (missed)
		jdoc_set_bool(j, "missed", true);
	return j;
}

/* ---- events ---- */

static void
put_command(struct jdoc *j, const char *command_id)
{
	jdoc_set_text(j, "commandId", command_id[0] != '\0' ? command_id : NULL);
}

static void
say_value(struct camera *c, const char *event, struct jdoc *j, int64_t time_us, const char *command_id)
{
	jdoc_set_int(j, "timeUs", time_us);
	put_command(j, command_id);
	ssehub_say(c->hub, event, true, j);
}

void
camera_state_say_camera(struct camera *c, int64_t time_us, const char *command_id)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_text(j, "value", camera_state_position(c));
	say_value(c, "camera", j, time_us, command_id);
}

/* Where it stands: said when it is there. */
void
camera_state_say_zoom(struct camera *c, int64_t time_us, const char *command_id)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_real(j, "value", rounded(c->stance.zoom.to, 1000));
	say_value(c, "zoom", j, time_us, command_id);
}

void
camera_state_say_tally(struct camera *c, int64_t time_us, const char *command_id)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_text(j, "value", node_tally_name(tally_state(c->tally)));
	say_value(c, "tally", j, time_us, command_id);
}

void
camera_state_say_recording(struct camera *c, int64_t time_us, const char *command_id)
{
	struct node_recording r;
	struct jdoc *j;

	recorder_state(c->recorder, &r);
	j = wire_recording(&r);
	jdoc_set_int(j, "timeUs", time_us);
	put_command(j, command_id);
	ssehub_say(c->hub, "recording", true, j);
}

void
camera_state_say_health(struct camera *c)
{
	if (ssehub_listeners(c->hub) > 0)
		ssehub_say(c->hub, "health", false, camera_state_health_json(c));
}

void
camera_state_say_format(struct camera *c, int64_t time_us, const char *command_id)
{
	struct jdoc *j = jdoc_object(), *value = jdoc_object();
	const struct node_format *f = &c->stance.format;

	jdoc_set_int(value, "width", f->width);
	jdoc_set_int(value, "height", f->height);
	wire_put_rate(value, "rate", f->rate);
	jdoc_set_text(value, "codec", f->codec);
	jdoc_set_int(value, "bitrateBps", f->bitrate_bps);
	jdoc_set(j, "value", value);
	say_value(c, "format", j, time_us, command_id);
}

void
camera_state_say_lens(struct camera *c, int64_t time_us, const char *command_id)
{
	struct jdoc *j = jdoc_object(), *value = jdoc_object();

	jdoc_set_bool(value, "exposureLocked", c->stance.exposure_locked);
	jdoc_set_bool(value, "focusLocked", c->stance.focus_locked);
	jdoc_set_bool(value, "whiteBalanceLocked", c->stance.white_balance_locked);
	jdoc_set(j, "value", value);
	say_value(c, "lens", j, time_us, command_id);
}

void
camera_state_say_audio(struct camera *c, const struct node_audio *a)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_real(j, "peakDbfs", a->peak_dbfs);
	jdoc_set_real(j, "rmsDbfs", a->rms_dbfs);
	jdoc_set_int(j, "clips", a->clips);
	jdoc_set_bool(j, "muted", a->muted);
	ssehub_say(c->hub, "audio", false, j);	/* ten a second: in the ring they would push out what counts */
}

/* ---- the picture ---- */

/* A marker still to come: its turn of the loop may be late, the camera is not; and sound is made a frame ahead. */
static void
scene_mark(const struct camera *c, struct scene *scene)
{
	const struct node_request *mark = schedule_pending(c->schedule, NODE_MARKER);

	if (mark == NULL)
		return;
	if (scene->time_us >= mark->at_us)
		scene->is_flash = true;
	if (mark->sound && (scene->beep_us == 0 || scene->time_us - scene->beep_us > BEEP_OVER_US))
		scene->beep_us = mark->at_us;
}

void
camera_state_scene(void *arg, struct scene *scene, int64_t mono_us)
{
	struct camera *c = arg;
	const struct stance *s = &c->stance;

	scene->time_us = nodeclk_at_us(&c->clk, mono_us);
	scene->steady_us = nodeclk_steady_us(&c->clk, mono_us);
	scene->name = c->conf.name;
	scene->zoom = camera_state_zoom(c, mono_us);
	scene->is_front = s->is_front;
	scene->tally = tally_state(c->tally);
	scene->is_flash = mono_us < s->flash_until_us && mono_us >= s->flash_from_us;
	scene->beep_us = s->beep_us;
	scene_mark(c, scene);
	scene->is_identify = tally_is_identifying(c->tally, mono_us);
	if (mono_us < s->message_until_us)
		str_copy(scene->message, sizeof scene->message, s->message);
}
