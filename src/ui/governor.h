/*
 * governor.h - the terminal as flow control, and what its line carries.  Behind each batch stands a fence (CSI 5 n, or a
 * question that ends with DA1); its answer says that the terminal has dealt with all before it.  From the answers comes the
 * line's rate, its empty round trip and its queue; from these, what may go now.  Pure: sends nothing, time comes in.
 */
#ifndef UI_GOVERNOR_H
#define UI_GOVERNOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GOVERNOR_FENCES 64		/* batches under way at once */
#define GOVERNOR_QUEUE_US 40000		/* so much of the line may stand in queue: with the last piece it stays under 100 ms */
#define GOVERNOR_KEY_REST_US 300000	/* where one piece is longer than that, pictures rest so long after a key */
#define GOVERNOR_LEVELS 4		/* of colours: PAINT_LEVELS */
#define GOVERNOR_TILES 64
#define GOVERNOR_SIZES 3		/* 0 the whole place, then 3/4, then half of it */

enum governor_batch { GOVERNOR_TEXT, GOVERNOR_PICTURES, GOVERNOR_QUESTION };	/* QUESTION: answered by DA1, not by 0 n */

struct governor_fence { enum governor_batch what; int64_t sent_us, bytes; bool on_empty; };

struct governor {
	struct governor_fence fences[GOVERNOR_FENCES];
	int first, count;		/* a ring: the oldest, how many */
	int64_t flying_bytes;		/* sent and not known to be dealt with */
	int64_t unfenced_bytes;		/* of these, behind the last fence */
	int64_t backlog_bytes, backlog_us;	/* not taken by the line yet, by its rate; as of then */
	int text_out;			/* texts among the fences */
	int64_t answers;		/* so far */
	int64_t last_answer_us, stray_us;
	int64_t fence_answers;		/* of these, to fences */
	int64_t heard_us, overdue_us;	/* the last one, whosever it was; the next one is due since then */
	bool is_silent;			/* it does not answer, never or any more: fixed rate */
	bool is_fenceless;		/* it answers questions, but no fence */
	bool is_proof;			/* an answer to the next question would show that */
	int deaf_rounds;		/* so often in a row it seemed so */
	int64_t silent_us;		/* since then */
	int silent_questions;		/* asked since, not answered */
	int64_t way_us;			/* an answer was so late lately: the way may be that long */
	bool has_asked;			/* the question about lost answers is out */
	int64_t asked_us;
	/* What the line is. */
	int64_t rate_bps;		/* bytes a second; 0 = not known yet */
	int64_t rtt_us;			/* empty line */
	int64_t rtt_bytes;		/* of the batch that showed it */
	int64_t old_rtt_us, new_rtt_us, rtt_since_us;
	bool has_clean_rtt, is_draining;
	int64_t queue_us;		/* of the last answer: its wait behind other bytes, its own way through included */
	int64_t worst_queue_us;		/* since the last governor_worst_us() */
	int64_t win_bytes, win_service_us, win_since_us, win_least_us, win_most_us, win_answers;	/* of the present look at it */
	/* The rate was lowered then, from so much, because of such a wait: on trial until answers show whether it helped. */
	int64_t trial_us, trial_low_us, trial_rate_bps, trial_queue_us, trial_least_us, trial_answers, trial_bytes, trial_service_us;
	int64_t deaf_until_us;		/* it did not: waits of that kind say nothing about the line for a while */
	int64_t late_us;		/* so late we are ourselves: a busy machine is no slow line */
	int64_t blocked_us;		/* when pictures last waited for room */
	/* What goes over it. */
	int64_t text_us, text_next_us;	/* the last one; when the line has room for the next */
	int64_t text_bytes, text_since_us, text_bps;
	int64_t key_us;
	int64_t batch_bytes;		/* of the last pictures */
	int64_t next_us;		/* silent: the next batch */
	/* What was given up for speed. */
	int level, size;
	int64_t poor_since_us, rich_since_us, stepped_us, raised_us;
	int64_t patience_us;		/* of better times, before colours come back */
};

extern const char governor_fence[];	/* CSI 5 n */
extern const char governor_question[];	/* DA1 */

void governor_init(struct governor *g);
/* A batch went out, its fence included. */
void governor_sent(struct governor *g, enum governor_batch what, int64_t bytes, int64_t now_us);
/* Is there room for one more fence, and anybody who answers?  Else the batch goes without: governor_unfenced(). */
bool governor_takes_fence(const struct governor *g);
void governor_unfenced(struct governor *g, enum governor_batch what, int64_t bytes, int64_t now_us);
/* 0 n (text or pictures), or DA1 (question): all up to there has been dealt with. */
void governor_answered(struct governor *g, enum governor_batch what, int64_t now_us);
/* A timer of ours came so late: so late the answers are heard, too. */
void governor_late(struct governor *g, int64_t late_us);
/* Bytes of pictures that may go now; 0: none. */
size_t governor_room(const struct governor *g, int64_t now_us);
/* Pictures would go but for the room. */
void governor_blocked(struct governor *g, int64_t now_us);
/* A bare fence is due: the line is kept empty to be measured. */
bool governor_wants_fence(const struct governor *g);
/* The question is due: answers may have got lost. */
bool governor_wants_question(const struct governor *g, int64_t now_us);
/* When to look again though no answer came; -1: not needed. */
int64_t governor_deadline(const struct governor *g, int64_t now_us);
/* Does it not answer, for longer than patience has it?  Then it is paced by the clock, until it does. */
void governor_tick(struct governor *g, int64_t now_us);
/* Bytes of pictures a second for who does not answer. */
int64_t governor_silent_bps(const struct governor *g);
/* When text may be drawn; 0 = now; an answer may make it sooner.  What follows a key is urgent: it never waits. */
int64_t governor_text_at(const struct governor *g, bool is_urgent, int64_t now_us);
void governor_key(struct governor *g, int64_t now_us);
/* Forgets who is at the other end: attached again, continued. */
void governor_again(struct governor *g, int64_t now_us);
/* The longest queue since the last call. */
int64_t governor_worst_us(struct governor *g);

/* One picture on the screen, for the plan. */
struct governor_tile {
	int priority;			/* 0 program, 1 preview, 2 focus, 3 the rest */
	int64_t cost_bytes;		/* of one new picture, as things stand; 0 = not known: as the others */
	int milli_fps;			/* out: pictures in 1000 s that its share of the line pays for */
};
/* Shares the line out, most_fps at most each; changes level and size.  To be called a few times a second. */
void governor_plan(struct governor *g, struct governor_tile *tiles, int count, int most_fps, int64_t now_us);

#endif
