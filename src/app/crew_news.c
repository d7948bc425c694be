/*
 * crew_news.c - owns the way of a conn's words into the member's track and onto the bus.
 * Never judges silence (crew_judge.c), never opens or closes a conn, never keeps a picture.
 */
#include "app/crew_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

#define BURST 8		/* clock samples in one burst (io/conn.h) */
#define LOOSE_US 1000	/* a clock's bound beyond its round trip */
#define SOONER 4

void
crew_news_heard(void *arg, struct conn *conn)
{
	struct crew_link *l = arg;

	(void)conn;
	/*
	 * Bytes that make no picture are no sign of life of a camera that only has pictures.  While the link is
	 * only being made it is not known who speaks: crew_link.c counts that word once it has a name.
	 */
	if (l->dead || l->entry == NULL || l->entry->pub.node->view_only || crew_link_is_down(l))
		return;
	health_heard(&l->entry->pub.track, crew_now_us(l->crew));
	crew_judge_entry(l->entry);
	crew_same_look(l->crew);
}

static void
keep_health(struct crew_entry *e, const struct node_event *ev)
{
	free(e->pub.health_json);
	e->pub.health_json = ev->health_json != NULL ? xstrdup(ev->health_json) : NULL;
}

/* What the event says about the node's state, into the track. */
static void
track_event(struct crew_entry *e, const struct node_event *ev, int64_t now_us)
{
	struct node_health *last = &e->pub.track.last;

	switch (ev->kind) {
	case NODE_EV_HELLO:
		crew_judge_hello(e);
		health_said(&e->pub.track, &ev->health, now_us);
		keep_health(e, ev);
		break;
	case NODE_EV_HEALTH:
		health_said(&e->pub.track, &ev->health, now_us);
		keep_health(e, ev);
		break;
	case NODE_EV_RECORDING:
		health_recording(&e->pub.track, &ev->recording, now_us);
		break;
	case NODE_EV_AUDIO:
		health_sound(&e->pub.track, &ev->audio, now_us);
		break;
	case NODE_EV_CAMERA:
		str_copy(last->camera, sizeof last->camera, ev->text);
		break;
	case NODE_EV_ZOOM:
		last->has_zoom = true;
		last->zoom = ev->value;
		break;
	case NODE_EV_FORMAT:
		last->has_format = true;
		last->format = ev->format;
		break;
	case NODE_EV_TALLY:
		last->has_tally = node_tally_parse(ev->text, &last->tally);
		break;
	default:
		break;
	}
}

/* The node's own words that are public news as they stand. */
static void
tell_words(struct crew_entry *e, const struct node_event *ev)
{
	struct crew *c = e->crew;
	const enum event_kind kind = ev->kind == NODE_EV_GESTURE ? EV_GESTURE :
	    ev->kind == NODE_EV_MARKER ? EV_MARKER : ev->kind == NODE_EV_REPLY ? EV_REPLY : EV_KINDS;

	if (kind != EV_KINDS)
		bus_tell(c->bus, kind, e->pub.node->id, "%s", ev->text);
}

void
crew_news_event(void *arg, struct conn *conn, const struct node_event *ev)
{
	struct crew_link *l = arg;
	struct crew_entry *e = l->entry;
	struct bus_event news = { .kind = EV_NODE_EVENT, .data = ev };

	(void)conn;
	if (l->dead || e == NULL)
		return;
	health_heard(&e->pub.track, crew_now_us(l->crew));
	track_event(e, ev, crew_now_us(l->crew));
	crew_judge_entry(e);
	if (e->is_forgotten)
		return;
	news.node = e->pub.node->id;
	bus_say(l->crew->bus, &news);
	if (!e->is_forgotten)
		tell_words(e, ev);
	if (ev->kind == NODE_EV_BYE && !e->is_forgotten)
		crew_judge_bye(e, ev->text);
}

/* Where the bound would be loose by the next burst, that one comes sooner: on a quiet network, of a node that was just met. */
static void
pace_clock(struct crew_entry *e, struct conn *conn)
{
	const struct offset_estimate *best = &e->pub.clock.best;
	int64_t every_us = e->crew->conf.clock_every_us;

	conn_clock_pace(conn, offset_bound_now(best, best->at_us + every_us) > best->rtt_us + LOOSE_US ? every_us / SOONER : 0);
}

void
crew_news_clock(void *arg, struct conn *conn, const struct offset_sample *s, const char *epoch)
{
	struct crew_link *l = arg;
	struct crew_entry *e = l->entry;
	struct bus_event news = { .kind = EV_CLOCK_SAMPLE };
	struct registry_address *place;
	int64_t winner_us;

	if (l->dead || e == NULL)
		return;
	winner_us = e->pub.clock.winner.sent_us;
	if (!offset_add(&e->pub.clock, s, epoch))
		return;
	pace_clock(e, conn);
	place = conn_address(conn) != NULL ? crew_place_in(e->pub.node, conn_address(conn)) : NULL;
	if (place != NULL)
		place->rtt_us = e->pub.clock.best.rtt_us;
	if (++e->samples < BURST && e->pub.clock.winner.sent_us == winner_us)
		return;		/* neither the best of its burst so far, nor the end of one */
	e->samples = 0;
	news.node = e->pub.node->id;
	news.data = &e->pub.clock.best;
	bus_say(l->crew->bus, &news);
}

void
crew_news_frame(void *arg, struct conn *conn, const char *jpeg, size_t len, int64_t timestamp_us, int64_t frame)
{
	struct crew_link *l = arg;
	struct crew_entry *e = l->entry;
	struct crew *c = l->crew;

	(void)conn;
	if (l->dead || e == NULL)
		return;
	health_frame(&e->pub.track, frame, timestamp_us, crew_now_us(c));	/* a sign of life, too */
	if (e->pub.link != HEALTH_LIVE)
		crew_judge_entry(e);
	else
		crew_judge_soon(e);
	if (c->frame != NULL && !e->is_forgotten)
		c->frame(c->frame_arg, e->pub.node->id, jpeg, len);
}

/* One picture, two who may complain of it: the stream's parser first, then the decoder. */
void
crew_news_trouble(struct crew_entry *e)
{
	const char *why = e->conn_trouble[0] != '\0' ? e->conn_trouble : e->decode_trouble;

	if (strcmp(e->pub.picture_trouble, why) == 0)
		return;
	str_copy(e->pub.picture_trouble, sizeof e->pub.picture_trouble, why);
	bus_tell(e->crew->bus, EV_NODE_STATE, e->pub.node->id, "%s", why);
}

void
crew_news_picture_trouble(void *arg, struct conn *conn, const char *why)
{
	struct crew_link *l = arg;

	(void)conn;
	if (l->dead || l->entry == NULL)
		return;
	str_copy(l->entry->conn_trouble, sizeof l->entry->conn_trouble, why);
	crew_news_trouble(l->entry);
}

/* Read after a gap in the events: what was saved meanwhile is told as if the events had come, newest last. */
void
crew_news_recordings(void *arg, struct conn *conn, const struct node_file *files, char *const *json, int count)
{
	struct crew_link *l = arg;
	struct node_event *ev;

	(void)conn;
	if (l->dead || l->entry == NULL)
		return;
	ev = xcalloc(1, sizeof *ev);
	ev->kind = NODE_EV_SAVED;
	for (int i = count - 1; i >= 0 && l->entry != NULL; i--) {
		struct bus_event news = { .kind = EV_NODE_EVENT, .node = l->entry->pub.node->id, .data = ev };

		ev->file = files[i];
		ev->file_json = json[i];
		bus_say(l->crew->bus, &news);
	}
	free(ev);
}
