/*
 * tile.h - one camera drawn in a box: title with number, name and state words, edge, picture place, readings, and the
 * sentence that says what is wrong.  From one row of text up to the whole screen; stays within its box.
 */
#ifndef UI_TILE_H
#define UI_TILE_H

#include "ui/grid.h"
#include "ui/view.h"

enum tile_kind {
	TILE_SOURCE,		/* "[1] left guest ---- PGM REC 12:31" */
	TILE_BUS,		/* "PGM [1] left guest 0:14 --- REC 12:31": the bus first, the program with its shot */
};

#define TILE_GAUGE_COLS 10

/* A camera has one picture on a screen: where it has a place already, the tile says so instead. */
void tile_draw(struct canvas *c, const struct grid_box *b, const struct show_tile *t, const struct view_frame *f, enum tile_kind kind);
/* Where the picture of a tile stands while all is well; rows 0: it has none. */
struct grid_box tile_picture_place(const struct grid_box *b, const struct view_frame *f);
/* Title and picture only: its readings stand elsewhere. */
void tile_draw_alone(struct canvas *c, const struct grid_box *b, const struct show_tile *t, const struct view_frame *f);
/* An empty bus: "PVW -". */
void tile_draw_empty(struct canvas *c, const struct grid_box *b, const char *word, const struct view_frame *f);
/* The camera with this id; NULL: none such. */
const struct show_tile *tile_find(const struct show *s, const char *id);
/* What plain edges are drawn with: a rehearsal's are hatched, so that it looks unlike a show everywhere. */
const char *tile_rule(const struct show *s, bool is_vertical);
/* How the name of a camera is written: its role, or the one of its trouble. */
enum theme_role tile_name_role(const struct show_tile *t);
bool tile_is_focused(const struct show_tile *t, const struct view_frame *f);

#endif
