/*
 * mdns_flood.c - sends multicast DNS answers that mean harm, from port 5353 as a responder does.
 * Shares no code with the product: a fault must not cancel out.  Send only in a network of your own.
 * usage: mdns_flood OWN-ADDRESS flood COUNT SECONDS HOST	COUNT fake cameras, evenly over SECONDS, at HOST
 *        mdns_flood OWN-ADDRESS junk SECONDS VICTIM		every hostile shape in turn; VICTIM: a real camera's name
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "support/mdns_packet.h"

static int sock;
static struct sockaddr_in group = { .sin_family = AF_INET };

static void
send_packet(const struct mdns_packet *p)
{
	if (sendto(sock, p->bytes, p->len, 0, (const struct sockaddr *)&group, sizeof group) < 0)
		perror("sendto");
}

static void
pause_us(long us)
{
	const struct timespec t = { us / 1000000, us % 1000000 * 1000 };

	nanosleep(&t, NULL);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- Fake cameras, well formed ---- */

static void
send_fake(int n, const char *at)
{
	struct mdns_packet p;
	unsigned char txt[512];
	char name[64], host[64], value[128];
	size_t len = 0;

	snprintf(name, sizeof name, "fake %d", n);
	snprintf(host, sizeof host, "fake-%d.local", n);
	len = mdns_packet_add_text(txt, len, value, (size_t)snprintf(value, sizeof value, "deviceName=fake %d", n));
	len = mdns_packet_add_text(txt, len, value, (size_t)snprintf(value, sizeof value, "id=fa4e0000-0000-4000-8000-%012d", n));
	mdns_packet_begin(&p);
	mdns_packet_put_pointer(&p, name, strlen(name), 4500);
	mdns_packet_put_server(&p, name, strlen(name), host, (unsigned)(20000 + n % 40000));
	mdns_packet_put_text(&p, name, strlen(name), txt, len);
	mdns_packet_put_address(&p, host, at);
	send_packet(&p);
}

static void
flood(int count, double seconds, const char *at)
{
	const double began = now();

	for (int n = 0; n < count; n++) {
		const double due = began + seconds * n / count;

		if (due > now())
			pause_us((long)((due - now()) * 1e6));
		send_fake(n, at);
	}
	printf("sent %d in %.1f s\n", count, now() - began);
}

/* ---- Hostile shapes ---- */

/* A TXT with these bytes for an instance that is otherwise in order, pointing at the sender. */
static void
send_with_text(const char *name, const void *txt, size_t len, unsigned port)
{
	struct mdns_packet p;

	mdns_packet_begin(&p);
	mdns_packet_put_pointer(&p, name, strlen(name), 4500);
	mdns_packet_put_server(&p, name, strlen(name), "junk.local", port);
	mdns_packet_put_text(&p, name, strlen(name), txt, len);
	mdns_packet_put_address(&p, "junk.local", "10.77.1.66");
	send_packet(&p);
}

static void
send_value(const char *name, const char *value, size_t len)
{
	unsigned char txt[300];

	send_with_text(name, txt, mdns_packet_add_text(txt, 0, value, len), 8081);
}

#define ESCAPES "\033]0;HOSTILE-TITLE\007\033[2J\033[5;31mHOSTILE\233" "31m\302\233\342\200\256\342\201\246\357\273\277"

static void
junk_texts(void)
{
	static const char nul[] = "deviceName=a\0b\0\033[2J", twice[] = "\021deviceName=first1\021deviceName=secnd2\004=bad\004key=\003key";
	unsigned char big[8800], lying[40] = { 200, 'd', 'e' };
	char port[32];

	memset(big, 'A', sizeof big);
	for (size_t at = 0; at < sizeof big; at += 256)
		big[at] = 255;
	big[8704] = 95;
	send_with_text("over-long", big, sizeof big, 8081);
	send_value("nul", nul, sizeof nul - 1);
	send_with_text("twice", twice, sizeof twice - 1, 8081);
	send_with_text("lying length", lying, sizeof lying, 8081);
	send_with_text("no text", "", 0, 8081);
	send_value("codes " ESCAPES, "deviceName=" ESCAPES, sizeof "deviceName=" ESCAPES - 1);
	send_value("no equals", "deviceName", 10);
	send_with_text("port 0", "", 1, 0);
	for (int i = 0; i < 6; i++) {
		static const char *const ports[] = { "0", "65536", "-1", "99999999999999999999", "80x", "" };

		snprintf(port, sizeof port, "apiPort=%s", ports[i]);
		send_value(i % 2 == 0 ? "bad port" : "worse port", port, strlen(port));
	}
}

