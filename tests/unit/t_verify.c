/*
 * t_verify.c - the receipt is checked: a whole Sphere passes, and each way of being wrong is named where it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "app/verify.h"
#include "app/verify_private.h"
#include "base/buf.h"
#include "io/digest.h"
#include "io/loop_uv.h"
#include "support/schema.h"
#include "support/scratch.h"

#define SPHERE "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8"
#define RUN "1b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e9"
#define NOW_US 1763712100000000LL
#define LONG_TEXT 65536

struct world {
	struct loop *loop;
	char *folder;
	struct verify_report report;	/* its lists copied as text */
	char problems[LONG_TEXT], remarks[LONG_TEXT], takes[1024];
	int told;
	struct err err;
};

/* ---- A Sphere ---- */

static const char *
in(const struct world *w, const char *name)
{
	return scratch_path(w->folder, name);
}

static void
make(const struct world *w, const char *name)
{
	assert_int_equal(mkdir(in(w, name), 0777), 0);
}

static void
write_journal(const struct world *w, const char *name, const char *lines)
{
	char path[64], text[LONG_TEXT];

	snprintf(path, sizeof path, "sidecars/%s.jsonl", name);
	snprintf(text, sizeof text, "{\"seq\":1,\"timeUs\":1763712000000000,\"monoNs\":0,\"type\":\"open\",\"run\":\"" RUN "\"}\n%s", lines);
	scratch_write(in(w, path), text);
}

#define HEAD(seq) "{\"seq\":" #seq ",\"timeUs\":1763712001000000,\"monoNs\":1000,"
#define CUT(seq, command) HEAD(seq) "\"type\":\"cut\",\"from\":null,\"to\":\"a\",\"label\":\"left\",\"transition\":\"cut\",\"back\":false," \
	"\"by\":\"do\",\"requestedUs\":1763712001000000,\"quantum\":null,\"beat\":null,\"take\":\"001\",\"nodeUs\":null,\"command\":" #command "}\n"
#define COMMAND_AT(seq, n, time) "{\"seq\":" #seq ",\"timeUs\":" #time ",\"monoNs\":1000,\"type\":\"command\",\"n\":" #n \
	",\"text\":\"cut a\",\"by\":\"do\",\"targets\":[\"a\"],\"answers\":[],\"result\":\"ok\"}\n"
#define COMMAND(seq, n) COMMAND_AT(seq, n, 1763712001000000)

static void
write_journals(const struct world *w)
{
	static const char *const empty[] = { "sources", "timebase", "markers", "camera", "health", "pose", "gesture", "evidence" };

	write_journal(w, "cuts", CUT(2, 1) CUT(3, 2) HEAD(4) "\"type\":\"amend\",\"of\":3,\"to\":\"b\"}\n"
	    HEAD(5) "\"type\":\"strike\",\"of\":[2,3]}\n");
	write_journal(w, "commands", COMMAND(2, 2) COMMAND(3, 1));
	for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++)
		write_journal(w, empty[i], "");
}

#define COUNTS(recorded, failed, fetched, verified) "{\"asked\":2,\"recording\":0,\"recorded\":" #recorded ",\"saved\":" #recorded \
	",\"failed\":" #failed ",\"fetched\":" #fetched ",\"verified\":" #verified "}"

/* counts NULL: as of a take that is home. */
static void
write_manifest(const struct world *w, const char *counts)
{
	char text[4096];

	snprintf(text, sizeof text, "{\"format\":1,\"sphere\":\"" SPHERE "\",\"host\":\"" SPHERE "\",\"name\":\"Pilot\","
	    "\"createdUs\":1763711000000000,\"archiveTarget\":\"takes\",\"studioProject\":null,\"devices\":[],"
	    "\"takes\":[{\"take\":\"001\",\"slate\":null,\"counts\":%s}]}", counts != NULL ? counts : COUNTS(2, 0, 2, 2));
	scratch_write(in(w, "sphere.json"), text);
}

struct made_part {
	const char *state, *file;	/* file NULL: null */
	const char *sha256;
	int64_t bytes;
};

struct made_device {
	const char *node, *state, *reason, *history;	/* history: states joined by commas */
	int part_count;
	struct made_part parts[2];
};

static void
add_word(struct buf *b, const char *key, const char *text)
{
	if (text != NULL)
		buf_add_format(b, "\"%s\":\"%s\",", key, text);
	else
		buf_add_format(b, "\"%s\":null,", key);
}

