/*
 * v4l2dev.h - one camera of this machine by the Linux kernel's interface for video capture (V4L2; "Video for Linux API",
 * streaming I/O with mapped buffers).  Opening and closing block; the rest does not.  One thread at a time.
 */
#ifndef CAMERA_V4L2DEV_H
#define CAMERA_V4L2DEV_H

#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "camera/caught.h"

/* The calls it makes, as the system has them (errno says why one failed); a made-up device is one more of the kind. */
struct v4l2_kernel {
	int (*open)(const char *path);
	int (*ioctl)(int fd, unsigned long request, void *arg);
	void *(*map)(size_t len, int fd, int64_t offset);	/* NULL: failed */
	void (*unmap)(void *at, size_t len);
	void (*close)(int fd);
};
extern const struct v4l2_kernel v4l2dev_system;

struct v4l2dev_wish {			/* the device may have something near it only */
	int width_px, height_px;
	double rate;
};

struct v4l2dev_picture {
	const void *bytes;		/* until v4l2dev_give_back() */
	size_t len;
	int64_t mono_us;		/* when it was caught; 0: the device does not tell */
};

enum v4l2dev_taken {
	V4L2DEV_PICTURE,		/* to be given back */
	V4L2DEV_DAMAGED,		/* there was one; it has gone back already */
	V4L2DEV_NONE,			/* none is ready */
	V4L2DEV_GONE			/* the device is: close it */
};

struct v4l2dev;

/* NULL: e says why in a sentence. */
struct v4l2dev *v4l2dev_open(const struct v4l2_kernel *kernel, const char *path, const struct v4l2dev_wish *wish, struct err *e);
void v4l2dev_close(struct v4l2dev *d);		/* NULL is fine */
/* Readable while a picture is ready, or the device is gone. */
int v4l2dev_fd(const struct v4l2dev *d);
/* How its pictures are packed: for caught_format(). */
void v4l2dev_tell_format(const struct v4l2dev *d, struct caught *c);
/* Pictures a second that it said it will give; 0: it did not say. */
double v4l2dev_rate(const struct v4l2dev *d);
enum v4l2dev_taken v4l2dev_take(struct v4l2dev *d, struct v4l2dev_picture *out);
void v4l2dev_give_back(struct v4l2dev *d);

#endif
