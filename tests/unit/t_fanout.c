/*
 * t_fanout.c - one command to many nodes: all at once, each answer entered, done exactly once.
 */
#include "unit/crew_kit.h"
#include "app/fanout.h"

struct set {			/* a crew, its fanout, and what came back */
	struct kit *k;
	struct fanout *f;
	struct target_set targets;
	int acks, dones, acked, asked, effects;
	enum ledger_verdict verdict;
	int64_t took_us, effect_us;
	char order[256], effect_node[ID_BYTES];
	int again;			/* rounds to send from inside done() */
	bool free_inside;
};

static void
ack(void *arg, const struct ledger_line *line)
{
	struct set *s = arg;

	s->acks++;
	snprintf(s->order + strlen(s->order), sizeof s->order - strlen(s->order), "%s:%s ", line->node,
	    node_result_name(line->result));
}

static void send_zoom(struct set *s);

static void
done(void *arg, const struct ledger *l, int64_t took_us)
{
	struct set *s = arg;

	s->dones++;
	s->acked = ledger_acked(l);
	s->asked = l->count;
	s->verdict = ledger_verdict(l);
	s->took_us = took_us;
	if (s->free_inside) {
		fanout_free(s->f);
		s->f = NULL;
	} else if (s->again-- > 0) {
		send_zoom(s);
	}
}

static void
effect(void *arg, const char *node, int64_t effect_us)
{
	struct set *s = arg;

	s->effects++;
	s->effect_us = effect_us;
	str_copy(s->effect_node, sizeof s->effect_node, node);
}

static const struct fanout_fns fns = { ack, done, effect };
static const struct fanout_fns plain_fns = { NULL, done, NULL };

static void
send_zoom(struct set *s)
{
	const struct node_request r = { .verb = NODE_ZOOM, .factor = 2.0 };

	fanout_send(s->f, &r, &s->targets, NULL, &fns, s);
}

static void
aim(struct set *s, const char *id)
{
	str_copy(s->targets.ids[s->targets.count++], ID_BYTES, id);
}

static int
setup(void **state)
{
	struct set *s = xcalloc(1, sizeof *s);
	void *k;

	kit_setup(&k);
	s->k = k;
	s->f = fanout_new(s->k->loop, s->k->crew, s->k->bus);
	for (int n = 1; n <= 3; n++) {
		char id[32];

		kit_member(s->k, n);
		snprintf(id, sizeof id, "cam%d", n);
		aim(s, id);
	}
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct set *s = *state;
	void *k = s->k;

	fanout_free(s->f);
	free(s);
	return kit_teardown(&k);
}

static struct conn *
cam(int n)
{
	char host[32];

	snprintf(host, sizeof host, "10.0.0.%d", n);
	return fake_conn(host);
}

static const struct node_request *
asked(int n, int index)
{
	assert_true(cam(n)->command_count > index);
	return &cam(n)->commands[index].request;
}

/* ---- Sending ---- */

static void
every_target_is_asked_in_the_same_turn_with_its_own_id(void **state)
{
	struct set *s = *state;

	send_zoom(s);
	for (int n = 1; n <= 3; n++) {
		assert_int_equal(cam(n)->command_count, 1);
		assert_true(ids_is_uuid(asked(n, 0)->command_id));
		assert_true(asked(n, 0)->factor > 1.9);
		assert_int_equal(asked(n, 0)->at_us, 0);
	}
	assert_string_not_equal(asked(1, 0)->command_id, asked(2, 0)->command_id);
	assert_string_not_equal(asked(2, 0)->command_id, asked(3, 0)->command_id);
	assert_int_equal(fanout_open_count(s->f), 1);
	assert_int_equal(s->dones, 0);
}

