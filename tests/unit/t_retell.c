/*
 * t_retell.c - a show told again: what stands in the journals and in the sheet made of them.  At the end random shows, against a
 * list of cuts that is kept by other means; each sheet must be one that `run` takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "app/cmd.h"
#include "app/retell.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "domain/cue.h"
#include "support/scratch.h"

#define T0 INT64_C(1763712000000000)
#define RUN_A "11111111-1111-4111-8111-111111111111"
#define RUN_B "22222222-2222-4222-8222-222222222222"
#define COUNT(a) (sizeof a / sizeof (a)[0])

enum which { CUTS, COMMANDS, TIMEBASE, JOURNALS };

struct world {
	char *folder;
	struct buf text[JOURNALS];
	int seq[JOURNALS];
	char devices[4096];
	struct retell_sheet sheet;
};

/* ---- A folder ---- */

/* One line: after its frame the members as given. */
static int __attribute__((format(printf, 5, 6)))
line(struct world *w, enum which which, const char *type, int64_t at_ms, const char *format, ...)
{
	va_list ap;

	buf_add_format(&w->text[which], "{\"seq\":%d,\"timeUs\":%" PRId64 ",\"monoNs\":0,\"type\":\"%s\"", ++w->seq[which], T0 + at_ms * 1000, type);
	va_start(ap, format);
	buf_add_vformat(&w->text[which], format, ap);
	va_end(ap);
	buf_add_text(&w->text[which], "}\n");
	return w->seq[which];
}

static void
open_run(struct world *w, const char *run, int64_t at_ms)
{
	for (int i = 0; i < JOURNALS; i++)
		line(w, (enum which)i, "open", at_ms, ",\"run\":\"%s\"", run);
}

static void
device(struct world *w, const char *id, int number, const char *label, const char *name, const char *roles)
{
	const size_t len = strlen(w->devices);

	snprintf(w->devices + len, sizeof w->devices - len, "%s{\"node\":\"%s\",\"number\":%d,\"label\":%s%s%s,\"deviceName\":\"%s\",\"model\":\"m\","
	    "\"roles\":[%s],\"paths\":[],\"capability\":{\"record\":true,\"mic\":true,\"pose\":false,\"torch\":false},\"recordingState\":\"idle\","
	    "\"poseEligible\":false,\"permissions\":[],\"out\":null}", len > 0 ? "," : "", id, number, label != NULL ? "\"" : "",
	    label != NULL ? label : "null", label != NULL ? "\"" : "", name, roles);
}

static int
cut(struct world *w, int64_t at_ms, const char *to, int n, const char *more)
{
	const char *q = to != NULL ? "\"" : "";

	return line(w, CUTS, "cut", at_ms, ",\"from\":null,\"to\":%s%s%s,\"label\":null,\"transition\":\"cut\",\"back\":false,\"by\":\"key:anna\","
	    "\"requestedUs\":%" PRId64 ",%s\"take\":null,\"nodeUs\":null,\"command\":%d", q, to != NULL ? to : "null", q, T0 + at_ms * 1000,
	    more != NULL ? more : "\"quantum\":null,\"beat\":null,", n);
}

/* effect_ms < 0: no camera told one. */
static void
command(struct world *w, int n, int64_t at_ms, int64_t effect_ms, const char *text, const char *targets, const char *result)
{
	char answers[256] = "";

	if (effect_ms >= 0)
		snprintf(answers, sizeof answers, "{\"node\":\"cam-1\",\"result\":\"ok\",\"ms\":4.1,\"code\":null,\"tries\":1,\"effectUs\":%" PRId64 "}",
		    T0 + effect_ms * 1000);
	line(w, COMMANDS, "command", at_ms + 700, ",\"n\":%d,\"text\":\"%s\",\"by\":\"key:anna\",\"requestedUs\":%" PRId64 ",\"targets\":[%s],"
	    "\"answers\":[%s],\"result\":\"%s\"%s", n, text, T0 + at_ms * 1000, targets, answers, result,
	    strcmp(result, "failed") == 0 ? ",\"error\":\"left is LOST; --force cuts to it all the same\"" : "");
}

