/*
 * t_camera_talk.c - a whole node on a real loop, asked by the project's own HTTP client: the wire cases, repeats,
 * the event ring, streams that come and go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/ceilings.h"
#include "base/str.h"
#include "camera/camera.h"
#include "camera/hush.h"
#include "io/http.h"
#include "io/jdoc.h"
#include "io/loop_uv.h"
#include "io/mjpeg.h"
#include "io/sse.h"
#include "support/scratch.h"
#include "support/wire_cases.h"

#define EVENTS 2048

struct bench {
	struct loop *loop;
	struct http *http;
	struct loop_timer *tick;
	struct camera *camera;
	char *folder;
	bool (*is_over)(struct bench *b);
	int64_t deadline_us;
	int closed;
	/* the last answers */
	int answers, statuses[8];
	char bodies[8][4096];
	/* an event stream */
	struct http_call *stream;
	struct sse *sse;
	int events, stream_ends;
	char names[EVENTS][16];
	int64_t ids[EVENTS];
	bool missed;
	/* a picture stream */
	struct mjpeg *mjpeg;
	int frames, wanted;
	int64_t frame;			/* the number of the newest */
};

static void
bench_tick(void *arg)
{
	struct bench *b = arg;

	if (b->is_over(b) || loop_now_us(b->loop) > b->deadline_us)
		loop_stop(b->loop);
}

/* Turns the loop until it is so. */
static void
wait_until(struct bench *b, bool (*is_over)(struct bench *b))
{
	b->is_over = is_over;
	b->deadline_us = loop_now_us(b->loop) + 60000000;
	loop_timer_start(b->loop, b->tick, 1000, 1000);
	loop_run(b->loop);
	assert_true(is_over(b));
}

static void
start_node(struct bench *b, const char *fault)
{
	struct camera_conf conf = { .name = "talk", .model = "m", .bind = "127.0.0.1", .source = "pattern", .width = 160, .height = 90,
		.rate = 25, .number = 1 };
	struct err e = { 0 };

	str_copy(conf.folder, sizeof conf.folder, b->folder);
	assert_true(fault[0] == '\0' || fault_parse(&conf.fault, 1, fault, &e));
	b->camera = camera_open(b->loop, clk_system(), &conf, NULL, NULL, &e);
	if (b->camera == NULL)
		fail_msg("%s", e.text);
}

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	b->loop = loop_uv_new(2);
	b->http = http_new(b->loop);
	b->tick = loop_timer_new(b->loop, bench_tick, b);
	b->folder = scratch_new();
	*state = b;
	return 0;
}

static void
bench_closed(void *arg)
{
	((struct bench *)arg)->closed++;
}

static bool
is_closed(struct bench *b)
{
	return b->closed > 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	camera_close(b->camera, bench_closed, b);
	wait_until(b, is_closed);
	http_free(b->http);
	sse_free(b->sse);
	mjpeg_free(b->mjpeg);
	camera_free(b->camera);
	loop_timer_free(b->loop, b->tick);
	loop_free(b->loop);
	scratch_free(b->folder);
	free(b);
	return 0;
}

/* ---- asking ---- */

static void
answered(void *arg, const struct http_answer *a)
{
	struct bench *b = arg;

	if (b->answers < 8) {
		b->statuses[b->answers] = a->status;
		snprintf(b->bodies[b->answers], sizeof b->bodies[0], "%s", a->body != NULL ? a->body : "");
	}
	b->answers++;
}

static bool
all_answered(struct bench *b)
{
	return b->answers >= b->wanted;
}

static void
url_of(const struct bench *b, const char *path, char out[static 256])
{
	http_url(out, 256, "127.0.0.1", camera_port(b->camera), path);
}

static void
send_post(struct bench *b, const char *path, const char *body, bool fresh)
{
	char url[256];
	struct http_request r = { .method = "POST", .url = url, .body = body, .fresh = fresh };

	url_of(b, path, url);
	http_call(b->http, &r, answered, b);
}

/* Status of a command's answer; its body is b->bodies[0]. */
static int
post(struct bench *b, const char *path, const char *body)
{
	b->answers = 0;
	b->wanted = 1;
	send_post(b, path, body, false);
	wait_until(b, all_answered);
	return b->statuses[0];
}

static void
requests_are_read_as_the_wire_cases_say(void **state)
{
	struct bench *b = *state;
	struct wire_cases cases;
	struct err e;
	char dir[512];
	size_t refused = 0;

	start_node(b, "");
	wire_cases_dir(dir, sizeof dir);
	assert_true(wire_cases_load(&cases, dir, "request", &e));
	for (size_t i = 0; i < cases.count; i++) {
		const struct wire_case *c = &cases.cases[i];
		int status = post(b, c->path, c->input);

		if (c->error == NULL) {
			if (status == 400 && strcmp(c->path, "/claim") != 0)
				fail_msg("%s: %d %s", c->name, status, b->bodies[0]);
			continue;
		}
		refused++;
		if (status != 400 || strstr(b->bodies[0], "\"bad_request\"") == NULL)
			fail_msg("%s: %d %s", c->name, status, b->bodies[0]);
	}
	assert_true(cases.count > 20 && refused > 10);
	wire_cases_free(&cases);
}

