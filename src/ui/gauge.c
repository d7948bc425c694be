/*
 * gauge.c - readings as words.  Owns nothing; colours are roles, never meaning on their own.
 */
#include "ui/gauge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"

#define LOW_BATTERY 20
#define LOW_STORAGE_MIN 10
#define METER_CELLS 6
#define METER_FLOOR_DB -60.0
#define LOOSE_CLOCK_US 30000
#define SECOND_US INT64_C(1000000)

/* ---- time ---- */

void
gauge_age(char *out, size_t out_size, int64_t us)
{
	const int64_t s = us > 0 ? us / SECOND_US : 0;

	if (s < 60)
		snprintf(out, out_size, "%d s", (int)s);
	else if (s < 3600)
		snprintf(out, out_size, "%d min", (int)(s / 60));
	else
		snprintf(out, out_size, "%d h", (int)(s / 3600));
}

void
gauge_short_clock(char *out, size_t out_size, int64_t us)
{
	char clock[24];

	str_clock(clock, sizeof clock, us > 0 ? us : 0);
	str_copy(out, out_size, clock[0] == '0' ? clock + 1 : clock);
}

void
gauge_shot(char *out, size_t out_size, const struct show *s)
{
	const bool is_counted = !s->idle || s->beat.runs || s->autodirector.on;

	/* Whole minutes, told once a minute, are no clock that stands still. */
	if (!is_counted && s->shot_us >= 60 * SECOND_US)
		snprintf(out, out_size, "%d min", (int)(s->shot_us / (60 * SECOND_US)));
	else
		gauge_short_clock(out, out_size, s->shot_us);
}

void
gauge_zoom(char *out, size_t out_size, double zoom)
{
	const int hundredths = (int)(zoom * 100 + 0.5);

	snprintf(out, out_size, hundredths % 10 == 0 ? "%.1fx" : "%.2fx", zoom);
}

void
gauge_wall_clock(char *out, size_t out_size, int64_t utc_us, bool seconds)
{
	const time_t sec = (time_t)(utc_us / SECOND_US);
	struct tm tm;

	out[0] = '\0';
	if (localtime_r(&sec, &tm) != NULL)
		(void)strftime(out, out_size, seconds ? "%H:%M:%S" : "%H:%M", &tm);
}

/* ---- state ---- */

bool
gauge_is_here(const struct show_tile *t)
{
	return !t->out && !t->known_only && t->link != HEALTH_LOST && t->link != HEALTH_NEVER;
}

const char *
gauge_bus(const struct show_tile *t)
{
	return t->light == SHOW_PROGRAM ? "PGM" : t->light == SHOW_PREVIEW ? "PVW" : "";
}

/* "REC 12:31", without the time where it is not known. */
static void
elapsed(char *out, size_t out_size, const char *word, int64_t us)
{
	char clock[24];

	str_copy(out, out_size, word);
	if (us >= 0) {
		str_clock(clock, sizeof clock, us);
		snprintf(out, out_size, "%s %s", word, clock);
	}
}

static void
rec_words(char *out, size_t out_size, const struct show_tile *t)
{
	static const char *const words[] = {
		[HEALTH_REC_STARTING] = "STARTING", [HEALTH_REC_RECORDING] = "REC", [HEALTH_REC_UNSURE] = "REC?",
		[HEALTH_REC_NOT_WRITING] = "NOT WRITING", [HEALTH_REC_STOPPING] = "STOPPING", [HEALTH_REC_SAVING] = "SAVING",
		[HEALTH_REC_FAILED] = "FAILED",
	};

	out[0] = '\0';
	if (t->rec == HEALTH_REC_NONE && t->stopped_unasked)
		elapsed(out, out_size, "STOPPED", t->stopped_since_us);
	else if (t->rec == HEALTH_REC_RECORDING || t->rec == HEALTH_REC_UNSURE)
		elapsed(out, out_size, words[t->rec], t->rec_elapsed_us);
	else if (t->rec != HEALTH_REC_NONE)
		str_copy(out, out_size, words[t->rec]);
}

static void
link_words(char *out, size_t out_size, const struct show_tile *t)
{
	char age[24];

	out[0] = '\0';
	if (t->conflict)
		str_copy(out, out_size, "CONFLICT");
	if (t->conflict || t->link == HEALTH_LIVE)
		return;
	gauge_age(age, sizeof age, t->silent_us >= 0 ? t->silent_us : t->link_since_us);
	snprintf(out, out_size, "%s %s", t->link == HEALTH_LOST ? "LOST" : "STALE", age);
}

