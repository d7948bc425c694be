/*
 * haul_work.c - a thread that receives: many requests at once on one curl multi, their bytes to hash and file, checkpoints
 * handed to the desk in time.  Owns the requests that run.  Never flushes a file, and decides nothing about what comes next.
 */
#include "io/haul_private.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "base/xalloc.h"

/* Small enough to stay in a core's cache between the socket, the hash and the file. */
#define STAGE_BYTES (256 * 1024)
#define LOOK_MS 250
#define PACED_MS 20
#define AWAY_US 1000000
#define REST_MS 3600000

/* ---- Bytes ---- */

static void
disk_trouble(struct haul_wish *w, int errnum, const char *what)
{
	struct err e;

	err_errno(&e, ERR_DISK, errnum, "%s %s", what, w->part.path);
	haul_net_result(w, haul_part_heals(&w->part, errnum) ? HAUL_RESULT_FULL : HAUL_RESULT_ENDED, HAUL_WHY_DISK, ERR_DISK, "%s", e.text);
}

void
haul_work_unstage(struct haul_worker *k)
{
	struct haul_wish *w = k->staged;
	size_t len = k->stage_len;
	int why;

	k->staged = NULL;
	k->stage_len = 0;
	if (w == NULL || len == 0 || w->x.has_result)
		return;
	why = haul_part_add(&w->part, k->stage, len);
	atomic_store(&w->bytes, w->part.bytes);
	if (why != 0)
		disk_trouble(w, why, "cannot write");
}

void
haul_work_stage(struct haul_worker *k, struct haul_wish *w, const char *data, size_t len)
{
	if (k->staged != w)
		haul_work_unstage(k);
	while (len > 0 && !w->x.has_result) {
		size_t fits = STAGE_BYTES - k->stage_len < len ? STAGE_BYTES - k->stage_len : len;

		memcpy(k->stage + k->stage_len, data, fits);
		k->staged = w;
		k->stage_len += fits;
		data += fits;
		len -= fits;
		if (k->stage_len == STAGE_BYTES)
			haul_work_unstage(k);
	}
}

/* ---- Requests ---- */

static void
mark(struct haul_worker *k, struct haul_wish *w)
{
	w->x.marked_us = haul_now_us();
	w->x.marked_bytes = w->part.bytes;
	haul_desk_mark(&k->haul->sync, w);
}

/* The request is over; whatever was received is on its way to be durable. */
static void
end(struct haul_worker *k, struct haul_wish *w)
{
	list_remove(&w->moving);
	k->moving_count--;
	curl_multi_remove_handle(k->multi, w->x.easy);
	haul_net_close(w);
	if (w->part.bytes > w->x.marked_bytes && w->x.note.result != HAUL_RESULT_DONE)
		mark(k, w);
	w->note = w->x.note;
	haul_ended(w);
}

static void
begin(struct haul_worker *k, struct haul_wish *w)
{
	if (!haul_net_open(w)) {
		w->note = w->x.note;
		haul_ended(w);
		return;
	}
	list_insert_tail(&k->moving, &w->moving);
	k->moving_count++;
	curl_multi_add_handle(k->multi, w->x.easy);
}

static void
reap(struct haul_worker *k)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(k->multi, &left)) != NULL) {
		struct haul_wish *w = NULL;
		CURLcode result = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&w);
		if (!w->x.has_result)
			haul_answer_end(w, result);
		end(k, w);
	}
}

/* What curl does not say: a stall, a disk that refused, the loop's wish to let go; and is a checkpoint due? */
static void
look(struct haul_worker *k)
{
	const struct haul_conf *conf = &k->haul->conf;
	int64_t now_us = haul_now_us();
	bool was_away = now_us - k->rested_us > AWAY_US;

	LIST_EACH_SAFE(it, tmp, &k->moving) {
		struct haul_wish *w = LIST_ENTRY(it, struct haul_wish, moving);
		int why = atomic_load(&w->settle_errno);
		int64_t fresh = w->part.bytes - w->x.marked_bytes;

		if (was_away)
			atomic_store(&w->heard_us, now_us);	/* a disk held us up: it was we who did not listen */
		if (why != 0)
			disk_trouble(w, why, "cannot flush");
		else if (atomic_load(&w->is_unwanted))
			haul_net_result(w, HAUL_RESULT_STOPPED, HAUL_WHY_NONE, ERR_NONE, "%s", "");
		else if (!w->x.is_held && now_us - atomic_load(&w->heard_us) >= conf->stall_us)
			haul_net_result(w, HAUL_RESULT_AGAIN, HAUL_WHY_NONE, ERR_TIMEOUT, "no byte for %.1f s", (double)conf->stall_us / 1e6);
		if (w->x.has_result)
			end(k, w);
		else if (fresh > 0 && !atomic_load(&w->is_settling) &&
		    (fresh >= conf->checkpoint_bytes || now_us - w->x.marked_us >= conf->checkpoint_us))
			mark(k, w);
	}
}

