/*
 * scribe_health.c - health.jsonl and evidence.jsonl: what a node says of itself, written when it changes.
 * Never judges: what is live and what is recording is the crew's word.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "app/scribe_private.h"
#include "base/str.h"

#define BATTERY_STEP 0.05
#define STORAGE_STEP_BYTES (1024LL * 1024 * 1024)
#define CLIPS_EVERY_US 5000000

void
scribe_health_recording(struct scribe *s, struct scribe_node *n, const struct node_recording *r, const char *command_id)
{
	struct jdoc *line;

	if (n->has_recording && n->recording.state == r->state && n->recording.since_us == r->since_us &&
	    strcmp(n->recording.take, r->take) == 0 && strcmp(n->recording.error, r->error) == 0)
		return;
	n->has_recording = true;
	n->recording = *r;
	line = scribe_line(n->id);
	jdoc_set_text(line, "state", node_rec_name(r->state));
	scribe_text_or_null(line, "take", r->take);
	scribe_text_or_null(line, "sphere", r->sphere);
	scribe_int_or_null(line, "sinceUs", r->since_us, r->since_us != 0);
	jdoc_set_int(line, "bytes", r->bytes);
	scribe_text_or_null(line, "error", r->error);
	scribe_text_or_null(line, "commandId", command_id);
	scribe_put(s, SCRIBE_HEALTH, "recording", 0, line);
	scribe_manifest(s, NULL, NULL);
}

/* A word that changed: a line of this type, with the word under this key. */
static void
compare_word(struct scribe *s, const char *node, char kept[static NODE_WORD], const char *word, const char *type, const char *key)
{
	struct jdoc *line;

	if (word[0] == '\0' || strcmp(word, kept) == 0)
		return;
	str_copy(kept, NODE_WORD, word);
	line = scribe_line(node);
	jdoc_set_text(line, key, word);
	scribe_put(s, SCRIBE_HEALTH, type, 0, line);
}

static void
compare_battery(struct scribe *s, struct scribe_node *n, const struct node_health *h)
{
	struct jdoc *line;

	if (!h->has_battery || (n->has_battery && n->charging == h->charging && fabs(n->battery - h->battery) < BATTERY_STEP))
		return;
	n->has_battery = true;
	n->charging = h->charging;
	n->battery = h->battery;
	line = scribe_line(n->id);
	jdoc_set_real(line, "level", h->battery);
	jdoc_set_bool(line, "charging", h->charging);
	scribe_int_or_null(line, "minutesLeft", h->minutes_left, h->minutes_left >= 0);
	scribe_put(s, SCRIBE_HEALTH, "battery", 0, line);
}

static void
compare_storage(struct scribe *s, struct scribe_node *n, const struct node_health *h)
{
	int minutes = health_storage_minutes(h);
	int64_t step = n->free_bytes / 10 < STORAGE_STEP_BYTES ? n->free_bytes / 10 : STORAGE_STEP_BYTES;
	struct jdoc *line;

	if (!h->has_storage || (n->has_storage && llabs(h->free_bytes - n->free_bytes) < (step > 0 ? step : 1)))
		return;
	n->has_storage = true;
	n->free_bytes = h->free_bytes;
	line = scribe_line(n->id);
	jdoc_set_int(line, "freeBytes", h->free_bytes);
	scribe_int_or_null(line, "minutesLeft", minutes, minutes >= 0);
	scribe_put(s, SCRIBE_HEALTH, "storage", 0, line);
}

/* Clipping and muting; levels are not written down. */
void
scribe_health_audio(struct scribe *s, struct scribe_node *n, const struct node_audio *a)
{
	int64_t now_us = clk_mono_us(s->clk);
	bool clips = n->has_audio && a->clips > n->clips && now_us - n->clips_told_us >= CLIPS_EVERY_US;
	bool mutes = n->has_audio ? a->muted != n->muted : a->muted;
	struct jdoc *line;

	if (!n->has_audio || a->clips < n->clips)
		n->clips = a->clips;
	n->has_audio = true;
	n->muted = a->muted;
	if (!clips && !mutes)
		return;
	n->clips = a->clips;
	n->clips_told_us = now_us;
	line = scribe_line(n->id);
	jdoc_set_int(line, "clips", a->clips);
	jdoc_set_bool(line, "muted", a->muted);
	jdoc_set_real(line, "peakDbfs", a->peak_dbfs);
	scribe_put(s, SCRIBE_HEALTH, "audio", 0, line);
}

void
scribe_health_compare(struct scribe *s, struct scribe_node *n, const struct node_health *h)
{
	if (h->has_recording)
		scribe_health_recording(s, n, &h->recording, "");
	compare_word(s, n->id, n->thermal, h->thermal, "thermal", "thermal");
	compare_battery(s, n, h);
	compare_storage(s, n, h);
	if (h->has_audio)
		scribe_health_audio(s, n, &h->audio);
	compare_word(s, n->id, n->network, h->network, "network", "kind");
}

/* A capture-alive window is open while the node is heard, says recording, and its file grows. */
static const char *
alive_why(const struct crew_member *m)
{
	if (m->link != HEALTH_LIVE)
		return m->link == HEALTH_STALE ? "no word for too long" : "the node is lost";
	switch (m->rec) {
	case HEALTH_REC_RECORDING: return "the node says recording and its file grows";
	case HEALTH_REC_UNSURE: return "its word is old or its file does not grow";
	case HEALTH_REC_NOT_WRITING: return "its file does not grow";
	case HEALTH_REC_STOPPING: case HEALTH_REC_SAVING: case HEALTH_REC_NONE: return "the recording ended";
	case HEALTH_REC_FAILED: return "the recording failed";
	case HEALTH_REC_STARTING: return "the recording begins";
	}
	return "unknown";
}

void
scribe_health_alive(struct scribe *s, struct scribe_node *n, const struct crew_member *m)
{
	const struct node_recording *r = &m->track.last.recording;
	bool alive = m->link == HEALTH_LIVE && m->rec == HEALTH_REC_RECORDING;
	bool is_ours = strcmp(r->sphere, sphere_manifest(s->sphere)->sphere) == 0 && r->take[0] != '\0';
	struct jdoc *line;

	if (alive == n->alive)
		return;
	line = scribe_line(n->id);
	jdoc_set_bool(line, "alive", alive);
	jdoc_set_text(line, "take", is_ours ? r->take : NULL);
	scribe_int_or_null(line, "sinceUs", n->alive_us, !alive);
	jdoc_set_text(line, "reason", alive_why(m));
	n->alive = alive;
	n->alive_us = clk_utc_us(s->clk);
	scribe_put(s, SCRIBE_EVIDENCE, "capture-alive", n->alive_us, line);
}
