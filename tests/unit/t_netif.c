/*
 * t_netif.c - interfaces, neighbours, ways and news, on interfaces made in private network namespaces.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "base/ceilings.h"
#include "io/loop_uv.h"
#include "io/netif.h"
#include "io/netif_private.h"
#include "unit/netns_kit.h"

struct fixture {
	struct netns_kit *net;
	struct loop *loop;
	struct loop_timer *guard, *poll;
	struct netif_watch *watch;
	int changes;
	bool free_inside;
	struct netif_address list[MAX_INTERFACES];
	int count;
	bool (*until)(struct fixture *);
};

static void
on_guard(void *arg)
{
	(void)arg;
	fail_msg("waited for ten seconds");
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->net = netns_kit_new();
	if (f->net != NULL)
		f->loop = loop_uv_new(1);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->net != NULL) {
		netif_watch_free(f->watch);
		loop_free(f->loop);
		netns_kit_free(f->net);
	}
	free(f);
	return 0;
}

static struct fixture *
begin(void **state)
{
	struct fixture *f = *state;

	if (f->net == NULL) {
		print_message("%s\n", NETNS_KIT_WHY);
		skip();
	}
	return f;
}

static void
here(struct fixture *f, const char *command)
{
	assert_true(netns_kit_run(f->net, f->net->here, "%s", command));
}

static void
there(struct fixture *f, const char *command)
{
	assert_true(netns_kit_run(f->net, f->net->there, "%s", command));
}

static const struct netif_address *
listed(struct fixture *f, const char *text)
{
	char one[INET6_ADDRSTRLEN];

	f->count = netif_list(f->list, MAX_INTERFACES);
	for (int i = 0; i < f->count; i++)
		if (inet_ntop(f->list[i].family, f->list[i].bytes, one, sizeof one) != NULL && strcmp(one, text) == 0)
			return &f->list[i];
	return NULL;
}

static void
on_poll(void *arg)
{
	struct fixture *f = arg;

	if (f->until(f))
		loop_stop(f->loop);
}

static void
wait_until(struct fixture *f, bool (*until)(struct fixture *))
{
	struct loop_timer *guard = loop_timer_new(f->loop, on_guard, f), *poll = loop_timer_new(f->loop, on_poll, f);

	f->until = until;
	loop_timer_start(f->loop, guard, 10000000, 0);
	loop_timer_start(f->loop, poll, 0, 10000);
	loop_run(f->loop);
	loop_timer_free(f->loop, guard);
	loop_timer_free(f->loop, poll);
}

/* ---- The list ---- */

static void
an_address_is_listed_with_its_interface_and_prefix(void **state)
{
	struct fixture *f = begin(state);
	const struct netif_address *a;

	here(f, "ip link set vA address 02:00:00:00:00:0a; ip addr add 198.18.7.9/22 dev vA");
	a = listed(f, "198.18.7.9");
	assert_non_null(a);
	assert_string_equal(a->name, "vA");
	assert_int_equal(a->index, if_nametoindex("vA"));
	assert_int_equal(a->family, AF_INET);
	assert_int_equal(a->prefix, 22);
	assert_true(a->has_mac);
	assert_memory_equal(a->mac, "\x02\0\0\0\0\x0a", 6);
	assert_true(a->multicast);
	assert_false(a->loopback || a->wireless || a->point_to_point || a->tailscale);
	a = listed(f, "127.0.0.1");
	assert_non_null(a);
	assert_true(a->loopback);
	assert_int_equal(a->prefix, 8);
	assert_false(a->has_mac);
}

static bool
is_listed(struct fixture *f)
{
	return listed(f, "198.18.0.1") != NULL;
}

static bool
is_not_listed(struct fixture *f)
{
	return !is_listed(f);
}

static void
an_interface_that_is_down_or_without_carrier_is_not_listed(void **state)
{
	struct fixture *f = begin(state);

	here(f, "ip addr add 198.18.0.1/24 dev vA");
	wait_until(f, is_listed);
	there(f, "ip link set vB down");		/* up, but not running */
	wait_until(f, is_not_listed);
	there(f, "ip link set vB up");
	wait_until(f, is_listed);
	here(f, "ip link set vA down");
	assert_null(listed(f, "198.18.0.1"));
}

