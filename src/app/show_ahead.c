/*
 * show_ahead.c - what the rows below the pictures tell of the buses: what comes by itself, what needs a hand, the last cut.
 * Never decides anything; asks those who do.
 */
#include "app/show_private.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include "app/autodirector.h"
#include "app/countdown.h"
#include "app/cuedesk.h"
#include "base/str.h"

#define SECOND_US INT64_C(1000000)
#define CAPTION_US (20 * SECOND_US)

/* "4 wide" */
static void
source_words(const struct shower *s, const char *id, char *out, size_t out_size)
{
	const struct registry_node *n = id[0] != '\0' ? registry_find(crew_registry(s->deck->crew), id) : NULL;

	if (n != NULL && n->number > 0)
		snprintf(out, out_size, "%d %.100s", n->number, registry_name(n));
	else
		str_copy(out, out_size, n != NULL ? registry_name(n) : id[0] != '\0' ? id : "black");
}

static void
name_of(const struct shower *s, const char *id, char *out, size_t out_size)
{
	const struct registry_node *n = registry_find(crew_registry(s->deck->crew), id);

	str_copy(out, out_size, n != NULL ? registry_name(n) : id);
}

/* "key:anna" is "key (anna)", "cue:shows/podcast.cue:14" is "cue podcast.cue:14". */
static void
by_words(const char *by, char *out, size_t out_size)
{
	const char *colon = strchr(by, ':'), *slash = strrchr(by, '/');

	if (colon == NULL)
		str_copy(out, out_size, by);
	else if (str_has_prefix(by, "cue:"))
		snprintf(out, out_size, "cue %s", (slash != NULL ? slash : colon) + 1);
	else
		snprintf(out, out_size, "%.*s (%s)", (int)(colon - by), by, colon + 1);
}

static void
clock_words(int64_t utc_us, char out[static 24])
{
	const time_t seconds = (time_t)(utc_us / 1000000);
	struct tm tm;

	out[0] = '\0';
	if (localtime_r(&seconds, &tm) != NULL)
		snprintf(out, 24, "%02d:%02d:%02d.%03d", tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(utc_us / 1000 % 1000));
}

void
show_last_cut(const struct shower *s, struct show *out)
{
	const struct director_cut *c = director_last(s->deck->director);
	char clock[24], from[MAX_NAME_BYTES + 24], to[MAX_NAME_BYTES + 24], by[96], answers[64] = "";

	if (!c->any)
		return;
	clock_words(c->at_us, clock);
	source_words(s, c->from, from, sizeof from);
	source_words(s, c->to, to, sizeof to);
	/* Who never switched the auto director on must not look for it. */
	by_words(c->is_rescue ? "program-lost" : c->by, by, sizeof by);
	if (c->asked > 0 && c->took_us > 0)
		snprintf(answers, sizeof answers, "  %d/%d in %.1f ms", c->acked, c->asked, (double)c->took_us / 1000.0);
	else if (c->asked > 0)
		snprintf(answers, sizeof answers, "  %d/%d", c->acked, c->asked);
	snprintf(out->last, sizeof out->last, "%s  cut %s%s%s  by %s%s%s", clock, c->from[0] != '\0' ? from : "", c->from[0] != '\0' ? " > " : "",
	    to, by, answers, c->on_disk ? "  on disk" : "");
	out->last_ok = c->took_us <= 0 || c->acked == c->asked;
	out->can_undo = director_before(s->deck->director) != NULL;
}

/* ---- what comes by itself ---- */

/* A time that is told in whole seconds, upwards: until it is another. */
static void
count_down(struct show_moment *at, int64_t left_us)
{
	if (left_us > 0)
		show_change_in(at, left_us % SECOND_US > 0 ? left_us % SECOND_US : SECOND_US);
}

