/*
 * mdns_packet.c - writes multicast DNS answers byte by byte, wrong ones too.
 * Shares no code with the product: a mistake must not cancel out.  Sends nothing.
 */
#include "support/mdns_packet.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

void
mdns_packet_put(struct mdns_packet *p, const void *bytes, size_t len)
{
	if (p->len + len > sizeof p->bytes)
		len = sizeof p->bytes - p->len;
	memcpy(p->bytes + p->len, bytes, len);
	p->len += len;
}

void
mdns_packet_put_16(struct mdns_packet *p, unsigned value)
{
	const unsigned char b[2] = { (unsigned char)(value >> 8), (unsigned char)value };

	mdns_packet_put(p, b, 2);
}

void
mdns_packet_put_label(struct mdns_packet *p, const void *bytes, size_t len)
{
	const unsigned char n = (unsigned char)len;

	mdns_packet_put(p, &n, 1);
	mdns_packet_put(p, bytes, len);
}

/* "a.b.local": dots part the labels. */
void
mdns_packet_put_name(struct mdns_packet *p, const char *name)
{
	while (*name != '\0') {
		const size_t len = strcspn(name, ".");

		mdns_packet_put_label(p, name, len);
		name += len;
		name += *name == '.';
	}
	mdns_packet_put(p, "", 1);
}

void
mdns_packet_put_instance(struct mdns_packet *p, const void *label, size_t len)
{
	mdns_packet_put_label(p, label, len);
	mdns_packet_put_name(p, "_mmcam._tcp.local");
}

void
mdns_packet_begin(struct mdns_packet *p)
{
	memset(p, 0, sizeof *p);
	p->len = MDNS_PACKET_HEAD;
	p->bytes[2] = 0x84;	/* an answer, authoritative */
}

/* The name stands already. */
void
mdns_packet_begin_record(struct mdns_packet *p, unsigned type, unsigned class, unsigned ttl)
{
	mdns_packet_put_16(p, type);
	mdns_packet_put_16(p, class);
	mdns_packet_put_16(p, ttl >> 16);
	mdns_packet_put_16(p, ttl);
	p->length_at = p->len;
	mdns_packet_put_16(p, 0);
	if (++p->bytes[7] == 0)
		p->bytes[6]++;
}

void
mdns_packet_end_record(struct mdns_packet *p)
{
	const size_t len = p->len - p->length_at - 2;

	p->bytes[p->length_at] = (unsigned char)(len >> 8);
	p->bytes[p->length_at + 1] = (unsigned char)len;
}

void
mdns_packet_put_pointer(struct mdns_packet *p, const void *label, size_t len, unsigned ttl)
{
	mdns_packet_put_name(p, "_mmcam._tcp.local");
	mdns_packet_begin_record(p, MDNS_PACKET_PTR, MDNS_PACKET_CLASS_IN, ttl);
	mdns_packet_put_instance(p, label, len);
	mdns_packet_end_record(p);
}

void
mdns_packet_put_server(struct mdns_packet *p, const void *label, size_t len, const char *host, unsigned port)
{
	mdns_packet_put_instance(p, label, len);
	mdns_packet_begin_record(p, MDNS_PACKET_SRV, MDNS_PACKET_CLASS_FLUSH, 120);
	mdns_packet_put_16(p, 0);
	mdns_packet_put_16(p, 0);
	mdns_packet_put_16(p, port);
	mdns_packet_put_name(p, host);
	mdns_packet_end_record(p);
}

void
mdns_packet_put_text(struct mdns_packet *p, const void *label, size_t len, const void *text, size_t text_len)
{
	mdns_packet_put_instance(p, label, len);
	mdns_packet_begin_record(p, MDNS_PACKET_TXT, MDNS_PACKET_CLASS_FLUSH, 4500);
	mdns_packet_put(p, text, text_len);
	mdns_packet_end_record(p);
}

void
mdns_packet_put_address(struct mdns_packet *p, const char *host, const char *address)
{
	struct in_addr a = { 0 };

	inet_pton(AF_INET, address, &a);
	mdns_packet_put_name(p, host);
	mdns_packet_begin_record(p, MDNS_PACKET_A, MDNS_PACKET_CLASS_FLUSH, 120);
	mdns_packet_put(p, &a, 4);
	mdns_packet_end_record(p);
}

/* Adds "key=value" to a TXT's bytes; value may hold anything. */
size_t
mdns_packet_add_text(unsigned char *txt, size_t at, const void *value, size_t len)
{
	txt[at] = (unsigned char)len;
	memcpy(txt + at + 1, value, len);
	return at + 1 + len;
}
