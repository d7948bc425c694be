/*
 * governor.c - what the terminal's line carries, and what may go over it now.  Owns figures only; sends nothing itself.
 * The line is taken as a queue with a delay: a batch is answered one round trip after its turn, and its turn takes its bytes.
 */
#include "ui/governor.h"

#define FIRST_BYTES 1500		/* pictures on a line that nothing is known of */
#define LEAST_BATCH_BYTES 400
#define BATCH_US 25000			/* a batch is what the line carries in this time: its answers come often enough */
#define LEAST_RATE_BPS 200
#define MOST_RATE_BPS 200000000
#define WINDOW_US 100000		/* one look at the rate */
#define WINDOW_BYTES 1024
#define RTT_US 15000000			/* the empty round trip is looked for again after this */
#define DRAIN_US 1000000			/* for so long at most */
#define CLEAN_BYTES 256			/* so few bytes on an empty line show the round trip itself */
#define PATIENCE_US 2000000		/* an unanswered fence */
#define SLEPT_US 300000
#define MOST_PATIENCE_US 10000000	/* where only the way may be so long */
#define ASK_US 2000000			/* who fell silent is asked so often */
#define TEXT_US 1000000			/* text waits for nothing longer than this */
#define TRIAL_US 3000000
#define TRIAL_ANSWERS 4
#define DEAF_US 3000000
#define MOST_LATE_US 20000
#define SILENT_BATCH_BYTES 8000		/* for who never answers: */
#define SILENT_BATCH_US 400000
#define SILENT_BPS 20000
#define MUTE_BPS 4000			/* for who did, on a line not known: */
#define LEAST_MUTE_BPS 500
#define MUTE_SHARE 30			/* has it only stopped reading, a minute of it is two seconds of the line */
#define DEAF_ROUNDS 3			/* so often in a row the question was answered, and no fence */

const char governor_fence[] = "\x1b[5n";
const char governor_question[] = "\x1b[c";

static int64_t
most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void
governor_init(struct governor *g)
{
	*g = (struct governor){ .old_rtt_us = INT64_MAX, .new_rtt_us = INT64_MAX, .patience_us = 5000000 };
}

void
governor_again(struct governor *g, int64_t now_us)
{
	struct governor fresh;

	governor_init(&fresh);
	fresh.level = g->level;
	fresh.size = g->size;
	fresh.stepped_us = now_us;
	*g = fresh;
}

/* ---- Fences ---- */

static struct governor_fence *
fence_at(struct governor *g, int i)
{
	return &g->fences[(g->first + i) % GOVERNOR_FENCES];
}

bool
governor_takes_fence(const struct governor *g)
{
	return !g->is_silent && g->count < GOVERNOR_FENCES - 1;		/* one place is the question's */
}

/* Has answered, and does not any more: it stopped, or its answers get lost. */
static bool
is_mute(const struct governor *g)
{
	return g->is_silent && g->answers > 0 && !g->is_fenceless;
}

int64_t
governor_silent_bps(const struct governor *g)
{
	if (!is_mute(g))
		return SILENT_BPS;
	return g->rate_bps == 0 ? MUTE_BPS : most(LEAST_MUTE_BPS, least(g->rate_bps / MUTE_SHARE, SILENT_BPS));
}

static void
note_text(struct governor *g, int64_t bytes, int64_t now_us)
{
	g->text_us = now_us;
	if (now_us - g->text_since_us >= 1000000) {
		g->text_bps = g->text_bytes * 1000000 / most(now_us - g->text_since_us, 1);
		g->text_bytes = 0;
		g->text_since_us = now_us;
	}
	g->text_bytes += bytes;
	/* By itself the screen takes half of a slow line at most; the answer to a key does not ask. */
	g->text_next_us = g->rate_bps > 0 ? now_us + least(2 * bytes * 1000000 / g->rate_bps, TEXT_US) : now_us;
}

static void
note_batch(struct governor *g, enum governor_batch what, int64_t bytes, int64_t now_us)
{
	if (what == GOVERNOR_TEXT)
		note_text(g, bytes, now_us);
	if (what == GOVERNOR_PICTURES)
		g->next_us = now_us + most(SILENT_BATCH_US, bytes * 1000000 / governor_silent_bps(g));
}

/* What the line has not taken yet, if it is what it was measured to be. */
static int64_t
backlog_bytes(const struct governor *g, int64_t now_us)
{
	return most(0, g->backlog_bytes - g->rate_bps * (now_us - g->backlog_us) / 1000000);
}

