/*
 * t_haul_disk.c - what the fetch engine leaves on the disk: wrong hashes as evidence, files that stood there already, a
 * disk that is full and freed, state files that are torn, what a drop leaves and forgets.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "unit/haul_kit.h"

#define MB (1024 * 1024LL)

static void
write_file(const char *path, unsigned seed, int64_t bytes)
{
	char *all = malloc((size_t)bytes);
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	file_server_bytes(seed, 0, all, bytes);
	assert_int_equal(fwrite(all, 1, (size_t)bytes, out), bytes);
	fclose(out);
	free(all);
}

/* ---- Wrong bytes ---- */

static void
wrong_hash_is_kept_and_fetched_again(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .corrupt_times = 2, .corrupt_at = MB };
	struct file_server_seen seen;
	char sha256[65];
	struct err e;
	struct file f;

	kit_file(b, &f, 2 * MB, 1);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_verified(&f);
	file_server_seen(b->server, f.number, &seen);
	assert_int_equal(seen.answered_200, 3);
	assert_true(digest_file(kit_path(&f, ".bad"), sha256, &e));
	assert_string_not_equal(sha256, f.sha256);
	assert_int_equal(f.last.bad_tries, 2);
	assert_int_equal(f.seen[HAUL_FETCHED], 3);	/* fetched is not verified */
}

static void
three_wrong_hashes_end_it(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .corrupt_times = 3, .corrupt_at = 7 }, good = { 0 };
	struct file_server_seen seen;
	struct file f;

	kit_file(b, &f, MB, 2);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_failed(&f, HAUL_WHY_HASH, "SHA-256 differs from the node's");
	file_server_seen(b->server, f.number, &seen);
	assert_int_equal(seen.requests, 3);
	assert_true(kit_is_there(&f, ".bad"));
	assert_false(kit_is_there(&f, ".part"));
	assert_false(kit_is_there(&f, ".part.state"));
	/* Who asks again has three tries again, and the evidence stays. */
	haul_drop(f.wish, false);
	kit_day(&f, &good);
	kit_wish(&f);
	kit_verified(&f);
	assert_true(kit_is_there(&f, ".bad"));
}

static bool
is_second_try(void *arg)
{
	struct haul_news n;

	haul_look(((struct file *)arg)->wish, &n);
	return n.bad_tries == 2 && n.state == HAUL_MOVING && n.durable_bytes > 0;
}

static void
tries_are_counted_across_a_restart(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .corrupt_times = 3, .corrupt_at = 7, .bytes_a_second = 8 * MB };
	struct file f;

	kit_file(b, &f, MB, 3);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_until(b, is_second_try, &f);
	kit_restart(b);
	kit_wish(&f);
	kit_failed(&f, HAUL_WHY_HASH, "SHA-256 differs");
	assert_int_equal(f.last.bad_tries, 3);
}

/* ---- What stands there already ---- */

static void
right_file_is_not_fetched_again(void **state)
{
	struct bench *b = *state;
	struct file_server_seen seen;
	struct file f;

	kit_file(b, &f, MB, 10);
	write_file(kit_path(&f, ""), f.seed, f.bytes);
	scratch_write(kit_path(&f, ".part.state"), "left by a crash");
	kit_wish(&f);
	kit_verified(&f);
	assert_true(f.last.was_here);
	file_server_seen(b->server, f.number, &seen);
	assert_int_equal(seen.requests, 0);
}

static void
wrong_file_gives_way_and_is_kept(void **state)
{
	struct bench *b = *state;
	char *kept;
	struct file f;

	kit_file(b, &f, MB, 11);
	scratch_write(kit_path(&f, ".aside-1"), "an older one");
	scratch_write(kit_path(&f, ""), "somebody's own notes");
	kit_wish(&f);
	kit_verified(&f);
	kept = scratch_read(kit_path(&f, ".aside-2"));
	assert_string_equal(kept, "somebody's own notes");
	free(kept);
	kept = scratch_read(kit_path(&f, ".aside-1"));
	assert_string_equal(kept, "an older one");
	free(kept);
}

