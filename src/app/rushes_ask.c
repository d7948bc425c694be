/*
 * rushes_ask.c - who waits for files, and the receipt of a take: what was asked, what came home, who is missing and why.
 * Counts takes, never transfers: the proof is what the receipt is read from.
 */
#include "app/rushes_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/str.h"
#include "base/xalloc.h"

#define LOOK_US 1000000
#define PATIENCE_US 10000000LL		/* for a camera that is not here, and for a word that does not come */
#define SENTENCE_BYTES 1024
#define RECEIPT_BYTES (SENTENCE_BYTES - 64)
#define QUIET_US 3000000		/* a camera that stopped by itself tells of its file a little later */

struct rushes_asked {			/* one `fetch` */
	struct list link;		/* rushes->asks */
	char take[TAKE_BYTES];		/* "" = all */
	int64_t began_us;
	rushes_done_fn *done;
	void *arg;
};

struct rushes_told {			/* a take of this run that was not whole at first */
	struct list link;		/* rushes->told */
	char take[TAKE_BYTES];
	char counts[RECEIPT_BYTES];	/* its receipt, as told last; "" = not yet */
	bool is_due;			/* it changed: looked at when it has been quiet for a while */
};

static bool
is_of(const struct rushes_asked *a, const char *take)
{
	return a->take[0] == '\0' || strcmp(a->take, take) == 0;
}

bool
rushes_is_asked(const struct rushes *r, const char *take)
{
	LIST_EACH(it, &r->asks)
		if (is_of(LIST_ENTRY(it, struct rushes_asked, link), take))
			return true;
	return false;
}

/* ---- Who is missing ---- */

/*
 * It was home, and its file is not there any more: what the proof says of it is history.  Looked at only beside the Sphere:
 * a share that hangs would hold the loop; `verify` looks there.
 */
static bool
part_is_gone(const struct rushes *r, const struct take *t, const struct take_part *p)
{
	const char *folder = sphere_folder(r->sphere);
	struct stat st;
	char *path;
	bool is_gone;

	if (p->state != TAKE_VERIFIED || p->file[0] == '\0' || t->archive[0] == '/' || str_has_prefix(t->archive, "s3:") || folder == NULL)
		return false;
	path = xasprintf("%s/takes/%s/%s", folder, t->take, p->file);
	is_gone = stat(path, &st) != 0 && errno == ENOENT;
	free(path);
	return is_gone;
}

/* Why a part is not home, in a few words. */
static void
part_why(const struct rushes *r, const struct take *t, const struct take_device *d, const struct take_part *p, char *out, size_t out_size)
{
	const struct rushes_wish *w = rushes_find(r, t->take, d->node, p->part);
	const struct crew_member *m = crew_find(r->crew, d->node);

	if (p->state == TAKE_FAILED)
		str_copy(out, out_size, p->reason);
	else if (p->state == TAKE_VERIFIED)
		snprintf(out, out_size, "%s is not where it was put", p->file);
	else if (w == NULL && rushes_archive_trouble(r)[0] != '\0')
		str_copy(out, out_size, rushes_archive_trouble(r));
	else if (m == NULL || m->link == HEALTH_LOST || m->link == HEALTH_NEVER)
		str_copy(out, out_size, "the camera is not here");
	else if (w != NULL && w->news.err.kind != ERR_NONE)
		str_copy(out, out_size, w->news.err.text);
	else if (w != NULL && w->news.state == HAUL_FETCHED)
		str_copy(out, out_size, "fetched, but the camera has not told its SHA-256");
	else
		str_copy(out, out_size, w != NULL ? "on its way" : "still on the camera");
}

/* Why nothing of this camera is home: it failed, or has nothing to fetch yet. */
static bool
device_is_missing(const struct rushes *r, const struct take *t, const struct take_device *d, char *out, size_t out_size)
{
	for (int i = 0; i < d->part_count; i++)
		if (d->parts[i].state != TAKE_VERIFIED || part_is_gone(r, t, &d->parts[i])) {
			part_why(r, t, d, &d->parts[i], out, out_size);
			return true;
		}
	if (d->part_count > 0)
		return false;
	str_copy(out, out_size, d->state == TAKE_FAILED ? d->reason : "no file of it is known");
	return true;
}

