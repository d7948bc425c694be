/*
 * t_haul_turns.c - many files at once: whose turn it is, who delays nobody, pauses and rates, and how often it is told.
 */
#include "unit/haul_kit.h"

#define MB (1024 * 1024LL)
#define MANY 8

struct many {
	struct file f[MANY];
	int count, most;		/* most: that received at once */
};

static void
count_receiving(struct many *m)
{
	struct haul_news n;
	int now = 0;

	for (int i = 0; i < m->count; i++)
		if (m->f[i].ends == 0) {
			haul_look(m->f[i].wish, &n);
			now += n.state == HAUL_MOVING && n.bytes < n.total_bytes;
		}
	m->most = now > m->most ? now : m->most;
}

static bool
have_all_ended(void *arg)
{
	struct many *m = arg;

	count_receiving(m);
	for (int i = 0; i < m->count; i++)
		if (m->f[i].ends == 0)
			return false;
	return true;
}

static bool
have_all_but_first_ended(void *arg)
{
	struct many *m = arg;

	for (int i = 1; i < m->count; i++)
		if (m->f[i].ends == 0)
			return false;
	return true;
}

static void
make_many(struct bench *b, struct many *m, int count, int64_t bytes, const struct file_server_day *day)
{
	m->count = count;
	m->most = 0;
	for (int i = 0; i < count; i++) {
		kit_file(b, &m->f[i], bytes, 1 + (unsigned)i);
		if (day != NULL)
			kit_day(&m->f[i], day);
	}
}

static void
wish_from_node(struct file *f, const char *node)
{
	const char *urls[] = { f->url };
	struct haul_ask ask = kit_ask(f, urls);

	ask.node = node;
	kit_wish_as(f, &ask);
}

static void
no_more_at_once_than_wished(void **state)
{
	struct bench *b = *state;
	struct file_server_day slow = { .bytes_a_second = 4 * MB };
	struct many m;

	b->conf.at_once = 3;
	kit_restart(b);
	make_many(b, &m, MANY, MB, &slow);
	for (int i = 0; i < MANY; i++)
		kit_wish(&m.f[i]);
	kit_until(b, have_all_ended, &m);
	assert_int_equal(m.most, 3);
	for (int i = 0; i < MANY; i++)
		kit_is_home(&m.f[i]);
}

/* One node has seven files, asked for first; the other has one, and gets its turn beside them. */
static void
node_with_many_files_does_not_hold_up_another(void **state)
{
	struct bench *b = *state;
	struct file_server_day slow = { .bytes_a_second = 4 * MB };
	struct many m;
	int before = 0;

	b->conf.at_once = 2;
	b->conf.per_node = 2;
	kit_restart(b);
	make_many(b, &m, MANY, MB, &slow);
	for (int i = 0; i < MANY - 1; i++)
		wish_from_node(&m.f[i], "many");
	wish_from_node(&m.f[MANY - 1], "one");
	kit_until(b, have_all_ended, &m);
	for (int i = 0; i < MANY - 1; i++)
		before += m.f[i].ended_us < m.f[MANY - 1].ended_us;
	assert_true(before <= 3);
}

static void
one_node_has_its_own_limit(void **state)
{
	struct bench *b = *state;
	struct file_server_day slow = { .bytes_a_second = 8 * MB };
	struct many m;

	b->conf.per_node = 1;
	kit_restart(b);
	make_many(b, &m, 4, MB, &slow);
	for (int i = 0; i < 4; i++)
		wish_from_node(&m.f[i], "phone");
	kit_until(b, have_all_ended, &m);
	assert_int_equal(m.most, 1);
}

/* With places for two: the stalled one counts for nobody after a second, long before it is given up. */
static void
stalled_node_delays_no_other(void **state)
{
	struct bench *b = *state;
	struct file_server_day stall = { .stall_at = 1000, .stall_times = 1000 };
	struct many m;

	b->conf.at_once = 1;
	b->conf.stall_us = GIVE_UP_US * 2;
	kit_restart(b);
	make_many(b, &m, MANY, MB, NULL);
	kit_day(&m.f[0], &stall);
	for (int i = 0; i < MANY; i++)
		kit_wish(&m.f[i]);
	kit_until(b, have_all_but_first_ended, &m);
	assert_int_equal(m.f[0].ends, 0);
	for (int i = 1; i < MANY; i++)
		kit_is_home(&m.f[i]);
}

