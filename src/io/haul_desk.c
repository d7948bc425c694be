/*
 * haul_desk.c - the threads that wait for the disk: one looks at what is there (LOOK), one makes durable, compares and
 * renames (SYNC).  Owns the checkpoints on their way.  Never touches a wish whose step is not its own but for its slots.
 */
#include "io/haul_private.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

static void
note(struct haul_wish *w, enum haul_result result)
{
	w->note.result = result;
	w->note.why = result == HAUL_RESULT_ENDED ? HAUL_WHY_DISK : HAUL_WHY_NONE;
}

static void
note_trouble(struct haul_wish *w, enum haul_room room)
{
	note(w, room == HAUL_ROOM_FULL ? HAUL_RESULT_FULL : HAUL_RESULT_ENDED);
}

/* The name could not be given.  A disk elsewhere may have gone just then: all of that is tried again. */
static void
note_unnamed(struct haul_wish *w)
{
	note_trouble(w, w->part.anchor != NULL ? HAUL_ROOM_FULL : HAUL_ROOM_ERROR);
}

/* ---- Looking ---- */

/* The final name stands already.  True: the note is made; false: it has given way, or there was none. */
static bool
look_at_final(struct haul_wish *w)
{
	struct stat st;

	if (lstat(w->part.path, &st) != 0)
		return false;
	if (S_ISREG(st.st_mode) && (w->promised_bytes < 0 || st.st_size == w->promised_bytes)) {
		if (!haul_part_hash(w->part.path, &w->haul->is_ending, w->sha256, &w->note.err)) {
			note(w, atomic_load(&w->haul->is_ending) ? HAUL_RESULT_STOPPED : HAUL_RESULT_ENDED);
			return true;
		}
		if (w->promised_sha256[0] == '\0' || strcmp(w->promised_sha256, w->sha256) == 0) {
			w->was_here = true;
			w->total_bytes = st.st_size;
			atomic_store(&w->bytes, st.st_size);
			atomic_store(&w->durable, st.st_size);
			note(w, HAUL_RESULT_HERE);
			if (w->promised_sha256[0] != '\0')
				haul_part_forget(&w->part);	/* left by a crash between the last name and the last tidying */
			return true;
		}
	}
	w->sha256[0] = '\0';
	if (haul_part_aside(&w->part, &w->note.err))
		return false;
	note(w, HAUL_RESULT_ENDED);
	return true;
}

static void
do_open(struct haul_wish *w)
{
	struct haul_part *p = &w->part;
	enum haul_room room;

	w->was_here = false;
	if (look_at_final(w))
		return;
	atomic_store(&w->settle_errno, 0);
	room = haul_part_open(p, w->etag, &w->note.err);
	if (room == HAUL_ROOM_YES && w->promised_bytes >= 0 && p->bytes > w->promised_bytes && !haul_part_restart(p, &w->note.err))
		room = haul_part_heals(p, errno) ? HAUL_ROOM_FULL : HAUL_ROOM_ERROR;
	if (room == HAUL_ROOM_YES && p->bad_tries >= HAUL_TRIES)
		p->bad_tries = 0;		/* those were another wish's */
	w->total_bytes = w->promised_bytes;
	if (room == HAUL_ROOM_YES)
		room = haul_part_room(p, w->total_bytes, w->haul->conf.reserve_bytes, &w->note.err);
	atomic_store(&w->bytes, p->bytes);
	atomic_store(&w->durable, p->bytes);
	atomic_store(&w->bad_tries, p->bad_tries);
	if (room == HAUL_ROOM_YES) {
		note(w, HAUL_RESULT_DONE);
		return;
	}
	haul_part_close(p);
	note_trouble(w, room);
}

/* ---- Making durable ---- */

static bool
settle(struct haul_wish *w)
{
	struct haul_mark m;
	int why = atomic_load(&w->settle_errno);

	/* A flush that failed once says "done" the next time, and the bytes are gone all the same. */
	if (why != 0) {
		note_trouble(w, haul_part_heals(&w->part, why) ? HAUL_ROOM_FULL : HAUL_ROOM_ERROR);
		return err_errno(&w->note.err, ERR_DISK, why, "cannot flush %s", w->part.part);
	}
	haul_part_mark(&w->part, &m);
	if (!haul_part_settle(&w->part, &m, &why, &w->note.err)) {
		atomic_store(&w->settle_errno, why);
		note_trouble(w, haul_part_heals(&w->part, why) ? HAUL_ROOM_FULL : HAUL_ROOM_ERROR);
		return false;
	}
	atomic_store(&w->durable, m.bytes);
	return true;
}

static void
do_flush(struct haul_wish *w)
{
	if (!settle(w))
		return;
	haul_part_sum(&w->part, w->sha256);
	note(w, HAUL_RESULT_DONE);
}

/* Of a file that stood there already: right, or it gives way. */
static void
judge_here(struct haul_wish *w)
{
	if (strcmp(w->promised_sha256, w->sha256) == 0)
		note(w, HAUL_RESULT_DONE);
	else
		note(w, haul_part_aside(&w->part, &w->note.err) ? HAUL_RESULT_ANEW : HAUL_RESULT_ENDED);
}

