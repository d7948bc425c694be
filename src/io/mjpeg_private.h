/*
 * mjpeg_private.h - what the two files of the multipart parser share: mjpeg.c walks through the
 * parts, mjpeg_head.c reads header lines and the boundary.  Not for anybody else.
 */
#ifndef IO_MJPEG_PRIVATE_H
#define IO_MJPEG_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/ceilings.h"
#include "base/err.h"

#define MJPEG_DELIMITER_BYTES (MAX_BOUNDARY + 8)

/* What a part's header lines said. */
struct mjpeg_head {
	int64_t length;			/* -1: not told */
	bool has_type, is_image;
	int64_t timestamp_us, frame;
};

void mjpeg_head_init(struct mjpeg_head *h);
/* One line without its end.  False: it announces more than MAX_JPEG_FRAME. */
bool mjpeg_head_line(struct mjpeg_head *h, const char *line, size_t len, struct err *e);
/* "--" and the boundary of a Content-Type, however it is spelt. */
bool mjpeg_head_delimiter(const char *content_type, char out[static MJPEG_DELIMITER_BYTES], struct err *e);

#endif
