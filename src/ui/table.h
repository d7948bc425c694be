/*
 * table.h - one camera a row: number, label, state, battery, storage, audio, and what is not nominal.
 * Columns drop off at the right as the terminal gets narrower; number, label and state always stand.
 */
#ifndef UI_TABLE_H
#define UI_TABLE_H

#include "ui/grid.h"
#include "ui/view.h"

void table_head(struct canvas *c, const struct grid_box *row);
void table_row(struct canvas *c, const struct grid_box *row, const struct show_tile *t, const struct view_frame *f);
/* Number, label and state in as few cells as 26; battery and storage where there is room for them. */
void table_short_row(struct canvas *c, const struct grid_box *row, const struct show_tile *t, const struct view_frame *f);

#endif
