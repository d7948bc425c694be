/*
 * player.c - fetched files shown by the program that the setting `player` names.
 * Owns the launched players until they end.  Never looks into a file, never waits for a window.
 */
#include "app/player.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/list.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/launch.h"

#define PLAYER_WORDS 16
#define PLAYER_BYTES 1024

struct player {
	struct loop *loop;
	const struct opt_set *settings;
	struct list open;
	struct loop_timer *sweep;	/* takes away what has ended, outside its own callbacks */
};

struct player_one {
	struct list link;		/* player->open */
	struct player *player;
	struct launch *launch;
	player_done_fn *done;
	void *arg;
};

/* ---- Is anybody there to see it? ---- */

static bool
is_set(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0';
}

/* A forwarded X11 display is a screen, but no way to look at a film. */
const char *
player_why_not(void)
{
	if (is_set("SSH_CONNECTION") || is_set("SSH_TTY") || is_set("SSH_CLIENT"))
		return "over SSH";
	return is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") ? NULL : "without a graphical screen";
}

/* ---- The setting ---- */

/* The next word of a command, quotes taken off; false: there is none, or a quote is open. */
static bool
next_word(const char **at, char *out, size_t out_size)
{
	const char *p = *at + strspn(*at, " \t");
	bool quoted = false, any = false;
	size_t len = 0;

	for (; *p != '\0' && (quoted || (*p != ' ' && *p != '\t')); p++) {
		any = true;
		if (*p == '"')
			quoted = !quoted;
		else if (len + 1 < out_size)
			out[len++] = *p;
	}
	out[len] = '\0';
	if (!any || quoted)
		return false;		/* at stays before it */
	*at = p;
	return true;
}

struct words { char text[PLAYER_WORDS][PLAYER_BYTES]; int count; };

static bool
split_setting(const char *text, struct words *w, struct err *e)
{
	const char *at = text;

	for (w->count = 0; w->count < PLAYER_WORDS && next_word(&at, w->text[w->count], sizeof w->text[0]); )
		w->count++;
	if (w->count > 0 && w->text[0][0] != '\0' && at[strspn(at, " \t")] == '\0')
		return true;
	return err_set(e, ERR_REFUSED, "the setting player, \"%.80s\", is no command: `set player mpv`", text);
}

/* ---- Playing ---- */

static void
sweep(void *arg)
{
	struct player *p = arg;

	LIST_EACH_SAFE(it, tmp, &p->open) {
		struct player_one *one = LIST_ENTRY(it, struct player_one, link);

		if (!launch_is_over(one->launch))
			continue;
		list_remove(it);
		launch_free(one->launch);
		free(one);
	}
}

static void
on_launched(void *arg, const struct err *e)
{
	struct player_one *one = arg;
	struct err told = *e;

	if (told.kind == ERR_ENVIRONMENT)
		snprintf(told.text, sizeof told.text, "%.200s; `set player` names another one", e->text);
	loop_timer_start(one->player->loop, one->player->sweep, 0, 0);
	one->done(one->arg, &told);
}

bool
player_open(struct player *p, const char *const *files, int count, player_done_fn *done, void *arg, struct err *e)
{
	const char *argv[LAUNCH_ARGS + 1];
	struct words *w = xcalloc(1, sizeof *w);
	struct player_one *one;
	int n = 0;

	if (!split_setting(opt_text(p->settings, "player"), w, e)) {
		free(w);
		return false;
	}
	for (int i = 0; i < w->count; i++)
		argv[n++] = w->text[i];
	for (int i = 0; i < count && n < LAUNCH_ARGS; i++)
		argv[n++] = files[i];
	argv[n] = NULL;
	sweep(p);			/* those that ended since the last one */
	one = xcalloc(1, sizeof *one);
	one->player = p;
	one->done = done;
	one->arg = arg;
	list_insert_tail(&p->open, &one->link);
	one->launch = launch_start(p->loop, argv, w->count, on_launched, one);
	free(w);
	return true;
}

struct player *
player_new(struct loop *loop, const struct opt_set *settings)
{
	struct player *p = xcalloc(1, sizeof *p);

	p->loop = loop;
	p->settings = settings;
	list_init(&p->open);
	p->sweep = loop_timer_new(loop, sweep, p);
	return p;
}

void
player_free(struct player *p)
{
	if (p == NULL)
		return;
	LIST_EACH_SAFE(it, tmp, &p->open) {
		struct player_one *one = LIST_ENTRY(it, struct player_one, link);

		list_remove(it);
		launch_free(one->launch);
		free(one);
	}
	loop_timer_free(p->loop, p->sweep);
	free(p);
}
