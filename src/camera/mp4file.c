/*
 * mp4file.c - H.264 and AAC into fragmented MP4, by FFmpeg's libraries.
 * Owns the encoders, the muxer and the file.  Never leaves half a fragment in the file: what does
 * not fit is taken back.
 */
#include <errno.h>
#include <fcntl.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/xalloc.h"
#include "camera/mp4file.h"
#include "camera/mp4probe.h"
#include "camera/source.h"
#include "io/digest.h"

#define TICKS 90000		/* a second of the video track */
#define AVIO_BYTES (64 * 1024)
#define FRAGMENT_MAX (256UL * 1024 * 1024)
#define FRAGMENT_US 500000
#define SOUND_BPS 96000
/* Beside a small picture the careful encoder would cost many times what the picture does: a fleet of 64 would be all sound. */
#define SMALL_BPS 500000
#define SMALL_SOUND_BPS 24000

struct mp4file {
	struct mp4conf conf;
	int fd;
	int64_t bytes;			/* good bytes in the file */
	struct buf pending;		/* written by the muxer, not yet in the file */
	struct digest *digest;
	bool is_full, is_broken;
	AVFormatContext *muxer;
	AVCodecContext *video, *sound;
	AVStream *video_stream, *sound_stream;
	AVFrame *video_frame, *sound_frame;
	AVPacket *packet;
	int64_t samples, key_us, end_us;
	int filled;			/* samples in sound_frame */
};

/* ---- bytes ---- */

static int
muxer_wrote(void *arg, uint8_t *bytes, int len)
{
	struct mp4file *f = arg;

	return buf_add(&f->pending, bytes, (size_t)len) ? len : AVERROR(ENOMEM);
}

/* All of pending, or nothing: a part is cut off again. */
static bool
file_append(struct mp4file *f, struct err *e)
{
	size_t done = 0;
	ssize_t got;

	if (f->bytes + (int64_t)f->pending.len > (f->conf.room != NULL ? atomic_load(f->conf.room) : f->conf.room_bytes)) {
		errno = ENOSPC;
		goto out;
	}
	while (done < f->pending.len) {
		got = write(f->fd, f->pending.data + done, f->pending.len - done);
		if (got < 0 && errno != EINTR)
			goto out;
		done += got > 0 ? (size_t)got : 0;
	}
	digest_add(f->digest, f->pending.data, f->pending.len);
	f->bytes += (int64_t)f->pending.len;
	buf_clear(&f->pending);
	return true;
out:
	f->is_broken = true;
	f->is_full = errno == ENOSPC || errno == EDQUOT;
	err_errno(e, ERR_DISK, errno, "cannot write %s", f->conf.path);
	if (ftruncate(f->fd, f->bytes) == 0)
		lseek(f->fd, f->bytes, SEEK_SET);
	buf_clear(&f->pending);
	return false;
}

static bool
file_flush(struct mp4file *f, struct err *e)
{
	avio_flush(f->muxer->pb);
	return f->pending.len == 0 || file_append(f, e);
}

static bool
broken(struct mp4file *f, const char *what, struct err *e)
{
	f->is_broken = true;
	return err_set(e, ERR_ENVIRONMENT, "%s does not work for %s", what, f->conf.path);
}

/* ---- opening ---- */

static bool
video_open(struct mp4file *f, struct err *e)
{
	const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
	AVCodecContext *c;
	int second = (int)lround(f->conf.rate);

	if (codec == NULL || (f->video = c = avcodec_alloc_context3(codec)) == NULL)
		return err_set(e, ERR_ENVIRONMENT, "this FFmpeg has no H.264 encoder (libx264)");
	c->width = f->conf.width_px;
	c->height = f->conf.height_px;
	c->pix_fmt = AV_PIX_FMT_YUVJ420P;
	c->color_range = AVCOL_RANGE_JPEG;
	c->time_base = (AVRational){ 1, TICKS };
	c->framerate = av_d2q(f->conf.rate, 1001000);
	c->gop_size = 10 * second;	/* key frames are asked for by time, not by count */
	c->max_b_frames = 0;
	c->thread_count = 1;
	c->bit_rate = f->conf.bitrate_bps;
	c->rc_max_rate = f->conf.bitrate_bps;
	c->rc_buffer_size = (int)(f->conf.bitrate_bps < 1000000000 ? f->conf.bitrate_bps : 1000000000);
	c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	av_opt_set(c->priv_data, "preset", "ultrafast", 0);
	av_opt_set(c->priv_data, "forced-idr", "1", 0);
	/* No look ahead at all: a frame given is a frame encoded, and on its way to the file. */
	av_opt_set(c->priv_data, "x264-params", "scenecut=0:rc-lookahead=0:sync-lookahead=0:sliced-threads=0:force-cfr=1", 0);
	if (avcodec_open2(c, codec, NULL) != 0)
		return broken(f, "H.264 encoding", e);
	return true;
}

