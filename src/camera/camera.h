/*
 * camera.h - one camera node, whole: its parts wired together behind its HTTP door.  Implements the
 * camera node contract, version 1.  Loop's thread; opening blocks (start-up).
 */
#ifndef CAMERA_CAMERA_H
#define CAMERA_CAMERA_H

#include <stdbool.h>
#include "base/clk.h"
#include "base/err.h"
#include "base/loop.h"
#include "camera/camopt.h"

struct camera;

/* died: a rehearsed fault, die-after; the node is as dead as a power cut leaves it, but for its memory. */
struct camera *camera_open(struct loop *loop, const struct clk *clk, const struct camera_conf *conf,
    void (*died)(void *arg, struct camera *c), void *arg, struct err *e);
/* An orderly end: bye, recordings closed and saved, goodbye.  closed() when it is done (perhaps at once). */
void camera_close(struct camera *c, loop_fn *closed, void *arg);
void camera_free(struct camera *c);		/* after camera_close(); or, if it died, at any time */
/* As a power cut: connections dropped, port closed, recording left as it is. */
void camera_die(struct camera *c);

/* Rehearsed faults, changed while it runs: the ones named (1 << enum fault_id) are as f says from now on; a time is from now. */
void camera_fault(struct camera *c, const struct fault *f, unsigned named);

const char *camera_id(const struct camera *c);
const char *camera_name(const struct camera *c);
int camera_port(const struct camera *c);

#endif
