/*
 * cmdmem.h - the answers a node has given, by commandId: a repeat within ten minutes gets the first
 * answer again, also when it arrives while that one is still on its way.  Holds requests until they
 * are answered.
 */
#ifndef CAMERA_CMDMEM_H
#define CAMERA_CMDMEM_H

#include <stdbool.h>
#include <stdint.h>
#include "base/loop.h"
#include "io/httpd.h"

struct cmdmem;

/* A key that begins so is forgotten once it is answered: the command had no id. */
#define CMDMEM_NAMELESS "~"

struct cmdmem *cmdmem_new(struct loop *loop);
void cmdmem_free(struct cmdmem *m);
/*
 * True: the command is new; carry it out, then cmdmem_answer().  False: it is a repeat, and rq is dealt with.
 */
bool cmdmem_open(struct cmdmem *m, const char *command_id, struct httpd_request *rq);
/* What every repeat gets; body is copied.  retry_s: Retry-After, 0: none.  Sent after delay_us (a rehearsal), to all who asked. */
void cmdmem_answer(struct cmdmem *m, const char *command_id, int status, const char *body, int retry_s, int64_t delay_us);
/* Drops all who wait for an answer, as if the line broke; the answers are kept. */
void cmdmem_drop_waiting(struct cmdmem *m, const char *command_id);
void cmdmem_drop_all(struct cmdmem *m);

#endif
