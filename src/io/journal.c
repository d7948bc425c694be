/*
 * journal.c - one sidecar: JSON Lines numbered from 1 without a hole, added to and never changed.
 * Owns the numbering and the repair of a torn tail.  Never drops a byte silently: a bad tail is moved aside.
 */
#include "io/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"

#define READ_STEP (256 * 1024)
#define LINE_HEAD 256
#define PARSED_TAIL (8 * 1024 * 1024)	/* at opening: of what stands before, only the frame of each line is looked at */

struct journal {
	struct diskq *queue;
	struct diskq_file *file;
	char *name;			/* "cuts" */
	const struct clk *clk;
	int64_t run_mono_ns, seq;
	enum journal_kind kind;
};

/* ---- Reading ---- */

typedef void journal_line_fn(void *arg, int64_t seq, const struct jdoc *line);

struct journal_scan {
	struct buf pending;		/* the beginning of a line */
	int64_t seq, good_end;		/* of the last good line */
	int64_t parse_from;		/* lines that end before it need not be parsed */
	bool is_bad;			/* a line is, and what follows was not looked at */
	journal_line_fn *fn;
	void *arg;
};

/* As we write it: begins with its number, ends with its brace, and no page of zeros is in it. */
static bool
has_frame(const char *text, size_t len, int64_t seq)
{
	char head[48];
	size_t head_len = (size_t)snprintf(head, sizeof head, "{\"seq\":%" PRId64 ",\"timeUs\":", seq);

	return len > head_len && memcmp(text, head, head_len) == 0 && text[len - 1] == '}' && memchr(text, '\0', len) == NULL;
}

/* A line is good when it is an object that carries on the count. */
static bool
scan_line(struct journal_scan *s, const char *text, size_t len)
{
	struct jdoc *line;
	bool good;

	if (s->good_end + (int64_t)len < s->parse_from && has_frame(text, len, s->seq + 1)) {
		s->seq++;
		s->good_end += (int64_t)len + 1;
		return true;
	}
	line = jdoc_parse(text, len, MAX_JOURNAL_LINE, NULL);
	good = line != NULL && jdoc_is_object(line) && jdoc_int(line, "seq", -1) == s->seq + 1
	    && jdoc_text(line, "type", NULL) != NULL;

	if (good) {
		s->seq++;
		s->good_end += (int64_t)len + 1;
		if (s->fn != NULL)
			s->fn(s->arg, s->seq, line);
	}
	jdoc_free(line);
	return good;
}

/* False at the first bad line: what follows is not looked at. */
static bool
scan_bytes(struct journal_scan *s, const char *bytes, size_t len)
{
	const char *end;

	while ((end = memchr(bytes, '\n', len)) != NULL) {
		size_t part = (size_t)(end - bytes);
		bool good;

		if (s->pending.len == 0) {
			good = scan_line(s, bytes, part);
		} else {
			good = buf_add(&s->pending, bytes, part) && scan_line(s, s->pending.data, s->pending.len);
			buf_clear(&s->pending);
		}
		if (!good)
			return false;
		bytes += part + 1;
		len -= part + 1;
	}
	return buf_add(&s->pending, bytes, len);
}

/* Ends at the end of the file or at the first bad line; false only when the disk fails. */
static bool
scan_file(struct journal_scan *s, int fd)
{
	char *step = xmalloc(READ_STEP);
	ssize_t n;

	buf_init(&s->pending, MAX_JOURNAL_LINE);
	while ((n = read(fd, step, READ_STEP)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n >= 0)
			s->is_bad = !scan_bytes(s, step, (size_t)n);
		if (n < 0 || s->is_bad)
			break;
	}
	buf_fini(&s->pending);
	free(step);
	return n >= 0;
}

bool
journal_read(const char *path, journal_line_fn *fn, void *arg, struct err *e)
{
	struct journal_scan scan = { .fn = fn, .arg = arg };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);		/* a pipe of that name would be waited for */
	bool ok;

	if (fd < 0)
		return err_errno(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_DISK, errno, "cannot read %s", path);
	ok = scan_file(&scan, fd);
	if (!ok)
		err_errno(e, ERR_DISK, errno, "cannot read %s", path);
	close(fd);
	return ok;
}

