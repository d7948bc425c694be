/*
 * t_tty.c - a pseudo-terminal in the place of standard input and output: nothing blocks, nothing is lost, nothing stays behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/ceilings.h"
#include "support/loop_fake.h"
#include "ui/tty.h"

#define MANY (1024 * 1024)

struct desk {
	struct loop *loop;
	struct tty *tty;
	int master, slave, in, out;	/* the real standard input and output meanwhile */
	int drained, gone;
	char heard[64];
};

static void
on_bytes(void *arg, const char *bytes, size_t len)
{
	struct desk *d = arg;

	strncat(d->heard, bytes, len < 32 ? len : 32);
}

static void
on_drained(void *arg)
{
	((struct desk *)arg)->drained++;
}

static void
on_gone(void *arg)
{
	((struct desk *)arg)->gone++;
}

static void
open_desk(struct desk *d)
{
	static const struct tty_fns fns = { .bytes = on_bytes, .drained = on_drained, .gone = on_gone };
	struct err e;

	memset(d, 0, sizeof *d);
	assert_int_equal(openpty(&d->master, &d->slave, NULL, NULL, NULL), 0);
	fcntl(d->master, F_SETFL, O_NONBLOCK);
	d->in = dup(STDIN_FILENO);
	d->out = dup(STDOUT_FILENO);
	dup2(d->slave, STDIN_FILENO);
	dup2(d->slave, STDOUT_FILENO);
	d->loop = loop_fake_new();
	d->tty = tty_open(d->loop, &fns, d, &e);
}

static void
close_desk(struct desk *d, char last_answer)
{
	tty_close(d->tty, last_answer);
	dup2(d->in, STDIN_FILENO);
	dup2(d->out, STDOUT_FILENO);
	close(d->in);
	close(d->out);
	close(d->slave);
	close(d->master);
	assert_int_equal(loop_fake_alive(d->loop), 0);
	loop_free(d->loop);
}

/* Reads what is there; the descriptor that is written to is one of its own. */
static size_t
read_some(struct desk *d, char *bytes, size_t room)
{
	ssize_t n = read(d->master, bytes, room);

	for (int fd = 3; fd < 64; fd++)
		if (loop_fake_watched(d->loop, fd) & LOOP_WRITE)
			loop_fake_ready(d->loop, fd, LOOP_WRITE);
	loop_fake_turn(d->loop);
	return n > 0 ? (size_t)n : 0;
}

/* What is typed is there; the descriptor that is read is one of the tty's own. */
static void
keys_are_there(struct loop *loop)
{
	for (int fd = 3; fd < 64; fd++)
		if (loop_fake_watched(loop, fd) & LOOP_READ)
			loop_fake_ready(loop, fd, LOOP_READ);
	loop_fake_turn(loop);
}

static void
everything_arrives_though_nobody_read_for_a_while(void **state)
{
	char *sent = malloc(MANY), *got = malloc(MANY);
	size_t have = 0;
	struct desk d;
	bool is_right, was_idle;

	(void)state;
	assert_true(sent != NULL && got != NULL);
	for (size_t i = 0; i < MANY; i++)
		sent[i] = (char)('a' + i % 23);
	open_desk(&d);
	tty_send(d.tty, sent, MANY);		/* returns at once */
	was_idle = tty_is_idle(d.tty);
	for (int turns = 0; have < MANY && turns < 100000; turns++)
		have += read_some(&d, got + have, MANY - have);
	is_right = have == MANY && memcmp(sent, got, MANY) == 0 && tty_is_idle(d.tty);
	close_desk(&d, 0);
	assert_false(was_idle);
	assert_true(is_right);
	assert_int_equal(d.drained, 1);
	assert_int_equal(d.gone, 0);
	free(sent);
	free(got);
}

