/* mdns_packet.h - multicast DNS answers, written byte by byte; for tests that play a responder, decent or not. */
#ifndef SUPPORT_MDNS_PACKET_H
#define SUPPORT_MDNS_PACKET_H

#include <stddef.h>

enum { MDNS_PACKET_A = 1, MDNS_PACKET_PTR = 12, MDNS_PACKET_TXT = 16, MDNS_PACKET_SRV = 33 };
enum { MDNS_PACKET_CLASS_IN = 1, MDNS_PACKET_CLASS_FLUSH = 0x8001, MDNS_PACKET_HEAD = 12 };

struct mdns_packet {
	unsigned char bytes[9200];
	size_t len;
	size_t length_at;	/* of the record that is being written */
};

void mdns_packet_begin(struct mdns_packet *p);
void mdns_packet_put(struct mdns_packet *p, const void *bytes, size_t len);
void mdns_packet_put_16(struct mdns_packet *p, unsigned value);
void mdns_packet_put_label(struct mdns_packet *p, const void *bytes, size_t len);
/* "a.b.local": dots part the labels. */
void mdns_packet_put_name(struct mdns_packet *p, const char *name);
/* The label, which may hold anything, and _mmcam._tcp.local. */
void mdns_packet_put_instance(struct mdns_packet *p, const void *label, size_t len);
/* After its name; end_record() writes its length. */
void mdns_packet_begin_record(struct mdns_packet *p, unsigned type, unsigned class, unsigned ttl);
void mdns_packet_end_record(struct mdns_packet *p);
void mdns_packet_put_pointer(struct mdns_packet *p, const void *label, size_t len, unsigned ttl);
void mdns_packet_put_server(struct mdns_packet *p, const void *label, size_t len, const char *host, unsigned port);
void mdns_packet_put_text(struct mdns_packet *p, const void *label, size_t len, const void *text, size_t text_len);
void mdns_packet_put_address(struct mdns_packet *p, const char *host, const char *address);
/* One string of a TXT record at that place; where the next goes. */
size_t mdns_packet_add_text(unsigned char *txt, size_t at, const void *value, size_t len);

#endif
