/*
 * player.h - fetched files shown to a person by the program that the setting `player` names.
 * Owner of the players it started; they outlive the console.  Opens no window where nobody could see it.
 */
#ifndef APP_PLAYER_H
#define APP_PLAYER_H

#include <stdbool.h>
#include "base/err.h"
#include "base/loop.h"
#include "base/opt.h"

struct player;
typedef void player_done_fn(void *arg, const struct err *e);

struct player *player_new(struct loop *loop, const struct opt_set *settings);
/* Nobody is told any more; what plays plays on.  NULL is fine. */
void player_free(struct player *p);
/* Why a window opened from here would be seen by nobody: "over SSH", "without a graphical screen"; NULL: one can be opened. */
const char *player_why_not(void);
/*
 * Opens these files (absolute paths), in this order.  done comes later, once: it runs, or could not be started.
 * False: the setting is no command.
 */
bool player_open(struct player *p, const char *const *files, int count, player_done_fn *done, void *arg, struct err *e);

#endif
