/*
 * jpg_encode.c - RGB to JPEG, for a node's pictures.
 * Owns the bytes until they are whole.
 * Never gives half a picture away: past the ceiling, or without memory, it fails.
 */
#include "io/jpg_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ceilings.h"
#include "base/xalloc.h"
#include "io/jpg.h"

#define STAGE_BYTES (32 * 1024)

struct encode {
	struct jpeg_compress_struct c;
	struct jpg_trap trap;
	struct jpeg_destination_mgr to;
	struct buf out;
	JOCTET stage[STAGE_BYTES];
};

static void
flush_stage(struct encode *j, size_t len)
{
	if (!buf_add(&j->out, j->stage, len)) {
		snprintf(j->trap.text, sizeof j->trap.text, "more than %d bytes, or no memory", MAX_JPEG_FRAME);
		longjmp(j->trap.escape, 1);
	}
	j->to.next_output_byte = j->stage;
	j->to.free_in_buffer = STAGE_BYTES;
}

static void
on_begin(j_compress_ptr c)
{
	flush_stage(c->client_data, 0);
}

/* libjpeg: the stage is full, whatever free_in_buffer says. */
static boolean
on_full(j_compress_ptr c)
{
	flush_stage(c->client_data, STAGE_BYTES);
	return TRUE;
}

static void
on_end(j_compress_ptr c)
{
	struct encode *j = c->client_data;

	flush_stage(j, STAGE_BYTES - j->to.free_in_buffer);
}

static void
write_picture(struct encode *j, const struct thumb *in, int quality)
{
	jpeg_create_compress(&j->c);
	j->c.client_data = j;
	j->to = (struct jpeg_destination_mgr){ .init_destination = on_begin, .empty_output_buffer = on_full, .term_destination = on_end };
	j->c.dest = &j->to;
	j->c.image_width = (JDIMENSION)in->width_px;
	j->c.image_height = (JDIMENSION)in->height_px;
	j->c.input_components = 3;
	j->c.in_color_space = JCS_RGB;
	jpeg_set_defaults(&j->c);
	jpeg_set_quality(&j->c, quality < 1 ? 1 : quality > 100 ? 100 : quality, TRUE);
	jpeg_start_compress(&j->c, TRUE);
	while (j->c.next_scanline < j->c.image_height) {
		JSAMPLE *row = in->rgb + (size_t)j->c.next_scanline * (size_t)in->width_px * 3;

		jpeg_write_scanlines(&j->c, &row, 1);
	}
	jpeg_finish_compress(&j->c);
}

static bool
encode(struct encode *j, const struct thumb *in, int quality, struct err *e)
{
	if (setjmp(j->trap.escape) != 0)
		return jpg_trap_tell(&j->trap, "the picture cannot be written", e);
	write_picture(j, in, quality);
	return true;
}

bool
jpg_encode(const struct thumb *in, int quality, unsigned char **out, size_t *len, struct err *e)
{
	struct encode *j;
	bool fine;

	*out = NULL;
	*len = 0;
	if (in->rgb == NULL || in->width_px < 1 || in->height_px < 1)
		return err_set(e, ERR_FORMAT, "there is no picture to write");
	j = xcalloc(1, sizeof *j);
	buf_init(&j->out, MAX_JPEG_FRAME);
	j->c.err = jpg_trap_set(&j->trap);
	fine = encode(j, in, quality, e);
	jpeg_destroy_compress(&j->c);
	if (fine)
		*out = (unsigned char *)buf_steal(&j->out, len);
	buf_fini(&j->out);
	free(j);
	return fine;
}
