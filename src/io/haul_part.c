/*
 * haul_part.c - a file in the making, on the disk: opened, grown, named.  Owns NAME.part and the names it may end under.
 * Never writes a state before the bytes it speaks of are flushed, and overwrites none that a state still speaks of.
 */
#include "io/haul_part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "base/clk.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/folder.h"
#include "io/haul_state.h"

#define SOME_ROOM_BYTES (4 * 1024 * 1024)	/* wanted for a file whose size nobody knows */
#define PROBE_BYTES (64 * 1024)
#define READ_BYTES (1024 * 1024)
#define FLUSH_EVERY_US 1000000
#define ASIDE_MAX 1000

static bool
is_full(int errnum)
{
	return errnum == ENOSPC || errnum == EDQUOT;
}

static bool
is_away(const struct haul_part *p)
{
	return p->anchor != NULL && access(p->anchor, F_OK) != 0;
}

bool
haul_part_heals(const struct haul_part *p, int errnum)
{
	static const int of_networks[] = { EIO, ESTALE, ENODEV, ENXIO, ENOTCONN, EHOSTDOWN, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT,
		ECONNRESET, EREMOTEIO };

	if (is_full(errnum) || p->anchor == NULL)
		return is_full(errnum);
	for (size_t i = 0; i < sizeof of_networks / sizeof of_networks[0]; i++)
		if (errnum == of_networks[i])
			return true;
	return is_away(p);
}

void
haul_part_init(struct haul_part *p, const char *folder, const char *name, const char *recording)
{
	memset(p, 0, sizeof *p);
	p->folder = xstrdup(folder);
	p->path = xasprintf("%s/%s", folder, name);
	p->part = xasprintf("%s.part", p->path);
	p->state = xasprintf("%s.part.state", p->path);
	str_copy(p->recording, sizeof p->recording, recording);
	p->fd = p->state_fd = -1;
	XASSERT(pthread_mutex_init(&p->lock, NULL) == 0);
}

void
haul_part_set_anchor(struct haul_part *p, const char *path)
{
	free(p->anchor);
	p->anchor = xstrdup(path);
}

void
haul_part_fini(struct haul_part *p)
{
	haul_part_close(p);
	pthread_mutex_destroy(&p->lock);
	free(p->folder);
	free(p->path);
	free(p->part);
	free(p->state);
	free(p->anchor);
}

bool
haul_part_is_open(const struct haul_part *p)
{
	return p->fd >= 0;
}

void
haul_part_close(struct haul_part *p)
{
	if (p->fd >= 0)
		close(p->fd);
	if (p->state_fd >= 0)
		close(p->state_fd);
	p->fd = p->state_fd = -1;
	digest_free(p->hash);
	p->hash = NULL;
}

static bool
sync_folder(const struct haul_part *p, struct err *e)
{
	int fd = open(p->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), why = 0;

	/* Some network file systems cannot flush a folder, and say EINVAL. */
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL && errno != EROFS))
		why = errno;
	if (fd >= 0)
		close(fd);
	return why == 0 || err_errno(e, ERR_DISK, why, "cannot flush the folder %s", p->folder);
}

static enum haul_room
trouble(const struct haul_part *p, int errnum, struct err *e, const char *what, const char *path)
{
	err_errno(e, ERR_DISK, errnum, "%s %s", what, path);
	return haul_part_heals(p, errnum) ? HAUL_ROOM_FULL : HAUL_ROOM_ERROR;
}

/* Takes up what the state says; false: it is to be begun anew. */
static bool
take_up(struct haul_part *p, const char *etag)
{
	struct haul_mark m;
	struct stat st;

	if (!haul_state_read(p, &m))
		return false;
	p->bad_tries = m.bad_tries;
	if (fstat(p->fd, &st) != 0 || st.st_size < m.bytes) {
		log_line(LOG_DISK, "%s: shorter than its state says: begun anew", p->part);
		return false;
	}
	if (etag[0] != '\0' && m.etag[0] != '\0' && strcmp(etag, m.etag) != 0)
		return false;
	p->hash = digest_load(m.hash, sizeof m.hash);
	if (p->hash == NULL || digest_length(p->hash) != (uint64_t)m.bytes) {
		digest_free(p->hash);
		p->hash = NULL;
		return false;
	}
	p->bytes = m.bytes;
	str_copy(p->etag, sizeof p->etag, m.etag);
	return true;
}

