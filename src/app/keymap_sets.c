/*
 * keymap_sets.c - the three built-in sets: after ATEM switchers, voctomix, and the multicam view of editors.
 * Tables only.  (operators' habits: digits are cameras everywhere, what cuts differs)
 */
#include "app/keymap_private.h"

#define TWIN(k, c) { .key = k, .command = c }
#define TENTH(command, a, b, c, d, e, f, g, h, i) \
	TWIN(a, command " %2"), TWIN(b, command " %3"), TWIN(c, command " %4"), TWIN(d, command " %5"), TWIN(e, command " %6"), \
	TWIN(f, command " %7"), TWIN(g, command " %8"), TWIN(h, command " %9"), TWIN(i, command " %10")
#define HOT(k, n) { .key = k, .command = "cut %" n, .guard = KEY_HOT }
#define HOT_ROW HOT("q", "1"), HOT("w", "2"), HOT("e", "3"), HOT("r", "4"), HOT("t", "5"), HOT("y", "6"), HOT("u", "7"), \
	HOT("i", "8"), HOT("o", "9"), HOT("p", "10")
#define ONCE .guard = KEY_ONCE
#define UI .guard = KEY_UI

#define DIGITS_PREVIEW \
	{ .key = "1", .command = "preview %1", .words = "1-9,0 preview", .brief = "1-0 pvw", \
	  .help = "put camera 1-10 on preview; ; and two digits: any number" }
#define NUMBER_KEY { .key = ";", .command = "camera-number", UI, .help = "then two digits: put that camera number on preview" }

/* What all sets share: everything but what chooses a source and what cuts. */
#define COMMON \
	{ .key = "backspace", .command = "cut back", .guard = KEY_BACK, .words = "BKSP cut back", .brief = "BKSP back", \
	  .help = "cut back to the source before; again within 3 s: strike the cut from the cut list" }, \
	{ .key = "!", .command = "panic", ONCE, .while_locked = true, .words = "! safe", \
	  .help = "panic: pending cuts and zooms cancelled, auto off, the cue sheet held, program to the safe source; never stops a recording" }, \
	{ .key = "esc", .command = "cancel", ONCE, .help = "cancel the pending cut; close what is open" }, \
	{ .key = "ctrl-r", .command = "record start", .guard = KEY_TWICE, .words = "^R ^R roll", .brief = "^R^R roll", \
	  .help = "twice within 3 s: roll all cameras; while rolling: asks whether to stop" }, \
	{ .key = "m", .command = "tag mark", ONCE, .words = "m mark", .help = "mark this moment" }, \
	{ .key = "M", .command = "mark-text", UI, .help = "mark this moment and type its text" }, \
	{ .key = "f", .command = "flip -t %p", ONCE, .words = "f flip", .help = "flip the preview camera front/back" }, \
	{ .key = "alt-f", .command = "flip -t %p --force", ONCE, \
	  .help = "flip the preview camera although it rolls or is on program" }, \
	{ .key = "z", .command = "zoom -t %p %+", .words = "z/Z zoom", .help = "zoom the preview camera in" }, \
	{ .key = "Z", .command = "zoom -t %p %-", .help = "zoom the preview camera out" }, \
	{ .key = "alt-z", .command = "zoom -t %p %+ --force", .help = "zoom the preview camera in although it is on program" }, \
	{ .key = "alt-Z", .command = "zoom -t %p %- --force", .help = "zoom the preview camera out although it is on program" }, \
	{ .key = "b", .command = "tempo tap", ONCE, .help = "tap the beat: the third tap and each later one tells tempo and beat" }, \
	{ .key = "B", .command = "downbeat", ONCE, .help = "bar 1 begins now" }, \
	{ .key = "G", .command = "cue go", ONCE, .help = "cue go: start the cue sheet, or let the cue run that waits for it" }, \
	{ .key = "a", .command = "seen %a", ONCE, .help = "mark the alarms on the screen as seen" }, \
	{ .key = "g", .command = "graphics next", .help = "next kind of picture: sixel, symbols, none" }, \
	{ .key = "l", .command = "next-layout", UI, .help = "next layout: sheet, switch, quad, single" }, \
	{ .key = "v", .command = "next-view", UI, .help = "next view: sheet, health, arm, takes, mesh, log" }, \
	{ .key = "left", .command = "focus-left", UI, .while_locked = true, \
	  .help = "with right, up, down: move the focus to another camera; up and down scroll lists" }, \
	{ .key = "page-down", .command = "page-next", UI, .while_locked = true, .help = "next page" }, \
	{ .key = "page-up", .command = "page-back", UI, .while_locked = true, .help = "page before" }, \
	{ .key = "+", .command = "more-tiles", UI, .while_locked = true, .help = "more cameras a page: 1, 4, 9, 16, 25, as many as fit" }, \
	{ .key = "-", .command = "fewer-tiles", UI, .while_locked = true, .help = "fewer cameras a page" }, \
	{ .key = "L", .command = "lock-keys", UI, .while_locked = true, .help = "lock the keys; L L unlocks" }, \
	{ .key = ":", .command = "prompt", UI, .words = ": command", .brief = ":", .help = "type a command" }, \
	{ .key = "?", .command = "show-help", UI, .while_locked = true, .words = "? keys", \
	  .help = "this help; again: back to the pictures" }, \
	{ .key = "ctrl-l", .command = "redraw", UI, .while_locked = true, .help = "draw the screen anew" }, \
	{ .key = "right", .command = "focus-right", UI, .while_locked = true }, \
	{ .key = "up", .command = "focus-up", UI, .while_locked = true }, \
	{ .key = "down", .command = "focus-down", UI, .while_locked = true }

