/*
 * preview.h - the newest picture of each node as a small RGB thumb; decode budget.  Newest frame wins:
 * one waiting JPEG per node, replaced by the next; decoded in the pool; never a queue.  The same bytes again are not
 * decoded again.  Sizes and rates may be changed often: less is asked of a node only after a while.
 */
#ifndef APP_PREVIEW_H
#define APP_PREVIEW_H

#include "app/crew.h"
#include "domain/thumb.h"

struct preview;
struct preview *preview_new(struct loop *loop, struct crew *crew, struct bus *bus, const struct opt_set *settings);
void preview_free(struct preview *p);
/*
 * The view wants this node at this size in pixels and rate; 0 wide: not seen, not decoded, and after a while not even sent:
 * who comes back from a list finds its pictures at once.
 */
void preview_want(struct preview *p, const char *node, int width_px, int height_px, int fps);
/*
 * Its pictures are to come though nobody shows them: small ones, few, none decoded.  Whether they stand still is known all the
 * same (crew's judgement).  Costs nothing while preview_want() wants more.
 */
void preview_watch(struct preview *p, const char *node, bool is_watched);
/*
 * Its turn on the screen is near: its newest picture is decoded as soon as its rate allows, once.  Who has called this
 * decides from then on, until nobody looks; before, pictures are decoded as they come.
 */
void preview_pull(struct preview *p, const char *node);
/* What preview_thumb() gives came longer than by_us before the newest that is here. */
bool preview_is_behind(const struct preview *p, const char *node, int64_t by_us);
/* Somebody looks at it, or it is watched: pictures that do not come are then a fault. */
bool preview_is_wanted(const struct preview *p, const char *node);
/* The newest thumb or NULL; valid until the loop's next turn.  serial grows with each new one. */
const struct thumb *preview_thumb(const struct preview *p, const char *node, unsigned *serial);
/* The newest could not be decoded: what preview_thumb() gives, if anything, is older. */
bool preview_is_bad(const struct preview *p, const char *node);
/*
 * Of the picture that preview_thumb() gives: when it was taken, by the node's own clock (X-Timestamp-Us; 0: not told), and
 * when its bytes last came, loop time (0: no picture).  Not of frames that came later and were not shown.
 */
int64_t preview_taken_us(const struct preview *p, const char *node);
int64_t preview_came_us(const struct preview *p, const char *node);
int64_t preview_decoded_count(const struct preview *p);
int64_t preview_same_count(const struct preview *p);	/* frames not decoded, being the same bytes as the last one */

#endif
