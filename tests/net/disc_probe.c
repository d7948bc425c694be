/*
 * disc_probe.c - one discovery source by hand: prints what it tells, one line each, with milliseconds of the monotonic clock
 * (the first line says when it was opened).  Ends in order when its standard input ends.
 *	disc_probe mdns|names|tailscale|sweep|bonjour [CONF]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "io/disc.h"
#include "io/dnssd.h"
#include "io/loop_uv.h"

static struct loop *loop;

static void
say(const char *what, const char *text)
{
	printf("%.1f %s %s\n", (double)loop_now_us(loop) / 1000.0, what, text);
	fflush(stdout);
}

static void
on_sighted(void *arg, const struct disc_sighting *s)
{
	char text[1024];

	(void)arg;
	snprintf(text, sizeof text, "%s port=%d path=%s id=%s name=\"%s\"", s->address.host, s->address.port,
	    registry_path_name(s->address.kind), s->id, s->name);
	say("sighted", text);
}

static void
on_goodbye(void *arg, enum registry_via via, const struct registry_address *a, const char *id)
{
	char text[512];

	(void)arg;
	(void)via;
	snprintf(text, sizeof text, "%s port=%d id=%s", a != NULL ? a->host : "-", a != NULL ? a->port : 0, id);
	say("goodbye", text);
}

static void
on_state(void *arg, enum registry_via via, bool working, const char *sentence)
{
	(void)arg;
	(void)via;
	say(working ? "working" : "failing", sentence);
}

static void
on_line(void *arg, const char *topic, const char *sentence)
{
	char text[1024];

	(void)arg;
	snprintf(text, sizeof text, "%s: %s", topic, sentence != NULL ? sentence : "-");
	say("line", text);
}

static void
on_answered(void *arg, const char *host)
{
	(void)arg;
	say("answered", host);
}

static void
on_service(void *arg, const char *host, const char *type)
{
	char text[512];

	(void)arg;
	snprintf(text, sizeof text, "%s %s", host, type);
	say("service", text);
}

static void
on_finished(void *arg)
{
	(void)arg;
	say("finished", "");
}

static void
on_input(void *arg, unsigned events)
{
	char byte[64];

	(void)arg;
	(void)events;
	if (read(STDIN_FILENO, byte, sizeof byte) <= 0)
		loop_stop(loop);
}

int
main(int argc, char **argv)
{
	static const struct disc_source *const sources[] = { &disc_mdns, &disc_names, &disc_tailscale, &disc_sweep, &disc_bonjour };
	static const struct disc_fns fns = { .sighted = on_sighted, .goodbye = on_goodbye, .state = on_state, .line = on_line,
		.answered = on_answered, .service = on_service, .finished = on_finished };
	const struct disc_source *source = NULL;
	struct loop_watch *input;
	void *self;

	for (size_t i = 0; argc > 1 && i < sizeof sources / sizeof sources[0]; i++)
		if (strcmp(sources[i]->name, argv[1]) == 0)
			source = sources[i];
	if (source == NULL) {
		fprintf(stderr, "usage: disc_probe mdns|names|tailscale|sweep|bonjour [CONF]\n");
		return 2;
	}
	dnssd_quiet();
	loop = loop_uv_new(4);
	say("opened", source->name);
	self = source->open(loop, argc > 2 ? argv[2] : "", &fns, NULL);
	if (self == NULL) {
		fprintf(stderr, "disc_probe: %s is off\n", source->name);
		loop_free(loop);
		return 1;
	}
	input = loop_watch_new(loop, STDIN_FILENO, LOOP_READ, on_input, NULL);
	loop_run(loop);
	loop_watch_free(loop, input);
	source->close(self);
	loop_free(loop);
	return 0;
}
