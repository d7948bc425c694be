/*
 * stage_private.h - inside of the screen, shared by stage_*.c only.
 */
#ifndef UI_STAGE_PRIVATE_H
#define UI_STAGE_PRIVATE_H

#include "app/mesh.h"
#include "ui/canvas_curses.h"
#include "ui/input.h"
#include "ui/keys.h"
#include "ui/prompt.h"
#include "ui/stage_curses.h"
#include "ui/stage_desk.h"
#include "ui/stage_line.h"
#include "ui/stage_pictures.h"
#include "ui/term.h"
#include "ui/tty.h"
#include "ui/view.h"

#define STAGE_ASKED 16			/* submitted commands whose end is awaited */

/* wrong: who did not say ok, and why; said: what else it told, each after "; ". */
struct stage_asked { int n; char text[200], wrong[240], said[240]; int acked, answered; bool from_key, waited; };

struct stage_curses {
	struct loop *loop;
	struct shower *shower;
	struct bus *bus;
	struct opt_set *settings;
	struct cmdq *cmdq;
	void (*quit)(void *arg, int status);
	void *quit_arg;
	struct stage stage;
	void (*gone)(void *arg);
	void *gone_arg;
	const char *themes_dir;
	char term[64];			/* of the terminal in use */
	bool no_colour, truecolour;
	char who[64], graphics[16], help_command[32];
	struct theme theme;
	struct canvas_curses *curses;
	struct canvas canvas;
	struct show *show;		/* what the screen shows now */
	struct mesh *mesh;		/* view mesh: as taken at mesh_us; else NULL */
	int64_t mesh_us;
	struct input *input;
	struct keys *keys;
	struct stage_desk desk;
	struct prompt *prompt;
	bool prompt_open;
	int64_t prompt_us;		/* last key in it */
	int64_t mark_us;		/* console UTC of the press that opened it with M; 0 = none */
	const struct view_ops *view;
	int page, scroll;
	struct term_caps caps;
	struct term_heard heard;
	int64_t asked_us;		/* the last round of questions */
	bool probed;
	bool is_wrapped;		/* sixels go through tmux */
	const struct paint_ops *painter;
	struct stage_pictures *pictures;
	struct tty *tty;		/* NULL, as curses: it was left */
	struct stage_line line;
	int64_t told_bps, told_rtt_us, told_us;	/* what the screen says of that line, since then */
	struct buf drawn;		/* curses' bytes on their way to it */
	struct loop_timer *draw_timer, *wake_timer, *probe_timer, *input_timer, *leave_timer;
	bool draw_pending, terminal_gone;
	bool redraws_all;		/* the next frame sends everything: no picture needs to be taken away */
	int64_t drawn_us, urgent_until_us;
	char reply[256];
	char waiting[256];		/* the newest notice that came while an answer stood there; "" = none */
	enum theme_role reply_role;
	int64_t reply_until_us;
	int reply_n;			/* the command whose words they are; 0: no command's */
	struct stage_asked asked[STAGE_ASKED];
	int asked_next;
};

void stage_wants_draw(struct stage_curses *s);
/* A key, from fingers or from the `key` command. */
void stage_pressed(struct stage_curses *s, const struct input_event *ev);
void stage_redraw(struct stage_curses *s);
/* One sentence in the prompt row for 6 s. */
void stage_says(struct stage_curses *s, enum theme_role role, const char *text);
/* An answer of the terminal came: what waited for it goes on. */
void stage_answered(struct stage_curses *s);

/* What the terminal does: bytes from it, room in it, its end; and keys made of its bytes. */
void stage_bytes(void *arg, const char *bytes, size_t len);
void stage_drained(void *arg);
void stage_terminal_gone(void *arg);
void stage_input(void *arg, const struct input_event *ev);
/* What curses has drawn goes the one way out. */
void stage_send_drawn(struct stage_curses *s);
/* Everything is drawn anew with the next frame. */
void stage_redraw_all(struct stage_curses *s);

/* stage_place.c: the terminal and curses upon it; false leaves both as they were. */
bool stage_place_open(struct stage_curses *s, const struct stage_curses_conf *conf, struct err *e);
void stage_place_resized(void *arg);
void stage_place_again(void *arg);

/* stage_graphics.c */
bool stage_set_graphics(struct stage_curses *s, const char *name, struct err *e);
void stage_ask_terminal(struct stage_curses *s);
void stage_reply(struct stage_curses *s, const struct input_event *ev);
void stage_probe_over(void *arg);

/* The colours of everything from now on; copied. */
void stage_use_theme(struct stage_curses *s, const struct theme *theme);

/* stage_reply.c: one command on its way; how: "key" or "prompt". */
void stage_submit(struct stage_curses *s, const char *text, const char *how, int64_t pressed_utc_us);

/* stage_keys.c */
void stage_go_layout(struct stage_curses *s);
void stage_turn_page(struct stage_curses *s, int step);
void stage_scroll(struct stage_curses *s, int lines);	/* of a view that has lines */
void stage_focus(struct stage_curses *s, const char *node);
void stage_key(struct stage_curses *s, const struct input_event *ev);
void stage_paste(struct stage_curses *s, const struct input_event *ev);
void stage_keys_result(void *arg, const struct keys_result *r);
void stage_close_prompt(struct stage_curses *s);
/* stage_ops.c */
void stage_fill_ops(struct stage_curses *s);

#endif
