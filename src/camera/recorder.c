/*
 * recorder.c - recordings from the request to the saved file.
 * Owns the reels: the one that runs, the one that follows it, those being saved.
 * Never touches a tape while the pool has it, never blocks: files are written and synced by workers.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include "base/list.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/recorder.h"
#include "camera/tape.h"

#define SYNC_EVERY_US 1000000
#define MARKERS (int)(sizeof ((struct node_file *)0)->markers / sizeof(struct node_marker))
#define LEAST_ROOM_BYTES (128 * 1024)

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

struct saving {				/* a worker writes its metadata */
	struct recorder *r;
	char folder[STORE_PATH];
	struct node_file file;
	char stop_id[ID_BYTES];
	struct err trouble;
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

struct sync_job {
	struct recorder *r;
	char folder[STORE_PATH], id[ID_BYTES];
};

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

static void
check_closed(struct recorder *r)
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

static void
tell(struct recorder *r, const char *command_id, int64_t time_us)
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
		tell(r, rq->command_id, 0);
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
		tell(r, rq->command_id, 0);
		return RECORDER_OK;
	}
	r->current->state = REEL_STOPPING;
	str_copy(r->current->stop_id, sizeof r->current->stop_id, rq->command_id);
	tell(r, rq->command_id, 0);
	engine_poke(r->engine);
	return RECORDER_OK;
}

static void
reel_break(struct recorder *r, const char *why)
{
	r->current->state = REEL_BREAKING;
	str_copy(r->current->error, sizeof r->current->error, why);
	tell(r, "", 0);
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
		tell(r, "", 0);
		engine_poke(r->engine);
	}
	check_closed(r);
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
	check_closed(r);
}

/* ---- saving ---- */

static void
saving_run(void *arg)
{
	struct saving *s = arg;

	store_sync(s->folder, s->file.id);
	if (!store_write(s->folder, &s->file, &s->trouble))
		log_line(LOG_DISK, "%s: %s", s->file.id, s->trouble.text);
	store_reserve(s->folder);
}

static void
saving_done(void *arg)
{
	struct saving *s = arg;
	struct recorder *r = s->r;

	r->saving_count--;
	store_put(r->store, &s->file);
	r->fns.saved(r->arg, &s->file);
	if (r->current == NULL && r->saving_count == 0 && r->told.state == NODE_REC_SAVING) {
		r->told.state = NODE_REC_IDLE;
		if (r->told.error[0] == '\0')
			memset(&r->told, 0, sizeof r->told);
		tell(r, s->stop_id, 0);
	}
	free(s);
	check_closed(r);
}

static void
saving_start(struct recorder *r, const struct reel *reel)
{
	struct saving *s = xcalloc(1, sizeof *s);
	const struct node_file *taped = tape_file(reel->tape);

	s->r = r;
	s->file = reel->file;
	s->file.start_us = taped->start_us;
	s->file.end_us = taped->end_us;
	s->file.duration_ms = taped->duration_ms;
	s->file.bytes = taped->bytes;
	s->file.complete = taped->complete;
	str_copy(s->file.sha256, sizeof s->file.sha256, taped->sha256);
	str_copy(s->file.audio_codec, sizeof s->file.audio_codec, taped->audio_codec);
	str_copy(s->file.error, sizeof s->file.error, reel->error);
	s->file.dropped_frames = r->dropped;
	str_copy(s->folder, sizeof s->folder, store_folder(r->store));
	str_copy(s->stop_id, sizeof s->stop_id, reel->stop_id);
	r->saving_count++;
	loop_work(r->loop, saving_run, saving_done, s);
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
sync_run(void *arg)
{
	struct sync_job *job = arg;

	store_sync(job->folder, job->id);
}

static void
sync_done(void *arg)
{
	struct sync_job *job = arg;
	struct recorder *r = job->r;

	r->is_syncing = false;
	free(job);
	check_closed(r);
}

/* Beside the writer: a slow disk must not cost frames. */
static void
sync_start(struct recorder *r, const struct reel *reel)
{
	int64_t now_us = loop_now_us(r->loop);
	struct sync_job *job;

	if (r->is_syncing || reel->file.bytes == r->synced_bytes || now_us - r->synced_us < SYNC_EVERY_US)
		return;
	r->synced_us = now_us;
	r->synced_bytes = reel->file.bytes;
	r->is_syncing = true;
	job = xcalloc(1, sizeof *job);
	job->r = r;
	str_copy(job->folder, sizeof job->folder, store_folder(r->store));
	str_copy(job->id, sizeof job->id, reel->file.id);
	loop_work(r->loop, sync_run, sync_done, job);
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
		tell(r, reel->start_id, reel->file.start_us);
	}
	sync_start(r, reel);
}

/* No playable file is left: nothing to list, nothing to send. */
static void
ended_empty(struct recorder *r, const struct reel *reel)
{
	r->told.state = NODE_REC_FAILED;
	if (r->told.error[0] == '\0')
		str_copy(r->told.error, sizeof r->told.error, "not a frame was recorded");
	store_remove(r->store, reel->file.id, NULL);
	tell(r, reel->stop_id, 0);
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
			tell(r, reel->stop_id, 0);
		saving_start(r, reel);
	}
	if (r->next != NULL) {
		r->current = r->next;
		r->next = NULL;
		memset(&r->told, 0, sizeof r->told);
		engine_align(r->engine, r->current->from_us);
		tell(r, r->current->start_id, 0);
	}
	reel_free(reel);
	check_closed(r);
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
