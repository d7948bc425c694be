/*
 * stage_pictures.h - the picture layer of the screen: which places there are, which need paint, when it may go.
 * Owns the painters' state.  A batch is sent only to an idle terminal, whole, and never into the middle of text.
 */
#ifndef UI_STAGE_PICTURES_H
#define UI_STAGE_PICTURES_H

#include "app/preview.h"
#include "base/loop.h"
#include "ui/canvas.h"
#include "ui/pacing.h"
#include "ui/paint.h"
#include "ui/term.h"
#include "ui/tty.h"

struct stage_pictures;

struct stage_pictures *stage_pictures_new(struct loop *loop, struct preview *preview, struct tty *tty);
void stage_pictures_free(struct stage_pictures *p);
/* painter NULL: no pictures.  screen: what the painter may use. */
void stage_pictures_use(struct stage_pictures *p, const struct paint_ops *painter, const struct paint_screen *screen,
    const struct term_caps *caps, int fps);
/* The places of the canvas about to be shown.  erased() is called for rows whose picture is gone or moved. */
void stage_pictures_layout(struct stage_pictures *p, const struct canvas *c, void (*erased)(void *arg, int row, int rows), void *arg);
/* Everything on the terminal is lost: paint all again. */
void stage_pictures_forget(struct stage_pictures *p);
void stage_pictures_dirty(struct stage_pictures *p, const char *node);
/* The terminal is idle and the canvas has been shown: pictures may go now. */
void stage_pictures_pump(struct stage_pictures *p);
/* CSI 0 n came. */
void stage_pictures_answered(struct stage_pictures *p);

#endif
