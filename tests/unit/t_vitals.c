/*
 * t_vitals.c - what is wrong is said once, with its cause and its cure, and kept until it is seen.
 */
#include "unit/crew_kit.h"
#include <time.h>
#include "app/vitals.h"
#include "domain/take.h"

struct set {
	struct kit *k;
	struct vitals *v;
	struct conn *cam;
	struct node_health *h;
};

static int
setup(void **state)
{
	struct set *s = xcalloc(1, sizeof *s);
	struct err e;
	void *k;

	setenv("TZ", "UTC", 1);
	tzset();
	kit_setup(&k);
	s->k = k;
	s->v = vitals_new(s->k->loop, s->k->crew, s->k->bus, &s->k->clk, s->k->settings);
	s->h = xcalloc(1, sizeof *s->h);
	s->cam = kit_member(s->k, 1);
	assert_true(registry_set_label(s->k->reg, registry_find(s->k->reg, "cam1"), "left guest", &e));
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct set *s = *state;
	void *k = s->k;

	vitals_free(s->v);
	free(s->h);
	free(s);
	return kit_teardown(&k);
}

static void
expect_alarm(struct set *s, int index, const char *text)
{
	assert_true(vitals_alarm_count(s->v) > index);
	assert_string_equal(vitals_alarm_at(s->v, index)->text, text);
}

/* The camera says this for some seconds; its file grows by so much each time. */
static void
roll(struct set *s, int seconds, int64_t growth_bytes)
{
	s->h->has_recording = true;
	s->h->recording.state = NODE_REC_RECORDING;
	if (s->h->recording.since_us == 0)
		s->h->recording.since_us = clk_utc_us(&s->k->clk);
	for (int i = 0; i < seconds; i++) {
		loop_fake_advance(s->k->loop, 1000000);
		s->h->recording.bytes += growth_bytes;
		fake_health(s->cam, s->h);
	}
}

static void
a_lost_camera_is_an_alarm_that_stays_when_it_is_back(void **state)
{
	struct set *s = *state;

	loop_fake_advance(s->k->loop, 7000000);
	assert_int_equal(vitals_alarm_count(s->v), 1);
	expect_alarm(s, 0, "1 left guest LOST, last heard 08:00:00. It is tried again by itself; with a new address: :node add ADDRESS");
	assert_string_equal(vitals_alarm_at(s->v, 0)->node, "cam1");
	assert_false(vitals_alarm_at(s->v, 0)->over);
	assert_int_equal(kit_count(s->k, "alarm cam1 1 left guest LOST"), 1);
	fake_word(s->cam);
	assert_int_equal(vitals_alarm_count(s->v), 1);
	assert_true(vitals_alarm_at(s->v, 0)->over);
	vitals_seen(s->v, -1);
	assert_int_equal(vitals_alarm_count(s->v), 0);
	assert_null(vitals_alarm_at(s->v, 0));
	assert_int_equal(s->k->inner[EV_ALARMS_CHANGED], 3);	/* came, over, seen */
}

static void
a_camera_lost_while_it_rolls_is_said_to_roll_on(void **state)
{
	struct set *s = *state;

	roll(s, 5, 1000);
	loop_fake_advance(s->k->loop, 7000000);
	expect_alarm(s, 0, "1 left guest LOST. Was REC when last heard 08:00:05; it may roll on alone. "
	    "New address: :node add ADDRESS");
	assert_int_equal(vitals_alarm_count(s->v), 1);	/* its silence is not "not writing" */
}

static void
what_was_seen_is_not_said_again_while_it_lasts(void **state)
{
	struct set *s = *state;

	loop_fake_advance(s->k->loop, 7000000);
	vitals_seen(s->v, -1);
	loop_fake_advance(s->k->loop, 60000000);
	assert_int_equal(vitals_alarm_count(s->v), 0);
	fake_word(s->cam);
	loop_fake_advance(s->k->loop, 7000000);
	assert_int_equal(vitals_alarm_count(s->v), 1);
}

static void
a_camera_that_said_bye_is_said_to_have(void **state)
{
	struct set *s = *state;

	fake_bye(s->cam, "quit");
	expect_alarm(s, 0, "1 left guest LOST: it said bye, last heard 08:00:00. It is tried again by itself; "
	    "with a new address: :node add ADDRESS");
}

static void
a_recording_that_ended_by_itself_names_cause_length_and_cure(void **state)
{
	struct set *s = *state;

	roll(s, 718, 1000);
	s->h->recording.state = NODE_REC_IDLE;
	str_copy(s->h->recording.error, sizeof s->h->recording.error, "heat");
	fake_health(s->cam, s->h);
	bus_tell(s->k->bus, EV_STOPPED_UNASKED, "cam1", "heat");
	expect_alarm(s, 0, "1 left guest STOPPED BY ITSELF after 11:58: heat. Cool it, then :record -t \"left guest\" start");
	bus_tell(s->k->bus, EV_STOPPED_UNASKED, "cam1", "heat");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	s->h->recording.since_us = 0;
	s->h->recording.bytes = 0;
	s->h->recording.error[0] = '\0';
	roll(s, 3, 1000);
	assert_true(vitals_alarm_at(s->v, 0)->over);
}

