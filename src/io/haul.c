/*
 * haul.c - wishes for files: added, changed, dropped; whose turn it is.  Owns the wishes and the threads.
 * On the loop's thread but for haul_ended() and haul_now_us().  Never blocks, but in haul_free().
 */
#include "io/haul_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/clk.h"
#include "base/str.h"
#include "base/xalloc.h"

#define AT_ONCE 8
#define PER_NODE 2
#define THREADS 2
#define CONNECTIONS_MAX 64		/* with those that are silent */
#define SILENT_US 1000000		/* a transfer that is silent so long takes nobody's place */
#define NAME_MAX_BYTES 240		/* with what is appended, a file name of any file system */

struct haul_mail {
	struct haul *haul;		/* NULL: freed meanwhile */
	bool posted;			/* under the haul's lock */
};

int64_t
haul_now_us(void)
{
	return clk_mono_us(clk_system());
}

void
haul_soon(struct haul *h)
{
	loop_timer_start(h->loop, h->timer, 0, 0);
}

/* ---- Steps that ended ---- */

static void
mail_read(void *arg)
{
	struct haul_mail *mail = arg;
	struct haul *h = mail->haul;

	if (h == NULL) {
		free(mail);
		return;
	}
	pthread_mutex_lock(&h->lock);
	mail->posted = false;
	pthread_mutex_unlock(&h->lock);
	haul_turn(h);
}

void
haul_ended(struct haul_wish *w)
{
	struct haul *h = w->haul;
	bool post;

	pthread_mutex_lock(&h->lock);
	list_insert_tail(&h->notes, &w->job);
	post = !h->mail->posted && !atomic_load(&h->is_ending);
	if (post)
		h->mail->posted = true;
	pthread_mutex_unlock(&h->lock);
	if (post)
		loop_post(h->loop, mail_read, h->mail);
}

static void
read_notes(struct haul *h)
{
	for (;;) {
		struct haul_wish *w = NULL;

		pthread_mutex_lock(&h->lock);
		if (!list_is_empty(&h->notes)) {
			w = LIST_ENTRY(h->notes.next, struct haul_wish, job);
			list_remove(&w->job);
		}
		pthread_mutex_unlock(&h->lock);
		if (w == NULL)
			return;
		haul_step_ended(w);
	}
}

/* ---- Whose turn it is ---- */

static bool
is_asking(const struct haul_wish *w)
{
	return w->step == HAUL_STEP_OPEN || w->step == HAUL_STEP_MOVE;
}

/* One for the very same file was dropped, and has not let go of it yet. */
static bool
is_blocked(const struct haul_wish *w)
{
	LIST_EACH(it, &w->haul->wishes) {
		const struct haul_wish *other = LIST_ENTRY(it, struct haul_wish, link);

		if (other->is_dropped && strcmp(other->part.path, w->part.path) == 0)
			return true;
	}
	return false;
}

static bool
is_due(const struct haul_wish *w, int64_t now_us)
{
	if (w->is_dropped || w->step != HAUL_STEP_IDLE || (w->haul->dropped > 0 && is_blocked(w)))
		return false;
	return w->state == HAUL_WAITING || ((w->state == HAUL_RETRYING || w->state == HAUL_FULL) && w->due_us <= now_us);
}

static int
count_asking(const struct haul *h, int64_t now_us, int *connections)
{
	int lively = 0;

	*connections = 0;
	LIST_EACH(it, &h->wishes) {
		const struct haul_wish *w = LIST_ENTRY(it, struct haul_wish, link);

		if (!is_asking(w))
			continue;
		++*connections;
		if (w->step == HAUL_STEP_OPEN || now_us - atomic_load(&w->heard_us) < SILENT_US)
			lively++;
	}
	return lively;
}

static void
look_at_node(const struct haul *h, const char *node, int *asking, int64_t *served_us)
{
	*asking = 0;
	*served_us = 0;
	LIST_EACH(it, &h->wishes) {
		const struct haul_wish *w = LIST_ENTRY(it, struct haul_wish, link);

		if (strcmp(w->node, node) != 0)
			continue;
		*asking += is_asking(w);
		if (w->served_us > *served_us)
			*served_us = w->served_us;
	}
}

