/*
 * report.h - the day as one page: every take with its files, what is missing and why, marks and notes; as HTML and CSV in
 * exports/.  Reads the folder alone (takes/, sidecars/markers.jsonl, sidecars/cuts.jsonl), so that it says what is on disk and
 * nothing else.  Plain values; no loop, no bus.
 */
#ifndef APP_REPORT_H
#define APP_REPORT_H

#include "base/buf.h"
#include "domain/take.h"
#include "io/sphere.h"

#define REPORT_HTML "exports/report.html"
#define REPORT_CSV "exports/report.csv"

enum report_note_kind { REPORT_TAG, REPORT_MARK, REPORT_CLAP };

struct report_note {			/* a line of markers.jsonl that a person asked for */
	enum report_note_kind kind;
	int64_t time_us;
	char take[TAKE_BYTES];		/* "" = none rolled */
	char verdict[8];		/* of a mark: good, ng, keep */
	char *text;			/* never NULL */
	int64_t seq;			/* of its line */
};

/* What is known on the loop only. */
struct report_name { char node[ID_BYTES], name[MAX_NAME_BYTES]; };
struct report_known { char take[TAKE_BYTES], slate[MAX_NAME_BYTES]; };
struct report_facts {
	char session[MAX_NAME_BYTES], sphere[ID_BYTES], console[MAX_NAME_BYTES];
	int64_t created_us, made_us;	/* console UTC */
	int take_count;
	struct report_known *takes;	/* of the manifest */
	int name_count;
	struct report_name *names;	/* what devices without a label are called */
};

struct report {
	struct report_facts facts;
	int take_count;
	struct take *takes;		/* by number */
	int lost_count;
	struct report_known *lost;	/* their proof is not there, or cannot be read */
	int note_count;
	struct report_note *notes;	/* by take, then by time */
	int cuts;			/* that stand: neither struck nor undone by a correction */
	/* In all: */
	int files, verified;
	int64_t bytes;
	int missing_count;
	char (*missing)[MAX_TEXT_FIELD];	/* one sentence each: "take 003 left guest: ..." */
	char *folder;
};

/* Takes the facts over.  Blocking, any thread; what cannot be read is in `lost` and `missing`. */
void report_read(struct report *r, struct report_facts *facts, const char *folder);
void report_fini(struct report *r);
void report_facts_fini(struct report_facts *f);
/* The newest mark of this take; NULL: none. */
const struct report_note *report_mark(const struct report *r, const char *take);
/* What this device is called: its label in the take, else as the facts say. */
const char *report_device_name(const struct report *r, const struct take_device *d);
/* Where its files are, for people: "takes/003", "/mnt/nas/...", "s3://...". */
void report_archive(const struct take *t, char *out, size_t out_size);
/* Why this file is not home, "" when it is; the same of a device without one (part NULL). */
void report_why(const struct report *r, const struct take *t, const struct take_device *d, const struct take_part *p, char *out, size_t out_size);
/* Self-contained (no script, nothing from elsewhere), for screen and paper; every text escaped. */
void report_html(const struct report *r, struct buf *out);
/* RFC 4180, UTF-8, one row a file, or a device without one; what a spreadsheet would take for a formula is quoted. */
void report_csv(const struct report *r, struct buf *out);
/* Both, each replaced atomically. */
bool report_write(const struct report *r, struct err *e);

#endif
