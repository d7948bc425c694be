/*
 * t_dnssd.c - browsing against a daemon made up here: what is asked, how often, how much at once, and what is told.
 * The functions of io/dnssd_ref.c are stood in for.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/dnssd_private.h"
#include "support/loop_fake.h"

#define MS 1000
#define SECOND 1000000

/* ---- The daemon ---- */

struct dnssd_quota {
	int used;
	bool has_owner;
	loop_fn *freed;
	void *arg;
};

struct dnssd_ref {
	struct list link;
	struct dnssd_quota *quota;
	struct dnssd_ask ask;
	dnssd_news_fn *fn;
	void *owner;
	bool opening, closed;
};

static struct daemon {
	struct loop *loop;
	bool is_dead, is_probing, has_ipv6, host_each;	/* host_each: every instance, not just every phone, is on a host of its own */
	int answers_after;		/* resolves that fail first */
	unsigned char last_byte;	/* of all addresses */
	const char *txt;
	struct list refs;
	struct dnssd_ref *browse;
	int open, most_open, resolves, questions[2], browses;
} d;

struct dnssd_quota *
dnssd_quota_new(loop_fn *freed, void *arg)
{
	struct dnssd_quota *q = xcalloc(1, sizeof *q);

	q->has_owner = true;
	q->freed = freed;
	q->arg = arg;
	return q;
}

void
dnssd_quota_free(struct dnssd_quota *q)
{
	q->has_owner = false;
	if (q->used == 0)
		free(q);
}

int
dnssd_quota_used(const struct dnssd_quota *q)
{
	return q->used;
}

static void
answer_resolve(struct dnssd_ref *r)
{
	char host[DNSSD_NAME_BYTES + 16];

	if (str_has_prefix(r->ask.instance, "fake") || d.is_probing)
		return;
	if (d.answers_after > 0) {
		d.answers_after--;
		r->fn(r->owner, &(struct dnssd_news){ .error = -65537 });
		return;
	}
	snprintf(host, sizeof host, "%s.local.", d.host_each || str_has_prefix(r->ask.instance, "iPhone") ? r->ask.instance : "Studio");
	r->fn(r->owner, &(struct dnssd_news){ .host = host, .port = 8082, .bytes = (const unsigned char *)d.txt, .len = strlen(d.txt) });
}

static void
answer_query(struct dnssd_ref *r)
{
	unsigned char four[4] = { 10, 0, 0, d.last_byte }, six[16] = { 0xfe, 0x80, [15] = d.last_byte };
	struct dnssd_news n = { .added = true, .interface_index = r->ask.interface_index, .bytes = four, .len = 4 };

	if (r->ask.verb == DNSSD_QUERY_AAAA) {
		n.bytes = six;
		n.len = 16;
		if (!d.has_ipv6)
			return;
	}
	r->fn(r->owner, &n);
}

static void
nothing(void *arg)
{
	(void)arg;
}

static void
on_freed(void *arg)
{
	struct dnssd_ref *r = arg;
	struct dnssd_quota *q = r->quota;

	list_remove(&r->link);
	free(r);
	d.open--;
	q->used--;
	if (q->has_owner)
		q->freed(q->arg);
	else if (q->used == 0)
		free(q);
}

static void
on_opened(void *arg)
{
	struct dnssd_ref *r = arg;

	r->opening = false;
	if (r->closed) {
		loop_work(d.loop, nothing, on_freed, r);
		return;
	}
	if (d.is_dead) {
		r->fn(r->owner, &(struct dnssd_news){ .error = -65537 });
		return;
	}
	if (r->ask.verb == DNSSD_BROWSE)
		d.browse = r;
	r->fn(r->owner, &(struct dnssd_news){ .opened = true });
	if (r->closed)
		return;
	if (r->ask.verb == DNSSD_RESOLVE)
		answer_resolve(r);
	else if (r->ask.verb != DNSSD_BROWSE)
		answer_query(r);
}

