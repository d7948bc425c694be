/* t_conn_picture.c - a node's pictures while they are wanted, and view-only sources fetched by URL. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/conn_kit.h"

#define PART "--b\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\n\r\n\xff\xd8\xff\xd9\r\n"
#define MULTIPART_HEAD "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=b\r\n\r\n"

static struct kit k;
static struct fakenode *node;

static int
set_up(void **state)
{
	(void)state;
	node = fakenode_new(&(struct fakenode_conf){ .id = "cam-1", .name = "Left" });
	kit_open(&k, NULL);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	kit_close(&k);
	fakenode_free(node);
	return 0;
}

static void
go_live(void)
{
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE);
}

static const char *
view_url(const char *path)
{
	static char url[256];

	snprintf(url, sizeof url, "http://127.0.0.1:%d%s", fakenode_port(node), path);
	return url;
}

/* ---- A node's /stream ---- */

static void
nothing_is_fetched_unasked(void **state)
{
	(void)state;
	go_live();
	KIT_WAIT(&k, k.samples == 8);
	assert_int_equal(fakenode_asked(node, "GET /stream"), 0);
}

static void
wanted_pictures_come_with_time_and_number(void **state)
{
	struct fakenode_seen seen;

	(void)state;
	conn_preview(k.conn, 320, 10, 60);	/* wished before it is up */
	go_live();
	KIT_WAIT(&k, k.frames >= 3);
	assert_true(fakenode_last(node, "GET /stream", &seen));
	assert_string_equal(seen.target, "/stream?width=320&fps=10&quality=60");
	assert_true(k.frame_len > 100);
	assert_true(k.frame_timestamp_us > 0);
	assert_true(k.frame_number >= 3);
	assert_int_equal(k.troubles, 0);
}

static void
same_wish_again_changes_nothing_another_opens_anew(void **state)
{
	struct fakenode_seen seen;

	(void)state;
	go_live();
	conn_preview(k.conn, 320, 10, 60);
	KIT_WAIT(&k, k.frames > 0);
	conn_preview(k.conn, 320, 10, 60);
	kit_turn_for(&k, 50000);
	assert_int_equal(fakenode_asked(node, "GET /stream"), 1);
	conn_preview(k.conn, 640, 5, 60);
	KIT_WAIT(&k, fakenode_asked(node, "GET /stream") == 2);
	assert_true(fakenode_last(node, "GET /stream", &seen));
	assert_string_equal(seen.target, "/stream?width=640&fps=5&quality=60");
	KIT_WAIT(&k, fakenode_open_streams(node, "/stream") == 1);
	assert_int_equal(k.troubles, 0);
}

static void
unwanted_stream_is_closed(void **state)
{
	int frames;

	(void)state;
	go_live();
	conn_preview(k.conn, 320, 10, 60);
	KIT_WAIT(&k, k.frames > 0);
	conn_preview(k.conn, 0, 0, 0);
	frames = k.frames;
	KIT_WAIT(&k, fakenode_open_streams(node, "/stream") == 0);
	assert_int_equal(k.frames, frames);
	assert_int_equal(conn_state(k.conn), CONN_LIVE);
}

static void
closing_it_inside_a_frame_is_allowed(void **state)
{
	(void)state;
	k.free_in = "frame";
	go_live();
	conn_preview(k.conn, 320, 10, 60);
	KIT_WAIT(&k, k.conn == NULL);
	KIT_WAIT(&k, fakenode_open_streams(node, "/stream") == 0);
}

static void
not_offered_is_asked_once(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_NO_STREAM, 1);
	conn_preview(k.conn, 320, 10, 60);
	go_live();
	KIT_WAIT(&k, k.troubles == 1);
	assert_string_equal(k.trouble, "no picture offered");
	conn_preview(k.conn, 640, 10, 60);
	kit_turn_for(&k, 700000);
	assert_int_equal(fakenode_asked(node, "GET /stream"), 1);
	assert_int_equal(k.troubles, 1);
	/* Another program may answer after a reconnect. */
	fakenode_set(node, FAKENODE_NO_STREAM, 0);
	fakenode_hang_up(node);
	KIT_WAIT(&k, k.frames > 0);
	assert_string_equal(k.trouble, "");
}

