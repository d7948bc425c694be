/*
 * t_wire_pose.c - what a node says of bodies is kept number by number, and nothing else of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/buf.h"
#include "base/ceilings.h"
#include "io/wire.h"
#include "support/schema.h"

/* As the event would come; its pose_json, or NULL.  The caller's. */
static char *
kept(const char *data)
{
	struct node_event ev;
	struct err e = { 0 };
	char *text;

	assert_true(wire_read_event(&ev, "pose", data, strlen(data), &e));
	assert_int_equal(ev.kind, NODE_EV_POSE);
	text = ev.pose_json != NULL ? strdup(ev.pose_json) : NULL;
	wire_event_fini(&ev);
	return text;
}

static void
check(const char *data, const char *want)
{
	char *text = kept(data);

	if (want == NULL)
		assert_null(text);
	else
		assert_string_equal(text, want);
	free(text);
}

/* The line it becomes is one that the schema takes. */
static void
assert_fits(const char *members)
{
	struct buf line;
	char why[512];

	buf_init(&line, MAX_JOURNAL_LINE);
	buf_add_format(&line, "{\"seq\":2,\"timeUs\":1763712000000000,\"monoNs\":1,\"type\":\"pose\",\"node\":\"a\",\"nodeUs\":null,%s}", members);
	if (!schema_accepts("pose", buf_text(&line), line.len, why, sizeof why))
		fail_msg("%s", why);
	buf_fini(&line);
}

static void
numbers_stay_as_they_were_sent(void **state)
{
	(void)state;
	check("{\"timeUs\":5,\"people\":[{\"confidence\":0.930,\"coverage\":3.1e-1,\"box\":[0.1,0.20,-0.3,1],"
	    "\"joints\":[[0.5,0.25,0.99],[1,0,0]]}],\"motion\":0.42}",
	    "\"people\":[{\"confidence\":0.930,\"coverage\":3.1e-1,\"box\":[0.1,0.20,-0.3,1],\"joints\":[[0.5,0.25,0.99],[1,0,0]]}],\"motion\":0.42");
}

static void
blanks_between_are_left_out(void **state)
{
	(void)state;
	check(" {\n \"motion\" : 0.5 ,\n \"people\" : [ { \"box\" : [ 1 , 2 ,\t3 , 4 ] } , { } ] } ",
	    "\"motion\":0.5,\"people\":[{\"box\":[1,2,3,4]},{}]");
}

static void
what_the_contract_does_not_name_is_left_out(void **state)
{
	(void)state;
	check("{\"people\":[{\"name\":\"x\\\"}],[\",\"confidence\":1,\"deep\":{\"a\":[{}]},\"coverage\":0}],\"seq\":9,\"type\":\"cut\",\"note\":\"\\u009b\"}",
	    "\"people\":[{\"confidence\":1,\"coverage\":0}]");
	check("{\"timeUs\":5}", NULL);
	check("{}", NULL);
}

static void
what_is_of_another_kind_is_left_out(void **state)
{
	(void)state;
	check("{\"motion\":\"much\",\"people\":{\"confidence\":1}}", NULL);
	check("{\"people\":[{\"confidence\":\"high\",\"coverage\":0.5,\"box\":[1,2,3],\"joints\":[[1],[1,2],[1,2,3,4,5],7,\"x\",[0,\"y\"]]},5,null,[]]}",
	    "\"people\":[{\"coverage\":0.5,\"joints\":[[1,2]]}],\"peopleOmitted\":3");
	check("{\"people\":[{\"confidence\":0.12345678901234567890123456789,\"coverage\":1}],\"motion\":true}", "\"people\":[{\"coverage\":1}]");
}

static void
nobody_is_an_empty_list(void **state)
{
	(void)state;
	check("{\"people\":[],\"motion\":0}", "\"people\":[],\"motion\":0");
}

/* A crowd of so many people with so many joints each. */
static char *
crowd(int people, int joints)
{
	struct buf text;
	char *out;
	size_t len;

	buf_init(&text, MAX_SSE_EVENT);
	buf_add_text(&text, "{\"people\":[");
	for (int p = 0; p < people; p++) {
		buf_add_format(&text, "%s{\"confidence\":0.5,\"joints\":[", p > 0 ? "," : "");
		for (int j = 0; j < joints; j++)
			buf_add_format(&text, "%s[0.%05d,0.%05d,0.99]", j > 0 ? "," : "", p, j);
		buf_add_text(&text, "]}");
	}
	buf_add_text(&text, "],\"motion\":0.1}");
	out = buf_steal(&text, &len);
	return out;
}

static int
count_of(const char *text, const char *what)
{
	int count = 0;

	while ((text = strstr(text, what)) != NULL) {
		count++;
		text += strlen(what);
	}
	return count;
}

static void
crowd_is_cut_and_counted(void **state)
{
	char *data = crowd(40, 3), *text = kept(data);

	(void)state;
	assert_int_equal(count_of(text, "confidence"), MAX_POSE_PEOPLE);
	assert_non_null(strstr(text, "\"peopleOmitted\":8,\"motion\":0.1"));
	assert_fits(text);
	free(data);
	free(text);
}

static void
joints_past_the_ceiling_are_left_out(void **state)
{
	char *data = crowd(1, 200), *text = kept(data);

	(void)state;
	assert_int_equal(count_of(text, "[0.0"), MAX_POSE_JOINTS);
	assert_fits(text);
	free(data);
	free(text);
}

static void
text_stays_below_its_ceiling(void **state)
{
	char *data = crowd(32, 64), *text = kept(data);

	(void)state;
	assert_true(strlen(text) <= MAX_KEPT_POSE);
	assert_true(strlen(text) > MAX_KEPT_POSE / 2);
	assert_non_null(strstr(text, "peopleOmitted"));
	assert_fits(text);
	free(data);
	free(text);
}

