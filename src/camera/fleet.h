/*
 * fleet.h - one camera node, or several on consecutive ports, as the command line asks.
 */
#ifndef CAMERA_FLEET_H
#define CAMERA_FLEET_H

#include "base/clk.h"
#include "base/err.h"
#include "base/loop.h"
#include "camera/camopt.h"

struct fleet;

/* state: the folder under which default recordings folders lie.  All nodes serve, or none does (e says why). */
struct fleet *fleet_open(struct loop *loop, const struct clk *clk, const struct camopt *o, const char *state, struct err *e);
/*
 * Rehearsed faults, changed while they run: domain/fault's specification.  die-after=off brings a dead node back, as a reboot does, at its
 * port and with its recordings (blocking for a moment, as opening is).  False + e: nothing was changed.
 */
bool fleet_fault(struct fleet *f, const char *spec, struct err *e);
/* {"ready":true,"nodes":[...]}; free() it. */
char *fleet_ready(const struct fleet *f);
/* Every node ends in order; closed() when the last one has (perhaps at once). */
void fleet_close(struct fleet *f, loop_fn *closed, void *arg);
void fleet_free(struct fleet *f);

#endif