struct dnssd_ref *
dnssd_ref_open(struct loop *loop, struct dnssd_quota *quota, const struct dnssd_ask *ask, dnssd_news_fn *fn, void *owner)
{
	struct dnssd_ref *r = xcalloc(1, sizeof *r);

	r->quota = quota;
	r->ask = *ask;
	r->fn = fn;
	r->owner = owner;
	r->opening = true;
	list_insert_tail(&d.refs, &r->link);
	quota->used++;
	d.open++;
	d.most_open = d.open > d.most_open ? d.open : d.most_open;
	d.browses += ask->verb == DNSSD_BROWSE;
	d.resolves += ask->verb == DNSSD_RESOLVE;
	d.questions[0] += ask->verb == DNSSD_QUERY_A;
	d.questions[1] += ask->verb == DNSSD_QUERY_AAAA;
	loop_work(loop, nothing, on_opened, r);
	return r;
}

void
dnssd_ref_close(struct dnssd_ref *r)
{
	if (r == NULL || r->closed)
		return;
	r->closed = true;
	if (d.browse == r)
		d.browse = NULL;
	if (!r->opening)
		loop_work(d.loop, nothing, on_freed, r);
}

static void
announce(const char *instance, unsigned interface_index, bool added)
{
	assert_non_null(d.browse);
	d.browse->fn(d.browse->owner, &(struct dnssd_news){ .added = added, .interface_index = interface_index, .instance = instance,
	    .domain = "local." });
}

static void
daemon_dies(void)
{
	d.is_dead = true;
	LIST_EACH_SAFE(it, tmp, &d.refs) {
		struct dnssd_ref *r = LIST_ENTRY(it, struct dnssd_ref, link);

		if (!r->opening && !r->closed)
			r->fn(r->owner, &(struct dnssd_news){ .error = -65537 });
	}
}

/* Answers those questions for addresses that are open: such an address came or went. */
static void
address_news(enum dnssd_verb verb, unsigned char last_byte, bool added)
{
	unsigned char four[4] = { 10, 0, 0, last_byte }, six[16] = { 0xfe, 0x80, [15] = last_byte };
	struct dnssd_news n = { .added = added, .bytes = verb == DNSSD_QUERY_A ? four : six, .len = verb == DNSSD_QUERY_A ? 4 : 16 };

	LIST_EACH_SAFE(it, tmp, &d.refs) {
		struct dnssd_ref *r = LIST_ENTRY(it, struct dnssd_ref, link);

		if (!r->opening && !r->closed && r->ask.verb == verb)
			r->fn(r->owner, &n);
	}
}

/* ---- Who browses ---- */

static struct called {
	struct dnssd_browse *browse;
	int founds, goodbyes, forgotten, states;
	enum dnssd_state state;
	struct dnssd_found last;
	struct dnssd_found real;	/* the newest of an instance that is no fake */
	unsigned last_gone;
	int64_t real_us;
	bool closes;
} c;

static void
maybe_close(void)
{
	if (!c.closes)
		return;
	dnssd_browse_close(c.browse);
	c.browse = NULL;
	c.closes = false;
}

static void
on_found(void *arg, const struct dnssd_found *f)
{
	(void)arg;
	assert_non_null(c.browse);
	c.founds++;
	c.last = *f;
	if (str_has_prefix(f->instance, "iPhone")) {
		c.real = *f;
		c.real_us = loop_now_us(d.loop);
	}
	maybe_close();
}

static void
on_gone(void *arg, unsigned serial, bool goodbye)
{
	(void)arg;
	assert_non_null(c.browse);
	*(goodbye ? &c.goodbyes : &c.forgotten) += 1;
	c.last_gone = serial;
	maybe_close();
}

static void
on_state(void *arg, enum dnssd_state state, const char *why)
{
	(void)arg;
	(void)why;
	c.states++;
	c.state = state;
	maybe_close();
}

