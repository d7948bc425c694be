/*
 * t_crew_news.c - what a node says, shows and saves becomes its last word and public news.
 */
#include "unit/crew_kit.h"

static const struct crew_member *
member(struct kit *k, const char *id)
{
	const struct crew_member *m = crew_find(k->crew, id);

	assert_non_null(m);
	return m;
}

static void
events_become_the_members_last_word(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);
	struct node_event *ev = xcalloc(1, sizeof *ev);

	ev->kind = NODE_EV_AUDIO;
	ev->audio.peak_dbfs = -12.5;
	fake_event(c, ev);
	ev->kind = NODE_EV_ZOOM;
	ev->value = 2.0;
	fake_event(c, ev);
	ev->kind = NODE_EV_TALLY;
	str_copy(ev->text, sizeof ev->text, "program");
	fake_event(c, ev);
	ev->kind = NODE_EV_CAMERA;
	str_copy(ev->text, sizeof ev->text, "front");
	fake_event(c, ev);
	ev->kind = NODE_EV_RECORDING;
	ev->recording.state = NODE_REC_STARTING;
	fake_event(c, ev);
	assert_true(member(k, "cam1")->track.last.has_audio);
	assert_true(member(k, "cam1")->track.last.audio.peak_dbfs < -12.4);
	assert_true(member(k, "cam1")->track.last.zoom > 1.9);
	assert_int_equal(member(k, "cam1")->track.last.tally, NODE_TALLY_PROGRAM);
	assert_string_equal(member(k, "cam1")->track.last.camera, "front");
	assert_int_equal(member(k, "cam1")->rec, HEALTH_REC_STARTING);
	assert_int_equal(k->inner[EV_NODE_EVENT], 5);
	free(ev);
}

static void
replies_gestures_and_markers_are_public_news(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);
	struct node_event *ev = xcalloc(1, sizeof *ev);

	ev->kind = NODE_EV_REPLY;
	str_copy(ev->text, sizeof ev->text, "ok");
	fake_event(c, ev);
	ev->kind = NODE_EV_MARKER;
	str_copy(ev->text, sizeof ev->text, "clap");
	fake_event(c, ev);
	ev->kind = NODE_EV_GESTURE;
	str_copy(ev->text, sizeof ev->text, "chest-flex");
	fake_event(c, ev);
	kit_expect(k, "reply cam1 ok | marker cam1 clap | gesture cam1 chest-flex");
	free(ev);
}

static void
an_older_state_in_an_answer_does_not_undo_a_newer_one(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);
	struct node_health *h = xcalloc(1, sizeof *h);

	h->time_us = 2000;
	str_copy(h->thermal, sizeof h->thermal, "fair");
	fake_health(c, h);
	h->time_us = 1000;
	str_copy(h->thermal, sizeof h->thermal, "nominal");
	crew_said(k->crew, "cam1", h);
	assert_string_equal(member(k, "cam1")->track.last.thermal, "fair");
	h->time_us = 3000;
	crew_said(k->crew, "cam1", h);
	assert_string_equal(member(k, "cam1")->track.last.thermal, "nominal");
	crew_said(k->crew, "nobody", h);
	h->time_us = 10;		/* its clock was set back: what it says itself counts */
	str_copy(h->thermal, sizeof h->thermal, "serious");
	fake_health(c, h);
	assert_string_equal(member(k, "cam1")->track.last.thermal, "serious");
	free(h);
}

static struct { int count; char takes[4][TAKE_BYTES], json[4][16]; } saved;

static void
hear_saved(void *arg, const struct bus_event *ev)
{
	const struct node_event *news = ev->data;

	(void)arg;
	if (news->kind != NODE_EV_SAVED)
		return;
	str_copy(saved.takes[saved.count], TAKE_BYTES, news->file.take);
	str_copy(saved.json[saved.count++], 16, news->file_json);
}

static void
files_saved_meanwhile_are_told_oldest_first(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);
	struct node_file *files = xcalloc(3, sizeof *files);
	char three[] = "{3}", two[] = "{2}", one[] = "{1}";
	char *json[] = { three, two, one };

	for (int i = 0; i < 3; i++)
		snprintf(files[i].take, sizeof files[i].take, "00%d", 3 - i);
	saved.count = 0;
	bus_listen(k->bus, EV_NODE_EVENT, hear_saved, NULL);
	c->fns->recordings(c->arg, c, files, json, 3);
	assert_int_equal(saved.count, 3);
	assert_string_equal(saved.takes[0], "001");
	assert_string_equal(saved.json[0], "{1}");
	assert_string_equal(saved.takes[2], "003");
	bus_unlisten(k->bus, hear_saved, NULL);
	free(files);
}

