/*
 * haul_target.h - where verified files are kept, behind one interface: the Sphere's own takes/, another folder (a mounted
 * NAS), or S3-compatible storage.  Fetched files land in a folder in any case; for S3 they are uploaded from there, and
 * read back before they are told as archived.  Called on the loop's thread, calls back there, never from inside a call.
 * Credentials are read at haul_target_new(), kept in memory, and written nowhere.
 *
 * Texts: "takes" (SPHERE/takes/NNN), "/mnt/nas" (/mnt/nas/NAME OF THE SPHERE FOLDER/NNN),
 * "s3://BUCKET/PREFIX?endpoint=https://HOST:PORT&region=REGION&verify=head" (PREFIX/NAME OF THE SPHERE FOLDER/NNN/FILE);
 * without endpoint Amazon's, without region us-east-1; verify=head does not read the bytes back.
 */
#ifndef IO_HAUL_TARGET_H
#define IO_HAUL_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/loop.h"

struct haul_target;
struct haul_put;			/* one file on its way into the archive; until haul_target_drop() or haul_target_free() */

enum haul_put_state {
	HAUL_PUT_WAITING,
	HAUL_PUT_SENDING,		/* also while it is read back */
	HAUL_PUT_RETRYING,		/* no network, busy: goes on by itself where it was; err says what happened */
	HAUL_PUT_DONE,			/* the end; proof says what is proven */
	HAUL_PUT_FAILED			/* the end, and one sentence in err; the local file is as it was */
};

struct haul_put_news {
	enum haul_put_state state;
	int64_t bytes, total_bytes;	/* that the archive has acknowledged */
	struct err err;
	const char *proof;		/* DONE: one sentence; NULL else */
};
typedef void haul_put_fn(void *arg, struct haul_put *p, const struct haul_put_news *n);
typedef void haul_room_fn(void *arg, int64_t free_bytes, const struct err *e);	/* -1: without limit; e->kind not ERR_NONE: not known */

/* keys_file: credentials where the environment has none (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY); may be NULL.  NULL: e says why. */
struct haul_target *haul_target_new(struct loop *loop, const char *text, const char *sphere_folder, const char *keys_file, struct err *e);
/*
 * Whose it is.  With it a folder elsewhere holds a mark (haul_anchor.h): without the mark nothing is written there, for
 * its disk is not mounted.  Before any other call.
 */
void haul_target_own(struct haul_target *t, const char *sphere);
/*
 * Its first time: the folder is made and marked; object storage is asked whether it takes these keys.
 * fn as of haul_target_room(): ERR_REFUSED when it will not do; ERR_NETWORK when it did not answer, which may pass.
 */
void haul_target_begin(struct haul_target *t, haul_room_fn *fn, void *arg);
/* What haul_ask.anchor wants; NULL: none.  Lives as long as the target. */
const char *haul_target_anchor(const struct haul_target *t);
/* Uploads stop where they are; a later put of the same file goes on there. */
void haul_target_free(struct haul_target *t);
/* Only the shape of the text; for settings. */
bool haul_target_check(const char *text, struct err *e);
bool haul_target_is_remote(const struct haul_target *t);
void haul_target_landing(const struct haul_target *t, const char *take, char *out, size_t out_size);	/* the folder for haul_add() */
void haul_target_archive(const struct haul_target *t, const char *take, char *out, size_t out_size);	/* as take.json names it */
/*
 * A verified file of the landing folder.  With a folder target it is there already: DONE comes in the next turn.  News as
 * of haul.h: at most 4 a second besides the end, which is told once and last.
 */
struct haul_put *haul_target_put(struct haul_target *t, const char *take, const char *name, int64_t bytes, const char *sha256, haul_put_fn *news, void *arg);
void haul_target_drop(struct haul_put *p);		/* no news after it; NULL is fine */
/* fn comes once, unless the target is freed before; a folder whose mark is missing or another's is an error. */
void haul_target_room(struct haul_target *t, haul_room_fn *fn, void *arg);

#endif