static void
beat(struct world *w, int64_t at_ms, double bpm, double at, int quantum, int downbeat)
{
	line(w, TIMEBASE, "beat", at_ms, ",\"why\":\"tempo\",\"source\":\"own\",\"runs\":true,\"bpm\":%.6f,\"beat\":%.6f,\"quantum\":%d,\"downbeat\":%d,"
	    "\"peers\":0", bpm, at, quantum, downbeat);
}

static int
setup(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);
	char *sidecars;

	w->folder = scratch_new();
	sidecars = xasprintf("%s/sidecars", w->folder);
	assert_int_equal(mkdir(sidecars, 0700), 0);
	free(sidecars);
	for (int i = 0; i < JOURNALS; i++)
		buf_init(&w->text[i], 1 << 20);
	open_run(w, RUN_A, 0);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	retell_sheet_fini(&w->sheet);
	for (int i = 0; i < JOURNALS; i++)
		buf_fini(&w->text[i]);
	scratch_free(w->folder);
	free(w);
	return 0;
}

static void
three(struct world *w)
{
	device(w, "cam-1", 1, "left", "iPhone 16", "\"camera\"");
	device(w, "cam-2", 2, "wide angle", "iPhone 16 Plus", "\"camera\",\"must\",\"safe\"");
	device(w, "cam-3", 3, NULL, "Pixel", "\"camera\"");
}

/* The sheet without its first line; it must be one that `run` takes. */
static const char *
tell(struct world *w)
{
	static const char *const names[] = { "sidecars/cuts.jsonl", "sidecars/commands.jsonl", "sidecars/timebase.jsonl" };
	struct cue_sheet parsed = { .count = 0 };
	struct err e = { .kind = ERR_NONE };
	char *sphere = xasprintf("{\"format\":1,\"sphere\":\"" RUN_A "\",\"host\":\"" RUN_B "\",\"name\":\"x\",\"createdUs\":%" PRId64 ","
	    "\"archiveTarget\":\"takes\",\"studioProject\":null,\"devices\":[%s],\"takes\":[]}\n", T0, w->devices);

	scratch_write(scratch_path(w->folder, "sphere.json"), sphere);
	free(sphere);
	for (int i = 0; i < JOURNALS; i++)
		scratch_write(scratch_path(w->folder, names[i]), buf_text(&w->text[i]));
	retell_sheet_fini(&w->sheet);
	if (!retell_sheet(&w->sheet, w->folder, &e))
		fail_msg("%s", e.text);
	assert_int_equal(w->sheet.len, strlen(w->sheet.text));
	if (!cue_sheet_parse(&parsed, "told.cue", w->sheet.text, w->sheet.len, cmd_check_cue, NULL, NULL, &e))
		fail_msg("%s\n%s", e.text, w->sheet.text);
	cue_sheet_fini(&parsed);
	return strchr(w->sheet.text, '\n') + 1;
}

/* ---- Cuts ---- */

static void
an_empty_show_is_an_empty_sheet(void **state)
{
	assert_string_equal(tell(*state), "");
}

static void
cuts_stand_at_their_instants_under_names_of_their_own(void **state)
{
	struct world *w = *state;

	three(w);
	cut(w, 1000, "cam-1", 1, NULL);
	cut(w, 3250, "cam-2", 2, NULL);
	cut(w, 65250, NULL, 3, NULL);
	cut(w, 3725250, "cam-3", 4, NULL);
	assert_string_equal(tell(w),
	    "wait node \"iPhone 16\" live within 60s\n"
	    "wait node \"iPhone 16 Plus\" live within 60s\n"
	    "wait node \"Pixel\" live within 60s\n"
	    "label \"iPhone 16\" left\n"
	    "label \"iPhone 16 Plus\" \"wide angle\"\n"
	    "role \"wide angle\" +must +safe\n"
	    "\n# from 2025-11-21 08:00:00 UTC\nzero\n"
	    "at 00:00:00.500   cut left\n"
	    "at 00:00:02.750   cut \"wide angle\"\n"
	    "at 00:01:04.750   cut black\n"
	    "at 01:02:04.750   cut Pixel\n"
	    "expect cuts 4 within 10s\n");
	assert_int_equal(w->sheet.cuts, 4);
}

