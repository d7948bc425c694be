/*
 * show_beat.c - the clock of the show as the header tells it, and the cut that waits for it in the NEXT row.
 * Never moves either.
 */
#include "app/show_private.h"

#include <stdio.h>
#include "base/str.h"

/* "cut 2 right guest ON BAR in 2 beats   Esc cancels" */
static void
fill_pending(const struct shower *s, struct show *out)
{
	struct director_pending p;
	const struct registry_node *n;
	char number[16] = "";

	if (!director_pending(s->deck->director, &p))
		return;
	n = p.to[0] != '\0' ? registry_find(crew_registry(s->deck->crew), p.to) : NULL;
	if (n != NULL && n->number > 0)
		snprintf(number, sizeof number, "%d ", n->number);
	snprintf(out->next, sizeof out->next, "cut %s%.80s ON %s in %lld beat%s   Esc cancels", number,
	    n != NULL ? registry_name(n) : "black", p.is_bar ? "BAR" : "BEAT", (long long)p.beats, p.beats == 1 ? "" : "s");
}

void
show_beat_fill(const struct shower *s, struct show *out, struct show_moment *at)
{
	struct metro_word w;

	metro_say(s->deck->metro, &w);
	out->beat = (struct show_beat){ .runs = w.runs, .on_link = w.on_link, .bpm = w.bpm, .quantum = w.quantum,
		.beat = w.place.beat, .bar = w.place.bar, .peers = w.peers, .alone_us = -1 };
	if (!w.runs)
		return;
	show_change_in(at, w.next_us);
	if (w.peers == 0 && w.heard_us >= 0)
		out->beat.alone_us = show_age_of(at, w.heard_us);
	fill_pending(s, out);
}
