/*
 * stage_curses.c - the screen.  Owns the terminal and what the operator is doing on it (view, prompt, keys);
 * never the show: it draws snapshots and submits text.  Draws once per turn of the loop, whatever happened in it.
 */
#include "ui/stage_curses.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "ui/stage_private.h"

#define FRAME_US 100000			/* text is drawn at most 10 times a second, */
#define KEY_FRAME_US 15000		/* but what follows a key at once */
#define URGENT_US 300000		/* for so long it is the key's doing */
#define ERASE_BYTES 4000		/* past this a whole screen is cheaper */
#define MESH_US 250000			/* the mesh may be large: its snapshot is taken no more often */
#define PROMPT_IDLE_US 15000000
#define REPLY_US 6000000		/* an answer stands so long, unless a caption comes */
#define LINE_FULL_US 10000000		/* pictures had to wait for room so lately */
#define LINE_TOLD_US 2000000		/* what is said of the line stands so long at least */

static void draw(void *arg);

/* When the draw that is pending may be done: at a steady pace, and as the line allows. */
static void
schedule_draw(struct stage_curses *s)
{
	const int64_t now_us = loop_now_us(s->loop);
	const bool is_urgent = now_us < s->urgent_until_us;
	int64_t at = s->drawn_us + (is_urgent ? KEY_FRAME_US : FRAME_US);
	/* The answer to the last one may start it sooner: go_on(). */
	int64_t free_us = governor_text_at(&s->line.governor, is_urgent, now_us);

	at = at > free_us ? at : free_us;
	loop_timer_start_at(s->loop, s->draw_timer, at > now_us ? at : now_us);
}

void
stage_wants_draw(struct stage_curses *s)
{
	if (s->terminal_gone)
		return;
	s->draw_pending = true;
	schedule_draw(s);
}

void
stage_says(struct stage_curses *s, enum theme_role role, const char *text)
{
	str_copy(s->reply, sizeof s->reply, text);
	s->reply_role = role;
	s->reply_n = 0;
	s->reply_until_us = loop_now_us(s->loop) + REPLY_US;
	stage_wants_draw(s);
}

/* Everything is drawn anew with the next frame. */
void
stage_redraw_all(struct stage_curses *s)
{
	s->redraws_all = true;
	canvas_curses_redraw(s->curses);
	stage_pictures_forget(s->pictures);
	stage_pictures_hold(s->pictures);	/* what went before the text would be cleared with it */
	stage_wants_draw(s);
}

static bool
has_picture_cells(const struct canvas *c, int row, int col, int rows, int cols)
{
	for (int y = row; y < row + rows && y < c->rows; y++)
		for (int x = col; x < col + cols && x < c->cols; x++)
			if (c->cell[y * c->cols + x].picture)
				return true;
	return false;
}

static void
on_erase(void *arg, int row, int col, int rows, int cols)
{
	struct stage_curses *s = arg;

	/* Where no picture stands any more curses writes what is there now. */
	if (!s->redraws_all && has_picture_cells(&s->canvas, row, col, rows, cols))
		canvas_curses_erase(s->curses, &s->drawn, row, col, rows, cols);
}

static void
on_relayout(void *arg)
{
	stage_wants_draw(arg);
}

