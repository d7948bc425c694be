/*
 * verify_journal.c - one journal replayed from its first line: the count, the times, the types, what refers to what.
 * Reads the bytes itself, since it must tell a torn end from a hole.  Never believes the journal's own repair.
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
#include "base/ceilings.h"
#include "base/xalloc.h"

#define CURE_TORN "open the folder once with livedirector: the tail is moved to a .torn file and the journal goes on"
#define CURE_EDITED "restore it from a copy: no program of ours writes so"
#define MOST_FINDINGS 20		/* of one journal: a broken one is broken in every line */
#define LATE_COMMAND_US 60000000LL	/* no command takes longer until it leaves its line */

struct replay {
	struct verify_journal *j;
	int64_t seq;
	int run;
	char run_id[40];
	int64_t *cuts;			/* seq of each cut so far */
	int cut_count;
	int findings;
};

const char *
verify_journals_name(int index)
{
	static const char *const names[] = { "cuts", "commands", "sources", "timebase", "markers", "camera", "health", "pose",
		"gesture", "evidence" };

	return index >= 0 && (size_t)index < sizeof names / sizeof names[0] ? names[index] : NULL;
}

int
verify_journals_count(void)
{
	int count = 0;

	while (verify_journals_name(count) != NULL)
		count++;
	return count;
}

static void
replay_says(struct replay *r, const char *cure, const char *what)
{
	char where[96];

	if (r->findings++ >= MOST_FINDINGS)
		return;
	snprintf(where, sizeof where, "sidecars/%s.jsonl:%" PRId64, r->j->name, r->seq);
	verify_problem(&r->j->found, where, cure, "%s", what);
}

/* ---- What a line refers to ---- */

