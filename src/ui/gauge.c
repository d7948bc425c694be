/*
 * gauge.c - readings as words.  Owns nothing; colours are roles, never meaning on their own.
 */
#include "ui/gauge.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define LOW_BATTERY 20
#define LOW_STORAGE_MIN 10
#define METER_CELLS 6
#define METER_FLOOR_DB -60.0
#define OLD_PICTURE_US 1500000
#define LOOSE_CLOCK_US 30000

void
gauge_age(char *out, size_t out_size, int64_t us)
{
	int64_t s = us / 1000000;

	if (s < 10)
		snprintf(out, out_size, "%d s", (int)s);
	else if (s < 60)
		snprintf(out, out_size, "%d s", (int)(s / 2 * 2));
	else if (s < 3600)
		snprintf(out, out_size, "%d min", (int)(s / 60));
	else
		snprintf(out, out_size, "%d h", (int)(s / 3600));
}

static void
short_clock(char *out, size_t out_size, int64_t us)
{
	if (us < 0)
		us = 0;
	str_clock(out, out_size, us);
}

static const char *
light_word(const struct show_tile *t)
{
	return t->light == SHOW_PROGRAM ? "PGM " : t->light == SHOW_PREVIEW ? "PVW " : "";
}

static void
rec_words(char *out, size_t out_size, const struct show_tile *t)
{
	char clock[24] = "";

	if (t->rec_elapsed_us >= 0)
		short_clock(clock, sizeof clock, t->rec_elapsed_us);
	switch (t->rec) {
	case HEALTH_REC_STARTING:
		snprintf(out, out_size, "STARTING");
		break;
	case HEALTH_REC_RECORDING:
		snprintf(out, out_size, "REC %s", clock);
		break;
	case HEALTH_REC_UNSURE:
		snprintf(out, out_size, "REC? %s", clock);
		break;
	case HEALTH_REC_NOT_WRITING:
		snprintf(out, out_size, "NOT WRITING");
		break;
	case HEALTH_REC_STOPPING:
		snprintf(out, out_size, "STOPPING");
		break;
	case HEALTH_REC_SAVING:
		snprintf(out, out_size, "SAVING");
		break;
	case HEALTH_REC_FAILED:
		snprintf(out, out_size, "FAILED");
		break;
	case HEALTH_REC_NONE:
		short_clock(clock, sizeof clock, t->stopped_after_us);
		snprintf(out, out_size, "%s%s", t->stopped_unasked ? "STOPPED " : "", t->stopped_unasked ? clock : "");
		break;
	}
}

void
gauge_state(char *out, size_t out_size, const struct show_tile *t)
{
	char age[24] = "", rec[40] = "";
	int64_t silent_us = t->silent_us >= 0 ? t->silent_us : t->link_since_us;

	gauge_age(age, sizeof age, silent_us);
	rec_words(rec, sizeof rec, t);
	if (t->out)
		snprintf(out, out_size, "OUT");
	else if (t->known_only || t->link == HEALTH_NEVER)
		snprintf(out, out_size, "%sNOT HERE", light_word(t));
	else if (t->link == HEALTH_LOST)
		snprintf(out, out_size, "%sLOST %s", light_word(t), age);
	else if (t->link == HEALTH_STALE)
		snprintf(out, out_size, "%sSTALE %s%s%s", light_word(t), age, rec[0] != '\0' ? " " : "", rec);
	else if (t->view_only)
		snprintf(out, out_size, "%s%sVIEW ONLY", light_word(t), t->frozen ? "FROZEN " : "");
	else
		snprintf(out, out_size, "%s%s%s", light_word(t), t->frozen ? "FROZEN " : "", rec);
	size_t len = strlen(out);
	while (len > 0 && out[len - 1] == ' ')
		out[--len] = '\0';
}

enum theme_role
gauge_state_role(const struct show_tile *t)
{
	if (t->out || t->known_only)
		return ROLE_GONE;
	if (t->link == HEALTH_LOST || t->rec == HEALTH_REC_NOT_WRITING || t->rec == HEALTH_REC_FAILED || t->stopped_unasked)
		return ROLE_ALARM;
	if (t->link == HEALTH_STALE || t->frozen || t->rec == HEALTH_REC_UNSURE)
		return ROLE_WARN;
	if (t->rec == HEALTH_REC_RECORDING)
		return ROLE_REC;
	return t->light == SHOW_PROGRAM ? ROLE_PROGRAM : t->light == SHOW_PREVIEW ? ROLE_PREVIEW : ROLE_TEXT;
}