static void
frozen_words(char *out, size_t out_size, const struct show_tile *t)
{
	char age[24];

	str_copy(out, out_size, t->frozen ? "FROZEN" : "");
	if (t->frozen && t->frozen_us > 0) {
		gauge_age(age, sizeof age, t->frozen_us);
		snprintf(out, out_size, "FROZEN %s", age);
	}
}

/* Words one behind the other, with single blanks. */
static void
join(char *out, size_t out_size, const char *const *words, int count)
{
	size_t len = 0;

	out[0] = '\0';
	for (int i = 0; i < count; i++) {
		if (words[i][0] == '\0' || len + strlen(words[i]) + 2 > out_size)
			continue;
		len += (size_t)snprintf(out + len, out_size - len, "%s%s", len > 0 ? " " : "", words[i]);
	}
}

void
gauge_state_alone(char *out, size_t out_size, const struct show_tile *t)
{
	char rec[48], link[48], frozen[48];

	if (t->out) {
		elapsed(out, out_size, "OUT", t->out_since_us > 0 ? t->out_since_us : -1);
		return;
	}
	if (t->known_only || t->link == HEALTH_NEVER) {
		str_copy(out, out_size, "NOT HERE");
		return;
	}
	link_words(link, sizeof link, t);
	frozen_words(frozen, sizeof frozen, t);
	rec_words(rec, sizeof rec, t);
	if (t->link == HEALTH_LOST)
		str_copy(out, out_size, link);	/* what it recorded when it was last heard is not known now */
	else
		join(out, out_size, (const char *const[]){ link, t->held ? "HELD" : "", frozen, rec, t->view_only ? "VIEW ONLY" : "" }, 5);
}

void
gauge_state(char *out, size_t out_size, const struct show_tile *t)
{
	char state[160];

	gauge_state_alone(state, sizeof state, t);
	join(out, out_size, (const char *const[]){ t->out ? "" : gauge_bus(t), state }, 2);
}

void
gauge_fit_words(char *text, int cells)
{
	char *blank;

	while (str_cells(text) > cells && (blank = strrchr(text, ' ')) != NULL)
		*blank = '\0';
}

enum theme_role
gauge_state_role(const struct show_tile *t)
{
	if (t->out || t->known_only)
		return ROLE_GONE;
	if (t->link == HEALTH_LOST || t->conflict || t->rec == HEALTH_REC_NOT_WRITING || t->rec == HEALTH_REC_FAILED ||
	    t->held || t->stopped_unasked)
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

/* The sentence without the address that begins it: an address is no news on a tile. */
static const char *
bare_why(const struct show_tile *t)
{
	const size_t len = strlen(t->address);

	return len > 0 && str_has_prefix(t->why, t->address) && str_has_prefix(t->why + len, ": ") ? t->why + len + 2 : t->why;
}

void
gauge_why(char *out, size_t out_size, const struct show_tile *t)
{
	const bool is_alarm = gauge_state_role(t) == ROLE_ALARM;
	char clock[24];

	if (t->stopped_unasked && t->rec == HEALTH_REC_NONE && !t->out && t->stopped_after_us >= 0) {
		str_clock(clock, sizeof clock, t->stopped_after_us);
		snprintf(out, out_size, "! stopped by itself at %s%s%.200s", clock, t->stop_reason[0] != '\0' ? ": " : "", t->stop_reason);
	} else if (t->why[0] == '\0') {
		out[0] = '\0';
	} else {
		snprintf(out, out_size, "%s%.1000s", is_alarm ? "! " : "", bare_why(t));
	}
}

/* ---- readings ---- */

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
	else if (t->storage_minutes > 999)
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

	if (!t->has_audio || t->muted || t->audio_silent) {
		str_copy(out, out_size, !t->has_audio ? "" : t->muted ? "MUTED" : "SILENT");
		return;
	}
	for (int i = 0; i < METER_CELLS; i++)
		meter[i] = i < lit ? '|' : '.';
	meter[METER_CELLS] = '\0';
	snprintf(out, out_size, "%3d%s", (int)db, meter);
}

/* ---- what is not nominal ---- */

struct noter { bool is_long; int count; struct gauge_item items[8]; };

static void __attribute__((format(printf, 3, 4)))
note(struct noter *n, enum theme_role role, const char *format, ...)
{
	va_list ap;

	if (n->count == (int)(sizeof n->items / sizeof n->items[0]))
		return;
	va_start(ap, format);
	vsnprintf(n->items[n->count].text, sizeof n->items[0].text, format, ap);
	va_end(ap);
	n->items[n->count++].role = role;
}

