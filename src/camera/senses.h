/*
 * senses.h - what a node senses beside its picture: bodies, gestures, the level of its sound.  Made up, or played
 * from a file round and round; a node without them says none of these events.  Loop's thread; opening blocks (start-up).
 * The file has JSON Lines: {"atUs":33333,"event":"pose","data":{"people":[...],"motion":0.4}}; event is pose, gesture or
 * audio, data is as the camera node contract has it but for timeUs, which is the moment it is said.
 */
#ifndef CAMERA_SENSES_H
#define CAMERA_SENSES_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "base/loop.h"
#include "domain/node.h"

#define SENSES_POSE_US 33333		/* at most 30 poses a second, */
#define SENSES_AUDIO_US 100000		/* 10 levels */

struct senses;

struct senses_fns {
	/* Node's clock now. */
	int64_t (*now_us)(void *arg);
	/* Does anybody listen?  If not, nothing is put into words. */
	bool (*is_heard)(void *arg);
	/* One event; json is its data, valid during the call.  Numbered ones are few, the rest come in floods. */
	void (*say)(void *arg, const char *event, bool numbered, const char *json);
};

/* what: "generate" or "file:PATH"; number: which of its fleet, each moves in its own way; rate: of its frames. */
struct senses *senses_open(struct loop *loop, const char *what, int number, double rate, const struct senses_fns *fns, void *arg,
    struct err *e);
void senses_free(struct senses *s);	/* NULL is fine */
bool senses_has_pose(const struct senses *s);		/* of NULL: false */
bool senses_has_audio(const struct senses *s);
/* The level as last told; false: none was yet. */
bool senses_audio(const struct senses *s, struct node_audio *out);

#endif
