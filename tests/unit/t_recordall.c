/*
 * t_recordall.c - a take from the press to `saved`, on the nodes' own word: who was asked, who records, who failed and why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "app/fanout.h"
#include "app/recordall.h"
#include "base/xalloc.h"
#include "support/schema.h"
#include "support/scratch.h"
#include "crew_double.h"

#define SINCE_US (LOOP_FAKE_UTC_US + 500000)

struct told {
	int done, acks, acked;
	enum ledger_verdict verdict;
	struct err err;
	char code[NODE_WORD];		/* of the last line that was no success */
};

struct world {
	struct loop *loop;
	struct clk clk;
	struct bus *bus;
	struct crew *crew;
	struct fanout *fanout;
	struct diskq *queue;
	struct sphere *sphere;
	struct scribe *scribe;
	struct opt_set *settings;
	struct recordall *rec;
	char *folder;
	int events[EV_KINDS];
	char unasked[MAX_TEXT_FIELD];
	struct err err;
	struct told start, stop;
};

static void
count_event(void *arg, const struct bus_event *ev)
{
	struct world *w = arg;

	w->events[ev->kind]++;
	if (ev->kind == EV_STOPPED_UNASKED)
		str_copy(w->unasked, sizeof w->unasked, ev->text);
}

static void
open_recordall(struct world *w)
{
	w->queue = diskq_new(w->loop);
	w->scribe = scribe_new(w->loop, w->queue, w->sphere, w->crew, w->bus, &w->clk, NULL, NULL, &w->err);
	assert_non_null(w->scribe);
	w->fanout = fanout_new(w->loop, w->crew, w->bus);
	w->rec = recordall_new(w->loop, w->crew, w->fanout, w->bus, w->scribe, w->sphere, &w->clk, w->settings);
}

static void
close_recordall(struct world *w)
{
	recordall_free(w->rec);
	fanout_free(w->fanout);
	scribe_free(w->scribe);
	diskq_free(w->queue);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_fake_new();
	w->clk = loop_fake_clk(w->loop);
	w->bus = bus_new();
	w->crew = double_new(w->bus);
	w->settings = double_settings();
	w->folder = scratch_new();
	setenv("XDG_STATE_HOME", scratch_path(w->folder, "state"), 1);
	w->sphere = sphere_open(scratch_path(w->folder, "s"), "", LOOP_FAKE_UTC_US, &w->err);
	assert_non_null(w->sphere);
	double_add(w->crew, "a", 1, "left guest");
	double_add(w->crew, "b", 2, "right");
	bus_listen(w->bus, EV_KINDS, count_event, w);
	open_recordall(w);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	close_recordall(w);
	double_free(w->crew);
	sphere_close(w->sphere);
	opt_set_free(w->settings);
	loop_fake_turn(w->loop);
	assert_int_equal(loop_fake_alive(w->loop), 0);
	bus_free(w->bus);
	loop_free(w->loop);
	scratch_free(w->folder);
	free(w);
	return 0;
}

/* ---- Asking ---- */

static void
on_done(void *arg, const struct ledger *l, int64_t took_us, const struct err *e)
{
	struct told *t = arg;

	(void)took_us;
	t->done++;
	t->verdict = ledger_verdict(l);
	t->acked = ledger_acked(l);
	for (int i = 0; i < l->count; i++)
		if (l->lines[i].result != NODE_OK)
			str_copy(t->code, sizeof t->code, l->lines[i].code);
	if (e != NULL)
		t->err = *e;
}

static void
on_ack(void *arg, const struct ledger_line *line)
{
	(void)line;
	((struct told *)arg)->acks++;
}

static struct target_set *
targets(const char *ids)
{
	static struct target_set set;

	memset(&set, 0, sizeof set);
	for (; *ids != '\0'; ids++)
		snprintf(set.ids[set.count++], ID_BYTES, "%c", *ids);
	return &set;
}

static bool
start(struct world *w, const char *ids, bool is_explicit, const char *slate)
{
	return recordall_start(w->rec, targets(ids), is_explicit, slate, 0, "do", on_done, on_ack, &w->start, &w->err);
}

static bool
stop(struct world *w)
{
	return recordall_stop(w->rec, targets("ab"), false, 0, "do", on_done, on_ack, &w->stop, &w->err);
}

static const char *
sphere_id(struct world *w)
{
	return sphere_manifest(w->sphere)->sphere;
}

static void
say(struct world *w, const char *node, enum node_rec state, const char *take, const char *error)
{
	double_recording(w->crew, node, state, sphere_id(w), take, state == NODE_REC_IDLE ? 0 : SINCE_US, error);
	loop_fake_turn(w->loop);
}

static const char *
file_json(const char *node, const char *take)
{
	static char json[256];

	snprintf(json, sizeof json, "{\"id\":\"rec-%s-%s\",\"take\":\"%s\",\"fileName\":\"%s.mp4\",\"complete\":true}", node, take, take, node);
	return json;
}

/* error "": whole. */
static void
say_file(struct world *w, const char *node, const char *take, const char *error)
{
	struct node_event *ev = calloc(1, sizeof *ev);

	ev->kind = NODE_EV_SAVED;
	snprintf(ev->file.id, sizeof ev->file.id, "rec-%s-%s", node, take);
	str_copy(ev->file.take, sizeof ev->file.take, take);
	str_copy(ev->file.sphere, sizeof ev->file.sphere, sphere_id(w));
	snprintf(ev->file.file_name, sizeof ev->file.file_name, "%s-%s.mp4", take, node);
	ev->file.part = 1;
	ev->file.start_us = SINCE_US;
	ev->file.end_us = SINCE_US + 5000000;
	ev->file.duration_ms = 5000;
	ev->file.complete = error[0] == '\0';
	str_copy(ev->file.error, sizeof ev->file.error, error);
	ev->file_json = strdup(file_json(node, take));
	double_event(w->crew, node, ev);
	free(ev->file_json);
	free(ev);
	loop_fake_turn(w->loop);
}

static void
say_saved(struct world *w, const char *node, const char *take)
{
	say_file(w, node, take, "");
}

static void
answer(struct world *w, enum node_verb verb, const char *node, enum node_result result)
{
	double_answer(double_last(w->crew, verb, node), result);
	loop_fake_turn(w->loop);
}

static void
answer_all(struct world *w, enum node_result result)
{
	double_answer_all(w->crew, result);
	loop_fake_turn(w->loop);
}

static const struct take_device *
device(struct world *w, const char *node)
{
	const struct take *t = recordall_newest(w->rec);

	for (int i = 0; t != NULL && i < t->device_count; i++)
		if (strcmp(t->devices[i].node, node) == 0)
			return &t->devices[i];
	fail_msg("no device %s", node);
	return NULL;
}

static void
assert_states(struct world *w, enum take_state a, enum take_state b)
{
	assert_string_equal(take_state_name(device(w, "a")->state), take_state_name(a));
	assert_string_equal(take_state_name(device(w, "b")->state), take_state_name(b));
}

/* Both asked, the bytes out, both said yes. */
static void
start_both(struct world *w)
{
	assert_true(start(w, "ab", false, "ep12"));
	DOUBLE_WAIT(w->loop, double_sent_of(w->crew, NODE_RECORD_START, NULL) == 2);
	answer_all(w, NODE_OK);
}

static void
roll_both(struct world *w)
{
	start_both(w);
	say(w, "a", NODE_REC_RECORDING, "001", "");
	say(w, "b", NODE_REC_RECORDING, "001", "");
	assert_int_equal(w->start.done, 1);
}

/* take.json as it is on disk, against its schema. */
static struct jdoc *
read_take(struct world *w, const char *take)
{
	char file[64], why[512], *text;
	struct jdoc *j;

	snprintf(file, sizeof file, "s/takes/%s/take.json", take);
	text = scratch_read(scratch_path(w->folder, file));
	if (!schema_accepts("take", text, strlen(text), why, sizeof why))
		fail_msg("%s", why);
	j = jdoc_parse(text, strlen(text), 1 << 20, NULL);
	free(text);
	return j;
}

