/*
 * t_haul.c - files fetched from a server that has bad days: drops, stalls, refusals, other answers than asked for; each
 * ends verified, goes on by itself, or ends with its reason.
 */
#include "unit/haul_kit.h"

#define MB (1024 * 1024LL)

static void
file_comes_home_verified(void **state)
{
	struct bench *b = *state;
	struct file f;

	kit_file(b, &f, 3 * MB + 17, 1);
	kit_wish(&f);
	kit_verified(&f);
	assert_int_equal(f.seen[HAUL_FETCHED], 1);	/* told apart, in order */
	assert_true(f.fetched_us <= f.ended_us);
	assert_true(f.last.received_bytes >= f.bytes);
	assert_true(f.last.received_bytes < f.bytes + 2000);
	assert_false(f.last.was_here);
}

static void
empty_and_tiny_files_come_home(void **state)
{
	struct bench *b = *state;
	struct file empty, tiny;

	kit_file(b, &empty, 0, 2);
	kit_file(b, &tiny, 1, 3);
	kit_wish(&empty);
	kit_wish(&tiny);
	kit_verified(&empty);
	kit_verified(&tiny);
}

static void
drops_are_resumed_where_they_were(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .drop_count = 5, .drops = { 1, 100000, 100001, 2 * MB, 4 * MB - 1 } };
	struct file_server_seen seen;
	char etag[64];
	struct file f;

	kit_file(b, &f, 4 * MB, 4);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_verified(&f);
	file_server_seen(b->server, f.number, &seen);
	assert_int_equal(seen.requests, 6);
	assert_int_equal(seen.answered_206, 5);
	assert_int_equal(seen.last_from, 4 * MB - 1);
	file_server_etag(b->server, f.number, etag, sizeof etag);
	assert_string_equal(seen.last_if_range, etag);
	assert_int_equal(seen.body_bytes, f.bytes);	/* not one byte was sent twice */
	assert_int_equal(f.last.bad_tries, 0);
}

static void
resets_cost_only_what_lay_in_the_socket(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .drop_count = 3, .drops = { MB, 2 * MB, 3 * MB }, .reset = true };
	struct file f;

	kit_file(b, &f, 4 * MB, 5);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_verified(&f);
}

static void
stall_ends_a_connection_not_the_file(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .stall_at = MB, .stall_times = 2 };
	struct file_server_seen seen;
	struct file f;

	kit_be_patient(b);
	kit_file(b, &f, 2 * MB, 6);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_verified(&f);
	file_server_seen(b->server, f.number, &seen);
	assert_int_equal(seen.requests, 3);
	assert_int_equal(seen.last_from, MB);
	assert_non_null(strstr(f.trouble, "no byte for 0.3 s"));
}

static void
busy_node_is_asked_again(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .refuse_times = 3, .refuse_status = 503,
		.refuse_body = "{\"ok\":false,\"error\":{\"code\":\"busy\",\"message\":\"The card is being checked.\"}}" };
	struct file f;

	kit_be_patient(b);
	kit_file(b, &f, MB, 7);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_verified(&f);
	assert_string_equal(f.trouble, "the node answers 503: The card is being checked.");
	assert_true(f.seen[HAUL_RETRYING] > 0);
}

static void
refusals_end_with_their_reason(void **state)
{
	static const struct { int status; enum haul_why why; const char *sentence; } cases[] = {
		{ 404, HAUL_WHY_GONE, "has this recording no more" }, { 410, HAUL_WHY_GONE, "has this recording no more" },
		{ 401, HAUL_WHY_REFUSED, "refuses the file (401)" }, { 403, HAUL_WHY_REFUSED, "refuses the file (403)" },
		{ 400, HAUL_WHY_ANSWER, "answers 400" }, { 302, HAUL_WHY_ANSWER, "redirects are not followed" },
		{ 204, HAUL_WHY_ANSWER, "answers 204" },
	};
	struct bench *b = *state;

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct file_server_day day = { .refuse_times = 1, .refuse_status = cases[i].status };
		struct file f;

		kit_file(b, &f, MB, 10 + i);
		kit_day(&f, &day);
		kit_wish(&f);
		kit_failed(&f, cases[i].why, cases[i].sentence);
		haul_drop(f.wish, true);
	}
}

