/*
 * fakenode_talk.c - the scripted node's side of the contract: requests in, answers and events out.
 * The mutex is held by whoever calls.  JSON is printed by hand on purpose.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include "support/fakenode_private.h"

struct ask {
	char method[16], path[256], query[256];
	const char *body;
	char last_event_id[64];
	char authorization[128];
};

static int64_t
node_clock(const struct fakenode *n)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 + n->knobs[FAKENODE_CLOCK_US];
}

/* "key":"value" or "key":number out of a flat body; "" when absent. */
static void
member(const char *body, const char *key, char *out, size_t out_size)
{
	char quoted[64];
	const char *at;
	size_t len;

	snprintf(quoted, sizeof quoted, "\"%s\":", key);
	out[0] = '\0';
	at = strstr(body, quoted);
	if (at == NULL)
		return;
	at += strlen(quoted);
	if (*at == '"')
		len = strcspn(++at, "\"");
	else
		len = strcspn(at, ",}");
	snprintf(out, out_size, "%.*s", (int)len, at);
}

/* Escapes what JSON wants escaped, so that a test may name a node as it likes. */
static void
quote(char *out, size_t out_size, const char *text)
{
	size_t at = 0;

	for (; *text != '\0' && at + 8 < out_size; text++) {
		if (*text == '"' || *text == '\\' || (unsigned char)*text < 0x20)
			at += (size_t)snprintf(out + at, out_size - at, "\\u%04x", (unsigned char)*text);
		else
			out[at++] = *text;
	}
	out[at] = '\0';
}

static int
print_info(struct fakenode *n, char *out, size_t out_size)
{
	static const char *const two = "{\"position\":\"back\",\"zoomMin\":1.0,\"zoomMax\":8.0,\"sizes\":[\"1280x720\"],\"rates\":[30]},"
	    "{\"position\":\"front\",\"zoomMin\":1.0,\"zoomMax\":2.0}";
	char name[16384], id[256] = "";

	quote(name, sizeof name, n->name);
	if (n->id[0] != '\0')
		snprintf(id, sizeof id, "\"id\":\"%s\",", n->id);
	return snprintf(out, out_size, "{\"contract\":1,%s\"deviceName\":\"%s\",\"model\":\"Fake1,1\",\"role\":\"camera\","
	    "\"software\":\"fakenode\",\"cameras\":[%s],\"mic\":true,\"pose\":false,\"torch\":false,\"screen\":true,"
	    "\"storage\":{\"totalBytes\":100000000000,\"freeBytes\":90000000000},\"paths\":[],\"claim\":null}",
	    id, name, n->cameras < 0 ? "" : two);
}

static int64_t
recorded_bytes(struct fakenode *n)
{
	if (strcmp(n->state, "recording") != 0)
		return 0;
	return n->knobs[FAKENODE_NO_GROWTH] ? 4096 : node_clock(n) - n->since_us;
}

static int
print_recording(struct fakenode *n, char *out, size_t out_size)
{
	bool idle = strcmp(n->state, "idle") == 0;

	return snprintf(out, out_size, "{\"state\":\"%s\",\"sphere\":\"%s\",\"take\":\"%s\",\"sinceUs\":%lld,\"bytes\":%lld,\"error\":null}",
	    n->state, idle ? "" : n->sphere, idle ? "" : n->take, (long long)(idle ? 0 : n->since_us), (long long)recorded_bytes(n));
}

