/*
 * mp4file.h - one recording on disk: H.264 and AAC in fragmented MP4 (ISO/IEC 14496-12).
 * A key frame starts each second; a fragment is at most half a second and reaches the file in one
 * write, so that the file is playable to its last fragment whatever happens.  It is hashed as it
 * is written.  Blocking: for workers, one at a time.
 */
#ifndef CAMERA_MP4FILE_H
#define CAMERA_MP4FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "camera/picture.h"

struct mp4conf {
	char path[1200];
	int width_px, height_px;
	double rate;
	int64_t bitrate_bps;
	int64_t room_bytes;		/* the file may grow to this; INT64_MAX: as the disk allows */
	const atomic_llong *room;	/* the same while another thread changes it; NULL: room_bytes */
	bool has_sound;
	char title[256];
	int64_t start_us;		/* UTC, for the file's own metadata */
};

struct mp4file;

/* Refuses to replace a file. */
struct mp4file *mp4file_open(const struct mp4conf *conf, struct err *e);
/* pts_us: since the first frame (0), growing.  False: the file is ended and stays as it is; close it. */
bool mp4file_video(struct mp4file *f, const struct picture *p, int64_t pts_us, struct err *e);
/* The sound that follows what was given before; 48 kHz mono. */
bool mp4file_sound(struct mp4file *f, const float *samples, int count, struct err *e);
/* How many samples there are already. */
int64_t mp4file_samples(const struct mp4file *f);
int64_t mp4file_bytes(const struct mp4file *f);	/* that reached the file */
int64_t mp4file_end_us(const struct mp4file *f);	/* end of the last frame */
bool mp4file_is_full(const struct mp4file *f);	/* it was ended by a full disk */
struct mp4sum {
	int64_t bytes, end_us;		/* of what is in the file */
	bool is_full;
	char sha256[65];		/* of all its bytes */
};
/* Ends and frees it in any case; does not sync. False: what was already there is still playable. */
bool mp4file_close(struct mp4file *f, struct mp4sum *sum, struct err *e);

/* Loads and runs the encoders once, for nothing: the first real frame is then not held up by it.  Blocking. */
void mp4file_warm(void);
/* Lets go of it without an end, as a crash would.  NULL is fine. */
void mp4file_abandon(struct mp4file *f);

#endif
