/*
 * recorder.c - recordings from the request to the saved file.
 * Owns the reels: the one that runs and the one that follows it; what is saved is recorder_disk.c's.
 * Never touches a tape while the pool has it, never blocks: files are written and synced by workers.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/recorder_private.h"

#define MARKERS (int)(sizeof ((struct node_file *)0)->markers / sizeof(struct node_marker))
#define LEAST_ROOM_BYTES (128 * 1024)

static const struct engine_client recorder_client;

struct recorder *
recorder_new(struct loop *loop, struct engine *engine, struct store *store, const struct recorder_fns *fns, void *arg)
{
	struct recorder *r = xcalloc(1, sizeof *r);

	r->loop = loop;
	r->engine = engine;
	r->store = store;
	r->fns = *fns;
	r->arg = arg;
	r->told.state = NODE_REC_IDLE;
	engine_add(engine, &recorder_client, r);
	return r;
}

void
recorder_free(struct recorder *r)
{
	if (r == NULL)
		return;
	XASSERT(r->current == NULL && r->next == NULL && r->saving_count == 0 && !r->is_syncing);
	free(r);
}

void
recorder_check_closed(struct recorder *r)
{
	loop_fn *closed = r->closed;

	if (closed == NULL || r->current != NULL || r->saving_count > 0 || r->is_syncing)
		return;
	r->closed = NULL;
	closed(r->closed_arg);
}

/* ---- state, as the contract words it ---- */

void
recorder_state(const struct recorder *r, struct node_recording *out)
{
	static const enum node_rec words[] = { [REEL_STARTING] = NODE_REC_STARTING, [REEL_RECORDING] = NODE_REC_RECORDING,
		[REEL_STOPPING] = NODE_REC_STOPPING, [REEL_BREAKING] = NODE_REC_SAVING };
	const struct reel *reel = r->current;

	*out = r->told;
	if (reel == NULL)
		return;
	memset(out, 0, sizeof *out);
	out->state = words[reel->state];
	str_copy(out->take, sizeof out->take, reel->file.take);
	str_copy(out->sphere, sizeof out->sphere, reel->file.sphere);
	str_copy(out->error, sizeof out->error, reel->error);
	out->since_us = reel->file.start_us;
	out->bytes = reel->file.bytes;
}

bool
recorder_is_rolling(const struct recorder *r)
{
	return r->next != NULL || (r->current != NULL && r->current->state <= REEL_RECORDING);
}

bool
recorder_is_busy(const struct recorder *r)
{
	return r->current != NULL || r->next != NULL;
}

int64_t
recorder_dropped(const struct recorder *r)
{
	return r->dropped;
}

void
recorder_tell(struct recorder *r, const char *command_id, int64_t time_us)
{
	struct node_recording now;

	recorder_state(r, &now);
	log_line(LOG_CAMERA, "recording %s: %s %lld bytes %s", now.take, node_rec_name(now.state), (long long)now.bytes, now.error);
	r->fns.changed(r->arg, command_id, time_us);
}

/* ---- requests ---- */

/* The recording a request speaks of: the one that follows, else the one that runs. */
static const struct reel *
rolling(const struct recorder *r)
{
	if (r->next != NULL)
		return r->next;
	return r->current != NULL && r->current->state <= REEL_RECORDING ? r->current : NULL;
}

static bool
has_room(const struct recorder *r)
{
	int64_t total, free_bytes;

	store_room(r->store, &total, &free_bytes);
	return free_bytes >= LEAST_ROOM_BYTES;
}

enum recorder_result
recorder_judge(const struct recorder *r, const struct node_request *rq)
{
	const struct reel *reel = rolling(r);
	bool is_same = reel != NULL && strcmp(reel->file.take, rq->take) == 0 && strcmp(reel->file.sphere, rq->sphere) == 0;

	if (rq->verb == NODE_RECORD_STOP)
		return reel == NULL ? RECORDER_NOTHING_TO_DO : is_same ? RECORDER_OK : RECORDER_OTHER_TAKE;
	if (reel != NULL)
		return is_same ? RECORDER_NOTHING_TO_DO : RECORDER_OTHER_TAKE;
	return has_room(r) ? RECORDER_OK : RECORDER_NO_ROOM;
}

static void
name_file(struct node_file *f)
{
	char slug[96] = "", take[96], part[16] = "";

	str_slug(take, sizeof take, f->take);
	if (f->label[0] != '\0') {
		slug[0] = '-';
		str_slug(slug + 1, sizeof slug - 1, f->label);
	}
	if (f->part > 1)
		snprintf(part, sizeof part, ".%d", f->part);
	snprintf(f->file_name, sizeof f->file_name, "%s%s%s.mp4", take, slug, part);
}

/* Readable, sorted by time, and never the same twice. */
static void
name_recording(struct node_file *f)
{
	time_t now = time(NULL);
	char when[24];
	uint32_t random = 0;
	struct tm utc;

	if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0)
		random = (uint32_t)clock();
	gmtime_r(&now, &utc);
	strftime(when, sizeof when, "%Y%m%d-%H%M%S", &utc);
	snprintf(f->id, sizeof f->id, "rec-%s-%08x", when, random);
}

