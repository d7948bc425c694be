/* t_tailscale.c - what `tailscale status --json` prints, real or not, and the program in all its moods: a script of that name. */
#include "unit/disc_kit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "io/loop_uv.h"
#include "io/tailscale.h"
#include "support/scratch.h"

#define SECOND 1000000

/* As version 1.5x prints it, shortened where nothing is read. */
static const char real[] =
    "{\"Version\":\"1.56.1-tf1ea3161a\",\"TUN\":true,\"BackendState\":\"Running\",\"HaveNodeKey\":true,\"AuthURL\":\"\","
    "\"TailscaleIPs\":[\"100.101.1.1\",\"fd7a:115c:a1e0::101\"],"
    "\"Self\":{\"ID\":\"n1\",\"PublicKey\":\"nodekey:00\",\"HostName\":\"desk\",\"DNSName\":\"desk.tail1234.ts.net.\",\"OS\":\"linux\","
    "\"TailscaleIPs\":[\"100.101.1.1\",\"fd7a:115c:a1e0::101\"],\"Online\":true},"
    "\"Health\":null,\"MagicDNSSuffix\":\"tail1234.ts.net\",\"CertDomains\":null,"
    "\"Peer\":{"
    "\"nodekey:aa\":{\"ID\":\"n2\",\"PublicKey\":\"nodekey:aa\",\"HostName\":\"localhost\",\"DNSName\":\"iphone-16.tail1234.ts.net.\",\"OS\":\"iOS\","
    "\"UserID\":7,\"TailscaleIPs\":[\"100.90.1.2\",\"fd7a:115c:a1e0::5a01:102\"],\"AllowedIPs\":[\"100.90.1.2/32\"],\"Addrs\":null,\"CurAddr\":\"\","
    "\"Relay\":\"fra\",\"RxBytes\":0,\"TxBytes\":0,\"LastSeen\":\"0001-01-01T00:00:00Z\",\"Online\":true,\"ExitNode\":false,\"ExitNodeOption\":false,"
    "\"Active\":false,\"PeerAPIURL\":[\"http://100.90.1.2:1\"],\"InNetworkMap\":true,\"InMagicSock\":true,\"InEngine\":false},"
    "\"nodekey:bb\":{\"HostName\":\"Pixel 8\",\"DNSName\":\"pixel-8.tail1234.ts.net.\",\"OS\":\"android\",\"TailscaleIPs\":[\"100.64.0.9\"],\"Online\":true},"
    "\"nodekey:cc\":{\"HostName\":\"old\",\"DNSName\":\"old.tail1234.ts.net.\",\"OS\":\"iOS\",\"TailscaleIPs\":[\"100.64.0.10\"],\"Online\":false},"
    "\"nodekey:dd\":{\"HostName\":\"de-fra-wg-001\",\"DNSName\":\"de-fra-wg-001.mullvad.ts.net.\",\"OS\":\"linux\",\"TailscaleIPs\":[\"100.64.9.9\"],"
    "\"Online\":true,\"ExitNodeOption\":true},"
    "\"nodekey:ee\":{\"HostName\":\"friend\",\"DNSName\":\"\",\"TailscaleIPs\":[\"100.64.0.11\"],\"Online\":true,\"ShareeNode\":true}},"
    "\"User\":{\"7\":{\"ID\":7,\"LoginName\":\"anna@example.com\",\"DisplayName\":\"Anna\"}}}";

/* ---- Reading ---- */

static bool
reads(struct tailscale_status *s, const char *text)
{
	struct err e;

	err_clear(&e);
	if (tailscale_read(s, text, strlen(text), &e))
		return true;
	assert_true(e.text[0] != '\0');
	assert_int_equal(s->peer_count, 0);
	return false;
}