/* Two phones of one name, and one that is called like a word of the language. */
static void
names_that_mean_two_or_something_else_are_told_apart(void **state)
{
	struct world *w = *state;

	device(w, "aaaa-1", 1, NULL, "Phone", "");
	device(w, "bbbb-2", 2, NULL, "Phone", "");
	device(w, "cccc-3", 3, NULL, "back", "");
	device(w, "dddd-4", 4, "$money \\\"x\\\"", "A $ phone", "");
	device(w, "eeee-5", 5, NULL, "7", "");		/* a number is another camera */
	for (int i = 0; i < 5; i++)
		cut(w, 1000 * i, (const char *const[]){ "aaaa-1", "bbbb-2", "cccc-3", "dddd-4", "eeee-5" }[i], i + 1, NULL);
	cut(w, 9000, "gone-6", 6, "\"quantum\":null,\"beat\":null,");
	assert_non_null(strstr(tell(w),
	    "label \"A $$ phone\" \"$$money \\\"x\\\"\"\n"
	    "\n# from 2025-11-21 07:59:59 UTC\nzero\n"
	    "at 00:00:00.500   cut aaaa-1\n"
	    "at 00:00:01.500   cut bbbb-2\n"
	    "at 00:00:02.500   cut \"back\"\n"
	    "at 00:00:03.500   cut \"$$money \\\"x\\\"\"\n"
	    "at 00:00:04.500   cut eeee-5\n"
	    "at 00:00:09.500   cut gone-6\n"));
}

static void
corrections_have_been_made(void **state)
{
	struct world *w = *state;
	int first, second, third;

	three(w);
	first = cut(w, 1000, "cam-1", 1, NULL);
	second = cut(w, 2000, "cam-3", 2, NULL);
	line(w, CUTS, "landed", 2010, ",\"of\":%d,\"nodes\":[]", second);
	third = cut(w, 3000, "cam-1", 3, NULL);
	line(w, CUTS, "strike", 3500, ",\"of\":[%d,%d],\"by\":\"key:anna\"", second, third);
	cut(w, 4000, "cam-2", 4, NULL);
	line(w, CUTS, "amend", 4500, ",\"of\":%d,\"to\":\"cam-3\"", w->seq[CUTS]);
	line(w, CUTS, "amend", 4600, ",\"of\":%d,\"to\":\"cam-1\"", w->seq[CUTS] - 1);
	assert_int_equal(first, 2);
	assert_non_null(strstr(tell(w),
	    "at 00:00:00.500   cut left\n"
	    "# 00:00:01.500  struck: cut Pixel\n"
	    "# 00:00:02.500  struck: cut left\n"
	    "at 00:00:03.500   cut left  # amended, was \"wide angle\"\n"
	    "expect cuts 2 within 10s\n"));
}

static void
what_was_forced_in_words_or_by_asking_twice_is_forced(void **state)
{
	struct world *w = *state;

	three(w);
	command(w, 1, 1000, -1, "cut left --force", "", "ok");
	cut(w, 1000, "cam-1", 1, NULL);
	command(w, 2, 2000, -1, "cut 2", "", "failed");
	command(w, 3, 3000, -1, "cut 2", "", "ok");
	cut(w, 3000, "cam-2", 3, NULL);
	command(w, 4, 9000, -1, "cut 2", "", "ok");
	cut(w, 9000, "cam-2", 4, NULL);
	assert_non_null(strstr(tell(w),
	    "at 00:00:00.500   cut left --force\n"
	    "at 00:00:02.500   cut \"wide angle\" --force\n"
	    "at 00:00:08.500   cut \"wide angle\"\n"));
}

static void
a_cut_of_the_programs_own_says_why(void **state)
{
	struct world *w = *state;

	three(w);
	line(w, CUTS, "cut", 1000, ",\"from\":null,\"to\":\"cam-1\",\"label\":null,\"transition\":\"cut\",\"back\":false,\"by\":\"auto\",\"requestedUs\":1,"
	    "\"quantum\":null,\"beat\":null,\"take\":null,\"nodeUs\":null,\"command\":0,\"reason\":\"shot was 8.1 s # long\"");
	assert_non_null(strstr(tell(w), "at 00:00:00.500   cut left  # auto: shot was 8.1 s # long\n"));
}

