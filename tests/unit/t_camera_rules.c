/*
 * t_camera_rules.c - the node's small rules: tally, schedule, claim, byte ranges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/str.h"
#include "camera/claim.h"
#include "camera/claim_file.h"
#include "camera/range.h"
#include "camera/schedule.h"
#include "camera/tally.h"
#include "support/loop_fake.h"
#include "support/scratch.h"

#define SECOND 1000000LL

/* ---- tally ---- */

static void
count(void *arg)
{
	++*(int *)arg;
}

static struct node_request
tally_request(enum node_tally state, int64_t lease_ms, int64_t order)
{
	struct node_request rq = { .verb = NODE_TALLY, .tally = state, .lease_ms = lease_ms, .has_order = order > 0, .order = order };

	return rq;
}

static bool
light(struct tally *t, const char *sender, struct node_request rq)
{
	return tally_hear(t, &rq, sender) && tally_apply(t, &rq);
}

static void
light_goes_out_when_its_lease_ends(void **state)
{
	struct loop *loop = loop_fake_new();
	int lapsed = 0;
	struct tally *t = tally_new(loop, count, &lapsed);

	(void)state;
	assert_true(light(t, "a", tally_request(NODE_TALLY_PROGRAM, 5000, 0)));
	assert_false(light(t, "a", tally_request(NODE_TALLY_PROGRAM, 5000, 0)));
	loop_fake_advance(loop, 5 * SECOND - 1);
	assert_int_equal(tally_state(t), NODE_TALLY_PROGRAM);
	loop_fake_advance(loop, 1);
	assert_int_equal(tally_state(t), NODE_TALLY_OFF);
	assert_int_equal(lapsed, 1);
	tally_free(t);
	assert_int_equal(loop_fake_alive(loop), 0);
	loop_free(loop);
}

static void
light_without_a_lease_stays(void **state)
{
	struct loop *loop = loop_fake_new();
	int lapsed = 0;
	struct tally *t = tally_new(loop, count, &lapsed);

	(void)state;
	light(t, "a", tally_request(NODE_TALLY_PREVIEW, 1000, 0));
	light(t, "a", tally_request(NODE_TALLY_PROGRAM, 0, 0));
	loop_fake_advance(loop, 3600 * SECOND);
	assert_int_equal(tally_state(t), NODE_TALLY_PROGRAM);
	assert_int_equal(lapsed, 0);
	tally_free(t);
	loop_free(loop);
}

static void
any_tally_heard_prolongs_the_lease(void **state)
{
	struct loop *loop = loop_fake_new();
	int lapsed = 0;
	struct tally *t = tally_new(loop, count, &lapsed);
	struct node_request renew = { .verb = NODE_TALLY, .renew = true, .lease_ms = 5000 };
	struct node_request identify = { .verb = NODE_TALLY, .identify = true };

	(void)state;
	light(t, "a", tally_request(NODE_TALLY_PROGRAM, 5000, 0));
	loop_fake_advance(loop, 4 * SECOND);
	assert_false(light(t, "a", renew));
	loop_fake_advance(loop, 4 * SECOND);
	assert_false(light(t, "a", identify));
	assert_true(tally_is_identifying(t, loop_now_us(loop) + 2999999));
	assert_false(tally_is_identifying(t, loop_now_us(loop) + 3000000));
	loop_fake_advance(loop, 4 * SECOND);
	assert_int_equal(tally_state(t), NODE_TALLY_PROGRAM);
	loop_fake_advance(loop, SECOND);
	assert_int_equal(tally_state(t), NODE_TALLY_OFF);
	tally_free(t);
	loop_free(loop);
}

