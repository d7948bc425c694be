/*
 * t_screen.c - whole screens drawn from a made-up show: truth in words, nothing overlaps, every size lives.
 */
#include "tests/unit/screen_kit.h"

static struct show *
four_cameras(void)
{
	static const char *const names[] = { "left guest", "right guest", "host", "wide" };
	struct show *s = calloc(1, sizeof *s);

	str_copy(s->session, sizeof s->session, "saturday-episode-12");
	s->utc_us = 1763712000000000;
	s->shot_us = 14000000;
	s->left_minutes = 188;
	str_copy(s->left_name, sizeof s->left_name, "2");
	s->tally_asked = 4;
	s->tally_ok = 4;
	s->tile_count = 4;
	for (int i = 0; i < 4; i++) {
		struct show_tile *t = &s->tiles[i];

		snprintf(t->id, sizeof t->id, "node-%d", i + 1);
		str_copy(t->name, sizeof t->name, names[i]);
		t->number = i + 1;
		t->link = HEALTH_LIVE;
		t->storage_minutes = 214;
		t->has_battery = true;
		t->battery_percent = 81;
		t->rec_elapsed_us = -1;
		t->clock_bound_us = 900;
		t->picture_age_us = -1;
	}
	s->tiles[0].light = SHOW_PROGRAM;
	s->tiles[1].light = SHOW_PREVIEW;
	str_copy(s->program, sizeof s->program, "node-1");
	str_copy(s->preview, sizeof s->preview, "node-2");
	return s;
}

static void
big_sheet_shows_every_camera_with_its_state(void **state)
{
	struct show *s = four_cameras();

	(void)state;
	s->rolling = true;
	s->rolling_asked = 4;
	s->rolling_count = 3;
	str_copy(s->take, sizeof s->take, "003");
	s->take_elapsed_us = 751000000;
	s->tiles[0].rec = HEALTH_REC_RECORDING;
	s->tiles[0].rec_elapsed_us = 751000000;
	s->tiles[2].rec = HEALTH_REC_UNSURE;
	s->tiles[2].rec_elapsed_us = 751000000;
	s->tiles[3].link = HEALTH_LOST;
	s->tiles[3].silent_us = 12000000;
	struct shot *shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);
	has(shot, "REC 00:12:31  take 003  rolling 3 of 4");
	has(shot, "PGM 1 left guest 0:14");
	has(shot, "PVW 2 right guest");
	has(shot, "PGM REC 12:31");
	has(shot, "REC? 12:31");
	has(shot, "LOST 12 s");
	has(shot, "bat  81%");
	has(shot, "sto 214m");
	has(shot, "NEXT");
	has(shot, "LAST");
	has(shot, "SPACE cut");
	shot_free(shot);
	free(s);
}

static void
header_tells_the_beat_only_while_a_clock_runs(void **state)
{
	struct show *s = four_cameras();
	struct shot *shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);

	(void)state;
	hasnt(shot, "LINK");
	hasnt(shot, "ENTER");
	shot_free(shot);
	s->beat = (struct show_beat){ .runs = true, .on_link = true, .bpm = 96, .quantum = 4, .beat = 3, .bar = 121, .peers = 2, .alone_us = -1 };
	shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);
	has(shot, "LINK 96.0 bar 121.3 [###.] 2 peers");
	has(shot, "ENTER cut on bar");
	shot_free(shot);
	s->beat.peers = 0;
	s->beat.alone_us = 12000000;
	shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);
	has(shot, "LINK 96.0 bar 121.3 [###.] alone 12 s");
	shot_free(shot);
	s->beat = (struct show_beat){ .runs = true, .bpm = 128.5, .quantum = 32, .beat = 5, .bar = 7, .alone_us = -1 };
	shot = shoot(s, "switch", 24, 80, VIEW_PICTURES);
	has(shot, "BEAT 128.5 bar 7.5 [##......]  tally 4/4");
	shot_free(shot);
	shot = shoot(s, "sheet", 24, 80, VIEW_PICTURES);
	has(shot, "BEAT 128.5 7.5");
	shot_free(shot);
	shot = shoot(s, "sheet", 12, 40, VIEW_PICTURES);
	shot_free(shot);
	free(s);
}

