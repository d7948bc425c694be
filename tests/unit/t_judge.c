/*
 * t_judge.c - every condition of wait and expect: when it is true, and the sentence when it is not.
 */
#include "unit/deck_kit.h"
#include "app/judge.h"

struct bench {
	struct deck_kit *d;
	struct judge *j;
	char why[240];
};

static struct bench *
bench_new(void **state, int cameras)
{
	struct bench *b = xcalloc(1, sizeof *b);

	b->d = deck_new(state, cameras);
	b->j = judge_new(&b->d->deck, b->d->q);
	return b;
}

static void
bench_free(struct bench *b, void **state)
{
	judge_free(b->j);
	deck_free(b->d, state);
	free(b);
}

static bool
is(struct bench *b, const char *text)
{
	struct condition c;
	struct cmdline line;
	struct err e = { .kind = ERR_NONE };
	char whole[256];
	int column;

	snprintf(whole, sizeof whole, "expect %s", text);
	if (!cmdline_parse(&line, whole, &column, &e) || !condition_parse(&c, &line, 1, &column, &e))
		fail_msg("%s: %s", text, e.text);
	cmdline_fini(&line);
	b->why[0] = '\0';
	return judge_is_true(b->j, &c, b->why, sizeof b->why);
}

static void
says(struct bench *b, const char *part)
{
	if (strstr(b->why, part) == NULL)
		fail_msg("\"%s\" is not in: %s", part, b->why);
}

static void
health(int n, enum node_rec state, double peak_dbfs)
{
	struct node_health *h = xcalloc(1, sizeof *h);

	h->has_recording = true;
	h->recording.state = state;
	h->has_audio = true;
	h->audio.peak_dbfs = peak_dbfs;
	fake_health(deck_cam(n), h);
	free(h);
}

static void
nodes_counts_the_live_ones(void **state)
{
	struct bench *b = bench_new(state, 2);

	assert_true(is(b, "nodes 2"));
	assert_true(is(b, "nodes 1"));
	assert_true(is(b, "nodes all"));
	assert_false(is(b, "nodes 3"));
	says(b, "expected 3 live nodes, have 2");
	for (int i = 0; i < 8; i++) {
		loop_fake_advance(b->d->k->loop, 1000000);
		fake_word(deck_cam(1));
	}
	assert_false(is(b, "nodes all"));
	says(b, "expected 2 live nodes, have 1; cam2 is lost");
	registry_find(b->d->k->reg, "cam2")->out = true;
	assert_true(is(b, "nodes all"));
	bench_free(b, state);
}

static void
camera_that_is_out_does_not_stand_in_for_a_lost_one(void **state)
{
	struct bench *b = bench_new(state, 2);

	registry_find(b->d->k->reg, "cam1")->out = true;
	assert_true(is(b, "nodes all"));
	for (int i = 0; i < 8; i++) {
		loop_fake_advance(b->d->k->loop, 1000000);
		fake_word(deck_cam(1));
	}
	assert_false(is(b, "nodes all"));
	says(b, "expected 1 live node, have 0; cam2 is lost");
	assert_true(is(b, "nodes 1"));	/* live it is */
	registry_find(b->d->k->reg, "cam2")->out = true;
	assert_false(is(b, "nodes all"));
	bench_free(b, state);
}

static void
a_typed_address_that_nobody_answers_at_belongs_to_all(void **state)
{
	struct bench *b = bench_new(state, 2);
	struct registry_address typed[] = { { .host = "10.9.9.1", .port = 8081, .via = VIA_MANUAL }, { .host = "10.9.9.2", .port = 8081, .via = VIA_MANUAL } };

	crew_add_typed(b->d->k->crew, typed, 2);
	assert_false(is(b, "nodes all"));
	says(b, "expected 4 live nodes, have 2; 10.9.9.1:8081: being tried");
	assert_true(is(b, "nodes 2"));
	bench_free(b, state);
}

static void
nobody_is_not_all(void **state)
{
	struct bench *b = bench_new(state, 0);

	assert_false(is(b, "nodes all"));
	assert_false(is(b, "armed"));
	bench_free(b, state);
}

