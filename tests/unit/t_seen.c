/*
 * t_seen.c - who of many candidates is asked next, for how long, and who makes room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include "base/str.h"
#include "domain/seen.h"

#define NOW 3600000000LL
#define SECOND 1000000LL

static struct registry_address
at(const char *host, int port, unsigned via)
{
	struct registry_address a = { .port = port, .via = via, .rtt_us = -1 };

	str_copy(a.host, sizeof a.host, host);
	return a;
}

static struct seen_place *
sight(struct seen *s, const char *host, int port, unsigned via, int64_t now_us)
{
	const struct registry_address a = at(host, port, via);

	return seen_sight(s, &a, NULL, NULL, now_us);
}

static struct seen_place *
sight_number(struct seen *s, int n, int64_t now_us)
{
	char host[32];

	snprintf(host, sizeof host, "10.%d.%d.%d", n >> 16, n >> 8 & 255, n & 255);
	return sight(s, host, 8081, VIA_BONJOUR, now_us);
}

static int
setup(void **state)
{
	*state = seen_new();
	return 0;
}

static int
teardown(void **state)
{
	seen_free(*state);
	return 0;
}

/* ---- Places ---- */

static void
the_same_place_is_one_whatever_told_it(void **state)
{
	struct seen *s = *state;
	const struct registry_address again = at("Phone.Local", 8081, VIA_MDNS_NAME);
	struct seen_place *p = sight(s, "phone.local", 8081, VIA_BONJOUR, NOW);

	assert_ptr_equal(seen_sight(s, &again, "cam1", "Left", NOW + 5), p);
	assert_int_equal(seen_count(s), 1);
	assert_int_equal(p->address.via, VIA_BONJOUR | VIA_MDNS_NAME);
	assert_int_equal(p->address.seen_us, NOW + 5);
	assert_string_equal(p->id, "cam1");
	assert_string_equal(p->name, "Left");
	assert_ptr_equal(sight(s, "phone.local", 8081, VIA_SWEEP, NOW), p);
	assert_string_equal(p->id, "cam1");		/* who knows less takes nothing away */
	assert_ptr_not_equal(sight(s, "phone.local", 8082, VIA_SWEEP, NOW), p);
	assert_ptr_equal(seen_find(s, &again), p);
}

static void
an_url_is_a_place_of_its_own(void **state)
{
	struct seen *s = *state;
	struct registry_address a = at("", 0, VIA_MANUAL), b = a;

	str_copy(a.url, sizeof a.url, "http://10.0.0.1/A");
	str_copy(b.url, sizeof b.url, "http://10.0.0.1/a");
	assert_ptr_not_equal(seen_sight(s, &a, NULL, NULL, NOW), seen_sight(s, &b, NULL, NULL, NOW));
}

static void
places_are_listed_as_they_appeared(void **state)
{
	struct seen *s = *state;

	for (int i = 0; i < 10; i++)
		sight_number(s, i, NOW);
	seen_drop(s, seen_at(s, 3));
	assert_int_equal(seen_count(s), 9);
	assert_string_equal(seen_at(s, 8)->address.host, "10.0.0.9");
	assert_string_equal(seen_at(s, 2)->address.host, "10.0.0.2");
	assert_string_equal(seen_at(s, 3)->address.host, "10.0.0.4");
	assert_null(seen_at(s, 9));
	assert_null(seen_at(s, -1));
}

static bool
is_even(const struct seen_place *p)
{
	return (p->address.host[strlen(p->address.host) - 1] - '0') % 2 == 0;
}

static void
those_that_fit_are_listed_too(void **state)
{
	struct seen *s = *state;

	for (int i = 0; i < 10; i++)
		sight_number(s, i, NOW);
	for (int i = 0; i < 5; i++)
		assert_int_equal(seen_fit_at(s, i, is_even)->address.host[7], '0' + 2 * i);
	assert_null(seen_fit_at(s, 5, is_even));
	assert_string_equal(seen_fit_at(s, 2, is_even)->address.host, "10.0.0.4");
	seen_drop(s, seen_at(s, 0));
	assert_string_equal(seen_fit_at(s, 2, is_even)->address.host, "10.0.0.6");
}

/* ---- Turns ---- */

