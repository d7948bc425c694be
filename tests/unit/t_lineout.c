/*
 * t_lineout.c - lines to a reader who takes his time: nothing blocks, nothing is torn, what is missing is counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "io/lineout.h"
#include "io/loop_uv.h"

#define LINE_BYTES 1000

struct bench {
	struct loop *loop;
	struct loop_timer *guard, *reader;
	struct lineout *out;
	int ends[2];
	unsigned long lost, lost_calls;
	int next, want;			/* number of the next line to be read; stop after so many */
	char part[LINE_BYTES + 1];
	size_t part_len;
	pthread_t thread;
};

static void
on_guard(void *arg)
{
	(void)arg;
	fail_msg("the reader waited for 20 s");
}

static void
on_lost(void *arg, unsigned long lines)
{
	struct bench *b = arg;

	b->lost += lines;
	b->lost_calls++;
	lineout_say(b->out, "lost\n", 5);
}

/* Line n is its number, dots and a line feed, LINE_BYTES in all. */
static void
make_line(char *line, int n)
{
	int len = snprintf(line, LINE_BYTES, "%d", n);

	memset(line + len, '.', (size_t)(LINE_BYTES - 1 - len));
	line[LINE_BYTES - 1] = '\n';
	line[LINE_BYTES] = '\0';
}

static void
say_lines(struct bench *b, int first, int count)
{
	char line[LINE_BYTES + 1];

	for (int i = first; i < first + count; i++) {
		make_line(line, i);
		lineout_say(b->out, line, LINE_BYTES);
	}
}

/* Every line is whole and the one that follows. */
static void
take_byte(struct bench *b, char c)
{
	char line[LINE_BYTES + 1];

	assert_true(b->part_len < LINE_BYTES);
	b->part[b->part_len++] = c;
	if (c != '\n')
		return;
	b->part[b->part_len] = '\0';
	b->part_len = 0;
	make_line(line, b->next);
	if (strcmp(b->part, "lost\n") != 0)
		assert_string_equal(b->part, line);
	b->next++;
}

static void
on_read(void *arg)
{
	struct bench *b = arg;
	char bytes[3000];
	ssize_t n;

	assert_int_not_equal(fcntl(b->ends[0], F_SETFL, O_NONBLOCK), -1);
	while ((n = read(b->ends[0], bytes, sizeof bytes)) > 0)
		for (ssize_t i = 0; i < n; i++)
			take_byte(b, bytes[i]);
	if (b->next >= b->want)
		loop_stop(b->loop);
}

static void
read_lines(struct bench *b, int want)
{
	b->want = want;
	loop_timer_start(b->loop, b->reader, 0, 1000);
	loop_run(b->loop);
}

static int
set_up(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	signal(SIGPIPE, SIG_IGN);
	b->loop = loop_uv_new(1);
	b->guard = loop_timer_new(b->loop, on_guard, b);
	loop_timer_start(b->loop, b->guard, 20000000, 0);
	b->reader = loop_timer_new(b->loop, on_read, b);
	assert_int_equal(pipe2(b->ends, O_CLOEXEC), 0);
	b->out = lineout_new(b->loop, b->ends[1], on_lost, b);
	*state = b;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *b = *state;

	if (b->ends[0] >= 0)
		close(b->ends[0]);
	lineout_free(b->out);
	close(b->ends[1]);
	loop_timer_free(b->loop, b->guard);
	loop_timer_free(b->loop, b->reader);
	loop_free(b->loop);
	free(b);
	return 0;
}

static void
line_is_there_at_once(void **state)
{
	struct bench *b = *state;
	char bytes[100];

	lineout_say(b->out, "one\n", 4);
	lineout_say(b->out, "two\nthree\n", 10);
	assert_int_equal(read(b->ends[0], bytes, sizeof bytes), 14);
	assert_memory_equal(bytes, "one\ntwo\nthree\n", 14);
}

