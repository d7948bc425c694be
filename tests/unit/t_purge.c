/*
 * t_purge.c - what is deleted on the cameras and what is not: the files at home are real, the cameras do what the test says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>
#include "app/purge.h"
#include "base/xalloc.h"
#include "io/digest.h"
#include "io/jdoc.h"
#include "support/scratch.h"
#include "crew_double.h"

/* ---- What purge asks of the rest of the house ---- */

struct recordall { struct take *take; };
struct rushes { char folder[512]; const char *archive; };
struct claims { const char *ours; };	/* ids, with blanks around */
struct scribe { struct loop *loop; char lines[16][512]; int count; diskq_done_fn *done[16]; void *arg[16]; int written; };

bool recordall_load(struct recordall *r, const char *number) { return strcmp(r->take->take, number) == 0; }
const struct take *recordall_take(const struct recordall *r, const char *number) { return strcmp(r->take->take, number) == 0 ? r->take : NULL; }
const char *rushes_archive(const struct rushes *r) { return r->archive; }

void
rushes_folder(const struct rushes *r, const struct take *t, char *out, size_t out_size)
{
	(void)t;
	str_copy(out, out_size, r->folder);
}

enum claims_state
claims_of(const struct claims *c, const char *node)
{
	char word[ID_BYTES + 2];

	snprintf(word, sizeof word, " %s ", node);
	return strstr(c->ours, word) != NULL ? CLAIMS_OURS : CLAIMS_FREE;
}

static void
scribe_writes(void *arg)
{
	struct scribe *s = arg;

	while (s->written < s->count) {
		const int i = s->written++;

		s->done[i](s->arg[i], &(struct err){ .kind = ERR_NONE });
	}
}

int64_t
scribe_add(struct scribe *s, enum scribe_journal which, const char *type, int64_t time_us, struct jdoc *line, diskq_done_fn *done, void *arg)
{
	char *text = jdoc_print(line);

	assert_int_equal(which, SCRIBE_HEALTH);
	assert_string_equal(type, "purged");
	assert_int_equal(time_us, 0);
	assert_true(s->count < 16);
	str_copy(s->lines[s->count], sizeof s->lines[0], text);
	s->done[s->count] = done;
	s->arg[s->count++] = arg;
	free(text);
	jdoc_free(line);
	if (s->count == 1 + s->written)
		loop_defer(s->loop, scribe_writes, s);
	return s->count;
}

/* ---- A take of three cameras, at home ---- */

struct world {
	struct loop *loop;
	struct bus *bus;
	struct crew *crew;
	struct fanout *fanout;
	struct take take;
	struct recordall recordall;
	struct rushes rushes;
	struct claims claims;
	struct scribe scribe;
	struct purge *purge;
	char *folder;
	int ends, gone_before, files, staying;
	int64_t bytes;
	char sentence[1024];
	enum ledger_verdict verdict;
	struct ledger_line lines[8];
	int line_count;
	struct err err;
};

static struct take_device *
add_device(struct world *w, const char *node)
{
	struct take_device *d = take_ask(&w->take, node, 1, node, 1);

	d->state = TAKE_SAVED;
	return d;
}

/* A file that is at home, and as the camera said it is. */
static struct take_part *
add_part(struct world *w, struct take_device *d, const char *text)
{
	struct take_part *p;

	d->parts = xreallocarray(d->parts, (size_t)d->part_count + 1, sizeof *d->parts);
	p = &d->parts[d->part_count++];
	memset(p, 0, sizeof *p);
	p->part = d->part_count;
	p->state = TAKE_VERIFIED;
	snprintf(p->file, sizeof p->file, "003-%s-%d.mp4", d->node, p->part);
	snprintf(p->meta.id, sizeof p->meta.id, "rec-%.20s-%d", d->node, p->part);
	scratch_write(scratch_path(w->folder, p->file), text);
	p->meta.bytes = (int64_t)strlen(text);
	assert_true(digest_file(scratch_path(w->folder, p->file), p->meta.sha256, &w->err));
	return p;
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_fake_new();
	w->bus = bus_new();
	w->crew = double_new(w->bus);
	w->fanout = fanout_new(w->loop, w->crew, w->bus);
	w->folder = scratch_new();
	str_copy(w->rushes.folder, sizeof w->rushes.folder, w->folder);
	w->rushes.archive = "takes";
	w->claims.ours = " a b c ";
	w->scribe.loop = w->loop;
	take_init(&w->take, "003", "", 1, "s", TAKE_WILLING, 1);
	w->recordall.take = &w->take;
	double_add(w->crew, "a", 1, "left");
	double_add(w->crew, "b", 2, "");
	double_add(w->crew, "c", 3, "");
	w->purge = purge_new(w->loop, w->crew, w->fanout, &w->claims, &w->recordall, &w->rushes, &w->scribe);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	purge_free(w->purge);
	fanout_free(w->fanout);
	double_free(w->crew);
	loop_fake_turn(w->loop);
	loop_fake_turn(w->loop);
	assert_int_equal(loop_fake_alive(w->loop), 0);
	take_fini(&w->take);
	bus_free(w->bus);
	loop_free(w->loop);
	scratch_free(w->folder);
	free(w);
	return 0;
}

