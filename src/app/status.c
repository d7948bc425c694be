/*
 * status.c - the status line's items and its format.  Owns nothing; asks nobody.
 */
#include "app/status.h"

#include <stdio.h>
#include <string.h>
#include "base/str.h"

#define USUAL "{name}{rehearsal?  }{headless?  }{roll?  }{program?  PGM }{preview?  PVW }{live?  live }{next?  next }{alarms?  alarms }"
#define MAX_ITEM_BYTES 300

struct status_at { const struct show *show; const char *where; };

typedef void status_fn(const struct status_at *at, char *out, size_t out_size);

/* ---- The items ---- */

static void
item_name(const struct status_at *at, char *out, size_t out_size)
{
	str_copy(out, out_size, at->show->session);
}

static void
item_rehearsal(const struct status_at *at, char *out, size_t out_size)
{
	str_copy(out, out_size, at->show->rehearsal ? "REHEARSAL" : "");
}

static void
item_headless(const struct status_at *at, char *out, size_t out_size)
{
	str_copy(out, out_size, at->where == NULL ? "HEADLESS" : "");
}

static void
item_screen(const struct status_at *at, char *out, size_t out_size)
{
	str_copy(out, out_size, at->where != NULL ? at->where : "");
}

static void
item_take(const struct status_at *at, char *out, size_t out_size)
{
	str_copy(out, out_size, at->show->rolling || at->show->starting || at->show->stopping ? at->show->take : "");
}

static void
item_slate(const struct status_at *at, char *out, size_t out_size)
{
	str_copy(out, out_size, at->show->rolling || at->show->starting || at->show->stopping ? at->show->slate : "");
}

static void
item_elapsed(const struct status_at *at, char *out, size_t out_size)
{
	out[0] = '\0';
	if (at->show->rolling)
		str_clock(out, out_size, at->show->take_elapsed_us);
}

static void
item_roll(const struct status_at *at, char *out, size_t out_size)
{
	const struct show *s = at->show;
	char clock[32];

	item_elapsed(at, clock, sizeof clock);
	out[0] = '\0';
	if (s->stopping)
		snprintf(out, out_size, "STOPPING %s", s->take);
	else if (s->starting)
		snprintf(out, out_size, "STARTING %s", s->take);
	else if (s->rolling)
		snprintf(out, out_size, "ROLLING %s %s %d/%d", s->take, clock, s->rolling_count, s->rolling_asked);
}

/* A camera's name as it is shown; "" = none. */
static void
put_node(const struct show *s, const char *id, char *out, size_t out_size)
{
	str_copy(out, out_size, id);
	for (int i = 0; i < s->tile_count; i++)
		if (id[0] != '\0' && strcmp(s->tiles[i].id, id) == 0)
			str_copy(out, out_size, s->tiles[i].name);
}

static void
item_program(const struct status_at *at, char *out, size_t out_size)
{
	put_node(at->show, at->show->program, out, out_size);
}

static void
item_preview(const struct status_at *at, char *out, size_t out_size)
{
	put_node(at->show, at->show->preview, out, out_size);
}

static void
item_shot(const struct status_at *at, char *out, size_t out_size)
{
	out[0] = '\0';
	if (at->show->shot_us >= 0)
		str_clock(out, out_size, at->show->shot_us);
}

static void
item_live(const struct status_at *at, char *out, size_t out_size)
{
	int live = 0, all = 0;

	for (int i = 0; i < at->show->tile_count; i++) {
		const struct show_tile *t = &at->show->tiles[i];

		all += !t->out;
		live += !t->out && !t->known_only && t->link == HEALTH_LIVE;
	}
	snprintf(out, out_size, "%d/%d", live, all);
}

static void
item_next(const struct status_at *at, char *out, size_t out_size)
{
	str_copy(out, out_size, at->show->next);
}

static void
item_cue(const struct status_at *at, char *out, size_t out_size)
{
	const struct show_cue *c = &at->show->cue;

	out[0] = '\0';
	if (c->loaded && !c->over)
		snprintf(out, out_size, "%d/%d%s %.200s", c->at, c->count, c->held ? " HELD" : "", c->next);
}

static void
item_beat(const struct status_at *at, char *out, size_t out_size)
{
	const struct show_beat *b = &at->show->beat;

	out[0] = '\0';
	if (b->runs)
		snprintf(out, out_size, "%.1f bpm %lld.%d", b->bpm, (long long)b->bar, b->beat);
}

static void
item_left(const struct status_at *at, char *out, size_t out_size)
{
	out[0] = '\0';
	if (at->show->left_minutes >= 0)
		snprintf(out, out_size, "%d min", at->show->left_minutes);
}

