/*
 * rushes.c - which files are wanted, and what becomes of them.  Owner of the engine and its wishes.
 * Moves no byte itself, asks no camera for anything but its files, and believes a file home only when its hash says so.
 */
#include "app/rushes_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

/* ---- Wishes ---- */

struct rushes_wish *
rushes_find(const struct rushes *r, const char *take, const char *node, int part)
{
	LIST_EACH(it, &r->wishes) {
		struct rushes_wish *w = LIST_ENTRY(it, struct rushes_wish, link);

		if (w->part == part && strcmp(w->take, take) == 0 && strcmp(w->node, node) == 0)
			return w;
	}
	return NULL;
}

static void
wish_free(struct rushes_wish *w)
{
	haul_drop(w->haul, false);
	list_remove(&w->link);
	free(w);
}

void
rushes_forget_take(struct rushes *r, const char *take)
{
	LIST_EACH_SAFE(it, tmp, &r->wishes) {
		struct rushes_wish *w = LIST_ENTRY(it, struct rushes_wish, link);

		if (strcmp(w->take, take) != 0)
			continue;
		haul_drop(w->haul, true);
		w->haul = NULL;
		wish_free(w);
	}
}

static bool
step(struct rushes *r, const struct rushes_wish *w, enum take_state to, const char *reason)
{
	const struct recordall_step s = { .take = w->take, .node = w->node, .part = w->part, .to = to, .reason = reason,
		.file = w->file };

	return recordall_part_go(r->recordall, &s);
}

/* The engine has no room, or has it again: the operator is told once each way. */
static void
tell_room(struct rushes *r, const struct rushes_wish *w, const struct haul_news *n)
{
	const bool is_full = n->state == HAUL_FULL;

	if (is_full == r->is_full || (!is_full && n->state != HAUL_MOVING && n->state != HAUL_VERIFIED))
		return;
	r->is_full = is_full;
	if (is_full)
		bus_tell(r->bus, EV_NOTICE, w->node, "bringing files home waits: %s; make room, it goes on by itself", n->err.text);
	rushes_tell_archive(r);
	if (!is_full)
		bus_tell(r->bus, EV_NOTICE, NULL, "there is room again: files are brought home");
}

/* What came is not the file: it is no longer fetched, whatever was told. */
static void
tell_bad(struct rushes *r, const struct rushes_wish *w, const struct haul_news *n)
{
	step(r, w, TAKE_FETCHING, NULL);
	if (n->bad_tries < HAUL_TRIES)
		bus_tell(r->bus, EV_NOTICE, w->node, "take %s: SHA-256 of %s differs from the node's: kept as %s.bad, fetched again (try %d of %d)",
		    w->take, w->file, w->file, n->bad_tries + 1, HAUL_TRIES);
}

static void
wish_ended(struct rushes *r, struct rushes_wish *w, const struct haul_news *n)
{
	char take[TAKE_BYTES];

	str_copy(take, sizeof take, w->take);
	if (n->state == HAUL_VERIFIED && !step(r, w, TAKE_VERIFIED, NULL)) {
		step(r, w, TAKE_FETCHING, NULL);	/* what was here already goes the same way */
		step(r, w, TAKE_FETCHED, NULL);
		step(r, w, TAKE_VERIFIED, NULL);
	} else if (n->state == HAUL_FAILED) {
		step(r, w, TAKE_FETCHING, NULL);
		step(r, w, TAKE_FAILED, n->err.text);
	}
	wish_free(w);
	rushes_tell_receipt(r, take);
	rushes_asks_look(r);
}

static void
on_news(void *arg, struct haul_wish *haul, const struct haul_news *n)
{
	struct rushes_wish *w = arg;
	struct rushes *r = w->rushes;

	const bool was_bad = n->bad_tries > w->news.bad_tries;

	(void)haul;
	if (n->state != w->news.state || n->bytes != w->news.bytes)
		w->moved_us = loop_now_us(r->loop);
	if (n->state != w->news.state)
		log_line(LOG_TAKE, "%s %s part %d: %s %s", w->take, w->node, w->part, haul_state_name(n->state), n->err.text);
	w->news = *n;
	if (was_bad)
		tell_bad(r, w, n);
	tell_room(r, w, n);
	if (n->state == HAUL_VERIFIED || n->state == HAUL_FAILED)
		wish_ended(r, w, n);
	else if (n->state == HAUL_MOVING)
		step(r, w, TAKE_FETCHING, NULL);
	else if (n->state == HAUL_FETCHED)
		step(r, w, TAKE_FETCHED, NULL);
}

