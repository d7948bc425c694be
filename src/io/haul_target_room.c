/*
 * haul_target_room.c - questions to the archive's disk, answered in a worker: is it there, is it ours, how much is free.
 * Owns the questions.  Keeps no answer.
 */
#include "io/haul_target_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/haul_anchor.h"

struct room {				/* one question for free space */
	struct list link;
	struct haul_target *target;	/* NULL: freed meanwhile */
	char *folder;
	char *root, *sphere;		/* NULL: no mark is looked at */
	bool begins;
	struct s3 *s3;			/* NULL: none is asked */
	char *key;
	haul_room_fn *fn;
	void *arg;
	int64_t free_bytes;
	struct err err;
};

/* The folder may not be there yet: what holds it is asked. */
static void
look_at_room(struct room *q)
{
	struct statvfs fs;
	char *slash;

	while (statvfs(q->folder, &fs) != 0) {
		slash = strrchr(q->folder, '/');
		if (errno != ENOENT || slash == NULL || slash == q->folder) {
			err_errno(&q->err, ERR_DISK, errno, "cannot look at the disk of %s", q->folder);
			return;
		}
		*slash = '\0';
	}
	q->free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
}

static bool
is_ours(struct room *q)
{
	if (q->sphere == NULL)
		return true;
	return q->begins ? haul_anchor_begin(q->root, q->folder, q->sphere, &q->err) : haul_anchor_look(q->folder, q->sphere, &q->err);
}

static bool
takes_keys(struct room *q)
{
	enum s3_result r = q->s3 != NULL ? s3_try(q->s3, q->key, &q->err) : S3_DONE;

	if (r == S3_AGAIN)
		q->err.kind = ERR_NETWORK;
	else if (r != S3_DONE)
		q->err.kind = ERR_REFUSED;
	return r == S3_DONE;
}

static void
room_run(void *arg)
{
	struct room *q = arg;

	q->free_bytes = -1;
	if (is_ours(q) && takes_keys(q))
		look_at_room(q);
}

static void
room_done(void *arg)
{
	struct room *q = arg;

	list_remove(&q->link);
	if (q->target != NULL)
		q->fn(q->arg, q->free_bytes, &q->err);
	s3_free(q->s3);
	free(q->key);
	free(q->folder);
	free(q->root);
	free(q->sphere);
	free(q);
}

static struct room *
room_new(struct haul_target *t, haul_room_fn *fn, void *arg)
{
	struct room *q = xcalloc(1, sizeof *q);

	q->target = t;
	q->folder = xstrdup(t->folder);		/* with S3, too: files land here first */
	if (t->sphere != NULL) {
		q->root = xstrdup(t->root);
		q->sphere = xstrdup(t->sphere);
	}
	q->fn = fn;
	q->arg = arg;
	list_insert_tail(&t->rooms, &q->link);
	return q;
}

void
haul_target_begin(struct haul_target *t, haul_room_fn *fn, void *arg)
{
	struct room *q = room_new(t, fn, arg);

	q->begins = true;
	if (t->is_s3) {			/* the uploader has its own: one thread for each */
		q->s3 = s3_new(&t->place, &t->keys);
		q->key = xasprintf("%s/.livedirector", t->name);
	}
	loop_work(t->loop, room_run, room_done, q);
}

void
haul_target_room(struct haul_target *t, haul_room_fn *fn, void *arg)
{
	loop_work(t->loop, room_run, room_done, room_new(t, fn, arg));
}

void
haul_target_room_forget(struct haul_target *t)
{
	LIST_EACH_SAFE(it, tmp, &t->rooms) {
		list_remove(it);
		LIST_ENTRY(it, struct room, link)->target = NULL;
	}
}
