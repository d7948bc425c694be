/*
 * show.c - the snapshot a screen draws: app state read at one instant, judged words included.
 * Owns the LAST line and the log ring, which are state nowhere else; never changes anything.
 */
#include "app/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/deck.h"
#include "app/mesh.h"
#include "base/str.h"
#include "base/xalloc.h"

struct show_when {			/* a take of the folder, for its line in the list */
	char take[TAKE_BYTES];
	int64_t started_us, stopped_us;
};

struct shower {
	const struct deck *deck;
	struct show_when *whens;
	int when_count;
	bool rehearsal;
	char last[MAX_TEXT_FIELD];
	bool last_ok;
	struct show_log log[SHOW_LOG];
	int log_next, log_count;
	struct mesh_off *off;
	int off_count;
};

/* ---- what is kept ---- */

static void
on_news(void *arg, const struct bus_event *ev)
{
	struct shower *s = arg;
	struct show_log *l;
	const struct registry_node *n;

	if (!event_is_public(ev->kind) && ev->kind != EV_NOTICE)
		return;
	l = &s->log[s->log_next];
	s->log_next = (s->log_next + 1) % SHOW_LOG;
	s->log_count += s->log_count < SHOW_LOG;
	l->utc_us = ev->time_us;
	n = ev->node != NULL ? registry_find(crew_registry(s->deck->crew), ev->node) : NULL;
	snprintf(l->text, sizeof l->text, "%s%s%s%s%.800s", ev->kind == EV_NOTICE ? "" : event_name(ev->kind),
	    n != NULL ? " " : "", n != NULL ? registry_name(n) : "", ev->text != NULL && ev->kind != EV_NOTICE ? " " : "",
	    ev->text != NULL ? ev->text : "");
}

static struct show_when *
when_of(const struct shower *s, const char *take)
{
	for (int i = s->when_count - 1; i >= 0; i--)
		if (strcmp(s->whens[i].take, take) == 0)
			return &s->whens[i];
	return NULL;
}

static void
keep_when(struct shower *s, const struct take *t)
{
	struct show_when *w = when_of(s, t->take);

	if (w == NULL) {
		s->whens = xreallocarray(s->whens, (size_t)s->when_count + 1, sizeof *s->whens);
		w = &s->whens[s->when_count++];
		str_copy(w->take, sizeof w->take, t->take);
	}
	w->started_us = t->started_us;
	w->stopped_us = t->stopped_us;
}

/* sphere.json does not say when a take was: an earlier console's takes tell it themselves, read once. */
static void
read_whens(struct shower *s)
{
	const struct manifest *m = s->deck->sphere != NULL ? sphere_manifest(s->deck->sphere) : NULL;
	struct take t;

	for (int i = m != NULL && m->take_count > SHOW_TAKES ? m->take_count - SHOW_TAKES : 0; m != NULL && i < m->take_count; i++) {
		if (!sphere_load_take(s->deck->sphere, m->takes[i].take, &t))
			continue;
		keep_when(s, &t);
		take_fini(&t);
	}
}

static void
on_take(void *arg, const struct bus_event *ev)
{
	if (ev->data != NULL)
		keep_when(arg, ev->data);
}

struct shower *
shower_new(const struct deck *deck, bool rehearsal)
{
	struct shower *s = xcalloc(1, sizeof *s);

	s->deck = deck;
	s->rehearsal = rehearsal;
	s->last_ok = true;
	read_whens(s);
	bus_listen(deck->bus, EV_KINDS, on_news, s);
	bus_listen(deck->bus, EV_TAKE_CHANGED, on_take, s);
	return s;
}

void
shower_free(struct shower *s)
{
	if (s == NULL)
		return;
	bus_unlisten(s->deck->bus, on_news, s);
	bus_unlisten(s->deck->bus, on_take, s);
	free(s->whens);
	free(s->off);
	free(s);
}

struct mesh *
shower_mesh(const struct shower *s)
{
	return mesh_take(s->deck->crew, clk_mono_us(s->deck->clk), s->off, s->off_count);
}

void
shower_off(struct shower *s, const struct mesh_off *off, int count)
{
	free(s->off);
	s->off = xcalloc((size_t)count + 1, sizeof *s->off);
	memcpy(s->off, off, (size_t)count * sizeof *off);
	s->off_count = count;
}

void
shower_last(struct shower *s, bool ok, const char *text)
{
	s->last_ok = ok;
	str_copy(s->last, sizeof s->last, text);
}

/* ---- tiles ---- */

