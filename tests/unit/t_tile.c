/*
 * t_tile.c - one camera drawn: the words of every state, what is told only when it is not nominal, why a dead tile is
 * dead, and that all stays within the box.
 */
#include "tests/unit/screen_kit.h"
#include "ui/gauge.h"
#include "ui/table.h"
#include "ui/tile.h"

#define SECOND_US INT64_C(1000000)

static struct shot *
draw(const struct show *s, int number, int rows, int cols, enum tile_kind kind)
{
	const struct view_frame f = frame_of(s, VIEW_PICTURES);
	struct shot *shot = calloc(1, sizeof *shot);

	assert_non_null(shot);
	canvas_init(&shot->c, rows + 3, cols + 2);
	tile_draw(&shot->c, &(struct grid_box){ 1, 1, rows, cols }, &s->tiles[number - 1], &f, kind);
	read_back(shot);
	return shot;
}

static void
state_is(const struct show_tile *t, const char *words)
{
	char text[160];

	gauge_state(text, sizeof text, t);
	assert_string_equal(text, words);
}

/* ---- state words ---- */

static void
states_are_said_in_their_words(void **state)
{
	struct show *s = scene_new("quiet");
	struct show_tile *t = &s->tiles[2];

	(void)state;
	state_is(t, "");
	t->rec = HEALTH_REC_RECORDING;
	t->rec_elapsed_us = 751 * SECOND_US;
	state_is(t, "REC 12:31");
	t->light = SHOW_PROGRAM;
	state_is(t, "PGM REC 12:31");
	t->rec = HEALTH_REC_UNSURE;
	state_is(t, "PGM REC? 12:31");
	t->light = SHOW_PREVIEW;
	t->rec = HEALTH_REC_NOT_WRITING;
	state_is(t, "PVW NOT WRITING");
	t->rec = HEALTH_REC_STARTING;
	state_is(t, "PVW STARTING");
	t->rec = HEALTH_REC_NONE;
	t->frozen = true;
	t->frozen_us = 5 * SECOND_US;
	state_is(t, "PVW FROZEN 5 s");
	t->frozen = false;
	t->light = SHOW_OFF;
	t->link = HEALTH_STALE;
	t->silent_us = 4 * SECOND_US;
	state_is(t, "STALE 4 s");
	t->link = HEALTH_LOST;
	t->silent_us = 120 * SECOND_US;
	state_is(t, "LOST 2 min");
	t->out = true;
	t->out_since_us = 130 * SECOND_US;
	state_is(t, "OUT 02:10");
	t->out = false;
	t->link = HEALTH_LIVE;
	t->conflict = true;
	state_is(t, "CONFLICT");
	t->conflict = false;
	t->held = true;
	state_is(t, "HELD");
	t->rec = HEALTH_REC_RECORDING;		/* whoever holds it made it roll */
	t->rec_elapsed_us = 61 * SECOND_US;
	state_is(t, "HELD REC 01:01");
	t->rec = HEALTH_REC_NONE;
	t->held = false;
	t->view_only = true;
	state_is(t, "VIEW ONLY");
	t->known_only = true;
	state_is(t, "NOT HERE");
	free(s);
}

/* What it recorded when it was last heard is not known now. */
static void
a_lost_camera_is_never_recording(void **state)
{
	struct show *s = scene_new("show");
	struct show_tile *t = &s->tiles[6];

	(void)state;
	t->rec = HEALTH_REC_RECORDING;
	t->rec_elapsed_us = SECOND_US;
	state_is(t, "LOST 12 s");
	t->link = HEALTH_STALE;
	state_is(t, "STALE 12 s REC 00:01");
	free(s);
}

static void
stopped_says_for_how_long_it_stands(void **state)
{
	struct show *s = scene_new("show");

	(void)state;
	state_is(&s->tiles[4], "STOPPED 00:33");
	s->tiles[4].stopped_since_us = -1;
	state_is(&s->tiles[4], "STOPPED");
	free(s);
}

