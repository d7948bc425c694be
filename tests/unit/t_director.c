/*
 * t_director.c - the rules of the two buses, the cut list, and the lights of the cameras.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "app/director.h"
#include "app/fanout.h"
#include "app/scribe.h"
#include "domain/take.h"
#include "io/journal.h"
#include "support/schema.h"
#include "support/scratch.h"
#include "crew_double.h"

#define MAX_LINES 32

struct told {
	int done, acks, acked, asked, not_offered;
	struct err err;
	enum ledger_verdict verdict;
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
	struct director *director;
	char *folder;
	int events[EV_KINDS];
	char event_node[ID_BYTES];
	int n;
	struct err err;
	struct told told;
	/* cuts.jsonl as read back */
	int line_count;
	struct jdoc *lines[MAX_LINES];
	bool keeps_landed;
};

static void
count_event(void *arg, const struct bus_event *ev)
{
	struct world *w = arg;

	w->events[ev->kind]++;
	if (ev->kind == EV_CUT)
		str_copy(w->event_node, sizeof w->event_node, ev->node != NULL ? ev->node : "");
}

static void
open_director(struct world *w)
{
	w->queue = diskq_new(w->loop);
	w->scribe = scribe_new(w->loop, w->queue, w->sphere, w->crew, w->bus, &w->clk, NULL, NULL, &w->err);
	assert_non_null(w->scribe);
	w->fanout = fanout_new(w->loop, w->crew, w->bus);
	w->director = director_new(w->loop, w->crew, w->fanout, w->bus, w->scribe, &w->clk, w->settings);
}

static void
close_director(struct world *w)
{
	director_free(w->director);
	fanout_free(w->fanout);
	scribe_free(w->scribe);
	diskq_free(w->queue);
	w->director = NULL;
	w->fanout = NULL;
	w->scribe = NULL;
	w->queue = NULL;
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
	double_add(w->crew, "a", 1, "left");
	double_add(w->crew, "b", 2, "right");
	double_add(w->crew, "c", 3, "wide");
	bus_listen(w->bus, EV_KINDS, count_event, w);
	open_director(w);
	*state = w;
	return 0;
}

static void
forget_lines(struct world *w)
{
	for (int i = 0; i < w->line_count; i++)
		jdoc_free(w->lines[i]);
	w->line_count = 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	close_director(w);
	forget_lines(w);
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
	t->asked = ledger_asked(l);
	if (e != NULL)
		t->err = *e;
}

static void
on_ack(void *arg, const struct ledger_line *line)
{
	((struct told *)arg)->acks++;
	((struct told *)arg)->not_offered += line->result == NODE_NOT_OFFERED;
}

static bool
cut(struct world *w, const struct director_ask *wish)
{
	struct director_ask ask = *wish;
	bool swallowed = false;

	ask.n = ++w->n;
	ask.by = ask.by != NULL ? ask.by : "key:anna";
	ask.pressed_us = ask.pressed_us != 0 ? ask.pressed_us : clk_utc_us(&w->clk);
	if (!director_cut(w->director, &ask, &swallowed, on_done, on_ack, &w->told, &w->err))
		return false;
	return !swallowed;
}

static bool
cut_to(struct world *w, const char *node)
{
	return cut(w, &(struct director_ask){ .to = node });
}

/* Long after the cut before. */
static void
later(struct world *w)
{
	loop_fake_advance(w->loop, 500000);
}

static void
cut_done(struct world *w, const char *node)
{
	later(w);
	assert_true(cut_to(w, node));
	double_answer_all(w->crew, NODE_OK);
}

static void
assert_buses(struct world *w, const char *program, const char *preview)
{
	assert_string_equal(director_program(w->director) != NULL ? director_program(w->director) : "-", program);
	assert_string_equal(director_preview(w->director) != NULL ? director_preview(w->director) : "-", preview);
}

static enum node_tally
light(struct world *w, const char *node)
{
	for (int i = w->crew->sent_count - 1; i >= 0; i--)
		if (w->crew->sent[i].r.verb == NODE_TALLY && !w->crew->sent[i].r.renew && strcmp(w->crew->sent[i].node, node) == 0)
			return w->crew->sent[i].r.tally;
	return NODE_TALLY_OFF;
}

static void
assert_lights(struct world *w, enum node_tally a, enum node_tally b, enum node_tally c)
{
	assert_int_equal(light(w, "a"), a);
	assert_int_equal(light(w, "b"), b);
	assert_int_equal(light(w, "c"), c);
}

static void
keep_line(void *arg, int64_t seq, const struct jdoc *line)
{
	struct world *w = arg;
	char *text = jdoc_print(line);

	(void)seq;
	if (!w->keeps_landed && strcmp(jdoc_text(line, "type", ""), "landed") == 0)
		;		/* beside the list itself */
	else if (strcmp(jdoc_text(line, "type", ""), "open") != 0 && w->line_count < MAX_LINES)
		w->lines[w->line_count++] = jdoc_parse(text, strlen(text), 1 << 20, NULL);
	free(text);
}

/* Closes the run and reads its cut list. */
static void
read_cuts(struct world *w)
{
	const char *path = scratch_path(w->folder, "s/sidecars/cuts.jsonl");
	char why[512] = "";

	close_director(w);
	forget_lines(w);
	assert_true(journal_read(path, keep_line, w, &w->err));
	if (!schema_accepts_lines("cuts", path, why, sizeof why))
		fail_msg("%s", why);
	open_director(w);
}

/* ---- The rules of the two buses ---- */

static void
plain_cut_swaps_program_and_preview(void **state)
{
	struct world *w = *state;

	cut_done(w, "a");
	assert_true(director_set_preview(w->director, "b", &w->err));
	assert_buses(w, "a", "b");
	later(w);
	assert_true(cut(w, &(struct director_ask){ 0 }));
	assert_buses(w, "b", "a");
	assert_lights(w, NODE_TALLY_PREVIEW, NODE_TALLY_PROGRAM, NODE_TALLY_OFF);
}

static void
cut_to_a_source_leaves_preview_alone(void **state)
{
	struct world *w = *state;

	cut_done(w, "a");
	director_set_preview(w->director, "b", NULL);
	cut_done(w, "c");
	assert_buses(w, "c", "b");
	assert_lights(w, NODE_TALLY_OFF, NODE_TALLY_PREVIEW, NODE_TALLY_PROGRAM);
}

static void
cut_to_the_previewed_source_previews_the_one_before(void **state)
{
	struct world *w = *state;

	cut_done(w, "a");
	director_set_preview(w->director, "b", NULL);
	cut_done(w, "b");
	assert_buses(w, "b", "a");
}

static void
cut_back_goes_to_the_source_before(void **state)
{
	struct world *w = *state;

	assert_false(cut(w, &(struct director_ask){ .back = true }));
	assert_int_equal(w->err.kind, ERR_REFUSED);
	cut_done(w, "a");
	cut_done(w, "b");
	later(w);
	assert_true(cut(w, &(struct director_ask){ .back = true }));
	assert_string_equal(director_program(w->director), "a");
	assert_string_equal(director_before(w->director), "b");
}

static void
cut_to_black_takes_every_light_off_program(void **state)
{
	struct world *w = *state;

	cut_done(w, "a");
	later(w);
	assert_true(cut(w, &(struct director_ask){ .black = true }));
	assert_buses(w, "-", "-");
	assert_int_equal(director_shot_us(w->director), 0);
	assert_lights(w, NODE_TALLY_OFF, NODE_TALLY_OFF, NODE_TALLY_OFF);
	later(w);
	assert_true(cut(w, &(struct director_ask){ .back = true }));
	assert_string_equal(director_program(w->director), "a");
}

