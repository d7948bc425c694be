/*
 * t_crew.c - sightings become candidates, candidates become members, words and silence become their state.
 */
#include "unit/crew_kit.h"

static const struct crew_member *
member(struct kit *k, const char *id)
{
	const struct crew_member *m = crew_find(k->crew, id);

	assert_non_null(m);
	return m;
}

/* ---- From a sighting to a member ---- */

static void
a_sighting_is_a_candidate_until_it_answers(void **state)
{
	struct kit *k = *state;
	char text[200];

	kit_sight("10.0.0.1", 8081, "");
	assert_int_equal(crew_count(k->crew), 0);
	assert_int_equal(crew_pending_count(k->crew), 1);
	assert_true(crew_pending_at(k->crew, 0, text, sizeof text));
	assert_string_equal(text, "10.0.0.1:8081: being tried");
	fake_go(fake_conn("10.0.0.1"), CONN_BACKOFF, "connection refused");
	assert_true(crew_pending_at(k->crew, 0, text, sizeof text));
	assert_string_equal(text, "10.0.0.1:8081: connection refused");
	assert_false(crew_pending_at(k->crew, 1, text, sizeof text));
	kit_expect(k, "");
}

static void
an_answer_makes_a_member_with_a_number(void **state)
{
	struct kit *k = *state;

	kit_sight("10.0.0.1", 8081, "");
	fake_come_alive(fake_conn("10.0.0.1"), "cam1", "Left");
	assert_int_equal(k->inner[EV_CREW_CHANGED], 1);
	assert_int_equal(k->inner[EV_NODE_INFO], 1);
	assert_true(k->inner[EV_MANIFEST_DIRTY] > 0);
	kit_expect(k, "node-seen cam1 | node-live cam1");
	assert_int_equal(crew_count(k->crew), 1);
	assert_int_equal(crew_live_count(k->crew), 1);
	assert_int_equal(crew_pending_count(k->crew), 0);
	assert_int_equal(member(k, "cam1")->node->number, 1);
	assert_int_equal(member(k, "cam1")->conn, CONN_LIVE);
	assert_int_equal(member(k, "cam1")->node->addresses[0].via, VIA_BONJOUR);
	assert_true(member(k, "cam1")->node->addresses[0].in_use);
	assert_ptr_equal(crew_at(k->crew, 0), member(k, "cam1"));
	assert_null(crew_at(k->crew, 1));
}

static void
the_same_sighting_opens_one_conn(void **state)
{
	struct kit *k = *state;
	const struct registry_address typed = fake_address("10.0.0.1", 8081, VIA_MANUAL);

	kit_sight("10.0.0.1", 8081, "");
	kit_sight("10.0.0.1", 8081, "");
	crew_add_address(k->crew, &typed);
	assert_int_equal(fake_conn_count, 1);
	assert_int_equal(fake_conns[0]->nudges, 2);
	fake_come_alive(fake_conns[0], "cam1", "Left");
	assert_int_equal(member(k, "cam1")->node->addresses[0].via, VIA_BONJOUR | VIA_MANUAL);
}

static void
a_sighting_with_a_members_id_adds_its_address_best_path_first(void **state)
{
	struct conn *c;

	(void)state;
	kit_sight("100.100.1.2", 8081, "");
	c = fake_conn("100.100.1.2");
	fake_come_alive(c, "cam1", "Left");
	kit_sight("10.0.0.1", 8081, "cam1");
	assert_int_equal(fake_conn_count, 1);
	assert_int_equal(c->address_count, 2);
	assert_string_equal(c->addresses[0].host, "10.0.0.1");
	assert_string_equal(c->addresses[1].host, "100.100.1.2");
	assert_int_equal(c->nudges, 0);		/* it is up: nothing to hurry */
}

static void
a_sighting_hurries_a_member_whose_link_is_down(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);
	const int sets = c->sets;

	fake_go(c, CONN_BACKOFF, "connection refused");
	kit_sight("10.0.0.1", 8081, "cam1");
	assert_int_equal(c->nudges, 1);
	assert_int_equal(c->sets, sets);	/* the same address again is no new list */
}

static void
two_conns_to_one_device_become_one(void **state)
{
	struct kit *k = *state;
	struct conn *first = kit_member(k, 1);

	kit_sight("10.0.9.9", 8081, "");
	fake_identify(fake_conn("10.0.9.9"), "cam1", "cam1");
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(fake_conn_count, 1);
	assert_ptr_equal(crew_conn(k->crew, "cam1"), first);
	assert_int_equal(first->address_count, 2);
	assert_int_equal(crew_count(k->crew), 1);
	assert_int_equal(crew_pending_count(k->crew), 0);
	kit_expect(k, "");
}

