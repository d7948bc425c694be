/*
 * vt.h - a terminal in memory: what a program's bytes leave on the screen, what they ask, and where they put pictures.
 * As much of a VT340-like xterm as curses and our painters use; uses none of the product's code.
 */
#ifndef SUPPORT_VT_H
#define SUPPORT_VT_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

/* Answers nothing; no sixel; xterm; xterm.js; an xterm that answers all but CSI 5 n. */
enum vt_kind { VT_DUMB, VT_TEXT, VT_XTERM, VT_JS, VT_FENCELESS };

struct vt_fns {
	void (*answer)(void *arg, const char *bytes, size_t len);
	void (*picture)(void *arg, int row, int col, size_t bytes);	/* a sixel string ended */
};

struct vt {
	enum vt_kind kind;
	struct vt_fns fns;
	void *arg;
	int rows, cols;
	wchar_t *cell;			/* rows * cols; 0 = right half of a wide one */
	int row, col, saved_row, saved_col, top, bottom;
	bool wraps;			/* the cursor stands behind the last column */
	wchar_t last;
	int state;
	char seq[256];
	size_t seq_len, string_len;
	int string_row, string_col;
	char string_kind;
	unsigned char utf8[4];
	int utf8_have, utf8_want;
	long pictures, scrolls, unknown;
	int scrolled_row, scrolled_col;	/* where the cursor stood at the last one */
	char unknown_text[64];		/* the last sequence it does not know */
};

void vt_init(struct vt *v, enum vt_kind kind, int rows, int cols, const struct vt_fns *fns, void *arg);
void vt_fini(struct vt *v);
void vt_feed(struct vt *v, const char *bytes, size_t len);
/* A row as text, trailing blanks cut. */
void vt_row(const struct vt *v, int row, char *out, size_t out_size);
bool vt_shows(const struct vt *v, const char *text);

#endif
