/*
 * t_rushes.c - which files are wanted, when, from where and under which name, and what becomes of them: with an engine that
 * does what the test says.  Takes, proofs and the folder are real.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "app/fanout.h"
#include "app/rushes.h"
#include "support/scratch.h"
#include "crew_double.h"

#define SINCE_US (LOOP_FAKE_UTC_US + 500000)
#define SHA "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

/* ---- An engine on the test's strings ---- */

struct haul_wish {
	char node[ID_BYTES], recording[ID_BYTES], name[128], folder[512], url[2][640], sha256[65];
	int64_t bytes;
	int moves;
	bool is_dropped, is_forgotten;
	char anchor[512], bearer[ID_BYTES];
	haul_news_fn *news;
	void *arg;
};

struct haul {
	struct haul_wish wishes[32];
	int count, nudges;
	int64_t pace;
	const char *refusal;
};

static struct haul engine;

struct haul *
haul_new(struct loop *loop, const struct haul_conf *conf)
{
	(void)loop;
	(void)conf;
	memset(&engine, 0, sizeof engine);
	engine.pace = HAUL_FULL_SPEED;
	return &engine;
}

void
haul_free(struct haul *h)
{
	(void)h;
}

static void
set_urls(struct haul_wish *w, const char *const *urls, int count)
{
	for (int i = 0; i < 2; i++)
		str_copy(w->url[i], sizeof w->url[i], i < count ? urls[i] : "");
}

struct haul_wish *
haul_add(struct haul *h, const struct haul_ask *ask, haul_news_fn *news, void *arg, struct err *e)
{
	struct haul_wish *w = &h->wishes[h->count];

	if (h->refusal != NULL) {
		err_set(e, ERR_USAGE, "%s", h->refusal);
		return NULL;
	}
	h->count++;
	str_copy(w->node, sizeof w->node, ask->node);
	str_copy(w->recording, sizeof w->recording, ask->recording);
	str_copy(w->name, sizeof w->name, ask->name);
	str_copy(w->folder, sizeof w->folder, ask->folder);
	str_copy(w->anchor, sizeof w->anchor, ask->anchor != NULL ? ask->anchor : "");
	str_copy(w->sha256, sizeof w->sha256, ask->sha256);
	str_copy(w->bearer, sizeof w->bearer, ask->bearer != NULL ? ask->bearer : "");
	set_urls(w, ask->urls, ask->url_count);
	w->bytes = ask->bytes;
	w->news = news;
	w->arg = arg;
	return w;
}

void
haul_drop(struct haul_wish *w, bool forget)
{
	if (w == NULL)
		return;
	w->is_dropped = true;
	w->is_forgotten = forget;
}

void
haul_move(struct haul_wish *w, const char *const *urls, int url_count, const char *bearer)
{
	str_copy(w->bearer, sizeof w->bearer, bearer != NULL ? bearer : "");
	set_urls(w, urls, url_count);
	w->moves++;
}

void
haul_promise(struct haul_wish *w, int64_t bytes, const char *sha256)
{
	w->bytes = bytes;
	str_copy(w->sha256, sizeof w->sha256, sha256);
}

void
haul_nudge(struct haul *h, const char *node)
{
	(void)node;
	h->nudges++;
}

void
haul_pace(struct haul *h, int64_t bytes_a_second)
{
	h->pace = bytes_a_second;
}

void
haul_total(const struct haul *h, struct haul_totals *out)
{
	*out = (struct haul_totals){ .wishes = h->count };
}

const char *
haul_state_name(enum haul_state s)
{
	(void)s;
	return "";
}

/* What is verified is there. */
static void
engine_lays_down(const struct haul_wish *w)
{
	char path[sizeof w->folder + sizeof w->name + 1];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", w->folder, w->name);
	if ((f = fopen(path, "w")) != NULL)
		fclose(f);
}

static void
engine_says(struct haul_wish *w, enum haul_state state, const char *why)
{
	struct haul_news n = { .state = state };

	if (state == HAUL_VERIFIED)
		engine_lays_down(w);
	if (why != NULL)
		err_set(&n.err, ERR_NETWORK, "%s", why);
	assert_false(w->is_dropped);
	w->news(w->arg, w, &n);
}

/* ---- A show of two cameras ---- */

struct world {
	struct loop *loop;
	struct clk clk;
	struct bus *bus;
	struct crew *crew;
	struct fanout *fanout;
	struct diskq *queue;
	struct sphere *sphere;
	struct scribe *scribe;
	struct opt_set *settings;
	struct recordall *rec;
	struct rushes *rushes;
	char *folder;
	int events[EV_KINDS];
	char notice[1024];
	struct rushes_end end;
	char sentence[1024];
	int ends;
	struct err err;
};

static void
count_event(void *arg, const struct bus_event *ev)
{
	struct world *w = arg;

	w->events[ev->kind]++;
	if (ev->kind == EV_NOTICE)
		str_copy(w->notice, sizeof w->notice, ev->text);
}

static void
open_show(struct world *w)
{
	int count = 0;

	w->queue = diskq_new(w->loop);
	w->scribe = scribe_new(w->loop, w->queue, w->sphere, w->crew, w->bus, &w->clk, NULL, NULL, &w->err);
	assert_non_null(w->scribe);
	w->fanout = fanout_new(w->loop, w->crew, w->bus);
	w->rec = recordall_new(w->loop, w->crew, w->fanout, w->bus, w->scribe, w->sphere, &w->clk, w->settings);
	struct take *takes = sphere_load_takes(w->sphere, &count);
	for (int i = 0; i < count; i++)
		recordall_adopt(w->rec, &takes[i]);
	free(takes);
	w->rushes = rushes_new(w->loop, w->crew, w->rec, w->scribe, w->sphere, w->bus, w->settings, NULL);
	loop_fake_turn(w->loop);
}

