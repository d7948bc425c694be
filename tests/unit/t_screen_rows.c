/*
 * t_screen_rows.c - the rows around every view: header, alarms, NEXT, LAST, keys; a rehearsal's frame; when time alone
 * changes any of it.
 */
#include "tests/unit/screen_kit.h"
#include "ui/gauge.h"

#define SECOND_US INT64_C(1000000)

static void
small_screen_is_the_one_that_was_drawn(void **state)
{
	struct show *s = scene_new("show");
	struct shot *shot = shoot(s, "sheet", 24, 80, VIEW_PICTURES);

	(void)state;
	row_is(shot, 0, "saturday-e…  LIVE  REC 00:12:31 take 003  4/6 !1 ?1 [a]2   20:12:31  out -17:29");
	row_is(shot, 1, "LINK 96.0 bar 121.3 [###.]  tally 5/6  left 188 min (2)       HOT off  lock off");
	row_is(shot, 2, "▒▒ PVW [2] right guest ▒▒▒▒ REC 12:31 ▒  ██ PGM [1] left guest 0:14  REC 12:31 █");
	row_is(shot, 3, "▒                         bat  64%       █                         bat  81%");
	row_is(shot, 5, "▒                         -24||||..      █                         -20||||..");
	row_is(shot, 10, " #  label        state          bat   sto    audio      note");
	row_is(shot, 11, " 1  left guest   PGM REC 12:31    81%  214m  -20||||..  zoom 2.0x");
	row_is(shot, 12, " 2  right guest  PVW REC 12:31    64%  188m  -24||||..");
	row_is(shot, 13, " 3  host             REC 12:31    77%  201m   -2||||||  CLIP 20:12:09");
	row_is(shot, 14, " 4  wide             REC 12:31     AC  540m  -51|.....  SAFE");
	row_is(shot, 15, " 5  top            ! STOPPED 0:33 58%   96m             at 11:58: heat");
	row_is(shot, 16, " 6  room             OUT 2:10                           \"battery swap\" (operato…");
	row_is(shot, 17, " 7  door           ! LOST 12 s    41%   77m             trying Tailscale");
	row_is(shot, 18, " 8  desk cam         VIEW ONLY                          record: not offered");
	row_is(shot, 20, "NEXT cut 2 right ON BAR in 2 beats (Esc)   CUE 14/31 HELD  \"sponsor\"  [G] go");
	row_is(shot, 21, "LAST 20:12:17.204 cut 4 wide > 1 left guest by key (anna) 6/6 in 6.2 ms on disk");
	row_is(shot, 23, "1-0 pvw SPACE cut ENTER on bar BKSP back ! safe ^R stop... m mark : ? keys");
	shot_free(shot);
	free(s);
}

static void
large_screen_has_the_tiles_that_were_drawn(void **state)
{
	struct show *s = scene_new("show");
	struct shot *shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);
	static const int places[][2] = { { 3, 2 }, { 3, 46 }, { 3, 90 }, { 14, 2 } };

	(void)state;
	for (int i = 0; i < 4; i++) {
		const struct canvas_picture *p = &shot->c.pictures[i];

		assert_int_equal(p->row, places[i][0]);
		assert_int_equal(p->col, places[i][1]);
		assert_int_equal(p->rows, 9);
		assert_int_equal(p->cols, i == 0 ? 31 : 31);
	}
	has(shot, " ██[1] left guest ██████████ PGM REC 12:31 █│▒▒[2] right guest ▒▒▒▒▒▒▒▒▒ PVW REC 12:31 ▒│──[3] host ──");
	has(shot, "──[4] wide  SAFE ────────────── REC 12:31 ─│──[5] top  backup ───────── STOPPED 00:33 ─│──[6] room ──");
	has(shot, "│ ! stopped by itself at 11:58: heat        │ out: \"battery swap\" (operator)");
	has(shot, "rolling 4 of 6  !1 stopped  ?1 silent");
	has(shot, "take 003 slate ep12  rolling");
	has(shot, "  20:12:31  out 20:30  -17:29\n");
	has(shot, "tally 5/6  LINK 96.0 bar 121.3 [###.] 2 peers  left 188 min (2)  archive nas 3.1 TB");
	row_is(shot, 36, " ! 20:11:58  5 top STOPPED BY ITSELF after 11:58: heat. 713 MB kept on the camera. Cool it, then :record -t top start  [a] seen 1/2");
	row_is(shot, 38, " NEXT   cut 2 right guest ON BAR in 2 beats   Esc cancels   CUE podcast.cue 14/31 HELD   next: on go \"sponsor\"  cut host   [G] go");
	row_is(shot, 39, " LAST   20:12:17.204  cut 4 wide > 1 left guest  by key (anna)  6/6 in 6.2 ms  on disk                                   undo: BkSp");
	has(shot, "SPACE cut  ENTER cut on bar  BKSP cut back  ! safe  ^R stop...  m mark");
	shot_free(shot);
	free(s);
}

