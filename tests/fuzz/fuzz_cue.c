/*
 * fuzz_cue.c - any bytes as a cue sheet.  Aborts when an accepted sheet contradicts itself,
 * or when an error does not say file:line:column.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/cue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As wide a language as can be: a word that begins with 'x' is the only one unknown. */
static bool
check(void *arg, const char *text, int *column, struct err *e)
{
	(void)arg;
	XASSERT(text[0] != '\0' && str_is_utf8(text, strlen(text)));
	if (text[0] != 'x')
		return true;
	*column = (int)strlen(text) + 1;
	return err_set(e, ERR_USAGE, "no such command");
}

static void
judge_sheet(const struct cue_sheet *s)
{
	bool has_anchor = false;

	for (size_t i = 0; i < s->count; i++) {
		const struct cue *c = &s->cues[i];

		XASSERT(c->line >= 1 && c->column >= 1 && c->text[0] != '\0');
		XASSERT(i == 0 || c->line > s->cues[i - 1].line);
		XASSERT(c->time_us >= 0);
		XASSERT(c->when != CUE_WITH || has_anchor);
		XASSERT(!c->finally || (c->when == CUE_THEN && c->mood != CUE_MUST));
		XASSERT(c->is_wait + c->is_expect + c->is_zero + c->is_quit <= 1);
		has_anchor = has_anchor || !c->finally;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cue_sheet s;
	struct err e = { .kind = ERR_NONE };

	if (cue_sheet_parse(&s, "f", (const char *)data, size, check, NULL, NULL, &e)) {
		judge_sheet(&s);
		cue_sheet_fini(&s);
		return 0;
	}
	XASSERT(s.count == 0 && s.cues == NULL);
	XASSERT(e.text[0] == 'f' && e.text[1] == ':' && e.text[2] >= '1' && e.text[2] <= '9');
	XASSERT(str_is_utf8(e.text, strlen(e.text)));
	return 0;
}
