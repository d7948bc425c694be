/*
 * t_layouts.c - the four layouts at any size, with any number of cameras and any names: nothing overlaps, nobody is
 * missing, program and preview stay in sight, and a cut moves no picture but its own.
 */
#include "tests/unit/screen_kit.h"

static const char *const layouts[] = { "sheet", "switch", "quad", "single" };
static const int some_rows[] = { 12, 13, 14, 17, 20, 24, 27, 28, 35, 36, 43, 60, 77, 100 };
static const int some_cols[] = { 40, 41, 52, 59, 60, 69, 70, 80, 89, 90, 99, 100, 132, 200, 271, 400 };
static const int some_tiles[] = { 0, 1, 2, 3, 4, 5, 8, 9, 10, 16, 17, 25, 26, 40, 64 };

#define COUNT(list) (int)(sizeof(list) / sizeof((list)[0]))

/* ---- what must hold of every screen ---- */

static void
check_cells(const struct shot *s)
{
	for (int y = 0; y < s->c.rows; y++)
		for (int x = 0; x < s->c.cols; x++) {
			const struct canvas_cell *cell = &s->c.cell[y * s->c.cols + x];

			if (cell->cells == 2 && (x + 1 == s->c.cols || cell[1].cells != 0))
				fail_msg("half a wide character at %d,%d:\n%s", y, x, s->text);
			if (cell->cells == 0 && (x == 0 || cell[-1].cells != 2))
				fail_msg("a right half alone at %d,%d:\n%s", y, x, s->text);
			if (cell->picture && strcmp(cell->text, " ") != 0)
				fail_msg("text within a picture at %d,%d:\n%s", y, x, s->text);
		}
}

static void
take_cells(const struct shot *s, char *taken, int row, int col, int rows, int cols)
{
	if (row < 0 || col < 0 || rows < 1 || cols < 1 || row + rows > s->c.rows || col + cols > s->c.cols)
		fail_msg("%dx%d at %d,%d leaves the screen:\n%s", cols, rows, row, col, s->text);
	for (int y = row; y < row + rows; y++)
		for (int x = col; x < col + cols; x++)
			if (taken[y * s->c.cols + x]++ != 0)
				fail_msg("two things at %d,%d:\n%s", y, x, s->text);
}

static void
check_places(const struct shot *s, int top, int bottom)
{
	char *pictures = calloc((size_t)s->c.rows * (size_t)s->c.cols, 1), *zones = calloc((size_t)s->c.rows * (size_t)s->c.cols, 1);

	for (int i = 0; i < s->c.picture_count; i++) {
		const struct canvas_picture *p = &s->c.pictures[i];

		take_cells(s, pictures, p->row, p->col, p->rows, p->cols);
		assert_true(p->row >= top && p->row + p->rows <= bottom);
		assert_ptr_equal(picture_of(&s->c, p->node), p);	/* a camera is decoded, and shown, once */
		for (int corner = 0; corner < 4; corner++) {
			const char *node = canvas_node_at(&s->c, p->row + (corner / 2) * (p->rows - 1), p->col + (corner % 2) * (p->cols - 1));

			if (node == NULL || strcmp(node, p->node) != 0)
				fail_msg("the picture of %s is not in its tile:\n%s", p->node, s->text);
		}
	}
	for (int i = 0; i < s->c.zone_count; i++) {
		const struct canvas_zone *z = &s->c.zones[i];

		take_cells(s, zones, z->row, z->col, z->rows, z->cols);
		assert_true(z->row >= top && z->row + z->rows <= bottom);
	}
	free(pictures);
	free(zones);
}

/* A rehearsal's edge takes the last column from nobody. */
static void
check_edge(const struct shot *s)
{
	for (int i = 0; i < s->c.picture_count; i++)
		assert_true(s->c.pictures[i].col + s->c.pictures[i].cols < s->c.cols);
	for (int i = 0; i < s->c.zone_count; i++)
		if (s->c.zones[i].col + s->c.zones[i].cols >= s->c.cols)
			fail_msg("the tile of %s reaches beneath the edge:\n%s", s->c.zones[i].node, s->text);
}

