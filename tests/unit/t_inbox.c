/*
 * t_inbox.c - threads hand over at once: nothing is lost, nothing comes twice, each one's own order is kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdlib.h>
#include <cmocka.h>

#include "io/inbox.h"

#define THREADS 4
#define EACH 20000

struct letter {
	struct inbox_item item;		/* first */
	int from, number;
};

struct sender {
	struct inbox *inbox;
	struct letter *letters;
	int firsts;			/* it was told that the inbox was empty */
};

static void
what_is_put_first_comes_first(void **state)
{
	struct letter letters[3] = { { .number = 1 }, { .number = 2 }, { .number = 3 } };
	struct inbox b = { NULL };
	struct inbox_item *item;

	(void)state;
	assert_true(inbox_is_empty(&b));
	assert_null(inbox_take(&b));
	assert_true(inbox_put(&b, &letters[0].item));
	assert_false(inbox_put(&b, &letters[1].item));
	assert_false(inbox_put(&b, &letters[2].item));
	assert_false(inbox_is_empty(&b));
	item = inbox_take(&b);
	for (int i = 1; i <= 3; i++, item = item->next)
		assert_int_equal(((struct letter *)item)->number, i);
	assert_null(item);
	assert_true(inbox_put(&b, &letters[0].item));
}

static void *
send_all(void *arg)
{
	struct sender *s = arg;

	for (int i = 0; i < EACH; i++)
		s->firsts += inbox_put(s->inbox, &s->letters[i].item);
	return NULL;
}

static int
read_all(struct inbox *b, int last[THREADS])
{
	int count = 0;

	for (struct inbox_item *item = inbox_take(b); item != NULL; item = item->next, count++) {
		const struct letter *l = (const struct letter *)item;

		assert_int_equal(l->number, last[l->from] + 1);
		last[l->from] = l->number;
	}
	return count;
}

static void
threads_lose_nothing(void **state)
{
	struct sender senders[THREADS];
	pthread_t threads[THREADS];
	int last[THREADS] = { 0 }, got = 0, batches = 0, firsts = 0;
	struct inbox b = { NULL };

	(void)state;
	for (int t = 0; t < THREADS; t++) {
		senders[t] = (struct sender){ .inbox = &b, .letters = calloc(EACH, sizeof *senders[t].letters) };
		assert_non_null(senders[t].letters);
		for (int i = 0; i < EACH; i++)
			senders[t].letters[i] = (struct letter){ .from = t, .number = i + 1 };
		assert_int_equal(pthread_create(&threads[t], NULL, send_all, &senders[t]), 0);
	}
	while (got < THREADS * EACH) {
		const int some = read_all(&b, last);

		got += some;
		batches += some > 0;
	}
	for (int t = 0; t < THREADS; t++) {
		pthread_join(threads[t], NULL);
		firsts += senders[t].firsts;
		free(senders[t].letters);
	}
	assert_int_equal(got, THREADS * EACH);
	assert_int_equal(firsts, batches);	/* one nudge for each batch, never none */
	assert_true(inbox_is_empty(&b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_first_comes_first),
		cmocka_unit_test(threads_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