static void
plain_cut_without_preview_is_refused(void **state)
{
	struct world *w = *state;

	assert_false(cut(w, &(struct director_ask){ 0 }));
	assert_int_equal(w->err.kind, ERR_REFUSED);
	assert_non_null(strstr(w->err.text, "preview"));
	assert_int_equal(w->events[EV_CUT_REFUSED], 1);
	assert_int_equal(w->crew->sent_count, 0);
}

static void
unknown_source_is_refused(void **state)
{
	struct world *w = *state;

	assert_false(cut_to(w, "nobody"));
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
	assert_false(director_set_preview(w->director, "nobody", &w->err));
	assert_int_equal(w->events[EV_CUT], 0);
}

static void
lost_or_frozen_source_needs_force(void **state)
{
	struct world *w = *state;

	double_member(w->crew, "a")->link = HEALTH_LOST;
	double_member(w->crew, "b")->frozen = true;
	double_member(w->crew, "c")->link = HEALTH_NEVER;
	assert_false(cut_to(w, "a"));
	assert_non_null(strstr(w->err.text, "left is LOST"));
	assert_false(cut_to(w, "b"));
	assert_non_null(strstr(w->err.text, "right is FROZEN"));
	assert_false(cut_to(w, "c"));
	assert_int_equal(w->events[EV_CUT_REFUSED], 3);
	assert_int_equal(w->events[EV_CUT], 0);
	assert_true(cut(w, &(struct director_ask){ .to = "a", .force = true }));
	assert_string_equal(director_program(w->director), "a");
}

static void
stale_source_is_cut_to_without_a_word(void **state)
{
	struct world *w = *state;

	double_member(w->crew, "a")->link = HEALTH_STALE;
	assert_true(cut_to(w, "a"));
	assert_int_equal(double_sent_of(w->crew, NODE_TALLY, "a"), 1);
}

static void
repeat_of_the_same_cut_is_swallowed(void **state)
{
	struct world *w = *state;

	cut_done(w, "a");
	loop_fake_advance(w->loop, 249000);
	assert_false(cut_to(w, "a"));
	assert_int_equal(w->err.kind, ERR_NONE);
	assert_int_equal(w->events[EV_CUT], 1);
	loop_fake_advance(w->loop, 1000);
	assert_true(cut_to(w, "a"));
	assert_int_equal(w->events[EV_CUT], 2);
}

static void
different_cut_is_never_swallowed(void **state)
{
	struct world *w = *state;

	director_set_preview(w->director, "b", NULL);
	assert_true(cut_to(w, "a"));
	assert_true(cut(w, &(struct director_ask){ 0 }));
	assert_true(cut(w, &(struct director_ask){ 0 }));
	assert_true(cut(w, &(struct director_ask){ .back = true }));
	assert_true(cut(w, &(struct director_ask){ .black = true }));
	assert_true(cut_to(w, "c"));
	assert_int_equal(w->events[EV_CUT], 6);
	assert_int_equal(w->events[EV_CUT], 6);
}

static void
view_only_source_may_be_program_and_gets_no_light(void **state)
{
	struct world *w = *state;

	double_add(w->crew, "v", 4, "desk")->node->view_only = true;
	assert_true(cut_to(w, "v"));
	assert_string_equal(director_program(w->director), "v");
	assert_int_equal(double_sent_of(w->crew, NODE_TALLY, "v"), 0);
	assert_int_equal(double_sent_of(w->crew, NODE_TALLY, NULL), 3);
}

/* ---- The end of a cut ---- */

static void
cut_ends_when_answered_and_on_disk(void **state)
{
	struct world *w = *state;

	assert_true(cut_to(w, "a"));
	assert_int_equal(w->crew->sent_count, 3);	/* the bytes are out, whatever the disk does */
	for (int i = 0; i < 3; i++) {
		assert_int_equal(w->told.done, 0);
		double_answer(&w->crew->sent[i], NODE_OK);
	}
	DOUBLE_WAIT(w->loop, w->told.done == 1);
	assert_int_equal(w->told.acks, 3);
	assert_int_equal(w->told.verdict, LEDGER_OK);
	assert_int_equal(director_last(w->director)->acked, 3);
	assert_int_equal(director_last(w->director)->asked, 3);
	assert_true(director_last(w->director)->on_disk);
	loop_fake_advance(w->loop, 1000000);
	assert_int_equal(w->told.done, 1);
}

static void
silent_camera_holds_up_nobody(void **state)
{
	struct world *w = *state;

	assert_true(cut_to(w, "a"));
	double_answer(double_last(w->crew, NODE_TALLY, "a"), NODE_OK);
	double_answer(double_last(w->crew, NODE_TALLY, "b"), NODE_OK);
	later(w);
	assert_true(cut_to(w, "b"));			/* c has not answered the first */
	assert_string_equal(director_program(w->director), "b");
	for (int i = 3; i < 6; i++)
		double_answer(&w->crew->sent[i], NODE_OK);
	DOUBLE_WAIT(w->loop, w->told.done == 1);
	assert_int_equal(w->told.verdict, LEDGER_OK);
	double_answer(&w->crew->sent[2], NODE_LATE);
	DOUBLE_WAIT(w->loop, w->told.done == 2);
	assert_int_equal(w->told.verdict, LEDGER_PARTIAL);
	assert_string_equal(director_last(w->director)->to, "b");
	assert_int_equal(director_last(w->director)->acked, 3);
}

static void
camera_just_found_owes_an_answer_like_the_others(void **state)
{
	struct world *w = *state;

	double_member(w->crew, "c")->conn = CONN_OPENING;	/* its /info came, its event stream is on the way */
	assert_true(cut_to(w, "a"));
	assert_int_equal(double_sent_of(w->crew, NODE_TALLY, "c"), 1);
	double_answer_all(w->crew, NODE_OK);
	DOUBLE_WAIT(w->loop, w->told.done == 1);
	assert_int_equal(director_last(w->director)->asked, 3);
}

static void
cut_with_nobody_to_tell_is_well(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 3; i++)
		w->crew->members[i].node->view_only = true;
	assert_true(cut_to(w, "a"));
	DOUBLE_WAIT(w->loop, w->told.done == 1);
	assert_int_equal(w->told.verdict, LEDGER_OK);
	assert_int_equal(w->crew->sent_count, 0);
}

static void
cut_list_has_the_published_line(void **state)
{
	struct world *w = *state;
	struct take t;
	struct bus_event news = { .kind = EV_TAKE_CHANGED, .data = &t };
	const struct jdoc *j;
	int64_t at_us;

	take_init(&t, "003", "", 1, "s", TAKE_WILLING, 0);
	take_ask(&t, "a", 1, "", 0);
	bus_say(w->bus, &news);
	take_fini(&t);
	double_member(w->crew, "b")->clock.best = (struct offset_estimate){ .known = true, .offset_us = 350000 };
	cut_done(w, "a");
	later(w);
	at_us = clk_utc_us(&w->clk);
	assert_true(cut(w, &(struct director_ask){ .to = "b", .by = "cue:show.cue:4", .pressed_us = at_us - 1500 }));
	later(w);
	assert_true(cut(w, &(struct director_ask){ .back = true }));
	later(w);
	assert_true(cut(w, &(struct director_ask){ .black = true }));
	read_cuts(w);
	assert_int_equal(w->line_count, 4);
	j = w->lines[1];
	assert_int_equal(jdoc_int(j, "seq", 0), 3);
	assert_int_equal(jdoc_int(j, "timeUs", 0), at_us);
	assert_string_equal(jdoc_text(j, "from", ""), "a");
	assert_string_equal(jdoc_text(j, "to", ""), "b");
	assert_string_equal(jdoc_text(j, "label", ""), "right");
	assert_false(jdoc_bool(j, "back", true));
	assert_string_equal(jdoc_text(j, "by", ""), "cue:show.cue:4");
	assert_int_equal(jdoc_int(j, "requestedUs", 0), at_us - 1500);
	assert_string_equal(jdoc_text(j, "take", ""), "003");
	assert_int_equal(jdoc_int(j, "nodeUs", 0), at_us + 350000);
	assert_int_equal(jdoc_int(j, "command", 0), 2);
	assert_false(jdoc_has(w->lines[0], "from"));
	assert_false(jdoc_has(w->lines[0], "nodeUs"));	/* its clock is not known */
	assert_true(jdoc_bool(w->lines[2], "back", false));
	assert_false(jdoc_has(w->lines[3], "to"));
	assert_false(jdoc_has(w->lines[3], "label"));
}

