/*
 * t_camera_file.c - a recording on disk: what the MP4 file holds, torn ends, a full disk, the folder that keeps it.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/str.h"
#include "camera/hush.h"
#include "camera/mp4file.h"
#include "camera/mp4probe.h"
#include "camera/source.h"
#include "camera/store.h"
#include "io/digest.h"
#include "support/scratch.h"

#define WIDTH 160
#define HEIGHT 90
#define RATE 25

static int
setup(void **state)
{
	*state = scratch_new();
	return 0;
}

static int
teardown(void **state)
{
	scratch_free(*state);
	return 0;
}

static struct mp4conf
conf_in(const char *folder, const char *name)
{
	struct mp4conf c = { .width_px = WIDTH, .height_px = HEIGHT, .rate = RATE, .bitrate_bps = 300000, .room_bytes = INT64_MAX,
		.has_sound = true, .title = "test", .start_us = 1763712000000000LL };

	str_copy(c.path, sizeof c.path, scratch_path(folder, name));
	return c;
}

/* Frames first .. end-1 of a grey picture that changes, with sound up to each. */
static bool
write_frames(struct mp4file *f, int first, int end, struct err *e)
{
	static float silence[4 * SOURCE_SAMPLE_RATE];
	struct picture p = { 0 };
	bool fine = true;

	picture_resize(&p, WIDTH, HEIGHT);
	for (int i = first; i < end && fine; i++) {
		int64_t pts_us = (int64_t)i * 1000000 / RATE, lack = pts_us * SOURCE_SAMPLE_RATE / 1000000 - mp4file_samples(f);

		for (int row = 0; row < HEIGHT; row++)		/* noise costs bits */
			for (int column = 0; column < WIDTH; column++)
				p.y[row * p.stride + column] = (uint8_t)((row * 31 + column * 17 + i * 29) * (i + 1));
		fine = (lack <= 0 || mp4file_sound(f, silence, (int)lack, e)) && mp4file_video(f, &p, pts_us, e);
	}
	picture_fini(&p);
	return fine;
}

static int64_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

static void
file_lasts_as_long_as_its_frames(void **state)
{
	struct mp4conf c = conf_in(*state, "a.mp4");
	struct err e = { 0 };
	struct mp4file *f = mp4file_open(&c, &e);
	struct mp4sum sum;
	char hex[65];
	int64_t us;

	assert_non_null(f);
	assert_true(write_frames(f, 0, 60, &e));
	assert_true(mp4file_close(f, &sum, &e));
	assert_int_equal(sum.end_us, 60 * 1000000 / RATE);
	assert_int_equal(sum.bytes, size_of(c.path));
	assert_true(digest_file(c.path, hex, &e));
	assert_string_equal(hex, sum.sha256);
	assert_true(mp4probe_duration(c.path, &us, &e));
	assert_in_range(us, 2390000, 2410000);
	assert_null(mp4file_open(&c, &e));	/* never replaces a file */
	assert_int_equal(size_of(c.path), sum.bytes);
}

static void
gaps_between_frames_stay_gaps(void **state)
{
	struct mp4conf c = conf_in(*state, "a.mp4");
	struct err e = { 0 };
	struct mp4file *f = mp4file_open(&c, &e);
	struct mp4sum sum;
	int64_t us;

	assert_true(write_frames(f, 0, 10, &e));
	assert_true(write_frames(f, 60, 61, &e));
	assert_true(mp4file_close(f, &sum, &e));
	assert_true(mp4probe_duration(c.path, &us, &e));
	assert_in_range(us, 2430000, 2450000);
}

static void
bytes_reach_the_disk_each_half_second(void **state)
{
	struct mp4conf c = conf_in(*state, "a.mp4");
	struct err e = { 0 };
	struct mp4file *f = mp4file_open(&c, &e);
	int64_t before = size_of(c.path), us;

	for (int half = 0; half < 6; half++) {
		assert_true(write_frames(f, half * 13, half * 13 + 13, &e));	/* 0.52 s */
		assert_true(half == 0 || size_of(c.path) > before);
		assert_int_equal(size_of(c.path), mp4file_bytes(f));
		before = size_of(c.path);
	}
	mp4file_abandon(f);			/* the crash */
	assert_true(mp4probe_duration(c.path, &us, &e));
	assert_true(us >= 3000000);
}

