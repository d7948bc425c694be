/*
 * pathrank.h - which of a node's addresses is the better way to it: pure rules, "now" comes in.
 * LAN before Tailscale, wired before wireless, the faster of equals; and no move for a trifle (hysteresis).
 */
#ifndef DOMAIN_PATHRANK_H
#define DOMAIN_PATHRANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "domain/registry.h"

/* A path that answered within this time, and not failed since, can be moved to. */
#define PATHRANK_FRESH_US 5000000
/* A better one must have answered for so long without a miss before a path that is well is left for it. */
#define PATHRANK_PROVEN_US 3000000
/* Of the same class: so much shorter must the round trip be, both in parts of the one in use and at all. */
#define PATHRANK_FASTER_PERCENT 30
#define PATHRANK_FASTER_US 2000
/* An address that failed so often in a row is tried after those that do answer, whatever its class. */
#define PATHRANK_TIRED_FAILURES 3

/* Kind and cable alone: smaller is better. */
int pathrank_class(const struct registry_address *a);
/* < 0: a is the better one to try first; 0: no matter.  For sorting addresses. */
int pathrank_order(const struct registry_address *a, const struct registry_address *b);
/*
 * Should a link that is well on `used` move to `other`?  proven_since_us: since when other answers without a miss; 0: it
 * does not.  Equals of the same class only for a round trip that is both 30 % and 2 ms shorter.
 */
bool pathrank_is_worth_moving(const struct registry_address *used, const struct registry_address *other,
    int64_t proven_since_us, int64_t now_us);
/* Why `used` is the one among these: "the only address", "LAN before Tailscale", "wired before Wi-Fi", "the fastest",
 * "the others do not answer" ...  Static text, never NULL. */
const char *pathrank_why(const struct registry_address *used, const struct registry_address *all, int count);

#endif
