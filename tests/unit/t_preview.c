/*
 * t_preview.c - the newest frame wins, at the wanted rate, and only for who is looked at.  Decoding is a stand-in:
 * the first byte of a "JPEG" becomes the first pixel; '!' cannot be decoded, '/' in part only,
 * 's' takes 50 ms.
 */
#include "unit/crew_kit.h"
#include <time.h>
#include "app/preview.h"
#include "io/jpg.h"

struct jpg_decoder { int used; bool saw_damage; };

struct jpg_decoder *
jpg_decoder_new(void)
{
	return xcalloc(1, sizeof(struct jpg_decoder));
}

void
jpg_decoder_free(struct jpg_decoder *d)
{
	free(d);
}

bool
jpg_decoder_read(struct jpg_decoder *d, struct thumb *out, const void *jpeg, size_t len, int box_w, int box_h,
    int *full_w, int *full_h, struct err *e)
{
	assert_true(len > 0);
	assert_null(full_w);
	assert_null(full_h);
	d->used++;
	d->saw_damage = *(const char *)jpeg == '/';
	if (*(const char *)jpeg == 's')
		for (const clock_t began = clock(); clock() - began < CLOCKS_PER_SEC / 20;)
			continue;
	if (*(const char *)jpeg == '!') {
		thumb_fini(out);
		return err_set(e, ERR_FORMAT, "60000 x 60000: too large");
	}
	if (out->rgb == NULL || out->width_px != box_w || out->height_px != box_h) {
		thumb_fini(out);
		thumb_init(out, box_w, box_h);
	}
	out->rgb[0] = *(const uint8_t *)jpeg;
	return true;
}

bool
jpg_decoder_saw_damage(const struct jpg_decoder *d)
{
	return d->saw_damage;
}

struct set {
	struct kit *k;
	struct preview *p;
};

static int
setup(void **state)
{
	struct set *s = xcalloc(1, sizeof *s);
	void *k;

	kit_setup(&k);
	s->k = k;
	s->p = preview_new(s->k->loop, s->k->crew, s->k->bus, s->k->settings);
	kit_member(s->k, 1);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct set *s = *state;
	void *k = s->k;

	preview_free(s->p);
	free(s);
	return kit_teardown(&k);
}

static struct conn *
cam1(void)
{
	return fake_conn("10.0.0.1");
}

/* Each with bytes of its own, as from a camera that sees something. */
static void
frame(struct conn *c, char picture)
{
	static int count;
	char bytes[16];

	c->fns->frame(c->arg, c, bytes, (size_t)snprintf(bytes, sizeof bytes, "%c%d", picture, count++) + 1, 0, -1);
}

static void
same_frame(struct conn *c, char picture, int64_t taken_us)
{
	c->fns->frame(c->arg, c, &picture, 1, taken_us, -1);
}

static char
shown(struct set *s, const char *node)
{
	const struct thumb *t = preview_thumb(s->p, node, NULL);

	return t != NULL ? (char)t->rgb[0] : '0';
}

static void
a_frame_becomes_a_thumb_of_the_wanted_size(void **state)
{
	struct set *s = *state;
	unsigned serial = 0;

	preview_want(s->p, "cam1", 320, 180, 10);
	assert_null(preview_thumb(s->p, "cam1", &serial));
	frame(cam1(), 'a');
	loop_fake_advance(s->k->loop, 0);
	assert_int_equal(shown(s, "cam1"), 'a');
	assert_int_equal(preview_thumb(s->p, "cam1", &serial)->width_px, 320);
	assert_int_equal(serial, 1);
	assert_int_equal(s->k->inner[EV_TILE_DIRTY], 1);
	assert_int_equal(preview_decoded_count(s->p), 1);
	loop_fake_advance(s->k->loop, 200000);
	frame(cam1(), 'b');
	loop_fake_advance(s->k->loop, 0);
	preview_thumb(s->p, "cam1", &serial);
	assert_int_equal(serial, 2);
}

static void
who_is_not_looked_at_is_neither_sent_nor_decoded(void **state)
{
	struct set *s = *state;

	frame(cam1(), 'a');
	preview_want(s->p, "cam1", 320, 180, 10);
	preview_want(s->p, "cam1", 0, 0, 0);
	frame(cam1(), 'b');
	loop_fake_advance(s->k->loop, 9000000);
	assert_int_equal(cam1()->width_px, 320);		/* perhaps only a list is looked at */
	loop_fake_advance(s->k->loop, 1100000);
	assert_int_equal(cam1()->width_px, 0);
	frame(cam1(), 'c');
	loop_fake_advance(s->k->loop, 1000000);
	assert_int_equal(preview_decoded_count(s->p), 0);
	assert_null(preview_thumb(s->p, "cam1", NULL));
	assert_null(preview_thumb(s->p, "nobody", NULL));
}

