/*
 * t_camera_senses.c - poses, gestures and levels, made up and from a file, with virtual time: what is said, when, how often.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "camera/senses.h"
#include "io/jdoc.h"
#include "io/wire.h"
#include "support/loop_fake.h"
#include "support/scratch.h"

#define SECOND 1000000

struct bench {
	struct loop *loop;
	char *folder;
	struct senses *senses;
	bool is_deaf;
	int poses, gestures, levels, numbered, people_most, people_least;
	int64_t pose_us[400];
	char last[4096];	/* data of the last event */
	char words[2048];	/* gestures' names, in turn */
	struct err e;
};

static int64_t
bench_now(void *arg)
{
	return LOOP_FAKE_UTC_US + loop_now_us(((struct bench *)arg)->loop) - LOOP_FAKE_MONO_US;
}

static bool
bench_is_heard(void *arg)
{
	return !((struct bench *)arg)->is_deaf;
}

static void
count_pose(struct bench *b, const struct jdoc *j)
{
	int people = (int)jdoc_count(jdoc_get(j, "people"));

	assert_true(b->poses < 400);
	b->pose_us[b->poses++] = jdoc_int(j, "timeUs", 0);
	b->people_most = people > b->people_most ? people : b->people_most;
	b->people_least = people < b->people_least ? people : b->people_least;
}

/* Each must be what a console takes. */
static void
bench_say(void *arg, const char *event, bool numbered, const char *json)
{
	struct bench *b = arg;
	struct jdoc *j = jdoc_parse(json, strlen(json), 65536, &b->e);
	struct node_event ev;

	assert_non_null(j);
	assert_true(wire_read_event(&ev, event, json, strlen(json), &b->e));
	wire_event_fini(&ev);
	b->numbered += numbered;
	snprintf(b->last, sizeof b->last, "%s", json);
	if (strcmp(event, "pose") == 0)
		count_pose(b, j);
	else if (strcmp(event, "gesture") == 0)
		snprintf(b->words + strlen(b->words), sizeof b->words - strlen(b->words), "%s ", jdoc_text(j, "name", "?"));
	b->gestures += strcmp(event, "gesture") == 0;
	b->levels += strcmp(event, "audio") == 0;
	jdoc_free(j);
}

static const struct senses_fns bench_fns = { bench_now, bench_is_heard, bench_say };

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	b->loop = loop_fake_new();
	b->folder = scratch_new();
	b->people_least = 99;
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	senses_free(b->senses);
	assert_int_equal(loop_fake_alive(b->loop), 0);
	loop_free(b->loop);
	scratch_free(b->folder);
	free(b);
	return 0;
}

static bool
open_text(struct bench *b, const char *text)
{
	char what[600];

	scratch_write(scratch_path(b->folder, "events.jsonl"), text);
	snprintf(what, sizeof what, "file:%s", scratch_path(b->folder, "events.jsonl"));
	senses_free(b->senses);
	b->senses = senses_open(b->loop, what, 1, 30, &bench_fns, b, &b->e);
	return b->senses != NULL;
}

static void
made_up_poses_come_thirty_times_a_second_unnumbered(void **state)
{
	struct bench *b = *state;

	b->senses = senses_open(b->loop, "generate", 3, 60, &bench_fns, b, &b->e);
	assert_true(senses_has_pose(b->senses));
	loop_fake_advance(b->loop, 10 * SECOND - 1);
	assert_in_range(b->poses, 299, 301);
	assert_in_range(b->levels, 99, 101);
	assert_int_equal(b->gestures, 1);
	assert_int_equal(b->numbered, b->gestures);
	assert_int_equal(b->people_most, 2);
	for (int i = 1; i < b->poses; i++)
		assert_true(b->pose_us[i] - b->pose_us[i - 1] >= SENSES_POSE_US);
}

static void
there_are_no_more_poses_than_frames(void **state)
{
	struct bench *b = *state;

	b->senses = senses_open(b->loop, "generate", 1, 10, &bench_fns, b, &b->e);
	loop_fake_advance(b->loop, 3 * SECOND - 1);
	assert_in_range(b->poses, 29, 31);
}

static void
now_and_then_nobody_is_there(void **state)
{
	struct bench *b = *state;

	b->senses = senses_open(b->loop, "generate", 1, 5, &bench_fns, b, &b->e);
	loop_fake_advance(b->loop, 31 * SECOND);
	assert_int_equal(b->people_least, 0);
	assert_int_equal(b->people_most, 1);
}

static void
the_level_last_told_is_the_state_of_it(void **state)
{
	struct bench *b = *state;
	struct node_audio a;

	assert_false(senses_audio(NULL, &a));
	assert_false(senses_has_pose(NULL));
	assert_true(open_text(b, "{\"atUs\":500000,\"event\":\"audio\",\"data\":{\"peakDbfs\":-3,\"rmsDbfs\":-20.5,\"clips\":7,\"muted\":true}}\n"));
	assert_true(senses_has_audio(b->senses));
	assert_false(senses_has_pose(b->senses));
	assert_false(senses_audio(b->senses, &a));
	loop_fake_advance(b->loop, SECOND / 2);
	assert_true(senses_audio(b->senses, &a));
	assert_true(a.peak_dbfs == -3 && a.rms_dbfs == -20.5 && a.clips == 7 && a.muted);
	assert_string_equal(b->last, "{\"peakDbfs\":-3,\"rmsDbfs\":-20.5,\"clips\":7,\"muted\":true}");
}

