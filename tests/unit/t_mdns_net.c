/*
 * t_mdns_net.c - the querier's sockets, in private network namespaces: answers by unicast, what is multicast to all, a daemon
 * beside it that loses nothing, interfaces that come and go.
 */
#include <dirent.h>
#include <netinet/in.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "io/loop_uv.h"
#include "unit/mdns_packet.h"
#include "unit/netns_kit.h"

/* Another host, or a daemon of this one. */
struct responder {
	struct fixture *f;
	struct loop_watch *watch;
	const char *address;		/* of its camera; NULL: it only counts */
	int fd, packets, questions;
	bool is_v6;
};

struct fixture {
	struct netns_kit *net;
	struct loop *loop;
	struct loop_timer *guard, *poll;
	struct mdns *m;
	struct buf told;
	struct responder responders[3];
	int responder_count;
	bool (*until)(struct fixture *);
	const char *text;
	int count;
};

static void
on_guard(void *arg)
{
	(void)arg;
	fail_msg("waited for ten seconds");
}

/* ---- What is told ---- */

static void
on_service(void *arg, const struct mdns_service *s)
{
	struct fixture *f = arg;

	buf_add_format(&f->told, "service %s:%d", s->instance, s->port);
	for (int i = 0; i < s->address_count; i++)
		buf_add_format(&f->told, " %s", s->addresses[i]);
	buf_add_text(&f->told, "\n");
}

static void
on_gone(void *arg, const char *type, const char *instance)
{
	(void)type;
	buf_add_format(&((struct fixture *)arg)->told, "gone %s\n", instance);
}

static void
on_host(void *arg, const char *name, const char *address)
{
	buf_add_format(&((struct fixture *)arg)->told, "host %s %s\n", name, address);
}

static void
on_heard(void *arg, const char *from)
{
	buf_add_format(&((struct fixture *)arg)->told, "heard %s\n", from);
}

/* ---- Waiting ---- */

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
	f->until = until;
	loop_timer_start(f->loop, f->guard, 10000000, 0);
	loop_timer_start(f->loop, f->poll, 0, 2000);
	loop_run(f->loop);
	loop_timer_stop(f->loop, f->poll);
	loop_timer_stop(f->loop, f->guard);
}

static bool
is_told(struct fixture *f)
{
	return strstr(buf_text(&f->told), f->text) != NULL;
}

static void
wait_told(struct fixture *f, const char *text)
{
	f->text = text;
	wait_until(f, is_told);
	buf_clear(&f->told);
}

static bool
are_sent(struct fixture *f)
{
	return mdns_counts(f->m).packets_sent >= (unsigned long)f->count;
}

static bool
is_asked(struct fixture *f)
{
	return f->responders[0].questions >= f->count;
}

static bool
has_packet(struct fixture *f)
{
	return f->responders[0].packets >= f->count;
}

/* ---- A responder ---- */

static void
respond(struct responder *r, const unsigned char *question, const struct sockaddr *to, socklen_t to_len)
{
	struct packet p;

	packet_open(&p);
	memcpy(p.bytes, question, 2);
	packet_camera(&p, "One", "phone", r->address, 10);
	assert_int_equal(sendto(r->fd, p.bytes, p.len, 0, to, to_len), p.len);
}

static void
on_packet(void *arg, unsigned events)
{
	struct responder *r = arg;
	struct sockaddr_storage from;
	socklen_t len = sizeof from;
	unsigned char bytes[9000];
	ssize_t n = recvfrom(r->fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &len);

	(void)events;
	if (n < 12)
		return;
	r->packets++;
	if ((bytes[2] & 0x80) != 0)
		return;
	r->questions++;
	if (r->address != NULL && ((struct sockaddr_in *)(void *)&from)->sin_port != htons(MDNS_PORT))
		respond(r, bytes, (struct sockaddr *)&from, len);
}

