/*
 * recorder.h - what a node does about record/start and record/stop: one recording runs, the ones before
 * it are closed and saved meanwhile.  A client of the engine; all calls on the loop's thread.
 */
#ifndef CAMERA_RECORDER_H
#define CAMERA_RECORDER_H

#include <stdbool.h>
#include <stdint.h>
#include "base/loop.h"
#include "camera/engine.h"
#include "camera/store.h"
#include "domain/node.h"

struct recorder;

/* How the camera stands when a recording begins. */
struct recorder_setup {
	struct node_format format;
	const char *camera;		/* "back" */
	const char *thermal;
	const char *title;		/* outlives the recorder */
	int64_t from_us;		/* monotonic: capture of the first frame; the camera's grid is moved there */
};

struct recorder_fns {
	/* The state is new (recorder_state()); by which command ("" none) and since when, node's clock (0: now). */
	void (*changed)(void *arg, const char *command_id, int64_t time_us);
	/* The file is complete on the device. */
	void (*saved)(void *arg, const struct node_file *file);
};

enum recorder_result {
	RECORDER_OK,
	RECORDER_NOTHING_TO_DO,		/* that take runs already; or none runs, for a stop */
	RECORDER_OTHER_TAKE,		/* another one runs */
	RECORDER_NO_ROOM
};

struct recorder *recorder_new(struct loop *loop, struct engine *engine, struct store *store,
    const struct recorder_fns *fns, void *arg);
void recorder_free(struct recorder *r);		/* after recorder_abandon() */
/*
 * Once the engine has stopped: lets go of what runs as a power cut would, the file stays as it is.  done
 * when no worker has anything of the recorder any more (perhaps at once).
 */
void recorder_abandon(struct recorder *r, loop_fn *done, void *arg);
/* Ends what runs; done once everything is saved (perhaps at once). */
void recorder_close(struct recorder *r, loop_fn *done, void *arg);

/* What would happen; nothing does. */
enum recorder_result recorder_judge(const struct recorder *r, const struct node_request *rq);
enum recorder_result recorder_start(struct recorder *r, const struct node_request *rq, const struct recorder_setup *setup);
enum recorder_result recorder_stop(struct recorder *r, const struct node_request *rq);
/* An end that nobody asked for: "heat", or a sentence. */
void recorder_break(struct recorder *r, const char *why);
/* Stamps a marker into what runs. */
void recorder_mark(struct recorder *r, const char *name, int64_t time_us);
/* The store has another quota: what runs may grow to that from now on. */
void recorder_room(struct recorder *r);
void recorder_thermal(struct recorder *r, const char *peak);

void recorder_state(const struct recorder *r, struct node_recording *out);
bool recorder_is_rolling(const struct recorder *r);		/* starting or recording */
bool recorder_is_busy(const struct recorder *r);		/* that, or its last frame is still to come */
int64_t recorder_dropped(const struct recorder *r);	/* frames, in what runs or ran last */

#endif
