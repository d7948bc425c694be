/*
 * t_stage_pictures.c - which picture goes when: a painter that writes its place's letter, a terminal that takes all, a
 * preview that notes what it is asked for.
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

#include "base/str.h"
#include "support/loop_fake.h"
#include "ui/stage_pictures.h"

/* ---- Doubles ---- */

static struct { char node[ID_BYTES]; int width_px, fps, pulls; unsigned serial; bool is_behind, is_ahead; } asked[32];
static int asked_count;
static struct thumb picture = { .width_px = 1, .height_px = 1, .rgb = (uint8_t[3]){ 1, 2, 3 } };
static struct { bool is_idle; struct buf sent; } terminal;
static struct { int pieces, forgets, opens, levels, healed[3]; size_t piece_bytes; } painter;
static struct { int erased, relayouts; } heard;

static int
ask_of(const char *node)
{
	for (int i = 0; i < asked_count; i++)
		if (strcmp(asked[i].node, node) == 0)
			return i;
	str_copy(asked[asked_count].node, ID_BYTES, node);
	asked[asked_count].serial = 1;
	return asked_count++;
}

void
preview_want(struct preview *p, const char *node, int width_px, int height_px, int fps)
{
	int i = ask_of(node);

	(void)p;
	(void)height_px;
	asked[i].width_px = width_px;
	asked[i].fps = fps;
}

const struct thumb *
preview_thumb(const struct preview *p, const char *node, unsigned *serial)
{
	(void)p;
	*serial = asked[ask_of(node)].serial;
	asked[ask_of(node)].is_ahead = false;
	return &picture;
}

void
preview_pull(struct preview *p, const char *node)
{
	(void)p;
	asked[ask_of(node)].pulls++;
	asked[ask_of(node)].is_ahead = true;
}

int64_t
preview_decoded_count(const struct preview *p)
{
	(void)p;
	return 0;
}

bool
preview_is_behind(const struct preview *p, const char *node, int64_t by_us)
{
	(void)p;
	assert_in_range(by_us, 1, 1000000);
	return asked[ask_of(node)].is_behind;
}

bool
tty_is_idle(const struct tty *t)
{
	(void)t;
	return terminal.is_idle;
}

void
tty_send(struct tty *t, const void *bytes, size_t len)
{
	(void)t;
	assert_true(buf_add(&terminal.sent, bytes, len));
}

struct brush { int left; };

static void *
brush_open(const struct paint_screen *s)
{
	struct brush *b = calloc(1, sizeof *b);

	(void)s;
	assert_non_null(b);
	painter.opens++;
	return b;
}

static void
brush_size(const struct paint_place *p, int *w_px, int *h_px)
{
	*w_px = p->cols * p->cell_w_px;
	*h_px = p->rows * p->cell_h_px;
}

/* "<COL>" and as many dots as a piece has bytes. */
static enum paint_result
brush_draw(void *self, struct buf *out, const struct paint_place *p, const struct thumb *t, const struct paint_grant *g)
{
	struct brush *b = self;

	(void)t;
	painter.levels = g->level;
	painter.healed[p->col / 40] += g->heal_rows;
	if (b->left == 0)
		b->left = painter.pieces;
	assert_true(buf_add_format(out, "\x1bP<%d>%*s\x1b\\", p->col, (int)painter.piece_bytes, ""));
	return --b->left > 0 ? PAINT_MORE : PAINT_DONE;
}

static void
brush_forget(void *self)
{
	((struct brush *)self)->left = 0;
	painter.forgets++;
}

static bool
brush_begin(struct buf *out, const struct paint_screen *s)
{
	(void)s;
	return buf_add_text(out, "BEGIN");
}

static bool
brush_end(struct buf *out, const struct paint_screen *s)
{
	(void)s;
	return buf_add_text(out, "END");
}

static const struct paint_ops brush = {
	.name = "brush", .open = brush_open, .close = free, .size = brush_size, .draw = brush_draw, .forget = brush_forget,
	.begin = brush_begin, .end = brush_end,
};

static void
on_erase(void *arg, int row, int col, int rows, int cols)
{
	(void)arg;
	(void)row;
	(void)col;
	heard.erased += rows * cols;
}

static void
on_relayout(void *arg)
{
	(void)arg;
	heard.relayouts++;
}

/* ---- The desk ---- */

struct desk {
	struct loop *loop;
	struct stage_line line;
	struct stage_pictures *pictures;
	struct canvas canvas;
	struct term_caps caps;
};

