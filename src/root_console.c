/*
 * root_console.c - the console on a screen: wires the house to the terminal and runs until it is told to quit.
 * Never draws, never reads a key.
 */
#include "root_console.h"

#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "app/control.h"
#include "app/rehearsal.h"
#include "app/show.h"
#include "base/str.h"
#include "io/doorway_call.h"
#include "io/folder.h"
#include "root.h"
#include "root_door.h"
#include "root_fleet.h"
#include "root_folder.h"
#include "root_guest.h"
#include "root_house.h"
#include "root_tour.h"
#include "ui/keyfile.h"
#include "ui/stage_curses.h"
#include "ui/theme.h"

struct console {
	struct root_house house;
	struct shower *shower;
	struct control *control;
	struct stage_curses *screen;
	char themes[3 * PATH_MAX], keys[PATH_MAX], history[PATH_MAX];
	int saved_stderr;
	bool is_lent;			/* its screen is on somebody else's terminal */
	bool own_is_dead;		/* the terminal that it was started on has hung up */
	int status;
};

static const char *
console_who(void)
{
	const char *user = getenv("USER");
	const struct passwd *pw;

	if (user != NULL && user[0] != '\0')
		return user;
	pw = getpwuid(getuid());
	return pw != NULL ? pw->pw_name : "operator";
}

/* The user's own folder of that name beside the configuration file; "" = nobody says where. */
static void
console_own(char out[static PATH_MAX], const char *name)
{
	const char *conf = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int len = 0;

	out[0] = '\0';
	if (conf != NULL && conf[0] == '/')
		len = snprintf(out, PATH_MAX, "%s/livedirector/%s", conf, name);
	else if (home != NULL && home[0] == '/')
		len = snprintf(out, PATH_MAX, "%s/.config/livedirector/%s", home, name);
	if (len < 0 || len >= PATH_MAX)
		out[0] = '\0';
}

/* Where themes are: told by the environment (tests), installed, or in the source tree beside the build. */
static void
console_shipped_themes(char out[static PATH_MAX])
{
	static const char *const places[] = { "../share/livedirector/themes", "themes", "../themes" };
	const char *told = getenv("LIVEDIRECTOR_THEMES");
	char own[2048];

	str_copy(out, PATH_MAX, told != NULL ? told : "");
	if (out[0] != '\0')
		return;
#ifdef THEMES_DIR
	str_copy(out, PATH_MAX, THEMES_DIR);
	if (root_folder_is_there(out))
		return;
#endif
	for (size_t i = 0; root_fleet_own_folder(own, sizeof own) && i < sizeof places / sizeof places[0]; i++) {
		snprintf(out, PATH_MAX, "%s/%s", own, places[i]);
		if (root_folder_is_there(out))
			return;
	}
	str_copy(out, PATH_MAX, "themes");
}

/* The user's own win over those of the same name. */
static void
console_themes(char *out, size_t out_size)
{
	char own[PATH_MAX], shipped[PATH_MAX];

	console_own(own, "themes");
	console_shipped_themes(shipped);
	snprintf(out, out_size, "%s%s%s", own, own[0] != '\0' ? ":" : "", shipped);
}

bool
root_console_looks_good(const struct root_opts *o)
{
	struct err e = { .kind = ERR_NONE };
	char themes[3 * PATH_MAX], keys[PATH_MAX], path[PATH_MAX];
	struct keymap *own = NULL;
	struct theme theme;

	console_themes(themes, sizeof themes);
	console_own(keys, "keys");
	if (o->theme != NULL && !theme_load(&theme, themes, o->theme, path, sizeof path, &e)) {
		root_complain("--theme: %s", e.text);
		return false;
	}
	if (o->keys != NULL && keyfile_load(keys, o->keys, &own, path, sizeof path, &e) == NULL) {
		root_complain("--keys: %s", e.text);
		return false;
	}
	keymap_free(own);
	return true;
}

bool
root_console_terminal_is_there(void)
{
	struct err e = { .kind = ERR_NONE };

	if (stage_curses_check(&e))
		return true;
	root_complain("%s", e.text);
	return false;
}