/* Of the node with the fewest transfers; among those, of the one that was served longest ago. */
static struct haul_wish *
next_wish(const struct haul *h, int64_t now_us)
{
	struct haul_wish *best = NULL;
	int64_t best_served_us = 0, served_us;
	int best_asking = 0, asking;

	LIST_EACH(it, &h->wishes) {
		struct haul_wish *w = LIST_ENTRY(it, struct haul_wish, link);

		if (!is_due(w, now_us))
			continue;
		look_at_node(h, w->node, &asking, &served_us);
		if (asking >= h->conf.per_node)
			continue;
		if (best != NULL && (asking > best_asking || (asking == best_asking && served_us >= best_served_us)))
			continue;
		best = w;
		best_asking = asking;
		best_served_us = served_us;
	}
	return best;
}

static void
begin_due(struct haul *h)
{
	int64_t now_us = haul_now_us();
	struct haul_wish *w;
	int connections;

	while (h->pace != HAUL_PAUSED && count_asking(h, now_us, &connections) < h->conf.at_once && connections < CONNECTIONS_MAX &&
	    (w = next_wish(h, now_us)) != NULL)
		haul_step_begin(w);
}

/* One rate for all: each transfer has its share. */
static void
share_pace(struct haul *h)
{
	int64_t share = h->pace, now_us = haul_now_us();
	int moving, connections;

	if (share > 0) {
		moving = count_asking(h, now_us, &connections);
		share = share / (moving > 0 ? moving : 1) + 1;
	}
	if (atomic_exchange(&h->share, share) == share)
		return;
	for (int i = 0; i < h->conf.threads; i++)
		haul_work_wake(&h->workers[i]);
}

/* FETCHED was told; the verdict comes after it. */
static void
judge_told(struct haul_wish *w)
{
	if (!w->is_dropped && w->state == HAUL_FETCHED && w->step == HAUL_STEP_IDLE && !w->is_news_due && w->next_sha256[0] != '\0')
		haul_step_judge(w);
}

/* ---- The turn ---- */

/* 0: nothing will happen by itself. */
static int64_t
wake_at(const struct haul_wish *w, int64_t now_us)
{
	int64_t at_us = 0;

	if (w->is_dropped)
		return 0;
	if (w->step == HAUL_STEP_MOVE)
		at_us = now_us + HAUL_TICK_US;
	else if (w->step == HAUL_STEP_IDLE && (w->state == HAUL_RETRYING || w->state == HAUL_FULL))
		at_us = w->due_us > now_us ? w->due_us : now_us + HAUL_TICK_US;
	if (w->is_news_due && !(haul_news_is_last(w) && w->step != HAUL_STEP_IDLE) && (at_us == 0 || haul_news_due_us(w) < at_us))
		at_us = haul_news_due_us(w);
	return at_us;
}

static void
set_timer(struct haul *h)
{
	int64_t now_us = haul_now_us(), at_us = 0;

	LIST_EACH(it, &h->wishes) {
		const struct haul_wish *w = LIST_ENTRY(it, struct haul_wish, link);
		int64_t own_us = wake_at(w, now_us);

		/* Paused, nothing is tried again; haul_pace() makes a turn. */
		if (own_us != 0 && h->pace == HAUL_PAUSED && w->step != HAUL_STEP_MOVE && !w->is_news_due)
			own_us = 0;
		if (own_us != 0 && (at_us == 0 || own_us < at_us))
			at_us = own_us;
	}
	if (at_us == 0)
		loop_timer_stop(h->loop, h->timer);
	else
		loop_timer_start(h->loop, h->timer, at_us > now_us ? at_us - now_us : 0, 0);
}

void
haul_turn(void *arg)
{
	struct haul *h = arg;

	read_notes(h);
	LIST_EACH(it, &h->wishes)
		haul_news_tell(LIST_ENTRY(it, struct haul_wish, link), haul_now_us());
	LIST_EACH(it, &h->wishes)
		judge_told(LIST_ENTRY(it, struct haul_wish, link));
	begin_due(h);
	share_pace(h);
	set_timer(h);
}

/* ---- Wishes ---- */

static bool
is_hex64(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdefABCDEF") == 64;
}

static void
set_promise(struct haul_wish *w, int64_t bytes, const char *sha256)
{
	w->next_bytes = bytes >= 0 ? bytes : -1;
	if (sha256 == NULL || !is_hex64(sha256)) {
		w->next_sha256[0] = '\0';
		return;
	}
	str_copy(w->next_sha256, sizeof w->next_sha256, sha256);
	for (char *c = w->next_sha256; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'F')
			*c = (char)(*c - 'A' + 'a');
}

