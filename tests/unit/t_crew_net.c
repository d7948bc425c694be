/*
 * t_crew_net.c - crew, fan-out and previews on the real loop, over real sockets, against scripted nodes: commands,
 * silence, paths that break, devices that move and devices that are copies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "app/fanout.h"
#include "app/preview.h"
#include "app/settings.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/loop_uv.h"
#include "support/fakenode.h"

#define NODES 4
#define PATIENCE_US 20000000	/* a condition that takes longer has failed; never waited for in a good run */

struct set {
	struct loop *loop;
	struct http *http;
	struct registry *reg;
	struct bus *bus;
	struct opt_set *settings;
	struct crew *crew;
	struct fanout *fanout;
	struct preview *preview;
	struct fakenode *nodes[NODES];
	int heard[EV_KINDS];
	int dones, acked;
	int64_t took_us;
	char order[400];
	bool (*condition)(struct set *s);
	struct loop_timer *pulse;
	int64_t give_up_us;
	int64_t since_us;		/* only answers later than this count */
	bool is_met;
};

static void
hear(void *arg, const struct bus_event *ev)
{
	((struct set *)arg)->heard[ev->kind]++;
}

static void
look(void *arg)
{
	struct set *s = arg;

	s->is_met = s->condition(s);
	if (s->is_met || loop_now_us(s->loop) > s->give_up_us)
		loop_stop(s->loop);
}

/* Runs the loop until the condition holds. */
static void
await(struct set *s, bool (*condition)(struct set *s))
{
	s->condition = condition;
	s->give_up_us = loop_now_us(s->loop) + PATIENCE_US;
	s->pulse = loop_timer_new(s->loop, look, s);
	loop_timer_start(s->loop, s->pulse, 0, 5000);
	loop_run(s->loop);
	loop_timer_free(s->loop, s->pulse);
	assert_true(s->is_met);
}

static bool
all_live(struct set *s)
{
	return crew_live_count(s->crew) == NODES;
}

static void
set_option(struct set *s, const char *name, const char *value)
{
	struct err e;

	assert_true(opt_assign(s->settings, name, value, &e));
}

static void
add_node(struct set *s, int i)
{
	struct registry_address a = { .host = "127.0.0.1", .port = fakenode_port(s->nodes[i]), .kind = PATH_LOOPBACK, .via = VIA_MANUAL };

	crew_add_address(s->crew, &a);
}

static int
setup(void **state)
{
	struct set *s = xcalloc(1, sizeof *s);

	for (int i = 0; i < NODES; i++) {
		char name[16];

		snprintf(name, sizeof name, "n%d", i);
		s->nodes[i] = fakenode_new(&(struct fakenode_conf){ .id = name, .name = name });
		fakenode_set(s->nodes[i], FAKENODE_HEALTH_MS, 200);
	}
	s->loop = loop_uv_new(2);
	s->http = http_new(s->loop);
	s->reg = registry_new();
	s->bus = bus_new();
	bus_listen(s->bus, EV_KINDS, hear, s);
	s->settings = opt_set_new(settings_table);
	set_option(s, "ack-timeout", "800ms");
	set_option(s, "stale-after", "1s");
	set_option(s, "lost-after", "1500ms");
	s->crew = crew_new(s->loop, s->http, s->reg, s->bus, clk_system(), s->settings);
	s->fanout = fanout_new(s->loop, s->crew, s->bus);
	s->preview = preview_new(s->loop, s->crew, s->bus, s->settings);
	for (int i = 0; i < NODES; i++)
		add_node(s, i);
	await(s, all_live);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct set *s = *state;

	preview_free(s->preview);
	fanout_free(s->fanout);
	crew_free(s->crew);
	opt_set_free(s->settings);
	bus_free(s->bus);
	registry_free(s->reg);
	http_free(s->http);
	loop_free(s->loop);
	for (int i = 0; i < NODES; i++)
		fakenode_free(s->nodes[i]);
	free(s);
	return 0;
}

