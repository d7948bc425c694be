/*
 * mdns_parts.h - what a querier keeps: questions that are owed, service types, hosts and their addresses, instances of the
 * types, machines that answered.  Included by mdns_private.h only.
 */
#ifndef IO_MDNS_PARTS_H
#define IO_MDNS_PARTS_H

#include "base/list.h"
#include "io/mdns_msg.h"

/* ---- Questions that are owed (mdns_ask.c) ---- */

enum mdns_ask_kind { MDNS_ASK_CENSUS, MDNS_ASK_TYPE, MDNS_ASK_HOST, MDNS_ASK_INSTANCE };

struct mdns_ask {
	struct list link;		/* of mdns.asks */
	enum mdns_ask_kind kind;
	int step, steps;
	int64_t due_us;
	bool is_last;			/* the round is over: it is asked once, each minute */
};

/* ---- The cache (mdns_cache.c, mdns_host.c) ---- */

struct mdns_type {
	struct list link;
	struct mdns_ask ask;
	char name[MDNS_LABEL_BYTES], wire[MDNS_WIRE_BYTES];
	int count;			/* of instances */
	bool wanted;			/* kept fresh; else it came from a census, and is asked for once */
};

struct mdns_address {
	int family;
	unsigned char bytes[16];
	unsigned index;			/* of the interface it was heard on */
	char text[MDNS_ADDRESS_BYTES];
	int64_t heard_us, until_us;
	bool bye, told;
};

/* In the order in which they give way to others when the cache is full. */
enum mdns_host_class { MDNS_HOST_LOOSE, MDNS_HOST_USED, MDNS_HOST_FIRM, MDNS_HOST_ASKED, MDNS_HOST_CLASSES };

struct mdns_host {
	struct list link, news;		/* of its class; of hosts with an address to tell */
	struct list services;		/* instances on it */
	struct mdns_ask ask;
	enum mdns_host_class class;
	char wire[MDNS_WIRE_BYTES], text[MDNS_NAME_BYTES];
	bool asked;			/* by mdns_ask_host() */
	int64_t queried_us;
	int fresh, firm;		/* of services: of wanted types; of class FIRM */
	int address_count;
	struct mdns_address addresses[MDNS_HOST_ADDRESSES];
};

/* Never whole; whole; whole and heard again after a while: what is made up in a hurry does not displace it. */
enum mdns_class { MDNS_PART, MDNS_WHOLE, MDNS_FIRM, MDNS_CLASSES };

/* heard_us 0: not there. */
struct mdns_piece { int64_t heard_us, until_us; bool bye; };

struct mdns_instance {
	struct list link, news, on_host;
	struct mdns_ask ask;
	enum mdns_class class;
	struct mdns_type *type;
	struct mdns_host *host;		/* NULL while there is no SRV */
	struct mdns_piece ptr, srv, txt;
	int64_t born_us;
	uint32_t ptr_ttl_s;		/* as multicast; 0: only ever heard by unicast */
	bool told, changed;		/* changed: since it was told */
	bool by_unicast;
	unsigned index;			/* where it was heard last, and by what */
	int family, port;
	unsigned char *txt_bytes;
	size_t txt_len;
	char name[MDNS_LABEL_BYTES], wire[MDNS_WIRE_BYTES];
};

/* Another machine that answered. */
struct mdns_peer {
	struct list link, news;
	int64_t told_us;
	char text[MDNS_ADDRESS_BYTES];
};

struct mdns_gone {
	struct list link;
	char type[MDNS_LABEL_BYTES], name[MDNS_LABEL_BYTES];
};

#endif
