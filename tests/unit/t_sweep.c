/*
 * t_sweep.c - whole sweeps over real sockets, in private networks: routed and of this machine's own, with and without ARP.
 */
#include "unit/sweep_kit.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* "here" is 198.19.0.2, everything of 198.18.0.0/16 is behind "there", which drops what it does not know. */
static void
make_routed(struct swept *w)
{
	swept_here(w, "ip addr add 198.19.0.2/24 dev vA && ip route add 198.18.0.0/16 via 198.19.0.1");
	swept_there(w, "ip addr add 198.19.0.1/24 dev vB");
}

static void
make_on_link(struct swept *w, int prefix)
{
	assert_true(netns_kit_run(w->net, w->net->here, "ip addr add 198.18.0.1/%d dev vA", prefix));
}

static void
add_node(struct swept *w, const char *host)
{
	assert_true(netns_kit_run(w->net, w->net->there, "ip addr add %s/32 dev lo", host));
	swept_listen(w, w->net->there, host, 8081);
}

static int
left_of(const struct swept *w, enum sweep_verdict v)
{
	return (int)w->counts.verdicts[v];
}

/* ---- Verdicts ---- */

static void
open_refused_silent_and_unreachable_are_told_apart(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.0/24");

	make_routed(w);
	add_node(w, "198.18.0.10");
	add_node(w, "198.18.0.254");
	swept_there(w, "ip addr add 198.18.0.20/32 dev lo && ip addr add 198.18.0.21/32 dev lo");
	swept_there(w, "sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0 && ip route add unreachable 198.18.0.40 && ip route add blackhole default");
	swept_run(w, &ask);
	assert_int_equal(w->counts.of, 254);
	assert_int_equal(left_of(w, SWEEP_OPEN), 2);
	assert_int_equal(left_of(w, SWEEP_REFUSED), 2);
	assert_int_equal(left_of(w, SWEEP_UNREACHABLE), 1);
	assert_int_equal(left_of(w, SWEEP_SILENT), 249);
	assert_int_equal(w->opens, 2);
	swept_has(w->open, " 198.18.0.10:8081 ");
	swept_has(w->open, " 198.18.0.254:8081 ");
	swept_has(w->told, " 198.18.0.20=refused ");
	swept_has(w->told, " 198.18.0.40=unreachable ");
	assert_int_equal(w->hosts, 5);		/* silent ones are only counted */
	assert_false(w->counts.by_arp);
	assert_int_equal(w->counts.packets, 254);
}

static void
it_takes_its_time_out_and_no_more(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.0/24");

	make_routed(w);
	swept_run(w, &ask);
	assert_in_range(w->counts.took_us, SWEEP_QUICK_US, 2 * SWEEP_QUICK_US);
	ask.rate = 2000;
	swept_run(w, &ask);
	assert_in_range(w->counts.took_us, SWEEP_PACED_US, 2 * SWEEP_PACED_US);
	ask.rate = 0;
	ask.timeout_us = 20000;
	swept_run(w, &ask);
	assert_in_range(w->counts.took_us, 20000, SWEEP_QUICK_US);
}

static void
on_its_own_network_arp_tells_who_is_not_there(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.0/24");

	make_on_link(w, 24);
	swept_there(w, "ip route add 198.18.0.0/24 dev vB");
	add_node(w, "198.18.0.10");
	swept_there(w, "ip addr add 198.18.0.20/32 dev lo && ip addr add 198.18.0.30/32 dev lo && ip rule add from 198.18.0.30 blackhole");
	for (int no_arp = 0; no_arp < 2; no_arp++) {
		ask.no_arp = no_arp != 0;
		swept_run(w, &ask);
		assert_int_equal(w->counts.by_arp, !ask.no_arp);
		assert_int_equal(w->counts.of, 253);		/* not oneself */
		assert_int_equal(left_of(w, SWEEP_OPEN), 1);
		assert_int_equal(left_of(w, SWEEP_REFUSED), 1);
		assert_int_equal(left_of(w, SWEEP_SILENT), 1);
		assert_int_equal(left_of(w, SWEEP_ABSENT), 250);
		assert_int_equal(w->counts.arp, 3);
		swept_has(w->told, " 198.18.0.30=silent+arp ");
		assert_string_equal(w->open, " 198.18.0.10:8081");
	}
	swept_has(w->told, " 198.18.0.20=refused ");		/* nobody needed to ask whether it is there */
}

