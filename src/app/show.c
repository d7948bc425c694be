/*
 * show.c - the snapshot a screen draws: app state read at one instant, judged words included.
 * Owns the LAST line, the log ring and a little memory of each camera, which are state nowhere else; never changes anything.
 */
#include "app/show_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/autodirector.h"
#include "app/hooks.h"
#include "app/mesh.h"
#include "app/rehearsal.h"
#include "base/str.h"
#include "base/xalloc.h"

#define CLOCK_OLD_US 30000000
#define STRANGERS_US 1000000		/* who fails where is looked at no more often, but when it was told */

/* ---- what is kept ---- */

static void
on_news(void *arg, const struct bus_event *ev)
{
	struct shower *s = arg;
	struct show_log *l;
	const struct registry_node *n;

	if (ev->kind == EV_NODE_GONE && ev->node != NULL)
		free(map_take(s->memories, ev->node));
	if (ev->kind == EV_NOTICE || ev->kind == EV_CREW_CHANGED || ev->kind == EV_PLACE_ANSWERS)
		s->strangers_total++;
	s->last_is_cut = s->last_is_cut || ev->kind == EV_CUT;
	if (ev->kind == EV_CAPTION && ev->text != NULL) {
		str_copy(s->caption, sizeof s->caption, ev->text);
		s->caption_us = clk_mono_us(s->deck->clk);
	}
	if (!event_is_public(ev->kind) && ev->kind != EV_NOTICE)
		return;
	l = &s->log[s->log_total++ % SHOW_LOG];
	l->utc_us = ev->time_us;
	str_copy(l->node, sizeof l->node, ev->node != NULL ? ev->node : "");
	str_copy(l->topic, sizeof l->topic, event_name(ev->kind));
	/* An alarm names its camera itself. */
	n = ev->node != NULL && ev->kind != EV_ALARM ? registry_find(crew_registry(s->deck->crew), ev->node) : NULL;
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
	struct shower *s = arg;

	s->takes_total++;
	if (ev->data != NULL)
		keep_when(s, ev->data);
}

struct shower *
shower_new(const struct deck *deck)
{
	struct shower *s = xcalloc(1, sizeof *s);

	s->deck = deck;
	s->last_ok = true;
	s->memories = map_new();
	s->takes_total = s->strangers_total = 1;
	read_whens(s);
	bus_listen(deck->bus, EV_KINDS, on_news, s);
	bus_listen(deck->bus, EV_TAKE_CHANGED, on_take, s);
	return s;
}

static void
free_each(void *arg, const char *key, void *value)
{
	(void)arg;
	(void)key;
	free(value);
}

void
shower_free(struct shower *s)
{
	if (s == NULL)
		return;
	bus_unlisten(s->deck->bus, on_news, s);
	bus_unlisten(s->deck->bus, on_take, s);
	map_each(s->memories, free_each, NULL);
	map_free(s->memories);
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
	s->last_is_cut = false;
	str_copy(s->last, sizeof s->last, text);
}

const char *
shower_hook(const struct shower *s, int index)
{
	return hooks_name_at(s->deck->hooks, index);
}

void
shower_clients(struct shower *s, int count)
{
	s->clients = count;
}

/* ---- header ---- */

static void
fill_tallies(struct show *out)
{
	for (int i = 0; i < out->tile_count; i++) {
		const struct show_tile *t = &out->tiles[i];

		if (!show_tile_is_commanded(t) || !t->has_tally)
			continue;
		out->tally_asked++;
		out->tally_ok += t->tally_ok;
	}
}

