/*
 * input_keys.c - the keys of one read: kept until its end, so that noise among them cannot slip one harmful key in front.
 * Owns nothing but the row that is pending; never knows what a key means.
 */
#include "ui/input_private.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define ROW_US 700000			/* keys closer than this are a row */
#define AFTER_ESC_US 700000		/* a harmful key this soon after Esc may be the rest of a sequence */
#define BURST_KEYS 6			/* more different keys than a finger makes in one read */

static bool
same_keys(const struct input *in)
{
	for (int i = 1; i < in->pending_count; i++)
		if (strcmp(in->pending[i].key, in->pending[0].key) != 0)
			return false;
	return true;
}

/* Tells what this read held; a burst marks every key of it. */
void
input_flush_keys(struct input *in)
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
		in->pending[i].is_behind_esc = i == 1 && strcmp(in->pending[0].key, "esc") == 0 && strcmp(in->pending[1].key, ":") == 0;
		in->fn(in->arg, &in->pending[i]);
	}
}

void
input_push_key(struct input *in, const char *name, const char *text)
{
	struct input_event *ev;

	if (in->pending_count == (int)(sizeof in->pending / sizeof in->pending[0])) {
		in->noisy = true;	/* nobody types this fast */
		input_flush_keys(in);
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

void
input_push_control(struct input *in, unsigned char c)
{
	char name[16];

	if (c == '\r' || c == '\n')
		input_push_key(in, "enter", "");
	else if (c == '\t')
		input_push_key(in, "tab", "");
	else if (c == 0x7f || c == 0x08)
		input_push_key(in, "backspace", "");
	else if (c == 0)
		input_push_key(in, "ctrl-space", "");
	else if (c < 27) {
		snprintf(name, sizeof name, "ctrl-%c", 'a' + c - 1);
		input_push_key(in, name, "");
	} else {
		static const char *const high[] = { "esc", "ctrl-\\", "ctrl-]", "ctrl-^", "ctrl-_" };
		input_push_key(in, high[c - 27], "");
	}
}
