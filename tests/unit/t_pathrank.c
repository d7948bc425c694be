/* t_pathrank.c - which way to a camera is the better one, and when a link may move. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/pathrank.h"

#define S 1000000
#define NOW (100 * (int64_t)S)

static struct registry_address
path(const char *host, enum registry_path kind, bool wireless, int64_t rtt_us)
{
	struct registry_address a = { .port = 8081, .kind = kind, .wireless = wireless, .rtt_us = rtt_us, .answered_us = NOW - S };

	snprintf(a.host, sizeof a.host, "%s", host);
	return a;
}

static struct registry_address
wired(int64_t rtt_us)
{
	return path("10.0.0.1", PATH_LAN, false, rtt_us);
}

static struct registry_address
wifi(int64_t rtt_us)
{
	return path("10.0.0.2", PATH_LAN, true, rtt_us);
}

static struct registry_address
tailscale(int64_t rtt_us)
{
	return path("100.64.0.1", PATH_TAILSCALE, false, rtt_us);
}

static void
kinds_have_an_order(void **state)
{
	struct registry_address in_order[] = { path("127.0.0.1", PATH_LOOPBACK, false, 900000), wired(800000), wifi(700000), tailscale(600000),
		path("u", PATH_URL, false, 1) };

	(void)state;
	for (int i = 0; i < 5; i++)
		for (int j = 0; j < 5; j++) {
			int by_class = pathrank_class(&in_order[i]) - pathrank_class(&in_order[j]);

			assert_true((by_class < 0) == (i < j) && (by_class > 0) == (i > j));
			assert_true((pathrank_order(&in_order[i], &in_order[j]) < 0) == (i < j));
		}
}

static void
tailscale_over_wifi_is_no_worse_than_tailscale(void **state)
{
	struct registry_address a = path("100.64.0.1", PATH_TAILSCALE, true, -1), b = tailscale(-1);

	(void)state;
	assert_int_equal(pathrank_class(&a), pathrank_class(&b));
}

static void
of_equals_the_answering_then_the_faster_then_the_newest_word_is_first(void **state)
{
	struct registry_address fast = wired(1000), slow = wired(2000), unmeasured = wired(-1), failed = wired(500), older = wired(-1);

	(void)state;
	failed.failures = 1;
	older.answered_us = 1;
	assert_true(pathrank_order(&fast, &slow) < 0);
	assert_true(pathrank_order(&slow, &unmeasured) < 0);
	assert_true(pathrank_order(&slow, &failed) < 0);
	assert_true(pathrank_order(&unmeasured, &failed) < 0);
	assert_true(pathrank_order(&unmeasured, &older) < 0);
	assert_int_equal(pathrank_order(&fast, &fast), 0);
}

static void
address_dead_for_long_is_tried_after_the_living(void **state)
{
	struct registry_address lan = wired(100), other = tailscale(30000);

	(void)state;
	lan.failures = PATHRANK_TIRED_FAILURES - 1;
	assert_true(pathrank_order(&lan, &other) < 0);
	lan.failures = PATHRANK_TIRED_FAILURES;
	assert_true(pathrank_order(&lan, &other) > 0);
	other.failures = 1000;
	assert_true(pathrank_order(&lan, &other) < 0);
}

/* qsort() goes astray when a comparison contradicts itself. */
static void
order_never_contradicts_itself(void **state)
{
	enum { MANY = 60 };
	struct registry_address all[MANY];

	(void)state;
	srand(7);
	for (int i = 0; i < MANY; i++) {
		all[i] = path("10.0.0.9", (enum registry_path)(rand() % 4), rand() % 2, rand() % 4 - 1);
		all[i].failures = rand() % 5;
		all[i].answered_us = rand() % 3;
	}
	for (int i = 0; i < MANY; i++)
		for (int j = 0; j < MANY; j++) {
			int ij = pathrank_order(&all[i], &all[j]);

			assert_true((ij < 0) == (pathrank_order(&all[j], &all[i]) > 0));
			for (int k = 0; k < MANY; k++)
				if (ij <= 0 && pathrank_order(&all[j], &all[k]) <= 0)
					assert_true(pathrank_order(&all[i], &all[k]) <= 0);
		}
}

