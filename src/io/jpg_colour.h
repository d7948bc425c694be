/*
 * jpg_colour.h - YCbCr (JFIF) to RGB.  For jpg_skip.c only.
 */
#ifndef IO_JPG_COLOUR_H
#define IO_JPG_COLOUR_H

#include <stdint.h>

#define JPG_COLOUR_PX 16

/* So many pixels from as many samples of each; the two bytes behind them are spoilt. */
void jpg_colour_16(uint8_t *out, const uint8_t *luma, const uint8_t *cb, const uint8_t *cr);

#endif
