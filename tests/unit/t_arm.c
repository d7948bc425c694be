/*
 * t_arm.c - what stands against a roll, and its cure: every check on its own, all of them together, and what is no reason.
 */
#include "unit/deck_kit.h"
#include "app/arm.h"

#define MBPS 1000000LL
#define GB 1000000000LL

struct bench {
	struct deck_kit *d;
	struct node_health *h;		/* of a camera that is well */
	struct arm_sheet *s;
	char text[512];
};

static struct bench *
bench_new(void **state, int cameras)
{
	struct bench *b = xcalloc(1, sizeof *b);

	b->d = deck_new(state, cameras);
	b->s = xcalloc(1, sizeof *b->s);
	b->h = xcalloc(1, sizeof *b->h);
	*b->h = (struct node_health){ .has_recording = true, .recording.state = NODE_REC_IDLE, .has_format = true,
		.format = { .width = 1920, .height = 1080, .rate = 30, .bitrate_bps = 8 * MBPS }, .has_battery = true, .battery = 0.8,
		.minutes_left = -1, .has_storage = true, .free_bytes = 64 * GB };
	str_copy(b->h->thermal, sizeof b->h->thermal, "nominal");
	str_copy(b->h->auto_lock, sizeof b->h->auto_lock, "off");
	for (int i = 1; i <= cameras; i++)
		fake_health(deck_cam(i), b->h);
	fake_room = (struct rushes_room){ .trouble = "" };
	fake_totals = (struct haul_totals){ .wishes = 0 };
	return b;
}

static void
bench_free(struct bench *b, void **state)
{
	b->d->deck.rushes = NULL;
	deck_free(b->d, state);
	free(b->s);
	free(b->h);
	free(b);
}

/* The first camera says this; is it armed?  text: why not. */
static bool
is_armed(struct bench *b)
{
	fake_health(deck_cam(1), b->h);
	arm_look(&b->d->deck, b->s);
	assert_int_equal(arm_first_red(b->s, b->text, sizeof b->text), !b->s->is_armed);
	return b->s->is_armed;
}

static void
says(struct bench *b, const char *part)
{
	if (strstr(b->text, part) == NULL)
		fail_msg("\"%s\" is not in: %s", part, b->text);
}

static const struct arm_line *
line_of(const struct bench *b, int node, enum arm_check check)
{
	const struct arm_node *n = &b->s->nodes[node];

	for (int i = 0; i < n->line_count; i++)
		if (b->s->lines[n->first_line + i].check == check)
			return &b->s->lines[n->first_line + i];
	return NULL;
}

static void
cameras_that_are_well_are_armed(void **state)
{
	struct bench *b = bench_new(state, 3);

	assert_true(is_armed(b));
	assert_int_equal(b->s->asked, 3);
	assert_int_equal(b->s->armed, 3);
	assert_int_equal(b->s->nodes[0].storage_minutes, 1066);
	assert_int_equal(b->s->nodes[0].battery_percent, 80);
	assert_int_equal(b->s->nodes[0].width, 1920);
	assert_string_equal(b->s->nodes[0].auto_lock, "off");
	assert_string_equal(b->s->nodes[0].claim, "free");
	bench_free(b, state);
}

static void
a_camera_that_tells_little_is_armed(void **state)
{
	struct bench *b = bench_new(state, 1);

	*b->h = (struct node_health){ .minutes_left = -1 };
	assert_true(is_armed(b));
	assert_int_equal(b->s->nodes[0].storage_minutes, -1);
	assert_int_equal(b->s->nodes[0].battery_percent, -1);
	assert_non_null(line_of(b, 0, ARM_RECORDER));
	assert_int_equal(line_of(b, 0, ARM_RECORDER)->verdict, ARM_NOTE);
	assert_int_equal(line_of(b, 0, ARM_CLOCK)->verdict, ARM_NOTE);
	bench_free(b, state);
}

static void
storage_below_the_limit_is_red_and_twice_that_a_word(void **state)
{
	static const struct { int64_t bytes; enum arm_verdict want; } cases[] = {
		{ 0, ARM_RED }, { 599999999, ARM_RED }, { 600000000, ARM_NOTE }, { 1799999999, ARM_NOTE }, { 1800000000, ARM_GOOD } };
	struct bench *b = bench_new(state, 2);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {	/* 60 MB a minute */
		b->h->free_bytes = cases[i].bytes;
		assert_int_equal(is_armed(b), cases[i].want != ARM_RED);
		assert_int_equal(line_of(b, 0, ARM_STORAGE) != NULL ? line_of(b, 0, ARM_STORAGE)->verdict : ARM_GOOD, cases[i].want);
	}
	b->h->free_bytes = 200000000;
	assert_false(is_armed(b));
	says(b, "cam1 is not armed: storage for 3 min only; make room on it, or leave it out:  :out 1");
	kit_set(b->d->k, "arm-storage", "2m");
	assert_true(is_armed(b));
	b->h->free_bytes = 0;
	kit_set(b->d->k, "arm-storage", "0s");
	assert_false(is_armed(b));
	says(b, "its storage is full");
	bench_free(b, state);
}