static void
wait_disk(struct world *w)
{
	recordall_free(w->rec);
	fanout_free(w->fanout);
	scribe_free(w->scribe);
	diskq_free(w->queue);
	open_recordall(w);
}

/* ---- The start ---- */

static void
not_a_byte_goes_out_before_the_proof_is_on_disk(void **state)
{
	struct world *w = *state;
	struct jdoc *j;
	char *text;

	assert_true(start(w, "ab", false, "ep12"));
	assert_int_equal(w->crew->sent_count, 0);
	DOUBLE_WAIT(w->loop, w->crew->sent_count > 0);
	j = read_take(w, "001");
	assert_string_equal(jdoc_text(j, "slate", ""), "ep12");
	assert_int_equal(jdoc_count(jdoc_get(j, "devices")), 2);
	assert_string_equal(jdoc_text(jdoc_at(jdoc_get(j, "devices"), 0), "state", ""), "asked");
	jdoc_free(j);
	text = scratch_read(scratch_path(w->folder, "s/sphere.json"));
	assert_non_null(strstr(text, "\"take\": \"001\""));
	free(text);
	assert_int_equal(w->crew->sent_count, 2);	/* and then to all in one turn */
	assert_int_equal(w->start.done, 0);
}

static void
start_is_planned_ahead_on_each_camera_s_clock(void **state)
{
	struct world *w = *state;
	const struct double_sent *s;
	int64_t now_us;

	double_member(w->crew, "a")->clock.best = (struct offset_estimate){ .known = true, .offset_us = 350000 };
	assert_true(start(w, "ab", false, ""));
	DOUBLE_WAIT(w->loop, w->crew->sent_count == 2);
	now_us = clk_utc_us(&w->clk);
	s = double_last(w->crew, NODE_RECORD_START, "a");
	assert_int_equal(s->r.at_us, now_us + 500000 + 350000);
	assert_string_equal(s->r.take, "001");
	assert_string_equal(s->r.sphere, sphere_id(w));
	assert_string_equal(s->r.label, "left guest");
	assert_int_equal(double_last(w->crew, NODE_RECORD_START, "b")->r.at_us, 0);	/* its clock is not known */
	assert_string_equal(double_last(w->crew, NODE_RECORD_START, "b")->r.label, "right");
	assert_int_equal(s->r.again_us, 250000);	/* unanswered by then, there is time for another way */
	assert_int_equal(crew_conn(w->crew, "a")->clocks_asked, 1);	/* and now that the bytes are out, the clocks are compared */
	assert_int_equal(recordall_newest(w->rec)->started_us, now_us + 500000);
}

static void
know_clocks(struct world *w)
{
	double_member(w->crew, "a")->clock.best = (struct offset_estimate){ .known = true };
	double_member(w->crew, "b")->clock.best = (struct offset_estimate){ .known = true, .offset_us = 2000000 };
}

static void
lead_is_longer_when_the_slowest_way_needs_it(void **state)
{
	struct world *w = *state;
	int64_t now_us;

	know_clocks(w);
	crew_answered(w->crew, "b", 900000);
	double_member(w->crew, "b")->link = HEALTH_LOST;	/* what cannot be reached delays nobody */
	assert_true(start(w, "ab", false, ""));
	DOUBLE_WAIT(w->loop, w->crew->sent_count == 2);
	now_us = clk_utc_us(&w->clk);
	assert_int_equal(double_last(w->crew, NODE_RECORD_START, "a")->r.at_us, now_us + 500000);
	double_member(w->crew, "b")->link = HEALTH_LIVE;
	assert_true(stop(w));
	assert_true(start(w, "ab", false, ""));
	DOUBLE_WAIT(w->loop, double_sent_of(w->crew, NODE_RECORD_START, NULL) == 4);
	now_us = clk_utc_us(&w->clk);
	assert_int_equal(double_last(w->crew, NODE_RECORD_START, "a")->r.at_us, now_us + 950000);
	assert_int_equal(double_last(w->crew, NODE_RECORD_START, "b")->r.at_us, now_us + 950000 + 2000000);
}

/* One instant, told on each clock; not asked again before it; said twice it is not put off. */
static void
stop_is_planned_like_the_start(void **state)
{
	struct world *w = *state;
	int64_t at_us;

	know_clocks(w);
	start_both(w);
	loop_fake_advance(w->loop, 600000);
	at_us = clk_utc_us(&w->clk) + 500000;
	assert_true(stop(w));
	assert_int_equal(double_last(w->crew, NODE_RECORD_STOP, "a")->r.at_us, at_us);
	assert_int_equal(double_last(w->crew, NODE_RECORD_STOP, "b")->r.at_us, at_us + 2000000);
	assert_int_equal(recordall_newest(w->rec)->stopped_us, at_us);
	loop_fake_advance(w->loop, 300000);
	assert_true(stop(w));
	assert_int_equal(double_last(w->crew, NODE_RECORD_STOP, "a")->r.at_us, at_us);
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, "a"), 2);
	loop_fake_advance(w->loop, 600000);
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, "a"), 2);
	loop_fake_advance(w->loop, 2500000);	/* it does not confirm: now it is asked to stop at once */
	assert_true(double_sent_of(w->crew, NODE_RECORD_STOP, "a") > 2);
	assert_int_equal(double_last(w->crew, NODE_RECORD_STOP, "a")->r.at_us, 0);
}

static void
stop_of_what_has_not_begun_is_at_once(void **state)
{
	struct world *w = *state;

	know_clocks(w);
	assert_true(start(w, "ab", false, ""));
	DOUBLE_WAIT(w->loop, w->crew->sent_count == 2);
	assert_true(stop(w));
	assert_int_equal(double_last(w->crew, NODE_RECORD_STOP, "a")->r.at_us, 0);
}

/* "record start", "after 1s record stop": it is sent ahead, and may be so before the start has come true. */
static void
stop_with_an_instant_of_its_own_is_at_that(void **state)
{
	struct world *w = *state;

	know_clocks(w);
	start_both(w);
	assert_true(recordall_stop(w->rec, targets("ab"), false, 700000, "cue", on_done, on_ack, &w->stop, &w->err));
	assert_int_equal(double_last(w->crew, NODE_RECORD_STOP, "a")->r.at_us, clk_utc_us(&w->clk) + 700000);
	assert_int_equal(recordall_newest(w->rec)->stopped_us, clk_utc_us(&w->clk) + 700000);
}

/* The disk takes its time over the proof: the stop waits, for it must not be there first. */
static void
planned_stop_does_not_overtake_the_start(void **state)
{
	struct world *w = *state;
	int64_t at_us;

	know_clocks(w);
	assert_true(start(w, "ab", false, "ep12"));
	assert_int_equal(w->crew->sent_count, 0);
	at_us = clk_utc_us(&w->clk) + 700000;
	assert_true(recordall_stop(w->rec, targets("ab"), false, 700000, "cue", on_done, on_ack, &w->stop, &w->err));
	assert_int_equal(w->crew->sent_count, 0);
	assert_int_equal(device(w, "a")->state, TAKE_ASKED);
	DOUBLE_WAIT(w->loop, double_sent_of(w->crew, NODE_RECORD_START, NULL) == 2);
	answer_all(w, NODE_OK);
	loop_fake_advance(w->loop, 30000);
	assert_int_equal(double_last(w->crew, NODE_RECORD_STOP, "a")->r.at_us, at_us);
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, NULL), 2);
	answer_all(w, NODE_OK);
	assert_int_equal(w->stop.done, 1);
	assert_true(start(w, "a", true, ""));	/* and one that still waits when all ends is no trouble */
	assert_true(recordall_stop(w->rec, targets("a"), true, 5000000, "cue", on_done, on_ack, &w->stop, &w->err));
}

