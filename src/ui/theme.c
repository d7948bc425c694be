/*
 * theme.c - theme files.  Owns plain values; never talks to a terminal.
 */
#include "ui/theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ui/livefile.h"

static const char *const role_names[] = {
#define THEME_NAME(id, name) name,
	THEME_ROLES(THEME_NAME)
#undef THEME_NAME
};

static const struct { const char *name; unsigned bit; } attr_names[] = {
	{ "bold", THEME_BOLD }, { "reverse", THEME_REVERSE }, { "underline", THEME_UNDERLINE }, { "dim", THEME_DIM },
};

const char *
theme_role_name(enum theme_role role)
{
	return role_names[role];
}

void
theme_plain(struct theme *t)
{
	memset(t, 0, sizeof *t);
	str_copy(t->name, sizeof t->name, "plain");
	for (int i = 0; i < THEME_ROLE_COUNT; i++)
		t->styles[i] = (struct theme_style){ .fg = -1, .bg = -1 };
	t->styles[ROLE_HEAD].attrs = t->styles[ROLE_PREVIEW].attrs = t->styles[ROLE_KEY].attrs = THEME_BOLD;
	t->styles[ROLE_PROGRAM].attrs = t->styles[ROLE_ALARM].attrs = THEME_BOLD | THEME_REVERSE;
	t->styles[ROLE_PROGRAM_EDGE].attrs = THEME_BOLD;
	t->styles[ROLE_REC].attrs = t->styles[ROLE_WARN].attrs = THEME_BOLD;
	t->styles[ROLE_DIM].attrs = t->styles[ROLE_GONE].attrs = THEME_DIM;
}

static bool
parse_colour(const char *word, int *out)
{
	static const char *const names[] = { "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white" };
	int64_t n;

	if (strcmp(word, "default") == 0) {
		*out = -1;
		return true;
	}
	for (int i = 0; i < 8; i++)
		if (strcmp(word, names[i]) == 0) {
			*out = i;
			return true;
		}
	if (!str_int(word, 0, 255, &n))
		return false;
	*out = (int)n;
	return true;
}

static bool
parse_role(const char *word, enum theme_role *out)
{
	for (int i = 0; i < THEME_ROLE_COUNT; i++)
		if (strcmp(word, role_names[i]) == 0) {
			*out = (enum theme_role)i;
			return true;
		}
	return false;
}

static bool
parse_attr(const char *word, unsigned *attrs)
{
	for (size_t i = 0; i < sizeof attr_names / sizeof attr_names[0]; i++)
		if (strcmp(word, attr_names[i].name) == 0) {
			*attrs |= attr_names[i].bit;
			return true;
		}
	return false;
}

static bool
parse_line(struct theme *t, char *line, struct err *e)
{
	struct theme_style s = { .fg = -1, .bg = -1 };
	enum theme_role role;
	char *save = NULL, *word = strtok_r(line, " \t\r", &save);
	char clean[64];

	if (word == NULL || word[0] == '#')
		return true;
	if (!parse_role(word, &role)) {
		str_clean(clean, sizeof clean, word, strlen(word), 32);
		return err_set(e, ERR_USAGE, "`%s` is no role of a theme; expected text, head, program, preview, ...", clean);
	}
	for (int i = 0; (word = strtok_r(NULL, " \t\r", &save)) != NULL && word[0] != '#'; i++) {
		if (i < 2 ? parse_colour(word, i == 0 ? &s.fg : &s.bg) : parse_attr(word, &s.attrs))
			continue;
		str_clean(clean, sizeof clean, word, strlen(word), 32);
		return err_set(e, ERR_USAGE, "`%s`: expected %s", clean,
		    i < 2 ? "a colour: default, black ... white, or 0 to 255" : "bold, reverse, underline or dim");
	}
	t->styles[role] = s;
	return true;
}

bool
theme_parse(struct theme *t, const char *file, const char *text, size_t len, struct err *e)
{
	const char *p = text, *end = text + len;

	theme_plain(t);
	for (int number = 1; p < end; number++) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		size_t n = lf != NULL ? (size_t)(lf - p) : (size_t)(end - p);
		char line[256];

		if (n >= sizeof line)
			return err_set(e, ERR_USAGE, "%s:%d: a theme line has at most %zu bytes", file, number, sizeof line - 1);
		memcpy(line, p, n);
		line[n] = '\0';
		if (!parse_line(t, line, e)) {
			err_prefix(e, "%s:%d", file, number);
			return false;
		}
		p += n + 1;
	}
	return true;
}

/* There is none of that name: which there are, and where. */
static bool
unknown_theme(const char *folders, const char *name, struct err *e)
{
	char **found = livefile_names(folders), names[160] = "", clean[64];

	for (size_t i = 0; found[i] != NULL; i++)
		snprintf(names + strlen(names), sizeof names - strlen(names), "%s%.40s", i > 0 ? ", " : "", found[i]);
	livefile_names_free(found);
	str_clean(clean, sizeof clean, name, strlen(name), 40);
	if (names[0] == '\0')
		return err_set(e, ERR_NOT_FOUND, "there is no theme \"%s\", and none at all in %.100s", clean, folders);
	return err_set(e, ERR_NOT_FOUND, "there is no theme \"%s\"; expected %s or a file", clean, names);
}

bool
theme_load(struct theme *t, const char *folders, const char *name, char *path, size_t path_size, struct err *e)
{
	const char *slash = strrchr(name, '/');
	char *text;
	size_t len;
	bool ok;

	path[0] = '\0';
	if (!livefile_find(path, path_size, folders, name)) {
		path[0] = '\0';
		return unknown_theme(folders, name, e);
	}
	if ((text = livefile_read(path, &len, e)) == NULL) {
		err_prefix(e, "theme");
		return false;
	}
	ok = theme_parse(t, path, text, len, e);
	free(text);
	if (ok)
		str_clean(t->name, sizeof t->name, slash != NULL ? slash + 1 : name, strlen(slash != NULL ? slash + 1 : name), 32);
	return ok;
}
