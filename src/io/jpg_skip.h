/*
 * jpg_skip.h - plain JPEGs at an eighth or a quarter of their size, row by row: of each block only what a thumb shows is
 * worked out (one or four coefficients), the rest is passed over several symbols at a time.
 * Where a picture is not plain, or damaged, it says no: libjpeg shows it as far as it goes.
 */
#ifndef IO_JPG_SKIP_H
#define IO_JPG_SKIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "io/jpg_head.h"

struct jpg_skip;
/* Where row y of RGB pixels shall be written, and JPG_SKIP_SLACK_BYTES behind it spoilt; the row before is whole. */
typedef uint8_t *jpg_skip_row_fn(void *arg, int y);
#define JPG_SKIP_SLACK_BYTES 64

struct jpg_skip *jpg_skip_new(void);
void jpg_skip_free(struct jpg_skip *s);		/* NULL is fine */
/* eighths: 1 or 2.  Rows are ceil(width * eighths / 8) wide, and as many as that.  False: not all of them came. */
bool jpg_skip_read(struct jpg_skip *s, const struct jpg_head *h, int eighths, jpg_skip_row_fn *row, void *arg);

#endif