static void
add_flying(struct governor *g, int64_t bytes, int64_t now_us)
{
	g->backlog_bytes = backlog_bytes(g, now_us) + bytes;
	g->backlog_us = now_us;
	g->unfenced_bytes += bytes;
	g->flying_bytes += bytes;
}

void
governor_sent(struct governor *g, enum governor_batch what, int64_t bytes, int64_t now_us)
{
	note_batch(g, what, bytes, now_us);
	if (what == GOVERNOR_PICTURES)
		g->batch_bytes = most(bytes, g->batch_bytes * 7 / 8);
	if (what == GOVERNOR_QUESTION) {
		g->has_asked = true;
		g->asked_us = now_us;
		g->silent_questions += g->is_silent;
	}
	if (g->is_silent)
		return;
	add_flying(g, bytes, now_us);
	if (g->count == GOVERNOR_FENCES)
		return;
	*fence_at(g, g->count++) = (struct governor_fence){ .what = what, .sent_us = now_us, .bytes = g->unfenced_bytes,
		.on_empty = g->flying_bytes == g->unfenced_bytes };
	g->unfenced_bytes = 0;
	g->text_out += what == GOVERNOR_TEXT;
}

void
governor_unfenced(struct governor *g, enum governor_batch what, int64_t bytes, int64_t now_us)
{
	note_batch(g, what, bytes, now_us);
	if (g->is_silent)
		return;
	add_flying(g, bytes, now_us);
}

/* ---- The measure ---- */

static void
note_rtt(struct governor *g, const struct governor_fence *f, int64_t took_us, int64_t now_us)
{
	/* A larger batch that was even faster shows that its bytes do not count here. */
	if (took_us < least(g->old_rtt_us, g->new_rtt_us))
		g->rtt_bytes = g->rtt_bytes > 0 ? least(g->rtt_bytes, f->bytes) : f->bytes;
	g->new_rtt_us = least(g->new_rtt_us, took_us);
	g->rtt_us = least(g->old_rtt_us, g->new_rtt_us);
	if (f->on_empty && f->bytes <= CLEAN_BYTES)
		g->has_clean_rtt = true;
	/* Texts follow each other by a second at least: on so long a way they leave no room for a bare fence. */
	if (g->has_clean_rtt || g->rtt_us > TEXT_US)
		g->is_draining = false;
	if (g->rtt_since_us == 0)
		g->rtt_since_us = now_us;
	if (now_us - g->rtt_since_us < RTT_US)
		return;
	/* A standing queue must not become the round trip: one look at the empty line before the old figure goes. */
	g->is_draining = !g->has_clean_rtt && now_us - g->rtt_since_us < RTT_US + DRAIN_US;
	if (!g->is_draining) {
		g->rtt_bytes = f->bytes <= CLEAN_BYTES ? f->bytes : g->rtt_bytes;
		g->old_rtt_us = g->new_rtt_us;
		g->new_rtt_us = INT64_MAX;
		g->rtt_us = g->old_rtt_us;
		g->rtt_since_us = now_us;
		g->has_clean_rtt = false;
	}
}

static void
set_rate(struct governor *g, int64_t rate_bps)
{
	g->rate_bps = most(LEAST_RATE_BPS, least(rate_bps, MOST_RATE_BPS));
}

/* Every answer was late: the line is slower, or somebody at one of its ends is. */
static void
lower(struct governor *g, int64_t rate_bps, int64_t now_us)
{
	if (now_us < g->deaf_until_us)
		return;
	if (g->trial_us == 0 || now_us - g->trial_us >= TRIAL_US) {
		g->trial_us = now_us;
		g->trial_rate_bps = g->rate_bps;
		g->trial_queue_us = g->win_least_us;
		g->trial_least_us = INT64_MAX;
		g->trial_answers = g->trial_bytes = g->trial_service_us = g->trial_low_us = 0;
	}
	if (g->trial_low_us != 0)
		return;			/* low enough to see by what is sent from now on */
	set_rate(g, rate_bps);
	if (g->rate_bps < g->trial_rate_bps / 8)
		g->trial_low_us = now_us;
}

