/*
 * t_scribe.c - what happens is written down once, in the journal it belongs in, in the published form.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "app/scribe.h"
#include "domain/take.h"
#include "io/wire.h"
#include "support/schema.h"
#include "support/scratch.h"
#include "crew_double.h"

#define MAX_LINES 64

struct world {
	struct loop *loop;
	struct clk clk;
	struct bus *bus;
	struct crew *crew;
	struct diskq *queue;
	struct sphere *sphere;
	struct scribe *scribe;
	char *folder;
	struct err err;
	int told, failed, notices, sentences;
	char sentence[512];
	int line_count;
	struct jdoc *lines[MAX_LINES];	/* of the journal read last, without `open` */
};

static void
count_notice(void *arg, const struct bus_event *ev)
{
	(void)ev;
	((struct world *)arg)->notices++;
}

static void
torn(void *arg, const char *sentence)
{
	struct world *w = arg;

	w->sentences++;
	str_copy(w->sentence, sizeof w->sentence, sentence);
}

static void
open_scribe(struct world *w)
{
	w->queue = diskq_new(w->loop);
	w->scribe = scribe_new(w->loop, w->queue, w->sphere, w->crew, w->bus, &w->clk, torn, w, &w->err);
}

static void
close_scribe(struct world *w)
{
	scribe_free(w->scribe);
	diskq_free(w->queue);
	w->scribe = NULL;
	w->queue = NULL;
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_fake_new();
	w->clk = loop_fake_clk(w->loop);
	w->bus = bus_new();
	w->crew = double_new(w->bus);
	w->folder = scratch_new();
	setenv("XDG_STATE_HOME", scratch_path(w->folder, "state"), 1);
	w->sphere = sphere_open(scratch_path(w->folder, "s"), "Pilot", LOOP_FAKE_UTC_US, &w->err);
	assert_non_null(w->sphere);
	bus_listen(w->bus, EV_NOTICE, count_notice, w);
	open_scribe(w);
	assert_non_null(w->scribe);
	*state = w;
	return 0;
}

static void
forget_lines(struct world *w)
{
	for (int i = 0; i < w->line_count; i++)
		jdoc_free(w->lines[i]);
	w->line_count = 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	close_scribe(w);
	forget_lines(w);
	double_free(w->crew);
	sphere_close(w->sphere);
	loop_fake_turn(w->loop);
	assert_int_equal(loop_fake_alive(w->loop), 0);
	bus_free(w->bus);
	loop_free(w->loop);
	scratch_free(w->folder);
	free(w);
	return 0;
}

static void
told(void *arg, const struct err *e)
{
	struct world *w = arg;

	w->told++;
	w->failed += e->kind != ERR_NONE;
}

static void
keep_line(void *arg, int64_t seq, const struct jdoc *line)
{
	struct world *w = arg;
	char *text = jdoc_print(line);

	(void)seq;
	if (strcmp(jdoc_text(line, "type", ""), "open") != 0 && w->line_count < MAX_LINES)
		w->lines[w->line_count++] = jdoc_parse(text, strlen(text), 1 << 20, NULL);
	free(text);
}

/* Ends the run; reads one journal and checks it against its schema. */
static void
read_journal(struct world *w, const char *name)
{
	char file[64], path[4096], why[512] = "";

	if (w->scribe != NULL)
		close_scribe(w);
	forget_lines(w);
	snprintf(file, sizeof file, "s/sidecars/%s.jsonl", name);
	str_copy(path, sizeof path, scratch_path(w->folder, file));
	if (!schema_accepts_lines(name, path, why, sizeof why))
		fail_msg("%s", why);
	assert_true(journal_read(path, keep_line, w, &w->err));
}

static void
assert_line(struct world *w, int index, const char *type, const char *key, const char *value)
{
	assert_true(index < w->line_count);
	assert_string_equal(jdoc_text(w->lines[index], "type", ""), type);
	if (key != NULL)
		assert_string_equal(jdoc_text(w->lines[index], key, "(none)"), value);
}

static struct node_event *
event_new(enum node_event_kind kind)
{
	struct node_event *ev = calloc(1, sizeof *ev);

	ev->kind = kind;
	ev->health.minutes_left = -1;
	return ev;
}

static void
say(struct world *w, const char *node, struct node_event *ev)
{
	double_event(w->crew, node, ev);
	wire_event_fini(ev);
	free(ev);
}