static void
add_part(struct buf *b, int number, const struct made_part *p)
{
	buf_add_format(b, "{\"part\":%d,", number);
	add_word(b, "state", p->state);
	buf_add_text(b, "\"reason\":null,");
	add_word(b, "file", p->file);
	buf_add_text(b, "\"startUs\":null,\"offsetUs\":0,\"boundUs\":0,\"recording\":{\"id\":\"rec\"");
	if (p->bytes >= 0)
		buf_add_format(b, ",\"bytes\":%lld", (long long)p->bytes);
	if (p->sha256 != NULL)
		buf_add_format(b, ",\"sha256\":\"%s\"", p->sha256);
	buf_add_text(b, "}}");
}

static void
add_history(struct buf *b, const char *states)
{
	bool is_first = true;

	while (*states != '\0') {
		size_t len = strcspn(states, ",");

		buf_add_format(b, "%s{\"state\":\"%.*s\",\"timeUs\":1763712000000000}", is_first ? "" : ",", (int)len, states);
		states += len + (states[len] == ',');
		is_first = false;
	}
}

static void
add_device(struct buf *b, int number, const struct made_device *d)
{
	buf_add_text(b, "{");
	add_word(b, "node", d->node);
	buf_add_format(b, "\"number\":%d,\"label\":null,", number);
	add_word(b, "state", d->state);
	add_word(b, "reason", d->reason);
	buf_add_text(b, "\"parts\":[");
	for (int i = 0; i < d->part_count; i++) {
		buf_add_text(b, i > 0 ? "," : "");
		add_part(b, i + 1, &d->parts[i]);
	}
	buf_add_text(b, "],\"history\":[");
	add_history(b, d->history);
	buf_add_text(b, "]}");
}

static void
write_take(const struct world *w, const char *counts, const struct made_device devices[2])
{
	struct buf b;

	buf_init(&b, 1024 * 1024);
	buf_add_format(&b, "{\"format\":1,\"take\":\"001\",\"slate\":null,\"slateTake\":1,\"sphere\":\"" SPHERE "\",\"policy\":\"willing\","
	    "\"rehearsal\":false,\"startedUs\":1763712000000000,\"stoppedUs\":1763712001000000,\"counts\":%s,\"archive\":\"takes/001\",\"devices\":[", counts);
	add_device(&b, 1, &devices[0]);
	buf_add_text(&b, ",");
	add_device(&b, 2, &devices[1]);
	buf_add_text(&b, "]}");
	scratch_write(in(w, "takes/001/take.json"), buf_text(&b));
	buf_fini(&b);
}

#define HOME "asked,starting,recording,stopping,saved,fetching,fetched,verified"

static char hash_a[65], hash_b[65];

static const char *
file_of(const struct world *w, int number)
{
	return in(w, number == 1 ? "takes/001/001-cam1.mp4" : "takes/001/001-cam2.mp4");
}

static struct made_device
home(const char *node, const char *file, const char *hash)
{
	return (struct made_device){ node, "verified", NULL, HOME, 1, { { "verified", file, hash, 5 } } };
}

static void
write_home(const struct world *w)
{
	const struct made_device devices[2] = { home("a", "001-cam1.mp4", hash_a), home("b", "001-cam2.mp4", hash_b) };

	write_take(w, COUNTS(2, 0, 2, 2), devices);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_uv_new(2);
	w->folder = scratch_new();
	make(w, "sidecars");
	make(w, "takes");
	make(w, "takes/001");
	write_journals(w);
	write_manifest(w, NULL);
	scratch_write(file_of(w, 1), "aaaaa");
	scratch_write(file_of(w, 2), "bbbbb");
	assert_true(digest_file(file_of(w, 1), hash_a, NULL));
	assert_true(digest_file(file_of(w, 2), hash_b, NULL));
	write_home(w);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	loop_free(w->loop);
	scratch_free(w->folder);
	free(w);
	return 0;
}

/* ---- Asking ---- */

static void
as_text(char *out, const struct verify_list *l)
{
	out[0] = '\0';
	for (int i = 0; i < l->count; i++)
		snprintf(out + strlen(out), LONG_TEXT - strlen(out), "%s: %s\n", l->items[i].where, l->items[i].what);
}

static void
told(void *arg, const struct verify_report *r)
{
	struct world *w = arg;

	w->told++;
	w->report = *r;
	as_text(w->problems, &r->problems);
	as_text(w->remarks, &r->remarks);
	w->takes[0] = '\0';
	if (r->takes_said.count > 0)
		snprintf(w->takes, sizeof w->takes, "%s: %s", r->takes_said.items[0].where, r->takes_said.items[0].what);
	for (int i = 0; i < r->problems.count; i++)
		assert_true(r->problems.items[i].where[0] != '\0' && r->problems.items[i].what[0] != '\0');
	loop_stop(w->loop);
}

