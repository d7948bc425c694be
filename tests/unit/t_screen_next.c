/*
 * t_screen_next.c - what comes and what was, at every width: a waiting cut, the cue sheet, auto, LAST and its undoing, a program
 * source that failed, the countdown, hot cuts, captions.
 */
#include "tests/unit/screen_kit.h"

#define SECOND_US INT64_C(1000000)

/* The row that begins with this label; "" = none does. */
static const char *
row_of(const struct shot *shot, const char *label)
{
	static char row[4096];

	for (int y = 0; y < shot->c.rows; y++) {
		canvas_row_text(&shot->c, y, row, sizeof row);
		if (str_has_prefix(row + strspn(row, " /"), label))
			return row;
	}
	return "";
}

static void
row_has(const struct shot *shot, const char *label, const char *what)
{
	if (strstr(row_of(shot, label), what) == NULL)
		fail_msg("no \"%s\" in \"%s\" of:\n%s", what, row_of(shot, label), shot->text);
}

static void
row_lacks(const struct shot *shot, const char *label, const char *what)
{
	if (strstr(row_of(shot, label), what) != NULL)
		fail_msg("\"%s\" in \"%s\"", what, row_of(shot, label));
}

static void
next_is(const struct show *s, int cols, const char *what)
{
	struct shot *shot = shoot(s, "sheet", 24, cols, VIEW_PICTURES);

	assert_string_equal(row_of(shot, "NEXT"), what);
	shot_free(shot);
}

/* ---- a cut that waits ---- */

static void
nothing_pending_is_said(void **state)
{
	struct show *s = scene_new("quiet");

	(void)state;
	next_is(s, 80, "NEXT nothing pending");
	free(s);
}

static void
a_waiting_cut_counts_its_beats_and_says_how_to_cancel(void **state)
{
	struct show *s = scene_new("quiet");

	(void)state;
	s->pending = (struct show_pending){ .any = true, .is_bar = true, .number = 2, .name = "right guest", .beats = 3 };
	next_is(s, 80, "NEXT cut 2 right guest ON BAR in 3 beats   Esc cancels");
	s->pending.is_bar = false;
	s->pending.beats = 1;
	next_is(s, 80, "NEXT cut 2 right guest ON BEAT in 1 beat   Esc cancels");
	next_is(s, 48, "NEXT cut 2 right guest ON BEAT in 1 beat (Esc)");
	next_is(s, 44, "NEXT cut 2 right ON BEAT in 1 beat (Esc)");
	next_is(s, 40, "NEXT cut 2 ON BEAT in 1 beat");
	s->pending = (struct show_pending){ .any = true, .is_bar = true, .name = "black", .beats = 2 };
	next_is(s, 80, "NEXT cut black ON BAR in 2 beats   Esc cancels");
	str_copy(s->next, sizeof s->next, "take 004 rolls in 2 s");
	next_is(s, 80, "NEXT cut black ON BAR in 2 beats   Esc cancels   take 004 rolls in 2 s");
	s->pending.any = false;
	next_is(s, 80, "NEXT take 004 rolls in 2 s");
	free(s);
}

/* ---- auto ---- */

static void
auto_says_what_it_means_to_do_or_why_not(void **state)
{
	struct show *s = scene_new("quiet");

	(void)state;
	s->autodirector = (struct show_auto){ .on = true, .next = "3 host", .next_us = 3100000 };
	next_is(s, 80, "NEXT AUTO cut 3 host in 4 s");
	s->autodirector.yields_us = 8 * SECOND_US;
	next_is(s, 80, "NEXT AUTO yields for 8 s");
	s->autodirector = (struct show_auto){ .on = true, .next_us = -1, .why = "no other camera is well" };
	next_is(s, 80, "NEXT AUTO waits: no other camera is well");
	free(s);
}