/* ---- Where a node is ---- */

static const char *
bearer_of(const struct rushes *r, const char *node)
{
	return r->bearer != NULL ? r->bearer(r->bearer_arg, node) : NULL;
}


struct urls {
	char text[HAUL_URLS][640];
	const char *list[HAUL_URLS];
	int count;
};

static void
add_url(struct urls *u, const struct registry_address *a, const char *recording)
{
	char path[3 * ID_BYTES + 32];

	if (u->count == HAUL_URLS || a->url[0] != '\0')
		return;
	snprintf(path, sizeof path, "/recordings/%s/file", recording);
	http_url(u->text[u->count], sizeof u->text[0], a->host, a->port, path);
	u->list[u->count] = u->text[u->count];
	u->count++;
}

/* The address in use first: it is the one that answers. */
static void
find_urls(struct rushes *r, struct urls *u, const char *node, const char *recording)
{
	const struct crew_member *m = crew_find(r->crew, node);

	u->count = 0;
	for (int pass = 0; m != NULL && pass < 2; pass++)
		for (int i = 0; i < m->node->address_count; i++)
			if (m->node->addresses[i].in_use == (pass == 0))
				add_url(u, &m->node->addresses[i], recording);
}

static void
move_node(struct rushes *r, const char *node)
{
	LIST_EACH(it, &r->wishes) {
		struct rushes_wish *w = LIST_ENTRY(it, struct rushes_wish, link);
		struct urls urls;

		if (strcmp(w->node, node) != 0)
			continue;
		find_urls(r, &urls, node, w->recording);
		if (urls.count > 0)
			haul_move(w->haul, urls.list, urls.count, bearer_of(r, w->node));
	}
}

/* ---- What is wanted ---- */

static bool
is_named_so(const struct rushes *r, const struct take *t, const struct take_part *but, const char *file)
{
	LIST_EACH(it, &r->wishes) {
		const struct rushes_wish *w = LIST_ENTRY(it, struct rushes_wish, link);

		if (strcmp(w->take, t->take) == 0 && strcmp(w->file, file) == 0)
			return true;
	}
	for (int i = 0; i < t->device_count; i++)
		for (int k = 0; k < t->devices[i].part_count; k++)
			if (&t->devices[i].parts[k] != but && strcmp(t->devices[i].parts[k].file, file) == 0)
				return true;
	return false;
}

/* As it was called first; two files never share a name, whatever cameras are called. */
static void
name_file(struct rushes *r, struct rushes_wish *w, const struct take *t, const struct take_device *d, const struct take_part *p)
{
	const struct registry_node *n = registry_find(crew_registry(r->crew), d->node);
	char slug[12], plain[sizeof w->file], longer[3 * sizeof w->file], *dot;

	str_copy(w->file, sizeof w->file, p->file);
	if (w->file[0] != '\0')
		return;
	take_part_name(w->file, sizeof w->file, t->take, d, n != NULL ? n->info.device_name : NULL, p);
	if (!is_named_so(r, t, p, w->file))
		return;
	str_slug(slug, sizeof slug, p->meta.id);
	str_copy(plain, sizeof plain, w->file);
	dot = strrchr(plain, '.');	/* the ending is ours: it is there */
	snprintf(longer, sizeof longer, "%.*s-%s%s", (int)(dot - plain), plain, slug, dot);
	str_copy(w->file, sizeof w->file, longer);
}

static bool
open_wish(struct rushes *r, struct rushes_wish *w, const struct take_part *p, struct err *e)
{
	struct rushes_landing to;
	struct urls urls;

	rushes_archive_landing(r, recordall_take(r->recordall, w->take), &to);
	find_urls(r, &urls, w->node, w->recording);
	const struct haul_ask ask = { .node = w->node, .recording = w->recording, .urls = urls.list, .url_count = urls.count, .bearer = bearer_of(r, w->node),
		.folder = to.folder, .anchor = to.anchor[0] != '\0' ? to.anchor : NULL, .name = w->file, .bytes = p->meta.bytes > 0 ? p->meta.bytes : -1, .sha256 = p->meta.sha256 };

	w->haul = haul_add(r->haul, &ask, on_news, w, e);
	return w->haul != NULL;
}