static void
close_show(struct world *w)
{
	rushes_free(w->rushes);
	recordall_free(w->rec);
	fanout_free(w->fanout);
	scribe_free(w->scribe);
	diskq_free(w->queue);
}

static void
add_address(struct world *w, const char *node, const char *host, int port)
{
	struct registry_address a = { .port = port, .kind = PATH_LAN, .via = VIA_MANUAL };

	str_copy(a.host, sizeof a.host, host);
	registry_add_address(double_member(w->crew, node)->node, &a);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_fake_new();
	w->clk = loop_fake_clk(w->loop);
	w->bus = bus_new();
	w->crew = double_new(w->bus);
	w->settings = double_settings();
	w->folder = scratch_new();
	setenv("XDG_STATE_HOME", scratch_path(w->folder, "state"), 1);
	w->sphere = sphere_open(scratch_path(w->folder, "s"), "", LOOP_FAKE_UTC_US, &w->err);
	assert_non_null(w->sphere);
	double_add(w->crew, "a", 1, "left guest");
	double_add(w->crew, "b", 2, "");
	add_address(w, "a", "10.0.0.1", 8081);
	add_address(w, "b", "10.0.0.2", 8081);
	bus_listen(w->bus, EV_KINDS, count_event, w);
	open_show(w);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	close_show(w);
	double_free(w->crew);
	sphere_close(w->sphere);
	opt_set_free(w->settings);
	loop_fake_turn(w->loop);
	assert_int_equal(loop_fake_alive(w->loop), 0);
	bus_free(w->bus);
	loop_free(w->loop);
	scratch_free(w->folder);
	free(w);
	return 0;
}

static void
turns(struct world *w, int count)
{
	while (count-- > 0)
		loop_fake_turn(w->loop);
}

static void
say(struct world *w, const char *node, enum node_rec state, const char *take, const char *error)
{
	double_recording(w->crew, node, state, sphere_manifest(w->sphere)->sphere, take, state == NODE_REC_IDLE ? 0 : SINCE_US, error);
	turns(w, 2);
}

static void
on_done(void *arg, const struct ledger *l, int64_t took_us, const struct err *e)
{
	(void)arg;
	(void)l;
	(void)took_us;
	(void)e;
}

static void
roll(struct world *w, const char *take)
{
	struct target_set set = { .count = 2, .ids = { "a", "b" } };

	assert_true(recordall_start(w->rec, &set, false, "", 0, "do", on_done, NULL, NULL, &w->err));
	DOUBLE_WAIT(w->loop, double_sent_of(w->crew, NODE_RECORD_START, NULL) > 0);
	double_answer_all(w->crew, NODE_OK);
	say(w, "a", NODE_REC_RECORDING, take, "");
	say(w, "b", NODE_REC_RECORDING, take, "");
}

static void
stop(struct world *w, const char *take)
{
	struct target_set set = { .count = 2, .ids = { "a", "b" } };

	assert_true(recordall_stop(w->rec, &set, false, 0, "do", on_done, NULL, NULL, &w->err));
	turns(w, 2);
	double_answer_all(w->crew, NODE_OK);
	say(w, "a", NODE_REC_IDLE, take, "");
	say(w, "b", NODE_REC_IDLE, take, "");
}

static void
say_saved(struct world *w, const char *node, const char *take, int part, const char *sha256)
{
	struct node_event *ev = calloc(1, sizeof *ev);
	char json[256];

	ev->kind = NODE_EV_SAVED;
	snprintf(ev->file.id, sizeof ev->file.id, "rec-%s-%s-%d", node, take, part);
	str_copy(ev->file.take, sizeof ev->file.take, take);
	str_copy(ev->file.sphere, sizeof ev->file.sphere, sphere_manifest(w->sphere)->sphere);
	snprintf(ev->file.file_name, sizeof ev->file.file_name, "IMG_%d.MOV", part);
	str_copy(ev->file.sha256, sizeof ev->file.sha256, sha256);
	ev->file.part = part;
	ev->file.bytes = 1000;
	ev->file.start_us = SINCE_US;
	ev->file.end_us = SINCE_US + 5000000;
	ev->file.duration_ms = 5000;
	ev->file.complete = true;
	snprintf(json, sizeof json, "{\"id\":\"%s\",\"take\":\"%s\",\"sha256\":\"%s\",\"complete\":true}", ev->file.id, take, sha256);
	ev->file_json = strdup(json);
	double_event(w->crew, node, ev);
	free(ev->file_json);
	free(ev);
	turns(w, 2);
}

/* A take that rolled, stopped and is saved on both. */
static void
saved_take(struct world *w, const char *take)
{
	roll(w, take);
	stop(w, take);
	say_saved(w, "a", take, 1, SHA);
	say_saved(w, "b", take, 1, SHA);
}

static const struct take_device *
device(struct world *w, const char *take, const char *node)
{
	const struct take *t = recordall_take(w->rec, take);

	for (int i = 0; t != NULL && i < t->device_count; i++)
		if (strcmp(t->devices[i].node, node) == 0)
			return &t->devices[i];
	fail();
	return NULL;
}

static void
bring_home(struct haul_wish *w)
{
	engine_says(w, HAUL_MOVING, NULL);
	engine_says(w, HAUL_FETCHED, NULL);
	engine_says(w, HAUL_VERIFIED, NULL);
}

static void
on_fetched(void *arg, const struct rushes_end *end)
{
	struct world *w = arg;

	w->ends++;
	w->end = *end;
	str_copy(w->sentence, sizeof w->sentence, end->sentence);
}

/* ---- Tests ---- */

