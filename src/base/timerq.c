/*
 * timerq.c - timers in the order in which they fall due: a binary heap.
 * Owns the timers.  Never reads a clock.
 */
#include "base/timerq.h"

#include <stdlib.h>

#include "base/xalloc.h"

struct loop_timer {
	struct list link;		/* in queue->timers */
	struct list due;		/* in the batch that is being fired; else self-linked */
	struct timerq *queue;
	loop_fn *fn;
	void *arg;
	int64_t at_us, repeat_us;
	uint64_t start;
	size_t index;			/* 1 + place in the heap; 0: not in it */
};

void
timerq_init(struct timerq *q)
{
	*q = (struct timerq){ 0 };
	list_init(&q->timers);
}

void
timerq_fini(struct timerq *q)
{
	LIST_EACH_SAFE(it, tmp, &q->timers)
		timerq_free(LIST_ENTRY(it, struct loop_timer, link));
	free(q->heap);
	q->heap = NULL;
}

static bool
timer_is_before(const struct loop_timer *a, const struct loop_timer *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->start < b->start;
}

static void
heap_place(struct timerq *q, size_t i, struct loop_timer *t)
{
	q->heap[i] = t;
	t->index = i + 1;
}

static void
heap_rise(struct timerq *q, size_t i, struct loop_timer *t)
{
	while (i > 0 && timer_is_before(t, q->heap[(i - 1) / 2])) {
		heap_place(q, i, q->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	heap_place(q, i, t);
}

static void
heap_sink(struct timerq *q, size_t i, struct loop_timer *t)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < q->heap_count && timer_is_before(q->heap[child + 1], q->heap[child]))
			child++;
		if (child >= q->heap_count || !timer_is_before(q->heap[child], t))
			break;
		heap_place(q, i, q->heap[child]);
		i = child;
	}
	heap_place(q, i, t);
}

static void
heap_add(struct timerq *q, struct loop_timer *t)
{
	if (q->heap_count == q->heap_room) {
		q->heap_room = q->heap_room > 0 ? q->heap_room * 2 : 32;
		q->heap = xreallocarray(q->heap, q->heap_room, sizeof(struct loop_timer *));
	}
	heap_rise(q, q->heap_count++, t);
}

static void
heap_remove(struct timerq *q, struct loop_timer *t)
{
	size_t i = t->index - 1;
	struct loop_timer *last = q->heap[--q->heap_count];

	t->index = 0;
	if (last == t)
		return;
	if (i > 0 && timer_is_before(last, q->heap[(i - 1) / 2]))
		heap_rise(q, i, last);
	else
		heap_sink(q, i, last);
}

struct loop_timer *
timerq_new(struct timerq *q, loop_fn *fn, void *arg)
{
	struct loop_timer *t = xcalloc(1, sizeof *t);

	t->queue = q;
	t->fn = fn;
	t->arg = arg;
	list_init(&t->due);
	list_insert_tail(&q->timers, &t->link);
	return t;
}

void
timerq_stop(struct loop_timer *t)
{
	list_remove(&t->due);
	if (t->index > 0)
		heap_remove(t->queue, t);
}

void
timerq_start(struct loop_timer *t, int64_t at_us, int64_t repeat_us)
{
	timerq_stop(t);
	t->at_us = at_us;
	t->repeat_us = repeat_us;
	t->start = t->queue->starts++;
	heap_add(t->queue, t);
}

void
timerq_free(struct loop_timer *t)
{
	timerq_stop(t);
	list_remove(&t->link);
	free(t);
}

int64_t
timerq_next_us(const struct timerq *q)
{
	return q->heap_count > 0 ? q->heap[0]->at_us : TIMERQ_NEVER;
}

/* The next instant on its grid. */
static void
timer_repeat(struct loop_timer *t, int64_t now_us)
{
	int64_t late = now_us - t->at_us;

	t->at_us += t->repeat_us * (late / t->repeat_us + 1);
	t->start = t->queue->starts++;
	heap_add(t->queue, t);
}

void
timerq_fire(struct timerq *q, int64_t now_us)
{
	struct list batch;

	list_init(&batch);
	while (q->heap_count > 0 && q->heap[0]->at_us <= now_us) {
		struct loop_timer *t = q->heap[0];

		heap_remove(q, t);
		list_insert_tail(&batch, &t->due);
	}
	/* Whoever is stopped, started or freed by a callback has left the batch when its turn would come. */
	while (!list_is_empty(&batch)) {
		struct loop_timer *t = LIST_ENTRY(batch.next, struct loop_timer, due);

		list_remove(&t->due);
		if (t->repeat_us > 0)
			timer_repeat(t, now_us);
		t->fn(t->arg);
	}
}

int
timerq_count(const struct timerq *q)
{
	int count = 0;

	LIST_EACH(it, &q->timers)
		count++;
	return count;
}