static void
a_new_place_is_asked_at_once_and_only_once(void **state)
{
	struct seen *s = *state;
	struct seen_place *p = sight(s, "10.0.0.1", 8081, VIA_BONJOUR, NOW);

	assert_int_equal(p->state, SEEN_WAITING);
	assert_ptr_equal(seen_next(s, NOW), p);
	assert_int_equal(p->state, SEEN_TRYING);
	assert_null(seen_next(s, NOW));
	assert_ptr_equal(sight(s, "10.0.0.1", 8081, VIA_SWEEP, NOW + 1), p);
	assert_null(seen_next(s, NOW + 1));
	assert_int_equal(seen_trying_count(s), 1);
	assert_true(seen_wake_us(s, NOW) == INT64_MAX);
}

static void
no_more_are_asked_at_once_than_the_ceiling(void **state)
{
	struct seen *s = *state;
	int asked = 0;

	for (int i = 0; i < 100; i++)
		sight_number(s, i, NOW);
	while (seen_next(s, NOW) != NULL)
		asked++;
	assert_int_equal(asked, MAX_TRIES_AT_ONCE);
	seen_silent(s, seen_at(s, 0), "no answer", NOW);
	assert_string_equal(seen_next(s, NOW)->address.host, "10.0.0.32");
	assert_null(seen_next(s, NOW));
}

static void
one_host_gets_no_more_than_its_share(void **state)
{
	struct seen *s = *state;
	struct seen_place *p;
	int at_tarpit = 0;

	for (int port = 1; port <= 1000; port++)
		sight(s, "10.9.9.9", port, VIA_BONJOUR, NOW);
	sight(s, "10.0.0.1", 8081, VIA_BONJOUR, NOW);
	while ((p = seen_next(s, NOW)) != NULL)
		at_tarpit += strcmp(p->address.host, "10.9.9.9") == 0;
	assert_int_equal(at_tarpit, MAX_TRIES_PER_HOST);
	assert_int_equal(seen_trying_count(s), MAX_TRIES_PER_HOST + 1);
}

static void
hosts_take_turns(void **state)
{
	struct seen *s = *state;

	for (int port = 1; port <= 3; port++)
		sight(s, "10.0.0.1", port, VIA_BONJOUR, NOW);
	sight(s, "10.0.0.2", 1, VIA_BONJOUR, NOW);
	assert_string_equal(seen_next(s, NOW)->address.host, "10.0.0.1");
	assert_string_equal(seen_next(s, NOW)->address.host, "10.0.0.2");
	assert_string_equal(seen_next(s, NOW)->address.host, "10.0.0.1");
}

static void
typed_places_take_nobodys_turn(void **state)
{
	struct seen *s = *state;
	struct seen_place *typed, *p;
	int count = 0;

	for (int i = 0; i < 100; i++)
		sight_number(s, i, NOW);
	while (seen_next(s, NOW) != NULL)
		continue;
	for (int port = 1; port <= 64; port++)
		sight(s, "192.168.7.7", port, VIA_MANUAL, NOW);
	while ((p = seen_next(s, NOW)) != NULL) {
		assert_true(p->is_kept);
		count++;
	}
	assert_int_equal(count, 64);
	typed = seen_at(s, 100);
	seen_silent(s, typed, "refused", NOW);
	assert_int_equal(typed->state, SEEN_TRYING);	/* whoever asks it goes on */
	assert_int_equal(typed->failures, 1);
	assert_string_equal(typed->why, "refused");
}

static void
a_place_that_is_typed_while_it_is_asked_frees_its_turn(void **state)
{
	struct seen *s = *state;
	struct seen_place *p = sight(s, "10.0.0.1", 8081, VIA_BONJOUR, NOW);

	seen_next(s, NOW);
	assert_ptr_equal(sight(s, "10.0.0.1", 8081, VIA_MANUAL, NOW), p);
	assert_true(p->is_kept);
	assert_int_equal(p->state, SEEN_TRYING);
	assert_int_equal(seen_trying_count(s), 0);
	assert_null(seen_next(s, NOW));
	p = sight(s, "10.0.0.2", 8081, VIA_BONJOUR, NOW);
	seen_next(s, NOW);
	seen_silent(s, p, "refused", NOW);
	sight(s, "10.0.0.2", 8081, VIA_MANUAL, NOW);
	assert_ptr_equal(seen_next(s, NOW), p);		/* at once, back-off or not */
}

