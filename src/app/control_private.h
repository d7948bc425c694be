/*
 * control_private.h - inside of the control socket's clients, shared by control*.c only.
 */
#ifndef APP_CONTROL_PRIVATE_H
#define APP_CONTROL_PRIVATE_H

#include "app/cmdq.h"
#include "app/control.h"
#include "app/stage_text.h"
#include "base/list.h"
#include "io/doorway.h"

#define CONTROL_OPEN 64			/* commands of one client that have not ended; past it its lines wait */
#define CONTROL_WRONG 64		/* lines in a row that were no command: whoever says these is no client of ours */

struct control {
	struct control_parts parts;
	struct control_fns fns;
	void *arg;
	bool has_screen_fns;
	struct doorway *door;
	struct list clients;
	struct list orphans;		/* commands whose client has left */
	struct control_client *terminal;	/* who has lent the screen's terminal; NULL: nobody */
	char where[64];			/* the screen; "" = nowhere */
	struct show *show;		/* NULL until somebody asked for the status */
};

struct control_client {
	struct list link;
	struct control *control;
	struct doorway_client *door;
	struct stage_text *text;
	char by[64];			/* "control:livedirector/4711" */
	bool is_sync, is_json, is_quiet, is_over;
	int64_t attached_us;
	int open, wrong;
	struct list asks;
};

/* One command on its way. */
struct control_ask {
	struct list link;
	struct control_client *client;	/* NULL: it has left */
	int n;				/* 0: not begun */
};

/* control_words.c: true if the line is one of the door's own; it was answered then. */
bool control_word(struct control_client *c, const char *line);
/* The way lines are told to it has changed. */
void control_speak(struct control_client *c);
/* The end of something that is no command; kind ERR_NONE: it is well. */
void control_end(struct control_client *c, int64_t took_us, const struct err *e);

#endif
