/*
 * t_theme.c - theme files: lines, errors, folders, and what the shipped ones promise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "support/scratch.h"
#include "ui/theme.h"

static void
theme_lines_become_styles(void **state)
{
	const char *text = "# mine\nalarm white 124 bold reverse # loud\n\nrec red default\n";
	struct theme t;
	struct err e = { 0 };

	(void)state;
	assert_true(theme_parse(&t, "mine", text, strlen(text), &e));
	assert_int_equal(t.styles[ROLE_ALARM].fg, 7);
	assert_int_equal(t.styles[ROLE_ALARM].bg, 124);
	assert_int_equal(t.styles[ROLE_ALARM].attrs, THEME_BOLD | THEME_REVERSE);
	assert_int_equal(t.styles[ROLE_REC].fg, 1);
	assert_int_equal(t.styles[ROLE_REC].bg, -1);
}

static void
wrong_theme_line_is_named(void **state)
{
	static const struct { const char *text, *has; } cases[] = {
		{ "text default default\nfoo red red\n", "mine:2: `foo`" }, { "rec pink default\n", "mine:1: `pink`" },
		{ "rec red red blink\n", "`blink`" }, { "rec 256 red\n", "`256`" },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct theme t;
		struct err e = { 0 };

		assert_false(theme_parse(&t, "mine", cases[i].text, strlen(cases[i].text), &e));
		assert_non_null(strstr(e.text, cases[i].has));
	}
}

static void
folder_is_no_theme(void **state)
{
	struct theme t;
	struct err e = { 0 };
	char path[1024];

	(void)state;
	assert_false(theme_load(&t, "/tmp", ".", path, sizeof path, &e));
	assert_string_equal(e.text, "theme: /tmp/. is no file");
	err_clear(&e);
	assert_false(theme_load(&t, "/nowhere", "nope", path, sizeof path, &e));
	assert_string_equal(e.text, "there is no theme \"nope\", and none at all in /nowhere");
	err_clear(&e);
	assert_false(theme_load(&t, "/tmp", "/", path, sizeof path, &e));
	assert_int_not_equal(e.kind, ERR_NONE);
}

static void
shipped_themes_name_every_role(void **state)
{
	static const char *const names[] = { "default", "mono", "daylight", "colour-blind", "template" };
	const char *folder = getenv("LIVEDIRECTOR_THEMES");

	(void)state;
	if (folder == NULL)
		skip();
	for (int n = 0; n < 5; n++) {
		char path[1024], found[1024], text[16384];
		struct theme t;
		struct err e = { 0 };

		snprintf(path, sizeof path, "%s/%s", folder, names[n]);
		assert_true(theme_load(&t, folder, names[n], found, sizeof found, &e));
		FILE *f = fopen(path, "r");
		assert_non_null(f);
		text[fread(text, 1, sizeof text - 1, f)] = '\0';
		fclose(f);
		for (int r = 0; r < THEME_ROLE_COUNT; r++) {
			char line[64];

			snprintf(line, sizeof line, "\n%s ", theme_role_name((enum theme_role)r));
			assert_non_null(strstr(text, line));
		}
	}
}

/* What tells program from preview, and good from bad, with every kind of colour vision: an attribute, or no red against green. */
static bool
is_reddish(int colour)
{
	int cube = colour - 16;

	return colour == 1 || colour == 9 || (cube >= 0 && cube < 216 && cube / 36 >= 2 && cube / 6 % 6 <= 1 && cube % 6 <= 1);
}

static bool
is_greenish(int colour)
{
	int cube = colour - 16;

	return colour == 2 || colour == 10 || (cube >= 0 && cube < 216 && cube / 36 <= 2 && cube / 6 % 6 >= 2 && cube % 6 <= 2 &&
	    cube / 6 % 6 > cube / 36);
}

static void
colour_blind_theme_never_tells_by_red_and_green(void **state)
{
	static const struct { enum theme_role a, b; } pairs[] = { { ROLE_PROGRAM, ROLE_PREVIEW }, { ROLE_GOOD, ROLE_ALARM }, { ROLE_GOOD, ROLE_REC }, { ROLE_LIVE, ROLE_REHEARSAL }, { ROLE_METER, ROLE_CLIP } };
	const char *folder = getenv("LIVEDIRECTOR_THEMES");
	char path[1024];
	struct theme t;
	struct err e = { 0 };

	(void)state;
	if (folder == NULL)
		skip();
	assert_true(theme_load(&t, folder, "colour-blind", path, sizeof path, &e));
	for (int r = 0; r < THEME_ROLE_COUNT; r++) {
		assert_false(is_reddish(t.styles[r].fg) || is_greenish(t.styles[r].fg));
		assert_false(is_reddish(t.styles[r].bg) || is_greenish(t.styles[r].bg));
	}
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		if (t.styles[pairs[i].a].attrs == t.styles[pairs[i].b].attrs)
			fail_msg("%s and %s differ by colour alone", theme_role_name(pairs[i].a), theme_role_name(pairs[i].b));
}

