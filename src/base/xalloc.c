/*
 * xalloc.c - memory for house-keeping: no memory is the end, told in one line.
 * Owns nothing.  Never used for sizes that a stranger chose (buf.c has ceilings).
 */
#include "base/xalloc.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void
xbug(const char *file, int line, const char *what)
{
	fprintf(stderr, "bug: %s:%d: %s\n", file, line, what);
	fflush(stderr);
	abort();
}

#define KEPT_BYTES (8 * 1024 * 1024)
#define LARGE_BYTES (1024 * 1024)	/* from here on it comes from the system and goes back: pictures */

void
xalloc_keep(void)
{
#ifdef M_TRIM_THRESHOLD
	mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
#endif
}

void
xalloc_give_back(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

static void *
xalloc_check(void *p)
{
	if (p == NULL)
		xbug(__FILE__, __LINE__, "out of memory");
	return p;
}

void *
xmalloc(size_t size)
{
	return xalloc_check(malloc(size > 0 ? size : 1));
}

void *
xcalloc(size_t count, size_t size)
{
	if (count == 0 || size == 0)
		count = size = 1;
	return xalloc_check(calloc(count, size));
}

void *
xrealloc(void *old, size_t size)
{
	return xalloc_check(realloc(old, size > 0 ? size : 1));
}

void *
xreallocarray(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		xbug(__FILE__, __LINE__, "array too large");
	return xrealloc(old, bytes);
}

char *
xstrdup(const char *text)
{
	return xalloc_check(strdup(text));
}

char *
xstrndup(const char *text, size_t max)
{
	return xalloc_check(strndup(text, max));
}

char *
xasprintf(const char *format, ...)
{
	va_list ap;
	char *text = NULL;
	int n;

	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	return n < 0 ? xalloc_check(NULL) : text;
}