static void
real_answers_are_read(void **state)
{
	struct tailscale_status s;

	(void)state;
	assert_true(reads(&s, real));
	assert_string_equal(s.backend, "Running");
	assert_int_equal(s.online, 2);
	assert_int_equal(s.offline, 1);
	assert_int_equal(s.peer_count, 2);
	assert_string_equal(s.peers[0].name, "iphone-16");	/* "localhost" is no name */
	assert_string_equal(s.peers[0].os, "iOS");
	assert_int_equal(s.peers[0].address_count, 2);
	assert_string_equal(s.peers[0].addresses[0], "100.90.1.2");
	assert_string_equal(s.peers[0].addresses[1], "fd7a:115c:a1e0::5a01:102");
	assert_string_equal(s.peers[1].name, "Pixel 8");
	tailscale_status_fini(&s);
	tailscale_status_fini(&s);
}

static void
only_addresses_of_tailscale_are_taken(void **state)
{
	struct tailscale_status s;

	(void)state;
	assert_true(reads(&s, "{\"BackendState\":\"Running\",\"Peer\":{\"a\":{\"Online\":true,\"HostName\":\"a\",\"TailscaleIPs\":["
	    "\"10.0.0.1\",\"127.0.0.1\",\"100.63.255.255\",\"100.128.0.0\",\"8.8.8.8\",\"::1\",\"fd7a:115c:a1e1::1\",\"fe80::1\",\"cam.ts.net\","
	    "\"100.64.0.1:80\",\"100.64.0.1/32\",\"fd7a:115c:a1e0::1%eth0\",7,null,[],\"\","
	    "\"100.64.0.0\",\"100.127.255.255\",\"fd7a:115c:a1e0::1\",\"FD7A:115C:A1E0:ffff::\",\"100.64.0.3\"]}}}"));
	assert_int_equal(s.peer_count, 1);
	assert_int_equal(s.peers[0].address_count, TAILSCALE_ADDRESSES);
	assert_string_equal(s.peers[0].addresses[0], "100.64.0.0");
	assert_string_equal(s.peers[0].addresses[1], "100.127.255.255");
	assert_string_equal(s.peers[0].addresses[2], "fd7a:115c:a1e0::1");
	assert_string_equal(s.peers[0].addresses[3], "FD7A:115C:A1E0:ffff::");
	tailscale_status_fini(&s);
}

static void
odd_answers_are_read_as_far_as_they_go(void **state)
{
	struct tailscale_status s;

	(void)state;
	assert_true(reads(&s, "{\"BackendState\":\"Stop\\u001b[2Jped\",\"Peer\":null}"));
	assert_null(strchr(s.backend, '\x1b'));
	assert_int_equal(s.online + s.offline, 0);
	tailscale_status_fini(&s);
	assert_true(reads(&s, "{\"BackendState\":\"Running\",\"Peer\":[{\"Online\":true}]}"));
	assert_int_equal(s.online, 0);
	tailscale_status_fini(&s);
	assert_true(reads(&s, "{\"BackendState\":\"Running\",\"Peer\":{\"a\":7,\"b\":null,\"c\":[],\"d\":{},\"e\":{\"Online\":\"yes\"},"
	    "\"f\":{\"Online\":true,\"HostName\":\"a\\u001b[2J\\u202e\",\"TailscaleIPs\":\"100.64.0.1\"}}}"));
	assert_int_equal(s.offline, 2);
	assert_int_equal(s.peer_count, 1);
	assert_int_equal(s.peers[0].address_count, 0);
	assert_null(strchr(s.peers[0].name, '\x1b'));
	tailscale_status_fini(&s);
}

static void
what_is_no_status_is_refused(void **state)
{
	static const char *const cases[] = { "", "null", "[]", "7", "{}", "{\"BackendState\":7}", "{\"BackendState\":\"\"}", "{\"BackendState\":\"Running\"",
		"Tailscale is stopped.\n", "{\"BackendState\":\"a\",\"BackendState\":\"b\"}", "{\"BackendState\":\"\xff\"}" };
	struct tailscale_status s;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_false(reads(&s, cases[i]));
		tailscale_status_fini(&s);
	}
}