static void
better_path_is_moved_to_once_proven(void **state)
{
	static const struct { int64_t proven_us, answered_us; int failures; bool want; const char *what; } cases[] = {
		{ NOW - 3 * S, NOW, 0, true, "proven for three seconds" },
		{ NOW - 3 * S + 1, NOW, 0, false, "a microsecond short" },
		{ 0, NOW, 0, false, "not proven at all" },
		{ NOW - 60 * S, NOW - PATHRANK_FRESH_US, 0, true, "just fresh" },
		{ NOW - 60 * S, NOW - PATHRANK_FRESH_US - 1, 0, false, "its last answer is old" },
		{ NOW - 60 * S, NOW, 1, false, "missed since" },
		{ NOW - 60 * S, 0, 0, false, "never answered" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct registry_address used = tailscale(10), other = wired(90000);

		other.answered_us = cases[i].answered_us;
		other.failures = cases[i].failures;
		if (pathrank_is_worth_moving(&used, &other, cases[i].proven_us, NOW) != cases[i].want)
			fail_msg("%s", cases[i].what);
	}
}

static void
worse_path_is_never_worth_it(void **state)
{
	struct registry_address used = wired(900000), slow_wifi = wifi(100), far = tailscale(100);

	(void)state;
	assert_false(pathrank_is_worth_moving(&used, &slow_wifi, 1, NOW));
	assert_false(pathrank_is_worth_moving(&used, &far, 1, NOW));
	assert_false(pathrank_is_worth_moving(&slow_wifi, &far, 1, NOW));
	assert_true(pathrank_is_worth_moving(&slow_wifi, &used, 1, NOW));
	assert_true(pathrank_is_worth_moving(&far, &slow_wifi, 1, NOW));
}

static void
equals_need_thirty_percent_and_two_milliseconds(void **state)
{
	static const struct { int64_t used_us, other_us; bool want; } cases[] = {
		{ 10000, 7000, true }, { 10000, 7100, false }, { 10000, 8000, false },
		{ 3000, 1000, true }, { 3000, 1001, false }, { 2500, 400, true }, { 2000, 1, false },
		{ 10000, 10000, false }, { 7000, 10000, false }, { -1, 100, false }, { 10000, -1, false }, { 10000, 0, false },
		{ INT64_MAX, 1000, true }, { INT64_MAX, INT64_MAX, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct registry_address used = wired(cases[i].used_us), other = wired(cases[i].other_us);

		if (pathrank_is_worth_moving(&used, &other, 1, NOW) != cases[i].want)
			fail_msg("%lld -> %lld us", (long long)cases[i].used_us, (long long)cases[i].other_us);
	}
}

/* No two paths want to be left for each other. */
static void
no_pair_ping_pongs(void **state)
{
	static const int64_t rtts_us[] = { -1, 1, 1999, 2000, 2001, 3000, 10000, 14000, 20000, 1000000 };
	const size_t count = sizeof rtts_us / sizeof rtts_us[0];

	(void)state;
	for (size_t i = 0; i < count * 8; i++)
		for (size_t j = 0; j < count * 8; j++) {
			struct registry_address a = path("a", (enum registry_path)(i / count / 2), i / count % 2, rtts_us[i % count]);
			struct registry_address b = path("b", (enum registry_path)(j / count / 2), j / count % 2, rtts_us[j % count]);

			assert_false(pathrank_is_worth_moving(&a, &b, 1, NOW) && pathrank_is_worth_moving(&b, &a, 1, NOW));
		}
}

static void
why_is_one_honest_phrase(void **state)
{
	struct registry_address w = wired(1000), f = wifi(500), t = tailscale(20000), fast = path("10.0.0.9", PATH_LAN, false, 200);
	struct registry_address slow = path("10.0.0.8", PATH_LAN, false, 90000), lo = path("127.0.0.1", PATH_LOOPBACK, false, 9);
	struct registry_address dead = fast, url = path("u", PATH_URL, false, 1);

	(void)state;
	dead.failures = 1;
	assert_string_equal(pathrank_why(&w, &w, 1), "the only address");
	assert_string_equal(pathrank_why(&w, NULL, 0), "the only address");
	assert_string_equal(pathrank_why(&w, (struct registry_address[]){ t, w }, 2), "LAN before Tailscale");
	assert_string_equal(pathrank_why(&f, (struct registry_address[]){ t, f }, 2), "LAN before Tailscale");
	assert_string_equal(pathrank_why(&w, (struct registry_address[]){ w, f, t }, 3), "wired before Wi-Fi");
	assert_string_equal(pathrank_why(&w, (struct registry_address[]){ w, slow }, 2), "the fastest");
	assert_string_equal(pathrank_why(&w, (struct registry_address[]){ w, fast }, 2), "no other is much faster");
	assert_string_equal(pathrank_why(&slow, (struct registry_address[]){ w, slow }, 2), "the faster one has yet to prove itself");
	assert_string_equal(pathrank_why(&t, (struct registry_address[]){ w, t }, 2), "the better one has yet to prove itself");
	assert_string_equal(pathrank_why(&t, (struct registry_address[]){ dead, t }, 2), "the others do not answer");
	assert_string_equal(pathrank_why(&lo, (struct registry_address[]){ lo, w }, 2), "on this machine");
	assert_string_equal(pathrank_why(&t, (struct registry_address[]){ url, t }, 2), "a camera's own address before a URL");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_have_an_order), cmocka_unit_test(tailscale_over_wifi_is_no_worse_than_tailscale),
		cmocka_unit_test(of_equals_the_answering_then_the_faster_then_the_newest_word_is_first),
		cmocka_unit_test(address_dead_for_long_is_tried_after_the_living), cmocka_unit_test(order_never_contradicts_itself),
		cmocka_unit_test(better_path_is_moved_to_once_proven), cmocka_unit_test(worse_path_is_never_worth_it),
		cmocka_unit_test(equals_need_thirty_percent_and_two_milliseconds), cmocka_unit_test(no_pair_ping_pongs),
		cmocka_unit_test(why_is_one_honest_phrase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
