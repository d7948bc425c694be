/*
 * t_cmd_claim.c - claim, release and purge as they are typed: their words, whom they ask, what they say, and that no pin is in
 * anything that is shown or kept.
 */
#include "unit/deck_kit.h"

#define PIN "86420975"

struct show {
	struct deck_kit *d;
	struct claims claims;
	struct purge purge;
};

static struct show *
show_new(void **state, int cameras)
{
	struct show *s = xcalloc(1, sizeof *s);

	s->d = deck_new(state, cameras);
	s->claims.fanout = s->d->deck.fanout;
	s->d->deck.claims = &s->claims;
	s->d->deck.purge = &s->purge;
	return s;
}

static void
show_free(struct show *s, void **state)
{
	deck_free(s->d, state);
	free(s);
}

static void
words_are_checked(void **state)
{
	static const struct { const char *text; int column; const char *sentence; } cases[] = {
		{ "claim left", 7, "expected pin DIGITS, on or off" }, { "claim pin", 10, "the 4 to 12 digits" },
		{ "claim pin 123", 11, "the 4 to 12 digits" }, { "claim pin 12345678901234", 11, "the 4 to 12 digits" },
		{ "claim pin 12x4", 11, "the 4 to 12 digits" }, { "claim -t left on", 15, "for all cameras that join" },
		{ "claim on off", 10, "for all cameras that join" }, { "release now", 9, "too much" }, { "purge", 6, "something is missing" },
		{ "purge three", 7, "expected a take's number" }, { "purge 0", 7, "expected a take's number" },
	}, good[] = {
		{ "claim", 0, "" }, { "claim -t left", 0, "" }, { "claim on", 0, "" }, { "claim off", 0, "" }, { "claim -t 1 pin 0042", 0, "" },
		{ "claim pin 123456 -t left,2", 0, "" }, { "release", 0, "" }, { "release -t @guest --force", 0, "" }, { "purge 3", 0, "" },
		{ "purge 003 -t left", 0, "" },
	};
	struct err e = { .kind = ERR_NONE };
	int column = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (cmd_check(cases[i].text, &column, &e) || strstr(e.text, cases[i].sentence) == NULL || column != cases[i].column)
			fail_msg("%s: %d %s", cases[i].text, column, e.text);
	}
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!cmd_check(good[i].text, &column, &e) || !cmd_check_cue(NULL, good[i].text, &column, &e))
			fail_msg("%s: %s", good[i].text, e.text);
}

static void
claim_asks_all_that_are_in_the_show(void **state)
{
	struct show *s = show_new(state, 3);

	registry_find(s->d->k->reg, "cam3")->out = true;
	deck_do(s->d, "claim");
	assert_int_equal(s->claims.taken, 1);
	assert_int_equal(s->claims.targets.count, 2);
	assert_string_equal(s->claims.pin, "");
	deck_answer(s->d, 1, NODE_OK);
	deck_answer(s->d, 2, NODE_REFUSED);
	deck_expect_has(s->d, "begin 1 claim\nack 1 cam1 ok 4.1ms\nack 1 cam2 refused 4.1ms");
	deck_expect_has(s->d, "end 1 partial 1/2");
	show_free(s, state);
}

static void
pin_goes_to_the_camera_and_nowhere_else(void **state)
{
	static const char *const texts[] = { "claim -t 1 pin " PIN, "claim pin " PIN " -t 1", "claim  pin  " PIN, "claim pin \"" PIN "\"" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct show *s = show_new(state, 1);

		deck_do(s->d, texts[i]);
		assert_string_equal(s->claims.pin, PIN);
		deck_answer(s->d, 1, NODE_OK);
		deck_expect_has(s->d, " pin");
		deck_expect_has(s->d, "****");
		deck_expect_has(s->d, "end 1 ok 1/1");
		assert_null(strstr(deck_said(s->d), PIN));
		assert_int_equal(s->d->scribe.line_count, 1);
		assert_non_null(strstr(s->d->scribe.lines[0].json, "****"));
		assert_null(strstr(s->d->scribe.lines[0].json, PIN));
		show_free(s, state);
	}
}

