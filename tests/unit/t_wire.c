/*
 * t_wire.c - the contract's messages: every wire case in both directions, and what a
 * case file cannot hold (raw bytes, megabytes).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/wire.h"
#include "support/wire_cases.h"

static void
run_kind(const char *kind)
{
	char dir[512];
	struct wire_cases all;
	struct err e;
	size_t failed = 0;

	wire_cases_dir(dir, sizeof dir);
	if (!wire_cases_load(&all, dir, kind, &e))
		fail_msg("%s", e.text);
	for (size_t i = 0; i < all.count; i++) {
		if (wire_case_run(&all.cases[i], &e))
			continue;
		print_error("%s\n", e.text);
		failed++;
	}
	wire_cases_free(&all);
	assert_int_equal(failed, 0);
}

static void
infos_are_read_and_written(void **state)
{
	(void)state;
	run_kind("info");
}

static void
healths_are_read_and_written(void **state)
{
	(void)state;
	run_kind("health");
}

static void
metadata_are_read_and_written(void **state)
{
	(void)state;
	run_kind("file");
}

static void
times_are_read(void **state)
{
	(void)state;
	run_kind("time");
}

static void
answers_are_read(void **state)
{
	(void)state;
	run_kind("answer");
}

static void
events_are_read(void **state)
{
	(void)state;
	run_kind("event");
}

static void
requests_are_read_and_written(void **state)
{
	(void)state;
	run_kind("request");
}

/* The runner itself must be able to fail. */
static void
a_wrong_expectation_is_told(void **state)
{
	struct err e;
	struct jdoc *expect = jdoc_object();
	struct wire_case c = { .kind = "health", .name = "n", .event = "", .path = "", .expect = expect };
	char input[] = "{\"zoom\":2}";

	(void)state;
	c.input = input;
	c.input_len = strlen(input);
	assert_false(wire_case_run(&c, &e));
	jdoc_set_real(expect, "zoom", 3.0);
	assert_false(wire_case_run(&c, &e));
	assert_non_null(strstr(e.text, "zoom is '2', not '3'"));
	jdoc_set_real(expect, "zoom", 2.0);
	assert_true(wire_case_run(&c, &e));
	jdoc_set_real(expect, "zoooom", 2.0);
	assert_false(wire_case_run(&c, &e));
	c.error = "anything";
	assert_false(wire_case_run(&c, &e));
	jdoc_free(expect);
}

static void
assert_printable(const char *text)
{
	char again[MAX_TEXT_FIELD];

	str_clean(again, sizeof again, text, strlen(text), MAX_TEXT_FIELD);
	assert_string_equal(again, text);
}

static void
a_name_of_half_a_megabyte_is_cut(void **state)
{
	size_t len = 512 * 1024;
	char *name = xmalloc(len + 1);
	struct jdoc *j = jdoc_object();
	struct node_info *info = xmalloc(sizeof *info);

	(void)state;
	memset(name, 'x', len);
	name[len] = '\0';
	jdoc_set_text(j, "id", name);
	jdoc_set_text(j, "deviceName", name);
	assert_true(wire_read_info(info, j, NULL));
	assert_int_equal(strlen(info->id), ID_BYTES - 1);
	assert_int_equal(strlen(info->device_name), MAX_NAME_CELLS);
	jdoc_free(j);
	free(info);
	free(name);
}

/* Border, lamp and number in a name would be a second tile beside the first. */
static void
a_name_cannot_draw_a_tile(void **state)
{
	struct jdoc *j = jdoc_object();
	struct node_info *info = xmalloc(sizeof *info);

	(void)state;
	jdoc_set_text(j, "id", "a");
	jdoc_set_text(j, "deviceName", " ─── PGM REC 12:31 ─│──[7] host █▒");
	assert_true(wire_read_info(info, j, NULL));
	assert_null(strstr(info->device_name, "─"));
	assert_null(strstr(info->device_name, "│"));
	assert_null(strstr(info->device_name, "█"));
	assert_non_null(strstr(info->device_name, "\xef\xbf\xbd\xef\xbf\xbd[7] host"));
	jdoc_free(j);
	free(info);
}

static void
an_answer_beyond_its_ceiling_is_refused(void **state)
{
	size_t len = MAX_JSON_BODY + 10;
	char *body = xmalloc(len);
	struct node_answer a;

	(void)state;
	memset(body, ' ', len);
	memcpy(body, "{}", 2);
	wire_read_answer(&a, 200, body, len);
	assert_int_equal(a.result, NODE_REFUSED);
	assert_string_equal(a.code, "bad_answer");
	free(body);
}