/* ---- Failures ---- */

static void
silence_doubles_the_wait_up_to_a_minute(void **state)
{
	static const int waits_s[] = { 2, 4, 8, 16, 32, 60, 60 };
	struct seen *s = *state;
	struct seen_place *p = sight(s, "10.0.0.1", 8081, VIA_SWEEP, NOW);
	int64_t now_us = NOW;

	for (size_t i = 0; i < sizeof waits_s / sizeof *waits_s; i++) {
		assert_ptr_equal(seen_next(s, now_us), p);
		seen_silent(s, p, "no answer", now_us);
		assert_int_equal(p->state, SEEN_SILENT);
		assert_true(seen_wake_us(s, now_us) == now_us + waits_s[i] * SECOND);
		now_us += waits_s[i] * SECOND;
		assert_null(seen_next(s, now_us - 1));
	}
}

/* After a flood the many silent ones together cost no more than a few questions a second. */
static void
very_many_silent_places_are_asked_seldom(void **state)
{
	struct seen *s = *state;
	struct seen_place *p;
	int64_t now_us = NOW;
	int asked = 0;

	for (int i = 0; i < 4000; i++)
		sight_number(s, i, NOW);
	while (now_us < NOW + 7200 * SECOND) {
		while ((p = seen_next(s, now_us)) != NULL) {
			asked += now_us >= NOW + 3600 * SECOND;
			seen_silent(s, p, "refused", now_us);
		}
		now_us = seen_wake_us(s, now_us);
	}
	assert_true(asked > 3600 && asked < 5 * 3600);
}

static void
a_place_that_failed_is_forgotten_when_nobody_tells_of_it(void **state)
{
	struct seen *s = *state;
	struct seen_place *typed = sight(s, "10.0.0.9", 1, VIA_MANUAL, NOW);

	for (int i = 0; i < 3; i++)
		sight_number(s, i, NOW);
	for (int i = 0; i < 3; i++)
		seen_next(s, NOW);
	seen_silent(s, typed, "refused", NOW);
	seen_silent(s, seen_at(s, 1), "refused", NOW);
	seen_stranger(s, seen_at(s, 2), "/info answered 404", NOW);
	sight_number(s, 1, NOW + 300 * SECOND);
	seen_tidy(s, NOW + 600 * SECOND);
	assert_int_equal(seen_count(s), 4);
	seen_tidy(s, NOW + 601 * SECOND);
	assert_int_equal(seen_count(s), 3);		/* told of again, typed, not asked yet */
	seen_tidy(s, NOW + 901 * SECOND);
	assert_int_equal(seen_count(s), 2);
}

static void
news_of_a_silent_place_brings_it_back_soon(void **state)
{
	struct seen *s = *state;
	struct seen_place *p = sight(s, "10.0.0.1", 8081, VIA_SWEEP, NOW);

	seen_next(s, NOW);
	seen_silent(s, p, "no answer", NOW + 10);
	sight(s, "10.0.0.1", 8081, VIA_SWEEP, NOW + 20);
	assert_null(seen_next(s, NOW + 20));		/* a chatterbox does not knock in our name */
	assert_ptr_equal(seen_next(s, NOW + 250000), p);
}

static void
a_stranger_is_left_alone_unless_it_is_announced_anew(void **state)
{
	struct seen *s = *state;
	struct seen_place *p = sight(s, "10.0.0.1", 8081, VIA_SWEEP, NOW);

	seen_next(s, NOW);
	seen_stranger(s, p, "/info answered 404", NOW);
	assert_int_equal(p->state, SEEN_STRANGER);
	sight(s, "10.0.0.1", 8081, VIA_SWEEP, NOW + 100 * SECOND);
	assert_null(seen_next(s, NOW + 599 * SECOND));
	assert_ptr_equal(seen_next(s, NOW + 600 * SECOND), p);
	seen_stranger(s, p, "/info answered 404", NOW + 600 * SECOND);
	sight(s, "10.0.0.1", 8081, VIA_BONJOUR, NOW + 601 * SECOND);
	assert_null(seen_next(s, NOW + 601 * SECOND));
	assert_ptr_equal(seen_next(s, NOW + 630 * SECOND), p);
	seen_stranger(s, p, "/info answered 404", NOW + 630 * SECOND);
	sight(s, "10.0.0.1", 8081, VIA_MANUAL, NOW + 631 * SECOND);
	assert_ptr_equal(seen_next(s, NOW + 631 * SECOND), p);
}

