/*
 * tape.c - the worker's half of a recording.
 * Owns the MP4 file while it is open.  Never reads a clock: a frame's time is its capture time.
 */
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/mp4file.h"
#include "camera/store.h"
#include "camera/tape.h"

#define SOUND_BLOCK 4800	/* samples made at a time */

struct tape {
	struct tape_conf conf;
	struct node_file file;
	struct mp4file *mp4;
	atomic_llong room;
	bool is_begun;
	int64_t first_us;		/* of the first frame, steady clock */
	char error[MAX_TEXT_FIELD];
};

struct tape *
tape_new(const struct tape_conf *conf)
{
	struct tape *t = xcalloc(1, sizeof *t);

	t->conf = *conf;
	t->file = conf->file;
	atomic_init(&t->room, conf->room_bytes);
	return t;
}

void
tape_room(struct tape *t, int64_t room_bytes)
{
	atomic_store(&t->room, room_bytes);
}

void
tape_free(struct tape *t)
{
	if (t == NULL)
		return;
	mp4file_abandon(t->mp4);
	free(t);
}

static bool
tape_fail(struct tape *t, const struct err *e, bool is_full)
{
	log_line(LOG_DISK, "%s: %s", t->file.id, e->text);
	if (t->error[0] == '\0')
		str_copy(t->error, sizeof t->error, is_full || store_is_full(t->conf.folder) ? "storage_full" : e->text);
	return false;
}

static bool
tape_begin(struct tape *t, struct source *source, const struct scene *scene)
{
	struct mp4conf m = { .width_px = t->file.width, .height_px = t->file.height, .rate = t->file.fps,
		.bitrate_bps = t->conf.bitrate_bps, .room_bytes = t->conf.room_bytes, .room = &t->room, .has_sound = source->has_sound,
		.start_us = scene->time_us };
	struct err e = { 0 };

	t->file.start_us = t->file.end_us = scene->time_us;
	t->first_us = scene->steady_us;
	str_copy(m.title, sizeof m.title, t->conf.title);
	store_path(t->conf.folder, t->file.id, "mp4", m.path);
	if (!source->has_sound)
		t->file.audio_codec[0] = '\0';
	/* Metadata first: a crash from here on leaves a recording that is found again. */
	if (!store_note(t->conf.folder, &t->file, &e))
		return tape_fail(t, &e, false);
	t->mp4 = mp4file_open(&m, &e);
	if (t->mp4 == NULL)
		return tape_fail(t, &e, m.room_bytes == 0);
	t->is_begun = true;
	return true;
}

/* All sound that was caught before end_us of the recording. */
static bool
tape_sound_until(struct tape *t, struct source *source, const struct scene *scene, int64_t end_us, struct err *e)
{
	float block[SOUND_BLOCK];
	int64_t have, want = end_us * SOURCE_SAMPLE_RATE / 1000000;

	if (!source->has_sound)
		return true;
	while ((have = mp4file_samples(t->mp4)) < want) {
		int count = want - have > SOUND_BLOCK ? SOUND_BLOCK : (int)(want - have);

		source_sound(source, scene, t->file.start_us + have * 1000000 / SOURCE_SAMPLE_RATE, block, count);
		if (!mp4file_sound(t->mp4, block, count, e))
			return false;
	}
	return true;
}

static void
tape_note(struct tape *t, int64_t bytes, int64_t end_us)
{
	t->file.bytes = bytes;
	t->file.duration_ms = (end_us + 500) / 1000;
	t->file.end_us = t->file.start_us + end_us;
}

bool
tape_take(struct tape *t, struct source *source, const struct scene *scene, const struct picture *p)
{
	int64_t pts_us;
	struct err e = { 0 };
	bool fine;

	if (t->error[0] != '\0' || (!t->is_begun && !tape_begin(t, source, scene)))
		return false;
	pts_us = scene->steady_us - t->first_us;
	fine = tape_sound_until(t, source, scene, pts_us, &e) && mp4file_video(t->mp4, p, pts_us, &e);
	tape_note(t, mp4file_bytes(t->mp4), mp4file_end_us(t->mp4));
	return fine || tape_fail(t, &e, mp4file_is_full(t->mp4));
}

void
tape_end(struct tape *t, struct source *source, const struct scene *last)
{
	struct err e = { 0 };
	struct mp4sum sum;

	if (t->mp4 == NULL)
		return;
	if (t->error[0] == '\0' && !tape_sound_until(t, source, last, mp4file_end_us(t->mp4), &e))
		tape_fail(t, &e, mp4file_is_full(t->mp4));
	if (!mp4file_close(t->mp4, &sum, &e))
		tape_fail(t, &e, sum.is_full);
	t->mp4 = NULL;
	tape_note(t, sum.bytes, sum.end_us);
	str_copy(t->file.sha256, sizeof t->file.sha256, sum.sha256);
	t->file.complete = true;
}

const struct node_file *
tape_file(const struct tape *t)
{
	return &t->file;
}

bool
tape_is_begun(const struct tape *t)
{
	return t->is_begun;
}

const char *
tape_error(const struct tape *t)
{
	return t->error;
}
