/*
 * stage_desk.h - what the operator has chosen for this screen: colours, keys, mouse, bell, focus, order, filters.
 * A part of struct stage_curses; only stage_*.c include it.
 */
#ifndef UI_STAGE_DESK_H
#define UI_STAGE_DESK_H

#include "app/bus.h"
#include "app/keymap.h"
#include "ui/input.h"
#include "ui/view.h"

struct loop_timer;
struct stage_curses;
struct stage_curses_conf;

struct stage_desk {
	const struct keymap *map;	/* the keys in use: built in, or own_map */
	struct keymap *own_map;
	bool mouse_on;
	char focus[ID_BYTES];
	int per_page;
	char sort[16], filter_node[ID_BYTES], filter_topic[24];
};

/* Theme and keys, before anything is drawn; false: one of them is none, and nothing needs to be closed. */
bool stage_desk_open(struct stage_curses *s, const struct stage_curses_conf *conf, struct err *e);
/* Everything else of the screen is there. */
void stage_desk_begin(struct stage_curses *s);
/* The terminal is still open. */
void stage_desk_close(struct stage_curses *s);
/* What a frame shows of it. */
void stage_desk_frame(const struct stage_curses *s, struct view_frame *f);
/* A setting that changed, an alarm that rings. */
void stage_desk_news(struct stage_curses *s, const struct bus_event *ev);
/* Click: focus; double click: preview; wheel: page.  Never a cut. */
void stage_desk_mouse(struct stage_curses *s, const struct input_event *ev);
/* The screen is drawn anew from nothing: what the terminal may have forgotten is told to it again. */
void stage_desk_again(struct stage_curses *s);

#endif