static void
torn_end_is_cut_off(void **state)
{
	struct mp4conf c = conf_in(*state, "a.mp4");
	struct err e = { 0 };
	struct mp4file *f = mp4file_open(&c, &e);
	int64_t whole, left, us;

	assert_true(write_frames(f, 0, 80, &e));
	mp4file_abandon(f);
	whole = size_of(c.path);
	assert_true(mp4probe_repair(c.path, &left, &e));
	assert_int_equal(left, whole);		/* nothing was torn */
	assert_int_equal(truncate(c.path, whole - 100), 0);
	assert_true(mp4probe_repair(c.path, &left, &e));
	assert_true(left < whole - 100);
	assert_int_equal(left, size_of(c.path));
	assert_true(mp4probe_duration(c.path, &us, &e));
	assert_in_range(us, 2000000, 3000000);
	scratch_add(c.path, "\0\0\0\0garbage", 11);
	assert_true(mp4probe_repair(c.path, &whole, &e));
	assert_int_equal(whole, left);
	scratch_add(c.path, "\0\0\0\x10moof12345678", 16);	/* a fragment's head without its body */
	assert_true(mp4probe_repair(c.path, &whole, &e));
	assert_int_equal(whole, left);
}

static void
what_is_no_recording_is_told(void **state)
{
	struct err e = { 0 };
	const char *path = scratch_path(*state, "x.mp4");
	int64_t n = -1;

	assert_false(mp4probe_repair(path, &n, &e));
	scratch_write(path, "not a box at all, whatever it says");
	assert_true(mp4probe_repair(path, &n, &e));
	assert_int_equal(n, 0);
	assert_false(mp4probe_duration(path, &n, &e));
	assert_int_equal(e.kind, ERR_FORMAT);
}

static void
full_disk_leaves_whole_fragments(void **state)
{
	struct mp4conf c = conf_in(*state, "a.mp4");
	struct err e = { 0 };
	struct mp4file *f;
	struct mp4sum sum;
	char hex[65];
	int64_t us, left;

	c.room_bytes = 90000;
	f = mp4file_open(&c, &e);
	assert_false(write_frames(f, 0, 400, &e));
	assert_int_equal(e.kind, ERR_DISK);
	assert_true(mp4file_is_full(f));
	assert_false(write_frames(f, 400, 401, &e));
	assert_false(mp4file_close(f, &sum, &e));
	assert_true(sum.is_full);
	assert_true(sum.bytes <= 90000 && sum.bytes == size_of(c.path));
	assert_true(mp4probe_repair(c.path, &left, &e));
	assert_int_equal(left, sum.bytes);
	assert_true(mp4probe_duration(c.path, &us, &e));
	assert_in_range(us, sum.end_us - 50000, sum.end_us + 50000);
	assert_true(digest_file(c.path, hex, &e));
	assert_string_equal(hex, sum.sha256);
}

/* ---- the folder ---- */

static struct node_file
file_named(const char *id, int64_t start_us, const char *sha256)
{
	struct node_file f = { .part = 1, .start_us = start_us, .bytes = 4, .complete = true };

	str_copy(f.id, sizeof f.id, id);
	str_copy(f.take, sizeof f.take, "003");
	str_copy(f.sphere, sizeof f.sphere, "sp");
	str_copy(f.file_name, sizeof f.file_name, "003.mp4");
	str_copy(f.content_type, sizeof f.content_type, "video/mp4");
	str_copy(f.sha256, sizeof f.sha256, sha256);
	return f;
}

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
folder_has_one_user_and_keeps_its_id(void **state)
{
	struct err e = { 0 };
	const char *folder = scratch_path(*state, "deep/er");
	struct store *a = store_open(folder, "", 0, &e), *b;
	char id[ID_BYTES];

	assert_non_null(a);
	assert_true(ids_is_uuid(store_id(a)));
	str_copy(id, sizeof id, store_id(a));
	assert_null(store_open(folder, "", 0, &e));
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_non_null(strstr(e.text, folder));
	store_close(a);
	b = store_open(folder, "", 0, &e);
	assert_string_equal(store_id(b), id);
	store_close(b);
	b = store_open(folder, "7d0c1c5e-4d3b-4c55-8d0e-2f4f0a6a1b2c", 0, &e);
	store_close(b);
	b = store_open(folder, "", 0, &e);
	assert_string_equal(store_id(b), "7d0c1c5e-4d3b-4c55-8d0e-2f4f0a6a1b2c");
	store_close(b);
	assert_null(store_open("/proc/no/such", "", 0, &e));
	assert_int_equal(e.kind, ERR_DISK);
}