static void
that_auto_is_on_is_on_every_screen(void **state)
{
	static const char *const views[] = { "sheet", "switch", "quad", "single", "health", "takes", "log", "help" };
	static const int sizes[][2] = { { 12, 40 }, { 18, 60 }, { 24, 80 }, { 30, 120 }, { 43, 132 }, { 60, 200 } };
	struct show *s = scene_new("show");

	(void)state;
	s->autodirector = (struct show_auto){ .on = true, .next = "3 host", .next_us = 3100000 };
	for (size_t v = 0; v < sizeof views / sizeof views[0]; v++)
		for (size_t z = 0; z < sizeof sizes / sizeof sizes[0]; z++) {
			struct shot *shot = shoot(s, views[v], sizes[z][0], sizes[z][1], VIEW_PICTURES);

			has(shot, "AUTO");
			shot_free(shot);
		}
	free(s);
}

/* ---- the cue sheet ---- */

/* A waiting cut and the next cue share the row: neither ever hides the other. */
static void
the_waiting_cut_and_the_cue_both_stand_at_every_width(void **state)
{
	struct show *s = scene_new("show");

	(void)state;
	for (int cols = 40; cols <= 200; cols++) {
		struct shot *shot = shoot(s, "sheet", 24, cols, VIEW_PICTURES);

		row_has(shot, "NEXT", "cut 2 ");
		row_has(shot, "NEXT", "in 2 beats");
		row_has(shot, "NEXT", "spons");
		row_has(shot, "NEXT", "[G]");
		if (cols >= 80) {
			row_has(shot, "NEXT", "14/31 HELD");
			row_has(shot, "NEXT", "ON BAR");
		}
		shot_free(shot);
	}
	free(s);
}

static void
cue_states_are_told(void **state)
{
	struct show *s = scene_new("quiet");

	(void)state;
	s->cue = (struct show_cue){ .loaded = true, .file = "podcast.cue", .at = 1, .count = 31, .next = "on go  cut host", .next_us = -1 };
	next_is(s, 80, "NEXT CUE podcast.cue 1/31 READY   next: on go  cut host   [G] go");
	s->cue.playing = true;
	str_copy(s->cue.next, sizeof s->cue.next, "after 4s  cut wide");
	s->cue.next_us = 2400000;
	next_is(s, 80, "NEXT CUE podcast.cue 1/31   next in 3 s: after 4s  cut wide");
	next_is(s, 50, "NEXT CUE 1/31  in 3 s: after 4s  cut wide");
	s->cue.held = true;
	next_is(s, 80, "NEXT CUE podcast.cue 1/31 HELD   next: after 4s  cut wide   [G] go");
	str_copy(s->cue.held_by, sizeof s->cue.held_by, "panic");
	next_is(s, 80, "NEXT CUE podcast.cue 1/31 HELD by panic   next: after 4s  cut wide   [G] go");
	next_is(s, 40, "NEXT CUE 1/31 HELD  after 4s…  [G] go");
	s->cue.held_by[0] = '\0';
	s->cue = (struct show_cue){ .loaded = true, .over = true, .file = "podcast.cue", .at = 32, .count = 31, .next_us = -1 };
	next_is(s, 80, "NEXT CUE podcast.cue OVER");
	free(s);
}

static void
a_long_cue_is_cut_before_its_go_is(void **state)
{
	struct show *s = scene_new("quiet");

	(void)state;
	s->cue = (struct show_cue){ .loaded = true, .playing = true, .waits_go = true, .file = "a very long file name of a cue sheet.cue", .at = 7,
		.count = 120, .next_us = -1 };
	memset(s->cue.next, 'n', 300);
	str_copy(s->cue.go_text, sizeof s->cue.go_text, "when the guest has put the glass down");
	for (int cols = 40; cols <= 200; cols++) {
		struct shot *shot = shoot(s, "sheet", 24, cols, VIEW_PICTURES);

		row_has(shot, "NEXT", "…");
		row_has(shot, "NEXT", "[G]");
		shot_free(shot);
	}
	free(s);
}

/* ---- LAST ---- */

