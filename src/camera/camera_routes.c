/*
 * camera_routes.c - the node's HTTP door: which path is what, who may, and what comes back.
 * Owns the table of paths.  Never changes the node itself.
 */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/camera_private.h"
#include "camera/camera_state.h"
#include "domain/ids.h"
#include "io/wire.h"

#define SNAPSHOT_QUALITY 85
#define COMMAND_CONNECTIONS 24	/* that streams leave free */

/* ---- reading ---- */

static void
get_info(struct camera *c, struct httpd_request *rq)
{
	camera_reply_json(rq, 200, camera_state_info_json(c), NULL);
}

static void
get_health(struct camera *c, struct httpd_request *rq)
{
	camera_reply_json(rq, 200, camera_state_health_json(c), NULL);
}

/* Short and by hand: between the two stamps lies nothing that could take time. */
static void
get_time(struct camera *c, struct httpd_request *rq)
{
	const struct httpd_extra extra[] = { { "Cache-Control", "no-store" }, { NULL, NULL } };
	char text[160];
	int len;

	nodeclk_look(&c->clk);
	len = snprintf(text, sizeof text, "{\"receivedUs\":%lld,\"sentUs\":%lld,\"epoch\":\"%s\"}",
	    (long long)nodeclk_from_utc_us(&c->clk, httpd_received_us(rq)), (long long)nodeclk_now_us(&c->clk), c->clk.epoch);
	httpd_reply(rq, 200, "application/json", text, (size_t)len, extra);
}

/* False: it makes no sense.  What is beyond any number is as large as numbers get. */
static bool
read_hint(const char *text, int *out)
{
	int64_t n = INT_MAX;

	if (text == NULL || text[0] == '\0' || strspn(text, "0123456789") != strlen(text))
		return false;
	if (str_int(text, 0, INT_MAX, &n) && n == 0)
		return false;
	*out = (int)n;
	return true;
}

/* Hints: what makes no sense is as good as not said. */
static struct viewers_hints
read_hints(const struct httpd_request *rq)
{
	struct viewers_hints hints = { 0 };
	const char *fps = httpd_query(rq, "fps");

	read_hint(httpd_query(rq, "width"), &hints.width_px);
	read_hint(httpd_query(rq, "quality"), &hints.quality);
	if (fps != NULL && !str_double(fps, 0.05, 1e300, &hints.fps))
		hints.fps = 0;
	return hints;
}

static bool
is_head(const struct httpd_request *rq)
{
	return strcmp(httpd_method(rq), "HEAD") == 0;
}

/* Streams must leave connections for commands. */
static bool
is_crowded(struct camera *c, struct httpd_request *rq)
{
	const struct httpd_extra extra[] = { { "Retry-After", "5" }, { NULL, NULL } };

	if (viewers_count(c->viewers) + ssehub_listeners(c->hub) < MAX_HTTP_CONNECTIONS - COMMAND_CONNECTIONS)
		return false;
	camera_reply_error(rq, 503, "", "busy", "Too many streams are open on this camera; close one.", extra);
	return true;
}

static void
get_stream(struct camera *c, struct httpd_request *rq)
{
	struct viewers_hints hints = read_hints(rq);

	if (!is_crowded(c, rq))
		viewers_stream(c->viewers, rq, &hints);
}

static void
get_snapshot(struct camera *c, struct httpd_request *rq)
{
	struct viewers_hints hints = read_hints(rq);

	if (hints.width_px == 0)
		hints.width_px = c->stance.format.width;
	if (hints.quality == 0)
		hints.quality = SNAPSHOT_QUALITY;
	viewers_snapshot(c->viewers, rq, &hints);
}

static void
get_events(struct camera *c, struct httpd_request *rq)
{
	if (!is_crowded(c, rq))
		ssehub_join(c->hub, rq);
}

/* ---- commands ---- */

