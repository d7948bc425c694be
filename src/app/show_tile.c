/*
 * show_tile.c - one camera as a screen may show it: what it says itself, how old that is, and what is wrong with it.
 * Owns nothing but the little memory of one camera; never takes a command sent for a state.
 */
#include "app/show_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/str.h"
#include "base/xalloc.h"

#define LIVE_PICTURE_US 2000000		/* younger than this, pictures come: no age to speak of */
#define CLIP_SHOWN_US 60000000
#define FULL_SOON_US 600000000LL
#define TALLY_TAKES_US 1500000		/* a light that has not followed its cut for longer differs */
#define ABSURD_US 600000000		/* no live stream is that late: its capture times are of another clock */

/* ---- What it says ---- */

/* Worth a word on the tile from here on. */
static int64_t
full_soon_us(const struct health_track *track)
{
	const int64_t full_in_us = health_full_in_us(track);

	return full_in_us < 0 || full_in_us >= FULL_SOON_US ? 0 : full_in_us > 0 ? full_in_us : 1;
}

static void
tile_health(struct show_tile *t, const struct health_track *track)
{
	const struct node_health *h = &track->last;

	t->has_battery = h->has_battery;
	t->charging = h->charging;
	t->battery_percent = (int)(h->battery * 100.0 + 0.5);
	t->storage_minutes = health_room_minutes(track);
	t->full_soon_us = full_soon_us(track);
	if (strcmp(h->thermal, "nominal") != 0)
		str_copy(t->thermal, sizeof t->thermal, h->thermal);
	t->zoom = h->has_zoom ? h->zoom : 0;
	t->front = strcmp(h->camera, "front") == 0;
	t->fps = h->has_fps ? h->fps : 0;
}

static void
tile_sound(struct show_tile *t, const struct health_track *track, struct show_moment *at)
{
	const struct node_audio *a = &track->last.audio;
	const int64_t age_us = at->now_us - track->clip_us;

	t->has_audio = track->last.has_audio;
	t->muted = a->muted;
	t->peak_dbfs = a->peak_dbfs;
	t->rms_dbfs = a->rms_dbfs;
	t->clips = a->clips;
	t->audio_silent = health_is_silent(track);
	if (!t->has_audio || track->clip_us < 0 || age_us >= CLIP_SHOWN_US)
		return;
	t->clip_utc_us = at->utc_us - age_us;
	show_change_in(at, CLIP_SHOWN_US - age_us);
}

static const struct take_device *
device_of(const struct take *take, const char *node)
{
	for (int i = 0; take != NULL && i < take->device_count; i++)
		if (strcmp(take->devices[i].node, node) == 0)
			return &take->devices[i];
	return NULL;
}

/* How long ago that was, on the console's timeline; -1: nobody can tell. */
static int64_t
stopped_since_us(const struct take_device *dev, int64_t ran_us, struct show_moment *at)
{
	if (dev->rec_since_us <= 0 || ran_us < 0)
		return -1;
	return show_elapsed_of(at, at->utc_us - (dev->rec_since_us + ran_us));
}

/* What ended by itself, or never began, stays on the tile while its take rolls on the others. */
static void
tile_failed(struct show_tile *t, const struct take_device *dev, struct show_moment *at)
{
	if (take_stopped_unasked(dev)) {
		t->stopped_unasked = true;
		t->stopped_after_us = take_ran_us(dev);
		t->stopped_since_us = stopped_since_us(dev, t->stopped_after_us, at);
		str_copy(t->stop_reason, sizeof t->stop_reason, take_cause(dev));
		str_copy(t->why, sizeof t->why, dev->reason);
	} else if (take_did_not_roll(dev)) {
		snprintf(t->why, sizeof t->why, "did not roll: %.900s", dev->reason);
	}
}

static void
tile_recording(struct show_tile *t, const struct deck *d, const struct crew_member *m, struct show_moment *at)
{
	const struct node_recording *r = &m->track.last.recording;
	const struct take_device *dev;

	t->rec = m->rec;
	t->rec_elapsed_us = t->stopped_since_us = -1;
	if (m->rec != HEALTH_REC_NONE) {
		if (r->since_us > 0)
			t->rec_elapsed_us = show_elapsed_of(at, at->utc_us - crew_to_console(d->crew, t->id, r->since_us));
		return;
	}
	dev = recordall_is_rolling(d->recordall) ? device_of(recordall_newest(d->recordall), t->id) : NULL;
	if (dev != NULL)
		tile_failed(t, dev, at);
}

/* ---- How old that is ---- */

static void
tile_link(struct show_tile *t, const struct crew_member *m, struct show_moment *at)
{
	const int64_t silent_us = at->now_us - m->track.heard_us;

	t->link = m->link;
	t->silent_us = -1;
	if (m->link != HEALTH_LIVE)
		t->link_since_us = show_age_of(at, at->now_us - m->link_since_us);
	else
		t->link_since_us = show_age_step(at->now_us - m->link_since_us, true);
	if (m->track.heard_us < 0)
		return;
	t->heard_utc_us = at->utc_us - silent_us;
	t->silent_us = m->link == HEALTH_LIVE ? 0 : show_age_of(at, silent_us);
}

