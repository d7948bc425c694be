/*
 * recorder_private.h - the recorder's inside, shared by recorder.c (from the request to the last frame) and recorder_disk.c (what
 * workers do for it).  Nobody else includes it.
 */
#ifndef CAMERA_RECORDER_PRIVATE_H
#define CAMERA_RECORDER_PRIVATE_H

#include "camera/recorder.h"
#include "camera/tape.h"

enum reel_state { REEL_STARTING, REEL_RECORDING, REEL_STOPPING, REEL_BREAKING };

struct reel {
	struct tape *tape;
	enum reel_state state;
	char start_id[ID_BYTES], stop_id[ID_BYTES];
	char error[MAX_TEXT_FIELD];
	struct node_file file;		/* as asked for; then what the loop adds: markers, drops, heat */
	int64_t last_frame;
	int64_t from_us;		/* monotonic: no frame before */
};

struct recorder {
	struct loop *loop;
	struct engine *engine;
	struct store *store;
	struct recorder_fns fns;
	void *arg;
	struct reel *current, *next;
	struct reel *taking, *ending;	/* of the shot in flight */
	int saving_count;
	bool is_syncing;
	int64_t synced_us, synced_bytes;
	struct node_recording told;	/* the last one's word while none runs: idle, saving, failed */
	int64_t dropped;
	loop_fn *closed;
	void *closed_arg;
};

/* recorder.c: tells the owner where it stands; node's clock, 0 = now. */
void recorder_tell(struct recorder *r, const char *command_id, int64_t time_us);
/* Something is over: perhaps that was the last of it. */
void recorder_check_closed(struct recorder *r);

/* recorder_disk.c: its metadata is written by a worker, then it is saved and told. */
void recorder_save(struct recorder *r, const struct reel *reel);
/* The bytes so far are synced once a second, beside the writer. */
void recorder_sync(struct recorder *r, const struct reel *reel);

#endif
