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

enum { TYPE_A = 1, TYPE_PTR = 12, TYPE_TXT = 16, TYPE_SRV = 33, CLASS_IN = 1, CLASS_FLUSH = 0x8001, HEAD = 12 };

struct packet {
	unsigned char bytes[9200];
	size_t len;
	size_t length_at;	/* of the record that is being written */
};

static int sock;
static struct sockaddr_in group = { .sin_family = AF_INET };

/* ---- Writing ---- */

static void
put(struct packet *p, const void *bytes, size_t len)
{
	if (p->len + len > sizeof p->bytes)
		len = sizeof p->bytes - p->len;
	memcpy(p->bytes + p->len, bytes, len);
	p->len += len;
}

static void
put_16(struct packet *p, unsigned value)
{
	const unsigned char b[2] = { (unsigned char)(value >> 8), (unsigned char)value };

	put(p, b, 2);
}

static void
put_label(struct packet *p, const void *bytes, size_t len)
{
	const unsigned char n = (unsigned char)len;

	put(p, &n, 1);
	put(p, bytes, len);
}

/* "a.b.local": dots part the labels. */
static void
put_name(struct packet *p, const char *name)
{
	while (*name != '\0') {
		const size_t len = strcspn(name, ".");

		put_label(p, name, len);
		name += len;
		name += *name == '.';
	}
	put(p, "", 1);
}

static void
put_instance(struct packet *p, const void *label, size_t len)
{
	put_label(p, label, len);
	put_name(p, "_mmcam._tcp.local");
}

static void
begin(struct packet *p)
{
	memset(p, 0, sizeof *p);
	p->len = HEAD;
	p->bytes[2] = 0x84;	/* an answer, authoritative */
}

/* The name stands already. */
static void
begin_record(struct packet *p, unsigned type, unsigned class, unsigned ttl)
{
	put_16(p, type);
	put_16(p, class);
	put_16(p, ttl >> 16);
	put_16(p, ttl);
	p->length_at = p->len;
	put_16(p, 0);
	p->bytes[7]++;
}

static void
end_record(struct packet *p)
{
	const size_t len = p->len - p->length_at - 2;

	p->bytes[p->length_at] = (unsigned char)(len >> 8);
	p->bytes[p->length_at + 1] = (unsigned char)len;
}

static void
put_pointer(struct packet *p, const void *label, size_t len, unsigned ttl)
{
	put_name(p, "_mmcam._tcp.local");
	begin_record(p, TYPE_PTR, CLASS_IN, ttl);
	put_instance(p, label, len);
	end_record(p);
}

static void
put_server(struct packet *p, const void *label, size_t len, const char *host, unsigned port)
{
	put_instance(p, label, len);
	begin_record(p, TYPE_SRV, CLASS_FLUSH, 120);
	put_16(p, 0);
	put_16(p, 0);
	put_16(p, port);
	put_name(p, host);
	end_record(p);
}

static void
put_text(struct packet *p, const void *label, size_t len, const void *text, size_t text_len)
{
	put_instance(p, label, len);
	begin_record(p, TYPE_TXT, CLASS_FLUSH, 4500);
	put(p, text, text_len);
	end_record(p);
}

static void
put_address(struct packet *p, const char *host, const char *address)
{
	struct in_addr a = { 0 };

	inet_pton(AF_INET, address, &a);
	put_name(p, host);
	begin_record(p, TYPE_A, CLASS_FLUSH, 120);
	put(p, &a, 4);
	end_record(p);
}

/* Adds "key=value" to a TXT's bytes; value may hold anything. */
static size_t
add_text(unsigned char *txt, size_t at, const void *value, size_t len)
{
	txt[at] = (unsigned char)len;
	memcpy(txt + at + 1, value, len);
	return at + 1 + len;
}

static void
send_packet(const struct packet *p)
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
	struct packet p;
	unsigned char txt[512];
	char name[64], host[64], value[128];
	size_t len = 0;

	snprintf(name, sizeof name, "fake %d", n);
	snprintf(host, sizeof host, "fake-%d.local", n);
	len = add_text(txt, len, value, (size_t)snprintf(value, sizeof value, "deviceName=fake %d", n));
	len = add_text(txt, len, value, (size_t)snprintf(value, sizeof value, "id=fa4e0000-0000-4000-8000-%012d", n));
	begin(&p);
	put_pointer(&p, name, strlen(name), 4500);
	put_server(&p, name, strlen(name), host, (unsigned)(20000 + n % 40000));
	put_text(&p, name, strlen(name), txt, len);
	put_address(&p, host, at);
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
	struct packet p;

	begin(&p);
	put_pointer(&p, name, strlen(name), 4500);
	put_server(&p, name, strlen(name), "junk.local", port);
	put_text(&p, name, strlen(name), txt, len);
	put_address(&p, "junk.local", "10.77.1.66");
	send_packet(&p);
}

