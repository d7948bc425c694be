/*
 * diskq_writer.c - a writer's thread: lines and whole files to the disk in batches, what nobody waits for within a second.
 * Owns what its files still owe the disk.  Never calls anybody back: the answers go to the loop.
 */
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "io/diskq_private.h"

#define SETTLE_NS 500000000LL		/* so that with the flush itself it is within a second */

static int64_t
mono_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void
diskq_list_move(struct list *to, struct list *from)
{
	LIST_EACH_SAFE(it, tmp, from) {
		list_remove(it);
		list_insert_tail(to, it);
	}
}

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
		(void)job->replace(job->path, job->bytes, job->len, &job->err);
		atomic_fetch_add(&lane->queue->replacements, 1);
	}
	LIST_EACH(it, batch) {
		struct diskq_job *job = LIST_ENTRY(it, struct diskq_job, link);

		if (job->kind == DISKQ_REPLACE && job->is_needless)
			job->err = batch_newer(batch, job)->err;
	}
}

/* Appends do not wait for the replacements of their batch, which take several flushes each. */
void
diskq_lane_run(struct diskq_lane *lane, struct list *batch)
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
		diskq_hand_over(lane->queue, &appends);
	batch_replacements(lane, batch);
	if (!list_is_empty(batch))
		diskq_hand_over(lane->queue, batch);
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

void
diskq_lane_settle(struct diskq_lane *lane)
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

void *
diskq_lane_thread(void *arg)
{
	struct diskq_lane *lane = arg;
	struct diskq *q = lane->queue;
	struct list batch;
	bool over;

	do {
		list_init(&batch);
		pthread_mutex_lock(&q->lock);
		lane_sleep(lane);
		diskq_list_move(&batch, &lane->waiting);
		over = q->stopping;
		pthread_mutex_unlock(&q->lock);
		diskq_lane_run(lane, &batch);
		if (is_past(&lane->settle_at))
			diskq_lane_settle(lane);
	} while (!over);
	return NULL;
}
