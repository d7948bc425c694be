/*
 * input_private.h - CSI sequences, shared by input.c and input_csi.c only.
 */
#ifndef UI_INPUT_PRIVATE_H
#define UI_INPUT_PRIVATE_H

#include "ui/input.h"

/* Prefix and up to INPUT_ARGS numbers. */
void input_csi_parse(const char *seq, size_t len, struct input_event *ev);
/* Of those, and the final byte. */
bool input_csi_is_reply(const struct input_event *ev);
/* The key it is, also with a modifier; NULL: none. */
const char *input_csi_key(const struct input_event *ev);
/* "<0;20;10": three numbers and nothing else.  (SGR, mode 1006) */
bool input_csi_is_mouse(const char *seq, size_t len);

#endif