static int
set_up(void **state)
{
	static const struct dnssd_browse_fns fns = { on_found, on_gone, on_state };

	(void)state;
	memset(&d, 0, sizeof d);
	memset(&c, 0, sizeof c);
	list_init(&d.refs);
	d.loop = loop_fake_new();
	d.txt = "\x05" "id=ab";
	d.last_byte = 7;
	c.browse = dnssd_browse_new(d.loop, "_mmcam._tcp", &fns, NULL);
	loop_fake_advance(d.loop, 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	dnssd_browse_close(c.browse);
	loop_fake_advance(d.loop, 0);
	loop_fake_advance(d.loop, 0);
	assert_int_equal(d.open, 0);
	assert_int_equal(loop_fake_alive(d.loop), 0);
	loop_free(d.loop);
	return 0;
}

static void
run_for(int64_t us)
{
	loop_fake_advance(d.loop, us);
}

/* ---- Addresses ---- */

static void
every_address_is_told_with_its_scope(void **state)
{
	(void)state;
	d.has_ipv6 = true;
	announce("Left", 1, true);
	run_for(10 * MS);
	assert_string_equal(c.last.instance, "Left");
	assert_int_equal(c.last.address_count, 2);
	assert_string_equal(c.last.addresses[0], "10.0.0.7");
	assert_string_equal(c.last.addresses[1], "fe80::7%lo");
	assert_int_equal(c.last.port, 8082);
	assert_string_equal(c.last.id, "ab");
}

static void
missing_ipv6_address_holds_nothing_up(void **state)
{
	(void)state;
	announce("Left", 1, true);
	run_for(1 * MS);
	assert_int_equal(c.founds, 1);
	assert_int_equal(c.last.address_count, 1);
	assert_int_equal(d.questions[1], 1);
	run_for(3 * SECOND);
	assert_int_equal(c.founds, 1);
	assert_int_equal(d.open, 2);		/* the browser, and the address that is listened for */
}

static void
host_is_asked_once_for_all_its_instances(void **state)
{
	char name[32];

	(void)state;
	d.has_ipv6 = true;
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "cam %d", i);
		announce(name, 2, true);
	}
	run_for(1 * SECOND);
	assert_int_equal(dnssd_browse_counts(c.browse).services, 1000);
	assert_int_equal(dnssd_browse_counts(c.browse).unresolved, 0);
	assert_int_equal(d.questions[0], 1);
	assert_int_equal(d.questions[1], 1);
	assert_int_equal(d.resolves, 1000);
	assert_true(d.most_open <= DNSSD_REFS);
	assert_true(c.founds >= 1000 && c.founds <= 2000);
}

static void
address_that_comes_or_goes_is_told_at_once(void **state)
{
	(void)state;
	announce("Left", 1, true);
	run_for(1 * SECOND);
	address_news(DNSSD_QUERY_A, 9, true);
	run_for(1 * MS);
	assert_int_equal(c.last.address_count, 2);
	address_news(DNSSD_QUERY_A, 7, false);
	run_for(1 * MS);
	assert_int_equal(c.last.address_count, 1);
	assert_string_equal(c.last.addresses[0], "10.0.0.9");
	address_news(DNSSD_QUERY_A, 9, false);
	run_for(1 * MS);
	assert_int_equal(c.last.address_count, 0);
}

/* A record is heard by IPv4 and by IPv6, and taken back by each. */
static void
address_heard_twice_goes_when_both_are_gone(void **state)
{
	(void)state;
	announce("Left", 1, true);
	run_for(10 * MS);
	address_news(DNSSD_QUERY_A, 7, true);
	address_news(DNSSD_QUERY_A, 7, false);
	run_for(10 * MS);
	assert_int_equal(c.last.address_count, 1);
	address_news(DNSSD_QUERY_A, 7, false);
	run_for(10 * MS);
	assert_int_equal(c.last.address_count, 0);
}

static void
addresses_nobody_can_be_reached_at_are_left_out(void **state)
{
	static const unsigned char bad[][4] = { { 0, 0, 0, 0 }, { 127, 0, 0, 1 }, { 224, 0, 0, 251 }, { 255, 255, 255, 255 } };

	(void)state;
	announce("Left", 2, true);
	run_for(10 * MS);
	LIST_EACH_SAFE(it, tmp, &d.refs) {
		struct dnssd_ref *r = LIST_ENTRY(it, struct dnssd_ref, link);

		for (size_t i = 0; i < 4 && r->ask.verb == DNSSD_QUERY_A; i++)
			r->fn(r->owner, &(struct dnssd_news){ .added = true, .bytes = bad[i], .len = 4 });
	}
	for (int i = 20; i < 60; i++)
		address_news(DNSSD_QUERY_A, (unsigned char)i, true);
	run_for(10 * MS);
	assert_int_equal(c.last.address_count, DNSSD_ADDRESSES);
	for (int i = 0; i < c.last.address_count; i++)
		assert_true(str_has_prefix(c.last.addresses[i], "10.0.0."));
}

