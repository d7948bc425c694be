/*
 * wire_answer.c - the HTTP answer to a command read as a result.
 * Owns the judgement what a status and a body mean together.
 * Never fails: whatever came back is an answer, if only "HTTP 500".
 */
#include <stdio.h>
#include <string.h>

#include "base/ceilings.h"
#include "base/str.h"
#include "io/wire.h"
#include "io/wire_private.h"

static void
say(struct node_answer *out, const char *code, const char *message)
{
	out->result = NODE_REFUSED;
	str_copy(out->code, sizeof out->code, code);
	str_copy(out->message, sizeof out->message, message);
}

/* {"error":{"code":…,"message":…}}; {"error":"…"} is met in the wild. */
static void
read_error(struct node_answer *out, const struct jdoc *j)
{
	const struct jdoc *error = jdoc_get(j, "error");

	wire_text(error, "code", out->code, sizeof out->code);
	wire_text(error, "message", out->message, sizeof out->message);
	if (out->message[0] == '\0')
		wire_text(j, "error", out->message, sizeof out->message);
	if (out->message[0] == '\0')
		str_copy(out->message, sizeof out->message, out->code);
	if (out->message[0] == '\0')
		snprintf(out->message, sizeof out->message, "HTTP %d", out->status);
}

/* A 2xx: accepted, unless its body says otherwise.  `ok` may be missing, as any field. */
static void
read_accepted(struct node_answer *out, const struct jdoc *j)
{
	if (!jdoc_is_object(j)) {
		say(out, "bad_answer", "the answer is no JSON object");
		return;
	}
	if (jdoc_has(j, "ok") && !jdoc_bool(j, "ok", false)) {
		out->result = NODE_REFUSED;
		read_error(out, j);
		return;
	}
	out->result = NODE_OK;
	out->time_us = wire_time(j, "timeUs");
	out->scheduled = jdoc_bool(j, "scheduled", false);
	out->late = jdoc_bool(j, "late", false);
	out->has_state = wire_read_health(&out->state, jdoc_get(j, "state"));
}

static bool
is_blank(const char *body, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(" \t\r\n", body[i]) == NULL || body[i] == '\0')
			return false;
	return true;
}

void
wire_read_answer(struct node_answer *out, int status, const char *body, size_t len)
{
	struct jdoc *j;
	struct err e;
	bool accepted = status >= 200 && status <= 299;

	memset(out, 0, sizeof *out);
	out->state.minutes_left = -1;
	out->status = status;
	out->result = accepted ? NODE_OK : NODE_REFUSED;
	if (status == 0)
		out->result = NODE_LOST;
	if (status == 0 || (accepted && is_blank(body, len)))
		return;
	j = jdoc_parse(body, len, MAX_JSON_BODY, &e);
	if (!accepted)
		read_error(out, j);
	else if (j == NULL)
		say(out, "bad_answer", e.text);
	else
		read_accepted(out, j);
	if (status == 404 || status == 405)
		out->result = NODE_NOT_OFFERED;
	jdoc_free(j);
}
