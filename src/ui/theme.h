/*
 * theme.h - roles and their colours, read from a theme file.  A theme holds roles and colours only, never layout.
 * File: one "role foreground background [bold] [reverse] [underline] [dim]" a line; colours are default, the eight
 * names, or 0..255; '#' begins a comment.
 */
#ifndef UI_THEME_H
#define UI_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

#define THEME_ROLES(X) \
	X(TEXT, "text") X(DIM, "dim") X(HEAD, "head") X(LIVE, "live") X(REHEARSAL, "rehearsal") \
	X(BORDER, "border") X(PROGRAM, "program") X(PREVIEW, "preview") \
	X(PROGRAM_EDGE, "program-edge") X(PREVIEW_EDGE, "preview-edge") X(REC, "rec") X(GOOD, "good") \
	X(WARN, "warn") X(ALARM, "alarm") X(METER, "meter") X(CLIP, "clip") X(GONE, "gone") \
	X(NEXT, "next") X(LAST, "last") X(PROMPT, "prompt") X(KEY, "key") X(HELP, "help") \
	X(FOCUS, "focus")

enum theme_role {
#define THEME_ENUM(id, name) ROLE_##id,
	THEME_ROLES(THEME_ENUM)
#undef THEME_ENUM
	THEME_ROLE_COUNT
};

enum theme_attr { THEME_BOLD = 1, THEME_REVERSE = 2, THEME_UNDERLINE = 4, THEME_DIM = 8 };

struct theme_style {
	int fg, bg;			/* -1 default, 0..255 */
	unsigned attrs;
};

struct theme {
	char name[64];
	struct theme_style styles[THEME_ROLE_COUNT];
};

/* The built-in fallback: no colour, only attributes. */
void theme_plain(struct theme *t);
/* A whole theme text; roles not named keep the plain style.  e: FILE:line: what was expected. */
bool theme_parse(struct theme *t, const char *file, const char *text, size_t len, struct err *e);
/* FOLDER/NAME of folders joined by ':', or NAME itself when it holds a slash; path gets the file, "" when there is none. */
bool theme_load(struct theme *t, const char *folders, const char *name, char *path, size_t path_size, struct err *e);
const char *theme_role_name(enum theme_role role);

#endif