static void
take_counts_the_newest_take(void **state)
{
	struct bench *b = bench_new(state, 2);
	struct take t;

	assert_false(is(b, "take saved all"));
	says(b, "there is no take yet");
	take_init(&t, "003", "ep12", 1, "s", TAKE_WILLING, 1);
	take_ask(&t, "cam1", 1, "", 1);
	take_ask(&t, "cam2", 2, "", 1);
	b->d->recordall.take = &t;
	assert_false(is(b, "take recording 1"));
	says(b, "expected take 003 recording 1, have 0 of 2 asked");
	take_go(take_device(&t, "cam1"), TAKE_STARTING, "", 2);
	take_go(take_device(&t, "cam1"), TAKE_RECORDING, "", 3);
	assert_true(is(b, "take recording 1"));
	assert_false(is(b, "take recording all"));
	take_go(take_device(&t, "cam2"), TAKE_FAILED, "storage_full", 3);
	assert_true(is(b, "take failed 1"));
	assert_false(is(b, "take verified all"));
	says(b, "one failed: storage_full");
	b->d->recordall.take = NULL;
	take_fini(&t);
	bench_free(b, state);
}

static void
events_count_since_the_mark(void **state)
{
	struct bench *b = bench_new(state, 2);

	bus_tell(b->d->k->bus, EV_GESTURE, "cam1", "chest-flex");
	assert_true(is(b, "event gesture"));
	assert_true(is(b, "event gesture cam1"));
	assert_false(is(b, "event gesture cam2"));
	says(b, "expected event gesture of cam2; none came");
	judge_mark(b->j);
	assert_false(is(b, "event gesture"));
	bus_tell(b->d->k->bus, EV_GESTURE, "cam2", "chest-flex");
	assert_true(is(b, "event gesture 2"));
	bench_free(b, state);
}

static void
no_event_means_the_whole_run(void **state)
{
	struct bench *b = bench_new(state, 1);

	assert_true(is(b, "no alarm"));
	bus_tell(b->d->k->bus, EV_ALARM, "cam1", "hot");
	judge_mark(b->j);
	assert_false(is(b, "no alarm"));
	says(b, "cam1 had one");
	assert_true(is(b, "no node-lost"));
	bench_free(b, state);
}

static void
many_events_are_not_too_many(void **state)
{
	struct bench *b = bench_new(state, 1);

	stage_text_free(b->d->text);	/* its lines are of no interest here */
	b->d->text = NULL;
	for (int i = 0; i < 50000; i++) {
		kit_deaf(b->d->k);
		bus_tell(b->d->k->bus, EV_GESTURE, "cam1", "wave");
	}
	judge_mark(b->j);
	assert_false(is(b, "event gesture"));
	kit_deaf(b->d->k);
	bus_tell(b->d->k->bus, EV_GESTURE, "cam1", "wave");
	assert_true(is(b, "event gesture"));
	bench_free(b, state);
}

static void
oldest_event_is_forgotten_first_but_never_that_it_was(void **state)
{
	struct bench *b = bench_new(state, 1);

	stage_text_free(b->d->text);
	b->d->text = NULL;
	bus_tell(b->d->k->bus, EV_ALARM, "cam1", "hot");
	bus_tell(b->d->k->bus, EV_MARKER, "cam1", "clap");
	for (int i = 0; i < 19999; i++) {
		kit_deaf(b->d->k);
		bus_tell(b->d->k->bus, EV_GESTURE, "cam1", "wave");
	}
	assert_false(is(b, "event alarm"));
	assert_true(is(b, "event marker"));
	assert_false(is(b, "no alarm"));
	says(b, "cam1 had one");
	bench_free(b, state);
}

static void
node_is_what_it_last_said(void **state)
{
	struct bench *b = bench_new(state, 1);

	assert_true(is(b, "node cam1 live"));
	assert_false(is(b, "node cam1 recording"));
	health(1, NODE_REC_IDLE, -20);
	assert_true(is(b, "node 1 idle"));
	health(1, NODE_REC_SAVING, -20);
	assert_false(is(b, "node 1 idle"));
	says(b, "expected cam1 idle; it is saving");
	assert_false(is(b, "node 7 live"));
	loop_fake_advance(b->d->k->loop, 7000000);
	assert_true(is(b, "node cam1 lost"));
	assert_false(is(b, "node cam1 live"));
	says(b, "it is lost");
	bench_free(b, state);
}

static void
program_and_preview(void **state)
{
	struct bench *b = bench_new(state, 2);

	assert_false(is(b, "program cam1"));
	says(b, "expected cam1 on program; there is nothing");
	str_copy(b->d->director.program, ID_BYTES, "cam1");
	str_copy(b->d->director.preview, ID_BYTES, "cam2");
	assert_true(is(b, "program cam1"));
	assert_true(is(b, "preview 2"));
	assert_false(is(b, "preview 1"));
	says(b, "there is cam2");
	bench_free(b, state);
}

static void
armed_needs_everybody(void **state)
{
	struct bench *b = bench_new(state, 2);

	health(1, NODE_REC_IDLE, -20);
	health(2, NODE_REC_IDLE, -20);
	assert_true(is(b, "armed"));
	health(2, NODE_REC_FAILED, -20);
	assert_false(is(b, "armed"));
	says(b, "cam2 is not armed: its recording failed");
	bench_free(b, state);
}

