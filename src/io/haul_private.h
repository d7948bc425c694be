/*
 * haul_private.h - what the files of the fetch engine share.  On the loop's thread haul.c: wishes, whose turn it is;
 * haul_step.c: from one step of a wish to the next; haul_news.c: what is told.  In threads haul_work.c: the threads that receive; haul_net.c: one
 * request; haul_answer.c: what an answer means; haul_desk.c: the threads that flush, compare and rename.
 * Nobody else includes it.
 *
 * A wish is in one step at a time, and belongs to the thread that takes it; every step ends with one note to the loop.
 * Only what is atomic, and the slots of the part, are shared.
 */
#ifndef IO_HAUL_PRIVATE_H
#define IO_HAUL_PRIVATE_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include "base/list.h"
#include "io/haul.h"
#include "io/haul_part.h"

#define HAUL_NODE 96
#define HAUL_ERROR_BODY 4096		/* of a refusal, for the node's own sentence */
#define HAUL_TICK_US 250000
#define HAUL_THREADS_MAX 4

enum haul_step {			/* who has the wish */
	HAUL_STEP_IDLE,			/* the loop */
	HAUL_STEP_OPEN,			/* desk LOOK: what is there, is there room */
	HAUL_STEP_MOVE,			/* a worker */
	HAUL_STEP_FLUSH,		/* desk SYNC: all bytes durable, the hash known */
	HAUL_STEP_JUDGE,		/* desk SYNC: compared; renamed, or spoilt */
	HAUL_STEP_CLOSE			/* desk SYNC: checkpoint and close, or forget */
};

enum haul_result {
	HAUL_RESULT_DONE,		/* the step did what it is for */
	HAUL_RESULT_HERE,		/* OPEN: the final name stands there with the right hash */
	HAUL_RESULT_AGAIN,		/* a drop, a stall, busy: after a pause */
	HAUL_RESULT_ANEW,		/* begun anew: at once */
	HAUL_RESULT_FULL,		/* the disk */
	HAUL_RESULT_STOPPED,		/* as the loop wished */
	HAUL_RESULT_BAD,		/* JUDGE: the hash is wrong */
	HAUL_RESULT_ENDED		/* why, err */
};

struct haul_note {			/* how a step ended */
	enum haul_result result;
	enum haul_why why;
	struct err err;
	int64_t wait_us;		/* AGAIN: the server's own wish; 0: none */
	bool was_answered;		/* AGAIN: after a head that promised bytes, in an orderly way */
};

struct haul_xfer {			/* one request: the worker's */
	CURL *easy;
	struct curl_slist *headers;
	int64_t asked_from;		/* the Range; 0: none */
	int64_t began_us, marked_us, marked_bytes;
	int64_t paced_us, allowed_bytes;
	bool is_judged, is_error, has_result, is_paced, is_held;
	size_t body_len;
	char body[HAUL_ERROR_BODY];
	char error[CURL_ERROR_SIZE];
	struct haul_note note;
};

struct haul_wish {
	struct list link;		/* haul->wishes */
	struct list job;		/* a worker's or a desk's queue, or the notes' */
	struct list moving;		/* the worker's */
	struct haul *haul;
	haul_news_fn *news;
	void *arg;

	char node[HAUL_NODE];		/* the loop's from here */
	char *urls[HAUL_URLS];
	int url_count, url_at;
	char *bearer;
	enum haul_state state;
	enum haul_why why;
	struct err err;
	struct haul_news told;		/* what was told last */
	bool is_told, is_news_due;
	int64_t told_us, due_us, served_us;
	int tries, empty_tries;		/* in a row without a byte; of these, answered all the same */
	int refusals;			/* in a row: each address may belong to another camera by now */
	int64_t tried_from;
	double rate;			/* bytes a second, smoothed */
	int64_t rated_us, rated_bytes;
	bool is_dropped, is_forgotten;
	int64_t next_bytes;		/* the node's promise, for the next step */
	char next_sha256[65];

	struct haul_worker *worker;	/* of this request */
	enum haul_step step;		/* whoever has the wish from here; the loop before and after */
	char *url, *token;		/* of this request */
	int64_t promised_bytes, total_bytes;	/* -1: not known */
	char promised_sha256[65];
	bool forgets;			/* CLOSE */
	char etag[HAUL_ETAG];		/* as wished */
	char sha256[65];		/* as computed */
	bool was_here;
	struct haul_part part;
	struct haul_xfer x;
	struct haul_note note;