static void
microphone_is_not_asked_for_pictures(void **state)
{
	struct fakenode *mic = fakenode_new(&(struct fakenode_conf){ .id = "mic", .cameras = -1 });

	(void)state;
	conn_preview(k.conn, 320, 10, 60);
	kit_aim(&k, mic);
	KIT_WAIT(&k, k.troubles == 1);
	assert_string_equal(k.trouble, "no picture offered");
	assert_int_equal(fakenode_asked(mic, "GET /stream"), 0);
	assert_int_equal(conn_state(k.conn), CONN_LIVE);
	fakenode_free(mic);
}

static void
broken_stream_is_told_and_opened_again(void **state)
{
	static const char head[] = MULTIPART_HEAD PART;

	(void)state;
	fakenode_raw(node, "/stream", head, sizeof head - 1, NULL);
	go_live();
	conn_preview(k.conn, 320, 10, 60);
	KIT_WAIT(&k, k.frames == 1 && k.trouble[0] != '\0');
	KIT_WAIT(&k, fakenode_asked(node, "GET /stream") >= 2);
	fakenode_raw(node, "/stream", NULL, 0, NULL);
	KIT_WAIT(&k, k.frames > 3);
	assert_string_equal(k.trouble, "");
	assert_int_equal(kit_count(&k, CONN_LIVE), 1);
}

/* A camera that died on program and came back would else stand there for ever as one without a picture. */
static void
trouble_of_pictures_that_nobody_looks_at_is_forgotten(void **state)
{
	static const char head[] = MULTIPART_HEAD PART;

	(void)state;
	fakenode_raw(node, "/stream", head, sizeof head - 1, NULL);
	go_live();
	conn_preview(k.conn, 320, 10, 60);
	KIT_WAIT(&k, k.frames == 1 && k.trouble[0] != '\0');
	conn_preview(k.conn, 0, 0, 0);
	assert_string_equal(k.trouble, "");
}

static void
silent_stream_is_told_and_opened_again_and_again(void **state)
{
	static const char head[] = MULTIPART_HEAD PART;

	(void)state;
	fakenode_raw(node, "/stream", head, sizeof head - 1, "");
	go_live();
	conn_preview(k.conn, 320, 10, 60);
	KIT_WAIT(&k, k.frames == 1 && k.trouble[0] != '\0');
	assert_string_equal(k.trouble, "no picture: its stream is silent, tried again");
	KIT_WAIT(&k, fakenode_asked(node, "GET /stream") >= 2);
	assert_int_equal(kit_count(&k, CONN_LIVE), 1);
}

static void
multipart_without_boundary_is_the_pictures_trouble_only(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace\r\n\r\n";

	(void)state;
	fakenode_raw(node, "/stream", head, sizeof head - 1, PART);
	conn_preview(k.conn, 320, 10, 60);
	go_live();
	KIT_WAIT(&k, k.trouble[0] != '\0');
	assert_non_null(strstr(k.trouble, "boundary"));
	assert_int_equal(conn_state(k.conn), CONN_LIVE);
	assert_int_equal(k.frames, 0);
}

static void
pictures_survive_a_reopened_event_stream(void **state)
{
	static const struct conn_conf impatient = { .ack_timeout_us = 2000000, .idle_us = 2300000, .clock_every_us = 10000000 };

	(void)state;
	kit_close(&k);
	kit_open(&k, &impatient);
	fakenode_set(node, FAKENODE_HEALTH_MS, 0);
	go_live();
	conn_preview(k.conn, 320, 10, 60);
	KIT_WAIT(&k, k.frames > 0);
	KIT_WAIT(&k, kit_count(&k, CONN_LIVE) == 2);
	assert_false(kit_was(&k, CONN_BACKOFF));
	assert_int_equal(fakenode_asked(node, "GET /stream"), 1);
}