/* What stood between two cuts to one source is struck: the guard must not swallow the second. */
static void
two_cuts_to_one_source_within_the_guard_lift_it(void **state)
{
	struct world *w = *state;

	three(w);
	cut(w, 1000, "cam-1", 1, NULL);
	cut(w, 1300, "cam-1", 2, NULL);
	assert_null(strstr(tell(w), "cut-guard"));
	cut(w, 1500, "cam-1", 3, NULL);
	assert_non_null(strstr(tell(w), "set cut-guard 0ms\n"));
}

static void
rehearsed_cuts_are_left_out_unless_all_are(void **state)
{
	struct world *w = *state;

	three(w);
	cut(w, 1000, "cam-1", 1, "\"quantum\":null,\"beat\":null,\"rehearsal\":true,");
	assert_non_null(strstr(tell(w), "cut left\n"));
	cut(w, 2000, "cam-3", 2, NULL);
	assert_null(strstr(tell(w), "cut left\n"));
	assert_non_null(strstr(tell(w), "at 00:00:00.500   cut Pixel\n"));
}

static void
a_console_that_was_away_for_long_begins_another_part(void **state)
{
	struct world *w = *state;

	three(w);
	cut(w, 1000, "cam-1", 1, NULL);
	open_run(w, RUN_B, 5000);
	cut(w, 6000, "cam-2", 1, NULL);
	assert_non_null(strstr(tell(w), "at 00:00:00.500   cut left\nat 00:00:05.500   cut \"wide angle\"\n"));
	open_run(w, RUN_A "x", 7200000);
	cut(w, 7201000, "cam-1", 1, NULL);
	assert_non_null(strstr(tell(w), "at 00:00:05.500   cut \"wide angle\"\n"
	    "\n# the console was away in between\n# from 2025-11-21 10:00:00 UTC\nzero\nat 00:00:00.500   cut left\nexpect cuts 3 within 10s\n"));
}

static void
what_a_damaged_journal_hides_is_told(void **state)
{
	struct world *w = *state;

	three(w);
	cut(w, 1000, "cam-1", 1, NULL);
	tell(w);
	assert_string_equal(w->sheet.damaged, "");
	assert_int_equal(w->sheet.out_of_time, 0);
	cut(w, 9000000000000LL, "cam-2", 1, NULL);
	assert_null(strstr(tell(w), "cut \"wide angle\"\n"));
	assert_int_equal(w->sheet.out_of_time, 1);
	buf_add_text(&w->text[CUTS], "no line\n");
	cut(w, 2000, "cam-2", 1, NULL);
	assert_null(strstr(tell(w), "at 00:00:01.500"));
	assert_string_equal(w->sheet.damaged, "cuts");
}

/* ---- Commands ---- */

static void
commands_name_whom_they_asked_and_land_when_they_did(void **state)
{
	struct world *w = *state;

	three(w);
	command(w, 1, 1000, 1500, "record start ep12 in 5s", "\"cam-1\",\"cam-2\",\"cam-3\"", "ok");
	command(w, 2, 2000, -1, "preview 2", "\"cam-2\"", "ok");
	command(w, 3, 3000, 3004, "zoom 2.0 over 500ms", "\"cam-2\"", "partial");
	command(w, 4, 4000, 4004, "zoom +0.5", "\"cam-1\",\"cam-2\"", "ok");
	command(w, 5, 5000, 5003, "flip -t @program back --force", "\"cam-1\"", "ok");
	command(w, 6, 6000, -1, "tag he said \\\"no\\\" # twice, $5", "", "ok");
	command(w, 7, 7000, 7500, "record -t 3 stop", "\"cam-3\"", "ok");
	command(w, 8, 8000, -1, "take mark 001 good \\\"the $5 one\\\"", "", "ok");
	command(w, 9, 9000, -1, "hook visuals scene 3", "", "ok");
	assert_non_null(strstr(tell(w),
	    "zero\n"
	    "at 00:00:00.500   record start ep12\n"
	    "at 00:00:01.000   preview \"wide angle\"\n"
	    "at 00:00:02.004   zoom -t \"wide angle\" 2.0 over 500ms\n"
	    "at 00:00:03.000   zoom -t left,\"wide angle\" +0.5\n"
	    "at 00:00:04.003   flip -t left back --force\n"
	    "at 00:00:05.000   tag \"he said \\\"no\\\"\"\n"
	    "at 00:00:06.500   record -t Pixel stop\n"
	    "at 00:00:07.000   take mark 001 good \"the $$5 one\"\n"
	    "at 00:00:08.000   hook visuals scene 3\n"));
	assert_int_equal(w->sheet.commands, 9);
	assert_int_equal(w->sheet.left_out, 0);
}

