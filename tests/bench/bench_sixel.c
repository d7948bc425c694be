/*
 * bench_sixel.c - the picture half of the benches' terminal: DEC sixel as xterm draws it (DEC STD 070; xterm ctlseqs).
 * Draws on the screen's pixels; keeps the colour registers from picture to picture only where they are shared.
 */
#include "bench_screen.h"

#include <ctype.h>
#include <string.h>

struct pen {
	const char *at, *end;
	int x, y, colour;
	int most_y;			/* lines drawn, in whole bands */
};

/* The sixteen colours of a VT340, in percent; the registers above them are black until they are set. */
static const uint8_t first_colours[16][3] = {
	{ 0, 0, 0 }, { 20, 20, 80 }, { 80, 13, 13 }, { 20, 80, 20 }, { 80, 20, 80 }, { 20, 80, 80 }, { 80, 80, 20 }, { 53, 53, 53 },
	{ 26, 26, 26 }, { 33, 33, 60 }, { 60, 26, 26 }, { 33, 60, 33 }, { 60, 33, 60 }, { 33, 60, 60 }, { 60, 60, 33 }, { 80, 80, 80 },
};

static uint8_t
from_percent(int percent)
{
	return (uint8_t)(((percent > 100 ? 100 : percent) * 255 + 50) / 100);
}

static void
reset_registers(struct bench_screen *s)
{
	memset(s->registers, 0, sizeof s->registers);
	for (int i = 0; i < 16; i++)
		for (int k = 0; k < 3; k++)
			s->registers[i][k] = from_percent(first_colours[i][k]);
}

static int
read_number(struct pen *p)
{
	int value = 0;

	while (p->at < p->end && isdigit((unsigned char)*p->at)) {
		if (value < 100000)
			value = value * 10 + *p->at - '0';
		p->at++;
	}
	return value;
}

static int
read_numbers(struct pen *p, int *numbers, int most)
{
	int count = 0;

	do {
		int value = read_number(p);

		if (count < most)
			numbers[count++] = value;
	} while (p->at < p->end && *p->at == ';' && p->at++ != p->end);
	return count;
}

static void
set_pixel(struct bench_screen *s, int x, int y, const uint8_t *rgb)
{
	x += s->pixel_left;
	y += s->pixel_top;
	if (s->rgb != NULL && x < bench_screen_width_px(s) && y < bench_screen_height_px(s))
		memcpy(s->rgb + ((size_t)y * (size_t)bench_screen_width_px(s) + (size_t)x) * 3, rgb, 3);
}

static void
draw_sixel(struct bench_screen *s, struct pen *p, int bits, int repeat)
{
	for (int i = 0; i < repeat; i++, p->x++)
		for (int k = 0; k < 6; k++)
			if (bits & 1 << k)
				set_pixel(s, p->x, p->y + k, s->registers[p->colour]);
	if (p->y + 6 > p->most_y)
		p->most_y = p->y + 6;
}

static void
choose_colour(struct bench_screen *s, struct pen *p)
{
	int n[5] = { 0 };

	if (read_numbers(p, n, 5) == 5 && n[1] == 2)
		for (int k = 0; k < 3; k++)
			s->registers[n[0] % BENCH_REGISTERS][k] = from_percent(n[2 + k]);
	p->colour = n[0] % BENCH_REGISTERS;
}

/* Raster attributes: an opaque picture clears its own box. */
static void
open_raster(struct bench_screen *s, struct pen *p, bool is_opaque)
{
	static const uint8_t black[3];
	int n[4] = { 0 };

	read_numbers(p, n, 4);
	if (!is_opaque)
		return;
	for (int y = 0; y < n[3]; y++)
		for (int x = 0; x < n[2]; x++)
			set_pixel(s, x, y, black);
}

static void
draw_data(struct bench_screen *s, struct pen *p, bool is_opaque)
{
	int repeat = 1;

	while (p->at < p->end) {
		const char c = *p->at++;

		if (c == '!') {
			repeat = read_number(p);
			continue;
		}
		if (c >= '?' && c <= '~')
			draw_sixel(s, p, c - '?', repeat);
		else if (c == '#')
			choose_colour(s, p);
		else if (c == '"')
			open_raster(s, p, is_opaque);
		else if (c == '$')
			p->x = 0;
		else if (c == '-') {
			p->x = 0;
			p->y += 6;
		}
		repeat = 1;
	}
}

void
bench_sixel_draw(struct bench_screen *s)
{
	struct pen p = { .at = s->string.data, .end = s->string.data + s->string.len };
	int n[3] = { 0 }, last_row;

	read_numbers(&p, n, 3);
	if (p.at == p.end || *p.at++ != 'q')
		return;			/* some other DCS */
	if (!s->shares_registers)
		reset_registers(s);
	s->pixel_left = s->col * s->cell_w_px;
	s->pixel_top = s->row * s->cell_h_px;
	draw_data(s, &p, n[1] != 1);
	last_row = s->row + (p.most_y > 0 ? (p.most_y - 1) / s->cell_h_px : 0);
	if (last_row >= s->rows - 1)
		s->rolls++;		/* an xterm scrolls here */
	s->row = last_row < s->rows ? last_row : s->rows - 1;
}
