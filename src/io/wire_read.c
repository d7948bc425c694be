/*
 * wire_read.c - what a node says, read into domain values: /info, /health, /time, metadata.
 * Owns the cleaning: every text is printable and cut, every number in its range.
 * Never fails for a missing or mistyped optional field; that field is just not told.
 */
#include <arpa/inet.h>
#include <limits.h>
#include <math.h>
#include <netinet/in.h>
#include <string.h>

#include "base/ceilings.h"
#include "base/str.h"
#include "io/wire.h"
#include "io/wire_private.h"

const char wire_thermal_words[] = "nominal|fair|serious|critical";
const char wire_network_words[] = "wifi|cellular|ethernet|tailscale";
const char wire_lock_words[] = "off|on|unknown";
const char wire_level_words[] = "info|standby|urgent";

void
wire_text(const struct jdoc *j, const char *key, char *out, size_t out_size)
{
	jdoc_clean(j, key, out, out_size);
}

void
wire_name(const struct jdoc *j, const char *key, char *out, size_t out_size)
{
	const char *text = jdoc_text(j, key, "");

	str_clean(out, out_size, text, strlen(text), MAX_NAME_CELLS);
}

void
wire_id(const struct jdoc *j, const char *key, char out[static ID_BYTES])
{
	if (!ids_copy(out, jdoc_text(j, key, "")))
		out[0] = '\0';
}

bool
wire_is_one_of(const char *word, const char *words)
{
	size_t len = strlen(word);

	for (const char *at = words; len > 0 && (at = strstr(at, word)) != NULL; at++)
		if ((at == words || at[-1] == '|') && (at[len] == '|' || at[len] == '\0'))
			return strchr(word, '|') == NULL;
	return false;
}

void
wire_one_of(const struct jdoc *j, const char *key, const char *words, char *out, size_t out_size)
{
	const char *word = jdoc_text(j, key, "");

	if (!wire_is_one_of(word, words) || !str_copy(out, out_size, word))
		out[0] = '\0';
}

int64_t
wire_size(const struct jdoc *j, const char *key)
{
	int64_t n = jdoc_int(j, key, 0);

	return n < 0 ? 0 : n > WIRE_MAX_SIZE ? WIRE_MAX_SIZE : n;
}

int64_t
wire_time(const struct jdoc *j, const char *key)
{
	int64_t n = jdoc_int(j, key, 0);

	return n < 0 || n > WIRE_MAX_TIME_US ? 0 : n;
}

int
wire_count(const struct jdoc *j, const char *key, int def)
{
	int64_t n = jdoc_int(j, key, def);

	return n < 0 ? def : n > INT_MAX ? INT_MAX : (int)n;
}

bool
wire_is_number(const struct jdoc *j, const char *key)
{
	/* Two different defaults: only a missing or mistyped member gives both back. */
	return jdoc_real(j, key, 0.0) == jdoc_real(j, key, 1.0);
}

double
wire_real(const struct jdoc *j, const char *key, double min, double max, double def)
{
	double n = jdoc_real(j, key, def);

	return !isfinite(n) ? def : n < min ? min : n > max ? max : n;
}

static void
read_camera(struct node_camera *out, const struct jdoc *j)
{
	wire_text(j, "position", out->position, sizeof out->position);
	out->zoom_min = wire_real(j, "zoomMin", 0.0, 1e6, 0.0);
	out->zoom_max = wire_real(j, "zoomMax", 0.0, 1e6, 0.0);
	if (out->zoom_max < out->zoom_min)	/* makes no sense: not told */
		out->zoom_min = out->zoom_max = 0.0;
}

static void
read_cameras(struct node_info *out, const struct jdoc *list)
{
	if (!jdoc_is_array(list))
		return;
	out->camera_count = 0;
	for (size_t i = 0; i < jdoc_count(list) && out->camera_count < NODE_CAMERAS; i++)
		if (jdoc_is_object(jdoc_at(list, i)))
			read_camera(&out->cameras[out->camera_count++], jdoc_at(list, i));
}

