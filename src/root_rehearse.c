/*
 * root_rehearse.c - `rehearse`: the console, or a cue sheet, upon rehearsal cameras.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "root.h"
#include "root_console.h"
#include "root_fleet.h"
#include "root_folder.h"
#include "root_run.h"
#include "root_sheet.h"
#include "root_tour.h"

struct rehearsal {
	struct root_opts opts;		/* the caller's, with the cameras added; its own lists */
	char folder[3000], recordings[3100];
	struct cue_sheet sheet;
	struct root_fleet fleet;
};

static bool
rehearse_folder(struct rehearsal *r, struct err *e)
{
	const struct root_opts *o = &r->opts;
	const char *named = o->sphere != NULL ? o->sphere : o->words.count > 0 ? o->words.items[0] : NULL;

	if (named != NULL)
		snprintf(r->folder, sizeof r->folder, "%s", named);
	else if (!root_folder_state_fresh(r->folder, sizeof r->folder, "rehearsal", e))
		return false;
	snprintf(r->recordings, sizeof r->recordings, "%s-cameras", r->folder);
	return true;
}

static int
rehearse_show(struct rehearsal *r)
{
	const struct root_opts *o = &r->opts;
	const enum root_discover_how how = o->with_cameras ? ROOT_DISCOVER_ALL : ROOT_DISCOVER_TYPED;
	struct err e = { .kind = ERR_NONE };
	int status;

	if (!rehearse_folder(r, &e) ||
	    !root_fleet_start(&r->fleet, (int)o->cameras, r->recordings, &r->opts.nodes, &e)) {
		root_complain("%s", e.text);
		root_fleet_stop(&r->fleet);
		if (o->sphere == NULL && o->words.count == 0 && r->folder[0] != '\0')
			(void)rmdir(r->folder);		/* made for this, and still empty */
		return ROOT_ENVIRONMENT;
	}
	fprintf(stderr, "livedirector: the rehearsal's folder is %s\n", r->folder);
	if (o->cue != NULL)
		status = root_run_show(o, &r->sheet, r->folder, how);
	else
		status = root_console_show(o, r->folder, how);
	root_fleet_stop(&r->fleet);
	return status;
}

/* On a screen the cue desk reads it again: here it is known to be there before a camera starts. */
static bool
rehearse_tour(struct rehearsal *r)
{
	struct err e = { .kind = ERR_NONE };
	char path[PATH_MAX];

	if (!root_tour_fits(&r->opts))
		return false;
	if (root_tour_path(path, sizeof path, &e))
		return root_sheet_read(&r->sheet, path);
	root_complain("%s", e.text);
	return false;
}

/* A sheet with an error starts nothing. */
static bool
rehearse_sheet(struct rehearsal *r)
{
	if (r->opts.cue == NULL && !root_console_looks_good(&r->opts))
		return false;
	if (r->opts.tour)
		return rehearse_tour(r);
	return r->opts.cue == NULL || root_sheet_read(&r->sheet, r->opts.cue);
}

int
root_rehearse(const struct root_opts *o)
{
	struct rehearsal *r = calloc(1, sizeof *r);
	int status;

	if (r == NULL)
		return ROOT_ENVIRONMENT;
	r->opts = *o;
	r->fleet.fd = r->fleet.to_fd = -1;
	r->opts.fleet = &r->fleet;
	r->opts.nodes = (struct root_list){ .count = 0 };
	for (int i = 0; i < o->nodes.count; i++)
		root_list_add(&r->opts.nodes, o->nodes.items[i]);
	if (!rehearse_sheet(r)) {
		status = ROOT_USAGE;
	} else if (o->cue == NULL && !root_console_terminal_is_there()) {
		status = ROOT_ENVIRONMENT;
	} else {
		status = rehearse_show(r);
		cue_sheet_fini(&r->sheet);
	}
	for (int i = 0; i < r->opts.nodes.count; i++)
		free(r->opts.nodes.items[i]);
	free(r->opts.nodes.items);
	free(r);
	return status;
}
