/*
 * t_tokens.c - the secrets of a Sphere's claims: what they look like, where they are, who may read them, and what is left of
 * them when their file is not what it was.
 */
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
#include "base/str.h"
#include "io/tokens.h"
#include "support/loop_fake.h"
#include "support/scratch.h"

#define SPHERE "b9a3ac5b-3f0e-4d3a-9a44-2f0a7b9f2f11"
#define FILE_NAME "state/livedirector/claims/" SPHERE ".json"
#define GOOD "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

struct world {
	char *folder, *path;
	struct loop *loop;
	struct diskq *queue;
	struct err saved;
	int saves;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->folder = scratch_new();
	setenv("XDG_STATE_HOME", scratch_path(w->folder, "state"), 1);
	w->path = strdup(scratch_path(w->folder, FILE_NAME));
	w->loop = loop_fake_new();
	w->queue = diskq_new(w->loop);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	diskq_free(w->queue);
	loop_fake_turn(w->loop);
	loop_free(w->loop);
	scratch_free(w->folder);
	free(w->path);
	free(w);
	return 0;
}

static void
on_saved(void *arg, const struct err *e)
{
	struct world *w = arg;

	w->saves++;
	w->saved = *e;
}

static void
save(struct world *w, struct tokens *t)
{
	const int before = w->saves;

	tokens_save(t, w->queue, on_saved, w);
	for (int i = 0; i < 300000 && w->saves == before; i++) {
		loop_fake_turn(w->loop);
		usleep(200);
	}
	assert_int_equal(w->saves, before + 1);
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void
token_is_256_bits_in_base64url_and_never_the_same(void **state)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	struct err e = { .kind = ERR_NONE };
	struct tokens *t = tokens_open(SPHERE, &e);
	bool seen[64] = { false };
	char node[16];
	int kinds = 0;

	(void)state;
	assert_non_null(t);
	for (int i = 0; i < 200; i++) {
		const char *token;

		snprintf(node, sizeof node, "cam%d", i);
		assert_null(tokens_of(t, node));
		token = tokens_make(t, node);
		assert_int_equal(strlen(token), 43);
		assert_int_equal(strspn(token, letters), 43);
		assert_non_null(strchr("AEIMQUYcgkosw048", token[42]));	/* 4 bits, and no more */
		assert_string_equal(tokens_make(t, node), token);
		for (int k = 0; k < i; k++) {
			snprintf(node, sizeof node, "cam%d", k);
			assert_string_not_equal(tokens_of(t, node), token);
		}
		for (int k = 0; k < 42; k++)
			seen[strchr(letters, token[k]) - letters] = true;
	}
	for (int i = 0; i < 64; i++)
		kinds += seen[i];
	assert_int_equal(kinds, 64);
	tokens_close(t);
}

static void
saved_tokens_are_there_again_and_for_their_owner_alone(void **state)
{
	struct world *w = *state;
	struct err e = { .kind = ERR_NONE };
	struct tokens *t = tokens_open(SPHERE, &e);
	char a[TOKENS_BYTES];

	str_copy(a, sizeof a, tokens_make(t, "cam1"));
	tokens_make(t, "cam2#2");
	tokens_drop(t, "cam1");
	assert_null(tokens_of(t, "cam1"));
	str_copy(a, sizeof a, tokens_make(t, "cam1"));
	save(w, t);
	assert_int_equal(w->saved.kind, ERR_NONE);
	tokens_close(t);
	assert_int_equal(mode_of(w->path), 0600);
	assert_int_equal(mode_of(scratch_path(w->folder, "state/livedirector/claims")), 0700);
	t = tokens_open(SPHERE, &e);
	assert_int_equal(e.kind, ERR_NONE);
	assert_string_equal(tokens_of(t, "cam1"), a);
	assert_non_null(tokens_of(t, "cam2#2"));
	assert_null(tokens_of(t, "cam3"));
	tokens_close(t);
	t = tokens_open("another", &e);		/* a Sphere has its own */
	assert_null(tokens_of(t, "cam1"));
	tokens_close(t);
}

