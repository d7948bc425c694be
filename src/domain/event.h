/*
 * event.h - public event names (console.md) and the console's inner news.
 */
#ifndef DOMAIN_EVENT_H
#define DOMAIN_EVENT_H

#include <stdbool.h>

/* Public and fixed: printed as `event NAME ...`, usable in `wait event`. */
#define EVENT_PUBLIC(X) \
	X(NODE_SEEN, "node-seen") X(NODE_LIVE, "node-live") X(NODE_STALE, "node-stale") X(NODE_LOST, "node-lost") \
	X(NODE_BACK, "node-back") X(FROZEN, "frozen") X(RECORDING, "recording") X(STOPPED, "stopped") \
	X(STOPPED_UNASKED, "stopped-unasked") X(NOT_WRITING, "not-writing") X(SAVED, "saved") X(FETCHED, "fetched") \
	X(VERIFIED, "verified") X(CUT, "cut") X(CUT_PENDING, "cut-pending") X(CUT_REPLACED, "cut-replaced") \
	X(CUT_REFUSED, "cut-refused") X(PROGRAM_LOST, "program-lost") X(GESTURE, "gesture") X(MARKER, "marker") \
	X(REPLY, "reply") X(ALARM, "alarm") X(CLOCK_LOST, "clock-lost") X(CUE, "cue") X(CUE_LATE, "cue-late") \
	X(STILL_ROLLING, "still-rolling")
/* Inner news, never printed as an event. */
#define EVENT_INNER(X) \
	X(NODE_INFO, "node-info") X(NODE_GONE, "node-gone") X(NODE_STATE, "node-state") X(NODE_ANSWER, "node-answer") \
	X(NODE_EVENT, "node-event") X(CLOCK_SAMPLE, "clock-sample") X(CREW_CHANGED, "crew-changed") X(TILE_DIRTY, "tile-dirty") \
	X(TAKE_CHANGED, "take-changed") X(DID_NOT_ROLL, "did-not-roll") X(TAKE_UNSEEN, "take-unseen") X(BUSES_CHANGED, "buses-changed") X(LEDGER_CHANGED, "ledger-changed") \
	X(SETTING_CHANGED, "setting-changed") X(NOTICE, "notice") X(ALARMS_CHANGED, "alarms-changed") \
	X(MANIFEST_DIRTY, "manifest-dirty") X(CLAIM_CHANGED, "claim-changed") X(ARCHIVE_STATE, "archive-state") X(PLACE_ANSWERS, "place-answers") \
	X(BEAT, "beat-changed") X(CUE_CHANGED, "cue-changed") X(AUTO_CHANGED, "auto-changed") X(REHEARSAL_CHANGED, "rehearsal-changed") \
	X(COUNTDOWN_CHANGED, "countdown-changed") X(CAPTION, "caption") X(CLIENTS_CHANGED, "clients-changed")

enum event_kind {
#define EVENT_ENUM(id, name) EV_##id,
	EVENT_PUBLIC(EVENT_ENUM)
	EV_PUBLIC_KINDS,
	EV_INNER_BASE = EV_PUBLIC_KINDS - 1,
	EVENT_INNER(EVENT_ENUM)
#undef EVENT_ENUM
	EV_KINDS
};

const char *event_name(enum event_kind kind);
bool event_parse_public(const char *name, enum event_kind *out);
bool event_is_public(enum event_kind kind);
/* The public one that a mistyped word may have meant; NULL: none is near. */
const char *event_nearest(const char *word);

#endif
