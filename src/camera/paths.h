/*
 * paths.h - the addresses this machine can be reached at, and by what kind of network.
 */
#ifndef CAMERA_PATHS_H
#define CAMERA_PATHS_H

#define PATHS_MAX 16

struct path {
	const char *kind;		/* "lan", "tailscale" */
	char address[64];
};

/* bound: the one numeric address that is served, "" all.  IPv4 first; loopback only where it is bound or there is
 * nothing else.  Returns how many. */
int paths_read(struct path out[static PATHS_MAX], const char *bound);
/* "wifi", "ethernet", "tailscale" or "" of the first interface that is up. */
const char *paths_network_kind(void);

#endif