/* ---- Clocks ---- */

static void
sample(struct conn *c, int64_t at_us, int64_t ahead_us, int64_t rtt_us)
{
	const struct offset_sample s = { .sent_us = at_us, .received_us = at_us + rtt_us,
		.node_received_us = at_us + rtt_us / 2 + ahead_us, .node_sent_us = at_us + rtt_us / 2 + ahead_us };

	c->fns->clock(c->arg, c, &s, "epoch-1");
}

static void
clock_samples_place_the_node_on_the_consoles_timeline(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	assert_int_equal(crew_to_node(k->crew, "cam1", 1000), 1000);	/* unknown: unchanged */
	sample(c, LOOP_FAKE_UTC_US, 350000, 4000);
	assert_int_equal(crew_to_node(k->crew, "cam1", 1000), 351000);
	assert_int_equal(crew_to_console(k->crew, "cam1", 351000), 1000);
	assert_int_equal(crew_to_node(k->crew, "nobody", 1000), 1000);
	assert_int_equal(member(k, "cam1")->node->addresses[0].rtt_us, 4000);
}

static void
a_better_clock_sample_is_news_and_so_is_the_end_of_a_burst(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	sample(c, LOOP_FAKE_UTC_US, 0, 4000);
	assert_int_equal(k->inner[EV_CLOCK_SAMPLE], 1);
	for (int i = 1; i < 8; i++)
		sample(c, LOOP_FAKE_UTC_US + i * 10000, 0, 9000);
	assert_int_equal(k->inner[EV_CLOCK_SAMPLE], 1);
	sample(c, LOOP_FAKE_UTC_US + 80000, 0, 9000);
	assert_int_equal(k->inner[EV_CLOCK_SAMPLE], 2);
	sample(c, LOOP_FAKE_UTC_US + 10000000, 0, 9000);	/* the next burst has its own best */
	assert_int_equal(k->inner[EV_CLOCK_SAMPLE], 3);
}

/* A clock that was met just now may run off at 500 ppm; on a quiet network that is more than the way itself. */
static void
clock_of_loose_bound_is_compared_more_often(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	sample(c, LOOP_FAKE_UTC_US, 350000, 400);
	assert_int_equal(c->clock_pace_us, 2500000);
	for (int i = 1; i <= 12; i++)
		sample(c, LOOP_FAKE_UTC_US + i * 2500000, 350000 + i, 400);
	assert_int_equal(c->clock_pace_us, 0);
	assert_int_equal(c->clocks_asked, 0);
	crew_compare_clock(k->crew, "cam1");
	crew_compare_clock(k->crew, "nobody");
	assert_int_equal(c->clocks_asked, 1);
}

static void
answers_tell_how_long_the_way_is(void **state)
{
	struct kit *k = *state;

	kit_member(k, 1);
	assert_int_equal(reach_need_us(&member(k, "cam1")->reach, 0), 0);
	crew_answered(k->crew, "cam1", 70000);
	crew_answered(k->crew, "nobody", 90000);
	assert_int_equal(reach_need_us(&member(k, "cam1")->reach, 0), 120000);
}

/* ---- Pictures ---- */

static struct { int count; char node[ID_BYTES]; } framed;

static void
frame_sink(void *arg, const char *node, const char *jpeg, size_t len)
{
	(void)arg;
	assert_memory_equal(jpeg, "jpeg", len);
	framed.count++;
	str_copy(framed.node, sizeof framed.node, node);
}

static void
a_view_only_source_lives_by_its_frames(void **state)
{
	struct kit *k = *state;
	struct registry_address a = { .kind = PATH_URL, .via = VIA_MANUAL };
	const struct node_info info = fake_info("view-1", "desk cam");
	struct conn *c;

	str_copy(a.url, sizeof a.url, "http://10.0.0.8/stream");
	crew_add_address(k->crew, &a);
	crew_set_frame_sink(k->crew, frame_sink, NULL);
	framed.count = 0;
	c = fake_conns[0];
	c->fns->identified(c->arg, c, &info, &a, true);
	fake_go(c, CONN_VIEWING, "");
	fake_word(c);				/* bytes that are no picture */
	kit_expect(k, "node-seen view-1");
	c->fns->frame(c->arg, c, "jpeg", 4, 0, -1);
	kit_expect(k, "node-live view-1");
	assert_int_equal(framed.count, 1);
	assert_string_equal(framed.node, "view-1");
	assert_true(member(k, "view-1")->node->view_only);
	assert_int_equal(crew_live_count(k->crew), 0);	/* no contract, no camera that can record */
	loop_fake_advance(k->loop, 2000000);
	fake_word(c);
	loop_fake_advance(k->loop, 1100000);
	kit_expect(k, "node-stale view-1 no picture for 3.0 s");
}

