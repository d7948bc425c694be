/*
 * t_paint.c - pictures as characters: what a terminal shows of the bytes, what is sent again, what pieces are.
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

#include "ui/paint.h"

#define ROWS 6
#define COLS 20

/* A colour as it was told: "2;R;G;B", "5;N" or the plain number. */
struct half { char told[20]; };
struct cell { struct half upper, lower; char letter; };

/* A terminal that knows only what these painters may send. */
struct terminal {
	struct cell cells[ROWS + 4][COLS + 4];
	int row, col;
	struct half fg, bg;
	bool saved;
	int cells_sent;
};

struct bench {
	const struct paint_ops *ops;
	struct paint_place place;
	struct terminal terminal;
	struct thumb t;
	struct buf out;
	void *painter;
};

static const struct paint_grant all = { .max_bytes = 1 << 20 };

static const char *
take_half(struct half *h, const char *at, int kind, char *end)
{
	size_t len = kind % 10 == 8 ? strcspn(at, "m") : 0;
	int values = 0, wanted = strncmp(at, "2;", 2) == 0 ? 4 : 2;

	if (len == 0) {
		snprintf(h->told, sizeof h->told, "%d", kind);
		return at;
	}
	for (len = 0; at[len] != 'm'; len++)
		if (at[len] == ';' && ++values == wanted)
			break;
	assert_true(len < sizeof h->told && at + len <= end);
	memcpy(h->told, at, len);
	h->told[len] = '\0';
	return at + len;
}

static void
sgr(struct terminal *t, const char *at, char *end)
{
	while (at < end) {
		char *next;
		int kind = (int)strtol(at, &next, 10);

		assert_true(next > at);
		if (*next == ';' && kind % 10 == 8)
			next++;
		if (kind == 0)
			t->fg = t->bg = (struct half){ "" };
		else
			next = (char *)take_half((kind >= 30 && kind <= 38) || (kind >= 90 && kind <= 97) ? &t->fg : &t->bg, next, kind, end);
		at = *next == ';' ? next + 1 : next;
	}
}

static const char *
control(struct terminal *t, const char *at)
{
	char *end = (char *)at + strcspn(at, "mHC");

	if (*end == 'm') {
		sgr(t, at, end);
	} else if (*end == 'H') {
		assert_int_equal(sscanf(at, "%d;%d", &t->row, &t->col), 2);
		t->row--;
		t->col--;
	} else {
		assert_int_equal(*end, 'C');
		t->col += atoi(at);
	}
	return end + 1;
}

static const char *
glyph(struct terminal *t, const char *at)
{
	assert_true(t->row >= 0 && t->row < ROWS + 4 && t->col >= 0 && t->col < COLS + 4);
	struct cell *c = &t->cells[t->row][t->col++];

	t->cells_sent++;
	c->letter = *at;
	if (strncmp(at, "▀", 3) == 0 || strncmp(at, "▄", 3) == 0) {
		bool upper = strncmp(at, "▀", 3) == 0;

		c->upper = upper ? t->fg : t->bg;
		c->lower = upper ? t->bg : t->fg;
		return at + 3;
	}
	c->upper = c->lower = t->bg;
	assert_true(*at >= ' ' && *at <= '~');
	return at + 1;
}

static void
feed(struct terminal *t, const char *at, size_t len)
{
	const char *end = at + len;

	while (at < end)
		if (*at != '\x1b') {
			at = glyph(t, at);
		} else if (at[1] == '[') {
			at = control(t, at + 2);
		} else {
			assert_int_equal(at[1], t->saved ? '8' : '7');
			t->saved = !t->saved;
			at += 2;
		}
	assert_false(t->saved);
}

static void
begin(struct bench *b, const struct paint_ops *ops, int colours)
{
	memset(b, 0, sizeof *b);
	b->ops = ops;
	b->place = (struct paint_place){ 2, 3, ROWS, COLS, 8, 16 };
	b->painter = ops->open(&(struct paint_screen){ .colours = colours });
	buf_init(&b->out, 1 << 20);
	assert_true(thumb_init(&b->t, COLS, 2 * ROWS));
}

