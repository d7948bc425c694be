/*
 * t_disc_sweep.c - rounds of sweeps: when they are due (in virtual time) and what they tell (in real private networks).
 */
#include "unit/disc_kit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "io/loop_uv.h"
#include "support/loop_fake.h"
#include "unit/netns_kit.h"

#define SECOND 1000000LL

struct town {
	struct heard h;			/* first: what the callbacks get */
	struct netns_kit *net;
	struct loop *fake, *real;
	struct loop_timer *guard, *poll, *stop;
	bool is_complete;
	int64_t rate;
	const char *until;		/* loop_run() ends when this was told */
	int listeners[8], listener_count;
	struct disc_fns fns;
};

static int64_t
town_setting(void *arg, const char *name)
{
	assert_string_equal(name, "sweep-rate");
	return ((struct town *)arg)->rate;
}

static bool
town_is_complete(void *arg)
{
	return ((struct town *)arg)->is_complete;
}

static void
on_guard(void *arg)
{
	struct town *t = arg;

	fail_msg("waited for twenty seconds for \"%s\", heard:\n%s", t->until, t->h.text);
}

static void
on_poll(void *arg)
{
	struct town *t = arg;

	if (t->until != NULL && strstr(t->h.text, t->until) != NULL)
		loop_stop(t->real);
}

static void
on_stop(void *arg)
{
	loop_stop(((struct town *)arg)->real);
}

static int
set_up(void **state)
{
	struct town *t = calloc(1, sizeof *t);

	t->net = netns_kit_new();
	t->rate = 500;
	t->fns = heard_fns;
	t->fns.setting = town_setting;
	t->fns.is_complete = town_is_complete;
	if (t->net != NULL) {
		t->fake = loop_fake_new();
		t->real = loop_uv_new(1);
		t->guard = loop_timer_new(t->real, on_guard, t);
		t->poll = loop_timer_new(t->real, on_poll, t);
		t->stop = loop_timer_new(t->real, on_stop, t);
	}
	*state = t;
	return 0;
}

static int
tear_down(void **state)
{
	struct town *t = *state;
	int alive = 0;

	if (t->net != NULL) {
		if (t->h.self != NULL)
			disc_sweep.close(t->h.self);
		disc_sweep.close(NULL);
		loop_timer_free(t->real, t->guard);
		loop_timer_free(t->real, t->poll);
		loop_timer_free(t->real, t->stop);
		alive = loop_fake_alive(t->fake);
		loop_free(t->fake);
		loop_free(t->real);
		netns_kit_free(t->net);
	}
	while (t->listener_count > 0)
		close(t->listeners[--t->listener_count]);
	free(t);
	assert_int_equal(alive, 0);
	return 0;
}

static struct town *
begin(void **state)
{
	struct town *t = *state;

	if (t->net == NULL) {
		print_message("%s\n", NETNS_KIT_WHY);
		skip();
	}
	return t;
}

static void
here(struct town *t, const char *command)
{
	assert_true(netns_kit_run(t->net, t->net->here, "%s", command));
}

static void
there(struct town *t, const char *command)
{
	assert_true(netns_kit_run(t->net, t->net->there, "%s", command));
}

static void
listen_there(struct town *t, int port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = IN6ADDR_ANY_INIT };
	int fd;

	assert_int_equal(setns(t->net->there, CLONE_NEWNET), 0);
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(setns(t->net->here, CLONE_NEWNET), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
	assert_int_equal(listen(fd, 64), 0);
	t->listeners[t->listener_count++] = fd;
}

static void
start(struct town *t, struct loop *loop, const char *conf)
{
	memset(&t->h, 0, sizeof t->h);
	t->h.loop = loop;
	t->h.source = &disc_sweep;
	t->h.self = disc_sweep.open(loop, conf, &t->fns, t);
	assert_non_null(t->h.self);
	assert_int_equal(t->h.told, 0);
}

static void
wait_for(struct town *t, const char *text)
{
	t->until = text;
	loop_timer_start(t->real, t->guard, 20 * SECOND, 0);
	loop_timer_start(t->real, t->poll, 0, 5000);
	loop_run(t->real);
	loop_timer_stop(t->real, t->guard);
	loop_timer_stop(t->real, t->poll);
}

static int
times(const char *text, const char *part)
{
	int count = 0;

	for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
		count++;
	return count;
}

static void
expect(struct town *t, const char *part)
{
	if (strstr(t->h.text, part) == NULL)
		fail_msg("\"%s\" was not told, but:\n%s", part, t->h.text);
}

static void
expect_not(struct town *t, const char *part)
{
	if (strstr(t->h.text, part) != NULL)
		fail_msg("\"%s\" was told:\n%s", part, t->h.text);
}

