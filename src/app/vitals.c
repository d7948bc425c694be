/*
 * vitals.c - owns the alarms: what is wrong with whom, since when, and what cures it, kept until it is seen.
 * Hears the crew's judgement of each member and says frozen, not-writing and alarm.  Never judges a link itself.
 */
#include "app/vitals.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/map.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/take.h"

#define ALARMS_KEPT 64
#define AGAIN_US 10000000		/* what comes back sooner is the same alarm: a camera that flaps fills no list */
#define STORAGE_LOW_MINUTES 5
#define STORAGE_WELL_MINUTES 10		/* further up than the alarm, so that it does not come and go */
#define BATTERY_LOW 0.10
#define BATTERY_WELL 0.15

enum trouble { TROUBLE_LOST, TROUBLE_STOPPED, TROUBLE_NO_ROLL, TROUBLE_UNSEEN, TROUBLE_NOT_WRITING, TROUBLE_FROZEN, TROUBLE_STORAGE, TROUBLE_BATTERY,
	TROUBLE_WARM, TROUBLE_HOT, TROUBLE_CONFLICT, TROUBLE_OTHER };

struct patient {			/* one member, as it was when last looked at */
	char node[ID_BYTES];
	unsigned has;			/* 1u << enum trouble: told, and still so */
	int64_t rec_since_us;		/* of the recording it is or was last in, node's clock; 0 = none */
	int64_t ran_us;			/* that ended by itself, as far as the take knows; -1: not known */
	char cause[MAX_TEXT_FIELD];	/* of that; "" = none was given */
};

struct alarm {
	struct vitals_alarm pub;
	enum trouble trouble;
	int64_t told_us;		/* monotonic, when its cause last came */
};

struct vitals {
	struct crew *crew;
	struct bus *bus;
	const struct clk *clk;
	struct map *patients;		/* node id -> struct patient */
	int count;
	struct alarm alarms[ALARMS_KEPT];	/* oldest first */
};

/* ---- The list of alarms ---- */

static void
tell_changed(struct vitals *v, const char *node)
{
	bus_tell(v->bus, EV_ALARMS_CHANGED, node, "%d", v->count);
}

/* A full list loses its oldest alarm that is over, else its oldest. */
static void
make_room(struct vitals *v)
{
	int drop = 0;

	if (v->count < ALARMS_KEPT)
		return;
	for (int i = ALARMS_KEPT - 1; i >= 0; i--)
		if (v->alarms[i].pub.over)
			drop = i;
	memmove(&v->alarms[drop], &v->alarms[drop + 1], (size_t)(ALARMS_KEPT - drop - 1) * sizeof v->alarms[0]);
	v->count--;
}

static void
add_alarm(struct vitals *v, const char *node, enum trouble trouble, const char *text)
{
	struct alarm *a;
	struct bus_event ev = { .kind = EV_ALARM, .node = node, .text = text };

	make_room(v);
	a = &v->alarms[v->count++];
	*a = (struct alarm){ .trouble = trouble, .told_us = clk_mono_us(v->clk) };
	a->pub.time_us = clk_utc_us(v->clk);
	if (node != NULL)
		str_copy(a->pub.node, sizeof a->pub.node, node);
	str_copy(a->pub.text, sizeof a->pub.text, text);
	ev.time_us = a->pub.time_us;
	bus_say(v->bus, &ev);
	tell_changed(v, node);
}

/* Over a moment ago and back again: the alarm stands again, newest, with its first time. */
static bool
renew_alarm(struct vitals *v, const char *node, enum trouble trouble, const char *text)
{
	const int64_t now_us = clk_mono_us(v->clk);
	struct alarm again;

	for (int i = v->count - 1; i >= 0; i--) {
		again = v->alarms[i];
		if (again.trouble != trouble || !again.pub.over || strcmp(again.pub.node, node) != 0 || now_us - again.told_us > AGAIN_US)
			continue;
		memmove(&v->alarms[i], &v->alarms[i + 1], (size_t)(v->count - i - 1) * sizeof v->alarms[0]);
		again.pub.over = false;
		again.told_us = now_us;
		str_copy(again.pub.text, sizeof again.pub.text, text);
		v->alarms[v->count - 1] = again;
		tell_changed(v, node);
		return true;
	}
	return false;
}

void
vitals_alarm(struct vitals *v, const char *node, const char *format, ...)
{
	char text[MAX_TEXT_FIELD];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	add_alarm(v, node, TROUBLE_OTHER, text);
}