static void
token_is_shown_and_may_change(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .token = "secret-2" };
	const char *urls[1];
	struct haul_ask ask;
	struct file f;

	kit_file(b, &f, MB, 20);
	kit_day(&f, &day);
	urls[0] = f.url;
	ask = kit_ask(&f, urls);
	ask.bearer = "secret-1";
	kit_wish_as(&f, &ask);
	kit_failed(&f, HAUL_WHY_REFUSED, "401");
	haul_drop(f.wish, false);
	kit_wish_as(&f, &ask);
	haul_move(f.wish, urls, 1, "secret-2");		/* before it was its turn */
	kit_verified(&f);
}

static void
changed_file_is_begun_anew(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .drop_count = 1, .drops = { MB } };
	struct file_server_seen seen;
	struct file f;

	kit_file(b, &f, 2 * MB, 21);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_until(b, kit_is_moving, &f);
	day.etag_version = 1;		/* the Range will not be honoured: 200 */
	kit_day(&f, &day);
	kit_verified(&f);
	file_server_seen(b->server, f.number, &seen);
	assert_true(seen.answered_200 >= 1);
}

static bool
is_half_durable(void *arg)
{
	struct file *f = arg;
	struct haul_news n;

	haul_look(f->wish, &n);
	return n.bytes == f->bytes / 2 && n.durable_bytes == n.bytes;
}

/* The first half is fetched, then the engine ends and another begins; the server is well-behaved again. */
static void
fetch_half(struct bench *b, struct file *f)
{
	struct file_server_day day = { .stall_at = f->bytes / 2, .stall_times = 1000000 }, good = { 0 };

	kit_day(f, &day);
	kit_wish(f);
	kit_until(b, is_half_durable, f);
	kit_restart(b);
	kit_day(f, &good);
}

static void
next_engine_goes_on_and_reads_nothing_again(void **state)
{
	struct bench *b = *state;
	struct file_server_seen before, after;
	struct file f;

	kit_file(b, &f, 2 * MB, 22);
	fetch_half(b, &f);
	assert_true(kit_is_there(&f, ".part"));
	assert_true(kit_is_there(&f, ".part.state"));
	assert_false(kit_is_there(&f, ""));
	file_server_seen(b->server, f.number, &before);
	kit_wish(&f);
	kit_verified(&f);
	file_server_seen(b->server, f.number, &after);
	assert_int_equal(after.last_from, MB);
	assert_int_equal(after.body_bytes - before.body_bytes, MB);
	assert_true(f.last.received_bytes < MB + 2000);
}

/* The hash state is believed, not made anew: with the first half of the part file spoilt on the disk the sum is still right. */
static void
resume_does_not_read_the_part_file(void **state)
{
	struct bench *b = *state;
	struct file f;
	FILE *part;

	kit_file(b, &f, 2 * MB, 23);
	fetch_half(b, &f);
	part = fopen(kit_path(&f, ".part"), "r+");
	assert_non_null(part);
	fputs("spoilt", part);
	fclose(part);
	kit_wish(&f);
	kit_until(b, kit_has_ended, &f);
	assert_int_equal(f.last.state, HAUL_VERIFIED);
}

static void
other_recording_of_that_name_is_begun_anew(void **state)
{
	struct bench *b = *state;
	const char *urls[1];
	struct haul_ask ask;
	struct file_server_seen seen;
	struct file f;

	kit_file(b, &f, 2 * MB, 24);
	fetch_half(b, &f);
	urls[0] = f.url;
	ask = kit_ask(&f, urls);
	ask.recording = "rec-another";
	kit_wish_as(&f, &ask);
	kit_verified(&f);
	file_server_seen(b->server, f.number, &seen);
	assert_int_equal(seen.last_from, -1);
}

static void
changed_file_is_begun_anew_after_a_restart(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .etag_version = 7 };
	struct file_server_seen seen;
	struct file f;

	kit_file(b, &f, 2 * MB, 25);
	fetch_half(b, &f);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_verified(&f);
	file_server_seen(b->server, f.number, &seen);
	assert_int_equal(seen.last_from, MB);		/* asked with If-Range; the answer was the whole */
	assert_int_equal(seen.answered_200, 2);
}

/* A weak tag cannot stand in If-Range; the 206 of a changed file is recognised by its own tag. */
static void
weak_tags_are_compared_with_the_answer(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .weak_etag = true, .stall_at = MB, .stall_times = 1000000 };
	struct file_server_seen seen;
	struct file f;

	kit_be_patient(b);
	kit_file(b, &f, 2 * MB, 26);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_until(b, is_half_durable, &f);
	day = (struct file_server_day){ .weak_etag = true, .etag_version = 1 };
	kit_day(&f, &day);
	kit_verified(&f);
	file_server_seen(b->server, f.number, &seen);
	assert_string_equal(seen.last_if_range, "");
	assert_true(seen.answered_206 > 0);
	assert_int_equal(seen.answered_200, 2);
	assert_string_equal(f.trouble, "the file has changed on the node");
}

