/*
 * dnssd_register.c - one advertised service, kept advertised: again with back-off when the daemon is absent or dies.
 * Never decides the name: the daemon may give another, and it is told.
 */
#include "io/dnssd_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define INSTANCE_BYTES 63	/* one DNS label */

struct dnssd_register {
	struct loop *loop;
	struct dnssd_ask ask;
	struct dnssd_ref *ref;
	struct dnssd_quota *quota;
	struct loop_timer *retry;
	int64_t retry_us;
	void (*registered)(void *arg, const char *name);
	void *arg;
};

static void
on_news(void *owner, const struct dnssd_news *n)
{
	struct dnssd_register *r = owner;
	char name[MAX_NAME_BYTES];

	if (n->error != 0) {
		log_line(LOG_DISC, "advertising \"%s\": error %d; again in %lld ms", r->ask.instance, n->error, (long long)(r->retry_us / 1000));
		dnssd_ref_close(r->ref);
		r->ref = NULL;
		loop_timer_start(r->loop, r->retry, r->retry_us, 0);
		r->retry_us = r->retry_us * 2 < DNSSD_RETRY_MOST_US ? r->retry_us * 2 : DNSSD_RETRY_MOST_US;
		return;
	}
	r->retry_us = DNSSD_RETRY_FIRST_US;
	str_clean(name, sizeof name, n->instance, strlen(n->instance), MAX_NAME_CELLS);
	log_line(LOG_DISC, "advertised as \"%s\"", name);
	if (r->registered != NULL)
		r->registered(r->arg, name);
}

static void
announce(void *arg)
{
	struct dnssd_register *r = arg;

	r->ref = dnssd_ref_open(r->loop, r->quota, &r->ask, on_news, r);
}

struct dnssd_register *
dnssd_register_new(struct loop *loop, const char *type, const char *instance, int port, const struct dnssd_txt *txt,
    void (*registered)(void *arg, const char *name), void *arg)
{
	struct dnssd_register *r = xcalloc(1, sizeof *r);

	r->loop = loop;
	r->registered = registered;
	r->arg = arg;
	r->retry_us = DNSSD_RETRY_FIRST_US;
	r->retry = loop_timer_new(loop, announce, r);
	r->quota = dnssd_quota_new(NULL, NULL);
	r->ask.verb = DNSSD_REGISTER;
	r->ask.port = port;
	str_copy(r->ask.type, sizeof r->ask.type, type);
	dnssd_cut(r->ask.instance, sizeof r->ask.instance, instance, INSTANCE_BYTES);
	for (; txt != NULL && txt->key != NULL; txt++)
		if (!dnssd_txt_add(r->ask.txt, &r->ask.txt_len, txt->key, txt->value))
			log_line(LOG_DISC, "no room for \"%s\" in the TXT record", txt->key);
	announce(r);
	return r;
}

void
dnssd_register_close(struct dnssd_register *r)
{
	if (r == NULL)
		return;
	dnssd_ref_close(r->ref);
	dnssd_quota_free(r->quota);
	loop_timer_free(r->loop, r->retry);
	free(r);
}
