/*
 * store.c - the recordings folder and the list of what lies in it.
 * Owns the lock, the id and the list.  Never writes a recording's pictures, never deletes one unasked.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "base/ceilings.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/mp4probe.h"
#include "camera/store.h"
#include "io/diskq.h"
#include "io/folder.h"
#include "io/jdoc.h"
#include "io/wire.h"

#define RESERVE_BYTES (64 * 1024)	/* given away when a full disk has no room for metadata */

struct store {
	char folder[STORE_PATH - 128];
	char id[ID_BYTES];
	int64_t quota_bytes;
	int lock_fd;
	struct node_file *files;	/* newest first */
	int count, room;
};

/* ---- the folder ---- */

static bool
make_folders(const char *path, struct err *e)
{
	return folder_make(path, 0755) || err_errno(e, ERR_DISK, errno, "cannot make the recordings folder %s", path);
}

static bool
lock_folder(struct store *s, struct err *e)
{
	char path[STORE_PATH], pid[24] = "";
	ssize_t got;

	snprintf(path, sizeof path, "%s/lock", s->folder);
	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (s->lock_fd < 0)
		return err_errno(e, ERR_DISK, errno, "cannot use the recordings folder %s", s->folder);
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		got = read(s->lock_fd, pid, sizeof pid - 1);
		pid[got > 0 ? got : 0] = '\0';
		pid[strcspn(pid, "\n")] = '\0';
		return err_set(e, ERR_REFUSED, "the recordings folder %s is in use by another mmcamd (process %s);"
		    " give this one its own --recordings folder", s->folder, pid[0] != '\0' ? pid : "unknown");
	}
	snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
	if (ftruncate(s->lock_fd, 0) != 0 || pwrite(s->lock_fd, pid, strlen(pid), 0) < 0)
		log_line(LOG_DISK, "%s: the pid is not noted", path);
	return true;
}

