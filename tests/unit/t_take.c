/*
 * t_take.c - the proof of one take: commands, the nodes' words, files, and counts that only grow.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "base/str.h"
#include "domain/take.h"

#define SPHERE "sphere-1"
#define S 1000000LL		/* one second */

static struct take_device *
ask_one(struct take *t)
{
	take_init(t, "003", "ep12", 2, SPHERE, TAKE_WILLING, 100 * S);
	return take_ask(t, "node-a", 1, "left guest", 100 * S);
}

static struct node_recording
word(enum node_rec rec, const char *take, int64_t since_us, const char *error)
{
	struct node_recording r = { .state = rec, .since_us = since_us };

	str_copy(r.take, sizeof(r.take), take);
	str_copy(r.sphere, sizeof(r.sphere), take[0] != '\0' ? SPHERE : "");
	str_copy(r.error, sizeof(r.error), error);
	return r;
}

/* The node says this of take 003. */
static bool
hear(struct take_device *d, enum node_rec rec, int64_t since_us, const char *error)
{
	struct node_recording r = word(rec, "003", since_us, error);

	return take_heard(d, &r, "003", SPHERE, 200 * S);
}

static struct node_file
file(const char *id, int part, int64_t start_us)
{
	struct node_file f = { .part = part, .start_us = start_us, .end_us = start_us + 60 * S, .duration_ms = 60000,
		.bytes = 1234, .complete = true };

	str_copy(f.id, sizeof(f.id), id);
	str_copy(f.take, sizeof(f.take), "003");
	str_copy(f.sphere, sizeof(f.sphere), SPHERE);
	memset(f.sha256, 'a', 64);
	return f;
}

static bool
save(struct take_device *d, const char *id, int part, int64_t start_us)
{
	struct node_file f = file(id, part, start_us);

	return take_saved(d, &f, NULL, NULL, 300 * S);
}

static void
assert_counts(const struct take *t, const char *want)
{
	struct take_counts c;
	char got[128];

	take_counts(t, &c);
	snprintf(got, sizeof(got), "asked %d recording %d recorded %d saved %d failed %d fetched %d verified %d",
	    c.asked, c.recording, c.recorded, c.saved, c.failed, c.fetched, c.verified);
	assert_string_equal(got, want);
}

/* "asked starting recording" */
static void
assert_history(const struct take_device *d, const char *want)
{
	char got[512] = "";

	for (int i = 0; i < d->history_count; i++) {
		if (i > 0)
			strcat(got, " ");
		strcat(got, take_state_name(d->history[i].state));
	}
	assert_string_equal(got, want);
}

static void
good_take_goes_from_asked_to_saved(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	assert_counts(&t, "asked 1 recording 0 recorded 0 saved 0 failed 0 fetched 0 verified 0");
	assert_true(take_is_rolling(&t));
	assert_true(hear(d, NODE_REC_STARTING, 0, ""));
	assert_int_equal(d->state, TAKE_STARTING);
	assert_true(hear(d, NODE_REC_RECORDING, 101 * S, ""));
	assert_false(hear(d, NODE_REC_RECORDING, 101 * S, ""));
	assert_true(d->rec_since_us == 101 * S);
	assert_counts(&t, "asked 1 recording 1 recorded 1 saved 0 failed 0 fetched 0 verified 0");
	d->stop_asked = true;
	assert_false(hear(d, NODE_REC_RECORDING, 101 * S, ""));
	assert_true(hear(d, NODE_REC_STOPPING, 101 * S, ""));
	assert_false(hear(d, NODE_REC_SAVING, 101 * S, ""));
	assert_false(hear(d, NODE_REC_IDLE, 160 * S, ""));
	assert_true(take_is_rolling(&t));
	assert_true(save(d, "rec-1", 1, 101 * S));
	assert_int_equal(d->state, TAKE_SAVED);
	assert_counts(&t, "asked 1 recording 0 recorded 1 saved 1 failed 0 fetched 0 verified 0");
	assert_true(take_is_over(&t));
	assert_false(take_is_rolling(&t));
	assert_history(d, "asked starting recording stopping saved");
	assert_string_equal(d->reason, "");
	take_fini(&t);
	take_fini(&t);
	take_fini(NULL);
}

static void
words_on_another_take_do_nothing(void **state)
{
	static const struct { const char *take, *sphere; } others[] = { { "002", SPHERE }, { "003", "sphere-2" }, { "", SPHERE },
		{ "", "" } };
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		for (enum node_rec rec = NODE_REC_IDLE; rec <= NODE_REC_UNKNOWN; rec++) {
			struct node_recording r = word(rec, others[i].take, 101 * S, "heat");

			str_copy(r.sphere, sizeof(r.sphere), others[i].sphere);
			assert_false(take_heard(d, &r, "003", SPHERE, 200 * S));
			assert_int_equal(d->state, TAKE_ASKED);
		}
	assert_int_equal(d->history_count, 1);
	take_fini(&t);
}