/* ---- Journals ---- */

static void
all_ten_journals_exist_from_the_start(void **state)
{
	static const char *const names[] = { "cuts", "commands", "sources", "timebase", "markers", "camera", "health",
		"pose", "gesture", "evidence" };
	struct world *w = *state;
	char *first = NULL;

	close_scribe(w);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char file[64], why[512], *text;

		snprintf(file, sizeof file, "s/sidecars/%s.jsonl", names[i]);
		if (!schema_accepts_lines(names[i], scratch_path(w->folder, file), why, sizeof why))
			fail_msg("%s", why);
		text = scratch_read(scratch_path(w->folder, file));
		*strchr(text, '\n') = '\0';
		assert_non_null(strstr(text, "\"type\":\"open\""));
		if (first == NULL)
			first = text;
		else
			assert_string_equal(strstr(text, "\"run\""), strstr(first, "\"run\""));	/* one run, one id */
		if (text != first)
			free(text);
	}
	free(first);
}

static void
line_is_told_when_it_is_on_disk(void **state)
{
	struct world *w = *state;
	struct jdoc *line = jdoc_object();

	jdoc_set_text(line, "text", "good laugh");
	jdoc_set_null(line, "take");
	assert_int_equal(scribe_add(w->scribe, SCRIBE_MARKERS, "tag", 42, line, told, w), 2);
	assert_int_equal(w->told, 0);
	DOUBLE_WAIT(w->loop, w->told == 1);
	assert_int_equal(w->failed, 0);
	read_journal(w, "markers");
	assert_line(w, 0, "tag", "text", "good laugh");
	assert_int_equal(jdoc_int(w->lines[0], "timeUs", 0), 42);
}

static void
repaired_journal_is_reported(void **state)
{
	struct world *w = *state;

	close_scribe(w);
	scratch_add(scratch_path(w->folder, "s/sidecars/health.jsonl"), "half a li", 9);
	open_scribe(w);
	assert_int_equal(w->sentences, 1);
	assert_non_null(strstr(w->sentence, "health.jsonl.torn-1"));
}

static void
journal_that_cannot_be_opened_is_one_sentence(void **state)
{
	struct world *w = *state;

	close_scribe(w);
	unlink(scratch_path(w->folder, "s/sidecars/pose.jsonl"));
	assert_int_equal(symlink("pose.jsonl", scratch_path(w->folder, "s/sidecars/pose.jsonl")), 0);
	open_scribe(w);
	assert_null(w->scribe);
	assert_int_equal(w->err.kind, ERR_DISK);
	assert_non_null(strstr(w->err.text, "pose.jsonl"));
}

/* ---- Sources ---- */

static void
device_is_written_whole_when_it_is_seen(void **state)
{
	struct world *w = *state;
	struct crew_member *m = double_add(w->crew, "a", 1, "left");

	m->node->roles = ROLE(CAMERA) | ROLE(MUST);
	bus_tell(w->bus, EV_NODE_SEEN, "a", "%s", "");
	bus_tell(w->bus, EV_NODE_INFO, "a", "%s", "");	/* the same again */
	str_copy(m->node->info.device_name, sizeof m->node->info.device_name, "Renamed");
	bus_tell(w->bus, EV_NODE_INFO, "a", "%s", "");
	read_journal(w, "sources");
	assert_int_equal(w->line_count, 3);
	assert_line(w, 0, "sphere", "name", "Pilot");
	assert_line(w, 1, "seen", "deviceName", "Device a");
	assert_int_equal(jdoc_int(w->lines[1], "number", 0), 1);
	assert_string_equal(jdoc_text(w->lines[1], "label", ""), "left");
	assert_int_equal(jdoc_count(jdoc_get(w->lines[1], "roles")), 2);
	assert_line(w, 2, "seen", "deviceName", "Renamed");
}

