/*
 * judge.h - is a condition of `wait` and `expect` true now, and since when (app state + events heard).
 */
#ifndef APP_JUDGE_H
#define APP_JUDGE_H

#include "app/deck.h"
#include "app/cmdq.h"
#include "domain/condition.h"

struct judge;
struct judge *judge_new(const struct deck *deck, struct cmdq *q);
void judge_free(struct judge *j);
/* Events of public kinds heard since this instant count for `wait event` and `no EVENT`: marks now. */
void judge_mark(struct judge *j);
/* Counts every public event: what it stands at now. */
int64_t judge_serial(const struct judge *j);
/* One of that kind came after that serial, and not before since_us (loop time): of this node, as written ("" = of any). */
bool judge_heard_since(struct judge *j, enum event_kind kind, const char *node, int64_t serial, int64_t since_us);
/* The node that this word names is that one. */
bool judge_names(struct judge *j, const char *node, const char *id);
/* What `expect ack all` judges: the answers to the command before it. */
struct judge_acks {
	bool any, finished;
	int asked, acked;
	int64_t slowest_us;
	char slowest[MAX_NAME_BYTES];	/* its name */
	char missing[MAX_NAME_BYTES];	/* who did not say ok; "" = nobody */
};
void judge_acks(struct judge *j, const struct judge_acks *acks);
/* Console UTC from which times of `expect cut N at` count, and the speed they are scaled by. */
void judge_zero(struct judge *j, int64_t zero_us, double speed);
/* The show stood still for so long: its times go on without that; of cuts made so far, too. */
void judge_shift(struct judge *j, int64_t by_us);
/* *why (when false): what is there instead, for "expected 4 live nodes, have 3: ...". */
bool judge_is_true(struct judge *j, const struct condition *c, char *why, size_t why_size);

#endif