static void
older_order_of_one_sender_counts_for_nothing(void **state)
{
	struct loop *loop = loop_fake_new();
	int lapsed = 0;
	struct tally *t = tally_new(loop, count, &lapsed);

	(void)state;
	assert_true(light(t, "a", tally_request(NODE_TALLY_PROGRAM, 0, 17)));
	assert_false(light(t, "a", tally_request(NODE_TALLY_OFF, 0, 16)));
	assert_int_equal(tally_state(t), NODE_TALLY_PROGRAM);
	assert_true(light(t, "b", tally_request(NODE_TALLY_PREVIEW, 0, 3)));
	assert_true(light(t, "a", tally_request(NODE_TALLY_OFF, 0, 18)));
	loop_fake_advance(loop, 11 * SECOND);	/* restarted meanwhile: it counts from 1 again */
	assert_true(light(t, "a", tally_request(NODE_TALLY_PROGRAM, 0, 1)));
	tally_free(t);
	loop_free(loop);
}

/* ---- schedule ---- */

struct diary {
	struct loop *loop;
	char due[256], superseded[256];
	int64_t due_us;
};

static void
diary_due(void *arg, const struct node_request *rq)
{
	struct diary *d = arg;

	strcat(d->due, rq->command_id);
	d->due_us = loop_now_us(d->loop);
}

static void
diary_superseded(void *arg, const char *command_id)
{
	strcat(((struct diary *)arg)->superseded, command_id);
}

static const struct schedule_fns diary_fns = { diary_due, diary_superseded };

static struct node_request
at(enum node_verb verb, const char *id, int64_t at_us)
{
	struct node_request rq = { .verb = verb, .at_us = at_us };

	str_copy(rq.command_id, sizeof rq.command_id, id);
	return rq;
}

#define SCHEDULE(d, s, clk) \
	struct diary d = { .loop = loop_fake_new() }; \
	struct clk machine = loop_fake_clk(d.loop); \
	struct nodeclk clk; \
	struct schedule *s; \
	nodeclk_init(&clk, &machine, 350000, 100); \
	s = schedule_new(d.loop, &clk, &diary_fns, &d)

static void
command_acts_at_its_time_of_the_nodes_clock(void **state)
{
	struct node_request rq;
	SCHEDULE(d, s, clk);

	(void)state;
	rq = at(NODE_ZOOM, "a", nodeclk_now_us(&clk) + 2 * SECOND);
	assert_int_equal(schedule_put(s, &rq), SCHEDULE_LATER);
	assert_non_null(schedule_pending(s, NODE_ZOOM));
	loop_fake_advance(d.loop, 3 * SECOND);
	assert_string_equal(d.due, "a");
	assert_in_range(nodeclk_at_us(&clk, d.due_us), rq.at_us - 1, rq.at_us + 1);
	assert_null(schedule_pending(s, NODE_ZOOM));
	schedule_free(s);
	assert_int_equal(loop_fake_alive(d.loop), 0);
	loop_free(d.loop);
}

/* The node's clock is past it, the loop has not turned: as on a machine that has other things to do. */
static void
what_is_due_is_done_before_something_newer_replaces_it(void **state)
{
	struct node_request zoom, flip, later;
	SCHEDULE(d, s, clk);

	(void)state;
	zoom = at(NODE_ZOOM, "a", nodeclk_now_us(&clk) + 2 * SECOND);
	flip = at(NODE_FLIP, "f", nodeclk_now_us(&clk) + 1 * SECOND);
	later = at(NODE_ZOOM, "b", nodeclk_now_us(&clk) + 4 * SECOND);
	assert_int_equal(schedule_put(s, &zoom), SCHEDULE_LATER);
	assert_int_equal(schedule_put(s, &flip), SCHEDULE_LATER);
	schedule_catch_up(s);
	assert_string_equal(d.due, "");
	nodeclk_init(&clk, &machine, 350000 + 3 * SECOND, 100);
	schedule_catch_up(s);
	assert_string_equal(d.due, "fa");		/* in their order */
	assert_null(schedule_pending(s, NODE_FLIP));
	assert_int_equal(schedule_put(s, &later), SCHEDULE_LATER);
	assert_string_equal(d.superseded, "");
	assert_non_null(schedule_pending(s, NODE_ZOOM));
	schedule_free(s);
	assert_int_equal(loop_fake_alive(d.loop), 0);
	loop_free(d.loop);
}

