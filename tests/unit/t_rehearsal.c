/*
 * t_rehearsal.c - a rehearsal beside the show's cameras: takes numbered apart, what is told to the fleet, and the way out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "app/rehearsal.h"
#include "base/xalloc.h"
#include "support/scratch.h"
#include "crew_double.h"

#define TOLD 16

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
	struct rehearsal *r;
	char *folder;
	char told[TOLD][128];
	int told_count, changes;
	bool is_deaf;
	struct err err;
};

static char forgotten[8];

void
crew_forget(struct crew *c, const char *node)
{
	(void)c;
	strncat(forgotten, node, sizeof forgotten - strlen(forgotten) - 1);
}

static bool
tell(void *arg, const char *line, struct err *e)
{
	struct world *w = arg;

	if (w->is_deaf)
		return err_set(e, ERR_ENVIRONMENT, "nobody listens");
	assert_true(w->told_count < TOLD);
	str_copy(w->told[w->told_count++], sizeof w->told[0], line);
	return true;
}

static void
count_changes(void *arg, const struct bus_event *ev)
{
	(void)ev;
	((struct world *)arg)->changes++;
}

static int
setup(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);

	w->loop = loop_fake_new();
	w->clk = loop_fake_clk(w->loop);
	w->bus = bus_new();
	w->crew = double_new(w->bus);
	w->settings = double_settings();
	w->folder = scratch_new();
	setenv("XDG_STATE_HOME", scratch_path(w->folder, "state"), 1);
	w->sphere = sphere_open(scratch_path(w->folder, "s"), "", LOOP_FAKE_UTC_US, &w->err);
	assert_non_null(w->sphere);
	double_add(w->crew, "a", 1, "phone");
	double_add(w->crew, "b", 2, "made up");
	double_add(w->crew, "c", 3, "made up too");
	w->queue = diskq_new(w->loop);
	w->scribe = scribe_new(w->loop, w->queue, w->sphere, w->crew, w->bus, &w->clk, NULL, NULL, &w->err);
	assert_non_null(w->scribe);
	w->fanout = fanout_new(w->loop, w->crew, w->bus);
	w->rec = recordall_new(w->loop, w->crew, w->fanout, w->bus, w->scribe, w->sphere, &w->clk, w->settings);
	bus_listen(w->bus, EV_REHEARSAL_CHANGED, count_changes, w);
	forgotten[0] = '\0';
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	rehearsal_free(w->r);
	recordall_free(w->rec);
	fanout_free(w->fanout);
	scribe_free(w->scribe);
	diskq_free(w->queue);
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

/* b and c are the fleet's second and first. */
static void
begin(struct world *w, bool with_cameras)
{
	const struct rehearsal_parts parts = { .loop = w->loop, .crew = w->crew, .bus = w->bus, .scribe = w->scribe,
		.recordall = w->rec, .tell = tell, .arg = w, .with_cameras = with_cameras };

	w->r = rehearsal_new(&parts);
	rehearsal_add(w->r, "c", 1);
	rehearsal_add(w->r, "b", 2);
}

static void
on_done(void *arg, const struct ledger *l, int64_t took_us, const struct err *e)
{
	(void)arg;
	(void)l;
	(void)took_us;
	(void)e;
}

/* One take on camera a from the press to its file; its number. */
static const char *
roll(struct world *w, const char *slate)
{
	struct target_set a = { .count = 1, .ids = { "a" } };
	const struct take *t;

	assert_true(recordall_start(w->rec, &a, false, slate, 0, "do", on_done, NULL, w, &w->err));
	t = recordall_newest(w->rec);
	for (int i = 0; i < 400 && double_sent_of(w->crew, NODE_RECORD_START, "a") == 0; i++)
		loop_fake_advance(w->loop, 5000);
	double_answer_all(w->crew, NODE_OK);
	double_recording(w->crew, "a", NODE_REC_RECORDING, t->sphere, t->take, LOOP_FAKE_UTC_US, "");
	loop_fake_turn(w->loop);
	assert_true(recordall_stop(w->rec, &a, false, 0, "do", on_done, NULL, w, &w->err));
	for (int i = 0; i < 400 && double_sent_of(w->crew, NODE_RECORD_STOP, "a") == 0; i++)
		loop_fake_advance(w->loop, 5000);
	double_answer_all(w->crew, NODE_OK);
	double_recording(w->crew, "a", NODE_REC_IDLE, t->sphere, t->take, 0, "");
	loop_fake_advance(w->loop, 4000000);
	w->crew->sent_count = 0;
	return t->take;
}

/* ---- Takes ---- */

