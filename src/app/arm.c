/*
 * arm.c - is everything ready to roll: the cameras one by one, their formats beside each other, room in the archive for
 * all of them.  Owns nothing.  Never stops anybody from rolling.
 */
#include "app/arm_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

#define NOTE_TIMES 3
#define FORMATS 32

/* ---- What most cameras have ---- */

struct arm_tally { struct arm_format format; int count; };

static void
tally_format(struct arm_tally *list, int *count, const struct node_format *f)
{
	const struct arm_format one = { f->width, f->height, f->rate };
	int at = 0;

	while (at < *count && !arm_is_format(&list[at].format, &one))
		at++;
	if (at == FORMATS)
		return;
	if (at == *count)
		list[(*count)++] = (struct arm_tally){ one, 0 };
	list[at].count++;
}

/* As many as any other, and named first by number: what the others are measured by. */
static struct arm_format
format_of_most(const struct crew_member *const *list, int members)
{
	struct arm_tally tally[FORMATS];
	int count = 0, best = 0;

	for (int i = 0; i < members; i++) {
		const struct node_health *h = &list[i]->track.last;

		if (arm_node_counts(list[i]) && h->has_format && h->format.width > 0 && h->format.height > 0)
			tally_format(tally, &count, &h->format);
	}
	for (int i = 1; i < count; i++)
		if (tally[i].count > tally[best].count)
			best = i;
	return count > 0 ? tally[best].format : (struct arm_format){ 0 };
}

/* ---- The archive, for all of it ---- */

static int64_t
all_bps(const struct crew_member *const *list, int members)
{
	int64_t bps = 0;

	for (int i = 0; i < members; i++) {
		const struct node_format *f = &list[i]->track.last.format;

		if (arm_node_counts(list[i]) && list[i]->track.last.has_format && f->bitrate_bps > 0 && f->bitrate_bps < INT64_MAX / 2 / MAX_NODES)
			bps += f->bitrate_bps;
	}
	return bps;
}

/* What is on its way there needs room, too. */
static int64_t
owed_bytes(const struct deck *deck)
{
	struct haul_totals t;

	rushes_total(deck->rushes, &t);
	return t.total_bytes > t.bytes ? t.total_bytes - t.bytes : 0;
}

static void
check_archive(const struct arm_desk *d, struct arm_sheet *s, int64_t bps, struct arm_lines *lines)
{
	static const char cure[] = "make room there, or keep them elsewhere:  :archive TARGET";
	struct rushes_room room;
	int64_t left_bytes;

	s->archive[0] = '\0';
	s->archive_free_bytes = s->archive_minutes = -1;
	s->archive_trouble = false;
	if (d->deck->rushes == NULL)
		return;
	rushes_room(d->deck->rushes, &room);
	str_copy(s->archive, sizeof s->archive, room.name);
	s->archive_trouble = room.is_full || (room.trouble != NULL && room.trouble[0] != '\0');
	if (room.trouble != NULL && room.trouble[0] != '\0')
		arm_say(lines, ARM_RED, ARM_ARCHIVE, "mend it, or keep them elsewhere:  :archive TARGET", "archive: %.110s", room.trouble);
	if (room.is_full)
		arm_say(lines, ARM_RED, ARM_ARCHIVE, cure, "the archive %.40s is full", room.name);
	if (!room.is_known || room.free_bytes < 0)
		return;
	s->archive_free_bytes = room.free_bytes;
	left_bytes = room.free_bytes - owed_bytes(d->deck);
	if (bps >= 8)
		s->archive_minutes = left_bytes <= 0 ? 0 : left_bytes / (bps / 8) / 60 < INT32_MAX ? (int)(left_bytes / (bps / 8) / 60) : INT32_MAX;
	if (room.is_full || s->archive_minutes < 0)
		return;
	if (s->archive_minutes < d->limit_minutes)
		arm_say(lines, ARM_RED, ARM_ARCHIVE, cure, "the archive %.40s has room for %d min of all cameras only", room.name, s->archive_minutes);
	else if (s->archive_minutes < NOTE_TIMES * d->limit_minutes)
		arm_say(lines, ARM_NOTE, ARM_ARCHIVE, "", "the archive %.40s has room for %d min of all cameras", room.name, s->archive_minutes);
}

/* A policy that nobody answers to protects nothing. */
static void
check_roles(const struct arm_desk *d, const struct crew_member *const *list, int members, struct arm_lines *lines)
{
	if (opt_int(d->deck->settings, "roll-policy") != TAKE_MUST)
		return;
	for (int i = 0; i < members; i++)
		if (arm_node_counts(list[i]) && (list[i]->node->roles & ROLE(MUST)) != 0)
			return;
	arm_say(lines, ARM_NOTE, ARM_ROLES, ":role NODE +must", "roll-policy is must, and no camera here has role +must");
}

/* ---- All of it ---- */

static int
members_of(const struct deck *deck, const struct crew_member **out)
{
	struct registry *reg = crew_registry(deck->crew);
	int count = 0;

	for (size_t i = 0; i < registry_count(reg) && count < MAX_NODES; i++) {
		const struct crew_member *m = crew_find(deck->crew, registry_at(reg, i)->id);

		if (m != NULL)
			out[count++] = m;
	}
	return count;
}

