/*
 * dnssd_private.h - one dns_sd reference with its whole life: opened on a thread, watched by the loop, given
 * back on a thread.  dnssd_ref.c alone includes <dns_sd.h>; browsing and registering speak in these words.
 */
#ifndef IO_DNSSD_PRIVATE_H
#define IO_DNSSD_PRIVATE_H

#include <stddef.h>
#include "io/dnssd.h"
#include "io/dnssd_txt.h"

#define DNSSD_NAME_BYTES 256		/* a raw instance name (63 bytes) or domain, NUL included */
#define DNSSD_HOST_BYTES 1024		/* a full domain name in presentation form */
#define DNSSD_RETRY_FIRST_US 250000
#define DNSSD_RETRY_MOST_US 15000000
#define DNSSD_RETRY_CALM_US 5000000	/* a daemon that lived so long is asked soon again when it dies */

enum dnssd_verb { DNSSD_BROWSE, DNSSD_RESOLVE, DNSSD_QUERY_A, DNSSD_QUERY_AAAA, DNSSD_REGISTER };

struct dnssd_ask {
	enum dnssd_verb verb;
	char instance[DNSSD_NAME_BYTES], type[64], domain[DNSSD_NAME_BYTES];
	char host[DNSSD_HOST_BYTES];	/* query */
	uint32_t interface_index;	/* 0: any */
	int port;			/* register */
	unsigned char txt[MAX_TXT_BYTES];
	size_t txt_len;
};

/* One callback of the library.  Everything is borrowed; texts are raw bytes from the network. */
struct dnssd_news {
	int error;			/* 0: none; else nothing below counts and the reference is dead */
	bool opened;			/* the daemon took the question; nothing else is told here */
	bool added;			/* browse, query: else removed */
	uint32_t interface_index;
	const char *instance, *domain;	/* browse; register: the name that was given */
	const char *host;		/* resolve */
	int port;			/* resolve */
	const unsigned char *bytes;	/* resolve: TXT; query: the address */
	size_t len;
};

/* Counts the references of one owner, those included that a thread still opens or gives back. */
struct dnssd_quota;
/*
 * freed (or NULL): one was given back.  Not called after dnssd_quota_free(), which waits a moment for goodbyes to be said;
 * threads that a hanging daemon holds clean up after themselves, whenever that is.
 */
struct dnssd_quota *dnssd_quota_new(loop_fn *freed, void *arg);
void dnssd_quota_free(struct dnssd_quota *q);
int dnssd_quota_used(const struct dnssd_quota *q);

struct dnssd_ref;
/* May close the reference. */
typedef void dnssd_news_fn(void *owner, const struct dnssd_news *n);

/* Never fails here: a reference that cannot be opened tells so as news with an error.  quota: where it counts. */
struct dnssd_ref *dnssd_ref_open(struct loop *loop, struct dnssd_quota *quota, const struct dnssd_ask *ask, dnssd_news_fn *fn,
    void *owner);
void dnssd_ref_close(struct dnssd_ref *r);	/* NULL is fine; no news after it */

/* Appends "key=value", cut to what one string can hold; false: no room. */
bool dnssd_txt_add(unsigned char *txt, size_t *len, const char *key, const char *value);
/* At most max bytes of text, whole characters only. */
void dnssd_cut(char *out, size_t out_size, const char *text, size_t max);

#endif