static void
read_claim(struct node_claim *out, const struct jdoc *j)
{
	out->held = jdoc_is_object(j);
	wire_id(j, "sphere", out->sphere);
	wire_name(j, "name", out->name, sizeof out->name);
	wire_name(j, "director", out->director, sizeof out->director);
}

/* An address somebody else can connect to.  A link-local one is of no use: its interface is the node's own. */
static bool
is_host_v4(const struct in_addr *a)
{
	uint32_t bits = ntohl(a->s_addr);

	return bits >> 24 != 0 && bits >> 28 < 14 && bits >> 16 != 0xa9fe;	/* this network, multicast and above, 169.254/16 */
}

static bool
is_host_v6(const struct in6_addr *a)
{
	return !IN6_IS_ADDR_UNSPECIFIED(a) && !IN6_IS_ADDR_MULTICAST(a) && !IN6_IS_ADDR_LINKLOCAL(a) && !IN6_IS_ADDR_V4MAPPED(a) &&
	    !IN6_IS_ADDR_V4COMPAT(a);
}

/* The one spelling of a numeric address; false: it is none, or one that leads nowhere. */
static bool
read_path(char *out, size_t out_size, const char *text)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1)
		return is_host_v4(&v4) && inet_ntop(AF_INET, &v4, out, (socklen_t)out_size) != NULL;
	if (inet_pton(AF_INET6, text, &v6) != 1)
		return false;
	return is_host_v6(&v6) && inet_ntop(AF_INET6, &v6, out, (socklen_t)out_size) != NULL;
}

static bool
has_path(const struct node_info *info, const char *address)
{
	for (int i = 0; i < info->path_count; i++)
		if (strcmp(info->paths[i], address) == 0)
			return true;
	return false;
}

static void
read_paths(struct node_info *out, const struct jdoc *list)
{
	char address[NODE_PATH_BYTES];

	for (size_t i = 0; jdoc_is_array(list) && i < jdoc_count(list) && out->path_count < NODE_PATHS; i++)
		if (read_path(address, sizeof address, jdoc_text(jdoc_at(list, i), "address", "")) && !has_path(out, address))
			str_copy(out->paths[out->path_count++], NODE_PATH_BYTES, address);
}

static void
read_identity(struct node_info *out, const struct jdoc *j)
{
	out->contract = wire_count(j, "contract", 0);
	wire_id(j, "id", out->id);
	wire_name(j, "deviceName", out->device_name, sizeof out->device_name);
	wire_name(j, "model", out->model, sizeof out->model);
	wire_name(j, "role", out->role, sizeof out->role);
	wire_name(j, "software", out->software, sizeof out->software);
	if (out->device_name[0] == '\0')
		str_copy(out->device_name, sizeof out->device_name, out->id);
}

bool
wire_read_info(struct node_info *out, const struct jdoc *j, struct err *e)
{
	const struct jdoc *storage = jdoc_get(j, "storage");

	memset(out, 0, sizeof *out);
	out->camera_count = -1;
	if (!jdoc_is_object(j))
		return err_set(e, ERR_FORMAT, "the answer to GET /info is no JSON object");
	read_identity(out, j);
	if (out->device_name[0] == '\0')
		return err_set(e, ERR_FORMAT, "the answer to GET /info has neither \"id\" nor \"deviceName\": no camera node");
	read_cameras(out, jdoc_get(j, "cameras"));
	out->mic = jdoc_bool(j, "mic", false);
	out->pose = jdoc_bool(j, "pose", false);
	out->torch = jdoc_bool(j, "torch", false);
	out->screen = jdoc_bool(j, "screen", false);
	out->has_storage = jdoc_is_object(storage);
	out->storage_total_bytes = wire_size(storage, "totalBytes");
	out->storage_free_bytes = wire_size(storage, "freeBytes");
	read_paths(out, jdoc_get(j, "paths"));
	read_claim(&out->claim, jdoc_get(j, "claim"));
	return true;
}

bool
wire_read_recording(struct node_recording *out, const struct jdoc *j)
{
	memset(out, 0, sizeof *out);
	if (!jdoc_is_object(j))
		return false;
	out->state = node_rec_parse(jdoc_text(j, "state", ""));
	wire_id(j, "sphere", out->sphere);
	wire_text(j, "take", out->take, sizeof out->take);
	out->since_us = wire_time(j, "sinceUs");
	out->bytes = wire_size(j, "bytes");
	wire_text(j, "error", out->error, sizeof out->error);
	return true;
}

