/*
 * conn_paths.c - the monitor of a node's addresses while its link is up: asks the others now and then, everybody when
 * the one in use falls silent or somebody suspects it, a new one at once; and decides when the link moves.
 * Owns suspicion and the rounds of asking.  Moves nothing itself (conn_move.c).
 */
#include "io/conn_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/pathrank.h"

#define ATTEMPT_US 700000		/* in a round */
#define ASK_US 2000000			/* at leisure */
#define SILENT_GRACE_US 100000		/* the one in use may answer so much later than the first of the others */
#define NEWS_GRACE_US 600000		/* and so long after an address was given, before that one is taken instead */
#define SILENCE_US 1200000		/* of a node that speaks each second */
#define SPEAKS_OFTEN_US 1100000
#define AGAIN_US 1000000		/* as long as it is silent and nobody else answers */
#define SAME_CLASS_REST_US 30000000	/* after a move nothing but a better class is worth another for so long */
#define NUDGE_US 1000000

static void look(struct conn *c);

/* ---- Who answered ---- */

enum verdict { SAME_DEVICE, CLASHING, OTHER_DEVICE };

/* Epochs decide; where one has none, name and model do. */
static enum verdict
judge(const struct conn *c, const struct conn_said *said)
{
	bool same;

	if (said->has_info && strcmp(said->info.id, c->id) != 0)
		return OTHER_DEVICE;
	if (said->epoch[0] != '\0' && c->epoch[0] != '\0')
		same = strcmp(said->epoch, c->epoch) == 0;
	else
		same = strcmp(said->info.device_name, c->device_name) == 0 && strcmp(said->info.model, c->model) == 0;
	return same ? SAME_DEVICE : CLASHING;
}

void
conn_paths_stranger(struct conn *c, const struct registry_address *at, const struct conn_said *said)
{
	struct conn_stranger_news news = { .info = said->info, .at = *at };
	struct conn_way *w = conn_way_of(c, at);

	log_line(LOG_CONN, "%s: another device (%s) answers at %s", c->id, said->info.id, at->host);
	str_copy(news.epoch, sizeof news.epoch, said->epoch);
	if (w != NULL)
		conn_way_drop(w);
	if (c->fns.stranger != NULL)
		c->fns.stranger(c->arg, c, &news);
}

/* ---- Asking one of the others ---- */

static void
way_answered(void *arg, const struct conn_said *said)
{
	struct conn_way *w = arg;
	struct conn *c = w->conn;
	struct registry_address at = w->at;
	enum verdict verdict;

	w->ask = NULL;
	free(w->clash);
	w->clash = NULL;
	if (!said->answered) {
		conn_way_missed(w);
		conn_way_tell(w, false, said->err.text);
		look(c);
		return;
	}
	verdict = judge(c, said);
	if (verdict == OTHER_DEVICE) {
		conn_paths_stranger(c, &at, said);
	} else if (verdict == CLASHING) {
		conn_way_plan(w);
		w->clash = xcalloc(1, sizeof *w->clash);
		*w->clash = *said;
	} else {
		conn_way_answered(w, said->rtt_us);
		conn_way_tell(w, true, "");
	}
	look(c);
}

static void
ask_way(struct conn_way *w, int64_t limit_us)
{
	struct conn *c = w->conn;
	struct conn_ask_conf conf = { .epoch = c->epoch, .fresh = true, .limit_us = limit_us };

	conn_ask_cancel(w->ask);
	w->asked_us = loop_now_us(c->loop);
	w->ask = conn_ask_start(c, &w->at, &conf, way_answered, w);
}

/* ---- The one in use ---- */

static void
used_answered(void *arg, const struct conn_said *said)
{
	struct conn *c = arg;
	struct conn_paths *p = &c->paths;
	struct conn_way *w = conn_way_of(c, &c->at);

	p->check = NULL;
	p->used = said->answered ? USED_WELL : USED_DEAD;
	if (said->has_info && strcmp(said->info.id, c->id) != 0) {
		p->used = USED_DEAD;
		p->taken_by = xcalloc(1, sizeof *p->taken_by);
		*p->taken_by = *said;
	}
	if (p->used == USED_DEAD) {
		str_copy(p->used_why, sizeof p->used_why, said->err.text);
		look(c);
		return;
	}
	p->withdrawn = false;
	/* Another epoch at an address that lives: the node began anew, or its clock was set. */
	if (said->epoch[0] != '\0')
		str_copy(c->epoch, sizeof c->epoch, said->epoch);
	if (said->has_info)
		conn_keep_face(c, &said->info);
	if (w != NULL)
		conn_way_answered(w, said->rtt_us);
	conn_heard(c);
	look(c);
}

static void
check_used(struct conn *c, bool wholly)
{
	struct conn_ask_conf conf = { .epoch = wholly ? "" : c->epoch, .fresh = true, .limit_us = ATTEMPT_US };
	struct conn_paths *p = &c->paths;

	conn_ask_cancel(p->check);
	free(p->taken_by);
	p->taken_by = NULL;
	p->used = USED_ASKED;
	p->check = conn_ask_start(c, &c->at, &conf, used_answered, c);
}

