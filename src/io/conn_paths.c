/*
 * conn_paths.c - the monitor of a node's addresses while its link is up: asks the others now and then, everybody when
 * the one in use falls silent or somebody suspects it, a new one at once; and decides when the link moves.
 * Owns suspicion and the rounds of asking.  Moves nothing itself (conn_move.c).
 */
#include "io/conn_private.h"

#include <stdlib.h>

#include "domain/pathrank.h"

#define SILENCE_US 1200000		/* of a node that speaks each second */
#define SPEAKS_OFTEN_US 1100000
#define AGAIN_US 1000000		/* as long as it is silent and nobody else answers */
#define SAME_CLASS_REST_US 30000000	/* after a move nothing but a better class is worth another for so long */
#define NUDGE_US 1000000

/* When a silent node becomes suspicious: one that says its health each second, or one that speaks less often. */
int64_t
conn_paths_usual_silence_us(const struct conn *c)
{
	const struct conn_paths *p = &c->paths;
	int count = p->gap_count < CONN_GAPS ? p->gap_count : CONN_GAPS, slow = 0;
	int64_t longest_us = 0;

	for (int i = 0; i < count; i++) {
		slow += p->gaps_us[i] > SPEAKS_OFTEN_US;
		if (p->gaps_us[i] > longest_us)
			longest_us = p->gaps_us[i];
	}
	return slow * 2 > count ? longest_us / 2 * 5 : SILENCE_US;
}

void
conn_paths_want(struct conn *c, enum conn_round round)
{
	if (c->paths.wanted < round)
		c->paths.wanted = round;
}

/* ---- At leisure ---- */

static bool
is_worth_it(const struct conn *c, const struct conn_way *w, int64_t now_us)
{
	if (!conn_way_is_other(w) || now_us < w->barred_us || !pathrank_is_worth_moving(&c->at, &w->at, w->proven_us, now_us))
		return false;
	return pathrank_class(&w->at) < pathrank_class(&c->at) || now_us - c->paths.moved_us >= SAME_CLASS_REST_US;
}

static struct conn_way *
better_way(const struct conn *c, int64_t now_us)
{
	struct conn_way *best = NULL;

	for (int i = 0; i < c->way_count; i++)
		if (is_worth_it(c, c->ways[i], now_us) && (best == NULL || pathrank_order(&c->ways[i]->at, &best->at) < 0))
			best = c->ways[i];
	return best;
}

static bool
is_silent(const struct conn *c, int64_t now_us)
{
	return conn_way_others(c) > 0 && now_us >= c->paths.doubt_us;
}

/* Somebody suspects the network: either a word comes, or the stream is opened anew, or nobody is there and asked again. */
static bool
resolve_suspicion(struct conn *c, int64_t now_us)
{
	struct conn_paths *p = &c->paths;

	if (p->suspect_us == 0)
		return false;
	if (p->word_us > p->suspect_us) {
		p->suspect_us = 0;
		return false;
	}
	if (now_us < p->reopen_us)
		return false;
	p->reopen_us = now_us + AGAIN_US;
	if (p->used == USED_WELL && p->round_us >= p->suspect_us)
		conn_reopen(c);
	else
		conn_paths_want(c, ROUND_SILENT);
	return true;
}

/* A new one that waits for its round is asked there. */
static bool
is_due(const struct conn_way *w, int64_t now_us)
{
	if (w->ask != NULL || !conn_way_is_other(w) || now_us < w->next_us)
		return false;
	return !w->is_new || w->conn->paths.wanted == ROUND_NONE;
}

static void
ask_those_due(struct conn *c, int64_t now_us)
{
	for (int i = 0; i < c->way_count; i++)
		if (is_due(c->ways[i], now_us))
			conn_round_ask(c->ways[i], CONN_ASK_US);
}

/* One thing at a time.  True: something was done, look again. */
static bool
look_once(struct conn *c, int64_t now_us)
{
	struct conn_paths *p = &c->paths;
	struct conn_way *better;

	if (p->round != ROUND_NONE)
		return conn_round_look(c);
	if (resolve_suspicion(c, now_us))
		return true;
	if (conn_round_has_clash(c))
		conn_paths_want(c, ROUND_CONTEST);
	if (is_silent(c, now_us))
		conn_paths_want(c, ROUND_SILENT);
	if (p->wanted != ROUND_NONE && now_us - p->round_us >= CONN_ROUND_US) {
		conn_round_begin(c, p->wanted);
		return false;
	}
	better = better_way(c, now_us);
	if (better != NULL)
		conn_move(c, better);
	return better != NULL;
}

/* ---- The timer ---- */

static void
earlier(int64_t *at_us, int64_t us)
{
	if (us < *at_us)
		*at_us = us;
}

static int64_t
next_look_us(const struct conn *c)
{
	const struct conn_paths *p = &c->paths;
	int64_t at_us = INT64_MAX;

	if (conn_round_limit_us(c) > loop_now_us(c->loop))	/* past it, answers are what is waited for */
		earlier(&at_us, conn_round_limit_us(c));
	if (p->round == ROUND_NONE && p->wanted != ROUND_NONE)
		earlier(&at_us, p->round_us + CONN_ROUND_US);
	if (p->round == ROUND_NONE && p->suspect_us != 0)
		earlier(&at_us, p->reopen_us);
	if (p->round == ROUND_NONE && conn_way_others(c) > 0)
		earlier(&at_us, p->doubt_us);
	for (int i = 0; i < c->way_count; i++)
		if (is_due(c->ways[i], INT64_MAX))
			earlier(&at_us, c->ways[i]->next_us);
	return at_us;
}