static void
verify_it(struct world *w)
{
	struct verify *v = verify_open(w->loop, w->folder, NOW_US, told, w, &w->err);

	assert_non_null(v);
	w->told = 0;
	loop_run(w->loop);
	verify_close(v);
	assert_int_equal(w->told, 1);
}

static void
assert_problem(struct world *w, const char *line)
{
	verify_it(w);
	if (strstr(w->problems, line) == NULL)
		fail_msg("no problem \"%s\" in:\n%s", line, w->problems);
}

static void
assert_only_remark(struct world *w, const char *line)
{
	verify_it(w);
	assert_string_equal(w->problems, "");
	if (strstr(w->remarks, line) == NULL)
		fail_msg("no remark \"%s\" in:\n%s", line, w->remarks);
}

/* ---- The whole ---- */

static void
whole_sphere_passes(void **state)
{
	struct world *w = *state;

	verify_it(w);
	assert_string_equal(w->problems, "");
	assert_string_equal(w->remarks, "");
	assert_int_equal(w->report.journals, 10);
	assert_int_equal(w->report.lines, 16);
	assert_int_equal(w->report.takes, 1);
	assert_int_equal(w->report.files, 2);
	assert_int_equal(w->report.verified, 2);
	assert_int_equal(w->report.bytes, 10);
	assert_false(w->report.console_runs);
	assert_string_equal(w->takes, "001: 2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified");
}

static void
other_folders_are_refused(void **state)
{
	struct world *w = *state;

	assert_null(verify_open(w->loop, in(w, "nowhere"), NOW_US, told, w, &w->err));
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
	assert_null(verify_open(w->loop, in(w, "takes/001"), NOW_US, told, w, &w->err));
	assert_non_null(strstr(w->err.text, "no Sphere folder"));
}

static void
nothing_is_written(void **state)
{
	struct world *w = *state;
	struct stat before, after;

	assert_int_equal(stat(in(w, "takes/001"), &before), 0);
	scratch_add(in(w, "sidecars/cuts.jsonl"), "{\"se", 4);
	verify_it(w);
	assert_int_equal(stat(in(w, "takes/001"), &after), 0);
	assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
	assert_false(scratch_exists(in(w, "sidecars/cuts.jsonl.torn-1")));
	assert_false(scratch_exists(in(w, "sphere.json.lock")));
}

/* ---- Files ---- */

static void
changed_byte_is_found(void **state)
{
	struct world *w = *state;

	scratch_write(file_of(w, 2), "bbbbX");
	assert_problem(w, "takes/001/001-cam2.mp4: SHA-256 differs from the node's\n");
	assert_int_equal(w->report.problems.count, 1);
	assert_int_equal(w->report.files, 2);
	assert_int_equal(w->report.verified, 1);
}

static void
shorter_file_is_found(void **state)
{
	struct world *w = *state;

	scratch_write(file_of(w, 1), "aaaa");
	assert_problem(w, "takes/001/001-cam1.mp4: has 4 bytes, the node promised 5\n");
}

static void
missing_file_is_found(void **state)
{
	struct world *w = *state;

	unlink(file_of(w, 1));
	assert_problem(w, "takes/001/001-cam1.mp4: is missing: the proof says that it is here\n");
	unlink(file_of(w, 2));
	make(w, "takes/001/001-cam2.mp4");
	assert_problem(w, "takes/001/001-cam2.mp4: is no file\n");
}

static void
verified_without_a_hash_is_no_proof(void **state)
{
	struct world *w = *state;
	struct made_device devices[2] = { home("a", "001-cam1.mp4", hash_a), home("b", "001-cam2.mp4", NULL) };

	write_take(w, COUNTS(2, 0, 2, 2), devices);
	assert_problem(w, "001-cam2.mp4: nothing to compare it with");
}

static void
name_that_leads_out_is_refused(void **state)
{
	struct world *w = *state;
	struct made_device devices[2] = { home("a", "../../sphere.json", hash_a), home("b", "001-cam2.mp4", hash_b) };

	write_take(w, COUNTS(2, 0, 2, 2), devices);
	assert_problem(w, "cam1: part 1 is verified, but names no file");
	devices[0] = home("a", "001-cam2.mp4", hash_b);
	write_take(w, COUNTS(2, 0, 2, 2), devices);
	assert_problem(w, "another part has the file 001-cam2.mp4 too");
}

