/*
 * scene.h - a made-up show for tests of screens: the same cameras, troubles and times in every run.
 * The broadcast of the console's screen drawings: eight cameras, one stopped by heat, one lost, one out, one view-only.
 */
#ifndef TESTS_SUPPORT_SCENE_H
#define TESTS_SUPPORT_SCENE_H

#include "app/mesh.h"
#include "app/show.h"

/*
 * "show" (as above, rolling), "quiet" (six cameras, idle, all well), "rehearsal" (quiet, but a rehearsal),
 * "none" (nobody yet), "many" (64 cameras, program on 3, preview on 40), "hostile" (names that would break borders).
 * NULL: no such scene.  free() it.
 */
struct show *scene_new(const char *name);
/* A map to go with it: two devices, one address that is no camera, two sources.  scene_mesh_free() it. */
struct mesh *scene_mesh(void);
void scene_mesh_free(struct mesh *m);

#endif
