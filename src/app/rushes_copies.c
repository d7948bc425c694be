/*
 * rushes_copies.c - verified files on their way into object storage.  Owns those uploads.
 * Never sends a file that is not verified, never takes the local one away; a copy counts when the archive's proof is in.
 */
#include "app/rushes_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

static struct rushes_copy *
find(const struct rushes *r, const char *take, const char *node, int part)
{
	LIST_EACH(it, &r->copies) {
		struct rushes_copy *c = LIST_ENTRY(it, struct rushes_copy, link);

		if (c->part == part && strcmp(c->take, take) == 0 && strcmp(c->node, node) == 0)
			return c;
	}
	return NULL;
}

const struct rushes_copy *
rushes_copy_find(const struct rushes *r, const char *take, const char *node, int part)
{
	return find(r, take, node, part);
}

static void
copy_free(struct rushes_copy *c)
{
	haul_target_drop(c->put);
	list_remove(&c->link);
	free(c);
}

void
rushes_copies_stop(struct rushes *r, bool failed_too)
{
	LIST_EACH_SAFE(it, tmp, &r->copies) {
		struct rushes_copy *c = LIST_ENTRY(it, struct rushes_copy, link);

		if (failed_too || c->state != HAUL_PUT_FAILED)
			copy_free(c);
	}
}

void
rushes_copies_retry(struct rushes *r, const char *take)
{
	LIST_EACH_SAFE(it, tmp, &r->copies) {
		struct rushes_copy *c = LIST_ENTRY(it, struct rushes_copy, link);

		if (c->state == HAUL_PUT_FAILED && (take == NULL || strcmp(c->take, take) == 0))
			copy_free(c);
	}
}

int
rushes_copying(const struct rushes *r, int64_t *left_bytes)
{
	int count = 0;

	*left_bytes = 0;
	LIST_EACH(it, &r->copies) {
		const struct rushes_copy *c = LIST_ENTRY(it, struct rushes_copy, link);

		if (c->state == HAUL_PUT_FAILED)
			continue;
		count++;
		*left_bytes += c->total_bytes - c->bytes;
	}
	return count;
}

/* ---- What is owed ---- */

/* Where this take's files are in the object storage of today; "": it is none, or cannot be had. */
static void
where_of(const struct rushes *r, const char *take, char *out, size_t out_size)
{
	out[0] = '\0';
	if (r->archive.target != NULL && haul_target_is_remote(r->archive.target))
		haul_target_archive(r->archive.target, take, out, out_size);
}

bool
rushes_copy_is_owed(const struct rushes *r, const struct take *t, const struct take_part *p)
{
	char where[sizeof p->copy.where];

	if (!str_has_prefix(r->archive.text, "s3:") || t->archive[0] == '/' || p->state != TAKE_VERIFIED || p->file[0] == '\0')
		return false;
	where_of(r, t->take, where, sizeof where);
	return p->copy.where[0] == '\0' || (where[0] != '\0' && strcmp(where, p->copy.where) != 0);
}

/* All of it is there: then that is its archive, and is told once. */
static void
look_at_whole(struct rushes *r, const char *take)
{
	const struct take *t = recordall_take(r->recordall, take);
	const char *proof = "";
	char where[sizeof t->archive];
	int files = 0;

	if (t == NULL || t->archive[0] == '/' || !take_is_over(t) || !take_is_home(t))
		return;
	for (int i = 0; i < t->device_count; i++)
		for (int k = 0; k < t->devices[i].part_count; k++) {
			const struct take_part *p = &t->devices[i].parts[k];

			if (rushes_copy_is_owed(r, t, p))
				return;
			files += p->state == TAKE_VERIFIED;
			proof = p->state == TAKE_VERIFIED ? p->copy.proof : proof;
		}
	where_of(r, take, where, sizeof where);
	if (files > 0 && where[0] != '\0' && recordall_set_archive(r->recordall, take, where))
		bus_tell(r->bus, EV_NOTICE, NULL, "take %s: %d of %d files are in %s: %s", take, files, files, where, proof);
}

/* ---- News ---- */

static void
copied(struct rushes *r, const struct rushes_copy *c, const char *proof)
{
	const struct recordall_step s = { .take = c->take, .node = c->node, .part = c->part };
	char where[sizeof ((struct take_copy *)NULL)->where];

	where_of(r, c->take, where, sizeof where);
	recordall_part_copied(r->recordall, &s, where, proof);
	look_at_whole(r, c->take);
}

static void
on_put(void *arg, struct haul_put *put, const struct haul_put_news *n)
{
	struct rushes_copy *c = arg;
	struct rushes *r = c->rushes;

	(void)put;
	if (n->state != c->state || n->bytes != c->bytes)
		c->moved_us = loop_now_us(r->loop);
	if (n->state != c->state)
		log_line(LOG_TAKE, "archive: take %s %s: %d %s", c->take, c->file, (int)n->state, n->err.text);
	c->state = n->state;
	c->bytes = n->bytes;
	c->err = n->err;
	if (n->state == HAUL_PUT_FAILED) {
		haul_target_drop(c->put);
		c->put = NULL;
		bus_tell(r->bus, EV_NOTICE, c->node, "take %s: %s is not in the archive: %s; `fetch %s` tries again", c->take, c->file,
		    n->err.text, c->take);
	} else if (n->state == HAUL_PUT_DONE) {
		copied(r, c, n->proof);
		copy_free(c);
	}
	rushes_asks_look(r);
}

/* ---- Wanting ---- */

static void
want(struct rushes *r, const struct take *t, const struct take_device *d, const struct take_part *p)
{
	struct rushes_copy *c;

	if (!rushes_copy_is_owed(r, t, p) || find(r, t->take, d->node, p->part) != NULL || p->meta.bytes <= 0)
		return;
	c = xcalloc(1, sizeof *c);
	c->rushes = r;
	str_copy(c->take, sizeof c->take, t->take);
	str_copy(c->node, sizeof c->node, d->node);
	str_copy(c->file, sizeof c->file, p->file);
	c->part = p->part;
	c->total_bytes = p->meta.bytes;
	c->moved_us = loop_now_us(r->loop);
	list_insert_tail(&r->copies, &c->link);
	c->put = haul_target_put(r->archive.target, t->take, p->file, p->meta.bytes, p->meta.sha256, on_put, c);
}

/* While a take rolls nothing goes up: the cameras need the network, and an upload has no throttle. */
void
rushes_copies_want(struct rushes *r, const struct take *t)
{
	if (r->archive.change != NULL || r->archive.target == NULL || !haul_target_is_remote(r->archive.target) ||
	    recordall_is_rolling(r->recordall))
		return;
	for (int i = 0; i < t->device_count; i++)
		for (int k = 0; k < t->devices[i].part_count; k++)
			want(r, t, &t->devices[i], &t->devices[i].parts[k]);
	look_at_whole(r, t->take);
}
