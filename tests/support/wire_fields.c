/*
 * wire_fields.c - the members of the wire records as tables, and comparing by them.
 * Owns the names that case files use in "expect".
 * Never reads or writes JSON messages: a fault of io/wire must not be able to hide here.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "domain/node.h"
#include "support/wire_cases.h"
#include "support/wire_fields.h"

#define F(record, member, kind) { #member, FIELD_##kind, offsetof(struct record, member), NULL }
#define R(record, member, table) { #member, FIELD_RECORD, offsetof(struct record, member), table }
#define END { NULL, FIELD_BOOL, 0, NULL }

static const struct wire_field camera_fields[] = {
	F(node_camera, position, TEXT), F(node_camera, zoom_min, REAL), F(node_camera, zoom_max, REAL), END
};

static const struct wire_field claim_fields[] = {
	F(node_claim, held, BOOL), F(node_claim, sphere, TEXT), F(node_claim, name, TEXT), F(node_claim, director, TEXT), END
};

static const struct wire_field info_fields[] = {
	F(node_info, contract, INT), F(node_info, id, TEXT), F(node_info, device_name, TEXT), F(node_info, model, TEXT),
	F(node_info, role, TEXT), F(node_info, software, TEXT), F(node_info, camera_count, INT),
	R(node_info, cameras[0], camera_fields), R(node_info, cameras[1], camera_fields), R(node_info, cameras[7], camera_fields),
	F(node_info, mic, BOOL), F(node_info, pose, BOOL), F(node_info, torch, BOOL), F(node_info, screen, BOOL),
	F(node_info, has_storage, BOOL), F(node_info, storage_total_bytes, INT64), F(node_info, storage_free_bytes, INT64),
	R(node_info, claim, claim_fields), F(node_info, path_count, INT), F(node_info, paths[0], TEXT), F(node_info, paths[1], TEXT),
	F(node_info, paths[7], TEXT), END
};

static const struct wire_field recording_fields[] = {
	F(node_recording, state, REC), F(node_recording, sphere, TEXT), F(node_recording, take, TEXT),
	F(node_recording, since_us, INT64), F(node_recording, bytes, INT64), F(node_recording, error, TEXT), END
};

static const struct wire_field format_fields[] = {
	F(node_format, width, INT), F(node_format, height, INT), F(node_format, rate, REAL),
	F(node_format, codec, TEXT), F(node_format, bitrate_bps, INT64), END
};

static const struct wire_field audio_fields[] = {
	F(node_audio, peak_dbfs, REAL), F(node_audio, rms_dbfs, REAL), F(node_audio, clips, INT64), F(node_audio, muted, BOOL), END
};

static const struct wire_field health_fields[] = {
	F(node_health, time_us, INT64),
	F(node_health, has_recording, BOOL), R(node_health, recording, recording_fields),
	F(node_health, has_format, BOOL), R(node_health, format, format_fields),
	F(node_health, camera, TEXT), F(node_health, has_zoom, BOOL), F(node_health, zoom, REAL),
	F(node_health, has_lens, BOOL), F(node_health, exposure_locked, BOOL), F(node_health, focus_locked, BOOL),
	F(node_health, white_balance_locked, BOOL), F(node_health, has_fps, BOOL), F(node_health, fps, REAL),
	F(node_health, has_dropped, BOOL), F(node_health, dropped_frames, INT64),
	F(node_health, has_audio, BOOL), R(node_health, audio, audio_fields),
	F(node_health, has_battery, BOOL), F(node_health, charging, BOOL), F(node_health, battery, REAL),
	F(node_health, minutes_left, INT), F(node_health, thermal, TEXT),
	F(node_health, has_storage, BOOL), F(node_health, free_bytes, INT64),
	F(node_health, network, TEXT), F(node_health, has_rssi, BOOL), F(node_health, rssi_dbm, INT),
	F(node_health, auto_lock, TEXT), F(node_health, has_tally, BOOL), F(node_health, tally, TALLY),
	F(node_health, pose_eligible, BOOL), END
};

static const struct wire_field marker_fields[] = {
	F(node_marker, name, TEXT), F(node_marker, time_us, INT64), END
};

static const struct wire_field file_fields[] = {
	F(node_file, id, TEXT), F(node_file, take, TEXT), F(node_file, sphere, TEXT), F(node_file, part, INT),
	F(node_file, label, TEXT), F(node_file, file_name, TEXT), F(node_file, content_type, TEXT), F(node_file, bytes, INT64),
	F(node_file, sha256, TEXT), F(node_file, start_us, INT64), F(node_file, end_us, INT64), F(node_file, duration_ms, INT64),
	F(node_file, width, INT), F(node_file, height, INT), F(node_file, rotation, INT), F(node_file, fps, REAL),
	F(node_file, video_codec, TEXT), F(node_file, audio_codec, TEXT), F(node_file, camera, TEXT),
	F(node_file, thermal_peak, TEXT), F(node_file, marker_count, INT), R(node_file, markers[0], marker_fields),
	R(node_file, markers[15], marker_fields), F(node_file, dropped_frames, INT64), F(node_file, error, TEXT),
	F(node_file, complete, BOOL), END
};

static const struct wire_field time_fields[] = {
	F(wire_case_time, received_us, INT64), F(wire_case_time, sent_us, INT64), F(wire_case_time, epoch, TEXT), END
};

static const struct wire_field answer_fields[] = {
	F(node_answer, result, RESULT), F(node_answer, status, INT), F(node_answer, code, TEXT), F(node_answer, message, TEXT),
	F(node_answer, time_us, INT64), F(node_answer, scheduled, BOOL), F(node_answer, late, BOOL),
	F(node_answer, has_state, BOOL), R(node_answer, state, health_fields), END
};

static const struct wire_field event_fields[] = {
	F(node_event, kind, KIND), F(node_event, time_us, INT64), F(node_event, command_id, TEXT),
	R(node_event, info, info_fields), R(node_event, health, health_fields), F(node_event, missed, BOOL),
	R(node_event, recording, recording_fields), R(node_event, file, file_fields), F(node_event, file_json, POINTER),
	F(node_event, pose_json, POINTER), F(node_event, has_confidence, BOOL), F(node_event, confidence, REAL),
	F(node_event, text, TEXT), F(node_event, value, REAL), R(node_event, format, format_fields),
	R(node_event, audio, audio_fields), END
};

static const struct wire_field request_fields[] = {
	F(node_request, verb, VERB), F(node_request, command_id, TEXT), F(node_request, at_us, INT64),
	F(node_request, take, TEXT), F(node_request, sphere, TEXT), F(node_request, label, TEXT),
	F(node_request, position, TEXT), F(node_request, factor, REAL), F(node_request, ramp_ms, INT64),
	F(node_request, width, INT), F(node_request, height, INT), F(node_request, rate, REAL),
	F(node_request, exposure, BOOL), F(node_request, focus, BOOL), F(node_request, white_balance, BOOL),
	F(node_request, tally, TALLY), F(node_request, lease_ms, INT64), F(node_request, order, INT64),
	F(node_request, identify, BOOL), F(node_request, renew, BOOL), F(node_request, has_order, BOOL),
	F(node_request, name, TEXT), F(node_request, sound, BOOL), F(node_request, text, TEXT), F(node_request, level, TEXT),
	F(node_request, for_ms, INT64), F(node_request, token, TEXT), F(node_request, pin, TEXT), F(node_request, director, TEXT), END
};

static const struct { const char *kind; const struct wire_field *fields; } kind_table[] = {
	{ "info", info_fields }, { "health", health_fields }, { "file", file_fields }, { "time", time_fields },
	{ "answer", answer_fields }, { "event", event_fields }, { "request", request_fields },
};

const struct wire_field *
wire_fields_of(const char *kind)
{
	for (size_t i = 0; i < sizeof kind_table / sizeof *kind_table; i++)
		if (strcmp(kind_table[i].kind, kind) == 0)
			return kind_table[i].fields;
	return NULL;
}

/* A member as text, so that a difference can be told; "%.17g" keeps every double apart. */
static void
print_field(char *out, size_t out_size, const struct wire_field *f, const char *record)
{
	const void *at = record + f->offset;

	switch (f->type) {
	case FIELD_BOOL:
		snprintf(out, out_size, "%s", *(const bool *)at ? "true" : "false");
		break;
	case FIELD_INT:
		snprintf(out, out_size, "%d", *(const int *)at);
		break;
	case FIELD_INT64:
		snprintf(out, out_size, "%lld", (long long)*(const int64_t *)at);
		break;
	case FIELD_REAL:
		snprintf(out, out_size, "%.17g", *(const double *)at);
		break;
	case FIELD_TEXT:
		snprintf(out, out_size, "%s", (const char *)at);
		break;
	case FIELD_POINTER:
		snprintf(out, out_size, "%s", *(char *const *)at != NULL ? *(char *const *)at : "");
		break;
	case FIELD_REC:
		snprintf(out, out_size, "%s", node_rec_name(*(const enum node_rec *)at));
		break;
	case FIELD_TALLY:
		snprintf(out, out_size, "%s", node_tally_name(*(const enum node_tally *)at));
		break;
	case FIELD_RESULT:
		snprintf(out, out_size, "%s", node_result_name(*(const enum node_result *)at));
		break;
	case FIELD_KIND:
		snprintf(out, out_size, "%s", node_event_name(*(const enum node_event_kind *)at));
		break;
	case FIELD_VERB:
		snprintf(out, out_size, "%s", node_verb_path(*(const enum node_verb *)at));
		break;
	case FIELD_RECORD:
		break;
	}
}