/* Bound to everything at port 5353, as a daemon is; in the group on one interface. */
static struct responder *
responder_new(struct fixture *f, int where, const char *interface, const char *address)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(MDNS_PORT) };
	struct sockaddr_in6 at6 = { .sin6_family = AF_INET6, .sin6_port = htons(MDNS_PORT) };
	struct ip_mreqn group = { 0 };
	struct ipv6_mreq group6 = { 0 };
	struct responder *r = &f->responders[f->responder_count++];
	int yes = 1;

	r->f = f;
	r->address = address;
	r->is_v6 = address != NULL && strchr(address, ':') != NULL;
	assert_int_equal(setns(where, CLONE_NEWNET), 0);
	r->fd = socket(r->is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(r->fd >= 0);
	setsockopt(r->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	inet_pton(AF_INET, "224.0.0.251", &group.imr_multiaddr);
	inet_pton(AF_INET6, "ff02::fb", &group6.ipv6mr_multiaddr);
	group.imr_ifindex = (int)if_nametoindex(interface);
	group6.ipv6mr_interface = if_nametoindex(interface);
	if (r->is_v6) {
		setsockopt(r->fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
		assert_int_equal(bind(r->fd, (struct sockaddr *)&at6, sizeof at6), 0);
		assert_int_equal(setsockopt(r->fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group6, sizeof group6), 0);
	} else {
		assert_int_equal(bind(r->fd, (struct sockaddr *)&at, sizeof at), 0);
		assert_int_equal(setsockopt(r->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group), 0);
		assert_int_equal(setsockopt(r->fd, IPPROTO_IP, IP_MULTICAST_IF, &group, sizeof group), 0);
	}
	assert_int_equal(setns(f->net->here, CLONE_NEWNET), 0);
	r->watch = loop_watch_new(f->loop, r->fd, LOOP_READ, on_packet, r);
	return r;
}

static void
announce(struct responder *r, unsigned ttl_s)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(MDNS_PORT) };
	struct packet p;

	inet_pton(AF_INET, "224.0.0.251", &to.sin_addr);
	packet_open(&p);
	packet_camera(&p, "Two", "pad", "10.9.0.2", ttl_s);
	assert_int_equal(sendto(r->fd, p.bytes, p.len, 0, (struct sockaddr *)&to, sizeof to), p.len);
}

/* ---- Fixture ---- */