/* ---- Pause and rate ---- */


static bool
is_nobody_open(void *arg)
{
	return file_server_open(((struct bench *)arg)->server) == 0;
}

static bool
is_second_file_moving(void *arg)
{
	return kit_is_moving(&((struct many *)arg)->f[1]) && kit_is_moving(&((struct many *)arg)->f[0]);
}

static void
pause_closes_all_and_goes_on_where_it_was(void **state)
{
	struct bench *b = *state;
	struct file_server_day slow = { .bytes_a_second = 4 * MB };
	struct file_server_seen seen;
	struct haul_totals t;
	struct many m;
	int64_t sent = 0;

	make_many(b, &m, 2, 3 * MB, &slow);
	kit_wish(&m.f[0]);
	kit_wish(&m.f[1]);
	kit_until(b, is_second_file_moving, &m);
	haul_pace(b->haul, HAUL_PAUSED);
	kit_until(b, is_nobody_open, b);
	haul_total(b->haul, &t);
	assert_int_equal(t.moving, 0);
	assert_int_equal(t.rate_bytes, 0);
	haul_pace(b->haul, HAUL_FULL_SPEED);
	kit_until(b, have_all_ended, &m);
	for (int i = 0; i < 2; i++) {
		kit_is_home(&m.f[i]);
		file_server_seen(b->server, m.f[i].number, &seen);
		assert_int_equal(seen.requests, 2);
		assert_true(seen.last_from > 0);
		sent += seen.body_bytes;
	}
	haul_total(b->haul, &t);
	assert_int_equal(t.bytes, 6 * MB);
	assert_int_equal(t.total_bytes, 6 * MB);
	assert_int_equal(t.ended, 2);
	assert_int_equal(t.left_us, 0);
	assert_true(t.received_bytes >= 6 * MB && t.received_bytes <= sent + 4000);
}

static void
nothing_begins_while_paused(void **state)
{
	struct bench *b = *state;
	struct file_server_seen seen;
	struct many m;

	make_many(b, &m, 2, MB, NULL);
	haul_pace(b->haul, HAUL_PAUSED);
	kit_wish(&m.f[0]);
	for (int i = 0; i < 20; i++)
		kit_until(b, is_nobody_open, b);
	file_server_seen(b->server, m.f[0].number, &seen);
	assert_int_equal(seen.requests, 0);
	haul_pace(b->haul, HAUL_FULL_SPEED);
	kit_verified(&m.f[0]);
}

/* 4 MB at 2 MB a second for all together: at least a second and a half, whatever the machine. */
static void
rate_is_kept_by_all_together(void **state)
{
	struct bench *b = *state;
	struct many m;
	int64_t begun_us = kit_now_us();

	make_many(b, &m, 4, MB, NULL);
	haul_pace(b->haul, 2 * MB);
	for (int i = 0; i < 4; i++)
		kit_wish(&m.f[i]);
	kit_until(b, have_all_ended, &m);
	for (int i = 0; i < 4; i++)
		kit_is_home(&m.f[i]);
	assert_true(kit_now_us() - begun_us >= 1000000);
}

/* ---- News ---- */

static void
news_come_at_most_four_times_a_second(void **state)
{
	struct bench *b = *state;
	struct file_server_day slow = { .bytes_a_second = 2 * MB };
	struct file f;

	kit_file(b, &f, 3 * MB, 1);
	kit_day(&f, &slow);
	kit_wish(&f);
	kit_verified(&f);
	assert_true(f.least_gap_us >= 249000);
	assert_true(f.seen[HAUL_MOVING] >= 3);
}

static bool
is_stalled_and_told(void *arg)
{
	struct file *f = arg;

	return f->last.bytes == MB && f->last.durable_bytes == MB && f->last.rate_bytes == 0 && f->seen[HAUL_MOVING] > 0;
}

static bool
is_later(void *arg)
{
	return kit_now_us() >= *(int64_t *)arg;
}

