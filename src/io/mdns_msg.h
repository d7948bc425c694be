/*
 * mdns_msg.h - packets of mDNS and the names in them.  Included by mdns_parts.h only.
 *
 * A name is kept as on the wire, in lower case: labels with their length before them, a zero at the end.  A label with a NUL
 * inside is refused, so such a name is a C string, and a key of a map; dots and escapes in labels are nothing special.
 */
#ifndef IO_MDNS_MSG_H
#define IO_MDNS_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "io/mdns.h"

#define MDNS_WIRE_BYTES 256		/* RFC 1035: 255, the zero at the end included */
#define MDNS_QUERY_BYTES 1400		/* of one packet of questions: fits every link unfragmented */
#define MDNS_CENSUS_WIRE "\011_services\007_dns-sd\004_udp\005local"	/* RFC 6763 section 9 */

enum mdns_rr { MDNS_A = 1, MDNS_PTR = 12, MDNS_TXT = 16, MDNS_AAAA = 28, MDNS_SRV = 33 };

struct mdns_record {
	char name[MDNS_WIRE_BYTES];	/* whose it is; lower case */
	char label[MDNS_LABEL_BYTES];	/* the first of the name, with its length before it: as it was sent */
	enum mdns_rr type;
	bool flush;			/* RFC 6762 section 10.2 */
	uint32_t ttl_s;
	const unsigned char *rdata;
	size_t rdata_len;
	int port;			/* SRV */
	char target[MDNS_WIRE_BYTES];	/* PTR, SRV: as it was sent, upper and lower case */
};

struct mdns_msg {
	const unsigned char *bytes, *at, *end;
	int left;			/* records */
	unsigned id;
};

/* False: no answer, or no DNS at all. */
bool mdns_msg_open(struct mdns_msg *msg, const void *bytes, size_t len);
/* The next record of a known type that makes sense; false: there is none, or the rest cannot be read. */
bool mdns_msg_next(struct mdns_msg *msg, struct mdns_record *r);

/* Questions, then known answers. */
struct mdns_query {
	unsigned char bytes[MDNS_QUERY_BYTES];
	size_t len, room;
	int questions, answers;
	const unsigned char *names[64];	/* that later ones may point at (ns_name_pack) */
};

void mdns_query_open(struct mdns_query *q, unsigned id, size_t room);
/* False: no room, and nothing has changed.  unicast: the QU bit, RFC 6762 section 5.4. */
bool mdns_query_ask(struct mdns_query *q, const char *name, enum mdns_rr type, bool unicast);
bool mdns_query_known(struct mdns_query *q, const char *type, const char *instance, uint32_t ttl_s);

bool mdns_name_read(char *wire, const char *text);		/* "phone.local"; no escapes */
/* False: a label that is no host's (a dot or a control character inside). */
bool mdns_name_print(char text[MDNS_NAME_BYTES], const char *wire);
void mdns_name_fold(char *wire);				/* to lower case, ASCII only */
bool mdns_type_read(char *wire, const char *type);		/* "_mmcam._tcp" -> its name in .local */
/* wire is the name of a service type in .local; type: MDNS_LABEL_BYTES. */
bool mdns_type_print(char *type, const char *wire);

#endif
