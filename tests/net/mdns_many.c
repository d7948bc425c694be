/*
 * mdns_many.c - a decent responder for very many cameras of one host: announces them evenly over some seconds, then answers
 * questions for them, by multicast or, asked from another port than 5353, straight back.  No daemon takes so many in a hurry.
 * Shares no code with the product.
 * usage: mdns_many OWN-ADDRESS COUNT SECONDS PORT	"many 1" at PORT + 1 ...; prints "announced" when it is done
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "support/mdns_packet.h"

#define HOST "stage-many.local"
#define ROOM 1200	/* bytes of a packet at which another is begun */

static int sock, count, first_port;
static const char *own;
static struct sockaddr_in group = { .sin_family = AF_INET };

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
send_packet(const struct mdns_packet *p, const struct sockaddr_in *to)
{
	static const struct timespec space = { 0, 200000 };	/* a listener's socket has no room for hundreds at once */

	nanosleep(&space, NULL);
	if (p->len > MDNS_PACKET_HEAD && sendto(sock, p->bytes, p->len, 0, (const struct sockaddr *)to, sizeof *to) < 0)
		perror("mdns_many: sendto");
}

/* All of one camera: where it is, what it is, its host. */
static void
put_camera(struct mdns_packet *p, int n)
{
	unsigned char txt[200];
	char name[32], value[100];
	size_t len = 0, name_len = (size_t)snprintf(name, sizeof name, "many %d", n);

	len = mdns_packet_add_text(txt, len, value, (size_t)snprintf(value, sizeof value, "deviceName=many %d", n));
	len = mdns_packet_add_text(txt, len, value, (size_t)snprintf(value, sizeof value, "id=a11a0000-0000-4000-8000-%012d", n));
	mdns_packet_put_pointer(p, name, name_len, 4500);
	mdns_packet_put_server(p, name, name_len, HOST, (unsigned)(first_port + n));
	mdns_packet_put_text(p, name, name_len, txt, len);
}

/* Cameras from..to-1, as few packets as there is room in. */
static void
tell(int from, int to, unsigned id, const struct sockaddr_in *whom)
{
	struct mdns_packet p;

	mdns_packet_begin(&p);
	for (int n = from; n < to; n++) {
		p.bytes[0] = (unsigned char)(id >> 8);
		p.bytes[1] = (unsigned char)id;
		put_camera(&p, n);
		if (p.len > ROOM || n == to - 1) {
			mdns_packet_put_address(&p, HOST, own);
			send_packet(&p, whom);
			mdns_packet_begin(&p);
		}
	}
}

/* ---- Questions ---- */

/* The question's first label ("many 7", "_mmcam", "stage-many") and whether more follows that makes it ours. */
static bool
read_question(const unsigned char *bytes, size_t len, char *label, size_t size)
{
	const size_t n = len > MDNS_PACKET_HEAD ? bytes[MDNS_PACKET_HEAD] : 0;

	if (len < MDNS_PACKET_HEAD + 5 || (bytes[2] & 0x80) != 0 || n == 0 || n >= size || n > 63 || MDNS_PACKET_HEAD + 1 + n >= len)
		return false;
	memcpy(label, bytes + MDNS_PACKET_HEAD + 1, n);
	label[n] = '\0';
	return true;
}

/* Answers the first question of a packet; those of many more are asked again by whoever needs them. */
static void
hear(void)
{
	unsigned char bytes[9000];
	char label[64];
	struct sockaddr_in from = { 0 };
	socklen_t from_len = sizeof from;
	const ssize_t n = recvfrom(sock, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &from_len);
	unsigned id;
	int one;

	if (n <= 0 || !read_question(bytes, (size_t)n, label, sizeof label))
		return;
	id = ntohs(from.sin_port) == 5353 ? 0 : (unsigned)(bytes[0] << 8 | bytes[1]);
	if (ntohs(from.sin_port) == 5353)
		from = group;
	if (strcmp(label, "_mmcam") == 0)
		tell(1, count + 1, id, &from);
	else if (sscanf(label, "many %d", &one) == 1 && one >= 1 && one <= count)
		tell(one, one + 1, id, &from);
	else if (strcmp(label, "stage-many") == 0)
		tell(1, 2, id, &from);
}

static void
announce(double seconds)
{
	const double began = now();

	for (int n = 1; n <= count; n += 4) {
		struct pollfd fd = { .fd = sock, .events = POLLIN };
		const double due = began + seconds * n / count;

		while (due > now())
			if (poll(&fd, 1, 1 + (int)((due - now()) * 1e3)) > 0)
				hear();
		tell(n, n + 4 > count + 1 ? count + 1 : n + 4, 0, &group);
	}
	puts("announced");
	fflush(stdout);
}

static bool
open_socket(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(5353) };
	struct ip_mreq join = { .imr_interface.s_addr = 0 };
	const int one = 1, ttl = 255, room = 4 << 20;

	group.sin_port = htons(5353);
	inet_pton(AF_INET, "224.0.0.251", &group.sin_addr);
	if (inet_pton(AF_INET, own, &join.imr_interface) != 1)
		return false;
	join.imr_multiaddr = group.sin_addr;
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	return sock >= 0 && setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
	    bind(sock, (const struct sockaddr *)&at, sizeof at) == 0 &&
	    setsockopt(sock, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof join) == 0 &&
	    setsockopt(sock, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) == 0 &&
	    setsockopt(sock, IPPROTO_IP, IP_MULTICAST_IF, &join.imr_interface, sizeof join.imr_interface) == 0;
}

int
main(int argc, char **argv)
{
	own = argc == 5 ? argv[1] : "";
	if (argc != 5 || !open_socket()) {
		fputs("usage: mdns_many OWN-ADDRESS COUNT SECONDS PORT\n", stderr);
		return 2;
	}
	count = (int)strtol(argv[2], NULL, 10);
	first_port = (int)strtol(argv[4], NULL, 10);
	announce(strtod(argv[3], NULL));
	for (;;)
		hear();
}
