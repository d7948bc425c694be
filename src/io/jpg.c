/*
 * jpg.c - JPEG to small RGB picture, row by row: the whole picture is never in memory.
 * Owns the ceilings on sides, pixels, scans and libjpeg's own memory.
 * Never jumps past its caller and never prints; a damaged picture is shown as far as it goes.
 */
#include "io/jpg_private.h"

#include <stdint.h>
#include <stdlib.h>
#include <jerror.h>
#include <string.h>

#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jpg.h"
#include "io/jpg_fit.h"
#include "io/jpg_skip.h"

#define MAX_SCANS 64
#define MAX_SCANNED_PIXELS (256 * 1024 * 1024)	/* scans x pixels of a progressive picture */
#define MIN_SCANS 4
#define MAX_COEFFICIENT_BYTES (96 * 1024 * 1024)

struct column { int first, count; };	/* the decoded columns that go into one */

struct jpg_decoder {
	struct jpeg_decompress_struct d;
	struct jpg_trap trap;
	struct jpeg_progress_mgr progress;
	int max_scans;
	struct jpg_skip *skip;
	struct thumb *out;
	int full_w, full_h, box_w, box_h;
	int from_w, from_h;	/* what is decoded: a fraction of the picture */
	struct err *e;
	JSAMPLE *row;		/* one decoded row */
	size_t row_room;
	struct column *columns;	/* of the thumb */
	int column_count, columns_from_w;
	struct jpg_fit fit;
	bool fits;		/* by fit, not by sums: the usual case */
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
	struct jpg_trap *t = (struct jpg_trap *)(void *)cinfo->err;

	if (level >= 0)
		return;
	cinfo->err->num_warnings++;
	/* Not for bytes too many, nor an end that is not marked: many a camera sends such. */
	t->is_damaged |= cinfo->err->msg_code == JWRN_HIT_MARKER || cinfo->err->msg_code == JWRN_HUFF_BAD_CODE;
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
	t->is_damaged = false;
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
	struct jpg_decoder *j = cinfo->client_data;

	if (j->d.input_scan_number <= j->max_scans)
		return;
	snprintf(j->trap.text, sizeof j->trap.text, "more than %d scans", j->max_scans);
	longjmp(j->trap.escape, 1);
}

/* ---- Size ---- */

static bool
check_size(const struct jpg_decoder *j)
{
	if (j->full_w > MAX_JPEG_SIDE_PX || j->full_h > MAX_JPEG_SIDE_PX)
		return err_set(j->e, ERR_TOO_BIG, "a picture of %d x %d, and at most %d a side are taken", j->full_w, j->full_h,
		    MAX_JPEG_SIDE_PX);
	if ((int64_t)j->full_w * j->full_h > MAX_JPEG_PIXELS)
		return err_set(j->e, ERR_TOO_BIG, "a picture of %d x %d, and at most %d megapixels are taken", j->full_w, j->full_h,
		    MAX_JPEG_PIXELS / (1024 * 1024));
	return true;
}

static int
scaled(int side, int eighths)
{
	return (int)(((int64_t)side * eighths + 7) / 8);
}

/* The least of 1/8, 1/4, 1/2, 1/1 that still fills w x h: for these libjpeg is fastest, the thirds in between are slower. */
static int
least_eighths(const struct jpg_decoder *j, int w, int h)
{
	int eighths = 1;

	while (eighths < 8 && (scaled(j->full_w, eighths) < w || scaled(j->full_h, eighths) < h))
		eighths *= 2;
	return eighths;
}

/* The thumb's pixels; kept when the size is as before.  Rows may be written with some slack behind the last. */
static bool
size_thumb(struct jpg_decoder *j, int w, int h)
{
	struct thumb *t = j->out;

	if (t->rgb != NULL && t->width_px == w && t->height_px == h)
		return true;
	thumb_fini(t);
	if (w <= MAX_JPEG_SIDE_PX && h <= MAX_JPEG_SIDE_PX && (int64_t)w * h <= MAX_JPEG_PIXELS)
		t->rgb = malloc((size_t)w * (size_t)h * 3 + JPG_SKIP_SLACK_BYTES);
	if (t->rgb == NULL)
		return err_set(j->e, ERR_TOO_BIG, "no memory for a picture of %d x %d", w, h);
	t->width_px = w;
	t->height_px = h;
	return true;
}