static void
leftovers_are_named(void **state)
{
	struct world *w = *state;

	scratch_write(in(w, "takes/001/001-cam1.mp4.part"), "x");
	scratch_write(in(w, "takes/001/x.part.state"), "x");
	verify_it(w);
	assert_int_equal(w->report.problems.count, 2);
	assert_non_null(strstr(w->problems, "001-cam1.mp4.part: is left of a fetch though its file is verified\n"));
	assert_non_null(strstr(w->problems, "x.part.state: is left of a fetch that nobody knows of\n"));
}

static void
evidence_and_strangers_are_remarks(void **state)
{
	struct world *w = *state;

	scratch_write(in(w, "takes/001/001-cam1.mp4.bad"), "x");
	scratch_write(in(w, "takes/001/001-cam1.mp4.aside-2"), "x");
	scratch_write(in(w, "takes/001/notes.txt"), "x");
	scratch_write(in(w, "takes/001/take.json.tmp"), "x");
	make(w, "takes/002");
	scratch_write(in(w, "sidecars/cuts.jsonl.torn-1"), "{\"seq\":3,\"ti");
	verify_it(w);
	assert_string_equal(w->problems, "");
	assert_int_equal(w->report.remarks.count, 6);
	assert_non_null(strstr(w->remarks, "001-cam1.mp4.bad: a file whose SHA-256 was wrong, kept as evidence; it was fetched again"));
	assert_non_null(strstr(w->remarks, "takes/002/take.json: is missing, and the folder is empty"));
	assert_non_null(strstr(w->remarks, "cuts.jsonl.torn-1: half a line"));
}

/* The archive member replaced in the proof. */
static void
move_archive(const struct world *w, const char *to)
{
	char *text = scratch_read(in(w, "takes/001/take.json")), *at = strstr(text, "takes/001\"");
	struct buf b;

	assert_non_null(at);
	buf_init(&b, 65536);
	buf_add(&b, text, (size_t)(at - text));
	buf_add_text(&b, to);
	buf_add_text(&b, at + strlen("takes/001"));
	scratch_write(in(w, "takes/001/take.json"), buf_text(&b));
	buf_fini(&b);
	free(text);
}

static void
files_in_another_folder_are_looked_at_there(void **state)
{
	struct world *w = *state;

	make(w, "nas");
	move_archive(w, in(w, "nas"));
	assert_problem(w, "nas/001-cam1.mp4: is missing");
	assert_int_equal(rename(file_of(w, 1), in(w, "nas/001-cam1.mp4")), 0);
	assert_int_equal(rename(file_of(w, 2), in(w, "nas/001-cam2.mp4")), 0);
	verify_it(w);
	assert_string_equal(w->problems, "");
	assert_int_equal(w->report.verified, 2);
}

static void
files_in_object_storage_are_told_and_copies_of_them_checked(void **state)
{
	struct world *w = *state;

	move_archive(w, "s3://bucket/show/001");
	scratch_write(in(w, "takes/001/001-cam1.mp4.upload.state"), "x");
	unlink(file_of(w, 2));
	assert_only_remark(w, "takes/001/take.json: its files are in s3://bucket/show/001, which is not looked at\n");
	assert_int_equal(w->report.files, 1);
	assert_int_equal(w->report.verified, 1);
	assert_non_null(strstr(w->remarks, "001-cam1.mp4.upload.state: its file is not in the archive yet\n"));
	scratch_write(file_of(w, 1), "aaaaX");
	assert_problem(w, "001-cam1.mp4: SHA-256 differs");
}

/* ---- Proofs ---- */

static void
count_that_is_not_so_is_found(void **state)
{
	struct world *w = *state;
	const struct made_device devices[2] = { home("a", "001-cam1.mp4", hash_a), home("b", "001-cam2.mp4", hash_b) };

	write_take(w, COUNTS(2, 0, 2, 1), devices);
	assert_problem(w, "takes/001/take.json: it counts 1 verified, its devices say 2\n");
	assert_non_null(strstr(w->problems, "sphere.json: its counts of take 001 differ from those in take.json\n"));
}

