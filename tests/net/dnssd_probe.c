/*
 * dnssd_probe.c - Bonjour by hand: browses, sights or registers and prints what it is told, one line each,
 * with milliseconds of the monotonic clock.  Ends in order when its standard input ends.
 *	dnssd_probe browse | sight | register NAME PORT [KEY=VALUE...] | crowd NAME PORT COUNT [KEY=VALUE...]
 * crowd registers NAME-1, NAME-2, ... and says when all of them are.  browse says at its end how many references were open at most.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/str.h"
#include "io/disc.h"
#include "io/dnssd.h"
#include "io/loop_uv.h"

#define NAMES 8192
#define MAX_CROWD 5000
#define COUNT_US 5000

static struct loop *loop;
static char names[NAMES][64];		/* by serial: a farewell has no name */

static void
say(const char *what, const char *text)
{
	printf("%lld %s %s\n", (long long)(loop_now_us(loop) / 1000), what, text);
	fflush(stdout);
}

static void
on_found(void *arg, const struct dnssd_found *f)
{
	char text[4096];
	int at = snprintf(text, sizeof text, "\"%s\" serial=%u if=%u port=%d api=%d id=%s device=\"%s\" model=\"%s\" role=%s host=", f->instance,
	    f->serial, f->interface_index, f->port, f->api_port, f->id, f->device_name, f->model, f->role);

	(void)arg;
	str_copy(names[f->serial % NAMES], sizeof names[0], f->instance);
	for (int i = 0; i < f->address_count; i++)
		at += snprintf(text + at, sizeof text - (size_t)at, "%s%s", i > 0 ? "," : "", f->addresses[i]);
	say("found", text);
}

static void
on_gone(void *arg, unsigned serial, bool goodbye)
{
	(void)arg;
	say(goodbye ? "gone" : "forgotten", names[serial % NAMES]);
}

static void
on_state(void *arg, enum dnssd_state state, const char *why)
{
	(void)arg;
	say(state == DNSSD_RUNNING ? "running" : state == DNSSD_NO_DAEMON ? "no-daemon" : "starting", why);
}

static void
on_registered(void *arg, const char *name)
{
	(void)arg;
	say("registered", name);
}

static void
on_sighted(void *arg, const struct disc_sighting *s)
{
	char text[1024];

	(void)arg;
	snprintf(text, sizeof text, "%s:%d id=%s name=\"%s\"", s->address.host, s->address.port, s->id, s->name);
	say("sighted", text);
}

static void
on_goodbye(void *arg, enum registry_via via, const struct registry_address *a, const char *id)
{
	char text[512];

	(void)arg;
	snprintf(text, sizeof text, "%s:%d id=%s via=%s", a->host, a->port, id, registry_via_name(via));
	say("goodbye", text);
}

static void
on_source_state(void *arg, enum registry_via via, bool working, const char *sentence)
{
	(void)arg;
	(void)via;
	say(working ? "working" : "failing", sentence);
}

static void
on_input(void *arg, unsigned events)
{
	char line[256];

	(void)arg;
	(void)events;
	if (read(STDIN_FILENO, line, sizeof line) <= 0)
		loop_stop(loop);
}

/* ---- Registering ---- */

static struct dnssd_txt *
read_txt(char **words)
{
	static struct dnssd_txt txt[32];

	for (int i = 0; words[i] != NULL && strchr(words[i], '=') != NULL && i < 31; i++) {
		txt[i].key = words[i];
		txt[i].value = strchr(words[i], '=') + 1;
		*strchr(words[i], '=') = '\0';
	}
	return txt;
}

/* Each is one reference with its thread and connection. */
static struct crowd {
	struct dnssd_register *registers[MAX_CROWD];
	int count, registered;
} crowd;

static void
on_crowd_registered(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	if (++crowd.registered == crowd.count)
		say("registered", "all");
}

static void
register_crowd(const char *name, int port, int count, char **words)
{
	const struct dnssd_txt *txt = read_txt(words);
	char one[64];

	crowd.count = count < MAX_CROWD ? count : MAX_CROWD;
	for (int i = 0; i < crowd.count; i++) {
		snprintf(one, sizeof one, "%s-%d", name, i + 1);
		crowd.registers[i] = dnssd_register_new(loop, "_mmcam._tcp", one, port, txt, on_crowd_registered, NULL);
	}
}

/* ---- Browsing ---- */

static struct dnssd_browse *browse;
static struct dnssd_counts most;

static void
on_count(void *arg)
{
	struct dnssd_counts now = dnssd_browse_counts(browse);

	(void)arg;
	most.refs = now.refs > most.refs ? now.refs : most.refs;
	most.services = now.services > most.services ? now.services : most.services;
	most.unresolved = now.unresolved;
	most.asked = now.asked;
}

static void
say_counts(void)
{
	char text[128];

	snprintf(text, sizeof text, "refs=%d services=%d unresolved=%d asked=%lu", most.refs, most.services, most.unresolved, most.asked);
	say("most", text);
}

int
main(int argc, char **argv)
{
	static const struct dnssd_browse_fns browse_fns = { on_found, on_gone, on_state };
	static const struct disc_fns disc_fns = { .sighted = on_sighted, .goodbye = on_goodbye, .state = on_source_state };
	const char *verb = argc > 1 ? argv[1] : "";
	struct dnssd_register *r = NULL;
	struct loop_timer *counter;
	struct loop_watch *input;
	void *source = NULL;

	dnssd_quiet();
	loop = loop_uv_new(4);
	say("started", "");
	input = loop_watch_new(loop, STDIN_FILENO, LOOP_READ, on_input, NULL);
	if (strcmp(verb, "register") == 0 && argc >= 4)
		r = dnssd_register_new(loop, "_mmcam._tcp", argv[2], atoi(argv[3]), read_txt(argv + 4), on_registered, NULL);
	else if (strcmp(verb, "crowd") == 0 && argc >= 5)
		register_crowd(argv[2], atoi(argv[3]), atoi(argv[4]), argv + 5);
	else if (strcmp(verb, "sight") == 0)
		source = disc_bonjour.open(loop, "", &disc_fns, NULL);
	else if (strcmp(verb, "browse") == 0)
		browse = dnssd_browse_new(loop, "_mmcam._tcp", &browse_fns, NULL);
	else
		return 2;
	counter = loop_timer_new(loop, on_count, NULL);
	if (browse != NULL)
		loop_timer_start(loop, counter, COUNT_US, COUNT_US);
	loop_run(loop);
	if (browse != NULL)
		say_counts();
	say("closing", "");
	loop_timer_free(loop, counter);
	dnssd_register_close(r);
	for (int i = 0; i < crowd.count; i++)
		dnssd_register_close(crowd.registers[i]);
	dnssd_browse_close(browse);
	disc_bonjour.close(source);
	loop_watch_free(loop, input);
	loop_free(loop);
	return 0;
}
