/*
 * keyfile.h - a set of keys by its name: built in, a file in the user's folders, or a file.
 */
#ifndef UI_KEYFILE_H
#define UI_KEYFILE_H

#include "app/keymap.h"

/*
 * *own: made from a file, keymap_free() it; NULL for a built-in set.  path gets the file, "" for a built-in set.
 * folders: joined by ':'.  NULL: e says there is none of that name, or FILE:LINE: what was expected; path still names the file.
 */
const struct keymap *keyfile_load(const char *folders, const char *name, struct keymap **own, char *path, size_t path_size,
    struct err *e);

#endif
