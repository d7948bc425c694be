/*
 * t_haul_kill.c - the fetch engine is killed (SIGKILL) at random instants, again and again: what it leaves is consistent each
 * time, nothing durable is fetched twice, and in the end the files are home.  The engine runs in a program of its own: this
 * one, called with --fetch.  HAUL_KILLS sets how often (40).
 */
#include <signal.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>

#include "io/haul_part.h"
#include "unit/haul_kit.h"

#define FILES 3
#define KILLS 40
#define FILE_BYTES (12 * 1024 * 1024LL)
#define SLOW_BYTES (12 * 1024 * 1024LL)	/* a second, each */

/* ---- The other program: fetches to the end, or is killed ---- */

struct fetch {
	struct loop *loop;
	int left;
};

static void
fetch_news(void *arg, struct haul_wish *w, const struct haul_news *n)
{
	struct fetch *f = arg;

	(void)w;
	if (n->state == HAUL_VERIFIED && --f->left == 0)
		loop_stop(f->loop);
}

/* --fetch FOLDER (URL NAME SHA256)... */
static int
fetch_main(int argc, char **argv)
{
	struct haul_conf conf = { .reserve_bytes = -1, .checkpoint_bytes = 512 * 1024, .retry_first_us = 1000 };
	struct fetch f = { .loop = loop_uv_new(1), .left = (argc - 3) / 3 };
	struct haul *h = haul_new(f.loop, &conf);

	for (int i = 3; i + 2 < argc; i += 3) {
		const char *urls[] = { argv[i] };
		struct haul_ask ask = { .node = argv[i + 1], .recording = argv[i + 1], .urls = urls, .url_count = 1,
			.folder = argv[2], .name = argv[i + 1], .bytes = FILE_BYTES, .sha256 = argv[i + 2] };

		if (haul_add(h, &ask, fetch_news, &f, NULL) == NULL)
			return 1;
	}
	loop_run(f.loop);
	haul_free(h);
	loop_free(f.loop);
	return 0;
}

/* ---- This one ---- */

static pid_t
start_fetch(const struct bench *b, struct file *files)
{
	char *argv[4 + 3 * FILES] = { (char *)"t_haul_kill", (char *)"--fetch", b->folder };
	pid_t pid;

	for (int i = 0; i < FILES; i++) {
		argv[3 + 3 * i] = files[i].url;
		argv[4 + 3 * i] = files[i].name;
		argv[5 + 3 * i] = files[i].sha256;
	}
	pid = fork();
	if (pid == 0) {
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	return pid;
}

/* True: it was killed; false: it had ended before. */
static bool
kill_after(pid_t pid, long us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };
	int status;

	nanosleep(&t, NULL);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return true;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return false;
}

/* The bytes that the state speaks of are there, and its hash is theirs.  Returns how many. */
static int64_t
durable_bytes(const struct bench *b, const struct file *f)
{
	struct haul_part p;
	struct err e = { 0 };
	struct digest *d;
	char want[65], got[65], *bytes;
	int64_t len;

	if (kit_is_there(f, "")) {
		assert_true(digest_file(kit_path(f, ""), got, &e));
		assert_string_equal(got, f->sha256);
		return f->bytes;
	}
	if (!kit_is_there(f, ".part"))
		return 0;
	haul_part_init(&p, b->folder, f->name, f->name);
	assert_int_equal(haul_part_open(&p, "", &e), HAUL_ROOM_YES);
	haul_part_sum(&p, want);
	len = p.bytes;
	bytes = malloc((size_t)len + 1);
	assert_int_equal(pread(p.fd, bytes, (size_t)len, 0), len);
	d = digest_new();
	digest_add(d, bytes, (size_t)len);
	digest_hex(d, got);
	assert_string_equal(got, want);
	digest_free(d);
	free(bytes);
	haul_part_fini(&p);
	return len;
}

static unsigned
chance(unsigned below)
{
	unsigned value = 0;

	assert_int_equal(getrandom(&value, sizeof value, 0), sizeof value);
	return value % below;
}

static void
look_after_kill(const struct bench *b, struct file *files, int64_t *durable)
{
	for (int i = 0; i < FILES; i++) {
		int64_t now = durable_bytes(b, &files[i]);

		assert_true(now >= durable[i]);		/* what was durable stays */
		durable[i] = now;
	}
}

static void
killed_at_any_instant_it_goes_on(void **state)
{
	struct bench *b = *state;
	struct file_server_day slow = { .bytes_a_second = SLOW_BYTES };
	const char *wish = getenv("HAUL_KILLS");
	struct file_server_seen seen;
	int64_t durable[FILES] = { 0 }, sent = 0, all = FILES * FILE_BYTES;
	struct file files[FILES];
	int kills = 0, wanted = wish != NULL ? (int)strtol(wish, NULL, 10) : KILLS, rounds = 0, status;
	pid_t pid;

	for (int i = 0; i < FILES; i++) {
		kit_file(b, &files[i], FILE_BYTES, (unsigned)i + 1);
		kit_day(&files[i], &slow);
	}
	while (kills < wanted) {
		if (kill_after(start_fetch(b, files), (long)chance(120000)))
			kills++;
		look_after_kill(b, files, durable);
		if (durable[0] + durable[1] + durable[2] < all)
			continue;
		rounds++;		/* home before all kills were spent: once more from the beginning */
		for (int i = 0; i < FILES; i++) {
			unlink(kit_path(&files[i], ""));
			durable[i] = 0;
		}
	}
	pid = start_fetch(b, files);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	for (int i = 0; i < FILES; i++) {
		kit_is_home(&files[i]);
		assert_false(kit_is_there(&files[i], ".bad"));
		file_server_seen(b->server, files[i].number, &seen);
		sent += seen.body_bytes;
	}
	print_message("# %d kills, %d times all home: sent %.3f times the size\n", kills, rounds + 1, (double)sent / (double)(all * (rounds + 1)));
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(killed_at_any_instant_it_goes_on, kit_setup, kit_teardown),
	};

	if (argc > 3 && strcmp(argv[1], "--fetch") == 0)
		return fetch_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
