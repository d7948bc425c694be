/*
 * stage_desk.h - what the operator has chosen for this screen: colours, keys, mouse, bell, layout, focus, order, filters.
 * A part of struct stage_curses; only stage_*.c include it.
 */
#ifndef UI_STAGE_DESK_H
#define UI_STAGE_DESK_H

#include <limits.h>
#include "app/bus.h"
#include "app/complete.h"
#include "app/keymap.h"
#include "ui/input.h"
#include "ui/view.h"

struct filelist;
struct livefile;
struct loop_timer;
struct stage_curses;
struct stage_curses_conf;

struct stage_desk {
	const struct keymap *map;	/* the keys in use: built in, or own_map */
	struct keymap *own_map;
	const char *keys_dir, *history;
	char theme_path[PATH_MAX], keys_path[PATH_MAX];	/* "" = not from a file */
	bool theme_chosen;		/* by the operator: else it follows the terminal's background */
	char theme_trouble[240];	/* why there are no colours; "" = there are */
	struct livefile *theme_file, *keys_file;	/* NULL: not watched */
	bool mouse_on;
	int64_t click_us;		/* the last press of the mouse, and on whom */
	char click_node[ID_BYTES];
	struct loop_timer *ring_timer;
	bool ringing;			/* a visual bell: now */
	int64_t rang_us;
	const struct view_ops *layout;	/* what `view sheet` shows */
	char focus[ID_BYTES];
	int per_page;
	char sort[16], filter_node[ID_BYTES], filter_topic[24];
	char hint[256];			/* beside the prompt: what the word may become */
	int tabs;			/* in a row */
	struct filelist *files;		/* names are being read for files_word; NULL: none */
	char files_word[COMPLETE_BYTES];
	bool opened_now;		/* the read that opened the prompt is not over */
};

/* Theme and keys, before anything is drawn; false: one of them is none.  stage_desk_close() in any case. */
bool stage_desk_open(struct stage_curses *s, const struct stage_curses_conf *conf, struct err *e);
/* Everything else of the screen is there. */
void stage_desk_begin(struct stage_curses *s);
/* The terminal is still open, if it ever was. */
void stage_desk_close(struct stage_curses *s);
bool stage_desk_theme(struct stage_curses *s, const char *name, struct err *e);
/* The terminal has told of itself: where nobody chose a theme, one that can be read on its background. */
void stage_desk_suit(struct stage_curses *s);
bool stage_desk_keys(struct stage_curses *s, const char *name, struct err *e);
/* What a frame shows of it. */
void stage_desk_frame(const struct stage_curses *s, struct view_frame *f);
/* A setting that changed, an alarm that rings. */
void stage_desk_news(struct stage_curses *s, const struct bus_event *ev);
/* Click: focus; double click: preview; wheel: page.  Never a cut. */
void stage_desk_mouse(struct stage_curses *s, const struct input_event *ev);
/* Tab at the prompt. */
void stage_desk_complete(struct stage_curses *s);
/* A line that is about to run: kept for later runs. */
void stage_desk_remember(struct stage_curses *s, const char *line);
/* The terminal is left: the mouse is its own again; stage_desk_again() brings it back. */
void stage_desk_rest(struct stage_curses *s);
/* The screen is drawn anew from nothing: what the terminal may have forgotten is told to it again. */
void stage_desk_again(struct stage_curses *s);

#endif