static void
wrong_file_of_the_right_size_gives_way_too(void **state)
{
	struct bench *b = *state;
	struct file f;

	kit_file(b, &f, MB, 12);
	write_file(kit_path(&f, ""), 4711, f.bytes);
	kit_wish(&f);
	kit_verified(&f);
	assert_false(f.last.was_here);
	assert_true(kit_is_there(&f, ".aside-1"));
}

/* ---- A hash that the node tells later ---- */

static bool
is_fetched(void *arg)
{
	return ((struct file *)arg)->seen[HAUL_FETCHED] > 0;
}

static void
wish_without_hash(struct file *f)
{
	const char *urls[] = { f->url };
	struct haul_ask ask = kit_ask(f, urls);

	ask.sha256 = NULL;
	kit_wish_as(f, &ask);
	kit_until(f->b, is_fetched, f);
	assert_string_equal(f->last.sha256, f->sha256);
	assert_int_equal(f->ends, 0);
}

static void
unknown_hash_is_waited_for(void **state)
{
	struct bench *b = *state;
	struct file f;

	kit_file(b, &f, MB, 20);
	wish_without_hash(&f);
	assert_true(kit_is_there(&f, ".part"));		/* nothing has its final name before it is verified */
	assert_false(kit_is_there(&f, ""));
	haul_promise(f.wish, f.bytes, f.sha256);
	kit_verified(&f);
}

/* What stood there was of the right size; only the hash that came later says that it is another. */
static void
file_that_was_there_is_judged_by_the_late_hash(void **state)
{
	struct bench *b = *state;
	const char *urls[1];
	struct haul_ask ask;
	struct file f;

	kit_file(b, &f, MB, 23);
	write_file(kit_path(&f, ""), 99, f.bytes);
	urls[0] = f.url;
	ask = kit_ask(&f, urls);
	ask.sha256 = NULL;
	kit_wish_as(&f, &ask);
	kit_until(b, is_fetched, &f);
	assert_true(f.last.was_here);
	haul_promise(f.wish, f.bytes, f.sha256);
	kit_verified(&f);
	assert_false(f.last.was_here);
	assert_true(kit_is_there(&f, ".aside-1"));
}

/* Complete and not judged: the next engine asks the node for nothing. */
static void
complete_file_is_judged_after_a_restart(void **state)
{
	struct bench *b = *state;
	struct file_server_seen seen;
	struct file f;

	kit_file(b, &f, MB, 21);
	wish_without_hash(&f);
	kit_restart(b);
	kit_wish(&f);
	kit_verified(&f);
	file_server_seen(b->server, f.number, &seen);
	assert_int_equal(seen.requests, 1);
}

static void
late_hash_may_be_another(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .corrupt_times = 1, .corrupt_at = 5 };
	struct file f;

	kit_file(b, &f, MB, 22);
	kit_day(&f, &day);
	{
		const char *urls[] = { f.url };
		struct haul_ask ask = kit_ask(&f, urls);

		ask.sha256 = "";
		kit_wish_as(&f, &ask);
	}
	kit_until(b, is_fetched, &f);
	haul_promise(f.wish, f.bytes, f.sha256);
	kit_verified(&f);
	assert_true(kit_is_there(&f, ".bad"));
}

/* ---- A state file that cannot be believed ---- */

static bool
is_half_durable(void *arg)
{
	struct file *f = arg;
	struct haul_news n;

	haul_look(f->wish, &n);
	return n.bytes == f->bytes / 2 && n.durable_bytes == n.bytes;
}

