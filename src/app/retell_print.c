/*
 * retell_print.c - the sheet itself: who must be there, what they are called, then each item at its instant.
 * Owns the words of its comments.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "app/retell_private.h"
#include "base/str.h"
#include "base/xalloc.h"

#define MAX_SHEET (64 * 1024 * 1024)	/* ours, of our own journals: only against endless growth */
#define LEAD_US 500000LL		/* before the first item, so that it can be sent ahead of its instant like the others */
#define GUARD_US 250000LL		/* cut-guard: the same source twice within it is one cut */

static void
put_time(char *out, size_t out_size, int64_t us)
{
	const int64_t ms = (us + 500) / 1000;

	snprintf(out, out_size, "%02" PRId64 ":%02" PRId64 ":%02" PRId64 ".%03" PRId64, ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

static void
put_date(char *out, size_t out_size, int64_t utc_us)
{
	const time_t seconds = (time_t)(utc_us / 1000000);
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL || strftime(out, out_size, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		str_copy(out, out_size, "?");
}

/* ---- Who takes part ---- */

static bool
is_used(const struct retell *r, const struct registry_node *n)
{
	for (size_t i = 0; i < r->cut_count; i++)
		if (r->cuts[i].struck_by == 0 && strcmp(r->cuts[i].is_amended ? r->cuts[i].amended : r->cuts[i].to, n->id) == 0)
			return true;
	for (size_t i = 0; i < r->command_count; i++)
		for (int k = 0; r->commands[i].is_replayed && k < r->commands[i].target_count; k++)
			if (strcmp(r->commands[i].targets[k], n->id) == 0)
				return true;
	return false;
}

/* As it is called before it has its label. */
static void
put_device(const struct retell *r, struct buf *b, const struct registry_node *n)
{
	struct registry_node bare = *n;
	size_t same = 0;
	char *quoted;

	for (size_t i = 0; i < registry_count(r->reg); i++)
		same += str_equal_nocase(registry_at(r->reg, i)->info.device_name, bare.info.device_name);
	quoted = retell_quoted(same == 1 && bare.info.device_name[0] != '\0' ? bare.info.device_name : bare.id);
	buf_add_text(b, quoted);
	free(quoted);
}

static void
print_device(const struct retell *r, struct buf *b, const struct registry_node *n)
{
	const unsigned given = n->roles & ~ROLE(CAMERA);	/* which every device has that was given none */
	char name[2 * MAX_NAME_BYTES + 4], roles[256];

	retell_name(r, n->id, "", name, sizeof name);
	if (n->label[0] != '\0') {
		buf_add_text(b, "label ");
		put_device(r, b, n);
		buf_add_format(b, " %s\n", name);
	}
	if (given == 0)
		return;
	roles_text(roles, sizeof roles, given);
	buf_add_format(b, "role %s", name);
	for (char *word = roles, *comma; word != NULL; word = comma != NULL ? comma + 1 : NULL) {
		comma = strchr(word, ',');
		buf_add_format(b, " +%.*s", (int)(comma != NULL ? comma - word : (long)strlen(word)), word);
	}
	buf_add_text(b, "\n");
}

/* By name, not by number: the sheet must not begin with other cameras. */
static void
print_devices(const struct retell *r, struct buf *b)
{
	for (size_t i = 0; i < registry_count(r->reg); i++) {
		const struct registry_node *n = registry_at(r->reg, i);

		if (!is_used(r, n) || n->view_only)
			continue;
		buf_add_text(b, "wait node ");
		put_device(r, b, n);
		buf_add_text(b, " live within 60s\n");
	}
	for (size_t i = 0; i < registry_count(r->reg); i++)
		if (is_used(r, registry_at(r->reg, i)))
			print_device(r, b, registry_at(r->reg, i));
}

/* ---- The items ---- */

static int
by_time(const void *a, const void *b)
{
	const struct retell_item *one = a, *two = b;

	if (one->at_us != two->at_us)
		return one->at_us < two->at_us ? -1 : 1;
	return one->order < two->order ? -1 : one->order > two->order;
}

static void
print_item(struct buf *b, const struct retell_item *item, int64_t zero_us)
{
	char when[64];

	put_time(when, sizeof when, item->at_us - zero_us);
	if (item->text == NULL) {
		buf_add_format(b, "# %s  %s\n", when, item->note);
		return;
	}
	if (item->when[0] != '\0')
		buf_add_format(b, "%-17s %s", item->when, item->text);
	else
		buf_add_format(b, "at %-14s %s", when, item->text);
	if (item->note != NULL)
		buf_add_format(b, "  # %s", item->note);
	buf_add_text(b, "\n");
}

/* The same source again so soon would be swallowed: what stood between is struck, or it was amended to it. */
static bool
needs_no_guard(const struct retell *r)
{
	const struct retell_item *before = NULL;

	for (size_t i = 0; i < r->item_count; i++) {
		const struct retell_item *item = &r->items[i];

		if (!item->is_cut)
			continue;
		if (before != NULL && strcmp(before->text, item->text) == 0 && item->at_us - before->at_us < GUARD_US)
			return true;
		before = item;
	}
	return false;
}

static void
print_part(struct buf *b, const struct retell_item *item, bool is_first)
{
	char date[64];

	put_date(date, sizeof date, item->at_us - LEAD_US);
	buf_add_format(b, "\n%s# from %s\nzero\n", is_first ? "" : "# the console was away in between\n", date);
}

static void
print_items(const struct retell *r, struct buf *b)
{
	int64_t zero_us = 0;

	for (size_t i = 0; i < r->item_count; i++) {
		const struct retell_item *item = &r->items[i], *before = i > 0 ? item - 1 : NULL;

		if (before == NULL || (item->run != before->run && item->at_us - before->at_us > RETELL_PAUSE_US)) {
			print_part(b, item, before == NULL);
			zero_us = item->at_us - LEAD_US;
		}
		print_item(b, item, zero_us);
	}
}

void
retell_print(struct retell *r)
{
	struct retell_sheet *out = r->out;
	struct buf b;

	if (r->item_count > 0)
		qsort(r->items, r->item_count, sizeof *r->items, by_time);
	buf_init(&b, MAX_SHEET);
	buf_add_format(&b, "# %d cut%s and %d command%s of a show, told again by `livedirector cues`.\n", out->cuts, out->cuts == 1 ? "" : "s",
	    out->commands, out->commands == 1 ? "" : "s");
	print_devices(r, &b);
	if (needs_no_guard(r))
		buf_add_text(&b, "set cut-guard 0ms\n");
	print_items(r, &b);
	if (out->cuts > 0)
		buf_add_format(&b, "expect cuts %d within 10s\n", out->cuts);
	out->text = buf_steal(&b, &out->len);
}
