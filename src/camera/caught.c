/*
 * caught.c - a few pictures on their way to the worker, and their decoding.
 * Owns the ring, its lock, the decoder.  Never decodes what nobody draws.
 */
#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/xalloc.h"
#include "camera/caught.h"
#include "camera/fit.h"

#define SLOTS 4
#define RAW_MAX (64UL * 1024 * 1024)

struct packing {
	enum caught_format format;
	int width_px, height_px, stride;
};

struct slot {
	int64_t number, mono_us;	/* number 0: empty */
	struct packing packing;
	struct buf bytes;
};

struct caught {
	pthread_mutex_t lock;		/* of the slots */
	struct slot slots[SLOTS];	/* number n is in slots[n % SLOTS] */
	int64_t newest;
	struct packing packing;		/* the loop's */
	struct slot drawn;		/* the worker's, from here on */
	AVCodecContext *decoder;
	AVPacket *packet;
	AVFrame *frame;
	struct fit *fit;
};

static void
decoder_open(struct caught *c)
{
	const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_MJPEG);

	XASSERT(codec != NULL);
	c->decoder = avcodec_alloc_context3(codec);
	XASSERT(c->decoder != NULL);
	c->decoder->thread_count = 1;
	c->decoder->max_pixels = MAX_JPEG_PIXELS;
	XASSERT(avcodec_open2(c->decoder, codec, NULL) == 0);
}

struct caught *
caught_new(void)
{
	struct caught *c = xcalloc(1, sizeof *c);

	pthread_mutex_init(&c->lock, NULL);
	for (int i = 0; i < SLOTS; i++)
		buf_init(&c->slots[i].bytes, RAW_MAX);
	buf_init(&c->drawn.bytes, RAW_MAX);
	c->packet = av_packet_alloc();
	c->frame = av_frame_alloc();
	XASSERT(c->packet != NULL && c->frame != NULL);
	c->fit = fit_new();
	decoder_open(c);
	return c;
}

