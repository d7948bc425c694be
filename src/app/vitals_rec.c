/*
 * vitals_rec.c - the troubles of recordings: one that ended by itself, one that never began, one whose file stands
 * still, one that nobody sees.  Never judges a take: it words what recordall and the crew have found.
 */
#include "app/vitals_private.h"

#include <stdio.h>
#include <string.h>
#include "base/str.h"

/* What a hand can do about a recording that ended by itself, and the reason in a word. */
static const struct aid { const char *reason, *aid, *word; } aids[] = {
	{ "heat", "Cool it", "heat" },
	{ "storage_full", "Make room on it", "full" },
	{ "battery", "Plug it in", "battery" },
	{ "interrupted", "See what interrupted it", "broken off" },
	{ "camera_lost", "See to its camera", "no camera" },
	{ "crash", "See that its app runs", "crash" },
};

static const struct aid *
aid_for(const char *reason)
{
	for (size_t i = 0; i < sizeof aids / sizeof *aids; i++)
		if (strcmp(aids[i].reason, reason) == 0)
			return &aids[i];
	return NULL;
}

struct stopped_words { char brief[64], cure[MAX_NAME_BYTES + 32], what[MAX_TEXT_FIELD]; };

/* The file, or the camera's last word, knows better how long it ran than the moment in which that was found out. */
static void
stopped_after(struct vitals *v, const struct patient *p, char *out, size_t out_size)
{
	int64_t ran_us = p->ran_us;
	char clock[32];

	if (ran_us < 0 && p->rec_since_us > 0)
		ran_us = crew_to_node(v->crew, p->node, clk_utc_us(v->clk)) - p->rec_since_us;
	out[0] = '\0';
	if (ran_us < 0)
		return;
	str_clock(clock, sizeof clock, ran_us);
	snprintf(out, out_size, " after %s", clock);
}

static void
stopped_words(struct vitals *v, const struct patient *p, const struct crew_member *m, const char *told, struct stopped_words *w)
{
	const char *said = m->track.last.recording.error;
	const char *reason = p->cause[0] != '\0' ? p->cause : said[0] != '\0' ? said : told;
	const struct aid *aid = aid_for(reason);
	char after[48], target[MAX_NAME_BYTES + 8];

	stopped_after(v, p, after, sizeof after);
	vitals_short_target(m, target, sizeof target);
	snprintf(w->cure, sizeof w->cure, ":record -t %s start", target);
	vitals_target(m, target, sizeof target);
	snprintf(w->brief, sizeof w->brief, "STOPPED%s%.40s", aid != NULL ? ": " : "", aid != NULL ? aid->word : "");
	snprintf(w->what, sizeof w->what, "STOPPED BY ITSELF%s: %.400s. %s, then :record -t %.270s start", after,
	    reason[0] != '\0' ? reason : "it gave no reason", aid != NULL ? aid->aid : "See to it", target);
}

/* ---- Many that stopped ---- */

#define TARGETS_CELLS 16		/* so many leave room for the rest of the brief */

struct stopped_many { int count; bool is_one_cause, is_too_long; char names[400], targets[64]; const char *cause; };

/* Those who are folded, by number; the cure names every one of them, as long as that is a line that can be typed. */
static void
count_stopped(const struct vitals *v, struct stopped_many *all)
{
	*all = (struct stopped_many){ .is_one_cause = true };
	for (int i = 0; i < crew_count(v->crew); i++) {
		const struct crew_member *m = crew_at(v->crew, i);
		const struct patient *p = map_get(v->patients, m->node->id);
		const size_t len = strlen(all->targets);
		char target[MAX_NAME_BYTES + 8];
		const char *cause;

		if (p == NULL || !p->is_stop_folded)
			continue;
		cause = p->cause[0] != '\0' ? p->cause : m->track.last.recording.error;
		all->is_one_cause = all->is_one_cause && (all->count == 0 || strcmp(all->cause, cause) == 0);
		all->cause = cause;
		vitals_add_name(all->names, sizeof all->names, m, all->count++);
		vitals_short_target(m, target, sizeof target);
		all->is_too_long = all->is_too_long || len + strlen(target) + 1 > TARGETS_CELLS;
		if (!all->is_too_long)
			snprintf(all->targets + len, sizeof all->targets - len, "%s%.40s", len > 0 ? "," : "", target);
	}
}