static void
tile_health(struct show_tile *t, const struct node_health *h)
{
	t->has_battery = h->has_battery;
	t->charging = h->charging;
	t->battery_percent = (int)(h->battery * 100.0 + 0.5);
	t->storage_minutes = health_storage_minutes(h);
	t->has_audio = h->has_audio;
	t->muted = h->audio.muted;
	t->peak_dbfs = h->audio.peak_dbfs;
	t->rms_dbfs = h->audio.rms_dbfs;
	t->clips = h->audio.clips;
	if (strcmp(h->thermal, "nominal") != 0)
		str_copy(t->thermal, sizeof t->thermal, h->thermal);
	t->zoom = h->has_zoom ? h->zoom : 0;
	t->front = strcmp(h->camera, "front") == 0;
	t->fps = h->has_fps ? h->fps : 0;
}

static const struct take_device *
device_of(const struct take *take, const char *node)
{
	for (int i = 0; take != NULL && i < take->device_count; i++)
		if (strcmp(take->devices[i].node, node) == 0)
			return &take->devices[i];
	return NULL;
}

static void
tile_recording(struct show_tile *t, const struct deck *d, const struct crew_member *m, int64_t utc_us)
{
	const struct node_recording *r = &m->track.last.recording;
	const struct take_device *dev = device_of(recordall_newest(d->recordall), t->id);

	t->rec = m->rec;
	t->rec_elapsed_us = -1;
	if (r->since_us > 0 && m->rec != HEALTH_REC_NONE) {
		int64_t since_us = crew_to_console(d->crew, t->id, r->since_us);

		t->rec_elapsed_us = utc_us > since_us ? utc_us - since_us : 0;
	}
	/* What ended by itself, or never began, stays on the tile while its take rolls on the others. */
	if (dev == NULL || m->rec != HEALTH_REC_NONE || !recordall_is_rolling(d->recordall))
		return;
	if (take_stopped_unasked(dev)) {
		t->stopped_unasked = true;
		t->stopped_after_us = take_ran_us(dev);
		str_copy(t->stop_reason, sizeof t->stop_reason, dev->reason);
	} else if (take_did_not_roll(dev)) {
		snprintf(t->why, sizeof t->why, "did not roll: %.900s", dev->reason);
	}
}

static void
tile_why(struct show_tile *t, const struct crew_member *m)
{
	if (t->out)
		snprintf(t->why, sizeof t->why, "out: %.200s", m->node->out_reason);
	else if (t->stopped_unasked)
		str_copy(t->why, sizeof t->why, t->stop_reason);
	else if (t->why[0] != '\0')
		return;			/* it did not roll */
	else if (m->why[0] != '\0')
		str_copy(t->why, sizeof t->why, m->why);
	else if (m->picture_trouble[0] != '\0')
		str_copy(t->why, sizeof t->why, m->picture_trouble);
	else if (t->view_only)
		str_copy(t->why, sizeof t->why, "record: not offered");
	else if (m->node->flagged_no_id)
		str_copy(t->why, sizeof t->why, "this node gave no id: known by its address only");
}

static void
tile_roles(struct show_tile *t, unsigned roles)
{
	size_t len = 0;

	t->roles[0] = '\0';
	if (roles & ROLE(SAFE))
		len += (size_t)snprintf(t->roles + len, sizeof t->roles - len, "SAFE ");
	if (roles & ROLE(BACKUP))
		len += (size_t)snprintf(t->roles + len, sizeof t->roles - len, "backup ");
	if (roles & ROLE(MUST))
		len += (size_t)snprintf(t->roles + len, sizeof t->roles - len, "must ");
	if (len > 0)
		t->roles[len - 1] = '\0';
}

static const struct registry_address *
address_in_use(const struct registry_node *n)
{
	for (int i = 0; i < n->address_count; i++)
		if (n->addresses[i].in_use)
			return &n->addresses[i];
	return n->address_count > 0 ? &n->addresses[0] : NULL;
}

static void
tile_address(struct show_tile *t, const struct registry_node *n)
{
	const struct registry_address *a = address_in_use(n);

	if (a == NULL)
		return;
	str_copy(t->path, sizeof t->path, registry_path_name(a->kind));
	registry_place(a, t->address, sizeof t->address);
}

static void
tile_picture(struct show_tile *t, const struct deck *d, const struct crew_member *m, int64_t now_us, int64_t utc_us)
{
	bool looked_at = m->node->view_only || (d->preview != NULL && preview_is_wanted(d->preview, t->id));

	t->picture_age_us = -1;
	if (m->track.frame_us < 0 || !looked_at)
		return;			/* a camera nobody looks at sends none: no fault of its */
	t->picture_age_us = now_us - m->track.frame_us;
	/* Where the node says when it was taken, and its clock is known, that is the age. */
	if (m->track.frame_capture_us > 0 && m->clock.best.known) {
		int64_t age_us = utc_us - crew_to_console(d->crew, t->id, m->track.frame_capture_us);

		t->picture_age_us = age_us > t->picture_age_us ? age_us : t->picture_age_us;
	}
}