static void
use(struct desk *d, const struct paint_ops *ops, bool is_wrapped)
{
	const struct stage_pictures_use how = { .painter = ops, .most_fps = 10, .is_wrapped = is_wrapped };
	struct buf out;

	buf_init(&out, 4096);
	stage_pictures_use(d->pictures, &how, &d->caps, &out);
	assert_true(buf_add(&terminal.sent, buf_text(&out), out.len));
	buf_fini(&out);
}

static void
open_desk(struct desk *d)
{
	static const struct stage_pictures_fns fns = { .erase = on_erase, .relayout = on_relayout };

	memset(d, 0, sizeof *d);
	memset(asked, 0, sizeof asked);
	memset(&painter, 0, sizeof painter);
	memset(&heard, 0, sizeof heard);
	asked_count = 0;
	painter.pieces = 1;
	painter.piece_bytes = 20;
	terminal.is_idle = true;
	buf_init(&terminal.sent, 1 << 20);
	d->loop = loop_fake_new();
	d->caps.cell_w_px = 8;
	d->caps.cell_h_px = 16;
	stage_line_init(&d->line, d->loop, (struct tty *)d);	/* there is one; nobody looks into it */
	d->pictures = stage_pictures_new(d->loop, NULL, &d->line, &fns, NULL);
	canvas_init(&d->canvas, 43, 132);
	use(d, &brush, false);
}

static void
close_desk(struct desk *d)
{
	stage_pictures_free(d->pictures);
	canvas_fini(&d->canvas);
	buf_fini(&terminal.sent);
	assert_int_equal(loop_fake_alive(d->loop), 0);
	loop_free(d->loop);
}

/* Three tiles: program at column 40, preview at 80, another at 2. */
static void
lay_out(struct desk *d)
{
	canvas_clear(&d->canvas);
	assert_true(canvas_picture(&d->canvas, "other", 2, 2, 5, 20, 2));
	assert_true(canvas_picture(&d->canvas, "program", 2, 40, 5, 20, 0));
	assert_true(canvas_picture(&d->canvas, "preview", 2, 80, 5, 20, 1));
	stage_pictures_layout(d->pictures, &d->canvas, "");
}

static const char *
sent(void)
{
	return buf_text(&terminal.sent);
}

/* The terminal has dealt with everything; the line is known to be wide. */
static void
answer_all(struct desk *d)
{
	loop_fake_advance(d->loop, 1000);
	while (d->line.governor.count > 0)
		governor_answered(&d->line.governor, GOVERNOR_TEXT, loop_now_us(d->loop));
	d->line.governor.rate_bps = 10000000;
}

static void
new_picture(struct desk *d, const char *node)
{
	asked[ask_of(node)].serial++;
	stage_pictures_dirty(d->pictures, node);
}

static void
program_goes_first_then_preview(void **state)
{
	struct desk d;
	const char *pgm, *pvw, *other;

	(void)state;
	open_desk(&d);
	lay_out(&d);
	stage_pictures_pump(d.pictures);
	pgm = strstr(sent(), "<40>");
	pvw = strstr(sent(), "<80>");
	other = strstr(sent(), "<2>");
	assert_true(pgm != NULL && pvw != NULL && other != NULL);
	assert_true(pgm < pvw && pvw < other);
	assert_true(strncmp(sent(), "BEGIN", 5) == 0);
	close_desk(&d);
}

static void
batch_ends_with_a_fence_and_waits_for_its_answer(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	lay_out(&d);
	stage_pictures_pump(d.pictures);
	assert_string_equal(sent() + terminal.sent.len - 4, "\x1b[5n");
	buf_clear(&terminal.sent);
	loop_fake_advance(d.loop, 200000);
	new_picture(&d, "program");
	loop_fake_advance(d.loop, 200000);
	assert_int_equal(terminal.sent.len, 0);
	answer_all(&d);
	stage_pictures_pump(d.pictures);
	assert_non_null(strstr(sent(), "<40>"));
	assert_null(strstr(sent(), "<80>"));	/* nothing new there */
	close_desk(&d);
}

static void
nothing_goes_while_text_is_under_way(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	lay_out(&d);
	terminal.is_idle = false;
	stage_pictures_pump(d.pictures);
	loop_fake_advance(d.loop, 500000);
	assert_int_equal(terminal.sent.len, 0);
	terminal.is_idle = true;
	stage_pictures_pump(d.pictures);
	assert_true(terminal.sent.len > 0);
	close_desk(&d);
}

