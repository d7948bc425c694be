/*
 * node.h - what the contract says about one camera node, as plain values:
 * identity, health, recordings, events, requests and answers.  Times in microseconds
 * since the Unix epoch on the node's own clock.  Absent fields: the has_ flag is false,
 * text is "", numbers are 0.  Texts are cleaned (base/str.h) by whoever fills them in.
 */
#ifndef DOMAIN_NODE_H
#define DOMAIN_NODE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/ceilings.h"
#include "domain/ids.h"

#define NODE_CAMERAS 8
#define NODE_PATHS 8
#define NODE_PATH_BYTES 64
#define NODE_WORD 32		/* a short word: "back", "nominal" */

struct node_camera {
	char position[NODE_WORD];
	double zoom_min, zoom_max;
};

struct node_claim {
	bool held;
	char sphere[ID_BYTES], name[MAX_NAME_BYTES], director[MAX_NAME_BYTES];
};

struct node_info {
	int contract;
	char id[ID_BYTES];			/* "" when the node gave none */
	char device_name[MAX_NAME_BYTES], model[MAX_NAME_BYTES];
	char role[MAX_NAME_BYTES], software[MAX_NAME_BYTES];
	int camera_count;			/* -1: not told */
	struct node_camera cameras[NODE_CAMERAS];
	bool mic, pose, torch, screen;
	bool has_storage;
	int64_t storage_total_bytes, storage_free_bytes;
	struct node_claim claim;
	int path_count;				/* addresses it says it has, numeric, at the port it was asked at */
	char paths[NODE_PATHS][NODE_PATH_BYTES];
};

enum node_rec { NODE_REC_IDLE, NODE_REC_STARTING, NODE_REC_RECORDING, NODE_REC_STOPPING,
	NODE_REC_SAVING, NODE_REC_FAILED, NODE_REC_UNKNOWN };
enum node_tally { NODE_TALLY_OFF, NODE_TALLY_PREVIEW, NODE_TALLY_PROGRAM };

struct node_recording {
	enum node_rec state;
	char sphere[ID_BYTES], take[TAKE_BYTES];
	int64_t since_us, bytes;
	char error[MAX_TEXT_FIELD];		/* "" = null */
};

struct node_format { int width, height; double rate; char codec[NODE_WORD]; int64_t bitrate_bps; };
struct node_audio { double peak_dbfs, rms_dbfs; int64_t clips; bool muted; };

struct node_health {
	int64_t time_us;
	bool has_recording; struct node_recording recording;
	bool has_format; struct node_format format;
	char camera[NODE_WORD];
	bool has_zoom; double zoom;
	bool has_lens, exposure_locked, focus_locked, white_balance_locked;
	bool has_fps; double fps;
	bool has_dropped; int64_t dropped_frames;
	bool has_audio; struct node_audio audio;
	bool has_battery, charging; double battery; int minutes_left;	/* battery 0..1; minutes -1: not told */
	char thermal[NODE_WORD];		/* "nominal" "fair" "serious" "critical" "" */
	bool has_storage; int64_t free_bytes;
	char network[NODE_WORD]; bool has_rssi; int rssi_dbm;
	char auto_lock[NODE_WORD];
	bool has_tally; enum node_tally tally;
	bool pose_eligible;
};

struct node_marker { char name[NODE_WORD]; int64_t time_us; };

/* A recording's metadata (contract, "Recording metadata"). */
struct node_file {
	char id[ID_BYTES], take[TAKE_BYTES], sphere[ID_BYTES];
	int part;
	char label[MAX_NAME_BYTES], file_name[MAX_NAME_BYTES], content_type[NODE_WORD];
	int64_t bytes;
	char sha256[65];			/* "" = not known yet */
	int64_t start_us, end_us, duration_ms;
	int width, height, rotation;
	double fps;
	char video_codec[NODE_WORD], audio_codec[NODE_WORD], camera[NODE_WORD], thermal_peak[NODE_WORD];
	int marker_count; struct node_marker markers[16];
	int64_t dropped_frames;
	char error[MAX_TEXT_FIELD];
	bool complete;
};