static void
fill_tile(struct show_tile *t, const struct deck *d, const struct crew_member *m, int64_t now_us, int64_t utc_us)
{
	const struct registry_node *n = m->node;
	const char *pgm = director_program(d->director), *pvw = director_preview(d->director);

	memset(t, 0, sizeof *t);
	str_copy(t->id, sizeof t->id, n->id);
	str_copy(t->name, sizeof t->name, registry_name(n));
	t->number = n->number;
	t->light = pgm != NULL && strcmp(pgm, n->id) == 0 ? SHOW_PROGRAM : pvw != NULL && strcmp(pvw, n->id) == 0 ? SHOW_PREVIEW : SHOW_OFF;
	t->view_only = n->view_only;
	t->out = n->out;
	t->known_only = n->known;
	t->link = m->link;
	t->link_since_us = now_us - m->link_since_us;
	t->silent_us = m->track.heard_us >= 0 ? now_us - m->track.heard_us : -1;
	t->frozen = m->frozen;
	t->clock_bound_us = m->clock.best.known ? offset_bound_now(&m->clock.best, utc_us) : -1;
	t->storage_minutes = -1;
	str_copy(t->model, sizeof t->model, n->info.model);
	tile_health(t, &m->track.last);
	tile_recording(t, d, m, utc_us);
	tile_roles(t, n->roles);
	tile_address(t, n);
	tile_picture(t, d, m, now_us, utc_us);
	tile_why(t, m);
}

/* ---- header ---- */

static bool
is_commanded(const struct show_tile *t)
{
	return !t->view_only && !t->out && !t->known_only && t->link == HEALTH_LIVE;
}

static void
fill_tallies(const struct shower *s, struct show *out)
{
	for (int i = 0; i < out->tile_count; i++) {
		const struct show_tile *t = &out->tiles[i];
		const struct crew_member *m = crew_find(s->deck->crew, t->id);
		enum node_tally want = t->light == SHOW_PROGRAM ? NODE_TALLY_PROGRAM : t->light == SHOW_PREVIEW ? NODE_TALLY_PREVIEW : NODE_TALLY_OFF;

		if (!is_commanded(t) || m == NULL || !m->track.last.has_tally)
			continue;
		out->tally_asked++;
		out->tally_ok += m->track.last.tally == want;
	}
}

static void
fill_storage(struct show *out)
{
	out->left_minutes = -1;
	for (int i = 0; i < out->tile_count; i++) {
		const struct show_tile *t = &out->tiles[i];

		if (!is_commanded(t) || t->storage_minutes < 0 || (out->left_minutes >= 0 && t->storage_minutes >= out->left_minutes))
			continue;
		out->left_minutes = t->storage_minutes;
		snprintf(out->left_name, sizeof out->left_name, "%d", t->number);
	}
}

/* By its own word, now: one that is silent or was never seen may roll, but nobody knows. */
static void
count_rolling(const struct shower *s, const struct take *t, struct show *out)
{
	for (int i = 0; i < t->device_count; i++) {
		const struct take_device *d = &t->devices[i];
		const struct crew_member *m = crew_find(s->deck->crew, d->node);

		if (d->state > TAKE_STOPPING || (m != NULL && m->node->out))
			continue;
		if (m == NULL || m->link != HEALTH_LIVE)
			out->silent_count++;
		else
			out->rolling_count += m->rec == HEALTH_REC_RECORDING || (m->rec == HEALTH_REC_STARTING && d->state == TAKE_RECORDING);
	}
}

static void
fill_take(const struct shower *s, struct show *out)
{
	const struct take *t = recordall_newest(s->deck->recordall);
	struct take_counts counts;

	if (t == NULL)
		return;
	take_counts(t, &counts);
	str_copy(out->take, sizeof out->take, t->take);
	str_copy(out->slate, sizeof out->slate, t->slate);
	out->rolling = recordall_is_rolling(s->deck->recordall);
	out->take_elapsed_us = recordall_elapsed_us(s->deck->recordall, out->utc_us);
	out->rolling_asked = counts.asked;
	if (out->rolling) {
		count_rolling(s, t, out);
		out->starting = counts.recorded == 0;
		out->stopping = t->stopped_us > 0;
	}
	for (int i = 0; i < out->tile_count; i++)
		out->stopped_count += out->tiles[i].stopped_unasked;
}

