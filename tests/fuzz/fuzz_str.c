/*
 * fuzz_str.c - any bytes through the cleaner, the cutter, the quoters and the reader of times.
 * What must hold is asserted here, not merely "it does not crash".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define CHECK(cond) ((cond) ? (void)0 : fuzz_fail(#cond))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Noreturn void
fuzz_fail(const char *what)
{
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

/* Nothing in it moves a terminal or hides in the text. */
static void
check_printable(const char *text, size_t len)
{
	uint32_t cp;

	CHECK(strlen(text) == len);
	CHECK(str_is_utf8(text, len));
	for (size_t i = 0; i < len;) {
		i += str_next(text + i, len - i, &cp);
		CHECK(cp >= 0x20 && cp != 0x7f);
		CHECK(cp < 0x80 || cp > 0x9f);
		CHECK(cp != 0x2028 && cp != 0x2029 && (cp < 0x202a || cp > 0x202e) && (cp < 0x2066 || cp > 0x2069));
		CHECK(cp < 0xe0000 || cp > 0xe007f);
		CHECK(cp != 0x10eeee);
	}
}

/* Nor passes for a border or a bar of ours. */
static void
check_draws_nothing(const char *text, size_t len)
{
	uint32_t cp;

	for (size_t i = 0; i < len;) {
		i += str_next(text + i, len - i, &cp);
		CHECK((cp < 0x2500 || cp > 0x259f) && (cp < 0xe000 || cp > 0xf8ff));
	}
}

static void
check_marks(const char *text, size_t len)
{
	uint32_t cp;
	int marks = 5;	/* a mark on nothing is one too many */

	for (size_t i = 0; i < len;) {
		i += str_next(text + i, len - i, &cp);
		marks = str_char_cells(cp) == 0 ? marks + 1 : 0;
		CHECK(marks <= 4);
	}
}

static void
check_clean(const char *in, size_t len, size_t room, int cells)
{
	char out[256], again[256], cut[256];
	size_t used = str_clean(out, room, in, len, cells);
	int columns;

	CHECK(used < room);
	check_printable(out, used);
	check_draws_nothing(out, used);
	check_marks(out, used);
	CHECK(str_cells(out) <= cells);
	CHECK(str_clean(again, sizeof again, out, used, 1000) == used && memcmp(out, again, used) == 0);
	columns = str_cut(cut, sizeof cut, out, cells / 2);
	CHECK(columns <= cells / 2 && columns == str_cells(cut));
	CHECK(strncmp(cut, out, strlen(cut)) == 0);
	str_copy(cut, room / 2 + 1, out);
	CHECK(strlen(cut) <= room / 2 && str_is_utf8(cut, strlen(cut)));
}

static void
check_quoted(const char *text)
{
	char out[256];
	size_t len;

	str_json(out, sizeof out, text);
	len = strlen(out);
	CHECK(len >= 2 && out[0] == '"' && out[len - 1] == '"');
	check_printable(out, len);
	str_word(out, sizeof out, text);
	len = strlen(out);
	CHECK(len > 0);
	check_printable(out, len);
	CHECK(out[0] == '"' || strchr(out, ' ') == NULL);
	str_slug(out, sizeof out, text);
	len = strlen(out);
	CHECK(len >= 1 && len <= 80 && out[0] != '.' && out[0] != '-');
	CHECK(strspn(out, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len);
}

static void
check_numbers(const char *text)
{
	char words[32];
	int64_t us, number;
	double real;

	if (str_time(text, &us)) {
		CHECK(us >= 0 && us <= 360000000000000);
		CHECK(text[0] >= '0' && text[0] <= '9');
		CHECK(text[strspn(text, "0123456789.")] != '\0');	/* a bare number is no time */
		str_time_words(words, sizeof words, us);
		str_clock(words, sizeof words, us);
	}
	if (str_int(text, -1000, 1000, &number))
		CHECK(number >= -1000 && number <= 1000);
	if (str_double(text, -1000, 1000, &real))
		CHECK(real >= -1000 && real <= 1000);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size < 2)
		return 0;
	check_clean((const char *)data + 2, size - 2, (size_t)data[0] + 1, data[1] % 80);
	text = malloc(size - 1);
	if (text == NULL)
		return 0;
	memcpy(text, data + 2, size - 2);
	text[size - 2] = '\0';
	check_quoted(text);
	check_numbers(text);
	free(text);
	return 0;
}