static void
with_arp_only_those_that_answer_are_connected_to(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.0/24");

	make_on_link(w, 24);
	swept_there(w, "ip route add 198.18.0.0/24 dev vB");
	add_node(w, "198.18.0.10");
	swept_run(w, &ask);
	assert_int_equal(w->counts.packets, 253 + 252 + 1);	/* all, the silent ones again, one connect */
	assert_int_equal(w->counts.arp, 1);
}

static void
of_a_network_that_is_partly_ones_own_only_that_part_is_asked_by_arp(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.0/24");

	make_on_link(w, 26);
	swept_here(w, "ip route add 198.18.0.0/24 via 198.18.0.2");
	swept_there(w, "ip route add 198.18.0.0/26 dev vB && ip addr add 198.18.0.2/32 dev lo");
	add_node(w, "198.18.0.10");
	add_node(w, "198.18.0.200");
	swept_run(w, &ask);
	assert_int_equal(w->counts.of, 252);		/* nor the broadcast address of the part */
	assert_int_equal(w->counts.arp, 2);
	assert_int_equal(left_of(w, SWEEP_OPEN), 2);
	assert_int_equal(left_of(w, SWEEP_REFUSED), 1);
	assert_int_equal(left_of(w, SWEEP_ABSENT), 59);
	assert_int_equal(left_of(w, SWEEP_SILENT), 190);
}

static void
each_port_is_asked_and_a_host_has_one_verdict(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.8/29");

	make_routed(w);
	add_node(w, "198.18.0.10");
	ask.ports[1] = 8090;
	ask.ports[2] = 9;
	ask.port_count = 3;
	swept_listen(w, w->net->there, "198.18.0.10", 8090);
	swept_run(w, &ask);
	assert_int_equal(w->opens, 2);
	swept_has(w->open, " 198.18.0.10:8081 ");
	swept_has(w->open, " 198.18.0.10:8090 ");
	assert_string_equal(w->told, " 198.18.0.10=open");
	assert_int_equal(left_of(w, SWEEP_OPEN), 1);
	assert_int_equal(left_of(w, SWEEP_SILENT), 5);
	assert_int_equal(w->counts.packets, 18);
}

/* ---- Who is asked ---- */

static void
count_of(struct swept *w, const char *cidr, uint32_t want)
{
	struct sweep_ask ask = swept_ask(cidr);

	ask.timeout_us = 10000;
	swept_run(w, &ask);
	assert_int_equal(w->counts.of, want);
}

static void
edges_and_own_addresses_are_left_out(void **state)
{
	struct swept *w = swept_begin(state);

	make_on_link(w, 24);
	swept_here(w, "ip addr add 198.18.3.7/16 dev vA");
	count_of(w, "198.18.0.0/24", 253);
	count_of(w, "198.18.0.0/25", 125);		/* .0, .127 and oneself */
	count_of(w, "198.18.0.128/25", 126);		/* .128 and .255, which is a broadcast address of ours, too */
	count_of(w, "198.18.3.0/24", 253);
	count_of(w, "192.0.2.0/24", 254);		/* no route: asked all the same, and unreachable */
	assert_int_equal(left_of(w, SWEEP_UNREACHABLE), 254);
	count_of(w, "198.18.0.8/31", 2);
	count_of(w, "198.18.0.9/32", 1);
	count_of(w, "198.18.0.1/32", 1);		/* asked for by name */
	count_of(w, "198.18.0.255/32", 0);
}

static void
loopback_is_swept_when_asked_for(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("127.0.0.0/28");

	swept_listen(w, w->net->here, "127.0.0.1", 8081);
	swept_listen(w, w->net->here, "127.0.0.7", 8081);
	swept_run(w, &ask);
	assert_int_equal(w->counts.of, 14);
	assert_string_equal(w->open, " 127.0.0.1:8081 127.0.0.7:8081");
	assert_int_equal(left_of(w, SWEEP_REFUSED), 12);
	assert_false(w->counts.by_arp);
}