/* ---- Rounds ---- */

static void
round_begin(struct conn *c, enum conn_round round)
{
	struct conn_paths *p = &c->paths;

	p->round = round;
	p->wanted = ROUND_NONE;
	p->round_us = loop_now_us(c->loop);
	p->first_us = 0;
	p->joined = round == ROUND_NEWS;
	check_used(c, round == ROUND_CONTEST);
	for (int i = 0; i < c->way_count; i++) {
		struct conn_way *w = c->ways[i];

		if (!conn_way_is_other(w))
			continue;
		if (round == ROUND_SILENT)
			ask_way(w, ATTEMPT_US);
		else if (round == ROUND_NEWS && w->is_new)
			ask_way(w, ASK_US);
	}
}

static void
want(struct conn *c, enum conn_round round)
{
	if (c->paths.wanted < round)
		c->paths.wanted = round;
}

/* When a silent node becomes suspicious: one that says its health each second, or one that speaks less often. */
static int64_t
usual_silence_us(const struct conn_paths *p)
{
	int count = p->gap_count < CONN_GAPS ? p->gap_count : CONN_GAPS, slow = 0;
	int64_t longest_us = 0;

	for (int i = 0; i < count; i++) {
		slow += p->gaps_us[i] > SPEAKS_OFTEN_US;
		if (p->gaps_us[i] > longest_us)
			longest_us = p->gaps_us[i];
	}
	return slow * 2 > count ? longest_us / 2 * 5 : SILENCE_US;
}

/* The next suspicion.  One without grounds makes the next one slower to come. */
static void
round_end(struct conn *c)
{
	struct conn_paths *p = &c->paths;
	int64_t now_us = loop_now_us(c->loop);

	if (p->round == ROUND_SILENT && p->used == USED_WELL) {
		p->patience_us = p->patience_us > 0 ? p->patience_us * 2 : usual_silence_us(p);
		p->doubt_us = now_us + p->patience_us;
	} else if (p->round == ROUND_SILENT) {
		p->doubt_us = now_us + AGAIN_US;
	}
	p->round = ROUND_NONE;
	conn_ask_cancel(p->check);
	p->check = NULL;
	if (p->used == USED_ASKED)
		p->used = USED_UNASKED;
}

static bool
has_spoken(const struct conn_paths *p)
{
	return p->word_us > p->round_us;
}

/* Clashing answers while the one in use is there: two devices with one id.  One at a time, since telling may change the list. */
static bool
settle_clash(struct conn *c)
{
	for (int i = 0; i < c->way_count; i++) {
		struct conn_way *w = c->ways[i];
		struct registry_address at = w->at;
		struct conn_said said;

		if (w->clash == NULL)
			continue;
		said = *w->clash;
		free(w->clash);
		w->clash = NULL;
		if (judge(c, &said) == SAME_DEVICE) {
			conn_way_answered(w, said.rtt_us);
			conn_way_tell(w, true, "");
		} else if (said.has_info) {
			conn_paths_stranger(c, &at, &said);
		}
		return true;
	}
	return false;
}

static bool
has_clash(const struct conn *c)
{
	for (int i = 0; i < c->way_count; i++)
		if (c->ways[i]->clash != NULL)
			return true;
	return false;
}

/* The best of those that answered in this round; one with another epoch only when nobody else did. */
static struct conn_way *
best_of_round(const struct conn *c)
{
	const struct conn_paths *p = &c->paths;
	struct conn_way *best = NULL;

	for (int i = 0; i < c->way_count; i++) {
		struct conn_way *w = c->ways[i];

		if (!conn_way_is_other(w) || w->said_us < p->round_us || w->at.failures > 0)
			continue;
		if (best == NULL || pathrank_order(&w->at, &best->at) < 0)
			best = w;
	}
	for (int i = 0; best == NULL && p->used == USED_DEAD && i < c->way_count; i++)
		if (c->ways[i]->clash != NULL)
			best = c->ways[i];
	return best;
}

static bool
is_given_up(const struct conn_paths *p, int64_t now_us)
{
	if (p->round == ROUND_NEWS)
		return now_us - p->round_us >= NEWS_GRACE_US;
	if (p->used == USED_DEAD)
		return true;
	return p->round == ROUND_SILENT && p->first_us > 0 && now_us - p->first_us >= SILENT_GRACE_US;
}

static bool
is_anybody_asked(const struct conn *c)
{
	for (int i = 0; i < c->way_count; i++)
		if (c->ways[i]->ask != NULL && c->ways[i]->asked_us >= c->paths.round_us)
			return true;
	return c->paths.check != NULL;
}