static void
note_heat(struct noter *n, const struct show_tile *t)
{
	const bool is_critical = strcmp(t->thermal, "critical") == 0;

	if (t->thermal[0] == '\0')
		return;
	note(n, is_critical ? ROLE_ALARM : ROLE_WARN, "heat %s", n->is_long ? t->thermal : is_critical ? "CRIT" :
	    strcmp(t->thermal, "serious") == 0 ? "high" : t->thermal);
}

/* "full in 4 min": in steps, as the alarm says it. */
static void
note_full(struct noter *n, const struct show_tile *t)
{
	const int64_t seconds = t->full_soon_us / 1000000;
	const int n_units = (int)(seconds >= 60 ? seconds / 60 : seconds / 10 * 10);
	const char *unit = seconds >= 60 ? "min" : "s";

	if (t->full_soon_us <= 0 || !gauge_is_here(t))
		return;
	note(n, ROLE_ALARM, n->is_long ? "disk full in %d %s" : "full %d %s", n_units, unit);
}

static void
note_clip(struct noter *n, const struct show_tile *t)
{
	char clock[16];

	if (t->clip_utc_us <= 0)
		return;
	gauge_wall_clock(clock, sizeof clock, t->clip_utc_us, true);
	note(n, ROLE_CLIP, "CLIP %s", n->is_long || strlen(clock) < 8 ? clock : clock + 3);
}

static void
note_picture(struct noter *n, const struct show_tile *t)
{
	char age[24];

	if (t->picture_age_us <= GAUGE_OLD_PICTURE_US || t->link != HEALTH_LIVE)
		return;
	gauge_age(age, sizeof age, t->picture_age_us);
	note(n, ROLE_WARN, n->is_long ? "picture %s old" : "pic %s", age);
}

static void
gather(struct noter *n, const struct show_tile *t)
{
	char zoom[24];

	note_full(n, t);
	note_heat(n, t);
	note_clip(n, t);
	gauge_zoom(zoom, sizeof zoom, t->zoom);
	if (t->zoom > 0 && (t->zoom > 1.004 || t->zoom < 0.996))
		note(n, ROLE_TEXT, n->is_long ? "zoom %s" : "%s", zoom);
	if (t->front)
		note(n, ROLE_TEXT, "front");
	note_picture(n, t);
	if (t->clock_bound_us > LOOSE_CLOCK_US)
		note(n, ROLE_WARN, n->is_long ? "clock +-%d ms" : "clk %dms", (int)(t->clock_bound_us / 1000));
	if (strcmp(t->path, "tailscale") == 0)
		note(n, ROLE_TEXT, n->is_long ? "by Tailscale" : "path ts");
	if (t->view_only && !n->is_long)
		note(n, ROLE_DIM, "mjpeg");
}

bool
gauge_note(char *out, size_t out_size, const struct show_tile *t, int index, enum theme_role *role)
{
	struct noter n = { .is_long = false };

	gather(&n, t);
	if (index < 0 || index >= n.count)
		return false;
	str_copy(out, out_size, n.items[index].text);
	*role = n.items[index].role;
	return true;
}

/* Beside the state words: without what they say already. */
static void
brief_why(char *out, size_t out_size, const struct show_tile *t)
{
	const char *why = bare_why(t), *rest;
	char clock[24];

	if (t->stopped_unasked && t->rec == HEALTH_REC_NONE && !t->out && t->stopped_after_us >= 0) {
		str_clock(clock, sizeof clock, t->stopped_after_us);
		/* Where it is lost since, the state words do not tell that it stopped. */
		snprintf(out, out_size, "%sat %s%s%.200s", t->link == HEALTH_LOST ? "stopped " : "", clock, t->stop_reason[0] != '\0' ? ": " : "",
		    t->stop_reason);
		return;
	}
	if (t->out && str_has_prefix(why, "out: "))
		why += strlen("out: ");
	else if (str_has_prefix(why, "no word for ") && (rest = strstr(why, "; ")) != NULL)
		why = rest + 2;
	str_copy(out, out_size, why);
}

void
gauge_notes(char *out, size_t out_size, const struct show_tile *t)
{
	struct noter n = { .is_long = true };
	size_t len = 0;

	brief_why(out, out_size, t);
	len = strlen(out);
	gather(&n, t);
	note(&n, ROLE_DIM, "%.40s", t->roles);
	for (int i = 0; i < n.count && len + 52 < out_size; i++)
		if (n.items[i].text[0] != '\0')
			len += (size_t)snprintf(out + len, out_size - len, "%s%s", len > 0 ? "  " : "", n.items[i].text);
}

