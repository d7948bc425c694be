/*
 * demux.h - one stream of a media file, decoded frame after frame, by FFmpeg's libraries.
 * One thread at a time; blocking on the disk: for workers.
 */
#ifndef CAMERA_DEMUX_H
#define CAMERA_DEMUX_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct demux;

/* is_sound: the best sound stream, else the best picture stream.  NULL: e says why; with ERR_NOT_FOUND: there is no such stream. */
struct demux *demux_open(const char *path, bool is_sound, struct err *e);
void demux_free(struct demux *d);
int64_t demux_duration_us(const struct demux *d);	/* of the whole file; 0: unknown */
/* The next frame into f (which is unreferenced first); *at_us: its time in the file.  False: the end, or a broken file. */
bool demux_next(struct demux *d, AVFrame *f, int64_t *at_us);
/* The next frame will be at or before at_us, as near as the file allows. */
bool demux_seek(struct demux *d, int64_t at_us);

#endif
