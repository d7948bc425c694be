/*
 * root_run.c - `run`: plays a cue sheet headless.
 * Never stops a take by itself; says what still rolls.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/cmd.h"
#include "app/show.h"
#include "base/buf.h"
#include "base/ceilings.h"
#include "domain/cue.h"
#include "root.h"
#include "root_door.h"
#include "root_folder.h"
#include "root_go.h"
#include "root_house.h"
#include "root_run.h"
#include "root_sheet.h"

struct run {
	struct root_house house;
	struct cue_sheet sheet;
	struct cueplay *play;
	struct cueplay_result result;
	struct shower *shower;		/* what `status` tells */
	struct control *control;
	int status;
};

/* ---- The show ---- */

static void
run_done(void *arg, const struct cueplay_result *result)
{
	struct run *r = arg;

	r->result = *result;
	loop_stop(r->house.loop);
}

static void
run_interrupt(void *arg)
{
	struct run *r = arg;

	cueplay_interrupt(r->play);
}

/* `quit` comes to the player; from anywhere else there is nobody to say it. */
static void
run_quit(void *arg, int status)
{
	struct run *r = arg;

	(void)status;
	cueplay_interrupt(r->play);
}

static int
run_status(const struct cueplay_result *result)
{
	bool failed = result->failed > 0 || result->command_failed || (result->stopped_early && !result->quit);

	return failed ? ROOT_FAILED : ROOT_OK;
}

static void
run_play(struct run *r, const struct root_opts *o, enum root_discover_how how)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct root_house *h = &r->house;
	struct cueplay_conf conf = { .speed = o->speed, .seed = (uint64_t)o->seed };
	struct root_go *go;

	root_go_conf(&conf, o);
	root_house_text(h, o, run_quit, r);
	r->play = cueplay_new(&h->deck, h->cmdq, &r->sheet, &conf, stage_text_reply(h->text), run_done, r);
	go = root_go_new(&h->deck, r->play, o);
	r->shower = shower_new(&h->deck);
	r->control = root_door_open(h, r->shower, NULL, NULL);
	cuedesk_lend(h->deck.cuedesk, r->play);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		loop_signal(h->loop, signals[i], run_interrupt, r);
	root_discover_begin(h, o, how);
	cueplay_start(r->play);
	loop_run(h->loop);
	cuedesk_lend(h->deck.cuedesk, NULL);
	root_go_free(go);
	root_house_farewell(h, true);
	if (r->result.err.kind != ERR_NONE)
		root_complain("%s", r->result.err.text);
	stage_text_summary(h->text, r->result.passed, r->result.failed);
	root_house_last_words(h, false);
	cueplay_free(r->play);
}

int
root_run_show(const struct root_opts *o, const struct cue_sheet *sheet, const char *folder, enum root_discover_how how)
{
	struct run *r = calloc(1, sizeof *r);
	struct err e = { .kind = ERR_NONE };
	int status;

	if (r == NULL)
		return ROOT_ENVIRONMENT;
	r->sheet = *sheet;
	if (root_house_open(&r->house, o, folder, 0, &e)) {
		run_play(r, o, how);
		root_house_close(&r->house);
		root_door_close(&r->house, r->control);
		shower_free(r->shower);
		status = run_status(&r->result);
		if (r->house.disk_refused && status == ROOT_OK)
			status = ROOT_ENVIRONMENT;
		if (!root_house_fini(&r->house) && status == ROOT_OK)
			status = ROOT_ENVIRONMENT;
	} else {
		root_complain("%s", e.text);
		status = root_status_of(&e);
	}
	free(r);
	return status;
}

int
root_run(const struct root_opts *o)
{
	struct cue_sheet sheet = { .count = 0 };
	char folder[64];
	int status = ROOT_OK;

	if (!root_sheet_read(&sheet, o->words.items[0])) {
		status = ROOT_USAGE;
	} else if (o->dry_run) {
		root_sheet_list(&sheet, o->words.items[0], o->json);
	} else if (o->sphere != NULL) {
		status = root_run_show(o, &sheet, o->sphere, ROOT_DISCOVER_ALL);
	} else {
		root_folder_fresh(folder, sizeof folder);
		fprintf(stderr, "livedirector: the Sphere folder is %s\n", folder);
		status = root_run_show(o, &sheet, folder, ROOT_DISCOVER_ALL);
	}
	cue_sheet_fini(&sheet);
	return status;
}
