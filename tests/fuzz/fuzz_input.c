/*
 * fuzz_input.c - any bytes from a keyboard, in pieces and at any pace, through the decoder and the keys.
 * The first byte chooses the set of keys and the state; then pieces: length, pause in 10 ms, bytes.
 * What must hold is asserted here, not merely "it does not crash".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/keymap.h"
#include "base/str.h"
#include "ui/keys.h"
#include "ui/prompt.h"

#define CHECK(cond) ((cond) ? (void)0 : fuzz_fail(#cond))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bench {
	struct input *in;
	struct keys *keys;
	struct prompt *prompt;
	int64_t now_us;
	bool is_doubtful;		/* the key being pressed is not a finger's */
	bool prompt_open;
};

static struct show show;

static _Noreturn void
fuzz_fail(const char *what)
{
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static void
result(void *arg, const struct keys_result *r)
{
	struct bench *b = arg;

	CHECK(strlen(r->text) < sizeof r->text - 1);
	CHECK(r->act != KEYS_SUBMIT || !b->is_doubtful);
	CHECK(r->act != KEYS_SUBMIT || !b->prompt_open);
	if (r->act == KEYS_UI && strcmp(r->text, "prompt") == 0)
		b->prompt_open = true;
}

static void
check_key(const struct input_event *ev)
{
	size_t len = strlen(ev->key);
	uint32_t cp;

	CHECK(len > 0 && len < sizeof ev->key && str_is_utf8(ev->key, len) && str_is_utf8(ev->text, strlen(ev->text)));
	CHECK(ev->text[0] == '\0' || (str_next(ev->text, strlen(ev->text), &cp) == strlen(ev->text) && cp >= 0x20 && cp != 0x7f &&
	    (cp < 0x80 || cp > 0x9f)));
}

static void
to_prompt(struct bench *b, const struct input_event *ev)
{
	char shown[512];
	int cursor;

	keys_typed(b->keys, ev);
	if (prompt_key(b->prompt, ev) != PROMPT_STAYS) {
		b->prompt_open = false;
		prompt_done(b->prompt);
		keys_prompt_closed(b->keys, ev->key, b->now_us);
	}
	CHECK(prompt_cursor(b->prompt) <= strlen(prompt_text(b->prompt)));
	CHECK(str_is_utf8(prompt_text(b->prompt), strlen(prompt_text(b->prompt))));
	prompt_visible(b->prompt, 20, shown, sizeof shown, &cursor);
	CHECK(cursor >= 0 && cursor < 20 && str_cells(shown) <= 20);
}

static void
event(void *arg, const struct input_event *ev)
{
	struct bench *b = arg;

	switch (ev->kind) {
	case INPUT_KEY:
		check_key(ev);
		if (b->prompt_open) {
			to_prompt(b, ev);
			break;
		}
		/* A press that waited may be a finger's: it is told when another key comes. */
		for (int i = 0; i < 4 && keys_deadline(b->keys) >= 0 && keys_deadline(b->keys) <= b->now_us; i++)
			keys_tick(b->keys, &show, b->now_us);
		b->is_doubtful = ev->noisy;
		keys_press(b->keys, ev, &show, b->now_us);
		b->is_doubtful = false;
		break;
	case INPUT_PASTE:
		CHECK(ev->paste_len <= MAX_PASTE);
		if (b->prompt_open)
			prompt_paste(b->prompt, ev->paste, ev->paste_len);
		else
			keys_noise(b->keys, b->now_us);
		break;
	case INPUT_DROPPED:
	case INPUT_NOISE:
		keys_noise(b->keys, b->now_us);
		break;
	case INPUT_MOUSE:
		CHECK(ev->row >= 0 && ev->col >= 0 && ev->row < 1000000 && ev->col < 1000000);
		break;
	case INPUT_REPLY:
		CHECK(ev->arg_count >= 0 && ev->arg_count <= INPUT_ARGS && strlen(ev->string) < sizeof ev->string);
		break;
	}
}

static void
let_time_pass(struct bench *b, int64_t us)
{
	int64_t end = b->now_us + us;

	for (int i = 0; i < 100; i++) {
		int64_t a = input_deadline(b->in), k = keys_deadline(b->keys), at = a < 0 || (k >= 0 && k < a) ? k : a;

		if (at < 0 || at > end)
			break;
		b->now_us = at > b->now_us ? at : b->now_us;
		input_tick(b->in, b->now_us);
		keys_tick(b->keys, &show, b->now_us);
	}
	b->now_us = end;
}

static void
feed_pieces(struct bench *b, const uint8_t *data, size_t size)
{
	while (size >= 2) {
		size_t len = data[0] < size - 2 ? data[0] : size - 2;
		int64_t pause_us = (int64_t)data[1] * 10000;

		/* What the decoder was given lies alone, so that one byte too many is seen. */
		char *piece = malloc(len > 0 ? len : 1);

		CHECK(piece != NULL);
		memcpy(piece, data + 2, len);
		input_feed(b->in, piece, len, b->now_us);
		free(piece);
		let_time_pass(b, pause_us);
		data += 2 + len;
		size -= 2 + len;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bench b = { .now_us = 1000000000 };

	if (size < 1)
		return 0;
	show.tile_count = 2;
	str_copy(show.tiles[0].id, sizeof show.tiles[0].id, "a");
	str_copy(show.tiles[1].id, sizeof show.tiles[1].id, "b");
	show.tiles[0].number = 1;
	show.tiles[1].number = 2;
	str_copy(show.preview, sizeof show.preview, "b");
	show.rolling = (data[0] & 4) != 0;
	b.in = input_new(event, &b);
	b.keys = keys_new(result, &b);
	b.prompt = prompt_new();
	input_want_mouse(b.in, (data[0] & 8) != 0);
	keys_set_map(b.keys, keymap_builtin(keymap_builtin_name(data[0] % 3)));
	feed_pieces(&b, data + 1, size - 1);
	/* Left alone, nothing is waited for any more. */
	let_time_pass(&b, 60000000);
	CHECK(input_deadline(b.in) == -1);
	CHECK(keys_deadline(b.keys) == -1);
	input_free(b.in);
	keys_free(b.keys);
	prompt_free(b.prompt);
	return 0;
}
