/*
 * verify.h - the receipt checked: every journal replayed, every proof read, every file of every take hashed anew.
 * Only reads, so it may be asked of a folder that a console runs on: what is on its way there is a remark, not a
 * problem.  Called on the loop's thread; hashing and replaying are work of the loop's pool.
 */
#ifndef APP_VERIFY_H
#define APP_VERIFY_H

#include <stdint.h>
#include "base/err.h"
#include "base/loop.h"

struct verify_finding {
	char *where;			/* below the folder: "takes/003/003-cam1.mp4", "sidecars/cuts.jsonl:17" */
	char *what;			/* one sentence without its full stop */
	char *cure;			/* what to do; "" = nothing */
};

struct verify_list {
	int count;
	struct verify_finding *items;
};

struct verify_report {
	int journals;			/* that are there and whole */
	int64_t lines;			/* of them */
	int takes;			/* with a proof that can be read */
	int files;			/* that ought to be here */
	int verified;			/* of these, with the bytes and the SHA-256 that the node promised, as of now */
	int64_t bytes;			/* hashed */
	bool console_runs;
	struct verify_list problems;	/* the receipt is not whole */
	struct verify_list remarks;	/* nothing is wrong with it, but somebody may want to know */
	struct verify_list takes_said;	/* where: the take's number; what: "4 asked, 4 recorded, ..." */
};

struct verify_progress {
	int files, all_files;
	int64_t bytes, all_bytes;
};

struct verify;
/* The report is freed when this returns. */
typedef void verify_done_fn(void *arg, const struct verify_report *r);

/* Blocks shortly (reads the proofs).  NULL: there is no Sphere there.  done comes once, later, on the loop. */
struct verify *verify_open(struct loop *loop, const char *folder, int64_t now_us, verify_done_fn *done, void *arg, struct err *e);
/* After done, or after the loop has ended.  NULL is fine. */
void verify_close(struct verify *v);
void verify_look(const struct verify *v, struct verify_progress *out);

#endif
