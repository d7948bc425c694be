/*
 * input.c - the keyboard decoder.  Owns the bytes of a sequence in progress; never knows what a key means.
 * Classifies a whole read before it tells any of it, so that noise cannot slip one harmful key in front.
 */
#include "ui/input_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"

#define ESC 0x1b
#define LONE_ESC_US 60000		/* a finger on Esc: nothing follows for this long */
#define LATE_ESC_US 1200000		/* the rest of a split sequence may come this late */
#define ANSWER_ESC_US 600000		/* the same while answers are due, or where the line has split something lately */
#define NO_ANSWER_ESC_US 150000		/* ... once an answer came whole: this ESC is none of its bytes */
#define IS_SPLIT_US 60000000		/* a line that has split something may do so again for so long */
#define ABANDON_US 1500000		/* a sequence nobody finishes */
#define STRING_US 1500000		/* a string nobody asked for: all of it */
#define SEQUENCE_US 4000000		/* any other sequence: all of it */
#define BROKEN_US 2000000		/* one with a key among its bytes */
#define ANSWER_US 20000000		/* the answer to a question: all of it */
#define ROW_US 700000			/* keys closer than this are a row */
#define AFTER_ESC_US 700000		/* a harmful key this soon after Esc may be the rest of a sequence */
#define PASTE_US 20000000		/* a paste over a slow line pauses, but it does not pause this long */
#define TYPED_PASTE_US 2000000		/* single bytes so long after the last burst are typed: the paste's end is lost */
#define PASTE_BURST_BYTES 4		/* in one read: more than a key */
#define PASTE_BURST_US 20000		/* single bytes closer than this are no finger's */
#define MAX_ESCS 8
#define BURST_KEYS 6			/* more different keys than a finger makes in one read */

enum state { S_GROUND, S_ESC, S_LATE, S_CSI, S_SS3, S_STRING, S_STRING_ESC, S_PASTE, S_LINUX_F, S_MOUSE };

struct input {
	input_fn *fn;
	void *arg;
	enum state state;
	int64_t since_us;		/* last byte of the sequence in progress */
	int64_t begun_us;		/* its introducer */
	bool answers_due, questions_due;
	int64_t esc_wait_us;		/* so long the ESC being held is not told */
	int escs, esc_keys;		/* ESCs being held, and how many came as fingers press */
	int64_t gap_us;			/* between the last byte and this one */
	bool is_slow;			/* bytes of the sequence in progress came apart */
	bool is_broken;			/* ... and a key among them */
	int64_t split_us;		/* when one that came so turned out to be whole */
	int64_t late_bracket_us;	/* until then a `[` is the rest of that ESC, though a key came between */
	int64_t row_us;			/* the last key of a row behind something dropped, or that itself */
	int64_t burst_us;		/* the last bytes of the paste that no finger typed */
	char seq[MAX_KEY_SEQUENCE];	/* after the introducer */
	size_t seq_len;
	char string_kind;
	bool wants_mouse;
	int64_t esc_us;			/* when a lone Esc came */
	char utf8[4];
	int utf8_have, utf8_want;
	struct buf paste;
	size_t paste_match;		/* bytes of ESC [ 201 ~ seen */
	/* The keys of this read, told at its end. */
	struct input_event pending[64];
	int pending_count;
	bool noisy;
};

static const char paste_end[] = "\x1b[201~";
static const char fence[] = "\x1b[0n";	/* the terminal's "done", which comes many times a second */

struct input *
input_new(input_fn *fn, void *arg)
{
	struct input *in = xcalloc(1, sizeof *in);

	in->fn = fn;
	in->arg = arg;
	in->esc_us = in->split_us = in->row_us = in->late_bracket_us = INT64_MIN / 2;
	buf_init(&in->paste, MAX_PASTE);
	return in;
}

void
input_want_mouse(struct input *in, bool wanted)
{
	in->wants_mouse = wanted;
}

void
input_expect(struct input *in, bool answers, bool questions)
{
	in->answers_due = answers;
	in->questions_due = questions;
}

void
input_free(struct input *in)
{
	if (in == NULL)
		return;
	buf_fini(&in->paste);
	free(in);
}

static bool
same_keys(const struct input *in)
{
	for (int i = 1; i < in->pending_count; i++)
		if (strcmp(in->pending[i].key, in->pending[0].key) != 0)
			return false;
	return true;
}

