/*
 * fuzz_keymap.c - any bytes as a file of keys.  Whatever a file says, no single press of a key may do harm.
 * What must hold is asserted here, not merely "it does not crash".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/keymap.h"
#include "base/str.h"
#include "ui/keys.h"

#define CHECK(cond) ((cond) ? (void)0 : fuzz_fail(#cond))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Noreturn void
fuzz_fail(const char *what)
{
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static void
check_printable(const char *text)
{
	uint32_t cp;
	size_t len = strlen(text);

	CHECK(str_is_utf8(text, len));
	for (size_t i = 0; i < len;) {
		i += str_next(text + i, len - i, &cp);
		CHECK(cp >= 0x20 && cp != 0x7f && (cp < 0x80 || cp > 0x9f));
	}
}

static bool
begins(const char *text, const char *word)
{
	size_t len = strlen(word);

	return strncmp(text, word, len) == 0 && (text[len] == ' ' || text[len] == '\0');
}

/* The screen shows "a" on program and "b" on preview; hot cuts are off. */
static void
result(void *arg, const struct keys_result *r)
{
	static const char *const never[] = { "record", "quit", "purge", "wrap", "node", "claim", "release", "desk", "number", "role" };
	const char *rest;

	(void)arg;
	if (r->act != KEYS_SUBMIT)
		return;
	for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
		CHECK(!begins(r->text, never[i]));
	if (!begins(r->text, "cut"))
		return;
	CHECK(strstr(r->text, "--force") == NULL);
	rest = r->text + 3 + strspn(r->text + 3, " ");
	CHECK(begins(rest, "\"b\"") || begins(rest, "back") || begins(rest, "black") || begins(rest, "safe") || begins(rest, "@preview") ||
	    begins(rest, "now"));
}

/* One press, from rest. */
static void
press_alone(const struct keymap *map, const char *key, const struct show *show)
{
	struct input_event ev = { .kind = INPUT_KEY };
	struct keys *k = keys_new(result, NULL);

	str_copy(ev.key, sizeof ev.key, key);
	keys_set_map(k, map);
	keys_press(k, &ev, show, 1000000000);
	for (int i = 0; i < 10 && keys_deadline(k) >= 0; i++)
		keys_tick(k, show, keys_deadline(k));
	CHECK(keys_deadline(k) == -1);
	keys_free(k);
}

static void
check_entry(const struct keymap_entry *e)
{
	CHECK(e->guard == keymap_guard_of(e->command));
	CHECK(e->key[0] != '\0' && strlen(e->key) < 16 && strcmp(e->key, "esc") != 0 ? true : strcmp(e->command, "cancel") == 0);
	CHECK(strlen(e->command) < 320 && e->help[0] != '\0');
	CHECK((e->guard == KEY_TWICE) == begins(e->command, "record"));
	CHECK(e->guard != KEY_TWICE || strncmp(e->key, "ctrl-", 5) == 0 || (e->key[0] == 'f' && e->key[1] != '\0'));
	check_printable(e->key);
	check_printable(e->command);
	check_printable(e->help);
	if (e->words != NULL)
		check_printable(e->words);
}

static void
check_set(const struct keymap *map, struct show *show)
{
	bool has_prompt = false;

	for (int i = 0; i < keymap_count(map); i++) {
		const struct keymap_entry *e = keymap_at(map, i);

		check_entry(e);
		has_prompt = has_prompt || strcmp(e->command, "prompt") == 0;
		for (int rolling = 0; rolling < 2; rolling++) {
			show->rolling = rolling == 1;
			press_alone(map, e->key, show);
		}
	}
	CHECK(has_prompt);
	CHECK(keymap_find(map, "esc", false) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct show show;
	struct err e = { .kind = ERR_NONE };
	struct keymap *map;

	show.tile_count = 2;
	str_copy(show.tiles[0].id, sizeof show.tiles[0].id, "a");
	str_copy(show.tiles[1].id, sizeof show.tiles[1].id, "b");
	show.tiles[0].number = 1;
	show.tiles[1].number = 2;
	str_copy(show.program, sizeof show.program, "a");
	str_copy(show.preview, sizeof show.preview, "b");
	map = keymap_parse("file", (const char *)data, size, &e);
	CHECK((map == NULL) == (e.kind != ERR_NONE));
	if (map == NULL) {
		CHECK(strncmp(e.text, "file:", 5) == 0);
		check_printable(e.text);
		return 0;
	}
	check_set(map, &show);
	keymap_free(map);
	return 0;
}
