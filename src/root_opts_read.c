/*
 * root_opts_read.c - reads the command line.
 * Never acts on an option, never prints.
 */
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include "base/ceilings.h"
#include "base/nearest.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "root_folder.h"
#include "root_opts_private.h"

#define MAX_FOR_US 3600000000LL
#define DEFAULT_CAMERAS 4

/* Subcommands that later versions have. */
static const char *const later_subs[] = { "attach" };

void
root_list_add(struct root_list *l, const char *text)
{
	l->items = xreallocarray(l->items, (size_t)l->count + 1, sizeof *l->items);
	l->items[l->count++] = xstrdup(text);
}

static void
list_fini(struct root_list *l)
{
	for (int i = 0; i < l->count; i++)
		free(l->items[i]);
	free(l->items);
}

static void *
opt_place(struct root_opts *o, const struct root_opt *opt)
{
	return (char *)o + opt->at;
}

static bool
opt_take_flag(bool *flag, const char *value, struct err *e)
{
	if (value != NULL && strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
		return err_set(e, ERR_USAGE, "\"%s\" is neither on nor off", value);
	*flag = value == NULL || strcmp(value, "on") == 0;
	return true;
}

static bool
opt_take_value(struct root_opts *o, const struct root_opt *opt, const char *value, struct err *e)
{
	void *place = opt_place(o, opt);
	char **text;

	switch (opt->type) {
	case ROOT_FLAG:
		return opt_take_flag(place, value, e);
	case ROOT_TEXT:
		text = place;
		free(*text);
		*text = xstrdup(value);
		return true;
	case ROOT_MANY:
		root_list_add(place, value);
		return true;
	case ROOT_TIME:
		return (str_time(value, place) && *(int64_t *)place > 0 && *(int64_t *)place <= MAX_FOR_US) ||
		    err_set(e, ERR_USAGE, "\"%s\" is not a time from 1us to 1h, such as 5s", value);
	case ROOT_COUNT:
		return str_int(value, 0, INT64_MAX, place) || err_set(e, ERR_USAGE, "\"%s\" is not a whole number", value);
	case ROOT_NUMBER:
		return str_double(value, 0.01, 1000, place) ||
		    err_set(e, ERR_USAGE, "\"%s\" is not a number from 0.01 to 1000", value);
	}
	return true;
}

/* name: for the sentence. */
bool
root_opts_take(struct root_opts *o, const struct root_opt *opt, const char *value, struct err *e)
{
	if (value == NULL && opt->type != ROOT_FLAG)
		err_set(e, ERR_USAGE, "expected %s after it", opt->arg);
	else if ((value == NULL || opt->check == NULL || opt->check(value, e)) && opt_take_value(o, opt, value, e))
		return true;
	e->kind = ERR_USAGE;
	return false;
}

const struct root_opt *
root_opts_find(const char *name, size_t len)
{
	for (const struct root_opt *opt = root_opts_table; opt->name != NULL; opt++)
		if (strlen(opt->name) == len && memcmp(opt->name, name, len) == 0)
			return opt;
	return NULL;
}

static bool
opt_unknown(const struct root_opts *o, const char *name, size_t len, struct err *e)
{
	const char *best = NULL;
	char word[64];
	int least;

	snprintf(word, sizeof word, "%.*s", (int)(len < 60 ? len : 60), name);
	least = nearest_limit(word);
	for (const struct root_opt *opt = root_opts_table; opt->name != NULL; opt++)
		if ((opt->subs & (unsigned)o->sub) != 0)
			nearest_try(word, opt->name, &least, &best);
	if (best == NULL)
		return err_set(e, ERR_USAGE, "there is no option --%s; --help lists them", word);
	return err_set(e, ERR_USAGE, "there is no option --%s; the nearest is --%s", word, best);
}

/* --name, --name=value, --name value; *used: arguments taken beside it. */
static bool
read_long(struct root_opts *o, const char *text, const char *next, int *used, struct err *e)
{
	size_t len = strcspn(text, "=");
	const struct root_opt *opt = root_opts_find(text, len);
	const char *value = text[len] == '=' ? text + len + 1 : NULL;

	if (opt == NULL)
		return opt_unknown(o, text, len, e);
	if ((opt->subs & (unsigned)o->sub) == 0)
		return err_set(e, ERR_USAGE, "--%s does not go with this subcommand; --help lists what does", opt->name);
	if (value == NULL && opt->type != ROOT_FLAG && next != NULL) {
		value = next;
		*used = 1;
	}
	if (root_opts_take(o, opt, value, e))
		return true;
	err_prefix(e, "--%s", opt->name);
	return false;
}

/* -n 4, -n4, -h */
static bool
read_short(struct root_opts *o, const char *text, const char *next, int *used, struct err *e)
{
	for (const struct root_opt *opt = root_opts_table; opt->name != NULL; opt++) {
		const char *value = text[1] != '\0' ? text + 1 : NULL;

		if (opt->letter == 0 || opt->letter != text[0] || (opt->subs & (unsigned)o->sub) == 0)
			continue;
		if (opt->type == ROOT_FLAG && value != NULL)
			break;
		if (opt->type != ROOT_FLAG && value == NULL && next != NULL) {
			value = next;
			*used = 1;
		}
		if (root_opts_take(o, opt, value, e))
			return true;
		err_prefix(e, "-%c", opt->letter);
		return false;
	}
	return err_set(e, ERR_USAGE, "there is no option -%s; --help lists them", text);
}

/* Options and words may mix, but after do's first word all belongs to the command. */
static bool
read_arguments(struct root_opts *o, int argc, char **argv, int at, struct err *e)
{
	bool options_over = false;

	for (; at < argc; at++) {
		const char *text = argv[at], *next = at + 1 < argc ? argv[at + 1] : NULL;
		int used = 0;

		if (options_over || text[0] != '-' || strcmp(text, "-") == 0) {
			root_list_add(&o->words, text);
			options_over = options_over || o->sub == ROOT_DO;
		} else if (strcmp(text, "--") == 0) {
			options_over = true;
		} else if (!(text[1] == '-' ? read_long(o, text + 2, next, &used, e) : read_short(o, text + 1, next, &used, e))) {
			return false;
		}
		at += used;
	}
	return true;
}

/* ---- The whole ---- */

static bool
read_sub(struct root_opts *o, int argc, char **argv, int *first, struct err *e)
{
	*first = 1;
	o->sub = ROOT_CONSOLE;
	if (argc < 2)
		return true;
	for (size_t i = 0; i < sizeof later_subs / sizeof later_subs[0]; i++)
		if (strcmp(argv[1], later_subs[i]) == 0)
			return err_set(e, ERR_USAGE, "`%s` is not in this version; a folder of that name is ./%s", argv[1], argv[1]);
	for (const struct root_sub_words *w = root_opts_subs + 1; w->usage != NULL; w++) {
		if (strcmp(argv[1], w->name) != 0)
			continue;
		o->sub = w->sub;
		*first = 2;
	}
	return true;
}

/* A first word that nearly is a subcommand was meant as one, unless a folder of that name is there. */
static bool
check_folder_word(const struct root_opts *o, struct err *e)
{
	const char *word = o->words.count == 1 ? o->words.items[0] : "", *best = NULL;
	const int limit = nearest_limit(word);
	int least = limit < 3 ? limit : 3;

	if (o->sub != ROOT_CONSOLE || word[0] == '\0' || strchr(word, '/') != NULL || root_folder_is_there(word))
		return true;
	for (const struct root_sub_words *w = root_opts_subs + 1; w->usage != NULL; w++)
		nearest_try(word, w->name, &least, &best);
	for (size_t i = 0; i < sizeof later_subs / sizeof later_subs[0]; i++)
		nearest_try(word, later_subs[i], &least, &best);
	return best == NULL || err_set(e, ERR_USAGE, "there is no folder %s: did you mean `%s`? A new folder of that name is ./%s",
	    word, best, word);
}

static bool
check_words(const struct root_opts *o, struct err *e)
{
	static const struct { enum root_sub sub; int least, most; const char *expected; } counts[] = {
		{ ROOT_CONSOLE, 0, 1, "one Sphere folder at most" },
		{ ROOT_RUN, 1, 1, "one CUESHEET, or - for standard input" },
		{ ROOT_DO, 1, INT32_MAX, "a COMMAND" },
		{ ROOT_NODES, 0, 0, "options only" },
		{ ROOT_REHEARSE, 0, 1, "one Sphere folder at most" },
		{ ROOT_FETCH, 0, 1, "one Sphere folder" },
		{ ROOT_VERIFY, 0, 1, "one Sphere folder" },
		{ ROOT_STATUS, 0, 1, "one Sphere folder at most" },
		{ ROOT_CUES, 0, 1, "one Sphere folder" },
	};

	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		if (o->sub == counts[i].sub && (o->words.count < counts[i].least || o->words.count > counts[i].most))
			return err_set(e, ERR_USAGE, "expected %s; --help says more", counts[i].expected);
	if (o->words.count > 0 && o->sphere != NULL && (o->sub & (ROOT_CONSOLE | ROOT_REHEARSE | ROOT_FETCH | ROOT_VERIFY | ROOT_STATUS | ROOT_CUES)) != 0)
		return err_set(e, ERR_USAGE, "the Sphere folder is named twice: --sphere %s and %s", o->sphere, o->words.items[0]);
	if ((o->sub & (ROOT_FETCH | ROOT_VERIFY | ROOT_CUES)) != 0 && o->words.count == 0 && o->sphere == NULL)
		return err_set(e, ERR_USAGE, "expected the Sphere folder; --help says more");
	if (!check_folder_word(o, e))
		return false;
	if (o->cameras < 1 || o->cameras > MAX_FLEET)
		return err_set(e, ERR_USAGE, "-n: expected 1 to %d rehearsal cameras", MAX_FLEET);
	return true;
}

bool
root_opts_read(struct root_opts *o, int argc, char **argv, struct err *e)
{
	int first;

	*o = (struct root_opts){ .speed = 1.0, .cameras = DEFAULT_CAMERAS };
	if (!read_sub(o, argc, argv, &first, e) || !root_opts_read_conf(o, argc, argv, e) ||
	    !read_arguments(o, argc, argv, first, e))
		return false;
	return o->help || o->version || check_words(o, e);
}

void
root_opts_fini(struct root_opts *o)
{
	for (const struct root_opt *opt = root_opts_table; opt->name != NULL; opt++)
		if (opt->type == ROOT_TEXT)
			free(*(char **)opt_place(o, opt));
	list_fini(&o->nodes);
	list_fini(&o->settings);
	list_fini(&o->hooks);
	list_fini(&o->ons);
	list_fini(&o->words);
}
