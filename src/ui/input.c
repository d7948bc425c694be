/*
 * input.c - the keyboard decoder.  Owns the bytes of a sequence in progress; never knows what a key means.
 * Classifies a whole read before it tells any of it, so that noise cannot slip one harmful key in front.
 */
#include "ui/input_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

#define LATE_ESC_US 1200000		/* the rest of a split sequence may come this late */
#define NO_ANSWER_ESC_US 150000		/* ... once an answer came whole: this ESC is none of its bytes */
#define ABANDON_US 1500000		/* a sequence nobody finishes */
#define STRING_US 1500000		/* a string nobody asked for: all of it */
#define SEQUENCE_US 4000000		/* any other sequence: all of it */
#define BROKEN_US 2000000		/* one with a key among its bytes */
#define ANSWER_US 20000000		/* the answer to a question: all of it */
#define PASTE_US 20000000		/* a paste over a slow line pauses, but it does not pause this long */
#define TYPED_PASTE_US 2000000		/* single bytes so long after the last burst are typed: the paste's end is lost */
#define PASTE_BURST_BYTES 4		/* in one read: more than a key */
#define PASTE_BURST_US 20000		/* single bytes closer than this are no finger's */
#define MAX_ESCS 8

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

static void ground_byte(struct input *in, unsigned char c);

static void
tell_esc(struct input *in, int64_t esc_us)
{
	for (int i = 0; i < in->esc_keys; i++)
		input_push_key(in, "esc", "");
	in->esc_us = esc_us;
	/* Should it have been an answer's all the same, its `[` is still to come. */
	if (in->esc_wait_us > LONE_ESC_US)
		in->late_bracket_us = esc_us + LATE_ESC_US;
	input_go(in, INPUT_S_GROUND);
}

static void
esc_byte(struct input *in, unsigned char c)
{
	char name[16];

	if (input_introducer(in, c))
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
	input_go(in, INPUT_S_GROUND);
	if (c == ':') {
		/* Esc and then quickly the prompt: taken for Alt-: the words that follow would be keys. */
		input_push_key(in, "esc", "");
		in->esc_us = in->since_us;
		input_push_key(in, ":", ":");
	} else if (c > 0x20 && c < 0x7f) {
		snprintf(name, sizeof name, "alt-%c", c);
		input_push_key(in, name, "");
	}
	/* ESC space, ESC enter and the like: swallowed whole. */
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
		input_go(in, INPUT_S_CSI);
		return;
	}
	if (cp < 0xa0) {
		in->noisy = true;
		return;
	}
	char text[8] = "";
	memcpy(text, in->utf8, (size_t)in->utf8_want);
	input_push_key(in, text, text);
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
		input_go(in, INPUT_S_CSI);
	} else if (c == ESC)
		input_go(in, INPUT_S_ESC);
	else if (c < 0x20 || c == 0x7f)
		input_push_control(in, c);
	else if (c == ' ')
		input_push_key(in, "space", " ");
	else if (c < 0x80)
		input_push_key(in, text, text);
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
	if (input_introducer(in, c))
		return;
	input_go(in, INPUT_S_GROUND);
	ground_byte(in, c);
}

static void
one_byte(struct input *in, unsigned char c)
{
	switch (in->state) {
	case INPUT_S_GROUND:
		ground_byte(in, c);
		break;
	case INPUT_S_ESC:
		esc_byte(in, c);
		break;
	case INPUT_S_LATE:
		late_byte(in, c);
		break;
	case INPUT_S_CSI:
		if (c == ESC)
			input_go(in, INPUT_S_ESC);
		else
			input_csi_byte(in, c);
		break;
	case INPUT_S_SS3:
		if (c == ESC)
			input_go(in, INPUT_S_ESC);
		else
			input_ss3_byte(in, c);
		break;
	case INPUT_S_STRING:
	case INPUT_S_STRING_ESC:
		input_string_byte(in, c);
		break;
	case INPUT_S_PASTE:
		input_paste_byte(in, c);
		break;
	case INPUT_S_LINUX_F:
		input_go(in, INPUT_S_GROUND);
		break;
	case INPUT_S_MOUSE:
		input_mouse_byte(in, c);
		break;
	}
}

