/*
 * t_str.c - text from outside made harmless, measured, cut, quoted; times and numbers.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"

#define FFFD "\xef\xbf\xbd"
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void
bytes_become_printable(void **state)
{
	static const struct {
		const char *in, *want, *why;
	} cases[] = {
		{ "left guest", "left guest", "plain" },
		{ "caf\xc3\xa9 \xe6\xbc\xa2\xe5\xad\x97", "caf\xc3\xa9 \xe6\xbc\xa2\xe5\xad\x97", "letters of the world" },
		{ "a\x1b[31mb", "a" FFFD "[31mb", "escape" },
		{ "a\nb\tc\rd", "a" FFFD "b" FFFD "c" FFFD "d", "C0" },
		{ "\x7f", FFFD, "DEL" },
		{ "\xc2\x9b" "2J", FFFD "2J", "C1 control sequence introducer" },
		{ "\x9b", FFFD, "raw C1 byte" },
		{ "\xe2\x80\xa8\xe2\x80\xa9", FFFD FFFD, "line and paragraph separators" },
		{ "\xe2\x80\xae" "gpj", FFFD "gpj", "right-to-left override" },
		{ "\xe2\x81\xa6x\xe2\x81\xa9", FFFD "x" FFFD, "isolates" },
		{ "\xd8\x9c", FFFD, "Arabic letter mark" },
		{ "a\xe2\x80\x8b" "b", "a" FFFD "b", "zero width space" },
		{ "\xef\xbb\xbfx", FFFD "x", "byte order mark" },
		{ "x\xf3\xa0\x81\x81", "x" FFFD, "tag letter" },
		{ "\xef\xbf\xbf\xef\xb7\x90", FFFD FFFD, "noncharacters" },
		{ "\xf4\x8e\xbb\xae", FFFD, "U+10EEEE" },
		{ "\xef\xbf\xbc", FFFD, "object replacement" },
		{ "\xc0\xaf", FFFD FFFD, "overlong" },
		{ "\xed\xa0\x80", FFFD FFFD FFFD, "surrogate" },
		{ "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD, "beyond Unicode" },
		{ "x\xe2\x82", "x" FFFD, "cut short" },
		{ "\xe2\x82x", FFFD "x", "broken off" },
		{ "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81", "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81", "four marks" },
		{ "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81x", "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81" FFFD "x", "six" },
		{ "\xcc\x81x", FFFD "x", "a mark on nothing" },
		{ "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80", "emoji joined" },
		{ "a\xe2\x80\x8d" "b", "a" FFFD "b", "joiner between letters" },
		{ "\xf0\x9f\x91\xa9\xe2\x80\x8d" "b", "\xf0\x9f\x91\xa9" FFFD "b", "joiner after an emoji only" },
		{ "\xe2\x94\x80\xe2\x94\x82x\xe2\x94\x81", FFFD FFFD "x" FFFD, "borders" },
		{ "\xe2\x96\x88\xe2\x96\x92\xe2\x96\xa0\xe2\x96\xac", FFFD FFFD FFFD FFFD, "blocks, a square, a bar" },
		{ "\xee\x82\xb0\xf3\xb0\x80\x80\xf4\x80\x80\x80", FFFD FFFD FFFD, "private characters" },
		{ "\xf0\x9f\xac\x80\xe2\x8e\xaf\xe2\xa0\x80", FFFD FFFD FFFD, "small blocks, a line, a blank" },
		{ "\xe2\x96\xb6 \xe2\x97\x8f \xe2\x98\x85", "\xe2\x96\xb6 \xe2\x97\x8f \xe2\x98\x85", "signs that we do not draw with" },
		{ "", "", "nothing" },
	};
	char out[256];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t len = str_clean(out, sizeof out, cases[i].in, strlen(cases[i].in), INT_MAX);

		if (strcmp(out, cases[i].want) != 0)
			fail_msg("%s: got \"%s\"", cases[i].why, out);
		assert_int_equal(len, strlen(out));
	}
}

static void
our_own_borders_stay_in_text_that_is_ours(void **state)
{
	static const char ours[] = "\xe2\x94\x80\xe2\x96\x88", bad[] = "\xe2\x94\x80\x1b";
	char out[64];

	(void)state;
	assert_int_equal(str_clean_drawn(out, sizeof out, ours, strlen(ours), 64), strlen(ours));
	assert_string_equal(out, ours);
	str_clean_drawn(out, sizeof out, bad, strlen(bad), 64);
	assert_string_equal(out, "\xe2\x94\x80" FFFD);
}

static void
nul_among_the_bytes_does_not_end_them(void **state)
{
	char out[16];

	(void)state;
	assert_int_equal(str_clean(out, sizeof out, "a\0b", 3, 64), 5);
	assert_string_equal(out, "a" FFFD "b");
}

static void
cleaning_cuts_whole_characters(void **state)
{
	static const struct {
		size_t out_size;
		int cells;
		const char *want;
	} cases[] = {
		{ 64, 5, "\xe6\xbc\xa2\xe5\xad\x97" "e\xcc\x81" }, { 64, 6, "\xe6\xbc\xa2\xe5\xad\x97" "e\xcc\x81" }, { 64, 4, "\xe6\xbc\xa2\xe5\xad\x97" }, { 64, 3, "\xe6\xbc\xa2" },
		{ 64, 1, "" }, { 7, 64, "\xe6\xbc\xa2\xe5\xad\x97" }, { 6, 64, "\xe6\xbc\xa2" }, { 1, 64, "" },
		{ 64, 7, "\xe6\xbc\xa2\xe5\xad\x97" "e\xcc\x81\xe6\xbc\xa2" },
	};
	static const char text[] = "\xe6\xbc\xa2\xe5\xad\x97" "e\xcc\x81\xe6\xbc\xa2";
	char out[64];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		str_clean(out, cases[i].out_size, text, strlen(text), cases[i].cells);
		assert_string_equal(out, cases[i].want);
	}
	assert_int_equal(str_clean(out, 0, text, strlen(text), 64), 0);
}

static void
joiner_is_not_left_behind_by_a_cut(void **state)
{
	static const char astronaut[] = "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80";
	char out[32];

	(void)state;
	assert_int_equal(str_clean(out, sizeof out, astronaut, strlen(astronaut), 3), 4);
	assert_string_equal(out, "\xf0\x9f\x91\xa9");
	assert_int_equal(str_cut(out, sizeof out, astronaut, 3), 2);
	assert_string_equal(out, "\xf0\x9f\x91\xa9");
}

static void
ten_megabytes_of_marks_end_soon(void **state)
{
	static char zalgo[10000000];
	char out[64];

	(void)state;
	zalgo[0] = 'z';
	for (size_t i = 1; i + 1 < sizeof zalgo; i += 2)
		memcpy(zalgo + i, "\xcc\x81", 2);
	assert_int_equal(str_clean(out, sizeof out, zalgo, sizeof zalgo - 1, 64), 1 + 4 * 2 + 3);
}

static void
every_character_survives_the_round_trip(void **state)
{
	char bytes[4];
	uint32_t back;

	(void)state;
	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		size_t len;

		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		len = str_put(bytes, cp);
		if (str_next(bytes, len, &back) != len || back != cp || !str_is_utf8(bytes, len))
			fail_msg("U+%04X", cp);
		if (len > 1 && str_is_utf8(bytes, len - 1))
			fail_msg("U+%04X cut short is taken for text", cp);
	}
	assert_int_equal(str_put(bytes, 0xd800), 3);
	assert_memory_equal(bytes, FFFD, 3);
	assert_int_equal(str_put(bytes, 0x110000), 3);
	assert_true(str_is_utf8(FFFD, 3));
	assert_false(str_is_utf8("\xff", 1));
	assert_int_equal(str_next("", 0, &back), 1);
	assert_int_equal(back, 0xfffd);
}

static void
characters_have_the_width_terminals_give_them(void **state)
{
	static const struct {
		uint32_t cp;
		int cells;
	} cases[] = {
		{ 'a', 1 }, { 0xe9, 1 }, { 0x2500, 1 }, { 0x2580, 1 }, { 0x25cf, 1 }, { 0x20ac, 1 }, { 0xfffd, 1 },
		{ 0x10ffff, 1 }, { 0xe000, 1 }, { 0x0301, 0 }, { 0x0483, 0 }, { 0x05b0, 0 }, { 0x0e31, 0 },
		{ 0x1160, 0 }, { 0x200b, 0 }, { 0x200d, 0 }, { 0x20dd, 0 }, { 0xfe0f, 0 }, { 0xfeff, 0 },
		{ 0xe0100, 0 }, { 0x1100, 2 }, { 0x115f, 2 }, { 0x2e80, 2 }, { 0x3042, 2 }, { 0x4e00, 2 },
		{ 0x9fff, 2 }, { 0xac00, 2 }, { 0xff01, 2 }, { 0xff61, 1 }, { 0x303f, 1 }, { 0x3099, 0 },
		{ 0x1f600, 2 }, { 0x1f680, 2 }, { 0x1f4f7, 2 }, { 0x231a, 2 }, { 0x2764, 1 }, { 0x1f3fb, 2 },
		{ 0x20000, 2 }, { 0x3fffd, 2 }, { 0x40000, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (str_char_cells(cases[i].cp) != cases[i].cells)
			fail_msg("U+%04X has %d cells", cases[i].cp, str_char_cells(cases[i].cp));
	assert_int_equal(str_cells("e\xcc\x81\xe6\xbc\xa2x"), 4);
	assert_int_equal(str_cells(""), 0);
}

static void
cutting_keeps_whole_characters(void **state)
{
	char out[16];

	(void)state;
	assert_int_equal(str_cut(out, sizeof out, "a\xe6\xbc\xa2z", 2), 1);
	assert_string_equal(out, "a");
	assert_int_equal(str_cut(out, sizeof out, "a\xe6\xbc\xa2z", 3), 3);
	assert_string_equal(out, "a\xe6\xbc\xa2");
	assert_int_equal(str_cut(out, 4, "a\xe6\xbc\xa2z", 9), 1);
	assert_string_equal(out, "a");
	assert_int_equal(str_cut(out, sizeof out, "e\xcc\x81x", 1), 1);
	assert_string_equal(out, "e\xcc\x81");
	assert_int_equal(str_cut(out, sizeof out, "abc", 0), 0);
	assert_string_equal(out, "");
	assert_int_equal(str_cut(out, sizeof out, "\xff", 4), 1);
	assert_string_equal(out, FFFD);
	assert_int_equal(str_cut(out, 0, "abc", 3), 0);
}

static void
bounded_copy_tells_what_did_not_fit(void **state)
{
	char out[5];

	(void)state;
	assert_true(str_copy(out, sizeof out, "abcd"));
	assert_string_equal(out, "abcd");
	assert_false(str_copy(out, sizeof out, "abc\xc3\xa9"));
	assert_string_equal(out, "abc");
	assert_false(str_copy(out, 1, "a"));
	assert_string_equal(out, "");
	assert_false(str_copy(out, 0, ""));
}

static void
file_names_are_slugs(void **state)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{ "left guest", "left-guest" }, { "Anna's iPhone", "Anna-s-iPhone" }, { "../../etc/passwd", "etc-passwd" },
		{ "-rf", "rf" }, { ".hidden", "hidden" }, { "", "node" }, { "...", "node" },
		{ "\xe6\xbc\xa2\xe5\xad\x97", "node" }, { "caf\xc3\xa9 1", "caf-1" }, { "a/b\\c:d", "a-b-c-d" },
		{ "v1.2_x", "v1.2_x" }, { "a   b", "a-b" }, { "end. ", "end" }, { "CON", "_CON" }, { "com1.mp4", "_com1.mp4" },
		{ "com0", "com0" }, { "console", "console" },
	};
	char out[128], longer[200];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		str_slug(out, sizeof out, cases[i].in);
		assert_string_equal(out, cases[i].want);
	}
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	str_slug(out, sizeof out, longer);
	assert_int_equal(strlen(out), 80);
	memcpy(longer, "con.", 4);
	str_slug(out, sizeof out, longer);
	assert_int_equal(strlen(out), 80);
	str_slug(out, 4, "abcdef");
	assert_string_equal(out, "abc");
}

static void
times_are_read_strictly(void **state)
{
	static const struct {
		const char *text;
		int64_t us;		/* -1: not a time */
	} cases[] = {
		{ "500us", 500 }, { "500ms", 500000 }, { "1.5s", 1500000 }, { "2m", 120000000 }, { "1h", 3600000000 },
		{ "00:01:02.500", 62500000 }, { "4:00", 240000000 }, { "0s", 0 }, { "0.000001s", 1 }, { "90s", 90000000 },
		{ "61m", 3660000000 }, { "1:02.5", 62500000 }, { "00:00:30", 30000000 }, { "99999:59:59", 359999999000000 },
		{ "100000h", 360000000000000 }, { "120:00", 7200000000 }, { "1.25h", 4500000000 },
		{ "", -1 }, { "5", -1 }, { "5 s", -1 }, { " 5s", -1 }, { "s", -1 }, { ".5s", -1 }, { "1.s", -1 },
		{ "-1s", -1 }, { "+1s", -1 }, { "1e3s", -1 }, { "4:60", -1 }, { "4:5", -1 }, { "4:", -1 }, { "1:60:00", -1 },
		{ "1:2:03", -1 }, { "1:02:03:04", -1 }, { "1:02s", -1 }, { "100001h", -1 }, { "9999999999999s", -1 },
		{ "999999999999h", -1 }, { "0.0000001s", -1 }, { "1sec", -1 }, { "1S", -1 }, { "100000:00:01", -1 },
		{ "1,5s", -1 }, { "0x10s", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t us = -1;

		if (!str_time(cases[i].text, &us))
			us = -1;
		if (us != cases[i].us)
			fail_msg("\"%s\" reads as %lld", cases[i].text, (long long)us);
	}
}

