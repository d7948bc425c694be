/*
 * cueplay.h - plays a cue sheet: anchors, waits, expectations, finally lines.
 * A line with WHEN is anchored to the scheduled instant of the cue before; instants known ahead are sent ahead with atUs.
 */
#ifndef APP_CUEPLAY_H
#define APP_CUEPLAY_H

#include "app/cmdq.h"
#include "app/judge.h"
#include "domain/cue.h"

struct cueplay;
struct cueplay_result { int passed, failed; bool stopped_early, command_failed, quit; struct err err; };
typedef void cueplay_done_fn(void *arg, const struct cueplay_result *r);

/* sheet is borrowed.  speed scales times (1.0). */
struct cueplay *cueplay_new(const struct deck *deck, struct cmdq *q, const struct cue_sheet *sheet, double speed,
    const struct reply *reply, cueplay_done_fn *done, void *arg);
void cueplay_start(struct cueplay *p);
/* Ctrl-C, SIGTERM: the finally lines run, then done. */
void cueplay_interrupt(struct cueplay *p);
void cueplay_free(struct cueplay *p);

#endif