/* Parts of one take still on their way to the store count too. */
static int
next_part(const struct recorder *r, const struct node_request *rq)
{
	int last = store_last_part(r->store, rq->sphere, rq->take);
	const struct reel *c = r->current;

	if (c != NULL && strcmp(c->file.take, rq->take) == 0 && strcmp(c->file.sphere, rq->sphere) == 0 && c->file.part > last)
		last = c->file.part;
	return last + 1;
}

static struct reel *
reel_new(struct recorder *r, const struct node_request *rq, const struct recorder_setup *setup)
{
	struct reel *reel = xcalloc(1, sizeof *reel);
	struct node_file *f = &reel->file;
	struct tape_conf conf = { .folder = store_folder(r->store), .bitrate_bps = setup->format.bitrate_bps,
		.room_bytes = store_file_room(r->store), .title = setup->title };

	name_recording(f);
	str_copy(f->take, sizeof f->take, rq->take);
	str_copy(f->sphere, sizeof f->sphere, rq->sphere);
	str_copy(f->label, sizeof f->label, rq->label);
	f->part = next_part(r, rq);
	name_file(f);
	str_copy(f->content_type, sizeof f->content_type, "video/mp4");
	f->width = setup->format.width;
	f->height = setup->format.height;
	f->fps = setup->format.rate;
	str_copy(f->video_codec, sizeof f->video_codec, "h264");
	str_copy(f->audio_codec, sizeof f->audio_codec, "aac");
	str_copy(f->camera, sizeof f->camera, setup->camera);
	str_copy(f->thermal_peak, sizeof f->thermal_peak, setup->thermal);
	str_copy(reel->start_id, sizeof reel->start_id, rq->command_id);
	reel->from_us = setup->from_us;
	conf.file = *f;
	reel->tape = tape_new(&conf);
	return reel;
}

static void
reel_free(struct reel *reel)
{
	tape_free(reel->tape);
	free(reel);
}

enum recorder_result
recorder_start(struct recorder *r, const struct node_request *rq, const struct recorder_setup *setup)
{
	enum recorder_result result = recorder_judge(r, rq);

	if (result != RECORDER_OK)
		return result;
	memset(&r->told, 0, sizeof r->told);
	r->told.state = NODE_REC_IDLE;
	r->dropped = 0;
	r->next = reel_new(r, rq, setup);
	if (r->current == NULL) {
		r->current = r->next;
		r->next = NULL;
		engine_align(r->engine, r->current->from_us);
		recorder_tell(r, rq->command_id, 0);
	}
	engine_poke(r->engine);
	return RECORDER_OK;
}

static void
drop_next(struct recorder *r)
{
	if (r->next != NULL)
		reel_free(r->next);
	r->next = NULL;
}

enum recorder_result
recorder_stop(struct recorder *r, const struct node_request *rq)
{
	enum recorder_result result = recorder_judge(r, rq);

	if (result != RECORDER_OK)
		return result;
	if (r->next != NULL) {		/* not a frame of it was taken */
		drop_next(r);
		return RECORDER_OK;
	}
	if (r->current->state == REEL_STARTING && loop_now_us(r->loop) < r->current->from_us) {
		reel_free(r->current);	/* its first frame is still to come, and will not */
		r->current = NULL;
		recorder_tell(r, rq->command_id, 0);
		return RECORDER_OK;
	}
	r->current->state = REEL_STOPPING;
	str_copy(r->current->stop_id, sizeof r->current->stop_id, rq->command_id);
	recorder_tell(r, rq->command_id, 0);
	engine_poke(r->engine);
	return RECORDER_OK;
}

static void
reel_break(struct recorder *r, const char *why)
{
	r->current->state = REEL_BREAKING;
	str_copy(r->current->error, sizeof r->current->error, why);
	recorder_tell(r, "", 0);
	engine_poke(r->engine);
}

void
recorder_break(struct recorder *r, const char *why)
{
	drop_next(r);
	if (r->current != NULL && r->current->state <= REEL_RECORDING)
		reel_break(r, why);
}

void
recorder_mark(struct recorder *r, const char *name, int64_t time_us)
{
	struct reel *reel = r->current;
	struct node_marker *m;

	if (reel == NULL || reel->state > REEL_RECORDING || reel->file.marker_count == MARKERS)
		return;
	m = &reel->file.markers[reel->file.marker_count++];
	str_copy(m->name, sizeof m->name, name);
	m->time_us = time_us;
}

void
recorder_room(struct recorder *r)
{
	if (r->current != NULL)
		tape_room(r->current->tape, store_file_room(r->store));
	if (r->next != NULL)
		tape_room(r->next->tape, store_file_room(r->store));
}