static void
node_that_names_the_take_but_no_sphere_is_believed(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);
	struct node_recording r = word(NODE_REC_RECORDING, "003", 0, "");

	(void)state;
	r.sphere[0] = '\0';
	assert_true(take_heard(d, &r, "003", SPHERE, 200 * S));
	assert_int_equal(d->state, TAKE_RECORDING);
	assert_true(d->rec_since_us == 200 * S);	/* it does not say since when: since we heard it */
	take_fini(&t);
}

static void
node_that_names_nothing_is_believed_while_ours_is_on(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);
	struct node_recording rolls = word(NODE_REC_RECORDING, "", 0, ""), idle = word(NODE_REC_IDLE, "", 0, "");

	(void)state;
	assert_false(take_heard(d, &rolls, "003", SPHERE, 200 * S));
	assert_true(take_go(d, TAKE_STARTING, NULL, 200 * S));	/* it confirmed our command */
	assert_false(take_heard(d, &idle, "003", SPHERE, 201 * S));
	assert_true(take_heard(d, &rolls, "003", SPHERE, 202 * S));
	assert_int_equal(d->state, TAKE_RECORDING);
	assert_true(take_heard(d, &idle, "003", SPHERE, 203 * S));
	assert_int_equal(d->state, TAKE_FAILED);
	assert_string_equal(d->reason, "stopped by itself");
	take_fini(&t);
}

static void
unasked_stop_is_a_failure_even_if_the_file_is_fine(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	hear(d, NODE_REC_RECORDING, 101 * S, "");
	assert_true(hear(d, NODE_REC_SAVING, 101 * S, ""));
	assert_int_equal(d->state, TAKE_FAILED);
	assert_string_equal(d->reason, "stopped by itself");
	assert_true(hear(d, NODE_REC_IDLE, 150 * S, "heat"));	/* the cause comes with the next word */
	assert_string_equal(d->reason, "stopped by itself: heat");
	assert_false(hear(d, NODE_REC_IDLE, 150 * S, "battery"));
	assert_string_equal(d->reason, "stopped by itself: heat");
	assert_true(save(d, "rec-1", 1, 101 * S));
	assert_int_equal(d->state, TAKE_FAILED);
	assert_int_equal(d->part_count, 1);
	assert_counts(&t, "asked 1 recording 0 recorded 1 saved 1 failed 1 fetched 0 verified 0");
	assert_true(take_is_over(&t));
	assert_history(d, "asked recording failed");
	take_fini(&t);
}

static void
length_of_what_ended_by_itself_is_its_file_s_or_its_last_word_s(void **state)
{
	struct node_recording on = word(NODE_REC_RECORDING, "003", 101 * S, ""), off = word(NODE_REC_IDLE, "", 0, "");
	struct node_file f = file("rec-1", 1, 101 * S);
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	take_heard(d, &on, "003", SPHERE, 102 * S);
	assert_false(take_stopped_unasked(d));
	take_heard(d, &on, "003", SPHERE, 110 * S);
	take_heard(d, &off, "003", SPHERE, 170 * S);	/* found idle a minute after it was heard last */
	assert_true(take_stopped_unasked(d));
	assert_false(take_did_not_roll(d));
	assert_int_equal(take_ran_us(d), 9 * S);
	assert_string_equal(take_cause(d), "");
	f.complete = false;
	f.duration_ms = 9400;
	str_copy(f.error, sizeof f.error, "crash");
	take_saved(d, &f, "{}", NULL, 171 * S);
	assert_int_equal(take_ran_us(d), 9400000);
	assert_string_equal(take_cause(d), "crash");
	take_fini(&t);

	d = ask_one(&t);
	take_heard(d, &on, "003", SPHERE, 102 * S);
	d->heard_us = 0;				/* by the console before this one */
	take_heard(d, &off, "003", SPHERE, 170 * S);
	assert_true(take_stopped_unasked(d));
	assert_int_equal(take_ran_us(d), -1);		/* nobody knows before its file is there */
	take_fini(&t);
}

static void
recording_offered_again_under_another_id_is_one_part(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);
	struct node_file longer = file("rec-3", 2, 101 * S);

	(void)state;
	assert_true(save(d, "rec-1", 1, 101 * S));
	assert_true(save(d, "rec-2", 1, 101 * S));	/* the same bytes, begun in the same microsecond */
	assert_int_equal(d->part_count, 1);
	assert_string_equal(d->parts[0].meta.id, "rec-2");
	longer.bytes++;
	memset(longer.sha256, 'b', 64);
	assert_true(take_saved(d, &longer, NULL, NULL, 300 * S));
	assert_int_equal(d->part_count, 2);
	take_fini(&t);
}

static void
camera_that_never_began_did_not_roll(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	take_go(d, TAKE_FAILED, "refused, busy: another take", 101 * S);
	assert_true(take_did_not_roll(d));
	assert_false(take_stopped_unasked(d));
	assert_int_equal(take_ran_us(d), -1);
	assert_string_equal(take_cause(d), "refused, busy: another take");
	take_go(d, TAKE_ASKED, NULL, 102 * S);
	assert_false(take_did_not_roll(d));
	take_go(d, TAKE_STOPPING, NULL, 103 * S);
	take_go(d, TAKE_FAILED, "stopped before it recorded", 104 * S);
	assert_false(take_did_not_roll(d));
	take_fini(&t);
}