static void
undo_stands_where_it_can_and_fits(void **state)
{
	struct show *s = scene_new("show");
	struct view_frame f = frame_of(s, VIEW_PICTURES);
	struct shot *shot = shoot_frame(&f, "sheet", 43, 132);

	(void)state;
	row_has(shot, "LAST", "on disk");
	row_has(shot, "LAST", "undo: BkSp");
	shot_free(shot);
	shot = shoot_frame(&f, "sheet", 24, 80);
	row_has(shot, "LAST", "on disk");
	row_lacks(shot, "LAST", "undo");
	shot_free(shot);
	s->can_undo = false;
	shot = shoot_frame(&f, "sheet", 43, 132);
	row_lacks(shot, "LAST", "undo");
	shot_free(shot);
	s->can_undo = f.locked = true;
	shot = shoot_frame(&f, "sheet", 43, 132);
	row_lacks(shot, "LAST", "undo");
	shot_free(shot);
	free(s);
}

static void
next_and_last_stand_on_every_screen(void **state)
{
	static const char *const views[] = { "sheet", "switch", "quad", "single", "health", "takes", "log", "help" };
	struct show *s = scene_new("lost");

	(void)state;
	for (size_t v = 0; v < sizeof views / sizeof views[0]; v++)
		for (int rows = 8; rows <= 60; rows++) {
			struct shot *shot = shoot(s, views[v], rows, 40 + rows * 2, VIEW_PICTURES);

			assert_true(row_of(shot, "NEXT")[0] != '\0');
			assert_true(row_of(shot, "LAST")[0] != '\0');
			shot_free(shot);
		}
	free(s);
}

/* ---- program lost ---- */

static void
a_lost_program_names_the_keys_on_every_screen(void **state)
{
	struct show *s = scene_new("lost");

	(void)state;
	for (int cols = 40; cols <= 200; cols++) {
		struct shot *shot = shoot(s, "health", cols < 60 ? 12 : cols < 100 ? 24 : 43, cols, VIEW_PICTURES);

		has(shot, "LOST 2.1 s");
		has(shot, "Space:");
		has(shot, "!:");
		has(shot, "safe");
		shot_free(shot);
	}
	free(s);
}

static void
the_lost_row_is_the_one_of_the_issue(void **state)
{
	struct show *s = scene_new("lost");
	struct view_frame f = frame_of(s, VIEW_PICTURES);
	struct shot *shot;

	(void)state;
	str_copy(s->lost.name, sizeof s->lost.name, "left");
	str_copy(s->lost.space, sizeof s->lost.space, "wide");
	s->rehearsal = false;
	shot = shoot_frame(&f, "sheet", 24, 80);
	row_is(shot, 19, "PROGRAM left LOST 2.1 s - Space: wide - !: safe");
	for (int col = 0; col < 80; col++)
		assert_int_equal(role_at(shot, 19, col), ROLE_ALARM);
	shot_free(shot);
	s->lost.frozen = true;
	s->lost.since_us = 75 * SECOND_US;
	s->lost.safe[0] = '\0';
	shot = shoot_frame(&f, "sheet", 24, 80);
	row_is(shot, 19, "PROGRAM left FROZEN 1 min - Space: wide");
	shot_free(shot);
	/* What does not work is not offered. */
	f.locked = true;
	str_copy(s->lost.safe, sizeof s->lost.safe, "host");
	shot = shoot_frame(&f, "sheet", 24, 80);
	row_is(shot, 19, "PROGRAM left FROZEN 1 min - !: safe");
	shot_free(shot);
	f.locked = false;
	f.keymap = keymap_builtin("voctomix");
	shot = shoot_frame(&f, "sheet", 24, 80);
	row_is(shot, 19, "PROGRAM left FROZEN 1 min - Enter: wide - !: safe");
	shot_free(shot);
	free(s);
}

/* It takes a row of the alarms: what is not shown is not marked as seen. */
static void
alarms_that_give_way_to_it_are_not_counted_as_shown(void **state)
{
	struct show *s = scene_new("show");

	(void)state;
	assert_int_equal(screen_alarms_shown(s, 43, 132), 2);
	s->lost.any = true;
	assert_int_equal(screen_alarms_shown(s, 43, 132), 1);
	assert_int_equal(screen_alarms_shown(s, 24, 80), 0);
	free(s);
}