static void
a_frame_that_waits_is_dropped_when_nobody_looks_any_more(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	frame(cam1(), 'a');
	frame(cam1(), 'b');		/* waits for its turn */
	loop_fake_turn(s->k->loop);
	preview_want(s->p, "cam1", 0, 0, 0);
	loop_fake_advance(s->k->loop, 1000000);
	assert_int_equal(preview_decoded_count(s->p), 1);
}

static void
the_newest_waiting_frame_wins(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	for (char picture = 'a'; picture <= 'f'; picture++)
		frame(cam1(), picture);
	loop_fake_advance(s->k->loop, 0);
	assert_int_equal(shown(s, "cam1"), 'a');
	loop_fake_advance(s->k->loop, 100000);
	assert_int_equal(shown(s, "cam1"), 'f');
	assert_int_equal(preview_decoded_count(s->p), 2);
}

/* Frames at this interval for ten seconds. */
static int
decoded_of(struct set *s, int64_t interval_us)
{
	const int64_t before = preview_decoded_count(s->p);

	for (int64_t at_us = 0; at_us < 10000000; at_us += interval_us) {
		frame(cam1(), 'x');
		loop_fake_advance(s->k->loop, interval_us);
	}
	return (int)(preview_decoded_count(s->p) - before);
}

static void
the_wanted_rate_is_met_and_not_exceeded(void **state)
{
	struct set *s = *state;
	int count;

	preview_want(s->p, "cam1", 320, 180, 10);
	count = decoded_of(s, 33333);
	assert_in_range(count, 99, 101);	/* of 300 */
	count = decoded_of(s, 100500);
	assert_in_range(count, 98, 101);	/* a stream at about that rate loses none */
	preview_want(s->p, "cam1", 320, 180, 2);
	count = decoded_of(s, 33333);
	assert_in_range(count, 19, 22);
}

static void
the_setting_caps_the_rate(void **state)
{
	struct set *s = *state;
	int count;

	preview_want(s->p, "cam1", 320, 180, 25);
	assert_int_equal(cam1()->fps, 10);
	kit_set(s->k, "preview-fps", "5");
	assert_int_equal(cam1()->fps, 5);
	count = decoded_of(s, 33333);
	assert_in_range(count, 49, 52);
}

static void
small_changes_of_the_layout_do_not_reopen_the_stream(void **state)
{
	static const struct { int want_px, asked_px; } steps[] = {
		{ 300, 320 }, { 310, 320 }, { 320, 320 }, { 330, 480 }, { 300, 480 }, { 250, 480 }, { 240, 480 }, { 2000, 1920 },
	};
	struct set *s = *state;

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		preview_want(s->p, "cam1", steps[i].want_px, 180, 10);
		assert_int_equal(cam1()->width_px, steps[i].asked_px);
	}
	assert_int_equal(cam1()->previews, 3);
}

/* Frames every 100 ms for so long. */
static void
frames_for(struct set *s, int64_t for_us)
{
	for (int64_t at_us = 0; at_us < for_us; at_us += 100000) {
		frame(cam1(), 'x');
		loop_fake_advance(s->k->loop, 100000);
	}
}

static void
who_is_watched_sends_a_little_whatever_is_shown(void **state)
{
	struct set *s = *state;

	preview_watch(s->p, "cam1", true);
	assert_int_equal(cam1()->width_px, 160);
	assert_int_equal(cam1()->fps, 2);
	assert_true(preview_is_wanted(s->p, "cam1"));
	frame(cam1(), 'a');
	loop_fake_advance(s->k->loop, 1000000);
	assert_int_equal(preview_decoded_count(s->p), 0);
	assert_null(preview_thumb(s->p, "cam1", NULL));
	/* Shown, it sends what is shown; left, after a while what is watched. */
	preview_want(s->p, "cam1", 320, 180, 10);
	assert_int_equal(cam1()->width_px, 320);
	preview_want(s->p, "cam1", 0, 0, 0);
	assert_int_equal(cam1()->width_px, 320);
	loop_fake_advance(s->k->loop, 11000000);
	assert_int_equal(cam1()->width_px, 160);
	assert_int_equal(cam1()->fps, 2);
	preview_watch(s->p, "cam1", false);
	assert_int_equal(cam1()->width_px, 0);
	assert_false(preview_is_wanted(s->p, "cam1"));
	preview_watch(s->p, "nobody", false);
}