static const char *
bearer(const struct httpd_request *rq)
{
	const char *header = httpd_header(rq, "Authorization");

	if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0)
		return NULL;
	header += 7;
	return header + strspn(header, " ");
}

static bool
is_json(const struct httpd_request *rq)
{
	const char *type = httpd_header(rq, "Content-Type");
	size_t len;

	if (type == NULL) {
		httpd_body(rq, &len);
		return len == 0;
	}
	return strncasecmp(type, "application/json", 16) == 0 && (type[16] == '\0' || type[16] == ';' || type[16] == ' ');
}

/* What a lens command does not name stays as it is. */
static void
complete_lens(const struct camera *c, struct node_request *out, const char *body, size_t len)
{
	struct jdoc *j = jdoc_parse(body, len, MAX_REQUEST_BODY, NULL);

	out->exposure = jdoc_bool(j, "exposure", c->stance.exposure_locked);
	out->focus = jdoc_bool(j, "focus", c->stance.focus_locked);
	out->white_balance = jdoc_bool(j, "whiteBalance", c->stance.white_balance_locked);
	jdoc_free(j);
}

static bool
read_command(struct camera *c, struct httpd_request *rq, enum node_verb verb, struct node_request *out)
{
	struct err e = { 0 };
	char sentence[sizeof e.text + 40];
	size_t len;
	const char *body = httpd_body(rq, &len);

	if (!is_json(rq)) {
		camera_reply_error(rq, 415, "", "bad_request", "Send the command as JSON, with Content-Type: application/json.", NULL);
		return false;
	}
	if (!wire_read_request(out, verb, body, len, &e)) {
		snprintf(sentence, sizeof sentence, "This command cannot be read: %s.", e.text);
		camera_reply_error(rq, 400, out->command_id, "bad_request", sentence, NULL);
		return false;
	}
	if (verb == NODE_LENS)
		complete_lens(c, out, body, len);
	return true;
}

/* --fault drop: half of the dropped commands are done all the same, as on a real bad line. */
static bool
is_unlucky(struct camera *c, double share)
{
	return share > 0 && rand_r(&c->random) < (int)(share * RAND_MAX);
}

static void
carry_out(struct camera *c, const char *key, const struct node_request *command, const char *sender)
{
	struct verdict v;
	char *body;

	camera_command_judge(c, command, sender, &v);
	body = camera_reply_verdict(c, &v, command->command_id);
	if ((command->verb == NODE_CLAIM || command->verb == NODE_RELEASE) && v.code == NULL)
		camera_claim_changed(c, key, &v, body);
	else
		cmdmem_answer(c->memory, key, v.status, body, v.retry_s, c->conf.fault.late_us);
	free(body);
}

