/*
 * diskq.c - the queue before the disk: jobs in, a writer thread for what is urgent and one for the rest, answers out on
 * the loop's thread.
 * Owns the threads and the jobs.  Never lets the loop wait for a disk (but for diskq_free, which drains).
 */
#include "io/diskq.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/log.h"
#include "base/xalloc.h"
#include "io/diskq_private.h"

#define SETTLE_NS 500000000LL		/* so that with the flush itself it is within a second */
#define LANES 2

/* Outlives the queue when a post is still on its way to the loop. */
struct diskq_mail {
	struct diskq *queue;		/* NULL: freed meanwhile */
	bool posted;			/* under the queue's lock */
};

struct diskq_lane {
	struct diskq *queue;
	bool is_urgent;
	pthread_t thread;
	pthread_cond_t wake;
	struct list waiting, gathering;	/* under the queue's lock: jobs; files with gathered lines */
	struct list restless;		/* the writer's own: files with something to write or flush later */
	struct timespec settle_at;	/* the writer's own; 0: nothing is due */
	int cpu;			/* the loop's own: where the writer may run; -1: anywhere */
};

struct diskq {
	struct loop *loop;
	pthread_mutex_t lock;		/* of done, stopping, mail->posted, and the lanes' lists */
	struct list done;
	bool stopping;
	struct diskq_mail *mail;
	struct diskq_lane lanes[LANES];	/* the urgent one last */
	atomic_llong lines, flushes, replacements, write_flush_ns;
};

static int64_t
mono_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
list_move(struct list *to, struct list *from)
{
	LIST_EACH_SAFE(it, tmp, from) {
		list_remove(it);
		list_insert_tail(to, it);
	}
}

/* ---- The writer's side ---- */

/* Looked after again within a second, as long as something of it is not on disk. */
static void
file_watch(struct diskq_lane *lane, struct diskq_file *f)
{
	bool restless = !diskq_file_is_safe(f);

	if (restless == f->is_restless)
		return;
	f->is_restless = restless;
	if (restless)
		list_insert_tail(&lane->restless, &f->restless);
	else
		list_remove(&f->restless);
}

static void
batch_append(struct diskq_job *job, struct list *touched)
{
	struct diskq_file *f = job->file;

	if (!f->is_touched) {
		f->is_touched = true;
		f->wants_flush = false;
		list_insert_tail(touched, &f->touched);
	}
	if (job->when == DISKQ_NOW)
		f->wants_flush = true;
	(void)diskq_file_append(f, job->bytes, job->len, &job->err);
}

/* Its failure is the failure of every line that waits for it. */
static void
batch_flush_file(struct diskq_lane *lane, struct list *batch, struct diskq_file *f)
{
	struct err why = { 0 };

	if (!f->wants_flush)
		return;
	atomic_fetch_add(&lane->queue->flushes, 1);
	if (diskq_file_sync(f, &why))
		return;
	LIST_EACH(it, batch) {
		struct diskq_job *job = LIST_ENTRY(it, struct diskq_job, link);

		if (job->kind == DISKQ_APPEND && job->file == f && job->when == DISKQ_NOW && job->err.kind == ERR_NONE)
			job->err = why;
	}
}