static void
forget(struct town *t)
{
	t->h.text[0] = '\0';
}

/* ---- When ---- */

static void
off_is_no_source_at_all(void **state)
{
	struct town *t = begin(state);

	assert_null(disc_sweep.open(t->fake, "off", &t->fns, t));
	assert_null(disc_sweep.open(t->fake, "off ports 80", &t->fns, t));
}

static void
a_bad_option_is_told_in_a_sentence_and_it_is_over(void **state)
{
	struct town *t = begin(state);

	heard_open(&t->h, t->fake, &disc_sweep, "10.0.0.0/8");
	loop_fake_advance(t->fake, SECOND);
	heard_is(&t->h, "failing \"10.0.0.0/8\" is too large to sweep: a /16 (65536 addresses) is the most\nfinished\n");
	loop_fake_advance(t->fake, 1000 * SECOND);
	heard_is(&t->h, "");
}

static void
auto_begins_after_a_second_and_a_half(void **state)
{
	struct town *t = begin(state);

	here(t, "ip addr add 198.18.0.1/29 dev vA");
	start(t, t->fake, "auto");
	loop_fake_advance(t->fake, 1499000);
	heard_is(&t->h, "");
	loop_fake_advance(t->fake, 2000);
	heard_is(&t->h, "working sweep: the first round goes on\n");
	loop_fake_advance(t->fake, 300000);
	heard_is(&t->h, "line 198.18.0.0/29: sweep 198.18.0.0/29: 5 asked, 0 refused, 5 silent (5 did not answer ARP), 250 ms\n"
	    "working sweep: 5 addresses asked, 0 of them there, 0 answer on port 8081; again in 1m 00s\nfinished\n");
}

static void
named_networks_begin_at_once(void **state)
{
	struct town *t = begin(state);

	here(t, "ip addr add 198.18.0.1/29 dev vA");
	t->is_complete = true;		/* asked for is asked for */
	start(t, t->fake, "198.18.0.0/29 ports 80,81");
	loop_fake_advance(t->fake, 300000);
	expect(t, "line 198.18.0.0/29: sweep 198.18.0.0/29: 5 asked");
	expect(t, "0 answer on ports 80,81");
	expect(t, "finished\n");
}

static void
while_every_camera_is_live_it_looks_only_now_and_then(void **state)
{
	struct town *t = begin(state);

	here(t, "ip addr add 198.18.0.1/29 dev vA");
	t->is_complete = true;
	start(t, t->fake, "auto");
	loop_fake_advance(t->fake, 2 * SECOND);
	heard_is(&t->h, "working sweep waits: every camera that is remembered is live\nfinished\n");
	loop_fake_advance(t->fake, 240 * SECOND);
	expect_not(t, "line");
	assert_int_equal(times(t->h.text, "sweep waits"), 4);
	forget(t);
	loop_fake_advance(t->fake, 120 * SECOND);
	assert_int_equal(times(t->h.text, "line"), 1);
	assert_int_equal(times(t->h.text, "finished"), 0);
	t->is_complete = false;		/* one is missing: at the next look */
	forget(t);
	loop_fake_advance(t->fake, 62 * SECOND);
	assert_int_equal(times(t->h.text, "line"), 1);
}

static void
quiet_rounds_become_rarer(void **state)
{
	struct town *t = begin(state);

	here(t, "ip addr add 198.18.0.1/29 dev vA");
	start(t, t->fake, "auto");
	loop_fake_advance(t->fake, 1500000 + 4 * 60 * SECOND + 30 * SECOND);
	assert_int_equal(times(t->h.text, "again in 1m 00s"), 4);
	assert_int_equal(times(t->h.text, "again in 2m 00s"), 1);
	forget(t);
	loop_fake_advance(t->fake, 5 * 120 * SECOND);
	assert_int_equal(times(t->h.text, "again in 2m 00s"), 4);
	assert_int_equal(times(t->h.text, "again in 5m 00s"), 1);
	forget(t);
	loop_fake_advance(t->fake, 3000 * SECOND);
	assert_int_equal(times(t->h.text, "again in 5m 00s"), 10);
}

/* How long the last told sweep of a network took. */
static int
took_ms(struct town *t, const char *net)
{
	char head[64];
	const char *at = t->h.text, *last = NULL;
	int ms = -1, used;

	snprintf(head, sizeof head, "line %s: ", net);
	while ((at = strstr(at, head)) != NULL)
		last = at++;
	assert_non_null(last);
	for (at = last; *at != '\n' && *at != '\0'; at++)
		if (used = 0, sscanf(at, ", %d ms%n", &ms, &used) == 1 && used > 0)
			return ms;
	fail_msg("no time in %s", last);
	return -1;
}