int
vitals_alarm_count(const struct vitals *v)
{
	return v->count;
}

const struct vitals_alarm *
vitals_alarm_at(const struct vitals *v, int index)
{
	return index >= 0 && index < v->count ? &v->alarms[index].pub : NULL;
}

void
vitals_seen(struct vitals *v, int count)
{
	if (v->count == 0 || count == 0)
		return;
	v->count -= count < 0 || count > v->count ? v->count : count;
	tell_changed(v, NULL);
}

/* ---- Patients ---- */

static struct patient *
patient_of(struct vitals *v, const char *node)
{
	struct patient *p = map_get(v->patients, node);

	if (p != NULL)
		return p;
	p = xcalloc(1, sizeof *p);
	str_copy(p->node, sizeof p->node, node);
	p->ran_us = -1;
	map_put(v->patients, p->node, p);
	return p;
}

static bool
has(const struct patient *p, enum trouble trouble)
{
	return (p->has & 1u << trouble) != 0;
}

/* The cause is gone; the alarm stays until it is seen, but says so. */
static void
is_well(struct vitals *v, struct patient *p, enum trouble trouble)
{
	bool any = false;

	if (!has(p, trouble))
		return;
	p->has &= ~(1u << trouble);
	for (int i = 0; i < v->count; i++) {
		struct alarm *a = &v->alarms[i];

		if (a->trouble != trouble || a->pub.over || strcmp(a->pub.node, p->node) != 0)
			continue;
		a->pub.over = any = true;
	}
	if (any)
		tell_changed(v, p->node);
}

/* "5 top" */
static void
call_name(const struct crew_member *m, char *out, size_t out_size)
{
	if (m->node->number > 0)
		snprintf(out, out_size, "%d %s", m->node->number, registry_name(m->node));
	else
		snprintf(out, out_size, "%s", registry_name(m->node));
}

/* How a command names it: its label, else its number. */
static void
target_name(const struct crew_member *m, char *out, size_t out_size)
{
	if (m->node->label[0] != '\0')
		str_word(out, out_size, m->node->label);
	else if (m->node->number > 0)
		snprintf(out, out_size, "%d", m->node->number);
	else
		str_word(out, out_size, m->node->id);
}

/* What is wrong, then what to do: said once, until it was well again. */
static void __attribute__((format(printf, 4, 5)))
is_ill(struct vitals *v, const struct crew_member *m, enum trouble trouble, const char *format, ...)
{
	struct patient *p = patient_of(v, m->node->id);
	char name[MAX_NAME_BYTES + 16], what[MAX_TEXT_FIELD], text[MAX_TEXT_FIELD * 2];
	char cut[MAX_TEXT_FIELD];
	va_list ap;

	p->has |= 1u << trouble;
	call_name(m, name, sizeof name);
	va_start(ap, format);
	vsnprintf(what, sizeof what, format, ap);
	va_end(ap);
	snprintf(text, sizeof text, "%s %s", name, what);
	str_cut(cut, sizeof cut, text, MAX_TEXT_FIELD);
	if (!renew_alarm(v, p->node, trouble, cut))
		add_alarm(v, p->node, trouble, cut);
}

/* ---- The troubles ---- */

static void
clock_words(char *out, size_t out_size, int64_t utc_us)
{
	const time_t seconds = (time_t)(utc_us / 1000000);
	struct tm tm;

	if (localtime_r(&seconds, &tm) == NULL || strftime(out, out_size, "%H:%M:%S", &tm) == 0)
		str_copy(out, out_size, "?");
}

static bool
is_rolling(const struct crew_member *m)
{
	const struct node_health *h = &m->track.last;

	return h->has_recording && (h->recording.state == NODE_REC_RECORDING || h->recording.state == NODE_REC_STARTING);
}

static void
lost(struct vitals *v, const struct crew_member *m)
{
	const int64_t silent_us = clk_mono_us(v->clk) - m->track.heard_us;
	char when[16];

	clock_words(when, sizeof when, clk_utc_us(v->clk) - silent_us);
	if (m->node->view_only)
		is_ill(v, m, TROUBLE_LOST, "LOST: no picture since %s. It is fetched again by itself; see to its power and network", when);
	else if (is_rolling(m))
		is_ill(v, m, TROUBLE_LOST, "LOST. Was REC when last heard %s; a camera rolls on alone. It is tried again by itself; "
		    "with a new address: :node add ADDRESS", when);
	else
		is_ill(v, m, TROUBLE_LOST, "LOST%s, last heard %s. It is tried again by itself; with a new address: :node add ADDRESS",
		    m->said_bye ? ": it said bye" : "", when);
}