static void
audio_above(void **state)
{
	struct bench *b = bench_new(state, 1);

	assert_false(is(b, "audio cam1 above -40dB"));
	says(b, "cam1 tells no audio level");
	health(1, NODE_REC_IDLE, -39.5);
	assert_true(is(b, "audio cam1 above -40dB"));
	health(1, NODE_REC_IDLE, -41);
	assert_false(is(b, "audio cam1 above -40dB"));
	says(b, "its peak is -41.0dB");
	bench_free(b, state);
}

static void
cuts_are_counted_and_timed(void **state)
{
	struct bench *b = bench_new(state, 2);
	int64_t zero_us = clk_utc_us(&b->d->k->clk);

	judge_zero(b->j, zero_us, 1.0);
	assert_true(is(b, "cuts 0"));
	assert_false(is(b, "cut 1 at 1s \xc2\xb1 40ms"));
	says(b, "expected cut 1; there were 0");
	loop_fake_advance(b->d->k->loop, 1030000);
	deck_do(b->d, "cut 2");
	assert_true(is(b, "cuts 1"));
	assert_false(is(b, "cuts 2"));
	assert_true(is(b, "cut 1 at 1s \xc2\xb1 40ms"));
	assert_false(is(b, "cut 1 at 1s \xc2\xb1 20ms"));
	says(b, "cut 1 was 30.0 ms late");
	deck_event(b->d, 2, NODE_EV_TALLY, "program", zero_us + 1010000);	/* the light itself was earlier */
	assert_true(is(b, "cut 1 at 1s \xc2\xb1 20ms"));
	judge_zero(b->j, zero_us, 2.0);
	assert_true(is(b, "cut 1 at 2s \xc2\xb1 20ms"));
	bench_free(b, state);
}

static void
cuts_on_both_sides_of_a_hold_keep_their_times(void **state)
{
	struct bench *b = bench_new(state, 2);

	judge_zero(b->j, clk_utc_us(&b->d->k->clk), 1.0);
	loop_fake_advance(b->d->k->loop, 1000000);
	deck_do(b->d, "cut 2");
	loop_fake_advance(b->d->k->loop, 5000000);
	judge_shift(b->j, 4000000);
	loop_fake_advance(b->d->k->loop, 1000000);
	deck_do(b->d, "cut 1");
	assert_true(is(b, "cut 1 at 1s \xc2\xb1 1ms"));
	assert_true(is(b, "cut 2 at 3s \xc2\xb1 1ms"));
	bench_free(b, state);
}

static void
acks_are_judged_as_they_were(void **state)
{
	struct bench *b = bench_new(state, 1);
	struct judge_acks acks = { .any = true };

	assert_false(is(b, "ack all within 1s"));
	says(b, "no command stands before it");
	judge_acks(b->j, &acks);
	assert_false(is(b, "ack all within 1s"));
	says(b, "is not over");
	acks = (struct judge_acks){ .any = true, .finished = true, .asked = 2, .acked = 1, .missing = "cam2" };
	judge_acks(b->j, &acks);
	assert_false(is(b, "ack all within 1s"));
	says(b, "1 of 2 said ok; cam2 did not");
	acks = (struct judge_acks){ .any = true, .finished = true, .asked = 2, .acked = 2, .slowest_us = 41000, .slowest = "cam1" };
	judge_acks(b->j, &acks);
	assert_true(is(b, "ack all within 41ms"));
	assert_false(is(b, "ack all within 40ms"));
	says(b, "cam1 took 41.0 ms");
	bench_free(b, state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_counts_the_live_ones),
		cmocka_unit_test(camera_that_is_out_does_not_stand_in_for_a_lost_one),
		cmocka_unit_test(a_typed_address_that_nobody_answers_at_belongs_to_all), cmocka_unit_test(nobody_is_not_all),
		cmocka_unit_test(take_counts_the_newest_take),
		cmocka_unit_test(events_count_since_the_mark),
		cmocka_unit_test(no_event_means_the_whole_run),
		cmocka_unit_test(many_events_are_not_too_many),
		cmocka_unit_test(oldest_event_is_forgotten_first_but_never_that_it_was),
		cmocka_unit_test(node_is_what_it_last_said),
		cmocka_unit_test(program_and_preview),
		cmocka_unit_test(armed_needs_everybody),
		cmocka_unit_test(audio_above),
		cmocka_unit_test(cuts_are_counted_and_timed),
		cmocka_unit_test(cuts_on_both_sides_of_a_hold_keep_their_times),
		cmocka_unit_test(acks_are_judged_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
