/*
 * camera_reply.c - the contract's answers: JSON, errors with a code and a sentence, verdicts of commands.
 * Owns nothing.
 */
#include <stdlib.h>
#include <string.h>
#include "base/xalloc.h"
#include "camera/camera_private.h"
#include "camera/camera_state.h"

void
camera_reply_json(struct httpd_request *rq, int status, struct jdoc *body, const struct httpd_extra *extra)
{
	char *text = jdoc_print(body);

	httpd_reply(rq, status, "application/json", text, strlen(text), extra);
	free(text);
	jdoc_free(body);
}

static struct jdoc *
error_json(const char *command_id, const char *code, const char *message)
{
	struct jdoc *j = jdoc_object(), *e = jdoc_object();

	jdoc_set_bool(j, "ok", false);
	jdoc_set_text(j, "commandId", command_id[0] != '\0' ? command_id : NULL);
	jdoc_set_text(e, "code", code);
	jdoc_set_text(e, "message", message);
	jdoc_set(j, "error", e);
	return j;
}

void
camera_reply_error(struct httpd_request *rq, int status, const char *command_id, const char *code, const char *message,
    const struct httpd_extra *extra)
{
	camera_reply_json(rq, status, error_json(command_id, code, message), extra);
}

char *
camera_reply_verdict(struct camera *c, const struct verdict *v, const char *command_id)
{
	struct jdoc *j;
	char *text;

	if (v->code != NULL) {
		j = error_json(command_id, v->code, v->message);
		if (v->has_range) {
			jdoc_set_real(jdoc_get(j, "error"), "min", v->min);
			jdoc_set_real(jdoc_get(j, "error"), "max", v->max);
		}
	} else {
		j = jdoc_object();
		jdoc_set_bool(j, "ok", true);
		jdoc_set_text(j, "commandId", command_id[0] != '\0' ? command_id : NULL);
		jdoc_set_int(j, "timeUs", v->time_us);
		jdoc_set_bool(j, "scheduled", v->scheduled);
		jdoc_set_bool(j, "late", v->late);
		jdoc_set(j, "state", camera_state_health_json(c));
	}
	text = jdoc_print(j);
	jdoc_free(j);
	return text;
}
