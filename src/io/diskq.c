/*
 * diskq.c - the queue before the disk: jobs in, one writer thread, answers out on the loop's thread.
 * Owns the thread and the jobs.  Never lets the loop wait for a disk (but for diskq_free, which drains).
 */
#include "io/diskq.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/log.h"
#include "base/xalloc.h"
#include "io/diskq_private.h"

#define SETTLE_EVERY_S 1	/* journals that are not flushed per line, and lines that a full disk refused */

/* Outlives the queue when a post is still on its way to the loop. */
struct diskq_mail {
	struct diskq *queue;		/* NULL: freed meanwhile */
	bool posted;			/* under the queue's lock */
};

struct diskq {
	struct loop *loop;
	pthread_t thread;
	pthread_mutex_t lock;		/* of waiting, done, stopping, mail->posted */
	pthread_cond_t wake;
	struct list waiting, done;
	bool stopping;
	struct diskq_mail *mail;
	struct list restless;		/* the writer's own */
};

/* ---- The writer's side ---- */

/* A later job of the batch that replaces the same file makes this one needless. */
static struct diskq_job *
batch_newer(const struct list *batch, const struct diskq_job *job)
{
	struct diskq_job *newest = NULL;

	for (struct list *it = job->link.next; it != batch; it = it->next) {
		struct diskq_job *other = LIST_ENTRY(it, struct diskq_job, link);

		if (other->kind == DISKQ_REPLACE && strcmp(other->path, job->path) == 0)
			newest = other;
	}
	return newest;
}

static void
batch_append(struct diskq_job *job, struct list *touched)
{
	struct diskq_file *f = job->file;

	if (!f->is_touched) {
		f->is_touched = true;
		list_insert_tail(touched, &f->touched);
		diskq_file_begin(f);
	}
	if (job->durable)
		f->wants_sync = true;
	(void)diskq_file_append(f, job->bytes, job->len, &job->err);
}

static void
batch_write(struct list *batch, struct list *touched)
{
	LIST_EACH(it, batch) {
		struct diskq_job *job = LIST_ENTRY(it, struct diskq_job, link);

		if (job->kind == DISKQ_APPEND)
			batch_append(job, touched);
		else if (job->kind == DISKQ_REPLACE && batch_newer(batch, job) == NULL)
			(void)diskq_replace_now(job->path, job->bytes, job->len, &job->err);
	}
}

/* One flush per file; its failure is the failure of every line that waited for it. */
static void
batch_sync(struct diskq *q, struct list *batch, struct list *touched)
{
	LIST_EACH_SAFE(it, tmp, touched) {
		struct diskq_file *f = LIST_ENTRY(it, struct diskq_file, touched);
		struct err why = { 0 };

		list_remove(it);
		f->is_touched = false;
		if (!diskq_file_end(f, batch, &why)) {
			LIST_EACH(jt, batch) {
				struct diskq_job *job = LIST_ENTRY(jt, struct diskq_job, link);

				if (job->kind == DISKQ_APPEND && job->file == f)
					job->err = why;
			}
		}
		if ((f->dirty || f->backlog.len > 0) && !f->is_restless) {
			f->is_restless = true;
			list_insert_tail(&q->restless, &f->restless);
		}
	}
}

static void
batch_finish(struct list *batch)
{
	LIST_EACH(it, batch) {
		struct diskq_job *job = LIST_ENTRY(it, struct diskq_job, link);
		const struct diskq_job *newer;

		if (job->kind == DISKQ_CLOSE) {
			list_remove(&job->file->restless);
			diskq_file_free(job->file);
		} else if (job->kind == DISKQ_REPLACE && (newer = batch_newer(batch, job)) != NULL) {
			job->err = newer->err;
		}
		if (job->err.kind != ERR_NONE)
			log_line(LOG_DISK, "%s", job->err.text);
	}
}

static void
batch_run(struct diskq *q, struct list *batch)
{
	struct list touched;

	list_init(&touched);
	batch_write(batch, &touched);
	batch_sync(q, batch, &touched);
	batch_finish(batch);
}

static void
queue_settle(struct diskq *q)
{
	LIST_EACH_SAFE(it, tmp, &q->restless) {
		struct diskq_file *f = LIST_ENTRY(it, struct diskq_file, restless);

		if (diskq_file_settle(f)) {
			f->is_restless = false;
			list_remove(it);
		}
	}
}

static void
list_move(struct list *to, struct list *from)
{
	LIST_EACH_SAFE(it, tmp, from) {
		list_remove(it);
		list_insert_tail(to, it);
	}
}

static void queue_deliver(void *arg);

/* The batch's answers go to the loop: one post, however many. */
static void
queue_hand_over(struct diskq *q, struct list *batch)
{
	bool post;

	pthread_mutex_lock(&q->lock);
	list_move(&q->done, batch);
	post = !q->mail->posted && !q->stopping;
	if (post)
		q->mail->posted = true;
	pthread_mutex_unlock(&q->lock);
	if (post)
		loop_post(q->loop, queue_deliver, q->mail);
}

