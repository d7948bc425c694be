/*
 * retell.c - a show's journals as a cue sheet: reads them, gathers what is replayed, has it printed.
 * Never writes to the folder.
 */
#include "app/retell_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/xalloc.h"

#define END_OF_TIME_US 4102444800000000LL	/* 2100 */

struct retell_item *
retell_add(struct retell *r, int64_t at_us, int run, char *text, char *note)
{
	struct retell_item *item;

	if ((r->item_count & (r->item_count - 1)) == 0)
		r->items = xreallocarray(r->items, r->item_count == 0 ? 1 : 2 * r->item_count, sizeof *r->items);
	item = &r->items[r->item_count];
	*item = (struct retell_item){ .at_us = at_us, .order = r->item_count, .run = run, .text = text, .note = note };
	r->item_count++;
	return item;
}

/* A journal that somebody wrote into: `at` of a million hours is no line of a sheet. */
static void
drop_out_of_time(struct retell *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->item_count; i++) {
		if (r->items[i].at_us > 0 && r->items[i].at_us < END_OF_TIME_US) {
			r->items[kept++] = r->items[i];
			continue;
		}
		r->out->out_of_time++;
		free(r->items[i].text);
		free(r->items[i].note);
	}
	r->item_count = kept;
}

bool
retell_sheet(struct retell_sheet *out, const char *folder, struct err *e)
{
	struct retell r = { .folder = folder, .reg = registry_new(), .out = out };
	bool ok;

	memset(out, 0, sizeof *out);
	ok = retell_read(&r, e);
	if (ok) {
		retell_clock(&r);
		retell_commands(&r);
		retell_cuts(&r);
		drop_out_of_time(&r);
		retell_print(&r);
	}
	retell_forget(&r);
	return ok;
}

void
retell_sheet_fini(struct retell_sheet *s)
{
	free(s->text);
	memset(s, 0, sizeof *s);
}
