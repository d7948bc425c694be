/*
 * sphere.c - the Sphere folder: made, locked by one console, its manifest read or mended.
 * Owns the lock and the manifest's values.  Blocks, so it is for start-up; writes nothing later on.
 */
#include "io/sphere.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/diskq.h"
#include "io/folder.h"
#include "io/sphere_private.h"

struct sphere {
	char *folder;
	int lock_fd;
	struct manifest manifest;
	struct jdoc *file;		/* sphere.json as it was found, for its devices */
	char notice[320];
};

void
sphere_path(const struct sphere *s, char *out, size_t out_size, const char *relative)
{
	snprintf(out, out_size, "%s/%s", s->folder, relative);
}

static bool
make_folders(const struct sphere *s, struct err *e)
{
	static const char *const folders[] = { "sidecars", "takes", "exports" };
	char path[SPHERE_PATH];
	struct stat st;

	if (!folder_make(s->folder, 0777))
		return err_errno(e, ERR_DISK, errno, "cannot make the folder %s", s->folder);
	if (stat(s->folder, &st) != 0 || !S_ISDIR(st.st_mode))
		return err_set(e, ERR_DISK, "%s is not a folder; name another one with --sphere", s->folder);
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		sphere_path(s, path, sizeof path, folders[i]);
		if (mkdir(path, 0777) != 0 && errno != EEXIST)
			return err_errno(e, ERR_DISK, errno, "cannot make the folder %s", path);
	}
	return true;
}

/* ---- The lock ---- */

/*
 * Who holds it, by the kernel's list: the file names its holder a moment after it was taken, until then somebody who is gone.
 * 0: not in the list; it is somebody on another machine, or in a container.
 */
static long
lock_holder(const struct sphere *s)
{
	char line[256], inode[40];
	FILE *f = fopen("/proc/locks", "re");
	struct stat st;
	long pid = 0;

	if (fstat(s->lock_fd, &st) != 0)
		inode[0] = '\0';
	else
		snprintf(inode, sizeof inode, ":%ju ", (uintmax_t)st.st_ino);
	while (f != NULL && inode[0] != '\0' && pid <= 0 && fgets(line, sizeof line, f) != NULL)
		if (strstr(line, "FLOCK") != NULL && strstr(line, "->") == NULL && strstr(line, inode) != NULL &&
		    sscanf(line, "%*s FLOCK %*s %*s %ld", &pid) != 1)
			pid = 0;
	if (f != NULL)
		fclose(f);
	return pid;
}

static bool
lock_refuse(const struct sphere *s, struct err *e)
{
	char text[32] = "", process[48] = "";
	long pid = lock_holder(s);

	if (pid <= 0 && pread(s->lock_fd, text, sizeof text - 1, 0) > 0)
		pid = strtol(text, NULL, 10);
	if (pid > 0)
		snprintf(process, sizeof process, " (process %ld)", pid);
	return err_set(e, ERR_REFUSED, "%s is run by another console%s; quit that one, or name another folder", s->folder, process);
}

static bool
lock_take(struct sphere *s, struct err *e)
{
	char path[SPHERE_PATH], pid[32];
	int len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());

	sphere_path(s, path, sizeof path, "sphere.json.lock");
	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);	/* a link would lead to a file that is none of ours */
	if (s->lock_fd < 0)
		return err_errno(e, ERR_DISK, errno, "cannot open %s", path);
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK)
			return lock_refuse(s, e);
		return err_errno(e, ERR_DISK, errno, "cannot lock %s", path);
	}
	if (ftruncate(s->lock_fd, 0) != 0 || pwrite(s->lock_fd, pid, (size_t)len, 0) != len)
		return err_errno(e, ERR_DISK, errno, "cannot write %s", path);
	return true;
}

/* ---- Who we are ---- */

/* Without a state folder it is a fresh one each time: no reason to hold up a show. */
void
sphere_host_id(char out[static ID_BYTES])
{
	char state[SPHERE_PATH - 16], path[SPHERE_PATH] = "", text[64] = "";
	bool has_path = folder_state(state, sizeof state, NULL);
	FILE *f;

	if (has_path)
		snprintf(path, sizeof path, "%s/host-id", state);
	f = has_path ? fopen(path, "re") : NULL;
	if (f != NULL) {
		if (fscanf(f, "%63s", text) != 1)
			text[0] = '\0';
		fclose(f);
	}
	if (ids_is_uuid(text)) {
		str_copy(out, ID_BYTES, text);
		return;
	}
	ids_uuid_new(out);
	snprintf(text, sizeof text, "%s\n", out);
	if (has_path)
		(void)diskq_replace_now(path, text, strlen(text), NULL);
}

/* ---- The manifest ---- */

static void
folder_name(const struct sphere *s, const char *wanted, char *out, size_t out_size)
{
	char *copy = realpath(s->folder, NULL);
	const char *text = wanted != NULL && wanted[0] != '\0' ? wanted : basename(copy != NULL ? copy : s->folder);

	str_clean(out, out_size, text, strlen(text), MAX_NAME_CELLS);
	free(copy);
}

static bool
set_aside(struct sphere *s, const char *path, const struct err *why, struct err *e)
{
	char aside[SPHERE_PATH + 16];
	int n = 1;

	do
		snprintf(aside, sizeof aside, "%s.bad-%d", path, n);
	while (access(aside, F_OK) == 0 && ++n < 10000);
	if (rename(path, aside) != 0)
		return err_errno(e, ERR_DISK, errno, "cannot move the damaged %s away", path);
	snprintf(s->notice, sizeof s->notice, "sphere.json was damaged (%.120s): moved to sphere.json.bad-%d and made anew from the takes and journals", why->text, n);
	return true;
}

