/*
 * arm_node.c - one camera before a roll: what it says of itself, and what stands against rolling it, each with its cure.
 * Owns nothing.  Never takes a reading that is not told for a bad one: a node may offer less.
 */
#include "app/arm_private.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/str.h"

#define NOTE_TIMES 3			/* storage that is worth a word: for so many times the limit */
#define BATTERY_RED 10
#define BATTERY_NOTE 25
#define BATTERY_RED_MINUTES 15
#define BATTERY_NOTE_MINUTES 45
#define FRAME_US 33000			/* a clock bound above one frame places an angle no better than that */
#define CLOCK_OLD_US 30000000LL
#define SAME_RATE 0.005			/* 29.97 and 30 are one format to a phone, and told as either */

void
arm_say(struct arm_lines *lines, enum arm_verdict verdict, enum arm_check check, const char *cure, const char *format, ...)
{
	struct arm_line *l;
	int at = lines->count;
	va_list ap;

	if (lines->count == ARM_LINES_PER_NODE)
		return;
	for (; at > 0 && lines->list[at - 1].verdict < verdict; at--)
		lines->list[at] = lines->list[at - 1];
	lines->count++;
	l = &lines->list[at];
	l->verdict = verdict;
	l->check = check;
	str_copy(l->cure, sizeof l->cure, cure);
	va_start(ap, format);
	vsnprintf(l->what, sizeof l->what, format, ap);
	va_end(ap);
}

bool
arm_node_counts(const struct crew_member *m)
{
	return !m->node->out && !m->node->view_only && !m->node->known;
}

bool
arm_is_format(const struct arm_format *a, const struct arm_format *b)
{
	return a->width == b->width && a->height == b->height &&
	    (a->rate <= 0 || b->rate <= 0 || fabs(a->rate - b->rate) <= SAME_RATE * (a->rate > b->rate ? a->rate : b->rate));
}

/* "make room on it, or leave it out:  :out 5" */
static const char *
cure_for(const struct arm_node *n, const char *aid, const char *command, char *out, size_t out_size)
{
	char target[ID_BYTES];

	if (n->number > 0)
		snprintf(target, sizeof target, "%d", n->number);
	else
		str_copy(target, sizeof target, n->id);
	snprintf(out, out_size, "%s%s%s%.63s", aid, aid[0] != '\0' ? ", or leave it out:  " : "", command, target);
	return out;
}

struct looked {				/* one camera under the eye */
	const struct arm_desk *desk;
	const struct crew_member *m;
	const struct node_health *h;
	struct arm_node *n;
	struct arm_lines *lines;
	char cure[ARM_CURE];
};

/* The aid by hand, and the command that does without the camera. */
static const char *
or_out(struct looked *k, const char *aid)
{
	return cure_for(k->n, aid, ":out ", k->cure, sizeof k->cure);
}

static const char *
by_command(struct looked *k, const char *command)
{
	return cure_for(k->n, "", command, k->cure, sizeof k->cure);
}

/* ---- Is it there ---- */

static void
check_link(struct looked *k)
{
	const int64_t silent_s = (k->desk->now_us - k->m->track.heard_us) / 1000000;

	if (k->m->link == HEALTH_NEVER)
		arm_say(k->lines, ARM_RED, ARM_LINK, or_out(k, "see that it is on"), "it is never heard yet");
	else if (k->m->link != HEALTH_LIVE)
		arm_say(k->lines, ARM_RED, ARM_LINK, or_out(k, "see to its power and network"), "it is %s, no word for %lld s",
		    health_link_name(k->m->link), (long long)silent_s);
	else if (k->m->node->conflict)
		arm_say(k->lines, ARM_NOTE, ARM_LINK, "reset its camera app", "another device has its id");
}

/* ---- Can it record ---- */

static bool
is_busy(const struct node_recording *r)
{
	return r->state == NODE_REC_STARTING || r->state == NODE_REC_RECORDING || r->state == NODE_REC_STOPPING;
}

/* In the take that runs here? */
static bool
is_rolling_ours(const struct arm_desk *d, const struct node_recording *r)
{
	const bool is_here = r->sphere[0] == '\0' || d->deck->sphere == NULL ||
	    strcmp(r->sphere, sphere_manifest(d->deck->sphere)->sphere) == 0;

	return d->running != NULL && is_busy(r) && is_here && (r->take[0] == '\0' || strcmp(r->take, d->running) == 0);
}

static bool
is_foreign(const struct arm_desk *d, const struct node_recording *r)
{
	return r->sphere[0] != '\0' && (d->deck->sphere == NULL || strcmp(r->sphere, sphere_manifest(d->deck->sphere)->sphere) != 0);
}

/* What it would not do a moment ago it may not do now. */
static void
check_last_take(struct looked *k)
{
	const struct take *t = k->desk->newest;

	for (int i = 0; t != NULL && i < t->device_count; i++)
		if (strcmp(t->devices[i].node, k->n->id) == 0 && take_did_not_roll(&t->devices[i]))
			arm_say(k->lines, ARM_NOTE, ARM_RECORDER, "", "it did not roll in take %.16s: %.80s", t->take, t->devices[i].reason);
}

