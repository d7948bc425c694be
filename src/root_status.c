/*
 * root_status.c - `status`: one line on a running show, for a status bar.  Asks the console; knows nothing itself.
 */
#include <stdio.h>
#include <string.h>
#include "app/status.h"
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/clk.h"
#include "base/str.h"
#include "io/doorway_call.h"
#include "root.h"
#include "root_door.h"
#include "root_opts.h"

#define PATIENCE_US 2000000LL

static int
status_hear(struct doorway_call *call)
{
	const int64_t until_us = clk_mono_us(clk_system()) + PATIENCE_US;
	char text[MAX_TEXT_FIELD];
	int64_t left_us;
	const char *line;

	for (;;) {
		left_us = until_us - clk_mono_us(clk_system());
		switch (left_us > 0 ? doorway_call_hear(call, left_us, -1, &line) : CALL_LATE) {
		case CALL_LINE:
			if (str_has_prefix(line, "say 0 \"")) {
				doorway_call_text(line, text, sizeof text);
				puts(text);
				return ROOT_OK;
			}
			if (str_has_prefix(line, "end 0 error")) {
				root_complain("%s", line);
				return ROOT_USAGE;
			}
			break;
		case CALL_GONE:
			root_complain("no console runs there any more");
			return ROOT_NOBODY;
		default:
			root_complain("the console does not answer");
			return ROOT_ENVIRONMENT;
		}
	}
}

int
root_status(const struct root_opts *o)
{
	const char *folder = o->sphere != NULL ? o->sphere : o->words.count > 0 ? o->words.items[0] : NULL;
	struct err e = { .kind = ERR_NONE };
	struct doorway_call *call = folder != NULL ? root_door_call(folder, &e) : root_door_only(&e);
	struct buf ask;
	int status;

	if (call == NULL) {
		root_complain("%s", e.text);
		return e.kind == ERR_NOT_FOUND ? ROOT_NOBODY : root_status_of(&e);
	}
	buf_init(&ask, 2 * MAX_COMMAND_LINE);
	buf_add_format(&ask, "status %s", o->format != NULL ? o->format : "");
	if (doorway_call_say(call, "events off", NULL, 0) && doorway_call_say(call, buf_text(&ask), NULL, 0)) {
		status = status_hear(call);
	} else {
		root_complain("the console takes no question");
		status = ROOT_ENVIRONMENT;
	}
	buf_fini(&ask);
	doorway_call_close(call);
	return status;
}
