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

/* One `fetch` is over: nothing it asked for moves any more.  missing: files that are not home; sentence says which, and why. */
struct rushes_end { int asked, verified, missing; const char *sentence; };
typedef void rushes_done_fn(void *arg, const struct rushes_end *end);

/* The engine is made here.  Takes that recordall has already are looked at in the next turn. */
struct rushes *rushes_new(struct loop *loop, struct crew *crew, struct recordall *recordall, struct scribe *scribe,
    struct sphere *sphere, struct bus *bus, const struct opt_set *settings, const struct haul_conf *conf);
/* Checkpoints what moves; those who wait for a `fetch` are not told. */
void rushes_free(struct rushes *r);
/*
 * Brings home what the take (NULL: every take of the Sphere) has and is not verified, what failed once more too, whatever
 * auto-fetch says.  done comes later, once; NULL: nobody waits.  False: no such take.
 */
bool rushes_fetch(struct rushes *r, const char *take, rushes_done_fn *done, void *arg, struct err *e);
/* Files that are wanted and not ended; oldest first.  False past the end. */
bool rushes_at(const struct rushes *r, int index, struct rushes_file *out);
/* NULL: nothing is under way for that part. */
const struct haul_news *rushes_news(const struct rushes *r, const char *take, const char *node, int part);
void rushes_total(const struct rushes *r, struct haul_totals *out);
/* "4 asked, 4 recorded, 4 saved, 4 fetched, 4 verified", and who is missing and why; the receipt's one line. */
void rushes_receipt(const struct rushes *r, const struct take *t, char *out, size_t out_size);
/* "pause" or a rate such as 2MB/s: bytes a second.  False: neither. */
bool rushes_pace(const char *text, int64_t *bytes_a_second);

#endif