static void
small_terminal_gets_two_pictures_and_a_table(void **state)
{
	struct show *s = four_cameras();
	struct shot *shot;

	(void)state;
	s->tiles[s->tile_count++] = (struct show_tile){ .id = "node-5", .name = "top", .number = 5, .link = HEALTH_LIVE, .picture_age_us = -1 };
	shot = shoot(s, "sheet", 24, 80, VIEW_PICTURES);
	for (int i = 0; i < shot->c.picture_count; i++)	/* no picture has come yet */
		assert_true(shot->c.pictures[i].awaited);
	has(shot, "NO PICTURE");
	for (int i = 0; i < 5; i++)
		s->tiles[i].picture_age_us = 50000;
	shot_free(shot);
	shot = shoot(s, "sheet", 24, 80, VIEW_PICTURES);
	assert_int_equal(shot->c.picture_count, 2);
	has(shot, " 1  left guest");
	has(shot, " 5  top");
	shot_free(shot);
	free(s);
}

static void
four_cameras_have_four_pictures_on_a_small_terminal_too(void **state)
{
	struct show *s = four_cameras();
	struct shot *shot;

	(void)state;
	for (int i = 0; i < 4; i++)
		s->tiles[i].picture_age_us = 50000;
	for (int strangers = 0; strangers < 2; strangers++) {
		s->stranger_count = s->stranger_total = strangers;	/* found by the search at any time: it moves nothing to another layout */
		shot = shoot(s, "sheet", 24, 80, VIEW_PICTURES);
		assert_int_equal(shot->c.picture_count, 4);
		for (int i = 0; i < 4; i++)
			assert_true(shot->c.pictures[i].rows >= 6 && shot->c.pictures[i].cols >= 21);
		has(shot, "[1] left guest");
		has(shot, "sto 214m");
		shot_free(shot);
	}
	free(s);
}

static void
without_pictures_all_goes_into_the_table(void **state)
{
	struct show *s = four_cameras();
	struct shot *shot = shoot(s, "sheet", 43, 132, VIEW_NO_PICTURES);

	(void)state;
	assert_int_equal(shot->c.picture_count, 0);
	has(shot, " 3  host");
	shot_free(shot);
	free(s);
}

static void
add_strangers(struct show *s, int count)
{
	for (int i = 0; i < count; i++)
		snprintf(s->strangers[i], sizeof s->strangers[i], "10.0.0.%d:8081: no connection: Connection refused", i + 1);
	s->stranger_count = s->stranger_total = count;
}

static void
every_view_lives_at_every_size(void **state)
{
	static const char *const views[] = { "sheet", "health", "takes", "log", "help", "mesh" };
	struct show *s = four_cameras();

	(void)state;
	str_copy(s->tiles[0].name, sizeof s->tiles[0].name, "漢字漢字漢字漢字漢字漢字漢字漢字");
	for (size_t v = 0; v < 6; v++)
		for (int rows = 1; rows < 60; rows += 3)
			for (int cols = 1; cols < 200; cols += 7) {
				add_strangers(s, cols % 4);
				shot_free(shoot(s, views[v], rows, cols, VIEW_PICTURES));
			}
	free(s);
}

static void
forty_by_twelve_still_tells_the_truth(void **state)
{
	struct show *s = four_cameras();
	struct shot *shot;

	(void)state;
	s->tiles[1].link = HEALTH_STALE;
	s->tiles[1].silent_us = 4000000;
	shot = shoot(s, "sheet", 12, 40, VIEW_PICTURES);
	has(shot, "left guest");
	has(shot, "STALE 4 s");
	shot_free(shot);
	free(s);
}

