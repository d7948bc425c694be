/*
 * mdns_private.h - what the mdns_*.c files share: messages, sockets, the cache, the questions that are owed.
 *
 * A name is kept as on the wire, in lower case: labels with their length before them, a zero at the end.  A label with a NUL
 * inside is refused, so such a name is a C string, and a key of a map; dots and escapes in labels are nothing special.
 */
#ifndef IO_MDNS_PRIVATE_H
#define IO_MDNS_PRIVATE_H

#include <net/if.h>
#include <sys/socket.h>
#include "base/list.h"
#include "base/map.h"
#include "io/mdns.h"
#include "io/netif.h"

#define MDNS_PORT 5353
#define MDNS_WIRE_BYTES 256		/* RFC 1035: 255, the zero at the end included */
#define MDNS_QUERY_BYTES 1400		/* of one packet of questions: fits every link unfragmented */
#define MDNS_CENSUS_WIRE "\011_services\007_dns-sd\004_udp\005local"	/* RFC 6763 section 9 */
#define MDNS_STEPS 6			/* asks at 0, 1, 3, 7, 15, 31 s; from then on by the minute */
/* What is owed, a list for each step: its delay is the same for all, so it is in order of time.  First types, then hosts, then
 * instances: a flood of them does not keep the others waiting. */
#define MDNS_ASK_LISTS (3 * MDNS_STEPS)
#define MDNS_SECOND_US 1000000LL
#define MDNS_MINUTE_US (60 * MDNS_SECOND_US)
#define MDNS_BYE_US MDNS_SECOND_US			/* RFC 6762 section 10.1 */
#define MDNS_UNICAST_US (150 * MDNS_SECOND_US)	/* its TTL is cut to 10 s (section 6.7): two of our questions by the minute */
#define MDNS_CENSUS_US (4500 * MDNS_SECOND_US)	/* nobody asks again for what a census found */

enum mdns_rr { MDNS_A = 1, MDNS_PTR = 12, MDNS_TXT = 16, MDNS_AAAA = 28, MDNS_SRV = 33 };

/* ---- mdns_msg.c: packets ---- */

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

/* Where a packet came from. */
struct mdns_from {
	int family, port;
	unsigned char bytes[16];
	unsigned index;
	char interface[IF_NAMESIZE];
	bool unicast, loopback;
};

/* Where a packet of questions goes. */
struct mdns_way {
	bool multicast;			/* from port 5353, so that all hear the answer; else to us, by unicast */
	unsigned index;			/* 0: all interfaces */
	int family;			/* 0: both */
};

struct mdns {
	struct loop *loop;
	unsigned flags, id;
	struct mdns_fns fns;
	void *arg;
	struct mdns_counts counts;
	/* the seam for tests: sockets, or what takes their place */
	void (*send)(struct mdns *m, const struct mdns_query *q, const struct mdns_way *way);

	struct list sockets;
	struct netif_watch *watch;
	struct netif_address own[MAX_INTERFACES];
	int own_count;
	bool is_listening;		/* questions can be multicast from port 5353 */

	struct map *types, *hosts, *instances, *peers;
	struct list type_list, host_lists[MDNS_HOST_CLASSES], instance_lists[MDNS_CLASSES], peer_list;
	int asked_hosts;
	bool is_census;
	struct loop_timer *expiry;
	int64_t expiry_us;		/* 0: stopped */

	struct list asks[MDNS_ASK_LISTS];
	struct mdns_ask census;
	struct loop_timer *pump, *minute;
	int64_t pumped_us, pump_at_us;	/* the last time; the next, 0: none */
	int64_t anew_us;
	unsigned minutes;

	struct list news, host_news, peer_news, gone;
	struct loop_timer *teller;
	bool is_teller_due, is_telling, is_freed;
};

int64_t mdns_now(struct mdns *m);
void mdns_hear(struct mdns *m, const void *bytes, size_t len, const struct mdns_from *from);

void mdns_sock_open(struct mdns *m);
void mdns_sock_close(struct mdns *m);
/* Opens and closes what the interfaces of now ask for; true: something changed, if only an address. */
bool mdns_sock_follow(struct mdns *m);
void mdns_sock_send(struct mdns *m, const struct mdns_query *q, const struct mdns_way *way);
void mdns_sock_print(char text[MDNS_ADDRESS_BYTES], int family, const unsigned char *bytes, const char *interface);

void mdns_cache_open(struct mdns *m);
void mdns_cache_close(struct mdns *m);
struct mdns_type *mdns_cache_type(struct mdns *m, const char *name, bool wanted);
void mdns_cache_record(struct mdns *m, const struct mdns_record *r, const struct mdns_from *from);
void mdns_cache_drop(struct mdns *m, struct mdns_instance *i);	/* and tells that it is gone, if it was told */
void mdns_cache_expire_at(struct mdns *m, int64_t at_us);
bool mdns_cache_is_whole(const struct mdns_instance *i);
/* It was told of, and so it is among the whole. */
void mdns_cache_promote(struct mdns *m, struct mdns_instance *i);

struct mdns_host *mdns_host_get(struct mdns *m, const char *wire);	/* NULL: no room, or no host's name */
void mdns_host_record(struct mdns *m, const struct mdns_record *r, const struct mdns_from *from);
void mdns_host_link(struct mdns *m, struct mdns_host *h, struct mdns_instance *i);
void mdns_host_unlink(struct mdns *m, struct mdns_instance *i);
void mdns_host_sort(struct mdns *m, struct mdns_host *h);	/* into the class that it is of now */
int64_t mdns_host_expire(struct mdns *m, int64_t now_us);	/* returns when the next runs out, INT64_MAX: never */
void mdns_host_free(struct mdns *m, struct mdns_host *h);

enum { MDNS_NEED_SRV = 1, MDNS_NEED_TXT = 2, MDNS_NEED_ADDRESS = 4 };
void mdns_ask_open(struct mdns *m);
void mdns_ask_close(struct mdns *m);
void mdns_ask_init(struct mdns_ask *a, enum mdns_ask_kind kind, int steps);
void mdns_ask_start(struct mdns *m, struct mdns_ask *a);	/* from the first step, now */
void mdns_ask_all(struct mdns *m);				/* types and hosts, anew */
void mdns_ask_stop(struct mdns_ask *a);
/* Of what is missing or old. */
unsigned mdns_ask_needs(struct mdns *m, const struct mdns_instance *i);

void mdns_tell_open(struct mdns *m);
void mdns_tell_close(struct mdns *m);
/* Pieces of it came, changed or went: what that means is judged when the packet has been read to its end. */
void mdns_tell_service(struct mdns *m, struct mdns_instance *i, bool changed);
void mdns_tell_gone(struct mdns *m, struct mdns_instance *i);
void mdns_tell_host(struct mdns *m, struct mdns_host *h);
void mdns_tell_peer(struct mdns *m, const struct mdns_from *from);

#endif
