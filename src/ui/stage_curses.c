/*
 * stage_curses.c - the screen.  Owns the terminal and what the operator is doing on it (view, prompt, keys);
 * never the show: it draws snapshots and submits text.  Draws once per turn of the loop, whatever happened in it.
 */
#include "ui/stage_curses.h"

#include <langinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "ui/stage_private.h"

#define TICK_US 250000
#define LEAST_FRAME_US 33000		/* text is drawn at most 30 times a second */
#define MESH_US 250000			/* the mesh may be large: its snapshot is taken no more often */
#define PROBE_US 700000
#define PROMPT_IDLE_US 15000000
#define MAX_DRAWN_BYTES (4 * 1024 * 1024)	/* one whole screen of the largest terminal, many times over */

static void draw(void *arg);

void
stage_wants_draw(struct stage_curses *s)
{
	int64_t now_us = loop_now_us(s->loop);

	if (s->draw_pending || s->terminal_gone)
		return;
	s->draw_pending = true;
	if (now_us - s->drawn_us >= LEAST_FRAME_US)
		loop_timer_start(s->loop, s->draw_timer, 0, 0);
	else
		loop_timer_start_at(s->loop, s->draw_timer, s->drawn_us + LEAST_FRAME_US);
}

void
stage_says(struct stage_curses *s, enum theme_role role, const char *text)
{
	str_copy(s->reply, sizeof s->reply, text);
	s->reply_role = role;
	s->reply_until_us = loop_now_us(s->loop) + 6000000;
	stage_wants_draw(s);
}

static void
on_erased(void *arg, int row, int rows)
{
	struct stage_curses *s = arg;

	canvas_curses_forget_rows(s->curses, row, rows);
}

static void
fill_frame(struct stage_curses *s, struct view_frame *f)
{
	const char *question = keys_question(s->keys);

	memset(f, 0, sizeof *f);
	f->show = s->show;
	f->mesh = s->mesh;
	f->graphics = s->painter != NULL ? VIEW_PICTURES : VIEW_NO_PICTURES;
	stage_desk_frame(s, f);
	f->page = s->page;
	f->scroll = s->scroll;
	f->locked = keys_is_locked(s->keys);
	f->hot = keys_is_hot(s->keys);
	f->bell = opt_text(s->settings, "bell");
	f->prompt_cursor = -1;
	f->help_command = s->help_command[0] != '\0' ? s->help_command : NULL;
	if (s->prompt_open) {
		int width = s->canvas.cols - 4 - 16;

		prompt_visible(s->prompt, width > 10 ? width : 10, f->prompt, sizeof f->prompt, &f->prompt_cursor);
	} else if (question[0] != '\0') {
		str_copy(f->reply, sizeof f->reply, question);
		f->reply_role = ROLE_WARN;
	} else if (loop_now_us(s->loop) < s->reply_until_us) {
		str_copy(f->reply, sizeof f->reply, s->reply);
		f->reply_role = s->reply_role;
	}
}

/* What curses has drawn goes the one way out. */
static void
send_drawn(struct stage_curses *s)
{
	buf_clear(&s->drawn);
	canvas_curses_take(s->curses, &s->drawn);
	tty_send(s->tty, s->drawn.data, s->drawn.len);
}

/* Taken only while somebody looks at it. */
static void
take_mesh(struct stage_curses *s)
{
	const bool is_open = s->view == &view_mesh;

	if (is_open && s->mesh != NULL && s->drawn_us - s->mesh_us < MESH_US)
		return;
	mesh_free(s->mesh);
	s->mesh = is_open ? shower_mesh(s->shower) : NULL;
	s->mesh_us = s->drawn_us;
}

static void
draw(void *arg)
{
	struct stage_curses *s = arg;
	struct view_frame f;

	if (s->terminal_gone || !tty_is_idle(s->tty))
		return;			/* still pending: drawn when the terminal has taken what is under way */
	s->draw_pending = false;
	s->drawn_us = loop_now_us(s->loop);
	shower_fill(s->shower, s->show);
	take_mesh(s);
	fill_frame(s, &f);
	keys_alarms_shown(s->keys, screen_alarms_shown(s->show, s->canvas.rows, s->canvas.cols));
	canvas_clear(&s->canvas);
	screen_draw(&s->canvas, s->view, &f);
	stage_pictures_layout(s->pictures, &s->canvas, on_erased, s);
	canvas_curses_show(s->curses, &s->canvas);
	send_drawn(s);
	stage_pictures_pump(s->pictures);
}

