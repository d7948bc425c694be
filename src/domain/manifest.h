/*
 * manifest.h - the Sphere's one live object (sphere.json) as plain values.  JSON is io/sphere_json's.
 */
#ifndef DOMAIN_MANIFEST_H
#define DOMAIN_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>
#include "domain/registry.h"
#include "domain/take.h"

#define MANIFEST_TAKE_MAX 99999		/* no show has more */
#define MANIFEST_TAKE_AHEAD 1000	/* of the highest known: takes whose record was lost with a disk */

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
/* Number of the next take: highest so far (absurd ones do not count) + 1, from 1; never one that is taken. */
unsigned manifest_next_take(const struct manifest *m);
unsigned manifest_next_rehearsal(const struct manifest *m);	/* the same of takes R001 ... */
/* A stranger claims this number for one of our takes: is it written as ours are, and near to those that we gave? */
bool manifest_may_be_take(const struct manifest *m, const char *text);
struct manifest_take *manifest_take(struct manifest *m, const char *take);
struct manifest_take *manifest_add_take(struct manifest *m, const char *take, const char *slate);
/* How many takes carried this slate so far: those of the show, or R001 ... of rehearsals. */
int manifest_slate_count(const struct manifest *m, const char *slate, bool of_rehearsals);

#endif