static void
idle_clock_has_no_seconds(void **state)
{
	struct show *s = scene_new("quiet");
	struct shot *shot = shoot(s, "sheet", 24, 80, VIEW_PICTURES);

	(void)state;
	has(shot, " 20:12\n");
	shot_free(shot);
	s->idle = false;
	shot = shoot(s, "sheet", 24, 80, VIEW_PICTURES);
	has(shot, " 20:12:31\n");
	shot_free(shot);
	free(s);
}

/* A long name of the session never takes the room of what the cameras do. */
static void
what_the_cameras_do_is_told_before_the_session(void **state)
{
	struct show *s = scene_new("show");

	(void)state;
	s->rehearsal = s->stopping = true;
	memset(s->session, 'n', 60);
	memset(s->slate, 's', 60);
	for (int cols = 60; cols <= 140; cols++) {
		struct shot *shot = shoot(s, "sheet", 24, cols, VIEW_PICTURES);

		has(shot, "REHEARSAL");
		has(shot, "STOPPING 00:12:31");
		has(shot, cols < 100 ? "4/6" : "rolling 4 of 6");
		has(shot, "20:12:31");
		shot_free(shot);
	}
	free(s);
}

static void
buses_and_storage_are_told_before_what_is_off(void **state)
{
	struct show *s = scene_new("show");

	(void)state;
	s->shot_us = 3723 * SECOND_US;
	memset(s->tiles[0].name, 'n', 60);
	memset(s->tiles[1].name, 'm', 60);
	for (int cols = 40; cols <= 140; cols++) {
		struct shot *shot = shoot(s, "health", 24, cols, VIEW_PICTURES);

		has(shot, cols < 60 ? "PGM 1 nnn" : "PGM 1 nnnnn");
		has(shot, cols < 60 ? "PVW 2 mmm" : "PVW 2 mmmmm");
		has(shot, "left 188");
		shot_free(shot);
	}
	free(s);
}

static void
tiny_header_still_tells_take_counts_and_storage(void **state)
{
	struct show *s = scene_new("show");
	struct shot *shot = shoot(s, "health", 12, 40, VIEW_PICTURES);

	(void)state;
	row_is(shot, 0, "LIVE REC 00:12:31 003 4/6 !1 ?1 20:12:31");
	row_is(shot, 1, "PGM 1 lef PVW 2 rig left 188m(2) -17:29");
	shot_free(shot);
	s->countdown.any = false;
	shot = shoot(s, "health", 12, 40, VIEW_PICTURES);
	row_is(shot, 1, "PGM 1 left g PVW 2 right left 188m(2)");
	shot_free(shot);
	free(s);
}

static void
buses_are_named_in_every_view_at_every_size(void **state)
{
	static const char *const views[] = { "sheet", "switch", "quad", "single", "health", "takes", "mesh", "log", "help" };
	static const int sizes[][2] = { { 12, 40 }, { 24, 80 }, { 43, 132 }, { 60, 200 } };
	struct show *s = scene_new("show");
	struct view_frame f = frame_of(s, VIEW_PICTURES);
	struct mesh *mesh = scene_mesh();

	(void)state;
	f.mesh = mesh;
	for (size_t v = 0; v < 9; v++)
		for (size_t z = 0; z < 4; z++) {
			struct shot *shot = shoot_frame(&f, views[v], sizes[z][0], sizes[z][1]);

			has(shot, "PGM");
			has(shot, "PVW");
			has(shot, "lef");
			has(shot, "NEXT");
			has(shot, "LAST");
			has(shot, "188");
			shot_free(shot);
		}
	scene_mesh_free(mesh);
	free(s);
}

