/*
 * still.c - JPEG by FFmpeg's scaler and MJPEG encoder.
 * Owns one encoder and one scaler.  Never enlarges by itself: the caller chose the size.
 */
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
#include <stdlib.h>
#include "base/xalloc.h"
#include "camera/still.h"

struct still {
	int width_px, height_px;
	AVCodecContext *encoder;
	AVPacket *packet;
	AVFrame *frame;
	struct SwsContext *scaler;	/* NULL while no scaling is needed */
	struct picture scaled;
};

/* The encoder's scale runs from 2 (best) to 31. */
static int
quantiser_of(int quality)
{
	return 2 + (100 - (quality < 1 ? 1 : quality > 100 ? 100 : quality)) * 29 / 100;
}

static void
still_open(struct still *s, int quality)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
	AVCodecContext *c;

	XASSERT(codec != NULL);
	s->encoder = c = avcodec_alloc_context3(codec);
	XASSERT(c != NULL);
	c->width = s->width_px;
	c->height = s->height_px;
	c->pix_fmt = AV_PIX_FMT_YUVJ420P;
	c->color_range = AVCOL_RANGE_JPEG;
	c->time_base = (AVRational){ 1, 1000000 };
	c->thread_count = 1;
	c->flags |= AV_CODEC_FLAG_QSCALE;
	c->global_quality = quantiser_of(quality) * FF_QP2LAMBDA;
	av_opt_set(c->priv_data, "huffman", "default", 0);	/* one pass: half the cost for 5 % more bytes */
	XASSERT(avcodec_open2(c, codec, NULL) == 0);
}

struct still *
still_new(int width_px, int height_px, int quality)
{
	struct still *s = xcalloc(1, sizeof *s);

	s->width_px = width_px;
	s->height_px = height_px;
	s->packet = av_packet_alloc();
	s->frame = av_frame_alloc();
	XASSERT(s->packet != NULL && s->frame != NULL);
	still_open(s, quality);
	return s;
}

void
still_free(struct still *s)
{
	if (s == NULL)
		return;
	sws_freeContext(s->scaler);
	picture_fini(&s->scaled);
	av_frame_free(&s->frame);
	av_packet_free(&s->packet);
	avcodec_free_context(&s->encoder);
	free(s);
}

static const struct picture *
still_scale(struct still *s, const struct picture *p)
{
	const uint8_t *from[4] = { p->y, p->u, p->v, NULL };
	const int from_stride[4] = { p->stride, p->chroma_stride, p->chroma_stride, 0 };

	if (p->width_px == s->width_px && p->height_px == s->height_px)
		return p;
	picture_resize(&s->scaled, s->width_px, s->height_px);
	s->scaler = sws_getCachedContext(s->scaler, p->width_px, p->height_px, AV_PIX_FMT_YUV420P, s->width_px, s->height_px,
	    AV_PIX_FMT_YUV420P, SWS_FAST_BILINEAR, NULL, NULL, NULL);
	XASSERT(s->scaler != NULL);
	sws_scale(s->scaler, from, from_stride, 0, p->height_px,
	    (uint8_t *[4]){ s->scaled.y, s->scaled.u, s->scaled.v, NULL },
	    (int[4]){ s->scaled.stride, s->scaled.chroma_stride, s->scaled.chroma_stride, 0 });
	return &s->scaled;
}

bool
still_encode(struct still *s, const struct picture *p, struct buf *out, struct err *e)
{
	const struct picture *ready = still_scale(s, p);
	AVFrame *f = s->frame;
	bool fits;

	f->format = AV_PIX_FMT_YUVJ420P;
	f->color_range = AVCOL_RANGE_JPEG;
	f->width = s->width_px;
	f->height = s->height_px;
	f->data[0] = ready->y;		/* not reference-counted: the encoder copies what it needs */
	f->data[1] = ready->u;
	f->data[2] = ready->v;
	f->linesize[0] = ready->stride;
	f->linesize[1] = f->linesize[2] = ready->chroma_stride;
	f->quality = s->encoder->global_quality;
	f->pts++;
	if (avcodec_send_frame(s->encoder, f) != 0 || avcodec_receive_packet(s->encoder, s->packet) != 0)
		return err_set(e, ERR_ENVIRONMENT, "the picture cannot be encoded as JPEG");
	fits = buf_add(out, s->packet->data, (size_t)s->packet->size);
	av_packet_unref(s->packet);
	return fits || err_set(e, ERR_TOO_BIG, "the JPEG is too large");
}
