/*
 * diskq.c - the queue before the disk: jobs in, a writer (diskq_writer.c) for what is urgent and one for the rest, answers
 * out on the loop's thread.
 * Owns the threads and the jobs.  Never lets the loop wait for a disk (but for diskq_free, which drains).
 */
#include "io/diskq.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/xalloc.h"
#include "io/diskq_private.h"

static void queue_deliver(void *arg);

/* The answers go to the loop: one post, however many. */
void
diskq_hand_over(struct diskq *q, struct list *jobs)
{
	bool post;

	LIST_EACH(it, jobs) {
		const struct diskq_job *job = LIST_ENTRY(it, struct diskq_job, link);

		if (job->err.kind != ERR_NONE)
			log_line(LOG_DISK, "%s", job->err.text);
	}
	pthread_mutex_lock(&q->lock);
	diskq_list_move(&q->done, jobs);
	post = !q->mail->posted && !q->stopping;
	if (post)
		q->mail->posted = true;
	pthread_mutex_unlock(&q->lock);
	if (post)
		loop_post(q->loop, queue_deliver, q->mail);
}

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
	diskq_list_move(&done, &q->done);
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

static void
lane_start(struct diskq *q, struct diskq_lane *lane, bool is_urgent)
{
	pthread_condattr_t monotonic;

	lane->queue = q;
	lane->is_urgent = is_urgent;
	lane->cpu = -1;
	list_init(&lane->waiting);
	list_init(&lane->gathering);
	list_init(&lane->restless);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&lane->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	XASSERT(pthread_create(&lane->thread, NULL, diskq_lane_thread, lane) == 0);
}

struct diskq *
diskq_new(struct loop *loop)
{
	struct diskq *q = xcalloc(1, sizeof *q);
	sigset_t all, before;

	q->loop = loop;
	q->mail = xcalloc(1, sizeof *q->mail);
	q->mail->queue = q;
	list_init(&q->done);
	pthread_mutex_init(&q->lock, NULL);
	sigfillset(&all);	/* signals are the loop's affair */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (int i = 0; i < DISKQ_LANES; i++)
		lane_start(q, &q->lanes[i], i == DISKQ_LANES - 1);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return q;
}

static bool
queue_is_idle(const struct diskq *q)
{
	for (int i = 0; i < DISKQ_LANES; i++)
		if (!list_is_empty(&q->lanes[i].waiting))
			return false;
	return true;
}

/* After the writers have gone, answers may still ask for more to be written: done here, until all is quiet. */
static void
queue_drain(struct diskq *q)
{
	struct list batch;

	queue_call_back(q);
	while (!queue_is_idle(q)) {
		for (int i = 0; i < DISKQ_LANES; i++) {
			list_init(&batch);
			diskq_list_move(&batch, &q->lanes[i].waiting);
			diskq_lane_run(&q->lanes[i], &batch);
		}
		queue_call_back(q);
	}
	for (int i = 0; i < DISKQ_LANES; i++)
		diskq_lane_settle(&q->lanes[i]);
}

void
diskq_free(struct diskq *q)
{
	if (q == NULL)
		return;
	pthread_mutex_lock(&q->lock);
	q->stopping = true;
	pthread_mutex_unlock(&q->lock);
	for (int i = 0; i < DISKQ_LANES; i++) {
		pthread_cond_signal(&q->lanes[i].wake);
		pthread_join(q->lanes[i].thread, NULL);
	}
	queue_drain(q);
	if (q->mail->posted)
		q->mail->queue = NULL;
	else
		free(q->mail);
	for (int i = 0; i < DISKQ_LANES; i++)
		pthread_cond_destroy(&q->lanes[i].wake);
	pthread_mutex_destroy(&q->lock);
	free(q);
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

/* Lock held.  What was gathered for a file goes before anything else of it. */
static void
lane_add_gathered(struct diskq_lane *lane, struct diskq_file *f)
{
	struct diskq_job *job;

	if (!f->is_gathering)
		return;
	list_remove(&f->gathering);
	f->is_gathering = false;
	job = xcalloc(1, sizeof *job);
	job->kind = DISKQ_APPEND;
	job->file = f;
	job->when = DISKQ_SOON;
	job->bytes = buf_steal(&f->gathered, &job->len);
	list_insert_tail(&lane->waiting, &job->link);
}

/*
 * An urgent line is written by a thread beside ours: to wake one that sleeps on another processor takes as long as half of
 * a flush, there and back.  Who cannot say where we are lets it run anywhere.
 */
static void
lane_come_near(struct diskq_lane *lane)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	if (!lane->is_urgent || cpu < 0 || cpu == lane->cpu || cpu >= CPU_SETSIZE)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (pthread_setaffinity_np(lane->thread, sizeof set, &set) == 0)
		lane->cpu = cpu;
}

