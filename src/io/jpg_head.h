/*
 * jpg_head.h - what stands before the coded bytes of a plain JPEG: baseline, Huffman, eight bits, grey or YCbCr, one
 * scan.  Whatever is not so plain is somebody else's (libjpeg's).
 */
#ifndef IO_JPG_HEAD_H
#define IO_JPG_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JPG_HEAD_COEFFICIENTS 5		/* of a quantisation table, in zigzag order: what a thumb may need */

struct jpg_head_spec { const uint8_t *bytes; size_t len; };	/* of a Huffman table; NULL: not told */

struct jpg_head_part { int id, quant, dc, ac; };

struct jpg_head {
	int width_px, height_px;
	int part_count;			/* 1 grey, 3 YCbCr */
	int across, down;		/* luma samples to one of chroma: 1 or 2 */
	struct jpg_head_part parts[3];
	uint8_t quant[4][JPG_HEAD_COEFFICIENTS];
	bool has_quant[4];
	struct jpg_head_spec dc[4], ac[4];
	int restart_every;		/* units of the scan; 0: never */
	bool has_jfif;
	const uint8_t *scan;		/* the coded bytes, up to the end of all */
	size_t scan_len;
};

/* False: not plain, or no JPEG.  *h points into jpeg. */
bool jpg_head_read(struct jpg_head *h, const uint8_t *jpeg, size_t len);

#endif