/* Fresh, or out of what the takes and journals still tell. */
static bool
manifest_make(struct sphere *s, const char *name, int64_t now_us, struct err *e)
{
	char host[ID_BYTES], called[MAX_NAME_BYTES];

	sphere_host_id(host);
	folder_name(s, name, called, sizeof called);
	s->file = sphere_rebuild(s, host, called, now_us);
	return sphere_read_manifest(&s->manifest, s->file, e);
}

static bool
manifest_load(struct sphere *s, const char *name, int64_t now_us, struct err *e)
{
	char path[SPHERE_PATH];
	struct err why = { 0 };

	sphere_path(s, path, sizeof path, "sphere.json");
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return manifest_make(s, name, now_us, e);
	s->file = jdoc_load(path, SPHERE_FILE_CEILING, &why);
	if (s->file != NULL && sphere_read_manifest(&s->manifest, s->file, &why))
		return true;
	if (why.kind == ERR_REFUSED || why.kind == ERR_DISK) {
		if (e != NULL)
			*e = why;
		err_prefix(e, "%s", path);
		return false;
	}
	jdoc_free(s->file);
	s->file = NULL;
	return set_aside(s, path, &why, e) && manifest_make(s, name, now_us, e);
}

/* The manifest is on disk from the first moment on, so that the Sphere keeps its id. */
static bool
manifest_write(const struct sphere *s, struct err *e)
{
	struct registry *r = registry_new();
	char path[SPHERE_PATH], *text;
	bool ok;

	sphere_read_devices(jdoc_get(s->file, "devices"), r);
	text = sphere_print_manifest(&s->manifest, r, NULL, NULL);
	sphere_path(s, path, sizeof path, "sphere.json");
	ok = diskq_replace_now(path, text, strlen(text), e);
	free(text);
	registry_free(r);
	return ok;
}

struct sphere *
sphere_open(const char *folder, const char *name, int64_t now_us, struct err *e)
{
	struct sphere *s = xcalloc(1, sizeof *s);
	size_t len = strlen(folder);

	while (len > 1 && folder[len - 1] == '/')
		len--;
	s->folder = xstrndup(folder, len);
	s->lock_fd = -1;
	if (make_folders(s, e) && lock_take(s, e) && manifest_load(s, name, now_us, e)) {
		sphere_find_takes(s, &s->manifest);
		if (manifest_write(s, e))
			return s;
	}
	sphere_close(s);
	return NULL;
}

/* The lock file stays: removing it would let two consoles lock two different files. */
void
sphere_close(struct sphere *s)
{
	if (s == NULL)
		return;
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	manifest_fini(&s->manifest);
	jdoc_free(s->file);
	free(s->folder);
	free(s);
}

const char *
sphere_folder(const struct sphere *s)
{
	return s->folder;
}

const char *
sphere_notice(const struct sphere *s)
{
	return s->notice;
}

struct manifest *
sphere_manifest(struct sphere *s)
{
	return &s->manifest;
}

void
sphere_fill_registry(const struct sphere *s, struct registry *r)
{
	sphere_read_devices(jdoc_get(s->file, "devices"), r);
}

bool
sphere_peek(const char *folder, struct registry *r, struct err *e)
{
	char path[SPHERE_PATH];
	struct manifest m = { 0 };
	struct jdoc *file;
	bool ok;

	snprintf(path, sizeof path, "%s/sphere.json", folder);
	file = jdoc_load(path, SPHERE_FILE_CEILING, e);
	if (file == NULL)
		return false;
	ok = sphere_read_manifest(&m, file, e);
	if (ok)
		sphere_read_devices(jdoc_get(file, "devices"), r);
	else
		err_prefix(e, "%s", path);
	manifest_fini(&m);
	jdoc_free(file);
	return ok;
}

bool
sphere_make_take_folder(const struct sphere *s, const char *take, struct err *e)
{
	char path[SPHERE_PATH], relative[32];

	snprintf(relative, sizeof relative, "takes/%.16s", take);
	sphere_path(s, path, sizeof path, relative);
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		return err_errno(e, ERR_DISK, errno, "cannot make the folder %s", path);
	return true;
}

/* ---- Takes ---- */

bool
sphere_load_take(const struct sphere *s, const char *number, struct take *t)
{
	char path[SPHERE_PATH], relative[64], *text;
	struct jdoc *j;
	bool ok = false;

	snprintf(relative, sizeof relative, "takes/%.16s/take.json", number);
	sphere_path(s, path, sizeof path, relative);
	j = jdoc_load(path, SPHERE_FILE_CEILING, NULL);
	if (j == NULL)
		return false;
	text = jdoc_print(j);
	ok = sphere_read_take(t, text, strlen(text), NULL);
	free(text);
	jdoc_free(j);
	return ok;
}

/* Of a show's takes, or of a rehearsal's. */
static bool
is_newest(const struct manifest *m, int i)
{
	const bool is_rehearsed = m->takes[i].take[0] == 'R';

	while (++i < m->take_count)
		if ((m->takes[i].take[0] == 'R') == is_rehearsed)
			return false;
	return true;
}

struct take *
sphere_load_takes(const struct sphere *s, int *count)
{
	const struct manifest *m = &s->manifest;
	struct take *takes = xcalloc((size_t)m->take_count + 1, sizeof *takes);

	*count = 0;
	for (int i = 0; i < m->take_count; i++) {
		struct take *t = &takes[*count];

		if (!sphere_load_take(s, m->takes[i].take, t))
			continue;
		if (take_is_over(t) && take_is_home(t) && !is_newest(m, i))
			take_fini(t);
		else
			++*count;
	}
	return takes;
}
