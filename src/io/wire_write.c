/*
 * wire_write.c - domain values written as the contract's messages.
 * Owns the member names and their order.
 * Never writes what is not known: such a member is left out, or null where the contract has null.
 */
#include <math.h>
#include <stdlib.h>

#include "domain/registry.h"
#include "io/wire.h"
#include "io/wire_private.h"

static void
put_text(struct jdoc *j, const char *key, const char *value)
{
	if (value[0] != '\0')
		jdoc_set_text(j, key, value);
}

static void
put_text_or_null(struct jdoc *j, const char *key, const char *value)
{
	jdoc_set_text(j, key, value[0] != '\0' ? value : NULL);
}

static void
put_known_int(struct jdoc *j, const char *key, int64_t value)
{
	if (value > 0)
		jdoc_set_int(j, key, value);
}

static struct jdoc *
camera(const struct node_camera *c)
{
	struct jdoc *j = jdoc_object();

	put_text(j, "position", c->position);
	if (c->zoom_max > 0.0) {
		jdoc_set_real(j, "zoomMin", c->zoom_min);
		jdoc_set_real(j, "zoomMax", c->zoom_max);
	}
	return j;
}

static struct jdoc *
cameras(const struct node_info *info)
{
	struct jdoc *j = jdoc_array();

	for (int i = 0; i < info->camera_count; i++)
		jdoc_set(j, NULL, camera(&info->cameras[i]));
	return j;
}

static struct jdoc *
paths(const struct node_info *info)
{
	struct jdoc *list = jdoc_array(), *j;

	for (int i = 0; i < info->path_count; i++) {
		j = jdoc_object();
		jdoc_set_text(j, "kind", registry_path_of(info->paths[i]) == PATH_TAILSCALE ? "tailscale" : "lan");
		jdoc_set_text(j, "address", info->paths[i]);
		jdoc_set(list, NULL, j);
	}
	return list;
}

static void
put_claim(struct jdoc *j, const struct node_claim *claim)
{
	struct jdoc *held;

	if (!claim->held) {
		jdoc_set_null(j, "claim");
		return;
	}
	held = jdoc_object();
	jdoc_set_text(held, "sphere", claim->sphere);
	jdoc_set_text(held, "name", claim->name);
	jdoc_set_text(held, "director", claim->director);
	jdoc_set(j, "claim", held);
}

struct jdoc *
wire_info(const struct node_info *info)
{
	struct jdoc *j = jdoc_object(), *storage;

	put_known_int(j, "contract", info->contract);
	put_text(j, "id", info->id);
	jdoc_set_text(j, "deviceName", info->device_name);
	put_text(j, "model", info->model);
	put_text(j, "role", info->role);
	put_text(j, "software", info->software);
	if (info->camera_count >= 0)
		jdoc_set(j, "cameras", cameras(info));
	jdoc_set_bool(j, "mic", info->mic);
	jdoc_set_bool(j, "pose", info->pose);
	jdoc_set_bool(j, "torch", info->torch);
	jdoc_set_bool(j, "screen", info->screen);
	if (info->has_storage) {
		storage = jdoc_object();
		jdoc_set_int(storage, "totalBytes", info->storage_total_bytes);
		jdoc_set_int(storage, "freeBytes", info->storage_free_bytes);
		jdoc_set(j, "storage", storage);
	}
	if (info->path_count > 0)
		jdoc_set(j, "paths", paths(info));
	put_claim(j, &info->claim);
	return j;
}

struct jdoc *
wire_recording(const struct node_recording *r)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_text(j, "state", node_rec_name(r->state));
	put_text_or_null(j, "sphere", r->sphere);
	put_text_or_null(j, "take", r->take);
	if (r->since_us > 0)
		jdoc_set_int(j, "sinceUs", r->since_us);
	else
		jdoc_set_null(j, "sinceUs");
	jdoc_set_int(j, "bytes", r->bytes);
	put_text_or_null(j, "error", r->error);
	return j;
}

void
wire_put_rate(struct jdoc *j, const char *key, double rate)
{
	if (rate >= 0.0 && rate <= 1e6 && rate == floor(rate))
		jdoc_set_int(j, key, (int64_t)rate);
	else
		jdoc_set_real(j, key, rate);
}

static struct jdoc *
format(const struct node_format *f)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_int(j, "width", f->width);
	jdoc_set_int(j, "height", f->height);
	wire_put_rate(j, "rate", f->rate);
	put_text(j, "codec", f->codec);
	put_known_int(j, "bitrateBps", f->bitrate_bps);
	return j;
}

