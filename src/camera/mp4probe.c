/*
 * mp4probe.c - repairs and measures fragmented MP4 after a crash.
 * Owns nothing.  Never changes a byte but for cutting off a torn end.
 */
#include <errno.h>
#include <fcntl.h>
#include <libavformat/avformat.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "camera/mp4probe.h"

struct box { uint64_t size; char type[4]; };

static uint64_t
big_endian(const unsigned char *b, int bytes)
{
	uint64_t v = 0;

	for (int i = 0; i < bytes; i++)
		v = v << 8 | b[i];
	return v;
}

/* ISO/IEC 14496-12 section 4.2: size 1 means a 64-bit one follows. */
static bool
box_read(int fd, int64_t at, struct box *box)
{
	unsigned char head[16];
	ssize_t got = pread(fd, head, sizeof head, at);

	if (got < 8)
		return false;
	box->size = big_endian(head, 4);
	memcpy(box->type, head + 4, 4);
	if (box->size == 1)
		box->size = got == 16 ? big_endian(head + 8, 8) : 0;
	return box->size >= 8;
}

/* End of the last whole fragment (or of the head). */
static int64_t
good_end(int fd, int64_t file_bytes)
{
	int64_t at = 0, good = 0;
	struct box box;

	while (box_read(fd, at, &box) && box.size <= (uint64_t)(file_bytes - at)) {
		at += (int64_t)box.size;
		if (memcmp(box.type, "moof", 4) != 0)	/* whose mdat must follow */
			good = at;
	}
	return good;
}

bool
mp4probe_repair(const char *path, int64_t *bytes, struct err *e)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct stat st;
	bool fine;

	if (fd < 0)
		return err_errno(e, ERR_DISK, errno, "cannot open %s", path);
	fine = fstat(fd, &st) == 0;
	if (fine) {
		*bytes = good_end(fd, st.st_size);
		fine = *bytes == st.st_size || (ftruncate(fd, *bytes) == 0 && fdatasync(fd) == 0);
	}
	if (!fine)
		err_errno(e, ERR_DISK, errno, "cannot repair %s", path);
	close(fd);
	return fine;
}

bool
mp4probe_duration(const char *path, int64_t *duration_us, struct err *e)
{
	AVFormatContext *file = NULL;
	int stream = -1;
	bool fine = false;

	if (avformat_open_input(&file, path, NULL, NULL) == 0 && avformat_find_stream_info(file, NULL) >= 0)
		stream = av_find_best_stream(file, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
	if (stream >= 0 && file->streams[stream]->duration > 0) {
		*duration_us = av_rescale_q(file->streams[stream]->duration, file->streams[stream]->time_base,
		    (AVRational){ 1, 1000000 });
		fine = true;
	}
	avformat_close_input(&file);
	return fine || err_set(e, ERR_FORMAT, "%s holds no playable picture", path);
}