static void
a_stop_without_a_reason_says_only_when(void **state)
{
	struct show *s = scene_new("show");
	struct show_tile *t = &s->tiles[4];
	char text[600];

	(void)state;
	gauge_why(text, sizeof text, t);
	assert_string_equal(text, "! stopped by itself at 11:58: heat");
	t->thermal[0] = t->roles[0] = t->stop_reason[0] = '\0';
	gauge_why(text, sizeof text, t);
	assert_string_equal(text, "! stopped by itself at 11:58");
	gauge_notes(text, sizeof text, t);
	assert_string_equal(text, "at 11:58");
	t->link = HEALTH_LOST;			/* its state words say LOST now */
	gauge_notes(text, sizeof text, t);
	if (strncmp(text, "stopped at 11:58", strlen("stopped at 11:58")) != 0)
		fail_msg("%s", text);
	free(s);
}

static void
a_state_is_shortened_by_whole_words(void **state)
{
	char text[] = "STALE 4 s REC 12:31";

	(void)state;
	gauge_fit_words(text, 18);
	assert_string_equal(text, "STALE 4 s REC");
	gauge_fit_words(text, 12);
	assert_string_equal(text, "STALE 4 s");
	gauge_fit_words(text, 3);
	assert_string_equal(text, "STALE");
}

static void
ages_and_clocks_are_short(void **state)
{
	char text[24];

	(void)state;
	gauge_age(text, sizeof text, 12 * SECOND_US);
	assert_string_equal(text, "12 s");
	gauge_age(text, sizeof text, 150 * SECOND_US);
	assert_string_equal(text, "2 min");
	gauge_age(text, sizeof text, 7300 * SECOND_US);
	assert_string_equal(text, "2 h");
	gauge_short_clock(text, sizeof text, 14 * SECOND_US);
	assert_string_equal(text, "0:14");
	gauge_short_clock(text, sizeof text, 751 * SECOND_US);
	assert_string_equal(text, "12:31");
	gauge_short_clock(text, sizeof text, 3723 * SECOND_US);
	assert_string_equal(text, "1:02:03");
}

/* ---- readings ---- */

static void
audio_says_muted_and_silent(void **state)
{
	struct show *s = scene_new("quiet");
	struct show_tile *t = &s->tiles[0];
	char text[48];

	(void)state;
	gauge_audio(text, sizeof text, t);
	assert_string_equal(text, "-15|||||.");
	t->audio_silent = true;
	gauge_audio(text, sizeof text, t);
	assert_string_equal(text, "SILENT");
	t->muted = true;
	gauge_audio(text, sizeof text, t);
	assert_string_equal(text, "MUTED");
	t->has_audio = false;
	gauge_audio(text, sizeof text, t);
	assert_string_equal(text, "");
	free(s);
}

static void
nothing_is_noted_while_all_is_nominal(void **state)
{
	struct show *s = scene_new("quiet");
	enum theme_role role;
	char text[200];

	(void)state;
	assert_false(gauge_note(text, sizeof text, &s->tiles[0], 0, &role));
	gauge_notes(text, sizeof text, &s->tiles[0]);
	assert_string_equal(text, "");
	free(s);
}

static void
what_is_not_nominal_is_noted(void **state)
{
	struct show *s = scene_new("quiet");
	struct show_tile *t = &s->tiles[0];
	char text[400], one[48];
	enum theme_role role;
	int count = 0;

	(void)state;
	str_copy(t->thermal, sizeof t->thermal, "serious");
	str_copy(t->path, sizeof t->path, "tailscale");
	str_copy(t->roles, sizeof t->roles, "SAFE");
	t->clip_utc_us = s->utc_us - 22 * SECOND_US;
	t->zoom = 2;
	t->front = true;
	t->picture_age_us = 5 * SECOND_US;
	t->clock_bound_us = 45000;
	gauge_notes(text, sizeof text, t);
	assert_string_equal(text, "heat serious  CLIP 20:12:09  zoom 2.0x  front  picture 5 s old  clock +-45 ms  by Tailscale  SAFE");
	while (gauge_note(one, sizeof one, t, count, &role)) {
		assert_true(str_cells(one) <= TILE_GAUGE_COLS);
		count++;
	}
	assert_int_equal(count, 7);
	free(s);
}

