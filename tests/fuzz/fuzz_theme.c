/*
 * fuzz_theme.c - any bytes as a theme.
 * What must hold is asserted here, not merely "it does not crash".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ui/theme.h"

#define CHECK(cond) ((cond) ? (void)0 : fuzz_fail(#cond))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Noreturn void
fuzz_fail(const char *what)
{
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static void
check_error(const struct err *e)
{
	uint32_t cp;
	size_t len = strlen(e->text);
	char *end;

	CHECK(e->kind != ERR_NONE);
	CHECK(strncmp(e->text, "file:", 5) == 0);
	CHECK(strtol(e->text + 5, &end, 10) >= 1 && *end == ':');
	for (size_t i = 0; i < len;) {
		i += str_next(e->text + i, len - i, &cp);
		CHECK(cp >= 0x20 && cp != 0x7f && (cp < 0x80 || cp > 0x9f));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { .kind = ERR_NONE };
	struct theme t;

	if (!theme_parse(&t, "file", (const char *)data, size, &e)) {
		check_error(&e);
		return 0;
	}
	CHECK(e.kind == ERR_NONE);
	for (int r = 0; r < THEME_ROLE_COUNT; r++) {
		CHECK(t.styles[r].fg >= -1 && t.styles[r].fg <= 255);
		CHECK(t.styles[r].bg >= -1 && t.styles[r].bg <= 255);
		CHECK(t.styles[r].attrs <= (THEME_BOLD | THEME_REVERSE | THEME_UNDERLINE | THEME_DIM));
	}
	return 0;
}