static void
a_change_of_the_network_forgives_silence_only(void **state)
{
	struct seen *s = *state;
	struct seen_place *silent = sight(s, "10.0.0.1", 8081, VIA_SWEEP, NOW), *stranger = sight(s, "10.0.0.2", 80, VIA_SWEEP, NOW);

	seen_next(s, NOW);
	seen_next(s, NOW);
	for (int i = 0; i < 5; i++)
		seen_silent(s, silent, "no route", NOW);
	seen_stranger(s, stranger, "/info answered 404", NOW);
	seen_refresh(s, NOW + 5);
	assert_ptr_equal(seen_next(s, NOW + 5), silent);
	assert_null(seen_next(s, NOW + 5));
	seen_silent(s, silent, "no route", NOW + 5);
	assert_true(silent->next_us == NOW + 5 + SEEN_AGAIN_FIRST_US);
}

static void
those_that_rest_come_back_in_order_of_time(void **state)
{
	struct seen *s = *state;
	unsigned r = 7;
	int64_t last_us = 0;

	for (int i = 0; i < 200; i++) {
		struct seen_place *p = sight_number(s, i, NOW);
		struct seen_place *asked = seen_next(s, NOW);

		assert_ptr_equal(asked, p);
		r = r * 1103515245u + 12345u;
		for (unsigned k = 0; k <= (r >> 16 & 3); k++)
			p->failures++;
		seen_silent(s, p, "no", NOW + (r >> 8 & 0xfffff));
	}
	for (int i = 0; i < 200; i += 3)
		seen_drop(s, seen_at(s, i / 3 * 2));
	while (seen_wake_us(s, NOW) != INT64_MAX) {
		const int64_t at_us = seen_wake_us(s, NOW);
		struct seen_place *p = seen_next(s, at_us);

		assert_non_null(p);
		assert_true(at_us >= last_us && p->next_us <= at_us);
		last_us = at_us;
		seen_drop(s, p);
	}
	assert_int_equal(seen_count(s), 0);
}

/* ---- Floods ---- */

/* Runs the table until `until_us`: nobody answers, whoever is overdue makes way; true when `wanted` had its turn. */
static bool
run(struct seen *s, int64_t *now_us, int64_t until_us, const struct seen_place *wanted)
{
	struct seen_place *p;

	for (;;) {
		int64_t wake_us;

		while ((p = seen_overdue(s, *now_us)) != NULL)
			seen_end_turn(s, p);
		while ((p = seen_next(s, *now_us)) != NULL)
			if (p == wanted)
				return true;
		if (seen_overdue(s, *now_us) != NULL)
			continue;
		wake_us = seen_wake_us(s, *now_us);
		if (wake_us >= until_us) {
			*now_us = until_us;
			return false;
		}
		assert_true(wake_us > *now_us);
		*now_us = wake_us;
	}
}

static void
a_real_camera_in_a_flood_of_dead_hosts_has_its_turn_within_two_seconds(void **state)
{
	struct seen *s = *state;
	struct seen_place *real = NULL;
	int64_t now_us = NOW, sighted_us = 0;

	for (int i = 0; i < 5000; i++) {
		sight_number(s, i, now_us);
		if (i == 2500) {
			real = sight(s, "192.168.1.7", 8081, VIA_BONJOUR, now_us);
			sighted_us = now_us;
		}
		if (run(s, &now_us, now_us + 2000, real)) {
			assert_true(now_us - sighted_us <= 2 * SECOND);
			return;
		}
		assert_true(seen_count(s) <= MAX_SIGHTINGS);
		assert_true(seen_trying_count(s) <= MAX_TRIES_AT_ONCE);
	}
	fail_msg("it never had a turn");
}

static void
a_real_camera_beside_a_tarpit_is_asked_at_once(void **state)
{
	struct seen *s = *state;
	struct seen_place *real;
	int64_t now_us = NOW;

	for (int i = 0; i < 4000; i++) {
		sight(s, "10.9.9.9", 1 + i, VIA_BONJOUR, now_us);
		run(s, &now_us, now_us + 2000, NULL);
	}
	real = sight(s, "192.168.1.7", 8081, VIA_BONJOUR, now_us);
	assert_ptr_equal(seen_next(s, now_us), real);
}

