/*
 * purge.c - the files of one take, one after the other: is it verified, is it still at home, may it be deleted, is it gone.
 * Owns that list.  Deletes nothing at home, and nothing on a camera whose copy at home it has not just read.
 */
#include "app/purge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/list.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/digest.h"
#include "io/jdoc.h"

#define SENTENCE_BYTES 600
#define NAMED 4				/* files that stay, by name */

enum item_state { ITEM_UNREAD, ITEM_AT_HOME, ITEM_ASKED, ITEM_GONE, ITEM_WAS_GONE, ITEM_STAYS };

struct item {				/* one file */
	char node[ID_BYTES], recording[ID_BYTES], sha256[65];
	char path[2048];		/* at home */
	const char *name;		/* its file's, in path */
	int part;
	int64_t bytes;
	enum item_state state;
	enum node_result result;	/* STAYS: why */
	char why[256];
};

struct job {				/* one purge */
	struct list link;		/* purge->jobs; alone once that is gone */
	struct purge *p;		/* NULL: gone; the pool's or the disk's answer frees it */
	char take[TAKE_BYTES];
	purge_done_fn *done;
	void *arg;
	int64_t began_us;
	struct item *items;
	int count;
	int reading;			/* in the pool; -1: none */
	bool is_same;			/* what the pool found */
	struct err trouble;
	unsigned number;		/* the fan-out's round; 0: none */
	int unwritten;			/* journal lines that are not on disk */
};

struct purge {
	struct loop *loop;
	struct crew *crew;
	struct fanout *fanout;
	struct claims *claims;
	struct recordall *recordall;
	struct rushes *rushes;
	struct scribe *scribe;
	struct list jobs;
};

static void
job_free(struct job *j)
{
	list_remove(&j->link);
	free(j->items);
	free(j);
}

static void
stays(struct item *it, enum node_result result, const char *why)
{
	it->state = ITEM_STAYS;
	it->result = result;
	str_copy(it->why, sizeof it->why, why);
}

/* ---- The end ---- */

static void
add_staying(char *out, size_t out_size, const struct job *j, const struct item *it, int nth)
{
	const struct registry_node *n = registry_find(crew_registry(j->p->crew), it->node);
	size_t len = strlen(out);

	if (nth < NAMED && len < out_size)
		snprintf(out + len, out_size - len, "%s%s%s%.0d (%s)", nth > 0 ? ", " : "", n != NULL ? registry_name(n) : it->node,
		    it->part > 1 ? " part " : "", it->part > 1 ? it->part : 0, it->why);
	else if (nth == NAMED && len < out_size)
		snprintf(out + len, out_size - len, ", ...");
}

/* A camera's line: of several files the first that stays says why. */
static void
enter(const struct job *j, struct ledger *l, const struct item *it)
{
	struct ledger_line *line = ledger_line(l, it->node);
	struct node_answer a = { .result = NODE_OK };

	if (line == NULL)
		return;
	if (it->state == ITEM_STAYS) {
		a.result = it->result;
		str_copy(a.code, sizeof a.code, "stays");
		str_copy(a.message, sizeof a.message, it->why);
	}
	if (!line->answered)
		ledger_answer(l, it->node, &a, loop_now_us(j->p->loop) - j->began_us, 1);
	else if (line->result == NODE_OK && a.result != NODE_OK) {
		line->result = a.result;
		str_copy(line->code, sizeof line->code, a.code);
		str_copy(line->message, sizeof line->message, a.message);
	}
}

static bool
is_first_of_node(const struct job *j, int index)
{
	for (int i = 0; i < index; i++)
		if (strcmp(j->items[i].node, j->items[index].node) == 0)
			return false;
	return true;
}

