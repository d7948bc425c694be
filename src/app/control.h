/*
 * control.h - who comes in by the control socket: their commands go to the one queue as "control:<peer>", guarded lines come
 * back, to each his own and to all what happens by itself.  Owner of the clients; knows neither curses nor a show's rules.
 *
 * A client writes one command a line.  Besides the commands of the language it may write:
 *   sync [on|off]		each of its commands begins when the one before has ended
 *   events [on|off]		what happens by itself (on at first)
 *   json [on|off]		JSON Lines instead of guarded lines
 *   status [FORMAT]		one line on the show (status.h)
 *   attach TERM [nocolour] [truecolour]	with three descriptors: its terminal becomes the console's screen
 *   resized, again, detach	by who has lent its terminal
 * Each line is answered like a command: begin, end.  `attach` ends when the terminal is given back.
 */
#ifndef APP_CONTROL_H
#define APP_CONTROL_H

#include <stdbool.h>
#include "app/show.h"
#include "base/err.h"

struct bus;
struct cmdq;
struct control;
struct crew;
struct loop;

/* A terminal that was lent: descriptors become the taker's. */
struct control_terminal { int in, out, err; char term[64], where[64]; bool no_colour, truecolour; };

struct control_fns {
	/* Take it; false + e: the reason why not, and the descriptors stay control's. */
	bool (*attach)(void *arg, const struct control_terminal *t, struct err *e);
	void (*resized)(void *arg);	/* its window has another size */
	void (*again)(void *arg);	/* it was stopped, and goes on */
	void (*detach)(void *arg);	/* it wants its terminal back, or is gone; control_release() follows */
};

/* Whom it needs; all outlive it, but the queue: see control_free(). */
struct control_parts { struct loop *loop; struct bus *bus; struct crew *crew; struct cmdq *cmdq; struct shower *shower; };

/* fns NULL: there is no screen here (run).  Both are copied. */
struct control *control_new(const struct control_parts *parts, const struct control_fns *fns, void *arg);
/* Serves at that path; false: it is told why, and nothing else changes. */
bool control_open(struct control *c, const char *path, struct err *e);
/* Where the screen is ("/dev/pts/3"); NULL: nowhere. */
void control_screen(struct control *c, const char *where);
/* The lent terminal has been given back: whoever lent it is told, and may go.  why: NULL: it wanted so. */
void control_release(struct control *c, const char *why);	/* NULL is fine */
int control_clients(const struct control *c);
/* After cmdq_free() (callbacks hold its clients); commands that have not ended are told as failed. */
void control_free(struct control *c);	/* NULL is fine */

#endif
