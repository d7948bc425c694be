/*
 * bench_appends.c - durable appends: the journal beside a bare write() + fdatasync() and SQLite (WAL, synchronous=FULL), line
 * by line in turn, at one pace, in one folder.  What is timed: from the call on the loop's thread to the answer on it.
 *	bench_appends [-n LINES] [-e EVERY_MS] FOLDER
 * Prints medians and ratios; asserts nothing.  SQLite is opened at run time: without it its row is left out.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "base/clk.h"
#include "base/xalloc.h"
#include "io/journal.h"
#include "io/loop_uv.h"
#include "io/wire.h"

#define RUN "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8"
#define LINE_BYTES 200
#define JOINT "[0.512,0.243,0.98]"
#define JOINTS JOINT "," JOINT "," JOINT "," JOINT
#define POSE "{\"timeUs\":1763712000000000,\"people\":[{\"confidence\":0.93,\"coverage\":0.31,\"box\":[0.1,0.2,0.3,0.4]," \
	"\"joints\":[" JOINTS "," JOINTS "," JOINTS "," JOINTS "," JOINT "]}],\"motion\":0.42}"

enum kind { BARE, JOURNAL, SQLITE, BARE_TWO, TWO_JOURNALS, KINDS };

struct sqlite {			/* by its C interface, found at run time */
	void *library, *db, *insert;
	int (*open)(const char *, void **);
	int (*exec)(void *, const char *, void *, void *, char **);
	int (*prepare)(void *, const char *, int, void **, const char **);
	int (*bind)(void *, int, const char *, int, void (*)(void *));
	int (*step)(void *), (*reset)(void *), (*finalize)(void *), (*close)(void *);
};

