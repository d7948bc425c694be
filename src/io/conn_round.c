/*
 * conn_round.c - all addresses of a node, or the new ones, are asked at once beside the one in use, and whoever answers
 * first or alone gets the link.  Owns the rounds and the word on who is this node and who is a stranger.
 * Never begins one by itself (conn_paths.c), never moves the link itself (conn_move.c).
 */
#include "io/conn_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/pathrank.h"

#define SILENT_GRACE_US 100000		/* the one in use may answer so much later than the first of the others */
#define NEWS_GRACE_US 600000		/* and so long after an address was given, before that one is taken instead */
#define AGAIN_US 1000000		/* as long as it is silent and nobody else answers */

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

bool
conn_round_is_it(const struct conn *c, const struct conn_said *said)
{
	return judge(c, said) == SAME_DEVICE;
}

void
conn_round_stranger(struct conn *c, const struct registry_address *at, const struct conn_said *said)
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
		conn_paths_look(c);
		return;
	}
	verdict = judge(c, said);
	if (verdict == OTHER_DEVICE) {
		conn_round_stranger(c, &at, said);
	} else if (verdict == CLASHING) {
		conn_way_plan(w);
		w->clash = xcalloc(1, sizeof *w->clash);
		*w->clash = *said;
	} else {
		conn_way_answered(w, said->rtt_us);
		conn_way_tell(w, true, "");
	}
	conn_paths_look(c);
}

void
conn_round_ask(struct conn_way *w, int64_t limit_us)
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
		conn_paths_look(c);
		return;
	}
	p->withdrawn = false;
	c->known_us = loop_now_us(c->loop);
	/* Another epoch at an address that lives: the node began anew, or its clock was set. */
	if (said->epoch[0] != '\0')
		str_copy(c->epoch, sizeof c->epoch, said->epoch);
	if (said->has_info)
		conn_keep_face(c, &said->info);
	if (w != NULL)
		conn_way_answered(w, said->rtt_us);
	conn_heard(c);
	conn_paths_look(c);
}

static void
check_used(struct conn *c, bool wholly)
{
	struct conn_ask_conf conf = { .epoch = wholly ? "" : c->epoch, .fresh = true, .limit_us = CONN_ATTEMPT_US };
	struct conn_paths *p = &c->paths;

	conn_ask_cancel(p->check);
	free(p->taken_by);
	p->taken_by = NULL;
	p->used = USED_ASKED;
	p->check = conn_ask_start(c, &c->at, &conf, used_answered, c);
}

/* ---- Rounds ---- */

void
conn_round_begin(struct conn *c, enum conn_round round)
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
			conn_round_ask(w, CONN_ATTEMPT_US);
		else if (round == ROUND_NEWS && w->is_new)
			conn_round_ask(w, CONN_ASK_US);
	}
}

/* The next suspicion.  One without grounds makes the next one slower to come. */
static void
round_end(struct conn *c)
{
	struct conn_paths *p = &c->paths;
	int64_t now_us = loop_now_us(c->loop);

	if (p->round == ROUND_SILENT && p->used == USED_WELL) {
		p->patience_us = p->patience_us > 0 ? p->patience_us * 2 : conn_paths_usual_silence_us(c);
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
			conn_round_stranger(c, &at, &said);
		}
		return true;
	}
	return false;
}

bool
conn_round_has_clash(const struct conn *c)
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

/* When the one in use is given up, unless it answers before; INT64_MAX: not by waiting. */
int64_t
conn_round_limit_us(const struct conn *c)
{
	const struct conn_paths *p = &c->paths;

	if (p->round == ROUND_NEWS)
		return p->round_us + NEWS_GRACE_US;
	if (p->round != ROUND_NONE && p->used == USED_DEAD)
		return p->round_us;
	return p->round == ROUND_SILENT && p->first_us > 0 ? p->first_us + SILENT_GRACE_US : INT64_MAX;
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
		conn_round_stranger(c, &at, &said);
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
bool
conn_round_look(struct conn *c)
{
	struct conn_paths *p = &c->paths;
	struct conn_way *best;

	if (p->first_us == 0 && (best = best_of_round(c)) != NULL)
		p->first_us = best->said_us;
	if (p->used == USED_WELL || (has_spoken(p) && !(conn_round_has_clash(c) && p->used == USED_ASKED))) {
		p->withdrawn = false;
		if (settle_clash(c))
			return true;
		round_end(c);
		return true;
	}
	if (loop_now_us(c->loop) < conn_round_limit_us(c))
		return false;
	best = best_of_round(c);
	if (best != NULL) {
		round_move(c, best);
		return true;
	}
	if (p->round != ROUND_SILENT && has_unasked(c))
		conn_paths_want(c, ROUND_SILENT);
	else if (is_anybody_asked(c))
		return false;
	round_fail(c);
	return true;
}

