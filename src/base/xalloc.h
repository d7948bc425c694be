/*
 * xalloc.h - memory for house-keeping: these abort with a log line when
 * memory is gone.  Sizes a stranger chose go through buf.h instead, which
 * has ceilings and returns failure.  Free with free().
 */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
void *xreallocarray(void *old, size_t count, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t max);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
/*
 * For a program that must answer quickly after a rest: memory that was given back is kept for the next time, up to a few MB.
 * Else the system clears new pages between a cut and its bytes.  Once, at the start.
 */
void xalloc_keep(void);
/* What was kept and is free goes back to the system, that of all threads: half a millisecond, for now and then. */
void xalloc_give_back(void);
/* A bug in our own program: say where and abort. */
_Noreturn void xbug(const char *file, int line, const char *what);
#define XASSERT(cond) ((cond) ? (void)0 : xbug(__FILE__, __LINE__, #cond))

#endif