	_Atomic int64_t bytes, durable, total_seen;	/* shared */
	_Atomic int64_t received, live;	/* at closed sockets; at the open one */
	_Atomic int64_t heard_us;
	atomic_bool is_unwanted;	/* the worker is to let go */
	atomic_bool is_settling;	/* a checkpoint is on its way */
	_Atomic int settle_errno;	/* it failed */
	_Atomic int bad_tries;
};

struct haul_checkpoint {		/* a job of the desk */
	struct list link;
	struct haul_wish *wish;
	struct haul_mark mark;
};

struct haul_worker {
	struct haul *haul;
	pthread_t thread;
	pthread_mutex_t lock;		/* of inbox, stopping */
	struct list inbox;
	bool stopping;
	CURLM *multi;
	struct list moving;		/* its own */
	int moving_count;
	int64_t rested_us;		/* when it had last waited for them */
	char *stage;			/* bytes of one wish on their way to its file */
	size_t stage_len;
	struct haul_wish *staged;
};

struct haul_desk {
	struct haul *haul;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct list wishes, marks;	/* jobs; checkpoints go first */
	bool stopping;
};

struct haul_mail;			/* outlives the haul while a post is on its way */

struct haul {
	struct loop *loop;
	struct haul_conf conf;
	struct list wishes;
	struct loop_timer *timer;
	struct haul_mail *mail;
	pthread_mutex_t lock;		/* of notes, mail */
	struct list notes;		/* wishes whose step ended */
	struct haul_worker workers[HAUL_THREADS_MAX];
	struct haul_desk look, sync;
	int next_worker, dropped;	/* dropped: not gone yet */
	int64_t pace;			/* as asked */
	_Atomic int64_t share;		/* bytes a second of one transfer; HAUL_FULL_SPEED */
	_Atomic int64_t received;	/* of all sockets that are closed */
	atomic_bool is_ending;
};

/* haul.c */
int64_t haul_now_us(void);		/* monotonic; any thread */
void haul_turn(void *arg);		/* the loop: what is due is done, what is new is told */
void haul_soon(struct haul *h);		/* a turn in the next turn of the loop */
/* Any thread: the step of w has ended, as w->note says; w is the loop's again. */
void haul_ended(struct haul_wish *w);

/* haul_news.c */
bool haul_news_is_last(const struct haul_wish *w);	/* its state is an end */
int64_t haul_news_due_us(const struct haul_wish *w);	/* when what is new may be told */
void haul_news_tell(struct haul_wish *w, int64_t now_us);	/* if there is something, and it is time */

/* haul_step.c */
void haul_step_begin(struct haul_wish *w);		/* its turn has come */
void haul_step_ended(struct haul_wish *w);		/* by its note; a dropped one may be freed */
void haul_step_judge(struct haul_wish *w);		/* FETCHED, and the node's hash is known */
void haul_step_close(struct haul_wish *w);
void haul_wish_free(struct haul_wish *w);

/* haul_work.c */
void haul_work_open(struct haul_worker *k, struct haul *h);
void haul_work_close(struct haul_worker *k);		/* what moves ends; joined */
void haul_work_take(struct haul_worker *k, struct haul_wish *w);
void haul_work_wake(struct haul_worker *k);
/* Writes what is staged of any wish; a disk that refuses ends that wish's request. */
void haul_work_unstage(struct haul_worker *k);
void haul_work_stage(struct haul_worker *k, struct haul_wish *w, const char *data, size_t len);

/* haul_net.c */
bool haul_net_open(struct haul_wish *w);		/* false: the note says why */
void haul_net_close(struct haul_wish *w);
void haul_net_pace(struct haul_wish *w, int64_t bytes_a_second, int64_t now_us);	/* often, while there is a pace */
void haul_net_result(struct haul_wish *w, enum haul_result result, enum haul_why why, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* haul_answer.c */
bool haul_answer_judge(struct haul_wish *w);		/* the head is in; false: no byte of the body is wanted */
bool haul_answer_fits(struct haul_wish *w, size_t len);	/* so many more; false: more than there may be */
void haul_answer_end(struct haul_wish *w, CURLcode result);	/* sets the note */

/* haul_desk.c */
void haul_desk_open(struct haul_desk *d, struct haul *h);
void haul_desk_close(struct haul_desk *d);		/* drains; joined */
void haul_desk_take(struct haul_desk *d, struct haul_wish *w);
void haul_desk_mark(struct haul_desk *d, struct haul_wish *w);	/* a checkpoint as it is now; the wish's own thread only */
/* The step itself, into the note; also called by haul_free() when the threads are gone. */
void haul_desk_do(struct haul_wish *w);

#endif