static void
check_frame(const struct shot *s, const struct show *show)
{
	char row[8192];
	int labels = 0;

	canvas_row_text(&s->c, 0, row, sizeof row);
	if (strstr(row, show->rehearsal ? s->c.cols < 60 ? "REH" : "REHEARSAL" : "LIVE") == NULL)
		fail_msg("neither LIVE nor REHEARSAL in \"%s\"", row);
	for (int y = 0; y < s->c.rows; y++) {
		canvas_row_text(&s->c, y, row, sizeof row);
		labels += strncmp(row + (row[0] == ' ' || row[0] == '/'), "NEXT", 4) == 0;
		labels += strncmp(row + (row[0] == ' ' || row[0] == '/'), "LAST", 4) == 0;
	}
	if (labels != 2)
		fail_msg("NEXT and LAST do not stand once each:\n%s", s->text);
}

static void
check(const struct shot *s, const struct view_frame *f)
{
	int top, bottom;

	screen_view_rows(s->c.rows, &top, &bottom);
	check_cells(s);
	check_places(s, top, bottom);
	check_frame(s, f->show);
	if (f->show->program[0] != '\0' && f->show->tile_count > 0) {
		has(s, "PGM");
		has(s, "PVW");
	}
}

/* Both buses have a picture wherever a layout of many cameras shows pictures at all. */
static void
check_buses(const struct shot *s, const struct view_frame *f, const char *layout)
{
	if (f->graphics != VIEW_PICTURES || s->c.rows < 20 || s->c.cols < 60 || strcmp(layout, "single") == 0 || f->show->program[0] == '\0')
		return;
	if (picture_of(&s->c, f->show->program) == NULL || picture_of(&s->c, f->show->preview) == NULL)
		fail_msg("%s %dx%d page %d: program or preview has no picture:\n%s", layout, s->c.cols, s->c.rows, f->page + 1, s->text);
}

static void
cut_down(struct show *s, int tiles)
{
	s->tile_count = tiles;
	if (tiles < 2)
		s->program[0] = s->preview[0] = '\0';
	for (int i = 0; i < tiles; i++)
		s->tiles[i].light = SHOW_OFF;
	if (tiles >= 2) {
		s->tiles[tiles / 2].light = SHOW_PROGRAM;
		s->tiles[tiles - 1].light = tiles / 2 == tiles - 1 ? SHOW_PROGRAM : SHOW_PREVIEW;
		if (tiles / 2 == tiles - 1)
			s->tiles[0].light = SHOW_PREVIEW;
		str_copy(s->program, sizeof s->program, s->tiles[tiles / 2].id);
		str_copy(s->preview, sizeof s->preview, s->tiles[tiles / 2 == tiles - 1 ? 0 : tiles - 1].id);
	}
}

/* ---- tests ---- */

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

static void
nothing_overlaps_at_any_size_with_any_number_of_cameras(void **state)
{
	static const int pages[] = { 0, 0, 0, 1, 4, 9, 16, 25 };
	unsigned seed = 7;

	(void)state;
	for (int i = 0; i < 1500; i++) {
		struct show *s = scene_new("many");
		struct view_frame f = frame_of(s, next_random(&seed) % 4 ? VIEW_PICTURES : VIEW_NO_PICTURES);
		const char *layout = layouts[i % 4];
		const int rows = some_rows[next_random(&seed) % COUNT(some_rows)], cols = some_cols[next_random(&seed) % COUNT(some_cols)];
		struct shot *shot;

		cut_down(s, some_tiles[next_random(&seed) % COUNT(some_tiles)]);
		s->rehearsal = next_random(&seed) % 3 == 0;
		f.per_page = pages[next_random(&seed) % COUNT(pages)];
		f.page = (int)(next_random(&seed) % 5);
		if (next_random(&seed) % 4 == 0)
			s->stranger_total = s->stranger_count = (int)(next_random(&seed) % 6);
		shot = shoot_frame(&f, layout, rows, cols);
		check(shot, &f);
		check_buses(shot, &f, layout);
		if (s->rehearsal)
			check_edge(shot);
		shot_free(shot);
		free(s);
	}
}

static void
hostile_names_break_no_border_of_any_view(void **state)
{
	static const char *const views[] = { "sheet", "switch", "quad", "single", "health", "takes", "mesh", "log" };
	struct mesh *mesh = scene_mesh();

	(void)state;
	for (int l = 0; l < COUNT(views); l++)
		for (int r = 0; r < COUNT(some_rows); r += 2)
			for (int k = 0; k < COUNT(some_cols); k++) {
				struct show *s = scene_new("hostile");
				struct view_frame f = frame_of(s, k % 3 ? VIEW_PICTURES : VIEW_NO_PICTURES);
				struct shot *shot;

				f.mesh = mesh;
				shot = shoot_frame(&f, views[l], some_rows[r], some_cols[k]);
				check(shot, &f);
				hasnt(shot, "\x1b");
				hasnt(shot, "\x07");
				hasnt(shot, "\xe2\x80\xae");
				shot_free(shot);
				free(s);
			}
	scene_mesh_free(mesh);
}

