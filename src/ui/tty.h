/*
 * tty.h - the operator's terminal: raw mode, and one never blocking way out for every byte of the screen.
 * A terminal that takes no bytes (a stalled line, a stopped emulator) holds up nothing but itself.
 */
#ifndef UI_TTY_H
#define UI_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "base/loop.h"

struct tty;
struct tty_fns {
	void (*bytes)(void *arg, const char *bytes, size_t len);	/* from the keyboard */
	void (*drained)(void *arg);	/* all that was sent has been taken */
	void (*gone)(void *arg);	/* end of input, or the terminal is dead; said once */
};

/* ERR_ENVIRONMENT where standard input or output is no terminal; opens nothing. */
bool tty_check(struct err *e);
/* ERR_ENVIRONMENT where standard input or output is no terminal. */
struct tty *tty_open(struct loop *loop, const struct tty_fns *fns, void *arg, struct err *e);
/* The same upon a terminal that somebody has lent: in and out are the tty's from now on, and closed with it; not on failure. */
struct tty *tty_open_at(struct loop *loop, int in, int out, const struct tty_fns *fns, void *arg, struct err *e);
/*
 * Gives the terminal back as it was; waits at most half a second for the last bytes to be taken, and as long again for the
 * character with which the terminal's last answer ends (0: none is awaited).  What was typed meanwhile is dropped.
 */
void tty_close(struct tty *t, char last_answer);
/* The same in the middle of a show: waits for nothing.  What the terminal does not take at once is lost. */
void tty_leave(struct tty *t);
/* As tty_leave(), but what was lent stays the lender's. */
void tty_lose(struct tty *t);
/* After SIGCONT: raw again, whatever happened meanwhile. */
void tty_again(struct tty *t);
/* Copies.  In order, whole; nothing is ever left out in the middle. */
void tty_send(struct tty *t, const void *bytes, size_t len);
/* Everything sent has been taken: now is the time to draw. */
bool tty_is_idle(const struct tty *t);
bool tty_is_gone(const struct tty *t);
/* Rows, columns and the window's pixels (0: not told). */
bool tty_size(const struct tty *t, int *rows, int *cols, int *w_px, int *h_px);

#endif