static void
fill_takes(const struct shower *s, struct show *out)
{
	const struct manifest *m = sphere_manifest(s->deck->sphere);
	const struct take *newest = recordall_newest(s->deck->recordall);
	const struct show_when *when;

	for (int i = m->take_count - 1; i >= 0 && out->take_count < SHOW_TAKES; i--) {
		struct show_take *t = &out->takes[out->take_count++];
		struct take_counts c = m->takes[i].counts;

		memset(t, 0, sizeof *t);
		str_copy(t->take, sizeof t->take, m->takes[i].take);
		str_copy(t->slate, sizeof t->slate, m->takes[i].slate);
		if (newest != NULL && strcmp(newest->take, t->take) == 0) {
			take_counts(newest, &c);
			t->started_us = newest->started_us;
			t->stopped_us = newest->stopped_us;
		} else if ((when = when_of(s, t->take)) != NULL) {
			t->started_us = when->started_us;
			t->stopped_us = when->stopped_us;
		}
		t->asked = c.asked;
		t->recording = c.recording;
		t->recorded = c.recorded;
		t->saved = c.saved;
		t->failed = c.failed;
		t->fetched = c.fetched;
		t->verified = c.verified;
	}
}

static void
fill_alarms(const struct shower *s, struct show *out)
{
	int total = vitals_alarm_count(s->deck->vitals);
	int first = total > SHOW_ALARMS ? total - SHOW_ALARMS : 0;

	out->alarm_total = total;
	for (int i = first; i < total; i++) {
		const struct vitals_alarm *a = vitals_alarm_at(s->deck->vitals, i);
		struct show_alarm *to = &out->alarms[out->alarm_count++];

		to->utc_us = a->time_us;
		to->over = a->over;
		str_copy(to->text, sizeof to->text, a->text);
	}
}

static void
fill_log(const struct shower *s, struct show *out)
{
	out->log_count = s->log_count;
	for (int i = 0; i < s->log_count; i++)
		out->log[i] = s->log[(s->log_next - s->log_count + i + SHOW_LOG) % SHOW_LOG];
}

/* One sentence more, while the advice at the end still fits. */
static bool
add_searching(struct show *out, const char *sentence)
{
	static const size_t advice = 160;
	const size_t len = strlen(out->searching);
	char one[204];

	if (sentence[0] == '\0')
		return true;
	snprintf(one, sizeof one, "%.200s. ", sentence);
	if (len + strlen(one) + advice > sizeof out->searching)
		return false;
	str_copy(out->searching + len, sizeof out->searching - len, one);
	return true;
}

/* How cameras are being looked for, and what to do meanwhile. */
static void
fill_searching(const struct shower *s, struct show *out)
{
	char one[MAX_TEXT_FIELD];
	size_t len;

	for (int i = 0; i < crew_source_count(s->deck->crew); i++)
		add_searching(out, crew_source_at(s->deck->crew, i)->sentence);
	for (int i = 0; crew_pending_at(s->deck->crew, i, one, sizeof one); i++)
		if (!add_searching(out, one))
			break;
	len = strlen(out->searching);
	snprintf(out->searching + len, sizeof out->searching - len,
	    "Type :node add HOST[:PORT] for a camera whose address you know. :view mesh says more");
}

static void
fill_strangers(const struct shower *s, struct show *out)
{
	char one[MAX_TEXT_FIELD];

	for (int i = 0; crew_failed_at(s->deck->crew, i, one, sizeof one); i++) {
		out->stranger_total++;
		if (out->stranger_count < SHOW_STRANGERS)
			str_copy(out->strangers[out->stranger_count++], sizeof one, one);
	}
}

void
shower_fill(struct shower *s, struct show *out)
{
	const struct deck *d = s->deck;
	int64_t now_us = loop_now_us(d->loop);
	int64_t shot_us = director_shot_us(d->director);
	const char *pgm = director_program(d->director), *pvw = director_preview(d->director);

	memset(out, 0, offsetof(struct show, tiles));
	memset(&out->alarm_count, 0, sizeof *out - offsetof(struct show, alarm_count));
	str_copy(out->session, sizeof out->session, sphere_manifest(d->sphere)->name);
	out->rehearsal = s->rehearsal;
	out->utc_us = clk_utc_us(d->clk);
	str_copy(out->program, sizeof out->program, pgm != NULL ? pgm : "");
	str_copy(out->preview, sizeof out->preview, pvw != NULL ? pvw : "");
	out->shot_us = shot_us > 0 ? out->utc_us - shot_us : -1;
	for (int i = 0; i < crew_count(d->crew) && i < MAX_NODES; i++)
		fill_tile(&out->tiles[out->tile_count++], d, crew_at(d->crew, i), now_us, out->utc_us);
	fill_tallies(s, out);
	fill_storage(out);
	fill_take(s, out);
	fill_takes(s, out);
	fill_alarms(s, out);
	fill_log(s, out);
	fill_strangers(s, out);
	if (out->tile_count == 0)
		fill_searching(s, out);
	str_copy(out->last, sizeof out->last, s->last);
	out->last_ok = s->last_ok;
}