static void
line_that_is_not_on_disk_is_an_error_of_the_cut(void **state)
{
	struct world *w = *state;
	int null = open("/dev/full", O_WRONLY | O_CLOEXEC);
	char *cuts = strdup(scratch_path(w->folder, "s/sidecars/cuts.jsonl"));

	/* cuts.jsonl becomes a full disk under the scribe's feet: its descriptor is found by its file. */
	loop_fake_turn(w->loop);
	for (int fd = 3; fd < 64; fd++) {
		char link[64], path[4096];
		ssize_t n;

		snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
		n = readlink(link, path, sizeof path - 1);
		path[n > 0 ? n : 0] = '\0';
		if (strcmp(path, cuts) == 0)
			dup2(null, fd);
	}
	close(null);
	free(cuts);
	assert_true(cut_to(w, "a"));
	double_answer_all(w->crew, NODE_OK);
	DOUBLE_WAIT(w->loop, w->told.done == 1);
	assert_int_equal(w->told.err.kind, ERR_DISK);
	assert_non_null(strstr(w->told.err.text, "the cut was made"));
	assert_non_null(strstr(w->told.err.text, "cuts.jsonl"));
	assert_string_equal(director_program(w->director), "a");
	assert_false(director_last(w->director)->on_disk);
	assert_int_equal(w->events[EV_NOTICE], 1);
}

/* ---- Planned cuts ---- */

static void
planned_cut_is_sent_ahead_and_on_at_its_instant(void **state)
{
	struct world *w = *state;
	int64_t at_us = clk_utc_us(&w->clk) + 300000;

	double_member(w->crew, "a")->clock.best = (struct offset_estimate){ .known = true, .offset_us = -2000 };
	assert_true(cut(w, &(struct director_ask){ .to = "a", .at_us = at_us }));
	assert_int_equal(double_last(w->crew, NODE_TALLY, "a")->r.at_us, at_us - 2000);
	assert_int_equal(double_last(w->crew, NODE_TALLY, "b")->r.at_us, at_us);
	double_answer_all(w->crew, NODE_OK);
	loop_fake_advance(w->loop, 299000);
	assert_null(director_program(w->director));
	assert_int_equal(w->events[EV_CUT], 0);
	loop_fake_advance(w->loop, 1000);
	assert_string_equal(director_program(w->director), "a");
	assert_int_equal(w->events[EV_CUT], 1);
	assert_int_equal(director_last(w->director)->at_us, at_us);
	DOUBLE_WAIT(w->loop, w->told.done == 1);
}

static void
second_planned_cut_waits_for_the_first_to_land(void **state)
{
	struct world *w = *state;
	int64_t at_us = clk_utc_us(&w->clk) + 200000;

	assert_true(cut(w, &(struct director_ask){ .to = "a", .at_us = at_us }));
	assert_true(cut(w, &(struct director_ask){ .to = "b", .at_us = at_us + 100000 }));
	assert_true(cut(w, &(struct director_ask){ .back = true, .at_us = at_us + 200000 }));
	assert_int_equal(w->crew->sent_count, 3);
	loop_fake_advance(w->loop, 214000);
	assert_int_equal(w->crew->sent_count, 3);
	loop_fake_advance(w->loop, 1000);
	assert_int_equal(w->crew->sent_count, 6);
	assert_int_equal(double_last(w->crew, NODE_TALLY, "b")->r.at_us, at_us + 100000);
	assert_string_equal(director_program(w->director), "a");
	loop_fake_advance(w->loop, 300000);
	assert_string_equal(director_program(w->director), "a");
	assert_int_equal(w->events[EV_CUT], 3);
	double_answer_all(w->crew, NODE_OK);
	DOUBLE_WAIT(w->loop, w->told.done == 3);
	read_cuts(w);
	assert_int_equal(w->line_count, 3);
	assert_string_equal(jdoc_text(w->lines[2], "from", ""), "b");
	assert_int_equal(jdoc_int(w->lines[2], "timeUs", 0), at_us + 200000);
}

static void
cut_now_replaces_what_was_planned(void **state)
{
	struct world *w = *state;
	int64_t at_us = clk_utc_us(&w->clk) + 300000;

	assert_true(cut(w, &(struct director_ask){ .to = "a", .at_us = at_us }));
	assert_true(cut(w, &(struct director_ask){ .to = "b", .at_us = at_us + 50000 }));
	assert_true(cut(w, &(struct director_ask){ .to = "c", .by = "prompt:ben" }));
	assert_int_equal(w->told.done, 1);		/* the second was never sent: it ends at once */
	assert_int_equal(w->told.err.kind, ERR_REFUSED);
	assert_int_equal(w->events[EV_CUT_REPLACED], 2);
	loop_fake_advance(w->loop, 1000000);
	assert_string_equal(director_program(w->director), "c");
	assert_int_equal(w->events[EV_CUT], 1);
	double_answer_all(w->crew, NODE_OK);
	DOUBLE_WAIT(w->loop, w->told.done == 3);
	read_cuts(w);
	assert_int_equal(w->line_count, 3);		/* a, its strike, c */
	assert_string_equal(jdoc_text(w->lines[1], "type", ""), "strike");
	assert_string_equal(jdoc_text(w->lines[1], "by", ""), "prompt:ben");	/* who replaced it, not who planned it */
	assert_int_equal(jdoc_self_int(jdoc_at(jdoc_get(w->lines[1], "of"), 0), 0), jdoc_int(w->lines[0], "seq", -1));
	assert_string_equal(jdoc_text(w->lines[2], "to", ""), "c");
}

static void
preview_waits_for_a_planned_cut_to_land(void **state)
{
	struct world *w = *state;

	assert_true(cut(w, &(struct director_ask){ .to = "a", .at_us = clk_utc_us(&w->clk) + 300000 }));
	assert_true(director_set_preview(w->director, "b", &w->err));
	assert_int_equal(w->crew->sent_count, 3);	/* another tally would replace the pending one on the node */
	double_answer_all(w->crew, NODE_OK);
	loop_fake_advance(w->loop, 400000);
	assert_buses(w, "a", "b");
	assert_lights(w, NODE_TALLY_PROGRAM, NODE_TALLY_PREVIEW, NODE_TALLY_OFF);
}

/* ---- Corrections ---- */

static void
on_written(void *arg, const struct err *e)
{
	*(int *)arg += e->kind == ERR_NONE;
}