static void
locks_and_traps_are_said(void **state)
{
	static const int sizes[][2] = { { 12, 40 }, { 24, 80 }, { 43, 132 } };
	struct show *s = scene_new("quiet");

	(void)state;
	for (size_t z = 0; z < 3; z++) {
		struct view_frame f = frame_of(s, VIEW_PICTURES);
		struct shot *shot = shoot_frame(&f, "sheet", sizes[z][0], sizes[z][1]);

		hasnt(shot, "CAPS");
		hasnt(shot, "LOCKED");
		hasnt(shot, "HOT ON");
		shot_free(shot);
		f.caps_lock = f.locked = f.hot = true;
		shot = shoot_frame(&f, "sheet", sizes[z][0], sizes[z][1]);
		has(shot, "CAPS");
		has(shot, "LOCKED");
		has(shot, "HOT");
		shot_free(shot);
	}
	free(s);
}

static void
key_line_says_what_ctrl_r_does_now(void **state)
{
	struct show *s = scene_new("quiet");

	(void)state;
	for (int rolling = 0; rolling < 2; rolling++) {
		s->rolling = rolling;
		struct shot *shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);
		has(shot, rolling ? "^R stop...  m mark" : "^R ^R roll  m mark");
		hasnt(shot, rolling ? "roll  m mark" : "stop...");
		shot_free(shot);
	}
	free(s);
}

static void
notes_go_whole_or_not_at_all(void **state)
{
	static const struct { int cells; const char *words; } rooms[] = {
		{ 60, "at 11:58: heat  heat CRIT  zoom 2.0x" }, { 36, "at 11:58: heat  heat CRIT  zoom 2.0x" }, { 35, "at 11:58: heat  heat CRIT" },
		{ 25, "at 11:58: heat  heat CRIT" }, { 24, "at 11:58: heat" }, { 3, "at 11:58: heat" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
		char text[64] = "at 11:58: heat  heat CRIT  zoom 2.0x";

		gauge_fit_notes(text, rooms[i].cells);
		assert_string_equal(text, rooms[i].words);
	}
}

static void
desk_row_names_keys_and_bell(void **state)
{
	struct show *s = scene_new("quiet");
	struct shot *shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);

	(void)state;
	has(shot, "keys atem  HOT off  lock off  bell visual");
	hasnt(shot, "line");
	shot_free(shot);
	free(s);
}

static void
desk_row_says_how_far_the_files_are(void **state)
{
	static const struct { struct show_fetch fetch; const char *words; } cases[] = {
		{ { .paused = true, .files = 2, .left_us = -1 }, "bell visual  fetch paused (rolling)" },
		{ { .files = 3, .moving = 1, .bytes = 45, .total_bytes = 100, .left_us = 36000000 }, "bell visual  fetch 45 % 00:36 left" },
		{ { .files = 3, .moving = 1, .bytes = 45, .total_bytes = 100, .left_us = -1 }, "bell visual  fetch 45 %" },
		{ { .files = 3, .left_us = -1 }, "bell visual  3 to fetch" },
	};
	struct show *s = scene_new("quiet");

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct view_frame f = frame_of(s, VIEW_PICTURES);
		struct shot *shot;

		s->fetch = cases[i].fetch;
		shot = shoot_frame(&f, "sheet", 43, 132);
		has(shot, cases[i].words);
		shot_free(shot);
	}
	free(s);
}

static void
desk_row_says_what_the_line_carries_once_that_is_known(void **state)
{
	static const struct { int64_t bytes_per_s, rtt_us; const char *words; } lines[] = {
		{ 512500, 82000, "bell visual  line 4.1 Mb/s 82 ms" }, { 8000, 310400, "line 64 kb/s 310 ms" },
		{ 15625000, 900, "line 130 Mb/s <1 ms" }, { 124990000, 1000, "line 1.0 Gb/s 1 ms" },
		{ 5000000000, 1, "line 40 Gb/s <1 ms" }, { 100, 5000000, "line 800 b/s 5000 ms" }, { 0, 82000, "bell visual  line 82 ms" }, { 1243750, 2500, "line 10 Mb/s 3 ms" },
	};
	struct show *s = scene_new("quiet");

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct view_frame f = frame_of(s, VIEW_PICTURES);
		struct shot *shot;

		f.line_bps = lines[i].bytes_per_s;
		f.line_rtt_us = lines[i].rtt_us;
		shot = shoot_frame(&f, "sheet", 43, 132);
		has(shot, lines[i].words);
		shot_free(shot);
	}
	free(s);
}

