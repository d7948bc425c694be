/*
 * hostile.c - camera nodes that mean harm: each serves on a port of its own until the program is ended.
 * Prints "PORT NAME" a line, then "ready".  Shares no code with the product: a fault must not cancel out.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "support/fakenode_private.h"

#define JSON "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n"
#define EVENTS "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n"
#define PICTURES "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n"
#define CAMERA "\"cameras\":[{\"position\":\"back\",\"zoomMin\":1,\"zoomMax\":4}]"
/* What a terminal must never get: a new title, a cleared screen, a colour, C1 codes, a bell, marks that turn text around. */
#define CODES "\\u001b]0;HOSTILE-TITLE\\u0007\\u001b[2J\\u001b[5;31mHOSTILE\\u009b31m\\u0090q\\u009c\\u202e\\u2066\\u200f\\r\\n\\u0008"
#define RAW_CODES "\033]0;HOSTILE-TITLE\007\033[2J\033[5;31mHOSTILE\233" "31m"

struct visit;
struct guest {
	const char *name;
	void (*info)(struct visit *v);		/* NULL: as a decent node does */
	void (*events)(struct visit *v);
	void (*stream)(struct visit *v);
	void (*command)(struct visit *v);
};

struct visit {
	const struct guest *guest;
	int fd;
	char request[4096];
};

/* ---- Sending ---- */