/* ---- Rows ---- */

/* Far smaller pictures, as thumb_fit(): what falls into pixel i of `fitted`. */
static void
span_of(int i, int fitted, int source, int *first, int *end)
{
	*first = (int)((int64_t)i * source / fitted);
	*end = (int)((int64_t)(i + 1) * source / fitted);
	if (*end <= *first)
		*end = *first + 1;
}

static void
open_columns(struct jpg_decoder *j)
{
	const int w = j->out->width_px;
	int end;

	if (j->column_count == w && j->columns_from_w == j->from_w)
		return;
	j->columns = xreallocarray(j->columns, (size_t)w, sizeof *j->columns);
	j->sums = xreallocarray(j->sums, (size_t)w * 3, sizeof *j->sums);
	for (int x = 0; x < w; x++) {
		span_of(x, w, j->from_w, &j->columns[x].first, &end);
		j->columns[x].count = end - j->columns[x].first;
	}
	j->narrow = j->from_w / w > 0 ? j->from_w / w : 1;
	j->column_count = w;
	j->columns_from_w = j->from_w;
}

/* The decoder's size is the wanted one, as with 1280 x 720 in 320 x 180. */
static bool
is_exact(const struct jpg_decoder *j)
{
	return j->from_w == j->out->width_px && j->from_h == j->out->height_px;
}

static void
open_rows(struct jpg_decoder *j)
{
	const size_t need = (size_t)j->from_w * 3 + JPG_SKIP_SLACK_BYTES;

	j->row_done = j->rows_summed = 0;
	if (is_exact(j))
		return;
	if (need > j->row_room) {
		j->row = xrealloc(j->row, need);
		j->row_room = need;
	}
	j->fits = jpg_fit_open(&j->fit, j->from_w, j->from_h, j->out->width_px, j->out->height_px);
	if (j->fits)
		return;
	open_columns(j);
	memset(j->sums, 0, (size_t)j->out->width_px * 3 * sizeof *j->sums);
}

static void
add_row(struct jpg_decoder *j)
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
finish_row(struct jpg_decoder *j)
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
use_row(struct jpg_decoder *j, int y)
{
	int first, end;

	if (j->fits) {
		jpg_fit_take(&j->fit, j->row, y, j->out->rgb);
		return;
	}
	while (j->row_done < j->out->height_px) {
		span_of(j->row_done, j->out->height_px, j->from_h, &first, &end);
		if (y < first)
			return;
		add_row(j);
		if (y < end - 1)
			return;
		finish_row(j);
	}
}

/* Where decoded row y goes; the one before has come. */
static uint8_t *
next_row(void *arg, int y)
{
	struct jpg_decoder *j = arg;

	if (is_exact(j))
		return j->out->rgb + (size_t)y * (size_t)j->out->width_px * 3;
	if (y > 0)
		use_row(j, y - 1);
	return j->row;
}

static void
last_row_came(struct jpg_decoder *j)
{
	if (!is_exact(j))
		use_row(j, j->from_h - 1);
}

/* ---- The two ways ---- */

/* False: not this way, or the picture is too large (then e says so). */
static bool
is_plain(struct jpg_decoder *j, struct jpg_head *h, const void *jpeg, size_t len, int *eighths)
{
	int w, hi;

	if (!jpg_head_read(h, jpeg, len))
		return false;
	j->full_w = h->width_px;
	j->full_h = h->height_px;
	if (!check_size(j))
		return false;
	thumb_fit_size(j->full_w, j->full_h, j->box_w, j->box_h, &w, &hi);
	*eighths = least_eighths(j, w, hi);
	return *eighths <= 2 && size_thumb(j, w, hi);
}

static bool
decode_plain(struct jpg_decoder *j, const void *jpeg, size_t len)
{
	struct jpg_head h;
	int eighths;

	if (!is_plain(j, &h, jpeg, len, &eighths))
		return false;
	j->from_w = scaled(j->full_w, eighths);
	j->from_h = scaled(j->full_h, eighths);
	open_rows(j);
	if (!jpg_skip_read(j->skip, &h, eighths, next_row, j))
		return false;
	last_row_came(j);
	return true;
}

