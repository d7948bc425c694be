/*
 * t_term.c - what is believed of a terminal's answers, and what is not; strings on their way through tmux.
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

#include "base/ceilings.h"
#include "ui/term.h"

struct heard { struct term_caps caps; int done, foreign; };

static void
on_event(void *arg, const struct input_event *ev)
{
	struct heard *h = arg;
	bool done = false;

	if (ev->kind != INPUT_REPLY || !term_reply(&h->caps, ev, &done))
		h->foreign++;
	h->done += done;
}

/* The answers as bytes, the way they come. */
static struct term_caps
after(const char *bytes, int rows, int cols, int w_px, int h_px)
{
	struct heard h = { .done = 0 };
	struct input *in = input_new(on_event, &h);

	term_caps_init(&h.caps);
	input_feed(in, bytes, strlen(bytes), 1000000);
	input_free(in);
	term_settle(&h.caps, rows, cols, w_px, h_px);
	return h.caps;
}

struct rounds { struct term_heard heard; int done; };

static void
on_round(void *arg, const struct input_event *ev)
{
	struct rounds *r = arg;
	bool done;

	r->done += term_hear(&r->heard, ev, &done) && done;
}

static void
feed(struct input *in, const char *bytes)
{
	input_feed(in, bytes, strlen(bytes), 1000000);
}

/* A resize asks again before the answers to the last resize are in: none of the rounds may hold half of another. */
static void
rounds_do_not_mix(void **state)
{
	struct rounds r = { .done = 0 };
	struct input *in = input_new(on_round, &r);
	const char *small = "\x1b[6;14;7t\x1b[4;140;217t\x1b[?1;0;256S\x1b[?2026;2$y\x1b[?62;4;9;22c";
	const char *blind = "\x1b[?62;9c";

	(void)state;
	feed(in, small);
	assert_int_equal(r.done, 1);
	assert_int_equal(r.heard.caps.cell_w_px, 7);
	/* Half a round: nothing of the last one is in it. */
	feed(in, "\x1b[4;910;751t");
	assert_int_equal(r.done, 1);
	assert_int_equal(r.heard.caps.cell_w_px, 0);
	assert_false(r.heard.caps.sixel || r.heard.caps.answered);
	feed(in, "\x1b[6;16;8t\x1b[?62;4c");
	assert_int_equal(r.done, 2);
	assert_int_equal(r.heard.caps.cell_w_px, 8);
	assert_int_equal(r.heard.caps.area_w_px, 751);
	/* The fence of who only wanted to know whether the terminal lives. */
	feed(in, "\x1b[?62;4c");
	assert_int_equal(r.done, 3);
	assert_true(r.heard.caps.sixel && r.heard.caps.cell_w_px == 8 && r.heard.caps.area_w_px == 751);
	/* Another terminal, which cannot. */
	feed(in, "\x1b[?1;1S");
	feed(in, blind);
	assert_int_equal(r.done, 4);
	assert_true(r.heard.caps.answered && !r.heard.caps.sixel && r.heard.caps.cell_w_px == 0);
	input_free(in);
}

static void
questions_end_with_the_fence(void **state)
{
	const char *q = term_questions("xterm-256color");

	(void)state;
	assert_string_equal(q + strlen(q) - 3, "\x1b[c");
	assert_non_null(strstr(q, "\x1b[>q"));
	assert_non_null(strstr(q, "\x1b]11;?\x1b\\"));
	assert_non_null(strstr(q, "\x1b[16t"));
	assert_non_null(strstr(q, "\x1b[?2026$p"));
	assert_string_equal(term_questions(NULL), q);
	assert_string_equal(term_questions("linux"), "\x1b[c");	/* some of them print what they do not know */
}

/* As measured: XTerm 379 as a VT340, with and without window operations. */
static void
xterm_is_known(void **state)
{
	struct term_caps c = after("\x1bP>|XTerm(379)\x1b\\\x1b[6;19;9t\x1b[4;456;720t\x1b[?1;0;256S\x1b[?2;0;720;456S\x1b[?2026;0$y"
	    "\x1b[?63;1;2;4;6;9;15;16;22;28c", 24, 80, 724, 460);

	(void)state;
	assert_true(c.answered && c.sixel && c.is_xterm && !c.is_tmux && !c.synchronized_output && !c.uneven_cells);
	assert_int_equal(c.cell_w_px, 9);
	assert_int_equal(c.cell_h_px, 19);
	assert_int_equal(c.colour_registers, 256);
	c = after("\x1bP>|XTerm(379)\x1b\\\x1b[?1;3S\x1b[?64;1;2;6;9c", 24, 80, 724, 460);
	assert_true(c.answered && !c.sixel && c.is_xterm);
	assert_int_equal(c.colour_registers, 0);
	assert_int_equal(c.cell_w_px, 9);
}

