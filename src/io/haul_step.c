/*
 * haul_step.c - a wish from one step to the next, by the note that ended the one before: who takes it, what state it is in,
 * when it is tried again.  On the loop's thread.  Never blocks, never calls a user.
 */
#include "io/haul_private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define EMPTY_TRIES_MAX 10		/* answers in a row that brought no byte of a file that should have more */

static void
hand_to_desk(struct haul_wish *w, enum haul_step step)
{
	w->step = step;
	haul_desk_take(step == HAUL_STEP_OPEN ? &w->haul->look : &w->haul->sync, w);
}

static void
set_state(struct haul_wish *w, enum haul_state state)
{
	if (w->state != state)
		log_line(LOG_TAKE, "haul: %s: %s -> %s%s%s", w->part.path, haul_state_name(w->state), haul_state_name(state),
		    w->err.kind != ERR_NONE ? ": " : "", w->err.text);
	w->state = state;
	w->is_news_due = true;
}

static void
set_plain(struct haul_wish *w, enum haul_state state)
{
	err_clear(&w->err);
	w->why = HAUL_WHY_NONE;
	set_state(w, state);
}

void
haul_step_close(struct haul_wish *w)
{
	w->forgets = w->is_forgotten;
	hand_to_desk(w, HAUL_STEP_CLOSE);
}

static void
take_promise(struct haul_wish *w)
{
	w->promised_bytes = w->next_bytes;
	memcpy(w->promised_sha256, w->next_sha256, sizeof w->promised_sha256);
}

static void
move(struct haul_wish *w)
{
	struct haul *h = w->haul;
	struct haul_worker *k = &h->workers[h->next_worker];

	h->next_worker = (h->next_worker + 1) % h->conf.threads;
	take_promise(w);
	free(w->url);
	free(w->token);
	w->url_at %= w->url_count;
	w->url = xstrdup(w->urls[w->url_at]);
	w->token = w->bearer != NULL ? xstrdup(w->bearer) : NULL;
	w->tried_from = atomic_load(&w->bytes);
	atomic_store(&w->is_unwanted, false);
	atomic_store(&w->heard_us, haul_now_us());
	w->rated_us = 0;
	set_plain(w, HAUL_MOVING);
	w->step = HAUL_STEP_MOVE;
	w->worker = k;
	haul_work_take(k, w);
}

void
haul_step_begin(struct haul_wish *w)
{
	w->served_us = haul_now_us();
	if (haul_part_is_open(&w->part)) {
		move(w);
		return;
	}
	take_promise(w);
	hand_to_desk(w, HAUL_STEP_OPEN);
}

void
haul_step_judge(struct haul_wish *w)
{
	take_promise(w);
	hand_to_desk(w, HAUL_STEP_JUDGE);
}

static void
fail(struct haul_wish *w, enum haul_why why)
{
	w->why = why;
	w->err = w->note.err;
	set_state(w, HAUL_FAILED);
	haul_step_close(w);
}

static void
wait_for_room(struct haul_wish *w)
{
	w->err = w->note.err;
	w->due_us = haul_now_us() + w->haul->conf.space_look_us;
	set_state(w, HAUL_FULL);
	if (haul_part_is_open(&w->part))
		haul_step_close(w);
}

/* Half of it to all of it: cameras that were cut off together must not come back together. */
static int64_t
with_jitter(int64_t us)
{
	uint16_t chance = 0;

	if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) != (ssize_t)sizeof chance)
		chance = (uint16_t)haul_now_us();
	return us / 2 + us / 2 * chance / UINT16_MAX;
}

static int64_t
back_off_us(const struct haul_wish *w)
{
	const struct haul_conf *conf = &w->haul->conf;
	int64_t us = conf->retry_first_us;

	/* Another address is tried first; only when all were, it waits longer. */
	for (int i = w->url_count; i < w->tries && us < conf->retry_most_us; i += w->url_count)
		us *= 2;
	return with_jitter(us < conf->retry_most_us ? us : conf->retry_most_us);
}

/* Answered again and again, and not one byte more: there is no more.  True: that was the last time. */
static bool
was_last_try(struct haul_wish *w)
{
	int64_t total = w->total_bytes;

	w->empty_tries = w->note.was_answered ? w->empty_tries + 1 : 0;
	if (w->empty_tries < EMPTY_TRIES_MAX)
		return false;
	err_set(&w->note.err, ERR_REFUSED, "the node sends %lld bytes of the %lld it promised, and then no more", (long long)w->tried_from, (long long)total);
	fail(w, HAUL_WHY_SHORT);
	return true;
}

