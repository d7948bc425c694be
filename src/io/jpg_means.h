/*
 * jpg_means.h - the means of a block's quarters from the first coefficients of its cosine transform.  For jpg_skip.c only.
 */
#ifndef IO_JPG_MEANS_H
#define IO_JPG_MEANS_H

#include <stdint.h>

#define JPG_MEANS_BLOCKS 8

enum jpg_means_term { JPG_MEANS_MEAN, JPG_MEANS_ACROSS, JPG_MEANS_DOWN, JPG_MEANS_BOTH, JPG_MEANS_TERMS };

/* So many blocks' coded coefficients, beside one another: two samples of each for the upper row and two for the lower. */
void jpg_means_8(uint8_t *upper, uint8_t *lower, const int16_t (*blocks)[JPG_MEANS_TERMS], const uint16_t quant[static JPG_MEANS_TERMS]);

#endif
