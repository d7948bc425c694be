/*
 * root_go.h - `on go` without a screen: a line on standard input lets the cue run that waits.
 * A line is read only once a cue waits for it: what a pipe holds stays there, what a terminal was given too early is thrown away.
 */
#ifndef ROOT_GO_H
#define ROOT_GO_H

#include "app/cueplay.h"
#include "root_opts.h"

struct root_go;

/* --go as the player wants it. */
void root_go_conf(struct cueplay_conf *conf, const struct root_opts *o);
/* Both outlive it.  Without --go it reads standard input; with it, a sheet that was held goes on by itself. */
struct root_go *root_go_new(const struct deck *deck, struct cueplay *play, const struct root_opts *o);
void root_go_free(struct root_go *g);

#endif
