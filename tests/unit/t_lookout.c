/*
 * t_lookout.c - who is watched: program and preview, always those of now, and nobody else.
 */
#include "unit/deck_kit.h"
#include "app/lookout.h"

static char watched[8][ID_BYTES];

static bool
is_watched(const char *node)
{
	for (int i = 0; i < 8; i++)
		if (strcmp(watched[i], node) == 0)
			return true;
	return false;
}

void
preview_watch(struct preview *p, const char *node, bool watches)
{
	(void)p;
	for (int i = 0; i < 8; i++)
		if (strcmp(watched[i], node) == 0)
			watched[i][0] = '\0';
	for (int i = 0; i < 8 && watches; i++)
		if (watched[i][0] == '\0') {
			str_copy(watched[i], ID_BYTES, node);
			return;
		}
}

static int
watched_count(void)
{
	int n = 0;

	for (int i = 0; i < 8; i++)
		n += watched[i][0] != '\0';
	return n;
}

struct set { struct deck_kit *d; void *kit; struct lookout *lookout; };

static int
setup(void **state)
{
	struct set *s = xcalloc(1, sizeof *s);

	memset(watched, 0, sizeof watched);
	s->d = deck_new(&s->kit, 3);
	str_copy(s->d->director.program, ID_BYTES, "cam1");
	s->lookout = lookout_new(NULL, &s->d->director, s->d->k->bus);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct set *s = *state;

	deck_free(s->d, &s->kit);
	free(s);
	return 0;
}

static void
put(struct set *s, const char *program, const char *preview)
{
	str_copy(s->d->director.program, ID_BYTES, program);
	str_copy(s->d->director.preview, ID_BYTES, preview);
	bus_tell(s->d->k->bus, EV_BUSES_CHANGED, NULL, "%s", "");
}

static void
those_on_the_buses_are_watched_and_nobody_else(void **state)
{
	struct set *s = *state;

	assert_true(is_watched("cam1") && watched_count() == 1);
	put(s, "cam1", "cam2");
	assert_true(is_watched("cam1") && is_watched("cam2") && watched_count() == 2);
	put(s, "cam2", "cam1");		/* a swap lets go of nobody */
	assert_true(is_watched("cam1") && is_watched("cam2") && watched_count() == 2);
	put(s, "cam3", "");
	assert_true(is_watched("cam3") && watched_count() == 1);
	put(s, "cam3", "cam3");
	assert_true(is_watched("cam3") && watched_count() == 1);
	put(s, "", "");
	assert_int_equal(watched_count(), 0);
	put(s, "cam1", "cam2");
	lookout_free(s->lookout);
	assert_int_equal(watched_count(), 0);
	lookout_free(NULL);
}

static void
who_came_back_is_watched_again(void **state)
{
	struct set *s = *state;

	put(s, "cam1", "cam2");
	memset(watched, 0, sizeof watched);	/* as when its place in the crew was given up */
	bus_tell(s->d->k->bus, EV_NODE_BACK, "cam1", "%s", "");
	assert_true(is_watched("cam1") && is_watched("cam2"));
	lookout_free(s->lookout);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(those_on_the_buses_are_watched_and_nobody_else, setup, teardown),
		cmocka_unit_test_setup_teardown(who_came_back_is_watched_again, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
