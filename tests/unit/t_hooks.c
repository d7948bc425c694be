/*
 * t_hooks.c - hooks: what the configuration may say, what a program and a URL are told, in which order, and how a failure is shown.
 * Real programs, a real HTTP server, the real loop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "app/hooks.h"
#include "app/settings.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/httpd.h"
#include "io/jdoc.h"
#include "io/loop_uv.h"
#include "support/scratch.h"

#define LONG_US 30000000LL

struct world {
	struct loop *loop;
	struct http *http;
	struct httpd *server;
	struct registry *reg;
	struct bus *bus;
	struct opt_set *settings;
	struct crew *crew;
	struct vitals *vitals;
	struct hooks *hooks;
	char *folder;
	struct loop_timer *end, *tick;
	bool (*is_over)(struct world *);
	int posts, status;		/* of our server */
	char body[4096];
	bool holds;			/* it answers nothing */
	struct httpd_request *held;
	int told, alarms;
	struct err err;
};

static void
too_long(void *arg)
{
	(void)arg;
	fail_msg("what was waited for did not come within 30 s");
}

static void
look(void *arg)
{
	struct world *w = arg;

	if (w->is_over(w))
		loop_stop(w->loop);
}

static void
until(struct world *w, bool (*is_over)(struct world *))
{
	w->is_over = is_over;
	loop_timer_start(w->loop, w->tick, 0, 5000);
	loop_run(w->loop);
	loop_timer_stop(w->loop, w->tick);
}

static void
serve(void *arg, struct httpd_request *rq)
{
	struct world *w = arg;
	size_t len;
	const char *body = httpd_body(rq, &len);

	w->posts++;
	assert_true(len < sizeof w->body);
	memcpy(w->body, body, len);
	w->body[len] = '\0';
	assert_string_equal(httpd_method(rq), "POST");
	assert_string_equal(httpd_header(rq, "Content-Type"), "application/json");
	if (w->holds)
		w->held = rq;
	else
		httpd_reply(rq, w->status, "text/plain", "not now\n", 8, NULL);
}

static void
hear_alarm(void *arg, const struct bus_event *ev)
{
	(void)ev;
	((struct world *)arg)->alarms++;
}

static int
setup(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);
	struct hooks_parts parts;
	struct registry_node *n;
	struct err e;

	w->loop = loop_uv_new(2);
	w->http = http_new(w->loop);
	w->reg = registry_new();
	w->bus = bus_new();
	w->settings = opt_set_new(settings_table);
	w->crew = crew_new(w->loop, w->http, w->reg, w->bus, clk_system(), w->settings);
	w->vitals = vitals_new(w->loop, w->crew, w->bus, clk_system(), w->settings);
	w->folder = scratch_new();
	w->status = 204;
	setenv("T_HOOKS", w->folder, 1);
	n = registry_remember(w->reg, "cam-1");
	assert_true(registry_set_label(w->reg, n, "left guest", &e));
	w->server = httpd_new(w->loop, "127.0.0.1", 0, serve, w, &e);
	assert_non_null(w->server);
	parts = (struct hooks_parts){ .loop = w->loop, .http = w->http, .crew = w->crew, .bus = w->bus, .vitals = w->vitals,
		.clk = clk_system(), .settings = w->settings, .sphere = "/shows/saturday", .is_rehearsal = true };
	w->hooks = hooks_new(&parts);
	bus_listen(w->bus, EV_ALARM, hear_alarm, w);
	w->end = loop_timer_new(w->loop, too_long, w);
	w->tick = loop_timer_new(w->loop, look, w);
	loop_timer_start(w->loop, w->end, LONG_US, 0);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	hooks_free(w->hooks);
	if (w->held != NULL)
		httpd_drop(w->held);
	loop_timer_free(w->loop, w->end);
	loop_timer_free(w->loop, w->tick);
	httpd_free(w->server);
	vitals_free(w->vitals);
	crew_free(w->crew);
	http_free(w->http);
	loop_free(w->loop);
	bus_free(w->bus);
	registry_free(w->reg);
	opt_set_free(w->settings);
	scratch_free(w->folder);
	free(w);
	return 0;
}

static void
add(struct world *w, const char *line)
{
	struct err e = { .kind = ERR_NONE };

	if (!hooks_add(w->hooks, line, &e))
		fail_msg("%s: %s", line, e.text);
}

static void
add_on(struct world *w, const char *line)
{
	struct err e = { .kind = ERR_NONE };

	if (!hooks_add_on(w->hooks, line, &e))
		fail_msg("%s: %s", line, e.text);
}