static void
fill_frame(struct stage_curses *s, struct view_frame *f)
{
	const char *question = keys_question(s->keys);

	memset(f, 0, sizeof *f);
	f->show = s->show;
	f->mesh = s->mesh;
	f->graphics = s->painter != NULL ? VIEW_PICTURES : VIEW_NO_PICTURES;
	if (s->painter == &paint_sixel) {
		f->cell_w_px = s->caps.cell_w_px;
		f->cell_h_px = s->caps.cell_h_px;
	}
	stage_desk_frame(s, f);
	f->page = s->page;
	f->scroll = s->scroll;
	f->locked = keys_is_locked(s->keys);
	f->hot = keys_is_hot(s->keys);
	f->bell = opt_text(s->settings, "bell");
	f->prompt_cursor = -1;
	f->settings = s->settings;
	f->help_command = s->help_command[0] != '\0' ? s->help_command : NULL;
	if (s->prompt_open) {
		int width = s->canvas.cols - 4 - 16;

		prompt_visible(s->prompt, width > 10 ? width : 10, f->prompt, sizeof f->prompt, &f->prompt_cursor);
	} else if (question[0] != '\0') {
		str_copy(f->reply, sizeof f->reply, question);
		f->reply_role = ROLE_WARN;
	} else if (loop_now_us(s->loop) < s->reply_until_us && s->show->caption_age_us > s->drawn_us - (s->reply_until_us - REPLY_US)) {
		str_copy(f->reply, sizeof f->reply, s->reply);
		f->reply_role = s->reply_role;
	}
}

static bool
is_near(int64_t a, int64_t b)
{
	return a <= b + b / 5 && b <= a + a / 5;
}

/* Figures that danced would be bytes on a thin line for nothing: they stand until they are another by a fifth. */
static void
tell_line(struct stage_curses *s, struct view_frame *f)
{
	const struct governor *g = &s->line.governor;
	/* What a line carries shows only while it is full: else its rate says more of the clocks than of the line. */
	const bool is_full = g->level > 0 || g->size > 0 || (g->blocked_us != 0 && s->drawn_us - g->blocked_us < LINE_FULL_US);
	const int64_t bps = is_full && !g->is_silent ? g->rate_bps : 0, rtt_us = g->is_silent || g->rtt_us == INT64_MAX ? 0 : g->rtt_us;

	if (s->told_rtt_us == 0 || (s->drawn_us - s->told_us > LINE_TOLD_US &&
	    !(is_near(bps, s->told_bps) && (is_near(rtt_us, s->told_rtt_us) || llabs(rtt_us - s->told_rtt_us) < 2000)))) {
		s->told_bps = bps;
		s->told_rtt_us = rtt_us;
		s->told_us = s->drawn_us;
	}
	f->line_bps = s->told_bps;
	f->line_rtt_us = s->told_rtt_us;
}

