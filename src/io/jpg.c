/*
 * jpg.c - JPEG to small RGB picture, row by row: the whole picture is never in memory.
 * Owns the ceilings on sides, pixels, scans and libjpeg's own memory.
 * Never jumps past its caller and never prints; a damaged picture is shown as far as it goes.
 */
#include "io/jpg_private.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jpg.h"

#define MAX_SCANS 64
#define MAX_SCANNED_PIXELS (256 * 1024 * 1024)	/* scans x pixels of a progressive picture */
#define MIN_SCANS 4
#define MAX_COEFFICIENT_BYTES (96 * 1024 * 1024)

struct column { int first, count; };	/* the decoded columns that go into one */

struct decode {
	struct jpeg_decompress_struct d;
	struct jpg_trap trap;
	struct jpeg_progress_mgr progress;
	int max_scans;
	struct thumb *out;
	int box_w, box_h;
	struct err *e;
	JSAMPLE *row;		/* one decoded row */
	struct column *columns;	/* of the thumb */
	int narrow;		/* the least count of them; no count is larger than one more */
	uint32_t *sums;		/* the thumb's row in the making: 255 x the largest span at 1/8 fits easily */
	int rows_summed, row_done;
};

/* ---- Errors ---- */

static void
on_error(j_common_ptr cinfo)
{
	struct jpg_trap *t = (struct jpg_trap *)(void *)cinfo->err;

	cinfo->err->format_message(cinfo, t->text);
	longjmp(t->escape, 1);
}

static void
on_message(j_common_ptr cinfo, int level)
{
	if (level < 0)
		cinfo->err->num_warnings++;
}

static void
on_output(j_common_ptr cinfo)
{
	(void)cinfo;
}

struct jpeg_error_mgr *
jpg_trap_set(struct jpg_trap *t)
{
	jpeg_std_error(&t->mgr);
	t->mgr.error_exit = on_error;
	t->mgr.emit_message = on_message;
	t->mgr.output_message = on_output;
	t->text[0] = '\0';
	return &t->mgr;
}

bool
jpg_trap_tell(const struct jpg_trap *t, const char *what, struct err *e)
{
	char said[JMSG_LENGTH_MAX];

	str_clean(said, sizeof said, t->text, strlen(t->text), 120);
	return err_set(e, ERR_FORMAT, "%s: %s", what, said);
}

/* A few bytes can announce any number of scans over the whole picture. */
static void
on_progress(j_common_ptr cinfo)
{
	struct decode *j = cinfo->client_data;

	if (j->d.input_scan_number <= j->max_scans)
		return;
	snprintf(j->trap.text, sizeof j->trap.text, "more than %d scans", j->max_scans);
	longjmp(j->trap.escape, 1);
}

/* ---- Size ---- */

static bool
check_size(const struct decode *j)
{
	int64_t w = j->d.image_width, h = j->d.image_height;

	if (w > MAX_JPEG_SIDE_PX || h > MAX_JPEG_SIDE_PX)
		return err_set(j->e, ERR_TOO_BIG, "a picture of %lld x %lld, and at most %d a side are taken",
		    (long long)w, (long long)h, MAX_JPEG_SIDE_PX);
	if (w * h > MAX_JPEG_PIXELS)
		return err_set(j->e, ERR_TOO_BIG, "a picture of %lld x %lld, and at most %d megapixels are taken",
		    (long long)w, (long long)h, MAX_JPEG_PIXELS / (1024 * 1024));
	if (j->d.jpeg_color_space == JCS_CMYK || j->d.jpeg_color_space == JCS_YCCK)
		return err_set(j->e, ERR_FORMAT, "a picture in CMYK, made for a printing press");
	return true;
}

static int
scaled(JDIMENSION side, int eighths)
{
	return (int)(((int64_t)side * eighths + 7) / 8);
}

/* The least of 1/8, 1/4, 1/2, 1/1 that still fills w x h. */
static void
choose_scale(struct decode *j, int w, int h)
{
	int eighths = 1;

	while (eighths < 8 && (scaled(j->d.image_width, eighths) < w || scaled(j->d.image_height, eighths) < h))
		eighths *= 2;
	j->d.scale_num = (unsigned)eighths;
	j->d.scale_denom = 8;
}

static bool
open_header(struct decode *j, const void *jpeg, size_t len, int *full_w, int *full_h)
{
	int64_t pixels;

	jpeg_create_decompress(&j->d);
	j->d.client_data = j;
	j->d.mem->max_memory_to_use = MAX_COEFFICIENT_BYTES;
	jpeg_mem_src(&j->d, jpeg, len);
	jpeg_read_header(&j->d, TRUE);
	*full_w = (int)j->d.image_width;
	*full_h = (int)j->d.image_height;
	pixels = (int64_t)*full_w * *full_h;
	j->max_scans = MAX_SCANNED_PIXELS / pixels > MAX_SCANS ? MAX_SCANS
	    : MAX_SCANNED_PIXELS / pixels < MIN_SCANS ? MIN_SCANS : (int)(MAX_SCANNED_PIXELS / pixels);
	j->progress.progress_monitor = on_progress;
	j->d.progress = &j->progress;
	return check_size(j);
}

/* ---- Rows ---- */

/* As thumb_fit(): what falls into pixel i of `fitted`; enlarging repeats. */
static void
span_of(int i, int fitted, int source, int *first, int *end)
{
	*first = (int)((int64_t)i * source / fitted);
	*end = (int)((int64_t)(i + 1) * source / fitted);
	if (*end <= *first)
		*end = *first + 1;
}