static void
stop_before_a_start_that_took_its_time_leaves_as_much_as_was_asked_for(void **state)
{
	struct world *w = *state;
	int64_t asked_us;

	know_clocks(w);
	crew_answered(w->crew, "b", 1100000);
	asked_us = clk_utc_us(&w->clk);
	start_both(w);
	assert_int_equal(recordall_newest(w->rec)->started_us, clk_utc_us(&w->clk) + 1150000);
	assert_true(recordall_stop(w->rec, targets("ab"), false, 700000, "cue", on_done, on_ack, &w->stop, &w->err));
	assert_int_equal(double_last(w->crew, NODE_RECORD_STOP, "a")->r.at_us,
	    recordall_newest(w->rec)->started_us + clk_utc_us(&w->clk) + 700000 - asked_us);
}

static void
countdown_and_no_lead_are_kept(void **state)
{
	struct world *w = *state;
	int64_t now_us = clk_utc_us(&w->clk);

	know_clocks(w);
	assert_true(recordall_start(w->rec, targets("a"), true, "", 5000000, "do", on_done, on_ack, &w->start, &w->err));
	DOUBLE_WAIT(w->loop, w->crew->sent_count == 1);
	assert_int_equal(double_last(w->crew, NODE_RECORD_START, "a")->r.at_us, now_us + 5000000);
	assert_true(opt_assign(w->settings, "record-lead", "0ms", &w->err));
	assert_true(start(w, "b", true, ""));
	DOUBLE_WAIT(w->loop, w->crew->sent_count == 2);
	assert_int_equal(double_last(w->crew, NODE_RECORD_START, "b")->r.at_us, 0);
}

static void
start_ends_when_each_camera_says_recording_itself(void **state)
{
	struct world *w = *state;

	start_both(w);
	assert_states(w, TAKE_STARTING, TAKE_STARTING);	/* yes is not yet recording */
	assert_int_equal(w->start.acks, 2);
	assert_int_equal(w->start.done, 0);
	assert_true(recordall_is_rolling(w->rec));
	assert_string_equal(recordall_running(w->rec), "001");
	say(w, "a", NODE_REC_STARTING, "001", "");
	say(w, "a", NODE_REC_RECORDING, "001", "");
	assert_int_equal(w->start.done, 0);
	say(w, "b", NODE_REC_RECORDING, "001", "");
	assert_int_equal(w->start.done, 1);
	assert_int_equal(w->start.verdict, LEDGER_OK);
	assert_int_equal(w->events[EV_RECORDING], 2);
	loop_fake_advance(w->loop, 20000000);
	assert_int_equal(w->start.done, 1);
	assert_states(w, TAKE_RECORDING, TAKE_RECORDING);
}

static void
refusal_is_a_failure_with_the_camera_s_reason(void **state)
{
	struct world *w = *state;

	assert_true(start(w, "ab", false, ""));
	DOUBLE_WAIT(w->loop, w->crew->sent_count == 2);
	answer(w, NODE_RECORD_START, "a", NODE_REFUSED);
	answer(w, NODE_RECORD_START, "b", NODE_OK);
	say(w, "b", NODE_REC_RECORDING, "001", "");
	assert_int_equal(w->start.done, 1);
	assert_int_equal(w->start.verdict, LEDGER_PARTIAL);
	assert_states(w, TAKE_FAILED, TAKE_RECORDING);
	assert_non_null(strstr(device(w, "a")->reason, "storage_full"));
	assert_int_equal(w->events[EV_DID_NOT_ROLL], 1);
	assert_int_equal(w->events[EV_STOPPED_UNASKED], 0);
	assert_true(recordall_is_rolling(w->rec));	/* willing: the others roll on */
}

static void
camera_without_record_or_link_fails_by_name(void **state)
{
	struct world *w = *state;

	assert_true(start(w, "ab", false, ""));
	DOUBLE_WAIT(w->loop, w->crew->sent_count == 2);
	answer(w, NODE_RECORD_START, "a", NODE_NOT_OFFERED);
	answer(w, NODE_RECORD_START, "b", NODE_LOST);
	assert_int_equal(w->start.done, 1);
	assert_int_equal(w->start.verdict, LEDGER_FAILED);
	assert_non_null(strstr(device(w, "a")->reason, "not offered"));
	assert_non_null(strstr(device(w, "b")->reason, "not reached"));
	assert_false(recordall_is_rolling(w->rec));
	assert_true(recordall_newest(w->rec)->stopped_us != 0);
}

static void
silent_camera_ends_the_command_but_may_still_be_heard(void **state)
{
	struct world *w = *state;

	assert_true(start(w, "ab", false, ""));
	DOUBLE_WAIT(w->loop, w->crew->sent_count == 2);
	answer(w, NODE_RECORD_START, "b", NODE_OK);
	say(w, "b", NODE_REC_RECORDING, "001", "");
	answer(w, NODE_RECORD_START, "a", NODE_LATE);
	assert_int_equal(w->start.done, 1);
	assert_int_equal(w->start.verdict, LEDGER_PARTIAL);
	assert_states(w, TAKE_ASKED, TAKE_RECORDING);
	loop_fake_advance(w->loop, 3000000);
	say(w, "a", NODE_REC_RECORDING, "001", "");	/* it had heard us after all */
	assert_states(w, TAKE_RECORDING, TAKE_RECORDING);
	assert_int_equal(w->start.done, 1);
}

static void
camera_that_says_yes_and_does_not_record_fails_at_the_deadline(void **state)
{
	struct world *w = *state;

	start_both(w);
	say(w, "b", NODE_REC_RECORDING, "001", "");
	loop_fake_advance(w->loop, 10300000);
	assert_int_equal(w->start.done, 0);
	loop_fake_advance(w->loop, 200000);
	assert_int_equal(w->start.done, 1);
	assert_states(w, TAKE_FAILED, TAKE_RECORDING);
	assert_int_equal(w->start.verdict, LEDGER_PARTIAL);
	assert_string_equal(w->start.code, "failed");
	say(w, "a", NODE_REC_RECORDING, "001", "");	/* evidence is stronger than our verdict */
	assert_states(w, TAKE_RECORDING, TAKE_RECORDING);
}

static void
take_that_cannot_be_written_starts_nothing(void **state)
{
	struct world *w = *state;

	scratch_write(scratch_path(w->folder, "s/takes/001"), "in the way");
	assert_true(start(w, "ab", false, ""));
	DOUBLE_WAIT(w->loop, w->start.done == 1);
	assert_int_equal(w->crew->sent_count, 0);
	assert_int_equal(w->start.err.kind, ERR_DISK);
	assert_non_null(strstr(w->start.err.text, "no camera was told"));
	assert_false(recordall_is_rolling(w->rec));
	assert_true(start(w, "ab", false, ""));		/* its number is used up, the next one goes well */
	DOUBLE_WAIT(w->loop, w->crew->sent_count == 2);
	assert_string_equal(double_last(w->crew, NODE_RECORD_START, "a")->r.take, "002");
}

static void
view_only_and_empty_targets_are_refused(void **state)
{
	struct world *w = *state;

	double_add(w->crew, "v", 3, "desk")->node->view_only = true;
	assert_false(start(w, "v", true, ""));
	assert_non_null(strstr(w->err.text, "desk"));
	assert_false(start(w, "", false, ""));
	assert_false(start(w, "z", true, ""));
	assert_int_equal(w->start.done, 0);
	assert_null(recordall_newest(w->rec));
}

static void
start_while_rolling_is_refused_with_the_take_s_number(void **state)
{
	struct world *w = *state;

	roll_both(w);
	assert_false(start(w, "ab", false, ""));
	assert_int_equal(w->err.kind, ERR_REFUSED);
	assert_non_null(strstr(w->err.text, "take 001"));
	assert_false(start(w, "a", true, ""));		/* it is in already */
	assert_non_null(strstr(w->err.text, "left guest"));
}