static void
neighbours_over_ipv6_are_asked_with_their_scope(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = { .port_count = 1, .ports = { 8081 }, .host_count = 3, .timeout_us = 2000000 };
	struct netif_neighbour hosts[3] = { { .index = if_nametoindex("vA") }, { .index = if_nametoindex("vA") }, { .index = if_nametoindex("vA") } };

	swept_here(w, "ip addr flush dev vA && ip addr add fe80::1/64 dev vA nodad && ip addr add 2001:db8::1/64 dev vA nodad");
	swept_there(w, "ip addr flush dev vB && ip addr add fe80::2/64 dev vB nodad && ip addr add 2001:db8::2/64 dev vB nodad");
	swept_listen(w, w->net->there, "::", 8081);
	assert_int_equal(inet_pton(AF_INET6, "fe80::2", hosts[0].bytes), 1);
	assert_int_equal(inet_pton(AF_INET6, "2001:db8::2", hosts[1].bytes), 1);
	assert_int_equal(inet_pton(AF_INET6, "2001:db8::77", hosts[2].bytes), 1);
	ask.hosts = hosts;
	swept_run(w, &ask);
	assert_int_equal(w->opens, 2);
	swept_has(w->open, " fe80::2%vA:8081 ");
	swept_has(w->open, " 2001:db8::2:8081 ");
	assert_int_equal(left_of(w, SWEEP_OPEN), 2);
	assert_int_equal(left_of(w, SWEEP_SILENT), 1);
}

static void
nobody_to_ask_is_done_at_once(void **state)
{
	struct swept *w = swept_begin(state);
	struct netif_neighbour none;
	struct sweep_ask ask = { .port_count = 1, .ports = { 8081 }, .hosts = &none };

	swept_run(w, &ask);
	assert_int_equal(w->counts.of, 0);
}

/* ---- Bounds ---- */

static void
a_small_window_asks_all_the_same(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.0/26");

	make_routed(w);
	add_node(w, "198.18.0.61");
	ask.window = 8;
	ask.timeout_us = 20000;
	swept_run(w, &ask);
	assert_int_equal(w->counts.asked, 62);
	assert_string_equal(w->open, " 198.18.0.61:8081");
	assert_true(w->counts.took_us >= 7 * ask.timeout_us);	/* 62 silent ones, eight at a time */
}

static int
descriptors_in_use(void)
{
	int count = 0;

	for (int fd = 0; fd < 20000; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* What a child does by itself: 0 when all is as it should be. */
static void
in_child(struct swept *w, int (*fn)(struct swept *))
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(fn(w));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
child_sweeps(struct swept *w, const struct sweep_ask *ask)
{
	w->loop = loop_uv_new(1);
	w->begun_us = loop_now_us(w->loop);
	w->sweep = sweep_new(w->loop, ask, &swept_fns, w);
	loop_run(w->loop);
	sweep_free(w->sweep);
	loop_free(w->loop);
}

static int
sweep_with_few_descriptors(struct swept *w)
{
	struct sweep_ask ask = swept_ask("198.18.0.0/24");
	struct rlimit few = { 0, 0 };

	few.rlim_cur = few.rlim_max = (rlim_t)descriptors_in_use() + 30;
	ask.timeout_us = 20000;
	if (setrlimit(RLIMIT_NOFILE, &few) != 0)
		return 10;
	child_sweeps(w, &ask);
	if (strcmp(w->open, " 198.18.0.254:8081") != 0 || w->counts.asked != 254)
		return 11;
	return w->counts.took_us > 5 * ask.timeout_us ? 0 : 12;
}

static void
few_descriptors_make_it_slower_not_blind(void **state)
{
	struct swept *w = swept_begin(state);

	make_routed(w);
	add_node(w, "198.18.0.254");
	in_child(w, sweep_with_few_descriptors);
}

static void
the_soft_limit_of_descriptors_is_raised(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.0/23");
	struct rlimit before, soft;

	make_routed(w);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	soft = before;
	soft.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &soft), 0);
	swept_run(w, &ask);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &soft), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_true(soft.rlim_cur > 510);
	assert_in_range(w->counts.took_us, SWEEP_QUICK_US, 2 * SWEEP_QUICK_US);		/* all at once */
}

