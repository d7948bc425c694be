/*
 * reply.h - where the asker of a command reads its answer: status line, guarded lines, cue player.
 * One command: begin, any number of acks, exactly one end.
 */
#ifndef APP_REPLY_H
#define APP_REPLY_H

#include <stdint.h>
#include "base/err.h"
#include "domain/ledger.h"

enum reply_result { REPLY_OK, REPLY_PARTIAL, REPLY_FAILED, REPLY_ERROR };

struct reply_end {
	enum reply_result result;
	int acked, asked;		/* 0/0 when the command asked no node */
	int64_t took_us;
	struct err err;			/* REPLY_ERROR and REPLY_FAILED: the sentence */
};

struct reply {
	void (*begin)(void *arg, int n, const char *text);
	void (*ack)(void *arg, int n, const char *node, const char *name, const struct ledger_line *line);
	void (*say)(void *arg, int n, const char *text);	/* free text for the asker */
	void (*end)(void *arg, int n, const struct reply_end *end);
	void *arg;
};
const char *reply_result_name(enum reply_result r);	/* "ok" "partial" "failed" "error" */

#endif