static bool
sound_open(struct mp4file *f, struct err *e)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
	bool is_small = f->conf.bitrate_bps < SMALL_BPS;
	AVCodecContext *c;

	if (codec == NULL || (f->sound = c = avcodec_alloc_context3(codec)) == NULL)
		return err_set(e, ERR_ENVIRONMENT, "this FFmpeg has no AAC encoder");
	c->sample_rate = SOURCE_SAMPLE_RATE;
	c->sample_fmt = AV_SAMPLE_FMT_FLTP;
	c->ch_layout = (AVChannelLayout)AV_CHANNEL_LAYOUT_MONO;
	c->time_base = (AVRational){ 1, SOURCE_SAMPLE_RATE };
	c->bit_rate = is_small ? SMALL_SOUND_BPS : SOUND_BPS;
	c->thread_count = 1;
	c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	if (is_small)
		av_opt_set(c->priv_data, "aac_coder", "fast", 0);
	if (avcodec_open2(c, codec, NULL) != 0)
		return broken(f, "AAC encoding", e);
	f->sound_frame->format = AV_SAMPLE_FMT_FLTP;
	f->sound_frame->sample_rate = SOURCE_SAMPLE_RATE;
	f->sound_frame->ch_layout = c->ch_layout;
	f->sound_frame->nb_samples = c->frame_size;
	if (av_frame_get_buffer(f->sound_frame, 0) != 0)
		return broken(f, "AAC encoding", e);
	/*
	 * The encoder puts initial_padding samples before the first.  A fragmented file whose head is
	 * written first has no edit list to hide them, so the same stretch of real sound is left out:
	 * sample n of the file is then heard at n / 48000 s, as it was caught.
	 */
	f->samples = c->initial_padding;
	return true;
}

static AVStream *
stream_new(struct mp4file *f, const AVCodecContext *c)
{
	AVStream *s = avformat_new_stream(f->muxer, NULL);

	if (s == NULL || avcodec_parameters_from_context(s->codecpar, c) < 0)
		return NULL;
	s->time_base = c->time_base;
	s->avg_frame_rate = c->framerate;
	return s;
}

static void
muxer_describe(struct mp4file *f)
{
	time_t second = (time_t)(f->conf.start_us / 1000000);
	char day[24], when[48];
	struct tm utc;

	gmtime_r(&second, &utc);
	strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(when, sizeof when, "%s.%06dZ", day, (int)(f->conf.start_us % 1000000));
	av_dict_set(&f->muxer->metadata, "creation_time", when, 0);
	av_dict_set(&f->muxer->metadata, "title", f->conf.title, 0);
}

static bool
muxer_open(struct mp4file *f, struct err *e)
{
	AVDictionary *options = NULL;
	unsigned char *block;
	int failed;

	if (avformat_alloc_output_context2(&f->muxer, NULL, "mp4", NULL) < 0)
		return broken(f, "the MP4 writer", e);
	block = av_malloc(AVIO_BYTES);
	XASSERT(block != NULL);
	f->muxer->pb = avio_alloc_context(block, AVIO_BYTES, 1, f, NULL, muxer_wrote, NULL);
	XASSERT(f->muxer->pb != NULL);
	f->muxer->pb->seekable = 0;
	f->muxer->flags |= AVFMT_FLAG_CUSTOM_IO;
	f->video_stream = stream_new(f, f->video);
	f->sound_stream = f->sound != NULL ? stream_new(f, f->sound) : NULL;
	if (f->video_stream == NULL || (f->sound != NULL && f->sound_stream == NULL))
		return broken(f, "the MP4 writer", e);
	muxer_describe(f);
	av_dict_set(&options, "movflags", "frag_custom+empty_moov+default_base_moof", 0);
	failed = avformat_write_header(f->muxer, &options);
	av_dict_free(&options);
	return failed >= 0 ? file_flush(f, e) : broken(f, "the MP4 writer", e);
}