static int
print_health(struct fakenode *n, char *out, size_t out_size)
{
	char recording[512];

	print_recording(n, recording, sizeof recording);
	return snprintf(out, out_size, "{\"timeUs\":%lld,\"recording\":%s,\"format\":{\"width\":1280,\"height\":720,\"rate\":30,"
	    "\"codec\":\"h264\",\"bitrateBps\":8000000},\"camera\":\"%s\",\"zoom\":%.3f,"
	    "\"lens\":{\"exposureLocked\":false,\"focusLocked\":false,\"whiteBalanceLocked\":false},\"fps\":30.0,\"droppedFrames\":0,"
	    "\"audio\":{\"peakDbfs\":-12.0,\"rmsDbfs\":-24.0,\"clips\":0,\"muted\":false},\"battery\":{\"level\":0.8,\"charging\":false,"
	    "\"minutesLeft\":74},\"thermal\":\"nominal\",\"storage\":{\"freeBytes\":90000000000},\"network\":{\"kind\":\"ethernet\"},"
	    "\"autoLock\":\"off\",\"tally\":\"%s\",\"poseEligible\":false}",
	    (long long)node_clock(n), recording, n->camera, n->zoom, n->tally);
}

static void
put_text(struct fakenode *n, struct fake_client *c, const char *text)
{
	fake_put(n, c, text, strlen(text));
}

static char *
answer_text(int status, const char *type, const char *body)
{
	char *all = malloc(strlen(body) + 256);

	if (all == NULL)
		abort();
	sprintf(all, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
	    status, status == 200 ? "OK" : "No", type, strlen(body), body);
	return all;
}

static void
answer(struct fakenode *n, struct fake_client *c, int status, const char *body)
{
	char *all = answer_text(status, "application/json", body);

	if (n->doors[c->door].slow_ms > 0 && c->late == NULL) {
		c->late = all;
		c->late_us = fake_now_us() + n->doors[c->door].slow_ms * 1000;
		return;
	}
	put_text(n, c, all);
	free(all);
}

static void
not_found(struct fakenode *n, struct fake_client *c)
{
	answer(n, c, 404, "{\"ok\":false,\"error\":{\"code\":\"not_found\",\"message\":\"There is no such thing here.\"}}");
}

/* ---- events ---- */

void
fake_emit(struct fakenode *n, const char *event, const char *json, bool numbered)
{
	size_t room = strlen(event) + strlen(json) + 64;
	char *text = malloc(room);

	if (text == NULL)
		abort();
	if (numbered)
		snprintf(text, room, "event: %s\nid: %lld\ndata: %s\n\n", event, (long long)++n->event_id, json);
	else
		snprintf(text, room, "event: %s\ndata: %s\n\n", event, json);
	for (int i = 0; i < FAKE_CLIENTS; i++) {
		struct fake_client *c = &n->clients[i];

		if (c->fd >= 0 && c->mode == FAKE_EVENTS && !n->knobs[FAKENODE_EVENTS_MUTE] && !n->knobs[FAKENODE_SILENT])
			put_text(n, c, text);
	}
	if (!numbered) {
		free(text);
		return;
	}
	free(n->ring[n->event_id % FAKE_RING]);
	n->ring[n->event_id % FAKE_RING] = text;
}

static void
resume(struct fakenode *n, struct fake_client *c, int64_t from)
{
	for (int64_t id = from + 1; id <= n->event_id; id++)
		put_text(n, c, n->ring[id % FAKE_RING]);
}

