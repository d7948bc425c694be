/*
 * mjpeg.h - push parser of multipart/x-mixed-replace (RFC 2046 section 5.1.1), lenient as real cameras
 * need: boundary with or without leading "--", quoted, padded Content-Length, lower-case names,
 * parts without Content-Length.  Ceilings: MAX_BOUNDARY, MAX_MULTIPART_HEADER, MAX_JPEG_FRAME.
 */
#ifndef IO_MJPEG_H
#define IO_MJPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

struct mjpeg;
/* One whole part; bytes are valid during the call.  timestamp_us 0, frame -1: not told. */
typedef void mjpeg_part_fn(void *arg, const char *jpeg, size_t len, int64_t timestamp_us, int64_t frame);

/* content_type: the response's.  NULL + e: no multipart, or no usable boundary. */
struct mjpeg *mjpeg_new(const char *content_type, mjpeg_part_fn *part, void *arg, struct err *e);
void mjpeg_free(struct mjpeg *m);
bool mjpeg_feed(struct mjpeg *m, const char *data, size_t len, struct err *e);

#endif