static void
ack(void *arg, const struct ledger_line *line)
{
	struct set *s = arg;

	snprintf(s->order + strlen(s->order), sizeof s->order - strlen(s->order), "%s:%s ", line->node,
	    node_result_name(line->result));
}

static void
done(void *arg, const struct ledger *l, int64_t took_us)
{
	struct set *s = arg;

	s->dones++;
	s->acked = ledger_acked(l);
	s->took_us = took_us;
}

static const struct fanout_fns fns = { ack, done, NULL };

static void
send_zoom(struct set *s)
{
	const struct node_request r = { .verb = NODE_ZOOM, .factor = 2.0 };
	struct target_set *all = xcalloc(1, sizeof *all);

	for (int i = 0; i < NODES; i++)
		str_copy(all->ids[all->count++], ID_BYTES, fakenode_id(s->nodes[i]));
	s->order[0] = '\0';
	s->dones = 0;
	fanout_send(s->fanout, &r, all, NULL, &fns, s);
	free(all);
}

static bool
is_done(struct set *s)
{
	return s->dones == 1;
}

static void
every_node_is_asked_once_and_answers(void **state)
{
	struct set *s = *state;

	send_zoom(s);
	await(s, is_done);
	assert_int_equal(s->acked, NODES);
	for (int i = 0; i < NODES; i++) {
		assert_int_equal(fakenode_asked(s->nodes[i], "POST /camera/zoom"), 1);
		assert_int_equal(fakenode_done(s->nodes[i], "/camera/zoom"), 1);
	}
}

static bool
three_acked(struct set *s)
{
	return strstr(s->order, "n0:ok") != NULL && strstr(s->order, "n2:ok") != NULL && strstr(s->order, "n3:ok") != NULL;
}

static void
a_silent_node_delays_nobody_and_is_named(void **state)
{
	struct set *s = *state;

	fakenode_set(s->nodes[1], FAKENODE_SILENT, 1);
	send_zoom(s);
	await(s, three_acked);
	assert_int_equal(s->dones, 0);		/* the other three are told while it is still waited for */
	await(s, is_done);
	assert_int_equal(s->acked, 3);
	assert_non_null(strstr(s->order, "n1:late"));
}

static void
a_lost_answer_is_asked_for_again_and_done_once(void **state)
{
	struct set *s = *state;

	fakenode_set(s->nodes[2], FAKENODE_LOSE, 1);
	send_zoom(s);
	await(s, is_done);
	assert_int_equal(s->acked, NODES);
	assert_int_equal(fakenode_asked(s->nodes[2], "POST /camera/zoom"), 2);
	assert_int_equal(fakenode_done(s->nodes[2], "/camera/zoom"), 1);
}

static bool
one_lost(struct set *s)
{
	return s->heard[EV_NODE_LOST] == 1 && crew_live_count(s->crew) == NODES - 1;
}

static bool
one_back(struct set *s)
{
	return s->heard[EV_NODE_BACK] == 1 && crew_live_count(s->crew) == NODES;
}

static void
a_node_without_power_is_lost_and_comes_back_as_itself(void **state)
{
	struct set *s = *state;
	const int number = crew_find(s->crew, "n3")->node->number;

	fakenode_down(s->nodes[3], true);
	await(s, one_lost);
	send_zoom(s);
	await(s, is_done);
	assert_int_equal(s->acked, NODES - 1);
	assert_non_null(strstr(s->order, "n3:lost"));
	fakenode_down(s->nodes[3], false);
	add_node(s, 3);				/* a new sighting hurries it */
	await(s, one_back);
	assert_int_equal(crew_find(s->crew, "n3")->node->number, number);
	assert_int_equal(crew_count(s->crew), NODES);
}

static bool
bye_heard(struct set *s)
{
	return s->heard[EV_NODE_LOST] == 1;
}

static bool
is_listened_to(struct set *s)
{
	return fakenode_open_streams(s->nodes[0], "/events") > 0;
}