static void
takes_beside_real_cameras_are_numbered_apart(void **state)
{
	struct world *w = *state;

	assert_string_equal(roll(w, "ep1"), "001");
	begin(w, true);
	assert_string_equal(roll(w, "ep1"), "R001");
	assert_true(recordall_newest(w->rec)->rehearsal);
	assert_int_equal(recordall_newest(w->rec)->slate_take, 1);
	assert_string_equal(roll(w, ""), "R002");
	rehearsal_leave(w->r);
	assert_string_equal(recordall_newest(w->rec)->take, "001");	/* of the show */
	assert_string_equal(roll(w, "ep1"), "002");
	assert_false(recordall_newest(w->rec)->rehearsal);
	assert_int_equal(recordall_newest(w->rec)->slate_take, 2);
	assert_string_equal(recordall_newest(w->rec)->take, "002");
	assert_non_null(recordall_take(w->rec, "R002"));
}

static void
takes_of_rehearsal_cameras_alone_are_numbered_as_any(void **state)
{
	struct world *w = *state;

	begin(w, false);
	assert_string_equal(roll(w, ""), "001");
	assert_true(recordall_newest(w->rec)->rehearsal);
}

/* How many lines of that journal, without those that open it, say they were rehearsed; *others: that do not. */
static int
rehearsed_lines(struct world *w, const char *journal, int *others)
{
	char *path = xasprintf("%s/sidecars/%s.jsonl", sphere_folder(w->sphere), journal), line[2048];
	FILE *f = fopen(path, "r");
	int rehearsed = 0;

	assert_non_null(f);
	*others = 0;
	while (fgets(line, sizeof line, f) != NULL)
		if (strstr(line, "\"rehearsal\":true") != NULL)
			rehearsed++;
		else
			*others += strstr(line, "\"type\":\"open\"") == NULL;
	fclose(f);
	free(path);
	return rehearsed;
}

static void
count_written(void *arg, const struct err *e)
{
	assert_int_equal(e->kind, ERR_NONE);
	++*(int *)arg;
}

static struct jdoc *
line_of(const char *text)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_text(j, "text", text);
	jdoc_set_text(j, "take", NULL);
	return j;
}

static void
cuts_and_notes_say_that_they_were_rehearsed(void **state)
{
	struct world *w = *state;
	int others, written = 0;

	begin(w, true);
	scribe_add(w->scribe, SCRIBE_MARKERS, "tag", 0, line_of("then"), count_written, &written);
	scribe_add(w->scribe, SCRIBE_CUTS, "cut", 0, line_of("then"), count_written, &written);
	scribe_add(w->scribe, SCRIBE_SOURCES, "name", 0, line_of("then"), count_written, &written);
	rehearsal_leave(w->r);
	scribe_add(w->scribe, SCRIBE_MARKERS, "tag", 0, line_of("now"), count_written, &written);
	while (written < 4)
		loop_fake_turn(w->loop);
	assert_int_equal(rehearsed_lines(w, "markers", &others), 1);
	assert_int_equal(others, 1);
	assert_int_equal(rehearsed_lines(w, "cuts", &others), 1);
	assert_int_equal(rehearsed_lines(w, "sources", &others), 0);
}

static void
the_fleet_is_never_in_the_manifest(void **state)
{
	struct world *w = *state;
	char *text;

	begin(w, true);
	bus_tell(w->bus, EV_NODE_SEEN, "a", "seen");
	bus_tell(w->bus, EV_NODE_SEEN, "b", "seen");
	bus_tell(w->bus, EV_NODE_SEEN, "stranger", "seen");
	text = sphere_print_manifest(sphere_manifest(w->sphere), crew_registry(w->crew), NULL, NULL);
	assert_non_null(strstr(text, "phone"));
	assert_null(strstr(text, "\"made up\""));
	free(text);
}

/* ---- Faults ---- */

static void
a_fault_goes_to_the_number_that_the_camera_has_in_its_fleet(void **state)
{
	struct world *w = *state;

	begin(w, false);
	assert_true(rehearsal_fault(w->r, "b", "late=1s,refuse=record", 0, &w->err));
	assert_string_equal(w->told[0], "2:late=1s,2:refuse=record");
	assert_true(rehearsal_fault(w->r, "c", "off", 0, &w->err));
	assert_string_equal(w->told[1], "1:off");
	loop_fake_advance(w->loop, 3600LL * 1000000);
	assert_int_equal(w->told_count, 2);	/* nothing is taken back by itself */
}