static void
still_screen_sends_nothing_and_sleeps(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	lay_out(&d);
	stage_pictures_pump(d.pictures);
	answer_all(&d);
	stage_pictures_pump(d.pictures);
	buf_clear(&terminal.sent);
	loop_fake_advance(d.loop, 60000000);
	assert_int_equal(terminal.sent.len, 0);
	lay_out(&d);			/* the same again */
	stage_pictures_pump(d.pictures);
	loop_fake_advance(d.loop, 1000000);
	assert_int_equal(terminal.sent.len, 0);
	assert_int_equal(painter.opens, 3);
	close_desk(&d);
}

static void
picture_in_pieces_is_carried_on(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	painter.pieces = 5;
	painter.piece_bytes = 2000;
	lay_out(&d);
	stage_pictures_pump(d.pictures);
	assert_null(strstr(sent(), "<80>"));	/* one piece of the program is all that an unknown line gets */
	for (int i = 0; i < 20; i++) {
		answer_all(&d);
		stage_pictures_pump(d.pictures);
	}
	for (int col = 2; col <= 80; col = col == 2 ? 40 : col + 40) {
		char word[16];
		int count = 0;

		snprintf(word, sizeof word, "<%d>", col);
		for (const char *p = sent(); (p = strstr(p, word)) != NULL; p++)
			count++;
		assert_int_equal(count, 5);
	}
	close_desk(&d);
}

static void
place_that_goes_is_erased_and_no_longer_asked_for(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	lay_out(&d);
	assert_int_equal(asked[ask_of("other")].width_px, 160);
	canvas_clear(&d.canvas);
	assert_true(canvas_picture(&d.canvas, "program", 2, 40, 5, 20, 0));
	assert_true(canvas_picture(&d.canvas, "preview", 12, 80, 5, 20, 1));
	stage_pictures_layout(d.pictures, &d.canvas, "");
	assert_int_equal(heard.erased, 2 * 5 * 20);	/* one gone, one moved; the program stays */
	assert_int_equal(asked[ask_of("other")].width_px, 0);
	assert_int_equal(asked[ask_of("preview")].width_px, 160);
	assert_int_equal(painter.opens, 4);
	close_desk(&d);
}

static void
first_picture_of_an_awaited_place_asks_for_a_new_layout(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	canvas_clear(&d.canvas);
	assert_true(canvas_await_picture(&d.canvas, "late", 2, 2, 5, 20, 2));
	stage_pictures_layout(d.pictures, &d.canvas, "");
	assert_int_equal(asked[ask_of("late")].width_px, 160);
	stage_pictures_dirty(d.pictures, "late");
	assert_int_equal(heard.relayouts, 1);
	loop_fake_advance(d.loop, 100000);
	assert_int_equal(terminal.sent.len, 0);
	close_desk(&d);
}

static void
what_is_lost_is_painted_again_from_the_beginning(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	lay_out(&d);
	stage_pictures_pump(d.pictures);
	answer_all(&d);
	stage_pictures_pump(d.pictures);
	buf_clear(&terminal.sent);
	stage_pictures_forget(d.pictures);
	assert_int_equal(painter.forgets, 3);
	stage_pictures_pump(d.pictures);
	assert_true(strncmp(sent(), "BEGIN", 5) == 0);
	assert_true(strstr(sent(), "<40>") != NULL && strstr(sent(), "<80>") != NULL && strstr(sent(), "<2>") != NULL);
	close_desk(&d);
}

/* Pictures of everybody, ten a second; the terminal answers at once. */
static void
play(struct desk *d, int seconds)
{
	static const char *const nodes[] = { "other", "program", "preview" };

	memset(painter.healed, 0, sizeof painter.healed);
	for (int i = 0; i < 10 * seconds; i++) {
		for (int n = 0; n < 3; n++)
			new_picture(d, nodes[n]);
		loop_fake_advance(d->loop, 100000);
		answer_all(d);
	}
}

/* Nobody says what a terminal lost: rows go again in turn, those of the program soonest. */
static void
all_rows_are_sent_again_in_time_where_the_line_has_room(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	lay_out(&d);
	stage_pictures_pump(d.pictures);
	play(&d, 1);
	play(&d, 5);
	assert_in_range(painter.healed[1], 5, 7);
	assert_in_range(painter.healed[2], 5, 7);
	assert_in_range(painter.healed[0], 1, 3);
	play(&d, 14);
	assert_in_range(painter.healed[0], 5, 7);
	d.line.governor.level = 1;		/* colours had to go: there is no room */
	d.line.governor.stepped_us = loop_now_us(d.loop) + 60000000;
	play(&d, 10);
	assert_int_equal(painter.healed[0] + painter.healed[1] + painter.healed[2], 0);
	close_desk(&d);
}