static void
fill_ledger(const struct job *j, struct ledger *l)
{
	int nodes = 0;

	for (int i = 0; i < j->count; i++)
		nodes += is_first_of_node(j, i);
	ledger_init(l, nodes);
	nodes = 0;
	for (int i = 0; i < j->count; i++)
		if (is_first_of_node(j, i))
			str_copy(l->lines[nodes++].node, ID_BYTES, j->items[i].node);
	for (int i = 0; i < j->count; i++)
		enter(j, l, &j->items[i]);
}

static void
job_end(struct job *j)
{
	char sentence[SENTENCE_BYTES] = "";
	struct ledger ledger;
	struct purge_end end = { .ledger = &ledger, .sentence = sentence, .took_us = loop_now_us(j->p->loop) - j->began_us };
	purge_done_fn *done = j->done;
	void *arg = j->arg;

	for (int i = 0; i < j->count; i++) {
		const struct item *it = &j->items[i];

		if (it->state == ITEM_GONE) {
			end.files++;
			end.bytes += it->bytes;
		} else if (it->state == ITEM_WAS_GONE) {
			end.gone_before++;
		} else {
			add_staying(sentence, sizeof sentence, j, it, end.staying++);
		}
	}
	fill_ledger(j, &ledger);
	job_free(j);
	done(arg, &end);
	ledger_fini(&ledger);
}

/* ---- Written down ---- */

static void
line_written(void *arg, const struct err *e)
{
	struct job *j = arg;

	(void)e;			/* the journal tries again by itself; what is gone is gone */
	if (--j->unwritten > 0)
		return;
	if (j->p == NULL)
		job_free(j);
	else
		job_end(j);
}

static void
write_down(struct job *j)
{
	for (int i = 0; i < j->count; i++)
		j->unwritten += j->items[i].state == ITEM_GONE;
	if (j->unwritten == 0) {
		job_end(j);
		return;
	}
	for (int i = 0; i < j->count; i++) {
		const struct item *it = &j->items[i];
		struct jdoc *line;

		if (it->state != ITEM_GONE)
			continue;
		line = jdoc_object();
		jdoc_set_text(line, "node", it->node);
		jdoc_set_text(line, "take", j->take);
		jdoc_set_int(line, "part", it->part);
		jdoc_set_text(line, "recording", it->recording);
		jdoc_set_text(line, "file", it->name);
		jdoc_set_int(line, "bytes", it->bytes);
		jdoc_set_text(line, "sha256", it->sha256);
		scribe_add(j->p->scribe, SCRIBE_HEALTH, "purged", 0, line, line_written, j);
	}
}

/* ---- Asked of the cameras: one file of each at a time ---- */

static void ask_next(struct job *j);

static struct item *
asked_of(struct job *j, const char *node)
{
	for (int i = 0; i < j->count; i++)
		if (j->items[i].state == ITEM_ASKED && strcmp(j->items[i].node, node) == 0)
			return &j->items[i];
	return NULL;
}

/* A camera that does not do as it is told is not told again. */
static void
give_up_node(struct job *j, const char *node, enum node_result result, const char *why)
{
	for (int i = 0; i < j->count; i++)
		if ((j->items[i].state == ITEM_ASKED || j->items[i].state == ITEM_AT_HOME) && strcmp(j->items[i].node, node) == 0)
			stays(&j->items[i], result, why);
}

static void
acked(void *arg, const struct ledger_line *line)
{
	struct job *j = arg;
	struct item *it = asked_of(j, line->node);

	if (it == NULL)
		return;
	if (line->result == NODE_OK)
		it->state = ITEM_GONE;
	else if (strcmp(line->code, "not_found") == 0)
		it->state = line->tries > 1 ? ITEM_GONE : ITEM_WAS_GONE;	/* the first try's answer was lost, or it was purged before */
	else
		give_up_node(j, line->node, line->result, line->message[0] != '\0' ? line->message : "it cannot delete");
}

static void
round_done(void *arg, const struct ledger *l, int64_t took_us)
{
	struct job *j = arg;

	(void)l;
	(void)took_us;
	j->number = 0;
	ask_next(j);
}

