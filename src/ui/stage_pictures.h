/*
 * stage_pictures.h - the picture layer of the screen: which places there are, which need paint, when it may go.
 * Owns the painters' state.  A batch is sent only to an idle terminal, whole, and never into the middle of text.
 */
#ifndef UI_STAGE_PICTURES_H
#define UI_STAGE_PICTURES_H

#include "app/preview.h"
#include "base/loop.h"
#include "ui/canvas.h"
#include "ui/paint.h"
#include "ui/stage_line.h"
#include "ui/term.h"

struct stage_pictures;
struct stage_pictures_fns {
	/* These cells held a picture that is gone: to be blank on the terminal before anything else is sent. */
	void (*erase)(void *arg, int row, int col, int rows, int cols);
	/* The places have to be laid out anew: pictures change their size, or the first one came. */
	void (*relayout)(void *arg);
};

struct stage_pictures *stage_pictures_new(struct loop *loop, struct preview *preview, struct stage_line *line,
    const struct stage_pictures_fns *fns, void *arg);
void stage_pictures_free(struct stage_pictures *p);
/*
 * painter NULL: no pictures.  screen: what the painter may use.  is_wrapped: sixels go through tmux to the terminal around it.
 * What the painter before has to say at its end is appended to out; what was on the screen is lost.
 */
struct stage_pictures_use { const struct paint_ops *painter; struct paint_screen screen; int most_fps; bool is_wrapped; };
void stage_pictures_use(struct stage_pictures *p, const struct stage_pictures_use *use, const struct term_caps *caps, struct buf *out);
/* The places of the canvas about to be shown. */
void stage_pictures_layout(struct stage_pictures *p, const struct canvas *c, const char *focus);
/* Everything on the terminal is lost: paint all again. */
void stage_pictures_forget(struct stage_pictures *p);
/* The whole screen is about to be written anew: nothing is painted before the next layout. */
void stage_pictures_hold(struct stage_pictures *p);
void stage_pictures_dirty(struct stage_pictures *p, const char *node);
/* The terminal is idle and the canvas has been shown: pictures may go now. */
void stage_pictures_pump(struct stage_pictures *p);

#endif