/* Found idle a minute after its last word; then it lists the file, with the cause. */
static void
a_camera_that_crashed_is_told_with_its_own_cause_and_length(void **state)
{
	struct set *s = *state;
	struct take t;
	struct take_device *d;
	struct bus_event changed = { .kind = EV_TAKE_CHANGED, .text = "003", .data = &t };
	const int64_t now_us = clk_utc_us(&s->k->clk);
	struct node_recording said = { .state = NODE_REC_RECORDING, .take = "003", .since_us = now_us };
	struct node_file file = { .id = "rec-1", .take = "003", .part = 1, .start_us = now_us, .duration_ms = 31000, .error = "crash" };

	take_init(&t, "003", "", 1, "s", TAKE_WILLING, now_us);
	d = take_ask(&t, "cam1", 1, "left guest", now_us);
	take_heard(d, &said, "003", "s", now_us + 30000000);
	said = (struct node_recording){ .state = NODE_REC_IDLE };
	take_heard(d, &said, "003", "s", now_us + 90000000);
	bus_say(s->k->bus, &changed);
	bus_tell(s->k->bus, EV_STOPPED_UNASKED, "cam1", "%s", d->reason);
	expect_alarm(s, 0, "1 left guest STOPPED BY ITSELF after 00:30: it gave no reason. See to it, then :record -t \"left guest\" start");
	take_saved(d, &file, "{}", NULL, now_us + 91000000);
	bus_say(s->k->bus, &changed);
	expect_alarm(s, 0, "1 left guest STOPPED BY ITSELF after 00:31: crash. See that its app runs, then :record -t \"left guest\" start");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	take_fini(&t);
}

static void
a_camera_that_did_not_roll_is_told_until_it_does(void **state)
{
	struct set *s = *state;

	bus_tell(s->k->bus, EV_DID_NOT_ROLL, "cam1", "refused, busy: another app has the camera.");
	expect_alarm(s, 0, "1 left guest DID NOT ROLL: refused, busy: another app has the camera. See to it, then "
	    ":record -t \"left guest\" start");
	roll(s, 3, 1000);
	assert_true(vitals_alarm_at(s->v, 0)->over);
}

static void
a_camera_nobody_sees_in_a_take_is_told_until_it_is_seen(void **state)
{
	struct set *s = *state;

	loop_fake_advance(s->k->loop, 7000000);
	vitals_seen(s->v, vitals_alarm_count(s->v));
	bus_tell(s->k->bus, EV_TAKE_UNSEEN, "cam1", "003");
	expect_alarm(s, 0, "1 left guest NOT SEEN since this console took take 003 over: it may roll on alone. It is tried again. "
	    "New address: :node add ADDRESS");
	fake_word(s->cam);
	assert_true(vitals_alarm_at(s->v, 0)->over);
	bus_tell(s->k->bus, EV_TAKE_UNSEEN, "cam9", "003");
	expect_alarm(s, 1, "cam9 of take 003 is not in the show: it may roll on alone. Add it: :node add ADDRESS");
}

static void
a_cause_nobody_knows_is_passed_on_as_it_is(void **state)
{
	struct set *s = *state;
	struct err e;

	registry_set_label(s->k->reg, registry_find(s->k->reg, "cam1"), "", &e);
	bus_tell(s->k->bus, EV_STOPPED_UNASKED, "cam1", "the cat sat on it");
	expect_alarm(s, 0, "1 cam1 STOPPED BY ITSELF: the cat sat on it. See to it, then :record -t 1 start");
	bus_tell(s->k->bus, EV_STOPPED_UNASKED, "nobody", "x");
	assert_int_equal(vitals_alarm_count(s->v), 1);
}

static void
a_recording_whose_file_stands_still_is_not_writing(void **state)
{
	struct set *s = *state;

	roll(s, 5, 1000);
	roll(s, 12, 0);
	assert_int_equal(kit_count(s->k, "not-writing cam1"), 1);
	expect_alarm(s, 0, "1 left guest NOT WRITING: it records, but its file does not grow. Roll it anew: "
	    ":record -t \"left guest\" stop, then the same with start");
	roll(s, 2, 1000);
	assert_true(vitals_alarm_at(s->v, 0)->over);
	assert_non_null(strstr(vitals_alarm_at(s->v, 0)->text, "NOT WRITING for a while: its file wrote again at 08:00:"));
	assert_non_null(strstr(vitals_alarm_at(s->v, 0)->brief, "NOT WRITING  wrote again 08:00:"));
	roll(s, 30, 0);		/* the same recording, however much later: the same alarm */
	assert_int_equal(vitals_alarm_count(s->v), 1);
	assert_false(vitals_alarm_at(s->v, 0)->over);
	assert_non_null(strstr(vitals_alarm_at(s->v, 0)->text, "Roll it anew"));
}