/* A camera that this console has never met has no address yet: it is looked at again when it comes. */
static bool
is_met(const struct rushes *r, const char *node)
{
	const struct crew_member *m = crew_find(r->crew, node);

	return m != NULL && m->node->address_count > 0 && !m->node->view_only;
}

/* The camera gave the same recording another id. */
static void
follow_recording(struct rushes *r, struct rushes_wish *w, const struct take_part *p)
{
	struct urls urls;

	if (strcmp(w->recording, p->meta.id) == 0)
		return;
	str_copy(w->recording, sizeof w->recording, p->meta.id);
	find_urls(r, &urls, w->node, w->recording);
	if (urls.count > 0)
		haul_move(w->haul, urls.list, urls.count, bearer_of(r, w->node));
}

static void
want(struct rushes *r, const struct take *t, const struct take_device *d, const struct take_part *p)
{
	struct rushes_wish *w = rushes_find(r, t->take, d->node, p->part);
	struct rushes_landing to;
	struct err e = { .kind = ERR_NONE };

	if (w != NULL) {
		follow_recording(r, w, p);
		haul_promise(w->haul, p->meta.bytes > 0 ? p->meta.bytes : -1, p->meta.sha256);
		return;
	}
	if (!is_met(r, d->node) || p->meta.id[0] == '\0' || !rushes_archive_landing(r, t, &to))
		return;
	w = xcalloc(1, sizeof *w);
	w->rushes = r;
	str_copy(w->take, sizeof w->take, t->take);
	str_copy(w->node, sizeof w->node, d->node);
	str_copy(w->recording, sizeof w->recording, p->meta.id);
	w->part = p->part;
	w->moved_us = loop_now_us(r->loop);
	name_file(r, w, t, d, p);
	list_insert_tail(&r->wishes, &w->link);
	if (open_wish(r, w, p, &e))
		return;
	step(r, w, TAKE_FETCHING, NULL);
	step(r, w, TAKE_FAILED, e.text);
	wish_free(w);
}

void
rushes_want_take(struct rushes *r, const struct take *t, bool failed_too)
{
	rushes_archive_bind(r, t);
	for (int i = 0; i < t->device_count; i++)
		for (int k = 0; k < t->devices[i].part_count; k++) {
			const enum take_state state = t->devices[i].parts[k].state;

			if (state == TAKE_SAVED || state == TAKE_FETCHING || state == TAKE_FETCHED || (state == TAKE_FAILED && failed_too))
				want(r, t, &t->devices[i], &t->devices[i].parts[k]);
		}
}

/* Nobody in it records, as far as we know; a camera whose stop is open does not hold up the others' files. */
static bool
is_ending(const struct take *t)
{
	for (int i = 0; i < t->device_count; i++)
		if (t->devices[i].state <= TAKE_RECORDING)
			return false;
	return true;
}

static void
look_at_take(void *arg, const struct take *t)
{
	struct rushes *r = arg;
	const bool is_asked = rushes_is_asked(r, t->take);

	rushes_archive_bind(r, t);
	if (is_asked || (opt_int(r->settings, "auto-fetch") != 0 && is_ending(t)))
		rushes_want_take(r, t, false);
	rushes_copies_want(r, t);
}

/* ---- The pace ---- */

bool
rushes_pace(const char *text, int64_t *bytes_a_second)
{
	static const struct { const char *unit; int64_t bytes; } units[] = { { "B/s", 1 }, { "kB/s", 1000 }, { "MB/s", 1000000 },
		{ "GB/s", 1000000000 }, { "k", 1000 }, { "M", 1000000 }, { "G", 1000000000 } };
	double number;
	int used = 0;

	if (strcmp(text, "pause") == 0) {
		*bytes_a_second = HAUL_PAUSED;
		return true;
	}
	if (sscanf(text, "%lf%n", &number, &used) != 1 || used == 0 || number <= 0 || number > 1e6)
		return false;
	while (text[used] == ' ')
		used++;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (str_equal_nocase(text + used, units[i].unit)) {
			*bytes_a_second = (int64_t)(number * (double)units[i].bytes);
			return *bytes_a_second > 0;
		}
	return false;
}

static void
set_pace(struct rushes *r)
{
	const char *text = opt_text(r->settings, "fetch-while-rolling");
	int64_t pace = HAUL_FULL_SPEED;

	if (recordall_is_rolling(r->recordall) && !rushes_pace(text, &pace)) {
		bus_tell(r->bus, EV_NOTICE, NULL, "fetch-while-rolling \"%s\" is neither pause nor a rate such as 2MB/s: fetching pauses", text);
		pace = HAUL_PAUSED;
	}
	if (recordall_is_rolling(r->recordall))
		rushes_copies_stop(r, false);	/* they have no throttle */
	if (pace == r->pace)
		return;
	r->pace = pace;
	haul_pace(r->haul, pace);
}

