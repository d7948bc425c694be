/*
 * source_file.c - a video file played round and round as if it were a camera.
 * Owns two readers of the file, one for pictures and one for sound, both placed by the same clock.
 * Never plays what nobody asks for: after a pause it goes on where it would be by then.
 */
#include <libavutil/channel_layout.h>
#include <libswresample/swresample.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "base/xalloc.h"
#include "camera/demux.h"
#include "camera/fit.h"
#include "camera/source.h"

#define JUMP_US 2000000		/* further ahead than this it is cheaper to seek */
#define SLIP_SAMPLES 960	/* 20 ms: sound that far off is placed anew */
#define BLOCK_SAMPLES 8192
#define LEVEL_AGE_US 2000000
#define SILENCE_CB (-960)	/* tenths of a dB */

struct pictures {
	struct demux *demux;
	AVFrame *now, *next;
	int64_t now_us, next_us;	/* -1: there is none */
	struct fit *fit;
};

struct sounds {
	struct demux *demux;		/* NULL: the file is silent */
	AVFrame *frame;
	SwrContext *resampler;
	float block[BLOCK_SAMPLES];	/* decoded, not yet given */
	int have, given;
	int64_t at;			/* place in the file of block[given], in samples */
	atomic_int peak_cb, rms_cb;	/* of the last sound given, tenths of a dBFS */
	atomic_llong measured_us;	/* node's clock */
};

struct file_source {
	struct source base;
	int64_t start_us, length_us;
	struct pictures pictures;
	struct sounds sounds;
};

/* The place in the file at the node's time. */
static int64_t
place_us(const struct file_source *f, int64_t time_us)
{
	int64_t into_us = (time_us - f->start_us) % f->length_us;

	return into_us < 0 ? into_us + f->length_us : into_us;
}

/* ---- pictures ---- */

static void
pictures_advance(struct pictures *p)
{
	AVFrame *spare = p->now;

	p->now = p->next;
	p->now_us = p->next_us;
	p->next = spare;
	if (!demux_next(p->demux, p->next, &p->next_us))
		p->next_us = -1;
}

static bool
pictures_seek(struct pictures *p, int64_t at_us)
{
	demux_seek(p->demux, at_us);
	if (!demux_next(p->demux, p->next, &p->next_us))
		return false;
	pictures_advance(p);
	return true;
}

/* The frame that shows at at_us into p->now. */
static bool
pictures_find(struct pictures *p, int64_t at_us)
{
	if ((p->now_us < 0 || at_us < p->now_us || at_us > p->now_us + JUMP_US) && !pictures_seek(p, at_us))
		return false;
	while (p->next_us >= 0 && p->next_us <= at_us)
		pictures_advance(p);
	return true;
}

static bool
file_draw(struct source *s, const struct scene *scene, struct picture *out, struct err *e)
{
	struct file_source *f = (struct file_source *)s;
	struct pictures *p = &f->pictures;

	if (!pictures_find(p, place_us(f, scene->time_us)))
		return err_set(e, ERR_FORMAT, "the video file gives no picture any more");
	return fit_draw(p->fit, p->now, scene, out) || err_set(e, ERR_FORMAT, "the video file's pictures cannot be scaled");
}

/* ---- sound ---- */

/* What the decoded frame gives; a long frame gives several blocks, count 0 asks for the next one. */
static bool
sounds_convert(struct sounds *q, int count)
{
	uint8_t *out[1] = { (uint8_t *)q->block };

	q->given = 0;
	q->have = swr_convert(q->resampler, out, BLOCK_SAMPLES, (const uint8_t **)q->frame->extended_data, count);
	if (q->have < 0)
		q->have = 0;
	return q->have > 0;
}

static bool
sounds_decode(struct sounds *q)
{
	int64_t at_us;

	if (q->have == BLOCK_SAMPLES && sounds_convert(q, 0))
		return true;
	return demux_next(q->demux, q->frame, &at_us) && (sounds_convert(q, q->frame->nb_samples) || q->have == 0);
}

/* A seek lands before the place; what lies between is dropped. */
static void
sounds_seek(struct sounds *q, int64_t at)
{
	int64_t at_us = at * 1000000 / SOURCE_SAMPLE_RATE, found_us;

	demux_seek(q->demux, at_us);
	swr_close(q->resampler);
	swr_init(q->resampler);
	q->have = q->given = 0;
	q->at = at;
	if (!demux_next(q->demux, q->frame, &found_us))
		return;
	sounds_convert(q, q->frame->nb_samples);
	q->at = found_us * SOURCE_SAMPLE_RATE / 1000000;
	while (q->at + (q->have - q->given) <= at) {
		q->at += q->have - q->given;
		if (!sounds_decode(q))
			return;
	}
	if (at > q->at) {
		q->given += (int)(at - q->at);
		q->at = at;
	}
}

