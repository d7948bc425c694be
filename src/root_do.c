/*
 * root_do.c - `do`: one command; through the console that runs, or else by itself: waits for the cameras, then for the answers.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/cmd.h"
#include "base/buf.h"
#include "base/str.h"
#include "io/doorway_call.h"
#include "io/folder.h"
#include "root.h"
#include "root_discover.h"
#include "root_door.h"
#include "root_folder.h"
#include "root_house.h"

#define BROWSE_US 3000000LL		/* without --node: for as long as this, Bonjour may bring somebody */
#define NODES_US 5000000LL		/* with --node: the longest wait for one that does not answer */
#define CLOCK_US 1500000LL		/* a camera's clock offset is waited for no longer than this */
#define LOOK_US 20000LL
#define BEGIN_US 5000000LL		/* a running console begins a command at once; one that is stopped never does */

struct one {
	struct root_house house;
	const struct root_opts *opts;
	const char *text;
	struct loop_timer *timer;
	int64_t begun_us;
	bool needs_cameras;		/* help, echo and the like need none */
	bool asked;
	int status;
};

/* ---- The command's text out of arguments ---- */

static void
add_quoted(struct buf *b, const char *text)
{
	buf_add_text(b, "\"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_add_text(b, "\\");
		buf_add(b, text, 1);
	}
	buf_add_text(b, "\"");
}

static bool
needs_quotes(const char *text)
{
	return text[0] == '\0' || strpbrk(text, " \t\"\\#") != NULL;
}

/* -t's value: the shell ate the quotes around names with blanks; a quote that is there was meant for us. */
static void
add_targets(struct buf *b, const char *text)
{
	char part[MAX_NAME_BYTES];

	if (!needs_quotes(text) || strchr(text, '"') != NULL) {
		buf_add_text(b, text);
		return;
	}
	for (;;) {
		size_t len = strcspn(text, ",");

		if (*text == '-' && len > 1) {
			buf_add_text(b, "-");
			text++;
			len--;
		}
		snprintf(part, sizeof part, "%.*s", (int)(len < sizeof part ? len : sizeof part - 1), text);
		if (needs_quotes(part))
			add_quoted(b, part);
		else
			buf_add_text(b, part);
		if (text[len] == '\0')
			return;
		buf_add_text(b, ",");
		text += len + 1;
	}
}

/* One argument is a command as it would be typed; several are its words. */
static void
command_text(struct buf *b, const struct root_list *words)
{
	if (words->count == 1) {
		buf_add_text(b, words->items[0]);
		return;
	}
	for (int i = 0; i < words->count; i++) {
		if (i > 0)
			buf_add_text(b, " ");
		if (i > 1 && strcmp(words->items[i - 1], "-t") == 0)
			add_targets(b, words->items[i]);
		else if (needs_quotes(words->items[i]))
			add_quoted(b, words->items[i]);
		else
			buf_add_text(b, words->items[i]);
	}
}

/* A report is made of what is on disk; only to release cameras they must be found. */
static bool
is_report(const struct cmd_def *def, const char *text)
{
	return def != NULL && strcmp(def->name, "wrap") == 0 && strstr(text, "--release") == NULL;
}

static bool
needs_cameras(const char *text)
{
	const struct cmd_def *def;
	char verb[64];

	snprintf(verb, sizeof verb, "%.*s", (int)strcspn(text, " \t"), text);
	def = cmd_find(verb);
	return def == NULL || (def->effect != CMD_ON_NOTHING && !is_report(def, text));
}

/* ---- Waiting for cameras ---- */

static bool
is_ready(const struct crew_member *m, int64_t waited_us)
{
	return m->link == HEALTH_LIVE && (m->node->view_only || m->clock.best.known || waited_us > CLOCK_US);
}

/* Cameras that are there; how many of them can be told what to do when. */
static void
count_cameras(const struct one *one, int64_t waited_us, int *there, int *ready)
{
	const struct crew *crew = one->house.crew;

	*there = *ready = 0;
	for (int i = 0; i < crew_count(crew); i++) {
		const struct crew_member *m = crew_at(crew, i);

		*there += m->link == HEALTH_LIVE;
		*ready += is_ready(m, waited_us);
	}
}

