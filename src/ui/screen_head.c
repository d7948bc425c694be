/*
 * screen_head.c - the header: session, LIVE or REHEARSAL, take, who rolls, the buses, tallies, storage, locks, the time.
 * Owns nothing; draws a snapshot.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/gauge.h"
#include "ui/screen_private.h"

#define BEAT_CELLS 8
#define HEAD_SMALL_COLS 76
#define SECOND_US INT64_C(1000000)

/* In a band only what is not well keeps a colour of its own. */
static enum theme_role
band_role(const struct screen_line *l, enum theme_role role)
{
	const bool is_loud = role == ROLE_REC || role == ROLE_WARN || role == ROLE_ALARM || role == ROLE_PROGRAM || role == ROLE_PREVIEW;

	return l->is_band && !is_loud ? ROLE_REHEARSAL : role;
}

void
screen_add(struct screen_line *l, enum theme_role role, const char *text)
{
	int cells = str_cells(text);

	if (text[0] == '\0' || l->col + cells > l->end)
		return;
	l->col += canvas_put(l->c, l->row, l->col, cells, band_role(l, role), text) + l->gap;
}

void
screen_add_right(struct screen_line *l, enum theme_role role, const char *text)
{
	const int cells = str_cells(text);

	if (text[0] == '\0' || l->col + cells > l->end)
		return;
	canvas_put_right(l->c, l->row, l->end, cells, band_role(l, role), text);
	l->end -= cells + l->gap;
}

void
screen_cut_name(char *out, size_t out_size, const char *name, int cells)
{
	const bool is_marked = str_cells(name) > cells && cells >= 8;
	size_t len;

	str_cut(out, out_size, name, is_marked ? cells - 1 : cells);
	for (len = strlen(out); len > 0 && out[len - 1] == ' ';)
		out[--len] = '\0';
	if (is_marked)
		str_copy(out + len, out_size - len, "…");
}

static void
take_words(char *out, size_t out_size, const struct show *s, int cols, bool with_slate)
{
	const bool is_narrow = cols < 100;
	const char *gap = is_narrow ? " " : "  ", *take = cols < 60 ? "" : "take ";
	char clock[24], longer[32];

	str_clock(clock, sizeof clock, s->take_elapsed_us > 0 ? s->take_elapsed_us : 0);
	snprintf(longer, sizeof longer, "%s%s", strlen(clock) == 5 ? "00:" : "", clock);
	if (s->starting)
		snprintf(out, out_size, "STARTING%s%s%s", gap, take, s->take);
	else if (s->rolling || s->stopping)
		snprintf(out, out_size, "%s %s%s%s%s", s->stopping ? "STOPPING" : "REC", longer, gap, take, s->take);
	else if (s->take[0] != '\0')
		snprintf(out, out_size, "IDLE%slast take %s", gap, s->take);
	else
		snprintf(out, out_size, "IDLE");
	if ((s->rolling || s->starting || s->stopping) && s->slate[0] != '\0' && !is_narrow && with_slate) {
		const size_t len = strlen(out);
		char slate[MAX_NAME_BYTES];

		screen_cut_name(slate, sizeof slate, s->slate, cols >= 160 ? 32 : 12);
		snprintf(out + len, out_size - len, " slate %s", slate);
	}
}

/* Who rolls, who stopped, who is silent, and how many alarms: words where there is room, else "3/4 !1 ?1 [a]2". */
struct head_count { enum theme_role role; char text[64]; };
#define HEAD_COUNTS 4

static int
count_words(struct head_count out[HEAD_COUNTS], const struct show *s, bool is_narrow)
{
	int n = 0;

	if (s->rolling || s->starting || s->stopping) {
		out[n].role = s->rolling_count < s->rolling_asked ? ROLE_WARN : ROLE_TEXT;
		snprintf(out[n++].text, sizeof out[0].text, is_narrow ? "%d/%d" : "rolling %d of %d", s->rolling_count, s->rolling_asked);
	}
	if (s->stopped_count > 0) {
		out[n].role = ROLE_ALARM;
		snprintf(out[n++].text, sizeof out[0].text, is_narrow ? "!%d" : "!%d stopped", s->stopped_count);
	}
	if (s->silent_count > 0) {
		out[n].role = ROLE_WARN;
		snprintf(out[n++].text, sizeof out[0].text, is_narrow ? "?%d" : "?%d silent", s->silent_count);
	}
	if (s->alarm_total > 0) {
		out[n].role = ROLE_ALARM;
		if (is_narrow)
			snprintf(out[n++].text, sizeof out[0].text, "[a]%d", s->alarm_total);
		else
			snprintf(out[n++].text, sizeof out[0].text, "%d alarm%s", s->alarm_total, s->alarm_total == 1 ? "" : "s");
	}
	return n;
}