static void
times_are_written_for_people(void **state)
{
	static const struct {
		int64_t us;
		const char *words, *clock;
	} cases[] = {
		{ 0, "0s", "00:00" }, { 7000000, "7s", "00:07" }, { 125000000, "2m 05s", "02:05" }, { 250000, "250ms", "00:00" },
		{ 500, "500us", "00:00" }, { 1500000, "1.5s", "00:01" }, { 1999999, "1.9s", "00:01" }, { 59999999, "59s", "00:59" },
		{ 3599999999, "59m 59s", "59:59" }, { 3600000000, "1h 00m", "01:00:00" }, { -500000, "-500ms", "00:00" },
		{ -61000000, "-1m 01s", "-01:01" }, { 360000000000, "100h 00m", "100:00:00" },
	};
	char out[32];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		str_time_words(out, sizeof out, cases[i].us);
		assert_string_equal(out, cases[i].words);
		str_clock(out, sizeof out, cases[i].us);
		assert_string_equal(out, cases[i].clock);
	}
	str_time_words(out, sizeof out, INT64_MIN);
	str_clock(out, sizeof out, INT64_MIN);
}

static void
numbers_are_read_strictly(void **state)
{
	static const char *const no_ints[] = { "", "-", "1x", " 1", "+1", "1.0", "0x1", "11", "-6", "9999999999999999999" };
	static const char *const no_doubles[] = { "", "-", ".5", "1.", "1e3", "nan", "inf", "1,5", "0x1", "16.01", "-1" };
	int64_t number;
	double real;

	(void)state;
	assert_true(str_int("10", -5, 10, &number));
	assert_int_equal(number, 10);
	assert_true(str_int("-5", -5, 10, &number));
	assert_int_equal(number, -5);
	for (size_t i = 0; i < COUNT(no_ints); i++)
		assert_false(str_int(no_ints[i], -5, 10, &number));
	assert_true(str_double("2.5", 0, 16, &real) && real > 2.49 && real < 2.51);
	assert_true(str_double("16", 0, 16, &real) && real > 15.99);
	assert_true(str_double("-40", -100, 0, &real) && real < -39.99);
	assert_true(str_double("29.97", 0, 1000, &real));
	assert_memory_equal(&real, &(double){ 29.97 }, sizeof real);
	for (size_t i = 0; i < COUNT(no_doubles); i++)
		assert_false(str_double(no_doubles[i], 0, 16, &real));
}

