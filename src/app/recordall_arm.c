/*
 * recordall_arm.c - what was not armed when it was rolled all the same: into the take, into health.jsonl, to the operator.
 * Owns nothing.  Never refuses a roll, and never judges: whoever was set by recordall_set_arm() does.
 */
#include "app/recordall_private.h"

#include <stdio.h>
#include <string.h>
#include "base/str.h"
#include "io/jdoc.h"

#define NAMED 3				/* cameras that a notice names; all of them stand in the take */

void
recordall_set_arm(struct recordall *r, recordall_arm_fn *fn, void *arg)
{
	r->arm = fn;
	r->arm_arg = arg;
}

static void
write_down(struct recordall *r, const struct recordall_take *rt, const char *node, const char *text)
{
	struct jdoc *line;

	if (r->scribe == NULL)
		return;
	line = jdoc_object();
	jdoc_set_text(line, "node", node);
	jdoc_set_text(line, "take", rt->t.take);
	jdoc_set_text(line, "text", text);
	scribe_add(r->scribe, SCRIBE_HEALTH, "not-armed", recordall_utc_us(r), line, NULL, NULL);
}

/* True: something stands against it. */
static bool
note_one(struct recordall *r, const struct recordall_take *rt, const char *node, char *kept, size_t kept_size)
{
	char why[MAX_TEXT_FIELD];

	kept[0] = '\0';
	if (!r->arm(r->arm_arg, node, why, sizeof why))
		return false;
	str_cut(kept, kept_size, why, (int)kept_size - 1);
	write_down(r, rt, node, kept);
	return true;
}

void
recordall_arm_note(struct recordall *r, struct recordall_take *rt, const struct target_set *targets)
{
	char names[512] = "";
	int count = 0;

	if (r->arm == NULL)
		return;
	for (int i = 0; i < targets->count; i++) {
		struct take_device *d = take_device(&rt->t, targets->ids[i]);
		const size_t len = strlen(names);

		if (d == NULL || !note_one(r, rt, d->node, d->not_armed, sizeof d->not_armed))
			continue;
		if (count++ < NAMED)
			snprintf(names + len, sizeof names - len, "%s%.40s (%.90s)", len > 0 ? ", " : "", recordall_name(r, d->node), d->not_armed);
	}
	if (note_one(r, rt, NULL, rt->t.not_armed, sizeof rt->t.not_armed))
		bus_tell(r->bus, EV_NOTICE, NULL, "take %s rolls all the same: %s", rt->t.take, rt->t.not_armed);
	if (count > NAMED)
		bus_tell(r->bus, EV_NOTICE, NULL, "take %s rolls, not armed: %s and %d more", rt->t.take, names, count - NAMED);
	else if (count > 0)
		bus_tell(r->bus, EV_NOTICE, NULL, "take %s rolls, not armed: %s", rt->t.take, names);
}
