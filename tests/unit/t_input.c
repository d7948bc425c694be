/*
 * t_input.c - bytes from the keyboard: whole, split, broken, pasted, random.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ui/input.h"

struct heard {
	char keys[4096];		/* names, one blank between */
	int count, burst, noisy, noise, pastes, replies, behind_esc, after_esc, after_drop, dropped;
	char mouse[512];		/* "press 9,19 wheel-up 0,0" */
	char paste[256];
	struct input_event reply;
};

static const char *const mouse_names[] = { "press", "release", "wheel-up", "wheel-down" };

static void
hear(void *arg, const struct input_event *ev)
{
	struct heard *h = arg;

	switch (ev->kind) {
	case INPUT_KEY:
		h->count++;
		h->burst += ev->burst;
		h->behind_esc += ev->is_behind_esc;
		h->noisy += ev->noisy;
		h->after_esc += ev->after_esc;
		h->after_drop += ev->after_drop;
		if (strlen(h->keys) + strlen(ev->key) + 2 < sizeof h->keys) {
			if (h->keys[0] != '\0')
				strcat(h->keys, " ");
			strcat(h->keys, ev->key);
		}
		break;
	case INPUT_PASTE:
		h->pastes++;
		snprintf(h->paste, sizeof h->paste, "%.*s", (int)ev->paste_len, ev->paste);
		break;
	case INPUT_REPLY:
		h->replies++;
		h->reply = *ev;
		break;
	case INPUT_DROPPED:
		h->dropped++;
		break;
	case INPUT_NOISE:
		h->noise++;
		break;
	case INPUT_MOUSE:
		snprintf(h->mouse + strlen(h->mouse), sizeof h->mouse - strlen(h->mouse), "%s%s %d,%d", h->mouse[0] != '\0' ? " " : "",
		    mouse_names[ev->mouse], ev->row, ev->col);
		break;
	}
}

static void
feed(struct input *in, const char *bytes, int64_t now_us)
{
	input_feed(in, bytes, strlen(bytes), now_us);
}

static void
keys_have_their_names(void **state)
{
	static const struct { const char *bytes, *keys; } cases[] = {
		{ "a", "a" }, { " ", "space" }, { "\r", "enter" }, { "\n", "enter" }, { "\x7f", "backspace" },
		{ "\t", "tab" }, { "\x12", "ctrl-r" }, { "\x1b[A", "up" }, { "\x1bOA", "up" }, { "\x1b[5~", "page-up" },
		{ "\x1b[6~", "page-down" }, { "\x1b[15~", "f5" }, { "\x1bOP", "f1" }, { "\x1bx", "alt-x" },
		{ "\xc3\xa9", "\xc3\xa9" }, { "\xe2\x82\xac", "\xe2\x82\xac" }, { "\x1b[Z", "back-tab" },
		{ "12 ", "1 2 space" }, { "\x1b[[A", "" }, { "\x1b[1;5A", "" }, { "\x1b[<0;3;4M", "" }, { "\x1b[M !!", "" },
		{ "\x1b[200", "" }, { "\x1b:", "esc :" }, { "\x1b\x1b:", "esc :" }, { "\x1b ", "" }, { "\x1b\r", "" }, { "\xc2\x9b""3~", "delete" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct heard h = { 0 };
		struct input *in = input_new(hear, &h);

		feed(in, cases[i].bytes, 1000);
		if (strcmp(h.keys, cases[i].keys) != 0)
			fail_msg("case %zu: expected \"%s\", heard \"%s\"", i, cases[i].keys, h.keys);
		input_free(in);
	}
}

static void
lone_escape_is_a_key_after_a_moment(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	feed(in, "\x1b", 1000);
	assert_int_equal(h.count, 0);
	assert_true(input_deadline(in) > 1000);
	input_tick(in, input_deadline(in));
	assert_string_equal(h.keys, "esc");
	input_free(in);
}

static void
key_typed_after_escape_is_itself(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	feed(in, "\x1b", 0);
	feed(in, "2", 300000);
	assert_string_equal(h.keys, "esc 2");
	input_free(in);
}

static bool
has_harmful_key(char *keys)
{
	char *save = NULL;

	for (char *k = strtok_r(keys, " ", &save); k != NULL; k = strtok_r(NULL, " ", &save))
		if (k[1] == '\0' || strcmp(k, "space") == 0 || strcmp(k, "enter") == 0 || strncmp(k, "ctrl", 4) == 0)
			return true;
	return false;
}

/* Every sequence, split at every byte with half a second between: nothing of it but Esc may become a key. */
static void
split_sequence_never_becomes_other_keys(void **state)
{
	static const char *const sequences[] = { "\x1b[3~", "\x1b[A", "\x1bOA", "\x1b[1;5C", "\x1b[24~", "\x1b[<0;1;1M",
		"\x1b]0; 1 s\r\x07", "\x1bP1 \x1b\\", "\x1b[?1;2c", "\x1b[ q" };

	(void)state;
	for (size_t s = 0; s < sizeof sequences / sizeof sequences[0]; s++)
		for (size_t cut = 1; cut < strlen(sequences[s]); cut++) {
			struct heard h = { 0 };
			struct input *in = input_new(hear, &h);
			int64_t now = 1000000;

			input_feed(in, sequences[s], cut, now);
			while (input_deadline(in) >= 0 && input_deadline(in) < now + 500000)
				input_tick(in, input_deadline(in));
			input_feed(in, sequences[s] + cut, strlen(sequences[s]) - cut, now + 500000);
			if (has_harmful_key(h.keys))
				fail_msg("sequence %zu cut at %zu became keys", s, cut);
			input_free(in);
		}
}

static void
every_byte_apart_is_still_one_sequence(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);
	const char *bytes = "\x1b[6~";

	(void)state;
	input_feed(in, bytes, 1, 0);
	input_tick(in, 60000);
	for (int i = 1; i < 4; i++)
		input_feed(in, bytes + i, 1, i * 500000);
	assert_string_equal(h.keys, "esc page-down");
	input_free(in);
}

