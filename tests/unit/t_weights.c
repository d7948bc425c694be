/*
 * t_weights.c - what a list of weights says of a camera, and which lists are none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "app/weights.h"
#include "base/str.h"

struct world {
	struct registry *reg;
	struct registry_node *left, *guest, *desk;
};

static struct registry_node *
add(struct registry *reg, const char *id, int number, const char *label, unsigned roles)
{
	struct registry_node *n = registry_remember(reg, id);

	n->number = number;
	n->roles = roles;
	str_copy(n->label, sizeof n->label, label);
	return n;
}

static int
setup(void **state)
{
	static struct world w;

	w.reg = registry_new();
	w.left = add(w.reg, "id-left", 1, "left", ROLE(CAMERA));
	w.guest = add(w.reg, "id-guest", 2, "right guest", ROLE(GUEST) | ROLE(SAFE));
	w.desk = add(w.reg, "id-desk", 3, "a=b", ROLE(CAMERA));
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	registry_free(((struct world *)*state)->reg);
	return 0;
}

static void
who_is_not_named_is_worth_one(void **state)
{
	const struct world *w = *state;

	assert_true(weights_of("", w->reg, w->left) == 1);
	assert_true(weights_of("left=3", w->reg, w->guest) == 1);
}

static void
a_name_counts_before_a_role_and_a_role_before_all(void **state)
{
	const struct world *w = *state;
	const char *text = "right guest=2.5,@guest=4,all=0.5";

	assert_true(weights_of(text, w->reg, w->guest) == 2.5);
	assert_true(weights_of("@guest=4,all=0.5", w->reg, w->guest) == 4);
	assert_true(weights_of(text, w->reg, w->left) == 0.5);
	assert_true(weights_of("all=0,left=1", w->reg, w->desk) == 0);
}

static void
of_the_same_rank_the_last_counts(void **state)
{
	const struct world *w = *state;

	assert_true(weights_of("@guest=4,@safe=0", w->reg, w->guest) == 0);
	assert_true(weights_of("left=1,1=7", w->reg, w->left) == 7);
	assert_true(weights_of("all=2,all=3", w->reg, w->left) == 3);
}

static void
a_number_and_any_case_name_a_camera(void **state)
{
	const struct world *w = *state;

	assert_true(weights_of("2=0", w->reg, w->guest) == 0);
	assert_true(weights_of(" LEFT=9 , 3=1", w->reg, w->left) == 9);
}

static void
a_name_may_hold_the_sign_itself(void **state)
{
	const struct world *w = *state;

	assert_true(weights_of("a=b=6", w->reg, w->desk) == 6);
}

/* Also without a camera of that name: it may come. */
static void
what_is_a_list_is_told_without_cameras(void **state)
{
	static const char *const good[] = { "", " ", "x=1", "x=0,y=1000,", "@safe=0.25", "all=0" };
	static const char *const bad[] = { "x", "x=", "=1", "x=-1", "x=1001", "x=1e9", "x=nan", "x=one", ",", "x=1,,y=2", "@boss=1", "\"x\"=1", "-x=1" };
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(weights_check(good[i], &e));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		e = (struct err){ .kind = ERR_NONE };
		assert_false(weights_check(bad[i], &e));
		assert_int_equal(e.kind, ERR_USAGE);
		assert_non_null(strstr(e.text, "expected"));
	}
}

static void
a_name_nobody_has_is_found(void **state)
{
	const struct world *w = *state;
	char name[MAX_NAME_BYTES];

	assert_false(weights_stranger("left=1,@guest=2,all=3", w->reg, name, sizeof name));
	assert_true(weights_stranger("left=1,lefft=2", w->reg, name, sizeof name));
	assert_string_equal(name, "lefft");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_is_not_named_is_worth_one),
		TEST(a_name_counts_before_a_role_and_a_role_before_all),
		TEST(of_the_same_rank_the_last_counts),
		TEST(a_number_and_any_case_name_a_camera),
		TEST(a_name_may_hold_the_sign_itself),
		TEST(what_is_a_list_is_told_without_cameras),
		TEST(a_name_nobody_has_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
