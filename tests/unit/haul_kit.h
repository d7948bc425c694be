/*
 * haul_kit.h - what the tests of the fetch engine share: an engine that is quick to try again, a server with bad days, a
 * private folder, files whose story is kept.
 */
#ifndef UNIT_HAUL_KIT_H
#define UNIT_HAUL_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clk.h"
#include "io/digest.h"
#include "io/haul.h"
#include "io/loop_uv.h"
#include "support/file_server.h"
#include "support/scratch.h"

#define GIVE_UP_US (60 * 1000000LL)

struct bench {
	struct loop *loop;
	struct haul *haul;
	struct file_server *server;
	char *folder;
	struct haul_conf conf;
	bool (*is_met)(void *arg);
	void *met_arg;
	int64_t until_us;
	bool gave_up;
};

struct file {				/* one wish and its story */
	struct bench *b;
	int number;
	int64_t bytes;
	unsigned seed;
	char name[32], sha256[65], url[64];
	struct haul_wish *wish;
	struct haul_news last;
	int news, ends, seen[HAUL_FAILED + 1];
	int64_t first_us, last_us, fetched_us, ended_us, least_gap_us;
	int64_t from_bytes;		/* of the first word that it moves: what a resume began with */
	char trouble[320];		/* the last sentence of a retry or a full disk */
};

static inline int64_t
kit_now_us(void)
{
	return clk_mono_us(clk_system());
}

static inline void
kit_news(void *arg, struct haul_wish *w, const struct haul_news *n)
{
	struct file *f = arg;
	int64_t now_us = kit_now_us();

	assert_ptr_equal(w, f->wish);
	assert_int_equal(f->ends, 0);		/* nothing comes after the end */
	if (n->state == HAUL_MOVING && f->last.state == HAUL_MOVING && f->last_us != 0 && now_us - f->last_us < f->least_gap_us)
		f->least_gap_us = now_us - f->last_us;
	if (f->seen[HAUL_MOVING] == 0 && n->state == HAUL_MOVING)
		f->from_bytes = n->bytes;
	if (n->err.kind != ERR_NONE)
		snprintf(f->trouble, sizeof f->trouble, "%s", n->err.text);
	if (n->state == HAUL_FETCHED && f->fetched_us == 0)
		f->fetched_us = now_us;
	f->last = *n;
	f->last_us = now_us;
	f->news++;
	f->seen[n->state]++;
	f->ends += n->state == HAUL_VERIFIED || n->state == HAUL_FAILED;
	if (f->ends > 0)
		f->ended_us = now_us;
}

static inline void
kit_look(void *arg)
{
	struct bench *b = arg;

	b->gave_up = kit_now_us() > b->until_us;
	if (b->gave_up || b->is_met(b->met_arg))
		loop_stop(b->loop);
}

/* Turns the loop until the condition holds; a minute is long enough for anything here. */
static inline void
kit_until(struct bench *b, bool (*is_met)(void *arg), void *arg)
{
	struct loop_timer *t = loop_timer_new(b->loop, kit_look, b);

	b->is_met = is_met;
	b->met_arg = arg;
	b->until_us = kit_now_us() + GIVE_UP_US;
	loop_timer_start(b->loop, t, 0, 2000);
	loop_run(b->loop);
	loop_timer_free(b->loop, t);
	assert_false(b->gave_up);
}

static inline bool
kit_has_ended(void *arg)
{
	return ((struct file *)arg)->ends > 0;
}

static inline bool
kit_is_moving(void *arg)
{
	struct haul_news n;

	haul_look(((struct file *)arg)->wish, &n);
	return n.state == HAUL_MOVING && n.bytes > 0;
}

static inline void
kit_file(struct bench *b, struct file *f, int64_t bytes, unsigned seed)
{
	memset(f, 0, sizeof *f);
	f->b = b;
	f->bytes = bytes;
	f->seed = seed;
	f->least_gap_us = INT64_MAX;
	f->number = file_server_add(b->server, bytes, seed);
	file_server_url(b->server, f->number, f->url, sizeof f->url);
	file_server_sha256(bytes, seed, f->sha256);
	snprintf(f->name, sizeof f->name, "file-%u.mp4", seed);
}