static void
late_camera_joins_the_running_take(void **state)
{
	struct world *w = *state;

	roll_both(w);
	double_add(w->crew, "c", 3, "wide");
	assert_true(start(w, "c", true, ""));
	DOUBLE_WAIT(w->loop, double_sent_of(w->crew, NODE_RECORD_START, "c") == 1);
	assert_string_equal(double_last(w->crew, NODE_RECORD_START, "c")->r.take, "001");
	answer_all(w, NODE_OK);
	say(w, "c", NODE_REC_RECORDING, "001", "");
	assert_int_equal(w->start.done, 2);
	assert_int_equal(recordall_newest(w->rec)->device_count, 3);
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_START, NULL), 3);
}

static void
camera_that_failed_joins_again_as_another_part(void **state)
{
	struct world *w = *state;

	roll_both(w);
	say(w, "a", NODE_REC_IDLE, "001", "battery");
	say_saved(w, "a", "001");
	assert_true(start(w, "a", true, ""));
	DOUBLE_WAIT(w->loop, double_sent_of(w->crew, NODE_RECORD_START, "a") == 2);
	answer_all(w, NODE_OK);
	double_recording(w->crew, "a", NODE_REC_RECORDING, sphere_id(w), "001", SINCE_US + 60000000, "");
	loop_fake_turn(w->loop);
	assert_states(w, TAKE_RECORDING, TAKE_RECORDING);
	assert_int_equal(device(w, "a")->part_count, 1);
	assert_int_equal(w->start.done, 2);
}

static void
slate_counts_its_takes_and_numbers_go_up(void **state)
{
	struct world *w = *state;

	for (int i = 1; i <= 2; i++) {
		assert_true(start(w, "ab", false, "ep12"));
		DOUBLE_WAIT(w->loop, double_sent_of(w->crew, NODE_RECORD_START, NULL) == 2 * i);
		answer_all(w, NODE_REFUSED);
	}
	assert_string_equal(recordall_newest(w->rec)->take, "002");
	assert_int_equal(recordall_newest(w->rec)->slate_take, 2);
}

static void adopt_all(struct world *w);
static void kill_console(struct world *w);

/* The folder of the first is deleted, that of the second renamed, and the console starts anew: then the manifest is lost, too. */
static void
numbers_and_slates_never_repeat_whatever_becomes_of_the_folders(void **state)
{
	struct world *w = *state;

	for (int i = 1; i <= 4; i++) {
		char number[TAKE_BYTES], *from;

		w->crew->sent_count = 0;
		assert_true(start(w, "ab", false, "ep12"));
		DOUBLE_WAIT(w->loop, double_sent_of(w->crew, NODE_RECORD_START, NULL) == 2);
		answer_all(w, NODE_REFUSED);
		ids_take(number, (unsigned)i);
		assert_string_equal(recordall_newest(w->rec)->take, number);
		assert_int_equal(recordall_newest(w->rec)->slate_take, i);
		kill_console(w);
		from = xasprintf("%s/s/takes/%s", w->folder, number);
		if (i % 2 == 1)
			assert_int_equal(rename(from, scratch_path(w->folder, i == 1 ? "one" : "s/takes/003-keep")), 0);
		if (i == 3)
			assert_int_equal(unlink(scratch_path(w->folder, "s/sphere.json")), 0);
		free(from);
		adopt_all(w);
	}
}

/* An older copy of the folder: the cameras know of takes that it does not. */
static void
file_of_a_take_that_the_folder_never_heard_of_is_taken_in(void **state)
{
	struct world *w = *state;
	const struct take *t;

	say_saved(w, "a", "003");
	t = recordall_take(w->rec, "003");
	assert_non_null(t);
	assert_int_equal(t->device_count, 1);
	assert_int_equal(t->devices[0].state, TAKE_SAVED);
	assert_int_equal(t->devices[0].part_count, 1);
	say_saved(w, "b", "003");
	t = recordall_take(w->rec, "003");
	assert_int_equal(t->device_count, 2);
	assert_int_equal(w->events[EV_SAVED], 2);
	assert_int_equal(w->events[EV_STOPPED_UNASKED], 0);
	assert_true(start(w, "ab", false, ""));
	assert_string_equal(recordall_newest(w->rec)->take, "004");
}

static void
file_of_a_take_that_was_taken_away_stays_where_it_is(void **state)
{
	struct world *w = *state;

	manifest_add_take(sphere_manifest(w->sphere), "003", "ep12");
	say_saved(w, "a", "003");
	assert_null(recordall_take(w->rec, "003"));
	say_saved(w, "a", "77777");		/* nobody gave that number */
	assert_null(recordall_take(w->rec, "77777"));
}

/* ---- The stop ---- */

/* An hour later the clock of its beginning is not known so well any more, or it has been set: the word of then counts. */
static void
file_is_placed_by_the_clock_of_its_beginning(void **state)
{
	struct world *w = *state;

	double_member(w->crew, "a")->clock.best = (struct offset_estimate){ .known = true, .offset_us = 2000, .bound_us = 300, .at_us = SINCE_US };
	double_member(w->crew, "b")->clock.best = (struct offset_estimate){ .known = true, .offset_us = 5000, .bound_us = 300, .at_us = SINCE_US };
	roll_both(w);
	loop_fake_advance(w->loop, 3600000000);
	double_member(w->crew, "a")->clock.best = (struct offset_estimate){ .known = true, .offset_us = 2700, .bound_us = 200,
		.at_us = SINCE_US + 3600000000 };
	double_member(w->crew, "b")->clock.best = (struct offset_estimate){ .known = true, .offset_us = 7005000, .bound_us = 200,
		.at_us = SINCE_US + 3600000000 };
	say(w, "a", NODE_REC_RECORDING, "001", "");
	say(w, "b", NODE_REC_RECORDING, "001", "");
	assert_true(stop(w));
	say_saved(w, "a", "001");
	say_saved(w, "b", "001");
	assert_int_equal(device(w, "a")->parts[0].offset_us, 2000);
	assert_in_range(device(w, "a")->parts[0].bound_us, 300, 310);
	assert_int_equal(device(w, "b")->parts[0].offset_us, 5000);
	assert_int_equal(device(w, "b")->rec_since_us, SINCE_US - 5000);
}

static void
stop_goes_out_at_once_and_ends_with_the_answers(void **state)
{
	struct world *w = *state;

	roll_both(w);
	assert_true(stop(w));
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, NULL), 2);
	assert_int_equal(double_last(w->crew, NODE_RECORD_STOP, "a")->r.at_us, 0);
	assert_string_equal(double_last(w->crew, NODE_RECORD_STOP, "a")->r.take, "001");
	assert_states(w, TAKE_STOPPING, TAKE_STOPPING);
	assert_true(recordall_is_rolling(w->rec));	/* a command sent is never a state */
	answer_all(w, NODE_OK);
	assert_int_equal(w->stop.done, 1);
	assert_int_equal(w->stop.acks, 2);
	say(w, "a", NODE_REC_SAVING, "001", "");
	say(w, "b", NODE_REC_SAVING, "001", "");
	assert_int_equal(w->events[EV_STOPPED], 2);
	assert_false(recordall_is_rolling(w->rec));
	assert_null(recordall_running(w->rec));
	assert_int_equal(w->events[EV_STOPPED_UNASKED], 0);
}

static void
saved_files_become_parts_once(void **state)
{
	struct world *w = *state;
	struct take_counts counts;
	struct jdoc *j;

	roll_both(w);
	assert_true(stop(w));
	answer_all(w, NODE_OK);
	say_saved(w, "a", "001");
	say_saved(w, "b", "001");
	say_saved(w, "a", "001");	/* found again in a list */
	say_saved(w, "b", "77777");	/* another take's, and none of ours */
	assert_int_equal(w->events[EV_SAVED], 2);
	assert_int_equal(w->events[EV_STOPPED], 2);
	assert_states(w, TAKE_SAVED, TAKE_SAVED);
	take_counts(recordall_newest(w->rec), &counts);
	assert_int_equal(counts.saved, 2);
	assert_int_equal(counts.recorded, 2);
	wait_disk(w);
	j = read_take(w, "001");
	assert_int_equal(jdoc_int(jdoc_get(j, "counts"), "saved", 0), 2);
	assert_true(jdoc_has(j, "stoppedUs"));
	assert_string_equal(jdoc_text(jdoc_get(jdoc_at(jdoc_get(jdoc_at(jdoc_get(j, "devices"), 0), "parts"), 0), "recording"), "id", ""), "rec-a-001");
	jdoc_free(j);
	assert_int_equal(sphere_manifest(w->sphere)->takes[0].counts.saved, 2);
}