static void
every_camera_is_on_some_page_of_every_layout(void **state)
{
	static const int sizes[][2] = { { 12, 40 }, { 20, 60 }, { 24, 80 }, { 30, 90 }, { 43, 132 }, { 60, 200 }, { 100, 400 } };

	(void)state;
	for (int l = 0; l < 3; l++)
		for (int z = 0; z < COUNT(sizes); z++)
			for (int t = 1; t < COUNT(some_tiles); t += 2) {
				struct show *s = scene_new("many");
				struct view_frame f = frame_of(s, VIEW_PICTURES);
				bool seen[64] = { false };
				int pages;

				cut_down(s, some_tiles[t]);
				pages = view_find(layouts[l])->pages(&f, sizes[z][0], sizes[z][1]);
				assert_true(pages >= 1);
				for (f.page = 0; f.page < pages; f.page++) {
					struct shot *shot = shoot_frame(&f, layouts[l], sizes[z][0], sizes[z][1]);

					for (int i = 0; i < shot->c.zone_count; i++)
						seen[atoi(shot->c.zones[i].node + strlen("node-")) - 1] = true;
					if (pages > 1)
						has(shot, sizes[z][1] >= 80 ? "page-down" : "PgDn");
					shot_free(shot);
				}
				for (int i = 0; i < s->tile_count; i++)
					if (!seen[i])
						fail_msg("%s %dx%d: camera %d of %d is on no page", layouts[l], sizes[z][1], sizes[z][0], i + 1, s->tile_count);
				free(s);
			}
}

static void
a_page_beyond_the_last_shows_the_last(void **state)
{
	struct show *s = scene_new("many");
	struct view_frame f = frame_of(s, VIEW_PICTURES);

	(void)state;
	for (int l = 0; l < 3; l++) {
		struct shot *last, *beyond;

		f.page = view_find(layouts[l])->pages(&f, 43, 132) - 1;
		last = shoot_frame(&f, layouts[l], 43, 132);
		f.page += 1000;
		beyond = shoot_frame(&f, layouts[l], 43, 132);
		assert_string_equal(last->text, beyond->text);
		f.page = -4;
		shot_free(last);
		shot_free(beyond);
		shot_free(shoot_frame(&f, layouts[l], 43, 132));
	}
	free(s);
}

/* Muscle memory, and pictures that need not be sent again. */
static void
a_cut_moves_no_picture_of_others(void **state)
{
	static const int sizes[][2] = { { 43, 132 }, { 60, 200 }, { 24, 80 } };

	(void)state;
	for (int l = 0; l < 2; l++)
		for (int z = 0; z < COUNT(sizes); z++) {
			struct show *s = scene_new("many");
			const struct view_frame f = frame_of(s, VIEW_PICTURES);
			struct shot *before = shoot_frame(&f, layouts[l], sizes[z][0], sizes[z][1]), *after;
			int same = 0;

			s->tiles[2].light = SHOW_OFF;	/* from camera 3, on this page, to 61, on none */
			s->tiles[60].light = SHOW_PROGRAM;
			str_copy(s->program, sizeof s->program, s->tiles[60].id);
			after = shoot_frame(&f, layouts[l], sizes[z][0], sizes[z][1]);
			for (int i = 0; i < before->c.picture_count; i++) {
				const struct canvas_picture *a = &before->c.pictures[i], *b = picture_of(&after->c, a->node);

				if (strcmp(a->node, "node-3") == 0)
					continue;
				assert_non_null(b);
				assert_true(a->row == b->row && a->col == b->col && a->rows == b->rows && a->cols == b->cols);
				same++;
			}
			assert_true(same >= 1);
			shot_free(before);
			shot_free(after);
			free(s);
		}
}

