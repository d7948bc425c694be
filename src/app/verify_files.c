/*
 * verify_files.c - the files of one take: each that its proof promises is hashed anew, each other one is named.
 * Never believes a name or a length: a file is as promised when its bytes are.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "app/verify_private.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/digest.h"

#define BLOCK_BYTES (1024 * 1024)
#define CURE_LOST "restore it from a copy, or from the camera while it has it: GET /recordings there, then /recordings/ID/file"

/* ---- What a part promises ---- */

static void
want_size(struct verify_file *f)
{
	struct stat st;

	f->is_there = stat(f->path, &st) == 0;
	f->size = f->is_there ? (int64_t)st.st_size : 0;
	if (!f->is_there && errno != ENOENT)
		err_errno(&f->err, ERR_DISK, errno, "cannot be looked at");
	else if (f->is_there && !S_ISREG(st.st_mode))
		err_set(&f->err, ERR_FORMAT, "is no file");
}

static bool
is_here(const struct verify_archive *a, const char *name)
{
	char *path = xasprintf("%s/%s", a->folder, name);
	bool ok = access(path, F_OK) == 0;

	free(path);
	return ok;
}

void
verify_files_want(struct verify *v, struct verify_take *t, const struct verify_archive *a, const struct jdoc *part)
{
	const struct jdoc *recording = jdoc_get(part, "recording");
	const char *name = jdoc_text(part, "file", "");
	struct verify_file *f;

	if (a->is_far && !is_here(a, name))
		return;
	t->files = xreallocarray(t->files, (size_t)t->file_count + 1, sizeof *t->files);
	f = &t->files[t->file_count++];
	*f = (struct verify_file){ .v = v, .take = t, .bytes = jdoc_int(recording, "bytes", -1) };
	f->path = xasprintf("%s/%s", a->folder, name);
	f->where = xasprintf("%s/%s", a->where, name);
	str_copy(f->promised, sizeof f->promised, jdoc_text(recording, "sha256", ""));
	want_size(f);
}

/* ---- The hash; in a worker ---- */

static int
hash_fd(struct verify_file *f, struct digest *d, int fd)
{
	char *block = xmalloc(BLOCK_BYTES);
	ssize_t got;
	int why = 0;

	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	while ((got = read(fd, block, BLOCK_BYTES)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			why = errno;
			break;
		}
		digest_add(d, block, (size_t)got);
		atomic_fetch_add(&f->v->bytes, (long long)got);
	}
	free(block);
	return why;
}

void
verify_file_hash(struct verify_file *f)
{
	int fd, why = 0;
	struct digest *d;

	if (f->is_there && f->err.kind == ERR_NONE) {
		fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		why = fd < 0 ? errno : 0;
		d = digest_new();
		if (fd >= 0) {
			why = hash_fd(f, d, fd);
			close(fd);
		}
		if (why == 0)
			digest_hex(d, f->sha256);
		digest_free(d);
		if (why != 0)
			err_errno(&f->err, ERR_DISK, why, "cannot be read");
	}
	atomic_fetch_add(&f->v->files, 1);
}

void
verify_file_judge(struct verify_file *f)
{
	struct verify_found *found = &f->take->found;

	if (f->err.kind != ERR_NONE)
		verify_problem(found, f->where, "look after the disk, then verify again", "%s", f->err.text);
	else if (!f->is_there)
		verify_problem(found, f->where, CURE_LOST, "is missing: the proof says that it is here");
	else if (f->promised[0] == '\0')
		verify_problem(found, f->where, "ask the camera for its list of recordings: open the folder with livedirector",
		    "nothing to compare it with: the node told no SHA-256");
	else if (f->bytes >= 0 && f->size != f->bytes)
		verify_problem(found, f->where, CURE_LOST, "has %" PRId64 " bytes, the node promised %" PRId64, f->size, f->bytes);
	else if (!str_equal_nocase(f->sha256, f->promised))
		verify_problem(found, f->where, CURE_LOST, "SHA-256 differs from the node's");
	else
		f->is_good = true;
}

/* ---- What else is there ---- */