static void
one_ended(void *arg, int n, const struct reply_end *end)
{
	struct one *one = arg;
	const struct reply *out = stage_text_reply(one->house.text);

	out->end(out->arg, n, end);
	if (end->result == REPLY_ERROR && end->err.kind == ERR_USAGE)
		one->status = ROOT_USAGE;
	else
		one->status = end->result == REPLY_OK ? ROOT_OK : ROOT_FAILED;
	loop_stop(one->house.loop);
}

static void
one_begin(void *arg, int n, const char *text)
{
	const struct reply *out = stage_text_reply(((struct one *)arg)->house.text);

	out->begin(out->arg, n, text);
}

static void
one_ack(void *arg, int n, const char *node, const char *name, const struct ledger_line *line)
{
	const struct reply *out = stage_text_reply(((struct one *)arg)->house.text);

	out->ack(out->arg, n, node, name, line);
}

static void
one_say(void *arg, int n, const char *text)
{
	const struct reply *out = stage_text_reply(((struct one *)arg)->house.text);

	out->say(out->arg, n, text);
}

static void
one_ask(struct one *one)
{
	const struct reply reply = { .begin = one_begin, .ack = one_ack, .say = one_say, .end = one_ended, .arg = one };
	const struct cmdq_ask ask = { .text = one->text, .by = "do", .from_cue = true, .reply = &reply };

	one->asked = true;
	loop_timer_stop(one->house.loop, one->timer);
	cmdq_submit(one->house.cmdq, &ask);
}

static void
one_nobody(struct one *one)
{
	char why[400] = "";

	if (!crew_pending_at(one->house.crew, 0, why, sizeof why))
		str_copy(why, sizeof why, "`livedirector nodes --explain` says more, --node HOST adds one");
	root_complain("no camera was found: %s", why);
	one->status = ROOT_NOBODY;
	loop_stop(one->house.loop);
}

static void
one_look(void *arg)
{
	struct one *one = arg;
	int64_t waited_us = loop_now_us(one->house.loop) - one->begun_us;
	int expected = one->opts->nodes.count, there, ready;

	if (one->asked)
		return;
	if (!one->needs_cameras) {
		one_ask(one);
		return;
	}
	count_cameras(one, waited_us, &there, &ready);
	if (expected > 0 && ready >= expected)
		one_ask(one);
	else if (waited_us < (expected > 0 ? NODES_US : BROWSE_US))
		return;
	else if (there > 0)
		one_ask(one);
	else
		one_nobody(one);
}

static void
one_interrupt(void *arg)
{
	struct one *one = arg;

	one->status = ROOT_FAILED;
	loop_stop(one->house.loop);
}

/* ---- Through a running console ---- */

/* The number of the command that a line is about; 0: the door's own, or none. */
static long
line_number(const char *line)
{
	const char *json = line[0] == '{' ? strstr(line, "\"n\":") : NULL, *blank = strchr(line, ' ');
	const char *from = json != NULL ? json + 4 : line[0] != '{' && blank != NULL ? blank + 1 : "";
	char text[16];
	int64_t n;

	snprintf(text, sizeof text, "%.*s", (int)strspn(from, "0123456789"), from);
	return str_int(text, 0, INT32_MAX, &n) ? (long)n : 0;
}

/* Free text comes after the result in both forms: the first word of the two is the result's. */
static bool
is_end(const char *line, bool *ok)
{
	const char *text = strstr(line, " ok ");

	if (str_has_prefix(line, "{\"record\":\"end\"")) {
		*ok = strstr(line, "\"result\":\"ok\"") != NULL;
		return true;
	}
	if (!str_has_prefix(line, "end "))
		return false;
	*ok = text != NULL && text == strchr(line + 4, ' ');
	return true;
}

static int
door_hear(struct doorway_call *call)
{
	const char *line;
	bool ok, begun = false;

	for (;;) {
		switch (doorway_call_hear(call, begun ? -1 : BEGIN_US, -1, &line)) {
		case CALL_LINE:
			break;
		case CALL_LATE:
			root_complain("the console does not answer; if it goes on it may still do what was asked");
			return ROOT_ENVIRONMENT;
		default:
			root_complain("the console has gone before it answered");
			return ROOT_ENVIRONMENT;
		}
		if (line_number(line) == 0)
			continue;
		begun = true;
		puts(line);
		fflush(stdout);
		if (is_end(line, &ok))
			return ok ? ROOT_OK : ROOT_FAILED;
	}
}