static void
end(struct bench *b)
{
	b->ops->close(b->painter);
	thumb_fini(&b->t);
	buf_fini(&b->out);
}

static enum paint_result
draw(struct bench *b, const struct paint_grant *g)
{
	enum paint_result result;

	buf_clear(&b->out);
	b->terminal.cells_sent = 0;
	result = b->ops->draw(b->painter, &b->out, &b->place, &b->t, g);
	feed(&b->terminal, b->out.data, b->out.len);
	return result;
}

static void
fill(struct thumb *t, uint8_t r, uint8_t g, uint8_t b)
{
	for (int i = 0; i < t->width_px * t->height_px; i++) {
		t->rgb[i * 3] = r;
		t->rgb[i * 3 + 1] = g;
		t->rgb[i * 3 + 2] = b;
	}
}

static uint8_t *
pixel(struct bench *b, int x, int y)
{
	return b->t.rgb + (size_t)(y * b->t.width_px + x) * 3;
}

static const char *
shown(const struct bench *b, int x, int y)
{
	const struct cell *c = &b->terminal.cells[b->place.row + y / 2][b->place.col + x];

	return y % 2 == 0 ? c->upper.told : c->lower.told;
}

static void
check_true_colours(struct bench *b)
{
	for (int y = 0; y < 2 * ROWS; y++)
		for (int x = 0; x < COLS; x++) {
			const uint8_t *p = pixel(b, x, y);
			char wanted[20];

			snprintf(wanted, sizeof wanted, "2;%d;%d;%d", p[0], p[1], p[2]);
			assert_string_equal(shown(b, x, y), wanted);
		}
}

static void
blocks_show_the_picture_pixel_by_pixel(void **state)
{
	struct bench b;
	unsigned random = 3;

	(void)state;
	begin(&b, &paint_blocks, 1 << 24);
	for (int round = 0; round < 300; round++) {
		for (int i = 0; i < (round == 0 ? 2000 : 5); i++) {
			random = random * 1103515245 + 12345;
			memset(pixel(&b, (int)(random >> 8) % COLS, (int)(random >> 16) % (2 * ROWS)), (int)(random >> 24) & 0xc0, 3);
		}
		draw(&b, &all);
		check_true_colours(&b);
	}
	end(&b);
}

static void
blocks_send_only_what_changed(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, &paint_blocks, 1 << 24);
	fill(&b.t, 10, 20, 30);
	assert_int_equal(draw(&b, &all), PAINT_DONE);
	assert_int_equal(b.terminal.cells_sent, ROWS * COLS);
	assert_int_equal(draw(&b, &all), PAINT_NOTHING);
	assert_int_equal(b.out.len, 0);
	pixel(&b, 6, 5)[0] = 200;
	assert_int_equal(draw(&b, &all), PAINT_DONE);
	assert_int_equal(b.terminal.cells_sent, 1);
	check_true_colours(&b);
	pixel(&b, 0, 0)[0] += 3;				/* sensor noise */
	assert_int_equal(draw(&b, &all), PAINT_NOTHING);
	b.ops->forget(b.painter);
	assert_int_equal(draw(&b, &all), PAINT_DONE);
	assert_int_equal(b.terminal.cells_sent, ROWS * COLS);
	end(&b);
}