/* One that needs longer than its first turn in the flood gets a longer one later. */
static void
a_slow_camera_is_not_sent_away_for_good(void **state)
{
	struct seen *s = *state;
	struct seen_place *slow = sight(s, "192.168.1.7", 8081, VIA_BONJOUR, NOW);
	int64_t now_us = NOW, longest_us = 0;

	for (int i = 0; i < 3000; i++)
		sight_number(s, i, NOW);
	for (int turn = 0; turn < 4; turn++) {
		int64_t began_us;

		assert_true(slow->state == SEEN_TRYING || run(s, &now_us, now_us + 60 * SECOND, slow));
		began_us = now_us;
		while (slow->state == SEEN_TRYING && now_us - began_us < 2 * SECOND)
			run(s, &now_us, now_us + 1000, NULL);
		assert_true(now_us - began_us >= longest_us);
		longest_us = now_us - began_us;
	}
	assert_true(longest_us >= 390000);
	assert_true(now_us - NOW < 60 * SECOND);
}

static void
one_that_has_answered_keeps_its_turn(void **state)
{
	struct seen *s = *state;
	struct seen_place *p = sight(s, "192.168.1.7", 8081, VIA_BONJOUR, NOW);
	int64_t now_us = NOW;

	seen_next(s, NOW);
	p->is_held = true;
	for (int i = 0; i < 1000; i++)
		sight_number(s, i, NOW);
	run(s, &now_us, NOW + 10 * SECOND, NULL);
	assert_int_equal(p->state, SEEN_TRYING);
	assert_int_equal(p->turns, 0);
}

static void
nobody_is_hurried_without_a_crowd(void **state)
{
	struct seen *s = *state;

	for (int i = 0; i < MAX_TRIES_AT_ONCE; i++)
		sight_number(s, i, NOW);
	while (seen_next(s, NOW) != NULL)
		continue;
	assert_null(seen_overdue(s, NOW + 100 * SECOND));
	assert_true(seen_wake_us(s, NOW) == INT64_MAX);
}

static void
who_failed_makes_room_before_who_waits_and_typed_ones_never_do(void **state)
{
	struct seen *s = *state;
	const struct registry_address failed = at("10.0.0.5", 8081, 0), first = at("10.0.0.0", 8081, 0), typed = at("192.168.7.7", 1, 0),
	    known = at("192.168.7.8", 1, 0);

	sight(s, "192.168.7.7", 1, VIA_MANUAL, NOW);
	sight(s, "192.168.7.8", 1, VIA_REMEMBERED, NOW);
	for (int i = 0; i < MAX_SIGHTINGS - 2; i++)
		sight_number(s, i, NOW);
	for (int i = 0; i < 10; i++)
		seen_next(s, NOW);
	seen_silent(s, seen_find(s, &failed), "no", NOW);
	assert_int_equal(seen_count(s), MAX_SIGHTINGS);
	sight_number(s, 100000, NOW);
	assert_int_equal(seen_count(s), MAX_SIGHTINGS);
	assert_null(seen_find(s, &failed));
	assert_non_null(seen_find(s, &first));		/* it is being asked */
	for (int i = 0; i < 3 * MAX_SIGHTINGS; i++)
		sight_number(s, 200000 + i, NOW);
	assert_int_equal(seen_count(s), MAX_SIGHTINGS);
	assert_non_null(seen_find(s, &typed));
	assert_non_null(seen_find(s, &known));
	assert_non_null(seen_find(s, &first));
}

static void
a_table_of_wishes_is_full_when_it_is_full(void **state)
{
	struct seen *s = *state;

	for (int i = 0; i < MAX_SIGHTINGS; i++)
		assert_non_null(sight(s, "10.0.0.1", 1 + i, VIA_MANUAL, NOW));
	assert_null(sight(s, "10.0.0.2", 1, VIA_MANUAL, NOW));
	for (int i = 0; i < SEEN_KEPT_MOST + MAX_TRIES_PER_HOST; i++)
		assert_non_null(seen_next(s, NOW));
	assert_null(seen_next(s, NOW));			/* past a limit typed ones wait like others */
}

static int64_t
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * SECOND + t.tv_nsec / 1000;
}

