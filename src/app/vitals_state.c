/*
 * vitals_state.c - the troubles that a camera's own words show: a picture that stands still, little storage, an empty
 * battery, heat, a cloned id.  Each limit has one further up, so that no alarm comes and goes.
 */
#include "app/vitals_private.h"

#include <stdio.h>
#include <string.h>
#include "base/str.h"

#define SECOND_US 1000000LL
#define LAST_US (60 * SECOND_US)
#define STORAGE_LOW_MINUTES 5
#define STORAGE_WELL_MINUTES 10
#define BATTERY_LOW 0.10
#define BATTERY_WELL 0.15

static void
check_picture(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	if (!m->frozen) {
		vitals_well(v, p, TROUBLE_FROZEN);
	} else if (m->link == HEALTH_LIVE && !vitals_has(p, TROUBLE_FROZEN)) {
		bus_tell(v->bus, EV_FROZEN, p->node, "its pictures come, but stand still");
		vitals_ill(v, m, TROUBLE_FROZEN, (struct vitals_words){ "FROZEN", "restart its camera" },
		    "FROZEN: its pictures come, but stand still. Restart its camera; a cut to it needs --force");
	}
}

/* "4 min", "40 s": in steps of ten seconds, so that the words do not run. */
static void
room_words(char *out, size_t out_size, int64_t full_in_us, int minutes)
{
	if (full_in_us < 0)
		snprintf(out, out_size, "%d min", minutes);
	else if (full_in_us >= 60 * SECOND_US)
		snprintf(out, out_size, "%d min", (int)(full_in_us / (60 * SECOND_US)));
	else
		snprintf(out, out_size, "%d s", (int)(full_in_us / (10 * SECOND_US)) * 10);
}

/* While it records the forecast runs down, and the alarm that stands with it; the last minute is news again, seen or not. */
static void
storage_low(struct vitals *v, struct patient *p, const struct crew_member *m, int minutes)
{
	const int64_t full_in_us = health_full_in_us(&m->track);
	const bool is_last = full_in_us >= 0 && full_in_us < LAST_US;
	char target[MAX_NAME_BYTES + 8], room[24], brief[48], what[MAX_TEXT_FIELD];
	struct vitals_words words = { brief, "make room on it" };

	room_words(room, sizeof room, full_in_us, minutes);
	snprintf(brief, sizeof brief, full_in_us >= 0 ? "DISK FULL in %s" : "STORAGE %s", room);
	if (vitals_has(p, TROUBLE_STORAGE) && strcmp(brief, p->room) == 0)
		return;
	str_copy(p->room, sizeof p->room, brief);
	vitals_target(m, target, sizeof target);
	if (full_in_us >= 0) {
		snprintf(what, sizeof what, "DISK FULL in %s. Make room on it, or stop it before, and its file is whole: :record -t %.270s stop", room, target);
	} else {
		snprintf(what, sizeof what, "STORAGE for %s only. Make room on it%s%.270s%s", room, vitals_is_rolling(m) ? ", or :record -t " : "",
		    vitals_is_rolling(m) ? target : "", vitals_is_rolling(m) ? " stop before it is full" : "");
	}
	if (is_last && !p->is_last_minute)
		vitals_worse(v, m, TROUBLE_STORAGE, words, what);
	else if (vitals_has(p, TROUBLE_STORAGE))
		vitals_retold(v, m, TROUBLE_STORAGE, words, what);
	else
		vitals_ill(v, m, TROUBLE_STORAGE, words, "%s", what);
	p->is_last_minute = is_last;
}

static void
check_storage(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	const int minutes = m->track.last.has_storage ? health_room_minutes(&m->track) : -1;

	if (minutes < 0 || minutes >= STORAGE_WELL_MINUTES) {
		vitals_well(v, p, TROUBLE_STORAGE);
		p->is_last_minute = false;
	} else if (m->link == HEALTH_LIVE && (minutes < STORAGE_LOW_MINUTES || vitals_has(p, TROUBLE_STORAGE))) {
		storage_low(v, p, m, minutes);
	}
}

static void
check_battery(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	const struct node_health *h = &m->track.last;
	const int percent = (int)(h->battery * 100);
	char left[48] = "", brief[32];

	if (!h->has_battery || h->charging || h->battery >= BATTERY_WELL) {
		vitals_well(v, p, TROUBLE_BATTERY);
	} else if (h->battery < BATTERY_LOW && !vitals_has(p, TROUBLE_BATTERY)) {
		if (h->minutes_left >= 0)
			snprintf(left, sizeof left, ", %d min left", h->minutes_left);
		snprintf(brief, sizeof brief, "BATTERY %d %%", percent);
		vitals_ill(v, m, TROUBLE_BATTERY, (struct vitals_words){ brief, "plug it in" }, "BATTERY %d %%%s. Plug it in", percent, left);
	}
}

static void
check_heat(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	const char *thermal = m->track.last.thermal;
	const bool is_hot = strcmp(thermal, "critical") == 0, is_warm = is_hot || strcmp(thermal, "serious") == 0;

	if (!is_hot)
		vitals_well(v, p, TROUBLE_HOT);
	if (!is_warm)
		vitals_well(v, p, TROUBLE_WARM);
	if (is_hot && !vitals_has(p, TROUBLE_HOT)) {
		p->has |= 1u << TROUBLE_WARM;	/* coming down again is no new alarm */
		vitals_ill(v, m, TROUBLE_HOT, (struct vitals_words){ "HEAT CRITICAL", "cool it" },
		    "HEAT CRITICAL: it may stop by itself any moment. Cool it, and have another ready: :preview NODE");
	} else if (is_warm && !vitals_has(p, TROUBLE_WARM)) {
		vitals_ill(v, m, TROUBLE_WARM, (struct vitals_words){ "HEAT SERIOUS", "cool it" },
		    "HEAT SERIOUS: it may stop by itself. Cool it: shade, air, no charging");
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
		vitals_well(v, p, TROUBLE_CONFLICT);
	else if (first != NULL && first != m->node && !vitals_has(p, TROUBLE_CONFLICT))
		vitals_ill(v, m, TROUBLE_CONFLICT, (struct vitals_words){ "CONFLICT: a clone", "reset its app" },
		    "CONFLICT: it is another device with the id of %.100s. Give one an id of its own: reset its camera app. Both can be used",
		    registry_name(first));
}

/* Whoever holds it alone can make it roll; in our show it is a picture and no more. */
static void
check_held(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	char target[MAX_NAME_BYTES + 8], cure[MAX_NAME_BYTES + 48];

	if (m->node->held_by[0] == '\0') {
		vitals_well(v, p, TROUBLE_HELD);
	} else if (m->link == HEALTH_LIVE && !vitals_has(p, TROUBLE_HELD)) {
		vitals_target(m, target, sizeof target);
		snprintf(cure, sizeof cure, "release it there, or :out %s", target);
		vitals_ill(v, m, TROUBLE_HELD, (struct vitals_words){ "HELD elsewhere", cure },
		    "HELD by %.200s: it takes no command of ours. Release it there, or :out %s. Free by itself 10 min after that console has gone",
		    m->node->held_by, target);
	}
}

void
vitals_check_state(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	check_picture(v, p, m);
	check_storage(v, p, m);
	check_battery(v, p, m);
	check_heat(v, p, m);
	check_conflict(v, p, m);
	check_held(v, p, m);
}
