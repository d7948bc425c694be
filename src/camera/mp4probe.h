/*
 * mp4probe.h - what a recording that was cut short still holds.  Blocking: start-up and workers.
 */
#ifndef CAMERA_MP4PROBE_H
#define CAMERA_MP4PROBE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

/* Cuts a torn end off: the file ends after its last whole box, and after a moof with its mdat.  *bytes: what is left. */
bool mp4probe_repair(const char *path, int64_t *bytes, struct err *e);
/* Duration of the pictures in it; false: nothing in it is playable. */
bool mp4probe_duration(const char *path, int64_t *duration_us, struct err *e);

#endif