static void
camera_that_does_not_confirm_is_asked_again_until_it_stops(void **state)
{
	struct world *w = *state;

	roll_both(w);
	assert_true(stop(w));
	answer(w, NODE_RECORD_STOP, "a", NODE_OK);
	answer(w, NODE_RECORD_STOP, "b", NODE_LATE);
	assert_int_equal(w->stop.verdict, LEDGER_PARTIAL);
	say(w, "a", NODE_REC_IDLE, "001", "");
	loop_fake_advance(w->loop, 6000000);
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, "a"), 1);
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, "b"), 4);
	double_link(w->crew, "b", HEALTH_LOST);
	loop_fake_advance(w->loop, 6000000);
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, "b"), 4);	/* who is lost cannot be asked */
	assert_false(recordall_is_rolling(w->rec));
	double_link(w->crew, "b", HEALTH_LIVE);
	loop_fake_advance(w->loop, 2000000);
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, "b"), 5);	/* it comes back, still recording */
	say_saved(w, "b", "001");
	loop_fake_advance(w->loop, 6000000);
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, "b"), 5);
}

/* Live, and idle by its own word, for so many seconds. */
static void
idle_for(struct world *w, int seconds)
{
	for (int i = 0; i < seconds; i++)
		loop_fake_advance(w->loop, 1000000);
}

/* Stopped before their instant had come: idle by a word of now, they have no file; an old word proves nothing. */
static void
camera_stopped_before_it_began_ends_without_a_file(void **state)
{
	struct world *w = *state;

	start_both(w);
	assert_true(stop(w));
	answer_all(w, NODE_OK);
	say(w, "a", NODE_REC_IDLE, "", "");
	say(w, "b", NODE_REC_IDLE, "", "");
	for (int i = 0; i < 6; i++) {
		double_member(w->crew, "a")->track.said_us = clk_mono_us(&w->clk);
		loop_fake_advance(w->loop, 1000000);
	}
	assert_states(w, TAKE_FAILED, TAKE_STOPPING);
	assert_string_equal(device(w, "a")->reason, "stopped before it recorded");
	assert_int_equal(w->events[EV_DID_NOT_ROLL], 0);	/* it was told not to */
	say(w, "a", NODE_REC_RECORDING, "001", "");		/* it did after all: asked to stop again */
	assert_int_equal(device(w, "a")->state, TAKE_STOPPING);
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, "a"), 2);
}

static void
file_that_is_never_told_of_is_asked_for_once_more(void **state)
{
	struct world *w = *state;

	roll_both(w);
	assert_true(stop(w));
	answer_all(w, NODE_OK);
	say(w, "a", NODE_REC_IDLE, "001", "");
	say(w, "b", NODE_REC_SAVING, "001", "");	/* a long file takes its time */
	idle_for(w, 29);
	assert_int_equal(crew_conn(w->crew, "a")->lists_asked, 0);
	idle_for(w, 4);
	assert_int_equal(crew_conn(w->crew, "a")->lists_asked, 1);
	assert_int_equal(crew_conn(w->crew, "b")->lists_asked, 0);
	say_saved(w, "a", "001");			/* it stands in the list */
	idle_for(w, 60);
	assert_states(w, TAKE_SAVED, TAKE_STOPPING);
	assert_int_equal(crew_conn(w->crew, "a")->lists_asked, 1);
}

static void
camera_that_lists_no_file_fails_with_a_reason(void **state)
{
	struct world *w = *state;

	roll_both(w);
	assert_true(stop(w));
	answer_all(w, NODE_OK);
	say(w, "a", NODE_REC_IDLE, "001", "");
	say(w, "b", NODE_REC_IDLE, "001", "");
	idle_for(w, 25);
	double_link(w->crew, "b", HEALTH_LOST);		/* who is away cannot be asked */
	idle_for(w, 25);
	assert_states(w, TAKE_FAILED, TAKE_STOPPING);
	assert_string_equal(device(w, "a")->reason, "stopped, but the camera lists no file");
	double_link(w->crew, "b", HEALTH_LIVE);
	idle_for(w, 20);
	assert_int_equal(crew_conn(w->crew, "b")->lists_asked, 0);	/* its patience begins anew */
	idle_for(w, 40);
	assert_states(w, TAKE_FAILED, TAKE_FAILED);
	assert_true(take_is_over(recordall_newest(w->rec)));
}

/* A take has an end, whoever is gone; and who comes back is believed. */
static void
camera_lost_with_its_stop_open_fails_and_may_come_back(void **state)
{
	struct world *w = *state;

	roll_both(w);
	double_link(w->crew, "b", HEALTH_LOST);
	idle_for(w, 60);
	assert_states(w, TAKE_RECORDING, TAKE_RECORDING);	/* it may roll on: nobody wants it to stop */
	assert_true(stop(w));
	answer_all(w, NODE_LOST);
	say_saved(w, "a", "001");
	idle_for(w, 28);				/* a gap is no verdict */
	assert_states(w, TAKE_SAVED, TAKE_STOPPING);
	idle_for(w, 5);
	assert_states(w, TAKE_SAVED, TAKE_FAILED);
	assert_string_equal(device(w, "b")->reason, "lost before it confirmed the stop; it may roll on");
	assert_true(take_is_over(recordall_newest(w->rec)));
	double_link(w->crew, "b", HEALTH_LIVE);
	say(w, "b", NODE_REC_RECORDING, "001", "");
	assert_states(w, TAKE_SAVED, TAKE_STOPPING);
	answer_all(w, NODE_OK);
	say_saved(w, "b", "001");
	assert_states(w, TAKE_SAVED, TAKE_SAVED);
}

static void
file_of_a_camera_given_up_at_its_stop_heals_it(void **state)
{
	struct world *w = *state;

	roll_both(w);
	assert_true(stop(w));
	answer_all(w, NODE_OK);
	double_link(w->crew, "a", HEALTH_LOST);
	double_link(w->crew, "b", HEALTH_LOST);
	idle_for(w, 40);
	assert_states(w, TAKE_FAILED, TAKE_FAILED);
	double_link(w->crew, "a", HEALTH_LIVE);
	say_saved(w, "a", "001");			/* the stop had reached it, its word had not reached us */
	assert_states(w, TAKE_SAVED, TAKE_FAILED);
	say_file(w, "b", "001", "crash");		/* it had gone, and its file tells why */
	assert_states(w, TAKE_SAVED, TAKE_FAILED);
	assert_string_equal(device(w, "b")->reason, "stopped by itself: crash");
	assert_int_equal(device(w, "b")->part_count, 1);
}

static void
stop_of_one_camera_leaves_the_take_rolling(void **state)
{
	struct world *w = *state;

	roll_both(w);
	assert_true(recordall_stop(w->rec, targets("a"), true, 0, "do", on_done, on_ack, &w->stop, &w->err));
	answer_all(w, NODE_OK);
	say_saved(w, "a", "001");
	assert_states(w, TAKE_SAVED, TAKE_RECORDING);
	assert_true(recordall_is_rolling(w->rec));
	assert_int_equal(recordall_newest(w->rec)->stopped_us, 0);
	assert_false(recordall_stop(w->rec, targets("a"), true, 0, "do", on_done, on_ack, &w->stop, &w->err));
	assert_non_null(strstr(w->err.text, "left guest"));
}