static void
every_depth_of_colour_names_its_own_codes(void **state)
{
	static const struct { int colours, level; uint8_t rgb[3]; const char *told; } cases[] = {
		{ 1 << 24, 0, { 250, 0, 0 }, "2;250;0;0" }, { 1 << 24, 1, { 250, 0, 0 }, "5;196" }, { 256, 0, { 250, 0, 0 }, "5;196" },
		{ 256, 0, { 128, 128, 128 }, "5;244" }, { 256, 2, { 250, 0, 0 }, "101" }, { 16, 0, { 120, 0, 0 }, "41" },
		{ 16, 0, { 120, 120, 120 }, "100" }, { 16, 3, { 255, 255, 255 }, "107" }, { 8, 0, { 250, 0, 0 }, "41" },
		{ 8, 0, { 20, 20, 20 }, "40" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct paint_grant g = { .max_bytes = 1 << 20, .level = cases[i].level };
		struct bench b;

		begin(&b, &paint_blocks, cases[i].colours);
		fill(&b.t, cases[i].rgb[0], cases[i].rgb[1], cases[i].rgb[2]);
		assert_int_equal(draw(&b, &g), PAINT_DONE);
		for (int y = 0; y < 2 * ROWS; y++)
			assert_string_equal(shown(&b, 7, y), cases[i].told);
		end(&b);
	}
}

static void
two_colours_of_a_cell_are_both_told(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, &paint_blocks, 16);
	fill(&b.t, 0, 250, 0);
	for (int x = 0; x < COLS; x++)
		memset(pixel(&b, x, 3), 255, 3);
	draw(&b, &all);
	assert_string_equal(shown(&b, 5, 2), "102");
	assert_string_equal(shown(&b, 5, 3), "97");
	end(&b);
}

static void
a_colour_the_terminal_cannot_tell_apart_is_no_change(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, &paint_blocks, 8);
	fill(&b.t, 200, 0, 0);
	draw(&b, &all);
	fill(&b.t, 250, 10, 10);
	assert_int_equal(draw(&b, &all), PAINT_NOTHING);
	end(&b);
}

static void
lower_levels_let_more_pass_as_noise(void **state)
{
	const struct paint_grant lowest = { .max_bytes = 1 << 20, .level = PAINT_LEVELS - 1 };
	struct bench b;

	(void)state;
	begin(&b, &paint_blocks, 1 << 24);
	fill(&b.t, 100, 100, 100);
	draw(&b, &lowest);
	fill(&b.t, 120, 120, 120);
	assert_int_equal(draw(&b, &lowest), PAINT_NOTHING);
	assert_int_equal(draw(&b, &all), PAINT_DONE);
	end(&b);
}

static void
pieces_obey_the_grant_and_starve_no_row(void **state)
{
	const struct paint_grant little = { .max_bytes = 1 };
	struct bench b;

	(void)state;
	begin(&b, &paint_blocks, 1 << 24);
	for (int i = 0; i < ROWS + 2; i++) {
		fill(&b.t, 0, (uint8_t)(i * 30), 0);		/* all of it changes before each piece */
		assert_int_equal(draw(&b, &little), PAINT_MORE);
		assert_int_equal(b.terminal.cells_sent, COLS);
		assert_string_not_equal(shown(&b, 0, i % ROWS * 2), "");
	}
	for (int y = 0; y < 2 * ROWS; y++)
		assert_string_not_equal(shown(&b, 0, y), "");
	end(&b);
}

static void
rows_asked_for_are_sent_again_in_turn(void **state)
{
	const struct paint_grant two_rows = { .max_bytes = 1 << 20, .heal_rows = 2 }, many = { .max_bytes = 1 << 20, .heal_rows = 1000 };
	struct bench b;

	(void)state;
	begin(&b, &paint_blocks, 1 << 24);
	fill(&b.t, 9, 8, 7);
	draw(&b, &all);
	memset(b.terminal.cells, 0, sizeof b.terminal.cells);
	for (int i = 0; i < 100; i++)		/* a full line asks for none */
		assert_int_equal(draw(&b, &all), PAINT_NOTHING);
	for (int i = 0; i < ROWS / 2; i++)
		assert_int_equal(draw(&b, &two_rows), PAINT_DONE);
	check_true_colours(&b);
	memset(b.terminal.cells, 0, sizeof b.terminal.cells);
	draw(&b, &many);
	check_true_colours(&b);
	end(&b);
}

