/*
 * t_errand.c - programs that are to end soon: what they are given, what they say last, and that neither they nor what they started
 * outlive their time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/xalloc.h"
#include "io/errand.h"
#include "io/loop_uv.h"
#include "support/scratch.h"

#define LONG_US 30000000LL

struct world {
	struct loop *loop;
	char *folder;
	struct loop_timer *end;
	int told;
	struct err err;
	struct errand *errand;
	bool frees_inside;
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
	setenv("T_ERRAND", w->folder, 1);
	w->end = loop_timer_new(w->loop, too_long, w);
	loop_timer_start(w->loop, w->end, LONG_US, 0);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	errand_free(w->errand);
	loop_timer_free(w->loop, w->end);
	loop_free(w->loop);
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
	if (w->frees_inside) {
		errand_free(w->errand);
		w->errand = NULL;
	}
	loop_stop(w->loop);
}

static void
start(struct world *w, const char *command, const char *input, int64_t limit_us)
{
	const char *argv[] = { "sh", "-c", command, NULL };
	const struct errand_ask ask = { .argv = argv, .input = input, .input_len = strlen(input), .limit_us = limit_us };

	errand_free(w->errand);
	w->errand = errand_start(w->loop, &ask, on_told, w);
	assert_int_equal(w->told, 0);
}

static const char *
run(struct world *w, const char *command, const char *input, int64_t limit_us)
{
	w->told = 0;
	start(w, command, input, limit_us);
	loop_run(w->loop);
	assert_int_equal(w->told, 1);
	return w->err.text;
}

static void
turn(void *arg)
{
	loop_stop(((struct world *)arg)->loop);
}

/* Until the file is there. */
static void
wait_file(struct world *w, const char *name)
{
	struct loop_timer *t = loop_timer_new(w->loop, turn, w);

	while (!scratch_exists(scratch_path(w->folder, name))) {
		loop_timer_start(w->loop, t, 5000, 0);
		loop_run(w->loop);
	}
	loop_timer_free(w->loop, t);
}

/* Until that process is no more; a zombie of nobody's is none. */
static void
wait_gone(struct world *w, const char *file)
{
	char *text = scratch_read(scratch_path(w->folder, file)), path[64], stat[256];
	struct loop_timer *t = loop_timer_new(w->loop, turn, w);
	bool is_there = true;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", atoi(text));
	while (is_there) {
		f = fopen(path, "r");
		is_there = f != NULL && fgets(stat, sizeof stat, f) != NULL && strstr(stat, ") Z ") == NULL;
		if (f != NULL)
			fclose(f);
		loop_timer_start(w->loop, t, 5000, 0);
		loop_run(w->loop);
	}
	loop_timer_free(w->loop, t);
	free(text);
}

static void
it_reads_its_text_to_the_end(void **state)
{
	struct world *w = *state;
	char *text;

	run(w, "cat >$T_ERRAND/got", "{\"event\":\"cut\"}", LONG_US);
	assert_int_equal(w->err.kind, ERR_NONE);
	text = scratch_read(scratch_path(w->folder, "got"));
	assert_string_equal(text, "{\"event\":\"cut\"}");
	free(text);
	run(w, "cat /dev/stdin >$T_ERRAND/got", "again", LONG_US);
	text = scratch_read(scratch_path(w->folder, "got"));
	assert_string_equal(text, "again");
	free(text);
}

/* More than a pipe holds, and nobody takes it. */
static void
one_that_reads_nothing_ends_well(void **state)
{
	struct world *w = *state;
	char *big = xcalloc(1, 1000001);

	memset(big, 'x', 1000000);
	run(w, "exit 0", big, LONG_US);
	assert_int_equal(w->err.kind, ERR_NONE);
	run(w, "wc -c >$T_ERRAND/count", big, LONG_US);
	free(big);
	big = scratch_read(scratch_path(w->folder, "count"));
	assert_int_equal(atoi(big), 1000000);
	free(big);
}