static void
the_planned_instant_is_told_on_each_nodes_own_clock(void **state)
{
	struct set *s = *state;
	const struct node_request r = { .verb = NODE_RECORD_START, .at_us = LOOP_FAKE_UTC_US + 500000 };
	const struct offset_sample ahead = { LOOP_FAKE_UTC_US, LOOP_FAKE_UTC_US + 2000, LOOP_FAKE_UTC_US + 351000,
		LOOP_FAKE_UTC_US + 351000 };

	cam(2)->fns->clock(cam(2)->arg, cam(2), &ahead, "e");
	fanout_send(s->f, &r, &s->targets, NULL, &fns, s);
	assert_int_equal(asked(2, 0)->at_us, LOOP_FAKE_UTC_US + 850000);
}

/* Half a minute late, or refused as too far ahead, is worse than half a second early; a light is another matter. */
static void
an_instant_is_not_told_to_a_clock_that_is_not_known(void **state)
{
	struct set *s = *state;
	static const enum node_verb verbs[] = { NODE_RECORD_START, NODE_RECORD_STOP, NODE_MARKER };
	struct node_request r = { .at_us = LOOP_FAKE_UTC_US + 500000 };

	for (int i = 0; i < 3; i++) {
		r.verb = verbs[i];
		fanout_send(s->f, &r, &s->targets, NULL, &fns, s);
		assert_int_equal(asked(1, i)->at_us, 0);
	}
	r.verb = NODE_TALLY;
	fanout_send(s->f, &r, &s->targets, NULL, &fns, s);
	assert_int_equal(asked(1, 3)->at_us, LOOP_FAKE_UTC_US + 500000);
}

static void
know_clock(int n)
{
	const struct offset_sample same = { LOOP_FAKE_UTC_US, LOOP_FAKE_UTC_US + 2000, LOOP_FAKE_UTC_US + 1000, LOOP_FAKE_UTC_US + 1000 };

	cam(n)->fns->clock(cam(n)->arg, cam(n), &same, "e");
}

static void
refuse_instant(int n, int index)
{
	struct node_answer a = { .result = NODE_REFUSED, .status = 422 };

	str_copy(a.code, sizeof a.code, "out_of_range");
	fake_answer_with(cam(n), index, &a, 4000, 1);
}

/* A camera whose clock was set back by an hour since it was compared: it must not roll on. */
static void
stop_whose_instant_is_out_of_range_goes_out_at_once(void **state)
{
	struct set *s = *state;
	const struct node_request r = { .verb = NODE_RECORD_STOP, .take = "003", .at_us = LOOP_FAKE_UTC_US + 500000 };

	for (int n = 1; n <= 3; n++)
		know_clock(n);
	fanout_send(s->f, &r, &s->targets, NULL, &fns, s);
	refuse_instant(2, 0);
	assert_int_equal(s->acks, 0);
	assert_int_equal(cam(2)->command_count, 2);
	assert_int_equal(asked(2, 1)->at_us, 0);
	assert_string_equal(asked(2, 1)->take, "003");
	assert_true(ids_is_uuid(asked(2, 1)->command_id));
	assert_string_not_equal(asked(2, 1)->command_id, asked(2, 0)->command_id);	/* the first has its answer */
	fake_answer(cam(1), 0, NODE_OK);
	fake_answer(cam(3), 0, NODE_OK);
	assert_int_equal(s->dones, 0);
	fake_answer(cam(2), 1, NODE_OK);
	assert_int_equal(s->dones, 1);
	assert_int_equal(s->verdict, LEDGER_OK);
	assert_int_equal(s->acks, 3);
}