/* What curses has drawn goes the one way out. */
void
stage_send_drawn(struct stage_curses *s)
{
	canvas_curses_take(s->curses, &s->drawn);
	stage_line_send(&s->line, GOVERNOR_TEXT, &s->drawn);
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

/* The next frame comes by itself when time alone changes what stands there, and not before. */
static void
arm_wake(struct stage_curses *s, const struct view_frame *f)
{
	const int64_t now_us = s->drawn_us;
	int64_t after_us = screen_next_change_us(s->view, f);

	if (now_us < s->reply_until_us && (after_us < 0 || s->reply_until_us - now_us < after_us))
		after_us = s->reply_until_us - now_us;
	if (after_us >= 0)
		loop_timer_start(s->loop, s->wake_timer, after_us, 0);
	else
		loop_timer_stop(s->loop, s->wake_timer);
}

static void
lay_out_pictures(struct stage_curses *s, const char *focus)
{
	buf_clear(&s->drawn);
	stage_pictures_layout(s->pictures, &s->canvas, focus);
	if (s->drawn.len > ERASE_BYTES) {
		buf_clear(&s->drawn);
		canvas_curses_redraw(s->curses);
		stage_pictures_forget(s->pictures);
	}
	s->redraws_all = false;
}

static void
draw_now(struct stage_curses *s)
{
	struct view_frame f;

	s->draw_pending = false;
	s->drawn_us = loop_now_us(s->loop);
	shower_fill(s->shower, s->show);
	take_mesh(s);
	fill_frame(s, &f);
	tell_line(s, &f);
	keys_alarms_shown(s->keys, screen_alarms_shown(s->show, s->canvas.rows, s->canvas.cols));
	canvas_clear(&s->canvas);
	screen_draw(&s->canvas, s->view, &f);
	lay_out_pictures(s, f.focus);
	canvas_curses_show(s->curses, &s->canvas);
	stage_send_drawn(s);
	arm_wake(s, &f);
	stage_pictures_pump(s->pictures);
}

static void
draw(void *arg)
{
	struct stage_curses *s = arg;
	const int64_t now_us = loop_now_us(s->loop);

	if (!s->terminal_gone)
		stage_line_tend(&s->line);
	/* Not queued twice: still pending, and drawn when the terminal has taken, or answered, what is under way. */
	if (s->terminal_gone || !tty_is_idle(s->tty))
		return;
	if (governor_text_at(&s->line.governor, now_us < s->urgent_until_us, now_us) > now_us)
		schedule_draw(s);
	else
		draw_now(s);
}

/* The terminal has room again: text first, then pictures. */
static void
go_on(struct stage_curses *s)
{
	stage_line_tend(&s->line);
	if (s->draw_pending)
		schedule_draw(s);
	if (!s->terminal_gone)
		stage_pictures_pump(s->pictures);
}

void
stage_answered(struct stage_curses *s)
{
	go_on(s);
}

void
stage_drained(void *arg)
{
	struct stage_curses *s = arg;

	if (s->draw_pending)
		draw(s);
	go_on(s);
}

void
stage_input(void *arg, const struct input_event *ev)
{
	struct stage_curses *s = arg;

	if (ev->kind == INPUT_KEY || ev->kind == INPUT_PASTE || ev->kind == INPUT_MOUSE) {
		s->urgent_until_us = loop_now_us(s->loop) + URGENT_US;
		governor_key(&s->line.governor, loop_now_us(s->loop));
	}
	switch (ev->kind) {
	case INPUT_REPLY:
		stage_reply(s, ev);
		return;
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
	case INPUT_DROPPED:
		stage_says(s, ROLE_WARN, "a paste without an end was dropped");
		break;
	}
	stage_wants_draw(s);
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

void
stage_pressed(struct stage_curses *s, const struct input_event *ev)
{
	stage_input(s, ev);
	arm_input_timer(s);
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

/* Said in the middle of a call of its own: it is left in the next turn. */
void
stage_terminal_gone(void *arg)
{
	struct stage_curses *s = arg;

	if (s->terminal_gone)
		return;
	s->terminal_gone = true;
	loop_timer_start(s->loop, s->leave_timer, 0, 0);
}

static void
on_leave(void *arg)
{
	struct stage_curses *s = arg;

	if (stage_curses_leave(s) && s->gone != NULL)
		s->gone(s->gone_arg);
}

void
stage_bytes(void *arg, const char *bytes, size_t len)
{
	struct stage_curses *s = arg;
	const bool due = !s->line.governor.is_silent && s->line.governor.count > 0;

	input_expect(s->input, due, due && s->line.questions_out > 0);
	input_feed(s->input, bytes, len, loop_now_us(s->loop));
	arm_input_timer(s);
}

/* News never hides the answer to what the operator has just done: it comes after it, a receipt above all. */
static void
hear_notice(struct stage_curses *s, const char *text)
{
	if (loop_now_us(s->loop) >= s->reply_until_us || s->reply_role == ROLE_DIM)
		stage_says(s, ROLE_DIM, text);
	else
		str_copy(s->waiting, sizeof s->waiting, text);
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
	if (ev->kind == EV_NOTICE && ev->text != NULL)
		hear_notice(s, ev->text);
	if (ev->kind != EV_NODE_EVENT && ev->kind != EV_CLOCK_SAMPLE)
		stage_wants_draw(s);
}

static void
on_wake(void *arg)
{
	struct stage_curses *s = arg;

	if (s->waiting[0] != '\0' && loop_now_us(s->loop) >= s->reply_until_us) {
		stage_says(s, ROLE_DIM, s->waiting);
		s->waiting[0] = '\0';
	}
	stage_wants_draw(s);
}

static void
make_timers(struct stage_curses *s)
{
	s->draw_timer = loop_timer_new(s->loop, draw, s);
	s->wake_timer = loop_timer_new(s->loop, on_wake, s);
	s->probe_timer = loop_timer_new(s->loop, stage_probe_over, s);
	s->input_timer = loop_timer_new(s->loop, on_input_timer, s);
	s->leave_timer = loop_timer_new(s->loop, on_leave, s);
	loop_signal(s->loop, SIGWINCH, stage_place_resized, s);
	loop_signal(s->loop, SIGCONT, stage_place_again, s);
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
	static const struct stage_pictures_fns picture_fns = { .erase = on_erase, .relayout = on_relayout };
	struct stage_curses *s = xcalloc(1, sizeof *s);

	s->loop = loop;
	s->shower = shower;
	s->bus = bus;
	s->settings = settings;
	s->themes_dir = conf->themes_dir;
	s->gone = conf->gone;
	s->gone_arg = conf->arg;
	str_copy(s->graphics, sizeof s->graphics, conf->graphics != NULL ? conf->graphics : "auto");
	str_clean(s->who, sizeof s->who, conf->who, strlen(conf->who), 16);
	if (!stage_place_open(s, conf, e)) {
		stage_desk_close(s);
		free(s);
		return NULL;
	}
	s->show = xcalloc(1, sizeof *s->show);
	s->input = input_new(stage_input, s);
	s->keys = keys_new(stage_keys_result, s);
	s->prompt = prompt_new();
	s->view = &view_sheet;
	stage_fill_ops(s);
	s->pictures = stage_pictures_new(loop, preview, &s->line, &picture_fns, s);
	make_timers(s);
	bus_listen(bus, EV_KINDS, on_news, s);
	/* Asked before anything is drawn: an empty line shows its round trip best. */
	stage_ask_terminal(s);
	stage_send_drawn(s);
	stage_desk_begin(s);
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

/* What the terminal still has to answer would be typed into the shell after us. */
static void
give_back(struct stage_curses *s)
{
	const bool answers = !s->line.governor.is_silent && s->line.governor.answers > 0;

	if (answers)
		(void)buf_add_text(&s->drawn, governor_question);
	tty_send(s->tty, s->drawn.data, s->drawn.len);
	tty_close(s->tty, answers ? 'c' : 0);
}

void
stage_curses_free(struct stage_curses *s)
{
	if (s == NULL)
		return;
	bus_unlisten(s->bus, on_news, s);
	stage_desk_close(s);
	buf_clear(&s->drawn);
	stage_pictures_use(s->pictures, &(struct stage_pictures_use){ .painter = NULL, .most_fps = 1 }, &s->caps, &s->drawn);
	stage_pictures_free(s->pictures);
	loop_timer_free(s->loop, s->draw_timer);
	loop_timer_free(s->loop, s->wake_timer);
	loop_timer_free(s->loop, s->probe_timer);
	loop_timer_free(s->loop, s->input_timer);
	loop_timer_free(s->loop, s->leave_timer);
	loop_signal(s->loop, SIGWINCH, NULL, s);
	loop_signal(s->loop, SIGCONT, NULL, s);
	if (s->tty != NULL) {
		canvas_curses_end(s->curses, &s->drawn);
		give_back(s);
		canvas_curses_free(s->curses);
	}
	buf_fini(&s->drawn);
	canvas_fini(&s->canvas);
	input_free(s->input);
	keys_free(s->keys);
	prompt_free(s->prompt);
	mesh_free(s->mesh);
	free(s->show);
	free(s);
}

void
stage_use_theme(struct stage_curses *s, const struct theme *theme)
{
	s->theme = *theme;
	if (s->tty == NULL)
		return;
	canvas_curses_set_theme(s->curses, theme);
	stage_redraw_all(s);
}

void
stage_redraw(struct stage_curses *s)
{
	stage_desk_again(s);
	stage_redraw_all(s);
}