/* The screen is cleared with the next frame: what would be painted before would be gone, and nobody would know. */
static void
nothing_is_painted_between_a_redraw_and_its_frame(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	lay_out(&d);
	stage_pictures_pump(d.pictures);
	answer_all(&d);
	buf_clear(&terminal.sent);
	stage_pictures_forget(d.pictures);
	stage_pictures_hold(d.pictures);
	new_picture(&d, "program");
	loop_fake_advance(d.loop, 500000);
	stage_pictures_pump(d.pictures);
	assert_int_equal(terminal.sent.len, 0);
	lay_out(&d);
	stage_pictures_pump(d.pictures);
	assert_non_null(strstr(sent(), "<40>"));
	close_desk(&d);
}

static void
painter_before_has_the_last_word(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	lay_out(&d);
	stage_pictures_pump(d.pictures);
	buf_clear(&terminal.sent);
	use(&d, NULL, false);
	assert_string_equal(sent(), "END");
	assert_int_equal(asked[ask_of("program")].width_px, 0);
	stage_pictures_pump(d.pictures);
	assert_string_equal(sent(), "END");
	close_desk(&d);
}

static void
pictures_go_through_tmux_when_asked_to(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	use(&d, &brush, true);
	buf_clear(&terminal.sent);
	lay_out(&d);
	stage_pictures_pump(d.pictures);
	assert_true(strstr(sent(), "\x1bPtmux;BEGIN\x1b\x1bP<40>") == sent());
	assert_string_equal(sent() + terminal.sent.len - 4, "\x1b[5n");	/* tmux itself answers */
	close_desk(&d);
}

static void
narrow_line_asks_nodes_for_less(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	painter.piece_bytes = 3500;
	lay_out(&d);
	assert_int_equal(asked[ask_of("other")].fps, 10);
	for (int i = 0; i < 100; i++) {
		struct governor *g = &d.line.governor;

		new_picture(&d, "program");
		new_picture(&d, "preview");
		new_picture(&d, "other");
		loop_fake_advance(d.loop, 50000);
		while (g->count > 0)
			governor_answered(g, GOVERNOR_TEXT, loop_now_us(d.loop));
		g->rate_bps = 20000;
		g->rtt_us = 50000;
		governor_blocked(g, loop_now_us(d.loop));
		stage_pictures_pump(d.pictures);
	}
	assert_in_range(asked[ask_of("other")].fps, 1, 4);
	assert_true(asked[ask_of("program")].fps >= asked[ask_of("other")].fps);
	assert_true(painter.levels > 0);
	close_desk(&d);
}

static int
pulls(void)
{
	return asked[ask_of("other")].pulls + asked[ask_of("program")].pulls + asked[ask_of("preview")].pulls;
}

static void
a_wide_line_has_each_next_picture_decoded_at_once(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	lay_out(&d);
	stage_pictures_pump(d.pictures);
	assert_int_equal(pulls(), 3);
	play(&d, 2);
	assert_in_range(pulls(), 57, 63);	/* as many as were painted */
	close_desk(&d);
}

/* Whoever is pulled has a new picture at once; the line takes hardly one a second. */
static void
a_narrow_line_has_no_more_decoded_than_it_takes(void **state)
{
	static const char *const nodes[] = { "other", "program", "preview" };
	int done[3] = { 0, 0, 0 };
	struct desk d;

	(void)state;
	open_desk(&d);
	painter.piece_bytes = 3500;
	lay_out(&d);
	stage_pictures_pump(d.pictures);
	for (int i = 0; i < 400; i++) {
		struct governor *g = &d.line.governor;

		for (int n = 0; n < 3; n++)
			if (done[n] < asked[ask_of(nodes[n])].pulls) {
				done[n] = asked[ask_of(nodes[n])].pulls;
				new_picture(&d, nodes[n]);
			}
		loop_fake_advance(d.loop, 50000);
		while (i % 20 == 0 && g->count > 0)
			governor_answered(g, GOVERNOR_TEXT, loop_now_us(d.loop));
		g->rate_bps = 3500;
		g->rtt_us = 50000;
		governor_blocked(g, loop_now_us(d.loop));
		if (i > 100)
			assert_in_range(asked[0].is_ahead + asked[1].is_ahead + asked[2].is_ahead, 0, 1);
	}
	assert_true(done[0] > 1 && done[1] > 1 && done[2] > 1);	/* nobody starves */
	close_desk(&d);
}