/* Page after page, every camera is on one of them. */
static void
every_camera_is_on_some_page(void **state)
{
	static const struct { int rows, cols; } sizes[] = { { 12, 40 }, { 24, 80 }, { 43, 132 }, { 20, 60 }, { 30, 90 } };

	(void)state;
	for (size_t z = 0; z < sizeof sizes / sizeof sizes[0]; z++)
		for (int n = 1; n <= 40; n += 3) {
			struct show *s = four_cameras();
			struct view_frame f = { .show = s, .graphics = VIEW_PICTURES, .prompt_cursor = -1, .keymap = keymap_builtin("atem"), .bell = "off" };
			bool seen[41] = { false };
			int pages;

			s->tile_count = n;
			s->program[0] = s->preview[0] = '\0';
			for (int i = 0; i < n; i++) {
				s->tiles[i] = s->tiles[i % 4];
				snprintf(s->tiles[i].id, sizeof s->tiles[i].id, "n%d", i);
				snprintf(s->tiles[i].name, sizeof s->tiles[i].name, "<%d>", i);
			}
			pages = view_find("sheet")->pages(&f, sizes[z].rows, sizes[z].cols);
			for (f.page = 0; f.page < pages; f.page++) {
				struct canvas c;

				canvas_init(&c, sizes[z].rows, sizes[z].cols);
				screen_draw(&c, view_find("sheet"), &f);
				for (int y = 0; y < c.rows; y++) {
					char row[2048], what[16];

					canvas_row_text(&c, y, row, sizeof row);
					for (int i = 0; i < n; i++) {
						snprintf(what, sizeof what, "<%d>", i);
						seen[i] = seen[i] || strstr(row, what) != NULL;
					}
				}
				canvas_fini(&c);
			}
			for (int i = 0; i < n; i++)
				if (!seen[i])
					fail_msg("camera %d of %d is on no page of a %dx%d terminal", i, n, sizes[z].cols, sizes[z].rows);
			free(s);
		}
}

static void
no_camera_says_how_they_are_sought(void **state)
{
	struct show *s = four_cameras();
	struct shot *shot;

	(void)state;
	s->tile_count = 0;
	s->program[0] = s->preview[0] = '\0';
	str_copy(s->searching, sizeof s->searching, "Bonjour: no daemon answers here. Type :node add HOST for a camera you know");
	shot = shoot(s, "sheet", 24, 80, VIEW_PICTURES);
	has(shot, "No camera yet.");
	has(shot, "Bonjour: no daemon answers here.");
	has(shot, ":node add HOST");
	shot_free(shot);
	free(s);
}

static void
addresses_that_are_no_camera_are_told_below_the_cameras(void **state)
{
	static const int sizes[][2] = { { 24, 80 }, { 43, 132 } };
	struct show *s = four_cameras();

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		add_strangers(s, 1);
		struct shot *shot = shoot(s, "sheet", sizes[i][0], sizes[i][1], VIEW_PICTURES);

		has(shot, "10.0.0.1:8081: no connection: Connection refused");
		has(shot, "wide");
		shot_free(shot);
		add_strangers(s, 20);
		shot = shoot(s, "sheet", sizes[i][0], sizes[i][1], VIEW_PICTURES);
		has(shot, "addresses tried, no camera there: v lists them");
		has(shot, "NEXT");
		shot_free(shot);
	}
	free(s);
}

static void
addresses_that_are_no_camera_fill_a_free_tile(void **state)
{
	struct show *s = four_cameras();
	struct shot *shot;

	(void)state;
	s->tile_count = 3;
	add_strangers(s, 3);
	shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);
	has(shot, "[ ] tried, no camera there");
	has(shot, "10.0.0.1:8081");
	has(shot, "10.0.0.3:8081");
	hasnt(shot, "v lists them");
	shot_free(shot);
	free(s);
}

/* ---- The mesh map ---- */

