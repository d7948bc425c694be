/*
 * disc_sweep_say.c - the sweep in words: a line for each network and for hosts that are there without a camera's port.
 * Owns the topics that are up, so that what is no longer so is taken away.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "io/disc_sweep_private.h"

/* ---- Topics ---- */

static struct disc_sweep_topic *
topic_for(struct disc_sweep_run *r, const char *text)
{
	struct disc_sweep_topic *t = NULL;

	for (int i = 0; i < r->topic_count; i++)
		if (strcmp(r->topics[i].text, text) == 0)
			return &r->topics[i];
	if (r->topic_count == MAX_WHY_LINES)
		return NULL;
	t = &r->topics[r->topic_count++];
	str_copy(t->text, sizeof t->text, text);
	return t;
}

void
disc_sweep_say(struct disc_sweep_run *r, const char *topic, const char *sentence)
{
	struct disc_sweep_topic *t;

	if (r->dead || r->fns.line == NULL)
		return;
	t = topic_for(r, topic);
	if (t == NULL)
		return;
	t->round = r->round;
	r->fns.line(r->arg, topic, sentence);
}

void
disc_sweep_unsay(struct disc_sweep_run *r)
{
	for (int i = 0; i < r->topic_count && !r->dead;) {
		struct disc_sweep_topic gone = r->topics[i];

		if (gone.round == r->round) {
			i++;
			continue;
		}
		r->topics[i] = r->topics[--r->topic_count];
		r->fns.line(r->arg, gone.text, NULL);
	}
}

/* ---- Sentences ---- */

void
disc_sweep_say_progress(struct disc_sweep_run *r, const char *topic, const struct sweep_counts *c)
{
	char text[MAX_WHY_BYTES];

	if (c->repeats > 0)
		snprintf(text, sizeof text, "sweep %s: %u of %u asked, the silent ones once more (the kernel's ARP table was full)",
		    topic, c->asked, c->of);
	else
		snprintf(text, sizeof text, "sweep %s: %u of %u asked", topic, c->asked, c->of);
	disc_sweep_say(r, topic, text);
}

static void
add(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void
add(char *out, size_t size, const char *format, ...)
{
	size_t len = strlen(out);
	va_list ap;

	va_start(ap, format);
	vsnprintf(out + len, size - len, format, ap);
	va_end(ap);
}

void
disc_sweep_say_counts(struct disc_sweep_run *r, const char *topic, const struct sweep_counts *c)
{
	uint32_t absent = c->verdicts[SWEEP_ABSENT], silent = c->verdicts[SWEEP_SILENT] + absent;
	char text[MAX_WHY_BYTES] = "";

	add(text, sizeof text, "sweep %s: %u asked", topic, c->asked);
	if (c->verdicts[SWEEP_OPEN] > 0)
		add(text, sizeof text, ", %u open", c->verdicts[SWEEP_OPEN]);
	add(text, sizeof text, ", %u refused, %u silent", c->verdicts[SWEEP_REFUSED], silent);
	if (absent > 0)
		add(text, sizeof text, " (%u did not answer ARP)", absent);
	if (c->verdicts[SWEEP_UNREACHABLE] > 0)
		add(text, sizeof text, ", %u unreachable", c->verdicts[SWEEP_UNREACHABLE]);
	if (c->took_us < 10000000)
		add(text, sizeof text, ", %d ms", (int)(c->took_us / 1000));
	else
		add(text, sizeof text, ", %d s", (int)(c->took_us / 1000000));
	disc_sweep_say(r, topic, text);
}

static void
ports_text(const struct disc_sweep_run *r, char *out, size_t size)
{
	out[0] = '\0';
	add(out, size, r->conf.port_count == 1 ? "port" : "ports");
	for (int i = 0; i < r->conf.port_count; i++)
		add(out, size, "%s%d", i == 0 ? " " : ",", r->conf.ports[i]);
}

void
disc_sweep_say_host(struct disc_sweep_run *r, const struct sweep_host *h)
{
	char text[MAX_WHY_BYTES], ports[80];

	if (h->verdict == SWEEP_OPEN || (h->verdict == SWEEP_UNREACHABLE && !h->arp) || r->hosts_said >= DISC_SWEEP_HOSTS_SAID)
		return;
	r->hosts_said++;
	ports_text(r, ports, sizeof ports);
	snprintf(text, sizeof text, "%s is there%s but not on %s: %s", h->host, h->arp ? " (answers ARP)" : "", ports,
	    sweep_verdict_name(h->verdict));
	disc_sweep_say(r, h->host, text);
}

void
disc_sweep_say_state(struct disc_sweep_run *r, bool working, const char *sentence)
{
	if (!r->dead && r->fns.state != NULL)
		r->fns.state(r->arg, VIA_SWEEP, working, sentence);
}

void
disc_sweep_say_round(struct disc_sweep_run *r, int64_t next_us)
{
	char text[MAX_WHY_BYTES] = "", ports[80], again[32];

	ports_text(r, ports, sizeof ports);
	str_time_words(again, sizeof again, next_us < 10000000 ? next_us : (next_us + 9999999) / 10000000 * 10000000);
	if (r->totals.asked == 0)
		add(text, sizeof text, "sweep: there is no network to ask here");
	else
		add(text, sizeof text, "sweep: %u address%s asked, %u of them there, %u answer%s on %s", r->totals.asked,
		    r->totals.asked == 1 ? "" : "es", r->totals.there, r->totals.open,
		    r->totals.open == 1 ? "s" : "", ports);
	add(text, sizeof text, "; again in %s", again);
	disc_sweep_say_state(r, true, text);
}
