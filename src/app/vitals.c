/*
 * vitals.c - owns the patients: what is wrong with whom, told once until it is well again, and the alarms of it.
 * Hears the crew's judgement of each member.  Never judges a link itself, never repeats what stands already.
 */
#include "app/vitals_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/str.h"
#include "base/xalloc.h"

#define BRIEF_CELLS 49			/* beside its time and "[a] seen", on 80 columns */
#define BRIEF_NAME_CELLS 14

/* ---- Words ---- */

void
vitals_clock(char *out, size_t out_size, int64_t utc_us)
{
	const time_t seconds = (time_t)(utc_us / 1000000);
	struct tm tm;

	if (localtime_r(&seconds, &tm) == NULL || strftime(out, out_size, "%H:%M:%S", &tm) == 0)
		str_copy(out, out_size, "?");
}

void
vitals_name(const struct crew_member *m, char *out, size_t out_size)
{
	if (m->node->number > 0)
		snprintf(out, out_size, "%d %s", m->node->number, registry_name(m->node));
	else
		snprintf(out, out_size, "%s", registry_name(m->node));
}

void
vitals_target(const struct crew_member *m, char *out, size_t out_size)
{
	if (m->node->label[0] != '\0')
		str_word(out, out_size, m->node->label);
	else if (m->node->number > 0)
		snprintf(out, out_size, "%d", m->node->number);
	else
		str_word(out, out_size, m->node->id);
}

void
vitals_short_target(const struct crew_member *m, char *out, size_t out_size)
{
	if (m->node->number > 0)
		snprintf(out, out_size, "%d", m->node->number);
	else
		vitals_target(m, out, out_size);
}

bool
vitals_is_rolling(const struct crew_member *m)
{
	const struct node_health *h = &m->track.last;

	return h->has_recording && (h->recording.state == NODE_REC_RECORDING || h->recording.state == NODE_REC_STARTING);
}

/* "5 top STOPPED: heat  :record -t 5 start": the cure is what must not be cut. */
static void
brief_words(const struct crew_member *m, struct vitals_words w, char *out, size_t out_size)
{
	char name[MAX_NAME_BYTES + 16], cut[MAX_NAME_BYTES + 16], what[2 * MAX_NAME_BYTES], first[2 * MAX_NAME_BYTES], whole[3 * MAX_NAME_BYTES];
	const int cure_cells = w.cure[0] != '\0' ? str_cells(w.cure) + 2 : 0;

	vitals_name(m, name, sizeof name);
	str_cut(cut, sizeof cut, name, BRIEF_NAME_CELLS);
	snprintf(what, sizeof what, "%.270s %.200s", cut, w.brief);
	str_cut(first, sizeof first, what, BRIEF_CELLS - cure_cells > 20 ? BRIEF_CELLS - cure_cells : 20);
	snprintf(whole, sizeof whole, "%s%s%.200s", first, cure_cells > 0 ? "  " : "", w.cure);
	str_copy(out, out_size, whole);
}

static void
whole_words(const struct crew_member *m, const char *what, char *out)
{
	char name[MAX_NAME_BYTES + 16], text[MAX_TEXT_FIELD * 2];

	vitals_name(m, name, sizeof name);
	snprintf(text, sizeof text, "%s %s", name, what);
	str_cut(out, MAX_TEXT_FIELD, text, MAX_TEXT_FIELD);
}

void
vitals_add_name(char *names, size_t names_size, const struct crew_member *m, int index)
{
	const size_t len = strlen(names);
	char name[MAX_NAME_BYTES + 16], cut[MAX_NAME_BYTES];

	if (index >= VITALS_NAMED)
		return;
	vitals_name(m, name, sizeof name);
	str_cut(cut, sizeof cut, name, 14);
	snprintf(names + len, names_size - len, "%s%.90s", len > 0 ? ", " : "", cut);
}

/* ---- Patients ---- */

struct patient *
vitals_patient(struct vitals *v, const char *node)
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