static void
a_bye_is_lost_without_waiting_for_silence(void **state)
{
	struct set *s = *state;

	/* A camera is live before its events are heard. */
	await(s, is_listened_to);
	set_option(s, "lost-after", "1m");
	set_option(s, "stale-after", "1m");
	bus_tell(s->bus, EV_SETTING_CHANGED, NULL, "lost-after");
	fakenode_say(s->nodes[0], "bye", "{\"reason\":\"quit\"}");
	await(s, bye_heard);
	assert_true(crew_find(s->crew, "n0")->said_bye);
}

static bool
picture_shown(struct set *s)
{
	/* The scripted camera sends one picture over and over: it is decoded once. */
	return preview_thumb(s->preview, "n0", NULL) != NULL && preview_same_count(s->preview) >= 3;
}

static bool
no_stream_open(struct set *s)
{
	return fakenode_open_streams(s->nodes[0], "/stream") == 0;
}

static void
pictures_come_while_somebody_looks(void **state)
{
	struct set *s = *state;

	preview_want(s->preview, "n0", 160, 90, 10);
	await(s, picture_shown);
	assert_int_equal(fakenode_open_streams(s->nodes[1], "/stream"), 0);
	assert_true(preview_thumb(s->preview, "n0", NULL)->width_px <= 160);
	preview_want(s->preview, "n0", 0, 0, 0);
	await(s, no_stream_open);
}

static bool
clock_known(struct set *s)
{
	return crew_find(s->crew, "n0")->clock.best.known && s->heard[EV_CLOCK_SAMPLE] > 0;
}

static bool
ahead_known(struct set *s)
{
	const struct crew_member *m = crew_find(s->crew, "ahead");

	return m != NULL && m->clock.best.known;
}

static void
a_clock_that_is_ahead_is_measured(void **state)
{
	struct set *s = *state;
	struct fakenode *ahead = fakenode_new(&(struct fakenode_conf){ .id = "ahead" });
	struct registry_address a = { .host = "127.0.0.1", .port = fakenode_port(ahead), .kind = PATH_LOOPBACK, .via = VIA_MANUAL };
	int64_t error_us;

	await(s, clock_known);
	fakenode_free(s->nodes[0]);
	s->nodes[0] = ahead;
	fakenode_set(ahead, FAKENODE_CLOCK_US, 350000);
	crew_forget(s->crew, "n0");
	crew_add_address(s->crew, &a);
	await(s, ahead_known);
	error_us = crew_to_node(s->crew, "ahead", crew_find(s->crew, "ahead")->clock.best.at_us) -
	    crew_find(s->crew, "ahead")->clock.best.at_us - 350000;
	assert_true(llabs(error_us) <= crew_find(s->crew, "ahead")->clock.best.bound_us + 1000);
}

/* ---- Paths and identities ---- */

#define SECOND_WAY "127.0.1.1"

static void
add_way(struct set *s, int i, const char *host)
{
	struct registry_address a = { .port = fakenode_port(s->nodes[i]), .kind = PATH_LOOPBACK, .via = VIA_SWEEP };

	str_copy(a.host, sizeof a.host, host);
	crew_add_address(s->crew, &a);
}

static const struct registry_address *
way_in_use(struct set *s, const char *node)
{
	const struct crew_member *m = crew_find(s->crew, node);

	for (int i = 0; m != NULL && i < m->node->address_count; i++)
		if (m->node->addresses[i].in_use)
			return &m->node->addresses[i];
	return NULL;
}

static bool
is_on(struct set *s, const char *host)
{
	const struct registry_address *a = way_in_use(s, "n0");

	return a != NULL && strcmp(a->host, host) == 0;
}

static bool
both_ways_answered(struct set *s)
{
	const struct registry_node *n = crew_find(s->crew, "n0")->node;
	int answered = 0;

	for (int i = 0; i < n->address_count; i++)
		answered += n->addresses[i].answered_us > s->since_us && n->addresses[i].rtt_us > 0;
	return answered == 2;
}