static void
the_conn_that_is_up_replaces_the_one_that_is_down(void **state)
{
	struct kit *k = *state;
	struct conn *old = kit_member(k, 1), *new;

	fake_go(old, CONN_BACKOFF, "no route to host");
	kit_sight("10.0.9.9", 8081, "");
	new = fake_conn("10.0.9.9");
	fake_come_alive(new, "cam1", "cam1");
	assert_ptr_equal(crew_conn(k->crew, "cam1"), new);
	assert_int_equal(member(k, "cam1")->conn, CONN_LIVE);
	assert_int_equal(new->address_count, 2);
	kit_live(k, 3);
	assert_int_equal(fake_conn_count, 1);
}

static int told_result;

static void
told(void *arg, const char *node, const struct node_answer *a, int64_t took_us, int tries)
{
	(void)arg;
	(void)node;
	(void)took_us;
	(void)tries;
	told_result = (int)a->result;
}

static void
a_better_path_takes_over_without_losing_an_answer(void **state)
{
	struct kit *k = *state;
	struct conn *old, *new;

	kit_sight("100.100.1.2", 8081, "");
	old = fake_conn("100.100.1.2");
	fake_come_alive(old, "cam1", "Left");
	conn_command(old, &(struct node_request){ .verb = NODE_ZOOM }, told, NULL);
	told_result = -1;
	kit_sight("10.0.0.1", 8081, "");
	new = fake_conn("10.0.0.1");
	fake_come_alive(new, "cam1", "Left");
	assert_ptr_equal(crew_conn(k->crew, "cam1"), new);
	loop_fake_advance(k->loop, 500000);
	assert_int_equal(told_result, -1);
	fake_answer(old, 0, NODE_OK);		/* still there to answer */
	assert_int_equal(told_result, NODE_OK);
	kit_live(k, 3);
	assert_int_equal(fake_conn_count, 1);
}

static void
words_of_a_conn_that_was_replaced_are_not_heard(void **state)
{
	struct kit *k = *state;
	struct conn *old = kit_member(k, 1);

	fake_go(old, CONN_BACKOFF, "gone");
	kit_sight("10.0.9.9", 8081, "");
	fake_come_alive(fake_conn("10.0.9.9"), "cam1", "cam1");
	kit_deaf(k);
	fake_go(old, CONN_BACKOFF, "still gone");
	fake_word(old);
	assert_int_equal(member(k, "cam1")->conn, CONN_LIVE);
	assert_string_equal(member(k, "cam1")->why, "");
	assert_int_equal(k->inner[EV_NODE_STATE], 0);
}

static void
another_camera_at_a_known_address_is_another_member(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	fake_go(c, CONN_BACKOFF, "reset");
	fake_come_alive(c, "cam2", "New phone");
	assert_int_equal(crew_count(k->crew), 2);
	assert_ptr_equal(crew_conn(k->crew, "cam2"), c);
	assert_null(crew_conn(k->crew, "cam1"));
	assert_int_equal(member(k, "cam1")->node->address_count, 0);
	assert_string_equal(member(k, "cam1")->why, "another camera answers at its address");
	assert_int_equal(kit_count(k, "node-seen cam2"), 1);
	kit_sight("10.0.0.77", 8081, "cam1");	/* it is found again */
	assert_non_null(crew_conn(k->crew, "cam1"));
	assert_int_equal(member(k, "cam1")->node->number, 1);
}

static void
a_remembered_node_is_tried_and_known_but_not_live(void **state)
{
	struct kit *k = *state;
	const struct registry_address a = fake_address("10.0.0.5", 8081, VIA_REMEMBERED);
	struct registry_node *n = registry_remember(k->reg, "cam5");

	n->number = 5;
	registry_add_address(n, &a);
	registry_remember(k->reg, "cam6");	/* no address was kept */
	kit_start(k);
	assert_int_equal(crew_count(k->crew), 2);
	assert_int_equal(fake_conn_count, 1);
	assert_int_equal(member(k, "cam5")->link, HEALTH_NEVER);
	assert_true(member(k, "cam5")->node->known);
	loop_fake_advance(k->loop, 20000000);
	kit_expect(k, "");
	fake_come_alive(fake_conn("10.0.0.5"), "cam5", "Five");
	kit_expect(k, "node-seen cam5 | node-live cam5");
	assert_false(member(k, "cam5")->node->known);
	assert_int_equal(member(k, "cam5")->node->number, 5);
}

