/*
 * pacing.c - when the next pictures may go.  Owns counters only; sends nothing itself.
 */
#include "ui/pacing.h"

#define PATIENCE_US 2000000		/* an unanswered fence; slow links take their time */
#define FIXED_RATE_US 500000		/* for a terminal that never answers */
#define LEAST_BATCH_BYTES 6000

const char pacing_fence[] = "\x1b[5n";

void
pacing_init(struct pacing *p)
{
	*p = (struct pacing){ .answer_us = 20000 };
}

bool
pacing_may_send(const struct pacing *p, int64_t now_us)
{
	return !p->waiting && now_us >= p->next_us;
}

void
pacing_sent(struct pacing *p, int64_t bytes, int64_t now_us)
{
	p->waiting = !p->never_answers;
	p->sent_us = now_us;
	p->sent_bytes = bytes;
	p->bytes += bytes;
	p->next_us = p->never_answers ? now_us + FIXED_RATE_US : now_us;
}

void
pacing_answered(struct pacing *p, int64_t now_us)
{
	if (!p->waiting)
		return;			/* a late answer to a fence given up */
	p->waiting = false;
	p->never_answers = false;
	p->misses = 0;
	p->answer_us = (p->answer_us * 3 + (now_us - p->sent_us)) / 4;
	/* Leave the line to text and keys for as long again as the pictures took, at most a quarter second. */
	int64_t rest = (now_us - p->sent_us) / 2;
	p->next_us = now_us + (rest > 250000 ? 250000 : rest);
}

int64_t
pacing_deadline(const struct pacing *p)
{
	return p->waiting ? p->sent_us + PATIENCE_US : -1;
}

void
pacing_tick(struct pacing *p, int64_t now_us)
{
	if (!p->waiting || now_us < pacing_deadline(p))
		return;
	p->waiting = false;
	p->misses++;
	p->never_answers = p->misses >= 2;
	p->next_us = now_us + FIXED_RATE_US;
}

int64_t
pacing_budget_bytes(const struct pacing *p, int64_t span_us)
{
	int64_t per_answer = p->sent_bytes > LEAST_BATCH_BYTES ? p->sent_bytes : LEAST_BATCH_BYTES;
	int64_t answer_us = p->answer_us > 1000 ? p->answer_us : 1000;
	int64_t budget = per_answer * span_us / answer_us;

	if (budget < LEAST_BATCH_BYTES)
		return LEAST_BATCH_BYTES;
	return budget > 1000000 ? 1000000 : budget;
}