/* A device that nobody gave a role is what it says it is, here as in the manifest. */
static void
role_that_a_device_brings_along_is_the_same_in_both_files(void **state)
{
	struct world *w = *state;
	struct crew_member *m = double_add(w->crew, "a", 1, "");
	struct jdoc *manifest;
	char *text;

	str_copy(m->node->info.role, sizeof m->node->info.role, "camera");
	bus_tell(w->bus, EV_NODE_SEEN, "a", "%s", "");
	read_journal(w, "sources");
	assert_line(w, 1, "seen", "node", "a");
	assert_int_equal(jdoc_count(jdoc_get(w->lines[1], "roles")), 1);
	assert_string_equal(jdoc_self_text(jdoc_at(jdoc_get(w->lines[1], "roles"), 0), ""), "camera");
	text = scratch_read(scratch_path(w->folder, "s/sphere.json"));
	manifest = jdoc_parse(text, strlen(text), 1 << 20, NULL);
	assert_string_equal(jdoc_self_text(jdoc_at(jdoc_get(jdoc_at(jdoc_get(manifest, "devices"), 0), "roles"), 0), ""), "camera");
	jdoc_free(manifest);
	free(text);
}

/* ---- Clocks ---- */

static void
hear_burst(struct world *w, struct crew_member *m, int64_t offset_us, int count)
{
	const struct bus_event news = { .kind = EV_CLOCK_SAMPLE, .node = "a" };

	for (int i = 1; i <= count; i++) {
		int64_t now_us = loop_now_us(w->loop) - LOOP_FAKE_MONO_US + LOOP_FAKE_UTC_US;
		const struct offset_sample s = { .sent_us = now_us, .received_us = now_us + 201 - i, .node_received_us = now_us + 100 + offset_us,
			.node_sent_us = now_us + 101 + offset_us };

		assert_true(offset_add(&m->clock, &s, "e1"));
		bus_say(w->bus, &news);
		loop_fake_advance(w->loop, 20000);
	}
	loop_fake_advance(w->loop, 2000000);
}

/* Its best sample; the estimate only when that has moved, or a minute is over. */
static void
each_burst_leaves_a_sample_and_a_moved_clock_its_estimate(void **state)
{
	struct world *w = *state;
	struct crew_member *m = double_add(w->crew, "a", 1, "");
	int clocks = 0;

	hear_burst(w, m, 350000, 8);
	for (int i = 0; i < 40; i++)
		hear_burst(w, m, 350000, 4);
	hear_burst(w, m, 900000, 4);			/* it was set */
	read_journal(w, "timebase");
	assert_line(w, 0, "sample", "epoch", "e1");
	assert_int_equal(jdoc_int(w->lines[0], "rttUs", 0), 192);
	assert_int_equal(jdoc_int(w->lines[0], "sentUs", 0), LOOP_FAKE_UTC_US + 7 * 20000);
	assert_int_equal(jdoc_int(w->lines[0], "receivedUs", 0), LOOP_FAKE_UTC_US + 7 * 20000 + 193);
	assert_int_equal(jdoc_int(w->lines[0], "nodeReceivedUs", 0), LOOP_FAKE_UTC_US + 7 * 20000 + 350100);
	assert_line(w, 1, "clock", "epoch", "e1");
	assert_in_range(jdoc_int(w->lines[1], "ageUs", 0), 800000, 900000);
	assert_int_equal(jdoc_int(w->lines[1], "samples", 0), 8);
	for (int i = 0; i < w->line_count; i++)
		clocks += strcmp(jdoc_text(w->lines[i], "type", ""), "clock") == 0;
	assert_int_equal(w->line_count - clocks, 42);
	assert_in_range(clocks, 4, 15);			/* once a minute, and while the bound narrowed */
	assert_line(w, w->line_count - 1, "clock", NULL, NULL);
	assert_true(llabs(jdoc_int(w->lines[w->line_count - 1], "offsetUs", 0) - 900000) < 600);
}

static void
burst_of_samples_is_one_line(void **state)
{
	struct world *w = *state;
	struct crew_member *m = double_add(w->crew, "a", 1, "");
	struct bus_event news = { .kind = EV_CLOCK_SAMPLE, .node = "a" };

	str_copy(m->clock.epoch, sizeof m->clock.epoch, "e1");
	for (int i = 1; i <= 8; i++) {
		m->clock.best = (struct offset_estimate){ .known = true, .offset_us = 350000 + i, .bound_us = 90, .rtt_us = 180,
			.at_us = LOOP_FAKE_UTC_US + i, .samples = i };
		bus_say(w->bus, &news);
		loop_fake_advance(w->loop, 20000);
	}
	loop_fake_advance(w->loop, 2000000);
	read_journal(w, "timebase");
	assert_int_equal(w->line_count, 1);
	assert_line(w, 0, "clock", "epoch", "e1");
	assert_int_equal(jdoc_int(w->lines[0], "offsetUs", 0), 350008);
	assert_int_equal(jdoc_int(w->lines[0], "boundUs", 0), 90 + 15);	/* a second old */
	assert_int_equal(jdoc_int(w->lines[0], "rttUs", 0), 180);
	assert_int_equal(jdoc_int(w->lines[0], "sampleUs", 0), LOOP_FAKE_UTC_US + 8);
	assert_int_equal(jdoc_int(w->lines[0], "timeUs", 0), LOOP_FAKE_UTC_US + 1000000);	/* once the burst was over */
	assert_int_equal(jdoc_int(w->lines[0], "monoNs", 0), 1000000000);
}