static void
list_is_newest_first_and_survives_a_restart(void **state)
{
	struct err e = { 0 };
	struct store *s = store_open(*state, "", 0, &e);
	struct node_file old = file_named("rec-1", 100, SHA), new = file_named("rec-2", 200, SHA), lost = file_named("rec-3", 300, SHA);

	new.part = 2;
	store_put(s, &old);
	store_put(s, &new);
	store_put(s, &old);
	assert_int_equal(store_count(s), 2);
	assert_string_equal(store_at(s, 0)->id, "rec-2");
	assert_null(store_at(s, 2));
	assert_int_equal(store_last_part(s, "sp", "003"), 2);
	assert_int_equal(store_last_part(s, "other", "003"), 0);
	assert_true(store_write(*state, &old, &e));
	assert_true(store_note(*state, &new, &e));
	assert_true(store_write(*state, &lost, &e));	/* whose file is gone */
	scratch_write(scratch_path(*state, "rec-1.mp4"), "abcd");
	scratch_write(scratch_path(*state, "rec-2.mp4"), "abcd");
	scratch_write(scratch_path(*state, "rec-bad.json"), "{\"id\":\"../etc\"}");
	scratch_write(scratch_path(*state, "rec-worse.json"), "no json");
	store_close(s);
	s = store_open(*state, "", 0, &e);
	assert_int_equal(store_count(s), 2);
	assert_string_equal(store_at(s, 0)->id, "rec-2");
	assert_int_equal(store_find(s, "rec-1")->start_us, 100);
	assert_true(store_find(s, "rec-1")->complete);
	assert_null(store_find(s, "rec-3"));
	assert_true(store_remove(s, "rec-1", &e));
	assert_null(store_find(s, "rec-1"));
	assert_false(scratch_exists(scratch_path(*state, "rec-1.mp4")));
	assert_false(scratch_exists(scratch_path(*state, "rec-1.json")));
	store_close(s);
}

static void
crash_is_recovered_from_the_file(void **state)
{
	struct err e = { 0 };
	struct mp4conf c = conf_in(*state, "rec-9.mp4");
	struct mp4file *f = mp4file_open(&c, &e);
	struct node_file open = file_named("rec-9", 1763712000000000LL, ""), empty = file_named("rec-8", 5, "");
	struct store *s;

	open.complete = empty.complete = false;
	open.bytes = 0;
	assert_true(write_frames(f, 0, 80, &e));
	mp4file_abandon(f);
	scratch_add(c.path, "\0\1\0\0mdat", 8);		/* torn */
	scratch_write(scratch_path(*state, "rec-8.mp4"), "");
	assert_true(store_note(*state, &open, &e) && store_note(*state, &empty, &e));
	s = store_open(*state, "", 0, &e);
	assert_int_equal(store_count(s), 1);		/* nothing can be played of the other */
	assert_false(store_at(s, 0)->complete);
	assert_string_equal(store_at(s, 0)->error, "crash");
	assert_string_equal(store_at(s, 0)->sha256, "");
	assert_in_range(store_at(s, 0)->duration_ms, 3000, 3200);
	assert_int_equal(store_at(s, 0)->end_us, open.start_us + store_at(s, 0)->duration_ms * 1000);
	assert_int_equal(store_at(s, 0)->bytes, size_of(c.path));
	store_close(s);
}

static void
quota_bounds_the_room(void **state)
{
	struct err e = { 0 };
	struct store *s = store_open(*state, "", 1000000, &e);
	struct node_file f = file_named("rec-1", 100, SHA);
	int64_t total, free_bytes;

	store_room(s, &total, &free_bytes);
	assert_int_equal(total, 1000000);
	assert_int_equal(free_bytes, 1000000);
	f.bytes = 400000;
	store_put(s, &f);
	store_room(s, &total, &free_bytes);
	assert_int_equal(free_bytes, 600000);
	assert_int_equal(store_file_room(s), 600000);
	f.bytes = 2000000;
	store_put(s, &f);
	assert_int_equal(store_file_room(s), 0);
	store_close(s);
	s = store_open(*state, "", 0, &e);
	assert_true(store_file_room(s) == INT64_MAX);
	store_close(s);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(file_lasts_as_long_as_its_frames), T(gaps_between_frames_stay_gaps), T(bytes_reach_the_disk_each_half_second),
		T(torn_end_is_cut_off), T(what_is_no_recording_is_told), T(full_disk_leaves_whole_fragments),
		T(folder_has_one_user_and_keeps_its_id), T(list_is_newest_first_and_survives_a_restart),
		T(crash_is_recovered_from_the_file), T(quota_bounds_the_room),
	};

	hush_libraries();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
