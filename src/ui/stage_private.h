/*
 * stage_private.h - inside of the screen, shared by stage_curses.c and stage_keys.c only.
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
#include "ui/stage_pictures.h"
#include "ui/term.h"
#include "ui/tty.h"
#include "ui/view.h"

#define STAGE_ASKED 16			/* submitted commands whose end is awaited */

struct stage_asked { int n; char text[200], wrong[240]; int acked, answered; bool from_key; };	/* wrong: who did not say ok, and why */

struct stage_curses {
	struct loop *loop;
	struct shower *shower;
	struct bus *bus;
	struct opt_set *settings;
	struct cmdq *cmdq;
	void (*quit)(void *arg, int status);
	void *quit_arg;
	struct stage stage;
	const char *themes_dir;
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
	bool probed;
	int rounds_out;			/* rounds of questions to the terminal whose last answer is still out */
	const struct paint_ops *painter;
	struct stage_pictures *pictures;
	struct tty *tty;
	struct buf drawn;		/* curses' bytes on their way to it */
	struct loop_timer *draw_timer, *tick_timer, *probe_timer, *input_timer;
	bool draw_pending, terminal_gone, rehearsal;
	int64_t drawn_us;
	char reply[256];
	enum theme_role reply_role;
	int64_t reply_until_us;
	struct stage_asked asked[STAGE_ASKED];
	int asked_next;
};

void stage_wants_draw(struct stage_curses *s);
void stage_redraw(struct stage_curses *s);
/* One sentence in the prompt row for 6 s. */
void stage_says(struct stage_curses *s, enum theme_role role, const char *text);
bool stage_set_theme(struct stage_curses *s, const char *name, struct err *e);
bool stage_set_graphics(struct stage_curses *s, const char *name, struct err *e);

/* stage_keys.c */
void stage_key(struct stage_curses *s, const struct input_event *ev);
void stage_paste(struct stage_curses *s, const struct input_event *ev);
void stage_keys_result(void *arg, const struct keys_result *r);
void stage_close_prompt(struct stage_curses *s);
void stage_fill_ops(struct stage_curses *s);

#endif
