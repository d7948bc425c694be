/*
 * bench_haul.c - recordings home: our fetch engine at a server that is already there, and at one that drops connections.
 * Prints figures; asserts nothing but that the files are right.
 *
 *	bench_haul fetch [-t THREADS] [-k CHECKPOINT_MB] FOLDER SUMS BASE_URL		SUMS: lines of "SHA256  NAME"
 *	bench_haul drops FOLDER FILES MEGABYTES DROPS [SEED]				a server of its own, files made up as they are sent
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clk.h"
#include "base/xalloc.h"
#include "io/haul.h"
#include "io/loop_uv.h"
#include "support/file_server.h"

#define FILES_MAX 64
#define LOOK_US 2000

struct one {
	char name[80], sha256[65], *url;
	int64_t bytes, last_byte_us, verified_us;
	struct haul_wish *wish;
	struct bench *b;
};

struct bench {
	struct loop *loop;
	struct haul *haul;
	struct one files[FILES_MAX];
	int count, left;
	bool failed;
};

static int64_t
now_us(void)
{
	return clk_mono_us(clk_system());
}

static double
cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void
on_news(void *arg, struct haul_wish *w, const struct haul_news *n)
{
	struct one *f = arg;

	(void)w;
	if (n->state != HAUL_VERIFIED && n->state != HAUL_FAILED)
		return;
	f->verified_us = now_us();
	if (n->state == HAUL_FAILED) {
		fprintf(stderr, "%s: %s\n", f->name, n->err.text);
		f->b->failed = true;
	}
	if (--f->b->left == 0)
		loop_stop(f->b->loop);
}

/* News come four times a second; when the last byte came is to be known better. */
static void
on_look(void *arg)
{
	struct bench *b = arg;
	struct haul_news n;

	for (int i = 0; i < b->count; i++)
		if (b->files[i].last_byte_us == 0) {
			haul_look(b->files[i].wish, &n);
			if (n.total_bytes > 0 && n.bytes == n.total_bytes)
				b->files[i].last_byte_us = now_us();
		}
}

/* All files from begin to verified; each from a node of its own. */
static void
fetch_all(struct bench *b, const struct haul_conf *conf, const char *folder)
{
	struct loop_timer *t;

	b->loop = loop_uv_new(2);
	b->haul = haul_new(b->loop, conf);
	b->left = b->count;
	for (int i = 0; i < b->count; i++) {
		struct one *f = &b->files[i];
		const char *urls[] = { f->url };
		struct haul_ask ask = { .node = f->name, .recording = f->name, .urls = urls, .url_count = 1, .folder = folder,
			.name = f->name, .bytes = f->bytes, .sha256 = f->sha256 };

		f->b = b;
		f->wish = haul_add(b->haul, &ask, on_news, f, NULL);
		XASSERT(f->wish != NULL);
	}
	t = loop_timer_new(b->loop, on_look, b);
	loop_timer_start(b->loop, t, 0, LOOK_US);
	loop_run(b->loop);
	loop_timer_free(b->loop, t);
}

static double
worst_tail_ms(const struct bench *b)
{
	int64_t worst_us = 0;

	for (int i = 0; i < b->count; i++)
		if (b->files[i].last_byte_us != 0 && b->files[i].verified_us - b->files[i].last_byte_us > worst_us)
			worst_us = b->files[i].verified_us - b->files[i].last_byte_us;
	return (double)worst_us / 1e3;
}

static void
end(struct bench *b)
{
	haul_free(b->haul);
	loop_free(b->loop);
	for (int i = 0; i < b->count; i++)
		free(b->files[i].url);
}

static int
usage(void)
{
	fputs("usage: bench_haul fetch [-t THREADS] [-k CHECKPOINT_MB] FOLDER SUMS BASE_URL\n"
	    "       bench_haul drops FOLDER FILES MEGABYTES DROPS [SEED]\n", stderr);
	return 2;
}

static bool
read_sums(struct bench *b, const char *path, const char *base)
{
	FILE *in = fopen(path, "r");
	struct one *f = b->files;

	if (in == NULL)
		return false;
	while (b->count < FILES_MAX && fscanf(in, "%64s %79s", f->sha256, f->name) == 2) {
		f->url = xasprintf("%s/%s", base, f->name);
		f->bytes = -1;
		b->count++;
		f++;
	}
	fclose(in);
	return b->count > 0;
}