/* From the place `at` on; past the end of the stream there is silence. */
static void
sounds_give(struct sounds *q, int64_t at, float *out, int count)
{
	int part;

	if (llabs(at - q->at) > SLIP_SAMPLES)
		sounds_seek(q, at);
	while (count > 0) {
		if (q->given >= q->have && !sounds_decode(q)) {
			memset(out, 0, (size_t)count * sizeof *out);
			q->at += count;
			return;
		}
		part = q->have - q->given < count ? q->have - q->given : count;
		memcpy(out, q->block + q->given, (size_t)part * sizeof *out);
		q->given += part;
		q->at += part;
		out += part;
		count -= part;
	}
}

static int
tenths_of_db(double gain)
{
	return gain < 1.6e-5 ? SILENCE_CB : (int)lround(200 * log10(gain));
}

static void
sounds_measure(struct sounds *q, const float *out, int count, int64_t time_us)
{
	double peak = 0, sum = 0;

	for (int i = 0; i < count; i++) {
		peak = fabs((double)out[i]) > peak ? fabs((double)out[i]) : peak;
		sum += (double)out[i] * (double)out[i];
	}
	atomic_store(&q->peak_cb, tenths_of_db(peak));
	atomic_store(&q->rms_cb, tenths_of_db(sqrt(sum / count)));
	atomic_store(&q->measured_us, time_us);
}

static void
file_sound(struct source *s, int64_t from_us, float *out, int count)
{
	struct file_source *f = (struct file_source *)s;
	int64_t at = place_us(f, from_us) * SOURCE_SAMPLE_RATE / 1000000;
	int64_t left = f->length_us * SOURCE_SAMPLE_RATE / 1000000 - at;
	int before = left < count ? (int)left : count;

	sounds_give(&f->sounds, at, out, before);
	if (before < count)		/* round again */
		sounds_give(&f->sounds, 0, out + before, count - before);
	sounds_measure(&f->sounds, out, count, from_us);
}

/* Sound is decoded while it is recorded only. */
static bool
file_level(const struct source *s, int64_t time_us, double *peak_dbfs, double *rms_dbfs)
{
	const struct sounds *q = &((const struct file_source *)s)->sounds;

	*peak_dbfs = atomic_load(&q->peak_cb) / 10.0;
	*rms_dbfs = atomic_load(&q->rms_cb) / 10.0;
	return llabs(time_us - (int64_t)atomic_load(&q->measured_us)) < LEVEL_AGE_US;
}

/* ---- life ---- */

static void
file_free(struct source *s)
{
	struct file_source *f = (struct file_source *)s;

	fit_free(f->pictures.fit);
	av_frame_free(&f->pictures.now);
	av_frame_free(&f->pictures.next);
	demux_free(f->pictures.demux);
	swr_free(&f->sounds.resampler);
	av_frame_free(&f->sounds.frame);
	demux_free(f->sounds.demux);
	free(f);
}

static const struct source_ops file_ops = { file_draw, file_sound, file_level, file_free };

static bool
open_pictures(struct file_source *f, const char *path, struct err *e)
{
	struct pictures *p = &f->pictures;

	p->now = av_frame_alloc();
	p->next = av_frame_alloc();
	p->fit = fit_new();
	p->now_us = p->next_us = -1;
	XASSERT(p->now != NULL && p->next != NULL);
	p->demux = demux_open(path, false, e);
	if (p->demux == NULL)
		return false;
	f->length_us = demux_duration_us(p->demux);
	if (f->length_us > 0 && pictures_find(p, 0))
		return true;
	return err_set(e, ERR_USAGE, "%s has no pictures that can be played in a loop", path);
}

/* False: the file has sound, and it cannot be used. */
static bool
open_sounds(struct file_source *f, const char *path, struct err *e)
{
	struct sounds *q = &f->sounds;
	AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
	int64_t at_us;

	q->demux = demux_open(path, true, e);
	if (q->demux == NULL && e->kind == ERR_NOT_FOUND) {
		err_clear(e);
		return true;
	}
	if (q->demux == NULL)
		return false;
	q->frame = av_frame_alloc();
	XASSERT(q->frame != NULL);
	if (!demux_next(q->demux, q->frame, &at_us) ||
	    swr_alloc_set_opts2(&q->resampler, &mono, AV_SAMPLE_FMT_FLT, SOURCE_SAMPLE_RATE, &q->frame->ch_layout,
	    (enum AVSampleFormat)q->frame->format, q->frame->sample_rate, 0, NULL) != 0 || swr_init(q->resampler) != 0)
		return err_set(e, ERR_USAGE, "%s: its sound cannot be decoded", path);
	q->at = INT64_MIN / 2;		/* nowhere yet */
	f->base.has_sound = true;
	return true;
}

struct source *
source_file_open(const char *path, int64_t now_us, struct err *e)
{
	struct file_source *f = xcalloc(1, sizeof *f);

	f->base.ops = &file_ops;
	f->start_us = now_us;
	if (open_pictures(f, path, e) && open_sounds(f, path, e))
		return &f->base;
	file_free(&f->base);
	return NULL;
}