static void
open_rows(struct decode *j)
{
	int w = j->out->width_px, end;

	j->row = xmalloc((size_t)j->d.output_width * 3);
	j->columns = xreallocarray(NULL, (size_t)w, sizeof *j->columns);
	j->sums = xcalloc((size_t)w * 3, sizeof *j->sums);
	for (int x = 0; x < w; x++) {
		span_of(x, w, (int)j->d.output_width, &j->columns[x].first, &end);
		j->columns[x].count = end - j->columns[x].first;
	}
	j->narrow = (int)j->d.output_width / w > 0 ? (int)j->d.output_width / w : 1;
}

static void
add_row(struct decode *j)
{
	const struct column *column = j->columns;
	uint32_t *sum = j->sums;

	for (int x = 0; x < j->out->width_px; x++, column++, sum += 3) {
		const JSAMPLE *p = j->row + (size_t)column->first * 3;

		for (int i = 0; i < column->count; i++, p += 3) {
			sum[0] += p[0];
			sum[1] += p[1];
			sum[2] += p[2];
		}
	}
	j->rows_summed++;
}

/* Averages.  There are just two counts in a row, so it is multiplied by their inverses, not divided. */
static void
finish_row(struct decode *j)
{
	size_t w = (size_t)j->out->width_px;
	uint8_t *out = j->out->rgb + (size_t)j->row_done * w * 3;
	const uint32_t *sum = j->sums;
	uint64_t count[2], inverse[2];

	for (int i = 0; i < 2; i++) {
		count[i] = (uint64_t)(j->narrow + i) * (uint64_t)j->rows_summed;
		inverse[i] = ((UINT64_C(1) << 32) + count[i] - 1) / count[i];
	}
	for (size_t x = 0; x < w; x++, out += 3, sum += 3) {
		int i = j->columns[x].count - j->narrow;

		out[0] = (uint8_t)((sum[0] + count[i] / 2) * inverse[i] >> 32);
		out[1] = (uint8_t)((sum[1] + count[i] / 2) * inverse[i] >> 32);
		out[2] = (uint8_t)((sum[2] + count[i] / 2) * inverse[i] >> 32);
	}
	memset(j->sums, 0, w * 3 * sizeof *j->sums);
	j->rows_summed = 0;
	j->row_done++;
}

/* Decoded row y into every row of the thumb that it belongs to. */
static void
use_row(struct decode *j, int y)
{
	int first, end;

	while (j->row_done < j->out->height_px) {
		span_of(j->row_done, j->out->height_px, (int)j->d.output_height, &first, &end);
		if (y < first)
			return;
		add_row(j);
		if (y < end - 1)
			return;
		finish_row(j);
	}
}

/* The decoder's size is the wanted one, as with 1280 x 720 in 320 x 180. */
static void
copy_rows(struct decode *j)
{
	while (j->d.output_scanline < j->d.output_height) {
		JSAMPLE *row = j->out->rgb + (size_t)j->d.output_scanline * (size_t)j->out->width_px * 3;

		jpeg_read_scanlines(&j->d, &row, 1);
	}
}

static void
shrink_rows(struct decode *j)
{
	open_rows(j);
	while (j->d.output_scanline < j->d.output_height) {
		int y = (int)j->d.output_scanline;

		jpeg_read_scanlines(&j->d, &j->row, 1);
		use_row(j, y);
	}
}

static bool
decode_rows(struct decode *j)
{
	int w, h;

	thumb_fit_size((int)j->d.image_width, (int)j->d.image_height, j->box_w, j->box_h, &w, &h);
	choose_scale(j, w, h);
	j->d.out_color_space = JCS_RGB;
	j->d.do_fancy_upsampling = FALSE;	/* nobody sees it at this size */
	jpeg_start_decompress(&j->d);
	if (!thumb_init(j->out, w, h))
		return err_set(j->e, ERR_TOO_BIG, "no memory for a picture of %d x %d", w, h);
	if ((int)j->d.output_width == w && (int)j->d.output_height == h)
		copy_rows(j);
	else
		shrink_rows(j);
	return true;
}

static bool
decode(struct decode *j, const void *jpeg, size_t len, int *full_w, int *full_h)
{
	if (setjmp(j->trap.escape) != 0)
		return jpg_trap_tell(&j->trap, "the picture cannot be read", j->e);
	return open_header(j, jpeg, len, full_w, full_h) && decode_rows(j);
}

bool
jpg_thumb(struct thumb *out, const void *jpeg, size_t len, int box_w, int box_h, int *full_w, int *full_h, struct err *e)
{
	struct decode *j = xcalloc(1, sizeof *j);
	int w = 0, h = 0;
	bool fine;

	*out = (struct thumb){ 0 };
	j->out = out;
	j->box_w = box_w;
	j->box_h = box_h;
	j->e = e;
	j->d.err = jpg_trap_set(&j->trap);
	fine = decode(j, jpeg, len, &w, &h);
	jpeg_destroy_decompress(&j->d);
	if (!fine)
		thumb_fini(out);
	if (full_w != NULL)
		*full_w = w;
	if (full_h != NULL)
		*full_h = h;
	free(j->row);
	free(j->columns);
	free(j->sums);
	free(j);
	return fine;
}