static void
a_flood_of_sightings_is_bounded_and_typed_addresses_survive_it(void **state)
{
	struct kit *k = *state;
	const struct registry_address typed = fake_address("192.168.7.7", 8081, VIA_MANUAL);
	char host[32];

	crew_add_address(k->crew, &typed);
	for (int i = 0; i < 1000; i++) {
		snprintf(host, sizeof host, "10.1.%d.%d", i / 250, i % 250);
		kit_sight(host, 8081, "");
		if (i % 50 == 0)
			loop_fake_advance(k->loop, 1000);
	}
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(crew_pending_count(k->crew), MAX_NODES);
	assert_int_equal(fake_conn_count, MAX_NODES);
	assert_non_null(fake_conn("192.168.7.7"));
	assert_non_null(fake_conn("10.1.3.249"));	/* the newest is tried */
}

static void
a_members_addresses_are_bounded_and_the_one_in_use_stays(void **state)
{
	struct kit *k = *state;
	char host[32];

	kit_member(k, 1);
	for (int i = 0; i < 40; i++) {
		snprintf(host, sizeof host, "10.2.0.%d", i);
		kit_sight(host, 8081, "cam1");
		loop_fake_advance(k->loop, 1000);
	}
	assert_int_equal(member(k, "cam1")->node->address_count, MAX_NODE_ADDRESSES);
	assert_string_equal(fake_conns[0]->addresses[0].host, "10.0.0.1");
	assert_non_null(registry_by_address(k->reg, "10.2.0.39", 8081, ""));
}

/* ---- Silence, bye, goodbye ---- */

static void
silence_is_stale_then_lost_to_the_digit(void **state)
{
	struct kit *k = *state;

	kit_member(k, 1);
	loop_fake_advance(k->loop, 2990000);
	kit_expect(k, "");
	assert_int_equal(crew_live_count(k->crew), 1);
	loop_fake_advance(k->loop, 20000);
	kit_expect(k, "node-stale cam1 no word for 3.0 s");
	assert_int_equal(crew_live_count(k->crew), 0);
	loop_fake_advance(k->loop, 2980000);
	kit_expect(k, "");
	loop_fake_advance(k->loop, 20000);
	kit_expect(k, "node-lost cam1 no word for 6.0 s");
	assert_int_equal(member(k, "cam1")->link, HEALTH_LOST);
	loop_fake_advance(k->loop, 60000000);
	kit_expect(k, "");
}

static void
a_word_in_time_keeps_it_live(void **state)
{
	struct kit *k = *state;

	kit_member(k, 1);
	kit_live(k, 30);
	kit_expect(k, "");
	assert_int_equal(member(k, "cam1")->link, HEALTH_LIVE);
}

static void
a_lost_node_that_speaks_is_back_at_once(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	loop_fake_advance(k->loop, 10000000);
	kit_deaf(k);
	fake_word(c);
	kit_expect(k, "node-back cam1 after 4.0 s | node-live cam1");
	loop_fake_advance(k->loop, 3500000);
	fake_word(c);
	kit_expect(k, "node-stale cam1 no word for 3.0 s | node-live cam1");	/* it was never away */
}

static void
the_silence_that_counts_can_be_set(void **state)
{
	struct kit *k = *state;

	kit_member(k, 1);
	kit_set(k, "stale-after", "1s");
	kit_set(k, "lost-after", "2s");
	loop_fake_advance(k->loop, 2100000);
	kit_expect(k, "node-stale cam1 no word for 1.0 s | node-lost cam1 no word for 2.0 s");
}

static void
bye_is_lost_at_once_and_an_echo_does_not_bring_it_back(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	fake_bye(c, "quit");
	kit_expect(k, "node-lost cam1 said bye: quit");
	assert_true(member(k, "cam1")->said_bye);
	fake_identify(c, "cam1", "cam1");	/* its last answer, overtaken by the bye */
	fake_go(c, CONN_BACKOFF, "it said bye");
	kit_expect(k, "");
	assert_int_equal(member(k, "cam1")->link, HEALTH_LOST);
	loop_fake_advance(k->loop, 8000000);
	kit_expect(k, "");
}

static void
a_new_hello_after_bye_brings_it_back(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	fake_bye(c, "sleep");
	fake_go(c, CONN_BACKOFF, "it said bye");
	kit_deaf(k);
	loop_fake_advance(k->loop, 1000000);
	fake_come_alive(c, "cam1", "cam1");
	kit_expect(k, "node-back cam1 after 1.0 s | node-live cam1");
	assert_false(member(k, "cam1")->said_bye);
}