static void
corrections_are_appended(void **state)
{
	struct world *w = *state;
	int written = 0;

	assert_false(director_amend(w->director, "b", "do", NULL, NULL, &w->err));
	assert_false(director_strike(w->director, "do", NULL, NULL, &w->err));
	cut_done(w, "a");
	assert_false(director_strike(w->director, "do", NULL, NULL, &w->err));	/* it stands */
	assert_non_null(strstr(w->err.text, "cut back"));
	assert_true(director_amend(w->director, "b", "prompt:anna", on_written, &written, &w->err));
	assert_false(director_amend(w->director, "nobody", "do", NULL, NULL, &w->err));
	cut_done(w, "c");
	later(w);
	assert_true(cut(w, &(struct director_ask){ .back = true }));
	assert_true(director_strike(w->director, "key:anna", on_written, &written, &w->err));
	assert_int_equal(written, 0);				/* never inside */
	DOUBLE_WAIT(w->loop, written == 2);
	assert_false(director_strike(w->director, "key:anna", NULL, NULL, &w->err));
	read_cuts(w);
	assert_int_equal(w->line_count, 5);
	assert_string_equal(jdoc_text(w->lines[1], "type", ""), "amend");
	assert_int_equal(jdoc_int(w->lines[1], "of", 0), 2);
	assert_string_equal(jdoc_text(w->lines[1], "to", ""), "b");
	assert_string_equal(jdoc_text(w->lines[4], "type", ""), "strike");
	assert_int_equal(jdoc_self_int(jdoc_at(jdoc_get(w->lines[4], "of"), 0), 0), 4);
	assert_int_equal(jdoc_self_int(jdoc_at(jdoc_get(w->lines[4], "of"), 1), 0), 5);
}

/* ---- Lights ---- */

static void
tally_has_a_lease_and_a_growing_order(void **state)
{
	struct world *w = *state;
	int64_t order;

	assert_true(cut_to(w, "a"));
	order = double_last(w->crew, NODE_TALLY, "a")->r.order;
	assert_true(order > LOOP_FAKE_UTC_US / 1000);
	assert_true(double_last(w->crew, NODE_TALLY, "a")->r.has_order);
	assert_int_equal(double_last(w->crew, NODE_TALLY, "a")->r.lease_ms, 5000);
	assert_int_equal(double_last(w->crew, NODE_TALLY, "b")->r.order, order);
	assert_true(cut_to(w, "b"));
	assert_true(double_last(w->crew, NODE_TALLY, "a")->r.order > order);
}

static void
lights_that_are_on_are_prolonged(void **state)
{
	struct world *w = *state;
	const struct double_sent *s;

	director_set_preview(w->director, "b", NULL);
	cut_done(w, "a");
	w->crew->sent_count = 0;
	for (int i = 0; i < 20; i++) {
		loop_fake_advance(w->loop, 250000);
		double_answer_all(w->crew, NODE_OK);
	}
	assert_int_equal(double_sent_of(w->crew, NODE_TALLY, "a"), 3);
	assert_int_equal(double_sent_of(w->crew, NODE_TALLY, "b"), 3);
	assert_int_equal(double_sent_of(w->crew, NODE_TALLY, "c"), 0);	/* off needs no lease */
	s = double_last(w->crew, NODE_TALLY, "a");
	assert_true(s->r.renew);
	assert_false(s->r.has_order);
}

/* Its light is still on: a cut that is long on its way must not cost it its lease. */
static void
light_that_a_cut_on_its_way_will_change_is_prolonged(void **state)
{
	struct world *w = *state;

	cut_done(w, "a");
	loop_fake_advance(w->loop, 1000000);
	assert_true(cut(w, &(struct director_ask){ .to = "b", .at_us = clk_utc_us(&w->clk) + 900000 }));
	double_answer_all(w->crew, NODE_OK);
	w->crew->sent_count = 0;
	loop_fake_advance(w->loop, 800000);
	assert_int_equal(double_sent_of(w->crew, NODE_TALLY, NULL), 1);
	assert_true(double_last(w->crew, NODE_TALLY, "a")->r.renew);
	assert_false(double_last(w->crew, NODE_TALLY, "a")->r.has_order);
	double_answer_all(w->crew, NODE_OK);
}

static void
joining_camera_learns_its_light_at_once(void **state)
{
	struct world *w = *state;

	cut_done(w, "a");
	w->crew->sent_count = 0;
	double_link(w->crew, "a", HEALTH_LOST);
	double_link(w->crew, "a", HEALTH_LIVE);
	assert_int_equal(double_sent_of(w->crew, NODE_TALLY, "a"), 1);
	assert_int_equal(double_sent_of(w->crew, NODE_TALLY, NULL), 1);
	assert_int_equal(light(w, "a"), NODE_TALLY_PROGRAM);
}

static void
say_tally(struct world *w, const char *node, enum node_tally tally)
{
	struct node_event *ev = calloc(1, sizeof *ev);

	ev->kind = NODE_EV_HEALTH;
	ev->health.has_tally = true;
	ev->health.tally = tally;
	double_event(w->crew, node, ev);
	free(ev);
}

static void
wrong_light_is_told_again_but_not_at_once(void **state)
{
	struct world *w = *state;

	cut_done(w, "a");
	w->crew->sent_count = 0;
	say_tally(w, "a", NODE_TALLY_OFF);	/* its word was on the way when the cut went out */
	assert_int_equal(w->crew->sent_count, 0);
	loop_fake_advance(w->loop, 1000000);
	say_tally(w, "a", NODE_TALLY_OFF);
	assert_int_equal(double_sent_of(w->crew, NODE_TALLY, "a"), 1);
	double_answer_all(w->crew, NODE_OK);
	say_tally(w, "a", NODE_TALLY_OFF);
	say_tally(w, "b", NODE_TALLY_OFF);
	assert_int_equal(w->crew->sent_count, 1);
}

static void
unconfirmed_light_is_told_again(void **state)
{
	struct world *w = *state;

	assert_true(cut_to(w, "a"));
	double_answer_all(w->crew, NODE_LATE);
	w->crew->sent_count = 0;
	loop_fake_advance(w->loop, 1700000);
	assert_int_equal(double_sent_of(w->crew, NODE_TALLY, "a"), 1);
	assert_false(double_last(w->crew, NODE_TALLY, "a")->r.renew);
}

static void
node_without_a_light_spoils_no_cut(void **state)
{
	struct world *w = *state;

	assert_true(cut_to(w, "a"));
	double_answer(double_last(w->crew, NODE_TALLY, "c"), NODE_NOT_OFFERED);
	double_answer_all(w->crew, NODE_OK);
	DOUBLE_WAIT(w->loop, w->told.done == 1);
	assert_int_equal(w->told.verdict, LEDGER_OK);
	assert_int_equal(w->told.asked, 2);
	later(w);
	assert_true(cut_to(w, "b"));
	assert_int_equal(double_sent_of(w->crew, NODE_TALLY, "c"), 1);
	double_answer_all(w->crew, NODE_OK);
	DOUBLE_WAIT(w->loop, w->told.done == 2);
	assert_int_equal(w->told.verdict, LEDGER_OK);
	assert_int_equal(w->told.acked, 2);
	assert_int_equal(w->told.asked, 2);
	assert_int_equal(w->told.not_offered, 2);	/* told each time */
}

