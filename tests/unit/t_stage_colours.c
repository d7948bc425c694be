/*
 * t_stage_colours.c - when the colours of a screen are chosen again, and when nothing happens at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "support/loop_fake.h"
#include "ui/stage_colours.h"

#define SECOND_US 1000000

struct bench {
	struct loop *loop;
	struct stage_colours *colours;
	struct thumb t;
	bool is_narrow, is_leaving;
	int asked, changed;
	bool is_used[SIXEL_PALETTE_COLOURS], is_all_used_later;
};

static void
leave(void *arg)
{
	struct bench *b = arg;

	stage_colours_free(b->colours);
	b->colours = NULL;
}

static void
on_uses(void *arg, bool *marks)
{
	struct bench *b = arg;

	memcpy(marks, b->is_used, sizeof b->is_used);
	if (b->is_all_used_later)
		memset(b->is_used, true, sizeof b->is_used);
}

static bool
on_sample(void *arg, struct sixel_learn *l)
{
	struct bench *b = arg;

	b->asked++;
	if (b->is_narrow)
		return false;
	sixel_learn_add(l, &b->t, 3);
	if (b->is_leaving)
		loop_defer(b->loop, leave, b);		/* when the work has been given away and not come back */
	return true;
}

static void
on_changed(void *arg)
{
	((struct bench *)arg)->changed++;
}

static void
show(struct bench *b, int red, int green, int blue)
{
	const uint8_t rgb[3] = { (uint8_t)red, (uint8_t)green, (uint8_t)blue };

	for (int i = 0; i < b->t.width_px * b->t.height_px; i++)
		memcpy(b->t.rgb + 3 * i, rgb, 3);
}

static int
set_up(void **state)
{
	static struct bench b;

	memset(&b, 0, sizeof b);
	b.loop = loop_fake_new();
	b.colours = stage_colours_new(b.loop, &(struct stage_colours_fns){ on_uses, on_sample, on_changed }, &b);
	stage_colours_fit(b.colours, 256);
	assert_true(thumb_init(&b.t, 80, 45));
	show(&b, 96, 145, 85);
	*state = &b;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *b = *state;

	stage_colours_free(b->colours);
	assert_int_equal(loop_fake_alive(b->loop), 0);
	loop_free(b->loop);
	thumb_fini(&b->t);
	return 0;
}

static void
colours_are_chosen_once_pictures_have_settled(void **state)
{
	struct bench *b = *state;

	stage_colours_laid_out(b->colours);
	loop_fake_advance(b->loop, SECOND_US);
	stage_colours_laid_out(b->colours);		/* and again: the window is being dragged */
	loop_fake_advance(b->loop, SECOND_US);
	assert_int_equal(b->asked, 0);
	loop_fake_advance(b->loop, 10 * SECOND_US);
	assert_int_equal(b->asked, 1);
	assert_int_equal(b->changed, 1);
	assert_int_equal(stage_colours_palette(b->colours)->serial, 1);
	assert_true(loop_fake_is_asleep(b->loop));
}

static void
what_stays_the_same_keeps_its_colours(void **state)
{
	struct bench *b = *state;

	stage_colours_laid_out(b->colours);
	for (int i = 0; i < 300; i++) {
		loop_fake_advance(b->loop, SECOND_US / 10);
		stage_colours_stir(b->colours);
	}
	assert_in_range(b->asked, 4, 8);		/* it is looked at now and then */
	assert_int_equal(b->changed, 1);
}

static void
another_scene_gets_its_own(void **state)
{
	struct bench *b = *state;

	stage_colours_laid_out(b->colours);
	loop_fake_advance(b->loop, 2 * SECOND_US);
	assert_int_equal(b->changed, 1);
	show(b, 150, 30, 100);
	stage_colours_stir(b->colours);
	loop_fake_advance(b->loop, 6 * SECOND_US);
	assert_int_equal(b->changed, 2);
	assert_true(loop_fake_is_asleep(b->loop));	/* nothing changes: no timer */
}

static void
learn_noise(struct bench *b, unsigned random)
{
	for (int i = 0; i < b->t.width_px * b->t.height_px * 3; i++) {
		random = random * 1103515245 + 12345;
		b->t.rgb[i] = (uint8_t)(random >> 16 & 0x7f);
	}
	stage_colours_laid_out(b->colours);
	loop_fake_advance(b->loop, 20 * SECOND_US);
}

static int
jumps(const struct sixel_palette *p, const uint8_t (*before)[3], const bool *of)
{
	int count = 0;

	for (int c = 0; c < SIXEL_PALETTE_COLOURS; c++)
		count += of[c] && sixel_palette_jumps(before[c], p->rgb[c]);
	return count;
}

