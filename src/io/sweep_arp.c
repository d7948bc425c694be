/*
 * sweep_arp.c - who is on a network of this machine's own, by raw ARP questions (RFC 826).
 * Owns the packet sockets.  An address is asked twice within its time; who answers is connected to next.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/if_ether.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "io/sweep_parts.h"

#define RECEIVE_BYTES (4 * 1024 * 1024)	/* a whole /20 may answer at once */
#define HEARD_AT_ONCE 128

static uint32_t
ticks(int64_t us)
{
	return (uint32_t)(us / 100);
}

static int
open_socket(const struct sweep_link *l)
{
	struct sockaddr_ll me = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_ifindex = (int)l->index };
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), size = RECEIVE_BYTES;

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (bind(fd, (struct sockaddr *)&me, sizeof me) == 0)
		return fd;
	close(fd);
	return -1;
}

void
sweep_arp_open(struct sweep *s)
{
	for (int i = 0; i < s->link_count; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data.u64 = (uint64_t)i };
		struct sweep_link *l = &s->links[i];

		l->fd = open_socket(l);
		if (l->fd >= 0 && epoll_ctl(s->epoll, EPOLL_CTL_ADD, l->fd, &e) != 0) {
			close(l->fd);
			l->fd = -1;
		}
		s->counts.by_arp |= l->fd >= 0;
	}
}

void
sweep_arp_close(struct sweep *s)
{
	for (int i = 0; i < s->link_count; i++)
		if (s->links[i].fd >= 0)
			close(s->links[i].fd);
	s->link_count = 0;
}

/* ---- Asking ---- */

static bool
wants_question(const struct sweep_one *one)
{
	return (one->flags & HOST_ARP) != 0 && (one->flags & (HOST_LEFT_OUT | HOST_THERE)) == 0;
}

static void
fill_question(struct ether_arp *q, const struct sweep_link *l, uint32_t address)
{
	uint32_t own = htonl(l->own), target = htonl(address);

	memset(q, 0, sizeof *q);
	q->arp_hrd = htons(ARPHRD_ETHER);
	q->arp_pro = htons(ETHERTYPE_IP);
	q->arp_hln = ETH_ALEN;
	q->arp_pln = 4;
	q->arp_op = htons(ARPOP_REQUEST);
	memcpy(q->arp_sha, l->mac, sizeof q->arp_sha);
	memcpy(q->arp_spa, &own, sizeof q->arp_spa);
	memcpy(q->arp_tpa, &target, sizeof q->arp_tpa);
}

