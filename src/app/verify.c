/*
 * verify.c - the whole check: manifest and proofs at once, then journals and files in the pool, then what refers to what.
 * Owns the findings until they are told.  Never writes, never locks.
 */
#include "app/verify_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

#define MOST_TRIES 3			/* a take that changes while it is looked at */

/* ---- Findings ---- */

static void __attribute__((format(printf, 4, 0)))
list_add(struct verify_list *l, const char *where, const char *cure, const char *format, va_list ap)
{
	char text[1024], clean[1024];

	vsnprintf(text, sizeof text, format, ap);
	str_clean(clean, sizeof clean, text, strlen(text), (int)sizeof clean);
	l->items = xreallocarray(l->items, (size_t)l->count + 1, sizeof *l->items);
	l->items[l->count++] = (struct verify_finding){ .where = xstrdup(where), .what = xstrdup(clean), .cure = xstrdup(cure) };
}

void
verify_problem(struct verify_found *f, const char *where, const char *cure, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	list_add(&f->problems, where, cure, format, ap);
	va_end(ap);
}

void
verify_remark(struct verify_found *f, const char *where, const char *cure, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	list_add(&f->remarks, where, cure, format, ap);
	va_end(ap);
}

static void
list_fini(struct verify_list *l)
{
	for (int i = 0; i < l->count; i++) {
		free(l->items[i].where);
		free(l->items[i].what);
		free(l->items[i].cure);
	}
	free(l->items);
	*l = (struct verify_list){ 0 };
}

void
verify_found_fini(struct verify_found *f)
{
	list_fini(&f->problems);
	list_fini(&f->remarks);
}

/* Moved to the end of the other list. */
static void
list_move(struct verify_list *to, struct verify_list *from)
{
	if (from->count == 0)
		return;
	to->items = xreallocarray(to->items, (size_t)(to->count + from->count), sizeof *to->items);
	memcpy(&to->items[to->count], from->items, (size_t)from->count * sizeof *from->items);
	to->count += from->count;
	free(from->items);
	*from = (struct verify_list){ 0 };
}

/* ---- The report ---- */

static void
report_found(struct verify_report *r, struct verify_found *f)
{
	list_move(&r->problems, &f->problems);
	list_move(&r->remarks, &f->remarks);
}

static void
report_take(struct verify_report *r, struct verify_take *t)
{
	struct verify_finding said = { .where = t->number, .what = t->said, .cure = t->is_rolling ? "rolling" : "" };

	report_found(r, &t->found);
	r->takes += t->has_proof;
	r->files += t->file_count;
	for (int i = 0; i < t->file_count; i++)
		r->verified += t->files[i].is_good;
	if (!t->has_proof)
		return;
	r->takes_said.items = xreallocarray(r->takes_said.items, (size_t)r->takes_said.count + 1, sizeof *r->takes_said.items);
	r->takes_said.items[r->takes_said.count++] = (struct verify_finding){ xstrdup(said.where), xstrdup(said.what), xstrdup(said.cure) };
}

static void
verify_tell(struct verify *v)
{
	struct verify_report r = { .console_runs = v->console_runs, .bytes = atomic_load(&v->bytes) };

	verify_journals_cross(v);
	verify_sphere_cross(v);
	report_found(&r, &v->found);
	for (int i = 0; i < v->journal_count; i++) {
		r.journals += v->journals[i].is_there && v->journals[i].found.problems.count == 0;
		r.lines += v->journals[i].lines;
		report_found(&r, &v->journals[i].found);
	}
	for (int i = 0; i < v->take_count; i++)
		report_take(&r, &v->takes[i]);
	v->done(v->arg, &r);
	list_fini(&r.problems);
	list_fini(&r.remarks);
	list_fini(&r.takes_said);
}

/* ---- Work ---- */

static void
job_over(struct verify *v)
{
	if (--v->open_jobs == 0)
		verify_tell(v);
}

static void
journal_work(void *arg)
{
	verify_journal_replay(arg);
}

static void
journal_done(void *arg)
{
	struct verify_journal *j = arg;

	job_over(j->v);
}