struct made_mesh {
	struct mesh mesh;
	struct mesh_node nodes[3];
	struct mesh_seen seen[40];
	struct mesh_source sources[3];
	struct crew_line line;
};

static void
add_path(struct mesh_node *n, enum registry_path kind, const char *place, unsigned via)
{
	struct mesh_path *p = &n->paths[n->path_count++];

	*p = (struct mesh_path){ .kind = kind, .port = 8081, .via = via, .rtt_us = -1, .seen_age_us = -1, .answered_age_us = -1 };
	str_copy(p->place, sizeof p->place, place);
}

static struct made_mesh *
three_devices(void)
{
	struct made_mesh *m = calloc(1, sizeof *m);

	m->mesh = (struct mesh){ .node_count = 3, .seen_count = 2, .source_count = 3, .conclusion_count = 1, .nodes = m->nodes,
		.seen = m->seen, .sources = m->sources, .own = "eth0 10.0.0.5/24" };
	for (int i = 0; i < 3; i++) {
		m->nodes[i].number = i + 1;
		m->nodes[i].heard_age_us = 200000;
		m->nodes[i].used = 0;
	}
	str_copy(m->nodes[0].name, MAX_NAME_BYTES, "left guest");
	str_copy(m->nodes[0].model, MAX_NAME_BYTES, "iPhone17,2");
	str_copy(m->nodes[0].role, MAX_NAME_BYTES, "camera");
	str_copy(m->nodes[0].path_why, MAX_WHY_BYTES, "LAN before Tailscale");
	add_path(&m->nodes[0], PATH_LAN, "10.0.0.12:8081", (unsigned)VIA_BONJOUR | (unsigned)VIA_SWEEP);
	m->nodes[0].paths[0].in_use = true;
	m->nodes[0].paths[0].rtt_us = 1234;
	add_path(&m->nodes[0], PATH_TAILSCALE, "100.90.1.2:8081", VIA_SWEEP);
	m->nodes[0].paths[1].failures = 3;
	str_copy(m->nodes[0].services[0], MESH_WORD_BYTES, "camera back 1-15x");
	str_copy(m->nodes[0].services[1], MESH_WORD_BYTES, "_ssh._tcp");
	m->nodes[0].service_count = 2;
	str_copy(m->nodes[1].name, MAX_NAME_BYTES, "wide");
	m->nodes[1].state = MESH_CONFLICT;
	add_path(&m->nodes[1], PATH_LAN, "[fe80::1c2d:3e4f:5a6b:7c8d%enp0s31f6]:8081", VIA_BONJOUR);
	str_copy(m->nodes[2].name, MAX_NAME_BYTES, "door");
	m->nodes[2].state = MESH_LOST;
	m->nodes[2].used = -1;
	str_copy(m->seen[0].name, MAX_NAME_BYTES, "iPhone SE");
	str_copy(m->seen[0].place, MESH_PLACE_BYTES, "10.0.0.40:8081");
	m->seen[0].via = VIA_BONJOUR;
	m->seen[0].state = CREW_SEEN_TRYING;
	str_copy(m->seen[1].place, MESH_PLACE_BYTES, "192.168.1.7:8081");
	m->seen[1].via = VIA_SWEEP;
	m->seen[1].state = CREW_SEEN_STRANGER;
	str_copy(m->seen[1].why, MAX_WHY_BYTES, "/info answered 404");
	m->sources[0] = (struct mesh_source){ .name = "bonjour", .sentence = "Bonjour: no daemon; using own queries" };
	m->sources[1] = (struct mesh_source){ .name = "sweep", .working = true, .finished = true, .sentence = "1 network", .line_count = 1,
		.lines = &m->line };
	m->sources[2] = (struct mesh_source){ .name = "names", .is_off = true, .sentence = "--probe off" };
	str_copy(m->line.topic, sizeof m->line.topic, "10.0.0.0/24");
	str_copy(m->line.sentence, sizeof m->line.sentence, "254 asked, 3 refused, 251 silent");
	str_copy(m->mesh.conclusions[0], MAX_WHY_BYTES,
	    "multicast got no answer from any host while the sweep found 2: this network blocks multicast");
	return m;
}

