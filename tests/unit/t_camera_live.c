/*
 * t_camera_live.c - sources with a clock of their own: which of their pictures become frames and when, what happens while
 * there are none, how pictures are kept and decoded; and a video device of this machine, made up call by call, because no
 * real one can be had where tests run.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "camera/caught.h"
#include "camera/engine.h"
#include "camera/still.h"
#include "camera/v4l2dev.h"
#include "support/loop_fake.h"

#define SHOTS 256
#define PERIOD_US 33333

/* ---- a client that wants everything ---- */

struct eager {
	bool is_on;
	int works, blanks, good;
	int64_t mono_us[SHOTS], frame[SHOTS];
	uint8_t grey[SHOTS];		/* the picture's first sample */
};

static int64_t
eager_next(void *arg, int64_t after_us)
{
	return ((struct eager *)arg)->is_on ? after_us + 1 : ENGINE_NEVER;
}

static int
eager_width(void *arg)
{
	(void)arg;
	return 0;
}

static bool
eager_begin(void *arg, const struct shot *shot)
{
	(void)shot;
	return ((struct eager *)arg)->is_on;
}

static void
eager_work(void *arg, const struct shot *shot, const struct picture *p, struct source *source)
{
	struct eager *g = arg;

	(void)source;
	assert_int_equal(p == NULL, shot->is_lost);
	if (p == NULL)
		return;
	assert_true(g->good < SHOTS);
	g->mono_us[g->good] = shot->mono_us;
	g->frame[g->good] = shot->scene.frame;
	g->grey[g->good++] = p->y[0];
}

static void
eager_done(void *arg, const struct shot *shot)
{
	struct eager *g = arg;

	g->works++;
	g->blanks += shot->is_blank;
}

static const struct engine_client eager_client = { eager_next, eager_width, eager_begin, eager_work, eager_done };

/* ---- a source whose pictures come when the test says ---- */

struct puppet {
	struct source base;
	struct caught *caught;
	loop_fn *tell;
	void *tell_arg;
};

static void
puppet_start(struct source *s, struct loop *loop, loop_fn *tell, void *arg)
{
	struct puppet *p = (struct puppet *)s;

	(void)loop;
	p->tell = tell;
	p->tell_arg = arg;
}

static void
puppet_stop(struct source *s)
{
	((struct puppet *)s)->tell = NULL;
}

static bool
puppet_next(struct source *s, int64_t after, int64_t *number, int64_t *mono_us)
{
	return caught_next(((struct puppet *)s)->caught, after, number, mono_us);
}

static bool
puppet_draw(struct source *s, const struct scene *scene, struct picture *out, struct err *e)
{
	return caught_draw(((struct puppet *)s)->caught, scene, out, e);
}

static const struct source_ops puppet_ops = { .draw = puppet_draw };
static const struct source_live puppet_live = { puppet_start, puppet_stop, puppet_next };

struct bench {
	struct loop *loop;
	struct puppet puppet;
	struct engine *engine;
	struct eager eager;
	int failures, stopped;
};

static void
bench_scene(void *arg, struct scene *scene, int64_t mono_us)
{
	(void)arg;
	scene->time_us = scene->steady_us = mono_us;
	scene->name = "x";
	scene->zoom = 1;
}

static void
bench_failed(void *arg, const char *why)
{
	assert_string_equal(why, "the camera has given no picture for 5 s");
	((struct bench *)arg)->failures++;
}

static void
bench_stopped(void *arg)
{
	((struct bench *)arg)->stopped++;
}

static const struct engine_fns bench_fns = { bench_scene, bench_failed };

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	b->loop = loop_fake_new();
	b->puppet.base.ops = &puppet_ops;
	b->puppet.base.live = &puppet_live;
	b->puppet.caught = caught_new();
	caught_format(b->puppet.caught, CAUGHT_YUYV, 160, 90, 320);
	b->engine = engine_new(b->loop, &b->puppet.base, &bench_fns, b);
	engine_add(b->engine, &eager_client, &b->eager);
	engine_format(b->engine, 160, 90, 30);
	b->eager.is_on = true;
	engine_poke(b->engine);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	engine_stop(b->engine, bench_stopped, b);
	loop_fake_turn(b->loop);
	assert_int_equal(b->stopped, 1);
	engine_free(b->engine);
	caught_free(b->puppet.caught);
	assert_int_equal(loop_fake_alive(b->loop), 0);
	loop_free(b->loop);
	free(b);
	return 0;
}