static void
heat_stopped_camera_counts_as_failed_and_as_verified(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	hear(d, NODE_REC_RECORDING, 101 * S, "");
	hear(d, NODE_REC_IDLE, 120 * S, "heat");
	save(d, "rec-1", 1, 101 * S);
	assert_true(take_part_go(d, 1, TAKE_FETCHING, NULL, 301 * S));
	assert_true(take_part_go(d, 1, TAKE_FETCHED, NULL, 302 * S));
	assert_true(take_part_go(d, 1, TAKE_VERIFIED, NULL, 303 * S));
	assert_int_equal(d->state, TAKE_FAILED);
	assert_string_equal(d->reason, "stopped by itself: heat");
	assert_counts(&t, "asked 1 recording 0 recorded 1 saved 1 failed 1 fetched 1 verified 1");
	take_fini(&t);
}

static void
camera_that_records_another_take_has_stopped_ours(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);
	struct node_recording other = word(NODE_REC_RECORDING, "004", 150 * S, "");
	struct node_recording idle_other = word(NODE_REC_IDLE, "002", 90 * S, "heat");

	(void)state;
	hear(d, NODE_REC_RECORDING, 101 * S, "");
	assert_false(take_heard(d, &idle_other, "003", SPHERE, 102 * S));
	assert_int_equal(d->state, TAKE_RECORDING);
	assert_true(take_heard(d, &other, "003", SPHERE, 151 * S));
	assert_int_equal(d->state, TAKE_FAILED);
	assert_string_equal(d->reason, "stopped by itself: the camera records take 004 now");
	take_fini(&t);
}

static void
word_overtaken_on_its_way_is_no_stop(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);
	struct node_recording old = word(NODE_REC_IDLE, "", 50 * S, "");

	(void)state;
	hear(d, NODE_REC_RECORDING, 101 * S, "");
	assert_false(take_heard(d, &old, "003", SPHERE, 102 * S));	/* idle since before it began */
	assert_int_equal(d->state, TAKE_RECORDING);
	d->stop_asked = true;
	hear(d, NODE_REC_SAVING, 101 * S, "");
	save(d, "rec-1", 1, 101 * S);
	assert_false(hear(d, NODE_REC_RECORDING, 101 * S, ""));	/* the very recording that is saved */
	assert_int_equal(d->state, TAKE_SAVED);
	take_fini(&t);
}

static void
refused_start_is_a_failure_with_its_reason(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	assert_true(take_go(d, TAKE_FAILED, "storage is full", 101 * S));
	assert_string_equal(d->reason, "storage is full");
	assert_true(take_is_over(&t));
	assert_false(hear(d, NODE_REC_IDLE, 0, "storage_full"));
	assert_string_equal(d->reason, "storage is full");
	assert_counts(&t, "asked 1 recording 0 recorded 0 saved 0 failed 1 fetched 0 verified 0");
	take_fini(&t);
}

static void
silent_camera_found_recording_is_recording(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	take_go(d, TAKE_FAILED, "no answer", 102 * S);
	assert_true(hear(d, NODE_REC_RECORDING, 101 * S, ""));
	assert_int_equal(d->state, TAKE_RECORDING);
	assert_string_equal(d->reason, "");
	assert_history(d, "asked failed recording");
	assert_counts(&t, "asked 1 recording 1 recorded 1 saved 0 failed 1 fetched 0 verified 0");
	d->stop_asked = true;
	hear(d, NODE_REC_SAVING, 101 * S, "");
	save(d, "rec-1", 1, 101 * S);
	assert_int_equal(d->state, TAKE_SAVED);
	assert_counts(&t, "asked 1 recording 0 recorded 1 saved 1 failed 1 fetched 0 verified 0");
	take_fini(&t);
}

static void
start_that_the_node_itself_gave_up_is_told(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	assert_true(hear(d, NODE_REC_STARTING, 0, ""));
	assert_false(hear(d, NODE_REC_IDLE, 0, ""));
	assert_int_equal(d->state, TAKE_STARTING);
	assert_true(hear(d, NODE_REC_IDLE, 0, "camera_lost"));
	assert_int_equal(d->state, TAKE_FAILED);
	assert_string_equal(d->reason, "camera_lost");
	assert_true(take_go(d, TAKE_ASKED, NULL, 210 * S));
	assert_string_equal(d->reason, "");
	assert_true(hear(d, NODE_REC_FAILED, 0, ""));
	assert_string_equal(d->reason, "no playable file is left");
	take_fini(&t);
}

static void
stop_whose_file_is_lost_fails(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	hear(d, NODE_REC_RECORDING, 101 * S, "");
	take_go(d, TAKE_STOPPING, NULL, 150 * S);
	assert_true(d->stop_asked);
	assert_true(hear(d, NODE_REC_FAILED, 151 * S, "storage_full"));
	assert_int_equal(d->state, TAKE_FAILED);
	assert_string_equal(d->reason, "storage_full");
	take_fini(&t);
}