/* Fewer bytes on a slower line wait less, and go as fast.  Where they wait as long as before, it was not the line. */
static void
judge_trial(struct governor *g, const struct governor_fence *f, int64_t service_us, int64_t now_us)
{
	if (g->trial_low_us == 0 || f->what != GOVERNOR_PICTURES || f->sent_us <= g->trial_low_us)
		return;
	g->trial_least_us = least(g->trial_least_us, g->queue_us);
	g->trial_bytes += f->bytes;
	g->trial_service_us += most(service_us, 0);
	if (++g->trial_answers < TRIAL_ANSWERS)
		return;
	if (g->trial_least_us * 10 > g->trial_queue_us * 7 &&
	    g->trial_bytes * 1000000 / most(g->trial_service_us, 200) < g->trial_rate_bps / 8) {
		set_rate(g, most(g->rate_bps, g->trial_rate_bps));
		g->deaf_until_us = now_us + DEAF_US;
	}
	g->trial_us = g->trial_low_us = 0;
}

/* A window is over: the line's rate is what it did while it had work. */
static void
close_window(struct governor *g, int64_t now_us)
{
	int64_t sample = g->win_bytes * 1000000 / most(g->win_service_us, 200);
	bool was_blocked = g->blocked_us != 0 && now_us - g->blocked_us < WINDOW_US + g->rtt_us;

	if (g->rate_bps == 0)
		set_rate(g, sample);
	else if (sample >= g->rate_bps)
		set_rate(g, least(sample, g->rate_bps * 3 / 2));
	else if (g->win_least_us > GOVERNOR_QUEUE_US)
		lower(g, most(sample, g->rate_bps / 2), now_us);
	else if (was_blocked && g->win_least_us < GOVERNOR_QUEUE_US / 3 && g->win_most_us < GOVERNOR_QUEUE_US)
		set_rate(g, g->rate_bps + g->rate_bps / 4);	/* pictures wait, but nothing queues: try more */
	else
		set_rate(g, (g->rate_bps * 7 + sample) / 8);	/* small batches show more of the clocks than of the line */
	g->win_bytes = g->win_service_us = g->win_answers = g->win_most_us = 0;
	g->win_since_us = now_us;
}

static void
note_answer(struct governor *g, const struct governor_fence *f, int64_t now_us)
{
	int64_t took_us = now_us - f->sent_us, service_us;

	note_rtt(g, f, took_us, now_us);
	/* Its turn began when the one before was done, or when it got there. */
	service_us = now_us - most(g->last_answer_us, f->sent_us + g->rtt_us) - g->late_us;
	g->queue_us = most(took_us - g->rtt_us - g->late_us, 0);
	g->worst_queue_us = most(g->worst_queue_us, g->queue_us);
	judge_trial(g, f, service_us, now_us);
	/* The shortest wait counts: a queue that stands delays every answer, somebody who slept only some. */
	g->win_least_us = g->win_answers++ > 0 ? least(g->win_least_us, g->queue_us) : g->queue_us;
	g->win_most_us = most(g->win_most_us, g->queue_us);
	g->last_answer_us = now_us;
	/* What is no larger than the batch that gave the round trip has its own way through in that figure. */
	if (f->bytes < 2 * g->rtt_bytes)
		return;
	g->win_bytes += f->bytes;
	g->win_service_us += most(service_us, 0);
	if (g->win_bytes >= WINDOW_BYTES && (g->win_service_us >= WINDOW_US / 4 || now_us - g->win_since_us >= WINDOW_US))
		close_window(g, now_us);
}

static void
drop_first(struct governor *g)
{
	struct governor_fence *f = fence_at(g, 0);

	g->flying_bytes -= f->bytes;
	g->text_out -= f->what == GOVERNOR_TEXT;
	if (f->what == GOVERNOR_QUESTION)
		g->has_asked = false;
	g->first = (g->first + 1) % GOVERNOR_FENCES;
	g->count--;
}

/* How many of the oldest this answer ends; 0: it is nobody's. */
static int
answered_count(struct governor *g, enum governor_batch what)
{
	for (int i = 0; i < g->count; i++)
		if ((fence_at(g, i)->what == GOVERNOR_QUESTION) == (what == GOVERNOR_QUESTION))
			return i + 1;
	return 0;
}

