/*
 * node.c - the contract's words for a camera node's states, verbs and events.
 * Owns the tables.  Never guesses: an unknown word is unknown.
 */
#include "domain/node.h"

#include <stddef.h>
#include <string.h>

static const char *const rec_names[] = {
	[NODE_REC_IDLE] = "idle", [NODE_REC_STARTING] = "starting", [NODE_REC_RECORDING] = "recording",
	[NODE_REC_STOPPING] = "stopping", [NODE_REC_SAVING] = "saving", [NODE_REC_FAILED] = "failed",
	[NODE_REC_UNKNOWN] = "unknown",
};

static const char *const tally_names[] = {
	[NODE_TALLY_OFF] = "off", [NODE_TALLY_PREVIEW] = "preview", [NODE_TALLY_PROGRAM] = "program",
};

static const char *const result_names[] = {
	[NODE_OK] = "ok", [NODE_LATE] = "late", [NODE_REFUSED] = "refused", [NODE_LOST] = "lost",
	[NODE_NOT_OFFERED] = "not-offered",
};

static const char *const event_names[] = {
	[NODE_EV_HELLO] = "hello", [NODE_EV_HEALTH] = "health", [NODE_EV_RECORDING] = "recording",
	[NODE_EV_SAVED] = "saved", [NODE_EV_CAMERA] = "camera", [NODE_EV_ZOOM] = "zoom",
	[NODE_EV_TALLY] = "tally", [NODE_EV_FORMAT] = "format", [NODE_EV_LENS] = "lens",
	[NODE_EV_SUPERSEDED] = "superseded", [NODE_EV_AUDIO] = "audio", [NODE_EV_POSE] = "pose",
	[NODE_EV_GESTURE] = "gesture", [NODE_EV_MARKER] = "marker", [NODE_EV_REPLY] = "reply",
	[NODE_EV_BYE] = "bye", [NODE_EV_UNKNOWN] = "unknown",
};

static const struct {
	const char *path, *words;
} verbs[] = {
	[NODE_RECORD_START] = { "/record/start", "record start" },
	[NODE_RECORD_STOP] = { "/record/stop", "record stop" },
	[NODE_FLIP] = { "/camera/flip", "flip" },
	[NODE_ZOOM] = { "/camera/zoom", "zoom" },
	[NODE_FORMAT] = { "/camera/format", "format" },
	[NODE_LENS] = { "/camera/lock", "lens" },
	[NODE_TALLY] = { "/tally", "tally" },
	[NODE_MARKER] = { "/marker", "marker" },
	[NODE_MESSAGE] = { "/message", "message" },
	[NODE_CLAIM] = { "/claim", "claim" },
	[NODE_RELEASE] = { "/release", "release" },
	[NODE_DELETE] = { "/recordings/", "delete" },	/* and the recording's id */
};

/* The index of word among the first count names; count when it is none of them. */
static int
word_index(const char *const *names, int count, const char *word)
{
	int i = 0;

	while (i < count && strcmp(names[i], word) != 0)
		i++;
	return i;
}

const char *
node_rec_name(enum node_rec state)
{
	return rec_names[state];
}

enum node_rec
node_rec_parse(const char *word)
{
	return (enum node_rec)word_index(rec_names, NODE_REC_UNKNOWN, word);
}

const char *
node_tally_name(enum node_tally tally)
{
	return tally_names[tally];
}

bool
node_tally_parse(const char *word, enum node_tally *out)
{
	int i = word_index(tally_names, 3, word);

	if (i == 3)
		return false;
	*out = (enum node_tally)i;
	return true;
}

const char *
node_result_name(enum node_result result)
{
	return result_names[result];
}

const char *
node_event_name(enum node_event_kind kind)
{
	return event_names[kind];
}

enum node_event_kind
node_event_parse(const char *name)
{
	return (enum node_event_kind)word_index(event_names, NODE_EV_UNKNOWN, name);
}

const char *
node_verb_path(enum node_verb verb)
{
	return verbs[verb].path;
}

const char *
node_verb_words(enum node_verb verb)
{
	return verbs[verb].words;
}

bool
node_info_has_camera(const struct node_info *info)
{
	return info->camera_count != 0;
}