static void
prefixes_and_case(void **state)
{
	(void)state;
	assert_true(str_has_prefix("record start", "record"));
	assert_true(str_has_prefix("x", ""));
	assert_false(str_has_prefix("rec", "record"));
	assert_true(str_equal_nocase("Content-TYPE", "content-type"));
	assert_false(str_equal_nocase("content", "content-type"));
	assert_false(str_equal_nocase("a", "b"));
}

static void
json_strings_hold_no_control(void **state)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{ "", "\"\"" }, { "a\"b\\c", "\"a\\\"b\\\\c\"" }, { "a\nb\t\x1b", "\"a\\nb\\t\\u001b\"" },
		{ "caf\xc3\xa9", "\"caf\xc3\xa9\"" }, { "\xc2\x9b\x7f", "\"\\u009b\\u007f\"" },
		{ "\xe2\x80\xae", "\"\\u202e\"" }, { "\xf3\xa0\x81\x81", "\"\\udb40\\udc41\"" }, { "\xff", "\"" FFFD "\"" },
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		str_json(out, sizeof out, cases[i].in);
		assert_string_equal(out, cases[i].want);
	}
	str_json(out, 7, "ab\ncd");
	assert_string_equal(out, "\"ab\\n\"");
	str_json(out, 6, "ab\ncd");
	assert_string_equal(out, "\"ab\"");
	str_json(out, 2, "a");
	assert_string_equal(out, "");
}