static void
fetch_half(struct bench *b, struct file *f)
{
	struct file_server_day day = { .stall_at = f->bytes / 2, .stall_times = 1000000 }, good = { 0 };

	kit_day(f, &day);
	kit_wish(f);
	kit_until(b, is_half_durable, f);
	kit_restart(b);
	kit_day(f, &good);
}

/* One slot torn: the other speaks, and it is older or the same. */
static void
torn_slot_leaves_the_other(void **state)
{
	struct bench *b = *state;

	for (int slot = 0; slot < 2; slot++) {
		struct file_server_seen seen;
		struct file f;
		int fd;

		kit_file(b, &f, 4 * MB, 30 + (unsigned)slot);
		fetch_half(b, &f);
		fd = open(kit_path(&f, ".part.state"), O_RDWR);
		assert_int_equal(pwrite(fd, "xxxx", 4, slot * 4096 + 200), 4);
		close(fd);
		kit_wish(&f);
		kit_verified(&f);
		file_server_seen(b->server, f.number, &seen);
		assert_true(seen.last_from != 0);
		assert_true(seen.last_from <= 2 * MB);
		haul_drop(f.wish, false);
	}
}

static void
state_that_says_more_than_there_is_is_not_believed(void **state)
{
	struct bench *b = *state;
	struct file_server_seen seen;
	struct file f;

	kit_file(b, &f, 2 * MB, 33);
	fetch_half(b, &f);
	assert_int_equal(truncate(kit_path(&f, ".part"), MB - 1), 0);
	kit_wish(&f);
	kit_verified(&f);
	file_server_seen(b->server, f.number, &seen);
	assert_int_equal(seen.last_from, -1);
}

static void
lost_state_begins_anew(void **state)
{
	struct bench *b = *state;
	struct file f;

	kit_file(b, &f, 2 * MB, 34);
	fetch_half(b, &f);
	assert_int_equal(unlink(kit_path(&f, ".part.state")), 0);
	kit_wish(&f);
	kit_verified(&f);
}

/* ---- Letting go ---- */

static bool
is_let_go(void *arg)
{
	struct file *f = arg;

	return !kit_is_there(f, ".part");
}

static void
dropped_wish_stays_for_later_or_is_forgotten(void **state)
{
	struct bench *b = *state;
	struct file_server_day slow = { .bytes_a_second = 4 * MB }, fast = { 0 };
	struct file_server_seen seen;
	struct file f;

	kit_file(b, &f, 4 * MB, 40);
	kit_day(&f, &slow);
	kit_wish(&f);
	kit_until(b, kit_is_moving, &f);
	haul_drop(f.wish, false);
	kit_day(&f, &fast);
	kit_wish(&f);			/* at once: it waits until the other has let go */
	kit_verified(&f);
	file_server_seen(b->server, f.number, &seen);
	assert_true(seen.last_from > 0);

	kit_file(b, &f, 4 * MB, 41);
	kit_day(&f, &slow);
	kit_wish(&f);
	kit_until(b, kit_is_moving, &f);
	haul_drop(f.wish, true);
	kit_until(b, is_let_go, &f);
	assert_false(kit_is_there(&f, ""));
}

static void
names_that_are_no_names_are_refused(void **state)
{
	static const char *const bad[] = { "", "..", ".", "../x", "a/b", ".hidden" };
	struct bench *b = *state;
	const char *urls[1];
	struct haul_ask ask;
	struct err e = { 0 };
	struct file f;

	kit_file(b, &f, MB, 42);
	urls[0] = f.url;
	ask = kit_ask(&f, urls);
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		ask.name = bad[i];
		assert_null(haul_add(b->haul, &ask, kit_news, &f, &e));
		assert_non_null(strstr(e.text, "is no name for a file"));
	}
	ask.name = f.name;
	ask.url_count = 0;
	assert_null(haul_add(b->haul, &ask, kit_news, &f, &e));
	kit_wish(&f);
	ask.url_count = 1;
	assert_null(haul_add(b->haul, &ask, kit_news, &f, &e));
	assert_non_null(strstr(e.text, "is being fetched already"));
	kit_verified(&f);
}

