/*
 * take_private.h - what take.c, take_heard.c and take_part.c share; nobody else includes it.
 */
#ifndef DOMAIN_TAKE_PRIVATE_H
#define DOMAIN_TAKE_PRIVATE_H

#include "domain/take.h"

#define TAKE_BY_ITSELF "stopped by itself"
#define TAKE_STEP(state) (1u << TAKE_##state)
#define TAKE_SAME_RECORDING_US 1000000	/* begins this close are one and the same recording */

/* Goes there without asking whether it may: the callers know. */
void take_enter(struct take_device *d, enum take_state to, const char *reason, int64_t now_us);
/* Counts what was reached.  A later state proves the ones before: a file at home was recorded and saved. */
void take_reach(struct take_device *d, enum take_state state);
void take_fail_by_itself(struct take_device *d, const char *error, int64_t now_us);
/* The node may name the cause only after it stopped. */
bool take_learn_reason(struct take_device *d, const char *error);
/* Said about a time before the recording that we know of: it was overtaken on its way. */
bool take_is_stale(const struct take_device *d, int64_t since_us);
/* The state that it failed in; only of one that has. */
enum take_state take_failed_in(const struct take_device *d);
/* How far the device's parts are on their way home, all together. */
enum take_state take_parts_state(const struct take_device *d);

#endif
