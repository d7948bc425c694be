/*
 * buf.c - a growing byte buffer with a ceiling.
 * Owns its bytes.  Never aborts for want of memory: a stranger chose the size.
 */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void
buf_init(struct buf *b, size_t ceiling)
{
	*b = (struct buf){ .ceiling = ceiling };
}

void
buf_fini(struct buf *b)
{
	if (b == NULL)
		return;
	free(b->data);
	*b = (struct buf){ .ceiling = b->ceiling };
}

/* Room for len more bytes and the NUL; doubles, so that many appends stay cheap. */
static bool
buf_reserve(struct buf *b, size_t len)
{
	size_t need, room = b->room > 0 ? b->room : 64;
	char *data;

	if (len > b->ceiling || b->len > b->ceiling - len)
		return false;
	if (__builtin_add_overflow(b->len + len, 1, &need))
		return false;
	if (need <= b->room)
		return true;
	while (room < need)
		room = room > SIZE_MAX / 2 ? need : room * 2;
	data = realloc(b->data, room);
	if (data == NULL)
		return false;
	b->data = data;
	b->room = room;
	return true;
}

bool
buf_need(struct buf *b, size_t len)
{
	return buf_reserve(b, len);
}

bool
buf_add_slowly(struct buf *b, const void *data, size_t len)
{
	if (!buf_reserve(b, len))
		return false;
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
	return true;
}

bool
buf_add_vformat(struct buf *b, const char *format, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n < 0 || !buf_reserve(b, (size_t)n))
		return false;
	vsnprintf(b->data + b->len, (size_t)n + 1, format, ap);
	b->len += (size_t)n;
	return true;
}

bool
buf_add_format(struct buf *b, const char *format, ...)
{
	va_list ap;
	bool ok;

	va_start(ap, format);
	ok = buf_add_vformat(b, format, ap);
	va_end(ap);
	return ok;
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

void
buf_drop_front(struct buf *b, size_t len)
{
	if (len >= b->len) {
		buf_clear(b);
		return;
	}
	memmove(b->data, b->data + len, b->len - len + 1);
	b->len -= len;
}

const char *
buf_text(const struct buf *b)
{
	return b->data != NULL ? b->data : "";
}

char *
buf_steal(struct buf *b, size_t *len)
{
	char *data = b->data != NULL ? b->data : xstrdup("");

	if (len != NULL)
		*len = b->len;
	*b = (struct buf){ .ceiling = b->ceiling };
	return data;
}