static void
camera_that_began_and_ended_unseen_is_not_forgotten(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	assert_true(hear(d, NODE_REC_SAVING, 101 * S, "battery"));
	assert_int_equal(d->state, TAKE_FAILED);
	assert_string_equal(d->reason, "stopped by itself: battery");
	assert_history(d, "asked recording failed");
	take_fini(&t);

	d = ask_one(&t);
	assert_true(save(d, "rec-1", 1, 101 * S));	/* the first that is heard is its file */
	assert_int_equal(d->state, TAKE_FAILED);
	assert_counts(&t, "asked 1 recording 0 recorded 1 saved 1 failed 1 fetched 0 verified 0");
	take_fini(&t);

	d = ask_one(&t);
	d->stop_asked = true;				/* the same, after our stop */
	assert_true(save(d, "rec-1", 1, 101 * S));
	assert_int_equal(d->state, TAKE_SAVED);
	assert_counts(&t, "asked 1 recording 0 recorded 1 saved 1 failed 0 fetched 0 verified 0");
	take_fini(&t);
}

static void
stop_before_the_start_was_seen_still_counts_as_asked(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	take_go(d, TAKE_STOPPING, NULL, 101 * S);
	assert_true(hear(d, NODE_REC_RECORDING, 101 * S, ""));
	assert_int_equal(d->state, TAKE_RECORDING);
	assert_true(hear(d, NODE_REC_SAVING, 101 * S, ""));
	assert_int_equal(d->state, TAKE_STOPPING);
	save(d, "rec-1", 1, 101 * S);
	assert_int_equal(d->state, TAKE_SAVED);
	take_fini(&t);
}

static void
battery_swap_makes_a_second_part(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	hear(d, NODE_REC_RECORDING, 101 * S, "");
	d->stop_asked = true;
	hear(d, NODE_REC_SAVING, 101 * S, "");
	save(d, "rec-1", 1, 101 * S);
	take_part_go(d, 1, TAKE_FETCHING, NULL, 130 * S);
	take_part_go(d, 1, TAKE_FETCHED, NULL, 131 * S);
	take_part_go(d, 1, TAKE_VERIFIED, NULL, 132 * S);
	assert_int_equal(d->state, TAKE_VERIFIED);
	assert_true(hear(d, NODE_REC_RECORDING, 140 * S, ""));
	assert_int_equal(d->state, TAKE_RECORDING);
	assert_false(d->stop_asked);			/* nobody asked this part to stop */
	assert_true(d->rec_since_us == 140 * S);
	assert_counts(&t, "asked 1 recording 1 recorded 1 saved 1 failed 0 fetched 1 verified 1");
	d->stop_asked = true;
	hear(d, NODE_REC_SAVING, 140 * S, "");
	save(d, "rec-2", 2, 140 * S);
	assert_int_equal(d->state, TAKE_SAVED);
	assert_int_equal(d->part_count, 2);
	assert_counts(&t, "asked 1 recording 0 recorded 1 saved 1 failed 0 fetched 1 verified 1");
	take_part_go(d, 2, TAKE_FETCHING, NULL, 201 * S);
	take_part_go(d, 2, TAKE_FETCHED, NULL, 202 * S);
	assert_int_equal(d->state, TAKE_FETCHED);	/* verified only when all parts are */
	take_part_go(d, 2, TAKE_VERIFIED, NULL, 203 * S);
	assert_int_equal(d->state, TAKE_VERIFIED);
	take_fini(&t);
}

static void
file_of_an_earlier_part_told_late_does_not_stop_the_present_one(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	hear(d, NODE_REC_RECORDING, 140 * S, "");
	assert_true(save(d, "rec-1", 1, 101 * S));
	assert_int_equal(d->state, TAKE_RECORDING);
	assert_true(save(d, "rec-2", 2, 140 * S + 4100));
	assert_int_equal(d->state, TAKE_FAILED);	/* this one is the present one, and nobody asked */
	take_fini(&t);
}

/* The offset written down is that of the file's first frame: a clock that drifts had another one then. */
static void
file_of_an_earlier_part_told_late_does_not_end_the_one_just_asked_for(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);
	struct node_file f = file("rec-1", 1, 101 * S);

	(void)state;
	hear(d, NODE_REC_RECORDING, 101 * S, "");
	hear(d, NODE_REC_IDLE, 0, "");			/* it has restarted, and works out the hash of what it has */
	assert_int_equal(d->state, TAKE_FAILED);
	assert_true(take_go(d, TAKE_ASKED, NULL, 130 * S));
	f.complete = false;
	str_copy(f.error, sizeof(f.error), "crash");
	assert_true(take_saved(d, &f, NULL, NULL, 131 * S));
	assert_int_equal(d->part_count, 1);
	assert_int_equal(d->state, TAKE_ASKED);
	hear(d, NODE_REC_RECORDING, 132 * S, "");
	assert_int_equal(d->state, TAKE_RECORDING);
	take_fini(&t);
}