/* ---- A URL ---- */

static void
motion_jpeg_url_is_viewed_on_its_one_connection(void **state)
{
	char name[64];

	(void)state;
	fakenode_raw(node, "/cam/1", MULTIPART_HEAD, sizeof MULTIPART_HEAD - 1, PART);
	kit_aim_url(&k, view_url("/cam/1"));
	KIT_WAIT(&k, conn_state(k.conn) == CONN_VIEWING && k.frames > 2);
	assert_true(k.view_only);
	assert_int_equal(k.identified, 1);
	assert_memory_equal(k.info.id, "view-", 5);
	assert_string_equal(conn_id(k.conn), k.info.id);
	snprintf(name, sizeof name, "127.0.0.1:%d/cam/1", fakenode_port(node));
	assert_string_equal(k.info.device_name, name);
	assert_int_equal(k.info.contract, 0);
	assert_int_equal(k.info.camera_count, -1);
	assert_string_equal(k.at.url, view_url("/cam/1"));
	assert_int_equal(k.frame_number, -1);
	assert_true(k.heard > 0);
	conn_preview(k.conn, 320, 10, 60);
	conn_nudge(k.conn);
	conn_doubt(k.conn);
	kit_turn_for(&k, 100000);
	assert_int_equal(fakenode_connections(node), 1);
	assert_int_equal(fakenode_asked(node, "GET /cam/1"), 1);
	assert_int_equal(fakenode_asked(node, "GET /info"), 0);
}

static void
view_only_source_takes_no_commands(void **state)
{
	(void)state;
	fakenode_raw(node, "/cam", MULTIPART_HEAD, sizeof MULTIPART_HEAD - 1, PART);
	kit_aim_url(&k, view_url("/cam"));
	KIT_WAIT(&k, conn_state(k.conn) == CONN_VIEWING);
	kit_command(&k, NODE_RECORD_START, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_NOT_OFFERED);
	assert_string_equal(k.answer[0].node, k.info.id);
	assert_int_equal(fakenode_asked(node, "POST /record/start"), 0);
}

static void
view_stream_that_ends_is_fetched_again(void **state)
{
	static const char once[] = MULTIPART_HEAD PART PART;
	char id[ID_BYTES];

	(void)state;
	fakenode_raw(node, "/cam", once, sizeof once - 1, NULL);
	kit_aim_url(&k, view_url("/cam"));
	KIT_WAIT(&k, conn_state(k.conn) == CONN_BACKOFF);
	assert_string_equal(conn_why(k.conn), "the stream ended");
	assert_int_equal(k.frames, 2);
	strcpy(id, k.info.id);
	fakenode_raw(node, "/cam", MULTIPART_HEAD, sizeof MULTIPART_HEAD - 1, PART);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_VIEWING && k.frames > 4);
	assert_string_equal(k.info.id, id);
	assert_string_equal(k.trouble, "");
}

static void
json_url_becomes_a_node_there(void **state)
{
	(void)state;
	kit_aim_url(&k, view_url("/info"));
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE);
	assert_false(k.view_only);
	assert_string_equal(k.info.id, "cam-1");
	assert_string_equal(k.at.url, "");
	assert_string_equal(k.at.host, "127.0.0.1");
	assert_int_equal(k.at.port, fakenode_port(node));
	assert_int_equal(k.at.kind, PATH_LOOPBACK);
	assert_true(fakenode_asked(node, "GET /info") <= 2);	/* one look, and the one of the line for commands */
	fakenode_hang_up(node);
	KIT_WAIT(&k, kit_count(&k, CONN_LIVE) == 2);
}