/* ---- countdown ---- */

static void
a_countdown_stands_beside_the_clock(void **state)
{
	struct show *s = scene_new("show");
	struct shot *shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);

	(void)state;
	has(shot, "20:12:31  out 20:30  -17:29\n");
	shot_free(shot);
	for (int cols = 40; cols <= 200; cols++) {
		shot = shoot(s, "health", 24, cols, VIEW_PICTURES);
		has(shot, "-17:29");
		has(shot, "20:12:31");
		shot_free(shot);
	}
	s->countdown.left_us = -72 * SECOND_US;
	shot = shoot(s, "sheet", 24, 80, VIEW_PICTURES);
	has(shot, "out +1:12\n");
	assert_int_equal(role_at(shot, 0, 78), ROLE_WARN);
	shot_free(shot);
	s->countdown.left_us = 3599 * SECOND_US;
	s->idle = true;
	shot = shoot(s, "sheet", 24, 80, VIEW_PICTURES);
	has(shot, "20:12  out -59 min\n");
	shot_free(shot);
	free(s);
}

/* ---- hot cuts ---- */

static void
hot_cuts_name_each_key_with_its_camera(void **state)
{
	struct show *s = scene_new("quiet");
	struct view_frame f = frame_of(s, VIEW_PICTURES);
	struct shot *shot = shoot_frame(&f, "sheet", 43, 132);

	(void)state;
	hasnt(shot, "HOT CUTS");
	has(shot, "HOT off");
	shot_free(shot);
	f.hot = true;
	shot = shoot_frame(&f, "sheet", 43, 132);
	has(shot, "HOT ON");
	row_has(shot, "HOT CUTS", "q left guest w right guest e host r wide t top y room");
	row_has(shot, "HOT CUTS", "! safe");
	row_has(shot, "HOT CUTS", ": ? keys");
	shot_free(shot);
	f.keymap = keymap_builtin("nle");
	shot = shoot_frame(&f, "sheet", 43, 132);
	row_has(shot, "HOT CUTS", "1 left guest 2 right guest 3 host");
	shot_free(shot);
	f.keymap = keymap_builtin("atem");
	for (int cols = 40; cols <= 200; cols++) {
		shot = shoot_frame(&f, "sheet", 24, cols);
		row_has(shot, "HOT CUTS", cols < 100 ? "q=1 w=2" : "q left guest ");
		row_has(shot, "HOT CUTS", ": ? keys");
		shot_free(shot);
	}
	free(s);
}

static void
panic_is_named_on_every_key_line(void **state)
{
	struct show *s = scene_new("show");

	(void)state;
	for (int cols = 40; cols <= 200; cols++) {
		struct shot *shot = shoot(s, "sheet", 24, cols, VIEW_PICTURES);

		has(shot, "! safe");
		has(shot, "? keys");
		has(shot, "SPACE cut");
		shot_free(shot);
	}
	free(s);
}

/* ---- captions ---- */

static void
a_caption_stands_where_answers_do_until_there_is_one(void **state)
{
	struct show *s = scene_new("rehearsal");
	struct view_frame f = frame_of(s, VIEW_PICTURES);
	struct shot *shot;

	(void)state;
	str_copy(s->caption, sizeof s->caption, "Space puts preview on program: both swap");
	shot = shoot_frame(&f, "sheet", 24, 80);
	row_has(shot, "> Space puts preview on program: both swap", "");
	assert_int_equal(role_at(shot, 22, 40), ROLE_LIVE);
	shot_free(shot);
	str_copy(f.reply, sizeof f.reply, "cut: ok");
	shot = shoot_frame(&f, "sheet", 24, 80);
	hasnt(shot, "> Space");
	has(shot, "cut: ok");
	shot_free(shot);
	f.prompt_cursor = 0;
	f.reply[0] = '\0';
	shot = shoot_frame(&f, "sheet", 24, 80);
	hasnt(shot, "> Space");
	has(shot, "KEYS TO PROMPT");
	shot_free(shot);
	free(s);
}

