/*
 * sweep_kit.h - one sweep under test in private networks: what it told, as lists.  Include it in one file of a test only.
 */
#ifndef UNIT_SWEEP_KIT_H
#define UNIT_SWEEP_KIT_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "base/xalloc.h"
#include "io/loop_uv.h"
#include "io/sweep.h"
#include "unit/netns_kit.h"

struct swept {
	struct netns_kit *net;
	struct loop *loop;
	struct loop_timer *guard;
	struct sweep *sweep;
	int opens, hosts, progress, dones;
	char open[1024], told[8192];	/* " 10.0.0.7:8081", " 10.0.0.7=open" or "=open+arp", in the order told */
	int64_t open_us;		/* when the last was told, from the start */
	int64_t begun_us;
	struct sweep_counts counts;
	int free_at;			/* the n-th word frees the sweep; 0: none does */
	int listeners[16], listener_count;
};

static inline void
swept_guard(void *arg)
{
	(void)arg;
	fail_msg("waited for thirty seconds");
}

static inline int
swept_up(void **state)
{
	struct swept *w = calloc(1, sizeof *w);

	w->net = netns_kit_new();
	if (w->net != NULL) {
		w->loop = loop_uv_new(1);
		w->guard = loop_timer_new(w->loop, swept_guard, w);
	}
	*state = w;
	return 0;
}

static inline int
swept_down(void **state)
{
	struct swept *w = *state;

	if (w->net != NULL) {
		sweep_free(w->sweep);
		loop_timer_free(w->loop, w->guard);
		loop_free(w->loop);
		netns_kit_free(w->net);
	}
	while (w->listener_count > 0)
		close(w->listeners[--w->listener_count]);
	free(w);
	return 0;
}

static inline struct swept *
swept_begin(void **state)
{
	struct swept *w = *state;

	if (w->net == NULL) {
		print_message("%s\n", NETNS_KIT_WHY);
		skip();
	}
	return w;
}

static inline void
swept_word(struct swept *w)
{
	int words = w->opens + w->hosts + w->progress + w->dones;

	assert_true(w->free_at == 0 || words <= w->free_at);	/* nothing is told once it is freed */
	if (words != w->free_at)
		return;
	sweep_free(w->sweep);
	w->sweep = NULL;
	loop_stop(w->loop);
}

static inline void
swept_open(void *arg, const char *host, int port)
{
	struct swept *w = arg;
	size_t at = strlen(w->open);

	w->opens++;
	w->open_us = loop_now_us(w->loop) - w->begun_us;
	snprintf(w->open + at, sizeof w->open - at, " %s:%d", host, port);
	swept_word(w);
}

static inline void
swept_host(void *arg, const struct sweep_host *h)
{
	struct swept *w = arg;
	size_t at = strlen(w->told);

	w->hosts++;
	snprintf(w->told + at, sizeof w->told - at, " %s=%s%s", h->host, sweep_verdict_name(h->verdict), h->arp ? "+arp" : "");
	swept_word(w);
}

static inline void
swept_progress(void *arg, const struct sweep_counts *c)
{
	struct swept *w = arg;

	assert_true(c->asked <= c->of);
	w->progress++;
	swept_word(w);
}

static inline void
swept_done(void *arg, const struct sweep_counts *c)
{
	struct swept *w = arg;
	uint32_t sum = 0;

	w->dones++;
	w->counts = *c;
	for (int v = 0; v <= SWEEP_UNREACHABLE; v++)
		sum += c->verdicts[v];
	assert_int_equal(sum, c->asked);	/* each has one verdict */
	assert_int_equal(c->asked, c->of);
	swept_word(w);
	loop_stop(w->loop);
}

static const struct sweep_fns swept_fns = { .open = swept_open, .host = swept_host, .progress = swept_progress, .done = swept_done };

static inline struct sweep_ask
swept_ask(const char *cidr)
{
	struct sweep_ask ask = { .port_count = 1, .ports = { 8081 } };

	assert_true(sweep_parse_cidr(&ask.net, cidr, NULL));
	return ask;
}

static inline void
swept_start(struct swept *w, const struct sweep_ask *ask)
{
	sweep_free(w->sweep);
	loop_timer_start(w->loop, w->guard, 30000000, 0);
	w->opens = w->hosts = w->progress = w->dones = 0;
	w->open[0] = w->told[0] = '\0';
	memset(&w->counts, 0, sizeof w->counts);
	w->begun_us = loop_now_us(w->loop);
	w->sweep = sweep_new(w->loop, ask, &swept_fns, w);
	assert_int_equal(w->opens + w->hosts + w->progress + w->dones, 0);
}

static inline void
swept_run(struct swept *w, const struct sweep_ask *ask)
{
	swept_start(w, ask);
	loop_run(w->loop);
	assert_int_equal(w->dones, 1);
}

static inline void
swept_here(struct swept *w, const char *command)
{
	assert_true(netns_kit_run(w->net, w->net->here, "%s", command));
}

static inline void
swept_there(struct swept *w, const char *command)
{
	assert_true(netns_kit_run(w->net, w->net->there, "%s", command));
}

/* A listener that never accepts by itself: the kernel does. */
static inline void
swept_listen(struct swept *w, int where, const char *host, int port)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = IN6ADDR_ANY_INIT };
	bool is_six = strchr(host, ':') != NULL;
	int fd;

	assert_int_equal(setns(where, CLONE_NEWNET), 0);
	fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(setns(w->net->here, CLONE_NEWNET), 0);
	assert_true(fd >= 0);
	if (!is_six)
		assert_int_equal(inet_pton(AF_INET, host, &four.sin_addr), 1);
	assert_int_equal(is_six ? bind(fd, (struct sockaddr *)&six, sizeof six) : bind(fd, (struct sockaddr *)&four, sizeof four), 0);
	assert_int_equal(listen(fd, 1024), 0);
	assert_true(w->listener_count < 16);
	w->listeners[w->listener_count++] = fd;
}

static inline void
swept_has(const char *list, const char *want)
{
	char padded[9000];

	snprintf(padded, sizeof padded, "%s ", list);
	if (strstr(padded, want) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", want, list);
}

#endif
