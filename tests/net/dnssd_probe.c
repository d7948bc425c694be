/*
 * dnssd_probe.c - Bonjour by hand: browses, sights or registers and prints what it is told, one line each,
 * with milliseconds of the monotonic clock.  Ends in order when its standard input ends.
 *	dnssd_probe browse | sight | register NAME PORT [KEY=VALUE...]
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

static struct dnssd_register *
register_from(int argc, char **argv)
{
	static struct dnssd_txt txt[32];
	int count = 0;

	for (int i = 4; i < argc && count < 31; i++) {
		txt[count].key = argv[i];
		txt[count++].value = strchr(argv[i], '=') + 1;
		*strchr(argv[i], '=') = '\0';
	}
	return dnssd_register_new(loop, "_mmcam._tcp", argv[2], atoi(argv[3]), txt, on_registered, NULL);
}

int
main(int argc, char **argv)
{
	static const struct dnssd_browse_fns browse_fns = { on_found, on_gone, on_state };
	static const struct disc_fns disc_fns = { .sighted = on_sighted, .goodbye = on_goodbye, .state = on_source_state };
	const char *verb = argc > 1 ? argv[1] : "";
	struct dnssd_register *r = NULL;
	struct dnssd_browse *b = NULL;
	struct loop_watch *input;
	void *source = NULL;

	dnssd_quiet();
	loop = loop_uv_new(4);
	input = loop_watch_new(loop, STDIN_FILENO, LOOP_READ, on_input, NULL);
	if (strcmp(verb, "register") == 0 && argc >= 4)
		r = register_from(argc, argv);
	else if (strcmp(verb, "sight") == 0)
		source = disc_bonjour.open(loop, "", &disc_fns, NULL);
	else if (strcmp(verb, "browse") == 0)
		b = dnssd_browse_new(loop, "_mmcam._tcp", &browse_fns, NULL);
	else
		return 2;
	loop_run(loop);
	say("closing", "");
	dnssd_register_close(r);
	dnssd_browse_close(b);
	disc_bonjour.close(source);
	loop_watch_free(loop, input);
	loop_free(loop);
	return 0;
}
