/*
 * pool.c - a queue and the threads that take from it.
 * The loop's thread takes no lock here, and none in what wakes them: a condition's signal waits for those that were woken before.
 */
#include "io/pool.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "io/inbox.h"
#include "io/priority.h"

struct pool_job {
	struct inbox_item item;		/* first */
	loop_fn *run;
	void *arg;
};

struct pool {
	struct inbox inbox;		/* from the loop */
	sem_t posts;			/* jobs that wait, and at the end one for each thread */
	pthread_mutex_t lock;		/* among the threads */
	struct inbox_item *jobs;	/* out of the inbox, the next one first */
	atomic_int free;		/* threads without work, less jobs that wait */
	int count, most;		/* threads: started, at most */
	pthread_t threads[];
};

/* NULL: there will be none. */
static struct pool_job *
pool_take(struct pool *p)
{
	struct inbox_item *item;

	while (sem_wait(&p->posts) != 0)
		;			/* EINTR: no signal is for it, but a debugger's */
	pthread_mutex_lock(&p->lock);
	if (p->jobs == NULL)
		p->jobs = inbox_take(&p->inbox);
	item = p->jobs;
	if (item != NULL)
		p->jobs = item->next;
	pthread_mutex_unlock(&p->lock);
	return (struct pool_job *)item;
}

static void *
pool_thread(void *arg)
{
	struct pool *p = arg;
	struct pool_job *job;

	priority_behind();
	while ((job = pool_take(p)) != NULL) {
		job->run(job->arg);
		free(job);
		atomic_fetch_add(&p->free, 1);
	}
	return NULL;
}

/* Signals are for the loop's thread. */
static void
pool_start(struct pool *p)
{
	sigset_t all, were;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &were);
	XASSERT(pthread_create(&p->threads[p->count], NULL, pool_thread, p) == 0);
	pthread_sigmask(SIG_SETMASK, &were, NULL);
	p->count++;
}

struct pool *
pool_new(int threads)
{
	struct pool *p = xcalloc(1, sizeof *p + (size_t)threads * sizeof p->threads[0]);

	XASSERT(sem_init(&p->posts, 0, 0) == 0);
	pthread_mutex_init(&p->lock, NULL);
	p->most = threads;
	return p;
}

void
pool_add(struct pool *p, loop_fn *run, void *arg)
{
	struct pool_job *job = xmalloc(sizeof *job);

	job->run = run;
	job->arg = arg;
	inbox_put(&p->inbox, &job->item);
	if (atomic_fetch_sub(&p->free, 1) <= 0 && p->count < p->most) {
		atomic_fetch_add(&p->free, 1);
		pool_start(p);
	}
	XASSERT(sem_post(&p->posts) == 0);
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	for (int i = 0; i < p->count; i++)
		XASSERT(sem_post(&p->posts) == 0);
	for (int i = 0; i < p->count; i++)
		pthread_join(p->threads[i], NULL);
	sem_destroy(&p->posts);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