static void
less_is_asked_of_a_node_only_after_a_while(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 640, 360, 10);
	frames_for(s, 1000000);
	for (int i = 0; i < 10; i++) {		/* a governor that cannot make up its mind */
		preview_want(s->p, "cam1", 160, 90, 2);
		frames_for(s, 3000000);
		preview_want(s->p, "cam1", 640, 360, 10);
		frames_for(s, 500000);
	}
	assert_int_equal(cam1()->previews, 1);
	preview_want(s->p, "cam1", 160, 90, 2);
	frames_for(s, 4000000);
	assert_int_equal(cam1()->previews, 1);
	frames_for(s, 2000000);
	assert_int_equal(cam1()->previews, 2);
	assert_int_equal(cam1()->width_px, 160);
	assert_int_equal(cam1()->fps, 2);
	preview_want(s->p, "cam1", 640, 360, 2);	/* more: at once, and the rate stays */
	assert_int_equal(cam1()->width_px, 640);
	assert_int_equal(cam1()->fps, 2);
}

static void
the_same_bytes_are_not_decoded_again(void **state)
{
	struct set *s = *state;
	unsigned serial;

	preview_want(s->p, "cam1", 320, 180, 10);
	for (int i = 1; i <= 50; i++) {
		same_frame(cam1(), 'a', 1000 * i);
		loop_fake_advance(s->k->loop, 100000);
	}
	assert_int_equal(preview_decoded_count(s->p), 1);
	assert_int_equal(preview_same_count(s->p), 49);
	assert_int_equal(s->k->inner[EV_TILE_DIRTY], 1);
	preview_thumb(s->p, "cam1", &serial);
	assert_int_equal(serial, 1);
	assert_int_equal(preview_taken_us(s->p, "cam1"), 50000);	/* it is as fresh as its last coming */
	same_frame(cam1(), 'b', 60000);
	loop_fake_advance(s->k->loop, 100000);
	assert_int_equal(shown(s, "cam1"), 'b');
	same_frame(cam1(), 'a', 70000);
	loop_fake_advance(s->k->loop, 100000);
	assert_int_equal(shown(s, "cam1"), 'a');
	assert_int_equal(preview_decoded_count(s->p), 3);
}

static void
the_same_bad_bytes_are_not_tried_again(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	same_frame(cam1(), 'a', 1000);
	loop_fake_advance(s->k->loop, 100000);
	for (int i = 0; i < 5; i++) {
		same_frame(cam1(), '!', 2000 + i);
		loop_fake_advance(s->k->loop, 100000);
	}
	assert_int_equal(preview_same_count(s->p), 4);
	assert_int_equal(preview_taken_us(s->p, "cam1"), 1000);	/* 'a' did not become any fresher */
	assert_string_equal(crew_find(s->k->crew, "cam1")->picture_trouble, "60000 x 60000: too large");
	same_frame(cam1(), 'a', 9000);
	loop_fake_advance(s->k->loop, 100000);
	assert_string_equal(crew_find(s->k->crew, "cam1")->picture_trouble, "");
	assert_int_equal(preview_taken_us(s->p, "cam1"), 9000);
}

static void
another_size_is_made_of_the_newest_picture_at_once(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	frame(cam1(), 'a');
	loop_fake_advance(s->k->loop, 200000);
	preview_want(s->p, "cam1", 640, 360, 10);
	assert_int_equal(shown(s, "cam1"), 'a');	/* until then the old one: no hole */
	loop_fake_advance(s->k->loop, 0);
	assert_int_equal(shown(s, "cam1"), 'a');
	assert_int_equal(preview_thumb(s->p, "cam1", NULL)->width_px, 640);
	frame(cam1(), 'b');
	loop_fake_turn(s->k->loop);
	preview_want(s->p, "cam1", 160, 90, 10);
	loop_fake_advance(s->k->loop, 500000);
	assert_int_equal(shown(s, "cam1"), 'b');
	assert_int_equal(preview_thumb(s->p, "cam1", NULL)->width_px, 160);
	assert_int_equal(preview_decoded_count(s->p), 3);
}