/* Tells what this read held; a burst marks every key of it. */
static void
flush_keys(struct input *in)
{
	bool burst = in->noisy || (in->pending_count > BURST_KEYS && !same_keys(in));
	int count = in->pending_count;
	bool noisy = in->noisy;

	in->pending_count = 0;
	in->noisy = false;
	if (noisy)
		in->fn(in->arg, &(struct input_event){ .kind = INPUT_NOISE });
	for (int i = 0; i < count; i++) {
		in->pending[i].burst = burst;
		in->pending[i].noisy = noisy;
		in->pending[i].is_first = i == 0;
		in->pending[i].is_last = i == count - 1 || strcmp(in->pending[i + 1].key, ":") == 0;
		in->fn(in->arg, &in->pending[i]);
	}
}

static void
push_key(struct input *in, const char *name, const char *text)
{
	struct input_event *ev;

	if (in->pending_count == (int)(sizeof in->pending / sizeof in->pending[0])) {
		in->noisy = true;	/* nobody types this fast */
		flush_keys(in);
		in->noisy = true;
	}
	ev = &in->pending[in->pending_count++];
	memset(ev, 0, sizeof *ev);
	ev->kind = INPUT_KEY;
	str_copy(ev->key, sizeof ev->key, name);
	str_copy(ev->text, sizeof ev->text, text);
	ev->after_esc = in->since_us - in->esc_us < AFTER_ESC_US;
	ev->after_drop = in->since_us - in->row_us < ROW_US;
	if (ev->after_drop)
		in->row_us = in->since_us;
}

static void
push_control(struct input *in, unsigned char c)
{
	char name[16];

	if (c == '\r' || c == '\n')
		push_key(in, "enter", "");
	else if (c == '\t')
		push_key(in, "tab", "");
	else if (c == 0x7f || c == 0x08)
		push_key(in, "backspace", "");
	else if (c == 0)
		push_key(in, "ctrl-space", "");
	else if (c < 27) {
		snprintf(name, sizeof name, "ctrl-%c", 'a' + c - 1);
		push_key(in, name, "");
	} else {
		static const char *const high[] = { "esc", "ctrl-\\", "ctrl-]", "ctrl-^", "ctrl-_" };
		push_key(in, high[c - 27], "");
	}
}

/* Lately this line has split what belongs together. */
static bool
has_split(const struct input *in)
{
	return in->since_us - in->split_us < IS_SPLIT_US;
}

static void
go(struct input *in, enum state to)
{
	if (to == S_GROUND)
		in->is_slow = in->is_broken = false;
	if (to == S_ESC && in->state != S_ESC)
		in->escs = in->esc_keys = 1;
	if (to == S_ESC)
		in->esc_wait_us = in->answers_due || has_split(in) ? ANSWER_ESC_US : LONE_ESC_US;
	in->state = to;
	in->seq_len = 0;
	in->begun_us = in->since_us;
}

/* Of several ESCs, an answer ends one: the others are still held. */
static void
sequence_over(struct input *in, bool was_answer)
{
	const int escs = in->escs - 1, keys = in->esc_keys - 1;

	go(in, S_GROUND);
	if (!was_answer || escs < 1)
		return;
	go(in, S_ESC);
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
		in->state = S_PASTE;
		return;
	}
	if (input_csi_is_reply(&ev)) {
		in->fn(in->arg, &ev);
		return;
	}
	/* With a modifier it is another key, which nothing is bound to: swallowed. */
	if (key != NULL && !(ev.arg_count == 2 && ev.args[1] > 1))
		push_key(in, key, "");
}

static void
csi_byte(struct input *in, unsigned char c)
{
	if (c == '[' && in->seq_len == 0) {
		go(in, S_LINUX_F);	/* the Linux console's F1..F5: ESC [ [ A */
	} else if (c == 'M' && in->seq_len == 0) {
		go(in, S_MOUSE);	/* X10 mouse report: three more bytes */
	} else if (c >= 0x40 && c <= 0x7e) {
		csi_done(in, (char)c);
	} else if (c >= 0x20 && c < 0x40) {
		if (in->seq_len < sizeof in->seq)
			in->seq[in->seq_len++] = (char)c;
	} else if (c == 0x18 || c == 0x1a) {
		go(in, S_GROUND);	/* CAN, SUB abort (ECMA-48) */
	} else {
		in->noisy = true;	/* not a byte of any control sequence: still swallowed */
	}
}

