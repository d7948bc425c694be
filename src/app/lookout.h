/*
 * lookout.h - keeps an eye on the two sources that matter, also while no screen shows them: a picture that stands still is only
 * known of a camera whose pictures come.  Owner of that wish alone; decodes nothing.
 */
#ifndef APP_LOOKOUT_H
#define APP_LOOKOUT_H

#include "app/bus.h"
#include "app/director.h"
#include "app/preview.h"

struct lookout;

/* From now on program and preview are watched, whoever they are.  All three outlive it. */
struct lookout *lookout_new(struct preview *preview, const struct director *director, struct bus *bus);
void lookout_free(struct lookout *l);		/* NULL is fine */

#endif
