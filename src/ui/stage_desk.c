/*
 * stage_desk.c - what the operator has chosen for this screen.  Owns the key set and theme in use and what watches
 * their files; never draws, never runs a command.
 */
#include "ui/stage_private.h"

bool
stage_desk_open(struct stage_curses *s, const struct stage_curses_conf *conf, struct err *e)
{
	s->desk.map = keymap_builtin("atem");
	return theme_load(&s->theme, s->themes_dir, conf->theme != NULL ? conf->theme : "default", e);
}

void
stage_desk_begin(struct stage_curses *s)
{
	keys_set_map(s->keys, s->desk.map);
}

void
stage_desk_close(struct stage_curses *s)
{
	(void)s;
}

void
stage_desk_frame(const struct stage_curses *s, struct view_frame *f)
{
	f->keymap = s->desk.map;
}

void
stage_desk_news(struct stage_curses *s, const struct bus_event *ev)
{
	(void)s;
	(void)ev;
}

void
stage_desk_mouse(struct stage_curses *s, const struct input_event *ev)
{
	(void)s;
	(void)ev;
}

void
stage_desk_again(struct stage_curses *s)
{
	(void)s;
}
