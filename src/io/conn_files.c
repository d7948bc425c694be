/*
 * conn_files.c - a node's list of recordings (GET /recordings).  Megabytes of a stranger's JSON are taken
 * apart in the pool, not on the loop.  Never fetches a recording itself.
 */
#include "io/conn_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "io/jdoc.h"
#include "io/wire.h"

#define FILES_TIMEOUT_US 10000000
#define FILES_MOST 4096

struct conn_files_job {
	struct conn *conn;		/* NULL: nobody waits for it any more */
	char *body;
	size_t len;
	struct node_file *files;
	char **json;
	int count;
};

static void
job_free(struct conn_files_job *job)
{
	for (int i = 0; i < job->count; i++)
		free(job->json[i]);
	free(job->json);
	free(job->files);
	free(job->body);
	free(job);
}

static void
keep_file(struct conn_files_job *job, const struct jdoc *one)
{
	if (!wire_read_file(&job->files[job->count], one))
		return;
	job->json[job->count++] = jdoc_print(one);
}

/* In the pool. */
static void
job_run(void *arg)
{
	struct conn_files_job *job = arg;
	struct err e;
	struct jdoc *j = jdoc_parse(job->body, job->len, MAX_RECORDINGS_BODY, &e);
	const struct jdoc *list = j != NULL ? jdoc_get(j, "recordings") : NULL;
	size_t count = list != NULL ? jdoc_count(list) : 0;

	if (j == NULL)
		log_line(LOG_CONN, "/recordings: %s", e.text);
	if (count > FILES_MOST)
		count = FILES_MOST;
	if (count > 0) {
		job->files = xcalloc(count, sizeof *job->files);
		job->json = xcalloc(count, sizeof *job->json);
	}
	for (size_t i = 0; i < count; i++)
		keep_file(job, jdoc_at(list, i));
	jdoc_free(j);
}

static void
job_done(void *arg)
{
	struct conn_files_job *job = arg;
	struct conn *c = job->conn;

	if (c == NULL) {
		job_free(job);
		return;
	}
	conn_enter(c);
	c->files_job = NULL;
	if (c->fns.recordings != NULL)
		c->fns.recordings(c->arg, c, job->files, job->json, job->count);
	if (c->files_again)
		conn_files_read(c);
	conn_leave(c);
	job_free(job);
}

static void
files_answered(void *arg, const struct http_answer *a)
{
	struct conn *c = arg;
	struct conn_files_job *job;
	char *body;

	conn_enter(c);
	c->files_call = NULL;
	body = a->status == 200 ? malloc(a->body_len + 1) : NULL;
	if (body != NULL) {
		conn_heard(c);
		memcpy(body, a->body, a->body_len);
		job = xcalloc(1, sizeof *job);
		job->body = body;
		job->len = a->body_len;
		job->conn = conn_is_dead(c) ? NULL : c;
		if (!conn_is_dead(c))
			c->files_job = job;
		loop_work(c->loop, job_run, job_done, job);
	}
	conn_leave(c);
}

void
conn_files_read(struct conn *c)
{
	char url[512];
	struct http_request r = { .url = url, .timeout_us = FILES_TIMEOUT_US, .ceiling = MAX_RECORDINGS_BODY,
		.fresh = conn_distrusts(c), .once = conn_distrusts(c) };

	if (!conn_is_up(c))
		return;
	c->files_owed = false;
	c->files_again = c->files_job != NULL;
	if (c->files_call != NULL || c->files_job != NULL)
		return;
	conn_url(&c->at, "/recordings", url, sizeof url);
	c->files_call = http_call(c->http, &r, files_answered, c);
}

void
conn_ask_recordings(struct conn *c)
{
	conn_files_read(c);
}

void
conn_files_stop(struct conn *c)
{
	http_cancel(c->files_call);
	c->files_call = NULL;
	if (c->files_job != NULL)
		c->files_job->conn = NULL;
	c->files_job = NULL;
	c->files_again = false;
}