static void
check_recorder(struct looked *k)
{
	const struct node_recording *r = &k->h->recording;

	k->n->rolls = k->h->has_recording && is_rolling_ours(k->desk, r);
	if (!k->h->has_recording)
		arm_say(k->lines, ARM_NOTE, ARM_RECORDER, "", "it tells nothing of its recordings");
	else if (r->state == NODE_REC_FAILED)
		arm_say(k->lines, ARM_RED, ARM_RECORDER, or_out(k, "see to it"), "its recording failed%s%.60s", r->error[0] != '\0' ? ": " : "",
		    r->error);
	else if (is_busy(r) && !k->n->rolls)
		arm_say(k->lines, ARM_RED, ARM_RECORDER, or_out(k, "stop it there"), "it records take %.16s%s",
		    r->take[0] != '\0' ? r->take : "of its own", is_foreign(k->desk, r) ? " of another Sphere" : "");
	else if (r->state == NODE_REC_SAVING)
		arm_say(k->lines, ARM_NOTE, ARM_RECORDER, "wait a moment", "it is still saving take %.16s", r->take);
	else if (r->error[0] != '\0' && !k->n->rolls)
		arm_say(k->lines, ARM_NOTE, ARM_RECORDER, "", "its last recording ended by itself: %.60s", r->error);
	check_last_take(k);
}

/* Its sentence names the cure itself, behind the colon. */
static void
claim_line(struct looked *k, const char *sentence)
{
	const char *colon = strstr(sentence, ": ");
	const int len = colon != NULL ? (int)(colon - sentence) : (int)strlen(sentence);

	arm_say(k->lines, ARM_RED, ARM_CLAIM, colon != NULL ? colon + 2 : or_out(k, "have it released there"), "it is%s %.*s",
	    str_has_prefix(sentence, "held") ? "" : " not claimed, it", len, sentence);
}

static void
check_claim(struct looked *k)
{
	const struct claims *claims = k->desk->deck->claims;
	const struct node_claim *told = &k->m->node->info.claim;
	char trouble[MAX_TEXT_FIELD];

	if (claims == NULL) {		/* no folder, no claims of ours: what it says itself */
		snprintf(k->n->claim, sizeof k->n->claim, told->held ? "%.100s" : "free", told->name);
		return;
	}
	claims_word(claims, k->m->node->id, k->n->claim, sizeof k->n->claim);
	if (claims_trouble(claims, k->m->node->id, trouble, sizeof trouble))
		claim_line(k, trouble);
	else if (opt_int(k->desk->deck->settings, "claim") != 0 && claims_of(claims, k->m->node->id) == CLAIMS_FREE)
		arm_say(k->lines, ARM_RED, ARM_CLAIM, by_command(k, ":claim -t "), "it is not claimed");
}

/* ---- Will it last ---- */

static void
check_storage(struct looked *k)
{
	const int minutes = k->n->storage_minutes = k->h->has_storage ? health_room_minutes(&k->m->track) : -1;

	k->n->free_bytes = k->h->has_storage ? k->h->free_bytes : -1;
	if (k->h->has_storage && k->h->free_bytes <= 0)
		arm_say(k->lines, ARM_RED, ARM_STORAGE, or_out(k, "make room on it"), "its storage is full");
	else if (minutes >= 0 && minutes < k->desk->limit_minutes)
		arm_say(k->lines, ARM_RED, ARM_STORAGE, or_out(k, "make room on it"), "storage for %d min only", minutes);
	else if (minutes >= 0 && minutes < NOTE_TIMES * k->desk->limit_minutes)
		arm_say(k->lines, ARM_NOTE, ARM_STORAGE, "", "storage for %d min", minutes);
}

static void
check_battery(struct looked *k)
{
	const int percent = (int)(k->h->battery * 100 + 0.5), minutes = k->h->minutes_left;
	char left[32] = "";

	k->n->has_battery = k->h->has_battery;
	k->n->charging = k->h->charging;
	k->n->battery_percent = k->h->has_battery ? percent : -1;
	k->n->battery_minutes = k->h->has_battery && !k->h->charging ? minutes : -1;
	if (!k->h->has_battery || k->h->charging)
		return;
	if (minutes >= 0)
		snprintf(left, sizeof left, ", %d min left", minutes);
	if (percent < BATTERY_RED || (minutes >= 0 && minutes < BATTERY_RED_MINUTES))
		arm_say(k->lines, ARM_RED, ARM_BATTERY, or_out(k, "plug it in"), "battery %d %%%s", percent, left);
	else if (percent < BATTERY_NOTE || (minutes >= 0 && minutes < BATTERY_NOTE_MINUTES))
		arm_say(k->lines, ARM_NOTE, ARM_BATTERY, "plug it in", "battery %d %%%s", percent, left);
}