static bool
send_bytes(struct visit *v, const void *bytes, size_t len)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t n = send(v->fd, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
send_text(struct visit *v, const char *text)
{
	return send_bytes(v, text, strlen(text));
}

static void
pause_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static void
send_forever(struct visit *v, const char *text, size_t len, long every_ms)
{
	while (send_bytes(v, text, len))
		if (every_ms > 0)
			pause_ms(every_ms);
}

static void
send_json(struct visit *v, const char *json)
{
	char head[256];

	snprintf(head, sizeof head, JSON "Content-Length: %zu\r\n\r\n", strlen(json));
	if (send_text(v, head))
		send_text(v, json);
}

/* prefix, then len times fill, then suffix. */
static void
send_filled(struct visit *v, const char *prefix, char fill, size_t len, const char *suffix)
{
	char *text = malloc(strlen(prefix) + len + strlen(suffix) + 1);

	strcpy(text, prefix);
	memset(text + strlen(prefix), fill, len);
	strcpy(text + strlen(prefix) + len, suffix);
	send_json(v, text);
	free(text);
}

static bool
send_part(struct visit *v, const void *jpeg, size_t len)
{
	char head[128];

	snprintf(head, sizeof head, "--b\r\nContent-Type: image/jpeg\r\nContent-Length: %zu\r\n\r\n", len);
	return send_text(v, head) && send_bytes(v, jpeg, len) && send_text(v, "\r\n");
}

/* ---- A decent node ---- */

static void
decent_info(struct visit *v)
{
	char json[512];

	snprintf(json, sizeof json, "{\"contract\":1,\"id\":\"hostile-%s\",\"deviceName\":\"%s\"," CAMERA "}", v->guest->name, v->guest->name);
	send_json(v, json);
}

static void
decent_events(struct visit *v)
{
	static const char health[] = "event: health\ndata: {\"recording\":{\"state\":\"idle\"}}\n\n";
	char hello[512];

	snprintf(hello, sizeof hello, EVENTS "event: hello\ndata: {\"info\":{\"id\":\"hostile-%s\",\"deviceName\":\"%s\"," CAMERA "},"
	    "\"health\":{\"recording\":{\"state\":\"idle\"}}}\n\n", v->guest->name, v->guest->name);
	/* Who lied in /info does not correct it here. */
	if (send_text(v, v->guest->info == NULL ? hello : EVENTS))
		send_forever(v, health, sizeof health - 1, 1000);
}

static void
decent_stream(struct visit *v)
{
	send_text(v, PICTURES);
	while (send_part(v, fake_jpeg, fake_jpeg_len))
		pause_ms(200);
}

static void
decent_command(struct visit *v)
{
	send_json(v, "{\"ok\":true}");
}

/* ---- Texts ---- */

static void
codes_info(struct visit *v)
{
	send_json(v, "{\"contract\":1,\"id\":\"hostile-" CODES "\",\"deviceName\":\"codes" CODES "\",\"model\":\"" CODES "\",\"role\":\"" CODES "\","
	    "\"software\":\"" CODES "\",\"paths\":[{\"kind\":\"" CODES "\",\"address\":\"" CODES "\"}]," CAMERA ","
	    "\"claim\":{\"sphere\":\"" CODES "\",\"name\":\"" CODES "\",\"director\":\"" CODES "\"}}");
}

static void
codes_events(struct visit *v)
{
	send_text(v, EVENTS "event: health\ndata: {\"recording\":{\"state\":\"failed\",\"take\":\"" CODES "\",\"sphere\":\"" CODES "\",\"error\":\"" CODES "\"},"
	    "\"camera\":\"" CODES "\",\"thermal\":\"" CODES "\",\"network\":{\"kind\":\"" CODES "\"},\"format\":{\"codec\":\"" CODES "\"}}\n\n");
	for (;;) {
		if (!send_text(v, "event: reply\ndata: {\"timeUs\":1,\"text\":\"" CODES "\",\"commandId\":\"" CODES "\"}\n\n"
		    "event: gesture\ndata: {\"timeUs\":1,\"name\":\"" CODES "\"}\n\nevent: camera\ndata: {\"value\":\"" CODES "\"}\n\n"
		    "event: " RAW_CODES "\ndata: " RAW_CODES "\n\n"))
			return;
		pause_ms(500);
	}
}

static void
codes_command(struct visit *v)
{
	send_text(v, "HTTP/1.1 409 " RAW_CODES "\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n"
	    "{\"ok\":false,\"error\":{\"code\":\"" CODES "\",\"message\":\"" CODES "\"}}");
}

static void
bidi_info(struct visit *v)
{
	send_json(v, "{\"id\":\"hostile-bidi\",\"deviceName\":\"bidi\\u202e\\u2067gnp.aremac\\u2069\\u200e\\u200b\\ufeff"
	    "\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\"," CAMERA "}");
}

static void
ten_megabytes_info(struct visit *v)
{
	send_filled(v, "{\"id\":\"hostile-ten\",\"deviceName\":\"", 'N', 10 * 1024 * 1024, "\"}");
}

static void
long_name_info(struct visit *v)
{
	send_filled(v, "{\"id\":\"hostile-long-name\"," CAMERA ",\"deviceName\":\"long ", 'N', 500 * 1024, "\"}");
}

static void
deep_info(struct visit *v)
{
	send_filled(v, "{\"id\":\"hostile-deep\",\"deviceName\":", '[', 10000, "");
}

static void
deep_events(struct visit *v)
{
	char *deep = calloc(1, 20001);

	memset(deep, '[', 10000);
	memset(deep + 10000, ']', 10000);
	send_text(v, EVENTS);
	for (int i = 0; i < 10; i++)
		if (!send_text(v, "event: health\ndata: ") || !send_text(v, deep) || !send_text(v, "\n\n"))
			break;
	free(deep);
	send_forever(v, ":\n", 2, 1000);
}

/* Whatever number is there, somebody computes with it. */
static void
numbers_events(struct visit *v)
{
	static const char *const odd[] = { "1e308", "-1e308", "9223372036854775807", "-9223372036854775808", "0", "-1", "1e-300", "4294967296" };
	char json[2048];

	send_text(v, EVENTS);
	for (size_t i = 0;; i = (i + 1) % (sizeof odd / sizeof odd[0])) {
		const char *n = odd[i];

		snprintf(json, sizeof json, "event: health\ndata: {\"timeUs\":%s,\"recording\":{\"state\":\"recording\",\"take\":\"1\",\"sphere\":\"s\","
		    "\"sinceUs\":%s,\"bytes\":%s},\"format\":{\"width\":%s,\"height\":%s,\"rate\":%s,\"bitrateBps\":%s},\"zoom\":%s,\"fps\":%s,"
		    "\"droppedFrames\":%s,\"audio\":{\"peakDbfs\":%s,\"rmsDbfs\":%s,\"clips\":%s},\"battery\":{\"level\":%s,\"minutesLeft\":%s},"
		    "\"storage\":{\"freeBytes\":%s},\"network\":{\"rssiDbm\":%s}}\n\n", n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n);
		if (!send_text(v, json))
			return;
		pause_ms(300);
	}
}

/* ---- Too much, or never an end ---- */

static void
two_gigabytes_info(struct visit *v)
{
	if (send_text(v, JSON "Content-Length: 2147483648\r\n\r\n{"))
		send_forever(v, "                                                                ", 64, 0);
}

static void
endless_line_events(struct visit *v)
{
	char line[65536];

	memset(line, 'A', sizeof line);
	if (send_text(v, EVENTS "event: health\ndata: "))
		send_forever(v, line, sizeof line, 0);
}

static void
flood_events(struct visit *v)
{
	static const char event[] = "event: zoom\ndata: {\"value\":2,\"timeUs\":1}\n\n";

	if (send_text(v, EVENTS))
		send_forever(v, event, sizeof event - 1, 0);
}

static void
flood_stream(struct visit *v)
{
	send_text(v, PICTURES);
	while (send_part(v, fake_jpeg, fake_jpeg_len))
		;
}

static void
big_part_stream(struct visit *v)
{
	char block[65536];

	memset(block, 'x', sizeof block);
	if (send_text(v, PICTURES "--b\r\nContent-Type: image/jpeg\r\nContent-Length: 2147483648\r\n\r\n"))
		send_forever(v, block, sizeof block, 0);
}

static void
slow_info(struct visit *v)
{
	if (send_text(v, "HTTP/1.1 200 OK\r\nX-Slow: "))
		send_forever(v, "z", 1, 100);
}

static void
silent_info(struct visit *v)
{
	while (recv(v->fd, v->request, sizeof v->request, 0) > 0)
		;
}

static void
endless_head_info(struct visit *v)
{
	static const char line[] = "X-Filler: 0123456789012345678901234567890123456789012345678901234567890123456789\r\n";

	if (send_text(v, "HTTP/1.1 200 OK\r\n"))
		send_forever(v, line, sizeof line - 1, 0);
}

/* ---- Nonsense ---- */

static void
noise_info(struct visit *v)
{
	char noise[4096];

	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (char)(i * 7919 % 251);
	if (send_text(v, RAW_CODES "\r\n\r\n"))
		send_bytes(v, noise, sizeof noise);
}

static void
elsewhere_info(struct visit *v)
{
	send_text(v, "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
}

static void
no_boundary_stream(struct visit *v)
{
	if (send_text(v, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: multipart/x-mixed-replace\r\n\r\n"))
		while (send_part(v, fake_jpeg, fake_jpeg_len))
			pause_ms(200);
}

static void
huge_picture_stream(struct visit *v)
{
	unsigned char *jpeg = malloc(fake_jpeg_len);

	memcpy(jpeg, fake_jpeg, fake_jpeg_len);
	for (size_t i = 0; i + 8 < fake_jpeg_len; i++)
		if (jpeg[i] == 0xff && jpeg[i + 1] == 0xc0) {	/* start of frame: 60000 x 60000 */
			jpeg[i + 5] = jpeg[i + 7] = 0xea;
			jpeg[i + 6] = jpeg[i + 8] = 0x60;
			break;
		}
	send_text(v, PICTURES);
	while (send_part(v, jpeg, fake_jpeg_len))
		pause_ms(200);
	free(jpeg);
}

static const struct guest guests[] = {
	{ "codes", codes_info, codes_events, NULL, codes_command },
	{ "bidi", bidi_info, decent_events, NULL, NULL },
	{ "ten-megabytes", ten_megabytes_info, NULL, NULL, NULL },
	{ "long-name", long_name_info, NULL, NULL, NULL },
	{ "deep", deep_info, NULL, NULL, NULL },
	{ "deep-events", NULL, deep_events, NULL, NULL },
	{ "numbers", NULL, numbers_events, NULL, NULL },
	{ "two-gigabytes", two_gigabytes_info, NULL, NULL, two_gigabytes_info },
	{ "endless-line", NULL, endless_line_events, NULL, two_gigabytes_info },
	{ "flood", NULL, flood_events, NULL, NULL },
	{ "flood-pictures", NULL, NULL, flood_stream, NULL },
	{ "big-part", NULL, NULL, big_part_stream, silent_info },
	{ "slow", slow_info, NULL, NULL, NULL },
	{ "silent", silent_info, NULL, NULL, NULL },
	{ "endless-head", endless_head_info, NULL, NULL, NULL },
	{ "noise", noise_info, noise_info, noise_info, noise_info },
	{ "elsewhere", elsewhere_info, NULL, NULL, NULL },
	{ "no-boundary", NULL, NULL, no_boundary_stream, noise_info },
	{ "huge-picture", NULL, NULL, huge_picture_stream, NULL },
};

/* ---- Serving ---- */

static void
answer(struct visit *v)
{
	const struct guest *g = v->guest;
	char path[64] = "";

	sscanf(v->request, "%*s %63[^ ?]", path);
	if (strncmp(v->request, "POST", 4) == 0)
		(g->command != NULL ? g->command : decent_command)(v);
	else if (strcmp(path, "/info") == 0)
		(g->info != NULL ? g->info : decent_info)(v);
	else if (strcmp(path, "/events") == 0)
		(g->events != NULL ? g->events : decent_events)(v);
	else if (strcmp(path, "/stream") == 0)
		(g->stream != NULL ? g->stream : decent_stream)(v);
	else
		send_text(v, "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

static void *
visit_run(void *arg)
{
	struct visit *v = arg;
	size_t len = 0;
	ssize_t n;

	while (len < sizeof v->request - 1 && strstr(v->request, "\r\n\r\n") == NULL
	    && (n = recv(v->fd, v->request + len, sizeof v->request - 1 - len, 0)) > 0)
		len += (size_t)n;
	answer(v);
	shutdown(v->fd, SHUT_WR);
	while (recv(v->fd, v->request, sizeof v->request, 0) > 0)
		;
	close(v->fd);
	free(v);
	return NULL;
}

struct door { const struct guest *guest; int fd; };

static void *
door_run(void *arg)
{
	struct door *d = arg;
	int fd;

	while ((fd = accept(d->fd, NULL, NULL)) >= 0) {
		struct visit *v = calloc(1, sizeof *v);
		pthread_t thread;

		v->guest = d->guest;
		v->fd = fd;
		if (pthread_create(&thread, NULL, visit_run, v) != 0)
			abort();
		pthread_detach(thread);
	}
	return NULL;
}

static void
open_door(struct door *d, const struct guest *guest)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	pthread_t thread;

	d->guest = guest;
	d->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(d->fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(d->fd, 64) != 0
	    || getsockname(d->fd, (struct sockaddr *)&at, &len) != 0 || pthread_create(&thread, NULL, door_run, d) != 0)
		abort();
	pthread_detach(thread);
	printf("%d %s\n", ntohs(at.sin_port), guest->name);
}

int
main(void)
{
	static struct door doors[sizeof guests / sizeof guests[0]];

	for (size_t i = 0; i < sizeof guests / sizeof guests[0]; i++)
		open_door(&doors[i], &guests[i]);
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
}
