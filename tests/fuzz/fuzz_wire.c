/*
 * fuzz_wire.c - any bytes as every message of the contract.  Aborts when a text is not fit for a screen,
 * a number is out of its range, or what is written again is not read as the same.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
judge_text(const char *text, size_t room)
{
	char again[2048];
	size_t len = strnlen(text, room);

	XASSERT(len < room);
	str_clean(again, sizeof again, text, len, (int)sizeof again);
	XASSERT(strcmp(again, text) == 0);
}

#define JUDGE_TEXT(field) judge_text(field, sizeof(field))

static struct jdoc *
parse(const char *text, size_t size)
{
	return jdoc_parse(text, size, MAX_JSON_BODY, NULL);
}

/* Writing, reading and writing again must end where it began. */
static void
judge_again(char *first, char *second)
{
	XASSERT(strcmp(first, second) == 0);
	free(first);
	free(second);
}

static char *
print_and_free(struct jdoc *j)
{
	char *text = jdoc_print(j);

	XASSERT(strchr(text, '\n') == NULL);
	jdoc_free(j);
	return text;
}

static void
judge_info(const struct node_info *info)
{
	JUDGE_TEXT(info->id);
	JUDGE_TEXT(info->device_name);
	JUDGE_TEXT(info->model);
	JUDGE_TEXT(info->claim.name);
	XASSERT(str_cells(info->device_name) <= MAX_NAME_CELLS);
	XASSERT(info->camera_count >= -1 && info->camera_count <= NODE_CAMERAS);
	XASSERT(info->storage_free_bytes >= 0 && info->storage_total_bytes >= 0);
	XASSERT(info->path_count >= 0 && info->path_count <= NODE_PATHS);
	for (int i = 0; i < info->path_count; i++)
		XASSERT(info->paths[i][strspn(info->paths[i], "0123456789abcdef.:")] == '\0');
	for (int i = 0; i < info->camera_count; i++)
		XASSERT(isfinite(info->cameras[i].zoom_max) && info->cameras[i].zoom_max >= info->cameras[i].zoom_min);
}

static void
try_info(const struct jdoc *j)
{
	struct node_info info, again;
	char *text;

	if (!wire_read_info(&info, j, NULL))
		return;
	judge_info(&info);
	text = print_and_free(wire_info(&info));
	struct jdoc *back = parse(text, strlen(text));

	XASSERT(back != NULL && wire_read_info(&again, back, NULL));
	jdoc_free(back);
	judge_again(text, print_and_free(wire_info(&again)));
}

static void
judge_health(const struct node_health *h)
{
	JUDGE_TEXT(h->recording.error);
	JUDGE_TEXT(h->recording.take);
	JUDGE_TEXT(h->camera);
	JUDGE_TEXT(h->format.codec);
	XASSERT(h->time_us >= 0 && h->recording.bytes >= 0 && h->free_bytes >= 0 && h->dropped_frames >= 0);
	XASSERT(isfinite(h->zoom) && isfinite(h->fps) && isfinite(h->audio.peak_dbfs));
	XASSERT(h->battery >= 0.0 && h->battery <= 1.0 && h->minutes_left >= -1);
	XASSERT(h->format.width >= 0 && h->format.height >= 0);
}

static void
try_health(const struct jdoc *j)
{
	struct node_health h, again;
	char *text;

	if (!wire_read_health(&h, j))
		return;
	judge_health(&h);
	text = print_and_free(wire_health(&h));
	struct jdoc *back = parse(text, strlen(text));

	XASSERT(back != NULL && wire_read_health(&again, back));
	jdoc_free(back);
	judge_again(text, print_and_free(wire_health(&again)));
}

static void
try_file(const struct jdoc *j)
{
	struct node_file f, again;
	char *text;

	if (!wire_read_file(&f, j))
		return;
	JUDGE_TEXT(f.id);
	JUDGE_TEXT(f.file_name);
	JUDGE_TEXT(f.label);
	JUDGE_TEXT(f.error);
	XASSERT(strchr(f.id, '/') == NULL && strcmp(f.id, "..") != 0);
	XASSERT(f.sha256[0] == '\0' || strspn(f.sha256, "0123456789abcdef") == 64);
	XASSERT(f.bytes >= 0 && f.marker_count >= 0 && f.marker_count <= 16);
	text = print_and_free(wire_file(&f));
	struct jdoc *back = parse(text, strlen(text));

	XASSERT(back != NULL && wire_read_file(&again, back));
	jdoc_free(back);
	judge_again(text, print_and_free(wire_file(&again)));
}

static void
try_request(const char *text, size_t size, enum node_verb verb)
{
	struct node_request r, again;
	struct err e = { 0 };
	char *body;

	if (!wire_read_request(&r, verb, text, size, &e)) {
		XASSERT(e.text[0] != '\0');
		JUDGE_TEXT(e.text);
		return;
	}
	JUDGE_TEXT(r.label);
	JUDGE_TEXT(r.text);
	JUDGE_TEXT(r.take);
	XASSERT(isfinite(r.factor) && r.at_us >= 0 && r.lease_ms >= 0 && r.ramp_ms >= 0);
	/* identify may come without a state, and is written with one */
	if (verb == NODE_TALLY && r.identify)
		return;
	body = wire_request(&r);
	XASSERT(wire_read_request(&again, verb, body, strlen(body), NULL));
	judge_again(body, wire_request(&again));
}

static void
try_answers(const char *text, size_t size)
{
	static const int statuses[] = { 0, 200, 204, 302, 404, 409, 500 };
	struct node_answer a;

	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
		wire_read_answer(&a, statuses[i], text, size);
		JUDGE_TEXT(a.code);
		JUDGE_TEXT(a.message);
		XASSERT(a.result != NODE_OK || (statuses[i] >= 200 && statuses[i] <= 299));
		XASSERT(a.result == NODE_OK || a.result == NODE_LOST || a.message[0] != '\0');
		judge_health(&a.state);
	}
}

/* What is kept of a pose goes into a line as it is: it must be members of good JSON, whatever came. */
static void
judge_pose(const char *members)
{
	char *text;
	struct jdoc *j;

	if (members == NULL)
		return;
	text = xasprintf("{%s}", members);
	j = jdoc_parse(text, strlen(text), MAX_JOURNAL_LINE, NULL);
	XASSERT(jdoc_is_object(j) && strchr(members, '\n') == NULL && strlen(members) <= MAX_KEPT_POSE);
	jdoc_free(j);
	free(text);
}

static void
try_events(const char *text, size_t size)
{
	struct node_event *ev = xcalloc(1, sizeof *ev);

	for (int kind = 0; kind <= NODE_EV_UNKNOWN; kind++) {
		if (wire_read_event(ev, node_event_name((enum node_event_kind)kind), text, size, NULL)) {
			JUDGE_TEXT(ev->text);
			JUDGE_TEXT(ev->command_id);
			judge_info(&ev->info);
			judge_health(&ev->health);
			judge_pose(ev->pose_json);
		}
		wire_event_fini(ev);
	}
	free(ev);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	int64_t received_us, sent_us;
	char epoch[ID_BYTES];
	struct jdoc *j = parse(text, size);

	if (j != NULL) {
		try_info(j);
		try_health(j);
		try_file(j);
		jdoc_free(j);
	}
	if (wire_read_time(text, size, &received_us, &sent_us, epoch, NULL))
		XASSERT(received_us > 0 && sent_us >= received_us);
	for (int verb = 0; verb < NODE_VERBS; verb++)
		try_request(text, size, (enum node_verb)verb);
	try_answers(text, size);
	try_events(text, size);
	return 0;
}
