/*
 * verify_shape.c - which members a line or an object must have, and of what kind: doc/schemas in one page.
 * Owns that table.  Lets members pass that it does not know: a later version may say more.
 */
#include <stdio.h>
#include <string.h>
#include "app/verify_private.h"

static const struct {
	const char *journal, *type, *shape;
} line_table[] = {
	{ "cuts", "cut", "from:s0 to:s0 label:s0 transition:s back:b by:s requestedUs:i quantum:i0 beat:n0 take:s0 nodeUs:i0 command:i reason?:s" },
	{ "cuts", "amend", "of:i to:s" },
	{ "cuts", "strike", "of:a" },
	{ "cuts", "landed", "of:i nodes:a" },
	{ "commands", "command", "n:i text:s by:s requestedUs?:i plannedUs?:i targets:a answers:a result:s error?:s" },
	{ "sources", "sphere", "sphere:s name:s" },
	{ "sources", "seen", "node:s deviceName:s model:s number:i0 label:s0 roles:a viewOnly:b out:s0" },
	{ "sources", "label", "node:s label:s0" },
	{ "sources", "number", "node:s number:i" },
	{ "sources", "role", "node:s roles:a" },
	{ "sources", "out", "node:s reason:s0" },
	{ "sources", "in", "node:s" },
	{ "sources", "forget", "node:s" },
	{ "sources", "name", "name:s" },
	{ "sources", "take", "take:s slate:s0 slateTake:i" },
	{ "timebase", "sample", "node:s sentUs:i nodeReceivedUs:i nodeSentUs:i receivedUs:i rttUs:i epoch:s" },
	{ "timebase", "clock", "node:s sampleUs:i offsetUs:i boundUs:i rttUs:i epoch:s samples:i driftPpm?:n driftBoundPpm?:n ageUs?:i" },
	{ "timebase", "beat", "why:s source:s runs:b bpm:n beat:n quantum:i downbeat:i peers:i by?:s" },
	{ "markers", "tag", "text:s take:s0" },
	{ "markers", "mark", "take:s0 verdict:s" },
	{ "markers", "clap", "name:s take:s0 sound:b command:i requestedUs?:i" },
	{ "markers", "countdown", "name:s untilUs:i0 by:s" },
	{ "markers", "marker", "node:s name:s take:s0 nodeUs:i0 offsetUs:i0 boundUs:i0 commandId:s0" },
	{ "camera", "flip", "node:s camera:s nodeUs:i0 commandId:s0 told:s" },
	{ "camera", "zoom", "node:s factor:n nodeUs:i0 commandId:s0 told:s" },
	{ "camera", "format", "node:s width:i height:i rate:n codec:s bitrateBps:i nodeUs:i0 commandId:s0 told:s" },
	{ "camera", "lens", "node:s exposureLocked:b focusLocked:b whiteBalanceLocked:b nodeUs:i0 commandId:s0 told:s" },
	{ "health", "link", "node:s link:s why:s" },
	{ "health", "frozen", "node:s frozen:b" },
	{ "health", "recording", "node:s state:s take:s0 sphere:s0 sinceUs:i0 bytes:i error:s0 commandId:s0" },
	{ "health", "thermal", "node:s thermal:s" },
	{ "health", "battery", "node:s level:n charging:b minutesLeft:i0" },
	{ "health", "storage", "node:s freeBytes:i minutesLeft:i0" },
	{ "health", "audio", "node:s clips:i muted:b peakDbfs:n" },
	{ "health", "network", "node:s kind:s" },
	{ "health", "not-writing", "node:s text:s" },
	{ "health", "stopped-unasked", "node:s text:s" },
	{ "health", "not-armed", "node:s0 take:s text:s" },
	{ "health", "claim", "node:s state:s sphere:s0 name:s0 director:s0" },
	{ "health", "purged", "node:s take:s part:i recording:s file:s bytes:i sha256:s" },
	{ "health", "alarm", "node:s0 text:s" },
	{ "pose", "pose", "node:s nodeUs:i0 motion?:n people?:a" },
	{ "gesture", "gesture", "node:s name:s nodeUs:i0 confidence?:n" },
	{ "evidence", "capture-alive", "node:s alive:b take:s0 sinceUs:i0 reason:s" },
};

#define LINES (sizeof line_table / sizeof line_table[0])

const char *
verify_line_shape(const char *journal, const char *type)
{
	for (size_t i = 0; i < LINES; i++)
		if (strcmp(line_table[i].journal, journal) == 0 && strcmp(line_table[i].type, type) == 0)
			return line_table[i].shape;
	return NULL;
}

const char *
verify_line_at(int index, const char **journal, const char **type)
{
	if (index < 0 || (size_t)index >= LINES)
		return NULL;
	*journal = line_table[index].journal;
	*type = line_table[index].type;
	return line_table[index].shape;
}

/* An integer is a number as well. */
static bool
kind_fits(char kind, const char *kinds, size_t len)
{
	return memchr(kinds, kind, len) != NULL || (kind == 'i' && memchr(kinds, 'n', len) != NULL);
}

/* One "name:kinds" of a shape. */
static bool
member_fits(const struct jdoc *j, const char *member, size_t len, char *why, size_t why_size)
{
	const char *colon = memchr(member, ':', len);
	size_t name_len = (size_t)(colon - member);
	bool optional = member[name_len - 1] == '?';
	char name[64], kind;

	name_len -= optional;
	snprintf(name, sizeof name, "%.*s", (int)name_len, member);
	kind = jdoc_kind(j, name);
	if (kind == '-' && optional)
		return true;
	if (kind == '-')
		snprintf(why, why_size, "has no \"%s\"", name);
	else if (!kind_fits(kind, colon + 1, (size_t)(member + len - colon - 1)))
		snprintf(why, why_size, "has a \"%s\" of the wrong kind", name);
	else
		return true;
	return false;
}

bool
verify_shape(const struct jdoc *j, const char *shape, char *why, size_t why_size)
{
	if (!jdoc_is_object(j)) {
		snprintf(why, why_size, "is no JSON object");
		return false;
	}
	while (*shape != '\0') {
		size_t len = strcspn(shape, " ");

		if (!member_fits(j, shape, len, why, why_size))
			return false;
		shape += len + strspn(shape + len, " ");
	}
	return true;
}

bool
verify_time_is_sane(const struct verify *v, int64_t time_us)
{
	return time_us >= VERIFY_EARLIEST_US && time_us <= v->now_us + VERIFY_AHEAD_US;
}
