/*
 * stage_graphics.c - what the terminal can, and which painter is used on it.  Asks it at the start, after a resize and
 * when it may be another one; never waits for it.
 */
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "ui/stage_private.h"

#define PROBE_US 700000

static int
picture_colours(const struct stage_curses *s)
{
	if (canvas_curses_colours(s->curses) == 0)
		return 0;
	if (s->truecolour)
		return 1 << 24;
	if (s->caps.is_tmux || s->caps.is_xterm)
		return 1 << 24;		/* both take 38;2 and bring it down themselves */
	return canvas_curses_colours(s->curses);
}

/* The terminal around tmux cannot be asked: those that show sixels have 256 colours. */
static int
sixel_colours(const struct stage_curses *s, bool is_wrapped)
{
	return is_wrapped ? 256 : s->caps.colour_registers;
}

static const struct paint_ops *
symbols_here(const struct stage_curses *s)
{
	bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

	return utf8 && canvas_curses_colours(s->curses) >= 8 ? &paint_blocks : &paint_ascii;
}

static void
use_painter(struct stage_curses *s, const struct paint_ops *painter, bool is_wrapped)
{
	/* One palette for the whole screen, and pixels left out: only where it has been proven, and nobody stands between. */
	const bool is_proven = painter == &paint_sixel && s->caps.is_xterm && !is_wrapped;
	const struct stage_pictures_use use = {
		.painter = painter, .is_wrapped = is_wrapped && painter == &paint_sixel,
		.most_fps = (int)opt_int(s->settings, "preview-fps"),
		.screen = { .colours = painter == &paint_sixel ? sixel_colours(s, is_wrapped) : picture_colours(s),
			.shared_palette = is_proven, .overlays = is_proven, .uneven_cells = s->caps.uneven_cells },
	};
	struct buf out;

	s->painter = painter;
	s->is_wrapped = use.is_wrapped;
	buf_init(&out, 65536);
	stage_pictures_use(s->pictures, &use, &s->caps, &out);
	stage_line_send(&s->line, GOVERNOR_TEXT, &out);
	buf_fini(&out);
	stage_redraw(s);
}

/* By what was asked for and what the terminal is. */
static void
choose_painter(struct stage_curses *s)
{
	const char *want = s->graphics;
	const bool is_passed = strcmp(want, "passthrough") == 0;

	if (strcmp(want, "none") == 0)
		use_painter(s, NULL, false);
	else if (strcmp(want, "sixel") == 0 || is_passed || (strcmp(want, "auto") == 0 && s->caps.sixel))
		use_painter(s, &paint_sixel, is_passed || (s->caps.is_tmux && !s->caps.sixel));
	else
		use_painter(s, symbols_here(s), false);
}

static void
fill_in(const struct stage_curses *s, struct term_caps *caps)
{
	int rows, cols, w_px = 0, h_px = 0;

	if (caps->version[0] == '\0' && str_has_prefix(s->term, "tmux"))
		caps->is_tmux = true;
	(void)tty_size(s->tty, &rows, &cols, &w_px, &h_px);
	term_settle(caps, s->canvas.rows, s->canvas.cols, w_px, h_px);
}

/* Pictures are less than they could be: one line says why, and what else there is. */
static void
say_less(struct stage_curses *s)
{
	if (loop_now_us(s->loop) < s->reply_until_us && s->reply_role != ROLE_DIM)
		return;		/* what stands there matters more */
	if (s->painter == &paint_ascii)
		stage_says(s, ROLE_DIM, canvas_curses_colours(s->curses) < 8 ? "pictures are characters: no colours here.  g changes" :
		    "pictures are characters: this locale is not UTF-8.  g changes");
	else if (s->painter == &paint_blocks && s->caps.is_tmux)
		stage_says(s, ROLE_DIM, "half blocks: this tmux shows no sixel.  graphics sixel passes it; g changes");
}

