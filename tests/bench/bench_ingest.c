/*
 * bench_ingest.c - what the way from socket to thumb costs: the console's own loop, HTTP, parser and decoder at live
 * motion JPEG streams (mjpeg_source.c), no screen.  Prints CPU seconds per 1000 thumbs, and what part of one core it took.
 * Asserts nothing.
 *
 *	bench_ingest SECONDS WIDTHxHEIGHT FPS [-s] URL...		-s: only the first URL is looked at
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "base/xalloc.h"
#include "app/preview.h"
#include "app/settings.h"
#include "io/disc.h"
#include "io/loop_uv.h"

#define SETTLE_US 2000000

struct bench {
	struct loop *loop;
	struct http *http;
	struct bus *bus;
	struct registry *registry;
	struct opt_set *settings;
	struct crew *crew;
	struct preview *preview;
	struct loop_timer *timer;
	int width_px, height_px, fps, seconds;
	bool only_first;
	int64_t began_us, decoded;
	double user_s, system_s;
};

static double
seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static void
used(double *user_s, double *system_s)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	*user_s = seconds_of(r.ru_utime);
	*system_s = seconds_of(r.ru_stime);
}

static void
on_end(void *arg)
{
	struct bench *b = arg;
	const double took_s = (double)(loop_now_us(b->loop) - b->began_us) * 1e-6;
	const int64_t count = preview_decoded_count(b->preview) - b->decoded;
	double user_s, system_s;

	used(&user_s, &system_s);
	user_s -= b->user_s;
	system_s -= b->system_s;
	printf("%lld thumbs, %.1f a second; CPU %.3f s user + %.3f s system; %.3f per 1000; %.1f %% of a core\n", (long long)count,
	    (double)count / took_s, user_s, system_s, count > 0 ? (user_s + system_s) * 1000 / (double)count : 0.0,
	    (user_s + system_s) / took_s * 100);
	loop_stop(b->loop);
}

static void
on_begin(void *arg)
{
	struct bench *b = arg;

	b->began_us = loop_now_us(b->loop);
	b->decoded = preview_decoded_count(b->preview);
	used(&b->user_s, &b->system_s);
	loop_timer_free(b->loop, b->timer);
	b->timer = loop_timer_new(b->loop, on_end, b);
	loop_timer_start(b->loop, b->timer, (int64_t)b->seconds * 1000000, 0);
}

static void
on_member(void *arg, const struct bus_event *ev)
{
	struct bench *b = arg;

	if (!b->only_first || strcmp(crew_at(b->crew, 0)->node->id, ev->node) == 0)
		preview_want(b->preview, ev->node, b->width_px, b->height_px, b->fps);
}

static void
open_all(struct bench *b, char **urls, int count)
{
	struct registry_address *list = xcalloc((size_t)count, sizeof *list);
	struct err e;

	for (int i = 0; i < count; i++)
		if (!disc_parse_address(&list[i], urls[i], &e)) {
			fprintf(stderr, "bench_ingest: %s\n", e.text);
			exit(2);
		}
	crew_add_typed(b->crew, list, count);
	free(list);
}

int
main(int argc, char **argv)
{
	struct bench b = { .seconds = argc > 1 ? atoi(argv[1]) : 0, .fps = argc > 3 ? atoi(argv[3]) : 0 };
	int first = 4;

	b.only_first = argc > 4 && strcmp(argv[4], "-s") == 0;
	first += b.only_first;
	if (argc <= first || b.seconds < 1 || sscanf(argv[2], "%dx%d", &b.width_px, &b.height_px) != 2) {
		fprintf(stderr, "usage: bench_ingest SECONDS WIDTHxHEIGHT FPS [-s] URL...\n");
		return 2;
	}
	b.loop = loop_uv_new(4);
	b.http = http_new(b.loop);
	b.bus = bus_new();
	b.registry = registry_new();
	b.settings = opt_set_new(settings_table);
	b.crew = crew_new(b.loop, b.http, b.registry, b.bus, clk_system(), b.settings);
	b.preview = preview_new(b.loop, b.crew, b.bus, b.settings);
	bus_listen(b.bus, EV_NODE_STATE, on_member, &b);
	open_all(&b, argv + first, argc - first);
	b.timer = loop_timer_new(b.loop, on_begin, &b);
	loop_timer_start(b.loop, b.timer, SETTLE_US, 0);
	loop_run(b.loop);
	loop_timer_free(b.loop, b.timer);
	preview_free(b.preview);
	crew_free(b.crew);
	http_free(b.http);
	loop_free(b.loop);
	registry_free(b.registry);
	opt_set_free(b.settings);
	bus_free(b.bus);
	return 0;
}