static void
part_is_placed_with_the_drift(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);
	const struct offset_estimate offset = { .known = true, .offset_us = 30000000, .bound_us = 900, .at_us = 300 * S,
		.drift_ppm = 100, .drift_bound_ppm = 20 };
	struct node_file f = file("rec-1", 1, 130 * S);		/* at 100 s by our clock, 200 s before the sample: 20 ms less */

	(void)state;
	assert_true(take_saved(d, &f, "{}", &offset, 300 * S));
	assert_true(d->parts[0].start_us - (100 * S + 20000) <= 2 && d->parts[0].start_us - (100 * S + 20000) >= -2);
	assert_true(d->parts[0].start_us + d->parts[0].offset_us == 130 * S);
	assert_true(d->parts[0].bound_us >= 900 + 20 * 199 && d->parts[0].bound_us <= 900 + 20 * 201);
	take_fini(&t);
}

static void
same_recording_is_one_part(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);
	struct offset_estimate offset = { .known = true, .offset_us = 350123, .bound_us = 900, .at_us = 300 * S };
	struct node_file f = file("rec-1", 1, 101 * S);

	(void)state;
	d->stop_asked = true;
	assert_true(take_saved(d, &f, "{\"a\":1}", NULL, 300 * S));
	assert_true(d->parts[0].start_us == 0);		/* no offset: not placed on the timeline */
	assert_false(take_saved(d, &f, "{\"a\":1}", NULL, 300 * S));
	assert_true(take_saved(d, &f, "{\"a\":1}", &offset, 300 * S));
	assert_true(d->parts[0].start_us == 101 * S - 350123);
	assert_true(d->parts[0].offset_us == 350123);
	assert_true(d->parts[0].bound_us == 900 + 15 * (300 - 101) + 6);	/* of that instant, long before the sample */
	offset.offset_us = 999999;
	f.bytes = 99;
	assert_true(take_saved(d, &f, "{\"a\":2}", &offset, 400 * S));
	assert_int_equal(d->part_count, 1);
	assert_int_equal(d->parts[0].meta.bytes, 99);
	assert_string_equal(d->parts[0].meta_json, "{\"a\":2}");
	assert_true(d->parts[0].offset_us == 350123);	/* the estimate nearest to the recording is kept */
	assert_int_equal(d->history_count, 3);
	take_fini(&t);
}

/* A camera that counts anew after its restart gives the same name to other bytes: what is proven stays what it is. */
static void
same_id_for_other_bytes_after_the_proof_is_another_part(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);
	struct node_file other = file("rec-1", 1, 201 * S);

	(void)state;
	d->stop_asked = true;
	assert_true(save(d, "rec-1", 1, 101 * S));
	take_part_go(d, 1, TAKE_FETCHING, NULL, 130 * S);
	take_part_go(d, 1, TAKE_FETCHED, NULL, 131 * S);
	take_part_go(d, 1, TAKE_VERIFIED, NULL, 132 * S);
	memset(other.sha256, 'b', 64);
	other.bytes = 99;
	assert_true(take_saved(d, &other, "{\"b\":2}", NULL, 300 * S));
	assert_int_equal(d->part_count, 2);
	assert_int_equal(d->parts[0].meta.bytes, 1234);
	assert_int_equal(d->parts[0].meta.sha256[0], 'a');
	assert_int_equal(d->parts[0].state, TAKE_VERIFIED);
	assert_int_equal(d->parts[1].state, TAKE_SAVED);
	assert_int_equal(d->parts[1].meta.bytes, 99);
	assert_false(take_saved(d, &other, "{\"b\":2}", NULL, 301 * S));	/* told again: known */
	other = file("rec-1", 1, 101 * S);
	take_saved(d, &other, NULL, NULL, 302 * S);		/* and the first of them too */
	assert_int_equal(d->part_count, 2);
	assert_int_equal(d->parts[1].meta.bytes, 99);
	other.sha256[0] = '\0';					/* as a list that is made anew says it: no hash yet */
	other.bytes = 1;
	take_saved(d, &other, "{\"c\":3}", NULL, 303 * S);
	assert_int_equal(d->part_count, 2);
	assert_int_equal(d->parts[0].meta.sha256[0], 'a');
	assert_int_equal(d->parts[0].meta.bytes, 1234);
	take_fini(&t);
}

static void
part_numbers_are_unique_whatever_the_node_says(void **state)
{
	static const int said[] = { 1, 1, 0, 7, -3, INT_MAX, 2 }, want[] = { 1, 2, 3, 7, 8, 9, 10 };
	struct take t;
	struct take_device *d = ask_one(&t);
	char id[16];

	(void)state;
	for (int i = 0; i < 7; i++) {
		snprintf(id, sizeof(id), "rec-%d", i);
		save(d, id, said[i], 101 * S + i);
		assert_int_equal(d->parts[i].part, want[i]);
	}
	take_fini(&t);
}

static void
file_still_being_written_is_no_file(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);
	struct node_file f = file("rec-1", 1, 101 * S);

	(void)state;
	hear(d, NODE_REC_RECORDING, 101 * S, "");
	f.complete = false;
	f.sha256[0] = '\0';
	f.end_us = f.duration_ms = 0;
	assert_false(take_saved(d, &f, NULL, NULL, 110 * S));
	assert_int_equal(d->state, TAKE_RECORDING);
	assert_int_equal(d->part_count, 0);
	take_fini(&t);
}

