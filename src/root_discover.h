/*
 * root_discover.h - which ways of finding cameras a subcommand opens, and with what.
 */
#ifndef ROOT_DISCOVER_H
#define ROOT_DISCOVER_H

#include "root_house.h"

enum root_discover_how {
	ROOT_DISCOVER_TYPED,		/* --node only, and what the folder remembers */
	ROOT_DISCOVER_NEAR,		/* also Bonjour and host names; a sweep only of networks that were named */
	ROOT_DISCOVER_ALL
};

/* Cameras are looked for from now on; h->off says what was not opened, and by whose word. */
void root_discover_begin(struct root_house *h, const struct root_opts *o, enum root_discover_how how);

#endif