static bool
on_second_way(struct set *s)
{
	return is_on(s, SECOND_WAY);
}

static bool
on_first_way(struct set *s)
{
	return is_on(s, "127.0.0.1");
}

static void
a_second_way_is_no_second_camera(void **state)
{
	struct set *s = *state;

	fakenode_also(s->nodes[0], SECOND_WAY);
	add_way(s, 0, SECOND_WAY);
	await(s, both_ways_answered);
	assert_int_equal(crew_count(s->crew), NODES);
	assert_int_equal(crew_seen_count(s->crew), 0);
	assert_int_equal(s->heard[EV_NODE_LOST] + s->heard[EV_NODE_STALE], 0);
	assert_true(crew_find(s->crew, "n0")->path_why[0] != '\0');
}

/* The way in use is cut: no word of it to anybody, a command meanwhile is answered, and again on the way back. */
static void
a_cut_way_is_left_without_a_word(void **state)
{
	struct set *s = *state;
	int64_t cut_us;

	set_option(s, "ack-timeout", "5s");
	set_option(s, "stale-after", "4s");
	set_option(s, "lost-after", "8s");
	bus_tell(s->bus, EV_SETTING_CHANGED, NULL, "stale-after");
	fakenode_also(s->nodes[0], SECOND_WAY);
	add_way(s, 0, SECOND_WAY);
	await(s, both_ways_answered);
	for (int i = 0; i < 2; i++) {
		const bool is_first = is_on(s, "127.0.0.1");

		cut_us = loop_now_us(s->loop);
		fakenode_cut(s->nodes[0], is_first ? "127.0.0.1" : SECOND_WAY, true);
		await(s, is_first ? on_second_way : on_first_way);
		assert_true(loop_now_us(s->loop) - cut_us < 3000000);
		send_zoom(s);
		await(s, is_done);
		assert_int_equal(s->acked, NODES);
		fakenode_cut(s->nodes[0], is_first ? "127.0.0.1" : SECOND_WAY, false);
		s->since_us = loop_now_us(s->loop);
		if (i == 0)
			await(s, both_ways_answered);
	}
	assert_int_equal(crew_count(s->crew), NODES);
	assert_int_equal(s->heard[EV_NODE_LOST] + s->heard[EV_NODE_STALE] + s->heard[EV_NODE_BACK], 0);
}

static bool
n0_lost(struct set *s)
{
	return crew_find(s->crew, "n0")->link == HEALTH_LOST;
}

static bool
n0_live(struct set *s)
{
	return crew_find(s->crew, "n0")->link == HEALTH_LIVE;
}

/* A device that is found at another address, by somebody who does not know its id. */
static void
a_lost_camera_found_elsewhere_is_itself(void **state)
{
	struct set *s = *state;
	const int number = crew_find(s->crew, "n0")->node->number;
	int64_t found_us;

	fakenode_also(s->nodes[0], SECOND_WAY);
	fakenode_cut(s->nodes[0], "127.0.0.1", true);
	await(s, n0_lost);
	found_us = loop_now_us(s->loop);
	add_way(s, 0, SECOND_WAY);
	await(s, n0_live);
	assert_true(loop_now_us(s->loop) - found_us < 2000000);
	assert_int_equal(crew_find(s->crew, "n0")->node->number, number);
	assert_int_equal(crew_count(s->crew), NODES);
	assert_int_equal(crew_seen_count(s->crew), 0);
}

static bool
has_clone(struct set *s)
{
	return crew_live_count(s->crew) == NODES + 1;
}

