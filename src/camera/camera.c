/*
 * camera.c - one node: builds its parts, wires them, runs its clocks, takes it all down again.
 * Owns every part.  Never holds a rule of the contract: those are in the parts.
 */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/camera_private.h"
#include "camera/camera_state.h"
#include "camera/paths.h"
#include "io/wire.h"

#define SERVICE "_mmcam._tcp"
#define ADVERT_PATIENCE_US 4000000	/* a daemon takes up to two seconds to find a free name */
#define SECOND_US 1000000
#define AUDIO_US 250000			/* at most ten a second are allowed; a meter is fine with four */
#define AUDIO_STEP_DB 1.0
#define LINGER_US 300000		/* for the last words to reach their listeners */

void
camera_set_bitrate(struct camera *c)
{
	struct node_format *f = &c->stance.format;
	double bits = f->width * f->height * f->rate * 0.1;

	f->bitrate_bps = bits < 400000 ? 400000 : (int64_t)bits;
	if (c->conf.fault.bitrate_bps > 0)
		f->bitrate_bps = c->conf.fault.bitrate_bps;
}

void
camera_set_format(struct camera *c, int width_px, int height_px, double rate)
{
	struct node_format *f = &c->stance.format;

	if (c->source->rate >= 1 && c->source->rate < rate)
		rate = c->source->rate;
	f->width = width_px;
	f->height = height_px;
	f->rate = rate;
	str_copy(f->codec, sizeof f->codec, "h264");
	camera_set_bitrate(c);
	engine_format(c->engine, width_px, height_px, rate);
	viewers_format(c->viewers, width_px, height_px, rate);
}

/* ---- news of the parts ---- */

static void
recording_changed(void *arg, const char *command_id, int64_t time_us)
{
	struct camera *c = arg;
	struct node_recording r;

	recorder_state(c->recorder, &r);
	camera_state_say_recording(c, time_us != 0 ? time_us : nodeclk_now_us(&c->clk), command_id);
	camera_state_say_health(c);
	if (r.state == NODE_REC_RECORDING)
		camera_fault_heat(c);
}

static void
recording_saved(void *arg, const struct node_file *file)
{
	struct camera *c = arg;

	ssehub_say(c->hub, "saved", true, wire_file(file));
}

static void
source_failed(void *arg, const char *why)
{
	struct camera *c = arg;

	log_line(LOG_CAMERA, "%s: %s", c->conf.name, why);
	recorder_break(c->recorder, "camera_lost");
}

static void
tally_lapsed(void *arg)
{
	struct camera *c = arg;

	camera_state_say_tally(c, nodeclk_now_us(&c->clk), "");
}

static void
zoom_ended(void *arg)
{
	struct camera *c = arg;

	c->stance.zoom.length_us = 0;
	camera_state_say_zoom(c, nodeclk_now_us(&c->clk), c->stance.zoom.command_id);
}

/* ---- clocks ---- */

static void
each_second(void *arg)
{
	struct camera *c = arg;

	if (nodeclk_look(&c->clk))
		schedule_rearm(c->schedule);
	camera_claim_look(c);
	camera_state_say_health(c);
}

/* A level that moved; nobody listening, nothing said. */
static void
each_quarter(void *arg)
{
	struct camera *c = arg;
	struct node_health h;

	if (ssehub_listeners(c->hub) == 0 || senses_has_audio(c->senses))
		return;
	camera_state_health(c, &h);
	if (!h.has_audio || fabs(h.audio.peak_dbfs - c->stance.peak_dbfs) < AUDIO_STEP_DB)
		return;
	c->stance.peak_dbfs = h.audio.peak_dbfs;
	camera_state_say_audio(c, &h.audio);
}

static struct loop_timer *
timer_new(struct camera *c, loop_fn *fn, int64_t after_us, int64_t repeat_us)
{
	struct loop_timer *t = loop_timer_new(c->loop, fn, c);

	if (after_us > 0)
		loop_timer_start(c->loop, t, after_us, repeat_us);
	return t;
}

static void
start_timers(struct camera *c)
{
	c->second = timer_new(c, each_second, SECOND_US, SECOND_US);
	c->audio = timer_new(c, each_quarter, AUDIO_US, AUDIO_US);
	c->zoom_end = timer_new(c, zoom_ended, 0, 0);
	camera_fault_begin(c);
}