static void
what_did_not_write_until_its_end_says_so(void **state)
{
	struct set *s = *state;

	roll(s, 5, 1000);
	roll(s, 12, 0);
	s->h->recording.state = NODE_REC_IDLE;
	fake_health(s->cam, s->h);
	assert_true(vitals_alarm_at(s->v, 0)->over);
	expect_alarm(s, 0, "1 left guest NOT WRITING: its file did not grow, and was so until the take ended");
}

static void
a_frozen_picture_is_said_once(void **state)
{
	struct set *s = *state;

	for (int i = 0; i < 80; i++) {
		loop_fake_advance(s->k->loop, 100000);
		fake_word(s->cam);
		s->cam->fns->frame(s->cam->arg, s->cam, "jpeg", 4, 1000, 7);
	}
	assert_int_equal(kit_count(s->k, "frozen cam1"), 1);
	assert_int_equal(vitals_alarm_count(s->v), 1);
	assert_non_null(strstr(vitals_alarm_at(s->v, 0)->text, "FROZEN"));
	s->cam->fns->frame(s->cam->arg, s->cam, "jpeg", 4, 2000, 8);
	loop_fake_advance(s->k->loop, 300000);
	assert_true(vitals_alarm_at(s->v, 0)->over);
}

static void
storage_for_minutes(struct set *s, int minutes)
{
	s->h->has_storage = s->h->has_format = true;
	s->h->format.bitrate_bps = 8000000;
	s->h->free_bytes = (int64_t)minutes * 60000000 + 1000;
	fake_health(s->cam, s->h);
}

static void
little_storage_is_told_below_five_minutes_and_over_above_ten(void **state)
{
	struct set *s = *state;

	storage_for_minutes(s, 5);
	assert_int_equal(vitals_alarm_count(s->v), 0);
	storage_for_minutes(s, 4);
	expect_alarm(s, 0, "1 left guest STORAGE for 4 min only. Make room on it");
	storage_for_minutes(s, 3);
	storage_for_minutes(s, 6);
	storage_for_minutes(s, 4);
	assert_int_equal(vitals_alarm_count(s->v), 1);
	assert_false(vitals_alarm_at(s->v, 0)->over);
	storage_for_minutes(s, 10);
	assert_true(vitals_alarm_at(s->v, 0)->over);
}

/* While it records it is a forecast, which runs down in the one alarm; stopped, it is storage again. */
static void
a_disk_that_will_be_full_is_forecast_while_it_records(void **state)
{
	struct set *s = *state;

	storage_for_minutes(s, 20);
	roll(s, 12, 1000000);
	assert_int_equal(vitals_alarm_count(s->v), 0);
	for (int i = 0; i < 60; i++) {		/* 20 MB a second leave the 1200 MB: far more than its bit rate says */
		s->h->free_bytes -= 20000000;
		roll(s, 1, 1000000);
	}
	assert_int_equal(vitals_alarm_count(s->v), 1);
	assert_int_equal(kit_count(s->k, "alarm cam1 1 left guest DISK FULL in "), 2);	/* and its last minute */
	assert_int_equal(kit_count(s->k, "alarm cam1 1 left guest DISK FULL in 4 min"), 1);
	expect_alarm(s, 0, "1 left guest DISK FULL in 0 s. Make room on it, or stop it before, and its file is whole: "
	    ":record -t \"left guest\" stop");
	assert_string_equal(vitals_alarm_at(s->v, 0)->brief, "1 left guest DISK FULL in 0 s  make room on it");
	s->h->recording.state = NODE_REC_IDLE;
	storage_for_minutes(s, 4);
	expect_alarm(s, 0, "1 left guest STORAGE for 4 min only. Make room on it");
	assert_false(vitals_alarm_at(s->v, 0)->over);
	storage_for_minutes(s, 30);
	assert_true(vitals_alarm_at(s->v, 0)->over);
}

static void
an_archive_in_trouble_is_an_alarm_until_it_is_well(void **state)
{
	struct set *s = *state;

	bus_tell(s->k->bus, EV_ARCHIVE_STATE, NULL, "%s", "/mnt/nas is not mounted");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	expect_alarm(s, 0, "ARCHIVE: /mnt/nas is not mounted. Files wait on the cameras, and come home by themselves once it is mended; or "
	    "bring them elsewhere: :archive TARGET");
	bus_tell(s->k->bus, EV_ARCHIVE_STATE, NULL, "%s", "it has no room for what is to come home");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	assert_non_null(strstr(vitals_alarm_at(s->v, 0)->text, "no room"));
	bus_tell(s->k->bus, EV_ARCHIVE_STATE, NULL, "%s", "");
	assert_true(vitals_alarm_at(s->v, 0)->over);
}

static void
the_last_minute_of_a_disk_comes_again_though_it_was_seen(void **state)
{
	struct set *s = *state;

	storage_for_minutes(s, 3);
	vitals_seen(s->v, -1);
	roll(s, 1, 0);
	assert_int_equal(vitals_alarm_count(s->v), 0);
	s->h->free_bytes = 30000000;
	roll(s, 1, 0);
	assert_int_equal(vitals_alarm_count(s->v), 1);
	expect_alarm(s, 0, "1 left guest DISK FULL in 30 s. Make room on it, or stop it before, and its file is whole: "
	    ":record -t \"left guest\" stop");
	s->h->free_bytes = 20000000;
	roll(s, 1, 0);
	assert_int_equal(vitals_alarm_count(s->v), 1);
	assert_int_equal(kit_count(s->k, "alarm cam1 1 left guest DISK FULL"), 1);
}

