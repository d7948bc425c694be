/*
 * claim.h - which Sphere holds this node, by what token (camera node contract, /claim and /release).
 * Loop's thread; times are the loop's.
 */
#ifndef CAMERA_CLAIM_H
#define CAMERA_CLAIM_H

#include <stdbool.h>
#include <stdint.h>
#include "domain/node.h"

enum claim_result {
	CLAIM_OK,
	CLAIM_BAD_TOKEN,		/* not 256 bits of base64url */
	CLAIM_TAKEN,			/* another Sphere holds it */
	CLAIM_TOKEN_REQUIRED,		/* this Sphere does, by another token */
	CLAIM_PIN_REQUIRED,
	CLAIM_PIN_LOCKED		/* too many wrong ones: try again later */
};

struct claim {
	struct node_claim held;
	char token[ID_BYTES];
	char pin[NODE_WORD];		/* "": the device asks for none */
	int64_t heard_us;		/* last word of the holder */
	int64_t wrong_us[5];		/* the newest wrong pins */
	unsigned wrong_count;
};

void claim_init(struct claim *c, const char *pin);
enum claim_result claim_ask(struct claim *c, const struct node_request *rq, int64_t now_us);
void claim_release(struct claim *c);
/* One that was kept over a restart; now: loop time of the holder's last word, which may lie before the loop began.  False: no such token. */
bool claim_restore(struct claim *c, const struct node_claim *held, const char *token, int64_t heard_us);
/* Is this the holder's token?  Its word keeps the claim alive. */
bool claim_hear(struct claim *c, const char *token, int64_t now_us);
/* Ends a claim whose holder was silent for ten minutes; never while recording.  True: it ended now. */
bool claim_expire(struct claim *c, int64_t now_us, bool is_recording);
/* Seconds until a pin may be tried again. */
int claim_retry_s(const struct claim *c, int64_t now_us);

#endif