static void
what_failed_or_is_not_the_shows_is_a_comment(void **state)
{
	struct world *w = *state;

	three(w);
	command(w, 1, 1000, -1, "record start", "", "failed");
	command(w, 2, 2000, -1, "set program-lost safe", "", "ok");
	command(w, 3, 3000, -1, "label 1 left", "\"cam-1\"", "ok");
	command(w, 4, 4000, -1, "teleport \\u001b[2J 1", "", "ok");
	cut(w, 5000, "cam-1", 5, NULL);
	assert_non_null(strstr(tell(w),
	    "# 00:00:00.500  failed then: record start: left is LOST; --force cuts to it all the same\n"
	    "# 00:00:01.500  not replayed: set program-lost safe\n"));
	assert_null(strstr(w->sheet.text, "\033"));
	assert_int_equal(w->sheet.commands, 0);
	assert_int_equal(w->sheet.left_out, 3);
}

/* ---- The clock ---- */

#define ON_BEAT(q, b) "\"quantum\":" #q ",\"beat\":" #b ","

static void
cuts_on_the_clock_are_on_their_beat(void **state)
{
	struct world *w = *state;

	three(w);
	beat(w, 1000, 120, 0, 4, 0);
	beat(w, 1500, 120, 1, 3, 0);
	cut(w, 4000, "cam-1", 1, ON_BEAT(3, 6.0));
	beat(w, 4250, 90, 6.5, 3, 0);
	cut(w, 5917, "cam-2", 2, ON_BEAT(3, 9.0));
	cut(w, 6000, "cam-3", 3, "\"quantum\":null,\"beat\":9.12,");
	assert_non_null(strstr(tell(w),
	    "at 00:00:00.500   tempo 120\n"
	    "at 00:00:01.000   quantum 3\n"
	    "at bar 3.1        cut left\n"
	    "at 00:00:03.750   tempo 90\n"
	    "at bar 4.1        cut \"wide angle\"\n"
	    "at 00:00:05.500   cut Pixel\n"));
}

/* A session that runs since long ago: ours begins with one of its bars, and is brought back to it when it jumps. */
static void
a_session_of_others_is_followed(void **state)
{
	struct world *w = *state;

	three(w);
	beat(w, 1250, 120, 1002.5, 4, 4);		/* bar 1000 began at 0 ms */
	cut(w, 2000, "cam-1", 1, ON_BEAT(4, 1004.0));
	beat(w, 2500, 120, 1005.001, 4, 4);		/* 0.5 ms: nothing */
	beat(w, 3000, 120, 1006.3, 4, 4);		/* 150 ms ahead: beat 1006 was at 2850 */
	cut(w, 3850, "cam-2", 2, ON_BEAT(4, 1008.0));
	assert_non_null(strstr(tell(w),
	    "at 00:00:00.500   tempo 120\n"
	    "at bar 2.1        cut left\n"
	    "at 00:00:03.350   downbeat\n"
	    "at bar 1.3        cut \"wide angle\"\n"));
	assert_null(strstr(w->sheet.text, "quantum"));
}

static void
a_downbeat_is_told_where_it_was(void **state)
{
	struct world *w = *state;

	three(w);
	beat(w, 1000, 60, 0, 4, 0);
	beat(w, 3300, 60, 2, 4, 2);			/* pressed between beats: the beat moved */
	cut(w, 7300, "cam-1", 1, ON_BEAT(4, 6.0));
	assert_non_null(strstr(tell(w), "at 00:00:00.500   tempo 60\nat 00:00:02.800   downbeat\nat bar 2.1        cut left\n"));
}