/* ---- Cameras ---- */

static void
camera_changes_have_the_true_time_whoever_caused_them(void **state)
{
	struct world *w = *state;
	struct node_event *ev = event_new(NODE_EV_CAMERA);

	double_add(w->crew, "a", 1, "")->clock.best = (struct offset_estimate){ .known = true, .offset_us = 1000 };
	str_copy(ev->text, sizeof ev->text, "front");
	str_copy(ev->command_id, sizeof ev->command_id, "c-1");
	ev->time_us = LOOP_FAKE_UTC_US + 5001000;
	say(w, "a", ev);
	ev = event_new(NODE_EV_ZOOM);
	ev->value = 2.0;
	ev->time_us = LOOP_FAKE_UTC_US + 6001000;
	say(w, "a", ev);
	ev = event_new(NODE_EV_FORMAT);
	ev->format = (struct node_format){ .width = 1920, .height = 1080, .rate = 30 };
	say(w, "a", ev);
	ev = event_new(NODE_EV_LENS);
	ev->health.has_lens = ev->health.focus_locked = true;
	say(w, "a", ev);
	read_journal(w, "camera");
	assert_int_equal(w->line_count, 4);
	assert_line(w, 0, "flip", "camera", "front");
	assert_int_equal(jdoc_int(w->lines[0], "timeUs", 0), LOOP_FAKE_UTC_US + 5000000);
	assert_int_equal(jdoc_int(w->lines[0], "nodeUs", 0), LOOP_FAKE_UTC_US + 5001000);
	assert_string_equal(jdoc_text(w->lines[0], "commandId", ""), "c-1");
	assert_line(w, 1, "zoom", "told", "event");
	assert_false(jdoc_has(w->lines[1], "commandId"));
	assert_line(w, 2, "format", NULL, NULL);
	assert_int_equal(jdoc_int(w->lines[2], "width", 0), 1920);
	assert_line(w, 3, "lens", NULL, NULL);
	assert_true(jdoc_bool(w->lines[3], "focusLocked", false));
}

static void
say_camera(struct world *w, enum node_event_kind kind, const char *camera, double zoom)
{
	struct node_event *ev = event_new(kind);

	str_copy(ev->health.camera, sizeof ev->health.camera, camera);
	ev->health.has_zoom = true;
	ev->health.zoom = zoom;
	say(w, "a", ev);
}

static void
change_found_after_a_gap_is_marked_as_such(void **state)
{
	struct world *w = *state;

	double_add(w->crew, "a", 1, "");
	say_camera(w, NODE_EV_HELLO, "back", 1.0);	/* as it is found: no change */
	say_camera(w, NODE_EV_HEALTH, "back", 1.4);	/* in the middle of a ramp: its event will come */
	say_camera(w, NODE_EV_HELLO, "front", 2.0);
	read_journal(w, "camera");
	assert_int_equal(w->line_count, 2);
	assert_line(w, 0, "flip", "told", "health");
	assert_false(jdoc_has(w->lines[0], "nodeUs"));
	assert_line(w, 1, "zoom", "told", "health");
}

/* ---- Health ---- */

static void
say_health(struct world *w, double battery, const char *thermal, int64_t free_bytes, int64_t clips)
{
	struct node_event *ev = event_new(NODE_EV_HEALTH);

	ev->health.has_battery = true;
	ev->health.battery = battery;
	str_copy(ev->health.thermal, sizeof ev->health.thermal, thermal);
	ev->health.has_storage = true;
	ev->health.free_bytes = free_bytes;
	ev->health.has_audio = true;
	ev->health.audio.clips = clips;
	str_copy(ev->health.network, sizeof ev->health.network, "wifi");
	say(w, "a", ev);
}

