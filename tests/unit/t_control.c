/*
 * t_control.c - clients of the control socket upon a deck with cameras: whose command it was, whose answer it is, and what
 * becomes of both when somebody leaves.  The socket itself is t_doorway's: here its calls are made by hand.
 */
#include "unit/deck_kit.h"

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>
#include "app/control.h"
#include "app/show.h"
#include "app/status.h"
#include "io/doorway.h"

/* ---- A doorway without a socket ---- */

#define MOST 4

struct doorway { struct doorway_fns fns; void *arg; };
struct doorway_client {
	struct doorway *d;
	void *who;
	char said[65536];
	int readies, fds[DOORWAY_FDS], fd_count;
	bool dismissed;
};

static struct doorway door;
static struct doorway_client clients[MOST];
static int count;

struct doorway *
doorway_open(struct loop *loop, const char *path, const struct doorway_fns *fns, void *arg, struct err *e)
{
	(void)loop;
	(void)path;
	(void)e;
	door = (struct doorway){ *fns, arg };
	count = 0;
	return &door;
}

void doorway_free(struct doorway *d) { (void)d; }
void doorway_ready(struct doorway_client *c) { c->readies++; }
void doorway_dismiss(struct doorway_client *c) { c->dismissed = true; }

void
doorway_say(struct doorway_client *c, const char *lines, size_t len)
{
	const size_t have = strlen(c->said);

	assert_true(have + len < sizeof c->said);
	memcpy(c->said + have, lines, len);
	c->said[have + len] = '\0';
}

int
doorway_take_fds(struct doorway_client *c, int fds[static DOORWAY_FDS])
{
	const int taken = c->fd_count;

	memcpy(fds, c->fds, sizeof c->fds);
	c->fd_count = 0;
	return taken;
}

/* ---- A show that says little ---- */

static int told_clients;
void shower_clients(struct shower *s, int n) { (void)s; told_clients = n; }
void shower_fill(struct shower *s, struct show *out) { (void)s; str_copy(out->session, sizeof out->session, "Saturday"); }

/* ---- Help ---- */

struct desk {
	struct deck_kit *kit;
	struct control *control;
	int attached, resized, again, detached;
	struct control_terminal terminal;
	bool refuses;
};

static bool
on_attach(void *arg, const struct control_terminal *t, struct err *e)
{
	struct desk *k = arg;

	if (k->refuses)
		return err_set(e, ERR_ENVIRONMENT, "no screen there");
	k->attached++;
	k->terminal = *t;
	return true;
}

static void on_resized(void *arg) { ((struct desk *)arg)->resized++; }
static void on_again(void *arg) { ((struct desk *)arg)->again++; }

static void
on_detach(void *arg)
{
	struct desk *k = arg;

	k->detached++;
	control_release(k->control, NULL);
}

static struct desk *
desk_new(void **state, bool has_screen)
{
	static const struct control_fns fns = { .attach = on_attach, .resized = on_resized, .again = on_again, .detach = on_detach };
	struct desk *k = xcalloc(1, sizeof *k);
	struct err e = { .kind = ERR_NONE };
	struct control_parts parts;

	k->kit = deck_new(state, 2);
	parts = (struct control_parts){ k->kit->k->loop, k->kit->k->bus, k->kit->k->crew, k->kit->q, (struct shower *)k };
	k->control = control_new(&parts, has_screen ? &fns : NULL, k);
	assert_true(control_open(k->control, "/nowhere", &e));
	return k;
}

static void
desk_free(struct desk *k, void **state)
{
	cmdq_free(k->kit->q);
	k->kit->q = NULL;
	control_free(k->control);
	deck_free(k->kit, state);
	free(k);
}

static struct doorway_client *
come_in(void)
{
	static const struct doorway_peer peer = { 4711, "nc" };
	struct doorway_client *c = &clients[count++];

	assert_true(count <= MOST);
	*c = (struct doorway_client){ .d = &door };
	c->who = door.fns.came(door.arg, c, &peer);
	return c;
}

static bool
write_line(struct desk *k, struct doorway_client *c, const char *line)
{
	bool more = door.fns.line(c->who, line);

	loop_fake_turn(k->kit->k->loop);
	loop_fake_advance(k->kit->k->loop, 0);
	return more;
}