static void
server_without_tags_is_resumed_too(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .no_etag = true, .drop_count = 2, .drops = { MB, MB + 5 } };
	struct file_server_seen seen;
	struct file f;

	kit_file(b, &f, 2 * MB, 27);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_verified(&f);
	file_server_seen(b->server, f.number, &seen);
	assert_int_equal(seen.body_bytes, f.bytes);
}

static void
server_without_ranges_is_begun_anew(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .no_range = true, .drop_count = 2, .drops = { MB, MB + 5 } };
	struct file_server_seen seen;
	struct file f;

	kit_file(b, &f, 2 * MB, 28);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_verified(&f);
	file_server_seen(b->server, f.number, &seen);
	assert_int_equal(seen.answered_200, 3);
}

static void
another_part_than_asked_for_is_not_taken(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .wrong_range = true, .drop_count = 1, .drops = { MB } };
	struct file f;

	kit_file(b, &f, 2 * MB, 29);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_failed(&f, HAUL_WHY_ANSWER, "another part of the file");
}

static void
encoded_file_is_not_taken(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .encoded = true };
	struct file f;

	kit_file(b, &f, MB, 30);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_failed(&f, HAUL_WHY_ANSWER, "encoded");
}

static void
shorter_file_than_promised_ends_with_both_sizes(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .short_bytes = 1000000 };
	struct file f;

	kit_file(b, &f, 2 * MB, 31);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_failed(&f, HAUL_WHY_SHORT, "has 1000000 bytes of the 2097152 it promised");
}

/* It shrank between two connections: 416. */
static void
file_that_became_shorter_ends_too(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .short_bytes = MB - 5, .no_etag = true };
	struct file f;

	kit_file(b, &f, 2 * MB, 32);
	fetch_half(b, &f);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_failed(&f, HAUL_WHY_SHORT, "has 1048571 bytes of the 2097152 it promised");
}

static void
longer_file_than_promised_ends_too(void **state)
{
	struct bench *b = *state;
	struct haul_ask ask;
	const char *urls[1];
	struct file f;

	kit_file(b, &f, 2 * MB, 33);
	urls[0] = f.url;
	ask = kit_ask(&f, urls);
	ask.bytes = MB;
	kit_wish_as(&f, &ask);
	kit_failed(&f, HAUL_WHY_SIZE, "has 2097152 bytes, and promised 1048576");
}

/* Says the whole length, and ends early, for ever: after ten answers without a byte it is not waited for any more. */
static void
file_that_never_goes_on_ends(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .cut_bytes = MB };
	struct file f;

	kit_file(b, &f, 2 * MB, 34);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_failed(&f, HAUL_WHY_SHORT, "1048576 bytes of the 2097152 it promised");
}

static void
chunked_answers_are_taken(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .chunked = true, .drop_count = 1, .drops = { MB } };
	struct file f;

	kit_file(b, &f, 2 * MB, 35);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_verified(&f);
}

static void
endless_chunks_are_cut_off(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .chunked = true };
	struct haul_ask ask;
	const char *urls[1];
	struct stat st;
	struct file f;

	kit_file(b, &f, 8 * MB, 36);
	kit_day(&f, &day);
	urls[0] = f.url;
	ask = kit_ask(&f, urls);
	ask.bytes = 100000;
	kit_wish_as(&f, &ask);
	kit_failed(&f, HAUL_WHY_SIZE, "more than the 100000 bytes");
	assert_int_equal(stat(kit_path(&f, ".part"), &st), 0);
	assert_true(st.st_size <= 100000);
}

static void
unknown_size_is_taken_from_the_answer(void **state)
{
	struct bench *b = *state;
	struct haul_ask ask;
	const char *urls[1];
	struct file f;

	kit_file(b, &f, 2 * MB + 1, 37);
	urls[0] = f.url;
	ask = kit_ask(&f, urls);
	ask.bytes = -1;
	kit_wish_as(&f, &ask);
	kit_verified(&f);
}

/* ---- Addresses ---- */

static void
second_address_is_tried_when_the_first_is_dead(void **state)
{
	struct bench *b = *state;
	const char *urls[] = { "http://127.0.0.1:1/none", NULL };
	struct haul_ask ask;
	struct file f;

	kit_file(b, &f, MB, 40);
	urls[1] = f.url;
	ask = kit_ask(&f, urls);
	ask.url_count = 2;
	kit_wish_as(&f, &ask);
	kit_verified(&f);
}

