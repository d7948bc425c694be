/*
 * gauge.h - one tile's readings as words, the same in every view.  Pure text.
 */
#ifndef UI_GAUGE_H
#define UI_GAUGE_H

#include <stddef.h>
#include "app/show.h"
#include "ui/theme.h"

/* "PGM REC 12:31", "LOST 12 s", "VIEW ONLY": the state words with their elapsed time. */
void gauge_state(char *out, size_t out_size, const struct show_tile *t);
/* The same in two parts, for a table: "PGM", "PVW" or "", and what follows it. */
const char *gauge_bus(const struct show_tile *t);
void gauge_state_alone(char *out, size_t out_size, const struct show_tile *t);
/* Takes whole words off the end until it fits, the last one stays: half a state says nothing. */
void gauge_fit_words(char *text, int cells);
enum theme_role gauge_state_role(const struct show_tile *t);
/* Role of the tile's edge. */
enum theme_role gauge_edge_role(const struct show_tile *t);
void gauge_battery(char *out, size_t out_size, const struct show_tile *t);	/* " 81%" "AC" "" */
void gauge_storage(char *out, size_t out_size, const struct show_tile *t);	/* "214m" "" */
void gauge_audio(char *out, size_t out_size, const struct show_tile *t);	/* "-20|||||." "MUTED" "" */
/* What is not nominal, the i-th of it, in at most 10 cells; false past the end.  Roles are not in it. */
bool gauge_note(char *out, size_t out_size, const struct show_tile *t, int index, enum theme_role *role);
/* All notes and roles in one line, for the table; a trouble's sentence instead where there is one. */
void gauge_notes(char *out, size_t out_size, const struct show_tile *t);
/* Takes whole notes off its end until they fit; the first one stays. */
void gauge_fit_notes(char *text, int cells);

/* Readings one beside or below the other: "bat  81%", "sto 214m", "-20|||||.", then the notes. */
struct gauge_item { char text[48]; enum theme_role role; };
#define GAUGE_ITEMS 16
int gauge_items(struct gauge_item items[GAUGE_ITEMS], const struct show_tile *t);

/* "12 s" "2 min" "1 h": an age; the snapshot's ages come in steps. */
void gauge_age(char *out, size_t out_size, int64_t us);
/* "0:14", "12:31", "1:02:03". */
void gauge_short_clock(char *out, size_t out_size, int64_t us);
/* How long program is on: "0:14"; while nothing rolls it comes in steps: "2 min". */
void gauge_shot(char *out, size_t out_size, const struct show *s);
/* "2.0x" "1.25x" */
void gauge_zoom(char *out, size_t out_size, double zoom);
/* "line 4.1 Mb/s 82 ms", in two figures; "line 82 ms" while the rate is not known (0), "" while nothing is. */
void gauge_line(char *out, size_t out_size, int64_t bytes_per_s, int64_t rtt_us);
/* "fetching 3 files  45 %  1.2 GB of 2.7 GB  41 MB/s  00:36 left", "fetch paused (rolling)  3 files"; "" nothing is under way. */
void gauge_fetch(char *out, size_t out_size, const struct show_fetch *f);
/* The same beside other things: "fetch 45 % 00:36 left", "fetch paused (rolling)". */
void gauge_fetch_brief(char *out, size_t out_size, const struct show_fetch *f);
/* "20:12:31" or "20:12" in the console's time zone. */
void gauge_wall_clock(char *out, size_t out_size, int64_t utc_us, bool seconds);
/* Why a tile is dead or ill: "! no word for 12 s; trying Tailscale"; "" when all is well. */
void gauge_why(char *out, size_t out_size, const struct show_tile *t);
/* Its readings are of now: in the show, heard of, not lost. */
bool gauge_is_here(const struct show_tile *t);
#define GAUGE_OLD_PICTURE_US 1500000	/* from this age on it is told */
bool gauge_is_low(const struct show_tile *t, bool storage);

#endif