static void
on_done(void *arg, const struct purge_end *end)
{
	struct world *w = arg;

	w->ends++;
	w->files = end->files;
	w->gone_before = end->gone_before;
	w->staying = end->staying;
	w->bytes = end->bytes;
	str_copy(w->sentence, sizeof w->sentence, end->sentence);
	w->verdict = ledger_verdict(end->ledger);
	w->line_count = end->ledger->count;
	for (int i = 0; i < end->ledger->count; i++)
		w->lines[i] = end->ledger->lines[i];
}

static void
turns(struct world *w)
{
	for (int i = 0; i < 12; i++)
		loop_fake_turn(w->loop);
}

static void
purge(struct world *w, const struct target_set *targets)
{
	const struct purge_ask ask = { .take = "003", .targets = targets, .done = on_done, .arg = w };

	assert_true(purge_take(w->purge, &ask, &w->err));
	turns(w);
}

/* The file that this camera is asked to delete now; NULL: none. */
static const char *
asked(struct world *w, const char *node)
{
	const struct double_sent *s = double_last(w->crew, NODE_DELETE, node);

	return s != NULL && !s->is_answered ? s->r.recording : NULL;
}

static void
answer(struct world *w, const char *node, enum node_result result, int status, const char *code)
{
	struct node_answer a = { .result = result, .status = status };

	str_copy(a.code, sizeof a.code, code);
	str_copy(a.message, sizeof a.message, code[0] != '\0' ? "No." : "");
	double_answer_with(double_last(w->crew, NODE_DELETE, node), &a);
	turns(w);
}

/* ---- Tests ---- */

static void
verified_files_are_deleted_one_of_a_camera_at_a_time(void **state)
{
	struct world *w = *state;
	struct take_device *d;

	d = add_device(w, "a");
	add_part(w, d, "one");
	add_part(w, d, "two!");
	add_part(w, add_device(w, "b"), "three");
	purge(w, NULL);
	assert_string_equal(asked(w, "a"), "rec-a-1");
	assert_string_equal(asked(w, "b"), "rec-b-1");
	answer(w, "a", NODE_OK, 200, "");
	assert_string_equal(double_last(w->crew, NODE_DELETE, "a")->r.recording, "rec-a-1");	/* b has not answered yet */
	answer(w, "b", NODE_OK, 200, "");
	assert_string_equal(asked(w, "a"), "rec-a-2");
	assert_int_equal(w->ends, 0);
	answer(w, "a", NODE_OK, 200, "");
	assert_int_equal(w->ends, 1);
	assert_int_equal(w->files, 3);
	assert_int_equal(w->bytes, 12);
	assert_int_equal(w->staying, 0);
	assert_int_equal(w->verdict, LEDGER_OK);
	assert_int_equal(w->line_count, 2);
	assert_int_equal(w->scribe.count, 3);
	assert_non_null(strstr(w->scribe.lines[0], "\"node\":\"a\",\"take\":\"003\",\"part\":1,\"recording\":\"rec-a-1\",\"file\":\"003-a-1.mp4\",\"bytes\":3,\"sha256\":\""));
	assert_true(scratch_exists(scratch_path(w->folder, "003-a-1.mp4")));
}

