/*
 * fuzz_term.c - a terminal that lies: its bytes come in pieces, now and then long apart, while text and pictures are sent.
 * Whatever it says, figures stay within their limits, room stays bounded, and nothing it forges makes the line run over.
 * First two bytes: rows and columns; then a byte of length and time before each piece.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ceilings.h"
#include "ui/governor.h"
#include "ui/term.h"

#define CHECK(cond) ((cond) ? (void)0 : fuzz_fail(#cond))
#define MOST_ROOM (64 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct talk {
	struct term_caps caps;
	struct governor governor;
	int64_t now_us;
	int rows, cols;
};

static _Noreturn void
fuzz_fail(const char *what)
{
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static void
check_caps(const struct talk *t)
{
	struct term_caps c = t->caps;

	CHECK(c.colour_registers >= 0 && c.colour_registers <= MAX_COLOUR_REGISTERS);
	CHECK(c.area_w_px >= 0 && c.area_w_px <= MAX_SCREEN_PX && c.area_h_px >= 0 && c.area_h_px <= MAX_SCREEN_PX);
	CHECK(!(c.is_tmux && c.is_xterm));
	CHECK(strlen(c.version) < sizeof c.version);
	for (const char *p = c.version; *p != '\0'; p++)
		CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
	term_settle(&c, t->rows, t->cols, t->rows * t->cols, t->cols);
	CHECK(c.cell_w_px >= 3 && c.cell_w_px <= MAX_CELL_PX && c.cell_h_px >= 5 && c.cell_h_px <= MAX_CELL_PX);
}

static void
check_governor(const struct talk *t)
{
	const struct governor *g = &t->governor;

	CHECK(g->count >= 0 && g->count <= GOVERNOR_FENCES);
	CHECK(g->text_out >= 0 && g->text_out <= g->count);
	CHECK(g->flying_bytes >= 0 && g->unfenced_bytes >= 0 && g->unfenced_bytes <= g->flying_bytes);
	CHECK(g->rate_bps >= 0 && g->rate_bps <= 200000000);
	CHECK(governor_room(g, t->now_us) <= MOST_ROOM);
	CHECK(governor_text_at(g, true, t->now_us) == 0);
}

static void
on_event(void *arg, const struct input_event *ev)
{
	struct talk *t = arg;
	bool done = false;

	if (ev->kind != INPUT_REPLY)
		return;
	if (ev->final == 'n' && ev->prefix == 0)
		governor_answered(&t->governor, GOVERNOR_TEXT, t->now_us);
	else if (ev->final == 'c')
		governor_answered(&t->governor, GOVERNOR_QUESTION, t->now_us);
	(void)term_reply(&t->caps, ev, &done);
	CHECK(!done || t->caps.answered);
	check_caps(t);
	check_governor(t);
}

/* What the screen sends meanwhile. */
static void
send(struct talk *t, unsigned dice)
{
	struct governor *g = &t->governor;
	size_t room = governor_room(g, t->now_us);
	struct governor_tile tiles[3] = { { .priority = 0, .cost_bytes = dice * 100 }, { .priority = 1 }, { .priority = 3, .cost_bytes = 5000 } };

	governor_tick(g, t->now_us);
	if (governor_wants_question(g, t->now_us))
		governor_sent(g, GOVERNOR_QUESTION, 3, t->now_us);
	if (room > 0 && governor_takes_fence(g))
		governor_sent(g, GOVERNOR_PICTURES, (int64_t)room, t->now_us);
	else
		governor_blocked(g, t->now_us);
	if (dice % 3 == 0 && governor_text_at(g, false, t->now_us) <= t->now_us)
		governor_takes_fence(g) ? governor_sent(g, GOVERNOR_TEXT, 300, t->now_us) : governor_unfenced(g, GOVERNOR_TEXT, 300, t->now_us);
	governor_plan(g, tiles, 3, 1 + (int)dice % 30, t->now_us);
	for (int i = 0; i < 3; i++)
		CHECK(tiles[i].milli_fps >= 0 && tiles[i].milli_fps <= 30000);
	CHECK(g->level >= 0 && g->level < GOVERNOR_LEVELS && g->size >= 0 && g->size < GOVERNOR_SIZES);
	check_governor(t);
}

static void
check_wrap(const uint8_t *data, size_t size)
{
	struct buf out;

	buf_init(&out, 4 * size + 64);
	if (term_wrap(&out, (const char *)data, size))
		CHECK(out.len >= size);
	else
		CHECK(out.len == 0);
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct talk t = { .now_us = 3600000000 };
	struct input *in;

	if (size < 2)
		return 0;
	t.rows = data[0] * 4;
	t.cols = data[1] * 4;
	term_caps_init(&t.caps);
	governor_init(&t.governor);
	in = input_new(on_event, &t);
	for (size_t i = 2; i < size;) {
		size_t len = data[i] % 32u + 1;

		t.now_us += (int64_t)(data[i] / 32u) * (data[i] / 32u) * 20000;
		send(&t, data[i]);
		i++;
		len = len < size - i ? len : size - i;
		input_feed(in, (const char *)data + i, len, t.now_us);
		i += len;
	}
	input_free(in);
	check_caps(&t);
	check_wrap(data, size);
	return 0;
}
