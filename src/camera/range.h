/*
 * range.h - HTTP byte ranges of one file (RFC 9110 section 14).  Pure.
 */
#ifndef CAMERA_RANGE_H
#define CAMERA_RANGE_H

#include <stdbool.h>
#include <stdint.h>

enum range_kind {
	RANGE_WHOLE,		/* no range, or one that is to be ignored: 200 */
	RANGE_PART,		/* 206 */
	RANGE_NONE		/* not satisfiable: 416 */
};

struct range { uint64_t from, len; };

/* header: of Range, NULL: absent.  One range only: several are ignored, as a server may. */
enum range_kind range_read(struct range *out, const char *header, uint64_t size);
/* May the Range be honoured?  if_range: NULL: absent.  etag in its quotes; a date never matches. */
bool range_is_current(const char *if_range, const char *etag);
/* If-None-Match: "*", or a list that holds the tag (weak comparison). */
bool range_is_known(const char *if_none_match, const char *etag);

#endif
