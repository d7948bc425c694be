/*
 * screen_private.h - inside of the screen's own rows, shared by screen*.c only.
 */
#ifndef UI_SCREEN_PRIVATE_H
#define UI_SCREEN_PRIVATE_H

#include "ui/view.h"

/* How many rows each part has, by the height of the terminal. */
struct screen_rows { int header, rule, alarms, next, last, desk; };
struct screen_rows screen_rows(int rows);
/* The left column stays free where there is room for it. */
int screen_margin(int cols);

/* A row of word groups: where the next one goes, and what a plain word is drawn in. */
struct screen_line { struct canvas *c; int row, col, end, gap; bool is_band; };
/* Adds a word group where it fits. */
void screen_add(struct screen_line *l, enum theme_role role, const char *text);
void screen_add_right(struct screen_line *l, enum theme_role role, const char *text);

/* A name in so many cells; where it is longer an ellipsis says so, unless every cell counts. */
void screen_cut_name(char *out, size_t out_size, const char *name, int cells);

/* screen_head.c: the header's one or two rows; view_has_buses: the view names program and preview itself. */
void screen_head(struct canvas *c, const struct view_frame *f, const struct screen_rows *r, bool view_has_buses);
/* screen_next.c: what comes, what was, and the program source that failed. */
void screen_next_draw(struct canvas *c, const struct view_frame *f, int row);
void screen_last_draw(struct canvas *c, const struct view_frame *f, int row);
void screen_lost_draw(struct canvas *c, const struct view_frame *f, int row);
/* screen_alarms.c: the newest alarms in so many rows. */
void screen_alarms_draw(struct canvas *c, const struct show *s, int row, int rows);

#endif
