/*
 * mdns_packet.h - answers of mDNS, written byte by byte.
 */
#ifndef UNIT_MDNS_PACKET_H
#define UNIT_MDNS_PACKET_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>

#include "io/mdns_private.h"

struct packet {
	unsigned char bytes[MAX_DNS_PACKET + 1000];
	size_t len;
};

static inline void
packet_16(struct packet *p, unsigned value)
{
	p->bytes[p->len++] = (unsigned char)(value >> 8);
	p->bytes[p->len++] = (unsigned char)value;
}

/* Labels between slashes: "phone/local"; an instance's may have dots in it. */
static inline void
packet_name(struct packet *p, const char *name)
{
	for (const char *end; *name != '\0'; name = *end != '\0' ? end + 1 : end) {
		end = strchrnul(name, '/');
		p->bytes[p->len++] = (unsigned char)(end - name);
		memcpy(p->bytes + p->len, name, (size_t)(end - name));
		p->len += (size_t)(end - name);
	}
	p->bytes[p->len++] = 0;
}

static inline void
packet_open(struct packet *p)
{
	static const unsigned char header[12] = { 0, 0, 0x84, 0 };

	memcpy(p->bytes, header, sizeof header);
	p->len = sizeof header;
}

/* Up to its length, which packet_close() fills in. */
static inline size_t
packet_record(struct packet *p, const char *name, unsigned type, unsigned class, unsigned ttl_s)
{
	unsigned count = (unsigned)p->bytes[6] << 8 | p->bytes[7];

	count++;
	p->bytes[6] = (unsigned char)(count >> 8);
	p->bytes[7] = (unsigned char)count;
	packet_name(p, name);
	packet_16(p, type);
	packet_16(p, class);
	packet_16(p, ttl_s >> 16);
	packet_16(p, ttl_s & 0xffff);
	packet_16(p, 0);
	return p->len;
}

static inline void
packet_close(struct packet *p, size_t begin)
{
	p->bytes[begin - 2] = (unsigned char)((p->len - begin) >> 8);
	p->bytes[begin - 1] = (unsigned char)(p->len - begin);
}

static inline void
packet_ptr(struct packet *p, const char *type, const char *target, unsigned ttl_s)
{
	size_t at = packet_record(p, type, MDNS_PTR, 1, ttl_s);

	packet_name(p, target);
	packet_close(p, at);
}

static inline void
packet_srv(struct packet *p, const char *name, const char *host, unsigned port, unsigned ttl_s)
{
	size_t at = packet_record(p, name, MDNS_SRV, 0x8001, ttl_s);

	packet_16(p, 0);
	packet_16(p, 0);
	packet_16(p, port);
	packet_name(p, host);
	packet_close(p, at);
}

static inline void
packet_txt(struct packet *p, const char *name, const char *bytes, size_t len, unsigned ttl_s)
{
	size_t at = packet_record(p, name, MDNS_TXT, 0x8001, ttl_s);

	memcpy(p->bytes + p->len, bytes, len);
	p->len += len;
	packet_close(p, at);
}

static inline void
packet_address(struct packet *p, const char *host, const char *address, bool flush, unsigned ttl_s)
{
	bool v6 = strchr(address, ':') != NULL;
	size_t at = packet_record(p, host, v6 ? MDNS_AAAA : MDNS_A, flush ? 0x8001 : 1, ttl_s);

	assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, address, p->bytes + p->len), 1);
	p->len += v6 ? 16 : 4;
	packet_close(p, at);
}

/* All of one camera "NAME" on "HOST/local". */
static inline void
packet_camera(struct packet *p, const char *name, const char *host, const char *address, unsigned ttl_s)
{
	char instance[128], at[128];

	snprintf(instance, sizeof instance, "%s/_mmcam/_tcp/local", name);
	snprintf(at, sizeof at, "%s/local", host);
	packet_ptr(p, "_mmcam/_tcp/local", instance, ttl_s);
	packet_srv(p, instance, at, 8081, ttl_s);
	packet_txt(p, instance, "\004id=1", 5, ttl_s);
	packet_address(p, at, address, true, ttl_s);
}

#endif
