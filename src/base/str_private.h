/*
 * str_private.h - what the str_*.c files share.
 */
#ifndef BASE_STR_PRIVATE_H
#define BASE_STR_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

/* Moves a terminal, hides, reorders or is nothing at all: never shown as it is. */
bool str_is_harmful(uint32_t cp);

#endif
