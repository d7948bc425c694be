/*
 * conn_kit.h - one link (io/conn) on a real loop with everything it says written down, for tests.
 * KIT_WAIT turns the loop until a condition holds and fails the test when it never does.
 */
#ifndef TESTS_CONN_KIT_H
#define TESTS_CONN_KIT_H

#include "base/loop.h"
#include "io/conn.h"
#include "support/fakenode.h"

#define KIT_STATES 256

struct kit {
	struct loop *loop;
	struct http *http;
	bool is_guest;			/* both belong to another kit */
	struct conn *conn;		/* NULL once freed */
	struct loop_timer *tick;
	struct { enum conn_state state; char why[MAX_TEXT_FIELD]; int64_t at_us; } states[KIT_STATES];
	int state_count;
	int identified, heard, events, kinds[NODE_EV_UNKNOWN + 1], samples, frames, troubles, files_told, file_count;
	struct node_info info;
	struct registry_address at;
	char epoch_then[ID_BYTES];	/* conn_epoch() when it was identified last */
	bool view_only, missed;
	struct node_event last;		/* file_json is not kept */
	struct offset_sample sample[64];
	char epoch[ID_BYTES];
	size_t frame_len;
	int64_t frame_timestamp_us, frame_number;
	char trouble[MAX_TEXT_FIELD];
	char file_json[4096];		/* of the first file */
	struct node_file file;
	/* answers to commands, in the order they came */
	int answers;
	struct { struct node_answer a; char node[ID_BYTES]; int64_t took_us; int tries; } answer[16];
	bool commanding;		/* inside conn_command(): an answer now is a fault */
	int path_count;			/* words about paths; the last of them each: */
	struct kit_path { char host[64]; int port, told, answered, used; struct conn_path last; char why[256]; } paths[MAX_NODE_ADDRESSES];
	int strangers;
	struct conn_stranger_news stranger;
	const char *free_in;		/* name of the callback that frees the link */
};

/* conf NULL: acks in 2 s, idle 6 s, bursts each 10 s. */
void kit_open(struct kit *k, const struct conn_conf *conf);
/* A second link on the loop and the HTTP client of host, as in a console; close it first. */
void kit_open_beside(struct kit *k, struct kit *host, const struct conn_conf *conf);
void kit_close(struct kit *k);
/* The link's address is this node's. */
void kit_aim(struct kit *k, struct fakenode *n);
void kit_aim_url(struct kit *k, const char *url);
void kit_address(struct registry_address *out, const char *host, int port);
/* Sends one; its answer lands in k->answer. */
void kit_command(struct kit *k, enum node_verb verb, const char *command_id);
/* Lets the loop turn for about 2 ms. */
void kit_turn(struct kit *k);
/* Lets it turn for so long: to show that something does not happen. */
void kit_turn_for(struct kit *k, int64_t us);
/* What was told of the path to this address; NULL: nothing. */
const struct kit_path *kit_path(const struct kit *k, const char *host);
bool kit_was(const struct kit *k, enum conn_state state);
int kit_count(const struct kit *k, enum conn_state state);

#define KIT_WAIT_FOR_US 15000000
#define KIT_WAIT(k, condition) do { \
	int64_t kit_until_us = loop_now_us((k)->loop) + KIT_WAIT_FOR_US; \
	while (!(condition)) { \
		if (loop_now_us((k)->loop) > kit_until_us) \
			kit_fail(k, #condition, __FILE__, __LINE__); \
		kit_turn(k); \
	} \
} while (0)
_Noreturn void kit_fail(const struct kit *k, const char *condition, const char *file, int line);

#endif