/* Rows with nothing in them are its own where it would be cut; a row with something never is. */
static void
a_long_caption_takes_the_empty_rows_of_a_small_screen(void **state)
{
	static const char text[] = "1 puts camera 1 on preview (PVW).  Space cuts: it is program now (PGM).";
	struct show *s = scene_new("rehearsal");
	struct view_frame f = frame_of(s, VIEW_NO_PICTURES);
	struct shot *shot;

	(void)state;
	s->alarm_count = s->alarm_total = 0;
	s->tile_count = 4;
	str_copy(s->caption, sizeof s->caption, text);
	shot = shoot_frame(&f, "sheet", 12, 40);
	has(shot, "\n> 1 puts camera 1 on preview (PVW).");
	has(shot, "\n  Space cuts: it is program now (PGM).");
	row_has(shot, "NEXT", "");
	row_has(shot, "LAST", "");
	for (int i = 0; i < 4; i++)
		has(shot, s->tiles[i].name);
	hasnt(shot, "…\n");
	shot_free(shot);
	s->tile_count = 1;
	memset(s->caption, 'x', 150);
	str_copy(s->caption + 150, 8, " end");
	shot = shoot_frame(&f, "sheet", 12, 40);
	has(shot, "xxx…");		/* three rows at most */
	shot_free(shot);
	free(s);
}

static void
a_long_caption_leaves_full_rows_alone(void **state)
{
	struct show *s = scene_new("many");
	struct view_frame f = frame_of(s, VIEW_NO_PICTURES);
	struct shot *without, *with;
	char before[256], after[256];

	(void)state;
	s->alarm_count = s->alarm_total = 1;
	str_copy(s->alarms[0].text, sizeof s->alarms[0].text, "cam 7 LOST");
	without = shoot_frame(&f, "sheet", 12, 40);
	str_copy(s->caption, sizeof s->caption, "1 puts camera 1 on preview (PVW).  Space cuts: it is program now (PGM).");
	with = shoot_frame(&f, "sheet", 12, 40);
	for (int row = 0; row < 11; row++) {
		canvas_row_text(&without->c, row, before, sizeof before);
		canvas_row_text(&with->c, row, after, sizeof after);
		assert_string_equal(after, before);
	}
	row_has(with, "> 1 puts camera 1 on preview (PVW).  S…", "");
	shot_free(without);
	shot_free(with);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_caption_takes_the_empty_rows_of_a_small_screen),
		cmocka_unit_test(a_long_caption_leaves_full_rows_alone),
		cmocka_unit_test(nothing_pending_is_said),
		cmocka_unit_test(a_waiting_cut_counts_its_beats_and_says_how_to_cancel),
		cmocka_unit_test(auto_says_what_it_means_to_do_or_why_not),
		cmocka_unit_test(that_auto_is_on_is_on_every_screen),
		cmocka_unit_test(the_waiting_cut_and_the_cue_both_stand_at_every_width),
		cmocka_unit_test(cue_states_are_told),
		cmocka_unit_test(a_long_cue_is_cut_before_its_go_is),
		cmocka_unit_test(undo_stands_where_it_can_and_fits),
		cmocka_unit_test(next_and_last_stand_on_every_screen),
		cmocka_unit_test(a_lost_program_names_the_keys_on_every_screen),
		cmocka_unit_test(the_lost_row_is_the_one_of_the_issue),
		cmocka_unit_test(alarms_that_give_way_to_it_are_not_counted_as_shown),
		cmocka_unit_test(a_countdown_stands_beside_the_clock),
		cmocka_unit_test(hot_cuts_name_each_key_with_its_camera),
		cmocka_unit_test(panic_is_named_on_every_key_line),
		cmocka_unit_test(a_caption_stands_where_answers_do_until_there_is_one),
	};

	return cmocka_run_group_tests(tests, use_utc, NULL);
}
