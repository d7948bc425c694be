/*
 * stage.h - what the app may ask of whoever shows it.  stage_text (headless) and ui/stage_curses are peers.
 */
#ifndef APP_STAGE_H
#define APP_STAGE_H

#include <stdbool.h>
#include "base/err.h"

struct stage {
	void *arg;
	/* view sheet|health|takes|mesh|log|help...; words: what follows the name ("battery", "left cut"), "" = nothing.  false + e: not offered here. */
	bool (*view)(void *arg, const char *name, const char *words, struct err *e);
	/* "sheet", "sheet 9", "switch", "quad", "single" */
	bool (*layout)(void *arg, const char *words, struct err *e);
	bool (*theme)(void *arg, const char *name, struct err *e);
	bool (*graphics)(void *arg, const char *name, struct err *e);
	/* A set of keys by name, or a file. */
	bool (*keys)(void *arg, const char *name, struct err *e);
	bool (*lock)(void *arg, bool on, struct err *e);
	bool (*help)(void *arg, const char *command, struct err *e);
	bool (*seen)(void *arg, struct err *e);
	/* One key by its name (keyname.h), as if it had been pressed now.  False + e: no terminal is there. */
	bool (*key)(void *arg, const char *key, struct err *e);
	/* What stands on the screen, one line a row, pictures blank; UTF-8, heap, for the caller to free.  NULL + e: no terminal is there. */
	char *(*screen)(void *arg, struct err *e);
	/* quit was accepted. */
	void (*quit)(void *arg, int status);
};

#endif