/* So that the camera is ready for the frame of that instant; what cannot be used yet comes again, at the instant itself. */
static void
start_is_handed_over_a_little_before_its_time(void **state)
{
	struct node_request rq;
	SCHEDULE(d, s, clk);

	(void)state;
	rq = at(NODE_RECORD_START, "a", nodeclk_now_us(&clk) + 2 * SECOND);
	assert_int_equal(schedule_put(s, &rq), SCHEDULE_LATER);
	loop_fake_advance(d.loop, 2 * SECOND - SCHEDULE_EARLY_US);
	assert_string_equal(d.due, "a");
	assert_in_range(nodeclk_at_us(&clk, d.due_us), rq.at_us - SCHEDULE_EARLY_US - 10, rq.at_us - SCHEDULE_EARLY_US + 10);
	schedule_put_back(s, &rq);
	assert_non_null(schedule_pending(s, NODE_RECORD_START));
	loop_fake_advance(d.loop, SCHEDULE_EARLY_US / 2);
	assert_string_equal(d.due, "a");
	loop_fake_advance(d.loop, SCHEDULE_EARLY_US);
	assert_string_equal(d.due, "aa");
	assert_in_range(nodeclk_at_us(&clk, d.due_us), rq.at_us - 1, rq.at_us + 1);
	rq = at(NODE_RECORD_START, "b", nodeclk_now_us(&clk) + SCHEDULE_EARLY_US / 2);
	assert_int_equal(schedule_put(s, &rq), SCHEDULE_LATER);
	loop_fake_advance(d.loop, 0);
	assert_string_equal(d.due, "aab");
	schedule_free(s);
	assert_int_equal(loop_fake_alive(d.loop), 0);
	loop_free(d.loop);
}

static void
one_command_is_pending_for_each_endpoint(void **state)
{
	struct node_request a, b, flip, now;
	SCHEDULE(d, s, clk);

	(void)state;
	a = at(NODE_ZOOM, "a", nodeclk_now_us(&clk) + 2 * SECOND);
	b = at(NODE_ZOOM, "b", nodeclk_now_us(&clk) + 3 * SECOND);
	flip = at(NODE_FLIP, "f", nodeclk_now_us(&clk) + 1 * SECOND);
	now = at(NODE_ZOOM, "n", 0);
	schedule_put(s, &a);
	schedule_put(s, &flip);
	schedule_put(s, &b);
	assert_string_equal(d.superseded, "a");
	loop_fake_advance(d.loop, 2 * SECOND);
	assert_string_equal(d.due, "f");
	assert_int_equal(schedule_put(s, &now), SCHEDULE_NOW);
	assert_string_equal(d.superseded, "ab");
	loop_fake_advance(d.loop, 2 * SECOND);
	assert_string_equal(d.due, "f");
	schedule_free(s);
	loop_free(d.loop);
}