static void
do_judge(struct haul_wish *w)
{
	struct haul_part *p = &w->part;

	if (w->was_here) {
		judge_here(w);
		return;
	}
	if (strcmp(w->promised_sha256, w->sha256) == 0) {
		if (haul_part_finish(p, &w->note.err))
			note(w, HAUL_RESULT_DONE);
		else
			note_unnamed(w);
		return;
	}
	if (haul_part_spoil(p, &w->note.err))
		note(w, HAUL_RESULT_BAD);
	else
		note_unnamed(w);
	atomic_store(&w->bad_tries, p->bad_tries);
	atomic_store(&w->bytes, 0);
	atomic_store(&w->durable, 0);
	if (p->bad_tries >= HAUL_TRIES)
		haul_part_forget(p);
}

static void
do_close(struct haul_wish *w)
{
	struct haul_part *p = &w->part;

	if (w->forgets)
		haul_part_forget(p);
	else if (haul_part_is_open(p) && p->bytes > atomic_load(&w->durable))
		(void)settle(w);
	haul_part_close(p);
	note(w, HAUL_RESULT_DONE);
}

void
haul_desk_do(struct haul_wish *w)
{
	memset(&w->note, 0, sizeof w->note);
	switch (w->step) {
	case HAUL_STEP_OPEN:
		do_open(w);
		break;
	case HAUL_STEP_FLUSH:
		do_flush(w);
		break;
	case HAUL_STEP_JUDGE:
		do_judge(w);
		break;
	case HAUL_STEP_CLOSE:
		do_close(w);
		break;
	case HAUL_STEP_IDLE:
	case HAUL_STEP_MOVE:
		break;
	}
}

/* ---- Checkpoints ---- */

static void
do_mark(struct haul_checkpoint *c)
{
	struct haul_wish *w = c->wish;
	struct err e = { 0 };
	int why = 0;

	if (atomic_load(&w->settle_errno) == 0 && haul_part_settle(&w->part, &c->mark, &why, &e)) {
		pthread_mutex_lock(&w->part.lock);
		if (c->mark.epoch == w->part.epoch)
			atomic_store(&w->durable, c->mark.bytes);
		pthread_mutex_unlock(&w->part.lock);
	} else if (why != 0) {
		log_line(LOG_DISK, "%s", e.text);
		atomic_store(&w->settle_errno, why);
	}
	atomic_store(&w->is_settling, false);
	free(c);
}

void
haul_desk_mark(struct haul_desk *d, struct haul_wish *w)
{
	struct haul_checkpoint *c = xcalloc(1, sizeof *c);

	c->wish = w;
	haul_part_mark(&w->part, &c->mark);
	atomic_store(&w->is_settling, true);
	pthread_mutex_lock(&d->lock);
	list_insert_tail(&d->marks, &c->link);
	pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
}

/* What a step of the wish itself will do anyway, and better. */
static void
drop_marks(struct haul_desk *d, const struct haul_wish *w)
{
	LIST_EACH_SAFE(it, tmp, &d->marks) {
		struct haul_checkpoint *c = LIST_ENTRY(it, struct haul_checkpoint, link);

		if (c->wish != w)
			continue;
		list_remove(it);
		atomic_store(&c->wish->is_settling, false);
		free(c);
	}
}

/* ---- The thread ---- */

/* Files that are complete go before checkpoints.  False: nothing is left, and it is to end. */
static bool
desk_turn(struct haul_desk *d)
{
	struct haul_checkpoint *c = NULL;
	struct haul_wish *w = NULL;

	pthread_mutex_lock(&d->lock);
	while (list_is_empty(&d->wishes) && list_is_empty(&d->marks) && !d->stopping)
		pthread_cond_wait(&d->wake, &d->lock);
	if (!list_is_empty(&d->wishes)) {
		w = LIST_ENTRY(d->wishes.next, struct haul_wish, job);
		list_remove(&w->job);
		drop_marks(d, w);
	} else if (!list_is_empty(&d->marks)) {
		c = LIST_ENTRY(d->marks.next, struct haul_checkpoint, link);
		list_remove(&c->link);
	}
	pthread_mutex_unlock(&d->lock);
	if (w != NULL) {
		haul_desk_do(w);
		haul_ended(w);
	} else if (c != NULL)
		do_mark(c);
	return w != NULL || c != NULL;
}

static void *
desk_thread(void *arg)
{
	while (desk_turn(arg))
		;
	return NULL;
}

void
haul_desk_open(struct haul_desk *d, struct haul *h)
{
	sigset_t all, old;

	d->haul = h;
	list_init(&d->wishes);
	list_init(&d->marks);
	XASSERT(pthread_mutex_init(&d->lock, NULL) == 0);
	XASSERT(pthread_cond_init(&d->wake, NULL) == 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	XASSERT(pthread_create(&d->thread, NULL, desk_thread, d) == 0);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void
haul_desk_close(struct haul_desk *d)
{
	pthread_mutex_lock(&d->lock);
	d->stopping = true;
	pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
	pthread_join(d->thread, NULL);
	pthread_mutex_destroy(&d->lock);
	pthread_cond_destroy(&d->wake);
}

void
haul_desk_take(struct haul_desk *d, struct haul_wish *w)
{
	pthread_mutex_lock(&d->lock);
	list_insert_tail(&d->wishes, &w->job);
	pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
}