static bool
read_id(const char *path, char id[static ID_BYTES])
{
	char text[ID_BYTES + 2] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return false;
	got = read(fd, text, sizeof text - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	return ids_is_uuid(text) && ids_copy(id, text);
}

/* The device's id stays with its folder, whatever the machine's name or address becomes. */
static bool
settle_id(struct store *s, const char *wanted, struct err *e)
{
	char path[STORE_PATH], kept[ID_BYTES] = "", line[ID_BYTES + 1];

	snprintf(path, sizeof path, "%s/id", s->folder);
	if (read_id(path, kept) && (wanted[0] == '\0' || strcmp(kept, wanted) == 0))
		return str_copy(s->id, sizeof s->id, kept);
	if (wanted[0] != '\0')
		str_copy(s->id, sizeof s->id, wanted);
	else
		ids_uuid_new(s->id);
	snprintf(line, sizeof line, "%.62s\n", s->id);
	return diskq_replace_now(path, line, strlen(line), e);
}

void
store_path(const char *folder, const char *id, const char *ext, char out[static STORE_PATH])
{
	snprintf(out, STORE_PATH, "%s/%s.%s", folder, id, ext);
}

void
store_reserve(const char *folder)
{
	char path[STORE_PATH];
	int fd;

	snprintf(path, sizeof path, "%s/reserve", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (posix_fallocate(fd, 0, RESERVE_BYTES) != 0)
		unlink(path);
	close(fd);
}

bool
store_write(const char *folder, const struct node_file *file, struct err *e)
{
	char path[STORE_PATH], reserve[STORE_PATH];
	struct jdoc *j = wire_file(file);
	char *text = jdoc_print_pretty(j);
	bool fine;

	store_path(folder, file->id, "json", path);
	fine = diskq_replace_now(path, text, strlen(text), e);
	if (!fine) {
		snprintf(reserve, sizeof reserve, "%s/reserve", folder);
		fine = unlink(reserve) == 0 && diskq_replace_now(path, text, strlen(text), e);
	}
	free(text);
	jdoc_free(j);
	return fine;
}

/* Beside it, then renamed: a reader sees the old text or the new one. */
static bool
replace_unsynced(const char *path, const char *text, struct err *e)
{
	char beside[STORE_PATH + 8];
	size_t len = strlen(text);
	int fd;
	bool fine;

	snprintf(beside, sizeof beside, "%s.new", path);
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	fine = fd >= 0 && write(fd, text, len) == (ssize_t)len;
	if (fd >= 0)
		close(fd);
	if (fine && rename(beside, path) == 0)
		return true;
	err_errno(e, ERR_DISK, errno, "cannot write %s", path);
	unlink(beside);
	return false;
}

bool
store_note(const char *folder, const struct node_file *file, struct err *e)
{
	char path[STORE_PATH];
	struct jdoc *j = wire_file(file);
	char *text = jdoc_print_pretty(j);
	bool fine;

	store_path(folder, file->id, "json", path);
	fine = replace_unsynced(path, text, e);
	free(text);
	jdoc_free(j);
	return fine;
}

static void
sync_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (fsync(fd) != 0)
		log_line(LOG_DISK, "cannot sync %s", path);
	close(fd);
}

void
store_sync(const char *folder, const char *id)
{
	char path[STORE_PATH];

	store_path(folder, id, "mp4", path);
	sync_path(path);
	store_path(folder, id, "json", path);
	sync_path(path);
	sync_path(folder);
}

/* ---- the list ---- */

static bool
is_newer(const struct node_file *a, const struct node_file *b)
{
	return a->start_us != b->start_us ? a->start_us > b->start_us : strcmp(a->id, b->id) > 0;
}

static void
forget(struct store *s, const char *id)
{
	for (int i = 0; i < s->count; i++)
		if (strcmp(s->files[i].id, id) == 0) {
			memmove(&s->files[i], &s->files[i + 1], (size_t)(--s->count - i) * sizeof *s->files);
			return;
		}
}

void
store_put(struct store *s, const struct node_file *file)
{
	struct node_file copy = *file;
	int at = 0;

	forget(s, copy.id);
	if (s->count == s->room) {
		s->room = s->room > 0 ? s->room * 2 : 16;
		s->files = xreallocarray(s->files, (size_t)s->room, sizeof *s->files);
	}
	while (at < s->count && is_newer(&s->files[at], &copy))
		at++;
	memmove(&s->files[at + 1], &s->files[at], (size_t)(s->count - at) * sizeof *s->files);
	s->files[at] = copy;
	s->count++;
}

int
store_count(const struct store *s)
{
	return s->count;
}

const struct node_file *
store_at(const struct store *s, int index)
{
	return index >= 0 && index < s->count ? &s->files[index] : NULL;
}

const struct node_file *
store_find(const struct store *s, const char *id)
{
	for (int i = 0; i < s->count; i++)
		if (strcmp(s->files[i].id, id) == 0)
			return &s->files[i];
	return NULL;
}

int
store_last_part(const struct store *s, const char *sphere, const char *take)
{
	int last = 0;

	for (int i = 0; i < s->count; i++) {
		const struct node_file *f = &s->files[i];

		if (strcmp(f->sphere, sphere) == 0 && strcmp(f->take, take) == 0 && f->part > last)
			last = f->part;
	}
	return last;
}

bool
store_remove(struct store *s, const char *id, struct err *e)
{
	char path[STORE_PATH], gone[STORE_PATH];

	store_path(s->folder, id, "mp4", path);
	store_path(s->folder, id, "gone", gone);
	if (rename(path, gone) != 0 && errno != ENOENT)
		return err_errno(e, ERR_DISK, errno, "cannot delete %s", path);
	store_path(s->folder, id, "json", path);
	if (unlink(path) != 0 && errno != ENOENT)
		return err_errno(e, ERR_DISK, errno, "cannot delete %s", path);
	forget(s, id);
	return true;
}

void
store_unlink(const char *folder, const char *id)
{
	char path[STORE_PATH];

	store_path(folder, id, "gone", path);
	if (unlink(path) != 0 && errno != ENOENT)
		log_line(LOG_DISK, "cannot delete %s", path);
}

/* ---- reading the folder ---- */

/* A crash left it open: what is on disk decides. */
static bool
recover(struct store *s, struct node_file *f)
{
	char path[STORE_PATH];
	struct err e = { 0 };
	int64_t duration_us = 0;

	store_path(s->folder, f->id, "mp4", path);
	if (!mp4probe_repair(path, &f->bytes, &e) || !mp4probe_duration(path, &duration_us, &e))
		log_line(LOG_DISK, "%s: %s", f->id, e.text);
	f->duration_ms = duration_us / 1000;
	f->end_us = f->start_us + duration_us;
	f->complete = false;
	f->sha256[0] = '\0';
	if (f->error[0] == '\0')
		str_copy(f->error, sizeof f->error, "crash");
	return duration_us > 0;
}

static void
load_one(struct store *s, const char *name)
{
	char path[STORE_PATH];
	struct node_file f;
	struct jdoc *j;
	struct err e;
	struct stat st;

	if (snprintf(path, sizeof path, "%s/%s", s->folder, name) >= (int)sizeof path)
		return;
	j = jdoc_load(path, MAX_JSON_BODY, &e);
	if (j == NULL || !wire_read_file(&f, j) || strncmp(f.id, name, strlen(name) - 5) != 0) {
		log_line(LOG_DISK, "%s is no recording's metadata", path);
	} else {
		store_path(s->folder, f.id, "mp4", path);
		if (stat(path, &st) != 0)
			log_line(LOG_DISK, "%s: its file is gone", f.id);
		else if ((f.sha256[0] != '\0' && f.bytes == st.st_size) || recover(s, &f))
			store_put(s, &f);
	}
	jdoc_free(j);
}

static bool
load_all(struct store *s, struct err *e)
{
	DIR *d = opendir(s->folder);
	struct dirent *entry;

	if (d == NULL)
		return err_errno(e, ERR_DISK, errno, "cannot read the recordings folder %s", s->folder);
	while ((entry = readdir(d)) != NULL) {
		size_t len = strlen(entry->d_name);

		if (str_has_prefix(entry->d_name, "rec-") && len > 9 && strcmp(entry->d_name + len - 5, ".json") == 0)
			load_one(s, entry->d_name);
		else if (str_has_prefix(entry->d_name, "rec-") && len > 9 && strcmp(entry->d_name + len - 5, ".gone") == 0)
			unlinkat(dirfd(d), entry->d_name, 0);	/* deleted before the node died, all but its bytes */
	}
	closedir(d);
	return true;
}

struct store *
store_open(const char *folder, const char *id, int64_t quota_bytes, struct err *e)
{
	struct store *s = xcalloc(1, sizeof *s);

	s->lock_fd = -1;
	s->quota_bytes = quota_bytes;
	if (!str_copy(s->folder, sizeof s->folder, folder))
		err_set(e, ERR_USAGE, "the name of the recordings folder is too long");
	else if (make_folders(s->folder, e) && lock_folder(s, e) && settle_id(s, id, e) && load_all(s, e)) {
		store_reserve(s->folder);
		return s;
	}
	store_close(s);
	return NULL;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->files);
	free(s);
}