static void
the_bit_rate_forecasts_before_anything_is_written(void **state)
{
	struct set *s = *state;

	storage_for_minutes(s, 8);
	assert_int_equal(vitals_alarm_count(s->v), 0);
	storage_for_minutes(s, 3);
	expect_alarm(s, 0, "1 left guest STORAGE for 3 min only. Make room on it");
	roll(s, 1, 0);
	expect_alarm(s, 0, "1 left guest DISK FULL in 3 min. Make room on it, or stop it before, and its file is whole: "
	    ":record -t \"left guest\" stop");
	assert_int_equal(vitals_alarm_count(s->v), 1);
}

static void
battery(struct set *s, double level, bool charging)
{
	s->h->has_battery = true;
	s->h->battery = level;
	s->h->charging = charging;
	s->h->minutes_left = 12;
	fake_health(s->cam, s->h);
}

static void
a_low_battery_is_told_unless_it_charges(void **state)
{
	struct set *s = *state;

	battery(s, 0.10, false);
	battery(s, 0.05, true);
	assert_int_equal(vitals_alarm_count(s->v), 0);
	battery(s, 0.09, false);
	expect_alarm(s, 0, "1 left guest BATTERY 9 %, 12 min left. Plug it in");
	battery(s, 0.08, false);
	assert_int_equal(vitals_alarm_count(s->v), 1);
	battery(s, 0.08, true);
	assert_true(vitals_alarm_at(s->v, 0)->over);
}

static void
warmth(struct set *s, const char *word)
{
	str_copy(s->h->thermal, sizeof s->h->thermal, word);
	fake_health(s->cam, s->h);
}

static void
heat_is_told_as_it_rises_and_not_as_it_falls(void **state)
{
	struct set *s = *state;

	warmth(s, "fair");
	assert_int_equal(vitals_alarm_count(s->v), 0);
	warmth(s, "serious");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	warmth(s, "critical");
	assert_int_equal(vitals_alarm_count(s->v), 2);
	assert_non_null(strstr(vitals_alarm_at(s->v, 1)->text, "HEAT CRITICAL"));
	warmth(s, "serious");
	assert_int_equal(vitals_alarm_count(s->v), 2);
	assert_true(vitals_alarm_at(s->v, 1)->over);
	assert_false(vitals_alarm_at(s->v, 0)->over);
	warmth(s, "nominal");
	assert_true(vitals_alarm_at(s->v, 0)->over);
}

static void
nobody_worries_about_a_camera_that_is_out_of_the_show(void **state)
{
	struct set *s = *state;

	loop_fake_advance(s->k->loop, 7000000);
	registry_find(s->k->reg, "cam1")->out = true;
	bus_tell(s->k->bus, EV_CREW_CHANGED, "cam1", "out");
	assert_true(vitals_alarm_at(s->v, 0)->over);
	vitals_seen(s->v, -1);
	fake_word(s->cam);
	battery(s, 0.05, false);
	bus_tell(s->k->bus, EV_STOPPED_UNASKED, "cam1", "battery");
	loop_fake_advance(s->k->loop, 7000000);
	assert_int_equal(vitals_alarm_count(s->v), 0);
	registry_find(s->k->reg, "cam1")->out = false;
	bus_tell(s->k->bus, EV_CREW_CHANGED, "cam1", "in");
	assert_true(vitals_alarm_count(s->v) > 0);	/* it is lost, and now that matters */
}

static void
others_alarms_are_kept_too(void **state)
{
	struct set *s = *state;

	vitals_alarm(s->v, NULL, "cuts.jsonl: %s", "disk full");
	expect_alarm(s, 0, "cuts.jsonl: disk full");
	assert_string_equal(vitals_alarm_at(s->v, 0)->node, "");
	assert_int_equal(vitals_alarm_at(s->v, 0)->time_us, LOOP_FAKE_UTC_US);
	kit_expect(s->k, "alarm cuts.jsonl: disk full");
}

static void
a_trouble_of_the_consoles_own_is_one_alarm_until_it_is_over(void **state)
{
	struct set *s = *state;
	const int before = kit_count(s->k, "alarm");

	vitals_trouble(s->v, 3, "hook %s: status 3", "lights");
	vitals_trouble(s->v, 3, "hook lights: status 4");
	vitals_trouble(s->v, 4, "hook sound: status 5");
	assert_int_equal(vitals_alarm_count(s->v), 2);
	assert_int_equal(kit_count(s->k, "alarm") - before, 2);
	expect_alarm(s, 0, "hook lights: status 4");
	assert_string_equal(vitals_alarm_at(s->v, 0)->node, "");
	vitals_trouble_over(s->v, 3);
	assert_true(vitals_alarm_at(s->v, 0)->over);
	assert_false(vitals_alarm_at(s->v, 1)->over);
	vitals_trouble(s->v, 3, "hook lights: status 6");	/* again at once: the same one, as the newest */
	assert_int_equal(vitals_alarm_count(s->v), 2);
	expect_alarm(s, 1, "hook lights: status 6");
	vitals_seen(s->v, -1);
	vitals_trouble(s->v, 3, "hook lights: status 7");
	assert_int_equal(vitals_alarm_count(s->v), 1);
}