static void
another_size_never_brings_an_older_picture_back(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	frame(cam1(), 'a');
	loop_fake_advance(s->k->loop, 200000);
	frame(cam1(), 'b');				/* in work while the size changes */
	preview_want(s->p, "cam1", 640, 360, 10);
	for (int i = 0; i < 5; i++) {
		loop_fake_advance(s->k->loop, 100000);
		assert_int_equal(shown(s, "cam1"), 'b');
	}
	assert_int_equal(preview_thumb(s->p, "cam1", NULL)->width_px, 640);
}

static void
a_picture_that_costs_much_is_followed_by_a_rest(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	frame(cam1(), 's');
	loop_fake_advance(s->k->loop, 100000);
	frame(cam1(), 'b');
	loop_fake_advance(s->k->loop, 90000);
	assert_int_equal(shown(s, "cam1"), 's');	/* 200 ms from its end on */
	frames_for(s, 1000000);
	assert_int_equal(shown(s, "cam1"), 'x');
	assert_in_range(preview_decoded_count(s->p), 8, 11);
}

/* Its turn on the screen is far: pictures come and go, and only the newest is decoded when it is near. */
static void
who_pulls_gets_one_decode_each_of_the_newest(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	frame(cam1(), 'a');
	loop_fake_advance(s->k->loop, 100000);
	preview_pull(s->p, "cam1");
	frame(cam1(), 'b');
	loop_fake_advance(s->k->loop, 100000);
	assert_int_equal(shown(s, "cam1"), 'b');
	assert_false(preview_is_behind(s->p, "cam1", 50000));
	for (char picture = 'c'; picture <= 'g'; picture++) {
		frame(cam1(), picture);
		loop_fake_advance(s->k->loop, 100000);
	}
	assert_int_equal(shown(s, "cam1"), 'b');
	assert_int_equal(preview_decoded_count(s->p), 2);
	assert_true(preview_is_behind(s->p, "cam1", 250000));
	preview_pull(s->p, "cam1");
	loop_fake_advance(s->k->loop, 0);
	assert_int_equal(shown(s, "cam1"), 'g');
	assert_int_equal(preview_decoded_count(s->p), 3);
	assert_false(preview_is_behind(s->p, "cam1", 250000));
	preview_pull(s->p, "nobody");
	assert_false(preview_is_behind(s->p, "nobody", 0));
}

static void
a_pull_before_its_time_waits_for_it(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	frame(cam1(), 'a');
	loop_fake_advance(s->k->loop, 10000);
	frame(cam1(), 'b');
	preview_pull(s->p, "cam1");
	loop_fake_advance(s->k->loop, 40000);
	assert_int_equal(shown(s, "cam1"), 'a');
	loop_fake_advance(s->k->loop, 60000);
	assert_int_equal(shown(s, "cam1"), 'b');
}

static void
a_bad_picture_does_not_use_a_pull_up(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	preview_pull(s->p, "cam1");
	frame(cam1(), '!');
	loop_fake_advance(s->k->loop, 100000);
	frame(cam1(), 'b');
	loop_fake_advance(s->k->loop, 100000);
	assert_int_equal(shown(s, "cam1"), 'b');
}

static void
another_size_waits_for_no_pull(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	preview_pull(s->p, "cam1");
	frame(cam1(), 'a');
	loop_fake_advance(s->k->loop, 100000);
	preview_want(s->p, "cam1", 640, 360, 10);
	loop_fake_advance(s->k->loop, 100000);
	assert_int_equal(preview_thumb(s->p, "cam1", NULL)->width_px, 640);
}

static void
who_looks_again_need_not_pull(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	preview_pull(s->p, "cam1");
	frame(cam1(), 'a');
	loop_fake_advance(s->k->loop, 100000);
	preview_want(s->p, "cam1", 0, 0, 0);
	loop_fake_advance(s->k->loop, 100000);
	preview_want(s->p, "cam1", 320, 180, 10);
	frame(cam1(), 'b');
	loop_fake_advance(s->k->loop, 100000);
	assert_int_equal(shown(s, "cam1"), 'b');
}

static void
an_old_picture_is_not_shown_again_to_who_looks_again(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	frame(cam1(), 'a');
	loop_fake_advance(s->k->loop, 100000);
	preview_want(s->p, "cam1", 0, 0, 0);
	loop_fake_advance(s->k->loop, 500000);
	preview_want(s->p, "cam1", 320, 180, 10);
	assert_int_equal(shown(s, "cam1"), 'a');	/* there and back */
	preview_want(s->p, "cam1", 0, 0, 0);
	loop_fake_advance(s->k->loop, 60000000);
	preview_want(s->p, "cam1", 320, 180, 10);
	assert_null(preview_thumb(s->p, "cam1", NULL));
	assert_int_equal(preview_taken_us(s->p, "cam1"), 0);
	assert_int_equal(preview_came_us(s->p, "cam1"), 0);
}