static void
recording_cut_short_is_a_failure_although_stop_was_asked(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);
	struct node_file f = file("rec-1", 1, 101 * S);

	(void)state;
	hear(d, NODE_REC_RECORDING, 101 * S, "");
	d->stop_asked = true;				/* but the camera had died before it heard that */
	f.complete = false;
	str_copy(f.error, sizeof(f.error), "crash");
	assert_true(take_saved(d, &f, NULL, NULL, 300 * S));
	assert_int_equal(d->state, TAKE_FAILED);
	assert_string_equal(d->reason, "stopped by itself: crash");
	assert_string_equal(d->parts[0].reason, "crash");
	assert_counts(&t, "asked 1 recording 0 recorded 1 saved 1 failed 1 fetched 0 verified 0");
	take_fini(&t);

	d = ask_one(&t);
	hear(d, NODE_REC_RECORDING, 101 * S, "");
	take_go(d, TAKE_STOPPING, NULL, 150 * S);	/* planned half a second ahead: the heat was quicker */
	f.complete = true;
	str_copy(f.error, sizeof(f.error), "heat");
	assert_true(take_saved(d, &f, NULL, NULL, 151 * S));
	assert_int_equal(d->state, TAKE_FAILED);
	assert_string_equal(d->reason, "stopped by itself: heat");
	take_fini(&t);
}

static const struct { enum take_state from, to; bool allowed; } steps[] = {
	{ TAKE_ASKED, TAKE_ASKED, false }, { TAKE_ASKED, TAKE_STARTING, true }, { TAKE_ASKED, TAKE_RECORDING, true },
	{ TAKE_ASKED, TAKE_STOPPING, true }, { TAKE_ASKED, TAKE_FETCHING, false }, { TAKE_ASKED, TAKE_VERIFIED, false },
	{ TAKE_STARTING, TAKE_ASKED, false }, { TAKE_STARTING, TAKE_FAILED, true },
	{ TAKE_RECORDING, TAKE_STARTING, false }, { TAKE_RECORDING, TAKE_SAVED, true }, { TAKE_RECORDING, TAKE_FETCHED, false },
	{ TAKE_STOPPING, TAKE_RECORDING, true },	/* the stop was refused: it rolls on */
	{ TAKE_STOPPING, TAKE_STARTING, false },
	{ TAKE_SAVED, TAKE_STOPPING, false }, { TAKE_SAVED, TAKE_FETCHING, true }, { TAKE_SAVED, TAKE_FETCHED, false },
	{ TAKE_SAVED, TAKE_VERIFIED, false }, { TAKE_SAVED, TAKE_ASKED, true },
	{ TAKE_FETCHING, TAKE_FETCHED, false },		/* without parts nothing is fetched */
	{ TAKE_FETCHED, TAKE_VERIFIED, false },
	{ TAKE_VERIFIED, TAKE_FAILED, false }, { TAKE_VERIFIED, TAKE_STOPPING, false },
	{ TAKE_FAILED, TAKE_FAILED, false }, { TAKE_FAILED, TAKE_SAVED, false }, { TAKE_FAILED, TAKE_ASKED, true },
	{ TAKE_FAILED, TAKE_RECORDING, true }, { TAKE_FAILED, TAKE_VERIFIED, false }, { TAKE_FAILED, TAKE_STATES, false },
};

static void
only_allowed_steps_are_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct take t;
		struct take_device *d = ask_one(&t);

		d->state = steps[i].from;
		if (take_go(d, steps[i].to, NULL, 101 * S) != steps[i].allowed)
			fail_msg("%s -> %s", take_state_name(steps[i].from), take_state_name(steps[i].to));
		assert_int_equal(d->state, steps[i].allowed ? steps[i].to : steps[i].from);
		assert_int_equal(d->history_count, steps[i].allowed ? 2 : 1);
		if (d->state == TAKE_FAILED && steps[i].allowed)
			assert_string_equal(d->reason, "no reason was given");
		take_fini(&t);
	}
}

static void
parts_take_the_device_home(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	d->stop_asked = true;
	save(d, "rec-1", 1, 101 * S);
	save(d, "rec-2", 2, 140 * S);
	assert_false(take_part_go(d, 3, TAKE_FETCHING, NULL, 200 * S));
	assert_false(take_part_go(d, 1, TAKE_VERIFIED, NULL, 200 * S));
	assert_true(take_part_go(d, 1, TAKE_FETCHING, NULL, 200 * S));
	assert_int_equal(d->state, TAKE_FETCHING);
	assert_true(take_part_go(d, 1, TAKE_FETCHED, NULL, 201 * S));
	assert_true(take_part_go(d, 1, TAKE_VERIFIED, NULL, 202 * S));
	assert_int_equal(d->state, TAKE_FETCHING);	/* one of two files is missing */
	assert_false(take_go(d, TAKE_VERIFIED, NULL, 203 * S));
	assert_false(take_go(d, TAKE_FETCHED, NULL, 203 * S));
	assert_counts(&t, "asked 1 recording 0 recorded 1 saved 1 failed 0 fetched 0 verified 0");
	take_part_go(d, 2, TAKE_FETCHING, NULL, 204 * S);
	assert_true(take_part_go(d, 2, TAKE_FAILED, "SHA-256 differs from the node's", 205 * S));
	assert_int_equal(d->state, TAKE_FAILED);
	assert_string_equal(d->reason, "SHA-256 differs from the node's");
	assert_string_equal(d->parts[1].reason, "SHA-256 differs from the node's");
	assert_counts(&t, "asked 1 recording 0 recorded 1 saved 1 failed 1 fetched 0 verified 0");
	take_fini(&t);
}

