/* t_conn_hostile.c - whatever a node sends ends as a sentence, in bounded memory, and no other link feels it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/str.h"
#include "io/conn_private.h"
#include "support/conn_kit.h"

#define JSON_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define EVENTS_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

static struct kit k, k2;
static struct fakenode *node, *neighbour;

static int
set_up(void **state)
{
	(void)state;
	node = fakenode_new(&(struct fakenode_conf){ .id = "cam-1" });
	neighbour = fakenode_new(&(struct fakenode_conf){ .id = "cam-2" });
	kit_open(&k, NULL);
	kit_open_beside(&k2, &k, NULL);
	kit_aim(&k2, neighbour);
	KIT_WAIT(&k2, conn_state(k2.conn) == CONN_LIVE);
	return 0;
}

/* The neighbour never noticed. */
static int
tear_down(void **state)
{
	(void)state;
	kit_command(&k2, NODE_FLIP, "c-1");
	KIT_WAIT(&k2, k2.answers == 1);
	assert_int_equal(k2.answer[0].a.result, NODE_OK);
	assert_true(k2.answer[0].took_us < 900000);
	assert_int_equal(kit_count(&k2, CONN_LIVE), 1);
	kit_close(&k2);
	kit_close(&k);
	fakenode_free(node);
	fakenode_free(neighbour);
	return 0;
}

static long
peak_kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

/* A sanitiser keeps what was freed: nothing can be said about memory there. */
static void
assert_grew_less(long before_kib, long most_kib)
{
#ifndef __SANITIZE_ADDRESS__
	assert_in_range(peak_kib() - before_kib, 0, most_kib);
#else
	(void)before_kib;
	(void)most_kib;
#endif
}

static bool
is_printable(const char *text)
{
	char clean[2 * MAX_TEXT_FIELD];

	str_clean(clean, sizeof clean, text, strlen(text), 100000);
	return strcmp(clean, text) == 0;
}