static bool
open_header(struct jpg_decoder *j, const void *jpeg, size_t len)
{
	int64_t pixels;

	jpeg_create_decompress(&j->d);
	j->d.client_data = j;
	j->d.mem->max_memory_to_use = MAX_COEFFICIENT_BYTES;
	jpeg_mem_src(&j->d, jpeg, len);
	jpeg_read_header(&j->d, TRUE);
	j->full_w = (int)j->d.image_width;
	j->full_h = (int)j->d.image_height;
	pixels = (int64_t)j->full_w * j->full_h;
	j->max_scans = MAX_SCANNED_PIXELS / pixels > MAX_SCANS ? MAX_SCANS
	    : MAX_SCANNED_PIXELS / pixels < MIN_SCANS ? MIN_SCANS : (int)(MAX_SCANNED_PIXELS / pixels);
	j->progress.progress_monitor = on_progress;
	j->d.progress = &j->progress;
	if (j->d.jpeg_color_space == JCS_CMYK || j->d.jpeg_color_space == JCS_YCCK)
		return err_set(j->e, ERR_FORMAT, "a picture in CMYK, made for a printing press");
	return check_size(j);
}

static bool
decode_rows(struct jpg_decoder *j)
{
	int w, h;

	thumb_fit_size(j->full_w, j->full_h, j->box_w, j->box_h, &w, &h);
	j->d.scale_num = (unsigned)least_eighths(j, w, h);
	j->d.scale_denom = 8;
	j->d.out_color_space = JCS_RGB;
	j->d.dct_method = JDCT_FASTEST;		/* nobody sees either at this size */
	j->d.do_fancy_upsampling = FALSE;
	jpeg_start_decompress(&j->d);
	if (!size_thumb(j, w, h))
		return false;
	j->from_w = (int)j->d.output_width;
	j->from_h = (int)j->d.output_height;
	open_rows(j);
	while (j->d.output_scanline < j->d.output_height) {
		JSAMPLE *row = next_row(j, (int)j->d.output_scanline);

		jpeg_read_scanlines(&j->d, &row, 1);
	}
	last_row_came(j);
	return true;
}

/* A new decompressor each time: one that is used again keeps the tables of another camera's picture. */
static bool
decode_any(struct jpg_decoder *j, const void *jpeg, size_t len)
{
	bool fine;

	memset(&j->d, 0, sizeof j->d);
	j->d.err = jpg_trap_set(&j->trap);
	if (setjmp(j->trap.escape) != 0)
		fine = jpg_trap_tell(&j->trap, "the picture cannot be read", j->e);
	else
		fine = open_header(j, jpeg, len) && decode_rows(j);
	jpeg_destroy_decompress(&j->d);
	return fine;
}

bool
jpg_decoder_read(struct jpg_decoder *j, struct thumb *out, const void *jpeg, size_t len, int box_w, int box_h,
    int *full_w, int *full_h, struct err *e)
{
	bool fine;

	j->out = out;
	j->full_w = j->full_h = 0;
	j->box_w = box_w;
	j->box_h = box_h;
	j->e = e;
	j->trap.is_damaged = false;
	fine = decode_plain(j, jpeg, len) || decode_any(j, jpeg, len);
	if (!fine)
		thumb_fini(out);
	if (full_w != NULL)
		*full_w = j->full_w;
	if (full_h != NULL)
		*full_h = j->full_h;
	return fine;
}

bool
jpg_decoder_saw_damage(const struct jpg_decoder *j)
{
	return j->trap.is_damaged;
}

struct jpg_decoder *
jpg_decoder_new(void)
{
	struct jpg_decoder *j = xcalloc(1, sizeof *j);

	j->skip = jpg_skip_new();
	return j;
}

void
jpg_decoder_free(struct jpg_decoder *j)
{
	if (j == NULL)
		return;
	jpg_skip_free(j->skip);
	jpg_fit_fini(&j->fit);
	free(j->row);
	free(j->columns);
	free(j->sums);
	free(j);
}

bool
jpg_thumb(struct thumb *out, const void *jpeg, size_t len, int box_w, int box_h, int *full_w, int *full_h, struct err *e)
{
	struct jpg_decoder *j = jpg_decoder_new();
	bool fine;

	*out = (struct thumb){ .rgb = NULL };
	fine = jpg_decoder_read(j, out, jpeg, len, box_w, box_h, full_w, full_h, e);
	jpg_decoder_free(j);
	return fine;
}