/* A grey picture, caught that long ago. */
static void
show(struct bench *b, uint8_t grey, int64_t ago_us)
{
	static uint8_t yuyv[160 * 90 * 2];

	for (size_t i = 0; i < sizeof yuyv; i++)
		yuyv[i] = i % 2 == 0 ? grey : 128;
	assert_true(caught_put(b->puppet.caught, yuyv, sizeof yuyv, loop_now_us(b->loop) - ago_us));
	b->puppet.tell(b->puppet.tell_arg);
	loop_fake_turn(b->loop);
	loop_fake_advance(b->loop, 0);
	loop_fake_turn(b->loop);
}

static void
a_frame_is_made_of_each_picture_at_its_own_instant(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 10; i++) {
		loop_fake_advance(b->loop, PERIOD_US);
		show(b, (uint8_t)(100 + i), 4000);
		assert_int_equal(b->eager.good, i + 1);
		assert_int_equal(b->eager.mono_us[i], loop_now_us(b->loop) - 4000);
	}
	for (int i = 1; i < 10; i++) {
		assert_int_equal(b->eager.frame[i], b->eager.frame[i - 1] + 1);
		assert_true(b->eager.grey[i] > b->eager.grey[i - 1]);
	}
	assert_int_equal(b->eager.blanks, 0);
}

/* The same frame numbers are missing that a person would miss. */
static void
a_gap_is_seen_in_the_numbers(void **state)
{
	struct bench *b = *state;

	loop_fake_advance(b->loop, PERIOD_US);
	show(b, 100, 0);
	loop_fake_advance(b->loop, 4 * PERIOD_US);
	show(b, 100, 0);
	loop_fake_advance(b->loop, PERIOD_US);
	show(b, 100, 0);
	assert_int_equal(b->eager.frame[1] - b->eager.frame[0], 4);
	assert_int_equal(b->eager.frame[2] - b->eager.frame[1], 1);
}

/* A clock a third of a per cent slow is no camera that drops frames. */
static void
a_clock_a_little_off_drops_nothing(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 250; i++) {
		loop_fake_advance(b->loop, PERIOD_US + 110);
		show(b, 100, i % 3 * 2000);
	}
	assert_int_equal(b->eager.good, 250);
	assert_int_equal(b->eager.frame[249] - b->eager.frame[0], 249);
}

static void
a_faster_camera_is_thinned_out(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 120; i++) {
		loop_fake_advance(b->loop, PERIOD_US / 2);
		show(b, 100, 0);
	}
	assert_in_range(b->eager.good, 59, 61);
	assert_in_range(b->eager.frame[b->eager.good - 1] - b->eager.frame[0], b->eager.good - 1, b->eager.good + 1);
}

static void
silence_is_told_soon_and_is_a_loss_after_five_seconds(void **state)
{
	struct bench *b = *state;

	loop_fake_advance(b->loop, 499000);
	assert_int_equal(b->eager.blanks, 0);
	loop_fake_advance(b->loop, 2000);
	assert_int_equal(b->eager.blanks, 1);
	loop_fake_advance(b->loop, 4000000);
	assert_int_equal(b->failures, 0);
	loop_fake_advance(b->loop, 600000);
	assert_int_equal(b->failures, 1);
	show(b, 100, 0);
	assert_int_equal(b->eager.good, 1);
	loop_fake_advance(b->loop, 4900000);
	assert_int_equal(b->failures, 1);
}

/* As a recording that is to begin ahead: no turns meanwhile but those of the clock. */
static void
nothing_is_done_while_nobody_wants_a_picture(void **state)
{
	struct bench *b = *state;

	b->eager.is_on = false;
	engine_poke(b->engine);
	loop_fake_advance(b->loop, 10000000);
	show(b, 100, 0);
	assert_int_equal(b->eager.works, 0);
	assert_true(loop_fake_is_asleep(b->loop));
	b->eager.is_on = true;
	engine_poke(b->engine);
	loop_fake_advance(b->loop, 499000);
	assert_int_equal(b->eager.blanks + b->failures, 0);
}