/* The answers are in, or their time is over.  The same answers again change nothing on the screen. */
static void
take_answers(struct stage_curses *s)
{
	const bool is_first = !s->probed;
	struct term_caps caps = s->heard.caps;

	fill_in(s, &caps);
	if (s->probed && memcmp(&caps, &s->caps, sizeof caps) == 0)
		return;
	s->caps = caps;
	s->probed = true;
	log_line(LOG_UI, "terminal \"%s\": sixel %d, cell %dx%d, sync %d, registers %d", s->caps.version, s->caps.sixel,
	    s->caps.cell_w_px, s->caps.cell_h_px, s->caps.synchronized_output, s->caps.colour_registers);
	choose_painter(s);
	if (is_first || caps.paper != TERM_PAPER_UNTOLD)	/* a lost answer is no other background */
		stage_desk_suit(s);
	if (is_first && strcmp(s->graphics, "auto") == 0)
		say_less(s);
}

void
stage_probe_over(void *arg)
{
	struct stage_curses *s = arg;

	if (!s->probed)
		take_answers(s);	/* what is late is taken when it comes */
}

void
stage_ask_terminal(struct stage_curses *s)
{
	struct buf out;

	s->asked_us = loop_now_us(s->loop);
	buf_init(&out, 1024);
	(void)buf_add_text(&out, term_questions(s->term));
	stage_line_send(&s->line, GOVERNOR_QUESTION, &out);
	buf_fini(&out);
	loop_timer_start(s->loop, s->probe_timer, PROBE_US, 0);
}

/*
 * What was asked before the last resize is of another size: only the answer to the last question counts, unless some
 * answer was lost.
 */
static bool
is_settled(const struct stage_curses *s)
{
	return !s->probed || s->line.questions_out == 0 || loop_now_us(s->loop) - s->asked_us > PROBE_US;
}

void
stage_reply(struct stage_curses *s, const struct input_event *ev)
{
	bool done;

	if (ev->final == 'n' && ev->prefix == 0 && ev->args[0] == 0) {
		governor_answered(&s->line.governor, GOVERNOR_TEXT, loop_now_us(s->loop));
		stage_answered(s);
		return;
	}
	/* Nobody asked: noise that looks like an answer must not change the painter. */
	if (s->line.questions_out > 0 && term_hear(&s->heard, ev, &done) && done) {
		stage_line_answered(&s->line);
		if (is_settled(s)) {
			loop_timer_stop(s->loop, s->probe_timer);
			take_answers(s);
		}
	}
	stage_answered(s);
}

static const char *
graphics_now(const struct stage_curses *s)
{
	return s->painter == NULL ? "none" : s->painter == &paint_sixel ? "sixel" : "symbols";
}

static const char *
graphics_next(const struct stage_curses *s)
{
	static const char *const order[] = { "sixel", "symbols", "none" };

	for (int i = 0; i < 3; i++)
		if (strcmp(graphics_now(s), order[i]) == 0)
			return order[(i + 1) % 3];
	return order[0];
}

static bool
is_known(const char *name)
{
	static const char *const names[] = { "auto", "sixel", "symbols", "none", "passthrough" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

bool
stage_set_graphics(struct stage_curses *s, const char *name, struct err *e)
{
	const char *note = "";
	char text[160];

	if (strcmp(name, "next") == 0)
		name = graphics_next(s);
	if (!is_known(name))
		return err_set(e, ERR_USAGE, "graphics: expected auto, sixel, symbols, none, passthrough or next");
	str_copy(s->graphics, sizeof s->graphics, name);
	if (s->tty == NULL)
		return true;		/* for the terminal that comes */
	choose_painter(s);
	if (s->is_wrapped)
		note = " through tmux; if none come: tmux set -g allow-passthrough on";
	else if (s->painter == &paint_sixel && !s->caps.sixel)
		note = " (the terminal did not say it shows them)";
	snprintf(text, sizeof text, "pictures: %s%s", s->painter != NULL ? s->painter->name : "none", note);
	stage_says(s, ROLE_DIM, text);
	return true;
}
