/*
 * root_go.c - lets the cues run that wait for a person, when there is no screen: by a line of standard input, or by itself.
 * Never reads ahead: what is not for a cue that waits is for nobody.
 */
#include "root_go.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "base/str.h"
#include "root.h"

struct root_go {
	const struct deck *deck;
	struct cueplay *play;
	bool by_itself;
	int64_t after_us;
	struct loop_watch *watch;	/* NULL: nobody waits for a line */
	struct loop_timer *timer;
	int prompted;			/* the cue that was told last, by its place; 0: none */
	bool has_ended;			/* standard input */
};

void
root_go_conf(struct cueplay_conf *conf, const struct root_opts *o)
{
	double seconds = 0;

	if (o->go == NULL)
		return;
	conf->go = CUEPLAY_GO_AUTO;
	if (strcmp(o->go, "auto") == 0)
		return;
	conf->go = CUEPLAY_GO_AFTER;
	if (!str_time(o->go, &conf->go_us) && str_double(o->go, 0, 1e6, &seconds))
		conf->go_us = (int64_t)(seconds * 1e6);
}

static void
go_unwatch(struct root_go *g)
{
	if (g->watch != NULL)
		loop_watch_free(g->deck->loop, g->watch);
	g->watch = NULL;
}

/* ---- A line of standard input ---- */

/* Nobody can say go any more. */
static void
go_ended(struct root_go *g)
{
	struct err why = { .kind = ERR_NONE };

	g->has_ended = true;
	go_unwatch(g);
	err_set(&why, ERR_REFUSED, "standard input has ended, and a cue waits for go: the sheet stops (--go auto or --go SECONDS goes by itself)");
	cueplay_give_up(g->play, &why);
}

/* A byte each time, so that the next line is still there for the next cue. */
static void
go_readable(void *arg, unsigned events)
{
	struct root_go *g = arg;
	struct err ignored = { .kind = ERR_NONE };
	char byte = '\0';
	const ssize_t got = read(STDIN_FILENO, &byte, 1);

	(void)events;
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
		go_ended(g);
		return;
	}
	if (got != 1 || byte != '\n')
		return;
	go_unwatch(g);
	(void)cueplay_go(g->play, &ignored);
}

/* What the cue is, for whoever presses Enter. */
static void
go_prompt(struct root_go *g)
{
	struct cuedesk_word w;

	cueplay_say(g->play, &w);
	if (g->watch != NULL && w.at == g->prompted)
		return;
	g->prompted = w.at;
	root_complain("%s %d/%d%s: %s - Enter lets it go", w.file, w.at, w.count, w.held ? " HELD" : "", w.next);
}

static void
go_watch(struct root_go *g)
{
	if (g->watch != NULL) {
		go_prompt(g);
		return;
	}
	if (g->has_ended) {
		go_ended(g);
		return;
	}
	if (isatty(STDIN_FILENO))
		(void)tcflush(STDIN_FILENO, TCIFLUSH);
	go_prompt(g);
	g->watch = loop_watch_new(g->deck->loop, STDIN_FILENO, LOOP_READ, go_readable, g);
}

/* ---- By itself ---- */

static void
go_by_itself(void *arg)
{
	struct root_go *g = arg;
	struct err ignored = { .kind = ERR_NONE };

	if (cueplay_wants_go(g->play))
		(void)cueplay_go(g->play, &ignored);
}

static void
go_look(void *arg)
{
	struct root_go *g = arg;

	if (!cueplay_wants_go(g->play))
		go_unwatch(g);
	else
		go_watch(g);
}

/* Looked at in the next turn: who tells of it is in the midst of its own. */
static void
go_changed(void *arg, const struct bus_event *ev)
{
	struct root_go *g = arg;

	(void)ev;
	if (!g->by_itself)
		loop_timer_start(g->deck->loop, g->timer, 0, 0);
	else if (cueplay_wants_go(g->play))
		loop_timer_start(g->deck->loop, g->timer, g->after_us, 0);
}

struct root_go *
root_go_new(const struct deck *deck, struct cueplay *play, const struct root_opts *o)
{
	struct root_go *g = calloc(1, sizeof *g);
	struct cueplay_conf conf = { .go = CUEPLAY_GO_ASKED };

	if (g == NULL)
		return NULL;
	root_go_conf(&conf, o);
	g->deck = deck;
	g->play = play;
	g->by_itself = o->go != NULL;
	g->after_us = conf.go_us;
	g->timer = loop_timer_new(deck->loop, g->by_itself ? go_by_itself : go_look, g);
	bus_listen(deck->bus, EV_CUE_CHANGED, go_changed, g);
	return g;
}

void
root_go_free(struct root_go *g)
{
	if (g == NULL)
		return;
	bus_unlisten(g->deck->bus, go_changed, g);
	loop_timer_free(g->deck->loop, g->timer);
	go_unwatch(g);
	free(g);
}
