/*
 * input_sequence.c - escape sequences, strings and pastes, byte by byte: each is told whole or swallowed whole.
 * (ECMA-48 sections 5.4 and 5.6; xterm control sequences.)  Never decides how long one may last: that is input.c's.
 */
#include "ui/input_private.h"

#include <string.h>

#define ANSWER_ESC_US 600000		/* a lone ESC is held so long while answers are due, or where the line has split something lately */
#define IS_SPLIT_US 60000000		/* a line that has split something may do so again for so long */

static const char paste_end[] = "\x1b[201~";

/* Lately this line has split what belongs together. */
bool
input_has_split(const struct input *in)
{
	return in->since_us - in->split_us < IS_SPLIT_US;
}

void
input_go(struct input *in, enum input_state to)
{
	if (to == INPUT_S_GROUND)
		in->is_slow = in->is_broken = false;
	if (to == INPUT_S_ESC && in->state != INPUT_S_ESC)
		in->escs = in->esc_keys = 1;
	if (to == INPUT_S_ESC)
		in->esc_wait_us = in->answers_due || input_has_split(in) ? ANSWER_ESC_US : LONE_ESC_US;
	in->state = to;
	in->seq_len = 0;
	in->begun_us = in->since_us;
}

/* Of several ESCs, an answer ends one: the others are still held. */
static void
sequence_over(struct input *in, bool was_answer)
{
	const int escs = in->escs - 1, keys = in->esc_keys - 1;

	input_go(in, INPUT_S_GROUND);
	if (!was_answer || escs < 1)
		return;
	input_go(in, INPUT_S_ESC);
	in->escs = escs;
	in->esc_keys = keys > 1 ? keys : 1;
}

/* Buttons as in ctlseqs, "Mouse Tracking": 0 is the left one, 64 and 65 the wheel; with a modifier it is not ours. */
static void
tell_mouse(struct input *in, int button, bool released, int col, int row)
{
	struct input_event ev = { .kind = INPUT_MOUSE, .noisy = in->noisy, .row = row - 1, .col = col - 1 };

	if (!in->wants_mouse || row < 1 || col < 1 || (button != 0 && (released || (button != 64 && button != 65))))
		return;
	ev.mouse = button == 64 ? MOUSE_WHEEL_UP : button == 65 ? MOUSE_WHEEL_DOWN : released ? MOUSE_RELEASE : MOUSE_PRESS;
	in->fn(in->arg, &ev);
}

static void
csi_done(struct input *in, char final)
{
	struct input_event ev = { .kind = INPUT_REPLY, .final = final };
	bool is_mouse = (final == 'M' || final == 'm') && input_csi_is_mouse(in->seq, in->seq_len);

	input_csi_parse(in->seq, in->seq_len, &ev);
	const char *key = input_csi_key(&ev);
	bool is_paste = final == '~' && ev.prefix == 0 && ev.arg_count > 0 && ev.args[0] == 200;

	bool is_known = is_mouse || is_paste || key != NULL || input_csi_is_reply(&ev), was_broken = in->is_broken;
	if (in->is_slow && in->answers_due && !is_known) {
		in->is_broken = true;	/* a key typed between its bytes: the rest is still to come */
		return;
	}
	if (in->is_slow && is_known)
		in->split_us = in->since_us;
	sequence_over(in, input_csi_is_reply(&ev));
	if (was_broken && !input_csi_is_reply(&ev))
		return;
	if (is_mouse) {
		tell_mouse(in, ev.args[0], final == 'm', ev.args[1], ev.args[2]);
		return;
	}
	if (is_paste) {
		in->burst_us = in->since_us;
		buf_clear(&in->paste);
		in->paste_match = 0;
		in->state = INPUT_S_PASTE;
		return;
	}
	if (input_csi_is_reply(&ev)) {
		in->fn(in->arg, &ev);
		return;
	}
	/* With a modifier it is another key, which nothing is bound to: swallowed. */
	if (key != NULL && !(ev.arg_count == 2 && ev.args[1] > 1))
		input_push_key(in, key, "");
}

void
input_csi_byte(struct input *in, unsigned char c)
{
	if (c == '[' && in->seq_len == 0) {
		input_go(in, INPUT_S_LINUX_F);	/* the Linux console's F1..F5: ESC [ [ A */
	} else if (c == 'M' && in->seq_len == 0) {
		input_go(in, INPUT_S_MOUSE);	/* X10 mouse report: three more bytes */
	} else if (c >= 0x40 && c <= 0x7e) {
		csi_done(in, (char)c);
	} else if (c >= 0x20 && c < 0x40) {
		if (in->seq_len < sizeof in->seq)
			in->seq[in->seq_len++] = (char)c;
	} else if (c == 0x18 || c == 0x1a) {
		input_go(in, INPUT_S_GROUND);	/* CAN, SUB abort (ECMA-48) */
	} else {
		in->noisy = true;	/* not a byte of any control sequence: still swallowed */
	}
}