static void
free_timers(struct camera *c)
{
	struct loop_timer *timers[] = { c->second, c->audio, c->zoom_end, c->heat, c->freeze, c->silence, c->die, c->linger };

	for (size_t i = 0; i < sizeof timers / sizeof timers[0]; i++)
		loop_timer_free(c->loop, timers[i]);
	c->second = c->audio = c->zoom_end = c->heat = c->freeze = c->silence = c->die = c->linger = NULL;
}

/* ---- what is sensed ---- */

static int64_t
senses_now(void *arg)
{
	return nodeclk_now_us(&((struct camera *)arg)->clk);
}

static bool
senses_are_heard(void *arg)
{
	return ssehub_listeners(((struct camera *)arg)->hub) > 0;
}

static void
senses_say(void *arg, const char *event, bool numbered, const char *json)
{
	ssehub_say_text(((struct camera *)arg)->hub, event, numbered, json);
}

/* ---- building ---- */

static void
build_parts(struct camera *c)
{
	static const struct engine_fns engine_fns = { camera_state_scene, source_failed };
	static const struct recorder_fns recorder_fns = { recording_changed, recording_saved };
	static const struct schedule_fns schedule_fns = { camera_command_due, camera_command_superseded };

	c->engine = engine_new(c->loop, c->source, &engine_fns, c);
	c->recorder = recorder_new(c->loop, c->engine, c->store, &recorder_fns, c);
	c->viewers = viewers_new(c->loop, c->engine);
	c->schedule = schedule_new(c->loop, &c->clk, &schedule_fns, c);
	c->tally = tally_new(c->loop, tally_lapsed, c);
	c->memory = cmdmem_new(c->loop);
	/* Ids grow across restarts, so that nobody takes an earlier run's for one of ours. */
	c->hub = ssehub_new(c->loop, clk_utc_us(c->clk.clk) / 1000, camera_state_hello, c);
	claim_init(&c->claim, c->conf.pin);
	c->claim_file = claim_file_open(c->loop, store_folder(c->store), &c->claim, clk_utc_us(c->clk.clk));
	c->stance.zoom.to = ZOOM_MIN;
	str_copy(c->stance.thermal, sizeof c->stance.thermal, "nominal");
	str_copy(c->network, sizeof c->network, paths_network_kind());
	camera_set_format(c, c->conf.width, c->conf.height, c->conf.rate);
}

static void
advert_taken(void *arg, const char *name)
{
	struct camera *c = arg;

	loop_timer_stop(c->loop, c->advert_timer);
	log_line(LOG_CAMERA, "%s: announced as \"%s\"", c->conf.name, name);
}

/* Said once, and by one of a fleet: a console on another network finds nobody, and nothing else would tell why. */
static void
advert_late(void *arg)
{
	const struct camera *c = arg;

	char text[160];

	snprintf(text, sizeof text, "not announced: no avahi-daemon answers (tried again by itself); until then name it to the console: "
	    "--node ADDRESS:%d", httpd_port(c->httpd));
	if (c->conf.say != NULL)
		c->conf.say(text);
}

static void
advertise(struct camera *c)
{
	char port[8];
	const struct dnssd_txt txt[] = { { "deviceName", c->conf.name }, { "model", c->conf.model }, { "role", "camera" },
		{ "apiPort", port }, { "id", store_id(c->store) }, { "contract", "1" }, { NULL, NULL } };

	snprintf(port, sizeof port, "%d", httpd_port(c->httpd));
	if (!c->conf.advertise)
		return;
	c->advert_timer = loop_timer_new(c->loop, advert_late, c);
	if (c->conf.number <= 1)
		loop_timer_start(c->loop, c->advert_timer, ADVERT_PATIENCE_US, 0);
	c->advert = dnssd_register_new(c->loop, SERVICE, c->conf.name, httpd_port(c->httpd), txt, advert_taken, c);
}

static bool
open_senses(struct camera *c, struct err *e)
{
	static const struct senses_fns fns = { senses_now, senses_are_heard, senses_say };

	if (c->conf.events[0] == '\0')
		return true;
	c->senses = senses_open(c->loop, c->conf.events, c->conf.number, c->conf.rate, &fns, c, e);
	return c->senses != NULL;
}