/* The view scrolled through from top to bottom, row by row, as one text. */
static struct shot *
scroll_through(const struct mesh *m, int rows, int cols)
{
	struct show *s = four_cameras();
	struct view_frame f = { .show = s, .mesh = m, .prompt_cursor = -1, .keymap = keymap_builtin("atem"), .bell = "visual" };
	struct shot *all = calloc(1, sizeof *all);
	int top, bottom, lines = view_find("mesh")->lines(&f, cols);

	screen_view_rows(rows, &top, &bottom);
	canvas_init(&all->c, rows, cols);
	for (f.scroll = 0; f.scroll < lines; f.scroll++) {
		struct shot *one = shoot_frame(&f, "mesh", rows, cols);
		char row[2048];

		canvas_row_text(&one->c, top + 1, row, sizeof row);
		if (strlen(all->text) + strlen(row) + 2 < sizeof all->text) {
			strcat(all->text, row);
			strcat(all->text, "\n");
		}
		shot_free(one);
	}
	free(s);
	return all;
}

static void
mesh_names_every_device_path_and_reason(void **state)
{
	struct made_mesh *m = three_devices();
	struct show *s = four_cameras();
	const struct view_frame f = { .show = s, .mesh = &m->mesh, .prompt_cursor = -1, .keymap = keymap_builtin("atem"), .bell = "visual" };
	struct shot *shot = shoot_frame(&f, "mesh", 43, 132);

	(void)state;
	has(shot, "MESH  3 devices, 3 paths");
	has(shot, " 1 left guest               LIVE       camera  iPhone17,2  heard now");
	has(shot, " > lan       10.0.0.12:8081");
	has(shot, "1.2 ms  bonjour, sweep  LAN before Tailscale");
	has(shot, "tailscale       no answer, 3 tries");
	has(shot, "camera back 1-15x, _ssh._tcp");
	has(shot, "CONFLICT");
	has(shot, "[fe80::1c2d:3e4f:5a6b:7c8d%enp0s31f6]:8081");
	has(shot, "no address is known");
	has(shot, "SEEN, NOT IN THE SHOW  2");
	has(shot, "iPhone SE");
	has(shot, "192.168.1.7:8081");
	has(shot, "sweep      no camera: /info answered 404");
	has(shot, " * multicast got no answer from any host while the sweep found 2: this network blocks multicast");
	has(shot, "bonjour    not working  no daemon; using own queries");
	has(shot, "10.0.0.0/24: 254 asked, 3 refused, 251 silent");
	has(shot, "names      off          --probe off");
	has(shot, "this machine: eth0 10.0.0.5/24");
	shot_free(shot);
	free(s);
	free(m);
}

/* Folded or not, no word of it is cut off at any width. */
static void
mesh_loses_no_word_at_any_size(void **state)
{
	static const struct { int rows, cols; } sizes[] = { { 43, 132 }, { 24, 80 }, { 12, 40 }, { 30, 100 }, { 24, 60 }, { 50, 250 } };
	static const char *const words[] = { "left guest", "LIVE", "iPhone17,2", "10.0.0.12:8081", "1.2 ms", "100.90.1.2:8081", "_ssh._tcp",
		"CONFLICT", "door", "LOST", "iPhone SE", "192.168.1.7:8081", "404", "refused", "251 silent", "own queries", "eth0", "blocks" };
	struct made_mesh *m = three_devices();

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct shot *shot = scroll_through(&m->mesh, sizes[i].rows, sizes[i].cols);

		for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
			has(shot, words[w]);
		shot_free(shot);
	}
	free(m);
}