static void
a_trouble_is_told_before_the_notes(void **state)
{
	struct show *s = scene_new("show");
	char text[400];

	(void)state;
	gauge_notes(text, sizeof text, &s->tiles[4]);
	assert_string_equal(text, "at 11:58: heat  heat critical  backup");
	gauge_notes(text, sizeof text, &s->tiles[6]);
	assert_string_equal(text, "trying Tailscale");
	gauge_notes(text, sizeof text, &s->tiles[5]);
	assert_string_equal(text, "\"battery swap\" (operator)");
	gauge_why(text, sizeof text, &s->tiles[4]);
	assert_string_equal(text, "! stopped by itself at 11:58: heat");
	gauge_why(text, sizeof text, &s->tiles[6]);
	assert_string_equal(text, "! no word for 12 s; trying Tailscale");
	gauge_why(text, sizeof text, &s->tiles[0]);
	assert_string_equal(text, "");
	free(s);
}

/* ---- the tile ---- */

static void
a_tile_has_number_name_state_and_readings(void **state)
{
	struct show *s = scene_new("show");
	struct shot *shot = draw(s, 1, 11, 43, TILE_SOURCE);

	(void)state;
	row_is(shot, 1, " ██[1] left guest ██████████ PGM REC 12:31 █");
	row_is(shot, 2, " █                                bat  81%");
	row_is(shot, 3, " █                                sto 214m");
	row_is(shot, 4, " █                                -20||||..");
	row_is(shot, 5, " █                                2.0x");
	assert_int_equal(shot->c.picture_count, 1);
	assert_int_equal(shot->c.pictures[0].priority, 0);
	assert_string_equal(canvas_node_at(&shot->c, 1, 1), "node-1");
	assert_string_equal(canvas_node_at(&shot->c, 11, 43), "node-1");
	assert_null(canvas_node_at(&shot->c, 12, 43));
	shot_free(shot);
	free(s);
}

static void
a_bus_tile_says_its_bus_and_shot(void **state)
{
	struct show *s = scene_new("show");
	struct shot *shot = draw(s, 1, 8, 39, TILE_BUS);

	(void)state;
	row_is(shot, 1, " ██ PGM [1] left guest 0:14  REC 12:31 █");
	shot_free(shot);
	shot = draw(s, 2, 8, 39, TILE_BUS);
	row_is(shot, 1, " ▒▒ PVW [2] right guest ▒▒▒▒ REC 12:31 ▒");
	shot_free(shot);
	free(s);
}

static void
a_battery_is_low_below_a_fifth(void **state)
{
	struct show_tile t = { .has_battery = true, .storage_minutes = 10 };

	(void)state;
	t.battery_percent = 19;
	assert_true(gauge_is_low(&t, false));
	t.battery_percent = 20;
	assert_false(gauge_is_low(&t, false));
	t.battery_percent = 3;
	t.charging = true;
	assert_false(gauge_is_low(&t, false));
	assert_false(gauge_is_low(&t, true));
	t.storage_minutes = 9;
	assert_true(gauge_is_low(&t, true));
	t.storage_minutes = -1;			/* not told is not little */
	assert_false(gauge_is_low(&t, true));
}