static void
check_link(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	if (m->link == HEALTH_LIVE) {
		is_well(v, p, TROUBLE_LOST);
		is_well(v, p, TROUBLE_UNSEEN);
	} else if (m->link == HEALTH_LOST && !has(p, TROUBLE_LOST)) {
		lost(v, m);
	}
}

/* What a hand can do about a recording that ended by itself. */
static const char *
first_aid(const char *reason)
{
	static const struct { const char *reason, *aid; } aids[] = {
		{ "heat", "Cool it" },
		{ "storage_full", "Make room on it" },
		{ "battery", "Plug it in" },
		{ "interrupted", "See what interrupted it" },
		{ "camera_lost", "See to its camera" },
		{ "crash", "See that its app runs" },
	};

	for (size_t i = 0; i < sizeof aids / sizeof *aids; i++)
		if (strcmp(aids[i].reason, reason) == 0)
			return aids[i].aid;
	return "See to it";
}

/* The file, or the camera's last word, knows better how long it ran than the moment in which that was found out. */
static void __attribute__((noinline))
stopped_text(struct vitals *v, const struct patient *p, const struct crew_member *m, const char *told, char *out, size_t out_size)
{
	const char *said = m->track.last.recording.error;
	const char *reason = p->cause[0] != '\0' ? p->cause : said[0] != '\0' ? said : told;
	int64_t ran_us = p->ran_us;
	char after[48] = "", clock[32], target[MAX_NAME_BYTES + 8];

	if (ran_us < 0 && p->rec_since_us > 0)
		ran_us = crew_to_node(v->crew, p->node, clk_utc_us(v->clk)) - p->rec_since_us;
	if (ran_us >= 0) {
		str_clock(clock, sizeof clock, ran_us);
		snprintf(after, sizeof after, " after %s", clock);
	}
	target_name(m, target, sizeof target);
	snprintf(out, out_size, "STOPPED BY ITSELF%s: %.400s. %s, then :record -t %s start", after,
	    reason[0] != '\0' ? reason : "it gave no reason", first_aid(reason), target);
}

static void
stopped_unasked(struct vitals *v, const struct crew_member *m, const char *told)
{
	struct patient *p = patient_of(v, m->node->id);
	char text[MAX_TEXT_FIELD];

	if (m->node->out || has(p, TROUBLE_STOPPED))
		return;
	/* Ours, not the camera's word: it stands in the sentence already. */
	if (told == NULL || str_has_prefix(told, "stopped by itself"))
		told = "";
	stopped_text(v, p, m, told, text, sizeof text);
	is_ill(v, m, TROUBLE_STOPPED, "%s", text);
}

/* A camera that comes back after a crash names the cause, and lists the file, a moment after it was found stopped. */
static void
stopped_retold(struct vitals *v, const struct patient *p, const struct crew_member *m)
{
	char name[MAX_NAME_BYTES + 16], what[MAX_TEXT_FIELD], text[MAX_TEXT_FIELD * 2];

	call_name(m, name, sizeof name);
	stopped_text(v, p, m, "", what, sizeof what);
	snprintf(text, sizeof text, "%s %s", name, what);
	for (int i = 0; i < v->count; i++) {
		struct alarm *a = &v->alarms[i];

		if (a->trouble != TROUBLE_STOPPED || a->pub.over || strcmp(a->pub.node, p->node) != 0)
			continue;
		str_cut(a->pub.text, sizeof a->pub.text, text, MAX_TEXT_FIELD);
		tell_changed(v, p->node);
	}
}

static void
take_changed(struct vitals *v, const struct take *t)
{
	for (int i = 0; i < t->device_count; i++) {
		const struct take_device *d = &t->devices[i];
		const struct crew_member *m = crew_find(v->crew, d->node);
		const char *cause = take_cause(d);
		struct patient *p;

		if (m == NULL || !take_stopped_unasked(d))
			continue;
		p = patient_of(v, d->node);
		if (p->ran_us == take_ran_us(d) && strcmp(p->cause, cause) == 0)
			continue;
		p->ran_us = take_ran_us(d);
		str_copy(p->cause, sizeof p->cause, cause);
		if (has(p, TROUBLE_STOPPED))
			stopped_retold(v, p, m);
	}
}

