/*
 * fit.c - cropping, scaling, mirroring.
 * Owns the scaler.  Never decodes, never knows where a frame came from.
 */
#include <libswscale/swscale.h>
#include <stdlib.h>
#include <string.h>
#include "base/xalloc.h"
#include "camera/fit.h"

struct fit {
	AVFrame *crop;
	struct SwsContext *scaler;
	int from[4], to[2];		/* what the scaler was made for: width, height, format, range; width, height */
};

struct fit *
fit_new(void)
{
	struct fit *f = xcalloc(1, sizeof *f);

	f->crop = av_frame_alloc();
	XASSERT(f->crop != NULL);
	return f;
}

void
fit_free(struct fit *f)
{
	if (f == NULL)
		return;
	sws_freeContext(f->scaler);
	av_frame_free(&f->crop);
	free(f);
}

/* In out's shape. */
static void
crop(AVFrame *f, double zoom, const struct picture *out)
{
	double width = f->width, height = f->height, shape = (double)out->width_px / out->height_px;

	if (width / height > shape)
		width = height * shape;
	else
		height = width / shape;
	f->crop_left = f->crop_right = (size_t)((f->width - width / zoom) / 2) / 2 * 2;
	f->crop_top = f->crop_bottom = (size_t)((f->height - height / zoom) / 2) / 2 * 2;
	av_frame_apply_cropping(f, AV_FRAME_CROP_UNALIGNED);
}

/* The full-range twins of formats are out of use in the scaler: it is told the range instead. */
static enum AVPixelFormat
plain_format(int format, bool *is_full)
{
	static const enum AVPixelFormat twins[][2] = { { AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P },
		{ AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P }, { AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P },
		{ AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P } };

	for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++)
		if (format == (int)twins[i][0]) {
			*is_full = true;
			return twins[i][1];
		}
	return (enum AVPixelFormat)format;
}

/* Setting the colour details is dear, so only when something changed. */
static bool
scaler_ready(struct fit *p, const AVFrame *f, const struct picture *out)
{
	bool is_full = f->color_range == AVCOL_RANGE_JPEG;
	enum AVPixelFormat format = plain_format(f->format, &is_full);
	int from[4] = { f->width, f->height, (int)format, is_full }, to[2] = { out->width_px, out->height_px };
	const int *coefficients = sws_getCoefficients(SWS_CS_DEFAULT);

	if (p->scaler != NULL && memcmp(from, p->from, sizeof from) == 0 && memcmp(to, p->to, sizeof to) == 0)
		return true;
	sws_freeContext(p->scaler);
	p->scaler = sws_getContext(f->width, f->height, format, out->width_px, out->height_px, AV_PIX_FMT_YUV420P, SWS_BILINEAR,
	    NULL, NULL, NULL);
	if (p->scaler == NULL)
		return false;
	sws_setColorspaceDetails(p->scaler, coefficients, is_full, coefficients, 1, 0, 1 << 16, 1 << 16);
	memcpy(p->from, from, sizeof from);
	memcpy(p->to, to, sizeof to);
	return true;
}

static void
mirror_rows(uint8_t *plane, int stride, int width, int height)
{
	for (int row = 0; row < height; row++, plane += stride)
		for (int left = 0, right = width - 1; left < right; left++, right--) {
			uint8_t kept = plane[left];

			plane[left] = plane[right];
			plane[right] = kept;
		}
}

static void
mirror(struct picture *p)
{
	mirror_rows(p->y, p->stride, p->width_px, p->height_px);
	mirror_rows(p->u, p->chroma_stride, p->width_px / 2, p->height_px / 2);
	mirror_rows(p->v, p->chroma_stride, p->width_px / 2, p->height_px / 2);
}

bool
fit_draw(struct fit *f, const AVFrame *frame, const struct scene *scene, struct picture *out)
{
	bool fine;

	if (av_frame_ref(f->crop, frame) != 0)
		return false;
	crop(f->crop, scene->zoom, out);
	fine = scaler_ready(f, f->crop, out);
	if (fine)
		sws_scale(f->scaler, (const uint8_t *const *)f->crop->data, f->crop->linesize, 0, f->crop->height,
		    (uint8_t *[4]){ out->y, out->u, out->v, NULL },
		    (int[4]){ out->stride, out->chroma_stride, out->chroma_stride, 0 });
	av_frame_unref(f->crop);
	if (scene->is_front)
		mirror(out);
	return fine;
}