static void
files_of_a_take_that_is_over_are_fetched_by_themselves(void **state)
{
	struct world *w = *state;

	roll(w, "001");
	assert_int_equal(engine.count, 0);
	stop(w, "001");
	say_saved(w, "a", "001", 1, SHA);
	assert_int_equal(engine.count, 1);		/* b's stop is open: only the pace waits for it */
	say_saved(w, "b", "001", 1, SHA);
	assert_int_equal(engine.count, 2);
	assert_string_equal(engine.wishes[0].name, "001-cam1-left-guest.mov");
	assert_string_equal(engine.wishes[1].name, "001-cam2-Device-b.mov");
	assert_string_equal(engine.wishes[0].url[0], "http://10.0.0.1:8081/recordings/rec-a-001-1/file");
	assert_string_equal(engine.wishes[0].sha256, SHA);
	assert_int_equal(engine.wishes[0].bytes, 1000);
	assert_non_null(strstr(engine.wishes[0].folder, "/takes/001"));
}

static void
fetched_and_verified_are_two_states_and_both_are_told(void **state)
{
	struct world *w = *state;

	saved_take(w, "001");
	engine_says(&engine.wishes[0], HAUL_MOVING, NULL);
	assert_int_equal(device(w, "001", "a")->state, TAKE_FETCHING);
	engine_says(&engine.wishes[0], HAUL_FETCHED, NULL);
	assert_int_equal(device(w, "001", "a")->state, TAKE_FETCHED);
	assert_int_equal(w->events[EV_FETCHED], 1);
	assert_int_equal(w->events[EV_VERIFIED], 0);
	engine_says(&engine.wishes[0], HAUL_VERIFIED, NULL);
	assert_int_equal(w->events[EV_FETCHED], 1);	/* once */
	assert_int_equal(device(w, "001", "a")->state, TAKE_VERIFIED);
	assert_string_equal(device(w, "001", "a")->parts[0].file, "001-cam1-left-guest.mov");
	assert_int_equal(w->events[EV_VERIFIED], 1);
	assert_int_equal(device(w, "001", "b")->state, TAKE_SAVED);
}

static void
a_file_that_is_there_already_goes_the_same_way(void **state)
{
	struct world *w = *state;

	saved_take(w, "001");
	engine_says(&engine.wishes[0], HAUL_VERIFIED, NULL);
	assert_int_equal(device(w, "001", "a")->state, TAKE_VERIFIED);
	assert_int_equal(w->events[EV_FETCHED], 1);
	assert_int_equal(w->events[EV_VERIFIED], 1);
}

static void
the_receipt_is_given_once_when_all_is_home_and_on_disk(void **state)
{
	struct world *w = *state;
	struct take t;

	saved_take(w, "001");
	bring_home(&engine.wishes[0]);
	turns(w, 3);
	assert_null(strstr(w->notice, "verified"));
	bring_home(&engine.wishes[1]);
	DOUBLE_WAIT(w->loop, strstr(w->notice, "verified") != NULL);
	assert_string_equal(w->notice, "take 001: 2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified → takes/001");
	assert_true(sphere_load_take(w->sphere, "001", &t));
	assert_true(take_is_home(&t));
	assert_string_equal(t.devices[1].parts[0].file, "001-cam2-Device-b.mov");
	take_fini(&t);
}

static void
a_receipt_that_the_disk_refuses_is_given_when_the_disk_takes_it(void **state)
{
	struct world *w = *state;
	char proof[512];
	struct take t;

	saved_take(w, "001");
	bring_home(&engine.wishes[0]);
	turns(w, 3);
	str_copy(proof, sizeof proof, scratch_path(w->folder, "s/takes/001/take.json"));
	DOUBLE_WAIT(w->loop, access(proof, F_OK) == 0);
	turns(w, 20);
	usleep(100000);			/* what is under way is written */
	assert_int_equal(unlink(proof), 0);
	assert_int_equal(mkdir(proof, 0777), 0);
	bring_home(&engine.wishes[1]);
	DOUBLE_WAIT(w->loop, strstr(w->notice, "take.json") != NULL);
	turns(w, 5);
	assert_null(strstr(w->notice, "2 verified"));
	assert_int_equal(rmdir(proof), 0);
	loop_fake_advance(w->loop, 3100000);
	DOUBLE_WAIT(w->loop, strstr(w->notice, "2 verified") != NULL);
	assert_true(sphere_load_take(w->sphere, "001", &t));
	assert_true(take_is_home(&t));
	take_fini(&t);
}

static void
a_missing_camera_is_named_in_the_receipt(void **state)
{
	struct world *w = *state;

	saved_take(w, "001");
	bring_home(&engine.wishes[0]);
	engine_says(&engine.wishes[1], HAUL_FAILED, "SHA-256 differs from the node's");
	DOUBLE_WAIT(w->loop, strstr(w->notice, "missing") != NULL);
	assert_string_equal(w->notice, "take 001: 2 asked, 2 recorded, 2 saved, 1 fetched, 1 verified; missing: Device b "
	    "(SHA-256 differs from the node's) → takes/001");
	assert_int_equal(device(w, "001", "b")->state, TAKE_FAILED);
}