static inline void
kit_day(struct file *f, const struct file_server_day *day)
{
	file_server_set(f->b->server, f->number, day);
}

/* As the node's words usually are; a test changes what it is about. */
static inline struct haul_ask
kit_ask(const struct file *f, const char *const *urls)
{
	return (struct haul_ask){
		.node = f->name, .recording = f->name, .urls = urls, .url_count = 1, .folder = f->b->folder, .name = f->name,
		.bytes = f->bytes, .sha256 = f->sha256,
	};
}

static inline void
kit_wish_as(struct file *f, const struct haul_ask *ask)
{
	struct err e = { 0 };

	f->wish = haul_add(f->b->haul, ask, kit_news, f, &e);
	assert_string_equal(e.text, "");
	assert_non_null(f->wish);
	f->ends = f->news = 0;
	f->last_us = 0;
	memset(f->seen, 0, sizeof f->seen);
}

static inline void
kit_wish(struct file *f)
{
	const char *urls[] = { f->url };
	struct haul_ask ask = kit_ask(f, urls);

	kit_wish_as(f, &ask);
}

/* A path beside the file's own: ".part", ".bad", ...; good until the fourth next call. */
static inline const char *
kit_path(const struct file *f, const char *suffix)
{
	static char paths[4][512];
	static int at;

	at = (at + 1) % 4;
	snprintf(paths[at], sizeof paths[at], "%s/%s%s", f->b->folder, f->name, suffix);
	return paths[at];
}

static inline bool
kit_is_there(const struct file *f, const char *suffix)
{
	return access(kit_path(f, suffix), F_OK) == 0;
}

/* Under its final name stands exactly what the server has, and nothing is left beside it. */
static inline void
kit_is_home(const struct file *f)
{
	struct err e = { 0 };
	char sha256[65];

	assert_true(digest_file(kit_path(f, ""), sha256, &e));
	assert_string_equal(sha256, f->sha256);
	assert_false(kit_is_there(f, ".part"));
	assert_false(kit_is_there(f, ".part.state"));
}

static inline void
kit_verified(struct file *f)
{
	kit_until(f->b, kit_has_ended, f);
	assert_string_equal(f->last.err.text, "");
	assert_int_equal(f->last.state, HAUL_VERIFIED);
	assert_int_equal(f->last.bytes, f->bytes);
	assert_int_equal(f->last.durable_bytes, f->bytes);
	assert_string_equal(f->last.sha256, f->sha256);
	kit_is_home(f);
}

static inline void
kit_failed(struct file *f, enum haul_why why, const char *sentence)
{
	kit_until(f->b, kit_has_ended, f);
	assert_int_equal(f->last.state, HAUL_FAILED);
	assert_int_equal(f->last.why, why);
	if (strstr(f->last.err.text, sentence) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f->last.err.text, sentence);
	assert_false(kit_is_there(f, ""));
}

/* The engine ends and another begins, as a console that is started again. */
static inline void
kit_restart(struct bench *b)
{
	haul_free(b->haul);
	b->haul = haul_new(b->loop, &b->conf);
}

/* Waits long enough before the next try for the reason to be told. */
static inline void
kit_be_patient(struct bench *b)
{
	b->conf.retry_first_us = b->conf.retry_most_us = 600000;
	kit_restart(b);
}

static inline int
kit_setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	b->conf = (struct haul_conf){ .stall_us = 300000, .retry_first_us = 10000, .retry_most_us = 50000,
		.space_look_us = 50000, .reserve_bytes = -1, .checkpoint_bytes = 256 * 1024, .checkpoint_us = 100000 };
	b->loop = loop_uv_new(2);
	b->server = file_server_new();
	b->folder = scratch_new();
	b->haul = haul_new(b->loop, &b->conf);
	*state = b;
	return 0;
}

static inline int
kit_teardown(void **state)
{
	struct bench *b = *state;

	haul_free(b->haul);
	loop_free(b->loop);
	file_server_free(b->server);
	scratch_free(b->folder);
	free(b);
	return 0;
}

#endif