static int
count_lines(const struct world *w, const char *type)
{
	int count = 0;

	for (int i = 0; i < w->line_count; i++)
		count += strcmp(jdoc_text(w->lines[i], "type", ""), type) == 0;
	return count;
}

static void
health_is_written_when_it_changes(void **state)
{
	struct world *w = *state;

	double_add(w->crew, "a", 1, "");
	for (int i = 0; i < 20; i++)
		say_health(w, 0.81 - i * 0.001, "nominal", 90000000000 - i * 1000000, 0);
	say_health(w, 0.70, "serious", 40000000000, 3);
	say_health(w, 0.70, "serious", 40000000000, 4);	/* clipping goes on: not a line a second */
	loop_fake_advance(w->loop, 6000000);
	say_health(w, 0.70, "serious", 40000000000, 5);
	read_journal(w, "health");
	assert_int_equal(count_lines(w, "battery"), 2);
	assert_int_equal(count_lines(w, "thermal"), 2);
	assert_int_equal(count_lines(w, "storage"), 2);
	assert_int_equal(count_lines(w, "network"), 1);
	assert_int_equal(count_lines(w, "audio"), 2);
}

static void
freshness_and_recording_changes_are_written(void **state)
{
	struct world *w = *state;

	double_add(w->crew, "a", 1, "");
	bus_tell(w->bus, EV_NODE_STATE, "a", "%s", "");
	double_recording(w->crew, "a", NODE_REC_RECORDING, "other", "003", 7, "");
	double_recording(w->crew, "a", NODE_REC_RECORDING, "other", "003", 7, "");
	double_recording(w->crew, "a", NODE_REC_IDLE, "other", "003", 7, "heat");
	double_member(w->crew, "a")->frozen = true;
	double_link(w->crew, "a", HEALTH_STALE);
	double_link(w->crew, "a", HEALTH_LOST);
	bus_tell(w->bus, EV_ALARM, "a", "left LOST");
	bus_tell(w->bus, EV_NOT_WRITING, "a", "no growth");
	bus_tell(w->bus, EV_STOPPED_UNASKED, "a", "heat");
	bus_tell(w->bus, EV_ALARM, NULL, "the console itself");
	read_journal(w, "health");
	assert_int_equal(count_lines(w, "recording"), 2);
	assert_int_equal(count_lines(w, "link"), 3);
	assert_int_equal(count_lines(w, "frozen"), 1);
	assert_int_equal(count_lines(w, "alarm"), 2);
	assert_int_equal(count_lines(w, "not-writing"), 1);
	assert_int_equal(count_lines(w, "stopped-unasked"), 1);
	assert_line(w, 0, "link", "link", "live");
	assert_line(w, 2, "recording", "error", "heat");
}

static void
capture_alive_window_opens_and_closes_with_reasons(void **state)
{
	struct world *w = *state;
	const char *sphere = sphere_manifest(w->sphere)->sphere;
	int64_t began_us;

	double_add(w->crew, "a", 1, "");
	double_recording(w->crew, "a", NODE_REC_STARTING, sphere, "003", 0, "");
	began_us = clk_utc_us(&w->clk);
	double_recording(w->crew, "a", NODE_REC_RECORDING, sphere, "003", 7, "");
	loop_fake_advance(w->loop, 5000000);
	double_member(w->crew, "a")->rec = HEALTH_REC_NOT_WRITING;
	bus_tell(w->bus, EV_NODE_STATE, "a", "%s", "");
	double_member(w->crew, "a")->rec = HEALTH_REC_RECORDING;
	bus_tell(w->bus, EV_NODE_STATE, "a", "%s", "");
	double_link(w->crew, "a", HEALTH_LOST);
	read_journal(w, "evidence");
	assert_int_equal(w->line_count, 4);
	assert_true(jdoc_bool(w->lines[0], "alive", false));
	assert_line(w, 0, "capture-alive", "take", "003");
	assert_int_equal(jdoc_int(w->lines[0], "timeUs", 0), began_us);
	assert_false(jdoc_bool(w->lines[1], "alive", true));
	assert_int_equal(jdoc_int(w->lines[1], "sinceUs", 0), began_us);
	assert_line(w, 1, "capture-alive", "reason", "its file does not grow");
	assert_line(w, 3, "capture-alive", "reason", "the node is lost");
}

