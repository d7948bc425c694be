/*
 * cue_choice.c - `cut next|random of LIST`: read with its list, and chosen from while the sheet plays.
 * Owns each list's place.  Never knows which cameras there are.
 */
#include "domain/cue_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define CHOICE_EXPECTED "expected cut next of LIST or cut random of LIST, such as cut next of left,right"

/* ---- Reading ---- */

void
cue_choice_free(struct cue_choice *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->count; i++)
		free(c->names[i]);
	free(c->names);
	free(c->tail);
	free(c->key);
	free(c);
}

/* A word that `cut` would take for something else than its source. */
static bool
choice_is_no_name(const char *text, size_t len)
{
	static const char *const words[] = { "now", "on", "after" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (len == strlen(words[i]) && memcmp(text, words[i], len) == 0)
			return true;
	return len == 0 || text[0] == '-';
}

/* One name of the list at r->at, quotes kept. */
static bool
choice_name(struct cue_reader *r, struct cue_choice *c)
{
	size_t begin, len = 0;

	cue_skip_blanks(r);
	begin = r->at;
	if (begin < r->len && r->text[begin] == '"') {
		len = cue_string_bytes(r->text + begin, r->len - begin);
		if (len == 0)
			return cue_fail(r, begin, "expected a closing quote: this string has no end");
	} else {
		while (begin + len < r->len && strchr(" \t,\"", r->text[begin + len]) == NULL)
			len++;
	}
	if (choice_is_no_name(r->text + begin, len))
		return cue_fail(r, begin, "expected a camera of the list; " CHOICE_EXPECTED);
	if (c->count == MAX_COMMAND_WORDS)
		return cue_fail(r, begin, "this list is too long; expected at most %d cameras", MAX_COMMAND_WORDS);
	c->names = xreallocarray(c->names, c->count + 1, sizeof(c->names[0]));
	c->names[c->count++] = xstrndup(r->text + begin, len);
	r->at = begin + len;
	return true;
}

static bool
choice_list(struct cue_reader *r, struct cue_choice *c)
{
	size_t begin;

	cue_skip_blanks(r);
	begin = r->at;
	for (;;) {
		if (!choice_name(r, c))
			return false;
		begin = r->at;
		cue_skip_blanks(r);
		if (r->at >= r->len || r->text[r->at] != ',')
			break;
		r->at++;
	}
	r->at = begin;
	return r->at >= r->len || r->text[r->at] == ' ' || r->text[r->at] == '\t' ||
	    cue_fail(r, r->at, "expected a comma or a blank behind a camera of the list");
}

static char *
choice_key(const struct cue_choice *c)
{
	struct buf b;

	buf_init(&b, 2 * MAX_COMMAND_LINE);
	for (size_t i = 0; i < c->count; i++)
		buf_add_format(&b, "%s,", c->names[i]);
	return buf_steal(&b, NULL);
}

static char *
choice_command(const struct cue_choice *c, size_t index)
{
	return xasprintf("cut %s%s%s", c->names[index], c->tail[0] != '\0' ? " " : "", c->tail);
}

/* Each of its cuts must be a good one; a complaint points to the list. */
static bool
choice_check(struct cue_reader *r, const struct cue_choice *c, size_t list_at)
{
	struct err why = { .kind = ERR_NONE };

	for (size_t i = 0; r->check != NULL && i < c->count; i++) {
		char *text = choice_command(c, i);
		int column = 1;
		bool ok = r->check(r->arg, text, &column, &why);

		free(text);
		if (!ok)
			return cue_fail(r, list_at, "%s: %s", c->names[i], why.text);
	}
	return true;
}

bool
cue_read_choice(struct cue_reader *r, struct cue *cue, bool *is_one)
{
	size_t begin = r->at, at = r->at, list_at;
	struct cue_word cut = cue_word_at(r, &at), which = cue_word_at(r, &at), of;
	struct cue_choice *c;

	of = cue_word_at(r, &at);
	*is_one = cue_word_is(&cut, "cut") && (cue_word_is(&which, "next") || cue_word_is(&which, "random") || cue_word_is(&of, "of"));
	if (!*is_one)
		return true;
	if (!cue_word_is(&which, "next") && !cue_word_is(&which, "random"))
		return cue_fail(r, which.begin, CHOICE_EXPECTED);
	if (!cue_word_is(&of, "of"))
		return cue_fail(r, of.begin, CHOICE_EXPECTED);
	c = cue->choice = xcalloc(1, sizeof(*c));
	c->random = cue_word_is(&which, "random");
	r->at = at;
	cue_skip_blanks(r);
	list_at = r->at;
	if (!choice_list(r, c))
		return false;
	cue_skip_blanks(r);
	c->tail = xstrndup(r->text + r->at, r->len - r->at);
	c->key = choice_key(c);
	cue->text = xstrndup(r->text + begin, r->len - begin);
	return choice_check(r, c, list_at);
}

/* ---- While it plays ---- */

struct cue_chooser {
	uint64_t state;
	struct map *last;		/* key of a list -> index of its last chosen + 1, as a pointer */
};

struct cue_chooser *
cue_chooser_new(uint64_t seed)
{
	struct cue_chooser *c = xcalloc(1, sizeof(*c));

	c->state = seed;
	c->last = map_new();
	return c;
}

void
cue_chooser_free(struct cue_chooser *c)
{
	if (c == NULL)
		return;
	map_free(c->last);
	free(c);
}

/* splitmix64: any seed is a good one, and the same on every machine. */
static uint64_t
chooser_draw(struct cue_chooser *c)
{
	uint64_t z = c->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* Of the names that are not the last one; of all when there is no other. */
static size_t
chooser_random(struct cue_chooser *c, const struct cue_choice *choice, const char *last)
{
	size_t others = 0, at, i;

	for (i = 0; i < choice->count; i++)
		others += last == NULL || strcmp(choice->names[i], last) != 0;
	if (others == 0)
		return 0;
	at = (size_t)(chooser_draw(c) % others);
	for (i = 0; i < choice->count; i++)
		if ((last == NULL || strcmp(choice->names[i], last) != 0) && at-- == 0)
			break;
	return i;
}

char *
cue_command(const struct cue *cue, struct cue_chooser *c)
{
	const struct cue_choice *choice = cue->choice;
	size_t last, index;

	if (choice == NULL)
		return xstrdup(cue->text);
	last = (size_t)(uintptr_t)map_get(c->last, choice->key);	/* that is the index of the one behind it */
	if (choice->random)
		index = chooser_random(c, choice, last > 0 ? choice->names[last - 1] : NULL);
	else
		index = last % choice->count;
	map_put(c->last, choice->key, (void *)(uintptr_t)(index + 1));
	return choice_command(choice, index);
}

char *
cue_sample(const struct cue *cue)
{
	return cue->choice != NULL ? choice_command(cue->choice, 0) : xstrdup(cue->text);
}