void
recorder_thermal(struct recorder *r, const char *peak)
{
	if (r->current != NULL)
		str_copy(r->current->file.thermal_peak, sizeof r->current->file.thermal_peak, peak);
}

void
recorder_close(struct recorder *r, loop_fn *done, void *arg)
{
	r->closed = done;
	r->closed_arg = arg;
	drop_next(r);
	if (r->current != NULL && r->current->state <= REEL_RECORDING) {
		r->current->state = REEL_STOPPING;
		recorder_tell(r, "", 0);
		engine_poke(r->engine);
	}
	recorder_check_closed(r);
}

void
recorder_abandon(struct recorder *r, loop_fn *done, void *arg)
{
	drop_next(r);
	if (r->current != NULL)
		reel_free(r->current);
	r->current = NULL;
	r->closed = done;
	r->closed_arg = arg;
	recorder_check_closed(r);
}

/* ---- the engine's client ---- */

static int64_t
recorder_next_us(void *arg, int64_t after_us)
{
	struct recorder *r = arg;

	if (r->current == NULL)
		return ENGINE_NEVER;
	return r->current->from_us > after_us ? r->current->from_us : after_us + 1;
}

static int
recorder_width_px(void *arg)
{
	(void)arg;
	return 0;
}

static bool
recorder_begin(void *arg, const struct shot *shot)
{
	struct recorder *r = arg;
	struct reel *c = r->current;
	int64_t gap;

	r->taking = r->ending = NULL;
	if (c == NULL || shot->mono_us < c->from_us)
		return false;
	if (c->state <= REEL_RECORDING || (c->state == REEL_STOPPING && !tape_is_begun(c->tape))) {
		gap = c->last_frame > 0 ? shot->scene.frame - c->last_frame - 1 : 0;
		r->dropped += gap > 0 ? gap : 0;
		c->last_frame = shot->scene.frame;
		r->taking = c;
	}
	if (c->state >= REEL_STOPPING)
		r->ending = c;
	return true;
}

static void
recorder_work(void *arg, const struct shot *shot, const struct picture *p, struct source *source)
{
	struct recorder *r = arg;

	if (r->taking != NULL && p != NULL)
		tape_take(r->taking->tape, source, &shot->scene, p);
	if (r->ending != NULL)
		tape_end(r->ending->tape, source, &shot->scene);
}

static void
took(struct recorder *r, struct reel *reel)
{
	const struct node_file *taped = tape_file(reel->tape);
	bool is_first = reel->file.start_us == 0;

	if (tape_is_begun(reel->tape)) {
		reel->file.start_us = taped->start_us;
		reel->file.bytes = taped->bytes;
	}
	if (reel->state <= REEL_RECORDING && tape_error(reel->tape)[0] != '\0') {
		reel_break(r, tape_error(reel->tape));
	} else if (reel->state == REEL_STARTING && is_first && reel->file.start_us != 0) {
		reel->state = REEL_RECORDING;
		recorder_tell(r, reel->start_id, reel->file.start_us);
	}
	recorder_sync(r, reel);
}

/* No playable file is left: nothing to list, nothing to send. */
static void
ended_empty(struct recorder *r, const struct reel *reel)
{
	r->told.state = NODE_REC_FAILED;
	if (r->told.error[0] == '\0')
		str_copy(r->told.error, sizeof r->told.error, "not a frame was recorded");
	store_remove(r->store, reel->file.id, NULL);
	recorder_tell(r, reel->stop_id, 0);
}

static void
ended(struct recorder *r, struct reel *reel)
{
	const struct node_file *taped = tape_file(reel->tape);
	bool was_told = reel->state == REEL_BREAKING;

	if (reel->error[0] == '\0' && tape_error(reel->tape)[0] != '\0')
		str_copy(reel->error, sizeof reel->error, tape_error(reel->tape));
	reel->file.bytes = taped->bytes;
	recorder_state(r, &r->told);
	r->told.state = NODE_REC_SAVING;
	str_copy(r->told.error, sizeof r->told.error, reel->error);
	r->current = NULL;
	if (taped->duration_ms <= 0) {
		ended_empty(r, reel);
	} else {
		if (!was_told)
			recorder_tell(r, reel->stop_id, 0);
		recorder_save(r, reel);
	}
	if (r->next != NULL) {
		r->current = r->next;
		r->next = NULL;
		memset(&r->told, 0, sizeof r->told);
		engine_align(r->engine, r->current->from_us);
		recorder_tell(r, r->current->start_id, 0);
	}
	reel_free(reel);
	recorder_check_closed(r);
}

static void
recorder_shot_done(void *arg, const struct shot *shot)
{
	struct recorder *r = arg;
	struct reel *ending = r->ending;

	(void)shot;
	if (r->taking != NULL)
		took(r, r->taking);
	r->taking = r->ending = NULL;
	if (ending != NULL)
		ended(r, ending);
}

static const struct engine_client recorder_client = {
	recorder_next_us, recorder_width_px, recorder_begin, recorder_work, recorder_shot_done
};
