/*
 * prefetch.h - asks the processor for memory that will be used soon: many pieces asked for together come in the time of one.
 * A hint, never an access: any address will do, NULL too.
 */
#ifndef BASE_PREFETCH_H
#define BASE_PREFETCH_H

#include <stddef.h>
#include <stdint.h>

#define PREFETCH_LINE 64	/* bytes of a cache line, on all that this runs on or larger */

static inline void
prefetch(const void *at, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += PREFETCH_LINE)
		__builtin_prefetch((const void *)((uintptr_t)at + i), 1);
}

#endif