static void
answers_of_the_terminal_between_break_no_sequence(void **state)
{
	static const struct { const char *pieces[4], *keys; } cases[] = {
		{ { "\x1b", "[", "A" }, "up" }, { { "\x1b[", "3~" }, "delete" }, { { "\x1b[M", " ", "! " }, "" },
		{ { "\x1b[0 ", "q" }, "" }, { { "\x1bP1$r", " \x12\r", "\x1b\\" }, "" }, { { "\x1bO", "5", "Q" }, "" },
		{ { "\xe2\x82", "\xac" }, "\xe2\x82\xac" }, { { "\x1b[20", "0~ \r", " \x1b[2", "01~" }, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct heard h = { 0 };
		struct input *in = input_new(hear, &h);
		int64_t now_us = 0;

		for (size_t j = 0; j < 4 && cases[i].pieces[j] != NULL; j++) {
			feed(in, cases[i].pieces[j], now_us);
			feed(in, "\x1b[0n", now_us + 10000);
			feed(in, "\x1b[0n\x1b[0n", now_us + 20000);
			now_us += 50000;
		}
		if (strcmp(h.keys, cases[i].keys) != 0)
			fail_msg("case %zu: expected \"%s\", heard \"%s\"", i, cases[i].keys, h.keys);
		assert_true(h.replies >= 6);
		assert_int_equal(h.pastes, i == 7);
		input_free(in);
	}
}

static void
answers_of_the_terminal_neither_eat_nor_hold_up_escape(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	feed(in, "\x1b", 0);
	for (int64_t now_us = 10000; now_us < 100000; now_us += 10000)
		feed(in, "\x1b[0n", now_us);
	assert_string_equal(h.keys, "esc");
	for (int64_t now_us = 100000; now_us < 5000000; now_us += 100000)
		feed(in, "\x1b[0n", now_us);
	feed(in, "[", 5000000);		/* long after: no rest of that Esc */
	assert_string_equal(h.keys, "esc [");
	assert_int_equal(h.replies, 58);
	input_free(in);
}

static void
paste_is_one_event_and_no_keys(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	feed(in, "\x1b[200~record start\rrm -rf\x1b[A \x1b[20", 0);
	feed(in, "1~", 10);
	assert_int_equal(h.pastes, 1);
	assert_string_equal(h.paste, "record start\rrm -rf\x1b[A ");
	assert_int_equal(h.count, 0);
	feed(in, "x", 20);
	assert_string_equal(h.keys, "x");
	input_free(in);
}

static void
paste_that_stalls_stays_a_paste(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	feed(in, "\x1b[200~first ", 0);
	feed(in, " \rrecord\r\x1b[201~", 8000000);
	assert_int_equal(h.count, 0);
	assert_int_equal(h.pastes, 1);
	input_free(in);
}

static void
paste_without_end_is_dropped(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	feed(in, "\x1b[200~ \r \r", 0);
	input_tick(in, input_deadline(in));
	assert_int_equal(h.count, 0);
	assert_int_equal(h.pastes, 0);
	input_free(in);
}

static void
endless_paste_keeps_memory_bounded(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);
	char block[4096];

	(void)state;
	memset(block, 'x', sizeof block);
	feed(in, "\x1b[200~", 0);
	for (int i = 0; i < 4000; i++)
		input_feed(in, block, sizeof block, i);
	feed(in, "\x1b[201~", 5000);
	assert_int_equal(h.pastes, 1);
	assert_int_equal(h.count, 0);
	input_free(in);
}

