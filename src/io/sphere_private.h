/*
 * sphere_private.h - what sphere.c (folder, lock), sphere_json.c (manifest), sphere_take.c (take.json)
 * and sphere_mend.c (a damaged manifest) share.  Nobody else includes it.
 */
#ifndef IO_SPHERE_PRIVATE_H
#define IO_SPHERE_PRIVATE_H

#include <stddef.h>
#include "io/jdoc.h"
#include "io/sphere.h"

#define SPHERE_FORMAT 1
#define SPHERE_FILE_CEILING ((size_t)16 * 1024 * 1024)	/* sphere.json, take.json */
#define SPHERE_PATH 4096

/* The manifest's values out of sphere.json's object; false when it is none of ours. */
bool sphere_read_manifest(struct manifest *m, const struct jdoc *j, struct err *e);
/* The devices of sphere.json's object into the registry. */
void sphere_read_devices(const struct jdoc *devices, struct registry *r);
/* An object shaped like sphere.json, made of takes/ and sources.jsonl; host: this console's. */
struct jdoc *sphere_rebuild(const struct sphere *s, const char *host, const char *name, int64_t now_us);
/* The counts member of a take in sphere.json, and of take.json. */
void sphere_read_counts(struct take_counts *c, const struct jdoc *j);
/* Takes with a folder that the manifest does not know are added: their numbers are used up.  Of all others take.json knows the counts better. */
void sphere_find_takes(const struct sphere *s, struct manifest *m);
/* The console's own id, kept in the state folder. */
void sphere_host_id(char out[static ID_BYTES]);

#endif
