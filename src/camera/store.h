/*
 * store.h - the recordings folder: locked by one node, its id file, the recordings (rec-*.mp4, each with
 * a rec-*.json that holds its metadata).  Opening blocks (start-up); so do the functions marked "blocking",
 * which workers call and which touch files only.  Everything else is memory, on the loop's thread.
 */
#ifndef CAMERA_STORE_H
#define CAMERA_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "domain/node.h"

#define STORE_PATH 1200

struct store;

/*
 * Makes the folder if it is new and takes its lock; a folder in use is ERR_REFUSED.  id "": the folder's own,
 * made now if there is none.  quota_bytes 0: as the disk allows.  Recordings that a crash left open are
 * repaired, measured and marked incomplete; only their hash is missing then.
 */
struct store *store_open(const char *folder, const char *id, int64_t quota_bytes, struct err *e);
void store_close(struct store *s);
void store_set_quota(struct store *s, int64_t quota_bytes);	/* rehearsal; 0: as the disk allows */
const char *store_id(const struct store *s);
const char *store_folder(const struct store *s);
/* Of the disk, or of the quota.  Asks the file system. */
void store_room(const struct store *s, int64_t *total_bytes, int64_t *free_bytes);
/* What one more file may grow to: INT64_MAX without a quota. */
int64_t store_file_room(const struct store *s);

/* Newest first. */
int store_count(const struct store *s);
const struct node_file *store_at(const struct store *s, int index);
const struct node_file *store_find(const struct store *s, const char *id);
/* The highest part of a take so far; 0: none. */
int store_last_part(const struct store *s, const char *sphere, const char *take);
/* Adds it, or replaces the one of its id. */
void store_put(struct store *s, const struct node_file *file);
/* Forgets it: no name of it is left that a restart would read.  Its bytes go with store_unlink(). */
bool store_remove(struct store *s, const char *id, struct err *e);
/* Blocking: what store_remove() has left. */
void store_unlink(const char *folder, const char *id);

/* "DIR/rec-ID.mp4"; ext "mp4" or "json". */
void store_path(const char *folder, const char *id, const char *ext, char out[static STORE_PATH]);
/* Blocking.  Writes the metadata in one piece; a full disk gives its reserve away for it. */
bool store_write(const char *folder, const struct node_file *file, struct err *e);
/*
 * As store_write(), but safe against a crash of this process only: a disk's fsync may take as long as many
 * frames.  store_sync() makes it, and the recording's own bytes so far, safe against a power cut too (blocking).
 */
bool store_note(const char *folder, const struct node_file *file, struct err *e);
void store_sync(const char *folder, const char *id);
/* Blocking.  Is there no room for even the smallest fragment? */
bool store_is_full(const char *folder);
/* Blocking.  Puts the reserve back, if there is room. */
void store_reserve(const char *folder);

#endif
