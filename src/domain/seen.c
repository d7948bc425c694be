/*
 * seen.c - owns the candidates: who waits, who is asked, who is left alone for how long, who makes room.
 * Never opens an address, never reads a clock; seen_line.c keeps the queues.
 */
#include "domain/seen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "domain/seen_private.h"

#define AGAIN_NEWS_US 250000	/* the soonest that news brings back who failed once; doubling to SEEN_AGAIN_FIRST_US */
#define KEY_BYTES (256 + 1024 + 16)

static void
lower(char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

/* A place is its host, port and URL; names of hosts know no case. */
static void
key_of(const struct registry_address *a, char key[static KEY_BYTES])
{
	char host[sizeof a->host];

	str_copy(host, sizeof host, a->host);
	lower(host);
	snprintf(key, KEY_BYTES, "%d %s %s", a->port, host, a->url);
}

static void
host_key(const struct registry_address *a, char key[static 256])
{
	str_copy(key, 256, a->host[0] != '\0' ? a->host : a->url);
	lower(key);
}

struct seen *
seen_new(void)
{
	struct seen *s = xcalloc(1, sizeof *s);

	s->places = map_new();
	s->hosts = map_new();
	list_init(&s->order);
	list_init(&s->kept);
	seen_line_init(s);
	return s;
}

/* ---- Birth and death of a place ---- */

static struct seen_host *
host_of(struct seen *s, const struct registry_address *a)
{
	char key[256];
	struct seen_host *h;

	host_key(a, key);
	h = map_get(s->hosts, key);
	if (h != NULL)
		return h;
	h = xcalloc(1, sizeof *h);
	seen_line_host(h);
	map_put(s->hosts, key, h);
	return h;
}

static void
host_left(struct seen *s, struct seen_place *p)
{
	char key[256];

	if (--p->host->places > 0)
		return;
	host_key(&p->address, key);
	map_take(s->hosts, key);
	list_remove(&p->host->rings[0]);
	list_remove(&p->host->rings[1]);
	free(p->host);
}

static struct seen_place *
place_new(struct seen *s, const struct registry_address *a)
{
	struct seen_place *p = xcalloc(1, sizeof *p);
	char key[KEY_BYTES];

	p->address = *a;
	p->due = -1;
	list_init(&p->line);
	list_init(&p->rank);
	p->host = host_of(s, a);
	p->host->places++;
	key_of(a, key);
	map_put(s->places, key, p);
	list_insert_tail(&s->order, &p->order);
	s->count++;
	return p;
}

void
seen_drop(struct seen *s, struct seen_place *p)
{
	char key[KEY_BYTES];

	if (p == NULL)
		return;
	seen_line_leave(s, p);
	if (p->is_kept)
		s->kept_count--;
	s->cursor.at = s->fit_cursor.at = NULL;
	key_of(&p->address, key);
	map_take(s->places, key);
	list_remove(&p->order);
	host_left(s, p);
	s->count--;
	free(p);
}

void
seen_free(struct seen *s)
{
	if (s == NULL)
		return;
	while (!list_is_empty(&s->order))
		seen_drop(s, LIST_ENTRY(s->order.next, struct seen_place, order));
	map_free(s->places);
	map_free(s->hosts);
	free(s);
}

struct seen_place *
seen_find(const struct seen *s, const struct registry_address *a)
{
	char key[KEY_BYTES];

	key_of(a, key);
	return map_get(s->places, key);
}

/* ---- Sightings ---- */

static bool
make_room(struct seen *s)
{
	struct list *who = !list_is_empty(&s->failed) ? &s->failed : &s->waiting;

	if (s->count < MAX_SIGHTINGS)
		return true;
	if (list_is_empty(who))
		return false;
	seen_drop(s, LIST_ENTRY(who->next, struct seen_place, rank));
	return true;
}

/* Typed by somebody: it has a turn of its own from now on. */
static void
keep(struct seen *s, struct seen_place *p)
{
	const enum seen_state was = p->state;

	if (p->is_kept || s->kept_count == SEEN_KEPT_MOST)
		return;
	seen_line_leave(s, p);
	p->is_kept = true;
	s->kept_count++;
	if (was == SEEN_TRYING)
		seen_line_ask(s, p);
	else
		seen_line_wait(s, p);
}

/* How long after its last turn news may bring it back; -1: this is no news of it. */
static int64_t
news_rest_us(const struct seen_place *p, unsigned via)
{
	const int shift = p->failures > 4 ? 3 : p->failures > 1 ? p->failures - 1 : 0;

	if (p->state == SEEN_SILENT)
		return AGAIN_NEWS_US << shift;
	if (p->state != SEEN_STRANGER)
		return -1;
	return (via & VIA_MANUAL) != 0 ? 0 : (via & VIA_BONJOUR) != 0 ? SEEN_ANEW_US : -1;
}

/* News of a place that failed: it is asked again soon, however long it was to be left alone. */
static void
revive(struct seen *s, struct seen_place *p, unsigned via, int64_t now_us)
{
	const int64_t rest_us = news_rest_us(p, via);
	int64_t at_us = p->tried_us + rest_us;

	if (rest_us < 0)
		return;
	at_us = at_us > now_us ? at_us : now_us;
	if (at_us < p->next_us)
		seen_line_rest(s, p, at_us);
}

static void
refresh(struct seen_place *p, const struct registry_address *a, const char *id, const char *name, int64_t now_us)
{
	p->address.via |= a->via;
	p->address.seen_us = now_us;
	if (id != NULL && id[0] != '\0')
		str_copy(p->id, sizeof p->id, id);
	if (name != NULL && name[0] != '\0')
		str_copy(p->name, sizeof p->name, name);
}

struct seen_place *
seen_sight(struct seen *s, const struct registry_address *a, const char *id, const char *name, int64_t now_us)
{
	struct seen_place *p = seen_find(s, a);
	const bool is_new = p == NULL;

	if (is_new) {
		if (!make_room(s))
			return NULL;
		p = place_new(s, a);
	}
	refresh(p, a, id, name, now_us);
	if (is_new)
		seen_line_wait(s, p);
	else
		revive(s, p, a->via, now_us);
	if ((p->address.via & VIA_MANUAL) != 0)
		keep(s, p);
	seen_line_spare(s, p);
	return p;
}

/* ---- How it went ---- */

static void
failed(struct seen *s, struct seen_place *p, enum seen_state state, const char *why, int64_t rest_us, int64_t now_us)
{
	p->failures++;
	p->is_held = false;
	str_copy(p->why, sizeof p->why, why);
	if (p->is_kept)
		return;		/* whoever asks goes on asking */
	seen_line_leave(s, p);
	p->state = state;
	seen_line_rest(s, p, now_us + rest_us);
}

void
seen_silent(struct seen *s, struct seen_place *p, const char *why, int64_t now_us)
{
	const int64_t all_us = (int64_t)s->due_count * SEEN_AGAIN_EACH_US;
	const int64_t most_us = all_us > SEEN_AGAIN_MOST_US ? all_us : SEEN_AGAIN_MOST_US;
	int64_t rest_us = SEEN_AGAIN_FIRST_US;

	for (int i = 0; i < p->failures && rest_us < most_us; i++)
		rest_us *= 2;
	failed(s, p, SEEN_SILENT, why, rest_us < most_us ? rest_us : most_us, now_us);
}

void
seen_stranger(struct seen *s, struct seen_place *p, const char *why, int64_t now_us)
{
	failed(s, p, SEEN_STRANGER, why, SEEN_STRANGER_US, now_us);
}

void
seen_refresh(struct seen *s, int64_t now_us)
{
	LIST_EACH(it, &s->order) {
		struct seen_place *p = LIST_ENTRY(it, struct seen_place, order);

		if (p->state != SEEN_SILENT)
			continue;
		p->failures = 0;
		seen_line_rest(s, p, now_us);
	}
}

void
seen_tidy(struct seen *s, int64_t now_us)
{
	LIST_EACH_SAFE(it, tmp, &s->failed) {	/* typed and remembered ones are not among them */
		struct seen_place *p = LIST_ENTRY(it, struct seen_place, rank);

		if (now_us - p->address.seen_us > SEEN_FORGET_US)
			seen_drop(s, p);
	}
}

/* ---- Look-ups ---- */

int
seen_count(const struct seen *s)
{
	return s->count;
}

/* Whoever lists them asks for one after the other: the last one found leads to the next. */
static struct seen_place *
find_on(struct seen *s, struct seen_cursor *at, int index, bool (*fits)(const struct seen_place *p))
{
	if (at->at == NULL || at->index > index) {
		at->at = &s->order;
		at->index = -1;
	}
	while (at->index < index) {
		at->at = at->at->next;
		if (at->at == &s->order) {
			at->at = NULL;
			return NULL;
		}
		at->index += fits == NULL || fits(LIST_ENTRY(at->at, struct seen_place, order));
	}
	return LIST_ENTRY(at->at, struct seen_place, order);
}

struct seen_place *
seen_at(struct seen *s, int index)
{
	return index < 0 || index >= s->count ? NULL : find_on(s, &s->cursor, index, NULL);
}

struct seen_place *
seen_fit_at(struct seen *s, int index, bool (*fits)(const struct seen_place *p))
{
	if (index <= 0 || s->fit != fits)
		s->fit_cursor.at = NULL;	/* who fits may have changed meanwhile */
	s->fit = fits;
	return index < 0 ? NULL : find_on(s, &s->fit_cursor, index, fits);
}

int
seen_trying_count(const struct seen *s)
{
	return s->asked_count;
}

int
seen_waiting_count(const struct seen *s)
{
	return s->eager_count;
}
