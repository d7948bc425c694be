/*
 * av_angle.c - the flash in a picture and the beep in a sound, found by decoding the seconds around where they ought to be.
 * Owns the decoder for as long as it looks.  Never decides what a difference means.
 */
#include "io/av_angle.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/xalloc.h"

#define MAX_FRAMES 4096			/* of one look */
#define MAX_SAMPLES (8 * 192000)
#define LEAST_RISE 24.0			/* of 255: less is a light that changes */
#define HOP_US 2500			/* from one loudness to the next */
#define LONG_HOPS 40			/* a beep is told from shorter noises over so many */
#define SHORT_HOPS 6			/* and the begin of a noise found over these */
#define LOUD_SHARE 0.85			/* of the loudest: what else makes a noise is quieter */
#define TONE_WINDOWS 500		/* a second: a tone is listened for over 2 ms, four times in each */
#define TONE_GAP_US 40000
#define TONE_SHARE 0.5			/* of its strength, and of all that is heard: then it is there */
#define LEAST_LOUD 0.02

/* What is called of each library. */
#define OF_FORMAT(X) X(avformat_open_input) X(avformat_find_stream_info) X(av_find_best_stream) X(avformat_seek_file) \
	X(av_read_frame) X(avformat_close_input)
#define OF_CODEC(X) X(avcodec_find_decoder) X(avcodec_alloc_context3) X(avcodec_parameters_to_context) X(avcodec_open2) \
	X(avcodec_send_packet) X(avcodec_receive_frame) X(avcodec_free_context) X(av_packet_alloc) X(av_packet_unref) X(av_packet_free)
#define OF_UTIL(X) X(av_frame_alloc) X(av_frame_unref) X(av_frame_free) X(av_rescale_q) X(av_pix_fmt_desc_get) X(av_log_set_level)

struct av_angle_library {
	void *format, *codec, *util;
#define MEMBER(name) __typeof__(name) *name;
	OF_FORMAT(MEMBER)
	OF_CODEC(MEMBER)
	OF_UTIL(MEMBER)
#undef MEMBER
};

struct look {
	const struct av_angle_library *av;
	const char *path;
	AVFormatContext *file;
	AVCodecContext *decoder;
	AVPacket *packet;
	AVFrame *frame;
	int stream;
	int64_t begin_us;		/* of the picture: all times count from its first frame */
	int64_t from_us, until_us;
};

/* ---- The libraries ---- */

/* The version in its name is the one of the headers: another has other structs. */
#define NAME_OF(library, major) library ".so." AV_STRINGIFY(major)

static bool
find_all(struct av_angle_library *av)
{
	bool all = true;

#define FIND_FORMAT(name) *(void **)&av->name = dlsym(av->format, #name); all = all && av->name != NULL;
#define FIND_CODEC(name) *(void **)&av->name = dlsym(av->codec, #name); all = all && av->name != NULL;
#define FIND_UTIL(name) *(void **)&av->name = dlsym(av->util, #name); all = all && av->name != NULL;
	OF_FORMAT(FIND_FORMAT)
	OF_CODEC(FIND_CODEC)
	OF_UTIL(FIND_UTIL)
	return all;
}

struct av_angle_library *
av_angle_load(struct err *e)
{
	struct av_angle_library *av = xcalloc(1, sizeof *av);

	av->util = dlopen(NAME_OF("libavutil", LIBAVUTIL_VERSION_MAJOR), RTLD_NOW);
	av->codec = dlopen(NAME_OF("libavcodec", LIBAVCODEC_VERSION_MAJOR), RTLD_NOW);
	av->format = dlopen(NAME_OF("libavformat", LIBAVFORMAT_VERSION_MAJOR), RTLD_NOW);
	if (av->util == NULL || av->codec == NULL || av->format == NULL || !find_all(av)) {
		err_set(e, ERR_ENVIRONMENT, "to measure films needs FFmpeg's libraries: %s, %s and %s", NAME_OF("libavformat", LIBAVFORMAT_VERSION_MAJOR),
		    NAME_OF("libavcodec", LIBAVCODEC_VERSION_MAJOR), NAME_OF("libavutil", LIBAVUTIL_VERSION_MAJOR));
		av_angle_unload(av);
		return NULL;
	}
	av->av_log_set_level(AV_LOG_QUIET);
	return av;
}

/* They stay in the process: to take a library out that had threads is to ask for trouble. */
void
av_angle_unload(struct av_angle_library *av)
{
	free(av);
}

/* ---- One stream decoded ---- */

static int64_t
stream_begin_us(const struct look *l, const AVStream *s)
{
	return s->start_time != AV_NOPTS_VALUE ? l->av->av_rescale_q(s->start_time, s->time_base, (AVRational){ 1, 1000000 }) : 0;
}