bool
wire_read_format(struct node_format *out, const struct jdoc *j)
{
	memset(out, 0, sizeof *out);
	if (!jdoc_is_object(j))
		return false;
	out->width = wire_count(j, "width", 0);
	out->height = wire_count(j, "height", 0);
	out->rate = wire_real(j, "rate", 0.0, 1e6, 0.0);
	wire_text(j, "codec", out->codec, sizeof out->codec);
	out->bitrate_bps = wire_size(j, "bitrateBps");
	return true;
}

bool
wire_read_audio(struct node_audio *out, const struct jdoc *j)
{
	memset(out, 0, sizeof *out);
	if (!jdoc_is_object(j))
		return false;
	/* A level that is not told must not look like full scale. */
	out->peak_dbfs = wire_real(j, "peakDbfs", WIRE_SILENCE_DBFS, 60.0, WIRE_SILENCE_DBFS);
	out->rms_dbfs = wire_real(j, "rmsDbfs", WIRE_SILENCE_DBFS, 60.0, WIRE_SILENCE_DBFS);
	out->clips = wire_size(j, "clips");
	out->muted = jdoc_bool(j, "muted", false);
	return true;
}

bool
wire_read_lens(struct node_health *out, const struct jdoc *j)
{
	out->has_lens = jdoc_is_object(j);
	out->exposure_locked = jdoc_bool(j, "exposureLocked", false);
	out->focus_locked = jdoc_bool(j, "focusLocked", false);
	out->white_balance_locked = jdoc_bool(j, "whiteBalanceLocked", false);
	return out->has_lens;
}

static void
read_battery(struct node_health *out, const struct jdoc *j)
{
	out->has_battery = wire_is_number(j, "level");
	out->battery = wire_real(j, "level", 0.0, 1.0, 0.0);
	out->charging = jdoc_bool(j, "charging", false);
	out->minutes_left = wire_count(j, "minutesLeft", -1);
}

static void
read_network(struct node_health *out, const struct jdoc *j)
{
	int64_t rssi_dbm = jdoc_int(j, "rssiDbm", 0);

	wire_one_of(j, "kind", wire_network_words, out->network, sizeof out->network);
	out->has_rssi = wire_is_number(j, "rssiDbm") && rssi_dbm >= -200 && rssi_dbm <= 100;
	out->rssi_dbm = out->has_rssi ? (int)rssi_dbm : 0;
}

static void
read_picture(struct node_health *out, const struct jdoc *j)
{
	out->has_format = wire_read_format(&out->format, jdoc_get(j, "format"));
	wire_text(j, "camera", out->camera, sizeof out->camera);
	out->has_zoom = wire_is_number(j, "zoom");
	out->zoom = wire_real(j, "zoom", 0.0, 1e6, 0.0);
	wire_read_lens(out, jdoc_get(j, "lens"));
	out->has_fps = wire_is_number(j, "fps");
	out->fps = wire_real(j, "fps", 0.0, 1e6, 0.0);
	out->has_dropped = wire_is_number(j, "droppedFrames");
	out->dropped_frames = wire_size(j, "droppedFrames");
}

bool
wire_read_health(struct node_health *out, const struct jdoc *j)
{
	const struct jdoc *storage = jdoc_get(j, "storage");

	memset(out, 0, sizeof *out);
	out->minutes_left = -1;
	if (!jdoc_is_object(j))
		return false;
	out->time_us = wire_time(j, "timeUs");
	out->has_recording = wire_read_recording(&out->recording, jdoc_get(j, "recording"));
	read_picture(out, j);
	out->has_audio = wire_read_audio(&out->audio, jdoc_get(j, "audio"));
	read_battery(out, jdoc_get(j, "battery"));
	wire_one_of(j, "thermal", wire_thermal_words, out->thermal, sizeof out->thermal);
	out->has_storage = wire_is_number(storage, "freeBytes");
	out->free_bytes = wire_size(storage, "freeBytes");
	read_network(out, jdoc_get(j, "network"));
	wire_one_of(j, "autoLock", wire_lock_words, out->auto_lock, sizeof out->auto_lock);
	out->has_tally = node_tally_parse(jdoc_text(j, "tally", ""), &out->tally);
	out->pose_eligible = jdoc_bool(j, "poseEligible", false);
	return true;
}