enum theme_role
gauge_edge_role(const struct show_tile *t)
{
	return t->light == SHOW_PROGRAM ? ROLE_PROGRAM : t->light == SHOW_PREVIEW ? ROLE_PREVIEW :
	    t->out || t->known_only || t->link == HEALTH_LOST ? ROLE_GONE : ROLE_BORDER;
}

bool
gauge_is_low(const struct show_tile *t, bool storage)
{
	if (storage)
		return t->storage_minutes >= 0 && t->storage_minutes < LOW_STORAGE_MIN;
	return t->has_battery && !t->charging && t->battery_percent < LOW_BATTERY;
}

void
gauge_battery(char *out, size_t out_size, const struct show_tile *t)
{
	if (!t->has_battery)
		out[0] = '\0';
	else if (t->charging && t->battery_percent >= 99)
		snprintf(out, out_size, "AC");
	else
		snprintf(out, out_size, "%d%%%s", t->battery_percent, t->charging ? "+" : "");
}

void
gauge_storage(char *out, size_t out_size, const struct show_tile *t)
{
	if (t->storage_minutes < 0)
		out[0] = '\0';
	else if (t->storage_minutes > 9999)
		snprintf(out, out_size, "%dh", t->storage_minutes / 60);
	else
		snprintf(out, out_size, "%dm", t->storage_minutes);
}

void
gauge_audio(char *out, size_t out_size, const struct show_tile *t)
{
	double db = t->peak_dbfs < METER_FLOOR_DB ? METER_FLOOR_DB : t->peak_dbfs > 0 ? 0 : t->peak_dbfs;
	int lit = (int)((db - METER_FLOOR_DB) / -METER_FLOOR_DB * METER_CELLS + 0.5);
	char meter[METER_CELLS + 1];

	if (!t->has_audio) {
		out[0] = '\0';
		return;
	}
	if (t->muted) {
		snprintf(out, out_size, "MUTED");
		return;
	}
	for (int i = 0; i < METER_CELLS; i++)
		meter[i] = i < lit ? '|' : '.';
	meter[METER_CELLS] = '\0';
	snprintf(out, out_size, "%3d%s", (int)db, meter);
}

static bool
note(char *out, size_t out_size, int *left, enum theme_role *role, enum theme_role its, const char *text)
{
	if ((*left)-- > 0)
		return false;
	str_copy(out, out_size, text);
	*role = its;
	return true;
}

bool
gauge_note(char *out, size_t out_size, const struct show_tile *t, int index, enum theme_role *role)
{
	char text[96], age[24];
	int left = index;

	if (t->thermal[0] != '\0') {
		snprintf(text, sizeof text, "heat %s", t->thermal);
		if (note(out, out_size, &left, role, ROLE_ALARM, text))
			return true;
	}
	if (t->clips > 0 && note(out, out_size, &left, role, ROLE_CLIP, "CLIP"))
		return true;
	if (t->zoom > 1.004) {
		snprintf(text, sizeof text, "%.1fx", t->zoom);
		if (note(out, out_size, &left, role, ROLE_TEXT, text))
			return true;
	}
	if (t->front && note(out, out_size, &left, role, ROLE_TEXT, "front"))
		return true;
	if (t->picture_age_us > OLD_PICTURE_US && t->link == HEALTH_LIVE) {
		gauge_age(age, sizeof age, t->picture_age_us);
		snprintf(text, sizeof text, "pic %s", age);
		if (note(out, out_size, &left, role, ROLE_WARN, text))
			return true;
	}
	if (t->clock_bound_us > LOOSE_CLOCK_US) {
		snprintf(text, sizeof text, "clk %dms", (int)(t->clock_bound_us / 1000));
		if (note(out, out_size, &left, role, ROLE_WARN, text))
			return true;
	}
	if (strcmp(t->path, "tailscale") == 0 && note(out, out_size, &left, role, ROLE_TEXT, "tailscale"))
		return true;
	return t->roles[0] != '\0' && note(out, out_size, &left, role, ROLE_DIM, t->roles);
}

void
gauge_notes(char *out, size_t out_size, const struct show_tile *t)
{
	char one[96];
	enum theme_role role;
	size_t len = 0;

	out[0] = '\0';
	if (t->why[0] != '\0') {
		str_copy(out, out_size, t->why);
		return;
	}
	for (int i = 0; gauge_note(one, sizeof one, t, i, &role) && len + 2 < out_size; i++) {
		int n = snprintf(out + len, out_size - len, "%s%s", i > 0 ? "  " : "", one);

		if (n < 0 || (size_t)n >= out_size - len)
			break;
		len += (size_t)n;
	}
}