struct bench {
	int lines, every_ms;
	const char *folder;
	struct loop *loop;
	struct diskq *queue;
	struct journal *cuts, *markers;
	struct sqlite sqlite;
	int fd[2];
	struct loop_timer *timer;
	enum kind kind;			/* of the line at hand */
	int count, open;
	int64_t begun_ns;
	int64_t *took_ns[KINDS], *writer_ns;
};

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static double
cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int
by_value(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double
percentile_us(int64_t *v, int n, int percent)
{
	qsort(v, (size_t)n, sizeof *v, by_value);
	return (double)v[n * percent / 100] / 1e3;
}

static char *
in_folder(const struct bench *b, const char *name)
{
	return xasprintf("%s/%s", b->folder, name);
}

/* ---- The peers ---- */

static void
bare_open(struct bench *b)
{
	static const char *const names[] = { "bare", "bare2" };

	for (int f = 0; f < 2; f++) {
		char *path = in_folder(b, names[f]);

		b->fd[f] = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
		free(path);
	}
}

/* The unavoidable: files 1, or 2 with a flush each in turn. */
static void
bare_line(const struct bench *b, int files)
{
	char line[LINE_BYTES];

	memset(line, 'x', sizeof line);
	line[LINE_BYTES - 1] = '\n';
	for (int f = 0; f < files; f++)
		if (write(b->fd[f], line, sizeof line) != (ssize_t)sizeof line)
			abort();
	for (int f = 0; f < files; f++)
		if (fdatasync(b->fd[f]) != 0)
			abort();
}

static bool
sqlite_find(struct sqlite *s)
{
	s->library = dlopen("libsqlite3.so.0", RTLD_NOW);
	if (s->library == NULL)
		return false;
	*(void **)&s->open = dlsym(s->library, "sqlite3_open");
	*(void **)&s->exec = dlsym(s->library, "sqlite3_exec");
	*(void **)&s->prepare = dlsym(s->library, "sqlite3_prepare_v2");
	*(void **)&s->bind = dlsym(s->library, "sqlite3_bind_text");
	*(void **)&s->step = dlsym(s->library, "sqlite3_step");
	*(void **)&s->reset = dlsym(s->library, "sqlite3_reset");
	*(void **)&s->finalize = dlsym(s->library, "sqlite3_finalize");
	*(void **)&s->close = dlsym(s->library, "sqlite3_close");
	return s->open != NULL && s->exec != NULL && s->prepare != NULL && s->bind != NULL && s->step != NULL && s->reset != NULL &&
	    s->finalize != NULL && s->close != NULL;
}

static void
sqlite_open(struct bench *b)
{
	struct sqlite *s = &b->sqlite;
	char *path = in_folder(b, "sqlite");

	if (!sqlite_find(s) || s->open(path, &s->db) != 0) {
		s->library = NULL;
	} else {
		s->exec(s->db, "pragma journal_mode=wal;pragma synchronous=full;create table if not exists t(id integer primary key,l text)",
		    NULL, NULL, NULL);
		s->prepare(s->db, "insert into t(l) values(?)", -1, &s->insert, NULL);
	}
	free(path);
}

static void
sqlite_line(const struct sqlite *s)
{
	char line[LINE_BYTES + 1];

	memset(line, 'x', LINE_BYTES);
	line[LINE_BYTES] = '\0';
	s->bind(s->insert, 1, line, LINE_BYTES, NULL);
	if (s->step(s->insert) != 101)		/* SQLITE_DONE */
		abort();
	s->reset(s->insert);
}

static void
peers_close(struct bench *b)
{
	for (int f = 0; f < 2; f++)
		close(b->fd[f]);
	if (b->sqlite.library == NULL)
		return;
	b->sqlite.finalize(b->sqlite.insert);
	b->sqlite.close(b->sqlite.db);
}

/* ---- Each in its turn, at one pace, from one loop ---- */

static void
line_over(struct bench *b)
{
	b->took_ns[b->kind][b->count] = now_ns() - b->begun_ns;
	if (++b->kind == KINDS) {
		b->kind = BARE;
		b->count++;
	}
	if (b->count == b->lines)
		loop_stop(b->loop);
	else
		loop_timer_start(b->loop, b->timer, b->every_ms * 1000, 0);
}

static void
line_told(void *arg, const struct err *e)
{
	struct bench *b = arg;
	struct diskq_stats stats;

	if (e->kind != ERR_NONE)
		abort();
	if (--b->open > 0)
		return;
	diskq_stats(b->queue, &stats);
	if (b->kind == JOURNAL)
		b->writer_ns[b->count] = stats.write_flush_ns;
	line_over(b);
}

static void
line_journal(struct bench *b, struct journal *j)
{
	struct jdoc *line = jdoc_object();

	jdoc_set_text(line, "text", "a line that, with its head, is as long as the bare one, give or take a few bytes: it is a cut "
	    "from one to another");
	b->open++;
	journal_add(j, "note", 0, line, line_told, b);
}

static void
line_begin(void *arg)
{
	struct bench *b = arg;

	b->begun_ns = now_ns();
	switch (b->kind) {
	case TWO_JOURNALS:
		b->open = 0;
		line_journal(b, b->cuts);
		line_journal(b, b->markers);
		return;
	case JOURNAL:
		b->open = 0;
		line_journal(b, b->cuts);
		return;
	case SQLITE:
		if (b->sqlite.library != NULL)
			sqlite_line(&b->sqlite);
		break;
	default:
		bare_line(b, b->kind == BARE ? 1 : 2);
	}
	line_over(b);
}

static struct journal *
open_journal(struct bench *b, const char *name, enum journal_kind kind)
{
	char torn[320];
	struct err e = { 0 };
	struct journal *j = journal_open(b->queue, b->folder, name, RUN, clk_system(), clk_mono_ns(clk_system()), kind, torn, sizeof torn, &e);

	if (j == NULL) {
		fprintf(stderr, "bench_appends: %s\n", e.text);
		exit(4);
	}
	return j;
}

static void
print_row(const char *name, int64_t *v, int n)
{
	printf("  %-38s %6.0f %6.0f %6.0f %6.0f\n", name, percentile_us(v, n, 10), percentile_us(v, n, 50), percentile_us(v, n, 90),
	    percentile_us(v, n, 99));
}

static void
compare(struct bench *b)
{
	double bare, one;

	loop_timer_start(b->loop, b->timer, b->every_ms * 1000, 0);
	loop_run(b->loop);
	printf("Lines of %d bytes, %d of each kind in turn, one every %d ms\n  %-38s %6s %6s %6s %6s\n", LINE_BYTES, b->lines, b->every_ms,
	    "us a line", "p10", "p50", "p90", "p99");
	print_row("bare write + fdatasync", b->took_ns[BARE], b->lines);
	print_row("journal, in the writer", b->writer_ns, b->lines);
	print_row("journal, as the loop sees it", b->took_ns[JOURNAL], b->lines);
	if (b->sqlite.library != NULL)
		print_row("SQLite WAL, synchronous=FULL", b->took_ns[SQLITE], b->lines);
	print_row("bare, two files, a flush each in turn", b->took_ns[BARE_TWO], b->lines);
	print_row("two journals, as the loop sees them", b->took_ns[TWO_JOURNALS], b->lines);
	bare = percentile_us(b->took_ns[BARE], b->lines, 50);
	one = percentile_us(b->took_ns[JOURNAL], b->lines, 50);
	printf("  writer / bare %.2f (goal 1.05), loop / bare %.2f (1.15)", percentile_us(b->writer_ns, b->lines, 50) / bare, one / bare);
	if (b->sqlite.library != NULL)
		printf(", loop / SQLite %.2f (below 1)", one / percentile_us(b->took_ns[SQLITE], b->lines, 50));
	printf(", two journals / one %.2f (2.3)\n", percentile_us(b->took_ns[TWO_JOURNALS], b->lines, 50) / one);
}

/* ---- A flood ---- */

struct flood {
	struct bench *b;
	struct journal *pose;
	int left;
	int64_t late_ns, due_ns;
};

/* From the event as it comes to the line as it is written. */
static void
pose_line(struct flood *f)
{
	static const char head[] = "\"node\":\"7d0c5a6e-0000-4000-8000-000000000001\",\"nodeUs\":1763712000000000,";
	struct node_event ev;
	struct err e;
	char members[2048];

	if (!wire_read_event(&ev, "pose", POSE, sizeof POSE - 1, &e))
		abort();
	snprintf(members, sizeof members, "%s%s", head, ev.pose_json);
	wire_event_fini(&ev);
	journal_note_text(f->pose, "pose", 0, members, NULL, NULL);
}

static void
flood_line(void *arg)
{
	struct flood *f = arg;
	int64_t late_ns = now_ns() - f->due_ns;

	f->due_ns += 2000000;
	if (late_ns > f->late_ns)
		f->late_ns = late_ns;
	pose_line(f);
	if (--f->left == 0)
		loop_stop(f->b->loop);
}

/* 500 lines a second for some seconds; the loop's own ticks cost as much without the lines. */
static double
flood_cpu(struct bench *b, struct journal *pose, int seconds, int64_t *late_ns)
{
	struct flood f = { .b = b, .pose = pose, .left = 500 * seconds };
	struct loop_timer *timer = loop_timer_new(b->loop, flood_line, &f);
	double before = cpu_s(), used;

	f.due_ns = now_ns() + 2000000;
	loop_timer_start(b->loop, timer, 2000, 2000);
	loop_run(b->loop);
	used = cpu_s() - before;
	loop_timer_free(b->loop, timer);
	*late_ns = f.late_ns;
	return used / seconds;
}

struct idle {
	struct bench *b;
	int left;
};

static void
idle_tick(void *arg)
{
	struct idle *idle = arg;

	if (--idle->left == 0)
		loop_stop(idle->b->loop);
}

static double
idle_cpu(struct bench *b, int seconds)
{
	struct idle idle = { .b = b, .left = 500 * seconds };
	struct loop_timer *timer = loop_timer_new(b->loop, idle_tick, &idle);
	double before = cpu_s(), used;

	loop_timer_start(b->loop, timer, 2000, 2000);
	loop_run(b->loop);
	used = cpu_s() - before;
	loop_timer_free(b->loop, timer);
	return used / seconds;
}

static void
flood(struct bench *b)
{
	struct journal *pose = open_journal(b, "pose", JOURNAL_FLOOD);
	struct diskq_stats before, after;
	int64_t late_ns;
	double idle = idle_cpu(b, 4), used;

	diskq_stats(b->queue, &before);
	used = flood_cpu(b, pose, 4, &late_ns);
	diskq_stats(b->queue, &after);
	printf("  500 poses a second, read, kept and written: %.2f %% of a core beside the timer that makes them, %.2f %% with it (goal 2); %" PRId64 " flushes for %"
	    PRId64 " lines; the timer at most %.1f ms late\n", (used - idle) * 100, used * 100, after.flushes - before.flushes,
	    after.lines - before.lines, (double)late_ns / 1e6);
	journal_close(pose);
}

static void
run(struct bench *b)
{
	for (int k = 0; k < KINDS; k++)
		b->took_ns[k] = xcalloc((size_t)b->lines, sizeof *b->took_ns[k]);
	b->writer_ns = xcalloc((size_t)b->lines, sizeof *b->writer_ns);
	b->loop = loop_uv_new(1);
	b->queue = diskq_new(b->loop);
	b->timer = loop_timer_new(b->loop, line_begin, b);
	b->cuts = open_journal(b, "cuts", JOURNAL_URGENT);
	b->markers = open_journal(b, "markers", JOURNAL_DURABLE);
	bare_open(b);
	sqlite_open(b);
	compare(b);
	flood(b);
	peers_close(b);
	loop_timer_free(b->loop, b->timer);
	journal_close(b->cuts);
	journal_close(b->markers);
	diskq_free(b->queue);
	loop_free(b->loop);
	for (int k = 0; k < KINDS; k++)
		free(b->took_ns[k]);
	free(b->writer_ns);
}

int
main(int argc, char **argv)
{
	struct bench b = { .lines = 300, .every_ms = 5 };
	int c;

	while ((c = getopt(argc, argv, "n:e:")) != -1) {
		if (c == 'n')
			b.lines = atoi(optarg);
		else if (c == 'e')
			b.every_ms = atoi(optarg);
	}
	if (optind + 1 != argc || b.lines < 1 || b.every_ms < 0) {
		fprintf(stderr, "usage: bench_appends [-n LINES] [-e EVERY_MS] FOLDER\n");
		return 2;
	}
	b.folder = argv[optind];
	run(&b);
	return 0;
}