/* ---- alarms ---- */

static void
alarm_rows_are_blank_while_all_is_well(void **state)
{
	struct show *s = scene_new("quiet");
	struct shot *shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);

	(void)state;
	row_is(shot, 36, "");
	row_is(shot, 37, "");
	row_is(shot, 41, "");		/* the prompt */
	shot_free(shot);
	free(s);
}

static void
newest_alarms_stand_with_their_count(void **state)
{
	struct show *s = scene_new("quiet");
	struct shot *shot;

	(void)state;
	s->alarm_count = 3;
	s->alarm_total = 7;
	for (int i = 0; i < 3; i++)
		snprintf(s->alarms[i].text, sizeof s->alarms[i].text, "alarm number %d", i + 5);
	shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);
	has(shot, "alarm number 7");
	has(shot, "alarm number 6");
	hasnt(shot, "alarm number 5");
	has(shot, "[a] seen 7/7");
	has(shot, "[a] seen 6/7");
	has(shot, "7 alarms");
	assert_int_equal(screen_alarms_shown(s, 43, 132), 2);
	assert_int_equal(screen_alarms_shown(s, 24, 80), 1);
	shot_free(shot);
	free(s);
}

static void
a_long_alarm_has_both_rows_and_its_cure(void **state)
{
	static const char text[] = "7 door LOST. Was REC when last heard 20:12:19; a camera may roll on alone. It is tried again by itself; with a new "
	    "address: :node add ADDRESS";
	struct show *s = scene_new("quiet");
	struct shot *shot;

	(void)state;
	s->alarm_count = s->alarm_total = 2;
	str_copy(s->alarms[0].text, sizeof s->alarms[0].text, "an older one");
	str_copy(s->alarms[1].text, sizeof s->alarms[1].text, text);
	shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);
	has(shot, "7 door LOST. Was REC when last heard");
	has(shot, ":node add ADDRESS");
	hasnt(shot, "an older one");
	assert_int_equal(screen_alarms_shown(s, 43, 132), 1);
	shot_free(shot);
	free(s);
}

static void
an_alarm_too_long_keeps_cause_and_cure(void **state)
{
	struct show *s = scene_new("quiet");
	struct shot *shot;

	(void)state;
	s->alarm_count = s->alarm_total = 1;
	str_copy(s->alarms[0].text, sizeof s->alarms[0].text,
	    "5 top STOPPED BY ITSELF after 11:58: heat, and a long tale about it that nobody reads now. Then :record start");
	shot = shoot(s, "sheet", 24, 80, VIEW_PICTURES);
	has(shot, "5 top STOPPED BY ITSELF after");
	has(shot, "… Then :record start");
	has(shot, "[a] seen 1/1");
	shot_free(shot);
	str_copy(s->alarms[0].text, sizeof s->alarms[0].text,
	    "3 host BATTERY 4 % and falling by the minute, faster than before, as it does when it is cold. Plug it in");
	shot = shoot(s, "sheet", 24, 80, VIEW_PICTURES);
	has(shot, "3 host BATTERY 4 % and falling");
	has(shot, "… Plug it in");
	shot_free(shot);
	str_copy(s->alarms[0].brief, sizeof s->alarms[0].brief, "5 top stopped: heat  :record -t top start");
	shot = shoot(s, "sheet", 24, 80, VIEW_PICTURES);
	has(shot, " 5 top stopped: heat  :record -t top start");
	shot_free(shot);
	shot = shoot(s, "sheet", 12, 40, VIEW_PICTURES);
	has(shot, "…");
	has(shot, " a 1/1");
	shot_free(shot);
	free(s);
}

/* ---- bell, prompt ---- */

