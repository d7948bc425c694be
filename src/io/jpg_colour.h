/*
 * jpg_colour.h - YCbCr (JFIF) to RGB.  For jpg_skip.c only.
 */
#ifndef IO_JPG_COLOUR_H
#define IO_JPG_COLOUR_H

#include <stdbool.h>
#include <stdint.h>

#define JPG_COLOUR_PX 16

/* What eight samples of chroma add to each of the three. */
struct jpg_colour_shift { int16_t red[8], green[8], blue[8]; };

void jpg_colour_shift_8(struct jpg_colour_shift *out, const uint8_t *cb, const uint8_t *cr);
/* So many pixels from as many samples of luma; is_wide: two of them to one of chroma.  The two bytes behind are spoilt. */
void jpg_colour_16(uint8_t *out, const uint8_t *luma, const struct jpg_colour_shift *shifts, bool is_wide);

#endif