static void
late_camera_is_added_once(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);

	(void)state;
	take_go(d, TAKE_FAILED, "no answer", 101 * S);
	assert_ptr_equal(take_ask(&t, "node-a", 9, "other", 102 * S), d);
	assert_int_equal(d->state, TAKE_FAILED);
	assert_int_equal(d->number, 1);
	assert_true(take_is_over(&t));
	take_ask(&t, "node-b", 2, NULL, 103 * S);
	assert_int_equal(t.device_count, 2);
	assert_string_equal(take_device(&t, "node-b")->label, "");
	assert_true(take_device(&t, "node-b")->history[0].time_us == 103 * S);
	assert_null(take_device(&t, "node-c"));
	assert_true(take_is_rolling(&t));
	assert_counts(&t, "asked 2 recording 0 recorded 0 saved 0 failed 1 fetched 0 verified 0");
	take_fini(&t);
}

static void
files_that_have_no_place_are_never_called_home(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);
	char id[32];

	(void)state;
	d->stop_asked = true;
	for (int i = 1; i <= 64; i++) {
		snprintf(id, sizeof(id), "rec-%d", i);
		assert_true(save(d, id, i, (100 + 10 * i) * S));
	}
	for (int i = 1; i <= 63; i++) {
		take_part_go(d, i, TAKE_FETCHING, NULL, 900 * S);
		take_part_go(d, i, TAKE_FETCHED, NULL, 900 * S);
		take_part_go(d, i, TAKE_VERIFIED, NULL, 900 * S);
	}
	assert_true(save(d, "rec-65", 65, 1000 * S));
	assert_false(save(d, "rec-66", 66, 1100 * S));
	assert_int_equal(d->part_count, 64);
	take_part_go(d, 64, TAKE_FETCHING, NULL, 901 * S);
	take_part_go(d, 64, TAKE_FETCHED, NULL, 901 * S);
	take_part_go(d, 64, TAKE_VERIFIED, NULL, 901 * S);
	assert_int_equal(d->state, TAKE_FAILED);
	assert_non_null(strstr(d->reason, "more than 64 files"));
	assert_counts(&t, "asked 1 recording 0 recorded 1 saved 1 failed 1 fetched 1 verified 1");
	take_fini(&t);
}

static void
flapping_node_does_not_fill_the_disk(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);
	char id[32];

	(void)state;
	for (int i = 1; i < 5000; i++) {
		hear(d, NODE_REC_RECORDING, (100 + 10 * i) * S, "");
		hear(d, NODE_REC_IDLE, (105 + 10 * i) * S, "heat");
		snprintf(id, sizeof(id), "rec-%d", i);
		save(d, id, i, (100 + 10 * i) * S);
	}
	assert_in_range(d->history_count, 100, 1000);
	assert_in_range(d->part_count, 10, 1000);
	assert_int_equal(d->history[0].state, TAKE_ASKED);
	assert_int_equal(d->history[d->history_count - 1].state, TAKE_FAILED);
	assert_int_equal(d->history[d->history_count - 2].state, TAKE_RECORDING);
	assert_counts(&t, "asked 1 recording 0 recorded 1 saved 1 failed 1 fetched 0 verified 0");
	take_fini(&t);
}

/* Whatever words come in whatever order: the cumulative counts never shrink, the state is never out of range. */
static void
counts_only_grow(void **state)
{
	struct take t;
	struct take_device *d = ask_one(&t);
	struct take_counts last, now;
	uint32_t random = 12345;
	char id[16];

	(void)state;
	take_counts(&t, &last);
	for (int i = 0; i < 20000; i++) {
		random = random * 1664525u + 1013904223u;
		switch (random >> 29) {
		case 0: take_go(d, (enum take_state)((random >> 20) % TAKE_STATES), "why", i); break;
		case 1: snprintf(id, sizeof(id), "rec-%u", (random >> 20) % 5); save(d, id, 0, (random >> 10) % 200 * S); break;
		case 2: take_part_go(d, 1 + (int)((random >> 20) % 3), (enum take_state)((random >> 12) % TAKE_STATES), "why", i); break;
		default: hear(d, (enum node_rec)((random >> 20) % 7), (random >> 10) % 200 * S, random & 1024 ? "heat" : ""); break;
		}
		take_counts(&t, &now);
		assert_true(now.recorded >= last.recorded && now.saved >= last.saved && now.failed >= last.failed &&
		    now.fetched >= last.fetched && now.verified >= last.verified && now.asked == 1);
		assert_true(d->state == TAKE_FAILED || d->reason[0] == '\0');
		assert_true(d->state != TAKE_FAILED || d->reason[0] != '\0');
		assert_in_range(d->state, TAKE_ASKED, TAKE_FAILED);
		last = now;
	}
	take_fini(&t);
}

