/*
 * show_ahead.c - what the rows below the pictures tell of the buses: what comes by itself, what needs a hand, the last cut.
 * Never decides anything; asks those who do.
 */
#include "app/show_private.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include "base/str.h"

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

/* "key:anna" is "key (anna)", "cue:podcast.cue:14" is "cue podcast.cue:14". */
static void
by_words(const char *by, char *out, size_t out_size)
{
	const char *colon = strchr(by, ':');

	if (colon == NULL)
		str_copy(out, out_size, by);
	else if (str_has_prefix(by, "cue:"))
		snprintf(out, out_size, "cue %s", colon + 1);
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
	by_words(c->by, by, sizeof by);
	if (c->asked > 0 && c->took_us > 0)
		snprintf(answers, sizeof answers, "  %d/%d in %.1f ms", c->acked, c->asked, (double)c->took_us / 1000.0);
	else if (c->asked > 0)
		snprintf(answers, sizeof answers, "  %d/%d", c->acked, c->asked);
	snprintf(out->last, sizeof out->last, "%s  cut %s%s%s  by %s%s%s", clock, c->from[0] != '\0' ? from : "", c->from[0] != '\0' ? " > " : "",
	    to, by, answers, c->on_disk ? "  on disk" : "");
	out->last_ok = c->took_us <= 0 || c->acked == c->asked;
	out->can_undo = director_before(s->deck->director) != NULL;
}

void
show_ahead_fill(const struct shower *s, struct show *out, struct show_moment *at)
{
	(void)at;
	out->clients = s->clients;
}