static void
a_full_list_loses_what_is_over_first(void **state)
{
	struct set *s = *state;

	vitals_alarm(s->v, NULL, "first");
	battery(s, 0.05, false);
	battery(s, 0.5, false);
	for (int i = 0; i < 62; i++)
		vitals_alarm(s->v, NULL, "more %d", i);
	assert_int_equal(vitals_alarm_count(s->v), 64);
	vitals_alarm(s->v, NULL, "one too many");
	assert_int_equal(vitals_alarm_count(s->v), 64);
	expect_alarm(s, 0, "first");
	expect_alarm(s, 1, "more 0");
	vitals_alarm(s->v, NULL, "two too many");
	expect_alarm(s, 0, "more 0");
	expect_alarm(s, 63, "two too many");
}

static void
a_forgotten_camera_leaves_its_alarms_behind_as_over(void **state)
{
	struct set *s = *state;

	battery(s, 0.05, false);
	crew_forget(s->k->crew, "cam1");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	assert_true(vitals_alarm_at(s->v, 0)->over);
}

static void
a_trouble_that_flaps_is_one_alarm(void **state)
{
	struct set *s = *state;
	int64_t first_us;

	battery(s, 0.05, false);
	first_us = vitals_alarm_at(s->v, 0)->time_us;
	for (int i = 0; i < 30; i++) {
		battery(s, 0.9, false);
		assert_true(vitals_alarm_at(s->v, 0)->over);
		loop_fake_advance(s->k->loop, 1000000);
		battery(s, 0.04, false);
	}
	assert_int_equal(vitals_alarm_count(s->v), 1);
	assert_false(vitals_alarm_at(s->v, 0)->over);
	assert_int_equal(vitals_alarm_at(s->v, 0)->time_us, first_us);
	assert_int_equal(kit_count(s->k, "alarm cam1 1 left guest BATTERY"), 1);	/* nor does it ring 30 times */
	battery(s, 0.9, false);
	loop_fake_advance(s->k->loop, 11000000);
	battery(s, 0.04, false);
	assert_int_equal(vitals_alarm_count(s->v), 3);	/* a new one, and LOST between */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void
a_clone_is_an_alarm_with_its_cure_until_it_has_an_id_of_its_own(void **state)
{
	struct set *s = *state;
	struct registry_node *clone;

	kit_sight("10.0.0.66", 8081, "");
	fake_identify_boot(fake_conn("10.0.0.66"), "cam1", "copy", "boot2");
	fake_stranger(s->cam, "10.0.0.66", "cam1", "copy", "boot2");
	loop_fake_advance(s->k->loop, 1000);
	assert_int_equal(vitals_alarm_count(s->v), 0);
	fake_word(fake_conn("10.0.0.66"));
	fake_identify_boot(fake_conn("10.0.0.66"), "cam1", "copy", "boot2");
	clone = registry_find(s->k->reg, "cam1#2");
	assert_true(clone != NULL && clone->conflict);
	bus_tell(s->k->bus, EV_NODE_STATE, "cam1", "%s", "");	/* the first keeps its id: nothing is wrong with it */
	bus_tell(s->k->bus, EV_NODE_STATE, "cam1#2", "%s", "");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	assert_string_equal(vitals_alarm_at(s->v, 0)->node, "cam1#2");
	assert_non_null(strstr(vitals_alarm_at(s->v, 0)->text, "CONFLICT: it is another device with the id of left guest. "
	    "Give one an id of its own: reset its camera app"));
	assert_false(vitals_alarm_at(s->v, 0)->over);
	clone->conflict = false;
	bus_tell(s->k->bus, EV_NODE_STATE, "cam1#2", "%s", "");
	assert_true(vitals_alarm_at(s->v, 0)->over);
}

static void
a_camera_that_another_console_holds_is_an_alarm_until_it_lets_go(void **state)
{
	struct set *s = *state;
	struct registry_node *n = registry_find(s->k->reg, "cam1");

	str_copy(n->held_by, sizeof n->held_by, "\"Morning show\" (ben@studio2)");
	bus_tell(s->k->bus, EV_NODE_STATE, "cam1", "%s", "");
	bus_tell(s->k->bus, EV_NODE_STATE, "cam1", "%s", "");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	assert_non_null(strstr(vitals_alarm_at(s->v, 0)->text, "HELD by \"Morning show\" (ben@studio2): it takes no command of ours. "
	    "Release it there, or :out \"left guest\""));
	assert_false(vitals_alarm_at(s->v, 0)->over);
	n->held_by[0] = '\0';
	bus_tell(s->k->bus, EV_NODE_STATE, "cam1", "%s", "");
	assert_true(vitals_alarm_at(s->v, 0)->over);
}

/* ---- Many at once ---- */

static void
five_cameras(struct set *s)
{
	for (int n = 2; n <= 5; n++)
		kit_member(s->k, n);
	fake_word(s->cam);
}

/* Those whose number is not in the list say a word each second. */
static void
go_on_without(struct set *s, int seconds, const char *silent)
{
	for (int i = 0; i < seconds; i++) {
		loop_fake_advance(s->k->loop, 1000000);
		for (int n = 1; n <= 5; n++) {
			char host[32];

			snprintf(host, sizeof host, "10.0.0.%d", n);
			if (strchr(silent, '0' + n) == NULL)
				fake_word(fake_conn(host));
		}
	}
}

static void
many_that_fall_silent_at_once_are_one_alarm(void **state)
{
	struct set *s = *state;

	five_cameras(s);
	kit_deaf(s->k);
	go_on_without(s, 8, "12345");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	expect_alarm(s, 0, "5 cameras LOST at once: 1 left guest, 2 cam2, 3 cam3, 4 cam4 and 1 more. See to this machine's network; "
	    "which paths are left: :view mesh.");
	assert_string_equal(vitals_alarm_at(s->v, 0)->brief, "5 cameras LOST: see to the network  :view mesh");
	assert_string_equal(vitals_alarm_at(s->v, 0)->node, "");
	assert_int_equal(kit_count(s->k, "alarm "), 5);		/* news of each all the same: a cue may wait for it */
	assert_int_equal(kit_count(s->k, "node-lost "), 5);
	go_on_without(s, 60, "12345");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	go_on_without(s, 1, "");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	assert_true(vitals_alarm_at(s->v, 0)->over);
	go_on_without(s, 30, "");
	assert_int_equal(vitals_alarm_count(s->v), 1);
}

static void
two_that_fall_silent_have_an_alarm_each(void **state)
{
	struct set *s = *state;

	five_cameras(s);
	go_on_without(s, 8, "24");
	assert_int_equal(vitals_alarm_count(s->v), 2);
	assert_string_equal(vitals_alarm_at(s->v, 0)->node, "cam2");
	assert_string_equal(vitals_alarm_at(s->v, 1)->node, "cam4");
	go_on_without(s, 20, "24");
	go_on_without(s, 8, "245");	/* one more, much later: no blow */
	assert_int_equal(vitals_alarm_count(s->v), 3);
	assert_string_equal(vitals_alarm_at(s->v, 2)->node, "cam5");
}

static void
who_stays_away_when_the_others_are_back_has_an_alarm_of_its_own(void **state)
{
	struct set *s = *state;

	five_cameras(s);
	go_on_without(s, 8, "12345");
	go_on_without(s, 5, "3");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	assert_false(vitals_alarm_at(s->v, 0)->over);
	go_on_without(s, 8, "3");
	assert_int_equal(vitals_alarm_count(s->v), 2);
	assert_true(vitals_alarm_at(s->v, 0)->over);
	assert_string_equal(vitals_alarm_at(s->v, 1)->node, "cam3");
	assert_false(vitals_alarm_at(s->v, 1)->over);
	go_on_without(s, 1, "");
	assert_true(vitals_alarm_at(s->v, 1)->over);
}

static void
the_alarm_of_many_that_was_seen_comes_back_for_the_one_that_stays_away(void **state)
{
	struct set *s = *state;

	five_cameras(s);
	go_on_without(s, 8, "12345");
	vitals_seen(s->v, -1);
	go_on_without(s, 30, "12345");
	assert_int_equal(vitals_alarm_count(s->v), 0);
	go_on_without(s, 13, "5");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	assert_string_equal(vitals_alarm_at(s->v, 0)->node, "cam5");
}

static void
a_network_that_flaps_is_one_alarm(void **state)
{
	struct set *s = *state;
	int64_t first_us;

	five_cameras(s);
	go_on_without(s, 8, "12345");
	first_us = vitals_alarm_at(s->v, 0)->time_us;
	for (int i = 0; i < 5; i++) {
		go_on_without(s, 1, "");
		go_on_without(s, 8, "12345");
		assert_int_equal(vitals_alarm_count(s->v), 1);
		assert_false(vitals_alarm_at(s->v, 0)->over);
	}
	assert_int_equal(vitals_alarm_at(s->v, 0)->time_us, first_us);
}

static void
a_camera_of_many_that_is_forgotten_or_taken_out_is_no_worry(void **state)
{
	struct set *s = *state;

	five_cameras(s);
	go_on_without(s, 8, "345");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	crew_forget(s->k->crew, "cam3");
	registry_find(s->k->reg, "cam4")->out = true;
	bus_tell(s->k->bus, EV_CREW_CHANGED, "cam4", "out");
	assert_false(vitals_alarm_at(s->v, 0)->over);
	crew_forget(s->k->crew, "cam5");
	assert_true(vitals_alarm_at(s->v, 0)->over);
}

static void
stop(struct set *s, int n, const char *cause)
{
	char id[16];
	struct node_health h = { .has_recording = true };
	char host[32];

	snprintf(id, sizeof id, "cam%d", n);
	snprintf(host, sizeof host, "10.0.0.%d", n);
	str_copy(h.recording.error, sizeof h.recording.error, cause);
	fake_health(n == 1 ? s->cam : fake_conn(host), &h);
	bus_tell(s->k->bus, EV_STOPPED_UNASKED, id, "stopped by itself");
}

/* It rolls again; the others but for the silent ones say a word. */
static void
roll_one(struct set *s, int n, const char *silent)
{
	struct node_health h = { .has_recording = true };
	char host[32];

	snprintf(host, sizeof host, "10.0.0.%d", n);
	h.recording.state = NODE_REC_RECORDING;
	h.recording.since_us = clk_utc_us(&s->k->clk);
	for (int i = 0; i < 3; i++) {
		go_on_without(s, 1, silent);
		h.recording.bytes += 1000;
		fake_health(fake_conn(host), &h);
	}
}

static void
many_that_stop_at_once_are_one_alarm_with_its_cure(void **state)
{
	struct set *s = *state;
	int64_t first_us;

	five_cameras(s);
	stop(s, 2, "heat");
	stop(s, 4, "heat");
	assert_int_equal(vitals_alarm_count(s->v), 2);
	first_us = vitals_alarm_at(s->v, 0)->time_us;
	go_on_without(s, 2, "");
	stop(s, 5, "heat");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	expect_alarm(s, 0, "3 cameras STOPPED BY THEMSELVES: 2 cam2, 4 cam4, 5 cam5: heat. Cool it, then :record -t 2,4,5 start");
	assert_string_equal(vitals_alarm_at(s->v, 0)->brief, "3 STOPPED: heat  :record -t 2,4,5 start");
	assert_int_equal(vitals_alarm_at(s->v, 0)->time_us, first_us);
	assert_int_equal(kit_count(s->k, "alarm "), 3);		/* news of each all the same */
	stop(s, 1, "storage_full");
	stop(s, 3, "heat");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	expect_alarm(s, 0, "5 cameras STOPPED BY THEMSELVES: 1 left guest, 2 cam2, 3 cam3, 4 cam4 and 1 more: their causes are in :view health. "
	    "See to them, then :record -t 1,2,3,4,5 start");
	assert_in_range(str_cells(vitals_alarm_at(s->v, 0)->brief), 20, 49);
}

static void
many_that_stop_for_a_cause_nobody_knows_pass_it_on(void **state)
{
	struct set *s = *state;

	five_cameras(s);
	for (int n = 2; n <= 4; n++)
		stop(s, n, "");
	expect_alarm(s, 0, "3 cameras STOPPED BY THEMSELVES: 2 cam2, 3 cam3, 4 cam4: no reason given. See to them, then :record -t 2,3,4 start");
	go_on_without(s, 10, "");
	vitals_seen(s->v, -1);
	for (int n = 2; n <= 4; n++)
		crew_forget(s->k->crew, n == 2 ? "cam2" : n == 3 ? "cam3" : "cam4");
	assert_int_equal(vitals_alarm_count(s->v), 0);
}

static void
cameras_of_many_that_roll_again_leave_the_alarm_and_the_last_ends_it(void **state)
{
	struct set *s = *state;

	five_cameras(s);
	for (int n = 2; n <= 4; n++)
		stop(s, n, "heat");
	roll_one(s, 3, "3");
	expect_alarm(s, 0, "2 cameras STOPPED BY THEMSELVES: 2 cam2, 4 cam4: heat. Cool it, then :record -t 2,4 start");
	crew_forget(s->k->crew, "cam2");
	expect_alarm(s, 0, "1 camera STOPPED BY ITSELF: 4 cam4: heat. Cool it, then :record -t 4 start");
	assert_false(vitals_alarm_at(s->v, 0)->over);
	roll_one(s, 4, "24");
	assert_true(vitals_alarm_at(s->v, 0)->over);
	assert_int_equal(vitals_alarm_count(s->v), 1);
}

static void
one_that_stops_much_later_or_after_the_alarm_was_seen_has_an_alarm_of_its_own(void **state)
{
	struct set *s = *state;

	five_cameras(s);
	for (int n = 2; n <= 4; n++)
		stop(s, n, "heat");
	vitals_seen(s->v, -1);
	roll_one(s, 3, "3");		/* of an alarm that was seen nothing comes back */
	assert_int_equal(vitals_alarm_count(s->v), 0);
	go_on_without(s, 8, "");
	stop(s, 5, "battery");
	assert_int_equal(vitals_alarm_count(s->v), 1);
	assert_string_equal(vitals_alarm_at(s->v, 0)->node, "cam5");
}

/* ---- On 80 columns ---- */

static void
every_alarm_has_few_words_that_end_with_its_cure(void **state)
{
	struct set *s = *state;
	struct err e;

	assert_true(registry_set_label(s->k->reg, registry_find(s->k->reg, "cam1"), "the guest at the left end of the table", &e));
	loop_fake_advance(s->k->loop, 7000000);
	fake_word(s->cam);
	bus_tell(s->k->bus, EV_STOPPED_UNASKED, "cam1", "the cat sat on it for an hour and would not leave at all");
	bus_tell(s->k->bus, EV_DID_NOT_ROLL, "cam1", "refused");
	warmth(s, "critical");
	battery(s, 0.05, false);
	storage_for_minutes(s, 4);
	roll(s, 3, 1000);
	roll(s, 12, 0);
	assert_int_equal(vitals_alarm_count(s->v), 7);
	for (int i = 0; i < 7; i++)
		if (str_cells(vitals_alarm_at(s->v, i)->brief) > 49)
			fail_msg("too long: %s", vitals_alarm_at(s->v, i)->brief);
	assert_string_equal(vitals_alarm_at(s->v, 0)->brief, "1 the guest at LOST  :node add ADDRESS");
	assert_string_equal(vitals_alarm_at(s->v, 1)->brief, "1 the guest at STOPPED  :record -t 1 start");
	assert_string_equal(vitals_alarm_at(s->v, 6)->brief, "1 the guest at NOT WRITING  roll it anew");
}

static void
the_usual_alarm_fits_two_rows_of_80_columns_cure_and_all(void **state)
{
	struct set *s = *state;

	roll(s, 5, 1000);
	loop_fake_advance(s->k->loop, 7000000);
	fake_word(s->cam);
	bus_tell(s->k->bus, EV_STOPPED_UNASKED, "cam1", "storage_full");
	for (int i = 0; i < vitals_alarm_count(s->v); i++)
		if (str_cells(vitals_alarm_at(s->v, i)->text) > 80 - 2 - 17 - 12 + 76)
			fail_msg("too long: %s", vitals_alarm_at(s->v, i)->text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_lost_camera_is_an_alarm_that_stays_when_it_is_back),
		TEST(a_camera_lost_while_it_rolls_is_said_to_roll_on),
		TEST(what_was_seen_is_not_said_again_while_it_lasts),
		TEST(a_camera_that_said_bye_is_said_to_have),
		TEST(a_recording_that_ended_by_itself_names_cause_length_and_cure),
		TEST(a_camera_that_crashed_is_told_with_its_own_cause_and_length), TEST(a_camera_that_did_not_roll_is_told_until_it_does),
		TEST(a_camera_nobody_sees_in_a_take_is_told_until_it_is_seen),
		TEST(a_cause_nobody_knows_is_passed_on_as_it_is),
		TEST(a_recording_whose_file_stands_still_is_not_writing), TEST(what_did_not_write_until_its_end_says_so),
		TEST(a_frozen_picture_is_said_once),
		TEST(little_storage_is_told_below_five_minutes_and_over_above_ten),
		TEST(a_disk_that_will_be_full_is_forecast_while_it_records),
		TEST(the_bit_rate_forecasts_before_anything_is_written), TEST(the_last_minute_of_a_disk_comes_again_though_it_was_seen), TEST(an_archive_in_trouble_is_an_alarm_until_it_is_well),
		TEST(a_low_battery_is_told_unless_it_charges),
		TEST(heat_is_told_as_it_rises_and_not_as_it_falls),
		TEST(nobody_worries_about_a_camera_that_is_out_of_the_show),
		TEST(others_alarms_are_kept_too),
		TEST(a_full_list_loses_what_is_over_first),
		TEST(a_trouble_that_flaps_is_one_alarm),
		TEST(a_forgotten_camera_leaves_its_alarms_behind_as_over),
		TEST(many_that_fall_silent_at_once_are_one_alarm), TEST(two_that_fall_silent_have_an_alarm_each),
		TEST(many_that_stop_at_once_are_one_alarm_with_its_cure), TEST(many_that_stop_for_a_cause_nobody_knows_pass_it_on), TEST(cameras_of_many_that_roll_again_leave_the_alarm_and_the_last_ends_it),
		TEST(one_that_stops_much_later_or_after_the_alarm_was_seen_has_an_alarm_of_its_own),
		TEST(who_stays_away_when_the_others_are_back_has_an_alarm_of_its_own),
		TEST(the_alarm_of_many_that_was_seen_comes_back_for_the_one_that_stays_away),
		TEST(a_network_that_flaps_is_one_alarm), TEST(a_camera_of_many_that_is_forgotten_or_taken_out_is_no_worry),
		TEST(every_alarm_has_few_words_that_end_with_its_cure), TEST(the_usual_alarm_fits_two_rows_of_80_columns_cure_and_all),
		cmocka_unit_test_setup_teardown(a_clone_is_an_alarm_with_its_cure_until_it_has_an_id_of_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(a_trouble_of_the_consoles_own_is_one_alarm_until_it_is_over, setup, teardown),
		cmocka_unit_test_setup_teardown(a_camera_that_another_console_holds_is_an_alarm_until_it_lets_go, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