/* Its file is on it, and it is dead: nothing more comes for now, and who waits is told so. */
static void
a_camera_that_is_gone_with_its_file_is_named_until_it_is_back(void **state)
{
	struct world *w = *state;

	saved_take(w, "001");
	bring_home(&engine.wishes[0]);
	turns(w, 3);
	assert_null(strstr(w->notice, "asked"));	/* b is there, and its file may come at any moment */
	double_link(w->crew, "b", HEALTH_LOST);
	bus_tell(w->bus, EV_NODE_LOST, "b", "no word");
	loop_fake_advance(w->loop, 4000000);
	DOUBLE_WAIT(w->loop, strstr(w->notice, "missing") != NULL);
	assert_string_equal(w->notice, "take 001: 2 asked, 2 recorded, 2 saved, 1 fetched, 1 verified; missing: Device b "
	    "(the camera is not here) → takes/001");
	double_link(w->crew, "b", HEALTH_LIVE);
	bring_home(&engine.wishes[1]);
	DOUBLE_WAIT(w->loop, strstr(w->notice, "2 verified") != NULL);
	assert_null(strstr(w->notice, "missing"));
}

static bool
everything_is_against_it(void *arg, const char *node, char *out, size_t out_size)
{
	(void)arg;
	str_copy(out, out_size, node == NULL ? "the archive takes is full" : strcmp(node, "b") == 0 ? "heat critical" : "");
	return out[0] != '\0';
}

static void
what_was_rolled_without_being_armed_stands_in_the_receipt(void **state)
{
	struct world *w = *state;

	recordall_set_arm(w->rec, everything_is_against_it, NULL);
	saved_take(w, "001");
	bring_home(&engine.wishes[0]);
	bring_home(&engine.wishes[1]);
	DOUBLE_WAIT(w->loop, strstr(w->notice, "verified") != NULL);
	assert_string_equal(w->notice, "take 001: 2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified; rolled, not armed: Device b "
	    "(heat critical), the archive takes is full → takes/001");
}

static void
a_camera_that_never_ends_does_not_hold_up_the_others(void **state)
{
	struct world *w = *state;

	roll(w, "001");
	stop(w, "001");
	double_link(w->crew, "b", HEALTH_LOST);
	say_saved(w, "a", "001", 1, SHA);
	assert_int_equal(engine.count, 1);
	bring_home(&engine.wishes[0]);
	assert_int_equal(device(w, "001", "a")->state, TAKE_VERIFIED);
	assert_null(strstr(w->notice, "asked"));	/* the take has no end yet */
	for (int i = 0; i < 40; i++)
		loop_fake_advance(w->loop, 1000000);
	DOUBLE_WAIT(w->loop, strstr(w->notice, "2 asked") != NULL);
	assert_string_equal(w->notice, "take 001: 2 asked, 2 recorded, 1 saved, 1 fetched, 1 verified; missing: Device b "
	    "(lost before it confirmed the stop; it may roll on) → takes/001");
	double_link(w->crew, "b", HEALTH_LIVE);
	say_saved(w, "b", "001", 1, SHA);
	assert_int_equal(engine.count, 2);
	bring_home(&engine.wishes[1]);
	DOUBLE_WAIT(w->loop, strstr(w->notice, "2 verified") != NULL);	/* it says something else now: told again */
	assert_null(strstr(w->notice, "missing"));
}

static void
a_take_that_nobody_recorded_has_its_receipt_too(void **state)
{
	struct world *w = *state;

	roll(w, "001");
	say(w, "a", NODE_REC_FAILED, "001", "storage_full");
	say(w, "b", NODE_REC_FAILED, "001", "camera_lost");
	assert_null(strstr(w->notice, "2 asked"));
	for (int i = 0; i < 5; i++)
		loop_fake_advance(w->loop, 1000000);
	DOUBLE_WAIT(w->loop, strstr(w->notice, "2 asked") != NULL);
	assert_non_null(strstr(w->notice, "0 saved, 0 fetched, 0 verified; missing: left guest (stopped by itself: storage_full), Device b ("));
}

static void
a_camera_that_stopped_by_itself_counts_as_failed_and_as_verified(void **state)
{
	struct world *w = *state;
	struct take_counts c;

	roll(w, "001");
	say(w, "b", NODE_REC_IDLE, "001", "heat");
	say_saved(w, "b", "001", 1, SHA);
	stop(w, "001");
	say_saved(w, "a", "001", 1, SHA);
	assert_int_equal(engine.count, 2);
	bring_home(&engine.wishes[0]);
	bring_home(&engine.wishes[1]);
	take_counts(recordall_take(w->rec, "001"), &c);
	assert_int_equal(c.failed, 1);
	assert_int_equal(c.verified, 2);
	assert_int_equal(device(w, "001", "b")->state, TAKE_FAILED);
	DOUBLE_WAIT(w->loop, strstr(w->notice, "2 verified") != NULL);
	assert_non_null(strstr(w->notice, "2 verified; failed: Device b (stopped by itself: heat) "));
}

static void
what_failed_on_its_way_home_is_verified_when_it_comes_after_all(void **state)
{
	struct world *w = *state;

	saved_take(w, "001");
	engine_says(&engine.wishes[0], HAUL_FAILED, "404");
	assert_int_equal(device(w, "001", "a")->state, TAKE_FAILED);
	turns(w, 3);
	assert_int_equal(engine.count, 2);		/* by itself it is not tried again */
	assert_true(rushes_fetch(w->rushes, "001", on_fetched, w, &w->err));
	turns(w, 2);
	assert_int_equal(engine.count, 3);
	bring_home(&engine.wishes[2]);
	assert_int_equal(device(w, "001", "a")->state, TAKE_VERIFIED);
	bring_home(&engine.wishes[1]);
	loop_fake_advance(w->loop, 2000000);
	assert_int_equal(w->ends, 1);
	assert_int_equal(w->end.missing, 0);
	assert_int_equal(w->end.verified, 2);
}

static void
without_auto_fetch_nothing_is_fetched_until_it_is_asked_for(void **state)
{
	struct world *w = *state;

	assert_true(opt_assign(w->settings, "auto-fetch", "off", &w->err));
	saved_take(w, "001");
	assert_int_equal(engine.count, 0);
	assert_true(rushes_fetch(w->rushes, NULL, NULL, NULL, &w->err));
	turns(w, 2);
	assert_int_equal(engine.count, 2);
}