static void
tell_stopped_many(struct vitals *v, int64_t since_us)
{
	struct stopped_many all;
	char text[MAX_TEXT_FIELD], brief[ALARMS_BRIEF], more[32] = "", cure[96] = ":view health";
	const char *cause = "their causes are in :view health";
	const struct aid *aid;

	count_stopped(v, &all);
	aid = all.is_one_cause && all.cause != NULL ? aid_for(all.cause) : NULL;
	if (aid != NULL)
		cause = aid->reason;
	else if (all.is_one_cause && all.cause != NULL)
		cause = all.cause[0] != '\0' ? all.cause : "no reason given";
	if (all.count > VITALS_NAMED)
		snprintf(more, sizeof more, " and %d more", all.count - VITALS_NAMED);
	if (!all.is_too_long)
		snprintf(cure, sizeof cure, ":record -t %s start", all.targets);
	snprintf(text, sizeof text, "%d %s: %s%s: %.200s. %s, then %s", all.count,
	    all.count == 1 ? "camera STOPPED BY ITSELF" : "cameras STOPPED BY THEMSELVES", all.names, more,
	    cause, aid != NULL ? aid->aid : "See to them", cure);
	snprintf(brief, sizeof brief, "%d STOPPED%s%s  %s", all.count, aid != NULL ? ": " : "", aid != NULL ? aid->word : "", cure);
	if (!alarms_retell(v->alarms, "", TROUBLE_STOPPED_MANY, text, brief))
		alarms_put(v->alarms, "", TROUBLE_STOPPED_MANY, since_us, text, brief);
}

struct stop_blow { struct vitals *v; int64_t now_us, since_us; int count, folded; };

static bool
is_of_stop(const struct patient *p, int64_t now_us)
{
	return vitals_has(p, TROUBLE_STOPPED) && now_us - p->stopped_us <= VITALS_AT_ONCE_US;
}

static void
count_stop(void *arg, const char *key, void *value)
{
	struct stop_blow *b = arg;
	const struct patient *p = value;

	(void)key;
	b->count += is_of_stop(p, b->now_us);
	b->folded += p->is_stop_folded;
}

/* Their own alarms go; the first of them says since when. */
static void
fold_stop(void *arg, const char *key, void *value)
{
	struct stop_blow *b = arg;
	struct patient *p = value;
	int64_t time_us;

	(void)key;
	if (!is_of_stop(p, b->now_us))
		return;
	p->is_stop_folded = true;
	time_us = alarms_drop(b->v->alarms, p->node, TROUBLE_STOPPED);
	if (time_us > 0 && (b->since_us == 0 || time_us < b->since_us))
		b->since_us = time_us;
}

static void
fold_stopped(struct vitals *v, struct patient *p)
{
	struct stop_blow b = { .v = v, .now_us = clk_mono_us(v->clk) };

	p->stopped_us = b.now_us;
	map_each(v->patients, count_stop, &b);
	if (b.count < VITALS_MANY)
		return;
	map_each(v->patients, fold_stop, &b);
	tell_stopped_many(v, b.since_us);
}

void
vitals_stopped_well(struct vitals *v, struct patient *p)
{
	struct stop_blow b = { .v = v };

	if (!p->is_stop_folded)
		return;
	p->is_stop_folded = false;
	map_each(v->patients, count_stop, &b);
	/* Those that are left stand in the line as before; the last one ends it. */
	if (b.folded == 0)
		alarms_over(v->alarms, "", TROUBLE_STOPPED_MANY);
	else if (alarms_stands(v->alarms, "", TROUBLE_STOPPED_MANY))
		tell_stopped_many(v, 0);
}

void
vitals_stopped(struct vitals *v, const struct crew_member *m, const char *told)
{
	struct patient *p = vitals_patient(v, m->node->id);
	struct stopped_words w;

	if (m->node->out || vitals_has(p, TROUBLE_STOPPED))
		return;
	/* Ours, not the camera's word: it stands in the sentence already. */
	if (told == NULL || str_has_prefix(told, "stopped by itself"))
		told = "";
	stopped_words(v, p, m, told, &w);
	vitals_ill(v, m, TROUBLE_STOPPED, (struct vitals_words){ w.brief, w.cure }, "%s", w.what);	/* news of its own in any case */
	fold_stopped(v, p);
}

/* A camera that comes back after a crash names the cause, and lists the file, a moment after it was found stopped. */
static void
device_changed(struct vitals *v, const struct take_device *d)
{
	const struct crew_member *m = crew_find(v->crew, d->node);
	const char *cause = take_cause(d);
	struct stopped_words w;
	struct patient *p;

	if (m == NULL || !take_stopped_unasked(d))
		return;
	p = vitals_patient(v, d->node);
	if (p->ran_us == take_ran_us(d) && strcmp(p->cause, cause) == 0)
		return;
	p->ran_us = take_ran_us(d);
	str_copy(p->cause, sizeof p->cause, cause);
	if (!vitals_has(p, TROUBLE_STOPPED))
		return;
	if (p->is_stop_folded && alarms_stands(v->alarms, "", TROUBLE_STOPPED_MANY))
		tell_stopped_many(v, 0);
	if (p->is_stop_folded)
		return;
	stopped_words(v, p, m, "", &w);
	vitals_retold(v, m, TROUBLE_STOPPED, (struct vitals_words){ w.brief, w.cure }, w.what);
}

