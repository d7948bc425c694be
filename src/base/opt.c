/*
 * opt.c - typed, ranged options.
 * Owns the values of one table.  Knows no option by name.
 */
#include "base/opt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/str.h"
#include "base/xalloc.h"

struct opt_value {
	int64_t number;
	char *text;		/* as written */
};

struct opt_set {
	const struct opt_def *table;
	size_t count;
	struct opt_value *values;
};

struct opt_set *
opt_set_new(const struct opt_def *table)
{
	struct opt_set *s = xcalloc(1, sizeof *s);
	struct err e;

	s->table = table;
	while (table[s->count].name != NULL)
		s->count++;
	s->values = xcalloc(s->count, sizeof *s->values);
	for (size_t i = 0; i < s->count; i++)
		if (!opt_assign(s, table[i].name, table[i].def, &e))
			xbug(__FILE__, __LINE__, e.text);
	return s;
}

void
opt_set_free(struct opt_set *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++)
		free(s->values[i].text);
	free(s->values);
	free(s);
}

const struct opt_def *
opt_find(const struct opt_set *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->table[i].name, name) == 0)
			return &s->table[i];
	return NULL;
}

static bool
opt_unknown(const struct opt_set *s, const char *name, struct err *e)
{
	const char *nearest = NULL;
	int least = (int)strlen(name) / 2 + 2;

	for (size_t i = 0; i < s->count; i++)
		nearest_try(name, s->table[i].name, &least, &nearest);
	if (nearest == NULL)
		return err_set(e, ERR_USAGE, "there is no option \"%s\"", name);
	return err_set(e, ERR_USAGE, "there is no option \"%s\"; the nearest is \"%s\"", name, nearest);
}

static bool
opt_parse_bool(const char *value, int64_t *number)
{
	static const char *const words[] = { "off", "on", "no", "yes", "false", "true" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(value, words[i]) == 0) {
			*number = (int64_t)(i & 1);
			return true;
		}
	}
	return false;
}

/* The index of value in "ask|safe|stay". */
static bool
opt_parse_choice(const char *choices, const char *value, int64_t *number)
{
	size_t want = strlen(value);

	for (int64_t i = 0;; i++) {
		size_t len = strcspn(choices, "|");

		if (len == want && len > 0 && memcmp(choices, value, len) == 0) {
			*number = i;
			return true;
		}
		if (choices[len] == '\0')
			return false;
		choices += len + 1;
	}
}

static bool
opt_parse_time(const struct opt_def *def, const char *value, int64_t *number, struct err *e)
{
	char min[32], max[32];

	if (!str_time(value, number))
		return err_set(e, ERR_USAGE, "%s: \"%s\" is not a time; write it as 500ms, 2s or 1m", def->name, value);
	if (*number >= def->min && *number <= def->max)
		return true;
	str_time_words(min, sizeof min, def->min);
	str_time_words(max, sizeof max, def->max);
	return err_set(e, ERR_USAGE, "%s: %s is out of range; it may be %s to %s", def->name, value, min, max);
}

static bool
opt_parse(const struct opt_def *def, const char *value, int64_t *number, struct err *e)
{
	switch (def->type) {
	case OPT_BOOL:
		return opt_parse_bool(value, number) ||
		    err_set(e, ERR_USAGE, "%s: \"%s\" is neither on nor off", def->name, value);
	case OPT_INT:
		return str_int(value, def->min, def->max, number) ||
		    err_set(e, ERR_USAGE, "%s: \"%s\" is not a whole number from %lld to %lld", def->name, value,
			(long long)def->min, (long long)def->max);
	case OPT_TIME:
		return opt_parse_time(def, value, number, e);
	case OPT_CHOICE:
		return opt_parse_choice(def->choices, value, number) ||
		    err_set(e, ERR_USAGE, "%s: \"%s\" is none of %s", def->name, value, def->choices);
	case OPT_TEXT:
		return def->check == NULL || def->check(value, e);
	}
	return true;
}

bool
opt_assign(struct opt_set *s, const char *name, const char *value, struct err *e)
{
	const struct opt_def *def = opt_find(s, name);
	struct opt_value *slot;
	int64_t number = 0;
	char *text;

	if (def == NULL)
		return opt_unknown(s, name, e);
	if (!opt_parse(def, value, &number, e))
		return false;
	slot = &s->values[def - s->table];
	text = xstrdup(value);	/* before free(): value may be the present text */
	free(slot->text);
	slot->text = text;
	slot->number = number;
	return true;
}

static const struct opt_value *
opt_value(const struct opt_set *s, const char *name)
{
	const struct opt_def *def = opt_find(s, name);

	if (def == NULL)
		xbug(__FILE__, __LINE__, name);
	return &s->values[def - s->table];
}

int64_t
opt_int(const struct opt_set *s, const char *name)
{
	return opt_value(s, name)->number;
}

const char *
opt_text(const struct opt_set *s, const char *name)
{
	return opt_value(s, name)->text;
}
