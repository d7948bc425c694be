/*
 * bench_sync.c - how near together the cameras of a take began, and whether the clocks' bounds held: reads a Sphere folder and
 * compares it with the truth, which it asks of the nodes itself, on their own side of the slow network.  None of the
 * console's code.
 *
 *	bench_sync ask FILE HOST PORT...	asks each node's clock and adds a line to FILE: node, our time, its offset, +-
 *	bench_sync judge FILE SPHERE N		takes 1..N of SPHERE were planned for an instant (atUs), the others were not
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NODES 64
#define TAKES 1000
#define ASKED 60	/* of which the least round trip counts */

struct truth {			/* a straight line through the first and the last word */
	char node[64];
	double at_us, offset_us, wrong_us, last_us, last_offset_us;
};

struct word {			/* the newest estimate in the journal */
	char node[64];
	double at_us, offset_us, bound_us, drift_ppm, drift_bound_ppm;
};

static struct truth truths[NODES];
static struct word words[NODES];
static int truth_count, word_count;
static long samples, held;
static double worst_us;

static double
utc_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ---- Asking ---- */

static int
reach(const char *host, const char *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	inet_pton(AF_INET, host, &at.sin_addr);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
		perror("bench_sync: connect");
		exit(1);
	}
	return fd;
}

/* One answer with a JSON object for a body. */
static json_t *
get(int fd, const char *path)
{
	char text[8192], *body;
	size_t len = (size_t)snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: node\r\n\r\n", path), have = 0, want = 0;
	ssize_t n = write(fd, text, len);

	while (n > 0 && (want == 0 || have < want) && have < sizeof text - 1) {
		n = read(fd, text + have, sizeof text - 1 - have);
		have += n > 0 ? (size_t)n : 0;
		text[have] = '\0';
		body = strstr(text, "\r\n\r\n");
		if (want == 0 && body != NULL && strcasestr(text, "content-length:") != NULL)
			want = (size_t)(body + 4 - text) + strtoul(strcasestr(text, "content-length:") + 15, NULL, 10);
	}
	body = strstr(text, "\r\n\r\n");
	return body != NULL ? json_loads(body + 4, 0, NULL) : NULL;
}

static const char *
text_of(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text != NULL ? text : "";
}

static double
number_of(const json_t *j, const char *key)
{
	return json_number_value(json_object_get(j, key));
}

static void
ask_node(FILE *out, const char *host, const char *port)
{
	int fd = reach(host, port);
	json_t *info = get(fd, "/info");
	double least_us = 1e18, at_us = 0, offset_us = 0;

	for (int i = 0; i < ASKED; i++) {
		double sent_us = utc_us(), received_us;
		json_t *j = get(fd, "/time");

		received_us = utc_us();
		if (j != NULL && received_us - sent_us < least_us) {
			least_us = received_us - sent_us;
			at_us = (sent_us + received_us) / 2;
			offset_us = (number_of(j, "receivedUs") + number_of(j, "sentUs")) / 2 - at_us;
		}
		json_decref(j);
	}
	fprintf(out, "%s %.1f %.1f %.1f\n", text_of(info, "id"), at_us, offset_us, least_us / 2);
	json_decref(info);
	close(fd);
}

/* ---- The truth ---- */

static struct truth *
truth_of(const char *node)
{
	for (int i = 0; i < truth_count; i++)
		if (strcmp(truths[i].node, node) == 0)
			return &truths[i];
	return NULL;
}

static void
read_truth(const char *file)
{
	FILE *in = fopen(file, "r");
	struct truth t;

	while (in != NULL && fscanf(in, "%63s %lf %lf %lf", t.node, &t.at_us, &t.offset_us, &t.wrong_us) == 4) {
		struct truth *known = truth_of(t.node);

		if (known == NULL && truth_count < NODES) {
			known = &truths[truth_count++];
			*known = t;
		}
		if (known != NULL) {
			known->last_us = t.at_us;
			known->last_offset_us = t.offset_us;
			known->wrong_us = t.wrong_us > known->wrong_us ? t.wrong_us : known->wrong_us;
		}
	}
	if (in != NULL)
		fclose(in);
}