static int
door_do(struct doorway_call *call, const struct root_opts *o, const char *text)
{
	int status = ROOT_ENVIRONMENT;

	if (o->nodes.count > 0) {
		root_complain("a console runs on %s: --node is for a command without one; `node add` adds a camera to it", o->sphere);
		status = ROOT_USAGE;
	} else if (doorway_call_say(call, "events off", NULL, 0) && (!o->json || doorway_call_say(call, "json on", NULL, 0)) &&
	    doorway_call_say(call, text, NULL, 0)) {
		status = door_hear(call);
	} else {
		root_complain("the console takes no command");
	}
	doorway_call_close(call);
	return status;
}

/*
 * The console on the folder that was named, or the only one that runs.  Whoever names cameras by address, or asks for help,
 * needs none.  NULL with e->kind ERR_NONE: do it without.
 */
static struct doorway_call *
door_find(const struct root_opts *o, const char *text, struct err *e)
{
	struct doorway_call *call;

	if (str_has_prefix(text, "help") || (o->sphere == NULL && o->nodes.count > 0))
		return NULL;
	call = o->sphere != NULL ? root_door_call(o->sphere, e) : root_door_only(e);
	if (call == NULL && (e->kind == ERR_NOT_FOUND || o->sphere != NULL))
		err_clear(e);
	return call;
}

/* ---- The whole ---- */

static void
one_quit(void *arg, int status)
{
	(void)arg;
	(void)status;			/* it ends with its command anyway */
}

static void
one_run(struct one *one)
{
	struct root_house *h = &one->house;

	root_house_text(h, one->opts, one_quit, one);
	one->begun_us = loop_now_us(h->loop);
	one->timer = loop_timer_new(h->loop, one_look, one);
	loop_timer_start(h->loop, one->timer, 0, LOOK_US);
	loop_signal(h->loop, SIGINT, one_interrupt, one);
	loop_signal(h->loop, SIGTERM, one_interrupt, one);
	root_discover_begin(h, one->opts, one->opts->nodes.count > 0 ? ROOT_DISCOVER_TYPED : ROOT_DISCOVER_NEAR);
	loop_run(h->loop);
	loop_timer_free(h->loop, one->timer);
	root_house_farewell(h, false);	/* a light that this command put on lives for its lease */
}

/*
 * The folder named, or the one that all `do`s share; one beside it when that is in use.  What one `do` met is no
 * target of the next: only --node and what announces itself say who is meant.
 */
static bool
one_open(struct one *one, struct err *e)
{
	char state[2048], folder[3000];

	if (one->opts->sphere != NULL)
		return root_house_open(&one->house, one->opts, one->opts->sphere, 0, e);
	if (!folder_state(state, sizeof state, e))
		return false;
	snprintf(folder, sizeof folder, "%s/do", state);
	if (root_house_open(&one->house, one->opts, folder, ROOT_HOUSE_FORGETS_ADDRESSES, e))
		return true;
	err_clear(e);
	return root_folder_state_fresh(folder, sizeof folder, "do", e) &&
	    root_house_open(&one->house, one->opts, folder, ROOT_HOUSE_FORGETS_ADDRESSES, e);
}

int
root_do(const struct root_opts *o)
{
	struct one *one = calloc(1, sizeof *one);
	struct err e = { .kind = ERR_NONE };
	struct doorway_call *call = NULL;
	int column = 0, status;
	struct buf b;

	if (one == NULL)
		return ROOT_ENVIRONMENT;
	buf_init(&b, MAX_COMMAND_LINE);
	command_text(&b, &o->words);
	one->opts = o;
	one->text = buf_text(&b);
	one->status = ROOT_FAILED;
	one->needs_cameras = needs_cameras(one->text);
	if (!cmd_check_do(one->text, &column, &e)) {
		root_complain("%s:%d: %s", one->text, column, e.text);
		status = ROOT_USAGE;
	} else if ((call = door_find(o, one->text, &e)) != NULL) {
		status = door_do(call, o, one->text);
	} else if (e.kind == ERR_NONE && one_open(one, &e)) {
		one_run(one);
		root_house_close(&one->house);
		status = one->status;
		if (!root_house_fini(&one->house) && status == ROOT_OK)
			status = ROOT_ENVIRONMENT;
	} else {
		root_complain("%s", e.text);
		status = root_status_of(&e);
	}
	buf_fini(&b);
	free(one);
	return status;
}
