/*
 * report.c - the day's takes read from their proofs, and what is missing of them, one sentence each.
 * Owns what it read.  Believes take.json and looks whether the files are there; hashes nothing: that is verify's.
 */
#include "app/report_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/diskq.h"

#define TAKE_CEILING (64 * 1024 * 1024)

/* ---- Words ---- */

void
report_utc(char *out, size_t out_size, int64_t utc_us)
{
	const time_t seconds = (time_t)(utc_us / 1000000);
	char day[32] = "";
	struct tm tm;

	out[0] = '\0';
	if (utc_us <= 0 || gmtime_r(&seconds, &tm) == NULL)
		return;
	strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out, out_size, "%s.%06dZ", day, (int)(utc_us % 1000000));
}

void
report_local(char *out, size_t out_size, int64_t utc_us)
{
	const time_t seconds = (time_t)(utc_us / 1000000);
	struct tm tm;

	out[0] = '\0';
	if (utc_us > 0 && localtime_r(&seconds, &tm) != NULL)
		strftime(out, out_size, "%Y-%m-%d %H:%M:%S", &tm);
}

void
report_zone(char *out, size_t out_size, int64_t utc_us)
{
	const time_t seconds = (time_t)(utc_us / 1000000);
	struct tm tm;
	long minutes;

	if (localtime_r(&seconds, &tm) == NULL)
		tm.tm_gmtoff = 0;
	minutes = tm.tm_gmtoff / 60;
	snprintf(out, out_size, minutes == 0 ? "UTC" : "UTC%c%02ld:%02ld", minutes < 0 ? '-' : '+', labs(minutes) / 60, labs(minutes) % 60);
}

const char *
report_device_name(const struct report *r, const struct take_device *d)
{
	if (d->label[0] != '\0')
		return d->label;
	for (int i = 0; i < r->facts.name_count; i++)
		if (strcmp(r->facts.names[i].node, d->node) == 0)
			return r->facts.names[i].name;
	return d->node;
}

void
report_archive(const struct take *t, char *out, size_t out_size)
{
	if (t->archive[0] != '\0')
		str_copy(out, out_size, t->archive);
	else
		snprintf(out, out_size, "takes/%s", t->take);
}

const struct report_note *
report_mark(const struct report *r, const char *take)
{
	int count;
	const struct report_note *notes = report_notes_of(r, take, &count);

	while (count-- > 0)
		if (notes[count].kind == REPORT_MARK)
			return &notes[count];
	return NULL;
}

/* ---- What is missing ---- */

static bool
is_remote(const char *archive)
{
	return strstr(archive, "://") != NULL;
}

/* What is in object storage is not looked for. */
static bool
is_there(const struct report *r, const struct take *t, const struct take_part *p)
{
	char archive[sizeof t->archive], *path;
	struct stat st;
	bool ok;

	report_archive(t, archive, sizeof archive);
	if (is_remote(archive))
		return true;
	path = archive[0] == '/' ? xasprintf("%s/%s", archive, p->file) : xasprintf("%s/%s/%s", r->folder, archive, p->file);
	ok = stat(path, &st) == 0 && S_ISREG(st.st_mode) && (p->meta.bytes <= 0 || st.st_size == p->meta.bytes);
	free(path);
	return ok;
}

static void
device_why(const struct take *t, const struct take_device *d, char *out, size_t out_size)
{
	if (d->state == TAKE_FAILED)
		snprintf(out, out_size, "no file: %.900s", d->reason);
	else if (d->state <= TAKE_STOPPING && !take_is_over(t))
		str_copy(out, out_size, d->state == TAKE_RECORDING || d->state == TAKE_STOPPING ? "had not stopped when last heard" : "has not begun yet");
	else
		str_copy(out, out_size, "no file of it is known");
}

void
report_why(const struct report *r, const struct take *t, const struct take_device *d, const struct take_part *p, char *out, size_t out_size)
{
	out[0] = '\0';
	if (p == NULL)
		device_why(t, d, out, out_size);
	else if (p->state == TAKE_FAILED)
		snprintf(out, out_size, "given up: %.900s", p->reason);
	else if (p->state < TAKE_FETCHED)
		str_copy(out, out_size, p->state == TAKE_FETCHING ? "on its way" : "still on the camera");
	else if (!is_there(r, t, p))
		snprintf(out, out_size, "%.120s is not where it was put, or has another size", p->file);
	else if (p->state == TAKE_FETCHED)
		str_copy(out, out_size, "fetched, but the camera has not told its SHA-256");
}

static char *
missing_add(struct report *r)
{
	r->missing = xreallocarray(r->missing, (size_t)r->missing_count + 1, sizeof *r->missing);
	return r->missing[r->missing_count++];
}