/* The edges of program and preview are drawn with blocks: an attribute would take them away. */
static void
edges_have_colours_only(void **state)
{
	static const char *const names[] = { "default", "daylight", "colour-blind", "template" };
	const char *folder = getenv("LIVEDIRECTOR_THEMES");
	char path[1024];
	struct theme t;
	struct err e = { 0 };

	(void)state;
	if (folder == NULL)
		skip();
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_true(theme_load(&t, folder, names[i], path, sizeof path, &e));
		assert_int_equal(t.styles[ROLE_PROGRAM_EDGE].attrs | t.styles[ROLE_PREVIEW_EDGE].attrs, 0);
		assert_int_not_equal(t.styles[ROLE_PROGRAM_EDGE].fg, t.styles[ROLE_PREVIEW_EDGE].fg);
	}
}

/* Relative luminance of one of the 256 colours, in thousandths (WCAG 2, its curve taken as a square). */
static int
light_of(int colour, int unset)
{
	static const int basic[8][3] = { { 0, 0, 0 }, { 205, 0, 0 }, { 0, 205, 0 }, { 205, 205, 0 }, { 0, 0, 238 }, { 205, 0, 205 },
		{ 0, 205, 205 }, { 229, 229, 229 } };
	static const int steps[] = { 0, 95, 135, 175, 215, 255 };
	int rgb[3];

	if (colour < 0)
		return unset;
	for (int i = 0; i < 3; i++)
		rgb[i] = colour < 16 ? basic[colour % 8][i] : colour >= 232 ? 8 + (colour - 232) * 10 :
		    steps[(colour - 16) / (i == 0 ? 36 : i == 1 ? 6 : 1) % 6];
	return (213 * rgb[0] * rgb[0] + 715 * rgb[1] * rgb[1] + 72 * rgb[2] * rgb[2]) / (255 * 255);
}

/* On the terminal that the theme is for: dark, but for the one that brings its own paper. */
static void
every_role_of_a_theme_can_be_read(void **state)
{
	static const char *const names[] = { "default", "daylight", "colour-blind", "template" };
	const char *folder = getenv("LIVEDIRECTOR_THEMES");
	char path[1024];
	struct theme t;
	struct err e = { 0 };

	(void)state;
	if (folder == NULL)
		skip();
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_true(theme_load(&t, folder, names[i], path, sizeof path, &e));
		for (int r = 0; r < THEME_ROLE_COUNT; r++) {
			const int fg = light_of(t.styles[r].fg, 780), bg = light_of(t.styles[r].bg, 0), high = fg > bg ? fg : bg, low = fg > bg ? bg : fg;
			const int least = r == ROLE_BORDER ? 170 : 300;		/* of contrast, in hundredths */

			if ((high + 50) * 100 / (low + 50) < least)
				fail_msg("%s: %s cannot be read (%d.%02d : 1)", names[i], theme_role_name((enum theme_role)r),
				    (high + 50) / (low + 50), (high + 50) * 100 / (low + 50) % 100);
			if (strcmp(names[i], "daylight") == 0 && t.styles[r].bg < 0)
				fail_msg("daylight: %s stands on the terminal's own paper", theme_role_name((enum theme_role)r));
		}
	}
}

static void
write_theme(const char *folder, const char *name, const char *text)
{
	char path[1024];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
first_folder_with_the_name_wins(void **state)
{
	char *mine = scratch_new(), *theirs = scratch_new(), folders[2048], path[1024];
	struct theme t;
	struct err e = { 0 };

	(void)state;
	write_theme(theirs, "one", "text 1 1\n");
	write_theme(theirs, "two", "text 2 2\n");
	write_theme(mine, "one", "text 3 3\n");
	snprintf(folders, sizeof folders, "%s:/nowhere::%s", mine, theirs);
	assert_true(theme_load(&t, folders, "one", path, sizeof path, &e));
	assert_int_equal(t.styles[ROLE_TEXT].fg, 3);
	assert_string_equal(t.name, "one");
	assert_true(theme_load(&t, folders, "two", path, sizeof path, &e));
	assert_int_equal(t.styles[ROLE_TEXT].fg, 2);
	assert_false(theme_load(&t, folders, "three", path, sizeof path, &e));
	assert_non_null(strstr(e.text, "expected one, two or a file"));
	assert_string_equal(path, "");
	scratch_free(mine);
	scratch_free(theirs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(theme_lines_become_styles), cmocka_unit_test(wrong_theme_line_is_named),
		cmocka_unit_test(folder_is_no_theme), cmocka_unit_test(shipped_themes_name_every_role),
		cmocka_unit_test(colour_blind_theme_never_tells_by_red_and_green), cmocka_unit_test(edges_have_colours_only), cmocka_unit_test(every_role_of_a_theme_can_be_read),
		cmocka_unit_test(first_folder_with_the_name_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