static void
pace(struct haul_worker *k)
{
	int64_t share = atomic_load(&k->haul->share), now_us = haul_now_us();

	LIST_EACH(it, &k->moving)
		haul_net_pace(LIST_ENTRY(it, struct haul_wish, moving), share, now_us);
}

/* ---- The thread ---- */

static void
end_all(struct haul_worker *k)
{
	while (!list_is_empty(&k->moving)) {
		struct haul_wish *w = LIST_ENTRY(k->moving.next, struct haul_wish, moving);

		haul_net_result(w, HAUL_RESULT_STOPPED, HAUL_WHY_NONE, ERR_NONE, "%s", "");
		end(k, w);
	}
}

/* False: it is to end. */
static bool
take_in(struct haul_worker *k)
{
	struct list fresh;
	bool stopping;

	list_init(&fresh);
	pthread_mutex_lock(&k->lock);
	LIST_EACH_SAFE(it, tmp, &k->inbox) {
		list_remove(it);
		list_insert_tail(&fresh, it);
	}
	stopping = k->stopping;
	pthread_mutex_unlock(&k->lock);
	LIST_EACH_SAFE(it, tmp, &fresh) {
		list_remove(it);
		begin(k, LIST_ENTRY(it, struct haul_wish, job));
	}
	return !stopping;
}

static int
rest_ms(const struct haul_worker *k)
{
	int64_t stall_ms = k->haul->conf.stall_us / 4000;

	if (k->moving_count == 0)
		return REST_MS;
	if (atomic_load(&k->haul->share) > 0)
		return PACED_MS;
	return stall_ms < LOOK_MS ? (int)stall_ms + 1 : LOOK_MS;
}

static void *
work_thread(void *arg)
{
	struct haul_worker *k = arg;
	int running;

	while (take_in(k)) {
		pace(k);
		curl_multi_perform(k->multi, &running);
		haul_work_unstage(k);
		reap(k);
		look(k);
		curl_multi_poll(k->multi, NULL, 0, rest_ms(k), NULL);
		k->rested_us = haul_now_us();
	}
	end_all(k);
	return NULL;
}

void
haul_work_open(struct haul_worker *k, struct haul *h)
{
	sigset_t all, old;

	k->haul = h;
	list_init(&k->inbox);
	list_init(&k->moving);
	k->stage = xmalloc(STAGE_BYTES);
	k->multi = curl_multi_init();
	XASSERT(k->multi != NULL);
	curl_multi_setopt(k->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	XASSERT(pthread_mutex_init(&k->lock, NULL) == 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);	/* signals are the loop's */
	XASSERT(pthread_create(&k->thread, NULL, work_thread, k) == 0);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void
haul_work_close(struct haul_worker *k)
{
	pthread_mutex_lock(&k->lock);
	k->stopping = true;
	pthread_mutex_unlock(&k->lock);
	curl_multi_wakeup(k->multi);
	pthread_join(k->thread, NULL);
	curl_multi_cleanup(k->multi);
	pthread_mutex_destroy(&k->lock);
	free(k->stage);
}

void
haul_work_take(struct haul_worker *k, struct haul_wish *w)
{
	pthread_mutex_lock(&k->lock);
	list_insert_tail(&k->inbox, &w->job);
	pthread_mutex_unlock(&k->lock);
	curl_multi_wakeup(k->multi);
}

void
haul_work_wake(struct haul_worker *k)
{
	curl_multi_wakeup(k->multi);
}