static void
an_empty_battery_is_red_unless_it_is_charged(void **state)
{
	struct bench *b = bench_new(state, 1);

	b->h->battery = 0.09;
	assert_false(is_armed(b));
	says(b, "battery 9 %; plug it in, or leave it out:  :out 1");
	b->h->charging = true;
	assert_true(is_armed(b));
	b->h->charging = false;
	b->h->battery = 0.5;
	b->h->minutes_left = 12;
	assert_false(is_armed(b));
	says(b, "battery 50 %, 12 min left");
	b->h->minutes_left = 40;
	assert_true(is_armed(b));
	assert_int_equal(line_of(b, 0, ARM_BATTERY)->verdict, ARM_NOTE);
	bench_free(b, state);
}

static void
critical_heat_is_red_serious_heat_a_word(void **state)
{
	struct bench *b = bench_new(state, 1);

	str_copy(b->h->thermal, sizeof b->h->thermal, "serious");
	assert_true(is_armed(b));
	assert_int_equal(line_of(b, 0, ARM_HEAT)->verdict, ARM_NOTE);
	str_copy(b->h->thermal, sizeof b->h->thermal, "critical");
	assert_false(is_armed(b));
	says(b, "heat critical");
	says(b, ":out 1");
	bench_free(b, state);
}

static void
auto_lock_is_red_where_it_is_told_to_be_on(void **state)
{
	struct bench *b = bench_new(state, 1);

	str_copy(b->h->auto_lock, sizeof b->h->auto_lock, "unknown");
	assert_true(is_armed(b));
	str_copy(b->h->auto_lock, sizeof b->h->auto_lock, "on");
	assert_false(is_armed(b));
	says(b, "auto-lock is on: it may lock in mid-take; turn its auto-lock off, or leave it out:  :out 1");
	bench_free(b, state);
}

static void
the_format_that_differs_from_most_is_red_and_the_cure_is_theirs(void **state)
{
	struct bench *b = bench_new(state, 3);

	b->h->format.width = 1280;
	b->h->format.height = 720;
	assert_false(is_armed(b));
	says(b, "1280x720 30 where most are 1920x1080 30; :format -t 1 1920x1080 30");
	assert_true(b->s->nodes[0].differs);
	assert_false(b->s->nodes[1].differs);
	kit_set(b->d->k, "arm-format", "any");
	assert_true(is_armed(b));
	assert_int_equal(line_of(b, 0, ARM_FORMAT)->verdict, ARM_NOTE);
	kit_set(b->d->k, "arm-format", "same");
	b->h->format = (struct node_format){ .width = 1920, .height = 1080, .rate = 29.97, .bitrate_bps = 8 * MBPS };
	assert_true(is_armed(b));
	b->h->format.rate = 25;
	assert_false(is_armed(b));
	bench_free(b, state);
}

static void
of_two_formats_the_first_camera_sets_the_measure(void **state)
{
	struct bench *b = bench_new(state, 2);

	b->h->format.rate = 60;
	assert_false(is_armed(b));
	says(b, "cam2 is not armed: 1920x1080 30 where most are 1920x1080 60; :format -t 2 1920x1080 60");
	bench_free(b, state);
}

static void
a_camera_that_records_something_else_is_red(void **state)
{
	struct bench *b = bench_new(state, 1);

	b->h->recording.state = NODE_REC_RECORDING;
	str_copy(b->h->recording.take, TAKE_BYTES, "007");
	str_copy(b->h->recording.sphere, ID_BYTES, "other");
	assert_false(is_armed(b));
	says(b, "it records take 007 of another Sphere");
	b->h->recording.state = NODE_REC_SAVING;
	assert_true(is_armed(b));
	assert_int_equal(line_of(b, 0, ARM_RECORDER)->verdict, ARM_NOTE);
	b->h->recording.state = NODE_REC_FAILED;
	str_copy(b->h->recording.error, sizeof b->h->recording.error, "crash");
	assert_false(is_armed(b));
	says(b, "its recording failed: crash");
	b->h->recording.state = NODE_REC_IDLE;
	assert_true(is_armed(b));
	bench_free(b, state);
}