static void
ss3_byte(struct input *in, unsigned char c)
{
	static const struct { char c; const char *key; } keys[] = {
		{ 'A', "up" }, { 'B', "down" }, { 'C', "right" }, { 'D', "left" }, { 'H', "home" },
		{ 'F', "end" }, { 'P', "f1" }, { 'Q', "f2" }, { 'R', "f3" }, { 'S', "f4" }, { 'M', "enter" },
	};

	if (c >= '0' && c <= '9' && in->seq_len++ < 4)
		return;			/* ESC O 5 P: a modifier, swallowed with the rest */
	bool modified = in->seq_len > 0;
	go(in, S_GROUND);
	for (size_t i = 0; !modified && i < sizeof keys / sizeof keys[0]; i++)
		if ((unsigned char)keys[i].c == c && c != 'M')
			push_key(in, keys[i].key, "");
}

static void
string_end(struct input *in)
{
	struct input_event ev = { .kind = INPUT_REPLY, .final = in->string_kind };
	size_t n = in->seq_len < sizeof ev.string - 1 ? in->seq_len : sizeof ev.string - 1;

	memcpy(ev.string, in->seq, n);
	if (in->is_slow)
		in->split_us = in->since_us;
	sequence_over(in, in->string_kind == 'P');
	if (in->string_kind == 'P')
		in->fn(in->arg, &ev);
}

static void
string_byte(struct input *in, unsigned char c)
{
	if (in->state == S_STRING_ESC) {
		if (c == '\\') {
			string_end(in);
			return;
		}
		in->state = S_STRING;
	}
	if (c == ESC)
		in->state = S_STRING_ESC;
	else if (c == 0x07 && in->string_kind == ']')
		string_end(in);
	else if (c == 0x18 || c == 0x1a)
		go(in, S_GROUND);
	else if (in->seq_len < sizeof in->seq)
		in->seq[in->seq_len++] = (char)c;
}