static void
only_the_first_sweep_of_a_small_network_may_burst(void **state)
{
	struct town *t = begin(state);

	here(t, "ip addr add 198.18.0.1/25 dev vA && ip addr add 198.18.4.1/23 dev vA");
	start(t, t->fake, "auto");
	loop_fake_advance(t->fake, 30 * SECOND);
	assert_in_range(took_ms(t, "198.18.0.0/25"), 250, 260);		/* 125 at once */
	assert_in_range(took_ms(t, "198.18.4.0/23"), 1900, 3500);	/* 2 x 509 at 500 a second */
	expect(t, "line 198.18.4.0/23: sweep 198.18.4.0/23: ");
	expect(t, " of 509 asked\n");					/* told while it goes on */
	forget(t);
	loop_fake_advance(t->fake, 60 * SECOND);
	assert_in_range(took_ms(t, "198.18.0.0/25"), 950, 2000);
	t->rate = 0;							/* no limit */
	forget(t);
	loop_fake_advance(t->fake, 60 * SECOND);
	assert_in_range(took_ms(t, "198.18.0.0/25"), 250, 260);
	assert_in_range(took_ms(t, "198.18.4.0/23"), 250, 260);
}

static void
what_is_too_large_is_named_and_what_is_not_ours_left_alone(void **state)
{
	struct town *t = begin(state);

	here(t, "ip addr add 10.7.0.1/16 dev vA && ip addr add 11.0.0.1/8 dev vA && ip addr add 100.64.1.1/24 dev vA && ip addr add 10.9.0.1/32 dev vA");
	here(t, "ip tuntap add dev t0 mode tun && ip addr add 10.8.0.1/24 dev t0 && ip link set t0 up");
	start(t, t->fake, "auto");
	loop_fake_advance(t->fake, 5 * SECOND);
	heard_is(&t->h, "line vA 10.7.0.0/16: vA 10.7.0.0/16 is larger than /22: ask for it with --sweep 10.7.0.0/16\n"
	    "line vA 11.0.0.0/8: vA 11.0.0.0/8 is larger than /22: ask for a part of it (up to a /16) with --sweep\n"
	    "working sweep: the first round goes on\n"
	    "working sweep: there is no network to ask here; again in 1m 00s\nfinished\n");
}

static void
a_network_that_went_is_not_spoken_of_any_more(void **state)
{
	struct town *t = begin(state);

	here(t, "ip addr add 198.18.0.1/29 dev vA && ip addr add 10.7.0.1/16 dev vA");
	start(t, t->fake, "auto");
	loop_fake_advance(t->fake, 5 * SECOND);
	here(t, "ip addr flush dev vA && ip addr add 198.18.9.1/29 dev vA");
	forget(t);
	loop_fake_advance(t->fake, 60 * SECOND);
	expect(t, "line 198.18.0.0/29: -\n");
	expect(t, "line vA 10.7.0.0/16: -\n");
	expect(t, "line 198.18.9.0/29: sweep");
	assert_in_range(took_ms(t, "198.18.9.0/29"), 250, 260);		/* new: may burst */
}

/* ---- What ---- */

static void
cameras_and_other_hosts_of_a_network_are_told(void **state)
{
	struct town *t = begin(state);

	here(t, "ip addr add 198.18.0.1/24 dev vA");
	there(t, "ip addr add 198.18.0.10/24 dev vB && ip addr add 198.18.0.20/24 dev vB && ip rule add from 198.18.0.20 blackhole");
	listen_there(t, 8090);
	start(t, t->real, "auto ports 8081,8090");
	wait_for(t, "finished");
	expect(t, "sighted 198.18.0.10:8090 lan id= name= via=sweep\n");
	assert_int_equal(t->h.sighted, 1);
	expect(t, "answered 198.18.0.10\n");
	expect(t, "answered 198.18.0.20\n");
	assert_int_equal(times(t->h.text, "answered"), 2);
	expect(t, "line 198.18.0.20: 198.18.0.20 is there (answers ARP) but not on ports 8081,8090: silent\n");
	expect(t, "line 198.18.0.0/24: sweep 198.18.0.0/24: 253 asked, 1 open, 0 refused, 252 silent (251 did not answer ARP), ");
	expect(t, "working sweep: 253 addresses asked, 2 of them there, 1 answers on ports 8081,8090; again in ");
	expect_not(t, "line 198.18.0.10:");
}

