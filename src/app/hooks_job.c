/*
 * hooks_job.c - one event on its way to one hook: it waits for its turn, runs or is posted, and its failure is an alarm.
 * A hook gets its events in their order, one at a time: whoever follows the cuts must not end on the one before the last.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/hooks_private.h"
#include "base/str.h"
#include "base/xalloc.h"

/* ---- Its end ---- */

static void
hook_title(const struct hook *hook, char *out, size_t out_size)
{
	snprintf(out, out_size, "%s %s", hook->is_on ? "on" : "hook", hook->name);
}

/* The program, or the machine; whatever else the URL has may be a secret. */
static void
hook_does(const struct hook *hook, char *out, size_t out_size)
{
	const char *host = hook->url != NULL ? strstr(hook->url, "://") : NULL;
	size_t len;

	if (host == NULL) {
		str_copy(out, out_size, hook->argv[0]);
		return;
	}
	host += 3;
	len = strcspn(host, "/?#");
	for (const char *at; (at = memchr(host, '@', len)) != NULL; host = at + 1)
		len -= (size_t)(at + 1 - host);
	snprintf(out, out_size, "%.*s", (int)(len < out_size ? len : out_size - 1), host);
}

static void
hook_failed(struct hooks *h, struct hook *hook, const struct err *e)
{
	char title[HOOKS_NAME + 8];

	hook_title(hook, title, sizeof title);
	hook->is_ill = true;
	h->blamed = hook;
	vitals_trouble(h->parts.vitals, hook->number, "%s: %s", title, e->text);
	h->blamed = NULL;
}

static void
hook_well(struct hooks *h, struct hook *hook)
{
	if (!hook->is_ill)
		return;
	hook->is_ill = false;
	vitals_trouble_over(h->parts.vitals, hook->number);
}

static void
job_free(struct hook_job *job)
{
	errand_free(job->errand);
	free(job->text);
	free(job);
}

/* From a callback of what ran: only marked, and looked at in the next turn. */
static void
job_over(struct hook_job *job, const struct err *e)
{
	struct hooks *h = job->hooks;

	job->is_over = true;
	job->err = *e;
	loop_timer_start(h->parts.loop, h->turn, 0, 0);
}

static void
job_settle(struct hooks *h, struct hook *hook)
{
	struct hook_job *job = hook->job;

	hook->job = NULL;
	h->running--;
	if (job->err.kind != ERR_NONE)
		hook_failed(h, hook, &job->err);
	else
		hook_well(h, hook);
	if (job->done != NULL)
		job->done(job->arg, &job->err);
	job_free(job);
}

/* ---- Running ---- */

static void
job_ran(void *arg, const struct err *e)
{
	job_over(arg, e);
}

static void
job_posted(void *arg, const struct http_answer *a)
{
	struct hook_job *job = arg;
	struct err e = a->err;
	char said[256], host[100];

	job->call = NULL;
	if (a->status >= 200 && a->status < 300) {
		err_clear(&e);
	} else if (a->status != 0) {
		str_clean(said, sizeof said, a->body, a->body_len, 80);
		err_set(&e, ERR_NETWORK, "it answered %d%s%s", a->status, said[0] != '\0' ? ": " : "", said);
	} else if (e.kind == ERR_NONE) {
		err_set(&e, ERR_NETWORK, "no answer came");
	}
	hook_does(job->hook, host, sizeof host);
	if (e.kind != ERR_NONE)
		err_prefix(&e, "%s", host);
	job_over(job, &e);
}

static void
job_begin(struct hooks *h, struct hook *hook, struct hook_job *job)
{
	const int64_t limit_us = opt_int(h->parts.settings, "hook-timeout");
	const struct errand_ask ask = { .argv = (const char *const *)hook->argv, .input = job->text, .input_len = strlen(job->text),
		.limit_us = limit_us };
	const struct http_request r = { .method = "POST", .url = hook->url, .body = job->text, .timeout_us = limit_us };

	hook->job = job;
	h->running++;
	if (hook->url != NULL)
		job->call = http_call(h->parts.http, &r, job_posted, job);
	else
		job->errand = errand_start(h->parts.loop, &ask, job_ran, job);
}

static void
hook_begin(struct hooks *h, struct hook *hook)
{
	struct hook_job *job;

	if (hook->job != NULL || list_is_empty(&hook->waiting))
		return;
	job = LIST_ENTRY(hook->waiting.next, struct hook_job, link);
	list_remove(&job->link);
	hook->waiting_count--;
	job_begin(h, hook, job);
}

/* Each hook in its turn, so that none with much to do keeps the others waiting. */
void
hooks_job_turn(void *hooks)
{
	struct hooks *h = hooks;

	for (int i = 0; i < h->count; i++)
		if (h->list[i]->job != NULL && h->list[i]->job->is_over)
			job_settle(h, h->list[i]);
	for (int i = 0; i < h->count && h->running < HOOKS_AT_ONCE; i++) {
		hook_begin(h, h->list[h->next]);
		h->next = (h->next + 1) % h->count;
	}
}

/* ---- Waiting ---- */

static void
drop_oldest(struct hooks *h, struct hook *hook)
{
	struct err e = { .kind = ERR_NONE };
	char what[100];

	LIST_EACH(it, &hook->waiting) {
		struct hook_job *job = LIST_ENTRY(it, struct hook_job, link);

		if (job->done != NULL)
			continue;
		list_remove(&job->link);
		hook->waiting_count--;
		job_free(job);
		break;
	}
	hook_does(hook, what, sizeof what);
	err_set(&e, ERR_TOO_BIG, "%s takes longer than events come: %d wait, older ones are dropped", what, HOOKS_WAITING);
	hook_failed(h, hook, &e);
}

bool
hooks_job_add(struct hooks *h, struct hook *hook, char *text, hooks_done_fn *done, void *arg)
{
	struct hook_job *job;

	if (hook->waiting_count >= HOOKS_WAITING && done != NULL) {
		free(text);
		return false;
	}
	if (hook->waiting_count >= HOOKS_WAITING)
		drop_oldest(h, hook);
	job = xcalloc(1, sizeof *job);
	job->hooks = h;
	job->hook = hook;
	job->text = text;
	job->done = done;
	job->arg = arg;
	list_insert_tail(&hook->waiting, &job->link);
	hook->waiting_count++;
	loop_timer_start(h->parts.loop, h->turn, 0, 0);
	return true;
}

void
hooks_job_drop_all(struct hook *hook)
{
	LIST_EACH_SAFE(it, tmp, &hook->waiting) {
		struct hook_job *job = LIST_ENTRY(it, struct hook_job, link);

		list_remove(it);
		job_free(job);
	}
	if (hook->job == NULL)
		return;
	http_cancel(hook->job->call);
	job_free(hook->job);
	hook->job = NULL;
}