static void
marks_bodies_and_hands_go_to_their_journals(void **state)
{
	struct world *w = *state;
	struct take t;
	struct bus_event news = { .kind = EV_TAKE_CHANGED, .data = &t };
	struct node_event *ev = event_new(NODE_EV_MARKER);

	double_add(w->crew, "a", 1, "")->clock.best = (struct offset_estimate){ .known = true, .offset_us = 10, .bound_us = 5, .at_us = LOOP_FAKE_UTC_US };
	take_init(&t, "007", "", 1, "s", TAKE_WILLING, LOOP_FAKE_UTC_US);
	take_ask(&t, "a", 1, "", LOOP_FAKE_UTC_US);
	bus_say(w->bus, &news);
	str_copy(ev->text, sizeof ev->text, "clap");
	ev->time_us = LOOP_FAKE_UTC_US + 1010;
	say(w, "a", ev);
	take_go(take_device(&t, "a"), TAKE_STARTING, NULL, LOOP_FAKE_UTC_US + 10);
	take_go(take_device(&t, "a"), TAKE_RECORDING, NULL, LOOP_FAKE_UTC_US + 20);
	take_go(take_device(&t, "a"), TAKE_STOPPING, NULL, LOOP_FAKE_UTC_US + 2000);
	bus_say(w->bus, &news);
	take_fini(&t);
	ev = event_new(NODE_EV_MARKER);
	str_copy(ev->text, sizeof ev->text, "late");	/* its camera was away for a while: its instant counts */
	ev->time_us = LOOP_FAKE_UTC_US + 1510;
	say(w, "a", ev);
	ev = event_new(NODE_EV_MARKER);
	str_copy(ev->text, sizeof ev->text, "clap");
	ev->time_us = LOOP_FAKE_UTC_US + 900000;
	say(w, "a", ev);
	ev = event_new(NODE_EV_POSE);
	ev->time_us = LOOP_FAKE_UTC_US + 2010;
	ev->pose_json = strdup("\"people\":[{\"confidence\":0.93,\"joints\":[[0.5,0.25,1]]}],\"motion\":0.42");
	say(w, "a", ev);
	ev = event_new(NODE_EV_POSE);
	ev->time_us = INT64_MAX;	/* no such day: what it was told is kept, the line has our time */
	say(w, "a", ev);
	ev = event_new(NODE_EV_GESTURE);
	ev->has_confidence = true;
	ev->confidence = 0.9;
	str_copy(ev->text, sizeof ev->text, "chest-flex");
	say(w, "a", ev);
	read_journal(w, "markers");
	assert_int_equal(w->line_count, 3);
	assert_line(w, 0, "marker", "take", "007");
	assert_int_equal(jdoc_int(w->lines[0], "timeUs", 0), LOOP_FAKE_UTC_US + 1000);
	assert_line(w, 1, "marker", "take", "007");
	assert_false(jdoc_has(w->lines[2], "take"));
	read_journal(w, "pose");
	assert_int_equal(w->line_count, 2);
	assert_int_equal(jdoc_int(w->lines[0], "timeUs", 0), LOOP_FAKE_UTC_US + 2000);
	assert_true(jdoc_real(w->lines[0], "motion", 0) > 0.41);
	assert_true(jdoc_real(jdoc_at(jdoc_get(w->lines[0], "people"), 0), "confidence", 0) > 0.92);
	assert_int_equal(jdoc_int(w->lines[1], "timeUs", 0), LOOP_FAKE_UTC_US);
	assert_true(jdoc_int(w->lines[1], "nodeUs", 0) == INT64_MAX);
	read_journal(w, "gesture");
	assert_line(w, 0, "gesture", "name", "chest-flex");
	assert_true(jdoc_real(w->lines[0], "confidence", 0) > 0.89);
}

static void
words_of_a_node_that_left_do_no_harm(void **state)
{
	struct world *w = *state;
	static const enum event_kind kinds[] = { EV_NODE_SEEN, EV_NODE_INFO, EV_NODE_GONE, EV_NODE_STATE, EV_NODE_EVENT, EV_CLOCK_SAMPLE };
	struct node_event *ev = event_new(NODE_EV_HEALTH);

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct bus_event news = { .kind = kinds[i], .node = "gone", .data = kinds[i] == EV_NODE_EVENT ? ev : NULL };

		bus_say(w->bus, &news);
		news.node = NULL;
		bus_say(w->bus, &news);
	}
	free(ev);
	loop_fake_advance(w->loop, 2000000);
	read_journal(w, "health");
	assert_int_equal(w->line_count, 0);
}