static void
a_visual_bell_flashes_the_header_only(void **state)
{
	struct show *s = scene_new("quiet");
	struct view_frame f = frame_of(s, VIEW_PICTURES);
	struct shot *shot;

	(void)state;
	f.ringing = true;
	shot = shoot_frame(&f, "sheet", 24, 80);
	for (int x = 0; x < 160; x++)
		assert_int_equal(role_at(shot, x / 80, x % 80), ROLE_ALARM);
	assert_int_not_equal(role_at(shot, 10, 1), ROLE_ALARM);
	shot_free(shot);
	f.ringing = false;
	shot = shoot_frame(&f, "sheet", 24, 80);
	assert_int_not_equal(role_at(shot, 0, 40), ROLE_ALARM);
	shot_free(shot);
	free(s);
}

static void
prompt_has_its_row_and_cursor(void **state)
{
	struct show *s = scene_new("quiet");
	struct view_frame f = frame_of(s, VIEW_PICTURES);
	struct shot *shot;

	(void)state;
	str_copy(f.prompt, sizeof f.prompt, "record sta");
	f.prompt_cursor = 10;
	shot = shoot_frame(&f, "sheet", 24, 80);
	row_is(shot, 22, ":record sta                                                      KEYS TO PROMPT");
	assert_int_equal(shot->c.cursor_row, 22);
	assert_int_equal(shot->c.cursor_col, 11);
	shot_free(shot);
	shot = shoot_frame(&f, "sheet", 43, 132);
	assert_int_equal(shot->c.cursor_row, 41);
	assert_int_equal(shot->c.cursor_col, 12);
	shot_free(shot);
	free(s);
}

/* ---- rehearsal ---- */

/* Without a colour, letter by letter: how many of the rows differ from the same screen live. */
static int
rows_that_differ(const char *view, int rows, int cols)
{
	struct show *live = scene_new("quiet"), *rehearsal = scene_new("rehearsal");
	struct view_frame a = frame_of(live, VIEW_PICTURES), b = frame_of(rehearsal, VIEW_PICTURES);
	struct mesh *mesh = scene_mesh();
	struct shot *x, *y;
	int differ = 0;

	a.mesh = b.mesh = mesh;
	x = shoot_frame(&a, view, rows, cols);
	y = shoot_frame(&b, view, rows, cols);
	for (int r = 0; r < rows; r++) {
		char one[4096], other[4096];

		canvas_row_text(&x->c, r, one, sizeof one);
		canvas_row_text(&y->c, r, other, sizeof other);
		differ += strcmp(one, other) != 0;
	}
	shot_free(x);
	shot_free(y);
	scene_mesh_free(mesh);
	free(live);
	free(rehearsal);
	return differ;
}

static void
rehearsal_looks_unlike_live_on_the_whole_screen(void **state)
{
	static const char *const views[] = { "sheet", "switch", "quad", "single", "health", "takes", "mesh", "log", "help" };
	static const int sizes[][2] = { { 12, 40 }, { 24, 80 }, { 43, 132 }, { 60, 200 } };

	(void)state;
	for (size_t v = 0; v < 9; v++)
		for (size_t z = 0; z < 4; z++)	/* all but the key row, which has a band in colour or reverse */
			if (rows_that_differ(views[v], sizes[z][0], sizes[z][1]) < sizes[z][0] - 1)
				fail_msg("%s %dx%d: a rehearsal has rows like live ones", views[v], sizes[z][1], sizes[z][0]);
}

static void
rehearsal_has_a_band_above_and_below(void **state)
{
	struct show *s = scene_new("rehearsal");
	struct shot *shot = shoot(s, "sheet", 24, 80, VIEW_PICTURES);

	(void)state;
	has(shot, "REHEARSAL");
	hasnt(shot, "LIVE");
	for (int x = 0; x < 80; x++) {
		assert_int_equal(role_at(shot, 0, x), ROLE_REHEARSAL);
		assert_int_equal(role_at(shot, 23, x), ROLE_REHEARSAL);
	}
	for (int y = 2; y < 23; y++) {
		assert_string_equal(shot->c.cell[y * 80 + 79].text, "/");
		assert_int_equal(role_at(shot, y, 79), ROLE_REHEARSAL);
	}
	shot_free(shot);
	free(s);
}