static void
did_not_roll(struct vitals *v, const struct crew_member *m, const char *reason)
{
	char target[MAX_NAME_BYTES + 8];

	if (m->node->out)
		return;
	target_name(m, target, sizeof target);
	is_ill(v, m, TROUBLE_NO_ROLL, "DID NOT ROLL: %s. See to it, then :record -t %s start", reason, target);
}

static void
take_unseen(struct vitals *v, const char *node, const char *take)
{
	const struct crew_member *m = crew_find(v->crew, node);

	if (m == NULL)
		vitals_alarm(v, node, "%s of take %s is not in the show: it may roll on alone. Add it: :node add ADDRESS", node, take);
	else if (!m->node->out)
		is_ill(v, m, TROUBLE_UNSEEN, "NOT SEEN since this console took take %s over: it may roll on alone. It is tried "
		    "by itself; with a new address: :node add ADDRESS", take);
}

static void
check_recording(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	char target[MAX_NAME_BYTES + 8];

	if (is_rolling(m)) {
		p->rec_since_us = m->track.last.recording.since_us;
		if (m->rec == HEALTH_REC_RECORDING) {
			is_well(v, p, TROUBLE_STOPPED);
			is_well(v, p, TROUBLE_NO_ROLL);
			p->ran_us = -1;
			p->cause[0] = '\0';
		}
	}
	if (m->rec != HEALTH_REC_NOT_WRITING) {
		is_well(v, p, TROUBLE_NOT_WRITING);
	} else if (m->link == HEALTH_LIVE && !has(p, TROUBLE_NOT_WRITING)) {
		target_name(m, target, sizeof target);
		bus_tell(v->bus, EV_NOT_WRITING, p->node, "its file has not grown for 10 s");
		is_ill(v, m, TROUBLE_NOT_WRITING, "NOT WRITING: it says recording, but its file does not grow. Roll it anew: "
		    ":record -t %s stop, then :record -t %s start", target, target);
	}
}

static void
check_picture(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	if (!m->frozen) {
		is_well(v, p, TROUBLE_FROZEN);
	} else if (m->link == HEALTH_LIVE && !has(p, TROUBLE_FROZEN)) {
		bus_tell(v->bus, EV_FROZEN, p->node, "its pictures come, but stand still");
		is_ill(v, m, TROUBLE_FROZEN, "FROZEN: its pictures come, but stand still. Restart its camera; "
		    "a cut to it needs --force");
	}
}

static void
check_storage(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	const int minutes = m->track.last.has_storage ? health_storage_minutes(&m->track.last) : -1;
	char target[MAX_NAME_BYTES + 8];

	if (minutes < 0 || minutes >= STORAGE_WELL_MINUTES) {
		is_well(v, p, TROUBLE_STORAGE);
	} else if (minutes < STORAGE_LOW_MINUTES && !has(p, TROUBLE_STORAGE)) {
		target_name(m, target, sizeof target);
		is_ill(v, m, TROUBLE_STORAGE, "STORAGE for %d min only. Make room on it%s%s%s", minutes,
		    is_rolling(m) ? ", or :record -t " : "", is_rolling(m) ? target : "", is_rolling(m) ? " stop before it is full" : "");
	}
}

static void
check_battery(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	const struct node_health *h = &m->track.last;
	char left[48] = "";

	if (!h->has_battery || h->charging || h->battery >= BATTERY_WELL) {
		is_well(v, p, TROUBLE_BATTERY);
	} else if (h->battery < BATTERY_LOW && !has(p, TROUBLE_BATTERY)) {
		if (h->minutes_left >= 0)
			snprintf(left, sizeof left, ", %d min left", h->minutes_left);
		is_ill(v, m, TROUBLE_BATTERY, "BATTERY %d %%%s. Plug it in", (int)(h->battery * 100), left);
	}
}

