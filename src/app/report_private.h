/*
 * report_private.h - what report.c (takes, what is missing), report_notes.c (journals), report_html.c and report_csv.c share.
 * Nobody else includes it.
 */
#ifndef APP_REPORT_PRIVATE_H
#define APP_REPORT_PRIVATE_H

#include "app/report.h"

#define REPORT_CEILING (256 * 1024 * 1024)

/* report_notes.c: tags, marks and claps of markers.jsonl; the cuts that stand. */
void report_notes_read(struct report *r);
/* Those of one take, "" = between takes, in order of time. */
const struct report_note *report_notes_of(const struct report *r, const char *take, int *count);
/* "2026-11-21 21:44:40" in the machine's own zone, "" for 0; and that zone: "UTC+01:00". */
void report_local(char *out, size_t out_size, int64_t utc_us);
void report_zone(char *out, size_t out_size, int64_t utc_us);
/* "2026-11-21T20:44:40.123456Z" (RFC 3339), "" for 0. */
void report_utc(char *out, size_t out_size, int64_t utc_us);

#endif