static void
set_urls(struct haul_wish *w, const char *const *urls, int url_count, const char *bearer)
{
	for (int i = 0; i < w->url_count; i++)
		free(w->urls[i]);
	free(w->bearer);
	w->url_count = url_count < HAUL_URLS ? url_count : HAUL_URLS;
	for (int i = 0; i < w->url_count; i++)
		w->urls[i] = xstrdup(urls[i]);
	w->bearer = bearer != NULL ? xstrdup(bearer) : NULL;
	w->url_at = 0;
}

static bool
ask_is_good(const struct haul *h, const struct haul_ask *ask, struct err *e)
{
	char *path;
	bool taken = false;

	if (ask->name[0] == '\0' || ask->name[0] == '.' || strchr(ask->name, '/') != NULL || strlen(ask->name) > NAME_MAX_BYTES)
		return err_set(e, ERR_USAGE, "\"%.80s\" is no name for a file", ask->name);
	if (ask->url_count < 1)
		return err_set(e, ERR_USAGE, "%s: no address to fetch it from", ask->name);
	if (strlen(ask->recording) >= HAUL_RECORDING || strlen(ask->node) >= HAUL_NODE)
		return err_set(e, ERR_FORMAT, "%s: the id of its recording or of its node is too long", ask->name);
	path = xasprintf("%s/%s", ask->folder, ask->name);
	LIST_EACH(it, &h->wishes) {
		const struct haul_wish *w = LIST_ENTRY(it, struct haul_wish, link);

		taken = taken || (!w->is_dropped && strcmp(w->part.path, path) == 0);
	}
	free(path);
	return !taken || err_set(e, ERR_USAGE, "%s is being fetched already", ask->name);
}

struct haul_wish *
haul_add(struct haul *h, const struct haul_ask *ask, haul_news_fn *news, void *arg, struct err *e)
{
	struct haul_wish *w;

	if (!ask_is_good(h, ask, e))
		return NULL;
	w = xcalloc(1, sizeof *w);
	w->haul = h;
	w->news = news;
	w->arg = arg;
	str_copy(w->node, sizeof w->node, ask->node);
	set_urls(w, ask->urls, ask->url_count, ask->bearer);
	set_promise(w, ask->bytes, ask->sha256);
	if (ask->etag != NULL && !str_copy(w->etag, sizeof w->etag, ask->etag))
		w->etag[0] = '\0';
	w->total_bytes = w->promised_bytes = -1;
	atomic_store(&w->total_seen, -1);
	haul_part_init(&w->part, ask->folder, ask->name, ask->recording);
	if (ask->anchor != NULL)
		haul_part_set_anchor(&w->part, ask->anchor);
	list_init(&w->job);
	list_init(&w->moving);
	list_insert_tail(&h->wishes, &w->link);
	w->is_told = true;		/* WAITING was asked for; that is no news */
	w->told.state = HAUL_WAITING;
	haul_soon(h);
	return w;
}

void
haul_wish_free(struct haul_wish *w)
{
	list_remove(&w->link);
	w->haul->dropped -= w->is_dropped;
	haul_part_fini(&w->part);
	for (int i = 0; i < w->url_count; i++)
		free(w->urls[i]);
	free(w->bearer);
	free(w->url);
	free(w->token);
	free(w);
}

void
haul_drop(struct haul_wish *w, bool forget)
{
	if (w == NULL || w->is_dropped)
		return;
	w->is_dropped = true;
	w->haul->dropped++;
	w->is_forgotten = forget;
	atomic_store(&w->is_unwanted, true);
	if (w->step == HAUL_STEP_IDLE)
		haul_step_close(w);
	else if (w->step == HAUL_STEP_MOVE)
		haul_work_wake(w->worker);
	haul_soon(w->haul);
}

void
haul_move(struct haul_wish *w, const char *const *urls, int url_count, const char *bearer)
{
	bool keeps = false;

	if (url_count < 1)
		return;
	set_urls(w, urls, url_count, bearer);
	for (int i = 0; i < w->url_count && !keeps; i++)
		if (w->url != NULL && strcmp(w->url, w->urls[i]) == 0) {
			keeps = true;
			w->url_at = i;
		}
	if (w->step == HAUL_STEP_MOVE && !keeps) {
		atomic_store(&w->is_unwanted, true);
		haul_work_wake(w->worker);
	}
	w->tries = w->refusals = 0;
	w->due_us = 0;
	haul_soon(w->haul);
}

