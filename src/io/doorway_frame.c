/*
 * doorway_frame.c - lines out of a client's bytes.  Owns what has no line feed yet; never looks at what a line says.
 */
#include "io/doorway_frame.h"

#include <string.h>
#include "base/str.h"

void
doorway_frame_init(struct doorway_frame *f)
{
	buf_init(&f->bytes, MAX_COMMAND_LINE + DOORWAY_READ_BYTES + 2);
	f->at = 0;
}

void
doorway_frame_fini(struct doorway_frame *f)
{
	buf_fini(&f->bytes);
}

bool
doorway_frame_add(struct doorway_frame *f, const char *bytes, size_t len)
{
	buf_drop_front(&f->bytes, f->at);
	f->at = 0;
	return buf_add(&f->bytes, bytes, len);
}

static bool
is_text(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == '\x7f')
			return false;
	return str_is_utf8(line, len);
}

enum doorway_frame_word
doorway_frame_next(struct doorway_frame *f, const char **line)
{
	char *begin = f->bytes.data + f->at, *end;
	const size_t left = f->bytes.len - f->at;
	size_t len;

	end = left > 0 ? memchr(begin, '\n', left) : NULL;
	if (end == NULL)
		return left > MAX_COMMAND_LINE ? FRAME_TOO_LONG : FRAME_NONE;
	len = (size_t)(end - begin);
	if (len > MAX_COMMAND_LINE)
		return FRAME_TOO_LONG;
	f->at += len + 1;
	if (len > 0 && begin[len - 1] == '\r')
		len--;
	if (!is_text(begin, len))
		return FRAME_NO_TEXT;
	begin[len] = '\0';
	*line = begin;
	return FRAME_LINE;
}