static void
on_drained(void *arg)
{
	struct stage_curses *s = arg;

	if (s->draw_pending)
		draw(s);
	else
		stage_pictures_pump(s->pictures);
}

static int
picture_colours(const struct stage_curses *s)
{
	const char *depth = getenv("COLORTERM");

	if (depth != NULL && (strcmp(depth, "truecolor") == 0 || strcmp(depth, "24bit") == 0))
		return 1 << 24;
	if (s->caps.is_tmux || s->caps.is_xterm)
		return 1 << 24;		/* both take 38;2 and bring it down themselves */
	return canvas_curses_colours(s->curses);
}

static void
use_painter(struct stage_curses *s, const struct paint_ops *painter)
{
	const struct paint_screen screen = { .colours = painter == &paint_sixel ? s->caps.colour_registers : picture_colours(s) };

	s->painter = painter;
	stage_pictures_use(s->pictures, painter, &screen, &s->caps, (int)opt_int(s->settings, "preview-fps"));
	canvas_curses_redraw(s->curses);
	stage_wants_draw(s);
}

static const struct paint_ops *
symbols_here(const struct stage_curses *s)
{
	bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

	return utf8 && canvas_curses_colours(s->curses) >= 8 ? &paint_blocks : &paint_ascii;
}

/* The probe's answers are in, or its time is over. */
static void
choose_painter(struct stage_curses *s)
{
	const char *want = s->graphics;
	int rows, cols, w_px = 0, h_px = 0;

	(void)tty_size(s->tty, &rows, &cols, &w_px, &h_px);
	term_settle(&s->caps, s->canvas.rows, s->canvas.cols, w_px, h_px);
	log_line(LOG_UI, "terminal \"%s\": sixel %d, cell %dx%d, sync %d, registers %d", s->caps.version, s->caps.sixel,
	    s->caps.cell_w_px, s->caps.cell_h_px, s->caps.synchronized_output, s->caps.colour_registers);
	if (strcmp(want, "none") == 0)
		use_painter(s, NULL);
	else if (strcmp(want, "sixel") == 0 || (strcmp(want, "auto") == 0 && s->caps.sixel))
		use_painter(s, &paint_sixel);
	else {
		use_painter(s, symbols_here(s));
		if (strcmp(want, "auto") == 0 && s->caps.is_tmux && !s->probed)
			stage_says(s, ROLE_DIM, "pictures are half blocks: this tmux shows no sixel; g switches");
	}
	s->probed = true;
}

static void
on_probe_over(void *arg)
{
	choose_painter(arg);
}

static void
ask_terminal(struct stage_curses *s)
{
	const char *questions = term_questions();

	term_caps_init(&s->caps);
	s->rounds_out++;
	tty_send(s->tty, questions, strlen(questions));
	loop_timer_start(s->loop, s->probe_timer, PROBE_US, 0);
}

static void
on_reply(struct stage_curses *s, const struct input_event *ev)
{
	bool done;

	if (ev->final == 'n' && ev->prefix == 0 && ev->args[0] == 0) {
		stage_pictures_answered(s->pictures);
		return;
	}
	if (s->rounds_out == 0)
		return;		/* nobody asked: noise that looks like an answer must not change the painter */
	if (term_reply(&s->caps, ev, &done) && done) {
		s->rounds_out--;
		loop_timer_stop(s->loop, s->probe_timer);
		choose_painter(s);
	}
}

static void
on_input(void *arg, const struct input_event *ev)
{
	struct stage_curses *s = arg;

	switch (ev->kind) {
	case INPUT_REPLY:
		on_reply(s, ev);
		break;
	case INPUT_KEY:
		stage_key(s, ev);
		break;
	case INPUT_PASTE:
		stage_paste(s, ev);
		break;
	case INPUT_NOISE:
		keys_noise(s->keys, loop_now_us(s->loop));
		break;
	case INPUT_MOUSE:
		stage_desk_mouse(s, ev);
		break;
	}
}

static void
arm_input_timer(struct stage_curses *s)
{
	int64_t a = input_deadline(s->input), b = keys_deadline(s->keys);
	int64_t at = a < 0 || (b >= 0 && b < a) ? b : a;

	if (s->prompt_open && (at < 0 || s->prompt_us + PROMPT_IDLE_US < at))
		at = s->prompt_us + PROMPT_IDLE_US;
	if (at >= 0)
		loop_timer_start_at(s->loop, s->input_timer, at);
	else
		loop_timer_stop(s->loop, s->input_timer);
}

