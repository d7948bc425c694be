/*
 * reply.c - owns the words a command can end with (console specification, "Guarded lines").
 * Never prints.
 */
#include "app/reply.h"

const char *
reply_result_name(enum reply_result r)
{
	static const char *const names[] = {
		[REPLY_OK] = "ok", [REPLY_PARTIAL] = "partial", [REPLY_FAILED] = "failed", [REPLY_ERROR] = "error"
	};

	return names[r];
}