static void
fill_storage(struct show *out)
{
	out->left_minutes = -1;
	for (int i = 0; i < out->tile_count; i++) {
		const struct show_tile *t = &out->tiles[i];

		if (!show_tile_is_commanded(t) || t->storage_minutes < 0 || (out->left_minutes >= 0 && t->storage_minutes >= out->left_minutes))
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
fill_take(const struct shower *s, struct show *out, struct show_moment *at)
{
	const struct take *t = recordall_newest(s->deck->recordall);
	struct take_counts counts;

	if (t == NULL)
		return;
	take_counts(t, &counts);
	str_copy(out->take, sizeof out->take, t->take);
	str_copy(out->slate, sizeof out->slate, t->slate);
	out->rolling = recordall_is_rolling(s->deck->recordall);
	out->take_elapsed_us = recordall_elapsed_us(s->deck->recordall, at->utc_us);
	out->rolling_asked = counts.asked;
	if (out->rolling) {
		out->take_elapsed_us = show_elapsed_of(at, out->take_elapsed_us);
		count_rolling(s, t, out);
		out->starting = counts.recorded == 0;
		out->stopping = t->stopped_us > 0;
	}
	for (int i = 0; i < out->tile_count; i++)
		out->stopped_count += out->tiles[i].stopped_unasked;
}

/* A roll that was sent ahead: the cameras begin by themselves when its instant has come. */
static void
fill_next(const struct shower *s, struct show *out, struct show_moment *at)
{
	const struct take *t = recordall_newest(s->deck->recordall);
	int64_t ahead_us;

	if (t == NULL || !out->rolling || !out->starting)
		return;
	ahead_us = t->started_us - at->utc_us;
	if (ahead_us < 1000000)
		return;
	show_elapsed_of(at, 0);
	snprintf(out->next, sizeof out->next, "take %s rolls in %d s", t->take, (int)((ahead_us + at->part_us + 999999) / 1000000));
}

/* The proof keeps a silent camera as recording; whether it still does nobody knows. */
static int
count_silent(const struct shower *s, const struct take *t)
{
	int n = 0;

	for (int i = 0; i < t->device_count; i++) {
		const struct crew_member *m = crew_find(s->deck->crew, t->devices[i].node);

		n += t->devices[i].state == TAKE_RECORDING && (m == NULL || m->link != HEALTH_LIVE);
	}
	return n;
}

static void
take_row(const struct shower *s, struct show_take *t, const struct manifest_take *of, const struct take *newest)
{
	struct take_counts c = of->counts;
	const struct show_when *when;

	memset(t, 0, sizeof *t);
	str_copy(t->take, sizeof t->take, of->take);
	str_copy(t->slate, sizeof t->slate, of->slate);
	if (newest != NULL && strcmp(newest->take, t->take) == 0) {
		take_counts(newest, &c);
		c.recording -= count_silent(s, newest);
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

/* The newest takes change all the time; those before it only when a take was told to have changed. */
static void
fill_takes(const struct shower *s, struct show *out)
{
	const struct manifest *m = sphere_manifest(s->deck->sphere);
	const struct take *newest = recordall_newest(s->deck->recordall);
	const int count = m->take_count < SHOW_TAKES ? m->take_count : SHOW_TAKES;
	const bool is_same = out->takes_total == s->takes_total && out->take_count == count;

	for (int i = 0; i < (is_same && count > 0 ? 1 : count); i++)
		take_row(s, &out->takes[i], &m->takes[m->take_count - 1 - i], newest);
	out->take_count = count;
	out->takes_total = s->takes_total;
}

/* A clock is compared every few seconds: only an age past that is one. */
static void
fill_arm(const struct shower *s, struct show *out, struct show_moment *at)
{
	arm_look(s->deck, &out->arm);
	for (int i = 0; i < out->arm.node_count; i++) {
		struct arm_node *n = &out->arm.nodes[i];

		if (n->clock_known)
			n->clock_age_us = n->clock_age_us > CLOCK_OLD_US ? show_age_of(at, n->clock_age_us) : 0;
	}
}

static void
fill_alarms(const struct shower *s, struct show *out)
{
	int total = vitals_alarm_count(s->deck->vitals);
	int first = total > SHOW_ALARMS ? total - SHOW_ALARMS : 0;

	out->alarm_total = total;
	for (int i = first; i < total; i++) {
		const struct alarms_one *a = vitals_alarm_at(s->deck->vitals, i);
		struct show_alarm *to = &out->alarms[out->alarm_count++];

		to->utc_us = a->time_us;
		to->over = a->over;
		str_copy(to->text, sizeof to->text, a->text);
		str_copy(to->brief, sizeof to->brief, a->brief);
	}
}

static void
fill_log(const struct shower *s, struct show *out)
{
	const int64_t count = s->log_total < SHOW_LOG ? s->log_total : SHOW_LOG;

	if (out->log_total == s->log_total)
		return;
	for (int64_t i = 0; i < count; i++) {
		const struct show_log *from = &s->log[(s->log_total - count + i) % SHOW_LOG];
		struct show_log *to = &out->log[i];

		to->utc_us = from->utc_us;
		str_copy(to->node, sizeof to->node, from->node);
		str_copy(to->topic, sizeof to->topic, from->topic);
		str_copy(to->text, sizeof to->text, from->text);
	}
	out->log_count = (int)count;
	out->log_total = s->log_total;
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
fill_strangers(const struct shower *s, struct show *out, int64_t now_us)
{
	char one[MAX_TEXT_FIELD];

	/* There may be thousands of places to look through. */
	if (out->strangers_total == s->strangers_total && now_us - out->strangers_us < STRANGERS_US)
		return;
	out->strangers_total = s->strangers_total;
	out->strangers_us = now_us;
	out->stranger_count = out->stranger_total = 0;
	for (int i = 0; crew_failed_at(s->deck->crew, i, one, sizeof one); i++) {
		out->stranger_total++;
		if (out->stranger_count < SHOW_STRANGERS)
			str_copy(out->strangers[out->stranger_count++], sizeof one, one);
	}
}

/* ---- all of it ---- */

/* By number.  Not by crew_at(): each of its calls begins at the first again. */
static int
members(const struct shower *s, const struct crew_member **out)
{
	struct registry *reg = crew_registry(s->deck->crew);
	int count = 0;

	for (size_t i = 0; i < registry_count(reg) && count < MAX_NODES; i++) {
		const struct crew_member *m = crew_find(s->deck->crew, registry_at(reg, i)->id);

		if (m != NULL)
			out[count++] = m;
	}
	return count;
}

static bool
is_idle(const struct shower *s, const struct crew_member *const *list, int count)
{
	for (int i = 0; i < count; i++)
		if (list[i]->rec != HEALTH_REC_NONE)
			return false;
	return !recordall_is_rolling(s->deck->recordall);
}

static void
fill_buses(const struct shower *s, struct show *out, struct show_moment *at)
{
	const char *pgm = director_program(s->deck->director), *pvw = director_preview(s->deck->director);
	const int64_t since_us = director_shot_us(s->deck->director);

	/* A shot's length is counted when shots are made: while something rolls, the beat runs, or cuts come by themselves. */
	const bool is_counted = !at->idle || metro_runs(s->deck->metro) || autodirector_is_on(s->deck->autodirector);

	str_copy(out->program, sizeof out->program, pgm != NULL ? pgm : "");
	str_copy(out->preview, sizeof out->preview, pvw != NULL ? pvw : "");
	out->shot_us = since_us <= 0 ? -1 : is_counted ? show_elapsed_of(at, at->utc_us - since_us) : show_age_of(at, at->utc_us - since_us);
}

void
shower_fill(struct shower *s, struct show *out)
{
	const struct crew_member *list[MAX_NODES];
	const int count = members(s, list);
	struct show_moment at = show_moment_of(s->deck->clk, is_idle(s, list, count));

	memset(out, 0, offsetof(struct show, tiles));
	str_copy(out->session, sizeof out->session, sphere_manifest(s->deck->sphere)->name);
	out->rehearsal = s->deck->rehearsal != NULL && rehearsal_is_on(s->deck->rehearsal);
	out->idle = at.idle;
	out->utc_us = at.utc_us;
	fill_buses(s, out, &at);
	for (int i = 0; i < count; i++)
		show_tile_fill(&out->tiles[out->tile_count++], s, list[i], &at);
	fill_tallies(out);
	fill_storage(out);
	fill_take(s, out, &at);
	fill_next(s, out, &at);
	show_beat_fill(s, out, &at);
	show_ahead_fill(s, out, &at);
	show_fetch_fill(s, out, &at);
	fill_takes(s, out);
	show_files_fill(s, out);
	fill_arm(s, out, &at);
	fill_alarms(s, out);
	fill_log(s, out);
	fill_strangers(s, out, at.now_us);
	if (out->tile_count == 0)
		fill_searching(s, out);
	str_copy(out->last, sizeof out->last, s->last);
	out->last_ok = s->last_ok;
	if (s->last_is_cut)
		show_last_cut(s, out);
	out->change_us = at.change_us;
}