static void
one_that_says_bye_and_talks_on_is_believed_after_a_while(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	fake_bye(c, "released");
	kit_deaf(k);
	loop_fake_advance(k->loop, 1000000);
	fake_word(c);
	kit_expect(k, "");
	loop_fake_advance(k->loop, 1500000);
	fake_word(c);
	kit_expect(k, "node-back cam1 after 2.5 s | node-live cam1");
}

static void
a_withdrawn_record_of_a_dead_node_is_lost_at_once(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	fake_go(c, CONN_BACKOFF, "connection refused");
	kit_expect(k, "");		/* refused is not yet lost: it may be restarting */
	kit_goodbye("10.0.0.1", 8081, "");
	kit_expect(k, "node-lost cam1 withdrew its Bonjour record and does not answer: connection refused");
}

static void
a_withdrawn_record_of_a_silent_node_is_lost_within_a_second_and_a_half(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	kit_goodbye("", 0, "cam1");
	assert_int_equal(c->doubts, 1);
	kit_expect(k, "");
	loop_fake_advance(k->loop, 1500000);
	assert_int_equal(kit_count(k, "node-lost cam1 withdrew"), 1);
	fake_word(c);			/* any word disproves it */
	assert_int_equal(kit_count(k, "node-live cam1"), 1);
}

static void
a_withdrawn_record_of_a_node_that_answers_is_nothing(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	kit_goodbye("10.0.0.1", 8081, "cam1");
	loop_fake_advance(k->loop, 200000);
	fake_word(c);
	kit_live(k, 10);
	kit_expect(k, "");
}

static void
a_withdrawn_candidate_is_dropped_unless_somebody_typed_it(void **state)
{
	struct kit *k = *state;
	const struct registry_address typed = fake_address("10.0.0.2", 8081, VIA_MANUAL);

	kit_sight("10.0.0.1", 8081, "");
	kit_sight("10.0.0.2", 8081, "");
	crew_add_address(k->crew, &typed);
	kit_goodbye("10.0.0.1", 8081, "");
	kit_goodbye("10.0.0.2", 8081, "");
	kit_goodbye("10.0.0.3", 8081, "");	/* never heard of */
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(crew_pending_count(k->crew), 1);
	assert_null(fake_conn("10.0.0.1"));
	assert_non_null(fake_conn("10.0.0.2"));
}

/* ---- Words ---- */

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

/* ---- The rest ---- */

static void
a_forgotten_node_is_gone_and_may_come_again(void **state)
{
	struct kit *k = *state;

	kit_member(k, 1);
	crew_forget(k->crew, "cam1");
	crew_forget(k->crew, "cam1");
	assert_int_equal(k->inner[EV_NODE_GONE], 1);
	assert_null(crew_find(k->crew, "cam1"));
	assert_null(crew_conn(k->crew, "cam1"));
	assert_int_equal(registry_count(k->reg), 0);
	loop_fake_advance(k->loop, 10000000);
	assert_int_equal(fake_conn_count, 0);
	kit_expect(k, "");
	kit_member(k, 1);
	assert_int_equal(crew_live_count(k->crew), 1);
}

static struct kit *forgetful;

static void
forget_the_lost(void *arg, const struct bus_event *ev)
{
	(void)arg;
	crew_forget(forgetful->crew, ev->node);
}

static void
a_listener_may_forget_the_node_it_hears_of(void **state)
{
	struct kit *k = *state;

	kit_member(k, 1);
	kit_member(k, 2);
	forgetful = k;
	bus_listen(k->bus, EV_NODE_LOST, forget_the_lost, NULL);
	loop_fake_advance(k->loop, 7000000);
	assert_int_equal(crew_count(k->crew), 0);
	assert_int_equal(kit_count(k, "node-lost"), 2);
	bus_unlisten(k->bus, forget_the_lost, NULL);
}

static void
a_source_that_stops_working_is_told_once(void **state)
{
	struct kit *k = *state;

	assert_int_equal(crew_source_count(k->crew), 1);
	kit_disc_fns->state(kit_disc_arg, VIA_BONJOUR, true, "Bonjour: looking");
	assert_int_equal(k->inner[EV_NOTICE], 0);
	kit_disc_fns->state(kit_disc_arg, VIA_BONJOUR, false, "Bonjour: no daemon");
	kit_disc_fns->state(kit_disc_arg, VIA_BONJOUR, false, "Bonjour: no daemon, again in 2 s");
	assert_int_equal(k->inner[EV_NOTICE], 1);
	assert_string_equal(crew_source_at(k->crew, 0)->sentence, "Bonjour: no daemon, again in 2 s");
	assert_false(crew_source_at(k->crew, 0)->working);
	assert_null(crew_source_at(k->crew, 1));
	crew_add_source(k->crew, &kit_disc, "off");
	assert_int_equal(crew_source_count(k->crew), 1);
}