/* Sends to these in one call; how many left. */
static int
send_questions(const struct sweep *s, int link, const uint32_t *ones, int count)
{
	const struct sweep_link *l = &s->links[link];
	struct sockaddr_ll all = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_ifindex = (int)l->index, .sll_halen = ETH_ALEN };
	struct ether_arp questions[SWEEP_SLICE];
	struct mmsghdr messages[SWEEP_SLICE];
	struct iovec parts[SWEEP_SLICE];

	memset(all.sll_addr, 0xff, ETH_ALEN);
	memset(messages, 0, sizeof messages);
	for (int i = 0; i < count; i++) {
		fill_question(&questions[i], l, s->ask.net.base + ones[i]);
		parts[i] = (struct iovec){ &questions[i], sizeof questions[i] };
		messages[i].msg_hdr.msg_name = &all;
		messages[i].msg_hdr.msg_namelen = sizeof all;
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	count = sendmmsg(l->fd, messages, (unsigned)count, MSG_DONTWAIT);
	if (count < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
		return -1;
	return count < 0 ? 0 : count;
}

static bool
is_due(const struct sweep *s, const struct sweep_one *one, bool again, int64_t now_us)
{
	return !again || ticks(now_us - s->begun_us) - one->asked_ticks >= ticks(s->ask.timeout_us / 2);
}

/* From there on, up to max hosts of one link that are to be asked now. */
static int
gather(const struct sweep *s, uint32_t from, bool again, int max, int64_t now_us, uint32_t *ones)
{
	uint32_t end = again ? s->arp_ask : s->count;
	int count = 0;

	for (uint32_t i = from; i < end && count < max; i++) {
		const struct sweep_one *one = &s->ones[i];

		if (!wants_question(one))
			continue;
		if (!is_due(s, one, again, now_us) || (count > 0 && one->link != s->ones[ones[0]].link))
			break;
		ones[count++] = i;
	}
	return count;
}

static void
note_asked(struct sweep *s, const uint32_t *ones, int count, int64_t now_us)
{
	for (int i = 0; i < count; i++) {
		s->ones[ones[i]].asked_ticks = ticks(now_us - s->begun_us);
		sweep_judge_asked(s, ones[i]);
	}
}

static void
skip_settled(struct sweep *s, uint32_t *cursor, uint32_t end)
{
	while (*cursor < end && !wants_question(&s->ones[*cursor]))
		(*cursor)++;
}

static int
ask_some(struct sweep *s, bool again, int max, int64_t now_us)
{
	uint32_t ones[SWEEP_SLICE], *cursor = again ? &s->arp_again : &s->arp_ask;
	int count, sent;

	skip_settled(s, cursor, again ? s->arp_ask : s->count);
	count = gather(s, *cursor, again, max < SWEEP_SLICE ? max : SWEEP_SLICE, now_us, ones);
	if (count == 0)
		return 0;
	sent = send_questions(s, s->ones[ones[0]].link, ones, count);
	if (sent < 0)		/* the interface went: what was asked there stays unanswered */
		sent = count;
	if (sent == 0)
		return -1;
	if (!again)
		note_asked(s, ones, sent, now_us);
	*cursor = ones[sent - 1] + 1;
	s->counts.packets += (unsigned long)sent;
	sweep_pace_pay(s, sent);
	return sent;
}

int
sweep_arp_send(struct sweep *s, int budget, int64_t now_us)
{
	int sent = 0;

	for (int again = 1; again >= 0; again--)
		while (sent < budget) {
			int n = ask_some(s, again != 0, budget - sent, now_us);

			if (n < 0)
				s->pause_us = now_us + 1000;	/* the queue of the interface is full */
			if (n <= 0)
				break;
			sent += n;
		}
	return sent;
}

/* ---- Hearing ---- */

/* Answers, and questions of others: who asks is there, too. */
static bool
is_sound(const struct ether_arp *a)
{
	return a->arp_hrd == htons(ARPHRD_ETHER) && a->arp_pro == htons(ETHERTYPE_IP) && a->arp_hln == ETH_ALEN && a->arp_pln == 4 &&
	    (a->arp_op == htons(ARPOP_REPLY) || a->arp_op == htons(ARPOP_REQUEST)) && (a->arp_sha[0] & 1) == 0;
}

static void
heard_of(struct sweep *s, int link, uint32_t address)
{
	uint32_t at = address - s->ask.net.base;
	struct sweep_one *one;

	if (at >= s->count)
		return;
	one = &s->ones[at];
	if (one->link != link || !wants_question(one))
		return;
	sweep_judge_asked(s, at);
	sweep_judge_there(s, at);
	sweep_connect_queue(s, at);
}

void
sweep_arp_heard(struct sweep *s, int link)
{
	struct ether_arp a;
	uint32_t address;

	for (int i = 0; i < HEARD_AT_ONCE; i++) {
		ssize_t n = recv(s->links[link].fd, &a, sizeof a, MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		if ((size_t)n < sizeof a || !is_sound(&a))
			continue;
		memcpy(&address, a.arp_spa, sizeof address);
		heard_of(s, link, ntohl(address));
	}
}

/* ---- Time ---- */

static bool
is_late(const struct sweep *s, const struct sweep_one *one, int64_t now_us)
{
	return ticks(now_us - s->begun_us) - one->asked_ticks >= ticks(s->ask.timeout_us);
}

void
sweep_arp_expire(struct sweep *s, int64_t now_us)
{
	for (; s->arp_judge < s->arp_again; s->arp_judge++) {
		const struct sweep_one *one = &s->ones[s->arp_judge];

		if (!wants_question(one))
			continue;
		if (!is_late(s, one, now_us))
			return;
		sweep_judge_absent(s, s->arp_judge);
	}
}

void
sweep_arp_again(struct sweep *s)
{
	s->arp_ask = s->arp_again = s->arp_judge = 0;
}

bool
sweep_arp_is_over(const struct sweep *s)
{
	return s->arp_judge >= s->count;
}

/* When the next of the three cursors has something to do; the first of them has it at once. */
int64_t
sweep_arp_next_us(const struct sweep *s)
{
	int64_t next = INT64_MAX;

	if (s->arp_again < s->arp_ask)
		next = s->begun_us + (int64_t)s->ones[s->arp_again].asked_ticks * 100 + s->ask.timeout_us / 2;
	if (s->arp_judge < s->arp_again) {
		int64_t judge = s->begun_us + (int64_t)s->ones[s->arp_judge].asked_ticks * 100 + s->ask.timeout_us;

		next = judge < next ? judge : next;
	}
	return next;
}
