/*
 * jpg_head.c - reads the markers of a plain JPEG up to its coded bytes.
 * Owns the judgement of what is plain enough: everything else is left to libjpeg, so doubt costs nothing.
 * Never keeps a byte; never reads past the end it was told.
 */
#include "io/jpg_head.h"

#include <string.h>

enum {
	MARK_SOF0 = 0xc0, MARK_DHT = 0xc4, MARK_SOF_LAST = 0xcf, MARK_SOI = 0xd8, MARK_EOI = 0xd9,
	MARK_SOS = 0xda, MARK_DQT = 0xdb, MARK_DRI = 0xdd, MARK_APP0 = 0xe0, MARK_APP14 = 0xee
};

static int
two_bytes(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static bool
read_quant(struct jpg_head *h, const uint8_t *p, size_t len)
{
	for (; len >= 65; p += 65, len -= 65) {
		if (p[0] > 3)		/* sixteen bits, or no such table */
			return false;
		memcpy(h->quant[p[0]], p + 1, JPG_HEAD_COEFFICIENTS);
		h->has_quant[p[0]] = true;
	}
	return len == 0;
}

static bool
read_huffman(struct jpg_head *h, const uint8_t *p, size_t len)
{
	while (len >= 17) {
		struct jpg_head_spec *specs = (p[0] & 0x10) != 0 ? h->ac : h->dc;
		size_t count = 16;

		for (int i = 1; i <= 16; i++)
			count += p[i];
		if ((p[0] & ~0x13) != 0 || 1 + count > len)
			return false;
		specs[p[0] & 3] = (struct jpg_head_spec){ p + 1, count };
		p += 1 + count;
		len -= 1 + count;
	}
	return len == 0;
}

static bool
read_parts(struct jpg_head *h, const uint8_t *p)
{
	for (int i = 0; i < h->part_count; i++, p += 3) {
		const int across = p[1] >> 4, down = p[1] & 15;

		if (p[2] > 3 || across < 1 || down < 1 || across > 2 || down > 2)
			return false;
		h->parts[i] = (struct jpg_head_part){ .id = p[0], .quant = p[2] };
		if (i == 0) {
			h->across = across;
			h->down = down;
		} else if (across != 1 || down != 1) {
			return false;
		}
	}
	if (h->part_count == 1)		/* alone, it is not interleaved: its factors mean nothing */
		h->across = h->down = 1;
	return true;
}

static bool
read_frame(struct jpg_head *h, const uint8_t *p, size_t len)
{
	if (h->part_count != 0 || len < 6 || p[0] != 8)
		return false;
	h->height_px = two_bytes(p + 1);
	h->width_px = two_bytes(p + 3);
	h->part_count = p[5];
	if (h->width_px < 1 || h->height_px < 1 || (h->part_count != 1 && h->part_count != 3) || len != 6 + 3 * (size_t)h->part_count)
		return false;
	return read_parts(h, p + 6);
}

/* Told by these letters, three parts are no YCbCr; libjpeg knows. */
static bool
is_rgb(const struct jpg_head *h)
{
	return h->part_count == 3 && !h->has_jfif && h->parts[0].id == 'R' && h->parts[1].id == 'G' && h->parts[2].id == 'B';
}

/* All parts at once, all coefficients at once. */
static bool
read_scan(struct jpg_head *h, const uint8_t *p, size_t len)
{
	if (h->part_count == 0 || is_rgb(h) || len != 4 + 2 * (size_t)h->part_count || p[0] != h->part_count)
		return false;
	p++;
	for (int i = 0; i < h->part_count; i++, p += 2) {
		struct jpg_head_part *part = &h->parts[i];

		part->dc = p[1] >> 4;
		part->ac = p[1] & 15;
		if (p[0] != part->id || part->dc > 3 || part->ac > 3 || !h->has_quant[part->quant] ||
		    h->dc[part->dc].bytes == NULL || h->ac[part->ac].bytes == NULL)
			return false;
	}
	return p[0] == 0 && p[1] == 63 && p[2] == 0;
}

/* Adobe's: only YCbCr. */
static bool
read_adobe(const uint8_t *p, size_t len)
{
	return len < 12 || memcmp(p, "Adobe", 5) != 0 || p[11] == 1;
}

static bool
read_segment(struct jpg_head *h, int mark, const uint8_t *p, size_t len)
{
	switch (mark) {
	case MARK_SOF0:
		return read_frame(h, p, len);
	case MARK_DHT:
		return read_huffman(h, p, len);
	case MARK_DQT:
		return read_quant(h, p, len);
	case MARK_DRI:
		h->restart_every = len == 2 ? two_bytes(p) : 0;
		return len == 2;
	case MARK_SOS:
		return read_scan(h, p, len);
	case MARK_APP0:
		h->has_jfif |= len >= 5 && memcmp(p, "JFIF", 5) == 0;
		return true;
	case MARK_APP14:
		return read_adobe(p, len);
	}
	/* Application data and comments are passed over; progressive, lossless and arithmetic pictures are not plain. */
	return mark > MARK_SOF_LAST && mark != MARK_SOI && mark != MARK_EOI;
}

bool
jpg_head_read(struct jpg_head *h, const uint8_t *jpeg, size_t len)
{
	size_t at = 2;

	memset(h, 0, sizeof *h);
	if (len < 4 || jpeg[0] != 0xff || jpeg[1] != MARK_SOI)
		return false;
	while (at + 4 <= len && jpeg[at] == 0xff) {
		const int mark = jpeg[at + 1];
		const size_t segment = (size_t)two_bytes(jpeg + at + 2);

		if (segment < 2 || segment > len - at - 2 || !read_segment(h, mark, jpeg + at + 4, segment - 2))
			return false;
		at += 2 + segment;
		if (mark == MARK_SOS) {
			h->scan = jpeg + at;
			h->scan_len = len - at;
			return true;
		}
	}
	return false;
}