static void
of_many_other_hosts_eight_are_told(void **state)
{
	struct town *t = begin(state);

	here(t, "ip addr add 198.18.0.1/27 dev vA");
	there(t, "for i in $(seq 2 20); do echo addr add 198.18.0.$i/27 dev vB; done | ip -b -");
	start(t, t->real, "198.18.0.0/27");
	wait_for(t, "finished");
	assert_int_equal(times(t->h.text, "is there (answers ARP) but not on port 8081: refused\n"), 8);
	assert_int_equal(times(t->h.text, "answered"), 19);
	expect(t, ", 19 refused, 10 silent (10 did not answer ARP)");
}

static void
a_network_that_comes_is_swept_soon(void **state)
{
	struct town *t = begin(state);

	listen_there(t, 8081);
	there(t, "ip addr add 198.18.0.10/24 dev vB");
	start(t, t->real, "auto");
	wait_for(t, "finished");
	expect(t, "there is no network to ask here");
	here(t, "ip addr add 198.18.0.1/24 dev vA");
	wait_for(t, "sighted 198.18.0.10:8081 lan");	/* the guard is shorter than a minute */
}

static void
a_change_that_moves_no_network_is_no_reason_to_sweep(void **state)
{
	struct town *t = begin(state);

	here(t, "ip addr add 198.18.0.1/29 dev vA && ip addr flush dev lo scope global");
	start(t, t->real, "auto");
	wait_for(t, "finished");
	forget(t);
	here(t, "ip addr add 2001:db8::1/64 dev vA nodad && ip addr add 10.9.0.1/32 dev lo");
	t->until = NULL;
	t->h.stop_at = 0;
	loop_timer_start(t->real, t->stop, 1500000, 0);
	loop_run(t->real);
	heard_is(&t->h, "");
}

static void
neighbours_over_ipv6_are_tried(void **state)
{
	struct town *t = begin(state);

	listen_there(t, 8081);
	here(t, "ip addr flush dev vA && ip addr add fe80::1/64 dev vA nodad");
	there(t, "ip addr flush dev vB && ip link set vB address 02:00:00:00:00:0b && ip addr add fe80::2/64 dev vB nodad");
	here(t, "ip neigh replace fe80::2 lladdr 02:00:00:00:00:0b dev vA nud stale");
	start(t, t->real, "auto");
	wait_for(t, "finished");
	expect(t, "sighted fe80::2%vA:8081 lan id= name= via=sweep\n");
	expect(t, "line IPv6 neighbours: sweep IPv6 neighbours: 1 asked, 1 open, 0 refused, 0 silent, ");
}

static void
any_word_may_close_it(void **state)
{
	struct town *t = begin(state);
	int words;

	here(t, "ip addr add 198.18.0.1/29 dev vA && ip addr add 10.7.0.1/16 dev vA");
	there(t, "ip addr add 198.18.0.2/29 dev vB && ip addr add 198.18.0.3/29 dev vB && ip rule add from 198.18.0.3 blackhole");
	listen_there(t, 8081);
	start(t, t->real, "198.18.0.0/29");
	wait_for(t, "finished");
	words = t->h.told;
	assert_true(words >= 8);
	disc_sweep.close(t->h.self);
	for (int i = 1; i <= words; i++) {
		start(t, t->real, "198.18.0.0/29");
		t->h.close_at = t->h.stop_at = i;
		wait_for(t, "finished\n");
		if (t->h.told < i)		/* a word on the progress was not due this time */
			disc_sweep.close(t->h.self);
		else
			assert_null(t->h.self);
	}
	start(t, t->real, "198.18.0.0/29");
	disc_sweep.close(t->h.self);		/* before it began */
	start(t, t->fake, "198.18.0.0/29");
	loop_fake_advance(t->fake, 100000);
	disc_sweep.close(t->h.self);		/* in the middle */
	t->h.self = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(off_is_no_source_at_all),
		TEST(a_bad_option_is_told_in_a_sentence_and_it_is_over),
		TEST(auto_begins_after_a_second_and_a_half),
		TEST(named_networks_begin_at_once),
		TEST(while_every_camera_is_live_it_looks_only_now_and_then),
		TEST(quiet_rounds_become_rarer),
		TEST(only_the_first_sweep_of_a_small_network_may_burst),
		TEST(what_is_too_large_is_named_and_what_is_not_ours_left_alone),
		TEST(a_network_that_went_is_not_spoken_of_any_more),
		TEST(cameras_and_other_hosts_of_a_network_are_told),
		TEST(of_many_other_hosts_eight_are_told),
		TEST(a_network_that_comes_is_swept_soon),
		TEST(a_change_that_moves_no_network_is_no_reason_to_sweep),
		TEST(neighbours_over_ipv6_are_tried),
		TEST(any_word_may_close_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