static void
miss(struct report *r, const struct take *t, const struct take_device *d, const struct take_part *p)
{
	char why[MAX_TEXT_FIELD], part[32] = "";

	report_why(r, t, d, p, why, sizeof why);
	if (why[0] == '\0')
		return;
	if (d->part_count > 1)
		snprintf(part, sizeof part, " part %d", p->part);
	snprintf(missing_add(r), MAX_TEXT_FIELD, "take %s %.160s%s: %.800s", t->take, report_device_name(r, d), part, why);
}

static void
count_take(struct report *r, const struct take *t)
{
	for (int i = 0; i < t->device_count; i++) {
		const struct take_device *d = &t->devices[i];

		for (int k = 0; k < d->part_count; k++) {
			r->files++;
			r->verified += d->parts[k].state == TAKE_VERIFIED;
			r->bytes += d->parts[k].meta.bytes > 0 ? d->parts[k].meta.bytes : 0;
			miss(r, t, d, &d->parts[k]);
		}
		if (d->part_count == 0 || (d->state <= TAKE_STOPPING && !take_is_over(t)))
			miss(r, t, d, NULL);
	}
}

/* ---- Reading ---- */

static bool
read_file(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "re");
	char piece[16384];
	bool ok = f != NULL;
	size_t n;

	while (ok && (n = fread(piece, 1, sizeof piece, f)) > 0)
		ok = buf_add(b, piece, n);
	ok = ok && !ferror(f);
	if (f != NULL)
		fclose(f);
	return ok;
}

static bool
read_take(const struct report *r, const char *number, struct take *t)
{
	char *path = xasprintf("%s/takes/%s/take.json", r->folder, number);
	struct buf b;
	bool ok;

	buf_init(&b, TAKE_CEILING);
	ok = read_file(path, &b) && sphere_read_take(t, buf_text(&b), b.len, NULL);
	if (ok && strcmp(t->take, number) != 0) {	/* somebody renamed its folder */
		take_fini(t);
		ok = false;
	}
	buf_fini(&b);
	free(path);
	return ok;
}

static int
by_number(const void *a, const void *b)
{
	const long x = strtol(((const struct report_known *)a)->take, NULL, 10), y = strtol(((const struct report_known *)b)->take, NULL, 10);

	return (x > y) - (x < y);
}

static void
lose(struct report *r, const struct report_known *known)
{
	r->lost = xreallocarray(r->lost, (size_t)r->lost_count + 1, sizeof *r->lost);
	r->lost[r->lost_count++] = *known;
	snprintf(missing_add(r), MAX_TEXT_FIELD, "take %s: its proof takes/%s/take.json is not there, or cannot be read", known->take, known->take);
}

void
report_read(struct report *r, struct report_facts *facts, const char *folder)
{
	memset(r, 0, sizeof *r);
	r->facts = *facts;
	memset(facts, 0, sizeof *facts);
	r->folder = xstrdup(folder);
	report_notes_read(r);
	if (r->facts.take_count > 1)
		qsort(r->facts.takes, (size_t)r->facts.take_count, sizeof *r->facts.takes, by_number);
	r->takes = xcalloc((size_t)r->facts.take_count + 1, sizeof *r->takes);
	for (int i = 0; i < r->facts.take_count; i++) {
		if (ids_take_is_rehearsed(r->facts.takes[i].take))
			continue;	/* nothing of it is part of the day */
		if (!read_take(r, r->facts.takes[i].take, &r->takes[r->take_count])) {
			lose(r, &r->facts.takes[i]);
			continue;
		}
		count_take(r, &r->takes[r->take_count++]);
	}
}

void
report_facts_fini(struct report_facts *f)
{
	free(f->takes);
	free(f->names);
	memset(f, 0, sizeof *f);
}

void
report_fini(struct report *r)
{
	if (r == NULL)
		return;
	for (int i = 0; i < r->take_count; i++)
		take_fini(&r->takes[i]);
	free(r->takes);
	free(r->lost);
	for (int i = 0; i < r->note_count; i++)
		free(r->notes[i].text);
	free(r->notes);
	free(r->missing);
	free(r->folder);
	report_facts_fini(&r->facts);
	memset(r, 0, sizeof *r);
}

/* ---- Writing ---- */

static bool
write_one(const struct report *r, const char *name, void (*print)(const struct report *r, struct buf *out), struct err *e)
{
	char *path = xasprintf("%s/%s", r->folder, name);
	struct buf b;
	bool ok;

	buf_init(&b, REPORT_CEILING);
	print(r, &b);
	/* A buffer that was full says nothing until it is asked for one byte more. */
	ok = b.len < REPORT_CEILING - MAX_TEXT_FIELD || err_set(e, ERR_TOO_BIG, "the report is too large: over %d MiB", REPORT_CEILING >> 20);
	ok = ok && diskq_replace_now(path, buf_text(&b), b.len, e);
	buf_fini(&b);
	free(path);
	return ok;
}

bool
report_write(const struct report *r, struct err *e)
{
	return write_one(r, REPORT_HTML, report_html, e) && write_one(r, REPORT_CSV, report_csv, e);
}
