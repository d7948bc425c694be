/*
 * camera_files.c - recordings over HTTP: the list, one's metadata, its file in whole or in part.
 * Owns nothing.  Never sends a byte that its ETag does not stand for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/camera_private.h"
#include "camera/range.h"
#include "io/digest.h"
#include "io/wire.h"

#define HEADERS 8
#define HASH_BLOCK (1024 * 1024)

void
camera_files_list(struct camera *c, struct httpd_request *rq)
{
	struct jdoc *j = jdoc_object(), *list = jdoc_array();

	for (int i = 0; i < store_count(c->store); i++)
		jdoc_set(list, NULL, wire_file(store_at(c->store, i)));
	jdoc_set(j, "recordings", list);
	camera_reply_json(rq, 200, j, NULL);
}

static const struct node_file *
find_or_404(struct camera *c, struct httpd_request *rq, const char *id)
{
	const struct node_file *f = store_find(c->store, id);

	if (f == NULL)
		camera_reply_error(rq, 404, "", "not_found", "This node has no recording of that id; see /recordings.", NULL);
	return f;
}

void
camera_files_one(struct camera *c, struct httpd_request *rq, const char *id)
{
	const struct node_file *f = find_or_404(c, rq, id);

	if (f != NULL)
		camera_reply_json(rq, 200, wire_file(f), NULL);
}

struct file_head {
	char etag[72], digest[64], range[80], disposition[MAX_NAME_BYTES + 32];
	struct httpd_extra extra[HEADERS];
	int count;
};

static void
head_add(struct file_head *h, const char *name, const char *value)
{
	h->extra[h->count++] = (struct httpd_extra){ name, value };
	h->extra[h->count] = (struct httpd_extra){ NULL, NULL };
}

static void
head_init(struct file_head *h, const struct node_file *f)
{
	char base64[45];

	memset(h, 0, sizeof *h);
	head_add(h, "Accept-Ranges", "bytes");
	snprintf(h->disposition, sizeof h->disposition, "attachment; filename=\"%.250s\"", f->file_name);
	if (strpbrk(f->file_name, "\"\\") == NULL)
		head_add(h, "Content-Disposition", h->disposition);
	if (f->sha256[0] == '\0')
		return;
	snprintf(h->etag, sizeof h->etag, "\"%s\"", f->sha256);
	head_add(h, "ETag", h->etag);
	digest_base64(f->sha256, base64);
	snprintf(h->digest, sizeof h->digest, "sha-256=:%s:", base64);
	head_add(h, "Repr-Digest", h->digest);
}

static void
send_part(struct httpd_request *rq, const struct node_file *f, struct file_head *h, int fd, uint64_t size)
{
	const char *wanted = httpd_header(rq, "Range");
	struct range part;
	enum range_kind kind;

	if (!range_is_current(httpd_header(rq, "If-Range"), h->etag))
		wanted = NULL;
	kind = range_read(&part, wanted, size);
	if (kind == RANGE_NONE) {
		close(fd);
		snprintf(h->range, sizeof h->range, "bytes */%llu", (unsigned long long)size);
		head_add(h, "Content-Range", h->range);
		camera_reply_error(rq, 416, "", "out_of_range", "The file has no bytes in that range.", h->extra);
		return;
	}
	if (kind == RANGE_PART) {
		snprintf(h->range, sizeof h->range, "bytes %llu-%llu/%llu", (unsigned long long)part.from,
		    (unsigned long long)(part.from + part.len - 1), (unsigned long long)size);
		head_add(h, "Content-Range", h->range);
	}
	httpd_reply_file(rq, kind == RANGE_PART ? 206 : 200, f->content_type, fd, part.from, part.len, h->extra);
}

void
camera_files_send(struct camera *c, struct httpd_request *rq, const char *id)
{
	const struct node_file *f = find_or_404(c, rq, id);
	char path[STORE_PATH];
	struct file_head h;
	struct stat st;
	int fd;

	if (f == NULL)
		return;
	head_init(&h, f);
	if (range_is_known(httpd_header(rq, "If-None-Match"), h.etag)) {
		httpd_reply(rq, 304, NULL, "", 0, h.extra);
		return;
	}
	store_path(store_folder(c->store), id, "mp4", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size != f->bytes) {
		if (fd >= 0)
			close(fd);
		camera_reply_error(rq, 404, "", "not_found", "The file of this recording is gone from the device, or was changed there.", NULL);
		return;
	}
	send_part(rq, f, &h, fd, (uint64_t)st.st_size);
}

/* ---- hashes that a crash left unknown ---- */

struct hashing {
	struct camera *c;
	char folder[STORE_PATH];
	struct node_file file;
	struct err trouble;
};

/* False when the node ends before it is done: a long file must not hold that up. */
static bool
hash_fd(struct hashing *job, int fd)
{
	struct digest *d = digest_new();
	char *block = xmalloc(HASH_BLOCK);
	ssize_t got = 1;

	while (!atomic_load(&job->c->is_hurrying) && (got = read(fd, block, HASH_BLOCK)) > 0)
		digest_add(d, block, (size_t)got);
	digest_hex(d, job->file.sha256);
	digest_free(d);
	free(block);
	if (got == 0)
		return true;
	return err_set(&job->trouble, ERR_DISK, got < 0 ? "cannot be read" : "not hashed: the node ends");
}

static void
hashing_run(void *arg)
{
	struct hashing *job = arg;
	char path[STORE_PATH];
	int fd;

	store_path(job->folder, job->file.id, "mp4", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err_errno(&job->trouble, ERR_DISK, errno, "cannot open %s", path);
	else if (hash_fd(job, fd))
		store_write(job->folder, &job->file, &job->trouble);
	if (fd >= 0)
		close(fd);
	if (job->trouble.kind != ERR_NONE)
		log_line(LOG_DISK, "%s: %s", job->file.id, job->trouble.text);
}

static void
hashing_done(void *arg)
{
	struct hashing *job = arg;
	struct camera *c = job->c;

	c->pool_jobs--;
	if (job->trouble.kind == ERR_NONE && store_find(c->store, job->file.id) != NULL) {
		store_put(c->store, &job->file);
		if (!c->is_dead)
			ssehub_say(c->hub, "saved", true, wire_file(&job->file));
	}
	camera_files_hash_next(c, job->file.id);	/* one that cannot be read must not hold up the rest */
	free(job);
	camera_check_closed(c);
}

void
camera_files_hash_next(struct camera *c, const char *after)
{
	const struct node_file *f = NULL;
	struct hashing *job;
	bool is_after = after[0] == '\0';

	for (int i = 0; i < store_count(c->store) && f == NULL; i++) {
		const struct node_file *at = store_at(c->store, i);

		if (is_after && at->sha256[0] == '\0')
			f = at;
		is_after = is_after || strcmp(at->id, after) == 0;
	}
	if (f == NULL || c->is_closing || c->is_dead)
		return;
	job = xcalloc(1, sizeof *job);
	job->c = c;
	job->file = *f;
	str_copy(job->folder, sizeof job->folder, store_folder(c->store));
	c->pool_jobs++;
	loop_work(c->loop, hashing_run, hashing_done, job);
}
