/*
 * doorway_frame.h - a stream of bytes cut into lines of text, with a ceiling: what a client of the control socket writes.
 * Plain memory, no descriptors.  A line that is no text is told as such and gone; one that is too long is the end of the stream.
 */
#ifndef IO_DOORWAY_FRAME_H
#define IO_DOORWAY_FRAME_H

#include <stddef.h>
#include "base/buf.h"
#include "base/ceilings.h"

#define DOORWAY_READ_BYTES 16384	/* at most so many are given at once */

enum doorway_frame_word {
	FRAME_NONE,			/* no whole line is there */
	FRAME_LINE,
	FRAME_NO_TEXT,			/* a line with a NUL or another control character, or no UTF-8 */
	FRAME_TOO_LONG			/* more than MAX_COMMAND_LINE bytes without a line feed; stays so */
};

struct doorway_frame {
	struct buf bytes;
	size_t at;			/* what is before it was given already */
};

void doorway_frame_init(struct doorway_frame *f);
void doorway_frame_fini(struct doorway_frame *f);
/* False: too many without a line feed; nothing was taken. */
bool doorway_frame_add(struct doorway_frame *f, const char *bytes, size_t len);
/* FRAME_LINE: *line is it, without LF or CR LF, until the next call of this family. */
enum doorway_frame_word doorway_frame_next(struct doorway_frame *f, const char **line);

#endif
