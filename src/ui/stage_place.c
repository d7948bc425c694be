/*
 * stage_place.c - the terminal that the screen is on: opened, left in the middle of a show, and another one entered.
 * Owns nothing of its own; all state is the screen's.  Never draws.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ui/stage_private.h"

#define MAX_DRAWN_BYTES (4 * 1024 * 1024)	/* one whole screen of the largest terminal, many times over */

static const struct tty_fns tty_news = { .bytes = stage_bytes, .drained = stage_drained, .gone = stage_terminal_gone };

/* Curses upon the terminal that was opened. */
static bool
open_curses(struct stage_curses *s, struct err *e)
{
	int rows = 24, cols = 80, w_px, h_px;

	(void)tty_size(s->tty, &rows, &cols, &w_px, &h_px);
	s->curses = canvas_curses_new_on(&s->theme, s->term, s->no_colour, rows, cols, e);
	if (s->curses == NULL)
		return false;
	canvas_init(&s->canvas, rows, cols);
	stage_line_init(&s->line, s->loop, s->tty);
	return true;
}

/* What the environment says of the terminal that we were started on. */
static void
read_environment(struct stage_curses *s)
{
	struct term_environment own;

	term_environment(&own);
	str_copy(s->term, sizeof s->term, own.term);
	s->no_colour = own.no_colour;
	s->truecolour = own.truecolour;
}

/* The terminal and curses upon it; false leaves both as they were. */
bool
stage_place_open(struct stage_curses *s, const struct stage_curses_conf *conf, struct err *e)
{
	read_environment(s);
	if (!stage_desk_open(s, conf, e) || (s->tty = tty_open(s->loop, &tty_news, s, e)) == NULL)
		return false;
	if (!open_curses(s, e)) {
		tty_close(s->tty, 0);
		return false;
	}
	buf_init(&s->drawn, MAX_DRAWN_BYTES);
	return true;
}

void
stage_place_resized(void *arg)
{
	struct stage_curses *s = arg;
	int rows, cols, w_px, h_px;

	if (s->terminal_gone || s->tty == NULL || !tty_size(s->tty, &rows, &cols, &w_px, &h_px))
		return;
	canvas_fini(&s->canvas);
	canvas_init(&s->canvas, rows, cols);
	canvas_curses_resize(s->curses, rows, cols);
	stage_redraw_all(s);
	stage_ask_terminal(s);
}

/* Somebody had stopped us, and perhaps used the terminal for something else. */
void
stage_place_again(void *arg)
{
	struct stage_curses *s = arg;

	if (s->terminal_gone)
		return;
	tty_again(s->tty);
	governor_again(&s->line.governor, loop_now_us(s->loop));
	canvas_curses_again(s->curses);
	stage_desk_again(s);
	stage_place_resized(s);
}

bool
stage_curses_leave(struct stage_curses *s)
{
	if (s->tty == NULL)
		return false;
	loop_timer_stop(s->loop, s->leave_timer);
	s->terminal_gone = true;
	s->draw_pending = false;
	loop_timer_stop(s->loop, s->draw_timer);
	loop_timer_stop(s->loop, s->wake_timer);
	loop_timer_stop(s->loop, s->probe_timer);
	if (s->prompt_open)
		stage_close_prompt(s);
	stage_desk_rest(s);
	buf_clear(&s->drawn);
	stage_pictures_use(s->pictures, &(struct stage_pictures_use){ .painter = NULL, .most_fps = 1 }, &s->caps, &s->drawn);
	s->painter = NULL;
	canvas_curses_end(s->curses, &s->drawn);
	canvas_curses_free(s->curses);
	s->curses = NULL;
	tty_send(s->tty, s->drawn.data, s->drawn.len);
	buf_clear(&s->drawn);
	tty_leave(s->tty);
	s->tty = s->line.tty = NULL;
	return true;
}

/* Nothing that one terminal has said is true of another. */
static void
forget_terminal(struct stage_curses *s)
{
	input_free(s->input);
	s->input = input_new(stage_input, s);
	memset(&s->heard, 0, sizeof s->heard);
	memset(&s->caps, 0, sizeof s->caps);
	s->probed = s->is_wrapped = false;
	s->told_us = s->told_bps = s->told_rtt_us = 0;
}

bool
stage_curses_enter(struct stage_curses *s, const struct stage_curses_place *place, struct err *e)
{
	struct canvas before = s->canvas;

	str_copy(s->term, sizeof s->term, place->term);
	s->no_colour = place->no_colour;
	s->truecolour = place->truecolour;
	if ((s->tty = tty_open_at(s->loop, place->in, place->out, &tty_news, s, e)) == NULL)
		return false;
	if (!open_curses(s, e)) {
		tty_lose(s->tty);
		s->tty = NULL;
		return false;
	}
	canvas_fini(&before);
	forget_terminal(s);
	s->terminal_gone = false;
	s->waiting[0] = '\0';
	stage_says(s, ROLE_DIM, "the screen is on this terminal now; the show went on without it");
	stage_ask_terminal(s);
	stage_send_drawn(s);
	stage_redraw(s);
	return true;
}

void
stage_curses_resized(struct stage_curses *s)
{
	stage_place_resized(s);
}

void
stage_curses_again(struct stage_curses *s)
{
	stage_place_again(s);
}
