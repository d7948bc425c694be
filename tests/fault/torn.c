/*
 * torn.c - a writer is killed at random instants, many times, on the same journals (an urgent one, one of the rest, one that
 * is flooded): no line whose flush was told is lost, none that was told as written either, the counts have no hole, a
 * file replaced meanwhile is whole, and a torn tail is moved aside, byte for byte.
 * TAP.  Usage: torn [ROUNDS [SEED]]
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/clk.h"
#include "io/diskq.h"
#include "io/journal.h"
#include "io/loop_uv.h"
#include "support/scratch.h"

#define RUN "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8"
#define IN_FLIGHT 8

/* ---- The writer: tells each acknowledged line and replacement through a pipe until it is killed ---- */

enum what { CUTS, MARKERS, FLOODED, JOURNALS, REPLACED = JOURNALS, WHATS };

static const char *const journal_names[JOURNALS] = { "cuts", "markers", "pose" };
static const enum journal_kind journal_kinds[JOURNALS] = { JOURNAL_URGENT, JOURNAL_DURABLE, JOURNAL_FLOOD };

struct ack {
	int64_t what, number;
};

struct writer {
	struct diskq *queue;
	struct journal *journals[JOURNALS];
	const char *folder;
	int pipe;
	int64_t replaced;
};

struct owed {
	struct writer *w;
	struct ack ack;
};

static void writer_line(struct writer *w, enum what what);
static void writer_replace(struct writer *w);

static void
writer_told(void *arg, const struct err *e)
{
	struct owed *owed = arg;

	if (e->kind != ERR_NONE || write(owed->w->pipe, &owed->ack, sizeof owed->ack) != sizeof owed->ack)
		_exit(3);
	if (owed->ack.what == REPLACED)
		writer_replace(owed->w);
	else
		writer_line(owed->w, (enum what)owed->ack.what);
	free(owed);
}

static struct owed *
owed_new(struct writer *w, enum what what, int64_t number)
{
	struct owed *owed = calloc(1, sizeof *owed);

	owed->w = w;
	owed->ack.what = what;
	owed->ack.number = number;
	return owed;
}

/* With each, one that nobody waits for and one of a flood. */
static void
writer_line(struct writer *w, enum what what)
{
	static const char filler[] = "a line of the length that a cut or a command has, more or less, so that pages are crossed";
	struct jdoc *line = jdoc_object();
	struct owed *owed = owed_new(w, what, 0);

	jdoc_set_text(line, "text", filler + rand() % 60);
	owed->ack.number = journal_add(w->journals[what], "note", 0, line, writer_told, owed);
	journal_note(w->journals[MARKERS], "note", 0, jdoc_object(), NULL, NULL);
	journal_note_text(w->journals[FLOODED], "pose", 0, "\"motion\":0.5", NULL, NULL);
}

static void
writer_replace(struct writer *w)
{
	char text[128];
	int len = snprintf(text, sizeof text, "{\"version\":%" PRId64 ",\"end\":true}", ++w->replaced);

	diskq_replace(w->queue, scratch_path(w->folder, "take.json"), text, (size_t)len, writer_told, owed_new(w, REPLACED, w->replaced));
}

static int64_t
replaced_version(const char *folder)
{
	struct jdoc *j = jdoc_load(scratch_path(folder, "take.json"), 4096, NULL);
	int64_t version = jdoc_bool(j, "end", false) ? jdoc_int(j, "version", -1) : -1;

	jdoc_free(j);
	return version;
}

static _Noreturn void
writer_main(const char *folder, int pipe, int64_t replaced)
{
	struct loop *loop = loop_uv_new(1);
	struct writer w = { .queue = diskq_new(loop), .folder = folder, .pipe = pipe, .replaced = replaced };
	char torn[320];
	struct err e = { 0 };

	for (int i = 0; i < JOURNALS; i++) {
		w.journals[i] = journal_open(w.queue, folder, journal_names[i], RUN, clk_system(), clk_mono_ns(clk_system()), journal_kinds[i],
		    torn, sizeof torn, &e);
		if (w.journals[i] == NULL)
			_exit(4);
	}
	for (int i = 0; i < IN_FLIGHT; i++)
		writer_line(&w, i % 2 == 0 ? CUTS : MARKERS);
	writer_replace(&w);
	loop_run(loop);
	_exit(5);
}

/* ---- The one who kills and counts ---- */

struct round {
	int64_t acked[WHATS], acks;
	bool killed;			/* by us, not ended by a mistake of its own */
};

/* False at the end of the pipe. */
static bool
hear_ack(struct round *r, int pipe)
{
	struct ack ack;
	ssize_t n;

	do
		n = read(pipe, &ack, sizeof ack);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof ack)
		return false;
	r->acks++;
	r->acked[ack.what] = ack.number;
	return true;
}

/* Mostly at work, now and then while it opens the journal. */
static struct round
run_and_kill(const char *folder, int64_t replaced, bool is_at_work)
{
	struct round r = { .acked = { [REPLACED] = replaced } };
	struct timespec life = { 0, (long)(rand() % 20000000) };
	int ends[2], status;
	pid_t pid;

	if (pipe(ends) != 0 || (pid = fork()) < 0)
		abort();
	if (pid == 0) {
		close(ends[0]);
		srand((unsigned)getpid());
		writer_main(folder, ends[1], replaced);
	}
	close(ends[1]);
	if (is_at_work)
		(void)hear_ack(&r, ends[0]);
	nanosleep(&life, NULL);
	kill(pid, SIGKILL);
	while (hear_ack(&r, ends[0]))	/* what it had told is still in the pipe */
		;
	close(ends[0]);
	waitpid(pid, &status, 0);
	r.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	return r;
}