bool
journal_is_damaged(const char *path)
{
	struct journal_scan scan = { .fn = NULL };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ok = fd < 0 || scan_file(&scan, fd);

	if (fd >= 0)
		close(fd);
	return !ok || scan.is_bad;
}

/* ---- Repair ---- */

static int
torn_create(const char *path, char *torn_path, size_t size)
{
	int fd = -1;

	for (int n = 1; n < 10000 && fd < 0; n++) {
		snprintf(torn_path, size, "%s.torn-%d", path, n);
		fd = open(torn_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

static bool
torn_copy(int from, int64_t offset, int to)
{
	char bytes[8192];
	ssize_t n;

	while ((n = pread(from, bytes, sizeof bytes, (off_t)offset)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || write(to, bytes, (size_t)n) != n)
			return false;
		offset += n;
	}
	return fdatasync(to) == 0;
}

static void
folder_sync(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
}

/* The tail is safe in its own file before it leaves the journal. */
static bool
torn_move(int fd, const char *folder, const char *path, const struct journal_scan *scan, char *torn, size_t torn_size, struct err *e)
{
	char torn_path[4096];
	int to = torn_create(path, torn_path, sizeof torn_path);
	struct stat st;
	bool ok;

	ok = to >= 0 && torn_copy(fd, scan->good_end, to) && fstat(to, &st) == 0;
	if (ok) {
		folder_sync(folder);
		ok = ftruncate(fd, (off_t)scan->good_end) == 0 && fdatasync(fd) == 0;
	}
	if (!ok)
		err_errno(e, ERR_DISK, errno, "cannot repair %s", path);
	else
		snprintf(torn, torn_size, "%s was damaged after line %" PRId64 ": %" PRId64 " bytes moved to %s", path, scan->seq,
		    (int64_t)st.st_size, torn_path);
	if (to >= 0)
		close(to);
	return ok;
}

/* ---- Writing ---- */

/* Checks the whole file and leaves it ending in a good line. */
static bool
journal_check(int fd, const char *folder, const char *path, int64_t *seq, char *torn, size_t torn_size, struct err *e)
{
	struct journal_scan scan = { 0 };
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_errno(e, ERR_DISK, errno, "cannot read %s", path);
	scan.parse_from = (int64_t)st.st_size - PARSED_TAIL;
	if (!scan_file(&scan, fd))
		return err_errno(e, ERR_DISK, errno, "cannot read %s", path);
	*seq = scan.seq;
	if ((int64_t)st.st_size == scan.good_end)
		return true;
	return torn_move(fd, folder, path, &scan, torn, torn_size, e);
}

static int
journal_open_file(const char *folder, const char *path, int64_t *seq, char *torn, size_t torn_size, struct err *e)
{
	/* A link would lead out of the folder, to a file that is none of ours; a pipe would hold us up. */
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666), why = errno;
	struct stat st;

	if (fd >= 0 ? fstat(fd, &st) == 0 && !S_ISREG(st.st_mode) : why == ELOOP) {
		err_set(e, ERR_DISK, "%s is no plain file: move it away", path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (fd < 0) {
		err_errno(e, ERR_DISK, why, "cannot open %s", path);
		return -1;
	}
	if (!journal_check(fd, folder, path, seq, torn, torn_size, e)) {
		close(fd);
		return -1;
	}
	folder_sync(folder);
	return fd;
}

struct journal *
journal_open(struct diskq *q, const char *folder, const char *name, const char *run, const struct clk *clk,
    int64_t run_mono_ns, enum journal_kind kind, char *torn, size_t torn_size, struct err *e)
{
	char *path = xasprintf("%s/%s.jsonl", folder, name);
	struct jdoc *line;
	struct journal *j;
	int64_t seq = 0;
	int fd;

	if (torn_size > 0)
		torn[0] = '\0';
	fd = journal_open_file(folder, path, &seq, torn, torn_size, e);
	free(path);
	if (fd < 0)
		return NULL;
	j = xcalloc(1, sizeof *j);
	*j = (struct journal){ .queue = q, .file = diskq_open(q, fd, kind == JOURNAL_URGENT), .name = xstrdup(name), .clk = clk, .run_mono_ns = run_mono_ns,
	    .seq = seq, .kind = kind };
	line = jdoc_object();
	jdoc_set_text(line, "run", run);
	journal_add(j, "open", 0, line, NULL, NULL);
	return j;
}

void
journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	diskq_close(j->queue, j->file);
	free(j->name);
	free(j);
}

/* The same instant on the monotonic clock of the run; what was before the run is at its start. */
static int64_t
line_mono_ns(const struct journal *j, int64_t time_us, int64_t now_us)
{
	int64_t now_ns = clk_mono_ns(j->clk) - j->run_mono_ns;

	if (time_us < now_us - now_ns / 1000)
		return 0;
	if (time_us > now_us + (INT64_MAX - now_ns) / 1000)	/* a node may tell any number */
		return INT64_MAX;
	return now_ns + (time_us - now_us) * 1000;
}

/* The head that every line has; the members of the line itself follow.  Returns its length. */
static size_t
line_head(const struct journal *j, char *out, size_t out_size, const char *type, int64_t time_us)
{
	int64_t now_us = clk_utc_us(j->clk), at_us = time_us != 0 ? time_us : now_us;
	char word[128];

	str_json(word, sizeof word, type);
	return (size_t)snprintf(out, out_size, "{\"seq\":%" PRId64 ",\"timeUs\":%" PRId64 ",\"monoNs\":%" PRId64 ",\"type\":%s", j->seq,
	    at_us, line_mono_ns(j, at_us, now_us), word);
}

static int64_t
journal_put(struct journal *j, const char *type, int64_t time_us, const char *members, enum diskq_when when, diskq_done_fn *done, void *arg)
{
	char head[LINE_HEAD], omitted[64], *line;
	size_t len = strlen(members), head_len;

	j->seq++;
	head_len = line_head(j, head, sizeof head, type, time_us);
	XASSERT(head_len < sizeof head);
	if (len + sizeof head + 4 > MAX_JOURNAL_LINE) {		/* our own lines never come near; the count must go on */
		len = (size_t)snprintf(omitted, sizeof omitted, "\"omittedBytes\":%zu", len);
		members = omitted;
	}
	line = xmalloc(head_len + len + 4);
	memcpy(line, head, head_len);
	if (len > 0)
		line[head_len++] = ',';
	memcpy(line + head_len, members, len);
	memcpy(line + head_len + len, "}\n", 3);
	diskq_give(j->queue, j->file, line, head_len + len + 2, when, done, arg);
	return j->seq;
}

/* A line's members without the braces around them. */
static int64_t
journal_put_line(struct journal *j, const char *type, int64_t time_us, struct jdoc *line, enum diskq_when when, diskq_done_fn *done, void *arg)
{
	char *text = line != NULL ? jdoc_print(line) : xstrdup("{}");
	int64_t seq;

	text[strlen(text) - 1] = '\0';
	seq = journal_put(j, type, time_us, text + 1, when, done, arg);
	free(text);
	jdoc_free(line);
	return seq;
}

static enum diskq_when
journal_later(const struct journal *j)
{
	return j->kind == JOURNAL_FLOOD ? DISKQ_GATHERED : DISKQ_SOON;
}

int64_t
journal_add(struct journal *j, const char *type, int64_t time_us, struct jdoc *line, diskq_done_fn *done, void *arg)
{
	return journal_put_line(j, type, time_us, line, done != NULL ? DISKQ_NOW : journal_later(j), done, arg);
}

int64_t
journal_note(struct journal *j, const char *type, int64_t time_us, struct jdoc *line, diskq_done_fn *done, void *arg)
{
	return journal_put_line(j, type, time_us, line, journal_later(j), done, arg);
}

int64_t
journal_note_text(struct journal *j, const char *type, int64_t time_us, const char *members, diskq_done_fn *done, void *arg)
{
	return journal_put(j, type, time_us, members, journal_later(j), done, arg);
}
