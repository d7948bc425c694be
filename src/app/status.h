/*
 * status.h - a show in one line, for a status bar.  Pure: a snapshot and a format come in, text goes out.
 *
 * A format is text with {items}; {{ and }} are braces.  {item?TEXT} is TEXT and the item, and nothing where the item has
 * nothing to say.  Items: status_item_at().
 */
#ifndef APP_STATUS_H
#define APP_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include "app/show.h"
#include "base/err.h"

struct status_item { const char *name, *help; };

/* The i-th item; NULL past the end. */
const struct status_item *status_item_at(int index);
/* Is it a format?  ERR_USAGE names what is none of the items, or which brace has no end. */
bool status_check(const char *format, struct err *e);
/* format "": the usual line.  where: the screen's terminal, NULL: there is none now.  Clean text without a line feed, cut to out_size. */
void status_line(char *out, size_t out_size, const char *format, const struct show *show, const char *where);

#endif
