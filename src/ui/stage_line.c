/*
 * stage_line.c - bytes and their fences on one way out.  Never blocks, never looks into the bytes.
 */
#include "ui/stage_line.h"

#include <string.h>

void
stage_line_init(struct stage_line *l, struct loop *loop, struct tty *tty)
{
	l->loop = loop;
	l->tty = tty;
	l->questions_out = 0;
	governor_init(&l->governor);
}

void
stage_line_send(struct stage_line *l, enum governor_batch what, struct buf *bytes)
{
	struct governor *g = &l->governor;
	const int64_t now_us = loop_now_us(l->loop);
	bool has_fence = what == GOVERNOR_QUESTION;

	if (l->tty == NULL)
		buf_clear(bytes);
	if (bytes->len == 0)
		return;
	l->questions_out += what == GOVERNOR_QUESTION;
	if (!has_fence && governor_takes_fence(g))
		has_fence = buf_add_text(bytes, governor_fence);
	if (has_fence)
		governor_sent(g, what, (int64_t)bytes->len, now_us);
	else
		governor_unfenced(g, what, (int64_t)bytes->len, now_us);
	tty_send(l->tty, bytes->data, bytes->len);
	buf_clear(bytes);
}

void
stage_line_answered(struct stage_line *l)
{
	l->questions_out--;
	governor_answered(&l->governor, GOVERNOR_QUESTION, loop_now_us(l->loop));
}

static void
send_text(struct stage_line *l, enum governor_batch what, const char *text)
{
	tty_send(l->tty, text, strlen(text));
	governor_sent(&l->governor, what, (int64_t)strlen(text), loop_now_us(l->loop));
}

void
stage_line_tend(struct stage_line *l)
{
	const int64_t now_us = loop_now_us(l->loop);

	if (l->tty == NULL)
		return;
	governor_tick(&l->governor, now_us);
	if (!tty_is_idle(l->tty))
		return;			/* a terminal that takes nothing is not asked either */
	if (governor_wants_question(&l->governor, now_us)) {
		l->questions_out++;
		send_text(l, GOVERNOR_QUESTION, governor_question);
	}
	if (governor_wants_fence(&l->governor))
		send_text(l, GOVERNOR_PICTURES, governor_fence);
}