static void
a_take_that_is_not_there_is_refused(void **state)
{
	struct world *w = *state;

	assert_false(rushes_fetch(w->rushes, "007", on_fetched, w, &w->err));
	assert_string_equal(w->err.text, "no take 007 in this Sphere: `view takes` lists them");
	turns(w, 3);
	assert_int_equal(w->ends, 0);
}

static void
while_a_take_rolls_fetching_pauses_or_keeps_below_a_rate(void **state)
{
	struct world *w = *state;

	saved_take(w, "001");
	assert_int_equal(engine.pace, HAUL_FULL_SPEED);
	roll(w, "002");
	assert_int_equal(engine.pace, HAUL_PAUSED);
	assert_true(opt_assign(w->settings, "fetch-while-rolling", "2MB/s", &w->err));
	bus_tell(w->bus, EV_SETTING_CHANGED, NULL, "fetch-while-rolling");
	turns(w, 2);
	assert_int_equal(engine.pace, 2000000);
	stop(w, "002");
	assert_int_equal(engine.pace, HAUL_FULL_SPEED);
}

static void
a_rate_is_a_number_with_its_unit(void **state)
{
	int64_t pace = 1;

	(void)state;
	assert_true(rushes_pace("pause", &pace));
	assert_int_equal(pace, HAUL_PAUSED);
	assert_true(rushes_pace("500 kB/s", &pace));
	assert_int_equal(pace, 500000);
	assert_true(rushes_pace("1.5M", &pace));
	assert_int_equal(pace, 1500000);
	assert_false(rushes_pace("fast", &pace));
	assert_false(rushes_pace("12", &pace));
	assert_false(rushes_pace("-2MB/s", &pace));
	assert_false(rushes_pace("2MB/s please", &pace));
	assert_false(rushes_pace("nan MB/s", &pace));
}

static void
the_address_in_use_is_asked_first_and_a_move_is_followed(void **state)
{
	struct world *w = *state;

	saved_take(w, "001");
	add_address(w, "a", "100.64.0.1", 8081);
	double_member(w->crew, "a")->node->addresses[1].in_use = true;
	bus_tell(w->bus, EV_NODE_STATE, "a", "%s", "");
	assert_int_equal(engine.wishes[0].moves, 1);
	assert_int_equal(engine.wishes[1].moves, 0);
	assert_string_equal(engine.wishes[0].url[0], "http://100.64.0.1:8081/recordings/rec-a-001-1/file");
	assert_string_equal(engine.wishes[0].url[1], "http://10.0.0.1:8081/recordings/rec-a-001-1/file");
	bus_tell(w->bus, EV_NODE_LIVE, "a", "back");
	assert_int_equal(engine.nudges, 1);
}

static const char *
token_of(void *arg, const char *node)
{
	return strcmp(node, "a") == 0 ? arg : NULL;
}

static void
the_token_of_a_held_camera_goes_with_its_files_and_a_new_one_at_once(void **state)
{
	struct world *w = *state;
	char token[8] = "first";

	rushes_set_bearer(w->rushes, token_of, token);
	saved_take(w, "001");
	assert_string_equal(engine.wishes[0].bearer, "first");
	assert_string_equal(engine.wishes[1].bearer, "");
	str_copy(token, sizeof token, "second");
	bus_tell(w->bus, EV_CLAIM_CHANGED, "a", "ours");
	assert_string_equal(engine.wishes[0].bearer, "second");
	assert_int_equal(engine.wishes[1].moves, 0);
}

static void
the_same_recording_offered_twice_is_fetched_once_and_a_later_hash_is_passed_on(void **state)
{
	struct world *w = *state;

	roll(w, "001");
	stop(w, "001");
	say_saved(w, "a", "001", 1, "");
	say_saved(w, "b", "001", 1, SHA);
	assert_int_equal(engine.count, 2);
	assert_string_equal(engine.wishes[0].sha256, "");
	say_saved(w, "a", "001", 1, SHA);
	assert_int_equal(engine.count, 2);
	assert_string_equal(engine.wishes[0].sha256, SHA);
}

static void
parts_and_cameras_called_alike_never_share_a_name(void **state)
{
	struct world *w = *state;

	str_copy(double_member(w->crew, "b")->node->label, MAX_NAME_BYTES, "left?guest");
	double_member(w->crew, "b")->node->number = 1;
	roll(w, "001");
	stop(w, "001");
	say_saved(w, "a", "001", 1, SHA);
	say_saved(w, "a", "001", 2, SHA);
	say_saved(w, "b", "001", 1, SHA);
	assert_int_equal(engine.count, 3);
	assert_string_equal(engine.wishes[0].name, "001-cam1-left-guest.mov");
	assert_string_equal(engine.wishes[1].name, "001-cam1-left-guest-p2.mov");
	assert_string_equal(engine.wishes[2].name, "001-cam1-left-guest-rec-b-001-1.mov");
}

static void
a_console_that_comes_back_goes_on_under_the_same_name(void **state)
{
	struct world *w = *state;
	struct take t;

	saved_take(w, "001");
	engine_says(&engine.wishes[0], HAUL_MOVING, NULL);
	turns(w, 2);
	close_show(w);
	assert_true(sphere_load_take(w->sphere, "001", &t));
	assert_int_equal(t.devices[0].parts[0].state, TAKE_FETCHING);
	take_fini(&t);
	registry_set_label(crew_registry(w->crew), double_member(w->crew, "a")->node, "host", &w->err);
	open_show(w);
	turns(w, 2);
	assert_int_equal(engine.count, 2);
	assert_string_equal(engine.wishes[0].name, "001-cam1-left-guest.mov");
	bring_home(&engine.wishes[0]);
	assert_int_equal(device(w, "001", "a")->state, TAKE_VERIFIED);
}