static void
leave(struct doorway_client *c)
{
	door.fns.gone(c->who);
	c->who = NULL;
}

/* Exactly this was said to it since the last time. */
static void
heard(struct doorway_client *c, const char *all)
{
	assert_string_equal(c->said, all);
	c->said[0] = '\0';
}

static void
heard_part(struct doorway_client *c, const char *part)
{
	if (strstr(c->said, part) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part, c->said);
	c->said[0] = '\0';
}

/* ---- The tests ---- */

static void
an_answer_goes_to_whoever_asked_and_to_nobody_else(void **state)
{
	struct desk *k = desk_new(state, true);
	struct doorway_client *a = come_in(), *b = come_in();

	assert_int_equal(told_clients, 2);
	assert_true(write_line(k, a, "clap -t 1"));
	heard(a, "begin 1 clap -t 1\n");
	deck_answer(k->kit, 1, NODE_OK);
	heard(a, "ack 1 cam1 ok 4.1ms\nend 1 ok 1/1 0.0ms\n");
	heard(b, "");
	assert_true(write_line(k, b, "  echo hello"));
	heard(b, "begin 2 echo hello\nsay 2 \"hello\"\nend 2 ok 0.0ms\n");
	assert_true(write_line(k, b, ""));
	assert_true(write_line(k, b, "# a note"));
	heard(b, "");
	leave(a);
	leave(b);
	assert_int_equal(told_clients, 0);
	desk_free(k, state);
}

static void
a_command_is_journaled_as_its_peers(void **state)
{
	struct desk *k = desk_new(state, true);
	struct doorway_client *a = come_in();

	(void)write_line(k, a, "cut 1");
	assert_string_equal(k->kit->director.asked_by, "control:nc/4711");
	deck_answer(k->kit, 1, NODE_OK);
	deck_answer(k->kit, 2, NODE_OK);
	leave(a);
	desk_free(k, state);
}

static void
what_happens_by_itself_is_told_to_all_who_want_it(void **state)
{
	struct desk *k = desk_new(state, true);
	struct doorway_client *a = come_in(), *b = come_in();

	(void)write_line(k, b, "events off");
	heard(b, "begin 0 events off\nend 0 ok 0.0ms\n");
	bus_tell(k->kit->k->bus, EV_ALARM, NULL, "a disk is full");
	heard(a, "event alarm \"a disk is full\"\n");
	heard(b, "");
	(void)write_line(k, b, "events on");
	(void)write_line(k, b, "json");
	b->said[0] = '\0';
	bus_tell(k->kit->k->bus, EV_ALARM, NULL, "again");
	heard_part(b, "{\"record\":\"event\",\"event\":\"alarm\",\"node\":null,\"text\":\"again\",\"timeUs\":");
	leave(a);
	leave(b);
	desk_free(k, state);
}

static void
sync_makes_a_client_wait_for_its_own_and_nobody_elses_commands(void **state)
{
	struct desk *k = desk_new(state, true);
	struct doorway_client *a = come_in(), *b = come_in();

	assert_true(write_line(k, a, "sync"));
	assert_false(write_line(k, a, "clap -t 1"));	/* nothing more is read of it */
	assert_true(write_line(k, b, "clap -t 2"));
	assert_int_equal(a->readies, 0);
	deck_answer(k->kit, 2, NODE_OK);
	assert_int_equal(a->readies, 0);
	deck_answer(k->kit, 1, NODE_OK);
	assert_int_equal(a->readies, 1);
	assert_true(write_line(k, a, "sync off"));
	assert_true(write_line(k, a, "clap -t 1"));
	deck_answer(k->kit, 1, NODE_OK);
	leave(a);
	leave(b);
	desk_free(k, state);
}

static void
a_flood_of_commands_waits_at_the_door(void **state)
{
	struct desk *k = desk_new(state, true);
	struct doorway_client *a = come_in();
	int taken = 1;

	while (door.fns.line(a->who, "echo x"))
		taken++;
	assert_int_equal(taken, 64);
	loop_fake_turn(k->kit->k->loop);
	loop_fake_advance(k->kit->k->loop, 0);
	assert_int_equal(a->readies, 64);
	leave(a);
	desk_free(k, state);
}

