/*
 * v4l2dev.c - talking to a video device.
 * Owns the descriptor and the mapped buffers.  Never waits for a picture, never decodes one.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/log.h"
#include "base/xalloc.h"
#include "camera/v4l2dev.h"

#define BUFFERS 4

struct v4l2dev {
	const struct v4l2_kernel *kernel;
	int fd;
	struct { void *at; size_t len; } buffers[BUFFERS];
	int count;
	struct v4l2_pix_format pix;
	enum caught_format format;
	double rate;
	struct v4l2_buffer taken;	/* the one that is not given back yet */
};

/* What of a device's formats is understood, the best first: a compressed one comes through USB at full rate. */
static const struct known {
	uint32_t fourcc;
	enum caught_format format;
	int row_bytes;			/* a pixel's share of a row of the first plane */
} known_table[] = {
	{ V4L2_PIX_FMT_MJPEG, CAUGHT_JPEG, 0 },
	{ V4L2_PIX_FMT_JPEG, CAUGHT_JPEG, 0 },
	{ V4L2_PIX_FMT_YUYV, CAUGHT_YUYV, 2 },
	{ V4L2_PIX_FMT_UYVY, CAUGHT_UYVY, 2 },
	{ V4L2_PIX_FMT_NV12, CAUGHT_NV12, 1 },
	{ V4L2_PIX_FMT_YUV420, CAUGHT_YUV420, 1 },
};
#define KNOWN (sizeof known_table / sizeof known_table[0])

/* ---- the system ---- */

static int
system_open(const char *path)
{
	return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

static int
system_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg);
}

static void *
system_map(size_t len, int fd, int64_t offset)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);

	return at != MAP_FAILED ? at : NULL;
}

static void
system_unmap(void *at, size_t len)
{
	munmap(at, len);
}

static void
system_close(int fd)
{
	close(fd);
}

const struct v4l2_kernel v4l2dev_system = { system_open, system_ioctl, system_map, system_unmap, system_close };

static bool
call(const struct v4l2dev *d, unsigned long request, void *arg)
{
	int got;

	do
		got = d->kernel->ioctl(d->fd, request, arg);
	while (got < 0 && errno == EINTR);
	return got >= 0;
}

/* ---- opening ---- */

static bool
is_camera(struct v4l2dev *d, const char *path, struct err *e)
{
	struct v4l2_capability cap = { 0 };
	uint32_t can;

	if (!call(d, VIDIOC_QUERYCAP, &cap))
		return err_set(e, ERR_USAGE, "%s is no video device", path);
	can = (cap.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? cap.device_caps : cap.capabilities;
	if ((can & V4L2_CAP_VIDEO_CAPTURE) == 0 || (can & V4L2_CAP_STREAMING) == 0)
		return err_set(e, ERR_USAGE, "%s catches no pictures (many cameras have a second device for other things: try the next one)",
		    path);
	return true;
}

static const struct known *
known_of(uint32_t fourcc)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (known_table[i].fourcc == fourcc)
			return &known_table[i];
	return NULL;
}

/* A driver answers with what it has; if that is understood it will do, whatever was asked for. */
static const struct known *
ask_format(struct v4l2dev *d, const struct v4l2dev_wish *wish, bool *is_busy)
{
	const struct known *got = NULL;

	*is_busy = false;
	for (size_t i = 0; i < KNOWN && got == NULL; i++) {
		struct v4l2_format f = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

		f.fmt.pix.width = (uint32_t)wish->width_px;
		f.fmt.pix.height = (uint32_t)wish->height_px;
		f.fmt.pix.pixelformat = known_table[i].fourcc;
		f.fmt.pix.field = V4L2_FIELD_ANY;
		if (call(d, VIDIOC_S_FMT, &f)) {
			got = known_of(f.fmt.pix.pixelformat);
			d->pix = f.fmt.pix;
		} else if (errno == EBUSY) {
			*is_busy = true;
			return NULL;
		}
	}
	return got;
}

static bool
set_format(struct v4l2dev *d, const char *path, const struct v4l2dev_wish *wish, struct err *e)
{
	struct v4l2_streamparm parm = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	bool is_busy;
	const struct known *got = ask_format(d, wish, &is_busy);

	if (is_busy)
		return err_set(e, ERR_ENVIRONMENT, "%s is used by another program", path);
	if (got == NULL || d->pix.width == 0 || d->pix.height == 0 || d->pix.width > 16384 || d->pix.height > 16384)
		return err_set(e, ERR_ENVIRONMENT, "%s has no format that is understood (MJPEG, YUYV, UYVY, NV12, YUV420)", path);
	d->format = got->format;
	if (d->pix.bytesperline < d->pix.width * (uint32_t)got->row_bytes)
		d->pix.bytesperline = d->pix.width * (uint32_t)got->row_bytes;
	parm.parm.capture.timeperframe.numerator = 1000;
	parm.parm.capture.timeperframe.denominator = (uint32_t)lround(wish->rate * 1000);
	/* Some have one rate only, and say so by refusing; others answer with what they make of it. */
	if (call(d, VIDIOC_S_PARM, &parm) && parm.parm.capture.timeperframe.numerator > 0)
		d->rate = (double)parm.parm.capture.timeperframe.denominator / parm.parm.capture.timeperframe.numerator;
	log_line(LOG_CAMERA, "%s: %ux%u %.4s", path, d->pix.width, d->pix.height, (const char *)&d->pix.pixelformat);
	return true;
}

