/*
 * dnssd_ref.c - one dns_sd reference; the only file that knows <dns_sd.h>.
 * Its opening and its giving back block (D-Bus, a thread to join; 25 s each when the daemon hangs), and so have threads of
 * their own: a hanging daemon must not take the pool's workers from the pictures, nor keep the program from ending.  Only
 * reading an answer that is already there happens on the loop.  Never retries: that is for whoever owns it.
 */
#include "io/dnssd_private.h"

#include <dns_sd.h>
#include <arpa/inet.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/xalloc.h"

#define FAREWELL_S 1			/* goodbyes are waited for so long, no longer */

struct dnssd_quota {
	pthread_mutex_t lock;		/* of what is changed, but for freed and arg */
	pthread_cond_t thread_ended;
	atomic_int used;		/* looked at without it */
	int threads;
	bool has_owner;			/* else the loop may be gone, too: threads clean up after themselves */
	bool is_waited_for;		/* dnssd_quota_free() still holds it */
	loop_fn *freed;
	void *arg;
};

struct dnssd_ref {
	struct loop *loop;
	struct dnssd_quota *quota;
	struct dnssd_ask ask;
	dnssd_news_fn *fn;
	void *owner;
	DNSServiceRef sd;
	DNSServiceErrorType error;
	int early_error;
	struct loop_watch *watch;
	bool opening;			/* a thread has it */
	bool reading;			/* inside DNSServiceProcessResult() */
	bool closed;
};

/* The interface of avahi-common's malloc.h, which is loaded with <dns_sd.h>'s library but has no header of its own there. */
struct allocator {
	void *(*malloc)(size_t size);
	void (*free)(void *p);
	void *(*realloc)(void *p, size_t size);
	void *(*calloc)(size_t count, size_t size);
};

static void *
malloc_zero(size_t size)
{
	return calloc(1, size);
}

/*
 * Up to avahi 0.8 a reference is not zeroed: when the daemon dies while one resolves or queries, the library calls whatever
 * its memory held before as a browse callback.  Memory that is zero is what it meant.
 */
static void
mend_library(void)
{
	static const struct allocator zeroing = { malloc_zero, free, realloc, calloc };
	void (*set_allocator)(const struct allocator *a);
	void *found = dlsym(RTLD_DEFAULT, "avahi_set_allocator");

	if (found == NULL)
		return;
	memcpy(&set_allocator, &found, sizeof set_allocator);
	set_allocator(&zeroing);
}

void
dnssd_quiet(void)
{
	if (getenv("AVAHI_COMPAT_NOWARN") == NULL)
		setenv("AVAHI_COMPAT_NOWARN", "1", 1);
	mend_library();
}

/* ---- The count ---- */

struct dnssd_quota *
dnssd_quota_new(loop_fn *freed, void *arg)
{
	struct dnssd_quota *q = xcalloc(1, sizeof *q);

	dnssd_quiet();		/* every reference has a quota: this precedes all of the library's calls */
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->thread_ended, NULL);
	q->has_owner = true;
	q->freed = freed;
	q->arg = arg;
	return q;
}