static void
hosts_that_are_not_listened_to_are_asked_again(void **state)
{
	char name[32];

	(void)state;
	d.host_each = true;
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "cam %d", i);
		announce(name, 2, true);
	}
	run_for(5 * SECOND);
	assert_int_equal(c.founds, 20);
	assert_int_equal(d.open, 9);		/* the browser and eight of the hosts */
	c.founds = 0;
	d.last_byte = 9;			/* all moved, and no word of it was heard */
	run_for(25 * SECOND);
	assert_true(c.founds >= 12);
	assert_string_equal(c.last.addresses[0], "10.0.0.9");
	assert_true(d.most_open <= DNSSD_REFS);
}

static void
many_hosts_without_ipv6_take_few_seconds(void **state)
{
	char name[32];

	(void)state;
	d.host_each = true;
	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof name, "cam %d", i);
		announce(name, 2, true);
	}
	run_for(300 * MS);
	assert_int_equal(c.founds, 64);
	run_for(5 * SECOND);
	assert_int_equal(d.questions[1], 64);
	assert_true(d.most_open <= DNSSD_REFS);
}

/* ---- Instances ---- */

static void
instance_is_gone_when_neither_ip_version_lists_it(void **state)
{
	(void)state;
	announce("Left", 1, true);
	run_for(100 * MS);
	announce("Left", 1, true);
	run_for(100 * MS);
	assert_int_equal(d.resolves, 1);
	announce("Left", 1, false);
	run_for(100 * MS);
	assert_int_equal(c.goodbyes, 0);
	announce("Left", 1, false);
	run_for(100 * MS);
	assert_int_equal(c.goodbyes, 1);
	announce("Left", 1, false);
	run_for(100 * MS);
	assert_int_equal(c.goodbyes, 1);
	assert_int_equal(dnssd_browse_counts(c.browse).services, 0);
	assert_int_equal(d.open, 1);
}

static void
each_interface_counts_for_itself(void **state)
{
	unsigned first;

	(void)state;
	announce("Left", 1, true);
	run_for(10 * MS);
	first = c.last.serial;
	announce("Left", 2, true);
	run_for(10 * MS);
	assert_int_equal(c.last.interface_index, 2);
	assert_int_not_equal(c.last.serial, first);
	announce("Left", 1, false);
	run_for(10 * MS);
	assert_int_equal(c.goodbyes, 1);
	assert_int_equal(c.last_gone, first);
	assert_int_equal(dnssd_browse_counts(c.browse).services, 1);
}

static void
instance_gone_while_it_is_looked_up_is_never_told(void **state)
{
	(void)state;
	announce("fake", 1, true);
	run_for(10 * MS);
	assert_int_equal(d.open, 2);
	announce("fake", 1, false);
	announce("Left", 1, true);
	announce("Left", 1, false);
	run_for(10 * SECOND);
	assert_int_equal(c.founds + c.goodbyes, 0);
	assert_int_equal(d.open, 1);
}

static void
txt_is_read_again_every_minute_and_when_listed_again(void **state)
{
	(void)state;
	announce("Left", 1, true);
	run_for(1 * SECOND);
	assert_string_equal(c.last.id, "ab");
	d.txt = "\x05" "id=cd" "\x0c" "apiPort=9000";
	run_for(62 * SECOND);
	assert_string_equal(c.last.id, "cd");
	assert_int_equal(c.last.api_port, 9000);
	assert_int_equal(d.resolves, 2);
	d.txt = "\x05" "id=ef";
	run_for(2 * SECOND);
	announce("Left", 1, true);
	run_for(1 * SECOND);
	assert_string_equal(c.last.id, "ef");
	assert_int_equal(c.last.api_port, 0);
}

