/*
 * gauge.h - one tile's readings as words, the same in every view.  Pure text.
 */
#ifndef UI_GAUGE_H
#define UI_GAUGE_H

#include <stddef.h>
#include "app/show.h"
#include "ui/theme.h"

/* "PGM REC 12:31", "! LOST 12 s", "VIEW ONLY": the state words with their elapsed time. */
void gauge_state(char *out, size_t out_size, const struct show_tile *t);
enum theme_role gauge_state_role(const struct show_tile *t);
/* Role of the tile's edge. */
enum theme_role gauge_edge_role(const struct show_tile *t);
void gauge_battery(char *out, size_t out_size, const struct show_tile *t);	/* " 81%" "AC" "" */
void gauge_storage(char *out, size_t out_size, const struct show_tile *t);	/* "214m" "" */
void gauge_audio(char *out, size_t out_size, const struct show_tile *t);	/* "-20|||||." "MUTED" "" */
/* What is not nominal, the i-th of it; false past the end. */
bool gauge_note(char *out, size_t out_size, const struct show_tile *t, int index, enum theme_role *role);
/* All notes in one line, for the table. */
void gauge_notes(char *out, size_t out_size, const struct show_tile *t);
/* "12 s" "2 min": an age in coarse steps, so that an idle screen stays still. */
void gauge_age(char *out, size_t out_size, int64_t us);
bool gauge_is_low(const struct show_tile *t, bool storage);

#endif
