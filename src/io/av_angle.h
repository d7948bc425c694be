/*
 * av_angle.h - what one recorded angle shows and sounds like around an instant: where its picture flashes, where its
 * sound beeps.  With FFmpeg's libraries; the only file of the console that knows them.  Blocks: for workers.
 */
#ifndef IO_AV_ANGLE_H
#define IO_AV_ANGLE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct av_angle {
	bool has_flash, has_beep;
	int64_t flash_us;		/* first frame that is bright, from the first frame of the file on */
	int64_t beep_us;		/* first loud sample, on the same scale */
	int64_t frame_us;		/* how long a frame stands there: the flash began at most so long before */
	int frames;			/* looked at */
};

/* Once, before any worker: the libraries say nothing by themselves. */
void av_angle_setup(void);
/*
 * Looks from around_us - within_us to around_us + within_us.  False: the file is none that can be read (e).  What is not
 * found there has its has_ flag false.
 */
bool av_angle_measure(const char *path, int64_t around_us, int64_t within_us, struct av_angle *out, struct err *e);

#endif