static void
on_input_timer(void *arg)
{
	struct stage_curses *s = arg;
	int64_t now_us = loop_now_us(s->loop);

	input_tick(s->input, now_us);
	keys_tick(s->keys, s->show, now_us);
	if (s->prompt_open && now_us >= s->prompt_us + PROMPT_IDLE_US) {
		stage_close_prompt(s);
		stage_says(s, ROLE_DIM, "prompt closed after 15 s; its text is kept (:)");
	}
	arm_input_timer(s);
	stage_wants_draw(s);
}

static void
on_terminal_gone(void *arg)
{
	struct stage_curses *s = arg;

	if (s->terminal_gone)
		return;
	s->terminal_gone = true;
	stage_pictures_use(s->pictures, NULL, &(struct paint_screen){ 0 }, &s->caps, 1);
	if (s->rehearsal && s->quit != NULL)
		s->quit(s->quit_arg, 0);	/* nobody is left to rehearse; a show goes on */
	else
		bus_tell(s->bus, EV_NOTICE, NULL, "the terminal is gone; the show goes on without it");
}

static void
on_bytes(void *arg, const char *bytes, size_t len)
{
	struct stage_curses *s = arg;

	input_feed(s->input, bytes, len, loop_now_us(s->loop));
	arm_input_timer(s);
	stage_wants_draw(s);
}

static void
on_resize(void *arg)
{
	struct stage_curses *s = arg;
	int rows, cols, w_px, h_px;

	if (s->terminal_gone || !tty_size(s->tty, &rows, &cols, &w_px, &h_px))
		return;
	canvas_fini(&s->canvas);
	canvas_init(&s->canvas, rows, cols);
	canvas_curses_resize(s->curses, rows, cols);
	stage_pictures_forget(s->pictures);
	ask_terminal(s);
	stage_wants_draw(s);
}

static void
on_news(void *arg, const struct bus_event *ev)
{
	struct stage_curses *s = arg;

	if (ev->kind == EV_TILE_DIRTY) {
		stage_pictures_dirty(s->pictures, ev->node);
		return;
	}
	stage_desk_news(s, ev);
	/* News never hides the answer to what the operator has just done; the log has it in any case. */
	if (ev->kind == EV_NOTICE && ev->text != NULL && (loop_now_us(s->loop) >= s->reply_until_us || s->reply_role == ROLE_DIM))
		stage_says(s, ROLE_DIM, ev->text);
	if (ev->kind != EV_NODE_EVENT && ev->kind != EV_CLOCK_SAMPLE)
		stage_wants_draw(s);
}

static void
on_tick(void *arg)
{
	stage_wants_draw(arg);
}

static void
make_timers(struct stage_curses *s)
{
	s->draw_timer = loop_timer_new(s->loop, draw, s);
	s->tick_timer = loop_timer_new(s->loop, on_tick, s);
	s->probe_timer = loop_timer_new(s->loop, on_probe_over, s);
	s->input_timer = loop_timer_new(s->loop, on_input_timer, s);
	loop_signal(s->loop, SIGWINCH, on_resize, s);
	loop_signal(s->loop, SIGHUP, on_terminal_gone, s);
	loop_timer_start(s->loop, s->tick_timer, TICK_US, TICK_US);
}

/* The terminal and curses upon it; false leaves both as they were. */
static bool
open_screen(struct stage_curses *s, const struct stage_curses_conf *conf, struct err *e)
{
	static const struct tty_fns fns = { .bytes = on_bytes, .drained = on_drained, .gone = on_terminal_gone };
	int rows = 24, cols = 80, w_px, h_px;

	if (!stage_desk_open(s, conf, e) || (s->tty = tty_open(s->loop, &fns, s, e)) == NULL)
		return false;
	(void)tty_size(s->tty, &rows, &cols, &w_px, &h_px);
	s->curses = canvas_curses_new(&s->theme, rows, cols, e);
	if (s->curses == NULL) {
		tty_close(s->tty);
		return false;
	}
	canvas_init(&s->canvas, rows, cols);
	buf_init(&s->drawn, MAX_DRAWN_BYTES);
	return true;
}

bool
stage_curses_check(struct err *e)
{
	struct canvas_curses *trial;
	struct theme plain;

	if (!tty_check(e))
		return false;
	theme_plain(&plain);
	trial = canvas_curses_new(&plain, 24, 80, e);
	canvas_curses_free(trial);
	return trial != NULL;
}

