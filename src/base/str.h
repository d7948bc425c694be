/*
 * str.h - text from outside made harmless, measured and cut.
 * All text is UTF-8.  Cells are terminal columns.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Makes a stranger's bytes printable: invalid UTF-8, C0, DEL, C1, line separators, bidi
 * controls, zero-width and tag characters, noncharacters, U+10EEEE, and what screens are drawn
 * with (boxes, blocks, private characters) each become U+FFFD; at most 4 combining marks follow one base.  Cut to out_size - 1 bytes and max_cells
 * columns, whole characters only.  Returns the bytes written.  (CWE-150)
 */
size_t str_clean(char *out, size_t out_size, const char *in, size_t in_len, int max_cells);
/* The same of text that is ours: boxes and blocks stay. */
size_t str_clean_drawn(char *out, size_t out_size, const char *in, size_t in_len, int max_cells);
bool str_is_utf8(const char *text, size_t len);
/* Decodes one character; returns its bytes (>= 1), *cp = U+FFFD for a bad one. */
size_t str_next(const char *text, size_t len, uint32_t *cp);
size_t str_put(char out[4], uint32_t cp);
int str_char_cells(uint32_t cp);		/* 0, 1 or 2; own table, no locale */
int str_cells(const char *text);
/* Copies as many whole characters as fit in cells; returns columns used. */
int str_cut(char *out, size_t out_size, const char *text, int cells);
/* File-name slug: [A-Za-z0-9._-], no leading dot or dash, at most 80 bytes; "node" if nothing is left. */
void str_slug(char *out, size_t out_size, const char *text);
/* "500us 500ms 1.5s 2m 1h 00:01:02.500 4:00"; a bare number is refused.  False: not a time. */
bool str_time(const char *text, int64_t *us);
/* 7000000 -> "7s", "2m 05s"; for messages. */
void str_time_words(char *out, size_t out_size, int64_t us);
/* "MM:SS" or "HH:MM:SS" of a duration, floor. */
void str_clock(char *out, size_t out_size, int64_t us);
/* "3.1 TB", "540 MB", "12 B": thousands, two figures below ten. */
void str_bytes(char *out, size_t out_size, int64_t bytes);
bool str_int(const char *text, int64_t min, int64_t max, int64_t *out);
bool str_double(const char *text, double min, double max, double *out);
/* "~/x" below HOME, as a shell would have it; anything else as it is.  True when all fitted. */
bool str_at_home(char *out, size_t out_size, const char *path);
/* snprintf-like bounded copy; always terminates; true when all fitted. */
bool str_copy(char *out, size_t out_size, const char *text);
bool str_has_prefix(const char *text, const char *prefix);
bool str_equal_nocase(const char *a, const char *b);
/* A JSON string literal, quotes included, control characters escaped; ASCII + raw UTF-8. */
void str_json(char *out, size_t out_size, const char *text);
/* As a word of a guarded line: itself, or a JSON string if it has a blank, quote, control or is empty. */
void str_word(char *out, size_t out_size, const char *text);

#endif
