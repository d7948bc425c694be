/*
 * senses_file.c - poses, gestures and levels read from JSON Lines.
 * Owns the shape of a line and its refusals.  Never keeps what the contract would not let a node say.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/senses_private.h"
#include "io/jdoc.h"

#define SECOND_US 1000000
#define EARLY_US 1000		/* times written in milliseconds are not too close together for that */
#define DAY_US (24 * 3600LL * SECOND_US)

struct reading {
	struct sense_list *list;
	const char *path;
	int line, room;
	int64_t last_us[SENSE_KINDS];	/* kept ones; before the first, long ago */
};

static bool
refuse(const struct reading *r, const char *why, struct err *e)
{
	return err_set(e, ERR_USAGE, "%s:%d: %s", r->path, r->line, why);
}

static bool
read_kind(enum sense_kind *out, const char *word)
{
	for (int kind = 0; kind < SENSE_KINDS; kind++)
		if (strcmp(word, senses_name((enum sense_kind)kind)) == 0) {
			*out = (enum sense_kind)kind;
			return true;
		}
	return false;
}

/* NULL: data says what the contract asks for. */
static const char *
missing(enum sense_kind kind, const struct jdoc *data)
{
	char peak = jdoc_kind(data, "peakDbfs"), rms = jdoc_kind(data, "rmsDbfs");

	if (!jdoc_is_object(data))
		return "\"data\" is missing, or no object";
	if (jdoc_has(data, "timeUs"))
		return "\"data\" has a timeUs; a node puts the moment there at which it says it";
	if (kind == SENSE_POSE && !jdoc_is_array(jdoc_get(data, "people")))
		return "a pose needs an array \"people\" (which may be empty)";
	if (kind == SENSE_GESTURE && jdoc_kind(data, "name") != 's')
		return "a gesture needs a text \"name\"";
	if (kind == SENSE_AUDIO && ((peak != 'n' && peak != 'i') || (rms != 'n' && rms != 'i')))
		return "a level needs the numbers \"peakDbfs\" and \"rmsDbfs\"";
	return NULL;
}

/* More than the contract lets a node say. */
static bool
is_too_close(const struct reading *r, const struct sense *item)
{
	int64_t least_us = item->kind == SENSE_POSE ? SENSES_POSE_US : item->kind == SENSE_AUDIO ? SENSES_AUDIO_US : 0;

	return item->at_us - r->last_us[item->kind] < least_us - EARLY_US;
}

/* As they stand, but not louder than a converter can be. */
static void
read_level(struct node_audio *a, const struct jdoc *data)
{
	a->peak_dbfs = fmin(jdoc_real(data, "peakDbfs", 0), 0);
	a->rms_dbfs = fmin(jdoc_real(data, "rmsDbfs", 0), 0);
	a->clips = jdoc_int(data, "clips", 0);
	a->muted = jdoc_bool(data, "muted", false);
}

static void
keep(struct reading *r, struct sense *item, const struct jdoc *data)
{
	struct sense_list *l = r->list;
	char *text = jdoc_print(data);
	size_t len = strlen(text);

	item->members = xcalloc(1, len);
	memcpy(item->members, text + 1, len - 2);	/* without its braces */
	free(text);
	if (item->kind == SENSE_AUDIO)
		read_level(&item->audio, data);
	if (l->count == r->room) {
		r->room = r->room > 0 ? 2 * r->room : 256;
		l->items = xreallocarray(l->items, (size_t)r->room, sizeof *l->items);
	}
	r->last_us[item->kind] = item->at_us;
	l->items[l->count++] = *item;
}

static bool
read_item(struct reading *r, const struct jdoc *j, struct err *e)
{
	struct sense item = { .at_us = jdoc_int(j, "atUs", -1) };
	const struct sense_list *l = r->list;
	const char *why;

	if (!jdoc_is_object(j) || jdoc_kind(j, "atUs") != 'i' || item.at_us < 0 || item.at_us > DAY_US)
		return refuse(r, "expected \"atUs\", microseconds since the beginning, within a day", e);
	if (l->count > 0 && item.at_us < l->items[l->count - 1].at_us)
		return refuse(r, "\"atUs\" goes back; lines stand in the order of their times", e);
	if (!read_kind(&item.kind, jdoc_text(j, "event", "")))
		return refuse(r, "expected \"event\": pose, gesture or audio", e);
	why = missing(item.kind, jdoc_get(j, "data"));
	if (why != NULL)
		return refuse(r, why, e);
	if (!is_too_close(r, &item))
		keep(r, &item, jdoc_get(j, "data"));
	return true;
}

static bool
read_line(struct reading *r, const char *text, size_t len, struct err *e)
{
	struct err inner = { 0 };
	struct jdoc *j;
	bool fine;

	if (strspn(text, " \t\r\n") == len)
		return true;
	j = jdoc_parse(text, len, MAX_JOURNAL_LINE, &inner);
	if (j == NULL)
		return refuse(r, inner.text, e);
	fine = read_item(r, j, e);
	jdoc_free(j);
	return fine;
}

static FILE *
open_file(const char *path, struct err *e)
{
	FILE *f = fopen(path, "re");
	struct stat st;

	if (f == NULL || fstat(fileno(f), &st) != 0)
		err_errno(e, ERR_USAGE, errno, "cannot read %s", path);
	else if (!S_ISREG(st.st_mode) || st.st_size > MAX_SENSES_FILE)
		err_set(e, ERR_USAGE, "%s: expected a file of JSON lines, at most 64 MiB", path);
	else
		return f;
	if (f != NULL)
		fclose(f);
	return NULL;
}

bool
senses_file_read(struct sense_list *out, const char *path, struct err *e)
{
	struct reading r = { .list = out, .path = path, .last_us = { -DAY_US, -DAY_US, -DAY_US } };
	FILE *f = open_file(path, e);
	char *text = NULL;
	size_t room = 0;
	ssize_t len = -1;
	bool fine = true;

	if (f == NULL)
		return false;
	while (fine && (len = getline(&text, &room, f)) >= 0) {
		r.line++;
		fine = read_line(&r, text, (size_t)len, e);
	}
	if (fine && ferror(f))
		fine = err_errno(e, ERR_USAGE, errno, "cannot read %s", path);
	free(text);
	fclose(f);
	if (fine && out->count == 0)
		return err_set(e, ERR_USAGE, "%s has no event in it", path);
	if (fine)	/* anew with the next whole second, so that the last one has its time */
		out->length_us = (out->items[out->count - 1].at_us / SECOND_US + 1) * SECOND_US;
	return fine;
}

void
senses_file_fini(struct sense_list *list)
{
	for (int i = 0; i < list->count; i++)
		free(list->items[i].members);
	free(list->items);
	memset(list, 0, sizeof *list);
}
