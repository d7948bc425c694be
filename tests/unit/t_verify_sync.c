/*
 * t_verify_sync.c - which claps of a take are measured, in which files, and what is said where nothing can be.  Films are
 * measured in tests/script/verify-sync.sh, with cameras that make them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "app/verify_sync.h"
#include "io/av_angle.h"
#include "io/loop_uv.h"
#include "support/scratch.h"

#define START_US 1763712000000000LL

struct world {
	struct loop *loop;
	char *folder;
	struct err err;
	int told, claps, angles, measured;
	int64_t at_us[4], clock_us[4][4], bound_us[4][4];
	char why[4][4][160];
	bool good[4];
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_uv_new(2);
	w->folder = scratch_new();
	mkdir(scratch_path(w->folder, "sidecars"), 0777);
	mkdir(scratch_path(w->folder, "takes"), 0777);
	mkdir(scratch_path(w->folder, "takes/001"), 0777);
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

#define MARKER(seq, node, node_us, offset) "{\"seq\":" #seq ",\"timeUs\":1763712001000000,\"monoNs\":1,\"type\":\"marker\",\"node\":\"" node \
	"\",\"name\":\"clap\",\"take\":\"001\",\"nodeUs\":" #node_us ",\"offsetUs\":" #offset ",\"boundUs\":900,\"commandId\":null}\n"
#define OPEN "{\"seq\":1,\"timeUs\":1763712000000000,\"monoNs\":0,\"type\":\"open\",\"run\":\"0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8\"}\n"

static void
write_markers(const struct world *w, const char *lines)
{
	char text[4096];

	snprintf(text, sizeof text, OPEN "%s", lines);
	scratch_write(scratch_path(w->folder, "sidecars/markers.jsonl"), text);
}

/* Two cameras that recorded 10 s each: a's clock is right, b's is 5 s ahead. */
static void
write_take(const struct world *w, const char *file_a, const char *markers_b)
{
	char text[4096];

	snprintf(text, sizeof text, "{\"format\":1,\"take\":\"001\",\"archive\":\"takes/001\",\"devices\":["
	    "{\"node\":\"b\",\"number\":2,\"label\":\"wide\",\"parts\":[{\"part\":1,\"state\":\"verified\",\"file\":\"b.mp4\",\"startUs\":1763712000000000,"
	    "\"offsetUs\":5000000,\"boundUs\":700,\"recording\":{\"id\":\"r\",\"startUs\":1763712005000000,\"endUs\":1763712015000000,\"markers\":[%s]}}]},"
	    "{\"node\":\"a\",\"number\":1,\"label\":null,\"parts\":[{\"part\":1,\"state\":\"verified\",\"file\":%s,\"startUs\":1763712000000000,"
	    "\"offsetUs\":0,\"boundUs\":500,\"recording\":{\"id\":\"r\",\"startUs\":1763712000000000,\"durationMs\":10000}}]}]}", markers_b, file_a);
	scratch_write(scratch_path(w->folder, "takes/001/take.json"), text);
}

static void
told(void *arg, const struct verify_sync_report *r)
{
	struct world *w = arg;

	w->told++;
	w->claps = r->clap_count;
	w->angles = r->angles;
	w->measured = r->measured;
	for (int c = 0; c < r->clap_count && c < 4; c++) {
		w->at_us[c] = r->claps[c].at_us;
		w->good[c] = r->claps[c].is_good;
		for (int a = 0; a < r->claps[c].angle_count && a < 4; a++) {
			w->clock_us[c][a] = r->claps[c].angles[a].clock_us;
			w->bound_us[c][a] = r->claps[c].angles[a].bound_us;
			snprintf(w->why[c][a], sizeof w->why[c][a], "%s", r->claps[c].angles[a].why);
		}
	}
	loop_stop(w->loop);
}

/* Without FFmpeg's libraries there is nothing to test but that. */
static void
measure(struct world *w)
{
	struct verify_sync *s = verify_sync_open(w->loop, w->folder, "1", told, w, &w->err);

	if (s == NULL && w->err.kind == ERR_ENVIRONMENT)
		skip();
	assert_non_null(s);
	loop_run(w->loop);
	verify_sync_close(s);
	assert_int_equal(w->told, 1);
}