/* What a case file says, in the same spelling. */
static void
print_wanted(char *out, size_t out_size, enum wire_field_type type, const struct jdoc *expect, const char *name)
{
	if (type == FIELD_BOOL)
		snprintf(out, out_size, "%s", jdoc_bool(expect, name, false) ? "true" : "false");
	else if (type == FIELD_INT || type == FIELD_INT64)
		snprintf(out, out_size, "%lld", (long long)jdoc_int(expect, name, INT64_MIN));
	else if (type == FIELD_REAL)
		snprintf(out, out_size, "%.17g", jdoc_real(expect, name, (double)NAN));
	else
		snprintf(out, out_size, "%s", jdoc_text(expect, name, "(no text in the case)"));
}

/* "recording.state" -> its field; *record moves to the record that holds it. */
static const struct wire_field *
find_field(const struct wire_field *fields, const char *name, const char **record)
{
	for (const struct wire_field *f = fields; f->name != NULL; f++) {
		size_t len = strlen(f->name);

		if (strncmp(f->name, name, len) != 0)
			continue;
		if (name[len] == '\0' && f->type != FIELD_RECORD)
			return f;
		if (name[len] == '.' && f->type == FIELD_RECORD) {
			*record += f->offset;
			return find_field(f->inner, name + len + 1, record);
		}
	}
	return NULL;
}