static void
a_dead_tile_says_why_and_since_when(void **state)
{
	struct show *s = scene_new("show");
	struct shot *shot = draw(s, 7, 11, 43, TILE_SOURCE);

	(void)state;
	has(shot, "LOST 12 s");
	has(shot, "last word 20:12:19");		/* not that of its last picture, which may be forgotten meanwhile */
	has(shot, "! no word for 12 s; trying Tailscale");
	hasnt(shot, "bat");			/* old readings would look like live ones */
	assert_int_equal(shot->c.picture_count, 0);
	shot_free(shot);
	s->tiles[6].picture_utc_us = 0;
	shot = draw(s, 7, 11, 43, TILE_SOURCE);
	has(shot, "last word 20:12:19");
	shot_free(shot);
	s->tiles[6].view_only = true;
	shot = draw(s, 7, 11, 43, TILE_SOURCE);
	has(shot, "last picture 20:12:19");
	shot_free(shot);
	shot = draw(s, 6, 11, 43, TILE_SOURCE);
	has(shot, "NOT IN THE SHOW");
	has(shot, "since 20:10:21");
	has(shot, "out: \"battery swap\" (operator)");
	shot_free(shot);
	s->tiles[0].picture_age_us = -1;
	shot = draw(s, 1, 11, 43, TILE_SOURCE);
	has(shot, "NO PICTURE");
	assert_true(shot->c.pictures[0].awaited);
	shot_free(shot);
	free(s);
}

static void
the_sentence_of_a_trouble_is_in_tiles_of_five_rows_and_more(void **state)
{
	struct show *s = scene_new("show");

	(void)state;
	for (int rows = 5; rows < 20; rows++) {
		struct shot *shot = draw(s, 5, rows, 43, TILE_SOURCE);

		has(shot, "! stopped by itself at 11:58: heat");
		has(shot, "STOPPED 00:33");
		shot_free(shot);
	}
	free(s);
}

static void
a_camera_has_one_picture_and_says_where(void **state)
{
	struct show *s = scene_new("show");
	const struct view_frame f = frame_of(s, VIEW_PICTURES);
	struct shot *shot = calloc(1, sizeof *shot);

	(void)state;
	canvas_init(&shot->c, 30, 80);
	tile_draw(&shot->c, &(struct grid_box){ 0, 0, 12, 60 }, &s->tiles[0], &f, TILE_BUS);
	tile_draw(&shot->c, &(struct grid_box){ 14, 0, 8, 40 }, &s->tiles[0], &f, TILE_SOURCE);
	read_back(shot);
	assert_int_equal(shot->c.picture_count, 1);
	has(shot, "picture above");
	has(shot, "bat  81%");
	shot_free(shot);
	free(s);
}

static void
the_focus_is_marked_and_moves_nothing_else(void **state)
{
	struct show *s = scene_new("quiet");
	struct view_frame f = frame_of(s, VIEW_PICTURES);
	struct shot *without = shoot_frame(&f, "sheet", 43, 132), *with;
	char *mark;

	(void)state;
	str_copy(f.focus, sizeof f.focus, "node-3");
	with = shoot_frame(&f, "sheet", 43, 132);
	has(with, "─>[3] host");
	mark = strstr(with->text, "─>[3]");
	assert_non_null(mark);
	assert_string_equal(strstr(without->text, "──[3]") + strlen("──"), mark + strlen("─>"));
	shot_free(without);
	shot_free(with);
	f.graphics = VIEW_NO_PICTURES;
	with = shoot_frame(&f, "sheet", 24, 80);
	has(with, " 3 >host");
	shot_free(with);
	free(s);
}

/* Every box from one row up: no cell outside of it is touched, no edge is torn. */
static void
all_stays_within_the_box_at_any_size(void **state)
{
	struct show *s = scene_new("hostile");

	(void)state;
	for (int rows = 1; rows < 24; rows += 2)
		for (int cols = 1; cols < 90; cols += 3)
			for (int n = 1; n <= s->tile_count; n++) {
				struct shot *shot = draw(s, n, rows, cols, n % 2 ? TILE_BUS : TILE_SOURCE);

				for (int y = 0; y < shot->c.rows; y++)
					for (int x = 0; x < shot->c.cols; x++) {
						const bool inside = y >= 1 && y <= rows && x >= 1 && x <= cols;

						if (!inside && strcmp(shot->c.cell[y * shot->c.cols + x].text, " ") != 0)
							fail_msg("camera %d, %dx%d: %d,%d is not its own:\n%s", n, cols, rows, y, x, shot->text);
					}
				shot_free(shot);
			}
	free(s);
}