static enum haul_room
open_files(struct haul_part *p, struct err *e)
{
	if (is_away(p)) {		/* nothing is made where another disk should be */
		err_set(e, ERR_DISK, "the archive's disk is not there: %.200s; mount it", p->folder);
		return HAUL_ROOM_FULL;
	}
	if (!folder_make(p->folder, 0777))
		return trouble(p, errno, e, "cannot make the folder", p->folder);
	p->fd = open(p->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (p->fd < 0)
		return trouble(p, errno, e, "cannot open", p->part);
	if (flock(p->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
		err_set(e, ERR_DISK, "another program is fetching %s", p->part);
		return HAUL_ROOM_ERROR;
	}
	p->state_fd = open(p->state, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (p->state_fd < 0)
		return trouble(p, errno, e, "cannot open", p->state);
	return HAUL_ROOM_YES;
}

enum haul_room
haul_part_open(struct haul_part *p, const char *etag, struct err *e)
{
	enum haul_room room;

	if (haul_part_is_open(p))
		return HAUL_ROOM_YES;
	p->bytes = 0;
	p->serial = 0;
	p->etag[0] = '\0';
	room = open_files(p, e);
	if (room == HAUL_ROOM_YES && !take_up(p, etag) && !haul_part_restart(p, e))
		room = haul_part_heals(p, errno) ? HAUL_ROOM_FULL : HAUL_ROOM_ERROR;
	if (room != HAUL_ROOM_YES)
		haul_part_close(p);
	return room;
}

/* Both slots: an older one must not speak again when the newer gets lost. */
bool
haul_part_restart(struct haul_part *p, struct err *e)
{
	struct haul_mark m;
	int why = 0;

	digest_free(p->hash);
	p->hash = digest_new();
	p->bytes = 0;
	p->etag[0] = '\0';
	pthread_mutex_lock(&p->lock);
	p->epoch++;
	haul_part_mark(p, &m);
	if (!haul_state_write(p, &m) || !haul_state_write(p, &m) || !haul_state_flush(p))
		why = errno;
	pthread_mutex_unlock(&p->lock);
	if (why != 0)
		err_errno(e, ERR_DISK, why, "cannot write %s", p->state);
	errno = why;
	return why == 0;
}

/* What the file has beyond its size, as blocks: fallocate may have taken them already. */
static int64_t
still_needed(const struct haul_part *p, int64_t total)
{
	struct stat st;

	if (total < 0)
		return SOME_ROOM_BYTES;
	if (fstat(p->fd, &st) != 0 || (int64_t)st.st_blocks * 512 >= total)
		return 0;
	return total - (int64_t)st.st_blocks * 512;
}

/* File systems without allocation and with quotas only say it when they are written to. */
static int
probe(const struct haul_part *p)
{
	static const char zeros[PROBE_BYTES];

	return pwrite(p->fd, zeros, sizeof zeros, p->bytes) == (ssize_t)sizeof zeros ? 0 : errno != 0 ? errno : ENOSPC;
}

enum haul_room
haul_part_room(struct haul_part *p, int64_t total, int64_t reserve_bytes, struct err *e)
{
	int64_t need = still_needed(p, total), room;
	struct statvfs fs;
	int why = 0;

	if (need == 0 || total == p->bytes)
		return HAUL_ROOM_YES;
	if (fstatvfs(p->fd, &fs) != 0)
		return trouble(p, errno, e, "cannot look at the disk of", p->part);
	room = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize - reserve_bytes;
	if (need > room) {
		err_set(e, ERR_DISK, "no room for %s: %lld MB more are needed (%lld MB are kept free)", p->path,
		    (long long)((need - room) / 1000000 + 1), (long long)reserve_bytes / 1000000);
		return HAUL_ROOM_FULL;
	}
	errno = 0;
	if (total < 0 || (fallocate(p->fd, FALLOC_FL_KEEP_SIZE, 0, total) != 0 && !is_full(errno)))
		why = probe(p);
	else
		why = errno;
	return why == 0 ? HAUL_ROOM_YES : trouble(p, why, e, "no room for", p->path);
}

int
haul_part_add(struct haul_part *p, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = pwrite(p->fd, at, len, p->bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : EIO;
		digest_add(p->hash, at, (size_t)n);
		p->bytes += n;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

void
haul_part_mark(const struct haul_part *p, struct haul_mark *out)
{
	memset(out, 0, sizeof *out);
	out->bytes = p->bytes;
	out->epoch = p->epoch;
	digest_save(p->hash, out->hash);
	memcpy(out->etag, p->etag, sizeof out->etag);
	out->bad_tries = p->bad_tries;
}

bool
haul_part_settle(struct haul_part *p, const struct haul_mark *m, int *errnum, struct err *e)
{
	bool ok = true;

	*errnum = 0;
	if (fdatasync(p->fd) != 0) {
		*errnum = errno;
		return err_errno(e, ERR_DISK, errno, "cannot flush %s", p->part);
	}
	pthread_mutex_lock(&p->lock);
	if (m->epoch == p->epoch)
		ok = haul_state_write(p, m) && (clk_mono_us(clk_system()) - p->flushed_us < FLUSH_EVERY_US || haul_state_flush(p));
	*errnum = ok ? 0 : errno;
	pthread_mutex_unlock(&p->lock);
	return ok || err_errno(e, ERR_DISK, *errnum, "cannot write %s", p->state);
}

void
haul_part_sum(const struct haul_part *p, char out[static 65])
{
	unsigned char blob[DIGEST_BLOB_BYTES];
	struct digest *copy;

	digest_save(p->hash, blob);
	copy = digest_load(blob, sizeof blob);
	digest_hex(copy, out);
	digest_free(copy);
}

/* A file that was begun longer, as another one, has a tail that is not its own. */
static bool
cut_tail(const struct haul_part *p, struct err *e)
{
	struct stat st;

	if (fstat(p->fd, &st) == 0 && st.st_size == p->bytes)
		return true;
	return (ftruncate(p->fd, p->bytes) == 0 && fsync(p->fd) == 0) || err_errno(e, ERR_DISK, errno, "cannot flush %s", p->part);
}

/* The bytes are flushed already.  The state goes last: one that a crash leaves over finds no part, and says nothing. */
bool
haul_part_finish(struct haul_part *p, struct err *e)
{
	if (!cut_tail(p, e))
		return false;
	if (access(p->path, F_OK) == 0 && !haul_part_aside(p, e))
		return false;
	if (rename(p->part, p->path) != 0)
		return err_errno(e, ERR_DISK, errno, "cannot rename %s", p->part);
	if (!sync_folder(p, e))
		return false;
	unlink(p->state);
	haul_part_close(p);
	return true;
}

bool
haul_part_spoil(struct haul_part *p, struct err *e)
{
	char *bad = xasprintf("%s.bad", p->path);
	bool ok;

	p->bad_tries++;
	ok = haul_part_restart(p, e);
	if (ok && rename(p->part, bad) != 0)
		ok = err_errno(e, ERR_DISK, errno, "cannot rename %s", p->part);
	free(bad);
	if (ok)
		ok = sync_folder(p, e);
	haul_part_close(p);
	return ok;
}

bool
haul_part_aside(const struct haul_part *p, struct err *e)
{
	for (int i = 1; i <= ASIDE_MAX; i++) {
		char *aside = xasprintf("%s.aside-%d", p->path, i);
		int why = link(p->path, aside) == 0 ? 0 : errno;

		/* Where hard links are not known, the name was looked at just before; nobody else writes here. */
		if (why == EPERM || why == EOPNOTSUPP || why == ENOSYS || why == EMLINK)
			why = access(aside, F_OK) == 0 ? EEXIST : rename(p->path, aside) == 0 ? 0 : errno;
		else if (why == 0)
			why = unlink(p->path) == 0 ? 0 : errno;
		free(aside);
		if (why == 0)
			return sync_folder(p, e);
		if (why != EEXIST)
			return err_errno(e, ERR_DISK, why, "cannot put %s aside", p->path);
	}
	return err_set(e, ERR_DISK, "%s has been put aside %d times; look at those first", p->path, ASIDE_MAX);
}

void
haul_part_forget(struct haul_part *p)
{
	haul_part_close(p);
	unlink(p->part);
	unlink(p->state);
}

bool
haul_part_hash(const char *path, const atomic_bool *stop, char out[static 65], struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct digest *d = digest_new();
	char *block = xmalloc(READ_BYTES);
	ssize_t got = -1;

	if (fd >= 0) {
		while (!atomic_load(stop) && ((got = read(fd, block, READ_BYTES)) > 0 || (got < 0 && errno == EINTR)))
			if (got > 0)
				digest_add(d, block, (size_t)got);
	}
	if (got == 0)
		digest_hex(d, out);
	else if (!atomic_load(stop))
		err_errno(e, ERR_DISK, errno, "cannot read %s", path);
	if (fd >= 0)
		close(fd);
	free(block);
	digest_free(d);
	return got == 0;
}