static void
whoever_leaves_gets_no_answer_and_the_command_goes_on(void **state)
{
	struct desk *k = desk_new(state, true);
	struct doorway_client *a = come_in();

	(void)write_line(k, a, "clap");
	leave(a);
	a->said[0] = '\0';
	deck_answer(k->kit, 1, NODE_OK);
	deck_answer(k->kit, 2, NODE_OK);
	heard(a, "");
	assert_int_equal(cmdq_pending(k->kit->q), 0);
	desk_free(k, state);
}

static void
the_end_of_input_waits_for_the_answers(void **state)
{
	struct desk *k = desk_new(state, true);
	struct doorway_client *a = come_in(), *b = come_in();

	(void)write_line(k, a, "clap -t 1");
	door.fns.over(a->who);
	door.fns.over(b->who);
	assert_false(a->dismissed);
	assert_true(b->dismissed);		/* it has asked for nothing */
	deck_answer(k->kit, 1, NODE_OK);
	assert_true(a->dismissed);
	heard_part(a, "end 1 ok 1/1");
	leave(a);
	leave(b);
	desk_free(k, state);
}

static void
the_end_of_the_console_is_told_to_all_who_wait(void **state)
{
	struct desk *k = desk_new(state, true);
	struct doorway_client *a = come_in();

	(void)write_line(k, a, "clap");
	a->said[0] = '\0';
	cmdq_mute(k->kit->q);
	desk_free(k, state);
	heard_part(a, "end 1 failed 0.0ms \"the console ended before this was over\"\n");
}

static void
garbage_is_answered_and_too_much_of_it_is_let_go(void **state)
{
	struct desk *k = desk_new(state, true);
	struct doorway_client *a = come_in();

	door.fns.bad_line(a->who, "a line is no text");
	heard(a, "end 0 error 0.0ms \"a line is no text\"\n");
	(void)write_line(k, a, "zom 1");
	heard_part(a, "unknown command \\\"zom\\\"; the nearest is \\\"zoom\\\"");
	for (int i = 0; i < 61; i++)
		(void)write_line(k, a, "rm -rf /");
	(void)write_line(k, a, "echo well");	/* one that is right, and it begins anew */
	a->said[0] = '\0';
	for (int i = 0; i < 63; i++)
		door.fns.bad_line(a->who, "no text");
	assert_false(a->dismissed);
	door.fns.bad_line(a->who, "no text");
	assert_true(a->dismissed);
	leave(a);
	desk_free(k, state);
}

static void
flip_and_zoom_need_their_targets_here(void **state)
{
	struct desk *k = desk_new(state, true);
	struct doorway_client *a = come_in();

	(void)write_line(k, a, "flip");
	heard_part(a, "expected -t TARGETS");
	leave(a);
	desk_free(k, state);
}

static void
the_status_is_one_line(void **state)
{
	struct desk *k = desk_new(state, true);
	struct doorway_client *a = come_in();

	(void)write_line(k, a, "status");
	heard(a, "begin 0 status\nsay 0 \"Saturday  HEADLESS  live 0/0\"\nend 0 ok 0.0ms\n");
	control_screen(k->control, "/dev/pts/7");
	(void)write_line(k, a, "status {name} on {screen}");
	heard(a, "begin 0 status {name} on {screen}\nsay 0 \"Saturday on /dev/pts/7\"\nend 0 ok 0.0ms\n");
	(void)write_line(k, a, "status {nothing}");
	heard_part(a, "end 0 error 0.0ms \"there is no {nothing}");
	(void)write_line(k, a, "help cut");
	heard_part(a, "say 0 \"cut [NODE");
	(void)write_line(k, a, "help nothing");
	heard_part(a, "there is no command \\\"nothing\\\"");
	leave(a);
	desk_free(k, state);
}

/* Three descriptors of a terminal, as they come with `attach`. */
static void
lend(struct doorway_client *c, int *master)
{
	int slave;

	assert_int_equal(openpty(master, &slave, NULL, NULL, NULL), 0);
	c->fds[0] = slave;
	c->fds[1] = dup(slave);
	c->fds[2] = dup(slave);
	c->fd_count = 3;
}

static void
close_terminal(const struct control_terminal *t, int master)
{
	close(t->in);
	close(t->out);
	close(t->err);
	close(master);
}