static void
title_words_are_never_halves(void **state)
{
	struct show *s = scene_new("show");

	(void)state;
	s->tiles[1].link = HEALTH_STALE;
	s->tiles[1].silent_us = 4 * SECOND_US;
	for (int cols = 24; cols < 60; cols++) {
		struct shot *shot = draw(s, 2, 6, cols, TILE_SOURCE);
		char row[512];

		canvas_row_text(&shot->c, 1, row, sizeof row);
		if (strstr(row, "STALE") == NULL || (strstr(row, " REC") != NULL && strstr(row, " REC ") == NULL))
			fail_msg("%d columns: \"%s\"", cols, row);
		assert_non_null(strstr(row, "[2]"));
		shot_free(shot);
	}
	free(s);
}

/* Letter by letter, no role looked at: no two states look alike, in a tile or in the table. */
static void
colours_never_stand_alone(void **state)
{
	static char seen[10][2][128 * 1024];
	const struct grid_box row = { 1, 1, 1, 78 };

	(void)state;
	for (int i = 0; i < 10; i++) {
		struct show *s = scene_new("quiet");
		struct show_tile *t = &s->tiles[2];
		const struct view_frame f = frame_of(s, VIEW_PICTURES);
		struct shot *shot;

		t->light = i == 1 ? SHOW_PROGRAM : i == 2 ? SHOW_PREVIEW : SHOW_OFF;
		t->rec = i == 3 ? HEALTH_REC_RECORDING : i == 4 ? HEALTH_REC_UNSURE : i == 5 ? HEALTH_REC_NOT_WRITING : HEALTH_REC_NONE;
		t->link = i == 6 ? HEALTH_STALE : i == 7 ? HEALTH_LOST : HEALTH_LIVE;
		t->frozen = i == 8;
		t->out = i == 9;
		shot = draw(s, 3, 11, 43, TILE_SOURCE);
		str_copy(seen[i][0], sizeof seen[i][0], shot->text);
		canvas_clear(&shot->c);
		shot->text[0] = '\0';
		table_row(&shot->c, &row, t, &f);
		read_back(shot);
		str_copy(seen[i][1], sizeof seen[i][1], shot->text);
		for (int k = 0; k < i; k++)
			for (int way = 0; way < 2; way++)
				if (strcmp(seen[k][way], seen[i][way]) == 0)
					fail_msg("states %d and %d look alike:\n%s", k, i, seen[i][way]);
		shot_free(shot);
		free(s);
	}
}

static void
characters_that_melt_together_are_kept_apart(void **state)
{
	struct canvas c;
	char row[64];

	(void)state;
	canvas_init(&c, 2, 20);
	assert_int_equal(canvas_put(&c, 0, 0, 20, ROLE_TEXT, "\U0001F44D\U0001F3FD|\U0001F1E9\U0001F1EA|"), str_cells("\U0001F44D\U0001F3FD|\U0001F1E9\U0001F1EA|"));
	canvas_row_text(&c, 0, row, sizeof row);
	assert_null(strstr(row, "\U0001F3FD"));
	assert_null(strstr(row, "\U0001F1E9"));
	assert_non_null(strstr(row, "D"));
	canvas_put(&c, 1, 0, 20, ROLE_TEXT, "\U0001F469\u200d\U0001F469");
	canvas_row_text(&c, 1, row, sizeof row);
	assert_null(strstr(row, "\u200d"));
	canvas_fini(&c);
}