static void
repeats_on_other_connections_get_one_answer(void **state)
{
	struct bench *b = *state;

	start_node(b, "late=150ms");
	b->wanted = 3;
	for (int i = 0; i < 3; i++)
		send_post(b, "/camera/flip", "{\"commandId\":\"once\"}", i > 0);
	wait_until(b, all_answered);
	assert_int_equal(b->statuses[0], 200);
	assert_non_null(strstr(b->bodies[0], "\"camera\":\"front\""));
	assert_string_equal(b->bodies[0], b->bodies[1]);
	assert_string_equal(b->bodies[0], b->bodies[2]);
	b->answers = 0;
	b->wanted = 1;
	send_post(b, "/camera/flip", "{\"commandId\":\"once\"}", false);
	wait_until(b, all_answered);
	assert_non_null(strstr(b->bodies[0], "\"camera\":\"front\""));
}

static void
node_may_end_while_answers_and_pictures_are_owed(void **state)
{
	struct bench *b = *state;
	char url[256];
	struct http_request r = { .url = url };

	start_node(b, "late=10s");
	send_post(b, "/camera/flip", "{}", false);
	url_of(b, "/snapshot.jpg", url);
	http_call(b->http, &r, answered, b);
	b->wanted = 1;
	wait_until(b, all_answered);	/* the snapshot; the flip's answer is still owed */
	assert_int_equal(b->statuses[0], 200);
	http_call(b->http, &r, answered, b);
}

/* ---- events ---- */

/* These have no number of their own: a reader shows the one before them with them (WHATWG HTML, section 9.2.6). */
static bool
is_numbered(const char *name)
{
	return strcmp(name, "hello") != 0 && strcmp(name, "health") != 0 && strcmp(name, "audio") != 0;
}

static void
on_event(void *arg, const char *name, const char *data, size_t len, const char *id)
{
	struct bench *b = arg;
	int64_t number = 0;

	assert_true(b->events < EVENTS);
	str_copy(b->names[b->events], sizeof b->names[0], name);
	if (is_numbered(name))
		assert_true(str_int(id, 1, INT64_MAX, &number));
	b->ids[b->events++] = number;
	if (strcmp(name, "hello") == 0) {
		struct jdoc *j = jdoc_parse(data, len, MAX_JSON_BODY, NULL);

		b->missed = jdoc_bool(j, "missed", false);
		jdoc_free(j);
	}
}

static bool
on_bytes(void *arg, const char *data, size_t len)
{
	struct bench *b = arg;
	struct err e;

	return sse_feed(b->sse, data, len, &e);
}

static bool
on_head(void *arg, int status, const char *content_type)
{
	(void)arg;
	return status == 200 && strncmp(content_type, "text/event-stream", 17) == 0;
}

static void
on_closed(void *arg, const struct err *why)
{
	struct bench *b = arg;

	(void)why;
	b->stream = NULL;
	b->stream_ends++;
}

static void
listen_from(struct bench *b, const char *last_event_id)
{
	char url[256];
	struct http_request r = { .url = url, .last_event_id = last_event_id };

	sse_free(b->sse);
	b->sse = sse_new(on_event, NULL, b);
	b->events = 0;
	b->missed = false;
	url_of(b, "/events", url);
	b->stream = http_stream(b->http, &r, on_head, on_bytes, on_closed, b);
}

static int
lenses_told(const struct bench *b)
{
	int count = 0;

	for (int i = 0; i < b->events; i++)
		count += strcmp(b->names[i], "lens") == 0;
	return count;
}

static bool
lens_was_told(struct bench *b)
{
	return lenses_told(b) > 0;
}

static bool
all_lenses_were_told(struct bench *b)
{
	return lenses_told(b) >= 300;
}

static bool
hello_was_said(struct bench *b)
{
	return b->events > 0;
}

/* Numbered ones since the last listen_from(): how many, and are they without a hole? */
static int
count_numbered(const struct bench *b, int64_t *first, int64_t *last)
{
	int count = 0;

	*first = *last = 0;
	for (int i = 0; i < b->events; i++) {
		if (b->ids[i] == 0)
			continue;
		if (count++ == 0)
			*first = b->ids[i];
		else
			assert_int_equal(b->ids[i], *last + 1);
		*last = b->ids[i];
	}
	return count;
}

static void
change_lens(struct bench *b, int times)
{
	for (int i = 0; i < times; i++)
		assert_int_equal(post(b, "/camera/lock", i % 2 == 0 ? "{\"focus\":true}" : "{\"focus\":false}"), 200);
}

static bool
ring_has_come(struct bench *b)
{
	int64_t first, last;

	return count_numbered(b, &first, &last) >= MAX_SSE_RING;
}