static void
a_camera_that_did_not_roll_last_time_is_worth_a_word(void **state)
{
	struct bench *b = bench_new(state, 2);
	struct take t;

	take_init(&t, "004", "", 1, "s", TAKE_WILLING, 1);
	take_ask(&t, "cam1", 1, "", 1);
	take_go(take_device(&t, "cam1"), TAKE_FAILED, "refused, busy: not now", 2);
	b->d->recordall.take = &t;
	assert_true(is_armed(b));
	assert_string_equal(line_of(b, 0, ARM_RECORDER)->what, "it did not roll in take 004: refused, busy: not now");
	assert_null(line_of(b, 1, ARM_RECORDER));
	b->d->recordall.take = NULL;
	take_fini(&t);
	bench_free(b, state);
}

/* What already rolls in our take is no reason against it, whatever its readings. */
static void
a_camera_that_rolls_in_our_take_counts_as_armed(void **state)
{
	struct bench *b = bench_new(state, 2);

	b->d->recordall.rolls = true;
	b->h->recording.state = NODE_REC_RECORDING;
	str_copy(b->h->recording.take, TAKE_BYTES, "003");
	b->h->free_bytes = 1000;
	assert_true(is_armed(b));
	assert_true(b->s->nodes[0].rolls);
	assert_int_equal(b->s->nodes[0].verdict, ARM_RED);
	str_copy(b->h->recording.take, TAKE_BYTES, "002");
	assert_false(is_armed(b));
	bench_free(b, state);
}

static void
a_silent_camera_is_red_and_one_that_is_out_is_not_asked(void **state)
{
	struct bench *b = bench_new(state, 2);

	for (int i = 0; i < 8; i++) {
		loop_fake_advance(b->d->k->loop, 1000000);
		fake_health(deck_cam(1), b->h);
	}
	assert_false(is_armed(b));
	says(b, "cam2 is not armed: it is lost, no word for 8 s; see to its power and network, or leave it out:  :out 2");
	assert_int_equal(b->s->armed, 1);
	registry_find(b->d->k->reg, "cam2")->out = true;
	assert_true(is_armed(b));
	assert_int_equal(b->s->asked, 1);
	assert_false(b->s->nodes[1].counts);
	assert_int_equal(b->s->nodes[1].line_count, 0);
	bench_free(b, state);
}

static void
a_remembered_camera_that_is_not_here_is_told_and_not_asked(void **state)
{
	struct bench *b = bench_new(state, 2);

	registry_find(b->d->k->reg, "cam2")->known = true;
	assert_true(is_armed(b));
	assert_int_equal(b->s->asked, 1);
	assert_int_equal(line_of(b, 1, ARM_LINK)->verdict, ARM_NOTE);
	bench_free(b, state);
}

static void
nobody_is_not_armed(void **state)
{
	struct bench *b = bench_new(state, 0);

	arm_look(&b->d->deck, b->s);
	assert_false(b->s->is_armed);
	assert_true(arm_first_red(b->s, b->text, sizeof b->text));
	assert_string_equal(b->text, "not armed: no camera is in the show; :node add HOST[:PORT]");
	bench_free(b, state);
}

static void
a_muted_camera_is_worth_a_word(void **state)
{
	struct bench *b = bench_new(state, 1);

	b->h->has_audio = b->h->audio.muted = true;
	assert_true(is_armed(b));
	assert_string_equal(line_of(b, 0, ARM_SOUND)->what, "its sound is muted");
	bench_free(b, state);
}

/* ---- The whole show ---- */

static int rushes_stand_in;

static void
the_archive_needs_room_for_all_cameras_and_what_is_not_home(void **state)
{
	struct bench *b = bench_new(state, 4);		/* 240 MB a minute */

	b->d->deck.rushes = (struct rushes *)(void *)&rushes_stand_in;
	fake_room = (struct rushes_room){ .name = "nas", .is_known = true, .free_bytes = 24 * GB };
	assert_true(is_armed(b));
	assert_int_equal(b->s->archive_minutes, 100);
	assert_string_equal(b->s->archive, "nas");
	fake_totals = (struct haul_totals){ .total_bytes = 24 * GB, .bytes = 2 * GB };
	assert_false(is_armed(b));
	assert_int_equal(b->s->archive_minutes, 8);
	says(b, "not armed: the archive nas has room for 8 min of all cameras only; make room there");
	says(b, ":archive TARGET");
	fake_totals = (struct haul_totals){ .total_bytes = 99 * GB };
	assert_false(is_armed(b));
	assert_int_equal(b->s->archive_minutes, 0);
	assert_false(b->s->archive_trouble);
	fake_room.is_full = true;
	assert_false(is_armed(b));
	says(b, "the archive nas is full");
	assert_true(b->s->archive_trouble);
	bench_free(b, state);
}