static void
tailscale_is_known_by_name_and_by_address(void **state)
{
	struct fixture *f = begin(state);

	here(f, "ip link add tailscale0 type veth peer name t1 && ip link set t1 up && ip link set tailscale0 up && ip addr add 10.9.9.9/32 dev tailscale0");
	here(f, "ip addr add 100.127.255.254/32 dev vA && ip addr add 100.128.0.1/32 dev vA && ip addr add 100.63.0.1/32 dev vA");
	here(f, "ip addr add fd7a:115c:a1e0::7/128 dev vA nodad && ip addr add fd7a:115c:a1e1::7/128 dev vA nodad");
	assert_true(listed(f, "10.9.9.9")->tailscale);
	assert_true(listed(f, "100.127.255.254")->tailscale);
	assert_false(listed(f, "100.128.0.1")->tailscale);
	assert_false(listed(f, "100.63.0.1")->tailscale);
	assert_true(listed(f, "fd7a:115c:a1e0::7")->tailscale);
	assert_false(listed(f, "fd7a:115c:a1e1::7")->tailscale);
}

static void
the_near_end_of_a_point_to_point_link_is_listed(void **state)
{
	struct fixture *f = begin(state);

	here(f, "ip tuntap add dev t0 mode tun && ip link set t0 up && ip addr add 10.1.0.1 peer 10.1.0.2/32 dev vA");
	assert_non_null(listed(f, "10.1.0.1"));
	assert_null(listed(f, "10.1.0.2"));
}

static void
an_address_under_duplicate_detection_is_not_listed_before_it_is_usable(void **state)
{
	struct fixture *f = begin(state);

	here(f, "sysctl -qw net.ipv6.conf.vA.dad_transmits=20 && ip addr add 2001:db8::1/64 dev vA && ip addr add 2001:db8::2/64 dev vA nodad");
	assert_null(listed(f, "2001:db8::1"));
	assert_non_null(listed(f, "2001:db8::2"));
}

static void
no_more_are_listed_than_asked_for(void **state)
{
	struct fixture *f = begin(state);

	here(f, "for i in $(seq 1 200); do echo addr add 198.18.0.$i/24 dev vA; done | ip -b -");
	f->list[3].index = 77777;
	assert_int_equal(netif_list(f->list, 3), 3);
	assert_int_equal(f->list[3].index, 77777);
	assert_int_equal(netif_list(f->list, MAX_INTERFACES), MAX_INTERFACES);
}

/* ---- The way ---- */

static struct netif_way
way_to(const char *host)
{
	struct netif_way w;

	assert_true(netif_way_to(host, &w));
	return w;
}

static void
the_way_to_a_host_is_the_interface_its_route_takes(void **state)
{
	struct fixture *f = begin(state);
	struct netif_way w;

	here(f, "ip addr add 198.18.0.1/24 dev vA && ip link add d0 type veth peer name d1 && ip link set d1 up && ip link set d0 up && ip addr add 10.5.0.1/16 dev d0 && ip route add default via 198.18.0.254");
	w = way_to("198.18.0.77");
	assert_string_equal(w.name, "vA");
	assert_true(w.on_link);
	assert_false(w.loopback || w.tailscale || w.wireless);
	w = way_to("10.5.200.1");
	assert_string_equal(w.name, "d0");
	assert_true(w.on_link);
	w = way_to("192.0.2.1");
	assert_string_equal(w.name, "vA");
	assert_false(w.on_link);
}

static void
this_machine_itself_is_reached_by_loopback(void **state)
{
	struct fixture *f = begin(state);

	here(f, "ip addr add 198.18.0.1/24 dev vA");
	assert_true(way_to("198.18.0.1").loopback);
	assert_true(way_to("127.0.0.1").loopback);
	assert_true(way_to("127.3.2.1").loopback);
	assert_true(way_to("::1").loopback);
	assert_string_equal(way_to("198.18.0.1").name, "lo");
}