static void
a_failure_is_told_with_its_last_words(void **state)
{
	struct world *w = *state;

	assert_string_equal(run(w, "exit 3", "", LONG_US), "sh ended with status 3");
	assert_int_equal(w->err.kind, ERR_ENVIRONMENT);
	assert_string_equal(run(w, "echo first >&2; echo 'no such scene' >/dev/stderr; echo >&2; exit 4", "", LONG_US),
	    "sh ended with status 4: no such scene");
	assert_string_equal(run(w, "kill -9 $$", "", LONG_US), "sh was ended by signal 9");
	assert_non_null(strstr(run(w, "printf 'bad \\033[2J\\001 words' >&2; exit 1", "", LONG_US), "bad \xef\xbf\xbd[2J\xef\xbf\xbd words"));
}

static void
what_cannot_be_started_is_named(void **state)
{
	struct world *w = *state;
	const char *argv[] = { "/no/such/program", NULL };
	const struct errand_ask ask = { .argv = argv, .input = "", .limit_us = LONG_US };

	w->errand = errand_start(w->loop, &ask, on_told, w);
	assert_int_equal(w->told, 0);
	loop_run(w->loop);
	assert_string_equal(w->err.text, "/no/such/program cannot be started: No such file or directory");
}

/* It floods for as long as it lives; only its end is kept. */
static void
a_flood_of_words_is_cut_to_the_last(void **state)
{
	struct world *w = *state;

	assert_string_equal(run(w, "i=0; while [ $i -lt 3000 ]; do echo 'words and words and words and words' >&2; i=$((i+1)); done; "
	    "echo the last >&2; exit 1", "", LONG_US), "sh ended with status 1: the last");
}

static void
its_time_is_over_for_all_that_it_started(void **state)
{
	struct world *w = *state;

	assert_string_equal(run(w, "sleep 600 & echo $! >$T_ERRAND/child; wait", "", 300000), "sh took longer than 300ms and was ended");
	assert_int_equal(w->err.kind, ERR_TIMEOUT);
	wait_gone(w, "child");
}

/* Asked to end it will not; then it is not asked. */
static void
one_that_will_not_end_is_ended(void **state)
{
	struct world *w = *state;

	run(w, "trap '' TERM; sleep 600 & echo $! >$T_ERRAND/child; while :; do wait; sleep 0.01; done", "", 300000);
	assert_int_equal(w->err.kind, ERR_TIMEOUT);
	wait_gone(w, "child");
}

static void
freed_while_it_runs_it_is_ended_and_nobody_told(void **state)
{
	struct world *w = *state;

	start(w, "echo $$ >$T_ERRAND/pid.new; mv $T_ERRAND/pid.new $T_ERRAND/pid; sleep 600", "", LONG_US);
	wait_file(w, "pid");
	errand_free(w->errand);
	w->errand = NULL;
	wait_gone(w, "pid");
	assert_int_equal(w->told, 0);
}

static void
freed_before_it_began_it_tells_nobody(void **state)
{
	struct world *w = *state;

	start(w, "exit 1", "", LONG_US);
	errand_free(w->errand);
	w->errand = NULL;
	w->frees_inside = true;
	run(w, "exit 0", "", LONG_US);	/* the pool has had both */
	assert_null(w->errand);
	errand_free(NULL);
}

/* A session of its own: our Ctrl-C is not its. */
static void
it_leads_a_session_with_signals_as_programs_expect(void **state)
{
	struct world *w = *state;
	char *text;

	signal(SIGPIPE, SIG_IGN);
	run(w, "echo $(cut -d' ' -f6 /proc/$$/stat) $$ >$T_ERRAND/ids", "", LONG_US);
	text = scratch_read(scratch_path(w->folder, "ids"));
	assert_int_equal(atoi(text), atoi(strchr(text, ' ')));
	free(text);
	assert_string_equal(run(w, "kill -PIPE $$", "", LONG_US), "sh was ended by signal 13");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_reads_its_text_to_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_reads_nothing_ends_well, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failure_is_told_with_its_last_words, setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_started_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(a_flood_of_words_is_cut_to_the_last, setup, teardown),
		cmocka_unit_test_setup_teardown(its_time_is_over_for_all_that_it_started, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_will_not_end_is_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(freed_while_it_runs_it_is_ended_and_nobody_told, setup, teardown),
		cmocka_unit_test_setup_teardown(freed_before_it_began_it_tells_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(it_leads_a_session_with_signals_as_programs_expect, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