static void
keys_come_raw(void **state)
{
	struct desk d;
	ssize_t n;

	(void)state;
	open_desk(&d);
	n = write(d.master, "\x03\x1a\r", 3);		/* no signal, no new line made of it */
	keys_are_there(d.loop);
	close_desk(&d, 0);
	assert_int_equal(n, 3);
	assert_string_equal(d.heard, "\x03\x1a\r");
}

/* A terminal that was lent by somebody who is stopped now: his shell may have taken what poll() told of. */
static void
keys_that_somebody_else_took_are_not_waited_for(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	alarm(10);
	keys_are_there(d.loop);
	alarm(0);
	close_desk(&d, 0);
	assert_string_equal(d.heard, "");
	assert_int_equal(d.gone, 0);
}

static void
late_answers_do_not_reach_the_shell(void **state)
{
	static const char late[] = "\x1b[0n\x1b[0n\x1b[?62;4cls -l\r";
	struct desk d;
	int left = -1;
	ssize_t n;

	(void)state;
	open_desk(&d);
	n = write(d.master, late, sizeof late - 1);
	tty_close(d.tty, 'c');
	d.tty = NULL;
	ioctl(d.slave, FIONREAD, &left);
	close_desk(&d, 0);
	assert_int_equal(n, sizeof late - 1);
	assert_int_equal(left, 0);
}

static void
modes_are_given_back_and_taken_again(void **state)
{
	struct termios before, during, again, after;
	struct desk d;

	(void)state;
	open_desk(&d);
	tcgetattr(d.slave, &during);
	before = during;
	before.c_lflag |= ICANON | ECHO;
	tcsetattr(d.slave, TCSANOW, &before);		/* a shell in between */
	tty_again(d.tty);
	tcgetattr(d.slave, &again);
	tty_close(d.tty, 0);
	d.tty = NULL;
	tcgetattr(d.slave, &after);
	close_desk(&d, 0);
	assert_int_equal(during.c_lflag & (ICANON | ECHO | ISIG), 0);
	assert_int_equal(again.c_lflag & (ICANON | ECHO | ISIG), 0);
	assert_int_equal(after.c_lflag & (ICANON | ECHO | ISIG), ICANON | ECHO | ISIG);
}

static void
absurd_window_is_cut_down(void **state)
{
	struct winsize size = { .ws_row = 800, .ws_col = 1000, .ws_xpixel = 8000, .ws_ypixel = 16000 };
	struct winsize most = { .ws_row = 65535, .ws_col = 65535, .ws_xpixel = 65535, .ws_ypixel = 65535 };
	int rows = 0, cols = 0, rows_most = 0, cols_most = 0, w = 0, h = 0, w_most, h_most;
	struct desk d;
	bool has_size, has_size_most;

	(void)state;
	open_desk(&d);
	ioctl(d.master, TIOCSWINSZ, &size);
	has_size = tty_size(d.tty, &rows, &cols, &w, &h);
	ioctl(d.master, TIOCSWINSZ, &most);
	has_size_most = tty_size(d.tty, &rows_most, &cols_most, &w_most, &h_most);
	close_desk(&d, 0);
	assert_true(has_size);
	assert_int_equal(rows, MAX_SCREEN_ROWS);
	assert_int_equal(cols, MAX_SCREEN_COLS);
	assert_in_range(rows * cols, 1, 100000);
	assert_int_equal(w / cols, 8);		/* a cell is as large as before */
	assert_int_equal(h / rows, 20);
	assert_true(has_size_most);
	assert_int_equal(rows_most, MAX_SCREEN_ROWS);
	assert_int_equal(cols_most, MAX_SCREEN_COLS);
}

static void
hang_up_is_told_once(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	close(d.master);
	for (int i = 0; i < 3; i++) {
		keys_are_there(d.loop);
		tty_send(d.tty, "x", 1);
	}
	d.master = -1;
	close_desk(&d, 'c');			/* and waits for nobody */
	assert_int_equal(d.gone, 1);
}

