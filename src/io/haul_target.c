/*
 * haul_target.c - the archive: folders, and object storage behind a thread of its own.  Owns the files on their way up.
 * Never uploads on the loop's thread, never touches the local file.
 */
#include "io/haul_target_private.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include "base/clk.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/haul_anchor.h"

#define TICK_US 250000
#define RETRY_FIRST_US 1000000
#define RETRY_MOST_US 60000000

struct haul_put {
	struct list link;		/* target->puts */
	struct list job;		/* the uploader's queue; the notes */
	struct haul_target *target;
	haul_put_fn *news;
	void *arg;
	char *path, *key, *state;
	char sha256[65];
	int64_t bytes;
	enum haul_put_state told;	/* what the user knows */
	int64_t told_bytes, told_us;
	bool is_dropped, is_over, is_busy;	/* busy: the uploader has it */
	int tries;			/* the uploader's from here */
	int64_t due_us;
	_Atomic int64_t sent;
	atomic_bool stop;
	enum haul_put_state now;	/* under the lock */
	enum s3_proof proof;
	struct err err;
};

struct haul_target_mail {
	struct haul_target *target;	/* NULL: freed meanwhile */
	bool posted;			/* under the lock */
};

static int64_t
now_us(void)
{
	return clk_mono_us(clk_system());
}

/* ---- News ---- */

static void
tell(struct haul_put *p)
{
	struct haul_target *t = p->target;
	struct haul_put_news n = { .bytes = atomic_load(&p->sent), .total_bytes = p->bytes };
	bool ends;

	pthread_mutex_lock(&t->lock);
	n.state = p->now;
	if (n.state == HAUL_PUT_RETRYING || n.state == HAUL_PUT_FAILED)
		n.err = p->err;
	if (n.state == HAUL_PUT_DONE)
		n.proof = t->is_s3 ? s3_proof_text(p->proof) : "it was fetched into this folder, and its SHA-256 is the node's";
	pthread_mutex_unlock(&t->lock);
	ends = n.state == HAUL_PUT_DONE || n.state == HAUL_PUT_FAILED;
	if (p->is_dropped || p->is_over || (!ends && n.state == p->told && n.bytes == p->told_bytes) || (!ends && now_us() - p->told_us < TICK_US))
		return;
	p->is_over = ends;
	p->told = n.state;
	p->told_bytes = n.bytes;
	p->told_us = now_us();
	p->news(p->arg, p, &n);
}

static void
put_free(struct haul_put *p)
{
	list_remove(&p->link);
	list_remove(&p->job);
	free(p->path);
	free(p->key);
	free(p->state);
	free(p);
}

static void
target_turn(void *arg)
{
	struct haul_target *t = arg;
	bool waits = false;

	pthread_mutex_lock(&t->lock);
	LIST_EACH_SAFE(it, tmp, &t->notes) {
		struct haul_put *p = LIST_ENTRY(it, struct haul_put, job);

		list_remove(it);
		p->is_busy = false;
	}
	pthread_mutex_unlock(&t->lock);
	LIST_EACH(it, &t->puts)
		tell(LIST_ENTRY(it, struct haul_put, link));
	LIST_EACH_SAFE(it, tmp, &t->puts) {
		struct haul_put *p = LIST_ENTRY(it, struct haul_put, link);

		if (p->is_dropped && !p->is_busy)
			put_free(p);
		else
			waits = waits || (p->is_busy && !p->is_dropped);
	}
	if (waits)
		loop_timer_start(t->loop, t->timer, TICK_US, 0);
}

static void
mail_read(void *arg)
{
	struct haul_target_mail *mail = arg;
	struct haul_target *t = mail->target;

	if (t == NULL) {
		free(mail);
		return;
	}
	pthread_mutex_lock(&t->lock);
	mail->posted = false;
	pthread_mutex_unlock(&t->lock);
	target_turn(t);
}

/* Lock held; the uploader's side. */
static bool
wants_post(struct haul_target *t)
{
	bool post = !t->mail->posted && !t->stopping;

	t->mail->posted = t->mail->posted || post;
	return post;
}

/* ---- The uploader ---- */

static int64_t
back_off_us(int tries)
{
	int64_t us = RETRY_FIRST_US;
	uint16_t chance = 0;

	while (--tries > 0 && us < RETRY_MOST_US)
		us *= 2;
	if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) != (ssize_t)sizeof chance)
		chance = 0;
	return us / 2 + us / 2 * chance / UINT16_MAX;
}

