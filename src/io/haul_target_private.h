/*
 * haul_target_private.h - what haul_target.c (files and the uploader) and haul_target_room.c (free space, the first time)
 * share.  Nobody else includes it.
 */
#ifndef IO_HAUL_TARGET_PRIVATE_H
#define IO_HAUL_TARGET_PRIVATE_H

#include <pthread.h>
#include "base/list.h"
#include "io/haul_target.h"
#include "io/s3.h"

struct haul_target_mail;

struct haul_target {
	struct loop *loop;
	char *folder;			/* where files land, without the take */
	char *archive;			/* how it is named, without the take */
	bool is_s3, is_within;		/* within: the Sphere's own takes */
	struct s3 *s3;
	char *name;			/* of the Sphere folder: part of keys */
	char *root;			/* of a folder elsewhere; NULL else */
	char *sphere, *anchor;		/* NULL: not told whose it is; no mark */
	struct s3_place place;
	struct s3_keys keys;
	struct list puts, rooms;
	struct loop_timer *timer;
	struct haul_target_mail *mail;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct list queue, notes;
	bool stopping;
};

/* haul_target_room.c: answers that are on their way find nobody. */
void haul_target_room_forget(struct haul_target *t);

#endif