static double
true_offset_us(const struct truth *t, double at_us)
{
	return t->offset_us + (t->last_offset_us - t->offset_us) * (at_us - t->at_us) / (t->last_us - t->at_us);
}

/* ---- The journal of the clocks ---- */

static struct word *
word_of(const char *node)
{
	for (int i = 0; i < word_count; i++)
		if (strcmp(words[i].node, node) == 0)
			return &words[i];
	return NULL;
}

/* What the journal claims of that instant; did it hold?  The truth itself is known only so well. */
static void
judge_claim(const struct word *w, double at_us)
{
	const struct truth *t = truth_of(w->node);
	double age_s = (at_us - w->at_us) / 1e6, off_us, bound_us;

	if (t == NULL)
		return;
	off_us = fabs(w->offset_us + w->drift_ppm * age_s - true_offset_us(t, at_us)) - t->wrong_us;
	bound_us = w->bound_us + w->drift_bound_ppm * fabs(age_s);
	samples++;
	held += off_us <= bound_us;
	worst_us = off_us > worst_us ? off_us : worst_us;
}

/* What a proof claims of the instant of a file's first frame. */
static void
judge_offset(const struct truth *t, double node_us, double offset_us, double bound_us)
{
	double off_us = fabs(offset_us - true_offset_us(t, node_us - offset_us)) - t->wrong_us;

	samples++;
	held += off_us <= bound_us;
	worst_us = off_us > worst_us ? off_us : worst_us;
}

static void
read_clock(const json_t *j)
{
	struct word *w = word_of(text_of(j, "node"));

	if (w == NULL && word_count < NODES)
		w = &words[word_count++];
	if (w == NULL)
		return;
	snprintf(w->node, sizeof w->node, "%s", text_of(j, "node"));
	w->at_us = number_of(j, "timeUs");
	w->offset_us = number_of(j, "offsetUs");
	w->bound_us = number_of(j, "boundUs");
	w->drift_ppm = number_of(j, "driftPpm");
	w->drift_bound_ppm = number_of(j, "driftBoundPpm");
	judge_claim(w, w->at_us);
}

static void
read_timebase(const char *sphere)
{
	char path[4096], line[4096];
	FILE *in;

	snprintf(path, sizeof path, "%s/sidecars/timebase.jsonl", sphere);
	in = fopen(path, "r");
	while (in != NULL && fgets(line, sizeof line, in) != NULL) {
		json_t *j = json_loads(line, 0, NULL);

		if (strcmp(text_of(j, "type"), "clock") == 0)
			read_clock(j);
		else if (strcmp(text_of(j, "type"), "sample") == 0 && word_of(text_of(j, "node")) != NULL)
			judge_claim(word_of(text_of(j, "node")), number_of(j, "timeUs"));
		json_decref(j);
	}
	if (in != NULL)
		fclose(in);
}

/* ---- The takes ---- */

struct spread { int devices; double mapped_ms, true_ms, off_ms; };

static void
widen(double range[2], double value, bool is_first)
{
	range[0] = is_first || value < range[0] ? value : range[0];
	range[1] = is_first || value > range[1] ? value : range[1];
}

