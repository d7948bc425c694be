/*
 * t_pool.c - work is done elsewhere, at once where it can be, in order, all of it, and behind the loop's thread.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#include "io/pool.h"

#define MANY 500

struct work {
	pthread_barrier_t together;
	pthread_t at_home;
	char order[MANY + 1];
	atomic_int done, elsewhere, behind, deaf;
};

static void
look_around(void *arg)
{
	struct work *w = arg;
	sigset_t blocked;

	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	w->elsewhere += !pthread_equal(pthread_self(), w->at_home);
	w->behind += getpriority(PRIO_PROCESS, 0) > 0;
	w->deaf += sigismember(&blocked, SIGINT) == 1 && sigismember(&blocked, SIGWINCH) == 1;
	w->done++;
}

static void
all_is_done_elsewhere_before_it_ends(void **state)
{
	struct work w = { .at_home = pthread_self() };
	const int nice_here = getpriority(PRIO_PROCESS, 0);
	struct pool *p = pool_new(4);

	(void)state;
	for (int i = 0; i < MANY; i++)
		pool_add(p, look_around, &w);
	pool_free(p);
	assert_int_equal(w.done, MANY);
	assert_int_equal(w.elsewhere, MANY);
	assert_int_equal(w.behind, MANY);
	assert_int_equal(w.deaf, MANY);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), nice_here);
}

static void
meet(void *arg)
{
	struct work *w = arg;

	pthread_barrier_wait(&w->together);
	w->done++;
}

/* Each waits for the two others: with fewer threads at work nobody would ever go on. */
static void
as_many_as_said_work_at_once(void **state)
{
	struct work w = { .done = 0 };
	struct pool *p = pool_new(3);

	(void)state;
	pthread_barrier_init(&w.together, NULL, 3);
	for (int round = 0; round < 20; round++)
		for (int i = 0; i < 3; i++)
			pool_add(p, meet, &w);
	pool_free(p);
	assert_int_equal(w.done, 60);
	pthread_barrier_destroy(&w.together);
}

struct letter { struct work *w; char c; };

static void
write_down(void *arg)
{
	const struct letter *l = arg;

	l->w->order[l->w->done++] = l->c;
}

static void
one_thread_keeps_the_order(void **state)
{
	struct work w = { .done = 0 };
	struct letter letters[26];
	struct pool *p = pool_new(1);

	(void)state;
	for (int i = 0; i < 26; i++) {
		letters[i] = (struct letter){ .w = &w, .c = (char)('a' + i) };
		pool_add(p, write_down, &letters[i]);
	}
	pool_free(p);
	assert_string_equal(w.order, "abcdefghijklmnopqrstuvwxyz");
}

static void
one_without_work_ends(void **state)
{
	(void)state;
	pool_free(pool_new(4));
	pool_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_done_elsewhere_before_it_ends),
		cmocka_unit_test(as_many_as_said_work_at_once),
		cmocka_unit_test(one_thread_keeps_the_order),
		cmocka_unit_test(one_without_work_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