static void
history_that_cannot_be_is_found(void **state)
{
	struct world *w = *state;
	struct made_device devices[2] = { home("a", "001-cam1.mp4", hash_a), home("b", "001-cam2.mp4", hash_b) };

	devices[0].history = "asked,recording,verified";
	write_take(w, COUNTS(2, 0, 2, 2), devices);
	assert_problem(w, "cam1: its history goes from recording to verified\n");
	devices[0].history = "asked,starting,recording,stopping,saved,fetching,fetched";
	write_take(w, COUNTS(2, 0, 2, 2), devices);
	assert_problem(w, "cam1: its history ends with fetched, its state is verified\n");
	devices[0].history = "recording,saved,fetching,fetched,verified";
	write_take(w, COUNTS(2, 0, 2, 2), devices);
	assert_problem(w, "cam1: its history does not begin with asked\n");
	devices[0].history = "";
	write_take(w, COUNTS(2, 0, 2, 2), devices);
	assert_problem(w, "cam1: it has no history\n");
}

static void
file_that_is_not_home_is_found(void **state)
{
	struct world *w = *state;
	struct made_device devices[2] = { home("a", "001-cam1.mp4", hash_a), home("b", "001-cam2.mp4", hash_b) };

	devices[1].state = devices[1].parts[0].state = "saved";
	devices[1].history = "asked,recording,stopping,saved";
	unlink(file_of(w, 2));
	write_take(w, COUNTS(2, 0, 1, 1), devices);
	write_manifest(w, COUNTS(2, 0, 1, 1));
	assert_problem(w, "cam2: part 1 is saved, its file is not home\n");
	assert_int_equal(w->report.problems.count, 1);
	assert_int_equal(w->report.files, 1);
	devices[1].state = devices[1].parts[0].state = "fetched";
	devices[1].history = "asked,recording,stopping,saved,fetching,fetched";
	scratch_write(file_of(w, 2), "bbbbb");
	write_take(w, COUNTS(2, 0, 2, 1), devices);
	write_manifest(w, COUNTS(2, 0, 2, 1));
	assert_problem(w, "cam2: part 1 is fetched, not verified\n");
	assert_int_equal(w->report.problems.count, 1);
	assert_int_equal(w->report.verified, 2);	/* now they are; who fetched them has not said so */
}

static void
camera_that_failed_with_no_file_left_is_no_problem(void **state)
{
	struct world *w = *state;
	struct made_device devices[2] = { home("a", "001-cam1.mp4", hash_a), { "b", "failed", "refused", "asked,failed", 0, { { 0 } } } };

	unlink(file_of(w, 2));
	write_take(w, "{\"asked\":2,\"recording\":0,\"recorded\":1,\"saved\":1,\"failed\":1,\"fetched\":1,\"verified\":1}", devices);
	write_manifest(w, "{\"asked\":2,\"recording\":0,\"recorded\":1,\"saved\":1,\"failed\":1,\"fetched\":1,\"verified\":1}");
	verify_it(w);
	assert_string_equal(w->problems, "");
	assert_string_equal(w->takes, "001: 2 asked, 1 recorded, 1 saved, 1 fetched, 1 verified, 1 failed");
	devices[1].reason = NULL;
	write_take(w, "{\"asked\":2,\"recording\":0,\"recorded\":1,\"saved\":1,\"failed\":1,\"fetched\":1,\"verified\":1}", devices);
	assert_problem(w, "cam2: it failed without a reason\n");
}

/* A camera that stopped for heat, and whose file came home: it counts in both. */
static void
heat_stop_whose_file_came_home_passes(void **state)
{
	struct world *w = *state;
	struct made_device devices[2] = { home("a", "001-cam1.mp4", hash_a), home("b", "001-cam2.mp4", hash_b) };

	devices[1].state = "failed";
	devices[1].reason = "stopped by itself: heat";
	devices[1].history = "asked,recording,failed";
	write_take(w, COUNTS(2, 1, 2, 2), devices);
	write_manifest(w, COUNTS(2, 1, 2, 2));
	verify_it(w);
	assert_string_equal(w->problems, "");
	devices[1].parts[0].state = "saved";
	write_take(w, COUNTS(2, 1, 1, 1), devices);
	write_manifest(w, COUNTS(2, 1, 1, 1));
	assert_problem(w, "cam2: part 1 is saved, its file is not home\n");
}

static void
part_that_failed_is_told_with_its_evidence(void **state)
{
	struct world *w = *state;
	struct made_device devices[2] = { home("a", "001-cam1.mp4", hash_a), home("b", "001-cam2.mp4", hash_b) };

	devices[1].state = devices[1].parts[0].state = "failed";
	devices[1].reason = "SHA-256 differs from the node's";
	devices[1].history = "asked,recording,stopping,saved,fetching,failed";
	assert_int_equal(rename(file_of(w, 2), in(w, "takes/001/001-cam2.mp4.bad")), 0);
	write_take(w, COUNTS(2, 1, 1, 1), devices);
	write_manifest(w, COUNTS(2, 1, 1, 1));
	assert_problem(w, "cam2: part 1 did not come home");
	assert_non_null(strstr(w->remarks, "001-cam2.mp4.bad: a file whose SHA-256 was wrong"));
}

