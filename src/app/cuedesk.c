/*
 * cuedesk.c - the show caller's desk: owns the loaded sheet and its player, and reads sheets in the pool.
 * Knows nothing of times and beats: that is the player's.
 */
#include "app/cuedesk.h"

#include <stdlib.h>
#include <string.h>
#include "app/cmd.h"
#include "app/cueplay.h"
#include "app/vitals.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/sheetfile.h"

struct cuedesk_job {			/* one load; outlives the desk if need be */
	struct cuedesk *desk;		/* NULL: gone meanwhile */
	struct loop *loop;
	char *path;
	struct cue_sheet sheet;
	bool ok;
	struct err err;
	cuedesk_done_fn *done;
	void *arg;
};

struct cuedesk {
	const struct deck *deck;
	struct cmdq *q;
	struct cueplay_conf conf;
	struct cue_sheet sheet;
	bool has_sheet;
	struct cueplay *play;		/* ours, or lent; NULL: none */
	bool is_lent;
	struct cuedesk_job *job;
	const char *held_by;		/* what held it last: "hold", "panic", "" */
	int64_t go_us;			/* loop time of the last go by key, also of one that was refused; 0: none */
};

struct cuedesk *
cuedesk_new(const struct deck *deck, double speed, uint64_t seed)
{
	struct cuedesk *c = xcalloc(1, sizeof *c);

	c->deck = deck;
	c->conf = (struct cueplay_conf){ .speed = speed, .seed = seed };
	return c;
}

/* ---- The sheet ---- */

static void
desk_clear(struct cuedesk *c)
{
	if (!c->is_lent)
		cueplay_free(c->play);
	c->play = NULL;
	c->is_lent = false;
	if (c->has_sheet)
		cue_sheet_fini(&c->sheet);
	c->has_sheet = false;
}

void
cuedesk_connect(struct cuedesk *c, struct cmdq *q)
{
	c->q = q;
}

void
cuedesk_free(struct cuedesk *c)
{
	if (c == NULL)
		return;
	if (c->job != NULL)
		c->job->desk = NULL;
	desk_clear(c);
	free(c);
}

void
cuedesk_lend(struct cuedesk *c, struct cueplay *play)
{
	desk_clear(c);
	c->play = play;
	c->is_lent = play != NULL;
}

static bool
desk_is_busy(const struct cuedesk *c, struct cuedesk_word *w)
{
	cuedesk_say(c, w);
	return w->playing || c->is_lent;
}

/* ---- Its end ---- */

/* What went wrong in a sheet is an alarm: nobody reads its lines here. */
static void
desk_over(void *arg, const struct cueplay_result *r)
{
	struct cuedesk *c = arg;
	const struct deck *deck = c->deck;

	if (r->err.kind != ERR_NONE)
		vitals_alarm(deck->vitals, NULL, "cue sheet %s: %s", r->stopped_early ? "stopped" : "over, but not all went well", r->err.text);
	bus_tell(deck->bus, EV_NOTICE, NULL, "the cue sheet is over: %d passed, %d failed", r->passed, r->failed);
}

/* ---- Reading ---- */

static void
job_read(void *arg)
{
	struct cuedesk_job *job = arg;

	job->ok = sheetfile_parse(&job->sheet, job->path, cmd_check_cue, &job->err);
}

static void
job_take(struct cuedesk *c, struct cuedesk_job *job)
{
	static const struct reply silent = { .arg = NULL };

	desk_clear(c);
	c->sheet = job->sheet;
	c->has_sheet = true;
	memset(&job->sheet, 0, sizeof job->sheet);
	c->play = cueplay_new(c->deck, c->q, &c->sheet, &c->conf, &silent, desk_over, c);
	bus_tell(c->deck->bus, EV_CUE_CHANGED, NULL, "loaded");
}

static void
job_done(void *arg)
{
	struct cuedesk_job *job = arg;
	struct cuedesk *c = job->desk;
	struct cuedesk_word w;

	if (c != NULL) {
		c->job = NULL;
		if (job->ok && desk_is_busy(c, &w))
			err_set(&job->err, ERR_REFUSED, "a cue sheet plays by now");
		else if (job->ok)
			job_take(c, job);
		job->done(job->arg, &job->err);		/* may free the desk */
	}
	cue_sheet_fini(&job->sheet);
	free(job->path);
	free(job);
}