/* ---- What is not there ---- */

static void
a_folder_that_is_none_is_told(void **state)
{
	struct world *w = *state;
	struct err e = { .kind = ERR_NONE };
	struct retell_sheet sheet;

	assert_false(retell_sheet(&sheet, scratch_path(w->folder, "nothing"), &e));
	assert_non_null(strstr(e.text, "nothing"));
	assert_null(sheet.text);
}

/* ---- Random shows ---- */

struct rule { int64_t at_ms; int to; bool struck; };

static unsigned
roll(uint64_t *seed, unsigned sides)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*seed >> 33) % sides;
}

/* Cuts, undoings, corrections; expected: kept beside, by index and not by seq. */
static size_t
make_show(struct world *w, uint64_t *seed, struct rule *expected)
{
	static const char *const ids[] = { "cam-1", "cam-2", "cam-3", NULL };
	int seqs[64], from = 3;
	int64_t at_ms = 1000;
	size_t count = 0;

	for (int step = 0; step < 40 && count < 60; step++) {
		const int to = (int)roll(seed, 4);

		at_ms += 300 + roll(seed, 5000);
		seqs[count] = cut(w, at_ms, ids[to], (int)count + 1, NULL);
		expected[count++] = (struct rule){ at_ms, to, false };
		if (roll(seed, 4) == 0) {
			at_ms += 300 + roll(seed, 500);
			seqs[count] = cut(w, at_ms, ids[from], (int)count + 1, NULL);
			expected[count++] = (struct rule){ at_ms, from, false };
			if (roll(seed, 2) == 0) {
				line(w, CUTS, "strike", at_ms + 1, ",\"of\":[%d,%d]", seqs[count - 2], seqs[count - 1]);
				expected[count - 1].struck = expected[count - 2].struck = true;
			}
		} else if (roll(seed, 4) == 0) {
			const int better = (int)roll(seed, 3);

			line(w, CUTS, "amend", at_ms + 1, ",\"of\":%d,\"to\":\"%s\"", seqs[count - 1], ids[better]);
			expected[count - 1].to = better;
		}
		from = to;
	}
	return count;
}

static void
any_show_told_again_has_the_cut_list_that_stands(void **state)
{
	static const char *const texts[] = { "cut left", "cut \"wide angle\"", "cut Pixel", "cut black" };
	struct rule expected[64];

	for (uint64_t n = 1; n <= 60; n++) {
		struct cue_sheet sheet = { .count = 0 };
		struct err e = { .kind = ERR_NONE };
		struct world *w;
		uint64_t seed = n;
		size_t count, at = 0;
		int64_t zero_ms = -1;

		setup(state);
		w = *state;
		three(w);
		count = make_show(w, &seed, expected);
		(void)tell(w);
		assert_true(cue_sheet_parse(&sheet, "x", w->sheet.text, w->sheet.len, cmd_check_cue, NULL, NULL, &e));
		for (size_t i = 0; i < sheet.count; i++) {
			const struct cue *c = &sheet.cues[i];

			if (c->when != CUE_AT)
				continue;
			while (at < count && expected[at].struck)
				at++;
			assert_true(at < count);
			if (zero_ms < 0)
				zero_ms = expected[0].at_ms - 500;	/* a struck cut is an item, too */
			assert_string_equal(c->text, texts[expected[at].to]);
			assert_int_equal(c->time_us, (expected[at].at_ms - zero_ms) * 1000);
			at++;
		}
		while (at < count && expected[at].struck)
			at++;
		assert_int_equal(at, count);
		cue_sheet_fini(&sheet);
		teardown(state);
	}
}

/* ---- Journals that mean harm ---- */

/* What breaks quotes, comments, variables, lines and terminals; as JSON writes it. */
static void
nasty(uint64_t *seed, char *out, size_t out_size)
{
	static const char *const bits[] = { "a", " ", "\\\"", "\\\\", "$", "$$", "$x", "#", "\\n", "\\u001b[2J", "-t", "--force", ",", "@", "at 1s ", "\\t",
		"\xc3\xa9", "\\u202e", "zoom", "7", ":", "wait" };
	size_t len = 0;

	out[0] = '\0';
	for (unsigned i = roll(seed, 7); i > 0 && len + 16 < out_size; i--)
		len += (size_t)snprintf(out + len, out_size - len, "%s", bits[roll(seed, COUNT(bits))]);
}