static void
add_words(char *out, size_t out_size, const char *format, const char *name, const char *why)
{
	size_t len = strlen(out);

	if (len < out_size)
		snprintf(out + len, out_size - len, format, name, why);
}

static const char *
device_name(const struct rushes *r, const struct take_device *d)
{
	const struct registry_node *n = registry_find(crew_registry(r->crew), d->node);

	return d->label[0] != '\0' ? d->label : n != NULL ? registry_name(n) : d->node;
}

/* What stood against it when it was rolled all the same. */
static void
add_not_armed(const struct rushes *r, const struct take *t, char *out, size_t out_size)
{
	bool is_first = true;

	for (int i = 0; i < t->device_count; i++) {
		if (t->devices[i].not_armed[0] == '\0')
			continue;
		add_words(out, out_size, is_first ? "; rolled, not armed: %s (%s)" : ", %s (%s)", device_name(r, &t->devices[i]), t->devices[i].not_armed);
		is_first = false;
	}
	if (t->not_armed[0] != '\0')
		add_words(out, out_size, "%s%s", is_first ? "; rolled, not armed: " : ", ", t->not_armed);
}

/* Home, and a failure all the same: heat, a crash, a full disk cut it short. */
static void
add_failed(const struct rushes *r, const struct take *t, char *out, size_t out_size)
{
	char why[MAX_TEXT_FIELD];
	bool is_first = true;

	for (int i = 0; i < t->device_count; i++) {
		const struct take_device *d = &t->devices[i];

		if (d->state != TAKE_FAILED || device_is_missing(r, t, d, why, sizeof why))
			continue;
		add_words(out, out_size, is_first ? "; failed: %s (%s)" : ", %s (%s)", device_name(r, d), d->reason);
		is_first = false;
	}
}

void
rushes_receipt(const struct rushes *r, const struct take *t, char *out, size_t out_size)
{
	struct take_counts c;
	char why[MAX_TEXT_FIELD];
	bool is_first = true;

	take_counts(t, &c);
	snprintf(out, out_size, "%d asked, %d recorded, %d saved, %d fetched, %d verified", c.asked, c.recorded, c.saved, c.fetched,
	    c.verified);
	for (int i = 0; i < t->device_count; i++) {
		const struct take_device *d = &t->devices[i];

		if (!device_is_missing(r, t, d, why, sizeof why))
			continue;
		add_words(out, out_size, is_first ? "; missing: %s (%s)" : ", %s (%s)", device_name(r, d), why);
		is_first = false;
	}
	add_failed(r, t, out, out_size);
	add_not_armed(r, t, out, out_size);
}

void
rushes_receipt_line(const struct rushes *r, const struct take *t, char *out, size_t out_size)
{
	char counts[RECEIPT_BYTES];

	rushes_receipt(r, t, counts, sizeof counts);
	snprintf(out, out_size, t->archive[0] == '/' ? "take %s: %s \342\206\222 %s" : "take %s: %s \342\206\222 takes/%s", t->take, counts,
	    t->archive[0] == '/' ? t->archive : t->take);
}

/* ---- The receipt is given once, when the proof is on disk ---- */

struct receipt {			/* waits for the disk */
	struct list link;		/* rushes->receipts; alone once that is gone */
	struct rushes *r;		/* NULL: gone */
	struct bus *bus;
	char take[TAKE_BYTES], text[2 * SENTENCE_BYTES];
};

/* Takes that have left memory are over: nothing more is told of them. */
static void
told_forget(struct rushes *r)
{
	LIST_EACH_SAFE(it, tmp, &r->told) {
		struct rushes_told *told = LIST_ENTRY(it, struct rushes_told, link);

		if (told->is_due || recordall_take(r->recordall, told->take) != NULL)
			continue;
		list_remove(it);
		free(told);
	}
}

static struct rushes_told *
told_of(struct rushes *r, const char *take, bool make)
{
	struct rushes_told *told;

	LIST_EACH(it, &r->told) {
		told = LIST_ENTRY(it, struct rushes_told, link);
		if (strcmp(told->take, take) == 0)
			return told;
	}
	if (!make)
		return NULL;
	told_forget(r);
	told = xcalloc(1, sizeof *told);
	str_copy(told->take, sizeof told->take, take);
	list_insert_tail(&r->told, &told->link);
	return told;
}