static void
desk_fill(struct arm_desk *d, const struct deck *deck, const struct crew_member *const *list, int members)
{
	const int64_t minutes = opt_int(deck->settings, "arm-storage") / 60000000;

	*d = (struct arm_desk){ .deck = deck, .utc_us = clk_utc_us(deck->clk), .now_us = clk_mono_us(deck->clk),
		.limit_minutes = (int)minutes, .must_match = opt_int(deck->settings, "arm-format") == 0, .running = recordall_running(deck->recordall),
		.newest = recordall_newest(deck->recordall) };
	d->most = format_of_most(list, members);
}

static int
keep_lines(struct arm_sheet *s, const struct arm_lines *lines)
{
	const int room = ARM_LINES - s->line_count, count = lines->count < room ? lines->count : room;

	memcpy(&s->lines[s->line_count], lines->list, (size_t)count * sizeof lines->list[0]);
	s->line_count += count;
	return count;
}

static void
look_at_show(const struct arm_desk *d, struct arm_sheet *s, const struct crew_member *const *list, int members)
{
	struct arm_lines lines = { .count = 0 };

	if (s->asked == 0)
		arm_say(&lines, ARM_RED, ARM_LINK, ":node add HOST[:PORT]", "no camera is in the show");
	check_archive(d, s, all_bps(list, members), &lines);
	check_roles(d, list, members, &lines);
	s->show_first = s->line_count;
	s->show_count = keep_lines(s, &lines);
	s->is_armed = s->asked > 0 && s->armed == s->asked && (lines.count == 0 || lines.list[0].verdict != ARM_RED);
}

void
arm_look(const struct deck *deck, struct arm_sheet *out)
{
	const struct crew_member *list[MAX_NODES];
	const int members = members_of(deck, list);
	struct arm_lines lines;
	struct arm_desk d;

	desk_fill(&d, deck, list, members);
	out->node_count = members;
	out->line_count = out->asked = out->armed = 0;
	for (int i = 0; i < members; i++) {
		struct arm_node *n = &out->nodes[i];

		memset(n, 0, sizeof *n);
		arm_node_look(&d, list[i], n, &lines);
		n->first_line = out->line_count;
		n->line_count = keep_lines(out, &lines);
		out->asked += n->counts;
		out->armed += n->counts && (n->verdict != ARM_RED || n->rolls);
	}
	look_at_show(&d, out, list, members);
}

bool
arm_why(const struct deck *deck, const char *node, char *out, size_t out_size)
{
	const struct crew_member *list[MAX_NODES], *m = node != NULL ? crew_find(deck->crew, node) : NULL;
	const int members = members_of(deck, list);
	struct arm_lines lines = { .count = 0 };
	struct arm_node n = { .number = 0 };
	struct arm_sheet *sheet;
	struct arm_desk d;
	size_t len = 0;

	out[0] = '\0';
	desk_fill(&d, deck, list, members);
	if (m != NULL) {
		arm_node_look(&d, m, &n, &lines);
	} else if (node == NULL) {
		sheet = xmalloc(sizeof *sheet);	/* its readings are of no interest here */
		check_archive(&d, sheet, all_bps(list, members), &lines);
		free(sheet);
	}
	for (int i = 0; i < lines.count && lines.list[i].verdict == ARM_RED && len + ARM_WHAT < out_size; i++)
		len += (size_t)snprintf(out + len, out_size - len, "%s%s", len > 0 ? "; " : "", lines.list[i].what);
	return len > 0;
}

static void
red_words(const char *name, const struct arm_line *l, char *out, size_t out_size)
{
	snprintf(out, out_size, "%.80s%s%s%s%s", name, name[0] != '\0' ? " is not armed: " : "not armed: ", l->what,
	    l->cure[0] != '\0' ? "; " : "", l->cure);
}

bool
arm_first_red(const struct arm_sheet *s, char *out, size_t out_size)
{
	out[0] = '\0';
	for (int i = 0; i < s->node_count; i++)
		if (s->nodes[i].counts && s->nodes[i].verdict == ARM_RED && !s->nodes[i].rolls && s->nodes[i].line_count > 0) {
			red_words(s->nodes[i].name, &s->lines[s->nodes[i].first_line], out, out_size);
			return true;
		}
	for (int i = 0; i < s->show_count; i++)
		if (s->lines[s->show_first + i].verdict == ARM_RED) {
			red_words("", &s->lines[s->show_first + i], out, out_size);
			return true;
		}
	return !s->is_armed;
}

const char *
arm_check_name(enum arm_check check)
{
	static const char *const names[] = {
		[ARM_LINK] = "link", [ARM_RECORDER] = "recorder", [ARM_CLAIM] = "claim", [ARM_STORAGE] = "storage", [ARM_BATTERY] = "battery",
		[ARM_HEAT] = "heat", [ARM_LOCK] = "auto-lock", [ARM_CLOCK] = "clock", [ARM_FORMAT] = "format", [ARM_SOUND] = "sound",
		[ARM_PICTURE] = "picture", [ARM_ARCHIVE] = "archive", [ARM_ROLES] = "roles",
	};

	return (size_t)check < sizeof names / sizeof *names ? names[check] : "unknown";
}