/* By the console's word and by the truth: from the first camera's first frame to the last camera's. */
static bool
read_take(const char *sphere, int number, struct spread *out)
{
	char path[4096];
	double mapped[2] = { 0, 0 }, real[2] = { 0, 0 }, planned_us;
	json_t *take, *device;
	size_t i;

	*out = (struct spread){ .devices = 0 };
	snprintf(path, sizeof path, "%s/takes/%03d/take.json", sphere, number);
	take = json_load_file(path, 0, NULL);
	planned_us = number_of(take, "startedUs");
	json_array_foreach(json_object_get(take, "devices"), i, device) {
		const json_t *part = json_array_get(json_object_get(device, "parts"), 0);
		const struct truth *t = truth_of(text_of(device, "node"));
		double node_us = number_of(json_object_get(part, "recording"), "startUs"), at_us;

		if (t == NULL || node_us == 0 || number_of(part, "startUs") == 0)
			continue;
		at_us = node_us - true_offset_us(t, node_us - t->offset_us);
		judge_offset(t, node_us, number_of(part, "offsetUs"), number_of(part, "boundUs"));
		widen(mapped, number_of(part, "startUs"), out->devices == 0);
		widen(real, at_us, out->devices == 0);
		out->off_ms = fabs(at_us - planned_us) / 1e3 > out->off_ms ? fabs(at_us - planned_us) / 1e3 : out->off_ms;
		out->devices++;
	}
	json_decref(take);
	out->mapped_ms = (mapped[1] - mapped[0]) / 1e3;
	out->true_ms = (real[1] - real[0]) / 1e3;
	return out->devices > 0;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
print_takes(const char *what, const struct spread *s, int count)
{
	double mapped[TAKES], real[TAKES], off[TAKES];
	int devices = 0, within = 0;

	if (count == 0) {
		printf("%-14s none\n", what);
		return;
	}
	for (int i = 0; i < count; i++) {
		mapped[i] = s[i].mapped_ms;
		real[i] = s[i].true_ms;
		off[i] = s[i].off_ms;
		devices += s[i].devices;
		within += s[i].mapped_ms <= 33 && s[i].true_ms <= 33;
	}
	qsort(mapped, (size_t)count, sizeof *mapped, by_size);
	qsort(real, (size_t)count, sizeof *real, by_size);
	qsort(off, (size_t)count, sizeof *off, by_size);
	printf("%-14s %5d %8d %12.2f %9.2f %12.2f %9.2f %12.2f %9.2f %10d/%d\n", what, count, devices, mapped[(count - 1) / 2],
	    mapped[count - 1], real[(count - 1) / 2], real[count - 1], off[(count - 1) / 2], off[count - 1], within, count);
}

static void
judge(const char *sphere, int planned)
{
	static struct spread with[TAKES], without[TAKES];
	int with_count = 0, without_count = 0;
	struct spread s;

	printf("%-14s %5s %8s %22s %22s %22s %12s\n", "", "takes", "starts", "spread, by take.json", "spread, in truth", "off the plan, in truth",
	    "<= 33 ms");
	printf("%-14s %5s %8s %12s %9s %12s %9s %12s %9s\n", "ms", "", "", "median", "worst", "median", "worst", "median", "worst");
	for (int number = 1; number < TAKES; number++) {
		if (!read_take(sphere, number, &s))
			continue;
		if (number <= planned)
			with[with_count++] = s;
		else
			without[without_count++] = s;
	}
	print_takes("with atUs", with, with_count);
	print_takes("without", without, without_count);
	printf("goal                                  <= 5      <= 33\n");
	read_timebase(sphere);
	printf("clocks: %ld claims of an error bound, %.2f %% held (goal 99 %%); the worst estimate was %.2f ms off", samples,
	    samples > 0 ? 100.0 * (double)held / (double)samples : 0, worst_us / 1e3);
	for (int i = 0; i < truth_count; i++)
		worst_us = i == 0 || truths[i].wrong_us > worst_us ? truths[i].wrong_us : worst_us;
	printf("; the truth is known to %.2f ms\n", worst_us / 1e3);
}

int
main(int argc, char **argv)
{
	if (argc >= 5 && strcmp(argv[1], "ask") == 0) {
		FILE *out = fopen(argv[2], "a");

		for (int i = 4; out != NULL && i < argc; i++)
			ask_node(out, argv[3], argv[i]);
		return out == NULL || fclose(out) != 0;
	}
	if (argc == 5 && strcmp(argv[1], "judge") == 0) {
		read_truth(argv[2]);
		judge(argv[3], atoi(argv[4]));
		return 0;
	}
	fprintf(stderr, "usage: bench_sync ask FILE HOST PORT... | judge FILE SPHERE N\n");
	return 2;
}