/* Everything that is due, then sleep until the next thing is. */
void
conn_paths_look(struct conn *c)
{
	int64_t at_us, now_us;

	while (conn_is_up(c) && look_once(c, loop_now_us(c->loop)))
		;
	if (!conn_is_up(c))
		return;
	now_us = loop_now_us(c->loop);
	ask_those_due(c, now_us);
	at_us = next_look_us(c);
	if (at_us != INT64_MAX)
		loop_timer_start(c->loop, c->paths.timer, at_us > now_us ? at_us - now_us : 1000, 0);
}

static void
on_timer(void *arg)
{
	struct conn *c = arg;

	conn_enter(c);
	conn_paths_look(c);
	conn_leave(c);
}

/* ---- What the rest of the link tells ---- */

void
conn_paths_word(struct conn *c)
{
	struct conn_paths *p = &c->paths;
	int64_t now_us = loop_now_us(c->loop);

	if (p->word_us > 0)
		p->gaps_us[p->gap_count++ % CONN_GAPS] = now_us - p->word_us;
	p->word_us = now_us;
	p->patience_us = 0;
	p->doubt_us = now_us + conn_paths_usual_silence_us(c);	/* the timer looks when it fires */
}

void
conn_paths_measured(struct conn *c, int64_t rtt_us, bool tell)
{
	struct conn_way *w = conn_way_of(c, &c->at);

	if (w == NULL)
		return;
	conn_way_answered(w, rtt_us);
	if (tell)
		conn_way_tell(w, true, "");
}

/* The link is up, for the first time or after a move. */
void
conn_paths_start(struct conn *c)
{
	struct conn_paths *p = &c->paths;

	if (p->timer == NULL)
		p->timer = loop_timer_new(c->loop, on_timer, c);
	p->round = p->wanted = ROUND_NONE;
	p->suspect_us = 0;
	p->patience_us = 0;
	p->word_us = loop_now_us(c->loop);	/* whatever brought it up was a word */
	p->doubt_us = p->word_us + conn_paths_usual_silence_us(c);
	for (int i = 0; i < c->way_count; i++)
		if (conn_way_is_other(c->ways[i]) && c->ways[i]->ask == NULL && c->ways[i]->is_new)
			c->ways[i]->next_us = 0;
	loop_timer_start(c->loop, p->timer, 0, 0);
}

/* Results of asking still count while the link moves; a round does not. */
void
conn_paths_pause(struct conn *c)
{
	struct conn_paths *p = &c->paths;

	p->round = p->wanted = ROUND_NONE;
	conn_ask_cancel(p->check);
	p->check = NULL;
	free(p->taken_by);
	p->taken_by = NULL;
	p->withdrawn = false;
	loop_timer_stop(c->loop, p->timer);
}

void
conn_paths_stop(struct conn *c)
{
	if (c->paths.timer != NULL)
		conn_paths_pause(c);
	c->paths.word_us = 0;
	for (int i = 0; i < c->way_count; i++) {
		conn_ask_cancel(c->ways[i]->ask);
		c->ways[i]->ask = NULL;
		free(c->ways[i]->clash);
		c->ways[i]->clash = NULL;
	}
}

/* A round that runs already takes the new ones in, but once: whoever gives addresses without end waits for the next. */
void
conn_paths_news(struct conn *c)
{
	struct conn_paths *p = &c->paths;

	if (p->round == ROUND_NONE || p->joined) {
		conn_paths_want(c, ROUND_NEWS);
		conn_paths_look(c);
		return;
	}
	p->joined = true;
	for (int i = 0; i < c->way_count; i++)
		if (conn_way_is_other(c->ways[i]) && c->ways[i]->is_new && c->ways[i]->ask == NULL)
			conn_round_ask(c->ways[i], CONN_ATTEMPT_US);
	conn_paths_look(c);
}

void
conn_paths_suspect(struct conn *c)
{
	struct conn_paths *p = &c->paths;

	if (p->suspect_us == 0) {
		p->suspect_us = loop_now_us(c->loop);
		p->reopen_us = p->suspect_us + SILENCE_US;
	}
	conn_paths_want(c, ROUND_SILENT);
	conn_paths_look(c);
}

void
conn_paths_check(struct conn *c)
{
	conn_paths_want(c, ROUND_CONTEST);
	conn_paths_look(c);
}

void
conn_paths_doubt(struct conn *c)
{
	c->paths.withdrawn = true;
	conn_paths_want(c, ROUND_SILENT);
	conn_paths_look(c);
}

void
conn_paths_nudge(struct conn *c)
{
	int64_t now_us = loop_now_us(c->loop);

	for (int i = 0; i < c->way_count; i++)
		if (now_us - c->ways[i]->asked_us >= NUDGE_US)
			c->ways[i]->next_us = 0;
	conn_paths_look(c);
}