void
store_set_quota(struct store *s, int64_t quota_bytes)
{
	s->quota_bytes = quota_bytes;
}

const char *
store_id(const struct store *s)
{
	return s->id;
}

const char *
store_folder(const struct store *s)
{
	return s->folder;
}

/* ---- room ---- */

static int64_t
used_bytes(const struct store *s)
{
	int64_t sum = 0;

	for (int i = 0; i < s->count; i++)
		sum += s->files[i].bytes;
	return sum;
}

int64_t
store_file_room(const struct store *s)
{
	int64_t left = s->quota_bytes - used_bytes(s);

	if (s->quota_bytes == 0)
		return INT64_MAX;
	return left > 0 ? left : 0;
}

void
store_room(const struct store *s, int64_t *total_bytes, int64_t *free_bytes)
{
	struct statvfs fs;
	int64_t left = store_file_room(s);

	*total_bytes = *free_bytes = 0;
	if (statvfs(s->folder, &fs) == 0) {
		*total_bytes = (int64_t)(fs.f_blocks * fs.f_frsize);
		*free_bytes = (int64_t)(fs.f_bavail * fs.f_frsize);
	}
	if (s->quota_bytes > 0 && *total_bytes > s->quota_bytes)
		*total_bytes = s->quota_bytes;
	if (*free_bytes > left)
		*free_bytes = left;
}

bool
store_is_full(const char *folder)
{
	struct statvfs fs;

	return statvfs(folder, &fs) == 0 && fs.f_bavail * fs.f_frsize < 2 * RESERVE_BYTES;
}