static void
background_is_light_or_dark_or_untold(void **state)
{
	static const struct { const char *said; enum term_paper paper; } tries[] = {
		{ "\x1b]11;rgb:ffff/ffff/ffff\x1b\\", TERM_PAPER_LIGHT }, { "\x1b]11;rgb:0000/0000/0000\x1b\\", TERM_PAPER_DARK },
		{ "\x1b]11;rgb:fd/f6/e3\x07", TERM_PAPER_LIGHT }, { "\x1b]11;rgb:0/2/3\x07", TERM_PAPER_DARK },
		{ "\x1b]11;rgba:ffff/ffff/ffff/ffff\x1b\\", TERM_PAPER_LIGHT }, { "\x1b]11;rgb:FFFF/FFFF/0000\x1b\\", TERM_PAPER_LIGHT },
		{ "\x1b]11;rgb:0000/0000/ffff\x1b\\", TERM_PAPER_DARK }, { "\x1b]11;rgb:ffff/ffff\x1b\\", TERM_PAPER_UNTOLD },
		{ "\x1b]11;rgb:fffff/ffff/ffff\x1b\\", TERM_PAPER_UNTOLD }, { "\x1b]11;rgb:///\x1b\\", TERM_PAPER_UNTOLD },
		{ "\x1b]11;white\x1b\\", TERM_PAPER_UNTOLD }, { "\x1b]10;rgb:ffff/ffff/ffff\x1b\\", TERM_PAPER_UNTOLD }, { "", TERM_PAPER_UNTOLD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		char text[128];
		struct term_caps c;

		snprintf(text, sizeof text, "%s\x1b[?62;22c", tries[i].said);
		c = after(text, 24, 80, 0, 0);
		assert_true(c.answered);
		assert_int_equal(c.paper, tries[i].paper);
	}
}

static void
xterm_js_is_known(void **state)
{
	struct term_caps c = after("\x1b[6;16;8t\x1b[4;384;674t\x1b[?1;0;256S\x1b[?2;0;674;384S\x1b[?2026;2$y\x1b[?62;4;9;22c", 24, 80, 0, 0);

	(void)state;
	assert_true(c.sixel && c.synchronized_output && c.uneven_cells && !c.is_xterm);
	assert_int_equal(c.cell_w_px, 8);
	c = after("\x1b[?2;0;674;384S\x1b[?62;4c", 24, 80, 0, 0);
	assert_int_equal(c.cell_w_px, 8);
	assert_int_equal(c.cell_h_px, 16);
}

static void
tmux_makes_pixels_up(void **state)
{
	struct term_caps c = after("\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2c", 24, 80, 1280, 768);

	(void)state;
	assert_true(c.is_tmux && !c.sixel);
	assert_int_equal(c.cell_w_px, 8);
	/* With somebody attached whose window is known it passes on the truth. */
	c = after("\x1bP>|tmux 3.5\x1b\\\x1b[?1;2;4c", 24, 80, 720, 456);
	assert_true(c.is_tmux && c.sixel);
	assert_int_equal(c.cell_w_px, 9);
	assert_int_equal(c.cell_h_px, 19);
}

static void
silent_terminal_gets_common_cells(void **state)
{
	struct term_caps c = after("", 24, 80, 0, 0);

	(void)state;
	assert_false(c.answered || c.sixel);
	assert_int_equal(c.cell_w_px, 8);
	assert_int_equal(c.cell_h_px, 16);
}

static void
lies_are_not_believed(void **state)
{
	static const char *const lies[] = {
		"\x1b[6;0;0t", "\x1b[6;999999;999999t", "\x1b[6;1;1t", "\x1b[4;999999;999999t", "\x1b[4;0;5t", "\x1b[6;-5;9t", "\x1b[6;;t",
		"\x1b[?1;0;0S", "\x1b[?1;0;999999S", "\x1b[?1;0;-1S", "\x1b[?2;0;999999;1S", "\x1b[?2;3;8;8S", "\x1b[?1;1;1;1;1;1;1;1S",
		"\x1bP>|XTerm\x1b\\", "\x1bP>|\x1b\\", "\x1bP>|tmux\x07\x1b\\", "\x1bP1$r0m\x1b\\", "\x1b[?2026;3$y", "\x1b[?2026$y",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
		struct term_caps c = after(lies[i], 24, 80, 0, 0);

		assert_int_equal(c.cell_w_px, 8);
		assert_int_equal(c.cell_h_px, 16);
		assert_true(c.colour_registers >= 0 && c.colour_registers <= MAX_COLOUR_REGISTERS);
		assert_false(c.is_xterm || c.synchronized_output || c.sixel);
	}
}

static void
version_has_no_control_characters(void **state)
{
	struct term_caps c = after("\x1bP>|XTerm(\x01\x02\xff\xfe 379)\x1b\\", 24, 80, 0, 0);

	(void)state;
	for (const char *p = c.version; *p != '\0'; p++)
		assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
}

static void
absurd_screens_are_survived(void **state)
{
	struct term_caps c = after("\x1b[4;16;8t", 0, 0, 5, 5);

	(void)state;
	assert_true(c.cell_w_px >= 3 && c.cell_h_px >= 5);
	c = after("\x1b[4;16;8t", 1000, 1000, 1, 1);
	assert_true(c.cell_w_px >= 3 && c.cell_h_px >= 5);
}

static void
wraps(const char *in, const char *want)
{
	struct buf out;

	buf_init(&out, 1 << 16);
	assert_true(term_wrap(&out, in, strlen(in)));
	assert_string_equal(buf_text(&out), want);
	buf_fini(&out);
}

/* Places too: tmux moves the outer cursor only when it writes text itself. */
static void
pictures_and_their_places_go_through_tmux(void **state)
{
	(void)state;
	wraps("", "");
	wraps("\x1b" "7\x1b[3;4H\x1bPq#0~~\x1b\\\x1b" "8",
	    "\x1bPtmux;\x1b\x1b" "7\x1b\x1b[3;4H\x1b\x1bPq#0~~\x1b\x1b\\\x1b\x1b" "8\x1b\\");
	wraps("\x1bPq never ends", "\x1bPtmux;\x1b\x1bPq never ends\x1b\\");
}

static void
wrapping_without_room_leaves_nothing_behind(void **state)
{
	const char *in = "\x1bPq#0~~~~~~~~~~~~~~~~\x1b\\";
	struct buf out;

	(void)state;
	for (size_t room = 1; room < 30; room++) {
		buf_init(&out, room);
		if (!term_wrap(&out, in, strlen(in)))
			assert_int_equal(out.len, 0);
		buf_fini(&out);
	}
}

static void
the_environment_is_read_in_one_way(void **state)
{
	struct term_environment t;

	(void)state;
	setenv("TERM", "xterm-256color", 1);
	setenv("NO_COLOR", "", 1);
	setenv("COLORTERM", "24bit", 1);
	term_environment(&t);
	assert_string_equal(t.term, "xterm-256color");
	assert_true(!t.no_colour && t.truecolour);
	unsetenv("TERM");
	setenv("NO_COLOR", "0", 1);
	setenv("COLORTERM", "yes", 1);
	term_environment(&t);
	assert_string_equal(t.term, "");
	assert_true(t.no_colour && !t.truecolour);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_environment_is_read_in_one_way),
		cmocka_unit_test(questions_end_with_the_fence), cmocka_unit_test(rounds_do_not_mix),
		cmocka_unit_test(xterm_is_known),
		cmocka_unit_test(background_is_light_or_dark_or_untold), cmocka_unit_test(xterm_js_is_known),
		cmocka_unit_test(tmux_makes_pixels_up),
		cmocka_unit_test(silent_terminal_gets_common_cells),
		cmocka_unit_test(lies_are_not_believed),
		cmocka_unit_test(version_has_no_control_characters),
		cmocka_unit_test(absurd_screens_are_survived),
		cmocka_unit_test(pictures_and_their_places_go_through_tmux),
		cmocka_unit_test(wrapping_without_room_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