static void
big_networks_are_bounded(void **state)
{
	struct tailscale_status s;
	struct buf text;

	(void)state;
	buf_init(&text, MAX_TAILSCALE_BYTES);
	assert_true(buf_add_text(&text, "{\"BackendState\":\"Running\",\"Peer\":{"));
	for (int i = 0; i < 1000; i++)
		assert_true(buf_add_format(&text, "%s\"%d\":{\"Online\":%s,\"TailscaleIPs\":[\"100.64.%d.%d\"]}", i > 0 ? "," : "", i,
		    i % 5 == 0 ? "false" : "true", i / 250, i % 250));
	assert_true(buf_add_text(&text, "}}"));
	assert_true(reads(&s, buf_text(&text)));
	assert_int_equal(s.online, 800);
	assert_int_equal(s.offline, 200);
	assert_int_equal(s.peer_count, MAX_TAILSCALE_PEERS);
	tailscale_status_fini(&s);
	buf_fini(&text);
}

/* ---- Running ---- */

static char *folder;
static struct loop *loop;
static struct heard *h;

static int
set_up(void **state)
{
	(void)state;
	folder = scratch_new();
	loop = loop_uv_new(2);
	h = xcalloc(1, sizeof *h);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	disc_tailscale.close(h->self);
	loop_free(loop);
	scratch_free(folder);
	free(h);
	return 0;
}

static void
install(const char *script)
{
	const char *path = scratch_path(folder, "tailscale");

	scratch_write(path, script);
	assert_int_equal(chmod(path, 0755), 0);
}

/* A script that prints text as it is. */
static void
install_printing(const char *text, const char *then)
{
	char *script = xasprintf("#!/bin/sh\n[ \"$*\" = 'status --json' ] || exit 9\ncat <<'END'\n%s\nEND\n%s\n", text, then);

	install(script);
	free(script);
}

/* The source until it has said so much. */
static void
run(int words)
{
	heard_open(h, loop, &disc_tailscale, scratch_path(folder, "tailscale"));
	h->stop_at = words;
	loop_run(loop);
}

static void
peers_that_are_online_are_sighted(void **state)
{
	(void)state;
	install_printing(real, "exit 0");
	run(5);
	heard_is(h, "sighted 100.90.1.2:8081 tailscale id= name=iphone-16 via=sweep\n"
	    "sighted fd7a:115c:a1e0::5a01:102:8081 tailscale id= name=iphone-16 via=sweep\n"
	    "sighted 100.64.0.9:8081 tailscale id= name=Pixel 8 via=sweep\n"
	    "working tailscale: 2 peers online, 1 offline\nfinished\n");
}

static void
a_vpn_that_does_not_run_is_told(void **state)
{
	(void)state;
	install_printing("{\"BackendState\":\"Stopped\",\"Peer\":{\"a\":{\"Online\":true,\"TailscaleIPs\":[\"100.64.0.1\"]}}}", "");
	run(2);
	heard_is(h, "failing tailscale: not running (BackendState Stopped)\nfinished\n");
}