/* The question's answer came, and the fences before it were never answered: it will not answer the next ones either. */
static bool
is_no_fence(struct governor *g)
{
	if (g->is_fenceless)
		return true;
	/* What was asked before the fences proves nothing; nor what was answered by who had not been asked since. */
	if (!g->is_proof || !g->has_asked || g->asked_us < g->silent_us)
		return false;
	g->is_proof = false;
	g->is_fenceless = g->fence_answers == 0 || ++g->deaf_rounds >= DEAF_ROUNDS;
	return g->is_fenceless;
}

/* Late is not never.  The measure begins anew, and with a question, to know which answer is whose. */
static void
come_back(struct governor *g, enum governor_batch what, int64_t now_us)
{
	const struct governor before = *g;

	governor_again(g, now_us);
	g->answers = before.answers;
	g->fence_answers = before.fence_answers;
	g->deaf_rounds = what == GOVERNOR_QUESTION ? before.deaf_rounds : 0;
	g->patience_us = before.patience_us;
	g->text_us = before.text_us;
	g->key_us = before.key_us;
	g->stray_us = now_us;
	g->silent_questions = before.silent_questions - (what == GOVERNOR_QUESTION && before.silent_questions > 0);
	/* It may be the way that is so long: then it must not be given up as soon the next time. */
	g->way_us = least(most(now_us - before.asked_us, before.way_us), MOST_PATIENCE_US / 2);
}

void
governor_answered(struct governor *g, enum governor_batch what, int64_t now_us)
{
	int count;

	g->answers++;
	g->heard_us = now_us;
	g->overdue_us = 0;
	if (g->is_silent) {
		if (what != GOVERNOR_QUESTION || !is_no_fence(g))
			come_back(g, what, now_us);
		return;
	}
	if (what != GOVERNOR_QUESTION && g->stray_us != 0)
		return;			/* whose it is nobody knows before the question is answered */
	if ((count = answered_count(g, what)) == 0)
		return;
	if (what != GOVERNOR_QUESTION) {
		g->fence_answers++;
		g->deaf_rounds = 0;
		g->way_us = 0;
	}
	if (count > 1 || (g->stray_us != 0 && g->silent_questions > 0)) {
		/* Answers were lost, or this one is of an older question: what they fenced is done, but nobody knows when. */
		for (int i = 1; i < count; i++)
			drop_first(g);
		g->last_answer_us = now_us;
	} else {
		struct governor_fence f = *fence_at(g, 0);

		note_answer(g, &f, now_us);
	}
	drop_first(g);
	if (g->count == 0)
		g->flying_bytes = g->unfenced_bytes = g->backlog_bytes = 0;
	if (what == GOVERNOR_QUESTION && g->stray_us != 0) {
		g->stray_us = 0;
		g->is_draining = g->silent_questions > 0;	/* a fence of its own shows the round trip */
		g->silent_questions = 0;
	}
}

void
governor_late(struct governor *g, int64_t late_us)
{
	/* Up at once, down in a dozen of timers. */
	g->late_us = late_us > g->late_us ? least(late_us, MOST_LATE_US) : (g->late_us * 7 + most(late_us, 0)) / 8;
}

/* ---- What may go ---- */

static bool
is_long_piece(const struct governor *g)
{
	return g->rate_bps > 0 && g->batch_bytes * 10 > g->rate_bps;	/* longer than 100 ms */
}

static int64_t
batch_bytes(const struct governor *g)
{
	return most(LEAST_BATCH_BYTES, g->rate_bps * BATCH_US / 1000000);
}

static bool
is_resting(const struct governor *g, int64_t now_us)
{
	return is_long_piece(g) && g->key_us != 0 && now_us - g->key_us < GOVERNOR_KEY_REST_US;
}

size_t
governor_room(const struct governor *g, int64_t now_us)
{
	const int64_t batch = batch_bytes(g);
	int64_t window, room;

	if (g->is_silent)
		return now_us >= g->next_us ? SILENT_BATCH_BYTES : 0;
	if (g->is_draining || g->stray_us != 0 || (g->has_asked && g->answers > 0) || g->count >= GOVERNOR_FENCES - 2)
		return 0;
	if (is_resting(g, now_us))
		return 0;
	if (g->rate_bps == 0)
		return (g->count == 0 || (g->rtt_us > TEXT_US && g->text_out == g->count)) && g->unfenced_bytes == 0 ? FIRST_BYTES : 0;
	window = g->rate_bps * (g->rtt_us + GOVERNOR_QUEUE_US) / 1000000;
	/* The way is long, the queue before it must be short: what fills the way goes at the line's own pace. */
	room = least(window - g->flying_bytes, g->rate_bps * GOVERNOR_QUEUE_US / 1000000 - backlog_bytes(g, now_us));
	if (g->flying_bytes == 0)
		room = most(room, LEAST_BATCH_BYTES);
	if (room < LEAST_BATCH_BYTES / 2 || (room < batch / 2 && g->flying_bytes > 0))
		return 0;
	return (size_t)least(room, batch);
}

