/*
 * t_view_health.c - the health view: each camera's readings, in the order asked for, in any width.
 */
#include "unit/view_kit.h"
#include "ui/columns.h"
#include "ui/view_health.h"

static void
every_camera_has_a_row_with_its_readings(void **state)
{
	struct show *s = kit_show(3);
	struct view_frame f = kit_frame(s);
	struct drawn *d;

	(void)state;
	s->tiles[1].picture_age_us = 0;
	d = kit_draw(&f, &view_health, 20, 160);
	kit_has(d, "HEALTH");
	kit_has(d, " 1  cam 1");
	kit_has(d, "90%");
	kit_has(d, "300m");
	kit_has(d, "30.0");
	kit_has(d, "<2ms");
	kit_has(d, "10.0.0.3:8081");
	kit_has(d, "iPhone17,2");
	kit_has(d, "now");
	kit_hasnt(d, "none");
	kit_free(d);
	s->tiles[2].picture_unread = true;
	s->tiles[2].picture_age_us = -1;
	d = kit_draw(&f, &view_health, 20, 160);
	kit_has(d, "none");
	kit_hasnt(d, "unseen");
	kit_free(d);
	s->tiles[1].picture_unwatched = true;
	d = kit_draw(&f, &view_health, 20, 160);
	kit_has(d, "unseen");
	kit_free(d);
	free(s);
}

static void
what_is_wrong_stands_beneath_folded_to_the_width(void **state)
{
	struct show *s = kit_show(2);
	struct view_frame f = kit_frame(s);
	struct drawn *d;

	(void)state;
	str_copy(s->tiles[0].why, sizeof s->tiles[0].why, "10.0.0.1:8081: no route to host; the way by Tailscale is tried, and then the typed one");
	d = kit_draw(&f, &view_health, 20, 40);
	kit_has(d, "cam 1");
	kit_has(d, "Tailscale");
	kit_has(d, "typed one");
	kit_has(d, "cam 2");
	kit_stays_inside(d);
	kit_free(d);
	free(s);
}

static void
readings_of_a_camera_that_is_lost_are_not_shown_as_those_of_now(void **state)
{
	struct show *s = kit_show(1);
	struct view_frame f = kit_frame(s);
	struct drawn *d;

	(void)state;
	s->tiles[0].link = HEALTH_LOST;
	s->tiles[0].silent_us = 20000000;
	d = kit_draw(&f, &view_health, 10, 160);
	kit_has(d, "LOST 20 s");
	kit_hasnt(d, "90%");
	kit_hasnt(d, "30.0");
	kit_free(d);
	free(s);
}

/* Cameras 1 to 4 with readings that put each order another way. */
static struct show *
mixed(void)
{
	struct show *s = kit_show(4);
	struct show_tile *t = s->tiles;

	str_copy(t[0].name, sizeof t[0].name, "delta");
	str_copy(t[1].name, sizeof t[1].name, "alpha");
	str_copy(t[2].name, sizeof t[2].name, "charly");
	str_copy(t[3].name, sizeof t[3].name, "bravo");
	t[0].battery_percent = 50;
	t[1].has_battery = false;
	t[2].battery_percent = 7;
	t[3].battery_percent = 20;
	t[0].storage_minutes = -1;
	t[1].storage_minutes = 10;
	t[2].storage_minutes = 400;
	t[3].storage_minutes = 5;
	t[3].rec = HEALTH_REC_RECORDING;
	t[3].rec_elapsed_us = 5000000;
	t[2].link = HEALTH_STALE;
	t[2].silent_us = 4000000;
	t[1].link = HEALTH_LOST;
	t[1].silent_us = 9000000;
	t[0].picture_age_us = 0;
	t[1].picture_age_us = 9000000;
	t[3].picture_age_us = 3000000;
	t[0].clock_bound_us = 100;
	t[1].clock_bound_us = 40000;
	t[2].clock_bound_us = -1;
	t[3].clock_bound_us = 5000;
	return s;
}

static void
it_is_sorted_as_asked_and_what_is_unknown_comes_last(void **state)
{
	static const struct { const char *sort; const char *names[4]; } cases[] = {
		{ "", { "delta", "alpha", "charly", "bravo" } }, { "number", { "delta", "alpha", "charly", "bravo" } },
		{ "nonsense", { "delta", "alpha", "charly", "bravo" } }, { "name", { "alpha", "bravo", "charly", "delta" } },
		{ "battery", { "charly", "bravo", "delta", "alpha" } }, { "storage", { "bravo", "alpha", "charly", "delta" } },
		{ "state", { "alpha", "charly", "bravo", "delta" } }, { "age", { "alpha", "bravo", "delta", "charly" } },
		{ "clock", { "alpha", "bravo", "delta", "charly" } }, { "heard", { "alpha", "charly", "delta", "bravo" } },
		{ "fps", { "delta", "alpha", "charly", "bravo" } }, { "path", { "delta", "alpha", "charly", "bravo" } },
	};
	struct show *s = mixed();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct view_frame f = kit_frame(s);
		struct drawn *d;

		str_copy(f.sort, sizeof f.sort, cases[i].sort);
		d = kit_draw(&f, &view_health, 24, 100);
		kit_order(d, cases[i].names, 4);
		kit_free(d);
	}
	free(s);
}

