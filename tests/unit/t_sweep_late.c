/*
 * t_sweep_late.c - sweeps of hosts made up here, frame by frame, behind a TAP device: late ones, sleepy ones, liars;
 * and the times at which the questions reach them.
 */
#include "unit/sweep_kit.h"

#include <linux/if_tun.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#define HOSTS 4
#define FRAMES 4096

struct made {				/* a host of our own making, 198.18.0.x */
	unsigned char last;
	int64_t arp_delay_us, tcp_delay_us;
	int deaf_to;			/* so many ARP questions are not heard: it sleeps */
	bool resets;
};

struct later {
	struct loop_timer *timer;
	struct village *village;
	size_t len;
	unsigned char frame[128];
};

struct village {
	struct swept *w;
	int fd;
	struct loop_watch *watch;
	struct made hosts[HOSTS];
	int host_count;
	int64_t asked_us[FRAMES];	/* when a question (ARP or SYN) came */
	int asked, arps, syns, most_a_turn;
	struct later *laters[64];
	int later_count;
};

static const unsigned char made_mac[6] = { 2, 0, 0, 0, 0, 0x77 };

static uint16_t
checksum(uint32_t sum, const void *bytes, size_t len)
{
	const unsigned char *b = bytes;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)b[i] << 8 | b[i + 1];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void
send_frame(struct village *v, const void *frame, size_t len)
{
	assert_int_equal(write(v->fd, frame, len), len);
}

static void
on_later(void *arg)
{
	struct later *l = arg;

	send_frame(l->village, l->frame, l->len);
}

static void
send_later(struct village *v, const void *frame, size_t len, int64_t delay_us)
{
	struct later *l;

	if (delay_us == 0) {
		send_frame(v, frame, len);
		return;
	}
	assert_true(v->later_count < 64);
	l = xcalloc(1, sizeof *l);
	l->village = v;
	l->len = len;
	memcpy(l->frame, frame, len);
	l->timer = loop_timer_new(v->w->loop, on_later, l);
	loop_timer_start(v->w->loop, l->timer, delay_us, 0);
	v->laters[v->later_count++] = l;
}

static struct made *
find_made(struct village *v, const void *address)
{
	const unsigned char *b = address;

	for (int i = 0; i < v->host_count; i++)
		if (memcmp(b, "\xc6\x12\x00", 3) == 0 && v->hosts[i].last == b[3])
			return &v->hosts[i];
	return NULL;
}

struct arp_frame { struct ether_header e; struct ether_arp a; } __attribute__((packed));

static void
hear_arp(struct village *v, const struct arp_frame *q)
{
	struct made *host = find_made(v, q->a.arp_tpa);
	struct arp_frame r = *q;

	v->arps++;
	if (host == NULL || host->deaf_to-- > 0)
		return;
	memcpy(r.e.ether_dhost, q->e.ether_shost, 6);
	memcpy(r.e.ether_shost, made_mac, 6);
	r.a.arp_op = htons(ARPOP_REPLY);
	memcpy(r.a.arp_sha, made_mac, 6);
	memcpy(r.a.arp_spa, q->a.arp_tpa, 4);
	memcpy(r.a.arp_tha, q->a.arp_sha, 6);
	memcpy(r.a.arp_tpa, q->a.arp_spa, 4);
	send_later(v, &r, sizeof r, host->arp_delay_us);
}

struct syn_frame { struct ether_header e; struct iphdr i; struct tcphdr t; } __attribute__((packed));

static void
hear_syn(struct village *v, const struct syn_frame *q)
{
	struct made *host = find_made(v, &q->i.daddr);
	struct syn_frame r = *q;

	v->syns++;
	if (host == NULL)
		return;
	memcpy(r.e.ether_dhost, q->e.ether_shost, 6);
	memcpy(r.e.ether_shost, made_mac, 6);
	r.i.ihl = 5;
	r.i.tot_len = htons(sizeof r.i + sizeof r.t);
	r.i.saddr = q->i.daddr;
	r.i.daddr = q->i.saddr;
	r.i.check = 0;
	r.i.check = checksum(0, &r.i, sizeof r.i);
	r.t.source = q->t.dest;
	r.t.dest = q->t.source;
	r.t.ack_seq = htonl(ntohl(q->t.seq) + 1);
	r.t.seq = htonl(1000);
	r.t.doff = 5;
	r.t.ack = 1;
	r.t.syn = !host->resets;
	r.t.rst = host->resets;
	r.t.check = 0;
	r.t.check = checksum(IPPROTO_TCP + (uint32_t)sizeof r.t + (ntohl(r.i.saddr) >> 16) + (ntohl(r.i.saddr) & 0xffff) +
	    (ntohl(r.i.daddr) >> 16) + (ntohl(r.i.daddr) & 0xffff), &r.t, sizeof r.t);
	send_later(v, &r, sizeof r, host->tcp_delay_us);
}

