/*
 * camera_claim.c - what a claim means to the node's door: kept before it is answered, ended when its holder is silent, asked
 * for where recordings are deleted.  Owns what is unlinked in the pool.  The rules themselves are claim.c's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/camera_private.h"
#include "camera/camera_state.h"

/* ---- A claim that changed ---- */

struct claimed {			/* an answer that waits for the disk */
	struct camera *c;
	char key[ID_BYTES];		/* "": nobody waits */
	int status, retry_s;
	char *body;
};

static void
claim_kept(void *arg)
{
	struct claimed *w = arg;
	struct camera *c = w->c;

	c->pool_jobs--;
	if (w->key[0] != '\0')
		cmdmem_answer(c->memory, w->key, w->status, w->body, w->retry_s, c->conf.fault.late_us);
	free(w->body);
	free(w);
	camera_check_closed(c);
}

void
camera_claim_changed(struct camera *c, const char *key, const struct verdict *v, const char *body)
{
	struct claimed *w = xcalloc(1, sizeof *w);

	w->c = c;
	if (body != NULL) {
		str_copy(w->key, sizeof w->key, key);
		w->status = v->status;
		w->retry_s = v->retry_s;
		w->body = xstrdup(body);
	}
	c->pool_jobs++;
	claim_file_keep(c->claim_file, &c->claim, claim_kept, w);
}

void
camera_claim_look(struct camera *c)
{
	claim_file_heard(c->claim_file, &c->claim);
	if (!claim_expire(&c->claim, loop_now_us(c->loop), recorder_is_rolling(c->recorder)))
		return;
	log_line(LOG_CAMERA, "%s: the claim ended: its holder was silent for too long", c->conf.name);
	camera_claim_changed(c, "", NULL, NULL);
}

void
camera_claim_refuse(struct camera *c, struct httpd_request *rq, const char *command_id)
{
	const struct httpd_extra extra[] = { { "WWW-Authenticate", "Bearer" }, { NULL, NULL } };
	const char *director = c->claim.held.director;
	char text[2 * MAX_NAME_BYTES + 120];

	snprintf(text, sizeof text, "This camera is held by \"%.200s\"%s%.200s%s; its commands need that Sphere's token.", c->claim.held.name,
	    director[0] != '\0' ? " (" : "", director, director[0] != '\0' ? ")" : "");
	camera_reply_error(rq, 401, command_id, "token_required", text, extra);
}

/* ---- Deleting ---- */

struct gone { struct camera *c; char folder[STORE_PATH], id[ID_BYTES]; };

static void
gone_unlink(void *arg)
{
	struct gone *g = arg;

	store_unlink(g->folder, g->id);
}

static void
gone_unlinked(void *arg)
{
	struct gone *g = arg;
	struct camera *c = g->c;

	c->pool_jobs--;
	free(g);
	camera_check_closed(c);
}

static void
say_deleted(struct camera *c, struct httpd_request *rq)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_bool(j, "ok", true);
	jdoc_set_null(j, "commandId");
	jdoc_set_int(j, "timeUs", nodeclk_now_us(&c->clk));
	jdoc_set_bool(j, "scheduled", false);
	jdoc_set_bool(j, "late", false);
	jdoc_set(j, "state", camera_state_health_json(c));
	camera_reply_json(rq, 200, j, NULL);
}

/* Out of the list at once; to unlink gigabytes takes a file system its time. */
static void
delete_now(struct camera *c, struct httpd_request *rq, const char *id)
{
	struct gone *g;
	struct err e = { 0 };

	if (!store_remove(c->store, id, &e)) {
		camera_reply_error(rq, 503, "", "busy", e.text, NULL);
		return;
	}
	g = xcalloc(1, sizeof *g);
	g->c = c;
	str_copy(g->folder, sizeof g->folder, store_folder(c->store));
	str_copy(g->id, sizeof g->id, id);
	c->pool_jobs++;
	loop_work(c->loop, gone_unlink, gone_unlinked, g);
	camera_state_say_health(c);	/* there is more room now */
	say_deleted(c, rq);
}

void
camera_claim_delete(struct camera *c, struct httpd_request *rq, const char *id, const char *token)
{
	if (!c->claim.held.held)
		camera_reply_error(rq, 403, "", "forbidden", "Only the Sphere that holds this camera may delete; claim it first.", NULL);
	else if (!claim_hear(&c->claim, token, loop_now_us(c->loop)))
		camera_claim_refuse(c, rq, "");
	else if (store_find(c->store, id) == NULL)
		camera_reply_error(rq, 404, "", "not_found", "This node has no recording of that id; see /recordings.", NULL);
	else
		delete_now(c, rq, id);
}