/* "NAME post URL" of our server. */
static char *
post_line(struct world *w, const char *name)
{
	return xasprintf("%s post http://127.0.0.1:%d/cuts", name, httpd_port(w->server));
}

static void
on_done(void *arg, const struct err *e)
{
	struct world *w = arg;

	w->told++;
	w->err = *e;
}

static void
call(struct world *w, const char *name, const char *text)
{
	struct err e = { .kind = ERR_NONE };
	int before = w->told;

	if (!hooks_run(w->hooks, name, text, "key:anna", on_done, w, &e))
		fail_msg("%s", e.text);
	assert_int_equal(w->told, before);
}

static bool
is_quiet(struct world *w)
{
	return !hooks_busy(w->hooks);
}

static struct jdoc *
got(struct world *w, const char *name)
{
	char *text = scratch_read(scratch_path(w->folder, name));
	struct err e;
	struct jdoc *j = jdoc_parse(text, strlen(text), 65536, &e);

	assert_non_null(j);
	free(text);
	return j;
}

/* ---- The lines ---- */

static void
lines_say_what_was_expected(void **state)
{
	static const struct { const char *line, *sentence; bool is_on; } bad[] = {
		{ "", "expected NAME run PROGRAM or NAME post URL", false },
		{ "visuals", "expected run PROGRAM or post URL after visuals", false },
		{ "visuals start x", "expected run PROGRAM or post URL after visuals", false },
		{ "visuals run", "expected a PROGRAM after run", false },
		{ "visuals run \"\"", "expected a PROGRAM after run", false },
		{ "visuals run \"a b", "a quote is open; expected \" at its end", false },
		{ "vis/uals run x", "\"vis/uals\" is no name for a hook; expected letters, digits, . _ -, 63 at most", false },
		{ "visuals post", "expected a URL after post", false },
		{ "visuals post ftp://host/", "\"ftp://host/\" is no URL; expected http://HOST... or https://HOST...", false },
		{ "visuals post http://", "\"http://\" is no URL; expected http://HOST... or https://HOST...", false },
		{ "visuals post http://host/ more", "expected nothing after the URL", false },
		{ "", "expected EVENT run PROGRAM or EVENT post URL", true },
		{ "cuts run x", "there is no event \"cuts\"; the nearest is \"cut\"", true },
		{ "buses-changed run x", NULL, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct err e = { .kind = ERR_NONE };

		assert_false(bad[i].is_on ? hooks_check_on(bad[i].line, &e) : hooks_check(bad[i].line, &e));
		assert_int_equal(e.kind, ERR_USAGE);
		if (bad[i].sentence != NULL)
			assert_string_equal(e.text, bad[i].sentence);
	}
	assert_true(hooks_check("visuals run \"/opt/my show/go\" -t 5 --force \"a \\\"b\\\" \\\\\"", NULL));
	assert_true(hooks_check_on("program-lost post https://render.local:8080/x?y=1", NULL));
}

static void
words_reach_the_program_as_they_stand(void **state)
{
	struct world *w = *state;
	char *text;

	add(w, "show run sh -c \"printf '<%s>\\n' \\\"$@\\\" >$T_HOOKS/args\" \"x y\" -t --force \"a\\\\b \\\"c\\\"\" '*' ''");
	call(w, "show", "");
	until(w, is_quiet);
	text = scratch_read(scratch_path(w->folder, "args"));
	assert_string_equal(text, "<-t>\n<--force>\n<a\\b \"c\">\n<'*'>\n<''>\n");
	free(text);
}

static void
two_of_a_name_and_too_many_are_refused(void **state)
{
	struct world *w = *state;
	struct err e = { .kind = ERR_NONE };

	add(w, "a run true");
	assert_false(hooks_add(w->hooks, "a run false", &e));
	assert_string_equal(e.text, "there are two hooks a; each has a name of its own");
	for (int i = 1; i < HOOKS_MOST; i++)
		add_on(w, "cut run true");
	assert_false(hooks_add_on(w->hooks, "cut run true", &e));
	assert_string_equal(e.text, "there are more than 64 hooks");
}

/* ---- Running ---- */

static void
a_hook_is_told_its_text_by_whom_and_when(void **state)
{
	struct world *w = *state;
	struct jdoc *j;

	add(w, "visuals run sh -c \"cat >$T_HOOKS/got\"");
	call(w, "visuals", "scene \"3\"\n; rm -rf /");
	until(w, is_quiet);
	assert_int_equal(w->told, 1);
	assert_int_equal(w->err.kind, ERR_NONE);
	j = got(w, "got");
	assert_string_equal(jdoc_text(j, "event", ""), "hook");
	assert_string_equal(jdoc_text(j, "hook", ""), "visuals");
	assert_string_equal(jdoc_text(j, "text", ""), "scene \"3\"\n; rm -rf /");
	assert_string_equal(jdoc_text(j, "by", ""), "key:anna");
	assert_string_equal(jdoc_text(j, "sphere", ""), "/shows/saturday");
	assert_true(jdoc_bool(j, "rehearsal", false));
	assert_true(jdoc_int(j, "timeUs", 0) > 1600000000000000);
	assert_int_equal(jdoc_kind(j, "node"), '0');
	assert_int_equal(jdoc_kind(j, "program"), '0');
	assert_int_equal(jdoc_kind(j, "pending"), '0');
	jdoc_free(j);
}

static void
after_going_live_a_hook_is_told_of_no_rehearsal(void **state)
{
	struct world *w = *state;
	struct jdoc *j;

	add(w, "visuals run sh -c \"cat >$T_HOOKS/live\"");
	bus_tell(w->bus, EV_REHEARSAL_CHANGED, NULL, "live");
	call(w, "visuals", "");
	until(w, is_quiet);
	j = got(w, "live");
	assert_false(jdoc_bool(j, "rehearsal", true));
	jdoc_free(j);
}

static void
an_event_is_told_with_its_camera(void **state)
{
	struct world *w = *state;
	struct bus_event ev = { .kind = EV_CUT, .node = "cam-1", .text = "from wide", .time_us = 1763712000000000 };
	struct jdoc *j;

	add_on(w, "cut run sh -c \"cat >$T_HOOKS/got\"");
	bus_say(w->bus, &ev);
	bus_tell(w->bus, EV_NODE_LIVE, "cam-1", "another event");
	until(w, is_quiet);
	j = got(w, "got");
	assert_string_equal(jdoc_text(j, "event", ""), "cut");
	assert_int_equal(jdoc_kind(j, "hook"), '0');
	assert_string_equal(jdoc_text(j, "node", ""), "cam-1");
	assert_string_equal(jdoc_text(j, "name", ""), "left guest");
	assert_string_equal(jdoc_text(j, "text", ""), "from wide");
	assert_true(jdoc_int(j, "timeUs", 0) == 1763712000000000);
	jdoc_free(j);
}

static bool
is_posted(struct world *w)
{
	return w->posts == 1 && is_quiet(w);
}

static void
a_url_gets_the_same_as_the_body_of_a_post(void **state)
{
	struct world *w = *state;
	char *line = post_line(w, "cut");
	struct jdoc *j;
	struct err e;

	add_on(w, line);
	bus_tell(w->bus, EV_CUT, "cam-1", "from wide");
	until(w, is_posted);
	j = jdoc_parse(w->body, strlen(w->body), 65536, &e);
	assert_non_null(j);
	assert_string_equal(jdoc_text(j, "event", ""), "cut");
	assert_string_equal(jdoc_text(j, "node", ""), "cam-1");
	assert_int_equal(vitals_alarm_count(w->vitals), 0);
	jdoc_free(j);
	free(line);
}

/* A render machine must not end on the cut before the last because the one before took longer. */
static void
events_of_one_hook_come_one_at_a_time_and_in_order(void **state)
{
	struct world *w = *state;
	char *text;

	add_on(w, "cut run sh -c \"n=$(sed 's/.*\\\"text\\\":\\\"//;s/\\\".*//'); [ $n != 0 ] || sleep 0.3; printf '%s ' $n >>$T_HOOKS/order\"");
	for (int i = 0; i < 5; i++)
		bus_tell(w->bus, EV_CUT, NULL, "%d", i);
	until(w, is_quiet);
	text = scratch_read(scratch_path(w->folder, "order"));
	assert_string_equal(text, "0 1 2 3 4 ");
	free(text);
}

/* One that hangs keeps nobody else. */
static bool
is_one_done(struct world *w)
{
	return w->told == 1;
}

static void
a_slow_hook_holds_up_no_other(void **state)
{
	struct world *w = *state;

	add_on(w, "cut run sleep 600");
	add(w, "quick run true");
	bus_tell(w->bus, EV_CUT, NULL, "x");
	call(w, "quick", "");
	until(w, is_one_done);
	assert_int_equal(w->err.kind, ERR_NONE);
	assert_true(hooks_busy(w->hooks));
}

static bool
are_all_begun(struct world *w)
{
	return scratch_lines(scratch_path(w->folder, "begun")) >= 12;
}

/* Twelve at once are eight and four. */
static void
no_more_than_a_few_run_at_once(void **state)
{
	struct world *w = *state;
	char *text;
	int most = 0, running = 0;

	for (int i = 0; i < 12; i++)
		add_on(w, "cut run sh -c \"echo + >>$T_HOOKS/begun; echo + >>$T_HOOKS/log; sleep 0.2; echo - >>$T_HOOKS/log\"");
	bus_tell(w->bus, EV_CUT, NULL, "x");
	until(w, are_all_begun);
	until(w, is_quiet);
	text = scratch_read(scratch_path(w->folder, "log"));
	for (const char *c = text; *c != '\0'; c++) {
		running += *c == '+' ? 1 : *c == '-' ? -1 : 0;
		most = running > most ? running : most;
	}
	free(text);
	assert_int_equal(running, 0);
	assert_in_range(most, 2, HOOKS_AT_ONCE);
}

/* ---- Failing ---- */

static void
a_failure_is_one_alarm_until_it_works_again(void **state)
{
	struct world *w = *state;

	add_on(w, "cut run sh -c \"[ -e $T_HOOKS/well ] || { echo no such scene >&2; exit 3; }\"");
	for (int i = 0; i < 3; i++) {
		bus_tell(w->bus, EV_CUT, NULL, "x");
		until(w, is_quiet);
	}
	assert_int_equal(vitals_alarm_count(w->vitals), 1);
	assert_int_equal(w->alarms, 1);
	assert_string_equal(vitals_alarm_at(w->vitals, 0)->text, "on cut: sh ended with status 3: no such scene");
	assert_string_equal(vitals_alarm_at(w->vitals, 0)->node, "");
	assert_false(vitals_alarm_at(w->vitals, 0)->over);
	scratch_write(scratch_path(w->folder, "well"), "");
	bus_tell(w->bus, EV_CUT, NULL, "x");
	until(w, is_quiet);
	assert_true(vitals_alarm_at(w->vitals, 0)->over);
}

static void
a_command_is_told_its_failure_too(void **state)
{
	struct world *w = *state;
	char *line = xasprintf("visuals post http://user:secret@127.0.0.1:%d/key?token=x", httpd_port(w->server)), *said;

	add(w, line);
	w->status = 503;
	call(w, "visuals", "");
	until(w, is_quiet);
	assert_int_equal(w->err.kind, ERR_NETWORK);
	said = xasprintf("hook visuals: 127.0.0.1:%d: it answered 503: not now", httpd_port(w->server));	/* and no secret */
	assert_true(str_has_prefix(w->err.text, said + strlen("hook visuals: ")));
	assert_true(str_has_prefix(vitals_alarm_at(w->vitals, 0)->text, said));
	free(said);
	free(line);
}

static void
what_takes_too_long_is_ended(void **state)
{
	struct world *w = *state;
	char *line = post_line(w, "url");
	struct err e;

	assert_true(opt_assign(w->settings, "hook-timeout", "200ms", &e));
	w->holds = true;
	add(w, "program run sleep 600");
	add(w, line);
	call(w, "program", "");
	call(w, "url", "");
	until(w, is_quiet);
	assert_int_equal(w->told, 2);
	assert_int_equal(vitals_alarm_count(w->vitals), 2);
	assert_int_equal(w->err.kind, ERR_TIMEOUT);
	free(line);
}

static void
a_name_that_is_none_lists_those_there_are(void **state)
{
	struct world *w = *state;
	struct err e = { .kind = ERR_NONE };

	assert_false(hooks_run(w->hooks, "x", "", "do", on_done, w, &e));
	assert_string_equal(e.text, "there is no hook x: a line such as `hook x post http://...` of the configuration makes it");
	add(w, "visuals run true");
	add(w, "lights run true");
	add_on(w, "cut run true");
	assert_false(hooks_run(w->hooks, "visual", "", "do", on_done, w, &e));
	assert_string_equal(e.text, "there is no hook visual; there is visuals, lights");
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_int_equal(w->told, 0);
}

/* One runs, sixteen wait, the older ones go; a command is refused. */
static void
too_many_waiting_lose_the_oldest_and_say_so(void **state)
{
	struct world *w = *state;
	struct err e;
	char *text;

	add_on(w, "cut run sh -c \"while [ ! -e $T_HOOKS/go ]; do sleep 0.02; done; "
	    "sed 's/.*\\\"text\\\":\\\"//;s/\\\".*/ /' | tr -d '\\n' >>$T_HOOKS/order\"");
	add(w, "visuals run sh -c \"while [ ! -e $T_HOOKS/go ]; do sleep 0.02; done\"");
	bus_tell(w->bus, EV_CUT, NULL, "0");
	call(w, "visuals", "");
	for (int i = 1; i <= 20; i++)
		bus_tell(w->bus, EV_CUT, NULL, "%d", i);
	for (int i = 0; i < HOOKS_WAITING - 1; i++)
		call(w, "visuals", "");
	assert_false(hooks_run(w->hooks, "visuals", "", "do", on_done, w, &e));
	assert_string_equal(e.text, "16 wait for hook visuals already: it takes longer than they come");
	assert_int_equal(vitals_alarm_count(w->vitals), 1);
	assert_string_equal(vitals_alarm_at(w->vitals, 0)->text,
	    "on cut: sh takes longer than events come: 16 wait, older ones are dropped");
	scratch_write(scratch_path(w->folder, "go"), "");
	until(w, is_quiet);
	text = scratch_read(scratch_path(w->folder, "order"));
	assert_string_equal(text, "5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 ");
	free(text);
	assert_int_equal(w->told, HOOKS_WAITING);
}

/* Two that answer alarms with alarms come to rest. */
static void
hooks_on_alarms_do_not_chase_each_other(void **state)
{
	struct world *w = *state;

	add_on(w, "alarm run sh -c \"echo a >>$T_HOOKS/ran; exit 1\"");
	add_on(w, "alarm run sh -c \"echo b >>$T_HOOKS/ran; exit 1\"");
	vitals_alarm(w->vitals, NULL, "the first");
	until(w, is_quiet);
	assert_int_equal(vitals_alarm_count(w->vitals), 3);
	assert_in_range(scratch_lines(scratch_path(w->folder, "ran")), 4, 4);	/* each: the first, and the other's */
}

static bool
is_there(struct world *w)
{
	return scratch_exists(scratch_path(w->folder, "pid"));
}

static void
freed_it_ends_what_runs_and_tells_nobody(void **state)
{
	struct world *w = *state;
	char *line = post_line(w, "url");

	add(w, "program run sh -c \"echo $$ >$T_HOOKS/pid; sleep 600\"");
	add(w, line);
	w->holds = true;
	for (int i = 0; i < 3; i++) {
		call(w, "program", "");
		call(w, "url", "");
	}
	until(w, is_there);
	hooks_free(w->hooks);
	w->hooks = NULL;
	bus_tell(w->bus, EV_CUT, NULL, "nobody hears it");
	assert_int_equal(w->told, 0);
	assert_false(hooks_busy(NULL));
	hooks_free(NULL);
	free(line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_say_what_was_expected, setup, teardown),
		cmocka_unit_test_setup_teardown(words_reach_the_program_as_they_stand, setup, teardown),
		cmocka_unit_test_setup_teardown(two_of_a_name_and_too_many_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_hook_is_told_its_text_by_whom_and_when, setup, teardown),
		cmocka_unit_test_setup_teardown(after_going_live_a_hook_is_told_of_no_rehearsal, setup, teardown),
		cmocka_unit_test_setup_teardown(an_event_is_told_with_its_camera, setup, teardown),
		cmocka_unit_test_setup_teardown(a_url_gets_the_same_as_the_body_of_a_post, setup, teardown),
		cmocka_unit_test_setup_teardown(events_of_one_hook_come_one_at_a_time_and_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(a_slow_hook_holds_up_no_other, setup, teardown),
		cmocka_unit_test_setup_teardown(no_more_than_a_few_run_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failure_is_one_alarm_until_it_works_again, setup, teardown),
		cmocka_unit_test_setup_teardown(a_command_is_told_its_failure_too, setup, teardown),
		cmocka_unit_test_setup_teardown(what_takes_too_long_is_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(a_name_that_is_none_lists_those_there_are, setup, teardown),
		cmocka_unit_test_setup_teardown(too_many_waiting_lose_the_oldest_and_say_so, setup, teardown),
		cmocka_unit_test_setup_teardown(hooks_on_alarms_do_not_chase_each_other, setup, teardown),
		cmocka_unit_test_setup_teardown(freed_it_ends_what_runs_and_tells_nobody, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