static void
fetch_ends_when_only_a_camera_that_is_gone_is_missing_and_names_it(void **state)
{
	struct world *w = *state;

	saved_take(w, "001");
	bring_home(&engine.wishes[0]);
	engine_says(&engine.wishes[1], HAUL_RETRYING, "no route to host");
	double_link(w->crew, "b", HEALTH_LOST);
	assert_true(rushes_fetch(w->rushes, NULL, on_fetched, w, &w->err));
	loop_fake_advance(w->loop, 5000000);
	assert_int_equal(w->ends, 0);			/* it may come back */
	loop_fake_advance(w->loop, 8000000);
	assert_int_equal(w->ends, 1);
	assert_int_equal(w->end.missing, 1);
	assert_string_equal(w->sentence, "not home: Device b (the camera is not here)");
}

static void
fetch_names_a_file_that_was_home_and_is_gone(void **state)
{
	struct world *w = *state;

	saved_take(w, "001");
	bring_home(&engine.wishes[0]);
	bring_home(&engine.wishes[1]);
	assert_int_equal(unlink(scratch_path(w->folder, "s/takes/001/001-cam1-left-guest.mov")), 0);
	assert_true(rushes_fetch(w->rushes, NULL, on_fetched, w, &w->err));
	loop_fake_advance(w->loop, 13000000);
	assert_int_equal(w->ends, 1);
	assert_int_equal(w->end.verified, 1);
	assert_string_equal(w->sentence, "not home: left guest (001-cam1-left-guest.mov is not where it was put)");
}

static void
a_full_disk_is_told_once_and_so_is_its_end(void **state)
{
	struct world *w = *state;

	saved_take(w, "001");
	engine_says(&engine.wishes[0], HAUL_MOVING, NULL);
	engine_says(&engine.wishes[0], HAUL_FULL, "4 GB are missing in takes/001");
	assert_string_equal(w->notice, "bringing files home waits: 4 GB are missing in takes/001; make room, it goes on by itself");
	w->notice[0] = '\0';
	engine_says(&engine.wishes[1], HAUL_FULL, "4 GB are missing in takes/001");
	assert_string_equal(w->notice, "");
	engine_says(&engine.wishes[1], HAUL_MOVING, NULL);
	assert_string_equal(w->notice, "there is room again: files are brought home");
}

static void
a_name_that_cannot_be_fails_with_its_reason(void **state)
{
	struct world *w = *state;

	engine.refusal = "the folder is no folder";
	saved_take(w, "001");
	assert_int_equal(device(w, "001", "a")->state, TAKE_FAILED);
	assert_string_equal(device(w, "001", "a")->reason, "the folder is no folder");
}

/* ---- The archive ---- */

static void
on_archive(void *arg, const struct err *e, const char *text)
{
	struct world *w = arg;

	w->ends++;
	w->err = *e;
	str_copy(w->sentence, sizeof w->sentence, text);
}

/* Asked, looked at, durable. */
static void
archive(struct world *w, const char *text)
{
	w->ends = 0;
	assert_true(rushes_set_archive(w->rushes, text, on_archive, w, &w->err));
	DOUBLE_WAIT(w->loop, w->ends > 0);
	turns(w, 2);
}

static void
to_nas(struct world *w)
{
	mkdir(scratch_path(w->folder, "nas"), 0777);
	archive(w, scratch_path(w->folder, "nas"));
	assert_string_equal(w->err.text, "");
}

static void
room_that_was_never_looked_at_is_told_once_it_was(void **state)
{
	struct world *w = *state;

	w->sentence[0] = '\0';
	close_show(w);
	open_show(w);
	rushes_tell_room(w->rushes, on_archive, w);
	assert_string_equal(w->sentence, "");
	DOUBLE_WAIT(w->loop, w->sentence[0] != '\0');
	assert_non_null(strstr(w->sentence, "files go to takes, "));
	assert_non_null(strstr(w->sentence, " GB free"));
	w->sentence[0] = '\0';
	rushes_tell_room(w->rushes, on_archive, w);
	assert_non_null(strstr(w->sentence, " GB free"));
}

/* What may take long is a change, not the answer. */
static void
room_asked_before_a_change_is_told_as_it_begins(void **state)
{
	struct world *w = *state;

	mkdir(scratch_path(w->folder, "nas"), 0777);
	close_show(w);
	open_show(w);
	w->sentence[0] = '\0';
	w->ends = 0;
	rushes_tell_room(w->rushes, on_archive, w);
	assert_true(rushes_set_archive(w->rushes, scratch_path(w->folder, "nas"), on_archive, w, &w->err));
	assert_string_equal(w->sentence, "files go to takes");
	rushes_tell_room(w->rushes, on_archive, w);
	assert_int_equal(w->ends, 2);
	DOUBLE_WAIT(w->loop, w->ends == 3);
	assert_non_null(strstr(w->sentence, "/nas/s, "));
}