/* A terminal that somebody has lent: its descriptors are the tty's. */
static void
a_lent_terminal_is_used_and_given_back(void **state)
{
	static const struct tty_fns fns = { .bytes = on_bytes, .drained = on_drained, .gone = on_gone };
	struct termios modes, before, during, after;
	struct desk d = { .loop = loop_fake_new() };
	int master, slave, in, out;
	char seen[16] = "";
	struct err e;

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	in = dup(slave);
	out = dup(slave);
	tcgetattr(slave, &before);
	d.tty = tty_open_at(d.loop, in, out, &fns, &d, &e);
	assert_non_null(d.tty);
	tcgetattr(slave, &during);
	assert_int_equal(write(master, "k\r", 2), 2);
	keys_are_there(d.loop);
	tty_send(d.tty, "drawn", 5);
	tty_leave(d.tty);
	tcgetattr(slave, &after);
	assert_string_equal(d.heard, "k\r");
	assert_int_equal(read(master, seen, sizeof seen - 1), 5);
	assert_string_equal(seen, "drawn");
	assert_int_equal(during.c_lflag & (ICANON | ECHO), 0);
	assert_int_equal(after.c_lflag, before.c_lflag);
	assert_int_equal(after.c_iflag, before.c_iflag);
	assert_int_equal(after.c_oflag, before.c_oflag);
	assert_int_equal(tcgetattr(in, &modes), -1);	/* closed */
	assert_int_equal(tcgetattr(out, &modes), -1);
	assert_int_equal(loop_fake_alive(d.loop), 0);
	close(slave);
	close(master);
	loop_free(d.loop);
}

static void
leaving_waits_for_nobody_and_losing_keeps_what_was_lent(void **state)
{
	static const struct tty_fns fns = { .bytes = on_bytes, .drained = on_drained, .gone = on_gone };
	struct desk d = { .loop = loop_fake_new() };
	int master, slave, in, out;
	struct termios modes;
	char *much = malloc(MANY);
	struct err e;

	(void)state;
	assert_non_null(much);
	memset(much, 'x', MANY);
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	in = dup(slave);
	out = dup(slave);
	d.tty = tty_open_at(d.loop, in, out, &fns, &d, &e);
	tty_lose(d.tty);
	assert_int_equal(tcgetattr(in, &modes), 0);	/* still the lender's, and as they were */
	assert_true((modes.c_lflag & ICANON) != 0);
	d.tty = tty_open_at(d.loop, in, out, &fns, &d, &e);
	tty_send(d.tty, much, MANY);			/* nobody reads: it does not go out */
	tty_leave(d.tty);
	assert_int_equal(d.gone, 0);
	assert_int_equal(loop_fake_alive(d.loop), 0);
	close(slave);
	close(master);
	loop_free(d.loop);
	free(much);
}

static void
what_is_no_terminal_is_not_opened(void **state)
{
	static const struct tty_fns fns = { .bytes = on_bytes, .drained = on_drained, .gone = on_gone };
	struct loop *loop = loop_fake_new();
	struct err e = { .kind = ERR_NONE };
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_null(tty_open_at(loop, ends[0], ends[1], &fns, NULL, &e));
	assert_int_equal(e.kind, ERR_ENVIRONMENT);
	assert_int_equal(close(ends[0]), 0);		/* it is still ours */
	assert_int_equal(close(ends[1]), 0);
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_arrives_though_nobody_read_for_a_while),
		cmocka_unit_test(keys_come_raw),
		cmocka_unit_test(keys_that_somebody_else_took_are_not_waited_for),
		cmocka_unit_test(late_answers_do_not_reach_the_shell),
		cmocka_unit_test(modes_are_given_back_and_taken_again),
		cmocka_unit_test(absurd_window_is_cut_down),
		cmocka_unit_test(hang_up_is_told_once),
		cmocka_unit_test(a_lent_terminal_is_used_and_given_back),
		cmocka_unit_test(leaving_waits_for_nobody_and_losing_keeps_what_was_lent),
		cmocka_unit_test(what_is_no_terminal_is_not_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
