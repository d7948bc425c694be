/*
 * t_show.c - what a screen may say: who really rolls, who is silent, what ended by itself and what never began.
 */
#include "unit/deck_kit.h"
#include "app/mesh.h"
#include "app/show.h"
#include "support/scratch.h"

#define SINCE_US 1763700000000000LL

int64_t
recordall_elapsed_us(const struct recordall *r, int64_t now_us)
{
	(void)r;
	return now_us - SINCE_US;
}

int64_t
director_shot_us(const struct director *d)
{
	(void)d;
	return 0;
}

struct set {
	struct deck_kit *d;
	void *kit;
	char *folder;
	struct shower *shower;
	struct show *show;
	struct take take;
	struct node_health *health;
};

static void
open_folder(struct set *s)
{
	struct err e = { .kind = ERR_NONE };

	s->d->deck.sphere = sphere_open(scratch_path(s->folder, "s"), "", SINCE_US, &e);
	assert_non_null(s->d->deck.sphere);
}

static int
setup(void **state)
{
	struct set *s = xcalloc(1, sizeof *s);

	s->d = deck_new(&s->kit, 3);
	s->folder = scratch_new();
	setenv("XDG_STATE_HOME", scratch_path(s->folder, "state"), 1);
	open_folder(s);
	s->show = xcalloc(1, sizeof *s->show);
	s->health = xcalloc(1, sizeof *s->health);
	take_init(&s->take, "001", "", 1, "sphere", TAKE_WILLING, SINCE_US);
	s->d->recordall.take = &s->take;
	s->d->recordall.rolls = true;
	s->shower = shower_new(&s->d->deck, false);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct set *s = *state;

	shower_free(s->shower);
	sphere_close(s->d->deck.sphere);
	take_fini(&s->take);
	deck_free(s->d, &s->kit);
	scratch_free(s->folder);
	free(s->show);
	free(s->health);
	free(s);
	return 0;
}

/* The camera is in the take and says this of it; its file grows. */
static struct take_device *
says(struct set *s, int n, enum node_rec state)
{
	char id[16];
	struct take_device *d;
	struct node_recording *r = &s->health->recording;

	snprintf(id, sizeof id, "cam%d", n);
	d = take_ask(&s->take, id, n, "", SINCE_US);
	*r = (struct node_recording){ .state = state, .since_us = state == NODE_REC_IDLE ? 0 : SINCE_US, .take = "001" };
	s->health->has_recording = true;
	for (int i = 0; i < 2; i++) {
		r->bytes += 1000;
		fake_health(deck_cam(n), s->health);
	}
	take_heard(d, r, "001", "sphere", SINCE_US + 5000000);
	return take_device(&s->take, id);
}

static const struct show *
look(struct set *s)
{
	shower_fill(s->shower, s->show);
	return s->show;
}

static void
only_what_is_heard_recording_is_counted_as_rolling(void **state)
{
	struct set *s = *state;

	for (int n = 1; n <= 3; n++)
		says(s, n, NODE_REC_RECORDING);
	assert_int_equal(look(s)->rolling_count, 3);
	assert_int_equal(s->show->silent_count, 0);
	loop_fake_advance(s->d->k->loop, 3500000);	/* 2 and 3 fall silent */
	says(s, 1, NODE_REC_RECORDING);
	assert_int_equal(look(s)->rolling_count, 1);
	assert_int_equal(s->show->silent_count, 2);
	assert_int_equal(s->show->rolling_asked, 3);
}

static void
a_camera_of_the_take_that_is_not_there_is_silent(void **state)
{
	struct set *s = *state;

	says(s, 1, NODE_REC_RECORDING);
	take_go(take_ask(&s->take, "elsewhere", 9, "", SINCE_US), TAKE_RECORDING, NULL, SINCE_US);
	assert_int_equal(look(s)->rolling_count, 1);
	assert_int_equal(s->show->silent_count, 1);
}

static void
a_camera_that_refused_did_not_stop(void **state)
{
	struct set *s = *state;
	struct take_device *d = says(s, 1, NODE_REC_IDLE);

	take_go(d, TAKE_FAILED, "refused, busy: another app has the camera", SINCE_US);
	says(s, 2, NODE_REC_RECORDING);
	assert_false(look(s)->tiles[0].stopped_unasked);
	assert_string_equal(s->show->tiles[0].why, "did not roll: refused, busy: another app has the camera");
	assert_int_equal(s->show->stopped_count, 0);
}

