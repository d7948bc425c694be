/*
 * hooks_private.h - what hooks.c (life, news), hooks_line.c (the configuration's lines), hooks_say.c (an event as JSON) and
 * hooks_job.c (running them, one after the other) share.  Nobody else includes it.
 */
#ifndef APP_HOOKS_PRIVATE_H
#define APP_HOOKS_PRIVATE_H

#include "app/hooks.h"
#include "base/list.h"
#include "io/errand.h"

#define HOOKS_WORDS 32		/* of one program */
#define HOOKS_NAME 64
#define HOOKS_URL 2048

struct hook {
	char name[HOOKS_NAME];		/* "visuals"; of `on`, the event's */
	bool is_on;
	enum event_kind event;		/* is_on */
	char *argv[HOOKS_WORDS + 1];	/* run; argv[0] NULL: post */
	char *url;
	struct list waiting;		/* struct hook_job, oldest first */
	int waiting_count;
	struct hook_job *job;		/* the one that runs; NULL: none */
	bool is_ill;			/* its alarm stands */
	int number;			/* of its alarm */
};

struct hook_job {
	struct list link;		/* hook->waiting */
	struct hooks *hooks;
	struct hook *hook;
	char *text;			/* JSON */
	hooks_done_fn *done;		/* NULL: nobody waits */
	void *arg;
	struct errand *errand;
	struct http_call *call;
	bool is_over;
	struct err err;
};

struct hooks {
	struct hooks_parts parts;
	char *sphere;
	struct hook *list[HOOKS_MOST];
	int count, running;
	int next;			/* whose turn it is when there is room again */
	struct loop_timer *turn;	/* what ended is told and freed outside its own callbacks; then the next ones begin */
	const struct hook *blamed;	/* its alarm is being told: no news for itself */
};

/* hooks_line.c: NULL + e. */
struct hook *hooks_line_parse(const char *line, bool is_on, struct err *e);
void hooks_line_free(struct hook *hook);

/* hooks_say.c: the JSON of it, heap. */
struct hooks_news {
	const char *event, *hook;	/* hook NULL: it is an event */
	const char *node, *text, *by;	/* NULL: none */
	int64_t time_us;
};
char *hooks_say(const struct hooks *h, const struct hooks_news *news);

/* hooks_job.c */
/* Takes text over.  False: too many wait, and the text is gone. */
bool hooks_job_add(struct hooks *h, struct hook *hook, char *text, hooks_done_fn *done, void *arg);
void hooks_job_turn(void *hooks);	/* the timer */
void hooks_job_drop_all(struct hook *hook);

#endif