/* ---- Commands ---- */
enum node_verb { NODE_RECORD_START, NODE_RECORD_STOP, NODE_FLIP, NODE_ZOOM, NODE_FORMAT, NODE_LENS,
	NODE_TALLY, NODE_MARKER, NODE_MESSAGE, NODE_CLAIM, NODE_RELEASE, NODE_VERBS,
	NODE_DELETE = NODE_VERBS };		/* no POST of its own: DELETE /recordings/{recording} */

/* One command as it goes to one node.  Only the fields of its verb count. */
struct node_request {
	enum node_verb verb;
	char command_id[ID_BYTES];		/* "" = none */
	int64_t at_us;				/* on the node's clock; 0 = at once */
	int64_t again_us;			/* unanswered for so long it is sent again; 0 = half of the time for an answer; not sent */
	char take[TAKE_BYTES], sphere[ID_BYTES], label[MAX_NAME_BYTES];	/* record */
	char position[NODE_WORD];		/* flip; "" toggles (a console always says it) */
	double factor; int64_t ramp_ms;		/* zoom */
	int width, height; double rate;		/* format */
	bool exposure, focus, white_balance;	/* lens */
	enum node_tally tally; int64_t lease_ms, order; bool identify, renew, has_order;	/* tally */
	char name[NODE_WORD]; bool sound;	/* marker */
	char text[MAX_TEXT_FIELD], level[NODE_WORD]; int64_t for_ms;	/* message */
	char token[ID_BYTES], pin[NODE_WORD], director[MAX_NAME_BYTES];	/* claim; text = the Sphere's name */
	char recording[ID_BYTES];		/* delete */
	char bearer[ID_BYTES];			/* any: the token that goes with it, beside the body; "" = none */
};

/* What came back. */
enum node_result { NODE_OK, NODE_LATE, NODE_REFUSED, NODE_LOST, NODE_NOT_OFFERED };
struct node_answer {
	enum node_result result;
	int status;				/* HTTP; 0 = none came */
	char code[NODE_WORD], message[MAX_TEXT_FIELD];
	int64_t time_us;			/* when it took or will take effect, node's clock; 0 = not told */
	bool scheduled, late;
	bool has_state; struct node_health state;
};

/* ---- Events (SSE) ---- */
enum node_event_kind { NODE_EV_HELLO, NODE_EV_HEALTH, NODE_EV_RECORDING, NODE_EV_SAVED, NODE_EV_CAMERA,
	NODE_EV_ZOOM, NODE_EV_TALLY, NODE_EV_FORMAT, NODE_EV_LENS, NODE_EV_SUPERSEDED, NODE_EV_AUDIO,
	NODE_EV_POSE, NODE_EV_GESTURE, NODE_EV_MARKER, NODE_EV_REPLY, NODE_EV_BYE, NODE_EV_UNKNOWN };

struct node_event {
	enum node_event_kind kind;
	int64_t time_us;			/* effect, node's clock; 0 = not told */
	char command_id[ID_BYTES];		/* "" = null */
	struct node_info info;			/* hello */
	struct node_health health;		/* hello, health */
	bool missed;				/* hello */
	struct node_recording recording;	/* recording */
	struct node_file file;			/* saved */
	char *file_json;			/* saved: the metadata as sent (compact JSON); owned by the event */
	char *health_json;			/* hello, health: as sent, NULL: not fit to be kept; owned by the event */
	char text[MAX_TEXT_FIELD];		/* camera position, tally word, marker or gesture name, reply text, bye reason */
	char *pose_json;			/* pose: its members people and motion as sent, without braces; NULL: none; owned by the event */
	bool has_confidence; double confidence;	/* gesture, 0..1 */
	double value;				/* zoom */
	struct node_format format;		/* format */
	struct node_audio audio;		/* audio */
};

const char *node_rec_name(enum node_rec state);
enum node_rec node_rec_parse(const char *word);	/* NODE_REC_UNKNOWN for others */
const char *node_tally_name(enum node_tally tally);
bool node_tally_parse(const char *word, enum node_tally *out);
const char *node_result_name(enum node_result result);	/* "ok" "late" "refused" "lost" "not-offered" */
const char *node_event_name(enum node_event_kind kind);	/* "hello" ... */
enum node_event_kind node_event_parse(const char *name);
/* "/record/start" ... */
const char *node_verb_path(enum node_verb verb);
/* "record start", "zoom": for people. */
const char *node_verb_words(enum node_verb verb);
bool node_info_has_camera(const struct node_info *info);	/* false only when it said it has none */

#endif