static void
text_too_long_ends_in_an_ellipsis(void **state)
{
	struct canvas c;
	char row[64];

	(void)state;
	canvas_init(&c, 1, 20);
	assert_int_equal(canvas_put_cut(&c, 0, 0, 8, ROLE_TEXT, "left guest"), 8);
	canvas_row_text(&c, 0, row, sizeof row);
	assert_string_equal(row, "left gu…");
	canvas_clear(&c);
	assert_int_equal(canvas_put_cut(&c, 0, 0, 6, ROLE_TEXT, "left guest"), 5);	/* no blank before it */
	canvas_row_text(&c, 0, row, sizeof row);
	assert_string_equal(row, "left…");
	canvas_clear(&c);
	assert_int_equal(canvas_put_cut(&c, 0, 0, 10, ROLE_TEXT, "left guest"), 10);
	canvas_row_text(&c, 0, row, sizeof row);
	assert_string_equal(row, "left guest");
	canvas_fini(&c);
}

static void
a_shot_is_told_in_minutes_while_nothing_rolls(void **state)
{
	struct show *s = scene_new("quiet");
	char text[24];

	(void)state;
	s->idle = true;
	s->shot_us = 20 * SECOND_US;
	gauge_shot(text, sizeof text, s);
	assert_string_equal(text, "0:20");
	s->shot_us = 120 * SECOND_US;
	gauge_shot(text, sizeof text, s);
	assert_string_equal(text, "2 min");
	s->idle = false;
	gauge_shot(text, sizeof text, s);
	assert_string_equal(text, "2:00");
	free(s);
}

static void
zoom_is_not_rounded_to_what_it_is_not(void **state)
{
	static const struct { double zoom; const char *text; } cases[] = {
		{ 1, "1.0x" }, { 1.25, "1.25x" }, { 1.5, "1.5x" }, { 1.5625, "1.56x" }, { 10, "10.0x" }, { 1.2499999, "1.25x" },
	};
	char text[24];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		gauge_zoom(text, sizeof text, cases[i].zoom);
		assert_string_equal(text, cases[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_are_said_in_their_words),
		cmocka_unit_test(a_lost_camera_is_never_recording),
		cmocka_unit_test(stopped_says_for_how_long_it_stands),
		cmocka_unit_test(a_stop_without_a_reason_says_only_when), cmocka_unit_test(a_state_is_shortened_by_whole_words),
		cmocka_unit_test(ages_and_clocks_are_short), cmocka_unit_test(a_shot_is_told_in_minutes_while_nothing_rolls),
		cmocka_unit_test(zoom_is_not_rounded_to_what_it_is_not),
		cmocka_unit_test(audio_says_muted_and_silent),
		cmocka_unit_test(nothing_is_noted_while_all_is_nominal),
		cmocka_unit_test(what_is_not_nominal_is_noted),
		cmocka_unit_test(a_trouble_is_told_before_the_notes),
		cmocka_unit_test(a_tile_has_number_name_state_and_readings),
		cmocka_unit_test(a_bus_tile_says_its_bus_and_shot),
		cmocka_unit_test(a_battery_is_low_below_a_fifth),
		cmocka_unit_test(a_dead_tile_says_why_and_since_when),
		cmocka_unit_test(the_sentence_of_a_trouble_is_in_tiles_of_five_rows_and_more),
		cmocka_unit_test(a_camera_has_one_picture_and_says_where),
		cmocka_unit_test(the_focus_is_marked_and_moves_nothing_else),
		cmocka_unit_test(all_stays_within_the_box_at_any_size),
		cmocka_unit_test(title_words_are_never_halves),
		cmocka_unit_test(colours_never_stand_alone),
		cmocka_unit_test(characters_that_melt_together_are_kept_apart),
		cmocka_unit_test(text_too_long_ends_in_an_ellipsis),
	};

	return cmocka_run_group_tests(tests, use_utc, NULL);
}