static int
counts_gap(bool is_narrow)
{
	return is_narrow ? 1 : 2;
}

static int
counts_cells(const struct show *s, bool is_narrow)
{
	struct head_count counts[HEAD_COUNTS];
	const int n = count_words(counts, s, is_narrow);
	int cells = 0;

	for (int i = 0; i < n; i++)
		cells += str_cells(counts[i].text) + counts_gap(is_narrow);
	return cells;
}

static void
head_counts(struct screen_line *l, const struct show *s, bool is_narrow)
{
	const int gap = l->gap;
	struct head_count counts[HEAD_COUNTS];
	const int n = count_words(counts, s, is_narrow);

	l->gap = counts_gap(is_narrow);
	for (int i = 0; i < n; i++)
		screen_add(l, counts[i].role, counts[i].text);
	l->gap = gap;
}

/* "out 20:30  -17:29"; "out -17:29" where it is narrow, the time alone where it is tiny.  Past, and in its last minute, it stands out. */
static void
head_countdown(struct screen_line *l, const struct show *s)
{
	const bool is_tiny = l->c->cols < 60;
	const struct show_countdown *d = &s->countdown;
	const int64_t long_us = d->left_us < 0 ? -d->left_us : d->left_us;
	char name[MAX_NAME_BYTES], at[16] = "", left[32], text[MAX_NAME_BYTES + 64];

	if (!d->any)
		return;
	if (s->idle && long_us > SHOW_COARSE_US)
		snprintf(left, sizeof left, "%d min", (int)(long_us / (60 * SECOND_US)));
	else
		gauge_short_clock(left, sizeof left, long_us);
	if (l->c->cols >= 100)
		gauge_wall_clock(at, sizeof at, d->utc_us, d->utc_us / SECOND_US % 60 != 0);
	screen_cut_name(name, sizeof name, d->name, l->c->cols >= 100 ? 16 : 8);
	if (is_tiny)
		snprintf(text, sizeof text, "%c%s", d->left_us < 0 ? '+' : '-', left);
	else
		snprintf(text, sizeof text, "%s %s%s%c%s", name, at, at[0] != '\0' ? "  " : "", d->left_us < 0 ? '+' : '-', left);
	screen_add_right(l, d->left_us < 60 * SECOND_US ? ROLE_WARN : ROLE_HEAD, text);
}

/* keep: what the rest of the row needs. */
static void
head_session(struct screen_line *l, const struct show *s, int keep)
{
	int room = l->c->cols < 100 && !s->idle ? 20 : 32;

	room = room < l->end - l->col - keep ? room : l->end - l->col - keep;
	if (room > 3 && s->session[0] != '\0')
		l->col += canvas_put_cut(l->c, l->row, l->col, room, band_role(l, ROLE_HEAD), s->session) + l->gap;
}

static void
head_first(struct screen_line *l, const struct show *s)
{
	const bool is_narrow = l->c->cols < 100, is_tiny = l->c->cols < 60, is_rolling = s->rolling || s->starting || s->stopping;
	const bool session_is_last = l->c->cols < HEAD_SMALL_COLS;	/* what the cameras do is worth more than a name */
	const char *mode = s->rehearsal ? is_tiny && is_rolling ? "REH" : "REHEARSAL" : "LIVE";
	char take[400], clock[16];
	int needed;

	if (l->is_band)
		canvas_fill(l->c, l->row, 0, l->c->cols, ROLE_REHEARSAL, " ");
	if (!session_is_last)
		head_countdown(l, s);
	gauge_wall_clock(clock, sizeof clock, s->utc_us, !s->idle);
	screen_add_right(l, ROLE_HEAD, clock);
	needed = str_cells(mode) + counts_cells(s, is_narrow) + 2 * l->gap;
	take_words(take, sizeof take, s, l->c->cols, true);
	if (l->col + str_cells(take) + needed > l->end)
		take_words(take, sizeof take, s, l->c->cols, false);
	if (!session_is_last)
		head_session(l, s, str_cells(take) + needed + l->gap);
	screen_add(l, s->rehearsal ? ROLE_REHEARSAL : ROLE_LIVE, mode);
	screen_add(l, is_rolling ? ROLE_REC : ROLE_DIM, take);
	head_counts(l, s, is_narrow);
	if (session_is_last)
		head_session(l, s, 0);
}