static void
a_real_camera_is_never_told_a_fault(void **state)
{
	struct world *w = *state;

	begin(w, true);
	assert_false(rehearsal_fault(w->r, "a", "late=1s", 0, &w->err));
	assert_int_equal(w->err.kind, ERR_REFUSED);
	assert_false(rehearsal_fault(w->r, "b", "bogus=1", 0, &w->err));
	assert_false(rehearsal_fault(w->r, "b", "1:late=1s", 0, &w->err));
	assert_int_equal(w->told_count, 0);
	w->is_deaf = true;
	assert_false(rehearsal_fault(w->r, "b", "late=1s", 1000, &w->err));
	assert_non_null(strstr(w->err.text, "nobody listens"));
	w->is_deaf = false;
	loop_fake_advance(w->loop, 10000);
	assert_int_equal(w->told_count, 0);
}

static void
a_fault_for_a_time_is_taken_back(void **state)
{
	struct world *w = *state;

	begin(w, false);
	assert_true(rehearsal_fault(w->r, "b", "late=1s,drop=0.5", 2000000, &w->err));
	loop_fake_advance(w->loop, 1900000);
	assert_int_equal(w->told_count, 1);
	loop_fake_advance(w->loop, 200000);
	assert_int_equal(w->told_count, 3);
	assert_string_equal(w->told[1], "2:late=off");
	assert_string_equal(w->told[2], "2:drop=off");
}

static void
a_newer_word_on_a_fault_is_not_taken_back_by_the_older_one(void **state)
{
	struct world *w = *state;

	begin(w, false);
	assert_true(rehearsal_fault(w->r, "b", "late=1s,drop=0.5", 2000000, &w->err));
	assert_true(rehearsal_fault(w->r, "b", "late=3s", 0, &w->err));
	assert_true(rehearsal_fault(w->r, "c", "drop=0.1", 0, &w->err));	/* another camera's */
	loop_fake_advance(w->loop, 5000000);
	assert_int_equal(w->told_count, 4);
	assert_string_equal(w->told[3], "2:drop=off");
	assert_true(rehearsal_fault(w->r, "b", "late=3s", 1000000, &w->err));
	assert_true(rehearsal_fault(w->r, "b", "off", 0, &w->err));
	loop_fake_advance(w->loop, 5000000);
	assert_int_equal(w->told_count, 6);
}

/* ---- The way out ---- */

static void
leaving_sends_the_fleet_away_and_ends_its_faults(void **state)
{
	struct world *w = *state;

	begin(w, true);
	assert_true(rehearsal_is_on(w->r) && rehearsal_has(w->r, "b") && !rehearsal_has(w->r, "a"));
	assert_true(rehearsal_fault(w->r, "b", "late=1s", 1000000, &w->err));
	rehearsal_leave(w->r);
	assert_false(rehearsal_is_on(w->r));
	assert_string_equal(forgotten, "cb");
	assert_int_equal(w->changes, 1);
	assert_false(rehearsal_fault(w->r, "b", "late=1s", 0, &w->err));
	loop_fake_advance(w->loop, 5000000);
	assert_int_equal(w->told_count, 1);
	rehearsal_leave(w->r);
	assert_int_equal(w->changes, 1);
}

static void
the_question_is_put_before_it_is_answered(void **state)
{
	struct world *w = *state;

	begin(w, true);
	assert_false(rehearsal_asked(w->r, 3000000));
	loop_fake_advance(w->loop, 2900000);
	assert_true(rehearsal_asked(w->r, 3000000));
	loop_fake_advance(w->loop, 3100000);
	assert_false(rehearsal_asked(w->r, 3000000));
}

static void
no_rehearsal_is_none(void **state)
{
	struct err e;

	(void)state;
	assert_false(rehearsal_is_on(NULL));
	assert_false(rehearsal_has(NULL, "a"));
	assert_false(rehearsal_with_cameras(NULL));
	assert_int_equal(rehearsal_count(NULL), 0);
	assert_false(rehearsal_fault(NULL, "a", "late=1s", 0, &e));
	rehearsal_leave(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(takes_beside_real_cameras_are_numbered_apart), TEST(takes_of_rehearsal_cameras_alone_are_numbered_as_any),
		TEST(cuts_and_notes_say_that_they_were_rehearsed), TEST(the_fleet_is_never_in_the_manifest),
		TEST(a_fault_goes_to_the_number_that_the_camera_has_in_its_fleet), TEST(a_real_camera_is_never_told_a_fault),
		TEST(a_fault_for_a_time_is_taken_back), TEST(a_newer_word_on_a_fault_is_not_taken_back_by_the_older_one),
		TEST(the_question_is_put_before_it_is_answered), TEST(leaving_sends_the_fleet_away_and_ends_its_faults), cmocka_unit_test(no_rehearsal_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
