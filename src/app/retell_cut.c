/*
 * retell_cut.c - the cut list as it stands: where each cut went in the end, on its beat or at its instant.
 * What was struck is a comment.  Never knows a bus: the sheet names each source, so that nothing hangs on what preview was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/retell_private.h"
#include "base/str.h"
#include "base/xalloc.h"

/* Rehearsals with the show's cameras are no show, unless there is nothing else. */
static bool
is_all_rehearsal(const struct retell *r)
{
	for (size_t i = 0; i < r->cut_count; i++)
		if (!r->cuts[i].is_rehearsal)
			return false;
	return true;
}

static void
source_name(const struct retell *r, const struct retell_cut *c, const char *id, char *out, size_t out_size)
{
	if (id[0] == '\0')
		str_copy(out, out_size, "black");
	else
		retell_name(r, id, strcmp(id, c->to) == 0 ? c->label : "", out, out_size);
}

static char *
struck_note(const struct retell *r, const struct retell_cut *c)
{
	char name[2 * MAX_NAME_BYTES + 4];

	source_name(r, c, c->to, name, sizeof name);
	return xasprintf("struck: cut %s", name);
}

/* Whose cut it was, when it was no person's; where it went first. */
static char *
cut_note(const struct retell *r, const struct retell_cut *c)
{
	const bool is_ours = str_has_prefix(c->by, "auto") || str_has_prefix(c->by, "panic");
	char name[2 * MAX_NAME_BYTES + 4];

	if (c->is_amended) {
		source_name(r, c, c->to, name, sizeof name);
		return xasprintf("amended, was %s", name);
	}
	if (!is_ours)
		return NULL;
	return xasprintf("%s%s%s", c->by, c->reason[0] != '\0' ? ": " : "", c->reason);
}

static void
tell_cut(struct retell *r, const struct retell_cut *c)
{
	const struct retell_command *asked = retell_command_of(r, c->run, c->n);
	char name[2 * MAX_NAME_BYTES + 4];
	struct retell_item *item;

	if (c->struck_by != 0) {
		(void)retell_add(r, c->at_us, c->run, NULL, struck_note(r, c));
		return;
	}
	source_name(r, c, c->is_amended ? c->amended : c->to, name, sizeof name);
	item = retell_add(r, c->at_us, c->run, xasprintf("cut %s%s", name, asked != NULL && retell_is_forced(r, asked) ? " --force" : ""),
	    cut_note(r, c));
	item->is_cut = true;
	if (c->on_clock)
		retell_place(r, c, item->when, sizeof item->when);
	r->out->cuts++;
}

void
retell_cuts(struct retell *r)
{
	const bool all = is_all_rehearsal(r);

	for (size_t i = 0; i < r->cut_count; i++)
		if (all || !r->cuts[i].is_rehearsal)
			tell_cut(r, &r->cuts[i]);
}
