/*
 * dnssd_parts.h - what one browse is made of: services (an instance on one interface), the hosts they are on, and
 * the few lookups that run at once.  Only the files of dnssd_browse_new() include it.
 */
#ifndef IO_DNSSD_PARTS_H
#define IO_DNSSD_PARTS_H

#include "base/list.h"
#include "base/map.h"
#include "io/dnssd_private.h"

#define DNSSD_SERVICES MAX_MDNS_SERVICES
#define DNSSD_LOOKUPS (DNSSD_REFS - 1)
#define DNSSD_LANES 32			/* of names that look alike: see dnssd_queue.c */
#define DNSSD_TXT_AGAIN_US 60000000
#define DNSSD_HOST_AGAIN_US 20000000
#define DNSSD_SECOND_US 700000		/* its name is announced before the rest may be (RFC 6762 section 8.1) */
#define DNSSD_FAILED_AGAIN_US 3000000	/* a lookup that found nothing */

enum dnssd_family { DNSSD_IPV4, DNSSD_IPV6, DNSSD_FAMILIES };
enum dnssd_stage { DNSSD_OUT, DNSSD_FRESH, DNSSD_LOOKED_UP, DNSSD_SECOND, DNSSD_FAILED, DNSSD_KNOWN };

struct dnssd_lookup;

/* 4096 of them may be kept: small. */
struct dnssd_service {
	struct list link;		/* in the queue of its stage, the oldest first; looked up: alone */
	struct list of_host, to_tell;	/* alone: none, nothing to tell */
	struct dnssd_host *host;	/* NULL: never resolved */
	struct dnssd_lookup *lookup;	/* NULL: none runs */
	unsigned char *txt;
	uint16_t txt_len, port;
	uint16_t announced;		/* the daemon lists it so many times: once per IP version; 0: not any more */
	uint8_t stage, lane;		/* enum dnssd_stage */
	uint8_t vain;			/* lookups in a row that found nothing */
	bool is_told;
	unsigned serial;
	uint32_t interface_index;
	int64_t tried_us;		/* when it was last looked up, or found to be listed again */
	const char *domain;		/* behind instance */
	char instance[];
};

struct dnssd_address {
	unsigned char bytes[16];
	uint8_t family;			/* enum dnssd_family */
	uint8_t heard;			/* in the present round: once per IP version */
	uint8_t missed;			/* rounds in which nothing of its family was heard */
};

/* A host name on one interface: asked for once, however many services it has. */
struct dnssd_host {
	struct list link;		/* in bare or asked, the one asked longest ago first; alone while it is being asked */
	struct list wanted[DNSSD_FAMILIES];	/* to be asked as soon as there is room; alone: not */
	struct list services;		/* of_host */
	int service_count;
	uint32_t interface_index;
	struct dnssd_lookup *lookups[DNSSD_FAMILIES];
	int64_t asked_us;
	bool had_address;		/* ever */
	int address_count;
	struct dnssd_address addresses[DNSSD_ADDRESSES];
	char name[];			/* in lower case */
};

/* One running question.  Unused: ref is NULL. */
struct dnssd_lookup {
	struct dnssd_browse *browse;
	struct dnssd_ref *ref;
	struct dnssd_service *service;	/* resolves it; or: */
	struct dnssd_host *host;	/* asks for its addresses */
	enum dnssd_family family;
	bool is_answered;
	bool is_resting;		/* left open as long as there is room, so that changes are heard at once */
	int64_t opened_us;		/* 0: a worker has it */
	int64_t until_us;		/* then it ends, or rests */
};

struct dnssd_lanes {
	struct list lanes[DNSSD_LANES];
	int counts[DNSSD_LANES], count;
	unsigned next;
};