/* The plan sees a wide line, but what is decoded is not taken: a terminal or a machine that is too slow. */
static void
who_waits_long_decoded_has_no_other_decoded(void **state)
{
	struct desk d;
	int before;

	(void)state;
	open_desk(&d);
	lay_out(&d);
	stage_pictures_pump(d.pictures);
	play(&d, 1);
	terminal.is_idle = false;
	new_picture(&d, "other");
	new_picture(&d, "program");
	new_picture(&d, "preview");
	loop_fake_advance(d.loop, 150000);
	before = pulls();
	painter.piece_bytes = 3500;
	d.line.governor.rate_bps = 100000;	/* room for one of them */
	terminal.is_idle = true;
	buf_clear(&terminal.sent);
	stage_pictures_pump(d.pictures);
	assert_non_null(strstr(sent(), "<40>"));
	assert_null(strstr(sent(), "<80>"));
	assert_int_equal(pulls(), before);
	for (int i = 0; i < 3; i++) {
		answer_all(&d);
		stage_pictures_pump(d.pictures);
	}
	assert_int_equal(pulls(), before + 3);
	close_desk(&d);
}

static void
who_sends_nothing_keeps_nobody_waiting(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d);
	painter.piece_bytes = 3500;
	lay_out(&d);
	for (int i = 0; i < 200; i++) {
		struct governor *g = &d.line.governor;

		if (i < 100)
			new_picture(&d, i % 2 == 0 ? "program" : "preview");
		loop_fake_advance(d.loop, 50000);
		while (g->count > 0)
			governor_answered(g, GOVERNOR_TEXT, loop_now_us(d.loop));
		g->rate_bps = 3500;
		governor_blocked(g, loop_now_us(d.loop));
	}
	/* Nothing new came for 5 s: all of them may send. */
	for (int i = 0; i < 3; i++)
		assert_true(asked[i].pulls > 0);
	const int before = painter.healed[0];

	new_picture(&d, "other");
	loop_fake_advance(d.loop, 100000);
	assert_int_equal(painter.healed[0], before);
	assert_non_null(strstr(sent(), "<2>"));
	close_desk(&d);
}

static void
what_is_out_of_date_at_its_turn_is_decoded_again_first(void **state)
{
	struct desk d;
	int before;

	(void)state;
	open_desk(&d);
	lay_out(&d);
	stage_pictures_pump(d.pictures);
	answer_all(&d);
	loop_fake_advance(d.loop, 200000);
	buf_clear(&terminal.sent);
	before = asked[ask_of("program")].pulls;
	asked[ask_of("program")].is_behind = true;
	new_picture(&d, "program");
	stage_pictures_pump(d.pictures);
	assert_null(strstr(sent(), "<40>"));
	assert_int_equal(asked[ask_of("program")].pulls, before + 1);
	new_picture(&d, "program");		/* the newest; it may be behind again, as on a machine that is too slow */
	stage_pictures_pump(d.pictures);
	assert_non_null(strstr(sent(), "<40>"));
	answer_all(&d);
	loop_fake_advance(d.loop, 200000);
	buf_clear(&terminal.sent);
	new_picture(&d, "program");
	stage_pictures_pump(d.pictures);
	assert_null(strstr(sent(), "<40>"));
	loop_fake_advance(d.loop, 100000);	/* nothing came of it: what is there is shown */
	assert_non_null(strstr(sent(), "<40>"));
	close_desk(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_goes_first_then_preview),
		cmocka_unit_test(batch_ends_with_a_fence_and_waits_for_its_answer),
		cmocka_unit_test(nothing_goes_while_text_is_under_way),
		cmocka_unit_test(still_screen_sends_nothing_and_sleeps),
		cmocka_unit_test(picture_in_pieces_is_carried_on),
		cmocka_unit_test(place_that_goes_is_erased_and_no_longer_asked_for),
		cmocka_unit_test(first_picture_of_an_awaited_place_asks_for_a_new_layout),
		cmocka_unit_test(what_is_lost_is_painted_again_from_the_beginning),
		cmocka_unit_test(nothing_is_painted_between_a_redraw_and_its_frame),
		cmocka_unit_test(all_rows_are_sent_again_in_time_where_the_line_has_room),
		cmocka_unit_test(painter_before_has_the_last_word),
		cmocka_unit_test(pictures_go_through_tmux_when_asked_to),
		cmocka_unit_test(narrow_line_asks_nodes_for_less),
		cmocka_unit_test(a_wide_line_has_each_next_picture_decoded_at_once),
		cmocka_unit_test(a_narrow_line_has_no_more_decoded_than_it_takes),
		cmocka_unit_test(who_waits_long_decoded_has_no_other_decoded),
		cmocka_unit_test(who_sends_nothing_keeps_nobody_waiting),
		cmocka_unit_test(what_is_out_of_date_at_its_turn_is_decoded_again_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