static bool
matches_one(const struct wire_field *fields, const char *record, const struct jdoc *expect, const char *name, struct err *why)
{
	const struct wire_field *f = find_field(fields, name, &record);
	char is[2048], want[2048];

	if (f == NULL)
		return err_set(why, ERR_USAGE, "the case names no member: %s", name);
	print_field(is, sizeof is, f, record);
	print_wanted(want, sizeof want, f->type, expect, name);
	return strcmp(is, want) == 0 || err_set(why, ERR_FORMAT, "%s is '%.100s', not '%.100s'", name, is, want);
}

bool
wire_case_matches(const char *kind, const void *record, const struct jdoc *expect, struct err *why)
{
	const char *name;

	if (jdoc_key(expect, 0) == NULL)
		return err_set(why, ERR_USAGE, "the case expects nothing");
	for (size_t i = 0; (name = jdoc_key(expect, i)) != NULL; i++)
		if (!matches_one(wire_fields_of(kind), record, expect, name, why))
			return false;
	return true;
}

static bool
same_fields(const struct wire_field *fields, const char *a, const char *b, struct err *why)
{
	char left[2048], right[2048];

	for (const struct wire_field *f = fields; f->name != NULL; f++) {
		if (f->type == FIELD_RECORD) {
			if (!same_fields(f->inner, a + f->offset, b + f->offset, why))
				return false;
			continue;
		}
		print_field(left, sizeof left, f, a);
		print_field(right, sizeof right, f, b);
		if (strcmp(left, right) != 0)
			return err_set(why, ERR_FORMAT, "written and read again, %s is '%.100s', was '%.100s'", f->name, right, left);
	}
	return true;
}

bool
wire_case_same(const char *kind, const void *a, const void *b, struct err *why)
{
	return same_fields(wire_fields_of(kind), a, b, why);
}
