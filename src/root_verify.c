/*
 * root_verify.c - `verify`: the receipt of a Sphere checked, told as sentences or as one JSON object.
 * Owns the progress line on a terminal.  Only reads, so a console may run on the folder.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "app/verify.h"
#include "base/clk.h"
#include "io/jdoc.h"
#include "io/loop_uv.h"
#include "root.h"
#include "root_opts.h"
#include "root_verify.h"

#define PROGRESS_US 200000
#define MOST_THREADS 64

struct verifying {
	const struct root_opts *opts;
	const char *folder;
	struct loop *loop;
	struct loop_timer *timer;	/* NULL: standard error is no terminal */
	struct verify *verify;
	int64_t begun_us;
	int status;
};

/* ---- Progress ---- */

static void
progress(void *arg)
{
	const struct verifying *w = arg;
	struct verify_progress p;

	verify_look(w->verify, &p);
	fprintf(stderr, "\r\033[K%d of %d files, %.1f of %.1f GB", p.files, p.all_files, (double)p.bytes / 1e9, (double)p.all_bytes / 1e9);
	fflush(stderr);
}

static void
progress_end(struct verifying *w)
{
	if (w->timer == NULL)
		return;
	loop_timer_free(w->loop, w->timer);
	w->timer = NULL;
	fputs("\r\033[K", stderr);
}

/* ---- The report ---- */

static void
print_json(const struct verify_report *r)
{
	struct jdoc *j = jdoc_object(), *problems = jdoc_array();
	char *text;

	jdoc_set_bool(j, "ok", r->problems.count == 0);
	jdoc_set_int(j, "journals", r->journals);
	jdoc_set_int(j, "lines", r->lines);
	jdoc_set_int(j, "takes", r->takes);
	jdoc_set_int(j, "files", r->files);
	jdoc_set_int(j, "verified", r->verified);
	for (int i = 0; i < r->problems.count; i++) {
		struct jdoc *problem = jdoc_object();

		jdoc_set_text(problem, "where", r->problems.items[i].where);
		jdoc_set_text(problem, "what", r->problems.items[i].what);
		jdoc_set(problems, NULL, problem);
	}
	jdoc_set(j, "problems", problems);
	text = jdoc_print(j);
	puts(text);
	free(text);
	jdoc_free(j);
}

static void
print_findings(const struct verify_list *l, const char *kind)
{
	for (int i = 0; i < l->count; i++) {
		printf("%s: %s: %s\n", kind, l->items[i].where, l->items[i].what);
		if (l->items[i].cure[0] != '\0')
			printf("    %s\n", l->items[i].cure);
	}
}

static const char *
plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

static void
print_text(const struct verifying *w, const struct verify_report *r)
{
	const double took_s = (double)(loop_now_us(w->loop) - w->begun_us) / 1e6;

	for (int i = 0; i < r->takes_said.count; i++)
		printf("take %s: %s%s\n", r->takes_said.items[i].where, r->takes_said.items[i].what,
		    r->takes_said.items[i].cure[0] != '\0' ? " (rolling)" : "");
	print_findings(&r->remarks, "remark");
	print_findings(&r->problems, "problem");
	if (r->console_runs)
		printf("a console runs on this folder: what is on its way is not judged\n");
	printf("%d journal%s with %lld lines, %d take%s, %d file%s, %d verified", r->journals, plural(r->journals), (long long)r->lines,
	    r->takes, plural(r->takes), r->files, plural(r->files), r->verified);
	if (r->bytes > 0)
		printf(" (%.1f GB in %.1f s)", (double)r->bytes / 1e9, took_s);
	if (r->problems.count > 0)
		printf(": %d problem%s\n", r->problems.count, plural(r->problems.count));
	else
		printf(": no problem\n");
}

static void
verifying_done(void *arg, const struct verify_report *r)
{
	struct verifying *w = arg;

	progress_end(w);
	if (w->opts->json)
		print_json(r);
	else
		print_text(w, r);
	w->status = r->problems.count > 0 ? ROOT_FAILED : ROOT_OK;
	loop_stop(w->loop);
}

/* Hashing takes a processor each. */
static int
thread_count(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	return count < 1 ? 1 : count > MOST_THREADS ? MOST_THREADS : (int)count;
}

static void
verify_receipt(struct verifying *w)
{
	struct err e = { .kind = ERR_NONE };

	w->verify = verify_open(w->loop, w->folder, clk_utc_us(clk_system()), verifying_done, w, &e);
	if (w->verify == NULL) {
		root_complain("%s", e.text);
		return;
	}
	if (isatty(STDERR_FILENO)) {
		w->timer = loop_timer_new(w->loop, progress, w);
		loop_timer_start(w->loop, w->timer, PROGRESS_US, PROGRESS_US);
	}
	loop_run(w->loop);
	verify_close(w->verify);
}

int
root_verify(const struct root_opts *o)
{
	struct verifying w = { .opts = o, .folder = o->words.count > 0 ? o->words.items[0] : o->sphere, .status = ROOT_ENVIRONMENT };

	w.loop = loop_uv_new(thread_count());
	w.begun_us = loop_now_us(w.loop);
	if (o->sync != NULL)
		w.status = root_verify_sync(o, w.loop, w.folder);
	else
		verify_receipt(&w);
	loop_free(w.loop);
	return w.status;
}