static void
what_is_not_verified_is_not_asked_for(void **state)
{
	static const struct { enum take_state state; const char *why; } cases[] = {
		{ TAKE_SAVED, "not fetched" }, { TAKE_FETCHING, "on its way home" }, { TAKE_FETCHED, "fetched, but not verified" },
		{ TAKE_FAILED, "SHA-256 differs from the node's" },
	};
	struct world *w = *state;
	struct take_part *p = add_part(w, add_device(w, "a"), "one");

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		p->state = cases[i].state;
		str_copy(p->reason, sizeof p->reason, cases[i].state == TAKE_FAILED ? cases[i].why : "");
		purge(w, NULL);
		assert_int_equal(w->ends, (int)i + 1);
		assert_int_equal(w->staying, 1);
		assert_non_null(strstr(w->sentence, cases[i].why));
		assert_int_equal(w->verdict, LEDGER_FAILED);
	}
	assert_int_equal(double_sent_of(w->crew, NODE_DELETE, NULL), 0);
	assert_int_equal(w->scribe.count, 0);
}

/* A camera that counted anew has one name for two recordings: deleting the one that is home would delete the other. */
static void
name_that_means_a_file_not_home_too_is_not_deleted(void **state)
{
	struct world *w = *state;
	struct take_device *d = add_device(w, "a");

	add_part(w, d, "one");
	add_part(w, d, "two!");
	str_copy(d->parts[1].meta.id, sizeof d->parts[1].meta.id, d->parts[0].meta.id);
	d->parts[1].state = TAKE_FAILED;
	str_copy(d->parts[1].reason, sizeof d->parts[1].reason, "lost");
	purge(w, NULL);
	assert_null(asked(w, "a"));
	assert_int_equal(w->ends, 1);
	assert_int_equal(w->staying, 2);
	assert_non_null(strstr(w->sentence, "the camera has another file by this name, which is not home"));
}

static void
file_that_is_not_at_home_as_it_was_keeps_the_other_copy(void **state)
{
	struct world *w = *state;

	add_part(w, add_device(w, "a"), "one");
	add_part(w, add_device(w, "b"), "two");
	add_part(w, add_device(w, "c"), "three");
	assert_int_equal(unlink(scratch_path(w->folder, "003-a-1.mp4")), 0);
	scratch_write(scratch_path(w->folder, "003-b-1.mp4"), "tw0");
	scratch_write(scratch_path(w->folder, "003-c-1.mp4"), "threes");
	purge(w, NULL);
	assert_int_equal(w->ends, 1);
	assert_int_equal(w->staying, 3);
	assert_int_equal(double_sent_of(w->crew, NODE_DELETE, NULL), 0);
	assert_non_null(strstr(w->lines[0].message, "is not at home any more"));
	assert_non_null(strstr(w->lines[1].message, "was changed"));
	assert_non_null(strstr(w->lines[2].message, "not of the size"));
	assert_non_null(strstr(w->sentence, "left ("));
}

static void
only_who_holds_the_camera_and_has_it_here_asks(void **state)
{
	struct world *w = *state;

	w->claims.ours = " a c ";
	add_part(w, add_device(w, "a"), "one");
	add_part(w, add_device(w, "b"), "two");
	add_part(w, add_device(w, "c"), "three");
	add_part(w, add_device(w, "stranger"), "four");
	double_member(w->crew, "c")->link = HEALTH_LOST;
	purge(w, NULL);
	answer(w, "a", NODE_OK, 200, "");
	assert_int_equal(double_sent_of(w->crew, NODE_DELETE, NULL), 1);
	assert_int_equal(w->files, 1);
	assert_int_equal(w->staying, 3);
	assert_int_equal(w->verdict, LEDGER_PARTIAL);
	assert_non_null(strstr(w->lines[1].message, "claim it first"));
	assert_int_equal(w->lines[2].result, NODE_LOST);
	assert_string_equal(w->lines[3].message, "the camera is not here");
}

static void
targets_limit_it(void **state)
{
	const struct target_set only_b = { .count = 1, .ids = { "b" } }, nobody = { .count = 1, .ids = { "x" } };
	const struct purge_ask ask = { .take = "003", .targets = &nobody, .done = on_done };
	struct world *w = *state;

	add_part(w, add_device(w, "a"), "one");
	add_part(w, add_device(w, "b"), "two");
	purge(w, &only_b);
	answer(w, "b", NODE_OK, 200, "");
	assert_int_equal(w->line_count, 1);
	assert_int_equal(double_sent_of(w->crew, NODE_DELETE, "a"), 0);
	assert_false(purge_take(w->purge, &ask, &w->err));
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
}