static void
a_page_has_as_many_tiles_as_asked_for(void **state)
{
	static const int wishes[] = { 1, 4, 9, 16, 25 };

	(void)state;
	for (int i = 0; i < COUNT(wishes); i++) {
		struct show *s = scene_new("many");
		struct view_frame f = frame_of(s, VIEW_PICTURES);

		f.per_page = wishes[i];
		assert_int_equal(view_find("sheet")->pages(&f, 100, 300), (64 + wishes[i] - 1) / wishes[i]);
		struct shot *shot = shoot_frame(&f, "sheet", 100, 300);
		assert_int_equal(shot->c.zone_count, wishes[i] + 2);	/* the page, program, preview */
		shot_free(shot);
		free(s);
	}
}

/* A strip with both buses takes rows: then the page has what is left of its wish, not one tile. */
static void
a_small_screen_has_as_many_tiles_of_a_wished_page_as_fit(void **state)
{
	struct show *s = scene_new("many");
	struct view_frame f = frame_of(s, VIEW_PICTURES);
	struct shot *shot;

	(void)state;
	f.per_page = 4;
	shot = shoot_frame(&f, "sheet", 24, 80);
	has(shot, "cameras 1-3 of 64");
	for (int i = 1; i <= 3; i++) {
		char id[32];

		snprintf(id, sizeof id, "node-%d", i);
		assert_non_null(picture_of(&shot->c, id));
	}
	shot_free(shot);
	cut_down(s, 4);
	shot = shoot_frame(&f, "sheet", 24, 80);
	assert_int_equal(shot->c.picture_count, 4);
	hasnt(shot, "page");
	shot_free(shot);
	free(s);
}

/* The shape follows the terminal: two cameras side by side on a wide one, one above the other on a high one. */
static void
tiles_stand_so_that_their_pictures_are_largest(void **state)
{
	struct show *s = scene_new("quiet");
	struct shot *wide, *high;

	(void)state;
	cut_down(s, 2);
	wide = shoot(s, "sheet", 43, 200, VIEW_PICTURES);
	high = shoot(s, "sheet", 70, 100, VIEW_PICTURES);
	assert_int_equal(picture_of(&wide->c, "node-1")->row, picture_of(&wide->c, "node-2")->row);
	assert_int_equal(picture_of(&high->c, "node-1")->col, picture_of(&high->c, "node-2")->col);
	assert_true(picture_of(&high->c, "node-1")->cols > 60);
	shot_free(wide);
	shot_free(high);
	free(s);
}

/* Only a bus changes places: else the second camera would stand left of the first. */
static void
tiles_keep_their_order_while_nobody_is_on_a_bus(void **state)
{
	static const char *const with_pair[] = { "sheet", "switch", "quad" };
	struct show *s = scene_new("quiet");

	(void)state;
	for (int i = 0; i < s->tile_count; i++)
		s->tiles[i].light = SHOW_OFF;
	s->program[0] = s->preview[0] = '\0';
	for (int l = 0; l < COUNT(with_pair); l++) {
		struct shot *shot = shoot(s, with_pair[l], 24, 80, VIEW_PICTURES);
		const struct canvas_picture *first = picture_of(&shot->c, "node-1"), *second = picture_of(&shot->c, "node-2");

		assert_non_null(first);
		assert_non_null(second);
		if (first->row > second->row || first->col > second->col)
			fail_msg("%s: the second before the first:\n%s", with_pair[l], shot->text);
		shot_free(shot);
	}
	str_copy(s->preview, sizeof s->preview, "node-1");
	s->tiles[0].light = SHOW_PREVIEW;
	struct shot *shot = shoot(s, "sheet", 24, 80, VIEW_PICTURES);
	assert_true(picture_of(&shot->c, "node-1")->col < picture_of(&shot->c, "node-2")->col);
	shot_free(shot);
	free(s);
}

static void
one_camera_fills_the_sheet(void **state)
{
	struct show *s = scene_new("quiet");
	struct shot *shot;

	(void)state;
	cut_down(s, 1);
	shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);
	assert_int_equal(shot->c.picture_count, 1);
	assert_true(shot->c.pictures[0].rows >= 29);
	hasnt(shot, "page");
	shot_free(shot);
	free(s);
}