/* Neither the stream nor the newest picture has to be waited for. */
static void
who_comes_back_from_a_list_has_the_newest_picture_at_once(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	frame(cam1(), 'a');
	loop_fake_advance(s->k->loop, 100000);
	preview_want(s->p, "cam1", 0, 0, 0);
	for (char picture = 'b'; picture <= 'e'; picture++) {
		loop_fake_advance(s->k->loop, 1000000);
		frame(cam1(), picture);
	}
	assert_int_equal(preview_decoded_count(s->p), 1);
	assert_false(preview_is_wanted(s->p, "cam1"));
	preview_want(s->p, "cam1", 320, 180, 10);
	assert_int_equal(shown(s, "cam1"), 'a');	/* old, and the tile says so, but not black */
	loop_fake_advance(s->k->loop, 0);
	assert_int_equal(shown(s, "cam1"), 'e');
	assert_int_equal(cam1()->width_px, 320);
	loop_fake_advance(s->k->loop, 20000000);
	assert_int_equal(cam1()->width_px, 320);		/* the wait for who left is over with his return */
}

static void
a_pictures_time_is_that_of_the_one_shown(void **state)
{
	struct set *s = *state;
	const int64_t before_us = loop_now_us(s->k->loop);

	preview_want(s->p, "cam1", 320, 180, 10);
	same_frame(cam1(), 'a', 5000);
	loop_fake_advance(s->k->loop, 30000);
	same_frame(cam1(), 'b', 35000);			/* waits for its turn */
	assert_int_equal(preview_taken_us(s->p, "cam1"), 5000);
	assert_int_equal(preview_came_us(s->p, "cam1"), before_us);
	loop_fake_advance(s->k->loop, 100000);
	assert_int_equal(preview_taken_us(s->p, "cam1"), 35000);
	assert_int_equal(preview_came_us(s->p, "cam1"), before_us + 30000);
	assert_int_equal(preview_taken_us(s->p, "nobody"), 0);
}

static void
a_wish_outlives_the_conn(void **state)
{
	struct set *s = *state;
	struct conn *new;

	preview_want(s->p, "cam1", 320, 180, 10);
	fake_go(cam1(), CONN_BACKOFF, "no route to host");
	fake_identify(cam1(), "cam2", "New phone");	/* another device has its address: that conn is ended */
	kit_sight("10.0.9.9", 8081, "cam1");
	new = fake_conn("10.0.9.9");
	fake_come_alive(new, "cam1", "cam1");
	assert_int_equal(new->width_px, 320);
	assert_int_equal(new->previews, 1);
}

static void
a_wish_waits_for_a_node_that_is_not_there_yet(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam2", 160, 90, 10);
	kit_member(s->k, 2);
	assert_int_equal(fake_conn("10.0.0.2")->width_px, 160);
}

static void
a_picture_that_cannot_be_decoded_is_told_until_one_can(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	frame(cam1(), 'a');
	loop_fake_advance(s->k->loop, 100000);
	frame(cam1(), '!');
	loop_fake_advance(s->k->loop, 100000);
	assert_string_equal(crew_find(s->k->crew, "cam1")->picture_trouble, "60000 x 60000: too large");
	assert_int_equal(shown(s, "cam1"), 'a');
	assert_true(preview_is_bad(s->p, "cam1"));
	frame(cam1(), 'b');
	loop_fake_advance(s->k->loop, 100000);
	assert_string_equal(crew_find(s->k->crew, "cam1")->picture_trouble, "");
	assert_int_equal(shown(s, "cam1"), 'b');
}

static void
damaged_pictures_are_shown_and_told_until_a_whole_one_comes(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	for (int i = 0; i < 2; i++) {
		frame(cam1(), '/');
		loop_fake_advance(s->k->loop, 100000);
		assert_int_equal(shown(s, "cam1"), '/');
		assert_false(preview_is_bad(s->p, "cam1"));
		assert_string_equal(crew_find(s->k->crew, "cam1")->picture_trouble, "pictures come damaged");
	}
	frame(cam1(), 'b');
	loop_fake_advance(s->k->loop, 100000);
	assert_string_equal(crew_find(s->k->crew, "cam1")->picture_trouble, "");
}

