/*
 * livefile.c - finds, reads and watches small files (inotify(7)).  Owns its watches; never what the files mean.
 * The folder is watched, not the file: that is where a rename, a deletion and a return can be seen.
 */
#include "ui/livefile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ceilings.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define SETTLE_US 100000		/* editors write, rename and touch in one breath */
#define GONE_US 2000000			/* how often a folder that went is looked for */
#define EVENTS (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_MODIFY)
#define FOLDER_EVENTS (IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/* What tells one state of a file from another. */
struct identity { bool is_there; dev_t dev; ino_t ino; off_t size; struct timespec mtime, ctime; };

/* A folder and the name in it that matters. */
struct watched { int id; char folder[PATH_MAX], name[NAME_MAX + 1]; };

struct livefile {
	struct loop *loop;
	loop_fn *changed;
	void *arg;
	char path[PATH_MAX];
	int fd;
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct watched named, real;	/* the path as given; and what it leads to, when it is a link */
	struct identity seen;
	bool *closed;			/* set when closed inside changed() */
};

/* ---- finding and reading ---- */

/* The next of "a:b:c"; false: no more. */
static bool
next_folder(const char **at, char *out, size_t out_size)
{
	while (**at != '\0') {
		size_t len = strcspn(*at, ":");
		bool fits = len > 0 && len < out_size;

		if (fits) {
			memcpy(out, *at, len);
			out[len] = '\0';
		}
		*at += len + ((*at)[len] == ':');
		if (fits)
			return true;
	}
	return false;
}

bool
livefile_find(char *out, size_t out_size, const char *folders, const char *name)
{
	char folder[PATH_MAX];

	if (strchr(name, '/') != NULL)
		return str_copy(out, out_size, name);
	while (name[0] != '\0' && next_folder(&folders, folder, sizeof folder)) {
		int len = snprintf(out, out_size, "%s/%s", folder, name);

		if (len > 0 && (size_t)len < out_size && access(out, F_OK) == 0)
			return true;
	}
	return false;
}

static int
is_listed(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && entry->d_name[len - 1] != '~';
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **
livefile_names(const char *folders)
{
	char folder[PATH_MAX], **names = xcalloc(1, sizeof *names);
	size_t count = 0, kept = 0;

	while (next_folder(&folders, folder, sizeof folder)) {
		struct dirent **entries = NULL;
		const int found = scandir(folder, &entries, is_listed, NULL);

		for (int i = 0; i < found; i++) {
			names = xreallocarray(names, count + 2, sizeof *names);
			names[count++] = xstrdup(entries[i]->d_name);
			free(entries[i]);
		}
		free(entries);
	}
	qsort(names, count, sizeof *names, by_name);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && strcmp(names[kept - 1], names[i]) == 0)
			free(names[i]);
		else
			names[kept++] = names[i];
	}
	names[kept] = NULL;
	return names;
}

void
livefile_names_free(char **names)
{
	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		free(names[i]);
	free(names);
}

/* Fills what there is; -1: it cannot be read. */
static ssize_t
read_all(int fd, char *text, size_t room)
{
	size_t len = 0;

	while (len < room) {
		ssize_t n = read(fd, text + len, room - len);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n == 0)
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)len;
}

char *
livefile_read(const char *path, size_t *len, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n = -1;
	char *text;

	if (fd < 0) {
		err_errno(e, ERR_NOT_FOUND, errno, "%s cannot be read", path);
		return NULL;
	}
	text = xmalloc(MAX_CONFIG_FILE + 1);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		err_set(e, ERR_NOT_FOUND, "%s is no file", path);
	else if ((n = read_all(fd, text, MAX_CONFIG_FILE + 1)) < 0)
		err_errno(e, ERR_NOT_FOUND, errno, "%s cannot be read", path);
	else if (n > MAX_CONFIG_FILE)
		err_set(e, ERR_TOO_BIG, "%s is larger than %d bytes", path, MAX_CONFIG_FILE);
	close(fd);
	if (n >= 0 && n <= MAX_CONFIG_FILE) {
		*len = (size_t)n;
		return text;
	}
	free(text);
	return NULL;
}

/* ---- watching ---- */

static struct identity
identity_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (struct identity){ .is_there = false };
	return (struct identity){ true, st.st_dev, st.st_ino, st.st_size, st.st_mtim, st.st_ctim };
}

