/*
 * hush.c - sends the messages of FFmpeg's libraries to our log.
 * Owns nothing.  Never lets one of their lines reach standard error by itself.
 */
#include <libavutil/log.h>
#include <stdarg.h>
#include <stdio.h>
#include "base/log.h"
#include "camera/hush.h"

static void
library_said(void *what, int level, const char *format, va_list ap)
{
	char line[400];

	(void)what;
	if (level > AV_LOG_WARNING || !log_is_on(LOG_CAMERA))
		return;
	vsnprintf(line, sizeof line, format, ap);
	log_line(LOG_CAMERA, "ffmpeg: %s", line);
}

void
hush_libraries(void)
{
	av_log_set_callback(library_said);
}