/* Lock held.  The first that is due; NULL: *wait_us until one is (-1: none waits). */
static struct haul_put *
next_due(struct haul_target *t, int64_t *wait_us)
{
	int64_t now = now_us();

	*wait_us = -1;
	LIST_EACH(it, &t->queue) {
		struct haul_put *p = LIST_ENTRY(it, struct haul_put, job);

		if (p->due_us <= now || atomic_load(&p->stop))
			return p;
		if (*wait_us < 0 || p->due_us - now < *wait_us)
			*wait_us = p->due_us - now;
	}
	return NULL;
}

static void
wait_for(struct haul_target *t, int64_t us)
{
	struct timespec until;

	if (us < 0) {
		pthread_cond_wait(&t->wake, &t->lock);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	us += until.tv_nsec / 1000 + 1;
	until.tv_sec += us / 1000000;
	until.tv_nsec = us % 1000000 * 1000;
	pthread_cond_timedwait(&t->wake, &t->lock, &until);
}

/* Lock held on the way in and out.  True: it is back in the queue. */
static bool
settle(struct haul_put *p, enum s3_result r, enum s3_proof proof, const struct err *e)
{
	switch (r) {
	case S3_DONE:
		p->now = HAUL_PUT_DONE;
		p->proof = proof;
		break;
	case S3_AGAIN:
		p->now = HAUL_PUT_RETRYING;
		p->err = *e;
		p->due_us = now_us() + back_off_us(++p->tries);
		return !p->target->stopping && !atomic_load(&p->stop);
	case S3_ENDED:
		p->now = HAUL_PUT_FAILED;
		p->err = *e;
		break;
	case S3_STOPPED:
		break;
	}
	return false;
}

static void
upload(struct haul_target *t, struct haul_put *p)
{
	struct s3_file f = { .path = p->path, .key = p->key, .bytes = p->bytes, .sha256 = p->sha256, .state = p->state };
	enum s3_proof proof = S3_PROOF_NONE;
	int64_t before = atomic_load(&p->sent);
	struct err e = { 0 };
	enum s3_result r = S3_STOPPED;
	bool post;

	if (!atomic_load(&p->stop))
		r = s3_put(t->s3, &f, &p->stop, &p->sent, &proof, &e);
	if (r != S3_DONE && r != S3_STOPPED)
		log_line(LOG_TAKE, "archive: %s: %s", p->key, e.text);
	pthread_mutex_lock(&t->lock);
	if (atomic_load(&p->sent) > before)
		p->tries = 0;
	list_insert_tail(settle(p, r, proof, &e) ? &t->queue : &t->notes, &p->job);
	post = wants_post(t);
	pthread_mutex_unlock(&t->lock);
	if (post)
		loop_post(t->loop, mail_read, t->mail);
}

static void *
upload_thread(void *arg)
{
	struct haul_target *t = arg;
	struct haul_put *p;
	int64_t wait_us;

	pthread_mutex_lock(&t->lock);
	while (!t->stopping) {
		p = next_due(t, &wait_us);
		if (p == NULL) {
			wait_for(t, wait_us);
			continue;
		}
		list_remove(&p->job);
		p->now = HAUL_PUT_SENDING;
		pthread_mutex_unlock(&t->lock);
		upload(t, p);
		pthread_mutex_lock(&t->lock);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

static void
start_thread(struct haul_target *t)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);	/* signals are the loop's */
	XASSERT(pthread_create(&t->thread, NULL, upload_thread, t) == 0);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* ---- What it is ---- */

static const char *
name_of(const char *sphere_folder)
{
	const char *slash = strrchr(sphere_folder, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : sphere_folder;
}

bool
haul_target_check(const char *text, struct err *e)
{
	struct s3_place place;

	if (str_has_prefix(text, "s3:"))
		return s3_parse(&place, text, e);
	if (strcmp(text, "takes") == 0 || text[0] == '/')
		return true;
	return err_set(e, ERR_USAGE, "\"%.80s\" is no archive: expected takes, a folder with its whole path, or s3://BUCKET/PREFIX?endpoint=URL", text);
}

static bool
open_s3(struct haul_target *t, const char *text, const char *keys_file, struct err *e)
{
	const struct s3_place *p = &t->place;

	if (!s3_parse(&t->place, text, e) || !s3_keys_find(&t->keys, keys_file, e))
		return false;
	t->is_s3 = true;
	t->s3 = s3_new(p, &t->keys);
	t->archive = xasprintf("s3://%s/%s%s%s", p->bucket, p->prefix, p->prefix[0] != '\0' ? "/" : "", t->name);
	start_thread(t);
	return true;
}

static void
set_folders(struct haul_target *t, const char *text, const char *sphere_folder)
{
	size_t len;

	if (t->is_s3 || strcmp(text, "takes") == 0) {
		t->folder = xasprintf("%s/takes", sphere_folder);
		if (!t->is_s3)
			t->archive = xstrdup("takes");
		return;
	}
	t->root = xstrdup(text);
	for (len = strlen(t->root); len > 1 && t->root[len - 1] == '/'; len--)
		t->root[len - 1] = '\0';
	t->folder = xasprintf("%s/%s", strcmp(t->root, "/") != 0 ? t->root : "", t->name);
	t->archive = xstrdup(t->folder);
}

struct haul_target *
haul_target_new(struct loop *loop, const char *text, const char *sphere_folder, const char *keys_file, struct err *e)
{
	struct haul_target *t;
	pthread_condattr_t attr;

	if (!haul_target_check(text, e))
		return NULL;
	t = xcalloc(1, sizeof *t);
	t->loop = loop;
	t->name = xmalloc(strlen(sphere_folder) + 100);
	str_slug(t->name, 81, name_of(sphere_folder));
	list_init(&t->puts);
	list_init(&t->rooms);
	list_init(&t->queue);
	list_init(&t->notes);
	XASSERT(pthread_mutex_init(&t->lock, NULL) == 0);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	XASSERT(pthread_cond_init(&t->wake, &attr) == 0);
	pthread_condattr_destroy(&attr);
	t->mail = xcalloc(1, sizeof *t->mail);
	t->mail->target = t;
	t->timer = loop_timer_new(loop, target_turn, t);
	if (str_has_prefix(text, "s3:") && !open_s3(t, text, keys_file, e)) {
		haul_target_free(t);
		return NULL;
	}
	set_folders(t, text, sphere_folder);
	return t;
}

static void
stop_thread(struct haul_target *t)
{
	pthread_mutex_lock(&t->lock);
	t->stopping = true;
	LIST_EACH(it, &t->puts)
		atomic_store(&LIST_ENTRY(it, struct haul_put, link)->stop, true);
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
	if (t->is_s3)
		pthread_join(t->thread, NULL);
}

void
haul_target_free(struct haul_target *t)
{
	if (t == NULL)
		return;
	stop_thread(t);
	LIST_EACH_SAFE(it, tmp, &t->puts)
		put_free(LIST_ENTRY(it, struct haul_put, link));
	haul_target_room_forget(t);
	loop_timer_free(t->loop, t->timer);
	t->mail->target = NULL;
	if (!t->mail->posted)
		free(t->mail);
	s3_free(t->s3);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->wake);
	explicit_bzero(&t->keys, sizeof t->keys);
	free(t->folder);
	free(t->archive);
	free(t->name);
	free(t->root);
	free(t->sphere);
	free(t->anchor);
	free(t);
}

void
haul_target_own(struct haul_target *t, const char *sphere)
{
	char path[4096];

	if (t->root == NULL)
		return;
	haul_anchor_path(t->folder, path, sizeof path);
	t->sphere = xstrdup(sphere);
	t->anchor = xstrdup(path);
}

const char *
haul_target_anchor(const struct haul_target *t)
{
	return t->anchor;
}

bool
haul_target_is_remote(const struct haul_target *t)
{
	return t->is_s3;
}

void
haul_target_landing(const struct haul_target *t, const char *take, char *out, size_t out_size)
{
	snprintf(out, out_size, "%s/%s", t->folder, take);
}

void
haul_target_archive(const struct haul_target *t, const char *take, char *out, size_t out_size)
{
	snprintf(out, out_size, "%s/%s", t->archive, take);
}

/* ---- Files ---- */

struct haul_put *
haul_target_put(struct haul_target *t, const char *take, const char *name, int64_t bytes, const char *sha256, haul_put_fn *news, void *arg)
{
	struct haul_put *p = xcalloc(1, sizeof *p);

	p->target = t;
	p->news = news;
	p->arg = arg;
	p->path = xasprintf("%s/%s/%s", t->folder, take, name);
	p->key = xasprintf("%s/%s/%s", t->name, take, name);
	p->state = xasprintf("%s.upload.state", p->path);
	p->bytes = bytes;
	str_copy(p->sha256, sizeof p->sha256, sha256);
	list_init(&p->job);
	list_insert_tail(&t->puts, &p->link);
	if (!t->is_s3) {
		p->now = HAUL_PUT_DONE;
		atomic_store(&p->sent, bytes);
		loop_timer_start(t->loop, t->timer, 0, 0);
		return p;
	}
	p->is_busy = true;
	pthread_mutex_lock(&t->lock);
	list_insert_tail(&t->queue, &p->job);
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
	loop_timer_start(t->loop, t->timer, TICK_US, 0);
	return p;
}

void
haul_target_drop(struct haul_put *p)
{
	struct haul_target *t;

	if (p == NULL || p->is_dropped)
		return;
	t = p->target;
	p->is_dropped = true;
	atomic_store(&p->stop, true);
	pthread_mutex_lock(&t->lock);
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
	loop_timer_start(t->loop, t->timer, 0, 0);
}
