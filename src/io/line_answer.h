/*
 * line_answer.h - one HTTP/1.x answer, read as its bytes come (RFC 9112 sections 4 to 7).
 * Stricter than a browser: what two readers could understand in two ways (folded fields, two lengths, a coding but for
 * chunked) is no answer.  Pure: no descriptors, no clock.
 */
#ifndef IO_LINE_ANSWER_H
#define IO_LINE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"

enum line_step { LINE_STATUS, LINE_FIELD, LINE_BODY, LINE_REST, LINE_CHUNK_SIZE, LINE_CHUNK, LINE_CHUNK_END, LINE_TRAILER,
	LINE_DONE, LINE_BAD };

struct line_answer {
	enum line_step step;		/* read only: LINE_DONE, LINE_BAD */
	int status;
	bool keeps;			/* after this answer the connection takes another request */
	struct buf body;		/* at most MAX_JSON_BODY */
	/* the reader's own, but for the last */
	struct buf line;
	size_t head_bytes;		/* all lines that are not body */
	uint64_t left;			/* bytes of the body, or of the chunk, to come */
	bool has_length, is_chunked;
	struct err why;			/* of LINE_BAD: ERR_FORMAT or ERR_TOO_BIG */
};

void line_answer_init(struct line_answer *a);
void line_answer_fini(struct line_answer *a);
void line_answer_again(struct line_answer *a);		/* for the next answer; keeps its memory */
/* How many of the bytes were of this answer; less than len only once it is done or bad. */
size_t line_answer_feed(struct line_answer *a, const char *data, size_t len);
/* The connection ended: an answer without a length is done by that, any other one is not (then false). */
bool line_answer_end(struct line_answer *a);
bool line_answer_has_begun(const struct line_answer *a);

#endif