/* Nothing is put into words, but the level is known to who asks. */
static void
to_nobody_nothing_is_said(void **state)
{
	struct bench *b = *state;
	struct node_audio a;

	b->is_deaf = true;
	b->senses = senses_open(b->loop, "generate", 1, 30, &bench_fns, b, &b->e);
	loop_fake_advance(b->loop, 3 * SECOND);
	assert_int_equal(b->poses + b->gestures + b->levels, 0);
	assert_true(senses_audio(b->senses, &a));
	b->is_deaf = false;
	loop_fake_advance(b->loop, SECOND);
	assert_in_range(b->poses, 29, 31);
}

static void
a_file_is_played_at_its_times_and_round_again(void **state)
{
	struct bench *b = *state;

	assert_true(open_text(b,
	    "{\"atUs\":100000,\"event\":\"gesture\",\"data\":{\"name\":\"one\",\"confidence\":0.5}}\n\n"
	    "{\"atUs\":200000,\"event\":\"pose\",\"data\":{\"people\":[],\"motion\":0.25}}\r\n"
	    "{\"atUs\":1400000,\"event\":\"gesture\",\"data\":{\"name\":\"two\"}}"));
	loop_fake_advance(b->loop, 99999);
	assert_int_equal(b->gestures, 0);
	loop_fake_advance(b->loop, 1);
	assert_string_equal(b->words, "one ");
	loop_fake_advance(b->loop, 100000);
	assert_int_equal(b->pose_us[0], LOOP_FAKE_UTC_US + 200000);
	assert_non_null(strstr(b->last, ",\"people\":[],\"motion\":0.25}"));
	loop_fake_advance(b->loop, 4 * SECOND);		/* it lasts two seconds */
	assert_string_equal(b->words, "one two one two one ");
	assert_int_equal(b->pose_us[1] - b->pose_us[0], 2 * SECOND);
	assert_int_equal(b->numbered, 5);
}

static void
what_comes_too_close_together_is_left_out(void **state)
{
	struct bench *b = *state;
	char text[16384] = "";

	for (int i = 0; i < 100; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "{\"atUs\":%d,\"event\":\"%s\",\"data\":%s}\n", i * 10000,
		    i % 2 == 0 ? "pose" : "audio", i % 2 == 0 ? "{\"people\":[]}" : "{\"peakDbfs\":-9.5,\"rmsDbfs\":-20}");
	assert_true(open_text(b, text));
	loop_fake_advance(b->loop, SECOND - 1);
	assert_in_range(b->poses, 20, 30);
	assert_in_range(b->levels, 9, 10);
}

static void
a_wrong_line_is_refused_with_its_place(void **state)
{
	static const struct { const char *text, *why; } cases[] = {
		{ "", "has no event in it" },
		{ "{\"atUs\":0,\"event\":\"pose\",\"data\":{\"people\":[]}}\nnonsense\n", "events.jsonl:2: " },
		{ "{\"event\":\"pose\",\"data\":{\"people\":[]}}", ":1: expected \"atUs\"" },
		{ "{\"atUs\":-1,\"event\":\"pose\",\"data\":{\"people\":[]}}", ":1: expected \"atUs\"" },
		{ "{\"atUs\":0,\"event\":\"dance\",\"data\":{}}", ":1: expected \"event\": pose, gesture or audio" },
		{ "{\"atUs\":0,\"event\":\"pose\",\"data\":{}}", "a pose needs an array \"people\"" },
		{ "{\"atUs\":0,\"event\":\"pose\",\"data\":{\"people\":[],\"timeUs\":5}}", "has a timeUs" },
		{ "{\"atUs\":0,\"event\":\"pose\"}", "\"data\" is missing" },
		{ "{\"atUs\":0,\"event\":\"gesture\",\"data\":{\"name\":3}}", "a gesture needs a text" },
		{ "{\"atUs\":0,\"event\":\"audio\",\"data\":{\"peakDbfs\":-3}}", "a level needs the numbers" },
		{ "{\"atUs\":5,\"event\":\"gesture\",\"data\":{\"name\":\"a\"}}\n{\"atUs\":4,\"event\":\"gesture\",\"data\":{\"name\":\"a\"}}",
		    ":2: \"atUs\" goes back" },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		memset(&b->e, 0, sizeof b->e);
		assert_false(open_text(b, cases[i].text));
		if (strstr(b->e.text, cases[i].why) == NULL)
			fail_msg("\"%s\" says \"%s\"", cases[i].text, b->e.text);
		assert_int_equal(b->e.kind, ERR_USAGE);
	}
	assert_null(senses_open(b->loop, "file:/nowhere/at/all", 1, 30, &bench_fns, b, &b->e));
	assert_null(senses_open(b->loop, "file:/dev/zero", 1, 30, &bench_fns, b, &b->e));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(made_up_poses_come_thirty_times_a_second_unnumbered),
		T(there_are_no_more_poses_than_frames),
		T(now_and_then_nobody_is_there),
		T(the_level_last_told_is_the_state_of_it),
		T(to_nobody_nothing_is_said),
		T(a_file_is_played_at_its_times_and_round_again),
		T(what_comes_too_close_together_is_left_out),
		T(a_wrong_line_is_refused_with_its_place),
	};

	return cmocka_run_group_tests_name("camera_senses", tests, NULL, NULL);
}
