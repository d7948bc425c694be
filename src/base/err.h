/*
 * err.h - a failure of the world (network, disk, user), as one clear sentence:
 * what, where, what to do.  Bugs abort (xalloc.h); they are never a struct err.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum err_kind {
	ERR_NONE = 0,
	ERR_USAGE,		/* what was typed or written is wrong */
	ERR_NOT_FOUND,		/* no such node, file, take */
	ERR_REFUSED,		/* it was understood, and the answer is no */
	ERR_UNFORCED,		/* the same, but --force would do it */
	ERR_TIMEOUT,
	ERR_NETWORK,
	ERR_DISK,
	ERR_FORMAT,		/* bytes from outside make no sense */
	ERR_TOO_BIG,		/* a ceiling was hit */
	ERR_ENVIRONMENT		/* terminal, library, system */
};

struct err {
	enum err_kind kind;
	char text[320];		/* UTF-8, printable, no line feed */
};

/* Sets *e and returns false, so that "return err_set(e, ...)" reads well.  e may be NULL. */
bool err_set(struct err *e, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* As err_set, with strerror(errnum) appended after ": ". */
bool err_errno(struct err *e, enum err_kind kind, int errnum, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void err_clear(struct err *e);
bool err_is_refusal(const struct err *e);	/* forced or not */
/* Puts "prefix: " before the present text. */
void err_prefix(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