static void
stalled_reader_holds_up_nobody_and_misses_nothing(void **state)
{
	struct bench *b = *state;

	say_lines(b, 0, 1000);		/* a pipe holds 65 of them */
	assert_int_equal(fcntl(b->ends[1], F_GETFL) & O_NONBLOCK, 0);
	read_lines(b, 1000);
	say_lines(b, 1000, 1);
	on_read(b);
	assert_int_equal(b->next, 1001);
	assert_int_equal(b->lost_calls, 0);
}

static void
past_the_ceiling_whole_lines_are_left_out_and_counted(void **state)
{
	struct bench *b = *state;
	const int said = LINEOUT_UNSENT_BYTES / LINE_BYTES + 1000;

	say_lines(b, 0, said);
	assert_int_equal(b->lost_calls, 0);		/* not before there is room to say so */
	while (b->lost_calls == 0)
		read_lines(b, b->next + 1);
	assert_int_equal(b->lost_calls, 1);
	assert_in_range(b->lost, 800, 1000);
	read_lines(b, said - (int)b->lost + 1);		/* and the line that says so */
	say_lines(b, b->next, 1);
	read_lines(b, said - (int)b->lost + 2);
	assert_int_equal(b->lost_calls, 1);
}

static void
reader_that_leaves_is_noticed_and_harmless(void **state)
{
	struct bench *b = *state;

	say_lines(b, 0, 100);
	close(b->ends[0]);
	b->ends[0] = -1;
	say_lines(b, 100, 100);
	assert_false(lineout_free(b->out));
	b->out = NULL;
	assert_true(lineout_free(NULL));
}

static void *
read_late(void *arg)
{
	struct bench *b = arg;
	const struct timespec nap = { .tv_nsec = 50000000 };
	char bytes[4096];
	ssize_t n;

	nanosleep(&nap, NULL);
	while (b->next < b->want && (n = read(b->ends[0], bytes, sizeof bytes)) > 0)
		for (ssize_t i = 0; i < n; i++)
			take_byte(b, bytes[i]);
	return NULL;
}

static void
end_waits_for_a_slow_reader(void **state)
{
	struct bench *b = *state;

	say_lines(b, 0, 2000);
	b->want = 2000;
	assert_int_equal(pthread_create(&b->thread, NULL, read_late, b), 0);
	assert_true(lineout_free(b->out));
	b->out = NULL;
	pthread_join(b->thread, NULL);
	assert_int_equal(b->next, 2000);
}

static void
terminal_that_takes_nothing_blocks_nothing(void **state)
{
	struct bench *b = *state;
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
	struct lineout *out;

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	out = lineout_new(b->loop, slave, NULL, NULL);
	alarm(10);			/* a blocked test would wait for ever */
	for (int i = 0; i < 5000; i++)
		lineout_say(out, "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 012345678\n", 87);
	alarm(0);
	assert_int_equal(fcntl(slave, F_GETFL) & O_NONBLOCK, 0);
	close(slave);
	close(master);
	assert_false(lineout_free(out));
}

static void
file_takes_everything_where_it_stands(void **state)
{
	struct bench *b = *state;
	FILE *f = tmpfile();
	struct lineout *out;

	assert_non_null(f);
	assert_int_equal(write(fileno(f), "before\n", 7), 7);
	out = lineout_new(b->loop, fileno(f), NULL, NULL);
	for (int i = 0; i < 1000; i++)
		lineout_say(out, "0123456789\n", 11);
	assert_int_equal(lseek(fileno(f), 0, SEEK_END), 7 + 11000);
	assert_true(lineout_free(out));
	fclose(f);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(line_is_there_at_once), TEST(stalled_reader_holds_up_nobody_and_misses_nothing),
		TEST(past_the_ceiling_whole_lines_are_left_out_and_counted), TEST(reader_that_leaves_is_noticed_and_harmless),
		TEST(end_waits_for_a_slow_reader), TEST(terminal_that_takes_nothing_blocks_nothing),
		TEST(file_takes_everything_where_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