static void
and_only_once_nor_where_it_is_a_light(void **state)
{
	struct set *s = *state;
	struct node_request r = { .verb = NODE_RECORD_STOP, .at_us = LOOP_FAKE_UTC_US + 500000 };

	know_clock(1);
	fanout_send(s->f, &r, &s->targets, NULL, &fns, s);
	refuse_instant(1, 0);
	refuse_instant(1, 1);
	assert_string_equal(s->order, "cam1:refused ");
	refuse_instant(2, 0);			/* its clock is not known: it was told no instant */
	assert_int_equal(cam(2)->command_count, 1);
	fake_answer(cam(3), 0, NODE_OK);
	assert_int_equal(s->dones, 1);
	r.verb = NODE_TALLY;
	fanout_send(s->f, &r, &s->targets, NULL, &fns, s);
	refuse_instant(1, 2);			/* whoever sends lights looks at them anyway */
	assert_int_equal(cam(1)->command_count, 3);
}

static void
lead_is_what_the_slowest_live_way_needs(void **state)
{
	struct set *s = *state;

	assert_int_equal(fanout_lead_us(s->f, &s->targets, 500000), 500000);
	crew_answered(s->k->crew, "cam2", 300000);
	assert_int_equal(fanout_lead_us(s->f, &s->targets, 500000), 500000);
	crew_answered(s->k->crew, "cam3", 1500000);
	assert_int_equal(fanout_lead_us(s->f, &s->targets, 500000), 1550000);
	crew_answered(s->k->crew, "cam1", 60000000);
	assert_true(fanout_lead_us(s->f, &s->targets, 500000) < 10000000);
	assert_true(fanout_lead_us(s->f, &s->targets, 500000) > 9000000);
	s->targets.count = 0;
	assert_int_equal(fanout_lead_us(s->f, &s->targets, 500000), 500000);
}

static void
answer_that_was_held_back_says_nothing_of_the_way(void **state)
{
	struct set *s = *state;
	const struct node_request r = { .verb = NODE_MARKER, .at_us = LOOP_FAKE_UTC_US + 800000 };
	const struct node_answer acted = { .result = NODE_OK, .status = 200 }, accepted = { .result = NODE_OK, .status = 200, .scheduled = true };

	fanout_send(s->f, &r, &s->targets, NULL, &fns, s);
	fake_answer_with(cam(1), 0, &acted, 820000, 1);		/* once it had clapped */
	fake_answer_with(cam(2), 0, &accepted, 70000, 1);
	fake_answer(cam(3), 0, NODE_LOST);
	assert_int_equal(crew_find(s->k->crew, "cam1")->reach.count, 0);
	assert_int_equal(reach_need_us(&crew_find(s->k->crew, "cam2")->reach, 0), 120000);
	assert_int_equal(crew_find(s->k->crew, "cam3")->reach.count, 0);
	send_zoom(s);
	fake_answer_with(cam(1), 1, &acted, 30000, 1);
	assert_int_equal(reach_need_us(&crew_find(s->k->crew, "cam1")->reach, 0), 80000);
}

static void
put_label(void *arg, const char *node, struct node_request *r)
{
	(void)arg;
	snprintf(r->label, sizeof r->label, "label of %s", node);
}

static void
each_nodes_copy_can_be_tailored(void **state)
{
	struct set *s = *state;
	const struct node_request r = { .verb = NODE_RECORD_START, .label = "nobody" };

	fanout_send(s->f, &r, &s->targets, put_label, &fns, s);
	assert_string_equal(asked(1, 0)->label, "label of cam1");
	assert_string_equal(asked(3, 0)->label, "label of cam3");
	assert_string_equal(r.label, "nobody");
}

/* ---- Answers ---- */

static void
done_comes_once_after_the_last_answer(void **state)
{
	struct set *s = *state;

	send_zoom(s);
	fake_answer(cam(2), 0, NODE_OK);
	fake_answer(cam(1), 0, NODE_OK);
	assert_int_equal(s->dones, 0);
	loop_fake_advance(s->k->loop, 7000);
	fake_answer(cam(3), 0, NODE_OK);
	assert_int_equal(s->dones, 1);
	assert_string_equal(s->order, "cam2:ok cam1:ok cam3:ok ");
	assert_int_equal(s->verdict, LEDGER_OK);
	assert_int_equal(s->took_us, 7000);
	assert_int_equal(s->k->inner[EV_LEDGER_CHANGED], 3);
	assert_int_equal(fanout_open_count(s->f), 0);
}