static void
take_that_nobody_ended_is_found(void **state)
{
	struct world *w = *state;
	struct made_device devices[2] = { home("a", "001-cam1.mp4", hash_a), { "b", "recording", NULL, "asked,recording", 0, { { 0 } } } };
	int fd = open(in(w, "sphere.json.lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	unlink(file_of(w, 2));
	write_take(w, "{\"asked\":2,\"recording\":1,\"recorded\":2,\"saved\":1,\"failed\":0,\"fetched\":1,\"verified\":1}", devices);
	write_manifest(w, "{\"asked\":2,\"recording\":1,\"recorded\":2,\"saved\":1,\"failed\":0,\"fetched\":1,\"verified\":1}");
	assert_problem(w, "takes/001/take.json: was never ended, and no console runs on the folder\n");
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_only_remark(w, "takes/001/take.json: still rolls: 1 of 2 record");
	assert_true(w->report.console_runs);
	close(fd);
}

/* Who only looks must not stand in the way of a console that starts. */
static void
lock_is_looked_at_and_not_taken(void **state)
{
	struct world *w = *state;
	int fd = open(in(w, "sphere.json.lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	for (int i = 0; i < 20; i++) {
		verify_it(w);
		assert_false(w->report.console_runs);
		assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
		verify_it(w);
		assert_true(w->report.console_runs);
		assert_int_equal(flock(fd, LOCK_UN), 0);
	}
	close(fd);
}

static void
journal_that_is_a_pipe_is_found_and_not_waited_for(void **state)
{
	struct world *w = *state;

	unlink(in(w, "sidecars/cuts.jsonl"));
	assert_int_equal(mkfifo(in(w, "sidecars/cuts.jsonl"), 0600), 0);
	assert_problem(w, "sidecars/cuts.jsonl: is no file");
}

static void
proof_that_is_none_is_found(void **state)
{
	struct world *w = *state;

	scratch_write(in(w, "takes/001/take.json"), "{\"format\":1,");
	assert_problem(w, "takes/001/take.json: cannot be read");
	assert_int_equal(w->report.takes, 0);
	scratch_write(in(w, "takes/001/take.json"), "[]");
	assert_problem(w, "takes/001/take.json: it is no JSON object");
	unlink(in(w, "takes/001/take.json"));
	assert_problem(w, "takes/001/take.json: is missing: nobody knows who was asked");
}

static void
manifest_and_takes_must_agree(void **state)
{
	struct world *w = *state;

	assert_int_equal(rename(in(w, "takes/001"), in(w, "takes/002")), 0);
	verify_it(w);
	assert_non_null(strstr(w->problems, "sphere.json: take 001 is in it, and has no folder\n"));
	assert_non_null(strstr(w->problems, "sphere.json: take 002 is not in it\n"));
	assert_non_null(strstr(w->problems, "takes/002/take.json: it is the proof of take \"001\"\n"));
	scratch_write(in(w, "sphere.json"), "rubbish");
	assert_problem(w, "sphere.json: cannot be read");
	unlink(in(w, "sphere.json"));
	assert_problem(w, "sphere.json: cannot be read");
}

/* ---- Journals ---- */

struct damage {
	const char *journal, *lines, *problem;
};

static void
damaged_journals_are_found(void **state)
{
	static const struct damage all[] = {
		{ "cuts", CUT(2, 1) CUT(4, 1), "sidecars/cuts.jsonl:3: carries the number 4: there is a hole before it\n" },
		{ "cuts", CUT(2, 1) CUT(2, 1), "sidecars/cuts.jsonl:3: carries the number 2: there is a hole before it\n" },
		{ "cuts", CUT(2, 1) "{\"seq\":3,\"ti", "sidecars/cuts.jsonl:3: 12 bytes at the end are no whole line\n" },
		{ "cuts", "rubbish\n" CUT(3, 1), "sidecars/cuts.jsonl:2: is no JSON\n" },
		{ "cuts", CUT(2, 1) HEAD(3) "\"type\":\"amend\",\"of\":4,\"to\":\"b\"}\n" CUT(4, 2), "cuts.jsonl:3: amends line 4, which is no cut before it\n" },
		{ "cuts", CUT(2, 1) HEAD(3) "\"type\":\"strike\",\"of\":[2,1]}\n", "cuts.jsonl:3: strikes line 1, which is no cut before it\n" },
		{ "cuts", HEAD(2) "\"type\":\"fade\"}\n", "cuts.jsonl:2: has the type \"fade\", which this journal does not have\n" },
		{ "cuts", HEAD(2) "\"type\":\"amend\",\"of\":2}\n", "cuts.jsonl:2: a amend has no \"to\"\n" },
		{ "commands", COMMAND(2, 1) COMMAND(3, 2) COMMAND(4, 1), "commands.jsonl:4: has the number 1 of line 2 of the same run\n" },
		{ "commands", COMMAND(2, 0), "commands.jsonl:2: has no number of a command\n" },
		{ "commands", COMMAND(2, 1) COMMAND_AT(3, 9, 1763712099000000), "cuts.jsonl:3: names command 2, which commands.jsonl does not have\n" },
		{ "pose", HEAD(2) "\"type\":\"pose\",\"node\":7,\"nodeUs\":null}\n", "pose.jsonl:2: a pose has a \"node\" of the wrong kind\n" },
		{ "gesture", "{\"seq\":2,\"timeUs\":5,\"monoNs\":0,\"type\":\"gesture\",\"node\":\"a\",\"name\":\"x\",\"nodeUs\":null}\n",
		    "gesture.jsonl:2: its time makes no sense\n" },
		{ "health", "{\"seq\":2,\"timeUs\":\"x\",\"monoNs\":0,\"type\":\"thermal\",\"node\":\"a\",\"thermal\":\"fair\"}\n", "health.jsonl:2: has no times\n" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		write_journals(w);
		write_journal(w, all[i].journal, all[i].lines);
		assert_problem(w, all[i].problem);
		assert_int_equal(w->report.journals, strstr(all[i].problem, "names command") != NULL ? 10 : 9);
	}
}

static void
journal_without_a_run_or_none_at_all_is_found(void **state)
{
	struct world *w = *state;

	scratch_write(in(w, "sidecars/health.jsonl"), "{\"seq\":1,\"timeUs\":1763712000000000,\"monoNs\":0,\"type\":\"thermal\",\"node\":\"a\",\"thermal\":\"fair\"}\n");
	unlink(in(w, "sidecars/pose.jsonl"));
	verify_it(w);
	assert_non_null(strstr(w->problems, "sidecars/health.jsonl:1: stands before the first run\n"));
	assert_non_null(strstr(w->problems, "sidecars/pose.jsonl: is missing\n"));
	assert_int_equal(w->report.journals, 8);
}

/* What a crash of the disk moved aside with whole lines in it was journal once. */
static void
torn_file_with_whole_lines_is_a_problem(void **state)
{
	struct world *w = *state;

	scratch_write(in(w, "sidecars/cuts.jsonl.torn-1"), "\xff\xff\n" CUT(7, 1) CUT(8, 1));
	assert_problem(w, "sidecars/cuts.jsonl.torn-1: 2 whole lines stand after damage and are not in the journal\n");
}

static void
line_being_written_is_no_problem_while_a_console_runs(void **state)
{
	struct world *w = *state;
	int fd = open(in(w, "sphere.json.lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	scratch_add(in(w, "sidecars/pose.jsonl"), "{\"seq\":2", 8);
	scratch_write(in(w, "takes/001/001-cam1.mp4.part"), "x");
	assert_only_remark(w, "sidecars/pose.jsonl:2: is being written");
	close(fd);
}

static void
thousand_broken_lines_are_not_a_thousand_problems(void **state)
{
	struct world *w = *state;
	char *text = calloc(1, 400000);

	for (int i = 2; i < 1002; i++)
		sprintf(text + strlen(text), "{\"seq\":%d,\"timeUs\":1763712001000000,\"monoNs\":1,\"type\":\"x\"}\n", i);
	scratch_add(in(w, "sidecars/pose.jsonl"), text, strlen(text));
	free(text);
	verify_it(w);
	assert_int_equal(w->report.problems.count, 21);
	assert_non_null(strstr(w->problems, "and 980 more such lines"));
}

/* ---- The table and the schemas ---- */

static struct jdoc *
load_schema(const char *journal)
{
	char path[5120];
	const char *source = getenv("srcdir");
	struct jdoc *j = NULL;

	for (int up = 0; up < 4 && j == NULL; up++) {
		snprintf(path, sizeof path, "%s/%sdoc/schemas/%s.json", source != NULL ? source : ".", &"../../../"[9 - 3 * up], journal);
		j = jdoc_load(path, VERIFY_FILE_CEILING, NULL);
	}
	if (j == NULL) {
		snprintf(path, sizeof path, "%.*sdoc/schemas/%s.json", (int)(strstr(__FILE__, "tests/unit") - __FILE__), __FILE__, journal);
		j = jdoc_load(path, VERIFY_FILE_CEILING, NULL);
	}
	assert_non_null(j);
	return j;
}

/* Asked for, or at least looked at where it is: what earlier runs did not write may be absent. */
static bool
shape_has(const char *shape, const char *member)
{
	const char *found = shape;
	size_t len = strlen(member);

	while ((found = strstr(found, member)) != NULL) {
		if ((found == shape || found[-1] == ' ') && (found[len] == ':' || (found[len] == '?' && found[len + 1] == ':')))
			return true;
		found += len;
	}
	return false;
}

/* Every type of every schema is known, and asks for the same members. */
static void
table_says_what_the_schemas_say(void **state)
{
	(void)state;
	for (int i = 0; verify_journals_name(i) != NULL; i++) {
		struct jdoc *schema = load_schema(verify_journals_name(i)), *defs = jdoc_get(schema, "$defs"), *of = jdoc_get(schema, "oneOf");

		for (size_t k = 0; k < jdoc_count(of); k++) {
			const char *type = jdoc_text(jdoc_at(of, k), "$ref", "") + strlen("#/$defs/");
			const struct jdoc *required = jdoc_get(jdoc_get(defs, type), "required");
			const char *shape = verify_line_shape(verify_journals_name(i), type);

			if (strcmp(type, "open") == 0)
				continue;
			if (shape == NULL)
				fail_msg("%s: \"%s\" is not in the table", verify_journals_name(i), type);
			for (size_t m = 4; m < jdoc_count(required); m++)
				if (!shape_has(shape, jdoc_self_text(jdoc_at(required, m), "")))
					fail_msg("%s: \"%s\" does not ask for \"%s\"", verify_journals_name(i), type, jdoc_self_text(jdoc_at(required, m), ""));
		}
		jdoc_free(schema);
	}
}

static void
files_of_the_test_are_as_the_schemas_say(void **state)
{
	struct world *w = *state;
	char why[512], *text;

	assert_true(schema_accepts_lines("cuts", in(w, "sidecars/cuts.jsonl"), why, sizeof why));
	assert_true(schema_accepts_lines("commands", in(w, "sidecars/commands.jsonl"), why, sizeof why));
	text = scratch_read(in(w, "takes/001/take.json"));
	assert_true(schema_accepts("take", text, strlen(text), why, sizeof why));
	free(text);
	text = scratch_read(in(w, "sphere.json"));
	assert_true(schema_accepts("sphere", text, strlen(text), why, sizeof why));
	free(text);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(whole_sphere_passes), TEST(other_folders_are_refused), TEST(nothing_is_written), TEST(changed_byte_is_found),
		TEST(shorter_file_is_found), TEST(missing_file_is_found), TEST(verified_without_a_hash_is_no_proof),
		TEST(name_that_leads_out_is_refused), TEST(leftovers_are_named), TEST(files_in_another_folder_are_looked_at_there),
		TEST(files_in_object_storage_are_told_and_copies_of_them_checked), TEST(evidence_and_strangers_are_remarks),
		TEST(count_that_is_not_so_is_found), TEST(history_that_cannot_be_is_found), TEST(file_that_is_not_home_is_found),
		TEST(camera_that_failed_with_no_file_left_is_no_problem), TEST(heat_stop_whose_file_came_home_passes),
		TEST(part_that_failed_is_told_with_its_evidence), TEST(take_that_nobody_ended_is_found),
		TEST(lock_is_looked_at_and_not_taken), TEST(journal_that_is_a_pipe_is_found_and_not_waited_for), TEST(proof_that_is_none_is_found), TEST(manifest_and_takes_must_agree),
		TEST(damaged_journals_are_found), TEST(journal_without_a_run_or_none_at_all_is_found),
		TEST(torn_file_with_whole_lines_is_a_problem), TEST(line_being_written_is_no_problem_while_a_console_runs),
		TEST(thousand_broken_lines_are_not_a_thousand_problems), TEST(table_says_what_the_schemas_say),
		TEST(files_of_the_test_are_as_the_schemas_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
