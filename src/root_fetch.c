/*
 * root_fetch.c - `fetch`: carries on unfinished archive work of a Sphere with no console.
 * Is the command `fetch` over the whole house; owns the progress line on a terminal.  Never rolls, never stops.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/str.h"
#include "root.h"
#include "root_discover.h"
#include "root_folder.h"
#include "root_house.h"

#define PROGRESS_US 500000

struct fetching {
	struct root_house house;
	struct loop_timer *timer;	/* NULL: standard error is no terminal */
	int status;
};

/* ", 3 go up (1.2 GB)" */
static void
say_copies(const struct fetching *f, char *out, size_t out_size)
{
	int64_t left_bytes;
	const int count = rushes_copying(f->house.deck.rushes, &left_bytes);

	out[0] = '\0';
	if (count > 0)
		snprintf(out, out_size, ", %d go up (%.1f GB)", count, (double)left_bytes / 1e9);
}

static void
progress(void *arg)
{
	const struct fetching *f = arg;
	struct haul_totals t;
	char left[32] = "", copies[64];

	rushes_total(f->house.deck.rushes, &t);
	say_copies(f, copies, sizeof copies);
	if (t.wishes == 0 && copies[0] == '\0')
		return;
	if (t.left_us >= 0) {
		str_copy(left, sizeof left, ", ");
		str_time_words(left + 2, sizeof left - 2, t.left_us);
	}
	fprintf(stderr, "\r\033[K%d of %d files, %.1f of %.1f GB, %.1f MB/s%s%s%s%s", t.ended, t.wishes, (double)t.bytes / 1e9,
	    (double)t.total_bytes / 1e9, (double)t.rate_bytes / 1e6, left, t.retrying > 0 ? ", trying again" : "",
	    t.full > 0 ? ", the disk is full" : "", copies);
	fflush(stderr);
}

/* What a screen would show as news: that the disk is full, a file that was wrong, the receipt. */
static void
notice(void *arg, const struct bus_event *ev)
{
	const struct fetching *f = arg;

	for (int i = 0; i < crew_source_count(f->house.crew); i++)
		if (strcmp(crew_source_at(f->house.crew, i)->sentence, ev->text) == 0)
			return;		/* the house has said it */
	if (f->timer != NULL)
		fputs("\r\033[K", stderr);
	root_complain("%s", ev->text);
}

static void
fetch_begin(void *arg, int n, const char *text)
{
	const struct reply *out = stage_text_reply(((struct fetching *)arg)->house.text);

	out->begin(out->arg, n, text);
}

static void
fetch_ack(void *arg, int n, const char *node, const char *name, const struct ledger_line *line)
{
	const struct reply *out = stage_text_reply(((struct fetching *)arg)->house.text);

	out->ack(out->arg, n, node, name, line);
}

static void
fetch_say(void *arg, int n, const char *text)
{
	const struct reply *out = stage_text_reply(((struct fetching *)arg)->house.text);

	out->say(out->arg, n, text);
}

static void
fetch_end(void *arg, int n, const struct reply_end *end)
{
	struct fetching *f = arg;
	const struct reply *out = stage_text_reply(f->house.text);

	out->end(out->arg, n, end);
	f->status = end->result == REPLY_OK ? ROOT_OK : ROOT_FAILED;
	loop_stop(f->house.loop);
}

/* What is durable stays: the next fetch goes on from there. */
static void
fetch_interrupt(void *arg)
{
	struct fetching *f = arg;

	root_complain("interrupted; what has come is kept, the next fetch goes on from there");
	f->status = ROOT_FAILED;
	loop_stop(f->house.loop);
}

static void
fetch_quit(void *arg, int status)
{
	(void)arg;
	(void)status;			/* it ends with its command anyway */
}

static void
fetch_run(struct fetching *f, const struct root_opts *o)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct root_house *h = &f->house;

	root_house_text(h, o, fetch_quit, f);
	const struct reply reply = { .begin = fetch_begin, .ack = fetch_ack, .say = fetch_say, .end = fetch_end, .arg = f };
	const struct cmdq_ask ask = { .text = "fetch", .by = "fetch", .from_cue = true, .reply = &reply };

	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		loop_signal(h->loop, signals[i], fetch_interrupt, f);
	if (isatty(STDERR_FILENO)) {
		f->timer = loop_timer_new(h->loop, progress, f);
		loop_timer_start(h->loop, f->timer, PROGRESS_US, PROGRESS_US);
	}
	bus_listen(h->bus, EV_NOTICE, notice, f);
	root_discover_begin(h, o, ROOT_DISCOVER_ALL);
	cmdq_submit(h->cmdq, &ask);
	loop_run(h->loop);
	if (f->timer != NULL) {
		loop_timer_free(h->loop, f->timer);
		fputs("\r\033[K", stderr);
	}
	root_house_farewell(h, false);
	root_house_last_words(h, true);
}

int
root_fetch(const struct root_opts *o)
{
	const char *folder = o->words.count > 0 ? o->words.items[0] : o->sphere;
	struct fetching *f = calloc(1, sizeof *f);
	struct err e = { .kind = ERR_NONE };
	int status;

	if (f == NULL)
		return ROOT_ENVIRONMENT;
	f->status = ROOT_FAILED;
	if (!root_folder_is_there(folder)) {
		root_complain("there is no folder %s", folder);
		free(f);
		return ROOT_ENVIRONMENT;
	}
	if (root_house_open(&f->house, o, folder, 0, &e)) {
		fetch_run(f, o);
		root_house_close(&f->house);
		status = f->house.archive_refused ? ROOT_ENVIRONMENT : f->status;
		if (f->house.disk_refused && status == ROOT_OK)
			status = ROOT_ENVIRONMENT;
		if (!root_house_fini(&f->house) && status == ROOT_OK)
			status = ROOT_ENVIRONMENT;
	} else {
		root_complain("%s", e.text);
		status = root_status_of(&e);
	}
	free(f);
	return status;
}