static void
mesh_keeps_the_reasons_above_a_flood_of_the_seen(void **state)
{
	struct made_mesh *m = three_devices();
	struct shot *shot;
	const char *why, *rest, *first;

	(void)state;
	m->mesh.seen_count = 40;
	for (int i = 2; i < 40; i++) {
		m->seen[i] = m->seen[1];
		snprintf(m->seen[i].place, MESH_PLACE_BYTES, "10.9.0.%d:8081", i);
	}
	shot = scroll_through(&m->mesh, 24, 80);
	has(shot, "SEEN, NOT IN THE SHOW  40; the first 8 here, the rest at the end");
	first = strstr(shot->text, "10.9.0.7:8081");
	why = strstr(shot->text, " WHY");
	rest = strstr(shot->text, "10.9.0.8:8081");
	assert_true(first != NULL && why != NULL && rest != NULL && first < why && why < rest);
	has(shot, "10.9.0.39:8081");
	shot_free(shot);
	free(m);
}

static void
mesh_lives_at_every_size_with_any_name(void **state)
{
	struct made_mesh *m = three_devices();
	struct show *s = four_cameras();
	struct view_frame f = { .show = s, .mesh = &m->mesh, .prompt_cursor = -1, .keymap = keymap_builtin("atem"), .bell = "visual" };

	(void)state;
	memset(m->nodes[0].model, 'w', MAX_NAME_BYTES - 1);
	memset(m->nodes[1].why, 'x', MAX_TEXT_FIELD - 1);
	str_copy(m->nodes[2].name, MAX_NAME_BYTES, "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字");
	for (int rows = 1; rows < 60; rows += 3)
		for (int cols = 1; cols < 200; cols += 7)
			for (f.scroll = 0; f.scroll < 40; f.scroll += 13) {
				assert_true(view_find("mesh")->lines(&f, cols) > 3);
				shot_free(shoot_frame(&f, "mesh", rows, cols));
			}
	free(s);
	free(m);
}

/* A director counts shots: whoever does, counts seconds. */
static void
a_shot_is_told_in_seconds_while_shots_are_made(void **state)
{
	struct show *s = four_cameras();
	struct shot *shot;

	(void)state;
	s->idle = true;
	s->shot_us = 65000000;
	shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);
	has(shot, "PGM 1 left guest 1 min");
	shot_free(shot);
	s->autodirector.on = true;
	shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);
	has(shot, "PGM 1 left guest 1:05");
	shot_free(shot);
	s->autodirector.on = false;
	s->beat = (struct show_beat){ .runs = true, .bpm = 120, .quantum = 4, .beat = 1, .bar = 1, .alone_us = -1 };
	shot = shoot(s, "sheet", 43, 132, VIEW_PICTURES);
	has(shot, "PGM 1 left guest 1:05");
	shot_free(shot);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shot_is_told_in_seconds_while_shots_are_made),
		cmocka_unit_test(big_sheet_shows_every_camera_with_its_state),
		cmocka_unit_test(header_tells_the_beat_only_while_a_clock_runs),
		cmocka_unit_test(small_terminal_gets_two_pictures_and_a_table),
		cmocka_unit_test(four_cameras_have_four_pictures_on_a_small_terminal_too),
		cmocka_unit_test(without_pictures_all_goes_into_the_table),
		cmocka_unit_test(every_view_lives_at_every_size),
		cmocka_unit_test(forty_by_twelve_still_tells_the_truth),
		cmocka_unit_test(every_camera_is_on_some_page),
		cmocka_unit_test(no_camera_says_how_they_are_sought),
		cmocka_unit_test(addresses_that_are_no_camera_are_told_below_the_cameras),
		cmocka_unit_test(addresses_that_are_no_camera_fill_a_free_tile),
		cmocka_unit_test(mesh_names_every_device_path_and_reason),
		cmocka_unit_test(mesh_loses_no_word_at_any_size),
		cmocka_unit_test(mesh_keeps_the_reasons_above_a_flood_of_the_seen),
		cmocka_unit_test(mesh_lives_at_every_size_with_any_name),
	};

	return cmocka_run_group_tests(tests, use_utc, NULL);
}