/* tell() fails when the sheet is none that `run` would take. */
static void
no_journal_makes_a_broken_sheet(void **state)
{
	static const char *const verbs[] = { "tag ", "preview ", "zoom ", "zoom -t all ", "record start ", "hook x ", "take mark ", "flip ", "out ", "" };
	char text[256], id[120], name[128], label[128], more[700];

	for (uint64_t n = 1; n <= 80; n++) {
		uint64_t seed = n * 77;
		struct world *w;

		setup(state);
		w = *state;
		nasty(&seed, name, sizeof name);
		nasty(&seed, label, sizeof label);
		device(w, "cam-1", 1, label, name, "\"camera\",\"safe\"");
		device(w, "cam-2", 2, NULL, name, "");
		for (int i = 1; i <= 12; i++) {
			nasty(&seed, text, sizeof text);
			nasty(&seed, id, sizeof id);
			snprintf(more, sizeof more, "%s%s", verbs[roll(&seed, COUNT(verbs))], text);
			snprintf(name, sizeof name, "\"%s\"", roll(&seed, 2) == 0 ? "cam-1" : id);
			command(w, i, i * 100, roll(&seed, 2) == 0 ? i * 100 + 4 : -1, more, name, roll(&seed, 4) == 0 ? "failed" : "ok");
			line(w, CUTS, "cut", i * 100, ",\"to\":\"%s\",\"label\":\"%s\",\"by\":\"auto%s\",\"reason\":\"%s\",\"quantum\":4,\"beat\":%u,\"command\":%d",
			    roll(&seed, 2) == 0 ? "cam-2" : id, text, text, id, roll(&seed, 9), i);
			line(w, CUTS, roll(&seed, 2) == 0 ? "amend" : "strike", i * 100, roll(&seed, 2) == 0 ? ",\"of\":%d,\"to\":\"\"" : ",\"of\":[%d]",
			    (int)roll(&seed, 30));
			line(w, TIMEBASE, "beat", i * 100, ",\"runs\":true,\"bpm\":%u,\"beat\":%u,\"quantum\":%d,\"downbeat\":%d", roll(&seed, 1200),
			    roll(&seed, 90), (int)roll(&seed, 80) - 3, (int)roll(&seed, 50) - 20);
		}
		(void)tell(w);
		teardown(state);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_show_is_an_empty_sheet, setup, teardown),
		cmocka_unit_test_setup_teardown(cuts_stand_at_their_instants_under_names_of_their_own, setup, teardown),
		cmocka_unit_test_setup_teardown(names_that_mean_two_or_something_else_are_told_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(corrections_have_been_made, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_forced_in_words_or_by_asking_twice_is_forced, setup, teardown),
		cmocka_unit_test_setup_teardown(a_cut_of_the_programs_own_says_why, setup, teardown),
		cmocka_unit_test_setup_teardown(two_cuts_to_one_source_within_the_guard_lift_it, setup, teardown),
		cmocka_unit_test_setup_teardown(rehearsed_cuts_are_left_out_unless_all_are, setup, teardown),
		cmocka_unit_test_setup_teardown(a_console_that_was_away_for_long_begins_another_part, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_damaged_journal_hides_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(commands_name_whom_they_asked_and_land_when_they_did, setup, teardown),
		cmocka_unit_test_setup_teardown(what_failed_or_is_not_the_shows_is_a_comment, setup, teardown),
		cmocka_unit_test_setup_teardown(cuts_on_the_clock_are_on_their_beat, setup, teardown),
		cmocka_unit_test_setup_teardown(a_session_of_others_is_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_downbeat_is_told_where_it_was, setup, teardown),
		cmocka_unit_test_setup_teardown(a_folder_that_is_none_is_told, setup, teardown),
		cmocka_unit_test(any_show_told_again_has_the_cut_list_that_stands),	/* a folder for each */
		cmocka_unit_test(no_journal_makes_a_broken_sheet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