static void
folder_that_cannot_be_made_ends_it(void **state)
{
	struct bench *b = *state;
	char folder[300];
	const char *urls[1];
	struct haul_ask ask;
	struct file f;

	kit_file(b, &f, MB, 43);
	scratch_write(scratch_path(b->folder, "in-the-way"), "x");
	snprintf(folder, sizeof folder, "%s/in-the-way/takes", b->folder);
	urls[0] = f.url;
	ask = kit_ask(&f, urls);
	ask.folder = folder;
	kit_wish_as(&f, &ask);
	kit_failed(&f, HAUL_WHY_DISK, "in-the-way");
}

/* ---- A full disk ---- */

static bool
mount_small(const char *folder, const char *size)
{
	char options[32];

	snprintf(options, sizeof options, "size=%s", size);
	return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("tmpfs", folder, "tmpfs", 0, options) == 0;
}

static void
grow(const char *folder, const char *size)
{
	char options[32];

	snprintf(options, sizeof options, "size=%s", size);
	assert_int_equal(mount("tmpfs", folder, "tmpfs", MS_REMOUNT, options), 0);
}

static bool
is_full(void *arg)
{
	return ((struct file *)arg)->seen[HAUL_FULL] > 0;
}

static void
small_disk(struct bench *b, const char *size)
{
	if (!mount_small(b->folder, size))
		skip();
	kit_restart(b);			/* its threads see the small disk */
}

static void
full_disk_is_waited_for(void **state)
{
	struct bench *b = *state;
	struct file_server_seen seen;
	struct file f;

	kit_file(b, &f, 4 * MB, 50);
	small_disk(b, "3m");
	kit_wish(&f);
	kit_until(b, is_full, &f);
	assert_non_null(strstr(f.trouble, "no room for"));
	assert_non_null(strstr(f.trouble, "MB more are needed"));
	file_server_seen(b->server, f.number, &seen);
	assert_int_equal(seen.requests, 0);		/* nothing is fetched that has no place */
	grow(b->folder, "16m");
	kit_verified(&f);
	umount(b->folder);
}

/* Nobody said how large it is: it runs into the wall, keeps what it has, and goes on from there. */
static void
disk_that_gets_full_keeps_what_is_there(void **state)
{
	struct bench *b = *state;
	const char *urls[1];
	struct haul_ask ask;
	struct file_server_seen seen;
	int64_t kept;
	struct file f;

	kit_file(b, &f, 12 * MB, 51);
	small_disk(b, "6m");
	urls[0] = f.url;
	ask = kit_ask(&f, urls);
	ask.bytes = -1;
	kit_wish_as(&f, &ask);
	kit_until(b, is_full, &f);
	kept = f.last.bytes;
	assert_true(kept > 4 * MB);
	grow(b->folder, "32m");
	kit_verified(&f);
	file_server_seen(b->server, f.number, &seen);
	assert_true(seen.last_from >= kept);
	umount(b->folder);
}

/* What is left free is for the journals. */
static void
reserve_is_not_touched(void **state)
{
	struct bench *b = *state;
	struct statvfs fs;
	struct file f;

	kit_file(b, &f, 4 * MB, 52);
	b->conf.reserve_bytes = 3 * MB;
	small_disk(b, "6m");
	kit_wish(&f);
	kit_until(b, is_full, &f);
	assert_int_equal(statvfs(b->folder, &fs), 0);
	assert_true((int64_t)fs.f_bavail * (int64_t)fs.f_frsize >= 3 * MB);
	grow(b->folder, "8m");
	kit_verified(&f);
	umount(b->folder);
}

/* ---- A disk elsewhere ---- */