static void
mp4file_free(struct mp4file *f)
{
	if (f->muxer != NULL && f->muxer->pb != NULL) {
		av_freep(&f->muxer->pb->buffer);
		avio_context_free(&f->muxer->pb);
	}
	avformat_free_context(f->muxer);
	avcodec_free_context(&f->video);
	avcodec_free_context(&f->sound);
	av_frame_free(&f->video_frame);
	av_frame_free(&f->sound_frame);
	av_packet_free(&f->packet);
	buf_fini(&f->pending);
	digest_free(f->digest);
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}

static struct mp4file *
mp4file_new(const struct mp4conf *conf)
{
	struct mp4file *f = xcalloc(1, sizeof *f);

	f->conf = *conf;
	f->fd = -1;
	buf_init(&f->pending, FRAGMENT_MAX);
	f->digest = digest_new();
	f->video_frame = av_frame_alloc();
	f->sound_frame = av_frame_alloc();
	f->packet = av_packet_alloc();
	XASSERT(f->video_frame != NULL && f->sound_frame != NULL && f->packet != NULL);
	return f;
}

struct mp4file *
mp4file_open(const struct mp4conf *conf, struct err *e)
{
	struct mp4file *f = mp4file_new(conf);

	f->fd = open(conf->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (f->fd < 0)
		err_errno(e, ERR_DISK, errno, "cannot make %s", conf->path);
	else if (video_open(f, e) && (!conf->has_sound || sound_open(f, e)) && muxer_open(f, e))
		return f;
	if (f->fd >= 0)
		unlink(conf->path);
	mp4file_free(f);
	return NULL;
}

/* ---- frames ---- */

static int64_t
frame_us(const struct mp4file *f)
{
	return (int64_t)(1e6 / f->conf.rate);
}

/* Everything the encoder has ready goes to the muxer, which collects it for the fragment. */
static bool
drain(struct mp4file *f, AVCodecContext *c, AVStream *s, struct err *e)
{
	bool failed;
	int got;

	while ((got = avcodec_receive_packet(c, f->packet)) == 0) {
		if (s == f->video_stream && f->packet->duration == 0)
			f->packet->duration = lround(TICKS / f->conf.rate);
		f->packet->stream_index = s->index;
		av_packet_rescale_ts(f->packet, c->time_base, s->time_base);
		failed = av_write_frame(f->muxer, f->packet) < 0;
		av_packet_unref(f->packet);
		if (failed)
			return broken(f, "the MP4 writer", e);
	}
	return got == AVERROR(EAGAIN) || got == AVERROR_EOF || broken(f, "encoding", e);
}

static bool
fragment_end(struct mp4file *f, struct err *e)
{
	return av_write_frame(f->muxer, NULL) >= 0 ? file_flush(f, e) : broken(f, "the MP4 writer", e);
}

static bool
video_send(struct mp4file *f, const struct picture *p, int64_t pts_us, bool is_key)
{
	AVFrame *v = f->video_frame;

	v->format = AV_PIX_FMT_YUVJ420P;
	v->color_range = AVCOL_RANGE_JPEG;
	v->width = p->width_px;
	v->height = p->height_px;
	v->data[0] = p->y;		/* not reference-counted: the encoder copies it */
	v->data[1] = p->u;
	v->data[2] = p->v;
	v->linesize[0] = p->stride;
	v->linesize[1] = v->linesize[2] = p->chroma_stride;
	v->pts = av_rescale(pts_us, TICKS, 1000000);
	v->pict_type = is_key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
	return avcodec_send_frame(f->video, v) == 0;
}

bool
mp4file_video(struct mp4file *f, const struct picture *p, int64_t pts_us, struct err *e)
{
	bool is_key = f->end_us == 0 || pts_us - f->key_us >= 1000000 - frame_us(f) / 2;
	int64_t fragments = (f->end_us + frame_us(f) / 2) / FRAGMENT_US;

	if (f->is_broken)
		return err_set(e, ERR_DISK, "%s was ended before", f->conf.path);
	if (is_key)
		f->key_us = pts_us;
	f->end_us = pts_us + frame_us(f);
	if (!video_send(f, p, pts_us, is_key))
		return broken(f, "H.264 encoding", e);
	if (!drain(f, f->video, f->video_stream, e))
		return false;
	/* With the last frame of each half second, not with the first of the next: a full second is on disk when it is over. */
	return (f->end_us + frame_us(f) / 2) / FRAGMENT_US == fragments || fragment_end(f, e);
}

static bool
sound_send(struct mp4file *f, struct err *e)
{
	AVFrame *s = f->sound_frame;
	int whole = s->nb_samples;
	bool sent;

	s->nb_samples = f->filled;
	s->pts = f->samples - f->filled;
	sent = avcodec_send_frame(f->sound, s) == 0;
	s->nb_samples = whole;
	f->filled = 0;
	if (!sent)
		return broken(f, "AAC encoding", e);
	return drain(f, f->sound, f->sound_stream, e);
}

bool
mp4file_sound(struct mp4file *f, const float *samples, int count, struct err *e)
{
	int part, room;

	if (f->is_broken || f->sound == NULL)
		return !f->is_broken;
	while (count > 0) {
		if (f->filled == 0 && av_frame_make_writable(f->sound_frame) != 0)
			return broken(f, "AAC encoding", e);
		room = f->sound_frame->nb_samples - f->filled;
		part = count < room ? count : room;
		memcpy((float *)(void *)f->sound_frame->data[0] + f->filled, samples, (size_t)part * sizeof *samples);
		samples += part;
		count -= part;
		f->filled += part;
		f->samples += part;
		if (part == room && !sound_send(f, e))
			return false;
	}
	return true;
}

int64_t
mp4file_samples(const struct mp4file *f)
{
	return f->samples;
}

int64_t
mp4file_bytes(const struct mp4file *f)
{
	return f->bytes;
}

int64_t
mp4file_end_us(const struct mp4file *f)
{
	return f->end_us;
}

bool
mp4file_is_full(const struct mp4file *f)
{
	return f->is_full;
}

static bool
finish(struct mp4file *f, struct err *e)
{
	if (f->is_broken)
		return err_set(e, ERR_DISK, "%s was ended before", f->conf.path);
	if (f->filled > 0 && !sound_send(f, e))
		return false;
	avcodec_send_frame(f->video, NULL);
	if (!drain(f, f->video, f->video_stream, e))
		return false;
	if (f->sound != NULL) {
		avcodec_send_frame(f->sound, NULL);
		if (!drain(f, f->sound, f->sound_stream, e))
			return false;
	}
	return av_write_trailer(f->muxer) >= 0 ? file_flush(f, e) : broken(f, "the MP4 writer", e);
}

bool
mp4file_close(struct mp4file *f, struct mp4sum *sum, struct err *e)
{
	bool fine = finish(f, e);

	digest_hex(f->digest, sum->sha256);
	sum->bytes = f->bytes;
	sum->end_us = f->end_us;
	if (f->is_broken && !mp4probe_duration(f->conf.path, &sum->end_us, NULL))
		sum->end_us = 0;	/* frames that were given, but did not reach the file, do not count */
	sum->is_full = f->is_full;
	mp4file_free(f);
	return fine;
}

void
mp4file_abandon(struct mp4file *f)
{
	if (f != NULL)
		mp4file_free(f);
}

void
mp4file_warm(void)
{
	const struct mp4conf conf = { .width_px = 640, .height_px = 360, .rate = 30, .bitrate_bps = 1000000 };
	struct mp4file *f = mp4file_new(&conf);
	struct picture p = { 0 };

	picture_resize(&p, conf.width_px, conf.height_px);
	if (video_open(f, NULL) && sound_open(f, NULL))
		for (int i = 0; i < 2; i++) {
			video_send(f, &p, i * 33333, i == 0);
			avcodec_receive_packet(f->video, f->packet);
			av_packet_unref(f->packet);
		}
	picture_fini(&p);
	mp4file_free(f);
}