/* The terminal answers also while a sequence waits for its rest, and after a lone Esc: neither may be broken by that. */
static bool
is_fence_between(const struct input *in, const char *bytes, size_t len)
{
	bool waits = in->state != INPUT_S_GROUND || in->utf8_have > 0;

	return waits && len >= sizeof fence - 1 && memcmp(bytes, fence, sizeof fence - 1) == 0;
}

/* The end of the paste is lost. */
static void
drop_paste(struct input *in, int64_t now_us)
{
	buf_clear(&in->paste);
	input_go(in, INPUT_S_GROUND);
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
	if (in->gap_us > LONE_ESC_US && in->state != INPUT_S_GROUND && in->state != INPUT_S_LATE)
		in->is_slow = true;
	one_byte(in, c);
}

/* The terminal's answers are whole, one behind the other: the ESC before this one begins none. */
static void
take_fence(struct input *in, int64_t now_us)
{
	in->fn(in->arg, &(struct input_event){ .kind = INPUT_REPLY, .final = 'n', .arg_count = 1 });
	if (in->state == INPUT_S_ESC && in->esc_wait_us > NO_ANSWER_ESC_US && !input_has_split(in))
		in->esc_wait_us = NO_ANSWER_ESC_US;
	if (in->state == INPUT_S_ESC)
		input_tick(in, now_us);
}

void
input_feed(struct input *in, const char *bytes, size_t len, int64_t now_us)
{
	/* What was read so late may have come in time. */
	bool goes_on = in->state == INPUT_S_ESC && in->esc_wait_us > LONE_ESC_US && len > 0 && bytes[0] == '[';

	if (!goes_on || now_us - in->since_us > LATE_ESC_US)
		input_tick(in, now_us);
	if (in->state == INPUT_S_PASTE)
		judge_paste(in, bytes, len, now_us);
	for (size_t i = 0; i < len; i++) {
		if (is_fence_between(in, bytes + i, len - i)) {
			take_fence(in, now_us);
			i += sizeof fence - 2;
		} else
			take_byte(in, (unsigned char)bytes[i], now_us);
	}
	input_flush_keys(in);
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
	bool is_string = in->state == INPUT_S_STRING || in->state == INPUT_S_STRING_ESC;
	bool answers = in->questions_due && (!is_string || input_string_answers(in));
	int64_t whole_us = in->is_broken ? BROKEN_US : answers ? ANSWER_US : is_string ? STRING_US : SEQUENCE_US;

	return earlier(in->since_us + ABANDON_US, in->begun_us + whole_us);
}

int64_t
input_deadline(const struct input *in)
{
	switch (in->state) {
	case INPUT_S_GROUND:
		return in->utf8_have > 0 ? in->since_us + ABANDON_US : -1;
	case INPUT_S_ESC:
		return in->since_us + in->esc_wait_us;
	case INPUT_S_LATE:
		return in->since_us + LATE_ESC_US;
	case INPUT_S_PASTE:
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
	if (in->state == INPUT_S_ESC) {
		tell_esc(in, in->since_us);
		in->state = INPUT_S_LATE;	/* since_us stays: the window counts from the ESC */
		input_flush_keys(in);
		return;
	}
	if (in->state == INPUT_S_PASTE) {
		drop_paste(in, now_us);
		return;
	}
	if (in->state != INPUT_S_GROUND && in->state != INPUT_S_LATE)
		in->row_us = now_us;	/* its rest may still come */
	in->utf8_have = 0;
	input_go(in, INPUT_S_GROUND);
	input_flush_keys(in);
}