static void
a_copied_camera_is_two_and_both_obey(void **state)
{
	struct set *s = *state;
	struct fakenode *copy = fakenode_new(&(struct fakenode_conf){ .id = "n0", .name = "n0" });
	struct registry_address a = { .host = "127.0.0.1", .port = fakenode_port(copy), .kind = PATH_LOOPBACK, .via = VIA_SWEEP };
	const struct node_request r = { .verb = NODE_ZOOM, .factor = 2.0 };
	struct target_set *one = xcalloc(1, sizeof *one);

	fakenode_set(copy, FAKENODE_HEALTH_MS, 200);
	fakenode_set(copy, FAKENODE_CLOCK_US, 777);	/* its clock has another epoch */
	crew_add_address(s->crew, &a);
	await(s, has_clone);
	assert_int_equal(crew_count(s->crew), NODES + 1);
	assert_true(crew_find(s->crew, "n0")->node->conflict);
	assert_true(crew_find(s->crew, "n0#2")->node->conflict);
	assert_int_equal(s->heard[EV_NOTICE], 1);
	str_copy(one->ids[one->count++], ID_BYTES, "n0#2");
	fanout_send(s->fanout, &r, one, NULL, &fns, s);
	await(s, is_done);
	free(one);
	assert_int_equal(fakenode_done(copy, "/camera/zoom"), 1);
	assert_int_equal(fakenode_done(s->nodes[0], "/camera/zoom"), 0);
	send_zoom(s);
	await(s, is_done);
	assert_int_equal(fakenode_done(copy, "/camera/zoom"), 1);
	assert_int_equal(fakenode_done(s->nodes[0], "/camera/zoom"), 1);
	crew_forget(s->crew, "n0#2");
	assert_false(crew_find(s->crew, "n0")->node->conflict);
	fakenode_free(copy);
}

/* Nobody hurries it: its own conn finds out that it is there again. */
static void
a_camera_that_was_killed_comes_back_by_itself(void **state)
{
	struct set *s = *state;
	int64_t up_us;

	fakenode_down(s->nodes[0], true);
	await(s, n0_lost);
	fakenode_down(s->nodes[0], false);
	up_us = loop_now_us(s->loop);
	await(s, n0_live);
	assert_true(loop_now_us(s->loop) - up_us < 3500000);
	assert_int_equal(s->heard[EV_NODE_BACK], 1);
}

static bool
only_strangers(struct set *s)
{
	struct crew_seen seen;
	int strangers = 0;

	for (int i = 0; crew_seen_at(s->crew, i, &seen); i++)
		strangers += seen.state == CREW_SEEN_STRANGER;
	return strangers == 2;
}

static void
servers_that_are_no_cameras_are_remembered_as_such(void **state)
{
	static const char page[] = "<html>a router</html>";
	struct set *s = *state;
	struct fakenode *pages[2];

	for (int i = 0; i < 2; i++) {
		struct registry_address a = { .host = "127.0.0.1", .via = VIA_SWEEP };

		pages[i] = fakenode_new(&(struct fakenode_conf){ .id = "page" });
		fakenode_body(pages[i], "/info", i == 0 ? 404 : 200, "text/html", page, sizeof page - 1);
		a.port = fakenode_port(pages[i]);
		crew_add_address(s->crew, &a);
	}
	await(s, only_strangers);
	assert_int_equal(crew_count(s->crew), NODES);
	assert_int_equal(s->heard[EV_NOTICE], 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fakenode_asked(pages[i], "GET /info"), 1);
		fakenode_free(pages[i]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_node_is_asked_once_and_answers),
		TEST(a_silent_node_delays_nobody_and_is_named),
		TEST(a_lost_answer_is_asked_for_again_and_done_once),
		TEST(a_node_without_power_is_lost_and_comes_back_as_itself),
		TEST(a_bye_is_lost_without_waiting_for_silence),
		TEST(pictures_come_while_somebody_looks),
		TEST(a_clock_that_is_ahead_is_measured),
		TEST(a_second_way_is_no_second_camera),
		TEST(a_cut_way_is_left_without_a_word),
		TEST(a_lost_camera_found_elsewhere_is_itself),
		TEST(a_copied_camera_is_two_and_both_obey),
		TEST(a_camera_that_was_killed_comes_back_by_itself),
		TEST(servers_that_are_no_cameras_are_remembered_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