static void
a_damaged_picture_is_no_loss(void **state)
{
	struct bench *b = *state;

	caught_format(b->puppet.caught, CAUGHT_JPEG, 0, 0, 0);
	assert_true(caught_put(b->puppet.caught, "no picture", 10, loop_now_us(b->loop)));
	b->puppet.tell(b->puppet.tell_arg);
	loop_fake_advance(b->loop, 1000);
	assert_int_equal(b->eager.works, 1);
	assert_int_equal(b->eager.good + b->failures, 0);
	caught_format(b->puppet.caught, CAUGHT_YUYV, 160, 90, 320);
	loop_fake_advance(b->loop, PERIOD_US);
	show(b, 90, 0);
	assert_int_equal(b->eager.good, 1);
}

static void
pictures_wait_for_a_late_worker_and_then_give_way(void **state)
{
	struct bench *b = *state;
	struct caught *c = b->puppet.caught;
	struct scene scene = { .zoom = 1 };
	struct picture out = { 0 };
	static uint8_t yuyv[160 * 90 * 2];
	int64_t number, us;
	struct err e;

	for (int i = 1; i <= 6; i++)
		assert_true(caught_put(c, yuyv, sizeof yuyv, 1000 * i));
	assert_true(caught_next(c, 0, &number, &us));
	assert_int_equal(number, 3);
	assert_int_equal(us, 3000);
	assert_true(caught_next(c, 5, &number, &us));
	assert_int_equal(number, 6);
	assert_false(caught_next(c, 6, &number, &us));
	picture_resize(&out, 160, 90);
	scene.caught = 2;
	assert_false(caught_draw(c, &scene, &out, &e));
	scene.caught = 4;
	assert_true(caught_draw(c, &scene, &out, &e));
	assert_false(caught_draw(c, &scene, &out, &e));
	picture_fini(&out);
}

static void
what_is_no_picture_is_not_kept(void **state)
{
	struct bench *b = *state;
	struct caught *c = b->puppet.caught;
	static uint8_t bytes[160 * 90 * 2];

	assert_false(caught_put(c, bytes, sizeof bytes - 1, 1));
	assert_false(caught_put(c, bytes, 0, 1));
	caught_format(c, CAUGHT_YUYV, 160, 90, 100);	/* rows that overlap */
	assert_false(caught_put(c, bytes, sizeof bytes, 1));
	caught_format(c, CAUGHT_NV12, 160, 0, 160);
	assert_false(caught_put(c, bytes, sizeof bytes, 1));
}

/* Every packing, with its rows padded: the same grey comes out, nothing beside the bytes is read. */
static void
all_packings_come_out_alike(void **state)
{
	static const struct { enum caught_format format; int stride; size_t len; } cases[] = {
		{ CAUGHT_YUYV, 336, 336 * 90 }, { CAUGHT_UYVY, 320, 320 * 90 }, { CAUGHT_NV12, 192, 192 * 90 * 3 / 2 },
		{ CAUGHT_YUV420, 192, 192 * 90 * 3 / 2 },
	};
	struct bench *b = *state;
	struct scene scene = { .zoom = 2, .is_front = true };
	struct picture out = { 0 };
	struct err e;

	picture_resize(&out, 320, 180);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t *bytes = malloc(cases[i].len);

		memset(bytes, 128, cases[i].len);
		caught_format(b->puppet.caught, cases[i].format, 160, 90, cases[i].stride);
		assert_true(caught_put(b->puppet.caught, bytes, cases[i].len, 1 + (int64_t)i));
		free(bytes);
		scene.caught++;
		assert_true(caught_draw(b->puppet.caught, &scene, &out, &e));
		/* 128 of 16..235 is a little more of 0..255. */
		assert_in_range(out.y[0], 129, 132);
		assert_in_range(out.y[179 * out.stride + 319], 129, 132);
		assert_int_equal(out.u[0], 128);
	}
	picture_fini(&out);
}

static void
a_jpeg_tells_its_own_size(void **state)
{
	struct bench *b = *state;
	struct still *still = still_new(64, 48, 90);
	struct picture p = { 0 }, out = { 0 };
	struct scene scene = { .zoom = 1, .caught = 1 };
	struct buf jpeg;
	struct err e;

	picture_resize(&p, 64, 48);
	picture_fill(&p, 0, 0, 64, 48, (struct colour){ 200, 128, 128 });
	buf_init(&jpeg, 100000);
	assert_true(still_encode(still, &p, &jpeg, &e));
	caught_format(b->puppet.caught, CAUGHT_JPEG, 0, 0, 0);
	assert_true(caught_put(b->puppet.caught, jpeg.data, jpeg.len, 1));
	picture_resize(&out, 160, 90);
	assert_true(caught_draw(b->puppet.caught, &scene, &out, &e));
	assert_in_range(out.y[45 * out.stride + 80], 198, 202);
	buf_fini(&jpeg);
	picture_fini(&p);
	picture_fini(&out);
	still_free(still);
}