static void
many_different_keys_in_one_read_are_a_burst(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	feed(in, "cut the rope now", 0);
	assert_int_equal(h.burst, h.count);
	feed(in, "1 ", 1000000);
	assert_int_equal(h.burst, h.count - 2);
	feed(in, "zzzzzzzzzz", 2000000);
	assert_int_equal(h.burst, h.count - 12);
	input_free(in);
}

static void
colon_behind_a_first_esc_is_told(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	feed(in, "\x1b:tag a b", 0);
	assert_int_equal(h.behind_esc, 1);
	feed(in, ":tag a:b\r:", 1000000);
	feed(in, "1\x1b:", 2000000);
	assert_int_equal(h.behind_esc, 1);
	input_free(in);
}

static void
bytes_no_keyboard_makes_mark_their_neighbours(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	feed(in, " \xff\xfe ", 0);
	assert_int_equal(h.noise, 1);
	assert_int_equal(h.noisy, h.count);
	input_free(in);
}

static void
terminal_answers_are_replies(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	feed(in, "\x1b[?63;1;2;4c", 0);
	assert_int_equal(h.replies, 1);
	assert_int_equal(h.reply.final, 'c');
	assert_int_equal(h.reply.prefix, '?');
	assert_int_equal(h.reply.arg_count, 4);
	assert_int_equal(h.reply.args[3], 4);
	feed(in, "\x1b[0n", 0);
	assert_int_equal(h.reply.final, 'n');
	feed(in, "\x1bP>|XTerm(379)\x1b\\", 0);
	assert_int_equal(h.reply.final, 'P');
	assert_string_equal(h.reply.string, ">|XTerm(379)");
	feed(in, "\x1b]11;rgb:ffff/0000/0000\x1b\\", 0);
	assert_int_equal(h.reply.final, ']');
	assert_string_equal(h.reply.string, "11;rgb:ffff/0000/0000");
	h.replies = 0;
	feed(in, "\x1b]52;c;Y3V0IDE=\x07\x1b]0;cut 1\r\x1b\\\x1b]11\x07", 0);	/* nobody asked for these */
	assert_int_equal(h.replies, 0);
	feed(in, "\x1b[6;19;9t", 0);
	assert_int_equal(h.reply.args[2], 9);
	assert_int_equal(h.count, 0);
	input_free(in);
}