/* A frozen encoder's frames differ late, in their numbers burnt in: all bytes count, however alike they begin. */
static void
pictures_that_differ_in_their_last_byte_are_two(void **state)
{
	struct set *s = *state;
	static char bytes[5000];
	struct conn *c = cam1();

	memset(bytes, 'x', sizeof bytes);
	preview_want(s->p, "cam1", 320, 180, 10);
	for (char last = '1'; last <= '3'; last++) {
		bytes[sizeof bytes - 1] = last;
		c->fns->frame(c->arg, c, bytes, sizeof bytes, 0, -1);
		loop_fake_advance(s->k->loop, 200000);
	}
	assert_int_equal(preview_decoded_count(s->p), 3);
	assert_int_equal(preview_same_count(s->p), 0);
}

static void
a_node_may_leave_while_its_picture_is_decoded(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	frame(cam1(), 'a');
	frame(cam1(), 'b');
	crew_forget(s->k->crew, "cam1");
	preview_want(s->p, "cam1", 320, 180, 10);	/* the view has not noticed yet */
	loop_fake_advance(s->k->loop, 1000000);
	assert_int_equal(preview_decoded_count(s->p), 0);
	assert_null(preview_thumb(s->p, "cam1", NULL));
}

static void
the_end_may_come_while_a_picture_is_decoded(void **state)
{
	struct set *s = *state;

	preview_want(s->p, "cam1", 320, 180, 10);
	frame(cam1(), 'a');
	frame(cam1(), 'b');
	preview_free(s->p);
	s->p = NULL;
	frame(cam1(), 'c');
	loop_fake_advance(s->k->loop, 1000000);
}

static void
the_pictures_held_at_once_are_bounded(void **state)
{
	struct set *s = *state;
	const size_t len = MAX_JPEG_FRAME;
	char *huge = xcalloc(1, len), id[32];

	huge[0] = 'h';
	for (int n = 1; n <= 20; n++) {
		struct conn *c = n == 1 ? cam1() : kit_member(s->k, n);

		snprintf(id, sizeof id, "cam%d", n);
		preview_want(s->p, id, 16, 9, 10);
		c->fns->frame(c->arg, c, huge, len, 0, -1);
	}
	loop_fake_advance(s->k->loop, 0);
	assert_in_range(preview_decoded_count(s->p), 8, 12);	/* 20 were sent at once */
	cam1()->fns->frame(cam1()->arg, cam1(), huge, len, 0, -1);
	loop_fake_advance(s->k->loop, 200000);
	assert_in_range(preview_decoded_count(s->p), 9, 13);	/* room again */
	free(huge);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_frame_becomes_a_thumb_of_the_wanted_size),
		TEST(who_is_not_looked_at_is_neither_sent_nor_decoded),
		TEST(a_frame_that_waits_is_dropped_when_nobody_looks_any_more),
		TEST(the_newest_waiting_frame_wins),
		TEST(the_wanted_rate_is_met_and_not_exceeded),
		TEST(the_setting_caps_the_rate),
		TEST(small_changes_of_the_layout_do_not_reopen_the_stream),
		TEST(who_is_watched_sends_a_little_whatever_is_shown),
		TEST(less_is_asked_of_a_node_only_after_a_while),
		TEST(the_same_bytes_are_not_decoded_again),
		TEST(the_same_bad_bytes_are_not_tried_again),
		TEST(another_size_is_made_of_the_newest_picture_at_once),
		TEST(another_size_never_brings_an_older_picture_back),
		TEST(a_picture_that_costs_much_is_followed_by_a_rest),
		TEST(who_pulls_gets_one_decode_each_of_the_newest),
		TEST(a_pull_before_its_time_waits_for_it),
		TEST(a_bad_picture_does_not_use_a_pull_up),
		TEST(another_size_waits_for_no_pull),
		TEST(who_looks_again_need_not_pull),
		TEST(an_old_picture_is_not_shown_again_to_who_looks_again),
		TEST(who_comes_back_from_a_list_has_the_newest_picture_at_once),
		TEST(a_pictures_time_is_that_of_the_one_shown),
		TEST(a_wish_outlives_the_conn),
		TEST(a_wish_waits_for_a_node_that_is_not_there_yet),
		TEST(a_picture_that_cannot_be_decoded_is_told_until_one_can),
		TEST(damaged_pictures_are_shown_and_told_until_a_whole_one_comes),
		TEST(pictures_that_differ_in_their_last_byte_are_two),
		TEST(a_node_may_leave_while_its_picture_is_decoded),
		TEST(the_end_may_come_while_a_picture_is_decoded),
		TEST(the_pictures_held_at_once_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