struct camera *
camera_open(struct loop *loop, const struct clk *clk, const struct camera_conf *conf,
    void (*died)(void *arg, struct camera *c), void *arg, struct err *e)
{
	struct camera *c = xcalloc(1, sizeof *c);
	const struct fault *f = &conf->fault;

	c->loop = loop;
	c->conf = *conf;
	c->died = died;
	c->died_arg = arg;
	c->random = (unsigned)conf->number * 7919;
	nodeclk_init(&c->clk, clk, f->clock_us, f->drift_ppm);
	c->store = store_open(conf->folder, conf->id, f->disk_bytes, e);
	if (c->store != NULL)
		c->source = source_open(conf, nodeclk_now_us(&c->clk), e);
	if (c->source != NULL) {
		build_parts(c);
		if (open_senses(c, e))
			c->httpd = httpd_new(loop, conf->bind[0] != '\0' ? conf->bind : NULL, conf->port, camera_routes_serve, c, e);
	}
	if (c->httpd == NULL) {
		c->is_closing = true;
		camera_free(c);
		return NULL;
	}
	start_timers(c);
	advertise(c);
	camera_files_hash_next(c, "");
	return c;
}

/* ---- the end ---- */

void
camera_check_closed(struct camera *c)
{
	loop_fn *closed = c->closed;

	if (closed == NULL || !c->is_closed_but_jobs || c->pool_jobs > 0)
		return;
	c->closed = NULL;
	closed(c->closed_arg);
}

static void
recorder_let_go(void *arg)
{
	struct camera *c = arg;

	c->is_closed_but_jobs = true;
	camera_check_closed(c);
}

static void
engine_stopped(void *arg)
{
	struct camera *c = arg;

	recorder_abandon(c->recorder, recorder_let_go, c);
}

/* The last words are out, or had their time. */
static void
linger_over(void *arg)
{
	struct camera *c = arg;

	senses_free(c->senses);
	c->senses = NULL;
	viewers_close(c->viewers);
	cmdmem_drop_all(c->memory);
	httpd_free(c->httpd);
	c->httpd = NULL;
	free_timers(c);
	engine_stop(c->engine, engine_stopped, c);
}

static void
recorder_closed(void *arg)
{
	struct camera *c = arg;
	struct jdoc *bye = jdoc_object();

	jdoc_set_text(bye, "reason", "quit");
	ssehub_say(c->hub, "bye", true, bye);
	ssehub_close(c->hub);
	c->linger = timer_new(c, linger_over, ssehub_listeners(c->hub) > 0 ? LINGER_US : 1, 0);
}

void
camera_close(struct camera *c, loop_fn *closed, void *arg)
{
	c->closed = closed;
	c->closed_arg = arg;
	if (c->is_dead) {
		camera_check_closed(c);
		return;
	}
	c->is_closing = true;
	atomic_store(&c->is_hurrying, true);
	dnssd_register_close(c->advert);
	c->advert = NULL;
	loop_timer_stop(c->loop, c->advert_timer);
	recorder_close(c->recorder, recorder_closed, c);
}

void
camera_die(struct camera *c)
{
	if (c->is_dead || c->is_closing)
		return;
	c->is_dead = true;
	atomic_store(&c->is_hurrying, true);
	linger_over(c);
}

void
camera_free(struct camera *c)
{
	if (c == NULL)
		return;
	XASSERT(c->httpd == NULL && c->pool_jobs == 0);
	dnssd_register_close(c->advert);
	loop_timer_free(c->loop, c->advert_timer);
	free_timers(c);
	senses_free(c->senses);
	recorder_free(c->recorder);
	viewers_free(c->viewers);
	engine_free(c->engine);
	ssehub_free(c->hub);
	cmdmem_free(c->memory);
	claim_file_free(c->claim_file);
	schedule_free(c->schedule);
	tally_free(c->tally);
	source_close(c->source);
	store_close(c->store);
	free(c);
}

const char *
camera_id(const struct camera *c)
{
	return store_id(c->store);
}

const char *
camera_name(const struct camera *c)
{
	return c->conf.name;
}

int
camera_port(const struct camera *c)
{
	return c->httpd != NULL ? httpd_port(c->httpd) : 0;
}
