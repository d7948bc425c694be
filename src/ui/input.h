/*
 * input.h - bytes from the terminal become keys, pastes and replies.  Push decoder, own timing: "now" comes in.
 * A broken, split or unknown escape sequence is swallowed whole, also when its bytes come 500 ms apart;
 * no fragment ever becomes a key; ESC : is Esc and then the prompt.  (ECMA-48 sections 5.4, 5.6; xterm control sequences.)
 */
#ifndef UI_INPUT_H
#define UI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum input_kind { INPUT_KEY, INPUT_PASTE, INPUT_REPLY, INPUT_NOISE, INPUT_MOUSE, INPUT_DROPPED };	/* DROPPED: a paste without an end */
enum input_mouse { MOUSE_PRESS, MOUSE_RELEASE, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };	/* the left button, and the wheel */

#define INPUT_ARGS 16
struct input_event {
	enum input_kind kind;
	char key[16];			/* KEY: "a" "space" "enter" "esc" "up" "ctrl-r" "f1" "alt-x" */
	char text[8];			/* KEY: its character in UTF-8, "" for named keys but space */
	bool burst;			/* KEY: came amid more keys than a finger makes: unmarked paste or a program typing */
	bool noisy;			/* KEY, MOUSE: came amid bytes no keyboard makes */
	bool after_esc;			/* KEY: so soon after a lone Esc that it may be the rest of a split sequence */
	bool after_drop;		/* KEY: in a row behind a string or paste that was dropped for its time */
	bool is_first, is_last;		/* KEY: of its read; is_last also before a ':' */
	bool is_behind_esc;		/* KEY: a ':', second of its read, whose first was Esc */
	enum input_mouse mouse;		/* MOUSE */
	int row, col;			/* MOUSE: the cell, from 0 */
	const char *paste;		/* PASTE: bytes, valid during the call; cut at MAX_PASTE */
	size_t paste_len;
	/* REPLY: CSI with its final byte and numbers, or a string reply. */
	char prefix, final;		/* '?' '>' or 0; 'c' 't' 'n' 'S' 'y' 'R', or 'P' for DCS, ']' for OSC */
	int arg_count, args[INPUT_ARGS];
	char string[128];		/* DCS, OSC text */
};
typedef void input_fn(void *arg, const struct input_event *ev);

struct input;
struct input *input_new(input_fn *fn, void *arg);
void input_free(struct input *in);
/* Whether reports of a mouse are told (they are swallowed else, and never become keys). */
void input_want_mouse(struct input *in, bool wanted);
/* Whether answers of the terminal are due, and among them to questions: a lone ESC may be the beginning of one, and is held longer. */
void input_expect(struct input *in, bool answers, bool questions);
/* One read()'s worth of bytes. */
void input_feed(struct input *in, const char *bytes, size_t len, int64_t now_us);
/* When input_tick() wants to be called (monotonic us); -1: not needed. */
int64_t input_deadline(const struct input *in);
/* A lone ESC becomes a key; an abandoned sequence is dropped. */
void input_tick(struct input *in, int64_t now_us);

#endif