static void
fill_cue(const struct shower *s, struct show *out, struct show_moment *at)
{
	struct show_cue *to = &out->cue;
	struct cuedesk_word w;

	cuedesk_say(s->deck->cuedesk, &w);
	if (!w.loaded)
		return;
	*to = (struct show_cue){ .loaded = true, .playing = w.playing, .held = w.held, .waits_go = w.waits_go, .over = w.over,
		.at = w.at, .count = w.count, .next_us = w.next_us };
	str_copy(to->held_by, sizeof to->held_by, w.held_by);
	str_copy(to->file, sizeof to->file, w.file);
	str_copy(to->next, sizeof to->next, w.next);
	str_copy(to->go_text, sizeof to->go_text, w.go_text);
	count_down(at, w.next_us);
}

static void
fill_auto(const struct shower *s, struct show *out, struct show_moment *at)
{
	struct show_auto *to = &out->autodirector;
	struct autodirector_word w;

	autodirector_say(s->deck->autodirector, &w);
	if (!w.on)
		return;
	to->on = true;
	to->yields_us = w.yields_us;
	to->next_us = w.next_us;
	if (w.next[0] != '\0' && w.next_us >= 0)
		source_words(s, w.next, to->next, sizeof to->next);
	str_copy(to->why, sizeof to->why, w.why);
	count_down(at, w.yields_us > 0 ? w.yields_us : w.next_us);
}

/* Its seconds are those of the clock beside it. */
static void
fill_countdown(const struct shower *s, struct show *out, struct show_moment *at)
{
	struct show_countdown *to = &out->countdown;
	struct countdown_word w;
	int64_t step_us, part_us;

	countdown_say(s->deck->countdown, &w);
	if (!w.any)
		return;
	*to = (struct show_countdown){ .any = true, .left_us = w.left_us, .utc_us = w.until_us };
	str_copy(to->name, sizeof to->name, w.name);
	step_us = at->idle && (w.left_us > SHOW_COARSE_US || w.left_us < -SHOW_COARSE_US) ? 60 * SECOND_US : SECOND_US;
	part_us = w.left_us % step_us;
	show_change_in(at, part_us > 0 ? part_us : step_us + part_us);
}

/* ---- what needs a hand ---- */

static bool
is_way_out(const struct crew_member *m)
{
	return m != NULL && !m->node->out && (m->link == HEALTH_LIVE || m->link == HEALTH_STALE) && !m->frozen;
}

static void
fill_lost(const struct shower *s, struct show *out, struct show_moment *at)
{
	const struct deck *d = s->deck;
	const char *preview = director_preview(d->director);
	const struct crew_member *m = preview != NULL ? crew_find(d->crew, preview) : NULL;
	struct show_lost *to = &out->lost;
	struct director_lost l;

	if (!director_lost(d->director, &l))
		return;
	to->any = true;
	to->frozen = l.is_frozen;
	to->since_us = at->utc_us > l.since_us ? at->utc_us - l.since_us : 0;
	name_of(s, l.program, to->name, sizeof to->name);
	show_change_in(at, to->since_us < SHOW_TENTHS_US ? SECOND_US / 10 : SECOND_US - to->since_us % SECOND_US);
	/* `stay` is somebody's wish: the row tells the loss, and asks for nothing. */
	if (strcmp(opt_text(d->settings, "program-lost"), "stay") == 0)
		return;
	if (is_way_out(m) && strcmp(preview, l.program) != 0)
		name_of(s, preview, to->space, sizeof to->space);
	if (l.safe[0] != '\0')
		name_of(s, l.safe, to->safe, sizeof to->safe);
}

/* ---- all of it ---- */

static void
fill_caption(const struct shower *s, struct show *out, struct show_moment *at)
{
	const int64_t age_us = at->now_us - s->caption_us;

	out->caption_age_us = INT64_MAX;
	if (s->caption[0] == '\0' || age_us >= CAPTION_US)
		return;
	out->caption_age_us = age_us;
	str_copy(out->caption, sizeof out->caption, s->caption);
	show_change_in(at, CAPTION_US - age_us);
}

void
show_ahead_fill(const struct shower *s, struct show *out, struct show_moment *at)
{
	out->clients = s->clients;
	fill_cue(s, out, at);
	fill_auto(s, out, at);
	fill_countdown(s, out, at);
	fill_lost(s, out, at);
	fill_caption(s, out, at);
}