static void
narrow_pictures_stand_between_black_bars(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, &paint_blocks, 8);
	thumb_fini(&b.t);
	assert_true(thumb_init(&b.t, 12, 12));
	fill(&b.t, 255, 255, 255);
	draw(&b, &all);
	for (int x = 0; x < COLS; x++)
		assert_string_equal(shown(&b, x, 4), x < 4 || x >= 16 ? "40" : "47");
	end(&b);
}

static void
places_that_cannot_be_are_refused(void **state)
{
	static const struct paint_place places[] = {
		{ 0, 0, 0, 5, 8, 16 }, { 0, 0, 5, 0, 8, 16 }, { 0, 0, -4, 5, 8, 16 }, { 0, 0, 5, 2000000000, 8, 16 },
	};
	struct thumb none = { 4, 4, NULL };
	struct bench b;

	(void)state;
	begin(&b, &paint_blocks, 256);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		assert_int_equal(paint_blocks.draw(b.painter, &b.out, &places[i], &b.t, &all), PAINT_NO_ROOM);
	assert_int_equal(paint_blocks.draw(b.painter, &b.out, &b.place, &none, &all), PAINT_NO_ROOM);
	assert_int_equal(b.out.len, 0);
	assert_int_equal(draw(&b, &all), PAINT_DONE);
	end(&b);
}

static void
no_room_leaves_no_half_and_the_next_picture_is_whole(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, &paint_blocks, 1 << 24);
	fill(&b.t, 1, 2, 3);
	for (size_t room = 1; room < 150; room += 7) {
		buf_fini(&b.out);
		buf_init(&b.out, room);
		assert_int_equal(draw(&b, &all), PAINT_NO_ROOM);
		assert_int_equal(b.out.len, 0);
	}
	buf_fini(&b.out);
	buf_init(&b.out, 1 << 20);
	draw(&b, &all);
	check_true_colours(&b);
	end(&b);
}

static void
ascii_shows_light_and_dark_and_only_what_changed(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, &paint_ascii, 0);
	for (int y = 0; y < 2 * ROWS; y++)
		for (int x = COLS / 2; x < COLS; x++)
			memset(pixel(&b, x, y), 255, 3);
	assert_int_equal(draw(&b, &all), PAINT_DONE);
	for (size_t i = 0; i < b.out.len; i++)
		assert_true((uint8_t)b.out.data[i] < 0x80);
	assert_int_equal(b.terminal.cells[b.place.row][b.place.col].letter, ' ');
	assert_int_equal(b.terminal.cells[b.place.row][b.place.col + COLS - 1].letter, '@');
	assert_int_equal(draw(&b, &all), PAINT_NOTHING);
	memset(pixel(&b, 0, 0), 255, 3);
	memset(pixel(&b, 0, 1), 255, 3);
	assert_int_equal(draw(&b, &all), PAINT_DONE);
	assert_int_equal(b.terminal.cells_sent, 1);
	end(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_show_the_picture_pixel_by_pixel),
		cmocka_unit_test(blocks_send_only_what_changed),
		cmocka_unit_test(every_depth_of_colour_names_its_own_codes),
		cmocka_unit_test(two_colours_of_a_cell_are_both_told),
		cmocka_unit_test(a_colour_the_terminal_cannot_tell_apart_is_no_change),
		cmocka_unit_test(lower_levels_let_more_pass_as_noise),
		cmocka_unit_test(pieces_obey_the_grant_and_starve_no_row),
		cmocka_unit_test(rows_asked_for_are_sent_again_in_turn),
		cmocka_unit_test(narrow_pictures_stand_between_black_bars),
		cmocka_unit_test(places_that_cannot_be_are_refused),
		cmocka_unit_test(no_room_leaves_no_half_and_the_next_picture_is_whole),
		cmocka_unit_test(ascii_shows_light_and_dark_and_only_what_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