static void
random_bytes_leave_no_state_behind(void **state)
{
	(void)state;
	srand(7);
	for (int round = 0; round < 300; round++) {
		struct heard h = { 0 };
		struct input *in = input_new(hear, &h);
		char bytes[200];

		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (char)rand();
		input_feed(in, bytes, sizeof bytes, 0);
		assert_int_equal(h.noisy, h.count);
		for (int i = 0; i < 8 && input_deadline(in) >= 0; i++)
			input_tick(in, input_deadline(in));
		assert_int_equal(input_deadline(in), -1);
		h.keys[0] = '\0';
		input_feed(in, "7", 1, 100000000);
		assert_string_equal(h.keys, "7");
		input_free(in);
	}
}

static void
mouse_reports_name_a_cell(void **state)
{
	static const struct { const char *bytes, *mouse; } cases[] = {
		{ "\x1b[<0;20;10M", "press 9,19" }, { "\x1b[<0;20;10m", "release 9,19" }, { "\x1b[<64;1;1M", "wheel-up 0,0" },
		{ "\x1b[<65;1;1M", "wheel-down 0,0" }, { "\x1b[<65;1;1m", "" }, { "\x1b[<2;1;1M", "" }, { "\x1b[<4;1;1M", "" },
		{ "\x1b[<32;1;1M", "" }, { "\x1b[<0;0;1M", "" }, { "\x1b[<0;1;0M", "" }, { "\x1b[<0;1M", "" }, { "\x1b[<0;1;1;1M", "" },
		{ "\x1b[<0;1;1$M", "" }, { "\x1b[<;1;1M", "" }, { "\x1b[<0;;1M", "" }, { "\x1b[<0;1;M", "" }, { "\x1b[0;1;1M", "" },
		{ "\x1b[<0;1:1;1M", "" }, { "\x1b[<0;99999999999999999;1M", "" }, { "\x1b[M !!", "press 0,0" }, { "\x1b[M`!#", "wheel-up 2,0" },
		{ "\x1b[M!!!", "" }, { "\x1b[M \x1f!", "" }, { "\x1b[<0;20;10M\x1b[<0;20;10m", "press 9,19 release 9,19" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct heard h = { 0 };
		struct input *in = input_new(hear, &h);

		feed(in, cases[i].bytes, 1000);
		assert_string_equal(h.mouse, "");	/* nobody wants them */
		input_want_mouse(in, true);
		feed(in, cases[i].bytes, 2000);
		if (strcmp(h.mouse, cases[i].mouse) != 0)
			fail_msg("case %zu: expected \"%s\", heard \"%s\"", i, cases[i].mouse, h.mouse);
		assert_int_equal(h.count, 0);
		assert_int_equal(input_deadline(in), -1);
		input_free(in);
	}
}

static void
mouse_reports_in_pieces_are_no_keys(void **state)
{
	const char *report = "\x1b[<0;20;10M";

	(void)state;
	for (size_t cut = 1; cut < strlen(report); cut++) {
		struct heard h = { 0 };
		struct input *in = input_new(hear, &h);

		input_want_mouse(in, true);
		input_feed(in, report, cut, 1000000);
		input_tick(in, 1500000);
		input_feed(in, report + cut, strlen(report) - cut, 1500000);
		assert_string_equal(h.mouse, "press 9,19");
		assert_false(has_harmful_key(h.keys));
		input_free(in);
	}
}

static void
keys_soon_after_escape_are_marked(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	feed(in, " ", 0);
	feed(in, "\x1b", 1000000);
	input_tick(in, 1060000);
	assert_int_equal(h.after_esc, 0);
	feed(in, " F", 1500000);	/* ESC space F: the rest of a sequence, or a hurried finger */
	assert_int_equal(h.after_esc, 2);
	feed(in, " ", 1800000);
	assert_int_equal(h.after_esc, 2);
	input_free(in);
}

/* Each byte alone, so far apart; the timers run in between. */
static int64_t
feed_apart(struct input *in, const char *bytes, int64_t now_us, int64_t apart_us)
{
	for (; *bytes != '\0'; bytes++, now_us += apart_us) {
		input_feed(in, bytes, 1, now_us);
		while (input_deadline(in) >= 0 && input_deadline(in) < now_us + apart_us)
			input_tick(in, input_deadline(in));
	}
	return now_us;
}

static void
answers_that_are_due_may_come_in_bytes(void **state)
{
	static const char *const answers[] = { "\x1b[0n", "\x1b[?62;4c", "\x1b[6;19;9t", "\x1b[?2026;2$y", "\x1b[?2;0;1920;1080S", "\x1bP>|XTerm(379)\x1b\\" };

	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		struct heard h = { 0 };
		struct input *in = input_new(hear, &h);

		input_expect(in, true, true);
		feed_apart(in, answers[i], 1000000, 500000);
		if (h.count != 0 || h.replies != 1)
			fail_msg("answer %zu: %d replies, keys \"%s\"", i, h.replies, h.keys);
		input_free(in);
	}
}