static void
times_too_far_or_past_are_told_apart(void **state)
{
	struct node_request rq;
	SCHEDULE(d, s, clk);
	static const struct { int64_t ahead_us; enum schedule_when when; } cases[] = {
		{ 10 * SECOND, SCHEDULE_LATER }, { 10 * SECOND + 1, SCHEDULE_TOO_FAR }, { 1, SCHEDULE_LATER }, { 0, SCHEDULE_NOW },
		{ -50000, SCHEDULE_NOW }, { -50001, SCHEDULE_LATE }, { -3600 * SECOND, SCHEDULE_LATE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		rq = at(NODE_ZOOM, "x", nodeclk_now_us(&clk) + cases[i].ahead_us);
		assert_int_equal(schedule_judge(s, &rq), cases[i].when);
	}
	rq = at(NODE_ZOOM, "kept", nodeclk_now_us(&clk) + SECOND);
	schedule_put(s, &rq);
	rq = at(NODE_ZOOM, "far", nodeclk_now_us(&clk) + 20 * SECOND);
	assert_int_equal(schedule_put(s, &rq), SCHEDULE_TOO_FAR);
	assert_string_equal(d.superseded, "");
	schedule_free(s);
	loop_free(d.loop);
}

/* ---- claim ---- */

#define TOKEN_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define TOKEN_B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"

static struct node_request
claim_request(const char *sphere, const char *token, const char *pin)
{
	struct node_request rq = { .verb = NODE_CLAIM };

	str_copy(rq.sphere, sizeof rq.sphere, sphere);
	str_copy(rq.token, sizeof rq.token, token);
	str_copy(rq.pin, sizeof rq.pin, pin);
	str_copy(rq.text, sizeof rq.text, "Show");
	return rq;
}

static enum claim_result
ask(struct claim *c, const char *sphere, const char *token, const char *pin, int64_t now_us)
{
	struct node_request rq = claim_request(sphere, token, pin);

	return claim_ask(c, &rq, now_us);
}

static void
claim_is_held_by_one_sphere_and_its_token(void **state)
{
	struct claim c;

	(void)state;
	claim_init(&c, "");
	assert_false(claim_hear(&c, TOKEN_A, 0));
	assert_int_equal(ask(&c, "s", "short", "", 0), CLAIM_BAD_TOKEN);
	assert_int_equal(ask(&c, "s", TOKEN_A "!", "", 0), CLAIM_BAD_TOKEN);
	assert_int_equal(ask(&c, "s", TOKEN_A, "", 0), CLAIM_OK);
	assert_true(claim_hear(&c, TOKEN_A, 0));
	assert_false(claim_hear(&c, TOKEN_B, 0));
	assert_false(claim_hear(&c, "", 0));
	assert_false(claim_hear(&c, NULL, 0));
	assert_int_equal(ask(&c, "other", TOKEN_B, "", 0), CLAIM_TAKEN);
	assert_int_equal(ask(&c, "other", TOKEN_A, "", 0), CLAIM_TAKEN);
	assert_int_equal(ask(&c, "s", TOKEN_B, "", 0), CLAIM_TOKEN_REQUIRED);
	assert_int_equal(ask(&c, "s", TOKEN_A, "", 0), CLAIM_OK);
	claim_release(&c);
	assert_false(claim_hear(&c, TOKEN_A, 0));
	assert_int_equal(ask(&c, "other", TOKEN_B, "", 0), CLAIM_OK);
}

static void
silent_holder_loses_the_claim_but_never_while_recording(void **state)
{
	struct claim c;

	(void)state;
	claim_init(&c, "");
	ask(&c, "s", TOKEN_A, "", 0);
	assert_true(claim_hear(&c, TOKEN_A, 300 * SECOND));
	assert_false(claim_expire(&c, 900 * SECOND - 1, false));
	assert_false(claim_expire(&c, 900 * SECOND, true));
	assert_true(claim_expire(&c, 900 * SECOND, false));
	assert_false(c.held.held);
	assert_false(claim_expire(&c, 900 * SECOND, false));
}

static void
five_wrong_pins_in_a_minute_lock_it(void **state)
{
	struct claim c;

	(void)state;
	claim_init(&c, "123456");
	for (int i = 0; i < 20; i++)		/* to ask without a pin is no guess */
		assert_int_equal(ask(&c, "s", TOKEN_A, "", 0), CLAIM_PIN_REQUIRED);
	for (int i = 0; i < 5; i++)
		assert_int_equal(ask(&c, "s", TOKEN_A, "000000", i * SECOND), CLAIM_PIN_REQUIRED);
	assert_int_equal(ask(&c, "s", TOKEN_A, "123456", 5 * SECOND), CLAIM_PIN_LOCKED);
	assert_int_equal(claim_retry_s(&c, 5 * SECOND), 56);
	assert_int_equal(ask(&c, "s", TOKEN_A, "123456", 60 * SECOND), CLAIM_OK);
	assert_int_equal(ask(&c, "s", TOKEN_A, "", 61 * SECOND), CLAIM_OK);	/* the holder needs none */
}

/* ---- a claim on disk ---- */

#define UTC_US LOOP_FAKE_UTC_US

struct kept {
	struct loop *loop;
	char *folder, *path;
	int told;
};

static int
kept_setup(void **state)
{
	struct kept *k = calloc(1, sizeof *k);

	k->loop = loop_fake_new();
	k->folder = scratch_new();
	k->path = strdup(scratch_path(k->folder, "claim"));
	*state = k;
	return 0;
}

static int
kept_teardown(void **state)
{
	struct kept *k = *state;

	assert_int_equal(loop_fake_alive(k->loop), 0);
	loop_free(k->loop);
	scratch_free(k->folder);
	free(k->path);
	free(k);
	return 0;
}

static void
keep(struct kept *k, struct claim_file *f, const struct claim *c)
{
	const int told = k->told;

	claim_file_keep(f, c, count, &k->told);
	assert_int_equal(k->told, told);
	assert_true(claim_file_is_busy(f));
	for (int i = 0; i < 5; i++)
		loop_fake_turn(k->loop);
	assert_int_equal(k->told, told + 1);
	assert_false(claim_file_is_busy(f));
}

/* The holder was heard so long ago. */
static void
age_file(const struct kept *k, int64_t us)
{
	const int64_t at_us = UTC_US - us;
	const struct timespec times[2] = { { at_us / SECOND, at_us % SECOND * 1000 }, { at_us / SECOND, at_us % SECOND * 1000 } };

	assert_int_equal(utimensat(AT_FDCWD, k->path, times, 0), 0);
}

static void
kept_claim_is_held_after_a_restart(void **state)
{
	struct kept *k = *state;
	struct claim c, d;
	struct claim_file *f;
	struct stat st;

	claim_init(&c, "1234");
	f = claim_file_open(k->loop, k->folder, &c, UTC_US);
	assert_false(c.held.held);
	assert_int_equal(ask(&c, "s", TOKEN_A, "1234", 0), CLAIM_OK);
	str_copy(c.held.director, sizeof c.held.director, "anna@studio");
	keep(k, f, &c);
	assert_int_equal(stat(k->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	claim_file_free(f);
	claim_init(&d, "1234");
	f = claim_file_open(k->loop, k->folder, &d, UTC_US);
	assert_true(d.held.held);
	assert_string_equal(d.held.sphere, "s");
	assert_string_equal(d.held.name, "Show");
	assert_string_equal(d.held.director, "anna@studio");
	assert_int_equal(ask(&d, "other", TOKEN_B, "1234", 0), CLAIM_TAKEN);
	assert_true(claim_hear(&d, TOKEN_A, 0));
	claim_release(&d);
	keep(k, f, &d);
	assert_false(scratch_exists(k->path));
	claim_file_free(f);
}

static void
holder_keeps_the_rest_of_its_ten_minutes_over_a_restart(void **state)
{
	static const struct { int64_t away_us, left_us; } cases[] = {
		{ 0, 600 * SECOND }, { 590 * SECOND, 10 * SECOND }, { 599 * SECOND, SECOND }, { 3600 * SECOND, 0 },
		{ -3600 * SECOND, 600 * SECOND },		/* the clock was set back: a full turn, and no more */
	};
	struct kept *k = *state;
	struct claim c;
	struct claim_file *f;

	claim_init(&c, "");
	f = claim_file_open(k->loop, k->folder, &c, UTC_US);
	ask(&c, "s", TOKEN_A, "", 0);
	keep(k, f, &c);
	claim_file_free(f);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const int64_t now_us = loop_now_us(k->loop);

		age_file(k, cases[i].away_us);
		claim_init(&c, "");
		f = claim_file_open(k->loop, k->folder, &c, UTC_US);
		if (cases[i].left_us > 0)
			assert_false(claim_expire(&c, now_us + cases[i].left_us - 1, false));
		assert_false(claim_expire(&c, now_us + cases[i].left_us, true));
		assert_true(claim_expire(&c, now_us + cases[i].left_us, false));
		claim_file_free(f);
	}
}

static void
holders_word_is_noted_now_and_then(void **state)
{
	struct kept *k = *state;
	struct claim c;
	struct claim_file *f;
	struct stat st;

	claim_init(&c, "");
	f = claim_file_open(k->loop, k->folder, &c, UTC_US);
	ask(&c, "s", TOKEN_A, "", 100 * SECOND);
	keep(k, f, &c);
	age_file(k, 3600 * SECOND);
	claim_hear(&c, TOKEN_A, 109 * SECOND);
	claim_file_heard(f, &c);
	assert_int_equal(stat(k->path, &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, UTC_US / SECOND - 3600);
	claim_hear(&c, TOKEN_A, 110 * SECOND);
	claim_file_heard(f, &c);
	assert_int_equal(stat(k->path, &st), 0);
	assert_int_not_equal(st.st_mtim.tv_sec, UTC_US / SECOND - 3600);
	claim_release(&c);
	claim_file_heard(f, &c);
	claim_file_free(f);
}

static void
file_that_is_no_claim_holds_nobody(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "{\"sphere\":\"s\"}", "{\"sphere\":\"s\",\"token\":\"short\"}",
		"{\"sphere\":\"\",\"token\":\"" TOKEN_A "\"}", "{\"sphere\":7,\"token\":\"" TOKEN_A "\"}",
		"{\"sphere\":\"s\",\"token\":\"" TOKEN_A TOKEN_A "\"}" };
	struct kept *k = *state;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct claim c;
		struct claim_file *f;

		scratch_write(k->path, texts[i]);
		claim_init(&c, "");
		f = claim_file_open(k->loop, k->folder, &c, UTC_US);
		if (c.held.held)
			fail_msg("%s holds it", texts[i]);
		claim_file_free(f);
	}
}

static void
of_many_changes_the_last_is_kept_and_all_are_told(void **state)
{
	struct kept *k = *state;
	struct claim c;
	struct claim_file *f;
	char *text;

	claim_init(&c, "");
	f = claim_file_open(k->loop, k->folder, &c, UTC_US);
	ask(&c, "one", TOKEN_A, "", 0);
	claim_file_keep(f, &c, count, &k->told);
	claim_release(&c);
	claim_file_keep(f, &c, count, &k->told);
	ask(&c, "two", TOKEN_B, "", 0);
	claim_file_keep(f, &c, count, &k->told);
	for (int i = 0; i < 8; i++)
		loop_fake_turn(k->loop);
	assert_int_equal(k->told, 3);
	text = scratch_read(k->path);
	assert_non_null(strstr(text, "\"two\""));
	free(text);
	claim_file_free(f);
}

static void
disk_that_refuses_a_claim_holds_nobody_up(void **state)
{
	struct kept *k = *state;
	struct claim c;
	struct claim_file *f;

	claim_init(&c, "");
	f = claim_file_open(k->loop, k->folder, &c, UTC_US);
	assert_int_equal(mkdir(k->path, 0700), 0);
	ask(&c, "s", TOKEN_A, "", 0);
	keep(k, f, &c);
	assert_true(claim_hear(&c, TOKEN_A, 0));
	claim_file_free(f);
}

/* ---- ranges ---- */

static void
ranges_are_read_as_the_rfc_says(void **state)
{
	static const struct { const char *header; enum range_kind kind; uint64_t from, len; } cases[] = {
		{ NULL, RANGE_WHOLE, 0, 1000 }, { "bytes=0-0", RANGE_PART, 0, 1 }, { "bytes=0-999", RANGE_PART, 0, 1000 },
		{ "bytes=10-19", RANGE_PART, 10, 10 }, { "bytes=990-", RANGE_PART, 990, 10 }, { "bytes=-10", RANGE_PART, 990, 10 },
		{ "bytes=-1234", RANGE_PART, 0, 1000 }, { "bytes=999-5000", RANGE_PART, 999, 1 }, { "BYTES= 1-2 ", RANGE_PART, 1, 2 },
		{ "bytes=1000-", RANGE_NONE, 0, 0 }, { "bytes=-0", RANGE_NONE, 0, 0 },
		{ "bytes=99999999999999999999-", RANGE_NONE, 0, 0 }, { "bytes=0-99999999999999999999", RANGE_PART, 0, 1000 },
		{ "bytes=5-4", RANGE_WHOLE, 0, 1000 }, { "bytes=", RANGE_WHOLE, 0, 1000 }, { "bytes=-", RANGE_WHOLE, 0, 1000 },
		{ "bytes=1-2,4-5", RANGE_WHOLE, 0, 1000 }, { "bytes=1-2x", RANGE_WHOLE, 0, 1000 }, { "bytes=+1-2", RANGE_WHOLE, 0, 1000 },
		{ "lines=1-2", RANGE_WHOLE, 0, 1000 }, { "bytes=--5", RANGE_WHOLE, 0, 1000 },
	};
	struct range r;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		enum range_kind kind = range_read(&r, cases[i].header, 1000);

		if (kind != cases[i].kind || (kind != RANGE_NONE && (r.from != cases[i].from || r.len != cases[i].len)))
			fail_msg("%s: kind %d, %llu + %llu", cases[i].header, kind, (unsigned long long)r.from, (unsigned long long)r.len);
	}
	assert_int_equal(range_read(&r, "bytes=-5", 0), RANGE_NONE);
	assert_int_equal(range_read(&r, "bytes=0-", 0), RANGE_NONE);
}