static void
on_frame(void *arg, unsigned events)
{
	struct village *v = arg;
	unsigned char frame[2048];
	int frames = 0;
	ssize_t n;

	(void)events;
	while ((n = read(v->fd, frame, sizeof frame)) > 0) {
		const struct syn_frame *s = (const void *)frame;
		bool arp = n >= (ssize_t)sizeof(struct arp_frame) && s->e.ether_type == htons(ETHERTYPE_ARP);
		bool syn = n >= (ssize_t)sizeof *s && s->e.ether_type == htons(ETHERTYPE_IP) && s->i.protocol == IPPROTO_TCP &&
		    s->t.syn;

		frames++;
		if ((arp || syn) && v->asked < FRAMES)
			v->asked_us[v->asked++] = loop_now_us(v->w->loop) - v->w->begun_us;
		if (arp)
			hear_arp(v, (const void *)frame);
		else if (syn)
			hear_syn(v, s);
	}
	v->most_a_turn = frames > v->most_a_turn ? frames : v->most_a_turn;
}

/* NULL: there is no TAP device to be had. */
static struct village *
village_new(struct swept *w, int prefix)
{
	struct ifreq ask = { .ifr_name = "t0" };
	struct village *v = xcalloc(1, sizeof *v);

	ask.ifr_flags = IFF_TAP | IFF_NO_PI;
	v->w = w;
	v->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (v->fd < 0 || ioctl(v->fd, TUNSETIFF, &ask) != 0) {
		if (v->fd >= 0)
			close(v->fd);
		free(v);
		print_message("needs /dev/net/tun\n");
		skip();
	}
	assert_true(netns_kit_run(w->net, w->net->here,
	    "sysctl -qw net.ipv6.conf.t0.disable_ipv6=1 && ip addr add 198.18.0.1/%d dev t0 && ip link set t0 up", prefix));
	v->watch = loop_watch_new(w->loop, v->fd, LOOP_READ, on_frame, v);
	return v;
}

static void
village_free(struct village *v)
{
	sweep_free(v->w->sweep);
	v->w->sweep = NULL;
	while (v->later_count > 0) {
		struct later *l = v->laters[--v->later_count];

		loop_timer_free(v->w->loop, l->timer);
		free(l);
	}
	loop_watch_free(v->w->loop, v->watch);
	close(v->fd);
	free(v);
}

static struct made *
settle_in(struct village *v, unsigned char last)
{
	struct made *m = &v->hosts[v->host_count++];

	m->last = last;
	return m;
}

/* ---- Late ---- */

static void
a_node_that_answers_after_200_ms_is_found(void **state)
{
	struct swept *w = swept_begin(state);
	struct village *v = village_new(w, 24);
	struct sweep_ask ask = swept_ask("198.18.0.0/24");

	settle_in(v, 200)->tcp_delay_us = 200000;
	settle_in(v, 10);
	for (int no_arp = 0; no_arp < 2; no_arp++) {
		ask.no_arp = no_arp != 0;
		swept_run(w, &ask);
		assert_string_equal(w->open, " 198.18.0.10:8081 198.18.0.200:8081");
		assert_in_range(w->open_us, 200000, 250000 + 50000);
	}
	village_free(v);
}

static void
a_node_that_answers_arp_after_200_ms_is_found(void **state)
{
	struct swept *w = swept_begin(state);
	struct village *v = village_new(w, 24);
	struct sweep_ask ask = swept_ask("198.18.0.0/24");

	settle_in(v, 200)->arp_delay_us = 200000;
	swept_run(w, &ask);
	assert_string_equal(w->open, " 198.18.0.200:8081");
	village_free(v);
}

static void
a_phone_that_sleeps_through_the_first_question_is_found_by_the_second(void **state)
{
	struct swept *w = swept_begin(state);
	struct village *v = village_new(w, 24);
	struct sweep_ask ask = swept_ask("198.18.0.0/24");

	settle_in(v, 77)->deaf_to = 1;
	swept_run(w, &ask);
	assert_string_equal(w->open, " 198.18.0.77:8081");
	assert_in_range(w->open_us, SWEEP_QUICK_US / 2, SWEEP_QUICK_US);
	village_free(v);
}

