/*
 * root_sheet.h - cue sheets named on the command line: read with all they include, checked, listed.
 */
#ifndef ROOT_SHEET_H
#define ROOT_SHEET_H

#include <stdbool.h>
#include "domain/cue.h"

/* Reads and checks the whole sheet; path "-" is standard input.  False: it has complained.  cue_sheet_fini() it. */
bool root_sheet_read(struct cue_sheet *sheet, const char *path);
/* --dry-run: every line that will be played, in order, then how many; path as it was typed. */
void root_sheet_list(const struct cue_sheet *sheet, const char *path, bool json);

#endif