#define IDENTIFY { .key = "i", .command = "identify -t %p", ONCE, .help = "the preview camera flashes for 3 s" }
#define HOT_SWITCH \
	{ .key = "H", .command = "hot", UI, .help = "hot-cut row on or off: then q w e r t y u i o p cut to camera 1-10 at once" }

static const struct keymap_entry atem_keys[] = {
	DIGITS_PREVIEW, NUMBER_KEY,
	{ .key = "space", .command = "cut %p", .guard = KEY_CUT, .words = "SPACE cut",
	  .help = "cut to the preview source; the two swap" },
	{ .key = "enter", .command = "cut %p on bar", .guard = KEY_CUT, .words = "ENTER cut on bar", .brief = "ENTER on bar",
	  .help = "cut on the next bar (refused while no clock runs)" },
	IDENTIFY, HOT_SWITCH, COMMON,
	TENTH("preview", "2", "3", "4", "5", "6", "7", "8", "9", "0"), HOT_ROW,
};

static const struct keymap_entry voctomix_keys[] = {
	DIGITS_PREVIEW, NUMBER_KEY,
	{ .key = "f1", .command = "preview %1", .help = "f1 to f10: put camera 1-10 on preview, as the digits do" },
	{ .key = "enter", .command = "cut %p", .guard = KEY_CUT, .words = "ENTER cut",
	  .help = "cut to the preview source; the two swap" },
	{ .key = "space", .command = "cut %p on bar", .guard = KEY_CUT, .words = "SPACE cut on bar", .brief = "SPACE on bar",
	  .help = "cut on the next bar (refused while no clock runs)" },
	IDENTIFY, HOT_SWITCH, COMMON,
	TENTH("preview", "2", "3", "4", "5", "6", "7", "8", "9", "0"),
	TENTH("preview", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10"), HOT_ROW,
};

static const struct keymap_entry nle_keys[] = {
	{ .key = "1", .command = "preview %1", .words = "1-9,0 angle", .brief = "1-0 angle",
	  .help = "cut to camera 1-10 at once while hot cuts are on (H), else put it on preview; ; and two digits: any number on preview" },
	NUMBER_KEY,
	{ .key = "alt-1", .command = "amend %1", ONCE, .help = "alt and a digit: the last cut should have been camera 1-10" },
	{ .key = "space", .command = "cut %p", .guard = KEY_CUT, .words = "SPACE cut",
	  .help = "cut to the preview source; the two swap" },
	{ .key = "enter", .command = "cut %p on bar", .guard = KEY_CUT, .words = "ENTER cut on bar", .brief = "ENTER on bar",
	  .help = "cut on the next bar (refused while no clock runs)" },
	IDENTIFY,
	{ .key = "H", .command = "hot", UI, .words = "H hot", .help = "hot cuts on or off: then 1-9 and 0 cut to camera 1-10 at once" },
	COMMON,
	TENTH("preview", "2", "3", "4", "5", "6", "7", "8", "9", "0"),
	{ .key = "alt-2", .command = "amend %2", ONCE }, { .key = "alt-3", .command = "amend %3", ONCE },
	{ .key = "alt-4", .command = "amend %4", ONCE }, { .key = "alt-5", .command = "amend %5", ONCE },
	{ .key = "alt-6", .command = "amend %6", ONCE }, { .key = "alt-7", .command = "amend %7", ONCE },
	{ .key = "alt-8", .command = "amend %8", ONCE }, { .key = "alt-9", .command = "amend %9", ONCE },
	{ .key = "alt-0", .command = "amend %10", ONCE },
	HOT("1", "1"), HOT("2", "2"), HOT("3", "3"), HOT("4", "4"), HOT("5", "5"), HOT("6", "6"), HOT("7", "7"), HOT("8", "8"),
	HOT("9", "9"), HOT("0", "10"),
};

#define SET(n, e) { .name = n, .entries = e, .count = (int)(sizeof e / sizeof e[0]) }

const struct keymap keymap_sets[] = {
	SET("atem", atem_keys), SET("voctomix", voctomix_keys), SET("nle", nle_keys), { .name = "" },
};