static const struct show_tile *
tile_of(const struct show *s, const char *id)
{
	for (int i = 0; i < s->tile_count && id[0] != '\0'; i++)
		if (strcmp(s->tiles[i].id, id) == 0)
			return &s->tiles[i];
	return NULL;
}

static void
head_bus(struct screen_line *l, const char *word, const struct show_tile *t, enum theme_role role, const char *clock, int crowd)
{
	const int cols = l->c->cols, wide = (cols - 72) / 2;	/* two of them, and what else stands in the row */
	const int cells = cols < 80 && crowd > 1 ? 0 : cols < 60 ? crowd > 0 ? 3 : 6 : cols < 80 ? crowd > 0 ? 5 : 9 : cols < 100 ? 11 : wide < 40 ? wide : 40;
	char text[MAX_NAME_BYTES + 64], name[MAX_NAME_BYTES];

	screen_cut_name(name, sizeof name, t != NULL ? t->name : "", cells);
	if (t == NULL)
		snprintf(text, sizeof text, "%s -", word);
	else
		snprintf(text, sizeof text, "%s %d%s%s%s%s", word, t->number, name[0] != '\0' ? " " : "", name, clock[0] != '\0' ? " " : "", clock);
	screen_add(l, t != NULL ? role : ROLE_DIM, text);
}

static enum theme_role
storage_words(char *out, size_t out_size, const struct show *s, bool is_short, int cols)
{
	const bool hours = s->left_minutes >= 600;
	const int n = hours ? s->left_minutes / 60 : s->left_minutes;

	out[0] = '\0';
	if (s->left_minutes < 0)
		return ROLE_TEXT;
	if (s->left_minutes == 0) {
		snprintf(out, out_size, is_short ? "left <1m (%.20s)" : "left <1 min (%.60s)", s->left_name);
		return ROLE_ALARM;
	}
	if (is_short)
		snprintf(out, out_size, "left %d%s%s(%.20s)", n, hours ? "h" : "m", cols < 60 ? "" : " ", s->left_name);
	else
		snprintf(out, out_size, "left %d %s (%.60s)", n, hours ? "h" : "min", s->left_name);
	return s->left_minutes < 10 ? ROLE_ALARM : ROLE_TEXT;
}

static void
head_storage(struct screen_line *l, const struct show *s, bool is_short)
{
	char text[MAX_NAME_BYTES + 48];
	const enum theme_role role = storage_words(text, sizeof text, s, is_short, l->c->cols);

	screen_add(l, role, text);
}

/* "archive nas 3.1 TB": the room for all that is recorded. */
static void
head_archive(struct screen_line *l, const struct arm_sheet *a)
{
	const bool is_low = a->archive_minutes >= 0 && a->archive_minutes < 10;
	char text[112], room[24] = "";

	if (a->archive[0] == '\0')
		return;
	if (a->archive_free_bytes >= 0)
		str_bytes(room, sizeof room, a->archive_free_bytes);
	snprintf(text, sizeof text, "archive %s%s%s", a->archive, room[0] != '\0' ? " " : "", room);
	screen_add(l, is_low || a->archive_trouble ? ROLE_ALARM : ROLE_TEXT, text);
}

/* "[##..]": this beat of the bar and those before it. */
static void
beat_gauge(char *out, size_t out_size, const struct show_beat *b)
{
	const int cells = b->quantum < BEAT_CELLS ? b->quantum : BEAT_CELLS, lit = (b->beat * cells + b->quantum - 1) / b->quantum;
	char bar[BEAT_CELLS + 1] = "";

	for (int i = 0; i < cells; i++)
		bar[i] = i < lit ? '#' : '.';
	bar[cells] = '\0';
	snprintf(out, out_size, "[%s]", bar);
}

/* "LINK 96.0 bar 121.3 [##..] 2 peers"; BEAT, when nobody else could hear it.  In few words where storage would have no room behind it. */
static void
head_beat(struct screen_line *l, const struct show *s, bool is_short)
{
	const struct show_beat *b = &s->beat;
	const char *word = b->on_link ? "LINK" : "BEAT";
	char text[96], gauge[BEAT_CELLS + 3], whom[48] = "", age[24], storage[MAX_NAME_BYTES + 48];

	if (!b->runs)
		return;
	beat_gauge(gauge, sizeof gauge, b);
	gauge_age(age, sizeof age, b->alone_us);
	if (b->peers > 0)
		snprintf(whom, sizeof whom, " %u peer%s", b->peers, b->peers == 1 ? "" : "s");
	else if (b->alone_us >= 0)
		snprintf(whom, sizeof whom, " alone %s", age);
	snprintf(text, sizeof text, "%s %.1f bar %lld.%d %s%s", word, b->bpm, (long long)b->bar, b->beat, gauge,
	    l->c->cols < 100 && b->alone_us < 0 ? "" : whom);
	(void)storage_words(storage, sizeof storage, s, false, l->c->cols);
	if (is_short || l->col + str_cells(text) + l->gap + str_cells(storage) > l->end)
		snprintf(text, sizeof text, "%s %.1f %lld.%d", word, b->bpm, (long long)b->bar, b->beat);
	screen_add(l, b->alone_us >= 0 ? ROLE_WARN : ROLE_TEXT, text);
}