bool
wire_read_time(const char *text, size_t len, int64_t *received_us, int64_t *sent_us,
    char epoch[static ID_BYTES], struct err *e)
{
	struct jdoc *j = jdoc_parse(text, len, MAX_JSON_BODY, e);

	*received_us = *sent_us = 0;
	epoch[0] = '\0';
	if (j == NULL)
		return false;
	*received_us = wire_time(j, "receivedUs");
	*sent_us = wire_time(j, "sentUs");
	wire_id(j, "epoch", epoch);
	jdoc_free(j);
	if (*received_us == 0 || *sent_us < *received_us)
		return err_set(e, ERR_FORMAT, "the answer to GET /time has no sensible \"receivedUs\" and \"sentUs\"");
	return true;
}

static void
read_markers(struct node_file *out, const struct jdoc *list)
{
	int room = (int)(sizeof out->markers / sizeof *out->markers);

	for (size_t i = 0; i < jdoc_count(list) && out->marker_count < room; i++) {
		const struct jdoc *j = jdoc_at(list, i);

		if (!jdoc_is_object(j))
			continue;
		wire_text(j, "name", out->markers[out->marker_count].name, NODE_WORD);
		out->markers[out->marker_count++].time_us = wire_time(j, "timeUs");
	}
}

/* Lower-case hexadecimal, or "": a hash in any other shape proves nothing. */
static void
read_hash(char out[static 65], const char *text)
{
	size_t len = strlen(text);

	out[0] = '\0';
	if (len != 64 || strspn(text, "0123456789abcdefABCDEF") != len)
		return;
	for (size_t i = 0; i <= len; i++)
		out[i] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] - 'A' + 'a' : text[i]);
}

static void
read_file_picture(struct node_file *out, const struct jdoc *j)
{
	int64_t rotation = jdoc_int(j, "rotation", 0);

	out->width = wire_count(j, "width", 0);
	out->height = wire_count(j, "height", 0);
	out->rotation = rotation == 90 || rotation == 180 || rotation == 270 ? (int)rotation : 0;
	out->fps = wire_real(j, "fps", 0.0, 1e6, 0.0);
	wire_text(j, "videoCodec", out->video_codec, sizeof out->video_codec);
	wire_text(j, "audioCodec", out->audio_codec, sizeof out->audio_codec);
	wire_text(j, "camera", out->camera, sizeof out->camera);
	out->dropped_frames = wire_size(j, "droppedFrames");
}

bool
wire_read_file(struct node_file *out, const struct jdoc *j)
{
	memset(out, 0, sizeof *out);
	wire_id(j, "id", out->id);
	/* The id becomes part of a path: nothing that walks up. */
	if (strspn(out->id, ".") == strlen(out->id))
		return false;
	wire_text(j, "take", out->take, sizeof out->take);
	wire_id(j, "sphere", out->sphere);
	out->part = wire_count(j, "part", 1);
	wire_name(j, "label", out->label, sizeof out->label);
	wire_text(j, "fileName", out->file_name, sizeof out->file_name);
	wire_text(j, "contentType", out->content_type, sizeof out->content_type);
	out->bytes = wire_size(j, "bytes");
	read_hash(out->sha256, jdoc_text(j, "sha256", ""));
	out->start_us = wire_time(j, "startUs");
	out->end_us = wire_time(j, "endUs");
	out->duration_ms = wire_size(j, "durationMs");
	read_file_picture(out, j);
	read_markers(out, jdoc_get(j, "markers"));
	wire_one_of(j, "thermalPeak", wire_thermal_words, out->thermal_peak, sizeof out->thermal_peak);
	wire_text(j, "error", out->error, sizeof out->error);
	out->complete = jdoc_bool(j, "complete", true);
	return true;
}