static void
tags_decide_on_ranges_and_repeats(void **state)
{
	(void)state;
	assert_true(range_is_current(NULL, "\"a\""));
	assert_true(range_is_current("\"a\"", "\"a\""));
	assert_false(range_is_current("W/\"a\"", "\"a\""));
	assert_false(range_is_current("Wed, 21 Oct 2026 07:28:00 GMT", "\"a\""));
	assert_false(range_is_current("\"a\"", ""));
	assert_true(range_is_known("\"x\", W/\"a\"", "\"a\""));
	assert_true(range_is_known("*", "\"a\""));
	assert_false(range_is_known("\"b\"", "\"a\""));
	assert_false(range_is_known(NULL, "\"a\""));
	assert_false(range_is_known("*", ""));
}

#define KEPT(name) cmocka_unit_test_setup_teardown(name, kept_setup, kept_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(light_goes_out_when_its_lease_ends), cmocka_unit_test(light_without_a_lease_stays),
		cmocka_unit_test(any_tally_heard_prolongs_the_lease), cmocka_unit_test(older_order_of_one_sender_counts_for_nothing),
		cmocka_unit_test(command_acts_at_its_time_of_the_nodes_clock), cmocka_unit_test(what_is_due_is_done_before_something_newer_replaces_it),
		cmocka_unit_test(start_is_handed_over_a_little_before_its_time), cmocka_unit_test(one_command_is_pending_for_each_endpoint),
		cmocka_unit_test(times_too_far_or_past_are_told_apart), cmocka_unit_test(claim_is_held_by_one_sphere_and_its_token),
		cmocka_unit_test(silent_holder_loses_the_claim_but_never_while_recording),
		cmocka_unit_test(five_wrong_pins_in_a_minute_lock_it), KEPT(kept_claim_is_held_after_a_restart),
		KEPT(holder_keeps_the_rest_of_its_ten_minutes_over_a_restart), KEPT(holders_word_is_noted_now_and_then),
		KEPT(file_that_is_no_claim_holds_nobody), KEPT(of_many_changes_the_last_is_kept_and_all_are_told),
		KEPT(disk_that_refuses_a_claim_holds_nobody_up), cmocka_unit_test(ranges_are_read_as_the_rfc_says),
		cmocka_unit_test(tags_decide_on_ranges_and_repeats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