static void
a_link_local_host_is_reached_by_the_interface_of_its_scope(void **state)
{
	struct fixture *f = begin(state);
	struct netif_way w;

	here(f, "ip addr flush dev vA && ip addr add fe80::1/64 dev vA nodad");
	here(f, "ip link add d0 type veth peer name d1 && ip link set d1 up && ip link set d0 up && ip addr flush dev d0 && ip addr add fe80::1/64 dev d0 nodad");
	w = way_to("fe80::2%vA");
	assert_string_equal(w.name, "vA");
	assert_true(w.on_link);
	assert_string_equal(way_to("fe80::2%d0").name, "d0");
}

static void
no_route_and_no_address_have_no_way(void **state)
{
	struct fixture *f = begin(state);
	struct netif_way w;

	assert_false(netif_way_to("198.18.0.77", &w));
	assert_false(netif_way_to("camera.local", &w));
	assert_false(netif_way_to("", &w));
	assert_false(netif_way_to("fe80::1%nosuch", &w));
	(void)f;
}

static void
the_tailscale_path_is_told(void **state)
{
	struct fixture *f = begin(state);
	struct netif_way w;

	here(f, "ip link add tailscale0 type veth peer name t1 && ip link set t1 up && ip link set tailscale0 up && ip addr add 100.100.1.1/32 dev tailscale0 && ip route add 100.64.0.0/10 dev tailscale0");
	w = way_to("100.101.102.103");
	assert_true(w.tailscale);
	assert_string_equal(w.name, "tailscale0");
	assert_false(way_to("100.100.1.1").tailscale);	/* oneself */
}

/* ---- Neighbours ---- */

static void
neighbours_heard_of_are_told_without_routers_failures_and_groups(void **state)
{
	struct fixture *f = begin(state);
	struct netif_neighbour all[8];
	unsigned char want[16];

	here(f, "ip addr add 2001:db8::1/64 dev vA nodad");
	here(f, "ip neigh add 2001:db8::7 lladdr 02:00:00:00:00:07 dev vA nud stale");
	here(f, "ip neigh add 2001:db8::8 dev vA nud failed; ip neigh replace ff02::16 lladdr 33:33:00:00:00:16 dev vA nud noarp");
	here(f, "ip neigh add fe80::99 lladdr 02:00:00:00:00:99 dev vA nud reachable && ip -6 route add default via fe80::99 dev vA");

	assert_int_equal(netif_neighbours(all, 8), 1);
	assert_int_equal(inet_pton(AF_INET6, "2001:db8::7", want), 1);
	assert_memory_equal(all[0].bytes, want, 16);
	assert_int_equal(all[0].index, if_nametoindex("vA"));
	here(f, "ip neigh add 2001:db8::a lladdr 02:00:00:00:00:0a dev vA nud stale");
	assert_int_equal(netif_neighbours(all, 1), 1);
}

static void
hosts_that_answered_arp_are_told(void **state)
{
	struct fixture *f = begin(state);
	struct netif_arp_host all[8];

	here(f, "ip addr add 198.18.0.1/24 dev vA && ip neigh add 198.18.0.7 lladdr 02:00:00:00:00:07 dev vA nud stale");
	here(f, "ip neigh add 198.18.0.8 dev vA nud failed");
	assert_int_equal(netif_arp_hosts(all, 8), 1);
	assert_memory_equal(all[0].bytes, "\xc6\x12\x00\x07", 4);
}

static void
the_arp_table_tells_its_size(void **state)
{
	struct fixture *f = begin(state);
	struct netif_arp_table t;

	(void)f;
	assert_true(netif_arp_table(&t));
	assert_in_range(t.limit, 1, 1 << 30);
}

/* ---- News ---- */

static void
on_changed(void *arg)
{
	struct fixture *f = arg;

	f->changes++;
	if (!f->free_inside)
		return;
	netif_watch_free(f->watch);
	f->watch = NULL;
}

static bool
has_changed(struct fixture *f)
{
	return f->changes > 0;
}

static void
an_address_that_comes_or_goes_is_news_once(void **state)
{
	struct fixture *f = begin(state);

	f->watch = netif_watch_new(f->loop, on_changed, f);
	assert_non_null(f->watch);
	here(f, "ip addr add 198.18.0.1/24 dev vA && ip addr add 198.18.0.2/24 dev vA");
	wait_until(f, has_changed);
	assert_int_equal(f->changes, 1);
	f->changes = 0;
	here(f, "ip addr del 198.18.0.1/24 dev vA");
	wait_until(f, has_changed);
	assert_non_null(f->watch);
}