static void
cut_among_nodes_without_lights_is_not_silent(void **state)
{
	struct world *w = *state;

	assert_true(cut_to(w, "a"));
	double_answer_all(w->crew, NODE_NOT_OFFERED);
	DOUBLE_WAIT(w->loop, w->told.done == 1);
	later(w);
	w->told = (struct told){ .done = 1 };
	w->crew->sent_count = 0;
	assert_true(cut_to(w, "b"));
	DOUBLE_WAIT(w->loop, w->told.done == 2);
	assert_int_equal(w->crew->sent_count, 0);
	assert_int_equal(w->told.acks, 3);
	assert_int_equal(w->told.not_offered, 3);
	assert_int_equal(w->told.asked, 0);		/* `expect ack all` has nothing to judge */
}

static void
no_timer_runs_before_the_first_light(void **state)
{
	struct world *w = *state;

	assert_true(loop_fake_is_asleep(w->loop));
	cut_done(w, "a");
	assert_false(loop_fake_is_asleep(w->loop));
}

static void
release_turns_every_light_off(void **state)
{
	struct world *w = *state;

	cut_done(w, "a");
	director_release(w->director);
	assert_lights(w, NODE_TALLY_OFF, NODE_TALLY_OFF, NODE_TALLY_OFF);
	double_answer_all(w->crew, NODE_OK);
	w->crew->sent_count = 0;
	loop_fake_advance(w->loop, 6000000);
	assert_int_equal(w->crew->sent_count, 0);
}

/* ---- The program source fails; a restart ---- */

static void
lost_program_is_told_and_the_safe_source_cut_to_when_wished(void **state)
{
	struct world *w = *state;

	double_member(w->crew, "c")->node->roles = ROLE(SAFE);
	cut_done(w, "a");
	double_link(w->crew, "b", HEALTH_LOST);
	assert_int_equal(w->events[EV_PROGRAM_LOST], 0);
	double_link(w->crew, "a", HEALTH_LOST);
	assert_int_equal(w->events[EV_PROGRAM_LOST], 1);
	assert_string_equal(director_program(w->director), "a");	/* ask: it is the operator's to decide */
	assert_true(opt_assign(w->settings, "program-lost", "safe", &w->err));
	later(w);
	bus_tell(w->bus, EV_FROZEN, "a", "stands still");
	assert_int_equal(w->events[EV_PROGRAM_LOST], 2);
	assert_string_equal(director_program(w->director), "c");
	assert_string_equal(director_last(w->director)->by, "auto");
}

static void
buses_are_restored_from_the_cut_list(void **state)
{
	struct world *w = *state;
	char program[ID_BYTES], preview[ID_BYTES];
	const char *path = scratch_path(w->folder, "s/sidecars/cuts.jsonl");

	assert_false(director_read_last(path, program, preview));
	cut_done(w, "a");
	cut_done(w, "b");
	read_cuts(w);
	assert_true(director_read_last(scratch_path(w->folder, "s/sidecars/cuts.jsonl"), program, preview));
	assert_string_equal(program, "b");
	assert_string_equal(preview, "a");
	w->crew->sent_count = 0;
	director_restore(w->director, program, preview);
	assert_buses(w, "b", "a");
	assert_lights(w, NODE_TALLY_PREVIEW, NODE_TALLY_PROGRAM, NODE_TALLY_OFF);
	assert_int_equal(w->events[EV_CUT], 2);
	assert_true(cut(w, &(struct director_ask){ .back = true }));
	assert_string_equal(director_program(w->director), "a");
	assert_false(director_read_last("/nowhere", program, preview));
}

/* ---- Panic ---- */

static bool
panic(struct world *w, char to[static ID_BYTES], bool *stays)
{
	const struct director_ask why = { .by = "panic", .n = ++w->n, .pressed_us = clk_utc_us(&w->clk) };

	return director_panic(w->director, &why, to, stays, on_done, on_ack, &w->told, &w->err);
}

static void
panic_goes_to_the_safe_source_and_takes_back_what_is_planned(void **state)
{
	struct world *w = *state;
	char to[ID_BYTES];
	bool stays;

	double_member(w->crew, "c")->node->roles = ROLE(SAFE);
	cut_done(w, "a");
	DOUBLE_WAIT(w->loop, w->told.done == 1);
	assert_true(cut(w, &(struct director_ask){ .to = "b", .at_us = clk_utc_us(&w->clk) + 3000000 }));	/* not sent yet */
	assert_true(panic(w, to, &stays));
	assert_string_equal(to, "c");
	assert_false(stays);
	assert_int_equal(w->told.done, 2);		/* what was planned */
	assert_non_null(strstr(w->told.err.text, "panic"));
	assert_string_equal(director_program(w->director), "c");
	double_answer_all(w->crew, NODE_OK);
	loop_fake_advance(w->loop, 5000000);
	assert_string_equal(director_program(w->director), "c");
	assert_string_equal(director_last(w->director)->by, "panic");
	assert_int_equal(w->events[EV_CUT], 2);
}

static void
panic_stays_on_the_safe_source_and_wipes_what_was_on_its_way(void **state)
{
	struct world *w = *state;
	char to[ID_BYTES];
	bool stays;

	double_member(w->crew, "a")->node->roles = ROLE(SAFE);
	cut_done(w, "a");
	later(w);
	assert_true(cut(w, &(struct director_ask){ .to = "b", .at_us = clk_utc_us(&w->clk) + 300000 }));	/* sent */
	assert_lights(w, NODE_TALLY_OFF, NODE_TALLY_PROGRAM, NODE_TALLY_OFF);
	assert_true(panic(w, to, &stays));
	assert_true(stays);
	assert_lights(w, NODE_TALLY_PROGRAM, NODE_TALLY_OFF, NODE_TALLY_OFF);
	assert_int_equal(double_last(w->crew, NODE_TALLY, "b")->r.at_us, 0);
	double_answer_all(w->crew, NODE_OK);
	loop_fake_advance(w->loop, 1000000);
	assert_string_equal(director_program(w->director), "a");
	read_cuts(w);
	assert_string_equal(jdoc_text(w->lines[w->line_count - 1], "type", ""), "strike");
}

static void
panic_without_a_safe_source_goes_to_the_freshest_other_one(void **state)
{
	struct world *w = *state;
	char to[ID_BYTES];
	bool stays;

	cut_done(w, "a");
	double_member(w->crew, "a")->track.heard_us = 900;
	double_member(w->crew, "b")->track.heard_us = 500;
	double_member(w->crew, "c")->track.heard_us = 700;
	assert_true(panic(w, to, &stays));
	assert_string_equal(to, "c");
	double_member(w->crew, "b")->node->out = true;
	double_member(w->crew, "a")->frozen = true;
	later(w);
	assert_true(panic(w, to, &stays));	/* nobody else is fit: it is the one that is on */
	assert_true(stays);
	assert_string_equal(to, "c");
	double_member(w->crew, "c")->link = HEALTH_LOST;
	assert_false(panic(w, to, &stays));
	assert_non_null(strstr(w->err.text, "no source is live"));
	double_member(w->crew, "a")->frozen = false;
	double_member(w->crew, "a")->link = HEALTH_STALE;
	later(w);
	assert_true(panic(w, to, &stays));	/* silent just now is better than lost */
	assert_string_equal(to, "a");
}

static void
microphone_without_a_camera_is_no_refuge(void **state)
{
	struct world *w = *state;
	char to[ID_BYTES];
	bool stays;

	cut_done(w, "a");
	double_member(w->crew, "b")->node->info.camera_count = 0;
	double_member(w->crew, "c")->node->info.camera_count = 0;
	double_member(w->crew, "a")->node->info.camera_count = 1;
	assert_true(panic(w, to, &stays));
	assert_true(stays);
}