void
caught_free(struct caught *c)
{
	if (c == NULL)
		return;
	for (int i = 0; i < SLOTS; i++)
		buf_fini(&c->slots[i].bytes);
	buf_fini(&c->drawn.bytes);
	avcodec_free_context(&c->decoder);
	av_packet_free(&c->packet);
	av_frame_free(&c->frame);
	fit_free(c->fit);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* ---- the loop's side ---- */

void
caught_format(struct caught *c, enum caught_format format, int width_px, int height_px, int stride)
{
	c->packing = (struct packing){ format, width_px, height_px, stride };
}

static enum AVPixelFormat
pixels_of(enum caught_format format)
{
	switch (format) {
	case CAUGHT_YUYV:	return AV_PIX_FMT_YUYV422;
	case CAUGHT_UYVY:	return AV_PIX_FMT_UYVY422;
	case CAUGHT_NV12:	return AV_PIX_FMT_NV12;
	case CAUGHT_YUV420:	return AV_PIX_FMT_YUV420P;
	case CAUGHT_JPEG:	break;
	}
	return AV_PIX_FMT_NONE;
}

/* Strides of the planes, the first as the device said. */
static void
strides_of(const struct packing *p, int strides[4])
{
	memset(strides, 0, 4 * sizeof *strides);
	strides[0] = p->stride;
	if (p->format == CAUGHT_NV12)
		strides[1] = p->stride;
	else if (p->format == CAUGHT_YUV420)
		strides[1] = strides[2] = p->stride / 2;
}

/* What a whole picture takes; 0: a JPEG may have any size, below 0: no picture is so. */
static long
bytes_of(const struct packing *p)
{
	int strides[4], rows = p->height_px;

	if (p->format == CAUGHT_JPEG)
		return 0;
	strides_of(p, strides);
	if (p->stride < av_image_get_linesize(pixels_of(p->format), p->width_px, 0) || p->stride <= 0 || rows <= 0)
		return -1;
	return (long)strides[0] * rows + (long)strides[1] * (rows / 2) + (long)strides[2] * (rows / 2);
}

bool
caught_put(struct caught *c, const void *bytes, size_t len, int64_t mono_us)
{
	static const char tail[64];	/* readers with wide registers look past the last sample */
	long least = bytes_of(&c->packing);
	struct slot *s;
	bool fine;

	if (least < 0 || len == 0 || len < (size_t)least || (least == 0 && len > MAX_JPEG_FRAME))
		return false;
	pthread_mutex_lock(&c->lock);
	s = &c->slots[(c->newest + 1) % SLOTS];
	buf_clear(&s->bytes);
	s->number = 0;
	fine = buf_add(&s->bytes, bytes, least > 0 ? (size_t)least : len) && (least == 0 || buf_add(&s->bytes, tail, sizeof tail));
	if (fine) {
		s->number = ++c->newest;
		s->mono_us = mono_us;
		s->packing = c->packing;
	}
	pthread_mutex_unlock(&c->lock);
	return fine;
}

bool
caught_next(struct caught *c, int64_t after, int64_t *number, int64_t *mono_us)
{
	bool found = false;

	pthread_mutex_lock(&c->lock);
	for (int64_t n = after < c->newest - SLOTS ? c->newest - SLOTS + 1 : after + 1; n <= c->newest && !found; n++) {
		const struct slot *s = &c->slots[n % SLOTS];

		if (s->number != n)
			continue;
		*number = n;
		*mono_us = s->mono_us;
		found = true;
	}
	pthread_mutex_unlock(&c->lock);
	return found;
}

/* ---- the worker's side ---- */

/* The bytes change places, so that the loop is held up by nothing but that. */
static bool
take(struct caught *c, int64_t number)
{
	struct slot *s = &c->slots[number % SLOTS];
	struct buf spare = c->drawn.bytes;
	bool is_there;

	pthread_mutex_lock(&c->lock);
	is_there = number > 0 && s->number == number;
	if (is_there) {
		c->drawn = *s;
		s->bytes = spare;
		s->number = 0;
	}
	pthread_mutex_unlock(&c->lock);
	return is_there;
}

static bool
decode(struct caught *c)
{
	const struct buf *b = &c->drawn.bytes;
	bool sent;

	if (av_new_packet(c->packet, (int)b->len) != 0)		/* with the padding that the decoder reads */
		return false;
	memcpy(c->packet->data, b->data, b->len);
	sent = avcodec_send_packet(c->decoder, c->packet) == 0;
	av_packet_unref(c->packet);
	av_frame_unref(c->frame);
	return sent && avcodec_receive_frame(c->decoder, c->frame) == 0;
}

static void
keep_bytes(void *arg, uint8_t *bytes)
{
	(void)arg;
	(void)bytes;
}

/* The frame borrows the bytes: it is gone before they are. */
static bool
unpack(struct caught *c)
{
	const struct packing *p = &c->drawn.packing;
	AVFrame *f = c->frame;
	int strides[4];

	av_frame_unref(f);
	f->format = (int)pixels_of(p->format);
	f->width = p->width_px;
	f->height = p->height_px;
	strides_of(p, strides);
	memcpy(f->linesize, strides, sizeof strides);
	if (av_image_fill_pointers(f->data, pixels_of(p->format), p->height_px, (uint8_t *)c->drawn.bytes.data, strides) < 0)
		return false;
	f->buf[0] = av_buffer_create((uint8_t *)c->drawn.bytes.data, c->drawn.bytes.len, keep_bytes, NULL, 0);
	return f->buf[0] != NULL;
}

bool
caught_draw(struct caught *c, const struct scene *scene, struct picture *out, struct err *e)
{
	bool fine;

	if (!take(c, scene->caught))
		return err_set(e, ERR_NOT_FOUND, "the picture gave way to newer ones");
	fine = c->drawn.packing.format == CAUGHT_JPEG ? decode(c) : unpack(c);
	if (fine)
		fine = fit_draw(c->fit, c->frame, scene, out);
	av_frame_unref(c->frame);
	return fine || err_set(e, ERR_FORMAT, "the camera's picture cannot be decoded");
}
