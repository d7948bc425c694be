/*
 * mdns_private.h - the querier, and what its files (mdns_*.c) call each other for.
 */
#ifndef IO_MDNS_PRIVATE_H
#define IO_MDNS_PRIVATE_H

#include <net/if.h>
#include <sys/socket.h>
#include "base/map.h"
#include "io/mdns_parts.h"
#include "io/netif.h"

#define MDNS_PORT 5353
#define MDNS_STEPS 6			/* asks at 0, 1, 3, 7, 15, 31 s; from then on by the minute */
/* What is owed, a list for each step: its delay is the same for all, so it is in order of time.  First types, then hosts, then
 * instances (two groups, by their first delay): a flood of them does not keep the others waiting. */
#define MDNS_ASK_LISTS (4 * MDNS_STEPS)
#define MDNS_SECOND_US 1000000LL
#define MDNS_MINUTE_US (60 * MDNS_SECOND_US)
#define MDNS_BYE_US MDNS_SECOND_US			/* RFC 6762 section 10.1 */
#define MDNS_UNICAST_US (150 * MDNS_SECOND_US)	/* its TTL is cut to 10 s (section 6.7): two of our questions by the minute */
#define MDNS_CENSUS_US (4500 * MDNS_SECOND_US)	/* nobody asks again for what a census found */

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
	int64_t paced_us;		/* to which packets in the long run have been sent */
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