static void
web_page_is_neither(void **state)
{
	char want[512];

	(void)state;
	fakenode_body(node, "/", 200, "text/html; charset=utf-8", "<html>", 6);
	kit_aim_url(&k, view_url("/"));
	KIT_WAIT(&k, conn_state(k.conn) == CONN_BACKOFF);
	snprintf(want, sizeof want, "%s answered text/html: neither a camera node nor an MJPEG stream", view_url("/"));
	assert_string_equal(conn_why(k.conn), want);
	assert_int_equal(k.identified, 0);
}

static void
web_page_that_is_gone_again_still_tells_what_it_was(void **state)
{
	char want[512];

	(void)state;
	fakenode_body(node, "/", 200, "application/octet-stream", "x", 1);
	kit_aim_url(&k, view_url("/"));
	KIT_WAIT(&k, conn_state(k.conn) == CONN_BACKOFF);
	fakenode_down(node, true);
	KIT_WAIT(&k, strstr(conn_why(k.conn), "; now no connection") != NULL);
	snprintf(want, sizeof want, "%s answered application/octet-stream: neither a camera node nor an MJPEG stream; now ", view_url("/"));
	assert_memory_equal(conn_why(k.conn), want, strlen(want));
	fakenode_down(node, false);
	fakenode_body(node, "/", 404, "text/plain", "", 0);
	snprintf(want, sizeof want, "%s answered 404", view_url("/"));
	KIT_WAIT(&k, strcmp(conn_why(k.conn), want) == 0);
}

static void
missing_url_says_its_status_and_hides_the_password(void **state)
{
	char url[256], want[256];

	(void)state;
	snprintf(url, sizeof url, "http://anna:secret@127.0.0.1:%d/none", fakenode_port(node));
	kit_aim_url(&k, url);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_BACKOFF);
	snprintf(want, sizeof want, "http://127.0.0.1:%d/none answered 404", fakenode_port(node));
	assert_string_equal(conn_why(k.conn), want);
}

static void
url_multipart_without_boundary_has_a_tile_that_says_so(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace\r\n\r\n";

	(void)state;
	fakenode_raw(node, "/cam", head, sizeof head - 1, PART);
	kit_aim_url(&k, view_url("/cam"));
	KIT_WAIT(&k, conn_state(k.conn) == CONN_BACKOFF);
	assert_int_equal(k.identified, 1);
	assert_true(k.view_only);
	assert_non_null(strstr(k.trouble, "boundary"));
	assert_non_null(strstr(conn_why(k.conn), "boundary"));
}

static void
json_that_is_no_info_says_so(void **state)
{
	(void)state;
	fakenode_body(node, "/x", 200, "application/json", "[1,2]", 5);
	kit_aim_url(&k, view_url("/x"));
	KIT_WAIT(&k, conn_state(k.conn) == CONN_BACKOFF);
	assert_true(conn_why(k.conn)[0] != '\0');
	assert_int_equal(k.identified, 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(nothing_is_fetched_unasked), TEST(wanted_pictures_come_with_time_and_number),
		TEST(same_wish_again_changes_nothing_another_opens_anew), TEST(unwanted_stream_is_closed),
		TEST(closing_it_inside_a_frame_is_allowed), TEST(not_offered_is_asked_once), TEST(microphone_is_not_asked_for_pictures),
		TEST(broken_stream_is_told_and_opened_again), TEST(silent_stream_is_told_and_opened_again_and_again),
		TEST(trouble_of_pictures_that_nobody_looks_at_is_forgotten), TEST(multipart_without_boundary_is_the_pictures_trouble_only),
		TEST(pictures_survive_a_reopened_event_stream), TEST(motion_jpeg_url_is_viewed_on_its_one_connection),
		TEST(view_only_source_takes_no_commands), TEST(view_stream_that_ends_is_fetched_again),
		TEST(json_url_becomes_a_node_there), TEST(web_page_is_neither),
		TEST(web_page_that_is_gone_again_still_tells_what_it_was), TEST(missing_url_says_its_status_and_hides_the_password),
		TEST(url_multipart_without_boundary_has_a_tile_that_says_so), TEST(json_that_is_no_info_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