static void
each_is_told_the_moment_it_answers(void **state)
{
	struct swept *w = swept_begin(state);
	struct village *v = village_new(w, 24);
	struct sweep_ask ask = swept_ask("198.18.0.0/24");

	settle_in(v, 3)->tcp_delay_us = 150000;
	settle_in(v, 250);
	settle_in(v, 100)->tcp_delay_us = 60000;
	settle_in(v, 101)->resets = true;
	swept_run(w, &ask);
	assert_string_equal(w->open, " 198.18.0.250:8081 198.18.0.100:8081 198.18.0.3:8081");
	swept_has(w->told, " 198.18.0.101=refused");
	assert_in_range(w->open_us, 150000, 150000 + 40000);
	village_free(v);
}

static void
an_answer_after_the_time_out_is_no_answer(void **state)
{
	struct swept *w = swept_begin(state);
	struct village *v = village_new(w, 24);
	struct sweep_ask ask = swept_ask("198.18.0.0/24");

	settle_in(v, 200)->tcp_delay_us = 400000;
	swept_run(w, &ask);
	assert_string_equal(w->open, "");
	assert_string_equal(w->told, " 198.18.0.200=silent+arp");
	village_free(v);
}

/* ---- Liars ---- */

static void
arp_bytes_that_make_no_sense_are_not_believed(void **state)
{
	struct swept *w = swept_begin(state);
	struct village *v = village_new(w, 24);
	struct sweep_ask ask = swept_ask("198.18.0.0/24");
	struct arp_frame good, bad;

	memset(&good, 0, sizeof good);
	memset(good.e.ether_dhost, 0xff, 6);
	memcpy(good.e.ether_shost, made_mac, 6);
	good.e.ether_type = htons(ETHERTYPE_ARP);
	good.a.arp_hrd = htons(ARPHRD_ETHER);
	good.a.arp_pro = htons(ETHERTYPE_IP);
	good.a.arp_hln = 6;
	good.a.arp_pln = 4;
	good.a.arp_op = htons(ARPOP_REPLY);
	memcpy(good.a.arp_sha, made_mac, 6);
	memcpy(good.a.arp_spa, "\xc6\x12\x00\x10", 4);
	swept_start(w, &ask);
	send_frame(v, &good, sizeof good - 9);				/* cut short */
	bad = good, bad.a.arp_hln = 8, send_frame(v, &bad, sizeof bad);
	bad = good, bad.a.arp_pln = 16, send_frame(v, &bad, sizeof bad);
	bad = good, bad.a.arp_op = htons(7), send_frame(v, &bad, sizeof bad);
	bad = good, bad.a.arp_hrd = htons(6), send_frame(v, &bad, sizeof bad);
	bad = good, bad.a.arp_sha[0] = 0xff, send_frame(v, &bad, sizeof bad);	/* a group */
	bad = good, bad.a.arp_spa[0] = 10, send_frame(v, &bad, sizeof bad);	/* elsewhere */
	bad = good, bad.a.arp_spa[3] = 1, send_frame(v, &bad, sizeof bad);	/* oneself */
	bad = good, bad.a.arp_spa[3] = 255, send_frame(v, &bad, sizeof bad);	/* everybody */
	memset(&bad.a, 0, sizeof bad.a), send_frame(v, &bad, sizeof bad);
	loop_run(w->loop);
	assert_int_equal(w->counts.arp, 0);
	assert_int_equal(w->counts.verdicts[SWEEP_ABSENT], 253);
	swept_start(w, &ask);
	for (int i = 0; i < 50; i++)
		send_frame(v, &good, sizeof good);			/* says it fifty times; connected to once */
	loop_run(w->loop);
	assert_int_equal(w->counts.arp, 1);
	assert_int_equal(w->counts.verdicts[SWEEP_SILENT], 1);
	assert_int_equal(w->counts.asked, 253);
	village_free(v);
}