/* Sleeps until there is work, or until the restless files are due.  Lock held. */
static void
queue_sleep(struct diskq *q, struct timespec *settle_at)
{
	if (list_is_empty(&q->restless)) {
		while (list_is_empty(&q->waiting) && !q->stopping)
			pthread_cond_wait(&q->wake, &q->lock);
		clock_gettime(CLOCK_MONOTONIC, settle_at);
		settle_at->tv_sec += SETTLE_EVERY_S;
		return;
	}
	while (list_is_empty(&q->waiting) && !q->stopping)
		if (pthread_cond_timedwait(&q->wake, &q->lock, settle_at) != 0)
			return;
}

static bool
is_past(const struct timespec *t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > t->tv_sec || (now.tv_sec == t->tv_sec && now.tv_nsec >= t->tv_nsec);
}

static void *
queue_thread(void *arg)
{
	struct diskq *q = arg;
	struct timespec settle_at = { 0 };
	struct list batch;
	bool over;

	do {
		list_init(&batch);
		pthread_mutex_lock(&q->lock);
		queue_sleep(q, &settle_at);
		list_move(&batch, &q->waiting);
		over = q->stopping;
		pthread_mutex_unlock(&q->lock);
		batch_run(q, &batch);
		if (!list_is_empty(&q->restless) && is_past(&settle_at)) {
			queue_settle(q);
			clock_gettime(CLOCK_MONOTONIC, &settle_at);
			settle_at.tv_sec += SETTLE_EVERY_S;
		}
		if (!list_is_empty(&batch))
			queue_hand_over(q, &batch);
	} while (!over);
	return NULL;
}

/* ---- The loop's side ---- */

static void
job_free(struct diskq_job *job)
{
	free(job->path);
	free(job->bytes);
	free(job);
}

static void
queue_call_back(struct diskq *q)
{
	struct list done;

	list_init(&done);
	pthread_mutex_lock(&q->lock);
	list_move(&done, &q->done);
	pthread_mutex_unlock(&q->lock);
	LIST_EACH_SAFE(it, tmp, &done) {
		struct diskq_job *job = LIST_ENTRY(it, struct diskq_job, link);

		list_remove(it);
		if (job->done != NULL)
			job->done(job->arg, &job->err);
		job_free(job);
	}
}

static void
queue_deliver(void *arg)
{
	struct diskq_mail *mail = arg;
	struct diskq *q = mail->queue;

	if (q == NULL) {
		free(mail);
		return;
	}
	pthread_mutex_lock(&q->lock);
	mail->posted = false;
	pthread_mutex_unlock(&q->lock);
	queue_call_back(q);
}

struct diskq *
diskq_new(struct loop *loop)
{
	struct diskq *q = xcalloc(1, sizeof *q);
	pthread_condattr_t monotonic;
	sigset_t all, before;

	q->loop = loop;
	q->mail = xcalloc(1, sizeof *q->mail);
	q->mail->queue = q;
	list_init(&q->waiting);
	list_init(&q->done);
	list_init(&q->restless);
	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&q->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	sigfillset(&all);	/* signals are the loop's affair */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	XASSERT(pthread_create(&q->thread, NULL, queue_thread, q) == 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return q;
}

/* After the writer has gone, answers may still ask for more to be written: done here, until all is quiet. */
static void
queue_drain(struct diskq *q)
{
	struct list batch;

	queue_call_back(q);
	while (!list_is_empty(&q->waiting)) {
		list_init(&batch);
		list_move(&batch, &q->waiting);
		batch_run(q, &batch);
		queue_hand_over(q, &batch);
		queue_call_back(q);
	}
}

void
diskq_free(struct diskq *q)
{
	if (q == NULL)
		return;
	pthread_mutex_lock(&q->lock);
	q->stopping = true;
	pthread_cond_signal(&q->wake);
	pthread_mutex_unlock(&q->lock);
	pthread_join(q->thread, NULL);
	queue_drain(q);
	queue_settle(q);
	if (q->mail->posted)
		q->mail->queue = NULL;
	else
		free(q->mail);
	pthread_cond_destroy(&q->wake);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

static void
queue_add(struct diskq *q, const struct diskq_job *job)
{
	struct diskq_job *copy = xmalloc(sizeof *copy);

	*copy = *job;
	pthread_mutex_lock(&q->lock);
	list_insert_tail(&q->waiting, &copy->link);
	pthread_cond_signal(&q->wake);
	pthread_mutex_unlock(&q->lock);
}

static char *
bytes_copy(const void *bytes, size_t len)
{
	char *copy = xmalloc(len + 1);

	if (len > 0)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

struct diskq_file *
diskq_open(struct diskq *q, int fd)
{
	(void)q;
	return diskq_file_new(fd);
}

void
diskq_close(struct diskq *q, struct diskq_file *f)
{
	if (f != NULL)
		queue_add(q, &(struct diskq_job){ .kind = DISKQ_CLOSE, .file = f });
}

void
diskq_append(struct diskq *q, struct diskq_file *f, const void *bytes, size_t len, bool durable, diskq_done_fn *done, void *arg)
{
	queue_add(q, &(struct diskq_job){ .kind = DISKQ_APPEND, .file = f, .bytes = bytes_copy(bytes, len), .len = len,
	    .durable = durable, .done = done, .arg = arg });
}

void
diskq_replace(struct diskq *q, const char *path, const void *bytes, size_t len, diskq_done_fn *done, void *arg)
{
	queue_add(q, &(struct diskq_job){ .kind = DISKQ_REPLACE, .path = xstrdup(path), .bytes = bytes_copy(bytes, len), .len = len,
	    .done = done, .arg = arg });
}