void
governor_blocked(struct governor *g, int64_t now_us)
{
	if (!g->is_draining)
		g->blocked_us = now_us;
}

bool
governor_wants_fence(const struct governor *g)
{
	return g->is_draining && g->count == 0 && !g->is_silent;
}

static int64_t
patience_us(const struct governor *g)
{
	return most(PATIENCE_US, most(8 * g->rtt_us, 2 * g->way_us));
}

/* No answer at all for so long: while others come, late ones are a queue. */
static int64_t
silent_at(const struct governor *g)
{
	return most(g->fences[g->first].sent_us, g->heard_us) + patience_us(g);
}

bool
governor_wants_question(const struct governor *g, int64_t now_us)
{
	if (g->is_silent)
		return is_mute(g) && (!g->has_asked || now_us - g->asked_us >= ASK_US);
	return g->stray_us != 0 && !g->has_asked;
}

static int64_t
silent_deadline(const struct governor *g, int64_t now_us)
{
	const int64_t ask_us = is_mute(g) ? most(now_us, g->has_asked ? g->asked_us + ASK_US : 0) : -1;

	if (g->next_us <= now_us)
		return ask_us;
	return ask_us >= 0 ? least(ask_us, g->next_us) : g->next_us;
}

int64_t
governor_deadline(const struct governor *g, int64_t now_us)
{
	int64_t at, over;

	if (g->is_silent)
		return silent_deadline(g, now_us);
	if (is_resting(g, now_us))
		return g->key_us + GOVERNOR_KEY_REST_US;
	if (g->count == 0)
		return -1;
	at = g->overdue_us != 0 ? g->overdue_us + SLEPT_US : silent_at(g);
	/* The queue shrinks by itself: half a batch may go in ... */
	over = g->backlog_bytes + batch_bytes(g) / 2 - g->rate_bps * GOVERNOR_QUEUE_US / 1000000;
	if (g->rate_bps > 0 && over > 0 && g->backlog_us + over * 1000000 / g->rate_bps >= now_us)
		at = least(at, g->backlog_us + over * 1000000 / g->rate_bps + 1000);
	return at;
}

void
governor_tick(struct governor *g, int64_t now_us)
{
	bool is_asked = false, is_fenced = false;

	if (g->is_silent || g->count == 0 || now_us < silent_at(g))
		return;
	/* It may be we who slept, and the answers wait to be read. */
	if (g->overdue_us == 0)
		g->overdue_us = now_us;
	if (now_us - g->overdue_us < SLEPT_US)
		return;
	g->overdue_us = 0;
	for (int i = 0; i < g->count; i++)
		if (fence_at(g, i)->what == GOVERNOR_QUESTION)
			is_asked = true;
		else
			is_fenced = true;
	g->is_silent = true;
	g->silent_us = now_us;
	g->silent_questions = 0;
	g->is_proof = is_fenced && !is_asked;
	g->first = g->count = g->text_out = 0;
	g->flying_bytes = g->unfenced_bytes = g->backlog_bytes = 0;
	g->has_asked = g->is_draining = false;
	g->stray_us = 0;
	g->next_us = most(g->next_us, g->answers > 0 ? now_us + SILENT_BATCH_US : 0);
}

int64_t
governor_text_at(const struct governor *g, bool is_urgent, int64_t now_us)
{
	const int64_t last_us = g->text_us == 0 ? 0 : g->text_us + TEXT_US;
	int64_t at = g->text_next_us;

	if (is_urgent || g->answers == 0 || (g->is_silent && !is_mute(g)))
		return 0;
	/* After an answer; but not for ever. */
	if (g->text_out > 0 || g->is_silent)
		at = last_us;
	return at > now_us ? at : 0;
}

void
governor_key(struct governor *g, int64_t now_us)
{
	g->key_us = now_us;
}

int64_t
governor_worst_us(struct governor *g)
{
	int64_t worst_us = g->worst_queue_us;

	g->worst_queue_us = 0;
	return worst_us;
}