void
haul_promise(struct haul_wish *w, int64_t bytes, const char *sha256)
{
	set_promise(w, bytes, sha256);
	haul_soon(w->haul);
}

void
haul_nudge(struct haul *h, const char *node)
{
	LIST_EACH(it, &h->wishes) {
		struct haul_wish *w = LIST_ENTRY(it, struct haul_wish, link);

		if (node == NULL || strcmp(w->node, node) == 0) {
			w->due_us = 0;
			w->tries = 0;
		}
	}
	haul_soon(h);
}

void
haul_pace(struct haul *h, int64_t bytes_a_second)
{
	h->pace = bytes_a_second < 0 ? HAUL_FULL_SPEED : bytes_a_second;
	if (h->pace == HAUL_PAUSED)
		LIST_EACH(it, &h->wishes) {
			struct haul_wish *w = LIST_ENTRY(it, struct haul_wish, link);

			if (w->step == HAUL_STEP_MOVE)
				atomic_store(&w->is_unwanted, true);
		}
	share_pace(h);
	for (int i = 0; i < h->conf.threads; i++)
		haul_work_wake(&h->workers[i]);
	haul_soon(h);
}

void *
haul_arg(const struct haul_wish *w)
{
	return w->arg;
}

/* ---- Begin and end ---- */

static int64_t
or_default(int64_t value, int64_t standard)
{
	return value > 0 ? value : standard;
}

static void
set_conf(struct haul_conf *c, const struct haul_conf *asked)
{
	static const struct haul_conf none;

	if (asked == NULL)
		asked = &none;
	c->at_once = (int)or_default(asked->at_once, AT_ONCE);
	c->per_node = (int)or_default(asked->per_node, PER_NODE);
	c->threads = (int)or_default(asked->threads, THREADS);
	if (c->threads > HAUL_THREADS_MAX)
		c->threads = HAUL_THREADS_MAX;
	c->stall_us = or_default(asked->stall_us, 10000000);
	c->retry_first_us = or_default(asked->retry_first_us, 500000);
	c->retry_most_us = or_default(asked->retry_most_us, 15000000);
	c->space_look_us = or_default(asked->space_look_us, 2000000);
	c->reserve_bytes = asked->reserve_bytes < 0 ? 0 : or_default(asked->reserve_bytes, 64 * 1024 * 1024);
	c->checkpoint_bytes = or_default(asked->checkpoint_bytes, 8 * 1024 * 1024);
	c->checkpoint_us = or_default(asked->checkpoint_us, 1000000);
}

struct haul *
haul_new(struct loop *loop, const struct haul_conf *conf)
{
	struct haul *h = xcalloc(1, sizeof *h);

	XASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	h->loop = loop;
	set_conf(&h->conf, conf);
	list_init(&h->wishes);
	list_init(&h->notes);
	h->pace = HAUL_FULL_SPEED;
	atomic_store(&h->share, HAUL_FULL_SPEED);
	h->timer = loop_timer_new(loop, haul_turn, h);
	h->mail = xcalloc(1, sizeof *h->mail);
	h->mail->haul = h;
	XASSERT(pthread_mutex_init(&h->lock, NULL) == 0);
	haul_desk_open(&h->look, h);
	haul_desk_open(&h->sync, h);
	for (int i = 0; i < h->conf.threads; i++)
		haul_work_open(&h->workers[i], h);
	return h;
}

/* The threads are gone: what is still open is closed here. */
static void
free_wishes(struct haul *h)
{
	while (!list_is_empty(&h->wishes)) {
		struct haul_wish *w = LIST_ENTRY(h->wishes.next, struct haul_wish, link);

		w->step = HAUL_STEP_CLOSE;
		w->forgets = w->is_forgotten;
		haul_desk_do(w);
		haul_wish_free(w);
	}
}

void
haul_free(struct haul *h)
{
	bool posted;

	if (h == NULL)
		return;
	pthread_mutex_lock(&h->lock);
	atomic_store(&h->is_ending, true);
	posted = h->mail->posted;
	pthread_mutex_unlock(&h->lock);
	for (int i = 0; i < h->conf.threads; i++)
		haul_work_close(&h->workers[i]);
	haul_desk_close(&h->look);
	haul_desk_close(&h->sync);
	free_wishes(h);
	loop_timer_free(h->loop, h->timer);
	h->mail->haul = NULL;
	if (!posted)
		free(h->mail);
	pthread_mutex_destroy(&h->lock);
	free(h);
	curl_global_cleanup();
}
