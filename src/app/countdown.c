/*
 * countdown.c - what the show goes towards: a few named instants, in memory and in markers.jsonl.
 * Never rings, never cuts; time runs by itself, so it keeps no timer.
 */
#include "app/countdown.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jdoc.h"
#include "io/journal.h"

#define SECOND_US 1000000LL
#define DAY_US (24 * 3600 * SECOND_US)
#define SHOWN_US (3600 * SECOND_US)	/* so long after it is over */

struct countdown_item {
	char name[MAX_NAME_BYTES];
	int64_t until_us;
};

struct countdown {
	struct scribe *scribe;
	struct bus *bus;
	const struct clk *clk;
	int count;
	struct countdown_item items[COUNTDOWN_NAMES];
};

struct countdown *
countdown_new(struct scribe *scribe, struct bus *bus, const struct clk *clk)
{
	struct countdown *c = xcalloc(1, sizeof *c);

	c->scribe = scribe;
	c->bus = bus;
	c->clk = clk;
	return c;
}

void
countdown_free(struct countdown *c)
{
	free(c);
}

/* ---- Which instant ---- */

/* "20:30:00" */
static bool
read_clock(const char *text, int64_t *of_day_us)
{
	static const char shape[] = "NN:NN:NN";
	int n[3] = { 0 };

	for (size_t i = 0; i < sizeof shape; i++) {
		const bool is_digit = text[i] >= '0' && text[i] <= '9';

		if (shape[i] == 'N' ? !is_digit : text[i] != shape[i])
			return false;
		if (is_digit)
			n[i / 3] = 10 * n[i / 3] + text[i] - '0';
	}
	*of_day_us = ((n[0] * 60LL + n[1]) * 60 + n[2]) * SECOND_US;
	return n[0] < 24 && n[1] < 60 && n[2] < 60;
}

/* That time of the day, days later; the zone's rules say how long that day is. */
static int64_t
clock_of_day(int64_t now_us, int64_t of_day_us, int days)
{
	const time_t now = (time_t)(now_us / SECOND_US);
	const int seconds = (int)(of_day_us / SECOND_US);
	struct tm tm;

	localtime_r(&now, &tm);
	tm.tm_mday += days;
	tm.tm_hour = seconds / 3600;
	tm.tm_min = seconds / 60 % 60;
	tm.tm_sec = seconds % 60;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm) * SECOND_US;
}

bool
countdown_until(const char *text, int64_t now_us, int64_t *until_us, struct err *e)
{
	const char *colon = strchr(text, ':');
	int64_t us, at_us;

	if (read_clock(text, &us)) {
		at_us = clock_of_day(now_us, us, 0);
		if (at_us <= now_us)
			at_us = clock_of_day(now_us, us, 1);
	} else if (colon != NULL || !str_time(text, &us)) {
		return err_set(e, ERR_USAGE, "expected a time of day such as 20:30:00, or so long from now such as 20m");
	} else if (us < SECOND_US || us > DAY_US) {
		return err_set(e, ERR_USAGE, "%s is no countdown; it may be 1 s to 24 h", text);
	} else {
		at_us = now_us + us;
	}
	if (until_us != NULL)
		*until_us = at_us;
	return true;
}

/* ---- The list ---- */

static struct countdown_item *
find(struct countdown *c, const char *name)
{
	for (int i = 0; i < c->count; i++)
		if (strcmp(c->items[i].name, name) == 0)
			return &c->items[i];
	return NULL;
}

/* In memory alone.  One that is over makes room. */
static bool
put(struct countdown *c, const char *name, int64_t until_us, struct err *e)
{
	const int64_t now_us = clk_utc_us(c->clk);
	struct countdown_item *item = find(c, name);

	for (int i = 0; item == NULL && c->count == COUNTDOWN_NAMES && i < c->count; i++)
		if (c->items[i].until_us <= now_us)
			item = &c->items[i];
	if (item == NULL && c->count == COUNTDOWN_NAMES)
		return err_set(e, ERR_REFUSED, "%d countdowns run already; `countdown NAME off` ends one", COUNTDOWN_NAMES);
	if (item == NULL)
		item = &c->items[c->count++];
	str_copy(item->name, sizeof item->name, name);
	item->until_us = until_us;
	return true;
}

