/*
 * fanout.h - one command to many nodes at once; owner of the open ledgers.
 * Every target gets its bytes in the same turn of the loop; each owes an answer within ack-timeout;
 * a silent node delays nobody.  A roll, a stop or a marker whose instant a node calls out of range (its clock was set since it was
 * compared) goes out to it once more, at once: then it has that time again.
 */
#ifndef APP_FANOUT_H
#define APP_FANOUT_H

#include "app/crew.h"
#include "domain/ledger.h"
#include "domain/target.h"

struct fanout;
struct fanout_fns {
	void (*ack)(void *arg, const struct ledger_line *line);			/* each answer as it comes; may be NULL */
	void (*done)(void *arg, const struct ledger *l, int64_t took_us);	/* exactly once; never inside fanout_send() */
	/* The true effect of a command, as its event told it (node's clock), up to a minute after sending: also after
	 * done, as long as arg lives or until fanout_drop().  At most once per node.  May be NULL. */
	void (*effect)(void *arg, const char *node, int64_t effect_us);
};

/* The token that goes with each command to a node (the holder of its claim asks); NULL: none. */
typedef const char *fanout_bearer_fn(void *arg, const char *node);

struct fanout *fanout_new(struct loop *loop, struct crew *crew, struct bus *bus);
void fanout_free(struct fanout *f);
void fanout_set_bearer(struct fanout *f, fanout_bearer_fn *fn, void *arg);	/* NULL: no more */
/*
 * r is a template: command_id is made per node here, at_us is console UTC and becomes each node's own clock.
 * tailor (may be NULL) edits each node's copy (label).  Returns the ledger's number; done comes later, never inside.
 */
unsigned fanout_send(struct fanout *f, const struct node_request *r, const struct target_set *targets,
    void (*tailor)(void *arg, const char *node, struct node_request *r), const struct fanout_fns *fns, void *arg);
/* Stops the callbacks, also the effects still to come; the bytes are out. */
void fanout_drop(struct fanout *f, unsigned number);
/*
 * How far ahead of now an instant for these nodes must lie for all to know of it in time: least_us, or what the slowest way
 * among those that are live needs (domain/reach.h), at most the 10 s that nodes take.
 */
int64_t fanout_lead_us(const struct fanout *f, const struct target_set *targets, int64_t least_us);
int fanout_open_count(const struct fanout *f);

#endif
