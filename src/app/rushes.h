/*
 * rushes.h - the originals on their way home: which file of which take is wanted, at which name, at whose addresses and
 * how fast.  Owner of the fetch engine (io/haul) and of its wishes; what became of a file it tells recordall, whose take it is.
 * Nothing is asked of a camera that the take does not name, and nothing is deleted there.
 */
#ifndef APP_RUSHES_H
#define APP_RUSHES_H

#include "app/recordall.h"
#include "io/haul.h"

struct rushes;

/* How one file fares; `news` is the engine's own word. */
struct rushes_file {
	const char *take, *node, *file;
	int part;
	const struct haul_news *news;
};

/*
 * One `fetch` is over: nothing it asked for moves any more.  missing: files that are not home; uncopied: home, but not yet
 * in the object storage that is the archive.  sentence says which, and why.
 */
struct rushes_end { int asked, verified, missing, uncopied; const char *sentence; };
typedef void rushes_done_fn(void *arg, const struct rushes_end *end);

/* The engine is made here.  Takes that recordall has already are looked at in the next turn. */
struct rushes *rushes_new(struct loop *loop, struct crew *crew, struct recordall *recordall, struct scribe *scribe,
    struct sphere *sphere, struct bus *bus, const struct opt_set *settings, const struct haul_conf *conf);
/* Checkpoints what moves; those who wait for a `fetch` are not told. */
void rushes_free(struct rushes *r);
/* The token that fetching from a camera carries (its claim's holder asks); NULL: none.  Looked up anew on EV_CLAIM_CHANGED. */
void rushes_set_bearer(struct rushes *r, fanout_bearer_fn *fn, void *arg);
/*
 * Brings home what the take (NULL: every take of the Sphere) has and is not verified, what failed once more too, whatever
 * auto-fetch says.  done comes later, once; NULL: nobody waits.  False: no such take.
 */
bool rushes_fetch(struct rushes *r, const char *take, rushes_done_fn *done, void *arg, struct err *e);
/* Files that are wanted and not ended; oldest first.  False past the end. */
bool rushes_at(const struct rushes *r, int index, struct rushes_file *out);
/* NULL: nothing is under way for that part. */
const struct haul_news *rushes_news(const struct rushes *r, const char *take, const char *node, int part);
bool rushes_is_paused(const struct rushes *r);		/* while a take rolls */
void rushes_total(const struct rushes *r, struct haul_totals *out);
/* "4 asked, 4 recorded, 4 saved, 4 fetched, 4 verified", and who is missing and why; the receipt's one line. */
void rushes_receipt(const struct rushes *r, const struct take *t, char *out, size_t out_size);
/* All of it: "take 003: 4 asked, ..., 4 verified → takes/003", with that arrow. */
void rushes_receipt_line(const struct rushes *r, const struct take *t, char *out, size_t out_size);
/* ---- The archive: where files are brought ---- */

struct rushes_room {
	char name[64];			/* for a header: "takes", "nas" of /mnt/nas, "s3 BUCKET" */
	int64_t free_bytes;		/* where files land; of object storage: where they land first */
	bool is_known, is_full;
	const char *trouble;		/* "", or why nothing is brought there now, in one sentence; heals by itself */
};
void rushes_room(const struct rushes *r, struct rushes_room *out);
/* As sphere.json says it: "takes", "/mnt/nas", "s3://..."  (haul_target.h) */
const char *rushes_archive(const struct rushes *r);
/* ok: e->kind ERR_NONE; text then says where files go from now on, and how much room is there. */
typedef void rushes_archive_fn(void *arg, const struct err *e, const char *text);
/* The same sentence of the archive as it is, or with its trouble: at once, or when it has been looked at for the first time. */
void rushes_tell_room(struct rushes *r, rushes_archive_fn *done, void *arg);
/*
 * Another archive, for all takes of which no file is home yet; asked first whether it will do, then durable in sphere.json.
 * done comes later, once, unless the rushes are freed.  False: the text is no archive, or another change is under way.
 */
bool rushes_set_archive(struct rushes *r, const char *text, rushes_archive_fn *done, void *arg, struct err *e);
/* Files on their way into object storage: how many, and what is left of them. */
int rushes_copying(const struct rushes *r, int64_t *left_bytes);
/* The folder a take's files are in, also when their archive is object storage. */
void rushes_folder(const struct rushes *r, const struct take *t, char *out, size_t out_size);

/* "pause" or a rate such as 2MB/s: bytes a second.  False: neither. */
bool rushes_pace(const char *text, int64_t *bytes_a_second);

#endif
