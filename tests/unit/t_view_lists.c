/*
 * t_view_lists.c - takes, log and help: whole lines in any width, what was asked for and nothing else.
 */
#include "unit/view_kit.h"
#include "app/cmd_help.h"
#include "app/settings.h"
#include "ui/pen.h"

/* ---- The pen ---- */

static void
text_is_folded_at_blanks_and_counted_as_it_is_drawn(void **state)
{
	static const char words[] = "one two three four five six seven eight nine ten eleven twelve";
	struct drawn d;

	(void)state;
	for (int cols = 12; cols < 80; cols++) {
		struct pen counted = { NULL, cols, 0, 0, 0, 0 }, drawn = { &d.c, cols, 0, 40, 0, 0 };
		char row[400], all[800] = "";

		canvas_init(&d.c, 40, cols);
		pen_fold(&counted, 1, ROLE_TEXT, words);
		pen_fold(&drawn, 1, ROLE_TEXT, words);
		assert_int_equal(counted.at, drawn.at);
		for (int y = 0; y < drawn.at; y++) {
			canvas_row_text(&d.c, y, row, sizeof row);
			assert_true(str_cells(row) <= cols - 1);
			strcat(all, row);
		}
		if (cols > 64)
			assert_string_equal(all + 1, words);
		for (const char *w = words; *w != '\0'; w += strcspn(w, " "), w += strspn(w, " ")) {
			const size_t len = strcspn(w, " ");
			char word[16] = "";

			memcpy(word, w, len);
			if (strstr(all, word) == NULL)
				fail_msg("%d columns cut \"%s\": %s", cols, word, all);
		}
		canvas_fini(&d.c);
	}
}

static void
a_word_wider_than_the_line_and_wide_characters_still_end(void **state)
{
	char word[600];
	struct drawn d;

	(void)state;
	memset(word, 'x', sizeof word - 1);
	word[sizeof word - 1] = '\0';
	for (int cols = 4; cols < 60; cols += 5) {
		struct pen p = { &d.c, cols, 0, 200, 0, 0 };

		canvas_init(&d.c, 200, cols);
		pen_fold(&p, 1, ROLE_TEXT, word);
		pen_fold(&p, 2, ROLE_TEXT, "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字");
		assert_true(p.at >= 2 && p.at < 400);
		canvas_fini(&d.c);
	}
}

