/*
 * pacing.h - the terminal as flow control: after each batch a CSI 5 n, the next batch when CSI 0 n came.
 * A terminal that never answers is paced by a fixed rate.  Pure; time comes in.
 */
#ifndef UI_PACING_H
#define UI_PACING_H

#include <stdbool.h>
#include <stdint.h>

struct pacing {
	bool waiting, never_answers;
	int misses;
	int64_t sent_us, next_us;
	int64_t answer_us;		/* smoothed time of an answer */
	int64_t bytes, sent_bytes;
};

void pacing_init(struct pacing *p);
/* May a batch go now? */
bool pacing_may_send(const struct pacing *p, int64_t now_us);
/* A batch with its fence went out. */
void pacing_sent(struct pacing *p, int64_t bytes, int64_t now_us);
void pacing_answered(struct pacing *p, int64_t now_us);
/* When to ask again though no answer came; -1: nothing waits. */
int64_t pacing_deadline(const struct pacing *p);
void pacing_tick(struct pacing *p, int64_t now_us);
/* Bytes the line carries in this time, by what was measured; at least one small picture. */
int64_t pacing_budget_bytes(const struct pacing *p, int64_t span_us);
extern const char pacing_fence[];

#endif