static void
words_of_a_guarded_line_are_quoted_when_they_must(void **state)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{ "left", "left" }, { "left guest", "\"left guest\"" }, { "", "\"\"" }, { "a\"b", "\"a\\\"b\"" },
		{ "a\x1b", "\"a\\u001b\"" }, { "caf\xc3\xa9", "caf\xc3\xa9" }, { "\xff", "\"" FFFD "\"" },
		{ "it's", "it's" }, { "a\tb", "\"a\\tb\"" },
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		str_word(out, sizeof out, cases[i].in);
		assert_string_equal(out, cases[i].want);
	}
}

static void
bytes_are_told_in_thousands_with_two_figures_below_ten(void **state)
{
	static const struct { int64_t bytes; const char *want; } cases[] = { { 0, "0 B" }, { -5, "0 B" }, { 999, "999 B" }, { 1000, "1.0 kB" },
		{ 9949, "9.9 kB" }, { 9950, "10 kB" }, { 999499, "999 kB" }, { 999500, "1.0 MB" }, { 3100000000000, "3.1 TB" }, { INT64_MAX, "9223 PB" } };
	char out[24];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		str_bytes(out, sizeof out, cases[i].bytes);
		assert_string_equal(out, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_become_printable),
		cmocka_unit_test(nul_among_the_bytes_does_not_end_them),
		cmocka_unit_test(our_own_borders_stay_in_text_that_is_ours),
		cmocka_unit_test(cleaning_cuts_whole_characters),
		cmocka_unit_test(joiner_is_not_left_behind_by_a_cut),
		cmocka_unit_test(ten_megabytes_of_marks_end_soon),
		cmocka_unit_test(every_character_survives_the_round_trip),
		cmocka_unit_test(characters_have_the_width_terminals_give_them),
		cmocka_unit_test(cutting_keeps_whole_characters),
		cmocka_unit_test(bounded_copy_tells_what_did_not_fit),
		cmocka_unit_test(file_names_are_slugs),
		cmocka_unit_test(times_are_read_strictly),
		cmocka_unit_test(times_are_written_for_people),
		cmocka_unit_test(numbers_are_read_strictly),
		cmocka_unit_test(prefixes_and_case),
		cmocka_unit_test(json_strings_hold_no_control),
		cmocka_unit_test(words_of_a_guarded_line_are_quoted_when_they_must),
		cmocka_unit_test(bytes_are_told_in_thousands_with_two_figures_below_ten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
