/*
 * fault.c - reads fault specifications.
 * Owns their words and ranges.  Never makes anything go wrong by itself.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "camera/fault.h"

#define HOUR_US (3600LL * 1000000)

static const struct { const char *word, *path; } refusals[] = {
	{ "record", "/record/" }, { "flip", "/camera/flip" }, { "zoom", "/camera/zoom" },
	{ "format", "/camera/format" }, { "lens", "/camera/lock" }, { "tally", "/tally" },
	{ "marker", "/marker" }, { "message", "/message" }, { "claim", "/claim" }, { "all", "/" },
};
#define REFUSALS (sizeof refusals / sizeof refusals[0])

static bool
read_time(int64_t *out, const char *value)
{
	return str_time(value, out) && *out > 0 && *out <= 24 * HOUR_US;
}

/* "+350ms", "-2s"; no sign is plus. */
static bool
read_signed_time(int64_t *out, const char *value)
{
	bool is_minus = *value == '-';

	if (*value == '-' || *value == '+')
		value++;
	if (!str_time(value, out))
		return false;
	if (is_minus)
		*out = -*out;
	return true;
}

/* "64M", "200k": decimal steps of 1000 for rates, 1024 for bytes. */
static bool
read_scaled(int64_t *out, const char *value, int64_t step)
{
	char digits[24], unit;
	size_t len = strlen(value);
	int64_t scale = 1;

	if (len == 0 || len >= sizeof digits)
		return false;
	memcpy(digits, value, len + 1);
	unit = digits[len - 1];
	if (unit == 'k' || unit == 'K')
		scale = step;
	else if (unit == 'm' || unit == 'M')
		scale = step * step;
	else if (unit == 'g' || unit == 'G')
		scale = step * step * step;
	if (scale > 1)
		digits[len - 1] = '\0';
	if (!str_int(digits, 1, INT64_MAX / scale, out))
		return false;
	*out *= scale;
	return true;
}

static bool
read_ppm(double *out, const char *value)
{
	char number[24];
	size_t len = strlen(value);

	if (len < 4 || len >= sizeof number || strcmp(value + len - 3, "ppm") != 0)
		return false;
	memcpy(number, value, len - 3);
	number[len - 3] = '\0';
	return str_double(number[0] == '+' ? number + 1 : number, -100000, 100000, out);
}

static bool
read_refusal(unsigned *out, const char *value)
{
	for (unsigned i = 0; i < REFUSALS; i++)
		if (strcmp(refusals[i].word, value) == 0) {
			*out |= 1U << i;
			return true;
		}
	return false;
}

enum fault_kind { FAULT_TIME, FAULT_SIGNED_TIME, FAULT_BYTES, FAULT_RATE, FAULT_SHARE, FAULT_PPM, FAULT_REFUSAL };

static const struct fault_def {
	const char *name;
	enum fault_kind kind;
	size_t at;
	const char *expected;
} fault_defs[] = {
	{ "late", FAULT_TIME, offsetof(struct fault, late_us), "a time like 2s" },
	{ "refuse", FAULT_REFUSAL, offsetof(struct fault, refuse),
	    "one of record, flip, zoom, format, lens, tally, marker, message, claim, all" },
	{ "drop", FAULT_SHARE, offsetof(struct fault, drop), "a share from 0 to 1 like 0.1" },
	{ "freeze-after", FAULT_TIME, offsetof(struct fault, freeze_after_us), "a time like 20s" },
	{ "die-after", FAULT_TIME, offsetof(struct fault, die_after_us), "a time like 30s" },
	{ "heat-stop-after", FAULT_TIME, offsetof(struct fault, heat_stop_after_us), "a time like 15s" },
	{ "disk", FAULT_BYTES, offsetof(struct fault, disk_bytes), "a size like 64M" },
	{ "silent-after", FAULT_TIME, offsetof(struct fault, silent_after_us), "a time like 20s" },
	{ "clock", FAULT_SIGNED_TIME, offsetof(struct fault, clock_us), "a shift like +350ms or -2s" },
	{ "drift", FAULT_PPM, offsetof(struct fault, drift_ppm), "a drift like 40ppm" },
	{ "bitrate", FAULT_RATE, offsetof(struct fault, bitrate_bps), "a rate like 200k" },
};
#define FAULTS (sizeof fault_defs / sizeof fault_defs[0])

static bool
fault_read(struct fault *f, const struct fault_def *def, const char *value)
{
	void *at = (char *)f + def->at;

	switch (def->kind) {
	case FAULT_TIME:	return read_time(at, value);
	case FAULT_SIGNED_TIME:	return read_signed_time(at, value);
	case FAULT_BYTES:	return read_scaled(at, value, 1024);
	case FAULT_RATE:	return read_scaled(at, value, 1000);
	case FAULT_SHARE:	return str_double(value, 0, 1, at);
	case FAULT_PPM:		return read_ppm(at, value);
	case FAULT_REFUSAL:	return read_refusal(at, value);
	}
	return false;
}

/* One "[N:]name=value"; part is ours to cut. */
static bool
fault_apply(struct fault *faults, int count, char *part, struct err *e)
{
	char *colon = strchr(part, ':'), *equals = strchr(part, '='), *name = part;
	const struct fault_def *def = NULL;
	int64_t number = 0;

	if (equals == NULL)
		return err_set(e, ERR_USAGE, "fault \"%s\": expected NAME=VALUE", part);
	if (colon != NULL && colon < equals) {
		*colon = '\0';
		if (!str_int(part, 1, count, &number))
			return err_set(e, ERR_USAGE, "fault for node \"%s\": this fleet has nodes 1 to %d", part, count);
		name = colon + 1;
	}
	*equals = '\0';
	for (size_t i = 0; i < FAULTS; i++)
		if (strcmp(fault_defs[i].name, name) == 0)
			def = &fault_defs[i];
	if (def == NULL)
		return err_set(e, ERR_USAGE, "unknown fault \"%s\"; known are late, refuse, drop, freeze-after, die-after,"
		    " heat-stop-after, disk, silent-after, clock, drift, bitrate", name);
	for (int i = 0; i < count; i++)
		if ((number == 0 || number == i + 1) && !fault_read(&faults[i], def, equals + 1))
			return err_set(e, ERR_USAGE, "fault %s=\"%s\": expected %s", name, equals + 1, def->expected);
	return true;
}

bool
fault_parse(struct fault *faults, int count, const char *spec, struct err *e)
{
	char *copy = strdup(spec), *rest = copy, *part;
	bool fine = copy != NULL;

	while (fine && (part = strsep(&rest, ",")) != NULL)
		fine = fault_apply(faults, count, part, e);
	free(copy);
	return fine;
}

bool
fault_refuses(const struct fault *f, const char *path)
{
	for (unsigned i = 0; i < REFUSALS; i++)
		if ((f->refuse & 1U << i) != 0 && str_has_prefix(path, refusals[i].path))
			return true;
	return false;
}