bool
vitals_has(const struct patient *p, enum trouble trouble)
{
	return (p->has & 1u << trouble) != 0;
}

void
vitals_well(struct vitals *v, struct patient *p, enum trouble trouble)
{
	if (!vitals_has(p, trouble))
		return;
	p->has &= ~(1u << trouble);
	alarms_over(v->alarms, p->node, (int)trouble);
	if (trouble == TROUBLE_LOST)
		vitals_leave_many(v, p);
	if (trouble == TROUBLE_STOPPED)
		vitals_stopped_well(v, p);
}

void
vitals_ill(struct vitals *v, const struct crew_member *m, enum trouble trouble, struct vitals_words w, const char *format, ...)
{
	char what[MAX_TEXT_FIELD], text[MAX_TEXT_FIELD], brief[ALARMS_BRIEF];
	va_list ap;

	vitals_patient(v, m->node->id)->has |= 1u << trouble;
	va_start(ap, format);
	vsnprintf(what, sizeof what, format, ap);
	va_end(ap);
	whole_words(m, what, text);
	brief_words(m, w, brief, sizeof brief);
	if (!alarms_renew(v->alarms, m->node->id, (int)trouble, text, brief))
		alarms_add(v->alarms, m->node->id, (int)trouble, text, brief);
}

void
vitals_ill_again(struct vitals *v, const struct crew_member *m, enum trouble trouble, struct vitals_words w, const char *what)
{
	char text[MAX_TEXT_FIELD], brief[ALARMS_BRIEF];

	whole_words(m, what, text);
	brief_words(m, w, brief, sizeof brief);
	if (!alarms_again(v->alarms, m->node->id, (int)trouble, text, brief)) {
		vitals_ill(v, m, trouble, w, "%s", what);
		return;
	}
	vitals_patient(v, m->node->id)->has |= 1u << trouble;
	alarms_say(v->alarms, m->node->id, text);
}

void
vitals_retold(struct vitals *v, const struct crew_member *m, enum trouble trouble, struct vitals_words w, const char *what)
{
	char text[MAX_TEXT_FIELD], brief[ALARMS_BRIEF];

	whole_words(m, what, text);
	brief_words(m, w, brief, sizeof brief);
	alarms_retell(v->alarms, m->node->id, (int)trouble, text, brief);
}

void
vitals_worse(struct vitals *v, const struct crew_member *m, enum trouble trouble, struct vitals_words w, const char *what)
{
	char text[MAX_TEXT_FIELD];

	if (!alarms_stands(v->alarms, m->node->id, (int)trouble)) {
		vitals_ill(v, m, trouble, w, "%s", what);
		return;
	}
	vitals_retold(v, m, trouble, w, what);
	whole_words(m, what, text);
	alarms_say(v->alarms, m->node->id, text);
}

static void
settle_all(struct vitals *v, struct patient *p)
{
	for (int trouble = 0; trouble < TROUBLE_OTHER; trouble++)
		vitals_well(v, p, (enum trouble)trouble);
}

static void
check(struct vitals *v, const struct crew_member *m)
{
	struct patient *p = vitals_patient(v, m->node->id);

	if (m->node->out) {
		settle_all(v, p);
		return;
	}
	vitals_check_link(v, p, m);
	vitals_check_recording(v, p, m);
	vitals_check_state(v, p, m);
}

/* ---- The list ---- */

void
vitals_alarm(struct vitals *v, const char *node, const char *format, ...)
{
	char text[MAX_TEXT_FIELD], brief[ALARMS_BRIEF];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	str_cut(brief, sizeof brief, text, BRIEF_CELLS);
	alarms_add(v->alarms, node, TROUBLE_OTHER, text, brief);
}

