/*
 * root_tour.c - finds the tour's cue sheet and has it played.
 * Knows nothing of what is in it.
 */
#include "root_tour.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/cuedesk.h"
#include "base/str.h"
#include "root.h"
#include "root_fleet.h"
#include "root_folder.h"

#ifndef TOUR_FILE
#define TOUR_FILE ""			/* not installed anywhere */
#endif

#define TOUR_CAMERAS 4

bool
root_tour_fits(const struct root_opts *o)
{
	if (o->cue != NULL && strcmp(o->cue, "-") != 0)
		root_complain("--tour plays its own cue sheet: --cue - plays it headless, or leave one of the two out");
	else if (o->with_cameras)
		root_complain("--tour is for rehearsal cameras alone: leave --with-cameras out");
	else if (o->cameras < TOUR_CAMERAS)
		root_complain("--tour needs %d cameras: leave -n out", TOUR_CAMERAS);
	else
		return true;
	return false;
}

bool
root_tour_path(char *out, size_t out_size, struct err *e)
{
	static const char *const places[] = { "../share/livedirector/tour.cue", "../examples/tour.cue", "../../examples/tour.cue" };
	const char *told = getenv("LIVEDIRECTOR_TOUR");
	char own[PATH_MAX], first[PATH_MAX] = TOUR_FILE;

	str_copy(out, out_size, told != NULL ? told : "");
	if (out[0] != '\0')
		return true;
	str_copy(out, out_size, TOUR_FILE);
	if (root_folder_is_there(out))
		return true;
	for (size_t i = 0; root_fleet_own_folder(own, sizeof own) && i < sizeof places / sizeof places[0]; i++) {
		int len = snprintf(out, out_size, "%s/%s", own, places[i]);

		if (len > 0 && (size_t)len < out_size && root_folder_is_there(out))
			return true;
		if (first[0] == '\0')
			str_copy(first, sizeof first, out);
	}
	return err_set(e, ERR_ENVIRONMENT, "the tour's cue sheet is not installed: %.400s is not there", first);
}

/* ---- On a screen ---- */

static void
tour_refused(struct root_house *h, const struct err *e)
{
	vitals_alarm(h->deck.vitals, NULL, "No tour: %s", e->text);
}

static void
tour_loaded(void *arg, const struct err *e)
{
	struct root_house *h = arg;
	struct err why = { .kind = ERR_NONE };

	if (e != NULL && e->kind != ERR_NONE)
		tour_refused(h, e);
	else if (!cuedesk_go(h->deck.cuedesk, false, &why))
		tour_refused(h, &why);
}

void
root_tour_begin(struct root_house *h)
{
	struct err e = { .kind = ERR_NONE };
	char path[PATH_MAX];

	if (!root_tour_path(path, sizeof path, &e) || !cuedesk_load(h->deck.cuedesk, path, tour_loaded, h, &e))
		tour_refused(h, &e);
}
