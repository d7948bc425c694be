/*
 * wrap.c - makes the report: gathers what only the loop knows, lets the disk catch up, reads and writes in the pool.
 * Owns the jobs until the pool gives them back, also past its own end.
 */
#include "app/wrap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "app/report.h"
#include "base/list.h"
#include "base/str.h"
#include "base/xalloc.h"

#define SENTENCE_BYTES 1024
#define NAMED_MOST 4			/* the report itself has them all */

struct wrap {
	struct loop *loop;
	struct crew *crew;
	struct scribe *scribe;
	struct sphere *sphere;
	const struct clk *clk;
	struct list jobs;
	bool is_busy;			/* one is in the pool: both files have one temporary name */
};

struct wrap_job {
	struct list link;		/* wrap->jobs */
	struct wrap *wrap;		/* NULL: gone meanwhile */
	bool is_ready, in_pool;		/* the disk has caught up; it is being read */
	wrap_done_fn *done;
	void *arg;
	char *folder;
	struct report_facts facts;
	struct wrap_end end;
	char sentence[SENTENCE_BYTES];
};

/* ---- On the loop: what is known here only ---- */

static void
gather(struct wrap *w, struct report_facts *f)
{
	const struct manifest *m = sphere_manifest(w->sphere);
	struct registry *reg = crew_registry(w->crew);
	const size_t names = registry_count(reg);

	memset(f, 0, sizeof *f);
	str_copy(f->session, sizeof f->session, m->name);
	str_copy(f->sphere, sizeof f->sphere, m->sphere);
	if (gethostname(f->console, sizeof f->console - 1) != 0)
		f->console[0] = '\0';
	f->created_us = m->created_us;
	f->made_us = clk_utc_us(w->clk);
	f->take_count = m->take_count;
	f->takes = xcalloc((size_t)m->take_count + 1, sizeof *f->takes);
	for (int i = 0; i < m->take_count; i++) {
		str_copy(f->takes[i].take, sizeof f->takes[i].take, m->takes[i].take);
		str_copy(f->takes[i].slate, sizeof f->takes[i].slate, m->takes[i].slate);
	}
	f->name_count = (int)names;
	f->names = xcalloc(names + 1, sizeof *f->names);
	for (size_t i = 0; i < names; i++) {
		str_copy(f->names[i].node, sizeof f->names[i].node, registry_at(reg, i)->id);
		str_copy(f->names[i].name, sizeof f->names[i].name, registry_name(registry_at(reg, i)));
	}
}

static void
job_free(struct wrap_job *job)
{
	list_remove(&job->link);
	report_facts_fini(&job->facts);
	free(job->folder);
	free(job);
}

/* ---- In the pool ---- */

static void
put_sentence(struct wrap_job *job, const struct report *r)
{
	for (int i = 0; i < r->missing_count && i < NAMED_MOST; i++) {
		size_t len = strlen(job->sentence);

		snprintf(job->sentence + len, sizeof job->sentence - len, "%s%.220s", i > 0 ? "; " : "", r->missing[i]);
	}
	if (r->missing_count > NAMED_MOST) {
		size_t len = strlen(job->sentence);

		snprintf(job->sentence + len, sizeof job->sentence - len, "; and %d more, in the report", r->missing_count - NAMED_MOST);
	}
}

static void
job_run(void *arg)
{
	struct wrap_job *job = arg;
	struct report r;

	report_read(&r, &job->facts, job->folder);
	(void)report_write(&r, &job->end.err);
	job->end.files = r.files;
	job->end.verified = r.verified;
	job->end.missing = r.missing_count;
	put_sentence(job, &r);
	report_fini(&r);
}

/* ---- On the loop again ---- */

static void
job_end(struct wrap_job *job)
{
	job->end.sentence = job->sentence;
	if (job->wrap != NULL)
		job->done(job->arg, &job->end);
	job_free(job);
}

static void job_next(struct wrap *w);

static void
job_ran(void *arg)
{
	struct wrap_job *job = arg;
	struct wrap *w = job->wrap;

	if (w != NULL)
		w->is_busy = false;
	job_end(job);
	if (w != NULL)
		job_next(w);
}

static void
job_next(struct wrap *w)
{
	LIST_EACH(it, &w->jobs) {
		struct wrap_job *job = LIST_ENTRY(it, struct wrap_job, link);

		if (w->is_busy || !job->is_ready)
			continue;
		w->is_busy = job->in_pool = true;
		loop_work(w->loop, job_run, job_ran, job);
	}
}

/* The disk has all that was told before: now it may be read. */
static void
job_begin(void *arg, const struct err *e)
{
	struct wrap_job *job = arg;

	job->end.err = *e;
	if (job->wrap == NULL || e->kind != ERR_NONE) {
		job_end(job);
		return;
	}
	job->is_ready = true;
	job_next(job->wrap);
}

void
wrap_report(struct wrap *w, wrap_done_fn *done, void *arg)
{
	struct wrap_job *job = xcalloc(1, sizeof *job);

	job->wrap = w;
	job->done = done;
	job->arg = arg;
	job->folder = xstrdup(sphere_folder(w->sphere));
	gather(w, &job->facts);
	list_insert_tail(&w->jobs, &job->link);
	scribe_manifest(w->scribe, job_begin, job);
}

struct wrap *
wrap_new(struct loop *loop, struct crew *crew, struct scribe *scribe, struct sphere *sphere, const struct clk *clk)
{
	struct wrap *w = xcalloc(1, sizeof *w);

	w->loop = loop;
	w->crew = crew;
	w->scribe = scribe;
	w->sphere = sphere;
	w->clk = clk;
	list_init(&w->jobs);
	return w;
}

void
wrap_free(struct wrap *w)
{
	if (w == NULL)
		return;
	LIST_EACH_SAFE(it, tmp, &w->jobs) {
		struct wrap_job *job = LIST_ENTRY(it, struct wrap_job, link);

		list_remove(it);
		job->wrap = NULL;
		if (job->is_ready && !job->in_pool)
			job_free(job);
	}
	free(w);
}