static bool
map_buffer(struct v4l2dev *d, int index)
{
	struct v4l2_buffer b = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP, .index = (uint32_t)index };

	if (!call(d, VIDIOC_QUERYBUF, &b))
		return false;
	d->buffers[index].at = d->kernel->map(b.length, d->fd, b.m.offset);
	if (d->buffers[index].at == NULL)
		return false;
	d->buffers[index].len = b.length;
	d->count = index + 1;
	return call(d, VIDIOC_QBUF, &b);
}

static bool
start(struct v4l2dev *d, const char *path, struct err *e)
{
	struct v4l2_requestbuffers rq = { .count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	bool fine = call(d, VIDIOC_REQBUFS, &rq) && rq.count > 0;

	for (int i = 0; fine && i < BUFFERS && i < (int)rq.count; i++)
		fine = map_buffer(d, i);
	if (fine && call(d, VIDIOC_STREAMON, &type))
		return true;
	return err_errno(e, ERR_ENVIRONMENT, errno, "%s gives no pictures", path);
}

struct v4l2dev *
v4l2dev_open(const struct v4l2_kernel *kernel, const char *path, const struct v4l2dev_wish *wish, struct err *e)
{
	struct v4l2dev *d = xcalloc(1, sizeof *d);

	d->kernel = kernel;
	d->fd = kernel->open(path);
	if (d->fd < 0)
		err_errno(e, errno == ENOENT || errno == ENODEV ? ERR_NOT_FOUND : ERR_ENVIRONMENT, errno, "cannot open %s", path);
	else if (is_camera(d, path, e) && set_format(d, path, wish, e) && start(d, path, e))
		return d;
	v4l2dev_close(d);
	return NULL;
}

void
v4l2dev_close(struct v4l2dev *d)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	if (d == NULL)
		return;
	if (d->count > 0)
		call(d, VIDIOC_STREAMOFF, &type);
	for (int i = 0; i < d->count; i++)
		d->kernel->unmap(d->buffers[i].at, d->buffers[i].len);
	if (d->fd >= 0)
		d->kernel->close(d->fd);
	free(d);
}

int
v4l2dev_fd(const struct v4l2dev *d)
{
	return d->fd;
}

void
v4l2dev_tell_format(const struct v4l2dev *d, struct caught *c)
{
	caught_format(c, d->format, (int)d->pix.width / 2 * 2, (int)d->pix.height / 2 * 2, (int)d->pix.bytesperline);
}

double
v4l2dev_rate(const struct v4l2dev *d)
{
	return d->rate;
}

/* ---- pictures ---- */

static int64_t
caught_us(const struct v4l2_buffer *b)
{
	if ((b->flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) != V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
		return 0;
	return (int64_t)b->timestamp.tv_sec * 1000000 + (int64_t)b->timestamp.tv_usec;
}

enum v4l2dev_taken
v4l2dev_take(struct v4l2dev *d, struct v4l2dev_picture *out)
{
	struct v4l2_buffer *b = &d->taken;

	memset(b, 0, sizeof *b);
	b->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	b->memory = V4L2_MEMORY_MMAP;
	if (!call(d, VIDIOC_DQBUF, b))
		return errno == EAGAIN ? V4L2DEV_NONE : V4L2DEV_GONE;
	if (b->index >= (uint32_t)d->count)
		return V4L2DEV_GONE;
	if ((b->flags & V4L2_BUF_FLAG_ERROR) != 0 || b->bytesused == 0 || b->bytesused > d->buffers[b->index].len) {
		v4l2dev_give_back(d);
		return V4L2DEV_DAMAGED;
	}
	out->bytes = d->buffers[b->index].at;
	out->len = b->bytesused;
	out->mono_us = caught_us(b);
	return V4L2DEV_PICTURE;
}

/* One that does not take its buffer back says so at the next turn. */
void
v4l2dev_give_back(struct v4l2dev *d)
{
	call(d, VIDIOC_QBUF, &d->taken);
}