static void
stop_with_nothing_rolling_is_refused(void **state)
{
	struct world *w = *state;

	assert_false(stop(w));
	assert_int_equal(w->err.kind, ERR_REFUSED);
	assert_int_equal(w->crew->sent_count, 0);
}

static void
stop_before_the_bytes_went_out_tells_nobody(void **state)
{
	struct world *w = *state;

	assert_true(start(w, "ab", false, ""));
	assert_true(stop(w));
	DOUBLE_WAIT(w->loop, w->stop.done == 1 && w->start.done == 1);
	loop_fake_advance(w->loop, 5000000);
	assert_int_equal(w->crew->sent_count, 0);
	assert_states(w, TAKE_FAILED, TAKE_FAILED);
}

static void
camera_that_begins_after_its_stop_is_stopped_again(void **state)
{
	struct world *w = *state;

	start_both(w);
	assert_true(stop(w));
	loop_fake_turn(w->loop);
	assert_int_equal(w->start.done, 1);		/* nobody waits for it to record any more */
	answer_all(w, NODE_OK);
	say(w, "a", NODE_REC_RECORDING, "001", "");	/* the planned start came after the stop */
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, "a"), 2);
	assert_int_equal(device(w, "a")->state, TAKE_STOPPING);
	say(w, "b", NODE_REC_IDLE, "", "");
	for (int i = 0; i < 8; i++)
		loop_fake_advance(w->loop, 2000000);
	assert_int_equal(device(w, "b")->state, TAKE_FAILED);	/* it never began: no file will come */
}

/* ---- What cameras do by themselves ---- */

static void
unasked_stop_is_a_failure_with_a_reason_even_if_the_file_is_fine(void **state)
{
	struct world *w = *state;
	struct take_counts counts;

	roll_both(w);
	say(w, "a", NODE_REC_SAVING, "001", "heat");
	assert_int_equal(w->events[EV_STOPPED_UNASKED], 1);
	assert_non_null(strstr(w->unasked, "heat"));
	say_saved(w, "a", "001");
	assert_int_equal(w->events[EV_SAVED], 1);
	assert_int_equal(w->events[EV_STOPPED], 0);
	take_counts(recordall_newest(w->rec), &counts);
	assert_int_equal(counts.failed, 1);
	assert_int_equal(counts.saved, 1);
	assert_int_equal(counts.recording, 1);
	assert_true(recordall_is_rolling(w->rec));
}

static void
lost_camera_is_not_said_to_have_stopped(void **state)
{
	struct world *w = *state;

	roll_both(w);
	double_link(w->crew, "a", HEALTH_LOST);
	loop_fake_advance(w->loop, 60000000);
	assert_states(w, TAKE_RECORDING, TAKE_RECORDING);
	assert_int_equal(w->events[EV_STOPPED_UNASKED], 0);
	assert_true(stop(w));
	answer_all(w, NODE_OK);
	say_saved(w, "b", "001");
	assert_false(recordall_is_rolling(w->rec));	/* the lost one does not hold up the show */
	assert_true(start(w, "ab", false, ""));
	assert_string_equal(recordall_newest(w->rec)->take, "002");
}

static void
forgotten_camera_fails_in_its_take(void **state)
{
	struct world *w = *state;

	roll_both(w);
	bus_tell(w->bus, EV_NODE_GONE, "a", "%s", "");
	assert_states(w, TAKE_FAILED, TAKE_RECORDING);
	assert_string_equal(device(w, "a")->reason, "forgotten while the take rolled; it may roll on");
	assert_int_equal(w->events[EV_STOPPED_UNASKED], 0);	/* nobody knows that it stopped */
	assert_int_equal(w->events[EV_DID_NOT_ROLL], 0);
	say(w, "a", NODE_REC_RECORDING, "001", "");	/* added again */
	assert_states(w, TAKE_RECORDING, TAKE_RECORDING);
}

/* ---- Policies ---- */

static void
start_with_policy(struct world *w, const char *policy)
{
	assert_true(opt_assign(w->settings, "roll-policy", policy, &w->err));
	double_member(w->crew, "a")->node->roles = ROLE(MUST);
	assert_true(start(w, "ab", false, ""));
	DOUBLE_WAIT(w->loop, w->crew->sent_count == 2);
}

static void
must_camera_that_fails_stops_the_roll(void **state)
{
	struct world *w = *state;

	start_with_policy(w, "must");
	answer(w, NODE_RECORD_START, "b", NODE_OK);
	say(w, "b", NODE_REC_RECORDING, "001", "");
	answer(w, NODE_RECORD_START, "a", NODE_REFUSED);
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, "b"), 1);
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, "a"), 0);
	assert_int_equal(w->start.done, 1);
	assert_int_equal(w->start.err.kind, ERR_REFUSED);
	assert_non_null(strstr(w->start.err.text, "left guest"));
	assert_states(w, TAKE_FAILED, TAKE_STOPPING);
}

static void
must_policy_lets_the_others_fail(void **state)
{
	struct world *w = *state;

	start_with_policy(w, "must");
	answer(w, NODE_RECORD_START, "a", NODE_OK);
	answer(w, NODE_RECORD_START, "b", NODE_REFUSED);
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, NULL), 0);
	assert_states(w, TAKE_STARTING, TAKE_FAILED);
}

static void
all_policy_stops_for_anybody_until_the_deadline_only(void **state)
{
	struct world *w = *state;

	start_with_policy(w, "all");
	answer_all(w, NODE_OK);
	say(w, "a", NODE_REC_RECORDING, "001", "");
	say(w, "b", NODE_REC_RECORDING, "001", "");
	loop_fake_advance(w->loop, 11000000);
	say(w, "b", NODE_REC_IDLE, "001", "heat");	/* too late to stop the others for it */
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, NULL), 0);
	assert_states(w, TAKE_RECORDING, TAKE_FAILED);
	assert_int_equal(w->events[EV_STOPPED_UNASKED], 1);
}

static void
deadline_itself_still_counts_for_the_policy(void **state)
{
	struct world *w = *state;

	start_with_policy(w, "all");
	answer_all(w, NODE_OK);
	say(w, "a", NODE_REC_RECORDING, "001", "");
	loop_fake_advance(w->loop, 10500000);
	assert_states(w, TAKE_STOPPING, TAKE_FAILED);
	assert_int_equal(w->start.done, 1);
	assert_int_equal(w->start.err.kind, ERR_REFUSED);
}

/* ---- After a restart ---- */

static void
adopt_all(struct world *w)
{
	struct take *takes;
	int count;

	sphere_close(w->sphere);
	w->sphere = sphere_open(scratch_path(w->folder, "s"), "", LOOP_FAKE_UTC_US, &w->err);
	assert_non_null(w->sphere);
	open_recordall(w);
	takes = sphere_load_takes(w->sphere, &count);
	for (int i = 0; i < count; i++)
		recordall_adopt(w->rec, &takes[i]);
	free(takes);
}

static void
kill_console(struct world *w)
{
	close_recordall(w);
	answer_all(w, NODE_LOST);
	w->crew->sent_count = 0;
	memset(w->events, 0, sizeof w->events);
}

static void
console_that_returns_shows_the_true_elapsed_time(void **state)
{
	struct world *w = *state;

	roll_both(w);
	assert_int_equal(recordall_elapsed_us(w->rec, SINCE_US + 7000000), 7000000);
	double_member(w->crew, "a")->clock.best = (struct offset_estimate){ .known = true, .offset_us = 2000000 };
	say(w, "a", NODE_REC_RECORDING, "001", "");
	assert_int_equal(recordall_elapsed_us(w->rec, SINCE_US + 7000000), 9000000);	/* its clock was ahead */
	kill_console(w);
	adopt_all(w);
	assert_true(recordall_is_rolling(w->rec));
	assert_string_equal(recordall_running(w->rec), "001");
	say(w, "a", NODE_REC_RECORDING, "001", "");
	say(w, "b", NODE_REC_RECORDING, "001", "");
	assert_states(w, TAKE_RECORDING, TAKE_RECORDING);
	assert_int_equal(recordall_elapsed_us(w->rec, SINCE_US + 60000000), 62000000);
	assert_int_equal(w->events[EV_RECORDING], 0);
	assert_int_equal(w->crew->sent_count, 0);	/* nobody is started or stopped by it */
	assert_true(stop(w));
	answer_all(w, NODE_OK);
	say_saved(w, "a", "001");
	say_saved(w, "b", "001");
	assert_states(w, TAKE_SAVED, TAKE_SAVED);
}

