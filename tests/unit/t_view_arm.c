/*
 * t_view_arm.c - before a roll: who is armed, who is not and why, with the cure; the archive's room; any width.
 */
#include "unit/view_kit.h"

static void
add_line(struct show *s, struct arm_node *n, enum arm_verdict verdict, enum arm_check check, const char *what, const char *cure)
{
	struct arm_line *l = &s->arm.lines[s->arm.line_count++];

	l->verdict = verdict;
	l->check = check;
	str_copy(l->what, sizeof l->what, what);
	str_copy(l->cure, sizeof l->cure, cure);
	if (n == NULL) {
		s->arm.show_count++;
		return;
	}
	if (n->line_count++ == 0)
		n->verdict = verdict;
}

static void
add_node(struct show *s, int index)
{
	struct arm_node *n = &s->arm.nodes[index];
	const struct show_tile *t = &s->tiles[index];

	str_copy(n->id, sizeof n->id, t->id);
	str_copy(n->name, sizeof n->name, t->name);
	n->number = t->number;
	n->counts = n->has_battery = n->clock_known = true;
	n->battery_percent = 81;
	n->storage_minutes = 214;
	n->clock_offset_us = 350123;
	n->clock_bound_us = 900;
	n->width = 1920;
	n->height = 1080;
	n->rate = 30;
	str_copy(n->thermal, sizeof n->thermal, "nominal");
	str_copy(n->auto_lock, sizeof n->auto_lock, "off");
	str_copy(n->claim, sizeof n->claim, "ours");
	n->first_line = s->arm.line_count;
}

/* Four cameras: well, not armed, out, and one that rolls; the archive has room. */
static struct show *
four(void)
{
	struct show *s = kit_show(4);

	s->arm.node_count = 4;
	for (int i = 0; i < 4; i++) {
		add_node(s, i);
		if (i != 1)
			continue;
		s->arm.nodes[1].storage_minutes = 3;
		add_line(s, &s->arm.nodes[1], ARM_RED, ARM_STORAGE, "storage for 3 min only", "make room on it, or leave it out:  :out 2");
		add_line(s, &s->arm.nodes[1], ARM_NOTE, ARM_SOUND, "its sound is muted", "unmute it there");
	}
	s->arm.nodes[2].counts = false;
	s->tiles[2].out = true;
	s->arm.nodes[3].rolls = true;
	s->arm.show_first = s->arm.line_count;
	s->arm.asked = 3;
	s->arm.armed = 2;
	str_copy(s->arm.archive, sizeof s->arm.archive, "nas");
	s->arm.archive_free_bytes = 3100000000000;
	s->arm.archive_minutes = 188;
	return s;
}

static void
who_is_not_armed_comes_first_with_reason_and_cure(void **state)
{
	struct show *s = four();
	struct view_frame f = kit_frame(s);
	struct drawn *d = kit_draw(&f, &view_arm, 16, 132);

	(void)state;
	kit_has(d, "2 of 3 armed");
	kit_has(d, "archive nas: 3.1 TB free, 188 min of all cameras");
	kit_order(d, (const char *const[]){ "cam 2", "NOT ARMED", "3m", "! storage for 3 min only; make room on it, or leave it out:  :out 2",
		"its sound is muted; unmute it there", "cam 1", "armed", "214m", "81%", "ok", "off", "+350.1 ms", "<1 ms", "now", "1920x1080 30",
		"ours", "cam 4", "ROLLS", "cam 3", "out" }, 20);
	kit_free(d);
	free(s);
}

static void
clocks_are_told_as_coarse_as_it_matters(void **state)
{
	static const struct { int64_t offset_us, bound_us, age_us; const char *offset, *bound, *age; } cases[] = {
		{ -12, 400, 0, "+0.0 ms", "<1 ms", "now" }, { -31000000, 4100, 45000000, "-31.0 s", "5 ms", "45 s" },
		{ 7200000000, 2000000, 0, "+2.0 h", ">1 s", "now" } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct show *s = four();
		struct view_frame f = kit_frame(s);
		struct drawn *d;

		s->arm.nodes[0].clock_offset_us = cases[i].offset_us;
		s->arm.nodes[0].clock_bound_us = cases[i].bound_us;
		s->arm.nodes[0].clock_age_us = cases[i].age_us;
		d = kit_draw(&f, &view_arm, 16, 132);
		kit_order(d, (const char *const[]){ "cam 1", cases[i].offset, cases[i].bound, cases[i].age }, 4);
		kit_free(d);
		free(s);
	}
}

static void
what_is_not_told_is_left_empty_and_an_unknown_clock_says_so(void **state)
{
	struct show *s = four();
	struct view_frame f = kit_frame(s);
	struct arm_node *n = &s->arm.nodes[0];
	struct drawn *d;

	(void)state;
	n->has_battery = n->clock_known = false;
	n->storage_minutes = -1;
	n->free_bytes = 12000000000;
	n->width = 0;
	n->thermal[0] = n->auto_lock[0] = '\0';
	d = kit_draw(&f, &view_arm, 16, 132);
	kit_order(d, (const char *const[]){ "cam 1", "armed", "12 GB", "unknown", "ours" }, 5);
	kit_free(d);
	free(s);
}

static void
what_is_against_the_whole_show_stands_above_the_cameras(void **state)
{
	struct show *s = four();
	struct view_frame f = kit_frame(s);
	struct drawn *d;

	(void)state;
	add_line(s, NULL, ARM_RED, ARM_ARCHIVE, "the archive nas is full", "make room there, or keep them elsewhere:  :archive TARGET");
	d = kit_draw(&f, &view_arm, 16, 132);
	kit_order(d, (const char *const[]){ "2 of 3 armed", "! the archive nas is full; make room there, or keep them elsewhere:  :archive TARGET",
		"cam 2" }, 3);
	kit_free(d);
	free(s);
}

static void
names_verdicts_and_cures_stand_in_40_columns(void **state)
{
	struct show *s = four();
	struct view_frame f = kit_frame(s);

	(void)state;
	for (int cols = 40; cols <= 400; cols += 9) {
		struct drawn *d = kit_draw(&f, &view_arm, 30, cols);

		kit_has(d, "cam 2");
		kit_has(d, "NOT ARMED");
		kit_has(d, ":out");
		kit_stays_inside(d);
		kit_free(d);
	}
	free(s);
}

static void
lines_are_as_many_as_are_drawn(void **state)
{
	struct show *s = four();
	struct view_frame f = kit_frame(s);

	(void)state;
	assert_int_equal(view_arm.lines(&f, 132), 9);	/* title, summary, columns, four cameras, two lines */
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_not_armed_comes_first_with_reason_and_cure), cmocka_unit_test(clocks_are_told_as_coarse_as_it_matters),
		cmocka_unit_test(what_is_not_told_is_left_empty_and_an_unknown_clock_says_so),
		cmocka_unit_test(what_is_against_the_whole_show_stands_above_the_cameras),
		cmocka_unit_test(names_verdicts_and_cures_stand_in_40_columns), cmocka_unit_test(lines_are_as_many_as_are_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