/* The folder "nas" of the bench with its mark; a wish for a file there. */
static void
wish_on_nas(struct file *f, const char *sha256)
{
	static char folder[512], anchor[600];
	const char *urls[] = { f->url };
	struct haul_ask ask = kit_ask(f, urls);

	snprintf(folder, sizeof folder, "%s/nas", f->b->folder);
	snprintf(anchor, sizeof anchor, "%s/mark", folder);
	ask.folder = folder;
	ask.anchor = anchor;
	ask.sha256 = sha256;
	kit_wish_as(f, &ask);
}

static void
move_nas(const struct bench *b, const char *from, const char *to)
{
	char was[512], is[512];

	snprintf(was, sizeof was, "%s/%s", b->folder, from);
	snprintf(is, sizeof is, "%s/%s", b->folder, to);
	assert_int_equal(rename(was, is), 0);
}

static void
make_nas(const struct bench *b, const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", b->folder, name);
	assert_int_equal(mkdir(path, 0777), 0);
	snprintf(path, sizeof path, "%s/%s/mark", b->folder, name);
	write_file(path, 1, 10);
}

static void
disk_that_is_not_mounted_is_waited_for_and_nothing_is_made_there(void **state)
{
	struct bench *b = *state;
	struct file_server_seen seen;
	char path[512];
	struct file f;

	kit_file(b, &f, MB, 60);
	wish_on_nas(&f, f.sha256);
	kit_until(b, is_full, &f);
	assert_non_null(strstr(f.trouble, "the archive's disk is not there"));
	snprintf(path, sizeof path, "%s/nas", b->folder);
	assert_int_not_equal(access(path, F_OK), 0);
	file_server_seen(b->server, f.number, &seen);
	assert_int_equal(seen.requests, 0);
	make_nas(b, "nas");
	kit_until(b, kit_has_ended, &f);
	assert_int_equal(f.last.state, HAUL_VERIFIED);
}

/* What is open goes on to be written, wherever it is now; only its name cannot be given. */
static void
disk_that_goes_in_the_middle_is_waited_for_and_nothing_is_fetched_twice(void **state)
{
	struct bench *b = *state;
	struct file_server_seen seen;
	char path[512];
	struct file f;

	make_nas(b, "nas");
	kit_file(b, &f, 3 * MB, 61);
	wish_on_nas(&f, NULL);
	kit_until(b, is_fetched, &f);
	move_nas(b, "nas", "away");
	haul_promise(f.wish, f.bytes, f.sha256);
	kit_until(b, is_full, &f);
	snprintf(path, sizeof path, "%s/nas", b->folder);
	assert_int_not_equal(access(path, F_OK), 0);
	move_nas(b, "away", "nas");
	kit_until(b, kit_has_ended, &f);
	assert_int_equal(f.last.state, HAUL_VERIFIED);
	file_server_seen(b->server, f.number, &seen);
	assert_int_equal(seen.requests, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
		T(wrong_hash_is_kept_and_fetched_again), T(three_wrong_hashes_end_it), T(tries_are_counted_across_a_restart),
		T(right_file_is_not_fetched_again), T(wrong_file_gives_way_and_is_kept), T(wrong_file_of_the_right_size_gives_way_too),
		T(unknown_hash_is_waited_for), T(complete_file_is_judged_after_a_restart), T(late_hash_may_be_another),
		T(file_that_was_there_is_judged_by_the_late_hash),
		T(torn_slot_leaves_the_other), T(state_that_says_more_than_there_is_is_not_believed), T(lost_state_begins_anew),
		T(dropped_wish_stays_for_later_or_is_forgotten), T(names_that_are_no_names_are_refused),
		T(folder_that_cannot_be_made_ends_it), T(full_disk_is_waited_for), T(disk_that_gets_full_keeps_what_is_there),
		T(reserve_is_not_touched), T(disk_that_is_not_mounted_is_waited_for_and_nothing_is_made_there),
		T(disk_that_goes_in_the_middle_is_waited_for_and_nothing_is_fetched_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
