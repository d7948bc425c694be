/*
 * control_words.c - what the control socket understands beside commands: how a client wants to be told, the status, the
 * terminal that it lends.  Owns nothing of its own; changes nothing in a show.
 */
#include "app/control_private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "app/cmd_help.h"
#include "app/status.h"
#include "base/str.h"
#include "base/xalloc.h"

#define MAX_STATUS 512

/* The word itself, and where the rest begins. */
static const char *
rest_of(const char *line, const char *word)
{
	const size_t len = strlen(word);

	if (strncmp(line, word, len) != 0 || (line[len] != '\0' && line[len] != ' ' && line[len] != '\t'))
		return NULL;
	return line + len + strspn(line + len, " \t");
}

static void
word_begin(struct control_client *c, const char *line)
{
	const struct reply *to = stage_text_reply(c->text);

	to->begin(to->arg, 0, line);
}

static void
word_say(struct control_client *c, const char *text)
{
	const struct reply *to = stage_text_reply(c->text);

	to->say(to->arg, 0, text);
}

/* ---- on and off ---- */

static void
word_switch(struct control_client *c, bool *flag, bool means, const char *rest)
{
	struct err e = { .kind = ERR_NONE };

	if (rest[0] == '\0' || strcmp(rest, "on") == 0)
		*flag = means;
	else if (strcmp(rest, "off") == 0)
		*flag = !means;
	else
		err_set(&e, ERR_USAGE, "expected on or off");
	if (flag != &c->is_sync && e.kind == ERR_NONE)
		control_speak(c);
	control_end(c, 0, &e);
}

/* ---- status and help ---- */

static void
word_status(struct control_client *c, const char *format)
{
	struct control *control = c->control;
	struct err e = { .kind = ERR_NONE };
	char line[MAX_STATUS];

	if (control->parts.shower != NULL && status_check(format, &e)) {
		if (control->show == NULL)
			control->show = xcalloc(1, sizeof *control->show);
		shower_fill(control->parts.shower, control->show);
		status_line(line, sizeof line, format, control->show, control->where[0] != '\0' ? control->where : NULL);
		word_say(c, line);
	}
	control_end(c, 0, &e);
}

/* The screen's help is for the screen's own: here it is told. */
static void
word_help(struct control_client *c, const char *about)
{
	const struct cmd_help *one = about[0] != '\0' ? cmd_help_of(about) : NULL;
	struct err e = { .kind = ERR_NONE };
	char text[MAX_TEXT_FIELD];

	for (int i = 0; about[0] == '\0' && cmd_help_at(i) != NULL; i++) {
		snprintf(text, sizeof text, "%s: %s", cmd_help_at(i)->usage, cmd_help_at(i)->help);
		word_say(c, text);
	}
	if (one != NULL) {
		snprintf(text, sizeof text, "%s: %s", one->usage, one->help);
		word_say(c, text);
	} else if (about[0] != '\0') {
		err_set(&e, ERR_NOT_FOUND, "there is no command \"%.60s\"; `help` lists them", about);
	}
	control_end(c, 0, &e);
}

/* ---- a terminal that is lent ---- */

static bool
terminal_read(struct control_terminal *t, const char *rest, const int fds[static DOORWAY_FDS], struct err *e)
{
	const size_t len = strcspn(rest, " \t");

	*t = (struct control_terminal){ .in = fds[0], .out = fds[1], .err = fds[2] };
	if (len == 0 || len >= sizeof t->term)
		return err_set(e, ERR_USAGE, "attach: expected the terminal's type, such as xterm-256color");
	memcpy(t->term, rest, len);
	t->no_colour = strstr(rest + len, "nocolour") != NULL;
	t->truecolour = strstr(rest + len, "truecolour") != NULL;
	if (!isatty(t->in) || !isatty(t->out))
		return err_set(e, ERR_ENVIRONMENT, "attach: standard input and output are no terminal");
	if (ttyname_r(t->out, t->where, sizeof t->where) != 0)
		str_copy(t->where, sizeof t->where, "a terminal");
	return true;
}

static bool
terminal_may(const struct control *control, struct err *e)
{
	if (!control->has_screen_fns)
		return err_set(e, ERR_REFUSED, "it plays a cue sheet without a screen (run); `livedirector do` and `status` reach it");
	return control->where[0] == '\0' || err_set(e, ERR_REFUSED, "its screen is on %s already (process %d). Close that terminal; if its "
	    "line is dead, `kill -HUP %d`, and then again", control->where, (int)getpid(), (int)getpid());
}

static void
word_attach(struct control_client *c, const char *rest)
{
	struct control *control = c->control;
	struct err e = { .kind = ERR_NONE };
	struct control_terminal t;
	int fds[DOORWAY_FDS];
	const int count = doorway_take_fds(c->door, fds);

	if (count != DOORWAY_FDS)
		err_set(&e, ERR_USAGE, "attach: expected three descriptors with it");
	else if (terminal_may(control, &e) && terminal_read(&t, rest, fds, &e) && control->fns.attach(control->arg, &t, &e)) {
		control->terminal = c;
		c->attached_us = loop_now_us(control->parts.loop);
		control_screen(control, t.where);
		return;
	}
	for (int i = 0; i < count; i++)
		close(fds[i]);
	control_end(c, 0, &e);
	doorway_dismiss(c->door);	/* what it would say next was meant for its own terminal */
}

/* What only a lender may say. */
static void
word_terminal(struct control_client *c, void (*fn)(void *arg))
{
	struct err e = { .kind = ERR_NONE };

	if (c->control->terminal != c) {
		err_set(&e, ERR_REFUSED, "the screen is not on your terminal");
		control_end(c, 0, &e);
		return;
	}
	control_end(c, 0, &e);
	fn(c->control->arg);
}

/* ---- all of them ---- */

static bool
word_of_terminal(struct control_client *c, const char *line)
{
	const struct control_fns *fns = &c->control->fns;
	const char *rest;

	if ((rest = rest_of(line, "attach")) != NULL) {
		word_begin(c, line);
		word_attach(c, rest);
		return true;
	}
	for (int i = 0; i < 3; i++) {
		static const char *const words[] = { "resized", "again", "detach" };

		if (strcmp(line, words[i]) != 0)
			continue;
		word_begin(c, line);
		word_terminal(c, i == 0 ? fns->resized : i == 1 ? fns->again : fns->detach);
		return true;
	}
	return false;
}

bool
control_word(struct control_client *c, const char *line)
{
	const char *rest, *sync = rest_of(line, "sync"), *events = rest_of(line, "events"), *json = rest_of(line, "json");

	if (sync != NULL || events != NULL || json != NULL) {
		word_begin(c, line);
		word_switch(c, sync != NULL ? &c->is_sync : events != NULL ? &c->is_quiet : &c->is_json, events == NULL,
		    sync != NULL ? sync : events != NULL ? events : json);
		return true;
	}
	if ((rest = rest_of(line, "status")) != NULL || (rest = rest_of(line, "help")) != NULL) {
		word_begin(c, line);
		if (line[0] == 's')
			word_status(c, rest);
		else
			word_help(c, rest);
		return true;
	}
	return word_of_terminal(c, line);
}