static void
raw_bytes_in_an_answer_stay_off_the_screen(void **state)
{
	static const char *const bodies[] = { "\x1b]52;c;aGk=\x07", "{\"error\":{\"message\":\"\xff\xfe\"}}", "\x9b\x32J", "{\"ok\":tru\x1b[31m" };
	struct node_answer a;

	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		for (int status = 200; status <= 500; status += 100) {
			wire_read_answer(&a, status, bodies[i], strlen(bodies[i]));
			assert_int_not_equal(a.result, NODE_OK);
			assert_printable(a.message);
			assert_printable(a.code);
		}
	}
}

static void
a_body_of_nul_bytes_is_not_blank(void **state)
{
	struct node_answer a;

	(void)state;
	wire_read_answer(&a, 200, "\0\0", 2);
	assert_int_equal(a.result, NODE_REFUSED);
}

static void
health_is_kept_as_it_was_sent_when_it_can_be_shown(void **state)
{
	static const char fit[] = "{\"info\":{\"id\":\"a\",\"deviceName\":\"b\"},\"health\":{\"vendor\":[1,-12],\"zoom\":1.5}}";
	static const char unfit[] = "{\"vendor\":\"\xc2\x9b" "2J\"}";
	char *big = xmalloc(MAX_KEPT_HEALTH + 64);
	struct node_event ev;
	struct err e;

	(void)state;
	assert_true(wire_read_event(&ev, "hello", fit, sizeof fit - 1, &e));
	assert_string_equal(ev.health_json, "{\"vendor\":[1,-12],\"zoom\":1.5}");
	wire_event_fini(&ev);
	assert_true(wire_read_event(&ev, "health", unfit, sizeof unfit - 1, &e));
	assert_null(ev.health_json);
	wire_event_fini(&ev);
	snprintf(big, MAX_KEPT_HEALTH + 64, "{\"vendor\":\"%0*d\"}", MAX_KEPT_HEALTH, 0);
	assert_true(wire_read_event(&ev, "health", big, strlen(big), &e));
	assert_null(ev.health_json);
	wire_event_fini(&ev);
	free(big);
}

static void
a_request_over_64_kib_is_too_big(void **state)
{
	size_t len = MAX_REQUEST_BODY + 1;
	char *body = xmalloc(len);
	struct node_request r;
	struct err e;

	(void)state;
	memset(body, ' ', len);
	memcpy(body, "{}", 2);
	assert_true(wire_read_request(&r, NODE_FLIP, body, len - 1, &e));
	assert_false(wire_read_request(&r, NODE_FLIP, body, len, &e));
	assert_int_equal(e.kind, ERR_TOO_BIG);
	free(body);
}

static void
request_is_exactly_the_contracts_body(void **state)
{
	struct node_request r = { .verb = NODE_RECORD_START, .command_id = "c", .at_us = 5, .take = "003", .sphere = "s",
		/* none of record's business: */ .position = "front", .factor = 2.0, .text = "x", .has_order = true };
	char *body = wire_request(&r);

	(void)state;
	assert_string_equal(body, "{\"commandId\":\"c\",\"take\":\"003\",\"sphere\":\"s\",\"atUs\":5}");
	free(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(infos_are_read_and_written),
		cmocka_unit_test(healths_are_read_and_written),
		cmocka_unit_test(metadata_are_read_and_written),
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(answers_are_read),
		cmocka_unit_test(events_are_read),
		cmocka_unit_test(requests_are_read_and_written),
		cmocka_unit_test(a_wrong_expectation_is_told),
		cmocka_unit_test(a_name_of_half_a_megabyte_is_cut),
		cmocka_unit_test(a_name_cannot_draw_a_tile),
		cmocka_unit_test(an_answer_beyond_its_ceiling_is_refused),
		cmocka_unit_test(raw_bytes_in_an_answer_stay_off_the_screen),
		cmocka_unit_test(a_body_of_nul_bytes_is_not_blank),
		cmocka_unit_test(health_is_kept_as_it_was_sent_when_it_can_be_shown),
		cmocka_unit_test(a_request_over_64_kib_is_too_big),
		cmocka_unit_test(request_is_exactly_the_contracts_body),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