static void
who_asks_by_itself_is_there_too(void **state)
{
	struct swept *w = swept_begin(state);
	struct village *v = village_new(w, 24);
	struct sweep_ask ask = swept_ask("198.18.0.0/24");
	struct arp_frame q;

	settle_in(v, 44)->deaf_to = 2;
	memset(&q, 0, sizeof q);
	memset(q.e.ether_dhost, 0xff, 6);
	memcpy(q.e.ether_shost, made_mac, 6);
	q.e.ether_type = htons(ETHERTYPE_ARP);
	q.a.arp_hrd = htons(ARPHRD_ETHER);
	q.a.arp_pro = htons(ETHERTYPE_IP);
	q.a.arp_hln = 6;
	q.a.arp_pln = 4;
	q.a.arp_op = htons(ARPOP_REQUEST);
	memcpy(q.a.arp_sha, made_mac, 6);
	memcpy(q.a.arp_spa, "\xc6\x12\x00\x2c", 4);
	memcpy(q.a.arp_tpa, "\xc6\x12\x00\x01", 4);
	swept_start(w, &ask);
	send_later(v, &q, sizeof q, 100000);
	loop_run(w->loop);
	assert_string_equal(w->open, " 198.18.0.44:8081");
	village_free(v);
}

/* ---- Pace, as the network sees it ---- */

/* The most that came within any such time. */
static int
most_within(const struct village *v, int64_t window_us)
{
	int most = 0;

	for (int i = 0, j = 0; j < v->asked; j++) {
		while (v->asked_us[j] - v->asked_us[i] >= window_us)
			i++;
		most = j - i + 1 > most ? j - i + 1 : most;
	}
	return most;
}

static void
the_network_sees_no_more_packets_a_second_than_told(void **state)
{
	struct swept *w = swept_begin(state);
	struct village *v = village_new(w, 24);
	struct sweep_ask ask = swept_ask("198.18.0.0/24");

	settle_in(v, 9);
	ask.rate = 300;
	swept_run(w, &ask);
	assert_string_equal(w->open, " 198.18.0.9:8081");
	assert_int_equal(w->counts.packets, 253 + 252 + 1);
	assert_in_range(v->arps, 505, 508);
	assert_true(most_within(v, 1000000) <= 300);
	assert_true(most_within(v, 100000) <= 45);	/* spread, not in gulps */
	/* In time: nobody waits for packets that could have left. */
	assert_in_range(w->counts.took_us, 1600000, 3000000);
	village_free(v);
}

static void
without_arp_the_kernels_own_questions_count(void **state)
{
	struct swept *w = swept_begin(state);
	struct village *v = village_new(w, 25);
	struct sweep_ask ask = swept_ask("198.18.0.0/25");

	ask.rate = 300;
	ask.no_arp = true;
	swept_run(w, &ask);
	assert_true(v->arps > 200);			/* the kernel asks each three times */
	assert_true(most_within(v, 1000000) <= 300);
	village_free(v);
}

static void
a_routed_host_gets_one_packet_a_round(void **state)
{
	struct swept *w = swept_begin(state);
	struct village *v = village_new(w, 24);
	struct sweep_ask ask = swept_ask("198.20.0.0/26");

	settle_in(v, 2);
	swept_here(w, "ip route add 198.20.0.0/16 via 198.18.0.2");
	ask.rate = 500;
	swept_run(w, &ask);
	assert_int_equal(w->counts.verdicts[SWEEP_SILENT], 62);
	assert_in_range(v->syns, 62, 72);		/* given up before the kernel asks again */
	village_free(v);
}

/* ---- The loop ---- */

static void
no_more_than_a_slice_leaves_between_two_turns(void **state)
{
	struct swept *w = swept_begin(state);
	struct village *v = village_new(w, 20);
	struct sweep_ask ask = swept_ask("198.18.0.0/20");

	swept_run(w, &ask);
	assert_int_equal(w->counts.verdicts[SWEEP_ABSENT], 4093);
	assert_in_range(v->arps, 4093, 2 * 4093);
	assert_in_range(v->most_a_turn, 32, 2 * 64);	/* so keys are answered in between */
	village_free(v);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, swept_up, swept_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_node_that_answers_after_200_ms_is_found),
		TEST(a_node_that_answers_arp_after_200_ms_is_found),
		TEST(a_phone_that_sleeps_through_the_first_question_is_found_by_the_second),
		TEST(each_is_told_the_moment_it_answers),
		TEST(an_answer_after_the_time_out_is_no_answer),
		TEST(arp_bytes_that_make_no_sense_are_not_believed),
		TEST(who_asks_by_itself_is_there_too),
		TEST(the_network_sees_no_more_packets_a_second_than_told),
		TEST(without_arp_the_kernels_own_questions_count),
		TEST(a_routed_host_gets_one_packet_a_round),
		TEST(no_more_than_a_slice_leaves_between_two_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
