/*
 * root_guest.c - the foreground of a console that runs elsewhere: its screen is drawn on this process's terminal, by the
 * console itself.  Never reads the terminal, never draws; gives it back as it was, whatever becomes of the console.
 */
#include "root_guest.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>
#include "base/str.h"
#include "io/doorway_call.h"
#include "root.h"
#include "root_opts.h"
#include "ui/term.h"

#define ANSWER_US 5000000LL		/* a console that does not answer for so long will not */
#define FAREWELL_US 3000000LL
/* What a console that was killed could not say: the screen as it was, no mouse, no paste brackets, plain text, a cursor. */
#define RESET "\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[8h\x1b[0m\x1b[?1049l\x1b[?25h\r\n"

struct guest {
	struct doorway_call *call;
	const char *folder;
	struct termios saved;
	int signals;			/* signalfd(2) */
	bool leaving, hung_up;
	char why[400];			/* an answer that was an error, unquoted; "" = none */
};

/* ---- What it says ---- */

static void
say_look(struct guest *g, const char *word, const char *value)
{
	char text[600];

	if (value == NULL)
		return;
	snprintf(text, sizeof text, "%s %.500s", word, value);
	(void)doorway_call_say(g->call, text, NULL, 0);
}

/* The terminal; then what was asked for on this command line, which is for it. */
static bool
guest_attach(struct guest *g, const struct root_opts *o)
{
	static const int fds[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	struct term_environment own;
	char text[200];

	term_environment(&own);
	(void)doorway_call_say(g->call, "events off", NULL, 0);
	snprintf(text, sizeof text, "attach %.60s%s%s", own.term[0] != '\0' ? own.term : "dumb",
	    own.no_colour ? " nocolour" : "", own.truecolour ? " truecolour" : "");
	if (!doorway_call_say(g->call, text, fds, 3))
		return false;
	/* Behind it: whoever is refused is dismissed, and these are never read. */
	say_look(g, "theme", o->theme);
	say_look(g, "keys", o->keys);
	say_look(g, "graphics", o->graphics != NULL && strcmp(o->graphics, "off") == 0 ? "none" : o->graphics);
	return true;
}

/* ---- What it hears ---- */

/* The answers of the door's own words come in order: `attach` is the one whose end this is waiting for. */
static bool
is_end_of_attach(const char *line, int *open, bool *attached)
{
	if (str_has_prefix(line, "begin 0 attach")) {
		*attached = true;
		*open = 1;
	} else if (str_has_prefix(line, "begin 0 ")) {
		*open += *attached;
	} else if (str_has_prefix(line, "end 0 ") && *attached) {
		return --*open == 0;
	}
	return false;
}

static void
guest_signal(struct guest *g)
{
	struct signalfd_siginfo info;

	if (read(g->signals, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	switch ((int)info.ssi_signo) {
	case SIGWINCH:
		(void)doorway_call_say(g->call, "resized", NULL, 0);
		break;
	case SIGCONT:
		(void)doorway_call_say(g->call, "again", NULL, 0);
		break;
	case SIGHUP:
	case SIGTERM:
		g->hung_up = g->hung_up || info.ssi_signo == SIGHUP;
		if (!g->leaving)
			(void)doorway_call_say(g->call, "detach", NULL, 0);
		g->leaving = true;
		break;
	default:
		break;			/* keys are bytes: these come from outside, and mean nothing */
	}
}

static int
guest_end(const struct guest *g, const char *line)
{
	if (str_has_prefix(line, "end 0 error"))
		root_complain("%s: %s", g->folder, g->why);
	else if (g->leaving && !g->hung_up)
		root_complain("the console on %s goes on without a screen; livedirector %s brings it back", g->folder, g->folder);
	return str_has_prefix(line, "end 0 ok") ? ROOT_OK : str_has_prefix(line, "end 0 error") ? ROOT_ENVIRONMENT : ROOT_FAILED;
}

/* It was killed, or the machine it ran on: what stands on the screen is its last frame. */
static int
guest_lost(const struct guest *g, bool attached)
{
	ssize_t n = attached ? write(STDOUT_FILENO, RESET, sizeof RESET - 1) : 0;

	(void)n;
	root_complain("the console on %s has gone without a word; cameras that rolled roll on: livedirector %s carries on", g->folder, g->folder);
	return ROOT_ENVIRONMENT;
}

static int
guest_hear(struct guest *g)
{
	bool attached = false;
	const char *line;
	int open = 0;

	for (;;) {
		switch (doorway_call_hear(g->call, g->leaving ? FAREWELL_US : attached ? -1 : ANSWER_US, g->signals, &line)) {
		case CALL_LINE:
			if (str_has_prefix(line, "end 0 error"))
				doorway_call_text(line, g->why, sizeof g->why);
			if (is_end_of_attach(line, &open, &attached))
				return guest_end(g, line);
			break;
		case CALL_WOKEN:
			guest_signal(g);
			break;
		case CALL_LATE:
			root_complain(g->leaving ? "the console on %s did not give the terminal back" : "the console on %s does not answer", g->folder);
			return ROOT_ENVIRONMENT;
		case CALL_GONE:
			return guest_lost(g, attached);
		}
	}
}

/* ---- The whole ---- */

/* Heard one by one; keys that stop others are bytes here, and who is stopped from outside cannot give the terminal back. */
static int
catch_signals(void)
{
	static const int numbers[] = { SIGWINCH, SIGCONT, SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGTSTP };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		sigaddset(&set, numbers[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
root_guest_wait(struct doorway_call *call, const struct root_opts *o, const char *folder)
{
	struct guest g = { .call = call, .folder = folder };
	int status = ROOT_ENVIRONMENT;

	g.signals = catch_signals();
	if (tcgetpgrp(STDIN_FILENO) != getpgrp()) {
		root_complain("in the background a terminal cannot be lent: its keys are the shell's");
	} else if (g.signals < 0 || tcgetattr(STDIN_FILENO, &g.saved) != 0) {
		root_complain("the terminal does not tell its modes");
	} else if (!guest_attach(&g, o)) {
		root_complain("the console on %s takes nothing", folder);
	} else {
		status = guest_hear(&g);
		/* As it was, whoever had it; what the terminal answered to others is not typed into the shell. */
		tcflush(STDIN_FILENO, TCIFLUSH);
		tcsetattr(STDIN_FILENO, TCSANOW, &g.saved);
	}
	if (g.signals >= 0)
		close(g.signals);
	doorway_call_close(call);
	return status;
}