void
vitals_take_changed(struct vitals *v, const struct take *t)
{
	for (int i = 0; i < t->device_count; i++)
		device_changed(v, &t->devices[i]);
}

/* A camera's own sentence has its full stop already. */
static int
length_without_stop(const char *text)
{
	const size_t len = strnlen(text, 500);

	return (int)(len > 0 && text[len - 1] == '.' ? len - 1 : len);
}

void
vitals_did_not_roll(struct vitals *v, const struct crew_member *m, const char *why)
{
	const char *reason = why != NULL ? why : "it gave no reason";
	char target[MAX_NAME_BYTES + 8], cure[MAX_NAME_BYTES + 32];

	if (m->node->out)
		return;
	vitals_short_target(m, target, sizeof target);
	snprintf(cure, sizeof cure, ":record -t %s start", target);
	vitals_target(m, target, sizeof target);
	vitals_ill(v, m, TROUBLE_NO_ROLL, (struct vitals_words){ "DID NOT ROLL", cure }, "DID NOT ROLL: %.*s. See to it, then "
	    ":record -t %s start", length_without_stop(reason), reason, target);
}

void
vitals_take_unseen(struct vitals *v, const char *node, const char *take)
{
	const struct crew_member *m = crew_find(v->crew, node);

	if (m == NULL)
		vitals_alarm(v, node, "%s of take %s is not in the show: it may roll on alone. Add it: :node add ADDRESS", node, take);
	else if (!m->node->out)
		vitals_ill(v, m, TROUBLE_UNSEEN, (struct vitals_words){ "NOT SEEN", ":node add ADDRESS" },
		    "NOT SEEN since this console took take %s over: it may roll on alone. It is tried again. New address: :node add ADDRESS", take);
}

/* Half a cure would only stop it: the short form names no command. */
static void
not_writing(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	const struct vitals_words words = { "NOT WRITING", "roll it anew" };
	const int64_t since_us = m->track.last.recording.since_us;
	char target[MAX_NAME_BYTES + 8], what[MAX_TEXT_FIELD];

	vitals_target(m, target, sizeof target);
	snprintf(what, sizeof what, "NOT WRITING: it records, but its file does not grow. Roll it anew: :record -t %s stop, then the same "
	    "with start", target);
	bus_tell(v->bus, EV_NOT_WRITING, p->node, "its file has not grown for 10 s");
	if (since_us != 0 && p->unwritten_since_us == since_us)
		vitals_ill_again(v, m, TROUBLE_NOT_WRITING, words, what);
	else
		vitals_ill(v, m, TROUBLE_NOT_WRITING, words, "%s", what);
	p->unwritten_since_us = since_us;
}

/* It is over: the alarm says how, for what to do about it is another thing then. */
static void
writing_again(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	char clock[16], cure[48], what[96];

	vitals_clock(clock, sizeof clock, clk_utc_us(v->clk));
	if (m->rec == HEALTH_REC_RECORDING) {
		snprintf(cure, sizeof cure, "wrote again %s", clock);
		snprintf(what, sizeof what, "NOT WRITING for a while: its file wrote again at %s", clock);
		vitals_retold(v, m, TROUBLE_NOT_WRITING, (struct vitals_words){ "NOT WRITING", cure }, what);
	} else if (m->rec != HEALTH_REC_UNSURE && m->rec != HEALTH_REC_STARTING) {
		vitals_retold(v, m, TROUBLE_NOT_WRITING, (struct vitals_words){ "NOT WRITING", "until the take ended" },
		    "NOT WRITING: its file did not grow, and was so until the take ended");
	}
	vitals_well(v, p, TROUBLE_NOT_WRITING);
}

void
vitals_check_recording(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	if (vitals_is_rolling(m)) {
		p->rec_since_us = m->track.last.recording.since_us;
		if (m->rec == HEALTH_REC_RECORDING) {
			vitals_well(v, p, TROUBLE_STOPPED);
			vitals_well(v, p, TROUBLE_NO_ROLL);
			p->ran_us = -1;
			p->cause[0] = '\0';
		}
	}
	if (m->rec != HEALTH_REC_NOT_WRITING && vitals_has(p, TROUBLE_NOT_WRITING))
		writing_again(v, p, m);
	else if (m->rec == HEALTH_REC_NOT_WRITING && m->link == HEALTH_LIVE && !vitals_has(p, TROUBLE_NOT_WRITING))
		not_writing(v, p, m);
}
