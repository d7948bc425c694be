/*
 * hush.h - FFmpeg's libraries write to standard error by themselves; a daemon's belongs to its log.
 */
#ifndef CAMERA_HUSH_H
#define CAMERA_HUSH_H

/* Once, before any thread starts: their messages go to the log's topic "camera". */
void hush_libraries(void);

#endif