void
input_ss3_byte(struct input *in, unsigned char c)
{
	static const struct { char c; const char *key; } keys[] = {
		{ 'A', "up" }, { 'B', "down" }, { 'C', "right" }, { 'D', "left" }, { 'H', "home" },
		{ 'F', "end" }, { 'P', "f1" }, { 'Q', "f2" }, { 'R', "f3" }, { 'S', "f4" }, { 'M', "enter" },
	};

	if (c >= '0' && c <= '9' && in->seq_len++ < 4)
		return;			/* ESC O 5 P: a modifier, swallowed with the rest */
	bool modified = in->seq_len > 0;
	input_go(in, INPUT_S_GROUND);
	for (size_t i = 0; !modified && i < sizeof keys / sizeof keys[0]; i++)
		if ((unsigned char)keys[i].c == c && c != 'M')
			input_push_key(in, keys[i].key, "");
}

/* XTVERSION's answer, or that to the background's colour, OSC 11 (xterm ctlseqs, "Operating System Commands"). */
bool
input_string_answers(const struct input *in)
{
	if (in->string_kind == 'P')
		return in->seq_len > 0 && in->seq[0] == '>';
	return in->string_kind == ']' && in->seq_len > 2 && in->seq[0] == '1' && in->seq[1] == '1' && in->seq[2] == ';';
}

static void
string_end(struct input *in)
{
	const bool is_told = in->string_kind == 'P' || input_string_answers(in);
	struct input_event ev = { .kind = INPUT_REPLY, .final = in->string_kind };
	size_t n = in->seq_len < sizeof ev.string - 1 ? in->seq_len : sizeof ev.string - 1;

	memcpy(ev.string, in->seq, n);
	if (in->is_slow)
		in->split_us = in->since_us;
	sequence_over(in, is_told);
	if (is_told)
		in->fn(in->arg, &ev);
}

void
input_string_byte(struct input *in, unsigned char c)
{
	if (in->state == INPUT_S_STRING_ESC) {
		if (c == '\\') {
			string_end(in);
			return;
		}
		in->state = INPUT_S_STRING;
	}
	if (c == ESC)
		in->state = INPUT_S_STRING_ESC;
	else if (c == 0x07 && in->string_kind == ']')
		string_end(in);
	else if (c == 0x18 || c == 0x1a)
		input_go(in, INPUT_S_GROUND);
	else if (in->seq_len < sizeof in->seq)
		in->seq[in->seq_len++] = (char)c;
}

void
input_paste_byte(struct input *in, unsigned char c)
{
	if (c == (unsigned char)paste_end[in->paste_match]) {
		if (++in->paste_match < sizeof paste_end - 1)
			return;
		struct input_event ev = { .kind = INPUT_PASTE, .paste = buf_text(&in->paste), .paste_len = in->paste.len };
		input_go(in, INPUT_S_GROUND);
		in->fn(in->arg, &ev);
		return;
	}
	/* What looked like the end was text after all. */
	(void)buf_add(&in->paste, paste_end, in->paste_match);
	in->paste_match = c == ESC ? 1 : 0;
	if (in->paste_match == 0)
		(void)buf_add(&in->paste, &c, 1);	/* past the ceiling: cut */
}

/* The byte after ESC; true when it belonged to a sequence. */
bool
input_introducer(struct input *in, unsigned char c)
{
	switch (c) {
	case '[':
		input_go(in, INPUT_S_CSI);
		return true;
	case 'O':
		input_go(in, INPUT_S_SS3);
		return true;
	case 'P':
	case ']':
	case '_':
	case '^':
	case 'X':
		input_go(in, INPUT_S_STRING);
		in->string_kind = (char)c;
		return true;
	default:
		return false;
	}
}

/* Each byte is its number and 32; terminals that know no other form. */
void
input_mouse_byte(struct input *in, unsigned char c)
{
	in->seq[in->seq_len++] = (char)c;
	if (in->seq_len < 3)
		return;
	int button = (unsigned char)in->seq[0] - 32, col = (unsigned char)in->seq[1] - 32, row = (unsigned char)in->seq[2] - 32;

	input_go(in, INPUT_S_GROUND);
	tell_mouse(in, button, false, col, row);
}