/* A text that was cut in the middle of a character, or was never clean: one bad byte is drawn as three good ones. */
static void
a_piece_is_never_longer_than_its_text(void **state)
{
	static const struct { const char *text; int cells; size_t want; } cases[] = {
		{ "one two", 7, 7 }, { "one two", 6, 3 }, { "one two", 3, 3 }, { "one two", 2, 2 }, { "one", 0, 3 }, { "", 5, 0 },
		{ "\xff\xff\xff", 9, 3 }, { "\xff\xff \xff", 2, 2 }, { "abc\xe6\xbc", 3, 3 }, { "abc\xe6\xbc", 9, 5 },
		{ "漢字漢字", 5, 6 }, { "漢字", 1, 6 }, { " x y", 2, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (pen_piece(cases[i].text, cases[i].cells) != cases[i].want)
			fail_msg("case %zu: %zu bytes in %d cells", i, pen_piece(cases[i].text, cases[i].cells), cases[i].cells);
}

static void
a_hint_loses_whole_parts_only(void **state)
{
	struct canvas c;
	char row[200];

	(void)state;
	canvas_init(&c, 1, 30);
	pen_head(&(struct pen){ &c, 30, 0, 1, 0, 0 }, "LOG", "newest first; this part is too long for it");
	canvas_row_text(&c, 0, row, sizeof row);
	assert_string_equal(row, " LOG  newest first");
	canvas_fini(&c);
}

/* ---- Takes ---- */

static struct show *
two_takes(void)
{
	struct show *s = kit_show(2);

	s->take_count = 2;
	s->takes[0] = (struct show_take){ .take = "002", .slate = "ep12", .asked = 4, .recording = 3, .recorded = 4, .failed = 1,
		.started_us = VIEW_UTC_US - 65000000 };
	s->takes[1] = (struct show_take){ .take = "001", .slate = "test", .asked = 4, .recorded = 4, .saved = 4, .fetched = 4, .verified = 3,
		.started_us = VIEW_UTC_US - 600000000, .stopped_us = VIEW_UTC_US - 480000000 };
	return s;
}

static void
a_take_says_how_far_its_files_are(void **state)
{
	struct show *s = two_takes();
	struct view_frame f = kit_frame(s);
	struct drawn *d = kit_draw(&f, &view_takes, 10, 132);

	(void)state;
	kit_has(d, "take  slate");
	kit_has(d, "002   ep12");
	kit_has(d, "07:58:55");
	kit_has(d, "01:05");
	kit_has(d, "02:00");
	kit_has(d, "verified");
	kit_order(d, (const char *const[]){ "002", "001" }, 2);
	kit_free(d);
	free(s);
}

/* A take that is over and whose end nobody knows has no length: it must not grow for ever. */
static void
a_take_without_an_end_that_does_not_roll_has_no_length(void **state)
{
	struct show *s = two_takes();
	struct view_frame f = kit_frame(s);
	struct drawn *d;

	(void)state;
	s->takes[1].stopped_us = 0;
	d = kit_draw(&f, &view_takes, 10, 132);
	kit_hasnt(d, "10:00");
	kit_free(d);
	free(s);
}

static void
take_numbers_asked_and_saved_stand_in_40_columns(void **state)
{
	struct show *s = two_takes();
	struct view_frame f = kit_frame(s);

	(void)state;
	for (int cols = 40; cols <= 400; cols += 9) {
		struct drawn *d = kit_draw(&f, &view_takes, 10, cols);

		kit_has(d, "002");
		kit_has(d, "asked");
		kit_has(d, "saved");
		kit_has(d, "failed");
		kit_stays_inside(d);
		kit_free(d);
	}
	free(s);
}

/* Each file on its way: how far, how fast, how long still; what failed says why. */
static void
a_take_lists_its_files_with_progress_and_reasons(void **state)
{
	struct show *s = two_takes();
	struct view_frame f = kit_frame(s);
	struct drawn *d;

	(void)state;
	s->files[s->file_count++] = (struct show_file){ .take = "002", .name = "left", .number = 1, .part = 1, .state = TAKE_FETCHING, .word = "fetching",
		.moves = true, .bytes = 12000000, .total_bytes = 27000000, .rate_bytes = 4100000, .left_us = 3600000, .file = "002-cam1-left.mp4" };
	s->files[s->file_count++] = (struct show_file){ .take = "002", .name = "top", .number = 5, .state = TAKE_FAILED, .word = "failed",
		.bytes = -1, .total_bytes = -1, .left_us = -1, .why = "stopped by itself: heat" };
	s->files[s->file_count++] = (struct show_file){ .take = "001", .name = "wide", .number = 4, .part = 1, .state = TAKE_FETCHING, .word = "retrying",
		.bytes = 1000, .total_bytes = 2000, .left_us = -1, .why = "the camera closed the connection" };
	s->file_total = 5;
	s->fetch = (struct show_fetch){ .files = 3, .moving = 1, .bytes = 45000000, .total_bytes = 100000000, .rate_bytes = 4100000, .left_us = 12000000 };
	d = kit_draw(&f, &view_takes, 16, 132);
	kit_order(d, (const char *const[]){ "fetching 3 files  45 %  45 MB of 100 MB  4.1 MB/s  00:12 left", "002   ep12", " 1 left", "fetching",
		" 44 %  12 MB of 27 MB  4.1 MB/s  00:04 left", "002-cam1-left.mp4", " 5 top", "failed", "stopped by itself: heat", "001   test", " 4 wide",
		"retrying", " 50 %  1.0 kB of 2.0 kB", "the camera closed the connection", "and 2 more files" }, 15);
	kit_free(d);
	s->fetch.paused = true;
	d = kit_draw(&f, &view_takes, 16, 132);
	kit_has(d, "fetch paused (rolling)  3 files  45 %");
	kit_hasnt(d, "00:12 left");
	kit_free(d);
	for (int cols = 40; cols <= 400; cols += 9) {
		d = kit_draw(&f, &view_takes, 16, cols);
		kit_has(d, "stopped by itself");
		kit_stays_inside(d);
		kit_free(d);
	}
	free(s);
}

static void
no_take_yet_says_how_to_roll(void **state)
{
	struct show *s = kit_show(1);
	struct view_frame f = kit_frame(s);
	struct drawn *d = kit_draw(&f, &view_takes, 6, 60);

	(void)state;
	kit_has(d, "no take yet: Ctrl-R twice rolls all cameras");
	kit_free(d);
	free(s);
}

/* ---- Log ---- */

static struct show *
with_log(void)
{
	static const struct { const char *node, *topic, *text; } lines[] = {
		{ "node-1", "node-live", "node-live cam 1" }, { "node-2", "node-lost", "node-lost cam 2 no word for 6.0 s" },
		{ "", "notice", "bonjour: no daemon" }, { "node-1", "cut", "cut cam 1" },
		{ "node-2", "alarm", "alarm cam 2 LOST, last heard 07:59:50. It is tried again by itself; with a new address: :node add ADDRESS" },
	};
	struct show *s = kit_show(2);

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct show_log *l = &s->log[s->log_count++];

		l->utc_us = VIEW_UTC_US - 50000000 + (int64_t)i * 1000000;
		str_copy(l->node, sizeof l->node, lines[i].node);
		str_copy(l->topic, sizeof l->topic, lines[i].topic);
		str_copy(l->text, sizeof l->text, lines[i].text);
	}
	return s;
}

static void
the_log_is_newest_first_and_folded(void **state)
{
	struct show *s = with_log();
	struct view_frame f = kit_frame(s);
	struct drawn *d = kit_draw(&f, &view_log, 20, 60);

	(void)state;
	kit_order(d, (const char *const[]){ "07:59:14  alarm cam 2 LOST", "ADDRESS", "07:59:13  cut cam 1", "no daemon", "node-lost", "node-live" }, 6);
	kit_stays_inside(d);
	kit_free(d);
	free(s);
}

static void
the_log_of_one_camera_or_one_topic_shows_nothing_else(void **state)
{
	struct show *s = with_log();
	struct view_frame f = kit_frame(s);
	struct drawn *d;

	(void)state;
	str_copy(f.filter_node, sizeof f.filter_node, "node-1");
	d = kit_draw(&f, &view_log, 20, 80);
	kit_has(d, "only cam 1: 2 of 5");
	kit_has(d, "cut cam 1");
	kit_hasnt(d, "LOST");
	kit_hasnt(d, "daemon");
	kit_free(d);
	str_copy(f.filter_topic, sizeof f.filter_topic, "node-live");
	d = kit_draw(&f, &view_log, 20, 80);
	kit_has(d, "only cam 1, node-live: 1 of 5");
	kit_hasnt(d, "cut cam 1");
	assert_int_equal(view_log.lines(&f, 80), 2);
	kit_free(d);
	f.filter_node[0] = '\0';
	str_copy(f.filter_topic, sizeof f.filter_topic, "gesture");
	d = kit_draw(&f, &view_log, 20, 80);
	kit_has(d, "nothing of this yet");
	kit_free(d);
	free(s);
}

static void
an_alarm_in_the_log_looks_like_one(void **state)
{
	struct show *s = with_log();
	struct view_frame f = kit_frame(s);
	struct drawn *d = kit_draw(&f, &view_log, 20, 160);

	(void)state;
	assert_int_equal(d->c.cell[1 * 160 + 12].role, ROLE_ALARM);
	assert_int_equal(d->c.cell[2 * 160 + 12].role, ROLE_TEXT);
	assert_int_equal(d->c.cell[4 * 160 + 12].role, ROLE_ALARM);
	kit_free(d);
	free(s);
}

static void
scrolling_the_log_goes_back_in_time(void **state)
{
	struct show *s = with_log();
	struct view_frame f = kit_frame(s);
	struct drawn *d;

	(void)state;
	f.scroll = 1;
	d = kit_draw(&f, &view_log, 20, 160);
	kit_hasnt(d, "LOST");
	kit_has(d, "node-live");
	kit_free(d);
	free(s);
}

/* ---- Help ---- */

static void
help_names_every_key_and_command_in_any_width(void **state)
{
	struct show *s = kit_show(1);
	struct view_frame f = kit_frame(s);

	(void)state;
	for (int cols = 40; cols <= 400; cols += 45) {
		struct drawn *d = kit_draw(&f, &view_help, view_help.lines(&f, cols), cols);
		const struct cmd_help *cmd;

		for (int i = 0; (cmd = cmd_help_at(i)) != NULL; i++)
			kit_has(d, cmd->name);
		kit_has(d, "Ctrl-R");
		kit_has(d, "1-9 0");
		kit_stays_inside(d);
		kit_free(d);
	}
	free(s);
}

static void
help_of_one_command_is_that_alone(void **state)
{
	struct show *s = kit_show(1);
	struct view_frame f = kit_frame(s);
	struct drawn *d;

	(void)state;
	f.help_command = "strike";
	d = kit_draw(&f, &view_help, 20, 80);
	kit_has(d, "strike");
	kit_hasnt(d, "Ctrl-R");
	kit_hasnt(d, "panic");
	kit_free(d);
	free(s);
}

/* Each with its value, on as many rows as it needs. */
static void
help_of_set_lists_every_option_in_any_width(void **state)
{
	struct opt_set *settings = opt_set_new(settings_table);
	struct show *s = kit_show(1);
	struct view_frame f = kit_frame(s);

	(void)state;
	f.help_command = "set";
	f.settings = settings;
	assert_true(opt_assign(settings, "cut-guard", "120ms", NULL));
	for (int cols = 40; cols <= 132; cols += 23) {
		struct drawn *d = kit_draw(&f, &view_help, view_help.lines(&f, cols), cols);

		for (const struct opt_def *def = settings_table; def->name != NULL; def++)
			kit_has(d, def->name);
		kit_has(d, "set [OPTION [VALUE]]");
		kit_has(d, "cut-guard 120ms");
		kit_has(d, "auto-weights \"\"");
		kit_stays_inside(d);
		kit_free(d);
	}
	opt_set_free(settings);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_folded_at_blanks_and_counted_as_it_is_drawn),
		cmocka_unit_test(a_word_wider_than_the_line_and_wide_characters_still_end), cmocka_unit_test(a_piece_is_never_longer_than_its_text),
		cmocka_unit_test(a_hint_loses_whole_parts_only),
		cmocka_unit_test(a_take_says_how_far_its_files_are), cmocka_unit_test(a_take_without_an_end_that_does_not_roll_has_no_length),
		cmocka_unit_test(take_numbers_asked_and_saved_stand_in_40_columns), cmocka_unit_test(no_take_yet_says_how_to_roll),
		cmocka_unit_test(a_take_lists_its_files_with_progress_and_reasons),
		cmocka_unit_test(the_log_is_newest_first_and_folded), cmocka_unit_test(the_log_of_one_camera_or_one_topic_shows_nothing_else),
		cmocka_unit_test(an_alarm_in_the_log_looks_like_one), cmocka_unit_test(scrolling_the_log_goes_back_in_time),
		cmocka_unit_test(help_names_every_key_and_command_in_any_width), cmocka_unit_test(help_of_one_command_is_that_alone),
		cmocka_unit_test(help_of_set_lists_every_option_in_any_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
