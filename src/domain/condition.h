/*
 * condition.h - what `wait` and `expect` can ask, taken apart; judged by app/judge.
 * nodes N|all, take STATE N|all, event NAME [NODE], node NODE STATE, program NODE, preview NODE,
 * armed, audio NODE above -40dB, cuts N, no EVENT, ack all within T, cut N at TIME +- T.
 */
#ifndef DOMAIN_CONDITION_H
#define DOMAIN_CONDITION_H

#include <stdint.h>
#include "domain/cmdline.h"

enum condition_kind { COND_NODES, COND_TAKE, COND_EVENT, COND_NODE, COND_PROGRAM, COND_PREVIEW, COND_ARMED,
	COND_AUDIO, COND_CUTS, COND_NO_EVENT, COND_ACK, COND_CUT_AT };

struct condition {
	enum condition_kind kind;
	int count;			/* -1: all */
	char word[32];	/* take state, node state or event name */
	char node[MAX_NAME_BYTES];	/* as written; "" = any */
	double level_dbfs;
	int64_t at_us, tolerance_us;	/* COND_CUT_AT */
	int64_t within_us;		/* -1: not said */
};

/* words[first..] of c.  On failure *column says where. */
bool condition_parse(struct condition *out, const struct cmdline *c, int first, int *column, struct err *e);

#endif