static void
ring_holds_what_it_promises_and_says_what_it_lost(void **state)
{
	struct bench *b = *state;
	int64_t first = 0, last = 0, begin = 0;
	char id[32];

	start_node(b, "");
	listen_from(b, NULL);
	wait_until(b, hello_was_said);
	change_lens(b, 1);
	wait_until(b, lens_was_told);
	for (int i = 0; i < b->events; i++)
		begin = b->ids[i] > begin ? b->ids[i] : begin;
	http_cancel(b->stream);
	change_lens(b, 300);
	snprintf(id, sizeof id, "%lld", (long long)begin);
	listen_from(b, id);
	wait_until(b, all_lenses_were_told);
	assert_false(b->missed);
	assert_true(count_numbered(b, &first, &last) >= 300);
	assert_int_equal(first, begin + 1);
	http_cancel(b->stream);
	change_lens(b, 300);
	listen_from(b, id);
	wait_until(b, ring_has_come);
	assert_true(b->missed);
	assert_int_equal(count_numbered(b, &first, &last), MAX_SSE_RING);
	http_cancel(b->stream);
	snprintf(id, sizeof id, "%lld", (long long)last);
	listen_from(b, id);
	wait_until(b, hello_was_said);
	assert_false(b->missed);
	http_cancel(b->stream);
	snprintf(id, sizeof id, "%lld", (long long)last + 1000);	/* of a life to come */
	listen_from(b, id);
	wait_until(b, hello_was_said);
	assert_true(b->missed);
	http_cancel(b->stream);
}

static bool
stream_has_ended(struct bench *b)
{
	return b->stream_ends > 0;
}

static bool
bye_was_said(const struct bench *b)
{
	for (int i = 0; i < b->events; i++)
		if (strcmp(b->names[i], "bye") == 0)
			return true;
	return false;
}

static void
bye_is_the_last_word_of_an_orderly_end(void **state)
{
	struct bench *b = *state;

	start_node(b, "");
	listen_from(b, NULL);
	wait_until(b, hello_was_said);
	camera_close(b->camera, bench_closed, b);
	wait_until(b, stream_has_ended);
	assert_true(bye_was_said(b));
	wait_until(b, is_closed);
	b->closed = 0;
	camera_free(b->camera);
	start_node(b, "");
}

static void
dead_node_says_nothing(void **state)
{
	struct bench *b = *state;

	start_node(b, "");
	listen_from(b, NULL);
	wait_until(b, hello_was_said);
	assert_int_equal(post(b, "/record/start", "{\"take\":\"1\",\"sphere\":\"s\"}"), 200);
	camera_die(b->camera);
	wait_until(b, stream_has_ended);
	assert_false(bye_was_said(b));
	assert_int_equal(camera_port(b->camera), 0);
}

/* ---- pictures ---- */

static void
on_frame(void *arg, const char *jpeg, size_t len, int64_t timestamp_us, int64_t frame)
{
	struct bench *b = arg;

	assert_true(len > 100 && memcmp(jpeg, "\xff\xd8", 2) == 0);
	assert_true(timestamp_us > 1600000000000000LL && frame > 0);
	b->frame = frame;
	b->frames++;
}

static bool
picture_head(void *arg, int status, const char *content_type)
{
	struct bench *b = arg;
	struct err e;

	b->mjpeg = mjpeg_new(content_type, on_frame, b, &e);
	return status == 200 && b->mjpeg != NULL;
}

static bool
picture_bytes(void *arg, const char *data, size_t len)
{
	struct bench *b = arg;
	struct err e;

	return mjpeg_feed(b->mjpeg, data, len, &e);
}

static bool
enough_frames(struct bench *b)
{
	return b->frames >= 5;
}

static void
frames_are_parts_the_console_can_read(void **state)
{
	struct bench *b = *state;
	char url[256];
	struct http_request r = { .url = url };

	start_node(b, "");
	url_of(b, "/stream?width=80&fps=25", url);
	b->stream = http_stream(b->http, &r, picture_head, picture_bytes, on_closed, b);
	wait_until(b, enough_frames);
	http_cancel(b->stream);
}

/* With another size it is another stream, but the same standing picture. */
static void
frozen_camera_gives_whoever_comes_the_number_it_had(void **state)
{
	struct bench *b = *state;
	char url[256];
	struct http_request r = { .url = url };
	int64_t number;

	start_node(b, "freeze-after=1ms");
	url_of(b, "/stream?width=80&fps=25", url);
	b->stream = http_stream(b->http, &r, picture_head, picture_bytes, on_closed, b);
	wait_until(b, enough_frames);
	http_cancel(b->stream);
	mjpeg_free(b->mjpeg);
	number = b->frame;
	b->frames = 0;
	url_of(b, "/stream?width=160&fps=25", url);
	b->stream = http_stream(b->http, &r, picture_head, picture_bytes, on_closed, b);
	wait_until(b, enough_frames);
	http_cancel(b->stream);
	assert_int_equal(b->frame, number);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(requests_are_read_as_the_wire_cases_say), T(repeats_on_other_connections_get_one_answer),
		T(node_may_end_while_answers_and_pictures_are_owed), T(ring_holds_what_it_promises_and_says_what_it_lost),
		T(bye_is_the_last_word_of_an_orderly_end), T(dead_node_says_nothing), T(frames_are_parts_the_console_can_read),
		T(frozen_camera_gives_whoever_comes_the_number_it_had),
	};

	hush_libraries();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