static void start_take(struct verify *v, struct verify_take *t);

static void
file_work(void *arg)
{
	verify_file_hash(arg);
}

/* The last file of a take: what is wrong with it may only be old, when a console works on it. */
static void
take_over(struct verify *v, struct verify_take *t)
{
	for (int i = 0; i < t->file_count; i++)
		verify_file_judge(&t->files[i]);
	if (!v->console_runs || t->found.problems.count == 0 || t->tries >= MOST_TRIES || !verify_take_has_changed(v, t))
		return;
	atomic_fetch_sub(&v->files, t->file_count);
	atomic_fetch_sub(&v->all_files, t->file_count);
	for (int i = 0; i < t->file_count; i++)
		atomic_fetch_sub(&v->all_bytes, (long long)t->files[i].size);
	verify_take_fini(t);
	t->has_proof = t->is_rolling = t->is_owed = false;
	start_take(v, t);
}

static void
file_done(void *arg)
{
	struct verify_file *f = arg;
	struct verify *v = f->v;
	struct verify_take *t = f->take;

	if (--t->files_left == 0)
		take_over(v, t);
	job_over(v);
}

static int
biggest_first(const void *a, const void *b)
{
	const struct verify_file *x = a, *y = b;

	return (x->size < y->size) - (x->size > y->size);
}

static void
start_take(struct verify *v, struct verify_take *t)
{
	t->tries++;
	verify_take_read(v, t);
	if (t->file_count > 1)
		qsort(t->files, (size_t)t->file_count, sizeof *t->files, biggest_first);
	v->open_jobs += t->file_count;
	atomic_fetch_add(&v->all_files, t->file_count);
	for (int i = 0; i < t->file_count; i++) {
		atomic_fetch_add(&v->all_bytes, (long long)t->files[i].size);
		loop_work(v->loop, file_work, file_done, &t->files[i]);
	}
	if (t->file_count == 0)
		take_over(v, t);
}

static void
nothing_work(void *arg)
{
	(void)arg;
}

static void
all_started(void *arg)
{
	job_over(arg);
}

/* ---- Life ---- */

struct verify *
verify_open(struct loop *loop, const char *folder, int64_t now_us, verify_done_fn *done, void *arg, struct err *e)
{
	struct verify *v = xcalloc(1, sizeof *v);
	size_t len = strlen(folder);

	while (len > 1 && folder[len - 1] == '/')
		len--;
	v->loop = loop;
	v->folder = xstrndup(folder, len);
	v->now_us = now_us;
	v->done = done;
	v->arg = arg;
	if (!verify_sphere_open(v, e)) {
		verify_close(v);
		return NULL;
	}
	verify_sphere_check(v);
	verify_sphere_takes(v);
	verify_sidecars_folder(v);
	v->open_jobs = 1;		/* this one, so that the end comes later, once */
	v->journal_count = verify_journals_count();
	v->journals = xcalloc((size_t)v->journal_count, sizeof *v->journals);
	for (int i = 0; i < v->journal_count; i++) {
		v->journals[i].v = v;
		v->journals[i].name = verify_journals_name(i);
		v->open_jobs++;
		loop_work(loop, journal_work, journal_done, &v->journals[i]);
	}
	for (int i = 0; i < v->take_count; i++)
		start_take(v, &v->takes[i]);
	loop_work(loop, nothing_work, all_started, v);
	return v;
}

void
verify_close(struct verify *v)
{
	if (v == NULL)
		return;
	for (int i = 0; i < v->take_count; i++)
		verify_take_fini(&v->takes[i]);
	for (int i = 0; i < v->journal_count; i++)
		verify_journal_fini(&v->journals[i]);
	verify_found_fini(&v->found);
	jdoc_free(v->manifest);
	free(v->takes);
	free(v->journals);
	free(v->folder);
	free(v);
}

void
verify_look(const struct verify *v, struct verify_progress *out)
{
	*out = (struct verify_progress){ .files = atomic_load(&v->files), .all_files = atomic_load(&v->all_files),
	    .bytes = atomic_load(&v->bytes), .all_bytes = atomic_load(&v->all_bytes) };
}