/* Tried by a child: who may not make a network may not come back to this one either. */
static bool
may_make_networks(void)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(unshare(CLONE_NEWNET) != 0);
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	if (may_make_networks())
		f->net = netns_kit_new();
	*state = f;
	if (f->net == NULL)
		return 0;
	f->loop = loop_uv_new(1);
	f->guard = loop_timer_new(f->loop, on_guard, f);
	f->poll = loop_timer_new(f->loop, on_poll, f);
	buf_init(&f->told, 1 << 20);
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->net != NULL) {
		mdns_free(f->m);
		for (int i = 0; i < f->responder_count; i++) {
			loop_watch_free(f->loop, f->responders[i].watch);
			close(f->responders[i].fd);
		}
		loop_timer_free(f->loop, f->guard);
		loop_timer_free(f->loop, f->poll);
		loop_free(f->loop);
		buf_fini(&f->told);
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
addresses(struct fixture *f)
{
	assert_true(netns_kit_run(f->net, f->net->here, "ip addr add 10.9.0.1/24 dev vA"));
	assert_true(netns_kit_run(f->net, f->net->there, "ip addr add 10.9.0.2/24 dev vB"));
}

static void
querier(struct fixture *f, unsigned flags)
{
	static const struct mdns_fns fns = { on_service, on_gone, on_host, on_heard };

	f->m = mdns_new(f->loop, flags, &fns, f);
}

/* ---- Tests ---- */

static void
a_camera_is_found_by_a_unicast_answer(void **state)
{
	struct fixture *f = begin(state);

	addresses(f);
	responder_new(f, f->net->there, "vB", "10.9.0.2");
	querier(f, 0);
	assert_int_equal(mdns_counts(f->m).interfaces, 1);
	mdns_browse(f->m, "_mmcam._tcp");
	wait_told(f, "service One:8081 10.9.0.2\nheard 10.9.0.2\n");
	assert_int_equal(mdns_counts(f->m).hosts, 1);
	mdns_ask_host(f->m, "phone.local");
	wait_told(f, "host phone.local 10.9.0.2\n");
}

static bool
has_link_local(struct fixture *f)
{
	return netns_kit_run(f->net, f->net->here, "ip -6 addr show dev vA | grep -q 'scope link' && ! ip -6 addr show dev vA | "
	    "grep -q tentative") && netns_kit_run(f->net, f->net->there, "! ip -6 addr show dev vB | grep -q tentative");
}

static void
ipv6_answers_have_the_scope_of_their_interface(void **state)
{
	struct fixture *f = begin(state);

	wait_until(f, has_link_local);
	responder_new(f, f->net->there, "vB", "fe80::1234");
	querier(f, 0);
	mdns_browse(f->m, "_mmcam._tcp");
	wait_told(f, "service One:8081 fe80::1234%vA\nheard fe80::");
}

static void
loopback_has_cameras_too_and_is_no_other_machine(void **state)
{
	struct fixture *f = begin(state);

	responder_new(f, f->net->here, "lo", "127.0.0.1");
	querier(f, MDNS_LISTEN);
	mdns_browse(f->m, "_mmcam._tcp");
	wait_told(f, "service One:8081 127.0.0.1\n");
	assert_int_equal(mdns_counts(f->m).hosts, 0);
}

static void
what_is_announced_to_all_is_heard_by_who_listens(void **state)
{
	struct fixture *f = begin(state);
	struct responder *r;

	addresses(f);
	r = responder_new(f, f->net->there, "vB", NULL);
	querier(f, MDNS_LISTEN);
	mdns_browse(f->m, "_mmcam._tcp");
	announce(r, 120);
	wait_told(f, "service Two:8081 10.9.0.2\n");
	announce(r, 0);
	wait_told(f, "gone Two\n");
}

static void
who_does_not_listen_hears_no_announcement(void **state)
{
	struct fixture *f = begin(state);
	struct responder *r;

	addresses(f);
	r = responder_new(f, f->net->there, "vB", "10.9.0.2");
	querier(f, 0);
	mdns_browse(f->m, "_mmcam._tcp");
	announce(r, 120);
	wait_told(f, "service One");		/* the answer, which came after it */
	assert_null(map_get(f->m->instances, "\003two\006_mmcam\004_tcp\005local"));
}

static void
a_daemon_of_this_machine_keeps_its_unicast_packets(void **state)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(MDNS_PORT) };
	struct fixture *f = begin(state);
	struct responder *daemon, *other;
	struct packet p;

	addresses(f);
	daemon = responder_new(f, f->net->here, "vA", NULL);
	other = responder_new(f, f->net->there, "vB", NULL);
	querier(f, MDNS_LISTEN);			/* bound after it, so the kernel would prefer it */
	mdns_browse(f->m, "_mmcam._tcp");
	f->count = 1;
	wait_until(f, has_packet);			/* our own question, which it hears as everybody does */
	f->count = daemon->packets + 10;
	packet_open(&p);
	inet_pton(AF_INET, "10.9.0.1", &to.sin_addr);
	for (int i = 0; i < 10; i++)
		assert_int_equal(sendto(other->fd, p.bytes, p.len, 0, (struct sockaddr *)&to, sizeof to), p.len);
	wait_until(f, has_packet);
	assert_int_equal(mdns_counts(f->m).answers, 0);
}