bool
rushes_is_paused(const struct rushes *r)
{
	return r->pace == HAUL_PAUSED;
}

/* ---- News ---- */

static void
look(void *arg)
{
	struct rushes *r = arg;

	r->look_waits = false;
	set_pace(r);
	recordall_each(r->recordall, look_at_take, r);
	rushes_asks_look(r);
}

/* At the end of the turn: many things change in one. */
void
rushes_look_soon(struct rushes *r)
{
	if (r->look_waits)
		return;
	r->look_waits = true;
	loop_timer_start(r->loop, r->look_timer, 0, 0);
}

static void
hear(void *arg, const struct bus_event *ev)
{
	struct rushes *r = arg;

	if (ev->node != NULL && (ev->kind == EV_NODE_STATE || ev->kind == EV_NODE_INFO || ev->kind == EV_NODE_LIVE || ev->kind == EV_CLAIM_CHANGED))
		move_node(r, ev->node);
	if (ev->node != NULL && ev->kind == EV_NODE_LIVE)
		haul_nudge(r->haul, ev->node);
	if (ev->kind == EV_TAKE_CHANGED && ev->text != NULL)
		rushes_receipt_soon(r, ev->text);
	if (ev->kind == EV_NODE_LOST)
		rushes_receipts_again(r);
	rushes_look_soon(r);
}

static const enum event_kind news_kinds[] = { EV_TAKE_CHANGED, EV_SETTING_CHANGED, EV_NODE_STATE, EV_NODE_INFO, EV_NODE_LIVE,
	EV_NODE_LOST, EV_CLAIM_CHANGED };

/* ---- Life ---- */

struct rushes *
rushes_new(struct loop *loop, struct crew *crew, struct recordall *recordall, struct scribe *scribe, struct sphere *sphere,
    struct bus *bus, const struct opt_set *settings, const struct haul_conf *conf)
{
	struct rushes *r = xcalloc(1, sizeof *r);

	r->loop = loop;
	r->crew = crew;
	r->recordall = recordall;
	r->scribe = scribe;
	r->sphere = sphere;
	r->bus = bus;
	r->settings = settings;
	r->pace = HAUL_FULL_SPEED;
	list_init(&r->wishes);
	list_init(&r->copies);
	list_init(&r->asks);
	list_init(&r->told);
	list_init(&r->receipts);
	r->haul = haul_new(loop, conf);
	r->look_timer = loop_timer_new(loop, look, r);
	rushes_archive_open(r);
	rushes_asks_open(r);
	for (size_t i = 0; i < sizeof news_kinds / sizeof news_kinds[0]; i++)
		bus_listen(bus, news_kinds[i], hear, r);
	rushes_look_soon(r);
	return r;
}

void
rushes_set_bearer(struct rushes *r, fanout_bearer_fn *fn, void *arg)
{
	r->bearer = fn;
	r->bearer_arg = arg;
}

void
rushes_free(struct rushes *r)
{
	if (r == NULL)
		return;
	bus_unlisten(r->bus, hear, r);
	LIST_EACH_SAFE(it, tmp, &r->wishes)
		wish_free(LIST_ENTRY(it, struct rushes_wish, link));
	haul_free(r->haul);
	rushes_archive_close(r);
	rushes_asks_close(r);
	loop_timer_free(r->loop, r->look_timer);
	free(r);
}

/* ---- Questions ---- */

bool
rushes_at(const struct rushes *r, int index, struct rushes_file *out)
{
	LIST_EACH(it, &r->wishes) {
		const struct rushes_wish *w = LIST_ENTRY(it, struct rushes_wish, link);

		if (index-- > 0)
			continue;
		*out = (struct rushes_file){ .take = w->take, .node = w->node, .file = w->file, .part = w->part, .news = &w->news };
		return true;
	}
	return false;
}

const struct haul_news *
rushes_news(const struct rushes *r, const char *take, const char *node, int part)
{
	const struct rushes_wish *w = rushes_find(r, take, node, part);

	return w != NULL ? &w->news : NULL;
}

void
rushes_total(const struct rushes *r, struct haul_totals *out)
{
	haul_total(r->haul, out);
}