static void
failed_lookup_is_tried_again(void **state)
{
	(void)state;
	d.answers_after = 1;
	announce("Left", 1, true);
	run_for(500 * MS);
	assert_int_equal(c.founds, 0);
	assert_int_equal(dnssd_browse_counts(c.browse).unresolved, 1);
	run_for(500 * MS);
	assert_int_equal(c.founds, 1);
	d.answers_after = 2;
	announce("Right", 1, true);
	run_for(3 * SECOND);
	assert_int_equal(dnssd_browse_counts(c.browse).unresolved, 1);
	run_for(2 * SECOND);
	assert_int_equal(dnssd_browse_counts(c.browse).unresolved, 0);
}

/* ---- Floods ---- */

static void
flood(int from, int to)
{
	char name[32];

	for (int i = from; i < to; i++) {
		snprintf(name, sizeof name, "fake %04d", i);
		announce(name, 2, true);
		run_for(2 * MS);
	}
}

static void
flood_starves_no_camera(void **state)
{
	int64_t at_us;

	(void)state;
	d.host_each = true;
	flood(0, 2500);
	at_us = loop_now_us(d.loop);
	announce("iPhone 16", 2, true);
	flood(2500, 3500);
	assert_true(c.real_us > 0 && c.real_us - at_us <= 2 * SECOND);
	flood(3500, 5000);
	c.real_us = 0;
	at_us = loop_now_us(d.loop);
	announce("iPhone 17", 2, true);
	run_for(2 * SECOND);
	assert_true(c.real_us > 0 && c.real_us - at_us <= 2 * SECOND);
	assert_true(d.most_open <= DNSSD_REFS);
	assert_true(dnssd_browse_counts(c.browse).services <= MAX_MDNS_SERVICES);
}

/* A name is listed before its other records may be announced. */
static void
second_chance_comes_soon_in_a_flood(void **state)
{
	int64_t at_us;

	(void)state;
	flood(0, 2500);
	at_us = loop_now_us(d.loop);
	d.is_probing = true;
	announce("iPhone 16", 2, true);
	flood(2500, 2850);
	assert_int_equal(c.founds, 0);
	d.is_probing = false;
	flood(2850, 3500);
	assert_true(c.real_us > 0 && c.real_us - at_us <= 2 * SECOND);
}

/* Fakes that answer: all on one host, more than are kept. */
static void
fakes_push_no_camera_out(void **state)
{
	char name[32];
	unsigned serial;

	(void)state;
	announce("iPhone 16", 2, true);
	run_for(10 * MS);
	serial = c.real.serial;
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof name, "sham %04d", i);
		announce(name, 2, true);
		if (i % 50 == 0)
			run_for(100 * MS);
	}
	run_for(120 * SECOND);
	assert_int_equal(dnssd_browse_counts(c.browse).services, MAX_MDNS_SERVICES);
	assert_int_equal(dnssd_browse_counts(c.browse).unresolved, 0);
	flood(0, 10);
	assert_int_equal(dnssd_browse_counts(c.browse).services, MAX_MDNS_SERVICES);
	assert_int_equal(c.goodbyes, 0);
	announce("iPhone 16", 2, false);	/* it is still known, therefore */
	run_for(10 * MS);
	assert_int_equal(c.goodbyes, 1);
	assert_int_equal(c.last_gone, serial);
	assert_true(c.forgotten > 0);
	announce("iPhone 17", 2, true);
	run_for(100 * MS);
	assert_string_equal(c.real.instance, "iPhone 17");
}

static void
flood_is_looked_up_at_a_bounded_rate(void **state)
{
	int before;

	(void)state;
	flood(0, 4000);
	assert_true(d.resolves >= 1100);
	before = d.resolves;
	run_for(5 * SECOND);
	assert_true(d.resolves - before <= 310);	/* 50 new ones a second, and known ones again */
	announce("iPhone 16", 2, true);
	run_for(500 * MS);
	assert_int_equal(c.founds, 1);
}

static void
silent_ones_are_asked_again_slowly(void **state)
{
	int before;

	(void)state;
	flood(0, 1000);
	run_for(40 * SECOND);
	before = d.resolves;
	run_for(10 * SECOND);
	assert_true(d.resolves - before <= 101);
	assert_true(d.resolves - before >= 50);
}

/* ---- The daemon's life ---- */