/* The part whose file it is, by name; NULL: none. */
static const struct jdoc *
part_named(const struct jdoc *proof, const char *name, size_t len)
{
	const struct jdoc *devices = jdoc_get(proof, "devices");

	for (size_t i = 0; i < jdoc_count(devices); i++) {
		const struct jdoc *parts = jdoc_get(jdoc_at(devices, i), "parts");

		for (size_t p = 0; p < jdoc_count(parts); p++) {
			const char *file = jdoc_text(jdoc_at(parts, p), "file", "");

			if (strlen(file) == len && memcmp(file, name, len) == 0)
				return jdoc_at(parts, p);
		}
	}
	return NULL;
}

static bool
part_is(const struct jdoc *part, const char *state)
{
	return part != NULL && strcmp(jdoc_text(part, "state", ""), state) == 0;
}

struct leftover {
	struct verify *v;
	struct verify_take *t;
	const char *where;
	const struct jdoc *part;	/* NULL: of no part */
};

/* Of a part that is not home the take itself says so. */
static void
left_part_file(const struct leftover *l)
{
	if (l->v->console_runs || (l->part == NULL && l->t->is_owed) ||
	    (l->part != NULL && !part_is(l->part, "verified") && !part_is(l->part, "failed")))
		return;
	verify_problem(&l->t->found, l->where, "remove it when nothing fetches any more", "is left of a fetch%s",
	    part_is(l->part, "verified") ? " though its file is verified" : part_is(l->part, "failed") ? " that failed" : " that nobody knows of");
}

static void
left_bad_file(const struct leftover *l)
{
	verify_remark(&l->t->found, l->where, "remove it when nobody needs the evidence", "a file whose SHA-256 was wrong, kept as evidence%s",
	    part_is(l->part, "verified") ? "; it was fetched again, and that one is verified" : l->part == NULL ? "; no part has that name" : "");
}

static void
left_aside_file(const struct leftover *l)
{
	verify_remark(&l->t->found, l->where, "remove it when you know it", "stood under a name that a fetch needed, and was moved aside");
}

/* Home is home: that it is in no second place yet does not make the receipt less whole. */
static void
left_upload(const struct leftover *l)
{
	if (!l->v->console_runs)
		verify_remark(&l->t->found, l->where, "livedirector fetch carries on", "its file is not in the archive yet");
}

static void
left_temporary(const struct leftover *l)
{
	if (!l->v->console_runs)
		verify_remark(&l->t->found, l->where, "it may be removed", "half a file that a crash left; the whole one stands beside it");
}

static void
left_stranger(const struct leftover *l)
{
	verify_remark(&l->t->found, l->where, "", "belongs to no part of this take");
}

/* Where an ending begins in a name: 0 = it has none such.  "*" at its end: any digits. */
static size_t
ending_at(const char *name, const char *ending)
{
	size_t len = strlen(name), tail = strlen(ending);

	if (ending[tail - 1] == '*') {
		while (len > 0 && name[len - 1] >= '0' && name[len - 1] <= '9')
			len--;
		tail--;
	}
	return len > tail && memcmp(name + len - tail, ending, tail) == 0 ? len - tail : 0;
}

static void
look_at_entry(struct verify *v, struct verify_take *t, const char *where, const char *name, const struct jdoc *proof)
{
	static const struct { const char *ending; void (*fn)(const struct leftover *l); } endings[] = {
		{ ".part", left_part_file }, { ".part.state", left_part_file }, { ".bad", left_bad_file }, { ".aside-*", left_aside_file },
		{ ".upload.state", left_upload }, { ".tmp", left_temporary },
	};
	struct leftover l = { .v = v, .t = t, .where = where };

	if (strcmp(name, "take.json") == 0 || part_named(proof, name, strlen(name)) != NULL)
		return;
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		size_t len = ending_at(name, endings[i].ending);

		if (len == 0)
			continue;
		l.part = part_named(proof, name, len);
		endings[i].fn(&l);
		return;
	}
	left_stranger(&l);
}

void
verify_files_folder(struct verify *v, struct verify_take *t, const struct verify_archive *a, const struct jdoc *proof)
{
	DIR *d = opendir(a->folder);
	const struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		char *where;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		where = xasprintf("%s/%s", a->where, entry->d_name);
		look_at_entry(v, t, where, entry->d_name, proof);
		free(where);
	}
	if (d != NULL)
		closedir(d);
}