/* Where registers are the whole screen's, what is painted with one would look otherwise at once. */
static void
colours_on_the_screen_never_jump(void **state)
{
	struct bench *b = *state;
	const struct sixel_palette *p = stage_colours_palette(b->colours);
	uint8_t before[SIXEL_PALETTE_COLOURS][3];
	bool is_free[SIXEL_PALETTE_COLOURS];

	memcpy(before, p->rgb, sizeof before);
	for (int c = 0; c < SIXEL_PALETTE_COLOURS; c++)
		is_free[c] = !(b->is_used[c] = c % 3 != 0);
	for (int look = 0; look < 3; look++) {
		b->changed = 0;
		stage_colours_laid_out(b->colours);
		memcpy(before, p->rgb, sizeof before);
		show(b, 40 + 70 * look, 145, 85);
		loop_fake_advance(b->loop, 3 * SECOND_US);
		assert_int_equal(jumps(p, (const uint8_t (*)[3])before, b->is_used), 0);
	}
	memcpy(before, p->rgb, sizeof before);
	learn_noise(b, 5);
	assert_in_range(b->changed, 1, 8);
	assert_in_range(jumps(p, (const uint8_t (*)[3])before, is_free), 5, SIXEL_PALETTE_COLOURS);
	assert_true(loop_fake_is_asleep(b->loop));
}

/* Pictures go on being painted while better colours are sought. */
static void
colours_that_came_into_use_meanwhile_do_not_jump_either(void **state)
{
	struct bench *b = *state;
	const struct sixel_palette *p = stage_colours_palette(b->colours);
	uint8_t before[SIXEL_PALETTE_COLOURS][3];
	bool all[SIXEL_PALETTE_COLOURS];

	memcpy(before, p->rgb, sizeof before);
	memset(all, true, sizeof all);
	b->is_all_used_later = true;
	learn_noise(b, 7);
	assert_int_equal(jumps(p, (const uint8_t (*)[3])before, all), 0);
}

static void
what_cannot_be_mended_is_not_tried_for_ever(void **state)
{
	struct bench *b = *state;

	show(b, 255, 255, 255);				/* a fixed colour: there is no better one */
	stage_colours_laid_out(b->colours);
	for (int i = 0; i < 30; i++) {
		stage_colours_stir(b->colours);
		loop_fake_advance(b->loop, SECOND_US);
	}
	assert_int_equal(b->changed, 0);
	assert_int_equal(stage_colours_palette(b->colours)->serial, 0);
}

static void
a_narrow_line_waits_until_it_is_wide_again(void **state)
{
	struct bench *b = *state;

	b->is_narrow = true;
	stage_colours_laid_out(b->colours);
	loop_fake_advance(b->loop, 3 * SECOND_US);
	assert_int_equal(b->asked, 1);
	assert_int_equal(b->changed, 0);
	assert_true(loop_fake_is_asleep(b->loop));
	b->is_narrow = false;
	stage_colours_stir(b->colours);
	loop_fake_advance(b->loop, 6 * SECOND_US);
	assert_int_equal(b->changed, 1);		/* still owed from the layout */
}

static void
a_choice_under_way_outlives_the_screen(void **state)
{
	struct bench *b = *state;

	b->is_leaving = true;
	stage_colours_laid_out(b->colours);
	loop_fake_advance(b->loop, 3 * SECOND_US);
	assert_int_equal(b->asked, 1);
	assert_int_equal(b->changed, 0);
	assert_null(b->colours);
}

static void
another_terminal_is_told_anew_but_keeps_what_was_learned(void **state)
{
	struct bench *b = *state;
	struct sixel_palette *p = stage_colours_palette(b->colours);
	uint8_t learned[SIXEL_PALETTE_COLOURS][3];

	stage_colours_laid_out(b->colours);
	loop_fake_advance(b->loop, 2 * SECOND_US);
	memcpy(learned, p->rgb, sizeof learned);
	memset(p->is_told, true, sizeof p->is_told);
	stage_colours_laid_out(b->colours);
	stage_colours_fit(b->colours, 100);
	assert_true(loop_fake_is_asleep(b->loop));
	assert_false(p->is_told[0]);
	assert_int_equal(p->registers, 100);
	assert_memory_equal(learned, p->rgb, sizeof learned);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(colours_are_chosen_once_pictures_have_settled, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_stays_the_same_keeps_its_colours, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_scene_gets_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(colours_on_the_screen_never_jump, set_up, tear_down),
		cmocka_unit_test_setup_teardown(colours_that_came_into_use_meanwhile_do_not_jump_either, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_mended_is_not_tried_for_ever, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_narrow_line_waits_until_it_is_wide_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_choice_under_way_outlives_the_screen, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_terminal_is_told_anew_but_keeps_what_was_learned, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