static void
a_late_and_a_refusing_node_are_named_and_delay_nobody(void **state)
{
	struct set *s = *state;

	send_zoom(s);
	fake_answer(cam(1), 0, NODE_OK);
	assert_string_equal(s->order, "cam1:ok ");	/* told before the others are heard of */
	fake_answer(cam(3), 0, NODE_REFUSED);
	fake_answer(cam(2), 0, NODE_LATE);
	assert_string_equal(s->order, "cam1:ok cam3:refused cam2:late ");
	assert_int_equal(s->verdict, LEDGER_PARTIAL);
	assert_int_equal(s->acked, 1);
	assert_int_equal(s->asked, 3);
}

static void
asking_nobody_is_done_in_a_later_turn(void **state)
{
	struct set *s = *state;

	s->targets.count = 0;
	send_zoom(s);
	send_zoom(s);
	assert_int_equal(s->dones, 0);
	loop_fake_advance(s->k->loop, 1000);
	assert_int_equal(s->dones, 2);
	assert_int_equal(s->verdict, LEDGER_OK);
	assert_int_equal(fanout_open_count(s->f), 0);
}

static void
a_node_without_a_connection_is_answered_for(void **state)
{
	struct set *s = *state;

	s->targets.count = 0;
	aim(s, "nobody");
	aim(s, "cam1");
	send_zoom(s);
	assert_int_equal(s->acks, 0);
	loop_fake_advance(s->k->loop, 1000);
	assert_string_equal(s->order, "nobody:lost ");
	assert_int_equal(s->dones, 0);
	fake_answer(cam(1), 0, NODE_OK);
	assert_int_equal(s->dones, 1);
	assert_int_equal(s->verdict, LEDGER_PARTIAL);
}

static void
the_state_in_an_answer_becomes_the_members_state(void **state)
{
	struct set *s = *state;
	struct node_answer a = { .result = NODE_OK, .status = 200, .has_state = true };

	a.state.has_zoom = true;
	a.state.zoom = 2.0;
	send_zoom(s);
	fake_answer_with(cam(1), 0, &a, 3000, 1);
	assert_true(crew_find(s->k->crew, "cam1")->track.last.zoom > 1.9);
}

static void
two_rounds_do_not_mix(void **state)
{
	struct set *s = *state;

	send_zoom(s);
	s->targets.count = 1;
	send_zoom(s);
	assert_int_equal(fanout_open_count(s->f), 2);
	fake_answer(cam(1), 1, NODE_OK);
	assert_int_equal(s->dones, 1);
	assert_int_equal(s->asked, 1);
	for (int n = 1; n <= 3; n++)
		fake_answer(cam(n), 0, NODE_OK);
	assert_int_equal(s->dones, 2);
	assert_int_equal(s->asked, 3);
}

/* ---- Ends that come early ---- */

static void
a_dropped_round_calls_nobody_but_is_still_counted_out(void **state)
{
	struct set *s = *state;
	const struct node_request r = { .verb = NODE_ZOOM };
	const unsigned number = fanout_send(s->f, &r, &s->targets, NULL, &fns, s);

	fake_answer(cam(1), 0, NODE_OK);
	fanout_drop(s->f, number);
	fake_answer(cam(2), 0, NODE_OK);
	fake_answer(cam(3), 0, NODE_OK);
	assert_int_equal(s->acks, 1);
	assert_int_equal(s->dones, 0);
	assert_int_equal(fanout_open_count(s->f), 0);
	fanout_drop(s->f, number);
}

static void
done_may_send_the_next_round(void **state)
{
	struct set *s = *state;

	s->again = 1;
	s->targets.count = 1;
	send_zoom(s);
	fake_answer(cam(1), 0, NODE_OK);
	assert_int_equal(s->dones, 1);
	assert_int_equal(fanout_open_count(s->f), 1);
	fake_answer(cam(1), 1, NODE_OK);
	assert_int_equal(s->dones, 2);
}