struct stage_curses *
stage_curses_new(struct loop *loop, const struct stage_curses_conf *conf, struct shower *shower,
    struct preview *preview, struct bus *bus, struct opt_set *settings, struct err *e)
{
	struct stage_curses *s = xcalloc(1, sizeof *s);

	s->loop = loop;
	s->shower = shower;
	s->bus = bus;
	s->settings = settings;
	s->themes_dir = conf->themes_dir;
	s->rehearsal = conf->rehearsal;
	str_copy(s->graphics, sizeof s->graphics, conf->graphics != NULL ? conf->graphics : "auto");
	str_clean(s->who, sizeof s->who, conf->who, strlen(conf->who), 16);
	if (!open_screen(s, conf, e)) {
		stage_desk_close(s);
		free(s);
		return NULL;
	}
	s->show = xcalloc(1, sizeof *s->show);
	s->input = input_new(on_input, s);
	s->keys = keys_new(stage_keys_result, s);
	s->prompt = prompt_new();
	s->view = &view_sheet;
	stage_fill_ops(s);
	s->pictures = stage_pictures_new(loop, preview, s->tty);
	make_timers(s);
	bus_listen(bus, EV_KINDS, on_news, s);
	send_drawn(s);
	stage_desk_begin(s);
	ask_terminal(s);
	stage_wants_draw(s);
	return s;
}

const struct stage *
stage_curses_stage(struct stage_curses *s)
{
	return &s->stage;
}

void
stage_curses_connect(struct stage_curses *s, struct cmdq *q, void (*quit)(void *arg, int status), void *arg)
{
	s->cmdq = q;
	s->quit = quit;
	s->quit_arg = arg;
}

void
stage_curses_free(struct stage_curses *s)
{
	if (s == NULL)
		return;
	bus_unlisten(s->bus, on_news, s);
	stage_desk_close(s);
	stage_pictures_free(s->pictures);
	loop_timer_free(s->loop, s->draw_timer);
	loop_timer_free(s->loop, s->tick_timer);
	loop_timer_free(s->loop, s->probe_timer);
	loop_timer_free(s->loop, s->input_timer);
	loop_signal(s->loop, SIGWINCH, NULL, s);
	loop_signal(s->loop, SIGHUP, NULL, s);
	buf_clear(&s->drawn);
	canvas_curses_end(s->curses, &s->drawn);
	tty_send(s->tty, s->drawn.data, s->drawn.len);
	tty_close(s->tty);
	canvas_curses_free(s->curses);
	buf_fini(&s->drawn);
	canvas_fini(&s->canvas);
	input_free(s->input);
	keys_free(s->keys);
	prompt_free(s->prompt);
	mesh_free(s->mesh);
	free(s->show);
	free(s);
}

bool
stage_set_theme(struct stage_curses *s, const char *name, struct err *e)
{
	struct theme theme;

	if (!theme_load(&theme, s->themes_dir, name, e))
		return false;
	s->theme = theme;
	canvas_curses_set_theme(s->curses, &theme);
	canvas_curses_redraw(s->curses);
	stage_pictures_forget(s->pictures);
	stage_wants_draw(s);
	return true;
}

void
stage_redraw(struct stage_curses *s)
{
	stage_desk_again(s);
	canvas_curses_redraw(s->curses);
	stage_pictures_forget(s->pictures);
	stage_wants_draw(s);
}

bool
stage_set_graphics(struct stage_curses *s, const char *name, struct err *e)
{
	static const char *const order[] = { "sixel", "symbols", "none" };
	const char *now = s->painter == NULL ? "none" : s->painter == &paint_sixel ? "sixel" : "symbols";
	char text[80];

	if (strcmp(name, "next") == 0)
		for (int i = 0; i < 3; i++)
			if (strcmp(now, order[i]) == 0) {
				name = order[(i + 1) % 3];
				break;
			}
	if (strcmp(name, "auto") != 0 && strcmp(name, "sixel") != 0 && strcmp(name, "symbols") != 0 && strcmp(name, "none") != 0)
		return err_set(e, ERR_USAGE, "graphics: expected auto, sixel, symbols, none or next");
	str_copy(s->graphics, sizeof s->graphics, name);
	choose_painter(s);
	snprintf(text, sizeof text, "pictures: %s%s", s->painter != NULL ? s->painter->name : "none",
	    s->painter == &paint_sixel && !s->caps.sixel ? " (the terminal did not say it shows them)" : "");
	stage_says(s, ROLE_DIM, text);
	return true;
}