static void
what_is_wrong_keeps_its_colour_in_a_rehearsal(void **state)
{
	struct show *s = scene_new("rehearsal");
	struct shot *shot;
	int alarms = 0;

	(void)state;
	s->stopped_count = 2;
	shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);
	for (int x = 0; x < 132; x++)
		alarms += role_at(shot, 0, x) == ROLE_ALARM;
	assert_int_equal(alarms, (int)strlen("!2 stopped"));
	shot_free(shot);
	free(s);
}

/* ---- time ---- */

static void
idle_screen_changes_with_the_minute_only(void **state)
{
	struct show *s = scene_new("quiet");
	const struct view_frame f = frame_of(s, VIEW_PICTURES);

	(void)state;
	assert_int_equal(screen_next_change_us(&view_sheet, &f), 29 * SECOND_US);	/* it is 20:12:31 */
	s->utc_us += 250000;
	assert_int_equal(screen_next_change_us(&view_sheet, &f), 28750000);
	s->change_us = 5 * SECOND_US;		/* an age steps before that */
	assert_int_equal(screen_next_change_us(&view_sheet, &f), 5 * SECOND_US);
	assert_int_equal(screen_next_change_us(&view_mesh, &f), SECOND_US);
	free(s);
}

static void
rolling_screen_changes_with_the_second(void **state)
{
	struct show *s = scene_new("show");
	const struct view_frame f = frame_of(s, VIEW_PICTURES);

	(void)state;
	s->utc_us += 400000;
	assert_int_equal(screen_next_change_us(&view_sheet, &f), 600000);
	free(s);
}

/* What that function promises: until then the very same screen would be drawn. */
static void
nothing_changes_before_the_time_that_was_told(void **state)
{
	struct show *s = scene_new("quiet");
	struct shot *before, *at;
	const struct view_frame f = frame_of(s, VIEW_PICTURES);
	const int64_t next_us = screen_next_change_us(&view_sheet, &f);

	(void)state;
	before = shoot_frame(&f, "sheet", 43, 132);
	s->utc_us += next_us - 1;
	at = shoot_frame(&f, "sheet", 43, 132);
	assert_string_equal(before->text, at->text);
	shot_free(at);
	s->utc_us += 1;
	at = shoot_frame(&f, "sheet", 43, 132);
	assert_string_not_equal(before->text, at->text);
	shot_free(at);
	shot_free(before);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_screen_is_the_one_that_was_drawn),
		cmocka_unit_test(large_screen_has_the_tiles_that_were_drawn),
		cmocka_unit_test(idle_clock_has_no_seconds),
		cmocka_unit_test(what_the_cameras_do_is_told_before_the_session),
		cmocka_unit_test(buses_and_storage_are_told_before_what_is_off),
		cmocka_unit_test(tiny_header_still_tells_take_counts_and_storage),
		cmocka_unit_test(buses_are_named_in_every_view_at_every_size),
		cmocka_unit_test(locks_and_traps_are_said),
		cmocka_unit_test(key_line_says_what_ctrl_r_does_now), cmocka_unit_test(notes_go_whole_or_not_at_all),
		cmocka_unit_test(desk_row_names_keys_and_bell), cmocka_unit_test(desk_row_says_how_far_the_files_are), cmocka_unit_test(desk_row_says_what_the_line_carries_once_that_is_known),
		cmocka_unit_test(alarm_rows_are_blank_while_all_is_well),
		cmocka_unit_test(newest_alarms_stand_with_their_count),
		cmocka_unit_test(a_long_alarm_has_both_rows_and_its_cure),
		cmocka_unit_test(an_alarm_too_long_keeps_cause_and_cure),
		cmocka_unit_test(a_visual_bell_flashes_the_header_only),
		cmocka_unit_test(prompt_has_its_row_and_cursor),
		cmocka_unit_test(rehearsal_looks_unlike_live_on_the_whole_screen),
		cmocka_unit_test(rehearsal_has_a_band_above_and_below),
		cmocka_unit_test(what_is_wrong_keeps_its_colour_in_a_rehearsal),
		cmocka_unit_test(idle_screen_changes_with_the_minute_only),
		cmocka_unit_test(rolling_screen_changes_with_the_second),
		cmocka_unit_test(nothing_changes_before_the_time_that_was_told),
	};

	return cmocka_run_group_tests(tests, use_utc, NULL);
}
