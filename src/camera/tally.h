/*
 * tally.h - the light that says who is on the air: its state, its lease, the order of commands.
 * A dead console leaves no red light on.  Loop's thread.
 */
#ifndef CAMERA_TALLY_H
#define CAMERA_TALLY_H

#include <stdbool.h>
#include <stdint.h>
#include "base/loop.h"
#include "domain/node.h"

struct tally;

/* The lease ran out: the light is off. */
struct tally *tally_new(struct loop *loop, loop_fn *lapsed, void *arg);
void tally_free(struct tally *t);
/* A tally came in from sender (any text).  False: an older one than we know; it counts for nothing. */
bool tally_hear(struct tally *t, const struct node_request *rq, const char *sender);
/* It takes effect.  True: the state changed. */
bool tally_apply(struct tally *t, const struct node_request *rq);
enum node_tally tally_state(const struct tally *t);
bool tally_is_identifying(const struct tally *t, int64_t now_us);

#endif
