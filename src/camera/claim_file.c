/*
 * claim_file.c - the file of a node's claim.
 * Owns what is on its way to the disk: one writing at a time, the newest state last.  Never decides who holds the node.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/ceilings.h"
#include "base/list.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/claim_file.h"
#include "io/diskq.h"
#include "io/jdoc.h"

#define NOTE_US 10000000	/* between two notes that the holder was heard */

struct waiter {
	struct list link;
	unsigned turn;			/* the writing that makes it true */
	loop_fn *fn;
	void *arg;
};

struct claim_file {
	struct loop *loop;
	char *path;
	char *text;			/* as it shall be; NULL: there is no claim */
	unsigned turn, done;		/* of the newest wish; of the last writing */
	bool is_busy;
	char *writing;			/* the worker's */
	unsigned writing_turn;
	struct list waiters;
	int64_t noted_us;		/* loop's time */
};

/* ---- Reading ---- */

static bool
read_claim(const char *path, struct claim *c, int64_t heard_us)
{
	struct node_claim held = { .held = true };
	char token[ID_BYTES];
	struct err e;
	struct jdoc *j = jdoc_load(path, MAX_REQUEST_BODY, &e);
	bool fine = j != NULL;

	if (fine) {
		fine = ids_copy(held.sphere, jdoc_text(j, "sphere", ""));
		jdoc_clean(j, "name", held.name, sizeof held.name);
		jdoc_clean(j, "director", held.director, sizeof held.director);
		fine = fine && str_copy(token, sizeof token, jdoc_text(j, "token", "")) && claim_restore(c, &held, token, heard_us);
		explicit_bzero(token, sizeof token);
	}
	jdoc_free(j);
	return fine;
}

struct claim_file *
claim_file_open(struct loop *loop, const char *folder, struct claim *c, int64_t utc_us)
{
	struct claim_file *f = xcalloc(1, sizeof *f);
	struct stat st;
	int64_t age_us;

	f->loop = loop;
	f->path = xasprintf("%s/claim", folder);
	list_init(&f->waiters);
	if (stat(f->path, &st) != 0)
		return f;
	age_us = utc_us - ((int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000);
	if (age_us < 0)
		age_us = 0;		/* the machine's clock was set back meanwhile: the holder keeps its ten minutes */
	if (!read_claim(f->path, c, loop_now_us(loop) - age_us))
		log_line(LOG_DISK, "%s is no claim", f->path);
	return f;
}

void
claim_file_free(struct claim_file *f)
{
	if (f == NULL)
		return;
	XASSERT(!f->is_busy);
	LIST_EACH_SAFE(it, tmp, &f->waiters)
		free(LIST_ENTRY(it, struct waiter, link));
	free(f->text);
	free(f->path);
	free(f);
}

/* ---- Writing ---- */

static char *
print_claim(const struct claim *c)
{
	struct jdoc *j = jdoc_object();
	char *text;

	jdoc_set_text(j, "sphere", c->held.sphere);
	jdoc_set_text(j, "name", c->held.name);
	jdoc_set_text(j, "director", c->held.director);
	jdoc_set_text(j, "token", c->token);
	text = jdoc_print_pretty(j);
	jdoc_free(j);
	return text;
}

static void
work(void *arg)
{
	struct claim_file *f = arg;
	struct err e = { .kind = ERR_NONE };

	if (f->writing != NULL)
		diskq_replace_private_now(f->path, f->writing, strlen(f->writing), &e);
	else if (unlink(f->path) != 0 && errno != ENOENT)
		err_errno(&e, ERR_DISK, errno, "cannot delete %s", f->path);
	if (e.kind != ERR_NONE)
		log_line(LOG_DISK, "the claim will not outlive a restart: %s", e.text);
}

static void worked(void *arg);

static void
begin(struct claim_file *f)
{
	f->is_busy = true;
	f->writing = f->text != NULL ? xstrdup(f->text) : NULL;
	f->writing_turn = f->turn;
	loop_work(f->loop, work, worked, f);
}

/* The next one whose writing is done; out of the list. */
static struct waiter *
next_told(struct claim_file *f)
{
	LIST_EACH(it, &f->waiters) {
		struct waiter *w = LIST_ENTRY(it, struct waiter, link);

		if (w->turn > f->done)
			continue;
		list_remove(&w->link);
		return w;
	}
	return NULL;
}

static void
worked(void *arg)
{
	struct claim_file *f = arg;
	struct waiter *w;

	if (f->writing != NULL)
		explicit_bzero(f->writing, strlen(f->writing));
	free(f->writing);
	f->writing = NULL;
	f->done = f->writing_turn;
	f->is_busy = f->done != f->turn;
	if (f->is_busy)
		begin(f);
	while ((w = next_told(f)) != NULL) {
		loop_fn *fn = w->fn;
		void *whose = w->arg;
		const bool is_last = list_is_empty(&f->waiters);

		free(w);
		fn(whose);
		if (is_last)
			return;		/* it may have freed the file */
	}
}

void
claim_file_keep(struct claim_file *f, const struct claim *c, loop_fn *fn, void *arg)
{
	struct waiter *w;

	free(f->text);
	f->text = c->held.held ? print_claim(c) : NULL;
	f->turn++;
	f->noted_us = c->heard_us;
	if (fn != NULL) {
		w = xcalloc(1, sizeof *w);
		w->turn = f->turn;
		w->fn = fn;
		w->arg = arg;
		list_insert_tail(&f->waiters, &w->link);
	}
	if (!f->is_busy)
		begin(f);
}

void
claim_file_heard(struct claim_file *f, const struct claim *c)
{
	if (!c->held.held || c->heard_us - f->noted_us < NOTE_US || f->is_busy)
		return;
	f->noted_us = c->heard_us;
	if (utimensat(AT_FDCWD, f->path, NULL, 0) != 0 && errno != ENOENT)
		log_line(LOG_DISK, "%s: the holder's last word is not noted", f->path);
}

bool
claim_file_is_busy(const struct claim_file *f)
{
	return f->is_busy;
}