/* A full table must not make a sighting dear: the same work, hundreds of times the places. */
static void
a_sighting_costs_the_same_in_a_full_table(void **state)
{
	struct seen *s = *state;
	int64_t began_us, few_us, many_us;

	began_us = cpu_us();
	for (int i = 0; i < 4000; i++)
		seen_drop(s, sight_number(s, i, NOW));
	few_us = cpu_us() - began_us;
	for (int i = 0; i < MAX_SIGHTINGS; i++)
		sight_number(s, i, NOW);
	began_us = cpu_us();
	for (int i = 0; i < 4000; i++)
		sight_number(s, 300000 + i, NOW);
	many_us = cpu_us() - began_us;
	assert_true(many_us < 40 * few_us + 20000);
}

/* Everything at random, for long: the counts always agree with the places. */
static void
counts_agree_with_places_whatever_happens(void **state)
{
	struct seen *s = *state;
	unsigned r = 1;
	int64_t now_us = NOW;

	for (int step = 0; step < 20000; step++) {
		struct seen_place *p;
		int trying = 0, eager = 0;
		char host[32];

		r = r * 1103515245u + 12345u;
		p = seen_count(s) > 0 ? seen_at(s, (int)(r >> 8) % seen_count(s)) : NULL;
		snprintf(host, sizeof host, "10.0.0.%u", r >> 20 & 7);
		if ((r >> 16 & 7) < 3)
			sight(s, host, (int)(r >> 10 & 31), (r >> 16 & 63) == 0 ? VIA_MANUAL : VIA_BONJOUR, now_us);
		else if ((r >> 16 & 7) == 3)
			(void)seen_next(s, now_us);
		else if (p != NULL && p->state == SEEN_TRYING && (r >> 16 & 7) < 6)
			((r >> 16 & 7) == 4 ? seen_silent : seen_stranger)(s, p, "no", now_us);
		else if (p != NULL && p->state == SEEN_TRYING && !p->is_kept && (r >> 7 & 1) != 0)
			seen_end_turn(s, p);
		else if (p != NULL && (r >> 5 & 15) == 0)
			seen_drop(s, p);
		else if ((r >> 5 & 255) == 1)
			seen_refresh(s, now_us);
		now_us += r >> 12 & 0xffff;
		for (int i = 0; step % 50 == 0 && (p = seen_at(s, i)) != NULL; i++) {
			trying += p->state == SEEN_TRYING && !p->is_kept;
			eager += p->state == SEEN_WAITING && !p->is_kept && p->failures == 0;
		}
		if (step % 50 == 0) {
			assert_int_equal(seen_trying_count(s), trying);
			assert_int_equal(seen_waiting_count(s), eager);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_place_is_one_whatever_told_it),
		TEST(an_url_is_a_place_of_its_own),
		TEST(places_are_listed_as_they_appeared),
		TEST(those_that_fit_are_listed_too),
		TEST(a_new_place_is_asked_at_once_and_only_once),
		TEST(no_more_are_asked_at_once_than_the_ceiling),
		TEST(one_host_gets_no_more_than_its_share),
		TEST(hosts_take_turns),
		TEST(typed_places_take_nobodys_turn),
		TEST(a_place_that_is_typed_while_it_is_asked_frees_its_turn),
		TEST(silence_doubles_the_wait_up_to_a_minute),
		TEST(very_many_silent_places_are_asked_seldom),
		TEST(a_place_that_failed_is_forgotten_when_nobody_tells_of_it),
		TEST(news_of_a_silent_place_brings_it_back_soon),
		TEST(a_stranger_is_left_alone_unless_it_is_announced_anew),
		TEST(a_change_of_the_network_forgives_silence_only),
		TEST(those_that_rest_come_back_in_order_of_time),
		TEST(a_real_camera_in_a_flood_of_dead_hosts_has_its_turn_within_two_seconds),
		TEST(a_real_camera_beside_a_tarpit_is_asked_at_once),
		TEST(a_slow_camera_is_not_sent_away_for_good),
		TEST(one_that_has_answered_keeps_its_turn),
		TEST(nobody_is_hurried_without_a_crowd),
		TEST(who_failed_makes_room_before_who_waits_and_typed_ones_never_do),
		TEST(a_table_of_wishes_is_full_when_it_is_full),
		TEST(a_sighting_costs_the_same_in_a_full_table),
		TEST(counts_agree_with_places_whatever_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