static void
safe_source_that_is_fit_comes_before_the_others(void **state)
{
	struct world *w = *state;

	assert_null(director_safe(w->director));
	double_member(w->crew, "a")->node->roles = double_member(w->crew, "b")->node->roles = ROLE(SAFE);
	assert_string_equal(director_safe(w->director), "a");
	double_member(w->crew, "a")->frozen = true;
	assert_string_equal(director_safe(w->director), "b");
	double_member(w->crew, "b")->node->out = true;
	assert_string_equal(director_safe(w->director), "a");	/* the cut is then refused with the reason */
}

static void
lost_program_is_known_with_its_time_and_the_way_out(void **state)
{
	struct world *w = *state;
	struct director_lost lost;

	cut_done(w, "a");
	assert_false(director_lost(w->director, &lost));
	double_member(w->crew, "a")->link_since_us = loop_now_us(w->loop);
	double_link(w->crew, "a", HEALTH_LOST);
	loop_fake_advance(w->loop, 2100000);
	assert_true(director_lost(w->director, &lost));
	assert_string_equal(lost.program, "a");
	assert_false(lost.is_frozen);
	assert_int_equal(clk_utc_us(&w->clk) - lost.since_us, 2100000);
	assert_true(lost.safe[0] == 'b' || lost.safe[0] == 'c');
	double_answer_all(w->crew, NODE_OK);
	cut_done(w, "b");
	assert_false(director_lost(w->director, &lost));
}

static void
reason_of_a_cut_by_itself_is_in_its_line(void **state)
{
	struct world *w = *state;

	double_member(w->crew, "c")->node->roles = ROLE(SAFE);
	assert_true(opt_assign(w->settings, "program-lost", "safe", &w->err));
	cut_done(w, "a");
	later(w);
	double_link(w->crew, "a", HEALTH_LOST);
	double_answer_all(w->crew, NODE_OK);
	assert_true(director_last(w->director)->is_rescue);
	later(w);
	cut_done(w, "b");
	assert_false(director_last(w->director)->is_rescue);
	read_cuts(w);
	assert_string_equal(jdoc_text(w->lines[1], "by", ""), "auto");
	assert_string_equal(jdoc_text(w->lines[1], "reason", ""), "program-lost: left LOST");
}

static void
forgotten_source_leaves_preview_and_cut_back(void **state)
{
	struct world *w = *state;
	struct bus_event gone = { .kind = EV_NODE_GONE, .node = "b" };

	cut_done(w, "b");
	cut_done(w, "a");
	director_set_preview(w->director, "b", NULL);
	bus_say(w->bus, &gone);
	assert_null(director_preview(w->director));
	assert_null(director_before(w->director));
	assert_string_equal(director_program(w->director), "a");
	assert_int_equal(w->events[EV_PROGRAM_LOST], 0);
}

/* ---- When it took effect ---- */

static void
each_cameras_word_on_its_light_is_in_the_cut_list(void **state)
{
	struct world *w = *state;
	int64_t at_us = clk_utc_us(&w->clk) + 300000;
	struct node_event *ev = calloc(1, sizeof *ev);
	const struct jdoc *nodes;

	double_member(w->crew, "a")->clock.best = (struct offset_estimate){ .known = true, .offset_us = 7000 };
	assert_true(cut(w, &(struct director_ask){ .to = "a", .at_us = at_us }));
	for (int i = 0; i < 3; i++)
		double_answer_with(&w->crew->sent[i], &(struct node_answer){ .result = i < 2 ? NODE_OK : NODE_LATE, .scheduled = true, .time_us = at_us });
	loop_fake_advance(w->loop, 300000);
	ev->kind = NODE_EV_TALLY;
	ev->time_us = at_us + 7000 + 300;
	str_copy(ev->command_id, sizeof ev->command_id, double_last(w->crew, NODE_TALLY, "a")->r.command_id);
	double_event(w->crew, "a", ev);
	free(ev);
	loop_fake_advance(w->loop, 5000000);		/* b never tells: nobody waits for it longer than that */
	w->keeps_landed = true;
	read_cuts(w);
	assert_int_equal(w->line_count, 2);
	assert_string_equal(jdoc_text(w->lines[1], "type", ""), "landed");
	assert_int_equal(jdoc_int(w->lines[1], "of", 0), jdoc_int(w->lines[0], "seq", -1));
	nodes = jdoc_get(w->lines[1], "nodes");
	assert_int_equal(jdoc_count(nodes), 1);
	assert_string_equal(jdoc_text(jdoc_at(nodes, 0), "node", ""), "a");
	assert_int_equal(jdoc_int(jdoc_at(nodes, 0), "effectUs", 0), at_us + 300);
	assert_int_equal(jdoc_int(jdoc_at(nodes, 0), "nodeUs", 0), at_us + 7300);
}

/* ---- What may mislead a light ---- */

static void
tally_beside_a_cut_on_its_way_does_not_replace_it(void **state)
{
	struct world *w = *state;
	struct node_request flash = { .verb = NODE_TALLY, .identify = true };
	int64_t order;

	assert_true(cut(w, &(struct director_ask){ .to = "a", .at_us = clk_utc_us(&w->clk) + 300000 }));
	order = double_last(w->crew, NODE_TALLY, "a")->r.order;
	director_stamp(w->director, &flash);
	assert_true(flash.order > order);
	director_stamped(w->director);
	assert_int_equal(double_sent_of(w->crew, NODE_TALLY, "a"), 2);
	assert_true(double_last(w->crew, NODE_TALLY, "a")->r.order > flash.order);
	assert_int_equal(double_last(w->crew, NODE_TALLY, "a")->r.at_us, w->crew->sent[0].r.at_us);
	double_answer_all(w->crew, NODE_OK);
	loop_fake_advance(w->loop, 400000);
	director_stamped(w->director);			/* nothing is on its way any more */
	assert_int_equal(double_sent_of(w->crew, NODE_TALLY, "a"), 2);
	read_cuts(w);
	assert_int_equal(w->line_count, 1);
}

static void
camera_that_takes_our_orders_for_old_ones_is_told_a_newer_one(void **state)
{
	struct world *w = *state;
	int64_t first;

	cut_done(w, "a");
	first = double_last(w->crew, NODE_TALLY, "a")->r.order;
	for (int i = 0; i < 2; i++) {
		loop_fake_advance(w->loop, 1000000);
		say_tally(w, "a", NODE_TALLY_OFF);	/* it said ok, and shows nothing */
		double_answer_all(w->crew, NODE_OK);
	}
	assert_true(double_last(w->crew, NODE_TALLY, "a")->r.order > first + 86400000);
}

static void
undone_twice_is_struck_once(void **state)
{
	struct world *w = *state;

	cut_done(w, "a");
	cut_done(w, "b");
	later(w);
	assert_true(cut(w, &(struct director_ask){ .back = true }));
	assert_true(director_strike(w->director, "key:anna", NULL, NULL, &w->err));
	later(w);
	assert_true(cut(w, &(struct director_ask){ .back = true }));	/* to b again: this one stands */
	assert_false(director_strike(w->director, "key:anna", NULL, NULL, &w->err));
	double_answer_all(w->crew, NODE_OK);
	read_cuts(w);
	assert_string_equal(jdoc_text(w->lines[w->line_count - 1], "to", ""), "b");
}

static void
back_from_black_leaves_nothing_to_go_back_to(void **state)
{
	struct world *w = *state;

	cut_done(w, "a");
	later(w);
	assert_true(cut(w, &(struct director_ask){ .black = true }));
	later(w);
	assert_true(cut(w, &(struct director_ask){ .back = true }));
	assert_string_equal(director_program(w->director), "a");
	later(w);
	assert_false(cut(w, &(struct director_ask){ .back = true }));
	assert_int_equal(w->err.kind, ERR_REFUSED);
}