static void
an_archive_that_is_away_is_red_and_one_not_looked_at_yet_is_not(void **state)
{
	struct bench *b = bench_new(state, 1);

	b->d->deck.rushes = (struct rushes *)(void *)&rushes_stand_in;
	fake_room = (struct rushes_room){ .name = "nas" };
	assert_true(is_armed(b));
	assert_int_equal(b->s->archive_minutes, -1);
	fake_room = (struct rushes_room){ .name = "nas", .trouble = "/mnt/nas is not mounted" };
	assert_false(is_armed(b));
	says(b, "archive: /mnt/nas is not mounted");
	fake_room = (struct rushes_room){ .name = "s3 b", .is_known = true, .free_bytes = -1 };
	assert_true(is_armed(b));
	bench_free(b, state);
}

static void
a_policy_that_nobody_answers_to_is_worth_a_word(void **state)
{
	struct bench *b = bench_new(state, 1);

	kit_set(b->d->k, "roll-policy", "must");
	assert_true(is_armed(b));
	assert_int_equal(b->s->show_count, 1);
	assert_int_equal(b->s->lines[b->s->show_first].check, ARM_ROLES);
	registry_find(b->d->k->reg, "cam1")->roles = ROLE(MUST);
	assert_true(is_armed(b));
	assert_int_equal(b->s->show_count, 0);
	bench_free(b, state);
}

/* ---- What a roll writes down ---- */

static void
why_names_all_that_is_red_and_nothing_else(void **state)
{
	struct bench *b = bench_new(state, 2);

	str_copy(b->h->thermal, sizeof b->h->thermal, "critical");
	str_copy(b->h->auto_lock, sizeof b->h->auto_lock, "on");
	b->h->battery = 0.2;
	assert_false(is_armed(b));
	assert_true(arm_why(&b->d->deck, "cam1", b->text, sizeof b->text));
	assert_string_equal(b->text, "heat critical: it may stop by itself; auto-lock is on: it may lock in mid-take");
	assert_false(arm_why(&b->d->deck, "cam2", b->text, sizeof b->text));
	assert_string_equal(b->text, "");
	assert_false(arm_why(&b->d->deck, "nobody", b->text, sizeof b->text));
	assert_false(arm_why(&b->d->deck, NULL, b->text, sizeof b->text));
	b->d->deck.rushes = (struct rushes *)(void *)&rushes_stand_in;
	fake_room = (struct rushes_room){ .name = "nas", .is_known = true, .is_full = true };
	assert_true(arm_why(&b->d->deck, NULL, b->text, sizeof b->text));
	assert_string_equal(b->text, "the archive nas is full");
	bench_free(b, state);
}

static void
more_cameras_than_lines_are_counted_all_the_same(void **state)
{
	struct bench *b = bench_new(state, 30);

	for (int i = 1; i <= 30; i++) {
		b->h->battery = 0.01;
		b->h->free_bytes = 0;
		str_copy(b->h->thermal, sizeof b->h->thermal, "critical");
		fake_health(deck_cam(i), b->h);
	}
	assert_false(is_armed(b));
	assert_int_equal(b->s->asked, 30);
	assert_int_equal(b->s->armed, 0);
	for (int i = 0; i < 30; i++)
		assert_int_equal(b->s->nodes[i].verdict, ARM_RED);
	bench_free(b, state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cameras_that_are_well_are_armed), cmocka_unit_test(a_camera_that_tells_little_is_armed),
		cmocka_unit_test(storage_below_the_limit_is_red_and_twice_that_a_word),
		cmocka_unit_test(an_empty_battery_is_red_unless_it_is_charged), cmocka_unit_test(critical_heat_is_red_serious_heat_a_word),
		cmocka_unit_test(auto_lock_is_red_where_it_is_told_to_be_on),
		cmocka_unit_test(the_format_that_differs_from_most_is_red_and_the_cure_is_theirs),
		cmocka_unit_test(of_two_formats_the_first_camera_sets_the_measure), cmocka_unit_test(a_camera_that_records_something_else_is_red),
		cmocka_unit_test(a_camera_that_rolls_in_our_take_counts_as_armed),
		cmocka_unit_test(a_camera_that_did_not_roll_last_time_is_worth_a_word),
		cmocka_unit_test(a_silent_camera_is_red_and_one_that_is_out_is_not_asked),
		cmocka_unit_test(a_remembered_camera_that_is_not_here_is_told_and_not_asked), cmocka_unit_test(nobody_is_not_armed),
		cmocka_unit_test(a_muted_camera_is_worth_a_word),
		cmocka_unit_test(the_archive_needs_room_for_all_cameras_and_what_is_not_home),
		cmocka_unit_test(an_archive_that_is_away_is_red_and_one_not_looked_at_yet_is_not),
		cmocka_unit_test(a_policy_that_nobody_answers_to_is_worth_a_word),
		cmocka_unit_test(why_names_all_that_is_red_and_nothing_else), cmocka_unit_test(more_cameras_than_lines_are_counted_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