/* What libraries print there would deface the screen; it goes to a file instead. */
static void
console_hide_stderr(struct console *c)
{
	struct err e = { .kind = ERR_NONE };
	char state[2048], path[2200] = "/dev/null";
	int fd;

	if (folder_state(state, sizeof state, &e))
		snprintf(path, sizeof path, "%s/stderr.log", state);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	fflush(stderr);
	c->saved_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	if (fd >= 0 && c->saved_stderr >= 0)
		dup2(fd, STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static void
console_show_stderr(struct console *c)
{
	if (c->saved_stderr < 0)
		return;
	fflush(stderr);
	dup2(c->saved_stderr, STDERR_FILENO);
	close(c->saved_stderr);
	c->saved_stderr = -1;
}

static void
console_history(char out[static PATH_MAX])
{
	struct err e = { .kind = ERR_NONE };
	char state[2048];

	out[0] = '\0';
	if (folder_state(state, sizeof state, &e))
		snprintf(out, PATH_MAX, "%s/history", state);
}

static void
console_quit(void *arg, int status)
{
	struct console *c = arg;

	c->status = status;
	loop_stop(c->house.loop);
}

static void
console_term(void *arg)
{
	console_quit(arg, ROOT_OK);
}

/* ---- Terminals that come and go ---- */

/* Nobody is left to rehearse with cameras of our own; a show goes on. */
static bool
console_goes_on(const struct console *c)
{
	return !rehearsal_is_on(c->house.deck.rehearsal) || rehearsal_with_cameras(c->house.deck.rehearsal);
}

/* The screen has been left. */
static void
console_left(struct console *c, const char *why)
{
	if (c->is_lent && c->saved_stderr >= 0) {
		close(c->saved_stderr);
		c->saved_stderr = -1;
	}
	c->is_lent = false;
	control_release(c->control, why);
	if (!console_goes_on(c))
		console_quit(c, ROOT_OK);
	else
		bus_tell(c->house.bus, EV_NOTICE, NULL, "the terminal is gone; the show goes on without it");
}

static void
console_gone(void *arg)
{
	console_left(arg, NULL);
}

static void
console_detach(void *arg)
{
	struct console *c = arg;

	if (!c->is_lent)
		return;
	if (stage_curses_leave(c->screen))
		console_left(c, NULL);
}

/* Where the screen was there is still somebody: never waits for him. */
static void
console_tell_own(const struct console *c)
{
	const char *name = ttyname(STDOUT_FILENO);
	int fd = name != NULL ? open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	dprintf(fd, "livedirector: the show goes on without a screen; livedirector %s, on another terminal, brings it back\r\n",
	    sphere_folder(c->house.sphere));
	close(fd);
}

/* It is the screen's terminal that is meant, unless the one that we were started on has hung up just now. */
static void
console_hangup(void *arg)
{
	struct console *c = arg;
	struct termios modes;
	const bool is_dead = tcgetattr(STDIN_FILENO, &modes) != 0, is_news = is_dead && !c->own_is_dead;

	c->own_is_dead = is_dead;
	if (c->is_lent && is_news)
		return;
	if (!stage_curses_leave(c->screen))
		return;			/* it has been headless for long */
	if (!c->is_lent && !is_dead && console_goes_on(c))
		console_tell_own(c);
	console_left(c, "it was told to leave this terminal (SIGHUP)");
}

static bool
console_attach(void *arg, const struct control_terminal *t, struct err *e)
{
	struct console *c = arg;
	const struct stage_curses_place place = { .in = t->in, .out = t->out, .term = t->term, .no_colour = t->no_colour,
		.truecolour = t->truecolour };

	if (!stage_curses_enter(c->screen, &place, e))
		return false;
	c->is_lent = true;
	if (c->saved_stderr >= 0)
		close(c->saved_stderr);
	c->saved_stderr = t->err;	/* the last words are for whoever sees the end */
	return true;
}

static void
console_resized(void *arg)
{
	stage_curses_resized(((struct console *)arg)->screen);
}

static void
console_again(void *arg)
{
	stage_curses_again(((struct console *)arg)->screen);
}

static void
console_door(struct console *c)
{
	static const struct control_fns fns = { .attach = console_attach, .resized = console_resized, .again = console_again,
		.detach = console_detach };
	char where[64];

	c->control = root_door_open(&c->house, c->shower, &fns, c);
	control_screen(c->control, ttyname_r(STDOUT_FILENO, where, sizeof where) == 0 ? where : "a terminal");
}

static void
console_ignore(void *arg)
{
	(void)arg;			/* a show does not end with its terminal, nor by Ctrl-C from outside */
}

static bool
console_screen(struct console *c, const struct root_opts *o, struct err *e)
{
	struct root_house *h = &c->house;
	const char *graphics = o->graphics != NULL ? o->graphics : "auto";
	const struct stage_curses_conf conf = { .graphics = strcmp(graphics, "off") == 0 ? "none" : graphics,
		.theme = o->theme, .keys = o->keys, .who = console_who(), .themes_dir = c->themes,
		.keys_dir = c->keys, .history = c->history, .gone = console_gone, .arg = c };

	console_themes(c->themes, sizeof c->themes);
	console_own(c->keys, "keys");
	console_history(c->history);
	c->shower = shower_new(&h->deck);
	c->screen = stage_curses_new(h->loop, &conf, c->shower, h->deck.preview, h->bus, h->settings, e);
	if (c->screen == NULL)
		return false;
	root_house_stage(h, stage_curses_stage(c->screen));
	stage_curses_connect(c->screen, h->cmdq, console_quit, c);
	console_door(c);
	return true;
}

static void
console_run(struct console *c, const struct root_opts *o, enum root_discover_how how)
{
	struct root_house *h = &c->house;

	loop_signal(h->loop, SIGTERM, console_term, c);
	loop_signal(h->loop, SIGHUP, console_hangup, c);
	loop_signal(h->loop, SIGINT, console_ignore, c);
	loop_signal(h->loop, SIGQUIT, console_ignore, c);
	loop_signal(h->loop, SIGTSTP, console_ignore, c);
	root_discover_begin(h, o, how);
	shower_off(c->shower, h->off, h->off_count);
	if (o->tour)
		root_tour_begin(h);
	loop_run(h->loop);
	root_house_farewell(h, true);
}

int
root_console_show(const struct root_opts *o, const char *folder, enum root_discover_how how)
{
	struct console *c = calloc(1, sizeof *c);
	struct err e = { .kind = ERR_NONE };
	int status;

	if (c == NULL)
		return ROOT_ENVIRONMENT;
	c->saved_stderr = -1;
	if (!root_house_open(&c->house, o, folder, ROOT_HOUSE_PICTURES, &e)) {
		root_complain("%s", e.text);
		free(c);
		return root_status_of(&e);
	}
	console_hide_stderr(c);
	if (console_screen(c, o, &e))
		console_run(c, o, how);
	else
		c->status = ROOT_ENVIRONMENT;
	if (c->house.cmdq != NULL)
		cmdq_mute(c->house.cmdq);
	stage_curses_free(c->screen);
	/* What was typed at a screen that had been left is no command for the shell. */
	(void)tcflush(STDIN_FILENO, TCIFLUSH);
	console_show_stderr(c);
	if (e.kind != ERR_NONE)
		root_complain("%s", e.text);
	root_house_last_words(&c->house, false);
	root_house_close(&c->house);
	control_release(c->control, NULL);
	root_door_close(&c->house, c->control);
	shower_free(c->shower);
	root_house_fini(&c->house);
	status = c->status;
	free(c);
	return status;
}

int
root_console(const struct root_opts *o)
{
	const char *folder = o->sphere != NULL ? o->sphere : o->words.count > 0 ? o->words.items[0] : NULL;
	struct err e = { .kind = ERR_NONE };
	struct doorway_call *call;
	char fresh[64];

	if (!root_console_looks_good(o))
		return ROOT_USAGE;
	/* A start that fails leaves no new folder behind; one that is there says first who runs it. */
	if ((folder == NULL || !root_folder_is_there(folder)) && !root_console_terminal_is_there())
		return ROOT_ENVIRONMENT;
	/* One that runs already gets this terminal, if it has none. */
	if (folder != NULL && root_folder_is_there(folder) && (call = root_door_call(folder, &e)) != NULL) {
		if (root_console_terminal_is_there())
			return root_guest_wait(call, o, folder);
		doorway_call_close(call);
		return ROOT_ENVIRONMENT;
	}
	if (folder == NULL) {
		root_folder_fresh(fresh, sizeof fresh);
		folder = fresh;
		fprintf(stderr, "livedirector: the Sphere folder is %s\n", folder);
	}
	return root_console_show(o, folder, ROOT_DISCOVER_ALL);
}