static void
switch_has_preview_left_and_program_right_and_larger(void **state)
{
	struct show *s = scene_new("show");
	struct shot *shot = shoot(s, "switch", 43, 132, VIEW_PICTURES);
	const struct canvas_picture *pgm = picture_of(&shot->c, s->program), *pvw = picture_of(&shot->c, s->preview);

	(void)state;
	assert_non_null(pgm);
	assert_non_null(pvw);
	assert_true(pvw->col + pvw->cols <= pgm->col);
	assert_true(pgm->rows * pgm->cols > pvw->rows * pvw->cols);
	for (int i = 0; i < shot->c.picture_count; i++)
		assert_true(shot->c.pictures[i].rows * shot->c.pictures[i].cols <= pgm->rows * pgm->cols);
	has(shot, "[8] desk cam");
	has(shot, "picture above");		/* sources in fixed numbers, those of the buses too */
	assert_int_equal(shot->c.zone_count, 8 + 2);
	shot_free(shot);
	free(s);
}

/* Nobody switches by paging: a smaller pair, as long as it has half of the rows. */
static void
switch_has_all_sources_on_one_page_where_it_can(void **state)
{
	struct show *s = scene_new("show");
	struct shot *shot = shoot(s, "switch", 30, 100, VIEW_PICTURES);

	(void)state;
	hasnt(shot, "page");
	has(shot, "[8] desk");
	assert_int_equal(shot->c.zone_count, 8 + 2);
	assert_true(picture_of(&shot->c, s->program)->rows >= 8);
	shot_free(shot);
	free(s);
}

static void
half_a_note_is_not_shown(void **state)
{
	struct show *s = scene_new("show");
	struct shot *shot = shoot(s, "sheet", 20, 60, VIEW_PICTURES);

	(void)state;
	has(shot, "-51|.....  SAFE");
	hasnt(shot, "zoo");
	hasnt(shot, "CLI");
	shot_free(shot);
	free(s);
}

static void
quad_has_the_buses_above_and_two_others_a_page(void **state)
{
	struct show *s = scene_new("quiet");
	struct view_frame f = frame_of(s, VIEW_PICTURES);
	struct shot *shot = shoot_frame(&f, "quad", 43, 132);

	(void)state;
	assert_int_equal(shot->c.picture_count, 4);
	assert_true(picture_of(&shot->c, "node-2")->row < picture_of(&shot->c, "node-3")->row);
	assert_true(picture_of(&shot->c, "node-2")->col < picture_of(&shot->c, "node-1")->col);
	has(shot, "page 1 of 2   others 1-2 of 4");
	shot_free(shot);
	f.page = 1;
	shot = shoot_frame(&f, "quad", 43, 132);
	assert_non_null(picture_of(&shot->c, "node-5"));
	assert_non_null(picture_of(&shot->c, "node-1"));
	assert_null(picture_of(&shot->c, "node-3"));
	shot_free(shot);
	free(s);
}

static void
single_shows_the_focus_else_the_preview(void **state)
{
	struct show *s = scene_new("show");
	struct view_frame f = frame_of(s, VIEW_PICTURES);
	struct shot *shot = shoot_frame(&f, "single", 43, 132);

	(void)state;
	assert_int_equal(shot->c.picture_count, 1);
	assert_non_null(picture_of(&shot->c, "node-2"));
	shot_free(shot);
	str_copy(f.focus, sizeof f.focus, "node-3");
	shot = shoot_frame(&f, "single", 43, 132);
	assert_non_null(picture_of(&shot->c, "node-3"));
	has(shot, "CLIP 20:12:09");
	shot_free(shot);
	str_copy(f.focus, sizeof f.focus, "gone-1");
	s->preview[0] = s->program[0] = '\0';
	shot = shoot_frame(&f, "single", 43, 132);
	assert_non_null(picture_of(&shot->c, "node-1"));
	shot_free(shot);
	free(s);
}

static void
single_tells_all_the_health_at_any_size(void **state)
{
	static const char *const words[] = { "64%", "188 min", "nominal", "-24||||..", "peak -24 rms", "1.0x", "30.0 fps", "+-0.9 ms", "lan",
		"10.0.0.12:8081", "iPhone17,2" };
	static const int sizes[][2] = { { 24, 80 }, { 43, 132 }, { 60, 200 }, { 30, 60 } };
	struct show *s = scene_new("show");

	(void)state;
	for (int z = 0; z < COUNT(sizes); z++)
		for (int text = 0; text < 2; text++) {
			struct shot *shot = shoot(s, "single", sizes[z][0], sizes[z][1], text ? VIEW_NO_PICTURES : VIEW_PICTURES);

			for (int w = 0; w < COUNT(words); w++)
				has(shot, words[w]);
			shot_free(shot);
		}
	free(s);
}