/* ---- a video device, made up ---- */

static struct device {
	bool is_there, is_busy, is_no_camera, is_streaming, is_pulled;
	uint32_t fourcc;		/* its only format */
	int fds, maps, opens;
	uint8_t *buffers[4];
	size_t len;
	bool is_queued[4];
	struct { int index; uint32_t used, flags; int64_t us; } ready[8];
	int ready_count;
	uint32_t rate_num, rate_den, gives_fps;	/* 0: it has one rate and refuses to be asked */
} device;

static int
device_open(const char *path)
{
	assert_string_equal(path, "/dev/video7");
	device.opens++;
	if (!device.is_there) {
		errno = ENOENT;
		return -1;
	}
	device.fds++;
	device.is_pulled = false;
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static void
device_close(int fd)
{
	device.fds--;
	device.is_streaming = false;
	device.ready_count = 0;
	memset(device.is_queued, 0, sizeof device.is_queued);
	close(fd);
}

static void *
device_map(size_t len, int fd, int64_t offset)
{
	(void)fd;
	device.maps++;
	return device.buffers[offset] = calloc(1, len);
}

static void
device_unmap(void *at, size_t len)
{
	(void)len;
	device.maps--;
	free(at);
}

static int
device_fail(int why)
{
	errno = why;
	return -1;
}

static int
device_set_format(struct v4l2_format *f)
{
	if (device.is_busy)
		return device_fail(EBUSY);
	f->fmt.pix.pixelformat = device.fourcc;
	f->fmt.pix.width = 320;		/* whatever was asked for */
	f->fmt.pix.height = 180;
	f->fmt.pix.bytesperline = device.fourcc == V4L2_PIX_FMT_YUYV ? 640 : 0;
	f->fmt.pix.sizeimage = 320 * 180 * 2;
	device.len = f->fmt.pix.sizeimage;
	return 0;
}

static int
device_dequeue(struct v4l2_buffer *b)
{
	if (device.is_pulled)
		return device_fail(ENODEV);
	if (device.ready_count == 0)
		return device_fail(EAGAIN);
	b->index = (uint32_t)device.ready[0].index;
	b->bytesused = device.ready[0].used;
	b->flags = device.ready[0].flags;
	b->timestamp.tv_sec = device.ready[0].us / 1000000;
	b->timestamp.tv_usec = device.ready[0].us % 1000000;
	memmove(device.ready, device.ready + 1, sizeof device.ready - sizeof device.ready[0]);
	device.ready_count--;
	return 0;
}

static int
device_ioctl(int fd, unsigned long request, void *arg)
{
	static bool is_interrupted;
	struct v4l2_buffer *b = arg;

	(void)fd;
	if ((is_interrupted = !is_interrupted))		/* every other call, by a signal */
		return device_fail(EINTR);
	switch (request) {
	case VIDIOC_QUERYCAP:
		((struct v4l2_capability *)arg)->capabilities = V4L2_CAP_DEVICE_CAPS | V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
		((struct v4l2_capability *)arg)->device_caps = device.is_no_camera ? V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING
		    : V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
		return 0;
	case VIDIOC_S_FMT:
		return device_set_format(arg);
	case VIDIOC_S_PARM:
		device.rate_num = ((struct v4l2_streamparm *)arg)->parm.capture.timeperframe.numerator;
		device.rate_den = ((struct v4l2_streamparm *)arg)->parm.capture.timeperframe.denominator;
		if (device.gives_fps == 0)
			return device_fail(ENOTTY);
		((struct v4l2_streamparm *)arg)->parm.capture.timeperframe = (struct v4l2_fract){ 1, device.gives_fps };
		return 0;
	case VIDIOC_REQBUFS:
		((struct v4l2_requestbuffers *)arg)->count = 3;
		return 0;
	case VIDIOC_QUERYBUF:
		b->length = (uint32_t)device.len;
		b->m.offset = b->index;
		return 0;
	case VIDIOC_QBUF:
		assert_false(device.is_queued[b->index]);
		device.is_queued[b->index] = true;
		return 0;
	case VIDIOC_DQBUF:
		return device_dequeue(b);
	case VIDIOC_STREAMON:
		device.is_streaming = true;
		return 0;
	case VIDIOC_STREAMOFF:
		device.is_streaming = false;
		return 0;
	default:
		return device_fail(ENOTTY);
	}
}

static const struct v4l2_kernel device_kernel = { device_open, device_ioctl, device_map, device_unmap, device_close };

/* One more picture in the next free buffer; false: all are with the program. */
static bool
device_catch(uint8_t grey, uint32_t flags, int64_t us)
{
	for (int i = 0; i < 3; i++)
		if (device.is_queued[i]) {
			device.is_queued[i] = false;
			memset(device.buffers[i], grey, device.len);
			device.ready[device.ready_count].index = i;
			device.ready[device.ready_count].used = (uint32_t)device.len;
			device.ready[device.ready_count].flags = flags;
			device.ready[device.ready_count++].us = us;
			return true;
		}
	return false;
}

struct video {
	struct loop *loop;
	struct source *source;
	int caught, fd;
	char said[400];
	struct err e;
};

static struct video *talking;

static void
video_say(const char *sentence)
{
	strncat(talking->said, sentence, sizeof talking->said - strlen(talking->said) - 1);
	strncat(talking->said, "\n", sizeof talking->said - strlen(talking->said) - 1);
}

static void
video_caught(void *arg)
{
	((struct video *)arg)->caught++;
}

static struct source *
video_open(struct video *v)
{
	struct camera_conf conf = { .name = "cam", .width = 640, .height = 360, .rate = 25, .say = video_say };

	return source_v4l2_open(&conf, "/dev/video7", &device_kernel, &v->e);
}

static int
video_setup(void **state)
{
	struct video *v = calloc(1, sizeof *v);

	memset(&device, 0, sizeof device);
	device.is_there = true;
	device.fourcc = V4L2_PIX_FMT_YUYV;
	v->loop = loop_fake_new();
	*state = talking = v;
	return 0;
}

static int
video_teardown(void **state)
{
	struct video *v = *state;

	source_close(v->source);
	loop_fake_turn(v->loop);
	assert_int_equal(device.fds, 0);
	assert_int_equal(device.maps, 0);
	assert_int_equal(loop_fake_alive(v->loop), 0);
	loop_free(v->loop);
	free(v);
	return 0;
}

static void
video_begin(struct video *v)
{
	v->source = video_open(v);
	assert_non_null(v->source);
	assert_true(device.is_streaming);
	v->source->live->start(v->source, v->loop, video_caught, v);
	for (v->fd = 3; v->fd < 64 && loop_fake_watched(v->loop, v->fd) == 0; v->fd++)
		;
	assert_true(v->fd < 64);
}

static void
a_device_gives_pictures_with_the_kernels_time(void **state)
{
	struct video *v = *state;
	struct scene scene = { .zoom = 1 };
	struct picture out = { 0 };
	int64_t number = 0, us;

	video_begin(v);
	assert_int_equal(device.rate_den, 25 * device.rate_num);
	loop_fake_advance(v->loop, 1000000);
	for (int i = 0; i < 10; i++) {
		loop_fake_advance(v->loop, 40000);
		assert_true(device_catch((uint8_t)(100 + i), V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC, loop_now_us(v->loop) - 7000));
		loop_fake_ready(v->loop, v->fd, LOOP_READ);
		loop_fake_turn(v->loop);
		assert_int_equal(v->caught, i + 1);
		assert_true(v->source->live->next(v->source, number, &number, &us));
		assert_int_equal(us, loop_now_us(v->loop) - 7000);
	}
	picture_resize(&out, 320, 180);
	scene.caught = number;
	assert_true(v->source->ops->draw(v->source, &scene, &out, &v->e));
	assert_in_range(out.y[100], 107, 111);
	picture_fini(&out);
}

static void
a_device_says_how_many_pictures_it_gives(void **state)
{
	struct video *v = *state;

	video_begin(v);
	assert_true(v->source->rate == 0);
	source_close(v->source);
	device.gives_fps = 15;
	video_begin(v);
	assert_true(v->source->rate == 15);
}

static void
other_clocks_and_damaged_pictures_do_no_harm(void **state)
{
	struct video *v = *state;
	int64_t number = 0, us;

	video_begin(v);
	assert_true(device_catch(1, V4L2_BUF_FLAG_TIMESTAMP_UNKNOWN, 5));
	assert_true(device_catch(2, V4L2_BUF_FLAG_ERROR | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC, loop_now_us(v->loop)));
	assert_true(device_catch(3, V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC, loop_now_us(v->loop) + 60000000));
	loop_fake_ready(v->loop, v->fd, LOOP_READ);
	loop_fake_turn(v->loop);
	assert_int_equal(v->caught, 2);
	assert_true(v->source->live->next(v->source, 0, &number, &us));
	assert_int_equal(us, loop_now_us(v->loop));
	for (int i = 0; i < 3; i++)
		assert_true(device.is_queued[i]);	/* all buffers are back */
}

static void
a_device_that_was_pulled_out_is_taken_up_again(void **state)
{
	struct video *v = *state;

	video_begin(v);
	device.is_pulled = true;
	device.is_there = false;
	loop_fake_ready(v->loop, v->fd, LOOP_READ);
	loop_fake_turn(v->loop);
	assert_string_equal(v->said, "cam: /dev/video7 is gone; looked for again each second\n");
	loop_fake_advance(v->loop, 3100000);
	assert_in_range(device.opens, 3, 5);
	assert_int_equal(device.fds, 0);
	device.is_there = true;
	device.fourcc = V4L2_PIX_FMT_MJPEG;		/* and another one at that */
	loop_fake_advance(v->loop, 1100000);
	assert_true(device.is_streaming);
	assert_true(device_catch(1, V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC, loop_now_us(v->loop)));
	for (v->fd = 3; v->fd < 64 && loop_fake_watched(v->loop, v->fd) == 0; v->fd++)
		;
	loop_fake_ready(v->loop, v->fd, LOOP_READ);
	loop_fake_turn(v->loop);
	assert_int_equal(v->caught, 1);
	assert_non_null(strstr(v->said, "\ncam: /dev/video7 is back\n"));
}

static void
a_source_may_end_while_its_device_is_being_opened(void **state)
{
	struct video *v = *state;

	video_begin(v);
	device.is_pulled = true;
	loop_fake_ready(v->loop, v->fd, LOOP_READ);
	loop_fake_turn(v->loop);
	loop_fake_advance(v->loop, 1000000 - 1);
	loop_fake_advance(v->loop, 1);
	source_close(v->source);
	v->source = NULL;
	loop_fake_turn(v->loop);
	assert_int_equal(device.fds, 0);
}

static void
a_device_that_will_not_do_is_refused_in_a_sentence(void **state)
{
	struct video *v = *state;

	device.is_there = false;
	assert_null(video_open(v));
	assert_non_null(strstr(v->e.text, "cannot open /dev/video7: "));
	device.is_there = true;
	device.is_no_camera = true;
	assert_null(video_open(v));
	assert_non_null(strstr(v->e.text, "catches no pictures"));
	device.is_no_camera = false;
	device.is_busy = true;
	assert_null(video_open(v));
	assert_string_equal(v->e.text, "/dev/video7 is used by another program");
	device.is_busy = false;
	device.fourcc = V4L2_PIX_FMT_H264;
	assert_null(video_open(v));
	assert_non_null(strstr(v->e.text, "has no format that is understood"));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define V(f) cmocka_unit_test_setup_teardown(f, video_setup, video_teardown)
	const struct CMUnitTest tests[] = {
		T(a_frame_is_made_of_each_picture_at_its_own_instant),
		T(a_gap_is_seen_in_the_numbers),
		T(a_clock_a_little_off_drops_nothing),
		T(a_faster_camera_is_thinned_out),
		T(silence_is_told_soon_and_is_a_loss_after_five_seconds),
		T(nothing_is_done_while_nobody_wants_a_picture),
		T(a_damaged_picture_is_no_loss),
		T(pictures_wait_for_a_late_worker_and_then_give_way),
		T(what_is_no_picture_is_not_kept),
		T(all_packings_come_out_alike),
		T(a_jpeg_tells_its_own_size),
		V(a_device_gives_pictures_with_the_kernels_time),
		V(a_device_says_how_many_pictures_it_gives),
		V(other_clocks_and_damaged_pictures_do_no_harm),
		V(a_device_that_was_pulled_out_is_taken_up_again),
		V(a_source_may_end_while_its_device_is_being_opened),
		V(a_device_that_will_not_do_is_refused_in_a_sentence),
	};

	return cmocka_run_group_tests_name("camera_live", tests, NULL, NULL);
}
