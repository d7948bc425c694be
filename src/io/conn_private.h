/*
 * conn_private.h - what the files of one node's link share.  conn.c owns life, states and back-off, conn_way.c the
 * addresses, conn_paths.c which of them is used, conn_move.c the moves; each other file owns one conversation with the
 * node (ask, probe, events, poll, clock, files, picture, view, line, command) and only says well or not well through
 * conn_go(), conn_fail() and conn_lost().
 */
#ifndef IO_CONN_PRIVATE_H
#define IO_CONN_PRIVATE_H

#include "base/list.h"
#include "io/conn_parts.h"

struct conn_files_job;

struct conn {
	/* What a command touches stands together (conn_batch()). */
	struct loop *loop;
	const struct conn_conf *conf;
	enum conn_state state;
	int depth;			/* callbacks under way: memory stays until they are over */
	int failures;
	bool has_at, view_only, no_camera;
	bool in_batch;			/* what is written waits for conn_batch_send() */
	struct conn_lines lines;
	struct list orders;		/* commands under way */
	struct order *spare;		/* one that has served; NULL: none */
	char id[ID_BYTES];
	struct registry_address at;	/* in use, or last tried */

	struct http *http;
	struct conn_fns fns;
	void *arg;
	char why[MAX_TEXT_FIELD];
	struct conn_way *ways[MAX_NODE_ADDRESSES];	/* in order of preference */
	int way_count;
	struct registry_address former_at;	/* moving: where it was */
	bool moving;
	char epoch[ID_BYTES];
	char device_name[MAX_NAME_BYTES], model[MAX_NAME_BYTES];
	bool no_time;			/* it has no /time */
	int64_t known_us;		/* when somebody at the address in use last proved to be this node */
	uint64_t random;
	bool is_spared;			/* a loss cost no back-off although the link had not lasted */
	int64_t well_us;		/* since when it is well; -1: it is not */
	int64_t asked_us, nudged_us;	/* when somebody last asked to try at once; when that was done */
	struct loop_timer *timer;	/* back-off, opening */
	struct loop_timer *probe_timer;	/* the next address */
	struct conn_probe probes[CONN_PROBES];
	struct registry_address candidates[MAX_NODE_ADDRESSES];
	int candidate_count, candidate_next;
	char trouble[MAX_TEXT_FIELD];	/* of the first candidate */
	struct conn_stranger *stranger;	/* NULL: none */
	struct http_call *doubt;
	struct conn_paths paths;
	struct conn_events events;
	struct conn_poll poll;
	struct conn_clock clock;
	struct conn_picture picture;
	struct conn_view view;
	struct http_call *info_call;
	struct http_call *files_call;
	struct conn_files_job *files_job;
	bool files_again, files_owed;	/* owed: a move broke the reading off */
};

/* conn.c.  Whoever is called by http, a timer or a user brackets itself, so that conn_free() may come from any callback. */
void conn_enter(struct conn *c);
void conn_leave(struct conn *c);
bool conn_is_dead(const struct conn *c);
void conn_go(struct conn *c, enum conn_state to, const char *why);
void conn_fail(struct conn *c, const char *why);	/* back off, then probe again */
void conn_lost(struct conn *c, const char *why);	/* it was well: probe at once, unless it never lasted */
bool conn_is_up(const struct conn *c);			/* LIVE or POLLING */
int64_t conn_backoff_us(struct conn *c, int failures);
int64_t conn_picture_backoff_us(struct conn *c, int failures);
uint64_t conn_random(struct conn *c);
void conn_heard(struct conn *c);
/* Learns who answered at c->at and tells it.  Check conn_is_dead() afterwards. */
void conn_identify(struct conn *c, const struct node_info *info, bool view_only);
/* By which a node is told from another where there is no epoch. */
void conn_keep_face(struct conn *c, const struct node_info *info);
void conn_name_of(const struct registry_address *a, char out[static CONN_NAME_BYTES]);
void conn_url(const struct registry_address *a, const char *path, char *out, size_t out_size);
bool conn_read_info(struct node_info *out, const struct http_answer *a, struct err *e);
/* "6 s", "2.5 s", "400 ms" */
void conn_span(char *out, size_t out_size, int64_t us);

void conn_probe_start(struct conn *c);
void conn_probe_add(struct conn *c);
void conn_probe_stop(struct conn *c);
void conn_events_open(struct conn *c);
void conn_events_close(struct conn *c);
bool conn_events_flow(const struct conn *c);		/* the stream's head is in */
void conn_poll_start(struct conn *c);
void conn_poll_stop(struct conn *c);
void conn_clock_start(struct conn *c);
void conn_clock_stop(struct conn *c);
void conn_picture_refresh(struct conn *c);	/* opens, closes or re-opens as wanted and possible */
void conn_picture_restart(struct conn *c);
void conn_picture_stop(struct conn *c);
void conn_picture_trouble(struct conn *c, const char *why);
void conn_view_open(struct conn *c, const struct registry_address *a);
void conn_view_close(struct conn *c);
void conn_info_stop(struct conn *c);
void conn_files_read(struct conn *c);
void conn_files_stop(struct conn *c);
void conn_lines_flush(struct conn *c);
/* For conn_batch(), one step after the other: its first line's book, its connection, its bytes. */
enum conn_lines_step { LINES_BOOK, LINES_CONNECTION, LINES_BYTES };
void conn_lines_warm(const struct conn *c, enum conn_lines_step step);
void conn_command_resend(struct conn *c, bool is_elsewhere);
void conn_command_give_up(struct conn *c);
void conn_command_end_all(struct conn *c, const char *why);
void conn_command_close(struct conn *c);		/* none is under way, and none will be */

#endif