/* What is not on disk was not proven: it is said later, and written again until then. */
static void
receipt_durable(void *arg, const struct err *e)
{
	struct receipt *rc = arg;
	struct rushes_told *told = rc->r != NULL ? told_of(rc->r, rc->take, false) : NULL;

	if (e->kind == ERR_NONE)
		bus_tell(rc->bus, EV_NOTICE, NULL, "%s", rc->text);
	else if (told != NULL) {
		told->counts[0] = '\0';
		told->is_due = true;
		loop_timer_start(rc->r->loop, rc->r->receipt_timer, QUIET_US, 0);
	}
	list_remove(&rc->link);
	free(rc);
}

/* All is home, or whoever has the rest is not here: nothing more comes for now. */
static bool
is_time_for_receipt(const struct rushes *r, const struct take *t)
{
	if (!take_is_over(t))
		return false;
	for (int i = 0; i < t->device_count; i++) {
		const struct take_device *d = &t->devices[i];
		const struct crew_member *m = crew_find(r->crew, d->node);
		bool is_home = true;

		for (int k = 0; k < d->part_count; k++)
			is_home = is_home && (d->parts[k].state == TAKE_VERIFIED || d->parts[k].state == TAKE_FAILED);
		if (!is_home && m != NULL && m->link != HEALTH_LOST)
			return false;
	}
	return true;
}

/* Told again only when it says something else: a file that was given up has come after all, or its camera is back. */
void
rushes_tell_receipt(struct rushes *r, const char *take)
{
	const struct take *t = recordall_take(r->recordall, take);
	char counts[RECEIPT_BYTES];
	struct rushes_told *told;
	struct receipt *rc;

	if (t == NULL || !is_time_for_receipt(r, t))
		return;
	rushes_receipt(r, t, counts, sizeof counts);
	told = told_of(r, take, true);
	if (strcmp(told->counts, counts) == 0)
		return;
	str_copy(told->counts, sizeof told->counts, counts);
	rc = xcalloc(1, sizeof *rc);
	rc->r = r;
	rc->bus = r->bus;
	str_copy(rc->take, sizeof rc->take, take);
	list_insert_tail(&r->receipts, &rc->link);
	rushes_receipt_line(r, t, rc->text, sizeof rc->text);
	scribe_take(r->scribe, t, receipt_durable, rc);
}

/* A take that was whole before this run has had its receipt. */
void
rushes_receipt_soon(struct rushes *r, const char *take)
{
	const struct take *t = recordall_take(r->recordall, take);
	struct rushes_told *told = t != NULL ? told_of(r, take, !take_is_over(t) || !take_is_home(t)) : NULL;

	if (told == NULL)
		return;
	told->is_due = true;
	loop_timer_start(r->loop, r->receipt_timer, QUIET_US, 0);
}

void
rushes_receipts_again(struct rushes *r)
{
	LIST_EACH(it, &r->told)
		LIST_ENTRY(it, struct rushes_told, link)->is_due = true;
	if (!list_is_empty(&r->told))
		loop_timer_start(r->loop, r->receipt_timer, QUIET_US, 0);
}

static void
on_receipt_timer(void *arg)
{
	struct rushes *r = arg;

	LIST_EACH_SAFE(it, tmp, &r->told) {
		struct rushes_told *told = LIST_ENTRY(it, struct rushes_told, link);

		if (told->is_due)
			rushes_tell_receipt(r, told->take);
		told->is_due = false;
	}
}

/* ---- Waiting ---- */

/* Will anything come of it, as things stand? */
static bool
is_alive(const struct rushes *r, const struct rushes_wish *w, const struct rushes_asked *a)
{
	const struct crew_member *m = crew_find(r->crew, w->node);
	const int64_t now_us = loop_now_us(r->loop);
	const int64_t quiet_us = now_us - (w->moved_us > a->began_us ? w->moved_us : a->began_us);

	if (w->news.state == HAUL_FULL || w->news.state == HAUL_MOVING || rushes_is_paused(r) || quiet_us < PATIENCE_US)
		return true;
	if (w->news.state == HAUL_FETCHED)
		return false;
	return m != NULL && m->link != HEALTH_LOST && m->link != HEALTH_NEVER;
}