/* ---- The manifest and the takes ---- */

static void
manifest_is_rewritten_once_a_turn(void **state)
{
	struct world *w = *state;
	char *text, why[512];
	struct jdoc *j;

	double_add(w->crew, "a", 1, "left");
	for (int i = 0; i < 10; i++) {
		bus_tell(w->bus, EV_MANIFEST_DIRTY, "a", "address");
		scribe_manifest(w->scribe, told, w);
	}
	assert_int_equal(w->told, 0);
	double_recording(w->crew, "a", NODE_REC_RECORDING, "s", "003", 7, "");
	DOUBLE_WAIT(w->loop, w->told == 10);
	assert_int_equal(w->failed, 0);
	text = scratch_read(scratch_path(w->folder, "s/sphere.json"));
	if (!schema_accepts("sphere", text, strlen(text), why, sizeof why))
		fail_msg("%s", why);
	j = jdoc_parse(text, strlen(text), 1 << 20, NULL);
	assert_string_equal(jdoc_text(jdoc_at(jdoc_get(j, "devices"), 0), "recordingState", ""), "recording");
	jdoc_free(j);
	free(text);
}

static const char *
always_saving(void *arg, const char *node)
{
	(void)arg;
	return strcmp(node, "a") == 0 ? "saving" : NULL;
}

static void
source_of_states_knows_better(void **state)
{
	struct world *w = *state;
	char *text;

	double_add(w->crew, "a", 1, "left");
	scribe_set_state_source(w->scribe, always_saving, NULL);
	scribe_manifest(w->scribe, told, w);
	DOUBLE_WAIT(w->loop, w->told == 1);
	text = scratch_read(scratch_path(w->folder, "s/sphere.json"));
	assert_non_null(strstr(text, "\"recordingState\": \"saving\""));
	free(text);
}

static void
manifest_asked_for_at_the_end_is_still_written(void **state)
{
	struct world *w = *state;
	char *text;

	str_copy(sphere_manifest(w->sphere)->name, MAX_NAME_BYTES, "Last words");
	scribe_manifest(w->scribe, told, w);
	close_scribe(w);
	assert_int_equal(w->told, 1);
	text = scratch_read(scratch_path(w->folder, "s/sphere.json"));
	assert_non_null(strstr(text, "Last words"));
	free(text);
}

static void
take_makes_its_folder_and_is_on_disk_when_told(void **state)
{
	struct world *w = *state;
	struct take t;
	char *text, why[512];

	take_init(&t, "003", "ep12", 1, sphere_manifest(w->sphere)->sphere, TAKE_WILLING, LOOP_FAKE_UTC_US);
	take_ask(&t, "a", 1, "left", LOOP_FAKE_UTC_US);
	scribe_take(w->scribe, &t, told, w);
	take_fini(&t);
	DOUBLE_WAIT(w->loop, w->told == 1);
	assert_int_equal(w->failed, 0);
	text = scratch_read(scratch_path(w->folder, "s/takes/003/take.json"));
	if (!schema_accepts("take", text, strlen(text), why, sizeof why))
		fail_msg("%s", why);
	free(text);
}

static void
failing_disk_is_news_once(void **state)
{
	struct world *w = *state;
	struct take t;

	take_init(&t, "003", "", 1, "s", TAKE_WILLING, 0);
	scratch_write(scratch_path(w->folder, "s/takes/003"), "a file where the folder should be");
	for (int i = 0; i < 3; i++) {
		scribe_take(w->scribe, &t, told, w);
		DOUBLE_WAIT(w->loop, w->told == i + 1);
	}
	assert_int_equal(w->failed, 3);
	assert_int_equal(w->notices, 1);
	unlink(scratch_path(w->folder, "s/takes/003"));
	scribe_take(w->scribe, &t, told, w);
	DOUBLE_WAIT(w->loop, w->told == 4);
	assert_int_equal(w->failed, 3);
	assert_int_equal(w->notices, 2);	/* and once more when it is well again */
	take_fini(&t);
}

