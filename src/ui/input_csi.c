/*
 * input_csi.c - what a whole CSI sequence says: its numbers, a key, an answer, a report of the mouse.
 * Pure: owns no state and never decides whether a sequence is whole.
 */
#include "ui/input_private.h"

static const struct { char final; int number; const char *key; } csi_keys[] = {
	{ 'A', 0, "up" }, { 'B', 0, "down" }, { 'C', 0, "right" }, { 'D', 0, "left" },
	{ 'H', 0, "home" }, { 'F', 0, "end" }, { 'Z', 0, "back-tab" },
	{ 'P', 0, "f1" }, { 'Q', 0, "f2" }, { 'R', 0, "f3" }, { 'S', 0, "f4" },
	{ '~', 1, "home" }, { '~', 2, "insert" }, { '~', 3, "delete" }, { '~', 4, "end" },
	{ '~', 5, "page-up" }, { '~', 6, "page-down" }, { '~', 7, "home" }, { '~', 8, "end" },
	{ '~', 11, "f1" }, { '~', 12, "f2" }, { '~', 13, "f3" }, { '~', 14, "f4" }, { '~', 15, "f5" },
	{ '~', 17, "f6" }, { '~', 18, "f7" }, { '~', 19, "f8" }, { '~', 20, "f9" }, { '~', 21, "f10" },
	{ '~', 23, "f11" }, { '~', 24, "f12" },
};

void
input_csi_parse(const char *seq, size_t len, struct input_event *ev)
{
	size_t i = 0;
	int64_t value = 0;
	bool any = false;

	if (len > 0 && seq[0] >= '<' && seq[0] <= '?')
		ev->prefix = seq[i++];
	for (; i <= len; i++) {
		if (i < len && seq[i] >= '0' && seq[i] <= '9') {
			value = value * 10 + (seq[i] - '0');
			value = value > 999999 ? 999999 : value;
			any = true;
			continue;
		}
		if ((i == len && !any && ev->arg_count == 0) || ev->arg_count == INPUT_ARGS)
			break;
		ev->args[ev->arg_count++] = (int)value;
		value = 0;
		any = false;
		if (i < len && seq[i] != ';' && seq[i] != ':')
			break;		/* intermediates end the numbers */
	}
}

bool
input_csi_is_reply(const struct input_event *ev)
{
	switch (ev->final) {
	case 'c':
	case 'y':
		return ev->prefix == '?' || ev->prefix == '>';
	case 'S':
		return ev->prefix == '?';
	case 't':
		return ev->prefix == 0 && ev->arg_count == 3;
	case 'n':
		return ev->arg_count > 0;
	default:
		return false;
	}
}

bool
input_csi_is_mouse(const char *seq, size_t len)
{
	int semicolons = 0;

	if (len < 6 || len > 20 || seq[0] != '<')
		return false;
	for (size_t i = 1; i < len; i++) {
		if (seq[i] == ';' && seq[i - 1] >= '0' && seq[i - 1] <= '9')
			semicolons++;
		else if (seq[i] < '0' || seq[i] > '9')
			return false;
	}
	return semicolons == 2 && seq[len - 1] != ';';
}

const char *
input_csi_key(const struct input_event *ev)
{
	for (size_t i = 0; ev->prefix == 0 && i < sizeof csi_keys / sizeof csi_keys[0]; i++) {
		bool plain = csi_keys[i].number == 0 && (ev->arg_count == 0 || (ev->arg_count <= 2 && ev->args[0] > 0));
		bool numbered = ev->arg_count == 1 && ev->args[0] == csi_keys[i].number;

		if (csi_keys[i].final == ev->final && (csi_keys[i].number == 0 ? plain : numbered))
			return csi_keys[i].key;
	}
	return NULL;
}
