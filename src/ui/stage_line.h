/*
 * stage_line.h - the one way of everything that goes to the terminal: text, pictures, questions, each with its fence.
 * Owns the governor; decides nothing itself.
 */
#ifndef UI_STAGE_LINE_H
#define UI_STAGE_LINE_H

#include "base/buf.h"
#include "base/loop.h"
#include "ui/governor.h"
#include "ui/tty.h"

struct stage_line {
	struct loop *loop;
	struct tty *tty;		/* NULL: there is none now, and nothing is sent */
	struct governor governor;
	int questions_out;		/* whose DA1 was not answered yet, whoever asked */
};

void stage_line_init(struct stage_line *l, struct loop *loop, struct tty *tty);
/* Sends and forgets what is in the buffer.  A question has its DA1 at its end already. */
void stage_line_send(struct stage_line *l, enum governor_batch what, struct buf *bytes);
/* The DA1 of a question that is out. */
void stage_line_answered(struct stage_line *l);
/* What is due by itself: a fence on the empty line, the question after lost answers. */
void stage_line_tend(struct stage_line *l);

#endif