/* All lines are written before the first flush, so that one commit of the file system's journal serves them all. */
static void
batch_appends(struct diskq_lane *lane, struct list *batch)
{
	const int64_t begun_ns = lane->is_urgent ? mono_ns() : 0;
	struct list touched;

	list_init(&touched);
	LIST_EACH(it, batch) {
		struct diskq_job *job = LIST_ENTRY(it, struct diskq_job, link);

		if (job->kind != DISKQ_APPEND)
			continue;
		batch_append(job, &touched);
		atomic_fetch_add(&lane->queue->lines, 1);
	}
	LIST_EACH_SAFE(it, tmp, &touched) {
		struct diskq_file *f = LIST_ENTRY(it, struct diskq_file, touched);

		list_remove(it);
		f->is_touched = false;
		batch_flush_file(lane, batch, f);
		file_watch(lane, f);
	}
	if (lane->is_urgent)
		atomic_store(&lane->queue->write_flush_ns, (long long)(mono_ns() - begun_ns));
}

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
batch_replacements(struct diskq_lane *lane, struct list *batch)
{
	LIST_EACH(it, batch) {
		struct diskq_job *job = LIST_ENTRY(it, struct diskq_job, link);

		if (job->kind != DISKQ_REPLACE)
			continue;
		job->is_needless = batch_newer(batch, job) != NULL;
		if (job->is_needless)
			continue;
		(void)(job->is_private ? diskq_replace_private_now : diskq_replace_now)(job->path, job->bytes, job->len, &job->err);
		atomic_fetch_add(&lane->queue->replacements, 1);
	}
	LIST_EACH(it, batch) {
		struct diskq_job *job = LIST_ENTRY(it, struct diskq_job, link);

		if (job->kind == DISKQ_REPLACE && job->is_needless)
			job->err = batch_newer(batch, job)->err;
	}
}

static void queue_deliver(void *arg);

/* The answers go to the loop: one post, however many. */
static void
queue_hand_over(struct diskq *q, struct list *jobs)
{
	bool post;

	LIST_EACH(it, jobs) {
		const struct diskq_job *job = LIST_ENTRY(it, struct diskq_job, link);

		if (job->err.kind != ERR_NONE)
			log_line(LOG_DISK, "%s", job->err.text);
	}
	pthread_mutex_lock(&q->lock);
	list_move(&q->done, jobs);
	post = !q->mail->posted && !q->stopping;
	if (post)
		q->mail->posted = true;
	pthread_mutex_unlock(&q->lock);
	if (post)
		loop_post(q->loop, queue_deliver, q->mail);
}

/* Appends do not wait for the replacements of their batch, which take several flushes each. */
static void
batch_run(struct diskq_lane *lane, struct list *batch)
{
	struct list appends;

	if (list_is_empty(batch))
		return;
	batch_appends(lane, batch);
	list_init(&appends);
	LIST_EACH_SAFE(it, tmp, batch) {
		struct diskq_job *job = LIST_ENTRY(it, struct diskq_job, link);

		if (job->kind == DISKQ_CLOSE) {
			list_remove(&job->file->restless);
			diskq_file_free(job->file);
		}
		if (job->kind == DISKQ_REPLACE)
			continue;
		list_remove(it);
		list_insert_tail(&appends, it);
	}
	if (!list_is_empty(&appends))
		queue_hand_over(lane->queue, &appends);
	batch_replacements(lane, batch);
	if (!list_is_empty(batch))
		queue_hand_over(lane->queue, batch);
}

/* ---- What nobody waits for ---- */

/* Lock held.  The gathered lines become bytes of the file. */
static struct diskq_file *
lane_take_gathered(struct diskq_lane *lane, char **bytes, size_t *len)
{
	struct diskq_file *f;

	if (list_is_empty(&lane->gathering))
		return NULL;
	f = LIST_ENTRY(lane->gathering.next, struct diskq_file, gathering);
	list_remove(&f->gathering);
	f->is_gathering = false;
	*bytes = buf_steal(&f->gathered, len);
	return f;
}

static void
lane_write_gathered(struct diskq_lane *lane)
{
	struct err why = { 0 };
	char *bytes = NULL;
	size_t len = 0;

	for (;;) {
		struct diskq_file *f;

		pthread_mutex_lock(&lane->queue->lock);
		f = lane_take_gathered(lane, &bytes, &len);
		pthread_mutex_unlock(&lane->queue->lock);
		if (f == NULL)
			return;
		if (!diskq_file_append(f, bytes, len, &why))
			log_line(LOG_DISK, "%s", why.text);
		free(bytes);
		file_watch(lane, f);
	}
}