/* Whatever good JSON comes, what is kept is good JSON of that shape. */
static void
any_order_of_bits_and_pieces_fits(void **state)
{
	static const char *const bits[] = { "{\"confidence\":1}", "{\"joints\":[[1,2]]}", "[]", "[[1,2]]", "1", "-0.5e3", "\"]}\"", "null",
		"true", "{\"box\":[1,2,3,4],\"box2\":[]}", "{\"joints\":[]}", "{\"coverage\":{}}" };
	unsigned seed = 7;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		char data[512] = "{\"people\":[", *text;
		int count = rand_r(&seed) % 6;

		for (int k = 0; k < count; k++) {
			strcat(data, k > 0 ? "," : "");
			strcat(data, bits[(size_t)rand_r(&seed) % (sizeof bits / sizeof bits[0])]);
		}
		strcat(data, "],\"motion\":");
		strcat(data, bits[(size_t)rand_r(&seed) % (sizeof bits / sizeof bits[0])]);
		strcat(data, "}");
		text = kept(data);
		assert_non_null(text);
		assert_fits(text);
		free(text);
	}
}

/* Bytes of a stranger, cut and turned at random: what is kept of them fits, or nothing is. */
static void
broken_bytes_make_no_broken_line(void **state)
{
	static const char good[] = "{\"timeUs\":5,\"people\":[{\"confidence\":0.930,\"box\":[0.1,0.20,-0.3,1],\"joints\":[[0.5,0.25,0.99],[1,0,0]]},"
	    "{\"coverage\":1e-3}],\"motion\":0.42}";
	static const char marks[] = "{}[],:\"\\-+.eE0159 x\n";
	unsigned seed = 11;
	int kept_some = 0;

	(void)state;
	for (int i = 0; i < 4000; i++) {
		char data[sizeof good];
		struct node_event ev;
		struct err e = { 0 };
		size_t len = sizeof good - 1 - (size_t)rand_r(&seed) % 4 * ((size_t)rand_r(&seed) % 20);

		memcpy(data, good, sizeof good);
		for (int k = rand_r(&seed) % 4; k >= 0; k--)
			data[(size_t)rand_r(&seed) % (sizeof good - 1)] = marks[(size_t)rand_r(&seed) % (sizeof marks - 1)];
		if (wire_read_event(&ev, "pose", data, len, &e) && ev.pose_json != NULL) {
			assert_fits(ev.pose_json);
			kept_some++;
		}
		wire_event_fini(&ev);
	}
	assert_true(kept_some > 200);
}

static void
what_is_no_object_is_refused(void **state)
{
	static const char *const all[] = { "", "[]", "5", "{", "{\"people\":[", "{\"people\":[]", "{\"motion\":1}x", "{\"motion\":1-1}", "{\"motion\" 1", "}{",
		"{\"people\":[{\"box\":[1,2,3,4]" };
	struct node_event ev;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		assert_false(wire_read_event(&ev, "pose", all[i], strlen(all[i]), &e));
		assert_null(ev.pose_json);
		wire_event_fini(&ev);
	}
}

static void
numbers_that_are_none_are_left_out(void **state)
{
	(void)state;
	check("{\"motion\":01}", NULL);
	check("{\"motion\":1.}", NULL);
	check("{\"motion\":.5}", NULL);
	check("{\"motion\":-}", NULL);
	check("{\"motion\":1e}", NULL);
	check("{\"motion\":+1}", NULL);
	check("{\"motion\":-0.0e+00,\"people\":[]}", "\"motion\":-0.0e+00,\"people\":[]");
}

static void
name_that_comes_twice_is_kept_once(void **state)
{
	(void)state;
	check("{\"motion\":1,\"motion\":2,\"people\":[{\"coverage\":1,\"coverage\":2,\"box\":[1],\"box\":[1,2,3,4],\"box\":[5,6,7,8]}],\"people\":[]}",
	    "\"motion\":1,\"people\":[{\"coverage\":1,\"box\":[1,2,3,4]}]");
}

static void
time_is_the_events_own(void **state)
{
	struct node_event ev;
	struct err e = { 0 };

	(void)state;
	assert_true(wire_read_event(&ev, "pose", "{\"motion\":0,\"timeUs\":1763712000000001}", 39, &e));
	assert_true(ev.time_us == 1763712000000001);
	wire_event_fini(&ev);
	assert_true(wire_read_event(&ev, "pose", "{\"timeUs\":\"soon\",\"motion\":0}", 30, &e));
	assert_true(ev.time_us == 0);
	assert_string_equal(ev.pose_json, "\"motion\":0");
	wire_event_fini(&ev);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_stay_as_they_were_sent), cmocka_unit_test(blanks_between_are_left_out),
		cmocka_unit_test(what_the_contract_does_not_name_is_left_out), cmocka_unit_test(what_is_of_another_kind_is_left_out),
		cmocka_unit_test(nobody_is_an_empty_list), cmocka_unit_test(crowd_is_cut_and_counted),
		cmocka_unit_test(joints_past_the_ceiling_are_left_out), cmocka_unit_test(text_stays_below_its_ceiling),
		cmocka_unit_test(any_order_of_bits_and_pieces_fits), cmocka_unit_test(broken_bytes_make_no_broken_line),
		cmocka_unit_test(what_is_no_object_is_refused), cmocka_unit_test(numbers_that_are_none_are_left_out), cmocka_unit_test(time_is_the_events_own), cmocka_unit_test(name_that_comes_twice_is_kept_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