static void
stop_that_was_asked_before_the_crash_is_asked_on(void **state)
{
	struct world *w = *state;

	roll_both(w);
	assert_true(stop(w));
	kill_console(w);
	adopt_all(w);
	say(w, "a", NODE_REC_RECORDING, "001", "");
	say_saved(w, "b", "001");
	loop_fake_advance(w->loop, 2000000);
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, "a"), 1);
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, "b"), 0);
	assert_states(w, TAKE_STOPPING, TAKE_SAVED);
	assert_int_equal(w->events[EV_STOPPED_UNASKED], 0);
}

static void
what_stopped_while_the_console_was_away_is_found(void **state)
{
	struct world *w = *state;

	roll_both(w);
	kill_console(w);
	adopt_all(w);
	say(w, "a", NODE_REC_IDLE, "001", "heat");
	say_saved(w, "a", "001");
	assert_int_equal(w->events[EV_STOPPED_UNASKED], 1);
	assert_int_equal(w->events[EV_SAVED], 1);
	assert_states(w, TAKE_FAILED, TAKE_RECORDING);
}

static void
what_was_asked_and_never_began_fails_after_the_return(void **state)
{
	struct world *w = *state;

	assert_true(start(w, "ab", false, ""));
	kill_console(w);				/* asked is on disk, the bytes never went out */
	adopt_all(w);
	for (int i = 0; i < w->crew->count; i++)
		w->crew->members[i].track.last.has_recording = false;
	say(w, "a", NODE_REC_IDLE, "", "");
	assert_true(recordall_is_rolling(w->rec));
	loop_fake_advance(w->loop, 10000000);
	assert_states(w, TAKE_FAILED, TAKE_FAILED);
	assert_non_null(strstr(device(w, "a")->reason, "when the console came back"));
	assert_false(recordall_is_rolling(w->rec));
}

static void
camera_nobody_sees_after_the_return_is_told(void **state)
{
	struct world *w = *state;

	roll_both(w);
	kill_console(w);
	double_member(w->crew, "b")->link = HEALTH_NEVER;
	adopt_all(w);
	say(w, "a", NODE_REC_RECORDING, "001", "");
	assert_int_equal(w->events[EV_TAKE_UNSEEN], 0);
	loop_fake_advance(w->loop, 10000000);
	assert_int_equal(w->events[EV_TAKE_UNSEEN], 1);
	assert_states(w, TAKE_RECORDING, TAKE_RECORDING);	/* it may roll on alone, for all we know */
}

static void
camera_found_recording_our_take_belongs_to_it(void **state)
{
	struct world *w = *state;

	roll_both(w);
	double_add(w->crew, "c", 3, "wide");
	double_recording(w->crew, "c", NODE_REC_RECORDING, sphere_id(w), "001", SINCE_US, "");
	assert_int_equal(device(w, "c")->state, TAKE_RECORDING);
	double_recording(w->crew, "c", NODE_REC_RECORDING, "another-sphere", "001", SINCE_US, "");
	double_add(w->crew, "d", 4, "door");
	double_recording(w->crew, "d", NODE_REC_RECORDING, "another-sphere", "001", SINCE_US, "");
	double_recording(w->crew, "d", NODE_REC_RECORDING, sphere_id(w), "../../etc", SINCE_US, "");
	assert_int_equal(recordall_newest(w->rec)->device_count, 3);	/* another Sphere's is left alone */
	assert_int_equal(double_sent_of(w->crew, NODE_RECORD_STOP, NULL), 0);
}

static void
camera_found_recording_a_take_nobody_knows_makes_it_known(void **state)
{
	struct world *w = *state;
	struct jdoc *j;

	double_recording(w->crew, "a", NODE_REC_RECORDING, sphere_id(w), "009", SINCE_US, "");
	assert_string_equal(recordall_running(w->rec), "009");
	assert_int_equal(manifest_next_take(sphere_manifest(w->sphere)), 10);
	wait_disk(w);
	j = read_take(w, "009");
	assert_int_equal(jdoc_int(jdoc_get(j, "counts"), "recording", 0), 1);
	jdoc_free(j);
}

static void
absurd_number_claimed_by_a_camera_does_not_poison_ours(void **state)
{
	struct world *w = *state;

	double_recording(w->crew, "a", NODE_REC_RECORDING, sphere_id(w), "999999999", SINCE_US, "");
	double_recording(w->crew, "b", NODE_REC_RECORDING, sphere_id(w), "1001", SINCE_US, "");
	assert_null(recordall_newest(w->rec));
	assert_int_equal(manifest_next_take(sphere_manifest(w->sphere)), 1);
}

static void
finished_take_is_not_overwritten_by_a_straggler(void **state)
{
	struct world *w = *state;
	struct jdoc *j;

	roll_both(w);
	assert_true(stop(w));
	answer_all(w, NODE_OK);
	say_saved(w, "a", "001");
	say_saved(w, "b", "001");
	assert_true(start(w, "ab", false, ""));
	DOUBLE_WAIT(w->loop, double_sent_of(w->crew, NODE_RECORD_START, NULL) == 4);
	kill_console(w);
	adopt_all(w);				/* 002 only: 001 is over */
	double_add(w->crew, "c", 3, "wide");
	double_recording(w->crew, "c", NODE_REC_RECORDING, sphere_id(w), "001", SINCE_US, "");
	assert_string_equal(recordall_newest(w->rec)->take, "002");
	wait_disk(w);
	j = read_take(w, "001");
	assert_int_equal(jdoc_count(jdoc_get(j, "devices")), 3);
	assert_int_equal(jdoc_int(jdoc_get(j, "counts"), "saved", 0), 2);
	jdoc_free(j);
}

static void
rehearsal_is_written_into_the_proof(void **state)
{
	struct world *w = *state;

	recordall_set_rehearsal(w->rec, true, false);
	assert_true(start(w, "ab", false, ""));
	assert_true(recordall_newest(w->rec)->rehearsal);
}

static void
no_timer_runs_before_the_first_take(void **state)
{
	struct world *w = *state;

	assert_true(loop_fake_is_asleep(w->loop));
}

/* ---- Rolled all the same ---- */

static bool
left_is_not_armed(void *arg, const char *node, char *out, size_t out_size)
{
	const char *why = node == NULL ? arg : strcmp(node, "a") == 0 ? "storage for 3 min only" : NULL;

	str_copy(out, out_size, why != NULL ? why : "");
	return why != NULL;
}

static void
what_was_not_armed_rolls_and_is_written_down(void **state)
{
	struct world *w = *state;
	struct take t;

	recordall_set_arm(w->rec, left_is_not_armed, NULL);
	roll_both(w);
	assert_string_equal(device(w, "a")->not_armed, "storage for 3 min only");
	assert_string_equal(device(w, "b")->not_armed, "");
	assert_int_equal(w->events[EV_NOTICE], 1);
	assert_true(sphere_load_take(w->sphere, "001", &t));
	assert_string_equal(t.devices[0].not_armed, "storage for 3 min only");
	assert_string_equal(t.devices[1].not_armed, "");
	assert_string_equal(t.not_armed, "");
	take_fini(&t);
}

static void
a_full_archive_is_written_down_for_the_whole_take(void **state)
{
	static char full[] = "the archive nas is full";
	struct world *w = *state;
	struct take t;

	recordall_set_arm(w->rec, left_is_not_armed, full);
	roll_both(w);
	assert_string_equal(recordall_newest(w->rec)->not_armed, full);
	assert_int_equal(w->events[EV_NOTICE], 2);
	assert_true(sphere_load_take(w->sphere, "001", &t));
	assert_string_equal(t.not_armed, full);
	take_fini(&t);
}