struct tally { const struct rushes *r; const struct rushes_asked *a; struct rushes_end end; char sentence[SENTENCE_BYTES]; };

/* Home, but not yet in object storage: why not, as far as anybody knows. */
static void
count_copy(struct tally *y, const struct take *t, const struct take_device *d, const struct take_part *p)
{
	const struct rushes_copy *c = rushes_copy_find(y->r, t->take, d->node, p->part);
	const char *why = c != NULL && c->err.kind != ERR_NONE ? c->err.text : rushes_archive_trouble(y->r);

	if (!rushes_copy_is_owed(y->r, t, p))
		return;
	y->end.uncopied++;
	add_words(y->sentence, sizeof y->sentence, y->sentence[0] != '\0' ? ", %s (%s)" : "not in the archive: %s (%s)", p->file,
	    why[0] != '\0' ? why : "it was not sent");
}

static void
count_take(void *arg, const struct take *t)
{
	struct tally *y = arg;
	char why[MAX_TEXT_FIELD];

	if (!is_of(y->a, t->take))
		return;
	for (int i = 0; i < t->device_count; i++)
		for (int k = 0; k < t->devices[i].part_count; k++) {
			const struct take_device *d = &t->devices[i];
			const struct registry_node *n = registry_find(crew_registry(y->r->crew), d->node);

			y->end.asked++;
			if (d->parts[k].state == TAKE_VERIFIED && !part_is_gone(y->r, t, &d->parts[k])) {
				y->end.verified++;
				count_copy(y, t, d, &d->parts[k]);
				continue;
			}
			part_why(y->r, t, d, &d->parts[k], why, sizeof why);
			add_words(y->sentence, sizeof y->sentence, y->end.missing++ > 0 || y->sentence[0] != '\0' ? ", %s (%s)" : "not home: %s (%s)",
			    d->label[0] != '\0' ? d->label : n != NULL ? registry_name(n) : d->node, why);
		}
}

static void
ask_end(struct rushes *r, struct rushes_asked *a)
{
	struct tally y = { .r = r, .a = a };

	recordall_each(r->recordall, count_take, &y);
	list_remove(&a->link);
	y.end.sentence = y.sentence;
	if (a->done != NULL)
		a->done(a->arg, &y.end);
	free(a);
}

/* A busy archive gets the same patience as a camera. */
static bool
copies_are_alive(const struct rushes *r, const struct rushes_asked *a)
{
	const int64_t now_us = loop_now_us(r->loop);

	LIST_EACH(it, &r->copies) {
		const struct rushes_copy *c = LIST_ENTRY(it, struct rushes_copy, link);
		const int64_t quiet_us = now_us - (c->moved_us > a->began_us ? c->moved_us : a->began_us);

		if (is_of(a, c->take) && c->state != HAUL_PUT_FAILED && (c->state != HAUL_PUT_RETRYING || quiet_us < PATIENCE_US))
			return true;
	}
	return false;
}

static bool
is_over(const struct rushes *r, const struct rushes_asked *a)
{
	if (r->look_waits || r->archive.change != NULL || loop_now_us(r->loop) - a->began_us < LOOK_US / 2)
		return false;
	LIST_EACH(it, &r->wishes) {
		const struct rushes_wish *w = LIST_ENTRY(it, struct rushes_wish, link);

		if (is_of(a, w->take) && is_alive(r, w, a))
			return false;
	}
	return !copies_are_alive(r, a);
}

/* A camera that was never met has no wish: it is given its time to come; so is a take its end, which may bring one more file. */
struct absent { const struct rushes *r; const struct rushes_asked *a; bool any; };

static void
find_absent(void *arg, const struct take *t)
{
	struct absent *s = arg;

	s->any = s->any || (is_of(s->a, t->take) && !take_is_over(t));
	for (int i = 0; is_of(s->a, t->take) && i < t->device_count; i++)
		for (int k = 0; k < t->devices[i].part_count; k++)
			if (t->devices[i].parts[k].state != TAKE_VERIFIED && t->devices[i].parts[k].state != TAKE_FAILED &&
			    rushes_find(s->r, t->take, t->devices[i].node, t->devices[i].parts[k].part) == NULL)
				s->any = true;
}