static void
tailor(void *arg, const char *node, struct node_request *r)
{
	const struct item *it = asked_of(arg, node);

	str_copy(r->recording, sizeof r->recording, it != NULL ? it->recording : "");
}

static void
ask_next(struct job *j)
{
	static const struct fanout_fns fns = { .ack = acked, .done = round_done };
	const struct node_request r = { .verb = NODE_DELETE };
	struct target_set *targets = xcalloc(1, sizeof *targets);

	for (int i = 0; i < j->count; i++) {
		struct item *it = &j->items[i];

		if (it->state != ITEM_AT_HOME || target_has(targets, it->node))
			continue;
		it->state = ITEM_ASKED;
		str_copy(targets->ids[targets->count++], ID_BYTES, it->node);
	}
	if (targets->count > 0)
		j->number = fanout_send(j->p->fanout, &r, targets, tailor, &fns, j);
	else
		write_down(j);
	free(targets);
}

/* ---- Read at home, one after the other ---- */

static void read_next(struct job *j);

static void
read_file(void *arg)
{
	struct job *j = arg;
	const struct item *it = &j->items[j->reading];
	char sha256[65];
	struct stat st;

	j->is_same = false;
	if (stat(it->path, &st) != 0)
		err_set(&j->trouble, ERR_NOT_FOUND, "%s is not at home any more", it->name);
	else if (st.st_size != it->bytes)
		err_set(&j->trouble, ERR_FORMAT, "%s at home is not of the size that was recorded", it->name);
	else if (digest_file(it->path, sha256, &j->trouble))
		j->is_same = str_equal_nocase(sha256, it->sha256) || err_set(&j->trouble, ERR_FORMAT, "%s at home was changed: its SHA-256 "
		    "is not the camera's", it->name);
}

static void
read_done(void *arg)
{
	struct job *j = arg;
	struct item *it = &j->items[j->reading];

	if (j->p == NULL) {
		job_free(j);
		return;
	}
	j->reading = -1;
	if (j->is_same)
		it->state = ITEM_AT_HOME;
	else
		stays(it, NODE_REFUSED, j->trouble.text);
	read_next(j);
}

static void
read_next(struct job *j)
{
	for (int i = 0; i < j->count; i++) {
		if (j->items[i].state != ITEM_UNREAD)
			continue;
		j->reading = i;
		err_clear(&j->trouble);
		loop_work(j->p->loop, read_file, read_done, j);
		return;
	}
	ask_next(j);
}

/* ---- What there is ---- */

static const char *
state_why(const struct take_part *part)
{
	switch (part->state) {
	case TAKE_FAILED:
		return part->reason;
	case TAKE_FETCHING:
		return "on its way home";
	case TAKE_FETCHED:
		return "fetched, but not verified";
	default:
		return "not fetched";
	}
}

/* Object storage is the archive, and this file is not in it yet. */
static bool
is_owed(const struct purge *p, const struct take *t, const struct take_part *part)
{
	return str_has_prefix(rushes_archive(p->rushes), "s3:") && t->archive[0] != '/' && part->copy.where[0] == '\0';
}

/* A camera may have counted anew: by its name another recording is deleted. */
static bool
is_name_of_another(const struct take_device *d, const struct take_part *part)
{
	for (int i = 0; i < d->part_count; i++)
		if (&d->parts[i] != part && d->parts[i].state != TAKE_VERIFIED && strcmp(d->parts[i].meta.id, part->meta.id) == 0)
			return true;
	return false;
}