static void
done_may_free_the_fanout(void **state)
{
	struct set *s = *state;

	send_zoom(s);
	s->targets.count = 1;
	send_zoom(s);
	s->free_inside = true;
	fake_answer(cam(1), 1, NODE_OK);
	assert_int_equal(s->dones, 1);
	for (int n = 1; n <= 3; n++)
		fake_answer(cam(n), 0, NODE_OK);	/* still owed to the first round: heard by nobody */
	assert_int_equal(s->dones, 1);
}

static void
answers_after_the_end_find_nobody(void **state)
{
	struct set *s = *state;

	send_zoom(s);
	fake_answer(cam(1), 0, NODE_OK);
	fanout_free(s->f);
	s->f = NULL;
	fake_answer(cam(2), 0, NODE_OK);
	assert_int_equal(s->acks, 1);
	assert_int_equal(s->dones, 0);
	/* cam3 never answers: the crew's end answers for it, and nothing is left behind. */
}

static void
a_forgotten_node_answers_as_lost(void **state)
{
	struct set *s = *state;

	send_zoom(s);
	fake_answer(cam(1), 0, NODE_OK);
	fake_answer(cam(2), 0, NODE_OK);
	crew_forget(s->k->crew, "cam3");
	loop_fake_advance(s->k->loop, 5000000);
	assert_string_equal(s->order, "cam1:ok cam2:ok cam3:lost ");
	assert_int_equal(s->dones, 1);
}

/* ---- True effects ---- */

static void
say_effect(int n, enum node_event_kind kind, const char *command_id, int64_t time_us)
{
	struct node_event *ev = xcalloc(1, sizeof *ev);

	ev->kind = kind;
	ev->time_us = time_us;
	str_copy(ev->command_id, sizeof ev->command_id, command_id);
	fake_event(cam(n), ev);
	free(ev);
}

static void
an_effect_told_by_its_event_is_passed_on_after_done(void **state)
{
	struct set *s = *state;
	char id[ID_BYTES];

	send_zoom(s);
	str_copy(id, sizeof id, asked(2, 0)->command_id);
	for (int n = 1; n <= 3; n++)
		fake_answer(cam(n), 0, NODE_OK);
	kit_live(s->k, 20);
	say_effect(2, NODE_EV_ZOOM, id, 4711);
	assert_int_equal(s->effects, 1);
	assert_int_equal(s->effect_us, 4711);
	assert_string_equal(s->effect_node, "cam2");
	say_effect(2, NODE_EV_ZOOM, id, 4712);
	assert_int_equal(s->effects, 1);
}

static int64_t line_effect_us;

static void
keep_effect(void *arg, const struct ledger_line *line)
{
	(void)arg;
	line_effect_us = line->effect_us;
}

static void
an_effect_faster_than_the_answer_stands_in_the_ledger(void **state)
{
	struct set *s = *state;
	const struct fanout_fns keep = { keep_effect, done, NULL };
	const struct node_request r = { .verb = NODE_TALLY };

	fanout_send(s->f, &r, &s->targets, NULL, &keep, s);
	say_effect(1, NODE_EV_TALLY, asked(1, 0)->command_id, 99);
	fake_answer_with(cam(1), 0, &(struct node_answer){ .result = NODE_OK, .time_us = 50 }, 1, 1);
	assert_int_equal(line_effect_us, 99);
	fake_answer_with(cam(2), 0, &(struct node_answer){ .result = NODE_OK, .time_us = 50 }, 1, 1);
	assert_int_equal(line_effect_us, 50);
}