static void
mistyped_pin_is_no_less_secret(void **state)
{
	static const struct { const char *text, *shown; } cases[] = {
		{ "claim pin 1234x", "claim pin ****" }, { "claim pin 1234 5678", "claim pin **** ****" },
		{ "claim -t \"left guest\" pin 12", "claim -t \"left guest\" pin ****" },
		{ "claim pin", "claim pin" }, { "claim", "claim" }, { "claim on", "claim on" }, { "  claim pin 1234", "claim pin ****" },
		{ "tag pin 1234", "tag pin 1234" }, { "nonsense pin 1234", "nonsense pin 1234" }, { "", "" },
		{ "claim pin 1234 # 99", "claim pin **** # 99" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *shown = cmd_shown(cases[i].text);

		assert_string_equal(shown, cases[i].shown);
		free(shown);
	}
}

static void
refused_pin_is_told_without_it(void **state)
{
	struct show *s = show_new(state, 1);

	deck_do(s->d, "claim pin 12");
	deck_expect_has(s->d, "begin 1 claim pin ****\n");
	deck_expect_has(s->d, "the 4 to 12 digits");
	assert_null(strstr(deck_said(s->d), "12\n"));
	assert_int_equal(s->claims.taken, 0);
	show_free(s, state);
}

static void
claim_on_is_the_setting(void **state)
{
	struct show *s = show_new(state, 1);

	deck_do(s->d, "claim on");
	assert_int_equal(opt_int(s->d->k->settings, "claim"), 1);
	assert_int_equal(s->d->k->inner[EV_SETTING_CHANGED], 1);
	deck_do(s->d, "claim off");
	assert_int_equal(opt_int(s->d->k->settings, "claim"), 0);
	assert_int_equal(s->claims.taken, 0);
	show_free(s, state);
}

static void
no_place_for_tokens_is_a_sentence(void **state)
{
	struct show *s = show_new(state, 1);

	err_set(&s->claims.no_place, ERR_DISK, "cannot make the folder");
	deck_do(s->d, "claim");
	deck_expect_has(s->d, "end 1 error 0.0ms \"cannot make the folder\"\n");
	s->d->deck.claims = NULL;
	deck_do(s->d, "claim");
	deck_expect_has(s->d, "without a Sphere folder");
	deck_do(s->d, "release");
	deck_expect_has(s->d, "nothing is held without a Sphere folder");
	show_free(s, state);
}

static void
nobody_in_the_show_is_a_sentence(void **state)
{
	struct show *s = show_new(state, 0);

	deck_do(s->d, "claim");
	deck_expect_has(s->d, "there is nobody to claim");
	deck_do(s->d, "release");
	deck_expect_has(s->d, "there is nobody to release");
	show_free(s, state);
}

static void
recording_camera_is_released_by_force_only(void **state)
{
	struct show *s = show_new(state, 1);
	struct node_health *h = xcalloc(1, sizeof *h);

	h->has_recording = true;
	h->recording.state = NODE_REC_RECORDING;
	fake_health(deck_cam(1), h);
	free(h);
	deck_do(s->d, "release");
	deck_expect_has(s->d, "is recording; --force does it all the same");
	assert_int_equal(s->claims.released, 0);
	deck_do(s->d, "release --force");
	assert_int_equal(s->claims.released, 1);
	deck_answer(s->d, 1, NODE_OK);
	deck_expect_has(s->d, "end 2 ok 1/1");
	show_free(s, state);
}

/* ---- Purge ---- */

static void
end_purge(struct show *s, const struct purge_end *end)
{
	s->purge.done(s->purge.arg, end);
	loop_fake_advance(s->d->k->loop, 0);
}

static void
purge_names_what_stays(void **state)
{
	struct show *s = show_new(state, 2);
	struct node_answer ok = { .result = NODE_OK }, stays = { .result = NODE_REFUSED, .code = "stays", .message = "not fetched" };
	struct ledger l;

	deck_do(s->d, "purge 3");
	assert_string_equal(s->purge.take, "003");
	assert_false(s->purge.is_explicit);
	ledger_init(&l, 2);
	str_copy(l.lines[0].node, ID_BYTES, "cam1");
	str_copy(l.lines[1].node, ID_BYTES, "cam2");
	ledger_answer(&l, "cam1", &ok, 1000, 1);
	ledger_answer(&l, "cam2", &stays, 1000, 1);
	end_purge(s, &(struct purge_end){ .ledger = &l, .files = 2, .gone_before = 1, .staying = 1, .bytes = 3500000,
	    .sentence = "cam2 (not fetched)" });
	ledger_fini(&l);
	deck_expect_has(s->d, "ack 1 cam1 ok 1.0ms\nack 1 cam2 refused 1.0ms \"not fetched\"\n");
	deck_expect_has(s->d, "say 1 \"2 files deleted on the cameras, 3.5 MB, 1 had gone before; 1 stays there: cam2 (not fetched)\"\n");
	deck_expect_has(s->d, "end 1 partial 1/2");
	assert_non_null(strstr(s->d->scribe.lines[0].json, "\"code\":\"stays\""));
	show_free(s, state);
}

static void
purge_of_some_cameras_says_so_and_refusals_are_passed_on(void **state)
{
	struct show *s = show_new(state, 2);

	err_set(&s->purge.refusal, ERR_REFUSED, "take 003 is not over");
	deck_do(s->d, "purge 003 -t 2");
	assert_true(s->purge.is_explicit);
	deck_expect_has(s->d, "end 1 error 0.0ms \"take 003 is not over\"\n");
	s->d->deck.purge = NULL;
	deck_do(s->d, "purge 3");
	deck_expect_has(s->d, "without a Sphere folder");
	show_free(s, state);
}

#define T(name) cmocka_unit_test_setup_teardown(name, NULL, NULL)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(words_are_checked), T(claim_asks_all_that_are_in_the_show), T(pin_goes_to_the_camera_and_nowhere_else),
		T(mistyped_pin_is_no_less_secret), T(refused_pin_is_told_without_it), T(claim_on_is_the_setting),
		T(no_place_for_tokens_is_a_sentence), T(nobody_in_the_show_is_a_sentence), T(recording_camera_is_released_by_force_only),
		T(purge_names_what_stays), T(purge_of_some_cameras_says_so_and_refusals_are_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