static void
open_events(struct fakenode *n, struct fake_client *c, const struct ask *q)
{
	char info[20000], health[4096], hello[26000];
	int64_t last = atoll(q->last_event_id);
	bool lost = q->last_event_id[0] != '\0' && (last < n->event_id - FAKE_RING + 1 || last > n->event_id);

	put_text(n, c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\nretry: 1000\n\n");
	c->mode = FAKE_EVENTS;
	c->health_us = fake_now_us() + n->knobs[FAKENODE_HEALTH_MS] * 1000;
	if (n->knobs[FAKENODE_EVENTS_MUTE])
		return;
	print_info(n, info, sizeof info);
	print_health(n, health, sizeof health);
	snprintf(hello, sizeof hello, "event: hello\ndata: {\"info\":%s,\"health\":%s%s}\n\n", info, health,
	    lost || n->knobs[FAKENODE_MISSED] ? ",\"missed\":true" : "");
	put_text(n, c, hello);
	if (q->last_event_id[0] != '\0' && !lost)
		resume(n, c, last);
	c->close_after = n->knobs[FAKENODE_EVENTS_SHORT] != 0;
}

/* ---- stream ---- */

static void
open_stream(struct fakenode *n, struct fake_client *c, const struct ask *q)
{
	const char *fps = strstr(q->query, "fps=");
	int64_t rate = n->knobs[FAKENODE_FPS];

	put_text(n, c, "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n");
	if (fps != NULL && atoll(fps + 4) > 0 && atoll(fps + 4) < rate)
		rate = atoll(fps + 4);
	c->mode = FAKE_STREAM;
	c->period_us = rate > 0 ? 1000000 / rate : 0;
	c->next_us = fake_now_us();
}

static void
put_frame(struct fakenode *n, struct fake_client *c)
{
	char head[256];

	snprintf(head, sizeof head, "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %zu\r\nX-Timestamp-Us: %lld\r\nX-Frame: %lld\r\n\r\n",
	    n->jpeg_len, (long long)node_clock(n), (long long)++n->frame);
	put_text(n, c, head);
	fake_put(n, c, n->jpeg, n->jpeg_len);
	put_text(n, c, "\r\n");
}

void
fake_tick(struct fakenode *n, struct fake_client *c, int64_t now_us)
{
	char health[4096];

	if (c->late != NULL && now_us >= c->late_us) {
		put_text(n, c, c->late);
		free(c->late);
		c->late = NULL;
		fake_read(n, c);
	}
	if (n->knobs[FAKENODE_SILENT])
		return;
	if (c->mode == FAKE_STREAM && c->period_us > 0 && now_us >= c->next_us) {
		if (c->out_len == 0)
			put_frame(n, c);
		c->next_us += c->period_us;
	}
	if (c->mode == FAKE_FOREVER)
		while (c->out_len < 65536)
			put_text(n, c, c->forever);
	if (c->mode == FAKE_EVENTS && n->knobs[FAKENODE_HEALTH_MS] > 0 && now_us >= c->health_us && !n->knobs[FAKENODE_EVENTS_MUTE]) {
		print_health(n, health, sizeof health);
		put_text(n, c, "event: health\ndata: ");
		put_text(n, c, health);
		put_text(n, c, "\n\n");
		c->health_us = now_us + n->knobs[FAKENODE_HEALTH_MS] * 1000;
	}
}

/* ---- commands ---- */

static void
tell_recording(struct fakenode *n, const char *command_id)
{
	char recording[512], json[1024];

	print_recording(n, recording, sizeof recording);
	snprintf(json, sizeof json, "%.*s,\"commandId\":\"%s\"}", (int)strlen(recording) - 1, recording, command_id);
	fake_emit(n, "recording", json, true);
}

static void
start_recording(struct fakenode *n, const char *body, const char *command_id)
{
	if (strcmp(n->state, "recording") == 0)
		return;
	member(body, "take", n->take, sizeof n->take);
	member(body, "sphere", n->sphere, sizeof n->sphere);
	strcpy(n->state, "recording");
	n->since_us = node_clock(n);
	tell_recording(n, command_id);
}

static void
stop_recording(struct fakenode *n, const char *command_id)
{
	char file[1024];
	int64_t end = node_clock(n), bytes = recorded_bytes(n);

	if (strcmp(n->state, "recording") != 0)
		return;
	snprintf(file, sizeof file, "{\"id\":\"rec-%s-%d\",\"take\":\"%s\",\"sphere\":\"%s\",\"part\":%d,\"fileName\":\"%s.mp4\",\"contentType\":\"video/mp4\","
	    "\"bytes\":%lld,\"sha256\":\"%064d\",\"startUs\":%lld,\"endUs\":%lld,\"durationMs\":%lld,\"width\":1280,\"height\":720,\"rotation\":0,"
	    "\"fps\":30.0,\"videoCodec\":\"h264\",\"audioCodec\":\"aac\",\"camera\":\"%s\",\"markers\":[],\"droppedFrames\":0,\"error\":null,\"complete\":true}",
	    n->id, n->file_count + 1, n->take, n->sphere, 1, n->take, (long long)bytes, n->file_count + 1, (long long)n->since_us,
	    (long long)end, (long long)((end - n->since_us) / 1000), n->camera);
	strcpy(n->state, "saving");
	tell_recording(n, command_id);
	if (n->file_count < FAKE_FILES)
		n->files[n->file_count++] = strdup(file);
	fake_emit(n, "saved", file, true);
	strcpy(n->state, "idle");
	tell_recording(n, command_id);
}

static void
tell_value(struct fakenode *n, const char *event, const char *value, bool quoted, const char *body, const char *command_id)
{
	char json[512], at[32];
	const char *mark = quoted ? "\"" : "";

	member(body, "atUs", at, sizeof at);
	snprintf(json, sizeof json, "{\"value\":%s%s%s,\"timeUs\":%lld,\"commandId\":\"%s\"}", mark, value, mark,
	    atoll(at) > 0 ? atoll(at) : (long long)node_clock(n), command_id);
	fake_emit(n, event, json, true);
}

/* What the camera does, at once, even when atUs is ahead: the event then tells the planned time. */
static void
act(struct fakenode *n, const char *path, const char *body, const char *command_id)
{
	char value[32];

	if (strcmp(path, "/record/start") == 0) {
		start_recording(n, body, command_id);
	} else if (strcmp(path, "/record/stop") == 0) {
		stop_recording(n, command_id);
	} else if (strcmp(path, "/camera/flip") == 0) {
		member(body, "position", n->camera, sizeof n->camera);
		tell_value(n, "camera", n->camera, true, body, command_id);
	} else if (strcmp(path, "/camera/zoom") == 0) {
		member(body, "factor", value, sizeof value);
		n->zoom = atof(value);
		tell_value(n, "zoom", value, false, body, command_id);
	} else if (strcmp(path, "/tally") == 0) {
		member(body, "state", value, sizeof value);
		if (value[0] != '\0' && strcmp(value, n->tally) != 0) {
			snprintf(n->tally, sizeof n->tally, "%.*s", (int)sizeof n->tally - 1, value);
			tell_value(n, "tally", n->tally, true, body, command_id);
		}
	}
}

static bool
was_done(struct fakenode *n, const char *command_id)
{
	if (command_id[0] == '\0')
		return false;
	for (int i = 0; i < FAKE_COMMANDS; i++)
		if (strcmp(n->done_id[i], command_id) == 0)
			return true;
	snprintf(n->done_id[n->done_next++ % FAKE_COMMANDS], sizeof n->done_id[0], "%s", command_id);
	return false;
}

static void
count_done(struct fakenode *n, const char *path)
{
	for (size_t i = 0; i < sizeof n->done / sizeof n->done[0]; i++) {
		if (n->done[i].path[0] == '\0')
			snprintf(n->done[i].path, sizeof n->done[i].path, "%.63s", path);
		if (strcmp(n->done[i].path, path) == 0) {
			n->done[i].count++;
			return;
		}
	}
}

/* True: the knob said the connection is dealt with. */
static bool
misbehave(struct fakenode *n, struct fake_client *c)
{
	if (n->knobs[FAKENODE_MUTE] > 0) {
		n->knobs[FAKENODE_MUTE]--;
		c->mode = FAKE_HOLD;
		return true;
	}
	if (n->knobs[FAKENODE_DROP] > 0) {
		n->knobs[FAKENODE_DROP]--;
		fake_close(c);
		return true;
	}
	return false;
}

static void
command(struct fakenode *n, struct fake_client *c, const struct ask *q)
{
	char id[64], at[32], health[4096], body[5000];

	if (misbehave(n, c))
		return;
	member(q->body, "commandId", id, sizeof id);
	member(q->body, "atUs", at, sizeof at);
	if (n->knobs[FAKENODE_REFUSE]) {
		snprintf(body, sizeof body, "{\"ok\":false,\"commandId\":\"%s\",\"error\":{\"code\":\"already_recording\","
		    "\"message\":\"Another take runs; stop it first.\"}}", id);
		answer(n, c, 409, body);
		return;
	}
	if (!was_done(n, id)) {
		count_done(n, q->path);
		act(n, q->path, q->body, id);
	}
	if (n->knobs[FAKENODE_LOSE] > 0) {
		n->knobs[FAKENODE_LOSE]--;
		c->mode = FAKE_HOLD;
		return;
	}
	print_health(n, health, sizeof health);
	snprintf(body, sizeof body, "{\"ok\":true,\"commandId\":\"%s\",\"timeUs\":%lld,\"scheduled\":%s,\"late\":false,\"state\":%s}", id,
	    atoll(at) > 0 ? atoll(at) : (long long)node_clock(n), atoll(at) > 0 ? "true" : "false", health);
	if (n->knobs[FAKENODE_LATE_MS] > 0) {
		c->late = answer_text(200, "application/json", body);
		c->late_us = fake_now_us() + n->knobs[FAKENODE_LATE_MS] * 1000;
		return;
	}
	answer(n, c, 200, body);
}

/* ---- requests ---- */

static void
answer_time(struct fakenode *n, struct fake_client *c)
{
	char body[256];
	int64_t received_us = node_clock(n);

	snprintf(body, sizeof body, "{\"receivedUs\":%lld,\"sentUs\":%lld,\"epoch\":\"%s-%lld\"}", (long long)received_us,
	    (long long)node_clock(n), n->id, (long long)n->knobs[FAKENODE_CLOCK_US]);
	answer(n, c, 200, body);
}

static void
answer_recordings(struct fakenode *n, struct fake_client *c)
{
	char body[FAKE_FILES * 1024] = "{\"recordings\":[";

	for (int i = n->file_count; i-- > 0;) {
		strcat(body, n->files[i]);
		strcat(body, i > 0 ? "," : "");
	}
	strcat(body, "]}");
	answer(n, c, 200, body);
}

static void
get(struct fakenode *n, struct fake_client *c, const struct ask *q)
{
	char body[20000];
	bool bare = n->knobs[FAKENODE_BARE] != 0;

	if (strcmp(q->path, "/info") == 0) {
		print_info(n, body, sizeof body);
		answer(n, c, 200, body);
	} else if (strcmp(q->path, "/stream") == 0 && !n->knobs[FAKENODE_NO_STREAM] && n->cameras >= 0) {
		open_stream(n, c, q);
	} else if (strcmp(q->path, "/events") == 0 && !bare && !n->knobs[FAKENODE_NO_EVENTS]) {
		open_events(n, c, q);
	} else if (strcmp(q->path, "/health") == 0 && !bare && !n->knobs[FAKENODE_NO_HEALTH]) {
		print_health(n, body, sizeof body);
		answer(n, c, 200, body);
	} else if (strcmp(q->path, "/time") == 0 && !bare && !n->knobs[FAKENODE_NO_TIME]) {
		answer_time(n, c);
	} else if (strcmp(q->path, "/recordings") == 0 && !bare && !n->knobs[FAKENODE_NO_RECORDINGS]) {
		answer_recordings(n, c);
	} else {
		not_found(n, c);
	}
}

static void
note(struct fakenode *n, const struct fake_client *c, const struct ask *q)
{
	char what[64];
	int i;

	snprintf(what, sizeof what, "%s %.40s", q->method, q->path);
	for (i = 0; i < n->seen_count && strcmp(n->seen[i].what, what) != 0; i++)
		;
	if (i == FAKE_SEEN)
		return;
	if (i == n->seen_count)
		snprintf(n->seen[n->seen_count++].what, sizeof n->seen[i].what, "%s", what);
	n->seen[i].asked++;
	n->seen[i].asked_at[c->door]++;
	n->seen[i].last.connection = c->serial;
	n->seen[i].last.at_us = fake_now_us();
	snprintf(n->seen[i].last.target, sizeof n->seen[i].last.target, "%s%s%s", q->path, q->query[0] ? "?" : "", q->query);
	snprintf(n->seen[i].last.body, sizeof n->seen[i].last.body, "%.*s", (int)sizeof n->seen[i].last.body - 1, q->body);
	snprintf(n->seen[i].last.last_event_id, sizeof n->seen[i].last.last_event_id, "%s", q->last_event_id);
	snprintf(n->seen[i].last.authorization, sizeof n->seen[i].last.authorization, "%s", q->authorization);
}

static bool
hooked(struct fakenode *n, struct fake_client *c, const struct ask *q)
{
	for (size_t i = 0; i < sizeof n->hooks / sizeof n->hooks[0]; i++) {
		if (n->hooks[i].path == NULL || strcmp(n->hooks[i].path, q->path) != 0)
			continue;
		fake_put(n, c, n->hooks[i].bytes, n->hooks[i].len);
		if (n->hooks[i].forever != NULL && n->hooks[i].forever[0] == '\0') {
			c->mode = FAKE_HOLD;
		} else if (n->hooks[i].forever != NULL) {
			c->mode = FAKE_FOREVER;
			c->forever = strdup(n->hooks[i].forever);
		} else {
			c->mode = FAKE_HOLD;
			c->close_after = true;
		}
		return true;
	}
	return false;
}

static void
handle(struct fakenode *n, struct fake_client *c, const struct ask *q)
{
	note(n, c, q);
	if (n->knobs[FAKENODE_SILENT])
		c->mode = FAKE_HOLD;
	else if (hooked(n, c, q))
		return;
	else if (strcmp(q->method, "GET") == 0)
		get(n, c, q);
	else if (n->knobs[FAKENODE_BARE])
		not_found(n, c);
	else
		command(n, c, q);
}

static void
header(const char *head, const char *name, char *out, size_t out_size)
{
	size_t len = strlen(name);

	out[0] = '\0';
	for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, name, len) == 0 && line[2 + len] == ':') {
			const char *value = line + 3 + len + strspn(line + 3 + len, " ");

			snprintf(out, out_size, "%.*s", (int)strcspn(value, "\r"), value);
			return;
		}
}