static void
check_heat(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	const char *thermal = m->track.last.thermal;
	const bool is_hot = strcmp(thermal, "critical") == 0, is_warm = is_hot || strcmp(thermal, "serious") == 0;

	if (!is_hot)
		is_well(v, p, TROUBLE_HOT);
	if (!is_warm)
		is_well(v, p, TROUBLE_WARM);
	if (is_hot && !has(p, TROUBLE_HOT)) {
		p->has |= 1u << TROUBLE_WARM;	/* coming down again is no new alarm */
		is_ill(v, m, TROUBLE_HOT, "HEAT CRITICAL: it may stop by itself any moment. Cool it, and have another ready: :preview NODE");
	} else if (is_warm && !has(p, TROUBLE_WARM)) {
		is_ill(v, m, TROUBLE_WARM, "HEAT SERIOUS: it may stop by itself. Cool it: shade, air, no charging");
	}
}

/* Told of the one that came second; the first keeps the id, and its name stands in the sentence. */
static void
check_conflict(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	const size_t whole = strcspn(p->node, "#");	/* "ID#2" stands in for the second with that id */
	const struct registry_node *first;
	char id[ID_BYTES];

	snprintf(id, sizeof id, "%.*s", (int)whole, p->node);
	first = registry_find(crew_registry(v->crew), id);
	if (!m->node->conflict)
		is_well(v, p, TROUBLE_CONFLICT);
	else if (first != NULL && first != m->node && !has(p, TROUBLE_CONFLICT))
		is_ill(v, m, TROUBLE_CONFLICT, "CONFLICT: it is another device with the id of %.100s, a cloned phone. Both can be used; "
		    "give one an id of its own: reset its camera app", registry_name(first));
}

static void
settle_all(struct vitals *v, struct patient *p)
{
	for (int trouble = 0; trouble < TROUBLE_OTHER; trouble++)
		is_well(v, p, (enum trouble)trouble);
}

static void
check(struct vitals *v, const struct crew_member *m)
{
	struct patient *p = patient_of(v, m->node->id);

	if (m->node->out) {
		settle_all(v, p);
		return;
	}
	check_link(v, p, m);
	check_recording(v, p, m);
	check_picture(v, p, m);
	check_storage(v, p, m);
	check_battery(v, p, m);
	check_heat(v, p, m);
	check_conflict(v, p, m);
}

/* ---- News ---- */

static void
forget(struct vitals *v, const char *node)
{
	struct patient *p = map_take(v->patients, node);

	if (p == NULL)
		return;
	settle_all(v, p);
	free(p);
}

static void
news(void *arg, const struct bus_event *ev)
{
	struct vitals *v = arg;
	const struct crew_member *m = ev->node != NULL ? crew_find(v->crew, ev->node) : NULL;

	if (ev->kind == EV_NODE_GONE && ev->node != NULL)
		forget(v, ev->node);
	else if (ev->kind == EV_TAKE_CHANGED && ev->data != NULL)
		take_changed(v, ev->data);
	else if (ev->kind == EV_TAKE_UNSEEN && ev->node != NULL)
		take_unseen(v, ev->node, ev->text);
	else if (m != NULL && ev->kind == EV_STOPPED_UNASKED)
		stopped_unasked(v, m, ev->text);
	else if (m != NULL && ev->kind == EV_DID_NOT_ROLL)
		did_not_roll(v, m, ev->text);
	else if (m != NULL)
		check(v, m);
}

static const enum event_kind news_kinds[] = { EV_NODE_GONE, EV_STOPPED_UNASKED, EV_DID_NOT_ROLL, EV_TAKE_UNSEEN, EV_TAKE_CHANGED, EV_NODE_STATE, EV_NODE_EVENT,
	EV_NODE_LIVE, EV_NODE_LOST, EV_CREW_CHANGED };

struct vitals *
vitals_new(struct loop *loop, struct crew *crew, struct bus *bus, const struct clk *clk, const struct opt_set *settings)
{
	struct vitals *v = xcalloc(1, sizeof *v);

	(void)loop;		/* the crew's judgement comes by itself, every 250 ms and on each word */
	(void)settings;
	v->crew = crew;
	v->bus = bus;
	v->clk = clk;
	v->patients = map_new();
	for (size_t i = 0; i < sizeof news_kinds / sizeof *news_kinds; i++)
		bus_listen(bus, news_kinds[i], news, v);
	return v;
}

static void
free_each(void *arg, const char *key, void *value)
{
	(void)arg;
	(void)key;
	free(value);
}

void
vitals_free(struct vitals *v)
{
	if (v == NULL)
		return;
	bus_unlisten(v->bus, news, v);
	map_each(v->patients, free_each, NULL);
	map_free(v->patients);
	free(v);
}
