/*
 * view_log.c - what happened, newest first, of all or of one camera, of all topics or of one.  Owns nothing.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/gauge.h"
#include "ui/pen.h"
#include "ui/view.h"

#define TEXT_AT 11

static bool
is_wanted(const struct view_frame *f, const struct show_log *l)
{
	return (f->filter_node[0] == '\0' || strcmp(f->filter_node, l->node) == 0) &&
	    (f->filter_topic[0] == '\0' || strcmp(f->filter_topic, l->topic) == 0);
}

static enum theme_role
topic_role(const char *topic)
{
	static const char *const bad[] = { "alarm", "node-lost", "stopped-unasked", "not-writing", "program-lost" };
	static const char *const doubtful[] = { "node-stale", "frozen", "cut-refused", "clock-lost", "cue-late", "still-rolling" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (strcmp(bad[i], topic) == 0)
			return ROLE_ALARM;
	for (size_t i = 0; i < sizeof doubtful / sizeof *doubtful; i++)
		if (strcmp(doubtful[i], topic) == 0)
			return ROLE_WARN;
	return ROLE_TEXT;
}

static int
draw_all(struct pen *p, const struct view_frame *f)
{
	int count = 0;

	for (int i = f->show->log_count - 1; i >= 0; i--) {
		const struct show_log *l = &f->show->log[i];
		char clock[16];

		if (!is_wanted(f, l))
			continue;
		count++;
		if (pen_row(p) >= 0) {
			gauge_wall_clock(clock, sizeof clock, l->utc_us, true);
			pen_put(p, 1, 8, ROLE_DIM, clock);
		}
		pen_fold(p, TEXT_AT, topic_role(l->topic), l->text);
	}
	if (count == 0)
		pen_fold(p, 1, ROLE_TEXT, f->show->log_count > 0 ? "nothing of this yet; :view log shows all" : "nothing happened yet");
	return count;
}

static const char *
name_of(const struct show *s, const char *id)
{
	for (int i = 0; i < s->tile_count; i++)
		if (strcmp(s->tiles[i].id, id) == 0)
			return s->tiles[i].name;
	return id;
}

static void
log_draw(struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	struct pen title = { c, c->cols, top, bottom, 0, 0 }, p = { c, c->cols, top + 1, bottom, 0, f->scroll };
	const int count = draw_all(&p, f);
	const bool is_all = f->filter_node[0] == '\0' && f->filter_topic[0] == '\0';
	char hint[MAX_NAME_BYTES + 160], name[64] = "";

	if (f->filter_node[0] != '\0')
		str_cut(name, sizeof name, name_of(f->show, f->filter_node), 15);
	if (is_all)
		snprintf(hint, sizeof hint, "newest first; :view log NODE TOPIC narrows it");
	else
		snprintf(hint, sizeof hint, "only %s%s%s: %d of %d; :view log shows all", name, name[0] != '\0' && f->filter_topic[0] != '\0' ? ", " : "",
		    f->filter_topic, count, f->show->log_count);
	pen_head(&title, "LOG", hint);
}

static int
log_lines(const struct view_frame *f, int cols)
{
	struct pen p = { NULL, cols, 0, 0, 0, 0 };

	draw_all(&p, f);
	return p.at + 1;
}

const struct view_ops view_log = { .name = "log", .draw = log_draw, .lines = log_lines };