static void
nothing_is_told_while_nothing_moves(void **state)
{
	struct bench *b = *state;
	struct file_server_day stall = { .stall_at = MB, .stall_times = 1000 };
	struct file f;
	int64_t until_us;
	int news;

	b->conf.stall_us = GIVE_UP_US * 2;
	kit_restart(b);
	kit_file(b, &f, 2 * MB, 1);
	kit_day(&f, &stall);
	kit_wish(&f);
	kit_until(b, is_stalled_and_told, &f);
	news = f.news;
	until_us = kit_now_us() + 1000000;
	kit_until(b, is_later, &until_us);
	assert_int_equal(f.news, news);
}

static bool
has_rate(void *arg)
{
	return ((struct file *)arg)->last.rate_bytes > 0;
}

static void
rate_and_time_left_are_told(void **state)
{
	struct bench *b = *state;
	struct file_server_day slow = { .bytes_a_second = 2 * MB };
	struct haul_totals t;
	struct file f;

	kit_file(b, &f, 4 * MB, 1);
	kit_day(&f, &slow);
	kit_wish(&f);
	kit_until(b, has_rate, &f);
	assert_int_equal(f.last.total_bytes, f.bytes);
	assert_true(f.last.rate_bytes < 8 * MB);
	assert_true(f.last.left_us > 0 && f.last.left_us < 600 * 1000000LL);
	haul_total(b->haul, &t);
	assert_int_equal(t.wishes, 1);
	assert_int_equal(t.moving, 1);
	assert_true(t.left_us > 0);
	kit_verified(&f);
}

/* ---- Inside the news ---- */

struct chain {
	struct file f[3];
	int begun;
};

static void
chain_news(void *arg, struct haul_wish *w, const struct haul_news *n)
{
	struct file *f = arg;

	if (n->state != HAUL_VERIFIED)
		return;
	f->ends = 1;
	haul_drop(w, false);
	if (f->number < 2) {
		struct file *next = f + 1;
		const char *urls[] = { next->url };
		struct haul_ask ask = kit_ask(next, urls);

		next->wish = haul_add(f->b->haul, &ask, chain_news, next, NULL);
		assert_non_null(next->wish);
	}
}

static void
wishes_may_be_dropped_and_added_inside_the_news(void **state)
{
	struct bench *b = *state;
	struct chain c;
	const char *urls[1];
	struct haul_ask ask;

	for (int i = 0; i < 3; i++)
		kit_file(b, &c.f[i], 100000, 1 + (unsigned)i);
	urls[0] = c.f[0].url;
	ask = kit_ask(&c.f[0], urls);
	c.f[0].wish = haul_add(b->haul, &ask, chain_news, &c.f[0], NULL);
	kit_until(b, kit_has_ended, &c.f[2]);
	for (int i = 0; i < 3; i++)
		kit_is_home(&c.f[i]);
}

static void
engine_ends_in_the_middle_of_everything(void **state)
{
	struct bench *b = *state;
	struct file_server_day slow = { .bytes_a_second = 4 * MB }, fast = { 0 };
	struct many m;

	make_many(b, &m, MANY, 4 * MB, &slow);
	for (int i = 0; i < MANY; i++)
		kit_wish(&m.f[i]);
	kit_until(b, is_second_file_moving, &m);
	haul_drop(m.f[2].wish, true);
	kit_restart(b);
	for (int i = 0; i < MANY; i++) {
		kit_day(&m.f[i], &fast);
		kit_wish(&m.f[i]);
	}
	kit_until(b, have_all_ended, &m);
	for (int i = 0; i < MANY; i++)
		kit_is_home(&m.f[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
		T(no_more_at_once_than_wished), T(node_with_many_files_does_not_hold_up_another), T(one_node_has_its_own_limit),
		T(stalled_node_delays_no_other), T(pause_closes_all_and_goes_on_where_it_was), T(nothing_begins_while_paused),
		T(rate_is_kept_by_all_together), T(news_come_at_most_four_times_a_second), T(nothing_is_told_while_nothing_moves),
		T(rate_and_time_left_are_told), T(wishes_may_be_dropped_and_added_inside_the_news),
		T(engine_ends_in_the_middle_of_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
