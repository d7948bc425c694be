/*
 * fakenode_private.h - what the two halves of the scripted node share: fakenode.c has the thread, the sockets
 * and the knobs, fakenode_talk.c reads requests and writes answers.  Everything under one mutex.
 */
#ifndef TESTS_FAKENODE_PRIVATE_H
#define TESTS_FAKENODE_PRIVATE_H

#include <pthread.h>
#include "support/fakenode.h"

#define FAKE_CLIENTS 64
#define FAKE_RING 64
#define FAKE_SEEN 32
#define FAKE_FILES 16
#define FAKE_COMMANDS 64
#define FAKE_DOORS 4

enum fake_mode { FAKE_HTTP, FAKE_EVENTS, FAKE_STREAM, FAKE_FOREVER, FAKE_HOLD };

struct fake_client {
	int fd, serial, door;		/* fd -1: free slot */
	enum fake_mode mode;
	char *in;
	size_t in_len;
	char *out;
	size_t out_len, out_room;
	bool close_after;		/* when out is empty */
	bool frozen;
	char *late;			/* an answer held back ... */
	int64_t late_us;		/* ... until then */
	int64_t next_us, period_us;	/* stream: next frame */
	int64_t health_us;		/* events: next health */
	char *forever;
};

struct fake_hook { char *path, *bytes, *forever; size_t len; };
struct fake_count { char what[64]; int asked, asked_at[FAKE_DOORS]; struct fakenode_seen last; };

/* One address it listens on. */
struct fake_door { int listener; char bind[64]; bool cut; int slow_ms; };

struct fakenode {
	pthread_t thread;
	pthread_mutex_t lock;
	struct fake_door doors[FAKE_DOORS];
	int door_count, wake[2], port;
	bool stop, down;
	char id[64], name[8192];
	int cameras;
	int64_t knobs[FAKENODE_KNOBS];
	struct fake_client clients[FAKE_CLIENTS];
	int accepted;
	int64_t sent_bytes;
	struct fake_hook hooks[8];
	struct fake_count seen[FAKE_SEEN];
	int seen_count;
	char *jpeg;
	size_t jpeg_len;
	int64_t frame;
	/* the camera it pretends to be */
	char state[16], sphere[64], take[16], camera[16], tally[16], token[64];
	double zoom;
	int64_t since_us;
	int part;
	char *files[FAKE_FILES];
	int file_count;
	/* events */
	char *ring[FAKE_RING];
	int64_t event_id;
	/* commands */
	char done_id[FAKE_COMMANDS][64];
	int done_next;
	struct { char path[64]; int count; } done[16];
};

extern const unsigned char fake_jpeg[];
extern const size_t fake_jpeg_len;

int64_t fake_now_us(void);				/* CLOCK_MONOTONIC */
void fake_put(struct fakenode *n, struct fake_client *c, const void *bytes, size_t len);
void fake_close(struct fake_client *c);
/* fakenode_talk.c: all with the lock held. */
void fake_read(struct fakenode *n, struct fake_client *c);	/* c->in may hold whole requests */
void fake_tick(struct fakenode *n, struct fake_client *c, int64_t now_us);
void fake_emit(struct fakenode *n, const char *event, const char *json, bool numbered);

#endif