static void
quota_destroy(struct dnssd_quota *q)
{
	pthread_cond_destroy(&q->thread_ended);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

void
dnssd_quota_free(struct dnssd_quota *q)
{
	struct timespec until;
	bool is_last;

	if (q == NULL)
		return;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += FAREWELL_S;
	pthread_mutex_lock(&q->lock);
	q->has_owner = false;
	q->is_waited_for = true;
	while (q->threads > 0 && pthread_cond_timedwait(&q->thread_ended, &q->lock, &until) == 0)
		;
	q->is_waited_for = false;
	is_last = q->used == 0 && q->threads == 0;
	pthread_mutex_unlock(&q->lock);
	if (is_last)
		quota_destroy(q);
}

int
dnssd_quota_used(const struct dnssd_quota *q)
{
	return q->used;
}

/* By how much; true: nobody needs the quota any more. */
static bool
quota_change(struct dnssd_quota *q, int used, int threads)
{
	bool is_last;

	pthread_mutex_lock(&q->lock);
	q->used += used;
	q->threads += threads;
	if (threads < 0)
		pthread_cond_signal(&q->thread_ended);
	is_last = !q->has_owner && !q->is_waited_for && q->used == 0 && q->threads == 0;
	pthread_mutex_unlock(&q->lock);
	return is_last;
}

/* The last thing that is done with a reference, on the loop. */
static void
ref_free(struct dnssd_ref *r)
{
	struct dnssd_quota *q = r->quota;
	bool has_owner = q->has_owner;

	free(r);
	if (quota_change(q, -1, 0))
		quota_destroy(q);
	else if (has_owner && q->freed != NULL)
		q->freed(q->arg);
}

/* ---- What the library says ---- */

/* What comes while a worker still opens it is on the worker's thread: no more than an error can be kept of it. */
static void
tell(struct dnssd_ref *r, const struct dnssd_news *n)
{
	if (r->opening)
		r->early_error = n->error;
	else if (!r->closed)
		r->fn(r->owner, n);
}

static void
tell_error(struct dnssd_ref *r, DNSServiceErrorType error)
{
	tell(r, &(struct dnssd_news){ .error = error });
}

/* Of its callbacks the error counts first: the rest may be NULL then. */

static void DNSSD_API
on_browse(DNSServiceRef sd, DNSServiceFlags flags, uint32_t interface_index, DNSServiceErrorType error,
    const char *instance, const char *type, const char *domain, void *arg)
{
	struct dnssd_news n = { .error = error, .added = (flags & kDNSServiceFlagsAdd) != 0,
		.interface_index = interface_index, .instance = instance, .domain = domain };

	(void)sd;
	(void)type;
	if (error == kDNSServiceErr_NoError && (instance == NULL || domain == NULL))
		return;
	tell(arg, &n);
}

/*
 * avahi hands the strings of a TXT record over last one first, and of two with the same key the first on the wire
 * counts (RFC 6763 section 6.4).  What does not fit any more is left out.
 */
static size_t
turn_round(unsigned char out[MAX_TXT_BYTES], const unsigned char *txt, size_t len)
{
	size_t starts[MAX_TXT_BYTES], count = 0, used = 0;

	for (size_t at = 0; at < len && count < MAX_TXT_BYTES && at + 1 + txt[at] <= len; at += 1 + (size_t)txt[at])
		starts[count++] = at;
	while (count > 0) {
		const unsigned char *item = txt + starts[--count];
		size_t item_len = 1 + (size_t)*item;

		if (used + item_len > MAX_TXT_BYTES)
			break;
		memcpy(out + used, item, item_len);
		used += item_len;
	}
	return used;
}

static void DNSSD_API
on_resolve(DNSServiceRef sd, DNSServiceFlags flags, uint32_t interface_index, DNSServiceErrorType error,
    const char *full_name, const char *host, uint16_t port, uint16_t txt_len, const unsigned char *txt, void *arg)
{
	unsigned char turned[MAX_TXT_BYTES];
	struct dnssd_news n = { .error = error, .interface_index = interface_index, .host = host, .port = ntohs(port), .bytes = turned };

	(void)sd;
	(void)flags;
	(void)full_name;
	if (error == kDNSServiceErr_NoError && host == NULL)
		n.error = kDNSServiceErr_Unknown;
	if (n.error == 0 && txt != NULL)
		n.len = turn_round(turned, txt, txt_len);
	tell(arg, &n);
}

static void DNSSD_API
on_query(DNSServiceRef sd, DNSServiceFlags flags, uint32_t interface_index, DNSServiceErrorType error,
    const char *full_name, uint16_t rrtype, uint16_t rrclass, uint16_t len, const void *data, uint32_t ttl, void *arg)
{
	struct dnssd_ref *r = arg;
	struct dnssd_news n = { .error = error, .added = (flags & kDNSServiceFlagsAdd) != 0, .interface_index = interface_index,
		.bytes = data, .len = len };
	size_t want = r->ask.verb == DNSSD_QUERY_A ? 4 : 16;

	(void)sd;
	(void)full_name;
	(void)rrtype;
	(void)rrclass;
	(void)ttl;
	if (error == kDNSServiceErr_NoError && (data == NULL || len != want))
		return;
	tell(r, &n);
}

static void DNSSD_API
on_register(DNSServiceRef sd, DNSServiceFlags flags, DNSServiceErrorType error, const char *name, const char *type,
    const char *domain, void *arg)
{
	struct dnssd_news n = { .error = error, .instance = name != NULL ? name : "", .domain = domain };

	(void)sd;
	(void)flags;
	(void)type;
	tell(arg, &n);
}

/* ---- Life ---- */

static DNSServiceErrorType
start(struct dnssd_ref *r)
{
	const struct dnssd_ask *a = &r->ask;
	const char *domain = a->domain[0] != '\0' ? a->domain : NULL;
	/* The one index it does not support, and complains of on standard error. */
	uint32_t index = a->interface_index != kDNSServiceInterfaceIndexLocalOnly ? a->interface_index : kDNSServiceInterfaceIndexAny;

	switch (a->verb) {
	case DNSSD_BROWSE:
		return DNSServiceBrowse(&r->sd, 0, index, a->type, domain, on_browse, r);
	case DNSSD_RESOLVE:
		return DNSServiceResolve(&r->sd, 0, index, a->instance, a->type, domain, on_resolve, r);
	case DNSSD_QUERY_A:
		return DNSServiceQueryRecord(&r->sd, 0, index, a->host, kDNSServiceType_A, kDNSServiceClass_IN, on_query, r);
	case DNSSD_QUERY_AAAA:
		return DNSServiceQueryRecord(&r->sd, 0, index, a->host, kDNSServiceType_AAAA, kDNSServiceClass_IN, on_query, r);
	case DNSSD_REGISTER:
		return DNSServiceRegister(&r->sd, 0, index, a->instance, a->type, domain, NULL, htons((uint16_t)a->port),
		    (uint16_t)a->txt_len, a->txt, on_register, r);
	}
	return kDNSServiceErr_BadParam;
}

/* The thread's work is done: the loop goes on with it, if there is still anybody who wants it. */
static void
report(struct dnssd_ref *r, loop_fn *done)
{
	struct dnssd_quota *q = r->quota;
	bool has_owner;

	pthread_mutex_lock(&q->lock);
	has_owner = q->has_owner;
	if (has_owner)
		loop_post(r->loop, done, r);	/* under the lock: the loop outlives the owner */
	pthread_mutex_unlock(&q->lock);
	if (!has_owner) {
		if (r->sd != NULL)
			DNSServiceRefDeallocate(r->sd);
		free(r);
	}
	if (quota_change(q, has_owner ? 0 : -1, -1))
		quota_destroy(q);
}

static void opened(void *arg);

static void *
thread_open(void *arg)
{
	struct dnssd_ref *r = arg;

	r->error = start(r);
	if (r->error != kDNSServiceErr_NoError)
		r->sd = NULL;
	else
		r->error = r->early_error;
	report(r, opened);
	return NULL;
}

static void
given_back(void *arg)
{
	ref_free(arg);
}

static void *
thread_give_back(void *arg)
{
	struct dnssd_ref *r = arg;

	DNSServiceRefDeallocate(r->sd);
	r->sd = NULL;
	report(r, given_back);
	return NULL;
}

/* Signals are for the loop's thread. */
static bool
thread_start(struct dnssd_ref *r, void *(*run)(void *))
{
	sigset_t all, was;
	pthread_t thread;
	bool ok;

	quota_change(r->quota, 0, 1);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	ok = pthread_create(&thread, NULL, run, r) == 0;
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	if (ok)
		pthread_detach(thread);
	else
		quota_change(r->quota, 0, -1);
	return ok;
}

static void
give_back(struct dnssd_ref *r)
{
	if (r->sd != NULL && thread_start(r, thread_give_back))
		return;
	if (r->sd != NULL)
		DNSServiceRefDeallocate(r->sd);
	ref_free(r);
}

static void
on_readable(void *arg, unsigned events)
{
	struct dnssd_ref *r = arg;
	DNSServiceErrorType error;

	(void)events;
	r->reading = true;
	error = DNSServiceProcessResult(r->sd);
	if (error != kDNSServiceErr_NoError)
		tell_error(r, error);
	r->reading = false;
	if (r->closed)
		give_back(r);
}

static void
opened(void *arg)
{
	struct dnssd_ref *r = arg;

	r->opening = false;
	if (r->closed) {
		give_back(r);
		return;
	}
	if (r->error != kDNSServiceErr_NoError) {
		tell_error(r, r->error);
		return;
	}
	r->watch = loop_watch_new(r->loop, DNSServiceRefSockFD(r->sd), LOOP_READ, on_readable, r);
	if (r->ask.verb != DNSSD_REGISTER)
		tell(r, &(struct dnssd_news){ .opened = true });
}

struct dnssd_ref *
dnssd_ref_open(struct loop *loop, struct dnssd_quota *quota, const struct dnssd_ask *ask, dnssd_news_fn *fn, void *owner)
{
	struct dnssd_ref *r = xcalloc(1, sizeof *r);

	r->loop = loop;
	r->quota = quota;
	quota_change(quota, 1, 0);
	r->ask = *ask;
	r->fn = fn;
	r->owner = owner;
	r->opening = true;
	r->error = kDNSServiceErr_NoMemory;
	if (!thread_start(r, thread_open))
		loop_post(loop, opened, r);
	return r;
}

/* True: nobody else holds it now. */
static bool
silence(struct dnssd_ref *r)
{
	r->closed = true;
	loop_watch_free(r->loop, r->watch);
	r->watch = NULL;
	return !r->opening && !r->reading;
}

void
dnssd_ref_close(struct dnssd_ref *r)
{
	if (r != NULL && silence(r))
		give_back(r);
}