static void
another_folder_is_marked_and_kept_and_files_go_there(void **state)
{
	struct world *w = *state;
	struct rushes_room room;
	struct take t;

	rushes_room(w->rushes, &room);
	assert_string_equal(room.name, "takes");
	to_nas(w);
	assert_non_null(strstr(w->sentence, "/nas/s, "));
	assert_non_null(strstr(w->sentence, " GB free"));
	assert_string_equal(sphere_manifest(w->sphere)->archive_target, scratch_path(w->folder, "nas"));
	assert_int_equal(access(scratch_path(w->folder, "nas/s/.livedirector-sphere"), F_OK), 0);
	rushes_room(w->rushes, &room);
	assert_string_equal(room.name, "nas");
	assert_true(room.is_known && room.free_bytes > 0 && !room.is_full);
	assert_string_equal(room.trouble, "");
	saved_take(w, "001");
	assert_string_equal(engine.wishes[0].folder, scratch_path(w->folder, "nas/s/001"));
	assert_string_equal(engine.wishes[0].anchor, scratch_path(w->folder, "nas/s/.livedirector-sphere"));
	bring_home(&engine.wishes[0]);
	bring_home(&engine.wishes[1]);
	DOUBLE_WAIT(w->loop, strstr(w->notice, "nas/s/001") != NULL);
	assert_true(sphere_load_take(w->sphere, "001", &t));
	assert_string_equal(t.archive, scratch_path(w->folder, "nas/s/001"));
	take_fini(&t);
}

static void
takes_of_which_a_file_is_home_stay_and_others_move_and_leave_nothing(void **state)
{
	struct world *w = *state;

	saved_take(w, "001");
	bring_home(&engine.wishes[0]);
	saved_take(w, "002");
	assert_int_equal(engine.count, 4);
	engine_says(&engine.wishes[2], HAUL_FULL, "4 GB are missing");
	to_nas(w);
	turns(w, 3);
	assert_false(engine.wishes[1].is_dropped);
	assert_string_equal(recordall_take(w->rec, "001")->archive, "");
	assert_true(engine.wishes[2].is_dropped && engine.wishes[2].is_forgotten && engine.wishes[3].is_forgotten);
	assert_int_equal(engine.count, 6);
	assert_string_equal(engine.wishes[4].folder, scratch_path(w->folder, "nas/s/002"));
	bring_home(&engine.wishes[4]);
	archive(w, "takes");
	turns(w, 3);
	assert_int_equal(engine.count, 6);
	assert_string_equal(recordall_take(w->rec, "002")->archive, scratch_path(w->folder, "nas/s/002"));
}

/* A disk that took nothing: what failed there comes home elsewhere. */
static void
take_whose_files_all_failed_goes_to_the_archive_of_today(void **state)
{
	struct world *w = *state;

	saved_take(w, "001");
	engine_says(&engine.wishes[0], HAUL_FAILED, "permission denied");
	engine_says(&engine.wishes[1], HAUL_FAILED, "permission denied");
	to_nas(w);
	assert_int_equal(engine.count, 2);
	assert_true(rushes_fetch(w->rushes, "001", NULL, NULL, &w->err));
	turns(w, 3);
	assert_int_equal(engine.count, 4);
	assert_string_equal(engine.wishes[2].folder, scratch_path(w->folder, "nas/s/001"));
}