static void
count_line(void *arg, int64_t seq, const struct jdoc *line)
{
	int64_t *last = arg;

	(void)line;
	*last = seq == *last + 1 ? seq : INT64_MIN;
}

static int64_t
lines_on_disk(const char *folder, enum what what)
{
	int64_t last = 0;
	struct err e = { 0 };
	char name[32];

	snprintf(name, sizeof name, "%s.jsonl", journal_names[what]);
	if (scratch_exists(scratch_path(folder, name)))
		(void)journal_read(scratch_path(folder, name), count_line, &last, &e);
	return last;
}

/* What a power cut leaves: the page's blocks are there, some of the bytes are not. */
static size_t
tear(const char *folder, char *bytes)
{
	static const char half[] = "{\"seq\":4,\"timeUs\":17637120";
	size_t len = 1 + (size_t)rand() % 900;

	memset(bytes, rand() % 2 != 0 ? 0 : 'x', len);
	if (rand() % 2 != 0)
		memcpy(bytes, half, len < sizeof half - 1 ? len : sizeof half - 1);
	scratch_add(scratch_path(folder, "cuts.jsonl"), bytes, len);
	return len;
}

static bool
torn_has(const char *folder, int number, const char *bytes, size_t len)
{
	char name[64], got[1024];
	int fd;
	ssize_t n;

	snprintf(name, sizeof name, "cuts.jsonl.torn-%d", number);
	fd = open(scratch_path(folder, name), O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? read(fd, got, sizeof got) : -1;
	if (fd >= 0)
		close(fd);
	return n == (ssize_t)len && memcmp(got, bytes, len) == 0;
}

/* Opens and closes the journal as the next run would. */
static bool
reopen(const char *folder)
{
	struct loop *loop = loop_uv_new(1);
	struct diskq *q = diskq_new(loop);
	char torn[320];
	struct err e = { 0 };
	struct journal *j = journal_open(q, folder, "cuts", RUN, clk_system(), clk_mono_ns(clk_system()), true, torn, sizeof torn, &e);
	bool said = j != NULL && torn[0] != '\0';

	journal_close(j);
	diskq_free(q);
	loop_free(loop);
	return said;
}

struct tally {
	int lost, holes, halves, not_killed, tails, tails_kept;
	int64_t acks;
};

static void
judge(struct tally *t, const char *folder, const struct round *r)
{
	t->acks += r->acks;
	t->not_killed += !r->killed;
	t->halves += replaced_version(folder) < r->acked[REPLACED];
	for (int i = 0; i < JOURNALS; i++) {
		int64_t lines = lines_on_disk(folder, (enum what)i);

		t->holes += lines < 0;
		t->lost += r->acked[i] > lines;
	}
}

static void
tear_and_mend(struct tally *t, const char *folder)
{
	char bytes[1024];
	size_t len;

	reopen(folder);			/* ends in a good line, whatever the kill left */
	for (int n = 1; n < 10000; n++) {
		char name[64];

		snprintf(name, sizeof name, "cuts.jsonl.torn-%d", n);
		if (scratch_exists(scratch_path(folder, name)))
			continue;
		len = tear(folder, bytes);
		t->tails++;
		t->tails_kept += reopen(folder) && torn_has(folder, n, bytes, len);
		return;
	}
}

static bool
ok(int number, bool good, const char *what)
{
	printf("%s %d - %s\n", good ? "ok" : "not ok", number, what);
	return good;
}

int
main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 60;
	unsigned seed = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : (unsigned)time(NULL);
	struct tally t = { 0 };
	char *folder = scratch_new();
	bool good = true;

	srand(seed);
	scratch_write(scratch_path(folder, "take.json"), "{\"version\":0,\"end\":true}");
	printf("1..6\n# seed %u\n", seed);
	fflush(stdout);
	for (int i = 0; i < rounds; i++) {
		struct round r = run_and_kill(folder, replaced_version(folder), i % 4 != 0);

		judge(&t, folder, &r);
		if (i % 4 == 3)
			tear_and_mend(&t, folder);
	}
	printf("# %d kills, %" PRId64 " acknowledgements, %" PRId64 " lines, %d torn tails\n", rounds, t.acks, lines_on_disk(folder, CUTS) + lines_on_disk(folder, MARKERS), t.tails);
	good &= ok(1, t.lost == 0, "no acknowledged line is lost");
	good &= ok(2, t.holes == 0, "the counts have no hole, the flood's neither");
	good &= ok(3, t.halves == 0, "a replaced file is whole and as new as was told");
	good &= ok(4, t.tails > 0 && t.tails_kept == t.tails, "a torn tail is moved aside byte for byte");
	good &= ok(5, t.not_killed == 0, "no writer ended by itself");
	good &= ok(6, t.acks >= rounds / 2, "writers were killed at work");
	scratch_free(folder);
	return good ? 0 : 1;
}