static void
no_descriptor_is_left_behind_and_none_waits_in_the_kernel(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.0/26");
	int before;

	make_routed(w);
	for (int i = 1; i < 6; i++) {
		char host[32];

		snprintf(host, sizeof host, "198.18.0.%d", i);
		add_node(w, host);
	}
	before = descriptors_in_use();
	swept_run(w, &ask);
	assert_int_equal(w->opens, 5);
	sweep_free(w->sweep);
	w->sweep = NULL;
	assert_int_equal(descriptors_in_use(), before);
	assert_true(netns_kit_run(w->net, w->net->here, "test -z \"$(ss -Htan state time-wait; ss -Htan state established)\""));
}

/* ---- The ARP table of the kernel ---- */

static void
five_nodes_of_a_cold_own_network_are_found_every_time(void **state)
{
	static const char *const nodes[] = { "198.18.0.10", "198.18.14.57", "198.18.0.101", "198.18.13.200", "198.18.0.254" };
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.0/20");

	make_on_link(w, 20);
	swept_there(w, "ip route add 198.18.0.0/20 dev vB");
	for (int i = 0; i < 5; i++)
		add_node(w, nodes[i]);
	for (int i = 0; i < 10; i++) {
		swept_here(w, "ip neigh flush dev vA");
		swept_run(w, &ask);
		assert_int_equal(w->opens, 5);
		assert_int_equal(w->counts.arp, 5);
		assert_int_equal(w->counts.repeats, 0);
		assert_int_equal(left_of(w, SWEEP_ABSENT), 4088);
	}
}

/* Begins connects to so many absent hosts of another own network as fill the table for three seconds. */
static void
fill_the_table(struct swept *w, int count)
{
	swept_here(w, "ip link add f0 type veth peer name f1 && ip link set f1 up && ip link set f0 up && ip addr add 198.51.0.1/16 dev f0");
	for (int i = 0; i < count; i++) {
		struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0xc6330101 + (uint32_t)i) };
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		assert_true(fd >= 0);
		if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
			assert_int_equal(errno, EINPROGRESS);
		close(fd);
	}
}

static void
what_a_full_table_swallowed_is_asked_again(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.0/25");
	struct netif_arp_table table;

	netns_kit_lock(w->net, LOCK_EX);
	make_on_link(w, 25);
	swept_there(w, "ip route add 198.18.0.0/25 dev vB");
	add_node(w, "198.18.0.10");
	add_node(w, "198.18.0.100");
	if (!netif_arp_table(&table) || table.limit > 1024)
		skip();
	/* All namespaces share the table: one that did not know the asker before could not even answer. */
	swept_here(w, "ip link set vA address 02:00:00:00:00:0a");
	swept_there(w, "ip neigh replace 198.18.0.1 lladdr 02:00:00:00:00:0a dev vB nud permanent");
	fill_the_table(w, 1100);
	swept_run(w, &ask);				/* ARP is answered, but the connects are swallowed */
	assert_int_equal(w->counts.arp, 2);
	assert_true(w->counts.by_arp);
	assert_int_equal(w->opens, 2);
	assert_true(w->counts.repeats >= 1);
	assert_int_equal(left_of(w, SWEEP_OPEN), 2);
}

static void
what_could_not_answer_for_a_full_table_is_asked_again(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.0/25");
	struct netif_arp_table table;

	netns_kit_lock(w->net, LOCK_EX);
	make_on_link(w, 25);
	swept_there(w, "ip route add 198.18.0.0/25 dev vB");
	add_node(w, "198.18.0.10");
	if (!netif_arp_table(&table) || table.limit > 1024)
		skip();
	fill_the_table(w, 1100);
	swept_run(w, &ask);
	assert_string_equal(w->open, " 198.18.0.10:8081");
	assert_int_equal(left_of(w, SWEEP_ABSENT), 124);
}

static void
without_arp_a_network_larger_than_the_burst_is_paced(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.0/22");

	netns_kit_lock(w->net, LOCK_EX);
	make_on_link(w, 22);
	swept_there(w, "ip route add 198.18.0.0/22 dev vB");
	add_node(w, "198.18.0.10");
	add_node(w, "198.18.3.254");
	ask.no_arp = true;
	swept_run(w, &ask);
	assert_int_equal(w->opens, 2);
	assert_true(w->progress > 5);
	assert_true(w->counts.took_us > 3000000);	/* 500 at once, 130 a second */
	assert_int_equal(left_of(w, SWEEP_ABSENT), 1019);
}