/* Another camera has the old address by now, and knows nothing of the file; only when nobody has it, it is gone. */
static void
stranger_at_the_first_address_is_not_believed(void **state)
{
	struct bench *b = *state;
	char strange[64];
	const char *urls[] = { strange, NULL };
	struct haul_ask ask;
	struct file f;

	snprintf(strange, sizeof strange, "http://127.0.0.1:%d/63", file_server_port(b->server));
	kit_file(b, &f, MB, 44);
	urls[1] = f.url;
	ask = kit_ask(&f, urls);
	ask.url_count = 2;
	kit_wish_as(&f, &ask);
	kit_verified(&f);
	kit_file(b, &f, MB, 45);
	urls[1] = strange;
	ask = kit_ask(&f, urls);
	ask.url_count = 2;
	kit_wish_as(&f, &ask);
	kit_failed(&f, HAUL_WHY_GONE, "has this recording no more");
}

static void
moved_node_is_followed_in_the_middle(void **state)
{
	struct bench *b = *state;
	struct file_server *other = file_server_new();
	struct file_server_day day = { .stall_at = MB, .stall_times = 1000000 };
	struct file_server_seen seen;
	const char *urls[1];
	char url[64];
	struct file f;
	int there;

	kit_file(b, &f, 2 * MB, 41);
	kit_day(&f, &day);
	there = file_server_add(other, f.bytes, f.seed);
	file_server_url(other, there, url, sizeof url);
	kit_wish(&f);
	kit_until(b, kit_is_moving, &f);
	urls[0] = url;
	haul_move(f.wish, urls, 1, NULL);
	kit_verified(&f);
	file_server_seen(other, there, &seen);
	assert_int_equal(seen.requests, 1);
	assert_true(seen.body_bytes < f.bytes);		/* went on, at the other address */
	file_server_free(other);
}

static void
address_that_stays_keeps_its_connection(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .bytes_a_second = 4 * MB };
	struct file_server_seen seen;
	const char *urls[] = { "http://127.0.0.1:1/new", NULL };
	struct file f;

	kit_file(b, &f, MB, 42);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_until(b, kit_is_moving, &f);
	urls[1] = f.url;
	haul_move(f.wish, urls, 2, NULL);
	kit_verified(&f);
	file_server_seen(b->server, f.number, &seen);
	assert_int_equal(seen.requests, 1);
}

static bool
is_retrying(void *arg)
{
	struct haul_news n;

	haul_look(((struct file *)arg)->wish, &n);
	return n.state == HAUL_RETRYING;
}

static void
gone_network_is_waited_for(void **state)
{
	struct bench *b = *state;
	struct file_server_day day = { .bytes_a_second = 8 * MB };
	struct file f;

	kit_file(b, &f, 2 * MB, 43);
	kit_day(&f, &day);
	kit_wish(&f);
	kit_until(b, kit_is_moving, &f);
	file_server_pull_plug(b->server, true);
	kit_until(b, is_retrying, &f);
	file_server_pull_plug(b->server, false);
	haul_nudge(b->haul, f.name);
	kit_verified(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
		T(file_comes_home_verified), T(empty_and_tiny_files_come_home), T(drops_are_resumed_where_they_were),
		T(resets_cost_only_what_lay_in_the_socket), T(stall_ends_a_connection_not_the_file), T(busy_node_is_asked_again),
		T(refusals_end_with_their_reason), T(token_is_shown_and_may_change), T(changed_file_is_begun_anew),
		T(next_engine_goes_on_and_reads_nothing_again), T(resume_does_not_read_the_part_file),
		T(other_recording_of_that_name_is_begun_anew), T(changed_file_is_begun_anew_after_a_restart),
		T(weak_tags_are_compared_with_the_answer), T(server_without_tags_is_resumed_too), T(server_without_ranges_is_begun_anew),
		T(another_part_than_asked_for_is_not_taken), T(encoded_file_is_not_taken),
		T(shorter_file_than_promised_ends_with_both_sizes), T(file_that_became_shorter_ends_too),
		T(longer_file_than_promised_ends_too), T(file_that_never_goes_on_ends), T(chunked_answers_are_taken),
		T(endless_chunks_are_cut_off), T(unknown_size_is_taken_from_the_answer), T(second_address_is_tried_when_the_first_is_dead),
		T(stranger_at_the_first_address_is_not_believed),
		T(moved_node_is_followed_in_the_middle), T(address_that_stays_keeps_its_connection), T(gone_network_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
