/*
 * tape.h - one recording in the making: frames of an engine's shots into an MP4 file, sound up to each
 * frame, metadata beside it from the first frame on.  The worker's half of the recorder: tape_take() and
 * tape_end() block and are called in the pool, one at a time; the rest may be called when neither runs.
 */
#ifndef CAMERA_TAPE_H
#define CAMERA_TAPE_H

#include <stdbool.h>
#include <stdint.h>
#include "camera/picture.h"
#include "camera/source.h"
#include "domain/node.h"

struct tape_conf {
	const char *folder;		/* outlives the tape */
	struct node_file file;		/* id, take, sphere, part, names, size, rate, camera are filled in */
	int64_t bitrate_bps, room_bytes;
	const char *title;
};

struct tape;

struct tape *tape_new(const struct tape_conf *conf);
void tape_room(struct tape *t, int64_t room_bytes);	/* another room, at any time */
void tape_free(struct tape *t);		/* not ended: the file stays as a crash would leave it */
/* The first one makes the file, its capture time is the recording's startUs.  False: the recording has ended. */
bool tape_take(struct tape *t, struct source *source, const struct scene *scene, const struct picture *p);
/* Sound to the end of the last frame, close, hash; the metadata is final but for what the loop knows. */
void tape_end(struct tape *t, struct source *source, const struct scene *last);
/* What is known so far: bytes, startUs, endUs, durationMs; after tape_end() sha256 and complete. */
const struct node_file *tape_file(const struct tape *t);
bool tape_is_begun(const struct tape *t);	/* a frame is in it */
/* "" while all is well; else a word of the contract or a sentence. */
const char *tape_error(const struct tape *t);

#endif