static void
failures_are_told_in_words(void **state)
{
	static const struct { const char *script, *want; } cases[] = {
		{ "#!/bin/sh\necho 'failed to connect to local tailscaled' >&2\nexit 1\n", "exit status 1" },
		{ "#!/bin/sh\nkill -9 $$\n", "ended by signal 9" },
		{ "#!/bin/sh\necho Tailscale is stopped.\n", "not good JSON" },
		{ "#!/bin/sh\nprintf '\\033[2J'\n", "not good JSON" },
		{ "#!/bin/sh\ntrue\n", "" },
		{ "#!/bin/sh\necho '{}'\n", "its answer has no BackendState" },
		{ "#!/bin/sh\nexec yes 0123456789012345678901234567890123456789012345678901234567890123456789\n", "its answer is longer than 4194304 bytes" },
		{ "#!/nonexistent\n", "cannot be run: No such file or directory" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		install(cases[i].script);
		run(2);
		assert_int_equal(strncmp(h->text, "failing tailscale status failed: ", 33), 0);
		if (strstr(h->text, cases[i].want) == NULL)
			fail_msg("%s: %s", cases[i].want, h->text);
		disc_tailscale.close(h->self);
		h->self = NULL;
	}
}

static void
a_program_that_may_not_be_run_is_told(void **state)
{
	(void)state;
	scratch_write(scratch_path(folder, "tailscale"), "#!/bin/sh\n");
	run(2);
	assert_non_null(strstr(h->text, "cannot be run: Permission denied\nfinished\n"));
}

static void
it_is_looked_for_on_path(void **state)
{
	char *before = xstrdup(getenv("PATH")), *path = xasprintf("relative::/nonexistent:%s", folder);

	(void)state;
	setenv("PATH", path, 1);
	heard_open(h, loop, &disc_tailscale, "");
	h->stop_at = 3;
	loop_run(loop);
	heard_is(h, "working tailscale is not installed\nabsent\nfinished\n");
	disc_tailscale.close(h->self);
	install("#!/bin/sh\necho '{\"BackendState\":\"NeedsLogin\"}'\n");
	heard_open(h, loop, &disc_tailscale, NULL);
	h->stop_at = 2;
	loop_run(loop);
	heard_is(h, "failing tailscale: not running (BackendState NeedsLogin)\nfinished\n");
	setenv("PATH", before, 1);
	free(before);
	free(path);
}

static void
it_is_never_taken_from_the_present_folder(void **state)
{
	char *before = xstrdup(getenv("PATH")), cwd[4096];

	(void)state;
	install_printing(real, "exit 0");
	assert_non_null(getcwd(cwd, sizeof cwd));
	assert_int_equal(chdir(folder), 0);
	setenv("PATH", ".::./", 1);
	heard_open(h, loop, &disc_tailscale, "");
	h->stop_at = 3;
	loop_run(loop);
	setenv("PATH", before, 1);
	assert_int_equal(chdir(cwd), 0);
	heard_is(h, "working tailscale is not installed\nabsent\nfinished\n");
	free(before);
}

static void
the_program_has_no_terminal_and_no_shell(void **state)
{
	char *script = xasprintf("#!/bin/sh\n{ readlink /proc/$$/fd/0 /proc/$$/fd/2; echo \"$0\"; ls /proc/$$/fd | wc -l; } >'%s/seen'\n"
	    "echo '{\"BackendState\":\"Running\"}'\n", folder);
	char *seen, *quoted = xasprintf("%s/a b;touch x", folder);

	(void)state;
	install(script);
	assert_int_equal(rename(scratch_path(folder, "tailscale"), quoted), 0);
	heard_open(h, loop, &disc_tailscale, quoted);
	h->stop_at = 2;
	loop_run(loop);
	heard_is(h, "working tailscale: 0 peers online, 0 offline\nfinished\n");
	seen = scratch_read(scratch_path(folder, "seen"));
	assert_int_equal(strncmp(seen, "/dev/null\n/dev/null\n", 20), 0);
	free(seen);
	free(quoted);
	free(script);
}

/* ---- Patience ---- */

struct answer {
	struct loop *loop;
	enum tailscale_result result;
	char why[200];
	int64_t at_us;
};

static void
on_answer(void *arg, enum tailscale_result result, const struct tailscale_status *s, const char *why)
{
	struct answer *a = arg;

	assert_true((result == TAILSCALE_OK) == (s != NULL));
	a->result = result;
	a->at_us = loop_now_us(a->loop);
	str_copy(a->why, sizeof a->why, why);
	loop_stop(a->loop);
}

static bool
is_running(const char *pid_file)
{
	char *text = scratch_read(pid_file);
	long pid = strtol(text, NULL, 10);
	char *stat_path = xasprintf("/proc/%ld", pid);
	bool is = pid <= 0 || access(stat_path, F_OK) == 0;

	free(text);
	free(stat_path);
	return is;
}

/* Also what it started, and keeps the output open, is ended. */
static void
a_program_that_hangs_is_ended(void **state)
{
	char *script = xasprintf("#!/bin/sh\nsleep 600 &\necho $! >'%s/child'\necho '{\"BackendState\":\"Running\"}'\nwait\n", folder);
	struct answer a = { .loop = loop, .result = TAILSCALE_OK };
	struct tailscale_ask *ask;
	int64_t begin_us = loop_now_us(loop);

	(void)state;
	install(script);
	ask = tailscale_ask_open(loop, scratch_path(folder, "tailscale"), "", on_answer, &a);
	loop_run(loop);
	assert_int_equal(a.result, TAILSCALE_FAILED);
	assert_string_equal(a.why, "no answer in 5 s");
	assert_in_range(a.at_us - begin_us, 5 * SECOND, 60 * SECOND);
	for (int i = 0; i < 6000 && is_running(scratch_path(folder, "child")); i++)
		usleep(10000);
	assert_false(is_running(scratch_path(folder, "child")));
	tailscale_ask_close(ask);
	free(script);
}

static void
a_program_that_closes_its_output_is_waited_for(void **state)
{
	struct answer a = { .loop = loop, .result = TAILSCALE_FAILED };
	struct tailscale_ask *ask;

	(void)state;
	install("#!/bin/sh\necho '{\"BackendState\":\"Running\"}'\nexec >&-\nsleep 0.2\nexit 3\n");
	ask = tailscale_ask_open(loop, scratch_path(folder, "tailscale"), "", on_answer, &a);
	loop_run(loop);
	assert_int_equal(a.result, TAILSCALE_FAILED);
	assert_string_equal(a.why, "exit status 3");
	tailscale_ask_close(ask);
}

static void
stop_loop(void *arg)
{
	loop_stop(arg);
}

/* loop_free() waits for the pool: with it nothing is left, neither memory nor the process. */
static void
it_can_be_closed_at_any_time(void **state)
{
	static const int after_us[] = { -1, 0, 100, 1000, 5000, 20000, 100000, 400000 };
	char *script = xasprintf("#!/bin/sh\necho $$ >'%s/pid'\nsleep 0.05\necho '{\"BackendState\":\"Running\"}'\nexec >&-\nexec sleep 600\n", folder);

	(void)state;
	install(script);
	for (size_t i = 0; i < sizeof after_us / sizeof after_us[0]; i++) {
		struct loop *own = loop_uv_new(2);
		struct loop_timer *t = loop_timer_new(own, stop_loop, own);

		scratch_write(scratch_path(folder, "pid"), "999999999\n");
		heard_open(h, own, &disc_tailscale, scratch_path(folder, "tailscale"));
		loop_timer_start(own, t, after_us[i], 0);
		if (after_us[i] >= 0)
			loop_run(own);
		disc_tailscale.close(h->self);
		h->self = NULL;
		loop_timer_free(own, t);
		loop_free(own);
		assert_int_equal(h->told, 0);
		if (after_us[i] >= 100000)
			assert_false(is_running(scratch_path(folder, "pid")));
	}
	free(script);
}

static void
any_word_may_close_the_source(void **state)
{
	(void)state;
	install_printing(real, "exit 0");
	for (int close_at = 1; close_at <= 5; close_at++) {
		heard_open(h, loop, &disc_tailscale, scratch_path(folder, "tailscale"));
		h->close_at = h->stop_at = close_at;
		loop_run(loop);
		assert_null(h->self);
		assert_int_equal(h->told, close_at);
	}
}

static void
it_can_be_off(void **state)
{
	(void)state;
	assert_null(disc_tailscale.open(loop, "off", &heard_fns, h));
	disc_tailscale.close(NULL);
	tailscale_ask_close(NULL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_answers_are_read), cmocka_unit_test(only_addresses_of_tailscale_are_taken),
		cmocka_unit_test(odd_answers_are_read_as_far_as_they_go), cmocka_unit_test(what_is_no_status_is_refused),
		cmocka_unit_test(big_networks_are_bounded), CASE(peers_that_are_online_are_sighted), CASE(a_vpn_that_does_not_run_is_told),
		CASE(failures_are_told_in_words), CASE(a_program_that_may_not_be_run_is_told), CASE(it_is_looked_for_on_path),
		CASE(it_is_never_taken_from_the_present_folder),
		CASE(the_program_has_no_terminal_and_no_shell), CASE(a_program_that_hangs_is_ended),
		CASE(a_program_that_closes_its_output_is_waited_for), CASE(it_can_be_closed_at_any_time),
		CASE(any_word_may_close_the_source), CASE(it_can_be_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
