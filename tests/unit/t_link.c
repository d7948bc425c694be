/*
 * t_link.c - Ableton Link as it is: two of its sessions in a network of their own, and the ear that waits for one.
 * Needs the right to make a network namespace; without Link in the build only the ear is there to be tested.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "io/link.h"
#include "io/loop_uv.h"

struct world {
	struct loop *loop;
	struct loop_timer *tick;
	int64_t end_us;
	int heard, changed;
	bool (*until)(struct world *w);
	struct link_session *band, *late;
	struct err err;
};

static bool is_alone;			/* in a network of its own */

static int
enter(void **state)
{
	(void)state;
	is_alone = unshare(CLONE_NEWNET) == 0 && system("ip link set lo up && ip route add default dev lo") == 0;
	return 0;
}

static void
look(void *arg)
{
	struct world *w = arg;

	if (w->until(w) || loop_now_us(w->loop) > w->end_us)
		loop_stop(w->loop);
}

/* Turns the loop until it holds; false: not within fifteen seconds. */
static bool
waits(struct world *w, bool (*until)(struct world *w))
{
	w->until = until;
	w->end_us = loop_now_us(w->loop) + 15000000;
	loop_timer_start(w->loop, w->tick, 0, 5000);
	loop_run(w->loop);
	loop_timer_stop(w->loop, w->tick);
	return until(w);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_uv_new(1);
	w->tick = loop_timer_new(w->loop, look, w);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	link_free(w->band);
	link_free(w->late);
	loop_timer_free(w->loop, w->tick);
	loop_free(w->loop);
	free(w);
	return 0;
}

static void
on_heard(void *arg)
{
	((struct world *)arg)->heard++;
}

static void
on_changed(void *arg)
{
	((struct world *)arg)->changed++;
}

static void
send_to_all(const char *bytes, size_t len)
{
	const struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(20808), .sin_addr.s_addr = inet_addr("224.76.78.75") };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(sendto(fd, bytes, len, 0, (const struct sockaddr *)&to, sizeof to), len);
	close(fd);
}

static bool is_heard(struct world *w) { return w->heard > 0; }
static bool late_has_a_peer(struct world *w) { return link_peers(w->late) == 1 && link_peers(w->band) == 1; }
static bool band_is_alone(struct world *w) { return link_peers(w->band) == 0; }
static bool late_plays_97(struct world *w) { return fabs(link_line(w->late, 4).bpm - 97) < 0.01; }
static bool band_plays_140(struct world *w) { return fabs(link_line(w->band, 4).bpm - 140) < 0.01; }

static void
needs_network(void)
{
	if (!is_alone) {
		print_message("# no network namespace may be made here\n");
		skip();
	}
}

static void
needs_link(void)
{
	needs_network();
	if (!link_is_built())
		skip();
}

static void
ear_hears_who_keeps_a_session_and_nothing_else(void **state)
{
	struct world *w = *state;
	struct link_ear *ear;

	needs_network();
	ear = link_ear_new(w->loop, on_heard, w);
	assert_non_null(ear);
	send_to_all("_asdp_v\001\003\000\000\000", 12);		/* goodbye */
	send_to_all("_asdp_v\001\002\000\000\000", 12);		/* an answer to somebody */
	send_to_all("_asdp_v", 7);
	send_to_all("GET / HTTP/1.1\r\n", 16);
	send_to_all("", 0);
	send_to_all("_asdp_v\001\001\000\000\000", 12);		/* alive */
	assert_true(waits(w, is_heard));
	assert_int_equal(w->heard, 1);
	link_ear_free(ear);
	link_ear_free(NULL);
}

static void
ear_hears_a_real_session(void **state)
{
	struct world *w = *state;
	struct link_ear *ear;

	needs_link();
	ear = link_ear_new(w->loop, on_heard, w);
	assert_non_null(ear);
	w->band = link_new(w->loop, 97, on_changed, w, &w->err);
	assert_non_null(w->band);
	assert_true(waits(w, is_heard));
	link_ear_free(ear);
}

static void
who_joins_late_adopts_tempo_and_phase(void **state)
{
	struct world *w = *state;
	struct beat_line band, late;
	double apart;

	needs_link();
	w->band = link_new(w->loop, 97, on_changed, w, &w->err);
	link_set_beat(w->band, loop_now_us(w->loop) + 123456, 0, 4);
	usleep(700000);			/* sessions that begin within half a second of each other are of the same age to Link */
	w->late = link_new(w->loop, 140, on_changed, w, &w->err);
	assert_non_null(w->late);
	link_set_tempo(w->late, 141);		/* a clock begun here before anybody was met: theirs is older, and wins */
	link_set_beat(w->late, loop_now_us(w->loop), 0, 4);
	assert_true(waits(w, late_has_a_peer));
	assert_true(waits(w, late_plays_97));
	assert_true(w->changed > 0);
	band = link_line(w->band, 4);
	late = link_line(w->late, 4);
	assert_true(fabs(band.bpm - 97) < 0.01);
	apart = beat_at(&band, late.at_us) - late.beat;
	apart -= round(apart / 4) * 4;
	assert_true(fabs(apart) * beat_long_us(&late) < 2000);
	link_set_tempo(w->late, 140);
	assert_true(waits(w, band_plays_140));
	link_free(w->late);
	w->late = NULL;
	assert_true(waits(w, band_is_alone));
	assert_true(fabs(link_line(w->band, 4).bpm - 140) < 0.01);	/* it runs on */
}

static void
beat_is_where_it_was_set(void **state)
{
	struct world *w = *state;
	struct beat_line l;
	int64_t at_us;
	double beat;

	needs_link();
	w->band = link_new(w->loop, 120, on_changed, w, &w->err);
	at_us = loop_now_us(w->loop);
	link_set_beat(w->band, at_us, 6, 4);
	l = link_line(w->band, 4);
	beat = beat_at(&l, at_us);
	beat -= round((beat - 2) / 4) * 4;			/* the phase of 6 in a bar of 4 */
	assert_true(fabs(beat - 2) * beat_long_us(&l) < 200);
}

static void
leaving_at_once_is_quiet(void **state)
{
	struct world *w = *state;

	needs_link();
	for (int i = 0; i < 5; i++)
		link_free(link_new(w->loop, 100 + i, on_changed, w, &w->err));
	link_free(NULL);
	assert_int_equal(w->changed, 0);
}

static void
without_link_there_is_a_sentence(void **state)
{
	struct world *w = *state;

	if (link_is_built())
		return;			/* this is the other build: nothing to see */
	assert_null(link_new(w->loop, 120, on_changed, w, &w->err));
	assert_non_null(strstr(w->err.text, "without Ableton Link"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ear_hears_who_keeps_a_session_and_nothing_else), TEST(ear_hears_a_real_session),
		TEST(who_joins_late_adopts_tempo_and_phase), TEST(beat_is_where_it_was_set), TEST(leaving_at_once_is_quiet),
		TEST(without_link_there_is_a_sentence),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