static void
two_queriers_listen_side_by_side(void **state)
{
	static const struct mdns_fns none = { 0 };
	struct fixture *f = begin(state);
	struct responder *r;
	struct mdns *second;

	addresses(f);
	r = responder_new(f, f->net->there, "vB", NULL);
	second = mdns_new(f->loop, MDNS_LISTEN, &none, NULL);
	mdns_browse(second, "_mmcam._tcp");
	querier(f, MDNS_LISTEN);
	mdns_browse(f->m, "_mmcam._tcp");
	announce(r, 120);
	wait_told(f, "service Two:8081 10.9.0.2\n");
	assert_int_equal(map_count(second->instances), 1);
	mdns_free(second);
}

static void
an_interface_that_comes_is_asked_at_once(void **state)
{
	struct fixture *f = begin(state);

	assert_true(netns_kit_run(f->net, f->net->here, "ip link set lo down && ip link set vA down"));
	querier(f, MDNS_LISTEN);
	assert_int_equal(mdns_counts(f->m).interfaces, 0);
	mdns_browse(f->m, "_mmcam._tcp");
	mdns_census(f->m);
	responder_new(f, f->net->there, "vB", "10.9.0.2");
	assert_true(netns_kit_run(f->net, f->net->here, "ip link set vA up"));
	addresses(f);
	wait_told(f, "service One:8081 10.9.0.2\n");
	assert_int_equal(mdns_counts(f->m).interfaces, 1);
}

static void
an_address_that_changes_moves_the_socket(void **state)
{
	struct fixture *f = begin(state);

	addresses(f);
	responder_new(f, f->net->there, "vB", "10.9.0.2");
	querier(f, 0);
	mdns_browse(f->m, "_mmcam._tcp");
	wait_told(f, "service One");
	assert_true(netns_kit_run(f->net, f->net->here, "ip addr del 10.9.0.1/24 dev vA && ip addr add 10.9.0.77/24 dev vA"));
	f->count = f->responders[0].questions + 1;
	wait_until(f, is_asked);
}

static int
descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		count++;
	closedir(d);
	return count;
}

static void
an_interface_that_flaps_leaves_no_descriptor_behind(void **state)
{
	struct fixture *f = begin(state);
	int before;

	addresses(f);
	querier(f, MDNS_LISTEN);
	before = descriptors();
	for (int i = 0; i < 10; i++) {
		assert_true(netns_kit_run(f->net, f->net->here, "ip addr del 10.9.0.%d/24 dev vA", 1 + i));
		mdns_sock_follow(f->m);
		assert_true(netns_kit_run(f->net, f->net->here, "ip addr add 10.9.0.%d/24 dev vA", 2 + i));
		mdns_sock_follow(f->m);
		mdns_ask_all(f->m);
	}
	assert_int_equal(descriptors(), before);
	assert_int_equal(mdns_counts(f->m).interfaces, 1);
}

static void
all_questions_of_a_moment_share_one_packet_each_way(void **state)
{
	struct fixture *f = begin(state);

	addresses(f);
	wait_until(f, has_link_local);
	querier(f, MDNS_LISTEN);
	mdns_browse(f->m, "_mmcam._tcp");
	mdns_ask_host(f->m, "phone.local");
	f->count = 6;				/* two ways; loopback, vA by IPv4, vA by IPv6 */
	wait_until(f, are_sent);
	assert_int_equal(mdns_counts(f->m).packets_sent, 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_camera_is_found_by_a_unicast_answer),
		TEST(ipv6_answers_have_the_scope_of_their_interface),
		TEST(loopback_has_cameras_too_and_is_no_other_machine),
		TEST(what_is_announced_to_all_is_heard_by_who_listens),
		TEST(who_does_not_listen_hears_no_announcement),
		TEST(a_daemon_of_this_machine_keeps_its_unicast_packets),
		TEST(two_queriers_listen_side_by_side),
		TEST(an_interface_that_comes_is_asked_at_once),
		TEST(an_address_that_changes_moves_the_socket),
		TEST(an_interface_that_flaps_leaves_no_descriptor_behind),
		TEST(all_questions_of_a_moment_share_one_packet_each_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