/*
 * Where the node says when it was taken, and its clock is known, that is the age; but it is never younger than its
 * arrival here, whatever a clock says.
 */
static void
tile_picture(struct show_tile *t, const struct deck *d, const struct crew_member *m, struct show_moment *at)
{
	const bool looked_at = m->node->view_only || (d->preview != NULL && preview_is_wanted(d->preview, t->id));
	const struct health_track *track = &m->track;
	int64_t frame_us = track->frame_us, here_us, age_us;

	t->picture_age_us = t->picture_bound_us = -1;
	t->picture_unwatched = !looked_at && t->link == HEALTH_LIVE;
	if (track->frame_us < 0 || !looked_at)
		return;			/* a camera nobody looks at sends none: no fault of its */
	t->picture_unread = d->preview != NULL && preview_is_bad(d->preview, t->id);
	if (t->picture_unread && (frame_us = preview_came_us(d->preview, t->id)) == 0)
		return;			/* what comes is no picture */
	here_us = age_us = at->now_us - frame_us;
	if (track->frame_capture_us > 0 && !t->picture_unread && m->clock.best.known) {
		const int64_t taken_us = at->utc_us - crew_to_console(d->crew, t->id, track->frame_capture_us);

		if (taken_us - here_us < ABSURD_US) {
			age_us = taken_us > here_us ? taken_us : here_us;
			t->picture_bound_us = offset_bound_now(&m->clock.best, at->utc_us);
		}
	}
	t->picture_utc_us = at->utc_us - age_us;
	t->picture_age_us = age_us < LIVE_PICTURE_US ? 0 : show_age_of(at, age_us);
	if (age_us < LIVE_PICTURE_US)
		show_change_in(at, LIVE_PICTURE_US - age_us);
	if (m->frozen)
		t->frozen_us = show_age_of(at, health_frozen_us(track, at->now_us));
}

/* ---- What is wrong with it ---- */

static void
clone_words(struct show_tile *t, struct registry *reg)
{
	for (size_t i = 0; i < registry_count(reg); i++) {
		const struct registry_node *other = registry_at(reg, i);

		if (strcmp(other->id, t->id) == 0 || !registry_is_same_id(other->id, t->id))
			continue;
		snprintf(t->why, sizeof t->why, "another device has its id: %.200s. Reset the camera app of one", registry_name(other));
		return;
	}
	str_copy(t->why, sizeof t->why, "another device has its id. Reset the camera app of one");
}

/* Away from the network it was on, it may be reached by the other. */
static bool
is_tried_by_tailscale(const struct deck *d, const struct crew_member *m)
{
	const struct conn *conn = crew_conn(d->crew, m->node->id);
	const struct registry_address *at = conn != NULL ? conn_address(conn) : NULL;

	return at != NULL && at->kind == PATH_TAILSCALE && m->node->address_count > 1;
}

static void
lost_words(struct show_tile *t, const struct deck *d, const struct crew_member *m)
{
	const time_t seconds = (time_t)(t->heard_utc_us / 1000000);
	char when[16] = "?";
	struct tm tm;

	if (localtime_r(&seconds, &tm) != NULL)
		strftime(when, sizeof when, "%H:%M:%S", &tm);
	if (m->why[0] != '\0')
		str_copy(t->why, sizeof t->why, m->why);
	else if (m->said_bye)
		snprintf(t->why, sizeof t->why, "it said bye at %s", when);
	else
		snprintf(t->why, sizeof t->why, "no %s since %s", t->view_only ? "picture" : "word", when);
	if (is_tried_by_tailscale(d, m)) {
		const size_t len = strlen(t->why);

		snprintf(t->why + len, sizeof t->why - len, "; trying Tailscale");
	}
}

/* Nobody looks now: it was so then, and is looked at again with the next view that shows it. */
static void
frozen_words(struct show_tile *t, const struct crew_member *m, const struct show_moment *at)
{
	const time_t seconds = (time_t)((at->utc_us - (at->now_us - m->track.frame_us)) / 1000000);
	struct tm tm;

	if (!t->picture_unwatched || localtime_r(&seconds, &tm) == NULL)
		str_copy(t->why, sizeof t->why, "its pictures come, but stand still");
	else
		(void)strftime(t->why, sizeof t->why, "its pictures stood still when last looked at, %H:%M:%S", &tm);
}

static void
tile_why(struct show_tile *t, const struct deck *d, const struct crew_member *m, const struct show_moment *at)
{
	if (t->out)
		snprintf(t->why, sizeof t->why, m->node->out_reason[0] != '\0' ? "out: %.200s" : "out of the show", m->node->out_reason);
	else if (t->link == HEALTH_LOST)
		lost_words(t, d, m);
	else if (t->why[0] != '\0')
		return;			/* it stopped by itself, or did not roll */
	else if (t->conflict)
		clone_words(t, crew_registry(d->crew));
	else if (t->held)
		(void)claims_trouble(d->claims, t->id, t->why, sizeof t->why);
	else if (m->why[0] != '\0')
		str_copy(t->why, sizeof t->why, m->why);
	else if (m->picture_trouble[0] != '\0')
		str_copy(t->why, sizeof t->why, m->picture_trouble);
	else if (t->frozen)
		frozen_words(t, m, at);
	else if (t->view_only)
		str_copy(t->why, sizeof t->why, "record: not offered");
	else if (claims_trouble(d->claims, t->id, t->why, sizeof t->why))
		return;			/* it asks for a pin */
	else if (m->node->flagged_no_id)
		str_copy(t->why, sizeof t->why, "this node gave no id: known by its address only");
}