static void
a_terminal_is_lent_and_given_back(void **state)
{
	struct desk *k = desk_new(state, true);
	struct doorway_client *a = come_in(), *b = come_in();
	int master, other;

	lend(a, &master);
	(void)write_line(k, a, "attach xterm-256color truecolour");
	heard(a, "begin 0 attach xterm-256color truecolour\n");
	assert_int_equal(k->attached, 1);
	assert_string_equal(k->terminal.term, "xterm-256color");
	assert_true(k->terminal.truecolour && !k->terminal.no_colour);
	(void)write_line(k, a, "resized");
	(void)write_line(k, a, "again");
	assert_int_equal(k->resized + k->again, 2);
	a->said[0] = '\0';

	lend(b, &other);
	(void)write_line(k, b, "attach xterm");
	heard_part(b, "its screen is on /dev/pts/");
	assert_true(b->dismissed);	/* what it would say next was meant for a screen of its own */
	assert_int_equal(fcntl(b->fds[0], F_GETFD), -1);	/* what was not taken is closed */
	(void)write_line(k, b, "resized");
	heard_part(b, "the screen is not on your terminal");
	assert_int_equal(k->resized, 1);
	close(other);

	loop_fake_advance(k->kit->k->loop, 1500000);
	(void)write_line(k, a, "detach");
	heard(a, "begin 0 detach\nend 0 ok 0.0ms\nend 0 ok 1500ms\n");
	assert_int_equal(k->detached, 1);
	assert_true(a->dismissed);
	close_terminal(&k->terminal, master);
	leave(a);
	assert_int_equal(k->detached, 1);	/* not twice */
	leave(b);
	desk_free(k, state);
}

static void
a_lender_that_vanishes_takes_its_terminal_along(void **state)
{
	struct desk *k = desk_new(state, true);
	struct doorway_client *a = come_in();
	int master;

	lend(a, &master);
	(void)write_line(k, a, "attach xterm nocolour");
	assert_true(k->terminal.no_colour);
	leave(a);
	assert_int_equal(k->detached, 1);
	close_terminal(&k->terminal, master);
	desk_free(k, state);
}

static void
what_is_no_terminal_is_refused(void **state)
{
	struct desk *k = desk_new(state, true), *run;
	struct doorway_client *a = come_in();
	int fds[2], master;

	(void)write_line(k, a, "attach xterm");
	heard_part(a, "expected three descriptors");
	assert_int_equal(pipe(fds), 0);
	a->fds[0] = fds[0];
	a->fds[1] = fds[1];
	a->fds[2] = dup(fds[1]);
	a->fd_count = 3;
	(void)write_line(k, a, "attach xterm");
	heard_part(a, "are no terminal");
	lend(a, &master);
	(void)write_line(k, a, "attach");
	heard_part(a, "expected the terminal's type");
	close(master);
	k->refuses = true;
	lend(a, &master);
	(void)write_line(k, a, "attach xterm");
	heard_part(a, "no screen there");
	assert_int_equal(fcntl(a->fds[0], F_GETFD), -1);
	close(master);
	leave(a);
	desk_free(k, state);

	run = desk_new(state, false);
	a = come_in();
	lend(a, &master);
	(void)write_line(run, a, "attach xterm");
	heard_part(a, "without a screen (run)");
	close(master);
	leave(a);
	desk_free(run, state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_goes_to_whoever_asked_and_to_nobody_else),
		cmocka_unit_test(a_command_is_journaled_as_its_peers),
		cmocka_unit_test(what_happens_by_itself_is_told_to_all_who_want_it),
		cmocka_unit_test(sync_makes_a_client_wait_for_its_own_and_nobody_elses_commands),
		cmocka_unit_test(a_flood_of_commands_waits_at_the_door),
		cmocka_unit_test(whoever_leaves_gets_no_answer_and_the_command_goes_on),
		cmocka_unit_test(the_end_of_input_waits_for_the_answers),
		cmocka_unit_test(the_end_of_the_console_is_told_to_all_who_wait),
		cmocka_unit_test(garbage_is_answered_and_too_much_of_it_is_let_go),
		cmocka_unit_test(flip_and_zoom_need_their_targets_here),
		cmocka_unit_test(the_status_is_one_line),
		cmocka_unit_test(a_terminal_is_lent_and_given_back),
		cmocka_unit_test(a_lender_that_vanishes_takes_its_terminal_along),
		cmocka_unit_test(what_is_no_terminal_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