static void
camera_that_refuses_is_not_asked_for_the_rest(void **state)
{
	struct world *w = *state;
	struct take_device *d = add_device(w, "a");

	add_part(w, d, "one");
	add_part(w, d, "two");
	purge(w, NULL);
	answer(w, "a", NODE_REFUSED, 401, "token_required");
	assert_int_equal(w->ends, 1);
	assert_int_equal(w->staying, 2);
	assert_int_equal(double_sent_of(w->crew, NODE_DELETE, NULL), 1);
	assert_string_equal(w->lines[0].message, "No.");
	purge(w, NULL);
	answer(w, "a", NODE_LATE, 0, "");
	assert_int_equal(w->lines[0].result, NODE_LATE);
	assert_int_equal(w->staying, 2);
	purge(w, NULL);
	answer(w, "a", NODE_NOT_OFFERED, 404, "");	/* no DELETE there at all */
	assert_int_equal(w->staying, 2);
	assert_int_equal(w->lines[0].result, NODE_NOT_OFFERED);
	assert_int_equal(w->scribe.count, 0);
}

static void
file_that_had_gone_before_is_no_failure_and_no_news(void **state)
{
	struct world *w = *state;

	add_part(w, add_device(w, "a"), "one");
	purge(w, NULL);
	answer(w, "a", NODE_NOT_OFFERED, 404, "not_found");
	assert_int_equal(w->verdict, LEDGER_OK);
	assert_int_equal(w->files, 0);
	assert_int_equal(w->gone_before, 1);
	assert_int_equal(w->staying, 0);
	assert_int_equal(w->scribe.count, 0);
}

static void
with_object_storage_the_copy_there_is_waited_for(void **state)
{
	struct world *w = *state;
	struct take_part *p = add_part(w, add_device(w, "a"), "one");

	w->rushes.archive = "s3://bucket/show";
	purge(w, NULL);
	assert_string_equal(w->lines[0].message, "not in the archive yet");
	str_copy(p->copy.where, sizeof p->copy.where, "s3://bucket/show/003/003-a-1.mp4");
	purge(w, NULL);
	assert_string_equal(asked(w, "a"), "rec-a-1");
	answer(w, "a", NODE_OK, 200, "");
	assert_int_equal(w->files, 1);
}

static void
running_and_unknown_takes_are_refused(void **state)
{
	const struct purge_ask other = { .take = "004", .done = on_done }, this = { .take = "003", .done = on_done };
	struct world *w = *state;

	add_part(w, add_device(w, "a"), "one");
	assert_false(purge_take(w->purge, &other, &w->err));
	assert_non_null(strstr(w->err.text, "no take 004"));
	w->take.devices[0].state = TAKE_RECORDING;
	assert_false(purge_take(w->purge, &this, &w->err));
	assert_string_equal(w->err.text, "take 003 is not over");
}

static void
closing_in_the_midst_of_it_leaves_nothing_behind(void **state)
{
	const struct purge_ask ask = { .take = "003", .done = on_done };
	struct world *w = *state;

	add_part(w, add_device(w, "a"), "one");
	assert_true(purge_take(w->purge, &ask, &w->err));	/* a file is being read */
	purge_free(w->purge);
	w->purge = purge_new(w->loop, w->crew, w->fanout, &w->claims, &w->recordall, &w->rushes, &w->scribe);
	turns(w);
	assert_int_equal(double_sent_of(w->crew, NODE_DELETE, NULL), 0);
	purge(w, NULL);						/* a camera is being asked */
	purge_free(w->purge);
	w->purge = NULL;
	answer(w, "a", NODE_OK, 200, "");
	assert_int_equal(w->ends, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(verified_files_are_deleted_one_of_a_camera_at_a_time), T(what_is_not_verified_is_not_asked_for),
		T(name_that_means_a_file_not_home_too_is_not_deleted),
		T(file_that_is_not_at_home_as_it_was_keeps_the_other_copy), T(only_who_holds_the_camera_and_has_it_here_asks),
		T(targets_limit_it), T(camera_that_refuses_is_not_asked_for_the_rest), T(file_that_had_gone_before_is_no_failure_and_no_news),
		T(with_object_storage_the_copy_there_is_waited_for), T(running_and_unknown_takes_are_refused),
		T(closing_in_the_midst_of_it_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