static void
send_value(const char *name, const char *value, size_t len)
{
	unsigned char txt[300];

	send_with_text(name, txt, add_text(txt, 0, value, len), 8081);
}

#define ESCAPES "\033]0;HOSTILE-TITLE\007\033[2J\033[5;31mHOSTILE\233" "31m\302\233\342\200\256\342\201\246\357\273\277"

static void
junk_texts(int round)
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
	(void)round;
}

/* Names that point at themselves, at one another, beyond the end; labels of forbidden kinds. */
static void
junk_names(void)
{
	static const unsigned char loops[][4] = { { 0xc0, 12 }, { 0xc0, 14, 0xc0, 12 }, { 0xc0, 0xff }, { 0xff, 0xff }, { 0x80, 1 }, { 63, 'x' } };
	struct packet p;

	for (size_t i = 0; i < sizeof loops / sizeof loops[0]; i++) {
		begin(&p);
		put(&p, loops[i], 4);
		begin_record(&p, TYPE_PTR, CLASS_IN, 4500);
		put(&p, loops[i], 4);
		end_record(&p);
		send_packet(&p);
		begin(&p);
		put_name(&p, "_mmcam._tcp.local");
		begin_record(&p, TYPE_PTR, CLASS_IN, 4500);
		put_label(&p, "loop", 4);
		p.bytes[p.len] = 0xc0;	/* back to this very label */
		p.bytes[p.len + 1] = (unsigned char)(p.len - 5);
		p.len += 2;
		end_record(&p);
		send_packet(&p);
	}
	begin(&p);
	put_pointer(&p, "nul\0label", 9, 4500);
	put_server(&p, "nul\0label", 9, "junk.local", 8081);
	put_pointer(&p, ESCAPES, sizeof ESCAPES - 1, 4500);
	put_server(&p, ESCAPES, sizeof ESCAPES - 1, ESCAPES, 8081);
	send_packet(&p);
}

/* Counts that lie, lengths that lie, cut short anywhere. */
static void
junk_frames(unsigned round)
{
	struct packet p;
	const char *name = "cut short";

	begin(&p);
	put_pointer(&p, name, strlen(name), 4500);
	put_server(&p, name, strlen(name), "junk.local", 8081);
	p.len = HEAD + round % (unsigned)(p.len - HEAD);
	send_packet(&p);
	p.bytes[4] = p.bytes[6] = p.bytes[8] = p.bytes[10] = 0xff;
	send_packet(&p);
	p.len = round % HEAD;
	send_packet(&p);
	begin(&p);
	put_name(&p, "_mmcam._tcp.local");
	begin_record(&p, TYPE_PTR, CLASS_IN, 4500);
	p.bytes[p.length_at] = 0xff;
	p.bytes[p.length_at + 1] = 0xff;
	send_packet(&p);
	begin(&p);
	put_name(&p, "junk.local");
	begin_record(&p, TYPE_A, CLASS_FLUSH, 120);
	put(&p, "\1\2\3", 3);
	end_record(&p);
	send_packet(&p);
}

/* The real camera's own name: gone, elsewhere, at port 0, at a thousand addresses. */
static void
junk_victim(const char *victim, unsigned round)
{
	struct packet p;
	char address[INET_ADDRSTRLEN];

	begin(&p);
	put_pointer(&p, victim, strlen(victim), 0);
	send_packet(&p);
	begin(&p);
	put_pointer(&p, victim, strlen(victim), 4500);
	put_server(&p, victim, strlen(victim), "junk.local", round % 2 == 0 ? 0 : 8081);
	put_text(&p, victim, strlen(victim), "", 1);
	snprintf(address, sizeof address, "10.77.1.%u", 100 + round % 100);
	put_address(&p, "junk.local", address);
	send_packet(&p);
}

static void
junk(double seconds, const char *victim)
{
	const double began = now();
	unsigned round = 0;

	for (; now() < began + seconds; round++) {
		junk_texts((int)round);
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