static int
fetch_main(int argc, char **argv)
{
	struct haul_conf conf = { 0 };
	struct bench b = { 0 };
	int64_t begun_us;
	double cpu;
	int option;

	while ((option = getopt(argc, argv, "t:k:")) != -1)
		if (option == 't')
			conf.threads = (int)strtol(optarg, NULL, 10);
		else if (option == 'k')
			conf.checkpoint_bytes = strtoll(optarg, NULL, 10) * 1024 * 1024;
		else
			return usage();
	if (argc - optind != 3 || !read_sums(&b, argv[optind + 1], argv[optind + 2]))
		return usage();
	begun_us = now_us();
	cpu = cpu_s();
	fetch_all(&b, &conf, argv[optind]);
	printf("wall %.3f cpu %.3f tail_ms %.1f files %d\n", (double)(now_us() - begun_us) / 1e6, cpu_s() - cpu, worst_tail_ms(&b), b.count);
	end(&b);
	return b.failed;
}

/* Half of them with a reset, which loses what lies in the socket. */
static void
plan_drops(struct file_server *s, const struct bench *b, int drops)
{
	struct file_server_day days[FILES_MAX];

	memset(days, 0, sizeof days);
	for (int i = 0; i < drops; i++) {
		struct file_server_day *day = &days[i % b->count];
		int at = day->drop_count++;
		int64_t byte = (int64_t)((double)random() / (double)RAND_MAX * (double)b->files[i % b->count].bytes);

		for (; at > 0 && day->drops[at - 1] > byte; at--)
			day->drops[at] = day->drops[at - 1];
		day->drops[at] = byte;
		day->reset = i / b->count % 2 == 0;
	}
	for (int i = 0; i < b->count; i++)
		file_server_set(s, i, &days[i]);
}

static int
drops_main(int argc, char **argv)
{
	struct haul_conf conf = { .retry_first_us = 20000 };
	struct file_server *s = file_server_new();
	struct bench b = { 0 };
	struct haul_totals t;
	int64_t megabytes, begun_us, sent = 0;
	int drops, connections = 0;

	if (argc < 5)
		return usage();
	b.count = (int)strtol(argv[2], NULL, 10);
	megabytes = strtoll(argv[3], NULL, 10);
	drops = (int)strtol(argv[4], NULL, 10);
	srandom(argc > 5 ? (unsigned)strtoul(argv[5], NULL, 10) : (unsigned)now_us());
	for (int i = 0; i < b.count; i++) {
		struct one *f = &b.files[i];

		f->bytes = megabytes * 1000000 / b.count;
		snprintf(f->name, sizeof f->name, "drops-%d.bin", i);
		f->url = xasprintf("http://127.0.0.1:%d/%d", file_server_port(s), file_server_add(s, f->bytes, (unsigned)i + 1));
		file_server_sha256(f->bytes, (unsigned)i + 1, f->sha256);
	}
	plan_drops(s, &b, drops);
	begun_us = now_us();
	fetch_all(&b, &conf, argv[1]);
	haul_total(b.haul, &t);
	for (int i = 0; i < b.count; i++) {
		struct file_server_seen seen;

		file_server_seen(s, i, &seen);
		sent += seen.body_bytes;
		connections += seen.requests;
	}
	printf("%d files, %lld MB, in %.1f s: received at our sockets %.4f times the size (heads and lost bytes included; goal <= 1.02), "
	    "the server gave %.4f; %d connections for %d drops; %s\n", b.count, (long long)megabytes, (double)(now_us() - begun_us) / 1e6,
	    (double)t.received_bytes / (double)t.total_bytes, (double)sent / (double)t.total_bytes, connections, drops, b.failed ? "NOT VERIFIED" : "all verified");
	end(&b);
	file_server_free(s);
	return b.failed;
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "fetch") == 0)
		return fetch_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "drops") == 0)
		return drops_main(argc - 1, argv + 1);
	return usage();
}
