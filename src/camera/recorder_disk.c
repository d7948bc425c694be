/*
 * recorder_disk.c - what workers do for a recorder: a finished recording's metadata, and the sync of one that runs.
 * Owns the jobs on their way.  Never touches a tape that the pool has, never blocks the loop.
 */
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/recorder_private.h"

#define SYNC_EVERY_US 1000000

struct saving {				/* a worker writes its metadata */
	struct recorder *r;
	char folder[STORE_PATH];
	struct node_file file;
	char stop_id[ID_BYTES];
	struct err trouble;
};

struct sync_job {
	struct recorder *r;
	char folder[STORE_PATH], id[ID_BYTES];
};

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
		recorder_tell(r, s->stop_id, 0);
	}
	free(s);
	recorder_check_closed(r);
}

void
recorder_save(struct recorder *r, const struct reel *reel)
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
	recorder_check_closed(r);
}

/* Beside the writer: a slow disk must not cost frames. */
void
recorder_sync(struct recorder *r, const struct reel *reel)
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
