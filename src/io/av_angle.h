/*
 * av_angle.h - what one recorded angle shows and sounds like around an instant: where its picture flashes, where its
 * sound beeps.  With FFmpeg's libraries; the only file of the console that knows them.  They are loaded when they are
 * wanted: with them, a hundred more would be loaded at each start of a console that never decodes a film.
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

struct av_angle_library;
/* NULL: they are not here, or of another version than this program was made for (e).  Blocks. */
struct av_angle_library *av_angle_load(struct err *e);
void av_angle_unload(struct av_angle_library *av);	/* NULL is fine */
/*
 * Looks from around_us - within_us to around_us + within_us.  False: the file is none that can be read (e).  What is not
 * found there has its has_ flag false.  Blocks: for workers, as many at once as there are.
 */
bool av_angle_measure(const struct av_angle_library *av, const char *path, int64_t around_us, int64_t within_us, struct av_angle *out, struct err *e);

#endif
