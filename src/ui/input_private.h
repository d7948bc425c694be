/*
 * input_private.h - the decoder's insides, shared by the input*.c files only: what is in progress, and who finishes it.
 */
#ifndef UI_INPUT_PRIVATE_H
#define UI_INPUT_PRIVATE_H

#include "base/buf.h"
#include "base/ceilings.h"
#include "ui/input.h"

#define ESC 0x1b
#define LONE_ESC_US 60000		/* a finger on Esc: nothing follows for this long */

enum input_state { INPUT_S_GROUND, INPUT_S_ESC, INPUT_S_LATE, INPUT_S_CSI, INPUT_S_SS3, INPUT_S_STRING, INPUT_S_STRING_ESC, INPUT_S_PASTE, INPUT_S_LINUX_F, INPUT_S_MOUSE };

struct input {
	input_fn *fn;
	void *arg;
	enum input_state state;
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

/* ---- input_keys.c: the keys of one read, told at its end ---- */

void input_push_key(struct input *in, const char *name, const char *text);
/* A control character's key. */
void input_push_control(struct input *in, unsigned char c);
/* Tells what this read held; a burst marks every key of it. */
void input_flush_keys(struct input *in);

/* ---- input_sequence.c: what follows ESC ---- */

/* To that state, with no bytes yet. */
void input_go(struct input *in, enum input_state to);
/* Lately this line has split what belongs together. */
bool input_has_split(const struct input *in);
/* The byte after ESC; true when it began a sequence. */
bool input_introducer(struct input *in, unsigned char c);
/* One byte more of what is in progress. */
void input_csi_byte(struct input *in, unsigned char c);
void input_ss3_byte(struct input *in, unsigned char c);
bool input_string_answers(const struct input *in);
void input_string_byte(struct input *in, unsigned char c);
void input_paste_byte(struct input *in, unsigned char c);
/* A report of the mouse as terminals send it that know no other form. */
void input_mouse_byte(struct input *in, unsigned char c);

/* ---- input_csi.c: CSI sequences ---- */

/* Prefix and up to INPUT_ARGS numbers. */
void input_csi_parse(const char *seq, size_t len, struct input_event *ev);
/* Of those, and the final byte. */
bool input_csi_is_reply(const struct input_event *ev);
/* The key it is, also with a modifier; NULL: none. */
const char *input_csi_key(const struct input_event *ev);
/* "<0;20;10": three numbers and nothing else.  (SGR, mode 1006) */
bool input_csi_is_mouse(const char *seq, size_t len);

#endif