static void
struck_and_taken_back_cuts_are_not_restored(void **state)
{
	struct world *w = *state;
	char program[ID_BYTES], preview[ID_BYTES], to[ID_BYTES];
	bool stays;

	double_member(w->crew, "a")->node->roles = ROLE(SAFE);
	cut_done(w, "c");
	cut_done(w, "a");
	later(w);
	assert_true(cut(w, &(struct director_ask){ .to = "b", .at_us = clk_utc_us(&w->clk) + 300000 }));	/* its line is written */
	assert_true(panic(w, to, &stays));
	double_answer_all(w->crew, NODE_OK);
	read_cuts(w);
	assert_true(director_read_last(scratch_path(w->folder, "s/sidecars/cuts.jsonl"), program, preview));
	assert_string_equal(program, "a");
	assert_string_equal(preview, "c");
}

/* ---- A source that is on already ---- */

static void
press_of_what_is_on_cuts_nothing(void **state)
{
	struct world *w = *state;
	const struct director_ask press = { .to = "a", .unless_on = true };
	int64_t shot_us;

	assert_true(cut(w, &press));
	double_answer_all(w->crew, NODE_OK);
	director_set_preview(w->director, "b", NULL);
	double_answer_all(w->crew, NODE_OK);
	shot_us = director_shot_us(w->director);
	later(w);
	w->crew->sent_count = 0;
	assert_false(cut(w, &press));
	assert_int_equal(w->crew->sent_count, 0);
	assert_int_equal(director_shot_us(w->director), shot_us);
	assert_buses(w, "a", "b");
	assert_int_equal(w->events[EV_CUT], 1);
	assert_true(cut(w, &(struct director_ask){ .to = "a" }));	/* a sheet counts its cuts */
	assert_int_equal(w->events[EV_CUT], 2);
	read_cuts(w);
	assert_int_equal(w->line_count, 2);
}

static void
black_is_pressed_twice_and_cut_once(void **state)
{
	struct world *w = *state;
	const struct director_ask press = { .black = true, .unless_on = true };

	assert_true(cut(w, &press));			/* nothing was on: that is nobody's wish yet */
	later(w);
	assert_false(cut(w, &press));
	assert_int_equal(w->events[EV_CUT], 1);
}

static void
press_of_what_is_on_takes_back_what_is_planned(void **state)
{
	struct world *w = *state;

	cut_done(w, "a");
	later(w);
	assert_true(cut(w, &(struct director_ask){ .to = "b", .at_us = clk_utc_us(&w->clk) + 300000 }));
	assert_int_equal(light(w, "a"), NODE_TALLY_OFF);		/* sent ahead */
	assert_false(cut(w, &(struct director_ask){ .to = "a", .unless_on = true }));
	assert_int_equal(light(w, "a"), NODE_TALLY_PROGRAM);
	double_answer_all(w->crew, NODE_OK);
	loop_fake_advance(w->loop, 500000);
	assert_buses(w, "a", "-");
	assert_int_equal(w->events[EV_CUT], 1);
	assert_int_equal(w->events[EV_CUT_REPLACED], 1);
	DOUBLE_WAIT(w->loop, w->told.done == 2);
	read_cuts(w);
	assert_int_equal(w->line_count, 3);
	assert_string_equal(jdoc_text(w->lines[2], "type", ""), "strike");
}

/* ---- What is still to come, when its ground is gone ---- */

static void
light_effect(struct world *w, const char *node, int64_t time_us)
{
	struct node_event *ev = calloc(1, sizeof *ev);

	ev->kind = NODE_EV_TALLY;
	ev->time_us = time_us;
	str_copy(ev->command_id, sizeof ev->command_id, double_last(w->crew, NODE_TALLY, node)->r.command_id);
	double_event(w->crew, node, ev);
	free(ev);
}

static void
answer_scheduled(struct world *w)
{
	for (int i = 0; i < w->crew->sent_count; i++)
		if (!w->crew->sent[i].is_answered)
			double_answer_with(&w->crew->sent[i], &(struct node_answer){ .result = NODE_OK, .scheduled = w->crew->sent[i].r.at_us != 0,
				.time_us = w->crew->sent[i].r.at_us != 0 ? w->crew->sent[i].r.at_us : clk_utc_us(&w->clk) });
}

static void
release_takes_back_what_is_planned(void **state)
{
	struct world *w = *state;

	cut_done(w, "a");
	later(w);
	assert_true(cut(w, &(struct director_ask){ .to = "b", .at_us = clk_utc_us(&w->clk) + 300000 }));
	director_release(w->director);
	double_answer_all(w->crew, NODE_OK);
	loop_fake_advance(w->loop, 2000000);
	double_answer_all(w->crew, NODE_OK);
	assert_lights(w, NODE_TALLY_OFF, NODE_TALLY_OFF, NODE_TALLY_OFF);
	assert_int_equal(w->events[EV_CUT], 1);
	DOUBLE_WAIT(w->loop, w->told.done == 2);
	read_cuts(w);
	assert_int_equal(w->line_count, 3);		/* it was written as it was sent */
	assert_string_equal(jdoc_text(w->lines[2], "type", ""), "strike");
	assert_int_equal(jdoc_self_int(jdoc_at(jdoc_get(w->lines[2], "of"), 0), 0), jdoc_int(w->lines[1], "seq", -1));
}

static void
nothing_is_cut_once_lights_are_released(void **state)
{
	struct world *w = *state;

	director_release(w->director);
	double_answer_all(w->crew, NODE_OK);
	w->crew->sent_count = 0;
	assert_false(cut(w, &(struct director_ask){ .to = "a", .force = true }));
	assert_non_null(strstr(w->err.text, "ends"));
	assert_int_equal(w->crew->sent_count, 0);
	assert_null(director_program(w->director));
}

static void
planned_cut_to_a_forgotten_source_is_taken_back(void **state)
{
	struct world *w = *state;
	struct bus_event gone = { .kind = EV_NODE_GONE, .node = "b" };

	cut_done(w, "a");
	director_set_preview(w->director, "c", NULL);
	later(w);
	assert_true(cut(w, &(struct director_ask){ .to = "b", .at_us = clk_utc_us(&w->clk) + 300000 }));
	double_answer_all(w->crew, NODE_OK);
	bus_say(w->bus, &gone);
	loop_fake_advance(w->loop, 400000);
	double_answer_all(w->crew, NODE_OK);
	assert_buses(w, "a", "c");
	assert_int_equal(w->events[EV_CUT], 1);
	assert_int_equal(w->events[EV_CUT_REFUSED], 1);
	assert_int_equal(light(w, "a"), NODE_TALLY_PROGRAM);
	read_cuts(w);
	assert_string_equal(jdoc_text(w->lines[w->line_count - 1], "type", ""), "strike");
}

static void
forgotten_source_is_on_no_bus_after_a_planned_cut(void **state)
{
	struct world *w = *state;
	struct bus_event gone = { .kind = EV_NODE_GONE, .node = "c" };

	cut_done(w, "c");
	cut_done(w, "a");
	director_set_preview(w->director, "c", NULL);
	later(w);
	assert_true(cut(w, &(struct director_ask){ .to = "b", .at_us = clk_utc_us(&w->clk) + 300000 }));	/* sent: its buses are settled */
	assert_true(cut(w, &(struct director_ask){ .back = true, .at_us = clk_utc_us(&w->clk) + 3000000 }));
	double_answer_all(w->crew, NODE_OK);
	bus_say(w->bus, &gone);
	loop_fake_advance(w->loop, 400000);
	double_answer_all(w->crew, NODE_OK);
	assert_buses(w, "b", "-");
	assert_string_equal(director_before(w->director), "a");
	loop_fake_advance(w->loop, 3000000);
	double_answer_all(w->crew, NODE_OK);
	assert_buses(w, "a", "-");
}