struct dnssd_browse {
	struct loop *loop;
	struct dnssd_browse_fns fns;
	void *arg;
	char type[64];
	enum dnssd_state state;
	struct dnssd_ref *ref;
	struct dnssd_quota *quota;
	struct loop_timer *retry, *pump, *teller, *sweeper;
	int64_t retry_us, running_us;
	struct map *services, *hosts;
	unsigned serials;
	struct dnssd_lanes fresh, second;		/* services: never looked up; once, in vain */
	struct list failed, known;			/* more often in vain; well */
	unsigned picks, turns;		/* who is next is taken from either end alternately: services; all else */
	struct list wanted[DNSSD_FAMILIES], bare, asked;	/* hosts; without and with an address */
	int64_t calm_at_us;		/* the next repeated lookup comes no sooner */
	unsigned long questions;	/* in all */
	int64_t spent_until_us;		/* new ones: each lookup moves it on a little */
	int64_t usual_us;		/* how long an answer takes, smoothed */
	struct dnssd_lookup lookups[DNSSD_LOOKUPS];
	struct list to_tell, gone;
	bool is_telling, is_closed;	/* closed by who is being told: freed after that */
};

/* ---- dnssd_queue.c: who is next ---- */
void dnssd_queue_init(struct dnssd_browse *b);
void dnssd_queue_put(struct dnssd_browse *b, struct dnssd_service *s, enum dnssd_stage stage);
/* A known one is read again before the others. */
void dnssd_queue_hurry(struct dnssd_browse *b, struct dnssd_service *s);
/* The next service to be looked up for the first or the second time; NULL: none is due. */
struct dnssd_service *dnssd_queue_next(struct dnssd_browse *b, int64_t now_us);
/* When there will be one; INT64_MAX: never. */
int64_t dnssd_queue_next_us(const struct dnssd_browse *b, int64_t now_us);
/* The next host to be asked for such addresses; NULL: none waits. */
struct dnssd_host *dnssd_queue_wanted(struct dnssd_browse *b, enum dnssd_family family);
/* The one to do without when there are too many; NULL: there is none. */
struct dnssd_service *dnssd_queue_victim(struct dnssd_browse *b);

/* ---- dnssd_lookup.c: resolves and address questions, DNSSD_LOOKUPS at once ---- */
void dnssd_lookup_init(struct dnssd_browse *b);
void dnssd_lookup_end(struct dnssd_lookup *l);	/* NULL is fine */
/* Starts what may be started, ends what is over; by itself again when the time has come. */
void dnssd_lookup_pump(void *browse);
void dnssd_lookup_soon(struct dnssd_browse *b);	/* the same, after this turn of the loop */

/* ---- dnssd_host.c: hosts and their addresses ---- */
struct dnssd_host *dnssd_host_of(struct dnssd_browse *b, uint32_t interface_index, const char *name);
void dnssd_host_join(struct dnssd_browse *b, struct dnssd_host *h, struct dnssd_service *s);
/* A host without services goes. */
void dnssd_host_leave(struct dnssd_browse *b, struct dnssd_service *s);
void dnssd_host_want(struct dnssd_browse *b, struct dnssd_host *h);
/* A round of questions begins, of one family; its answers; it is over. */
void dnssd_host_ask(struct dnssd_host *h, enum dnssd_family family);
void dnssd_host_heard(struct dnssd_browse *b, struct dnssd_host *h, enum dnssd_family family, const unsigned char *bytes, bool added);
void dnssd_host_asked(struct dnssd_browse *b, struct dnssd_host *h, enum dnssd_family family);
void dnssd_host_addresses(const struct dnssd_host *h, struct dnssd_found *out);

/* ---- dnssd_tell.c: news for who browses, from the loop's next turn on ---- */
void dnssd_tell_found(struct dnssd_browse *b, struct dnssd_service *s);
void dnssd_tell_gone(struct dnssd_browse *b, struct dnssd_service *s, bool goodbye);
void dnssd_tell(void *browse);
void dnssd_tell_fini(struct dnssd_browse *b);

/* ---- dnssd_browse.c ---- */
void dnssd_service_free(struct dnssd_browse *b, struct dnssd_service *s);

#endif