static bool
is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
is_same(const struct identity *a, const struct identity *b)
{
	return a->is_there == b->is_there && a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	    is_same_time(&a->mtime, &b->mtime) && is_same_time(&a->ctime, &b->ctime);
}

/* Where the path leads: its folder and its last part. */
static bool
part(struct watched *w, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;

	if (len >= sizeof w->folder)
		return false;
	memcpy(w->folder, path, len);
	str_copy(w->folder + len, sizeof w->folder - len, slash == NULL ? "." : len == 0 ? "/" : "");
	return str_copy(w->name, sizeof w->name, slash != NULL ? slash + 1 : path);
}

static void
drop(struct livefile *f, struct watched *w)
{
	if (w->id >= 0)
		(void)inotify_rm_watch(f->fd, w->id);
	w->id = -1;
}

/* Both folders; a link may lead elsewhere than before. */
static void
watch_folders(struct livefile *f)
{
	char real[PATH_MAX];

	if (f->named.id < 0)
		f->named.id = inotify_add_watch(f->fd, f->named.folder, EVENTS | FOLDER_EVENTS);
	if (realpath(f->path, real) == NULL)
		return;
	struct watched now = { .id = -1 };

	if (!part(&now, real) || (strcmp(now.folder, f->real.folder) == 0 && f->real.id >= 0)) {
		str_copy(f->real.name, sizeof f->real.name, now.name);
		return;
	}
	if (f->real.id != f->named.id)
		drop(f, &f->real);
	f->real = now;
	f->real.id = inotify_add_watch(f->fd, now.folder, EVENTS | FOLDER_EVENTS);
}

static void
on_settled(void *arg)
{
	struct livefile *f = arg;
	struct identity now = identity_of(f->path);
	bool closed = false, is_news = now.is_there && !is_same(&now, &f->seen);

	watch_folders(f);
	f->seen = now;
	if (is_news) {
		f->closed = &closed;
		f->changed(f->arg);
		if (closed)
			return;
		f->closed = NULL;
	}
	if (f->named.id < 0)
		loop_timer_start(f->loop, f->timer, GONE_US, 0);
}

static bool
concerns(const struct watched *w, const struct inotify_event *ev)
{
	return ev->wd == w->id && (ev->len == 0 || strcmp(ev->name, w->name) == 0);
}

static void
on_events(void *arg, unsigned events)
{
	char bytes[8192] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct livefile *f = arg;
	ssize_t n = read(f->fd, bytes, sizeof bytes);
	bool any = false;

	(void)events;
	for (ssize_t at = 0; at + (ssize_t)sizeof(struct inotify_event) <= n;) {
		const struct inotify_event *ev = (const struct inotify_event *)(const void *)(bytes + at);

		any = any || concerns(&f->named, ev) || concerns(&f->real, ev) || (ev->mask & IN_Q_OVERFLOW) != 0;
		if ((ev->mask & (IN_IGNORED | IN_MOVE_SELF)) != 0) {
			any = true;
			f->real.id = ev->wd == f->real.id ? -1 : f->real.id;
			if (ev->wd == f->named.id)
				f->named.id = -1;
		}
		at += (ssize_t)(sizeof *ev + ev->len);
	}
	if (any)
		loop_timer_start(f->loop, f->timer, SETTLE_US, 0);
}

struct livefile *
livefile_open(struct loop *loop, const char *path, loop_fn *changed, void *arg)
{
	struct livefile *f = xcalloc(1, sizeof *f);

	f->loop = loop;
	f->changed = changed;
	f->arg = arg;
	f->named.id = f->real.id = -1;
	f->timer = loop_timer_new(loop, on_settled, f);
	f->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (f->fd < 0 || !str_copy(f->path, sizeof f->path, path) || !part(&f->named, path)) {
		log_line(LOG_UI, "%s is not watched for changes", path);
		return f;
	}
	f->watch = loop_watch_new(loop, f->fd, LOOP_READ, on_events, f);
	watch_folders(f);
	f->seen = identity_of(path);
	if (f->named.id < 0)
		loop_timer_start(loop, f->timer, GONE_US, 0);
	return f;
}

void
livefile_close(struct livefile *f)
{
	if (f == NULL)
		return;
	if (f->closed != NULL)
		*f->closed = true;
	loop_watch_free(f->loop, f->watch);
	loop_timer_free(f->loop, f->timer);
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}
