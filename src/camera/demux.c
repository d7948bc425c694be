/*
 * demux.c - reading and decoding one stream of a file.
 * Owns the file and its decoder.  Never scales or resamples.
 */
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdlib.h>
#include "base/xalloc.h"
#include "camera/demux.h"

struct demux {
	AVFormatContext *file;
	AVCodecContext *decoder;
	AVPacket *packet;
	int stream;
	int64_t begin_us;		/* of the file: its times count from here */
	bool is_at_end;
};

static bool
open_decoder(struct demux *d, const char *path, struct err *e)
{
	const AVStream *s = d->file->streams[d->stream];
	const AVCodec *codec = avcodec_find_decoder(s->codecpar->codec_id);

	if (codec == NULL || (d->decoder = avcodec_alloc_context3(codec)) == NULL)
		return err_set(e, ERR_USAGE, "%s: no decoder for its codec", path);
	d->decoder->thread_count = 1;
	if (avcodec_parameters_to_context(d->decoder, s->codecpar) < 0 || avcodec_open2(d->decoder, codec, NULL) != 0)
		return err_set(e, ERR_USAGE, "%s: its codec cannot be decoded", path);
	return true;
}

struct demux *
demux_open(const char *path, bool is_sound, struct err *e)
{
	struct demux *d = xcalloc(1, sizeof *d);

	d->packet = av_packet_alloc();
	XASSERT(d->packet != NULL);
	if (avformat_open_input(&d->file, path, NULL, NULL) != 0 || avformat_find_stream_info(d->file, NULL) < 0) {
		err_set(e, ERR_USAGE, "%s is not a media file that can be opened", path);
		goto out;
	}
	d->stream = av_find_best_stream(d->file, is_sound ? AVMEDIA_TYPE_AUDIO : AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
	if (d->stream < 0) {
		err_set(e, ERR_NOT_FOUND, "%s has no %s in it", path, is_sound ? "sound" : "picture");
		goto out;
	}
	d->begin_us = d->file->start_time != AV_NOPTS_VALUE ? d->file->start_time : 0;
	if (open_decoder(d, path, e))
		return d;
out:
	demux_free(d);
	return NULL;
}

void
demux_free(struct demux *d)
{
	if (d == NULL)
		return;
	av_packet_free(&d->packet);
	avcodec_free_context(&d->decoder);
	avformat_close_input(&d->file);
	free(d);
}

int64_t
demux_duration_us(const struct demux *d)
{
	return d->file->duration != AV_NOPTS_VALUE ? d->file->duration : 0;
}

/* One more packet into the decoder; at the end of the file, the order to give up what it holds. */
static void
feed(struct demux *d)
{
	while (av_read_frame(d->file, d->packet) == 0) {
		bool is_ours = d->packet->stream_index == d->stream;

		if (is_ours)
			avcodec_send_packet(d->decoder, d->packet);
		av_packet_unref(d->packet);
		if (is_ours)
			return;
	}
	d->is_at_end = true;
	avcodec_send_packet(d->decoder, NULL);
}

bool
demux_next(struct demux *d, AVFrame *f, int64_t *at_us)
{
	int got;

	av_frame_unref(f);
	while ((got = avcodec_receive_frame(d->decoder, f)) == AVERROR(EAGAIN) && !d->is_at_end)
		feed(d);
	if (got != 0)
		return false;
	*at_us = 0;
	if (f->best_effort_timestamp != AV_NOPTS_VALUE)
		*at_us = av_rescale_q(f->best_effort_timestamp, d->file->streams[d->stream]->time_base,
		    (AVRational){ 1, 1000000 }) - d->begin_us;
	return true;
}

bool
demux_seek(struct demux *d, int64_t at_us)
{
	d->is_at_end = false;
	avcodec_flush_buffers(d->decoder);
	return avformat_seek_file(d->file, -1, INT64_MIN, d->begin_us + at_us, d->begin_us + at_us, 0) >= 0;
}
