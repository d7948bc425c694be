/*
 * fault.c - reads fault specifications.
 * Owns their words and ranges.  Never makes anything go wrong by itself.
 */
#include "domain/fault.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

#define HOUR_US (3600LL * 1000000)

static const struct { const char *word, *path; } refusals[] = {
	{ "record", "/record/" }, { "flip", "/camera/flip" }, { "zoom", "/camera/zoom" },
	{ "format", "/camera/format" }, { "lens", "/camera/lock" }, { "tally", "/tally" },
	{ "marker", "/marker" }, { "message", "/message" }, { "claim", "/claim" }, { "all", "/" },
};
#define REFUSALS (sizeof refusals / sizeof refusals[0])

/* 0s: at once. */
static bool
read_time(int64_t *out, const char *value)
{
	if (!str_time(value, out) || *out < 0 || *out > 24 * HOUR_US)
		return false;
	if (*out == 0)
		*out = 1;
	return true;
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
	size_t at, size;
	const char *expected;
} fault_defs[FAULT_IDS] = {
#define AT(member) offsetof(struct fault, member), sizeof(((struct fault *)0)->member)
	[FAULT_LATE] = { "late", FAULT_TIME, AT(late_us), "a time like 2s" },
	[FAULT_REFUSE] = { "refuse", FAULT_REFUSAL, AT(refuse),
	    "one of record, flip, zoom, format, lens, tally, marker, message, claim, all" },
	[FAULT_DROP] = { "drop", FAULT_SHARE, AT(drop), "a share from 0 to 1 like 0.1" },
	[FAULT_FREEZE] = { "freeze-after", FAULT_TIME, AT(freeze_after_us), "a time like 20s" },
	[FAULT_DIE] = { "die-after", FAULT_TIME, AT(die_after_us), "a time like 30s" },
	[FAULT_HEAT] = { "heat-stop-after", FAULT_TIME, AT(heat_stop_after_us), "a time like 15s" },
	[FAULT_DISK] = { "disk", FAULT_BYTES, AT(disk_bytes), "a size like 64M" },
	[FAULT_SILENT] = { "silent-after", FAULT_TIME, AT(silent_after_us), "a time like 20s" },
	[FAULT_CLOCK] = { "clock", FAULT_SIGNED_TIME, AT(clock_us), "a shift like +350ms or -2s" },
	[FAULT_DRIFT] = { "drift", FAULT_PPM, AT(drift_ppm), "a drift like 40ppm" },
	[FAULT_BITRATE] = { "bitrate", FAULT_RATE, AT(bitrate_bps), "a rate like 200k" },
#undef AT
};

const char *
fault_name(enum fault_id id)
{
	return fault_defs[id].name;
}

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

/* One specification being read: where its values go, and how. */
struct reading {
	struct fault *faults;
	int count;
	unsigned *named;		/* NULL: at the start, where nothing can be taken back */
	bool is_numbered;		/* N: may stand before a name */
};

/* "2:late=1s": *name is what follows the number, *number 0 when there is none. */
static bool
read_number(const struct reading *r, char *part, char **name, int64_t *number, struct err *e)
{
	char *colon = strchr(part, ':'), *equals = strchr(part, '=');

	*name = part;
	*number = 0;
	if (!r->is_numbered || colon == NULL || (equals != NULL && equals < colon))
		return true;
	*colon = '\0';
	*name = colon + 1;
	return str_int(part, 1, r->count, number) ||
	    err_set(e, ERR_USAGE, "fault for node \"%s\": this fleet has nodes 1 to %d", part, r->count);
}

static const struct fault_def *
find_def(const char *name)
{
	for (size_t i = 0; i < FAULT_IDS; i++)
		if (strcmp(fault_defs[i].name, name) == 0)
			return &fault_defs[i];
	return NULL;
}

/* value NULL: it is off. */
static bool
put_one(const struct reading *r, int i, const struct fault_def *def, const char *value)
{
	const unsigned bit = 1U << (def - fault_defs);
	void *at = (char *)&r->faults[i] + def->at;

	if (r->named != NULL && (value == NULL || (def->kind == FAULT_REFUSAL && (r->named[i] & bit) == 0)))
		memset(at, 0, def->size);
	if (r->named != NULL)
		r->named[i] |= bit;
	return value == NULL || fault_read(&r->faults[i], def, value);
}

static void
put_all_off(const struct reading *r, int i)
{
	for (size_t k = 0; k < FAULT_IDS; k++)
		put_one(r, i, &fault_defs[k], NULL);
}

/* One "[N:]name=value"; part is ours to cut. */
static bool
read_part(const struct reading *r, char *part, struct err *e)
{
	const struct fault_def *def;
	char *name, *equals;
	int64_t number;
	bool is_off;

	if (!read_number(r, part, &name, &number, e))
		return false;
	equals = strchr(name, '=');
	is_off = r->named != NULL && strcmp(equals != NULL ? equals + 1 : name, "off") == 0;
	if (equals != NULL)
		*equals = '\0';
	def = equals != NULL || !is_off ? find_def(name) : NULL;
	if (equals == NULL && def != NULL)
		return err_set(e, ERR_USAGE, "fault %s: expected %s=VALUE, %s", name, name, def->expected);
	if (def == NULL && !(is_off && equals == NULL))
		return err_set(e, ERR_USAGE, "unknown fault \"%s\"; known are late, refuse, drop, freeze-after, die-after,"
		    " heat-stop-after, disk, silent-after, clock, drift, bitrate", name);
	for (int i = 0; i < r->count; i++) {
		if (number != 0 && number != i + 1)
			continue;
		if (def == NULL)
			put_all_off(r, i);
		else if (!put_one(r, i, def, is_off ? NULL : equals + 1))
			return err_set(e, ERR_USAGE, "fault %s=\"%s\": expected %s", name, equals + 1, def->expected);
	}
	return true;
}

static bool
read_spec(const struct reading *r, const char *spec, struct err *e)
{
	char *copy = xstrdup(spec), *rest = copy, *part;
	bool fine = true;

	while (fine && (part = strsep(&rest, ",")) != NULL)
		fine = read_part(r, part, e);
	free(copy);
	return fine;
}

bool
fault_parse(struct fault *faults, int count, const char *spec, struct err *e)
{
	const struct reading r = { faults, count, NULL, true };

	return read_spec(&r, spec, e);
}

bool
fault_change(struct fault *faults, int count, const char *spec, unsigned *named, struct err *e)
{
	const size_t size = (size_t)count * sizeof *faults;
	struct fault *tried = xmalloc(size);
	const struct reading r = { tried, count, named, true };
	bool ok;

	memcpy(tried, faults, size);
	memset(named, 0, (size_t)count * sizeof *named);
	ok = read_spec(&r, spec, e);
	if (ok)
		memcpy(faults, tried, size);
	free(tried);
	return ok;
}

bool
fault_check(const char *spec, unsigned *named, struct err *e)
{
	struct fault f = { 0 };
	unsigned told = 0;
	const struct reading r = { &f, 1, &told, false };
	bool ok = read_spec(&r, spec, e);

	if (named != NULL)
		*named = told;
	return ok;
}

bool
fault_refuses(const struct fault *f, const char *path)
{
	for (unsigned i = 0; i < REFUSALS; i++)
		if ((f->refuse & 1U << i) != 0 && str_has_prefix(path, refusals[i].path))
			return true;
	return false;
}