/* A UUID is the same in either case (RFC 9562); any other id is taken to the letter. */
static void
memory_key(char out[static ID_BYTES], const char *command_id)
{
	str_copy(out, ID_BYTES, command_id);
	for (char *at = out; ids_is_uuid(command_id) && *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
}

static void
post_command(struct camera *c, struct httpd_request *rq, enum node_verb verb)
{
	struct node_request command;
	bool drops = is_unlucky(c, c->conf.fault.drop);
	char key[ID_BYTES], sender[80];

	if (drops && is_unlucky(c, 0.5)) {
		httpd_drop(rq);
		return;
	}
	if (!read_command(c, rq, verb, &command))
		return;
	if (c->claim.held.held && verb != NODE_CLAIM && !claim_hear(&c->claim, bearer(rq), loop_now_us(c->loop))) {
		camera_claim_refuse(c, rq, command.command_id);
		return;
	}
	if (command.command_id[0] != '\0')
		memory_key(key, command.command_id);
	else
		snprintf(key, sizeof key, CMDMEM_NAMELESS "%llu", ++c->nameless);
	str_copy(sender, sizeof sender, httpd_peer(rq));
	if (cmdmem_open(c->memory, key, rq)) {
		if (drops)
			cmdmem_drop_waiting(c->memory, key);
		carry_out(c, key, &command, sender);
	}
}

/* ---- which is which ---- */

static const struct reading {
	const char *path;
	void (*get)(struct camera *c, struct httpd_request *rq);
	bool is_stream;
	const char *content_type;	/* of a stream, for HEAD */
} readings[] = {
	{ "/info", get_info, false, NULL }, { "/health", get_health, false, NULL }, { "/time", get_time, false, NULL },
	{ "/stream", get_stream, true, VIEWERS_CONTENT_TYPE }, { "/snapshot.jpg", get_snapshot, false, NULL },
	{ "/events", get_events, true, "text/event-stream" }, { "/recordings", camera_files_list, false, NULL },
};

static void
refuse_method(struct httpd_request *rq, const char *allow)
{
	const struct httpd_extra extra[] = { { "Allow", allow }, { NULL, NULL } };
	char text[96];

	snprintf(text, sizeof text, "This path takes %s only.", allow);
	camera_reply_error(rq, 405, "", "bad_request", text, extra);
}

static bool
is_get(const struct httpd_request *rq)
{
	return is_head(rq) || strcmp(httpd_method(rq), "GET") == 0;
}

static void
serve_reading(struct camera *c, struct httpd_request *rq, const struct reading *r)
{
	if (!is_get(rq))
		refuse_method(rq, "GET, HEAD");
	else if (r->is_stream && is_head(rq))
		httpd_reply_head(rq, r->content_type);
	else
		r->get(c, rq);
}

/* "/recordings/ID" or "/recordings/ID/file"; rest begins with the id. */
static void
serve_recording(struct camera *c, struct httpd_request *rq, const char *rest)
{
	const char *slash = strchr(rest, '/');
	char id[ID_BYTES];

	if (slash == NULL && strcmp(httpd_method(rq), "DELETE") == 0) {
		camera_claim_delete(c, rq, rest, bearer(rq));
	} else if (slash == NULL && !is_get(rq)) {
		refuse_method(rq, "GET, HEAD, DELETE");
	} else if (slash == NULL) {
		camera_files_one(c, rq, rest);
	} else if (strcmp(slash, "/file") != 0 || (size_t)(slash - rest) >= sizeof id) {
		camera_reply_error(rq, 404, "", "not_found", "There is nothing at this path.", NULL);
	} else if (!is_get(rq)) {
		refuse_method(rq, "GET, HEAD");
	} else {
		memcpy(id, rest, (size_t)(slash - rest));
		id[slash - rest] = '\0';
		camera_files_send(c, rq, id);
	}
}

static void
serve_path(struct camera *c, struct httpd_request *rq, const char *path)
{
	for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++)
		if (strcmp(readings[i].path, path) == 0) {
			serve_reading(c, rq, &readings[i]);
			return;
		}
	for (int verb = 0; verb < NODE_VERBS; verb++)
		if (strcmp(node_verb_path((enum node_verb)verb), path) == 0) {
			if (strcmp(httpd_method(rq), "POST") == 0)
				post_command(c, rq, (enum node_verb)verb);
			else
				refuse_method(rq, "POST");
			return;
		}
	if (str_has_prefix(path, "/recordings/"))
		serve_recording(c, rq, path + strlen("/recordings/"));
	else
		camera_reply_error(rq, 404, "", "not_found", "There is nothing at this path.", NULL);
}

void
camera_routes_serve(void *arg, struct httpd_request *rq)
{
	struct camera *c = arg;

	if (c->is_silent)
		return;		/* the connection stays, and not a word comes */
	claim_hear(&c->claim, bearer(rq), loop_now_us(c->loop));
	if (is_get(rq) && is_unlucky(c, c->conf.fault.drop))
		httpd_drop(rq);
	else
		serve_path(c, rq, httpd_path(rq));
}
