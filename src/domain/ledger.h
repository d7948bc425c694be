/*
 * ledger.h - who owes an answer to one command sent to many nodes.
 */
#ifndef DOMAIN_LEDGER_H
#define DOMAIN_LEDGER_H

#include <stdbool.h>
#include <stdint.h>
#include "domain/node.h"

struct ledger_line {
	char node[ID_BYTES];
	char command_id[ID_BYTES];	/* that the node answered to; "": not answered yet */
	bool answered;
	enum node_result result;
	int64_t ms_us;			/* from sending to answer, in microseconds */
	int status, tries;
	char code[NODE_WORD];
	int64_t effect_us;		/* node's clock; 0 = not told yet */
	bool scheduled, late;
	bool excused;			/* it cannot do this and need not: told of, never counted */
	char message[MAX_TEXT_FIELD];
};

struct ledger {
	int count, open;
	struct ledger_line *lines;	/* count of them, heap */
	int64_t planned_us;		/* console UTC; 0 = at once */
};

enum ledger_verdict { LEDGER_OK, LEDGER_PARTIAL, LEDGER_FAILED };

void ledger_init(struct ledger *l, int count);
void ledger_fini(struct ledger *l);
struct ledger_line *ledger_line(struct ledger *l, const char *node);
/* False when the node owes nothing (an answer after its line was closed). */
bool ledger_answer(struct ledger *l, const char *node, const struct node_answer *a, int64_t took_us, int tries);
/* The node has no such thing, and that is no failure: its line, made if there is none, says not-offered. */
struct ledger_line *ledger_excuse(struct ledger *l, const char *node);
int ledger_asked(const struct ledger *l);	/* without those that are excused */
int ledger_acked(const struct ledger *l);
/* Of those that are not excused: all ok: OK; none: FAILED; else PARTIAL.  An empty ledger is OK. */
enum ledger_verdict ledger_verdict(const struct ledger *l);
const char *ledger_verdict_name(enum ledger_verdict v);	/* "ok" "partial" "failed" */

#endif