static void
escape_works_also_while_answers_are_due(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	input_expect(in, true, false);
	feed(in, "\x1b", 1000000);
	input_tick(in, 1400000);
	assert_int_equal(h.count, 0);
	input_tick(in, 1700000);
	assert_string_equal(h.keys, "esc");
	feed(in, "\x1b", 5000000);
	feed(in, "\x1b[0n", 5020000);	/* whole: that ESC was none of its bytes */
	assert_string_equal(h.keys, "esc");
	input_tick(in, 5150000);
	assert_string_equal(h.keys, "esc esc");
	feed(in, "\x1b", 9000000);
	feed(in, "2", 9200000);
	assert_string_equal(h.keys, "esc esc esc 2");
	feed(in, "\x1b", 12000000);
	feed(in, "\x1b", 12200000);
	input_tick(in, 12900000);
	assert_string_equal(h.keys, "esc esc esc 2 esc esc");
	input_free(in);
}

static void
escape_and_answers_in_pieces_are_told_apart(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	input_expect(in, true, true);
	feed(in, "\x1b", 1000000);		/* a finger */
	feed(in, "\x1b[?62;4c", 1030000);
	input_tick(in, 1700000);
	assert_string_equal(h.keys, "esc");
	assert_int_equal(h.replies, 1);
	feed(in, "\x1b", 5000000);		/* two answers in each other's way */
	feed(in, "\x1b", 5100000);
	feed(in, "[0n", 5300000);
	feed(in, "[0n", 5400000);
	input_tick(in, 9000000);
	assert_string_equal(h.keys, "esc");
	assert_int_equal(h.replies, 3);
	feed(in, "\x1b", 20000000);
	feed(in, "a", 20010000);
	feed(in, "[0n", 20300000);
	assert_string_equal(h.keys, "esc alt-a");
	assert_int_equal(h.replies, 4);
	input_free(in);
}

static void
line_that_has_split_an_answer_may_split_a_key(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	input_expect(in, true, false);
	int64_t now_us = feed_apart(in, "\x1b[0n", 1000000, 500000);
	input_expect(in, false, false);
	now_us = feed_apart(in, "\x1b[A", now_us, 500000);
	assert_string_equal(h.keys, "up");
	feed_apart(in, "\x1b[A", now_us + 100000000, 500000);	/* long ago */
	assert_string_equal(h.keys, "up esc up");
	input_free(in);
}