static void
file_that_others_may_read_is_closed_to_them(void **state)
{
	struct world *w = *state;
	struct err e = { .kind = ERR_NONE };
	struct tokens *t = tokens_open(SPHERE, &e);

	scratch_write(w->path, "{\"tokens\":[{\"node\":\"cam1\",\"token\":\"" GOOD "\"}]}");
	assert_int_equal(chmod(w->path, 0644), 0);
	tokens_close(t);
	t = tokens_open(SPHERE, &e);
	assert_string_equal(tokens_of(t, "cam1"), GOOD);
	assert_int_equal(mode_of(w->path), 0600);
	scratch_write(scratch_path(w->folder, FILE_NAME ".tmp"), "left by a crash");
	assert_int_equal(chmod(scratch_path(w->folder, FILE_NAME ".tmp"), 0666), 0);
	save(w, t);
	assert_int_equal(mode_of(w->path), 0600);
	tokens_close(t);
}

static void
what_is_no_token_is_left_out(void **state)
{
	struct world *w = *state;
	struct err e = { .kind = ERR_NONE };

	tokens_close(tokens_open(SPHERE, &e));
	scratch_write(w->path, "{\"tokens\":[{\"node\":\"short\",\"token\":\"abc\"},{\"node\":\"odd\",\"token\":\"" GOOD "!\"},"
	    "{\"node\":\"\",\"token\":\"" GOOD "\"},{\"token\":7},[],null,{\"node\":\"cam1\",\"token\":\"" GOOD "\"}]}");
	struct tokens *t = tokens_open(SPHERE, &e);
	assert_int_equal(e.kind, ERR_NONE);
	assert_null(tokens_of(t, "short"));
	assert_null(tokens_of(t, "odd"));
	assert_null(tokens_of(t, ""));
	assert_string_equal(tokens_of(t, "cam1"), GOOD);
	tokens_close(t);
}

static void
file_that_makes_no_sense_is_put_aside_and_said(void **state)
{
	static const char *const texts[] = { "", "{\"tokens\":[", "{\"tokens\":{}}", "[]", "\xff\xfe" };
	struct world *w = *state;

	tokens_close(tokens_open(SPHERE, &(struct err){ .kind = ERR_NONE }));
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct err e = { .kind = ERR_NONE };
		struct tokens *t;
		char *aside;

		scratch_write(w->path, texts[i]);
		t = tokens_open(SPHERE, &e);
		assert_non_null(t);
		assert_int_equal(e.kind, ERR_FORMAT);
		assert_non_null(strstr(e.text, "put aside"));
		assert_false(scratch_exists(w->path));
		aside = scratch_read(scratch_path(w->folder, FILE_NAME ".bad"));
		assert_string_equal(aside, texts[i]);
		free(aside);
		assert_non_null(tokens_make(t, "cam1"));
		tokens_close(t);
	}
}

static void
no_place_to_keep_them_is_said(void **state)
{
	struct world *w = *state;
	struct err e = { .kind = ERR_NONE };

	scratch_write(scratch_path(w->folder, "file"), "");
	setenv("XDG_STATE_HOME", scratch_path(w->folder, "file"), 1);
	assert_null(tokens_open(SPHERE, &e));
	assert_int_equal(e.kind, ERR_DISK);
}

static void
disk_that_refuses_is_told_to_who_waits(void **state)
{
	struct world *w = *state;
	struct err e = { .kind = ERR_NONE };
	struct tokens *t = tokens_open(SPHERE, &e);

	tokens_make(t, "cam1");
	assert_int_equal(rmdir(scratch_path(w->folder, "state/livedirector/claims")), 0);
	scratch_write(scratch_path(w->folder, "state/livedirector/claims"), "in the way");
	save(w, t);
	assert_int_equal(w->saved.kind, ERR_DISK);
	assert_null(strstr(w->saved.text, tokens_of(t, "cam1")));
	tokens_close(t);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(token_is_256_bits_in_base64url_and_never_the_same), T(saved_tokens_are_there_again_and_for_their_owner_alone),
		T(file_that_others_may_read_is_closed_to_them), T(what_is_no_token_is_left_out),
		T(file_that_makes_no_sense_is_put_aside_and_said), T(no_place_to_keep_them_is_said), T(disk_that_refuses_is_told_to_who_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