static void
keys_that_are_missing_are_told_and_files_come_home_all_the_same(void **state)
{
	struct world *w = *state;
	struct rushes_room room;

	unsetenv("AWS_ACCESS_KEY_ID");
	close_show(w);
	str_copy(sphere_manifest(w->sphere)->archive_target, 64, "s3://show/rushes?endpoint=http://127.0.0.1:1");
	assert_true(opt_assign(w->settings, "s3-keys", scratch_path(w->folder, "none"), &w->err));
	open_show(w);
	assert_non_null(strstr(w->notice, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"));
	rushes_room(w->rushes, &room);
	assert_string_equal(room.name, "s3 show");
	assert_non_null(strstr(room.trouble, "no credentials"));
	saved_take(w, "001");
	bring_home(&engine.wishes[0]);
	bring_home(&engine.wishes[1]);
	assert_int_equal(device(w, "001", "a")->state, TAKE_VERIFIED);
	assert_string_equal(recordall_take(w->rec, "001")->archive, "");
	w->ends = 0;
	assert_true(rushes_fetch(w->rushes, "001", on_fetched, w, &w->err));
	loop_fake_advance(w->loop, 2000000);
	assert_int_equal(w->ends, 1);
	assert_int_equal(w->end.missing, 0);
	assert_int_equal(w->end.uncopied, 2);
	assert_non_null(strstr(w->sentence, "not in the archive: 001-cam1-left-guest.mov (no credentials"));
}

static void
archive_that_is_not_mounted_gets_nothing_until_it_is_back(void **state)
{
	struct world *w = *state;
	struct rushes_room room;
	char *nas = strdup(scratch_path(w->folder, "nas")), *away = strdup(scratch_path(w->folder, "away"));

	to_nas(w);
	assert_int_equal(rename(nas, away), 0);
	close_show(w);
	open_show(w);
	saved_take(w, "001");
	DOUBLE_WAIT(w->loop, strstr(w->notice, "is its disk mounted?") != NULL);
	assert_int_equal(engine.count, 0);
	rushes_room(w->rushes, &room);
	assert_non_null(strstr(room.trouble, "is not there"));
	assert_true(rushes_fetch(w->rushes, NULL, on_fetched, w, &w->err));
	w->ends = 0;
	loop_fake_advance(w->loop, 11000000);
	assert_int_equal(w->ends, 1);
	assert_non_null(strstr(w->sentence, "is its disk mounted?"));
	assert_int_not_equal(access(nas, F_OK), 0);
	assert_int_equal(rename(away, nas), 0);
	loop_fake_advance(w->loop, 5000000);
	turns(w, 3);
	assert_int_equal(engine.count, 2);
	free(nas);
	free(away);
}

static void
folder_of_another_sphere_is_refused_and_the_archive_stays(void **state)
{
	struct world *w = *state;
	FILE *f;

	mkdir(scratch_path(w->folder, "nas"), 0777);
	mkdir(scratch_path(w->folder, "nas/s"), 0777);
	f = fopen(scratch_path(w->folder, "nas/s/.livedirector-sphere"), "w");
	fputs("11111111-2222-4333-8444-555555555555\n", f);
	fclose(f);
	archive(w, scratch_path(w->folder, "nas"));
	assert_int_equal(w->err.kind, ERR_REFUSED);
	assert_non_null(strstr(w->err.text, "another Sphere (11111111-2222-4333-8444-555555555555)"));
	assert_string_equal(rushes_archive(w->rushes), "takes");
	archive(w, scratch_path(w->folder, "no/such/place"));
	assert_int_equal(w->err.kind, ERR_DISK);
	assert_false(rushes_set_archive(w->rushes, "nas", on_archive, w, &w->err));
	assert_false(rushes_set_archive(w->rushes, "s3://x?endpoint=http://key:secret@host", on_archive, w, &w->err));
	assert_string_equal(sphere_manifest(w->sphere)->archive_target, "takes");
}

static void
one_change_of_the_archive_at_a_time_and_none_is_told_when_all_ends(void **state)
{
	struct world *w = *state;

	mkdir(scratch_path(w->folder, "nas"), 0777);
	w->ends = 0;
	assert_true(rushes_set_archive(w->rushes, scratch_path(w->folder, "nas"), on_archive, w, &w->err));
	assert_false(rushes_set_archive(w->rushes, "takes", on_archive, w, &w->err));
	assert_non_null(strstr(w->err.text, "is being changed"));
	close_show(w);
	open_show(w);
	turns(w, 5);
	assert_int_equal(w->ends, 0);
	assert_string_equal(rushes_archive(w->rushes), "takes");
}

static void
wrong_hash_takes_fetched_back_and_is_told(void **state)
{
	struct world *w = *state;
	struct haul_news n = { .state = HAUL_WAITING, .bad_tries = 1 };

	saved_take(w, "001");
	engine_says(&engine.wishes[0], HAUL_MOVING, NULL);
	engine_says(&engine.wishes[0], HAUL_FETCHED, NULL);
	engine.wishes[0].news(engine.wishes[0].arg, &engine.wishes[0], &n);
	assert_int_equal(device(w, "001", "a")->state, TAKE_FETCHING);
	assert_string_equal(w->notice, "take 001: SHA-256 of 001-cam1-left-guest.mov differs from the node's: "
	    "kept as 001-cam1-left-guest.mov.bad, fetched again (try 2 of 3)");
	n.state = HAUL_FETCHED;			/* MOVING was between two news */
	engine.wishes[0].news(engine.wishes[0].arg, &engine.wishes[0], &n);
	assert_int_equal(device(w, "001", "a")->state, TAKE_FETCHED);
	assert_int_equal(w->events[EV_FETCHED], 2);
	n.state = HAUL_VERIFIED;
	engine.wishes[0].news(engine.wishes[0].arg, &engine.wishes[0], &n);
	assert_int_equal(device(w, "001", "a")->state, TAKE_VERIFIED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(files_of_a_take_that_is_over_are_fetched_by_themselves),
		TEST(fetched_and_verified_are_two_states_and_both_are_told),
		TEST(a_file_that_is_there_already_goes_the_same_way),
		TEST(the_receipt_is_given_once_when_all_is_home_and_on_disk),
		TEST(a_receipt_that_the_disk_refuses_is_given_when_the_disk_takes_it),
		TEST(a_missing_camera_is_named_in_the_receipt),
		TEST(a_camera_that_is_gone_with_its_file_is_named_until_it_is_back), TEST(what_was_rolled_without_being_armed_stands_in_the_receipt), TEST(a_camera_that_never_ends_does_not_hold_up_the_others),
		TEST(a_take_that_nobody_recorded_has_its_receipt_too),
		TEST(a_camera_that_stopped_by_itself_counts_as_failed_and_as_verified),
		TEST(what_failed_on_its_way_home_is_verified_when_it_comes_after_all),
		TEST(without_auto_fetch_nothing_is_fetched_until_it_is_asked_for),
		TEST(a_take_that_is_not_there_is_refused),
		TEST(while_a_take_rolls_fetching_pauses_or_keeps_below_a_rate),
		TEST(a_rate_is_a_number_with_its_unit),
		TEST(the_address_in_use_is_asked_first_and_a_move_is_followed),
		TEST(the_token_of_a_held_camera_goes_with_its_files_and_a_new_one_at_once),
		TEST(the_same_recording_offered_twice_is_fetched_once_and_a_later_hash_is_passed_on),
		TEST(parts_and_cameras_called_alike_never_share_a_name),
		TEST(a_console_that_comes_back_goes_on_under_the_same_name),
		TEST(fetch_ends_when_only_a_camera_that_is_gone_is_missing_and_names_it),
		TEST(fetch_names_a_file_that_was_home_and_is_gone),
		TEST(a_full_disk_is_told_once_and_so_is_its_end),
		TEST(a_name_that_cannot_be_fails_with_its_reason),
		TEST(room_that_was_never_looked_at_is_told_once_it_was), TEST(room_asked_before_a_change_is_told_as_it_begins),
		TEST(another_folder_is_marked_and_kept_and_files_go_there),
		TEST(takes_of_which_a_file_is_home_stay_and_others_move_and_leave_nothing),
		TEST(take_whose_files_all_failed_goes_to_the_archive_of_today),
		TEST(keys_that_are_missing_are_told_and_files_come_home_all_the_same),
		TEST(archive_that_is_not_mounted_gets_nothing_until_it_is_back),
		TEST(folder_of_another_sphere_is_refused_and_the_archive_stays),
		TEST(one_change_of_the_archive_at_a_time_and_none_is_told_when_all_ends),
		TEST(wrong_hash_takes_fetched_back_and_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