static void
what_crashed_shows_how_long_it_ran_and_not_when_it_was_found(void **state)
{
	struct set *s = *state;
	struct take_device *d = says(s, 1, NODE_REC_RECORDING);
	struct node_recording idle = { .state = NODE_REC_IDLE };
	struct node_file file = { .id = "rec", .take = "001", .part = 1, .start_us = SINCE_US, .duration_ms = 5200, .error = "crash" };

	s->health->recording = idle;
	fake_health(deck_cam(1), s->health);
	take_heard(d, &idle, "001", "sphere", SINCE_US + 60000000);
	assert_true(look(s)->tiles[0].stopped_unasked);
	assert_int_equal(s->show->tiles[0].stopped_after_us, 5000000);
	take_saved(d, &file, "{}", NULL, SINCE_US + 61000000);
	assert_int_equal(look(s)->tiles[0].stopped_after_us, 5200000);
	assert_string_equal(s->show->tiles[0].why, "stopped by itself: crash");
}

static void
an_earlier_console_s_takes_keep_their_times(void **state)
{
	struct set *s = *state;
	struct err e = { .kind = ERR_NONE };
	char path[512], *text;

	s->take.stopped_us = SINCE_US + 9000000;
	assert_true(sphere_make_take_folder(s->d->deck.sphere, "001", &e));
	snprintf(path, sizeof path, "s/takes/001/take.json");
	text = sphere_print_take(&s->take);
	scratch_write(scratch_path(s->folder, path), text);
	free(text);
	manifest_add_take(sphere_manifest(s->d->deck.sphere), "001", "");
	manifest_add_take(sphere_manifest(s->d->deck.sphere), "002", "");
	shower_free(s->shower);
	s->shower = shower_new(&s->d->deck, false);
	str_copy(s->take.take, sizeof s->take.take, "002");	/* the newest is another one */
	s->take.started_us = SINCE_US + 60000000;
	s->take.stopped_us = 0;
	assert_int_equal(look(s)->take_count, 2);
	assert_string_equal(s->show->takes[1].take, "001");
	assert_int_equal(s->show->takes[1].started_us, SINCE_US);
	assert_int_equal(s->show->takes[1].stopped_us, SINCE_US + 9000000);
	assert_int_equal(s->show->takes[0].started_us, SINCE_US + 60000000);
}

static void
an_address_that_fails_is_a_stranger_with_cameras_present(void **state)
{
	struct set *s = *state;

	deck_do(s->d, "node add 127.0.0.1:9");
	assert_int_equal(look(s)->stranger_total, 0);
	fake_go(fake_conn("127.0.0.1"), CONN_BACKOFF, "connection refused");
	assert_int_equal(look(s)->stranger_total, 1);
	assert_string_equal(s->show->strangers[0], "127.0.0.1:9: connection refused");
	assert_int_equal(s->d->k->inner[EV_NOTICE], 1);
	fake_go(fake_conn("127.0.0.1"), CONN_BACKOFF, "connection refused");
	assert_int_equal(s->d->k->inner[EV_NOTICE], 1);		/* said once */
}

static void
the_mesh_is_taken_with_what_is_off(void **state)
{
	struct set *s = *state;
	struct mesh_off off[] = { { "sweep", VIA_SWEEP, "--sweep off" }, { "names", VIA_MDNS_NAME, "--probe off" } };
	struct mesh *m;

	shower_off(s->shower, off, 2);
	off[0].sentence[0] = '\0';		/* it keeps a copy */
	m = shower_mesh(s->shower);
	assert_int_equal(m->node_count, 3);
	assert_string_equal(m->nodes[0].id, "cam1");
	assert_int_equal(m->nodes[0].path_count, 1);
	assert_string_equal(m->nodes[0].paths[0].place, "10.0.0.1:8081");
	assert_int_equal(m->source_count, 3);		/* the kit's own, and those two */
	assert_string_equal(m->sources[1].sentence, "--sweep off");
	assert_true(m->sources[2].is_off);
	mesh_free(m);
}

static void
the_empty_sheet_keeps_its_advice_whatever_is_tried(void **state)
{
	struct set *s = *state;
	char text[64];

	for (int i = 1; i <= 3; i++) {
		snprintf(text, sizeof text, "cam%d", i);
		crew_forget(s->d->k->crew, text);
	}
	for (int i = 1; i < 40; i++) {
		snprintf(text, sizeof text, "node add 127.0.0.1:%d", i);
		deck_do(s->d, text);
	}
	assert_non_null(strstr(look(s)->searching, "127.0.0.1:1: "));
	assert_non_null(strstr(s->show->searching, "Type :node add HOST[:PORT] for a camera whose address you know. :view mesh says more"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(only_what_is_heard_recording_is_counted_as_rolling), TEST(a_camera_of_the_take_that_is_not_there_is_silent),
		TEST(a_camera_that_refused_did_not_stop), TEST(what_crashed_shows_how_long_it_ran_and_not_when_it_was_found),
		TEST(an_earlier_console_s_takes_keep_their_times), TEST(an_address_that_fails_is_a_stranger_with_cameras_present),
		TEST(the_mesh_is_taken_with_what_is_off), TEST(the_empty_sheet_keeps_its_advice_whatever_is_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