static int
sweep_without_rights(struct swept *w)
{
	struct sweep_ask ask = swept_ask("198.18.0.0/24");

	for (unsigned long cap = 0; cap < 64; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0)
		return 10;
	child_sweeps(w, &ask);
	return w->counts.by_arp || w->opens != 2 || w->counts.verdicts[SWEEP_ABSENT] != 251 ? 11 : 0;
}

static void
without_the_capability_it_still_finds_and_still_tells_apart(void **state)
{
	struct swept *w = swept_begin(state);

	if (getuid() != 0)
		skip();
	make_on_link(w, 24);
	swept_there(w, "ip route add 198.18.0.0/24 dev vB");
	add_node(w, "198.18.0.10");
	add_node(w, "198.18.0.200");
	in_child(w, sweep_without_rights);
}

static void
a_network_where_everybody_answers_is_swept_whole(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.0/24");

	make_on_link(w, 24);
	swept_there(w, "ip route add local 198.18.0.0/24 dev lo && ip route add 198.18.0.1 dev vB");
	swept_listen(w, w->net->there, "0.0.0.0", 8090);
	ask.ports[0] = 8090;
	swept_run(w, &ask);
	assert_int_equal(w->counts.arp, 253);
	assert_int_equal(w->opens, 253);
	assert_int_equal(left_of(w, SWEEP_OPEN), 253);
}

/* ---- Ends ---- */

static void
any_word_may_free_the_sweep(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.0/27");
	int words;

	make_on_link(w, 27);
	swept_there(w, "ip route add 198.18.0.0/27 dev vB");
	add_node(w, "198.18.0.10");
	swept_there(w, "ip addr add 198.18.0.20/32 dev lo");
	swept_run(w, &ask);
	words = w->opens + w->hosts + w->progress + w->dones;
	assert_true(words >= 4);		/* open, two hosts, done */
	for (w->free_at = 1; w->free_at < words; w->free_at++) {
		swept_start(w, &ask);
		loop_run(w->loop);
		assert_null(w->sweep);
		assert_int_equal(w->dones, 0);
	}
}

static void
freed_before_it_began_it_tells_nothing(void **state)
{
	struct swept *w = swept_begin(state);
	struct sweep_ask ask = swept_ask("198.18.0.0/27");

	make_routed(w);
	swept_start(w, &ask);
	sweep_free(w->sweep);
	sweep_free(NULL);
	w->sweep = NULL;
	ask = swept_ask("198.18.1.0/27");
	swept_run(w, &ask);
	assert_int_equal(w->dones, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, swept_up, swept_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(open_refused_silent_and_unreachable_are_told_apart),
		TEST(it_takes_its_time_out_and_no_more),
		TEST(on_its_own_network_arp_tells_who_is_not_there),
		TEST(with_arp_only_those_that_answer_are_connected_to),
		TEST(of_a_network_that_is_partly_ones_own_only_that_part_is_asked_by_arp),
		TEST(each_port_is_asked_and_a_host_has_one_verdict),
		TEST(edges_and_own_addresses_are_left_out),
		TEST(loopback_is_swept_when_asked_for),
		TEST(neighbours_over_ipv6_are_asked_with_their_scope),
		TEST(nobody_to_ask_is_done_at_once),
		TEST(a_small_window_asks_all_the_same),
		TEST(few_descriptors_make_it_slower_not_blind),
		TEST(the_soft_limit_of_descriptors_is_raised),
		TEST(no_descriptor_is_left_behind_and_none_waits_in_the_kernel),
		TEST(five_nodes_of_a_cold_own_network_are_found_every_time),
		TEST(what_a_full_table_swallowed_is_asked_again),
		TEST(what_could_not_answer_for_a_full_table_is_asked_again),
		TEST(without_arp_a_network_larger_than_the_burst_is_paced),
		TEST(without_the_capability_it_still_finds_and_still_tells_apart),
		TEST(a_network_where_everybody_answers_is_swept_whole),
		TEST(any_word_may_free_the_sweep),
		TEST(freed_before_it_began_it_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
