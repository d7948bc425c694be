/*
 * manifest.h - the Sphere's one live object (sphere.json) as plain values.  JSON is io/sphere_json's.
 */
#ifndef DOMAIN_MANIFEST_H
#define DOMAIN_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>
#include "domain/registry.h"
#include "domain/take.h"

struct manifest_take { char take[TAKE_BYTES], slate[MAX_NAME_BYTES]; struct take_counts counts; };

struct manifest {
	char sphere[ID_BYTES], host[ID_BYTES];
	char name[MAX_NAME_BYTES];
	int64_t created_us;
	char archive_target[1024];		/* "takes" */
	char studio_project[ID_BYTES];		/* "" = null */
	int take_count; struct manifest_take *takes;
};

void manifest_init(struct manifest *m, const char *sphere, const char *host, const char *name, int64_t now_us);
void manifest_fini(struct manifest *m);
/* Number of the next take: highest so far + 1, from 1. */
unsigned manifest_next_take(const struct manifest *m);
struct manifest_take *manifest_take(struct manifest *m, const char *take);
struct manifest_take *manifest_add_take(struct manifest *m, const char *take, const char *slate);
/* How many takes carried this slate so far. */
int manifest_slate_count(const struct manifest *m, const char *slate);

#endif
