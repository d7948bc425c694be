/*
 * verify_private.h - what verify.c (the whole), verify_sphere.c (manifest and folder), verify_take.c (one proof),
 * verify_files.c (its files), verify_journal.c (one journal) and verify_shape.c (members and their types) share.
 * Nobody else includes it.
 */
#ifndef APP_VERIFY_PRIVATE_H
#define APP_VERIFY_PRIVATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include "app/verify.h"
#include "domain/take.h"
#include "io/jdoc.h"

#define VERIFY_FILE_CEILING ((size_t)16 * 1024 * 1024)	/* sphere.json, take.json */
#define VERIFY_EARLIEST_US 946684800000000LL		/* the year 2000: before that no clock was set */
#define VERIFY_AHEAD_US 86400000000LL			/* a clock that is a day ahead is wrong */

struct verify_found {
	struct verify_list problems, remarks;
};

/* A file that a proof promises. */
struct verify_file {
	struct verify *v;
	struct verify_take *take;
	char *path, *where;
	int64_t bytes;			/* promised; -1: not told */
	int64_t size;			/* as found */
	char promised[65];		/* "" = the node told none */
	char sha256[65];		/* as computed; "" = not yet, or it cannot be read */
	struct err err;
	bool is_there, is_good;
};

/* One folder of takes/. */
struct verify_take {
	char number[TAKE_BYTES];
	struct verify_found found;
	bool has_proof, is_rolling;
	bool is_owed;			/* a file of it is not home */
	struct take_counts told;	/* as its take.json says */
	int64_t mtime_ns, inode;	/* of take.json when it was read */
	int tries;
	int file_count, files_left;
	struct verify_file *files;
	char said[160];
};

/* The number of a command, as a cut names it and as commands.jsonl has it. */
struct verify_number {
	char run_id[40];		/* of the run's "open" line */
	int64_t n, seq, time_us;
};

struct verify_journal {
	struct verify *v;
	const char *name;		/* "cuts" */
	struct verify_found found;
	bool is_there;
	int64_t lines;
	int number_count;
	struct verify_number *numbers;	/* commands: each; cuts: the command of each cut */
};

struct verify {
	struct loop *loop;
	char *folder;
	int64_t now_us;
	verify_done_fn *done;
	void *arg;
	bool console_runs;
	char sphere[ID_BYTES];
	struct verify_found found;
	struct jdoc *manifest;		/* sphere.json; NULL: cannot be read */
	int take_count;
	struct verify_take *takes;
	int journal_count;
	struct verify_journal *journals;
	int open_jobs;
	atomic_llong bytes, all_bytes;
	atomic_int files, all_files;
};

/* verify.c */
void verify_problem(struct verify_found *f, const char *where, const char *cure, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void verify_remark(struct verify_found *f, const char *where, const char *cure, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void verify_found_fini(struct verify_found *f);

/* verify_shape.c: shape is "name:kinds name?:kinds ..."; kinds: s text, i integer, n number, b true or false, a array, o object, 0 null. */
bool verify_shape(const struct jdoc *j, const char *shape, char *why, size_t why_size);
/* The shape of a line's own members; NULL: there is no such type in this journal. */
const char *verify_line_shape(const char *journal, const char *type);
/* The table itself, for tests; NULL at the end. */
const char *verify_line_at(int index, const char **journal, const char **type);
bool verify_time_is_sane(const struct verify *v, int64_t time_us);

/* verify_journal.c */
int verify_journals_count(void);
const char *verify_journals_name(int index);
void verify_journal_replay(struct verify_journal *j);	/* in a worker */
void verify_journal_fini(struct verify_journal *j);
void verify_journals_cross(struct verify *v);		/* cuts against commands */
void verify_sidecars_folder(struct verify *v);		/* torn files, strangers */

/* verify_sphere.c */
bool verify_sphere_open(struct verify *v, struct err *e);	/* is it one, does a console run on it */
void verify_sphere_check(struct verify *v);
void verify_sphere_takes(struct verify *v);		/* finds takes/NNN, and what stands beside them */
void verify_sphere_cross(struct verify *v);		/* manifest against the proofs */

/* verify_take.c */
void verify_take_read(struct verify *v, struct verify_take *t);
void verify_take_fini(struct verify_take *t);
bool verify_take_has_changed(const struct verify *v, const struct verify_take *t);

/* verify_files.c */
struct verify_archive {
	char *folder;			/* where its files are */
	char *where;			/* "takes/003" for findings */
	bool is_far;			/* in object storage: what is in the folder too is a copy */
};
void verify_files_want(struct verify *v, struct verify_take *t, const struct verify_archive *a, const struct jdoc *part);
void verify_files_folder(struct verify *v, struct verify_take *t, const struct verify_archive *a, const struct jdoc *proof);
void verify_file_hash(struct verify_file *f);		/* in a worker */
void verify_file_judge(struct verify_file *f);

#endif
