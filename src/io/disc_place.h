/*
 * disc_place.h - for discovery sources: a numeric address of the network's as a place that can be sighted.
 */
#ifndef IO_DISC_PLACE_H
#define IO_DISC_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include "domain/registry.h"

#define DISC_PLACE_PORT 8081		/* where nothing says another one (camera-node contract) */

/* False: no numeric unicast address, or no port; nobody can be asked there.  host: "10.0.0.7", "fe80::1%eth0". */
bool disc_place_is_one(const char *host, int port);
void disc_place_fill(struct registry_address *out, enum registry_via via, const char *host, int port, int64_t now_us);

#endif