static void
pictures_are_a_sign_of_life_but_no_word_on_recording(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);
	struct node_health *h = xcalloc(1, sizeof *h);

	h->has_recording = true;
	h->recording.state = NODE_REC_STARTING;
	fake_health(c, h);
	h->recording.state = NODE_REC_RECORDING;
	h->recording.bytes = 1000;
	fake_health(c, h);
	h->recording.bytes = 2000;
	fake_health(c, h);
	assert_int_equal(member(k, "cam1")->rec, HEALTH_REC_RECORDING);
	for (int i = 0; i < 40; i++) {
		loop_fake_advance(k->loop, 100000);
		c->fns->frame(c->arg, c, "jpeg", 4, 1000 * i, i);
	}
	assert_int_equal(member(k, "cam1")->link, HEALTH_LIVE);
	assert_int_equal(member(k, "cam1")->rec, HEALTH_REC_UNSURE);
	free(h);
}

static void
an_answer_of_an_unknown_at_a_lost_members_address_is_not_its_return(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	fake_go(c, CONN_BACKOFF, "no route to host");
	loop_fake_advance(k->loop, 10000000);
	kit_deaf(k);
	fake_go(c, CONN_PROBING, "");
	fake_come_alive(c, "cam2", "New phone");
	kit_expect(k, "");
	loop_fake_advance(k->loop, 1000);
	fake_come_alive(fake_conn("10.0.0.1"), "cam2", "New phone");	/* asked anew, as itself */
	kit_expect(k, "node-seen cam2 | node-live cam2");
	assert_int_equal(member(k, "cam1")->link, HEALTH_LOST);
}

static void
a_picture_that_stands_still_is_frozen(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	for (int i = 0; i < 40; i++) {
		loop_fake_advance(k->loop, 100000);
		fake_word(c);
		c->fns->frame(c->arg, c, "jpeg", 4, 1000, 7);
	}
	assert_true(member(k, "cam1")->frozen);
	assert_true(k->inner[EV_NODE_STATE] >= 1);
	c->fns->frame(c->arg, c, "jpeg", 4, 2000, 8);
	fake_word(c);
	assert_false(member(k, "cam1")->frozen);
}

static void
both_complaints_about_a_picture_are_shown_and_cleared(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	crew_picture_trouble(k->crew, "cam1", "60000 x 60000");
	assert_string_equal(member(k, "cam1")->picture_trouble, "60000 x 60000");
	c->fns->picture_trouble(c->arg, c, "no boundary");
	assert_string_equal(member(k, "cam1")->picture_trouble, "no boundary");
	c->fns->picture_trouble(c->arg, c, "");
	assert_string_equal(member(k, "cam1")->picture_trouble, "60000 x 60000");
	crew_picture_trouble(k->crew, "cam1", "");
	assert_string_equal(member(k, "cam1")->picture_trouble, "");
	crew_picture_trouble(k->crew, "nobody", "x");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(events_become_the_members_last_word),
		TEST(replies_gestures_and_markers_are_public_news),
		TEST(an_older_state_in_an_answer_does_not_undo_a_newer_one),
		TEST(files_saved_meanwhile_are_told_oldest_first),
		TEST(clock_samples_place_the_node_on_the_consoles_timeline),
		TEST(clock_of_loose_bound_is_compared_more_often), TEST(answers_tell_how_long_the_way_is),
		TEST(a_better_clock_sample_is_news_and_so_is_the_end_of_a_burst),
		TEST(a_view_only_source_lives_by_its_frames),
		TEST(pictures_are_a_sign_of_life_but_no_word_on_recording),
		TEST(an_answer_of_an_unknown_at_a_lost_members_address_is_not_its_return),
		TEST(a_picture_that_stands_still_is_frozen),
		TEST(both_complaints_about_a_picture_are_shown_and_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
