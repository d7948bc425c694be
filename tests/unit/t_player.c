/*
 * t_player.c - other programs: started and told of once, whether they live, end, fail or are not there; nobody is waited for.
 * And the players made of them: the setting's words, several files, where no window can be seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "app/player.h"
#include "app/settings.h"
#include "base/xalloc.h"
#include "io/launch.h"
#include "io/loop_uv.h"
#include "support/scratch.h"

#define LONG_US 30000000

struct world {
	struct loop *loop;
	char *folder;
	struct opt_set *settings;
	struct player *player;
	int told;
	struct err err;
	struct loop_timer *end;
	struct launch *launch;		/* waited for until it is over; NULL: until told */
};

static void
too_long(void *arg)
{
	(void)arg;
	fail_msg("nothing was told within 30 s");
}

static int
setup(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);

	w->loop = loop_uv_new(2);
	w->folder = scratch_new();
	w->settings = opt_set_new(settings_table);
	w->player = player_new(w->loop, w->settings);
	w->end = loop_timer_new(w->loop, too_long, w);
	loop_timer_start(w->loop, w->end, LONG_US, 0);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	player_free(w->player);
	loop_timer_free(w->loop, w->end);
	loop_free(w->loop);
	opt_set_free(w->settings);
	scratch_free(w->folder);
	free(w);
	return 0;
}

static void
on_told(void *arg, const struct err *e)
{
	struct world *w = arg;

	w->told++;
	w->err = *e;
	if (w->launch == NULL || launch_is_over(w->launch))
		loop_stop(w->loop);
}

/* An executable script of the scratch folder. */
static char *
script(struct world *w, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", w->folder, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", text);
	fclose(f);
	assert_int_equal(chmod(path, 0755), 0);
	return path;
}

static char *
read_file(struct world *w, const char *name)
{
	char *path = xasprintf("%s/%s", w->folder, name), *text = xcalloc(1, 4096);
	FILE *f = fopen(path, "r");

	if (f != NULL) {
		assert_true(fread(text, 1, 4095, f) < 4095);
		fclose(f);
	}
	free(path);
	return text;
}

static void
run(struct world *w, const char *const *argv, int first_file)
{
	struct launch *l = launch_start(w->loop, argv, first_file, on_told, w);

	loop_run(w->loop);
	assert_int_equal(w->told, 1);
	launch_free(l);
}

static void
one_that_ends_well_is_well(void **state)
{
	run(*state, (const char *const[]){ "true", NULL }, 1);
	assert_int_equal(((struct world *)*state)->err.kind, ERR_NONE);
}

static void
one_that_ends_at_once_with_a_failure_has_failed(void **state)
{
	struct world *w = *state;

	run(w, (const char *const[]){ "sh", "-c", "exit 3", NULL }, 3);
	assert_int_equal(w->err.kind, ERR_ENVIRONMENT);
	assert_string_equal(w->err.text, "sh ended at once with status 3");
}

static void
one_that_is_killed_at_once_says_so(void **state)
{
	struct world *w = *state;

	run(w, (const char *const[]){ "sh", "-c", "kill -9 $$", NULL }, 3);
	assert_string_equal(w->err.text, "sh was ended by signal 9");
}

static void
one_that_is_not_there_is_named(void **state)
{
	struct world *w = *state;

	run(w, (const char *const[]){ "no-such-player-here", NULL }, 1);
	assert_int_equal(w->err.kind, ERR_ENVIRONMENT);
	assert_non_null(strstr(w->err.text, "no-such-player-here cannot be started: No such file"));
}

static void
a_file_that_is_gone_is_told_before_anything_starts(void **state)
{
	struct world *w = *state;

	run(w, (const char *const[]){ "true", "/no/such/film.mp4", NULL }, 1);
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
	assert_non_null(strstr(w->err.text, "/no/such/film.mp4 cannot be read"));
}