static void
every_order_has_a_name_that_the_view_says(void **state)
{
	struct show *s = mixed();
	int count = 0;

	(void)state;
	for (const char *name; (name = view_health_sort_at(count)) != NULL; count++) {
		struct view_frame f = kit_frame(s);
		struct drawn *d;
		char words[40];

		str_copy(f.sort, sizeof f.sort, name);
		d = kit_draw(&f, &view_health, 24, 80);
		snprintf(words, sizeof words, "HEALTH  by %s", name);
		kit_has(d, words);
		kit_free(d);
	}
	assert_int_equal(count, 11);
	assert_null(view_health_sort_at(-1));
	free(s);
}

static void
from_40_to_400_columns_nothing_overlaps_and_number_name_and_state_stand(void **state)
{
	struct show *s = mixed();
	struct view_frame f = kit_frame(s);

	(void)state;
	str_copy(s->tiles[2].why, sizeof s->tiles[2].why, "10.0.0.3:8081: connection reset by peer, tried again in 2 s by itself");
	for (int cols = 40; cols <= 400; cols += cols < 140 ? 1 : 13) {
		struct drawn *d = kit_draw(&f, &view_health, 40, cols);

		kit_has(d, "delta");
		kit_has(d, "LOST 9 s");
		kit_has(d, "STALE 4 s");
		kit_has(d, "REC 00:05");
		kit_stays_inside(d);
		kit_free(d);
	}
	free(s);
}

static void
scrolling_reaches_the_last_line_exactly(void **state)
{
	struct show *s = kit_show(40);
	struct view_frame f = kit_frame(s);
	struct drawn *d;
	int lines;

	(void)state;
	for (int i = 0; i < 40; i += 3)
		str_copy(s->tiles[i].why, sizeof s->tiles[i].why, "something is wrong with it that takes more than one line of this narrow screen to say");
	s->stranger_count = s->stranger_total = 1;
	str_copy(s->strangers[0], sizeof s->strangers[0], "10.0.0.99:8081: connection refused");
	lines = view_health.lines(&f, 60);
	f.scroll = lines - 10;
	d = kit_draw(&f, &view_health, 10, 60);
	kit_has(d, "cam 40");
	kit_has(d, "10.0.0.99:8081: connection refused");
	f.scroll = lines - 1;
	kit_free(d);
	d = kit_draw(&f, &view_health, 10, 60);
	kit_hasnt(d, "cam 40");
	kit_free(d);
	free(s);
}

static void
a_click_on_a_row_means_its_camera(void **state)
{
	struct show *s = kit_show(3);
	struct view_frame f = kit_frame(s);
	struct drawn *d;

	(void)state;
	str_copy(s->tiles[0].why, sizeof s->tiles[0].why, "two lines");
	d = kit_draw(&f, &view_health, 12, 80);
	assert_null(canvas_node_at(&d->c, 0, 10));
	assert_string_equal(canvas_node_at(&d->c, 2, 10), "node-1");
	assert_string_equal(canvas_node_at(&d->c, 3, 70), "node-1");
	assert_string_equal(canvas_node_at(&d->c, 4, 10), "node-2");
	assert_null(canvas_node_at(&d->c, 9, 10));
	kit_free(d);
	free(s);
}

static void
an_empty_view_says_how_cameras_are_looked_for(void **state)
{
	struct show *s = kit_show(0);
	struct view_frame f = kit_frame(s);
	struct drawn *d;

	(void)state;
	str_copy(s->searching, sizeof s->searching, "bonjour: no daemon. Type :node add HOST[:PORT] for a camera whose address you know");
	d = kit_draw(&f, &view_health, 10, 50);
	kit_has(d, "no daemon");
	kit_has(d, ":node add");
	kit_free(d);
	free(s);
}

/* ---- Columns ---- */

static void
the_least_important_column_gives_way_first(void **state)
{
	static const struct columns_def defs[] = { { "a", 4, 0, 0, false }, { "b", 4, 10, 2, false }, { "c", 4, 0, 1, false } };
	struct columns k;

	(void)state;
	k = columns_fit(defs, 3, 1, 15);
	assert_true(k.shown[0] && k.shown[1] && k.shown[2]);
	assert_int_equal(k.at[2], 11);
	k = columns_fit(defs, 3, 1, 14);
	assert_true(k.shown[0] && !k.shown[1] && k.shown[2]);
	assert_int_equal(k.at[2], 6);
	k = columns_fit(defs, 3, 1, 3);
	assert_true(k.shown[0] && !k.shown[1] && !k.shown[2]);
	k = columns_fit(defs, 3, 0, 60);
	assert_int_equal(k.cells[1], 10);
	assert_int_equal(k.at[2], 16);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_camera_has_a_row_with_its_readings),
		cmocka_unit_test(what_is_wrong_stands_beneath_folded_to_the_width),
		cmocka_unit_test(readings_of_a_camera_that_is_lost_are_not_shown_as_those_of_now),
		cmocka_unit_test(it_is_sorted_as_asked_and_what_is_unknown_comes_last),
		cmocka_unit_test(every_order_has_a_name_that_the_view_says),
		cmocka_unit_test(from_40_to_400_columns_nothing_overlaps_and_number_name_and_state_stand),
		cmocka_unit_test(scrolling_reaches_the_last_line_exactly), cmocka_unit_test(a_click_on_a_row_means_its_camera),
		cmocka_unit_test(an_empty_view_says_how_cameras_are_looked_for),
		cmocka_unit_test(the_least_important_column_gives_way_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