static void
a_link_that_dies_is_news(void **state)
{
	struct fixture *f = begin(state);

	here(f, "ip addr add 198.18.0.1/24 dev vA");
	f->watch = netif_watch_new(f->loop, on_changed, f);
	there(f, "ip link set vB down");
	wait_until(f, has_changed);
}

static struct loop_timer *quiet_over;

static void
on_quiet(void *arg)
{
	loop_stop(arg);
}

static void
what_changes_no_address_is_no_news(void **state)
{
	struct fixture *f = begin(state);

	here(f, "ip addr flush dev vA && ip addr add 198.18.0.1/24 dev vA");
	f->watch = netif_watch_new(f->loop, on_changed, f);
	here(f, "ip link set vA mtu 1400; ip link set vA txqueuelen 7; ip addr change 198.18.0.1/24 dev vA valid_lft 900 preferred_lft 900");
	quiet_over = loop_timer_new(f->loop, on_quiet, f->loop);
	loop_timer_start(f->loop, quiet_over, 300000, 0);
	loop_run(f->loop);
	loop_timer_free(f->loop, quiet_over);
	assert_int_equal(f->changes, 0);
}

static void
the_watch_may_be_freed_by_what_it_told(void **state)
{
	struct fixture *f = begin(state);

	f->free_inside = true;
	f->watch = netif_watch_new(f->loop, on_changed, f);
	here(f, "ip addr add 198.18.0.1/24 dev vA");
	wait_until(f, has_changed);
	assert_null(f->watch);
	netif_watch_free(NULL);
}

/* ---- Hostile bytes ---- */

static void
an_attribute_that_lies_about_its_length_is_not_read(void **state)
{
	struct { struct nlmsghdr h; struct rtmsg m; struct rtattr a; unsigned char bytes[8]; } msg;

	(void)state;
	memset(&msg, 0, sizeof msg);
	msg.h.nlmsg_len = sizeof msg;
	msg.a.rta_type = RTA_GATEWAY;
	msg.a.rta_len = sizeof msg.a + sizeof msg.bytes;
	assert_ptr_equal(netif_attribute(&msg.h, sizeof msg.m, RTA_GATEWAY, 8, NULL), msg.bytes);
	assert_null(netif_attribute(&msg.h, sizeof msg.m, RTA_GATEWAY, 9, NULL));
	assert_null(netif_attribute(&msg.h, sizeof msg.m, RTA_OIF, 1, NULL));
	msg.a.rta_len++;
	assert_null(netif_attribute(&msg.h, sizeof msg.m, RTA_GATEWAY, 8, NULL));
	msg.a.rta_len = 3;
	assert_null(netif_attribute(&msg.h, sizeof msg.m, RTA_GATEWAY, 0, NULL));
	msg.a.rta_len = 0;
	assert_null(netif_attribute(&msg.h, sizeof msg.m, RTA_OIF, 0, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_address_is_listed_with_its_interface_and_prefix),
		TEST(an_interface_that_is_down_or_without_carrier_is_not_listed),
		TEST(tailscale_is_known_by_name_and_by_address),
		TEST(the_near_end_of_a_point_to_point_link_is_listed),
		TEST(an_address_under_duplicate_detection_is_not_listed_before_it_is_usable),
		TEST(no_more_are_listed_than_asked_for),
		TEST(the_way_to_a_host_is_the_interface_its_route_takes),
		TEST(this_machine_itself_is_reached_by_loopback),
		TEST(a_link_local_host_is_reached_by_the_interface_of_its_scope),
		TEST(no_route_and_no_address_have_no_way),
		TEST(the_tailscale_path_is_told),
		TEST(neighbours_heard_of_are_told_without_routers_failures_and_groups),
		TEST(hosts_that_answered_arp_are_told),
		TEST(the_arp_table_tells_its_size),
		TEST(an_address_that_comes_or_goes_is_news_once),
		TEST(a_link_that_dies_is_news),
		TEST(what_changes_no_address_is_no_news),
		TEST(the_watch_may_be_freed_by_what_it_told),
		TEST(an_attribute_that_lies_about_its_length_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