/* What needs no reading to be known. */
static void
judge(const struct purge *p, struct item *it, const struct take *t, const struct take_device *d, const struct take_part *part)
{
	const struct crew_member *m = crew_find(p->crew, it->node);

	if (part->state != TAKE_VERIFIED || it->sha256[0] == '\0' || part->file[0] == '\0')
		stays(it, NODE_REFUSED, state_why(part));
	else if (is_name_of_another(d, part))
		stays(it, NODE_REFUSED, "the camera has another file by this name, which is not home");
	else if (is_owed(p, t, part))
		stays(it, NODE_REFUSED, "not in the archive yet");
	else if (m == NULL || m->link == HEALTH_LOST || m->link == HEALTH_NEVER)
		stays(it, NODE_LOST, "the camera is not here");
	else if (claims_of(p->claims, it->node) != CLAIMS_OURS)
		stays(it, NODE_REFUSED, "a camera deletes only for who holds it: claim it first");
}

static void
add_item(struct job *j, const struct take *t, const struct take_device *d, const struct take_part *part)
{
	struct item *it = &j->items[j->count++];
	char folder[1600];

	str_copy(it->node, sizeof it->node, d->node);
	str_copy(it->recording, sizeof it->recording, part->meta.id);
	str_copy(it->sha256, sizeof it->sha256, part->meta.sha256);
	it->part = part->part;
	it->bytes = part->meta.bytes;
	rushes_folder(j->p->rushes, t, folder, sizeof folder);
	snprintf(it->path, sizeof it->path, "%s/%s", folder, part->file);
	it->name = it->path + strlen(folder) + 1;
	judge(j->p, it, t, d, part);
}

static void
add_items(struct job *j, const struct take *t, const struct target_set *targets)
{
	int most = 0;

	for (int i = 0; i < t->device_count; i++)
		most += t->devices[i].part_count;
	j->items = xcalloc((size_t)most + 1, sizeof *j->items);
	for (int i = 0; i < t->device_count; i++)
		for (int k = 0; k < t->devices[i].part_count; k++)
			if (targets == NULL || target_has(targets, t->devices[i].node))
				add_item(j, t, &t->devices[i], &t->devices[i].parts[k]);
}

bool
purge_take(struct purge *p, const struct purge_ask *ask, struct err *e)
{
	const struct take *t = recordall_load(p->recordall, ask->take) ? recordall_take(p->recordall, ask->take) : NULL;
	struct job *j;

	if (t == NULL)
		return err_set(e, ERR_NOT_FOUND, "no take %s in this Sphere: `view takes` lists them", ask->take);
	if (!take_is_over(t))
		return err_set(e, ERR_REFUSED, "take %s is not over", ask->take);
	j = xcalloc(1, sizeof *j);
	j->p = p;
	str_copy(j->take, sizeof j->take, t->take);
	j->done = ask->done;
	j->arg = ask->arg;
	j->began_us = loop_now_us(p->loop);
	j->reading = -1;
	list_insert_tail(&p->jobs, &j->link);
	add_items(j, t, ask->targets);
	if (j->count == 0) {
		job_free(j);
		return err_set(e, ERR_NOT_FOUND, "take %s has no file on these cameras", ask->take);
	}
	log_line(LOG_TAKE, "purge %s: %d files", t->take, j->count);
	read_next(j);
	return true;
}

/* ---- Life ---- */

struct purge *
purge_new(struct loop *loop, struct crew *crew, struct fanout *fanout, struct claims *claims, struct recordall *recordall,
    struct rushes *rushes, struct scribe *scribe)
{
	struct purge *p = xcalloc(1, sizeof *p);

	*p = (struct purge){ .loop = loop, .crew = crew, .fanout = fanout, .claims = claims, .recordall = recordall, .rushes = rushes,
		.scribe = scribe };
	list_init(&p->jobs);
	return p;
}

void
purge_free(struct purge *p)
{
	if (p == NULL)
		return;
	LIST_EACH_SAFE(it, tmp, &p->jobs) {
		struct job *j = LIST_ENTRY(it, struct job, link);

		if (j->number != 0)
			fanout_drop(p->fanout, j->number);
		if (j->reading >= 0 || j->unwritten > 0) {
			list_remove(&j->link);
			j->p = NULL;
		} else {
			job_free(j);
		}
	}
	free(p);
}