static void
words_of_the_file_go_both_ways(void **state)
{
	enum take_state got;

	(void)state;
	for (enum take_state s = TAKE_ASKED; s < TAKE_STATES; s++) {
		assert_true(take_state_parse(take_state_name(s), &got));
		assert_int_equal(got, s);
	}
	assert_string_equal(take_state_name(TAKE_FETCHING), "fetching");
	assert_false(take_state_parse("done", &got));
	assert_string_equal(take_policy_name(TAKE_WILLING), "willing");
	assert_string_equal(take_policy_name(TAKE_MUST), "must");
	assert_string_equal(take_policy_name(TAKE_ALL), "all");
}

static void
a_take_spans_from_the_press_to_its_last_stop(void **state)
{
	int64_t from_us = 1, to_us = 1;
	struct take t;

	(void)state;
	take_init(&t, "001", "", 1, "s", TAKE_WILLING, 100);
	assert_false(take_span(&t, &from_us, &to_us));
	take_ask(&t, "a", 1, "", 100);
	take_ask(&t, "b", 2, "", 150);
	assert_true(take_span(&t, &from_us, &to_us));
	assert_int_equal(from_us, 100);
	assert_int_equal(to_us, 0);
	for (int s = TAKE_STARTING; s <= TAKE_STOPPING; s++) {
		assert_true(take_go(take_device(&t, "a"), (enum take_state)s, NULL, 100 * s));
		assert_true(take_span(&t, &from_us, &to_us));
		assert_int_equal(to_us, 0);		/* b has not stopped */
	}
	assert_true(take_go(take_device(&t, "b"), TAKE_FAILED, "refused", 900));
	assert_true(take_span(&t, &from_us, &to_us));
	assert_int_equal(to_us, 100 * TAKE_STOPPING);	/* b never recorded: its failure is no end */
	assert_true(take_go(take_device(&t, "a"), TAKE_SAVED, NULL, 5000));
	assert_true(take_span(&t, &from_us, &to_us));
	assert_int_equal(to_us, 100 * TAKE_STOPPING);
	take_fini(&t);
	take_init(&t, "002", "", 1, "s", TAKE_WILLING, 100);
	assert_true(take_go(take_ask(&t, "a", 1, "", 100), TAKE_FAILED, "refused", 200));
	assert_false(take_span(&t, &from_us, &to_us));
	take_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_take_spans_from_the_press_to_its_last_stop),
		cmocka_unit_test(good_take_goes_from_asked_to_saved),
		cmocka_unit_test(words_on_another_take_do_nothing),
		cmocka_unit_test(node_that_names_the_take_but_no_sphere_is_believed),
		cmocka_unit_test(node_that_names_nothing_is_believed_while_ours_is_on),
		cmocka_unit_test(unasked_stop_is_a_failure_even_if_the_file_is_fine),
		cmocka_unit_test(length_of_what_ended_by_itself_is_its_file_s_or_its_last_word_s),
		cmocka_unit_test(recording_offered_again_under_another_id_is_one_part),
		cmocka_unit_test(camera_that_never_began_did_not_roll),
		cmocka_unit_test(heat_stopped_camera_counts_as_failed_and_as_verified),
		cmocka_unit_test(camera_that_records_another_take_has_stopped_ours),
		cmocka_unit_test(word_overtaken_on_its_way_is_no_stop),
		cmocka_unit_test(refused_start_is_a_failure_with_its_reason),
		cmocka_unit_test(silent_camera_found_recording_is_recording),
		cmocka_unit_test(start_that_the_node_itself_gave_up_is_told),
		cmocka_unit_test(stop_whose_file_is_lost_fails),
		cmocka_unit_test(camera_that_began_and_ended_unseen_is_not_forgotten),
		cmocka_unit_test(stop_before_the_start_was_seen_still_counts_as_asked),
		cmocka_unit_test(battery_swap_makes_a_second_part),
		cmocka_unit_test(file_of_an_earlier_part_told_late_does_not_stop_the_present_one),
		cmocka_unit_test(file_of_an_earlier_part_told_late_does_not_end_the_one_just_asked_for),
		cmocka_unit_test(part_is_placed_with_the_drift), cmocka_unit_test(same_recording_is_one_part),
		cmocka_unit_test(same_id_for_other_bytes_after_the_proof_is_another_part),
		cmocka_unit_test(part_numbers_are_unique_whatever_the_node_says),
		cmocka_unit_test(file_still_being_written_is_no_file),
		cmocka_unit_test(recording_cut_short_is_a_failure_although_stop_was_asked),
		cmocka_unit_test(only_allowed_steps_are_taken),
		cmocka_unit_test(parts_take_the_device_home),
		cmocka_unit_test(late_camera_is_added_once),
		cmocka_unit_test(files_that_have_no_place_are_never_called_home),
		cmocka_unit_test(flapping_node_does_not_fill_the_disk),
		cmocka_unit_test(counts_only_grow),
		cmocka_unit_test(words_of_the_file_go_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