static void
dead_daemon_takes_no_camera_away(void **state)
{
	unsigned serial;

	(void)state;
	announce("Left", 1, true);
	run_for(1 * SECOND);
	serial = c.last.serial;
	c.founds = 0;
	daemon_dies();
	run_for(10 * SECOND);
	assert_int_equal(c.state, DNSSD_NO_DAEMON);
	assert_int_equal(c.states, 2);
	assert_true(d.browses >= 5 && d.browses <= 7);	/* after 250 ms, 500 ms, 1 s, 2 s, 4 s */
	d.is_dead = false;
	run_for(15 * SECOND);
	assert_int_equal(c.state, DNSSD_RUNNING);
	announce("Left", 1, true);
	run_for(1 * SECOND);
	assert_int_equal(c.founds, 1);
	assert_int_equal(c.last.serial, serial);
	run_for(20 * SECOND);
	assert_int_equal(c.goodbyes + c.forgotten, 0);
}

static void
new_daemon_that_lists_it_no_more_lets_it_be_forgotten(void **state)
{
	(void)state;
	announce("Left", 1, true);
	run_for(6 * SECOND);
	daemon_dies();
	d.is_dead = false;
	run_for(1 * SECOND);
	assert_int_equal(c.state, DNSSD_RUNNING);
	run_for(12 * SECOND);
	assert_int_equal(c.goodbyes, 0);
	assert_int_equal(c.forgotten, 1);
	assert_int_equal(dnssd_browse_counts(c.browse).services, 0);
}

/* ---- Ends ---- */

static void
any_callback_may_close_the_browse(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++) {
		announce("Left", 1, true);
		announce("Right", 1, true);
		if (round > 0)
			run_for(1 * SECOND);
		c.closes = true;
		if (round == 1)
			announce("Left", 1, false);
		if (round == 2)
			daemon_dies();
		run_for(1 * SECOND);
		assert_null(c.browse);
		tear_down(NULL);
		set_up(NULL);
	}
}

static void
api_port_must_be_a_port(void **state)
{
	static const struct { const char *value; int port; } cases[] = { { "1", 1 }, { "65535", 65535 }, { "8099", 8099 }, { "0", 0 },
		{ "65536", 0 }, { "-1", 0 }, { "abc", 0 }, { "80x", 0 }, { "", 0 }, { " 80", 0 }, { "\x1b[2J", 0 }, { "000000000000008081", 0 },
		{ "99999999999999999999", 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned char txt[MAX_TXT_BYTES];
		struct dnssd_found f = { .api_port = 5 };
		size_t len = 0;

		assert_true(dnssd_txt_add(txt, &len, "APIport", cases[i].value));
		dnssd_txt_read(&f, txt, len);
		if (f.api_port != cases[i].port)
			fail_msg("apiPort=%s was read as %d", cases[i].value, f.api_port);
	}
}

int
main(void)
{
#define BROWSES(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		BROWSES(every_address_is_told_with_its_scope), BROWSES(missing_ipv6_address_holds_nothing_up),
		BROWSES(host_is_asked_once_for_all_its_instances), BROWSES(address_that_comes_or_goes_is_told_at_once),
		BROWSES(address_heard_twice_goes_when_both_are_gone), BROWSES(addresses_nobody_can_be_reached_at_are_left_out),
		BROWSES(hosts_that_are_not_listened_to_are_asked_again), BROWSES(many_hosts_without_ipv6_take_few_seconds), BROWSES(instance_is_gone_when_neither_ip_version_lists_it),
		BROWSES(each_interface_counts_for_itself), BROWSES(instance_gone_while_it_is_looked_up_is_never_told),
		BROWSES(txt_is_read_again_every_minute_and_when_listed_again), BROWSES(failed_lookup_is_tried_again),
		BROWSES(flood_starves_no_camera), BROWSES(second_chance_comes_soon_in_a_flood), BROWSES(fakes_push_no_camera_out), BROWSES(silent_ones_are_asked_again_slowly), BROWSES(flood_is_looked_up_at_a_bounded_rate),
		BROWSES(dead_daemon_takes_no_camera_away), BROWSES(new_daemon_that_lists_it_no_more_lets_it_be_forgotten),
		BROWSES(any_callback_may_close_the_browse), cmocka_unit_test(api_port_must_be_a_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