static void
take_out(struct countdown *c, const struct countdown_item *item)
{
	const int at = (int)(item - c->items);

	memmove(&c->items[at], &c->items[at + 1], (size_t)(c->count - at - 1) * sizeof *c->items);
	c->count--;
}

/* until_us 0: none any more. */
static void
write_line(struct countdown *c, const char *name, int64_t until_us, const char *by, diskq_done_fn *done, void *arg)
{
	struct jdoc *line = jdoc_object();

	jdoc_set_text(line, "name", name);
	if (until_us != 0)
		jdoc_set_int(line, "untilUs", until_us);
	else
		jdoc_set_null(line, "untilUs");
	jdoc_set_text(line, "by", by);
	scribe_add(c->scribe, SCRIBE_MARKERS, "countdown", 0, line, done, arg);
	bus_tell(c->bus, EV_COUNTDOWN_CHANGED, NULL, "%s", name);
}

static bool
clean_name(char out[static MAX_NAME_BYTES], const char *name, struct err *e)
{
	str_clean(out, MAX_NAME_BYTES, name, strlen(name), COUNTDOWN_NAME_CELLS);
	return out[0] != '\0' || err_set(e, ERR_USAGE, "expected a name for the countdown, such as out");
}

bool
countdown_set(struct countdown *c, const char *name, int64_t until_us, const char *by, diskq_done_fn *done, void *arg, struct err *e)
{
	char clean[MAX_NAME_BYTES];

	if (!clean_name(clean, name, e) || !put(c, clean, until_us, e))
		return false;
	write_line(c, clean, until_us, by, done, arg);
	return true;
}

bool
countdown_stop(struct countdown *c, const char *name, const char *by, diskq_done_fn *done, void *arg, struct err *e)
{
	const struct countdown_item *item;
	char clean[MAX_NAME_BYTES];

	if (!clean_name(clean, name, e))
		return false;
	item = find(c, clean);
	if (item == NULL)
		return err_set(e, ERR_NOT_FOUND, "there is no countdown \"%s\"", clean);
	take_out(c, item);
	write_line(c, clean, 0, by, done, arg);
	return true;
}

/* ---- What is shown ---- */

/* Is a the one to show rather than b? */
static bool
is_before(const struct countdown_item *a, const struct countdown_item *b, int64_t now_us)
{
	const bool a_comes = a->until_us > now_us, b_comes = b->until_us > now_us;

	if (a_comes != b_comes)
		return a_comes;
	return a_comes ? a->until_us < b->until_us : a->until_us > b->until_us;
}

void
countdown_say(const struct countdown *c, struct countdown_word *out)
{
	const int64_t now_us = c != NULL ? clk_utc_us(c->clk) : 0;
	const struct countdown_item *best = NULL;

	*out = (struct countdown_word){ .any = false };
	for (int i = 0; c != NULL && i < c->count; i++)
		if (best == NULL || is_before(&c->items[i], best, now_us))
			best = &c->items[i];
	if (best == NULL || best->until_us < now_us - SHOWN_US)
		return;
	out->any = true;
	out->until_us = best->until_us;
	out->left_us = best->until_us - now_us;
	str_copy(out->name, sizeof out->name, best->name);
}

/* ---- After a restart ---- */

static void
read_line(void *arg, int64_t seq, const struct jdoc *line)
{
	struct countdown *c = arg;
	const struct countdown_item *item;
	struct err ignored = { .kind = ERR_NONE };
	char name[MAX_NAME_BYTES];
	int64_t until_us;

	(void)seq;
	if (strcmp(jdoc_text(line, "type", ""), "countdown") != 0 || !clean_name(name, jdoc_text(line, "name", ""), &ignored))
		return;
	until_us = jdoc_int(line, "untilUs", 0);
	if (until_us > clk_utc_us(c->clk))
		(void)put(c, name, until_us, &ignored);
	else if ((item = find(c, name)) != NULL)
		take_out(c, item);
}

void
countdown_restore(struct countdown *c, const char *markers_path)
{
	struct err ignored = { .kind = ERR_NONE };

	(void)journal_read(markers_path, read_line, c, &ignored);
}