/* It has its own session, no terminal, and lives on when it is let go. */
static void
one_that_lives_is_told_and_let_go(void **state)
{
	struct world *w = *state;
	char *go = xasprintf("%s/go", w->folder);
	char *path = script(w, "player",
	    "cut -d' ' -f6 /proc/$$/stat >\"$(dirname \"$0\")/sid\"; echo $$ >\"$(dirname \"$0\")/pid\"\n"
	    "while [ ! -e \"$(dirname \"$0\")/go\" ]; do sleep 0.05; done; : >\"$(dirname \"$0\")/ended\"");
	char *sid, *pid, *ended;
	FILE *f;

	run(w, (const char *const[]){ path, NULL }, 1);
	assert_int_equal(w->err.kind, ERR_NONE);
	sid = read_file(w, "sid");
	pid = read_file(w, "pid");
	assert_string_equal(sid, pid);
	f = fopen(go, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(waitpid((pid_t)atoi(pid), NULL, 0), atoi(pid));	/* let go: ours to reap */
	ended = xasprintf("%s/ended", w->folder);
	assert_int_equal(access(ended, F_OK), 0);
	free(ended);
	free(sid);
	free(pid);
	free(go);
	free(path);
}

static void
one_that_is_let_go_at_once_tells_nobody(void **state)
{
	struct world *w = *state;
	struct launch *l = launch_start(w->loop, (const char *const[]){ "true", NULL }, 1, on_told, w);

	launch_free(l);
	run(w, (const char *const[]){ "true", NULL }, 1);	/* the pool has had both */
	launch_free(NULL);
}

/* ---- Players ---- */

static void
open_files(struct world *w, const char *const *files, int count)
{
	struct err e = { .kind = ERR_NONE };

	assert_true(player_open(w->player, files, count, on_told, w, &e));
	loop_run(w->loop);
	assert_int_equal(w->told, 1);
}

static void
the_settings_words_come_before_the_files(void **state)
{
	struct world *w = *state;
	char *path = script(w, "my player", "printf '%s|' \"$@\" >\"$(dirname \"$0\")/args\"");
	char *one = script(w, "one $(rm).mp4", ""), *two = script(w, "-two.mp4", "");
	char *setting = xasprintf("\"%s\" --full  \"a b\"", path), *args, *want = xasprintf("--full|a b|%s|%s|", one, two);

	assert_true(opt_assign(w->settings, "player", setting, NULL));
	open_files(w, (const char *const[]){ one, two }, 2);
	assert_int_equal(w->err.kind, ERR_NONE);
	args = read_file(w, "args");
	assert_string_equal(args, want);
	free(args);
	free(want);
	free(setting);
	free(path);
	free(one);
	free(two);
}

static void
a_player_that_fails_says_what_to_set(void **state)
{
	struct world *w = *state;

	assert_true(opt_assign(w->settings, "player", "no-such-player-here", NULL));
	open_files(w, (const char *const[]){ "/etc/passwd" }, 1);
	assert_non_null(strstr(w->err.text, "`set player` names another one"));
}

static void
a_setting_that_is_no_command_is_refused(void **state)
{
	static const char *const bad[] = { "   ", "\"\"", "mpv \"open", "a a a a a a a a a a a a a a a a a a a a" };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct err e = { .kind = ERR_NONE };

		assert_true(opt_assign(w->settings, "player", bad[i], NULL));
		if (player_open(w->player, (const char *const[]){ "/etc/passwd" }, 1, on_told, w, &e))
			fail_msg("\"%s\" was taken", bad[i]);
		assert_non_null(strstr(e.text, "is no command"));
	}
}

static void
no_window_is_opened_where_nobody_would_see_it(void **state)
{
	static const char *const names[] = { "SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "DISPLAY", "WAYLAND_DISPLAY" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		unsetenv(names[i]);
	assert_string_equal(player_why_not(), "without a graphical screen");
	setenv("WAYLAND_DISPLAY", "wayland-0", 1);
	assert_null(player_why_not());
	setenv("DISPLAY", ":0", 1);
	assert_null(player_why_not());
	setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22", 1);
	assert_string_equal(player_why_not(), "over SSH");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(one_that_ends_well_is_well),
		T(one_that_ends_at_once_with_a_failure_has_failed),
		T(one_that_is_killed_at_once_says_so),
		T(one_that_is_not_there_is_named),
		T(a_file_that_is_gone_is_told_before_anything_starts),
		T(one_that_lives_is_told_and_let_go),
		T(one_that_is_let_go_at_once_tells_nobody),
		T(the_settings_words_come_before_the_files),
		T(a_player_that_fails_says_what_to_set),
		T(a_setting_that_is_no_command_is_refused),
		T(no_window_is_opened_where_nobody_would_see_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
