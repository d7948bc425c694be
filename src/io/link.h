/*
 * link.h - Ableton Link: a beat shared with whoever plays on this network.  Loop's thread only; Link's own threads call nothing
 * of ours but loop_post().  Joining changes neither tempo nor phase of a session that is there: that is Link's own rule.
 * Built --without-link, link_new() has a sentence instead.
 */
#ifndef IO_LINK_H
#define IO_LINK_H

#include <stdbool.h>
#include "base/err.h"
#include "base/loop.h"
#include "domain/beat.h"

bool link_is_built(void);

struct link_session;

/* The number of peers, or the session's tempo, is another one: look.  Later, on the loop; the phase alone moves unannounced. */
typedef void link_changed_fn(void *arg);

/* On the network at once, with that tempo until a session is found.  NULL + e: not built in, or Link cannot begin. */
struct link_session *link_new(struct loop *loop, double bpm, link_changed_fn *changed, void *arg, struct err *e);
/* Leaves the session; no callback from here on.  May wait for Link's thread, a few ms. */
void link_free(struct link_session *l);
/* Others in the session. */
unsigned link_peers(const struct link_session *l);
/* The session's line at this instant of the loop's clock, within some tens of us; its beats have the session's phase in quantum. */
struct beat_line link_line(const struct link_session *l, int quantum);
/* From now on, for everybody. */
void link_set_tempo(struct link_session *l, double bpm);
/* That beat falls at that instant of the loop's clock, for everybody: for a session of our own, with no peers. */
void link_set_beat(struct link_session *l, int64_t at_us, double beat, int quantum);

/*
 * Whoever joins late adopts the tempo that is there; whoever was there first, with nobody's music in mind, would give his own
 * to those who come.  So nobody joins before a session is there to be joined: this only listens (224.76.78.75:20808).
 * heard: one sits in this network and says so; each time, later, on the loop.  May be freed in there.  NULL: one cannot listen.
 */
struct link_ear;
struct link_ear *link_ear_new(struct loop *loop, loop_fn *heard, void *arg);
void link_ear_free(struct link_ear *ear);

#endif