static void
another_file_that_is_written_does_not_heal_the_refused_one(void **state)
{
	struct world *w = *state;
	bool refused = true;
	struct take t;

	scribe_watch(w->scribe, &refused);
	assert_false(refused);
	take_init(&t, "003", "", 1, "s", TAKE_WILLING, 0);
	scratch_write(scratch_path(w->folder, "s/takes/003"), "a file where the folder should be");
	scribe_take(w->scribe, &t, NULL, NULL);
	DOUBLE_WAIT(w->loop, w->notices == 1);
	assert_true(refused);
	scribe_manifest(w->scribe, told, w);
	DOUBLE_WAIT(w->loop, w->told == 1);
	assert_int_equal(w->failed, 0);
	assert_int_equal(w->notices, 1);
	assert_true(refused);
	close_scribe(w);			/* tried once more, in vain */
	assert_true(refused);
	take_fini(&t);
}

static bool
take_says(struct world *w, const char *what)
{
	char *text = scratch_exists(scratch_path(w->folder, "s/takes/003/take.json")) ?
	    scratch_read(scratch_path(w->folder, "s/takes/003/take.json")) : NULL;
	bool says = text != NULL && strstr(text, what) != NULL;

	free(text);
	return says;
}

static void
proof_that_the_disk_refused_is_written_when_it_is_well_again(void **state)
{
	struct world *w = *state;
	struct take t;

	take_init(&t, "003", "old", 1, "s", TAKE_WILLING, 0);
	scratch_write(scratch_path(w->folder, "s/takes/003"), "a file where the folder should be");
	scribe_take(w->scribe, &t, NULL, NULL);
	DOUBLE_WAIT(w->loop, w->notices == 1);
	str_copy(t.slate, sizeof t.slate, "newest");
	scribe_take(w->scribe, &t, NULL, NULL);
	for (int i = 0; i < 3; i++)
		loop_fake_advance(w->loop, 2000000);	/* tried again, in vain */
	unlink(scratch_path(w->folder, "s/takes/003"));
	for (int i = 0; i < 20000 && !take_says(w, "newest"); i++) {
		loop_fake_advance(w->loop, 2000000);
		usleep(5000);
	}
	assert_true(take_says(w, "newest"));
	DOUBLE_WAIT(w->loop, w->notices == 2);
	str_copy(t.slate, sizeof t.slate, "last");
	scribe_take(w->scribe, &t, NULL, NULL);
	DOUBLE_WAIT(w->loop, take_says(w, "last"));
	loop_fake_advance(w->loop, 10000000);
	assert_true(take_says(w, "last"));		/* nothing old comes after it */
	take_fini(&t);
}

static void
refused_proof_is_tried_once_more_at_the_end(void **state)
{
	struct world *w = *state;
	struct take t;

	take_init(&t, "003", "late", 1, "s", TAKE_WILLING, 0);
	scratch_write(scratch_path(w->folder, "s/takes/003"), "a file where the folder should be");
	scribe_take(w->scribe, &t, NULL, NULL);
	DOUBLE_WAIT(w->loop, w->notices == 1);
	unlink(scratch_path(w->folder, "s/takes/003"));
	close_scribe(w);
	assert_true(take_says(w, "late"));
	take_fini(&t);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(all_ten_journals_exist_from_the_start), TEST(line_is_told_when_it_is_on_disk), TEST(repaired_journal_is_reported),
		TEST(journal_that_cannot_be_opened_is_one_sentence), TEST(device_is_written_whole_when_it_is_seen),
		TEST(role_that_a_device_brings_along_is_the_same_in_both_files),
		TEST(burst_of_samples_is_one_line), TEST(each_burst_leaves_a_sample_and_a_moved_clock_its_estimate), TEST(camera_changes_have_the_true_time_whoever_caused_them),
		TEST(change_found_after_a_gap_is_marked_as_such), TEST(health_is_written_when_it_changes),
		TEST(freshness_and_recording_changes_are_written), TEST(capture_alive_window_opens_and_closes_with_reasons),
		TEST(marks_bodies_and_hands_go_to_their_journals), TEST(words_of_a_node_that_left_do_no_harm),
		TEST(manifest_is_rewritten_once_a_turn), TEST(source_of_states_knows_better),
		TEST(manifest_asked_for_at_the_end_is_still_written), TEST(take_makes_its_folder_and_is_on_disk_when_told),
		TEST(failing_disk_is_news_once), TEST(another_file_that_is_written_does_not_heal_the_refused_one),
		TEST(proof_that_the_disk_refused_is_written_when_it_is_well_again),
		TEST(refused_proof_is_tried_once_more_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
