/*
 * filelist.h - the names that a half typed path may become: read in the pool, because a folder may be on a disk that sleeps.
 * Loop's thread.
 */
#ifndef UI_FILELIST_H
#define UI_FILELIST_H

#include "base/loop.h"

#define FILELIST_MOST 128		/* names; of more the first by the alphabet of those that were read first */

/*
 * As they would be typed on, in order, NULL behind the last; what is a folder ends in '/'.  They are the call's only.  Names with
 * characters that no line can show are left out.
 */
typedef void filelist_fn(void *arg, const char *const *paths);

struct filelist;
/* word: "", "sho", "shows/ta", "~/o"; large or small letters; hidden names where their dot was typed.  fn comes later, once. */
struct filelist *filelist_ask(struct loop *loop, const char *word, filelist_fn *fn, void *arg);
/* Nobody waits for it any more: fn does not come.  NULL is fine; not after fn came. */
void filelist_drop(struct filelist *f);

#endif
