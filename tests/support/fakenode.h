/*
 * fakenode.h - a scripted camera node on a thread of its own, for tests.  Plain sockets and no code of
 * the product's, so that one mistake cannot hide on both sides.  It speaks the camera-node contract as far
 * as a console needs it, and misbehaves on request.
 *
 * Every function may be called from the test's thread at any time and returns at once, except the two
 * that say "wait".  A knob acts on what is asked after it was set.  All counters only grow.
 *
 *	struct fakenode *n = fakenode_new(&(struct fakenode_conf){ .name = "left" });
 *	... crew_add_address(crew, "127.0.0.1", fakenode_port(n)) ...
 *	fakenode_set(n, FAKENODE_SILENT, 1);
 *	fakenode_free(n);
 */
#ifndef TESTS_FAKENODE_H
#define TESTS_FAKENODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fakenode;

struct fakenode_conf {
	const char *id;		/* NULL: "fake-PORT"; "": none is told */
	const char *name;	/* NULL: "Fake PORT" */
	const char *bind;	/* NULL: 127.0.0.1; another 127.x.y.z or ::1 for a second address */
	int port;		/* 0: any free */
	int cameras;		/* 0: two (back, front); -1: an empty list (a microphone) */
};

enum fakenode_knob {
	FAKENODE_SILENT,	/* 1: accepts and reads, answers nothing; open streams say nothing */
	FAKENODE_BARE,		/* 1: 404 for everything but /info and /stream */
	FAKENODE_NO_EVENTS,	/* 1: 404 for that endpoint only, and so on: */
	FAKENODE_NO_HEALTH,
	FAKENODE_NO_TIME,
	FAKENODE_NO_STREAM,
	FAKENODE_NO_RECORDINGS,
	FAKENODE_EVENTS_MUTE,	/* 1: open event streams stay open and say nothing */
	FAKENODE_EVENTS_SHORT,	/* 1: an event stream ends right after its hello */
	FAKENODE_MISSED,	/* 1: hello says "missed":true */
	FAKENODE_REFUSE,	/* 1: commands get 409 already_recording, nothing is done */
	FAKENODE_LATE_MS,	/* commands are done at once and answered that much later */
	FAKENODE_MUTE,		/* the next N commands: not done, never answered, the connection stays open */
	FAKENODE_LOSE,		/* the next N commands: done, never answered, the connection stays open */
	FAKENODE_DROP,		/* the next N commands: not done, the connection is dropped */
	FAKENODE_HEALTH_MS,	/* period of the health event (default 1000; 0: none) */
	FAKENODE_FPS,		/* of /stream when not asked for less (default 10; 0: no frame at all) */
	FAKENODE_CLOCK_US,	/* its clock is ahead of the machine's by this */
	FAKENODE_NO_GROWTH,	/* 1: it says "recording" and its bytes stand still */
	FAKENODE_KNOBS
};

/* Serves before it returns; aborts the test when the port cannot be had. */
struct fakenode *fakenode_new(const struct fakenode_conf *conf);
void fakenode_free(struct fakenode *n);
int fakenode_port(const struct fakenode *n);
const char *fakenode_id(const struct fakenode *n);
void fakenode_set(struct fakenode *n, enum fakenode_knob knob, int64_t value);
void fakenode_rename(struct fakenode *n, const char *id, const char *name);	/* another device on this address */

/* The same device at one more address (another 127.x.y.z), same port. */
void fakenode_also(struct fakenode *n, const char *bind);
/* That way to it is cut: connections stay open, nothing is read, answered or said there; and whole again. */
void fakenode_cut(struct fakenode *n, const char *bind, bool cut);
/* Every connection open now is dead without a word, as when the asker's own address is gone; new ones work. */
void fakenode_freeze(struct fakenode *n);
/* What is answered there comes that much later. */
void fakenode_slow(struct fakenode *n, const char *bind, int ms);

/* What it does by itself. */
void fakenode_down(struct fakenode *n, bool down);	/* power cut: every connection reset, the port refuses; and back */
void fakenode_hang_up(struct fakenode *n);		/* drops every connection; the port stays open */
void fakenode_say(struct fakenode *n, const char *event, const char *json);	/* on every open event stream, numbered */
void fakenode_comment(struct fakenode *n);		/* a ": comment" line on every open event stream */
void fakenode_picture(struct fakenode *n, const void *jpeg, size_t len);	/* instead of the built-in 32 x 24 one */

/*
 * Hostile: whoever asks for path ("/info") gets these bytes as they are, status line and all.  forever != NULL
 * is then repeated until the asker leaves ("": it just stays open); NULL: the connection closes.
 * bytes NULL: the usual answer again.
 */
void fakenode_raw(struct fakenode *n, const char *path, const char *bytes, size_t len, const char *forever);
/* The usual head with this body (Content-Length, kept alive). */
void fakenode_body(struct fakenode *n, const char *path, int status, const char *type, const char *body, size_t len);

/* What it saw.  what: "GET /info", "POST /record/start" (no query). */
int fakenode_asked(struct fakenode *n, const char *what);
int fakenode_done(struct fakenode *n, const char *path);	/* commands carried out; a repeated commandId counts once */
int fakenode_connections(struct fakenode *n);			/* accepted so far */
int fakenode_open_streams(struct fakenode *n, const char *path);	/* "/events", "/stream": open now */
int fakenode_asked_at(struct fakenode *n, const char *bind, const char *what);	/* at that address only */
int fakenode_open_streams_at(struct fakenode *n, const char *bind, const char *path);
int fakenode_clients(struct fakenode *n);			/* connections open now */
int64_t fakenode_sent_bytes(struct fakenode *n);
struct fakenode_seen {
	char target[512];		/* path and query */
	char last_event_id[64];		/* "" = none */
	char authorization[128];	/* "" = none */
	char body[1024];
	int connection;			/* 1, 2, 3 ... in the order accepted */
	int64_t at_us;			/* CLOCK_MONOTONIC */
};
bool fakenode_last(struct fakenode *n, const char *what, struct fakenode_seen *out);
/* Sleeps until it was asked that often; false after timeout_ms.  Only for tests whose loop runs elsewhere. */
bool fakenode_wait_asked(struct fakenode *n, const char *what, int at_least, int timeout_ms);

#endif