static void
an_effect_is_believed_of_the_asked_node_only(void **state)
{
	struct set *s = *state;

	send_zoom(s);
	say_effect(1, NODE_EV_ZOOM, asked(2, 0)->command_id, 4711);
	say_effect(2, NODE_EV_SUPERSEDED, asked(2, 0)->command_id, 4711);
	say_effect(2, NODE_EV_ZOOM, "", 4711);
	assert_int_equal(s->effects, 0);
}

static void
a_roll_takes_effect_when_the_node_records(void **state)
{
	struct set *s = *state;
	const struct node_request r = { .verb = NODE_RECORD_START };
	struct node_event *ev = xcalloc(1, sizeof *ev);

	fanout_send(s->f, &r, &s->targets, NULL, &fns, s);
	ev->kind = NODE_EV_RECORDING;
	str_copy(ev->command_id, sizeof ev->command_id, asked(1, 0)->command_id);
	ev->recording.state = NODE_REC_STARTING;
	fake_event(cam(1), ev);
	assert_int_equal(s->effects, 0);
	ev->recording.state = NODE_REC_RECORDING;
	ev->recording.since_us = 1234;
	fake_event(cam(1), ev);
	assert_int_equal(s->effects, 1);
	assert_int_equal(s->effect_us, 1234);
	free(ev);
}

static void
effects_are_not_waited_for_longer_than_a_minute(void **state)
{
	struct set *s = *state;
	char id[ID_BYTES];

	send_zoom(s);
	str_copy(id, sizeof id, asked(1, 0)->command_id);
	for (int n = 1; n <= 3; n++)
		fake_answer(cam(n), 0, NODE_OK);
	kit_live(s->k, 61);
	say_effect(1, NODE_EV_ZOOM, id, 4711);
	assert_int_equal(s->effects, 0);
}

static void
nobodys_effects_are_not_kept(void **state)
{
	struct set *s = *state;
	const struct node_request r = { .verb = NODE_TALLY, .renew = true };
	char id[ID_BYTES];

	fanout_send(s->f, &r, &s->targets, NULL, &plain_fns, s);
	str_copy(id, sizeof id, asked(1, 0)->command_id);
	for (int n = 1; n <= 3; n++)
		fake_answer(cam(n), 0, NODE_OK);
	assert_int_equal(s->dones, 1);
	say_effect(1, NODE_EV_TALLY, id, 1);	/* and nothing falls over */
	assert_int_equal(s->effects, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_target_is_asked_in_the_same_turn_with_its_own_id),
		TEST(the_planned_instant_is_told_on_each_nodes_own_clock), TEST(an_instant_is_not_told_to_a_clock_that_is_not_known),
		TEST(stop_whose_instant_is_out_of_range_goes_out_at_once), TEST(and_only_once_nor_where_it_is_a_light),
		TEST(lead_is_what_the_slowest_live_way_needs), TEST(answer_that_was_held_back_says_nothing_of_the_way),
		TEST(each_nodes_copy_can_be_tailored),
		TEST(done_comes_once_after_the_last_answer),
		TEST(a_late_and_a_refusing_node_are_named_and_delay_nobody),
		TEST(asking_nobody_is_done_in_a_later_turn),
		TEST(a_node_without_a_connection_is_answered_for),
		TEST(the_state_in_an_answer_becomes_the_members_state),
		TEST(two_rounds_do_not_mix),
		TEST(a_dropped_round_calls_nobody_but_is_still_counted_out),
		TEST(done_may_send_the_next_round),
		TEST(done_may_free_the_fanout),
		TEST(answers_after_the_end_find_nobody),
		TEST(a_forgotten_node_answers_as_lost),
		TEST(an_effect_told_by_its_event_is_passed_on_after_done),
		TEST(an_effect_faster_than_the_answer_stands_in_the_ledger),
		TEST(an_effect_is_believed_of_the_asked_node_only),
		TEST(a_roll_takes_effect_when_the_node_records),
		TEST(effects_are_not_waited_for_longer_than_a_minute),
		TEST(nobodys_effects_are_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