static void
paste_byte(struct input *in, unsigned char c)
{
	if (c == (unsigned char)paste_end[in->paste_match]) {
		if (++in->paste_match < sizeof paste_end - 1)
			return;
		struct input_event ev = { .kind = INPUT_PASTE, .paste = buf_text(&in->paste), .paste_len = in->paste.len };
		go(in, S_GROUND);
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
static bool
introducer(struct input *in, unsigned char c)
{
	switch (c) {
	case '[':
		go(in, S_CSI);
		return true;
	case 'O':
		go(in, S_SS3);
		return true;
	case 'P':
	case ']':
	case '_':
	case '^':
	case 'X':
		go(in, S_STRING);
		in->string_kind = (char)c;
		return true;
	default:
		return false;
	}
}

static void ground_byte(struct input *in, unsigned char c);

static void
tell_esc(struct input *in, int64_t esc_us)
{
	for (int i = 0; i < in->esc_keys; i++)
		push_key(in, "esc", "");
	in->esc_us = esc_us;
	/* Should it have been an answer's all the same, its `[` is still to come. */
	if (in->esc_wait_us > LONE_ESC_US)
		in->late_bracket_us = esc_us + LATE_ESC_US;
	go(in, S_GROUND);
}

static void
esc_byte(struct input *in, unsigned char c)
{
	char name[16];

	if (introducer(in, c))
		return;
	if (c == ESC && in->esc_wait_us > LONE_ESC_US && in->escs < MAX_ESCS) {
		in->escs++;		/* Esc again, Esc and an answer, or two answers */
		in->esc_keys += in->gap_us > LONE_ESC_US;
		return;
	}
	if (in->gap_us > LONE_ESC_US) {
		/* It was held because it might have been an answer's; it was a key. */
		tell_esc(in, in->since_us - in->gap_us);
		ground_byte(in, c);
		return;
	}
	if (c == ESC)
		return;			/* ESC ESC [ A: still one sequence */
	if (in->esc_wait_us > LONE_ESC_US)
		in->late_bracket_us = in->since_us + LATE_ESC_US;	/* or a key that came between an answer's bytes */
	go(in, S_GROUND);
	if (c == ':') {
		/* Esc and then quickly the prompt: taken for Alt-: the words that follow would be keys. */
		push_key(in, "esc", "");
		in->esc_us = in->since_us;
		push_key(in, ":", ":");
	} else if (c > 0x20 && c < 0x7f) {
		snprintf(name, sizeof name, "alt-%c", c);
		push_key(in, name, "");
	}
	/* ESC space, ESC enter and the like: swallowed whole. */
}

/* Each byte is its number and 32; terminals that know no other form. */
static void
mouse_byte(struct input *in, unsigned char c)
{
	in->seq[in->seq_len++] = (char)c;
	if (in->seq_len < 3)
		return;
	int button = (unsigned char)in->seq[0] - 32, col = (unsigned char)in->seq[1] - 32, row = (unsigned char)in->seq[2] - 32;

	go(in, S_GROUND);
	tell_mouse(in, button, false, col, row);
}

static void
utf8_byte(struct input *in, unsigned char c)
{
	uint32_t cp;

	in->utf8[in->utf8_have++] = (char)c;
	if ((c & 0xc0) != 0x80 && in->utf8_have > 1) {
		in->noisy = true;
		in->utf8_have = 0;
		return;
	}
	if (in->utf8_have < in->utf8_want)
		return;
	in->utf8_have = 0;
	if (str_next(in->utf8, (size_t)in->utf8_want, &cp) != (size_t)in->utf8_want || cp == 0xfffd) {
		in->noisy = true;
		return;
	}
	if (cp == 0x9b) {		/* C1 CSI: its parameters must not become keys */
		go(in, S_CSI);
		return;
	}
	if (cp < 0xa0) {
		in->noisy = true;
		return;
	}
	char text[8] = "";
	memcpy(text, in->utf8, (size_t)in->utf8_want);
	push_key(in, text, text);
}

static void
ground_byte(struct input *in, unsigned char c)
{
	char text[2] = { (char)c, '\0' };

	if (in->utf8_have > 0 && c >= 0x80) {
		utf8_byte(in, c);
		return;
	}
	if (in->utf8_have > 0) {
		in->utf8_have = 0;	/* a character broken off */
		in->noisy = true;
	}
	if (c == '[' && in->since_us < in->late_bracket_us) {
		in->is_slow = true;
		go(in, S_CSI);
	} else if (c == ESC)
		go(in, S_ESC);
	else if (c < 0x20 || c == 0x7f)
		push_control(in, c);
	else if (c == ' ')
		push_key(in, "space", " ");
	else if (c < 0x80)
		push_key(in, text, text);
	else if (c >= 0xc2 && c <= 0xf4) {
		in->utf8_want = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
		utf8_byte(in, c);
	} else
		in->noisy = true;
}

static void
late_byte(struct input *in, unsigned char c)
{
	/* Esc was told already; if this is the rest of a split sequence it is swallowed with all that follows. */
	in->is_slow = true;
	if (introducer(in, c))
		return;
	go(in, S_GROUND);
	ground_byte(in, c);
}

static void
one_byte(struct input *in, unsigned char c)
{
	switch (in->state) {
	case S_GROUND:
		ground_byte(in, c);
		break;
	case S_ESC:
		esc_byte(in, c);
		break;
	case S_LATE:
		late_byte(in, c);
		break;
	case S_CSI:
		if (c == ESC)
			go(in, S_ESC);
		else
			csi_byte(in, c);
		break;
	case S_SS3:
		if (c == ESC)
			go(in, S_ESC);
		else
			ss3_byte(in, c);
		break;
	case S_STRING:
	case S_STRING_ESC:
		string_byte(in, c);
		break;
	case S_PASTE:
		paste_byte(in, c);
		break;
	case S_LINUX_F:
		go(in, S_GROUND);
		break;
	case S_MOUSE:
		mouse_byte(in, c);
		break;
	}
}

/* The terminal answers also while a sequence waits for its rest, and after a lone Esc: neither may be broken by that. */
static bool
is_fence_between(const struct input *in, const char *bytes, size_t len)
{
	bool waits = in->state != S_GROUND || in->utf8_have > 0;

	return waits && len >= sizeof fence - 1 && memcmp(bytes, fence, sizeof fence - 1) == 0;
}

/* The end of the paste is lost. */
static void
drop_paste(struct input *in, int64_t now_us)
{
	buf_clear(&in->paste);
	go(in, S_GROUND);
	in->row_us = now_us;
	in->fn(in->arg, &(struct input_event){ .kind = INPUT_DROPPED });
}

/* A read while a paste lasts: text that comes as pastes do, or keys, typed by somebody who sees that nothing happens. */
static void
judge_paste(struct input *in, const char *bytes, size_t len, int64_t now_us)
{
	while (is_fence_between(in, bytes, len)) {
		bytes += sizeof fence - 1;
		len -= sizeof fence - 1;
	}
	if (len == 0)
		return;
	if (len >= PASTE_BURST_BYTES || now_us - in->since_us < PASTE_BURST_US)
		in->burst_us = now_us;
	else if (now_us - in->burst_us >= TYPED_PASTE_US)
		drop_paste(in, now_us);
}

static void
take_byte(struct input *in, unsigned char c, int64_t now_us)
{
	in->gap_us = now_us - in->since_us;
	in->since_us = now_us;
	if (in->gap_us > LONE_ESC_US && in->state != S_GROUND && in->state != S_LATE)
		in->is_slow = true;
	one_byte(in, c);
}

/* The terminal's answers are whole, one behind the other: the ESC before this one begins none. */
static void
take_fence(struct input *in, int64_t now_us)
{
	in->fn(in->arg, &(struct input_event){ .kind = INPUT_REPLY, .final = 'n', .arg_count = 1 });
	if (in->state == S_ESC && in->esc_wait_us > NO_ANSWER_ESC_US && !has_split(in))
		in->esc_wait_us = NO_ANSWER_ESC_US;
	if (in->state == S_ESC)
		input_tick(in, now_us);
}

void
input_feed(struct input *in, const char *bytes, size_t len, int64_t now_us)
{
	/* What was read so late may have come in time. */
	bool goes_on = in->state == S_ESC && in->esc_wait_us > LONE_ESC_US && len > 0 && bytes[0] == '[';

	if (!goes_on || now_us - in->since_us > LATE_ESC_US)
		input_tick(in, now_us);
	if (in->state == S_PASTE)
		judge_paste(in, bytes, len, now_us);
	for (size_t i = 0; i < len; i++) {
		if (is_fence_between(in, bytes + i, len - i)) {
			take_fence(in, now_us);
			i += sizeof fence - 2;
		} else
			take_byte(in, (unsigned char)bytes[i], now_us);
	}
	flush_keys(in);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Somebody typing behind an introducer must not keep it alive: all of it has its time, too. */
static int64_t
sequence_deadline(const struct input *in)
{
	bool is_string = in->state == S_STRING || in->state == S_STRING_ESC;
	bool answers = in->questions_due && (!is_string || (in->string_kind == 'P' && in->seq_len > 0 && in->seq[0] == '>'));
	int64_t whole_us = in->is_broken ? BROKEN_US : answers ? ANSWER_US : is_string ? STRING_US : SEQUENCE_US;

	return earlier(in->since_us + ABANDON_US, in->begun_us + whole_us);
}

int64_t
input_deadline(const struct input *in)
{
	switch (in->state) {
	case S_GROUND:
		return in->utf8_have > 0 ? in->since_us + ABANDON_US : -1;
	case S_ESC:
		return in->since_us + in->esc_wait_us;
	case S_LATE:
		return in->since_us + LATE_ESC_US;
	case S_PASTE:
		return in->since_us + PASTE_US;
	default:
		return sequence_deadline(in);
	}
}

void
input_tick(struct input *in, int64_t now_us)
{
	int64_t deadline = input_deadline(in);

	if (deadline < 0 || now_us < deadline)
		return;
	if (in->state == S_ESC) {
		tell_esc(in, in->since_us);
		in->state = S_LATE;	/* since_us stays: the window counts from the ESC */
		flush_keys(in);
		return;
	}
	if (in->state == S_PASTE) {
		drop_paste(in, now_us);
		return;
	}
	if (in->state != S_GROUND && in->state != S_LATE)
		in->row_us = now_us;	/* its rest may still come */
	in->utf8_have = 0;
	go(in, S_GROUND);
	flush_keys(in);
}
