/*
 * ids.h - identifiers: nodes, Spheres, takes, commands.
 * A node's id is whatever text the node gave (usually a UUID), cleaned and cut.
 */
#ifndef DOMAIN_IDS_H
#define DOMAIN_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_BYTES 64		/* any id, NUL included */
#define TAKE_BYTES 16		/* "003", "R003" */

/* Version 4 UUID text (RFC 4122 section 4.4) out of 16 random bytes; out holds 37 bytes. */
void ids_uuid(char out[static 37], const uint8_t random[static 16]);
void ids_random(void *out, size_t bytes);	/* from getrandom(2) */
/* ids_uuid() with bytes from there. */
void ids_uuid_new(char out[static 37]);
bool ids_is_uuid(const char *text);
/* Copies a stranger's id: [A-Za-z0-9._:-] kept, others become '_', at most ID_BYTES - 1. False when empty. */
bool ids_copy(char out[static ID_BYTES], const char *text);
/* The same for an id that this program wrote itself: a stand-in "ID#2" (domain/registry.h) stays what it is. */
bool ids_copy_own(char out[static ID_BYTES], const char *text);
/* 3 -> "003"; 1234 -> "1234". */
void ids_take(char out[static TAKE_BYTES], unsigned number);
/* 3 -> "R003": of a rehearsal with the cameras of the show. */
void ids_take_rehearsed(char out[static TAKE_BYTES], unsigned number);
/* Exactly as the two write it, 1 to 9 digits: *number (may be NULL), and whether it is a rehearsal's. */
bool ids_take_read(const char *take, unsigned *number, bool *is_rehearsed);
bool ids_take_is_rehearsed(const char *take);

#endif