static bool
is_cut(const struct replay *r, int64_t seq)
{
	int low = 0, high = r->cut_count;

	while (low < high) {
		int middle = low + (high - low) / 2;

		if (r->cuts[middle] < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->cut_count && r->cuts[low] == seq;
}

static void
replay_number(struct replay *r, const struct jdoc *line, int64_t n)
{
	struct verify_journal *j = r->j;
	struct verify_number *number;

	j->numbers = xreallocarray(j->numbers, (size_t)j->number_count + 1, sizeof *j->numbers);
	number = &j->numbers[j->number_count++];
	*number = (struct verify_number){ .n = n, .seq = r->seq, .time_us = jdoc_int(line, "timeUs", 0) };
	snprintf(number->run_id, sizeof number->run_id, "%s", r->run_id);
}

static void
replay_cut(struct replay *r, const struct jdoc *line)
{
	r->cuts = xreallocarray(r->cuts, (size_t)r->cut_count + 1, sizeof *r->cuts);
	r->cuts[r->cut_count++] = r->seq;
	replay_number(r, line, jdoc_int(line, "command", 0));
}

static void
replay_of(struct replay *r, const char *word, int64_t of)
{
	char what[128];

	if (is_cut(r, of))
		return;
	snprintf(what, sizeof what, "%s line %" PRId64 ", which is no cut before it", word, of);
	replay_says(r, CURE_EDITED, what);
}

static void
replay_strike(struct replay *r, const struct jdoc *line)
{
	const struct jdoc *of = jdoc_get(line, "of");

	for (size_t i = 0; i < jdoc_count(of); i++)
		replay_of(r, "strikes", jdoc_self_int(jdoc_at(of, i), 0));
}

static void
replay_command(struct replay *r, const struct jdoc *line)
{
	int64_t n = jdoc_int(line, "n", 0);

	if (n < 1)
		replay_says(r, CURE_EDITED, "has no number of a command");
	replay_number(r, line, n);
}

static void
replay_members(struct replay *r, const struct jdoc *line, const char *type)
{
	const char *shape = verify_line_shape(r->j->name, type);
	char why[96], what[160];

	if (shape == NULL) {
		snprintf(what, sizeof what, "has the type \"%.60s\", which this journal does not have", type);
		replay_says(r, "if a newer version wrote it, verify with that one", what);
	} else if (!jdoc_has(line, "omittedBytes") && !verify_shape(line, shape, why, sizeof why)) {
		snprintf(what, sizeof what, "a %s %s", type, why);
		replay_says(r, CURE_EDITED, what);
	} else if (strcmp(r->j->name, "commands") == 0) {
		replay_command(r, line);
	} else if (strcmp(type, "cut") == 0) {
		replay_cut(r, line);
	} else if (strcmp(type, "amend") == 0) {
		replay_of(r, "amends", jdoc_int(line, "of", 0));
	} else if (strcmp(type, "strike") == 0) {
		replay_strike(r, line);
	}
}

static void
replay_open(struct replay *r, const struct jdoc *line)
{
	const char *id = jdoc_text(line, "run", "");

	r->run++;
	snprintf(r->run_id, sizeof r->run_id, "%s", id);
	if (!ids_is_uuid(id))
		replay_says(r, CURE_EDITED, "an open line without the run's id");
}

static void
replay_times(struct replay *r, const struct jdoc *line)
{
	if (jdoc_kind(line, "timeUs") != 'i' || jdoc_kind(line, "monoNs") != 'i' || jdoc_int(line, "monoNs", -1) < 0)
		replay_says(r, CURE_EDITED, "has no times");
	else if (!verify_time_is_sane(r->j->v, jdoc_int(line, "timeUs", 0)))
		replay_says(r, "set the console's clock, or the camera's, before the next show", "its time makes no sense");
}

/* ---- Lines ---- */

/* False: what follows cannot be counted. */
static bool
replay_line(struct replay *r, const char *text, size_t len)
{
	struct jdoc *line = jdoc_parse(text, len, MAX_JOURNAL_LINE, NULL);
	const char *type = jdoc_text(line, "type", NULL);
	char what[128];
	int64_t seq = jdoc_int(line, "seq", -1);

	r->seq++;
	if (!jdoc_is_object(line) || type == NULL) {
		replay_says(r, CURE_TORN, jdoc_is_object(line) ? "has no type" : "is no JSON");
		jdoc_free(line);
		return false;
	}
	if (seq != r->seq) {
		snprintf(what, sizeof what, "carries the number %" PRId64 ": there is a hole before it", seq);
		replay_says(r, CURE_TORN ", or restore it from a copy", what);
		jdoc_free(line);
		return false;
	}
	r->j->lines++;
	replay_times(r, line);
	if (strcmp(type, "open") == 0)
		replay_open(r, line);
	else if (r->run < 0)
		replay_says(r, CURE_EDITED, "stands before the first run");
	else
		replay_members(r, line, type);
	jdoc_free(line);
	return true;
}

/* Without its line feed a line is not whole; while a console runs, it may be about to be. */
static void
replay_tail(struct replay *r, size_t len)
{
	char where[96];

	snprintf(where, sizeof where, "sidecars/%s.jsonl:%" PRId64, r->j->name, r->seq + 1);
	if (r->j->v->console_runs)
		verify_remark(&r->j->found, where, "", "is being written");
	else
		verify_problem(&r->j->found, where, CURE_TORN, "%zu bytes at the end are no whole line", len);
}

static void
replay_file(struct replay *r, FILE *f)
{
	char *text = NULL;
	size_t room = 0;
	ssize_t n = 0;
	bool good = true;

	while (good && (n = getline(&text, &room, f)) > 0) {
		if (text[n - 1] != '\n') {
			replay_tail(r, (size_t)n);
			break;
		}
		good = replay_line(r, text, (size_t)n - 1);
	}
	if (ferror(f))
		replay_says(r, "look after the disk", "the disk fails to read on");
	free(text);
}

static int
number_order(const void *a, const void *b)
{
	const struct verify_number *x = a, *y = b;
	int run = strcmp(x->run_id, y->run_id);

	return run != 0 ? run : (x->n > y->n) - (x->n < y->n);
}

/* Numbers count up from 1 in each run, and no command leaves two lines. */
static void
replay_numbers(struct replay *r)
{
	struct verify_journal *j = r->j;
	char what[128];

	if (j->number_count > 0)
		qsort(j->numbers, (size_t)j->number_count, sizeof *j->numbers, number_order);
	for (int i = 1; i < j->number_count; i++) {
		if (number_order(&j->numbers[i - 1], &j->numbers[i]) != 0)
			continue;
		snprintf(what, sizeof what, "has the number %" PRId64 " of line %" PRId64 " of the same run", j->numbers[i].n,
		    j->numbers[i - 1].seq);
		r->seq = j->numbers[i].seq;
		replay_says(r, CURE_EDITED, what);
	}
}

#define NO_FILE ESPIPE			/* errno of what is no ordinary file: a pipe would be waited for for ever */

static FILE *
open_file(const char *path)
{
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fdopen(fd, "r");
	if (fd >= 0) {
		close(fd);
		errno = NO_FILE;
	}
	return NULL;
}

void
verify_journal_replay(struct verify_journal *j)
{
	struct replay r = { .j = j, .run = -1 };
	char *path = xasprintf("%s/sidecars/%s.jsonl", j->v->folder, j->name), where[64];
	FILE *f = open_file(path);
	int why = errno;
	struct err e = { 0 };

	snprintf(where, sizeof where, "sidecars/%s.jsonl", j->name);
	j->is_there = f != NULL;
	if (f != NULL) {
		replay_file(&r, f);
		fclose(f);
		if (strcmp(j->name, "commands") == 0)
			replay_numbers(&r);
	} else if (why == ENOENT) {
		verify_problem(&j->found, where, "restore it from a copy; the next run begins a new one", "is missing");
	} else if (why == NO_FILE) {
		verify_problem(&j->found, where, "restore it from a copy; move what stands there away first", "is no file");
	} else {
		err_errno(&e, ERR_DISK, why, "cannot be read");
		verify_problem(&j->found, where, "look after the disk and the folder's permissions", "%s", e.text);
	}
	if (r.findings > MOST_FINDINGS)
		verify_problem(&j->found, where, "", "and %d more such lines", r.findings - MOST_FINDINGS);
	free(r.cuts);
	free(path);
}

void
verify_journal_fini(struct verify_journal *j)
{
	verify_found_fini(&j->found);
	free(j->numbers);
}

/* ---- Cuts against commands ---- */

/* The newest line of that run; 0: it has none. */
static int64_t
run_last_us(const struct verify_journal *commands, const char *run_id)
{
	int64_t last_us = 0;

	for (int i = 0; i < commands->number_count; i++)
		if (strcmp(commands->numbers[i].run_id, run_id) == 0 && commands->numbers[i].time_us > last_us)
			last_us = commands->numbers[i].time_us;
	return last_us;
}

static bool
has_command(const struct verify_journal *commands, const struct verify_number *cut)
{
	return commands->number_count > 0 && bsearch(cut, commands->numbers, (size_t)commands->number_count,
	    sizeof *commands->numbers, number_order) != NULL;
}

/* A command's line comes when it ends: of a run that was killed the last ones may be missing. */
void
verify_journals_cross(struct verify *v)
{
	const struct verify_journal *cuts = &v->journals[0], *commands = &v->journals[1];
	char where[64];

	for (int i = 0; i < cuts->number_count; i++) {
		const struct verify_number *cut = &cuts->numbers[i];

		if (cut->n <= 0 || has_command(commands, cut) || run_last_us(commands, cut->run_id) < cut->time_us + LATE_COMMAND_US)
			continue;
		snprintf(where, sizeof where, "sidecars/cuts.jsonl:%" PRId64, cut->seq);
		verify_problem(&v->found, where, CURE_EDITED, "names command %" PRId64 ", which commands.jsonl does not have", cut->n);
	}
}

/* ---- What else is in sidecars/ ---- */

/* Whole lines in there were journal once: somebody may have been told of them. */
static int
count_whole_lines(const char *path)
{
	FILE *f = open_file(path);
	char *text = NULL;
	size_t room = 0;
	ssize_t n;
	int count = 0;

	while (f != NULL && (n = getline(&text, &room, f)) > 0) {
		struct jdoc *line = text[n - 1] == '\n' ? jdoc_parse(text, (size_t)n, MAX_JOURNAL_LINE, NULL) : NULL;

		count += jdoc_int(line, "seq", 0) > 0;
		jdoc_free(line);
	}
	free(text);
	if (f != NULL)
		fclose(f);
	return count;
}

static void
look_at_torn(struct verify *v, const char *name)
{
	char *path = xasprintf("%s/sidecars/%s", v->folder, name), *where = xasprintf("sidecars/%s", name);
	int lines = count_whole_lines(path);

	if (lines > 0)
		verify_problem(&v->found, where, "compare it with a copy of the journal; move it out of the folder when that is done",
		    "%d whole line%s stand after damage and %s not in the journal", lines, lines == 1 ? "" : "s", lines == 1 ? "is" : "are");
	else
		verify_remark(&v->found, where, "nobody was told of it: it may be removed", "half a line that a crash left");
	free(where);
	free(path);
}

static bool
is_journal(const char *name)
{
	for (int i = 0; verify_journals_name(i) != NULL; i++) {
		size_t len = strlen(verify_journals_name(i));

		if (strncmp(name, verify_journals_name(i), len) == 0 && strcmp(name + len, ".jsonl") == 0)
			return true;
	}
	return false;
}

void
verify_sidecars_folder(struct verify *v)
{
	char *path = xasprintf("%s/sidecars", v->folder);
	DIR *d = opendir(path);
	const struct dirent *entry;

	free(path);
	while (d != NULL && (entry = readdir(d)) != NULL) {
		char where[320];

		if (entry->d_name[0] == '.' || is_journal(entry->d_name))
			continue;
		snprintf(where, sizeof where, "sidecars/%s", entry->d_name);
		if (strstr(entry->d_name, ".jsonl.torn-") != NULL)
			look_at_torn(v, entry->d_name);
		else
			verify_remark(&v->found, where, "", "is none of the ten journals");
	}
	if (d != NULL)
		closedir(d);
}