static void
lane_settle(struct diskq_lane *lane)
{
	lane_write_gathered(lane);
	LIST_EACH_SAFE(it, tmp, &lane->restless) {
		struct diskq_file *f = LIST_ENTRY(it, struct diskq_file, restless);

		atomic_fetch_add(&lane->queue->flushes, 1);
		diskq_file_settle(f);
		file_watch(lane, f);
	}
	lane->settle_at = (struct timespec){ 0 };
}

static bool
is_past(const struct timespec *t)
{
	return t->tv_sec != 0 && mono_ns() >= (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

/* Sleeps until there is work, or until what nobody waits for is due.  Lock held. */
static void
lane_sleep(struct diskq_lane *lane)
{
	struct diskq *q = lane->queue;

	while (list_is_empty(&lane->waiting) && !q->stopping) {
		if (list_is_empty(&lane->restless) && list_is_empty(&lane->gathering)) {
			pthread_cond_wait(&lane->wake, &q->lock);
			continue;
		}
		if (lane->settle_at.tv_sec == 0) {
			int64_t at_ns = mono_ns() + SETTLE_NS;

			lane->settle_at = (struct timespec){ .tv_sec = (time_t)(at_ns / 1000000000), .tv_nsec = (long)(at_ns % 1000000000) };
		}
		if (pthread_cond_timedwait(&lane->wake, &q->lock, &lane->settle_at) != 0)
			return;
	}
}

static void *
lane_thread(void *arg)
{
	struct diskq_lane *lane = arg;
	struct diskq *q = lane->queue;
	struct list batch;
	bool over;

	do {
		list_init(&batch);
		pthread_mutex_lock(&q->lock);
		lane_sleep(lane);
		list_move(&batch, &lane->waiting);
		over = q->stopping;
		pthread_mutex_unlock(&q->lock);
		batch_run(lane, &batch);
		if (is_past(&lane->settle_at))
			lane_settle(lane);
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
	XASSERT(pthread_create(&lane->thread, NULL, lane_thread, lane) == 0);
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
	for (int i = 0; i < LANES; i++)
		lane_start(q, &q->lanes[i], i == LANES - 1);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return q;
}

static bool
queue_is_idle(const struct diskq *q)
{
	for (int i = 0; i < LANES; i++)
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
		for (int i = 0; i < LANES; i++) {
			list_init(&batch);
			list_move(&batch, &q->lanes[i].waiting);
			batch_run(&q->lanes[i], &batch);
		}
		queue_call_back(q);
	}
	for (int i = 0; i < LANES; i++)
		lane_settle(&q->lanes[i]);
}

void
diskq_free(struct diskq *q)
{
	if (q == NULL)
		return;
	pthread_mutex_lock(&q->lock);
	q->stopping = true;
	pthread_mutex_unlock(&q->lock);
	for (int i = 0; i < LANES; i++) {
		pthread_cond_signal(&q->lanes[i].wake);
		pthread_join(q->lanes[i].thread, NULL);
	}
	queue_drain(q);
	if (q->mail->posted)
		q->mail->queue = NULL;
	else
		free(q->mail);
	for (int i = 0; i < LANES; i++)
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

	f->lane = &q->lanes[is_urgent ? LANES - 1 : 0];
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
	lane_add(&q->lanes[0], &(struct diskq_job){ .kind = DISKQ_REPLACE, .path = xstrdup(path), .bytes = bytes_copy(bytes, len),
	    .len = len, .done = done, .arg = arg });
}

void
diskq_replace_private(struct diskq *q, const char *path, const void *bytes, size_t len, diskq_done_fn *done, void *arg)
{
	lane_add(&q->lanes[0], &(struct diskq_job){ .kind = DISKQ_REPLACE, .path = xstrdup(path), .is_private = true,
	    .bytes = bytes_copy(bytes, len), .len = len, .done = done, .arg = arg });
}

void
diskq_stats(struct diskq *q, struct diskq_stats *out)
{
	*out = (struct diskq_stats){ .lines = atomic_load(&q->lines), .flushes = atomic_load(&q->flushes),
	    .replacements = atomic_load(&q->replacements), .write_flush_ns = atomic_load(&q->write_flush_ns) };
}