static void
keys_typed_amid_an_answer_in_bytes_let_nothing_of_it_out(void **state)
{
	static const struct { const char *bytes, *keys; } cases[] = {
		{ "\x1b" "1[0n", "esc 1" }, { "\x1b" "12[0n", "esc 1 2" }, { "\x1b[s0n", "" }, { "\x1b[0An", "" }, { "\x1b[1" "0n", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct heard h = { 0 };
		struct input *in = input_new(hear, &h);

		input_expect(in, true, false);
		int64_t now_us = feed_apart(in, cases[i].bytes, 1000000, 250000);
		if (strcmp(h.keys, cases[i].keys) != 0)
			fail_msg("case %zu: expected \"%s\", heard \"%s\"", i, cases[i].keys, h.keys);
		h.keys[0] = '\0';
		feed_apart(in, "7", now_us + 2000000, 10);
		assert_string_equal(h.keys, "7");
		input_free(in);
	}
}

static void
keys_typed_behind_a_paste_without_end_get_through(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	feed(in, "\x1b[200~hello", 0);
	for (int64_t now_us = 300000; now_us <= 2000000; now_us += 300000)
		feed(in, "!", now_us);
	assert_int_equal(h.count, 0);
	feed(in, "\x1b[0n", 1900000);
	feed(in, "!", 2100000);
	assert_string_equal(h.keys, "!");
	assert_int_equal(h.dropped, 1);
	assert_int_equal(h.after_drop, 1);
	feed(in, "2", 2700000);
	feed(in, "2", 3300000);
	assert_int_equal(h.after_drop, 3);
	feed(in, "2", 4100000);
	assert_int_equal(h.after_drop, 3);
	input_free(in);
}

static void
paste_that_nothing_follows_is_dropped_and_told(void **state)
{
	struct heard h = { 0 };
	struct input *in = input_new(hear, &h);

	(void)state;
	feed(in, "\x1b[200~hello", 0);
	input_tick(in, 19000000);
	assert_int_equal(h.dropped, 0);
	input_tick(in, 21000000);
	assert_int_equal(h.dropped, 1);
	assert_int_equal(input_deadline(in), -1);
	input_free(in);
}

static void
introducer_typed_by_hand_deafens_for_two_seconds_at_most(void **state)
{
	static const char *const introducers[] = { "\x1bP", "\x1b]", "\x1b_", "\x1b^", "\x1bX" };

	(void)state;
	for (size_t i = 0; i < sizeof introducers / sizeof introducers[0]; i++)
		for (int due = 0; due < 2; due++) {
			struct heard h = { 0 };
			struct input *in = input_new(hear, &h);

			input_expect(in, due == 1, due == 1);
			feed(in, introducers[i], 0);
			for (int64_t now_us = 300000; now_us <= 2000000; now_us += 300000)
				feed(in, "3", now_us);
			assert_string_equal(h.keys, "3 3");	/* at 1.5 s and 1.8 s */
			assert_int_equal(h.after_drop, 2);
			input_free(in);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_have_their_names),
		cmocka_unit_test(lone_escape_is_a_key_after_a_moment),
		cmocka_unit_test(key_typed_after_escape_is_itself),
		cmocka_unit_test(split_sequence_never_becomes_other_keys),
		cmocka_unit_test(every_byte_apart_is_still_one_sequence),
		cmocka_unit_test(answers_of_the_terminal_between_break_no_sequence),
		cmocka_unit_test(answers_of_the_terminal_neither_eat_nor_hold_up_escape),
		cmocka_unit_test(paste_is_one_event_and_no_keys),
		cmocka_unit_test(paste_that_stalls_stays_a_paste),
		cmocka_unit_test(paste_without_end_is_dropped),
		cmocka_unit_test(endless_paste_keeps_memory_bounded),
		cmocka_unit_test(many_different_keys_in_one_read_are_a_burst),
		cmocka_unit_test(colon_behind_a_first_esc_is_told),
		cmocka_unit_test(bytes_no_keyboard_makes_mark_their_neighbours),
		cmocka_unit_test(terminal_answers_are_replies),
		cmocka_unit_test(random_bytes_leave_no_state_behind),
		cmocka_unit_test(mouse_reports_name_a_cell),
		cmocka_unit_test(mouse_reports_in_pieces_are_no_keys),
		cmocka_unit_test(keys_soon_after_escape_are_marked),
		cmocka_unit_test(answers_that_are_due_may_come_in_bytes),
		cmocka_unit_test(escape_works_also_while_answers_are_due),
		cmocka_unit_test(escape_and_answers_in_pieces_are_told_apart),
		cmocka_unit_test(line_that_has_split_an_answer_may_split_a_key),
		cmocka_unit_test(keys_typed_amid_an_answer_in_bytes_let_nothing_of_it_out),
		cmocka_unit_test(keys_typed_behind_a_paste_without_end_get_through),
		cmocka_unit_test(paste_that_nothing_follows_is_dropped_and_told),
		cmocka_unit_test(introducer_typed_by_hand_deafens_for_two_seconds_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
