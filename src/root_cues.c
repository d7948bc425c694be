/*
 * root_cues.c - `cues`: a show's journals told again as a cue sheet, on standard output.
 * Only reads; nothing but the sheet is printed there.
 */
#include <stdio.h>
#include "app/retell.h"
#include "base/ceilings.h"
#include "root.h"
#include "root_opts.h"

#define SPARE_CUES (3 * MAX_NODES + 100)	/* what stands before its first item, and the clock's */

int
root_cues(const struct root_opts *o)
{
	const char *folder = o->words.count > 0 ? o->words.items[0] : o->sphere;
	struct err e = { .kind = ERR_NONE };
	struct retell_sheet sheet;
	int status = ROOT_OK;

	if (!retell_sheet(&sheet, folder, &e)) {
		root_complain("%s", e.text);
		return ROOT_ENVIRONMENT;
	}
	if (fwrite(sheet.text, 1, sheet.len, stdout) != sheet.len || fflush(stdout) != 0) {
		root_complain("the sheet could not be written");
		status = ROOT_ENVIRONMENT;
	}
	if (sheet.left_out > 0)
		root_complain("%d command%s of the show stand%s in it as comments: they failed then, or change what is not the show's",
		    sheet.left_out, sheet.left_out == 1 ? "" : "s", sheet.left_out == 1 ? "s" : "");
	if (sheet.damaged[0] != '\0')
		root_complain("these journals have a bad line, and what follows it is not in the sheet: %s; `livedirector verify %s` says more",
		    sheet.damaged, folder);
	if (sheet.out_of_time > 0)
		root_complain("%d cuts and commands are not in it: the journals put them at no time that can be", sheet.out_of_time);
	if (sheet.len > MAX_CUE_SHEET || sheet.cuts + sheet.commands + SPARE_CUES > MAX_CUES)
		root_complain("it is larger than a cue sheet may be (%d bytes, %d cues): run refuses it until it is cut into several", MAX_CUE_SHEET, MAX_CUES);
	retell_sheet_fini(&sheet);
	return status;
}
