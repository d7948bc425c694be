/*
 * root_tour.h - `rehearse --tour`: a cue sheet that ships with the program, played on the screen or headless.
 */
#ifndef ROOT_TOUR_H
#define ROOT_TOUR_H

#include "root_house.h"

/* May these options stand together?  False: complained of. */
bool root_tour_fits(const struct root_opts *o);
/* Where its sheet is: told by LIVEDIRECTOR_TOUR (tests), installed, or in the source tree beside the build.  False + e: nowhere. */
bool root_tour_path(char *out, size_t out_size, struct err *e);
/* On a screen: it is loaded into the cue desk, and starts.  What is against it becomes an alarm. */
void root_tour_begin(struct root_house *h);

#endif