static bool
waits_for_absent(const struct rushes *r, const struct rushes_asked *a)
{
	struct absent s = { .r = r, .a = a };

	if (loop_now_us(r->loop) - a->began_us >= PATIENCE_US)
		return false;
	recordall_each(r->recordall, find_absent, &s);
	return s.any;
}

void
rushes_asks_look(struct rushes *r)
{
	LIST_EACH_SAFE(it, tmp, &r->asks) {
		struct rushes_asked *a = LIST_ENTRY(it, struct rushes_asked, link);

		if (is_over(r, a) && !waits_for_absent(r, a))
			ask_end(r, a);
	}
	if (list_is_empty(&r->asks))
		loop_timer_stop(r->loop, r->ask_timer);
}

static void
on_ask_timer(void *arg)
{
	rushes_asks_look(arg);
}

struct wanting { struct rushes *r; const char *take; };

static void
want_again(void *arg, const struct take *t)
{
	struct wanting *w = arg;

	if (w->take == NULL || strcmp(w->take, t->take) == 0)
		rushes_want_take(w->r, t, true);
}

/* A take that is home may still be owed to object storage. */
static bool
owes_copies(const struct rushes *r, const char *number)
{
	struct take t;
	bool owes = false;

	if (!str_has_prefix(r->archive.text, "s3:") || recordall_take(r->recordall, number) != NULL ||
	    !sphere_load_take(r->sphere, number, &t))
		return false;
	for (int i = 0; i < t.device_count; i++)
		for (int k = 0; k < t.devices[i].part_count; k++)
			owes = owes || rushes_copy_is_owed(r, &t, &t.devices[i].parts[k]);
	take_fini(&t);
	return owes;
}

/* Takes that are all home stay on disk: only what is owed is taken up. */
static bool
load(struct rushes *r, const char *take, struct err *e)
{
	const struct manifest *m = sphere_manifest(r->sphere);

	if (take != NULL)
		return recordall_load(r->recordall, take) ||
		    err_set(e, ERR_NOT_FOUND, "no take %s in this Sphere: `view takes` lists them", take);
	for (int i = 0; i < m->take_count; i++)
		if (m->takes[i].counts.verified < m->takes[i].counts.saved || owes_copies(r, m->takes[i].take))
			recordall_load(r->recordall, m->takes[i].take);
	return true;
}

bool
rushes_fetch(struct rushes *r, const char *take, rushes_done_fn *done, void *arg, struct err *e)
{
	struct wanting w = { r, take };
	struct rushes_asked *a;

	if (!load(r, take, e))
		return false;
	a = xcalloc(1, sizeof *a);
	str_copy(a->take, sizeof a->take, take != NULL ? take : "");
	a->began_us = loop_now_us(r->loop);
	a->done = done;
	a->arg = arg;
	list_insert_tail(&r->asks, &a->link);
	recordall_each(r->recordall, want_again, &w);
	rushes_copies_retry(r, take);
	haul_nudge(r->haul, NULL);
	rushes_look_soon(r);
	loop_timer_start(r->loop, r->ask_timer, LOOK_US, LOOK_US);
	return true;
}

void
rushes_asks_open(struct rushes *r)
{
	r->ask_timer = loop_timer_new(r->loop, on_ask_timer, r);
	r->receipt_timer = loop_timer_new(r->loop, on_receipt_timer, r);
}

void
rushes_asks_close(struct rushes *r)
{
	LIST_EACH_SAFE(it, tmp, &r->asks) {
		list_remove(it);
		free(LIST_ENTRY(it, struct rushes_asked, link));
	}
	LIST_EACH_SAFE(it, tmp, &r->told) {
		list_remove(it);
		free(LIST_ENTRY(it, struct rushes_told, link));
	}
	LIST_EACH_SAFE(it, tmp, &r->receipts) {
		struct receipt *rc = LIST_ENTRY(it, struct receipt, link);

		list_remove(&rc->link);
		list_init(&rc->link);
		rc->r = NULL;
	}
	loop_timer_free(r->loop, r->ask_timer);
	loop_timer_free(r->loop, r->receipt_timer);
}
