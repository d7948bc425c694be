/*
 * show_beat.c - the clock of the show as the header tells it, and the cut that waits for it.
 * Never moves either.
 */
#include "app/show_private.h"

#include "base/str.h"

static void
fill_pending(const struct shower *s, struct show *out)
{
	struct show_pending *to = &out->pending;
	struct director_pending p;
	const struct registry_node *n;

	if (!director_pending(s->deck->director, &p))
		return;
	n = p.to[0] != '\0' ? registry_find(crew_registry(s->deck->crew), p.to) : NULL;
	to->any = true;
	to->is_bar = p.is_bar;
	to->beats = p.beats;
	to->number = n != NULL ? n->number : 0;
	str_copy(to->name, sizeof to->name, n != NULL ? registry_name(n) : p.to[0] == '\0' ? "black" : p.to);
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