static void
tile_tally(struct show_tile *t, const struct crew_member *m, struct show_memory *k, struct show_moment *at)
{
	const enum node_tally want = t->light == SHOW_PROGRAM ? NODE_TALLY_PROGRAM :
	    t->light == SHOW_PREVIEW ? NODE_TALLY_PREVIEW : NODE_TALLY_OFF;

	t->has_tally = m->track.last.has_tally;
	t->tally_ok = t->has_tally && m->track.last.tally == want;
	if (!t->has_tally || t->tally_ok || !show_tile_is_commanded(t)) {
		k->differs_us = -1;
		return;
	}
	if (k->differs_us < 0)
		k->differs_us = at->now_us;
	t->tally_differs = at->now_us - k->differs_us >= TALLY_TAKES_US;
	if (!t->tally_differs)
		show_change_in(at, TALLY_TAKES_US - (at->now_us - k->differs_us));
}

/* ---- Where it stands ---- */

static void
tile_roles(struct show_tile *t, unsigned roles)
{
	size_t len = 0;

	if (roles & ROLE(SAFE))
		len += (size_t)snprintf(t->roles + len, sizeof t->roles - len, "SAFE ");
	if (roles & ROLE(BACKUP))
		len += (size_t)snprintf(t->roles + len, sizeof t->roles - len, "backup ");
	if (roles & ROLE(MUST))
		len += (size_t)snprintf(t->roles + len, sizeof t->roles - len, "must ");
	if (len > 0)
		t->roles[len - 1] = '\0';
}

static void
tile_address(struct show_tile *t, const struct registry_node *n)
{
	const struct registry_address *a = n->address_count > 0 ? &n->addresses[0] : NULL;

	for (int i = 0; i < n->address_count; i++)
		if (n->addresses[i].in_use)
			a = &n->addresses[i];
	if (a == NULL)
		return;
	str_copy(t->path, sizeof t->path, registry_path_name(a->kind));
	registry_place(a, t->address, sizeof t->address);
}

static void
tile_place(struct show_tile *t, const struct deck *d, const struct registry_node *n)
{
	const char *pgm = director_program(d->director), *pvw = director_preview(d->director);

	str_copy(t->id, sizeof t->id, n->id);
	str_copy(t->name, sizeof t->name, registry_name(n));
	str_copy(t->model, sizeof t->model, n->info.model);
	t->number = n->number;
	t->light = pgm != NULL && strcmp(pgm, n->id) == 0 ? SHOW_PROGRAM : pvw != NULL && strcmp(pvw, n->id) == 0 ? SHOW_PREVIEW : SHOW_OFF;
	t->view_only = n->view_only;
	t->out = n->out;
	t->known_only = n->known;
	t->conflict = n->conflict;
	t->held = n->held_by[0] != '\0';
	tile_roles(t, n->roles);
	tile_address(t, n);
}

static struct show_memory *
memory_of(struct shower *s, const char *node)
{
	struct show_memory *k = map_get(s->memories, node);

	if (k != NULL)
		return k;
	k = xcalloc(1, sizeof *k);
	k->out_us = k->differs_us = -1;
	map_put(s->memories, node, k);
	return k;
}

/* When it was taken out is kept nowhere: the moment in which that was seen. */
static void
tile_out(struct show_tile *t, struct show_memory *k, struct show_moment *at)
{
	if (t->out && k->is_met && !k->out)
		k->out_us = at->now_us;
	else if (!t->out)
		k->out_us = -1;
	k->out = t->out;
	k->is_met = true;
	t->out_since_us = k->out_us >= 0 ? show_age_of(at, at->now_us - k->out_us) : -1;
}

bool
show_tile_is_commanded(const struct show_tile *t)
{
	return !t->view_only && !t->out && !t->known_only && t->link == HEALTH_LIVE;
}

void
show_tile_fill(struct show_tile *t, struct shower *s, const struct crew_member *m, struct show_moment *at)
{
	struct show_memory *k = memory_of(s, m->node->id);

	memset(t, 0, sizeof *t);
	tile_place(t, s->deck, m->node);
	tile_link(t, m, at);
	tile_out(t, k, at);
	t->frozen = m->frozen;
	t->clock_bound_us = m->clock.best.known ? offset_bound_now(&m->clock.best, at->utc_us) : -1;
	tile_health(t, &m->track);
	tile_sound(t, &m->track, at);
	tile_recording(t, s->deck, m, at);
	tile_tally(t, m, k, at);
	tile_picture(t, s->deck, m, at);
	tile_why(t, s->deck, m, at);
}
