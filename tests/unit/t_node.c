/*
 * t_node.c - the contract's words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "domain/node.h"

static void
recording_states_are_the_contracts(void **state)
{
	static const char *const words[] = { "idle", "starting", "recording", "stopping", "saving", "failed" };

	(void)state;
	for (int i = 0; i < NODE_REC_UNKNOWN; i++) {
		assert_string_equal(node_rec_name((enum node_rec)i), words[i]);
		assert_int_equal(node_rec_parse(words[i]), i);
	}
	assert_int_equal(node_rec_parse("Recording"), NODE_REC_UNKNOWN);
	assert_int_equal(node_rec_parse(""), NODE_REC_UNKNOWN);
	assert_string_equal(node_rec_name(NODE_REC_UNKNOWN), "unknown");
}

static void
tally_states_are_the_contracts(void **state)
{
	static const char *const words[] = { "off", "preview", "program" };
	enum node_tally tally = NODE_TALLY_PREVIEW;

	(void)state;
	assert_false(node_tally_parse("red", &tally));
	assert_int_equal(tally, NODE_TALLY_PREVIEW);
	for (int i = 0; i < 3; i++) {
		assert_string_equal(node_tally_name((enum node_tally)i), words[i]);
		assert_true(node_tally_parse(words[i], &tally));
		assert_int_equal(tally, i);
	}
}

static void
results_are_the_words_of_guarded_lines(void **state)
{
	(void)state;
	assert_string_equal(node_result_name(NODE_OK), "ok");
	assert_string_equal(node_result_name(NODE_LATE), "late");
	assert_string_equal(node_result_name(NODE_REFUSED), "refused");
	assert_string_equal(node_result_name(NODE_LOST), "lost");
	assert_string_equal(node_result_name(NODE_NOT_OFFERED), "not-offered");
}

static void
events_are_the_contracts(void **state)
{
	static const char *const names[] = { "hello", "health", "recording", "saved", "camera", "zoom", "tally", "format",
		"lens", "superseded", "audio", "pose", "gesture", "marker", "reply", "bye" };

	(void)state;
	for (int i = 0; i < NODE_EV_UNKNOWN; i++) {
		assert_string_equal(node_event_name((enum node_event_kind)i), names[i]);
		assert_int_equal(node_event_parse(names[i]), i);
	}
	assert_int_equal(node_event_parse("message"), NODE_EV_UNKNOWN);
}

static void
verbs_have_the_contracts_paths(void **state)
{
	static const struct {
		enum node_verb verb;
		const char *path, *words;
	} cases[] = {
		{ NODE_RECORD_START, "/record/start", "record start" }, { NODE_RECORD_STOP, "/record/stop", "record stop" },
		{ NODE_FLIP, "/camera/flip", "flip" }, { NODE_ZOOM, "/camera/zoom", "zoom" },
		{ NODE_FORMAT, "/camera/format", "format" }, { NODE_LENS, "/camera/lock", "lens" },
		{ NODE_TALLY, "/tally", "tally" }, { NODE_MARKER, "/marker", "marker" }, { NODE_MESSAGE, "/message", "message" },
		{ NODE_CLAIM, "/claim", "claim" }, { NODE_RELEASE, "/release", "release" }, { NODE_DELETE, "/recordings/", "delete" },
	};

	(void)state;
	assert_int_equal(sizeof cases / sizeof cases[0], NODE_VERBS + 1);	/* with DELETE, which is no POST */
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_string_equal(node_verb_path(cases[i].verb), cases[i].path);
		assert_string_equal(node_verb_words(cases[i].verb), cases[i].words);
	}
}

static void
only_a_node_that_says_so_has_no_camera(void **state)
{
	static struct node_info info;

	(void)state;
	info.camera_count = -1;
	assert_true(node_info_has_camera(&info));
	info.camera_count = 0;
	assert_false(node_info_has_camera(&info));
	info.camera_count = 2;
	assert_true(node_info_has_camera(&info));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recording_states_are_the_contracts),
		cmocka_unit_test(tally_states_are_the_contracts),
		cmocka_unit_test(results_are_the_words_of_guarded_lines),
		cmocka_unit_test(events_are_the_contracts),
		cmocka_unit_test(verbs_have_the_contracts_paths),
		cmocka_unit_test(only_a_node_that_says_so_has_no_camera),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
