/*
 * root_door.h - where a running console is reached: its control socket, by its Sphere folder or as the only one that runs;
 * and the opening of our own.
 */
#ifndef ROOT_DOOR_H
#define ROOT_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

struct control;
struct control_fns;
struct doorway_call;
struct root_house;
struct shower;

/* The socket of that Sphere id; is_made: its folder is made if it is not there. */
bool root_door_path(char *out, size_t out_size, const char *sphere_id, bool is_made, struct err *e);
/* The console on that folder; NULL with ERR_NOT_FOUND: none runs there. */
struct doorway_call *root_door_call(const char *folder, struct err *e);
/* The only console of this user that runs; NULL with ERR_NOT_FOUND: none does; ERR_USAGE: several do. */
struct doorway_call *root_door_only(struct err *e);

/*
 * Opens the control socket of this house's Sphere, after its queue.  What does not work is an alarm, and the show goes on without
 * it.  fns NULL: there is no screen.  Never NULL.
 */
struct control *root_door_open(struct root_house *h, struct shower *shower, const struct control_fns *fns, void *arg);
/* After root_house_close(), before root_house_fini().  NULL is fine. */
void root_door_close(struct root_house *h, struct control *c);

#endif
