/*
 * stage_curses.h - the screen: owns the terminal, the views, the prompt and the painters.
 * Draws at the end of a turn of the loop, whatever happened in it; reads keys itself (curses only draws).
 */
#ifndef UI_STAGE_CURSES_H
#define UI_STAGE_CURSES_H

#include "app/bus.h"
#include "app/cmdq.h"
#include "app/preview.h"
#include "app/show.h"
#include "app/stage.h"
#include "base/loop.h"
#include "base/opt.h"

struct stage_curses;
struct stage_curses_conf {
	const char *graphics;		/* auto sixel symbols none */
	const char *theme;		/* name or path; NULL: default, or daylight on a light background */
	const char *keys;		/* name or path; NULL: atem */
	const char *who;		/* the operator, for "by key (anna)" */
	const char *themes_dir;		/* folders joined by ':' */
	const char *keys_dir;		/* of the user's own sets of keys; "" = none */
	const char *history;		/* file of what was typed in earlier runs; "" = none */
	/* The terminal has gone away by itself, and was left: stage_curses_leave().  Called later, from the loop. */
	void (*gone)(void *arg);
	void *arg;
};

/* A terminal that somebody has lent. */
struct stage_curses_place { int in, out; const char *term; bool no_colour, truecolour; };

/* Is there a terminal that a screen can be drawn on?  Leaves it as it is. */
bool stage_curses_check(struct err *e);
/* ERR_ENVIRONMENT when there is no usable terminal.  Takes the terminal over; stage_curses_free() gives it back. */
struct stage_curses *stage_curses_new(struct loop *loop, const struct stage_curses_conf *conf, struct shower *shower,
    struct preview *preview, struct bus *bus, struct opt_set *settings, struct err *e);
const struct stage *stage_curses_stage(struct stage_curses *s);
/* From now on keys become commands. */
void stage_curses_connect(struct stage_curses *s, struct cmdq *q, void (*quit)(void *arg, int status), void *arg);
void stage_curses_free(struct stage_curses *s);
/* Gives the terminal back in the middle of a show, without waiting; what the operator chose stays.  True: there was one to give back. */
bool stage_curses_leave(struct stage_curses *s);
/* Draws there from now on.  Only after it was left.  False + e: nothing has changed, and the descriptors stay the caller's. */
bool stage_curses_enter(struct stage_curses *s, const struct stage_curses_place *place, struct err *e);
/* Of a lent terminal no signal tells: its window has another size; it was stopped and goes on. */
void stage_curses_resized(struct stage_curses *s);
void stage_curses_again(struct stage_curses *s);

#endif