/* The writer is woken after the lock is free, or it would wake to wait for that. */
static void
lane_add(struct diskq_lane *lane, const struct diskq_job *job)
{
	struct diskq_job *copy = xmalloc(sizeof *copy);

	*copy = *job;
	pthread_mutex_lock(&lane->queue->lock);
	if (job->file != NULL)
		lane_add_gathered(lane, job->file);
	list_insert_tail(&lane->waiting, &copy->link);
	pthread_mutex_unlock(&lane->queue->lock);
	lane_come_near(lane);
	pthread_cond_signal(&lane->wake);
}

/* Only the first line of a second wakes the writer. */
static void
lane_gather(struct diskq_lane *lane, struct diskq_file *f, const void *bytes, size_t len)
{
	bool wake, taken;

	pthread_mutex_lock(&lane->queue->lock);
	taken = !f->has_flooded && buf_add(&f->gathered, bytes, len);
	f->has_flooded = !taken;
	wake = taken && list_is_empty(&lane->gathering);
	if (taken && !f->is_gathering) {
		f->is_gathering = true;
		list_insert_tail(&lane->gathering, &f->gathering);
	}
	pthread_mutex_unlock(&lane->queue->lock);
	if (wake)
		pthread_cond_signal(&lane->wake);
	atomic_fetch_add(&lane->queue->lines, 1);
}

struct diskq_file *
diskq_open(struct diskq *q, int fd, bool is_urgent)
{
	struct diskq_file *f = diskq_file_new(fd);

	f->lane = &q->lanes[is_urgent ? DISKQ_LANES - 1 : 0];
	return f;
}

void
diskq_close(struct diskq *q, struct diskq_file *f)
{
	(void)q;
	if (f != NULL)
		lane_add(f->lane, &(struct diskq_job){ .kind = DISKQ_CLOSE, .file = f });
}

void
diskq_give(struct diskq *q, struct diskq_file *f, char *bytes, size_t len, enum diskq_when when, diskq_done_fn *done, void *arg)
{
	(void)q;
	if (when == DISKQ_GATHERED && done == NULL) {
		lane_gather(f->lane, f, bytes, len);
		free(bytes);
		return;
	}
	lane_add(f->lane, &(struct diskq_job){ .kind = DISKQ_APPEND, .file = f, .bytes = bytes, .len = len,
	    .when = when == DISKQ_GATHERED ? DISKQ_SOON : when, .done = done, .arg = arg });
}

void
diskq_append(struct diskq *q, struct diskq_file *f, const void *bytes, size_t len, enum diskq_when when, diskq_done_fn *done, void *arg)
{
	diskq_give(q, f, bytes_copy(bytes, len), len, when, done, arg);
}

void
diskq_replace(struct diskq *q, const char *path, const void *bytes, size_t len, diskq_done_fn *done, void *arg)
{
	lane_add(&q->lanes[0], &(struct diskq_job){ .kind = DISKQ_REPLACE, .path = xstrdup(path), .replace = diskq_replace_now,
	    .bytes = bytes_copy(bytes, len), .len = len, .done = done, .arg = arg });
}

void
diskq_replace_private(struct diskq *q, const char *path, const void *bytes, size_t len, diskq_done_fn *done, void *arg)
{
	lane_add(&q->lanes[0], &(struct diskq_job){ .kind = DISKQ_REPLACE, .path = xstrdup(path), .replace = diskq_replace_private_now,
	    .bytes = bytes_copy(bytes, len), .len = len, .done = done, .arg = arg });
}

void
diskq_replace_there(struct diskq *q, const char *path, const void *bytes, size_t len, diskq_done_fn *done, void *arg)
{
	lane_add(&q->lanes[0], &(struct diskq_job){ .kind = DISKQ_REPLACE, .path = xstrdup(path), .replace = diskq_replace_there_now,
	    .bytes = bytes_copy(bytes, len), .len = len, .done = done, .arg = arg });
}

void
diskq_stats(struct diskq *q, struct diskq_stats *out)
{
	*out = (struct diskq_stats){ .lines = atomic_load(&q->lines), .flushes = atomic_load(&q->flushes),
	    .replacements = atomic_load(&q->replacements), .write_flush_ns = atomic_load(&q->write_flush_ns) };
}
