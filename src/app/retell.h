/*
 * retell.h - a show told again: the journals of a Sphere folder turned into a cue sheet that replays it.
 * The cut list as it stands (amended cuts go where they should have gone, struck ones are left out), cuts that waited for a beat
 * on their beat, rolls, zooms, flips, tags and the like at the instant they took effect.  Only reads; blocking; for a subcommand.
 */
#ifndef APP_RETELL_H
#define APP_RETELL_H

#include <stddef.h>
#include "base/err.h"

struct retell_sheet {
	char *text;			/* heap; its lines pass cmd_check_cue() */
	size_t len;
	int cuts, commands;		/* that are replayed */
	int left_out;			/* commands that stand in it as comments only */
	int out_of_time;		/* cuts and commands that are said to be at no time that can be: not in it */
	char damaged[64];		/* journals that could not be read to their end: "cuts, commands"; "" = none */
};

/* folder may be one that a console runs on: what is not written yet is not told.  False + e: it is none, or cannot be read. */
bool retell_sheet(struct retell_sheet *out, const char *folder, struct err *e);
void retell_sheet_fini(struct retell_sheet *s);

#endif
