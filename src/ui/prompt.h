/*
 * prompt.h - the `:` line: text, cursor, history.  Its text is kept when it closes by itself.
 * Up and down walk through the lines that begin with what was typed.
 */
#ifndef UI_PROMPT_H
#define UI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include "ui/input.h"

enum prompt_wish { PROMPT_STAYS, PROMPT_RUNS, PROMPT_CLOSES };

struct prompt;
struct prompt *prompt_new(void);
void prompt_free(struct prompt *p);
/* seed: text to begin with ("tag "), NULL: what was kept, or empty. */
void prompt_open(struct prompt *p, const char *seed);
enum prompt_wish prompt_key(struct prompt *p, const struct input_event *ev);
void prompt_paste(struct prompt *p, const char *bytes, size_t len);	/* first line only, cleaned */
/* How many lines with something in them were pasted. */
int prompt_lines(const char *bytes, size_t len);
const char *prompt_text(const struct prompt *p);
size_t prompt_cursor(const struct prompt *p);			/* in bytes */
/* What stands between `from` and the cursor becomes this text; too long a line stays as it is. */
void prompt_replace(struct prompt *p, size_t from, const char *text);
/* A line of an earlier run, oldest first. */
void prompt_remember(struct prompt *p, const char *line);
/* The part that fits in width cells around the cursor; *cursor = its column there. */
void prompt_visible(const struct prompt *p, int width, char *out, size_t out_size, int *cursor);
void prompt_done(struct prompt *p);	/* it ran: into the history, empty */

#endif
