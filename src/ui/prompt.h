/*
 * prompt.h - the `:` line: text, cursor, history.  Its text is kept when it closes by itself.
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
const char *prompt_text(const struct prompt *p);
/* The part that fits in width cells around the cursor; *cursor = its column there. */
void prompt_visible(const struct prompt *p, int width, char *out, size_t out_size, int *cursor);
void prompt_done(struct prompt *p);	/* it ran: into the history, empty */

#endif