/* The identify that made it go out anew must leave nobody waiting when the cut never lands (a leak, to a sanitizer). */
static void
cut_that_was_sent_anew_and_replaced_lets_go_of_everything(void **state)
{
	struct world *w = *state;
	struct node_request flash = { .verb = NODE_TALLY, .identify = true };

	cut_done(w, "c");
	later(w);
	assert_true(cut(w, &(struct director_ask){ .to = "a", .at_us = clk_utc_us(&w->clk) + 300000 }));
	double_answer_all(w->crew, NODE_OK);
	DOUBLE_WAIT(w->loop, w->told.done == 2);
	director_stamp(w->director, &flash);
	director_stamped(w->director);			/* these answers are still to come */
	assert_true(cut_to(w, "b"));
	double_answer_all(w->crew, NODE_OK);
	DOUBLE_WAIT(w->loop, w->told.done == 3);
	assert_buses(w, "b", "-");
}

/* ---- Landed, all the same ---- */

static void
count_line(void *arg, int64_t seq, const struct jdoc *line)
{
	(void)seq;
	*(int *)arg += strcmp(jdoc_text(line, "type", ""), "landed") == 0;
}

/* On the disk, while the run goes on: its end writes what is left. */
static int
count_landed(struct world *w)
{
	int count = 0;

	assert_true(journal_read(scratch_path(w->folder, "s/sidecars/cuts.jsonl"), count_line, &count, &w->err));
	return count;
}

/* A camera without an event stream never says when; cut after cut, two a second. */
static void
silence_of_one_camera_holds_up_no_cuts_landed_line(void **state)
{
	struct world *w = *state;
	int64_t at_us = clk_utc_us(&w->clk) + 300000;

	for (int i = 0; i < 8; i++, at_us += 500000) {
		assert_true(cut(w, &(struct director_ask){ .to = i % 2 == 0 ? "a" : "b", .at_us = at_us }));
		answer_scheduled(w);
		loop_fake_advance(w->loop, at_us - clk_utc_us(&w->clk));
		light_effect(w, "a", at_us);
		loop_fake_advance(w->loop, 20000);
	}
	DOUBLE_WAIT(w->loop, count_landed(w) >= 5);
}

/* The clock of b has leapt an hour; nobody has compared it since. */
static void
effect_that_cannot_be_true_is_left_out_of_the_line(void **state)
{
	struct world *w = *state;
	int64_t at_us = clk_utc_us(&w->clk) + 300000;
	const struct jdoc *nodes;

	assert_true(cut(w, &(struct director_ask){ .to = "a", .at_us = at_us }));
	for (int i = 0; i < 3; i++)
		double_answer_with(&w->crew->sent[i], &(struct node_answer){ .result = NODE_OK, .late = i == 1, .scheduled = i != 1,
			.time_us = i == 1 ? at_us + 3600000000LL : at_us });
	loop_fake_advance(w->loop, 300000);
	light_effect(w, "a", at_us + 300);
	light_effect(w, "c", at_us + 400);
	w->keeps_landed = true;
	read_cuts(w);
	assert_int_equal(w->line_count, 2);
	nodes = jdoc_get(w->lines[1], "nodes");
	assert_int_equal(jdoc_count(nodes), 3);
	assert_int_equal(jdoc_int(jdoc_at(nodes, 0), "effectUs", 0), at_us + 300);
	assert_null(jdoc_get(jdoc_at(nodes, 1), "effectUs"));
	assert_int_equal(jdoc_int(jdoc_at(nodes, 1), "nodeUs", 0), at_us + 3600000000LL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(plain_cut_swaps_program_and_preview), TEST(cut_to_a_source_leaves_preview_alone),
		TEST(cut_to_the_previewed_source_previews_the_one_before), TEST(cut_back_goes_to_the_source_before),
		TEST(cut_to_black_takes_every_light_off_program), TEST(plain_cut_without_preview_is_refused),
		TEST(unknown_source_is_refused), TEST(lost_or_frozen_source_needs_force), TEST(stale_source_is_cut_to_without_a_word),
		TEST(repeat_of_the_same_cut_is_swallowed), TEST(different_cut_is_never_swallowed),
		TEST(view_only_source_may_be_program_and_gets_no_light), TEST(cut_ends_when_answered_and_on_disk),
		TEST(silent_camera_holds_up_nobody), TEST(camera_just_found_owes_an_answer_like_the_others),
		TEST(cut_with_nobody_to_tell_is_well), TEST(cut_list_has_the_published_line),
		TEST(line_that_is_not_on_disk_is_an_error_of_the_cut), TEST(planned_cut_is_sent_ahead_and_on_at_its_instant),
		TEST(second_planned_cut_waits_for_the_first_to_land), TEST(cut_now_replaces_what_was_planned),
		TEST(preview_waits_for_a_planned_cut_to_land), TEST(corrections_are_appended),
		TEST(tally_has_a_lease_and_a_growing_order), TEST(lights_that_are_on_are_prolonged),
		TEST(light_that_a_cut_on_its_way_will_change_is_prolonged), TEST(joining_camera_learns_its_light_at_once), TEST(wrong_light_is_told_again_but_not_at_once),
		TEST(unconfirmed_light_is_told_again), TEST(node_without_a_light_spoils_no_cut),
		TEST(cut_among_nodes_without_lights_is_not_silent), TEST(no_timer_runs_before_the_first_light), TEST(release_turns_every_light_off),
		TEST(lost_program_is_told_and_the_safe_source_cut_to_when_wished), TEST(buses_are_restored_from_the_cut_list),
		TEST(panic_goes_to_the_safe_source_and_takes_back_what_is_planned), TEST(panic_stays_on_the_safe_source_and_wipes_what_was_on_its_way),
		TEST(panic_without_a_safe_source_goes_to_the_freshest_other_one), TEST(microphone_without_a_camera_is_no_refuge),
		TEST(safe_source_that_is_fit_comes_before_the_others), TEST(lost_program_is_known_with_its_time_and_the_way_out),
		TEST(reason_of_a_cut_by_itself_is_in_its_line), TEST(forgotten_source_leaves_preview_and_cut_back),
		TEST(each_cameras_word_on_its_light_is_in_the_cut_list), TEST(tally_beside_a_cut_on_its_way_does_not_replace_it),
		TEST(camera_that_takes_our_orders_for_old_ones_is_told_a_newer_one), TEST(undone_twice_is_struck_once),
		TEST(back_from_black_leaves_nothing_to_go_back_to), TEST(struck_and_taken_back_cuts_are_not_restored),
		TEST(press_of_what_is_on_cuts_nothing), TEST(black_is_pressed_twice_and_cut_once),
		TEST(press_of_what_is_on_takes_back_what_is_planned), TEST(release_takes_back_what_is_planned),
		TEST(nothing_is_cut_once_lights_are_released), TEST(planned_cut_to_a_forgotten_source_is_taken_back),
		TEST(forgotten_source_is_on_no_bus_after_a_planned_cut), TEST(cut_that_was_sent_anew_and_replaced_lets_go_of_everything),
		TEST(silence_of_one_camera_holds_up_no_cuts_landed_line), TEST(effect_that_cannot_be_true_is_left_out_of_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