/* A late camera is looked at when it is asked, not when the take began. */
static void
a_late_camera_is_looked_at_when_it_joins(void **state)
{
	struct world *w = *state;

	recordall_set_arm(w->rec, left_is_not_armed, NULL);
	assert_true(start(w, "b", true, ""));
	DOUBLE_WAIT(w->loop, double_sent_of(w->crew, NODE_RECORD_START, NULL) == 1);
	answer_all(w, NODE_OK);
	say(w, "b", NODE_REC_RECORDING, "001", "");
	assert_int_equal(w->events[EV_NOTICE], 0);
	assert_true(start(w, "a", true, ""));
	DOUBLE_WAIT(w->loop, double_sent_of(w->crew, NODE_RECORD_START, NULL) == 2);
	assert_int_equal(w->events[EV_NOTICE], 1);
	assert_string_equal(device(w, "a")->not_armed, "storage for 3 min only");
}

/* ---- What is home ---- */

/* One take of both cameras, from the press to two verified files. */
static void
take_home(struct world *w, const char *take)
{
	w->crew->sent_count = 0;
	start_both(w);
	say(w, "a", NODE_REC_RECORDING, take, "");
	say(w, "b", NODE_REC_RECORDING, take, "");
	assert_true(stop(w));
	answer_all(w, NODE_OK);
	for (const char *node = "a"; node != NULL; node = node[0] == 'a' ? "b" : NULL) {
		say_saved(w, node, take);
		say(w, node, NODE_REC_IDLE, "", "");
		for (int to = TAKE_FETCHING; to <= TAKE_VERIFIED; to++)
			assert_true(recordall_part_go(w->rec, &(struct recordall_step){ .take = take, .node = node, .part = 1, .to = (enum take_state)to }));
	}
	loop_fake_turn(w->loop);
}

static void
many_takes_home(struct world *w, int from, int to)
{
	char take[TAKE_BYTES];

	for (int i = from; i <= to; i++) {
		snprintf(take, sizeof take, "%03d", i);
		take_home(w, take);
	}
}

static void
a_minute_later(struct world *w)
{
	for (int i = 0; i < 70; i++)
		loop_fake_advance(w->loop, 1000000);
}

static void
what_is_home_leaves_memory_and_is_read_again_when_it_is_asked_for(void **state)
{
	struct world *w = *state;
	int saved;

	many_takes_home(w, 1, 12);
	assert_non_null(recordall_take(w->rec, "001"));	/* its receipt is still to be told */
	a_minute_later(w);
	assert_null(recordall_take(w->rec, "001"));
	assert_null(recordall_take(w->rec, "004"));
	assert_non_null(recordall_take(w->rec, "005"));	/* the newest eight stay */
	assert_string_equal(recordall_newest(w->rec)->take, "012");

	saved = w->events[EV_SAVED];
	say_saved(w, "a", "001");			/* as each camera lists it that comes back */
	assert_null(recordall_take(w->rec, "001"));
	assert_int_equal(w->events[EV_SAVED], saved);
	wait_disk(w);
	assert_true(recordall_load(w->rec, "001"));
	assert_int_equal(recordall_take(w->rec, "001")->devices[1].state, TAKE_VERIFIED);
	many_takes_home(w, 13, 13);			/* its number is not given twice */
}

static void
what_may_still_get_a_file_stays_in_memory(void **state)
{
	struct world *w = *state;

	many_takes_home(w, 1, 10);
	double_link(w->crew, "b", HEALTH_LOST);		/* it may have rolled on */
	a_minute_later(w);
	assert_non_null(recordall_take(w->rec, "001"));
	double_link(w->crew, "b", HEALTH_LIVE);
	say(w, "b", NODE_REC_RECORDING, "001", "");
	a_minute_later(w);
	assert_non_null(recordall_take(w->rec, "001"));	/* it did */
	assert_null(recordall_take(w->rec, "002"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(no_timer_runs_before_the_first_take),
		TEST(not_a_byte_goes_out_before_the_proof_is_on_disk), TEST(start_is_planned_ahead_on_each_camera_s_clock),
		TEST(lead_is_longer_when_the_slowest_way_needs_it), TEST(stop_is_planned_like_the_start),
		TEST(stop_of_what_has_not_begun_is_at_once), TEST(file_is_placed_by_the_clock_of_its_beginning), TEST(stop_with_an_instant_of_its_own_is_at_that), TEST(planned_stop_does_not_overtake_the_start),
		TEST(stop_before_a_start_that_took_its_time_leaves_as_much_as_was_asked_for),
		TEST(countdown_and_no_lead_are_kept), TEST(start_ends_when_each_camera_says_recording_itself),
		TEST(refusal_is_a_failure_with_the_camera_s_reason), TEST(camera_without_record_or_link_fails_by_name),
		TEST(silent_camera_ends_the_command_but_may_still_be_heard),
		TEST(camera_that_says_yes_and_does_not_record_fails_at_the_deadline), TEST(take_that_cannot_be_written_starts_nothing),
		TEST(view_only_and_empty_targets_are_refused), TEST(start_while_rolling_is_refused_with_the_take_s_number),
		TEST(late_camera_joins_the_running_take), TEST(camera_that_failed_joins_again_as_another_part),
		TEST(slate_counts_its_takes_and_numbers_go_up),
		TEST(numbers_and_slates_never_repeat_whatever_becomes_of_the_folders),
		TEST(file_of_a_take_that_the_folder_never_heard_of_is_taken_in), TEST(file_of_a_take_that_was_taken_away_stays_where_it_is), TEST(stop_goes_out_at_once_and_ends_with_the_answers),
		TEST(saved_files_become_parts_once), TEST(camera_that_does_not_confirm_is_asked_again_until_it_stops),
		TEST(file_that_is_never_told_of_is_asked_for_once_more), TEST(camera_that_lists_no_file_fails_with_a_reason),
		TEST(camera_lost_with_its_stop_open_fails_and_may_come_back), TEST(file_of_a_camera_given_up_at_its_stop_heals_it),
		TEST(stop_of_one_camera_leaves_the_take_rolling), TEST(stop_with_nothing_rolling_is_refused),
		TEST(stop_before_the_bytes_went_out_tells_nobody), TEST(camera_that_begins_after_its_stop_is_stopped_again),
		TEST(unasked_stop_is_a_failure_with_a_reason_even_if_the_file_is_fine), TEST(lost_camera_is_not_said_to_have_stopped),
		TEST(forgotten_camera_fails_in_its_take), TEST(must_camera_that_fails_stops_the_roll), TEST(must_policy_lets_the_others_fail),
		TEST(all_policy_stops_for_anybody_until_the_deadline_only), TEST(deadline_itself_still_counts_for_the_policy),
		TEST(console_that_returns_shows_the_true_elapsed_time), TEST(stop_that_was_asked_before_the_crash_is_asked_on),
		TEST(what_stopped_while_the_console_was_away_is_found), TEST(what_was_asked_and_never_began_fails_after_the_return),
		TEST(camera_nobody_sees_after_the_return_is_told), TEST(camera_found_recording_our_take_belongs_to_it), TEST(camera_found_recording_a_take_nobody_knows_makes_it_known),
		TEST(absurd_number_claimed_by_a_camera_does_not_poison_ours),
		TEST(finished_take_is_not_overwritten_by_a_straggler), TEST(rehearsal_is_written_into_the_proof),
		TEST(what_was_not_armed_rolls_and_is_written_down), TEST(camera_stopped_before_it_began_ends_without_a_file), TEST(a_full_archive_is_written_down_for_the_whole_take),
		TEST(a_late_camera_is_looked_at_when_it_joins), TEST(what_is_home_leaves_memory_and_is_read_again_when_it_is_asked_for),
		TEST(what_may_still_get_a_file_stays_in_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