/* Names that point at themselves, at one another, beyond the end; labels of forbidden kinds. */
static void
junk_names(void)
{
	static const unsigned char loops[][4] = { { 0xc0, 12 }, { 0xc0, 14, 0xc0, 12 }, { 0xc0, 0xff }, { 0xff, 0xff }, { 0x80, 1 }, { 63, 'x' } };
	struct mdns_packet p;

	for (size_t i = 0; i < sizeof loops / sizeof loops[0]; i++) {
		mdns_packet_begin(&p);
		mdns_packet_put(&p, loops[i], 4);
		mdns_packet_begin_record(&p, MDNS_PACKET_PTR, MDNS_PACKET_CLASS_IN, 4500);
		mdns_packet_put(&p, loops[i], 4);
		mdns_packet_end_record(&p);
		send_packet(&p);
		mdns_packet_begin(&p);
		mdns_packet_put_name(&p, "_mmcam._tcp.local");
		mdns_packet_begin_record(&p, MDNS_PACKET_PTR, MDNS_PACKET_CLASS_IN, 4500);
		mdns_packet_put_label(&p, "loop", 4);
		p.bytes[p.len] = 0xc0;	/* back to this very label */
		p.bytes[p.len + 1] = (unsigned char)(p.len - 5);
		p.len += 2;
		mdns_packet_end_record(&p);
		send_packet(&p);
	}
	mdns_packet_begin(&p);
	mdns_packet_put_pointer(&p, "nul\0label", 9, 4500);
	mdns_packet_put_server(&p, "nul\0label", 9, "junk.local", 8081);
	mdns_packet_put_pointer(&p, ESCAPES, sizeof ESCAPES - 1, 4500);
	mdns_packet_put_server(&p, ESCAPES, sizeof ESCAPES - 1, ESCAPES, 8081);
	send_packet(&p);
}

/* Counts that lie, lengths that lie, cut short anywhere. */
static void
junk_frames(unsigned round)
{
	struct mdns_packet p;
	const char *name = "cut short";

	mdns_packet_begin(&p);
	mdns_packet_put_pointer(&p, name, strlen(name), 4500);
	mdns_packet_put_server(&p, name, strlen(name), "junk.local", 8081);
	p.len = MDNS_PACKET_HEAD + round % (unsigned)(p.len - MDNS_PACKET_HEAD);
	send_packet(&p);
	p.bytes[4] = p.bytes[6] = p.bytes[8] = p.bytes[10] = 0xff;
	send_packet(&p);
	p.len = round % MDNS_PACKET_HEAD;
	send_packet(&p);
	mdns_packet_begin(&p);
	mdns_packet_put_name(&p, "_mmcam._tcp.local");
	mdns_packet_begin_record(&p, MDNS_PACKET_PTR, MDNS_PACKET_CLASS_IN, 4500);
	p.bytes[p.length_at] = 0xff;
	p.bytes[p.length_at + 1] = 0xff;
	send_packet(&p);
	mdns_packet_begin(&p);
	mdns_packet_put_name(&p, "junk.local");
	mdns_packet_begin_record(&p, MDNS_PACKET_A, MDNS_PACKET_CLASS_FLUSH, 120);
	mdns_packet_put(&p, "\1\2\3", 3);
	mdns_packet_end_record(&p);
	send_packet(&p);
}

/* The real camera's own name: gone, elsewhere, at port 0, at a thousand addresses. */
static void
junk_victim(const char *victim, unsigned round)
{
	struct mdns_packet p;
	char address[INET_ADDRSTRLEN];

	mdns_packet_begin(&p);
	mdns_packet_put_pointer(&p, victim, strlen(victim), 0);
	send_packet(&p);
	mdns_packet_begin(&p);
	mdns_packet_put_pointer(&p, victim, strlen(victim), 4500);
	mdns_packet_put_server(&p, victim, strlen(victim), "junk.local", round % 2 == 0 ? 0 : 8081);
	mdns_packet_put_text(&p, victim, strlen(victim), "", 1);
	snprintf(address, sizeof address, "10.77.1.%u", 100 + round % 100);
	mdns_packet_put_address(&p, "junk.local", address);
	send_packet(&p);
}

static void
junk(double seconds, const char *victim)
{
	const double began = now();
	unsigned round = 0;

	for (; now() < began + seconds; round++) {
		junk_texts();
		junk_names();
		junk_frames(round);
		junk_victim(victim, round);
		pause_us(100000);
	}
	printf("sent %u rounds in %.1f s\n", round, now() - began);
}

static bool
open_socket(const char *own)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(5353) };
	struct in_addr interface;
	const int one = 1, ttl = 255;

	group.sin_port = htons(5353);
	inet_pton(AF_INET, "224.0.0.251", &group.sin_addr);
	if (inet_pton(AF_INET, own, &interface) != 1)
		return false;
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return sock >= 0 && setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
	    bind(sock, (const struct sockaddr *)&at, sizeof at) == 0 &&
	    setsockopt(sock, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) == 0 &&
	    setsockopt(sock, IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface) == 0;
}

int
main(int argc, char **argv)
{
	if (argc < 5 || !open_socket(argv[1])) {
		fputs("usage: mdns_flood OWN-ADDRESS flood COUNT SECONDS HOST | junk SECONDS VICTIM\n", stderr);
		return 2;
	}
	if (strcmp(argv[2], "flood") == 0 && argc == 6)
		flood((int)strtol(argv[3], NULL, 10), strtod(argv[4], NULL), argv[5]);
	else if (strcmp(argv[2], "junk") == 0)
		junk(strtod(argv[3], NULL), argv[4]);
	return 0;
}