void
gauge_fit_notes(char *text, int cells)
{
	while (str_cells(text) > cells) {
		char *last = NULL;

		for (char *p = text; (p = strstr(p, "  ")) != NULL; p += 2)
			last = p;
		if (last == NULL || last == text)
			return;
		*last = '\0';
	}
}

int
gauge_items(struct gauge_item items[GAUGE_ITEMS], const struct show_tile *t)
{
	int count = 0;
	char text[48];

	gauge_battery(text, sizeof text, t);
	if (text[0] != '\0') {
		snprintf(items[count].text, sizeof items[0].text, strcmp(text, "AC") == 0 ? "bat  %.30s" : "bat %4.30s", text);
		items[count++].role = gauge_is_low(t, false) ? ROLE_ALARM : ROLE_METER;
	}
	gauge_storage(text, sizeof text, t);
	if (text[0] != '\0') {
		snprintf(items[count].text, sizeof items[0].text, "sto %4.30s", text);
		items[count++].role = gauge_is_low(t, true) ? ROLE_ALARM : ROLE_METER;
	}
	gauge_audio(text, sizeof text, t);
	if (text[0] != '\0') {
		str_copy(items[count].text, sizeof items[0].text, text);
		items[count++].role = t->muted || t->audio_silent ? ROLE_WARN : ROLE_METER;
	}
	for (int i = 0; count < GAUGE_ITEMS && gauge_note(items[count].text, sizeof items[0].text, t, i, &items[count].role); i++)
		count++;
	return count;
}

/* Two figures are enough: what changes less says nothing. */
void
gauge_line(char *out, size_t out_size, int64_t bytes_per_s, int64_t rtt_us)
{
	static const char *const units[] = { "b/s", "kb/s", "Mb/s", "Gb/s" };
	double bits = (double)bytes_per_s * 8;
	char ms[24];
	int unit = 0;

	out[0] = '\0';
	if (rtt_us <= 0)
		return;
	for (; bits >= 999.5 && unit < 3; unit++)
		bits /= 1000;
	if (bits >= 99.5)
		bits = (double)(int64_t)((bits + 5) / 10) * 10;
	if (rtt_us < 1000)
		str_copy(ms, sizeof ms, "<1 ms");
	else
		snprintf(ms, sizeof ms, "%lld ms", (long long)((rtt_us + 500) / 1000));
	if (bytes_per_s <= 0)
		snprintf(out, out_size, "line %s", ms);
	else
		snprintf(out, out_size, "line %.*f %s %s", bits < 9.95 && unit > 0 ? 1 : 0, bits, units[unit], ms);
}

void
gauge_fetch_brief(char *out, size_t out_size, const struct show_fetch *f)
{
	const int percent = f->total_bytes > 0 ? (int)((double)f->bytes * 100 / (double)f->total_bytes) : 0;
	char left[24];

	out[0] = '\0';
	if (f->files > 0 && f->paused)
		str_copy(out, out_size, "fetch paused (rolling)");
	else if (f->files > 0 && f->moving == 0)
		snprintf(out, out_size, "%d to fetch", f->files);
	else if (f->files > 0 && f->left_us < 0)
		snprintf(out, out_size, "fetch %d %%", percent);
	else if (f->files > 0) {
		str_clock(left, sizeof left, f->left_us + 999999);
		snprintf(out, out_size, "fetch %d %% %s left", percent, left);
	}
}

void
gauge_fetch(char *out, size_t out_size, const struct show_fetch *f)
{
	const char *s = f->files == 1 ? "" : "s";
	char bytes[24], total[24], rate[24], left[24];
	size_t len;

	out[0] = '\0';
	if (f->files <= 0)
		return;
	str_bytes(bytes, sizeof bytes, f->bytes);
	str_bytes(total, sizeof total, f->total_bytes);
	len = (size_t)snprintf(out, out_size, f->paused ? "fetch paused (rolling)  %d file%s" : f->moving > 0 ? "fetching %d file%s" : "%d file%s to fetch", f->files, s);
	if (f->total_bytes > 0 && len < out_size)
		len += (size_t)snprintf(out + len, out_size - len, "  %d %%  %s of %s", (int)((double)f->bytes * 100 / (double)f->total_bytes), bytes, total);
	if (f->paused || f->moving == 0)
		return;
	if (f->rate_bytes > 0 && len < out_size) {
		str_bytes(rate, sizeof rate, f->rate_bytes);
		len += (size_t)snprintf(out + len, out_size - len, "  %s/s", rate);
	}
	if (f->left_us >= 0 && len < out_size) {
		str_clock(left, sizeof left, f->left_us + 999999);
		snprintf(out + len, out_size - len, "  %s left", left);
	}
}