static void
backs_off_saying(const char *part)
{
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_BACKOFF);
	if (strstr(conn_why(k.conn), part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", conn_why(k.conn), part);
	assert_true(is_printable(conn_why(k.conn)));
}

static void
json_nested_ten_thousand_deep(void **state)
{
	char *body = malloc(20001);

	(void)state;
	memset(body, '[', 10000);
	memset(body + 10000, ']', 10000);
	fakenode_body(node, "/info", 200, "application/json", body, 20000);
	free(body);
	backs_off_saying("/info");
}

static void
two_gigabytes_announced(void **state)
{
	static const char head[] = JSON_HEAD "Content-Length: 2147483648\r\n\r\n{";
	long before = peak_kib();

	(void)state;
	fakenode_raw(node, "/info", head, sizeof head - 1, "                                ");
	backs_off_saying("larger");
	assert_grew_less(before, 16 * 1024);
}

static void
body_without_end(void **state)
{
	static const char head[] = JSON_HEAD "\r\n{\"deviceName\":\"";
	long before = peak_kib();

	(void)state;
	fakenode_raw(node, "/info", head, sizeof head - 1, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	backs_off_saying("larger");
	assert_grew_less(before, 32 * 1024);
}

static void
header_without_end(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nX: ";

	(void)state;
	fakenode_raw(node, "/info", head, sizeof head - 1, "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\nX: ");
	backs_off_saying("127.0.0.1");
}

static void
no_http_at_all(void **state)
{
	static const char junk[] = "\x1b[2J\x1b]0;owned\x07--boundary\r\nContent-Type: image/jpeg\r\n\r\n";

	(void)state;
	fakenode_raw(node, "/info", junk, sizeof junk - 1, NULL);
	backs_off_saying("127.0.0.1");
}

static void
name_full_of_escape_codes(void **state)
{
	static const char body[] = "{\"id\":\"cam\\u001b[31m-1\",\"deviceName\":\"\\u001b[2J\\u202eevil\\u0007\\u200b\"}";

	(void)state;
	fakenode_body(node, "/info", 200, "application/json", body, sizeof body - 1);
	fakenode_set(node, FAKENODE_NO_EVENTS, 1);
	kit_aim(&k, node);
	KIT_WAIT(&k, k.identified == 1);
	assert_true(is_printable(k.info.device_name));
	assert_non_null(strstr(k.info.device_name, "evil"));
	assert_true(is_printable(conn_id(k.conn)));
}

static void
another_type_that_tries_to_speak_to_the_terminal(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/\x1b[2Jevil\r\nContent-Length: 1\r\n\r\nx";

	(void)state;
	fakenode_raw(node, "/events", head, sizeof head - 1, NULL);
	backs_off_saying("not an event stream");
}

static void
event_line_without_end(void **state)
{
	static const char head[] = EVENTS_HEAD "event: health\ndata: ";
	long before = peak_kib();

	(void)state;
	fakenode_raw(node, "/events", head, sizeof head - 1, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	backs_off_saying("/events");
	assert_grew_less(before, 16 * 1024);
}

static void
event_of_endless_lines(void **state)
{
	static const char head[] = EVENTS_HEAD "event: health\n";

	(void)state;
	fakenode_raw(node, "/events", head, sizeof head - 1, "data: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
	backs_off_saying("/events");
}

static void
flood_of_good_events(void **state)
{
	static const char head[] = EVENTS_HEAD;

	(void)state;
	fakenode_raw(node, "/events", head, sizeof head - 1, "event: zoom\ndata: {\"value\":2,\"timeUs\":1}\n\n");
	backs_off_saying("/events floods");
	assert_true(k.events > 256);	/* a long resume is no flood */
	assert_true(k.events <= CONN_EVENTS_A_SECOND);
}

static void
flood_of_comments(void **state)
{
	static const char head[] = EVENTS_HEAD;

	(void)state;
	fakenode_raw(node, "/events", head, sizeof head - 1, ":\n:\n:\n:\n:\n:\n:\n:\n");
	backs_off_saying("/events floods");
}

static void
hello_nested_too_deep_is_passed_over(void **state)
{
	char *hello = calloc(1, 25000);

	(void)state;
	strcpy(hello, EVENTS_HEAD "event: hello\ndata: {\"info\":");
	memset(hello + strlen(hello), '[', 10000);
	memset(hello + strlen(hello), ']', 10000);
	strcat(hello, "}\n\nevent: zoom\ndata: {\"value\":2,\"timeUs\":1}\n\n");
	fakenode_raw(node, "/events", hello, strlen(hello), "");
	free(hello);
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE && k.kinds[NODE_EV_ZOOM] == 1);
	assert_int_equal(k.kinds[NODE_EV_HELLO], 0);
}

static void
answer_to_a_command_that_makes_no_sense(void **state)
{
	static const char junk[] = "\x1b[2J";
	static const char huge[] = JSON_HEAD "Content-Length: 2147483648\r\n\r\n{";

	(void)state;
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE);
	fakenode_body(node, "/camera/flip", 200, "application/json", junk, sizeof junk - 1);
	kit_command(&k, NODE_FLIP, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_REFUSED);
	assert_true(is_printable(k.answer[0].a.message) && k.answer[0].a.message[0] != '\0');
	fakenode_raw(node, "/camera/flip", huge, sizeof huge - 1, "    ");
	kit_command(&k, NODE_FLIP, "c-2");
	KIT_WAIT(&k, k.answers == 2);
	assert_int_equal(k.answer[1].a.result, NODE_LOST);
	assert_non_null(strstr(k.answer[1].a.message, "larger"));
	assert_int_equal(conn_state(k.conn), CONN_LIVE);
}

static void
recordings_without_end_or_sense(void **state)
{
	static const char head[] = JSON_HEAD "\r\n{\"recordings\":[";
	static const char odd[] = "{\"recordings\":[1,\"x\",null,{},{\"id\":\"\\u001b[2J\"},{\"id\":\"good\",\"take\":\"001\"}]}";

	(void)state;
	fakenode_raw(node, "/recordings", head, sizeof head - 1, "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},");
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE && fakenode_asked(node, "GET /recordings") == 1);
	KIT_WAIT(&k, k.samples == 8);
	assert_int_equal(k.files_told, 0);
	fakenode_body(node, "/recordings", 200, "application/json", odd, sizeof odd - 1);
	fakenode_hang_up(node);
	KIT_WAIT(&k, k.files_told == 1);
	assert_true(k.file_count >= 1 && k.file_count <= 2);
	assert_true(is_printable(k.file.id));
}

static void
clock_that_makes_no_sense_gives_no_sample(void **state)
{
	(void)state;
	fakenode_body(node, "/time", 200, "application/json", "{\"receivedUs\":\"soon\"}", 21);
	kit_aim(&k, node);
	KIT_WAIT(&k, fakenode_asked(node, "GET /time") >= 8);
	kit_turn_for(&k, 50000);
	assert_int_equal(k.samples, 0);
	assert_int_equal(conn_state(k.conn), CONN_LIVE);
}

static void
picture_part_without_end(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n--b\r\nX: ";
	long before = peak_kib();

	(void)state;
	fakenode_raw(node, "/stream", head, sizeof head - 1, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	conn_preview(k.conn, 320, 10, 60);
	kit_aim(&k, node);
	KIT_WAIT(&k, k.trouble[0] != '\0');
	assert_true(is_printable(k.trouble));
	assert_int_equal(conn_state(k.conn), CONN_LIVE);
	assert_grew_less(before, 32 * 1024);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(json_nested_ten_thousand_deep), TEST(two_gigabytes_announced), TEST(body_without_end), TEST(header_without_end),
		TEST(no_http_at_all), TEST(name_full_of_escape_codes), TEST(another_type_that_tries_to_speak_to_the_terminal),
		TEST(event_line_without_end), TEST(event_of_endless_lines), TEST(flood_of_good_events), TEST(flood_of_comments),
		TEST(hello_nested_too_deep_is_passed_over), TEST(answer_to_a_command_that_makes_no_sense),
		TEST(recordings_without_end_or_sense), TEST(clock_that_makes_no_sense_gives_no_sample), TEST(picture_part_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