/* Not all that could be asked were: only the new ones. */
static bool
has_unasked(const struct conn *c)
{
	for (int i = 0; i < c->way_count; i++)
		if (conn_way_is_other(c->ways[i]) && c->ways[i]->asked_us < c->paths.round_us)
			return true;
	return false;
}

/* Nobody answers as this node, neither at the address in use nor elsewhere. */
static void
round_fail(struct conn *c)
{
	struct conn_paths *p = &c->paths;
	char why[MAX_TEXT_FIELD];

	if (p->taken_by != NULL) {
		conn_lost(c, "another device answers at its address");
	} else if (p->withdrawn && p->wanted == ROUND_NONE) {
		snprintf(why, sizeof why, "withdrew itself; %s", p->used_why);
		conn_fail(c, why);
	} else {
		round_end(c);
	}
}

/* The address in use was given to another camera. */
static void
move_from_taken(struct conn *c, struct conn_way *best)
{
	struct conn_said said = *c->paths.taken_by;
	struct registry_address at = c->at;

	conn_move(c, best);
	if (!conn_is_dead(c))
		conn_paths_stranger(c, &at, &said);
}

static void
round_move(struct conn *c, struct conn_way *w)
{
	struct conn_way *left = conn_way_of(c, &c->at);

	if (w->clash != NULL) {		/* it began anew, elsewhere */
		str_copy(c->epoch, sizeof c->epoch, w->clash->epoch);
		conn_keep_face(c, &w->clash->info);
		conn_way_answered(w, w->clash->rtt_us);
		free(w->clash);
		w->clash = NULL;
	}
	if (left != NULL)
		conn_way_missed(left);
	if (c->paths.taken_by != NULL)
		move_from_taken(c, w);
	else
		conn_move(c, w);
}

/* What the round has brought so far.  False: nothing changed; true: look again. */
static bool
round_look(struct conn *c)
{
	struct conn_paths *p = &c->paths;
	struct conn_way *best;

	if (p->first_us == 0 && (best = best_of_round(c)) != NULL)
		p->first_us = best->said_us;
	if (p->used == USED_WELL || (has_spoken(p) && !(has_clash(c) && p->used == USED_ASKED))) {
		if (settle_clash(c))
			return true;
		round_end(c);
		return true;
	}
	if (!is_given_up(p, loop_now_us(c->loop)))
		return false;
	best = best_of_round(c);
	if (best != NULL) {
		round_move(c, best);
		return true;
	}
	if (p->round == ROUND_NEWS && has_unasked(c))
		want(c, ROUND_SILENT);
	else if (is_anybody_asked(c))
		return false;
	round_fail(c);
	return true;
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
		want(c, ROUND_SILENT);
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
			ask_way(c->ways[i], ASK_US);
}

/* One thing at a time.  True: something was done, look again. */
static bool
look_once(struct conn *c, int64_t now_us)
{
	struct conn_paths *p = &c->paths;
	struct conn_way *better;

	if (p->round != ROUND_NONE)
		return round_look(c);
	if (resolve_suspicion(c, now_us))
		return true;
	if (has_clash(c))
		want(c, ROUND_CONTEST);
	if (is_silent(c, now_us))
		want(c, ROUND_SILENT);
	if (p->wanted != ROUND_NONE && now_us - p->round_us >= CONN_ROUND_US) {
		round_begin(c, p->wanted);
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

	if (p->round == ROUND_SILENT && p->first_us > 0)
		earlier(&at_us, p->first_us + SILENT_GRACE_US);
	if (p->round == ROUND_NEWS && p->round_us + NEWS_GRACE_US > loop_now_us(c->loop))
		earlier(&at_us, p->round_us + NEWS_GRACE_US);
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
static void
look(struct conn *c)
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
	look(c);
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
	p->doubt_us = now_us + usual_silence_us(p);	/* the timer looks when it fires */
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
	p->doubt_us = p->word_us + usual_silence_us(p);
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
		want(c, ROUND_NEWS);
		look(c);
		return;
	}
	p->joined = true;
	for (int i = 0; i < c->way_count; i++)
		if (conn_way_is_other(c->ways[i]) && c->ways[i]->is_new && c->ways[i]->ask == NULL)
			ask_way(c->ways[i], ATTEMPT_US);
	look(c);
}

void
conn_paths_suspect(struct conn *c)
{
	struct conn_paths *p = &c->paths;

	if (p->suspect_us == 0) {
		p->suspect_us = loop_now_us(c->loop);
		p->reopen_us = p->suspect_us + SILENCE_US;
	}
	want(c, ROUND_SILENT);
	look(c);
}

void
conn_paths_doubt(struct conn *c)
{
	c->paths.withdrawn = true;
	want(c, ROUND_SILENT);
	look(c);
}

void
conn_paths_nudge(struct conn *c)
{
	int64_t now_us = loop_now_us(c->loop);

	for (int i = 0; i < c->way_count; i++)
		if (now_us - c->ways[i]->asked_us >= NUDGE_US)
			c->ways[i]->next_us = 0;
	look(c);
}
