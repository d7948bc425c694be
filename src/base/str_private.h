/*
 * str_private.h - what the str_*.c files share.
 */
#ifndef BASE_STR_PRIVATE_H
#define BASE_STR_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Moves a terminal, hides, reorders or is nothing at all: never shown as it is. */
bool str_is_harmful(uint32_t cp);
/* Bytes of a joiner that text ends in: cut off from what it joined, it would grasp at what comes next. */
size_t str_joiner_bytes(const char *text, size_t len);

#endif
