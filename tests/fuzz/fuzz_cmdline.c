/*
 * fuzz_cmdline.c - any bytes as one command: its words, its condition, its targets.
 * Aborts when what came out contradicts itself.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/condition.h"
#include "domain/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What comes out is printable text of the input's size at most, and parses to the same words again. */
static void
judge_words(const struct cmdline *c, size_t size)
{
	char *joined = cmdline_join(c, 0);

	XASSERT(c->count >= 1 && c->count <= MAX_COMMAND_WORDS);
	XASSERT(c->rest != NULL && strlen(c->rest) <= size);
	XASSERT(strlen(joined) <= size && str_is_utf8(joined, strlen(joined)));
	for (int i = 0; i < c->count; i++) {
		XASSERT(c->column[i] >= 1 && (size_t)c->column[i] <= size);
		XASSERT(i == 0 || c->column[i] > c->column[i - 1]);
		(void)cmdline_is_word(c->words[i]);
	}
	free(joined);
}

/* The grammar alone never finds fault with what resolves. */
static void
judge_target(const char *text)
{
	struct registry *r = registry_new();
	const struct target_context cx = { .registry = r, .program = "abcd-1", .preview = NULL };
	struct registry_node *n = registry_remember(r, "abcd-1");
	struct target_set set;
	struct err e;
	int column = 0;
	bool is_well_formed = target_check(text, &column, &e);

	n->number = 1;
	n->known = false;
	n->roles = ROLE(GUEST);
	str_copy(n->label, sizeof(n->label), "left");
	XASSERT(is_well_formed || (column >= 1 && (size_t)column <= strlen(text) + 1));
	if (target_resolve(&set, text, &cx, &e))
		XASSERT(is_well_formed && set.count == 1 && target_has(&set, "abcd-1"));
	else
		XASSERT(e.kind != ERR_NONE && set.count == 0);
	registry_free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	struct condition condition;
	struct cmdline c;
	struct err e = { .kind = ERR_NONE };
	int column = 0;

	size = strlen(text);
	if (cmdline_parse(&c, text, &column, &e)) {
		judge_words(&c, size);
		if (c.target != NULL)
			judge_target(c.target);
		if (!condition_parse(&condition, &c, 1, &column, &e))
			XASSERT(column >= 1 && (size_t)column <= size + 2 && e.kind != ERR_NONE);
	} else
		XASSERT(column >= 1 && (size_t)column <= size + 1 && e.kind != ERR_NONE);
	cmdline_fini(&c);
	judge_target(text);
	free(text);
	return 0;
}