static bool
look_open(struct look *l, enum AVMediaType kind, struct err *e)
{
	const AVStream *s;
	const AVCodec *codec;
	int picture;

	if (l->av->avformat_open_input(&l->file, l->path, NULL, NULL) != 0 || l->av->avformat_find_stream_info(l->file, NULL) < 0)
		return err_set(e, ERR_FORMAT, "%s is no recording that can be read", l->path);
	picture = l->av->av_find_best_stream(l->file, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
	l->begin_us = picture >= 0 ? stream_begin_us(l, l->file->streams[picture]) : 0;
	l->stream = l->av->av_find_best_stream(l->file, kind, -1, -1, NULL, 0);
	if (l->stream < 0)
		return err_set(e, ERR_NOT_FOUND, "%s has no %s", l->path, kind == AVMEDIA_TYPE_VIDEO ? "picture" : "sound");
	s = l->file->streams[l->stream];
	codec = l->av->avcodec_find_decoder(s->codecpar->codec_id);
	l->decoder = codec != NULL ? l->av->avcodec_alloc_context3(codec) : NULL;
	if (l->decoder == NULL)
		return err_set(e, ERR_FORMAT, "%s: nothing here decodes it", l->path);
	l->decoder->thread_count = 1;
	l->packet = l->av->av_packet_alloc();
	l->frame = l->av->av_frame_alloc();
	XASSERT(l->packet != NULL && l->frame != NULL);
	return (l->av->avcodec_parameters_to_context(l->decoder, s->codecpar) >= 0 && l->av->avcodec_open2(l->decoder, codec, NULL) == 0) ||
	    err_set(e, ERR_FORMAT, "%s: nothing here decodes it", l->path);
}

static void
look_close(struct look *l)
{
	l->av->av_frame_free(&l->frame);
	l->av->av_packet_free(&l->packet);
	l->av->avcodec_free_context(&l->decoder);
	l->av->avformat_close_input(&l->file);
}

/* The instant of the decoded frame, from the first picture on. */
static int64_t
frame_at_us(const struct look *l)
{
	int64_t at = l->frame->best_effort_timestamp;

	if (at == AV_NOPTS_VALUE)
		return INT64_MIN;
	return l->av->av_rescale_q(at, l->file->streams[l->stream]->time_base, (AVRational){ 1, 1000000 }) - l->begin_us;
}

typedef bool look_fn(void *arg, const struct look *l, int64_t at_us);	/* false: enough */

static bool
look_take_frames(struct look *l, look_fn *fn, void *arg)
{
	while (l->av->avcodec_receive_frame(l->decoder, l->frame) == 0) {
		int64_t at_us = frame_at_us(l);
		bool goes_on = at_us < l->from_us || (at_us <= l->until_us && fn(arg, l, at_us));

		l->av->av_frame_unref(l->frame);
		if (!goes_on)
			return false;
	}
	return true;
}

/* From the last key frame before the stretch to its end. */
static void
look_run(struct look *l, look_fn *fn, void *arg)
{
	bool goes_on = true;

	if (l->from_us > 0)
		(void)l->av->avformat_seek_file(l->file, -1, INT64_MIN, l->begin_us + l->from_us, l->begin_us + l->from_us, 0);
	while (goes_on && l->av->av_read_frame(l->file, l->packet) == 0) {
		if (l->packet->stream_index == l->stream && l->av->avcodec_send_packet(l->decoder, l->packet) == 0)
			goes_on = look_take_frames(l, fn, arg);
		l->av->av_packet_unref(l->packet);
	}
	if (goes_on && l->av->avcodec_send_packet(l->decoder, NULL) == 0)
		(void)look_take_frames(l, fn, arg);
}

/* ---- The flash ---- */

struct light {
	int count;
	int64_t at_us[MAX_FRAMES];
	double luma[MAX_FRAMES];	/* 0..255, the mean */
};

static unsigned
pixel(const uint8_t *at, const AVComponentDescriptor *c)
{
	unsigned v = c->depth + c->shift > 8 ? (unsigned)at[0] | (unsigned)at[1] << 8 : at[0];

	v = (v >> c->shift) & ((1u << c->depth) - 1);
	return c->depth > 8 ? v >> (c->depth - 8) : v;
}

static double
mean_luma(const struct look *l, const AVFrame *f)
{
	const AVPixFmtDescriptor *desc = l->av->av_pix_fmt_desc_get((enum AVPixelFormat)f->format);
	const AVComponentDescriptor *c;
	double sum = 0;
	int64_t count = 0;

	if (desc == NULL || (desc->flags & (AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BITSTREAM)) != 0)
		return -1;
	c = &desc->comp[0];
	for (int y = 0; y < f->height; y += 4)
		for (int x = 0; x < f->width; x += 4, count++)
			sum += pixel(f->data[c->plane] + (ptrdiff_t)y * f->linesize[c->plane] + (ptrdiff_t)x * c->step + c->offset, c);
	return count > 0 ? sum / (double)count : -1;
}

static bool
light_frame(void *arg, const struct look *l, int64_t at_us)
{
	struct light *light = arg;

	if (light->count == MAX_FRAMES)
		return false;
	light->at_us[light->count] = at_us;
	light->luma[light->count] = mean_luma(l, l->frame);
	light->count++;
	return true;
}

static int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(const double *v, int n)
{
	double *copy = xmalloc((size_t)n * sizeof *copy), out;

	memcpy(copy, v, (size_t)n * sizeof *copy);
	qsort(copy, (size_t)n, sizeof *copy, by_value);
	out = copy[n / 2];
	free(copy);
	return out;
}

/* The first frame that is more than halfway from what is usual to what is brightest, and was not so before. */
static void
find_flash(const struct light *light, struct av_angle *out)
{
	double usual, brightest = -1, halfway;

	out->frames = light->count;
	if (light->count < 3)
		return;
	usual = median(light->luma, light->count);
	for (int i = 0; i < light->count; i++)
		if (light->luma[i] > brightest)
			brightest = light->luma[i];
	halfway = (usual + brightest) / 2;
	if (brightest - usual < LEAST_RISE)
		return;
	for (int i = 1; i < light->count && !out->has_flash; i++) {
		if (light->luma[i] <= halfway || light->luma[i - 1] > halfway)
			continue;
		out->has_flash = true;
		out->flash_us = light->at_us[i];
		out->frame_us = light->at_us[i] - light->at_us[i - 1];
	}
}

static bool
look_at_picture(const struct av_angle_library *av, const char *path, int64_t from_us, int64_t until_us, struct av_angle *out, struct err *e)
{
	struct look l = { .av = av, .path = path, .from_us = from_us, .until_us = until_us };
	struct light *light = xcalloc(1, sizeof *light);
	bool ok = look_open(&l, AVMEDIA_TYPE_VIDEO, e);

	if (ok) {
		look_run(&l, light_frame, light);
		find_flash(light, out);
	}
	look_close(&l);
	free(light);
	return ok;
}

/* ---- The beep ---- */

struct noise {
	int rate;
	int64_t at_us;			/* of the first sample */
	int count;
	float *samples;			/* of the first channel */
};

static bool
sample_of(const AVFrame *f, int i, int channels, float *out)
{
	switch (f->format) {
	case AV_SAMPLE_FMT_FLTP: *out = ((const float *)(const void *)f->data[0])[i]; return true;
	case AV_SAMPLE_FMT_FLT: *out = ((const float *)(const void *)f->data[0])[i * channels]; return true;
	case AV_SAMPLE_FMT_S16P: *out = (float)((const int16_t *)(const void *)f->data[0])[i] / 32768.0F; return true;
	case AV_SAMPLE_FMT_S16: *out = (float)((const int16_t *)(const void *)f->data[0])[i * channels] / 32768.0F; return true;
	case AV_SAMPLE_FMT_S32P: *out = (float)((const int32_t *)(const void *)f->data[0])[i] / 2147483648.0F; return true;
	case AV_SAMPLE_FMT_S32: *out = (float)((const int32_t *)(const void *)f->data[0])[i * channels] / 2147483648.0F; return true;
	default: return false;
	}
}

static bool
noise_frame(void *arg, const struct look *l, int64_t at_us)
{
	struct noise *n = arg;
	const AVFrame *f = l->frame;

	if (n->count == 0) {
		n->at_us = at_us;
		n->rate = f->sample_rate;
	}
	for (int i = 0; i < f->nb_samples; i++)
		if (n->count == MAX_SAMPLES || !sample_of(f, i, f->ch_layout.nb_channels, &n->samples[n->count++]))
			return false;
	return true;
}

static double
loudness(const struct noise *n, int from, int count)
{
	double sum = 0;

	for (int i = from; i < from + count; i++)
		sum += (double)n->samples[i] * (double)n->samples[i];
	return sqrt(sum / count);
}

/* The first stretch of so many samples, beginning at from or up to until, that is nearly as loud as the loudest; -1: none. */
static int
first_loud(const struct noise *n, int from, int until, int span, int hop, double *loudest)
{
	*loudest = 0;
	for (int i = from; i <= until && i + span <= n->count; i += hop) {
		double now = loudness(n, i, span);

		*loudest = now > *loudest ? now : *loudest;
	}
	for (int i = from; i <= until && i + span <= n->count; i += hop)
		if (loudness(n, i, span) >= LOUD_SHARE * *loudest)
			return i;
	return -1;
}

static int
loudest_at(const struct noise *n, int span, int hop, double *loudest)
{
	int at = -1;

	*loudest = 0;
	for (int i = 0; i + span <= n->count; i += hop) {
		double now = loudness(n, i, span);

		if (now > *loudest) {
			*loudest = now;
			at = i;
		}
	}
	return at;
}

/* How strong that tone is there, as an amplitude (Goertzel). */
static double
tone_strength(const struct noise *n, int from, int count, double hz)
{
	const double k = 2 * cos(2 * M_PI * hz / n->rate);
	double s1 = 0, s2 = 0;

	for (int i = from; i < from + count; i++) {
		double s0 = (double)n->samples[i] + k * s1 - s2;

		s2 = s1;
		s1 = s0;
	}
	return 2 * sqrt(fmax(0, s1 * s1 + s2 * s2 - k * s1 * s2)) / count;
}

/* What is heard there by its crossings of zero. */
static double
pitch_hz(const struct noise *n, int from, int count)
{
	int crossings = 0;

	for (int i = from + 1; i < from + count; i++)
		crossings += (n->samples[i - 1] < 0) != (n->samples[i] < 0);
	return (double)crossings * n->rate / (2.0 * count);
}

/*
 * The begin of a tone that is there at `at`: going back from there, as long as it is heard at half of its strength, with
 * gaps that a codec may leave.  What it smears in front of the tone, and other tones next to it, are not it.
 */
static int
tone_begin(const struct noise *n, int at, int span, double hz, double strength)
{
	const int window = n->rate / TONE_WINDOWS, step = window / 4, gap = (int)((int64_t)n->rate * TONE_GAP_US / 1000000);
	int first = at + span / 2;

	for (int i = first; i >= 0 && first - i <= gap; i -= step)
		if (tone_strength(n, i, window, hz) >= TONE_SHARE * strength)
			first = i;
	return first < gap ? -1 : first + window / 2 - step / 2;
}

/* Of a noise without a tone: where it gets loud; there, the first sample that is. */
static int
noise_begin(const struct noise *n, int at, int span, int hop)
{
	const int shorter = SHORT_HOPS * hop, before = at > span ? at - span : 0;
	double loudest;
	int first = first_loud(n, before, at + span, shorter, hop, &loudest);

	if (first < hop)
		return -1;		/* it began before we looked */
	for (int i = first - hop; i < first + shorter; i++)
		if (fabs((double)n->samples[i]) >= LOUD_SHARE * loudest)
			return i;
	return -1;
}

static void
find_beep(const struct noise *n, struct av_angle *out)
{
	const int hop = (int)((int64_t)n->rate * HOP_US / 1000000), span = LONG_HOPS * hop;
	double loudest, hz, strength;
	int at, begin;

	if (hop < 1 || n->count < 2 * span)
		return;
	at = loudest_at(n, span, hop, &loudest);
	if (at < 0 || loudest < LEAST_LOUD)
		return;
	hz = pitch_hz(n, at, span);
	strength = tone_strength(n, at, span, hz);
	if (strength / sqrt(2) >= TONE_SHARE * loudest)
		begin = tone_begin(n, at, span, hz, strength);
	else
		begin = noise_begin(n, at, span, hop);
	if (begin < 0)
		return;
	out->has_beep = true;
	out->beep_us = n->at_us + (int64_t)begin * 1000000 / n->rate;
}

/* A recording without sound is still one. */
static void
look_at_sound(const struct av_angle_library *av, const char *path, int64_t from_us, int64_t until_us, struct av_angle *out)
{
	struct look l = { .av = av, .path = path, .from_us = from_us, .until_us = until_us };
	struct noise n = { .samples = NULL };
	struct err ignored;

	if (look_open(&l, AVMEDIA_TYPE_AUDIO, &ignored)) {
		n.samples = xmalloc(MAX_SAMPLES * sizeof *n.samples);
		look_run(&l, noise_frame, &n);
		find_beep(&n, out);
	}
	look_close(&l);
	free(n.samples);
}

bool
av_angle_measure(const struct av_angle_library *av, const char *path, int64_t around_us, int64_t within_us, struct av_angle *out, struct err *e)
{
	*out = (struct av_angle){ .has_flash = false };
	if (!look_at_picture(av, path, around_us - within_us, around_us + within_us, out, e))
		return false;
	look_at_sound(av, path, around_us - within_us, around_us + within_us, out);
	return true;
}
