/*
 * buf.h - a growing byte buffer with a ceiling.  Past the ceiling, or without
 * memory for a stranger's bytes, an append fails and changes nothing.
 * Bytes are always followed by a NUL that len does not count.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdarg.h>
#include <string.h>

struct buf {
	char *data;		/* NULL until the first append */
	size_t len, room, ceiling;
};

void buf_init(struct buf *b, size_t ceiling);
void buf_fini(struct buf *b);
bool buf_add_slowly(struct buf *b, const void *data, size_t len);	/* buf_add()'s own, when there may be no room */
/* Room for so many more bytes at once, instead of bit by bit. */
bool buf_need(struct buf *b, size_t len);
bool buf_add_format(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool buf_add_vformat(struct buf *b, const char *format, va_list ap);
void buf_clear(struct buf *b);			/* keeps the room */
void buf_drop_front(struct buf *b, size_t len);
/* The bytes as a C string ("" when empty).  Valid until the next change. */
const char *buf_text(const struct buf *b);
/* Gives the bytes away (free() them); the buffer is empty again.  Never NULL. */
char *buf_steal(struct buf *b, size_t *len);

/* Most appends are a few bytes that fit into what is there: in line, that is all they cost. */
static inline bool
buf_add(struct buf *b, const void *data, size_t len)
{
	if (len >= b->room - b->len || len > b->ceiling - b->len)
		return buf_add_slowly(b, data, len);
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
	return true;
}

static inline bool
buf_add_text(struct buf *b, const char *text)
{
	return buf_add(b, text, strlen(text));
}

#endif