static void
head_tally(struct screen_line *l, const struct show *s)
{
	char text[48];

	if (s->tally_asked == 0)
		return;
	snprintf(text, sizeof text, "tally %d/%d", s->tally_ok, s->tally_asked);
	screen_add(l, s->tally_ok < s->tally_asked ? ROLE_WARN : ROLE_TEXT, text);
}

/* What the keys would do now, and who else cuts; on a large screen the desk row says it in words. */
static void
head_desk(struct screen_line *l, const struct view_frame *f, bool has_desk)
{
	const bool is_tiny = l->c->cols < 60;

	if (f->caps_lock)
		screen_add_right(l, ROLE_WARN, is_tiny ? "CAPS" : "CAPS LOCK");
	if (f->locked)
		screen_add_right(l, ROLE_WARN, l->c->cols < 100 ? "LOCKED" : "LOCKED (L L unlocks)");
	if (f->hot)
		screen_add_right(l, ROLE_ALARM, is_tiny ? "HOT" : "HOT ON");
	if (l->c->cols < HEAD_SMALL_COLS)
		head_countdown(l, f->show);
	if (f->show->autodirector.on && !has_desk)
		screen_add_right(l, ROLE_WARN, is_tiny ? "AUTO" : "AUTO ON");
}

/* What is off is said where everything else has its room. */
static void
head_desk_quiet(struct screen_line *l, const struct view_frame *f)
{
	if (l->end - l->col < str_cells("HOT off") + l->gap + str_cells("lock off"))
		return;
	if (!f->locked)
		screen_add_right(l, ROLE_DIM, "lock off");
	if (!f->hot)
		screen_add_right(l, ROLE_DIM, "HOT off");
}

/* How much else stands in a small second row: names give way to it, numbers do not. */
static int
crowd_of(const struct view_frame *f)
{
	return f->show->countdown.any + f->show->autodirector.on + f->hot + f->locked;
}

static void
head_second(struct screen_line *l, const struct view_frame *f, bool has_desk, bool view_has_buses)
{
	const struct show *s = f->show;
	const bool is_narrow = l->c->cols < 100;
	char clock[24] = "";

	if (s->shot_us >= 0 && l->c->cols >= 60)
		gauge_shot(clock, sizeof clock, s);
	head_desk(l, f, has_desk);
	if (!is_narrow || !view_has_buses) {
		head_bus(l, "PGM", tile_of(s, s->program), ROLE_PROGRAM, clock, crowd_of(f));
		head_bus(l, "PVW", tile_of(s, s->preview), ROLE_PREVIEW, "", crowd_of(f));
		if (is_narrow) {
			head_storage(l, s, true);
			head_beat(l, s, true);
		}
		head_tally(l, s);
		if (!is_narrow)
			head_beat(l, s, false);
	} else {
		head_beat(l, s, false);
		if (l->c->cols < 60)
			head_storage(l, s, true);
		head_tally(l, s);
	}
	if (!is_narrow || (view_has_buses && l->c->cols >= 60))
		head_storage(l, s, false);
	if (!is_narrow)
		head_archive(l, &s->arm);
	if (!has_desk && (l->c->cols >= 80 || (l->c->cols >= 60 && view_has_buses)))
		head_desk_quiet(l, f);
}

/* A visual bell: the header stands out for a moment. */
static void
flash(struct canvas *c, int rows)
{
	for (int i = 0; i < rows * c->cols; i++)
		c->cell[i].role = ROLE_ALARM;
}

void
screen_head(struct canvas *c, const struct view_frame *f, const struct screen_rows *r, bool view_has_buses)
{
	const int margin = screen_margin(c->cols), gap = c->cols < 60 ? 1 : 2;
	struct screen_line first = { c, 0, margin, c->cols - (c->cols >= 60), gap, f->show->rehearsal };
	struct screen_line second = { c, 1, margin, c->cols - 1, gap, false };

	head_first(&first, f->show);
	if (r->header > 1)
		head_second(&second, f, r->desk > 0, view_has_buses);
	if (f->ringing)
		flash(c, r->header);
}
