/*
 * mdns_fake.h - an mDNS querier without a network, for tests of what stands above it: it says what the test says and keeps
 * what it was asked.  Linked instead of io/mdns.c because the test defines every mdns_*() itself; include it in one file only.
 */
#ifndef TESTS_MDNS_FAKE_H
#define TESTS_MDNS_FAKE_H

#include <stdlib.h>

#include "base/xalloc.h"
#include "io/mdns.h"

struct mdns {
	struct mdns_fns fns;
	void *arg;
};

static struct {
	struct mdns *querier;		/* NULL: none is alive */
	unsigned flags;
	char asked[8192];		/* "name name ..." */
	char browsed[64];
	int censuses;
	struct mdns_counts counts;
} fake_mdns;

struct mdns *
mdns_new(struct loop *loop, unsigned flags, const struct mdns_fns *fns, void *arg)
{
	(void)loop;
	assert_null(fake_mdns.querier);
	memset(&fake_mdns, 0, sizeof fake_mdns);
	fake_mdns.querier = xcalloc(1, sizeof *fake_mdns.querier);
	fake_mdns.querier->fns = *fns;
	fake_mdns.querier->arg = arg;
	fake_mdns.flags = flags;
	fake_mdns.counts.interfaces = 1;
	return fake_mdns.querier;
}

void
mdns_free(struct mdns *m)
{
	assert_ptr_equal(m, fake_mdns.querier);
	fake_mdns.querier = NULL;
	free(m);
}

void
mdns_browse(struct mdns *m, const char *type)
{
	assert_ptr_equal(m, fake_mdns.querier);
	str_copy(fake_mdns.browsed, sizeof fake_mdns.browsed, type);
}

void
mdns_ask_host(struct mdns *m, const char *name)
{
	size_t at = strlen(fake_mdns.asked);

	assert_ptr_equal(m, fake_mdns.querier);
	snprintf(fake_mdns.asked + at, sizeof fake_mdns.asked - at, "%s%s", at > 0 ? " " : "", name);
}

void
mdns_census(struct mdns *m)
{
	assert_ptr_equal(m, fake_mdns.querier);
	fake_mdns.censuses++;
}

struct mdns_counts
mdns_counts(const struct mdns *m)
{
	assert_ptr_equal(m, fake_mdns.querier);
	return fake_mdns.counts;
}

#endif
