/*
 * sphere.h - the Sphere folder: made, locked, read at start; its paths.  Blocking, start-up only.
 */
#ifndef IO_SPHERE_H
#define IO_SPHERE_H

#include <stdbool.h>
#include "domain/manifest.h"
#include "domain/registry.h"
#include "domain/take.h"
#include "base/err.h"

struct sphere;

/* Makes the folder if it is new; flock on sphere.json.lock; a folder owned by a running console is refused
 * with a sentence naming its pid.  name: for a new one ("" = from the folder's name). */
struct sphere *sphere_open(const char *folder, const char *name, int64_t now_us, struct err *e);
void sphere_close(struct sphere *s);
/* Only looks: the devices of a folder that a console may be running on go into the registry (known = true). */
bool sphere_peek(const char *folder, struct registry *r, struct err *e);
const char *sphere_folder(const struct sphere *s);
struct manifest *sphere_manifest(struct sphere *s);
/* Puts the manifest's devices into the registry (known = true). */
void sphere_fill_registry(const struct sphere *s, struct registry *r);
/* What had to be mended at opening, as one sentence; "" when nothing. */
const char *sphere_notice(const struct sphere *s);
/* Unfinished takes (rolling, or with files that are not home) as they stand in take.json, and the newest one in any case; newest last; caller owns (take_fini, free). */
struct take *sphere_load_takes(const struct sphere *s, int *count);
/* One take by its number, as it stands on disk. */
bool sphere_load_take(const struct sphere *s, const char *number, struct take *t);
void sphere_path(const struct sphere *s, char *out, size_t out_size, const char *relative);
bool sphere_make_take_folder(const struct sphere *s, const char *take, struct err *e);

/* What only the living node knows of a device. */
struct sphere_live { const char *recording_state; bool pose_eligible; };
/* Pretty JSON texts of sphere.json and take.json; free() them.  live may be NULL. */
char *sphere_print_manifest(const struct manifest *m, struct registry *r,
    void (*live)(void *arg, const char *node, struct sphere_live *out), void *arg);
char *sphere_print_take(const struct take *t);
bool sphere_read_take(struct take *t, const char *text, size_t len, struct err *e);

#endif