static void
item_alarms(const struct status_at *at, char *out, size_t out_size)
{
	out[0] = '\0';
	if (at->show->alarm_total > 0)
		snprintf(out, out_size, "%d", at->show->alarm_total);
}

static void
item_alarm(const struct status_at *at, char *out, size_t out_size)
{
	const struct show *s = at->show;

	str_copy(out, out_size, s->alarm_count > 0 ? s->alarms[s->alarm_count - 1].brief : "");
	if (out[0] == '\0' && s->alarm_count > 0)
		str_copy(out, out_size, s->alarms[s->alarm_count - 1].text);
}

static void
item_clients(const struct status_at *at, char *out, size_t out_size)
{
	snprintf(out, out_size, "%d", at->show->clients);
}

static const struct { struct status_item words; status_fn *fn; } items[] = {
	{ { "name", "the session's name" }, item_name },
	{ { "program", "the camera on program" }, item_program },
	{ { "preview", "the camera on preview" }, item_preview },
	{ { "shot", "how long program is on" }, item_shot },
	{ { "roll", "the running take, how long it rolls, and on how many cameras" }, item_roll },
	{ { "take", "the running take's number" }, item_take },
	{ { "slate", "its slate" }, item_slate },
	{ { "elapsed", "how long it rolls" }, item_elapsed },
	{ { "live", "cameras that are live, of all that are in the show" }, item_live },
	{ { "left", "the least recording time that a camera has left" }, item_left },
	{ { "next", "what happens next" }, item_next },
	{ { "cue", "the next cue of the loaded sheet" }, item_cue },
	{ { "beat", "tempo, bar and beat, while the clock runs" }, item_beat },
	{ { "alarms", "how many alarms nobody has seen" }, item_alarms },
	{ { "alarm", "the newest of them" }, item_alarm },
	{ { "rehearsal", "REHEARSAL, if it is one" }, item_rehearsal },
	{ { "headless", "HEADLESS while it has no screen" }, item_headless },
	{ { "screen", "the terminal that its screen is on" }, item_screen },
	{ { "clients", "how many are on the control socket" }, item_clients },
};

const struct status_item *
status_item_at(int index)
{
	return index >= 0 && (size_t)index < sizeof items / sizeof items[0] ? &items[index].words : NULL;
}

static status_fn *
item_of(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
		if (strlen(items[i].words.name) == len && strncmp(items[i].words.name, name, len) == 0)
			return items[i].fn;
	return NULL;
}

/* ---- The format ---- */

bool
status_check(const char *format, struct err *e)
{
	for (const char *p = format; *p != '\0'; p++) {
		const size_t len = strcspn(p + 1, "?}");

		if ((p[0] == '{' && p[1] == '{') || (p[0] == '}' && p[1] == '}')) {
			p++;
			continue;
		}
		if (p[0] == '}')
			return err_set(e, ERR_USAGE, "a } without its {; }} is a brace");
		if (p[0] != '{')
			continue;
		if (strchr(p, '}') == NULL)
			return err_set(e, ERR_USAGE, "{%.40s: its } is missing; {{ is a brace", p + 1);
		if (item_of(p + 1, len) == NULL)
			return err_set(e, ERR_USAGE, "there is no {%.*s}; livedirector(1) lists them, such as {program} and {roll}",
			    (int)(len < 40 ? len : 40), p + 1);
		p = strchr(p, '}');
	}
	return true;
}

/* {item} or {item?TEXT} at p; returns its end. */
static const char *
put_item(char *out, size_t out_size, const char *p, const struct status_at *at)
{
	const char *end = strchr(p, '}');
	const size_t name_len = strcspn(p + 1, "?}");
	status_fn *fn = item_of(p + 1, name_len);
	char text[MAX_ITEM_BYTES];

	out[0] = '\0';
	if (end == NULL)
		return p + strlen(p) - 1;
	if (fn == NULL)
		return end;
	fn(at, text, sizeof text);
	if (text[0] != '\0')
		snprintf(out, out_size, "%.*s%s", p[1 + name_len] == '?' ? (int)(end - p) - (int)name_len - 2 : 0, p + 2 + name_len, text);
	return end;
}

void
status_line(char *out, size_t out_size, const char *format, const struct show *show, const char *where)
{
	const struct status_at at = { show, where };
	char line[2048];
	size_t len = 0;

	for (const char *p = format[0] != '\0' ? format : USUAL; *p != '\0' && len + 2 < sizeof line; p++) {
		if (p[0] == '{' && p[1] != '{') {
			p = put_item(line + len, sizeof line - len, p, &at);
			len += strlen(line + len);
			continue;
		}
		line[len++] = *p;
		p += p[0] == p[1] && (p[0] == '{' || p[0] == '}');
	}
	line[len] = '\0';
	str_clean_drawn(out, out_size, line, len, (int)out_size);
}