static struct jdoc *
lens(const struct node_health *h)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_bool(j, "exposureLocked", h->exposure_locked);
	jdoc_set_bool(j, "focusLocked", h->focus_locked);
	jdoc_set_bool(j, "whiteBalanceLocked", h->white_balance_locked);
	return j;
}

static struct jdoc *
audio(const struct node_audio *a)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_real(j, "peakDbfs", a->peak_dbfs);
	jdoc_set_real(j, "rmsDbfs", a->rms_dbfs);
	jdoc_set_int(j, "clips", a->clips);
	jdoc_set_bool(j, "muted", a->muted);
	return j;
}

static struct jdoc *
battery(const struct node_health *h)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_real(j, "level", h->battery);
	jdoc_set_bool(j, "charging", h->charging);
	if (h->minutes_left >= 0)
		jdoc_set_int(j, "minutesLeft", h->minutes_left);
	else
		jdoc_set_null(j, "minutesLeft");
	return j;
}

static void
put_picture(struct jdoc *j, const struct node_health *h)
{
	if (h->has_format)
		jdoc_set(j, "format", format(&h->format));
	put_text(j, "camera", h->camera);
	if (h->has_zoom)
		jdoc_set_real(j, "zoom", h->zoom);
	if (h->has_lens)
		jdoc_set(j, "lens", lens(h));
	if (h->has_fps)
		jdoc_set_real(j, "fps", h->fps);
	if (h->has_dropped)
		jdoc_set_int(j, "droppedFrames", h->dropped_frames);
}

static void
put_network(struct jdoc *j, const struct node_health *h)
{
	struct jdoc *network;

	if (h->network[0] == '\0' && !h->has_rssi)
		return;
	network = jdoc_object();
	put_text(network, "kind", h->network);
	if (h->has_rssi)
		jdoc_set_int(network, "rssiDbm", h->rssi_dbm);
	jdoc_set(j, "network", network);
}

struct jdoc *
wire_health(const struct node_health *h)
{
	struct jdoc *j = jdoc_object(), *storage;

	jdoc_set_int(j, "timeUs", h->time_us);
	if (h->has_recording)
		jdoc_set(j, "recording", wire_recording(&h->recording));
	put_picture(j, h);
	if (h->has_audio)
		jdoc_set(j, "audio", audio(&h->audio));
	if (h->has_battery)
		jdoc_set(j, "battery", battery(h));
	put_text(j, "thermal", h->thermal);
	if (h->has_storage) {
		storage = jdoc_object();
		jdoc_set_int(storage, "freeBytes", h->free_bytes);
		jdoc_set(j, "storage", storage);
	}
	put_network(j, h);
	put_text(j, "autoLock", h->auto_lock);
	if (h->has_tally)
		jdoc_set_text(j, "tally", node_tally_name(h->tally));
	jdoc_set_bool(j, "poseEligible", h->pose_eligible);
	return j;
}

static struct jdoc *
markers(const struct node_file *f)
{
	struct jdoc *list = jdoc_array(), *j;

	for (int i = 0; i < f->marker_count; i++) {
		j = jdoc_object();
		jdoc_set_text(j, "name", f->markers[i].name);
		jdoc_set_int(j, "timeUs", f->markers[i].time_us);
		jdoc_set(list, NULL, j);
	}
	return list;
}

static void
put_file_picture(struct jdoc *j, const struct node_file *f)
{
	jdoc_set_int(j, "width", f->width);
	jdoc_set_int(j, "height", f->height);
	jdoc_set_int(j, "rotation", f->rotation);
	jdoc_set_real(j, "fps", f->fps);
	put_text(j, "videoCodec", f->video_codec);
	put_text(j, "audioCodec", f->audio_codec);
	put_text(j, "camera", f->camera);
}

struct jdoc *
wire_file(const struct node_file *f)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_text(j, "id", f->id);
	jdoc_set_text(j, "take", f->take);
	jdoc_set_text(j, "sphere", f->sphere);
	jdoc_set_int(j, "part", f->part);
	put_text(j, "label", f->label);
	put_text(j, "fileName", f->file_name);
	put_text(j, "contentType", f->content_type);
	jdoc_set_int(j, "bytes", f->bytes);
	put_text(j, "sha256", f->sha256);
	jdoc_set_int(j, "startUs", f->start_us);
	jdoc_set_int(j, "endUs", f->end_us);
	jdoc_set_int(j, "durationMs", f->duration_ms);
	put_file_picture(j, f);
	jdoc_set(j, "markers", markers(f));
	put_text(j, "thermalPeak", f->thermal_peak);
	jdoc_set_int(j, "droppedFrames", f->dropped_frames);
	put_text_or_null(j, "error", f->error);
	jdoc_set_bool(j, "complete", f->complete);
	return j;
}