static void
without_pictures_no_layout_keeps_a_place_for_one(void **state)
{
	struct show *s = scene_new("show");

	(void)state;
	for (int l = 0; l < COUNT(layouts); l++) {
		struct shot *shot = shoot(s, layouts[l], 43, 132, VIEW_NO_PICTURES);

		assert_int_equal(shot->c.picture_count, 0);
		has(shot, "left guest");
		hasnt(shot, "picture above");
		shot_free(shot);
	}
	free(s);
}

static void
layouts_are_found_by_name(void **state)
{
	(void)state;
	for (int l = 0; l < COUNT(layouts); l++) {
		assert_string_equal(layout_find(layouts[l])->name, layouts[l]);
		assert_ptr_equal(layout_find(layouts[l]), view_find(layouts[l]));
	}
	assert_null(layout_find("health"));
	assert_null(layout_find(""));
}

/* SAFE is where panic cuts to: wherever cameras are listed, it stands beside its camera. */
static void
the_safe_camera_is_told_in_every_layout_and_size(void **state)
{
	static const int sizes[][2] = { { 24, 80 }, { 43, 132 }, { 60, 200 } };
	struct show *s = scene_new("show");

	(void)state;
	for (int l = 0; l < 3; l++)
		for (int z = 0; z < COUNT(sizes); z++)
			for (int text = 0; text < 2; text++) {
				struct shot *shot = shoot(s, layouts[l], sizes[z][0], sizes[z][1], text ? VIEW_NO_PICTURES : VIEW_PICTURES);

				has(shot, "SAFE");
				shot_free(shot);
			}
	for (int i = 0; i < 3; i++)	/* on the first page of the smallest */
		s->tiles[i].roles[0] = '\0';
	str_copy(s->tiles[2].roles, sizeof s->tiles[2].roles, "SAFE");
	for (int l = 0; l < 3; l++) {
		struct shot *shot = shoot(s, layouts[l], 12, 40, VIEW_PICTURES);

		has(shot, "host ");
		has(shot, "SAFE");
		shot_free(shot);
	}
	free(s);
}

/* A small terminal, more cameras than rows: the buses stand on every page. */
static void
a_paged_table_keeps_program_and_preview_on_top(void **state)
{
	struct show *s = scene_new("many");
	struct view_frame f = frame_of(s, VIEW_PICTURES);
	const int pages = view_find("sheet")->pages(&f, 12, 40);

	(void)state;
	assert_true(pages > 10);
	for (f.page = 0; f.page < pages; f.page += 5) {
		struct shot *shot = shoot_frame(&f, "sheet", 12, 40);

		has(shot, "40  camera E8    PVW");
		has(shot, " 3  camera A3    PGM");
		shot_free(shot);
	}
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_overlaps_at_any_size_with_any_number_of_cameras),
		cmocka_unit_test(hostile_names_break_no_border_of_any_view),
		cmocka_unit_test(every_camera_is_on_some_page_of_every_layout),
		cmocka_unit_test(a_page_beyond_the_last_shows_the_last),
		cmocka_unit_test(a_cut_moves_no_picture_of_others),
		cmocka_unit_test(a_page_has_as_many_tiles_as_asked_for),
		cmocka_unit_test(a_small_screen_has_as_many_tiles_of_a_wished_page_as_fit), cmocka_unit_test(tiles_stand_so_that_their_pictures_are_largest),
		cmocka_unit_test(tiles_keep_their_order_while_nobody_is_on_a_bus), cmocka_unit_test(one_camera_fills_the_sheet),
		cmocka_unit_test(switch_has_preview_left_and_program_right_and_larger),
		cmocka_unit_test(switch_has_all_sources_on_one_page_where_it_can), cmocka_unit_test(half_a_note_is_not_shown),
		cmocka_unit_test(quad_has_the_buses_above_and_two_others_a_page),
		cmocka_unit_test(single_shows_the_focus_else_the_preview),
		cmocka_unit_test(single_tells_all_the_health_at_any_size),
		cmocka_unit_test(without_pictures_no_layout_keeps_a_place_for_one),
		cmocka_unit_test(layouts_are_found_by_name),
		cmocka_unit_test(the_safe_camera_is_told_in_every_layout_and_size),
		cmocka_unit_test(a_paged_table_keeps_program_and_preview_on_top),
	};

	return cmocka_run_group_tests(tests, use_utc, NULL);
}