static void
a_new_name_is_news_and_the_same_again_is_not(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	fake_identify(c, "cam1", "cam1");
	assert_int_equal(k->inner[EV_NODE_INFO], 0);
	assert_int_equal(k->inner[EV_MANIFEST_DIRTY], 0);
	fake_identify(c, "cam1", "Renamed");
	assert_int_equal(k->inner[EV_NODE_INFO], 1);
	assert_string_equal(member(k, "cam1")->node->info.device_name, "Renamed");
	kit_expect(k, "");
}

static void
one_camera_too_many_is_refused_with_a_sentence(void **state)
{
	struct kit *k = *state;
	char id[32];

	for (int i = 0; i < MAX_NODES; i++) {
		snprintf(id, sizeof id, "old%d", i);
		assert_non_null(registry_remember(k->reg, id));
	}
	kit_start(k);
	kit_sight("10.0.0.1", 8081, "");
	fake_identify(fake_conn("10.0.0.1"), "cam1", "One too many");
	assert_int_equal(k->inner[EV_NOTICE], 1);
	assert_int_equal(crew_count(k->crew), MAX_NODES);
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(fake_conn_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
#define TEST_WORLD(name) cmocka_unit_test_setup_teardown(name, kit_setup_world, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sighting_is_a_candidate_until_it_answers),
		TEST(an_answer_makes_a_member_with_a_number),
		TEST(the_same_sighting_opens_one_conn),
		TEST(a_sighting_with_a_members_id_adds_its_address_best_path_first),
		TEST(a_sighting_hurries_a_member_whose_link_is_down),
		TEST(two_conns_to_one_device_become_one),
		TEST(the_conn_that_is_up_replaces_the_one_that_is_down),
		TEST(a_better_path_takes_over_without_losing_an_answer),
		TEST(words_of_a_conn_that_was_replaced_are_not_heard),
		TEST(another_camera_at_a_known_address_is_another_member),
		TEST_WORLD(a_remembered_node_is_tried_and_known_but_not_live),
		TEST(a_flood_of_sightings_is_bounded_and_typed_addresses_survive_it),
		TEST(a_members_addresses_are_bounded_and_the_one_in_use_stays),
		TEST(silence_is_stale_then_lost_to_the_digit),
		TEST(a_word_in_time_keeps_it_live),
		TEST(a_lost_node_that_speaks_is_back_at_once),
		TEST(the_silence_that_counts_can_be_set),
		TEST(bye_is_lost_at_once_and_an_echo_does_not_bring_it_back),
		TEST(a_new_hello_after_bye_brings_it_back),
		TEST(one_that_says_bye_and_talks_on_is_believed_after_a_while),
		TEST(a_withdrawn_record_of_a_dead_node_is_lost_at_once),
		TEST(a_withdrawn_record_of_a_silent_node_is_lost_within_a_second_and_a_half),
		TEST(a_withdrawn_record_of_a_node_that_answers_is_nothing),
		TEST(a_withdrawn_candidate_is_dropped_unless_somebody_typed_it),
		TEST(events_become_the_members_last_word),
		TEST(replies_gestures_and_markers_are_public_news),
		TEST(an_older_state_in_an_answer_does_not_undo_a_newer_one),
		TEST(files_saved_meanwhile_are_told_oldest_first),
		TEST(clock_samples_place_the_node_on_the_consoles_timeline),
		TEST(a_better_clock_sample_is_news_and_so_is_the_end_of_a_burst),
		TEST(a_view_only_source_lives_by_its_frames),
		TEST(pictures_are_a_sign_of_life_but_no_word_on_recording),
		TEST(an_answer_of_an_unknown_at_a_lost_members_address_is_not_its_return),
		TEST(a_picture_that_stands_still_is_frozen),
		TEST(both_complaints_about_a_picture_are_shown_and_cleared),
		TEST(a_forgotten_node_is_gone_and_may_come_again),
		TEST(a_listener_may_forget_the_node_it_hears_of),
		TEST(a_source_that_stops_working_is_told_once),
		TEST(a_new_name_is_news_and_the_same_again_is_not),
		TEST_WORLD(one_camera_too_many_is_refused_with_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
