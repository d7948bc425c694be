/*
 * sixel_screen.h - what a terminal would show of the bytes of a sixel painter; pictures are decoded by libsixel.
 * Fails the test when bytes are neither cursor movement nor a well-formed picture, or paint outside the screen.
 */
#ifndef SUPPORT_SIXEL_SCREEN_H
#define SUPPORT_SIXEL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sixel_screen {
	int width_px, height_px, cell_w_px, cell_h_px;
	uint8_t *rgb;			/* 3 a pixel */
	bool *painted;			/* has it ever been */
	bool shared;			/* ?1070l came: registers outlive a picture */
	char *registers[256];		/* what defines each, as text */
	int row, col, saved_row, saved_col;
	bool saved;
	int pictures, overlays;		/* seen so far */
};

void sixel_screen_init(struct sixel_screen *s, int rows, int cols, int cell_w_px, int cell_h_px);
void sixel_screen_fini(struct sixel_screen *s);
void sixel_screen_feed(struct sixel_screen *s, const char *bytes, size_t len);
const uint8_t *sixel_screen_at(const struct sixel_screen *s, int x, int y);

#endif
