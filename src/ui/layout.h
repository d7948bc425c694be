/*
 * layout.h - what the layouts of pictures share: the two buses side by side, the camera that is looked at, the page
 * line, and what stands there while there is no camera.
 */
#ifndef UI_LAYOUT_H
#define UI_LAYOUT_H

#include "ui/grid.h"
#include "ui/view.h"

#define LAYOUT_PAIR_COLS 59		/* least width for two tiles side by side; a rehearsal's edge takes one of 60 */

/* The part of the view that tiles may use: without margins, and without a rehearsal's edge. */
struct grid_box layout_area(const struct canvas *c, const struct view_frame *f, int top, int bottom);
/* Pictures are drawn, and there is room for tiles of them. */
bool layout_has_room(const struct view_frame *f, int rows, int cols);
/*
 * Preview left, program right, `share` percent of the width for the program.  Where a bus is empty another camera is
 * shown, none twice; what is drawn so is told by layout_left() and layout_right().
 */
void layout_pair(struct canvas *c, const struct view_frame *f, const struct grid_box *b, int share);
const struct show_tile *layout_left(const struct show *s);
const struct show_tile *layout_right(const struct show *s);
/* Rows such a pair needs for the largest program picture in the width; at most most. */
int layout_pair_rows(const struct view_frame *f, int cols, int share, int most);
/* The camera looked at, else preview, else program, else the first; NULL: there is none. */
const struct show_tile *layout_focus(const struct view_frame *f);

/*
 * Across and down for so many tiles, or for as many of them as are worth their room there: pictures come out largest.
 * Always at least one.
 */
struct layout_shape { int across, down; };
struct layout_shape layout_shape(const struct view_frame *f, int tiles, int rows, int cols);

/* The line between a tile and its neighbour at the left. */
void layout_separator(struct canvas *c, const struct view_frame *f, const struct grid_box *tile);

/* f->page within the pages there are. */
int layout_page(const struct view_frame *f, int pages);
/* "-- page 1 of 4   cameras 1-16 of 64   page-up, page-down --" over a whole row; nothing for a single page. */
void layout_page_row(struct canvas *c, const struct view_frame *f, const struct grid_box *row, const char *what, int page, int per_page,
    int total);
/* The same in few words, ending at the right of a row. */
void layout_page_words(struct canvas *c, const struct grid_box *row, int page, int pages);

/* No camera yet: how they are looked for, and what to do. */
void layout_searching(struct canvas *c, const struct show *s, int top, int bottom);
/* Addresses that were tried and are no camera, one a row; the last row counts those that have none. */
void layout_strangers(struct canvas *c, const struct show *s, const struct grid_box *b);

#endif