void
vitals_trouble(struct vitals *v, int number, const char *format, ...)
{
	char text[MAX_TEXT_FIELD], brief[ALARMS_BRIEF];
	const int cause = TROUBLE_NUMBERED + number;
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	str_cut(brief, sizeof brief, text, BRIEF_CELLS);
	if (!alarms_retell(v->alarms, "", cause, text, brief) && !alarms_renew(v->alarms, "", cause, text, brief))
		alarms_add(v->alarms, NULL, cause, text, brief);
}

void
vitals_trouble_over(struct vitals *v, int number)
{
	alarms_over(v->alarms, "", TROUBLE_NUMBERED + number);
}

int
vitals_alarm_count(const struct vitals *v)
{
	return alarms_count(v->alarms);
}

const struct alarms_one *
vitals_alarm_at(const struct vitals *v, int index)
{
	return alarms_at(v->alarms, index);
}

void
vitals_seen(struct vitals *v, int count)
{
	alarms_seen(v->alarms, count);
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

/* text "": it is well. */
static void
archive_state(struct vitals *v, const char *text)
{
	char what[MAX_TEXT_FIELD];

	if (text == NULL || text[0] == '\0') {
		alarms_over(v->alarms, "", TROUBLE_ARCHIVE);
		return;
	}
	snprintf(what, sizeof what, "ARCHIVE: %.700s. Files wait on the cameras, and come home by themselves once it is mended; or bring them "
	    "elsewhere: :archive TARGET", text);
	if (alarms_stands(v->alarms, "", TROUBLE_ARCHIVE))
		alarms_retell(v->alarms, "", TROUBLE_ARCHIVE, what, "ARCHIVE in trouble: files wait  :view arm");
	else if (!alarms_renew(v->alarms, "", TROUBLE_ARCHIVE, what, "ARCHIVE in trouble: files wait  :view arm"))
		alarms_add(v->alarms, NULL, TROUBLE_ARCHIVE, what, "ARCHIVE in trouble: files wait  :view arm");
}

static void
news(void *arg, const struct bus_event *ev)
{
	struct vitals *v = arg;
	const struct crew_member *m = ev->node != NULL ? crew_find(v->crew, ev->node) : NULL;

	if (ev->kind == EV_NODE_GONE && ev->node != NULL)
		forget(v, ev->node);
	else if (ev->kind == EV_ARCHIVE_STATE)
		archive_state(v, ev->text);
	else if (ev->kind == EV_TAKE_CHANGED && ev->data != NULL)
		vitals_take_changed(v, ev->data);
	else if (ev->kind == EV_TAKE_UNSEEN && ev->node != NULL)
		vitals_take_unseen(v, ev->node, ev->text);
	else if (m != NULL && ev->kind == EV_STOPPED_UNASKED)
		vitals_stopped(v, m, ev->text);
	else if (m != NULL && ev->kind == EV_DID_NOT_ROLL)
		vitals_did_not_roll(v, m, ev->text);
	else if (m != NULL)
		check(v, m);
}

static const enum event_kind news_kinds[] = { EV_NODE_GONE, EV_STOPPED_UNASKED, EV_DID_NOT_ROLL, EV_TAKE_UNSEEN, EV_TAKE_CHANGED, EV_ARCHIVE_STATE, EV_NODE_STATE, EV_NODE_EVENT,
	EV_NODE_LIVE, EV_NODE_LOST, EV_CREW_CHANGED };

struct vitals *
vitals_new(struct loop *loop, struct crew *crew, struct bus *bus, const struct clk *clk, const struct opt_set *settings)
{
	struct vitals *v = xcalloc(1, sizeof *v);

	(void)settings;
	v->loop = loop;			/* the crew's judgement comes by itself, every 250 ms and on each word */
	v->lone = loop_timer_new(loop, vitals_lone, v);
	v->crew = crew;
	v->bus = bus;
	v->clk = clk;
	v->alarms = alarms_new(bus, clk);
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
	loop_timer_free(v->loop, v->lone);
	map_each(v->patients, free_each, NULL);
	map_free(v->patients);
	alarms_free(v->alarms);
	free(v);
}
