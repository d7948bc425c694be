/*
 * t_show.c - what a screen may say: who really rolls, who is silent, what ended by itself and what never began.
 */
#include "unit/deck_kit.h"
#include "app/countdown.h"
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

static int64_t shot_since_us;

int64_t
director_shot_us(const struct director *d)
{
	(void)d;
	return shot_since_us;
}

/* What a view looks at: the kit's cameras are all on the screen. */
static bool is_looked_at;

bool
preview_is_wanted(const struct preview *p, const char *node)
{
	(void)p;
	(void)node;
	return is_looked_at;
}

/* The newest picture cannot be read; when the last one came that could. */
static bool is_unread;
static int64_t read_us;

bool
preview_is_bad(const struct preview *p, const char *node)
{
	(void)p;
	(void)node;
	return is_unread;
}

int64_t
preview_came_us(const struct preview *p, const char *node)
{
	(void)p;
	(void)node;
	return read_us;
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
	s->d->deck.preview = (struct preview *)s;	/* only asked whether somebody looks */
	is_looked_at = true;
	is_unread = false;
	shot_since_us = 0;
	s->shower = shower_new(&s->d->deck);
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
	s->shower = shower_new(&s->d->deck);
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

/* ---- Ages ---- */

static void
over(struct set *s)
{
	s->d->recordall.rolls = false;
	s->d->recordall.take = NULL;
}

static void
frame(int n, int64_t captured_us, int64_t number)
{
	struct conn *c = deck_cam(n);

	c->fns->frame(c->arg, c, "jpeg", 4, captured_us, number);
}

/* Its clock is ahead by so much, known within a millisecond. */
static void
clock_ahead(struct set *s, int n, int64_t ahead_us)
{
	struct conn *c = deck_cam(n);
	const int64_t now_us = clk_utc_us(&s->d->k->clk);
	const struct offset_sample o = { .sent_us = now_us - 2000, .received_us = now_us, .node_received_us = now_us - 1000 + ahead_us,
		.node_sent_us = now_us - 1000 + ahead_us };

	c->fns->clock(c->arg, c, &o, "epoch");
}

static void
ages_step_at_1_2_5_10_s_while_nothing_rolls(void **state)
{
	static const struct { int64_t age_ms, idle_ms, busy_ms; } cases[] = {
		{ -5, 0, 0 }, { 0, 0, 0 }, { 999, 0, 0 }, { 1000, 1000, 1000 }, { 1999, 1000, 1000 }, { 2000, 2000, 2000 }, { 4999, 2000, 4000 },
		{ 5000, 5000, 5000 }, { 9999, 5000, 9000 }, { 10000, 10000, 10000 }, { 19999, 10000, 19000 }, { 59999, 50000, 59000 },
		{ 60000, 60000, 60000 }, { 119999, 60000, 60000 }, { 3599999, 3540000, 3540000 }, { 3600000, 3600000, 3600000 }, { 7199999, 3600000, 3600000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const int64_t age_us = cases[i].age_ms * 1000;

		assert_int_equal(show_age_step(age_us, true), cases[i].idle_ms * 1000);
		assert_int_equal(show_age_step(age_us, false), cases[i].busy_ms * 1000);
		for (int idle = 0; idle < 2; idle++) {
			const int64_t rest_us = show_age_rest(age_us, idle == 1), here_us = show_age_step(age_us, idle == 1);

			assert_true(rest_us > 0);
			assert_int_equal(show_age_step(age_us + rest_us - 1, idle == 1), here_us);
			assert_true(show_age_step(age_us + rest_us, idle == 1) > here_us);
		}
	}
}

/* The promise that lets a screen sleep: between now and then nothing in it is another, then something is. */
static void
the_snapshot_says_when_time_alone_will_change_it(void **state)
{
	struct set *s = *state;
	struct show *then = xcalloc(1, sizeof *then);

	over(s);
	shot_since_us = clk_utc_us(&s->d->k->clk) - 300000;
	loop_fake_advance(s->d->k->loop, 7300000);	/* all three are lost by now */
	for (int i = 0; i < 60; i++) {
		const int64_t change_us = look(s)->change_us;

		assert_true(change_us > 0 && change_us <= 60000000);
		assert_int_equal((s->show->utc_us + change_us) % 1000000, 0);
		loop_fake_advance(s->d->k->loop, change_us - 1);
		shower_fill(s->shower, then);
		assert_int_equal(then->tiles[0].silent_us, s->show->tiles[0].silent_us);
		assert_int_equal(then->shot_us, s->show->shot_us);
		loop_fake_advance(s->d->k->loop, 1);
		shower_fill(s->shower, then);
		assert_true(then->tiles[0].silent_us != s->show->tiles[0].silent_us || then->shot_us != s->show->shot_us ||
		    then->tiles[0].link_since_us != s->show->tiles[0].link_since_us);
	}
	free(then);
}

/* How many lengths the shot has in ten seconds. */
static int
lengths_of_the_shot(struct set *s)
{
	int64_t before_us = -1;
	int lengths = 0;

	shot_since_us = clk_utc_us(&s->d->k->clk);
	for (int i = 0; i < 10; i++) {
		loop_fake_advance(s->d->k->loop, 1000000);
		lengths += look(s)->shot_us != before_us;
		before_us = s->show->shot_us;
	}
	return lengths;
}

static void
a_shot_is_counted_by_the_second_only_while_shots_are_made(void **state)
{
	struct set *s = *state;
	const struct metro_ask ask = { .by = "key:anna", .at_utc_us = clk_utc_us(&s->d->k->clk) };
	struct err e;

	assert_int_equal(lengths_of_the_shot(s), 10);		/* a take rolls */
	over(s);
	assert_in_range(lengths_of_the_shot(s), 2, 5);
	assert_true(metro_tempo(s->d->deck.metro, 120, &ask, &e));
	assert_int_equal(lengths_of_the_shot(s), 10);
}

static void
an_idle_show_of_live_cameras_stands_still(void **state)
{
	struct set *s = *state;
	struct show *then = xcalloc(1, sizeof *then);

	over(s);
	for (int n = 1; n <= 3; n++)
		fake_health(deck_cam(n), s->health);
	*then = *look(s);
	assert_true(then->idle);
	for (int i = 0; i < 40; i++) {
		loop_fake_advance(s->d->k->loop, 700000);
		for (int n = 1; n <= 3; n++)
			fake_word(deck_cam(n));
		look(s);
		for (int n = 0; n < 3; n++) {
			assert_int_equal(s->show->tiles[n].silent_us, 0);
			assert_int_equal(s->show->tiles[n].picture_age_us, then->tiles[n].picture_age_us);
		}
	}
	free(then);
}

static void
a_running_take_makes_the_show_busy_and_all_seconds_step_together(void **state)
{
	struct set *s = *state;

	for (int n = 1; n <= 3; n++)
		says(s, n, NODE_REC_RECORDING);
	assert_false(look(s)->idle);
	assert_true(s->show->change_us <= 1000000);
	assert_int_equal((s->show->utc_us + s->show->change_us) % 1000000, 0);
	assert_int_equal(s->show->tiles[0].rec_elapsed_us, s->show->tiles[2].rec_elapsed_us);
	over(s);
	assert_false(look(s)->idle);		/* they roll, whosever take it is */
}

/* ---- The age of a picture ---- */

static void
a_picture_is_as_old_as_its_node_says_by_the_clock_between_them(void **state)
{
	struct set *s = *state;
	const struct show_tile *t = &s->show->tiles[0];
	int64_t now_us = clk_utc_us(&s->d->k->clk);

	over(s);
	frame(1, now_us + 5000000 - 3200000, 1);	/* its clock is 5 s ahead; taken 3.2 s ago */
	look(s);
	assert_int_equal(t->picture_age_us, 0);		/* its clock is not known: it has just come */
	assert_int_equal(t->picture_bound_us, -1);
	clock_ahead(s, 1, 5000000);
	frame(1, now_us + 5000000 - 3200000, 2);
	look(s);
	assert_int_equal(t->picture_age_us, 2000000);	/* the step below 3.2 s */
	assert_true(t->picture_bound_us >= 1000 && t->picture_bound_us < 2000);
	assert_true(t->picture_utc_us >= now_us - 3202000 && t->picture_utc_us <= now_us - 3198000);
	is_looked_at = false;
	look(s);
	assert_int_equal(t->picture_age_us, -1);
}

static void
no_clock_makes_a_picture_younger_than_its_arrival_or_absurdly_old(void **state)
{
	struct set *s = *state;
	const struct show_tile *t = &s->show->tiles[0];
	int64_t now_us = clk_utc_us(&s->d->k->clk);

	over(s);
	clock_ahead(s, 1, 0);
	frame(1, now_us + 60000000, 1);			/* taken in a minute from now */
	loop_fake_advance(s->d->k->loop, 5500000);
	fake_word(deck_cam(1));
	look(s);
	assert_int_equal(t->picture_age_us, 5000000);
	frame(1, 12345, 2);				/* counted from when it was switched on */
	look(s);
	assert_int_equal(t->picture_age_us, 0);
	assert_int_equal(t->picture_bound_us, -1);
}

static void
what_cannot_be_read_is_no_picture_however_new(void **state)
{
	struct set *s = *state;
	const struct show_tile *t = &s->show->tiles[0];

	over(s);
	is_unread = true;
	read_us = 0;
	frame(1, 0, 1);
	look(s);
	assert_true(t->picture_unread);
	assert_int_equal(t->picture_age_us, -1);
	read_us = loop_now_us(s->d->k->loop);
	loop_fake_advance(s->d->k->loop, 5500000);
	frame(1, 0, 2);
	look(s);
	assert_int_equal(t->picture_age_us, 5000000);	/* of the last one that could be */
	is_unread = false;
	look(s);
	assert_int_equal(t->picture_age_us, 0);
}

/* On air, too: there it matters most. */
static void
a_frozen_picture_is_told_on_the_program_as_well(void **state)
{
	struct set *s = *state;

	over(s);
	str_copy(s->d->director.program, sizeof s->d->director.program, "cam1");
	for (int i = 0; i < 20; i++) {
		frame(1, 0, 7);
		loop_fake_advance(s->d->k->loop, 200000);
	}
	look(s);
	assert_int_equal(s->show->tiles[0].light, SHOW_PROGRAM);
	assert_true(s->show->tiles[0].frozen);
	assert_string_equal(s->show->tiles[0].why, "its pictures come, but stand still");
}

static void
a_frozen_picture_says_for_how_long(void **state)
{
	struct set *s = *state;

	over(s);
	for (int i = 0; i < 31; i++) {
		frame(1, 0, 7);
		frame(2, 0, i);
		loop_fake_advance(s->d->k->loop, 200000);
	}
	look(s);
	assert_true(s->show->tiles[0].frozen);
	assert_int_equal(s->show->tiles[0].frozen_us, 5000000);
	assert_string_equal(s->show->tiles[0].why, "its pictures come, but stand still");
	assert_false(s->show->tiles[0].picture_unwatched);
	assert_false(s->show->tiles[1].frozen);
	assert_int_equal(s->show->tiles[1].frozen_us, 0);
	is_looked_at = false;			/* a list is looked at: what was seen then is no word of now */
	look(s);
	assert_true(s->show->tiles[0].frozen);
	assert_true(s->show->tiles[0].picture_unwatched);
	assert_int_equal(s->show->tiles[0].frozen_us, 0);
	assert_non_null(strstr(s->show->tiles[0].why, "stood still when last looked at, "));
}

/* ---- Sound ---- */

static void
says_sound(struct set *s, double peak_dbfs, int64_t clips, bool muted)
{
	s->health->has_audio = true;
	s->health->audio = (struct node_audio){ .peak_dbfs = peak_dbfs, .clips = clips, .muted = muted };
	fake_health(deck_cam(1), s->health);
}

static void
sound_is_silent_or_clips_with_its_time_for_a_minute(void **state)
{
	struct set *s = *state;
	const struct show_tile *t = &s->show->tiles[0];
	int64_t clipped_us;

	over(s);
	for (int i = 0; i < 7; i++) {
		says_sound(s, -80, 4, false);
		loop_fake_advance(s->d->k->loop, 1000000);
	}
	look(s);
	assert_true(t->has_audio && t->audio_silent);
	assert_int_equal(t->clip_utc_us, 0);
	says_sound(s, 0, 5, false);
	clipped_us = clk_utc_us(&s->d->k->clk);
	look(s);
	assert_false(t->audio_silent);
	assert_int_equal(t->clip_utc_us, clipped_us);
	for (int i = 0; i < 59; i++) {
		loop_fake_advance(s->d->k->loop, 1000000);
		says_sound(s, -10, 5, false);
	}
	assert_int_equal(look(s)->tiles[0].clip_utc_us, clipped_us);
	assert_true(s->show->change_us <= 1000000);
	loop_fake_advance(s->d->k->loop, 1000000);
	assert_int_equal(look(s)->tiles[0].clip_utc_us, 0);
	says_sound(s, -90, 5, true);
	assert_true(look(s)->tiles[0].muted);
	assert_false(s->show->tiles[0].audio_silent);
}

/* ---- Who is not well, and since when ---- */

static void
a_lost_camera_says_since_when_and_why(void **state)
{
	struct set *s = *state;
	int64_t heard_us;

	over(s);
	fake_health(deck_cam(1), s->health);
	heard_us = clk_utc_us(&s->d->k->clk);
	loop_fake_advance(s->d->k->loop, 7000000);
	look(s);
	assert_int_equal(s->show->tiles[0].link, HEALTH_LOST);
	assert_int_equal(s->show->tiles[0].heard_utc_us, heard_us);
	assert_true(str_has_prefix(s->show->tiles[0].why, "no word since "));
	fake_bye(deck_cam(2), "quit");
	assert_true(str_has_prefix(look(s)->tiles[1].why, "it said bye at "));
}

static void
a_camera_taken_out_says_since_when(void **state)
{
	struct set *s = *state;
	struct registry_node *n = registry_find(s->d->k->reg, "cam2");

	over(s);
	assert_int_equal(look(s)->tiles[1].out_since_us, -1);
	n->out = true;
	str_copy(n->out_reason, sizeof n->out_reason, "battery swap");
	assert_int_equal(look(s)->tiles[1].out_since_us, 0);
	loop_fake_advance(s->d->k->loop, 130000000);
	assert_int_equal(look(s)->tiles[1].out_since_us, 120000000);
	assert_string_equal(s->show->tiles[1].why, "out: battery swap");
	n->out = false;
	assert_int_equal(look(s)->tiles[1].out_since_us, -1);
	/* A console that comes upon it so does not know. */
	n->out = true;
	shower_free(s->shower);
	s->shower = shower_new(&s->d->deck);
	assert_int_equal(look(s)->tiles[1].out_since_us, -1);
}

static void
what_stopped_says_since_when_it_stands(void **state)
{
	struct set *s = *state;
	struct take_device *d = says(s, 1, NODE_REC_RECORDING);
	const int64_t now_us = clk_utc_us(&s->d->k->clk);
	struct node_recording idle = { .state = NODE_REC_IDLE };

	d->rec_since_us = now_us - 40000000;
	s->health->recording = idle;
	fake_health(deck_cam(1), s->health);
	take_heard(d, &idle, "001", "sphere", now_us - 33000000);
	d->heard_us = now_us - 33000000;
	look(s);
	assert_true(s->show->tiles[0].stopped_unasked);
	assert_int_equal(s->show->tiles[0].stopped_after_us, 7000000);
	assert_int_equal(s->show->tiles[0].stopped_since_us, 33000000);
}

static void
a_clone_is_a_conflict_that_names_the_other(void **state)
{
	struct set *s = *state;

	over(s);
	registry_find(s->d->k->reg, "cam3")->conflict = true;
	look(s);
	assert_true(s->show->tiles[2].conflict);
	assert_string_equal(s->show->tiles[2].why, "another device has its id. Reset the camera app of one");
	assert_false(s->show->tiles[0].conflict);
}

static void
a_camera_that_another_console_holds_says_whose_it_is(void **state)
{
	struct set *s = *state;
	struct claims claims = { .trouble = "held by \"Morning show\" (ben@studio2): release it there" };

	over(s);
	s->d->deck.claims = &claims;
	str_copy(registry_find(s->d->k->reg, "cam1")->held_by, MAX_NAME_BYTES, "\"Morning show\" (ben@studio2)");
	look(s);
	assert_true(s->show->tiles[0].held);
	assert_string_equal(s->show->tiles[0].why, claims.trouble);
	assert_false(s->show->tiles[2].held);
	s->d->deck.claims = NULL;
}

static void
a_light_that_does_not_follow_is_told_when_it_had_time_to(void **state)
{
	struct set *s = *state;
	const struct show_tile *t = &s->show->tiles[0];

	over(s);
	str_copy(s->d->director.program, ID_BYTES, "cam1");
	s->health->has_tally = true;
	s->health->tally = NODE_TALLY_OFF;
	fake_health(deck_cam(1), s->health);
	look(s);
	assert_int_equal(s->show->tally_asked, 1);
	assert_int_equal(s->show->tally_ok, 0);
	assert_false(t->tally_differs);
	assert_true(s->show->change_us <= 1500000);
	loop_fake_advance(s->d->k->loop, 1500000);
	assert_true(look(s)->tiles[0].tally_differs);
	s->health->tally = NODE_TALLY_PROGRAM;
	fake_health(deck_cam(1), s->health);
	assert_false(look(s)->tiles[0].tally_differs);
	assert_int_equal(s->show->tally_ok, 1);
}

/* ---- Log, alarms, next ---- */

static void
the_log_keeps_node_and_topic_of_its_newest_lines(void **state)
{
	struct set *s = *state;
	const struct show_log *l;
	int64_t total;

	total = look(s)->log_total;
	bus_tell(s->d->k->bus, EV_CUT, "cam2", "%s", "from 1");
	bus_tell(s->d->k->bus, EV_NOTICE, NULL, "%s", "a notice");
	look(s);
	assert_int_equal(s->show->log_total, total + 2);
	l = &s->show->log[s->show->log_count - 2];
	assert_string_equal(l->node, "cam2");
	assert_string_equal(l->topic, "cut");
	assert_string_equal(l[1].topic, "notice");
	assert_string_equal(l[1].node, "");
	assert_string_equal(l[1].text, "a notice");
	for (int i = 0; i < 3 * SHOW_LOG; i++) {
		bus_tell(s->d->k->bus, EV_MARKER, "cam1", "mark %d", i);
		kit_deaf(s->d->k);
	}
	look(s);
	assert_int_equal(s->show->log_count, SHOW_LOG);
	assert_non_null(strstr(s->show->log[SHOW_LOG - 1].text, "mark 767"));
	assert_non_null(strstr(s->show->log[0].text, "mark 512"));
	assert_string_equal(s->show->log[0].node, "cam1");
}

static void
an_alarm_comes_with_its_few_words(void **state)
{
	struct set *s = *state;

	over(s);
	fake_health(deck_cam(1), s->health);
	loop_fake_advance(s->d->k->loop, 7000000);	/* the other two have not spoken either: one blow */
	look(s);
	assert_int_equal(s->show->alarm_count, 1);
	assert_non_null(strstr(s->show->alarms[0].text, "3 cameras LOST at once"));
	assert_string_equal(s->show->alarms[0].brief, "3 cameras LOST: see to the network  :view mesh");
}

static void
a_roll_sent_ahead_is_what_comes_next(void **state)
{
	struct set *s = *state;

	s->take.started_us = clk_utc_us(&s->d->k->clk) + 4500000;
	take_ask(&s->take, "cam1", 1, "", s->take.started_us);
	assert_string_equal(look(s)->next, "take 001 rolls in 5 s");
	loop_fake_advance(s->d->k->loop, s->show->change_us);
	assert_string_equal(look(s)->next, "take 001 rolls in 4 s");
	loop_fake_advance(s->d->k->loop, 5000000);
	assert_string_equal(look(s)->next, "");
}

static void
clock_and_what_waits_for_it_step_with_the_beat(void **state)
{
	struct set *s = *state;
	const struct metro_ask ask = { .by = "key:anna", .at_utc_us = clk_utc_us(&s->d->k->clk) };
	struct err e;

	assert_false(look(s)->beat.runs);
	assert_true(metro_tempo(s->d->deck.metro, 120, &ask, &e));
	s->d->director.pends = true;
	s->d->director.asked.beat = 2;
	str_copy(s->d->director.asked_to, sizeof s->d->director.asked_to, "cam2");
	assert_true(look(s)->beat.runs);
	assert_int_equal(s->show->beat.beat, 1);
	assert_true(s->show->pending.any && !s->show->pending.is_bar);
	assert_int_equal(s->show->pending.number, 2);
	assert_string_equal(s->show->pending.name, "cam2");
	assert_int_equal(s->show->pending.beats, 2);
	assert_true(s->show->change_us <= 500000);
	loop_fake_advance(s->d->k->loop, 500000);
	assert_int_equal(look(s)->beat.beat, 2);
	s->d->director.asked.beat = 1;
	assert_int_equal(look(s)->pending.beats, 1);
	assert_true(s->show->change_us > 400000 && s->show->change_us <= 500000);
}

/* ---- The last cut ---- */

static void
last_tells_a_cut_whoever_made_it_and_the_command_after_it(void **state)
{
	struct set *s = *state;
	struct director_cut *c = &s->d->director.last;

	shower_last(s->shower, true, "12:00:00.000  tag one  by key (anna)  on disk");
	*c = (struct director_cut){ .any = true, .at_us = SINCE_US + 204000, .acked = 1, .asked = 3, .from = "cam1", .to = "cam2", .by = "auto" };
	assert_string_equal(look(s)->last, "12:00:00.000  tag one  by key (anna)  on disk");
	bus_tell(s->d->k->bus, EV_CUT, "cam2", "from cam1");
	assert_non_null(strstr(look(s)->last, ".204  cut 1 cam1 > 2 cam2  by auto  1/3"));
	assert_false(s->show->can_undo);
	assert_true(s->show->last_ok);
	c->is_rescue = true;
	assert_non_null(strstr(look(s)->last, ".204  cut 1 cam1 > 2 cam2  by program-lost  1/3"));
	c->is_rescue = false;
	c->acked = 2;
	c->took_us = 6200;
	c->on_disk = true;
	str_copy(c->by, sizeof c->by, "cue:/shows/podcast.cue:14");
	str_copy(s->d->director.before, ID_BYTES, "cam1");
	assert_non_null(strstr(look(s)->last, "  by cue podcast.cue:14  2/3 in 6.2 ms  on disk"));
	assert_true(s->show->can_undo);
	assert_false(s->show->last_ok);
	c->to[0] = '\0';
	str_copy(c->by, sizeof c->by, "key:anna");
	assert_non_null(strstr(look(s)->last, "  cut 1 cam1 > black  by key (anna)"));
	shower_last(s->shower, true, "12:00:09.000  strike  by key (anna)  on disk");
	assert_string_equal(look(s)->last, "12:00:09.000  strike  by key (anna)  on disk");
	assert_false(s->show->can_undo);
}

static void
a_lost_program_names_the_ways_out(void **state)
{
	struct set *s = *state;
	struct director *d = &s->d->director;
	struct err e;

	assert_false(look(s)->lost.any);
	str_copy(d->program, ID_BYTES, "cam1");
	str_copy(d->preview, ID_BYTES, "cam2");
	d->lost = (struct director_lost){ .program = "cam1", .since_us = clk_utc_us(&s->d->k->clk) - 2150000, .safe = "cam3" };
	assert_true(look(s)->lost.any && !s->show->lost.frozen);
	assert_string_equal(s->show->lost.name, "cam1");
	assert_int_equal(s->show->lost.since_us, 2150000);
	assert_string_equal(s->show->lost.space, "cam2");
	assert_string_equal(s->show->lost.safe, "cam3");
	assert_true(s->show->change_us <= 100000);
	/* Preview is where it is lost itself: no way out, nor is nobody. */
	str_copy(d->preview, ID_BYTES, "cam1");
	d->lost.safe[0] = '\0';
	d->lost.is_frozen = true;
	assert_true(look(s)->lost.any && s->show->lost.frozen);
	assert_string_equal(s->show->lost.space, "");
	assert_string_equal(s->show->lost.safe, "");
	d->lost.since_us -= 60000000;
	assert_true(look(s)->change_us > 100000);
	str_copy(d->preview, ID_BYTES, "cam2");
	assert_true(opt_assign(s->d->deck.settings, "program-lost", "stay", &e));
	assert_true(look(s)->lost.any);
	assert_string_equal(s->show->lost.space, "");
}

/* It lives as long as the deck points to it: the kit has no writer of journals that would take its line. */
static void
a_countdown_steps_with_the_clock_beside_it(void **state)
{
	struct set *s = *state;
	struct countdown *c = countdown_new(s->d->deck.scribe, s->d->k->bus, &s->d->k->clk);
	const int64_t now_us = clk_utc_us(&s->d->k->clk);
	struct err e;

	assert_false(look(s)->countdown.any);
	s->d->deck.countdown = c;
	s->d->recordall.rolls = true;
	assert_true(countdown_set(c, "out", now_us + 1049400000, "key:anna", NULL, NULL, &e));
	assert_true(look(s)->countdown.any);
	assert_string_equal(s->show->countdown.name, "out");
	assert_int_equal(s->show->countdown.left_us, 1049400000);
	assert_true(s->show->change_us <= 400000);
	loop_fake_advance(s->d->k->loop, 1050000000);
	assert_int_equal(look(s)->countdown.left_us, -600000);
	assert_true(s->show->change_us <= 400000);
	s->d->deck.countdown = NULL;
	countdown_free(c);
}

static void
a_caption_stands_for_a_while(void **state)
{
	struct set *s = *state;

	assert_string_equal(look(s)->caption, "");
	bus_tell(s->d->k->bus, EV_CAPTION, NULL, "Space cuts");
	assert_string_equal(look(s)->caption, "Space cuts");
	assert_int_equal(s->show->caption_age_us, 0);
	loop_fake_advance(s->d->k->loop, 19000000);
	assert_string_equal(look(s)->caption, "Space cuts");
	assert_true(s->show->change_us <= 1000000);
	loop_fake_advance(s->d->k->loop, 1000000);
	assert_string_equal(look(s)->caption, "");
	assert_true(s->show->caption_age_us == INT64_MAX);
}

static void
clients_are_counted_as_told(void **state)
{
	struct set *s = *state;

	assert_int_equal(look(s)->clients, 0);
	shower_clients(s->shower, 3);
	assert_int_equal(look(s)->clients, 3);
}

/* ---- Files ---- */

static int rushes_stand_in;

static struct show_file *
file_at(struct set *s, int index, const char *word)
{
	assert_true(s->show->file_count > index);
	assert_string_equal(s->show->files[index].word, word);
	return &s->show->files[index];
}

static void
save(struct set *s, int n)
{
	char id[16];
	struct node_file f = { .part = 1, .bytes = 27000000, .complete = true, .start_us = SINCE_US, .end_us = SINCE_US + 1, .duration_ms = 1 };

	snprintf(id, sizeof id, "cam%d", n);
	snprintf(f.id, sizeof f.id, "rec-%d", n);
	str_copy(f.file_name, sizeof f.file_name, "x.mp4");
	take_device(&s->take, id)->stop_asked = true;
	assert_true(take_saved(take_device(&s->take, id), &f, "{}", NULL, SINCE_US + 2));
}

static void
a_rolling_camera_shows_what_it_has_written_and_a_silent_one_that_it_is_silent(void **state)
{
	struct set *s = *state;

	manifest_add_take(sphere_manifest(s->d->deck.sphere), "001", "");
	says(s, 1, NODE_REC_RECORDING);
	says(s, 2, NODE_REC_RECORDING);
	for (int i = 0; i < 8; i++) {
		loop_fake_advance(s->d->k->loop, 1000000);
		fake_word(deck_cam(1));
	}
	shower_fill(s->shower, s->show);
	assert_int_equal(s->show->file_count, 2);
	assert_int_equal(file_at(s, 0, "recording")->bytes, 2000);
	assert_string_equal(file_at(s, 1, "silent")->why, "no word from it; it was recording when last heard");
	assert_int_equal(s->show->takes[0].recording, 1);	/* as the header counts */
	assert_true(take_go(take_device(&s->take, "cam2"), TAKE_STOPPING, NULL, SINCE_US + 9));
	shower_fill(s->shower, s->show);
	assert_string_equal(file_at(s, 1, "silent")->why, "no word from it; it was recording when last heard, and may roll on");
}

static void
a_file_on_its_way_shows_the_engine_s_word_and_a_home_one_the_proof_s(void **state)
{
	struct haul_news news = { .state = HAUL_MOVING, .bytes = 12000000, .total_bytes = 27000000, .rate_bytes = 4100000, .left_us = 3600000 };
	struct set *s = *state;
	struct show_file *f;

	manifest_add_take(sphere_manifest(s->d->deck.sphere), "001", "");
	says(s, 1, NODE_REC_RECORDING);
	save(s, 1);
	s->d->recordall.rolls = false;
	shower_fill(s->shower, s->show);
	f = file_at(s, 0, "on camera");
	assert_int_equal(f->total_bytes, 27000000);
	s->d->deck.rushes = (struct rushes *)(void *)&rushes_stand_in;
	fake_news = &news;
	fake_totals = (struct haul_totals){ .wishes = 3, .ended = 1, .moving = 1, .bytes = 12000000, .total_bytes = 54000000, .left_us = 9000000 };
	shower_fill(s->shower, s->show);
	f = file_at(s, 0, "fetching");
	assert_true(f->moves);
	assert_int_equal(f->bytes, 12000000);
	assert_int_equal(f->left_us, 3600000);
	assert_int_equal(s->show->fetch.files, 2);
	assert_true(s->show->change_us <= 1000000);	/* its figures are others in a second */
	fake_paused = true;
	shower_fill(s->shower, s->show);
	assert_false(file_at(s, 0, "paused")->moves);
	assert_true(s->show->fetch.paused);
	fake_paused = false;
	news.state = HAUL_FULL;
	err_set(&news.err, ERR_REFUSED, "the disk is full");
	shower_fill(s->shower, s->show);
	assert_string_equal(file_at(s, 0, "no room")->why, "the disk is full");
	fake_news = NULL;
	fake_totals = (struct haul_totals){ .wishes = 0 };
	take_part_go(take_device(&s->take, "cam1"), 1, TAKE_FETCHING, NULL, SINCE_US);
	take_part_go(take_device(&s->take, "cam1"), 1, TAKE_FETCHED, NULL, SINCE_US);
	take_part_go(take_device(&s->take, "cam1"), 1, TAKE_VERIFIED, NULL, SINCE_US);
	shower_fill(s->shower, s->show);
	assert_int_equal(file_at(s, 0, "verified")->state, TAKE_VERIFIED);
	s->d->deck.rushes = NULL;
}

static void
a_failed_camera_says_why_and_its_file_has_a_line_of_its_own(void **state)
{
	struct set *s = *state;
	struct take_device *d;

	manifest_add_take(sphere_manifest(s->d->deck.sphere), "001", "");
	d = says(s, 1, NODE_REC_RECORDING);
	take_go(d, TAKE_FAILED, "stopped by itself: heat", SINCE_US + 9000000);
	str_copy(says(s, 2, NODE_REC_RECORDING)->not_armed, 256, "storage for 3 min only");
	save(s, 1);
	shower_fill(s->shower, s->show);
	assert_string_equal(file_at(s, 0, "failed")->why, "stopped by itself: heat");
	assert_int_equal(s->show->files[0].part, 0);
	assert_int_equal(file_at(s, 1, "on camera")->part, 1);
	assert_string_equal(file_at(s, 2, "recording")->why, "rolled, not armed: storage for 3 min only");
}

/* ---- Armed, and room ---- */

static void
the_snapshot_says_who_is_armed_and_a_clock_is_old_only_when_it_is(void **state)
{
	struct set *s = *state;

	s->d->recordall.rolls = false;
	s->health->has_storage = s->health->has_format = true;
	s->health->free_bytes = 60000000;
	s->health->format.bitrate_bps = 8000000;
	fake_health(deck_cam(1), s->health);
	shower_fill(s->shower, s->show);
	assert_int_equal(s->show->arm.asked, 3);
	assert_int_equal(s->show->arm.armed, 2);
	assert_false(s->show->arm.is_armed);
	assert_int_equal(s->show->arm.nodes[0].verdict, ARM_RED);
	assert_int_equal(s->show->tiles[0].full_soon_us, 0);
	s->health->has_recording = true;
	s->health->recording = (struct node_recording){ .state = NODE_REC_RECORDING, .since_us = SINCE_US, .take = "001" };
	fake_health(deck_cam(1), s->health);
	shower_fill(s->shower, s->show);
	assert_int_equal(s->show->tiles[0].full_soon_us, 60000000);
	assert_int_equal(s->show->tiles[0].storage_minutes, 1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(only_what_is_heard_recording_is_counted_as_rolling), TEST(a_camera_of_the_take_that_is_not_there_is_silent),
		TEST(a_camera_that_refused_did_not_stop), TEST(what_crashed_shows_how_long_it_ran_and_not_when_it_was_found),
		TEST(an_earlier_console_s_takes_keep_their_times), TEST(an_address_that_fails_is_a_stranger_with_cameras_present),
		TEST(ages_step_at_1_2_5_10_s_while_nothing_rolls), TEST(the_snapshot_says_when_time_alone_will_change_it),
		TEST(a_shot_is_counted_by_the_second_only_while_shots_are_made),
		TEST(an_idle_show_of_live_cameras_stands_still), TEST(a_running_take_makes_the_show_busy_and_all_seconds_step_together),
		TEST(a_picture_is_as_old_as_its_node_says_by_the_clock_between_them),
		TEST(no_clock_makes_a_picture_younger_than_its_arrival_or_absurdly_old), TEST(a_frozen_picture_says_for_how_long),
		TEST(what_cannot_be_read_is_no_picture_however_new), TEST(a_frozen_picture_is_told_on_the_program_as_well),
		TEST(sound_is_silent_or_clips_with_its_time_for_a_minute), TEST(a_lost_camera_says_since_when_and_why),
		TEST(a_camera_taken_out_says_since_when), TEST(what_stopped_says_since_when_it_stands),
		TEST(a_clone_is_a_conflict_that_names_the_other), TEST(a_camera_that_another_console_holds_says_whose_it_is), TEST(a_light_that_does_not_follow_is_told_when_it_had_time_to),
		TEST(the_log_keeps_node_and_topic_of_its_newest_lines), TEST(an_alarm_comes_with_its_few_words),
		TEST(a_roll_sent_ahead_is_what_comes_next), TEST(clock_and_what_waits_for_it_step_with_the_beat),
		TEST(last_tells_a_cut_whoever_made_it_and_the_command_after_it), TEST(clients_are_counted_as_told),
		TEST(a_lost_program_names_the_ways_out), TEST(a_countdown_steps_with_the_clock_beside_it), TEST(a_caption_stands_for_a_while),
		TEST(the_mesh_is_taken_with_what_is_off), TEST(the_empty_sheet_keeps_its_advice_whatever_is_tried),
		TEST(a_rolling_camera_shows_what_it_has_written_and_a_silent_one_that_it_is_silent),
		TEST(a_file_on_its_way_shows_the_engine_s_word_and_a_home_one_the_proof_s),
		TEST(a_failed_camera_says_why_and_its_file_has_a_line_of_its_own),
		TEST(the_snapshot_says_who_is_armed_and_a_clock_is_old_only_when_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