/* Cuts the first whole request off c->in; false: not whole yet. */
static bool
take_request(struct fake_client *c, struct ask *q, char **body)
{
	char *end = c->in_len > 0 ? strstr(c->in, "\r\n\r\n") : NULL, length[32], target[512], *mark;
	size_t want, head;

	if (end == NULL)
		return false;
	head = (size_t)(end - c->in) + 4;
	*end = '\0';
	header(c->in, "Content-Length", length, sizeof length);
	want = (size_t)atoll(length);
	if (c->in_len < head + want) {
		*end = '\r';
		return false;
	}
	header(c->in, "Last-Event-ID", q->last_event_id, sizeof q->last_event_id);
	header(c->in, "Authorization", q->authorization, sizeof q->authorization);
	if (sscanf(c->in, "%15s %511s", q->method, target) != 2)
		target[0] = '\0';
	mark = strchr(target, '?');
	snprintf(q->query, sizeof q->query, "%.255s", mark != NULL ? mark + 1 : "");
	if (mark != NULL)
		*mark = '\0';
	snprintf(q->path, sizeof q->path, "%.255s", target);
	*body = strndup(c->in + head, want);
	c->in_len -= head + want;
	memmove(c->in, c->in + head + want, c->in_len + 1);
	return true;
}

void
fake_read(struct fakenode *n, struct fake_client *c)
{
	struct ask q;
	char *body;

	while (c->fd >= 0 && c->mode == FAKE_HTTP && c->late == NULL && take_request(c, &q, &body)) {
		q.body = body;
		handle(n, c, &q);
		free(body);
	}
}