static void
check_heat(struct looked *k)
{
	str_copy(k->n->thermal, sizeof k->n->thermal, k->h->thermal);
	if (strcmp(k->h->thermal, "critical") == 0)
		arm_say(k->lines, ARM_RED, ARM_HEAT, or_out(k, "cool it"), "heat critical: it may stop by itself");
	else if (strcmp(k->h->thermal, "serious") == 0)
		arm_say(k->lines, ARM_NOTE, ARM_HEAT, "cool it: shade, air, no charging", "heat serious");
}

static void
check_lock(struct looked *k)
{
	str_copy(k->n->auto_lock, sizeof k->n->auto_lock, k->h->auto_lock);
	if (strcmp(k->h->auto_lock, "on") == 0)
		arm_say(k->lines, ARM_RED, ARM_LOCK, or_out(k, "turn its auto-lock off"), "auto-lock is on: it may lock in mid-take");
}

/* ---- Does it fit the others ---- */

static void
check_clock(struct looked *k)
{
	const struct offset_word w = offset_at(&k->m->clock.best, k->desk->utc_us);
	const int64_t every_us = opt_int(k->desk->deck->settings, "clock-every");

	k->n->clock_known = w.known;
	k->n->clock_offset_us = w.offset_us;
	k->n->clock_bound_us = w.known ? w.bound_us : -1;
	k->n->clock_age_us = w.known ? w.age_us : -1;
	if (!w.known)
		arm_say(k->lines, ARM_NOTE, ARM_CLOCK, "", "its clock is not known: it starts when it hears of it");
	else if (w.bound_us > FRAME_US)
		arm_say(k->lines, ARM_NOTE, ARM_CLOCK, ":set clock-every 2s", "its clock is known to +-%lld ms only", (long long)(w.bound_us / 1000));
	else if (w.age_us > CLOCK_OLD_US && w.age_us > 3 * every_us)
		arm_say(k->lines, ARM_NOTE, ARM_CLOCK, ":set clock-every 2s", "its clock was not compared for %lld s", (long long)(w.age_us / 1000000));
}

static void
check_format(struct looked *k)
{
	const struct arm_format own = { k->h->format.width, k->h->format.height, k->h->format.rate }, *most = &k->desk->most;
	char command[64], cure[ARM_CURE], target[16];

	if (!k->h->has_format)
		return;
	k->n->width = own.width;
	k->n->height = own.height;
	k->n->rate = own.rate;
	k->n->differs = most->width > 0 && !arm_is_format(&own, most);
	if (!k->n->differs || k->n->rolls)
		return;
	snprintf(target, sizeof target, "%d", k->n->number);
	snprintf(command, sizeof command, ":format -t %s %dx%d %g", target, most->width, most->height, most->rate);
	snprintf(cure, sizeof cure, "%s", k->desk->must_match ? command : "");
	arm_say(k->lines, k->desk->must_match ? ARM_RED : ARM_NOTE, ARM_FORMAT, cure, "%dx%d %g where most are %dx%d %g", own.width, own.height,
	    own.rate, most->width, most->height, most->rate);
}

static void
check_senses(struct looked *k)
{
	if (k->h->has_audio && k->h->audio.muted)
		arm_say(k->lines, ARM_NOTE, ARM_SOUND, "unmute it there", "its sound is muted");
	else if (health_is_silent(&k->m->track))
		arm_say(k->lines, ARM_NOTE, ARM_SOUND, "see to its microphone", "nothing is in its sound");
	if (k->m->frozen)
		arm_say(k->lines, ARM_NOTE, ARM_PICTURE, "restart its camera", "its picture stands still");
}

static void
look_at_asked(struct looked *k)
{
	void (*const checks[])(struct looked *k) = { check_recorder, check_claim, check_storage, check_battery, check_heat, check_lock,
		check_clock, check_format, check_senses };

	check_link(k);
	if (k->m->link == HEALTH_NEVER)
		return;
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
		checks[i](k);
}

void
arm_node_look(const struct arm_desk *d, const struct crew_member *m, struct arm_node *n, struct arm_lines *lines)
{
	struct looked k = { .desk = d, .m = m, .h = &m->track.last, .n = n, .lines = lines };

	lines->count = 0;
	str_copy(n->id, sizeof n->id, m->node->id);
	str_copy(n->name, sizeof n->name, registry_name(m->node));
	n->number = m->node->number;
	n->counts = arm_node_counts(m);
	n->storage_minutes = n->battery_percent = n->battery_minutes = -1;
	n->free_bytes = n->clock_bound_us = n->clock_age_us = -1;
	if (n->counts)
		look_at_asked(&k);
	else if (m->node->known && !m->node->out)
		arm_say(lines, ARM_NOTE, ARM_LINK, cure_for(n, "", "with a new address :node add ADDRESS; for good :node forget ", k.cure, sizeof k.cure),
		    "not here in this run: a roll does not ask it");
	n->verdict = lines->count > 0 ? lines->list[0].verdict : ARM_GOOD;
}