static void
again(struct haul_wish *w)
{
	int64_t wait_us;

	if (atomic_load(&w->bytes) > w->tried_from)
		w->tries = w->empty_tries = w->refusals = 0;	/* it went on: the address is good */
	else if (was_last_try(w))
		return;
	else
		w->url_at++;
	w->tries++;
	wait_us = back_off_us(w);
	if (wait_us < w->note.wait_us)
		wait_us = w->note.wait_us;
	w->due_us = haul_now_us() + wait_us;
	w->err = w->note.err;
	set_state(w, HAUL_RETRYING);
}

/* ---- How each step ends ---- */

static void
flush_or_move(struct haul_wish *w)
{
	if (w->total_bytes >= 0 && w->part.bytes == w->total_bytes)
		hand_to_desk(w, HAUL_STEP_FLUSH);
	else if (w->haul->pace == HAUL_PAUSED)
		haul_step_close(w);
	else
		move(w);
}

static void
open_ended(struct haul_wish *w)
{
	switch (w->note.result) {
	case HAUL_RESULT_DONE:
		flush_or_move(w);
		break;
	case HAUL_RESULT_HERE:
		set_plain(w, w->promised_sha256[0] != '\0' ? HAUL_VERIFIED : HAUL_FETCHED);
		break;
	case HAUL_RESULT_FULL:
		wait_for_room(w);
		break;
	case HAUL_RESULT_STOPPED:
		break;
	default:
		fail(w, w->note.why);
		break;
	}
}

/* Behind an old address may stand another camera, which knows nothing of the file: all addresses are asked. */
static bool
may_be_elsewhere(struct haul_wish *w)
{
	if (w->note.why != HAUL_WHY_GONE && w->note.why != HAUL_WHY_REFUSED && w->note.why != HAUL_WHY_ANSWER)
		return false;
	return ++w->refusals < w->url_count;
}

static void
move_ended(struct haul_wish *w)
{
	switch (w->note.result) {
	case HAUL_RESULT_DONE:
		hand_to_desk(w, HAUL_STEP_FLUSH);
		break;
	case HAUL_RESULT_AGAIN:
	case HAUL_RESULT_ANEW:
		again(w);
		break;
	case HAUL_RESULT_FULL:
		wait_for_room(w);
		break;
	case HAUL_RESULT_STOPPED:
		w->due_us = 0;
		set_plain(w, HAUL_WAITING);
		if (w->haul->pace == HAUL_PAUSED)
			haul_step_close(w);
		break;
	default:
		if (may_be_elsewhere(w))
			again(w);
		else
			fail(w, w->note.why);
		break;
	}
}

static void
flush_ended(struct haul_wish *w)
{
	switch (w->note.result) {
	case HAUL_RESULT_DONE:
		set_plain(w, HAUL_FETCHED);
		break;		/* told first; then judged, when the node's hash is known */
	case HAUL_RESULT_FULL:
		wait_for_room(w);
		break;
	default:
		fail(w, w->note.why);
		break;
	}
}

static void
spoilt(struct haul_wish *w)
{
	w->due_us = 0;
	w->tries = 0;
	err_set(&w->err, ERR_FORMAT, "SHA-256 differs from the node's");
	if (atomic_load(&w->bad_tries) < HAUL_TRIES) {
		set_state(w, HAUL_WAITING);
		return;
	}
	w->why = HAUL_WHY_HASH;
	set_state(w, HAUL_FAILED);
}

static void
judge_ended(struct haul_wish *w)
{
	switch (w->note.result) {
	case HAUL_RESULT_DONE:
		set_plain(w, HAUL_VERIFIED);
		break;
	case HAUL_RESULT_BAD:
		spoilt(w);
		break;
	case HAUL_RESULT_ANEW:
		w->was_here = false;
		w->sha256[0] = '\0';
		set_plain(w, HAUL_WAITING);
		break;
	case HAUL_RESULT_FULL:
		wait_for_room(w);
		break;
	default:
		fail(w, w->note.why);
		break;
	}
}

/* The last of a wish that was dropped.  True: it is gone. */
static bool
let_go(struct haul_wish *w, enum haul_step ended)
{
	if (!w->is_dropped)
		return false;
	if (ended != HAUL_STEP_CLOSE || w->forgets != w->is_forgotten)
		haul_step_close(w);
	else
		haul_wish_free(w);
	return true;
}

void
haul_step_ended(struct haul_wish *w)
{
	enum haul_step ended = w->step;

	w->step = HAUL_STEP_IDLE;
	if (let_go(w, ended))
		return;
	switch (ended) {
	case HAUL_STEP_OPEN:
		open_ended(w);
		break;
	case HAUL_STEP_MOVE:
		move_ended(w);
		break;
	case HAUL_STEP_FLUSH:
		flush_ended(w);
		break;
	case HAUL_STEP_JUDGE:
		judge_ended(w);
		break;
	case HAUL_STEP_CLOSE:
		w->is_news_due = w->is_news_due || atomic_load(&w->durable) != w->told.durable_bytes;
		break;
	case HAUL_STEP_IDLE:
		break;
	}
}