bool
cuedesk_load(struct cuedesk *c, const char *path, cuedesk_done_fn *done, void *arg, struct err *e)
{
	struct cuedesk_word w;
	struct cuedesk_job *job;

	if (desk_is_busy(c, &w))
		return err_set(e, ERR_REFUSED, "%s plays; `cue stop` ends it first", w.file);
	if (c->job != NULL)
		return err_set(e, ERR_REFUSED, "%s is being read just now", c->job->path);
	c->job = job = xcalloc(1, sizeof *job);
	job->desk = c;
	job->loop = c->deck->loop;
	job->path = xstrdup(path);
	job->done = done;
	job->arg = arg;
	loop_work(job->loop, job_read, job_done, job);
	return true;
}

/* ---- The show caller's words ---- */

static bool
desk_has(const struct cuedesk *c, struct err *e)
{
	return c->play != NULL || err_set(e, ERR_REFUSED, "no cue sheet is loaded; `cue load FILE` loads one");
}

/* A key that is held repeats itself: each of them begins the time anew. */
static bool
go_is_repeat(struct cuedesk *c)
{
	const int64_t now_us = loop_now_us(c->deck->loop), guard_us = opt_int(c->deck->settings, "cut-guard");
	const bool is_repeat = c->go_us != 0 && now_us - c->go_us < guard_us;

	c->go_us = now_us;
	return is_repeat;
}

bool
cuedesk_go(struct cuedesk *c, bool from_key, struct err *e)
{
	if (!desk_has(c, e))
		return false;
	if (from_key && go_is_repeat(c))
		return err_set(e, ERR_REFUSED, "go came just now: this repeat is swallowed (cut-guard)");
	return cueplay_go(c->play, e);
}

/* Whatever held it first is what the screen tells. */
static bool
held_now(struct cuedesk *c, bool was_held, bool ok, const char *by)
{
	if (ok && !was_held)
		c->held_by = by;
	return ok;
}

static bool
is_held(const struct cuedesk *c)
{
	struct cuedesk_word w;

	cuedesk_say(c, &w);
	return w.held;
}

bool
cuedesk_hold(struct cuedesk *c, struct err *e)
{
	const bool was_held = is_held(c);

	return held_now(c, was_held, desk_has(c, e) && cueplay_hold(c->play, e), "hold");
}

void
cuedesk_panic(struct cuedesk *c)
{
	struct err ignored = { .kind = ERR_NONE };		/* there may be no sheet to hold */
	const bool was_held = is_held(c);

	(void)held_now(c, was_held, desk_has(c, &ignored) && cueplay_hold(c->play, &ignored), "panic");
}

bool
cuedesk_skip(struct cuedesk *c, struct err *e)
{
	const bool was_held = is_held(c);

	return held_now(c, was_held, desk_has(c, e) && cueplay_skip(c->play, e), "");
}

bool
cuedesk_back(struct cuedesk *c, struct err *e)
{
	const bool was_held = is_held(c);

	return held_now(c, was_held, desk_has(c, e) && cueplay_back(c->play, e), "");
}

bool
cuedesk_jump(struct cuedesk *c, const char *name, struct err *e)
{
	const bool was_held = is_held(c);

	return held_now(c, was_held, desk_has(c, e) && cueplay_jump(c->play, name, e), "");
}

bool
cuedesk_stop(struct cuedesk *c, struct err *e)
{
	struct cuedesk_word w;

	if (!desk_has(c, e))
		return false;
	if (desk_is_busy(c, &w))
		return cueplay_end(c->play, e);
	desk_clear(c);
	bus_tell(c->deck->bus, EV_CUE_CHANGED, NULL, "put away");
	return true;
}

void
cuedesk_say(const struct cuedesk *c, struct cuedesk_word *out)
{
	memset(out, 0, sizeof *out);
	if (c == NULL || c->play == NULL)
		return;
	cueplay_say(c->play, out);
	if (out->held)
		str_copy(out->held_by, sizeof out->held_by, c->held_by != NULL ? c->held_by : "");
}