static void
assert_refused(struct world *w, const char *take, enum err_kind kind, const char *words)
{
	assert_null(verify_sync_open(w->loop, w->folder, take, told, w, &w->err));
	assert_int_equal(w->err.kind, kind);
	if (strstr(w->err.text, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, w->err.text);
}

static void
what_cannot_be_measured_is_one_sentence(void **state)
{
	struct world *w = *state;

	assert_refused(w, "first", ERR_USAGE, "no take's number");
	assert_refused(w, "0", ERR_USAGE, "no take's number");
	assert_null(verify_sync_open(w->loop, w->folder, "1", told, w, &w->err));
	write_take(w, "\"a.mp4\"", "");
	write_markers(w, "");
	assert_refused(w, "1", ERR_NOT_FOUND, "take 001 has no clap");
	write_take(w, "null", "");
	write_markers(w, MARKER(2, "a", 1763712003000000, 0));
	assert_refused(w, "001", ERR_NOT_FOUND, "none of its files is home");
}

static void
markers_of_one_instant_are_one_clap(void **state)
{
	struct world *w = *state;

	write_take(w, "\"a.mp4\"", "");
	write_markers(w, MARKER(2, "b", 1763712008000100, 5000000) MARKER(3, "a", 1763712003000000, 0) MARKER(4, "a", 1763712006000000, 20)
	    MARKER(5, "b", 1763712011000000, 5000010) MARKER(6, "stranger", 1763712003000000, 0));
	scratch_write(scratch_path(w->folder, "takes/001/a.mp4"), "no film");
	measure(w);
	assert_int_equal(w->claps, 2);
	assert_int_equal(w->angles, 4);
	assert_int_equal(w->measured, 0);
	assert_true(w->at_us[0] == START_US + 3000000);
	assert_true(w->clock_us[0][0] == START_US + 3000000);	/* by number: a, then b */
	assert_true(w->clock_us[0][1] == START_US + 3000100);
	assert_true(w->clock_us[1][0] == START_US + 5999980);
	assert_int_equal(w->bound_us[0][0], 900);
	assert_false(w->good[0]);
	assert_non_null(strstr(w->why[0][0], "no recording that can be read"));
	assert_string_equal(w->why[0][1], "its file is not here");
}

/* Told while nobody listened: the file has it, and the offset of its start must do. */
static void
marker_that_only_the_file_tells_of_counts(void **state)
{
	struct world *w = *state;

	write_take(w, "\"a.mp4\"", "{\"name\":\"clap\",\"timeUs\":1763712008000000}");
	write_markers(w, MARKER(2, "a", 1763712003000000, 0));
	measure(w);
	assert_int_equal(w->claps, 1);
	assert_int_equal(w->angles, 2);
	assert_true(w->clock_us[0][1] == START_US + 3000000);
	assert_int_equal(w->bound_us[0][1], 700);
}

static void
marker_outside_of_the_recording_is_told(void **state)
{
	struct world *w = *state;

	write_take(w, "\"a.mp4\"", "");
	write_markers(w, MARKER(2, "a", 1763712003000000, 0) MARKER(3, "b", 1763712003000000, 0));
	measure(w);
	assert_string_equal(w->why[0][1], "it did not record then");
}

static void
rubbish_is_no_film(void **state)
{
	struct world *w = *state;
	struct av_angle_library *av = av_angle_load(&w->err);
	struct av_angle found;

	if (av == NULL)
		skip();
	scratch_write(scratch_path(w->folder, "x.mp4"), "rubbish that no demuxer knows");
	assert_false(av_angle_measure(av, scratch_path(w->folder, "x.mp4"), 1000000, 1000000, &found, &w->err));
	assert_int_equal(w->err.kind, ERR_FORMAT);
	assert_false(av_angle_measure(av, scratch_path(w->folder, "none.mp4"), 1000000, 1000000, &found, &w->err));
	assert_false(found.has_flash || found.has_beep);
	av_angle_unload(av);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_cannot_be_measured_is_one_sentence), TEST(markers_of_one_instant_are_one_clap),
		TEST(marker_that_only_the_file_tells_of_counts), TEST(marker_outside_of_the_recording_is_told), TEST(rubbish_is_no_film),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
